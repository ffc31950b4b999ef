/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "shard.h"
#include "tool.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define SCHEMA     "teeio-times"
#define VERSION    1
#define MAX_SHARDS 1000

bool teeio_shard_parse(struct teeio_shard *shard, const char *text,
                       GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text ? text : "", "/", 2);
    guint64 index, count;

    *shard = (struct teeio_shard){0};
    if (!text) {
        return true;
    }
    if (g_strv_length(parts) != 2 ||
        !g_ascii_string_to_unsigned(parts[1], 10, 1, MAX_SHARDS, &count,
                                    NULL) ||
        !g_ascii_string_to_unsigned(parts[0], 10, 1, count, &index, NULL)) {
        teeio_set_error(error, TEEIO_EXIT_USAGE,
                        "K/N, where N is at most 1000 and K one of 1 to N",
                        "--shard: \"%s\" is no shard", text);
        return false;
    }
    shard->index = index;
    shard->count = count;
    return true;
}

static char *times_path(void)
{
    return g_build_filename(g_get_user_state_dir(), "qemu-teeio", "times.json",
                            NULL);
}

/* Times only help: a file that cannot be read is as good as none. */
static JsonObject *load_times(void)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autofree char *path = times_path();
    JsonNode *root = NULL;
    JsonObject *boots = NULL;
    JsonNode *node;

    if (json_parser_load_from_file(parser, path, NULL)) {
        root = json_parser_get_root(parser);
    }
    if (root && JSON_NODE_HOLDS_OBJECT(root)) {
        JsonObject *object = json_node_get_object(root);

        node = json_object_get_member(object, "boots");
        if (g_str_equal(teeio_json_string(object, "schema"), SCHEMA) &&
            teeio_json_number(object, "version") == VERSION && node &&
            JSON_NODE_HOLDS_OBJECT(node)) {
            boots = json_object_ref(json_node_get_object(node));
        }
    }
    return boots ? boots : json_object_new();
}

static char *boot_name(const struct teeio_cell *cell)
{
    return cell->name
               ? g_strdup_printf("%s [%s]", cell->scenario->id, cell->name)
               : g_strdup(cell->scenario->id);
}

/* One scenario: all its boots stay together. */
struct piece {
    struct teeio_report *report;
    guint64 ms;
    unsigned unknown;
};

static int longest_first(gconstpointer a, gconstpointer b)
{
    const struct piece *x = a;
    const struct piece *y = b;

    if (x->ms != y->ms) {
        return x->ms < y->ms ? 1 : -1;
    }
    return g_strcmp0(x->report->scenario->id, y->report->scenario->id);
}

static GArray *weigh(GPtrArray *reports)
{
    g_autoptr(JsonObject) times = load_times();
    GArray *pieces = g_array_new(FALSE, TRUE, sizeof(struct piece));
    guint64 sum = 0;
    guint64 known = 0;
    guint64 mean;
    guint i, j;

    for (i = 0; i < reports->len; i++) {
        struct piece piece = {.report = reports->pdata[i]};

        for (j = 0; j < piece.report->cells->len; j++) {
            g_autofree char *name = boot_name(piece.report->cells->pdata[j]);
            guint64 ms = teeio_json_number(times, name);

            piece.ms += ms;
            piece.unknown += !ms;
            known += ms != 0;
        }
        sum += piece.ms;
        g_array_append_val(pieces, piece);
    }
    mean = known ? MAX(sum / known, 1) : 1;
    for (i = 0; i < pieces->len; i++) {
        struct piece *piece = &g_array_index(pieces, struct piece, i);

        piece->ms += mean * piece->unknown;
    }
    return pieces;
}

void teeio_shard_cut(const struct teeio_shard *shard, GPtrArray *reports)
{
    g_autofree guint64 *loads = NULL;
    g_autoptr(GHashTable) ours = NULL;
    g_autoptr(GArray) pieces = NULL;
    unsigned s;
    guint i;

    if (!shard->count) {
        return;
    }
    loads = g_new0(guint64, shard->count);
    ours = g_hash_table_new(NULL, NULL);
    pieces = weigh(reports);
    g_array_sort(pieces, longest_first);
    for (i = 0; i < pieces->len; i++) {
        struct piece *piece = &g_array_index(pieces, struct piece, i);
        unsigned lightest = 0;

        for (s = 1; s < shard->count; s++) {
            if (loads[s] < loads[lightest]) {
                lightest = s;
            }
        }
        loads[lightest] += piece->ms;
        if (lightest == shard->index - 1) {
            g_hash_table_add(ours, piece->report);
        }
    }
    for (i = reports->len; i > 0; i--) {
        if (!g_hash_table_contains(ours, reports->pdata[i - 1])) {
            g_ptr_array_remove_index(reports, i - 1);
        }
    }
}

static bool add_times(JsonObject *times, GPtrArray *reports)
{
    bool changed = false;
    guint i, j;

    for (i = 0; i < reports->len; i++) {
        const struct teeio_report *report = reports->pdata[i];

        for (j = 0; j < report->results->len; j++) {
            const struct teeio_result *result = report->results->pdata[j];
            g_autofree char *name = boot_name(result->cell);

            if (result->boot.end == TEEIO_BOOT_DONE &&
                result->boot.duration_us) {
                json_object_set_int_member(
                    times, name, MAX(result->boot.duration_us / 1000, 1));
                changed = true;
            }
        }
    }
    return changed;
}

/* Of no consequence when it fails: the shards are then less even. */
void teeio_times_record(GPtrArray *reports)
{
    JsonObject *times = load_times();
    g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
    JsonObject *document = json_object_new();
    g_autofree char *path = times_path();
    g_autofree char *dir = g_path_get_dirname(path);
    g_autofree char *text = NULL;
    bool changed = add_times(times, reports);

    json_object_set_string_member(document, "schema", SCHEMA);
    json_object_set_int_member(document, "version", VERSION);
    json_object_set_object_member(document, "boots", times);
    json_node_take_object(root, document);
    text = json_to_string(root, TRUE);
    if (changed && g_mkdir_with_parents(dir, 0777) == 0) {
        g_file_set_contents(path, text, -1, NULL);
    }
}
