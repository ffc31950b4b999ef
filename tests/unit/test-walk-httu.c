/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Access flags and dirty state that the walk keeps by itself.
 */
#include <string.h>

#include "walk-rig.h"

#define DATA  WALK_RIG_DATA
#define RW    (TEEIO_PERM_READ | TEEIO_PERM_WRITE)
#define VA    0x5000ull
#define IPA   0x7000ull
#define CLEAN (S1_USER | S1_READ_ONLY | LEAF_DBM)

static const struct teeio_access data_read = {0};
static const struct teeio_access data_write = {.write = true};

static void setup(struct walk_rig *rig, gconstpointer data)
{
    (void)data;
    walk_rig_init(rig);
    rig->stage1.ha = rig->stage1.hd = true;
    rig->stage2.ha = rig->stage2.hd = true;
}

static void teardown(struct walk_rig *rig, gconstpointer data)
{
    (void)data;
    walk_rig_clear(rig);
}

static struct teeio_walk run1(struct walk_rig *rig, struct teeio_access access)
{
    return walk_rig_run(rig, true, false, VA, access);
}

static struct teeio_walk run2(struct walk_rig *rig, struct teeio_access access)
{
    return walk_rig_run(rig, false, true, IPA, access);
}

static void expect_word(const uint64_t *slot, uint64_t attributes)
{
    g_assert_cmphex(GUINT64_FROM_LE(*slot) & ~0xfffffffff000ull, ==,
                    attributes | 3);
}

static void test_stage1(struct walk_rig *rig, gconstpointer data)
{
    uint64_t *slot = walk_rig_map1(rig, VA, DATA, 3, CLEAN);

    (void)data;
    /* A read sets the flag, and no write may use its answer. */
    g_assert_cmpuint(run1(rig, data_read).perm, ==, TEEIO_PERM_READ);
    expect_word(slot, CLEAN | LEAF_AF);
    g_assert_cmpuint(run1(rig, data_read).perm, ==, TEEIO_PERM_READ);
    g_assert_cmpuint(rig->updates, ==, 1);

    g_assert_cmpuint(run1(rig, data_write).perm, ==, RW);
    expect_word(slot, (CLEAN | LEAF_AF) & ~S1_READ_ONLY);
    g_assert_cmpuint(run1(rig, data_read).perm, ==, RW);
    g_assert_cmpuint(rig->updates, ==, 2);

    /* Both at once take one update. */
    slot = walk_rig_map1(rig, VA, DATA, 3, CLEAN);
    g_assert_cmpint(run1(rig, data_write).status, ==, TEEIO_WALK_OK);
    expect_word(slot, (CLEAN | LEAF_AF) & ~S1_READ_ONLY);
    g_assert_cmpuint(rig->updates, ==, 3);
}

static void test_stage2(struct walk_rig *rig, gconstpointer data)
{
    uint64_t clean = S2_NORMAL | S2_READ | LEAF_DBM;
    uint64_t *slot = walk_rig_map2(rig, IPA, DATA, 3, clean);

    (void)data;
    g_assert_cmpuint(run2(rig, data_read).perm, ==, TEEIO_PERM_READ);
    expect_word(slot, clean | LEAF_AF);
    g_assert_cmpuint(run2(rig, data_write).perm, ==, RW);
    expect_word(slot, clean | LEAF_AF | S2_WRITE);
    g_assert_cmpuint(run2(rig, data_read).perm, ==, RW);
    g_assert_cmpuint(rig->updates, ==, 2);
}

/* Only the flag; and neither. */
static void test_less(struct walk_rig *rig, gconstpointer data)
{
    uint64_t *one = walk_rig_map1(rig, VA, DATA, 3, CLEAN);
    uint64_t *two =
        walk_rig_map2(rig, IPA, DATA, 3, S2_NORMAL | S2_READ | LEAF_DBM);

    (void)data;
    rig->stage1.hd = rig->stage2.hd = false;
    g_assert_cmpint(run1(rig, data_write).status, ==, TEEIO_WALK_PERMISSION);
    g_assert_cmpint(run2(rig, data_write).status, ==, TEEIO_WALK_PERMISSION);
    expect_word(one, CLEAN);
    expect_word(two, S2_NORMAL | S2_READ | LEAF_DBM);
    g_assert_cmpint(run1(rig, data_read).status, ==, TEEIO_WALK_OK);
    g_assert_cmpint(run2(rig, data_read).status, ==, TEEIO_WALK_OK);
    expect_word(one, CLEAN | LEAF_AF);
    expect_word(two, S2_NORMAL | S2_READ | LEAF_DBM | LEAF_AF);

    rig->updates = 0;
    rig->stage1.ha = rig->stage2.ha = false;
    *one &= GUINT64_TO_LE(~LEAF_AF);
    *two &= GUINT64_TO_LE(~LEAF_AF);
    g_assert_cmpint(run1(rig, data_read).status, ==, TEEIO_WALK_ACCESS);
    g_assert_cmpint(run2(rig, data_read).status, ==, TEEIO_WALK_ACCESS);
    rig->stage1.ignore_access_flag = rig->stage2.ignore_access_flag = true;
    g_assert_cmpint(run1(rig, data_read).status, ==, TEEIO_WALK_OK);
    g_assert_cmpint(run2(rig, data_read).status, ==, TEEIO_WALK_OK);
    g_assert_cmpuint(rig->updates, ==, 0);
}

static void test_no_update_on_fault(struct walk_rig *rig, gconstpointer data)
{
    uint64_t *root = fake_host_ptr(&rig->fake, rig->stage1.half[0].table);
    uint64_t *slot = walk_rig_map1(rig, VA, DATA, 3, S1_READ_ONLY | LEAF_DBM);

    (void)data;
    /* Out of bounds for unprivileged requests. */
    g_assert_cmpint(run1(rig, data_write).status, ==, TEEIO_WALK_PERMISSION);
    expect_word(slot, S1_READ_ONLY | LEAF_DBM);

    /* A table above forbids to write, whatever the leaf would allow. */
    slot = walk_rig_map1(rig, VA, DATA, 3, CLEAN);
    *root |= GUINT64_TO_LE(1ull << 62);
    g_assert_cmpint(run1(rig, data_write).status, ==, TEEIO_WALK_PERMISSION);
    expect_word(slot, CLEAN);

    slot = walk_rig_map2(rig, IPA, DATA, 3, S2_NORMAL);
    g_assert_cmpint(run2(rig, data_read).status, ==, TEEIO_WALK_PERMISSION);
    g_assert_cmpint(run2(rig, data_write).status, ==, TEEIO_WALK_PERMISSION);
    expect_word(slot, S2_NORMAL);
    g_assert_cmpuint(rig->updates, ==, 0);
}

/* Writing to a table of stage 1 is a write to stage 2's page. */
static void test_nested(struct walk_rig *rig, gconstpointer data)
{
    uint64_t *leaf = walk_rig_map1(rig, VA, IPA, 3, CLEAN);
    uint64_t table =
        FAKE_HOST_RAM_BASE + (((uint8_t *)leaf - rig->fake.ram) & ~0xfffull);
    uint64_t clean = S2_NORMAL | S2_READ | LEAF_AF | LEAF_DBM;
    struct teeio_walk walk;
    uint64_t *slot;

    (void)data;
    walk_rig_map2_ram(rig, S2_RW);
    walk_rig_map2(rig, IPA, DATA, 3, S2_RW);
    slot = walk_rig_map2(rig, table, table, 3, clean);

    walk = walk_rig_run(rig, true, true, VA, data_read);
    g_assert_cmpuint(walk.perm, ==, TEEIO_PERM_READ);
    expect_word(leaf, CLEAN | LEAF_AF);
    expect_word(slot, clean | S2_WRITE);

    /* May be read only: fine, until something has to be written. */
    *slot = GUINT64_TO_LE(table | S2_NORMAL | S2_READ | LEAF_AF | 3);
    walk = walk_rig_run(rig, true, true, VA, data_read);
    g_assert_cmpint(walk.status, ==, TEEIO_WALK_OK);
    walk = walk_rig_run(rig, true, true, VA, data_write);
    walk_rig_expect(&walk, TEEIO_WALK_PERMISSION, 2, 3);
    g_assert_true(walk.on_table);
    g_assert_true(walk.table_write);
    g_assert_cmphex(walk.ipa & ~0xfffull, ==, table);
    expect_word(leaf, CLEAN | LEAF_AF);
}

static void test_races(struct walk_rig *rig, gconstpointer data)
{
    uint64_t *slot = walk_rig_map1(rig, VA, DATA, 3, CLEAN);
    struct teeio_walk walk;

    (void)data;
    /* Mapped elsewhere meanwhile: the new place counts. */
    rig->races = 1;
    rig->race_word = (DATA + 0x1000) | CLEAN | 3;
    walk = run1(rig, data_write);
    g_assert_cmphex(walk.output, ==, DATA + 0x1000);
    g_assert_cmpuint(walk.reads, ==, 8);
    expect_word(slot, (CLEAN | LEAF_AF) & ~S1_READ_ONLY);

    /* Unmapped meanwhile: nothing is written. */
    *slot = GUINT64_TO_LE(DATA | CLEAN | 3);
    rig->races = 1;
    rig->race_word = 0;
    walk = run1(rig, data_write);
    walk_rig_expect(&walk, TEEIO_WALK_TRANSLATION, 1, 3);
    g_assert_cmphex(*slot, ==, 0);

    /* The same in stage 2. */
    slot = walk_rig_map2(rig, IPA, DATA, 3, S2_NORMAL | S2_READ);
    rig->races = 1;
    rig->race_word = (DATA + 0x2000) | S2_NORMAL | S2_READ | 3;
    g_assert_cmphex(run2(rig, data_read).output, ==, DATA + 0x2000);
}

/* Somebody flips a software bit before each update, for ever. */
static bool flip(void *opaque, uint64_t gpa, uint64_t *expected,
                 uint64_t desired, bool trusted)
{
    struct walk_rig *rig = opaque;
    uint64_t *slot = fake_host_ptr(&rig->fake, gpa);

    (void)desired;
    (void)trusted;
    *slot ^= GUINT64_TO_LE(1ull << 55);
    *expected = *slot;
    return true;
}

static void test_lost_for_ever(struct walk_rig *rig, gconstpointer data)
{
    struct teeio_walk walk;

    (void)data;
    walk_rig_map1(rig, VA, DATA, 3, CLEAN);
    walk_rig_map2(rig, IPA, DATA, 3, S2_NORMAL | S2_READ);
    rig->fake.host.cmpxchg = flip;
    walk = run1(rig, data_read);
    walk_rig_expect(&walk, TEEIO_WALK_FETCH, 1, 3);
    g_assert_true(walk.on_table);
    walk = run2(rig, data_read);
    walk_rig_expect(&walk, TEEIO_WALK_FETCH, 2, 3);
    g_assert_false(walk.on_table);
}

static void test_abort(struct walk_rig *rig, gconstpointer data)
{
    uint64_t *leaf = walk_rig_map1(rig, VA, DATA, 3, CLEAN);
    struct teeio_walk walk;

    (void)data;
    rig->updates_abort = true;
    walk = run1(rig, data_read);
    walk_rig_expect(&walk, TEEIO_WALK_FETCH, 1, 3);
    g_assert_true(walk.on_table);
    g_assert_true(walk.table_write);
    g_assert_false(walk.shared_table);
    g_assert_true(fake_host_ptr(&rig->fake, walk.descriptor) == leaf);

    walk_rig_map2(rig, IPA, DATA, 3, S2_NORMAL | S2_READ);
    walk = run2(rig, data_read);
    walk_rig_expect(&walk, TEEIO_WALK_FETCH, 2, 3);
    g_assert_false(walk.on_table);
    g_assert_false(walk.table_write);
}

/* The page of the table goes over to the host between read and update. */
static bool read_and_share(void *opaque, uint64_t gpa, void *buf, size_t len,
                           bool trusted)
{
    struct walk_rig *rig = opaque;

    g_assert_true(trusted);
    memcpy(buf, fake_host_ptr(&rig->fake, gpa), len);
    teeio_ownership_set(rig->ownership, gpa & ~0xfffull, 0x1000,
                        TEEIO_OWNER_SHARED);
    return true;
}

static void test_ownership(struct walk_rig *rig, gconstpointer data)
{
    uint64_t *slot = walk_rig_map1(rig, VA, DATA, 3, CLEAN);
    struct teeio_walk walk;

    (void)data;
    rig->ownership = teeio_ownership_new();
    teeio_ownership_add_ram(rig->ownership, FAKE_HOST_RAM_BASE,
                            FAKE_HOST_RAM_SIZE, TEEIO_OWNER_PRIVATE);
    rig->memory.ownership = rig->ownership;
    g_assert_cmpint(run1(rig, data_read).status, ==, TEEIO_WALK_OK);
    g_assert_true(rig->trusted);

    rig->updates = 0;
    rig->memory.private_only = true;
    rig->fake.host.read = read_and_share;
    walk = run1(rig, data_write);
    walk_rig_expect(&walk, TEEIO_WALK_FETCH, 1, 3);
    g_assert_true(walk.shared_table);
    g_assert_true(walk.table_write);
    g_assert_cmpuint(rig->updates, ==, 0);
    expect_word(slot, CLEAN | LEAF_AF);
    teeio_ownership_free(rig->ownership);
}

#define ADD(name)                                                              \
    g_test_add("/walk-httu/" #name, struct walk_rig, NULL, setup, test_##name, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(stage1);
    ADD(stage2);
    ADD(less);
    ADD(no_update_on_fault);
    ADD(nested);
    ADD(races);
    ADD(lost_for_ever);
    ADD(abort);
    ADD(ownership);
    return g_test_run();
}
