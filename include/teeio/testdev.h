/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A device for tests without a guest: one DMA write at a time, and the answer
 * whether it arrived where the test expected it.
 */
#ifndef TEEIO_TESTDEV_H
#define TEEIO_TESTDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/fabric.h"
#include "teeio/host.h"
#include "teeio/registers.h"

struct teeio_testdev;

/**
 * teeio_testdev_new() - one device, idle
 * @host:   where it reads back what was written, by physical address
 * @fabric: what its TLPs are sent into; both outlive the device
 *
 * Returns: NULL when out of memory.
 */
struct teeio_testdev *teeio_testdev_new(const struct teeio_host *host,
                                        struct teeio_fabric *fabric);
void teeio_testdev_free(struct teeio_testdev *testdev);

/** teeio_testdev_reset() - all registers */
void teeio_testdev_reset(struct teeio_testdev *testdev);

/**
 * teeio_testdev_read(), teeio_testdev_write() - one access to BAR 0
 * @offset: below %TEEIO_TESTDEV_BAR_SIZE (spec/testdev.h)
 * @size:   4; all else reads zero and writes nothing
 *
 * The read that triggers the DMA returns when it has ended.
 */
uint64_t teeio_testdev_read(struct teeio_testdev *testdev, uint64_t offset,
                            unsigned size);
void teeio_testdev_write(struct teeio_testdev *testdev, uint64_t offset,
                         uint64_t value, unsigned size);

/**
 * teeio_testdev_set_config() - tell the device what its config space now says
 * @requester:  requester id
 * @bus_master: Command.BME: without it nothing is sent
 */
void teeio_testdev_set_config(struct teeio_testdev *testdev, uint16_t requester,
                              bool bus_master);

/** teeio_testdev_set_ingress() - the port below which it is; 0 at first */
void teeio_testdev_set_ingress(struct teeio_testdev *testdev, uint16_t ingress);

/**
 * teeio_testdev_save() - the registers as a flat image
 * @buf: filled only as far as the image fits; NULL when @size is 0
 *
 * Returns: the length of the image, which may be more than @size.
 */
size_t teeio_testdev_save(const struct teeio_testdev *testdev, uint8_t *buf,
                          size_t size);

/**
 * teeio_testdev_load() - continue from an image, which need not be trusted
 *
 * Returns: false, with nothing changed, when this is no image of a testdev.
 */
bool teeio_testdev_load(struct teeio_testdev *testdev, const uint8_t *buf,
                        size_t size);

/** teeio_testdev_registers() - the table, for documentation and tests */
const struct teeio_reg *teeio_testdev_registers(size_t *count);

#endif
