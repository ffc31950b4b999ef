/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#ifndef TEEIO_BENCH_H
#define TEEIO_BENCH_H

#include <glib.h>
#include <stdbool.h>

/**
 * struct bench - what was measured, in order
 * @quick:    fewer rounds
 * @deadline: monotonic microseconds; no part starts a round after it
 * @figures:  private to bench-main.c
 */
struct bench {
    bool quick;
    gint64 deadline;
    GPtrArray *figures;
};

/**
 * bench_result() - add a value to the figure @name
 *
 * The end of the name tells the unit. A figure of several values is shown by
 * its median and its spread.
 */
void bench_result(struct bench *bench, const char *name, double value);

/* bench_median() - sorts @values */
double bench_median(double *values, unsigned count);

/* bench_library() - the model alone */
void bench_library(struct bench *bench);

/*
 * bench_qemu(), bench_guest(), bench_map() - inside QEMU, and from guests
 *
 * Each returns false with @error set when it cannot run; what it has found by
 * then is kept.
 */
bool bench_qemu(struct bench *bench, GError **error);
bool bench_guest(struct bench *bench, GError **error);
bool bench_map(struct bench *bench, GError **error);

#endif
