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
    uint64_t cr0;
} guards[] = {
    {REG_CR1, TEEIO_CR1_TABLE, TEEIO_CR0_SMMUEN},
    {REG_CR1, TEEIO_CR1_QUEUE, TEEIO_CR0_CMDQEN | TEEIO_CR0_EVENTQEN},
    {REG_CR2, UINT64_MAX, TEEIO_CR0_SMMUEN},
    {REG_STRTAB_BASE, UINT64_MAX, TEEIO_CR0_SMMUEN},
    {REG_STRTAB_BASE_CFG, UINT64_MAX, TEEIO_CR0_SMMUEN},
    {REG_CMDQ_BASE, UINT64_MAX, TEEIO_CR0_CMDQEN},
    {REG_CMDQ_CONS, UINT64_MAX, TEEIO_CR0_CMDQEN},
    {REG_EVENTQ_BASE, UINT64_MAX, TEEIO_CR0_EVENTQEN},
    {REG_EVENTQ_PROD, UINT64_MAX, TEEIO_CR0_EVENTQEN},
};

void smmuv3_trace(const struct teeio_smmuv3 *smmu, struct teeio_event *event)
{
    event->source = SMMUV3_SOURCE;
    if (smmu->host->trace) {
        smmu->host->trace(smmu->host->opaque, event);
    }
}

bool smmuv3_gerror_active(const struct teeio_smmuv3 *smmu, uint64_t error)
{
    return (smmu->values[REG_GERROR] ^ smmu->values[REG_GERRORN]) & error;
}

void smmuv3_gerror(struct teeio_smmuv3 *smmu, uint64_t error)
{
    if (smmuv3_gerror_active(smmu, error)) {
        return;
    }
    smmu->values[REG_GERROR] ^= error;
    if (smmu->values[REG_IRQ_CTRL] & TEEIO_IRQ_CTRL_GERROR) {
        smmu->host->raise(smmu->host->opaque, TEEIO_SMMUV3_GERROR);
    }
}

static void translate(struct teeio_iommu *iommu, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer)
{
    struct teeio_smmuv3 *smmu = (struct teeio_smmuv3 *)iommu;

    smmuv3_answer(smmu, tlp, answer);
    smmu->stats.translations++;
    if (answer->verdict == TEEIO_VERDICT_FAULT) {
        smmu->stats.faults++;
        smmuv3_report(smmu, tlp, answer);
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
    free(smmu);
}

void teeio_smmuv3_reset(struct teeio_smmuv3 *smmu)
{
    struct teeio_event event = {.kind = TEEIO_EVENT_RESET};

    teeio_regs_reset(&smmu->regs);
    memset(&smmu->stats, 0, sizeof(smmu->stats));
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

/* The event queue's pointers live in page 1 but answer in page 0 too. */
static uint64_t home(uint64_t offset)
{
    uint64_t page1 = offset + TEEIO_SMMUV3_PAGE1;

    return page1 == TEEIO_SMMUV3_REG_EVENTQ_PROD ||
                   page1 == TEEIO_SMMUV3_REG_EVENTQ_CONS
               ? page1
               : offset;
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
    if ((before ^ now) & TEEIO_CR0_SMMUEN) {
        smmuv3_trace(smmu, &event);
    }
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
    }
}

void teeio_smmuv3_write(struct teeio_smmuv3 *smmu, uint64_t offset,
                        uint64_t value, unsigned size)
{
    const struct teeio_reg *row;
    uint64_t before[REGS];
    unsigned hook;
    size_t reg;

    memcpy(before, smmu->values, sizeof(before));
    hook = teeio_regs_write(&smmu->regs, home(offset), value, size, &row);
    if (!row) {
        return;
    }
    reg = row - smmuv3_registers;
    for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
        const struct guard *guard = &guards[i];

        if (guard->reg == reg && smmuv3_enabled(smmu, guard->cr0)) {
            smmu->values[reg] = (smmu->values[reg] & ~guard->mask) |
                                (before[reg] & guard->mask);
        }
    }
    run_hook(smmu, hook, before[reg]);
}

struct teeio_smmuv3_stats teeio_smmuv3_stats(const struct teeio_smmuv3 *smmu)
{
    return smmu->stats;
}

const struct teeio_reg *teeio_smmuv3_registers(size_t *count)
{
    *count = REGS;
    return smmuv3_registers;
}
