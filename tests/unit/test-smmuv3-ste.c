/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What makes an STE illegal, and what it only says; constants from Arm
 * IHI 0070, not our header.
 */
#include "smmu-rig.h"

#define SID   ((uint64_t)RIG_SID << 32)
#define IPA   0x3000ull

#define CLEAR (~0ull)

struct fixture {
    struct smmu_rig rig;
    struct teeio_tables_space s2;
};

static void setup(struct fixture *f, gconstpointer data)
{
    (void)data;
    smmu_rig_init(&f->rig, TEEIO_T_UNIFIED, 8);
    g_assert_true(
        teeio_tables_space_init_stage2(&f->s2, &f->rig.tables, 40, 12, 1));
    g_assert_true(
        teeio_tables_map(&f->s2, IPA, RIG_DATA, 3, TEEIO_TABLES_S2_RW));
    smmu_rig_enable(&f->rig, 6);
}

static void teardown(struct fixture *f, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(&f->rig);
}

/* One change of an STE: bits are cleared, then set. */
struct row {
    unsigned word;
    uint64_t clear, set;
    bool good;
};

static void check_rows(struct fixture *f, struct teeio_tables_ste base,
                       uint64_t address, const struct row *rows, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct teeio_tables_ste ste = base;
        uint64_t *word = &ste.dw[rows[i].word];
        struct teeio_translation answer;

        g_test_message("row %u", i);
        *word = (*word & ~rows[i].clear) | rows[i].set;
        teeio_tables_set_ste(&f->rig.streams, RIG_SID, ste);
        answer = smmu_rig_read(&f->rig, address);
        if (rows[i].good) {
            g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
            g_assert_cmphex(answer.output, ==, RIG_DATA);
        } else {
            smmu_rig_expect(&answer, "C_BAD_STE", SID | 0x04, 0, 0, 0);
            g_assert_cmpuint(answer.fault.stage, ==, 0);
        }
    }
}

static void test_stage1(struct fixture *f, gconstpointer data)
{
    static const struct row rows[] = {
        {0, 1, 0, false},                      /* V */
        {0, 0, 21ull << 59, false},            /* S1CDMax > SSIDSIZE */
        {0, 0, 31ull << 59, false},            /* S1CDMax */
        {0, 0, 3ull << 4 | 4ull << 59, false}, /* S1Fmt: reserved */
        {0, 0, 3ull << 4, true},               /* S1Fmt of a single CD */
        {0, 0, 1ull << 48, false},             /* S1ContextPtr */
        {1, 0, 1ull << 27, true},              /* S1STALLD */
        {1, 0, 2ull << 30, true},              /* STRW: no EL2 here */
        {1, 0, 3ull << 28, true},              /* EATS: reserved */
        {1, 0, 2ull << 28, false},             /* EATS: split needs both */
        {1, 0, 1ull << 28, true},              /* EATS: full */
        {2, 0, CLEAR, true},                   /* stage 2 fields */
        {3, 0, CLEAR, true},
    };
    struct teeio_tables_ste ste = teeio_tables_ste_stage1(f->rig.cd);

    (void)data;
    check_rows(f, ste, RIG_RW, rows, G_N_ELEMENTS(rows));
    /* S1CDMax as large as SSIDSIZE; S1DSS: CD 0. */
    ste.dw[0] |= 20ull << 59;
    ste.dw[1] |= 2;
    check_rows(f, ste, RIG_RW, (const struct row[]){{0, 0, 0, true}}, 1);
}

static void test_stage2(struct fixture *f, gconstpointer data)
{
    static const struct row rows[] = {
        {0, 0, 0, true},
        {0, 1, 0, false},                      /* V */
        {0, 0, 31ull << 59 | 3ull << 4, true}, /* stage 1 fields */
        {2, 1ull << 51, 0, false},             /* S2AA64 */
        {2, 3ull << 46, 3ull << 46, false},    /* S2TG: reserved */
        {2, 63ull << 32, 15ull << 32, false},  /* S2T0SZ: too small */
        {2, 63ull << 32, 49ull << 32, false},  /* S2T0SZ: too large */
        {2, 63ull << 32, 20ull << 32, false},  /* 32 tables side by side */
        {2, 63ull << 32, 34ull << 32, false},  /* not two descriptors */
        {2, 63ull << 32, 25ull << 32, true},   /* one table is enough */
        {2, 3ull << 38, 3ull << 38, false},    /* S2SL0: level 3 */
        {2, 3ull << 38 | 3ull << 46, 3ull << 38 | 2ull << 46, false},
        {2, 3ull << 38 | 3ull << 46, 3ull << 38 | 1ull << 46, false},
        {2, 7ull << 48, 7ull << 48, true}, /* S2PS: capped to the OAS */
        {2, 7ull << 48, 0, true},          /* S2PS: 32 bits */
        {3, 0, 1ull << 48, false},         /* S2TTB beyond the OAS */
        {2, 0, 1ull << 52, false},         /* S2ENDI */
        {2, 0, 1ull << 55, false},         /* S2HD without S2HA */
        {2, 0, 3ull << 55, true},          /* both */
        {2, 0, 1ull << 56, true},          /* S2HA */
        {2, 0, 1ull << 57, true},          /* S2S */
        {2, 0, 1ull << 53, true},          /* S2AFFD */
        {2, 1ull << 54, 0, true},          /* S2PTW */
        {2, 0, 0xffff, true},              /* S2VMID */
        {1, 0, 1ull << 25, true},          /* S2FWB is not in IDR3 */
        {1, 0, 2ull << 28, false},         /* EATS: split */
    };
    struct teeio_tables_ste ste = teeio_tables_ste_stage2(&f->s2, 1);

    (void)data;
    check_rows(f, ste, IPA, rows, G_N_ELEMENTS(rows));
    /* S2TTB above an S2PS of 32 bits. */
    ste.dw[2] &= ~(7ull << 48);
    ste.dw[3] |= 1ull << 32;
    check_rows(f, ste, IPA, (const struct row[]){{0, 0, 0, false}}, 1);
}

/* Small tables (IDR3.STT) and what a granule makes of S2T0SZ. */
static void test_small(struct fixture *f, gconstpointer data)
{
    static const struct {
        unsigned granule, top, bits;
        bool good;
    } rows[] = {
        {12, 3, 16, true}, {12, 3, 15, false}, {12, 3, 25, true},
        {14, 3, 16, true}, {14, 3, 15, false}, {14, 2, 36, true},
        {16, 3, 17, true}, {16, 3, 16, false}, {16, 2, 42, true},
        {16, 1, 48, true}, {14, 1, 48, true},  {12, 0, 48, true},
        {12, 1, 43, true},
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct teeio_tables_space s2;
        struct teeio_translation answer;

        g_test_message("row %u", i);
        g_assert_true(teeio_tables_space_init_stage2(
            &s2, &f->rig.tables, rows[i].bits, rows[i].granule, rows[i].top));
        g_assert_true(
            teeio_tables_map(&s2, 0, RIG_DATA, 3, TEEIO_TABLES_S2_RW));
        teeio_tables_set_ste(&f->rig.streams, RIG_SID,
                             teeio_tables_ste_stage2(&s2, 1));
        answer = smmu_rig_read(&f->rig, 0);
        if (rows[i].good) {
            g_assert_cmphex(answer.output, ==, RIG_DATA);
            g_assert_cmphex(answer.page_mask, ==,
                            (1ull << rows[i].granule) - 1);
        } else {
            g_assert_cmpstr(answer.fault.name, ==, "C_BAD_STE");
        }
    }
}

static void test_config(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    /* Config 0xx: silent, and nothing else is looked at. */
    for (uint64_t config = 0; config < 4; config++) {
        struct teeio_tables_ste ste = {
            {1 | config << 1 | 31ull << 59, 2 << 28}};

        teeio_tables_set_ste(&f->rig.streams, RIG_SID, ste);
        answer = smmu_rig_read(&f->rig, RIG_RW);
        g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
        g_assert_false(answer.fault.present);
    }
    /* Bypass looks at neither stage. */
    teeio_tables_set_ste(
        &f->rig.streams, RIG_SID,
        (struct teeio_tables_ste){{1 | 4 << 1 | 31ull << 59, 0, CLEAR, CLEAR}});
    answer = smmu_rig_read(&f->rig, 0x1234);
    g_assert_cmphex(answer.output, ==, 0x1234);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_BYPASS);
}

/* Bits of word 1 of a record. */
#define PNU (1ull << 33)
#define IND (1ull << 34)
#define RNW (1ull << 35)
#define IN  (2ull << 40)

/* PRIVCFG and INSTCFG: 2 and 3 replace what comes in, a write is data. */
static void test_overrides(struct fixture *f, gconstpointer data)
{
    (void)data;
    for (unsigned i = 0; i < 64; i++) {
        uint64_t priv = i & 3, inst = i >> 2 & 3;
        struct teeio_tables_ste ste = teeio_tables_ste_stage1(f->rig.cd);
        struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_UNMAPPED);
        struct teeio_translation answer;
        bool privileged, execute;

        ste.dw[1] |= priv << 48 | inst << 50;
        teeio_tables_set_ste(&f->rig.streams, RIG_SID, ste);
        tlp.privileged = i & 16;
        tlp.execute = i & 32;
        privileged = priv == 3 || (priv < 2 && tlp.privileged);
        execute = inst == 3 || (inst < 2 && tlp.execute);
        answer = smmu_rig_send(&f->rig, tlp);
        smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10,
                        RNW | IN | (privileged ? PNU : 0) | (execute ? IND : 0),
                        RIG_UNMAPPED, 0);
        tlp.kind = TEEIO_TLP_MWR;
        answer = smmu_rig_send(&f->rig, tlp);
        g_assert_cmphex(answer.fault.dw[1], ==, IN | (privileged ? PNU : 0));
    }
}

/* The override decides, not only the record shows it. */
static void test_override_walk(struct fixture *f, gconstpointer data)
{
    struct teeio_tables_ste ste = teeio_tables_ste_stage1(f->rig.cd);
    struct teeio_translation answer;

    (void)data;
    g_assert_true(teeio_tables_map(&f->rig.space, RIG_RO, RIG_DATA, 3,
                                   TEEIO_TABLES_ACCESSED | TEEIO_TABLES_UXN));
    answer = smmu_rig_read(&f->rig, RIG_RO);
    g_assert_cmpstr(answer.fault.name, ==, "F_PERMISSION");
    ste.dw[1] |= 3ull << 48;
    teeio_tables_set_ste(&f->rig.streams, RIG_SID, ste);
    answer = smmu_rig_read(&f->rig, RIG_RO);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
}

#define ADD(name)                                                              \
    g_test_add("/smmuv3-ste/" #name, struct fixture, NULL, setup, test_##name, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(stage1);
    ADD(stage2);
    ADD(small);
    ADD(config);
    ADD(overrides);
    ADD(override_walk);
    return g_test_run();
}
