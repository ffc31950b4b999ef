/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * An SMMU with a guest's tables around it: one stream with a few pages.
 */
#ifndef SMMU_RIG_H
#define SMMU_RIG_H

#include "fake-host.h"
#include "teeio-tables/smmuv3.h"
#include "teeio/smmuv3.h"
#include "teeio/spec/smmuv3.h"

#define RIG_CMDQ     0x40010000ull
#define RIG_EVENTQ   0x40020000ull
#define RIG_TABLES   0x40100000ull
#define RIG_DATA     0x40800000ull
#define RIG_BLOCK    0x40a00000ull

#define RIG_LOG2SIZE 9u
#define RIG_SID      0x110u /* in the second leaf of a two-level table */
#define RIG_BYPASS   0x111u
#define RIG_ABORT    0x112u

#define RIG_RW       0x10000ull  /* to RIG_DATA */
#define RIG_RO       0x11000ull  /* to RIG_DATA + 0x1000, read-only */
#define RIG_2M       0x200000ull /* to RIG_BLOCK, one block */
#define RIG_UNMAPPED 0x12000ull

struct smmu_rig {
    struct fake_host fake;
    struct teeio_ownership *ownership;
    struct teeio_tables tables;
    struct teeio_tables_streams streams;
    struct teeio_tables_space space;
    uint64_t cd;
    struct teeio_smmuv3 *smmu;
};

/* smmu_rig_init() - tables in private RAM; queues and SMMU still disabled */
void smmu_rig_init(struct smmu_rig *rig, enum teeio_t_policy policy,
                   unsigned split);
void smmu_rig_clear(struct smmu_rig *rig);

/* smmu_rig_enable() - queues of 2^@log2size entries, interrupts, SMMUEN */
void smmu_rig_enable(struct smmu_rig *rig, unsigned log2size);

uint64_t smmu_rig_get(struct smmu_rig *rig, uint64_t offset);
void smmu_rig_set(struct smmu_rig *rig, uint64_t offset, uint64_t value);
void smmu_rig_set64(struct smmu_rig *rig, uint64_t offset, uint64_t value);

/* smmu_rig_tlp() - a 4-byte request of stream RIG_SID with T=0 */
struct teeio_tlp smmu_rig_tlp(enum teeio_tlp_kind kind, uint64_t address);

struct teeio_translation smmu_rig_send(struct smmu_rig *rig,
                                       struct teeio_tlp tlp);
struct teeio_translation smmu_rig_read(struct smmu_rig *rig, uint64_t address);
struct teeio_translation smmu_rig_write(struct smmu_rig *rig, uint64_t address);

/* smmu_rig_expect() - the verdict is a fault of this name and record */
void smmu_rig_expect(const struct teeio_translation *answer, const char *name,
                     uint64_t dw0, uint64_t dw1, uint64_t dw2, uint64_t dw3);

/* smmu_rig_share() - give the page of @gpa to the host */
void smmu_rig_share(struct smmu_rig *rig, uint64_t gpa);

/* smmu_rig_put() - one little-endian word of guest memory */
void smmu_rig_put(struct smmu_rig *rig, uint64_t gpa, uint64_t word);

#endif
