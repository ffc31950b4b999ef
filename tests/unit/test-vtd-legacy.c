/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Legacy mode: every fault reason, and what is translated. */
#include "vtd-rig.h"

#define MRD(address) vtd_rig_tlp(TEEIO_TLP_MRD, address)
#define MWR(address) vtd_rig_tlp(TEEIO_TLP_MWR, address)

static void setup(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    vtd_rig_init(rig, false, TEEIO_T_UNIFIED, TEEIO_VTD_WALK_TRUSTED);
    vtd_rig_enable(rig);
}

static void teardown(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    vtd_rig_clear(rig);
}

static uint64_t context(struct vtd_rig *rig)
{
    return teeio_tables_vtd_context_slot(&rig->root, RIG_SRC);
}

static void set(struct vtd_rig *rig, uint64_t slot, uint64_t bits)
{
    vtd_rig_put(rig, slot, vtd_rig_word(rig, slot) | bits);
}

static void test_ok(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_translation answer =
        vtd_rig_ok(rig, MWR(RIG_RW + 0x18), RIG_DATA + 0x18);

    (void)data;
    g_assert_cmphex(answer.page_mask, ==, 0xfff);
    g_assert_cmpuint(answer.perm, ==, 3);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_BYPASS);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_OK);
    g_assert_cmpint(answer.via, ==, TEEIO_VIA_WALK);
    answer = vtd_rig_ok(rig, MRD(RIG_RO), RIG_DATA + 0x1000);
    g_assert_cmpuint(answer.perm, ==, 1);
    answer = vtd_rig_ok(rig, MRD(RIG_2M + 0x12345), RIG_BLOCK + 0x12345);
    g_assert_cmphex(answer.page_mask, ==, 0x1fffff);
}

static void test_levels(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    for (unsigned levels = 3; levels <= 5; levels++) {
        struct teeio_tables_x86 space;
        uint64_t top = 1ull << (12 + 9 * levels);

        g_assert_true(
            teeio_tables_x86_init(&space, &rig->tables, levels, true));
        g_assert_true(teeio_tables_x86_map(&space, top - 0x1000, RIG_DATA, 1,
                                           TEEIO_TABLES_SS_RW));
        g_assert_true(
            teeio_tables_x86_map(&space, 0x40000000, 0x80000000, 3,
                                 TEEIO_TABLES_SS_RW | TEEIO_TABLES_SS_SNP));
        teeio_tables_vtd_set_context(
            &rig->root, RIG_SRC,
            teeio_tables_vtd_legacy(&space, RIG_DOMAIN, 0));
        vtd_rig_ok(rig, MRD(top - 0x10), RIG_DATA + 0xff0);
        vtd_rig_ok(rig, MRD(0x52345678), 0x92345678);
        vtd_rig_fault(rig, MRD(top), 0x04);
    }
}

static void test_pass(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = MRD(0x123456789);
    struct teeio_translation answer;

    (void)data;
    tlp.requester = RIG_PASS;
    answer = vtd_rig_ok(rig, tlp, 0x123456789);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_BYPASS);
    g_assert_cmpint(answer.via, ==, TEEIO_VIA_IDENTITY);
    tlp.address = 1ull << 48;
    vtd_rig_fault(rig, tlp, 0x04);
}

static void test_root(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t slot = teeio_tables_vtd_root_slot(&rig->root, RIG_SRC);
    uint64_t entry = vtd_rig_word(rig, slot);
    struct teeio_tlp tlp = MRD(RIG_RW);

    (void)data;
    tlp.requester = 0x0210;
    vtd_rig_fault(rig, tlp, 0x01);
    set(rig, slot, 1ull << 5);
    vtd_rig_fault(rig, MRD(RIG_RW), 0x0a);
    vtd_rig_put(rig, slot, entry | 1ull << 48);
    vtd_rig_fault(rig, MRD(RIG_RW), 0x0a);
    vtd_rig_put(rig, slot, entry);
    vtd_rig_put(rig, slot + 8, 1);
    vtd_rig_fault(rig, MRD(RIG_RW), 0x0a);
    rig->fake.fail_page = rig->root.root;
    vtd_rig_fault(rig, MRD(RIG_RW), 0x08);
}

static void test_context(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t slot = context(rig);
    uint64_t entry = vtd_rig_word(rig, slot);
    uint64_t second = vtd_rig_word(rig, slot + 8);
    struct teeio_tlp tlp = MRD(RIG_RW);
    static const uint64_t bad[] = {1ull << 4, 1ull << 11, 1ull << 48};
    static const uint64_t bad2[] = {1ull << 7, 1ull << 24, 1ull << 63};
    static const unsigned widths[] = {0, 4, 5, 6, 7};

    (void)data;
    tlp.requester = RIG_NOBODY;
    vtd_rig_fault(rig, tlp, 0x02);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        vtd_rig_put(rig, slot, entry | bad[i]);
        vtd_rig_fault(rig, MRD(RIG_RW), 0x0b);
    }
    vtd_rig_put(rig, slot, entry);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad2); i++) {
        vtd_rig_put(rig, slot + 8, second | bad2[i]);
        vtd_rig_fault(rig, MRD(RIG_RW), 0x0b);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(widths); i++) {
        vtd_rig_put(rig, slot + 8, (second & ~7ull) | widths[i]);
        vtd_rig_fault(rig, MRD(RIG_RW), 0x03);
    }
    /* Bits 6:3 are for software. */
    vtd_rig_put(rig, slot + 8, second | 0x78);
    vtd_rig_ok(rig, MRD(RIG_RW), RIG_DATA);
    /* TT 3 is reserved; with 2, AW is the largest. */
    vtd_rig_put(rig, slot, entry | 0xc);
    vtd_rig_fault(rig, MRD(RIG_RW), 0x03);
    vtd_rig_put(rig, slot, (entry & ~0xcull) | 8);
    vtd_rig_fault(rig, MRD(RIG_RW), 0x03);
    rig->fake.fail_page = slot & ~0xfffull;
    vtd_rig_fault(rig, MRD(RIG_RW), 0x09);
}

static void test_pages(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t leaf = teeio_tables_x86_slot(&rig->second, RIG_RW, 1);
    uint64_t middle = teeio_tables_x86_slot(&rig->second, RIG_RW, 3);
    uint64_t large = teeio_tables_x86_slot(&rig->second, RIG_2M, 2);
    uint64_t top = teeio_tables_x86_slot(&rig->second, RIG_RW, 4);

    (void)data;
    vtd_rig_fault(rig, MWR(RIG_UNMAPPED), 0x05);
    vtd_rig_fault(rig, MRD(RIG_UNMAPPED), 0x06);
    vtd_rig_fault(rig, MWR(RIG_RO), 0x05);
    vtd_rig_put(rig, leaf, RIG_DATA | 2);
    vtd_rig_ok(rig, MWR(RIG_RW), RIG_DATA);
    vtd_rig_fault(rig, MRD(RIG_RW), 0x06);
    /* The levels above count as well. */
    vtd_rig_put(rig, leaf, RIG_DATA | 3);
    vtd_rig_put(rig, middle, vtd_rig_word(rig, middle) & ~2ull);
    vtd_rig_fault(rig, MWR(RIG_RW), 0x05);
    vtd_rig_ok(rig, MRD(RIG_RW), RIG_DATA);
    set(rig, middle, 2);
    /* Reserved: address above the host's, inside a large page, SNP. */
    vtd_rig_put(rig, leaf, RIG_DATA | 3 | 1ull << 48);
    vtd_rig_fault(rig, MRD(RIG_RW), 0x0c);
    set(rig, large, 1ull << 13);
    vtd_rig_fault(rig, MRD(RIG_2M), 0x0c);
    set(rig, middle, 1ull << 11);
    vtd_rig_fault(rig, MRD(RIG_RW), 0x0c);
    vtd_rig_put(rig, middle, vtd_rig_word(rig, middle) & ~(1ull << 11));
    set(rig, top, 1ull << 7);
    vtd_rig_fault(rig, MRD(RIG_RW), 0x0c);
    vtd_rig_put(rig, top, 0);
    vtd_rig_fault(rig, MRD(RIG_RW), 0x06);
    rig->fake.fail_page = top & ~0xfffull;
    vtd_rig_fault(rig, MRD(RIG_RW), 0x07);
}

static void test_fpd(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t slot = context(rig);
    struct teeio_translation answer;

    (void)data;
    set(rig, slot, 2);
    answer = vtd_rig_fault(rig, MRD(RIG_UNMAPPED), 0x06);
    g_assert_false(answer.fault.record);
    g_assert_cmphex(vtd_rig_get(rig, 0x34), ==, 0);
    vtd_rig_put(rig, slot, 2);
    answer = vtd_rig_fault(rig, MRD(RIG_UNMAPPED), 0x02);
    g_assert_false(answer.fault.record);
    g_assert_cmpuint(teeio_vtd_stats(rig->vtd).faults, ==, 2);
}

static void test_interrupts(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = MWR(0xfee01004);
    struct teeio_translation answer;

    (void)data;
    vtd_rig_ok(rig, tlp, 0xfee01004);
    tlp.requester = RIG_NOBODY;
    vtd_rig_ok(rig, tlp, 0xfee01004);
    tlp.address = 0xfef00000;
    vtd_rig_fault(rig, tlp, 0x02);
    tlp.address = 0xfedffffc;
    vtd_rig_fault(rig, tlp, 0x02);
    /* Nothing is translated to there. */
    teeio_tables_x86_map(&rig->second, RIG_RW, 0xfee00000, 1,
                         TEEIO_TABLES_SS_RW);
    vtd_rig_fault(rig, MWR(RIG_RW), 0x0e);
    /* A large page does not hide it, on either side. */
    teeio_tables_x86_map(&rig->second, 0xc0000000, 0x40000000, 3,
                         TEEIO_TABLES_SS_RW);
    answer = vtd_rig_ok(rig, MRD(0xfef00000), 0x7ef00000);
    g_assert_cmphex(answer.page_mask, ==, 0xfffff);
    teeio_tables_x86_map(&rig->second, 0x140000000, 0xc0000000, 3,
                         TEEIO_TABLES_SS_RW);
    answer = vtd_rig_ok(rig, MRD(0x140000000), 0xc0000000);
    g_assert_cmphex(answer.page_mask, ==, 0xfffff);
    vtd_rig_fault(rig, MRD(0x17ee00000), 0x0e);
}

static void test_modes(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    vtd_rig_fault(rig, vtd_rig_pasid(TEEIO_TLP_MRD, RIG_RW, 1), 0x31);
    /* Abort-DMA mode says nothing. */
    vtd_rig_set64(rig, 0x20, rig->root.root | 0xc00);
    vtd_rig_set(rig, 0x18, 0xc0000000u);
    answer = vtd_rig_send(rig, MRD(RIG_RW));
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    g_assert_false(answer.fault.present);
    vtd_rig_set64(rig, 0x20, rig->root.root | 0x800);
    vtd_rig_set(rig, 0x18, 0xc0000000u);
    vtd_rig_fault(rig, MRD(RIG_RW), 0x30);
}

static void test_disabled(struct vtd_rig *rig, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    vtd_rig_set(rig, 0x18, 0);
    answer = vtd_rig_ok(rig, MRD(RIG_UNMAPPED), RIG_UNMAPPED);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_OFF);
    g_assert_cmpint(answer.via, ==, TEEIO_VIA_IDENTITY);
    answer = vtd_rig_send(rig, MRD(1ull << 52));
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
}

#define ADD(name, function)                                                \
    g_test_add("/vtd-legacy/" name, struct vtd_rig, NULL, setup, function, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("ok", test_ok);
    ADD("levels", test_levels);
    ADD("pass-through", test_pass);
    ADD("root", test_root);
    ADD("context", test_context);
    ADD("pages", test_pages);
    ADD("fpd", test_fpd);
    ADD("interrupts", test_interrupts);
    ADD("modes", test_modes);
    ADD("disabled", test_disabled);
    return g_test_run();
}
