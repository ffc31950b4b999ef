/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "record.h"
#include "artefacts.h"
#include "record-result.h"
#include "tool.h"

#include <errno.h>
#include <string.h>

#define SCHEMA  "teeio-run"
#define VERSION 1
#define HINT    "give the folder of a run, of a scenario or of one boot"

static void set_string(JsonBuilder *b, const char *name, const char *value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_string_value(b, value);
}

static void add_selection(JsonBuilder *b, GPtrArray *selection)
{
    guint i;

    json_builder_set_member_name(b, "selection");
    json_builder_begin_array(b);
    for (i = 0; i < selection->len; i++) {
        const struct teeio_scenario *scenario = selection->pdata[i];

        json_builder_begin_object(b);
        set_string(b, "id", scenario->id);
        set_string(b, "claim", scenario->claim);
        json_builder_end_object(b);
    }
    json_builder_end_array(b);
}

static void add_boots(JsonBuilder *b, GPtrArray *reports)
{
    guint i, j;

    json_builder_set_member_name(b, "boots");
    json_builder_begin_array(b);
    for (i = 0; i < reports->len; i++) {
        const struct teeio_report *report = reports->pdata[i];

        for (j = 0; j < report->cells->len; j++) {
            const struct teeio_cell *cell = report->cells->pdata[j];
            g_autofree char *folder = teeio_folder_path("", cell);

            json_builder_begin_object(b);
            set_string(b, "id", cell->scenario->id);
            if (cell->name) {
                set_string(b, "cell", cell->name);
            }
            set_string(b, "folder", folder + (*folder == '/'));
            json_builder_end_object(b);
        }
    }
    json_builder_end_array(b);
}

bool teeio_record_write(const char *out, const struct teeio_shard *shard,
                        GPtrArray *selection, GPtrArray *reports,
                        GError **error)
{
    g_autoptr(JsonBuilder) b = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *path = g_build_filename(out, TEEIO_RUN, NULL);
    g_autofree char *text = NULL;

    json_builder_begin_object(b);
    set_string(b, "schema", SCHEMA);
    json_builder_set_member_name(b, "version");
    json_builder_add_int_value(b, VERSION);
    set_string(b, "tool", TEEIO_PROJECT_VERSION);
    if (shard->count) {
        g_autofree char *name =
            g_strdup_printf("%u/%u", shard->index, shard->count);

        set_string(b, "shard", name);
    }
    add_selection(b, selection);
    add_boots(b, reports);
    json_builder_end_object(b);
    root = json_builder_get_root(b);
    text = json_to_string(root, TRUE);
    if (g_mkdir_with_parents(out, 0777) == 0 &&
        g_file_set_contents(path, text, -1, NULL)) {
        return true;
    }
    teeio_set_error(error, TEEIO_EXIT_RIG, "name another folder with --out",
                    "artefacts: %s: %s", path, g_strerror(errno));
    return false;
}

static struct teeio_report *find_report(const struct teeio_record *record,
                                        const char *id)
{
    guint i;

    for (i = 0; i < record->reports->len; i++) {
        struct teeio_report *report = record->reports->pdata[i];

        if (g_str_equal(report->scenario->id, id)) {
            return report;
        }
    }
    return NULL;
}

static struct teeio_report *add_report(struct teeio_record *record,
                                       struct teeio_scenario *scenario,
                                       char *folder)
{
    struct teeio_report *report = g_new0(struct teeio_report, 1);

    g_ptr_array_add(record->scenarios, scenario);
    report->scenario = scenario;
    report->cells = teeio_cells_array_new();
    report->results =
        g_ptr_array_new_with_free_func((GDestroyNotify)teeio_result_free);
    report->folder = folder;
    g_ptr_array_add(record->reports, report);
    return report;
}

static bool is_there(const struct teeio_report *report, const char *cell)
{
    guint i;

    for (i = 0; i < report->cells->len; i++) {
        const struct teeio_cell *other = report->cells->pdata[i];

        if (g_strcmp0(other->name, cell) == 0) {
            return true;
        }
    }
    return false;
}

static void add_result(struct teeio_report *report, struct teeio_result *result)
{
    g_ptr_array_add(report->cells, result->cell);
    g_ptr_array_add(report->results, result);
    report->outcome = MAX(report->outcome, result->outcome);
}

/* Nothing is known of it but its name. */
static void add_missing(struct teeio_record *record, const char *id,
                        const char *claim, const char *cell, char *folder,
                        const char *reason)
{
    struct teeio_report *report = find_report(record, id);
    struct teeio_result *result;

    if (!report) {
        report = add_report(record, teeio_scenario_missing(id, claim),
                            g_path_get_dirname(folder));
    }
    result = teeio_result_missing(report->scenario, cell, reason);
    result->folder = folder;
    add_result(report, result);
}

/* @document is that of the boot in @folder, which is taken over. */
static bool add_boot(struct teeio_record *record, JsonObject *document,
                     char *folder, GError **error)
{
    const char *id = teeio_json_string(document, "id");
    const char *cell = teeio_json_string(document, "cell");
    struct teeio_report *report = find_report(record, id);
    struct teeio_result *result;

    if (!report) {
        g_autofree char *ini = g_build_filename(folder, TEEIO_SCENARIO, NULL);
        struct teeio_scenario *scenario = teeio_scenario_read(ini, id, error);

        if (!scenario) {
            g_free(folder);
            return false;
        }
        report =
            add_report(record, scenario,
                       *cell ? g_path_get_dirname(folder) : g_strdup(folder));
    } else if (is_there(report, *cell ? cell : NULL)) {
        teeio_set_error(error, TEEIO_EXIT_USAGE,
                        "shards of one run have different scenarios; "
                        "'teeio diff' compares runs",
                        "%s: %s is in two of the folders", folder, id);
        g_free(folder);
        return false;
    }
    result = teeio_result_read(report->scenario, document, folder, error);
    if (result) {
        add_result(report, result);
    }
    return result != NULL;
}

static JsonObject *load(const char *folder, const char *name)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autofree char *path = g_build_filename(folder, name, NULL);
    JsonNode *root = NULL;

    if (json_parser_load_from_file(parser, path, NULL)) {
        root = json_parser_get_root(parser);
    }
    return root && JSON_NODE_HOLDS_OBJECT(root)
               ? json_object_ref(json_node_get_object(root))
               : NULL;
}

/* The objects of an array, an empty list when it is none. */
static GList *objects(JsonObject *document, const char *name)
{
    JsonNode *node = json_object_get_member(document, name);
    GList *all = NULL;
    GList *good = NULL;
    GList *link;

    if (node && JSON_NODE_HOLDS_ARRAY(node)) {
        all = json_array_get_elements(json_node_get_array(node));
    }
    for (link = all; link; link = link->next) {
        if (JSON_NODE_HOLDS_OBJECT((JsonNode *)link->data)) {
            good = g_list_append(good, json_node_get_object(link->data));
        }
    }
    g_list_free(all);
    return good;
}

static bool read_run(struct teeio_record *record, const char *path,
                     JsonObject *run, GError **error)
{
    g_autoptr(GList) boots = objects(run, "boots");
    bool good = true;
    GList *link;

    for (link = boots; link && good; link = link->next) {
        const char *cell = teeio_json_string(link->data, "cell");
        char *folder = g_build_filename(
            path, teeio_json_string(link->data, "folder"), NULL);
        g_autoptr(JsonObject) document = load(folder, TEEIO_RESULT);

        if (document) {
            good = add_boot(record, document, folder, error);
        } else {
            add_missing(record, teeio_json_string(link->data, "id"), "",
                        *cell ? cell : NULL, folder,
                        "no result: the run broke off before it");
        }
    }
    return good;
}

/* A scenario's folder holds one folder for each value of its matrix. */
static bool read_scenario(struct teeio_record *record, const char *path,
                          JsonObject *document, GError **error)
{
    g_autoptr(GList) cells = objects(document, "cells");
    bool good = true;
    GList *link;

    if (!json_object_has_member(document, "cells")) {
        return add_boot(record, document, g_strdup(path), error);
    }
    for (link = cells; link && good; link = link->next) {
        g_autofree char *name = g_strdup(teeio_json_string(link->data, "cell"));

        g_strdelimit(name, "/", '_');
        good = add_boot(record, link->data, g_build_filename(path, name, NULL),
                        error);
    }
    return good;
}

static bool read_folder(struct teeio_record *record, const char *path,
                        GPtrArray *runs, GError **error)
{
    JsonObject *run = load(path, TEEIO_RUN);
    g_autoptr(JsonObject) document = NULL;

    if (run) {
        g_ptr_array_add(runs, run);
        if (!g_str_equal(teeio_json_string(run, "schema"), SCHEMA) ||
            teeio_json_number(run, "version") != VERSION) {
            teeio_set_error(error, TEEIO_EXIT_USAGE,
                            "use the version of teeio that made it",
                            "%s/" TEEIO_RUN ": unknown version", path);
            return false;
        }
        return read_run(record, path, run, error);
    }
    document = load(path, TEEIO_RESULT);
    if (document) {
        return read_scenario(record, path, document, error);
    }
    teeio_set_error(error, TEEIO_EXIT_USAGE, HINT,
                    "%s: neither " TEEIO_RUN " nor " TEEIO_RESULT, path);
    return false;
}

/* A shard whose folder was lost must not look like a success. */
static void add_lost(struct teeio_record *record, JsonObject *run)
{
    g_autoptr(GList) selection = objects(run, "selection");
    GList *link;

    for (link = selection; link; link = link->next) {
        const char *id = teeio_json_string(link->data, "id");

        if (!find_report(record, id)) {
            add_missing(record, id, teeio_json_string(link->data, "claim"),
                        NULL, g_strdup("none"),
                        "no result: no folder of a shard has it");
        }
    }
}

static int by_id(gconstpointer a, gconstpointer b)
{
    const struct teeio_report *const *x = a;
    const struct teeio_report *const *y = b;

    return g_strcmp0((*x)->scenario->id, (*y)->scenario->id);
}

struct teeio_record *teeio_record_read(char **paths, GError **error)
{
    struct teeio_record *record = g_new0(struct teeio_record, 1);
    g_autoptr(GPtrArray) runs =
        g_ptr_array_new_with_free_func((GDestroyNotify)json_object_unref);
    size_t i;

    record->scenarios =
        g_ptr_array_new_with_free_func((GDestroyNotify)teeio_scenario_free);
    record->reports =
        g_ptr_array_new_with_free_func((GDestroyNotify)teeio_report_free);
    for (i = 0; paths[i]; i++) {
        g_autofree char *path = g_canonicalize_filename(paths[i], NULL);

        if (!read_folder(record, path, runs, error)) {
            teeio_record_free(record);
            return NULL;
        }
    }
    for (i = 0; i < runs->len; i++) {
        add_lost(record, runs->pdata[i]);
    }
    g_ptr_array_sort(record->reports, by_id);
    return record;
}

void teeio_record_free(struct teeio_record *record)
{
    if (record) {
        g_ptr_array_unref(record->reports);
        g_ptr_array_unref(record->scenarios);
        g_free(record);
    }
}
