/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Both stages over one small memory, with tables of any granule.
 */
#ifndef WALK_RIG_H
#define WALK_RIG_H

#include "../../hw/iommu/pgtable-arm.h"
#include "fake-host.h"
#include "teeio/iommu.h"

#define WALK_RIG_TABLES 0x40100000ull
#define WALK_RIG_DATA   0x40800000ull /* nothing there, but an address */

/* Descriptor bits of both stages. */
#define LEAF_AF      (1ull << 10)
#define LEAF_DBM     (1ull << 51)
#define LEAF_XN0     (1ull << 53)
#define LEAF_XN1     (1ull << 54)

#define S1_USER      (1ull << 6)
#define S1_READ_ONLY (1ull << 7)
#define S1_RW        (S1_USER | LEAF_AF)

#define S2_NORMAL    (0xfull << 2)
#define S2_READ      (1ull << 6)
#define S2_WRITE     (1ull << 7)
#define S2_RW        (S2_NORMAL | S2_READ | S2_WRITE | LEAF_AF)

struct walk_rig {
    struct fake_host fake;
    uint64_t next;
    unsigned updates;   /* calls of host.cmpxchg */
    bool trusted;       /* the last one was for the private bank */
    unsigned races;     /* so many of them come too late */
    uint64_t race_word; /* what another thread wrote */
    bool updates_abort;
    bool (*cmpxchg)(void *opaque, uint64_t gpa, uint64_t *expected,
                    uint64_t desired, bool trusted);
    struct teeio_ownership *ownership; /* for tests that want one */
    struct teeio_table_memory memory;
    struct teeio_arm_stage1 stage1;
    struct teeio_arm_stage2 stage2;
};

/* Low range of stage 1: 4 KiB pages, 48 bits. Stage 2: the same, from 0. */
void walk_rig_init(struct walk_rig *rig);
void walk_rig_clear(struct walk_rig *rig);

/* New first tables for what the configuration says now. */
void walk_rig_new_stage1(struct walk_rig *rig);
void walk_rig_new_stage2(struct walk_rig *rig);

/*
 * walk_rig_map1(), walk_rig_map2() - write one descriptor
 * @level:      where it goes; tables above are made
 * @attributes: whole descriptor but for its type and address
 *
 * Returns: the descriptor, in little-endian order.
 */
uint64_t *walk_rig_map1(struct walk_rig *rig, uint64_t va, uint64_t pa,
                        unsigned level, uint64_t attributes);
uint64_t *walk_rig_map2(struct walk_rig *rig, uint64_t ipa, uint64_t pa,
                        unsigned level, uint64_t attributes);

/* walk_rig_map2_ram() - stage 2 maps all memory to itself, by pages */
void walk_rig_map2_ram(struct walk_rig *rig, uint64_t attributes);

struct teeio_walk walk_rig_run(struct walk_rig *rig, bool stage1, bool stage2,
                               uint64_t input, struct teeio_access access);

/* walk_rig_expect() - what a refusal says */
void walk_rig_expect(const struct teeio_walk *walk,
                     enum teeio_walk_status status, unsigned stage,
                     unsigned level);

#endif
