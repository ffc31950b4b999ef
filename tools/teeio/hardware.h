/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The machine of one boot, but for its devices.
 */
#ifndef TEEIO_HARDWARE_H
#define TEEIO_HARDWARE_H

#include <glib.h>
#include <stdbool.h>

struct teeio_scenario;

/** enum teeio_hardware_key - what settings may decide */
enum teeio_hardware_key {
    TEEIO_HARDWARE_KERNEL,
    TEEIO_HARDWARE_MEMORY,
    TEEIO_HARDWARE_CPUS,
    TEEIO_HARDWARE_CPU,
    TEEIO_HARDWARE_FIRMWARE,
    TEEIO_HARDWARE_KEYS
};

/** teeio_hardware_key_name() - as in [machine]; kernel is of [scenario] */
const char *teeio_hardware_key_name(enum teeio_hardware_key key);

/**
 * struct teeio_hardware - after substitution
 * @kernel:   name in the cache
 * @cpu:      model, NULL: the board's usual one
 * @firmware: path of an image, NULL: what the board does without one
 * @memory:   MiB
 */
struct teeio_hardware {
    char *kernel;
    char *cpu;
    char *firmware;
    unsigned memory;
    unsigned cpus;
};

/**
 * teeio_hardware_resolve() - substitute @values and check what came of it
 * @hardware: to be cleared in any case
 */
bool teeio_hardware_resolve(const struct teeio_scenario *scenario,
                            GHashTable *values, struct teeio_hardware *hardware,
                            GError **error);
void teeio_hardware_clear(struct teeio_hardware *hardware);

#endif
