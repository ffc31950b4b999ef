/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio run: boot, act, judge, write the artefacts.
 */
#include "artefacts.h"
#include "bundle.h"
#include "execute.h"
#include "output.h"
#include "record.h"
#include "shard.h"
#include "tool.h"

#include <stdio.h>

#define MAX_TIMEOUT_S 86400
#define MAX_JOBS      256

/* The command line, then what was made of it. */
struct run {
    char *out;
    char **sets;
    char *format;
    char *colour;
    char *shard_text;
    char *expect;
    char *bundle;
    char *own;
    gboolean dry_run;
    gboolean expect_bug;
    gboolean bisect;
    gboolean quiet;
    gboolean verbose;
    int timeout;
    int jobs;
    char **globs;
    char *qemu;
    struct teeio_rig rig;
    struct teeio_shard shard;
    struct teeio_expectations *expectations;
    GPtrArray *all;
    GPtrArray *chosen;
    GPtrArray *reports;
    struct teeio_output output;
};

static GOptionContext *options(struct run *r)
{
    const GOptionEntry entries[] = {
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &r->out,
         "folder for the artefacts", "DIR"},
        {"scenarios", 0, 0, G_OPTION_ARG_FILENAME, &r->own,
         "folder with scenarios of your own", "DIR"},
        {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &r->sets,
         "change a setting; may be repeated", "KEY=VALUE"},
        {"format", 0, 0, G_OPTION_ARG_STRING, &r->format, TEEIO_OUTPUT_FORMATS,
         "FORMAT"},
        {"jobs", 0, 0, G_OPTION_ARG_INT, &r->jobs, "boots at a time (1)", "N"},
        {"shard", 0, 0, G_OPTION_ARG_STRING, &r->shard_text,
         "run the K-th of N parts of the selection", "K/N"},
        {"bundle", 0, 0, G_OPTION_ARG_FILENAME, &r->bundle,
         "pack all artefacts into this archive", "FILE.tar.xz"},
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &r->dry_run,
         "print the QEMU command lines only", NULL},
        {"timeout", 0, 0, G_OPTION_ARG_INT, &r->timeout,
         "seconds that one boot may take (60)", "S"},
        {"kernel", 0, 0, G_OPTION_ARG_FILENAME, &r->rig.kernel,
         "boot this kernel", "FILE"},
        {"initrd", 0, 0, G_OPTION_ARG_FILENAME, &r->rig.initrd,
         "unpack this archive first; it brings the modules", "FILE"},
        {"append", 0, 0, G_OPTION_ARG_STRING, &r->rig.append,
         "more kernel arguments", "ARGS"},
        {"seed", 0, 0, G_OPTION_ARG_STRING, &r->rig.seed,
         "seed of QEMU's random numbers", "N"},
        {"qemu", 0, 0, G_OPTION_ARG_FILENAME, &r->qemu, "QEMU to use",
         "BINARY"},
        {"expect", 0, 0, G_OPTION_ARG_FILENAME, &r->expect,
         "which properties are known to be broken where", "FILE"},
        {"expect-bug", 0, 0, G_OPTION_ARG_NONE, &r->expect_bug,
         "a broken property is what is expected", NULL},
        {"bisect", 0, 0, G_OPTION_ARG_NONE, &r->bisect,
         "exit codes for 'git bisect run'", NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &r->quiet, "only the results",
         NULL},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &r->verbose,
         "show expected findings in full, too", NULL},
        {"color", 0, 0, G_OPTION_ARG_STRING, &r->colour,
         "auto, always or never", "WHEN"},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &r->globs, NULL,
         NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("GLOB...");

    g_option_context_set_summary(context,
                                 "Run the scenarios whose id a GLOB matches.");
    g_option_context_set_description(
        context, "A scenario states a property of security; ok means that it "
                 "held.\n--set KEY=VALUE concerns the scenarios that have the "
                 "setting KEY.\n");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static char *run_help(void)
{
    struct run r = {0};
    GOptionContext *context = options(&r);
    char *text;

    g_set_prgname("teeio run");
    text = g_option_context_get_help(context, TRUE, NULL);
    g_option_context_free(context);
    return text;
}

static bool plan_reports(struct run *r, GError **error)
{
    g_autoptr(GHashTable) settings = NULL;
    guint i;

    r->all = teeio_scenarios_load(r->own, error);
    if (!r->all) {
        return false;
    }
    r->chosen = teeio_scenarios_select(r->all, r->globs, error);
    if (!r->chosen) {
        return false;
    }
    settings = teeio_settings_parse(r->sets, r->chosen, error);
    if (!settings) {
        return false;
    }
    r->reports =
        g_ptr_array_new_with_free_func((GDestroyNotify)teeio_report_free);
    for (i = 0; i < r->chosen->len; i++) {
        GPtrArray *cells =
            teeio_cells_new(r->chosen->pdata[i], settings, error);
        struct teeio_report *report;

        if (!cells) {
            return false;
        }
        report = g_new0(struct teeio_report, 1);
        report->scenario = r->chosen->pdata[i];
        report->cells = cells;
        report->results =
            g_ptr_array_new_with_free_func((GDestroyNotify)teeio_result_free);
        report->folder = g_build_filename(r->out, report->scenario->id, NULL);
        g_ptr_array_add(r->reports, report);
    }
    teeio_shard_cut(&r->shard, r->reports);
    r->output.scenarios = r->reports->len;
    for (i = 0; i < r->reports->len; i++) {
        const struct teeio_report *report = r->reports->pdata[i];

        r->output.cells += report->cells->len;
    }
    return true;
}

static bool in_range(const char *option, int value, int max, const char *hint,
                     GError **error)
{
    if (value >= 0 && value <= max) {
        return true;
    }
    teeio_set_error(error, TEEIO_EXIT_USAGE, hint, "%s: %d is out of range",
                    option, value);
    return false;
}

static bool check_options(struct run *r, GError **error)
{
    guint64 seed;

    if (!r->globs || !r->globs[0]) {
        teeio_set_error(error, TEEIO_EXIT_USAGE,
                        "name scenarios: 'teeio run tdisp/flip-unified', "
                        "'teeio run \"*\"'",
                        "run: which scenarios?");
        return false;
    }
    if (r->rig.seed && !g_ascii_string_to_unsigned(r->rig.seed, 10, 0,
                                                   G_MAXUINT64, &seed, NULL)) {
        teeio_set_error(error, TEEIO_EXIT_USAGE, "a decimal number",
                        "--seed: \"%s\" is no number", r->rig.seed);
        return false;
    }
    return in_range("--timeout", r->timeout, MAX_TIMEOUT_S,
                    "seconds, 1 to 86400", error) &&
           in_range("--jobs", r->jobs, MAX_JOBS, "boots, 1 to 256", error) &&
           teeio_shard_parse(&r->shard, r->shard_text, error) &&
           (!r->bundle || teeio_bundle_check(r->bundle, error));
}

static bool prepare(struct run *r, int *argc, char ***argv, GError **error)
{
    GOptionContext *context = options(r);
    GError *why = NULL;
    bool parsed = g_option_context_parse(context, argc, argv, &why);
    char *out;

    g_option_context_free(context);
    if (!parsed) {
        teeio_set_error(error, TEEIO_EXIT_USAGE, "'teeio help run'", "run: %s",
                        why->message);
        g_error_free(why);
        return false;
    }
    if (!check_options(r, error)) {
        return false;
    }
    r->rig.plugin = teeio_path_plugin();
    out = r->out ? g_canonicalize_filename(r->out, NULL) : teeio_default_out();
    g_free(r->out);
    r->out = out;
    r->output.folder = out;
    r->output.quiet = r->quiet;
    r->output.verbose = r->verbose;
    if (!teeio_output_pick(&r->output, r->format, r->colour, error) ||
        !plan_reports(r, error)) {
        return false;
    }
    r->expectations =
        teeio_expectations_new(r->expect_bug, r->expect, r->all, error);
    return r->expectations != NULL;
}

static void take_report(void *opaque, const struct teeio_report *report)
{
    struct run *r = opaque;

    teeio_output_report(&r->output, report);
}

static int run_all(struct run *r)
{
    struct teeio_progress_board board;
    struct teeio_execution execution = {
        .rig = &r->rig,
        .qemu = r->qemu,
        .out = r->out,
        .jobs = r->jobs ? (unsigned)r->jobs : 1,
        .timeout = r->timeout,
        .expectations = r->expectations,
        .board = &board,
    };
    GError *error = NULL;
    int code;

    if (!teeio_record_write(r->out, &r->shard, r->chosen, r->reports, &error)) {
        return teeio_print_error(error);
    }
    if (!r->reports->len && !r->quiet) {
        fprintf(stderr, "teeio: shard %s: no scenario is left for it\n",
                r->shard_text);
    }
    teeio_interrupts_catch();
    teeio_progress_board_init(&board, !r->quiet, r->output.cells);
    r->output.ops->begin(&r->output);
    teeio_execute(&execution, r->reports, take_report, r);
    teeio_progress_board_clear(&board);
    r->output.ops->end(&r->output);
    /* The next shard must be cut by the same times as this one. */
    if (!r->shard.count) {
        teeio_times_record(r->reports);
    }
    code = teeio_output_exit(&r->output);
    if (r->bundle &&
        !teeio_bundle_write(r->bundle, r->out, r->reports, &error)) {
        teeio_print_error(error);
        code = code == TEEIO_EXIT_OK ? TEEIO_EXIT_RIG : code;
    }
    return code;
}

static int print_plans(struct run *r)
{
    guint i, j;

    for (i = 0; i < r->reports->len; i++) {
        const struct teeio_report *report = r->reports->pdata[i];

        for (j = 0; j < report->cells->len; j++) {
            const struct teeio_cell *cell = report->cells->pdata[j];
            g_autofree char *folder = teeio_folder_path(r->out, cell);
            g_autoptr(GPtrArray) argv = NULL;
            g_autofree char *line = NULL;

            teeio_rig_choose(&r->rig, cell->scenario->board, r->qemu);
            argv = teeio_plan(&r->rig, cell, folder);
            line = teeio_shell_line(argv);
            printf("%s\n", line);
        }
    }
    return TEEIO_EXIT_OK;
}

/*
 * To "git bisect run", 125 is a revision that cannot be tested, and 128 and
 * above end the bisection: 2 would call the revision bad.
 */
static int bisect_code(int code)
{
    switch (code) {
    case TEEIO_EXIT_SKIPPED:
    case TEEIO_EXIT_RIG:
        return TEEIO_EXIT_UNTESTABLE;
    case TEEIO_EXIT_USAGE:
        return TEEIO_EXIT_BISECT_USAGE;
    default:
        return code;
    }
}

/* The command line may be too wrong to be parsed as far as --bisect. */
static bool asks_for_bisect(char **argv)
{
    return g_strv_contains((const char *const *)argv, "--bisect");
}

static int run_main(int argc, char **argv)
{
    struct run r = {0};
    bool bisect = asks_for_bisect(argv);
    GError *error = NULL;
    int code;

    g_set_prgname("teeio run");
    if (!prepare(&r, &argc, &argv, &error)) {
        code = teeio_print_error(error);
    } else {
        code = r.dry_run ? print_plans(&r) : run_all(&r);
    }
    g_clear_pointer(&r.reports, g_ptr_array_unref);
    g_clear_pointer(&r.chosen, g_ptr_array_unref);
    g_clear_pointer(&r.all, g_ptr_array_unref);
    teeio_expectations_free(r.expectations);
    g_strfreev(r.globs);
    g_strfreev(r.sets);
    g_free(r.out);
    g_free(r.own);
    g_free(r.format);
    g_free(r.colour);
    g_free(r.shard_text);
    g_free(r.expect);
    g_free(r.bundle);
    teeio_rig_clear(&r.rig);
    g_free(r.qemu);
    return bisect ? bisect_code(code) : code;
}

const struct teeio_verb teeio_verb_run = {
    "run", "boot a guest, play scenarios, judge them", run_main, run_help};
