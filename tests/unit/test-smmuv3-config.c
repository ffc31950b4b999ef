/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Stream tables, STEs and CDs; constants from Arm IHI 0070, not our header.
 */
#include "smmu-rig.h"

#define SID ((uint64_t)RIG_SID << 32)

static void setup(struct smmu_rig *rig, gconstpointer data)
{
    smmu_rig_init(rig, TEEIO_T_UNIFIED, GPOINTER_TO_UINT(data));
    smmu_rig_enable(rig, 4);
}

static void teardown(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(rig);
}

static void expect_ok(struct smmu_rig *rig)
{
    struct teeio_translation answer = smmu_rig_read(rig, RIG_RW + 4);

    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmphex(answer.output, ==, RIG_DATA + 4);
}

static void expect_config(struct smmu_rig *rig, const char *name, uint64_t type)
{
    struct teeio_translation answer = smmu_rig_read(rig, RIG_RW);

    smmu_rig_expect(&answer, name, SID | type, 0, 0, 0);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_FAULT);
    g_assert_cmpuint(answer.fault.stage, ==, 0);
    g_assert_false(answer.shared_table);
}

static void set_strtab(struct smmu_rig *rig, uint64_t base, uint64_t cfg)
{
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_EVENTQEN);
    smmu_rig_set64(rig, TEEIO_SMMUV3_REG_STRTAB_BASE, base);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_STRTAB_BASE_CFG, cfg);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0,
                 TEEIO_CR0_EVENTQEN | TEEIO_CR0_SMMUEN);
}

static void test_streams(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, 0x1234);
    struct teeio_translation answer;

    (void)data;
    expect_ok(rig);

    tlp.requester = RIG_BYPASS;
    answer = smmu_rig_send(rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_BYPASS);
    g_assert_cmpint(answer.via, ==, TEEIO_VIA_IDENTITY);
    g_assert_cmphex(answer.output, ==, 0x1234);

    tlp.requester = RIG_ABORT;
    answer = smmu_rig_send(rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    g_assert_false(answer.fault.present);

    /* The first STE after the table, and one in the table that is not V. */
    tlp.requester = 1u << RIG_LOG2SIZE;
    answer = smmu_rig_send(rig, tlp);
    smmu_rig_expect(&answer, "C_BAD_STREAMID",
                    (uint64_t)tlp.requester << 32 | 0x02, 0, 0, 0);
    tlp.requester = RIG_SID + 5;
    answer = smmu_rig_send(rig, tlp);
    smmu_rig_expect(&answer, "C_BAD_STE", (uint64_t)tlp.requester << 32 | 0x04,
                    0, 0, 0);
}

static void test_recinvsid(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, 0);
    struct teeio_translation answer;

    (void)data;
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_EVENTQEN);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR2, 0);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0,
                 TEEIO_CR0_EVENTQEN | TEEIO_CR0_SMMUEN);
    tlp.requester = 0xffff;
    answer = smmu_rig_send(rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
    g_assert_false(answer.fault.record);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_EVENTQ_PROD), ==, 0);
}

static void test_ste_fetch(struct smmu_rig *rig, gconstpointer data)
{
    uint64_t slot = teeio_tables_ste_slot(&rig->streams, RIG_SID);
    struct teeio_translation answer;

    (void)data;
    rig->fake.fail_page = slot & ~0xfffull;
    answer = smmu_rig_read(rig, RIG_RW);
    smmu_rig_expect(&answer, "F_STE_FETCH", SID | 0x03, 0, 0, slot);
}

static void test_l1_descriptor(struct smmu_rig *rig, gconstpointer data)
{
    uint64_t slot = teeio_tables_l1_slot(&rig->streams, RIG_SID);
    uint64_t good = teeio_tables_get(&rig->tables, slot);
    struct teeio_translation answer;

    (void)data;
    for (unsigned span = 0; span < 32; span++) {
        smmu_rig_put(rig, slot, (good & ~0x1full) | span);
        /* Entry 0x10 of the leaf needs 2^5 entries; SPLIT allows 2^8. */
        if (span >= 6 && span <= 9) {
            expect_ok(rig);
        } else {
            expect_config(rig, "C_BAD_STREAMID", 0x02);
        }
    }
    /* The leaf is aligned to its size, whatever the pointer says. */
    smmu_rig_put(rig, slot, (good + 0x40) | 9);
    expect_ok(rig);

    rig->fake.fail_page = slot & ~0xfffull;
    answer = smmu_rig_read(rig, RIG_RW);
    smmu_rig_expect(&answer, "F_STE_FETCH", SID | 0x03, 0, 0, slot);
}

/* A 6-bit LOG2SIZE must never shift anything out of its type. */
static void test_log2size(struct smmu_rig *rig, gconstpointer data)
{
    uint64_t base = teeio_tables_streams_base(&rig->streams);
    uint64_t cfg = teeio_tables_streams_cfg(&rig->streams) & ~0x3full;

    (void)data;
    for (unsigned log2size = 0; log2size < 64; log2size++) {
        struct teeio_translation answer;

        set_strtab(rig, base, cfg | log2size);
        answer = smmu_rig_read(rig, RIG_RW);
        if (log2size < 9) {
            g_assert_cmpstr(answer.fault.name, ==, "C_BAD_STREAMID");
        } else if (log2size == 9) {
            g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
        }
    }
    /* Reserved values of FMT are linear, of SPLIT 6: no crash, no hang. */
    for (unsigned odd = 0; odd < 128; odd++) {
        set_strtab(rig, base, (uint64_t)odd << 11 | odd << 6 | 63);
        smmu_rig_read(rig, RIG_RW);
        set_strtab(rig, UINT64_MAX, (uint64_t)odd << 11 | odd << 6 | odd);
        smmu_rig_read(rig, RIG_RW);
    }
}

static void test_ste(struct smmu_rig *rig, gconstpointer data)
{
    static const struct {
        unsigned word;
        uint64_t clear, set;
        const char *name;
        uint64_t type;
    } rows[] = {
        {0, 1, 0, "C_BAD_STE", 0x04},          /* V */
        {0, 0xe, 6 << 1, "C_BAD_STE", 0x04},   /* stage 2 */
        {0, 0xe, 7 << 1, "C_BAD_STE", 0x04},   /* both */
        {1, 0, 1ull << 27, "C_BAD_STE", 0x04}, /* S1STALLD */
        {0, 0, 1ull << 44, "C_BAD_STE", 0x04}, /* S1ContextPtr */
        {0, 0, 31ull << 59, NULL, 0},          /* S1CDMax: ignored */
        {0, 0, 3ull << 4, NULL, 0},            /* S1Fmt: ignored */
        {1, 0, 2ull << 30, NULL, 0},           /* STRW: no EL2 here */
        {2, 0, UINT64_MAX, NULL, 0},           /* stage 2 fields */
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct teeio_tables_ste ste = teeio_tables_ste_stage1(rig->cd);
        uint64_t *word = &ste.dw[rows[i].word];

        g_test_message("row %u", i);
        *word = (*word & ~rows[i].clear) | rows[i].set;
        teeio_tables_set_ste(&rig->streams, RIG_SID, ste);
        if (rows[i].name) {
            expect_config(rig, rows[i].name, rows[i].type);
        } else {
            expect_ok(rig);
        }
    }
    /* Config 0xx: silent, and nothing else is looked at. */
    for (uint64_t config = 0; config < 4; config++) {
        struct teeio_tables_ste ste = {{1 | config << 1}};
        struct teeio_translation answer;

        teeio_tables_set_ste(&rig->streams, RIG_SID, ste);
        answer = smmu_rig_read(rig, RIG_RW);
        g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    }
}

static void test_pasid(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RW);
    struct teeio_translation answer;

    (void)data;
    tlp.pasid_valid = true;
    tlp.pasid = 0xabcde;
    answer = smmu_rig_send(rig, tlp);
    /* SSV is not part of this record. */
    smmu_rig_expect(&answer, "C_BAD_SUBSTREAMID", SID | 0xabcde008, 0, 0, 0);
    tlp.requester = RIG_BYPASS;
    answer = smmu_rig_send(rig, tlp);
    g_assert_cmpstr(answer.fault.name, ==, "C_BAD_SUBSTREAMID");
    tlp.requester = RIG_ABORT;
    answer = smmu_rig_send(rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    /* Other records carry it. */
    tlp.requester = 0xffff;
    answer = smmu_rig_send(rig, tlp);
    smmu_rig_expect(&answer, "C_BAD_STREAMID", 0xffffabcde802, 0, 0, 0);
}

static void test_cd_fetch(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    rig->fake.fail_page = rig->cd & ~0xfffull;
    answer = smmu_rig_read(rig, RIG_RW);
    smmu_rig_expect(&answer, "F_CD_FETCH", SID | 0x09, 0, 0, rig->cd);
}

static void test_cd(struct smmu_rig *rig, gconstpointer data)
{
    static const struct {
        unsigned word;
        uint64_t clear, set;
        bool good;
    } rows[] = {
        {0, 1ull << 31, 0, false},                  /* V */
        {0, 1ull << 41, 0, false},                  /* AA64 */
        {0, 1ull << 46, 0, false},                  /* A */
        {0, 0, 1ull << 44, false},                  /* S */
        {0, 0, 1ull << 43, false},                  /* HA */
        {0, 0, 1ull << 42, false},                  /* HD */
        {0, 0, 1ull << 15, false},                  /* ENDI */
        {0, 0x3f, 15, false},                       /* T0SZ */
        {0, 0x3f, 40, false},                       /* T0SZ */
        {0, 0, 1 << 6, false},                      /* TG0: 64 KiB */
        {0, 0, 2 << 6, false},                      /* TG0: 16 KiB */
        {0, 0, 3 << 6, false},                      /* TG0: reserved */
        {1, 0, 1ull << 44, false},                  /* TTB0 */
        {1, 0, 1ull << 51, false},                  /* TTB0 */
        {0, 1ull << 30, 25 << 16, false},           /* EPD1, TG1: reserved */
        {0, 1ull << 30, 25 << 16 | 1 << 22, false}, /* TG1: 16 KiB */
        {0, 1ull << 30, 2 << 22, false},            /* T1SZ: 0 */
        {0, 1ull << 30, 25 << 16 | 2 << 22, true},
        {0, 7ull << 32, 0, true},          /* IPS: 32 bits are enough */
        {0, 7ull << 32, 7ull << 32, true}, /* IPS: capped to the OAS */
        {2, 0, UINT64_MAX, true},          /* TTB1 with EPD1 */
        {1, 0, 2, true},                   /* HAD0 is not in IDR3 */
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct teeio_tables_cd cd = teeio_tables_cd(&rig->space);
        uint64_t *word = &cd.dw[rows[i].word];

        g_test_message("row %u", i);
        *word = (*word & ~rows[i].clear) | rows[i].set;
        for (unsigned j = 0; j < 8; j++) {
            smmu_rig_put(rig, rig->cd + 8 * j, cd.dw[j]);
        }
        if (rows[i].good) {
            expect_ok(rig);
        } else {
            expect_config(rig, "C_BAD_CD", 0x0a);
        }
    }
}

static void test_cd_unwalked(struct smmu_rig *rig, gconstpointer data)
{
    /* Both halves off: their fields and ENDI do not matter, nothing maps. */
    uint64_t dw0 = 0xffff | 0xffffull << 16 | 7ull << 45 | 1ull << 41;
    struct teeio_translation answer;

    (void)data;
    smmu_rig_put(rig, rig->cd, dw0);
    smmu_rig_put(rig, rig->cd + 8, UINT64_MAX);
    answer = smmu_rig_read(rig, RIG_RW);
    g_assert_cmpstr(answer.fault.name, ==, "F_TRANSLATION");
}

/* What an IPS of 32 bits does to a TTB0 above 4 GiB. */
static void test_cd_ips(struct smmu_rig *rig, gconstpointer data)
{
    uint64_t dw0 = teeio_tables_get(&rig->tables, rig->cd);
    uint64_t dw1 = teeio_tables_get(&rig->tables, rig->cd + 8);

    (void)data;
    smmu_rig_put(rig, rig->cd + 8, dw1 | 1ull << 32);
    g_assert_cmpstr(smmu_rig_read(rig, RIG_RW).fault.name, ==, "F_WALK_EABT");
    smmu_rig_put(rig, rig->cd, dw0 & ~(7ull << 32));
    expect_config(rig, "C_BAD_CD", 0x0a);
}

#define ADD(name, split)                                                  \
    g_test_add("/smmuv3-config/" #name "/split-" #split, struct smmu_rig, \
               GUINT_TO_POINTER(split), setup, test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(streams, 0);
    ADD(streams, 6);
    ADD(streams, 8);
    ADD(streams, 10);
    ADD(recinvsid, 8);
    ADD(ste_fetch, 0);
    ADD(ste_fetch, 8);
    ADD(l1_descriptor, 8);
    ADD(log2size, 0);
    ADD(log2size, 8);
    ADD(ste, 8);
    ADD(pasid, 8);
    ADD(cd_fetch, 8);
    ADD(cd, 8);
    ADD(cd_unwalked, 8);
    ADD(cd_ips, 8);
    return g_test_run();
}
