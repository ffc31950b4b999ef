/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Progress, on stderr only: one rewritten line on a terminal, one line per
 * phase elsewhere.
 */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#define REDRAW_US 100000

void teeio_progress_init(struct teeio_progress *progress, bool enabled,
                         unsigned boots)
{
    *progress = (struct teeio_progress){
        .enabled = enabled,
        .terminal = isatty(STDERR_FILENO),
        .boots = boots,
    };
}

static void draw(struct teeio_progress *p)
{
    p->drawn_at = g_get_monotonic_time();
    fprintf(stderr, "\r\033[K[%u/%u] %s: %s", p->boot, p->boots, p->name,
            p->phase);
    if (p->step) {
        fprintf(stderr, " %u/%u", p->step, p->steps);
    }
    fprintf(stderr, " (%.0f s)",
            (p->drawn_at - p->started) / (double)G_USEC_PER_SEC);
    fflush(stderr);
    p->drawn = true;
}

void teeio_progress_start(struct teeio_progress *p, const char *id,
                          const char *cell, unsigned steps)
{
    g_free(p->name);
    p->name = cell ? g_strdup_printf("%s [%s]", id, cell) : g_strdup(id);
    p->boot++;
    p->step = 0;
    p->steps = steps;
    p->started = g_get_monotonic_time();
}

void teeio_progress_phase(struct teeio_progress *p, const char *phase)
{
    p->phase = phase;
    if (!p->enabled) {
        return;
    }
    if (p->terminal) {
        draw(p);
    } else {
        fprintf(stderr, "teeio: [%u/%u] %s: %s\n", p->boot, p->boots, p->name,
                phase);
    }
}

void teeio_progress_step(struct teeio_progress *p, unsigned step)
{
    p->step = step;
    if (p->enabled && p->terminal) {
        draw(p);
    }
}

void teeio_progress_tick(struct teeio_progress *p)
{
    if (p->enabled && p->terminal &&
        g_get_monotonic_time() - p->drawn_at > REDRAW_US) {
        draw(p);
    }
}

void teeio_progress_clear(struct teeio_progress *p)
{
    if (p->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        p->drawn = false;
    }
}
