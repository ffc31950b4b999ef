/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The library against devices that QEMU brings along.
 */

#include <string.h>

#include "teeio-qtest/pci.h"

#define RAM      0x40000000u
#define UART     0x09000000u
#define UART_SPI 1

static const char *qemu;

static void test_memory(void)
{
    struct teeio_qtest *qtest = teeio_qtest_start(qemu, "-M virt");
    uint8_t out[0x9001];
    uint8_t in[sizeof(out)];

    for (size_t i = 0; i < sizeof(out); i++) {
        out[i] = (uint8_t)(i * 7);
    }
    teeio_qtest_memwrite(qtest, RAM + 3, out, sizeof(out));
    teeio_qtest_memread(qtest, RAM + 3, in, sizeof(in));
    g_assert_cmpmem(in, sizeof(in), out, sizeof(out));

    teeio_qtest_writeq(qtest, RAM, 0x1122334455667788);
    g_assert_cmphex(teeio_qtest_readb(qtest, RAM), ==, 0x88);
    g_assert_cmphex(teeio_qtest_readw(qtest, RAM), ==, 0x7788);
    g_assert_cmphex(teeio_qtest_readl(qtest, RAM + 4), ==, 0x11223344);
    teeio_qtest_writeb(qtest, RAM + 1, 0);
    teeio_qtest_writew(qtest, RAM + 2, 0);
    teeio_qtest_writel(qtest, RAM + 4, 0);
    g_assert_cmphex(teeio_qtest_readq(qtest, RAM), ==, 0x88);

    teeio_qtest_memset(qtest, RAM, 0xa5, 0x5000);
    g_assert_true(teeio_qtest_uniform(qtest, RAM, 0xa5, 0x5000));
    g_assert_false(teeio_qtest_uniform(qtest, RAM, 0xa5, 0x5001));
    teeio_qtest_stop(qtest);
}

static void test_irq(void)
{
    struct teeio_qtest *qtest = teeio_qtest_start(qemu, "-M virt");
    g_autofree char *gic =
        teeio_qtest_qom_find(qtest, "/machine/unattached", "arm_gic");

    g_assert_nonnull(gic);
    teeio_qtest_irq_intercept(qtest, gic);
    g_assert_cmpuint(teeio_qtest_irq_raised(qtest, UART_SPI), ==, 0);
    /* PL011: unmask the transmit interrupt, then send a character. */
    teeio_qtest_writel(qtest, UART + 0x38, 0x20);
    teeio_qtest_writel(qtest, UART, 'x');
    teeio_qtest_irq_wait(qtest, UART_SPI, 1);
    teeio_qtest_stop(qtest);
}

static void test_pci(void)
{
    struct teeio_qtest *qtest =
        teeio_qtest_start(qemu, "-M virt -device edu,addr=3");
    struct teeio_qpci pci;
    struct teeio_qpci_function edu;

    teeio_qpci_init_virt(&pci, qtest);
    g_assert_false(teeio_qpci_find(&pci, 0x1234, 0x11e8, 1, &edu));
    g_assert_true(teeio_qpci_find(&pci, 0x1234, 0x11e8, 0, &edu));
    g_assert_cmphex(edu.requester, ==, 3 << 3);
    g_assert_cmphex(teeio_qpci_bar_size(&edu, 0), ==, 0x100000);
    g_assert_cmphex(teeio_qpci_bar_size(&edu, 1), ==, 0);
    teeio_qpci_map(&edu, 0);
    teeio_qpci_enable(&edu);
    g_assert_cmphex(teeio_qtest_readl(qtest, edu.bar[0]), ==, 0x010000ed);
    g_assert_cmpuint(teeio_qpci_capability(&edu, 0x05), !=, 0);
    g_assert_cmpuint(teeio_qpci_capability(&edu, TEEIO_PCI_CAP_MSIX), ==, 0);
    teeio_qtest_stop(qtest);
}

static void test_low_ecam(void)
{
    struct teeio_qtest *qtest = teeio_qtest_start(
        qemu, "-M virt,highmem=off -device virtio-rng-pci,addr=1");
    struct teeio_qpci pci;
    struct teeio_qpci_function rng;

    teeio_qpci_init_virt(&pci, qtest);
    g_assert_cmphex(pci.ecam, ==, 0x3f000000);
    g_assert_true(teeio_qpci_find(&pci, 0x1af4, 0x1005, 0, &rng));
    g_assert_cmpuint(teeio_qpci_msix_vectors(&rng), ==, 2);
    teeio_qpci_enable(&rng);
    teeio_qpci_msix_enable(&rng);
    teeio_qpci_msix_program(&rng, 1, 0x1234567890, 42);
    g_assert_cmphex(teeio_qtest_readq(qtest, rng.bar[1] + 16), ==,
                    0x1234567890);
    teeio_qtest_stop(qtest);
}

static void test_qmp(void)
{
    struct teeio_qtest *qtest =
        teeio_qtest_start(qemu, "-M virt -device edu,id=edu0,addr=3");
    g_autofree char *type =
        teeio_qtest_qom_string(qtest, "/machine/peripheral/edu0", "type");
    g_autoptr(JsonObject) reply = teeio_qtest_qmp(
        qtest, "qom-get", "{\"path\": \"%s\", \"property\": \"none\"}",
        "/machine");

    g_assert_cmpstr(type, ==, "edu");
    g_assert_true(json_object_has_member(reply, "error"));
    g_assert_cmpint(
        teeio_qtest_qom_int(qtest, "/machine/peripheral/edu0", "acpi-index"),
        ==, 0);
    teeio_qtest_stop(qtest);
}

static void test_exit(void)
{
    struct teeio_qtest_exit exit;

    teeio_qtest_run(qemu, "-M virt -device nonsense", &exit);
    g_assert_cmpint(exit.status, ==, 1);
    g_assert_cmpint(exit.signal, ==, 0);
    g_assert_nonnull(strstr(exit.error, "'nonsense' is not a valid device"));
    teeio_qtest_exit_clear(&exit);
}

/* A QEMU that dies must fail the test with QEMU's own words. */
static void test_death(void)
{
    if (g_test_subprocess()) {
        struct teeio_qtest *qtest =
            teeio_qtest_start(qemu, "-M virt -device edu,bogus=1");

        teeio_qtest_stop(qtest);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*QEMU left with status 1*bogus*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu = g_getenv("TEEIO_QTEST_QEMU");
    if (!qemu) {
        qemu = "qemu-system-aarch64";
    }
    g_test_add_func("/stock/memory", test_memory);
    g_test_add_func("/stock/irq", test_irq);
    g_test_add_func("/stock/pci", test_pci);
    g_test_add_func("/stock/low-ecam", test_low_ecam);
    g_test_add_func("/stock/qmp", test_qmp);
    g_test_add_func("/stock/exit", test_exit);
    g_test_add_func("/stock/death", test_death);
    return g_test_run();
}
