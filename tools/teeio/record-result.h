/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * One result.json, back to what it was written from.
 */
#ifndef TEEIO_RECORD_RESULT_H
#define TEEIO_RECORD_RESULT_H

#include "judge.h"

/**
 * teeio_result_read() - the result that @document describes
 * @folder: artefacts, taken over
 *
 * The caller owns its cell, too. Returns: NULL when @document is no result or
 * does not fit @scenario.
 */
struct teeio_result *teeio_result_read(const struct teeio_scenario *scenario,
                                       JsonObject *document, char *folder,
                                       GError **error);

/** teeio_scenario_missing() - one of which only the id is known */
struct teeio_scenario *teeio_scenario_missing(const char *id,
                                              const char *claim);

/** teeio_result_missing() - "error", for @reason; the caller owns the cell */
struct teeio_result *teeio_result_missing(const struct teeio_scenario *scenario,
                                          const char *cell, const char *reason);

#endif
