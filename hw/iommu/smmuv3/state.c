/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Saving and loading. Queues and tables lie in guest memory, and what is
 * cached of them can be fetched again: neither is part of the image.
 */
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

/* struct state - the part of the SMMU that an image replaces */
struct state {
    uint64_t values[REGS];
    struct smmuv3_stall stalls[SMMUV3_STALL_MAX];
    bool atc_failed;
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

size_t teeio_smmuv3_save(const struct teeio_smmuv3 *smmu, uint8_t *buf,
                         size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);
    struct teeio_smmuv3_stats stats = teeio_smmuv3_stats(smmu);
    uint64_t *counters[COUNTERS];

    list_counters(&stats, counters);
    teeio_image_put(&image, smmu->policy, 4);
    teeio_image_put_regs(&image, &smmu->regs);
    for (unsigned i = 0; i < SMMUV3_STALL_MAX; i++) {
        teeio_image_put(&image, smmu->stalls[i].busy, 1);
        teeio_image_put(&image, smmu->stalls[i].recorded, 1);
        teeio_image_put(&image, smmu->stalls[i].requester, 2);
    }
    teeio_image_put(&image, smmu->atc_failed, 1);
    for (unsigned i = 0; i < COUNTERS; i++) {
        teeio_image_put(&image, *counters[i], 8);
    }
    return image.used;
}

/*
 * Could this SMMU have come to hold these values? Software may put anything
 * into the bits that it can write.
 */
static bool plausible(const uint64_t values[REGS])
{
    uint64_t writable[REGS];
    uint64_t expected[REGS];

    for (unsigned i = 0; i < REGS; i++) {
        writable[i] = smmuv3_registers[i].rw | smmuv3_registers[i].w1c;
        expected[i] = smmuv3_registers[i].reset;
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

static bool read_state(const struct teeio_smmuv3 *smmu,
                       struct teeio_image_reader image, struct state *state)
{
    uint64_t *counters[COUNTERS];

    list_counters(&state->stats, counters);
    if (teeio_image_get(&image, 4) != (uint64_t)smmu->policy) {
        return false;
    }
    teeio_image_get_regs(&image, &smmu->regs, state->values);
    for (unsigned i = 0; i < SMMUV3_STALL_MAX; i++) {
        state->stalls[i].busy = teeio_image_get_bool(&image);
        state->stalls[i].recorded = teeio_image_get_bool(&image);
        state->stalls[i].requester = teeio_image_get(&image, 2);
    }
    state->atc_failed = teeio_image_get_bool(&image);
    for (unsigned i = 0; i < COUNTERS; i++) {
        *counters[i] = teeio_image_get(&image, 8);
    }
    return teeio_image_end(&image) && plausible(state->values);
}

static void drop_caches(struct teeio_smmuv3 *smmu)
{
    const struct smmuv3_invalidation configuration = {
        .kind = SMMUV3_INV_STES,
        .stream_last = UINT32_MAX,
    };
    const struct smmuv3_invalidation translations = {
        .kind = SMMUV3_INV_NSNH_ALL,
        .last = UINT64_MAX,
    };

    smmuv3_invalidate(smmu, &configuration);
    smmuv3_invalidate(smmu, &translations);
}

bool teeio_smmuv3_load(struct teeio_smmuv3 *smmu, const uint8_t *buf,
                       size_t size)
{
    struct teeio_event event = {.kind = TEEIO_EVENT_ENABLE};
    struct state state;

    if (!read_state(smmu, teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION),
                    &state)) {
        return false;
    }
    drop_caches(smmu);
    for (unsigned i = 0; i < REGS; i++) {
        smmu->values[i] = state.values[i];
    }
    for (unsigned i = 0; i < SMMUV3_STALL_MAX; i++) {
        smmu->stalls[i] = state.stalls[i];
    }
    smmu->atc_failed = state.atc_failed;
    smmu->stats = state.stats;
    smmu->stats.translations -= state.stats.iotlb_hits;
    atomic_store(&smmu->iotlb_hits, state.stats.iotlb_hits);
    smmuv3_iotlb_update(smmu);
    event.u.enabled = smmuv3_enabled(smmu, TEEIO_CR0_SMMUEN);
    if (event.u.enabled) {
        smmuv3_trace(smmu, &event);
    }
    if (smmuv3_cmdq_has_work(smmu)) {
        smmu->host->wake(smmu->host->opaque);
    }
    return true;
}
