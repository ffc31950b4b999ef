/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio convert: recorded events in the formats of other programs.
 */
#define _GNU_SOURCE

#include "convert.h"
#include "artefacts.h"
#include "events-file.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

/* How much is collected before it is written. */
#define CHUNK (1u << 20)

static const struct teeio_format *const formats[] = {
    &teeio_format_pcapng, &teeio_format_timeline, &teeio_format_html};

struct conversion {
    const struct teeio_format *format;
    struct teeio_events_file file;
    void *state;
    GByteArray *out;
    FILE *stream;
    bool begun;
};

static void flush(struct conversion *c)
{
    /* An error stays with the stream until it is closed. */
    fwrite(c->out->data, 1, c->out->len, c->stream);
    g_byte_array_set_size(c->out, 0);
}

static void survey(void *opaque, JsonObject *event)
{
    struct conversion *c = opaque;

    c->format->survey(c->state, event);
}

static void begin(struct conversion *c)
{
    if (!c->begun) {
        c->begun = true;
        c->format->begin(c->state, c->file.header, c->out);
    }
}

static void take(void *opaque, JsonObject *event)
{
    struct conversion *c = opaque;

    begin(c);
    c->format->event(c->state, event, c->out);
    if (c->out->len > CHUNK) {
        flush(c);
    }
}

static bool run_passes(struct conversion *c, const char *events, GError **error)
{
    bool good = true;

    if (c->format->survey) {
        good = teeio_events_each(&c->file, events, survey, c, error);
        teeio_events_file_clear(&c->file);
    }
    good = good && teeio_events_each(&c->file, events, take, c, error);
    if (good) {
        begin(c);
    }
    c->format->end(c->state, c->out);
    if (good) {
        flush(c);
    }
    if (good && c->file.truncated) {
        fprintf(stderr,
                "teeio: %s: the last line is not complete and was left out\n",
                events);
    }
    teeio_events_file_clear(&c->file);
    return good;
}

static bool set_write_error(const char *path, int code, GError **error)
{
    teeio_set_error(error, TEEIO_EXIT_RIG, "name another file with -o",
                    "convert: %s: %s", path, g_strerror(code));
    return false;
}

/* Closes @stream. */
static bool convert_to(const struct teeio_format *format, const char *events,
                       FILE *stream, const char *path, GError **error)
{
    struct conversion c = {
        .format = format,
        .state = format->create(),
        .out = g_byte_array_new(),
        .stream = stream,
    };
    g_autofree char *folder = g_path_get_dirname(events);
    bool good;

    if (format->folder) {
        format->folder(c.state, folder);
    }
    good = run_passes(&c, events, error);

    g_byte_array_unref(c.out);
    /* Both, or a full disk goes unnoticed. */
    if ((ferror(stream) | fclose(stream)) && good) {
        good = set_write_error(path, errno ? errno : EIO, error);
    }
    return good;
}

/* A device, a pipe or a link: nothing that a rename may replace. */
static bool is_special(const char *path)
{
    GStatBuf status;

    return g_lstat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

bool teeio_convert_file(const struct teeio_format *format, const char *events,
                        const char *path, GError **error)
{
    g_autofree char *beside = g_strconcat(path, ".XXXXXX", NULL);
    FILE *stream;
    bool good;
    int fd;

    if (is_special(path)) {
        stream = fopen(path, "w");
        return stream ? convert_to(format, events, stream, path, error)
                      : set_write_error(path, errno, error);
    }
    fd = g_mkstemp_full(beside, O_RDWR | O_CLOEXEC, 0666);
    if (fd < 0) {
        return set_write_error(path, errno, error);
    }
    good = convert_to(format, events, fdopen(fd, "w"), path, error);
    if (good && g_rename(beside, path) != 0) {
        good = set_write_error(path, errno, error);
    }
    if (!good) {
        unlink(beside);
    }
    return good;
}

bool teeio_convert_folder(const char *folder, GError **error)
{
    g_autofree char *events = g_build_filename(folder, TEEIO_EVENTS, NULL);
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autofree char *path =
            g_build_filename(folder, formats[i]->file, NULL);

        if (formats[i]->folder) {
            continue;
        }
        if (!teeio_convert_file(formats[i], events, path, error)) {
            return false;
        }
    }
    return true;
}

struct arguments {
    char *to;
    char *output;
    char **inputs;
};

static GOptionContext *options(struct arguments *args)
{
    const GOptionEntry entries[] = {
        {"to", 0, 0, G_OPTION_ARG_STRING, &args->to, "pcapng, timeline or html",
         "FORMAT"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &args->output,
         "file to write, instead of one beside the events; - for standard output",
         "FILE"},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &args->inputs,
         NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("EVENTS-OR-FOLDER");

    g_option_context_set_summary(
        context, "Convert recorded events for Wireshark (pcapng, the default), "
                 "Perfetto\n(timeline), or people (html).");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static char *convert_help(void)
{
    struct arguments args = {0};
    GOptionContext *context = options(&args);
    char *text;

    g_set_prgname("teeio convert");
    text = g_option_context_get_help(context, TRUE, NULL);
    g_option_context_free(context);
    return text;
}

static const struct teeio_format *find_format(const char *name)
{
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (!name || g_str_equal(formats[i]->name, name)) {
            return formats[i];
        }
    }
    return NULL;
}

static int convert(const struct arguments *args)
{
    const struct teeio_format *format = find_format(args->to);
    const char *input = args->inputs ? args->inputs[0] : NULL;
    g_autofree char *events = NULL;
    g_autofree char *folder = NULL;
    g_autofree char *path = NULL;
    GError *error = NULL;

    if (!format) {
        return teeio_usage("pcapng, timeline or html",
                           "--to: unknown format \"%s\"", args->to);
    }
    if (!input || args->inputs[1]) {
        return teeio_usage("'teeio help convert'",
                           "convert: one file of events or one folder");
    }
    if (g_file_test(input, G_FILE_TEST_IS_DIR)) {
        events = g_build_filename(input, TEEIO_EVENTS, NULL);
        folder = g_strdup(input);
    } else {
        events = g_strdup(input);
        folder = g_path_get_dirname(input);
    }
    path = args->output ? g_strdup(args->output)
                        : g_build_filename(folder, format->file, NULL);
    if (g_strcmp0(args->output, "-") == 0) {
        if (!convert_to(format, events, stdout, "standard output", &error)) {
            return teeio_print_error(error);
        }
        return TEEIO_EXIT_OK;
    }
    if (!teeio_convert_file(format, events, path, &error)) {
        return teeio_print_error(error);
    }
    printf("%s\n", path);
    return TEEIO_EXIT_OK;
}

static int convert_main(int argc, char **argv)
{
    struct arguments args = {0};
    GOptionContext *context = options(&args);
    GError *error = NULL;
    int code;

    g_set_prgname("teeio convert");
    if (g_option_context_parse(context, &argc, &argv, &error)) {
        code = convert(&args);
    } else {
        code =
            teeio_usage("'teeio help convert'", "convert: %s", error->message);
        g_error_free(error);
    }
    g_option_context_free(context);
    g_free(args.to);
    g_free(args.output);
    g_strfreev(args.inputs);
    return code;
}

const struct teeio_verb teeio_verb_convert = {
    "convert", "events for Wireshark or Perfetto", convert_main, convert_help};
