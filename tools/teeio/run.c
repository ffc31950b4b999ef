/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio run: boot, act, judge, write the artefacts.
 */
#include "artefacts.h"
#include "convert.h"
#include "output.h"
#include "tool.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_TIMEOUT_S 86400

/* The command line, then what was made of it. */
struct run {
    char *out;
    char **sets;
    char *format;
    char *colour;
    gboolean dry_run;
    gboolean expect_bug;
    gboolean quiet;
    gboolean verbose;
    int timeout;
    char **globs;
    char *qemu;
    struct teeio_rig rig;
    GPtrArray *all;
    GPtrArray *reports;
    struct teeio_output output;
    struct teeio_progress progress;
};

static GOptionContext *options(struct run *r)
{
    const GOptionEntry entries[] = {
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &r->out,
         "folder for the artefacts", "DIR"},
        {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &r->sets,
         "change a setting; may be repeated", "KEY=VALUE"},
        {"format", 0, 0, G_OPTION_ARG_STRING, &r->format,
         "text, ktap, tap or json", "FORMAT"},
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
        {"qemu", 0, 0, G_OPTION_ARG_FILENAME, &r->qemu, "QEMU to use",
         "BINARY"},
        {"expect-bug", 0, 0, G_OPTION_ARG_NONE, &r->expect_bug,
         "a broken property is what is expected", NULL},
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

static bool pick_format(struct run *r, GError **error)
{
    static const struct teeio_output_ops *const formats[] = {
        &teeio_output_text, &teeio_output_ktap, &teeio_output_tap,
        &teeio_output_json};
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (!r->format || g_str_equal(formats[i]->name, r->format)) {
            r->output.ops = formats[i];
            return true;
        }
    }
    teeio_set_error(error, TEEIO_EXIT_USAGE, "text, ktap, tap or json",
                    "--format: unknown format \"%s\"", r->format);
    return false;
}

/* NO_COLOR is stronger than CLICOLOR_FORCE; a dumb terminal has no colour. */
static bool pick_colour(struct run *r, GError **error)
{
    const char *none = g_getenv("NO_COLOR");
    const char *force = g_getenv("CLICOLOR_FORCE");

    if (!r->colour || g_str_equal(r->colour, "auto")) {
        if (none && *none) {
            r->output.colour = false;
        } else if (force && *force && !g_str_equal(force, "0")) {
            r->output.colour = true;
        } else {
            r->output.colour = isatty(STDOUT_FILENO) &&
                               g_strcmp0(g_getenv("TERM"), "dumb") != 0;
        }
        return true;
    }
    r->output.colour = g_str_equal(r->colour, "always");
    if (!r->output.colour && !g_str_equal(r->colour, "never")) {
        teeio_set_error(error, TEEIO_EXIT_USAGE, "auto, always or never",
                        "--color: unknown value \"%s\"", r->colour);
        return false;
    }
    return true;
}

static void free_report(void *data)
{
    struct teeio_report *report = data;

    g_ptr_array_unref(report->results);
    g_ptr_array_unref(report->cells);
    g_free(report->folder);
    g_free(report);
}

static bool plan_reports(struct run *r, GError **error)
{
    g_autoptr(GPtrArray) chosen = NULL;
    g_autoptr(GHashTable) settings = NULL;
    guint i;

    r->all = teeio_scenarios_load(error);
    if (!r->all) {
        return false;
    }
    chosen = teeio_scenarios_select(r->all, r->globs, error);
    if (!chosen) {
        return false;
    }
    settings = teeio_settings_parse(r->sets, chosen, error);
    if (!settings) {
        return false;
    }
    r->reports = g_ptr_array_new_with_free_func(free_report);
    for (i = 0; i < chosen->len; i++) {
        GPtrArray *cells = teeio_cells_new(chosen->pdata[i], settings, error);
        struct teeio_report *report;

        if (!cells) {
            return false;
        }
        report = g_new0(struct teeio_report, 1);
        report->scenario = chosen->pdata[i];
        report->cells = cells;
        report->results =
            g_ptr_array_new_with_free_func((GDestroyNotify)teeio_result_free);
        report->folder = g_build_filename(r->out, report->scenario->id, NULL);
        g_ptr_array_add(r->reports, report);
        r->output.scenarios++;
        r->output.cells += cells->len;
    }
    return true;
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
    if (!r->globs || !r->globs[0]) {
        teeio_set_error(error, TEEIO_EXIT_USAGE,
                        "name scenarios: 'teeio run tdisp/flip-unified', "
                        "'teeio run \"*\"'",
                        "run: which scenarios?");
        return false;
    }
    if (r->timeout < 0 || r->timeout > MAX_TIMEOUT_S) {
        teeio_set_error(error, TEEIO_EXIT_USAGE, "seconds, 1 to 86400",
                        "--timeout: %d is out of range", r->timeout);
        return false;
    }
    r->rig.plugin = teeio_path_plugin();
    out = r->out ? g_canonicalize_filename(r->out, NULL) : teeio_default_out();
    g_free(r->out);
    r->out = out;
    r->output.folder = out;
    r->output.quiet = r->quiet;
    r->output.verbose = r->verbose;
    return pick_format(r, error) && pick_colour(r, error) &&
           plan_reports(r, error);
}

/* The others have not even begun to play the scenario. */
static bool worth_judging(enum teeio_boot_end end)
{
    return end == TEEIO_BOOT_DONE || end == TEEIO_BOOT_STOPPED ||
           end == TEEIO_BOOT_PANIC || end == TEEIO_BOOT_TIMEOUT;
}

/* A failure here is the rig's; the run goes on with the next boot. */
static void boot_and_judge(struct run *r, struct teeio_result *result)
{
    struct teeio_cell *cell = result->cell;
    g_autoptr(GPtrArray) argv = teeio_plan(&r->rig, cell, result->folder);
    g_autofree char *console =
        g_build_filename(result->folder, TEEIO_CONSOLE, NULL);
    g_autofree char *events =
        g_build_filename(result->folder, TEEIO_EVENTS, NULL);
    unsigned timeout =
        r->timeout ? (unsigned)r->timeout : cell->scenario->timeout;
    GError *error = NULL;

    if (!teeio_write_inputs(&r->rig, cell, result->folder, argv, &error)) {
        goto fail;
    }
    teeio_judge_prepare(result);
    teeio_guest_run(&result->boot, argv, console, timeout, &r->progress);
    result->reason = teeio_boot_reason(&result->boot, timeout);
    if (!worth_judging(result->boot.end)) {
        result->outcome = TEEIO_ERROR;
        return;
    }
    teeio_progress_phase(&r->progress, "judge");
    if (!teeio_capture_read(&result->capture, events, teeio_initial_owner(cell),
                            &error) ||
        !teeio_convert_folder(result->folder, &error)) {
        goto fail;
    }
    teeio_judge(result, r->expect_bug);
    return;

fail:
    teeio_rig_failed(result, g_strdup(error->message));
    g_error_free(error);
}

/* The package for this board may well not be there. */
static bool supported(const struct run *r, struct teeio_result *result)
{
    const char *board = result->cell->scenario->board;
    g_autofree char *found = g_find_program_in_path(r->rig.qemu);

    if (found || r->qemu || g_str_equal(board, "virt")) {
        return true;
    }
    result->outcome = TEEIO_SKIP;
    result->reason =
        g_strdup_printf("board %s: %s not found", board, r->rig.qemu);
    return false;
}

static struct teeio_result *run_cell(struct run *r, struct teeio_cell *cell)
{
    struct teeio_result *result = teeio_result_new(cell);
    GError *error = NULL;

    result->folder = teeio_folder_path(r->out, cell);
    teeio_progress_start(&r->progress, cell->scenario->id, cell->name,
                         cell->steps->len);
    teeio_rig_choose(&r->rig, cell->scenario->board, r->qemu);
    if (!supported(r, result)) {
        return result;
    }
    if (!teeio_rig_check(&r->rig, cell, &error) ||
        !teeio_folder_prepare(result->folder, &error)) {
        teeio_progress_clear(&r->progress);
        teeio_rig_failed(
            result, g_strndup(error->message, strcspn(error->message, "\n")));
        teeio_print_error(error);
        return result;
    }
    boot_and_judge(r, result);
    teeio_progress_clear(&r->progress);
    if (!teeio_write_results(&r->rig, result, &error)) {
        teeio_print_error(error);
        teeio_rig_failed(result, g_strdup("the artefacts cannot be written"));
    }
    return result;
}

static void run_report(struct run *r, struct teeio_report *report)
{
    GError *error = NULL;
    guint i;

    for (i = 0; i < report->cells->len && !teeio_interrupted(); i++) {
        struct teeio_result *result = run_cell(r, report->cells->pdata[i]);

        g_ptr_array_add(report->results, result);
        report->outcome = MAX(report->outcome, result->outcome);
    }
    if (report->results->len == 0) {
        return;
    }
    if (report->cells->len > 1 && report->outcome != TEEIO_SKIP &&
        g_file_test(report->folder, G_FILE_TEST_IS_DIR) &&
        !teeio_write_report(report, &error)) {
        teeio_print_error(error);
    }
    r->output.counts[report->outcome]++;
    r->output.ops->report(&r->output, report);
}

static int exit_code(const struct run *r)
{
    const unsigned *counts = r->output.counts;

    if (teeio_interrupted()) {
        return TEEIO_EXIT_INTERRUPTED;
    }
    if (counts[TEEIO_FAIL] || counts[TEEIO_XPASS]) {
        return TEEIO_EXIT_UNEXPECTED;
    }
    if (counts[TEEIO_ERROR]) {
        return TEEIO_EXIT_RIG;
    }
    if (counts[TEEIO_SKIP] == r->output.scenarios) {
        return TEEIO_EXIT_SKIPPED;
    }
    return TEEIO_EXIT_OK;
}

static int run_all(struct run *r)
{
    guint i;

    teeio_interrupts_catch();
    teeio_progress_init(&r->progress, !r->quiet, r->output.cells);
    r->output.ops->begin(&r->output);
    for (i = 0; i < r->reports->len && !teeio_interrupted(); i++) {
        run_report(r, r->reports->pdata[i]);
    }
    teeio_progress_clear(&r->progress);
    r->output.ops->end(&r->output);
    g_free(r->progress.name);
    return exit_code(r);
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

static int run_main(int argc, char **argv)
{
    struct run r = {0};
    GError *error = NULL;
    int code;

    g_set_prgname("teeio run");
    if (!prepare(&r, &argc, &argv, &error)) {
        code = teeio_print_error(error);
    } else {
        code = r.dry_run ? print_plans(&r) : run_all(&r);
    }
    g_clear_pointer(&r.reports, g_ptr_array_unref);
    g_clear_pointer(&r.all, g_ptr_array_unref);
    g_strfreev(r.globs);
    g_strfreev(r.sets);
    g_free(r.out);
    g_free(r.format);
    g_free(r.colour);
    teeio_rig_clear(&r.rig);
    g_free(r.qemu);
    return code;
}

const struct teeio_verb teeio_verb_run = {
    "run", "boot a guest, play scenarios, judge them", run_main, run_help};
