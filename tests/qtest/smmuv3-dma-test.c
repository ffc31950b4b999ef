/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * DMA through the SMMU that works: where it lands, for our device and for a
 * stock one.
 */

#include "rig-smmu.h"

#define PAGE 0x1000u
#define A    RIG_DATA
#define B    (RIG_DATA + 5 * PAGE)
#define IOVA 0x62345000ull

#define TDI  RIG_SMMU_ARGS " " RIG_TDI_ARGS
#define BOTH TDI " " RIG_EDU_ARGS

static struct rig *start(const char *args, struct rig_smmu *smmu)
{
    struct rig *rig = rig_start(NULL, args);

    rig_smmu_init(smmu, rig);
    return rig;
}

static void no_event(struct rig_smmu *smmu)
{
    struct teeio_smmuv3_event event;

    g_assert_false(rig_event(smmu, &event));
    g_assert_cmpint(rig_counter(smmu->rig, "smmu", "faults"), ==, 0);
}

static void test_disabled(void)
{
    struct rig_smmu smmu;
    struct rig *rig = start(TDI, &smmu);

    g_assert_cmpuint(rig_fill(rig, A, PAGE, 0x11, 0), ==, TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x11, PAGE));
    no_event(&smmu);
    rig_stop(rig);
}

static void test_gbpa_abort(void)
{
    struct rig_smmu smmu;
    struct rig *rig = start(TDI, &smmu);
    uint32_t checksum;

    teeio_qtest_writel(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_GBPA,
                       TEEIO_GBPA_UPDATE | TEEIO_GBPA_ABORT);
    rig_fill(rig, A, PAGE, 0x11, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0, PAGE));
    g_assert_cmpuint(rig_checksum(rig, A, 16, 0, &checksum), ==,
                     TEEIO_TDI_STATUS_REFUSED);
    g_assert_cmphex(checksum, ==, rig_uniform_crc(0xff, 16));
    no_event(&smmu);
    rig_stop(rig);
}

static void test_bypass(void)
{
    struct rig_smmu smmu;
    struct rig *rig = start(TDI, &smmu);

    rig_set_ste(&smmu, RIG_TDI, teeio_tables_ste_bypass());
    rig_smmu_enable(&smmu);
    rig_fill(rig, A, PAGE, 0x11, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x11, PAGE));
    no_event(&smmu);
    rig_stop(rig);
}

static void test_abort(void)
{
    struct rig_smmu smmu;
    struct rig *rig = start(TDI, &smmu);
    uint32_t checksum;

    rig_set_ste(&smmu, RIG_TDI, teeio_tables_ste_abort());
    rig_smmu_enable(&smmu);
    rig_fill(rig, A, PAGE, 0x11, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0, PAGE));
    g_assert_cmpuint(rig_checksum(rig, A, 16, 0, &checksum), ==,
                     TEEIO_TDI_STATUS_REFUSED);
    g_assert_cmphex(checksum, ==, rig_uniform_crc(0xff, 16));
    no_event(&smmu);
    rig_stop(rig);
}

static void test_stage1(void)
{
    struct rig_smmu smmu;
    struct rig_domain domain;
    struct rig *rig = start(TDI, &smmu);
    struct rig_dma copy = {
        .control = TEEIO_TDI_OP_COPY,
        .length = 0x100,
        .source = IOVA + PAGE - 0x80,
        .dest = IOVA + 0x200,
    };

    rig_domain_init(&domain, &smmu);
    rig_map(&domain, IOVA, B, TEEIO_TABLES_RW);
    rig_map(&domain, IOVA + PAGE, A, TEEIO_TABLES_RW);
    rig_attach(&smmu, RIG_TDI, &domain);
    rig_smmu_enable(&smmu);

    /* Two pages that are neighbours for the device and nobody else. */
    rig_fill(rig, IOVA + PAGE - 8, 16, 0x77, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, B + PAGE - 8, 0x77, 8));
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x77, 8));
    g_assert_true(teeio_qtest_uniform(rig->qtest, A + 8, 0, PAGE));
    g_assert_true(teeio_qtest_uniform(rig->qtest, B + PAGE, 0, 8));
    g_assert_true(rig_reads(rig, IOVA + PAGE - 8, 0x77, 16, 0));

    teeio_qtest_memset(rig->qtest, B + PAGE - 0x80, 0x31, 0x80);
    teeio_qtest_memset(rig->qtest, A, 0x32, 0x80);
    rig_dma(rig, &copy);
    g_assert_cmpuint(copy.status, ==, TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, B + 0x200, 0x31, 0x80));
    g_assert_true(teeio_qtest_uniform(rig->qtest, B + 0x280, 0x32, 0x80));
    no_event(&smmu);
    rig_stop(rig);
}

static void test_block(void)
{
    struct rig_smmu smmu;
    struct rig_domain domain;
    struct rig *rig = start(TDI, &smmu);

    rig_domain_init(&domain, &smmu);
    g_assert_true(teeio_tables_map(&domain.space, 0x40000000, 0x42000000, 2,
                                   TEEIO_TABLES_RW));
    rig_attach(&smmu, RIG_TDI, &domain);
    rig_smmu_enable(&smmu);
    rig_fill(rig, 0x40123456, 32, 0x55, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, 0x42123456, 0x55, 32));
    no_event(&smmu);
    rig_stop(rig);
}

static void test_remap(void)
{
    struct rig_smmu smmu;
    struct rig_domain domain;
    struct rig *rig = start(TDI, &smmu);

    rig_domain_init(&domain, &smmu);
    rig_map(&domain, IOVA, A, TEEIO_TABLES_RW);
    rig_attach(&smmu, RIG_TDI, &domain);
    rig_smmu_enable(&smmu);
    rig_fill(rig, IOVA, PAGE, 0x11, 0);
    rig_map(&domain, IOVA, B, TEEIO_TABLES_RW);
    rig_sync(&smmu);
    rig_fill(rig, IOVA, PAGE, 0x22, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x11, PAGE));
    g_assert_true(teeio_qtest_uniform(rig->qtest, B, 0x22, PAGE));
    rig_stop(rig);
}

/* An MSI is a write like any other: the guest maps the doorbell. */
static void test_msi(void)
{
    struct rig_smmu smmu;
    struct rig_domain domain;
    struct rig *rig = start(TDI, &smmu);

    rig_domain_init(&domain, &smmu);
    rig_map(&domain, IOVA, A, TEEIO_TABLES_RW);
    rig_attach(&smmu, RIG_TDI, &domain);
    rig_smmu_enable(&smmu);
    teeio_qpci_msix_enable(&rig->tdi);
    teeio_qpci_msix_program(&rig->tdi, 0, IOVA + 0x40, 0xabcdef01);
    teeio_qtest_writel(rig->qtest, rig->tdi.bar[0] + TEEIO_TDI_REG_INT_ENABLE,
                       TEEIO_TDI_INT_DONE);
    rig_fill(rig, IOVA, 8, 0, TEEIO_TDI_DESC_IRQ);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, A + 0x40), ==, 0xabcdef01);
    no_event(&smmu);
    rig_stop(rig);
}

static void test_stock(void)
{
    struct rig_smmu smmu;
    struct rig_domain domain;
    struct rig *rig = start(BOTH, &smmu);

    rig_domain_init(&domain, &smmu);
    rig_map(&domain, IOVA, A, TEEIO_TABLES_RW);
    rig_map(&domain, IOVA + PAGE, B, TEEIO_TABLES_RW);
    rig_attach(&smmu, RIG_EDU, &domain);
    rig_smmu_enable(&smmu);

    teeio_qtest_memset(rig->qtest, A, 0x61, PAGE);
    rig_edu_read(rig, IOVA + 0x100, 256);
    rig_edu_write(rig, IOVA + 2 * PAGE - 256, 256);
    g_assert_true(teeio_qtest_uniform(rig->qtest, B + PAGE - 256, 0x61, 256));
    rig_edu_write(rig, IOVA + PAGE - 128, 256);
    g_assert_true(teeio_qtest_uniform(rig->qtest, B, 0x61, 128));
    g_assert_true(teeio_qtest_uniform(rig->qtest, B + 128, 0, 128));
    no_event(&smmu);
    rig_stop(rig);
}

/* The same address in two streams: each has its own page. */
static void test_two_streams(void)
{
    struct rig_smmu smmu;
    struct rig_domain domains[2];
    struct rig *rig = start(BOTH, &smmu);

    for (int i = 0; i < 2; i++) {
        rig_domain_init(&domains[i], &smmu);
        rig_map(&domains[i], IOVA, i ? B : A, TEEIO_TABLES_RW);
        rig_attach(&smmu, i ? RIG_EDU : RIG_TDI, &domains[i]);
    }
    rig_smmu_enable(&smmu);
    teeio_qtest_memset(rig->qtest, B, 0x48, 64);
    rig_edu_read(rig, IOVA, 64);
    rig_fill(rig, IOVA, 64, 0x47, 0);
    rig_edu_write(rig, IOVA + 64, 64);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x47, 64));
    g_assert_true(teeio_qtest_uniform(rig->qtest, A + 64, 0, 64));
    g_assert_true(teeio_qtest_uniform(rig->qtest, B, 0x48, 128));
    no_event(&smmu);
    rig_stop(rig);
}

/*
 * S0-12, as far as an SMMU goes: an address space is there before any device,
 * and one that leaves takes along nothing but its own permission.
 */
static void test_bind_order(void)
{
    struct rig_smmu smmu;
    struct rig_domain domain;
    struct rig *rig = start(BOTH, &smmu);

    rig_set_ste(&smmu, RIG_TDI, teeio_tables_ste_abort());
    rig_set_ste(&smmu, RIG_EDU, teeio_tables_ste_abort());
    rig_smmu_enable(&smmu);
    rig_domain_init(&domain, &smmu);
    rig_map(&domain, IOVA, A, TEEIO_TABLES_RW);
    rig_sync(&smmu);
    rig_fill(rig, IOVA, 64, 0x51, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0, 64));

    rig_attach(&smmu, RIG_TDI, &domain);
    rig_attach(&smmu, RIG_EDU, &domain);
    rig_sync(&smmu);
    rig_fill(rig, IOVA, 64, 0x52, 0);
    rig_edu_read(rig, IOVA, 64);
    rig_edu_write(rig, IOVA + 64, 64);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x52, 128));

    rig_set_ste(&smmu, RIG_TDI, teeio_tables_ste_abort());
    rig_sync(&smmu);
    rig_fill(rig, IOVA, 64, 0x53, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x52, 64));
    rig_edu_write(rig, IOVA + 128, 64);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x52, 192));

    rig_attach(&smmu, RIG_TDI, &domain);
    rig_sync(&smmu);
    rig_fill(rig, IOVA, 64, 0x54, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x54, 64));
    no_event(&smmu);
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/smmuv3-dma/disabled", test_disabled);
    g_test_add_func("/smmuv3-dma/gbpa-abort", test_gbpa_abort);
    g_test_add_func("/smmuv3-dma/bypass", test_bypass);
    g_test_add_func("/smmuv3-dma/abort", test_abort);
    g_test_add_func("/smmuv3-dma/stage1", test_stage1);
    g_test_add_func("/smmuv3-dma/block", test_block);
    g_test_add_func("/smmuv3-dma/remap", test_remap);
    g_test_add_func("/smmuv3-dma/msi", test_msi);
    g_test_add_func("/smmuv3-dma/stock", test_stock);
    g_test_add_func("/smmuv3-dma/two-streams", test_two_streams);
    g_test_add_func("/smmuv3-dma/bind-order", test_bind_order);
    return g_test_run();
}
