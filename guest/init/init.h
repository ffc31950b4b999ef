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

/* The same, but @value keeps what it has when there is no such word. */
int teeio_optional(const struct teeio_words *words, const char *key,
                   uint64_t least, uint64_t most, uint64_t *value,
                   struct teeio_reply *reply);

/* CRC-32 of IEEE 802.3, as zlib has it; start with 0 (crc32.c). */
uint32_t teeio_crc32(uint32_t crc, const uint8_t *data, size_t length);

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

/* PCI functions in sysfs (pci.c). */

#define TEEIO_PCI_DEVICES "/sys/bus/pci/devices"
#define TEEIO_BDF_SIZE    256

/** struct teeio_function - one function of teeio-tdi, found or borrowed */
struct teeio_function {
    char bdf[TEEIO_BDF_SIZE];
    int had_driver;
};

/* These return 0 or an errno; the text comes without its newline. */
int teeio_read_text(const char *path, char *text, size_t size);
int teeio_write_text(const char *path, const char *text);
/* The last part of what the link @name of the function @bdf points to. */
int teeio_read_link(const char *bdf, const char *name, char *target,
                    size_t size);

/* Call @each with every function's address, in their order. */
void teeio_for_each_function(void (*each)(unsigned index, const char *bdf,
                                          void *opaque),
                             void *opaque);

/* Find function number @text. Returns -1 with @reply filled. */
int teeio_find_function(const char *text, struct teeio_function *found,
                        struct teeio_reply *reply);

/*
 * Give function number @text to @driver, until teeio_give_back(). Returns -1
 * with @reply filled, and nothing changed.
 */
int teeio_borrow(const char *text, const char *driver,
                 struct teeio_function *function, struct teeio_reply *reply);
void teeio_give_back(const struct teeio_function *function);

/*
 * Open /dev/@name for reading past the page cache (verb-blk.c). Waits a while:
 * a driver may still be looking for its disk when its module has loaded.
 * Returns -1 with errno set.
 */
int teeio_open_disk(const char *name);

/* The verbs; word[0] is the verb's own name. */
typedef void teeio_verb(const struct teeio_words *words,
                        struct teeio_reply *reply);

teeio_verb teeio_verb_bind;
teeio_verb teeio_verb_unbind;
teeio_verb teeio_verb_lock;
teeio_verb teeio_verb_accept;
teeio_verb teeio_verb_unlock;
teeio_verb teeio_verb_group;
teeio_verb teeio_verb_groups;
teeio_verb teeio_verb_replug;
teeio_verb teeio_verb_vfs;
teeio_verb teeio_verb_config;
teeio_verb teeio_verb_blk;
teeio_verb teeio_verb_blkload;
teeio_verb teeio_verb_blkonce;
teeio_verb teeio_verb_ping;
teeio_verb teeio_verb_mapbench;
teeio_verb teeio_verb_vfio;
teeio_verb teeio_verb_dmesg;
teeio_verb teeio_verb_rng;
teeio_verb teeio_verb_secret;

#endif
