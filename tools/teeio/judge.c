/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * From what happened to an outcome.
 */
#include "judge.h"

#include <string.h>

const char *teeio_outcome_name(enum teeio_outcome outcome)
{
    static const char *const names[] = {
        [TEEIO_SKIP] = "skip",   [TEEIO_PASS] = "pass",
        [TEEIO_XFAIL] = "xfail", [TEEIO_ERROR] = "error",
        [TEEIO_XPASS] = "xpass", [TEEIO_FAIL] = "fail",
    };

    return names[outcome];
}

bool teeio_outcome_parse(const char *name, enum teeio_outcome *outcome)
{
    int i;

    for (i = TEEIO_SKIP; i <= TEEIO_FAIL; i++) {
        if (g_str_equal(teeio_outcome_name(i), name)) {
            *outcome = i;
            return true;
        }
    }
    return false;
}

bool teeio_worth_judging(enum teeio_boot_end end)
{
    return end == TEEIO_BOOT_DONE || end == TEEIO_BOOT_STOPPED ||
           end == TEEIO_BOOT_PANIC || end == TEEIO_BOOT_TIMEOUT;
}

struct teeio_result *teeio_result_new(struct teeio_cell *cell)
{
    struct teeio_result *result = g_new0(struct teeio_result, 1);

    result->cell = cell;
    result->problems = g_ptr_array_new_with_free_func(g_free);
    teeio_boot_init(&result->boot);
    teeio_capture_init(&result->capture);
    return result;
}

void teeio_result_free(struct teeio_result *result)
{
    g_ptr_array_unref(result->problems);
    g_free(result->reason);
    g_free(result->folder);
    g_free(result->bug_reason);
    teeio_boot_clear(&result->boot);
    teeio_capture_clear(&result->capture);
    g_free(result);
}

void teeio_report_free(struct teeio_report *report)
{
    g_ptr_array_unref(report->results);
    g_ptr_array_unref(report->cells);
    g_free(report->folder);
    g_free(report);
}

void teeio_rig_failed(struct teeio_result *result, char *reason)
{
    result->outcome = TEEIO_ERROR;
    g_free(result->reason);
    result->reason = reason;
}

static void problem(struct teeio_result *result, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static void problem(struct teeio_result *result, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(result->problems, g_strdup_vprintf(format, args));
    va_end(args);
}

char teeio_initial_owner(const struct teeio_cell *cell)
{
    size_t i;

    for (i = 0; cell->devices[i]; i++) {
        if (g_str_has_prefix(cell->devices[i], "teeio-tsm")) {
            return strstr(cell->devices[i], "memory=shared") ? 'S' : 'P';
        }
    }
    return '\0';
}

const struct teeio_step *teeio_find_step(const struct teeio_cell *cell,
                                         unsigned id)
{
    guint i;

    for (i = 0; i < cell->steps->len; i++) {
        const struct teeio_step *step = cell->steps->pdata[i];

        if (step->id == id) {
            return step;
        }
    }
    return NULL;
}

/* The first word of a reply answers to the key "reply". */
static char *reply_value(const char *reply, const char *key)
{
    g_auto(GStrv) words = g_strsplit_set(reply, " \t", -1);
    size_t length = strlen(key);
    size_t i;

    if (g_str_equal(key, "reply")) {
        return g_strdup(words[0]);
    }
    for (i = 1; words[0] && words[i]; i++) {
        if (g_str_has_prefix(words[i], key) && words[i][length] == '=') {
            return g_strdup(words[i] + length + 1);
        }
    }
    return NULL;
}

static const struct teeio_condition *first_unmet(const struct teeio_step *step,
                                                 const char *reply)
{
    guint i;

    for (i = 0; i < step->expect->len; i++) {
        const struct teeio_condition *condition = step->expect->pdata[i];
        g_autofree char *value = reply_value(reply, condition->key);

        if (!teeio_condition_holds(condition, value)) {
            return condition;
        }
    }
    return NULL;
}

bool teeio_step_held(const struct teeio_step *step, const char *reply)
{
    return reply && !first_unmet(step, reply);
}

static void judge_steps(struct teeio_result *result)
{
    guint i;

    for (i = 0; i < result->cell->steps->len; i++) {
        const struct teeio_step *step = result->cell->steps->pdata[i];
        const char *reply = g_hash_table_lookup(result->boot.replies,
                                                GUINT_TO_POINTER(step->id));
        const struct teeio_condition *unmet;
        g_autofree char *wanted = NULL;

        if (!reply) {
            if (result->boot.end != TEEIO_BOOT_PANIC) {
                problem(result, "step %02u \"%s\" was never answered", step->id,
                        step->command);
            }
            continue;
        }
        unmet = first_unmet(step, reply);
        if (unmet) {
            wanted = g_strjoinv("|", unmet->values);
            problem(result, "step %02u \"%s\": expected %s%s%s, got \"%s\"",
                    step->id, step->command, unmet->key,
                    unmet->negated ? "!=" : "=", wanted, reply);
        }
    }
}

static bool rule_applies(const struct teeio_rule *rule,
                         const struct teeio_cell *cell)
{
    return !rule->guard ||
           teeio_condition_holds(
               rule->guard,
               g_hash_table_lookup(cell->values, rule->guard->key));
}

static unsigned count_findings(const struct teeio_capture *capture,
                               const char *kind)
{
    unsigned count = 0;
    guint i;

    for (i = 0; i < capture->findings->len; i++) {
        const struct teeio_finding *finding = capture->findings->pdata[i];

        count += g_str_equal(finding->kind, kind);
    }
    return count;
}

/* Collect the names in those rules of @kind that apply; returns how many do. */
static unsigned collect(const struct teeio_cell *cell,
                        enum teeio_rule_kind kind, GHashTable *names)
{
    const GPtrArray *rules = cell->scenario->rules;
    unsigned count = 0;
    guint i;
    size_t n;

    for (i = 0; i < rules->len; i++) {
        const struct teeio_rule *rule = rules->pdata[i];

        if (rule->kind != kind || !rule_applies(rule, cell)) {
            continue;
        }
        count++;
        for (n = 0; rule->names[n]; n++) {
            g_hash_table_add(names, rule->names[n]);
        }
    }
    return count;
}

static void judge_required(struct teeio_result *result, GHashTable *kinds)
{
    GHashTableIter iter;
    void *kind;

    g_hash_table_iter_init(&iter, kinds);
    while (g_hash_table_iter_next(&iter, &kind, NULL)) {
        if (!count_findings(&result->capture, kind)) {
            problem(result, "no finding %s, which had to appear", (char *)kind);
        }
    }
}

static void judge_findings(struct teeio_result *result, bool complete)
{
    g_autoptr(GHashTable) expected = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
    guint i;

    collect(result->cell, TEEIO_RULE_REQUIRE, expected);
    if (complete) {
        judge_required(result, expected);
    }
    collect(result->cell, TEEIO_RULE_ALLOW, expected);
    for (i = 0; i < result->capture.findings->len; i++) {
        struct teeio_finding *finding = result->capture.findings->pdata[i];

        finding->expected = g_hash_table_contains(expected, finding->kind);
        if (!finding->expected && g_hash_table_add(told, finding->kind)) {
            unsigned count = count_findings(&result->capture, finding->kind);

            problem(result, "finding %s (%u time%s): %s", finding->kind, count,
                    count == 1 ? "" : "s", finding->text);
        }
    }
}

static void judge_translated(struct teeio_result *result, bool complete)
{
    const struct teeio_capture *capture = &result->capture;

    if (!collect(result->cell, TEEIO_RULE_TRANSLATED, NULL)) {
        return;
    }
    if (capture->outside) {
        problem(result,
                "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                " DMAs were not translated, the first is event "
                "%" G_GUINT64_FORMAT,
                capture->outside, capture->tlps, capture->first_outside);
    }
    if (complete && !capture->translated) {
        problem(result, "no DMA was translated at all");
    }
}

/* Each of the listed names was seen; where they are @all, no other. */
static void judge_seen(struct teeio_result *result, enum teeio_rule_kind kind,
                       const char *noun, GHashTable *seen, bool all,
                       bool complete)
{
    g_autoptr(GHashTable) expected = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    void *name;

    if (!collect(result->cell, kind, expected)) {
        return;
    }
    g_hash_table_iter_init(&iter, seen);
    while (all && g_hash_table_iter_next(&iter, &name, NULL)) {
        if (!g_hash_table_contains(expected, name)) {
            problem(result, "%s %s, which must not appear", noun, (char *)name);
        }
    }
    g_hash_table_iter_init(&iter, expected);
    while (complete && g_hash_table_iter_next(&iter, &name, NULL)) {
        if (!g_hash_table_contains(seen, name)) {
            problem(result, "no %s %s, which had to appear", noun,
                    (char *)name);
        }
    }
}

void teeio_judge_prepare(struct teeio_result *result)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    void *name;

    collect(result->cell, TEEIO_RULE_LOG, names);
    collect(result->cell, TEEIO_RULE_NO_LOG, names);
    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_hash_table_insert(result->boot.patterns, g_strdup(name), NULL);
    }
}

static void judge_log(struct teeio_result *result, bool complete)
{
    g_autoptr(GHashTable) wanted = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) unwanted = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    void *pattern;

    collect(result->cell, TEEIO_RULE_LOG, wanted);
    collect(result->cell, TEEIO_RULE_NO_LOG, unwanted);
    g_hash_table_iter_init(&iter, wanted);
    while (complete && g_hash_table_iter_next(&iter, &pattern, NULL)) {
        if (!g_hash_table_lookup(result->boot.patterns, pattern)) {
            problem(result, "the kernel printed no line \"%s\"",
                    (char *)pattern);
        }
    }
    g_hash_table_iter_init(&iter, unwanted);
    while (g_hash_table_iter_next(&iter, &pattern, NULL)) {
        const char *line = g_hash_table_lookup(result->boot.patterns, pattern);

        if (line) {
            problem(result, "the kernel printed \"%s\"", line);
        }
    }
}

static void judge_canary(struct teeio_result *result, bool complete)
{
    const struct teeio_capture *capture = &result->capture;

    if (!collect(result->cell, TEEIO_RULE_CANARY, NULL)) {
        return;
    }
    if (capture->canary_shared) {
        problem(result,
                "the canary was found %" G_GUINT64_FORMAT
                " times in shared memory",
                capture->canary_shared);
    }
    /* A canary that is nowhere proves nothing. */
    if (complete && !capture->canary_private) {
        problem(result, "the canary was not found in private memory");
    }
}

static bool boot_is_complete(const struct teeio_result *result)
{
    return result->boot.end == TEEIO_BOOT_DONE ||
           (result->boot.end == TEEIO_BOOT_PANIC &&
            result->cell->scenario->panic_allowed);
}

void teeio_judge(struct teeio_result *result)
{
    const struct teeio_capture *capture = &result->capture;
    bool complete = boot_is_complete(result);
    bool held;

    judge_findings(result, complete);
    judge_translated(result, complete);
    judge_seen(result, TEEIO_RULE_FAULTS, "fault", capture->fault_names, true,
               complete);
    judge_seen(result, TEEIO_RULE_DISABLED, "profile", capture->disabled, true,
               complete);
    judge_seen(result, TEEIO_RULE_SENDERS, "sender", capture->senders, true,
               complete);
    judge_seen(result, TEEIO_RULE_COMMANDS, "command", capture->command_names,
               false, complete);
    judge_log(result, complete);
    judge_canary(result, complete);
    if (complete) {
        judge_steps(result);
    }
    held = result->problems->len == 0;
    /* Half a boot can show that a property is broken, never that it held. */
    if (held && !complete) {
        result->outcome = TEEIO_ERROR;
    } else if (result->bug_expected) {
        result->outcome = held ? TEEIO_XPASS : TEEIO_XFAIL;
    } else {
        result->outcome = held ? TEEIO_PASS : TEEIO_FAIL;
    }
}
