/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * One finding as a block of text, in the manner of a KASAN report.
 */
#include "report.h"
#include "artefacts.h"

#include <stdlib.h>
#include <string.h>

#define RULE                                                             \
    "==================================================================" \
    "\n"
#define PAGE       4096u
#define MAX_BLOCKS 8

static const char *operation(JsonObject *tlp)
{
    return g_str_equal(teeio_json_string(tlp, "type"), "MRd") ? "Read"
                                                              : "Write";
}

/* QEMU does not tell how long an access of its own devices is. */
static void add_access(GString *out, JsonObject *tlp)
{
    bool core = g_str_equal(teeio_json_string(tlp, "origin"), "core");

    g_string_append_printf(
        out, "%s of %s%" G_GUINT64_FORMAT " bytes at bus address %s, T=%u",
        operation(tlp), core ? "up to " : "", teeio_json_number(tlp, "len"),
        teeio_json_string(tlp, "addr"), (unsigned)teeio_json_number(tlp, "t"));
}

static const char *stage_text(const char *stage)
{
    static const char *const texts[][2] = {
        {"off", "off (the IOMMU is not enabled)"},
        {"bypass", "bypassed, as the guest asked"},
        {"skipped", "SKIPPED: the guest configured it, the IOMMU ignored "
                    "it for this TLP"},
        {"ok", "translated"},
        {"fault", "fault"},
    };
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (g_str_equal(texts[i][0], stage)) {
            return texts[i][1];
        }
    }
    return *stage ? stage : "unknown";
}

/* "0x100 to 0x200, by a table walk", "nowhere: F_TRANSLATION". */
static void add_way(GString *out, JsonObject *tlp)
{
    const char *fault = teeio_json_string(tlp, "fault");
    const char *reached = teeio_json_string(tlp, "out");
    const char *via = teeio_json_string(tlp, "via");

    if (g_str_equal(teeio_json_string(tlp, "route"), "peer")) {
        g_string_append_printf(out, "  route:    to %s; no IOMMU saw it\n",
                               teeio_json_string(tlp, "peer"));
    } else {
        g_string_append_printf(out, "  stage 1:  %s\n",
                               stage_text(teeio_json_string(tlp, "s1")));
    }
    if (*fault) {
        g_string_append_printf(out, "  result:   fault record %s\n", fault);
    } else if (*reached) {
        g_string_append_printf(
            out, "  result:   address %s%s; page owner: %s; verdict: %s\n",
            reached,
            g_str_equal(via, "identity") ? " (identity)"
            : g_str_equal(via, "walk")   ? " (table walk)"
                                         : "",
            teeio_json_string(tlp, "owner"), teeio_json_string(tlp, "verdict"));
    } else {
        g_string_append_printf(out, "  result:   no address; verdict: %s\n",
                               teeio_json_string(tlp, "verdict"));
    }
}

static void add_step(GString *out, const struct teeio_result *result,
                     unsigned id, const char *label)
{
    const struct teeio_step *step = teeio_find_step(result->cell, id);

    if (step) {
        g_string_append_printf(out, "  %s%02u \"%s\"\n", label, id,
                               step->command);
    }
}

/* "0000:00:02.0" to 0x10; the stream id of a board whose map is 1:1. */
static unsigned stream_of(const char *requester)
{
    unsigned bus = 0, slot = 0, function = 0;
    g_auto(GStrv) parts = g_strsplit_set(requester, ":.", 4);

    if (g_strv_length(parts) == 4) {
        bus = strtoul(parts[1], NULL, 16);
        slot = strtoul(parts[2], NULL, 16);
        function = strtoul(parts[3], NULL, 16);
    }
    return bus << 8 | slot << 3 | function;
}

static void add_requester(GString *out, const struct teeio_finding *finding)
{
    JsonObject *tlp = finding->tlp;
    const char *requester = teeio_json_string(tlp, "requester");
    const char *pasid = teeio_json_string(tlp, "pasid");

    g_string_append_printf(
        out, "  by %s (stream 0x%x), %s%s, %s, TDI state %s\n", requester,
        stream_of(requester), *pasid ? "PASID " : "no PASID", pasid,
        g_str_equal(teeio_json_string(tlp, "origin"), "tdi")
            ? "our device's engine"
            : "a stock device or an MSI",
        finding->state);
}

static void add_earlier(GString *out, const struct teeio_result *result,
                        const struct teeio_finding *finding)
{
    if (!finding->earlier) {
        return;
    }
    g_string_append_printf(out, "\nEarlier, event %" G_GUINT64_FORMAT ":\n  ",
                           finding->related);
    add_access(out, finding->earlier);
    g_string_append_c(out, '\n');
    add_way(out, finding->earlier);
    add_step(out, result, finding->earlier_step, "in step:  ");
}

static void add_map(GString *out, const struct teeio_finding *finding)
{
    guint64 reached = teeio_json_number(finding->tlp, "out");
    size_t marked, i;
    gsize start;

    if (!*finding->map) {
        return;
    }
    marked = (reached - finding->map_base) / PAGE;
    g_string_append(out, "\nPages around the address reached:\n");
    start = out->len;
    g_string_append_printf(
        out, "> 0x%010" G_GINT64_MODIFIER "x:", finding->map_base);
    start = out->len - start;
    for (i = 0; i < TEEIO_MAP_PAGES; i++) {
        g_string_append_printf(out, " %c", finding->map[i]);
    }
    g_string_append_printf(out, "\n%*s\n", (int)(start + 2 * (marked + 1)),
                           "^");
    g_string_append(out, "  P private, S shared; one letter a 4 KiB page\n");
}

void teeio_report_finding(GString *out, const struct teeio_result *result,
                          const struct teeio_finding *finding)
{
    const struct teeio_cell *cell = result->cell;

    g_string_append(out, RULE);
    g_string_append_printf(out, "DMASAN: %s in %s%s%s%s\n", finding->kind,
                           cell->scenario->id, cell->name ? " [" : "",
                           cell->name ? cell->name : "", cell->name ? "]" : "");
    if (finding->tlp) {
        add_access(out, finding->tlp);
        g_string_append_c(out, '\n');
        add_requester(out, finding);
        add_way(out, finding->tlp);
    }
    add_step(out, result, finding->step, "in step:  ");
    add_earlier(out, result, finding);
    g_string_append_printf(out, "\n%s\n", finding->text);
    if (finding->tlp) {
        add_map(out, finding);
    }
    g_string_append_printf(
        out, "\nProperty: %s; this is event %" G_GUINT64_FORMAT "\n",
        finding->expected ? "had to see or may see this" : "broken",
        finding->trigger);
    g_string_append_printf(out, "Capture:  %s/" TEEIO_EVENTS "\n",
                           result->folder);
    g_string_append(out, RULE);
}

char *teeio_report_counts(const struct teeio_result *result)
{
    const struct teeio_capture *capture = &result->capture;
    GString *out = g_string_new(NULL);

    g_string_append_printf(
        out,
        "%u steps, %" G_GUINT64_FORMAT " DMAs (%" G_GUINT64_FORMAT
        " with T=1, %" G_GUINT64_FORMAT " translated), %u finding%s",
        g_hash_table_size(result->boot.replies), capture->tlps,
        capture->tlps_t1, capture->translated, capture->findings->len,
        capture->findings->len == 1 ? "" : "s");
    if (result->boot.warnings) {
        g_string_append_printf(out, ", %u kernel warning%s",
                               result->boot.warnings,
                               result->boot.warnings == 1 ? "" : "s");
    }
    return g_string_free(out, FALSE);
}

static void add_steps(GString *out, const struct teeio_result *result)
{
    guint i;

    g_string_append(out, "\nSteps:\n");
    for (i = 0; i < result->cell->steps->len; i++) {
        const struct teeio_step *step = result->cell->steps->pdata[i];
        const char *reply = g_hash_table_lookup(result->boot.replies,
                                                GUINT_TO_POINTER(step->id));

        g_string_append_printf(out, "  %s %02u %s\n            %s\n",
                               teeio_step_held(step, reply) ? "    " : "NOT ",
                               step->id, step->text,
                               reply ? reply : "(no answer)");
    }
}

static void add_findings(GString *out, const struct teeio_result *result)
{
    const GPtrArray *findings = result->capture.findings;
    guint i;

    for (i = 0; i < findings->len && i < MAX_BLOCKS; i++) {
        g_string_append_c(out, '\n');
        teeio_report_finding(out, result, findings->pdata[i]);
    }
    if (findings->len > MAX_BLOCKS) {
        g_string_append_printf(out, "\n%u more findings in " TEEIO_EVENTS "\n",
                               findings->len - MAX_BLOCKS);
    }
}

void teeio_report_cell(GString *out, const struct teeio_result *result)
{
    const struct teeio_cell *cell = result->cell;
    g_autofree char *counts = teeio_report_counts(result);
    guint i;

    g_string_append_printf(out, "Scenario: %s%s%s\n", cell->scenario->id,
                           cell->name ? " " : "", cell->name ? cell->name : "");
    for (i = 0; cell->scenario->keys[i]; i++) {
        const char *key = cell->scenario->keys[i];

        g_string_append_printf(out, "Setting:  %s=%s\n", key,
                               (char *)g_hash_table_lookup(cell->values, key));
    }
    g_string_append_printf(out, "Property: %s\n", cell->scenario->claim);
    g_string_append_printf(out, "Outcome:  %s\n",
                           teeio_outcome_name(result->outcome));
    if (result->reason) {
        g_string_append_printf(out, "Reason:   %s\n", result->reason);
    }
    g_string_append_printf(out, "Seen:     %s\n", counts);
    for (i = 0; i < result->problems->len; i++) {
        g_string_append_printf(out, "Problem:  %s\n",
                               (char *)result->problems->pdata[i]);
    }
    add_steps(out, result);
    add_findings(out, result);
}
