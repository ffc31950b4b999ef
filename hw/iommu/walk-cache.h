/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What walks remember of the tables on their way: where the last table of
 * each stage lies, and stage 2's answers about tables of stage 1.
 */
#ifndef TEEIO_IOMMU_WALK_CACHE_H
#define TEEIO_IOMMU_WALK_CACHE_H

#include "iotlb.h"

/*
 * struct teeio_walk_line - last descriptor of a walk and those beside it
 * @valid: the walk has left all of them as they are
 * @own:   index of the walk's own
 */
struct teeio_walk_line {
    bool valid;
    unsigned own;
    uint64_t words[8];
};

/*
 * struct teeio_walk_cache - memory of the walks of one context
 * @key:   its stream and substream
 * @stamp: taken before the walk, and before its context was looked up
 * @line:  to be filled by a walk of one stage that ends in a page; or NULL
 */
struct teeio_walk_cache {
    struct teeio_iotlb *tlb;
    struct teeio_iotlb_key key;
    uint64_t stamp;
    uint16_t vmid;
    uint16_t asid;
    struct teeio_walk_line *line;
};

/*
 * teeio_walk_cache_find() - any answer but a page's
 * @cache: NULL: nothing is remembered
 */
static inline bool teeio_walk_cache_find(const struct teeio_walk_cache *cache,
                                         enum teeio_iotlb_kind kind,
                                         uint64_t address,
                                         struct teeio_iotlb_entry *entry)
{
    struct teeio_iotlb_key key;

    if (!cache) {
        return false;
    }
    key = cache->key;
    key.kind = kind;
    key.address = address;
    return teeio_iotlb_lookup(cache->tlb, &key, entry);
}

/*
 * teeio_walk_cache_add() - remember that the 2^@size_bits bytes around
 * @address lead to @output
 */
static inline void teeio_walk_cache_add(const struct teeio_walk_cache *cache,
                                        enum teeio_iotlb_kind kind,
                                        uint64_t address, unsigned size_bits,
                                        uint64_t output, unsigned attributes)
{
    bool stage1 = kind == TEEIO_IOTLB_TABLE1;
    struct teeio_iotlb_entry entry = {
        .output = output,
        .size_bits = size_bits,
        .attributes = attributes,
        .vmid = cache ? cache->vmid : 0,
        .asid = cache && stage1 ? cache->asid : 0,
        .stage1 = stage1,
        .nested = !stage1,
    };
    struct teeio_iotlb_key key;

    if (!cache || size_bits > TEEIO_IOTLB_MAX_BITS) {
        return;
    }
    key = cache->key;
    key.kind = kind;
    key.address = address;
    teeio_iotlb_add(cache->tlb, &key, &entry, cache->stamp);
}

#endif
