/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Progress, on stderr only: one rewritten line on a terminal, one line per
 * phase elsewhere.
 */
#ifndef TEEIO_PROGRESS_H
#define TEEIO_PROGRESS_H

#include <glib.h>
#include <stdbool.h>

struct teeio_progress {
    bool enabled;
    bool terminal;
    bool drawn;
    unsigned boot, boots;
    unsigned step, steps;
    gint64 started;
    gint64 drawn_at;
    char *name;
    const char *phase;
};

void teeio_progress_init(struct teeio_progress *progress, bool enabled,
                         unsigned boots);
/** teeio_progress_start() - the next boot */
void teeio_progress_start(struct teeio_progress *progress, const char *id,
                          const char *cell, unsigned steps);
void teeio_progress_phase(struct teeio_progress *progress, const char *phase);
void teeio_progress_step(struct teeio_progress *progress, unsigned step);
void teeio_progress_tick(struct teeio_progress *progress);
/** teeio_progress_clear() - before anything else is printed */
void teeio_progress_clear(struct teeio_progress *progress);

#endif
