/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What the IOTLB forgets, one invalidation at a time.
 */
#include <glib.h>

#include "../../hw/iommu/iotlb.h"

#define VA 0x1234567000ull
#define PA 0x40001000ull

static struct teeio_iotlb_key key_of(uint32_t stream, uint64_t address)
{
    return (struct teeio_iotlb_key){.stream = stream, .address = address};
}

static struct teeio_iotlb_entry page_of(uint16_t vmid, uint16_t asid,
                                        unsigned size_bits)
{
    return (struct teeio_iotlb_entry){
        .output = PA >> size_bits << size_bits,
        .size_bits = size_bits,
        .attributes = 3,
        .vmid = vmid,
        .asid = asid,
        .stage1 = true,
    };
}

static void add(struct teeio_iotlb *tlb, struct teeio_iotlb_key key,
                struct teeio_iotlb_entry entry)
{
    teeio_iotlb_add(tlb, &key, &entry, teeio_iotlb_stamp(tlb));
}

static bool present(struct teeio_iotlb *tlb, struct teeio_iotlb_key key)
{
    struct teeio_iotlb_entry entry;

    return teeio_iotlb_lookup(tlb, &key, &entry);
}

static void drop(struct teeio_iotlb *tlb, uint64_t first, uint64_t last,
                 uint16_t vmid, int asid)
{
    struct teeio_iotlb_range range = {
        .first = first,
        .last = last,
        .vmid = vmid,
        .any_asid = asid < 0,
        .asid = asid < 0 ? 0 : asid,
    };

    teeio_iotlb_drop_range(tlb, &range);
}

static void test_key(void)
{
    struct teeio_iotlb *tlb = teeio_iotlb_new(64, 0);
    struct teeio_iotlb_key key = key_of(8, VA), other;
    struct teeio_iotlb_entry entry;

    add(tlb, key, page_of(1, 2, 12));
    key.address = VA + 0xfff;
    g_assert_true(teeio_iotlb_lookup(tlb, &key, &entry));
    g_assert_cmphex(entry.output, ==, PA);
    g_assert_cmpuint(entry.size_bits, ==, 12);
    g_assert_cmpuint(entry.attributes, ==, 3);
    g_assert_cmpuint(entry.vmid, ==, 1);
    g_assert_cmpuint(entry.asid, ==, 2);
    g_assert_true(entry.stage1 && !entry.nested && !entry.global);

    g_assert_false(present(tlb, key_of(9, VA)));
    g_assert_false(present(tlb, key_of(8, VA + 0x1000)));
    g_assert_false(present(tlb, key_of(8, VA | 1ull << 60)));
    other = key;
    other.t = true;
    g_assert_false(present(tlb, other));
    other = key;
    other.substream_valid = true;
    g_assert_false(present(tlb, other));
    other = key;
    other.privileged = true;
    g_assert_false(present(tlb, other));
    other = key;
    other.execute = true;
    g_assert_false(present(tlb, other));
    other = key;
    other.kind = TEEIO_IOTLB_TABLE1;
    g_assert_false(present(tlb, other));
    teeio_iotlb_free(tlb);
}

/* Smaller pages win; a page goes when any byte of it is invalidated. */
static void test_sizes(void)
{
    static const unsigned sizes[] = {12, 14, 16, 21, 25, 29, 30, 34};
    struct teeio_iotlb *tlb = teeio_iotlb_new(64, 0);
    struct teeio_iotlb_key key = key_of(8, VA);
    struct teeio_iotlb_entry entry;

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        add(tlb, key, page_of(0, 0, sizes[i]));
    }
    g_assert_true(teeio_iotlb_lookup(tlb, &key, &entry));
    g_assert_cmpuint(entry.size_bits, ==, 12);
    drop(tlb, VA + 0xfff, VA + 0xfff, 0, 0);
    g_assert_false(present(tlb, key));

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        uint64_t size = 1ull << sizes[i];
        uint64_t base = VA & ~(size - 1);

        add(tlb, key, page_of(0, 0, sizes[i]));
        g_assert_true(present(tlb, key_of(8, base + size - 1)));
        drop(tlb, base - 1, base - 1, 0, 0);
        drop(tlb, base + size, base + size, 0, 0);
        g_assert_true(present(tlb, key));
        drop(tlb, base + size - 1, base + size, 0, 0);
        g_assert_false(present(tlb, key));
    }
    teeio_iotlb_free(tlb);
}

static void test_labels(void)
{
    struct teeio_iotlb *tlb = teeio_iotlb_new(64, 0);
    struct teeio_iotlb_entry global = page_of(1, 2, 12);
    struct teeio_iotlb_entry stage2 = page_of(1, 0, 12);

    global.global = true;
    stage2.stage1 = false;
    add(tlb, key_of(1, VA), page_of(1, 2, 12));
    add(tlb, key_of(2, VA), global);
    add(tlb, key_of(3, VA), stage2);

    teeio_iotlb_drop_asid(tlb, 1, 3);
    teeio_iotlb_drop_asid(tlb, 0, 2);
    g_assert_true(present(tlb, key_of(1, VA)));
    teeio_iotlb_drop_asid(tlb, 1, 2);
    g_assert_false(present(tlb, key_of(1, VA)));
    g_assert_true(present(tlb, key_of(2, VA)));

    teeio_iotlb_drop_stage1(tlb, 2);
    g_assert_true(present(tlb, key_of(2, VA)));
    teeio_iotlb_drop_stage1(tlb, 1);
    g_assert_false(present(tlb, key_of(2, VA)));
    g_assert_true(present(tlb, key_of(3, VA)));

    teeio_iotlb_drop_vmid(tlb, 0);
    g_assert_true(present(tlb, key_of(3, VA)));
    teeio_iotlb_drop_vmid(tlb, 1);
    g_assert_false(present(tlb, key_of(3, VA)));

    add(tlb, key_of(3, VA), stage2);
    teeio_iotlb_drop_streams(tlb, 4, 9);
    g_assert_true(present(tlb, key_of(3, VA)));
    teeio_iotlb_drop_streams(tlb, 0, 3);
    g_assert_false(present(tlb, key_of(3, VA)));
    add(tlb, key_of(3, VA), stage2);
    teeio_iotlb_drop_streams(tlb, 0, UINT32_MAX);
    g_assert_false(present(tlb, key_of(3, VA)));

    add(tlb, key_of(2, VA), global);
    teeio_iotlb_drop_all(tlb);
    g_assert_false(present(tlb, key_of(2, VA)));
    teeio_iotlb_free(tlb);
}

static void test_addresses(void)
{
    struct teeio_iotlb *tlb = teeio_iotlb_new(64, 0);
    struct teeio_iotlb_entry global = page_of(1, 2, 12);
    uint64_t top = UINT64_MAX & ~0xfffull;

    global.global = true;
    add(tlb, key_of(1, VA), page_of(1, 2, 12));
    drop(tlb, VA, VA, 1, 3);
    drop(tlb, VA, VA, 0, -1);
    g_assert_true(present(tlb, key_of(1, VA)));
    drop(tlb, VA, VA, 1, -1);
    g_assert_false(present(tlb, key_of(1, VA)));
    add(tlb, key_of(2, VA), global);
    drop(tlb, VA, VA, 1, 9);
    g_assert_false(present(tlb, key_of(2, VA)));

    /* A top byte is no reason to stay. */
    add(tlb, key_of(1, VA | 0x5aull << 56), page_of(1, 2, 12));
    drop(tlb, VA, VA, 1, 2);
    g_assert_false(present(tlb, key_of(1, VA | 0x5aull << 56)));

    /* Ranges end at the top of the address space. */
    add(tlb, key_of(1, top), page_of(1, 2, 12));
    add(tlb, key_of(1, 0), page_of(1, 2, 12));
    drop(tlb, top - 0x3000, UINT64_MAX, 1, 2);
    g_assert_false(present(tlb, key_of(1, top)));
    g_assert_true(present(tlb, key_of(1, 0)));

    /* Too long to be looked at one by one. */
    add(tlb, key_of(2, VA), page_of(1, 3, 12));
    add(tlb, key_of(3, VA), page_of(1, 2, 12));
    drop(tlb, VA, VA + 0x1000 * TEEIO_IOTLB_PROBES, 1, 2);
    g_assert_false(present(tlb, key_of(3, VA)));
    g_assert_false(present(tlb, key_of(2, VA)));
    teeio_iotlb_free(tlb);
}

static void test_stage2(void)
{
    struct teeio_iotlb *tlb = teeio_iotlb_new(64, 0);
    struct teeio_iotlb_range range = {.first = VA, .last = VA, .vmid = 1};
    struct teeio_iotlb_key ipa = key_of(1, PA), table = key_of(1, VA);
    struct teeio_iotlb_entry entry = page_of(1, 0, 12);
    struct teeio_iotlb_entry nested = page_of(1, 2, 21);

    ipa.kind = TEEIO_IOTLB_IPA;
    table.kind = TEEIO_IOTLB_TABLE1;
    entry.stage1 = false;
    add(tlb, key_of(3, VA), entry);
    entry.nested = true;
    nested.nested = true;
    add(tlb, ipa, entry);
    add(tlb, table, nested);
    add(tlb, key_of(2, VA), page_of(1, 2, 12));

    /* Translations of both stages may stay, what leads to tables may not. */
    teeio_iotlb_drop_ipas(tlb, &range);
    g_assert_false(present(tlb, key_of(3, VA)));
    g_assert_false(present(tlb, ipa));
    g_assert_false(present(tlb, table));
    g_assert_true(present(tlb, key_of(2, VA)));

    entry.nested = false;
    add(tlb, key_of(3, VA), entry);
    range.last = VA + 0x100000000ull;
    teeio_iotlb_drop_ipas(tlb, &range);
    g_assert_false(present(tlb, key_of(3, VA)));
    g_assert_true(present(tlb, key_of(2, VA)));

    add(tlb, table, nested);
    range.leaf = true;
    range.last = VA;
    range.asid = 2;
    teeio_iotlb_drop_range(tlb, &range);
    g_assert_false(present(tlb, key_of(2, VA)));
    g_assert_true(present(tlb, table));
    range.leaf = false;
    teeio_iotlb_drop_range(tlb, &range);
    g_assert_false(present(tlb, table));
    teeio_iotlb_free(tlb);
}

/* An addition that began before an invalidation has no effect. */
static void test_substreams(void)
{
    struct teeio_iotlb *tlb = teeio_iotlb_new(64, 8);
    struct teeio_iotlb_entry entry = page_of(1, 2, 12);
    struct teeio_iotlb_key keys[4];
    uint64_t context = 7;

    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        keys[i] = key_of(1, VA);
        keys[i].substream_valid = i > 0;
        keys[i].substream = i;
    }
    keys[3].stream = 2;
    keys[3].substream = 1;
    for (unsigned dropped = 0; dropped < 3; dropped++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
            teeio_iotlb_add(tlb, &keys[i], &entry, teeio_iotlb_stamp(tlb));
            teeio_iotlb_add_context(tlb, &keys[i], &context, false, 1,
                                    teeio_iotlb_stamp(tlb));
        }
        teeio_iotlb_drop_substream(tlb, 1, dropped);
        for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
            g_assert_cmpint(present(tlb, keys[i]), ==, i != dropped);
            g_assert_cmpint(teeio_iotlb_context(tlb, &keys[i], &context), ==,
                            i != dropped);
        }
    }
    teeio_iotlb_free(tlb);
}

static void test_overtaken(void)
{
    struct teeio_iotlb *tlb = teeio_iotlb_new(64, 8);
    struct teeio_iotlb_key key = key_of(1, VA);
    struct teeio_iotlb_entry entry = page_of(1, 2, 12);
    uint64_t stamp = teeio_iotlb_stamp(tlb), context = 7;

    drop(tlb, VA, VA, 1, 2);
    teeio_iotlb_add(tlb, &key, &entry, stamp);
    g_assert_false(present(tlb, key));
    stamp = teeio_iotlb_stamp(tlb);
    teeio_iotlb_drop_asid(tlb, 1, 2);
    teeio_iotlb_add(tlb, &key, &entry, stamp);
    g_assert_false(present(tlb, key));
    stamp = teeio_iotlb_stamp(tlb);
    teeio_iotlb_drop_streams(tlb, 1, 1);
    teeio_iotlb_add(tlb, &key, &entry, stamp);
    g_assert_false(present(tlb, key));
    teeio_iotlb_add_context(tlb, &key, &context, false, 0, stamp);
    g_assert_false(teeio_iotlb_context(tlb, &key, &context));
    teeio_iotlb_free(tlb);
}

static void test_contexts(void)
{
    struct teeio_iotlb *tlb = teeio_iotlb_new(64, 13);
    struct teeio_iotlb_key key = key_of(1, VA), other = key_of(1, VA);
    uint8_t bytes[14] = "thirteen byte", found[14] = {0};
    uint64_t stamp = teeio_iotlb_stamp(tlb);

    other.substream_valid = true;
    g_assert_false(teeio_iotlb_context(tlb, &key, found));
    teeio_iotlb_add_context(tlb, &key, bytes, false, 1, stamp);
    g_assert_true(teeio_iotlb_context(tlb, &key, found));
    g_assert_cmpmem(bytes, 14, found, 14);
    g_assert_false(teeio_iotlb_context(tlb, &other, found));

    teeio_iotlb_drop_all(tlb);
    teeio_iotlb_drop_vmid(tlb, 1);
    g_assert_true(teeio_iotlb_context(tlb, &key, found));
    teeio_iotlb_drop_streams(tlb, 1, 1);
    g_assert_false(teeio_iotlb_context(tlb, &key, found));

    teeio_iotlb_add_context(tlb, &key, bytes, true, 1, teeio_iotlb_stamp(tlb));
    g_assert_true(teeio_iotlb_context(tlb, &key, found));
    teeio_iotlb_drop_vmid(tlb, 1);
    g_assert_false(teeio_iotlb_context(tlb, &key, found));
    teeio_iotlb_free(tlb);
}

static unsigned hits_in_turn(struct teeio_iotlb *tlb, unsigned pages)
{
    unsigned hits = 0;

    for (unsigned i = 0; i < 10 * pages; i++) {
        struct teeio_iotlb_key key = key_of(1, VA + i % pages * 0x1000ull);

        if (present(tlb, key)) {
            hits += i >= 2 * pages;
        } else {
            add(tlb, key, page_of(0, 0, 12));
        }
    }
    return hits * 100 / (8 * pages);
}

/* More pages than places cost some of the hits, not all of them. */
static void test_full(void)
{
    struct teeio_iotlb *tlb = teeio_iotlb_new(1024, 0);

    g_assert_cmpuint(hits_in_turn(tlb, 1000), ==, 100);
    teeio_iotlb_drop_all(tlb);
    g_assert_cmpuint(hits_in_turn(tlb, 1088), >, 80);
    teeio_iotlb_drop_all(tlb);
    g_assert_cmpuint(hits_in_turn(tlb, 1536), >, 20);
    teeio_iotlb_free(tlb);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/iotlb/key", test_key);
    g_test_add_func("/iotlb/sizes", test_sizes);
    g_test_add_func("/iotlb/labels", test_labels);
    g_test_add_func("/iotlb/addresses", test_addresses);
    g_test_add_func("/iotlb/stage2", test_stage2);
    g_test_add_func("/iotlb/substreams", test_substreams);
    g_test_add_func("/iotlb/overtaken", test_overtaken);
    g_test_add_func("/iotlb/contexts", test_contexts);
    g_test_add_func("/iotlb/full", test_full);
    return g_test_run();
}
