/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Realm streams: which physical address space they reach, and what their STEs
 * and CDs may say. Constants from Arm IHI 0070, not our header.
 */
#include "realm-rig.h"

#define NSCFG   46
#define EATS    28
#define VMID    7u
#define LEAF_NS (1ull << 55)

#define WINDOW  0x80000000ull /* IPA of stage 1 tables and the CD */
#define IPA     0x90000000ull /* of RIG_DATA */
#define IPA_NS  0x90001000ull /* of HOST_DATA, Non-secure */
#define VA      0x10000ull    /* to IPA */
#define VA_NS   0x11000ull    /* to IPA_NS */

struct fixture {
    struct realm_rig rig;
    struct teeio_tables_space s2;
    struct teeio_tables_window window;
    struct teeio_tables_space s1;
    uint64_t cd; /* an IPA */
};

static void use(struct fixture *f, struct teeio_tables_ste ste)
{
    g_assert_true(teeio_tables_set_ste(&f->rig.smmu.streams, RIG_SID, ste));
    realm_rig_command(&f->rig, REALM, 0x04, 31);
    realm_rig_command(&f->rig, REALM, 0x30, 0);
}

static void set_ns(struct fixture *f, uint64_t ipa, bool ns)
{
    uint64_t slot = teeio_tables_slot(&f->s2, ipa, 3);
    uint64_t leaf = teeio_tables_get(&f->rig.smmu.tables, slot) & ~LEAF_NS;

    smmu_rig_put(&f->rig.smmu, slot, leaf | (ns ? LEAF_NS : 0));
    realm_rig_command(&f->rig, REALM, 0x30, 0);
}

static void setup(struct fixture *f, gconstpointer data)
{
    struct smmu_rig *smmu = &f->rig.smmu;
    struct teeio_tables *inner = &f->window.tables;

    realm_rig_init(&f->rig, TEEIO_T_ARM_SPLIT, GPOINTER_TO_INT(data));
    g_assert_true(
        teeio_tables_space_init_stage2(&f->s2, &smmu->tables, 40, 12, 1));
    g_assert_true(
        teeio_tables_map(&f->s2, IPA, RIG_DATA, 3, TEEIO_TABLES_S2_RW));
    g_assert_true(
        teeio_tables_map(&f->s2, IPA_NS, HOST_DATA, 3, TEEIO_TABLES_S2_RW));
    g_assert_true(teeio_tables_window_init(&f->window, &f->s2, WINDOW, 0x10000,
                                           TEEIO_TABLES_S2_RO));
    g_assert_true(teeio_tables_space_init(&f->s1, inner, 39));
    g_assert_true(teeio_tables_map(&f->s1, VA, IPA, 3, TEEIO_TABLES_RW));
    g_assert_true(teeio_tables_map(&f->s1, VA_NS, IPA_NS, 3, TEEIO_TABLES_RW));
    g_assert_cmphex(teeio_tables_alloc(inner, 0x1000), !=, 0);
    f->cd = teeio_tables_put_cd(inner, teeio_tables_cd(&f->s1));
    realm_rig_enable(&f->rig, REALM, REALM_RIG_ALL);
    set_ns(f, IPA_NS, true);
}

static void teardown(struct fixture *f, gconstpointer data)
{
    (void)data;
    realm_rig_clear(&f->rig);
}

static void expect(const struct teeio_translation *answer, uint64_t output,
                   enum teeio_owner owner)
{
    g_assert_cmpint(answer->verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmphex(answer->output, ==, output);
    g_assert_cmpstr(teeio_owner_name(answer->expected), ==,
                    teeio_owner_name(owner));
}

static struct teeio_translation execute(struct fixture *f, uint64_t address)
{
    struct teeio_tlp tlp = realm_rig_tlp(REALM, TEEIO_TLP_MRD, address);

    tlp.execute = true;
    return smmu_rig_send(&f->rig.smmu, tlp);
}

/* Stage 1 alone always ends in Realm. */
static void test_stage1(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    for (int i = 0; i < 2; i++) {
        answer = realm_rig_read(&f->rig, REALM, RIG_RW);
        expect(&answer, RIG_DATA, TEEIO_OWNER_PRIVATE);
    }
}

static void check_stage2(struct fixture *f, uint64_t realm, uint64_t ns)
{
    struct teeio_translation answer;

    for (int i = 0; i < 2; i++) {
        answer = realm_rig_read(&f->rig, REALM, realm);
        expect(&answer, RIG_DATA, TEEIO_OWNER_PRIVATE);
        answer = realm_rig_read(&f->rig, REALM, ns);
        expect(&answer, HOST_DATA, TEEIO_OWNER_SHARED);
    }
    answer = execute(f, realm);
    expect(&answer, RIG_DATA, TEEIO_OWNER_PRIVATE);
    answer = execute(f, ns);
    g_assert_cmpstr(answer.fault.name, ==, "F_PERMISSION");
    g_assert_cmpuint(answer.fault.stage, ==, 2);
}

/* Stage 2, leaf by leaf, decides. */
static void test_stage2(struct fixture *f, gconstpointer data)
{
    (void)data;
    use(f, teeio_tables_ste_stage2(&f->s2, VMID));
    check_stage2(f, IPA, IPA_NS);
}

static void test_nested(struct fixture *f, gconstpointer data)
{
    (void)data;
    use(f, teeio_tables_ste_nested(f->cd, &f->s2, VMID));
    check_stage2(f, VA, VA_NS);
}

/* Without Realm the bit means nothing. */
static void test_other_stage2(void)
{
    struct teeio_tables_space s2;
    struct teeio_translation answer;
    struct smmu_rig rig;
    uint64_t slot;

    smmu_rig_init(&rig, TEEIO_T_UNIFIED, 8);
    g_assert_true(teeio_tables_space_init_stage2(&s2, &rig.tables, 40, 12, 1));
    g_assert_true(teeio_tables_map(&s2, IPA, RIG_DATA, 3, TEEIO_TABLES_S2_RW));
    slot = teeio_tables_slot(&s2, IPA, 3);
    smmu_rig_put(&rig, slot, teeio_tables_get(&rig.tables, slot) | LEAF_NS);
    g_assert_true(teeio_tables_set_ste(&rig.streams, RIG_SID,
                                       teeio_tables_ste_stage2(&s2, VMID)));
    smmu_rig_enable(&rig, 4);
    answer = smmu_rig_read(&rig, IPA);
    expect(&answer, RIG_DATA, TEEIO_OWNER_NONE);
    smmu_rig_clear(&rig);
}

/* The pages are Realm's own, but stage 2 says that they are not. */
static void test_tables_non_secure(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;
    uint64_t cd = f->cd & ~0xfffull;

    (void)data;
    use(f, teeio_tables_ste_nested(f->cd, &f->s2, VMID));
    set_ns(f, cd, true);
    realm_rig_command(&f->rig, REALM, 0x04, 31);
    answer = realm_rig_read(&f->rig, REALM, VA);
    g_assert_cmpstr(answer.fault.name, ==, "F_CD_FETCH");
    g_assert_true(answer.shared_table);
    set_ns(f, cd, false);
    set_ns(f, WINDOW, true);
    answer = realm_rig_read(&f->rig, REALM, VA);
    g_assert_cmpstr(answer.fault.name, ==, "F_WALK_EABT");
    g_assert_true(answer.shared_table);
    set_ns(f, WINDOW, false);
    answer = realm_rig_read(&f->rig, REALM, VA);
    expect(&answer, RIG_DATA, TEEIO_OWNER_PRIVATE);
}

static void test_bypass(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    for (uint64_t nscfg = 0; nscfg < 4; nscfg++) {
        struct teeio_tables_ste ste = teeio_tables_ste_bypass();

        ste.dw[1] |= nscfg << NSCFG;
        use(f, ste);
        answer = realm_rig_read(&f->rig, REALM, RIG_DATA);
        expect(&answer, RIG_DATA,
               nscfg == 3 ? TEEIO_OWNER_SHARED : TEEIO_OWNER_PRIVATE);
        answer = execute(f, RIG_DATA);
        if (nscfg == 3) {
            g_assert_cmpstr(answer.fault.name, ==, "F_PERMISSION");
            g_assert_cmpuint(answer.fault.stage, ==, 1);
        } else {
            g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
        }
    }
}

/* A translated request says no more about its page than the STE. */
static void test_ats(struct fixture *f, gconstpointer data)
{
    struct teeio_tlp tlp = realm_rig_tlp(REALM, TEEIO_TLP_MRD, HOST_DATA);
    struct teeio_tables_ste ste = teeio_tables_ste_stage2(&f->s2, VMID);
    struct teeio_translation answer;

    (void)data;
    ste.dw[1] |= 1ull << EATS;
    use(f, ste);
    tlp.at = TEEIO_AT_TRANSLATED;
    answer = smmu_rig_send(&f->rig.smmu, tlp);
    expect(&answer, HOST_DATA, TEEIO_OWNER_PRIVATE);
    ste.dw[1] |= 3ull << NSCFG;
    use(f, ste);
    answer = smmu_rig_send(&f->rig.smmu, tlp);
    expect(&answer, HOST_DATA, TEEIO_OWNER_SHARED);

    ste = teeio_tables_ste_nested(f->cd, &f->s2, VMID);
    ste.dw[1] = (ste.dw[1] & ~(3ull << EATS)) | 2ull << EATS;
    use(f, ste);
    tlp.address = IPA_NS;
    answer = smmu_rig_send(&f->rig.smmu, tlp);
    expect(&answer, HOST_DATA, TEEIO_OWNER_SHARED);
    tlp.address = IPA;
    answer = smmu_rig_send(&f->rig.smmu, tlp);
    expect(&answer, RIG_DATA, TEEIO_OWNER_PRIVATE);
}

/* Nothing stalls in Realm, so nothing may ask for it. */
static void test_no_stall(struct fixture *f, gconstpointer data)
{
    struct teeio_tables_ste stage1 = teeio_tables_ste_stage1(f->rig.smmu.cd);
    struct teeio_tables_ste stage2 = teeio_tables_ste_stage2(&f->s2, VMID);
    struct teeio_tables_cd cd = teeio_tables_cd(&f->rig.smmu.space);
    struct teeio_tables_ste ste;
    struct teeio_translation answer;

    (void)data;
    ste = stage1;
    ste.dw[1] |= 1ull << 27; /* S1STALLD */
    use(f, ste);
    answer = realm_rig_read(&f->rig, REALM, RIG_RW);
    g_assert_cmpstr(answer.fault.name, ==, "C_BAD_STE");
    ste = stage2;
    ste.dw[2] |= 1ull << 57; /* S2S */
    use(f, ste);
    answer = realm_rig_read(&f->rig, REALM, IPA);
    g_assert_cmpstr(answer.fault.name, ==, "C_BAD_STE");
    cd.dw[0] |= 1ull << 44; /* S */
    use(f,
        teeio_tables_ste_stage1(teeio_tables_put_cd(&f->rig.smmu.tables, cd)));
    answer = realm_rig_read(&f->rig, REALM, RIG_RW);
    g_assert_cmpstr(answer.fault.name, ==, "C_BAD_CD");
    use(f, stage1);
    answer = realm_rig_read(&f->rig, REALM, RIG_RW);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
}

/* As many substreams as IDR1 says, which Realm has no copy of. */
static void test_substreams(struct fixture *f, gconstpointer data)
{
    struct teeio_tlp tlp = realm_rig_tlp(REALM, TEEIO_TLP_MRD, RIG_RW);
    struct teeio_tables_ste ste = teeio_tables_ste_stage1(0);
    struct teeio_tables_cds cds;
    struct teeio_translation answer;

    (void)data;
    g_assert_true(teeio_tables_cds_init(&cds, &f->rig.smmu.tables, 20, 10));
    g_assert_true(teeio_tables_set_cd(&cds, 0x54321,
                                      teeio_tables_cd(&f->rig.smmu.space)));
    teeio_tables_ste_substreams(&ste, &cds, 0);
    use(f, ste);
    tlp.pasid_valid = true;
    tlp.pasid = 0x54321;
    answer = smmu_rig_send(&f->rig.smmu, tlp);
    expect(&answer, RIG_DATA, TEEIO_OWNER_PRIVATE);
}

#define ADD(name, data, test)                               \
    g_test_add("/smmuv3-realm-space/" name, struct fixture, \
               GINT_TO_POINTER(data), setup, test, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("stage1", false, test_stage1);
    ADD("stage1/iotlb", true, test_stage1);
    ADD("stage2", false, test_stage2);
    ADD("stage2/iotlb", true, test_stage2);
    ADD("nested", false, test_nested);
    ADD("nested/iotlb", true, test_nested);
    g_test_add_func("/smmuv3-realm-space/other-stage2", test_other_stage2);
    ADD("tables-non-secure", false, test_tables_non_secure);
    ADD("tables-non-secure/iotlb", true, test_tables_non_secure);
    ADD("bypass", false, test_bypass);
    ADD("ats", false, test_ats);
    ADD("no-stall", false, test_no_stall);
    ADD("substreams", false, test_substreams);
    return g_test_run();
}
