/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Arm VMSAv8-64 stage 1 page tables, 4 KiB granule (Arm DDI 0487 D8.3).
 */
#ifndef TEEIO_TABLES_ARM_H
#define TEEIO_TABLES_ARM_H

#include "teeio-tables/memory.h"

/* Attributes of a page or block. */
#define TEEIO_TABLES_USER       0x40ull /* unprivileged access */
#define TEEIO_TABLES_READ_ONLY  0x80ull
#define TEEIO_TABLES_ACCESSED   0x400ull
#define TEEIO_TABLES_NOT_GLOBAL 0x800ull
#define TEEIO_TABLES_PXN        0x0020000000000000ull
#define TEEIO_TABLES_UXN        0x0040000000000000ull

#define TEEIO_TABLES_RW         (TEEIO_TABLES_USER | TEEIO_TABLES_ACCESSED)
#define TEEIO_TABLES_RO         (TEEIO_TABLES_RW | TEEIO_TABLES_READ_ONLY)

/* What a table descriptor can forbid below it. */
#define TEEIO_TABLES_BELOW_PXN       0x0800000000000000ull
#define TEEIO_TABLES_BELOW_UXN       0x1000000000000000ull
#define TEEIO_TABLES_BELOW_NO_USER   0x2000000000000000ull
#define TEEIO_TABLES_BELOW_READ_ONLY 0x4000000000000000ull

/**
 * struct teeio_tables_space - one input range
 * @root:       value for TTBx
 * @input_bits: 64 - TxSZ, 25 to 48
 */
struct teeio_tables_space {
    struct teeio_tables *tables;
    uint64_t root;
    unsigned input_bits;
};

/** Returns: false when there is no memory for the top table. */
bool teeio_tables_space_init(struct teeio_tables_space *space,
                             struct teeio_tables *tables, unsigned input_bits);

/**
 * teeio_tables_map() - one page (@level 3), 2 MiB (2) or 1 GiB (1) block
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
