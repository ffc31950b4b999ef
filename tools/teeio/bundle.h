/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * All artefacts of a run as one file to hand on.
 */
#ifndef TEEIO_BUNDLE_H
#define TEEIO_BUNDLE_H

#include "judge.h"

/** teeio_bundle_check() - can an archive be written as @path? */
bool teeio_bundle_check(const char *path, GError **error);

/**
 * teeio_bundle_write() - pack the artefacts of @reports below @out
 *
 * The same files give the same bytes: entries are sorted, owned by nobody in
 * particular and dated 1970. After an error there is no file.
 */
bool teeio_bundle_write(const char *path, const char *out, GPtrArray *reports,
                        GError **error);

#endif
