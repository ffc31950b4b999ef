/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* An SPDM responder with an identity, measurements and a vendor that echoes. */
#ifndef SPDM_DEVICE_H
#define SPDM_DEVICE_H

#include <glib.h>

#include "teeio/spdm.h"
#include "teeio/spec/spdm.h"

struct spdm_device {
    struct teeio_spdm_credentials credentials;
    struct teeio_spdm_config config;
    struct teeio_spdm *spdm;
    GRand *rand;
    uint64_t now;
    /* What session_ended() was told, in order. */
    GArray *ended;
    /* What the vendor callback saw last. */
    struct teeio_spdm_vendor_request seen;
    size_t room;
    /* Bytes of measurement 3; 0: as ever. */
    size_t long_value;
};

/* spdm_device_init() - fill in a configuration; the caller may change it */
void spdm_device_init(struct spdm_device *device, uint32_t seed);

/* spdm_device_start() - make the responder */
void spdm_device_start(struct spdm_device *device);

void spdm_device_clear(struct spdm_device *device);

#endif
