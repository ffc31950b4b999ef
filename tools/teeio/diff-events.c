/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "diff-events.h"
#include "capture.h"
#include "events-file.h"

#include <stdio.h>

/* What is compared of one recording. */
struct survey {
    char **fields;
    GHashTable *counts; /* kind to number */
    GPtrArray *tlps;    /* each as text */
    GArray *numbers;    /* the events of these */
};

static const char *detail(const char *ev)
{
    static const char *const details[][2] = {
        {"tlp", "verdict"},     {"fault", "name"}, {"command", "name"},
        {"finding", "finding"}, {"tdisp", "to"},   {"owner", "owner"},
    };
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(details); i++) {
        if (g_str_equal(details[i][0], ev)) {
            return details[i][1];
        }
    }
    return NULL;
}

static void count(struct survey *s, JsonObject *event)
{
    const char *ev = teeio_json_string(event, "ev");
    const char *name = detail(ev);
    char *kind = g_strdup_printf("%s%s%s", ev, name ? " " : "",
                                 name ? teeio_json_string(event, name) : "");
    unsigned seen = GPOINTER_TO_UINT(g_hash_table_lookup(s->counts, kind));

    g_hash_table_replace(s->counts, kind, GUINT_TO_POINTER(seen + 1));
}

static void append_member(GString *text, JsonObject *event, const char *name)
{
    JsonNode *node = json_object_get_member(event, name);
    g_autofree char *value = node ? json_to_string(node, FALSE) : NULL;

    g_string_append_printf(text, "%s%s=%s", text->len ? " " : "", name,
                           value ? value : "absent");
}

/* When, and under which number, depends on everything before it. */
static bool is_circumstance(const char *name)
{
    return g_str_equal(name, "seq") || g_str_equal(name, "t_ns") ||
           g_str_equal(name, "src") || g_str_equal(name, "ev");
}

static char *describe(const struct survey *s, JsonObject *event)
{
    g_autoptr(GList) members = NULL;
    GString *text = g_string_new(NULL);
    GList *link;
    size_t i;

    for (i = 0; s->fields && s->fields[i]; i++) {
        append_member(text, event, s->fields[i]);
    }
    if (!s->fields) {
        members = json_object_get_members(event);
        for (link = members; link; link = link->next) {
            if (!is_circumstance(link->data)) {
                append_member(text, event, link->data);
            }
        }
    }
    return g_string_free(text, FALSE);
}

static void take(void *opaque, JsonObject *event)
{
    struct survey *s = opaque;
    guint64 number = teeio_json_number(event, "seq");

    count(s, event);
    if (g_str_equal(teeio_json_string(event, "ev"), "tlp")) {
        g_ptr_array_add(s->tlps, describe(s, event));
        g_array_append_val(s->numbers, number);
    }
}

static bool survey(struct survey *s, const char *path, char **fields,
                   GError **error)
{
    struct teeio_events_file file;
    bool good;

    s->fields = fields;
    s->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    s->tlps = g_ptr_array_new_with_free_func(g_free);
    s->numbers = g_array_new(FALSE, FALSE, sizeof(guint64));
    good = teeio_events_each(&file, path, take, s, error);
    teeio_events_file_clear(&file);
    return good;
}

static void clear(struct survey *s)
{
    g_clear_pointer(&s->counts, g_hash_table_unref);
    g_clear_pointer(&s->tlps, g_ptr_array_unref);
    g_clear_pointer(&s->numbers, g_array_unref);
}

static void diff_counts(GString *out, const struct survey *a,
                        const struct survey *b)
{
    g_autoptr(GHashTable) kinds = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GList) sorted = NULL;
    GHashTableIter iter;
    void *kind;
    GList *link;

    g_hash_table_iter_init(&iter, a->counts);
    while (g_hash_table_iter_next(&iter, &kind, NULL)) {
        g_hash_table_add(kinds, kind);
    }
    g_hash_table_iter_init(&iter, b->counts);
    while (g_hash_table_iter_next(&iter, &kind, NULL)) {
        g_hash_table_add(kinds, kind);
    }
    sorted = g_list_sort(g_hash_table_get_keys(kinds), (GCompareFunc)g_strcmp0);
    for (link = sorted; link; link = link->next) {
        unsigned x =
            GPOINTER_TO_UINT(g_hash_table_lookup(a->counts, link->data));
        unsigned y =
            GPOINTER_TO_UINT(g_hash_table_lookup(b->counts, link->data));

        if (x != y) {
            g_string_append_printf(out, "  count    %s: %u | %u\n",
                                   (char *)link->data, x, y);
        }
    }
}

static void append_tlp(GString *out, char sign, const struct survey *s, guint i)
{
    if (i < s->tlps->len) {
        g_string_append_printf(out, "  %c event %" G_GUINT64_FORMAT ": %s\n",
                               sign, g_array_index(s->numbers, guint64, i),
                               (char *)s->tlps->pdata[i]);
    } else {
        g_string_append_printf(out, "  %c none\n", sign);
    }
}

static void diff_tlps(GString *out, const struct survey *a,
                      const struct survey *b)
{
    guint common = MIN(a->tlps->len, b->tlps->len);
    guint i = 0;

    while (i < common && g_str_equal(a->tlps->pdata[i], b->tlps->pdata[i])) {
        i++;
    }
    if (i == a->tlps->len && i == b->tlps->len) {
        return;
    }
    g_string_append_printf(out, "  TLP      number %u is the first to differ\n",
                           i + 1);
    append_tlp(out, '-', a, i);
    append_tlp(out, '+', b, i);
}

bool teeio_diff_events(GString *out, const char *a, const char *b,
                       char **fields, GError **error)
{
    struct survey x = {0};
    struct survey y = {0};
    bool good = survey(&x, a, fields, error) && survey(&y, b, fields, error);

    if (good) {
        diff_counts(out, &x, &y);
        diff_tlps(out, &x, &y);
    }
    clear(&x);
    clear(&y);
    return good;
}
