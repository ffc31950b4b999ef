/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "random-tables.h"

#define AF       (UINT64_C(1) << 10)
#define DBM      (UINT64_C(1) << 51)
#define CONT     (UINT64_C(1) << 52)
#define NO_TABLE UINT64_MAX

struct tree {
    struct random_world *world;
    struct oracle_geometry g;
    uint64_t root;      /* physical */
    struct tree *below; /* the stage 2 that its tables are seen through */
};

static uint64_t low_mask(unsigned bits)
{
    return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

static uint64_t align_down(uint64_t value, unsigned bits)
{
    return value & ~low_mask(bits);
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static uint64_t *word_of(struct random_world *world, uint64_t physical)
{
    uint64_t offset = physical - world->base;

    return offset < RANDOM_MEMORY_BYTES ? &world->words[offset / 8] : NULL;
}

/* Space for a table, aligned to its size; rarely where reads abort. */
static uint64_t allocate(struct random_world *world, unsigned bits)
{
    size_t bytes = (size_t)1 << (bits < 6 ? 6 : bits);
    size_t start = (world->used + bytes - 1) & ~(bytes - 1);

    if (start + bytes > RANDOM_MEMORY_BYTES) {
        return NO_TABLE;
    }
    world->used = start + bytes;
    if (!world->tidy && random_chance(world, 1)) {
        world->failing[(start + random_below(world, bytes)) >> 12] = true;
    }
    return world->base + start;
}

/* log2 of the number of descriptors in a table. */
static unsigned table_bits(const struct tree *tree, int level)
{
    unsigned shift = oracle_level_shift(tree->g.granule, level);

    return level == tree->g.start_level ? tree->g.ia_bits - shift
                                        : tree->g.granule - 3;
}

/* The address that goes into a TTB or a table descriptor. */
static uint64_t seen_at(const struct tree *tree, uint64_t physical)
{
    const struct random_world *world = tree->world;

    return tree->below ? physical - world->base + world->ipa_base : physical;
}

static uint64_t physical_of(const struct tree *tree, uint64_t seen)
{
    const struct random_world *world = tree->world;

    return tree->below ? seen - world->ipa_base + world->base : seen;
}

/* An address as a descriptor holds it, without attributes. */
static uint64_t encode(const struct tree *tree, uint64_t address)
{
    if (tree->g.granule == 16 && tree->g.wide) {
        return (address & low_mask(48)) | (address >> 48 & 15) << 12;
    }
    if (tree->g.ds) {
        return (address & low_mask(50)) | (address >> 50 & 3) << 8;
    }
    return address & low_mask(48);
}

/* The highest output bit that a descriptor can express, plus one. */
static unsigned expressible_bits(const struct tree *tree)
{
    return tree->g.wide || tree->g.ds ? 52 : 48;
}

/* Sets a bit above the output size, where there is one. */
static uint64_t push_out(const struct tree *tree, uint64_t address)
{
    unsigned top = expressible_bits(tree);

    if (tree->g.oa_bits >= top) {
        return address;
    }
    return address | UINT64_C(1)
                         << (tree->g.oa_bits +
                             random_below(tree->world, top - tree->g.oa_bits));
}

static uint64_t stage1_attributes(struct random_world *world, bool ds)
{
    uint64_t r = random_u64(world);
    uint64_t d = r & 0x83c; /* AttrIndx, NS, nG */

    d |= random_chance(world, 60) ? 0x40 : r & 0xc0; /* AP */
    d |= ds ? 0 : r & 0x300;                         /* SH */
    d |= random_chance(world, 90) ? AF : 0;
    d |= random_chance(world, 30) ? DBM : 0;
    if (random_chance(world, 30)) {
        d |= r & 0x0060000000000000; /* PXN, UXN */
    }
    if (random_chance(world, 10)) {
        d |= r & 0x0780000000000000; /* for software */
    }
    return d;
}

static uint64_t stage2_attributes(struct random_world *world, bool ds)
{
    uint64_t r = random_u64(world);
    uint64_t d = random_chance(world, 80) ? 0x3c : r & 0x3c; /* MemAttr */

    d |= random_chance(world, 75) ? 0xc0 : r & 0xc0; /* S2AP */
    d |= ds ? 0 : r & 0x300;                         /* SH */
    d |= random_chance(world, 90) ? AF : 0;
    d |= random_chance(world, 30) ? DBM : 0;
    if (random_chance(world, 30)) {
        d |= r & 0x0060000000000000; /* XN[1:0] */
    }
    return d;
}

/* For pages with tables of stage 1: all can be read, some not written. */
static uint64_t table_page_attributes(struct random_world *world, bool ds)
{
    uint64_t d = stage2_attributes(world, ds) | 0x40;

    if (random_chance(world, 90)) {
        d |= 0x3c | AF;
    }
    if (random_chance(world, 2)) {
        d &= ~UINT64_C(0x40);
    }
    return d;
}

/* A leaf, or one time in twenty something that only looks like one. */
static uint64_t make_leaf(const struct tree *tree, uint64_t output, int level,
                          uint64_t attributes)
{
    struct random_world *world = tree->world;
    uint64_t type = level == 3 ? 3 : 1;

    switch (world->tidy ? 99 : random_below(world, 100)) {
    case 0:
    case 1:
        type &= ~UINT64_C(1);
        break;
    case 2:
        type = 1; /* reserved at level 3 */
        break;
    case 3:
    case 4:
        output = push_out(tree, output);
        break;
    default:
        break;
    }
    return encode(tree, output) | attributes | type;
}

static void map_memory(struct tree *tree, uint64_t ipa, uint64_t physical);

/* A fresh table, which a nest's stage 2 gets to know at once. */
static uint64_t new_table(struct tree *tree, int level)
{
    unsigned bits = table_bits(tree, level) + 3;
    uint64_t physical = allocate(tree->world, bits);

    if (physical != NO_TABLE && tree->below) {
        unsigned step = smaller(tree->below->g.granule, bits < 6 ? 6 : bits);

        for (uint64_t at = 0; at < UINT64_C(1) << bits;
             at += UINT64_C(1) << step) {
            map_memory(tree->below, seen_at(tree, physical + at),
                       physical + at);
        }
    }
    return physical;
}

/* A descriptor for a new table, or one time in 30 for none at all. */
static uint64_t make_table(struct tree *tree, int level)
{
    struct random_world *world = tree->world;
    uint64_t physical = new_table(tree, level + 1);
    uint64_t address;
    uint64_t d = 3;

    if (physical == NO_TABLE) {
        return 0;
    }
    address = seen_at(tree, physical);
    switch (world->tidy ? 99 : random_below(world, 100)) {
    case 0:
        address = push_out(tree, address);
        break;
    case 1:
        /* Far from the memory, as long as there is such a place. */
        address ^= UINT64_C(1) << (tree->g.oa_bits - 1);
        break;
    case 2:
        d = 1; /* a block, legal or not */
        address =
            align_down(address, oracle_level_shift(tree->g.granule, level));
        break;
    default:
        break;
    }
    if (tree->g.stage == 1 && random_chance(world, 15)) {
        d |= random_u64(world) & 0x7800000000000000; /* APTable, XN, PXN */
    }
    if (random_chance(world, 10)) {
        d |= random_u64(world) & 0x8000000000000400; /* NSTable, ignored AF */
    }
    return d | encode(tree, address);
}

/*
 * The place of the descriptor for an address at a level, with the tables on
 * the way made. NULL where something is in the way.
 */
static uint64_t *descend(struct tree *tree, uint64_t ia, int level)
{
    uint64_t table = tree->root;

    for (int at = tree->g.start_level;; at++) {
        unsigned shift = oracle_level_shift(tree->g.granule, at);
        uint64_t index = ia >> shift & low_mask(table_bits(tree, at));
        uint64_t *d = word_of(tree->world, table + index * 8);

        if (!d || at == level) {
            return d;
        }
        if (!*d) {
            *d = make_table(tree, at);
        }
        if ((*d & 3) != 3) {
            return NULL;
        }
        table = physical_of(
            tree, oracle_descriptor_address(&tree->g, *d, tree->g.granule));
    }
}

/* log2 of how many leaves a contiguous run has; 0 for none. */
static unsigned run_bits(unsigned granule, int level)
{
    switch (granule) {
    case 12:
        return level >= 1 ? 4 : 0;
    case 14:
        return level == 3 ? 7 : level == 2 ? 5 : 0;
    default:
        return level >= 2 ? 5 : 0;
    }
}

static bool all_free(const uint64_t *d, unsigned bits)
{
    for (uint64_t i = 0; i < UINT64_C(1) << bits; i++) {
        if (d[i]) {
            return false;
        }
    }
    return true;
}

/*
 * Maps a leaf of a level, or a whole run with the contiguous hint. Returns log2
 * of the bytes mapped, 0 where the place was taken.
 */
static unsigned map_leaf(struct tree *tree, uint64_t ia, uint64_t oa, int level,
                         uint64_t attributes)
{
    unsigned shift = oracle_level_shift(tree->g.granule, level);
    unsigned run = run_bits(tree->g.granule, level);
    uint64_t *d = descend(tree, ia, level);
    uint64_t *first;

    if (!d || *d) {
        return 0;
    }
    first = d - (ia >> shift & low_mask(run));
    if (run && run < table_bits(tree, level) && shift + run < tree->g.oa_bits &&
        !((ia ^ oa) & low_mask(shift + run)) &&
        random_chance(tree->world, 30) && all_free(first, run)) {
        d = first;
        attributes |= CONT;
    } else {
        run = 0;
    }
    d[0] = make_leaf(tree, align_down(oa, shift + run), level, attributes);
    for (uint64_t i = 1; i < UINT64_C(1) << run; i++) {
        uint64_t base = oracle_descriptor_address(&tree->g, d[0], shift);

        d[i] = encode(tree, base + (i << shift)) | attributes | (d[0] & 3);
    }
    return shift + run;
}

/* The same, or a page where a table is in the way of a block. */
static unsigned map(struct tree *tree, uint64_t ia, uint64_t oa, int level,
                    uint64_t attributes)
{
    unsigned shift = oracle_level_shift(tree->g.granule, level);
    unsigned page = tree->g.granule;
    unsigned bits = map_leaf(tree, align_down(ia, shift), align_down(oa, shift),
                             level, attributes);

    if (!bits && level < 3) {
        bits = map_leaf(tree, align_down(ia, page), align_down(oa, page), 3,
                        attributes);
    }
    return bits ? bits : page;
}

static bool is_leaf_level(const struct tree *tree, int level)
{
    return level >= tree->g.start_level &&
           (level == 3 || oracle_block_allowed(&tree->g, level));
}

static int pick_level(const struct tree *tree)
{
    int level;

    do {
        level = 3 - (int)random_below(tree->world, 4);
    } while (!is_leaf_level(tree, level));
    return level;
}

/* Guest memory as a nest's stage 1 sees it: by pages, or by blocks that fit. */
static void map_memory(struct tree *tree, uint64_t ipa, uint64_t physical)
{
    struct random_world *world = tree->world;
    bool tidy = world->tidy;
    int level = pick_level(tree);
    unsigned shift = oracle_level_shift(tree->g.granule, level);

    if ((ipa ^ physical) & low_mask(shift)) {
        level = 3;
    }
    world->tidy = tidy || random_chance(world, 70);
    map(tree, ipa, physical, level, table_page_attributes(world, tree->g.ds));
    world->tidy = tidy;
}

static void add_hot(struct random_world *world, uint64_t address, unsigned bits)
{
    if (world->n_hot < RANDOM_MAX_HOT) {
        world->hot[world->n_hot++] = (struct random_hot){
            .address = align_down(address, bits),
            .bits = bits,
        };
    }
}

/* A random number of that many bits, often with most of the high ones 0. */
static uint64_t pick_number(struct random_world *world, unsigned bits)
{
    if (random_chance(world, 40)) {
        bits = 1 + (unsigned)random_below(world, bits);
    }
    return random_u64(world) & low_mask(bits);
}

/* Maps something at an IPA and calls what is there hot. */
static void populate_stage2(struct tree *tree, uint64_t ipa, uint64_t va,
                            unsigned va_bits)
{
    struct random_world *world = tree->world;
    int level = pick_level(tree);
    unsigned shift = oracle_level_shift(tree->g.granule, level);
    uint64_t output = align_down(pick_number(world, tree->g.oa_bits), shift);
    unsigned bits;

    /* Congruent for a longer run, so that one is possible. */
    output ^= (output ^ ipa) & low_mask(shift + 7) & ~low_mask(shift);
    output &= low_mask(tree->g.oa_bits);
    bits = map(tree, ipa, output, level, stage2_attributes(world, tree->g.ds));
    add_hot(world, va, smaller(bits, va_bits));
}

/* A new input address, often not far from the last one. */
static uint64_t pick_input(const struct tree *tree, uint64_t last)
{
    struct random_world *world = tree->world;

    if (random_chance(world, 50)) {
        return (last ^ random_u64(world) >> (64 - 30)) &
               low_mask(tree->g.ia_bits);
    }
    return pick_number(world, tree->g.ia_bits);
}

static void populate_stage1(struct tree *tree, unsigned half)
{
    struct random_world *world = tree->world;
    uint64_t sign = half ? ~low_mask(tree->g.ia_bits) : 0;
    unsigned leaves = 1 + (unsigned)random_below(world, 6);
    uint64_t ia = 0;

    for (unsigned n = 0; n < leaves; n++) {
        int level = pick_level(tree);
        unsigned shift = oracle_level_shift(tree->g.granule, level);
        unsigned out_bits = tree->g.oa_bits;
        uint64_t output;
        unsigned bits;

        if (tree->below && random_chance(world, 95)) {
            out_bits = smaller(out_bits, tree->below->g.ia_bits);
        }
        ia = align_down(pick_input(tree, ia), shift);
        output = align_down(pick_number(world, out_bits), shift);
        output ^= (output ^ ia) & low_mask(shift + 7) & ~low_mask(shift);
        output &= low_mask(out_bits);
        bits =
            map(tree, ia, output, level, stage1_attributes(world, tree->g.ds));
        if (tree->below) {
            uint64_t offset;

            bits = smaller(bits, shift);
            offset = random_u64(world) &
                     low_mask(smaller(bits, tree->below->g.ia_bits));
            populate_stage2(tree->below, output + offset, sign | (ia + offset),
                            bits);
        } else {
            add_hot(world, sign | ia, bits);
        }
    }
}

/* Where the memory is, so that tables are within reach of their walker. */
static void place_memory(struct random_world *world, unsigned bits)
{
    static const uint64_t low_bases[] = {0, 0x40000000, 0x80000000, 0xc8000000};

    world->base = low_bases[random_below(world, 4)];
    if (random_chance(world, 40)) {
        world->base |= UINT64_C(1) << (bits - 1);
    }
}

static void place_ipa(struct random_world *world, unsigned bits)
{
    static const unsigned alignments[] = {16, 21, 25, 29, 30};
    uint64_t room = (UINT64_C(1) << bits) - RANDOM_MEMORY_BYTES;
    unsigned align = alignments[random_below(world, 5)];
    uint64_t ipa = align_down(random_below(world, room), align);

    ipa |= world->base & low_mask(align);
    world->ipa_base = ipa <= room ? ipa : 0;
}

static void build_stage1(struct random_world *world, struct tree *below)
{
    struct oracle_stage1 *s1 = &world->config.s1;

    for (unsigned half = 0; half < 2; half++) {
        struct tree tree = {.world = world, .below = below};

        if (s1->half[half].epd) {
            continue;
        }
        oracle_stage1_geometry(&world->config, half, &tree.g);
        tree.root = new_table(&tree, tree.g.start_level);
        assert(tree.root != NO_TABLE);
        s1->half[half].ttb = seen_at(&tree, tree.root);
        populate_stage1(&tree, half);
    }
}

/* The size of what the tables of stage 1 may have as address. */
static unsigned stage1_reach(const struct oracle_config *config)
{
    unsigned bits = 52;

    for (unsigned half = 0; half < 2; half++) {
        struct oracle_geometry g;

        if (!config->s1.half[half].epd) {
            oracle_stage1_geometry(config, half, &g);
            bits = smaller(bits, g.oa_bits);
        }
    }
    return bits;
}

static void build_trees(struct random_world *world)
{
    struct oracle_config *config = &world->config;
    struct tree two = {.world = world};
    bool nested = config->s1.on && config->s2.on;

    if (!config->s2.on) {
        place_memory(world, stage1_reach(config));
        build_stage1(world, NULL);
        return;
    }
    oracle_stage2_geometry(config, &two.g);
    place_memory(world, two.g.oa_bits);
    two.root = new_table(&two, two.g.start_level);
    assert(two.root != NO_TABLE);
    config->s2.ttb = two.root;
    if (nested) {
        place_ipa(world, smaller(stage1_reach(config), two.g.ia_bits));
        build_stage1(world, &two);
    } else {
        unsigned leaves = 1 + (unsigned)random_below(world, 8);
        uint64_t ipa = 0;

        for (unsigned n = 0; n < leaves; n++) {
            ipa = pick_input(&two, ipa);
            populate_stage2(&two, ipa, ipa, 64);
        }
    }
}

void random_world_build(struct random_world *world,
                        const struct random_features *features, uint64_t seed)
{
    memset(world->words, 0, world->used);
    memset(world->failing, 0, sizeof(world->failing));
    world->used = 0;
    world->n_hot = 0;
    world->ipa_base = 0;
    world->state = seed;
    world->tidy = random_chance(world, 40);
    random_config(world, features);
    build_trees(world);
    assert(!oracle_config_problem(&world->config));
}
