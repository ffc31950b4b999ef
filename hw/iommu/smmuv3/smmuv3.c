/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdlib.h>
#include <string.h>

#include "smmuv3-internal.h"

/*
 * Fields that are read-only while something that uses them is enabled
 * (IHI 0070 6.3, the access rules of each register).
 */
static const struct guard {
    enum smmuv3_reg reg;
    uint64_t mask;
    enum smmuv3_reg control;
    uint64_t enable;
} guards[] = {
    {REG_CR1, TEEIO_CR1_TABLE, REG_CR0, TEEIO_CR0_SMMUEN},
    {REG_CR1, TEEIO_CR1_QUEUE, REG_CR0,
     TEEIO_CR0_CMDQEN | TEEIO_CR0_EVENTQEN | TEEIO_CR0_PRIQEN},
    {REG_CR2, UINT64_MAX, REG_CR0, TEEIO_CR0_SMMUEN},
    {REG_STRTAB_BASE, UINT64_MAX, REG_CR0, TEEIO_CR0_SMMUEN},
    {REG_STRTAB_BASE_CFG, UINT64_MAX, REG_CR0, TEEIO_CR0_SMMUEN},
    {REG_CMDQ_BASE, UINT64_MAX, REG_CR0, TEEIO_CR0_CMDQEN},
    {REG_CMDQ_CONS, UINT64_MAX, REG_CR0, TEEIO_CR0_CMDQEN},
    {REG_EVENTQ_BASE, UINT64_MAX, REG_CR0, TEEIO_CR0_EVENTQEN},
    {REG_EVENTQ_PROD, UINT64_MAX, REG_CR0, TEEIO_CR0_EVENTQEN},
    {REG_PRIQ_BASE, UINT64_MAX, REG_CR0, TEEIO_CR0_PRIQEN},
    {REG_PRIQ_PROD, UINT64_MAX, REG_CR0, TEEIO_CR0_PRIQEN},
    {REG_GERROR_IRQ_CFG0, UINT64_MAX, REG_IRQ_CTRL, TEEIO_IRQ_CTRL_GERROR},
    {REG_GERROR_IRQ_CFG1, UINT64_MAX, REG_IRQ_CTRL, TEEIO_IRQ_CTRL_GERROR},
    {REG_GERROR_IRQ_CFG2, UINT64_MAX, REG_IRQ_CTRL, TEEIO_IRQ_CTRL_GERROR},
    {REG_EVENTQ_IRQ_CFG0, UINT64_MAX, REG_IRQ_CTRL, TEEIO_IRQ_CTRL_EVENTQ},
    {REG_EVENTQ_IRQ_CFG1, UINT64_MAX, REG_IRQ_CTRL, TEEIO_IRQ_CTRL_EVENTQ},
    {REG_EVENTQ_IRQ_CFG2, UINT64_MAX, REG_IRQ_CTRL, TEEIO_IRQ_CTRL_EVENTQ},
    {REG_PRIQ_IRQ_CFG0, UINT64_MAX, REG_IRQ_CTRL, TEEIO_IRQ_CTRL_PRIQ},
    {REG_PRIQ_IRQ_CFG1, UINT64_MAX, REG_IRQ_CTRL, TEEIO_IRQ_CTRL_PRIQ},
    {REG_PRIQ_IRQ_CFG2, UINT64_MAX, REG_IRQ_CTRL, TEEIO_IRQ_CTRL_PRIQ},
};

void smmuv3_trace(const struct teeio_smmuv3 *smmu, struct teeio_event *event)
{
    event->source = SMMUV3_SOURCE;
    if (smmu->host->trace) {
        smmu->host->trace(smmu->host->opaque, event);
    }
}

static void translate(struct teeio_iommu *iommu, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer)
{
    struct teeio_smmuv3 *smmu = (struct teeio_smmuv3 *)iommu;
    struct smmuv3_stall *stall = NULL;

    if (teeio_smmuv3_recall(smmu, tlp, answer)) {
        return;
    }
    smmuv3_iotlb_refresh(smmu);
    if (smmuv3_recall_checked(smmu, tlp, answer)) {
        if (smmu->disabled) {
            smmuv3_off(smmu, tlp, answer);
        }
        return;
    }
    smmuv3_answer(smmu, tlp, answer);
    smmu->stats.translations++;
    if (smmu->disabled) {
        smmuv3_off(smmu, tlp, answer);
    }
    if (answer->verdict == TEEIO_VERDICT_STALLED) {
        stall = smmuv3_stall(smmu, tlp, answer);
    }
    if (stall || answer->verdict == TEEIO_VERDICT_FAULT) {
        smmu->stats.faults++;
        smmuv3_report(smmu, tlp, answer, stall);
    }
}

struct teeio_smmuv3 *teeio_smmuv3_new(const struct teeio_host *host,
                                      const struct teeio_ownership *ownership,
                                      enum teeio_t_policy policy)
{
    struct teeio_smmuv3 *smmu = calloc(1, sizeof(*smmu));

    if (!smmu) {
        return NULL;
    }
    smmu->iommu.translate = translate;
    smmu->host = host;
    smmu->ownership = ownership;
    smmu->policy = policy;
    smmu->regs.table = smmuv3_registers;
    smmu->regs.count = REGS;
    smmu->regs.values = smmu->values;
    teeio_regs_reset(&smmu->regs);
    return smmu;
}

void teeio_smmuv3_free(struct teeio_smmuv3 *smmu)
{
    if (smmu) {
        teeio_iotlb_free(smmu->iotlb);
        teeio_disabled_free(smmu->disabled);
    }
    free(smmu);
}

void teeio_smmuv3_reset(struct teeio_smmuv3 *smmu)
{
    struct teeio_event event = {.kind = TEEIO_EVENT_RESET};

    teeio_regs_reset(&smmu->regs);
    memset(smmu->stalls, 0, sizeof(smmu->stalls));
    smmu->atc_failed = false;
    memset(&smmu->stats, 0, sizeof(smmu->stats));
    atomic_store(&smmu->iotlb_hits, 0);
    smmuv3_iotlb_forget(smmu);
    if (smmu->disabled) {
        teeio_disabled_forget(smmu->disabled, TEEIO_DISABLED_UNTIL_RESET);
    }
    smmuv3_trace(smmu, &event);
}

struct teeio_iommu *teeio_smmuv3_iommu(struct teeio_smmuv3 *smmu)
{
    return &smmu->iommu;
}

void teeio_smmuv3_set_ownership(struct teeio_smmuv3 *smmu,
                                const struct teeio_ownership *ownership)
{
    smmu->ownership = ownership;
}

void teeio_smmuv3_set_devices(struct teeio_smmuv3 *smmu,
                              const struct teeio_smmuv3_devices *devices)
{
    smmu->devices = *devices;
}

/* The pointers of output queues live in page 1 but answer in page 0 too. */
static uint64_t home(uint64_t offset)
{
    uint64_t page1 = offset + TEEIO_SMMUV3_PAGE1;

    switch (page1) {
    case TEEIO_SMMUV3_REG_EVENTQ_PROD:
    case TEEIO_SMMUV3_REG_EVENTQ_CONS:
    case TEEIO_SMMUV3_REG_PRIQ_PROD:
    case TEEIO_SMMUV3_REG_PRIQ_CONS:
        return page1;
    default:
        return offset;
    }
}

uint64_t teeio_smmuv3_read(struct teeio_smmuv3 *smmu, uint64_t offset,
                           unsigned size)
{
    return teeio_regs_read(&smmu->regs, home(offset), size);
}

static void wake_cmdq(struct teeio_smmuv3 *smmu)
{
    if (smmuv3_cmdq_has_work(smmu)) {
        smmu->host->wake(smmu->host->opaque);
    }
}

static void write_cr0(struct teeio_smmuv3 *smmu, uint64_t before)
{
    uint64_t now = smmu->values[REG_CR0];
    struct teeio_event event = {
        .kind = TEEIO_EVENT_ENABLE,
        .u.enabled = now & TEEIO_CR0_SMMUEN,
    };

    smmu->values[REG_CR0ACK] = now;
    smmuv3_iotlb_update(smmu);
    if ((before ^ now) & TEEIO_CR0_SMMUEN) {
        smmuv3_trace(smmu, &event);
        if (smmu->disabled) {
            teeio_disabled_forget(smmu->disabled, TEEIO_DISABLED_UNTIL_POWER);
        }
    }
    if (!(now & TEEIO_CR0_SMMUEN)) {
        /* IHI 0070 6.3.9.6: nothing stays stalled in a disabled SMMU. */
        smmuv3_stall_abort_all(smmu);
    }
    smmuv3_stall_retry(smmu);
    wake_cmdq(smmu);
}

static void run_hook(struct teeio_smmuv3 *smmu, enum smmuv3_hook hook,
                     uint64_t before)
{
    switch (hook) {
    case HOOK_NONE:
        break;
    case HOOK_CR0:
        write_cr0(smmu, before);
        break;
    case HOOK_GBPA:
        if (!(smmu->values[REG_GBPA] & TEEIO_GBPA_UPDATE)) {
            smmu->values[REG_GBPA] = before;
        }
        smmu->values[REG_GBPA] &= ~TEEIO_GBPA_UPDATE;
        break;
    case HOOK_IRQ_CTRL:
        smmu->values[REG_IRQ_CTRLACK] = smmu->values[REG_IRQ_CTRL];
        break;
    case HOOK_CMDQ:
        wake_cmdq(smmu);
        break;
    case HOOK_EVENTQ:
        smmuv3_stall_retry(smmu);
        break;
    case HOOK_GERRORN:
        smmuv3_stall_retry(smmu);
        wake_cmdq(smmu);
        break;
    }
}

void teeio_smmuv3_write(struct teeio_smmuv3 *smmu, uint64_t offset,
                        uint64_t value, unsigned size)
{
    const struct teeio_reg *row =
        teeio_regs_find(&smmu->regs, home(offset), size);
    uint64_t before;
    unsigned hook;
    size_t reg;

    if (!row) {
        return;
    }
    reg = row - smmuv3_registers;
    before = smmu->values[reg];
    hook = teeio_regs_write(&smmu->regs, home(offset), value, size, &row);
    for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
        const struct guard *guard = &guards[i];

        if (guard->reg == reg && smmu->values[guard->control] & guard->enable) {
            smmu->values[reg] =
                (smmu->values[reg] & ~guard->mask) | (before & guard->mask);
        }
    }
    run_hook(smmu, hook, before);
}

struct teeio_smmuv3_stats teeio_smmuv3_stats(const struct teeio_smmuv3 *smmu)
{
    struct teeio_smmuv3_stats stats = smmu->stats;

    stats.iotlb_hits = atomic_load(&smmu->iotlb_hits);
    stats.translations += stats.iotlb_hits;
    return stats;
}

const struct teeio_reg *teeio_smmuv3_registers(size_t *count)
{
    *count = REGS;
    return smmuv3_registers;
}
