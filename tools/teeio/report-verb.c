/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio report: print the results of finished runs again.
 */
#include "output.h"
#include "record.h"
#include "tool.h"

struct arguments {
    char *format;
    char *colour;
    gboolean quiet;
    gboolean times;
    gboolean verbose;
    char **folders;
};

static GOptionContext *options(struct arguments *args)
{
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_STRING, &args->format,
         TEEIO_OUTPUT_FORMATS, "FORMAT"},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &args->quiet, "only the results",
         NULL},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &args->verbose,
         "show expected findings in full, too", NULL},
        {"times", 0, 0, G_OPTION_ARG_NONE, &args->times,
         "remember how long the boots took, for the next shards", NULL},
        {"color", 0, 0, G_OPTION_ARG_STRING, &args->colour,
         "auto, always or never", "WHEN"},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &args->folders,
         NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("FOLDER...");

    g_option_context_set_summary(
        context, "Print the results of finished runs again, those of several "
                 "folders as one.");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static char *report_help(void)
{
    struct arguments args = {0};
    GOptionContext *context = options(&args);
    char *text;

    g_set_prgname("teeio report");
    text = g_option_context_get_help(context, TRUE, NULL);
    g_option_context_free(context);
    return text;
}

/* Where the artefacts are, in words: often it is one folder. */
static char *places(char **folders)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) paths = NULL;
    size_t i;

    for (i = 0; folders[i]; i++) {
        g_autofree char *path = g_canonicalize_filename(folders[i], NULL);

        g_strv_builder_add(builder, path);
    }
    paths = g_strv_builder_end(builder);
    return g_strjoinv(", ", paths);
}

static int print(const struct arguments *args,
                 const struct teeio_record *record, struct teeio_output *out)
{
    g_autofree char *folder = places(args->folders);
    guint i;

    out->quiet = args->quiet;
    out->verbose = args->verbose;
    out->folder = folder;
    out->scenarios = record->reports->len;
    for (i = 0; i < record->reports->len; i++) {
        const struct teeio_report *report = record->reports->pdata[i];

        out->cells += report->results->len;
    }
    out->ops->begin(out);
    for (i = 0; i < record->reports->len; i++) {
        teeio_output_report(out, record->reports->pdata[i]);
    }
    out->ops->end(out);
    return teeio_output_exit(out);
}

static int report(const struct arguments *args)
{
    struct teeio_output out = {0};
    struct teeio_record *record;
    GError *error = NULL;
    int code;

    if (!args->folders || !args->folders[0]) {
        return teeio_usage("'teeio run --out FOLDER' makes one",
                           "report: which folders?");
    }
    if (!teeio_output_pick(&out, args->format, args->colour, &error)) {
        return teeio_print_error(error);
    }
    record = teeio_record_read(args->folders, &error);
    if (!record) {
        return teeio_print_error(error);
    }
    code = print(args, record, &out);
    if (args->times) {
        teeio_times_record(record->reports);
    }
    teeio_record_free(record);
    return code;
}

static int report_main(int argc, char **argv)
{
    struct arguments args = {0};
    GOptionContext *context = options(&args);
    GError *error = NULL;
    int code;

    g_set_prgname("teeio report");
    if (g_option_context_parse(context, &argc, &argv, &error)) {
        code = report(&args);
    } else {
        code = teeio_usage("'teeio help report'", "report: %s", error->message);
        g_error_free(error);
    }
    g_option_context_free(context);
    g_free(args.format);
    g_free(args.colour);
    g_strfreev(args.folders);
    return code;
}

const struct teeio_verb teeio_verb_report = {
    "report", "print results again, merge shards", report_main, report_help};
