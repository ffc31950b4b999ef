/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * events.jsonl: every line is JSON, and a known DMA is told as it was.
 */

#include <glib/gstdio.h>
#include <string.h>

#include "rig-smmu.h"
#include "teeio/event.h"
#include "teeio/tdisp.h"

#define PAGE 0x1000u
#define A    RIG_DATA
#define X    (RIG_DATA + 0x10 * PAGE)
#define T1   TEEIO_TDI_DESC_T
/* A pool for another device, and a host bridge that takes 39 bits. */
#define POOL        (RIG_DATA + 0x100 * PAGE)
#define BEYOND      (1ull << 40)
#define POOL_ARGS   "-device teeio-pool,base=0x42100000,size=64K,scope=edu"
#define WINDOW_ARGS "-device teeio-window,base=0,size=0x8000000000"

#define ARGS        RIG_SMMU_ARGS " " RIG_TSM_ARGS " " RIG_TDI_ARGS

/**
 * struct recording - a machine that records
 * @lines: objects, filled by stop()
 */
struct recording {
    struct rig *rig;
    char *folder;
    char *path;
    GPtrArray *lines;
};

static struct recording start(const char *args)
{
    struct recording recording = {0};
    g_autofree char *plugin_args = NULL;

    recording.folder = g_dir_make_tmp("teeio-events-XXXXXX", NULL);
    /* A comma in a path is doubled on QEMU's command line. */
    recording.path =
        g_build_filename(recording.folder, "a,b events.jsonl", NULL);
    plugin_args =
        g_strdup_printf("events=%s/a,,b events.jsonl", recording.folder);
    recording.rig = rig_start(plugin_args, args);
    return recording;
}

/* End the machine, parse what it has written, remove the file. */
static void stop(struct recording *recording)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(GError) error = NULL;

    rig_stop(recording->rig);
    g_assert_true(g_file_get_contents(recording->path, &text, NULL, &error));
    g_assert_true(g_str_has_suffix(text, "}\n"));
    lines = g_strsplit(g_strchomp(text), "\n", -1);
    recording->lines =
        g_ptr_array_new_with_free_func((GDestroyNotify)json_object_unref);
    for (char **line = lines; *line; line++) {
        g_autoptr(JsonNode) node = json_from_string(*line, &error);

        if (!node || !JSON_NODE_HOLDS_OBJECT(node)) {
            g_error("no JSON object: %s", *line);
        }
        g_ptr_array_add(recording->lines, json_node_dup_object(node));
    }
    g_unlink(recording->path);
    g_rmdir(recording->folder);
}

static void clear(struct recording *recording)
{
    g_ptr_array_unref(recording->lines);
    g_free(recording->path);
    g_free(recording->folder);
}

static const char *text(JsonObject *object, const char *member)
{
    if (!json_object_has_member(object, member)) {
        g_error("member %s is missing", member);
    }
    return json_node_get_string(json_object_get_member(object, member));
}

/* The @index-th event of kind @ev whose @member is @value. */
static JsonObject *find(const struct recording *recording, const char *ev,
                        const char *member, const char *value, unsigned index)
{
    for (unsigned i = 1; i < recording->lines->len; i++) {
        JsonObject *line = g_ptr_array_index(recording->lines, i);

        if (g_str_equal(text(line, "ev"), ev) &&
            (!member || !g_strcmp0(text(line, member), value)) &&
            index-- == 0) {
            return line;
        }
    }
    g_error("no event %s with %s = %s", ev, member, value);
}

static void expect_text(JsonObject *line, const char *member, const char *value)
{
    if (g_strcmp0(text(line, member), value) != 0) {
        g_error("%s is %s instead of %s", member, text(line, member), value);
    }
}

static void expect_int(JsonObject *line, const char *member, gint64 value)
{
    g_assert_true(json_object_has_member(line, member));
    g_assert_cmpint(json_object_get_int_member(line, member), ==, value);
}

static void expect_number(JsonObject *line, const char *member, uint64_t value)
{
    const char *digits = text(line, member);

    g_assert_nonnull(digits);
    g_assert_true(g_str_has_prefix(digits, "0x"));
    g_assert_cmphex(g_ascii_strtoull(digits, NULL, 16), ==, value);
}

static void test_header(void)
{
    struct recording recording = start(ARGS);
    JsonObject *header;
    gint64 time = 0;

    rig_fill(recording.rig, A, PAGE, 1, 0);
    stop(&recording);
    header = g_ptr_array_index(recording.lines, 0);
    expect_text(header, "schema", TEEIO_EVENT_SCHEMA);
    expect_int(header, "version", TEEIO_EVENT_VERSION);
    g_assert_cmpstr(text(header, "tool"), !=, "");
    g_assert_true(g_str_has_prefix(text(header, "qemu"), "7.2") ||
                  g_str_has_prefix(text(header, "qemu"), "10.0"));
    for (unsigned i = 1; i < recording.lines->len; i++) {
        JsonObject *line = g_ptr_array_index(recording.lines, i);

        expect_int(line, "seq", i);
        g_assert_cmpint(json_object_get_int_member(line, "t_ns"), >=, time);
        time = json_object_get_int_member(line, "t_ns");
        g_assert_cmpstr(text(line, "src"), !=, "");
    }
    clear(&recording);
}

static void map_x_to_a(struct rig_smmu *smmu, struct rig *rig)
{
    struct rig_domain domain;

    rig_smmu_init(smmu, rig);
    rig_domain_init(&domain, smmu);
    rig_map(&domain, X, A, TEEIO_TABLES_RW);
    rig_attach(smmu, RIG_TDI, &domain);
    rig_attach(smmu, RIG_EDU, &domain);
    rig_smmu_private(smmu);
    rig_smmu_enable(smmu);
}

static void test_dma(void)
{
    struct recording recording = start(ARGS);
    struct rig_smmu smmu;
    uint32_t checksum;
    JsonObject *tlp;

    map_x_to_a(&smmu, recording.rig);
    rig_run(recording.rig);
    rig_fill(recording.rig, X + 0x123, 0x45, 1, T1 | TEEIO_TDI_DESC_XT);
    rig_checksum(recording.rig, X - PAGE, 8, 0, &checksum);
    stop(&recording);

    tlp = find(&recording, "tlp", "type", "MWr", 0);
    expect_text(tlp, "origin", "tdi");
    expect_text(tlp, "requester", "0000:00:02.0");
    expect_number(tlp, "addr", X + 0x123);
    expect_int(tlp, "len", 0x45);
    expect_int(tlp, "t", 1);
    expect_int(tlp, "xt", 1);
    expect_text(tlp, "pasid", NULL);
    expect_text(tlp, "route", "upstream");
    expect_text(tlp, "s1", "ok");
    expect_text(tlp, "s2", "off");
    expect_text(tlp, "via", "walk");
    expect_number(tlp, "out", A + 0x123);
    expect_text(tlp, "owner", "shared");
    expect_text(tlp, "fault", NULL);
    expect_text(tlp, "verdict", "ok");

    tlp = find(&recording, "tlp", "type", "MRd", 0);
    expect_number(tlp, "addr", X - PAGE);
    expect_int(tlp, "t", 0);
    expect_text(tlp, "s1", "fault");
    expect_text(tlp, "out", NULL);
    expect_text(tlp, "fault", "F_TRANSLATION");
    expect_text(tlp, "verdict", "fault");
    clear(&recording);
}

static void test_stock_dma(void)
{
    struct recording recording = start(ARGS " " RIG_EDU_ARGS);
    struct rig_smmu smmu;
    JsonObject *tlp;

    map_x_to_a(&smmu, recording.rig);
    rig_edu_write(recording.rig, X + 0x40, 16);
    stop(&recording);
    tlp = find(&recording, "tlp", "origin", "core", 0);
    expect_text(tlp, "type", "MWr");
    expect_text(tlp, "requester", "0000:00:03.0");
    expect_number(tlp, "addr", X + 0x40);
    expect_int(tlp, "len", PAGE - 0x40);
    expect_int(tlp, "t", 0);
    expect_text(tlp, "s1", "ok");
    expect_number(tlp, "out", A + 0x40);
    expect_text(tlp, "verdict", "ok");
    clear(&recording);
}

static void test_other_kinds(void)
{
    struct recording recording = start(ARGS);
    struct teeio_smmuv3_event record;
    struct rig_smmu smmu;
    JsonObject *line;
    JsonArray *words;

    map_x_to_a(&smmu, recording.rig);
    rig_run(recording.rig);
    rig_tsm(recording.rig, TEEIO_TSM_CMD_START, RIG_TDI);
    teeio_qtest_writeq(recording.rig->qtest, RIG_TSM + TEEIO_TSM_REG_MARKER,
                       0x123456789a);
    rig_fill(recording.rig, 0, 8, 1, 0);
    g_assert_true(rig_event(&smmu, &record));
    teeio_qpci_writew(&recording.rig->tdi, TEEIO_PCI_COMMAND,
                      TEEIO_PCI_COMMAND_MSE);
    stop(&recording);

    find(&recording, "reset", NULL, NULL, 0);
    line = find(&recording, "enable", NULL, NULL, 0);
    g_assert_true(json_object_get_boolean_member(line, "on"));
    line = find(&recording, "command", "name", "SYNC", 0);
    expect_text(line, "error", NULL);
    line = find(&recording, "owner", "owner", "private", 0);
    expect_number(line, "base", RIG_TABLES);
    expect_number(line, "size", RIG_TABLES_SIZE);
    line = find(&recording, "marker", NULL, NULL, 0);
    expect_number(line, "value", 0x123456789a);

    line = find(&recording, "tdisp", "input", "START_INTERFACE_REQUEST", 0);
    expect_text(line, "from", "CONFIG_LOCKED");
    expect_text(line, "to", "RUN");
    expect_text(line, "error", "OK");
    line = find(&recording, "tdisp", "input", "START_INTERFACE_REQUEST", 1);
    expect_text(line, "to", "RUN");
    expect_text(line, "error", "INVALID_INTERFACE_STATE");
    line = find(&recording, "tdisp", "to", "ERROR", 0);
    g_assert_nonnull(text(line, "cause"));

    line = find(&recording, "fault", "name", "F_TRANSLATION", 0);
    expect_number(line, "stream", RIG_TDI);
    expect_int(line, "stage", 1);
    g_assert_true(json_object_get_boolean_member(line, "queued"));
    words = json_object_get_array_member(line, "record");
    for (unsigned i = 0; i < G_N_ELEMENTS(record.dw); i++) {
        g_assert_cmphex(
            g_ascii_strtoull(json_array_get_string_element(words, i), NULL, 16),
            ==, record.dw[i]);
    }
    clear(&recording);
}

static unsigned findings(const struct recording *recording, const char *kind)
{
    unsigned count = 0;

    for (unsigned i = 1; i < recording->lines->len; i++) {
        JsonObject *line = g_ptr_array_index(recording->lines, i);

        if (g_str_equal(text(line, "ev"), "finding") &&
            g_str_equal(text(line, "finding"), kind)) {
            g_assert_true(json_object_has_member(line, "tlp"));
            g_assert_cmpint(json_object_get_int_member(line, "trigger"), <, i);
            count++;
        }
    }
    return count;
}

static void test_clean(void)
{
    struct recording recording = start(ARGS);
    struct rig_smmu smmu;

    map_x_to_a(&smmu, recording.rig);
    rig_run(recording.rig);
    rig_fill(recording.rig, X, 8, 1, 0);
    rig_fill(recording.rig, X, 8, 1, T1);
    stop(&recording);
    for (unsigned kind = 0; kind < TEEIO_FINDINGS; kind++) {
        g_assert_cmpuint(findings(&recording, teeio_finding_name(kind)), ==, 0);
    }
    clear(&recording);
}

static void test_findings(void)
{
    struct recording recording =
        start(RIG_SMMU_ARGS ",t-policy=arm-split " RIG_TSM_ARGS " " RIG_TDI_ARGS
                            " " RIG_EDU_ARGS " " POOL_ARGS " " WINDOW_ARGS);
    struct rig *rig = recording.rig;
    struct rig_smmu smmu;

    map_x_to_a(&smmu, rig);
    rig_fill(rig, X, 8, 1, T1);
    rig_run(rig);
    rig_fill(rig, X, 8, 1, T1);
    rig_fill(rig, X, 8, 1, 0);
    rig_fill(rig, RIG_TABLES, 8, 0, 0);
    rig_fill(rig, rig->edu.bar[0] + 0x80, 8, 0, 0);
    rig_fill(rig, POOL, 8, 1, 0);
    rig_edu_write(rig, A, 8);
    rig_fill(rig, BEYOND, 8, 1, 0);
    rig_own(rig, TEEIO_TSM_CMD_SHARE, RIG_TABLES, RIG_TABLES_SIZE);
    rig_fill(rig, X, 8, 1, T1);
    stop(&recording);
    for (unsigned kind = 0; kind < TEEIO_FINDINGS; kind++) {
        g_assert_cmpuint(findings(&recording, teeio_finding_name(kind)), >=, 1);
    }
    clear(&recording);
}

/* What has replaced the answer of an IOMMU that is off. */
static void test_disabled(void)
{
    struct recording recording =
        start("-device teeio-smmuv3,disabled-behaviour=reset:sink,"
              "disabled-sink=0x42000000 " RIG_TDI_ARGS);
    JsonObject *tlp;

    rig_fill(recording.rig, X + 8, 16, 1, 0);
    stop(&recording);
    tlp = find(&recording, "tlp", NULL, NULL, 0);
    expect_text(tlp, "disabled", "sink");
    expect_text(tlp, "when", "reset");
    expect_number(tlp, "out", A + 8);
    expect_text(tlp, "verdict", "ok");
    clear(&recording);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/events/header", test_header);
    g_test_add_func("/events/dma", test_dma);
    g_test_add_func("/events/stock-dma", test_stock_dma);
    g_test_add_func("/events/other-kinds", test_other_kinds);
    g_test_add_func("/events/clean", test_clean);
    g_test_add_func("/events/findings", test_findings);
    g_test_add_func("/events/disabled", test_disabled);
    return g_test_run();
}
