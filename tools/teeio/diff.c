/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio diff: compare two runs, two boots or two recordings.
 */
#include "artefacts.h"
#include "diff-events.h"
#include "record.h"
#include "tool.h"

#include <stdio.h>

struct arguments {
    char *fields;
    gboolean verdicts;
    char **inputs;
};

struct comparison {
    char **fields;
    bool verdicts;
    unsigned same;
    unsigned different;
};

static GOptionContext *options(struct arguments *args)
{
    const GOptionEntry entries[] = {
        {"fields", 0, 0, G_OPTION_ARG_STRING, &args->fields,
         "compare only these members of TLPs", "NAME,..."},
        {"verdicts", 0, 0, G_OPTION_ARG_NONE, &args->verdicts,
         "do not look at the events", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &args->inputs,
         NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("A B");

    g_option_context_set_summary(
        context,
        "Compare two runs, two boots or two files of events: verdicts, "
        "how many events\nof each kind, and the first TLP that "
        "differs.");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static char *diff_help(void)
{
    struct arguments args = {0};
    GOptionContext *context = options(&args);
    char *text;

    g_set_prgname("teeio diff");
    text = g_option_context_get_help(context, TRUE, NULL);
    g_option_context_free(context);
    return text;
}

static void diff_settings(GString *out, const struct teeio_result *a,
                          const struct teeio_result *b)
{
    char **keys = a->cell->scenario->keys;
    size_t i;

    for (i = 0; keys[i]; i++) {
        const char *x = g_hash_table_lookup(a->cell->values, keys[i]);
        const char *y = g_hash_table_lookup(b->cell->values, keys[i]);

        if (y && g_strcmp0(x, y) != 0) {
            g_string_append_printf(out, "  setting  %s: %s | %s\n", keys[i], x,
                                   y);
        }
    }
}

static void append_missing(GString *out, char sign,
                           const struct teeio_result *from,
                           const struct teeio_result *in)
{
    guint i;

    for (i = 0; i < from->problems->len; i++) {
        if (!g_ptr_array_find_with_equal_func(
                in->problems, from->problems->pdata[i], g_str_equal, NULL)) {
            g_string_append_printf(out, "  %c %s\n", sign,
                                   (char *)from->problems->pdata[i]);
        }
    }
}

static void diff_verdicts(GString *out, const struct teeio_result *a,
                          const struct teeio_result *b)
{
    if (a->outcome != b->outcome) {
        g_string_append_printf(out, "  verdict  %s | %s\n",
                               teeio_outcome_name(a->outcome),
                               teeio_outcome_name(b->outcome));
    }
    if (g_strcmp0(a->boot.kernel, b->boot.kernel) != 0) {
        g_string_append_printf(out, "  kernel   %s | %s\n",
                               a->boot.kernel ? a->boot.kernel : "unknown",
                               b->boot.kernel ? b->boot.kernel : "unknown");
    }
    append_missing(out, '-', a, b);
    append_missing(out, '+', b, a);
}

static bool append_events(GString *out, const struct comparison *c,
                          const struct teeio_result *a,
                          const struct teeio_result *b, GError **error)
{
    g_autofree char *x = g_build_filename(a->folder, TEEIO_EVENTS, NULL);
    g_autofree char *y = g_build_filename(b->folder, TEEIO_EVENTS, NULL);
    bool has_x = g_file_test(x, G_FILE_TEST_EXISTS);
    bool has_y = g_file_test(y, G_FILE_TEST_EXISTS);

    if (c->verdicts) {
        return true;
    }
    if (has_x != has_y) {
        g_string_append_printf(out, "  events   only of the %s\n",
                               has_x ? "first" : "second");
    }
    return !has_x || !has_y || teeio_diff_events(out, x, y, c->fields, error);
}

/* @name: what both are called. */
static bool diff_boots(struct comparison *c, const char *name,
                       const struct teeio_result *a,
                       const struct teeio_result *b, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);

    diff_settings(out, a, b);
    diff_verdicts(out, a, b);
    if (!append_events(out, c, a, b, error)) {
        return false;
    }
    if (out->len) {
        c->different++;
        printf("%s\n%s", name, out->str);
    } else {
        c->same++;
    }
    return true;
}

static GPtrArray *boots_of(const struct teeio_record *record)
{
    GPtrArray *boots = g_ptr_array_new();
    guint i, j;

    for (i = 0; i < record->reports->len; i++) {
        const struct teeio_report *report = record->reports->pdata[i];

        for (j = 0; j < report->results->len; j++) {
            g_ptr_array_add(boots, report->results->pdata[j]);
        }
    }
    return boots;
}

static char *name_of(const struct teeio_result *result)
{
    const struct teeio_cell *cell = result->cell;

    return g_strdup_printf("%s%s%s%s", cell->scenario->id,
                           cell->name ? " [" : "", cell->name ? cell->name : "",
                           cell->name ? "]" : "");
}

static struct teeio_result *take_same(GPtrArray *boots, const char *name)
{
    guint i;

    for (i = 0; i < boots->len; i++) {
        g_autofree char *other = name_of(boots->pdata[i]);

        if (g_str_equal(other, name)) {
            return g_ptr_array_steal_index(boots, i);
        }
    }
    return NULL;
}

static void tell_only(struct comparison *c, const struct teeio_result *result,
                      const char *which)
{
    g_autofree char *name = name_of(result);

    printf("%s\n  only in the %s: %s\n", name, which,
           teeio_outcome_name(result->outcome));
    c->different++;
}

static bool diff_records(struct comparison *c, const struct teeio_record *x,
                         const struct teeio_record *y, GError **error)
{
    g_autoptr(GPtrArray) a = boots_of(x);
    g_autoptr(GPtrArray) b = boots_of(y);
    guint i;

    /* Two boots are compared whatever their names. */
    if (a->len == 1 && b->len == 1) {
        g_autofree char *name = name_of(a->pdata[0]);

        return diff_boots(c, name, a->pdata[0], b->pdata[0], error);
    }
    for (i = 0; i < a->len; i++) {
        g_autofree char *name = name_of(a->pdata[i]);
        struct teeio_result *other = take_same(b, name);

        if (!other) {
            tell_only(c, a->pdata[i], "first");
        } else if (!diff_boots(c, name, a->pdata[i], other, error)) {
            return false;
        }
    }
    for (i = 0; i < b->len; i++) {
        tell_only(c, b->pdata[i], "second");
    }
    return true;
}

static bool diff_folders(struct comparison *c, char *a, char *b, GError **error)
{
    char *first[] = {a, NULL};
    char *second[] = {b, NULL};
    struct teeio_record *x = teeio_record_read(first, error);
    struct teeio_record *y = x ? teeio_record_read(second, error) : NULL;
    bool good = y && diff_records(c, x, y, error);

    if (good) {
        printf("%u the same, %u different\n", c->same, c->different);
    }
    teeio_record_free(x);
    teeio_record_free(y);
    return good;
}

static bool diff_files(struct comparison *c, const char *a, const char *b,
                       GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (!teeio_diff_events(out, a, b, c->fields, error)) {
        return false;
    }
    c->different = out->len != 0;
    fputs(out->len ? out->str : "the same\n", stdout);
    return true;
}

static int diff(const struct arguments *args)
{
    struct comparison c = {.verdicts = args->verdicts};
    char **in = args->inputs;
    GError *error = NULL;
    bool folder;
    bool good;

    if (!in || !in[0] || !in[1] || in[2]) {
        return teeio_usage("'teeio help diff'",
                           "diff: two folders, or two files of events");
    }
    folder = g_file_test(in[0], G_FILE_TEST_IS_DIR);
    if (folder != g_file_test(in[1], G_FILE_TEST_IS_DIR)) {
        return teeio_usage("name the events.jsonl of the folder",
                           "diff: a folder and a file");
    }
    c.fields = args->fields ? g_strsplit(args->fields, ",", -1) : NULL;
    good = folder ? diff_folders(&c, in[0], in[1], &error)
                  : diff_files(&c, in[0], in[1], &error);
    g_strfreev(c.fields);
    if (!good) {
        return teeio_print_error(error);
    }
    return c.different ? TEEIO_EXIT_UNEXPECTED : TEEIO_EXIT_OK;
}

static int diff_main(int argc, char **argv)
{
    struct arguments args = {0};
    GOptionContext *context = options(&args);
    GError *error = NULL;
    int code;

    g_set_prgname("teeio diff");
    if (g_option_context_parse(context, &argc, &argv, &error)) {
        code = diff(&args);
    } else {
        code = teeio_usage("'teeio help diff'", "diff: %s", error->message);
        g_error_free(error);
    }
    g_option_context_free(context);
    g_free(args.fields);
    g_strfreev(args.inputs);
    return code;
}

const struct teeio_verb teeio_verb_diff = {
    "diff", "compare two runs or recordings", diff_main, diff_help};
