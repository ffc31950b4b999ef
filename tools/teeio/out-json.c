/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Results and scenarios as JSON documents.
 */
#include "output.h"
#include "tool.h"

#include <stdio.h>

#define SCHEMA  "teeio-result"
#define VERSION 1

static void set_string(JsonBuilder *b, const char *name, const char *value)
{
    json_builder_set_member_name(b, name);
    if (value) {
        json_builder_add_string_value(b, value);
    } else {
        json_builder_add_null_value(b);
    }
}

static void set_int(JsonBuilder *b, const char *name, gint64 value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_int_value(b, value);
}

static void set_bool(JsonBuilder *b, const char *name, bool value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_boolean_value(b, value);
}

static void begin_array(JsonBuilder *b, const char *name)
{
    json_builder_set_member_name(b, name);
    json_builder_begin_array(b);
}

static void set_strings(JsonBuilder *b, const char *name, char **values)
{
    size_t i;

    begin_array(b, name);
    for (i = 0; values && values[i]; i++) {
        json_builder_add_string_value(b, values[i]);
    }
    json_builder_end_array(b);
}

/* In the order of the scenario's file, so that documents compare. */
static void set_settings(JsonBuilder *b, const struct teeio_scenario *scenario,
                         GHashTable *values)
{
    size_t i;

    json_builder_set_member_name(b, "settings");
    json_builder_begin_object(b);
    for (i = 0; scenario->keys[i]; i++) {
        set_string(b, scenario->keys[i],
                   g_hash_table_lookup(values, scenario->keys[i]));
    }
    json_builder_end_object(b);
}

static char *finish(JsonBuilder *b)
{
    g_autoptr(JsonGenerator) generator = json_generator_new();
    g_autoptr(JsonNode) root = json_builder_get_root(b);
    g_autofree char *text = NULL;

    json_generator_set_root(generator, root);
    json_generator_set_pretty(generator, TRUE);
    text = json_generator_to_data(generator, NULL);
    return g_strconcat(text, "\n", NULL);
}

static void add_head(JsonBuilder *b, const struct teeio_scenario *scenario)
{
    set_string(b, "id", scenario->id);
    set_string(b, "claim", scenario->claim);
    set_string(b, "board", scenario->board);
    set_string(b, "kernel", scenario->kernel);
    set_settings(b, scenario, scenario->settings);
    json_builder_set_member_name(b, "matrix");
    if (scenario->matrix_key) {
        json_builder_begin_object(b);
        set_strings(b, scenario->matrix_key, scenario->matrix_values);
        json_builder_end_object(b);
    } else {
        json_builder_add_null_value(b);
    }
}

char *teeio_json_list(GPtrArray *scenarios)
{
    g_autoptr(JsonBuilder) b = json_builder_new();
    guint i;

    json_builder_begin_array(b);
    for (i = 0; i < scenarios->len; i++) {
        json_builder_begin_object(b);
        add_head(b, scenarios->pdata[i]);
        json_builder_end_object(b);
    }
    json_builder_end_array(b);
    return finish(b);
}

static void add_definition_steps(JsonBuilder *b,
                                 const struct teeio_scenario *scenario)
{
    guint i;

    begin_array(b, "steps");
    for (i = 0; i < scenario->step_ids->len; i++) {
        json_builder_begin_object(b);
        set_int(b, "id", g_array_index(scenario->step_ids, unsigned, i));
        set_string(b, "text", scenario->step_texts->pdata[i]);
        json_builder_end_object(b);
    }
    json_builder_end_array(b);
}

static void add_guard(JsonBuilder *b, const struct teeio_condition *guard)
{
    if (guard) {
        set_string(b, "setting", guard->key);
        set_bool(b, "negated", guard->negated);
        set_strings(b, "values", guard->values);
    }
}

static void add_definition_appends(JsonBuilder *b,
                                   const struct teeio_scenario *scenario)
{
    guint i;

    begin_array(b, "append");
    for (i = 0; i < scenario->appends->len; i++) {
        const struct teeio_append *append = scenario->appends->pdata[i];

        json_builder_begin_object(b);
        set_string(b, "text", append->text);
        add_guard(b, append->guard);
        json_builder_end_object(b);
    }
    json_builder_end_array(b);
}

static void add_definition_rules(JsonBuilder *b,
                                 const struct teeio_scenario *scenario)
{
    guint i;

    json_builder_set_member_name(b, "judge");
    json_builder_begin_object(b);
    set_bool(b, "panic-allowed", scenario->panic_allowed);
    begin_array(b, "rules");
    for (i = 0; i < scenario->rules->len; i++) {
        const struct teeio_rule *rule = scenario->rules->pdata[i];

        json_builder_begin_object(b);
        set_string(b, "rule", teeio_rule_name(rule->kind));
        set_strings(b, "names", rule->names);
        add_guard(b, rule->guard);
        json_builder_end_object(b);
    }
    json_builder_end_array(b);
    json_builder_end_object(b);
}

char *teeio_json_scenario(const struct teeio_scenario *scenario)
{
    g_autoptr(JsonBuilder) b = json_builder_new();

    json_builder_begin_object(b);
    add_head(b, scenario);
    set_string(b, "why", scenario->why);
    set_string(b, "reference", scenario->reference);
    set_strings(b, "devices", scenario->devices);
    set_strings(b, "modules", scenario->modules);
    add_definition_appends(b, scenario);
    set_int(b, "memory", scenario->memory);
    add_definition_steps(b, scenario);
    add_definition_rules(b, scenario);
    json_builder_end_object(b);
    return finish(b);
}

static void add_steps(JsonBuilder *b, const struct teeio_result *result)
{
    guint i;

    begin_array(b, "steps");
    for (i = 0; i < result->cell->steps->len; i++) {
        const struct teeio_step *step = result->cell->steps->pdata[i];
        const char *reply = g_hash_table_lookup(result->boot.replies,
                                                GUINT_TO_POINTER(step->id));

        json_builder_begin_object(b);
        set_int(b, "id", step->id);
        set_string(b, "command", step->command);
        set_string(b, "reply", reply);
        set_bool(b, "as_expected", teeio_step_held(step, reply));
        json_builder_end_object(b);
    }
    json_builder_end_array(b);
}

static void set_object(JsonBuilder *b, const char *name, JsonObject *object)
{
    json_builder_set_member_name(b, name);
    if (object) {
        JsonNode *node = json_node_new(JSON_NODE_OBJECT);

        json_node_set_object(node, object);
        json_builder_add_value(b, node);
    } else {
        json_builder_add_null_value(b);
    }
}

static void add_map(JsonBuilder *b, const struct teeio_finding *finding)
{
    g_autofree char *base =
        g_strdup_printf("0x%" G_GINT64_MODIFIER "x", finding->map_base);

    json_builder_set_member_name(b, "map");
    if (*finding->map) {
        json_builder_begin_object(b);
        set_string(b, "base", base);
        set_string(b, "owners", finding->map);
        json_builder_end_object(b);
    } else {
        json_builder_add_null_value(b);
    }
}

static void add_findings(JsonBuilder *b, const struct teeio_result *result)
{
    guint i;

    begin_array(b, "findings");
    for (i = 0; i < result->capture.findings->len; i++) {
        const struct teeio_finding *finding =
            result->capture.findings->pdata[i];

        json_builder_begin_object(b);
        set_string(b, "finding", finding->kind);
        set_bool(b, "expected", finding->expected);
        set_int(b, "seq", finding->seq);
        set_int(b, "trigger", finding->trigger);
        set_int(b, "related", finding->related);
        set_int(b, "step", finding->step);
        set_string(b, "tdi_state", finding->state);
        set_string(b, "text", finding->text);
        set_object(b, "tlp", finding->tlp);
        set_object(b, "earlier", finding->earlier);
        set_int(b, "earlier_step", finding->earlier_step);
        add_map(b, finding);
        json_builder_end_object(b);
    }
    json_builder_end_array(b);
}

static void add_counts(JsonBuilder *b, const struct teeio_result *result)
{
    const struct teeio_capture *capture = &result->capture;

    json_builder_set_member_name(b, "counts");
    json_builder_begin_object(b);
    set_int(b, "tlps", capture->tlps);
    set_int(b, "tlps_t1", capture->tlps_t1);
    set_int(b, "translated", capture->translated);
    set_int(b, "outside", capture->outside);
    set_int(b, "faults", capture->faults);
    set_int(b, "commands", capture->commands);
    set_int(b, "kernel_warnings", result->boot.warnings);
    json_builder_end_object(b);
}

static void add_result(JsonBuilder *b, const struct teeio_result *result)
{
    guint i;

    json_builder_begin_object(b);
    set_string(b, "id", result->cell->scenario->id);
    set_string(b, "cell", result->cell->name);
    set_settings(b, result->cell->scenario, result->cell->values);
    set_string(b, "outcome", teeio_outcome_name(result->outcome));
    set_string(b, "reason", result->reason);
    set_string(b, "end", teeio_boot_end_name(result->boot.end));
    set_string(b, "expected", result->bug_expected ? "xfail" : "ok");
    set_string(b, "expected_reason", result->bug_reason);
    set_int(b, "duration_ms", result->boot.duration_us / 1000);
    set_string(b, "kernel_release", result->boot.kernel);
    set_string(b, "qemu", result->capture.qemu);
    set_string(b, "artefacts", result->folder);
    begin_array(b, "problems");
    for (i = 0; i < result->problems->len; i++) {
        json_builder_add_string_value(b, result->problems->pdata[i]);
    }
    json_builder_end_array(b);
    add_counts(b, result);
    add_steps(b, result);
    add_findings(b, result);
    json_builder_end_object(b);
}

static void add_report(JsonBuilder *b, const struct teeio_report *report)
{
    guint i;

    json_builder_begin_object(b);
    set_string(b, "id", report->scenario->id);
    set_string(b, "claim", report->scenario->claim);
    set_string(b, "outcome", teeio_outcome_name(report->outcome));
    set_string(b, "artefacts", report->folder);
    begin_array(b, "cells");
    for (i = 0; i < report->results->len; i++) {
        add_result(b, report->results->pdata[i]);
    }
    json_builder_end_array(b);
    json_builder_end_object(b);
}

char *teeio_json_result(const struct teeio_result *result)
{
    g_autoptr(JsonBuilder) b = json_builder_new();

    add_result(b, result);
    return finish(b);
}

char *teeio_json_report(const struct teeio_report *report)
{
    g_autoptr(JsonBuilder) b = json_builder_new();

    add_report(b, report);
    return finish(b);
}

static void begin(struct teeio_output *out)
{
    JsonBuilder *b = json_builder_new();

    out->json = b;
    json_builder_begin_object(b);
    set_string(b, "schema", SCHEMA);
    set_int(b, "version", VERSION);
    set_string(b, "tool", TEEIO_PROJECT_VERSION);
    set_string(b, "artefacts", out->folder);
    begin_array(b, "results");
}

static void report(struct teeio_output *out, const struct teeio_report *report)
{
    add_report(out->json, report);
}

static void end(struct teeio_output *out)
{
    JsonBuilder *b = out->json;
    g_autofree char *text = NULL;
    int outcome;

    json_builder_end_array(b);
    json_builder_set_member_name(b, "summary");
    json_builder_begin_object(b);
    for (outcome = TEEIO_SKIP; outcome <= TEEIO_FAIL; outcome++) {
        set_int(b, teeio_outcome_name(outcome), out->counts[outcome]);
    }
    json_builder_end_object(b);
    json_builder_end_object(b);
    text = finish(b);
    fputs(text, stdout);
    fflush(stdout);
    g_clear_object(&out->json);
}

const struct teeio_output_ops teeio_output_json = {"json", begin, report, end};
