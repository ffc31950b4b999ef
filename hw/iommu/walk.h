/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Two-stage translation, whatever the table format: stage 1 output and the
 * addresses of stage 1 tables go through stage 2 when there is one. Guest
 * memory is read, and written only where a stage keeps access flags or the
 * dirty state by itself; everything else is in the answer.
 */
#ifndef TEEIO_IOMMU_WALK_H
#define TEEIO_IOMMU_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "teeio/host.h"
#include "teeio/ownership.h"

#include "walk-cache.h"

/* enum teeio_fetch - how one read of a table in guest memory ended */
enum teeio_fetch {
    TEEIO_FETCH_OK,
    TEEIO_FETCH_ABORT,  /* nothing answers at the address */
    TEEIO_FETCH_SHARED, /* refused: the host can write the table */
};

/*
 * struct teeio_table_memory - guest memory as a table walk sees it
 * @ownership:    NULL: all memory is shared
 * @private_only: refuse tables that are not the guest's own
 * @shared_stage2: but for those of stage 2
 * @cache:        what earlier walks of the same context have learned, or NULL
 */
struct teeio_table_memory {
    const struct teeio_host *host;
    const struct teeio_ownership *ownership;
    bool private_only;
    bool shared_stage2;
    const struct teeio_walk_cache *cache;
};

/* The longest structure that is fetched at once. */
#define TEEIO_FETCH_WORDS 8

/*
 * teeio_table_fetch() - read @count little-endian words of a table
 * @gpa:   aligned to the size of the structure, so it stays inside one page
 * @words: in CPU order; zero unless the answer is OK
 */
enum teeio_fetch teeio_table_fetch(const struct teeio_table_memory *memory,
                                   uint64_t gpa, uint64_t *words,
                                   unsigned count);

enum teeio_walk_status {
    TEEIO_WALK_OK,
    TEEIO_WALK_TRANSLATION, /* no valid entry, or input out of range */
    TEEIO_WALK_ADDR_SIZE,   /* an output address is out of range */
    TEEIO_WALK_ACCESS,      /* access flag clear */
    TEEIO_WALK_PERMISSION,
    TEEIO_WALK_FETCH,   /* a descriptor could not be fetched or updated */
    TEEIO_WALK_CHANGED, /* a descriptor changed before its update; between a
                         * format and teeio_walk() only */
};

/*
 * struct teeio_access - what the request wants
 * @execute: instruction read; without meaning together with @write
 * @table:   stage 2 only: the access of a stage 1 table or of a context
 *           descriptor; @privileged and @execute are clear
 */
struct teeio_access {
    bool write;
    bool privileged;
    bool execute;
    bool table;
};

/*
 * struct teeio_walk - the answer of one stage, or of both
 * @stage:        which stage refused; 0 when OK
 * @level:        level of the last descriptor looked at
 * @detail:       the format's own reason for a refusal, 0 when it has none
 * @on_table:     the refused address was that of a stage 1 descriptor
 * @table_write:  with @on_table: an update of that descriptor was refused
 * @shared_table: FETCH because the table is shared
 * @global:       valid when OK: stage 1 says so, for every ASID
 * @non_secure:   valid when OK: a Realm stage 2 says so of the output
 * @marked:       valid when OK: the output of stage 1 had the mark that its
 *                config names
 * @perm:         TEEIO_PERM_* at this privilege; READ stands for instruction
 *                reads when the access is one. WRITE is missing as long as a
 *                write would have to change a descriptor first.
 * @reads:        descriptors fetched, of both stages
 * @descriptor:   where the last descriptor was fetched, after stage 2
 * @ipa:          last input of stage 2: the refused one, or the output of
 *                stage 1; 0 when stage 1 refused or there is no stage 2
 * @output:       valid when OK
 * @page_mask:    bits of @output that come from the input
 * @stage2_mask:  the same for stage 2 alone; all ones without stage 2
 */
struct teeio_walk {
    enum teeio_walk_status status;
    unsigned stage;
    unsigned level;
    unsigned detail;
    bool on_table;
    bool table_write;
    bool shared_table;
    bool global;
    bool marked;
    bool non_secure;
    unsigned perm;
    unsigned reads;
    uint64_t descriptor;
    uint64_t ipa;
    uint64_t output;
    uint64_t page_mask;
    uint64_t stage2_mask;
};

struct teeio_walk_stage;

/*
 * struct teeio_walk_tables - what a format needs to reach its tables
 * @stage2: translates their addresses; NULL when they are physical
 */
struct teeio_walk_tables {
    const struct teeio_table_memory *memory;
    const struct teeio_walk_stage *stage2;
};

/*
 * struct teeio_walk_ops - one table format
 * @number: 1 or 2
 * @walk:   translate @input. @walk comes zeroed but for @reads and leaves
 *          with @stage, @ipa and @stage2_mask untouched, unless one of the
 *          two functions below has filled it. CHANGED asks to be called again.
 */
struct teeio_walk_ops {
    unsigned number;
    void (*walk)(const void *config, const struct teeio_walk_tables *tables,
                 uint64_t input, struct teeio_access access,
                 struct teeio_walk *walk);
};

/* struct teeio_walk_stage - a format and how the guest configured it */
struct teeio_walk_stage {
    const struct teeio_walk_ops *ops;
    const void *config;
};

/*
 * teeio_walk_descriptor() - fetch the 8-byte descriptor at @address
 * @walk: @walk->level is set; on failure the complete answer of the stage
 *
 * Returns: false when the walk ends here.
 */
bool teeio_walk_descriptor(const struct teeio_walk_tables *tables,
                           uint64_t address, uint64_t *descriptor,
                           struct teeio_walk *walk);

/*
 * teeio_walk_page() - the same for a descriptor of the last level
 *
 * Its table has room for all that one line of the cache holds.
 */
bool teeio_walk_page(const struct teeio_walk_tables *tables, uint64_t address,
                     uint64_t *descriptor, struct teeio_walk *walk);

/*
 * teeio_walk_update() - replace the descriptor at @address, atomically
 * @seen: what teeio_walk_descriptor() gave
 * @walk: as there; CHANGED when memory holds something else by now
 *
 * Returns: false when the walk ends here.
 */
bool teeio_walk_update(const struct teeio_walk_tables *tables, uint64_t address,
                       uint64_t seen, uint64_t desired,
                       struct teeio_walk *walk);

/*
 * teeio_walk_table() - stage 2 for the address of a table of stage 1
 *
 * Meant for context descriptors too. A refusal has @on_table set.
 */
struct teeio_walk teeio_walk_table(const struct teeio_table_memory *memory,
                                   const struct teeio_walk_stage *stage2,
                                   uint64_t ipa);

/*
 * teeio_walk_stage1() - stage 1 alone
 * @stage2: finds the tables, but does not see the output; may be NULL
 */
struct teeio_walk teeio_walk_stage1(const struct teeio_table_memory *memory,
                                    const struct teeio_walk_stage *stage1,
                                    const struct teeio_walk_stage *stage2,
                                    uint64_t input, struct teeio_access access);

/*
 * teeio_walk() - both stages
 * @stage1, @stage2: NULL for identity
 */
struct teeio_walk teeio_walk(const struct teeio_table_memory *memory,
                             const struct teeio_walk_stage *stage1,
                             const struct teeio_walk_stage *stage2,
                             uint64_t input, struct teeio_access access);

#endif
