/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * From what happened to an outcome.
 */
#ifndef TEEIO_JUDGE_H
#define TEEIO_JUDGE_H

#include "capture.h"
#include "guest-run.h"
#include "settings.h"

/** enum teeio_outcome - order: the worst of several is the greatest */
enum teeio_outcome {
    TEEIO_SKIP,  /* cannot be tried here */
    TEEIO_PASS,  /* the property held */
    TEEIO_XFAIL, /* broken, and --expect-bug said so */
    TEEIO_ERROR, /* the rig failed: nothing is known */
    TEEIO_XPASS, /* held, although --expect-bug said otherwise */
    TEEIO_FAIL,  /* the property is broken */
};

const char *teeio_outcome_name(enum teeio_outcome outcome);

/** teeio_outcome_parse() - false: @name is none */
bool teeio_outcome_parse(const char *name, enum teeio_outcome *outcome);

/**
 * struct teeio_result - one boot, judged
 * @problems: sentences: why the property is broken
 * @reason:   why the rig failed or why it was skipped, or NULL
 * @folder:   artefacts
 * @bug_expected: a broken property is a success
 * @bug_reason:   why, or NULL
 */
struct teeio_result {
    struct teeio_cell *cell;
    enum teeio_outcome outcome;
    GPtrArray *problems;
    char *reason;
    char *folder;
    bool bug_expected;
    char *bug_reason;
    struct teeio_boot boot;
    struct teeio_capture capture;
};

/**
 * struct teeio_report - one scenario with all its boots
 * @cells:   struct teeio_cell, owns them
 * @results: struct teeio_result
 * @folder:  artefacts of the scenario
 */
struct teeio_report {
    const struct teeio_scenario *scenario;
    GPtrArray *cells;
    GPtrArray *results;
    enum teeio_outcome outcome;
    char *folder;
};

struct teeio_result *teeio_result_new(struct teeio_cell *cell);
void teeio_result_free(struct teeio_result *result);

/** teeio_rig_failed() - give up on this boot: @reason is taken over */
void teeio_rig_failed(struct teeio_result *result, char *reason);

/** teeio_report_free() - with its cells and results */
void teeio_report_free(struct teeio_report *report);

/** teeio_worth_judging() - did the guest begin to play the scenario? */
bool teeio_worth_judging(enum teeio_boot_end end);

/** teeio_judge_prepare() - tell the boot what it has to look out for */
void teeio_judge_prepare(struct teeio_result *result);

/**
 * teeio_judge() - decide @result from its boot, capture and @bug_expected
 *
 * A boot that broke off fails the rig, unless what it recorded until then
 * already breaks the property.
 */
void teeio_judge(struct teeio_result *result);

/** teeio_initial_owner() - 'P' or 'S'; NUL without a TSM: nobody asks */
char teeio_initial_owner(const struct teeio_cell *cell);

/** teeio_find_step() - NULL when the cell has none of that number */
const struct teeio_step *teeio_find_step(const struct teeio_cell *cell,
                                         unsigned id);
bool teeio_step_held(const struct teeio_step *step, const char *reply);

#endif
