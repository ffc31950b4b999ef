/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The TSM's session with the device through the mailbox, as a guest and as the
 * host drive it; and each injected fault, by what it changes.
 */

#include <string.h>

#include "rig-disk.h"
#include "rig.h"
#include "teeio/spec/tdisp.h"
#include "teeio/tdisp.h"

#define ARGS RIG_TSM_ARGS " " RIG_TDI_ARGS
#define TDI  "{'tdi':'00:02.0'}"
#define PAGE 0x1000u

struct world {
    struct rig *rig;
    struct teeio_qtest *qtest;
};

static void set_up(struct world *world, gconstpointer args)
{
    world->rig = rig_start(NULL, args);
    world->qtest = world->rig->qtest;
}

static void tear_down(struct world *world, gconstpointer args)
{
    (void)args;
    rig_stop(world->rig);
}

/* Returns: what the command answers. */
static JsonObject *answer(struct world *world, const char *command,
                          const char *arguments)
{
    g_autofree char *name = g_strdup_printf("x-teeio-tsm-%s", command);
    g_autoptr(JsonObject) reply =
        teeio_qtest_qmp(world->qtest, name, "%s", arguments);

    if (!json_object_has_member(reply, "return")) {
        JsonObject *error = json_object_get_object_member(reply, "error");

        g_error("%s: %s", name, json_object_get_string_member(error, "desc"));
    }
    return json_object_ref(json_object_get_object_member(reply, "return"));
}

static void expect(struct world *world, const char *command,
                   const char *arguments, enum teeio_tdisp_state state)
{
    g_autoptr(JsonObject) reply = answer(world, command, arguments);

    g_assert_cmpstr(json_object_get_string_member(reply, "state"), ==,
                    teeio_tdisp_state_name(state));
}

static void refuse(struct world *world, const char *command,
                   const char *arguments, const char *why)
{
    g_autoptr(JsonObject) reply =
        teeio_qtest_qmp(world->qtest, command, "%s", arguments);
    const char *text;

    g_assert_true(json_object_has_member(reply, "error"));
    text = json_object_get_string_member(
        json_object_get_object_member(reply, "error"), "desc");
    if (!g_str_has_prefix(text, command) || !strstr(text, why)) {
        g_error("%s was refused with \"%s\", not %s", command, text, why);
    }
}

static void inject(struct world *world, const char *name, unsigned count)
{
    teeio_qtest_qmp_ok(world->qtest, "x-teeio-inject",
                       "{'name':'%s','target':'tdi','count':%u}", name, count);
}

/* What the model is in, whatever the device tells. */
static void expect_model(struct world *world, enum teeio_tdisp_state state)
{
    g_autofree char *text = teeio_qtest_qom_string(
        world->qtest, "/machine/peripheral/tdi", "tdisp-state");

    g_assert_cmpstr(text, ==, teeio_tdisp_state_name(state));
}

static int64_t sessions(struct world *world)
{
    return rig_counter(world->rig, "tdi", "spdm-sessions");
}

static void lock(struct world *world)
{
    expect(world, "connect", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    expect(world, "lock", TDI, TEEIO_TDISP_CONFIG_LOCKED);
}

static void run(struct world *world)
{
    lock(world);
    expect(world, "start", TDI, TEEIO_TDISP_RUN);
}

static void test_life(struct world *world, gconstpointer args)
{
    g_autoptr(JsonObject) connected = NULL;

    (void)args;
    g_assert_cmpint(sessions(world), ==, 0);
    connected = answer(world, "connect", TDI);
    g_assert_cmpint(json_object_get_int_member(connected, "session"), !=, 0);
    g_assert_cmpstr(json_object_get_string_member(connected, "spdm-version"),
                    ==, "1.3");
    g_assert_cmpint(sessions(world), ==, 1);
    expect(world, "ide-setup", "{'tdi':'tdi','stream':3}",
           TEEIO_TDISP_CONFIG_UNLOCKED);
    expect(world, "lock", "{'tdi':'/machine/peripheral/tdi','stream':3}",
           TEEIO_TDISP_CONFIG_LOCKED);
    expect(world, "start", "{'tdi':'0000:00:02.0'}", TEEIO_TDISP_RUN);
    expect(world, "state", TDI, TEEIO_TDISP_RUN);
    g_assert_cmpuint(rig_fill(world->rig, RIG_DATA, 64, 7, TEEIO_TDI_DESC_T),
                     ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmphex(teeio_qtest_readl(world->qtest, RIG_DATA), ==, 0x07070707);
    expect(world, "stop", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    g_assert_cmpint(sessions(world), ==, 1);
    expect(world, "disconnect", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    g_assert_cmpint(sessions(world), ==, 0);
    /* PCIe 11.4.5: the session takes a locked TDI with it. */
    expect(world, "connect", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    expect(world, "lock", "{'tdi':'tdi','stream':3}",
           TEEIO_TDISP_CONFIG_LOCKED);
    expect(world, "disconnect", TDI, TEEIO_TDISP_ERROR);
    expect(world, "stop", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
}

/* The ranges against the BAR as the bus has it. */
static void test_report(struct world *world, gconstpointer args)
{
    const uint64_t offset = 0x100000000;
    uint64_t bar = world->rig->tdi.bar[0];
    g_autoptr(JsonObject) report = NULL;
    JsonArray *ranges;
    JsonObject *first;
    uint64_t next;

    (void)args;
    expect(world, "connect", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    refuse(world, "x-teeio-tsm-report", TDI, "INVALID_INTERFACE_STATE (0x4)");
    expect(world, "lock", "{'tdi':'tdi','flags':1,'offset':4294967296}",
           TEEIO_TDISP_CONFIG_LOCKED);
    report = answer(world, "report", TDI);
    g_assert_cmpint(json_object_get_int_member(report, "info") &
                        TEEIO_TDISP_NO_FW_UPDATE,
                    ==, TEEIO_TDISP_NO_FW_UPDATE);
    ranges = json_object_get_array_member(report, "ranges");
    g_assert_cmpuint(json_array_get_length(ranges), >=, 2);
    next = (bar + offset) / PAGE;
    for (guint i = 0; i < json_array_get_length(ranges); i++) {
        first = json_array_get_object_element(ranges, i);
        if (json_object_get_int_member(first, "id") != 0) {
            continue;
        }
        g_assert_cmpint(json_object_get_int_member(first, "page"), ==, next);
        next += json_object_get_int_member(first, "pages");
    }
    g_assert_cmphex(next * PAGE, ==, bar + offset + TEEIO_TDI_BAR_SIZE);
}

static void test_measurements(struct world *world, gconstpointer args)
{
    g_autoptr(JsonObject) reply = NULL;
    JsonArray *list;

    (void)args;
    lock(world);
    reply = answer(world, "measurements", TDI);
    list = json_object_get_array_member(reply, "measurements");
    g_assert_cmpuint(json_array_get_length(list), >=, 3);
    for (guint i = 0; i < json_array_get_length(list); i++) {
        JsonObject *one = json_array_get_object_element(list, i);
        const char *digest = json_object_get_string_member(one, "digest");
        const char *value = json_object_get_string_member(one, "value");

        g_assert_cmpuint(strlen(digest), ==, 96);
        g_assert_cmpint(json_object_get_int_member(one, "index"), ==, i + 1);
        if (i == 2) {
            /* FUNCTION_ID, CONFIG_LOCKED, no flags */
            g_assert_true(g_str_has_prefix(value, "100000000100"));
        }
    }
}

/* What the guest wrote to the registers is still there. */
static void test_registers(struct world *world, gconstpointer args)
{
    (void)args;
    g_assert_cmphex(rig_tsm(world->rig, TEEIO_TSM_CMD_LOCK, 0x1234), ==,
                    TEEIO_TDISP_INVALID_INTERFACE);
    run(world);
    g_assert_cmphex(
        teeio_qtest_readl(world->qtest, RIG_TSM + TEEIO_TSM_REG_FUNCTION), ==,
        0x1234);
    g_assert_cmphex(
        teeio_qtest_readl(world->qtest, RIG_TSM + TEEIO_TSM_REG_STATUS), ==,
        TEEIO_TDISP_INVALID_INTERFACE);
}

static void test_errors(struct world *world, gconstpointer args)
{
    (void)args;
    refuse(world, "x-teeio-tsm-start", TDI, "INVALID_INTERFACE_STATE (0x4)");
    refuse(world, "x-teeio-tsm-lock", "{}", "there is no TDI ''");
    refuse(world, "x-teeio-tsm-lock", "{'tdi':'tsm'}", "there is no TDI 'tsm'");
    refuse(world, "x-teeio-tsm-lock", "{'tdi':'00:03.0'}", "there is no TDI");
    refuse(world, "x-teeio-tsm-lock", "{'tdi':'0001:00:02.0'}",
           "there is no TDI");
    refuse(world, "x-teeio-tsm-lock", "{'tdi':'tdi','stream':256}",
           "stream must be a number from 0 to 255");
    refuse(world, "x-teeio-tsm-lock", "{'tdi':'tdi','flags':'all'}", "flags");
    refuse(world, "x-teeio-inject", "{'name':'rain','target':'tdi'}",
           "there is no injection 'rain'");
    refuse(world, "x-teeio-inject", "{'name':'drop-key'}", "there is no TDI");
    refuse(world, "x-teeio-inject", "{'name':'ide-integrity','target':'tdi'}",
           "not fit");
    expect_model(world, TEEIO_TDISP_CONFIG_UNLOCKED);
}

static void test_direct(struct world *world, gconstpointer args)
{
    (void)args;
    refuse(world, "x-teeio-tsm-connect", TDI, "NO_MAILBOX");
    refuse(world, "x-teeio-inject", "{'name':'drop-key','target':'tdi'}",
           "not fit");
    rig_run(world->rig);
    g_assert_cmpint(sessions(world), ==, 0);
}

static void test_doe(struct world *world, gconstpointer args)
{
    (void)args;
    rig_run(world->rig);
    g_assert_cmpint(sessions(world), ==, 1);
}

/* The guest's registers: plain LOCK as ever, through a session once it asks. */
static void test_auto(struct world *world, gconstpointer args)
{
    struct rig *rig = world->rig;

    (void)args;
    rig_run(rig);
    g_assert_cmpint(sessions(world), ==, 0);
    g_assert_cmphex(rig_tsm(rig, TEEIO_TSM_CMD_STOP, RIG_TDI), ==, 0);
    g_assert_cmphex(rig_tsm(rig, TEEIO_TSM_CMD_CONNECT, RIG_TDI), ==, 0);
    g_assert_cmpint(sessions(world), ==, 1);
    rig_run(rig);
    /* It is this session that holds the lock. */
    g_assert_cmphex(rig_tsm(rig, TEEIO_TSM_CMD_DISCONNECT, RIG_TDI), ==, 0);
    expect_model(world, TEEIO_TDISP_ERROR);
}

static void test_no_tsm(struct world *world, gconstpointer args)
{
    (void)args;
    refuse(world, "x-teeio-tsm-connect", TDI, "the machine has no TSM");
    inject(world, "wrong-t", 1);
}

static void test_reset(struct world *world, gconstpointer args)
{
    g_autoptr(JsonObject) reply = NULL;

    (void)args;
    run(world);
    teeio_qtest_qmp_ok(world->qtest, "system_reset", NULL);
    reply = answer(world, "state", TDI);
    g_assert_cmpint(json_object_get_int_member(reply, "session"), ==, 0);
    expect_model(world, TEEIO_TDISP_CONFIG_UNLOCKED);
    g_assert_cmpint(sessions(world), ==, 0);
    rig_place(&world->rig->tdi);
    run(world);
}

static void monitor(struct world *world, const char *line)
{
    g_autoptr(JsonObject) reply = teeio_qtest_qmp(
        world->qtest, "human-monitor-command", "{'command-line':'%s'}", line);

    g_assert_cmpstr(json_object_get_string_member(reply, "return"), ==, "");
}

/* Between LOCK and START: the session's keys and the nonce come back. */
static void test_snapshot(void)
{
    g_autofree char *args = NULL;
    struct rig_disk disk;
    struct world world;

    rig_disk_init(&disk);
    args = g_strdup_printf("-drive if=none,format=qcow2,file='%s' %s",
                           disk.path, ARGS);
    set_up(&world, args);
    lock(&world);
    monitor(&world, "savevm one");
    expect(&world, "stop", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    expect(&world, "disconnect", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    monitor(&world, "loadvm one");
    g_assert_cmpint(sessions(&world), ==, 1);
    expect(&world, "start", TDI, TEEIO_TDISP_RUN);
    rig_stop(world.rig);
    rig_disk_clear(&disk);
}

static void test_drop_key(struct world *world, gconstpointer args)
{
    (void)args;
    expect(world, "connect", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    inject(world, "drop-key", 1);
    expect(world, "ide-setup", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    refuse(world, "x-teeio-tsm-lock", TDI, "INVALID_REQUEST (0x1)");
    expect(world, "ide-setup", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    expect(world, "lock", TDI, TEEIO_TDISP_CONFIG_LOCKED);
}

static void test_bad_nonce(struct world *world, gconstpointer args)
{
    (void)args;
    lock(world);
    inject(world, "bad-nonce", 1);
    refuse(world, "x-teeio-tsm-start", TDI, "INVALID_NONCE (0x102)");
    expect_model(world, TEEIO_TDISP_CONFIG_LOCKED);
}

static void test_force_error(struct world *world, gconstpointer args)
{
    (void)args;
    refuse(world, "x-teeio-inject", "{'name':'force-error','target':'tdi'}",
           "not fit");
    run(world);
    inject(world, "force-error", 1);
    expect(world, "state", TDI, TEEIO_TDISP_ERROR);
}

static void test_stale_state(struct world *world, gconstpointer args)
{
    (void)args;
    expect(world, "connect", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    inject(world, "stale-state", 1);
    expect(world, "lock", TDI, TEEIO_TDISP_CONFIG_LOCKED);
    expect(world, "state", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    expect(world, "state", TDI, TEEIO_TDISP_CONFIG_LOCKED);
}

static void test_bad_report(struct world *world, gconstpointer args)
{
    g_autoptr(JsonObject) good = NULL;

    (void)args;
    lock(world);
    inject(world, "bad-report", 1);
    refuse(world, "x-teeio-tsm-report", TDI, "MALFORMED (0x20002)");
    good = answer(world, "report", TDI);
    g_assert_true(json_object_has_member(good, "ranges"));
}

static void test_wrong_t(struct world *world, gconstpointer args)
{
    struct rig *rig = world->rig;

    (void)args;
    run(world);
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, RIG_DATA, PAGE), ==, 0);
    inject(world, "wrong-t", 1);
    rig_fill(rig, RIG_DATA, 8, 1, TEEIO_TDI_DESC_T);
    g_assert_cmphex(teeio_qtest_readl(world->qtest, RIG_DATA), ==, 0);
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t0"), ==, 1);
    rig_fill(rig, RIG_DATA, 8, 2, TEEIO_TDI_DESC_T);
    g_assert_cmphex(teeio_qtest_readl(world->qtest, RIG_DATA), ==, 0x02020202);
}

static void test_unlock_under_dma(struct world *world, gconstpointer args)
{
    (void)args;
    run(world);
    inject(world, "unlock-under-dma", 1);
    rig_fill(world->rig, RIG_DATA, 4 * PAGE, 1, TEEIO_TDI_DESC_T);
    expect_model(world, TEEIO_TDISP_CONFIG_UNLOCKED);
}

/* The stream fails, the TDI with it; new keys and a new lock mend it. */
static void test_ide_integrity(struct world *world, gconstpointer args)
{
    (void)args;
    run(world);
    inject(world, "ide-integrity", 1);
    expect(world, "state", TDI, TEEIO_TDISP_ERROR);
    expect(world, "stop", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    refuse(world, "x-teeio-tsm-lock", TDI, "INVALID_REQUEST (0x1)");
    expect(world, "ide-setup", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    expect(world, "lock", TDI, TEEIO_TDISP_CONFIG_LOCKED);
    expect(world, "start", TDI, TEEIO_TDISP_RUN);
}

/* By the guest's marker, and by no other. */
static void test_marker(struct world *world, gconstpointer args)
{
    uint64_t marker = RIG_TSM + TEEIO_TSM_REG_MARKER;

    (void)args;
    run(world);
    teeio_qtest_writeq(world->qtest, marker, 6);
    expect(world, "state", TDI, TEEIO_TDISP_RUN);
    teeio_qtest_writeq(world->qtest, marker, 7);
    expect(world, "state", TDI, TEEIO_TDISP_ERROR);
}

static void test_bad_settings(void)
{
    static const char *const settings[] = {"link=none", "inject=7:force-error",
                                           "inject=7:rain:tdi",
                                           "inject=x:force-error:tdi"};

    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        g_autofree char *plugin = rig_plugin();
        g_autofree char *line = g_strdup_printf(
            "%s -M virt -nodefaults -display none -accel tcg -S -plugin '%s' "
            "-device teeio-tsm,%s",
            rig_qemu_aarch64(), plugin, settings[i]);
        g_autofree char *errors = NULL;
        int status = 0;

        g_assert_true(
            g_spawn_command_line_sync(line, NULL, &errors, &status, NULL));
        g_assert_cmpint(status, !=, 0);
        g_assert_nonnull(strstr(errors, "cannot be"));
    }
}

static void test_mailbox(struct world *world, gconstpointer args)
{
    static const char *const names[] = {"doe-busy", "doe-error"};

    (void)args;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        inject(world, names[i], 1);
        refuse(world, "x-teeio-tsm-connect", TDI, "NO_ANSWER (0x20001)");
        inject(world, names[i], 0);
        expect(world, "connect", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
        expect(world, "disconnect", TDI, TEEIO_TDISP_CONFIG_UNLOCKED);
    }
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
#define ADD(path, args, fn) \
    g_test_add("/tsm-qmp/" path, struct world, args, set_up, fn, tear_down)
    ADD("life", ARGS, test_life);
    ADD("report", ARGS, test_report);
    ADD("measurements", ARGS, test_measurements);
    ADD("registers", ARGS, test_registers);
    ADD("errors", ARGS, test_errors);
    ADD("link/direct", RIG_TSM_ARGS ",link=direct " RIG_TDI_ARGS, test_direct);
    ADD("link/doe", RIG_TSM_ARGS ",link=doe " RIG_TDI_ARGS, test_doe);
    ADD("link/auto", RIG_TDI_ARGS " " RIG_TSM_ARGS, test_auto);
    ADD("no-tsm", RIG_TDI_ARGS, test_no_tsm);
    ADD("reset", ARGS, test_reset);
    g_test_add_func("/tsm-qmp/snapshot", test_snapshot);
    ADD("inject/drop-key", ARGS, test_drop_key);
    ADD("inject/bad-nonce", ARGS, test_bad_nonce);
    ADD("inject/force-error", ARGS, test_force_error);
    ADD("inject/stale-state", ARGS, test_stale_state);
    ADD("inject/bad-report", ARGS, test_bad_report);
    ADD("inject/wrong-t", ARGS, test_wrong_t);
    ADD("inject/unlock-under-dma", ARGS, test_unlock_under_dma);
    ADD("inject/ide-integrity", ARGS, test_ide_integrity);
    ADD("inject/mailbox", ARGS, test_mailbox);
    ADD("inject/marker", RIG_TSM_ARGS ",inject=7:force-error:tdi " RIG_TDI_ARGS,
        test_marker);
    g_test_add_func("/tsm-qmp/bad-settings", test_bad_settings);
    return g_test_run();
}
