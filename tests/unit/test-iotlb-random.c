/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The IOTLB against a list that is searched from end to end. The IOTLB may
 * forget, but what it knows must be in the list.
 */
#include <glib.h>
#include <string.h>

#include "../../hw/iommu/iotlb.h"

#define STEPS   1000000u
#define KNOWN   600u
#define STREAMS 4
#define PASIDS  3
#define VMIDS   3
#define ASIDS   3
#define TOP     ((1ull << 56) - 1)

struct known {
    bool live;
    struct teeio_iotlb_key key;
    struct teeio_iotlb_entry entry;
};

/* @next: place that is overwritten next */
struct list {
    struct known known[KNOWN];
    unsigned next;
};

enum drop {
    ALL,
    STAGE1,
    VMID,
    ASID,
    RANGE,
    IPAS,
    STREAMS_OF,
    SUBSTREAM,
    DROPS
};

struct operation {
    enum drop drop;
    struct teeio_iotlb_range range;
    uint32_t stream;
    uint32_t stream_last;
    uint32_t substream;
};

static const unsigned sizes[] = {12, 12, 12, 14, 16, 21, 25, 30};

static uint64_t random_address(GRand *rand)
{
    static const uint64_t places[] = {
        0, 0x3ffff000, 0xffffffffc0000000, 0xfffffffffff00000, 0x7f00000000,
    };
    uint64_t place = places[g_rand_int_range(rand, 0, G_N_ELEMENTS(places))];

    return place + g_rand_int_range(rand, 0, 48) * 4096ull +
           g_rand_int_range(rand, 0, 4096);
}

static struct teeio_iotlb_key random_key(GRand *rand)
{
    static const enum teeio_iotlb_kind kinds[] = {
        TEEIO_IOTLB_PAGE,   TEEIO_IOTLB_PAGE, TEEIO_IOTLB_PAGE,
        TEEIO_IOTLB_TABLE1, TEEIO_IOTLB_IPA,
    };

    bool pasid = g_rand_boolean(rand);

    return (struct teeio_iotlb_key){
        .substream_valid = pasid,
        .substream = pasid ? g_rand_int_range(rand, 0, PASIDS) : 0,
        .kind = kinds[g_rand_int_range(rand, 0, G_N_ELEMENTS(kinds))],
        .t = g_rand_boolean(rand),
        .stream = g_rand_int_range(rand, 0, STREAMS),
        .address = random_address(rand),
    };
}

static struct teeio_iotlb_entry random_entry(GRand *rand,
                                             const struct teeio_iotlb_key *key)
{
    unsigned bits = sizes[g_rand_int_range(rand, 0, G_N_ELEMENTS(sizes))];
    struct teeio_iotlb_entry entry = {
        .output = (uint64_t)g_rand_int(rand) << bits & 0xfffffffff000ull,
        .size_bits = bits,
        .attributes = g_rand_int_range(rand, 0, 0x1000),
        .vmid = g_rand_int_range(rand, 0, VMIDS),
        .stage1 = g_rand_int_range(rand, 0, 4) != 0,
    };

    switch (key->kind) {
    case TEEIO_IOTLB_TABLE1:
        entry.stage1 = true;
        entry.nested = g_rand_boolean(rand);
        break;
    case TEEIO_IOTLB_IPA:
        entry.stage1 = false;
        entry.nested = true;
        break;
    default:
        entry.global = entry.stage1 && g_rand_int_range(rand, 0, 4) == 0;
        break;
    }
    if (entry.stage1) {
        entry.asid = g_rand_int_range(rand, 0, ASIDS);
    }
    return entry;
}

static struct operation random_drop(GRand *rand)
{
    struct operation operation = {
        .drop = g_rand_int_range(rand, 0, DROPS),
        .range =
            {
                .first = random_address(rand),
                .vmid = g_rand_int_range(rand, 0, VMIDS),
                .asid = g_rand_int_range(rand, 0, ASIDS),
                .any_asid = g_rand_boolean(rand),
                .leaf = g_rand_boolean(rand),
            },
        .stream = g_rand_int_range(rand, 0, STREAMS),
        .substream = g_rand_int_range(rand, 0, PASIDS),
    };
    uint64_t length = 1;

    if (operation.drop == ALL && g_rand_int_range(rand, 0, 8)) {
        operation.drop = RANGE;
    }
    switch (g_rand_int_range(rand, 0, 4)) {
    case 0:
        length = 4096 * g_rand_int_range(rand, 1, 200);
        break;
    case 1:
        length = 1ull << g_rand_int_range(rand, 0, 64);
        break;
    }
    operation.range.last = operation.range.first + length - 1;
    if (operation.range.last < operation.range.first) {
        operation.range.last = UINT64_MAX;
    }
    operation.stream_last =
        operation.stream + g_rand_int_range(rand, 0, STREAMS);
    return operation;
}

static void drop(struct teeio_iotlb *tlb, const struct operation *operation)
{
    const struct teeio_iotlb_range *range = &operation->range;

    switch (operation->drop) {
    case ALL:
        teeio_iotlb_drop_all(tlb);
        break;
    case STAGE1:
        teeio_iotlb_drop_stage1(tlb, range->vmid);
        break;
    case VMID:
        teeio_iotlb_drop_vmid(tlb, range->vmid);
        break;
    case ASID:
        teeio_iotlb_drop_asid(tlb, range->vmid, range->asid);
        break;
    case RANGE:
        teeio_iotlb_drop_range(tlb, range);
        break;
    case IPAS:
        teeio_iotlb_drop_ipas(tlb, range);
        break;
    default:
        teeio_iotlb_drop_streams(tlb, operation->stream,
                                 operation->stream_last);
        break;
    case SUBSTREAM:
        teeio_iotlb_drop_substream(tlb, operation->stream,
                                   operation->substream);
        break;
    }
}

/* Without the byte that may be a tag. */
static bool touches(const struct known *known,
                    const struct teeio_iotlb_range *range)
{
    uint64_t size = 1ull << known->entry.size_bits;
    uint64_t base = known->key.address & TOP & ~(size - 1);
    uint64_t length = range->last - range->first;
    uint64_t first = range->first & TOP;
    uint64_t last = length > TOP - first ? TOP : first + length;

    return base <= last && first <= base + (size - 1);
}

static bool dies(const struct known *known, const struct operation *operation)
{
    const struct teeio_iotlb_entry *entry = &known->entry;
    const struct teeio_iotlb_range *range = &operation->range;
    bool mine = entry->vmid == range->vmid;

    switch (operation->drop) {
    case ALL:
        return true;
    case STAGE1:
        return mine && entry->stage1;
    case VMID:
        return mine;
    case ASID:
        return mine && entry->stage1 && !entry->global &&
               entry->asid == range->asid;
    case RANGE:
        if (range->leaf && known->key.kind == TEEIO_IOTLB_TABLE1) {
            return false;
        }
        return mine && entry->stage1 && touches(known, range) &&
               (range->any_asid || entry->global || entry->asid == range->asid);
    case IPAS:
        return mine &&
               (entry->nested || (!entry->stage1 && touches(known, range)));
    case SUBSTREAM:
        return known->key.stream == operation->stream &&
               known->key.substream == operation->substream;
    default:
        return known->key.stream >= operation->stream &&
               known->key.stream <= operation->stream_last;
    }
}

static void drop_known(struct list *list, const struct operation *operation)
{
    for (unsigned i = 0; i < KNOWN; i++) {
        if (list->known[i].live && dies(&list->known[i], operation)) {
            list->known[i].live = false;
        }
    }
}

static bool same_owner(const struct teeio_iotlb_key *a,
                       const struct teeio_iotlb_key *b)
{
    return a->kind == b->kind && a->t == b->t && a->stream == b->stream &&
           a->substream_valid == b->substream_valid &&
           a->substream == b->substream;
}

static bool same_page(const struct known *known,
                      const struct teeio_iotlb_key *key)
{
    return same_owner(&known->key, key) &&
           !((known->key.address ^ key->address) >> known->entry.size_bits);
}

static void add_known(struct list *list, const struct teeio_iotlb_key *key,
                      const struct teeio_iotlb_entry *entry)
{
    for (unsigned i = 0; i < KNOWN; i++) {
        struct known *known = &list->known[i];

        if (known->live && known->entry.size_bits == entry->size_bits &&
            same_page(known, key)) {
            known->live = false;
        }
    }
    list->known[list->next++ % KNOWN] =
        (struct known){.live = true, .key = *key, .entry = *entry};
}

static bool equal(const struct teeio_iotlb_entry *a,
                  const struct teeio_iotlb_entry *b)
{
    return a->output == b->output && a->size_bits == b->size_bits &&
           a->attributes == b->attributes && a->vmid == b->vmid &&
           a->asid == b->asid && a->stage1 == b->stage1 &&
           a->nested == b->nested && a->global == b->global;
}

/* Returns: 0 unknown to both, 1 hit, 2 forgotten. */
static unsigned check(struct teeio_iotlb *tlb, struct list *list,
                      const struct teeio_iotlb_key *key)
{
    struct teeio_iotlb_entry entry;
    bool hit = teeio_iotlb_lookup(tlb, key, &entry), listed = false;

    for (unsigned i = 0; i < KNOWN; i++) {
        struct known *known = &list->known[i];

        if (!known->live || !same_page(known, key)) {
            continue;
        }
        if (hit && equal(&known->entry, &entry)) {
            return 1;
        }
        listed = true;
    }
    g_assert_false(hit);
    return listed ? 2 : 0;
}

/* A page that falls out of the list must not be met again. */
static void make_room(struct teeio_iotlb *tlb, struct list *list)
{
    struct known *last = &list->known[list->next % KNOWN];
    struct operation forget = {
        .drop = STREAMS_OF,
        .stream = last->key.stream,
        .stream_last = last->key.stream,
    };

    if (last->live) {
        drop(tlb, &forget);
        drop_known(list, &forget);
    }
}

static void test_random(void)
{
    struct teeio_iotlb *tlb = teeio_iotlb_new(8192, 0);
    struct list *list = g_new0(struct list, 1);
    GRand *rand = g_rand_new_with_seed(g_test_rand_int());
    unsigned counts[3] = {0};

    for (unsigned i = 0; i < STEPS; i++) {
        struct teeio_iotlb_key key = random_key(rand);
        struct teeio_iotlb_entry entry = random_entry(rand, &key);
        struct operation operation = random_drop(rand);
        unsigned choice = g_rand_int_range(rand, 0, 256);
        uint64_t stamp;

        if (choice >= 4 && choice < 100) {
            make_room(tlb, list);
        }
        stamp = teeio_iotlb_stamp(tlb);
        if (choice < 4) {
            drop(tlb, &operation);
            drop_known(list, &operation);
        } else if (choice < 6) {
            /* The walk began before, and ends after, the invalidation. */
            drop(tlb, &operation);
            teeio_iotlb_add(tlb, &key, &entry, stamp);
            add_known(list, &key, &entry);
            drop_known(list, &operation);
        } else if (choice < 100) {
            teeio_iotlb_add(tlb, &key, &entry, teeio_iotlb_stamp(tlb));
            add_known(list, &key, &entry);
        } else {
            counts[check(tlb, list, &key)]++;
        }
    }
    g_test_message("unknown %u, hit %u, forgotten %u", counts[0], counts[1],
                   counts[2]);
    g_assert_cmpuint(counts[1], >, STEPS / 20);
    g_assert_cmpuint(counts[2], <, counts[1] / 4);
    g_rand_free(rand);
    g_free(list);
    teeio_iotlb_free(tlb);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/iotlb/random", test_random);
    return g_test_run();
}
