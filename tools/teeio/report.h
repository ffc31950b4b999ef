/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * One finding as a block of text, in the manner of a KASAN report.
 */
#ifndef TEEIO_REPORT_H
#define TEEIO_REPORT_H

#include "judge.h"

void teeio_report_finding(GString *out, const struct teeio_result *result,
                          const struct teeio_finding *finding);

/** teeio_report_cell() - the whole text of one boot, as in summary.txt */
void teeio_report_cell(GString *out, const struct teeio_result *result);

/** teeio_report_counts() - "21 steps, 60 DMAs (12 with T=1), 1 finding" */
char *teeio_report_counts(const struct teeio_result *result);

#endif
