/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Scalable mode: every fault reason. */
#include "vtd-rig.h"

#define MRD(address)       vtd_rig_tlp(TEEIO_TLP_MRD, address)
#define P(address, pasid)  vtd_rig_pasid(TEEIO_TLP_MRD, address, pasid)
#define PW(address, pasid) vtd_rig_pasid(TEEIO_TLP_MWR, address, pasid)

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

static uint64_t entry_of(struct vtd_rig *rig, uint32_t pasid)
{
    return teeio_tables_vtd_pasid_slot(&rig->pasids, pasid);
}

/* Toggles bits of a word, sees the fault, and takes them back. */
static void toggle(struct vtd_rig *rig, uint64_t slot, uint64_t bits,
                   struct teeio_tlp tlp, unsigned reason)
{
    uint64_t word = vtd_rig_word(rig, slot);

    vtd_rig_put(rig, slot, word ^ bits);
    vtd_rig_fault(rig, tlp, reason);
    vtd_rig_put(rig, slot, word);
}

static void unreadable(struct vtd_rig *rig, uint64_t gpa, struct teeio_tlp tlp,
                       unsigned reason)
{
    rig->fake.fail_page = gpa & ~0xfffull;
    vtd_rig_fault(rig, tlp, reason);
    rig->fake.fail_page = UINT64_MAX;
}

static void test_ok(struct vtd_rig *rig, gconstpointer data)
{
    static const uint32_t pasids[] = {RIG_FIRST, RIG_FIRST5, RIG_NESTED};
    struct teeio_translation answer;

    (void)data;
    answer = vtd_rig_ok(rig, MRD(RIG_RW + 4), RIG_DATA + 4);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_BYPASS);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_OK);
    for (unsigned i = 0; i < G_N_ELEMENTS(pasids); i++) {
        answer = vtd_rig_ok(rig, PW(RIG_RW + 8, pasids[i]), RIG_DATA + 8);
        g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_OK);
        g_assert_cmpint(answer.s2, ==,
                        pasids[i] == RIG_NESTED ? TEEIO_STAGE_OK
                                                : TEEIO_STAGE_OFF);
        g_assert_cmpuint(answer.perm, ==, 3);
        answer = vtd_rig_ok(rig, P(RIG_2M + 0x12345, pasids[i]),
                            RIG_BLOCK + 0x12345);
        g_assert_cmphex(answer.page_mask, ==, 0x1fffff);
    }
    answer = vtd_rig_ok(rig, P(0x123456, RIG_THROUGH), 0x123456);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_BYPASS);
}

static void test_root(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t slot = teeio_tables_vtd_root_slot(&rig->root, RIG_SRC);
    struct teeio_tlp tlp = MRD(RIG_RW);

    (void)data;
    toggle(rig, slot, 1, tlp, 0x39);
    toggle(rig, slot, 1ull << 11, tlp, 0x3a);
    toggle(rig, slot, 1ull << 48, tlp, 0x3a);
    unreadable(rig, slot, tlp, 0x38);
    /* Device 16 and up have a table of their own. */
    tlp.requester = RIG_SRC | 0x80;
    vtd_rig_fault(rig, tlp, 0x39);
    teeio_tables_vtd_set_context(&rig->root, tlp.requester,
                                 teeio_tables_vtd_scalable(&rig->pasids, 0));
    vtd_rig_ok(rig, tlp, RIG_DATA);
}

static void test_context(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t slot = teeio_tables_vtd_context_slot(&rig->root, RIG_SRC);
    struct teeio_tlp tlp = MRD(RIG_RW);

    (void)data;
    toggle(rig, slot, 1, tlp, 0x41);
    toggle(rig, slot, 1ull << 5, tlp, 0x42);
    toggle(rig, slot, 1ull << 48, tlp, 0x42);
    toggle(rig, slot + 8, 1ull << 20, tlp, 0x42);
    toggle(rig, slot + 16, 1, tlp, 0x42);
    toggle(rig, slot + 24, 1, tlp, 0x42);
    toggle(rig, slot + 8, 1ull << 13, tlp, 0x43);
    unreadable(rig, slot, tlp, 0x40);
    toggle(rig, slot, 8, P(RIG_RW, RIG_FIRST), 0x45);
    vtd_rig_fault(rig, P(RIG_RW, 1 << 13), 0x46);
    /* Another PASID for requests without one. */
    vtd_rig_put(rig, slot + 8, RIG_FIRST);
    g_assert_cmpint(vtd_rig_ok(rig, tlp, RIG_DATA).s1, ==, TEEIO_STAGE_OK);
}

static void test_directory(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t slot = teeio_tables_vtd_directory_slot(&rig->pasids, RIG_FIRST5);
    struct teeio_tlp tlp = P(RIG_RW, RIG_FIRST5);

    (void)data;
    toggle(rig, slot, 1, tlp, 0x51);
    toggle(rig, slot, 1ull << 2, tlp, 0x52);
    toggle(rig, slot, 1ull << 48, tlp, 0x52);
    unreadable(rig, slot, tlp, 0x50);
    vtd_rig_fault(rig, P(RIG_RW, 200), 0x51);
}

static void test_entry(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t first = entry_of(rig, RIG_FIRST);
    uint64_t second = entry_of(rig, 0);
    struct teeio_tlp tlp = P(RIG_RW, RIG_FIRST);

    (void)data;
    vtd_rig_fault(rig, P(RIG_RW, 33), 0x59);
    toggle(rig, first, 1, tlp, 0x59);
    toggle(rig, first, 1ull << 5, tlp, 0x5a);
    toggle(rig, first, 1ull << 10, tlp, 0x5a);
    toggle(rig, first + 8, 1ull << 16, tlp, 0x5a);
    toggle(rig, first + 16, 1ull << 8, tlp, 0x5a);
    toggle(rig, first + 16, 1ull << 48, tlp, 0x5a);
    for (unsigned i = 3; i < 8; i++) {
        toggle(rig, first + 8 * i, 1, tlp, 0x5a);
    }
    toggle(rig, second, 1ull << 48, MRD(RIG_RW), 0x5a);
    /* PGTT 0 and 5, FSPM 2, AW 0 and 4. */
    toggle(rig, first, 1ull << 6, tlp, 0x5b);
    toggle(rig, first, 1ull << 8, tlp, 0x5b);
    toggle(rig, first + 16, 2ull << 2, tlp, 0x5b);
    toggle(rig, second, 2ull << 2, MRD(RIG_RW), 0x5b);
    toggle(rig, second, 6ull << 2, MRD(RIG_RW), 0x5b);
    /* Both at once: reserved fields are looked at first. */
    toggle(rig, first, 1ull << 6 | 1ull << 10, tlp, 0x5a);
    unreadable(rig, first, tlp, 0x58);
    /* Memory types and snooping are accepted, without effect. */
    vtd_rig_put(rig, first + 8,
                vtd_rig_word(rig, first + 8) | 0xffffffffff800000ull);
    vtd_rig_ok(rig, tlp, RIG_DATA);
}

static void test_special(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t slot = entry_of(rig, RIG_FIRST) + 16;
    struct teeio_tlp execute = P(RIG_RW, RIG_FIRST);
    struct teeio_tlp supervisor = P(RIG_RW, RIG_FIRST);

    (void)data;
    execute.execute = true;
    supervisor.privileged = true;
    vtd_rig_fault(rig, execute, 0x5c);
    vtd_rig_fault(rig, supervisor, 0x5d);
    vtd_rig_put(rig, slot, vtd_rig_word(rig, slot) | 3);
    vtd_rig_ok(rig, execute, RIG_DATA);
    vtd_rig_ok(rig, supervisor, RIG_DATA);
}

static void test_first(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t leaf = teeio_tables_x86_slot(&rig->first, RIG_RW, 1);
    uint64_t large = teeio_tables_x86_slot(&rig->first, RIG_2M, 2);
    uint64_t middle = teeio_tables_x86_slot(&rig->first, RIG_RW, 2);
    uint64_t top = teeio_tables_x86_slot(&rig->first, RIG_RW, 4);
    struct teeio_tlp tlp = P(RIG_RW, RIG_FIRST);

    (void)data;
    vtd_rig_fault(rig, P(RIG_UNMAPPED, RIG_FIRST), 0x71);
    toggle(rig, top, 1, tlp, 0x71);
    toggle(rig, top, 1ull << 7, tlp, 0x72);
    toggle(rig, leaf, 1ull << 48, tlp, 0x72);
    toggle(rig, large, 1ull << 13, P(RIG_2M, RIG_FIRST), 0x72);
    /* Without NXE bit 63 is reserved. */
    toggle(rig, middle, 1ull << 63, tlp, 0x72);
    unreadable(rig, top, tlp, 0x73);
    unreadable(rig, leaf, tlp, 0x70);
    vtd_rig_fault(rig, P(1ull << 47, RIG_FIRST), 0x80);
    vtd_rig_fault(rig, P(1ull << 56, RIG_FIRST5), 0x80);
    vtd_rig_fault(rig, P(0xffff800000000000ull, RIG_FIRST), 0x71);
    toggle(rig, middle, 4, tlp, 0x81);
    vtd_rig_fault(rig, PW(RIG_RO, RIG_FIRST), 0x85);
    teeio_tables_x86_map(&rig->first, RIG_RW, 0xfee00000, 1,
                         TEEIO_TABLES_X86_RW);
    vtd_rig_fault(rig, tlp, 0x87);
}

static void test_second(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t leaf = teeio_tables_x86_slot(&rig->second, RIG_RW, 1);
    uint64_t top = teeio_tables_x86_slot(&rig->second, RIG_RW, 4);

    (void)data;
    vtd_rig_fault(rig, MRD(RIG_UNMAPPED), 0x79);
    vtd_rig_fault(rig, vtd_rig_tlp(TEEIO_TLP_MWR, RIG_RO), 0x85);
    toggle(rig, leaf, 1, MRD(RIG_RW), 0x86);
    /* What is left of read-only and write-only is nothing. */
    vtd_rig_put(rig, top, vtd_rig_word(rig, top) & ~1ull);
    vtd_rig_fault(rig, MRD(RIG_RO), 0x79);
    vtd_rig_put(rig, top, vtd_rig_word(rig, top) | 1);
    toggle(rig, leaf, 1ull << 48, MRD(RIG_RW), 0x7a);
    unreadable(rig, top, MRD(RIG_RW), 0x7b);
    unreadable(rig, leaf, MRD(RIG_RW), 0x78);
    vtd_rig_fault(rig, MRD(1ull << 48), 0x84);
    vtd_rig_fault(rig, P(1ull << 48, RIG_THROUGH), 0x83);
    vtd_rig_fault(rig, P(0xfee00000, RIG_THROUGH), 0x87);
}

static void test_nested(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t table1 = teeio_tables_x86_slot(&rig->nested, RIG_RW, 1);
    uint64_t up = teeio_tables_x86_slot(&rig->nested, RIG_RW, 2);
    uint64_t page4 = teeio_tables_x86_slot(&rig->second, rig->nested.root, 1);
    uint64_t page1 = teeio_tables_x86_slot(&rig->second, table1, 1);
    uint64_t pa = table1 - rig->window.ipa + rig->window.pa;
    uint64_t up_pa = up - rig->window.ipa + rig->window.pa;
    struct teeio_tlp tlp = P(RIG_RW, RIG_NESTED);

    (void)data;
    /* An entry leads beyond the second stage: to a table, to a page. */
    toggle(rig, up_pa, 1ull << 48, tlp, 0x74);
    toggle(rig, pa, 1ull << 48, tlp, 0x84);
    /* Write-only tables cannot be read. */
    toggle(rig, page4, 1, tlp, 0x75);
    toggle(rig, page1, 1, tlp, 0x76);
    /* Read-only tables take no flags. */
    toggle(rig, page1, 2, tlp, 0x77);
    toggle(rig, page1, 3, tlp, 0x79);
    toggle(rig, page1, 1ull << 48, tlp, 0x7a);
    unreadable(rig, pa, tlp, 0x70);
    unreadable(rig, page1, tlp, 0x78);
    unreadable(rig, rig->second.root, tlp, 0x7b);
    vtd_rig_fault(rig, P(RIG_UNMAPPED, RIG_NESTED), 0x71);
    vtd_rig_fault(rig, PW(RIG_RO, RIG_NESTED), 0x85);
    /* The second stage does not know the page. */
    teeio_tables_x86_map(&rig->nested, RIG_RW, 0x98765000, 1,
                         TEEIO_TABLES_X86_RW);
    vtd_rig_fault(rig, tlp, 0x79);
    vtd_rig_ok(rig, P(RIG_RO, RIG_NESTED), RIG_DATA + 0x1000);
}

static void test_fpd(struct vtd_rig *rig, gconstpointer data)
{
    const uint64_t slots[] = {
        teeio_tables_vtd_context_slot(&rig->root, RIG_SRC),
        teeio_tables_vtd_directory_slot(&rig->pasids, RIG_FIRST),
        entry_of(rig, RIG_FIRST),
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(slots); i++) {
        uint64_t word = vtd_rig_word(rig, slots[i]);

        vtd_rig_put(rig, slots[i], word | 2);
        g_assert_false(
            vtd_rig_fault(rig, P(RIG_UNMAPPED, RIG_FIRST), 0x71).fault.record);
        vtd_rig_put(rig, slots[i], word);
    }
    g_assert_cmphex(vtd_rig_get(rig, 0x34), ==, 0);
    g_assert_true(
        vtd_rig_fault(rig, P(RIG_UNMAPPED, RIG_FIRST), 0x71).fault.record);
}

static void test_interrupts(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    vtd_rig_ok(rig, vtd_rig_tlp(TEEIO_TLP_MWR, 0xfee00000), 0xfee00000);
    /* With a PASID it is an address like any other. */
    vtd_rig_fault(rig, PW(0xfee00000, RIG_FIRST), 0x71);
}

#define ADD(name, function)                                                  \
    g_test_add("/vtd-scalable/" name, struct vtd_rig, NULL, setup, function, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("ok", test_ok);
    ADD("root", test_root);
    ADD("context", test_context);
    ADD("directory", test_directory);
    ADD("entry", test_entry);
    ADD("execute-and-supervisor", test_special);
    ADD("first", test_first);
    ADD("second", test_second);
    ADD("nested", test_nested);
    ADD("fpd", test_fpd);
    ADD("interrupts", test_interrupts);
    return g_test_run();
}
