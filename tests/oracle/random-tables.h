/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#ifndef TESTS_ORACLE_RANDOM_TABLES_H
#define TESTS_ORACLE_RANDOM_TABLES_H

#include <stddef.h>

#include "walk-oracle.h"

/*
 * Random guests for a property test: a legal configuration, page tables for it
 * in a small memory, mostly sane and broken here and there, and accesses that
 * mostly hit something. All of it follows from a seed and the features.
 *
 *   world = random_world_new();
 *   random_world_build(world, &features, seed);
 *   random_world_access(world, &access);
 *   oracle_walk(&world->config, &access, &memory, &expected);
 *   random_world_undo(world, &expected);      the tables are as before
 *   ... the walker under test, through random_world_word() ...
 */

/* What the unit under test has: nothing else is generated. */
struct random_features {
    unsigned oas;      /* bits: 32, 36, 40, 42, 44, 48 or 52 */
    unsigned granules; /* sum of 1 << 12, 1 << 14, 1 << 16 */
    bool stage1;
    bool stage2; /* with stage1 also both together */
    bool ds;     /* needs oas 52 */
    bool va52;
    bool stt;
    bool xnx;
    bool had;
    bool el2;      /* StreamWorld EL2 without E2H */
    bool fwb;      /* S2FWB */
    unsigned httu; /* 0 none, 1 access flag, 2 also dirty */
};

/* An input range that a leaf, or a table entry left broken, answers for. */
struct random_hot {
    uint64_t address;
    unsigned bits;
};

#define RANDOM_MEMORY_BYTES (8u << 20)
#define RANDOM_MAX_HOT      32

struct random_world {
    struct oracle_config config;
    uint64_t base;     /* physical address of the memory */
    uint64_t ipa_base; /* where a nested stage 1 sees it */
    uint64_t *words;
    size_t used;
    bool tidy; /* no descriptor is broken on purpose */
    bool failing[RANDOM_MEMORY_BYTES >> 12]; /* pages that abort */
    struct random_hot hot[RANDOM_MAX_HOT];
    unsigned n_hot;
    uint64_t state;
};

struct random_world *random_world_new(void);
void random_world_free(struct random_world *world);
void random_world_build(struct random_world *world,
                        const struct random_features *features, uint64_t seed);
void random_world_access(struct random_world *world,
                         struct oracle_access *access);

/* The word at a physical address; NULL where an access aborts. */
uint64_t *random_world_word(struct random_world *world, uint64_t address);
struct oracle_memory random_world_memory(struct random_world *world);
/* Takes back the updates that a walk made in the tables. */
void random_world_undo(struct random_world *world,
                       const struct oracle_result *result);

/* The configuration alone, with all TTBs 0. */
void random_config(struct random_world *world,
                   const struct random_features *features);

uint64_t random_u64(struct random_world *world);
uint64_t random_below(struct random_world *world, uint64_t limit);
bool random_chance(struct random_world *world, unsigned percent);

#endif
