/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Results as text for people.
 */
#include "output.h"
#include "report.h"

#include <stdio.h>

#define MAX_BLOCKS 2

static const char *word(enum teeio_outcome outcome)
{
    static const char *const words[] = {
        [TEEIO_SKIP] = "skip",   [TEEIO_PASS] = "ok",
        [TEEIO_XFAIL] = "xfail", [TEEIO_ERROR] = "error",
        [TEEIO_XPASS] = "xpass", [TEEIO_FAIL] = "not ok",
    };

    return words[outcome];
}

static const char *colour(enum teeio_outcome outcome)
{
    switch (outcome) {
    case TEEIO_PASS:
    case TEEIO_XFAIL:
        return "\033[32m";
    case TEEIO_SKIP:
        return "\033[33m";
    default:
        return "\033[31m";
    }
}

static void begin(struct teeio_output *out)
{
    (void)out;
}

static void print_block(const struct teeio_result *result,
                        const struct teeio_finding *finding)
{
    g_autoptr(GString) block = g_string_new("\n");

    teeio_report_finding(block, result, finding);
    fputs(block->str, stdout);
}

/* First those that show two DMAs which contradict each other. */
static void print_blocks(const struct teeio_output *out,
                         const struct teeio_result *result)
{
    const GPtrArray *findings = result->capture.findings;
    unsigned printed = 0;
    int alone;
    guint i;

    for (alone = 0; alone < 2; alone++) {
        for (i = 0; i < findings->len; i++) {
            const struct teeio_finding *finding = findings->pdata[i];

            if ((finding->earlier == NULL) != alone ||
                (finding->expected && !out->verbose)) {
                continue;
            }
            if (printed++ < MAX_BLOCKS || out->verbose) {
                print_block(result, finding);
            }
        }
    }
    if (printed > MAX_BLOCKS && !out->verbose) {
        printf("(%u more in %s/summary.txt)\n", printed - MAX_BLOCKS,
               result->folder);
    }
}

/* "identity-flip", seen because the scenario asked for it, in one line. */
static void print_expected(const struct teeio_result *result)
{
    const GPtrArray *findings = result->capture.findings;
    guint i;

    for (i = 0; i < findings->len; i++) {
        const struct teeio_finding *finding = findings->pdata[i];

        if (finding->expected) {
            printf("        seen, as it should be: %s: %s\n", finding->kind,
                   finding->text);
        }
    }
}

static void print_result(const struct teeio_output *out,
                         const struct teeio_result *result)
{
    g_autofree char *counts = teeio_report_counts(result);
    guint i;

    printf("%s%-6s%s  %s%s%s%s", out->colour ? colour(result->outcome) : "",
           word(result->outcome), out->colour ? "\033[0m" : "",
           result->cell->scenario->id, result->cell->name ? " [" : "",
           result->cell->name ? result->cell->name : "",
           result->cell->name ? "]" : "");
    if (result->boot.duration_us) {
        /* As exact as result.json, or "report" would print another number. */
        printf("  %.1f s", result->boot.duration_us / 1000 / 1000.0);
    }
    printf("\n");
    if (result->reason) {
        printf("        %s\n", result->reason);
    }
    if (out->quiet) {
        return;
    }
    if (result->boot.duration_us) {
        printf("        %s\n", counts);
    }
    for (i = 0; i < result->problems->len; i++) {
        printf("        %s\n", (char *)result->problems->pdata[i]);
    }
    if (!out->verbose) {
        print_expected(result);
    }
    print_blocks(out, result);
    if (result->problems->len || result->outcome == TEEIO_ERROR) {
        printf("        artefacts: %s\n", result->folder);
    }
}

static void report(struct teeio_output *out, const struct teeio_report *report)
{
    guint i;

    if (!out->quiet) {
        printf("%s: %s\n", report->scenario->id, report->scenario->claim);
    }
    for (i = 0; i < report->results->len; i++) {
        print_result(out, report->results->pdata[i]);
    }
    fflush(stdout);
}

static void end(struct teeio_output *out)
{
    unsigned held = out->counts[TEEIO_PASS] + out->counts[TEEIO_XPASS];
    unsigned broken = out->counts[TEEIO_FAIL] + out->counts[TEEIO_XFAIL];

    if (out->quiet) {
        return;
    }
    printf("\n%u scenario%s: %u held, %u broken, %u could not be run, "
           "%u skipped\nartefacts: %s\n",
           out->scenarios, out->scenarios == 1 ? "" : "s", held, broken,
           out->counts[TEEIO_ERROR], out->counts[TEEIO_SKIP], out->folder);
}

const struct teeio_output_ops teeio_output_text = {"text", begin, report, end};
