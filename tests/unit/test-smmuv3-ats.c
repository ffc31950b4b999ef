/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Translation requests and translated requests; constants from Arm IHI 0070,
 * not our header.
 */
#include "smmu-rig.h"

#define SID    ((uint64_t)RIG_SID << 32)
#define RNW    (1ull << 35)
#define S2     (1ull << 39)
#define IN     (2ull << 40)
#define EATS   28

#define WINDOW 0x80000000ull /* IPA of stage 1 tables and the CD */
#define IPA    0x90000000ull /* of RIG_DATA */

/* Bits of CR0. */
#define SMMUEN 0x1
#define EVTQEN 0x4
#define ATSCHK 0x10

enum { NONE, FULL, SPLIT, RESERVED };

struct fixture {
    struct smmu_rig rig;
    struct teeio_tables_space s2;
    struct teeio_tables_window window;
    struct teeio_tables_space s1;
    uint64_t cd;
};

static void use(struct fixture *f, struct teeio_tables_ste ste, uint64_t eats)
{
    ste.dw[1] = (ste.dw[1] & ~(3ull << EATS)) | eats << EATS;
    g_assert_true(teeio_tables_set_ste(&f->rig.streams, RIG_SID, ste));
}

static void use_stage1(struct fixture *f, uint64_t eats)
{
    use(f, teeio_tables_ste_stage1(f->rig.cd), eats);
}

static void use_nested(struct fixture *f, uint64_t eats)
{
    use(f, teeio_tables_ste_nested(f->cd, &f->s2, 3), eats);
}

static void setup(struct fixture *f, gconstpointer data)
{
    struct smmu_rig *rig = &f->rig;
    struct teeio_tables *inner = &f->window.tables;

    (void)data;
    smmu_rig_init(rig, TEEIO_T_UNIFIED, 8);
    g_assert_true(
        teeio_tables_space_init_stage2(&f->s2, &rig->tables, 40, 12, 1));
    g_assert_true(
        teeio_tables_map(&f->s2, IPA, RIG_DATA, 3, TEEIO_TABLES_S2_RO));
    g_assert_true(teeio_tables_window_init(&f->window, &f->s2, WINDOW, 0x10000,
                                           TEEIO_TABLES_S2_RW));
    g_assert_true(teeio_tables_space_init(&f->s1, inner, 39));
    g_assert_true(teeio_tables_map(&f->s1, RIG_RW, IPA, 3, TEEIO_TABLES_RW));
    g_assert_true(
        teeio_tables_map(&f->s1, RIG_RO, IPA + 0x5000, 3, TEEIO_TABLES_RO));
    f->cd = teeio_tables_put_cd(inner, teeio_tables_cd(&f->s1));
    smmu_rig_enable(rig, 6);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, SMMUEN | EVTQEN | ATSCHK);
    use_stage1(f, FULL);
}

static void teardown(struct fixture *f, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(&f->rig);
}

/* A translation request; with MWr it asks for write permission too. */
static struct teeio_translation ask(struct fixture *f, enum teeio_tlp_kind kind,
                                    uint64_t address)
{
    struct teeio_tlp tlp = smmu_rig_tlp(kind, address);

    tlp.at = TEEIO_AT_TRANSLATION_REQUEST;
    tlp.may_stall = true; /* must not matter */
    return smmu_rig_send(&f->rig, tlp);
}

static struct teeio_translation translated(struct fixture *f, uint64_t address)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, address);

    tlp.at = TEEIO_AT_TRANSLATED;
    return smmu_rig_send(&f->rig, tlp);
}

static uint64_t recorded(struct fixture *f)
{
    return smmu_rig_get(&f->rig, TEEIO_SMMUV3_REG_EVENTQ_PROD);
}

static void expect_granted(struct teeio_translation answer, uint64_t output,
                           unsigned perm)
{
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmpint(answer.completion, ==, TEEIO_COMPLETION_SUCCESS);
    g_assert_cmphex(answer.output, ==, output);
    g_assert_cmpuint(answer.perm, ==, perm);
    g_assert_false(answer.fault.present);
}

static void expect_miss(struct fixture *f, enum teeio_tlp_kind kind,
                        uint64_t address)
{
    struct teeio_translation answer = ask(f, kind, address);

    expect_granted(answer, address, TEEIO_PERM_NONE);
    g_assert_cmphex(recorded(f), ==, 0);
}

/* An error that the device hears of and software does not. */
static void expect_unrecorded(struct fixture *f, const char *name,
                              enum teeio_completion completion)
{
    struct teeio_translation answer = ask(f, TEEIO_TLP_MRD, RIG_RW);

    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
    g_assert_cmpstr(answer.fault.name, ==, name);
    g_assert_false(answer.fault.record);
    g_assert_cmpint(answer.completion, ==, completion);
    g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_NONE);
    g_assert_cmphex(recorded(f), ==, 0);
}

static void expect_bad_request(struct fixture *f)
{
    struct teeio_translation answer = ask(f, TEEIO_TLP_MRD, RIG_RW);

    smmu_rig_expect(&answer, "F_BAD_ATS_TREQ", SID | 0x05, 0, RIG_RW, 0);
    g_assert_cmpint(answer.completion, ==, TEEIO_COMPLETION_UR);
}

static void test_granted(struct fixture *f, gconstpointer data)
{
    unsigned rw = TEEIO_PERM_READ | TEEIO_PERM_WRITE;
    struct teeio_translation answer;

    (void)data;
    expect_granted(ask(f, TEEIO_TLP_MWR, RIG_RW), RIG_DATA, rw);
    expect_granted(ask(f, TEEIO_TLP_MRD, RIG_RW), RIG_DATA, TEEIO_PERM_READ);
    /* Write asked for, read granted. */
    expect_granted(ask(f, TEEIO_TLP_MWR, RIG_RO), RIG_DATA + 0x1000,
                   TEEIO_PERM_READ);
    answer = ask(f, TEEIO_TLP_MWR, RIG_2M + 0x12000);
    expect_granted(answer, RIG_BLOCK + 0x12000, rw);
    g_assert_cmphex(answer.page_mask, ==, 0x1fffff);
    g_assert_false(answer.ipa_only);
    g_assert_cmphex(recorded(f), ==, 0);
}

static void test_miss(struct fixture *f, gconstpointer data)
{
    uint64_t dw0 = teeio_tables_get(&f->rig.tables, f->rig.cd);

    (void)data;
    /* With every setting of A, R and S. */
    for (uint64_t ars = 0; ars < 8; ars++) {
        smmu_rig_put(&f->rig, f->rig.cd, (dw0 & ~(7ull << 44)) | ars << 44);
        expect_miss(f, TEEIO_TLP_MRD, RIG_UNMAPPED);
        expect_miss(f, TEEIO_TLP_MWR, RIG_UNMAPPED);
        expect_miss(f, TEEIO_TLP_MRD, UINT64_MAX & ~0xfffull);
    }
    teeio_tables_map(&f->rig.space, RIG_RO, RIG_DATA, 3, TEEIO_TABLES_USER);
    expect_miss(f, TEEIO_TLP_MRD, RIG_RO); /* access flag */
    teeio_tables_map(&f->rig.space, RIG_RO, RIG_DATA, 3, TEEIO_TABLES_ACCESSED);
    expect_miss(f, TEEIO_TLP_MWR, RIG_RO); /* not for the unprivileged */
    teeio_tables_map(&f->rig.space, RIG_RO, 1ull << 44, 3, TEEIO_TABLES_RW);
    expect_miss(f, TEEIO_TLP_MRD, RIG_RO); /* beyond IPS */
    use_nested(f, FULL);
    expect_miss(f, TEEIO_TLP_MRD, RIG_RO); /* stage 2 */
}

/* The dirty state is for those who asked to write. */
static void test_dirty(struct fixture *f, gconstpointer data)
{
    uint64_t slot = teeio_tables_slot(&f->rig.space, RIG_RO, 3);
    uint64_t dw0 = teeio_tables_get(&f->rig.tables, f->rig.cd);
    uint64_t clean;

    (void)data;
    smmu_rig_put(&f->rig, f->rig.cd, dw0 | 3ull << 42);
    teeio_tables_map(&f->rig.space, RIG_RO, RIG_DATA, 3,
                     TEEIO_TABLES_RO | 1ull << 51);
    clean = teeio_tables_get(&f->rig.tables, slot);
    expect_granted(ask(f, TEEIO_TLP_MRD, RIG_RO), RIG_DATA, TEEIO_PERM_READ);
    g_assert_cmphex(teeio_tables_get(&f->rig.tables, slot), ==, clean);
    expect_granted(ask(f, TEEIO_TLP_MWR, RIG_RO), RIG_DATA,
                   TEEIO_PERM_READ | TEEIO_PERM_WRITE);
    g_assert_cmphex(teeio_tables_get(&f->rig.tables, slot), ==,
                    clean & ~0x80ull);
    /* Dirty by now, but this one cannot write. */
    expect_granted(ask(f, TEEIO_TLP_MRD, RIG_RO), RIG_DATA, TEEIO_PERM_READ);
}

static void test_not_enabled(struct fixture *f, gconstpointer data)
{
    (void)data;
    use_stage1(f, NONE);
    expect_bad_request(f);
    use_stage1(f, RESERVED);
    expect_bad_request(f);
    use(f, teeio_tables_ste_bypass(), FULL);
    expect_bad_request(f);
    g_assert_cmphex(recorded(f), ==, 3);
    smmu_rig_set(&f->rig, TEEIO_SMMUV3_REG_CR0, EVTQEN | ATSCHK);
    use_stage1(f, FULL);
    expect_bad_request(f);
    g_assert_cmphex(recorded(f), ==, 4);
}

static void test_errors(struct fixture *f, gconstpointer data)
{
    struct teeio_tables_ste ste = teeio_tables_ste_stage1(f->rig.cd);
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RW);
    struct teeio_translation answer;

    (void)data;
    tlp.at = TEEIO_AT_TRANSLATION_REQUEST;
    tlp.requester = 0xffff;
    answer = smmu_rig_send(&f->rig, tlp);
    g_assert_cmpstr(answer.fault.name, ==, "C_BAD_STREAMID");
    g_assert_false(answer.fault.record);
    g_assert_cmpint(answer.completion, ==, TEEIO_COMPLETION_UR);

    use(f, teeio_tables_ste_abort(), FULL);
    answer = ask(f, TEEIO_TLP_MRD, RIG_RW);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    g_assert_cmpint(answer.completion, ==, TEEIO_COMPLETION_UR);

    ste.dw[0] &= ~1ull;
    use(f, ste, FULL);
    expect_unrecorded(f, "C_BAD_STE", TEEIO_COMPLETION_CA);
    use(f, teeio_tables_ste_stage1(f->rig.cd + 64), FULL);
    expect_unrecorded(f, "C_BAD_CD", TEEIO_COMPLETION_CA);
    use_stage1(f, FULL);
    f->rig.fake.fail_page = f->rig.cd & ~0xfffull;
    expect_unrecorded(f, "F_CD_FETCH", TEEIO_COMPLETION_CA);
    f->rig.fake.fail_page = f->rig.space.root & ~0xfffull;
    expect_unrecorded(f, "F_WALK_EABT", TEEIO_COMPLETION_CA);
    f->rig.fake.fail_page =
        teeio_tables_ste_slot(&f->rig.streams, RIG_SID) & ~0xfffull;
    expect_unrecorded(f, "F_STE_FETCH", TEEIO_COMPLETION_CA);
}

/* EATS split: the device gets an IPA, of which only stage 1 is sure. */
static void test_split(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    use_nested(f, SPLIT);
    answer = ask(f, TEEIO_TLP_MWR, RIG_RW);
    expect_granted(answer, IPA, TEEIO_PERM_READ | TEEIO_PERM_WRITE);
    g_assert_true(answer.ipa_only);
    expect_granted(ask(f, TEEIO_TLP_MRD, RIG_RO), IPA + 0x5000,
                   TEEIO_PERM_READ);
    expect_miss(f, TEEIO_TLP_MRD, RIG_UNMAPPED);

    answer = translated(f, IPA + 8);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmphex(answer.output, ==, RIG_DATA + 8);
    g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_OK);
    g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_READ);
    answer = translated(f, IPA + 0x5000);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | S2 | IN,
                    IPA + 0x5000, IPA + 0x5000);

    /* Without the check an IPA would go out untranslated. */
    smmu_rig_set(&f->rig, TEEIO_SMMUV3_REG_CR0, SMMUEN | EVTQEN);
    expect_bad_request(f);
}

/* Full ATS over both stages, with the rights of both. */
static void test_nested(struct fixture *f, gconstpointer data)
{
    (void)data;
    use_nested(f, FULL);
    expect_granted(ask(f, TEEIO_TLP_MRD, RIG_RW), RIG_DATA, TEEIO_PERM_READ);
    expect_granted(ask(f, TEEIO_TLP_MWR, RIG_RW), RIG_DATA, TEEIO_PERM_READ);
    g_assert_cmphex(recorded(f), ==, 0);
}

/* Without a SubstreamID S1DSS may leave out stage 1. */
static void test_bypass_stage1(struct fixture *f, gconstpointer data)
{
    struct teeio_tables_ste ste = teeio_tables_ste_stage1(f->rig.cd);
    unsigned rw = TEEIO_PERM_READ | TEEIO_PERM_WRITE;

    (void)data;
    ste.dw[0] |= 4ull << 59;
    ste.dw[1] |= 1;
    use(f, ste, FULL);
    expect_granted(ask(f, TEEIO_TLP_MWR, 0x5000), 0x5000, rw);
    ste = teeio_tables_ste_nested(f->cd, &f->s2, 3);
    ste.dw[0] |= 4ull << 59;
    ste.dw[1] |= 1;
    use(f, ste, FULL);
    expect_granted(ask(f, TEEIO_TLP_MWR, IPA), RIG_DATA, TEEIO_PERM_READ);
    use(f, ste, SPLIT);
    expect_granted(ask(f, TEEIO_TLP_MWR, IPA), IPA, rw);
}

static void expect_forbidden(struct fixture *f)
{
    struct teeio_translation answer = translated(f, RIG_DATA);

    smmu_rig_expect(&answer, "F_TRANSL_FORBIDDEN", SID | 0x07, RNW, RIG_DATA,
                    0);
}

static void test_translated(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer = translated(f, RIG_DATA + 8);

    (void)data;
    expect_granted(answer, RIG_DATA + 8, TEEIO_PERM_READ | TEEIO_PERM_WRITE);
    g_assert_cmpint(answer.via, ==, TEEIO_VIA_IDENTITY);
    answer = translated(f, 1ull << 48);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);

    use_stage1(f, NONE);
    expect_forbidden(f);
    use(f, teeio_tables_ste_bypass(), FULL);
    expect_forbidden(f);
    use(f, teeio_tables_ste_abort(), FULL);
    answer = translated(f, RIG_DATA);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    use(f, (struct teeio_tables_ste){{0}}, FULL);
    answer = translated(f, RIG_DATA);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
    g_assert_false(answer.fault.record);

    /* Unchecked, all go through; disabled, none. */
    smmu_rig_set(&f->rig, TEEIO_SMMUV3_REG_CR0, SMMUEN | EVTQEN);
    expect_granted(translated(f, RIG_DATA), RIG_DATA,
                   TEEIO_PERM_READ | TEEIO_PERM_WRITE);
    smmu_rig_set(&f->rig, TEEIO_SMMUV3_REG_CR0, EVTQEN);
    expect_forbidden(f);
}

/* A T that sees no guest tables has no ATS. */
static void test_identity_regime(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    teeio_smmuv3_free(f->rig.smmu);
    f->rig.smmu = teeio_smmuv3_new(&f->rig.fake.host, f->rig.ownership,
                                   TEEIO_T_ARM_SPLIT);
    smmu_rig_enable(&f->rig, 4);
    answer = ask(f, TEEIO_TLP_MRD, RIG_RW);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_BLOCKED);
    g_assert_cmpint(answer.completion, ==, TEEIO_COMPLETION_UR);
    answer = translated(f, RIG_DATA);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_BLOCKED);
    g_assert_cmphex(recorded(f), ==, 0);
}

#define ADD(name)                                                              \
    g_test_add("/smmuv3-ats/" #name, struct fixture, NULL, setup, test_##name, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(granted);
    ADD(miss);
    ADD(dirty);
    ADD(not_enabled);
    ADD(errors);
    ADD(split);
    ADD(nested);
    ADD(bypass_stage1);
    ADD(translated);
    ADD(identity_regime);
    return g_test_run();
}
