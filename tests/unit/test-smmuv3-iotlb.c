/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What the SMMU remembers, what it reads again, and what makes it forget.
 */
#include "smmu-rig.h"

#define WINDOW      0x80000000ull /* IPA of stage 1 tables and the CD */
#define IPA         0x90000000ull /* of RIG_DATA */
#define VA          0x10000ull    /* to IPA, several pages */
#define VMID        7u
#define ASID        (1ull << 48) /* of the rig, as commands have it */
#define OTHER       (RIG_DATA + 0x8000)

#define LINE        0x408000ull /* free, its descriptors fill a line */

#define CFGI_STE    0x03ull
#define CFGI_CD     0x05ull
#define CFGI_CD_ALL 0x06ull
#define NH_ALL      0x10ull
#define NH_ASID     0x11ull
#define NH_VA       0x12ull
#define NH_VAA      0x13ull
#define S12_VMALL   0x28ull
#define S2_IPA      0x2aull
#define NSNH_ALL    0x30ull

static void start(struct smmu_rig *rig, bool check)
{
    smmu_rig_init(rig, TEEIO_T_UNIFIED, 8);
    g_assert_true(teeio_smmuv3_set_iotlb(rig->smmu, true, check));
    smmu_rig_enable(rig, 6);
}

static void command(struct smmu_rig *rig, uint64_t dw0, uint64_t dw1)
{
    uint64_t prod = smmu_rig_get(rig, TEEIO_SMMUV3_REG_CMDQ_PROD);

    smmu_rig_put(rig, RIG_CMDQ + (prod & 63) * 16, dw0);
    smmu_rig_put(rig, RIG_CMDQ + (prod & 63) * 16 + 8, dw1);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, (prod + 1) & 127);
    while (teeio_smmuv3_step(rig->smmu)) {
    }
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_CMDQ_CONS), ==,
                    (prod + 1) & 127);
}

static void remap(struct smmu_rig *rig, uint64_t va, uint64_t pa)
{
    uint64_t slot = teeio_tables_slot(&rig->space, va, 3);
    uint64_t old = teeio_tables_get(&rig->tables, slot);

    smmu_rig_put(rig, slot, (old & ~0xfffffffff000ull) | pa);
}

static unsigned reads(struct smmu_rig *rig, uint64_t address)
{
    unsigned before = rig->fake.reads;
    struct teeio_translation answer = smmu_rig_read(rig, address);

    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    return rig->fake.reads - before;
}

static void expect(struct smmu_rig *rig, uint64_t address, enum teeio_via via,
                   uint64_t output)
{
    struct teeio_translation answer = smmu_rig_read(rig, address);

    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmpstr(teeio_via_name(answer.via), ==, teeio_via_name(via));
    g_assert_cmphex(answer.output, ==, output);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_OK);
}

static void test_hit(void)
{
    struct smmu_rig rig;
    struct teeio_translation answer;
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RW + 0x20);

    start(&rig, false);
    g_assert_false(teeio_smmuv3_recall(rig.smmu, &tlp, &answer));
    expect(&rig, RIG_RW + 0x18, TEEIO_VIA_WALK, RIG_DATA + 0x18);
    g_assert_true(teeio_smmuv3_recall(rig.smmu, &tlp, &answer));
    g_assert_cmphex(answer.output, ==, RIG_DATA + 0x20);
    g_assert_cmpuint(reads(&rig, RIG_RW + 0x30), ==, 0);
    g_assert_cmpuint(teeio_smmuv3_stats(rig.smmu).iotlb_hits, ==, 2);
    g_assert_cmpuint(teeio_smmuv3_stats(rig.smmu).translations, ==, 3);

    expect(&rig, RIG_2M + 0x12345, TEEIO_VIA_WALK, RIG_BLOCK + 0x12345);
    expect(&rig, RIG_2M + 0x1fffff, TEEIO_VIA_IOTLB, RIG_BLOCK + 0x1fffff);

    /* Context and last table are known: one descriptor is left to read. */
    g_assert_cmpuint(reads(&rig, RIG_RO), ==, 1);
    /* A refusal is never remembered. */
    answer = smmu_rig_write(&rig, RIG_RO);
    g_assert_cmpstr(answer.fault.name, ==, "F_PERMISSION");
    answer = smmu_rig_read(&rig, RIG_UNMAPPED);
    g_assert_cmpstr(answer.fault.name, ==, "F_TRANSLATION");
    remap(&rig, RIG_UNMAPPED, (OTHER | TEEIO_TABLES_RW) + 3);
    expect(&rig, RIG_UNMAPPED, TEEIO_VIA_WALK, OTHER);

    /* Disabled, it remembers nothing of use. */
    smmu_rig_set(&rig, TEEIO_SMMUV3_REG_CR0, 0);
    answer = smmu_rig_read(&rig, RIG_RW);
    g_assert_cmpint(answer.via, ==, TEEIO_VIA_IDENTITY);
    teeio_smmuv3_reset(rig.smmu);
    smmu_rig_enable(&rig, 6);
    expect(&rig, RIG_RW, TEEIO_VIA_WALK, RIG_DATA);
    smmu_rig_clear(&rig);
}

static void test_stale(void)
{
    struct smmu_rig rig;

    start(&rig, true);
    expect(&rig, RIG_RW, TEEIO_VIA_WALK, RIG_DATA);
    expect(&rig, RIG_RW, TEEIO_VIA_IOTLB, RIG_DATA);
    remap(&rig, RIG_RW, OTHER);
    expect(&rig, RIG_RW, TEEIO_VIA_STALE, RIG_DATA);
    g_assert_cmpuint(teeio_smmuv3_stats(rig.smmu).iotlb_stale, ==, 1);
    /* The walk that found it out has left no trace. */
    g_assert_cmpuint(fake_host_count(&rig.fake, TEEIO_EVENT_FAULT), ==, 0);
    command(&rig, NH_VA | ASID, RIG_RW);
    expect(&rig, RIG_RW, TEEIO_VIA_WALK, OTHER);
    expect(&rig, RIG_RW, TEEIO_VIA_IOTLB, OTHER);
    smmu_rig_put(&rig, teeio_tables_slot(&rig.space, RIG_RW, 3), 0);
    expect(&rig, RIG_RW, TEEIO_VIA_STALE, OTHER);
    smmu_rig_clear(&rig);
}

static void test_commands(void)
{
    static const struct {
        uint64_t dw0;
        uint64_t dw1;
        bool forgets;
    } rows[] = {
        {NH_VA | ASID, RIG_RW, true},
        {NH_VA | ASID, RIG_RW + 0x1000, false},
        {NH_VA | 2 * ASID, RIG_RW, false},
        {NH_VA | ASID | 1ull << 32, RIG_RW, false}, /* VMID */
        {NH_VA | ASID | 1ull << 12, RIG_RW | 1 << 10, true},
        {NH_VA | ASID | 1ull << 12, (RIG_RW - 0x1000) | 1 << 10, true},
        {NH_VA | ASID | 1ull << 12, (RIG_RW - 0x2000) | 1 << 10, false},
        {NH_VAA, RIG_RW, true},
        {NH_VAA | 2 * ASID, RIG_RW, true},
        {NH_ASID | ASID, 0, true},
        {NH_ASID | 2 * ASID, 0, false},
        {NH_ALL, 0, true},
        {NH_ALL | 1ull << 32, 0, false},
        {S12_VMALL, 0, true},
        {S2_IPA, RIG_RW, false},
        {NSNH_ALL, 0, true},
        {CFGI_STE | (uint64_t)RIG_SID << 32, 1, true},
        {CFGI_STE | (uint64_t)RIG_BYPASS << 32, 1, false},
        {CFGI_CD | (uint64_t)RIG_SID << 32, 1, true},
        {CFGI_CD | 1 << 12 | (uint64_t)RIG_SID << 32, 1, false},
        {CFGI_CD_ALL | (uint64_t)RIG_SID << 32, 0, true},
    };
    struct smmu_rig rig;

    start(&rig, false);
    /* Not global, so that its ASID counts. */
    remap(&rig, RIG_RW, RIG_DATA | TEEIO_TABLES_NOT_GLOBAL);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        bool forgets = rows[i].forgets;

        g_test_message("row %u", i);
        smmu_rig_read(&rig, RIG_RW);
        expect(&rig, RIG_RW, TEEIO_VIA_IOTLB, RIG_DATA);
        command(&rig, rows[i].dw0, rows[i].dw1);
        expect(&rig, RIG_RW, forgets ? TEEIO_VIA_WALK : TEEIO_VIA_IOTLB,
               RIG_DATA);
    }
    smmu_rig_clear(&rig);
}

/* Configuration is remembered, whatever memory says meanwhile. */
static void test_context(void)
{
    struct smmu_rig rig;
    struct teeio_translation answer;

    start(&rig, false);
    expect(&rig, RIG_RW, TEEIO_VIA_WALK, RIG_DATA);
    g_assert_true(
        teeio_tables_set_ste(&rig.streams, RIG_SID, teeio_tables_ste_abort()));
    expect(&rig, RIG_RO, TEEIO_VIA_WALK, RIG_DATA + 0x1000);
    command(&rig, CFGI_STE | (uint64_t)RIG_SID << 32, 1);
    answer = smmu_rig_read(&rig, RIG_RO);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    smmu_rig_clear(&rig);
}

/* A table that the host can write must not serve a T=1 request any more. */
static void test_owner(void)
{
    struct smmu_rig rig;
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RW);
    struct teeio_translation answer;

    start(&rig, false);
    tlp.t = true;
    answer = smmu_rig_send(&rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    g_assert_true(teeio_smmuv3_recall(rig.smmu, &tlp, &answer));
    smmu_rig_share(&rig, teeio_tables_slot(&rig.space, RIG_RW, 3));
    g_assert_false(teeio_smmuv3_recall(rig.smmu, &tlp, &answer));
    answer = smmu_rig_send(&rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
    g_assert_true(answer.shared_table);
    smmu_rig_clear(&rig);
}

/* Pages in the line of the one that was asked for, if they are like it. */
static void test_beside(void)
{
    struct smmu_rig rig;

    start(&rig, false);
    for (unsigned i = 0; i < 9; i++) {
        if (i != 2) {
            g_assert_true(teeio_tables_map(
                &rig.space, LINE + i * 0x1000, RIG_DATA + i * 0x1000, 3,
                i == 5 ? TEEIO_TABLES_RO : TEEIO_TABLES_RW));
        }
    }
    expect(&rig, LINE + 0x3008, TEEIO_VIA_WALK, RIG_DATA + 0x3008);
    expect(&rig, LINE + 0x7010, TEEIO_VIA_IOTLB, RIG_DATA + 0x7010);
    expect(&rig, LINE, TEEIO_VIA_IOTLB, RIG_DATA);
    expect(&rig, LINE + 0x5000, TEEIO_VIA_WALK, RIG_DATA + 0x5000);
    expect(&rig, LINE + 0x8000, TEEIO_VIA_WALK, RIG_DATA + 0x8000);
    g_assert_cmpint(smmu_rig_read(&rig, LINE + 0x2000).verdict, ==,
                    TEEIO_VERDICT_FAULT);
    command(&rig, NH_VA | ASID, LINE + 0x4000);
    expect(&rig, LINE + 0x1000, TEEIO_VIA_IOTLB, RIG_DATA + 0x1000);
    expect(&rig, LINE + 0x4000, TEEIO_VIA_WALK, RIG_DATA + 0x4000);
    smmu_rig_clear(&rig);
}

static void test_epoch(void)
{
    struct smmu_rig rig;
    uint64_t epoch;

    start(&rig, false);
    epoch = teeio_smmuv3_epoch(rig.smmu);
    expect(&rig, RIG_RW, TEEIO_VIA_WALK, RIG_DATA);
    g_assert_true(teeio_smmuv3_kept(rig.smmu, epoch));
    g_assert_cmpuint(teeio_smmuv3_stats(rig.smmu).iotlb_hits, ==, 1);
    command(&rig, NH_VA | ASID, RIG_RW);
    g_assert_false(teeio_smmuv3_kept(rig.smmu, epoch));
    epoch = teeio_smmuv3_epoch(rig.smmu);
    smmu_rig_share(&rig, RIG_DATA);
    g_assert_false(teeio_smmuv3_kept(rig.smmu, epoch));
    epoch = teeio_smmuv3_epoch(rig.smmu);
    g_assert_true(teeio_smmuv3_kept(rig.smmu, epoch));
    smmu_rig_set(&rig, TEEIO_SMMUV3_REG_CR0, 0);
    g_assert_cmpuint(teeio_smmuv3_epoch(rig.smmu), ==, 0);
    g_assert_false(teeio_smmuv3_kept(rig.smmu, epoch));
    g_assert_false(teeio_smmuv3_kept(rig.smmu, 0));
    smmu_rig_clear(&rig);
}

struct nested {
    struct smmu_rig rig;
    struct teeio_tables_space s1;
    struct teeio_tables_space s2;
    struct teeio_tables_window window;
};

static void start_nested(struct nested *n)
{
    struct smmu_rig *rig = &n->rig;
    uint64_t cd;

    smmu_rig_init(rig, TEEIO_T_UNIFIED, 8);
    g_assert_true(
        teeio_tables_space_init_stage2(&n->s2, &rig->tables, 48, 12, 0));
    g_assert_true(teeio_tables_window_init(&n->window, &n->s2, WINDOW, 0x10000,
                                           TEEIO_TABLES_S2_RO));
    g_assert_true(teeio_tables_space_init(&n->s1, &n->window.tables, 48));
    for (unsigned i = 0; i < 8; i++) {
        uint64_t page = i * 0x1000ull;

        g_assert_true(teeio_tables_map(&n->s1, VA + page, IPA + page, 3,
                                       TEEIO_TABLES_RW));
        g_assert_true(teeio_tables_map(&n->s2, IPA + page, RIG_DATA + page, 3,
                                       TEEIO_TABLES_S2_RW));
    }
    cd = teeio_tables_put_cd(&n->window.tables, teeio_tables_cd(&n->s1));
    g_assert_true(teeio_tables_set_ste(
        &rig->streams, RIG_SID, teeio_tables_ste_nested(cd, &n->s2, VMID)));
    g_assert_true(teeio_smmuv3_set_iotlb(rig->smmu, true, false));
    smmu_rig_enable(rig, 6);
}

static void test_nested(void)
{
    struct nested n;
    unsigned cold;

    start_nested(&n);
    /* Two reads for the STE, five for the CD, 24 for the address. */
    cold = reads(&n.rig, VA);
    g_assert_cmpuint(cold, <=, 2 + 5 + 24);
    g_assert_cmpuint(cold, >, 2 + 5 + 2);
    g_assert_cmpuint(reads(&n.rig, VA), ==, 0);
    g_assert_cmpuint(reads(&n.rig, VA + 0x1000), ==, 2);

    /* Stage 2 moves a page: the pair may stay until NH_ALL or S12_VMALL. */
    smmu_rig_put(&n.rig, teeio_tables_slot(&n.s2, IPA, 3),
                 OTHER | TEEIO_TABLES_S2_RW | 3);
    command(&n.rig, S2_IPA | (uint64_t)VMID << 32, IPA);
    expect(&n.rig, VA, TEEIO_VIA_IOTLB, RIG_DATA);
    command(&n.rig, NH_ALL | (uint64_t)VMID << 32, 0);
    expect(&n.rig, VA, TEEIO_VIA_WALK, OTHER);
    smmu_rig_clear(&n.rig);
}

/* A table of stage 1 moves below stage 2. */
static void test_moved_table(void)
{
    struct nested n;
    uint64_t slot, table, copy, pa;

    start_nested(&n);
    expect(&n.rig, VA, TEEIO_VIA_WALK, RIG_DATA);
    slot = teeio_tables_slot(&n.s1, VA, 3);
    table = slot & ~0xfffull;
    pa = table - n.window.ipa + n.window.pa;
    copy = teeio_tables_alloc(&n.rig.tables, 0x1000);
    for (unsigned i = 0; i < 0x1000; i += 8) {
        smmu_rig_put(&n.rig, copy + i, teeio_tables_get(&n.rig.tables, pa + i));
    }
    smmu_rig_put(&n.rig, copy + (slot & 0xfff) + 8,
                 (IPA + 0x2000) | TEEIO_TABLES_RW | 3);
    smmu_rig_put(&n.rig, teeio_tables_slot(&n.s2, table, 3),
                 copy | TEEIO_TABLES_S2_RO | 3);
    expect(&n.rig, VA + 0x3000, TEEIO_VIA_WALK, RIG_DATA + 0x3000);
    command(&n.rig, S2_IPA | (uint64_t)VMID << 32, table);
    expect(&n.rig, VA + 0x1000, TEEIO_VIA_WALK, RIG_DATA + 0x2000);
    smmu_rig_clear(&n.rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smmuv3-iotlb/hit", test_hit);
    g_test_add_func("/smmuv3-iotlb/stale", test_stale);
    g_test_add_func("/smmuv3-iotlb/commands", test_commands);
    g_test_add_func("/smmuv3-iotlb/context", test_context);
    g_test_add_func("/smmuv3-iotlb/owner", test_owner);
    g_test_add_func("/smmuv3-iotlb/beside", test_beside);
    g_test_add_func("/smmuv3-iotlb/epoch", test_epoch);
    g_test_add_func("/smmuv3-iotlb/nested", test_nested);
    g_test_add_func("/smmuv3-iotlb/moved-table", test_moved_table);
    return g_test_run();
}
