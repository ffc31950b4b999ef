/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "smmu-rig.h"

static void setup(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_init(rig, TEEIO_T_UNIFIED, 8);
}

static void teardown(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(rig);
}

static void test_table(void)
{
    size_t count;
    const struct teeio_reg *table = teeio_smmuv3_registers(&count);
    uint64_t end = 0;

    g_assert_cmpuint(count, >, 0);
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
    g_assert_cmphex(end, <=, TEEIO_SMMUV3_MMIO_SIZE);
}

static uint64_t reset_value(const char *name)
{
    const struct teeio_reg *table;
    size_t count;

    table = teeio_smmuv3_registers(&count);
    if (g_str_has_prefix(name, "R_")) {
        table = teeio_smmuv3_realm_registers(&count);
    }
    for (size_t i = 0; i < count; i++) {
        if (g_str_equal(table[i].name, name)) {
            return table[i].reset;
        }
    }
    g_error("no register %s", name);
}

/* What the manual says about a register adds up to its value. */
static void test_fields(void)
{
    size_t count;
    const struct teeio_smmuv3_field *fields = teeio_smmuv3_fields(&count);
    uint64_t sum = 0;
    uint64_t taken = 0;

    g_assert_cmpuint(count, >, 50);
    for (size_t i = 0; i < count; i++) {
        const struct teeio_smmuv3_field *field = &fields[i];
        uint64_t mask;

        g_assert_cmpuint(field->low, <=, field->high);
        g_assert_cmpuint(field->high, <, 32);
        mask = TEEIO_MASK64(field->high, field->low);
        g_assert_cmphex(field->value << field->low & ~mask, ==, 0);
        g_assert_cmphex(taken & mask, ==, 0);
        g_assert_nonnull(field->meaning);
        taken |= mask;
        sum |= field->value << field->low;
        if (i + 1 == count || !g_str_equal(fields[i + 1].reg, field->reg)) {
            g_assert_cmphex(sum, ==, reset_value(field->reg));
            sum = 0;
            taken = 0;
        }
    }
}

static void test_reset_values(struct smmu_rig *rig, gconstpointer data)
{
    static const struct {
        uint64_t offset, value;
    } rows[] = {
        {0x00, 0x084d749b}, {0x04, 0x054a5510}, {0x08, 0}, {0x0c, 0x1614},
        {0x10, 0},          {0x14, 0x00200075}, {0x1c, 2}, {0x20, 0},
        {0x24, 0},          {0x44, 0x1000},     {0x50, 0}, {0x60, 0},
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmphex(smmu_rig_get(rig, rows[i].offset), ==, rows[i].value);
        if (rows[i].offset < 0x20) {
            smmu_rig_set(rig, rows[i].offset, UINT32_MAX);
            g_assert_cmphex(smmu_rig_get(rig, rows[i].offset), ==,
                            rows[i].value);
        }
    }
    /* Nobody's JEP106 code. */
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_IIDR) & 0xfff, ==, 0);
}

static void test_unimplemented(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    /* Every word of both pages takes any access without harm. */
    for (uint64_t at = 0; at < TEEIO_SMMUV3_MMIO_SIZE; at += 4) {
        if (at != TEEIO_SMMUV3_REG_CR0) {
            smmu_rig_set(rig, at, UINT32_MAX);
        }
        smmu_rig_get(rig, at);
        if (at % 8 == 0 && at != TEEIO_SMMUV3_REG_CR0) {
            smmu_rig_set64(rig, at, UINT64_MAX);
            teeio_smmuv3_read(rig->smmu, at, 8);
        }
    }
    /* Absent features, and second copies in page 1. */
    g_assert_cmphex(smmu_rig_get(rig, 0x40), ==, 0);
    g_assert_cmphex(smmu_rig_get(rig, 0x100), ==, 0);
    g_assert_cmphex(smmu_rig_get(rig, 0x180), ==, 0);
    g_assert_cmphex(smmu_rig_get(rig, 0x8000), ==, 0);
    g_assert_cmphex(smmu_rig_get(rig, 0x10098), ==, 0);
    g_assert_cmphex(smmu_rig_get(rig, 0x100c0), ==, 0);
    g_assert_cmphex(smmu_rig_get(rig, 0x1fffc), ==, 0);
}

static void test_acknowledge(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    /* VMW belongs to an absent feature. */
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, 0x1de);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_CR0), ==, 0x1e);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_CR0ACK), ==, 0x1e);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0ACK, 0);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_CR0ACK), ==, 0x1e);

    smmu_rig_set(rig, TEEIO_SMMUV3_REG_IRQ_CTRL, UINT32_MAX);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_IRQ_CTRL), ==, 0x7);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_IRQ_CTRLACK), ==, 0x7);
}

/* A register, a value that it keeps, and the enable bits that lock it. */
static void test_guards(struct smmu_rig *rig, gconstpointer data)
{
    static const struct {
        uint64_t offset, value, cr0;
        unsigned size;
        uint64_t irq_ctrl;
    } rows[] = {
        {TEEIO_SMMUV3_REG_STRTAB_BASE, 0x40123440, TEEIO_CR0_SMMUEN, 8},
        {TEEIO_SMMUV3_REG_STRTAB_BASE_CFG, 0x10210, TEEIO_CR0_SMMUEN, 4},
        {TEEIO_SMMUV3_REG_CR2, TEEIO_CR2_RECINVSID, TEEIO_CR0_SMMUEN, 4},
        {TEEIO_SMMUV3_REG_CR1, 0xd40, TEEIO_CR0_SMMUEN, 4},
        {TEEIO_SMMUV3_REG_CR1, 0x035, TEEIO_CR0_CMDQEN, 4},
        {TEEIO_SMMUV3_REG_CR1, 0x035, TEEIO_CR0_EVENTQEN, 4},
        {TEEIO_SMMUV3_REG_CMDQ_BASE, 0x40123424, TEEIO_CR0_CMDQEN, 8},
        {TEEIO_SMMUV3_REG_CMDQ_CONS, 0x12, TEEIO_CR0_CMDQEN, 4},
        {TEEIO_SMMUV3_REG_EVENTQ_BASE, 0x40123424, TEEIO_CR0_EVENTQEN, 8},
        {TEEIO_SMMUV3_REG_EVENTQ_PROD, 0x80000012, TEEIO_CR0_EVENTQEN, 4},
        {TEEIO_SMMUV3_REG_CR1, 0x035, TEEIO_CR0_PRIQEN, 4},
        {TEEIO_SMMUV3_REG_PRIQ_BASE, 0x40123424, TEEIO_CR0_PRIQEN, 8},
        {TEEIO_SMMUV3_REG_PRIQ_PROD, 0x80000012, TEEIO_CR0_PRIQEN, 4},
        {TEEIO_SMMUV3_REG_GERROR_IRQ_CFG0, 0xfffffffffffc, 0, 8, 1},
        {TEEIO_SMMUV3_REG_GERROR_IRQ_CFG1, 0xfedcba98, 0, 4, 1},
        {TEEIO_SMMUV3_REG_GERROR_IRQ_CFG2, 0x3f, 0, 4, 1},
        {TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG0, 0xfffffffffffc, 0, 8, 2},
        {TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG1, 0xfedcba98, 0, 4, 2},
        {TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG2, 0x8000003f, 0, 4, 2},
        {TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG0, 0xfffffffffffc, 0, 8, 4},
        {TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG1, 0xfedcba98, 0, 4, 4},
        {TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG2, 0x3f, 0, 4, 4},
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        unsigned size = rows[i].size;
        uint64_t at = rows[i].offset;

        g_test_message("offset 0x%" G_GINT64_MODIFIER "x", at);
        teeio_smmuv3_write(rig->smmu, at, 0, size);
        smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, rows[i].cr0);
        smmu_rig_set(rig, TEEIO_SMMUV3_REG_IRQ_CTRL, rows[i].irq_ctrl);
        teeio_smmuv3_write(rig->smmu, at, rows[i].value, size);
        g_assert_cmphex(teeio_smmuv3_read(rig->smmu, at, size), ==, 0);

        /* What enables something else locks nothing. */
        smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, 0);
        smmu_rig_set(rig, TEEIO_SMMUV3_REG_IRQ_CTRL, 7 & ~rows[i].irq_ctrl);
        teeio_smmuv3_write(rig->smmu, at, rows[i].value, size);
        g_assert_cmphex(teeio_smmuv3_read(rig->smmu, at, size), ==,
                        rows[i].value);
        teeio_smmuv3_write(rig->smmu, at, 0, size);
    }
    /* What a guard protects is a field: the other half of CR1 stays open. */
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_SMMUEN);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR1, 0xd75);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_CR1), ==, 0x035);
}

static void test_halves(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_STRTAB_BASE, 0x89abcdef);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_STRTAB_BASE + 4, 0x40000123);
    /* RA, and an address within the 48 bits of the OAS. */
    g_assert_cmphex(
        teeio_smmuv3_read(rig->smmu, TEEIO_SMMUV3_REG_STRTAB_BASE, 8), ==,
        0x4000012389abcdc0);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_STRTAB_BASE), ==,
                    0x89abcdc0);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_STRTAB_BASE + 4), ==,
                    0x40000123);
    smmu_rig_set64(rig, TEEIO_SMMUV3_REG_STRTAB_BASE, UINT64_MAX);
    g_assert_cmphex(
        teeio_smmuv3_read(rig->smmu, TEEIO_SMMUV3_REG_STRTAB_BASE, 8), ==,
        0x4000ffffffffffc0);
}

static void test_page1(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_set(rig, 0x100a8, 0x5);
    g_assert_cmphex(smmu_rig_get(rig, 0xa8), ==, 0x5);
    smmu_rig_set(rig, 0xac, 0x80000006);
    g_assert_cmphex(smmu_rig_get(rig, 0x100ac), ==, 0x80000006);
    smmu_rig_set(rig, 0x100c8, 0x7);
    g_assert_cmphex(smmu_rig_get(rig, 0xc8), ==, 0x7);
    smmu_rig_set(rig, 0xcc, 0x80000008);
    g_assert_cmphex(smmu_rig_get(rig, 0x100cc), ==, 0x80000008);
}

static void test_gbpa(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_GBPA, TEEIO_GBPA_ABORT);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_GBPA), ==, 0x1000);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_GBPA,
                 TEEIO_GBPA_ABORT | TEEIO_GBPA_UPDATE);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_GBPA), ==,
                    0x1000 | TEEIO_GBPA_ABORT);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_GBPA, 0);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_GBPA), ==,
                    0x1000 | TEEIO_GBPA_ABORT);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_GBPA, TEEIO_GBPA_UPDATE);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_GBPA), ==, 0x1000);
    /* The overrides, but none of the memory attributes. */
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_GBPA, 0xffefffff);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_GBPA), ==, 0xf1000);
}

static void test_events(struct smmu_rig *rig, gconstpointer data)
{
    const struct teeio_event *event;

    (void)data;
    g_assert_cmpuint(rig->fake.events->len, ==, 0);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_CMDQEN);
    g_assert_cmpuint(fake_host_count(&rig->fake, TEEIO_EVENT_ENABLE), ==, 0);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0,
                 TEEIO_CR0_CMDQEN | TEEIO_CR0_SMMUEN);
    event = fake_host_last(&rig->fake, TEEIO_EVENT_ENABLE);
    g_assert_nonnull(event);
    g_assert_true(event->u.enabled);
    g_assert_cmpstr(event->source, ==, "smmuv3");
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_SMMUEN);
    g_assert_cmpuint(fake_host_count(&rig->fake, TEEIO_EVENT_ENABLE), ==, 1);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, 0);
    g_assert_false(fake_host_last(&rig->fake, TEEIO_EVENT_ENABLE)->u.enabled);
}

static void test_reset(struct smmu_rig *rig, gconstpointer data)
{
    size_t count;
    const struct teeio_reg *table = teeio_smmuv3_registers(&count);

    (void)data;
    smmu_rig_enable(rig, 4);
    smmu_rig_read(rig, RIG_UNMAPPED);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).faults, ==, 1);
    teeio_smmuv3_reset(rig->smmu);
    for (size_t i = 0; i < count; i++) {
        g_assert_cmphex(
            teeio_smmuv3_read(rig->smmu, table[i].offset, table[i].width), ==,
            table[i].reset);
    }
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).faults, ==, 0);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).translations, ==, 0);
    g_assert_cmpuint(fake_host_count(&rig->fake, TEEIO_EVENT_RESET), ==, 1);
    g_assert_cmpint(smmu_rig_read(rig, RIG_UNMAPPED).verdict, ==,
                    TEEIO_VERDICT_OK);
}

static void test_two_instances(struct smmu_rig *rig, gconstpointer data)
{
    struct smmu_rig other;

    (void)data;
    smmu_rig_init(&other, TEEIO_T_T0_BLOCKED, 0);
    smmu_rig_enable(rig, 4);
    g_assert_cmphex(smmu_rig_get(&other, TEEIO_SMMUV3_REG_CR0), ==, 0);
    g_assert_cmpint(smmu_rig_read(&other, RIG_RW).verdict, ==,
                    TEEIO_VERDICT_BLOCKED);
    g_assert_cmpint(smmu_rig_read(rig, RIG_RW).verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).translations, ==, 1);
    smmu_rig_clear(&other);
}

#define ADD(name)                                                   \
    g_test_add("/smmuv3-regs/" #name, struct smmu_rig, NULL, setup, \
               test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smmuv3-regs/table", test_table);
    g_test_add_func("/smmuv3-regs/fields", test_fields);
    ADD(reset_values);
    ADD(unimplemented);
    ADD(acknowledge);
    ADD(guards);
    ADD(halves);
    ADD(page1);
    ADD(gbpa);
    ADD(events);
    ADD(reset);
    ADD(two_instances);
    return g_test_run();
}
