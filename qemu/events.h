/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The recorder's owner: one stream of events per process, one file.
 */
#ifndef TEEIO_QEMU_EVENTS_H
#define TEEIO_QEMU_EVENTS_H

#include <stdbool.h>

#include "teeio/event.h"

typedef void teeio_trace_fn(void *opaque, const struct teeio_event *event);

/**
 * teeio_events_open() - record to the file @path from now on
 * @qemu: version of QEMU, for the first line
 *
 * Returns: false, with a message on stderr.
 */
bool teeio_events_open(const char *path, const char *qemu);

/** teeio_events_trace_fn() - for struct teeio_host; NULL: nothing is recorded
 */
teeio_trace_fn *teeio_events_trace_fn(void);

#endif
