/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The page map as numbers; html-heat.c draws it.
 */
#ifndef TEEIO_HTML_PAGES_H
#define TEEIO_HTML_PAGES_H

#include "html.h"

#define HTML_COLUMNS 80
#define HTML_COLUMN  (HTML_PLOT / HTML_COLUMNS)
#define HTML_ROWS    28 /* apart from those of single spans */
#define HTML_PARTS   15

/**
 * struct html_span - pages that no event tells apart
 * @marked:  a finding's TLP reached it
 * @alone:   has a row of its own
 * @initial: before all events
 * @owner:   valid when @stamp is not older than the row's
 */
struct html_span {
    guint64 base;
    guint64 size;
    bool marked;
    bool alone;
    enum html_owner initial;
    enum html_owner owner;
    guint64 stamp;
};

/**
 * struct html_cell - one row in one column, at the end of the column
 * @private_part, @shared_part: of HTML_PARTS; what is there has one at least
 */
struct html_cell {
    enum html_owner owner;
    guint changes;
    unsigned private_part;
    unsigned shared_part;
    guint hits[HTML_CLASSES];
};

/**
 * struct html_row - one line of the map: spans @first to @first + @count - 1
 * @pages: of each owner, now
 * @fill:  owner of all spans that have an older stamp
 */
struct html_row {
    guint first;
    guint count;
    guint64 pages[HTML_OWNERS];
    enum html_owner fill;
    guint64 stamp;
    struct html_cell cells[HTML_COLUMNS];
};

/**
 * struct html_pages - the map
 * @spans:    struct html_span, by address
 * @rows:     struct html_row, by address
 * @row_of:   guint: row of each span
 * @left_out: there were too many spans
 */
struct html_pages {
    GArray *spans;
    GArray *rows;
    GArray *row_of;
    bool left_out;
};

void html_pages_init(struct html_pages *pages, const struct html_model *model);
void html_pages_clear(struct html_pages *pages);

/** html_pages_row() - row of @address, or the number of rows */
guint html_pages_row(const struct html_pages *pages, guint64 address);

/** html_finding_page() - what the TLP of finding @i reached, if anything */
bool html_finding_page(const struct html_model *model, guint i, guint64 *out);

#endif
