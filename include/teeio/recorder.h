/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The recorder numbers events and passes them to a sink; the sanitizer looks
 * over its shoulder and adds findings to the same stream.
 */
#ifndef TEEIO_RECORDER_H
#define TEEIO_RECORDER_H

#include <stdint.h>

#include "teeio/event.h"

struct teeio_sanitizer;

/** teeio_sink_fn - takes one stamped event; called under the caller's lock */
typedef void teeio_sink_fn(void *opaque, const struct teeio_event *event);

/**
 * struct teeio_recorder - one stream of events
 * @sink:      where events go; may be NULL
 * @opaque:    passed to @sink
 * @sanitizer: NULL to judge nothing
 * @seq:       number of the newest event
 * @findings:  findings so far, by kind
 *
 * Not thread-safe: the owner serialises teeio_recorder_append().
 */
struct teeio_recorder {
    teeio_sink_fn *sink;
    void *opaque;
    struct teeio_sanitizer *sanitizer;
    uint64_t seq;
    uint64_t findings[TEEIO_FINDINGS];
};

/**
 * teeio_recorder_append() - stamp @event, pass it on, and let the sanitizer
 * judge it; each finding follows as an event of its own
 */
void teeio_recorder_append(struct teeio_recorder *recorder,
                           const struct teeio_event *event, uint64_t t_ns);

/**
 * teeio_sanitizer_new() - a judge with no memory of earlier events
 *
 * Returns: NULL when out of memory.
 */
struct teeio_sanitizer *teeio_sanitizer_new(void);
void teeio_sanitizer_free(struct teeio_sanitizer *sanitizer);

/** The most findings that one event can cause. */
#define TEEIO_FINDINGS_PER_EVENT 3

/**
 * teeio_sanitizer_judge() - what is wrong with @event, given all before it?
 * @out: filled with up to %TEEIO_FINDINGS_PER_EVENT findings
 *
 * Reads events and nothing else. Memory is bounded; the oldest knowledge is
 * forgotten first.
 *
 * Returns: number of findings.
 */
unsigned
teeio_sanitizer_judge(struct teeio_sanitizer *sanitizer,
                      const struct teeio_event *event,
                      struct teeio_event_finding out[TEEIO_FINDINGS_PER_EVENT]);

#endif
