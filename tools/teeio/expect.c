/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "expect.h"
#include "tool.h"

#include <string.h>

#define FORM "GLOB [kernel=GLOB] [qemu=GLOB] [cell=GLOB] ok|xfail [REASON]"

enum key { KEY_KERNEL, KEY_QEMU, KEY_CELL, KEYS };

/* One line; a glob that is NULL matches all. */
struct line {
    char *id;
    char *globs[KEYS];
    bool bug;
    char *reason;
};

struct teeio_expectations {
    bool bug;
    GPtrArray *lines;
};

static void free_line(void *data)
{
    struct line *line = data;
    size_t i;

    g_free(line->id);
    for (i = 0; i < KEYS; i++) {
        g_free(line->globs[i]);
    }
    g_free(line->reason);
    g_free(line);
}

static bool take_condition(struct line *line, const char *word)
{
    static const char *const keys[] = {"kernel=", "qemu=", "cell="};
    size_t i;

    for (i = 0; i < KEYS; i++) {
        if (g_str_has_prefix(word, keys[i]) && !line->globs[i]) {
            line->globs[i] = g_strdup(word + strlen(keys[i]));
            return true;
        }
    }
    return false;
}

/* The first word of *@rest, which is moved behind it; "" at the end. */
static char *next_word(char **rest)
{
    char *word = g_strchug(*rest);
    char *end = word + strcspn(word, " \t");

    *rest = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

static bool parse_line(struct line *line, char *rest)
{
    char *word;

    line->id = g_strdup(next_word(&rest));
    for (word = next_word(&rest); take_condition(line, word);
         word = next_word(&rest)) {
    }
    line->bug = g_str_equal(word, "xfail");
    g_strstrip(rest);
    line->reason = *rest ? g_strdup(rest) : NULL;
    return line->bug || g_str_equal(word, "ok");
}

static bool concerns_any(const struct line *line, GPtrArray *all)
{
    guint i;

    for (i = 0; i < all->len; i++) {
        const struct teeio_scenario *scenario = all->pdata[i];

        if (g_pattern_match_simple(line->id, scenario->id)) {
            return true;
        }
    }
    return false;
}

static bool read_file(struct teeio_expectations *e, const char *path,
                      GPtrArray *all, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    GError *why = NULL;
    size_t i;

    if (!g_file_get_contents(path, &text, NULL, &why)) {
        teeio_set_error(error, TEEIO_EXIT_USAGE, "name a file that can be read",
                        "--expect: %s", why->message);
        g_error_free(why);
        return false;
    }
    lines = g_strsplit(text, "\n", -1);
    for (i = 0; lines[i]; i++) {
        struct line *line;

        g_strstrip(lines[i]);
        if (!*lines[i] || *lines[i] == '#') {
            continue;
        }
        line = g_new0(struct line, 1);
        g_ptr_array_add(e->lines, line);
        if (!parse_line(line, lines[i])) {
            teeio_set_error(error, TEEIO_EXIT_USAGE, "a line is " FORM,
                            "%s:%zu: the line for \"%s\" cannot be read", path,
                            i + 1, line->id);
            return false;
        }
        if (!concerns_any(line, all)) {
            teeio_set_error(error, TEEIO_EXIT_USAGE, "'teeio list' names them",
                            "%s:%zu: no scenario matches \"%s\"", path, i + 1,
                            line->id);
            return false;
        }
    }
    return true;
}

struct teeio_expectations *teeio_expectations_new(bool bug, const char *path,
                                                  GPtrArray *all,
                                                  GError **error)
{
    struct teeio_expectations *e = g_new0(struct teeio_expectations, 1);

    e->bug = bug;
    e->lines = g_ptr_array_new_with_free_func(free_line);
    if (path && !read_file(e, path, all, error)) {
        teeio_expectations_free(e);
        return NULL;
    }
    return e;
}

void teeio_expectations_free(struct teeio_expectations *e)
{
    if (e) {
        g_ptr_array_unref(e->lines);
        g_free(e);
    }
}

static bool matches(const struct line *line, const struct teeio_result *result)
{
    const char *const values[KEYS] = {
        [KEY_KERNEL] = result->boot.kernel,
        [KEY_QEMU] = result->capture.qemu,
        [KEY_CELL] = result->cell->name,
    };
    size_t i;

    for (i = 0; i < KEYS; i++) {
        if (line->globs[i] && !g_pattern_match_simple(
                                  line->globs[i], values[i] ? values[i] : "")) {
            return false;
        }
    }
    return g_pattern_match_simple(line->id, result->cell->scenario->id);
}

/* The last line that matches decides, so that exceptions follow the rule. */
void teeio_expect(const struct teeio_expectations *e,
                  struct teeio_result *result)
{
    guint i;

    result->bug_expected = e && e->bug;
    for (i = e ? e->lines->len : 0; i > 0; i--) {
        const struct line *line = e->lines->pdata[i - 1];

        if (matches(line, result)) {
            result->bug_expected = line->bug;
            result->bug_reason = g_strdup(line->reason);
            return;
        }
    }
}
