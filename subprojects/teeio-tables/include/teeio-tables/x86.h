/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Page tables of Intel VT-d, first and second stage (sections 9.7 and 9.8),
 * and the structures that lead to them (9.1 to 9.6).
 */
#ifndef TEEIO_TABLES_X86_H
#define TEEIO_TABLES_X86_H

#include "teeio-tables/memory.h"

/* Attributes of a page of the first stage. */
#define TEEIO_TABLES_X86_P  0x1ull
#define TEEIO_TABLES_X86_W  0x2ull
#define TEEIO_TABLES_X86_U  0x4ull
#define TEEIO_TABLES_X86_A  0x20ull
#define TEEIO_TABLES_X86_D  0x40ull
#define TEEIO_TABLES_X86_EA 0x400ull
#define TEEIO_TABLES_X86_XD 0x8000000000000000ull
#define TEEIO_TABLES_X86_RW \
    (TEEIO_TABLES_X86_P | TEEIO_TABLES_X86_W | TEEIO_TABLES_X86_U)
#define TEEIO_TABLES_X86_RO (TEEIO_TABLES_X86_P | TEEIO_TABLES_X86_U)

/* Attributes of a page of the second stage. */
#define TEEIO_TABLES_SS_R   0x1ull
#define TEEIO_TABLES_SS_W   0x2ull
#define TEEIO_TABLES_SS_A   0x100ull
#define TEEIO_TABLES_SS_D   0x200ull
#define TEEIO_TABLES_SS_SNP 0x800ull
#define TEEIO_TABLES_SS_RW  (TEEIO_TABLES_SS_R | TEEIO_TABLES_SS_W)

/**
 * struct teeio_tables_x86 - one address space
 * @root:   address of the first table
 * @levels: 3, 4 or 5
 * @table:  attributes of entries that lead to other tables
 */
struct teeio_tables_x86 {
    struct teeio_tables *tables;
    uint64_t root;
    unsigned levels;
    uint64_t table;
};

/**
 * teeio_tables_x86_init() - an empty one
 * @second: of the second stage
 *
 * Returns: false when there is no memory.
 */
bool teeio_tables_x86_init(struct teeio_tables_x86 *space,
                           struct teeio_tables *tables, unsigned levels,
                           bool second);

/**
 * teeio_tables_x86_map() - one page
 * @level: 1 for 4 KiB, 2 for 2 MiB, 3 for 1 GiB
 *
 * Returns: false when there is no memory for the tables in between, or when a
 * large page lies in the way.
 */
bool teeio_tables_x86_map(struct teeio_tables_x86 *space, uint64_t address,
                          uint64_t output, unsigned level, uint64_t attributes);

/**
 * teeio_tables_x86_slot() - where the entry for @address at @level lies
 *
 * Returns: 0 when the tables do not reach that deep.
 */
uint64_t teeio_tables_x86_slot(const struct teeio_tables_x86 *space,
                               uint64_t address, unsigned level);

/**
 * struct teeio_tables_x86_window - intermediate addresses to build tables in
 * @tables: give this to functions that build the first stage
 *
 * Must not be moved: @tables points back here.
 */
struct teeio_tables_x86_window {
    struct teeio_tables tables;
    struct teeio_tables_x86 *second;
    uint64_t ipa;
    uint64_t pa;
};

/** teeio_tables_x86_window_init() - memory, mapped by pages of @second */
bool teeio_tables_x86_window_init(struct teeio_tables_x86_window *window,
                                  struct teeio_tables_x86 *second, uint64_t ipa,
                                  uint64_t size);

/** struct teeio_tables_vtd - a root table; @root is for RTADDR */
struct teeio_tables_vtd {
    struct teeio_tables *tables;
    bool scalable;
    uint64_t root;
};

/** struct teeio_tables_vtd_context - in legacy mode, two words count */
struct teeio_tables_vtd_context {
    uint64_t dw[4];
};

struct teeio_tables_vtd_pasid {
    uint64_t dw[8];
};

bool teeio_tables_vtd_init(struct teeio_tables_vtd *vtd,
                           struct teeio_tables *tables, bool scalable);

/** teeio_tables_vtd_root() - the value for RTADDR */
uint64_t teeio_tables_vtd_root(const struct teeio_tables_vtd *vtd);

/** teeio_tables_vtd_root_slot() - of the entry, or half of it, of @source */
uint64_t teeio_tables_vtd_root_slot(const struct teeio_tables_vtd *vtd,
                                    uint16_t source);

/**
 * teeio_tables_vtd_context_slot() - creates the context table
 *
 * Returns: 0 when there is no memory.
 */
uint64_t teeio_tables_vtd_context_slot(struct teeio_tables_vtd *vtd,
                                       uint16_t source);
bool teeio_tables_vtd_set_context(struct teeio_tables_vtd *vtd, uint16_t source,
                                  struct teeio_tables_vtd_context context);

/** teeio_tables_vtd_legacy() - second stage; @type is TT: 0 or 1 */
struct teeio_tables_vtd_context
teeio_tables_vtd_legacy(const struct teeio_tables_x86 *space, uint16_t domain,
                        unsigned type);
struct teeio_tables_vtd_context teeio_tables_vtd_legacy_pass(uint16_t domain);

/** struct teeio_tables_vtd_pasids - a directory for 2^@log2size PASIDs */
struct teeio_tables_vtd_pasids {
    struct teeio_tables *tables;
    unsigned log2size;
    uint64_t directory;
};

/** @log2size: 13 to 20 */
bool teeio_tables_vtd_pasids_init(struct teeio_tables_vtd_pasids *pasids,
                                  struct teeio_tables *tables,
                                  unsigned log2size);

/** teeio_tables_vtd_scalable() - DTE, PASIDE and PRE are set */
struct teeio_tables_vtd_context
teeio_tables_vtd_scalable(const struct teeio_tables_vtd_pasids *pasids,
                          uint32_t rid_pasid);

uint64_t
teeio_tables_vtd_directory_slot(const struct teeio_tables_vtd_pasids *pasids,
                                uint32_t pasid);

/** Returns: 0 when there is no memory for the PASID table. */
uint64_t teeio_tables_vtd_pasid_slot(struct teeio_tables_vtd_pasids *pasids,
                                     uint32_t pasid);
bool teeio_tables_vtd_set_pasid(struct teeio_tables_vtd_pasids *pasids,
                                uint32_t pasid,
                                struct teeio_tables_vtd_pasid entry);

struct teeio_tables_vtd_pasid
teeio_tables_vtd_first(const struct teeio_tables_x86 *first, uint16_t domain);
struct teeio_tables_vtd_pasid
teeio_tables_vtd_second(const struct teeio_tables_x86 *second, uint16_t domain);
struct teeio_tables_vtd_pasid
teeio_tables_vtd_nested(const struct teeio_tables_x86 *first,
                        const struct teeio_tables_x86 *second, uint16_t domain);
struct teeio_tables_vtd_pasid teeio_tables_vtd_pass(uint16_t domain);

#endif
