/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stddef.h>

#include "walk-oracle.h"

/* Bits of the address that one table of a granule resolves. */
static unsigned stride(unsigned granule)
{
    return granule - 3;
}

unsigned oracle_level_shift(unsigned granule, int level)
{
    return granule + stride(granule) * (unsigned)(3 - level);
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Addresses above 48 bits need either 64K or the DS form of descriptors. */
static bool is_wide(unsigned granule, bool ds, unsigned oas)
{
    return oas == 52 && (granule == 16 || ds);
}

static unsigned output_bits(unsigned wanted, unsigned oas, bool wide)
{
    return smaller(smaller(wanted, oas), wide ? 52 : 48);
}

static uint64_t align_base(uint64_t ttb, const struct oracle_geometry *g)
{
    unsigned index_bits =
        g->ia_bits - oracle_level_shift(g->granule, g->start_level);
    unsigned low = index_bits + 3;

    if (g->oa_bits == 52 && low < 6) {
        low = 6;
    }
    return ttb >> low << low;
}

void oracle_stage1_geometry(const struct oracle_config *config, unsigned half,
                            struct oracle_geometry *g)
{
    const struct oracle_half *h = &config->s1.half[half];
    int level = 3;

    g->stage = 1;
    g->granule = h->granule;
    g->ia_bits = 64 - h->txsz;
    g->ds = config->s1.ds && h->granule != 16;
    g->wide = is_wide(h->granule, g->ds, config->oas);
    g->oa_bits = output_bits(config->s1.ips, config->oas, g->wide);
    /* As many levels as it takes until one table covers the range. */
    while (oracle_level_shift(h->granule, level - 1) < g->ia_bits) {
        level--;
    }
    g->start_level = level;
    g->base = align_base(h->ttb, g);
}

/* The level that S2SL0 means; 4 for a reserved value. */
static int stage2_start_level(const struct oracle_stage2 *s2)
{
    static const int levels_4k[8] = {2, 1, 0, 3, -1, 4, 4, 4};
    static const int levels_other[8] = {3, 2, 1, 0, 4, 4, 4, 4};

    return s2->granule == 12 ? levels_4k[s2->sl0 & 7]
                             : levels_other[s2->sl0 & 7];
}

void oracle_stage2_geometry(const struct oracle_config *config,
                            struct oracle_geometry *g)
{
    const struct oracle_stage2 *s2 = &config->s2;

    g->stage = 2;
    g->granule = s2->granule;
    g->ia_bits = 64 - s2->t0sz;
    g->ds = s2->ds && s2->granule != 16;
    g->wide = is_wide(s2->granule, g->ds, config->oas);
    g->oa_bits = output_bits(s2->ps, config->oas, g->wide);
    g->start_level = stage2_start_level(s2);
    g->base = align_base(s2->ttb, g);
}

bool oracle_block_allowed(const struct oracle_geometry *g, int level)
{
    switch (g->granule) {
    case 12:
        return level == 2 || level == 1 || (level == 0 && g->ds);
    case 14:
        return level == 2 || (level == 1 && g->ds);
    default:
        return level == 2 || (level == 1 && g->wide);
    }
}

/* Bits high:low of a value, left where they are. */
static uint64_t keep(uint64_t value, unsigned high, unsigned low)
{
    return value & (UINT64_MAX >> (63 - high)) & (UINT64_MAX << low);
}

uint64_t oracle_descriptor_address(const struct oracle_geometry *g,
                                   uint64_t descriptor, unsigned low)
{
    if (g->granule == 16 && g->wide) {
        return keep(descriptor, 47, low) | keep(descriptor, 15, 12) << 36;
    }
    if (g->ds) {
        return keep(descriptor, 49, low) | keep(descriptor, 9, 8) << 42;
    }
    return keep(descriptor, 47, low);
}

static bool granule_exists(unsigned granule)
{
    return granule == 12 || granule == 14 || granule == 16;
}

static unsigned max_txsz(const struct oracle_config *config, unsigned granule)
{
    if (!config->stt) {
        return 39;
    }
    return granule == 16 ? 47 : 48;
}

static const char *half_problem(const struct oracle_config *config, unsigned n)
{
    const struct oracle_half *h = &config->s1.half[n];
    bool va52 = h->granule == 16 ? config->va52 : config->s1.ds;
    struct oracle_geometry g;

    if (!granule_exists(h->granule)) {
        return "C_BAD_CD: TG";
    }
    if (h->txsz < (va52 ? 12 : 16) || h->txsz > max_txsz(config, h->granule)) {
        return "C_BAD_CD: TxSZ";
    }
    oracle_stage1_geometry(config, n, &g);
    if (h->ttb >> g.oa_bits) {
        return "C_BAD_CD: TTB beyond IPS";
    }
    return NULL;
}

static const char *stage1_problem(const struct oracle_config *config)
{
    const struct oracle_stage1 *s1 = &config->s1;

    for (unsigned n = 0; n < (s1->el2 ? 1 : 2); n++) {
        bool used = s1->el2 || !s1->half[n].epd;
        const char *problem = used ? half_problem(config, n) : NULL;

        if (problem) {
            return problem;
        }
    }
    return s1->hd && !s1->ha ? "C_BAD_CD: HD without HA" : NULL;
}

/* A small output size makes the high start levels pointless and illegal. */
static unsigned oas_for_start(unsigned granule, int level)
{
    switch (granule) {
    case 12:
        return level < 0 ? 52 : level == 0 ? 44 : 0;
    case 14:
        return level == 0 ? 52 : level == 1 ? 42 : 0;
    default:
        return level == 1 ? 44 : 0;
    }
}

static const char *start_problem(const struct oracle_config *config)
{
    const struct oracle_stage2 *s2 = &config->s2;
    int level = stage2_start_level(s2);
    unsigned ia_bits = 64 - s2->t0sz;
    unsigned shift;

    if (level > 3 || (level == 0 && s2->granule == 16) ||
        ((level < 0 || (level == 0 && s2->granule == 14)) && !s2->ds) ||
        (level == 3 && s2->granule == 12 && !config->stt) ||
        config->oas < oas_for_start(s2->granule, level)) {
        return "C_BAD_STE: S2SL0";
    }
    shift = oracle_level_shift(s2->granule, level);
    /* At least two descriptors, at most sixteen tables side by side. */
    if (ia_bits < shift + 1 || ia_bits > shift + stride(s2->granule) + 4) {
        return "C_BAD_STE: S2SL0 against S2T0SZ";
    }
    return NULL;
}

static const char *stage2_problem(const struct oracle_config *config)
{
    const struct oracle_stage2 *s2 = &config->s2;
    bool may_be_wide = is_wide(s2->granule, s2->ds, config->oas);
    unsigned max_ia = smaller(config->oas, may_be_wide ? 52 : 48);
    struct oracle_geometry g;
    const char *problem;

    if (!granule_exists(s2->granule)) {
        return "C_BAD_STE: S2TG";
    }
    if (s2->t0sz < 64 - max_ia || s2->t0sz > max_txsz(config, s2->granule)) {
        return "C_BAD_STE: S2T0SZ";
    }
    problem = start_problem(config);
    if (problem) {
        return problem;
    }
    oracle_stage2_geometry(config, &g);
    if (s2->ttb >> g.oa_bits) {
        return "C_BAD_STE: S2TTB beyond S2PS";
    }
    return s2->hd && !s2->ha ? "C_BAD_STE: S2HD without S2HA" : NULL;
}

const char *oracle_config_problem(const struct oracle_config *config)
{
    const char *problem = NULL;

    if (config->s2.on) {
        problem = stage2_problem(config);
    }
    if (!problem && config->s1.on) {
        problem = stage1_problem(config);
    }
    return problem;
}
