/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "record-result.h"
#include "artefacts.h"
#include "tool.h"

#include <string.h>

/* NULL where JSON has null. */
static char *get_string(JsonObject *object, const char *name)
{
    const char *text = teeio_json_string(object, name);

    return *text ? g_strdup(text) : NULL;
}

static JsonObject *get_object(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node)
                                                : NULL;
}

static JsonArray *get_array(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node)
                                               : NULL;
}

static JsonObject *element(JsonArray *array, guint i)
{
    JsonNode *node = json_array_get_element(array, i);

    return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static enum teeio_boot_end parse_end(const char *name)
{
    int end = 0;

    while (teeio_boot_end_name(end) &&
           !g_str_equal(teeio_boot_end_name(end), name)) {
        end++;
    }
    return teeio_boot_end_name(end) ? (enum teeio_boot_end)end
                                    : TEEIO_BOOT_NO_SPAWN;
}

static void read_replies(struct teeio_result *result, JsonArray *steps)
{
    guint i;

    for (i = 0; steps && i < json_array_get_length(steps); i++) {
        JsonObject *step = element(steps, i);
        char *reply = get_string(step, "reply");

        if (reply) {
            g_hash_table_replace(
                result->boot.replies,
                GUINT_TO_POINTER(teeio_json_number(step, "id")), reply);
        }
    }
}

static void read_map(struct teeio_finding *finding, JsonObject *map)
{
    const char *owners = teeio_json_string(map, "owners");
    guint64 base = teeio_json_number(map, "base");
    guint64 reached = teeio_json_number(finding->tlp, "out");

    /* One that does not show the address reached cannot be drawn. */
    if (strlen(owners) == TEEIO_MAP_PAGES && reached >= base &&
        reached - base < TEEIO_MAP_PAGES * 4096u) {
        finding->map_base = base;
        g_strlcpy(finding->map, owners, sizeof(finding->map));
    }
}

static void read_finding(struct teeio_capture *capture, JsonObject *object)
{
    struct teeio_finding *finding = g_new0(struct teeio_finding, 1);
    JsonObject *tlp = get_object(object, "tlp");
    JsonObject *earlier = get_object(object, "earlier");

    finding->kind = g_strdup(teeio_json_string(object, "finding"));
    finding->text = g_strdup(teeio_json_string(object, "text"));
    finding->state = g_strdup(teeio_json_string(object, "tdi_state"));
    finding->seq = teeio_json_number(object, "seq");
    finding->trigger = teeio_json_number(object, "trigger");
    finding->related = teeio_json_number(object, "related");
    finding->step = teeio_json_number(object, "step");
    finding->earlier_step = teeio_json_number(object, "earlier_step");
    finding->tlp = tlp ? json_object_ref(tlp) : NULL;
    finding->earlier = earlier ? json_object_ref(earlier) : NULL;
    finding->expected =
        json_object_get_boolean_member_with_default(object, "expected", FALSE);
    read_map(finding, get_object(object, "map"));
    g_ptr_array_add(capture->findings, finding);
}

static void read_capture(struct teeio_capture *capture, JsonObject *document)
{
    JsonObject *counts = get_object(document, "counts");
    JsonArray *findings = get_array(document, "findings");
    guint i;

    capture->qemu = get_string(document, "qemu");
    capture->tlps = teeio_json_number(counts, "tlps");
    capture->tlps_t1 = teeio_json_number(counts, "tlps_t1");
    capture->translated = teeio_json_number(counts, "translated");
    capture->outside = teeio_json_number(counts, "outside");
    capture->faults = teeio_json_number(counts, "faults");
    capture->commands = teeio_json_number(counts, "commands");
    for (i = 0; findings && i < json_array_get_length(findings); i++) {
        JsonObject *finding = element(findings, i);

        if (finding) {
            read_finding(capture, finding);
        }
    }
}

/* The cell with the settings of then; NULL: they do not fit the scenario. */
static struct teeio_cell *read_cell(const struct teeio_scenario *scenario,
                                    JsonObject *document, GError **error)
{
    g_autoptr(GHashTable) values =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    JsonObject *settings = get_object(document, "settings");
    g_autoptr(GPtrArray) cells = NULL;
    struct teeio_cell *cell;
    size_t i;

    for (i = 0; settings && scenario->keys[i]; i++) {
        const char *key = scenario->keys[i];

        if (json_object_has_member(settings, key)) {
            g_hash_table_insert(values, g_strdup(key),
                                g_strdup(teeio_json_string(settings, key)));
        }
    }
    cells = teeio_cells_new(scenario, values, error);
    if (!cells) {
        return NULL;
    }
    cell = g_ptr_array_steal_index(cells, 0);
    g_free(cell->name);
    cell->name = get_string(document, "cell");
    return cell;
}

struct teeio_result *teeio_result_read(const struct teeio_scenario *scenario,
                                       JsonObject *document, char *folder,
                                       GError **error)
{
    JsonArray *problems = get_array(document, "problems");
    JsonObject *counts = get_object(document, "counts");
    struct teeio_result *result;
    enum teeio_outcome outcome;
    struct teeio_cell *cell;
    guint i;

    if (!teeio_outcome_parse(teeio_json_string(document, "outcome"),
                             &outcome)) {
        teeio_set_error(
            error, TEEIO_EXIT_USAGE, "use the version of teeio that made it",
            "%s/" TEEIO_RESULT ": no outcome that is known", folder);
        g_free(folder);
        return NULL;
    }
    cell = read_cell(scenario, document, error);
    if (!cell) {
        g_free(folder);
        return NULL;
    }
    result = teeio_result_new(cell);
    result->folder = folder;
    result->outcome = outcome;
    result->reason = get_string(document, "reason");
    result->bug_expected =
        g_str_equal(teeio_json_string(document, "expected"), "xfail");
    result->bug_reason = get_string(document, "expected_reason");
    result->boot.end = parse_end(teeio_json_string(document, "end"));
    result->boot.kernel = get_string(document, "kernel_release");
    result->boot.duration_us =
        teeio_json_number(document, "duration_ms") * 1000;
    result->boot.warnings = teeio_json_number(counts, "kernel_warnings");
    for (i = 0; problems && i < json_array_get_length(problems); i++) {
        JsonNode *node = json_array_get_element(problems, i);

        if (JSON_NODE_HOLDS_VALUE(node) &&
            json_node_get_value_type(node) == G_TYPE_STRING) {
            g_ptr_array_add(result->problems, json_node_dup_string(node));
        }
    }
    read_replies(result, get_array(document, "steps"));
    read_capture(&result->capture, document);
    return result;
}

struct teeio_scenario *teeio_scenario_missing(const char *id, const char *claim)
{
    struct teeio_scenario *scenario = g_new0(struct teeio_scenario, 1);

    scenario->id = g_strdup(id);
    scenario->path = g_strdup("");
    scenario->claim = g_strdup(claim);
    scenario->board = g_strdup("");
    scenario->kernel = g_strdup("");
    scenario->hardware[TEEIO_HARDWARE_KERNEL] = g_strdup("unknown");
    scenario->settings = g_hash_table_new(g_str_hash, g_str_equal);
    scenario->keys = g_new0(char *, 1);
    scenario->devices = g_new0(char *, 1);
    scenario->appends = g_ptr_array_new();
    scenario->step_ids = g_array_new(FALSE, FALSE, sizeof(unsigned));
    scenario->step_texts = g_ptr_array_new();
    scenario->rules = g_ptr_array_new();
    return scenario;
}

struct teeio_result *teeio_result_missing(const struct teeio_scenario *scenario,
                                          const char *name, const char *reason)
{
    struct teeio_result *result =
        teeio_result_new(teeio_cell_empty(scenario, name));

    teeio_rig_failed(result, g_strdup(reason));
    return result;
}
