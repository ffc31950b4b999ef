/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "execute.h"
#include "artefacts.h"
#include "convert.h"
#include "tool.h"

#include <string.h>

/**
 * struct task - one boot
 * @finished: under the lock of the queue; @result may then still be NULL
 *            after an interrupt
 */
struct task {
    struct teeio_cell *cell;
    struct teeio_result *result;
    bool finished;
};

struct queue {
    const struct teeio_execution *execution;
    GMutex lock;
    GCond changed;
    struct task *tasks;
    size_t count;
    size_t next;
};

/* A failure here is the rig's; the run goes on with the next boot. */
static void boot_and_judge(const struct teeio_execution *x,
                           const struct teeio_rig *rig,
                           struct teeio_result *result,
                           struct teeio_progress *progress)
{
    struct teeio_cell *cell = result->cell;
    g_autoptr(GPtrArray) argv = teeio_plan(rig, cell, result->folder);
    g_autofree char *console =
        g_build_filename(result->folder, TEEIO_CONSOLE, NULL);
    g_autofree char *events =
        g_build_filename(result->folder, TEEIO_EVENTS, NULL);
    unsigned timeout = x->timeout ? x->timeout : cell->scenario->timeout;
    GError *error = NULL;

    if (!teeio_write_inputs(rig, cell, result->folder, argv, &error)) {
        goto fail;
    }
    teeio_judge_prepare(result);
    teeio_guest_run(&result->boot, argv, console, timeout, progress);
    result->reason = teeio_boot_reason(&result->boot, timeout);
    if (!teeio_worth_judging(result->boot.end)) {
        result->outcome = TEEIO_ERROR;
        return;
    }
    teeio_progress_phase(progress, "judge");
    if (!teeio_capture_read(&result->capture, events, teeio_initial_owner(cell),
                            &error) ||
        !teeio_convert_folder(result->folder, &error)) {
        goto fail;
    }
    teeio_expect(x->expectations, result);
    teeio_judge(result);
    return;

fail:
    teeio_rig_failed(result, g_strdup(error->message));
    g_error_free(error);
}

/* The package for this board may well not be there. */
static bool supported(const struct teeio_execution *x,
                      const struct teeio_rig *rig, struct teeio_result *result)
{
    const char *board = result->cell->scenario->board;
    g_autofree char *found = g_find_program_in_path(rig->qemu);

    if (found || x->qemu || g_str_equal(board, "virt")) {
        return true;
    }
    result->outcome = TEEIO_SKIP;
    result->reason =
        g_strdup_printf("board %s: %s not found", board, rig->qemu);
    return false;
}

/* Said at once: the reason in the result has no hint. */
static void tell(const struct teeio_execution *x, struct teeio_result *result,
                 GError *error)
{
    teeio_progress_hide(x->board);
    teeio_rig_failed(result,
                     g_strndup(error->message, strcspn(error->message, "\n")));
    teeio_print_error(error);
}

static struct teeio_result *run_cell(const struct teeio_execution *x,
                                     struct teeio_cell *cell)
{
    struct teeio_result *result = teeio_result_new(cell);
    struct teeio_progress progress;
    struct teeio_rig rig;
    GError *error = NULL;

    result->folder = teeio_folder_path(x->out, cell);
    if (!teeio_folder_prepare(result->folder, &error) ||
        !teeio_write_scenario(cell->scenario, result->folder, &error)) {
        tell(x, result, error);
        return result;
    }
    teeio_rig_copy(&rig, x->rig);
    teeio_rig_choose(&rig, cell->scenario->board, x->qemu);
    teeio_progress_start(&progress, x->board, cell->scenario->id, cell->name,
                         cell->steps->len);
    if (supported(x, &rig, result)) {
        if (teeio_rig_check(&rig, cell, &error)) {
            boot_and_judge(x, &rig, result, &progress);
        } else {
            tell(x, result, g_steal_pointer(&error));
        }
    }
    teeio_progress_end(&progress);
    if (!teeio_write_results(&rig, result, &error)) {
        teeio_print_error(error);
        teeio_rig_failed(result, g_strdup("the artefacts cannot be written"));
    }
    teeio_rig_clear(&rig);
    return result;
}

static void *work(void *opaque)
{
    struct queue *q = opaque;

    g_mutex_lock(&q->lock);
    while (q->next < q->count) {
        struct task *task = &q->tasks[q->next++];
        struct teeio_result *result = NULL;

        g_mutex_unlock(&q->lock);
        if (!teeio_interrupted()) {
            result = run_cell(q->execution, task->cell);
        }
        g_mutex_lock(&q->lock);
        task->result = result;
        task->finished = true;
        g_cond_broadcast(&q->changed);
    }
    g_mutex_unlock(&q->lock);
    return NULL;
}

/* Returns the first of the tasks after those of @report. */
static size_t collect(struct queue *q, size_t first,
                      struct teeio_report *report)
{
    size_t end = first + report->cells->len;
    size_t i;

    g_mutex_lock(&q->lock);
    for (i = first; i < end; i++) {
        struct task *task = &q->tasks[i];

        while (!task->finished) {
            g_cond_wait(&q->changed, &q->lock);
        }
        if (task->result) {
            g_ptr_array_add(report->results, task->result);
            report->outcome = MAX(report->outcome, task->result->outcome);
        }
    }
    g_mutex_unlock(&q->lock);
    return end;
}

static void finish(const struct teeio_execution *x, struct teeio_report *report,
                   teeio_report_fn *done, void *opaque)
{
    GError *error = NULL;

    if (report->results->len == 0) {
        return;
    }
    teeio_progress_hide(x->board);
    if (report->cells->len > 1 &&
        g_file_test(report->folder, G_FILE_TEST_IS_DIR) &&
        !teeio_write_report(report, &error)) {
        teeio_print_error(error);
    }
    done(opaque, report);
}

static void fill(struct queue *q, GPtrArray *reports)
{
    size_t n = 0;
    guint i, j;

    for (i = 0; i < reports->len; i++) {
        const struct teeio_report *report = reports->pdata[i];

        q->count += report->cells->len;
    }
    q->tasks = g_new0(struct task, q->count);
    for (i = 0; i < reports->len; i++) {
        const struct teeio_report *report = reports->pdata[i];

        for (j = 0; j < report->cells->len; j++) {
            q->tasks[n++].cell = report->cells->pdata[j];
        }
    }
}

/*
 * The threads live until all is done: QEMU is told to die with the thread that
 * started it.
 */
void teeio_execute(const struct teeio_execution *x, GPtrArray *reports,
                   teeio_report_fn *done, void *opaque)
{
    struct queue q = {.execution = x};
    g_autofree GThread **threads = g_new0(GThread *, x->jobs);
    size_t at = 0;
    guint i;

    g_mutex_init(&q.lock);
    g_cond_init(&q.changed);
    fill(&q, reports);
    for (i = 0; i < x->jobs && i < q.count; i++) {
        threads[i] = g_thread_new("boot", work, &q);
    }
    for (i = 0; i < reports->len; i++) {
        at = collect(&q, at, reports->pdata[i]);
        finish(x, reports->pdata[i], done, opaque);
    }
    for (i = 0; i < x->jobs && threads[i]; i++) {
        g_thread_join(threads[i]);
    }
    g_free(q.tasks);
    g_cond_clear(&q.changed);
    g_mutex_clear(&q.lock);
}
