/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * SMMUv3 stream tables, STEs and CDs (Arm IHI 0070 chapter 5).
 */
#ifndef TEEIO_TABLES_SMMUV3_H
#define TEEIO_TABLES_SMMUV3_H

#include "teeio-tables/arm.h"

struct teeio_tables_ste {
    uint64_t dw[8];
};

struct teeio_tables_cd {
    uint64_t dw[8];
};

/**
 * struct teeio_tables_streams - a stream table
 * @log2size: StreamID bits that it covers
 * @split:    0 for a linear table, else 6, 8 or 10
 */
struct teeio_tables_streams {
    struct teeio_tables *tables;
    unsigned log2size;
    unsigned split;
    uint64_t base;
};

/** Returns: false when there is no memory for the (level 1) table. */
bool teeio_tables_streams_init(struct teeio_tables_streams *streams,
                               struct teeio_tables *tables, unsigned log2size,
                               unsigned split);

/** Values for STRTAB_BASE and STRTAB_BASE_CFG. */
uint64_t teeio_tables_streams_base(const struct teeio_tables_streams *streams);
uint32_t teeio_tables_streams_cfg(const struct teeio_tables_streams *streams);

/**
 * teeio_tables_l1_slot() - where the level 1 descriptor of @sid lies
 *
 * Only for two-level tables.
 */
uint64_t teeio_tables_l1_slot(const struct teeio_tables_streams *streams,
                              uint32_t sid);

/**
 * teeio_tables_ste_slot() - where the STE of @sid lies
 *
 * Creates the leaf of a two-level table, with the widest span.
 *
 * Returns: 0 when there is no memory for it.
 */
uint64_t teeio_tables_ste_slot(struct teeio_tables_streams *streams,
                               uint32_t sid);

/** Returns: false when there is no memory for the leaf. */
bool teeio_tables_set_ste(struct teeio_tables_streams *streams, uint32_t sid,
                          struct teeio_tables_ste ste);

struct teeio_tables_ste teeio_tables_ste_abort(void);
struct teeio_tables_ste teeio_tables_ste_bypass(void);
struct teeio_tables_ste teeio_tables_ste_stage1(uint64_t cd);

/**
 * teeio_tables_cd() - a CD whose low range is @space
 *
 * The high range is disabled, output addresses have 44 bits, faults abort
 * and are recorded.
 */
struct teeio_tables_cd teeio_tables_cd(const struct teeio_tables_space *space);

/** teeio_tables_cd_high() - let @cd translate the high range through @space */
void teeio_tables_cd_high(struct teeio_tables_cd *cd,
                          const struct teeio_tables_space *space);

/** Returns: where the CD was put, 0 when there is no memory. */
uint64_t teeio_tables_put_cd(struct teeio_tables *tables,
                             struct teeio_tables_cd cd);

#endif
