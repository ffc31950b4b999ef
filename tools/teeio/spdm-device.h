/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The security side of a device without the device: what answers when there is
 * a socket in place of a bus.
 */
#ifndef TEEIO_SPDM_DEVICE_H
#define TEEIO_SPDM_DEVICE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/quirks.h"

/**
 * struct teeio_spdm_device_config - how one device is made
 * @quirks:  copied
 * @serial:  tells devices apart; part of the certificate
 * @only_12: offer nothing newer than SPDM 1.2
 * @seeded:  random numbers follow from @seed
 */
struct teeio_spdm_device_config {
    struct teeio_quirks quirks;
    uint64_t serial;
    bool only_12;
    bool seeded;
    uint64_t seed;
};

struct teeio_spdm_device;

/** teeio_spdm_device_new() - NULL with @error set */
struct teeio_spdm_device *
teeio_spdm_device_new(const struct teeio_spdm_device_config *config,
                      GError **error);
void teeio_spdm_device_free(struct teeio_spdm_device *device);

/**
 * teeio_spdm_device_reset() - as after a conventional reset, with the one
 * stream enabled and bound to the function's requests
 */
void teeio_spdm_device_reset(struct teeio_spdm_device *device);

/**
 * teeio_spdm_device_object() - answer one DOE object
 *
 * Returns: the length of the answer, 0 when there is none.
 */
size_t teeio_spdm_device_object(struct teeio_spdm_device *device,
                                const uint8_t *object, size_t len,
                                uint8_t *answer, size_t size);

#endif
