/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Conditions and steps: the small language inside scenario.ini.
 */
#include "scenario.h"
#include "tool.h"

#include <string.h>

void teeio_condition_free(struct teeio_condition *condition)
{
    if (condition) {
        g_free(condition->key);
        g_strfreev(condition->values);
        g_free(condition);
    }
}

struct teeio_condition *teeio_condition_parse(const char *text)
{
    const char *equals = strchr(text, '=');
    struct teeio_condition *condition;
    size_t length;

    if (!equals || equals == text || !equals[1]) {
        return NULL;
    }
    length = equals - text;
    condition = g_new0(struct teeio_condition, 1);
    if (text[length - 1] == '!') {
        condition->negated = true;
        length--;
    }
    condition->key = g_strndup(text, length);
    condition->values = g_strsplit(equals + 1, "|", -1);
    return condition;
}

bool teeio_condition_holds(const struct teeio_condition *condition,
                           const char *value)
{
    bool listed;

    if (!value) {
        return false;
    }
    listed = g_strv_contains((const char *const *)condition->values, value);
    return listed != condition->negated;
}

void teeio_step_free(struct teeio_step *step)
{
    if (step) {
        g_free(step->text);
        teeio_condition_free(step->guard);
        g_free(step->command);
        if (step->expect) {
            g_ptr_array_unref(step->expect);
        }
        g_free(step);
    }
}

/* Besides tdi0 to tdi31, which speak to one function each. */
static const char *const verbs[] = {
    "tsm",   "bind",   "unbind",   "lock", "accept",  "unlock",
    "group", "groups", "replug",   "blk",  "blkload", "blkonce",
    "ping",  "sleep",  "mapbench", "vfs",  "config",  "vfio",
    "dmesg", "rng",    "secret",   "exec", NULL};

static bool known_verb(const char *verb)
{
    if (g_strv_contains(verbs, verb)) {
        return true;
    }
    return g_str_has_prefix(verb, "tdi") && g_ascii_isdigit(verb[3]);
}

static bool parse_guard(struct teeio_step *step, char **rest, GError **error)
{
    char *end;

    if (**rest != '[') {
        return true;
    }
    end = strchr(*rest, ']');
    if (end) {
        g_autofree char *inside = g_strndup(*rest + 1, end - *rest - 1);

        step->guard = teeio_condition_parse(g_strstrip(inside));
        *rest = g_strchug(end + 1);
    }
    if (!step->guard) {
        teeio_set_error(error, TEEIO_EXIT_USAGE,
                        "write it as [setting=value|other] or "
                        "[setting!=value]",
                        "the guard in brackets cannot be read");
        return false;
    }
    return true;
}

static bool parse_expectations(struct teeio_step *step, const char *text,
                               GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
    bool reply = false;
    const char *implied = "reply=ok";
    size_t i;

    for (i = 0; words[i]; i++) {
        struct teeio_condition *condition;

        if (!*words[i]) {
            continue;
        }
        condition = teeio_condition_parse(words[i]);
        if (!condition) {
            teeio_set_error(error, TEEIO_EXIT_USAGE,
                            "after => stand key=value, key=v1|v2 or "
                            "key!=value",
                            "the expectation \"%s\" cannot be read", words[i]);
            return false;
        }
        reply |= g_str_equal(condition->key, "reply");
        if (g_str_equal(condition->key, "errno") && !condition->negated) {
            implied = "reply=error";
        }
        g_ptr_array_add(step->expect, condition);
    }
    if (!reply) {
        g_ptr_array_insert(step->expect, 0, teeio_condition_parse(implied));
    }
    return true;
}

struct teeio_step *teeio_step_parse(unsigned id, const char *text,
                                    GError **error)
{
    struct teeio_step *step = g_new0(struct teeio_step, 1);
    g_autofree char *copy = g_strdup(text);
    char *rest = g_strstrip(copy);
    char *arrow;
    g_auto(GStrv) words = NULL;

    step->id = id;
    step->text = g_strdup(rest);
    step->expect =
        g_ptr_array_new_with_free_func((GDestroyNotify)teeio_condition_free);
    if (!parse_guard(step, &rest, error)) {
        goto fail;
    }
    arrow = strstr(rest, "=>");
    if (arrow) {
        *arrow = '\0';
        arrow += 2;
    }
    if (!parse_expectations(step, arrow ? arrow : "", error)) {
        goto fail;
    }
    step->command = g_strdup(g_strstrip(rest));
    words = g_strsplit_set(step->command, " \t", 2);
    if (!words[0] || !known_verb(words[0])) {
        g_autofree char *all = g_strjoinv(", ", (char **)verbs);
        g_autofree char *hint =
            g_strdup_printf("verbs are tdi0 to tdi31, %s", all);

        teeio_set_error(error, TEEIO_EXIT_USAGE, hint,
                        "the guest knows no verb \"%s\"",
                        words[0] ? words[0] : "");
        goto fail;
    }
    return step;

fail:
    teeio_step_free(step);
    return NULL;
}
