/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The TDI as a PCIe endpoint: configuration space, BARs, MSI-X.
 */

#include "rig.h"

#define MSI_PLACE       RIG_DATA
#define HIGH_BAR        0x8000000000ull

#define PCI_HEADER_TYPE 0x0e
#define PCI_INTERRUPT   0x3c

static void test_identity(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct teeio_qpci_function *tdi = &rig->tdi;

    g_assert_cmphex(tdi->requester, ==, RIG_TDI);
    g_assert_cmphex(teeio_qpci_readl(tdi, 0), ==, 0x7ee11234);
    g_assert_cmphex(teeio_qpci_readl(tdi, TEEIO_PCI_CLASS), ==, 0x12000001);
    g_assert_cmphex(teeio_qpci_readb(tdi, PCI_HEADER_TYPE) & 0x7f, ==, 0);
    g_assert_cmpuint(teeio_qpci_capability(tdi, TEEIO_PCI_CAP_EXPRESS), !=, 0);
    g_assert_cmpuint(teeio_qpci_msix_vectors(tdi), ==, 3);
    rig_stop(rig);
}

/*
 * What a kernel looks at before it enables PASID: an endpoint of the root
 * complex (PCIe 7.5.3.2) that supports End-End TLP prefixes (7.5.3.15).
 */
static void test_prefixes(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct teeio_qpci_function *tdi = &rig->tdi;
    unsigned express = teeio_qpci_capability(tdi, TEEIO_PCI_CAP_EXPRESS);

    g_assert_cmphex(teeio_qpci_readw(tdi, express + 2) >> 4 & 0xf, ==, 9);
    g_assert_cmphex(teeio_qpci_readl(tdi, express + 0x24) & 1u << 21, !=, 0);
    rig_stop(rig);
}

static void test_bars(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct teeio_qpci_function *tdi = &rig->tdi;
    unsigned table =
        teeio_qpci_capability(tdi, TEEIO_PCI_CAP_MSIX) + TEEIO_PCI_MSIX_TABLE;

    g_assert_cmphex(teeio_qpci_bar_size(tdi, 0), ==, TEEIO_TDI_BAR_SIZE);
    g_assert_cmphex(teeio_qpci_readl(tdi, TEEIO_PCI_BAR(0)) & 0xf, ==, 0x4);
    g_assert_cmphex(teeio_qpci_bar_size(tdi, 2), >=, 0x1000);
    g_assert_cmphex(teeio_qpci_readl(tdi, table) & 7, ==, 2);

    teeio_qpci_writel(tdi, TEEIO_PCI_BAR(0), (uint32_t)HIGH_BAR);
    teeio_qpci_writel(tdi, TEEIO_PCI_BAR(1), HIGH_BAR >> 32);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, HIGH_BAR), ==,
                    TEEIO_TDI_MAGIC);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, tdi->bar[0]), !=,
                    TEEIO_TDI_MAGIC);
    rig_stop(rig);
}

static void test_memory_enable(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    uint64_t bar = rig->tdi.bar[0];

    g_assert_cmphex(teeio_qtest_readl(rig->qtest, bar), ==, TEEIO_TDI_MAGIC);
    teeio_qpci_writew(&rig->tdi, TEEIO_PCI_COMMAND, TEEIO_PCI_COMMAND_BME);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, bar), !=, TEEIO_TDI_MAGIC);
    rig_stop(rig);
}

/* A driver may touch configuration space in pieces of any size. */
static void test_config_pieces(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct teeio_qpci_function *tdi = &rig->tdi;
    uint32_t dword = teeio_qpci_readl(tdi, TEEIO_PCI_CLASS);

    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmphex(teeio_qpci_readb(tdi, TEEIO_PCI_CLASS + i), ==,
                        dword >> 8 * i & 0xff);
    }
    g_assert_cmphex(teeio_qpci_readw(tdi, TEEIO_PCI_CLASS + 2), ==,
                    dword >> 16);

    for (unsigned i = 0; i < 4; i++) {
        teeio_qpci_writeb(tdi, TEEIO_PCI_BAR(0) + i, 0x12345678 >> 8 * i);
    }
    g_assert_cmphex(teeio_qpci_readl(tdi, TEEIO_PCI_BAR(0)), ==, 0x12344004);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, 0x12344000), ==,
                    TEEIO_TDI_MAGIC);

    teeio_qpci_writeb(tdi, PCI_INTERRUPT, 0x5a);
    g_assert_cmphex(teeio_qpci_readb(tdi, PCI_INTERRUPT), ==, 0x5a);
    teeio_qpci_writeb(tdi, 0, 0);
    g_assert_cmphex(teeio_qpci_readl(tdi, 0), ==, 0x7ee11234);
    rig_stop(rig);
}

/* Bus Master Enable must be seen however the write is cut. */
static void test_bus_master(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct teeio_qpci_function *tdi = &rig->tdi;

    teeio_qpci_writeb(tdi, TEEIO_PCI_COMMAND, TEEIO_PCI_COMMAND_MSE);
    g_assert_cmpuint(rig_fill(rig, RIG_DATA, 8, 0x11, 0), ==,
                     TEEIO_TDI_STATUS_NO_MASTER);
    teeio_qpci_writel(tdi, TEEIO_PCI_COMMAND,
                      TEEIO_PCI_COMMAND_MSE | TEEIO_PCI_COMMAND_BME);
    g_assert_cmpuint(rig_fill(rig, RIG_DATA, 8, 0x22, 0), ==,
                     TEEIO_TDI_STATUS_OK);
    /* The upper byte alone leaves BME, which lies in the lower, as it was. */
    teeio_qpci_writeb(tdi, TEEIO_PCI_COMMAND + 1, 0x04);
    g_assert_cmpuint(rig_fill(rig, RIG_DATA, 8, 0x33, 0), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, RIG_DATA, 0x33, 8));
    rig_stop(rig);
}

static void enable_interrupts(struct rig *rig, uint32_t bits)
{
    teeio_qpci_msix_enable(&rig->tdi);
    teeio_qpci_msix_program(&rig->tdi, 0, MSI_PLACE, 0xd0d0d0d0);
    teeio_qpci_msix_program(&rig->tdi, 1, MSI_PLACE + 4, 0xe1e1e1e1);
    teeio_qtest_writel(rig->qtest, rig->tdi.bar[0] + TEEIO_TDI_REG_INT_ENABLE,
                       bits);
}

static void test_msix(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct teeio_qtest *qtest = rig->qtest;
    uint64_t status = rig->tdi.bar[0] + TEEIO_TDI_REG_INT_STATUS;

    enable_interrupts(rig, TEEIO_TDI_INT_DONE | TEEIO_TDI_INT_ERROR);
    rig_fill(rig, RIG_DATA + 0x1000, 8, 0, 0);
    g_assert_cmphex(teeio_qtest_readl(qtest, MSI_PLACE), ==, 0);
    g_assert_cmphex(teeio_qtest_readl(qtest, status), ==, 0);

    rig_fill(rig, RIG_DATA + 0x1000, 8, 0, TEEIO_TDI_DESC_IRQ);
    g_assert_cmphex(teeio_qtest_readl(qtest, MSI_PLACE), ==, 0xd0d0d0d0);
    g_assert_cmphex(teeio_qtest_readl(qtest, MSI_PLACE + 4), ==, 0);
    g_assert_cmphex(teeio_qtest_readl(qtest, status), ==, TEEIO_TDI_INT_DONE);

    rig_fill(rig, RIG_DATA + 0x1000, 0, 0, 0);
    g_assert_cmphex(teeio_qtest_readl(qtest, MSI_PLACE + 4), ==, 0xe1e1e1e1);
    g_assert_cmphex(teeio_qtest_readl(qtest, status), ==,
                    TEEIO_TDI_INT_DONE | TEEIO_TDI_INT_ERROR);
    teeio_qtest_writel(qtest, status, TEEIO_TDI_INT_DONE);
    g_assert_cmphex(teeio_qtest_readl(qtest, status), ==, TEEIO_TDI_INT_ERROR);
    rig_stop(rig);
}

static void test_msix_disabled(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct teeio_qtest *qtest = rig->qtest;

    enable_interrupts(rig, TEEIO_TDI_INT_ERROR);
    rig_fill(rig, RIG_DATA + 0x1000, 8, 0, TEEIO_TDI_DESC_IRQ);
    g_assert_cmphex(teeio_qtest_readl(qtest, MSI_PLACE), ==, 0);
    g_assert_cmphex(
        teeio_qtest_readl(qtest, rig->tdi.bar[0] + TEEIO_TDI_REG_INT_STATUS),
        ==, TEEIO_TDI_INT_DONE);
    rig_stop(rig);
}

/* A masked vector waits in the PBA and is sent when unmasked. */
static void test_msix_pending(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct teeio_qtest *qtest = rig->qtest;
    unsigned msix = teeio_qpci_capability(&rig->tdi, TEEIO_PCI_CAP_MSIX);
    uint32_t pba = teeio_qpci_readl(&rig->tdi, msix + TEEIO_PCI_MSIX_PBA);
    uint16_t control;
    uint64_t pending;

    enable_interrupts(rig, TEEIO_TDI_INT_DONE);
    pending = rig->tdi.bar[pba & 7] + (pba & ~7u);
    control = teeio_qpci_readw(&rig->tdi, msix + TEEIO_PCI_MSIX_CONTROL);
    teeio_qpci_writew(&rig->tdi, msix + TEEIO_PCI_MSIX_CONTROL,
                      control | TEEIO_PCI_MSIX_MASK_ALL);

    rig_fill(rig, RIG_DATA + 0x1000, 8, 0, TEEIO_TDI_DESC_IRQ);
    g_assert_cmphex(teeio_qtest_readl(qtest, MSI_PLACE), ==, 0);
    g_assert_cmphex(teeio_qtest_readl(qtest, pending) & 3, ==, 1);
    teeio_qpci_writew(&rig->tdi, msix + TEEIO_PCI_MSIX_CONTROL, control);
    g_assert_cmphex(teeio_qtest_readl(qtest, MSI_PLACE), ==, 0xd0d0d0d0);
    g_assert_cmphex(teeio_qtest_readl(qtest, pending) & 3, ==, 0);
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/tdi/identity", test_identity);
    g_test_add_func("/tdi/bars", test_bars);
    g_test_add_func("/tdi/memory-enable", test_memory_enable);
    g_test_add_func("/tdi/prefixes", test_prefixes);
    g_test_add_func("/tdi/config-pieces", test_config_pieces);
    g_test_add_func("/tdi/bus-master", test_bus_master);
    g_test_add_func("/tdi/msix", test_msix);
    g_test_add_func("/tdi/msix-disabled", test_msix_disabled);
    g_test_add_func("/tdi/msix-pending", test_msix_pending);
    return g_test_run();
}
