/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Private and shared pages: what T=0 may reach, of our device and of a stock
 * one.
 */

#include "rig.h"
#include "teeio/tdisp.h"

#define PAGE     0x1000u
#define NO_RAM   0x0a800000ull
#define TDI_ARGS RIG_TSM_ARGS " " RIG_TDI_ARGS

static void unshare(struct rig *rig, uint64_t base, uint64_t size)
{
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, base, size), ==,
                    TEEIO_TDISP_OK);
}

static void share(struct rig *rig, uint64_t base, uint64_t size)
{
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_SHARE, base, size), ==,
                    TEEIO_TDISP_OK);
}

static void test_owner(void)
{
    struct rig *rig = rig_start(NULL, TDI_ARGS);

    g_assert_cmpuint(rig_owner(rig, RIG_DATA), ==, TEEIO_TSM_OWNER_SHARED);
    g_assert_cmpuint(rig_owner(rig, NO_RAM), ==, TEEIO_TSM_OWNER_NONE);
    unshare(rig, RIG_DATA + PAGE, 2 * PAGE);
    g_assert_cmpuint(rig_owner(rig, RIG_DATA), ==, TEEIO_TSM_OWNER_SHARED);
    g_assert_cmpuint(rig_owner(rig, RIG_DATA + PAGE), ==,
                     TEEIO_TSM_OWNER_PRIVATE);
    g_assert_cmpuint(rig_owner(rig, RIG_DATA + 3 * PAGE - 1), ==,
                     TEEIO_TSM_OWNER_PRIVATE);
    g_assert_cmpuint(rig_owner(rig, RIG_DATA + 3 * PAGE), ==,
                     TEEIO_TSM_OWNER_SHARED);
    share(rig, RIG_DATA + PAGE, PAGE);
    g_assert_cmpuint(rig_owner(rig, RIG_DATA + PAGE), ==,
                     TEEIO_TSM_OWNER_SHARED);
    g_assert_cmpuint(rig_owner(rig, RIG_DATA + 2 * PAGE), ==,
                     TEEIO_TSM_OWNER_PRIVATE);
    rig_stop(rig);
}

static void test_bad_ranges(void)
{
    struct rig *rig = rig_start(NULL, TDI_ARGS);
    static const struct {
        uint64_t base;
        uint64_t size;
    } bad[] = {
        {RIG_DATA + 1, PAGE},
        {RIG_DATA, PAGE - 1},
        {RIG_DATA, 0},
        {NO_RAM, PAGE},
        {RIG_RAM, 1ull << 40},
        {RIG_RAM - PAGE, 2 * PAGE},
        {RIG_DATA, 0 - (uint64_t)PAGE},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_cmphex(
            rig_own(rig, TEEIO_TSM_CMD_UNSHARE, bad[i].base, bad[i].size), ==,
            TEEIO_TSM_STATUS_BAD_RANGE);
    }
    g_assert_cmpint(rig_counter(rig, "tsm", "private-pages"), ==, 0);
    rig_stop(rig);
}

static void test_t0_denied(void)
{
    struct rig *rig = rig_start(NULL, TDI_ARGS);
    uint32_t checksum;

    teeio_qtest_memset(rig->qtest, RIG_DATA, 0x5a, 3 * PAGE);
    unshare(rig, RIG_DATA + PAGE, PAGE);

    /* The write is posted: its sender is told nothing. */
    g_assert_cmpuint(rig_fill(rig, RIG_DATA, 3 * PAGE, 0xa5, 0), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, RIG_DATA, 0xa5, PAGE));
    g_assert_true(teeio_qtest_uniform(rig->qtest, RIG_DATA + PAGE, 0x5a, PAGE));
    g_assert_true(
        teeio_qtest_uniform(rig->qtest, RIG_DATA + 2 * PAGE, 0xa5, PAGE));

    g_assert_cmpuint(rig_checksum(rig, RIG_DATA + PAGE, 64, 0, &checksum), ==,
                     TEEIO_TDI_STATUS_REFUSED);
    g_assert_cmphex(checksum, ==, rig_uniform_crc(0xff, 64));
    g_assert_cmpint(rig_counter(rig, "tdi", "refused"), ==, 2);

    share(rig, RIG_DATA + PAGE, PAGE);
    g_assert_true(rig_reads(rig, RIG_DATA + PAGE, 0x5a, 64, 0));
    rig_stop(rig);
}

static void test_t1_allowed(void)
{
    struct rig *rig = rig_start(NULL, TDI_ARGS);

    unshare(rig, RIG_DATA, PAGE);
    rig_run(rig);
    g_assert_cmpuint(rig_fill(rig, RIG_DATA, PAGE, 0x77, TEEIO_TDI_DESC_T), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, RIG_DATA, 0x77, PAGE));
    g_assert_true(rig_reads(rig, RIG_DATA, 0x77, PAGE, TEEIO_TDI_DESC_T));
    /* T=1 reaches the guest's shared pages too. */
    g_assert_cmpuint(rig_fill(rig, RIG_DATA + PAGE, PAGE, 0x66,
                              TEEIO_TDI_DESC_T | TEEIO_TDI_DESC_XT),
                     ==, TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, RIG_DATA + PAGE, 0x66, PAGE));
    rig_stop(rig);
}

/* An interrupt is a write too, and goes the same way. */
static void test_msix_denied(void)
{
    struct rig *rig = rig_start(NULL, TDI_ARGS);

    teeio_qpci_msix_enable(&rig->tdi);
    teeio_qpci_msix_program(&rig->tdi, 0, RIG_DATA, 0xd0d0d0d0);
    teeio_qtest_writel(rig->qtest, rig->tdi.bar[0] + TEEIO_TDI_REG_INT_ENABLE,
                       TEEIO_TDI_INT_DONE);
    unshare(rig, RIG_DATA, PAGE);
    rig_fill(rig, RIG_DATA + PAGE, 8, 0, TEEIO_TDI_DESC_IRQ);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, RIG_DATA), ==, 0);

    rig_run(rig);
    rig_fill(rig, RIG_DATA + PAGE, 8, 0, TEEIO_TDI_DESC_IRQ);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, RIG_DATA), ==, 0xd0d0d0d0);
    rig_stop(rig);
}

/* A device of QEMU's own always speaks with T=0. */
static void check_stock(const char *args)
{
    struct rig *rig = rig_start(NULL, args);
    struct teeio_qtest *qtest = rig->qtest;

    teeio_qtest_memset(qtest, RIG_DATA, 0x5a, 3 * PAGE);
    rig_edu_read(rig, RIG_DATA, 256);
    rig_edu_write(rig, RIG_DATA + PAGE, 256);
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA + PAGE, 0x5a, 256));

    unshare(rig, RIG_DATA, PAGE);
    teeio_qtest_memset(qtest, RIG_DATA + PAGE, 0, PAGE);
    rig_edu_read(rig, RIG_DATA, 256);
    rig_edu_write(rig, RIG_DATA + PAGE, 256);
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA + PAGE, 0xff, 256));

    rig_edu_write(rig, RIG_DATA, 256);
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA, 0x5a, PAGE));

    share(rig, RIG_DATA, PAGE);
    rig_edu_write(rig, RIG_DATA, 256);
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA, 0xff, 256));
    rig_stop(rig);
}

static void test_stock(void)
{
    check_stock(RIG_TSM_ARGS " " RIG_EDU_ARGS);
}

static void test_stock_smmu(void)
{
    check_stock(RIG_SMMU_ARGS " " RIG_TSM_ARGS " " RIG_EDU_ARGS);
}

/* One transfer over the border of a private page: only its part is lost. */
static void test_stock_border(void)
{
    struct rig *rig = rig_start(NULL, RIG_TSM_ARGS " " RIG_EDU_ARGS);
    struct teeio_qtest *qtest = rig->qtest;

    teeio_qtest_memset(qtest, RIG_DATA, 0x5a, 3 * PAGE);
    rig_edu_read(rig, RIG_DATA, 256);
    teeio_qtest_memset(qtest, RIG_DATA, 0, 3 * PAGE);
    unshare(rig, RIG_DATA + PAGE, PAGE);
    rig_edu_write(rig, RIG_DATA + PAGE - 128, 256);
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA + PAGE - 128, 0x5a, 128));
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA + PAGE, 0, PAGE));
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/ownership/owner", test_owner);
    g_test_add_func("/ownership/bad-ranges", test_bad_ranges);
    g_test_add_func("/ownership/t0-denied", test_t0_denied);
    g_test_add_func("/ownership/t1-allowed", test_t1_allowed);
    g_test_add_func("/ownership/msix-denied", test_msix_denied);
    g_test_add_func("/ownership/stock", test_stock);
    g_test_add_func("/ownership/stock-smmu", test_stock_smmu);
    g_test_add_func("/ownership/stock-border", test_stock_border);
    return g_test_run();
}
