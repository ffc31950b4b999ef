/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The T policy amd-single: what an address claims about its page.
 */
#include <string.h>

#include "smmu-rig.h"
#include "teeio/fabric.h"

#define C_BIT    (1ull << 47)
#define EATS     28
#define VMID     7u

#define MARKED   0x30000ull /* to RIG_DATA, with the C bit */
#define UNMARKED 0x31000ull /* to RIG_DATA + 0x1000, without */
#define WINDOW   0x80000000ull
#define IPA      0x90000000ull /* of RIG_DATA, a block of 2 MiB */

struct fixture {
    struct smmu_rig rig;
    struct teeio_fabric fabric;
    struct teeio_tables_space s2;
    struct teeio_tables_window window;
    struct teeio_tables_space s1;
    uint64_t cd; /* an IPA */
};

static void map(struct teeio_tables_space *space, uint64_t va, uint64_t pa,
                bool marked)
{
    uint64_t slot;

    g_assert_true(teeio_tables_map(space, va, pa, 3, TEEIO_TABLES_RW));
    slot = teeio_tables_slot(space, va, 3);
    if (marked) {
        teeio_tables_put(space->tables, slot,
                         teeio_tables_get(space->tables, slot) | C_BIT);
    }
}

static void use(struct fixture *f, struct teeio_tables_ste ste, uint64_t eats)
{
    ste.dw[1] = (ste.dw[1] & ~(3ull << EATS)) | eats << EATS;
    g_assert_true(teeio_tables_set_ste(&f->rig.streams, RIG_SID, ste));
}

static void use_stage1(struct fixture *f)
{
    use(f, teeio_tables_ste_stage1(f->rig.cd), 1);
}

static void use_nested(struct fixture *f, uint64_t eats)
{
    use(f, teeio_tables_ste_nested(f->cd, &f->s2, VMID), eats);
}

static void setup(struct fixture *f, gconstpointer data)
{
    struct smmu_rig *rig = &f->rig;

    smmu_rig_init(rig, TEEIO_T_AMD_SINGLE, 8);
    g_assert_true(
        teeio_smmuv3_set_iotlb(rig->smmu, GPOINTER_TO_INT(data), false));
    f->fabric = (struct teeio_fabric){
        .host = &rig->fake.host,
        .iommu = teeio_smmuv3_iommu(rig->smmu),
        .ownership = rig->ownership,
    };
    map(&rig->space, MARKED, RIG_DATA, true);
    map(&rig->space, UNMARKED, RIG_DATA + 0x1000, false);
    g_assert_true(
        teeio_tables_space_init_stage2(&f->s2, &rig->tables, 40, 12, 1));
    g_assert_true(
        teeio_tables_map(&f->s2, IPA, RIG_DATA, 2, TEEIO_TABLES_S2_RW));
    g_assert_true(teeio_tables_window_init(&f->window, &f->s2, WINDOW, 0x10000,
                                           TEEIO_TABLES_S2_RO));
    g_assert_true(teeio_tables_space_init(&f->s1, &f->window.tables, 39));
    map(&f->s1, MARKED, IPA, true);
    map(&f->s1, UNMARKED, IPA + 0x1000, false);
    f->cd = teeio_tables_put_cd(&f->window.tables, teeio_tables_cd(&f->s1));
    smmu_rig_enable(rig, 4);
    smmu_rig_share(rig, RIG_DATA + 0x1000);
}

static void teardown(struct fixture *f, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(&f->rig);
}

static struct teeio_translation ask(struct fixture *f, bool t, uint64_t address,
                                    enum teeio_tlp_at at)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MWR, address);

    tlp.t = t;
    tlp.at = at;
    return smmu_rig_send(&f->rig, tlp);
}

static void expect(const struct teeio_translation *answer, uint64_t output,
                   enum teeio_owner owner)
{
    g_assert_cmpint(answer->verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmphex(answer->output, ==, output);
    g_assert_cmpstr(teeio_owner_name(answer->expected), ==,
                    teeio_owner_name(owner));
}

static enum teeio_verdict dma(struct fixture *f, bool t, uint64_t address)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MWR, address);
    uint8_t bytes[4] = {0};

    tlp.t = t;
    return teeio_fabric_write(&f->fabric, &tlp, bytes);
}

/* Twice: walked, and remembered where there is an IOTLB. */
static void check_marks(struct fixture *f)
{
    for (int i = 0; i < 2; i++) {
        struct teeio_translation answer;

        answer = ask(f, true, MARKED + 0x10, TEEIO_AT_UNTRANSLATED);
        expect(&answer, RIG_DATA + 0x10, TEEIO_OWNER_PRIVATE);
        g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_OK);
        answer = ask(f, true, UNMARKED, TEEIO_AT_UNTRANSLATED);
        expect(&answer, RIG_DATA + 0x1000, TEEIO_OWNER_SHARED);
        g_assert_cmpint(dma(f, true, MARKED), ==, TEEIO_VERDICT_OK);
        g_assert_cmpint(dma(f, true, UNMARKED), ==, TEEIO_VERDICT_OK);
    }
    /* The claim is wrong, either way. */
    smmu_rig_share(&f->rig, RIG_DATA);
    g_assert_cmpint(dma(f, true, MARKED), ==, TEEIO_VERDICT_DENIED);
    g_assert_true(teeio_ownership_set(f->rig.ownership, RIG_DATA, 0x2000,
                                      TEEIO_OWNER_PRIVATE));
    g_assert_cmpint(dma(f, true, MARKED), ==, TEEIO_VERDICT_OK);
    g_assert_cmpint(dma(f, true, UNMARKED), ==, TEEIO_VERDICT_DENIED);
    smmu_rig_share(&f->rig, RIG_DATA + 0x1000);
}

static void test_stage1(struct fixture *f, gconstpointer data)
{
    (void)data;
    use_stage1(f);
    check_marks(f);
}

static void test_nested(struct fixture *f, gconstpointer data)
{
    (void)data;
    use_nested(f, 0);
    check_marks(f);
}

/* Tables may be named with the C bit, as a guest names all its memory. */
static void test_marked_tables(struct fixture *f, gconstpointer data)
{
    struct smmu_rig *rig = &f->rig;
    uint64_t slot = teeio_tables_slot(&rig->space, MARKED, 2);
    struct teeio_tables_cd cd = teeio_tables_cd(&rig->space);
    struct teeio_translation answer;

    (void)data;
    smmu_rig_put(rig, slot, teeio_tables_get(&rig->tables, slot) | C_BIT);
    cd.dw[1] |= C_BIT;
    use(f, teeio_tables_ste_stage1(teeio_tables_put_cd(&rig->tables, cd)), 0);
    answer = ask(f, true, MARKED, TEEIO_AT_UNTRANSLATED);
    expect(&answer, RIG_DATA, TEEIO_OWNER_PRIVATE);
}

static void test_vtom(struct fixture *f, gconstpointer data)
{
    const struct teeio_t_claims claims = {47, RIG_DATA + 0x1000};
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_DATA);
    struct teeio_translation answer;

    (void)data;
    tlp.t = true;
    tlp.requester = RIG_BYPASS;
    /* Without a setting everything is below. */
    answer = smmu_rig_send(&f->rig, tlp);
    expect(&answer, RIG_DATA, TEEIO_OWNER_PRIVATE);

    g_assert_true(teeio_smmuv3_set_claims(f->rig.smmu, &claims));
    tlp.address = RIG_DATA + 0xffc;
    answer = smmu_rig_send(&f->rig, tlp);
    expect(&answer, RIG_DATA + 0xffc, TEEIO_OWNER_PRIVATE);
    tlp.address = RIG_DATA + 0x1000;
    answer = smmu_rig_send(&f->rig, tlp);
    expect(&answer, RIG_DATA + 0x1000, TEEIO_OWNER_SHARED);
    /* Nor does it matter that translation is off. */
    smmu_rig_set(&f->rig, TEEIO_SMMUV3_REG_CR0, 0);
    answer = smmu_rig_send(&f->rig, tlp);
    expect(&answer, RIG_DATA + 0x1000, TEEIO_OWNER_SHARED);
}

/* One block of stage 2 has both sides of vTOM in it. */
static void test_vtom_in_block(struct fixture *f, gconstpointer data)
{
    const struct teeio_t_claims claims = {47, IPA + 0x1000};
    struct teeio_translation answer;

    (void)data;
    g_assert_true(teeio_smmuv3_set_claims(f->rig.smmu, &claims));
    use(f, teeio_tables_ste_stage2(&f->s2, VMID), 0);
    for (int i = 0; i < 2; i++) {
        answer = ask(f, true, IPA + 0xff0, TEEIO_AT_UNTRANSLATED);
        expect(&answer, RIG_DATA + 0xff0, TEEIO_OWNER_PRIVATE);
        g_assert_cmphex(answer.page_mask, ==, 0xfff);
        answer = ask(f, true, IPA + 0x1000, TEEIO_AT_UNTRANSLATED);
        expect(&answer, RIG_DATA + 0x1000, TEEIO_OWNER_SHARED);
    }
}

/* T=0 sees stage 2 and nothing else, and no private page. */
static void test_t0(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    use_nested(f, 0);
    for (int i = 0; i < 2; i++) {
        answer = ask(f, false, IPA + 0x1000, TEEIO_AT_UNTRANSLATED);
        expect(&answer, RIG_DATA + 0x1000, TEEIO_OWNER_SHARED);
        g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_SKIPPED);
        g_assert_cmpint(answer.s2, ==, TEEIO_STAGE_OK);
    }
    g_assert_cmpint(dma(f, false, IPA + 0x1000), ==, TEEIO_VERDICT_OK);
    g_assert_cmpint(dma(f, false, IPA), ==, TEEIO_VERDICT_DENIED);
    answer = ask(f, false, MARKED, TEEIO_AT_UNTRANSLATED);
    g_assert_cmpstr(answer.fault.name, ==, "F_TRANSLATION");
    g_assert_cmpuint(answer.fault.stage, ==, 2);

    /* Without a stage 2 it is identity, however stage 1 is configured. */
    use_stage1(f);
    smmu_rig_put(&f->rig, RIG_CMDQ, 0x03 | (uint64_t)RIG_SID << 32);
    smmu_rig_set(&f->rig, TEEIO_SMMUV3_REG_CMDQ_PROD, 1);
    teeio_smmuv3_step(f->rig.smmu);
    answer = ask(f, false, RIG_DATA + 0x1000, TEEIO_AT_UNTRANSLATED);
    expect(&answer, RIG_DATA + 0x1000, TEEIO_OWNER_SHARED);
    g_assert_cmpint(answer.s1, ==, TEEIO_STAGE_SKIPPED);

    answer = ask(f, false, C_BIT | RIG_DATA, TEEIO_AT_UNTRANSLATED);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_BLOCKED);
    answer = ask(f, false, RIG_DATA, TEEIO_AT_TRANSLATION_REQUEST);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_BLOCKED);

    /* A stream that nobody configured is no identity, unlike elsewhere. */
    teeio_tables_set_ste(&f->rig.streams, RIG_SID,
                         (struct teeio_tables_ste){{0}});
    smmu_rig_put(&f->rig, RIG_CMDQ + 16, 0x03 | (uint64_t)RIG_SID << 32);
    smmu_rig_set(&f->rig, TEEIO_SMMUV3_REG_CMDQ_PROD, 2);
    teeio_smmuv3_step(f->rig.smmu);
    answer = ask(f, false, RIG_DATA, TEEIO_AT_UNTRANSLATED);
    g_assert_cmpstr(answer.fault.name, ==, "C_BAD_STE");
}

/* The host may write stage 2, whose answers are checked, but no other table. */
static void test_shared_tables(struct fixture *f, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    use_nested(f, 0);
    smmu_rig_share(&f->rig, teeio_tables_slot(&f->s2, IPA, 2));
    smmu_rig_share(&f->rig, f->s2.root);
    answer = ask(f, true, MARKED, TEEIO_AT_UNTRANSLATED);
    expect(&answer, RIG_DATA, TEEIO_OWNER_PRIVATE);
    smmu_rig_share(&f->rig, f->window.pa);
    answer = ask(f, true, MARKED, TEEIO_AT_UNTRANSLATED);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
    g_assert_true(answer.shared_table);
}

/* What a device keeps carries the claim along. */
static void test_ats(struct fixture *f, gconstpointer data)
{
    bool nested = GPOINTER_TO_INT(data);
    uint64_t kept = nested ? IPA : RIG_DATA;
    struct teeio_translation answer;

    smmu_rig_set(&f->rig, TEEIO_SMMUV3_REG_CR0,
                 TEEIO_CR0_SMMUEN | TEEIO_CR0_CMDQEN | TEEIO_CR0_EVENTQEN |
                     TEEIO_CR0_ATSCHK);
    if (nested) {
        use_nested(f, 2);
    } else {
        use_stage1(f);
    }
    answer = ask(f, true, MARKED, TEEIO_AT_TRANSLATION_REQUEST);
    g_assert_cmpint(answer.ipa_only, ==, nested);
    expect(&answer, kept | C_BIT, TEEIO_OWNER_PRIVATE);
    answer = ask(f, true, UNMARKED, TEEIO_AT_TRANSLATION_REQUEST);
    expect(&answer, kept + 0x1000, TEEIO_OWNER_SHARED);

    answer = ask(f, true, (kept | C_BIT) + 8, TEEIO_AT_TRANSLATED);
    expect(&answer, RIG_DATA + 8, TEEIO_OWNER_PRIVATE);
    answer = ask(f, true, kept + 0x1008, TEEIO_AT_TRANSLATED);
    expect(&answer, RIG_DATA + 0x1008, TEEIO_OWNER_SHARED);
    /* A miss claims nothing. */
    answer = ask(f, true, RIG_UNMAPPED, TEEIO_AT_TRANSLATION_REQUEST);
    g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_NONE);
    g_assert_cmphex(answer.output, ==, RIG_UNMAPPED);
}

static void test_settings(struct fixture *f, gconstpointer data)
{
    static const struct {
        struct teeio_t_claims claims;
        bool ok;
    } rows[] = {
        {{31, 0}, false}, {{32, 0}, true},      {{47, 0x1000}, true},
        {{48, 0}, false}, {{47, 0x800}, false}, {{47, UINT64_MAX}, false},
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpint(teeio_smmuv3_set_claims(f->rig.smmu, &rows[i].claims),
                        ==, rows[i].ok);
    }
}

/* An image goes to the same claims only. */
static void test_image(struct fixture *f, gconstpointer data)
{
    const struct teeio_t_claims other = {46, 1ull << 47};
    const struct teeio_t_claims same = {47, 1ull << 47};
    size_t size = teeio_smmuv3_save(f->rig.smmu, NULL, 0);
    g_autofree uint8_t *image = g_malloc(size);

    (void)data;
    g_assert_cmpuint(teeio_smmuv3_save(f->rig.smmu, image, size), ==, size);
    g_assert_true(teeio_smmuv3_load(f->rig.smmu, image, size));
    g_assert_true(teeio_smmuv3_set_claims(f->rig.smmu, &other));
    g_assert_false(teeio_smmuv3_load(f->rig.smmu, image, size));
    g_assert_true(teeio_smmuv3_set_claims(f->rig.smmu, &same));
    g_assert_true(teeio_smmuv3_load(f->rig.smmu, image, size));
}

static void add(const char *name, int data,
                void (*test)(struct fixture *, gconstpointer))
{
    g_autofree char *path = g_strdup_printf("/smmuv3-amd-single/%s", name);

    g_test_add(path, struct fixture, GINT_TO_POINTER(data), setup, test,
               teardown);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("stage1", 0, test_stage1);
    add("stage1/iotlb", 1, test_stage1);
    add("nested", 0, test_nested);
    add("nested/iotlb", 1, test_nested);
    add("marked-tables", 0, test_marked_tables);
    add("vtom", 0, test_vtom);
    add("vtom-in-block", 0, test_vtom_in_block);
    add("vtom-in-block/iotlb", 1, test_vtom_in_block);
    add("t0", 0, test_t0);
    add("t0/iotlb", 1, test_t0);
    add("shared-tables", 0, test_shared_tables);
    add("ats/full", 0, test_ats);
    add("ats/split", 1, test_ats);
    add("settings", 0, test_settings);
    add("image", 0, test_image);
    return g_test_run();
}
