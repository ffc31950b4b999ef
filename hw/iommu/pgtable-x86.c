/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/iommu.h"

#include "bits.h"
#include "pgtable-x86.h"

#define BIT(n)        (UINT64_C(1) << (n))

#define ENTRY_ADDRESS (teeio_low_bits(52) & ~teeio_low_bits(12))
#define ENTRY_LARGE   BIT(7)

#define FIRST_P       BIT(0)
#define FIRST_RW      BIT(1)
#define FIRST_US      BIT(2)
#define FIRST_A       BIT(5)
#define FIRST_D       BIT(6)
#define FIRST_EA      BIT(10)
#define FIRST_PAT     BIT(12) /* of a large page: not part of its address */
#define FIRST_XD      BIT(63)

#define SECOND_R      BIT(0)
#define SECOND_W      BIT(1)
#define SECOND_A      BIT(8)
#define SECOND_D      BIT(9)
#define SECOND_SNP    BIT(11)

#define LEVELS_MAX    5u
#define LARGEST       3u /* level of 1 GiB pages */

/* What the entries above say all together, as an attribute of the cache. */
enum { ABOVE_RW = 1, ABOVE_US = 2, ABOVE_XD = 4 };
enum { ABOVE_R = 1, ABOVE_W = 2 };

/*
 * struct descent - the way down the tables of one stage
 * @count:   entries that were read
 * @address: where they lie, before another stage
 * @entry:   as they are in memory
 * @last:    @table is the last one and not known yet
 * @last_above: what the entries that lead to it say
 */
struct descent {
    const struct teeio_walk_tables *tables;
    struct teeio_walk *walk;
    enum teeio_iotlb_kind kind;
    uint64_t input;
    uint64_t table;
    bool last;
    unsigned last_above;
    unsigned count;
    uint64_t address[LEVELS_MAX];
    uint64_t entry[LEVELS_MAX];
};

static void refuse(struct teeio_walk *walk, enum teeio_walk_status status,
                   enum teeio_x86_refusal detail)
{
    walk->status = status;
    walk->detail = detail;
}

static unsigned level_shift(unsigned level)
{
    return 12 + 9 * (level - 1);
}

static void start(struct descent *at, unsigned levels, uint64_t table,
                  unsigned *above)
{
    const struct teeio_walk_cache *cache = at->tables->memory->cache;
    struct teeio_iotlb_entry known;

    at->walk->level = levels;
    at->table = table;
    if (teeio_walk_cache_find(cache, at->kind, at->input, &known)) {
        at->walk->level = 1;
        at->table = known.output;
        *above = known.attributes;
    }
}

/* The entry that @at->walk->level selects; false when the walk ends here. */
static bool fetch(struct descent *at, uint64_t *entry)
{
    struct teeio_walk *walk = at->walk;
    uint64_t index = at->input >> level_shift(walk->level) & teeio_low_bits(9);
    uint64_t address = at->table + index * 8;

    if (!teeio_walk_descriptor(at->tables, address, entry, walk)) {
        return false;
    }
    at->address[at->count] = address;
    at->entry[at->count++] = *entry;
    return true;
}

static void next(struct descent *at, uint64_t entry, unsigned above)
{
    at->table = entry & ENTRY_ADDRESS;
    if (--at->walk->level == 1) {
        at->last = true;
        at->last_above = above;
    }
}

/* VT-d 6.2.5: not before all flags above that table are set. */
static void remember(const struct descent *at)
{
    if (at->last) {
        teeio_walk_cache_add(at->tables->memory->cache, at->kind, at->input,
                             level_shift(2), at->table, at->last_above);
    }
}

static void land(struct descent *at, uint64_t entry)
{
    uint64_t inside = teeio_low_bits(level_shift(at->walk->level));

    at->walk->page_mask = inside;
    at->walk->output = (entry & ENTRY_ADDRESS & ~inside) | (at->input & inside);
}

/*
 * Is an entry still what it was? The walk itself may have written it on
 * another way, by which a second stage lets it through.
 */
static bool unchanged(const struct descent *at, unsigned i)
{
    uint64_t now;

    if (!teeio_walk_descriptor(at->tables, at->address[i], &now, at->walk)) {
        return false;
    }
    if (now != at->entry[i]) {
        at->walk->status = TEEIO_WALK_CHANGED;
    }
    return now == at->entry[i];
}

/*
 * Sets flags in what was read, from the first table down. False when that
 * failed: the walk says how.
 */
static bool mark(const struct descent *at, uint64_t flags, uint64_t leaf_flags)
{
    bool written = false;

    for (unsigned i = 0; i < at->count; i++) {
        bool leaf = i + 1 == at->count;
        uint64_t desired = at->entry[i] | flags | (leaf ? leaf_flags : 0);

        if (desired == at->entry[i]) {
            continue;
        }
        if (written && at->tables->stage2 && !unchanged(at, i)) {
            return false;
        }
        if (!teeio_walk_update(at->tables, at->address[i], at->entry[i],
                               desired, at->walk)) {
            if (!at->walk->stage) {
                at->walk->detail = TEEIO_X86_UPDATE;
            }
            return false;
        }
        written = true;
    }
    return true;
}

/* VT-d 9.7: reserved bits of the entry at @level. */
static uint64_t first_reserved(const struct teeio_x86_first *config,
                               unsigned level, bool leaf)
{
    uint64_t reserved = ENTRY_ADDRESS & ~teeio_low_bits(config->address_bits);

    if (!config->nxe) {
        reserved |= FIRST_XD;
    }
    if (level > LARGEST) {
        reserved |= ENTRY_LARGE;
    } else if (leaf && level > 1) {
        reserved |=
            ENTRY_ADDRESS & teeio_low_bits(level_shift(level)) & ~FIRST_PAT;
    }
    return reserved;
}

/* VT-d 3.6.1: permissions of the leaf and all above it. */
static unsigned first_rights(const struct teeio_x86_first *config,
                             unsigned above, struct teeio_access access)
{
    bool user = above & ABOVE_US;
    unsigned perm = TEEIO_PERM_READ;

    if (!access.privileged && !user) {
        return TEEIO_PERM_NONE;
    }
    if (access.execute && !access.write &&
        (above & ABOVE_XD || (access.privileged && user && config->smep))) {
        perm = TEEIO_PERM_NONE;
    }
    if (above & ABOVE_RW || (access.privileged && !config->wpe)) {
        perm |= TEEIO_PERM_WRITE;
    }
    return perm;
}

static bool descend_first(const struct teeio_x86_first *config,
                          struct descent *at, unsigned *above)
{
    for (;;) {
        unsigned level = at->walk->level;
        uint64_t entry;
        bool leaf;

        if (!fetch(at, &entry)) {
            return false;
        }
        leaf = level == 1 || (level <= LARGEST && entry & ENTRY_LARGE);
        if (!(entry & FIRST_P)) {
            /* VT-d 7.1.3, SFS.2. */
            refuse(at->walk, TEEIO_WALK_TRANSLATION, TEEIO_X86_NOT_PRESENT);
            return false;
        }
        if (entry & first_reserved(config, level, leaf)) {
            /* VT-d 7.1.3, SFS.3. */
            refuse(at->walk, TEEIO_WALK_ADDR_SIZE, TEEIO_X86_RESERVED);
            return false;
        }
        if (!(entry & FIRST_RW)) {
            *above &= ~(unsigned)ABOVE_RW;
        }
        if (!(entry & FIRST_US)) {
            *above &= ~(unsigned)ABOVE_US;
        }
        if (config->nxe && entry & FIRST_XD) {
            *above |= ABOVE_XD;
        }
        if (leaf) {
            land(at, entry);
            return true;
        }
        next(at, entry, *above);
    }
}

static void walk_first(const void *opaque,
                       const struct teeio_walk_tables *tables, uint64_t input,
                       struct teeio_access access, struct teeio_walk *walk)
{
    const struct teeio_x86_first *config = opaque;
    unsigned width = teeio_x86_width(config->levels);
    uint64_t upper = ~teeio_low_bits(width - 1);
    struct descent at = {
        .tables = tables,
        .walk = walk,
        .kind = TEEIO_IOTLB_TABLE1,
        .input = input,
    };
    unsigned above = ABOVE_RW | ABOVE_US;
    uint64_t flags, leaf_flags;
    bool clean;

    if (input & upper && (input & upper) != upper) {
        /* VT-d 3.6, SGN.1: bits from the width up are copies of one. */
        refuse(walk, TEEIO_WALK_TRANSLATION, TEEIO_X86_NOT_CANONICAL);
        return;
    }
    start(&at, config->levels, config->table, &above);
    if (!descend_first(config, &at, &above)) {
        return;
    }
    walk->perm = first_rights(config, above, access);
    if (!access.privileged && !(above & ABOVE_US)) {
        /* VT-d 7.1.3, SGN.2. */
        refuse(walk, TEEIO_WALK_PERMISSION, TEEIO_X86_USER);
        return;
    }
    if (access.execute && !access.write && !(walk->perm & TEEIO_PERM_READ)) {
        /* VT-d 7.1.3, SGN.3. */
        refuse(walk, TEEIO_WALK_PERMISSION, TEEIO_X86_EXECUTE);
        return;
    }
    if (access.write && !(walk->perm & TEEIO_PERM_WRITE)) {
        /* VT-d 7.1.3, SGN.6. */
        refuse(walk, TEEIO_WALK_PERMISSION, TEEIO_X86_WRITE);
        return;
    }
    /* VT-d 3.6.2: these flags are always kept. */
    flags = FIRST_A | (config->eafe ? FIRST_EA : 0);
    leaf_flags = access.write ? FIRST_D : 0;
    clean = !(at.entry[at.count - 1] & FIRST_D) && !access.write;
    if (!mark(&at, flags, leaf_flags)) {
        return;
    }
    remember(&at);
    if (clean) {
        /* The next write has to come here and make it dirty. */
        walk->perm &= ~(unsigned)TEEIO_PERM_WRITE;
    }
}

/* VT-d 9.8: reserved bits of the entry at @level. */
static uint64_t second_reserved(const struct teeio_x86_second *config,
                                unsigned level, bool leaf)
{
    uint64_t reserved = ENTRY_ADDRESS & ~teeio_low_bits(config->address_bits);

    if (!leaf) {
        reserved |= SECOND_SNP;
    }
    if (level > LARGEST) {
        reserved |= ENTRY_LARGE;
    } else if (leaf && level > 1) {
        reserved |= ENTRY_ADDRESS & teeio_low_bits(level_shift(level));
    }
    return reserved;
}

static bool descend_second(const struct teeio_x86_second *config,
                           struct descent *at, unsigned *above)
{
    for (;;) {
        unsigned level = at->walk->level;
        uint64_t entry;
        bool leaf;

        if (!fetch(at, &entry)) {
            return false;
        }
        leaf = level == 1 || (level <= LARGEST && entry & ENTRY_LARGE);
        if (!(entry & (SECOND_R | SECOND_W))) {
            /* VT-d 7.1.3, SSS.2; LGN.2 and LGN.3. */
            refuse(at->walk, TEEIO_WALK_TRANSLATION, TEEIO_X86_NOT_PRESENT);
            return false;
        }
        if (entry & second_reserved(config, level, leaf)) {
            /* VT-d 7.1.3, SSS.3 and LSS.2. */
            refuse(at->walk, TEEIO_WALK_ADDR_SIZE, TEEIO_X86_RESERVED);
            return false;
        }
        if (!(entry & SECOND_R)) {
            *above &= ~(unsigned)ABOVE_R;
        }
        if (!(entry & SECOND_W)) {
            *above &= ~(unsigned)ABOVE_W;
        }
        if (!*above) {
            /* VT-d 7.1.3, SSS.2: what is left of both is nothing. */
            refuse(at->walk, TEEIO_WALK_TRANSLATION, TEEIO_X86_NOT_PRESENT);
            return false;
        }
        if (leaf) {
            land(at, entry);
            return true;
        }
        next(at, entry, *above);
    }
}

static void walk_second(const void *opaque,
                        const struct teeio_walk_tables *tables, uint64_t input,
                        struct teeio_access access, struct teeio_walk *walk)
{
    const struct teeio_x86_second *config = opaque;
    struct descent at = {
        .tables = tables,
        .walk = walk,
        .kind = TEEIO_IOTLB_TABLE2,
        .input = input,
    };
    unsigned above = ABOVE_R | ABOVE_W;
    bool clean;

    if (input & ~teeio_low_bits(teeio_x86_width(config->levels))) {
        /* VT-d 7.1.3, SGN.5 and LGN.1. */
        refuse(walk, TEEIO_WALK_TRANSLATION, TEEIO_X86_BEYOND);
        return;
    }
    start(&at, config->levels, config->table, &above);
    if (!descend_second(config, &at, &above)) {
        return;
    }
    walk->perm = (above & ABOVE_R ? TEEIO_PERM_READ : 0) |
                 (above & ABOVE_W ? TEEIO_PERM_WRITE : 0);
    if (access.write && !(above & ABOVE_W)) {
        /* VT-d 7.1.3, SGN.6 and LGN.2. */
        refuse(walk, TEEIO_WALK_PERMISSION, TEEIO_X86_WRITE);
        return;
    }
    if (!access.write && !(above & ABOVE_R)) {
        /* VT-d 7.1.3, SGN.7 and LGN.3. */
        refuse(walk, TEEIO_WALK_PERMISSION, TEEIO_X86_READ);
        return;
    }
    clean = config->ad && !(at.entry[at.count - 1] & SECOND_D) && !access.write;
    if (config->ad && !mark(&at, SECOND_A, access.write ? SECOND_D : 0)) {
        return;
    }
    remember(&at);
    if (clean) {
        walk->perm &= ~(unsigned)TEEIO_PERM_WRITE;
    }
}

const struct teeio_walk_ops teeio_x86_first_ops = {
    .number = 1,
    .walk = walk_first,
};

const struct teeio_walk_ops teeio_x86_second_ops = {
    .number = 2,
    .walk = walk_second,
};
