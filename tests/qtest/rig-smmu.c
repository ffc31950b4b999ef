/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */

#include "rig-smmu.h"

#include "teeio/tdisp.h"

#define QUEUE_ENTRIES (1u << RIG_QUEUE_LOG2)
#define POINTER_MASK  (2 * QUEUE_ENTRIES - 1)
#define INPUT_BITS    39u
#define POLL_US       200

static void tables_read(void *opaque, uint64_t gpa, void *buf, size_t len)
{
    struct rig *rig = opaque;

    teeio_qtest_memread(rig->qtest, gpa, buf, len);
}

static void tables_write(void *opaque, uint64_t gpa, const void *buf,
                         size_t len)
{
    struct rig *rig = opaque;

    teeio_qtest_memwrite(rig->qtest, gpa, buf, len);
}

static void set(struct rig_smmu *smmu, uint64_t offset, uint32_t value)
{
    teeio_qtest_writel(smmu->rig->qtest, smmu->base + offset, value);
}

static void set64(struct rig_smmu *smmu, uint64_t offset, uint64_t value)
{
    teeio_qtest_writeq(smmu->rig->qtest, smmu->base + offset, value);
}

static uint32_t get(struct rig_smmu *smmu, uint64_t offset)
{
    return teeio_qtest_readl(smmu->rig->qtest, smmu->base + offset);
}

static void set_up(struct rig_smmu *smmu)
{
    g_assert_true(teeio_tables_streams_init(&smmu->streams, &smmu->tables,
                                            RIG_STREAM_LOG2, 6));
    set(smmu, TEEIO_SMMUV3_REG_CR2, TEEIO_CR2_RECINVSID);
    set64(smmu, TEEIO_SMMUV3_REG_STRTAB_BASE,
          teeio_tables_streams_base(&smmu->streams));
    set(smmu, TEEIO_SMMUV3_REG_STRTAB_BASE_CFG,
        teeio_tables_streams_cfg(&smmu->streams));
    set64(smmu, TEEIO_SMMUV3_REG_CMDQ_BASE, smmu->cmdq | RIG_QUEUE_LOG2);
    set64(smmu, TEEIO_SMMUV3_REG_EVENTQ_BASE, smmu->eventq | RIG_QUEUE_LOG2);
    set(smmu, TEEIO_SMMUV3_REG_IRQ_CTRL,
        TEEIO_IRQ_CTRL_GERROR | TEEIO_IRQ_CTRL_EVENTQ);
    set(smmu, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_CMDQEN | TEEIO_CR0_EVENTQEN);
}

void rig_smmu_init(struct rig_smmu *smmu, struct rig *rig)
{
    *smmu = (struct rig_smmu){
        .rig = rig,
        .base = RIG_SMMU,
        .cmdq = RIG_CMDQ,
        .eventq = RIG_EVENTQ,
        .tables =
            {
                .opaque = rig,
                .read = tables_read,
                .write = tables_write,
                .next = RIG_TABLES,
                .end = RIG_TABLES + RIG_TABLES_SIZE,
            },
    };
    set_up(smmu);
}

void rig_realm_init(struct rig_smmu *smmu, struct rig *rig)
{
    uint64_t queues = RIG_REALM_MEMORY + RIG_REALM_SIZE / 2;

    *smmu = (struct rig_smmu){
        .rig = rig,
        .base = RIG_REALM,
        .cmdq = queues,
        .eventq = queues + 0x10000,
        .tables =
            {
                .opaque = rig,
                .read = tables_read,
                .write = tables_write,
                .next = RIG_REALM_MEMORY,
                .end = queues,
            },
    };
    g_assert_cmphex(
        rig_own(rig, TEEIO_TSM_CMD_UNSHARE, RIG_REALM_MEMORY, RIG_REALM_SIZE),
        ==, TEEIO_TDISP_OK);
    set_up(smmu);
}

void rig_smmu_enable(struct rig_smmu *smmu)
{
    rig_sync(smmu);
    set(smmu, TEEIO_SMMUV3_REG_CR0,
        TEEIO_CR0_SMMUEN | TEEIO_CR0_CMDQEN | TEEIO_CR0_EVENTQEN);
    g_assert_cmphex(get(smmu, TEEIO_SMMUV3_REG_CR0ACK) & TEEIO_CR0_SMMUEN, !=,
                    0);
}

void rig_smmu_private(struct rig_smmu *smmu)
{
    g_assert_cmphex(
        rig_own(smmu->rig, TEEIO_TSM_CMD_UNSHARE, RIG_TABLES, RIG_TABLES_SIZE),
        ==, TEEIO_TDISP_OK);
}

void rig_domain_init(struct rig_domain *domain, struct rig_smmu *smmu)
{
    g_assert_true(
        teeio_tables_space_init(&domain->space, &smmu->tables, INPUT_BITS));
    domain->cd =
        teeio_tables_put_cd(&smmu->tables, teeio_tables_cd(&domain->space));
    g_assert_cmphex(domain->cd, !=, 0);
}

void rig_map(struct rig_domain *domain, uint64_t iova, uint64_t gpa,
             uint64_t attributes)
{
    g_assert_true(teeio_tables_map(&domain->space, iova, gpa, 3, attributes));
}

void rig_attach(struct rig_smmu *smmu, uint32_t sid,
                const struct rig_domain *domain)
{
    rig_set_ste(smmu, sid, teeio_tables_ste_stage1(domain->cd));
}

void rig_set_ste(struct rig_smmu *smmu, uint32_t sid,
                 struct teeio_tables_ste ste)
{
    g_assert_true(teeio_tables_set_ste(&smmu->streams, sid, ste));
}

void rig_command(struct rig_smmu *smmu, uint64_t dw0, uint64_t dw1)
{
    uint64_t entry = smmu->cmdq + smmu->prod % QUEUE_ENTRIES *
                                      sizeof(struct teeio_smmuv3_command);
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;

    teeio_qtest_writeq(smmu->rig->qtest, entry, dw0);
    teeio_qtest_writeq(smmu->rig->qtest, entry + 8, dw1);
    smmu->prod = (smmu->prod + 1) & POINTER_MASK;
    set(smmu, TEEIO_SMMUV3_REG_CMDQ_PROD, smmu->prod);
    while (get(smmu, TEEIO_SMMUV3_REG_CMDQ_CONS) != smmu->prod) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(POLL_US);
    }
}

void rig_sync(struct rig_smmu *smmu)
{
    rig_command(smmu, TEEIO_CMD_CFGI_STE_RANGE, TEEIO_CFGI_RANGE_ALL);
    rig_command(smmu, TEEIO_CMD_TLBI_NSNH_ALL, 0);
    rig_command(smmu, TEEIO_CMD_SYNC, 0);
}

bool rig_event(struct rig_smmu *smmu, struct teeio_smmuv3_event *event)
{
    uint64_t entry = smmu->eventq + smmu->cons % QUEUE_ENTRIES * sizeof(*event);
    uint32_t prod = get(smmu, TEEIO_SMMUV3_REG_EVENTQ_PROD);

    if ((prod & POINTER_MASK) == smmu->cons) {
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(event->dw); i++) {
        event->dw[i] = teeio_qtest_readq(smmu->rig->qtest, entry + 8 * i);
    }
    smmu->cons = (smmu->cons + 1) & POINTER_MASK;
    set(smmu, TEEIO_SMMUV3_REG_EVENTQ_CONS,
        smmu->cons | (prod & TEEIO_QUEUE_OVERFLOW));
    return true;
}
