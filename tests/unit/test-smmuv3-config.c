/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Stream tables and fetches; constants from Arm IHI 0070, not our header.
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

static void test_cd_fetch(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    rig->fake.fail_page = rig->cd & ~0xfffull;
    answer = smmu_rig_read(rig, RIG_RW);
    smmu_rig_expect(&answer, "F_CD_FETCH", SID | 0x09, 0, 0, rig->cd);
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
    ADD(cd_fetch, 8);
    return g_test_run();
}
