/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#ifndef TEEIO_INIT_H
#define TEEIO_INIT_H

#include <stddef.h>
#include <stdint.h>

#define TEEIO_REPLY_SIZE 256
#define TEEIO_MAX_WORDS  16

#define TEEIO_DEBUGFS    "/sys/kernel/debug"
#define TEEIO_CONTROL    TEEIO_DEBUGFS "/teeio/"

/** struct teeio_reply - "ok key=value ..." or "error errno=... why=..." */
struct teeio_reply {
    char text[TEEIO_REPLY_SIZE];
};

/**
 * struct teeio_words - one step's verb and arguments
 * @word: ends with a NULL
 */
struct teeio_words {
    char *word[TEEIO_MAX_WORDS + 1];
    unsigned count;
};

__attribute__((format(printf, 2, 3))) void teeio_ok(struct teeio_reply *reply,
                                                    const char *format, ...);

/* ok, and no more to say */
void teeio_done(struct teeio_reply *reply);

/* @why is one word. */
void teeio_fail(struct teeio_reply *reply, int error, const char *why);

/*
 * The number in "@key=NUMBER", which must be there and from @least to @most.
 * Otherwise returns -1 and fills @reply.
 */
int teeio_number(const struct teeio_words *words, const char *key,
                 uint64_t least, uint64_t most, uint64_t *value,
                 struct teeio_reply *reply);

/* Console (console.c). */

void teeio_console_open(void);

/* Print one line; @format has no newline. */
__attribute__((format(printf, 1, 2))) void
teeio_console_print(const char *format, ...);

/* Steps (steps.c). */

/* Run the steps of @path. Returns -1 when there is no such file. */
int teeio_run_steps(const char *path);

/* Carry out one step (verbs.c). */
void teeio_run_verb(const struct teeio_words *words, struct teeio_reply *reply);

/* Send @line to the control file @name and fetch the reply (verbs.c). */
void teeio_control(const char *name, const char *line,
                   struct teeio_reply *reply);

/* The verbs; word[0] is the verb's own name. */
typedef void teeio_verb(const struct teeio_words *words,
                        struct teeio_reply *reply);

teeio_verb teeio_verb_bind;
teeio_verb teeio_verb_unbind;
teeio_verb teeio_verb_group;
teeio_verb teeio_verb_groups;
teeio_verb teeio_verb_blk;
teeio_verb teeio_verb_ping;

#endif
