/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Composition of two stages, with a stage 2 that adds a constant.
 */
#include <string.h>

#include "../../hw/iommu/walk.h"
#include "fake-host.h"
#include "teeio/iommu.h"

#define OFFSET 0x01000000ull
#define TABLE  0x3f100000ull /* a stage 1 table, as an IPA */
#define OUTPUT 0x3f200000ull

/* Stage 2 for tests: refuses one page and whatever it may not do. */
struct shift {
    uint64_t refused;
    unsigned perm;
    uint64_t page_mask;
    uint64_t table; /* read first, when not 0 */
};

static void walk_shift(const void *opaque,
                       const struct teeio_walk_tables *tables, uint64_t input,
                       struct teeio_access access, struct teeio_walk *walk)
{
    const struct shift *shift = opaque;
    uint64_t descriptor;

    g_assert_null(tables->stage2);
    walk->level = 2;
    walk->output = input + OFFSET;
    walk->page_mask = shift->page_mask;
    walk->perm = shift->perm;
    if (shift->table &&
        !teeio_walk_descriptor(tables, shift->table, &descriptor, walk)) {
        return;
    }
    if ((input & ~0xfffull) == shift->refused) {
        walk->status = TEEIO_WALK_TRANSLATION;
    } else if (!(shift->perm &
                 (access.write ? TEEIO_PERM_WRITE : TEEIO_PERM_READ))) {
        walk->status = TEEIO_WALK_PERMISSION;
    }
}

/* Stage 1 for tests: one descriptor that is the output. */
static void walk_one(const void *opaque, const struct teeio_walk_tables *tables,
                     uint64_t input, struct teeio_access access,
                     struct teeio_walk *walk)
{
    uint64_t descriptor;

    (void)access;
    walk->level = 3;
    walk->page_mask = 0xfff;
    walk->perm = *(const unsigned *)opaque;
    if (teeio_walk_descriptor(tables, TABLE, &descriptor, walk)) {
        walk->output = descriptor | (input & 0xfff);
    }
}

static const struct teeio_walk_ops shift_ops = {2, walk_shift};
static const struct teeio_walk_ops one_ops = {1, walk_one};

struct rig {
    struct fake_host fake;
    unsigned perm; /* of stage 1 */
    struct shift shift;
    struct teeio_table_memory memory;
    struct teeio_walk_stage stage1;
    struct teeio_walk_stage stage2;
};

static void setup(struct rig *rig, gconstpointer data)
{
    (void)data;
    fake_host_init(&rig->fake);
    memcpy(fake_host_ptr(&rig->fake, TABLE + OFFSET), &(uint64_t){OUTPUT}, 8);
    rig->perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE;
    rig->shift = (struct shift){
        .refused = UINT64_MAX,
        .perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE,
        .page_mask = 0x1fffff,
    };
    rig->memory.host = &rig->fake.host;
    rig->stage1 = (struct teeio_walk_stage){&one_ops, &rig->perm};
    rig->stage2 = (struct teeio_walk_stage){&shift_ops, &rig->shift};
}

static void teardown(struct rig *rig, gconstpointer data)
{
    (void)data;
    fake_host_clear(&rig->fake);
}

static struct teeio_walk walk(struct rig *rig, bool write)
{
    return teeio_walk(&rig->memory, &rig->stage1, &rig->stage2, 0x123,
                      (struct teeio_access){.write = write});
}

static void test_nested(struct rig *rig, gconstpointer data)
{
    struct teeio_walk answer = walk(rig, true);

    (void)data;
    g_assert_cmpint(answer.status, ==, TEEIO_WALK_OK);
    g_assert_cmphex(answer.output, ==, OUTPUT + OFFSET + 0x123);
    /* The smaller page, the fewer rights. */
    g_assert_cmphex(answer.page_mask, ==, 0xfff);
    rig->shift.perm = TEEIO_PERM_READ;
    g_assert_cmpuint(walk(rig, false).perm, ==, TEEIO_PERM_READ);
    rig->shift.perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE;
    rig->perm = TEEIO_PERM_READ;
    g_assert_cmpuint(walk(rig, false).perm, ==, TEEIO_PERM_READ);
}

static void test_identity(struct rig *rig, gconstpointer data)
{
    struct teeio_access access = {0};
    struct teeio_walk answer;

    (void)data;
    answer = teeio_walk(&rig->memory, NULL, NULL, 0x1234, access);
    g_assert_cmphex(answer.output, ==, 0x1234);
    g_assert_cmphex(answer.page_mask, ==, 0xfff);
    g_assert_cmpuint(rig->fake.reads, ==, 0);

    answer = teeio_walk(&rig->memory, NULL, &rig->stage2, 0x1234, access);
    g_assert_cmphex(answer.output, ==, 0x1234 + OFFSET);
    g_assert_cmphex(answer.page_mask, ==, 0x1fffff);
}

static void test_fault_on_output(struct rig *rig, gconstpointer data)
{
    struct teeio_walk answer;

    (void)data;
    rig->shift.refused = OUTPUT;
    answer = walk(rig, false);
    g_assert_cmpint(answer.status, ==, TEEIO_WALK_TRANSLATION);
    g_assert_cmpuint(answer.stage, ==, 2);
    g_assert_false(answer.on_table);
    g_assert_cmphex(answer.ipa, ==, OUTPUT + 0x123);

    rig->shift.refused = UINT64_MAX;
    rig->shift.perm = TEEIO_PERM_READ;
    answer = walk(rig, true);
    g_assert_cmpint(answer.status, ==, TEEIO_WALK_PERMISSION);
    g_assert_cmpuint(answer.stage, ==, 2);
}

static void test_fault_on_table(struct rig *rig, gconstpointer data)
{
    struct teeio_walk answer;

    (void)data;
    rig->shift.refused = TABLE;
    answer = walk(rig, true);
    g_assert_cmpint(answer.status, ==, TEEIO_WALK_TRANSLATION);
    g_assert_cmpuint(answer.stage, ==, 2);
    g_assert_true(answer.on_table);
    g_assert_cmphex(answer.ipa, ==, TABLE);
}

static void test_abort(struct rig *rig, gconstpointer data)
{
    struct teeio_walk answer;

    (void)data;
    /* On the stage 1 table itself: stage 1, with the address after stage 2. */
    rig->fake.fail_page = TABLE + OFFSET;
    answer = walk(rig, false);
    g_assert_cmpint(answer.status, ==, TEEIO_WALK_FETCH);
    g_assert_cmpuint(answer.stage, ==, 1);
    g_assert_true(answer.on_table);
    g_assert_cmphex(answer.descriptor, ==, TABLE + OFFSET);

    /* On a stage 2 table, for a stage 1 table and for the output. */
    rig->shift.table = FAKE_HOST_RAM_BASE;
    rig->fake.fail_page = FAKE_HOST_RAM_BASE;
    answer = walk(rig, false);
    g_assert_cmpuint(answer.stage, ==, 2);
    g_assert_true(answer.on_table);
    answer = teeio_walk(&rig->memory, NULL, &rig->stage2, 0x1234,
                        (struct teeio_access){0});
    g_assert_cmpuint(answer.stage, ==, 2);
    g_assert_false(answer.on_table);
    g_assert_cmphex(answer.descriptor, ==, FAKE_HOST_RAM_BASE);
}

#define ADD(name)                                                           \
    g_test_add("/walk-stages/" #name, struct rig, NULL, setup, test_##name, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(nested);
    ADD(identity);
    ADD(fault_on_output);
    ADD(fault_on_table);
    ADD(abort);
    return g_test_run();
}
