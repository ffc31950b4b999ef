/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "teeio/iommu.h"

#include "bits.h"
#include "walk.h"

/* Walks that lose a race for a descriptor this often are given up. */
#define TRIES 64

/* Which bank a table lies in, unless it may not be looked at. */
static enum teeio_fetch table_bank(const struct teeio_table_memory *memory,
                                   uint64_t gpa, bool *trusted)
{
    enum teeio_owner owner = TEEIO_OWNER_SHARED;

    if (memory->ownership) {
        owner = teeio_ownership_get(memory->ownership, gpa);
    }
    if (memory->private_only && owner == TEEIO_OWNER_SHARED) {
        return TEEIO_FETCH_SHARED;
    }
    *trusted = owner == TEEIO_OWNER_PRIVATE;
    return TEEIO_FETCH_OK;
}

static inline enum teeio_fetch
fetch_words(const struct teeio_table_memory *memory, uint64_t gpa,
            uint64_t *words, unsigned count)
{
    const struct teeio_host *host = memory->host;
    uint8_t bytes[TEEIO_FETCH_WORDS * 8];
    bool trusted;
    enum teeio_fetch fetch = table_bank(memory, gpa, &trusted);

    memset(words, 0, count * sizeof(*words));
    if (fetch != TEEIO_FETCH_OK) {
        return fetch;
    }
    if (!host->read(host->opaque, gpa, bytes, count * 8, trusted)) {
        return TEEIO_FETCH_ABORT;
    }
    for (unsigned i = 0; i < count; i++) {
        words[i] = teeio_load_le64(bytes + 8 * i);
    }
    return TEEIO_FETCH_OK;
}

enum teeio_fetch teeio_table_fetch(const struct teeio_table_memory *memory,
                                   uint64_t gpa, uint64_t *words,
                                   unsigned count)
{
    return fetch_words(memory, gpa, words, count);
}

/* A value of the CPU as the word that guest memory holds. */
static uint64_t guest_word(uint64_t value)
{
    uint8_t bytes[8];
    uint64_t word;

    teeio_store_le64(bytes, value);
    memcpy(&word, bytes, sizeof(word));
    return word;
}

static void run_stage(const struct teeio_walk_stage *stage,
                      const struct teeio_walk_tables *tables, uint64_t input,
                      struct teeio_access access, struct teeio_walk *walk)
{
    for (unsigned i = 0; i < TRIES; i++) {
        *walk = (struct teeio_walk){
            .reads = walk->reads,
            .stage2_mask = UINT64_MAX,
        };
        stage->ops->walk(stage->config, tables, input, access, walk);
        if (walk->status != TEEIO_WALK_CHANGED) {
            break;
        }
    }
    if (walk->status == TEEIO_WALK_CHANGED) {
        /* IHI 0070 7.3.12: an update without end counts as an abort. */
        walk->status = TEEIO_WALK_FETCH;
        walk->on_table = true;
        walk->table_write = true;
    }
    /* A stage 2 fault on a stage 1 table has its number already. */
    if (walk->status != TEEIO_WALK_OK && !walk->stage) {
        walk->stage = stage->ops->number;
    }
}

static void run_stage2(const struct teeio_table_memory *memory,
                       const struct teeio_walk_stage *stage2, uint64_t ipa,
                       struct teeio_access access, struct teeio_walk *walk)
{
    struct teeio_table_memory open;
    struct teeio_walk_tables tables = {.memory = memory};

    if (memory->shared_stage2) {
        open = *memory;
        open.private_only = false;
        tables.memory = &open;
    }
    run_stage(stage2, &tables, ipa, access, walk);
    walk->ipa = ipa;
    walk->stage2_mask = walk->page_mask;
    walk->on_table = access.table && walk->status != TEEIO_WALK_OK;
    walk->table_write = walk->on_table && access.write;
}

static bool refuse(struct teeio_walk *walk, enum teeio_fetch fetch, bool write)
{
    /*
     * IHI 0070 7.3.12: an aborted access to a descriptor. Memory that a T=1
     * walk must not trust counts as memory that does not answer.
     */
    walk->status = TEEIO_WALK_FETCH;
    walk->on_table = true;
    walk->table_write = write;
    walk->shared_table = fetch == TEEIO_FETCH_SHARED;
    return false;
}

/* Where a descriptor lies; false when stage 2 has the last word. */
static bool locate(const struct teeio_walk_tables *tables, uint64_t *address,
                   bool write, struct teeio_walk *walk)
{
    const struct teeio_walk_cache *cache = tables->memory->cache;
    struct teeio_access access = {.write = write, .table = true};
    struct teeio_iotlb_entry entry;
    struct teeio_walk outer;

    if (!tables->stage2) {
        return true;
    }
    if (!write &&
        teeio_walk_cache_find(cache, TEEIO_IOTLB_IPA, *address, &entry)) {
        *address = entry.output | (*address & teeio_low_bits(entry.size_bits));
        return true;
    }
    outer.reads = walk->reads;
    run_stage2(tables->memory, tables->stage2, *address, access, &outer);
    if (outer.status != TEEIO_WALK_OK) {
        /* IHI 0070 7.3.13: a fault of stage 2, its class is TT. */
        *walk = outer;
        return false;
    }
    walk->reads = outer.reads;
    if (outer.non_secure && tables->memory->private_only) {
        walk->descriptor = outer.output;
        return refuse(walk, TEEIO_FETCH_SHARED, write);
    }
    teeio_walk_cache_add(cache, TEEIO_IOTLB_IPA, *address,
                         __builtin_popcountll(outer.page_mask),
                         outer.output & ~outer.page_mask, 0);
    *address = outer.output;
    return true;
}

bool teeio_walk_descriptor(const struct teeio_walk_tables *tables,
                           uint64_t address, uint64_t *descriptor,
                           struct teeio_walk *walk)
{
    enum teeio_fetch fetch;

    if (!locate(tables, &address, false, walk)) {
        return false;
    }
    walk->descriptor = address;
    walk->reads++;
    fetch = fetch_words(tables->memory, address, descriptor, 1);
    return fetch == TEEIO_FETCH_OK || refuse(walk, fetch, false);
}

bool teeio_walk_page(const struct teeio_walk_tables *tables, uint64_t address,
                     uint64_t *descriptor, struct teeio_walk *walk)
{
    const struct teeio_walk_cache *cache = tables->memory->cache;
    struct teeio_walk_line *line = cache ? cache->line : NULL;
    uint64_t bytes = sizeof(line->words);

    if (line && !tables->stage2 &&
        fetch_words(tables->memory, address & ~(bytes - 1), line->words,
                    TEEIO_FETCH_WORDS) == TEEIO_FETCH_OK) {
        line->valid = true;
        line->own = address % bytes / 8;
        walk->descriptor = address;
        walk->reads++;
        *descriptor = line->words[line->own];
        return true;
    }
    return teeio_walk_descriptor(tables, address, descriptor, walk);
}

bool teeio_walk_update(const struct teeio_walk_tables *tables, uint64_t address,
                       uint64_t seen, uint64_t desired, struct teeio_walk *walk)
{
    const struct teeio_host *host = tables->memory->host;
    const struct teeio_walk_cache *cache = tables->memory->cache;
    uint64_t before = guest_word(seen);
    uint64_t found = before;
    enum teeio_fetch fetch;
    bool trusted;

    if (cache && cache->line) {
        cache->line->valid = false;
    }
    /* Stage 2 may let the descriptor be read, but not be written. */
    if (!locate(tables, &address, true, walk)) {
        return false;
    }
    walk->descriptor = address;
    fetch = table_bank(tables->memory, address, &trusted);
    if (fetch == TEEIO_FETCH_OK &&
        !host->cmpxchg(host->opaque, address, &found, guest_word(desired),
                       trusted)) {
        fetch = TEEIO_FETCH_ABORT;
    }
    if (fetch != TEEIO_FETCH_OK) {
        return refuse(walk, fetch, true);
    }
    if (found != before) {
        walk->status = TEEIO_WALK_CHANGED;
        return false;
    }
    return true;
}

struct teeio_walk teeio_walk_table(const struct teeio_table_memory *memory,
                                   const struct teeio_walk_stage *stage2,
                                   uint64_t ipa)
{
    struct teeio_walk walk = {0};

    run_stage2(memory, stage2, ipa, (struct teeio_access){.table = true},
               &walk);
    return walk;
}

struct teeio_walk teeio_walk_stage1(const struct teeio_table_memory *memory,
                                    const struct teeio_walk_stage *stage1,
                                    const struct teeio_walk_stage *stage2,
                                    uint64_t input, struct teeio_access access)
{
    struct teeio_walk_tables tables = {.memory = memory, .stage2 = stage2};
    struct teeio_walk walk = {0};

    run_stage(stage1, &tables, input, access, &walk);
    return walk;
}

struct teeio_walk teeio_walk(const struct teeio_table_memory *memory,
                             const struct teeio_walk_stage *stage1,
                             const struct teeio_walk_stage *stage2,
                             uint64_t input, struct teeio_access access)
{
    struct teeio_walk inner = {
        .output = input,
        .page_mask = TEEIO_PAGE_SIZE - 1,
        .stage2_mask = UINT64_MAX,
        .perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE,
    };
    struct teeio_walk outer;

    if (stage1) {
        inner = teeio_walk_stage1(memory, stage1, stage2, input, access);
    }
    if (!stage2 || inner.status != TEEIO_WALK_OK) {
        return inner;
    }

    outer.reads = inner.reads;
    run_stage2(memory, stage2, inner.output, access, &outer);
    /* Without stage 1 the page is as large as stage 2 says. */
    if (stage1 && outer.status == TEEIO_WALK_OK) {
        outer.global = inner.global;
        outer.marked = inner.marked;
        outer.perm &= inner.perm;
        outer.page_mask &= inner.page_mask;
    }
    return outer;
}
