/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The device tree that a guest gets: our nodes and the bridge's iommu-map must
 * be what golden/ says, to the letter.
 */

#include <glib/gstdio.h>
#include <string.h>

#include "rig.h"

/* The name of a node that belongs to us, with "{" behind it. */
static bool is_ours(const char *line)
{
    return (g_str_has_prefix(line, "smmuv3@") ||
            g_str_has_prefix(line, "tsm@")) &&
           g_str_has_suffix(line, "{");
}

static bool is_bridge(const char *line)
{
    return g_str_has_prefix(line, "pcie@") && g_str_has_suffix(line, "{");
}

/*
 * Keep our nodes and what we add to the bridge of what dtc -s printed. Phandles
 * are the only numbers that depend on the rest of the tree.
 */
static char *extract(const char *source)
{
    g_auto(GStrv) lines = g_strsplit(source, "\n", -1);
    g_autoptr(GRegex) phandle =
        g_regex_new("phandle = <0x[0-9a-f]+>", 0, 0, NULL);
    g_autoptr(GRegex) map =
        g_regex_new("iommu-map = <(0x[0-9a-f]+) 0x[0-9a-f]+", 0, 0, NULL);
    g_autoptr(GString) kept = g_string_new(NULL);
    g_autofree char *step = NULL;
    bool ours = false;
    bool bridge = false;

    for (char **next = lines; *next; next++) {
        char *line = g_strstrip(*next);
        bool map_line = bridge && (g_str_has_prefix(line, "iommu-map") ||
                                   g_str_has_prefix(line, "ats-supported"));

        ours = ours || is_ours(line);
        bridge = bridge || is_bridge(line);
        if (ours || is_bridge(line) || map_line ||
            (bridge && g_str_equal(line, "};"))) {
            bool brace = strchr("};", line[0]) || g_str_has_suffix(line, "{");

            g_string_append_printf(kept, "%s%s\n", brace ? "" : "\t", line);
        }
        if (g_str_equal(line, "};")) {
            ours = false;
            bridge = false;
        }
    }
    step = g_regex_replace_literal(phandle, kept->str, -1, 0,
                                   "phandle = <PHANDLE>", 0, NULL);
    return g_regex_replace(map, step, -1, 0, "iommu-map = <\\1 PHANDLE", 0,
                           NULL);
}

static char *decompile(const char *blob)
{
    const char *argv[] = {g_getenv("TEEIO_DTC"),
                          "-q",
                          "-s",
                          "-I",
                          "dtb",
                          "-O",
                          "dts",
                          blob,
                          NULL};
    g_autoptr(GError) error = NULL;
    char *source = NULL;
    int status;

    if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
                      NULL, &source, NULL, &status, &error) ||
        !g_spawn_check_wait_status(status, &error)) {
        g_error("dtc: %s", error->message);
    }
    return source;
}

static char *dump_tree(const char *devices)
{
    g_autofree char *folder = g_dir_make_tmp("teeio-dtb-XXXXXX", NULL);
    g_autofree char *blob = g_build_filename(folder, "board.dtb", NULL);
    g_autofree char *plugin = rig_plugin();
    g_autofree char *args =
        g_strdup_printf("-cpu cortex-a57 -M virt,dumpdtb=%s -plugin '%s' %s",
                        blob, plugin, devices);
    g_autofree char *source = NULL;
    struct teeio_qtest_exit exit;

    teeio_qtest_run(rig_qemu_aarch64(), args, &exit);
    if (exit.status != 0) {
        g_error("dumpdtb: %s", exit.error);
    }
    teeio_qtest_exit_clear(&exit);
    source = decompile(blob);
    g_unlink(blob);
    g_rmdir(folder);
    return extract(source);
}

/* The golden file without its licence header. */
static char *read_golden(const char *name)
{
    g_autofree char *file = g_strconcat(name, ".dts", NULL);
    g_autofree char *path =
        g_test_build_filename(G_TEST_DIST, "golden", file, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    const char *body;

    if (!g_file_get_contents(path, &text, NULL, &error)) {
        g_error("%s", error->message);
    }
    body = text;
    while (g_str_has_prefix(body, "//")) {
        body = strchr(body, '\n') + 1;
    }
    return g_strdup(body);
}

static const struct {
    const char *name;
    const char *devices;
} cases[] = {
    {"default", "-device teeio-smmuv3 -device teeio-tsm"},
    {"order", "-device teeio-tdi -device teeio-tsm -device teeio-smmuv3"},
    {"moved", "-device teeio-smmuv3,base=0x0b000000,spi=80 "
              "-device teeio-tsm,base=0x0b100000"},
    {"tsm", "-device teeio-tsm"},
    {"none", "-device teeio-tdi"},
};

static void test_tree(gconstpointer opaque)
{
    size_t row = GPOINTER_TO_SIZE(opaque);
    g_autofree char *tree = dump_tree(cases[row].devices);
    g_autofree char *golden = read_golden(cases[row].name);

    if (strcmp(tree, golden) != 0) {
        g_error("%s.dts differs from this tree:\n%s", cases[row].name, tree);
    }
}

/* Only a realm manager knows of the second interface. */
static void test_realm(void)
{
    g_autofree char *tree =
        dump_tree("-device teeio-smmuv3,t-policy=arm-split,realm=on "
                  "-device teeio-tsm");
    g_autofree char *golden = read_golden("default");

    g_assert_cmpstr(tree, ==, golden);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/dtb/%s", cases[i].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_tree);
    }
    g_test_add_func("/dtb/realm", test_realm);
    return g_test_run();
}
