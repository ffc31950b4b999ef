/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * From a TLP to an answer: policies, translation faults and their records.
 */
#include "smmu-rig.h"

#define SID ((uint64_t)RIG_SID << 32)

/* Bits of word 1 of a record. */
#define PNU (1ull << 33)
#define IND (1ull << 34)
#define RNW (1ull << 35)
#define TT  (1ull << 40)
#define IN  (2ull << 40)

static void setup(struct smmu_rig *rig, gconstpointer data)
{
    smmu_rig_init(rig, GPOINTER_TO_INT(data), 8);
    smmu_rig_enable(rig, 4);
}

static void teardown(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(rig);
}

static struct teeio_translation read_t1(struct smmu_rig *rig, uint64_t address)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, address);

    tlp.t = true;
    return smmu_rig_send(rig, tlp);
}

static void expect_ok(const struct teeio_translation *answer,
                      enum teeio_stage s1, enum teeio_via via, uint64_t output)
{
    g_assert_cmpint(answer->verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmpint(answer->s1, ==, s1);
    g_assert_cmpint(answer->s2, ==, TEEIO_STAGE_OFF);
    g_assert_cmpint(answer->via, ==, via);
    g_assert_cmphex(answer->output, ==, output);
    g_assert_false(answer->shared_table);
    g_assert_false(answer->fault.present);
}

static void test_walk(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    answer = smmu_rig_write(rig, RIG_RW + 0x18);
    expect_ok(&answer, TEEIO_STAGE_OK, TEEIO_VIA_WALK, RIG_DATA + 0x18);
    g_assert_cmphex(answer.page_mask, ==, 0xfff);
    g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_READ | TEEIO_PERM_WRITE);

    answer = smmu_rig_read(rig, RIG_RO);
    expect_ok(&answer, TEEIO_STAGE_OK, TEEIO_VIA_WALK, RIG_DATA + 0x1000);
    g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_READ);

    answer = smmu_rig_read(rig, RIG_2M + 0x12345);
    expect_ok(&answer, TEEIO_STAGE_OK, TEEIO_VIA_WALK, RIG_BLOCK + 0x12345);
    g_assert_cmphex(answer.page_mask, ==, 0x1fffff);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).translations, ==, 3);
    g_assert_cmpuint(rig->fake.events->len, ==, 1); /* "enable" */
}

static void test_high_range(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tables_cd cd = teeio_tables_cd(&rig->space);
    struct teeio_tables_space high;
    uint64_t va = 0xffffff8000042000;
    struct teeio_translation answer;

    (void)data;
    g_assert_true(teeio_tables_space_init(&high, &rig->tables, 39));
    g_assert_true(
        teeio_tables_map(&high, va, RIG_DATA + 0x5000, 3, TEEIO_TABLES_RW));
    teeio_tables_cd_high(&cd, &high);
    cd.dw[0] |= 1ull << 39; /* TBI1, not TBI0 */
    teeio_tables_set_ste(
        &rig->streams, RIG_SID,
        teeio_tables_ste_stage1(teeio_tables_put_cd(&rig->tables, cd)));
    answer = smmu_rig_read(rig, va);
    expect_ok(&answer, TEEIO_STAGE_OK, TEEIO_VIA_WALK, RIG_DATA + 0x5000);
    answer = smmu_rig_read(rig, va ^ 0xa5ull << 56);
    expect_ok(&answer, TEEIO_STAGE_OK, TEEIO_VIA_WALK, RIG_DATA + 0x5000);
    answer = smmu_rig_read(rig, RIG_RW | 0xa5ull << 56);
    /* InputAddr keeps all its bits. */
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | IN,
                    RIG_RW | 0xa5ull << 56, 0);
}

static void test_translation(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_UNMAPPED + 8);
    struct teeio_translation answer;

    (void)data;
    answer = smmu_rig_send(rig, tlp);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | IN,
                    RIG_UNMAPPED + 8, 0);
    g_assert_cmpuint(answer.fault.stage, ==, 1);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_FAULT);
    g_assert_cmpint(answer.via, ==, TEEIO_VIA_WALK);

    tlp.privileged = true;
    tlp.execute = true;
    answer = smmu_rig_send(rig, tlp);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | IN | PNU | IND,
                    RIG_UNMAPPED + 8, 0);
    tlp.kind = TEEIO_TLP_MWR; /* a write is data */
    answer = smmu_rig_send(rig, tlp);
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, IN | PNU,
                    RIG_UNMAPPED + 8, 0);
    answer = smmu_rig_read(rig, UINT64_MAX); /* EPD1 */
    smmu_rig_expect(&answer, "F_TRANSLATION", SID | 0x10, RNW | IN, UINT64_MAX,
                    0);
}

static void test_other_faults(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    answer = smmu_rig_write(rig, RIG_RO);
    smmu_rig_expect(&answer, "F_PERMISSION", SID | 0x13, IN, RIG_RO, 0);

    teeio_tables_map(&rig->space, RIG_RO, RIG_DATA, 3, TEEIO_TABLES_USER);
    answer = smmu_rig_read(rig, RIG_RO);
    smmu_rig_expect(&answer, "F_ACCESS", SID | 0x12, RNW | IN, RIG_RO, 0);

    teeio_tables_map(&rig->space, RIG_RO, 1ull << 44, 3, TEEIO_TABLES_RW);
    for (uint64_t ips = 0; ips < 8; ips++) {
        uint64_t dw0 = teeio_tables_get(&rig->tables, rig->cd);

        /* More than the OAS counts as the OAS. */
        smmu_rig_put(rig, rig->cd, (dw0 & ~(7ull << 32)) | ips << 32);
        answer = smmu_rig_read(rig, RIG_RO);
        if (ips >= 5) {
            g_assert_cmphex(answer.output, ==, 1ull << 44);
            continue;
        }
        smmu_rig_expect(&answer, "F_ADDR_SIZE", SID | 0x11, RNW | IN, RIG_RO,
                        0);
    }
}

static void test_walk_abort(struct smmu_rig *rig, gconstpointer data)
{
    uint64_t slot = teeio_tables_slot(&rig->space, RIG_RW, 3);
    struct teeio_translation answer;

    (void)data;
    rig->fake.fail_page = slot & ~0xfffull;
    answer = smmu_rig_read(rig, RIG_RW + 8);
    smmu_rig_expect(&answer, "F_WALK_EABT", SID | 0x0b, RNW | TT, RIG_RW + 8,
                    slot);
    g_assert_false(answer.shared_table);
}

static void test_record_bit(struct smmu_rig *rig, gconstpointer data)
{
    uint64_t dw0 = teeio_tables_get(&rig->tables, rig->cd);
    struct teeio_translation answer;

    (void)data;
    smmu_rig_put(rig, rig->cd, dw0 & ~(1ull << 45));
    answer = smmu_rig_read(rig, RIG_UNMAPPED);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
    g_assert_true(answer.fault.present);
    g_assert_false(answer.fault.record);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_EVENTQ_PROD), ==, 0);
    g_assert_false(
        fake_host_last(&rig->fake, TEEIO_EVENT_FAULT)->u.fault.queued);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).events_lost, ==, 0);

    /* An external abort is no translation fault. */
    rig->fake.fail_page = rig->space.root & ~0xfffull;
    g_assert_true(smmu_rig_read(rig, RIG_RW).fault.record);
}

static void test_disabled(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_EVENTQEN);
    answer = smmu_rig_write(rig, 0x12345);
    expect_ok(&answer, TEEIO_STAGE_OFF, TEEIO_VIA_IDENTITY, 0x12345);
    g_assert_cmphex(answer.page_mask, ==, 0xfff);
    g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_READ | TEEIO_PERM_WRITE);

    answer = smmu_rig_read(rig, 1ull << 48);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);

    smmu_rig_set(rig, TEEIO_SMMUV3_REG_GBPA,
                 TEEIO_GBPA_ABORT | TEEIO_GBPA_UPDATE);
    answer = smmu_rig_read(rig, 0x12345);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_NONE);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_EVENTQ_PROD), ==, 0);
}

static void test_bypass_size(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MWR, (1ull << 48) - 4);
    struct teeio_translation answer;

    (void)data;
    tlp.requester = RIG_BYPASS;
    answer = smmu_rig_send(rig, tlp);
    expect_ok(&answer, TEEIO_STAGE_BYPASS, TEEIO_VIA_IDENTITY, tlp.address);
    tlp.address = 1ull << 48;
    answer = smmu_rig_send(rig, tlp);
    smmu_rig_expect(&answer, "F_ADDR_SIZE", (uint64_t)RIG_BYPASS << 32 | 0x11,
                    IN, 1ull << 48, 0);
}

static void test_unified(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_translation t0 = smmu_rig_read(rig, RIG_RW);
    struct teeio_translation t1 = read_t1(rig, RIG_RW);

    (void)data;
    expect_ok(&t0, TEEIO_STAGE_OK, TEEIO_VIA_WALK, RIG_DATA);
    expect_ok(&t1, TEEIO_STAGE_OK, TEEIO_VIA_WALK, RIG_DATA);
}

static void test_arm_split(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_translation answer = smmu_rig_read(rig, RIG_RW);
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, 0x4000);

    (void)data;
    expect_ok(&answer, TEEIO_STAGE_SKIPPED, TEEIO_VIA_IDENTITY, RIG_RW);
    answer = read_t1(rig, RIG_RW);
    expect_ok(&answer, TEEIO_STAGE_OK, TEEIO_VIA_WALK, RIG_DATA);

    tlp.requester = RIG_BYPASS;
    answer = smmu_rig_send(rig, tlp);
    expect_ok(&answer, TEEIO_STAGE_BYPASS, TEEIO_VIA_IDENTITY, 0x4000);
    tlp.requester = RIG_ABORT;
    answer = smmu_rig_send(rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    /* No STE, no fault either: the guest's tables do not concern T=0. */
    tlp.requester = 0xffff;
    answer = smmu_rig_send(rig, tlp);
    expect_ok(&answer, TEEIO_STAGE_SKIPPED, TEEIO_VIA_IDENTITY, 0x4000);
    rig->fake.fail_page =
        teeio_tables_ste_slot(&rig->streams, RIG_SID) & ~0xfffull;
    answer = smmu_rig_read(rig, RIG_RW);
    expect_ok(&answer, TEEIO_STAGE_SKIPPED, TEEIO_VIA_IDENTITY, RIG_RW);
    answer = smmu_rig_read(rig, 1ull << 48);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    g_assert_false(answer.fault.present);

    g_assert_cmpuint(fake_host_count(&rig->fake, TEEIO_EVENT_FAULT), ==, 0);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, 0);
    answer = smmu_rig_read(rig, RIG_RW);
    expect_ok(&answer, TEEIO_STAGE_OFF, TEEIO_VIA_IDENTITY, RIG_RW);
}

static void test_t0_blocked(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_translation answer = read_t1(rig, RIG_RW);

    (void)data;
    expect_ok(&answer, TEEIO_STAGE_OK, TEEIO_VIA_WALK, RIG_DATA);
    for (int on = 1; on >= 0; on--) {
        smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, on);
        answer = smmu_rig_read(rig, RIG_RW);
        g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_BLOCKED);
        g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_NONE);
        g_assert_cmpint(answer.via, ==, TEEIO_VIA_NONE);
        g_assert_false(answer.fault.present);
    }
    g_assert_cmpuint(fake_host_count(&rig->fake, TEEIO_EVENT_FAULT), ==, 0);
    answer = read_t1(rig, RIG_RW);
    expect_ok(&answer, TEEIO_STAGE_OFF, TEEIO_VIA_IDENTITY, RIG_RW);
}

/* T=1 sees identity, T=0 the guest's tables with the host's eyes. */
static void test_tdx_split(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RW);
    struct teeio_translation answer = read_t1(rig, RIG_RW);

    (void)data;
    expect_ok(&answer, TEEIO_STAGE_SKIPPED, TEEIO_VIA_IDENTITY, RIG_RW);
    tlp.t = true;
    tlp.pasid_valid = true;
    answer = smmu_rig_send(rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_BLOCKED);
    tlp.pasid_valid = false;
    tlp.at = TEEIO_AT_TRANSLATION_REQUEST;
    answer = smmu_rig_send(rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_BLOCKED);
    g_assert_cmpint(answer.completion, ==, TEEIO_COMPLETION_UR);

    answer = smmu_rig_read(rig, RIG_RW);
    g_assert_cmpstr(answer.fault.name, ==, "F_STE_FETCH");
    g_assert_false(answer.shared_table);
    g_assert_true(teeio_ownership_set(
        rig->ownership, RIG_TABLES, RIG_DATA - RIG_TABLES, TEEIO_OWNER_SHARED));
    answer = smmu_rig_read(rig, RIG_RW);
    expect_ok(&answer, TEEIO_STAGE_OK, TEEIO_VIA_WALK, RIG_DATA);
    answer = read_t1(rig, RIG_RW);
    expect_ok(&answer, TEEIO_STAGE_SKIPPED, TEEIO_VIA_IDENTITY, RIG_RW);
}

/* Each table in turn is writable by the host: T=1 refuses, T=0 does not. */
static void test_shared_table(struct smmu_rig *rig, gconstpointer data)
{
    uint64_t ste = teeio_tables_ste_slot(&rig->streams, RIG_SID);
    uint64_t l1 = teeio_tables_l1_slot(&rig->streams, RIG_SID);
    uint64_t root = teeio_tables_slot(&rig->space, RIG_RW, 1);
    uint64_t leaf = teeio_tables_slot(&rig->space, RIG_RW, 3);
    const struct {
        uint64_t at;
        const char *name;
        uint64_t type, dw1, dw2;
    } rows[] = {
        {l1, "F_STE_FETCH", 0x03, 0, 0},
        {ste, "F_STE_FETCH", 0x03, 0, 0},
        {rig->cd, "F_CD_FETCH", 0x09, 0, 0},
        {root, "F_WALK_EABT", 0x0b, RNW | TT, RIG_RW},
        {leaf, "F_WALK_EABT", 0x0b, RNW | TT, RIG_RW},
    };
    bool reads_tables = GPOINTER_TO_INT(data) == TEEIO_T_UNIFIED;

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct teeio_translation answer;

        smmu_rig_share(rig, rows[i].at);
        answer = read_t1(rig, RIG_RW);
        g_assert_true(answer.shared_table);
        smmu_rig_expect(&answer, rows[i].name, SID | rows[i].type, rows[i].dw1,
                        rows[i].dw2, rows[i].at);
        answer = smmu_rig_read(rig, RIG_RW);
        if (reads_tables) {
            expect_ok(&answer, TEEIO_STAGE_OK, TEEIO_VIA_WALK, RIG_DATA);
        }
        g_assert_false(answer.shared_table);
        teeio_ownership_reset(rig->ownership);
    }
    teeio_smmuv3_set_ownership(rig->smmu, NULL);
    g_assert_true(read_t1(rig, RIG_RW).shared_table);
}

#define ADD(name, policy)                                               \
    g_test_add("/smmuv3-translate/" #name "/" #policy, struct smmu_rig, \
               GINT_TO_POINTER(TEEIO_T_##policy), setup, test_##name,   \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(walk, UNIFIED);
    ADD(high_range, UNIFIED);
    ADD(translation, UNIFIED);
    ADD(other_faults, UNIFIED);
    ADD(walk_abort, UNIFIED);
    ADD(record_bit, UNIFIED);
    ADD(disabled, UNIFIED);
    ADD(bypass_size, UNIFIED);
    ADD(unified, UNIFIED);
    ADD(arm_split, ARM_SPLIT);
    ADD(tdx_split, TDX_SPLIT);
    ADD(t0_blocked, T0_BLOCKED);
    ADD(shared_table, UNIFIED);
    ADD(shared_table, ARM_SPLIT);
    ADD(shared_table, T0_BLOCKED);
    return g_test_run();
}
