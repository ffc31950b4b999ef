/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Flags and permissions of both stages. */
#include "vtd-rig.h"

#define P(address, pasid)  vtd_rig_pasid(TEEIO_TLP_MRD, address, pasid)
#define PW(address, pasid) vtd_rig_pasid(TEEIO_TLP_MWR, address, pasid)

#define A                  0x20ull
#define D                  0x40ull
#define EA                 0x400ull

static void setup(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    vtd_rig_init(rig, true, TEEIO_T_UNIFIED, TEEIO_VTD_WALK_TRUSTED);
    vtd_rig_enable(rig);
}

static void teardown(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    vtd_rig_clear(rig);
}

static void set(struct vtd_rig *rig, uint64_t slot, uint64_t bits)
{
    vtd_rig_put(rig, slot, vtd_rig_word(rig, slot) | bits);
}

static void clear(struct vtd_rig *rig, uint64_t slot, uint64_t bits)
{
    vtd_rig_put(rig, slot, vtd_rig_word(rig, slot) & ~bits);
}

static void test_first_flags(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t leaf = teeio_tables_x86_slot(&rig->first, RIG_RW, 1);
    struct teeio_translation answer;

    (void)data;
    answer = vtd_rig_ok(rig, P(RIG_RW, RIG_FIRST), RIG_DATA);
    /* Writes have to make it dirty first. */
    g_assert_cmpuint(answer.perm, ==, 1);
    g_assert_cmphex(vtd_rig_word(rig, leaf) & (A | D | EA), ==, A);
    for (unsigned level = 2; level <= 4; level++) {
        uint64_t slot = teeio_tables_x86_slot(&rig->first, RIG_RW, level);

        g_assert_cmphex(vtd_rig_word(rig, slot) & (A | D), ==, A);
    }
    answer = vtd_rig_ok(rig, PW(RIG_RW, RIG_FIRST), RIG_DATA);
    g_assert_cmpuint(answer.perm, ==, 3);
    g_assert_cmphex(vtd_rig_word(rig, leaf) & (A | D), ==, A | D);
    g_assert_cmpuint(vtd_rig_ok(rig, P(RIG_RW, RIG_FIRST), RIG_DATA).perm, ==,
                     3);
    /* What is refused leaves no flag. */
    vtd_rig_fault(rig, PW(RIG_RO, RIG_FIRST), 0x85);
    leaf = teeio_tables_x86_slot(&rig->first, RIG_RO, 1);
    g_assert_cmphex(vtd_rig_word(rig, leaf) & (A | D), ==, 0);
}

static void test_extended(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t entry = teeio_tables_vtd_pasid_slot(&rig->pasids, RIG_FIRST);
    uint64_t leaf = teeio_tables_x86_slot(&rig->first, RIG_RW, 1);

    (void)data;
    set(rig, entry + 16, 0x80);
    vtd_rig_ok(rig, P(RIG_RW, RIG_FIRST), RIG_DATA);
    g_assert_cmphex(vtd_rig_word(rig, leaf) & (A | D | EA), ==, A | EA);
}

static void test_second_flags(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t entry = teeio_tables_vtd_pasid_slot(&rig->pasids, 0);
    uint64_t leaf = teeio_tables_x86_slot(&rig->second, RIG_RW, 1);
    struct teeio_tlp read = vtd_rig_tlp(TEEIO_TLP_MRD, RIG_RW);
    struct teeio_tlp write = vtd_rig_tlp(TEEIO_TLP_MWR, RIG_RW);

    (void)data;
    vtd_rig_ok(rig, write, RIG_DATA);
    g_assert_cmphex(vtd_rig_word(rig, leaf) & 0x300, ==, 0);
    set(rig, entry, 1ull << 9);
    g_assert_cmpuint(vtd_rig_ok(rig, read, RIG_DATA).perm, ==, 1);
    g_assert_cmphex(vtd_rig_word(rig, leaf) & 0x300, ==, 0x100);
    g_assert_cmpuint(vtd_rig_ok(rig, write, RIG_DATA).perm, ==, 3);
    g_assert_cmphex(vtd_rig_word(rig, leaf) & 0x300, ==, 0x300);
    g_assert_cmphex(
        vtd_rig_word(rig, teeio_tables_x86_slot(&rig->second, RIG_RW, 4)) &
            0x300,
        ==, 0x100);
}

/* Flags in first-stage entries are writes to the second stage's pages. */
static void test_nested_flags(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t entry = teeio_tables_vtd_pasid_slot(&rig->pasids, RIG_NESTED);
    uint64_t slot = teeio_tables_x86_slot(&rig->nested, RIG_RW, 1);
    uint64_t page = teeio_tables_x86_slot(&rig->second, slot, 1);
    uint64_t data_page = teeio_tables_x86_slot(&rig->second, RIG_RW, 1);

    (void)data;
    set(rig, entry, 1ull << 9);
    vtd_rig_ok(rig, P(RIG_RW, RIG_NESTED), RIG_DATA);
    g_assert_cmphex(vtd_rig_word(rig, page) & 0x300, ==, 0x300);
    g_assert_cmphex(vtd_rig_word(rig, data_page) & 0x300, ==, 0x100);
    clear(rig, page, 0x300);
    vtd_rig_ok(rig, P(RIG_RW, RIG_NESTED), RIG_DATA);
    /* Nothing to write there any more. */
    g_assert_cmphex(vtd_rig_word(rig, page) & 0x300, ==, 0x100);
}

/*
 * A table that is all levels at once: flags are written on the one way that
 * may be written, and seen on the other.
 */
static void test_two_ways(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_tables_x86 first = {.root = 0x90000000, .levels = 4};
    uint64_t page = teeio_tables_alloc(&rig->tables, 0x1000);

    (void)data;
    g_assert_true(teeio_tables_x86_map(&rig->second, 0x90000000, page, 1,
                                       TEEIO_TABLES_SS_RW));
    g_assert_true(teeio_tables_x86_map(&rig->second, 0x90001000, page, 1,
                                       TEEIO_TABLES_SS_R));
    vtd_rig_put(rig, page, 0x90001000 | TEEIO_TABLES_X86_RW);
    teeio_tables_vtd_set_pasid(
        &rig->pasids, RIG_NESTED,
        teeio_tables_vtd_nested(&first, &rig->second, RIG_DOMAIN));
    vtd_rig_ok(rig, P(0x18, RIG_NESTED), page + 0x18);
    g_assert_cmphex(vtd_rig_word(rig, page), ==,
                    0x90001000 | TEEIO_TABLES_X86_RW | A);
}

static bool refuse_cmpxchg(void *opaque, uint64_t gpa, uint64_t *expected,
                           uint64_t desired, bool trusted)
{
    (void)opaque;
    (void)gpa;
    (void)expected;
    (void)desired;
    (void)trusted;
    return false;
}

static bool race_cmpxchg(void *opaque, uint64_t gpa, uint64_t *expected,
                         uint64_t desired, bool trusted)
{
    (void)opaque;
    (void)gpa;
    (void)desired;
    (void)trusted;
    ++*expected;
    return true;
}

static void test_update_failed(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t entry = teeio_tables_vtd_pasid_slot(&rig->pasids, 0);

    (void)data;
    teeio_vtd_free(rig->vtd);
    rig->host.cmpxchg = refuse_cmpxchg;
    rig->vtd = teeio_vtd_new(&rig->host, rig->ownership, TEEIO_T_UNIFIED,
                             TEEIO_VTD_WALK_TRUSTED);
    vtd_rig_enable(rig);
    set(rig, entry, 1ull << 9);
    vtd_rig_fault(rig, P(RIG_RW, RIG_FIRST), 0x91);
    vtd_rig_fault(rig, vtd_rig_tlp(TEEIO_TLP_MRD, RIG_RW), 0x7d);
    /* An entry that never stands still. */
    teeio_vtd_free(rig->vtd);
    rig->host.cmpxchg = race_cmpxchg;
    rig->vtd = teeio_vtd_new(&rig->host, rig->ownership, TEEIO_T_UNIFIED,
                             TEEIO_VTD_WALK_TRUSTED);
    vtd_rig_enable(rig);
    vtd_rig_fault(rig, P(RIG_RW, RIG_FIRST), 0x91);
    vtd_rig_fault(rig, vtd_rig_tlp(TEEIO_TLP_MRD, RIG_RW), 0x7d);
}

static void test_write_protect(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t entry = teeio_tables_vtd_pasid_slot(&rig->pasids, RIG_FIRST);
    struct teeio_tlp tlp = PW(RIG_RO, RIG_FIRST);

    (void)data;
    set(rig, entry + 16, 1);
    tlp.privileged = true;
    vtd_rig_ok(rig, tlp, RIG_DATA + 0x1000);
    set(rig, entry + 16, 0x10);
    vtd_rig_fault(rig, tlp, 0x85);
}

static void test_execute(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t entry = teeio_tables_vtd_pasid_slot(&rig->pasids, RIG_FIRST);
    uint64_t middle = teeio_tables_x86_slot(&rig->first, RIG_RW, 3);
    struct teeio_tlp tlp = P(RIG_RW, RIG_FIRST);

    (void)data;
    set(rig, entry + 16, 0x23); /* SRE, ERE, NXE */
    tlp.execute = true;
    vtd_rig_ok(rig, tlp, RIG_DATA);
    set(rig, middle, 1ull << 63);
    vtd_rig_fault(rig, tlp, 0x82);
    vtd_rig_ok(rig, P(RIG_RW, RIG_FIRST), RIG_DATA);
    clear(rig, middle, 1ull << 63);
    tlp.privileged = true;
    vtd_rig_ok(rig, tlp, RIG_DATA);
    set(rig, entry + 16, 0x40); /* SMEP */
    vtd_rig_fault(rig, tlp, 0x82);
    clear(rig, middle, 4);
    vtd_rig_ok(rig, tlp, RIG_DATA);
    tlp.privileged = false;
    vtd_rig_fault(rig, tlp, 0x81);
}

static void test_large(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t slot;

    (void)data;
    g_assert_true(teeio_tables_x86_map(&rig->first5, 1ull << 50, 0x80000000, 3,
                                       TEEIO_TABLES_X86_RW));
    slot = teeio_tables_x86_slot(&rig->first5, 1ull << 50, 3);
    /* The PAT bit of a large page is no address bit. */
    set(rig, slot, 1ull << 12);
    g_assert_cmphex(
        vtd_rig_ok(rig, P((1ull << 50) + 0x1234567, RIG_FIRST5), 0x81234567)
            .page_mask,
        ==, 0x3fffffff);
    /* The upper half of the address space. */
    g_assert_true(teeio_tables_x86_map(&rig->first5, 0xff00000000000000ull,
                                       RIG_DATA, 1, TEEIO_TABLES_X86_RW));
    vtd_rig_ok(rig, P(0xff00000000000010ull, RIG_FIRST5), RIG_DATA + 0x10);
}

#define ADD(name, function)                                                \
    g_test_add("/vtd-stages/" name, struct vtd_rig, NULL, setup, function, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("first-flags", test_first_flags);
    ADD("extended-flag", test_extended);
    ADD("second-flags", test_second_flags);
    ADD("nested-flags", test_nested_flags);
    ADD("two-ways", test_two_ways);
    ADD("update-failed", test_update_failed);
    ADD("write-protect", test_write_protect);
    ADD("execute", test_execute);
    ADD("large", test_large);
    return g_test_run();
}
