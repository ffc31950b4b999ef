/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Arm VMSAv8-64 page tables of both stages (Arm DDI 0487 D8.3).
 */
#ifndef TEEIO_TABLES_ARM_H
#define TEEIO_TABLES_ARM_H

#include "teeio-tables/memory.h"

/* Attributes of a stage 1 page or block. */
#define TEEIO_TABLES_USER       0x40ull /* unprivileged access */
#define TEEIO_TABLES_READ_ONLY  0x80ull
#define TEEIO_TABLES_ACCESSED   0x400ull
#define TEEIO_TABLES_NOT_GLOBAL 0x800ull
#define TEEIO_TABLES_PXN        0x0020000000000000ull
#define TEEIO_TABLES_UXN        0x0040000000000000ull

#define TEEIO_TABLES_RW         (TEEIO_TABLES_USER | TEEIO_TABLES_ACCESSED)
#define TEEIO_TABLES_RO         (TEEIO_TABLES_RW | TEEIO_TABLES_READ_ONLY)

/* Attributes of a stage 2 page or block; normal memory, write-back. */
#define TEEIO_TABLES_S2_MEMORY   0x3cull
#define TEEIO_TABLES_S2_READ     0x40ull
#define TEEIO_TABLES_S2_WRITE    0x80ull
#define TEEIO_TABLES_S2_ACCESSED 0x400ull
#define TEEIO_TABLES_S2_RO \
    (TEEIO_TABLES_S2_MEMORY | TEEIO_TABLES_S2_READ | TEEIO_TABLES_S2_ACCESSED)
#define TEEIO_TABLES_S2_RW (TEEIO_TABLES_S2_RO | TEEIO_TABLES_S2_WRITE)

/* What a table descriptor can forbid below it. */
#define TEEIO_TABLES_BELOW_PXN       0x0800000000000000ull
#define TEEIO_TABLES_BELOW_UXN       0x1000000000000000ull
#define TEEIO_TABLES_BELOW_NO_USER   0x2000000000000000ull
#define TEEIO_TABLES_BELOW_READ_ONLY 0x4000000000000000ull

/**
 * struct teeio_tables_space - one input range
 * @root:         value for TTBx or S2TTB
 * @input_bits:   64 - TxSZ
 * @granule_bits: 12, 14 or 16
 * @top:          level of the first table
 */
struct teeio_tables_space {
    struct teeio_tables *tables;
    uint64_t root;
    unsigned input_bits;
    unsigned granule_bits;
    unsigned top;
};

/**
 * teeio_tables_space_init() - 4 KiB granule, as few levels as possible
 *
 * Returns: false when there is no memory for the top table.
 */
bool teeio_tables_space_init(struct teeio_tables_space *space,
                             struct teeio_tables *tables, unsigned input_bits);

/** teeio_tables_space_init_granule() - the same with another granule */
bool teeio_tables_space_init_granule(struct teeio_tables_space *space,
                                     struct teeio_tables *tables,
                                     unsigned input_bits,
                                     unsigned granule_bits);

/**
 * teeio_tables_space_init_stage2() - the same with a first level of choice
 *
 * Several tables of level @top lie side by side where one is too small.
 */
bool teeio_tables_space_init_stage2(struct teeio_tables_space *space,
                                    struct teeio_tables *tables,
                                    unsigned input_bits, unsigned granule_bits,
                                    unsigned top);

/**
 * teeio_tables_map() - one page (@level 3) or block
 *
 * Returns: false when there is no memory for the tables in between, or when a
 * block lies in the way.
 */
bool teeio_tables_map(struct teeio_tables_space *space, uint64_t va,
                      uint64_t pa, unsigned level, uint64_t attributes);

/**
 * teeio_tables_slot() - where the descriptor for @va at @level lies
 *
 * For tests that want to break it. Creates nothing.
 *
 * Returns: 0 when the tables do not reach that deep.
 */
uint64_t teeio_tables_slot(const struct teeio_tables_space *space, uint64_t va,
                           unsigned level);

#endif
