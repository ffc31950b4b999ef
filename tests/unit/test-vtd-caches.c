/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* What is remembered, what each invalidation drops, and what has to stay. */
#include "vtd-rig.h"

#define DOMAIN(n) ((uint64_t)(RIG_DOMAIN + (n)) << 16)
#define PASID(n)  ((uint64_t)(n) << 32)
#define GCMD      0x18

static void setup(struct vtd_rig *rig, gconstpointer data)
{
    vtd_rig_init(rig, data != NULL, TEEIO_T_UNIFIED, TEEIO_VTD_WALK_TRUSTED);
    g_assert_true(teeio_vtd_set_iotlb(rig->vtd, true, false));
    vtd_rig_queue(rig);
    vtd_rig_enable(rig);
}

static void teardown(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    vtd_rig_clear(rig);
}

static struct teeio_tlp tlp_of(uint32_t pasid, uint64_t address)
{
    struct teeio_tlp tlp = vtd_rig_tlp(TEEIO_TLP_MRD, address);

    tlp.pasid_valid = pasid;
    tlp.pasid = pasid;
    return tlp;
}

static bool known(struct vtd_rig *rig, struct teeio_tlp tlp)
{
    struct teeio_translation answer;

    return teeio_vtd_recall(rig->vtd, &tlp, &answer);
}

static const struct entry {
    uint32_t pasid;
    uint64_t address;
} entries[] = {
    {0, RIG_RW},          {0, RIG_2M},          {RIG_FIRST, RIG_RW},
    {RIG_FIRST, RIG_RO},  {RIG_FIRST5, RIG_RW}, {RIG_NESTED, RIG_RW},
    {RIG_NESTED, RIG_RO},
};

#define ALL ((1u << G_N_ELEMENTS(entries)) - 1)

/* Which of the entries are remembered, as bits. */
static unsigned fill(struct vtd_rig *rig)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(entries); i++) {
        vtd_rig_send(rig, tlp_of(entries[i].pasid, entries[i].address));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(entries); i++) {
        bits |= known(rig, tlp_of(entries[i].pasid, entries[i].address)) << i;
    }
    return bits;
}

static void expect(struct vtd_rig *rig, uint64_t dw0, uint64_t dw1,
                   unsigned left)
{
    unsigned bits = 0;

    g_assert_cmphex(fill(rig), ==, ALL);
    vtd_rig_do(rig, dw0, dw1);
    for (unsigned i = 0; i < G_N_ELEMENTS(entries); i++) {
        bits |= known(rig, tlp_of(entries[i].pasid, entries[i].address)) << i;
    }
    g_assert_cmphex(bits, ==, left);
}

static void test_hit(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = tlp_of(RIG_FIRST, RIG_RW + 0x123);
    struct teeio_translation answer;
    unsigned reads;

    (void)data;
    vtd_rig_ok(rig, tlp, RIG_DATA + 0x123);
    reads = rig->fake.reads;
    tlp.address = RIG_RW + 0x456;
    answer = vtd_rig_ok(rig, tlp, RIG_DATA + 0x456);
    g_assert_cmpint(answer.via, ==, TEEIO_VIA_IOTLB);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_OK);
    g_assert_cmphex(answer.page_mask, ==, 0xfff);
    /* A write has to make the page dirty first. */
    tlp.kind = TEEIO_TLP_MWR;
    g_assert_false(known(rig, tlp));
    vtd_rig_ok(rig, tlp, RIG_DATA + 0x456);
    g_assert_true(known(rig, tlp));
    /* Neither the other T nor another PASID has it. */
    tlp.t = true;
    g_assert_false(known(rig, tlp));
    tlp = tlp_of(0, RIG_RW);
    g_assert_false(known(rig, tlp));
    g_assert_cmpuint(teeio_vtd_stats(rig->vtd).iotlb_hits, ==, 2);
    g_assert_cmpuint(rig->fake.reads, >, reads);
}

static void test_walk_cache(struct vtd_rig *rig, gconstpointer data)
{
    unsigned reads;

    (void)data;
    vtd_rig_ok(rig, tlp_of(RIG_NESTED, RIG_RW), RIG_DATA);
    reads = rig->fake.reads;
    /* One entry of the last first-stage table, one of the second stage. */
    vtd_rig_ok(rig, tlp_of(RIG_NESTED, RIG_RO), RIG_DATA + 0x1000);
    g_assert_cmpuint(rig->fake.reads - reads, <=, 3);
}

static void test_iotlb(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    expect(rig, 0x12, 0, 0);
    expect(rig, 0x22 | DOMAIN(0), 0, ALL & ~3u);
    expect(rig, 0x22 | DOMAIN(2), 0, ALL & ~0x60u);
    expect(rig, 0x22 | DOMAIN(1), 0, ALL & ~0xcu);
    expect(rig, 0x22 | DOMAIN(9), 0, ALL);
    /* By page: the second stage, and all that is nested on it. */
    expect(rig, 0x32 | DOMAIN(0), RIG_RW, ALL & ~1u);
    expect(rig, 0x32 | DOMAIN(0), RIG_2M + 0x5000, ALL & ~2u);
    expect(rig, 0x32 | DOMAIN(0), RIG_UNMAPPED, ALL);
    expect(rig, 0x32 | DOMAIN(0), 0 | 5, ALL & ~1u);
    expect(rig, 0x32 | DOMAIN(2), RIG_UNMAPPED, ALL & ~0x60u);
    /* Not the first stage alone. */
    expect(rig, 0x32 | DOMAIN(1), RIG_RW, ALL);
}

static void test_pasid_iotlb(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    expect(rig, 0x26 | DOMAIN(1) | PASID(RIG_FIRST), 0, ALL & ~0xcu);
    expect(rig, 0x26 | DOMAIN(2) | PASID(RIG_NESTED), 0, ALL & ~0x60u);
    expect(rig, 0x26 | DOMAIN(1) | PASID(RIG_NESTED), 0, ALL);
    expect(rig, 0x36 | DOMAIN(1) | PASID(RIG_FIRST), RIG_RW, ALL & ~4u);
    expect(rig, 0x36 | DOMAIN(1) | PASID(RIG_FIRST), RIG_RO | 0x40, ALL & ~8u);
    expect(rig, 0x36 | DOMAIN(1) | PASID(RIG_FIRST), RIG_RW | 1, ALL & ~0xcu);
    expect(rig, 0x36 | DOMAIN(2) | PASID(RIG_NESTED), RIG_RO, ALL & ~0x40u);
    expect(rig, 0x36 | DOMAIN(4) | PASID(RIG_FIRST), RIG_RW, ALL);
    /* The second stage has no PASID. */
    expect(rig, 0x26 | DOMAIN(0), 0, ALL);
}

/* Entries of the other caches lead to pages; when they go, pages stay. */
static void test_entries(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t slot = teeio_tables_vtd_pasid_slot(&rig->pasids, RIG_FIRST);
    uint64_t context = teeio_tables_vtd_context_slot(&rig->root, RIG_SRC);
    struct teeio_tlp tlp = tlp_of(RIG_FIRST, RIG_RW);

    (void)data;
    vtd_rig_ok(rig, tlp, RIG_DATA);
    /* Gone from memory, but remembered. */
    vtd_rig_put(rig, slot, 0);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_do(rig, 0x31 | (uint64_t)RIG_SRC << 32, 0);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_do(rig, 0x12, 0);
    vtd_rig_ok(rig, tlp_of(RIG_FIRST, RIG_RO), RIG_DATA + 0x1000);
    vtd_rig_do(rig, 0x07 | DOMAIN(0), 0);
    vtd_rig_do(rig, 0x17 | DOMAIN(1) | PASID(RIG_NESTED), 0);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_do(rig, 0x17 | DOMAIN(1) | PASID(RIG_FIRST), 0);
    vtd_rig_fault(rig, tlp, 0x59);
    vtd_rig_put(rig, slot, 0x41);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_put(rig, slot, 0);
    vtd_rig_do(rig, 0x07 | DOMAIN(1), 0);
    vtd_rig_fault(rig, tlp, 0x59);
    vtd_rig_put(rig, slot, 0x41);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_put(rig, slot, 0);
    vtd_rig_do(rig, 0x37, 0);
    vtd_rig_fault(rig, tlp, 0x59);
    vtd_rig_put(rig, slot, 0x41);
    /* The same for the context entry. */
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_put(rig, context, 0);
    vtd_rig_do(rig, 0x37, 0);
    vtd_rig_do(rig, 0x12, 0);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_do(rig, 0x31 | (uint64_t)(RIG_SRC ^ 1) << 32, 0);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_do(rig, 0x31 | (uint64_t)RIG_SRC << 32, 0);
    vtd_rig_fault(rig, tlp, 0x41);
}

static void test_legacy_contexts(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t slot = teeio_tables_vtd_context_slot(&rig->root, RIG_SRC);
    uint64_t word = vtd_rig_word(rig, slot);
    struct teeio_tlp tlp = tlp_of(0, RIG_RW);
    static const struct {
        uint64_t dw0;
        bool drops;
    } rows[] = {
        {0x11, true},
        {0x21 | DOMAIN(0), true},
        {0x21 | DOMAIN(1), false},
        {0x31 | (uint64_t)RIG_SRC << 32, true},
        {0x31 | (uint64_t)(RIG_SRC ^ 4) << 32, false},
        {0x31 | (uint64_t)(RIG_SRC ^ 4) << 32 | 1ull << 48, true},
        {0x31 | (uint64_t)(RIG_SRC ^ 6) << 32 | 1ull << 48, false},
        {0x31 | (uint64_t)(RIG_SRC ^ 6) << 32 | 2ull << 48, true},
        {0x31 | (uint64_t)(RIG_SRC ^ 7) << 32 | 3ull << 48, true},
        {0x31 | (uint64_t)(RIG_SRC ^ 8) << 32 | 3ull << 48, false},
        {0x12, false},
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        vtd_rig_put(rig, slot, word);
        vtd_rig_do(rig, 0x11, 0);
        vtd_rig_ok(rig, tlp, RIG_DATA);
        vtd_rig_put(rig, slot, 0);
        vtd_rig_do(rig, rows[i].dw0, 0);
        if (rows[i].drops) {
            vtd_rig_fault(rig, tlp, 0x02);
        } else {
            vtd_rig_ok(rig, tlp, RIG_DATA);
        }
    }
}

/* As with hardware: pages belong to the domain, not to the function. */
static void test_shared_domain(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = tlp_of(0, RIG_RW);
    unsigned reads;

    (void)data;
    vtd_rig_ok(rig, tlp, RIG_DATA);
    tlp.requester = RIG_NOBODY;
    teeio_tables_vtd_set_context(
        &rig->root, RIG_NOBODY,
        teeio_tables_vtd_legacy(&rig->second, RIG_DOMAIN, 0));
    reads = rig->fake.reads;
    vtd_rig_ok(rig, tlp, RIG_DATA);
    /* Root and context; the leaf is looked up through the last table. */
    g_assert_cmpuint(rig->fake.reads - reads, <=, 3);
    g_assert_true(known(rig, tlp));
    /* Moved to another domain, its old pages are out of reach. */
    teeio_tables_vtd_set_context(
        &rig->root, RIG_NOBODY,
        teeio_tables_vtd_legacy(&rig->second, RIG_DOMAIN + 5, 0));
    vtd_rig_do(rig, 0x31 | (uint64_t)RIG_NOBODY << 32, 0);
    g_assert_false(known(rig, tlp));
}

static void test_registers(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = tlp_of(0, RIG_RW);
    uint64_t slot = teeio_tables_vtd_context_slot(&rig->root, RIG_SRC);

    (void)data;
    vtd_rig_ok(rig, tlp, RIG_DATA);
    /* Not beside the queue. */
    vtd_rig_set64(rig, 0xf8, 1ull << 63 | 1ull << 60);
    g_assert_cmphex(vtd_rig_get64(rig, 0xf8) >> 57, ==, 8);
    g_assert_true(known(rig, tlp));
    vtd_rig_set(rig, GCMD, 0x80000000u);
    vtd_rig_set64(rig, 0xf8, 1ull << 63);
    g_assert_true(known(rig, tlp));
    vtd_rig_set64(rig, 0xf8, 1ull << 63 | 1ull << 60);
    g_assert_cmphex(vtd_rig_get64(rig, 0xf8) >> 57, ==, 9);
    g_assert_false(known(rig, tlp));
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_set64(rig, 0xf8, 1ull << 63 | 2ull << 60 | 8ull << 32);
    g_assert_true(known(rig, tlp));
    vtd_rig_set64(rig, 0xf8, 1ull << 63 | 2ull << 60 | 7ull << 32);
    g_assert_false(known(rig, tlp));
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_set64(rig, 0xf0, RIG_RO);
    vtd_rig_set64(rig, 0xf8, 1ull << 63 | 3ull << 60 | 7ull << 32);
    g_assert_true(known(rig, tlp));
    vtd_rig_set64(rig, 0xf0, RIG_RO | 63);
    vtd_rig_set64(rig, 0xf8, 1ull << 63 | 3ull << 60 | 7ull << 32);
    g_assert_cmphex(vtd_rig_get64(rig, 0xf8) >> 57 & 3, ==, 0);
    g_assert_true(known(rig, tlp));
    vtd_rig_set64(rig, 0xf0, RIG_RO | 1);
    vtd_rig_set64(rig, 0xf8, 1ull << 63 | 3ull << 60 | 7ull << 32);
    g_assert_cmphex(vtd_rig_get64(rig, 0xf8) >> 57 & 3, ==, 3);
    g_assert_false(known(rig, tlp));
    /* Context entries. */
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_put(rig, slot, 0);
    vtd_rig_set64(rig, 0x28, 1ull << 63 | 2ull << 61 | 8);
    g_assert_cmphex(vtd_rig_get64(rig, 0x28) >> 59, ==, 0xa);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_set64(rig, 0x28, 1ull << 63);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_set64(rig, 0x28, 1ull << 63 | 3ull << 61 | RIG_SRC << 16);
    vtd_rig_fault(rig, tlp, 0x02);
}

static void test_stale(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t leaf = teeio_tables_x86_slot(&rig->second, RIG_RW, 1);
    struct teeio_tlp tlp = tlp_of(0, RIG_RW);

    (void)data;
    teeio_vtd_set_iotlb(rig->vtd, true, true);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    g_assert_cmpint(vtd_rig_ok(rig, tlp, RIG_DATA).via, ==, TEEIO_VIA_IOTLB);
    vtd_rig_put(rig, leaf, 0);
    g_assert_cmpint(vtd_rig_ok(rig, tlp, RIG_DATA).via, ==, TEEIO_VIA_STALE);
    g_assert_cmpuint(teeio_vtd_stats(rig->vtd).iotlb_stale, ==, 1);
    vtd_rig_do(rig, 0x32 | DOMAIN(0), RIG_RW);
    vtd_rig_fault(rig, tlp, 0x06);
    /* What is not present is not remembered. */
    vtd_rig_put(rig, leaf, RIG_DATA | 3);
    vtd_rig_ok(rig, tlp, RIG_DATA);
}

static void test_epoch(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t epoch = teeio_vtd_epoch(rig->vtd);

    (void)data;
    g_assert_cmpuint(epoch, !=, 0);
    vtd_rig_ok(rig, tlp_of(0, RIG_RW), RIG_DATA);
    g_assert_true(teeio_vtd_kept(rig->vtd, epoch));
    vtd_rig_do(rig, 0x32 | DOMAIN(0), RIG_RW);
    g_assert_false(teeio_vtd_kept(rig->vtd, epoch));
    epoch = teeio_vtd_epoch(rig->vtd);
    vtd_rig_do(rig, 0x11, 0);
    g_assert_false(teeio_vtd_kept(rig->vtd, epoch));
    epoch = teeio_vtd_epoch(rig->vtd);
    vtd_rig_share(rig, RIG_DATA);
    g_assert_false(teeio_vtd_kept(rig->vtd, epoch));
    g_assert_false(known(rig, tlp_of(0, RIG_RW)));
    vtd_rig_set(rig, GCMD, 0);
    g_assert_cmpuint(teeio_vtd_epoch(rig->vtd), ==, 0);
    g_assert_false(teeio_vtd_kept(rig->vtd, 0));
}

static void test_reset(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    vtd_rig_ok(rig, tlp_of(0, RIG_RW), RIG_DATA);
    teeio_vtd_reset(rig->vtd);
    g_assert_cmphex(vtd_rig_get(rig, 0x1c), ==, 0);
    g_assert_cmpuint(teeio_vtd_stats(rig->vtd).translations, ==, 0);
    g_assert_cmpuint(fake_host_count(&rig->fake, TEEIO_EVENT_RESET), ==, 1);
    vtd_rig_enable(rig);
    g_assert_false(known(rig, tlp_of(0, RIG_RW)));
}

/* Interrupts are not taken for pages of a large one that is remembered. */
static void test_interrupts(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = tlp_of(0, 0xfee00000);

    (void)data;
    teeio_tables_x86_map(&rig->second, 0xc0000000, 0x40000000, 3,
                         TEEIO_TABLES_SS_RW);
    teeio_tables_x86_map(&rig->second, 0x140000000, 0xc0000000, 3,
                         TEEIO_TABLES_SS_RW);
    vtd_rig_ok(rig, tlp_of(0, 0xfef00000), 0x7ef00000);
    vtd_rig_ok(rig, tlp_of(0, 0x17ef00000), 0xfef00000);
    g_assert_true(known(rig, tlp_of(0, 0xfef00000)));
    g_assert_false(known(rig, tlp));
    vtd_rig_ok(rig, tlp, 0xfee00000);
    vtd_rig_fault(rig, tlp_of(0, 0x17ee00000), 0x0e);
}

/* The PASID of requests without one, named: only then it is an address. */
static void test_window(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = vtd_rig_pasid(TEEIO_TLP_MRD, 0xfee00000, 0);

    (void)data;
    teeio_tables_x86_map(&rig->second, 0xfee00000, RIG_DATA, 1,
                         TEEIO_TABLES_SS_RW);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    g_assert_true(known(rig, tlp));
    tlp.pasid_valid = false;
    g_assert_false(known(rig, tlp));
    vtd_rig_ok(rig, tlp, 0xfee00000);
}

/* What was remembered in one mode is of no use in the other. */
static void test_mode(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = tlp_of(0, RIG_RW);

    (void)data;
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_set64(rig, 0x20, rig->root.root | 0x400);
    vtd_rig_set(rig, GCMD, 0xc4000000u);
    g_assert_false(known(rig, tlp));
    vtd_rig_fault(rig, tlp, 0x41);
}

/* Abort-DMA mode counts, whatever is remembered. */
static void test_abort(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = tlp_of(0, RIG_RW);

    (void)data;
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_set64(rig, 0x20, rig->root.root | 0xc00);
    vtd_rig_set(rig, GCMD, 0xc4000000u);
    g_assert_false(known(rig, tlp));
    g_assert_cmpint(vtd_rig_send(rig, tlp).verdict, ==, TEEIO_VERDICT_ABORTED);
    g_assert_true(teeio_vtd_set_iotlb(rig->vtd, true, true));
    g_assert_cmpint(vtd_rig_send(rig, tlp).verdict, ==, TEEIO_VERDICT_ABORTED);
    g_assert_cmpuint(teeio_vtd_epoch(rig->vtd), ==, 0);
}

/* Tables that were trusted once are looked at again when owners change. */
static void test_owners(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = tlp_of(0, RIG_RW);

    (void)data;
    tlp.t = true;
    vtd_rig_ok(rig, tlp, RIG_DATA);
    vtd_rig_share(rig, rig->second.root);
    g_assert_true(vtd_rig_fault(rig, tlp, 0x07).shared_table);
}

#define ADD(name, mode, function)                                          \
    g_test_add("/vtd-caches/" name, struct vtd_rig, mode, setup, function, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("hit", "scalable", test_hit);
    ADD("walk-cache", "scalable", test_walk_cache);
    ADD("iotlb", "scalable", test_iotlb);
    ADD("pasid-iotlb", "scalable", test_pasid_iotlb);
    ADD("entries", "scalable", test_entries);
    ADD("legacy-contexts", NULL, test_legacy_contexts);
    ADD("shared-domain", NULL, test_shared_domain);
    ADD("registers", NULL, test_registers);
    ADD("stale", NULL, test_stale);
    ADD("epoch", NULL, test_epoch);
    ADD("reset", NULL, test_reset);
    ADD("interrupts", NULL, test_interrupts);
    ADD("window", "scalable", test_window);
    ADD("mode", NULL, test_mode);
    ADD("abort", NULL, test_abort);
    ADD("owners", NULL, test_owners);
    return g_test_run();
}
