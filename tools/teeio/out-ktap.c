/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Results as KTAP (nested, for kernel people) and as TAP 13 (flat, for meson
 * and other consumers that know only one level).
 */
#include "output.h"

#include <stdio.h>

/* Whether a consumer that ignores directives should count a success. */
static bool is_ok(enum teeio_outcome outcome)
{
    return outcome == TEEIO_PASS || outcome == TEEIO_XFAIL ||
           outcome == TEEIO_SKIP;
}

static const char *ktap_directive(const struct teeio_result *result)
{
    switch (result->outcome) {
    case TEEIO_SKIP:
        return " # SKIP ";
    case TEEIO_XFAIL:
        return " # XFAIL ";
    case TEEIO_XPASS:
        return " # XPASS ";
    case TEEIO_ERROR:
        return result->boot.end == TEEIO_BOOT_TIMEOUT ? " # TIMEOUT "
                                                      : " # ERROR ";
    default:
        return "";
    }
}

static const char *why(const struct teeio_result *result)
{
    switch (result->outcome) {
    case TEEIO_XFAIL:
        return result->bug_reason      ? result->bug_reason
               : result->problems->len ? result->problems->pdata[0]
                                       : "";
    case TEEIO_XPASS:
        return "the property held";
    default:
        return result->reason ? result->reason : "";
    }
}

/* A hash in a description would start a directive. */
static char *clean(const char *text)
{
    return g_strdelimit(g_strdup(text), "#\n", ' ');
}

static void diagnostics(const char *indent, const struct teeio_result *result)
{
    guint i;

    for (i = 0; i < result->problems->len; i++) {
        g_autofree char *text = clean(result->problems->pdata[i]);

        printf("%s# %s\n", indent, text);
    }
    if (result->reason && result->problems->len) {
        g_autofree char *text = clean(result->reason);

        printf("%s# %s\n", indent, text);
    }
    if (result->outcome == TEEIO_ERROR || result->problems->len) {
        printf("%s# artefacts: %s\n", indent, result->folder);
    }
}

static void ktap_begin(struct teeio_output *out)
{
    printf("KTAP version 1\n1..%u\n", out->scenarios);
    fflush(stdout);
}

static void ktap_result(const char *indent, unsigned number, const char *name,
                        const struct teeio_result *result)
{
    const char *directive = ktap_directive(result);
    g_autofree char *reason = clean(*directive ? why(result) : "");

    diagnostics(indent, result);
    printf("%s%s %u %s%s%s\n", indent, is_ok(result->outcome) ? "ok" : "not ok",
           number, name, directive, reason);
}

static void ktap_report(struct teeio_output *out,
                        const struct teeio_report *report)
{
    const struct teeio_result *first = report->results->pdata[0];
    guint i;

    if (!first->cell->name) {
        ktap_result("", ++out->number, report->scenario->id, first);
        fflush(stdout);
        return;
    }
    printf("  KTAP version 1\n  1..%u\n", report->results->len);
    for (i = 0; i < report->results->len; i++) {
        const struct teeio_result *result = report->results->pdata[i];

        ktap_result("  ", i + 1, result->cell->name, result);
    }
    printf("%s %u %s%s\n", is_ok(report->outcome) ? "ok" : "not ok",
           ++out->number, report->scenario->id,
           report->outcome == TEEIO_SKIP    ? " # SKIP"
           : report->outcome == TEEIO_XFAIL ? " # XFAIL"
                                            : "");
    fflush(stdout);
}

static void tap_begin(struct teeio_output *out)
{
    printf("TAP version 13\n1..%u\n", out->cells);
    fflush(stdout);
}

/* TODO is how TAP says that a failure is expected. */
static void tap_report(struct teeio_output *out,
                       const struct teeio_report *report)
{
    guint i;

    for (i = 0; i < report->results->len; i++) {
        const struct teeio_result *result = report->results->pdata[i];
        bool held = result->outcome == TEEIO_PASS ||
                    result->outcome == TEEIO_XPASS ||
                    result->outcome == TEEIO_SKIP;
        bool todo =
            result->outcome == TEEIO_XFAIL || result->outcome == TEEIO_XPASS;
        g_autofree char *reason = clean(why(result));
        g_autofree char *bug = clean(result->bug_reason ? result->bug_reason
                                                        : "a bug is expected");

        diagnostics("", result);
        printf("%s %u %s%s%s%s%s\n", held ? "ok" : "not ok", ++out->number,
               report->scenario->id, result->cell->name ? " " : "",
               result->cell->name ? result->cell->name : "",
               result->outcome == TEEIO_SKIP ? " # SKIP"
               : todo                        ? " # TODO "
                                             : "",
               todo ? bug : "");
        if (*reason) {
            printf("# %s\n", reason);
        }
    }
    fflush(stdout);
}

static void end(struct teeio_output *out)
{
    (void)out;
}

const struct teeio_output_ops teeio_output_ktap = {"ktap", ktap_begin,
                                                   ktap_report, end};
const struct teeio_output_ops teeio_output_tap = {"tap", tap_begin, tap_report,
                                                  end};
