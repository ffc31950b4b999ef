/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Arm SMMUv3 register front end (Arm IHI 0070), Non-secure programming
 * interface.
 */
#ifndef TEEIO_SMMUV3_H
#define TEEIO_SMMUV3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/host.h"
#include "teeio/iommu.h"
#include "teeio/ownership.h"
#include "teeio/registers.h"
#include "teeio/t_policy.h"

/** Two 64 KiB register pages. */
#define TEEIO_SMMUV3_MMIO_SIZE 0x20000u

/** enum teeio_smmuv3_line - interrupt lines, in device-tree order */
enum teeio_smmuv3_line {
    TEEIO_SMMUV3_EVENTQ,
    TEEIO_SMMUV3_PRIQ,
    TEEIO_SMMUV3_CMDQ_SYNC,
    TEEIO_SMMUV3_GERROR,
    TEEIO_SMMUV3_LINES
};

/** struct teeio_smmuv3_stats - counters since reset of the machine */
struct teeio_smmuv3_stats {
    uint64_t translations;
    uint64_t faults;
    uint64_t events_lost;
    uint64_t commands;
};

struct teeio_smmuv3;

/**
 * teeio_smmuv3_new() - one SMMU, in reset state
 * @host:      outlives the SMMU
 * @ownership: outlives it; NULL when nothing manages trusted memory
 * @policy:    the T policy, fixed for its life
 *
 * None of the functions below is thread-safe against another on the same
 * instance; the caller serialises them.
 *
 * Returns: NULL when out of memory.
 */
struct teeio_smmuv3 *teeio_smmuv3_new(const struct teeio_host *host,
                                      const struct teeio_ownership *ownership,
                                      enum teeio_t_policy policy);
void teeio_smmuv3_free(struct teeio_smmuv3 *smmu);
void teeio_smmuv3_reset(struct teeio_smmuv3 *smmu);

/** teeio_smmuv3_iommu() - the face that the fabric sees */
struct teeio_iommu *teeio_smmuv3_iommu(struct teeio_smmuv3 *smmu);

/**
 * teeio_smmuv3_set_ownership() - learn who manages trusted memory
 *
 * A board may create the manager after the SMMU.
 */
void teeio_smmuv3_set_ownership(struct teeio_smmuv3 *smmu,
                                const struct teeio_ownership *ownership);

/**
 * teeio_smmuv3_read(), teeio_smmuv3_write() - one register access
 * @offset: below %TEEIO_SMMUV3_MMIO_SIZE
 * @size:   4 or 8
 *
 * A write that gives the command queue work calls host->wake.
 */
uint64_t teeio_smmuv3_read(struct teeio_smmuv3 *smmu, uint64_t offset,
                           unsigned size);
void teeio_smmuv3_write(struct teeio_smmuv3 *smmu, uint64_t offset,
                        uint64_t value, unsigned size);

/**
 * teeio_smmuv3_step() - consume at most one command
 *
 * One command a call, so that a test can look between two of them.
 *
 * Returns: true when another call may find work.
 */
bool teeio_smmuv3_step(struct teeio_smmuv3 *smmu);

/** teeio_smmuv3_stats() - counters now */
struct teeio_smmuv3_stats teeio_smmuv3_stats(const struct teeio_smmuv3 *smmu);

/** teeio_smmuv3_registers() - the table, for documentation and tests */
const struct teeio_reg *teeio_smmuv3_registers(size_t *count);

#endif
