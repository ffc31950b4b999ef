/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Saving and loading. Queues and tables lie in guest memory, and what is
 * cached of them can be fetched again: neither is part of the image.
 */
#include "../../image.h"
#include "vtd-internal.h"

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'V', 'T', 'D')
#define IMAGE_VERSION 2

/* Bits that the unit sets and software cannot. */
static const struct own {
    enum vtd_reg reg;
    uint64_t bits;
} owns[] = {
    {REG_GSTS, TEEIO_VTD_GCMD_TE | TEEIO_VTD_GCMD_SRTP | TEEIO_VTD_GCMD_QIE},
    {REG_CCMD, TEEIO_VTD_CCMD_CAIG},
    {REG_FSTS, TEEIO_VTD_FSTS_PPF | TEEIO_VTD_FSTS_FRI},
    {REG_FECTL, TEEIO_VTD_ECTL_IP},
    {REG_IQH, TEEIO_VTD_IQ_OFFSET},
    {REG_IECTL, TEEIO_VTD_ECTL_IP},
    {REG_IQERCD, TEEIO_VTD_IQERCD_IQEI | TEEIO_VTD_IQERCD_ITESID},
    {REG_PECTL, TEEIO_VTD_ECTL_IP},
    {REG_IOTLB, TEEIO_VTD_IOTLB_IAIG},
};

/* struct state - the part of the unit that an image replaces */
struct state {
    uint64_t values[REGS];
    uint64_t root;
    unsigned next_fault;
    bool timed_out;
    uint16_t silent;
    struct teeio_vtd_stats stats;
};

#define COUNTERS 11
_Static_assert(sizeof(struct teeio_vtd_stats) == COUNTERS * sizeof(uint64_t),
               "an image has all counters");

static void list_counters(struct teeio_vtd_stats *stats,
                          uint64_t *counters[COUNTERS])
{
    uint64_t *const list[COUNTERS] = {
        &stats->translations,      &stats->faults,
        &stats->faults_lost,       &stats->faults_collapsed,
        &stats->commands,          &stats->config_invalidations,
        &stats->tlb_invalidations, &stats->page_requests,
        &stats->pages_lost,        &stats->iotlb_hits,
        &stats->iotlb_stale,
    };

    for (unsigned i = 0; i < COUNTERS; i++) {
        counters[i] = list[i];
    }
}

size_t teeio_vtd_save(const struct teeio_vtd *vtd, uint8_t *buf, size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);
    struct teeio_vtd_stats stats = teeio_vtd_stats(vtd);
    uint64_t *counters[COUNTERS];

    list_counters(&stats, counters);
    teeio_image_put(&image, vtd->policy, 4);
    teeio_image_put(&image, vtd->walk, 4);
    teeio_image_put(&image, vtd->no_scalable, 1);
    teeio_image_put(&image, vtd->no_queue, 1);
    teeio_image_put_regs(&image, &vtd->regs);
    teeio_image_put(&image, vtd->root, 8);
    teeio_image_put(&image, vtd->next_fault, 1);
    teeio_image_put(&image, vtd->timed_out, 1);
    teeio_image_put(&image, vtd->silent, 2);
    for (unsigned i = 0; i < COUNTERS; i++) {
        teeio_image_put(&image, *counters[i], 8);
    }
    return image.used;
}

/*
 * Could this unit have come to hold these values? Software may put anything
 * into the bits that it can write.
 */
static bool plausible(const struct state *state)
{
    const uint64_t root = TEEIO_VTD_RTADDR_RTA | TEEIO_VTD_RTADDR_TTM;
    uint64_t own[REGS] = {0};

    for (size_t i = 0; i < sizeof(owns) / sizeof(owns[0]); i++) {
        own[owns[i].reg] = owns[i].bits;
    }
    for (unsigned i = 0; i < VTD_FAULTS; i++) {
        own[REG_FRCD + 2 * i] = TEEIO_VTD_FRCD0_FI;
        own[REG_FRCD + 2 * i + 1] = ~TEEIO_MASK64(27, 16);
    }
    for (unsigned i = 0; i < REGS; i++) {
        const struct teeio_reg *reg = &vtd_registers[i];

        if ((state->values[i] ^ reg->reset) & ~(reg->rw | reg->w1c | own[i])) {
            return false;
        }
    }
    return !state->values[REG_GCMD] &&
           !(state->values[REG_CCMD] & TEEIO_VTD_CCMD_ICC) &&
           !(state->values[REG_IOTLB] & TEEIO_VTD_IOTLB_IVT) &&
           !(state->root & ~root) && state->next_fault < VTD_FAULTS;
}

static bool read_state(const struct teeio_vtd *vtd,
                       struct teeio_image_reader image, struct state *state)
{
    uint64_t *counters[COUNTERS];

    list_counters(&state->stats, counters);
    if (teeio_image_get(&image, 4) != (uint64_t)vtd->policy ||
        teeio_image_get(&image, 4) != (uint64_t)vtd->walk ||
        teeio_image_get_bool(&image) != vtd->no_scalable ||
        teeio_image_get_bool(&image) != vtd->no_queue) {
        return false;
    }
    teeio_image_get_regs(&image, &vtd->regs, state->values);
    state->root = teeio_image_get(&image, 8);
    state->next_fault = teeio_image_get(&image, 1);
    state->timed_out = teeio_image_get_bool(&image);
    state->silent = teeio_image_get(&image, 2);
    for (unsigned i = 0; i < COUNTERS; i++) {
        *counters[i] = teeio_image_get(&image, 8);
    }
    return teeio_image_end(&image) && plausible(state);
}

bool teeio_vtd_load(struct teeio_vtd *vtd, const uint8_t *buf, size_t size)
{
    struct teeio_event event = {.kind = TEEIO_EVENT_ENABLE, .u.enabled = true};
    struct state state;

    if (!read_state(vtd, teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION),
                    &state)) {
        return false;
    }
    for (unsigned i = 0; i < REGS; i++) {
        vtd->values[i] = state.values[i];
    }
    vtd->root = state.root;
    vtd->next_fault = state.next_fault;
    vtd->timed_out = state.timed_out;
    vtd->silent = state.silent;
    vtd->stats = state.stats;
    vtd->stats.translations -= state.stats.iotlb_hits;
    atomic_store(&vtd->hits, state.stats.iotlb_hits);
    vtd_caches_forget(vtd);
    if (vtd_enabled(vtd, TEEIO_VTD_GCMD_TE)) {
        vtd_trace(vtd, &event);
    }
    if (vtd_queue_has_work(vtd)) {
        vtd->host->wake(vtd->host->opaque);
    }
    return true;
}
