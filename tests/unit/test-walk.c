/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "../../hw/iommu/pgtable-arm.h"
#include "fake-host.h"
#include "teeio-tables/arm.h"
#include "teeio/iommu.h"

#define TABLES 0x40100000ull
#define DATA   0x40800000ull
#define VA     0x0000000012345000ull
#define HIGH   0xffffffff80000000ull

struct rig {
    struct fake_host fake;
    struct teeio_ownership *ownership;
    struct teeio_tables tables;
    struct teeio_tables_space low;
    struct teeio_tables_space high;
    struct teeio_arm_stage1 config;
    struct teeio_table_memory memory;
};

static void guest_read(void *opaque, uint64_t gpa, void *buf, size_t len)
{
    memcpy(buf, fake_host_ptr(opaque, gpa), len);
}

static void guest_write(void *opaque, uint64_t gpa, const void *buf, size_t len)
{
    memcpy(fake_host_ptr(opaque, gpa), buf, len);
}

static void setup(struct rig *rig, gconstpointer data)
{
    (void)data;
    fake_host_init(&rig->fake);
    rig->ownership = teeio_ownership_new();
    teeio_ownership_add_ram(rig->ownership, FAKE_HOST_RAM_BASE,
                            FAKE_HOST_RAM_SIZE, TEEIO_OWNER_PRIVATE);
    rig->tables = (struct teeio_tables){
        &rig->fake, guest_read, guest_write, TABLES, DATA,
    };
    g_assert_true(teeio_tables_space_init(&rig->low, &rig->tables, 48));
    g_assert_true(teeio_tables_space_init(&rig->high, &rig->tables, 39));
    rig->config = (struct teeio_arm_stage1){
        .half = {{true, 12, 48, false, false, rig->low.root},
                 {true, 12, 39, false, false, rig->high.root}},
        .output_bits = 44,
    };
    rig->memory = (struct teeio_table_memory){
        .host = &rig->fake.host,
        .ownership = rig->ownership,
    };
}

static void teardown(struct rig *rig, gconstpointer data)
{
    (void)data;
    teeio_ownership_free(rig->ownership);
    fake_host_clear(&rig->fake);
}

static struct teeio_walk walk(struct rig *rig, uint64_t va,
                              struct teeio_access access)
{
    struct teeio_walk_stage stage1 = {&teeio_arm_stage1_ops, &rig->config};

    return teeio_walk(&rig->memory, &stage1, NULL, va, access);
}

static struct teeio_walk walk_read(struct rig *rig, uint64_t va)
{
    return walk(rig, va, (struct teeio_access){0});
}

static void expect(struct teeio_walk walk, enum teeio_walk_status status,
                   unsigned level)
{
    g_assert_cmpint(walk.status, ==, status);
    g_assert_cmpuint(walk.level, ==, level);
    g_assert_cmpuint(walk.stage, ==, status == TEEIO_WALK_OK ? 0 : 1);
}

static void test_sizes(struct rig *rig, gconstpointer data)
{
    static const uint64_t masks[] = {[1] = 0x3fffffff, 0x1fffff, 0xfff};

    (void)data;
    for (unsigned level = 1; level <= 3; level++) {
        uint64_t va = VA + ((uint64_t)level << 40);
        struct teeio_walk answer;

        teeio_tables_map(&rig->low, va, DATA, level, TEEIO_TABLES_RW);
        answer = walk_read(rig, va + 0x123);
        expect(answer, TEEIO_WALK_OK, level);
        g_assert_cmphex(answer.page_mask, ==, masks[level]);
        g_assert_cmphex(answer.output, ==,
                        (DATA & ~masks[level]) | ((va + 0x123) & masks[level]));
        g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_READ | TEEIO_PERM_WRITE);
        g_assert_cmphex(answer.descriptor, ==,
                        teeio_tables_slot(&rig->low, va, level));
    }
}

static void test_start_levels(struct rig *rig, gconstpointer data)
{
    (void)data;
    for (unsigned bits = 25; bits <= 48; bits++) {
        struct teeio_arm_half *half = &rig->config.half[0];
        uint64_t last = ((1ull << bits) - 1) & ~0xfffull;
        struct teeio_tables_space space;
        unsigned before;

        g_assert_true(teeio_tables_space_init(&space, &rig->tables, bits));
        g_assert_true(teeio_tables_map(&space, last, DATA, 3, TEEIO_TABLES_RW));
        half->input_bits = bits;
        /* Bits below the size of the top table are ignored. */
        half->table = space.root | 8;
        before = rig->fake.reads;
        g_assert_cmphex(walk_read(rig, last).output, ==, DATA);
        g_assert_cmpuint(rig->fake.reads - before, ==,
                         bits > 39   ? 4
                         : bits > 30 ? 3
                                     : 2);
        /* One bit more is out of range, and no table is looked at. */
        before = rig->fake.reads;
        expect(walk_read(rig, 1ull << bits), TEEIO_WALK_TRANSLATION, 0);
        g_assert_cmpuint(rig->fake.reads, ==, before);
    }
}

static void test_high_range(struct rig *rig, gconstpointer data)
{
    struct teeio_arm_half *half = &rig->config.half[1];

    (void)data;
    teeio_tables_map(&rig->high, HIGH, DATA, 3, TEEIO_TABLES_RW);
    g_assert_cmphex(walk_read(rig, HIGH + 8).output, ==, DATA + 8);

    /* Bit 39 is the first above the range and must be one. */
    expect(walk_read(rig, HIGH & ~(1ull << 39)), TEEIO_WALK_TRANSLATION, 0);
    expect(walk_read(rig, HIGH & ~(1ull << 63)), TEEIO_WALK_TRANSLATION, 0);

    half->enabled = false;
    expect(walk_read(rig, HIGH), TEEIO_WALK_TRANSLATION, 0);
}

static void test_top_byte(struct rig *rig, gconstpointer data)
{
    uint64_t tag = 0x5aull << 56;

    (void)data;
    teeio_tables_map(&rig->low, VA, DATA, 3, TEEIO_TABLES_RW);
    teeio_tables_map(&rig->high, HIGH, DATA + 0x1000, 3, TEEIO_TABLES_RW);

    /* Each range has a switch of its own. */
    rig->config.half[0].top_byte_free = true;
    g_assert_cmphex(walk_read(rig, VA | tag).output, ==, DATA);
    expect(walk_read(rig, HIGH ^ tag), TEEIO_WALK_TRANSLATION, 0);
    expect(walk_read(rig, VA | 1ull << 54), TEEIO_WALK_TRANSLATION, 0);

    rig->config.half[0].top_byte_free = false;
    rig->config.half[1].top_byte_free = true;
    g_assert_cmphex(walk_read(rig, HIGH ^ tag).output, ==, DATA + 0x1000);
    expect(walk_read(rig, VA | tag), TEEIO_WALK_TRANSLATION, 0);
}

static void test_invalid(struct rig *rig, gconstpointer data)
{
    (void)data;
    teeio_tables_map(&rig->low, VA, DATA, 3, TEEIO_TABLES_RW);
    for (unsigned level = 0; level <= 3; level++) {
        uint64_t slot = teeio_tables_slot(&rig->low, VA, level);
        uint64_t good = teeio_tables_get(&rig->tables, slot);
        struct teeio_walk answer;

        teeio_tables_put(&rig->tables, slot, good & ~1ull);
        answer = walk_read(rig, VA);
        expect(answer, TEEIO_WALK_TRANSLATION, level);
        g_assert_cmphex(answer.descriptor, ==, slot);
        if (level == 0 || level == 3) {
            /* A block is reserved here. */
            teeio_tables_put(&rig->tables, slot, (good & ~3ull) | 1);
            expect(walk_read(rig, VA), TEEIO_WALK_TRANSLATION, level);
        }
        teeio_tables_put(&rig->tables, slot, good);
    }
    expect(walk_read(rig, VA), TEEIO_WALK_OK, 3);
}

static void test_output_size(struct rig *rig, gconstpointer data)
{
    (void)data;
    rig->config.output_bits = 32;
    teeio_tables_map(&rig->low, VA, 1ull << 32, 3, TEEIO_TABLES_RW);
    expect(walk_read(rig, VA), TEEIO_WALK_ADDR_SIZE, 3);
    teeio_tables_map(&rig->low, VA, 0xfffff000, 3, 0);
    /* Size is in order now; the access flag comes next. */
    expect(walk_read(rig, VA), TEEIO_WALK_ACCESS, 3);

    for (unsigned level = 0; level < 3; level++) {
        uint64_t slot = teeio_tables_slot(&rig->low, VA, level);
        uint64_t good = teeio_tables_get(&rig->tables, slot);

        teeio_tables_put(&rig->tables, slot, good | 1ull << 40);
        expect(walk_read(rig, VA), TEEIO_WALK_ADDR_SIZE, level);
        teeio_tables_put(&rig->tables, slot, good);
    }
}

static void test_access_flag(struct rig *rig, gconstpointer data)
{
    (void)data;
    teeio_tables_map(&rig->low, VA, DATA, 3, TEEIO_TABLES_READ_ONLY);
    /* Before the permission, which is missing as well. */
    expect(walk_read(rig, VA), TEEIO_WALK_ACCESS, 3);
    rig->config.ignore_access_flag = true;
    expect(walk_read(rig, VA), TEEIO_WALK_PERMISSION, 3);
}

static void test_fetch_abort(struct rig *rig, gconstpointer data)
{
    (void)data;
    teeio_tables_map(&rig->low, VA, DATA, 3, TEEIO_TABLES_RW);
    for (unsigned level = 0; level <= 3; level++) {
        uint64_t slot = teeio_tables_slot(&rig->low, VA, level);
        struct teeio_walk answer;

        rig->fake.fail_page = slot & ~0xfffull;
        answer = walk_read(rig, VA);
        expect(answer, TEEIO_WALK_FETCH, level);
        g_assert_true(answer.on_table);
        g_assert_false(answer.shared_table);
        g_assert_cmphex(answer.descriptor, ==, slot);
    }
}

static void test_shared_table(struct rig *rig, gconstpointer data)
{
    (void)data;
    teeio_tables_map(&rig->low, VA, DATA, 3, TEEIO_TABLES_RW);
    for (unsigned level = 0; level <= 3; level++) {
        uint64_t slot = teeio_tables_slot(&rig->low, VA, level);
        uint64_t page = slot & ~0xfffull;
        struct teeio_walk answer;

        teeio_ownership_set(rig->ownership, page, 0x1000, TEEIO_OWNER_SHARED);
        rig->memory.private_only = true;
        answer = walk_read(rig, VA);
        expect(answer, TEEIO_WALK_FETCH, level);
        g_assert_true(answer.shared_table);
        rig->memory.private_only = false;
        expect(walk_read(rig, VA), TEEIO_WALK_OK, 3);
        teeio_ownership_set(rig->ownership, page, 0x1000, TEEIO_OWNER_PRIVATE);
    }
    /* The target page may be anybody's; that is judged elsewhere. */
    teeio_ownership_set(rig->ownership, DATA, 0x1000, TEEIO_OWNER_SHARED);
    rig->memory.private_only = true;
    expect(walk_read(rig, VA), TEEIO_WALK_OK, 3);
    rig->memory.ownership = NULL;
    expect(walk_read(rig, VA), TEEIO_WALK_FETCH, 0);
}

/* One row: leaf bits, bits in the table above, and what each access may. */
static void test_permissions(struct rig *rig, gconstpointer data)
{
    static const struct {
        uint64_t leaf, above;
        /* R W X of unprivileged, then of privileged requests. */
        const char *user, *priv;
    } rows[] = {
        {TEEIO_TABLES_USER, 0, "RWX", "RW-"},
        {TEEIO_TABLES_USER | TEEIO_TABLES_READ_ONLY, 0, "R-X", "R-X"},
        {0, 0, "--X", "RWX"},
        {TEEIO_TABLES_READ_ONLY, 0, "--X", "R-X"},
        {TEEIO_TABLES_UXN, 0, "---", "RWX"},
        {TEEIO_TABLES_PXN, 0, "--X", "RW-"},
        {TEEIO_TABLES_USER, TEEIO_TABLES_BELOW_READ_ONLY, "R-X", "R-X"},
        {TEEIO_TABLES_USER, TEEIO_TABLES_BELOW_NO_USER, "--X", "RWX"},
        {TEEIO_TABLES_USER, TEEIO_TABLES_BELOW_UXN, "RW-", "RW-"},
        {0, TEEIO_TABLES_BELOW_PXN, "--X", "RW-"},
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t table;

        teeio_tables_map(&rig->low, VA, DATA, 3,
                         TEEIO_TABLES_ACCESSED | rows[i].leaf);
        table = teeio_tables_slot(&rig->low, VA, 1);
        teeio_tables_put(
            &rig->tables, table,
            (teeio_tables_get(&rig->tables, table) & 0x0000ffffffffffffull) |
                rows[i].above);
        for (unsigned j = 0; j < 6; j++) {
            const char *may = j < 3 ? rows[i].user : rows[i].priv;
            struct teeio_access access = {
                .write = j % 3 == 1,
                .execute = j % 3 == 2,
                .privileged = j >= 3,
            };
            struct teeio_walk answer = walk(rig, VA, access);

            g_test_message("row %u access %u", i, j);
            expect(answer,
                   may[j % 3] == '-' ? TEEIO_WALK_PERMISSION : TEEIO_WALK_OK,
                   3);
        }
    }

    /* Without hierarchical attributes the table has no say. */
    rig->config.half[0].flat = true;
    teeio_tables_map(&rig->low, VA, DATA, 3, TEEIO_TABLES_RW);
    teeio_tables_put(
        &rig->tables, teeio_tables_slot(&rig->low, VA, 1),
        teeio_tables_get(&rig->tables, teeio_tables_slot(&rig->low, VA, 1)) |
            TEEIO_TABLES_BELOW_READ_ONLY);
    expect(walk(rig, VA, (struct teeio_access){.write = true}), TEEIO_WALK_OK,
           3);
}

static void test_wxn_pan(struct rig *rig, gconstpointer data)
{
    struct teeio_access fetch = {.execute = true};
    struct teeio_access kernel = {.privileged = true};

    (void)data;
    teeio_tables_map(&rig->low, VA, DATA, 3, TEEIO_TABLES_RW);
    teeio_tables_map(&rig->low, VA + 0x1000, DATA, 3, TEEIO_TABLES_RO);

    rig->config.wxn = true;
    expect(walk(rig, VA, fetch), TEEIO_WALK_PERMISSION, 3);
    expect(walk(rig, VA + 0x1000, fetch), TEEIO_WALK_OK, 3);

    rig->config.pan = true;
    expect(walk(rig, VA, kernel), TEEIO_WALK_PERMISSION, 3);
    expect(walk_read(rig, VA), TEEIO_WALK_OK, 3);
    kernel.execute = true;
    expect(walk(rig, VA + 0x1000, kernel), TEEIO_WALK_OK, 3);
}

#define ADD(name) \
    g_test_add("/walk/" #name, struct rig, NULL, setup, test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(sizes);
    ADD(start_levels);
    ADD(high_range);
    ADD(top_byte);
    ADD(invalid);
    ADD(output_size);
    ADD(access_flag);
    ADD(fetch_abort);
    ADD(shared_table);
    ADD(permissions);
    ADD(wxn_pan);
    return g_test_run();
}
