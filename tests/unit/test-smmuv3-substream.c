/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Which CD a SubstreamID selects; constants from Arm IHI 0070, not our header.
 */
#include "smmu-rig.h"

#define SID     ((uint64_t)RIG_SID << 32)
#define SSV     (1ull << 11)
#define LOG2CDS 12u
#define MINE    0x123u /* a substream with its own page for RIG_RW */
#define MINE_PA (RIG_DATA + 0x3000)
#define RNW     (1ull << 35)
#define IN      (2ull << 40)

enum { TERMINATE, BYPASS, CD0, RESERVED };

struct fixture {
    struct smmu_rig rig;
    struct teeio_tables_cds cds;
};

static void use(struct fixture *f, unsigned dss)
{
    struct teeio_tables_ste ste = teeio_tables_ste_stage1(0);

    teeio_tables_ste_substreams(&ste, &f->cds, dss);
    g_assert_true(teeio_tables_set_ste(&f->rig.streams, RIG_SID, ste));
}

/* The data is the number of leaf bits, 0 for a linear table. */
static void setup(struct fixture *f, gconstpointer data)
{
    struct smmu_rig *rig = &f->rig;
    struct teeio_tables_space own;

    smmu_rig_init(rig, TEEIO_T_UNIFIED, 8);
    g_assert_true(teeio_tables_cds_init(&f->cds, &rig->tables, LOG2CDS,
                                        GPOINTER_TO_UINT(data)));
    g_assert_cmphex(teeio_tables_alloc(&rig->tables, 0x1000), !=, 0);
    g_assert_true(teeio_tables_space_init(&own, &rig->tables, 39));
    g_assert_true(teeio_tables_map(&own, RIG_RW, MINE_PA, 3, TEEIO_TABLES_RW));
    g_assert_true(
        teeio_tables_set_cd(&f->cds, 0, teeio_tables_cd(&rig->space)));
    g_assert_true(teeio_tables_set_cd(&f->cds, MINE, teeio_tables_cd(&own)));
    use(f, TERMINATE);
    smmu_rig_enable(rig, 6);
}

static void teardown(struct fixture *f, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(&f->rig);
}

static struct teeio_translation send(struct fixture *f, int pasid)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RW + 8);

    tlp.pasid_valid = pasid >= 0;
    tlp.pasid = pasid >= 0 ? pasid : 0;
    return smmu_rig_send(&f->rig, tlp);
}

static void expect_ok(struct teeio_translation answer, uint64_t output)
{
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmphex(answer.output, ==, output + 8);
}

/* No SubstreamID in this record. */
static void expect_disabled(struct teeio_translation answer)
{
    smmu_rig_expect(&answer, "F_STREAM_DISABLED", SID | 0x06, 0, 0, 0);
}

/* SSV is not part of this record. */
static void expect_bad(struct teeio_translation answer, uint64_t pasid)
{
    smmu_rig_expect(&answer, "C_BAD_SUBSTREAMID", SID | pasid << 12 | 0x08, 0,
                    0, 0);
}

static void test_choose(struct fixture *f, gconstpointer data)
{
    (void)data;
    for (unsigned dss = TERMINATE; dss <= RESERVED; dss++) {
        use(f, dss);
        expect_ok(send(f, MINE), MINE_PA);
        expect_bad(send(f, 1 << LOG2CDS), 1 << LOG2CDS);
        expect_bad(send(f, 0xfffff), 0xfffff);
        if (dss == CD0) {
            expect_disabled(send(f, 0));
        } else {
            expect_ok(send(f, 0), RIG_DATA);
        }
    }
    use(f, TERMINATE);
    expect_disabled(send(f, -1));
    use(f, RESERVED);
    expect_disabled(send(f, -1));
    use(f, CD0);
    expect_ok(send(f, -1), RIG_DATA);
}

static void test_bypass(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MWR, 1ull << 48);

    (void)data;
    use(f, BYPASS);
    answer = send(f, -1);
    expect_ok(answer, RIG_RW);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_BYPASS);
    g_assert_cmpint(answer.via, ==, TEEIO_VIA_IDENTITY);
    answer = smmu_rig_send(&f->rig, tlp);
    smmu_rig_expect(&answer, "F_ADDR_SIZE", SID | 0x11, IN, 1ull << 48, 0);
}

/* The record of a translation fault names the substream. */
static void test_record(struct fixture *f, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_UNMAPPED);
    struct teeio_translation answer;

    (void)data;
    tlp.pasid_valid = true;
    tlp.pasid = MINE;
    answer = smmu_rig_send(&f->rig, tlp);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | MINE << 12 | SSV | 0x10,
                    RNW | IN, RIG_UNMAPPED, 0);
    /* A CD that software never wrote. */
    answer = send(f, MINE + 1);
    smmu_rig_expect(&answer, "C_BAD_CD", SID | (MINE + 1) << 12 | SSV | 0x0a, 0,
                    0, 0);
}

static void test_fetch(struct fixture *f, gconstpointer data)
{
    uint64_t cd = f->cds.base + MINE * 64;
    struct teeio_translation answer;

    (void)data;
    f->rig.fake.fail_page = cd & ~0xfffull;
    answer = send(f, MINE);
    smmu_rig_expect(&answer, "F_CD_FETCH", SID | MINE << 12 | SSV | 0x09, 0, 0,
                    cd);
}

static void test_leaf(struct fixture *f, gconstpointer data)
{
    uint64_t slot = teeio_tables_l1cd_slot(&f->cds, MINE);
    uint64_t good = teeio_tables_get(&f->rig.tables, slot);
    struct teeio_translation answer;
    int other = 0xfff;

    (void)data;
    /* Another leaf, which does not exist. */
    expect_bad(send(f, other), other);
    smmu_rig_put(&f->rig, slot, good & ~1ull);
    expect_bad(send(f, MINE), MINE);
    smmu_rig_put(&f->rig, slot, good | 0xffeull);
    expect_ok(send(f, MINE), MINE_PA);
    f->rig.fake.fail_page = slot & ~0xfffull;
    answer = send(f, MINE);
    smmu_rig_expect(&answer, "F_CD_FETCH", SID | MINE << 12 | SSV | 0x09, 0, 0,
                    slot);
}

/* Streams without substreams, and without stage 1. */
static void test_none(struct fixture *f, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RW);
    struct teeio_translation answer;

    (void)data;
    g_assert_true(teeio_tables_set_ste(&f->rig.streams, RIG_SID,
                                       teeio_tables_ste_stage1(f->rig.cd)));
    expect_ok(send(f, -1), RIG_DATA);
    expect_bad(send(f, 0), 0);
    expect_bad(send(f, 0xabcde), 0xabcde);

    tlp.pasid_valid = true;
    tlp.pasid = 1;
    tlp.requester = RIG_BYPASS;
    answer = smmu_rig_send(&f->rig, tlp);
    g_assert_cmpstr(answer.fault.name, ==, "C_BAD_SUBSTREAMID");
    tlp.requester = RIG_ABORT;
    answer = smmu_rig_send(&f->rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    /* Other records carry SSV. */
    tlp.requester = 0xffff;
    answer = smmu_rig_send(&f->rig, tlp);
    smmu_rig_expect(&answer, "C_BAD_STREAMID", 0xffff00001802, 0, 0, 0);
}

#define ADD(name, leaf_bits)                                                   \
    g_test_add("/smmuv3-substream/" #name "/leaf-" #leaf_bits, struct fixture, \
               GUINT_TO_POINTER(leaf_bits), setup, test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(choose, 0);
    ADD(choose, 6);
    ADD(choose, 10);
    ADD(bypass, 0);
    ADD(record, 0);
    ADD(record, 6);
    ADD(fetch, 0);
    ADD(leaf, 6);
    ADD(leaf, 10);
    ADD(none, 0);
    return g_test_run();
}
