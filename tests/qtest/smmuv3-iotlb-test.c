/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What the SMMU remembers: too long if software forgets an invalidation, and
 * not any longer than it asks for.
 */

#include <glib/gstdio.h>
#include <string.h>

#include "rig-smmu.h"

#define PAGE     0x1000u
#define BLOCK    0x200000u
#define A        RIG_DATA
#define B        (RIG_DATA + BLOCK)
#define IOVA     0x62400000ull
#define T1       TEEIO_TDI_DESC_T

#define MINE     TEEIO_TABLES_RW | TEEIO_TABLES_NOT_GLOBAL
#define GLOBAL   TEEIO_TABLES_RW

#define ASID(n)  ((uint64_t)(n) << 48)
#define VMID(n)  ((uint64_t)(n) << 32)
#define SID(n)   ((uint64_t)(n) << 32)
#define NUM(n)   ((uint64_t)(n) << 12)
#define SCALE(n) ((uint64_t)(n) << 20)
#define TG_4K    (1ull << 10)
#define LEAF     1ull

#define DEVICE(iotlb) \
    RIG_SMMU_ARGS ",iotlb=" iotlb " " RIG_TSM_ARGS " " RIG_TDI_ARGS

/* Where the translation of IOVA is changed from A to B. */
enum place { PAGE_ENTRY, BLOCK_ENTRY, CONTEXT, STREAM };

/**
 * struct row - one command after one change
 * @attributes: of both mappings
 * @command:    0 for none
 * @fresh:      the change is seen afterwards
 */
struct row {
    const char *name;
    enum place place;
    uint64_t attributes;
    uint64_t command[2];
    bool fresh;
};

static const struct row rows[] = {
    {"none", PAGE_ENTRY, MINE, {0}, false},
    {"sync", PAGE_ENTRY, MINE, {TEEIO_CMD_SYNC}, false},
    {"va", PAGE_ENTRY, MINE, {TEEIO_CMD_TLBI_NH_VA | ASID(1), IOVA}, true},
    {"va-leaf",
     PAGE_ENTRY,
     MINE,
     {TEEIO_CMD_TLBI_NH_VA | ASID(1), IOVA | LEAF},
     true},
    {"va-beside",
     PAGE_ENTRY,
     MINE,
     {TEEIO_CMD_TLBI_NH_VA | ASID(1), IOVA + PAGE},
     false},
    {"va-other-asid",
     PAGE_ENTRY,
     MINE,
     {TEEIO_CMD_TLBI_NH_VA | ASID(2), IOVA},
     false},
    {"va-global",
     PAGE_ENTRY,
     GLOBAL,
     {TEEIO_CMD_TLBI_NH_VA | ASID(2), IOVA},
     true},
    {"va-other-vmid",
     PAGE_ENTRY,
     MINE,
     {TEEIO_CMD_TLBI_NH_VA | ASID(1) | VMID(1), IOVA},
     false},
    {"vaa", PAGE_ENTRY, MINE, {TEEIO_CMD_TLBI_NH_VAA, IOVA}, true},
    {"asid", PAGE_ENTRY, MINE, {TEEIO_CMD_TLBI_NH_ASID | ASID(1)}, true},
    {"other-asid", PAGE_ENTRY, MINE, {TEEIO_CMD_TLBI_NH_ASID | ASID(2)}, false},
    {"asid-global",
     PAGE_ENTRY,
     GLOBAL,
     {TEEIO_CMD_TLBI_NH_ASID | ASID(1)},
     false},
    {"all", PAGE_ENTRY, MINE, {TEEIO_CMD_TLBI_NH_ALL}, true},
    {"all-global", PAGE_ENTRY, GLOBAL, {TEEIO_CMD_TLBI_NH_ALL}, true},
    {"all-other-vmid",
     PAGE_ENTRY,
     MINE,
     {TEEIO_CMD_TLBI_NH_ALL | VMID(1)},
     false},
    {"vmall", PAGE_ENTRY, MINE, {TEEIO_CMD_TLBI_S12_VMALL}, true},
    {"ipa", PAGE_ENTRY, MINE, {TEEIO_CMD_TLBI_S2_IPA, IOVA}, false},
    {"nsnh-all", PAGE_ENTRY, MINE, {TEEIO_CMD_TLBI_NSNH_ALL}, true},
    {"range",
     PAGE_ENTRY,
     MINE,
     {TEEIO_CMD_TLBI_NH_VA | ASID(1) | NUM(7), (IOVA - 7 * PAGE) | TG_4K},
     true},
    {"range-scale",
     PAGE_ENTRY,
     MINE,
     {TEEIO_CMD_TLBI_NH_VA | ASID(1) | SCALE(3), (IOVA - 7 * PAGE) | TG_4K},
     true},
    {"range-below",
     PAGE_ENTRY,
     MINE,
     {TEEIO_CMD_TLBI_NH_VA | ASID(1) | NUM(7), (IOVA - 8 * PAGE) | TG_4K},
     false},
    {"range-above",
     PAGE_ENTRY,
     MINE,
     {TEEIO_CMD_TLBI_NH_VA | ASID(1) | NUM(7), (IOVA + PAGE) | TG_4K},
     false},
    {"block-none", BLOCK_ENTRY, MINE, {0}, false},
    /* Any address of the block will do. */
    {"block-va",
     BLOCK_ENTRY,
     MINE,
     {TEEIO_CMD_TLBI_NH_VA | ASID(1), IOVA + BLOCK - PAGE},
     true},
    {"block-beside",
     BLOCK_ENTRY,
     MINE,
     {TEEIO_CMD_TLBI_NH_VA | ASID(1), IOVA + BLOCK},
     false},
    {"cd-none", CONTEXT, MINE, {0}, false},
    {"cd-tlbi", CONTEXT, MINE, {TEEIO_CMD_TLBI_NSNH_ALL}, false},
    {"cd", CONTEXT, MINE, {TEEIO_CMD_CFGI_CD | SID(RIG_TDI), LEAF}, true},
    {"cd-all", CONTEXT, MINE, {TEEIO_CMD_CFGI_CD_ALL | SID(RIG_TDI)}, true},
    {"cd-other",
     CONTEXT,
     MINE,
     {TEEIO_CMD_CFGI_CD | SID(RIG_TDI + 1), LEAF},
     false},
    {"ste-none", STREAM, MINE, {0}, false},
    {"ste-tlbi", STREAM, MINE, {TEEIO_CMD_TLBI_NSNH_ALL}, false},
    {"ste", STREAM, MINE, {TEEIO_CMD_CFGI_STE | SID(RIG_TDI), LEAF}, true},
    {"ste-other",
     STREAM,
     MINE,
     {TEEIO_CMD_CFGI_STE | SID(RIG_TDI + 1), LEAF},
     false},
    {"ste-range",
     STREAM,
     MINE,
     {TEEIO_CMD_CFGI_STE_RANGE | SID(RIG_TDI + 5), 3},
     true},
    {"ste-all",
     STREAM,
     MINE,
     {TEEIO_CMD_CFGI_STE_RANGE, TEEIO_CFGI_RANGE_ALL},
     true},
};

/**
 * struct machine - IOVA is A by @now, and will be B by @next
 */
struct machine {
    struct rig *rig;
    struct rig_smmu smmu;
    struct rig_domain now;
    struct rig_domain next;
};

static void map(struct rig_domain *domain, uint64_t gpa, const struct row *row)
{
    unsigned level = row->place == BLOCK_ENTRY ? 2 : 3;

    g_assert_true(
        teeio_tables_map(&domain->space, IOVA, gpa, level, row->attributes));
}

static void set_asid(struct rig_smmu *smmu, const struct rig_domain *domain,
                     uint64_t asid)
{
    uint64_t word = teeio_tables_get(&smmu->tables, domain->cd);

    teeio_tables_put(&smmu->tables, domain->cd,
                     (word & ~TEEIO_CD0_ASID) | ASID(asid));
}

static void start(struct machine *machine, const char *plugin_args,
                  const char *args, const struct row *row)
{
    struct rig_smmu *smmu = &machine->smmu;

    machine->rig = rig_start(plugin_args, args);
    rig_smmu_init(smmu, machine->rig);
    rig_domain_init(&machine->now, smmu);
    rig_domain_init(&machine->next, smmu);
    set_asid(smmu, &machine->next, 2);
    map(&machine->now, A, row);
    map(&machine->next, B, row);
    rig_attach(smmu, RIG_TDI, &machine->now);
    rig_smmu_enable(smmu);
}

static void change(struct machine *machine, const struct row *row)
{
    const struct teeio_tables *tables = &machine->smmu.tables;

    switch (row->place) {
    case PAGE_ENTRY:
    case BLOCK_ENTRY:
        map(&machine->now, B, row);
        break;
    case CONTEXT:
        teeio_tables_put(tables, machine->now.cd + 8, machine->next.space.root);
        set_asid(&machine->smmu, &machine->now, 2);
        break;
    case STREAM:
        rig_attach(&machine->smmu, RIG_TDI, &machine->next);
        break;
    }
}

/* Does a write to IOVA arrive in B? It must arrive in one of the two. */
static bool lands_in_b(struct machine *machine, uint8_t value, uint32_t flags)
{
    struct teeio_qtest *qtest = machine->rig->qtest;
    bool in_b;

    teeio_qtest_memset(qtest, A + 0x100, 0, 64);
    teeio_qtest_memset(qtest, B + 0x100, 0, 64);
    g_assert_cmpuint(rig_fill(machine->rig, IOVA + 0x100, 64, value, flags), ==,
                     TEEIO_TDI_STATUS_OK);
    in_b = teeio_qtest_uniform(qtest, B + 0x100, value, 64);
    g_assert_true(teeio_qtest_uniform(qtest, (in_b ? A : B) + 0x100, 0, 64));
    g_assert_true(
        teeio_qtest_uniform(qtest, (in_b ? B : A) + 0x100, value, 64));
    return in_b;
}

static void run(const struct row *row, const char *args, bool fresh)
{
    struct teeio_smmuv3_event event;
    struct machine machine;

    start(&machine, NULL, args, row);
    g_assert_false(lands_in_b(&machine, 0x11, 0));
    change(&machine, row);
    if (row->command[0]) {
        rig_command(&machine.smmu, row->command[0], row->command[1]);
        rig_command(&machine.smmu, TEEIO_CMD_SYNC, 0);
    }
    g_assert_cmpint(lands_in_b(&machine, 0x22, 0), ==, fresh);
    g_assert_false(rig_event(&machine.smmu, &event));
    rig_stop(machine.rig);
}

static void test_row(gconstpointer opaque)
{
    const struct row *row = opaque;

    run(row, DEVICE("on"), row->fresh);
}

/* Without an IOTLB everything is seen at once. */
static void test_off(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!rows[i].command[0]) {
            run(&rows[i], DEVICE("off"), true);
        }
    }
}

static void test_counters(void)
{
    static const struct row row = {.attributes = MINE};
    struct machine machine;

    start(&machine, NULL, DEVICE("on"), &row);
    lands_in_b(&machine, 1, 0);
    g_assert_cmpint(rig_counter(machine.rig, "smmu", "iotlb-hits"), ==, 0);
    lands_in_b(&machine, 2, 0);
    lands_in_b(&machine, 3, 0);
    g_assert_cmpint(rig_counter(machine.rig, "smmu", "iotlb-hits"), ==, 2);
    g_assert_cmpint(rig_counter(machine.rig, "smmu", "translations"), ==, 3);
    rig_stop(machine.rig);

    start(&machine, NULL, DEVICE("off"), &row);
    lands_in_b(&machine, 1, 0);
    lands_in_b(&machine, 2, 0);
    g_assert_cmpint(rig_counter(machine.rig, "smmu", "iotlb-hits"), ==, 0);
    g_assert_cmpint(rig_counter(machine.rig, "smmu", "translations"), ==, 2);
    rig_stop(machine.rig);
}

/* How each DMA in a recording was answered, one word each. */
static char *ways(const char *path)
{
    GString *words = g_string_new(NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    lines = g_strsplit(g_strchomp(text), "\n", -1);
    for (char **line = lines + 1; *line; line++) {
        g_autoptr(JsonNode) node = json_from_string(*line, NULL);
        JsonObject *object = json_node_get_object(node);

        if (g_str_equal(json_object_get_string_member(object, "ev"), "tlp")) {
            g_string_append_printf(
                words, "%s ", json_object_get_string_member(object, "via"));
        }
    }
    return g_string_free(words, FALSE);
}

static void test_check(void)
{
    static const struct row row = {.attributes = MINE};
    g_autofree char *folder = g_dir_make_tmp("teeio-iotlb-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "events", NULL);
    g_autofree char *plugin_args = g_strdup_printf("events=%s", path);
    g_autofree char *seen = NULL;
    struct machine machine;

    start(&machine, plugin_args, DEVICE("on,iotlb-check=on"), &row);
    lands_in_b(&machine, 1, 0);
    lands_in_b(&machine, 2, 0);
    change(&machine, &row);
    g_assert_false(lands_in_b(&machine, 3, 0));
    g_assert_cmpint(rig_counter(machine.rig, "smmu", "iotlb-stale"), ==, 1);
    rig_command(&machine.smmu, TEEIO_CMD_TLBI_NH_VA | ASID(1), IOVA);
    rig_command(&machine.smmu, TEEIO_CMD_SYNC, 0);
    g_assert_true(lands_in_b(&machine, 4, 0));
    g_assert_true(lands_in_b(&machine, 5, 0));
    g_assert_cmpint(rig_counter(machine.rig, "smmu", "iotlb-stale"), ==, 1);
    g_assert_cmpint(rig_counter(machine.rig, "smmu", "iotlb-hits"), ==, 3);
    rig_stop(machine.rig);
    seen = ways(path);
    g_assert_cmpstr(seen, ==, "walk iotlb stale walk iotlb ");
    g_unlink(path);
    g_rmdir(folder);
}

/* S0-7: whatever one value of T has found, the other looks for itself. */
static void test_t(gconstpointer opaque)
{
    static const struct row row = {.attributes = MINE};
    uint32_t first = GPOINTER_TO_UINT(opaque);
    struct machine machine;

    start(&machine, NULL, DEVICE("on"), &row);
    rig_smmu_private(&machine.smmu);
    rig_run(machine.rig);
    g_assert_false(lands_in_b(&machine, 1, first));
    change(&machine, &row);
    g_assert_false(lands_in_b(&machine, 2, first));
    g_assert_true(lands_in_b(&machine, 3, first ^ T1));
    g_assert_false(lands_in_b(&machine, 4, first));
    rig_command(&machine.smmu, TEEIO_CMD_TLBI_NH_VA | ASID(1), IOVA);
    rig_command(&machine.smmu, TEEIO_CMD_SYNC, 0);
    g_assert_true(lands_in_b(&machine, 5, first));
    rig_stop(machine.rig);
}

/* Tables of the host serve T=0, whose entries never serve T=1. */
static void test_t_shared(void)
{
    static const struct row row = {.attributes = MINE};
    struct machine machine;
    uint32_t checksum;

    start(&machine, NULL, DEVICE("on"), &row);
    rig_run(machine.rig);
    lands_in_b(&machine, 1, 0);
    lands_in_b(&machine, 2, 0);
    g_assert_cmpuint(rig_checksum(machine.rig, IOVA, 8, T1, &checksum), ==,
                     TEEIO_TDI_STATUS_REFUSED);
    g_assert_false(lands_in_b(&machine, 3, 0));
    rig_stop(machine.rig);
}

/* A mapping that was missing is used as soon as it is there. */
static void test_refused(void)
{
    static const struct row row = {.attributes = MINE};
    struct teeio_smmuv3_event event;
    struct machine machine;
    uint32_t checksum;

    start(&machine, NULL, DEVICE("on"), &row);
    lands_in_b(&machine, 1, 0);
    g_assert_cmpuint(rig_checksum(machine.rig, IOVA + PAGE, 8, 0, &checksum),
                     ==, TEEIO_TDI_STATUS_REFUSED);
    g_assert_true(rig_event(&machine.smmu, &event));
    rig_map(&machine.now, IOVA + PAGE, A, MINE);
    g_assert_true(rig_reads(machine.rig, IOVA + PAGE, 0, 8, 0));
    g_assert_false(rig_event(&machine.smmu, &event));
    rig_stop(machine.rig);
}

/* Two devices, two ASIDs: one of them is told to forget. */
static void test_two_streams(void)
{
    static const struct row row = {.attributes = MINE};
    struct teeio_qtest *qtest;
    struct machine machine;

    start(&machine, NULL, RIG_SMMU_ARGS " " RIG_TDI_ARGS " " RIG_EDU_ARGS,
          &row);
    qtest = machine.rig->qtest;
    rig_attach(&machine.smmu, RIG_EDU, &machine.next);
    rig_sync(&machine.smmu);
    teeio_qtest_memset(qtest, B, 0x44, 64);
    rig_edu_read(machine.rig, IOVA, 64);
    g_assert_false(lands_in_b(&machine, 1, 0));
    map(&machine.now, B, &row);
    map(&machine.next, A, &row);
    rig_command(&machine.smmu, TEEIO_CMD_TLBI_NH_ASID | ASID(1), 0);
    rig_command(&machine.smmu, TEEIO_CMD_SYNC, 0);
    g_assert_true(lands_in_b(&machine, 2, 0));
    rig_edu_write(machine.rig, IOVA + 64, 64);
    g_assert_true(teeio_qtest_uniform(qtest, B + 64, 0x44, 64));
    rig_command(&machine.smmu, TEEIO_CMD_TLBI_NH_ASID | ASID(2), 0);
    rig_command(&machine.smmu, TEEIO_CMD_SYNC, 0);
    rig_edu_write(machine.rig, IOVA + 64, 64);
    g_assert_true(teeio_qtest_uniform(qtest, A + 64, 0x44, 64));
    rig_stop(machine.rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path =
            g_strdup_printf("/smmuv3-iotlb/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/smmuv3-iotlb/off", test_off);
    g_test_add_func("/smmuv3-iotlb/counters", test_counters);
    g_test_add_func("/smmuv3-iotlb/check", test_check);
    g_test_add_data_func("/smmuv3-iotlb/t0-then-t1", GUINT_TO_POINTER(0),
                         test_t);
    g_test_add_data_func("/smmuv3-iotlb/t1-then-t0", GUINT_TO_POINTER(T1),
                         test_t);
    g_test_add_func("/smmuv3-iotlb/t-shared", test_t_shared);
    g_test_add_func("/smmuv3-iotlb/refused", test_refused);
    g_test_add_func("/smmuv3-iotlb/two-streams", test_two_streams);
    return g_test_run();
}
