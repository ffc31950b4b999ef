/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* T policies, whose memory is walked, and saved state. */
#include "vtd-rig.h"

static struct teeio_tlp request(bool t)
{
    struct teeio_tlp tlp = vtd_rig_tlp(TEEIO_TLP_MRD, RIG_RW);

    tlp.t = t;
    return tlp;
}

static void start(struct vtd_rig *rig, bool scalable,
                  enum teeio_t_policy policy)
{
    vtd_rig_init(rig, scalable, policy, TEEIO_VTD_WALK_TRUSTED);
    vtd_rig_enable(rig);
}

static void test_unified(void)
{
    struct vtd_rig rig;
    struct teeio_translation answer;

    start(&rig, true, TEEIO_T_UNIFIED);
    vtd_rig_ok(&rig, request(false), RIG_DATA);
    vtd_rig_ok(&rig, request(true), RIG_DATA);
    /* Every table on the way has to be the guest's own for T=1. */
    for (unsigned i = 0; i < 4; i++) {
        const uint64_t pages[] = {
            rig.root.root,
            teeio_tables_vtd_context_slot(&rig.root, RIG_SRC),
            rig.pasids.directory,
            teeio_tables_vtd_pasid_slot(&rig.pasids, 0),
            teeio_tables_x86_slot(&rig.second, RIG_RW, 1),
        };
        static const unsigned reasons[] = {0x38, 0x40, 0x50, 0x58, 0x78};

        g_assert_true(teeio_ownership_set(rig.ownership, pages[i] & ~0xfffull,
                                          0x1000, TEEIO_OWNER_SHARED));
        answer = vtd_rig_fault(&rig, request(true), reasons[i]);
        g_assert_true(answer.shared_table);
        vtd_rig_ok(&rig, request(false), RIG_DATA);
        g_assert_true(teeio_ownership_set(rig.ownership, pages[i] & ~0xfffull,
                                          0x1000, TEEIO_OWNER_PRIVATE));
    }
    vtd_rig_clear(&rig);
}

static void test_arm_split(void)
{
    struct vtd_rig rig;
    struct teeio_tlp tlp = request(false);
    struct teeio_translation answer;

    start(&rig, false, TEEIO_T_ARM_SPLIT);
    answer = vtd_rig_ok(&rig, tlp, RIG_RW);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_SKIPPED);
    tlp.requester = RIG_NOBODY;
    answer = vtd_rig_ok(&rig, tlp, RIG_RW);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_SKIPPED);
    tlp.address = 1ull << 50;
    g_assert_cmpint(vtd_rig_send(&rig, tlp).verdict, ==, TEEIO_VERDICT_ABORTED);
    tlp = request(false);
    tlp.at = TEEIO_AT_TRANSLATION_REQUEST;
    g_assert_cmpint(vtd_rig_send(&rig, tlp).verdict, ==, TEEIO_VERDICT_BLOCKED);
    vtd_rig_ok(&rig, request(true), RIG_DATA);
    vtd_rig_clear(&rig);
}

static void test_t0_blocked(void)
{
    struct vtd_rig rig;

    start(&rig, false, TEEIO_T_T0_BLOCKED);
    g_assert_cmpint(vtd_rig_send(&rig, request(false)).verdict, ==,
                    TEEIO_VERDICT_BLOCKED);
    vtd_rig_ok(&rig, request(true), RIG_DATA);
    vtd_rig_clear(&rig);
}

static void test_tdx_split(void)
{
    struct vtd_rig rig;
    struct teeio_tlp tlp = request(true);

    start(&rig, true, TEEIO_T_TDX_SPLIT);
    /* The host cannot read tables that are the guest's own. */
    vtd_rig_fault(&rig, request(false), 0x38);
    vtd_rig_ok(&rig, tlp, RIG_RW);
    tlp.pasid_valid = true;
    g_assert_cmpint(vtd_rig_send(&rig, tlp).verdict, ==, TEEIO_VERDICT_BLOCKED);
    vtd_rig_clear(&rig);
}

/* Remembered or not, a policy says the same. */
static void test_policies_cached(void)
{
    for (unsigned policy = 0; policy < TEEIO_T_POLICIES; policy++) {
        struct vtd_rig rig;

        start(&rig, true, policy);
        for (unsigned i = 0; i < 6; i++) {
            struct teeio_tlp tlp = request(i & 1);
            struct teeio_translation plain, cached;

            tlp.pasid_valid = i & 2;
            tlp.pasid = i & 2 ? RIG_FIRST : 0;
            g_assert_true(teeio_vtd_set_iotlb(rig.vtd, false, false));
            plain = vtd_rig_send(&rig, tlp);
            g_assert_true(teeio_vtd_set_iotlb(rig.vtd, true, false));
            vtd_rig_send(&rig, tlp);
            cached = vtd_rig_send(&rig, tlp);
            g_assert_cmpint(cached.verdict, ==, plain.verdict);
            g_assert_cmphex(cached.output, ==, plain.output);
            g_assert_cmpint(cached.s1, ==, plain.s1);
            g_assert_cmpint(cached.s2, ==, plain.s2);
        }
        vtd_rig_clear(&rig);
    }
}

static void test_walk_host(void)
{
    struct vtd_rig rig;

    /* The guest's tables are in its private bank: the unit sees nothing. */
    vtd_rig_init(&rig, false, TEEIO_T_UNIFIED, TEEIO_VTD_WALK_HOST);
    rig.banks = true;
    vtd_rig_enable(&rig);
    vtd_rig_fault(&rig, request(false), 0x01);
    /* Neither does it see the queue: zeros are no descriptors. */
    vtd_rig_queue(&rig);
    vtd_rig_push(&rig, 5 | 0x20 | 1ull << 32, RIG_STATUS);
    vtd_rig_run(&rig);
    g_assert_cmphex(vtd_rig_get64(&rig, 0xb0) & 0xf, ==, 3);
    vtd_rig_clear(&rig);

    vtd_rig_init(&rig, false, TEEIO_T_UNIFIED, TEEIO_VTD_WALK_TRUSTED);
    rig.banks = true;
    vtd_rig_enable(&rig);
    vtd_rig_ok(&rig, request(false), RIG_DATA);
    vtd_rig_queue(&rig);
    vtd_rig_do(&rig, 5 | 0x20 | 1ull << 32, RIG_STATUS);
    g_assert_cmphex(vtd_rig_word(&rig, RIG_STATUS), ==, 1);
    vtd_rig_clear(&rig);
}

static void test_save(void)
{
    struct vtd_rig rig;
    uint8_t image[2048], again[2048];
    size_t size;

    start(&rig, false, TEEIO_T_UNIFIED);
    teeio_vtd_set_iotlb(rig.vtd, true, false);
    vtd_rig_queue(&rig);
    vtd_rig_do(&rig, 0x12, 0);
    vtd_rig_fault(&rig, vtd_rig_tlp(TEEIO_TLP_MWR, RIG_UNMAPPED), 0x05);
    vtd_rig_ok(&rig, request(false), RIG_DATA);
    vtd_rig_ok(&rig, request(false), RIG_DATA);
    vtd_rig_push(&rig, 5 | 0x20 | 7ull << 32, RIG_STATUS);
    vtd_rig_set64(&rig, 0x88, rig.tail);
    size = teeio_vtd_save(rig.vtd, NULL, 0);
    g_assert_cmpuint(size, <=, sizeof(image));
    g_assert_cmpuint(teeio_vtd_save(rig.vtd, image, sizeof(image)), ==, size);

    teeio_vtd_reset(rig.vtd);
    rig.fake.wakes = 0;
    g_assert_true(teeio_vtd_load(rig.vtd, image, size));
    g_assert_cmpuint(rig.fake.wakes, ==, 1);
    g_assert_cmpuint(teeio_vtd_save(rig.vtd, again, sizeof(again)), ==, size);
    g_assert_cmpmem(image, size, again, size);
    g_assert_cmpuint(teeio_vtd_stats(rig.vtd).iotlb_hits, ==, 1);
    vtd_rig_ok(&rig, request(false), RIG_DATA);
    while (teeio_vtd_step(rig.vtd)) {
    }
    g_assert_cmphex(vtd_rig_word(&rig, RIG_STATUS), ==, 7);
    vtd_rig_clear(&rig);
}

static void test_bad_images(void)
{
    struct vtd_rig rig, other;
    uint8_t image[2048];
    size_t size, count, next;
    unsigned refused = 0;

    start(&rig, true, TEEIO_T_UNIFIED);
    vtd_rig_queue(&rig);
    size = teeio_vtd_save(rig.vtd, image, sizeof(image));
    for (size_t i = 0; i < size; i++) {
        g_assert_false(teeio_vtd_load(rig.vtd, image, i));
    }
    /* A recording register that is not there: behind the root table. */
    teeio_vtd_registers(&count);
    next = 8 + 8 + 2 + 4 + 8 * count + 8;
    image[next] = 7;
    g_assert_true(teeio_vtd_load(rig.vtd, image, size));
    image[next] = 8;
    g_assert_false(teeio_vtd_load(rig.vtd, image, size));
    image[next] = 0;
    /* Whatever a bit does, nothing breaks, and what is loaded can be used. */
    for (size_t bit = 0; bit < size * 8; bit++) {
        image[bit / 8] ^= 1u << bit % 8;
        if (teeio_vtd_load(rig.vtd, image, size)) {
            vtd_rig_send(&rig, request(false));
            vtd_rig_send(&rig, vtd_rig_tlp(TEEIO_TLP_MRD, RIG_UNMAPPED));
            for (unsigned i = 0; i < 70000 && teeio_vtd_step(rig.vtd); i++) {
                g_assert_cmpuint(i, <, 65536);
            }
        } else {
            refused++;
        }
        image[bit / 8] ^= 1u << bit % 8;
    }
    g_assert_cmpuint(refused, >, 1000);
    vtd_rig_init(&other, true, TEEIO_T_ARM_SPLIT, TEEIO_VTD_WALK_TRUSTED);
    g_assert_false(teeio_vtd_load(other.vtd, image, size));
    vtd_rig_clear(&other);
    vtd_rig_init(&other, true, TEEIO_T_UNIFIED, TEEIO_VTD_WALK_HOST);
    g_assert_false(teeio_vtd_load(other.vtd, image, size));
    vtd_rig_clear(&other);
    vtd_rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vtd-policy/unified", test_unified);
    g_test_add_func("/vtd-policy/arm-split", test_arm_split);
    g_test_add_func("/vtd-policy/t0-blocked", test_t0_blocked);
    g_test_add_func("/vtd-policy/tdx-split", test_tdx_split);
    g_test_add_func("/vtd-policy/cached", test_policies_cached);
    g_test_add_func("/vtd-policy/walk-host", test_walk_host);
    g_test_add_func("/vtd-policy/save", test_save);
    g_test_add_func("/vtd-policy/bad-images", test_bad_images);
    return g_test_run();
}
