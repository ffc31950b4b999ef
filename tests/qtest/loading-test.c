/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Loading: one plug-in for every target, and a refusal where QEMU is not
 * laid out as expected.
 */

#include <string.h>

#include "abi/abi.h"
#include "rig.h"

/* Every row of the tables: whatever may be wrong must be noticed. */
static const char *const abi_rows[] = {
#define ROW_NAME(name) #name,
    TEEIO_ABI_ROWS(ROW_NAME)
#undef ROW_NAME
};

/* No device has sent an interrupt yet, so nothing shows this one. */
static const char unseen_row[] = "attrs_requester";

/* No PCI function exists yet: the first device of ours looks at one. */
static const char *const late_rows[] = {"pci_config", "pci_cmask", "pci_wmask",
                                        NULL};

static char *arguments(const char *machine, const char *plugin_args)
{
    g_autofree char *plugin = rig_plugin();

    return g_strdup_printf("-M %s -plugin '%s%s%s'", machine, plugin,
                           plugin_args ? "," : "",
                           plugin_args ? plugin_args : "");
}

static void test_loads(gconstpointer opaque)
{
    bool arm = GPOINTER_TO_INT(opaque);
    g_autofree char *args = arguments(arm ? "virt" : "q35", NULL);
    struct teeio_qtest *qtest =
        teeio_qtest_start(arm ? rig_qemu_aarch64() : rig_qemu_x86_64(), args);
    g_autofree char *error = teeio_qtest_stderr(qtest);
    g_auto(GStrv) lines = g_strsplit(error, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_assert_true(!**line || rig_is_noise(*line));
    }
    teeio_qtest_stop(qtest);
}

static void test_types(void)
{
    static const char *const types[] = {
        "teeio-smmuv3",      "teeio-tdi",       "teeio-testdev",
        "teeio-tsm",         "teeio-root-port", "teeio-switch",
        "teeio-switch-port", "teeio-window",    "teeio-pool"};
    g_autofree char *args = arguments("virt", NULL);
    struct teeio_qtest *qtest = teeio_qtest_start(rig_qemu_aarch64(), args);

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        teeio_qtest_qmp_ok(qtest, "device-list-properties",
                           "{\"typename\": \"%s\"}", types[i]);
    }
    teeio_qtest_stop(qtest);
}

static void require(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        g_error("'%s' is missing in: %s", part, text);
    }
}

/* QEMU 10.0 no longer tells how large its objects are. */
static bool tells_sizes(const char *qemu)
{
    g_autofree char *command = g_strdup_printf("%s --version", qemu);
    g_autofree char *output = NULL;

    g_assert_true(
        g_spawn_command_line_sync(command, &output, NULL, NULL, NULL));
    return g_str_has_prefix(output, "QEMU emulator version 7.2");
}

static void check_refusal(bool arm, const char *row)
{
    const char *qemu = arm ? rig_qemu_aarch64() : rig_qemu_x86_64();
    g_autofree char *plugin_args = g_strdup_printf("abi-test=corrupt:%s", row);
    g_autofree char *machine = g_strdup_printf(
        "%s%s", arm ? "virt" : "q35",
        g_strv_contains(late_rows, row) ? " -device teeio-tsm" : "");
    g_autofree char *args = arguments(machine, plugin_args);
    struct teeio_qtest_exit exit;

    if (g_str_has_prefix(row, "size_") && !tells_sizes(qemu)) {
        g_test_skip("this QEMU does not tell sizes");
        return;
    }
    teeio_qtest_run(qemu, args, &exit);
    g_assert_cmpint(exit.signal, ==, 0);
    g_assert_cmpint(exit.status, ==, 1);
    require(exit.error, "teeio: ");
    require(exit.error, "expected");
    require(exit.error, "found");
    require(exit.error, "7.2");
    require(exit.error, "10.0");
    teeio_qtest_exit_clear(&exit);
}

static void test_abi_aarch64(gconstpointer opaque)
{
    check_refusal(true, opaque);
}

static void test_abi_x86_64(gconstpointer opaque)
{
    check_refusal(false, opaque);
}

static void add_abi_test(const char *row)
{
    g_autofree char *arm = g_strdup_printf("/loading/abi/aarch64/%s", row);
    g_autofree char *x86 = g_strdup_printf("/loading/abi/x86_64/%s", row);

    g_test_add_data_func(arm, row, test_abi_aarch64);
    if (g_strv_contains(late_rows, row)) {
        return;
    }
    g_test_add_data_func(x86, row, test_abi_x86_64);
}

static void test_bad_arguments(void)
{
    static const struct {
        const char *plugin_args;
        const char *message;
    } rows[] = {
        {"nonsense=1", "nonsense"},
        {"nonsense", "nonsense"},
        {"abi-test=corrupt:no-such-field", "no-such-field"},
        {"abi-test=nonsense", "nonsense"},
        {"events=", "events"},
        {"events=/nonexistent/folder/events.jsonl",
         "/nonexistent/folder/events.jsonl"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *args = arguments("virt", rows[i].plugin_args);
        struct teeio_qtest_exit exit;

        teeio_qtest_run(rig_qemu_aarch64(), args, &exit);
        g_assert_cmpint(exit.signal, ==, 0);
        g_assert_cmpint(exit.status, ==, 1);
        require(exit.error, "teeio: ");
        require(exit.error, rows[i].message);
        require(exit.error, "hint: ");
        teeio_qtest_exit_clear(&exit);
    }
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_data_func("/loading/aarch64", GINT_TO_POINTER(true), test_loads);
    g_test_add_data_func("/loading/x86_64", GINT_TO_POINTER(false), test_loads);
    g_test_add_func("/loading/types", test_types);
    g_test_add_func("/loading/bad-arguments", test_bad_arguments);
    for (size_t i = 0; i < G_N_ELEMENTS(abi_rows); i++) {
        if (!g_str_equal(abi_rows[i], unseen_row)) {
            add_abi_test(abi_rows[i]);
        }
    }
    return g_test_run();
}
