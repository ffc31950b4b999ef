/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "teeio/iommu.h"

#include "bits.h"
#include "walk.h"

enum teeio_fetch teeio_table_fetch(const struct teeio_table_memory *memory,
                                   uint64_t gpa, uint64_t *words,
                                   unsigned count)
{
    const struct teeio_host *host = memory->host;
    enum teeio_owner owner = TEEIO_OWNER_SHARED;
    uint8_t bytes[TEEIO_FETCH_WORDS * 8];

    memset(words, 0, count * sizeof(*words));
    if (memory->ownership) {
        owner = teeio_ownership_get(memory->ownership, gpa);
    }
    if (memory->private_only && owner == TEEIO_OWNER_SHARED) {
        return TEEIO_FETCH_SHARED;
    }
    if (!host->read(host->opaque, gpa, bytes, count * 8,
                    owner == TEEIO_OWNER_PRIVATE)) {
        return TEEIO_FETCH_ABORT;
    }
    for (unsigned i = 0; i < count; i++) {
        words[i] = teeio_load_le64(bytes + 8 * i);
    }
    return TEEIO_FETCH_OK;
}

static struct teeio_walk run_stage(const struct teeio_walk_stage *stage,
                                   const struct teeio_walk_tables *tables,
                                   uint64_t input, struct teeio_access access)
{
    struct teeio_walk walk =
        stage->ops->walk(stage->config, tables, input, access);

    /* A stage 2 fault on a stage 1 table has its number already. */
    if (walk.status != TEEIO_WALK_OK && !walk.stage) {
        walk.stage = stage->ops->number;
    }
    return walk;
}

static struct teeio_walk run_stage2(const struct teeio_table_memory *memory,
                                    const struct teeio_walk_stage *stage2,
                                    uint64_t ipa, struct teeio_access access)
{
    struct teeio_walk_tables tables = {.memory = memory};
    struct teeio_walk walk = run_stage(stage2, &tables, ipa, access);

    walk.ipa = ipa;
    walk.on_table = false;
    return walk;
}

bool teeio_walk_descriptor(const struct teeio_walk_tables *tables,
                           uint64_t address, uint64_t *descriptor,
                           struct teeio_walk *walk)
{
    enum teeio_fetch fetch;

    if (tables->stage2) {
        struct teeio_access read = {.privileged = true};
        struct teeio_walk outer =
            run_stage2(tables->memory, tables->stage2, address, read);

        if (outer.status != TEEIO_WALK_OK) {
            /* IHI 0070 7.3.13: a fault of stage 2, its class is TT. */
            *walk = outer;
            walk->on_table = true;
            return false;
        }
        address = outer.output;
    }

    walk->descriptor = address;
    fetch = teeio_table_fetch(tables->memory, address, descriptor, 1);
    if (fetch != TEEIO_FETCH_OK) {
        /*
         * IHI 0070 7.3.12: an aborted descriptor fetch. Memory that a T=1
         * walk must not trust counts as memory that does not answer.
         */
        walk->status = TEEIO_WALK_FETCH;
        walk->on_table = true;
        walk->shared_table = fetch == TEEIO_FETCH_SHARED;
        return false;
    }
    return true;
}

struct teeio_walk teeio_walk(const struct teeio_table_memory *memory,
                             const struct teeio_walk_stage *stage1,
                             const struct teeio_walk_stage *stage2,
                             uint64_t input, struct teeio_access access)
{
    struct teeio_walk_tables tables = {.memory = memory, .stage2 = stage2};
    struct teeio_walk inner = {
        .output = input,
        .page_mask = TEEIO_PAGE_SIZE - 1,
        .perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE,
    };
    struct teeio_walk outer;

    if (stage1) {
        inner = run_stage(stage1, &tables, input, access);
    }
    if (!stage2 || inner.status != TEEIO_WALK_OK) {
        return inner;
    }

    outer = run_stage2(memory, stage2, inner.output, access);
    if (outer.status != TEEIO_WALK_OK) {
        return outer;
    }
    /* Without stage 1 the page is as large as stage 2 says. */
    if (stage1) {
        outer.perm &= inner.perm;
        outer.page_mask &= inner.page_mask;
    }
    return outer;
}
