/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <assert.h>
#include <stdlib.h>

#include "random-tables.h"

struct random_world *random_world_new(void)
{
    struct random_world *world = calloc(1, sizeof(*world));

    assert(world);
    world->words = calloc(1, RANDOM_MEMORY_BYTES);
    assert(world->words);
    return world;
}

void random_world_free(struct random_world *world)
{
    if (world) {
        free(world->words);
        free(world);
    }
}

uint64_t *random_world_word(struct random_world *world, uint64_t address)
{
    uint64_t offset = address - world->base;

    if (offset >= RANDOM_MEMORY_BYTES || world->failing[offset >> 12]) {
        return NULL;
    }
    return &world->words[offset / 8];
}

static bool world_read(void *opaque, uint64_t address, uint64_t *value)
{
    const uint64_t *word = random_world_word(opaque, address);

    if (word) {
        *value = *word;
    }
    return word;
}

static bool world_cmpxchg(void *opaque, uint64_t address, uint64_t expected,
                          uint64_t desired, uint64_t *seen)
{
    uint64_t *word = random_world_word(opaque, address);

    if (word) {
        *seen = *word;
        if (*word == expected) {
            *word = desired;
        }
    }
    return word;
}

struct oracle_memory random_world_memory(struct random_world *world)
{
    return (struct oracle_memory){
        .opaque = world,
        .read = world_read,
        .cmpxchg = world_cmpxchg,
    };
}

void random_world_undo(struct random_world *world,
                       const struct oracle_result *result)
{
    for (unsigned n = result->n_updates; n-- > 0;) {
        uint64_t *word = random_world_word(world, result->updates[n].address);

        assert(word && *word == result->updates[n].after);
        *word = result->updates[n].before;
    }
}

static uint64_t pick_hot(struct random_world *world)
{
    const struct random_hot *hot;

    if (!world->n_hot) {
        return random_u64(world);
    }
    hot = &world->hot[random_below(world, world->n_hot)];
    if (hot->bits >= 64) {
        return hot->address;
    }
    return hot->address + random_below(world, UINT64_C(1) << hot->bits);
}

void random_world_access(struct random_world *world,
                         struct oracle_access *access)
{
    const struct oracle_half *half;
    uint64_t address = pick_hot(world);

    switch (random_below(world, 20)) {
    case 0:
        address ^= UINT64_C(1) << random_below(world, 64);
        break;
    case 1:
        address += UINT64_C(1) << (12 + random_below(world, 20));
        break;
    case 2:
        address ^= random_below(world, UINT64_C(1) << 40);
        break;
    case 3:
        address = random_u64(world) >> random_below(world, 64);
        break;
    default:
        break;
    }
    half = &world->config.s1.half[world->config.s1.el2 ? 0 : address >> 55 & 1];
    if (world->config.s1.on && half->tbi) {
        address ^= random_u64(world) << 56;
    }
    *access = (struct oracle_access){
        .address = address,
        .write = random_chance(world, 45),
        .privileged = random_chance(world, 50),
        .instruction = random_chance(world, 15),
    };
}
