/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-testdev the way that bare-metal IOMMU tests drive it: tables, SMMU
 * registers, arm, trigger, result.
 */

#include "rig-smmu.h"
#include "teeio/spec/testdev.h"

#define TESTDEV   (4u << 3) /* requester id */
#define MACHINE   RIG_SMMU_ARGS " -device teeio-testdev,id=testdev,addr=4"

#define PAGE      0x1000u
#define A         RIG_DATA
#define B         (RIG_DATA + 5 * PAGE)
#define IOVA      0x62345000ull
#define IPA       0x56789000ull
#define HOLE      0x0a800000ull /* neither RAM nor a device on board virt */
#define LENGTH    0x104u

#define S1_BITS   39u
#define IPA_BITS  40u
#define IPA_TOP   1u
#define VMID      7u

#define VALID     TEEIO_TESTDEV_ATTRS_SPACE_VALID
#define OK        TEEIO_TESTDEV_RESULT_OK
#define BAD_LEN   TEEIO_TESTDEV_RESULT_BAD_LEN
#define TX_FAIL   TEEIO_TESTDEV_RESULT_TX_FAIL
#define RD_FAIL   TEEIO_TESTDEV_RESULT_RD_FAIL
#define MISMATCH  TEEIO_TESTDEV_RESULT_MISMATCH
#define NOT_ARMED TEEIO_TESTDEV_RESULT_NOT_ARMED
#define BAD_ATTRS TEEIO_TESTDEV_RESULT_BAD_ATTRS
#define BUSY      TEEIO_TESTDEV_RESULT_BUSY
#define IDLE      TEEIO_TESTDEV_RESULT_IDLE

struct fixture {
    struct rig *rig;
    struct rig_smmu smmu;
    struct teeio_qpci_function testdev;
};

struct dma {
    uint64_t gva;
    uint64_t gpa;
    uint32_t length;
    uint32_t attrs;
    uint32_t result;
};

static void find(struct fixture *f)
{
    g_assert_true(teeio_qpci_find(&f->rig->pci, TEEIO_TESTDEV_VENDOR_ID,
                                  TEEIO_TESTDEV_DEVICE_ID, 0, &f->testdev));
    teeio_qpci_map(&f->testdev, 0);
    teeio_qpci_enable(&f->testdev);
}

static void start(struct fixture *f)
{
    f->rig = rig_start(NULL, MACHINE);
    find(f);
    g_assert_cmphex(f->testdev.requester, ==, TESTDEV);
    rig_smmu_init(&f->smmu, f->rig);
}

static void stop(struct fixture *f)
{
    rig_stop(f->rig);
}

static uint32_t get(struct fixture *f, uint32_t offset)
{
    return teeio_qtest_readl(f->rig->qtest, f->testdev.bar[0] + offset);
}

static void set(struct fixture *f, uint32_t offset, uint32_t value)
{
    teeio_qtest_writel(f->rig->qtest, f->testdev.bar[0] + offset, value);
}

static uint32_t trigger(struct fixture *f)
{
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_TRIGGERING), ==, 0);
    return get(f, TEEIO_TESTDEV_REG_RESULT);
}

static uint32_t run(struct fixture *f, const struct dma *dma)
{
    set(f, TEEIO_TESTDEV_REG_GVA_LO, dma->gva);
    set(f, TEEIO_TESTDEV_REG_GVA_HI, dma->gva >> 32);
    set(f, TEEIO_TESTDEV_REG_GPA_LO, dma->gpa);
    set(f, TEEIO_TESTDEV_REG_GPA_HI, dma->gpa >> 32);
    set(f, TEEIO_TESTDEV_REG_LEN, dma->length);
    set(f, TEEIO_TESTDEV_REG_ATTRS, dma->attrs);
    set(f, TEEIO_TESTDEV_REG_DBELL, TEEIO_TESTDEV_DBELL_ARM);
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_RESULT), ==, BUSY);
    return trigger(f);
}

static uint32_t run_at(struct fixture *f, uint64_t gva, uint64_t gpa)
{
    const struct dma dma = {
        .gva = gva,
        .gpa = gpa,
        .length = LENGTH,
        .attrs = VALID | TEEIO_TESTDEV_ATTRS_SPACE_NONSECURE,
    };

    return run(f, &dma);
}

static void no_event(struct fixture *f)
{
    struct teeio_smmuv3_event event;

    g_assert_false(rig_event(&f->smmu, &event));
}

static void expect_translation_fault(struct fixture *f, uint64_t address)
{
    struct teeio_smmuv3_event event;

    g_assert_true(rig_event(&f->smmu, &event));
    g_assert_cmphex(event.dw[0] & 0xff, ==, TEEIO_EVT_F_TRANSLATION);
    g_assert_cmphex(event.dw[0] >> 32, ==, TESTDEV);
    g_assert_cmphex(event.dw[2], ==, address);
    no_event(f);
}

static void map_stage1(struct fixture *f, uint64_t gpa)
{
    struct rig_domain domain;

    rig_domain_init(&domain, &f->smmu);
    rig_map(&domain, IOVA, gpa, TEEIO_TABLES_RW);
    rig_attach(&f->smmu, TESTDEV, &domain);
    rig_smmu_enable(&f->smmu);
}

/* What software relies on to find the device. */
static void test_config_space(void)
{
    struct fixture f;

    start(&f);
    g_assert_cmphex(teeio_qpci_readl(&f.testdev, TEEIO_PCI_VENDOR_ID), ==,
                    0x00051b36);
    g_assert_cmphex(teeio_qpci_readl(&f.testdev, TEEIO_PCI_CLASS), ==,
                    0x00ff0000);
    g_assert_cmphex(teeio_qpci_bar_size(&f.testdev, 0), ==, 0x1000);
    g_assert_cmphex(teeio_qpci_readl(&f.testdev, TEEIO_PCI_BAR(0)) & 0xf, ==,
                    0);
    for (unsigned i = 1; i < 6; i++) {
        g_assert_cmphex(teeio_qpci_bar_size(&f.testdev, i), ==, 0);
    }
    g_assert_cmphex(teeio_qpci_capability(&f.testdev, TEEIO_PCI_CAP_MSIX), ==,
                    0);
    g_assert_cmphex(get(&f, TEEIO_TESTDEV_REG_RESULT), ==, IDLE);
    stop(&f);
}

static void test_bypass(void)
{
    struct fixture f;

    start(&f);
    g_assert_cmphex(run_at(&f, A + 1, A + 1), ==, OK);
    rig_set_ste(&f.smmu, TESTDEV, teeio_tables_ste_bypass());
    rig_smmu_enable(&f.smmu);
    g_assert_cmphex(run_at(&f, B, B), ==, OK);
    g_assert_cmphex(teeio_qtest_readl(f.rig->qtest, B), ==,
                    TEEIO_TESTDEV_PATTERN);
    no_event(&f);
    stop(&f);
}

static void test_abort(void)
{
    struct fixture f;

    start(&f);
    rig_set_ste(&f.smmu, TESTDEV, teeio_tables_ste_abort());
    rig_smmu_enable(&f.smmu);
    g_assert_cmphex(run_at(&f, A, A), ==, TX_FAIL);
    no_event(&f);
    stop(&f);
}

static void test_stage1(void)
{
    struct fixture f;

    start(&f);
    map_stage1(&f, B);
    g_assert_cmphex(run_at(&f, IOVA, B), ==, OK);
    g_assert_cmphex(teeio_qtest_readl(f.rig->qtest, B + LENGTH - 4), ==,
                    TEEIO_TESTDEV_PATTERN);
    g_assert_true(teeio_qtest_uniform(f.rig->qtest, B + LENGTH, 0, 8));
    g_assert_cmphex(run_at(&f, IOVA, A), ==, MISMATCH);
    no_event(&f);

    g_assert_cmphex(run_at(&f, IOVA + PAGE, B), ==, TX_FAIL);
    expect_translation_fault(&f, IOVA + PAGE);
    stop(&f);
}

static void test_stage2(void)
{
    struct teeio_tables_space stage2;
    struct fixture f;

    start(&f);
    g_assert_true(teeio_tables_space_init_stage2(&stage2, &f.smmu.tables,
                                                 IPA_BITS, 12, IPA_TOP));
    g_assert_true(teeio_tables_map(&stage2, IPA, B, 3, TEEIO_TABLES_S2_RW));
    g_assert_true(
        teeio_tables_map(&stage2, IPA + PAGE, B, 3, TEEIO_TABLES_S2_RO));
    rig_set_ste(&f.smmu, TESTDEV, teeio_tables_ste_stage2(&stage2, VMID));
    rig_smmu_enable(&f.smmu);
    g_assert_cmphex(run_at(&f, IPA, B), ==, OK);
    no_event(&f);
    g_assert_cmphex(run_at(&f, IPA + 2 * PAGE, B), ==, TX_FAIL);
    expect_translation_fault(&f, IPA + 2 * PAGE);
    g_assert_cmphex(run_at(&f, IPA + PAGE, B), ==, TX_FAIL);
    stop(&f);
}

static void test_nested(void)
{
    struct teeio_tables_window window;
    struct teeio_tables_space stage1;
    struct teeio_tables_space stage2;
    struct fixture f;
    uint64_t cd;

    start(&f);
    g_assert_true(teeio_tables_space_init_stage2(&stage2, &f.smmu.tables,
                                                 IPA_BITS, 12, IPA_TOP));
    g_assert_true(teeio_tables_window_init(&window, &stage2, 0x10000, 0x10000,
                                           TEEIO_TABLES_S2_RW));
    g_assert_true(teeio_tables_map(&stage2, IPA, B, 3, TEEIO_TABLES_S2_RW));
    g_assert_true(teeio_tables_space_init(&stage1, &window.tables, S1_BITS));
    g_assert_true(teeio_tables_map(&stage1, IOVA, IPA, 3, TEEIO_TABLES_RW));
    g_assert_true(
        teeio_tables_map(&stage1, IOVA + PAGE, IPA + PAGE, 3, TEEIO_TABLES_RW));
    cd = teeio_tables_put_cd(&window.tables, teeio_tables_cd(&stage1));
    g_assert_cmphex(cd, !=, 0);
    rig_set_ste(&f.smmu, TESTDEV, teeio_tables_ste_nested(cd, &stage2, VMID));
    rig_smmu_enable(&f.smmu);
    g_assert_cmphex(run_at(&f, IOVA, B), ==, OK);
    no_event(&f);
    g_assert_cmphex(run_at(&f, IOVA + PAGE, B), ==, TX_FAIL);
    expect_translation_fault(&f, IOVA + PAGE);
    stop(&f);
}

static void test_errors(void)
{
    static const struct dma rows[] = {
        {IOVA, B, 0, 0, BAD_LEN},
        {IOVA, B, TEEIO_TESTDEV_MAX_LENGTH + 1, 0, BAD_LEN},
        {IOVA, B, UINT32_MAX, 0, BAD_LEN},
        {UINT64_MAX, B, 2, 0, BAD_LEN},
        {IOVA, UINT64_MAX, 2, 0, BAD_LEN},
        {IOVA + PAGE, B, 4, 0, TX_FAIL},
        {IOVA + PAGE - 2, B + PAGE - 2, 4, 0, TX_FAIL},
        {IOVA, HOLE, 4, 0, RD_FAIL},
        {IOVA, RIG_SMMU, 4, 0, RD_FAIL},
        {IOVA, UINT64_MAX, 1, 0, RD_FAIL},
        {IOVA, A, 4, 0, MISMATCH},
        {IOVA, B, 4, TEEIO_TESTDEV_ATTRS_SECURE, BAD_ATTRS},
        {IOVA, B, 4, VALID | TEEIO_TESTDEV_ATTRS_SPACE_SECURE, BAD_ATTRS},
        {IOVA, B, 4, VALID | TEEIO_TESTDEV_ATTRS_SPACE_ROOT, BAD_ATTRS},
        {IOVA, B, 4, VALID | TEEIO_TESTDEV_ATTRS_SPACE_REALM, BAD_ATTRS},
        {IOVA, B, 4, 0, OK},
        {IOVA + PAGE - 1, B + PAGE - 1, 1, 0, OK},
        {IOVA, B, PAGE, 0, OK},
    };
    struct fixture f;

    start(&f);
    map_stage1(&f, B);
    g_assert_cmphex(trigger(&f), ==, NOT_ARMED);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("row %zu", i);
        g_assert_cmphex(run(&f, &rows[i]), ==, rows[i].result);
        g_assert_cmphex(trigger(&f), ==, NOT_ARMED);
    }
    stop(&f);
}

static void test_disarm(void)
{
    struct fixture f;

    start(&f);
    set(&f, TEEIO_TESTDEV_REG_DBELL, TEEIO_TESTDEV_DBELL_ARM);
    g_assert_cmphex(get(&f, TEEIO_TESTDEV_REG_RESULT), ==, BUSY);
    set(&f, TEEIO_TESTDEV_REG_DBELL, 0);
    g_assert_cmphex(get(&f, TEEIO_TESTDEV_REG_RESULT), ==, IDLE);
    g_assert_cmphex(trigger(&f), ==, NOT_ARMED);
    stop(&f);
}

static void test_no_master(void)
{
    struct fixture f;

    start(&f);
    teeio_qpci_writew(&f.testdev, TEEIO_PCI_COMMAND, TEEIO_PCI_COMMAND_MSE);
    g_assert_cmphex(run_at(&f, A, A), ==, TX_FAIL);
    g_assert_true(teeio_qtest_uniform(f.rig->qtest, A, 0, LENGTH));
    teeio_qpci_enable(&f.testdev);
    g_assert_cmphex(run_at(&f, A, A), ==, OK);
    stop(&f);
}

/* Its DMA reaches the registers of our models no more than a TDI's does. */
static void test_own_registers(void)
{
    const uint32_t cr0 = RIG_SMMU + TEEIO_SMMUV3_REG_CR0;
    struct fixture f;
    uint32_t before;

    start(&f);
    before = teeio_qtest_readl(f.rig->qtest, cr0);
    g_assert_cmphex(run_at(&f, cr0, A), !=, OK);
    g_assert_cmphex(teeio_qtest_readl(f.rig->qtest, cr0), ==, before);
    run_at(&f, f.testdev.bar[0], A);
    g_assert_cmphex(get(&f, TEEIO_TESTDEV_REG_GVA_LO), ==, f.testdev.bar[0]);
    g_assert_cmphex(run_at(&f, A, A), ==, OK);
    stop(&f);
}

static void test_reset(void)
{
    struct fixture f;

    start(&f);
    set(&f, TEEIO_TESTDEV_REG_LEN, 4);
    set(&f, TEEIO_TESTDEV_REG_DBELL, TEEIO_TESTDEV_DBELL_ARM);
    teeio_qtest_qmp_ok(f.rig->qtest, "system_reset", NULL);
    teeio_qpci_init_virt(&f.rig->pci, f.rig->qtest);
    f.testdev.bar[0] = 0;
    find(&f);
    g_assert_cmphex(get(&f, TEEIO_TESTDEV_REG_LEN), ==, 0);
    g_assert_cmphex(get(&f, TEEIO_TESTDEV_REG_RESULT), ==, IDLE);
    g_assert_cmphex(trigger(&f), ==, NOT_ARMED);
    stop(&f);
}

/* The command line of upstream's tests, through what stands in for QEMU. */
static void test_upstream(void)
{
    g_autofree char *qemu =
        g_test_build_filename(G_TEST_DIST, "upstream-qemu.sh", NULL);
    struct fixture f = {.rig = g_new0(struct rig, 1)};

    f.rig->qtest = teeio_qtest_start(
        qemu, "-machine virt,acpi=off,gic-version=3,iommu=smmuv3 -smp 1 "
              "-m 512 -cpu max -net none -run-with exit-with-parent=on "
              "-device iommu-testdev -accel qtest");
    teeio_qpci_init_virt(&f.rig->pci, f.rig->qtest);
    find(&f);
    rig_smmu_init(&f.smmu, f.rig);
    g_assert_cmphex(run_at(&f, A, A), ==, OK);
    rig_smmu_enable(&f.smmu);
    g_assert_cmphex(run_at(&f, A, A), ==, TX_FAIL);
    stop(&f);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/testdev/config-space", test_config_space);
    g_test_add_func("/testdev/bypass", test_bypass);
    g_test_add_func("/testdev/abort", test_abort);
    g_test_add_func("/testdev/stage1", test_stage1);
    g_test_add_func("/testdev/stage2", test_stage2);
    g_test_add_func("/testdev/nested", test_nested);
    g_test_add_func("/testdev/errors", test_errors);
    g_test_add_func("/testdev/disarm", test_disarm);
    g_test_add_func("/testdev/no-master", test_no_master);
    g_test_add_func("/testdev/own-registers", test_own_registers);
    g_test_add_func("/testdev/reset", test_reset);
    g_test_add_func("/testdev/upstream", test_upstream);
    return g_test_run();
}
