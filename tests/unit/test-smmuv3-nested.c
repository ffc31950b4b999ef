/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Stage 2 alone and under stage 1: which event, class and IPA; constants from
 * Arm IHI 0070, not our header.
 */
#include "smmu-rig.h"

#define SID ((uint64_t)RIG_SID << 32)

/* Bits of word 1 of a record. */
#define STALL  (1ull << 31)
#define RNW    (1ull << 35)
#define S2     (1ull << 39)
#define CD     (0ull << 40)
#define TT     (1ull << 40)
#define IN     (2ull << 40)
#define TTRNW  (1ull << 44)

#define WINDOW 0x80000000ull /* IPA of stage 1 tables and the CD */
#define IPA    0x90000000ull /* of RIG_DATA */
#define IPA_RO 0x90001000ull
#define VA     0x10000ull /* to IPA */
#define VA_RO  0x11000ull
#define VA_BAD 0x12000ull /* to an IPA that stage 2 does not know */
#define BAD    0x98765000ull

struct fixture {
    struct smmu_rig rig;
    struct teeio_tables_space s2;
    struct teeio_tables_window window;
    struct teeio_tables_space s1;
    uint64_t cd; /* an IPA */
};

static void use(struct fixture *f, struct teeio_tables_ste ste)
{
    g_assert_true(teeio_tables_set_ste(&f->rig.streams, RIG_SID, ste));
}

static void setup(struct fixture *f, gconstpointer data)
{
    struct smmu_rig *rig = &f->rig;
    struct teeio_tables *inner = &f->window.tables;

    (void)data;
    smmu_rig_init(rig, TEEIO_T_UNIFIED, 8);
    /* Two first tables side by side. */
    g_assert_true(
        teeio_tables_space_init_stage2(&f->s2, &rig->tables, 40, 12, 1));
    g_assert_true(
        teeio_tables_map(&f->s2, IPA, RIG_DATA, 3, TEEIO_TABLES_S2_RW));
    g_assert_true(teeio_tables_map(&f->s2, IPA_RO, RIG_DATA + 0x1000, 3,
                                   TEEIO_TABLES_S2_RO));
    g_assert_true(teeio_tables_window_init(&f->window, &f->s2, WINDOW, 0x10000,
                                           TEEIO_TABLES_S2_RO));
    g_assert_true(teeio_tables_space_init(&f->s1, inner, 39));
    g_assert_true(teeio_tables_map(&f->s1, VA, IPA, 3, TEEIO_TABLES_RW));
    g_assert_true(teeio_tables_map(&f->s1, VA_RO, IPA_RO, 3, TEEIO_TABLES_RW));
    g_assert_true(teeio_tables_map(&f->s1, VA_BAD, BAD, 3, TEEIO_TABLES_RW));
    g_assert_cmphex(teeio_tables_alloc(inner, 0x1000), !=, 0);
    f->cd = teeio_tables_put_cd(inner, teeio_tables_cd(&f->s1));
    use(f, teeio_tables_ste_nested(f->cd, &f->s2, 7));
    smmu_rig_enable(rig, 6);
}

static void teardown(struct fixture *f, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(&f->rig);
}

static uint64_t pa(const struct fixture *f, uint64_t ipa)
{
    return ipa - f->window.ipa + f->window.pa;
}

/* Takes one page of stage 2 away. */
static void unmap(struct fixture *f, uint64_t ipa)
{
    smmu_rig_put(&f->rig, teeio_tables_slot(&f->s2, ipa, 3), 0);
}

static void test_ok(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer = smmu_rig_write(&f->rig, VA + 0x18);

    (void)data;
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmphex(answer.output, ==, RIG_DATA + 0x18);
    g_assert_cmphex(answer.page_mask, ==, 0xfff);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_OK);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_OK);
    g_assert_cmpint(answer.via, ==, TEEIO_VIA_WALK);
    g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_READ | TEEIO_PERM_WRITE);
    /* Rights of both stages. */
    answer = smmu_rig_read(&f->rig, VA_RO);
    g_assert_cmphex(answer.output, ==, RIG_DATA + 0x1000);
    g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_READ);
}

static void test_stage2_only(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    use(f, teeio_tables_ste_stage2(&f->s2, 7));
    answer = smmu_rig_read(&f->rig, IPA + 4);
    g_assert_cmphex(answer.output, ==, RIG_DATA + 4);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_BYPASS);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_OK);

    answer = smmu_rig_read(&f->rig, BAD + 8);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | S2 | IN,
                    BAD + 8, BAD);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_FAULT);
    g_assert_cmpuint(answer.fault.stage, ==, 2);
    answer = smmu_rig_write(&f->rig, IPA_RO);
    smmu_rig_expect(&answer, "F_PERMISSION", SID | 0x13, S2 | IN, IPA_RO,
                    IPA_RO);
    /* Beyond S2T0SZ, and beyond what any IPA can be. */
    answer = smmu_rig_read(&f->rig, 1ull << 40);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | S2 | IN,
                    1ull << 40, 1ull << 40);
    answer = smmu_rig_read(&f->rig, 1ull << 48);
    smmu_rig_expect(&answer, "F_ADDR_SIZE", SID | 0x11, RNW | IN, 1ull << 48,
                    0);
    g_assert_cmpuint(answer.fault.stage, ==, 1);
}

static void test_stage2_output(struct fixture *f, gconstpointer data)
{
    struct teeio_tables_ste ste = teeio_tables_ste_stage2(&f->s2, 7);
    struct teeio_translation answer;

    (void)data;
    ste.dw[2] &= ~(7ull << 48); /* S2PS: 32 bits */
    use(f, ste);
    teeio_tables_map(&f->s2, IPA, 1ull << 32, 3, TEEIO_TABLES_S2_RW);
    answer = smmu_rig_read(&f->rig, IPA);
    smmu_rig_expect(&answer, "F_ADDR_SIZE", SID | 0x11, RNW | S2 | IN, IPA,
                    IPA);
    teeio_tables_map(&f->s2, IPA, RIG_DATA, 3,
                     TEEIO_TABLES_S2_RW & ~TEEIO_TABLES_S2_ACCESSED);
    answer = smmu_rig_read(&f->rig, IPA);
    smmu_rig_expect(&answer, "F_ACCESS", SID | 0x12, RNW | S2 | IN, IPA, IPA);
}

/* Stage 2 refuses what stage 1 has made of the input. */
static void test_class_in(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer = smmu_rig_read(&f->rig, VA_BAD + 8);

    (void)data;
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | S2 | IN,
                    VA_BAD + 8, BAD);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_OK);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_FAULT);
    answer = smmu_rig_write(&f->rig, VA_RO + 8);
    smmu_rig_expect(&answer, "F_PERMISSION", SID | 0x13, S2 | IN, VA_RO + 8,
                    IPA_RO);
    /* A fault of stage 1 has no IPA. */
    answer = smmu_rig_read(&f->rig, 0x20000);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | IN, 0x20000, 0);
}

/* Stage 2 refuses the fetch of a stage 1 descriptor. */
static void test_class_tt(struct fixture *f, gconstpointer data)
{
    uint64_t leaf = teeio_tables_slot(&f->s1, VA, 3);
    struct teeio_translation answer;

    (void)data;
    unmap(f, leaf);
    answer = smmu_rig_write(&f->rig, VA + 8);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, S2 | TT | TTRNW,
                    VA + 8, leaf & ~0xfffull);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_FAULT);
}

/* Stage 2 refuses the fetch of the CD. */
static void test_class_cd(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    unmap(f, f->cd);
    answer = smmu_rig_read(&f->rig, VA + 8);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | S2 | CD, VA + 8,
                    f->cd & ~0xfffull);
    g_assert_cmpuint(answer.fault.stage, ==, 2);
    /* Fetched, but with an access flag that nobody sets. */
    teeio_tables_map(&f->s2, f->cd, pa(f, f->cd), 3,
                     TEEIO_TABLES_S2_RO & ~TEEIO_TABLES_S2_ACCESSED);
    answer = smmu_rig_read(&f->rig, VA + 8);
    smmu_rig_expect(&answer, "F_ACCESS", SID | 0x12, RNW | S2 | CD, VA + 8,
                    f->cd & ~0xfffull);
}

/* The same for a level 1 descriptor, and for a pointer out of range. */
static void test_class_cd_table(struct fixture *f, gconstpointer data)
{
    struct teeio_tables *inner = &f->window.tables;
    struct teeio_tables_ste ste = teeio_tables_ste_nested(0, &f->s2, 7);
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, VA);
    struct teeio_tables_cds cds;
    struct teeio_translation answer;

    (void)data;
    tlp.pasid_valid = true;
    tlp.pasid = 0x41;
    g_assert_true(teeio_tables_cds_init(&cds, inner, 8, 6));
    g_assert_true(
        teeio_tables_set_cd(&cds, tlp.pasid, teeio_tables_cd(&f->s1)));
    teeio_tables_ste_substreams(&ste, &cds, 0);
    use(f, ste);
    answer = smmu_rig_send(&f->rig, tlp);
    g_assert_cmphex(answer.output, ==, RIG_DATA);
    unmap(f, cds.base);
    answer = smmu_rig_send(&f->rig, tlp);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x41 << 12 | 0x810,
                    RNW | S2 | CD, VA, cds.base & ~0xfffull);
    /* The pointer is an IPA, so the OAS is not its limit. */
    use(f, teeio_tables_ste_nested(1ull << 47, &f->s2, 7));
    answer = smmu_rig_read(&f->rig, VA);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | S2 | CD, VA,
                    1ull << 47);
}

/* Every structure in turn does not answer. */
static void test_external_abort(struct fixture *f, gconstpointer data)
{
    uint64_t s1_leaf = teeio_tables_slot(&f->s1, VA, 3);
    uint64_t s2_leaf = teeio_tables_slot(&f->s2, IPA, 3);
    uint64_t s2_window = teeio_tables_slot(&f->s2, WINDOW, 3);
    struct teeio_translation answer;

    (void)data;
    f->rig.fake.fail_page = pa(f, f->cd) & ~0xfffull;
    answer = smmu_rig_read(&f->rig, VA);
    smmu_rig_expect(&answer, "F_CD_FETCH", SID | 0x09, 0, 0, pa(f, f->cd));
    f->rig.fake.fail_page = pa(f, s1_leaf) & ~0xfffull;
    answer = smmu_rig_read(&f->rig, VA);
    smmu_rig_expect(&answer, "F_WALK_EABT", SID | 0x0b, RNW | TT, VA,
                    pa(f, s1_leaf));
    /* The walk of stage 2: of the class of what it translates. */
    f->rig.fake.fail_page = s2_leaf & ~0xfffull;
    answer = smmu_rig_read(&f->rig, VA);
    smmu_rig_expect(&answer, "F_WALK_EABT", SID | 0x0b, RNW | S2 | IN, VA,
                    s2_leaf);
    f->rig.fake.fail_page = s2_window & ~0xfffull;
    answer = smmu_rig_read(&f->rig, VA);
    smmu_rig_expect(&answer, "F_WALK_EABT", SID | 0x0b, RNW | S2 | CD, VA,
                    teeio_tables_slot(&f->s2, f->cd, 3));
}

/* S1DSS leaves stage 2 alone. */
static void test_bypass_stage1(struct fixture *f, gconstpointer data)
{
    struct teeio_tables_ste ste = teeio_tables_ste_nested(0, &f->s2, 7);
    struct teeio_tables_cds cds;
    struct teeio_translation answer;

    (void)data;
    g_assert_true(teeio_tables_cds_init(&cds, &f->window.tables, 4, 0));
    teeio_tables_ste_substreams(&ste, &cds, 1);
    use(f, ste);
    answer = smmu_rig_read(&f->rig, IPA + 4);
    g_assert_cmphex(answer.output, ==, RIG_DATA + 4);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_BYPASS);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_OK);
}

/* S2R and S2S decide for stage 2 of every class, the CD's bits do not. */
static void test_fault_bits(struct fixture *f, gconstpointer data)
{
    (void)data;
    for (unsigned i = 0; i < 16; i++) {
        bool s = i & 1, r = i & 2, may_stall = i & 4, cd_class = i & 8;
        struct teeio_tables_ste ste = teeio_tables_ste_nested(f->cd, &f->s2, 7);
        struct teeio_tables_cd cd = teeio_tables_cd(&f->s1);
        struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, VA_BAD);
        struct teeio_translation answer;

        ste.dw[2] &= ~(1ull << 58);
        ste.dw[2] |= (uint64_t)s << 57 | (uint64_t)r << 58;
        if (cd_class) {
            ste.dw[0] = (ste.dw[0] & 0xf) | BAD;
        }
        use(f, ste);
        cd.dw[0] ^= 7ull << 44;
        teeio_tables_put(&f->window.tables, f->cd, cd.dw[0]);
        tlp.may_stall = may_stall;
        answer = smmu_rig_send(&f->rig, tlp);
        g_assert_true(answer.fault.present);
        g_assert_false(answer.quiet);
        g_assert_cmphex(answer.fault.dw[3], ==, BAD);
        if (s && may_stall) {
            g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_STALLED);
            g_assert_true(answer.fault.record);
            g_assert_cmphex(answer.fault.dw[1] & STALL, ==, STALL);
        } else {
            g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
            g_assert_cmpint(answer.fault.record, ==, r);
            g_assert_cmphex(answer.fault.dw[1] & STALL, ==, 0);
        }
    }
}

/* A T that sees no guest tables skips both stages. */
static void test_arm_split(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    teeio_smmuv3_free(f->rig.smmu);
    f->rig.smmu = teeio_smmuv3_new(&f->rig.fake.host, f->rig.ownership,
                                   TEEIO_T_ARM_SPLIT);
    smmu_rig_enable(&f->rig, 4);
    answer = smmu_rig_read(&f->rig, VA);
    g_assert_cmphex(answer.output, ==, VA);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_SKIPPED);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_SKIPPED);
    use(f, teeio_tables_ste_stage2(&f->s2, 7));
    answer = smmu_rig_read(&f->rig, IPA);
    g_assert_cmphex(answer.output, ==, IPA);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_BYPASS);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_SKIPPED);
}

/* T=1 and stage 2 tables that the host can write. */
static void test_shared_stage2(struct fixture *f, gconstpointer data)
{
    uint64_t leaf = teeio_tables_slot(&f->s2, IPA, 3);
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, VA);
    struct teeio_translation answer;

    (void)data;
    tlp.t = true;
    answer = smmu_rig_send(&f->rig, tlp);
    g_assert_cmphex(answer.output, ==, RIG_DATA);
    smmu_rig_share(&f->rig, leaf);
    answer = smmu_rig_send(&f->rig, tlp);
    g_assert_true(answer.shared_table);
    smmu_rig_expect(&answer, "F_WALK_EABT", SID | 0x0b, RNW | S2 | IN, VA,
                    leaf);
}

#define ADD(name)                                                    \
    g_test_add("/smmuv3-nested/" #name, struct fixture, NULL, setup, \
               test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(ok);
    ADD(stage2_only);
    ADD(stage2_output);
    ADD(class_in);
    ADD(class_tt);
    ADD(class_cd);
    ADD(class_cd_table);
    ADD(external_abort);
    ADD(bypass_stage1);
    ADD(fault_bits);
    ADD(arm_split);
    ADD(shared_stage2);
    return g_test_run();
}
