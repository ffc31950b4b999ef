/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * IDE of teeio-root-port without any session; tests/requester/test-port.py has
 * one.
 */

#include <string.h>

#include "rig-disk.h"
#include "rig.h"
#include "teeio/spec/ide.h"
#include "teeio/spec/port.h"
#include "teeio/tdisp.h"

#define PORT    0x0008u
#define TDI     0x0100u
#define BAR     0x10000000ull
#define ACS_CAP 0x148u
#define IDE_CAP 0x200u
#define BLOCK   (IDE_CAP + TEEIO_IDE_REG_BLOCKS + TEEIO_IDE_LINK_SIZE)
#define BUSES   0x18u
#define STREAM  7u
#define ENABLED (TEEIO_IDE_STREAM_ENABLE | STREAM << TEEIO_IDE_STREAM_ID_LSB)

/* CPUs that never start leave a machine that can be continued. */
#define ARGS                                                             \
    "-device teeio-root-port,id=rp,addr=1 -device teeio-tdi,id=tdi,bus=" \
    "rp " RIG_TSM_ARGS " -global arm-cpu.start-powered-off=on "

struct world {
    struct rig *rig;
    struct teeio_qpci_function port;
};

static struct world start(const char *more)
{
    g_autofree char *args = g_strdup_printf(ARGS "%s", more);
    struct world world = {.rig = rig_start(NULL, args)};

    world.port.pci = &world.rig->pci;
    world.port.requester = PORT;
    return world;
}

static uint32_t get(struct world *world, unsigned offset)
{
    return teeio_qpci_readl(&world->port, offset);
}

static void set(struct world *world, unsigned offset, uint32_t value)
{
    teeio_qpci_writel(&world->port, offset, value);
}

static uint32_t status(struct world *world)
{
    return get(world, BLOCK + TEEIO_IDE_SEL_STATUS);
}

static void act(struct world *world, unsigned stream, const char *action)
{
    teeio_qtest_qmp_ok(world->rig->qtest, "x-teeio-port-ide",
                       "{'path':'rp','stream':%u,'action':'%s'}", stream,
                       action);
}

static void monitor(struct world *world, const char *line)
{
    g_autoptr(JsonObject) reply =
        teeio_qtest_qmp(world->rig->qtest, "human-monitor-command",
                        "{'command-line':'%s'}", line);

    g_assert_cmpstr(json_object_get_string_member(reply, "return"), ==, "");
}

static void test_registers(void)
{
    struct world world = start("");
    uint32_t cap = get(&world, IDE_CAP + TEEIO_IDE_REG_CAP);

    g_assert_cmphex(teeio_qpci_extended(&world.port, TEEIO_IDE_CAP_ID), ==,
                    IDE_CAP);
    g_assert_cmphex(teeio_qpci_extended(&world.port, TEEIO_ECAP_ACS), ==,
                    ACS_CAP);
    g_assert_cmphex(cap & (TEEIO_IDE_CAP_LINK | TEEIO_IDE_CAP_SELECTIVE |
                           TEEIO_IDE_CAP_IDE_KM | TEEIO_IDE_CAP_LINK_TCS |
                           TEEIO_IDE_CAP_STREAMS),
                    ==,
                    TEEIO_IDE_CAP_LINK | TEEIO_IDE_CAP_SELECTIVE |
                        3u << TEEIO_IDE_CAP_STREAMS_LSB);
    g_assert_cmphex(get(&world, BLOCK), ==, 2);
    set(&world, IDE_CAP, 0);
    g_assert_cmphex(get(&world, IDE_CAP) & 0xfffff, ==, 0x10030);
    set(&world, BLOCK + TEEIO_IDE_SEL_CONTROL, ENABLED);
    g_assert_cmphex(
        teeio_qpci_readb(&world.port, BLOCK + TEEIO_IDE_SEL_CONTROL + 3), ==,
        STREAM);
    /* The rest of the port is QEMU's own, and its windows are followed. */
    set(&world, BUSES, 0x00010100);
    g_assert_cmphex(get(&world, BUSES) & 0xffffff, ==, 0x010100);
    rig_stop(world.rig);
}

static void test_keys(void)
{
    struct world world = start("");

    set(&world, BLOCK + TEEIO_IDE_SEL_CONTROL, ENABLED);
    g_assert_cmphex(status(&world), ==, TEEIO_IDE_STATE_INSECURE);
    act(&world, STREAM, "go");
    g_assert_cmphex(status(&world), ==, TEEIO_IDE_STATE_SECURE);
    act(&world, STREAM, "stop");
    g_assert_cmphex(status(&world), ==, TEEIO_IDE_STATE_INSECURE);
    act(&world, STREAM, "go");
    act(&world, STREAM, "fail");
    g_assert_cmphex(status(&world), ==, TEEIO_IDE_STATE_INSECURE);
    act(&world, STREAM, "go");
    set(&world, BLOCK + TEEIO_IDE_SEL_CONTROL,
        ENABLED & ~TEEIO_IDE_STREAM_ENABLE);
    set(&world, BLOCK + TEEIO_IDE_SEL_CONTROL, ENABLED);
    g_assert_cmphex(status(&world), ==, TEEIO_IDE_STATE_INSECURE);
    act(&world, STREAM, "go");
    teeio_qtest_qmp_ok(world.rig->qtest, "system_reset", NULL);
    g_assert_cmphex(get(&world, BLOCK + TEEIO_IDE_SEL_CONTROL), ==, 0);
    set(&world, BLOCK + TEEIO_IDE_SEL_CONTROL, ENABLED);
    g_assert_cmphex(status(&world), ==, TEEIO_IDE_STATE_INSECURE);
    rig_stop(world.rig);
}

static void test_bad_commands(void)
{
    static const char *const bad[][2] = {
        {"{'path':'rp','stream':8,'action':'go'}", "no stream 8"},
        {"{'path':'rp','stream':7,'action':'fail'}", "no stream 7"},
        {"{'path':'rp','stream':256,'action':'go'}", "no stream 256"},
        {"{'path':'rp','action':'go'}", "no stream -1"},
        {"{'path':'rp','stream':7,'action':'run'}", "no action 'run'"},
        {"{'path':'rp','stream':7}", "no action ''"},
        {"{'path':'tdi','stream':7,'action':'go'}", "no such port 'tdi'"},
        {"{'path':'/machine','stream':7,'action':'go'}",
         "no such port '/machine'"},
        {"{'path':'nobody','stream':7,'action':'go'}", "no such port"},
        {"{'stream':7,'action':'go'}", "no such port ''"},
    };
    struct world world = start("");

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(JsonObject) reply = teeio_qtest_qmp(
            world.rig->qtest, "x-teeio-port-ide", "%s", bad[i][0]);
        JsonObject *error;

        g_assert_true(json_object_has_member(reply, "error"));
        error = json_object_get_object_member(reply, "error");
        if (!strstr(json_object_get_string_member(error, "desc"), bad[i][1])) {
            g_error("%s: %s", bad[i][0],
                    json_object_get_string_member(error, "desc"));
        }
    }
    rig_stop(world.rig);
}

/* Without a session there is no stream, and T=1 passes every port. */
static void test_local(void)
{
    struct world world = start("");
    struct rig *rig = world.rig;

    set(&world, BUSES, 0x00010100);
    set(&world, TEEIO_CFG_MEMORY, 0x10001000);
    set(&world, TEEIO_CFG_PREFETCHABLE, 0x0000fff0);
    set(&world, TEEIO_CFG_COMMAND, 0x0106);
    rig->tdi = (struct teeio_qpci_function){.pci = &rig->pci, .requester = TDI};
    rig->pci.next = BAR;
    rig_place(&rig->tdi);
    teeio_qtest_qmp_ok(rig->qtest, "cont", NULL);
    set(&world, BLOCK + TEEIO_IDE_SEL_CONTROL, ENABLED);
    g_assert_cmphex(rig_tsm(rig, TEEIO_TSM_CMD_LOCK, TDI), ==, TEEIO_TDISP_OK);
    g_assert_cmphex(rig_tsm(rig, TEEIO_TSM_CMD_START, TDI), ==, TEEIO_TDISP_OK);
    teeio_qtest_writel(rig->qtest, RIG_DATA, 0);
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, RIG_DATA, 0x1000), ==,
                    TEEIO_TDISP_OK);
    g_assert_cmpuint(rig_fill(rig, RIG_DATA, 4, 0x5a, TEEIO_TDI_DESC_T), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(rig_reads(rig, RIG_DATA, 0x5a, 4, TEEIO_TDI_DESC_T));
    g_assert_cmphex(get(&world, 0x100 + TEEIO_AER_UNCOR_STATUS), ==, 0);
    rig_stop(rig);
}

/* Registers and keys of IDE, and QEMU's own state of the port. */
static void test_snapshot(void)
{
    struct rig_disk disk;
    g_autofree char *drive = NULL;
    struct world world;

    rig_disk_init(&disk);
    drive = g_strdup_printf("-drive if=none,format=qcow2,file='%s'", disk.path);
    world = start(drive);
    set(&world, BUSES, 0x00010100);
    set(&world, BLOCK + TEEIO_IDE_SEL_CONTROL, ENABLED);
    act(&world, STREAM, "go");
    monitor(&world, "savevm one");
    act(&world, STREAM, "stop");
    set(&world, BLOCK + TEEIO_IDE_SEL_CONTROL, 0);
    set(&world, BUSES, 0);
    monitor(&world, "loadvm one");
    g_assert_cmphex(get(&world, BUSES) & 0xffffff, ==, 0x010100);
    g_assert_cmphex(get(&world, BLOCK + TEEIO_IDE_SEL_CONTROL), ==, ENABLED);
    g_assert_cmphex(status(&world), ==, TEEIO_IDE_STATE_SECURE);
    rig_stop(world.rig);
    rig_disk_clear(&disk);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/ide-port/registers", test_registers);
    g_test_add_func("/ide-port/keys", test_keys);
    g_test_add_func("/ide-port/bad-commands", test_bad_commands);
    g_test_add_func("/ide-port/local", test_local);
    g_test_add_func("/ide-port/snapshot", test_snapshot);
    return g_test_run();
}
