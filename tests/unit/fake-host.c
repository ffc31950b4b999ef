/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "fake-host.h"

static void *lookup(struct fake_host *fake, uint64_t gpa, size_t len)
{
    uint64_t offset = gpa - FAKE_HOST_RAM_BASE;
    uint64_t first = gpa & ~0xfffull;
    uint64_t last = (gpa + (len ? len - 1 : 0)) & ~0xfffull;

    if (gpa < FAKE_HOST_RAM_BASE || len > FAKE_HOST_RAM_SIZE ||
        offset > FAKE_HOST_RAM_SIZE - len) {
        return NULL;
    }
    if (fake->fail_page >= first && fake->fail_page <= last) {
        return NULL;
    }
    return fake->ram + offset;
}

static bool fake_read(void *opaque, uint64_t gpa, void *buf, size_t len,
                      bool trusted)
{
    struct fake_host *fake = opaque;
    void *p = lookup(fake, gpa, len);

    (void)trusted;
    fake->reads++;
    if (!p) {
        return false;
    }
    memcpy(buf, p, len);
    return true;
}

static bool fake_write(void *opaque, uint64_t gpa, const void *buf, size_t len,
                       bool trusted)
{
    void *p = lookup(opaque, gpa, len);

    (void)trusted;
    if (!p) {
        return false;
    }
    memcpy(p, buf, len);
    return true;
}

static bool fake_cmpxchg(void *opaque, uint64_t gpa, uint64_t *expected,
                         uint64_t desired, bool trusted)
{
    void *p = lookup(opaque, gpa, sizeof(desired));
    uint64_t old;

    (void)trusted;
    if (!p) {
        return false;
    }
    memcpy(&old, p, sizeof(old));
    if (old == *expected) {
        memcpy(p, &desired, sizeof(desired));
    }
    *expected = old;
    return true;
}

static void fake_raise(void *opaque, unsigned line)
{
    struct fake_host *fake = opaque;

    g_assert_cmpuint(line, <, FAKE_HOST_LINES);
    fake->raised[line]++;
}

static void fake_wake(void *opaque)
{
    struct fake_host *fake = opaque;

    fake->wakes++;
}

static uint64_t fake_clock(void *opaque)
{
    struct fake_host *fake = opaque;

    return fake->now++;
}

static void fake_trace(void *opaque, const struct teeio_event *event)
{
    struct fake_host *fake = opaque;

    g_array_append_val(fake->events, *event);
}

void fake_host_init(struct fake_host *fake)
{
    memset(fake, 0, sizeof(*fake));
    fake->ram = g_malloc0(FAKE_HOST_RAM_SIZE);
    fake->fail_page = UINT64_MAX;
    fake->events = g_array_new(FALSE, FALSE, sizeof(struct teeio_event));
    fake->host = (struct teeio_host){
        .opaque = fake,
        .read = fake_read,
        .write = fake_write,
        .cmpxchg = fake_cmpxchg,
        .raise = fake_raise,
        .wake = fake_wake,
        .clock = fake_clock,
        .trace = fake_trace,
    };
}

void fake_host_clear(struct fake_host *fake)
{
    g_free(fake->ram);
    g_array_free(fake->events, TRUE);
}

void *fake_host_ptr(struct fake_host *fake, uint64_t gpa)
{
    g_assert_cmphex(gpa, >=, FAKE_HOST_RAM_BASE);
    g_assert_cmphex(gpa, <, FAKE_HOST_RAM_BASE + FAKE_HOST_RAM_SIZE);
    return fake->ram + (gpa - FAKE_HOST_RAM_BASE);
}

unsigned fake_host_count(const struct fake_host *fake,
                         enum teeio_event_kind kind)
{
    unsigned n = 0;

    for (unsigned i = 0; i < fake->events->len; i++) {
        n += g_array_index(fake->events, struct teeio_event, i).kind == kind;
    }
    return n;
}

const struct teeio_event *fake_host_last(const struct fake_host *fake,
                                         enum teeio_event_kind kind)
{
    for (unsigned i = fake->events->len; i > 0; i--) {
        const struct teeio_event *event =
            &g_array_index(fake->events, struct teeio_event, i - 1);

        if (event->kind == kind) {
            return event;
        }
    }
    return NULL;
}
