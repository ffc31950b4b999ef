/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The page as a whole, as a format of teeio convert and as an artefact.
 */
#include "html.h"
#include "artefacts.h"
#include "capture.h"
#include "convert.h"
#include "events-file.h"
#include "tool.h"

#include <string.h>

struct page {
    struct html_meta meta;
    struct html_model model;
    JsonObject *header;
};

struct key {
    const char *style;
    const char *text;
};

static void add_legend(GString *out, const struct key *keys, size_t count)
{
    size_t i;

    g_string_append(out, "<ul class=\"legend\">");
    for (i = 0; i < count; i++) {
        html_add(out, "<li><span class=\"key k-%s\"></span>%s</li>",
                 keys[i].style, keys[i].text);
    }
    g_string_append(out, "</ul>\n");
}

static void add_timeline(GString *out, const struct page *page)
{
    static const struct key keys[] = {
        {"t0", "TLP with T=0, passed (up)"},
        {"t1", "T=1, passed (up)"},
        {"t0s", "T=0, stopped (down)"},
        {"t1s", "T=1, stopped (down); faults (down)"},
        {"cmd", "IOMMU commands"},
        {"unlocked", "CONFIG_UNLOCKED"},
        {"locked", "CONFIG_LOCKED"},
        {"run", "RUN"},
        {"error", "ERROR"},
        {"up", "pages made private (up)"},
        {"down", "made shared (down)"},
    };

    g_string_append(
        out, "<section id=\"timeline\">\n<h2 id=\"timeline-title\">Timeline"
             "</h2>\n<figure>\n<figcaption>Time goes to the right, step by "
             "step and event by event; the width of a step is not its "
             "duration. A bar grows with the logarithm of what its column "
             "holds; point at it for the exact counts.</figcaption>\n");
    html_timeline(out, &page->meta, &page->model);
    add_legend(out, keys, G_N_ELEMENTS(keys));
    g_string_append(out, "</figure>\n</section>\n");
}

static void add_pages(GString *out, const struct page *page)
{
    static const struct key keys[] = {
        {"private", "private page"},
        {"shared", "shared page"},
        {"mixed", "both in one row"},
        {"none", "no RAM"},
        {"unknown", "owner not told"},
        {"t0", "DMA with T=0"},
        {"t1", "with T=1"},
        {"t0s", "T=0, stopped"},
        {"t1s", "T=1, stopped"},
    };

    g_string_append(
        out, "<section id=\"pages\">\n<h2 id=\"pages-title\">Page owners</h2>\n"
             "<figure>\n<figcaption>Pages that the events name, lowest "
             "address first, on the same axis. The ground tells the owner, a "
             "mark the DMA that reached the page, larger for more; a bar at "
             "its left a change of owner; a ring a finding. +n: that many "
             "more pages share the row.</figcaption>\n");
    html_pages(out, &page->meta, &page->model);
    add_legend(out, keys, G_N_ELEMENTS(keys));
    g_string_append(out, "</figure>\n</section>\n");
}

static char *draw(struct page *page)
{
    GString *out = g_string_sized_new(1 << 18);
    const char *id = teeio_json_string(page->meta.result, "id");

    html_model_finish(&page->model);
    g_string_append(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\" "
        "xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
        "<meta charset=\"utf-8\"/>\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
        "'none'; style-src 'unsafe-inline'\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width\"/>\n<title>");
    html_text(out, *id ? id : "Recorded events");
    g_string_append(out, " - qemu-teeio</title>\n<style>\n");
    g_string_append(out, html_style);
    g_string_append(out, "</style>\n</head>\n<body>\n");
    html_header(out, &page->meta, &page->model, page->header);
    g_string_append(out, "<main>\n");
    if (page->model.events->len) {
        add_timeline(out, page);
        add_pages(out, page);
    }
    html_findings(out, &page->meta, &page->model);
    html_steps(out, &page->meta);
    html_table(out, &page->model);
    g_string_append(out, "</main>\n<footer>Every event is in " TEEIO_EVENTS
                         ", for Wireshark in " TEEIO_TLP
                         ", for Perfetto in " TEEIO_TIMELINE
                         ".</footer>\n</body>\n</html>\n");
    return g_string_free(out, FALSE);
}

static void page_clear(struct page *page)
{
    html_meta_clear(&page->meta);
    html_model_clear(&page->model);
    g_clear_pointer(&page->header, json_object_unref);
}

static void *create(void)
{
    struct page *page = g_new0(struct page, 1);

    html_model_init(&page->model);
    return page;
}

static void folder(void *state, const char *path)
{
    struct page *page = state;

    html_meta_load(&page->meta, path);
}

static void begin(void *state, JsonObject *header, GByteArray *out)
{
    struct page *page = state;

    (void)out;
    page->header = header ? json_object_ref(header) : NULL;
}

static void event(void *state, JsonObject *event, GByteArray *out)
{
    struct page *page = state;

    (void)out;
    html_model_add(&page->model, event);
}

static void end(void *state, GByteArray *out)
{
    struct page *page = state;
    g_autofree char *html = draw(page);

    g_byte_array_append(out, (const guint8 *)html, strlen(html));
    page_clear(page);
    g_free(page);
}

const struct teeio_format teeio_format_html = {
    .name = "html",
    .file = TEEIO_HTML,
    .create = create,
    .folder = folder,
    .begin = begin,
    .event = event,
    .end = end,
};

static void take(void *opaque, JsonObject *event)
{
    struct page *page = opaque;

    html_model_add(&page->model, event);
}

bool teeio_html_folder(const char *path, GError **error)
{
    g_autofree char *events = g_build_filename(path, TEEIO_EVENTS, NULL);
    g_autofree char *target = g_build_filename(path, TEEIO_HTML, NULL);
    g_autofree char *html = NULL;
    struct page page = {0};
    struct teeio_events_file file;
    GError *why = NULL;
    bool good;

    html_model_init(&page.model);
    html_meta_load(&page.meta, path);
    if (!teeio_events_each(&file, events, take, &page, &why)) {
        page.meta.note = g_strndup(why->message, strcspn(why->message, "\n"));
        g_clear_error(&why);
    }
    begin(&page, file.header, NULL);
    teeio_events_file_clear(&file);
    html = draw(&page);
    good = g_file_set_contents(target, html, -1, &why);
    if (!good) {
        teeio_set_error(error, TEEIO_EXIT_RIG, "name another folder with --out",
                        "artefacts: %s", why->message);
        g_error_free(why);
    }
    page_clear(&page);
    return good;
}
