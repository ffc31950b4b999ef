/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#ifndef TEEIO_DIFF_EVENTS_H
#define TEEIO_DIFF_EVENTS_H

#include <glib.h>
#include <stdbool.h>

/**
 * teeio_diff_events() - compare two recordings
 * @out:    receives the kinds whose counts differ and the first TLP that does
 * @a, @b:  files of events
 * @fields: members of a TLP that count; NULL: all but number, time and source
 *
 * Returns: false when a file cannot be read. @out grows if there is a
 * difference, and only then.
 */
bool teeio_diff_events(GString *out, const char *a, const char *b,
                       char **fields, GError **error);

#endif
