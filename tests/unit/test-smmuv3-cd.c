/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What makes a CD illegal, and its words on faults; constants from Arm
 * IHI 0070, not our header.
 */
#include "smmu-rig.h"

#define SID ((uint64_t)RIG_SID << 32)
#define RNW (1ull << 35)
#define IN  (2ull << 40)

static void setup(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_init(rig, TEEIO_T_UNIFIED, 8);
    smmu_rig_enable(rig, 4);
}

static void teardown(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(rig);
}

static void put_cd(struct smmu_rig *rig, struct teeio_tables_cd cd)
{
    for (unsigned i = 0; i < 8; i++) {
        smmu_rig_put(rig, rig->cd + 8 * i, cd.dw[i]);
    }
}

static void test_legal(struct smmu_rig *rig, gconstpointer data)
{
    static const struct {
        unsigned word;
        uint64_t clear, set;
        const char *name; /* NULL: translates */
    } rows[] = {
        {0, 1ull << 31, 0, "C_BAD_CD"},               /* V */
        {0, 1ull << 41, 0, "C_BAD_CD"},               /* AA64 */
        {0, 1ull << 46, 0, NULL},                     /* A */
        {0, 0, 1ull << 44, NULL},                     /* S */
        {0, 0, 1ull << 43, NULL},                     /* HA */
        {0, 0, 1ull << 42, "C_BAD_CD"},               /* HD without HA */
        {0, 0, 3ull << 42, NULL},                     /* both */
        {0, 0, 1ull << 15, "C_BAD_CD"},               /* ENDI */
        {0, 0x3f, 15, "C_BAD_CD"},                    /* T0SZ */
        {0, 0x3f, 49, "C_BAD_CD"},                    /* T0SZ */
        {0, 0x3f, 48, "F_TRANSLATION"},               /* T0SZ: 16 bits */
        {0, 0x3f, 48 | 1 << 6, "C_BAD_CD"},           /* and 64 KiB */
        {0, 0x3f, 47 | 1 << 6, "F_TRANSLATION"},      /* 17 bits */
        {0, 0, 3 << 6, "C_BAD_CD"},                   /* TG0: reserved */
        {1, 0, 1ull << 44, "C_BAD_CD"},               /* TTB0 */
        {1, 0, 1ull << 51, "C_BAD_CD"},               /* TTB0 */
        {0, 1ull << 30, 25 << 16, "C_BAD_CD"},        /* TG1: reserved */
        {0, 1ull << 30, 2 << 22, "C_BAD_CD"},         /* T1SZ: 0 */
        {0, 1ull << 30, 25 << 16 | 1 << 22, NULL},    /* TG1: 16 KiB */
        {0, 1ull << 30, 25 << 16 | 2 << 22, NULL},    /* 4 KiB */
        {0, 1ull << 30, 25 << 16 | 3ull << 22, NULL}, /* 64 KiB */
        {0, 1ull << 30, 48ull << 16 | 3ull << 22, "C_BAD_CD"},
        {0, 7ull << 32, 0, NULL},          /* IPS: 32 bits */
        {0, 7ull << 32, 7ull << 32, NULL}, /* capped to the OAS */
        {2, 0, UINT64_MAX, NULL},          /* TTB1 with EPD1 */
        {1, 0, 2, NULL},                   /* HAD0 */
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct teeio_tables_cd cd = teeio_tables_cd(&rig->space);
        uint64_t *word = &cd.dw[rows[i].word];
        struct teeio_translation answer;

        g_test_message("row %u", i);
        *word = (*word & ~rows[i].clear) | rows[i].set;
        put_cd(rig, cd);
        answer = smmu_rig_read(rig, RIG_RW + 4);
        if (!rows[i].name) {
            g_assert_cmphex(answer.output, ==, RIG_DATA + 4);
        } else if (strcmp(rows[i].name, "C_BAD_CD") == 0) {
            smmu_rig_expect(&answer, "C_BAD_CD", SID | 0x0a, 0, 0, 0);
            g_assert_cmpuint(answer.fault.stage, ==, 0);
        } else {
            g_assert_cmpstr(answer.fault.name, ==, rows[i].name);
        }
    }
}

static void test_unwalked(struct smmu_rig *rig, gconstpointer data)
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
static void test_ips(struct smmu_rig *rig, gconstpointer data)
{
    uint64_t dw0 = teeio_tables_get(&rig->tables, rig->cd);
    uint64_t dw1 = teeio_tables_get(&rig->tables, rig->cd + 8);

    (void)data;
    smmu_rig_put(rig, rig->cd + 8, dw1 | 1ull << 32);
    g_assert_cmpstr(smmu_rig_read(rig, RIG_RW).fault.name, ==, "F_WALK_EABT");
    smmu_rig_put(rig, rig->cd, dw0 & ~(7ull << 32));
    g_assert_cmpstr(smmu_rig_read(rig, RIG_RW).fault.name, ==, "C_BAD_CD");
}

/* S is illegal once the STE has denied it. */
static void test_stall_denied(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tables_ste ste = teeio_tables_ste_stage1(rig->cd);
    struct teeio_tables_cd cd = teeio_tables_cd(&rig->space);
    struct teeio_translation answer;

    (void)data;
    ste.dw[1] |= 1ull << 27;
    teeio_tables_set_ste(&rig->streams, RIG_SID, ste);
    answer = smmu_rig_read(rig, RIG_RW);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    cd.dw[0] |= 1ull << 44;
    put_cd(rig, cd);
    answer = smmu_rig_read(rig, RIG_RW);
    smmu_rig_expect(&answer, "C_BAD_CD", SID | 0x0a, 0, 0, 0);
}

/* All of A, R and S, for a sender that may stall and one that may not. */
static void test_fault_bits(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    for (unsigned i = 0; i < 16; i++) {
        bool s = i & 1, r = i & 2, a = i & 4, may_stall = i & 8;
        struct teeio_tables_cd cd = teeio_tables_cd(&rig->space);
        struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_UNMAPPED);
        struct teeio_translation answer;

        cd.dw[0] &= ~(7ull << 44);
        cd.dw[0] |= (uint64_t)s << 44 | (uint64_t)r << 45 | (uint64_t)a << 46;
        put_cd(rig, cd);
        tlp.may_stall = may_stall;
        answer = smmu_rig_send(rig, tlp);
        g_assert_true(answer.fault.present);
        g_assert_cmphex(answer.fault.dw[2], ==, RIG_UNMAPPED);
        if (s && may_stall) {
            g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_STALLED);
            g_assert_true(answer.fault.record);
        } else {
            g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
            g_assert_cmpint(answer.fault.record, ==, r);
            g_assert_cmpint(answer.quiet, ==, !a);
        }
    }
}

/* An external abort neither stalls nor hides. */
static void test_abort_is_loud(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tables_cd cd = teeio_tables_cd(&rig->space);
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RW);
    struct teeio_translation answer;

    (void)data;
    cd.dw[0] &= ~(7ull << 44);
    cd.dw[0] |= 1ull << 44;
    put_cd(rig, cd);
    tlp.may_stall = true;
    rig->fake.fail_page = rig->space.root & ~0xfffull;
    answer = smmu_rig_send(rig, tlp);
    smmu_rig_expect(&answer, "F_WALK_EABT", SID | 0x0b, RNW | 1ull << 40,
                    RIG_RW, teeio_tables_slot(&rig->space, RIG_RW, 1));
    g_assert_false(answer.quiet);
    /* Nor does a configuration error. */
    rig->fake.fail_page = 0;
    smmu_rig_put(rig, rig->cd, 1ull << 44);
    answer = smmu_rig_send(rig, tlp);
    smmu_rig_expect(&answer, "C_BAD_CD", SID | 0x0a, 0, 0, 0);
}

/* Every granule, in both halves. */
static void test_granules(struct smmu_rig *rig, gconstpointer data)
{
    static const unsigned granules[] = {12, 14, 16};

    (void)data;
    for (unsigned i = 0; i < 9; i++) {
        struct teeio_tables_space low, high;
        struct teeio_tables_cd cd;
        struct teeio_translation answer;

        g_assert_true(teeio_tables_space_init_granule(&low, &rig->tables, 48,
                                                      granules[i % 3]));
        g_assert_true(teeio_tables_space_init_granule(&high, &rig->tables, 36,
                                                      granules[i / 3]));
        g_assert_true(
            teeio_tables_map(&low, 0x123450000, RIG_DATA, 3, TEEIO_TABLES_RW));
        g_assert_true(teeio_tables_map(&high, 0xfffffffffff00000, RIG_BLOCK, 3,
                                       TEEIO_TABLES_RW));
        cd = teeio_tables_cd(&low);
        teeio_tables_cd_high(&cd, &high);
        put_cd(rig, cd);
        answer = smmu_rig_read(rig, 0x123450008);
        g_assert_cmphex(answer.output, ==, RIG_DATA + 8);
        g_assert_cmphex(answer.page_mask, ==, (1ull << low.granule_bits) - 1);
        answer = smmu_rig_read(rig, 0xfffffffffff00010);
        g_assert_cmphex(answer.output, ==, RIG_BLOCK + 0x10);
        g_assert_cmphex(answer.page_mask, ==, (1ull << high.granule_bits) - 1);
        answer = smmu_rig_read(rig, 0x400000000);
        smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | IN,
                        0x400000000, 0);
    }
}

#define ADD(name)                                                              \
    g_test_add("/smmuv3-cd/" #name, struct smmu_rig, NULL, setup, test_##name, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(legal);
    ADD(unwalked);
    ADD(ips);
    ADD(stall_denied);
    ADD(fault_bits);
    ADD(abort_is_loud);
    ADD(granules);
    return g_test_run();
}
