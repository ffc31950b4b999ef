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

void smmuv3_trace(const struct smmuv3_interface *iface,
                  struct teeio_event *event)
{
    event->source = iface->source;
    if (iface->smmu->host->trace) {
        iface->smmu->host->trace(iface->smmu->host->opaque, event);
    }
}

static void look_up(struct smmuv3_interface *iface, const struct teeio_tlp *tlp,
                    struct teeio_translation *answer)
{
    struct smmuv3_stall *stall = NULL;

    smmuv3_iotlb_refresh(iface->smmu);
    if (smmuv3_recall_checked(iface, tlp, answer)) {
        if (iface->disabled) {
            smmuv3_off(iface, tlp, answer);
        }
        return;
    }
    smmuv3_answer(iface, tlp, answer);
    iface->smmu->stats.translations++;
    if (iface->disabled) {
        smmuv3_off(iface, tlp, answer);
    }
    if (answer->verdict == TEEIO_VERDICT_STALLED) {
        stall = smmuv3_stall(iface, tlp, answer);
    }
    if (stall || answer->verdict == TEEIO_VERDICT_FAULT) {
        iface->smmu->stats.faults++;
        smmuv3_report(iface, tlp, answer, stall);
    }
}

static void translate(struct teeio_iommu *iommu, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer)
{
    struct teeio_smmuv3 *smmu = (struct teeio_smmuv3 *)iommu;

    if (!teeio_smmuv3_recall(smmu, tlp, answer)) {
        look_up(smmu->by_t[tlp->t], tlp, answer);
    }
}

void smmuv3_connect(struct smmuv3_interface *iface, struct teeio_smmuv3 *smmu,
                    const char *source, const struct teeio_reg *table)
{
    iface->smmu = smmu;
    iface->source = source;
    iface->regs.table = table;
    iface->regs.count = REGS;
    iface->regs.values = iface->values;
    teeio_regs_reset(&iface->regs);
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
    smmu->rules[0] = teeio_t_policy_rule(policy, false);
    smmu->rules[1] = teeio_t_policy_rule(policy, true);
    smmu->claims.c_bit = TEEIO_SMMUV3_C_BIT;
    smmu->claims.vtom = UINT64_C(1) << TEEIO_SMMUV3_C_BIT;
    smmu->by_t[0] = &smmu->interfaces[SMMUV3_NON_SECURE];
    smmu->by_t[1] = &smmu->interfaces[SMMUV3_NON_SECURE];
    smmu->count = 1;
    smmuv3_connect(smmu->by_t[0], smmu, "smmuv3", smmuv3_registers);
    return smmu;
}

void teeio_smmuv3_free(struct teeio_smmuv3 *smmu)
{
    if (!smmu) {
        return;
    }
    for (unsigned i = 0; i < smmu->count; i++) {
        teeio_iotlb_free(smmu->interfaces[i].iotlb);
        teeio_disabled_free(smmu->interfaces[i].disabled);
    }
    free(smmu);
}

static void reset(struct smmuv3_interface *iface)
{
    teeio_regs_reset(&iface->regs);
    memset(iface->stalls, 0, sizeof(iface->stalls));
    iface->atc_failed = false;
    smmuv3_iotlb_forget(iface);
    if (iface->disabled) {
        teeio_disabled_forget(iface->disabled, TEEIO_DISABLED_UNTIL_RESET);
    }
}

void teeio_smmuv3_reset(struct teeio_smmuv3 *smmu)
{
    struct teeio_event event = {.kind = TEEIO_EVENT_RESET};

    memset(&smmu->stats, 0, sizeof(smmu->stats));
    atomic_store(&smmu->iotlb_hits, 0);
    for (unsigned i = 0; i < smmu->count; i++) {
        reset(&smmu->interfaces[i]);
    }
    smmuv3_trace(&smmu->interfaces[SMMUV3_NON_SECURE], &event);
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

bool teeio_smmuv3_set_claims(struct teeio_smmuv3 *smmu,
                             const struct teeio_t_claims *claims)
{
    if (claims->c_bit < TEEIO_SMMUV3_C_BIT_MIN ||
        claims->c_bit > TEEIO_SMMUV3_C_BIT || claims->vtom % TEEIO_PAGE_SIZE) {
        return false;
    }
    smmu->claims = *claims;
    return true;
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

uint64_t smmuv3_read(const struct smmuv3_interface *iface, uint64_t offset,
                     unsigned size)
{
    return teeio_regs_read(&iface->regs, home(offset), size);
}

uint64_t teeio_smmuv3_read(struct teeio_smmuv3 *smmu, uint64_t offset,
                           unsigned size)
{
    return smmuv3_read(smmu->by_t[0], offset, size);
}

static void wake_cmdq(struct smmuv3_interface *iface)
{
    if (smmuv3_cmdq_has_work(iface)) {
        iface->smmu->host->wake(iface->smmu->host->opaque);
    }
}

static void write_cr0(struct smmuv3_interface *iface, uint64_t before)
{
    uint64_t now = iface->values[REG_CR0];
    struct teeio_event event = {
        .kind = TEEIO_EVENT_ENABLE,
        .u.enabled = now & TEEIO_CR0_SMMUEN,
    };

    iface->values[REG_CR0ACK] = now;
    smmuv3_iotlb_update(iface->smmu);
    if ((before ^ now) & TEEIO_CR0_SMMUEN) {
        smmuv3_trace(iface, &event);
        if (iface->disabled) {
            teeio_disabled_forget(iface->disabled, TEEIO_DISABLED_UNTIL_POWER);
        }
    }
    if (!(now & TEEIO_CR0_SMMUEN)) {
        /* IHI 0070 6.3.9.6: nothing stays stalled in a disabled SMMU. */
        smmuv3_stall_abort_all(iface);
    }
    smmuv3_stall_retry(iface);
    wake_cmdq(iface);
}

static void run_hook(struct smmuv3_interface *iface, enum smmuv3_hook hook,
                     uint64_t before)
{
    switch (hook) {
    case HOOK_NONE:
        break;
    case HOOK_CR0:
        write_cr0(iface, before);
        break;
    case HOOK_GBPA:
        if (!(iface->values[REG_GBPA] & TEEIO_GBPA_UPDATE)) {
            iface->values[REG_GBPA] = before;
        }
        iface->values[REG_GBPA] &= ~TEEIO_GBPA_UPDATE;
        break;
    case HOOK_IRQ_CTRL:
        iface->values[REG_IRQ_CTRLACK] = iface->values[REG_IRQ_CTRL];
        break;
    case HOOK_CMDQ:
        wake_cmdq(iface);
        break;
    case HOOK_EVENTQ:
        smmuv3_stall_retry(iface);
        break;
    case HOOK_GERRORN:
        smmuv3_stall_retry(iface);
        wake_cmdq(iface);
        break;
    }
}

void smmuv3_write(struct smmuv3_interface *iface, uint64_t offset,
                  uint64_t value, unsigned size)
{
    const struct teeio_reg *row =
        teeio_regs_find(&iface->regs, home(offset), size);
    uint64_t before;
    unsigned hook;
    size_t reg;

    if (!row) {
        return;
    }
    reg = row - iface->regs.table;
    before = iface->values[reg];
    hook = teeio_regs_write(&iface->regs, home(offset), value, size, &row);
    for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
        const struct guard *guard = &guards[i];

        if (guard->reg == reg &&
            iface->values[guard->control] & guard->enable) {
            iface->values[reg] =
                (iface->values[reg] & ~guard->mask) | (before & guard->mask);
        }
    }
    run_hook(iface, hook, before);
}

void teeio_smmuv3_write(struct teeio_smmuv3 *smmu, uint64_t offset,
                        uint64_t value, unsigned size)
{
    smmuv3_write(smmu->by_t[0], offset, value, size);
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
