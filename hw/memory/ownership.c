/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "../image.h"
#include "teeio/ownership.h"

#define MAX_RANGES    16
#define MAX_POOLS     16
#define WORD_PAGES    64
#define CHUNK_WORDS   512
#define CHUNK_PAGES   (WORD_PAGES * CHUNK_WORDS)
#define CHUNK_SIZE    ((uint64_t)CHUNK_PAGES * TEEIO_PAGE_SIZE)

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'O', 'W', 'N')
#define IMAGE_VERSION 1

/* One bit a page: set when its owner differs from the range's initial one. */
struct chunk {
    _Atomic uint64_t changed[CHUNK_WORDS];
};

/*
 * Chunks appear when a page first changes and then stay until the map dies,
 * so a reader needs no lock.
 */
struct range {
    uint64_t base;
    uint64_t size;
    enum teeio_owner initial;
    size_t chunk_count;
    _Atomic(struct chunk *) *chunks;
    _Atomic uint64_t changed_pages;
};

/* Shared whatever anybody says. */
struct pool {
    uint64_t base;
    uint64_t size;
};

struct teeio_ownership {
    unsigned count;
    unsigned pool_count;
    struct range ranges[MAX_RANGES];
    struct pool pools[MAX_POOLS];
    _Atomic uint64_t changes;
    bool (*is_shared)(void *opaque, uint64_t gpa);
    void *opaque;
};

static enum teeio_owner opposite(enum teeio_owner owner)
{
    return owner == TEEIO_OWNER_PRIVATE ? TEEIO_OWNER_SHARED
                                        : TEEIO_OWNER_PRIVATE;
}

/* Whole pages, at least one, not beyond the end of the address space. */
static bool is_page_range(uint64_t base, uint64_t size)
{
    return size > 0 && base % TEEIO_PAGE_SIZE == 0 &&
           size % TEEIO_PAGE_SIZE == 0 && size <= UINT64_MAX - base;
}

static bool is_state(enum teeio_owner owner)
{
    return owner == TEEIO_OWNER_SHARED || owner == TEEIO_OWNER_PRIVATE;
}

/* Index of the range that holds @gpa, or the number of ranges. */
static unsigned find(const struct teeio_ownership *map, uint64_t gpa)
{
    unsigned i;

    for (i = 0; i < map->count; i++) {
        const struct range *range = &map->ranges[i];

        if (gpa >= range->base && gpa - range->base < range->size) {
            break;
        }
    }
    return i;
}

static struct chunk *load_chunk(const struct range *range, size_t index)
{
    return atomic_load_explicit(&range->chunks[index], memory_order_acquire);
}

struct teeio_ownership *teeio_ownership_new(void)
{
    return calloc(1, sizeof(struct teeio_ownership));
}

void teeio_ownership_free(struct teeio_ownership *map)
{
    if (!map) {
        return;
    }
    for (unsigned i = 0; i < map->count; i++) {
        struct range *range = &map->ranges[i];

        for (size_t j = 0; j < range->chunk_count; j++) {
            free(load_chunk(range, j));
        }
        free(range->chunks);
    }
    free(map);
}

bool teeio_ownership_add_ram(struct teeio_ownership *map, uint64_t base,
                             uint64_t size, enum teeio_owner initial)
{
    struct range *range = &map->ranges[map->count];
    uint64_t chunks = size / CHUNK_SIZE + (size % CHUNK_SIZE != 0);

    if (!is_page_range(base, size) || !is_state(initial) ||
        map->count == MAX_RANGES || chunks > SIZE_MAX) {
        return false;
    }
    for (unsigned i = 0; i < map->count; i++) {
        const struct range *other = &map->ranges[i];

        if (base < other->base + other->size && other->base < base + size) {
            return false;
        }
    }
    range->chunks = calloc(chunks, sizeof(*range->chunks));
    if (!range->chunks) {
        return false;
    }
    range->base = base;
    range->size = size;
    range->initial = initial;
    range->chunk_count = chunks;
    map->count++;
    return true;
}

/* Make room for changes to pages @first to @last. */
static bool prepare(struct range *range, uint64_t first, uint64_t last)
{
    for (uint64_t i = first / CHUNK_PAGES; i <= last / CHUNK_PAGES; i++) {
        struct chunk *chunk;

        if (load_chunk(range, i)) {
            continue;
        }
        chunk = calloc(1, sizeof(*chunk));
        if (!chunk) {
            return false;
        }
        atomic_store_explicit(&range->chunks[i], chunk, memory_order_release);
    }
    return true;
}

/* Set or clear the bits of pages @first to @last, all inside one chunk. */
static void mark(struct range *range, struct chunk *chunk, unsigned first,
                 unsigned last, bool changed)
{
    for (unsigned i = first / WORD_PAGES; i <= last / WORD_PAGES; i++) {
        _Atomic uint64_t *word = &chunk->changed[i];
        uint64_t mask = UINT64_MAX;
        uint64_t old;

        if (i == first / WORD_PAGES) {
            mask &= UINT64_MAX << first % WORD_PAGES;
        }
        if (i == last / WORD_PAGES) {
            mask &= UINT64_MAX >> (WORD_PAGES - 1 - last % WORD_PAGES);
        }
        if (changed) {
            old = atomic_fetch_or_explicit(word, mask, memory_order_release);
            atomic_fetch_add(&range->changed_pages,
                             __builtin_popcountll(mask & ~old));
        } else {
            old = atomic_fetch_and_explicit(word, ~mask, memory_order_release);
            atomic_fetch_sub(&range->changed_pages,
                             __builtin_popcountll(mask & old));
        }
    }
}

static void apply(struct range *range, uint64_t first, uint64_t last,
                  bool changed)
{
    for (uint64_t i = first / CHUNK_PAGES; i <= last / CHUNK_PAGES; i++) {
        struct chunk *chunk = load_chunk(range, i);
        uint64_t start = i * CHUNK_PAGES;
        uint64_t end = start + CHUNK_PAGES - 1;

        /* No chunk means that every page is in its initial state. */
        if (chunk) {
            mark(range, chunk, (first > start ? first : start) - start,
                 (last < end ? last : end) - start, changed);
        }
    }
}

/*
 * One pass over the RAM under @base: with @commit unset it only finds out
 * whether the second pass can succeed, and allocates what that needs.
 */
static bool set_pass(struct teeio_ownership *map, uint64_t base, uint64_t size,
                     enum teeio_owner owner, bool commit)
{
    while (size > 0) {
        unsigned index = find(map, base);
        struct range *range;
        uint64_t offset;
        uint64_t part;
        uint64_t first;
        uint64_t last;

        if (index == map->count) {
            return false;
        }
        range = &map->ranges[index];
        offset = base - range->base;
        part = size < range->size - offset ? size : range->size - offset;
        first = offset / TEEIO_PAGE_SIZE;
        last = first + part / TEEIO_PAGE_SIZE - 1;
        if (commit) {
            apply(range, first, last, owner != range->initial);
        } else if (owner != range->initial && !prepare(range, first, last)) {
            return false;
        }
        base += part;
        size -= part;
    }
    return true;
}

/* Cannot fail: what it needs was allocated with the pool. */
static void share_pools(struct teeio_ownership *map)
{
    for (unsigned i = 0; i < map->pool_count; i++) {
        set_pass(map, map->pools[i].base, map->pools[i].size,
                 TEEIO_OWNER_SHARED, true);
    }
}

bool teeio_ownership_add_pool(struct teeio_ownership *map, uint64_t base,
                              uint64_t size)
{
    if (map->pool_count == MAX_POOLS ||
        !teeio_ownership_set(map, base, size, TEEIO_OWNER_SHARED)) {
        return false;
    }
    map->pools[map->pool_count++] = (struct pool){base, size};
    return true;
}

static bool meets_pool(const struct teeio_ownership *map, uint64_t base,
                       uint64_t size)
{
    for (unsigned i = 0; i < map->pool_count; i++) {
        const struct pool *pool = &map->pools[i];

        if (base < pool->base + pool->size && pool->base < base + size) {
            return true;
        }
    }
    return false;
}

void teeio_ownership_reset(struct teeio_ownership *map)
{
    for (unsigned i = 0; i < map->count; i++) {
        struct range *range = &map->ranges[i];

        for (size_t j = 0; j < range->chunk_count; j++) {
            struct chunk *chunk = load_chunk(range, j);

            for (unsigned k = 0; chunk && k < CHUNK_WORDS; k++) {
                atomic_store_explicit(&chunk->changed[k], 0,
                                      memory_order_release);
            }
        }
        atomic_store(&range->changed_pages, 0);
    }
    share_pools(map);
    atomic_fetch_add(&map->changes, 1);
}

bool teeio_ownership_set(struct teeio_ownership *map, uint64_t base,
                         uint64_t size, enum teeio_owner owner)
{
    if (!is_page_range(base, size) || !is_state(owner) ||
        (owner == TEEIO_OWNER_PRIVATE && meets_pool(map, base, size))) {
        return false;
    }
    if (!set_pass(map, base, size, owner, false) ||
        !set_pass(map, base, size, owner, true)) {
        return false;
    }
    atomic_fetch_add(&map->changes, 1);
    return true;
}

uint64_t teeio_ownership_changes(const struct teeio_ownership *map)
{
    return atomic_load_explicit(&map->changes, memory_order_acquire);
}

enum teeio_owner teeio_ownership_known(const struct teeio_ownership *map,
                                       uint64_t gpa)
{
    unsigned index = find(map, gpa);
    const struct range *range;
    const struct chunk *chunk;
    uint64_t page;
    uint64_t word;

    if (index == map->count) {
        return TEEIO_OWNER_NONE;
    }
    range = &map->ranges[index];
    page = (gpa - range->base) / TEEIO_PAGE_SIZE;
    chunk = load_chunk(range, page / CHUNK_PAGES);
    if (!chunk) {
        return range->initial;
    }
    word = atomic_load_explicit(
        &chunk->changed[page % CHUNK_PAGES / WORD_PAGES], memory_order_acquire);
    return word >> page % WORD_PAGES & 1 ? opposite(range->initial)
                                         : range->initial;
}

enum teeio_owner teeio_ownership_get(const struct teeio_ownership *map,
                                     uint64_t gpa)
{
    enum teeio_owner owner = teeio_ownership_known(map, gpa);

    if (owner == TEEIO_OWNER_PRIVATE && map->is_shared &&
        map->is_shared(map->opaque, gpa)) {
        return TEEIO_OWNER_SHARED;
    }
    return owner;
}

void teeio_ownership_set_doubt(struct teeio_ownership *map,
                               bool (*is_shared)(void *opaque, uint64_t gpa),
                               void *opaque)
{
    map->is_shared = is_shared;
    map->opaque = opaque;
}

bool teeio_owner_allows(enum teeio_owner owner, bool t)
{
    return t || owner != TEEIO_OWNER_PRIVATE;
}

bool teeio_ownership_allows(const struct teeio_ownership *map, uint64_t gpa,
                            bool t)
{
    return teeio_owner_allows(teeio_ownership_get(map, gpa), t);
}

uint64_t teeio_ownership_count(const struct teeio_ownership *map,
                               enum teeio_owner owner)
{
    uint64_t count = 0;

    for (unsigned i = 0; is_state(owner) && i < map->count; i++) {
        const struct range *range = &map->ranges[i];
        uint64_t changed = atomic_load(&range->changed_pages);

        if (owner == range->initial) {
            count += range->size / TEEIO_PAGE_SIZE - changed;
        } else {
            count += changed;
        }
    }
    return count;
}

/* Is page number @page not in its initial state? */
static bool is_changed(const struct range *range, uint64_t page)
{
    const struct chunk *chunk = load_chunk(range, page / CHUNK_PAGES);
    unsigned bit = page % CHUNK_PAGES;

    return chunk && atomic_load_explicit(&chunk->changed[bit / WORD_PAGES],
                                         memory_order_acquire) >>
                            bit % WORD_PAGES &
                        1;
}

/* How many pages from @first are in the same state; whole chunks at a time. */
static uint64_t run_length(const struct range *range, uint64_t first)
{
    uint64_t pages = range->size / TEEIO_PAGE_SIZE;
    bool changed = is_changed(range, first);
    uint64_t page = first;

    while (page < pages && is_changed(range, page) == changed) {
        page += load_chunk(range, page / CHUNK_PAGES)
                    ? 1
                    : CHUNK_PAGES - page % CHUNK_PAGES;
    }
    return (page < pages ? page : pages) - first;
}

size_t teeio_ownership_save(const struct teeio_ownership *map, uint8_t *buf,
                            size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);

    teeio_image_put(&image, map->count, 4);
    for (unsigned i = 0; i < map->count; i++) {
        const struct range *range = &map->ranges[i];
        uint64_t pages = range->size / TEEIO_PAGE_SIZE;
        uint64_t length;

        teeio_image_put(&image, range->base, 8);
        teeio_image_put(&image, range->size, 8);
        teeio_image_put(&image, range->initial, 1);
        /* Runs take turns; the first is of unchanged pages, and may be 0. */
        if (is_changed(range, 0)) {
            teeio_image_put_count(&image, 0);
        }
        for (uint64_t page = 0; page < pages; page += length) {
            length = run_length(range, page);
            teeio_image_put_count(&image, length);
        }
    }
    return image.used;
}

/*
 * One pass over the runs of @range: without @commit it only finds out whether
 * they are sound, and allocates what the second pass needs.
 */
static bool load_runs(struct range *range, struct teeio_image_reader *image,
                      bool commit)
{
    uint64_t pages = range->size / TEEIO_PAGE_SIZE;
    bool changed = false;
    uint64_t page = 0;

    while (page < pages) {
        uint64_t length = teeio_image_get_count(image);

        if (image->bad || length > pages - page ||
            (!length && (page || changed))) {
            return false;
        }
        if (length && commit) {
            apply(range, page, page + length - 1, changed);
        } else if (length && changed &&
                   !prepare(range, page, page + length - 1)) {
            return false;
        }
        page += length;
        changed = !changed;
    }
    return true;
}

static bool load_pass(struct teeio_ownership *map, const uint8_t *buf,
                      size_t size, bool commit)
{
    struct teeio_image_reader image =
        teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION);

    if (teeio_image_get(&image, 4) != map->count) {
        return false;
    }
    for (unsigned i = 0; i < map->count; i++) {
        struct range *range = &map->ranges[i];

        if (teeio_image_get(&image, 8) != range->base ||
            teeio_image_get(&image, 8) != range->size ||
            teeio_image_get(&image, 1) != (uint64_t)range->initial ||
            !load_runs(range, &image, commit)) {
            return false;
        }
    }
    return teeio_image_end(&image);
}

bool teeio_ownership_load(struct teeio_ownership *map, const uint8_t *buf,
                          size_t size)
{
    if (!load_pass(map, buf, size, false) || !load_pass(map, buf, size, true)) {
        return false;
    }
    share_pools(map);
    atomic_fetch_add(&map->changes, 1);
    return true;
}

const char *teeio_owner_name(enum teeio_owner owner)
{
    static const char *const names[TEEIO_OWNERS] = {
        [TEEIO_OWNER_NONE] = "none",
        [TEEIO_OWNER_SHARED] = "shared",
        [TEEIO_OWNER_PRIVATE] = "private",
    };

    return (unsigned)owner < TEEIO_OWNERS ? names[owner] : "?";
}
