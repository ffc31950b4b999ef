/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio replay: judge what was recorded again, without a boot.
 */
#include "artefacts.h"
#include "output.h"
#include "record.h"
#include "tool.h"

#include <stdio.h>
#include <string.h>

struct arguments {
    char *format;
    char *colour;
    char *scenario;
    gboolean quiet;
    gboolean verbose;
    char **folders;
};

static GOptionContext *options(struct arguments *args)
{
    const GOptionEntry entries[] = {
        {"scenario", 0, 0, G_OPTION_ARG_FILENAME, &args->scenario,
         "judge by this scenario.ini, not by the recorded copy", "FILE"},
        {"format", 0, 0, G_OPTION_ARG_STRING, &args->format,
         TEEIO_OUTPUT_FORMATS, "FORMAT"},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &args->quiet, "only the results",
         NULL},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &args->verbose,
         "show expected findings in full, too", NULL},
        {"color", 0, 0, G_OPTION_ARG_STRING, &args->colour,
         "auto, always or never", "WHEN"},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &args->folders,
         NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("FOLDER...");

    g_option_context_set_summary(
        context, "Judge recorded boots again, and tell where the verdict "
                 "differs from the\nrecorded one.");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static char *replay_help(void)
{
    struct arguments args = {0};
    GOptionContext *context = options(&args);
    char *text;

    g_set_prgname("teeio replay");
    text = g_option_context_get_help(context, TRUE, NULL);
    g_option_context_free(context);
    return text;
}

static void fail(struct teeio_result *result, GError *error)
{
    teeio_rig_failed(result,
                     g_strndup(error->message, strcspn(error->message, "\n")));
    g_error_free(error);
}

/* What only the run itself knew stays as it was recorded. */
static void judge_again(struct teeio_result *result,
                        const struct teeio_result *recorded)
{
    g_autofree char *console =
        g_build_filename(result->folder, TEEIO_CONSOLE, NULL);
    g_autofree char *events =
        g_build_filename(result->folder, TEEIO_EVENTS, NULL);
    struct teeio_boot *boot = &result->boot;
    GError *error = NULL;

    teeio_judge_prepare(result);
    if (!teeio_guest_reread(boot, console, recorded->boot.end, &error)) {
        fail(result, error);
        return;
    }
    result->reason =
        boot->end == recorded->boot.end
            ? g_strdup(recorded->reason)
            : teeio_boot_reason(boot, result->cell->scenario->timeout);
    if (!teeio_worth_judging(boot->end)) {
        result->outcome = TEEIO_ERROR;
    } else if (teeio_capture_read(&result->capture, events,
                                  teeio_initial_owner(result->cell), &error)) {
        teeio_judge(result);
    } else {
        fail(result, error);
    }
}

static struct teeio_result *replay_one(const struct teeio_result *recorded,
                                       struct teeio_cell *cell)
{
    struct teeio_result *result = teeio_result_new(cell);

    result->folder = g_strdup(recorded->folder);
    result->bug_expected = recorded->bug_expected;
    result->bug_reason = g_strdup(recorded->bug_reason);
    result->boot.duration_us = recorded->boot.duration_us;
    if (recorded->outcome == TEEIO_SKIP) {
        result->outcome = TEEIO_SKIP;
        result->reason = g_strdup(recorded->reason);
    } else {
        judge_again(result, recorded);
    }
    return result;
}

static bool has_problem(const struct teeio_result *result, const char *text)
{
    return g_ptr_array_find_with_equal_func(result->problems, text, g_str_equal,
                                            NULL);
}

/* Problems of @a that @b does not have. */
static bool tell_problems(const struct teeio_result *a,
                          const struct teeio_result *b, const char *what)
{
    bool any = false;
    guint i;

    for (i = 0; i < a->problems->len; i++) {
        if (!has_problem(b, a->problems->pdata[i])) {
            fprintf(stderr, "teeio: replay: %s: %s\n", what,
                    (char *)a->problems->pdata[i]);
            any = true;
        }
    }
    return any;
}

static bool tell_difference(const struct teeio_result *now,
                            const struct teeio_result *then)
{
    const struct teeio_cell *cell = now->cell;
    bool differs = now->outcome != then->outcome;

    if (differs) {
        fprintf(stderr, "teeio: replay: %s%s%s%s: recorded %s, judged %s\n",
                cell->scenario->id, cell->name ? " [" : "",
                cell->name ? cell->name : "", cell->name ? "]" : "",
                teeio_outcome_name(then->outcome),
                teeio_outcome_name(now->outcome));
    }
    differs |= tell_problems(now, then, "new");
    differs |= tell_problems(then, now, "no longer");
    return differs;
}

/* The same cell as another file of the scenario has it. */
static struct teeio_cell *cell_of(const struct teeio_scenario *scenario,
                                  const struct teeio_cell *old, GError **error)
{
    g_autoptr(GPtrArray) cells = teeio_cells_new(scenario, old->values, error);
    struct teeio_cell *cell;

    if (!cells) {
        return NULL;
    }
    cell = g_ptr_array_steal_index(cells, 0);
    g_free(cell->name);
    cell->name = g_strdup(old->name);
    return cell;
}

/* Returns whether anything differs, or -1 after an error. */
static int replay_report(struct teeio_report *report,
                         const struct teeio_scenario *other, GError **error)
{
    GPtrArray *results =
        g_ptr_array_new_with_free_func((GDestroyNotify)teeio_result_free);
    int differs = 0;
    guint i;

    report->outcome = TEEIO_SKIP;
    for (i = 0; i < report->results->len; i++) {
        const struct teeio_result *then = report->results->pdata[i];
        struct teeio_cell *cell = then->cell;
        struct teeio_result *now;

        if (other) {
            cell = cell_of(other, cell, error);
            if (!cell) {
                g_ptr_array_unref(results);
                return -1;
            }
            g_ptr_array_add(report->cells, cell);
        }
        now = replay_one(then, cell);
        differs |= tell_difference(now, then);
        g_ptr_array_add(results, now);
        report->outcome = MAX(report->outcome, now->outcome);
    }
    g_ptr_array_unref(report->results);
    report->results = results;
    report->scenario = other ? other : report->scenario;
    return differs;
}

static int replay_all(const struct arguments *args, struct teeio_record *record,
                      struct teeio_output *out, GError **error)
{
    struct teeio_scenario *other = NULL;
    int differs = 0;
    guint i;

    if (args->scenario) {
        const struct teeio_report *first;

        if (record->reports->len != 1) {
            teeio_set_error(error, TEEIO_EXIT_USAGE,
                            "give the folder of one scenario",
                            "--scenario: the folders have several scenarios");
            return -1;
        }
        first = record->reports->pdata[0];
        other = teeio_scenario_read(args->scenario, first->scenario->id, error);
        if (!other) {
            return -1;
        }
        g_ptr_array_add(record->scenarios, other);
    }
    for (i = 0; i < record->reports->len && differs >= 0; i++) {
        struct teeio_report *report = record->reports->pdata[i];
        int one = replay_report(report, other, error);

        differs = one < 0 ? one : differs | one;
        out->cells += report->results->len;
    }
    return differs;
}

static int replay(const struct arguments *args, struct teeio_output *out,
                  struct teeio_record *record)
{
    g_autofree char *folder = g_strjoinv(", ", args->folders);
    GError *error = NULL;
    int differs = replay_all(args, record, out, &error);
    int code;
    guint i;

    if (differs < 0) {
        return teeio_print_error(error);
    }
    out->quiet = args->quiet;
    out->verbose = args->verbose;
    out->folder = folder;
    out->scenarios = record->reports->len;
    out->ops->begin(out);
    for (i = 0; i < record->reports->len; i++) {
        teeio_output_report(out, record->reports->pdata[i]);
    }
    out->ops->end(out);
    code = teeio_output_exit(out);
    return differs ? TEEIO_EXIT_UNEXPECTED : code;
}

static int replay_main(int argc, char **argv)
{
    struct arguments args = {0};
    GOptionContext *context = options(&args);
    struct teeio_output out = {0};
    struct teeio_record *record = NULL;
    GError *error = NULL;
    int code;

    g_set_prgname("teeio replay");
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        code = teeio_usage("'teeio help replay'", "replay: %s", error->message);
        g_error_free(error);
    } else if (!args.folders || !args.folders[0]) {
        code = teeio_usage("'teeio run --out FOLDER' makes one",
                           "replay: which folders?");
    } else if (!teeio_output_pick(&out, args.format, args.colour, &error) ||
               !(record = teeio_record_read(args.folders, &error))) {
        code = teeio_print_error(error);
    } else {
        code = replay(&args, &out, record);
    }
    teeio_record_free(record);
    g_option_context_free(context);
    g_free(args.format);
    g_free(args.colour);
    g_free(args.scenario);
    g_strfreev(args.folders);
    return code;
}

const struct teeio_verb teeio_verb_replay = {
    "replay", "judge recorded events again", replay_main, replay_help};
