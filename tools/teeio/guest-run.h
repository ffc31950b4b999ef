/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Booting one guest and listening to its console.
 */
#ifndef TEEIO_GUEST_RUN_H
#define TEEIO_GUEST_RUN_H

#include <glib.h>
#include <stdbool.h>

#include "progress.h"

enum teeio_boot_end {
    TEEIO_BOOT_DONE,        /* the guest said that it is done */
    TEEIO_BOOT_NO_SPAWN,    /* QEMU could not be started */
    TEEIO_BOOT_NOT_READY,   /* QEMU ended before our init spoke */
    TEEIO_BOOT_NO_MODULE,   /* a kernel module could not be loaded */
    TEEIO_BOOT_STOPPED,     /* QEMU ended between the steps */
    TEEIO_BOOT_PANIC,       /* the kernel panicked */
    TEEIO_BOOT_TIMEOUT,     /* killed by us */
    TEEIO_BOOT_INTERRUPTED, /* the user had enough */
};

/**
 * struct teeio_boot - what one boot showed
 * @kernel:   release that the guest reported, or NULL
 * @replies:  "ok key=value ..." by step number (GUINT_TO_POINTER)
 * @ready_us: when our init spoke, since QEMU was started
 * @patterns: lines of the kernel to look for, set before the boot; the value
 *            is NULL until there was one
 * @warnings: lines in which the kernel complains about itself
 * @module:   what the guest said of a module that it could not load, or NULL
 * @tail:     the last lines of the console, for messages
 */
struct teeio_boot {
    enum teeio_boot_end end;
    char *kernel;
    char *module;
    GHashTable *replies;
    GHashTable *patterns;
    unsigned warnings;
    gint64 ready_us;
    gint64 duration_us;
    GQueue tail;
};

void teeio_boot_init(struct teeio_boot *boot);
void teeio_boot_clear(struct teeio_boot *boot);

/** teeio_boot_end_name() - one word, as in result.json */
const char *teeio_boot_end_name(enum teeio_boot_end end);

/** teeio_boot_reason() - why the rig failed, one line, to be freed */
char *teeio_boot_reason(const struct teeio_boot *boot, unsigned timeout_s);

/**
 * teeio_guest_run() - run @argv to its end
 * @console: file that receives all it prints
 *
 * QEMU never outlives this call, and not the tool either.
 */
void teeio_guest_run(struct teeio_boot *boot, GPtrArray *argv,
                     const char *console, unsigned timeout_s,
                     struct teeio_progress *progress);

/**
 * teeio_guest_reread() - fill @boot, with @patterns set, from a console that
 * an earlier teeio_guest_run() wrote
 * @heard: how listening ended then; DONE and what only the console can tell
 *         are the same here
 */
bool teeio_guest_reread(struct teeio_boot *boot, const char *console,
                        enum teeio_boot_end heard, GError **error);

/** teeio_interrupts_catch() - from now on Ctrl-C ends the boot, not us */
void teeio_interrupts_catch(void);
bool teeio_interrupted(void);

#endif
