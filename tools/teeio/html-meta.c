/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What the other artefacts tell: the head of the page and the steps.
 */
#include "artefacts.h"
#include "capture.h"
#include "html.h"

#include <string.h>

#define MAX_STEPS 500
#define RULE      "\n====="

static char *load_text(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

void html_meta_load(struct html_meta *meta, const char *folder)
{
    g_autofree char *scenario = g_build_filename(folder, TEEIO_SCENARIO, NULL);
    g_autofree char *result = g_build_filename(folder, TEEIO_RESULT, NULL);
    JsonNode *root;

    meta->folder = g_strdup(folder);
    meta->parser = json_parser_new();
    if (json_parser_load_from_file(meta->parser, result, NULL)) {
        root = json_parser_get_root(meta->parser);
        if (root && JSON_NODE_HOLDS_OBJECT(root)) {
            meta->result = json_node_get_object(root);
        }
    }
    meta->scenario = g_key_file_new();
    g_key_file_load_from_file(meta->scenario, scenario, G_KEY_FILE_NONE, NULL);
    meta->args = load_text(folder, TEEIO_QEMU_ARGS);
    meta->env = load_text(folder, TEEIO_ENV);
    meta->summary = load_text(folder, TEEIO_SUMMARY);
}

void html_meta_clear(struct html_meta *meta)
{
    g_clear_object(&meta->parser);
    g_clear_pointer(&meta->scenario, g_key_file_unref);
    g_clear_pointer(&meta->folder, g_free);
    g_clear_pointer(&meta->args, g_free);
    g_clear_pointer(&meta->env, g_free);
    g_clear_pointer(&meta->summary, g_free);
    g_clear_pointer(&meta->note, g_free);
}

static JsonArray *array_of(const struct html_meta *meta, const char *name)
{
    JsonNode *node =
        meta->result ? json_object_get_member(meta->result, name) : NULL;

    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node)
                                               : NULL;
}

static JsonObject *object_in(JsonArray *array, guint i)
{
    JsonNode *node = json_array_get_element(array, i);

    return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

const char *html_meta_step(const struct html_meta *meta, guint64 id)
{
    JsonArray *steps = array_of(meta, "steps");
    guint i;

    for (i = 0; steps && i < json_array_get_length(steps); i++) {
        JsonObject *step = object_in(steps, i);

        if (step && teeio_json_number(step, "id") == id) {
            return teeio_json_string(step, "command");
        }
    }
    return "";
}

bool html_meta_expected(const struct html_meta *meta, guint64 trigger)
{
    JsonArray *findings = array_of(meta, "findings");
    guint i;

    for (i = 0; findings && i < json_array_get_length(findings); i++) {
        JsonObject *finding = object_in(findings, i);

        if (finding && teeio_json_number(finding, "trigger") == trigger) {
            return json_object_get_boolean_member_with_default(
                finding, "expected", FALSE);
        }
    }
    return false;
}

/* The block that names the event, between its two rules. */
char *html_meta_block(const struct html_meta *meta, guint64 trigger)
{
    g_autofree char *key =
        g_strdup_printf("; this is event %" G_GUINT64_FORMAT "\n", trigger);
    const char *at = meta->summary ? strstr(meta->summary, key) : NULL;
    const char *begin, *end;

    if (!at) {
        return NULL;
    }
    begin = g_strrstr_len(meta->summary, at - meta->summary, RULE);
    end = strstr(at, RULE);
    begin = begin ? strchr(begin + 1, '\n') : NULL;
    return begin && end && begin < end ? g_strndup(begin + 1, end - begin)
                                       : NULL;
}

/* "key=value" lines of env.txt. */
static char *environment(const struct html_meta *meta, const char *key)
{
    g_auto(GStrv) lines = g_strsplit(meta->env ? meta->env : "", "\n", -1);
    size_t len = strlen(key);
    size_t i;

    for (i = 0; lines[i]; i++) {
        if (strncmp(lines[i], key, len) == 0 && lines[i][len] == '=') {
            return g_strdup(lines[i] + len + 1);
        }
    }
    return g_strdup("");
}

static void add_row(GString *out, const char *name, const char *value)
{
    if (*value) {
        html_add(out, "<dt>%s</dt><dd>", name);
        html_text(out, value);
        g_string_append(out, "</dd>\n");
    }
}

/* The word carries the meaning, the colour only helps. */
static void add_verdict(GString *out, const char *outcome)
{
    static const char *const rows[][3] = {
        {"pass", "good", "the property held"},
        {"fail", "bad", "the property is broken"},
        {"xfail", "good", "the property is broken, as expected"},
        {"xpass", "bad", "the property held, against expectation"},
        {"error", "odd", "the rig failed, nothing is known"},
        {"skip", "odd", "not tried"},
    };
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_str_equal(rows[i][0], outcome)) {
            html_add(out,
                     "<p class=\"verdict %s\"><b>%s</b> <span>%s</span></p>\n",
                     rows[i][1], outcome, rows[i][2]);
        }
    }
}

static void add_settings(GString *out, const struct html_meta *meta)
{
    JsonNode *node = json_object_get_member(meta->result, "settings");
    g_autoptr(GList) names = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    const GList *p;

    if (!node || !JSON_NODE_HOLDS_OBJECT(node)) {
        return;
    }
    names = json_object_get_members(json_node_get_object(node));
    for (p = names; p; p = p->next) {
        g_string_append_printf(
            text, "%s%s=%s", text->len ? ", " : "", (const char *)p->data,
            teeio_json_string(json_node_get_object(node), p->data));
    }
    add_row(out, "Settings", text->str);
}

static void add_problems(GString *out, const struct html_meta *meta)
{
    JsonArray *problems = array_of(meta, "problems");
    guint i;

    for (i = 0; problems && i < json_array_get_length(problems); i++) {
        JsonNode *node = json_array_get_element(problems, i);

        if (json_node_get_value_type(node) == G_TYPE_STRING) {
            g_string_append(out, "<p class=\"problem\">");
            html_text(out, json_node_get_string(node));
            g_string_append(out, "</p>\n");
        }
    }
}

static void add_files(GString *out, const struct html_meta *meta)
{
    static const char *const names[] = {
        TEEIO_SUMMARY,   TEEIO_RESULT,   TEEIO_EVENTS,
        TEEIO_TLP,       TEEIO_TIMELINE, TEEIO_CONSOLE,
        TEEIO_QEMU_ARGS, TEEIO_ENV,      TEEIO_SCENARIO,
    };
    size_t i;

    g_string_append(out, "<nav aria-label=\"Artefacts\">");
    for (i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(meta->folder, names[i], NULL);

        if (g_file_test(path, G_FILE_TEST_EXISTS)) {
            html_add(out, "<a href=\"%s\">%s</a> ", names[i], names[i]);
        }
    }
    g_string_append(out, "</nav>\n");
}

static void add_seen(GString *out, const struct html_model *model)
{
    guint64 tlps = model->counts[HTML_TLP];
    guint64 trusted = model->classes[HTML_T1] + model->classes[HTML_T1_STOPPED];
    guint64 stopped =
        model->classes[HTML_T0_STOPPED] + model->classes[HTML_T1_STOPPED];

    g_string_append(out, "<dt>Seen</dt><dd>");
    html_counted(out, model->events->len, "event");
    g_string_append(out, "; ");
    html_counted(out, tlps, "TLP");
    g_string_append(out, ", ");
    html_count(out, trusted);
    g_string_append(out, " with T=1, ");
    html_count(out, stopped);
    g_string_append(out, " stopped; ");
    html_counted(out, model->counts[HTML_COMMAND], "IOMMU command");
    g_string_append(out, ", ");
    html_counted(out, model->counts[HTML_FAULT], "fault");
    g_string_append(out, "; <a href=\"#findings\">");
    html_counted(out, model->counts[HTML_FINDING], "finding");
    g_string_append(out, "</a></dd>\n");
}

static void add_facts(GString *out, const struct html_meta *meta,
                      const struct html_model *model, JsonObject *header)
{
    g_autofree char *kernel = environment(meta, "kernel-release");
    g_autofree char *image = environment(meta, "kernel");
    g_autofree char *both = g_strdup_printf(
        "%s%s%s%s", kernel, *image ? " (" : "", image, *image ? ")" : "");
    g_autofree char *duration = NULL;

    g_string_append(out, "<dl class=\"facts\">\n");
    if (meta->result) {
        duration = g_strdup_printf(
            "%.1f s, boot included",
            teeio_json_number(meta->result, "duration_ms") / 1000.0);
        add_row(out, "Reason", teeio_json_string(meta->result, "reason"));
        add_settings(out, meta);
    }
    add_row(out, "Kernel", both);
    add_row(out, "QEMU", teeio_json_string(header, "qemu"));
    add_row(out, "qemu-teeio", teeio_json_string(header, "tool"));
    add_row(out, "Took", duration ? duration : "");
    add_seen(out, model);
    g_string_append(out, "</dl>\n");
}

void html_header(GString *out, const struct html_meta *meta,
                 const struct html_model *model, JsonObject *header)
{
    const char *id = teeio_json_string(meta->result, "id");
    const char *cell = teeio_json_string(meta->result, "cell");
    g_autofree char *claim = NULL;

    g_string_append(out, "<header>\n<h1>");
    html_text(out, *id ? id : "Recorded events");
    if (*cell) {
        g_string_append(out, " <small>");
        html_text(out, cell);
        g_string_append(out, "</small>");
    }
    g_string_append(out, "</h1>\n");
    if (meta->scenario) {
        claim =
            g_key_file_get_string(meta->scenario, "scenario", "claim", NULL);
    }
    if (claim) {
        g_string_append(out, "<p class=\"claim\">");
        html_text(out, claim);
        g_string_append(out, "</p>\n");
    }
    add_verdict(out, teeio_json_string(meta->result, "outcome"));
    add_problems(out, meta);
    if (meta->note) {
        g_string_append(out, "<p class=\"problem\">No events: ");
        html_text(out, meta->note);
        g_string_append(out, "</p>\n");
    }
    add_facts(out, meta, model, header);
    if (meta->folder) {
        add_files(out, meta);
    }
    if (meta->args) {
        g_string_append(out, "<h2>Command line</h2>\n<pre class=\"wrap\">");
        html_text(out, g_strchomp(meta->args));
        g_string_append(out, "</pre>\n");
    }
    g_string_append(out, "</header>\n");
}

static void add_step(GString *out, JsonObject *step)
{
    bool held =
        json_object_get_boolean_member_with_default(step, "as_expected", FALSE);

    html_add(out, "<tr%s><td class=\"n\">%" G_GUINT64_FORMAT "</td><td><code>",
             held ? "" : " class=\"bad\"", teeio_json_number(step, "id"));
    html_text(out, teeio_json_string(step, "command"));
    g_string_append(out, "</code></td><td><code>");
    html_text(out, teeio_json_string(step, "reply"));
    html_add(out, "</code></td><td class=\"held\">%s</td></tr>\n",
             held ? "as expected" : "<b>not as expected</b>");
}

void html_steps(GString *out, const struct html_meta *meta)
{
    JsonArray *steps = array_of(meta, "steps");
    guint n = steps ? json_array_get_length(steps) : 0;
    guint i;

    if (!n) {
        return;
    }
    g_string_append(
        out,
        "<section id=\"steps\">\n<h2>Steps of the guest</h2>\n"
        "<div class=\"scroll\"><table>\n<thead><tr><th>Step</th>"
        "<th>Command</th><th>Answer</th><th></th></tr></thead>\n<tbody>\n");
    for (i = 0; i < MIN(n, MAX_STEPS); i++) {
        JsonObject *step = object_in(steps, i);

        if (step) {
            add_step(out, step);
        }
    }
    g_string_append(out, "</tbody></table></div>\n");
    if (n > MAX_STEPS) {
        html_add(out, "<p class=\"left-out\">%u more steps.</p>\n",
                 n - MAX_STEPS);
    }
    g_string_append(out, "</section>\n");
}
