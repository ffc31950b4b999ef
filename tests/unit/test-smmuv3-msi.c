/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "smmu-rig.h"

#define TARGET 0x40040010ull
#define DATA   0x89abcdefu

static void setup(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_init(rig, TEEIO_T_UNIFIED, 8);
}

static void teardown(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(rig);
}

static void configure(struct smmu_rig *rig, uint64_t cfg0, uint64_t target)
{
    smmu_rig_set64(rig, cfg0, target);
    smmu_rig_set(rig, cfg0 + 8, DATA);
    smmu_rig_set(rig, cfg0 + 12, 0x3f);
}

static uint64_t written(struct smmu_rig *rig)
{
    return teeio_tables_get(&rig->tables, TARGET);
}

static uint64_t gerror(struct smmu_rig *rig)
{
    return smmu_rig_get(rig, TEEIO_SMMUV3_REG_GERROR);
}

static void sync(struct smmu_rig *rig, uint64_t target)
{
    uint64_t prod = smmu_rig_get(rig, TEEIO_SMMUV3_REG_CMDQ_PROD);
    uint64_t at = RIG_CMDQ + prod % 16 * 16;

    smmu_rig_put(rig, at, 0x46 | 1 << 12 | (uint64_t)DATA << 32);
    smmu_rig_put(rig, at + 8, target);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, (prod + 1) % 32);
    teeio_smmuv3_step(rig->smmu);
}

static void test_event(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    configure(rig, TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG0, TARGET);
    smmu_rig_enable(rig, 4);
    smmu_rig_put(rig, TARGET, UINT64_MAX);
    smmu_rig_read(rig, RIG_UNMAPPED);
    g_assert_cmphex(written(rig), ==, 0xffffffff00000000 | DATA);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_EVENTQ], ==, 0);
    /* Not again while the queue is not empty. */
    smmu_rig_put(rig, TARGET, 0);
    smmu_rig_read(rig, RIG_UNMAPPED);
    g_assert_cmphex(written(rig), ==, 0);
}

static void test_event_disabled(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    configure(rig, TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG0, TARGET);
    smmu_rig_enable(rig, 4);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_IRQ_CTRL, 0);
    smmu_rig_read(rig, RIG_UNMAPPED);
    g_assert_cmphex(written(rig), ==, 0);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_EVENTQ], ==, 0);
}

static void test_event_abort(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    configure(rig, TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG0, 0x1000);
    smmu_rig_enable(rig, 4);
    smmu_rig_read(rig, RIG_UNMAPPED);
    g_assert_cmphex(gerror(rig), ==, TEEIO_GERROR_MSI_EVENTQ_ABT_ERR);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_GERROR], ==, 1);
    /* The record itself is there. */
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_EVENTQ_PROD), ==, 1);
    smmu_rig_read(rig, RIG_UNMAPPED);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_EVENTQ_PROD), ==, 2);
    /* Acknowledged, the next one toggles back. */
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_GERRORN, gerror(rig));
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_EVENTQ_CONS, 2);
    smmu_rig_read(rig, RIG_UNMAPPED);
    g_assert_cmphex(gerror(rig), ==, 0);
}

static void test_gerror(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    configure(rig, TEEIO_SMMUV3_REG_GERROR_IRQ_CFG0, TARGET);
    smmu_rig_enable(rig, 4);
    rig->fake.fail_page = RIG_EVENTQ;
    smmu_rig_read(rig, RIG_UNMAPPED);
    g_assert_cmphex(gerror(rig), ==, TEEIO_GERROR_EVENTQ_ABT_ERR);
    g_assert_cmphex(written(rig), ==, DATA);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_GERROR], ==, 0);
}

/* The message about a lost message is not sent: it would be lost too. */
static void test_gerror_abort(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    configure(rig, TEEIO_SMMUV3_REG_GERROR_IRQ_CFG0, 0x1000);
    smmu_rig_enable(rig, 4);
    rig->fake.fail_page = RIG_EVENTQ;
    smmu_rig_read(rig, RIG_UNMAPPED);
    g_assert_cmphex(gerror(rig), ==,
                    TEEIO_GERROR_EVENTQ_ABT_ERR |
                        TEEIO_GERROR_MSI_GERROR_ABT_ERR);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_GERROR], ==, 0);
}

static void test_sync(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_enable(rig, 4);
    sync(rig, TARGET);
    g_assert_cmphex(written(rig), ==, DATA);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_CMDQ_SYNC], ==, 0);
    /* To shared memory as well as to private. */
    smmu_rig_put(rig, TARGET, 0);
    smmu_rig_share(rig, TARGET);
    sync(rig, TARGET);
    g_assert_cmphex(written(rig), ==, DATA);
}

static void test_sync_abort(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_enable(rig, 4);
    sync(rig, 0x1000);
    g_assert_cmphex(gerror(rig), ==, TEEIO_GERROR_MSI_CMDQ_ABT_ERR);
    /* The command itself is complete. */
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_CMDQ_CONS), ==, 1);
    /* An address beyond the OAS is cut, though it is not zero. */
    sync(rig, 0x0008000000000000);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_CMDQ_SYNC], ==, 0);
    sync(rig, 0x0008000000000000 | TARGET);
    g_assert_cmphex(written(rig), ==, DATA);
}

#define ADD(name)                                                  \
    g_test_add("/smmuv3-msi/" #name, struct smmu_rig, NULL, setup, \
               test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(event);
    ADD(event_disabled);
    ADD(event_abort);
    ADD(gerror);
    ADD(gerror_abort);
    ADD(sync);
    ADD(sync_abort);
    return g_test_run();
}
