/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "random-tables.h"

/* splitmix64: every seed, also 0, gives a good sequence. */
uint64_t random_u64(struct random_world *world)
{
    uint64_t z = world->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t random_below(struct random_world *world, uint64_t limit)
{
    return limit ? random_u64(world) % limit : 0;
}

bool random_chance(struct random_world *world, unsigned percent)
{
    return random_below(world, 100) < percent;
}

static unsigned pick_granule(struct random_world *world,
                             const struct random_features *features)
{
    unsigned granule;

    do {
        granule = 12 + 2 * (unsigned)random_below(world, 3);
    } while (!(features->granules >> granule & 1));
    return granule;
}

static unsigned pick_output_bits(struct random_world *world, unsigned oas)
{
    static const unsigned sizes[] = {32, 36, 40, 42, 44, 48, 52};

    return random_chance(world, 50) ? oas : sizes[random_below(world, 7)];
}

static void pick_httu(struct random_world *world, unsigned httu, bool *ha,
                      bool *hd)
{
    *ha = httu >= 1 && random_chance(world, 40);
    *hd = *ha && httu >= 2 && random_chance(world, 60);
}

/* 12..48; what is out of the legal range is thrown away by the caller. */
static unsigned pick_txsz(struct random_world *world)
{
    return random_chance(world, 20) ? 16
                                    : 12 + (unsigned)random_below(world, 37);
}

static void pick_half(struct random_world *world,
                      const struct random_features *features,
                      struct oracle_half *half)
{
    half->granule = pick_granule(world, features);
    half->txsz = pick_txsz(world);
    half->tbi = random_chance(world, 30);
    half->had = features->had && random_chance(world, 20);
}

static void pick_stage1(struct random_world *world,
                        const struct random_features *features)
{
    struct oracle_stage1 *s1 = &world->config.s1;

    s1->on = true;
    s1->ds = features->ds && random_chance(world, 30);
    s1->ips = pick_output_bits(world, features->oas);
    s1->wxn = random_chance(world, 15);
    s1->uwxn = random_chance(world, 15);
    s1->pan = random_chance(world, 15);
    s1->affd = random_chance(world, 15);
    pick_httu(world, features->httu, &s1->ha, &s1->hd);
    pick_half(world, features, &s1->half[0]);
    pick_half(world, features, &s1->half[1]);
    if (random_chance(world, 60)) {
        s1->half[random_below(world, 2)].epd = true;
    }
    if (features->el2 && !world->config.s2.on && random_chance(world, 10)) {
        s1->el2 = true;
        s1->half[0].epd = false;
        s1->half[1].epd = true;
    }
}

static void pick_stage2(struct random_world *world,
                        const struct random_features *features)
{
    struct oracle_stage2 *s2 = &world->config.s2;

    s2->on = true;
    s2->granule = pick_granule(world, features);
    s2->ds = features->ds && s2->granule != 16 && random_chance(world, 30);
    s2->ps = pick_output_bits(world, features->oas);
    s2->t0sz = pick_txsz(world);
    s2->sl0 = (unsigned)random_below(world, 5);
    s2->affd = random_chance(world, 15);
    s2->ptw = random_chance(world, 40);
    s2->fwb = features->fwb && random_chance(world, 30);
    pick_httu(world, features->httu, &s2->ha, &s2->hd);
}

/* A nest needs room in the IPA space for the tables of stage 1. */
static bool is_roomy(const struct oracle_config *config)
{
    return !config->s1.on || !config->s2.on || config->s2.t0sz <= 39;
}

void random_config(struct random_world *world,
                   const struct random_features *features)
{
    struct oracle_config *config = &world->config;

    bool second =
        features->stage2 && (!features->stage1 || random_chance(world, 65));
    bool first = features->stage1 && (!second || random_chance(world, 75));

    do {
        memset(config, 0, sizeof(*config));
        config->oas = features->oas;
        config->va52 = features->va52;
        config->stt = features->stt;
        config->xnx = features->xnx;
        if (second) {
            pick_stage2(world, features);
        }
        if (first) {
            pick_stage1(world, features);
        }
    } while (oracle_config_problem(config) || !is_roomy(config));
}
