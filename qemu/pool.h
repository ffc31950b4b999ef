/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Where the devices that a pool is for sit in the machine.
 */
#ifndef TEEIO_QEMU_POOL_H
#define TEEIO_QEMU_POOL_H

#include "import.h"

#define POOL_USER_DEPTH 8u

/**
 * struct pool_user - one device
 * @bus:       of a PCI function; NULL for a device on a virtio-mmio transport
 * @way:       devfn of each bridge from the root bus on, then its own
 * @depth:     how many
 * @transport: number of the transport
 */
struct pool_user {
    PCIBus *bus;
    uint8_t way[POOL_USER_DEPTH];
    unsigned depth;
    unsigned transport;
};

/** teeio_pool_user() - the device with this id, NULL when there is none */
Object *teeio_pool_user(const char *id);

/** teeio_pool_device_above() - what @bus hangs on; NULL for none, or no bus */
Object *teeio_pool_device_above(void *bus);

/**
 * teeio_pool_redirect_virtio() - let each virtio device on PCI ask its bus
 *
 * Once all devices are there, and before the guest runs.
 */
void teeio_pool_redirect_virtio(void);

/**
 * teeio_pool_find() - where the device with this @id sits
 *
 * Returns: NULL, or what is wrong with it, to follow its id in a sentence.
 */
const char *teeio_pool_find(const char *id, struct pool_user *user);

#endif
