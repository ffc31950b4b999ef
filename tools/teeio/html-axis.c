/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The axis that both pictures share: the steps of the guest, and when.
 */
#include "html.h"

#include <string.h>

#define BAND        20
#define TIME_Y      36
#define TIME_WIDTH  76
#define DIGIT       7
#define TITLE_LIMIT 200

static void add_title(GString *out, const struct html_meta *meta,
                      const struct html_segment *s)
{
    const char *command = s->step ? html_meta_step(meta, s->step) : "";
    g_autofree char *shortened =
        g_utf8_validate(command, -1, NULL)
            ? g_utf8_substring(command, 0,
                               MIN(g_utf8_strlen(command, -1), TITLE_LIMIT))
            : NULL;

    g_string_append(out, "<title>");
    if (s->step) {
        html_add(out, "step %" G_GUINT64_FORMAT, s->step);
    } else {
        g_string_append(out, "before the first step");
    }
    if (shortened && *shortened) {
        g_string_append(out, ": ");
        html_text(out, shortened);
    }
    g_string_append(out, "\nfrom ");
    html_time(out, s->t_ns);
    g_string_append(out, ", events: ");
    html_count(out, s->count);
    g_string_append(out, "</title>");
}

static void add_step(GString *out, const struct html_meta *meta,
                     const struct html_segment *s, guint i)
{
    int x = HTML_GUTTER + (int)s->from * HTML_BIN;
    int width = (int)(s->to - s->from) * HTML_BIN;
    g_autofree char *name = s->step
                                ? g_strdup_printf("%" G_GUINT64_FORMAT, s->step)
                            : i == 0 ? g_strdup("boot")
                                     : g_strdup("0");
    int room = (int)strlen(name) * DIGIT + 4;

    g_string_append(out, "<g>");
    add_title(out, meta, s);
    html_add(out,
             "<rect class=\"step%u\" x=\"%d\" y=\"0\" width=\"%d\" "
             "height=\"%d\"/>",
             i % 2, x, width, BAND);
    if (width >= room) {
        html_add(out, "<text class=\"step\" x=\"%d\" y=\"14\">%s</text>",
                 x + width / 2, name);
    }
    g_string_append(out, "</g>\n");
}

void html_axis(GString *out, const struct html_model *model,
               const struct html_meta *meta, int height)
{
    int free_from = HTML_GUTTER;
    unsigned last = HTML_BINS;
    guint i, drawn = 0;

    html_add(out,
             "<text class=\"lane\" x=\"%d\" y=\"14\">guest step</text>"
             "<text class=\"sub\" x=\"%d\" y=\"%d\">virtual time</text>\n",
             HTML_GUTTER - 10, HTML_GUTTER - 10, TIME_Y);
    for (i = 0; i < model->segments->len; i++) {
        const struct html_segment *s =
            &g_array_index(model->segments, struct html_segment, i);
        int x = HTML_GUTTER + (int)s->from * HTML_BIN;

        if (s->from == last) {
            continue;
        }
        last = s->from;
        html_add(out, "<path class=\"grid\" d=\"M%d.5 0V%d\"/>\n", x, height);
        add_step(out, meta, s, drawn++);
        if (x >= free_from && x + TIME_WIDTH <= HTML_WIDTH) {
            html_add(out, "<text class=\"time\" x=\"%d\" y=\"%d\">", x + 3,
                     TIME_Y);
            html_time(out, s->t_ns);
            g_string_append(out, "</text>\n");
            free_from = x + TIME_WIDTH;
        }
    }
    html_add(out, "<path class=\"grid\" d=\"M%d.5 0V%d\"/>\n",
             HTML_GUTTER + HTML_PLOT, height);
}
