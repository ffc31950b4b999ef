/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Settings: defaults, --set, ${key}, and one cell per boot.
 */
#include "settings.h"
#include "tool.h"

#include <string.h>

static void free_cell(void *data)
{
    struct teeio_cell *cell = data;

    g_free(cell->name);
    g_hash_table_unref(cell->values);
    teeio_hardware_clear(&cell->hardware);
    g_strfreev(cell->devices);
    g_free(cell->append);
    g_ptr_array_unref(cell->steps);
    g_free(cell);
}

GPtrArray *teeio_cells_array_new(void)
{
    return g_ptr_array_new_with_free_func(free_cell);
}

struct teeio_cell *teeio_cell_empty(const struct teeio_scenario *scenario,
                                    const char *name)
{
    struct teeio_cell *cell = g_new0(struct teeio_cell, 1);

    cell->scenario = scenario;
    cell->name = g_strdup(name);
    cell->values =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    cell->devices = g_new0(char *, 1);
    cell->append = g_strdup("");
    cell->steps =
        g_ptr_array_new_with_free_func((GDestroyNotify)teeio_step_free);
    return cell;
}

/* NULL, and the offending ${...} in @wrong, when it names no setting. */
static char *expand(const char *text, GHashTable *values, char **wrong)
{
    GString *out = g_string_new(NULL);
    const char *p = text;
    const char *dollar;

    while ((dollar = strstr(p, "${"))) {
        const char *end = strchr(dollar, '}');
        g_autofree char *key =
            end ? g_strndup(dollar + 2, end - dollar - 2) : NULL;
        const char *value = key ? g_hash_table_lookup(values, key) : NULL;

        if (!value) {
            *wrong = g_strndup(dollar,
                               end ? end - dollar + 1 : (long)strlen(dollar));
            g_string_free(out, TRUE);
            return NULL;
        }
        g_string_append_len(out, p, dollar - p);
        g_string_append(out, value);
        p = end + 1;
    }
    g_string_append(out, p);
    return g_string_free(out, FALSE);
}

char *teeio_expand(const struct teeio_scenario *scenario, GHashTable *values,
                   const char *text, const char *group, const char *key,
                   GError **error)
{
    g_autofree char *wrong = NULL;
    char *out = expand(text, values, &wrong);

    if (!out) {
        teeio_set_error(
            error, TEEIO_EXIT_USAGE, "only keys of [settings] can be used",
            "%s: [%s] %s: %s is no setting", scenario->path, group, key, wrong);
    }
    return out;
}

static char *expand_key(const struct teeio_cell *cell, const char *text,
                        const char *group, const char *key, GError **error)
{
    return teeio_expand(cell->scenario, cell->values, text, group, key, error);
}

static bool holds(const struct teeio_cell *cell,
                  const struct teeio_condition *guard)
{
    return !guard || teeio_condition_holds(
                         guard, g_hash_table_lookup(cell->values, guard->key));
}

static bool expand_appends(struct teeio_cell *cell, GError **error)
{
    const GPtrArray *appends = cell->scenario->appends;
    GString *all = g_string_new(NULL);
    bool good = true;
    guint i;

    for (i = 0; i < appends->len && good; i++) {
        const struct teeio_append *append = appends->pdata[i];
        g_autofree char *text =
            expand_key(cell, append->text, "machine", append->key, error);

        good = text != NULL;
        if (good && holds(cell, append->guard)) {
            g_string_append_printf(all, "%s%s", all->len ? " " : "", text);
        }
    }
    cell->append = g_string_free(all, FALSE);
    return good;
}

static bool expand_machine(struct teeio_cell *cell, GError **error)
{
    char **devices = cell->scenario->devices;
    size_t i;

    cell->devices = g_new0(char *, g_strv_length(devices) + 1);
    for (i = 0; devices[i]; i++) {
        cell->devices[i] =
            expand_key(cell, devices[i], "machine", "devices", error);
        if (!cell->devices[i]) {
            return false;
        }
    }
    return expand_appends(cell, error) &&
           teeio_hardware_resolve(cell->scenario, cell->values, &cell->hardware,
                                  error);
}

static bool step_error(const struct teeio_cell *cell, unsigned id, GError *why,
                       GError **error)
{
    g_propagate_prefixed_error(error, why,
                               "%s: [steps] %02u: ", cell->scenario->path, id);
    return false;
}

static bool add_step(struct teeio_cell *cell, unsigned id, const char *text,
                     GError **error)
{
    g_autofree char *key = g_strdup_printf("%02u", id);
    g_autofree char *line = expand_key(cell, text, "steps", key, error);
    struct teeio_step *step;
    const char *value;
    GError *why = NULL;

    if (!line) {
        return false;
    }
    step = teeio_step_parse(id, line, &why);
    if (!step) {
        return step_error(cell, id, why, error);
    }
    if (!step->guard) {
        g_ptr_array_add(cell->steps, step);
        return true;
    }
    value = g_hash_table_lookup(cell->values, step->guard->key);
    if (!value) {
        teeio_set_error(
            &why, TEEIO_EXIT_USAGE, "guard a step by a key of [settings]",
            "the guard's key \"%s\" is no setting", step->guard->key);
        teeio_step_free(step);
        return step_error(cell, id, why, error);
    }
    if (teeio_condition_holds(step->guard, value)) {
        g_ptr_array_add(cell->steps, step);
    } else {
        teeio_step_free(step);
    }
    return true;
}

static struct teeio_cell *cell_new(const struct teeio_scenario *scenario,
                                   GHashTable *values, const char *name,
                                   GError **error)
{
    struct teeio_cell *cell = g_new0(struct teeio_cell, 1);
    guint i;

    cell->scenario = scenario;
    cell->name = g_strdup(name);
    cell->values = g_hash_table_ref(values);
    cell->steps =
        g_ptr_array_new_with_free_func((GDestroyNotify)teeio_step_free);
    if (!expand_machine(cell, error)) {
        goto fail;
    }
    for (i = 0; i < scenario->step_ids->len; i++) {
        if (!add_step(cell, g_array_index(scenario->step_ids, unsigned, i),
                      scenario->step_texts->pdata[i], error)) {
            goto fail;
        }
    }
    return cell;

fail:
    free_cell(cell);
    return NULL;
}

static GHashTable *decide(const struct teeio_scenario *scenario,
                          GHashTable *overrides)
{
    GHashTable *values =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    size_t i;

    for (i = 0; scenario->keys[i]; i++) {
        const char *key = scenario->keys[i];
        const char *value =
            overrides ? g_hash_table_lookup(overrides, key) : NULL;

        if (!value) {
            value = g_hash_table_lookup(scenario->settings, key);
        }
        g_hash_table_insert(values, g_strdup(key), g_strdup(value));
    }
    return values;
}

GPtrArray *teeio_cells_new(const struct teeio_scenario *scenario,
                           GHashTable *overrides, GError **error)
{
    g_autoptr(GPtrArray) cells = teeio_cells_array_new();
    const char *key = scenario->matrix_key;
    bool fixed = !key || (overrides && g_hash_table_contains(overrides, key));
    size_t count = fixed ? 1 : g_strv_length(scenario->matrix_values);
    size_t i;

    for (i = 0; i < count; i++) {
        g_autoptr(GHashTable) values = decide(scenario, overrides);
        g_autofree char *name = NULL;
        struct teeio_cell *cell;

        if (!fixed) {
            const char *value = scenario->matrix_values[i];

            g_hash_table_insert(values, g_strdup(key), g_strdup(value));
            name = g_strdup_printf("%s=%s", key, value);
        }
        cell = cell_new(scenario, values, name, error);
        if (!cell) {
            return NULL;
        }
        g_ptr_array_add(cells, cell);
    }
    return g_steal_pointer(&cells);
}

static bool anyone_has(GPtrArray *scenarios, const char *key)
{
    guint i;

    for (i = 0; i < scenarios->len; i++) {
        const struct teeio_scenario *scenario = scenarios->pdata[i];

        if (g_hash_table_contains(scenario->settings, key)) {
            return true;
        }
    }
    return false;
}

GHashTable *teeio_settings_parse(char **words, GPtrArray *scenarios,
                                 GError **error)
{
    g_autoptr(GHashTable) settings =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    size_t i;

    for (i = 0; words && words[i]; i++) {
        const char *equals = strchr(words[i], '=');
        g_autofree char *key =
            equals ? g_strndup(words[i], equals - words[i]) : NULL;

        if (!key || !*key || !equals[1]) {
            teeio_set_error(error, TEEIO_EXIT_USAGE, "write --set KEY=VALUE",
                            "--set: \"%s\" is no setting", words[i]);
            return NULL;
        }
        if (!anyone_has(scenarios, key)) {
            teeio_set_error(error, TEEIO_EXIT_USAGE,
                            "'teeio show ID' lists a scenario's settings",
                            "--set: no selected scenario has a setting "
                            "\"%s\"",
                            key);
            return NULL;
        }
        g_hash_table_insert(settings, g_steal_pointer(&key),
                            g_strdup(equals + 1));
    }
    return g_steal_pointer(&settings);
}
