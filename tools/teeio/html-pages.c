/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Who owned which page when: from the events to the cells of the map.
 *
 * Addresses are cut into spans that no event tells apart, spans are gathered
 * into rows. The owner of a page is what an ownership change or a TLP that
 * reached it told last; before the first change, what the first TLP told.
 */
#include "html-pages.h"

#include <string.h>

#define MAX_SPANS  65536u
#define MAX_MARKED 8
#define MAX_LARGE  4
#define LARGE      (1u << 20)

struct borders {
    GArray *at;        /* guint64, sorted */
    GHashTable *known; /* the same as a set */
};

static guint64 page_of(guint64 address)
{
    return address & ~(guint64)(HTML_PAGE - 1);
}

/* The pages that an event concerns; an address space ends below its top. */
static bool extent(const struct html_event *e, guint64 *base, guint64 *end)
{
    guint64 size;

    if (e->kind == HTML_OWNER && e->size) {
        size = MIN(e->size, G_MAXUINT64 - HTML_PAGE - e->address);
        *base = page_of(e->address);
        *end = page_of(e->address + size - 1) + HTML_PAGE;
    } else if (e->kind == HTML_TLP && e->reached) {
        *base = page_of(e->out);
        *end = *base + HTML_PAGE;
    } else {
        return false;
    }
    return *base < *end;
}

static int compare_addresses(const void *a, const void *b)
{
    const guint64 *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static void add_border(struct borders *b, guint64 address)
{
    gint64 *key = g_new(gint64, 1);

    *key = (gint64)address;
    if (g_hash_table_add(b->known, key)) {
        g_array_append_val(b->at, address);
    }
}

bool html_finding_page(const struct html_model *model, guint i, guint64 *out)
{
    const struct html_event *tlp = html_find_tlp(
        model, g_array_index(model->findings, struct html_finding, i).trigger);
    guint64 base, end;

    *out = tlp ? tlp->out : 0;
    return tlp && extent(tlp, &base, &end);
}

static GArray *find_borders(const struct html_model *model, bool *left_out)
{
    struct borders b = {
        .at = g_array_new(FALSE, FALSE, sizeof(guint64)),
        .known =
            g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
    };
    guint64 base, end;
    guint i;

    /* These have links that lead to them. */
    for (i = 0; i < model->findings->len; i++) {
        if (html_finding_page(model, i, &base)) {
            add_border(&b, page_of(base));
            add_border(&b, page_of(base) + HTML_PAGE);
        }
    }
    for (i = 0; i < model->events->len && !*left_out; i++) {
        if (extent(html_event_at(model, i), &base, &end)) {
            add_border(&b, base);
            add_border(&b, end);
            *left_out = b.at->len >= MAX_SPANS;
        }
    }
    g_hash_table_unref(b.known);
    g_array_sort(b.at, compare_addresses);
    return b.at;
}

/* How many of @borders are not above @address. */
static guint rank(const GArray *borders, guint64 address)
{
    guint low = 0, high = borders->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (g_array_index(borders, guint64, middle) <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* What lies between two borders and no event concerns is no span. */
static void find_spans(struct html_pages *p, const struct html_model *model)
{
    g_autoptr(GArray) borders = find_borders(model, &p->left_out);
    g_autofree gint64 *covers = g_new0(gint64, borders->len + 1);
    gint64 depth = 0;
    guint64 base, end;
    guint i;

    for (i = 0; i < model->events->len; i++) {
        if (extent(html_event_at(model, i), &base, &end)) {
            covers[MAX(rank(borders, base), 1) - 1]++;
            covers[MAX(rank(borders, end), 1) - 1]--;
        }
    }
    for (i = 0; i + 1 < borders->len; i++) {
        struct html_span span = {
            .base = g_array_index(borders, guint64, i),
            .size = g_array_index(borders, guint64, i + 1) -
                    g_array_index(borders, guint64, i),
        };

        depth += covers[i];
        if (depth > 0) {
            g_array_append_val(p->spans, span);
        }
    }
}

static struct html_span *span_at(const struct html_pages *p, guint i)
{
    return &g_array_index(p->spans, struct html_span, i);
}

static struct html_row *row_at(const struct html_pages *p, guint i)
{
    return &g_array_index(p->rows, struct html_row, i);
}

/* The first span that ends above @address. */
static guint first_span(const struct html_pages *p, guint64 address)
{
    guint low = 0, high = p->spans->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        const struct html_span *s = span_at(p, middle);

        if (s->base + (s->size - 1) < address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

guint html_pages_row(const struct html_pages *p, guint64 address)
{
    guint i = first_span(p, address);

    return i < p->spans->len && span_at(p, i)->base <= address
               ? g_array_index(p->row_of, guint, i)
               : p->rows->len;
}

static guint mark_findings(struct html_pages *p, const struct html_model *model)
{
    guint i, at, marked = 0;
    guint64 out;

    for (i = 0; i < model->findings->len && marked < MAX_MARKED; i++) {
        if (!html_finding_page(model, i, &out)) {
            continue;
        }
        at = first_span(p, out);
        if (at < p->spans->len && span_at(p, at)->base <= out &&
            !span_at(p, at)->marked) {
            span_at(p, at)->marked = true;
            span_at(p, at)->alone = true;
            marked++;
        }
    }
    return marked;
}

/* Beside single pages a large range would hide what becomes of them. */
static guint set_large_apart(struct html_pages *p)
{
    guint i, large = 0;

    for (i = 0; i < p->spans->len && large < MAX_LARGE; i++) {
        if (!span_at(p, i)->alone && span_at(p, i)->size >= LARGE) {
            span_at(p, i)->alone = true;
            large++;
        }
    }
    return large;
}

/* As many spans a row as are needed to keep to HTML_ROWS. */
static void find_rows(struct html_pages *p, guint alone)
{
    guint others = p->spans->len - alone;
    guint chunk = MAX((others + HTML_ROWS - 1) / HTML_ROWS, 1);
    bool open = false;
    guint i;

    for (i = 0; i < p->spans->len; i++) {
        struct html_row row = {.first = i};
        bool single = span_at(p, i)->alone;
        guint at;

        if (!open || single || row_at(p, p->rows->len - 1)->count == chunk) {
            g_array_append_val(p->rows, row);
        }
        open = !single;
        at = p->rows->len - 1;
        row_at(p, at)->count++;
        g_array_append_val(p->row_of, at);
    }
}

static enum html_owner owner_now(const struct html_row *row,
                                 const struct html_span *s)
{
    return s->stamp >= row->stamp ? s->owner : row->fill;
}

static bool set_owner(struct html_row *row, struct html_span *s,
                      enum html_owner owner)
{
    enum html_owner before = owner_now(row, s);

    row->pages[before] -= s->size / HTML_PAGE;
    row->pages[owner] += s->size / HTML_PAGE;
    s->owner = owner;
    s->stamp = row->stamp;
    return before != owner;
}

static void fill_row(struct html_row *row, enum html_owner owner)
{
    guint64 all = 0;
    unsigned o;

    for (o = 0; o < HTML_OWNERS; o++) {
        all += row->pages[o];
        row->pages[o] = 0;
    }
    row->pages[owner] = all;
    row->fill = owner;
    row->stamp++;
}

static void reset(struct html_pages *p)
{
    guint i, j;

    for (i = 0; i < p->rows->len; i++) {
        struct html_row *row = row_at(p, i);

        row->stamp = 0;
        memset(row->pages, 0, sizeof(row->pages));
        for (j = row->first; j < row->first + row->count; j++) {
            struct html_span *s = span_at(p, j);

            s->stamp = 0;
            s->owner = s->initial;
            row->pages[s->initial] += s->size / HTML_PAGE;
        }
    }
}

/* Whole rows at once: one change may cover all pages there are. */
static void take_owner(struct html_pages *p, const struct html_event *e)
{
    unsigned column = e->bin * HTML_COLUMNS / HTML_BINS;
    guint64 base, end;
    guint i;

    if (!extent(e, &base, &end)) {
        return;
    }
    i = first_span(p, base);
    while (i < p->spans->len && span_at(p, i)->base < end) {
        struct html_row *row = row_at(p, g_array_index(p->row_of, guint, i));
        const struct html_span *last = span_at(p, row->first + row->count - 1);
        bool changed = false;

        if (i == row->first && last->base + (last->size - 1) < end) {
            fill_row(row, e->owner);
            changed = true;
            i += row->count;
        } else {
            for (; i < row->first + row->count && span_at(p, i)->base < end;
                 i++) {
                changed |= set_owner(row, span_at(p, i), e->owner);
            }
        }
        row->cells[column].changes += changed;
    }
}

static void take_tlp(struct html_pages *p, const struct html_event *e,
                     bool learn)
{
    guint at = e->reached ? first_span(p, e->out) : p->spans->len;
    struct html_span *s;
    struct html_row *row;

    if (at >= p->spans->len || span_at(p, at)->base > e->out) {
        return;
    }
    s = span_at(p, at);
    row = row_at(p, g_array_index(p->row_of, guint, at));
    if (learn && owner_now(row, s) == HTML_UNKNOWN) {
        s->initial = e->owner;
    }
    if (e->owner != HTML_UNKNOWN) {
        set_owner(row, s, e->owner);
    }
    row->cells[e->bin * HTML_COLUMNS / HTML_BINS].hits[e->class]++;
}

static enum html_owner summary(const struct html_row *row)
{
    enum html_owner owner = HTML_MIXED;
    unsigned o;

    for (o = 0; o < HTML_OWNERS; o++) {
        if (row->pages[o]) {
            if (owner != HTML_MIXED) {
                return HTML_MIXED;
            }
            owner = o;
        }
    }
    return owner;
}

static unsigned part(const struct html_row *row, enum html_owner owner)
{
    guint64 all = 0;
    unsigned o;

    for (o = 0; o < HTML_OWNERS; o++) {
        all += row->pages[o];
    }
    return row->pages[owner] ? MAX(1, row->pages[owner] * HTML_PARTS / all) : 0;
}

static void close_columns(struct html_pages *p, unsigned from, unsigned to)
{
    guint i;

    for (; from < to; from++) {
        for (i = 0; i < p->rows->len; i++) {
            struct html_row *row = row_at(p, i);
            struct html_cell *cell = &row->cells[from];

            cell->owner = summary(row);
            cell->private_part = part(row, HTML_PRIVATE);
            cell->shared_part = part(row, HTML_SHARED);
        }
    }
}

static void play(struct html_pages *p, const struct html_model *model,
                 bool learn)
{
    unsigned column = 0;
    guint i;

    reset(p);
    for (i = 0; i < p->rows->len; i++) {
        memset(row_at(p, i)->cells, 0, sizeof(row_at(p, i)->cells));
    }
    for (i = 0; i < model->events->len; i++) {
        const struct html_event *e = html_event_at(model, i);
        unsigned at = e->bin * HTML_COLUMNS / HTML_BINS;

        close_columns(p, column, at);
        column = MAX(column, at);
        if (e->kind == HTML_OWNER) {
            take_owner(p, e);
        } else if (e->kind == HTML_TLP) {
            take_tlp(p, e, learn);
        }
    }
    close_columns(p, column, HTML_COLUMNS);
}

void html_pages_init(struct html_pages *p, const struct html_model *model)
{
    guint alone;

    *p = (struct html_pages){
        .spans = g_array_new(FALSE, FALSE, sizeof(struct html_span)),
        .rows = g_array_new(FALSE, FALSE, sizeof(struct html_row)),
        .row_of = g_array_new(FALSE, FALSE, sizeof(guint)),
    };
    find_spans(p, model);
    alone = mark_findings(p, model);
    alone += set_large_apart(p);
    find_rows(p, alone);
    play(p, model, true);
    play(p, model, false);
}

void html_pages_clear(struct html_pages *p)
{
    g_array_unref(p->spans);
    g_array_unref(p->rows);
    g_array_unref(p->row_of);
}
