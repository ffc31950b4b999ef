/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The formats in which results are printed.
 */
#ifndef TEEIO_OUTPUT_H
#define TEEIO_OUTPUT_H

#include "judge.h"

struct teeio_output;

/**
 * struct teeio_output_ops - one format
 * @begin:  before the first boot
 * @report: a scenario is finished
 * @end:    after the last
 */
struct teeio_output_ops {
    const char *name;
    void (*begin)(struct teeio_output *out);
    void (*report)(struct teeio_output *out, const struct teeio_report *report);
    void (*end)(struct teeio_output *out);
};

/**
 * struct teeio_output - results under way to stdout
 * @cells:   number of boots to come; @scenarios: of scenarios
 * @number:  results printed so far
 * @counts:  scenarios by outcome
 * @folder:  where all artefacts are
 * @json:    only the JSON format's
 * @kept:    only the JUnit format's: struct teeio_report, all so far
 */
struct teeio_output {
    const struct teeio_output_ops *ops;
    unsigned scenarios;
    unsigned cells;
    unsigned number;
    unsigned counts[TEEIO_FAIL + 1];
    bool colour;
    bool quiet;
    bool verbose;
    const char *folder;
    void *json;
    GPtrArray *kept;
};

/**
 * teeio_output_pick() - format and colour of @out
 * @format: NULL: text
 * @colour: auto, always, never, or NULL: auto
 */
bool teeio_output_pick(struct teeio_output *out, const char *format,
                       const char *colour, GError **error);

/** teeio_output_report() - count and print a finished scenario */
void teeio_output_report(struct teeio_output *out,
                         const struct teeio_report *report);

/** teeio_output_exit() - the exit code of all that was printed */
int teeio_output_exit(const struct teeio_output *out);

#define TEEIO_OUTPUT_FORMATS "text, ktap, tap, json or junit"
extern const struct teeio_output_ops teeio_output_text;
extern const struct teeio_output_ops teeio_output_ktap;
extern const struct teeio_output_ops teeio_output_tap;
extern const struct teeio_output_ops teeio_output_json;
extern const struct teeio_output_ops teeio_output_junit;

/* JSON documents, to be freed. */
char *teeio_json_result(const struct teeio_result *result);
char *teeio_json_report(const struct teeio_report *report);
char *teeio_json_list(GPtrArray *scenarios);
char *teeio_json_scenario(const struct teeio_scenario *scenario);

#endif
