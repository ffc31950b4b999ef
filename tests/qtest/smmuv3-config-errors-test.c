/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * STEs and CDs that break a rule of the architecture, one bit field at a time,
 * and some that only look as if they did.
 */

#include "rig-smmu.h"

#define PAGE       0x1000u
#define A          RIG_DATA
#define IOVA       0x62345000ull
#define INPUT_BITS 40u
#define WINDOW     0x80000000ull
#define WINDOW_LEN 0x10000ull

/* What the DMA ends with besides an event of some type. */
#define FINE   0x100u /* the page is reached */
#define SILENT 0x101u /* refused without an event */
#define IN_STE 0u
#define IN_CD  1u

enum config { STAGE1, STAGE2, NESTED, CONFIGS };

/**
 * struct row - one field
 * @base:        what is configured, correctly
 * @where:       IN_STE or IN_CD
 * @word:        64-bit word of it
 * @mask, @set:  bits to replace
 * @end:         event type, FINE or SILENT
 * @more_word, @more_set: bits to set in another word of the STE
 */
struct row {
    const char *name;
    enum config base;
    unsigned where;
    unsigned word;
    uint64_t mask;
    uint64_t set;
    unsigned end;
    unsigned more_word;
    uint64_t more_set;
};

#define FIELD(mask, value) (mask), ((value) * ((mask) & (~(mask) + 1)))
#define BAD_STE            TEEIO_EVT_C_BAD_STE
#define BAD_CD             TEEIO_EVT_C_BAD_CD
#define BEYOND             (1ull << 50)

static const struct row rows[] = {
    {"ste-valid", STAGE1, IN_STE, 0, FIELD(TEEIO_STE0_V, 0ull), BAD_STE},
    {"ste-abort", STAGE1, IN_STE, 0, FIELD(TEEIO_STE0_CONFIG, 0ull), SILENT},
    {"ste-abort-3", STAGE1, IN_STE, 0, FIELD(TEEIO_STE0_CONFIG, 3ull), SILENT},
    {"ste-s1cdmax", STAGE1, IN_STE, 0, FIELD(TEEIO_STE0_S1CDMAX, 21ull),
     BAD_STE},
    {"ste-s1fmt", STAGE1, IN_STE, 0, FIELD(TEEIO_STE0_S1FMT, 3ull), FINE},
    {"ste-s1fmt-cds", STAGE1, IN_STE, 0, TEEIO_STE0_S1CDMAX | TEEIO_STE0_S1FMT,
     1ull << 59 | 3ull << 4, BAD_STE},
    {"ste-s1contextptr", STAGE1, IN_STE, 0, BEYOND, BEYOND, BAD_STE},
    {"ste-s1dss-terminate", STAGE1, IN_STE, 0, FIELD(TEEIO_STE0_S1CDMAX, 1ull),
     TEEIO_EVT_F_STREAM_DISABLED},
    {"ste-s1dss-reserved", STAGE1, IN_STE, 0, FIELD(TEEIO_STE0_S1CDMAX, 1ull),
     TEEIO_EVT_F_STREAM_DISABLED, 1, 3},
    {"ste-s1dss-cd0", STAGE1, IN_STE, 0, FIELD(TEEIO_STE0_S1CDMAX, 1ull), FINE,
     1, TEEIO_STE_S1DSS_CD0},
    {"ste-eats-stage1", STAGE1, IN_STE, 1, FIELD(TEEIO_STE1_EATS, 2ull),
     BAD_STE},
    {"ste-eats-stage2", STAGE2, IN_STE, 1, FIELD(TEEIO_STE1_EATS, 2ull),
     BAD_STE},
    {"ste-eats-nested", NESTED, IN_STE, 1, FIELD(TEEIO_STE1_EATS, 2ull), FINE},
    {"ste-eats-stall", NESTED, IN_STE, 1, FIELD(TEEIO_STE1_EATS, 2ull), BAD_STE,
     2, TEEIO_STE2_S2S},
    {"ste-s2aa64", STAGE2, IN_STE, 2, FIELD(TEEIO_STE2_S2AA64, 0ull), BAD_STE},
    {"ste-s2tg", STAGE2, IN_STE, 2, FIELD(TEEIO_STE2_S2TG, 3ull), BAD_STE},
    {"ste-s2t0sz-wide", STAGE2, IN_STE, 2, FIELD(TEEIO_STE2_S2T0SZ, 15ull),
     BAD_STE},
    {"ste-s2t0sz-narrow", STAGE2, IN_STE, 2, FIELD(TEEIO_STE2_S2T0SZ, 49ull),
     BAD_STE},
    {"ste-s2sl0-low", STAGE2, IN_STE, 2, FIELD(TEEIO_STE2_S2SL0, 0ull),
     BAD_STE},
    {"ste-s2sl0-high", STAGE2, IN_STE, 2, TEEIO_STE2_S2SL0 | TEEIO_STE2_S2T0SZ,
     2ull << 38 | 26ull << 32, BAD_STE},
    {"ste-s2sl0-reserved", STAGE2, IN_STE, 2,
     TEEIO_STE2_S2SL0 | TEEIO_STE2_S2TG,
     3ull << 38 | (uint64_t)TEEIO_TG0_64K << 46, BAD_STE},
    {"ste-s2endi", STAGE2, IN_STE, 2, FIELD(TEEIO_STE2_S2ENDI, 1ull), BAD_STE},
    {"ste-s2hd", STAGE2, IN_STE, 2, FIELD(TEEIO_STE2_S2HD, 1ull), BAD_STE},
    {"ste-s2ha", STAGE2, IN_STE, 2, FIELD(TEEIO_STE2_S2HA, 1ull), FINE},
    {"ste-s2hd-s2ha", STAGE2, IN_STE, 2, TEEIO_STE2_S2HD | TEEIO_STE2_S2HA,
     TEEIO_STE2_S2HD | TEEIO_STE2_S2HA, FINE},
    {"ste-s2ttb", STAGE2, IN_STE, 3, BEYOND, BEYOND, BAD_STE},
    {"ste-s2-nested", NESTED, IN_STE, 2, FIELD(TEEIO_STE2_S2TG, 3ull), BAD_STE},
    {"ste-s2-unused", STAGE1, IN_STE, 2, FIELD(TEEIO_STE2_S2TG, 3ull), FINE},
    {"cd-valid", STAGE1, IN_CD, 0, FIELD(TEEIO_CD0_V, 0ull), BAD_CD},
    {"cd-valid-nested", NESTED, IN_CD, 0, FIELD(TEEIO_CD0_V, 0ull), BAD_CD},
    {"cd-aa64", STAGE1, IN_CD, 0, FIELD(TEEIO_CD0_AA64, 0ull), BAD_CD},
    {"cd-tg0", STAGE1, IN_CD, 0, FIELD(TEEIO_CD0_TGX, 3ull), BAD_CD},
    {"cd-t0sz-wide", STAGE1, IN_CD, 0, FIELD(TEEIO_CD0_TXSZ, 15ull), BAD_CD},
    {"cd-t0sz-narrow", STAGE1, IN_CD, 0, FIELD(TEEIO_CD0_TXSZ, 49ull), BAD_CD},
    {"cd-ttb0", STAGE1, IN_CD, 1, BEYOND, BEYOND, BAD_CD},
    {"cd-ttb0-ips", STAGE1, IN_CD, 1, 1ull << 45, 1ull << 45, BAD_CD},
    {"cd-endi", STAGE1, IN_CD, 0, FIELD(TEEIO_CD0_ENDI, 1ull), BAD_CD},
    {"cd-hd", STAGE1, IN_CD, 0, FIELD(TEEIO_CD0_HD, 1ull), BAD_CD},
    {"cd-hd-ha", STAGE1, IN_CD, 0, TEEIO_CD0_HD | TEEIO_CD0_HA,
     TEEIO_CD0_HD | TEEIO_CD0_HA, FINE},
    {"cd-stall", STAGE1, IN_CD, 0, FIELD(TEEIO_CD0_S, 1ull), FINE},
    {"cd-stall-denied", STAGE1, IN_CD, 0, FIELD(TEEIO_CD0_S, 1ull), BAD_CD, 1,
     TEEIO_STE1_S1STALLD},
    /* The high range has TG1 = 0, which only counts when it is enabled. */
    {"cd-tg1", STAGE1, IN_CD, 0, FIELD(TEEIO_CD0_EPDX << 16, 0ull), BAD_CD},
    {"cd-tg0-unused", STAGE1, IN_CD, 0, TEEIO_CD0_TGX | TEEIO_CD0_EPDX,
     TEEIO_CD0_TGX | TEEIO_CD0_EPDX, TEEIO_EVT_F_TRANSLATION},
};

/**
 * struct machine - IOVA is A in every configuration
 * @cd:      where the CD is in memory
 * @stes:    a correct STE of each
 */
struct machine {
    struct rig *rig;
    struct rig_smmu smmu;
    struct teeio_tables_window window;
    struct teeio_tables_space stage2;
    struct teeio_tables_space stage1[CONFIGS];
    uint64_t cd[CONFIGS];
    struct teeio_tables_ste stes[CONFIGS];
};

static void add_stage1(struct machine *machine, enum config config,
                       struct teeio_tables *tables, uint64_t output)
{
    struct teeio_tables_space *space = &machine->stage1[config];

    g_assert_true(teeio_tables_space_init(space, tables, INPUT_BITS));
    g_assert_true(teeio_tables_map(space, IOVA, output, 3, TEEIO_TABLES_RW));
    machine->cd[config] = teeio_tables_put_cd(tables, teeio_tables_cd(space));
    g_assert_cmphex(machine->cd[config], !=, 0);
}

static void start(struct machine *machine)
{
    struct teeio_tables *tables = &machine->smmu.tables;
    struct teeio_tables_space *stage2 = &machine->stage2;

    machine->rig = rig_start(NULL, RIG_SMMU_ARGS " " RIG_TDI_ARGS);
    rig_smmu_init(&machine->smmu, machine->rig);
    g_assert_true(
        teeio_tables_space_init_stage2(stage2, tables, INPUT_BITS, 12, 1));
    g_assert_true(teeio_tables_map(stage2, IOVA, A, 3, TEEIO_TABLES_S2_RW));
    g_assert_true(teeio_tables_window_init(&machine->window, stage2, WINDOW,
                                           WINDOW_LEN, TEEIO_TABLES_S2_RW));
    add_stage1(machine, STAGE1, tables, A);
    /* Stage 1 leaves the address as it is; stage 2 moves it. */
    add_stage1(machine, NESTED, &machine->window.tables, IOVA);
    machine->stes[STAGE1] = teeio_tables_ste_stage1(machine->cd[STAGE1]);
    machine->stes[STAGE2] = teeio_tables_ste_stage2(stage2, 1);
    machine->stes[NESTED] =
        teeio_tables_ste_nested(machine->cd[NESTED], stage2, 1);
    machine->cd[NESTED] += machine->window.pa - machine->window.ipa;
    rig_smmu_enable(&machine->smmu);
}

static void expect(struct machine *machine, unsigned end)
{
    struct teeio_smmuv3_event event;
    uint32_t checksum;
    uint32_t status = rig_checksum(machine->rig, IOVA, 64, 0, &checksum);

    if (end == FINE) {
        g_assert_cmpuint(status, ==, TEEIO_TDI_STATUS_OK);
        g_assert_cmphex(checksum, ==, rig_uniform_crc(0x5a, 64));
    } else {
        g_assert_cmpuint(status, ==, TEEIO_TDI_STATUS_REFUSED);
    }
    if (end < FINE) {
        g_assert_true(rig_event(&machine->smmu, &event));
        g_assert_cmphex(event.dw[0], ==, end | (uint64_t)RIG_TDI << 32);
        if (end != TEEIO_EVT_F_TRANSLATION) {
            g_assert_cmphex(event.dw[1] | event.dw[2] | event.dw[3], ==, 0);
        }
    }
    g_assert_false(rig_event(&machine->smmu, &event));
}

static void test_row(gconstpointer opaque)
{
    const struct row *row = opaque;
    struct machine machine;
    struct teeio_tables_ste ste;

    start(&machine);
    ste = machine.stes[row->base];
    teeio_qtest_memset(machine.rig->qtest, A, 0x5a, PAGE);
    rig_set_ste(&machine.smmu, RIG_TDI, ste);
    rig_sync(&machine.smmu);
    expect(&machine, FINE);

    if (row->where == IN_STE) {
        ste.dw[row->word] = (ste.dw[row->word] & ~row->mask) | row->set;
    } else {
        uint64_t slot = machine.cd[row->base] + 8 * row->word;
        uint64_t word = teeio_tables_get(&machine.smmu.tables, slot);

        teeio_tables_put(&machine.smmu.tables, slot,
                         (word & ~row->mask) | row->set);
    }
    ste.dw[row->more_word] |= row->more_set;
    rig_set_ste(&machine.smmu, RIG_TDI, ste);
    rig_sync(&machine.smmu);
    expect(&machine, row->end);
    rig_stop(machine.rig);
}

/* IHI 0070 7.3.3: beyond the stream table, recorded only on request. */
static void test_streamid(gconstpointer opaque)
{
    bool record = GPOINTER_TO_INT(opaque);
    struct machine machine;

    start(&machine);
    teeio_qtest_writel(machine.rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0, 0);
    teeio_qtest_writel(machine.rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR2,
                       record ? TEEIO_CR2_RECINVSID : 0);
    teeio_qtest_writel(machine.rig->qtest,
                       RIG_SMMU + TEEIO_SMMUV3_REG_STRTAB_BASE_CFG, 4);
    teeio_qtest_writel(machine.rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0,
                       TEEIO_CR0_SMMUEN | TEEIO_CR0_CMDQEN |
                           TEEIO_CR0_EVENTQEN);
    rig_sync(&machine.smmu);
    expect(&machine, record ? TEEIO_EVT_C_BAD_STREAMID : SILENT);
    rig_stop(machine.rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path =
            g_strdup_printf("/smmuv3-config-errors/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_data_func("/smmuv3-config-errors/streamid",
                         GINT_TO_POINTER(true), test_streamid);
    g_test_add_data_func("/smmuv3-config-errors/streamid-quiet",
                         GINT_TO_POINTER(false), test_streamid);
    return g_test_run();
}
