/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>

#include "teeio/iommu.h"
#include "teeio/tlp.h"

static void test_well_formed(void)
{
    static const struct {
        uint64_t address;
        uint32_t length;
        bool ok;
    } cases[] = {
        {0x1000, 4096, true},        {0x1fff, 1, true},
        {0x1004, 4092, true},        {0xfffffffffffff000, 4096, true},
        {0x1000, 0, false},          {0x1fff, 2, false},
        {0x1004, 4093, false},       {0x1000, 4097, false},
        {0x1000, UINT32_MAX, false}, {UINT64_MAX, 2, false},
    };

    static const struct {
        uint64_t address;
        uint32_t length;
        bool ok;
    } atomics[] = {
        {0x1004, 4, true},  {0x1ffc, 4, true},   {0x1008, 8, true},
        {0x1004, 8, false}, {0x1002, 4, false},  {0x1000, 2, false},
        {0x1000, 0, false}, {0x1000, 16, false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(atomics); i++) {
        struct teeio_tlp tlp = {
            .kind = TEEIO_TLP_FETCHADD + i % 3,
            .address = atomics[i].address,
            .length = atomics[i].length,
        };

        g_test_message("AtomicOp %u", i);
        g_assert_cmpint(teeio_tlp_well_formed(&tlp), ==, atomics[i].ok);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct teeio_tlp tlp = {
            .address = cases[i].address,
            .length = cases[i].length,
        };

        g_test_message("case %u", i);
        g_assert_cmpint(teeio_tlp_well_formed(&tlp), ==, cases[i].ok);
    }
}

static void test_bdf(void)
{
    char buf[TEEIO_BDF_SIZE];

    g_assert_cmpstr(teeio_tlp_bdf(0x0018, buf), ==, "0000:00:03.0");
    g_assert_cmpstr(teeio_tlp_bdf(0xffff, buf), ==, "0000:ff:1f.7");
    g_assert_true(teeio_tlp_bdf(0, buf) == buf);
}

static void test_names(void)
{
    g_assert_cmpstr(teeio_tlp_kind_name(TEEIO_TLP_MRD), ==, "MRd");
    g_assert_cmpstr(teeio_tlp_kind_name(TEEIO_TLP_MWR), ==, "MWr");
    g_assert_cmpstr(teeio_tlp_kind_name(TEEIO_TLP_FETCHADD), ==, "FetchAdd");
    g_assert_cmpstr(teeio_tlp_kind_name(TEEIO_TLP_SWAP), ==, "Swap");
    g_assert_cmpstr(teeio_tlp_kind_name(TEEIO_TLP_CAS), ==, "CAS");
    g_assert_cmpstr(teeio_tlp_kind_name(TEEIO_TLP_KINDS), ==, "?");
    for (unsigned i = 0; i <= TEEIO_VERDICTS; i++) {
        g_assert_nonnull(teeio_verdict_name(i));
    }
    for (unsigned i = 0; i <= TEEIO_STAGES; i++) {
        g_assert_nonnull(teeio_stage_name(i));
    }
    for (unsigned i = 0; i <= TEEIO_VIAS; i++) {
        g_assert_nonnull(teeio_via_name(i));
    }
    g_assert_cmpstr(teeio_verdict_name(TEEIO_VERDICT_NO_MEMORY), ==,
                    "no-memory");
    g_assert_cmpstr(teeio_stage_name(TEEIO_STAGE_SKIPPED), ==, "skipped");
    g_assert_cmpstr(teeio_via_name(TEEIO_VIA_WALK), ==, "walk");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tlp/well-formed", test_well_formed);
    g_test_add_func("/tlp/bdf", test_bdf);
    g_test_add_func("/tlp/names", test_names);
    return g_test_run();
}
