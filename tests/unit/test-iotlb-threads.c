/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Threads that translate beside one that changes the tables: nobody may meet
 * a translation that was invalidated before he asked.
 */
#include <glib.h>
#include <stdatomic.h>

#include "../../hw/iommu/iotlb.h"

#define PAGES   32u
#define ROUNDS  40000u
#define READERS 2u
#define ASID    5u

/*
 * struct world - page n is at output @table[n], its version in the upper bits
 * @settled: a version whose predecessors have been invalidated
 */
struct world {
    struct teeio_iotlb *tlb;
    _Atomic uint64_t table[PAGES];
    _Atomic uint64_t settled[PAGES];
    atomic_uint started;
    atomic_bool done;
};

/* struct reader - one thread, with a stream of its own */
struct reader {
    struct world *world;
    uint32_t stream;
    uint64_t hits;
};

static uint64_t output_of(unsigned page, uint64_t version)
{
    return version << 20 | (uint64_t)page << 12;
}

static void check_context(struct reader *reader, struct teeio_iotlb_key *key)
{
    uint64_t context[9], stamp = teeio_iotlb_stamp(reader->world->tlb);

    if (teeio_iotlb_context(reader->world->tlb, key, context)) {
        for (unsigned i = 1; i < G_N_ELEMENTS(context); i++) {
            g_assert_cmphex(context[i], ==, context[0]);
        }
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(context); i++) {
        context[i] = stamp;
    }
    teeio_iotlb_add_context(reader->world->tlb, key, context, false, 0, stamp);
}

static void translate(struct reader *reader, unsigned page)
{
    struct world *world = reader->world;
    struct teeio_iotlb_key key = {
        /* All readers write to the same sets, now and then the same entry. */
        .stream = page % 2 ? reader->stream : 0,
        .address = page * 0x1000ull,
    };
    struct teeio_iotlb_entry entry = {
        .size_bits = 12, .stage1 = true, .asid = ASID};
    uint64_t settled = atomic_load(&world->settled[page]);
    uint64_t stamp;

    if (teeio_iotlb_lookup(world->tlb, &key, &entry)) {
        g_assert_cmphex(entry.output & 0xff000, ==, page << 12);
        g_assert_cmphex(entry.output >> 20, >=, settled);
        g_assert_cmphex(entry.attributes, ==, entry.output >> 20 & 0xfff);
        reader->hits++;
        return;
    }
    stamp = teeio_iotlb_stamp(world->tlb);
    entry.output = atomic_load(&world->table[page]);
    entry.attributes = entry.output >> 20 & 0xfff;
    teeio_iotlb_add(world->tlb, &key, &entry, stamp);
}

static gpointer read_all(gpointer opaque)
{
    struct reader *reader = opaque;
    struct teeio_iotlb_key key = {.stream = 0};
    unsigned n = reader->stream;

    atomic_fetch_add(&reader->world->started, 1);
    while (!atomic_load(&reader->world->done)) {
        n = n * 1103515245u + 12345u;
        translate(reader, n >> 16 & (PAGES - 1));
        if (!(n >> 24 & 15)) {
            check_context(reader, &key);
        }
    }
    return NULL;
}

static void change(struct world *world, unsigned round)
{
    unsigned page = round % PAGES;
    uint64_t version = round / PAGES + 1;
    struct teeio_iotlb_range range = {
        .first = page * 0x1000ull,
        .last = page * 0x1000ull + 0xfff,
        .asid = ASID,
        .leaf = true,
    };

    atomic_store(&world->table[page], output_of(page, version));
    switch (round % 7) {
    case 0:
        teeio_iotlb_drop_asid(world->tlb, 0, ASID);
        break;
    case 1:
        teeio_iotlb_drop_streams(world->tlb, 0, READERS + 1);
        break;
    default:
        teeio_iotlb_drop_range(world->tlb, &range);
        break;
    }
    atomic_store(&world->settled[page], version);
}

static void test_threads(void)
{
    struct world *world = g_new0(struct world, 1);
    struct reader readers[READERS];
    GThread *threads[READERS];
    uint64_t hits = 0;

    world->tlb = teeio_iotlb_new(64, 9 * 8);
    for (unsigned i = 0; i < PAGES; i++) {
        atomic_store(&world->table[i], output_of(i, 0));
    }
    for (unsigned i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.world = world, .stream = i + 1};
        threads[i] = g_thread_new("reader", read_all, &readers[i]);
    }
    while (atomic_load(&world->started) < READERS) {
        g_thread_yield();
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        change(world, i);
        if (i % 64 == 0) {
            g_thread_yield();
        }
    }
    atomic_store(&world->done, true);
    for (unsigned i = 0; i < READERS; i++) {
        g_thread_join(threads[i]);
        hits += readers[i].hits;
    }
    g_assert_cmpuint(hits, >, 0);
    g_test_message("%" G_GUINT64_FORMAT " hits", hits);
    teeio_iotlb_free(world->tlb);
    g_free(world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/iotlb/threads", test_threads);
    return g_test_run();
}
