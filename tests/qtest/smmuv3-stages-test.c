/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Stage 1, stage 2 and both, in every granule: DMA arrives, access flag and
 * dirty state are kept, and a refusal tells which stage it was. Substreams.
 */

#include "rig-smmu.h"

#define PAGE       0x1000u
#define A          RIG_DATA
#define IOVA       0x62340000ull
#define IPA        0x90000000ull
#define WINDOW     0x80000000ull
#define INPUT_BITS 40u
#define OFFSET     0x123u

/* PCIe 7.8.9: PASID Extended Capability. */
#define CAP_PASID     0x1b
#define PASID_CONTROL 6
#define PASID_ENABLE  1

#define DBM           (1ull << 51)
#define S2            TEEIO_EVT1_S2
#define RNW           TEEIO_EVT1_RNW
#define IN            ((uint64_t)TEEIO_EVT_CLASS_IN << 40)
#define TT            ((uint64_t)TEEIO_EVT_CLASS_TT << 40)
#define CD            ((uint64_t)TEEIO_EVT_CLASS_CD << 40)
#define TTRNW         TEEIO_EVT1_TTRNW

enum mode { STAGE1, STAGE2, NESTED };

/**
 * struct layout - one way to translate
 * @granule1, @granule2: log2 of the page
 */
struct layout {
    const char *name;
    enum mode mode;
    unsigned granule1;
    unsigned granule2;
};

static const struct layout layouts[] = {
    {"stage1-4k", STAGE1, 12, 0},       {"stage1-16k", STAGE1, 14, 0},
    {"stage1-64k", STAGE1, 16, 0},      {"stage2-4k", STAGE2, 0, 12},
    {"stage2-16k", STAGE2, 0, 14},      {"stage2-64k", STAGE2, 0, 16},
    {"nested-4k-4k", NESTED, 12, 12},   {"nested-4k-16k", NESTED, 12, 14},
    {"nested-4k-64k", NESTED, 12, 16},  {"nested-16k-4k", NESTED, 14, 12},
    {"nested-16k-16k", NESTED, 14, 14}, {"nested-16k-64k", NESTED, 14, 16},
    {"nested-64k-4k", NESTED, 16, 12},  {"nested-64k-16k", NESTED, 16, 14},
    {"nested-64k-64k", NESTED, 16, 16},
};

static const struct layout plain = {"", STAGE1, 12, 0};
static const struct layout lower = {"", STAGE2, 0, 12};
static const struct layout nested = {"", NESTED, 12, 12};

/**
 * struct machine - IOVA and what follows is translated
 * @ste: as it is in memory
 * @cd:  guest physical address
 */
struct machine {
    struct rig *rig;
    struct rig_smmu smmu;
    struct teeio_tables_window window;
    struct teeio_tables_space stage1;
    struct teeio_tables_space stage2;
    struct teeio_tables_ste ste;
    uint64_t cd;
    uint64_t input;
};

static void map1(struct machine *machine, uint64_t iova, uint64_t output)
{
    g_assert_true(
        teeio_tables_map(&machine->stage1, iova, output, 3, TEEIO_TABLES_RW));
}

static void map2(struct machine *machine, uint64_t ipa, uint64_t output)
{
    g_assert_true(
        teeio_tables_map(&machine->stage2, ipa, output, 3, TEEIO_TABLES_S2_RW));
}

static void add_stage1(struct machine *machine, const struct layout *layout,
                       struct teeio_tables *tables)
{
    g_assert_true(teeio_tables_space_init_granule(
        &machine->stage1, tables, INPUT_BITS, layout->granule1));
    machine->cd =
        teeio_tables_put_cd(tables, teeio_tables_cd(&machine->stage1));
    g_assert_cmphex(machine->cd, !=, 0);
    machine->input = IOVA;
}

static void add_stage2(struct machine *machine, const struct layout *layout)
{
    g_assert_true(teeio_tables_space_init_stage2(
        &machine->stage2, &machine->smmu.tables, INPUT_BITS, layout->granule2,
        layout->granule2 == 16 ? 2 : 1));
    machine->input = IPA;
}

static void start(struct machine *machine, const struct layout *layout)
{
    struct rig_smmu *smmu = &machine->smmu;

    *machine = (struct machine){0};
    machine->rig = rig_start(NULL, RIG_SMMU_ARGS " " RIG_TDI_ARGS);
    rig_smmu_init(smmu, machine->rig);
    if (layout->mode != STAGE1) {
        add_stage2(machine, layout);
        machine->ste = teeio_tables_ste_stage2(&machine->stage2, 7);
    }
    if (layout->mode == STAGE1) {
        add_stage1(machine, layout, &smmu->tables);
        machine->ste = teeio_tables_ste_stage1(machine->cd);
    }
    if (layout->mode == NESTED) {
        g_assert_true(teeio_tables_window_init(
            &machine->window, &machine->stage2, WINDOW,
            layout->granule1 == 16 ? 0x40000 : 0x10000, TEEIO_TABLES_S2_RW));
        add_stage1(machine, layout, &machine->window.tables);
        machine->ste =
            teeio_tables_ste_nested(machine->cd, &machine->stage2, 7);
        machine->cd += machine->window.pa - WINDOW;
    }
}

static void enable(struct machine *machine)
{
    rig_set_ste(&machine->smmu, RIG_TDI, machine->ste);
    rig_smmu_enable(&machine->smmu);
}

static void no_event(struct machine *machine)
{
    struct teeio_smmuv3_event event;

    g_assert_false(rig_event(&machine->smmu, &event));
}

/* Two neighbours for the device, the other way round in memory. */
static void test_dma(gconstpointer opaque)
{
    const struct layout *layout = opaque;
    uint64_t page1 = 1ull << layout->granule1;
    uint64_t page2 = 1ull << layout->granule2;
    uint64_t page = layout->mode == STAGE1 || page1 > page2 ? page1 : page2;
    struct machine machine;
    struct teeio_qtest *qtest;
    uint64_t border;

    start(&machine, layout);
    qtest = machine.rig->qtest;
    if (layout->mode == STAGE1) {
        map1(&machine, IOVA, A + page);
        map1(&machine, IOVA + page, A);
    } else {
        for (uint64_t i = 0; i < page; i += page2) {
            map2(&machine, IPA + i, A + page + i);
            map2(&machine, IPA + page + i, A + i);
        }
    }
    for (uint64_t i = 0; layout->mode == NESTED && i < 2 * page; i += page1) {
        map1(&machine, IOVA + i, IPA + i);
    }
    enable(&machine);
    border = machine.input + page;

    g_assert_cmpuint(rig_fill(machine.rig, border - 24, 64, 0x77, 0), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(qtest, A + 2 * page - 24, 0x77, 24));
    g_assert_true(teeio_qtest_uniform(qtest, A, 0x77, 40));
    g_assert_true(teeio_qtest_uniform(qtest, A + 40, 0, page));
    g_assert_true(teeio_qtest_uniform(qtest, A + 2 * page, 0, 64));
    g_assert_true(rig_reads(machine.rig, border - 24, 0x77, 64, 0));
    no_event(&machine);
    rig_stop(machine.rig);
}

/* A block of either stage; the smaller of the two counts. */
static void test_blocks(void)
{
    struct machine machine;

    start(&machine, &nested);
    g_assert_true(teeio_tables_map(&machine.stage1, 0x40000000, 0x80000000, 1,
                                   TEEIO_TABLES_RW));
    g_assert_true(teeio_tables_map(&machine.stage2, 0xa0000000, A, 2,
                                   TEEIO_TABLES_S2_RW));
    enable(&machine);
    rig_fill(machine.rig, 0x60123456, 32, 0x55, 0);
    g_assert_true(
        teeio_qtest_uniform(machine.rig->qtest, A + 0x123456, 0x55, 32));
    no_event(&machine);
    rig_stop(machine.rig);
}

static void flip(struct machine *machine, uint64_t gpa, uint64_t bits)
{
    const struct teeio_tables *tables = &machine->smmu.tables;

    g_assert_cmphex(gpa, !=, 0);
    teeio_tables_put(tables, gpa, teeio_tables_get(tables, gpa) ^ bits);
}

static uint64_t slot2(struct machine *machine, uint64_t ipa)
{
    return teeio_tables_slot(&machine->stage2, ipa, 3);
}

/* In guest physical addresses, in nested layouts, too. */
static uint64_t slot1(struct machine *machine)
{
    return teeio_tables_slot(&machine->stage1, IOVA, 3) + machine->window.pa -
           machine->window.ipa;
}

static void spoil_target(struct machine *machine)
{
    flip(machine, slot2(machine, IPA), 1);
}

static void spoil_cd_page(struct machine *machine)
{
    flip(machine, slot2(machine, machine->cd - machine->window.pa + WINDOW), 1);
}

static uint64_t table_page(struct machine *machine)
{
    return teeio_tables_slot(&machine->stage1, IOVA, 3) & ~(uint64_t)(PAGE - 1);
}

static void spoil_table_page(struct machine *machine)
{
    flip(machine, slot2(machine, table_page(machine)), 1);
}

/* Memory type Device; S2PTW keeps walks away from it. */
static void spoil_table_type(struct machine *machine)
{
    flip(machine, slot2(machine, table_page(machine)), TEEIO_TABLES_S2_MEMORY);
}

static void spoil_access2(struct machine *machine)
{
    flip(machine, slot2(machine, IPA), TEEIO_TABLES_S2_ACCESSED);
}

static void spoil_read2(struct machine *machine)
{
    flip(machine, slot2(machine, IPA), TEEIO_TABLES_S2_READ);
}

/* S2PS becomes 32 bits, and the page lies higher. */
static void spoil_size2(struct machine *machine)
{
    machine->ste.dw[2] &= ~TEEIO_STE2_S2PS;
    rig_set_ste(&machine->smmu, RIG_TDI, machine->ste);
    flip(machine, slot2(machine, IPA), 1ull << 40);
}

static void spoil_stage1(struct machine *machine)
{
    flip(machine, slot1(machine), 1);
}

static void spoil_access1(struct machine *machine)
{
    flip(machine, slot1(machine), TEEIO_TABLES_ACCESSED);
}

/* An update of the access flag in a table that stage 2 protects. */
static void spoil_update(struct machine *machine)
{
    flip(machine, machine->cd, TEEIO_CD0_HA);
    flip(machine, slot1(machine), TEEIO_TABLES_ACCESSED);
    flip(machine, slot2(machine, table_page(machine)), TEEIO_TABLES_S2_WRITE);
}

static uint64_t ipa_of_page(struct machine *machine)
{
    (void)machine;
    return IPA;
}

static uint64_t ipa_of_cd(struct machine *machine)
{
    return (machine->cd - machine->window.pa + WINDOW) & ~(uint64_t)(PAGE - 1);
}

/**
 * struct fault - one way to fail
 * @dw1: of the record for a read
 * @ipa: in the record; NULL when there is none
 */
struct fault {
    const char *name;
    const struct layout *layout;
    void (*spoil)(struct machine *machine);
    unsigned type;
    uint64_t dw1;
    uint64_t (*ipa)(struct machine *machine);
};

static const struct fault faults[] = {
    {"stage2-translation", &lower, spoil_target, TEEIO_EVT_F_TRANSLATION,
     S2 | IN | RNW, ipa_of_page},
    {"stage2-access", &lower, spoil_access2, TEEIO_EVT_F_ACCESS, S2 | IN | RNW,
     ipa_of_page},
    {"stage2-permission", &lower, spoil_read2, TEEIO_EVT_F_PERMISSION,
     S2 | IN | RNW, ipa_of_page},
    {"stage2-addr-size", &lower, spoil_size2, TEEIO_EVT_F_ADDR_SIZE,
     S2 | IN | RNW, ipa_of_page},
    {"nested-translation", &nested, spoil_target, TEEIO_EVT_F_TRANSLATION,
     S2 | IN | RNW, ipa_of_page},
    {"nested-access", &nested, spoil_access2, TEEIO_EVT_F_ACCESS, S2 | IN | RNW,
     ipa_of_page},
    {"nested-permission", &nested, spoil_read2, TEEIO_EVT_F_PERMISSION,
     S2 | IN | RNW, ipa_of_page},
    {"nested-addr-size", &nested, spoil_size2, TEEIO_EVT_F_ADDR_SIZE,
     S2 | IN | RNW, ipa_of_page},
    {"nested-cd", &nested, spoil_cd_page, TEEIO_EVT_F_TRANSLATION,
     S2 | CD | RNW, ipa_of_cd},
    {"nested-table", &nested, spoil_table_page, TEEIO_EVT_F_TRANSLATION,
     S2 | TT | TTRNW | RNW, table_page},
    {"nested-table-type", &nested, spoil_table_type, TEEIO_EVT_F_PERMISSION,
     S2 | TT | TTRNW | RNW, table_page},
    {"nested-update", &nested, spoil_update, TEEIO_EVT_F_PERMISSION,
     S2 | TT | RNW, table_page},
    {"nested-stage1", &nested, spoil_stage1, TEEIO_EVT_F_TRANSLATION, IN | RNW,
     NULL},
    {"nested-stage1-access", &nested, spoil_access1, TEEIO_EVT_F_ACCESS,
     IN | RNW, NULL},
};

/* One page of each stage that the layout has. */
static void map_page(struct machine *machine, const struct layout *layout)
{
    if (layout->mode != STAGE2) {
        map1(machine, IOVA, layout->mode == NESTED ? IPA : A);
    }
    if (layout->mode != STAGE1) {
        map2(machine, IPA, A);
    }
}

static void test_fault(gconstpointer opaque)
{
    const struct fault *fault = opaque;
    struct teeio_smmuv3_event event;
    struct machine machine;
    uint32_t checksum;
    uint64_t ipa;

    start(&machine, fault->layout);
    map_page(&machine, fault->layout);
    enable(&machine);
    g_assert_true(rig_reads(machine.rig, machine.input, 0, 16, 0));
    no_event(&machine);
    ipa = fault->ipa ? fault->ipa(&machine) : 0;

    fault->spoil(&machine);
    rig_sync(&machine.smmu);
    g_assert_cmpuint(
        rig_checksum(machine.rig, machine.input + OFFSET, 16, 0, &checksum), ==,
        TEEIO_TDI_STATUS_REFUSED);
    g_assert_true(rig_event(&machine.smmu, &event));
    g_assert_cmphex(event.dw[0], ==, fault->type | (uint64_t)RIG_TDI << 32);
    g_assert_cmphex(event.dw[1], ==, fault->dw1);
    g_assert_cmphex(event.dw[2], ==, machine.input + OFFSET);
    g_assert_cmphex(event.dw[3], ==, ipa);
    no_event(&machine);
    rig_stop(machine.rig);
}

/* IHI 0070 5.2, S2R: without it stage 2 refuses silently. */
static void test_no_record(void)
{
    struct machine machine;
    uint32_t checksum;

    start(&machine, &lower);
    machine.ste.dw[2] &= ~TEEIO_STE2_S2R;
    enable(&machine);
    g_assert_cmpuint(rig_checksum(machine.rig, IPA, 16, 0, &checksum), ==,
                     TEEIO_TDI_STATUS_REFUSED);
    no_event(&machine);
    rig_stop(machine.rig);
}

static uint64_t descriptor(struct machine *machine, uint64_t slot)
{
    return teeio_tables_get(&machine->smmu.tables, slot);
}

/* Stage 1: a read sets the flag, a write makes the page writable. */
static void test_update1(gconstpointer opaque)
{
    const struct layout *layout = opaque;
    struct machine machine;
    uint64_t before;

    start(&machine, layout);
    map_page(&machine, layout);
    flip(&machine, machine.cd, TEEIO_CD0_HA | TEEIO_CD0_HD);
    flip(&machine, slot1(&machine),
         TEEIO_TABLES_ACCESSED | TEEIO_TABLES_READ_ONLY | DBM);
    before = descriptor(&machine, slot1(&machine));
    enable(&machine);
    g_assert_true(rig_reads(machine.rig, IOVA, 0, 16, 0));
    g_assert_cmphex(descriptor(&machine, slot1(&machine)), ==,
                    before | TEEIO_TABLES_ACCESSED);
    rig_fill(machine.rig, IOVA, 16, 0x66, 0);
    g_assert_true(teeio_qtest_uniform(machine.rig->qtest, A, 0x66, 16));
    g_assert_cmphex(descriptor(&machine, slot1(&machine)), ==,
                    (before | TEEIO_TABLES_ACCESSED) & ~TEEIO_TABLES_READ_ONLY);
    no_event(&machine);
    rig_stop(machine.rig);
}

static void test_update2(gconstpointer opaque)
{
    const struct layout *layout = opaque;
    struct machine machine;
    uint64_t slot, before;

    start(&machine, layout);
    map_page(&machine, layout);
    machine.ste.dw[2] |= TEEIO_STE2_S2HA | TEEIO_STE2_S2HD;
    slot = slot2(&machine, IPA);
    flip(&machine, slot,
         TEEIO_TABLES_S2_ACCESSED | TEEIO_TABLES_S2_WRITE | DBM);
    before = descriptor(&machine, slot);
    enable(&machine);
    g_assert_true(rig_reads(machine.rig, machine.input, 0, 16, 0));
    g_assert_cmphex(descriptor(&machine, slot), ==,
                    before | TEEIO_TABLES_S2_ACCESSED);
    rig_fill(machine.rig, machine.input, 16, 0x66, 0);
    g_assert_true(teeio_qtest_uniform(machine.rig->qtest, A, 0x66, 16));
    g_assert_cmphex(descriptor(&machine, slot), ==,
                    before | TEEIO_TABLES_S2_ACCESSED | TEEIO_TABLES_S2_WRITE);
    no_event(&machine);
    rig_stop(machine.rig);
}

static uint32_t fill_pasid(struct rig *rig, uint32_t pasid, uint8_t value)
{
    uint64_t bar = rig->tdi.bar[0];
    uint32_t tail = teeio_qtest_readl(rig->qtest, bar + TEEIO_TDI_REG_TAIL);
    uint64_t entry = bar + TEEIO_TDI_RING_OFFSET +
                     tail % TEEIO_TDI_RING_ENTRIES * TEEIO_TDI_DESC_SIZE;

    teeio_qtest_writel(rig->qtest, entry + TEEIO_TDI_DESC_SUBSPACE, pasid);
    return rig_fill(rig, IOVA, 16, value, TEEIO_TDI_DESC_PASID);
}

static void start_substreams(struct machine *machine, unsigned leaf_bits)
{
    struct teeio_tables *tables = &machine->smmu.tables;
    struct teeio_tables_space other;
    struct teeio_tables_cds cds;

    start(machine, &plain);
    map1(machine, IOVA, A);
    g_assert_true(teeio_tables_space_init(&other, tables, INPUT_BITS));
    g_assert_true(teeio_tables_map(&other, IOVA, A + PAGE, 3, TEEIO_TABLES_RW));
    g_assert_true(teeio_tables_cds_init(&cds, tables, 11, leaf_bits));
    g_assert_true(
        teeio_tables_set_cd(&cds, 3, teeio_tables_cd(&machine->stage1)));
    g_assert_true(teeio_tables_set_cd(&cds, 1030, teeio_tables_cd(&other)));
    teeio_tables_ste_substreams(&machine->ste, &cds, TEEIO_STE_S1DSS_TERMINATE);
    enable(machine);
}

static void expect_event(struct machine *machine, uint64_t dw0)
{
    struct teeio_smmuv3_event event;

    g_assert_true(rig_event(&machine->smmu, &event));
    g_assert_cmphex(event.dw[0], ==, dw0 | (uint64_t)RIG_TDI << 32);
    no_event(machine);
}

/* By PASID: one page each, and a refusal for those that have none. */
static void test_substreams(gconstpointer opaque)
{
    struct machine machine;
    struct teeio_qtest *qtest;
    unsigned control;

    start_substreams(&machine, GPOINTER_TO_UINT(opaque));
    qtest = machine.rig->qtest;
    control = teeio_qpci_extended(&machine.rig->tdi, CAP_PASID);
    g_assert_cmpuint(control, !=, 0);
    teeio_qpci_writew(&machine.rig->tdi, control + PASID_CONTROL, PASID_ENABLE);

    g_assert_cmpuint(fill_pasid(machine.rig, 3, 0x33), ==, TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(qtest, A, 0x33, 16));
    g_assert_true(teeio_qtest_uniform(qtest, A + PAGE, 0, 16));
    fill_pasid(machine.rig, 1030, 0x44);
    g_assert_true(teeio_qtest_uniform(qtest, A, 0x33, 16));
    g_assert_true(teeio_qtest_uniform(qtest, A + PAGE, 0x44, 16));
    no_event(&machine);

    fill_pasid(machine.rig, 4, 0x55);
    expect_event(&machine, TEEIO_EVT_C_BAD_CD | TEEIO_EVT0_SSV | 4 << 12);
    fill_pasid(machine.rig, 2048, 0x55);
    expect_event(&machine, TEEIO_EVT_C_BAD_SUBSTREAMID | 2048 << 12);
    rig_fill(machine.rig, IOVA, 16, 0x55, 0);
    expect_event(&machine, TEEIO_EVT_F_STREAM_DISABLED);
    g_assert_true(teeio_qtest_uniform(qtest, A, 0x33, 16));
    rig_stop(machine.rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    for (size_t i = 0; i < G_N_ELEMENTS(layouts); i++) {
        g_autofree char *path =
            g_strdup_printf("/smmuv3-stages/dma/%s", layouts[i].name);

        g_test_add_data_func(path, &layouts[i], test_dma);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autofree char *path =
            g_strdup_printf("/smmuv3-stages/fault/%s", faults[i].name);

        g_test_add_data_func(path, &faults[i], test_fault);
    }
    g_test_add_func("/smmuv3-stages/blocks", test_blocks);
    g_test_add_func("/smmuv3-stages/no-record", test_no_record);
    g_test_add_data_func("/smmuv3-stages/update1/alone", &plain, test_update1);
    g_test_add_data_func("/smmuv3-stages/update1/nested", &nested,
                         test_update1);
    g_test_add_data_func("/smmuv3-stages/update2/alone", &lower, test_update2);
    g_test_add_data_func("/smmuv3-stages/update2/nested", &nested,
                         test_update2);
    g_test_add_data_func("/smmuv3-stages/substreams/linear",
                         GUINT_TO_POINTER(0), test_substreams);
    g_test_add_data_func("/smmuv3-stages/substreams/4k", GUINT_TO_POINTER(6),
                         test_substreams);
    g_test_add_data_func("/smmuv3-stages/substreams/64k", GUINT_TO_POINTER(10),
                         test_substreams);
    return g_test_run();
}
