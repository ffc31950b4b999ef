/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "import.h"
#include "teeio/recorder.h"

/*
 * Whole lines are collected and written at the end of each pass of the main
 * loop, so that a reader is never far behind, a killed QEMU leaves no half
 * line, and a busy device costs one write for many events.
 */
static struct {
    pthread_mutex_t lock;
    struct teeio_recorder recorder;
    int fd;
    bool flush_due;
    size_t used;
    char buf[64 * 1024];
} events = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

static void write_out(void)
{
    size_t done = 0;

    while (events.fd >= 0 && done < events.used) {
        ssize_t n = write(events.fd, events.buf + done, events.used - done);

        if (n >= 0) {
            done += n;
        } else if (errno != EINTR) {
            fprintf(stderr,
                    "teeio: events are no longer recorded: %s\n"
                    "hint: make room, or give another file with events=\n",
                    strerror(errno));
            close(events.fd);
            events.fd = -1;
        }
    }
    events.used = 0;
}

static void sink(void *opaque, const struct teeio_event *event)
{
    (void)opaque;
    if (sizeof(events.buf) - events.used < TEEIO_EVENT_LINE + 1) {
        write_out();
    }
    events.used += teeio_event_format(event, events.buf + events.used);
    events.buf[events.used++] = '\n';
}

static void flush(void *opaque)
{
    (void)opaque;
    pthread_mutex_lock(&events.lock);
    events.flush_due = false;
    write_out();
    pthread_mutex_unlock(&events.lock);
}

static void flush_at_exit(void)
{
    flush(NULL);
}

static void trace(void *opaque, const struct teeio_event *event)
{
    bool schedule;

    (void)opaque;
    pthread_mutex_lock(&events.lock);
    teeio_recorder_append(&events.recorder, event,
                          qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    schedule = !events.flush_due;
    events.flush_due = true;
    pthread_mutex_unlock(&events.lock);
    if (schedule) {
        aio_bh_schedule_oneshot_full(qemu_get_aio_context(), flush, NULL,
                                     "teeio-events");
    }
}

bool teeio_events_open(const char *path, const char *qemu)
{
    events.recorder.sanitizer = teeio_sanitizer_new();
    if (!events.recorder.sanitizer) {
        fprintf(stderr, "teeio: cannot record events: out of memory\n"
                        "hint: give the machine less memory\n");
        return false;
    }
    events.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (events.fd < 0) {
        fprintf(stderr,
                "teeio: cannot record events in '%s': %s\n"
                "hint: give a file that can be written: events=PATH\n",
                path, strerror(errno));
        return false;
    }
    events.recorder.sink = sink;
    events.used = snprintf(events.buf, sizeof(events.buf),
                           "{\"schema\":\"%s\",\"version\":%d,\"tool\":\"%s\","
                           "\"qemu\":\"%s\"}\n",
                           TEEIO_EVENT_SCHEMA, TEEIO_EVENT_VERSION,
                           TEEIO_PROJECT_VERSION, qemu);
    write_out();
    if (events.fd < 0) {
        return false;
    }
    atexit(flush_at_exit);
    return true;
}

teeio_trace_fn *teeio_events_trace_fn(void)
{
    return events.recorder.sink ? trace : NULL;
}
