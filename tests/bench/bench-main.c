/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-bench: how long things take. Nothing passes or fails here.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "tool.h"

static bool run_library(struct bench *bench, GError **error)
{
    (void)error;
    bench_library(bench);
    return true;
}

/**
 * struct part - what --part chooses
 * @quick_s, @full_s: no new round so many seconds after it began
 */
static const struct part {
    const char *name;
    bool (*run)(struct bench *bench, GError **error);
    unsigned quick_s;
    unsigned full_s;
} parts[] = {
    {"lib", run_library, 10, 60},
    {"qemu", bench_qemu, 4, 30},
    {"map", bench_map, 4, 20},
    {"guest", bench_guest, 31, 220},
};

/* struct figure - one name and its values */
struct figure {
    char *name;
    GArray *values; /* of double */
};

static void figure_free(gpointer opaque)
{
    struct figure *figure = opaque;

    g_free(figure->name);
    g_array_unref(figure->values);
    g_free(figure);
}

static struct figure *find(struct bench *bench, const char *name)
{
    struct figure *figure;

    for (guint i = 0; i < bench->figures->len; i++) {
        figure = g_ptr_array_index(bench->figures, i);
        if (g_str_equal(figure->name, name)) {
            return figure;
        }
    }
    figure = g_new(struct figure, 1);
    figure->name = g_strdup(name);
    figure->values = g_array_new(FALSE, FALSE, sizeof(double));
    g_ptr_array_add(bench->figures, figure);
    return figure;
}

void bench_result(struct bench *bench, const char *name, double value)
{
    g_array_append_val(find(bench, name)->values, value);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_median(double *values, unsigned count)
{
    qsort(values, count, sizeof(*values), compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* A point whatever the locale, as JSON wants it. */
static void print_json(const char *name, const char *suffix, double value)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(number, sizeof(number), "%.3f", value);
    printf(",\n  \"%s%s\": %s", name, suffix, number);
}

static void print_figure(const struct figure *figure, bool json)
{
    double *values = (double *)figure->values->data;
    unsigned count = figure->values->len;
    double median = bench_median(values, count); /* sorted now */
    const char *name = figure->name;

    if (json) {
        print_json(name, "", median);
        if (count > 1) {
            print_json(name, "_least", values[0]);
            print_json(name, "_most", values[count - 1]);
        }
    } else if (count > 1) {
        printf("%-34s %10.2f  [%.2f .. %.2f] of %u\n", name, median, values[0],
               values[count - 1], count);
    } else {
        printf("%-34s %10.2f\n", name, median);
    }
}

/* How busy the machine was: figures of a loaded one are worth little. */
static double load_average(void)
{
    double load = -1;

    return getloadavg(&load, 1) == 1 ? load : -1;
}

static void print(const struct bench *bench, double load, bool json)
{
    if (json) {
        printf("{\n  \"schema\": \"teeio-bench\",\n  \"version\": 1,\n"
               "  \"quick\": %s",
               bench->quick ? "true" : "false");
        print_json("load", "", load);
    } else {
        printf("%-34s %10.2f\n", "load", load);
    }
    for (guint i = 0; i < bench->figures->len; i++) {
        print_figure(g_ptr_array_index(bench->figures, i), json);
    }
    printf(json ? "\n}\n" : "");
}

static const struct part *find_part(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (g_str_equal(parts[i].name, name)) {
            return &parts[i];
        }
    }
    return NULL;
}

/* struct arguments - @parts is NULL for all of them */
struct arguments {
    gboolean quick;
    char *format;
    char **parts;
};

/* Returns: false, with a message on stderr. */
static bool parse(int argc, char **argv, struct arguments *arguments)
{
    const GOptionEntry options[] = {
        {"quick", 0, 0, G_OPTION_ARG_NONE, &arguments->quick,
         "fewer rounds; ends within 50 seconds", NULL},
        {"format", 0, 0, G_OPTION_ARG_STRING, &arguments->format,
         "table (default)", "json|table"},
        {"part", 0, 0, G_OPTION_ARG_STRING_ARRAY, &arguments->parts,
         "only this part; may be repeated", "lib|qemu|map|guest"},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    const char *wrong = NULL;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        wrong = error->message;
    } else if (argc > 1) {
        wrong = argv[1];
    } else if (arguments->format && !g_str_equal(arguments->format, "json") &&
               !g_str_equal(arguments->format, "table")) {
        wrong = arguments->format;
    }
    for (char **name = arguments->parts; !wrong && name && *name; name++) {
        wrong = find_part(*name) ? NULL : *name;
    }
    if (wrong) {
        teeio_usage("see teeio-bench --help", "bad arguments: %s", wrong);
    }
    return !wrong;
}

static int run(struct bench *bench, char **names)
{
    int code = TEEIO_EXIT_OK;

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        unsigned seconds = bench->quick ? parts[i].quick_s : parts[i].full_s;
        GError *error = NULL;

        if (names &&
            !g_strv_contains((const char *const *)names, parts[i].name)) {
            continue;
        }
        bench->deadline = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
        if (!parts[i].run(bench, &error)) {
            code = teeio_print_error(error);
        }
    }
    return code;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct bench bench = {0};
    double load = load_average();
    int code = TEEIO_EXIT_USAGE;

    if (parse(argc, argv, &arguments)) {
        bench.quick = arguments.quick;
        bench.figures = g_ptr_array_new_with_free_func(figure_free);
        code = run(&bench, arguments.parts);
        print(&bench, load, g_strcmp0(arguments.format, "json") == 0);
        g_ptr_array_unref(bench.figures);
    }
    g_free(arguments.format);
    g_strfreev(arguments.parts);
    return code;
}
