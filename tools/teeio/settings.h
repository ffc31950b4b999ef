/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Settings: defaults, --set, ${key}, and one cell per boot.
 */
#ifndef TEEIO_SETTINGS_H
#define TEEIO_SETTINGS_H

#include "scenario.h"

/**
 * struct teeio_cell - one boot: a scenario with every setting decided
 * @name:   "key=value" of the matrix, NULL without a matrix
 * @values: setting to value
 * @steps:  struct teeio_step, without those whose guard does not hold
 */
struct teeio_cell {
    const struct teeio_scenario *scenario;
    char *name;
    GHashTable *values;
    struct teeio_hardware hardware;
    char **devices;
    char *append;
    GPtrArray *steps;
};

/** teeio_cells_array_new() - an array that owns the cells put into it */
GPtrArray *teeio_cells_array_new(void);

/** teeio_cell_empty() - without settings, devices and steps */
struct teeio_cell *teeio_cell_empty(const struct teeio_scenario *scenario,
                                    const char *name);

/**
 * teeio_expand() - replace each ${key} in @text
 * @group, @key: where it stands, for messages
 *
 * Returns: NULL with @error set, when one names no setting.
 */
char *teeio_expand(const struct teeio_scenario *scenario, GHashTable *values,
                   const char *text, const char *group, const char *key,
                   GError **error);

/**
 * teeio_cells_new() - the boots of one scenario
 * @overrides: setting to value, keys unknown to the scenario are ignored;
 *             NULL: none
 */
GPtrArray *teeio_cells_new(const struct teeio_scenario *scenario,
                           GHashTable *overrides, GError **error);

/**
 * teeio_settings_parse() - KEY=VALUE words of --set
 *
 * A key that none of @scenarios has is an error. One that only some have
 * leaves the others as they are.
 */
GHashTable *teeio_settings_parse(char **words, GPtrArray *scenarios,
                                 GError **error);

#endif
