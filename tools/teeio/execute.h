/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Booting and judging what was planned, several boots at a time.
 */
#ifndef TEEIO_EXECUTE_H
#define TEEIO_EXECUTE_H

#include "expect.h"
#include "judge.h"
#include "plan.h"

/**
 * struct teeio_execution - how
 * @qemu:    the user's own, NULL for the one that goes with the board
 * @out:     below this folder go the artefacts
 * @jobs:    boots at a time, at least 1
 * @timeout: seconds for one boot, 0: as the scenario says
 * @expectations: NULL: each property is expected to hold
 */
struct teeio_execution {
    const struct teeio_rig *rig;
    const char *qemu;
    const char *out;
    unsigned jobs;
    unsigned timeout;
    const struct teeio_expectations *expectations;
    struct teeio_progress_board *board;
};

/** teeio_report_fn - takes a finished scenario; called in order */
typedef void teeio_report_fn(void *opaque, const struct teeio_report *report);

/**
 * teeio_execute() - run all cells of @reports
 * @reports: struct teeio_report; their results are filled in
 *
 * @done is called from this thread, in the order of @reports, as soon as a
 * report and all before it are finished. After an interrupt those without any
 * result are left out.
 */
void teeio_execute(const struct teeio_execution *execution, GPtrArray *reports,
                   teeio_report_fn *done, void *opaque);

#endif
