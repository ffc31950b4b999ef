/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A host made of one array: guest memory, interrupts and events that a test
 * can look into, and memory accesses that fail on demand.
 */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <glib.h>

#include "teeio/event.h"
#include "teeio/host.h"

#define FAKE_HOST_RAM_BASE 0x40000000ull
#define FAKE_HOST_RAM_SIZE 0x01000000ull
#define FAKE_HOST_LINES    8

struct fake_host {
    struct teeio_host host;
    uint8_t *ram;
    uint64_t fail_page; /* an access that touches this 4 KiB page fails */
    uint64_t now;
    unsigned raised[FAKE_HOST_LINES];
    unsigned wakes;
    unsigned reads; /* calls of host.read */
    GArray *events; /* struct teeio_event, in order */
};

/* fake_host_init() - RAM full of zeros, nothing fails; undo with clear */
void fake_host_init(struct fake_host *fake);
void fake_host_clear(struct fake_host *fake);

/* fake_host_ptr() - where @gpa lies in the array; asserts that it is RAM */
void *fake_host_ptr(struct fake_host *fake, uint64_t gpa);

/* fake_host_count() - events of one kind so far */
unsigned fake_host_count(const struct fake_host *fake,
                         enum teeio_event_kind kind);

/* fake_host_last() - newest event of one kind, NULL when there is none */
const struct teeio_event *fake_host_last(const struct fake_host *fake,
                                         enum teeio_event_kind kind);

#endif
