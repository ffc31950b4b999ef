/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Progress, on stderr only: one rewritten line on a terminal, one line per
 * phase elsewhere. Several boots share one board.
 */
#include "progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REDRAW_US 100000
#define COLUMNS   80

void teeio_progress_board_init(struct teeio_progress_board *board, bool enabled,
                               unsigned boots)
{
    *board = (struct teeio_progress_board){
        .enabled = enabled,
        .terminal = isatty(STDERR_FILENO),
        .boots = boots,
        .running = g_ptr_array_new(),
    };
    g_mutex_init(&board->lock);
}

void teeio_progress_board_clear(struct teeio_progress_board *board)
{
    teeio_progress_hide(board);
    g_ptr_array_unref(board->running);
    g_mutex_clear(&board->lock);
}

/* A line that wraps could not be rewritten. */
static int columns(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1) {
        return size.ws_col - 1;
    }
    return COLUMNS - 1;
}

static void draw(struct teeio_progress_board *board)
{
    g_autoptr(GString) line = g_string_new(NULL);
    guint i;

    board->drawn_at = g_get_monotonic_time();
    for (i = 0; i < board->running->len; i++) {
        const struct teeio_progress *p = board->running->pdata[i];

        g_string_append_printf(line, "%s[%u/%u] %s: %s", i ? " | " : "",
                               p->boot, board->boots, p->name,
                               p->phase ? p->phase : "prepare");
        if (p->step) {
            g_string_append_printf(line, " %u/%u", p->step, p->steps);
        }
        g_string_append_printf(line, " (%.0f s)",
                               (board->drawn_at - p->started) /
                                   (double)G_USEC_PER_SEC);
    }
    fprintf(stderr, "\r\033[K%.*s", columns(), line->str);
    fflush(stderr);
    board->drawn = true;
}

static void hide(struct teeio_progress_board *board)
{
    if (board->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        board->drawn = false;
    }
}

void teeio_progress_hide(struct teeio_progress_board *board)
{
    g_mutex_lock(&board->lock);
    hide(board);
    g_mutex_unlock(&board->lock);
}

void teeio_progress_start(struct teeio_progress *p,
                          struct teeio_progress_board *board, const char *id,
                          const char *cell, unsigned steps)
{
    *p = (struct teeio_progress){
        .board = board,
        .name = cell ? g_strdup_printf("%s [%s]", id, cell) : g_strdup(id),
        .steps = steps,
        .started = g_get_monotonic_time(),
    };
    g_mutex_lock(&board->lock);
    p->boot = ++board->boot;
    g_ptr_array_add(board->running, p);
    g_mutex_unlock(&board->lock);
}

void teeio_progress_phase(struct teeio_progress *p, const char *phase)
{
    struct teeio_progress_board *board = p->board;

    if (!board || !board->enabled) {
        return;
    }
    g_mutex_lock(&board->lock);
    p->phase = phase;
    if (board->terminal) {
        draw(board);
    } else {
        fprintf(stderr, "teeio: [%u/%u] %s: %s\n", p->boot, board->boots,
                p->name, phase);
    }
    g_mutex_unlock(&board->lock);
}

void teeio_progress_step(struct teeio_progress *p, unsigned step)
{
    struct teeio_progress_board *board = p->board;

    if (board && board->enabled) {
        g_mutex_lock(&board->lock);
        p->step = step;
        if (board->terminal) {
            draw(board);
        }
        g_mutex_unlock(&board->lock);
    }
}

void teeio_progress_tick(struct teeio_progress *p)
{
    struct teeio_progress_board *board = p->board;

    if (board && board->enabled && board->terminal) {
        g_mutex_lock(&board->lock);
        if (g_get_monotonic_time() - board->drawn_at > REDRAW_US) {
            draw(board);
        }
        g_mutex_unlock(&board->lock);
    }
}

void teeio_progress_end(struct teeio_progress *p)
{
    g_mutex_lock(&p->board->lock);
    g_ptr_array_remove(p->board->running, p);
    hide(p->board);
    g_mutex_unlock(&p->board->lock);
    g_free(p->name);
}
