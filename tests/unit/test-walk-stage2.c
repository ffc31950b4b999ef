/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "walk-rig.h"

#define DATA WALK_RIG_DATA
#define RW   (TEEIO_PERM_READ | TEEIO_PERM_WRITE)

static const struct teeio_access data_read = {0};
static const struct teeio_access data_write = {.write = true};

static void setup(struct walk_rig *rig, gconstpointer data)
{
    (void)data;
    walk_rig_init(rig);
}

static void teardown(struct walk_rig *rig, gconstpointer data)
{
    (void)data;
    walk_rig_clear(rig);
}

static struct teeio_walk run(struct walk_rig *rig, uint64_t ipa,
                             struct teeio_access access)
{
    return walk_rig_run(rig, false, true, ipa, access);
}

/* One granule: its levels, where blocks may be, and log2 of what they map. */
static const struct {
    unsigned granule, first, first_block;
    unsigned bits[4];
} granules[] = {
    {12, 0, 1, {39, 30, 21, 12}},
    {14, 0, 2, {47, 36, 25, 14}},
    {16, 1, 2, {0, 42, 29, 16}},
};

static void check_leaf(struct walk_rig *rig, bool second, unsigned row,
                       unsigned level)
{
    uint64_t mask = (1ull << granules[row].bits[level]) - 1;
    uint64_t input = 0x7123456789abull;
    uint64_t output = 0x5a5500000000ull & ~mask;
    /* Of an address in a block, so many bits mean nothing. */
    uint64_t surplus = mask & 0xfffffffff000ull;
    struct teeio_walk walk;

    if (second) {
        walk_rig_new_stage2(rig);
        walk_rig_map2(rig, input, output | surplus, level, S2_RW);
    } else {
        walk_rig_new_stage1(rig);
        walk_rig_map1(rig, input, output | surplus, level, S1_RW);
    }
    walk = walk_rig_run(rig, !second, second, input, data_read);
    g_assert_cmpuint(walk.level, ==, level);
    g_assert_cmpuint(walk.reads, ==, level - granules[row].first + 1);
    if (level < granules[row].first_block) {
        g_assert_cmpint(walk.status, ==, TEEIO_WALK_TRANSLATION);
        return;
    }
    g_assert_cmpint(walk.status, ==, TEEIO_WALK_OK);
    g_assert_cmphex(walk.output, ==, output | (input & mask));
    g_assert_cmphex(walk.page_mask, ==, mask);
    g_assert_cmphex(walk.stage2_mask, ==, second ? mask : UINT64_MAX);
    g_assert_cmpuint(walk.perm, ==, RW);
}

static void test_granules(struct walk_rig *rig, gconstpointer data)
{
    (void)data;
    for (unsigned row = 0; row < G_N_ELEMENTS(granules); row++) {
        rig->stage1.half[0].granule_bits = granules[row].granule;
        rig->stage2.granule_bits = granules[row].granule;
        rig->stage2.start_level = granules[row].first;
        for (unsigned level = granules[row].first; level <= 3; level++) {
            check_leaf(rig, false, row, level);
            check_leaf(rig, true, row, level);
        }
    }
}

/* Ranges so small that one short table is all there is. */
static void test_small_ranges(struct walk_rig *rig, gconstpointer data)
{
    (void)data;
    for (unsigned granule = 12; granule <= 16; granule += 2) {
        unsigned bits = granule == 16 ? 17 : 16;
        uint64_t last = (1ull << bits) - 8;
        struct teeio_walk walk;

        rig->stage1.half[0].granule_bits = granule;
        rig->stage1.half[0].input_bits = bits;
        walk_rig_new_stage1(rig);
        walk_rig_map1(rig, last, DATA, 3, S1_RW);
        /* Less than a table's alignment does not count. */
        rig->stage1.half[0].table |= 8;
        walk = walk_rig_run(rig, true, false, last, data_read);
        g_assert_cmphex(walk.output, ==, DATA | (last & walk.page_mask));
        g_assert_cmpuint(walk.reads, ==, 1);
        walk = walk_rig_run(rig, true, false, last + 8, data_read);
        walk_rig_expect(&walk, TEEIO_WALK_TRANSLATION, 1, 0);
    }
}

static void test_concatenated(struct walk_rig *rig, gconstpointer data)
{
    (void)data;
    /* From one table that is half used to 16 of them. */
    for (unsigned bits = 38; bits <= 43; bits++) {
        uint64_t last = (1ull << bits) - 0x1000;
        struct teeio_walk walk;

        rig->stage2.input_bits = bits;
        rig->stage2.start_level = 1;
        g_assert_true(teeio_arm_stage2_fits(&rig->stage2));
        walk_rig_new_stage2(rig);
        walk_rig_map2(rig, last, DATA, 3, S2_RW);
        walk_rig_map2(rig, 0x1000, DATA + 0x1000, 3, S2_RW);
        /* Less than the alignment of them all does not count. */
        rig->stage2.table |= 1ull << (bits - 30 + 2);
        walk = run(rig, last, data_read);
        g_assert_cmphex(walk.output, ==, DATA);
        g_assert_cmpuint(walk.reads, ==, 3);
        g_assert_cmphex(run(rig, 0x1000, data_read).output, ==, DATA + 0x1000);
        walk = run(rig, last + 0x1000, data_read);
        walk_rig_expect(&walk, TEEIO_WALK_TRANSLATION, 2, 0);
        g_assert_cmpuint(walk.reads, ==, 0);
        g_assert_cmphex(walk.ipa, ==, last + 0x1000);
    }
    rig->stage2.input_bits = 44;
    g_assert_false(teeio_arm_stage2_fits(&rig->stage2));
    rig->stage2.input_bits = 30;
    g_assert_false(teeio_arm_stage2_fits(&rig->stage2));
}

/* One row: leaf bits, and R W X of unprivileged, then privileged requests. */
static void test_permissions(struct walk_rig *rig, gconstpointer data)
{
    static const struct {
        uint64_t bits;
        const char *user, *priv;
    } rows[] = {
        {0, "--X", "--X"},
        {S2_READ, "R-X", "R-X"},
        {S2_WRITE, "-WX", "-WX"},
        {S2_READ | S2_WRITE, "RWX", "RWX"},
        {S2_READ | LEAF_XN0, "R-X", "R--"},
        {S2_READ | LEAF_XN1, "R--", "R--"},
        {S2_READ | LEAF_XN1 | LEAF_XN0, "R--", "R-X"},
        /* Without the walk's own updates DBM means nothing. */
        {S2_READ | LEAF_DBM, "R-X", "R-X"},
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        walk_rig_map2(rig, 0x1000, DATA, 3, LEAF_AF | rows[i].bits);
        for (unsigned j = 0; j < 6; j++) {
            const char *may = j < 3 ? rows[i].user : rows[i].priv;
            struct teeio_walk walk = run(rig, 0x1000,
                                         (struct teeio_access){
                                             .write = j % 3 == 1,
                                             .execute = j % 3 == 2,
                                             .privileged = j >= 3,
                                         });

            g_test_message("row %u access %u", i, j);
            g_assert_cmpint(walk.status, ==,
                            may[j % 3] == '-' ? TEEIO_WALK_PERMISSION
                                              : TEEIO_WALK_OK);
        }
    }

    /* The short form of XN has no regard for privilege. */
    rig->stage2.xnx = false;
    walk_rig_map2(rig, 0x1000, DATA, 3, LEAF_AF | LEAF_XN0);
    for (unsigned i = 0; i < 2; i++) {
        struct teeio_access access = {.execute = true, .privileged = i};

        g_assert_cmpint(run(rig, 0x1000, access).status, ==, TEEIO_WALK_OK);
    }
    walk_rig_map2(rig, 0x1000, DATA, 3, LEAF_AF | LEAF_XN0 | LEAF_XN1);
    g_assert_cmpint(
        run(rig, 0x1000,
            (struct teeio_access){.execute = true, .privileged = true})
            .status,
        ==, TEEIO_WALK_PERMISSION);
}

static void test_priorities(struct walk_rig *rig, gconstpointer data)
{
    struct teeio_walk walk;

    (void)data;
    rig->stage2.output_bits = 36;
    /* Everything is wrong; then less and less. */
    *walk_rig_map2(rig, 0x1000, 1ull << 36, 3, 0) &= GUINT64_TO_LE(~1ull);
    walk = run(rig, 0x1000, data_write);
    walk_rig_expect(&walk, TEEIO_WALK_TRANSLATION, 2, 3);
    walk_rig_map2(rig, 0x1000, 1ull << 36, 3, 0);
    walk = run(rig, 0x1000, data_write);
    walk_rig_expect(&walk, TEEIO_WALK_ADDR_SIZE, 2, 3);
    walk_rig_map2(rig, 0x1000, 1ull << 35, 3, 0);
    walk = run(rig, 0x1000, data_write);
    walk_rig_expect(&walk, TEEIO_WALK_ACCESS, 2, 3);
    rig->stage2.ignore_access_flag = true;
    walk = run(rig, 0x1000, data_write);
    walk_rig_expect(&walk, TEEIO_WALK_PERMISSION, 2, 3);
    g_assert_false(walk.on_table);
    g_assert_cmphex(walk.ipa, ==, 0x1000);
}

/* All that a page needs under both stages: the tables at themselves. */
static uint64_t *nest(struct walk_rig *rig)
{
    walk_rig_map1(rig, 0x5000, 0x7000, 3, S1_RW);
    walk_rig_map2_ram(rig, S2_RW);
    return walk_rig_map2(rig, 0x7000, DATA, 3, S2_RW);
}

static void test_nested(struct walk_rig *rig, gconstpointer data)
{
    struct teeio_walk walk;
    unsigned before;

    (void)data;
    nest(rig);
    before = rig->fake.reads;
    walk = walk_rig_run(rig, true, true, 0x5123, data_write);
    g_assert_cmpint(walk.status, ==, TEEIO_WALK_OK);
    g_assert_cmphex(walk.output, ==, DATA + 0x123);
    g_assert_cmphex(walk.ipa, ==, 0x7123);
    /* Four tables at four reads, each read itself, and the output. */
    g_assert_cmpuint(walk.reads, ==, 24);
    g_assert_cmpuint(rig->fake.reads - before, ==, 24);
    g_assert_true(walk.global);
    walk_rig_map1(rig, 0x5000, 0x7000, 3, S1_RW | 1ull << 11);
    g_assert_false(walk_rig_run(rig, true, true, 0x5123, data_write).global);

    /* The smaller page, the fewer rights, each way round. */
    walk_rig_map1(rig, 0x5000, 0x7000, 3, S1_RW | S1_READ_ONLY);
    walk_rig_map2(rig, 0, 1ull << 30, 2, S2_RW);
    walk = walk_rig_run(rig, true, true, 0x5000, data_read);
    g_assert_cmpuint(walk.perm, ==, TEEIO_PERM_READ);
    g_assert_cmphex(walk.page_mask, ==, 0xfff);
    g_assert_cmphex(walk.stage2_mask, ==, 0x1fffff);
    g_assert_cmphex(walk.output, ==, 1ull << 30 | 0x7000);
    walk_rig_map1(rig, 1ull << 30, 2ull << 30, 2, S1_RW);
    walk_rig_map2(rig, 2ull << 30, DATA, 3, S2_RW & ~S2_WRITE);
    walk = walk_rig_run(rig, true, true, 1ull << 30, data_read);
    g_assert_cmpuint(walk.perm, ==, TEEIO_PERM_READ);
    g_assert_cmphex(walk.page_mask, ==, 0xfff);
    g_assert_cmphex(walk.stage2_mask, ==, 0xfff);
    g_assert_cmphex(walk.output, ==, DATA);
}

/* Who refused, at which address, with which class. */
static void test_attribution(struct walk_rig *rig, gconstpointer data)
{
    uint64_t table = rig->stage1.half[0].table;
    uint64_t *leaf;
    struct teeio_walk walk;

    (void)data;
    leaf = nest(rig);
    *leaf &= GUINT64_TO_LE(~S2_WRITE);
    walk = walk_rig_run(rig, true, true, 0x5123, data_write);
    walk_rig_expect(&walk, TEEIO_WALK_PERMISSION, 2, 3);
    g_assert_false(walk.on_table);
    g_assert_cmphex(walk.ipa, ==, 0x7123);

    /* A write needs to read the tables, no more. */
    *leaf |= GUINT64_TO_LE(S2_WRITE);
    leaf = walk_rig_map2(rig, table, table, 3, S2_RW & ~S2_WRITE);
    walk = walk_rig_run(rig, true, true, 0x5123, data_write);
    g_assert_cmpint(walk.status, ==, TEEIO_WALK_OK);
    *leaf = GUINT64_TO_LE(table | LEAF_AF | S2_WRITE | 3);
    walk = walk_rig_run(rig, true, true, 0x5123, data_write);
    walk_rig_expect(&walk, TEEIO_WALK_PERMISSION, 2, 3);
    g_assert_true(walk.on_table);
    g_assert_false(walk.table_write);
    g_assert_cmphex(walk.ipa, ==, table);

    /* What stage 1 refuses has no IPA. */
    *leaf = GUINT64_TO_LE(table | S2_RW | 3);
    walk = walk_rig_run(rig, true, true, 0x6000, data_write);
    walk_rig_expect(&walk, TEEIO_WALK_TRANSLATION, 1, 3);
    g_assert_cmphex(walk.ipa, ==, 0);
}

static void test_protected_walk(struct walk_rig *rig, gconstpointer data)
{
    uint64_t table = rig->stage1.half[0].table;
    struct teeio_walk walk;

    (void)data;
    nest(rig);
    for (unsigned type = 0; type < 16; type++) {
        uint64_t attributes = (S2_RW & ~S2_NORMAL) | (uint64_t)type << 2;

        walk_rig_map2(rig, table, table, 3, attributes);
        rig->stage2.protected_walk = false;
        walk = walk_rig_run(rig, true, true, 0x5000, data_read);
        g_assert_cmpint(walk.status, ==, TEEIO_WALK_OK);
        rig->stage2.protected_walk = true;
        walk = walk_rig_run(rig, true, true, 0x5000, data_read);
        if (type < 4) {
            walk_rig_expect(&walk, TEEIO_WALK_PERMISSION, 2, 3);
            g_assert_true(walk.on_table);
        } else {
            g_assert_cmpint(walk.status, ==, TEEIO_WALK_OK);
        }
    }
    /* Data may be in a device. */
    walk_rig_map2(rig, table, table, 3, S2_RW);
    walk_rig_map2(rig, 0x7000, DATA, 3, S2_RW & ~S2_NORMAL);
    walk = walk_rig_run(rig, true, true, 0x5000, data_read);
    g_assert_cmpint(walk.status, ==, TEEIO_WALK_OK);
}

static void test_table_address(struct walk_rig *rig, gconstpointer data)
{
    struct teeio_walk_stage stage2 = {&teeio_arm_stage2_ops, &rig->stage2};
    struct teeio_walk walk;

    (void)data;
    walk_rig_map2(rig, 0x9000, DATA, 3, S2_RW);
    walk = teeio_walk_table(&rig->memory, &stage2, 0x9040);
    g_assert_cmpint(walk.status, ==, TEEIO_WALK_OK);
    g_assert_cmphex(walk.output, ==, DATA + 0x40);
    g_assert_false(walk.on_table);
    walk = teeio_walk_table(&rig->memory, &stage2, 0xa040);
    walk_rig_expect(&walk, TEEIO_WALK_TRANSLATION, 2, 3);
    g_assert_true(walk.on_table);
    g_assert_cmphex(walk.ipa, ==, 0xa040);
}

/* The output is an IPA, which stage 2 has not seen. */
static void test_stage1_alone(struct walk_rig *rig, gconstpointer data)
{
    struct teeio_walk_stage stage1 = {&teeio_arm_stage1_ops, &rig->stage1};
    struct teeio_walk_stage stage2 = {&teeio_arm_stage2_ops, &rig->stage2};
    struct teeio_walk walk;

    (void)data;
    *nest(rig) = 0;
    walk =
        teeio_walk_stage1(&rig->memory, &stage1, &stage2, 0x5123, data_write);
    g_assert_cmpint(walk.status, ==, TEEIO_WALK_OK);
    g_assert_cmphex(walk.output, ==, 0x7123);
    g_assert_cmpuint(walk.reads, ==, 20);
    walk_rig_map2(rig, rig->stage1.half[0].table, 0, 3, 0);
    walk =
        teeio_walk_stage1(&rig->memory, &stage1, &stage2, 0x5123, data_write);
    walk_rig_expect(&walk, TEEIO_WALK_ACCESS, 2, 3);
    g_assert_true(walk.on_table);
}

#define ADD(name)                                                   \
    g_test_add("/walk-stage2/" #name, struct walk_rig, NULL, setup, \
               test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(granules);
    ADD(small_ranges);
    ADD(concatenated);
    ADD(permissions);
    ADD(priorities);
    ADD(nested);
    ADD(attribution);
    ADD(protected_walk);
    ADD(table_address);
    ADD(stage1_alone);
    return g_test_run();
}
