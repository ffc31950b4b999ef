/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The TEE security manager as the guest sees it: lock, start and stop a TDI,
 * share and unshare pages.
 */
#ifndef TEEIO_TSM_H
#define TEEIO_TSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/host.h"
#include "teeio/ownership.h"
#include "teeio/registers.h"
#include "teeio/tdi.h"

#define TEEIO_TSM_MAX_TDIS 32

struct teeio_tsm;

/** struct teeio_tsm_stats - counters since reset of the machine */
struct teeio_tsm_stats {
    uint64_t commands;
    uint64_t errors;
};

/**
 * teeio_tsm_new() - one TSM
 * @ownership: the map that SHARE and UNSHARE change; outlives the TSM
 *
 * Returns: NULL when out of memory.
 */
struct teeio_tsm *teeio_tsm_new(const struct teeio_host *host,
                                struct teeio_ownership *ownership);
void teeio_tsm_free(struct teeio_tsm *tsm);
void teeio_tsm_reset(struct teeio_tsm *tsm);

/**
 * teeio_tsm_attach() - put a TDI under this TSM's control
 *
 * Returns: false when %TEEIO_TSM_MAX_TDIS are attached already.
 */
bool teeio_tsm_attach(struct teeio_tsm *tsm, struct teeio_tdi *tdi);

/**
 * teeio_tsm_read(), teeio_tsm_write() - one register access
 * @offset: below %TEEIO_TSM_MMIO_SIZE (spec/tsm.h)
 *
 * A write to COMMAND carries the command out before it returns.
 */
uint64_t teeio_tsm_read(struct teeio_tsm *tsm, uint64_t offset, unsigned size);
void teeio_tsm_write(struct teeio_tsm *tsm, uint64_t offset, uint64_t value,
                     unsigned size);

struct teeio_tsm_stats teeio_tsm_stats(const struct teeio_tsm *tsm);

/**
 * teeio_tsm_save(), teeio_tsm_load() - registers and nonces as a flat image
 *
 * As teeio_tdi_save() and teeio_tdi_load(). Neither the ownership map nor the
 * attached TDIs are part of it; as many TDIs have to be attached as were.
 */
size_t teeio_tsm_save(const struct teeio_tsm *tsm, uint8_t *buf, size_t size);
bool teeio_tsm_load(struct teeio_tsm *tsm, const uint8_t *buf, size_t size);

/** teeio_tsm_registers() - the table, for documentation and tests */
const struct teeio_reg *teeio_tsm_registers(size_t *count);

#endif
