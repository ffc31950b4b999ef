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
 * @updates:      of firmware, since reset
 * @resetting:    what ends now ends for all
 */
struct teeio_dsm {
    struct teeio_dsm_config config;
    unsigned count;
    struct teeio_interface *interfaces[TEEIO_DSM_MAX_INTERFACES];
    bool version_seen;
    enum teeio_dsm_fault fault;
    uint32_t fault_value;
    unsigned fault_count;
    struct teeio_spdm *spdm;
    struct teeio_spdm_config outside; /* as the caller gave it */
    struct teeio_doe_protocol protocols[2];
    uint32_t updates;
    bool resetting;
};

/** teeio_dsm_end_sessions() - all of them; nobody is told while resetting */
void teeio_dsm_end_sessions(struct teeio_dsm *dsm);

#endif
