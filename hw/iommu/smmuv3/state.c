/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Saving and loading. Queues and tables lie in guest memory, and what is
 * cached of them can be fetched again: neither is part of the image.
 */
#include <string.h>

#include "../../image.h"
#include "smmuv3-internal.h"

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'S', 'M', 'U')
#define IMAGE_VERSION 1

/* A register that only the SMMU writes mirrors one that software writes. */
static const struct mirror {
    enum smmuv3_reg reg;
    enum smmuv3_reg of;
    bool equal;
} mirrors[] = {
    {REG_CR0ACK, REG_CR0, true},
    {REG_IRQ_CTRLACK, REG_IRQ_CTRL, true},
    {REG_GERROR, REG_GERRORN, false},
};

/* struct part - what an image replaces of one programming interface */
struct part {
    uint64_t values[REGS];
    struct smmuv3_stall stalls[SMMUV3_STALL_MAX];
    bool atc_failed;
};

/* struct state - the same of the SMMU */
struct state {
    struct part parts[SMMUV3_INTERFACES];
    struct teeio_smmuv3_stats stats;
};

#define COUNTERS 11
_Static_assert(sizeof(struct teeio_smmuv3_stats) == COUNTERS * sizeof(uint64_t),
               "an image has all counters");

static void list_counters(struct teeio_smmuv3_stats *stats,
                          uint64_t *counters[COUNTERS])
{
    uint64_t *const list[COUNTERS] = {
        &stats->translations,
        &stats->faults,
        &stats->events_lost,
        &stats->commands,
        &stats->config_invalidations,
        &stats->tlb_invalidations,
        &stats->stalls,
        &stats->page_requests,
        &stats->pages_lost,
        &stats->iotlb_hits,
        &stats->iotlb_stale,
    };

    for (unsigned i = 0; i < COUNTERS; i++) {
        counters[i] = list[i];
    }
}

static void put_part(struct teeio_image_writer *image,
                     const struct smmuv3_interface *iface)
{
    teeio_image_put_regs(image, &iface->regs);
    for (unsigned i = 0; i < SMMUV3_STALL_MAX; i++) {
        teeio_image_put(image, iface->stalls[i].busy, 1);
        teeio_image_put(image, iface->stalls[i].recorded, 1);
        teeio_image_put(image, iface->stalls[i].requester, 2);
    }
    teeio_image_put(image, iface->atc_failed, 1);
}

size_t teeio_smmuv3_save(const struct teeio_smmuv3 *smmu, uint8_t *buf,
                         size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);
    struct teeio_smmuv3_stats stats = teeio_smmuv3_stats(smmu);
    uint64_t *counters[COUNTERS];

    list_counters(&stats, counters);
    teeio_image_put(&image, smmu->policy, 4);
    if (smmu->rules[1]->claims) {
        teeio_image_put(&image, smmu->claims.c_bit, 4);
        teeio_image_put(&image, smmu->claims.vtom, 8);
    }
    for (unsigned i = 0; i < smmu->count; i++) {
        put_part(&image, &smmu->interfaces[i]);
    }
    for (unsigned i = 0; i < COUNTERS; i++) {
        teeio_image_put(&image, *counters[i], 8);
    }
    return image.used;
}

/*
 * Could this SMMU have come to hold these values? Software may put anything
 * into the bits that it can write.
 */
static bool plausible(const struct teeio_reg *table,
                      const uint64_t values[REGS])
{
    uint64_t writable[REGS];
    uint64_t expected[REGS];

    for (unsigned i = 0; i < REGS; i++) {
        writable[i] = table[i].rw | table[i].w1c;
        expected[i] = table[i].reset;
    }
    for (size_t i = 0; i < sizeof(mirrors) / sizeof(mirrors[0]); i++) {
        const struct mirror *mirror = &mirrors[i];

        writable[mirror->reg] = mirror->equal ? 0 : writable[mirror->of];
        expected[mirror->reg] = mirror->equal ? values[mirror->of] : 0;
    }
    for (unsigned i = 0; i < REGS; i++) {
        if ((values[i] ^ expected[i]) & ~writable[i]) {
            return false;
        }
    }
    return true;
}

static bool get_part(struct teeio_image_reader *image,
                     const struct smmuv3_interface *iface, struct part *part)
{
    teeio_image_get_regs(image, &iface->regs, part->values);
    for (unsigned i = 0; i < SMMUV3_STALL_MAX; i++) {
        part->stalls[i].busy = teeio_image_get_bool(image);
        part->stalls[i].recorded = teeio_image_get_bool(image);
        part->stalls[i].requester = teeio_image_get(image, 2);
    }
    part->atc_failed = teeio_image_get_bool(image);
    return plausible(iface->regs.table, part->values);
}

static bool same_claims(struct teeio_image_reader *image,
                        const struct teeio_t_claims *claims)
{
    uint64_t c_bit = teeio_image_get(image, 4);

    return c_bit == claims->c_bit && teeio_image_get(image, 8) == claims->vtom;
}

static bool read_state(const struct teeio_smmuv3 *smmu,
                       struct teeio_image_reader image, struct state *state)
{
    uint64_t *counters[COUNTERS];

    list_counters(&state->stats, counters);
    if (teeio_image_get(&image, 4) != (uint64_t)smmu->policy ||
        (smmu->rules[1]->claims && !same_claims(&image, &smmu->claims))) {
        return false;
    }
    for (unsigned i = 0; i < smmu->count; i++) {
        if (!get_part(&image, &smmu->interfaces[i], &state->parts[i])) {
            return false;
        }
    }
    for (unsigned i = 0; i < COUNTERS; i++) {
        *counters[i] = teeio_image_get(&image, 8);
    }
    return teeio_image_end(&image);
}

static void drop_caches(struct smmuv3_interface *iface)
{
    const struct smmuv3_invalidation configuration = {
        .kind = SMMUV3_INV_STES,
        .stream_last = UINT32_MAX,
    };
    const struct smmuv3_invalidation translations = {
        .kind = SMMUV3_INV_NSNH_ALL,
        .last = UINT64_MAX,
    };

    smmuv3_invalidate(iface, &configuration);
    smmuv3_invalidate(iface, &translations);
}

static void replace(struct smmuv3_interface *iface, const struct part *part)
{
    struct teeio_event event = {.kind = TEEIO_EVENT_ENABLE};

    drop_caches(iface);
    memcpy(iface->values, part->values, sizeof(part->values));
    memcpy(iface->stalls, part->stalls, sizeof(part->stalls));
    iface->atc_failed = part->atc_failed;
    smmuv3_iotlb_update(iface->smmu);
    event.u.enabled = smmuv3_enabled(iface, TEEIO_CR0_SMMUEN);
    if (event.u.enabled) {
        smmuv3_trace(iface, &event);
    }
}

bool teeio_smmuv3_load(struct teeio_smmuv3 *smmu, const uint8_t *buf,
                       size_t size)
{
    struct state state;

    if (!read_state(smmu, teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION),
                    &state)) {
        return false;
    }
    for (unsigned i = 0; i < smmu->count; i++) {
        replace(&smmu->interfaces[i], &state.parts[i]);
    }
    smmu->stats = state.stats;
    smmu->stats.translations -= state.stats.iotlb_hits;
    atomic_store(&smmu->iotlb_hits, state.stats.iotlb_hits);
    if (smmuv3_find_work(smmu)) {
        smmu->host->wake(smmu->host->opaque);
    }
    return true;
}
