/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* What dsm.c and messages.c share. */
#ifndef TEEIO_HW_TDISP_DSM_INTERNAL_H
#define TEEIO_HW_TDISP_DSM_INTERNAL_H

#include "teeio/dsm.h"

/**
 * struct teeio_dsm - one device
 * @version_seen: a GET_TDISP_VERSION was answered since reset
 * @fault:        goes into the next @fault_count responses
 */
struct teeio_dsm {
    struct teeio_dsm_config config;
    unsigned count;
    struct teeio_interface *interfaces[TEEIO_DSM_MAX_INTERFACES];
    bool version_seen;
    enum teeio_dsm_fault fault;
    uint32_t fault_value;
    unsigned fault_count;
};

#endif
