/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * struct teeio_host on top of QEMU.
 */
#ifndef TEEIO_QEMU_HOST_H
#define TEEIO_QEMU_HOST_H

#include "teeio/host.h"

/**
 * teeio_host_init() - memory, clock and trace; the caller adds the rest
 *
 * Memory means RAM only: what a table walk or a queue may touch, from any
 * thread and without the big lock.
 */
void teeio_host_init(struct teeio_host *host, void *opaque);

/**
 * teeio_host_init_dma() - the same, with memory as a device on the bus sees it
 * @requester: names the device to a doorbell; read at each access
 *
 * Reaches MMIO too, so the caller holds the big lock.
 */
void teeio_host_init_dma(struct teeio_host *host, const uint16_t *requester);

/**
 * teeio_host_set_private() - the board has a second bank of memory
 * @fn: where on the bus the page of an address is, for one who is trusted: in
 *      that bank if the guest keeps it private, else unchanged. Any thread
 */
void teeio_host_set_private(uint64_t (*fn)(uint64_t gpa));

/**
 * teeio_host_entropy() - bytes that nobody can foresee, from the kernel
 *
 * Returns: false when there is not enough of it yet.
 */
bool teeio_host_entropy(uint8_t *buf, size_t size);

/** teeio_host_random() - the same, and waits for it */
void teeio_host_random(void *buf, size_t size);

#endif
