/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The host table: everything a model may ask of the program around it.
 *
 * One table per instance, so several instances can live side by side in one
 * process and a test can stand in for the whole world.
 */
#ifndef TEEIO_HOST_H
#define TEEIO_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct teeio_event;

/**
 * struct teeio_host - what a model needs from outside
 * @opaque:  passed back as first argument of every call
 * @read:    copy @len bytes of guest memory at @gpa to @buf. @trusted asks for
 *           the private bank where a board keeps two. Returns false when no
 *           RAM answers there; @buf is then untouched.
 * @write:   copy @len bytes from @buf to guest memory; same rules
 * @cmpxchg: 64-bit compare-and-swap at the 8-byte aligned @gpa. On a mismatch
 *           *@expected is updated. Returns false when no RAM answers there.
 * @raise:   pulse interrupt @line (a wire or an MSI-X vector, the model's own
 *           numbering). May be called from any thread.
 * @wake:    the model has deferred work; call its step function soon
 * @clock:   virtual time in nanoseconds
 * @trace:   append one event; the recorder stamps its number and time.
 *           May be NULL.
 *
 * Guest physical addresses (gpa) are what the board's system bus sees.
 */
struct teeio_host {
    void *opaque;
    bool (*read)(void *opaque, uint64_t gpa, void *buf, size_t len,
                 bool trusted);
    bool (*write)(void *opaque, uint64_t gpa, const void *buf, size_t len,
                  bool trusted);
    bool (*cmpxchg)(void *opaque, uint64_t gpa, uint64_t *expected,
                    uint64_t desired, bool trusted);
    void (*raise)(void *opaque, unsigned line);
    void (*wake)(void *opaque);
    uint64_t (*clock)(void *opaque);
    void (*trace)(void *opaque, const struct teeio_event *event);
};

#endif
