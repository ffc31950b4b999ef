/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Findings as blocks, TLPs as a table.
 */
#include "capture.h"
#include "html-pages.h"

#define MAX_TLPS 200

static void add_fact(GString *out, const char *name, const char *value)
{
    html_add(out, "<dt>%s</dt><dd>", name);
    html_text(out, value);
    g_string_append(out, "</dd>\n");
}

static void add_tlp_facts(GString *out, const struct html_finding *f)
{
    const char *pasid = teeio_json_string(f->tlp, "pasid");
    const char *reached = teeio_json_string(f->tlp, "out");
    g_autofree char *access = g_strdup_printf(
        "%s of %s%" G_GUINT64_FORMAT " bytes at bus address %s, T=%u",
        teeio_json_string(f->tlp, "type"),
        g_str_equal(teeio_json_string(f->tlp, "origin"), "core") ? "up to "
                                                                 : "",
        teeio_json_number(f->tlp, "len"), teeio_json_string(f->tlp, "addr"),
        (unsigned)teeio_json_number(f->tlp, "t"));
    g_autofree char *who = g_strdup_printf(
        "%s, %s%s, TDI state %s", teeio_json_string(f->tlp, "requester"),
        *pasid ? "PASID " : "no PASID", pasid, f->state);
    g_autofree char *way =
        g_strdup_printf("stage 1 %s, by %s", teeio_json_string(f->tlp, "s1"),
                        teeio_json_string(f->tlp, "via"));
    g_autofree char *end = g_strdup_printf(
        "%s%s; page owner %s; verdict %s", *reached ? "reached " : "no address",
        reached, teeio_json_string(f->tlp, "owner"),
        teeio_json_string(f->tlp, "verdict"));

    add_fact(out, "Access", access);
    add_fact(out, "By", who);
    add_fact(out, "Way", way);
    add_fact(out, "End", end);
}

static void add_event_link(GString *out, const struct html_model *model,
                           const char *name, guint64 seq)
{
    html_add(out, "<dt>%s</dt><dd>", name);
    /* The table shows these before all others. */
    if (model->findings->len <= MAX_TLPS / 2) {
        html_add(out,
                 "<a href=\"#e%" G_GUINT64_FORMAT "\">event %" G_GUINT64_FORMAT
                 "</a>",
                 seq, seq);
    } else {
        html_add(out, "event %" G_GUINT64_FORMAT, seq);
    }
    g_string_append(out, "</dd>\n");
}

static void add_step(GString *out, const struct html_meta *meta,
                     const struct html_event *e)
{
    g_autofree char *text = g_strdup_printf(
        "%" G_GUINT64_FORMAT "  %s", e->step, html_meta_step(meta, e->step));

    if (e->step) {
        add_fact(out, "In step", text);
    }
}

static void add_finding(GString *out, const struct html_meta *meta,
                        const struct html_model *model, guint i)
{
    const struct html_finding *f =
        &g_array_index(model->findings, struct html_finding, i);
    const struct html_event *e = html_event_at(model, f->event);
    g_autofree char *block = html_meta_block(meta, f->trigger);
    bool expected = html_meta_expected(meta, f->trigger);
    guint64 page;

    html_add(out,
             "<article class=\"finding%s\" id=\"finding-%u\">\n<h3><span "
             "class=\"number\">%u</span> ",
             expected ? " expected" : "", i + 1, i + 1);
    html_text(out, e->name);
    html_add(out, "%s</h3>",
             expected       ? " <small>expected by the scenario</small>"
             : meta->result ? " <small>not expected</small>"
                            : "");
    g_string_append(out, "\n<p>");
    html_text(out, f->text);
    html_add(out,
             "</p>\n<p class=\"links\"><a href=\"#t-finding-%u\">in the "
             "timeline</a>",
             i + 1);
    if (html_finding_page(model, i, &page)) {
        html_add(out, " <a href=\"#m-finding-%u\">in the page map</a>", i + 1);
    }
    g_string_append(out, "</p>\n<dl class=\"facts\">\n");
    if (!block && f->tlp) {
        add_tlp_facts(out, f);
    }
    if (!block) {
        add_step(out, meta, e);
    }
    if (html_find_tlp(model, f->trigger)) {
        add_event_link(out, model, "Seen in", f->trigger);
    }
    if (html_find_tlp(model, f->related)) {
        add_event_link(out, model, "Contradicts", f->related);
    }
    g_string_append(out, "</dl>\n");
    if (block) {
        g_string_append(out, "<pre>");
        html_text(out, block);
        g_string_append(out, "</pre>\n");
    }
    g_string_append(out, "</article>\n");
}

void html_findings(GString *out, const struct html_meta *meta,
                   const struct html_model *model)
{
    guint64 total = model->counts[HTML_FINDING];
    guint i;

    g_string_append(out, "<section id=\"findings\">\n<h2>Findings</h2>\n");
    if (!total) {
        g_string_append(out, "<p class=\"none\">The sanitizer has no "
                             "objections.</p>\n");
    }
    for (i = 0; i < model->findings->len; i++) {
        add_finding(out, meta, model, i);
    }
    if (total > model->findings->len) {
        g_string_append(out, "<p class=\"left-out\">");
        html_count(out, total - model->findings->len);
        g_string_append(out, " more findings are in events.jsonl.</p>\n");
    }
    g_string_append(out, "</section>\n");
}

/* What the findings name, then what is not ordinary, then the first others. */
static GHashTable *named(const struct html_model *model)
{
    GHashTable *set =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    guint i;

    for (i = 0; i < model->findings->len; i++) {
        const struct html_finding *f =
            &g_array_index(model->findings, struct html_finding, i);

        g_hash_table_add(set, g_memdup2(&f->trigger, sizeof(f->trigger)));
        g_hash_table_add(set, g_memdup2(&f->related, sizeof(f->related)));
    }
    return set;
}

static bool pick(const struct html_event *e, GHashTable *names, int rank)
{
    bool named_one = g_hash_table_contains(names, &e->seq);

    switch (rank) {
    case 0:
        return named_one;
    case 1:
        return !named_one && e->class != HTML_T0;
    default:
        return !named_one && e->class == HTML_T0;
    }
}

/* Indexes into the events, sorted; @left: what is not among them. */
static GArray *choose(const struct html_model *model, GHashTable *names,
                      guint64 left[HTML_CLASSES])
{
    g_autofree bool *chosen = g_new0(bool, model->events->len + 1);
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(guint));
    guint i, count = 0;
    int rank;

    for (rank = 0; rank < 3; rank++) {
        for (i = 0; i < model->events->len && count < MAX_TLPS; i++) {
            const struct html_event *e = html_event_at(model, i);

            if (e->kind == HTML_TLP && pick(e, names, rank)) {
                chosen[i] = true;
                count++;
            }
        }
    }
    for (i = 0; i < model->events->len; i++) {
        if (chosen[i]) {
            g_array_append_val(rows, i);
        } else if (html_event_at(model, i)->kind == HTML_TLP) {
            left[html_event_at(model, i)->class]++;
        }
    }
    return rows;
}

static void add_cell(GString *out, const char *style, const char *text)
{
    html_add(out, "<td%s>", style);
    html_text(out, text);
    g_string_append(out, "</td>");
}

static void add_tlp(GString *out, const struct html_event *e, bool named_one)
{
    static const char *const owners[] = {
        [HTML_UNKNOWN] = "",
        [HTML_PRIVATE] = "private",
        [HTML_SHARED] = "shared",
        [HTML_NO_RAM] = "no RAM",
    };
    static const char *const styles[HTML_CLASSES] = {
        [HTML_T0] = "k-t0",
        [HTML_T1] = "k-t1",
        [HTML_T0_STOPPED] = "k-t0s",
        [HTML_T1_STOPPED] = "k-t1s",
    };
    bool trusted = e->class == HTML_T1 || e->class == HTML_T1_STOPPED;

    html_add(out,
             "<tr id=\"e%" G_GUINT64_FORMAT
             "\"%s><td class=\"n\">%" G_GUINT64_FORMAT "</td><td class=\"n\">",
             e->seq, named_one ? " class=\"named\"" : "", e->seq);
    html_time(out, e->t_ns);
    html_add(out, "</td><td class=\"n\">%" G_GUINT64_FORMAT "</td>", e->step);
    add_cell(out, "", e->lane);
    add_cell(out, "", e->name);
    html_add(out, "<td><span class=\"key %s\"></span>%u</td>", styles[e->class],
             trusted);
    html_add(out,
             "<td class=\"n\">0x%" G_GINT64_MODIFIER "x</td><td class=\"n\">",
             e->address);
    html_count(out, e->size);
    g_string_append(out, "</td>");
    html_add(out, "<td>");
    html_text(out, e->stage);
    g_string_append(out, ", ");
    html_text(out, e->via);
    g_string_append(out, "</td><td class=\"n\">");
    if (e->reached) {
        html_add(out, "0x%" G_GINT64_MODIFIER "x", e->out);
    } else {
        html_text(out, *e->fault ? e->fault : "nowhere");
    }
    g_string_append(out, "</td>");
    add_cell(out, "", owners[e->owner]);
    add_cell(out, g_str_equal(e->from, "ok") ? "" : " class=\"bad\"", e->from);
    g_string_append(out, "</tr>\n");
}

static void add_left_out(GString *out, guint shown,
                         const guint64 left[HTML_CLASSES])
{
    guint64 all = 0;
    unsigned c;

    for (c = 0; c < HTML_CLASSES; c++) {
        all += left[c];
    }
    if (!all) {
        return;
    }
    html_add(out, "<p class=\"left-out\">%u TLPs are shown, ", shown);
    html_count(out, all);
    g_string_append(out, " are left out:");
    for (c = 0; c < HTML_CLASSES; c++) {
        if (left[c]) {
            g_string_append_c(out, ' ');
            html_count(out, left[c]);
            html_add(out, " %s;", html_class_name(c));
        }
    }
    out->str[out->len - 1] = '.';
    g_string_append(out, " Those that findings name come first, then T=1 and "
                         "what was stopped.</p>\n");
}

void html_table(GString *out, const struct html_model *model)
{
    g_autoptr(GHashTable) names = named(model);
    guint64 left[HTML_CLASSES] = {0};
    g_autoptr(GArray) rows = choose(model, names, left);
    guint i;

    g_string_append(out, "<section id=\"tlps\">\n<h2>TLPs</h2>\n");
    if (!rows->len) {
        g_string_append(out, "<p class=\"none\">There was no DMA.</p>\n"
                             "</section>\n");
        return;
    }
    add_left_out(out, rows->len, left);
    g_string_append(out,
                    "<div class=\"scroll\"><table class=\"tlps\">\n<thead><tr>"
                    "<th class=\"n\">Event</th><th class=\"n\">Time</th>"
                    "<th class=\"n\">Step</th><th>Requester</th><th>Type</th>"
                    "<th>T</th><th class=\"n\">Bus address</th>"
                    "<th class=\"n\">Bytes</th><th>Stage 1</th>"
                    "<th class=\"n\">Reached</th><th>Owner</th><th>Verdict</th>"
                    "</tr></thead>\n<tbody>\n");
    for (i = 0; i < rows->len; i++) {
        const struct html_event *e =
            html_event_at(model, g_array_index(rows, guint, i));

        add_tlp(out, e, g_hash_table_contains(names, &e->seq));
    }
    g_string_append(out, "</tbody></table></div>\n</section>\n");
}
