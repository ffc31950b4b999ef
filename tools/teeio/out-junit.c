/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Results as JUnit XML: a suite for each group of scenarios, a case for each
 * boot. All is printed at the end, since each suite begins with its counts.
 */
#include "output.h"
#include "tool.h"

#include <stdio.h>
#include <string.h>

struct counts {
    unsigned tests;
    unsigned failures;
    unsigned errors;
    unsigned skipped;
    gint64 ms;
};

static void count(struct counts *counts, const struct teeio_report *report)
{
    guint i;

    for (i = 0; i < report->results->len; i++) {
        const struct teeio_result *result = report->results->pdata[i];
        enum teeio_outcome outcome = result->outcome;

        counts->tests++;
        counts->failures += outcome == TEEIO_FAIL || outcome == TEEIO_XPASS;
        counts->errors += outcome == TEEIO_ERROR;
        counts->skipped += outcome == TEEIO_SKIP || outcome == TEEIO_XFAIL;
        counts->ms += result->boot.duration_us / 1000;
    }
}

/* A console may have shown what XML has no way to write at all. */
static char *escape(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *out = g_string_new(NULL);
    const char *p;

    for (p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        bool control = (c < 0x20 && c != '\t' && c != '\n') ||
                       (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff;

        g_string_append_unichar(out, control ? 0xfffd : c);
    }
    g_free(valid);
    valid = g_string_free(out, FALSE);
    return g_markup_escape_text(valid, -1);
}

static void attribute(const char *name, const char *text)
{
    g_autofree char *escaped = escape(text);

    printf(" %s=\"%s\"", name, escaped);
}

static void time_attribute(gint64 ms)
{
    printf(" time=\"%" G_GINT64_FORMAT ".%03d\"", ms / 1000, (int)(ms % 1000));
}

static void count_attributes(const struct counts *counts)
{
    printf(" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"",
           counts->tests, counts->failures, counts->errors, counts->skipped);
    time_attribute(counts->ms);
}

/* The problems as text: what follows is not only the first of them. */
static void body(const char *element, const char *type, const char *message,
                 const struct teeio_result *result)
{
    guint i;

    printf("      <%s", element);
    if (type) {
        attribute("type", type);
    }
    attribute("message", message);
    printf(">");
    for (i = 0; i < result->problems->len; i++) {
        g_autofree char *text = escape(result->problems->pdata[i]);

        printf("%s\n", text);
    }
    printf("</%s>\n", element);
}

static void print_outcome(const struct teeio_result *result)
{
    const char *problem =
        result->problems->len ? result->problems->pdata[0] : "";
    const char *reason = result->reason ? result->reason : "";

    switch (result->outcome) {
    case TEEIO_FAIL:
        body("failure", "property", problem, result);
        break;
    case TEEIO_XPASS:
        body("failure", "xpass", "the property held, which is not expected",
             result);
        break;
    case TEEIO_ERROR:
        body("error", "rig", reason, result);
        break;
    case TEEIO_XFAIL:
        body("skipped", NULL,
             result->bug_reason ? result->bug_reason : "a bug is expected",
             result);
        break;
    case TEEIO_SKIP:
        body("skipped", NULL, reason, result);
        break;
    case TEEIO_PASS:
        break;
    }
}

static void print_case(const struct teeio_result *result)
{
    const struct teeio_cell *cell = result->cell;
    const char *slash = strchr(cell->scenario->id, '/');
    g_autofree char *name =
        g_strdup_printf("%s%s%s%s", slash ? slash + 1 : cell->scenario->id,
                        cell->name ? " [" : "", cell->name ? cell->name : "",
                        cell->name ? "]" : "");
    g_autofree char *folder = escape(result->folder);

    printf("    <testcase");
    attribute("name", name);
    attribute("classname", cell->scenario->id);
    time_attribute(result->boot.duration_us / 1000);
    printf(">\n");
    print_outcome(result);
    printf("      <system-out>artefacts: %s</system-out>\n", folder);
    printf("    </testcase>\n");
}

static void property(const char *name, const char *value)
{
    printf("      <property");
    attribute("name", name);
    attribute("value", value);
    printf("/>\n");
}

/* Of the first boot that tells. */
static void print_properties(GPtrArray *reports)
{
    const char *kernel = NULL;
    const char *qemu = NULL;
    guint i, j;

    for (i = 0; i < reports->len; i++) {
        const struct teeio_report *report = reports->pdata[i];

        for (j = 0; j < report->results->len; j++) {
            const struct teeio_result *result = report->results->pdata[j];

            kernel = kernel ? kernel : result->boot.kernel;
            qemu = qemu ? qemu : result->capture.qemu;
        }
    }
    printf("    <properties>\n");
    property("teeio", TEEIO_PROJECT_VERSION);
    if (kernel) {
        property("kernel", kernel);
    }
    if (qemu) {
        property("qemu", qemu);
    }
    printf("    </properties>\n");
}

static char *group_of(const struct teeio_report *report)
{
    return g_strndup(report->scenario->id, strcspn(report->scenario->id, "/"));
}

static void print_suite(const char *group, GPtrArray *reports)
{
    struct counts counts = {0};
    guint i, j;

    for (i = 0; i < reports->len; i++) {
        count(&counts, reports->pdata[i]);
    }
    printf("  <testsuite");
    attribute("name", group);
    count_attributes(&counts);
    printf(">\n");
    print_properties(reports);
    for (i = 0; i < reports->len; i++) {
        const struct teeio_report *report = reports->pdata[i];

        for (j = 0; j < report->results->len; j++) {
            print_case(report->results->pdata[j]);
        }
    }
    printf("  </testsuite>\n");
}

static void begin(struct teeio_output *out)
{
    out->kept = g_ptr_array_new();
}

static void report(struct teeio_output *out, const struct teeio_report *report)
{
    g_ptr_array_add(out->kept, (void *)report);
}

/* Reports are in order of id, those of a group are neighbours. */
static void end(struct teeio_output *out)
{
    struct counts counts = {0};
    guint i = 0;

    for (guint n = 0; n < out->kept->len; n++) {
        count(&counts, out->kept->pdata[n]);
    }
    printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    attribute("name", "teeio");
    count_attributes(&counts);
    printf(">\n");
    while (i < out->kept->len) {
        g_autoptr(GPtrArray) suite = g_ptr_array_new();
        g_autofree char *group = group_of(out->kept->pdata[i]);

        for (; i < out->kept->len; i++) {
            g_autofree char *next = group_of(out->kept->pdata[i]);

            if (!g_str_equal(next, group)) {
                break;
            }
            g_ptr_array_add(suite, out->kept->pdata[i]);
        }
        print_suite(group, suite);
    }
    printf("</testsuites>\n");
    fflush(stdout);
    g_clear_pointer(&out->kept, g_ptr_array_unref);
}

const struct teeio_output_ops teeio_output_junit = {"junit", begin, report,
                                                    end};
