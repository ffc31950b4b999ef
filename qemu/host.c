/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#define _GNU_SOURCE
#include <glib.h>
#include <sys/random.h>

#include "abi/abi.h"
#include "events.h"
#include "host.h"

/* What getentropy() gives at a time. */
#define ENTROPY_MAX 256

/* NULL where the board has one bank of memory: trusted then tells nothing. */
static uint64_t (*private_bank)(uint64_t gpa);

void teeio_host_set_private(uint64_t (*fn)(uint64_t gpa))
{
    private_bank = fn;
}

static uint64_t in_bank(uint64_t gpa, bool trusted)
{
    return trusted && private_bank ? private_bank(gpa) : gpa;
}

/* Neither a TLP nor an entry of a table or a queue crosses a page. */
static bool access_memory(MemTxAttrs attrs, uint64_t gpa, void *buf, size_t len,
                          bool is_write, bool trusted)
{
    return !address_space_rw(&address_space_memory, in_bank(gpa, trusted),
                             attrs, buf, len, is_write);
}

static MemTxAttrs ram_only(void)
{
    return (MemTxAttrs)1 << teeio_abi.attrs_memory;
}

static bool ram_read(void *opaque, uint64_t gpa, void *buf, size_t len,
                     bool trusted)
{
    (void)opaque;
    return access_memory(ram_only(), gpa, buf, len, false, trusted);
}

static bool ram_write(void *opaque, uint64_t gpa, const void *buf, size_t len,
                      bool trusted)
{
    (void)opaque;
    return access_memory(ram_only(), gpa, (void *)buf, len, true, trusted);
}

static bool ram_cmpxchg(void *opaque, uint64_t gpa, uint64_t *expected,
                        uint64_t desired, bool trusted)
{
    uint64_t probe;
    hwaddr len = sizeof(probe);
    void *p;
    bool mapped;

    /* Mapping anything but RAM would go through a bounce buffer. */
    if (!ram_read(opaque, gpa, &probe, sizeof(probe), trusted)) {
        return false;
    }
    p = address_space_map(&address_space_memory, in_bank(gpa, trusted), &len,
                          true, ram_only());
    mapped = p && len == sizeof(probe);
    if (mapped) {
        __atomic_compare_exchange_n((uint64_t *)p, expected, desired, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }
    if (p) {
        address_space_unmap(&address_space_memory, p, len, true,
                            mapped ? len : 0);
    }
    return mapped;
}

static MemTxAttrs dma_attrs(void *opaque)
{
    const uint16_t *requester = opaque;

    return (MemTxAttrs)*requester << teeio_abi.attrs_requester;
}

static bool dma_read(void *opaque, uint64_t gpa, void *buf, size_t len,
                     bool trusted)
{
    return access_memory(dma_attrs(opaque), gpa, buf, len, false, trusted);
}

static bool dma_write(void *opaque, uint64_t gpa, const void *buf, size_t len,
                      bool trusted)
{
    return access_memory(dma_attrs(opaque), gpa, (void *)buf, len, true,
                         trusted);
}

static uint64_t clock_now(void *opaque)
{
    (void)opaque;
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void nothing_to_raise(void *opaque, unsigned line)
{
    (void)opaque;
    (void)line;
}

static void nothing_to_wake(void *opaque)
{
    (void)opaque;
}

void teeio_host_init(struct teeio_host *host, void *opaque)
{
    *host = (struct teeio_host){
        .opaque = opaque,
        .read = ram_read,
        .write = ram_write,
        .cmpxchg = ram_cmpxchg,
        .raise = nothing_to_raise,
        .wake = nothing_to_wake,
        .clock = clock_now,
        .trace = teeio_events_trace_fn(),
    };
}

void teeio_host_init_dma(struct teeio_host *host, const uint16_t *requester)
{
    teeio_host_init(host, (void *)requester);
    host->read = dma_read;
    host->write = dma_write;
}

bool teeio_host_entropy(uint8_t *buf, size_t size)
{
    while (size > 0) {
        size_t part = size < ENTROPY_MAX ? size : ENTROPY_MAX;

        if (getentropy(buf, part)) {
            return false;
        }
        buf += part;
        size -= part;
    }
    return true;
}

void teeio_host_random(void *buf, size_t size)
{
    /* A kernel that has once had entropy never runs out of it. */
    while (!teeio_host_entropy(buf, size)) {
        g_usleep(1000);
    }
}
