/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What T=0 and T=1 mean under each T policy: the question that the project was
 * started for.
 */

#include <inttypes.h>

#include "rig-smmu.h"
#include "teeio/tdisp.h"

#define PAGE 0x1000u
#define A    RIG_DATA
#define X    (RIG_DATA + 0x10 * PAGE) /* an IOVA that is a GPA too */
#define IN_A 0xaa
#define IN_X 0x55
#define T1   TEEIO_TDI_DESC_T

#define DEVICES(policy) \
    RIG_SMMU_ARGS ",t-policy=" policy " " RIG_TSM_ARGS " " RIG_TDI_ARGS

/* Stage 1 says X -> A; both pages are shared, the tables are private. */
static struct rig *start(const char *args, struct rig_smmu *smmu,
                         struct rig_domain *domain)
{
    struct rig *rig = rig_start(NULL, args);

    rig_smmu_init(smmu, rig);
    rig_domain_init(domain, smmu);
    rig_map(domain, X, A, TEEIO_TABLES_RW);
    rig_attach(smmu, RIG_TDI, domain);
    rig_smmu_private(smmu);
    teeio_qtest_memset(rig->qtest, A, IN_A, PAGE);
    teeio_qtest_memset(rig->qtest, X, IN_X, PAGE);
    /* LOCK freezes the BAR of the vector table, so place it first. */
    teeio_qpci_msix_enable(&rig->tdi);
    rig_run(rig);
    return rig;
}

static struct rig *start_enabled(const char *args, struct rig_smmu *smmu,
                                 struct rig_domain *domain)
{
    struct rig *rig = start(args, smmu, domain);

    rig_smmu_enable(smmu);
    return rig;
}

static bool refused(struct rig *rig, uint64_t address, uint32_t flags)
{
    uint32_t checksum;

    return rig_checksum(rig, address, 64, flags, &checksum) ==
               TEEIO_TDI_STATUS_REFUSED &&
           checksum == rig_uniform_crc(0xff, 64);
}

static void no_event(struct rig_smmu *smmu)
{
    struct teeio_smmuv3_event event;

    g_assert_false(rig_event(smmu, &event));
}

static void expect_event(struct rig_smmu *smmu, unsigned type)
{
    struct teeio_smmuv3_event event;

    g_assert_true(rig_event(smmu, &event));
    g_assert_cmphex(event.dw[0], ==, type | (uint64_t)RIG_TDI << 32);
    no_event(smmu);
}

/* S0-1 */
static void test_flip_unified(void)
{
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start_enabled(DEVICES("unified"), &smmu, &domain);

    g_assert_true(rig_reads(rig, X, IN_A, 64, T1));
    g_assert_true(rig_reads(rig, X, IN_A, 64, 0));
    no_event(&smmu);
    rig_stop(rig);
}

static void test_flip_arm_split(void)
{
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start_enabled(DEVICES("arm-split"), &smmu, &domain);

    g_assert_true(rig_reads(rig, X, IN_A, 64, T1));
    g_assert_true(rig_reads(rig, X, IN_X, 64, 0));
    /* The stream's own fault is invisible to T=0, too. */
    g_assert_true(refused(rig, A, T1));
    expect_event(&smmu, TEEIO_EVT_F_TRANSLATION);
    g_assert_true(rig_reads(rig, A, IN_A, 64, 0));
    no_event(&smmu);
    rig_stop(rig);
}

static void test_flip_t0_blocked(void)
{
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start_enabled(DEVICES("t0-blocked"), &smmu, &domain);

    g_assert_true(rig_reads(rig, X, IN_A, 64, T1));
    g_assert_true(refused(rig, X, 0));
    rig_fill(rig, X, 64, 0, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, IN_A, 64));
    g_assert_true(teeio_qtest_uniform(rig->qtest, X, IN_X, 64));
    no_event(&smmu);
    rig_stop(rig);
}

/* The other way round: T=0 is the guest's, T=1 sees addresses as they are. */
static void test_flip_tdx_split(void)
{
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start_enabled(DEVICES("tdx-split"), &smmu, &domain);

    g_assert_cmphex(
        rig_own(rig, TEEIO_TSM_CMD_SHARE, RIG_TABLES, RIG_TABLES_SIZE), ==,
        TEEIO_TDISP_OK);
    g_assert_true(rig_reads(rig, X, IN_A, 64, 0));
    g_assert_true(rig_reads(rig, X, IN_X, 64, T1));
    g_assert_true(refused(rig, A, 0));
    expect_event(&smmu, TEEIO_EVT_F_TRANSLATION);
    g_assert_true(rig_reads(rig, A, IN_A, 64, T1));
    no_event(&smmu);
    rig_stop(rig);
}

/* The host's IOMMU cannot read what belongs to the guest. */
static void test_host_walk(void)
{
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start_enabled(DEVICES("tdx-split"), &smmu, &domain);
    const struct {
        uint64_t table;
        unsigned type;
    } rows[] = {
        {teeio_tables_slot(&domain.space, X, 3), TEEIO_EVT_F_WALK_EABT},
        {domain.space.root, TEEIO_EVT_F_WALK_EABT},
        {domain.cd, TEEIO_EVT_F_CD_FETCH},
        {teeio_tables_ste_slot(&smmu.streams, RIG_TDI), TEEIO_EVT_F_STE_FETCH},
    };

    g_assert_cmphex(
        rig_own(rig, TEEIO_TSM_CMD_SHARE, RIG_TABLES, RIG_TABLES_SIZE), ==,
        TEEIO_TDISP_OK);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t page = rows[i].table & ~(uint64_t)(PAGE - 1);

        g_assert_true(rig_reads(rig, X, IN_A, 64, 0));
        g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, page, PAGE), ==,
                        TEEIO_TDISP_OK);
        g_assert_true(refused(rig, X, 0));
        expect_event(&smmu, rows[i].type);
        g_assert_true(rig_reads(rig, X, IN_X, 64, T1));
        no_event(&smmu);
        g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_SHARE, page, PAGE), ==,
                        TEEIO_TDISP_OK);
    }
    rig_stop(rig);
}

#define C_BIT (1ull << 47)

/* One stage 1 for T=1, whose addresses say which kind of page they mean. */
static void test_amd_stage1(void)
{
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start_enabled(DEVICES("amd-single"), &smmu, &domain);
    uint64_t slot = teeio_tables_slot(&domain.space, X, 3);
    uint64_t leaf;

    /* A is shared, as X -> A says; T=0 sees no stage 1. */
    g_assert_true(rig_reads(rig, X, IN_A, 64, T1));
    g_assert_true(rig_reads(rig, X, IN_X, 64, 0));
    g_assert_true(refused(rig, C_BIT | X, 0));
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, A, PAGE), ==,
                    TEEIO_TDISP_OK);
    g_assert_true(refused(rig, X, T1));
    g_assert_true(refused(rig, A, 0));

    g_assert_cmphex(
        rig_own(rig, TEEIO_TSM_CMD_SHARE, RIG_TABLES, RIG_TABLES_SIZE), ==,
        TEEIO_TDISP_OK);
    leaf = teeio_tables_get(&smmu.tables, slot);
    teeio_tables_put(&smmu.tables, slot, leaf | C_BIT);
    rig_smmu_private(&smmu);
    rig_sync(&smmu);
    g_assert_true(rig_reads(rig, X, IN_A, 64, T1));
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_SHARE, A, PAGE), ==,
                    TEEIO_TDISP_OK);
    g_assert_true(refused(rig, X, T1));
    no_event(&smmu);
    rig_stop(rig);
}

/* Without stage 1, vTOM says it. */
static void test_amd_vtom(void)
{
    g_autofree char *args =
        g_strdup_printf("%s,t-policy=amd-single,vtom=0x%" PRIx64
                        " " RIG_TSM_ARGS " " RIG_TDI_ARGS,
                        RIG_SMMU_ARGS, (uint64_t)X);
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start(args, &smmu, &domain);

    /* Both are shared; X is the first page that may be. */
    g_assert_true(rig_reads(rig, X, IN_X, 64, T1));
    g_assert_true(refused(rig, A, T1));
    g_assert_true(rig_reads(rig, A, IN_A, 64, 0));
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, A, 0x11 * PAGE), ==,
                    TEEIO_TDISP_OK);
    g_assert_true(rig_reads(rig, A, IN_A, 64, T1));
    g_assert_true(refused(rig, X, T1));
    rig_stop(rig);
}

static void test_disabled(gconstpointer opaque)
{
    bool blocked = GPOINTER_TO_INT(opaque);
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start(
        blocked ? DEVICES("t0-blocked") : DEVICES("arm-split"), &smmu, &domain);

    g_assert_true(rig_reads(rig, X, IN_X, 64, T1));
    if (blocked) {
        g_assert_true(refused(rig, X, 0));
    } else {
        g_assert_true(rig_reads(rig, X, IN_X, 64, 0));
    }
    rig_stop(rig);
}

/* S0-2: T=0 may use trusted tables, T=1 must not use others. */
static void check_shared_table(struct rig *rig, struct rig_smmu *smmu,
                               uint64_t table, unsigned type)
{
    uint64_t page = table & ~(uint64_t)(PAGE - 1);

    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_SHARE, page, PAGE), ==,
                    TEEIO_TDISP_OK);
    g_assert_true(refused(rig, X, T1));
    expect_event(smmu, type);
    g_assert_true(rig_reads(rig, X, IN_A, 64, 0));
    no_event(smmu);
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, page, PAGE), ==,
                    TEEIO_TDISP_OK);
    g_assert_true(rig_reads(rig, X, IN_A, 64, T1));
}

static void test_trusted_walk(void)
{
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start_enabled(DEVICES("unified"), &smmu, &domain);

    g_assert_true(rig_reads(rig, X, IN_A, 64, 0));
    check_shared_table(rig, &smmu, teeio_tables_slot(&domain.space, X, 3),
                       TEEIO_EVT_F_WALK_EABT);
    check_shared_table(rig, &smmu, domain.space.root, TEEIO_EVT_F_WALK_EABT);
    check_shared_table(rig, &smmu, domain.cd, TEEIO_EVT_F_CD_FETCH);
    check_shared_table(rig, &smmu,
                       teeio_tables_ste_slot(&smmu.streams, RIG_TDI),
                       TEEIO_EVT_F_STE_FETCH);
    check_shared_table(rig, &smmu, smmu.streams.base, TEEIO_EVT_F_STE_FETCH);
    rig_stop(rig);
}

/* S0-3 */
static void test_private_target(void)
{
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start_enabled(DEVICES("unified"), &smmu, &domain);

    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, A, PAGE), ==,
                    TEEIO_TDISP_OK);
    rig_fill(rig, X, 64, 0, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, IN_A, PAGE));
    g_assert_true(refused(rig, X, 0));
    g_assert_true(rig_reads(rig, X, IN_A, 64, T1));
    g_assert_cmpint(rig_counter(rig, "tdi", "refused"), ==, 2);
    no_event(&smmu);
    rig_stop(rig);
}

/* Interrupts of a TDI in RUN are trusted, and translated as such. */
static void test_msi(void)
{
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start_enabled(DEVICES("t0-blocked"), &smmu, &domain);

    teeio_qpci_msix_program(&rig->tdi, 0, X, 0x01020304);
    teeio_qtest_writel(rig->qtest, rig->tdi.bar[0] + TEEIO_TDI_REG_INT_ENABLE,
                       TEEIO_TDI_INT_DONE);
    rig_fill(rig, X + 8, 8, 0, T1 | TEEIO_TDI_DESC_IRQ);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, A), ==, 0x01020304);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, X), ==, 0x55555555);

    rig_tsm(rig, TEEIO_TSM_CMD_STOP, RIG_TDI);
    teeio_qtest_writel(rig->qtest, A, 0);
    rig_fill(rig, X + 8, 8, 0, TEEIO_TDI_DESC_IRQ);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, A), ==, 0);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, X), ==, 0x55555555);
    rig_stop(rig);
}

struct ring_entry {
    uint32_t control;
    uint32_t length;
    uint64_t source;
    uint64_t dest;
    uint64_t pattern;
    uint64_t rest[4];
};
G_STATIC_ASSERT(sizeof(struct ring_entry) == TEEIO_TDI_DESC_SIZE);

/* Fill a whole ring with alternating T and let it run. */
static void interleave_once(struct rig *rig, uint32_t *tail)
{
    struct ring_entry ring[TEEIO_TDI_RING_ENTRIES] = {0};
    uint64_t bar = rig->tdi.bar[0];

    for (unsigned i = 0; i < TEEIO_TDI_RING_ENTRIES; i++) {
        ring[i].control = TEEIO_TDI_OP_FILL | (i % 2 ? T1 : 0);
        ring[i].length = 8;
        ring[i].dest = X + 8 * i;
        ring[i].pattern = i % 2 ? 0x1111111111111111 : 0x2222222222222222;
    }
    teeio_qtest_memwrite(rig->qtest, bar + TEEIO_TDI_RING_OFFSET, ring,
                         sizeof(ring));
    *tail ^= TEEIO_TDI_RING_WRAP;
    teeio_qtest_writel(rig->qtest, bar + TEEIO_TDI_REG_TAIL, *tail);
    while (teeio_qtest_readl(rig->qtest, bar + TEEIO_TDI_REG_HEAD) != *tail) {
        g_usleep(100);
    }
}

/* S0-11: each request takes its own way, whatever went before it. */
static void test_interleave(void)
{
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start_enabled(DEVICES("arm-split"), &smmu, &domain);
    const unsigned rounds = 10048 / TEEIO_TDI_RING_ENTRIES;
    uint8_t in_a[TEEIO_TDI_RING_ENTRIES * 8];
    uint8_t in_x[sizeof(in_a)];
    uint32_t tail = 0;

    for (unsigned round = 0; round < rounds; round++) {
        teeio_qtest_memset(rig->qtest, A, IN_A, sizeof(in_a));
        teeio_qtest_memset(rig->qtest, X, IN_X, sizeof(in_x));
        interleave_once(rig, &tail);
        teeio_qtest_memread(rig->qtest, A, in_a, sizeof(in_a));
        teeio_qtest_memread(rig->qtest, X, in_x, sizeof(in_x));
        for (unsigned i = 0; i < sizeof(in_a); i++) {
            bool t = i / 8 % 2;

            g_assert_cmphex(in_a[i], ==, t ? 0x11 : IN_A);
            g_assert_cmphex(in_x[i], ==, t ? IN_X : 0x22);
        }
    }
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t0"), ==, 10048 / 2);
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t1"), ==, 10048 / 2);
    no_event(&smmu);
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/t-policy/flip/unified", test_flip_unified);
    g_test_add_func("/t-policy/flip/arm-split", test_flip_arm_split);
    g_test_add_func("/t-policy/flip/t0-blocked", test_flip_t0_blocked);
    g_test_add_func("/t-policy/flip/tdx-split", test_flip_tdx_split);
    g_test_add_func("/t-policy/host-walk", test_host_walk);
    g_test_add_func("/t-policy/amd-single/stage1", test_amd_stage1);
    g_test_add_func("/t-policy/amd-single/vtom", test_amd_vtom);
    g_test_add_data_func("/t-policy/disabled/t0-blocked", GINT_TO_POINTER(true),
                         test_disabled);
    g_test_add_data_func("/t-policy/disabled/arm-split", GINT_TO_POINTER(false),
                         test_disabled);
    g_test_add_func("/t-policy/trusted-walk", test_trusted_walk);
    g_test_add_func("/t-policy/private-target", test_private_target);
    g_test_add_func("/t-policy/msi", test_msi);
    g_test_add_func("/t-policy/interleave", test_interleave);
    return g_test_run();
}
