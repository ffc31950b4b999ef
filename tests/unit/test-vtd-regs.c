/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Registers, capabilities, commands; numbers from the manual, not our header.
 */
#include "vtd-rig.h"

static void setup(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    vtd_rig_init(rig, false, TEEIO_T_UNIFIED, TEEIO_VTD_WALK_TRUSTED);
}

static void teardown(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    vtd_rig_clear(rig);
}

static void test_table(void)
{
    size_t count;
    const struct teeio_reg *table = teeio_vtd_registers(&count);
    uint64_t end = 0;

    for (size_t i = 0; i < count; i++) {
        const struct teeio_reg *reg = &table[i];
        uint64_t room = reg->width == 8 ? UINT64_MAX : UINT32_MAX;

        g_assert_nonnull(reg->name);
        g_assert_nonnull(reg->doc);
        g_assert_true(reg->width == 4 || reg->width == 8);
        g_assert_cmpuint(reg->offset % reg->width, ==, 0);
        g_assert_cmphex(reg->offset, >=, end);
        end = reg->offset + reg->width;
        g_assert_cmphex((reg->reset | reg->rw | reg->w1c) & ~room, ==, 0);
        g_assert_cmphex(reg->rw & reg->w1c, ==, 0);
    }
    g_assert_cmphex(end, <=, TEEIO_VTD_MMIO_SIZE);
}

static void test_fields(void)
{
    size_t count;
    const struct teeio_vtd_field *fields = teeio_vtd_fields(&count);
    uint64_t seen[2] = {0};

    for (size_t i = 0; i < count; i++) {
        const struct teeio_vtd_field *field = &fields[i];
        bool extended = strcmp(field->reg, "ECAP") == 0;
        uint64_t mask = ((1ull << field->width) - 1) << field->low;

        g_assert_true(extended || strcmp(field->reg, "CAP") == 0);
        g_assert_cmphex(seen[extended] & mask, ==, 0);
        seen[extended] |= mask;
        g_assert_cmphex(field->value >> field->width, ==, 0);
        g_assert_nonnull(field->doc);
    }
}

static void test_conditions(void)
{
    size_t count;
    const struct teeio_vtd_condition *rows = teeio_vtd_conditions(&count);

    g_assert_cmpuint(count, ==, 59);
    for (size_t i = 1; i < count; i++) {
        g_assert_cmphex(rows[i].reason, >, rows[i - 1].reason);
    }
}

/* VT-d 11.4.2 and 11.4.3: what is announced without a feature. */
static void test_features(struct vtd_rig *rig, gconstpointer data)
{
    const uint64_t queue = 1ull << 1;
    const uint64_t scalable = 1ull << 43 | 1ull << 46 | 1ull << 47;
    uint8_t image[4096];
    size_t length;

    (void)data;
    g_assert_cmphex(vtd_rig_get64(rig, 0x10) & scalable, ==, scalable);
    teeio_vtd_set_features(rig->vtd, false, true);
    g_assert_cmphex(vtd_rig_get64(rig, 0x10), ==, 0x0010020000000fc7ull);
    g_assert_cmphex(vtd_rig_get(rig, 0x14), ==, 0x00100200);
    g_assert_cmphex(vtd_rig_get64(rig, 0x08) >> 56, ==, 0);
    vtd_rig_set64(rig, 0x20, RIG_TABLES | 1 << 10);
    vtd_rig_set(rig, 0x18, 0x40000000);
    length = teeio_vtd_save(rig->vtd, image, sizeof(image));
    teeio_vtd_set_features(rig->vtd, true, true);
    g_assert_false(teeio_vtd_load(rig->vtd, image, length));

    teeio_vtd_set_features(rig->vtd, true, false);
    g_assert_cmphex(vtd_rig_get64(rig, 0x10) & (queue | scalable), ==, 0);
    vtd_rig_set(rig, 0x18, 0x04000000);
    g_assert_cmphex(vtd_rig_get(rig, 0x1c) & 0x04000000, ==, 0);
    teeio_vtd_set_features(rig->vtd, true, true);
    vtd_rig_set(rig, 0x18, 0x04000000);
    g_assert_cmphex(vtd_rig_get(rig, 0x1c) & 0x04000000, !=, 0);
}

static void test_capabilities(struct vtd_rig *rig, gconstpointer data)
{
    uint64_t cap = vtd_rig_get64(rig, 0x08);
    uint64_t ecap = vtd_rig_get64(rig, 0x10);

    (void)data;
    g_assert_cmphex(vtd_rig_get(rig, 0x00), ==, 0x10);
    g_assert_cmpuint(cap & 7, ==, 6);
    g_assert_cmpuint(cap >> 7 & 1, ==, 0);
    g_assert_cmphex(cap >> 8 & 0x1f, ==, 0xe);
    g_assert_cmpuint(cap >> 16 & 0x3f, ==, 56);
    g_assert_cmphex((cap >> 24 & 0x3ff) * 16, ==, 0x220);
    g_assert_cmphex(cap >> 34 & 0xf, ==, 3);
    g_assert_cmpuint(cap >> 39 & 1, ==, 1);
    g_assert_cmpuint(cap >> 40 & 0xff, ==, 7);
    g_assert_cmpuint(cap >> 48 & 0x3f, ==, 18);
    g_assert_cmpuint(cap >> 56 & 1, ==, 1);
    g_assert_cmpuint(cap >> 60 & 1, ==, 1);
    /* C, QI, DT, PT, SC; no interrupt remapping. */
    g_assert_cmphex(ecap & 0xff, ==, 0xc7);
    g_assert_cmphex((ecap >> 8 & 0x3ff) * 16, ==, 0xf0);
    /* NEST, PRS, ERS, SRS, EAFS. */
    g_assert_cmphex(ecap >> 26 & 0x1ff, ==, 0x139);
    g_assert_cmpuint(ecap >> 35 & 0x1f, ==, 19);
    /* PASID, DIT, PDS, SMTS, SSADS, SSTS, FSTS, SMPWCS, RPS, ADMS. */
    g_assert_cmphex(ecap >> 40, ==, 0x13ef);
    for (uint64_t at = 0; at < 0x18; at += 4) {
        uint32_t before = vtd_rig_get(rig, at);

        vtd_rig_set(rig, at, ~before);
        g_assert_cmphex(vtd_rig_get(rig, at), ==, before);
    }
}

static void test_unimplemented(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    for (uint64_t at = 0; at < TEEIO_VTD_MMIO_SIZE; at += 4) {
        vtd_rig_set(rig, at, UINT32_MAX);
        vtd_rig_get(rig, at);
        if (at % 8 == 0) {
            vtd_rig_set64(rig, at, UINT64_MAX);
            vtd_rig_get64(rig, at);
        }
        while (teeio_vtd_step(rig->vtd)) {
        }
    }
    /* Advanced log, protected memory, interrupt remapping, MTRRs. */
    g_assert_cmphex(vtd_rig_get64(rig, 0x58), ==, 0);
    g_assert_cmphex(vtd_rig_get(rig, 0x64), ==, 0);
    g_assert_cmphex(vtd_rig_get64(rig, 0xb8), ==, 0);
    g_assert_cmphex(vtd_rig_get64(rig, 0x100), ==, 0);
}

static void test_commands(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    g_assert_cmphex(vtd_rig_get(rig, 0x38), ==, 0x80000000u);
    vtd_rig_set(rig, 0x18, 0x80000000u);
    g_assert_cmphex(vtd_rig_get(rig, 0x1c), ==, 0x80000000u);
    g_assert_cmphex(vtd_rig_get(rig, 0x18), ==, 0);
    g_assert_cmpuint(fake_host_count(&rig->fake, TEEIO_EVENT_ENABLE), ==, 1);
    /* A pointer that was not set is not used: the old root is 0. */
    vtd_rig_set64(rig, 0x20, teeio_tables_vtd_root(&rig->root));
    vtd_rig_fault(rig, vtd_rig_tlp(TEEIO_TLP_MRD, RIG_RW), 0x08);
    vtd_rig_set(rig, 0x18, 0xc0000000u);
    g_assert_cmphex(vtd_rig_get(rig, 0x1c), ==, 0xc0000000u);
    vtd_rig_ok(rig, vtd_rig_tlp(TEEIO_TLP_MRD, RIG_RW), RIG_DATA);
    /* Features that are not there: WBF, interrupt remapping, EAFL, SFL. */
    vtd_rig_set(rig, 0x18, 0xbb800000u);
    g_assert_cmphex(vtd_rig_get(rig, 0x1c), ==, 0xc0000000u);
    vtd_rig_set(rig, 0x18, 0);
    g_assert_cmphex(vtd_rig_get(rig, 0x1c), ==, 0x40000000u);
    g_assert_cmpuint(fake_host_count(&rig->fake, TEEIO_EVENT_ENABLE), ==, 2);
    vtd_rig_ok(rig, vtd_rig_tlp(TEEIO_TLP_MRD, RIG_RW), RIG_RW);
}

static void test_queue_address(struct vtd_rig *rig, gconstpointer data)
{
    (void)data;
    vtd_rig_queue(rig);
    vtd_rig_set64(rig, 0x90, 0x12345000);
    g_assert_cmphex(vtd_rig_get64(rig, 0x90), ==, RIG_IQ);
    vtd_rig_set(rig, 0x18, 0);
    vtd_rig_set64(rig, 0x90, 0x12345fff);
    g_assert_cmphex(vtd_rig_get64(rig, 0x90), ==, 0x12345807);
}

static void test_walk_names(void)
{
    enum teeio_vtd_walk walk = TEEIO_VTD_WALK_TRUSTED;

    g_assert_true(teeio_vtd_walk_parse("host", &walk));
    g_assert_cmpint(walk, ==, TEEIO_VTD_WALK_HOST);
    g_assert_false(teeio_vtd_walk_parse("guest", &walk));
    g_assert_cmpstr(teeio_vtd_walk_name(TEEIO_VTD_WALK_TRUSTED), ==, "trusted");
    g_assert_cmpstr(teeio_vtd_walk_name(TEEIO_VTD_WALKS), ==, "?");
}

#define ADD(name, function)                                              \
    g_test_add("/vtd-regs/" name, struct vtd_rig, NULL, setup, function, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vtd-regs/table", test_table);
    g_test_add_func("/vtd-regs/fields", test_fields);
    g_test_add_func("/vtd-regs/conditions", test_conditions);
    g_test_add_func("/vtd-regs/walk-names", test_walk_names);
    ADD("capabilities", test_capabilities);
    ADD("features", test_features);
    ADD("unimplemented", test_unimplemented);
    ADD("commands", test_commands);
    ADD("queue-address", test_queue_address);
    return g_test_run();
}
