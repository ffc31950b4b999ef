/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * DOE and IDE of the TDI in its configuration space, what moves a locked TDI
 * to ERROR, and which accesses to its memory are refused. Sessions are in
 * tests/requester.
 */

#include <glib/gstdio.h>
#include <string.h>

#include "rig.h"
#include "teeio/spec/doe.h"
#include "teeio/spec/ide.h"
#include "teeio/spec/tdisp.h"
#include "teeio/tdisp.h"

#define ARGS            RIG_TSM_ARGS " " RIG_TDI_ARGS
#define MAILBOX_VECTOR  2
#define MSI_PLACE       RIG_DATA
#define DATA            0x5a

#define EXPRESS_CONTROL 8
#define EXPRESS_CAPS2   0x28
#define FLR             0x8000
#define CAP_POWER       0x01
#define POWER_CONTROL   4
#define CAP_PRI         0x13
#define CAP_PASID       0x1b
#define COMMAND_ON      (TEEIO_PCI_COMMAND_MSE | TEEIO_PCI_COMMAND_BME)

struct world {
    struct rig *rig;
    struct teeio_qpci_function *tdi;
    unsigned doe;
    unsigned ide;
};

static void set_up(struct world *world, gconstpointer args)
{
    world->rig = rig_start(NULL, args);
    world->tdi = &world->rig->tdi;
    world->doe = teeio_qpci_extended(world->tdi, TEEIO_DOE_CAP_ID);
    world->ide = teeio_qpci_extended(world->tdi, TEEIO_IDE_CAP_ID);
    g_assert_cmphex(world->doe, !=, 0);
    g_assert_cmphex(world->ide, !=, 0);
}

static void tear_down(struct world *world, gconstpointer args)
{
    (void)args;
    rig_stop(world->rig);
}

static uint32_t doe_get(struct world *world, unsigned reg)
{
    return teeio_qpci_readl(world->tdi, world->doe + reg);
}

static void doe_set(struct world *world, unsigned reg, uint32_t value)
{
    teeio_qpci_writel(world->tdi, world->doe + reg, value);
}

static uint32_t doe_pop(struct world *world)
{
    uint32_t value = doe_get(world, TEEIO_DOE_REG_READ);

    doe_set(world, TEEIO_DOE_REG_READ, 0);
    return value;
}

static void discover(struct world *world, uint32_t index)
{
    doe_set(world, TEEIO_DOE_REG_WRITE, 0x00000001);
    doe_set(world, TEEIO_DOE_REG_WRITE, 3);
    doe_set(world, TEEIO_DOE_REG_WRITE, index);
}

static void test_discovery(struct world *world, gconstpointer args)
{
    static const uint32_t answers[] = {0x01000001, 0x02010001, 0x00020001};

    (void)args;
    for (unsigned i = 0; i < G_N_ELEMENTS(answers); i++) {
        discover(world, i);
        g_assert_cmphex(doe_get(world, TEEIO_DOE_REG_STATUS), ==, 0);
        doe_set(world, TEEIO_DOE_REG_CONTROL, TEEIO_DOE_CONTROL_GO);
        g_assert_cmphex(doe_get(world, TEEIO_DOE_REG_STATUS), ==,
                        TEEIO_DOE_STATUS_READY);
        g_assert_cmphex(doe_pop(world), ==, 0x00000001);
        g_assert_cmphex(doe_pop(world), ==, 3);
        g_assert_cmphex(doe_pop(world), ==, answers[i]);
        g_assert_cmphex(doe_get(world, TEEIO_DOE_REG_STATUS), ==, 0);
    }
}

static void test_doe_registers(struct world *world, gconstpointer args)
{
    (void)args;
    g_assert_cmphex(doe_get(world, TEEIO_DOE_REG_CAP), ==,
                    TEEIO_DOE_CAP_INTERRUPT | MAILBOX_VECTOR
                                                  << TEEIO_DOE_CAP_MESSAGE_LSB);
    doe_set(world, TEEIO_DOE_REG_HEADER, UINT32_MAX);
    doe_set(world, TEEIO_DOE_REG_CAP, UINT32_MAX);
    g_assert_cmphex(doe_get(world, TEEIO_DOE_REG_HEADER) & 0xfffff, ==,
                    0x1002e);
    g_assert_cmphex(doe_get(world, TEEIO_DOE_REG_CAP), ==, 5);
    teeio_qpci_writeb(world->tdi, world->doe + TEEIO_DOE_REG_CONTROL,
                      TEEIO_DOE_CONTROL_INT_EN);
    g_assert_cmphex(
        teeio_qpci_readb(world->tdi, world->doe + TEEIO_DOE_REG_CONTROL), ==,
        TEEIO_DOE_CONTROL_INT_EN);
    /* An object that ends too early has no answer; abort ends one. */
    doe_set(world, TEEIO_DOE_REG_WRITE, 0x00000001);
    doe_set(world, TEEIO_DOE_REG_WRITE, 4);
    doe_set(world, TEEIO_DOE_REG_CONTROL, TEEIO_DOE_CONTROL_GO);
    g_assert_cmphex(
        doe_get(world, TEEIO_DOE_REG_STATUS) & TEEIO_DOE_STATUS_READY, ==, 0);
    discover(world, 0);
    doe_set(world, TEEIO_DOE_REG_CONTROL, TEEIO_DOE_CONTROL_GO);
    g_assert_cmphex(doe_get(world, TEEIO_DOE_REG_STATUS), ==,
                    TEEIO_DOE_STATUS_READY);
    doe_set(world, TEEIO_DOE_REG_CONTROL, TEEIO_DOE_CONTROL_ABORT);
    g_assert_cmphex(doe_get(world, TEEIO_DOE_REG_STATUS), ==, 0);
}

static void test_doe_interrupt(struct world *world, gconstpointer args)
{
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;

    (void)args;
    teeio_qtest_writel(world->rig->qtest, MSI_PLACE, 0);
    teeio_qpci_msix_enable(world->tdi);
    teeio_qpci_msix_program(world->tdi, MAILBOX_VECTOR, MSI_PLACE, DATA);
    teeio_qtest_qmp_ok(world->rig->qtest, "cont", NULL);
    discover(world, 0);
    doe_set(world, TEEIO_DOE_REG_CONTROL,
            TEEIO_DOE_CONTROL_GO | TEEIO_DOE_CONTROL_INT_EN);
    while (teeio_qtest_readl(world->rig->qtest, MSI_PLACE) != DATA) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(200);
    }
    g_assert_cmphex(doe_get(world, TEEIO_DOE_REG_STATUS), ==,
                    TEEIO_DOE_STATUS_READY | TEEIO_DOE_STATUS_INT);
    doe_set(world, TEEIO_DOE_REG_STATUS, TEEIO_DOE_STATUS_INT);
    g_assert_cmphex(doe_get(world, TEEIO_DOE_REG_STATUS), ==,
                    TEEIO_DOE_STATUS_READY);
}

static void test_ide_registers(struct world *world, gconstpointer args)
{
    struct teeio_qpci_function *tdi = world->tdi;
    unsigned express = teeio_qpci_capability(tdi, TEEIO_PCI_CAP_EXPRESS);
    unsigned stream = world->ide + TEEIO_IDE_REG_BLOCKS + TEEIO_IDE_LINK_SIZE;
    uint32_t cap = teeio_qpci_readl(tdi, world->ide + TEEIO_IDE_REG_CAP);

    (void)args;
    g_assert_cmphex(teeio_qpci_readl(tdi, express + 4) & 1u << 30, !=, 0);
    g_assert_cmphex(cap & (TEEIO_IDE_CAP_LINK | TEEIO_IDE_CAP_SELECTIVE |
                           TEEIO_IDE_CAP_IDE_KM | TEEIO_IDE_CAP_TEE_LIMITED),
                    ==,
                    TEEIO_IDE_CAP_LINK | TEEIO_IDE_CAP_SELECTIVE |
                        TEEIO_IDE_CAP_IDE_KM | TEEIO_IDE_CAP_TEE_LIMITED);
    g_assert_cmphex((cap & TEEIO_IDE_CAP_STREAMS) >> TEEIO_IDE_CAP_STREAMS_LSB,
                    ==, 3);
    g_assert_cmphex(teeio_qpci_readl(tdi, stream + TEEIO_IDE_SEL_CAP) & 0xf, ==,
                    2);
    teeio_qpci_writel(tdi, stream + TEEIO_IDE_SEL_CONTROL,
                      TEEIO_IDE_STREAM_ENABLE | TEEIO_IDE_STREAM_DEFAULT |
                          7u << TEEIO_IDE_STREAM_ID_LSB);
    g_assert_cmphex(teeio_qpci_readb(tdi, stream + TEEIO_IDE_SEL_CONTROL + 3),
                    ==, 7);
    /* Enabled, and without keys: insecure. */
    g_assert_cmphex(teeio_qpci_readl(tdi, stream + TEEIO_IDE_SEL_STATUS), ==,
                    TEEIO_IDE_STATE_INSECURE);
    teeio_qtest_qmp_ok(world->rig->qtest, "system_reset", NULL);
    g_assert_cmphex(teeio_qpci_readl(tdi, stream + TEEIO_IDE_SEL_CONTROL), ==,
                    0);
}

static uint32_t tsm(struct world *world, uint32_t command)
{
    return rig_tsm(world->rig, command, RIG_TDI);
}

static uint32_t state(struct world *world)
{
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_GET_STATE), ==, TEEIO_TDISP_OK);
    return rig_tsm_result(world->rig);
}

struct cause {
    const char *name;
    uint32_t cap; /* id, in 31:16 when extended; 0: the header */
    unsigned offset;
    uint16_t value;
    enum teeio_tdisp_state after;
};

static const struct cause causes[] = {
    {"bus-master", 0, TEEIO_PCI_COMMAND, TEEIO_PCI_COMMAND_MSE,
     TEEIO_TDISP_ERROR},
    {"memory-space", 0, TEEIO_PCI_COMMAND, TEEIO_PCI_COMMAND_BME,
     TEEIO_TDISP_ERROR},
    {"bar", 0, TEEIO_PCI_BAR(0) + 2, 0x3a00, TEEIO_TDISP_ERROR},
    {"bar-upper", 0, TEEIO_PCI_BAR(1), 1, TEEIO_TDISP_ERROR},
    {"bar-msix", 0, TEEIO_PCI_BAR(2) + 2, 0x3a00, TEEIO_TDISP_ERROR},
    {"power", CAP_POWER, POWER_CONTROL, 3, TEEIO_TDISP_ERROR},
    {"extended-tag", TEEIO_PCI_CAP_EXPRESS, EXPRESS_CONTROL, 0x0900,
     TEEIO_TDISP_ERROR},
    {"no-snoop", TEEIO_PCI_CAP_EXPRESS, EXPRESS_CONTROL, 0, TEEIO_TDISP_ERROR},
    {"tag-10", TEEIO_PCI_CAP_EXPRESS, EXPRESS_CAPS2, 0x1000, TEEIO_TDISP_ERROR},
    {"flr", TEEIO_PCI_CAP_EXPRESS, EXPRESS_CONTROL, FLR, TEEIO_TDISP_ERROR},
    {"pasid", CAP_PASID << 16, 6, 1, TEEIO_TDISP_ERROR},
    {"pri", CAP_PRI << 16, 4, 1, TEEIO_TDISP_ERROR},
    /* The local TSM does not ask for LOCK_MSIX. */
    {"msix", TEEIO_PCI_CAP_MSIX, TEEIO_PCI_MSIX_CONTROL, TEEIO_PCI_MSIX_ENABLE,
     TEEIO_TDISP_RUN},
    {"error-reporting", TEEIO_PCI_CAP_EXPRESS, EXPRESS_CONTROL, 0x080f,
     TEEIO_TDISP_RUN},
};

static void test_cause(gconstpointer data)
{
    const struct cause *cause = data;

    for (unsigned from = TEEIO_TDISP_CONFIG_LOCKED; from <= TEEIO_TDISP_RUN;
         from++) {
        struct world world;
        unsigned base = 0;

        set_up(&world, ARGS);
        if (cause->cap >> 16) {
            base = teeio_qpci_extended(world.tdi, cause->cap >> 16);
        } else if (cause->cap) {
            base = teeio_qpci_capability(world.tdi, (uint8_t)cause->cap);
        }
        g_assert_true(!cause->cap || base);
        g_assert_cmphex(tsm(&world, TEEIO_TSM_CMD_LOCK), ==, TEEIO_TDISP_OK);
        if (from == TEEIO_TDISP_RUN) {
            g_assert_cmphex(tsm(&world, TEEIO_TSM_CMD_START), ==,
                            TEEIO_TDISP_OK);
        }
        teeio_qpci_writew(world.tdi, base + cause->offset, cause->value);
        g_assert_cmpuint(state(&world), ==,
                         cause->after == TEEIO_TDISP_RUN ? from : cause->after);
        g_assert_cmphex(tsm(&world, TEEIO_TSM_CMD_STOP), ==, TEEIO_TDISP_OK);
        g_assert_cmpuint(state(&world), ==, TEEIO_TDISP_CONFIG_UNLOCKED);
        tear_down(&world, NULL);
    }
}

/* PCIe 11.3.8: what cannot be locked. */
static void test_unfit(struct world *world, gconstpointer args)
{
    struct teeio_qpci_function *tdi = world->tdi;
    unsigned power = teeio_qpci_capability(tdi, CAP_POWER) + POWER_CONTROL;
    uint32_t bar = teeio_qpci_readl(tdi, TEEIO_PCI_BAR(2));

    (void)args;
    teeio_qpci_writew(tdi, TEEIO_PCI_COMMAND, TEEIO_PCI_COMMAND_BME);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_LOCK), ==,
                    TEEIO_TDISP_INVALID_DEVICE_CONFIGURATION);
    teeio_qpci_writew(tdi, TEEIO_PCI_COMMAND, COMMAND_ON);
    teeio_qpci_writel(tdi, TEEIO_PCI_BAR(2), 0);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_LOCK), ==,
                    TEEIO_TDISP_INVALID_DEVICE_CONFIGURATION);
    teeio_qpci_writel(tdi, TEEIO_PCI_BAR(2), (uint32_t)tdi->bar[0]);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_LOCK), ==,
                    TEEIO_TDISP_INVALID_DEVICE_CONFIGURATION);
    teeio_qpci_writel(tdi, TEEIO_PCI_BAR(2), bar);
    teeio_qpci_writew(tdi, power, 3);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_LOCK), ==,
                    TEEIO_TDISP_INVALID_DEVICE_CONFIGURATION);
    teeio_qpci_writew(tdi, power, 0);
    rig_place(tdi);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_LOCK), ==, TEEIO_TDISP_OK);
}

/* PCIe 5.3.1.4.1: no memory requests in D3hot, and a reset on the way out. */
static void test_power(struct world *world, gconstpointer args)
{
    struct teeio_qpci_function *tdi = world->tdi;
    unsigned power = teeio_qpci_capability(tdi, CAP_POWER) + POWER_CONTROL;
    uint64_t bar = tdi->bar[0];

    (void)args;
    g_assert_cmphex(teeio_qtest_readl(world->rig->qtest, bar), ==,
                    TEEIO_TDI_MAGIC);
    teeio_qpci_writew(tdi, power, 3);
    g_assert_cmphex(teeio_qtest_readl(world->rig->qtest, bar), ==, UINT32_MAX);
    teeio_qpci_writew(tdi, power, 0);
    g_assert_cmphex(teeio_qpci_readw(tdi, TEEIO_PCI_COMMAND), ==, 0);
    rig_place(tdi);
    g_assert_cmphex(teeio_qtest_readl(world->rig->qtest, tdi->bar[0]), ==,
                    TEEIO_TDI_MAGIC);
}

/* PCIe 11.2.1, by the pages of the report: registers, ring, spare pages. */
static void test_mmio_t(struct world *world, gconstpointer args)
{
    struct teeio_qtest *qtest = world->rig->qtest;
    uint64_t bar = world->tdi->bar[0];
    uint64_t ring = bar + TEEIO_TDI_RING_OFFSET;

    (void)args;
    teeio_qtest_writel(qtest, ring, 0x1234);
    g_assert_cmphex(teeio_qtest_readl(qtest, ring), ==, 0x1234);
    rig_run(world->rig);
    g_assert_cmphex(teeio_qtest_readl(qtest, bar), ==, TEEIO_TDI_MAGIC);
    g_assert_cmphex(teeio_qtest_readl(qtest, ring), ==, UINT32_MAX);
    teeio_qtest_writel(qtest, ring, 0x5678);
    g_assert_cmphex(teeio_qtest_readl(qtest, bar + TEEIO_TDI_BAR_SIZE - 4), ==,
                    UINT32_MAX);
    teeio_qtest_qmp_ok(
        qtest, "qom-set",
        "{'path':'/machine/peripheral/tdi','property':'mmio-t','value':'1'}");
    g_assert_cmphex(teeio_qtest_readl(qtest, ring), ==, 0x1234);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_STOP), ==, TEEIO_TDISP_OK);
    /* Nothing is TEE memory now, and T=1 has no business here. */
    g_assert_cmphex(teeio_qtest_readl(qtest, ring), ==, UINT32_MAX);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_LOCK), ==, TEEIO_TDISP_OK);
    g_assert_cmphex(teeio_qtest_readl(qtest, ring), ==, UINT32_MAX);
    g_assert_cmphex(teeio_qtest_readl(qtest, bar), ==, TEEIO_TDI_MAGIC);
}

/* An oracle that knows the layouts for itself. */
static void test_lspci(struct world *world, gconstpointer args)
{
    static const char *const expected[] = {
        "Address Translation Service (ATS)",
        "Process Address Space ID (PASID)",
        "Page Request Interface (PRI)",
        "Data Object Exchange",
        "MSI-X: Enable- Count=3",
        "Power Management version 3",
        "Single Root I/O Virtualization (SR-IOV)",
        "Alternative Routing-ID Interpretation (ARI)",
        "Initial VFs: 4, Total VFs: 4",
        /* IDE, which lspci 3.9 has no name for. */
        "Capabilities: [200 v1]",
    };
    g_autofree char *lspci = g_find_program_in_path("lspci");
    g_autoptr(GString) dump = g_string_new("00:02.0 x\n");
    g_autofree char *path = NULL;
    g_autofree char *out = NULL;
    g_autofree char *errors = NULL;
    int fd;

    (void)args;
    if (!lspci) {
        g_test_skip("lspci is not installed");
        return;
    }
    for (unsigned i = 0; i < 0x1000; i += 16) {
        g_string_append_printf(dump, "%02x:", i);
        for (unsigned j = 0; j < 16; j++) {
            g_string_append_printf(dump, " %02x",
                                   teeio_qpci_readb(world->tdi, i + j));
        }
        g_string_append_c(dump, '\n');
    }
    fd = g_file_open_tmp("teeio-lspci-XXXXXX", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    g_assert_true(
        g_file_set_contents(path, dump->str, (gssize)dump->len, NULL));
    {
        char *argv[] = {lspci, "-F", path, "-vvv", NULL};

        g_assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL,
                                   NULL, &out, &errors, NULL, NULL));
    }
    g_unlink(path);
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        if (!strstr(out, expected[i])) {
            g_error("lspci does not show \"%s\":\n%s%s", expected[i], out,
                    errors);
        }
    }
    g_assert_null(strstr(out, "<chain broken>"));
    g_assert_null(strstr(out, "!!!"));
}

static void test_bad_settings(void)
{
    static const char *const settings[] = {"quirks=nothing", "mmio-t=2",
                                           "spdm-max-version=1.1", "vfs=33",
                                           "addr=10,vfs=1"};

    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        g_autofree char *plugin = rig_plugin();
        g_autofree char *args = g_strdup_printf(
            "-M virt -plugin '%s' -device teeio-tdi,%s", plugin, settings[i]);
        struct teeio_qtest_exit exit;

        teeio_qtest_run(rig_qemu_aarch64(), args, &exit);
        g_assert_cmpint(exit.status, ==, 1);
        g_assert_nonnull(strstr(exit.error, "teeio-tdi:"));
        teeio_qtest_exit_clear(&exit);
    }
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
#define ADD(path, args, fn) \
    g_test_add(path, struct world, args, set_up, fn, tear_down)
    ADD("/tdi-security/doe/discovery", RIG_TDI_ARGS, test_discovery);
    ADD("/tdi-security/doe/registers", RIG_TDI_ARGS, test_doe_registers);
    ADD("/tdi-security/doe/interrupt", RIG_TDI_ARGS, test_doe_interrupt);
    ADD("/tdi-security/ide/registers", RIG_TDI_ARGS, test_ide_registers);
    ADD("/tdi-security/unfit", ARGS, test_unfit);
    ADD("/tdi-security/power", RIG_TDI_ARGS, test_power);
    ADD("/tdi-security/mmio-t", ARGS ",mmio-t=0", test_mmio_t);
    ADD("/tdi-security/lspci", RIG_TDI_ARGS ",vfs=4", test_lspci);
    g_test_add_func("/tdi-security/bad-settings", test_bad_settings);
    for (size_t i = 0; i < G_N_ELEMENTS(causes); i++) {
        g_autofree char *path =
            g_strdup_printf("/tdi-security/error/%s", causes[i].name);

        g_test_add_data_func(path, &causes[i], test_cause);
    }
    return g_test_run();
}
