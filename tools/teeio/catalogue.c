/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Finding the scenarios and picking among them.
 */
#include "scenario.h"
#include "tool.h"

static int by_id(gconstpointer a, gconstpointer b)
{
    const struct teeio_scenario *const *x = a;
    const struct teeio_scenario *const *y = b;

    return g_strcmp0((*x)->id, (*y)->id);
}

static bool load_group(GPtrArray *all, const char *root, const char *group,
                       GError **error)
{
    g_autofree char *path = g_build_filename(root, group, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *id = g_strdup_printf("%s/%s", group, name);
        g_autofree char *file =
            g_build_filename(root, id, "scenario.ini", NULL);
        struct teeio_scenario *scenario;

        if (!g_file_test(file, G_FILE_TEST_EXISTS)) {
            continue;
        }
        scenario = teeio_scenario_load(root, id, error);
        if (!scenario) {
            return false;
        }
        g_ptr_array_add(all, scenario);
    }
    return true;
}

static bool load_root(GPtrArray *all, const char *root, const char *hint,
                      GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
    const char *group;

    if (!dir) {
        teeio_set_error(error, TEEIO_EXIT_RIG, hint, "scenarios: %s: not found",
                        root);
        return false;
    }
    while ((group = g_dir_read_name(dir))) {
        if (!load_group(all, root, group, error)) {
            return false;
        }
    }
    return true;
}

GPtrArray *teeio_scenarios_load(const char *own, GError **error)
{
    g_autofree char *root = teeio_path_scenarios();
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func((GDestroyNotify)teeio_scenario_free);
    guint i;

    if (!load_root(all, root,
                   "set TEEIO_DATADIR to the folder that holds scenarios/",
                   error) ||
        (own && !load_root(all, own, "--scenarios wants a folder", error))) {
        return NULL;
    }
    g_ptr_array_sort(all, by_id);
    for (i = 1; i < all->len; i++) {
        const struct teeio_scenario *a = all->pdata[i - 1];
        const struct teeio_scenario *b = all->pdata[i];

        if (g_str_equal(a->id, b->id)) {
            teeio_set_error(error, TEEIO_EXIT_USAGE,
                            "give your scenario another group or name",
                            "%s: the id is taken by %s", b->path, a->path);
            return NULL;
        }
    }
    return g_steal_pointer(&all);
}

GPtrArray *teeio_scenarios_select(GPtrArray *all, char **globs, GError **error)
{
    g_autoptr(GPtrArray) chosen = g_ptr_array_new();
    guint i;
    size_t g;

    for (g = 0; globs[g]; g++) {
        bool matched = false;

        for (i = 0; i < all->len; i++) {
            struct teeio_scenario *scenario = all->pdata[i];

            if (g_pattern_match_simple(globs[g], scenario->id)) {
                matched = true;
                if (!g_ptr_array_find(chosen, scenario, NULL)) {
                    g_ptr_array_add(chosen, scenario);
                }
            }
        }
        if (!matched) {
            teeio_set_error(error, TEEIO_EXIT_USAGE,
                            "'teeio list' names them; quote a glob",
                            "no scenario matches \"%s\"", globs[g]);
            return NULL;
        }
    }
    g_ptr_array_sort(chosen, by_id);
    return g_steal_pointer(&chosen);
}
