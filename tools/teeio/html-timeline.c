/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The timeline: lanes below one axis, in columns with exact counts.
 */
#include "html.h"

#include <string.h>

#define MAX_LANES 10 /* of one theme; the busiest */
#define MAX_NAMES 5  /* in a title */
#define LANE_GAP  10
#define UP        26 /* greatest height of a bar */
#define DOWN      16
#define CHAR      7

static const char *const class_styles[HTML_CLASSES] = {
    [HTML_T0] = "t0",
    [HTML_T1] = "t1",
    [HTML_T0_STOPPED] = "t0s",
    [HTML_T1_STOPPED] = "t1s",
};

struct drawing {
    GString *out;
    const struct html_model *model;
    const struct html_meta *meta;
    int y;
};

static int x_of(unsigned bin)
{
    return HTML_GUTTER + (int)bin * HTML_BIN;
}

/* Grows with the logarithm; what is there is seen. */
static int bar_height(guint64 count, guint64 most, int room)
{
    return count ? 3 + (int)(html_level(count) * (unsigned)(room - 3) /
                             MAX(html_level(most), 1))
                 : 0;
}

static void add_label(struct drawing *d, int y, const char *name,
                      const char *what)
{
    html_add(d->out, "<text class=\"lane\" x=\"%d\" y=\"%d\">",
             HTML_GUTTER - 10, y);
    html_text(d->out, name);
    html_add(d->out, "</text><text class=\"sub\" x=\"%d\" y=\"%d\">",
             HTML_GUTTER - 10, y + 12);
    html_text(d->out, what);
    g_string_append(d->out, "</text>\n");
}

static void add_when(struct drawing *d, const struct html_event *e)
{
    if (e->step) {
        html_add(d->out, "step %" G_GUINT64_FORMAT ", ", e->step);
    }
    html_time(d->out, e->t_ns);
    html_add(d->out, ", event %" G_GUINT64_FORMAT, e->seq);
}

static void add_bar(struct drawing *d, const char *style, unsigned bin, int y,
                    int height)
{
    if (height) {
        html_add(d->out,
                 "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
                 "height=\"%d\"/>",
                 style, x_of(bin), y, HTML_BIN - 1, height);
    }
}

static void add_baseline(struct drawing *d, int y)
{
    html_add(d->out, "<path class=\"base\" d=\"M%d %d.5H%d\"/>\n", HTML_GUTTER,
             y, HTML_GUTTER + HTML_PLOT);
}

static void add_left_out(struct drawing *d, guint left_out, const char *what)
{
    if (left_out) {
        html_add(d->out,
                 "<text class=\"sub\" x=\"%d\" y=\"%d\" "
                 "style=\"text-anchor:start\">%u more %s with fewer events "
                 "are not drawn</text>\n",
                 HTML_GUTTER, d->y + 6, left_out, what);
        d->y += 20;
    }
}

/* TLPs: up what passed, down what was stopped. */
static void draw_tlps(struct drawing *d, const char *lane, guint64 total)
{
    guint64 bins[HTML_BINS][HTML_CLASSES] = {0};
    const struct html_event *first[HTML_BINS] = {0};
    g_autoptr(GString) what = g_string_new(NULL);
    guint64 up = 0, down = 0;
    int base = d->y + UP;
    unsigned b, c;
    guint i;

    for (i = 0; i < d->model->events->len; i++) {
        const struct html_event *e = html_event_at(d->model, i);

        if (e->kind == HTML_TLP && e->lane == lane) {
            bins[e->bin][e->class]++;
            first[e->bin] = first[e->bin] ? first[e->bin] : e;
        }
    }
    for (b = 0; b < HTML_BINS; b++) {
        up = MAX(up, bins[b][HTML_T0] + bins[b][HTML_T1]);
        down = MAX(down, bins[b][HTML_T0_STOPPED] + bins[b][HTML_T1_STOPPED]);
    }
    html_counted(what, total, "TLP");
    add_label(d, base - 8, lane, what->str);
    for (b = 0; b < HTML_BINS; b++) {
        guint64 passed = bins[b][HTML_T0] + bins[b][HTML_T1];
        guint64 stopped = bins[b][HTML_T0_STOPPED] + bins[b][HTML_T1_STOPPED];
        int rise = bar_height(passed, up, UP);
        int fall = bar_height(stopped, down, DOWN);
        int part;

        if (!first[b]) {
            continue;
        }
        g_string_append(d->out, "<g><title>");
        add_when(d, first[b]);
        for (c = 0; c < HTML_CLASSES; c++) {
            if (bins[b][c]) {
                html_add(d->out, "\n%s: ", html_class_name(c));
                html_count(d->out, bins[b][c]);
            }
        }
        g_string_append(d->out, "</title>");
        part = passed ? (int)(bins[b][HTML_T1] * rise / passed) : 0;
        part = bins[b][HTML_T1] ? MAX(part, 2) : 0;
        add_bar(d, class_styles[HTML_T1], b, base - part, part);
        add_bar(d, class_styles[HTML_T0], b, base - MAX(rise, part),
                bins[b][HTML_T0] ? MAX(rise - part, 1) : 0);
        part = stopped ? (int)(bins[b][HTML_T1_STOPPED] * fall / stopped) : 0;
        part = bins[b][HTML_T1_STOPPED] ? MAX(part, 2) : 0;
        add_bar(d, class_styles[HTML_T1_STOPPED], b, base + 1, part);
        add_bar(d, class_styles[HTML_T0_STOPPED], b, base + 1 + part,
                bins[b][HTML_T0_STOPPED] ? MAX(fall - part, 1) : 0);
        g_string_append(d->out, "</g>\n");
    }
    add_baseline(d, base);
    d->y = base + DOWN + LANE_GAP;
}

/* "12 SYNC, 3 CFGI_STE" */
static void add_names(struct drawing *d, const struct html_event *first,
                      unsigned kinds)
{
    const struct html_event *end = html_event_at(d->model, 0);
    const struct html_event *e;
    const char *names[MAX_NAMES] = {0};
    guint64 counts[MAX_NAMES] = {0};
    guint64 others = 0;
    guint n;

    end += d->model->events->len;
    for (e = first; e < end && e->bin == first->bin; e++) {
        if (e->lane != first->lane || !(kinds & 1u << e->kind)) {
            continue;
        }
        for (n = 0; n < MAX_NAMES && names[n] && names[n] != e->name; n++) {
        }
        if (n == MAX_NAMES) {
            others++;
        } else {
            names[n] = e->name;
            counts[n]++;
        }
    }
    for (n = 0; n < MAX_NAMES && names[n]; n++) {
        g_string_append_c(d->out, '\n');
        html_text(d->out, names[n]);
        g_string_append(d->out, ": ");
        html_count(d->out, counts[n]);
    }
    if (others) {
        g_string_append(d->out, "\nothers: ");
        html_count(d->out, others);
    }
}

/* Bars of one kind up, of another down, for one source. */
static void draw_iommu(struct drawing *d, const char *lane, guint64 all)
{
    guint64 commands[HTML_BINS] = {0}, faults[HTML_BINS] = {0};
    const struct html_event *first[HTML_BINS] = {0};
    g_autoptr(GString) what = g_string_new(NULL);
    const unsigned kinds = 1u << HTML_COMMAND | 1u << HTML_FAULT;
    guint64 total = 0, failed = 0, most = 0, worst = 0;
    int base = d->y + UP;
    unsigned b;
    guint i;

    (void)all;
    for (i = 0; i < d->model->events->len; i++) {
        const struct html_event *e = html_event_at(d->model, i);

        if (kinds & 1u << e->kind && e->lane == lane) {
            commands[e->bin] += e->kind == HTML_COMMAND;
            faults[e->bin] += e->kind == HTML_FAULT;
            first[e->bin] = first[e->bin] ? first[e->bin] : e;
        }
    }
    for (b = 0; b < HTML_BINS; b++) {
        total += commands[b];
        failed += faults[b];
        most = MAX(most, commands[b]);
        worst = MAX(worst, faults[b]);
    }
    html_counted(what, total, "command");
    g_string_append(what, ", ");
    html_counted(what, failed, "fault");
    add_label(d, base - 8, lane, what->str);
    for (b = 0; b < HTML_BINS; b++) {
        if (first[b]) {
            g_string_append(d->out, "<g><title>");
            add_when(d, first[b]);
            add_names(d, first[b], kinds);
            g_string_append(d->out, "</title>");
            i = bar_height(commands[b], most, UP);
            add_bar(d, "cmd", b, base - (int)i, i);
            add_bar(d, "fault", b, base + 1,
                    bar_height(faults[b], worst, DOWN));
            g_string_append(d->out, "</g>\n");
        }
    }
    add_baseline(d, base);
    d->y = base + DOWN + LANE_GAP;
}

static const char *state_style(const char *state)
{
    static const char *const styles[][2] = {
        {"CONFIG_UNLOCKED", "unlocked"},
        {"CONFIG_LOCKED", "locked"},
        {"RUN", "run"},
        {"ERROR", "error"},
    };
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(styles); i++) {
        if (g_str_equal(styles[i][0], state)) {
            return styles[i][1];
        }
    }
    return "odd";
}

static void add_state(struct drawing *d, const char *state, unsigned from,
                      unsigned to, guint changes,
                      const struct html_event *since)
{
    const char *style = state_style(state);
    int width = (int)(to - from) * HTML_BIN;

    if (to <= from) {
        return;
    }
    g_string_append(d->out, "<g><title>");
    html_text(d->out, state);
    if (since) {
        g_string_append(d->out, " since ");
        add_when(d, since);
    }
    if (changes > 1) {
        html_add(d->out, "\n%u changes within this column", changes);
    }
    html_add(d->out,
             "</title><rect class=\"s-%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
             "height=\"18\"/>",
             style, x_of(from), d->y, width - 1);
    if (width < (int)strlen(state) * CHAR + 6 &&
        g_str_has_prefix(state, "CONFIG_")) {
        state += strlen("CONFIG_");
    }
    if (width >= (int)strlen(state) * CHAR + 6) {
        html_add(d->out, "<text class=\"in s-%s\" x=\"%d\" y=\"%d\">", style,
                 x_of(from) + 4, d->y + 13);
        html_text(d->out, state);
        g_string_append(d->out, "</text>");
    }
    g_string_append(d->out, "</g>\n");
}

/* What it was before the first change, the change itself tells. */
static void draw_states(struct drawing *d, const char *lane, guint64 total)
{
    const struct html_event *since = NULL;
    g_autofree char *what = g_strdup_printf(
        "TDISP, %" G_GUINT64_FORMAT " input%s", total, total == 1 ? "" : "s");
    const char *state = NULL;
    unsigned from = 0;
    guint i, changes = 0;

    add_label(d, d->y + 9, lane, what);
    for (i = 0; i < d->model->events->len; i++) {
        const struct html_event *e = html_event_at(d->model, i);

        if (e->kind != HTML_TDISP || e->lane != lane) {
            continue;
        }
        state = state ? state : e->from;
        if (state == e->name) {
            continue;
        }
        if (e->bin > from) {
            add_state(d, state, from, e->bin, changes, since);
            from = e->bin;
            changes = 0;
        }
        changes++;
        state = e->name;
        since = e;
    }
    add_state(d, state, from, HTML_BINS, changes, since);
    d->y += 18 + LANE_GAP;
}

static const char *pages_word(enum html_owner owner)
{
    return owner == HTML_PRIVATE  ? "made private"
           : owner == HTML_SHARED ? "made shared"
                                  : "changed otherwise";
}

/* Pages made private up, made shared down. */
static void draw_owners(struct drawing *d)
{
    guint64 pages[HTML_BINS][HTML_OWNERS] = {0};
    guint changes[HTML_BINS] = {0};
    const struct html_event *first[HTML_BINS] = {0};
    guint64 up = 0, down = 0;
    g_autoptr(GString) what = g_string_new(NULL);
    int base = d->y + UP, height;
    unsigned b, o;
    guint i;

    for (i = 0; i < d->model->events->len; i++) {
        const struct html_event *e = html_event_at(d->model, i);

        if (e->kind == HTML_OWNER) {
            pages[e->bin][e->owner] +=
                e->size / HTML_PAGE + (e->size % HTML_PAGE != 0);
            changes[e->bin]++;
            first[e->bin] = first[e->bin] ? first[e->bin] : e;
        }
    }
    for (b = 0; b < HTML_BINS; b++) {
        up = MAX(up, pages[b][HTML_PRIVATE]);
        down = MAX(down, pages[b][HTML_SHARED]);
    }
    html_counted(what, d->model->counts[HTML_OWNER], "change");
    add_label(d, base - 8, "page owners", what->str);
    for (b = 0; b < HTML_BINS; b++) {
        if (!first[b]) {
            continue;
        }
        g_string_append(d->out, "<g><title>");
        add_when(d, first[b]);
        html_add(d->out, "\nchanges: %u", changes[b]);
        for (o = 0; o < HTML_OWNERS; o++) {
            if (pages[b][o]) {
                html_add(d->out, "\npages %s: ", pages_word(o));
                html_count(d->out, pages[b][o]);
            }
        }
        html_add(d->out, "\nfrom 0x%" G_GINT64_MODIFIER "x</title>",
                 first[b]->address);
        height = bar_height(pages[b][HTML_PRIVATE], up, UP);
        add_bar(d, "o-private", b, base - height, height);
        add_bar(d, "o-shared", b, base + 1,
                bar_height(pages[b][HTML_SHARED], down, DOWN));
        g_string_append(d->out, "</g>\n");
    }
    add_baseline(d, base);
    d->y = base + DOWN + LANE_GAP;
}

/* Numbers that lead to the text; those of one column become one mark. */
static void draw_findings(struct drawing *d)
{
    const GArray *findings = d->model->findings;
    int last = -100;
    guint i;

    add_label(d, d->y + 8, "findings", "");
    for (i = 0; i < findings->len; i++) {
        const struct html_finding *f =
            &g_array_index(findings, struct html_finding, i);
        const struct html_event *e = html_event_at(d->model, f->event);
        int x = x_of(html_finding_bin(d->model, i)) + HTML_BIN / 2;

        html_add(d->out,
                 "<a href=\"#finding-%u\" id=\"t-finding-%u\"><title>%u: ",
                 i + 1, i + 1, i + 1);
        html_text(d->out, e->name);
        g_string_append_c(d->out, '\n');
        add_when(d, e);
        html_add(d->out,
                 "</title><path class=\"find\" d=\"M%d %dl5 -9h-10z\"/>", x,
                 d->y + 22);
        if (x - last >= 16) {
            html_add(d->out, "<text class=\"mark\" x=\"%d\" y=\"%d\">%u</text>",
                     x, d->y + 11, i + 1);
            last = x;
        }
        g_string_append(d->out, "</a>\n");
    }
    d->y += 26 + LANE_GAP;
}

static void draw_theme(struct drawing *d, unsigned kinds, const char *what,
                       void (*draw)(struct drawing *, const char *, guint64))
{
    g_autoptr(GArray) counts = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(GPtrArray) lanes = html_lanes(d->model, kinds, counts);
    guint left_out = html_pick_lanes(lanes, counts, MAX_LANES);
    guint i;

    for (i = 0; i < lanes->len; i++) {
        html_add(d->out, "<g data-theme=\"%s\" data-lane=\"", what);
        html_text(d->out, lanes->pdata[i]);
        g_string_append(d->out, "\">\n");
        draw(d, lanes->pdata[i], g_array_index(counts, guint64, i));
        g_string_append(d->out, "</g>\n");
    }
    add_left_out(d, left_out, what);
}

static void draw_lines(struct drawing *d)
{
    guint i;

    for (i = 0; i < d->model->findings->len; i++) {
        html_add(d->out, "<path class=\"find-line\" d=\"M%d 60V%d\"/>\n",
                 x_of(html_finding_bin(d->model, i)) + HTML_BIN / 2, d->y);
    }
}

void html_timeline(GString *out, const struct html_meta *meta,
                   const struct html_model *model)
{
    g_autoptr(GString) lanes = g_string_new(NULL);
    struct drawing d = {lanes, model, meta, 48};

    if (model->findings->len) {
        draw_findings(&d);
    }
    draw_theme(&d, 1u << HTML_COMMAND | 1u << HTML_FAULT, "IOMMUs", draw_iommu);
    draw_theme(&d, 1u << HTML_TLP, "requesters", draw_tlps);
    draw_theme(&d, 1u << HTML_TDISP, "interfaces", draw_states);
    if (model->counts[HTML_OWNER]) {
        g_string_append(lanes, "<g data-theme=\"owners\">\n");
        draw_owners(&d);
        g_string_append(lanes, "</g>\n");
    }
    html_add(out,
             "<div class=\"scroll\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
             "aria-labelledby=\"timeline-title\">\n",
             HTML_WIDTH, d.y);
    html_axis(out, model, meta, d.y - LANE_GAP);
    g_string_append_len(out, lanes->str, lanes->len);
    d.out = out;
    draw_lines(&d);
    g_string_append(out, "</svg></div>\n");
}
