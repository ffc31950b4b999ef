/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A page that a driver mapped read-only is not written, and the fault record
 * says so.
 */

#include "teeio-qtest/pci.h"
#include "teeio-tables/smmuv3.h"
#include "teeio/spec/smmuv3.h"
#include "teeio/spec/tdi.h"

#define SMMU   0x09050000
#define BUFFER 0x42000000 /* RAM of board virt begins at 0x40000000 */
#define TABLES 0x43000000
#define QUEUE  0x43800000
#define IOVA   0x1000

static void read_ram(void *qtest, uint64_t gpa, void *buf, size_t len)
{
    teeio_qtest_memread(qtest, gpa, buf, len);
}

static void write_ram(void *qtest, uint64_t gpa, const void *buf, size_t len)
{
    teeio_qtest_memwrite(qtest, gpa, buf, len);
}

/* What a driver does: map BUFFER at IOVA for one device, read-only. */
static void map_read_only(struct teeio_qtest *qtest, uint32_t stream)
{
    struct teeio_tables tables = {
        qtest, read_ram, write_ram, TABLES, QUEUE,
    };
    struct teeio_tables_streams streams;
    struct teeio_tables_space space;
    uint64_t cd;

    teeio_tables_streams_init(&streams, &tables, 8, 6);
    teeio_tables_space_init(&space, &tables, 39);
    teeio_tables_map(&space, IOVA, BUFFER, 3, TEEIO_TABLES_RO);
    cd = teeio_tables_put_cd(&tables, teeio_tables_cd(&space));
    teeio_tables_set_ste(&streams, stream, teeio_tables_ste_stage1(cd));

    teeio_qtest_writeq(qtest, SMMU + TEEIO_SMMUV3_REG_STRTAB_BASE,
                       teeio_tables_streams_base(&streams));
    teeio_qtest_writel(qtest, SMMU + TEEIO_SMMUV3_REG_STRTAB_BASE_CFG,
                       teeio_tables_streams_cfg(&streams));
    teeio_qtest_writeq(qtest, SMMU + TEEIO_SMMUV3_REG_EVENTQ_BASE, QUEUE | 4);
    teeio_qtest_writel(qtest, SMMU + TEEIO_SMMUV3_REG_CR0,
                       TEEIO_CR0_SMMUEN | TEEIO_CR0_EVENTQEN);
}

/* Let the device write eight bytes: one descriptor and the doorbell. */
static void fill(struct teeio_qtest *qtest, uint64_t bar, uint64_t dest)
{
    uint64_t entry = bar + TEEIO_TDI_RING_OFFSET;

    teeio_qtest_writel(qtest, entry + TEEIO_TDI_DESC_CONTROL,
                       TEEIO_TDI_OP_FILL);
    teeio_qtest_writel(qtest, entry + TEEIO_TDI_DESC_LENGTH, 8);
    teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_DEST, dest);
    teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_PATTERN, UINT64_MAX);
    teeio_qtest_writel(qtest, bar + TEEIO_TDI_REG_TAIL, 1);
    while (teeio_qtest_readl(qtest, bar + TEEIO_TDI_REG_HEAD) != 1) {
        g_usleep(100);
    }
}

static void test_read_only(void)
{
    g_autofree char *args =
        g_strdup_printf("-M virt -plugin '%s' -device teeio-smmuv3 "
                        "-device teeio-tdi",
                        g_getenv("TEEIO_PLUGIN"));
    struct teeio_qtest *qtest =
        teeio_qtest_start(g_getenv("TEEIO_QEMU_AARCH64"), args);
    struct teeio_qpci pci;
    struct teeio_qpci_function tdi;

    teeio_qpci_init_virt(&pci, qtest);
    g_assert_true(teeio_qpci_find(&pci, TEEIO_TDI_VENDOR_ID,
                                  TEEIO_TDI_DEVICE_ID, 0, &tdi));
    teeio_qpci_enable(&tdi);
    map_read_only(qtest, tdi.requester);

    fill(qtest, teeio_qpci_map(&tdi, 0), IOVA);
    g_assert_cmphex(teeio_qtest_readq(qtest, BUFFER), ==, 0);
    g_assert_cmphex(teeio_qtest_readb(qtest, QUEUE), ==,
                    TEEIO_EVT_F_PERMISSION);
    g_assert_cmphex(teeio_qtest_readq(qtest, QUEUE + 16), ==, IOVA);
    teeio_qtest_stop(qtest);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/example/read-only", test_read_only);
    return g_test_run();
}
