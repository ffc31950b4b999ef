/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * SMMUv3 stream tables, STEs and CDs (Arm IHI 0070 chapter 5).
 */
#ifndef TEEIO_TABLES_SMMUV3_H
#define TEEIO_TABLES_SMMUV3_H

#include "teeio-tables/nested.h"

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

/** teeio_tables_ste_stage2() - faults are recorded, outputs have 48 bits */
struct teeio_tables_ste
teeio_tables_ste_stage2(const struct teeio_tables_space *space, uint16_t vmid);

/**
 * teeio_tables_ste_nested() - both stages
 * @cd: an intermediate address
 */
struct teeio_tables_ste
teeio_tables_ste_nested(uint64_t cd, const struct teeio_tables_space *space,
                        uint16_t vmid);

/**
 * struct teeio_tables_cds - a table of CDs, by SubstreamID
 * @log2size:  SubstreamID bits that it covers, 1 to 20
 * @leaf_bits: 0 for a linear table, 6 or 10 for two levels
 */
struct teeio_tables_cds {
    struct teeio_tables *tables;
    unsigned log2size;
    unsigned leaf_bits;
    uint64_t base;
};

/** Returns: false when there is no memory for the (level 1) table. */
bool teeio_tables_cds_init(struct teeio_tables_cds *cds,
                           struct teeio_tables *tables, unsigned log2size,
                           unsigned leaf_bits);

/** teeio_tables_l1cd_slot() - only for two-level tables */
uint64_t teeio_tables_l1cd_slot(const struct teeio_tables_cds *cds,
                                uint32_t ssid);

/** Returns: false when there is no memory for the leaf. */
bool teeio_tables_set_cd(struct teeio_tables_cds *cds, uint32_t ssid,
                         struct teeio_tables_cd cd);

/**
 * teeio_tables_ste_substreams() - let @ste use a table of CDs
 * @dss: without SubstreamID: 0 terminate, 1 bypass stage 1, 2 use CD 0
 */
void teeio_tables_ste_substreams(struct teeio_tables_ste *ste,
                                 const struct teeio_tables_cds *cds,
                                 unsigned dss);

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
