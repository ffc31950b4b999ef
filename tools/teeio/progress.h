/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Progress, on stderr only: one rewritten line on a terminal, one line per
 * phase elsewhere. Several boots share one board.
 */
#ifndef TEEIO_PROGRESS_H
#define TEEIO_PROGRESS_H

#include <glib.h>
#include <stdbool.h>

/** struct teeio_progress_board - what all boots of a run share */
struct teeio_progress_board {
    GMutex lock;
    bool enabled;
    bool terminal;
    bool drawn;
    unsigned boot, boots;
    gint64 drawn_at;
    GPtrArray *running;
};

/**
 * struct teeio_progress - one boot; all zero: nothing is told
 * @boot: its number
 */
struct teeio_progress {
    struct teeio_progress_board *board;
    unsigned boot;
    unsigned step, steps;
    gint64 started;
    char *name;
    const char *phase;
};

void teeio_progress_board_init(struct teeio_progress_board *board, bool enabled,
                               unsigned boots);
void teeio_progress_board_clear(struct teeio_progress_board *board);
/** teeio_progress_hide() - before anything else is printed */
void teeio_progress_hide(struct teeio_progress_board *board);

/** teeio_progress_start() - a boot; undo with teeio_progress_end() */
void teeio_progress_start(struct teeio_progress *progress,
                          struct teeio_progress_board *board, const char *id,
                          const char *cell, unsigned steps);
void teeio_progress_phase(struct teeio_progress *progress, const char *phase);
void teeio_progress_step(struct teeio_progress *progress, unsigned step);
void teeio_progress_tick(struct teeio_progress *progress);
void teeio_progress_end(struct teeio_progress *progress);

#endif
