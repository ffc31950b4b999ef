/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdlib.h>
#include <string.h>

#include "vtd-internal.h"

void vtd_trace(const struct teeio_vtd *vtd, struct teeio_event *event)
{
    event->source = VTD_SOURCE;
    if (vtd->host->trace) {
        vtd->host->trace(vtd->host->opaque, event);
    }
}

static void translate(struct teeio_iommu *iommu, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer)
{
    struct teeio_vtd *vtd = (struct teeio_vtd *)iommu;

    if (teeio_vtd_recall(vtd, tlp, answer)) {
        return;
    }
    vtd_caches_refresh(vtd);
    if (vtd_recall_checked(vtd, tlp, answer)) {
        return;
    }
    vtd_answer(vtd, tlp, answer);
    vtd->stats.translations++;
    if (answer->verdict == TEEIO_VERDICT_FAULT) {
        vtd_report(vtd, tlp, answer);
    }
}

struct teeio_vtd *teeio_vtd_new(const struct teeio_host *host,
                                const struct teeio_ownership *ownership,
                                enum teeio_t_policy policy,
                                enum teeio_vtd_walk walk)
{
    struct teeio_vtd *vtd = calloc(1, sizeof(*vtd));

    if (!vtd) {
        return NULL;
    }
    vtd->iommu.translate = translate;
    vtd->host = host;
    vtd->ownership = ownership;
    vtd->policy = policy;
    vtd->walk = walk;
    vtd_views(vtd);
    vtd->regs.table = vtd_registers;
    vtd->regs.count = REGS;
    vtd->regs.values = vtd->values;
    teeio_regs_reset(&vtd->regs);
    return vtd;
}

void teeio_vtd_free(struct teeio_vtd *vtd)
{
    if (vtd) {
        vtd_caches_free(&vtd->caches);
    }
    free(vtd);
}

void teeio_vtd_reset(struct teeio_vtd *vtd)
{
    struct teeio_event event = {.kind = TEEIO_EVENT_RESET};

    teeio_regs_reset(&vtd->regs);
    vtd->root = 0;
    vtd->next_fault = 0;
    vtd->timed_out = false;
    vtd->silent = 0;
    memset(&vtd->stats, 0, sizeof(vtd->stats));
    atomic_store(&vtd->hits, 0);
    vtd_caches_forget(vtd);
    vtd_trace(vtd, &event);
}

struct teeio_iommu *teeio_vtd_iommu(struct teeio_vtd *vtd)
{
    return &vtd->iommu;
}

void teeio_vtd_set_ownership(struct teeio_vtd *vtd,
                             const struct teeio_ownership *ownership)
{
    vtd->ownership = ownership;
}

void teeio_vtd_set_devices(struct teeio_vtd *vtd,
                           const struct teeio_vtd_devices *devices)
{
    vtd->devices = *devices;
}

void teeio_vtd_set_features(struct teeio_vtd *vtd, bool scalable, bool queue)
{
    vtd->no_queue = !queue;
    vtd->no_scalable = !scalable || !queue;
}

/* The bits of the eight bytes at @base that the unit does not have. */
static uint64_t lacking(const struct teeio_vtd *vtd, uint64_t base)
{
    uint64_t bits = 0;

    if (vtd->no_scalable) {
        bits |= base == TEEIO_VTD_REG_CAP    ? VTD_CAP_SCALABLE
                : base == TEEIO_VTD_REG_ECAP ? VTD_ECAP_SCALABLE
                                             : 0;
    }
    if (vtd->no_queue && base == TEEIO_VTD_REG_ECAP) {
        bits |= VTD_ECAP_QUEUE;
    }
    return bits;
}

uint64_t teeio_vtd_read(struct teeio_vtd *vtd, uint64_t offset, unsigned size)
{
    uint64_t low = offset % sizeof(uint64_t);
    uint64_t bits = lacking(vtd, offset - low);

    return teeio_regs_read(&vtd->regs, offset, size) & ~(bits >> 8 * low);
}

static void wake_queue(struct teeio_vtd *vtd)
{
    if (vtd_queue_has_work(vtd)) {
        vtd->host->wake(vtd->host->opaque);
    }
}

/* VT-d 11.4.4: TE and QIE are states, SRTP is done once. */
static void write_gcmd(struct teeio_vtd *vtd)
{
    uint64_t states = TEEIO_VTD_GCMD_TE | TEEIO_VTD_GCMD_QIE;
    uint64_t command = vtd->values[REG_GCMD];
    uint64_t *gsts = &vtd->values[REG_GSTS];
    uint64_t changed;
    struct teeio_event event = {
        .kind = TEEIO_EVENT_ENABLE,
        .u.enabled = command & TEEIO_VTD_GCMD_TE,
    };

    if (vtd->no_queue) {
        states &= ~TEEIO_VTD_GCMD_QIE;
    }
    changed = (command ^ *gsts) & states;
    vtd->values[REG_GCMD] = 0;
    *gsts ^= changed;
    if (command & TEEIO_VTD_GCMD_SRTP) {
        vtd->root = vtd->values[REG_RTADDR];
        if (vtd->no_scalable && vtd_mode(vtd) == TEEIO_VTD_TTM_SCALABLE) {
            /* VT-d 11.4.5: without scalable mode these bits are reserved. */
            vtd->root &= ~TEEIO_VTD_RTADDR_TTM;
        }
        *gsts |= TEEIO_VTD_GCMD_SRTP;
    }
    if (changed & TEEIO_VTD_GCMD_QIE) {
        vtd->values[REG_IQH] = 0;
        vtd->timed_out = false;
    }
    vtd_caches_update(vtd);
    if (changed & TEEIO_VTD_GCMD_TE) {
        vtd_trace(vtd, &event);
    }
    wake_queue(vtd);
}

static void run_hook(struct teeio_vtd *vtd, enum vtd_hook hook,
                     enum vtd_reg reg)
{
    switch (hook) {
    case HOOK_NONE:
        break;
    case HOOK_GCMD:
        write_gcmd(vtd);
        break;
    case HOOK_CCMD:
        vtd_write_ccmd(vtd);
        break;
    case HOOK_IOTLB:
        vtd_write_iotlb(vtd);
        break;
    case HOOK_FSTS:
    case HOOK_FRCD:
        vtd_status_cleared(vtd);
        wake_queue(vtd);
        break;
    case HOOK_ECTL:
        vtd_unmask(vtd, reg);
        break;
    case HOOK_IQT:
        wake_queue(vtd);
        break;
    case HOOK_ICS:
        if (!(vtd->values[REG_ICS] & TEEIO_VTD_ICS_IWC)) {
            vtd_calm(vtd, VTD_EVENT_INVALIDATION);
        }
        break;
    case HOOK_PRS:
        if (!(vtd->values[REG_PRS] & (TEEIO_VTD_PRS_PPR | TEEIO_VTD_PRS_PRO))) {
            vtd_calm(vtd, VTD_EVENT_PAGE);
        }
        break;
    }
}

void teeio_vtd_write(struct teeio_vtd *vtd, uint64_t offset, uint64_t value,
                     unsigned size)
{
    const struct teeio_reg *row = teeio_regs_find(&vtd->regs, offset, size);
    uint64_t before;
    unsigned hook;
    enum vtd_reg reg;

    if (!row) {
        return;
    }
    reg = row - vtd_registers;
    before = vtd->values[reg];
    hook = teeio_regs_write(&vtd->regs, offset, value, size, &row);
    if (reg == REG_IQA && vtd_enabled(vtd, TEEIO_VTD_GCMD_QIE)) {
        /* VT-d 6.5.2: a queue in use does not move. */
        vtd->values[reg] = before;
    }
    run_hook(vtd, hook, reg);
}

struct teeio_vtd_stats teeio_vtd_stats(const struct teeio_vtd *vtd)
{
    struct teeio_vtd_stats stats = vtd->stats;

    stats.iotlb_hits = atomic_load(&vtd->hits);
    stats.translations += stats.iotlb_hits;
    return stats;
}

static const char *const walk_names[TEEIO_VTD_WALKS] = {
    [TEEIO_VTD_WALK_TRUSTED] = "trusted",
    [TEEIO_VTD_WALK_HOST] = "host",
};

const char *teeio_vtd_walk_name(enum teeio_vtd_walk walk)
{
    return (unsigned)walk < TEEIO_VTD_WALKS ? walk_names[walk] : "?";
}

bool teeio_vtd_walk_parse(const char *name, enum teeio_vtd_walk *walk)
{
    for (unsigned i = 0; i < TEEIO_VTD_WALKS; i++) {
        if (strcmp(name, walk_names[i]) == 0) {
            *walk = i;
            return true;
        }
    }
    return false;
}
