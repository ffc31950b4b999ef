/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The loop over the steps: "ID verb arguments", one a line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "init.h"

void teeio_ok(struct teeio_reply *reply, const char *format, ...)
{
    va_list args;

    strcpy(reply->text, "ok ");
    va_start(args, format);
    vsnprintf(reply->text + 3, sizeof(reply->text) - 3, format, args);
    va_end(args);
}

void teeio_done(struct teeio_reply *reply)
{
    strcpy(reply->text, "ok");
}

void teeio_fail(struct teeio_reply *reply, int error, const char *why)
{
    const char *name = strerrorname_np(error);

    snprintf(reply->text, sizeof(reply->text), "error errno=%s why=%s",
             name ? name : "EIO", why);
}

static const char *teeio_option(const struct teeio_words *words,
                                const char *key)
{
    size_t length = strlen(key);
    unsigned i;

    for (i = 1; i < words->count; i++) {
        const char *word = words->word[i];

        if (!strncmp(word, key, length) && word[length] == '=') {
            return word + length + 1;
        }
    }
    return NULL;
}

int teeio_number(const struct teeio_words *words, const char *key,
                 uint64_t least, uint64_t most, uint64_t *value,
                 struct teeio_reply *reply)
{
    const char *text = teeio_option(words, key);
    char why[32];
    char *end;

    if (text) {
        errno = 0;
        *value = strtoull(text, &end, 0);
        if (!errno && end != text && !*end && *value >= least &&
            *value <= most) {
            return 0;
        }
    }
    snprintf(why, sizeof(why), "bad-%s", key);
    teeio_fail(reply, EINVAL, why);
    return -1;
}

int teeio_optional(const struct teeio_words *words, const char *key,
                   uint64_t least, uint64_t most, uint64_t *value,
                   struct teeio_reply *reply)
{
    return teeio_option(words, key)
               ? teeio_number(words, key, least, most, value, reply)
               : 0;
}

/* Returns false when there are too many words. */
static int teeio_split(char *line, struct teeio_words *words)
{
    char *save;
    char *word = strtok_r(line, " \t\n", &save);

    words->count = 0;
    while (word && words->count < TEEIO_MAX_WORDS) {
        words->word[words->count++] = word;
        word = strtok_r(NULL, " \t\n", &save);
    }
    words->word[words->count] = NULL;
    return !word;
}

/* Leave the step's number among the recorded DMA, if there is a TSM. */
static void teeio_mark(const char *id)
{
    struct teeio_reply reply;
    char line[64];
    char *end;
    unsigned long number = strtoul(id, &end, 10);

    if (end != id && !*end) {
        snprintf(line, sizeof(line), "marker %lu", number);
        teeio_control("tsm", line, &reply);
    }
}

static void teeio_run_step(char *line)
{
    struct teeio_words words;
    struct teeio_reply reply;
    char *save;
    const char *id = strtok_r(line, " \t\n", &save);

    if (!id || *id == '#') {
        return;
    }
    teeio_mark(id);
    if (!teeio_split(save, &words)) {
        teeio_fail(&reply, E2BIG, "too-many-words");
    } else if (!words.count) {
        teeio_fail(&reply, EINVAL, "no-verb");
    } else {
        teeio_run_verb(&words, &reply);
    }
    teeio_console_print("teeio-guest: step %s %s", id, reply.text);
}

int teeio_run_steps(const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;

    if (!file) {
        return -1;
    }
    while (getline(&line, &size, file) > 0) {
        teeio_run_step(line);
    }
    free(line);
    fclose(file);
    return 0;
}
