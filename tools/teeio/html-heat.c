/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The page map drawn: addresses down, time to the right, the ground tells the
 * owner, the marks tell how much DMA reached the page.
 */
#include "html-pages.h"

#define TOP      48
#define ROW      16
#define MARK_MIN 4
#define MARK_MAX 12

static const char *const owner_styles[] = {
    [HTML_UNKNOWN] = "h-unknown", [HTML_PRIVATE] = "h-private",
    [HTML_SHARED] = "h-shared",   [HTML_NO_RAM] = "h-none",
    [HTML_MIXED] = "h-mixed",
};

static const char *const owner_names[] = {
    [HTML_UNKNOWN] = "owner not told",
    [HTML_PRIVATE] = "private",
    [HTML_SHARED] = "shared",
    [HTML_NO_RAM] = "no RAM",
    [HTML_MIXED] = "pages of several owners",
};

static int x_of(unsigned column)
{
    return HTML_GUTTER + (int)column * HTML_COLUMN;
}

static const struct html_row *row_at(const struct html_pages *p, guint i)
{
    return &g_array_index(p->rows, struct html_row, i);
}

static guint64 pages_of(const struct html_row *row)
{
    guint64 all = 0;
    unsigned o;

    for (o = 0; o < HTML_OWNERS; o++) {
        all += row->pages[o];
    }
    return all;
}

static void add_label(GString *out, const struct html_pages *p,
                      const struct html_row *row, int y)
{
    const struct html_span *first =
        &g_array_index(p->spans, struct html_span, row->first);
    const struct html_span *last = first + row->count - 1;
    guint64 pages = pages_of(row);

    html_add(out,
             "<text class=\"%s\" x=\"%d\" y=\"%d\"><title>0x%" G_GINT64_MODIFIER
             "x to 0x%" G_GINT64_MODIFIER "x; pages: ",
             first->marked ? "lane addr marked" : "lane addr", HTML_GUTTER - 10,
             y + ROW - 4, first->base, last->base + (last->size - 1));
    html_count(out, pages);
    html_add(out, "</title>0x%" G_GINT64_MODIFIER "x", first->base);
    if (pages > 1) {
        g_string_append(out, "<tspan class=\"more\"> +");
        html_count(out, pages - 1);
        g_string_append(out, "</tspan>");
    }
    g_string_append(out, "</text>\n");
}

static void add_part(GString *out, const char *style, int x, int y, int width,
                     unsigned height)
{
    if (height) {
        html_add(out,
                 "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
                 "height=\"%u\"/>",
                 style, x, y, width, height);
    }
}

static bool same_ground(const struct html_cell *a, const struct html_cell *b)
{
    return a->owner == b->owner && a->private_part == b->private_part &&
           a->shared_part == b->shared_part;
}

/* A row of several pages shows their shares, private above shared. */
static void add_ground(GString *out, const struct html_row *row, int y)
{
    unsigned from = 0, to;

    while (from < HTML_COLUMNS) {
        const struct html_cell *cell = &row->cells[from];
        int x = x_of(from), width;

        for (to = from; to < HTML_COLUMNS && same_ground(&row->cells[to], cell);
             to++) {
        }
        width = x_of(to) - x;
        html_add(out, "<g><title>%s</title>", owner_names[cell->owner]);
        if (cell->owner != HTML_MIXED ||
            cell->private_part + cell->shared_part < HTML_PARTS - 1) {
            add_part(out, owner_styles[cell->owner], x, y, width, ROW - 1);
        }
        if (cell->owner == HTML_MIXED) {
            add_part(out, "h-private", x, y, width, cell->private_part);
            add_part(out, "h-shared", x, y + ROW - 1 - (int)cell->shared_part,
                     width, cell->shared_part);
        }
        g_string_append(out, "</g>");
        from = to;
    }
    g_string_append_c(out, '\n');
}

static const char *mark_style(const struct html_cell *cell)
{
    return cell->hits[HTML_T1_STOPPED]   ? "t1s"
           : cell->hits[HTML_T0_STOPPED] ? "t0s"
           : cell->hits[HTML_T1]         ? "t1"
                                         : "t0";
}

static void add_cell(GString *out, const struct html_cell *cell,
                     unsigned column, int y, guint64 most)
{
    guint64 hits = 0;
    unsigned c;
    int size;

    for (c = 0; c < HTML_CLASSES; c++) {
        hits += cell->hits[c];
    }
    if (cell->changes) {
        html_add(out,
                 "<path class=\"change\" d=\"M%d %dv%d\"><title>changes of "
                 "owner: %u</title></path>",
                 x_of(column) + 1, y, ROW - 1, cell->changes);
    }
    if (!hits) {
        return;
    }
    size = MARK_MIN + (int)(html_level(hits) * (MARK_MAX - MARK_MIN) /
                            MAX(html_level(most), 32));
    html_add(out,
             "<rect class=\"%s mk\" x=\"%d\" y=\"%d\" width=\"%d\" "
             "height=\"%d\"><title>%s",
             mark_style(cell), x_of(column) + (HTML_COLUMN - size) / 2,
             y + (ROW - 1 - size) / 2, size, size, owner_names[cell->owner]);
    for (c = 0; c < HTML_CLASSES; c++) {
        if (cell->hits[c]) {
            html_add(out, "\n%s: ", html_class_name(c));
            html_count(out, cell->hits[c]);
        }
    }
    g_string_append(out, "</title></rect>\n");
}

static guint64 busiest(const struct html_pages *p)
{
    guint64 most = 0;
    unsigned c, k;
    guint i;

    for (i = 0; i < p->rows->len; i++) {
        for (c = 0; c < HTML_COLUMNS; c++) {
            guint64 hits = 0;

            for (k = 0; k < HTML_CLASSES; k++) {
                hits += row_at(p, i)->cells[c].hits[k];
            }
            most = MAX(most, hits);
        }
    }
    return most;
}

static void add_findings(GString *out, const struct html_pages *p,
                         const struct html_model *model)
{
    guint64 address;
    guint i, row;

    for (i = 0; i < model->findings->len; i++) {
        const struct html_finding *f =
            &g_array_index(model->findings, struct html_finding, i);
        const struct html_event *e = html_event_at(model, f->event);
        unsigned column = html_finding_bin(model, i) * HTML_COLUMNS / HTML_BINS;

        row = html_finding_page(model, i, &address) ? html_pages_row(p, address)
                                                    : p->rows->len;
        if (row == p->rows->len) {
            continue;
        }
        html_add(out, "<a href=\"#finding-%u\" id=\"m-finding-%u\"><title>%u: ",
                 i + 1, i + 1, i + 1);
        html_text(out, e->name);
        html_add(out,
                 "</title><circle class=\"ring\" cx=\"%d\" cy=\"%d\" "
                 "r=\"9\"/></a>\n",
                 x_of(column) + HTML_COLUMN / 2,
                 TOP + (int)row * ROW + (ROW - 1) / 2);
    }
}

static void draw(GString *out, const struct html_pages *p,
                 const struct html_meta *meta, const struct html_model *model)
{
    int height = TOP + (int)p->rows->len * ROW;
    guint64 most = busiest(p);
    unsigned c;
    guint i;

    html_add(out,
             "<div class=\"scroll\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
             "aria-labelledby=\"pages-title\">\n",
             HTML_WIDTH, height + 6);
    html_axis(out, model, meta, height);
    for (i = 0; i < p->rows->len; i++) {
        const struct html_row *row = row_at(p, i);
        int y = TOP + (int)i * ROW;

        html_add(out, "<g data-row=\"0x%" G_GINT64_MODIFIER "x\">\n",
                 g_array_index(p->spans, struct html_span, row->first).base);
        add_label(out, p, row, y);
        add_ground(out, row, y);
        for (c = 0; c < HTML_COLUMNS; c++) {
            add_cell(out, &row->cells[c], c, y, most);
        }
        g_string_append(out, "</g>\n");
    }
    add_findings(out, p, model);
    g_string_append(out, "</svg></div>\n");
}

void html_pages(GString *out, const struct html_meta *meta,
                const struct html_model *model)
{
    struct html_pages p;

    html_pages_init(&p, model);
    if (p.rows->len) {
        draw(out, &p, meta, model);
    } else {
        g_string_append(out, "<p class=\"none\">No event names a page.</p>\n");
    }
    if (p.left_out) {
        g_string_append(out, "<p class=\"left-out\">The events name more pages "
                             "than are drawn.</p>\n");
    }
    html_pages_clear(&p);
}
