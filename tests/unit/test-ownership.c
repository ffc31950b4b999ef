/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdlib.h>

/* The module is compiled in here so that its allocations can be refused. */
static int allocations_left = -1;

static void *limited_calloc(size_t count, size_t size)
{
    if (allocations_left == 0) {
        return NULL;
    }
    if (allocations_left > 0) {
        allocations_left--;
    }
    return calloc(count, size);
}

#define calloc limited_calloc
#include "../../hw/memory/ownership.c"
#undef calloc

#include <glib.h>

#define GIB  0x40000000ull
#define TIB  0x10000000000ull
#define BASE 0x40000000ull
#define PAGE TEEIO_PAGE_SIZE
#define SH   TEEIO_OWNER_SHARED
#define PR   TEEIO_OWNER_PRIVATE
#define NONE TEEIO_OWNER_NONE

static void expect_owner(const struct teeio_ownership *map, uint64_t gpa,
                         enum teeio_owner owner)
{
    g_assert_cmpstr(teeio_owner_name(teeio_ownership_get(map, gpa)), ==,
                    teeio_owner_name(owner));
}

static void expect_count(const struct teeio_ownership *map, uint64_t shared,
                         uint64_t private)
{
    g_assert_cmpuint(teeio_ownership_count(map, SH), ==, shared);
    g_assert_cmpuint(teeio_ownership_count(map, PR), ==, private);
    g_assert_cmpuint(teeio_ownership_count(map, NONE), ==, 0);
}

static void test_add_ram(void)
{
    static const struct {
        uint64_t base;
        uint64_t size;
        enum teeio_owner initial;
        bool ok;
    } cases[] = {
        {BASE, GIB, SH, true},
        {BASE + GIB, GIB, PR, true},             /* right behind */
        {BASE - PAGE, PAGE, SH, true},           /* right before */
        {BASE - PAGE, 2 * PAGE, SH, false},      /* overlaps its front */
        {BASE + PAGE, PAGE, SH, false},          /* inside */
        {BASE + 2 * GIB - PAGE, GIB, SH, false}, /* overlaps its end */
        {0, TIB, SH, false},                     /* covers it */
        {4 * GIB, 0, SH, false},
        {4 * GIB + 1, PAGE, SH, false},
        {4 * GIB, PAGE + 1, SH, false},
        {UINT64_MAX - PAGE + 1, 2 * PAGE, SH, false},
        {4 * GIB, PAGE, NONE, false},
        {4 * GIB, PAGE, TEEIO_OWNERS, false},
    };
    struct teeio_ownership *map = teeio_ownership_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %u", i);
        g_assert_cmpint(teeio_ownership_add_ram(map, cases[i].base,
                                                cases[i].size,
                                                cases[i].initial),
                        ==, cases[i].ok);
    }
    expect_count(map, GIB / PAGE + 1, GIB / PAGE);
    expect_owner(map, 0, NONE);
    expect_owner(map, BASE - PAGE, SH);
    expect_owner(map, BASE + GIB - 1, SH);
    expect_owner(map, BASE + GIB, PR);
    expect_owner(map, BASE + 2 * GIB, NONE);
    expect_owner(map, UINT64_MAX, NONE);
    teeio_ownership_free(map);
}

static void test_many_ranges(void)
{
    struct teeio_ownership *map = teeio_ownership_new();
    uint64_t count = 0;

    while (teeio_ownership_add_ram(map, count * 2 * PAGE, PAGE, PR)) {
        count++;
        g_assert_cmpuint(count, <, 1000);
    }
    g_assert_cmpuint(count, >=, 8);
    expect_count(map, 0, count);
    expect_owner(map, PAGE, NONE);
    expect_owner(map, (count - 1) * 2 * PAGE, PR);
    teeio_ownership_free(map);
}

static void test_set(void)
{
    /* Pages around word and chunk borders, and a whole chunk in between. */
    static const struct {
        uint64_t first;
        uint64_t pages;
    } cases[] = {
        {0, 1},
        {63, 1},
        {63, 2},
        {1, 200},
        {CHUNK_PAGES, 1},
        {CHUNK_PAGES - 1, 2},
        {5, 3 * CHUNK_PAGES},
        {GIB / PAGE - 1, 1},
        {0, GIB / PAGE},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct teeio_ownership *map = teeio_ownership_new();
        uint64_t first = BASE + cases[i].first * PAGE;
        uint64_t size = cases[i].pages * PAGE;
        uint64_t all = GIB / PAGE;

        g_test_message("case %u", i);
        teeio_ownership_add_ram(map, BASE, GIB, PR);
        g_assert_true(teeio_ownership_set(map, first, size, SH));
        expect_count(map, cases[i].pages, all - cases[i].pages);
        expect_owner(map, first, SH);
        expect_owner(map, first + size - 1, SH);
        expect_owner(map, first - 1, cases[i].first ? PR : NONE);
        expect_owner(map, first + size, first + size < BASE + GIB ? PR : NONE);

        /* Twice is once; half of it goes back; reset restores all. */
        g_assert_true(teeio_ownership_set(map, first, size, SH));
        expect_count(map, cases[i].pages, all - cases[i].pages);
        g_assert_true(teeio_ownership_set(map, first, PAGE, PR));
        expect_count(map, cases[i].pages - 1, all - cases[i].pages + 1);
        teeio_ownership_reset(map);
        expect_count(map, 0, all);
        expect_owner(map, first + size - 1, PR);
        g_assert_true(teeio_ownership_set(map, first, size, SH));
        expect_count(map, cases[i].pages, all - cases[i].pages);
        teeio_ownership_free(map);
    }
}

static void test_set_refused(void)
{
    static const struct {
        uint64_t base;
        uint64_t size;
        enum teeio_owner owner;
    } cases[] = {
        {BASE, 0, SH},
        {BASE + 8, PAGE, SH},
        {BASE, PAGE - 8, SH},
        {BASE, PAGE, NONE},
        {BASE - PAGE, PAGE, SH},
        {BASE - PAGE, 2 * PAGE, SH},
        {BASE + GIB - PAGE, 2 * PAGE, SH},
        {BASE, UINT64_MAX - PAGE + 1, SH},
        {UINT64_MAX - PAGE + 1, PAGE, SH},
    };
    struct teeio_ownership *map = teeio_ownership_new();

    teeio_ownership_add_ram(map, BASE, GIB, PR);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %u", i);
        g_assert_false(teeio_ownership_set(map, cases[i].base, cases[i].size,
                                           cases[i].owner));
        expect_count(map, 0, GIB / PAGE);
    }
    teeio_ownership_free(map);
}

static void test_set_across_ranges(void)
{
    struct teeio_ownership *map = teeio_ownership_new();

    teeio_ownership_add_ram(map, BASE, GIB, PR);
    teeio_ownership_add_ram(map, BASE + GIB, GIB, SH);
    g_assert_true(
        teeio_ownership_set(map, BASE + GIB - 2 * PAGE, 5 * PAGE, SH));
    expect_count(map, GIB / PAGE + 2, GIB / PAGE - 2);
    g_assert_true(
        teeio_ownership_set(map, BASE + GIB - 2 * PAGE, 5 * PAGE, PR));
    expect_count(map, GIB / PAGE - 3, GIB / PAGE + 3);
    teeio_ownership_free(map);
}

static void test_out_of_memory(void)
{
    struct teeio_ownership *map;

    allocations_left = 0;
    g_assert_null(teeio_ownership_new());
    teeio_ownership_free(NULL);

    allocations_left = 1;
    map = teeio_ownership_new();
    g_assert_false(teeio_ownership_add_ram(map, BASE, GIB, PR));
    expect_owner(map, BASE, NONE);

    /* Three chunks are needed, two can be had: no page may change. */
    allocations_left = 3;
    g_assert_true(teeio_ownership_add_ram(map, BASE, GIB, PR));
    g_assert_false(teeio_ownership_set(map, BASE, 3 * CHUNK_SIZE, SH));
    expect_count(map, 0, GIB / PAGE);
    expect_owner(map, BASE, PR);

    allocations_left = -1;
    g_assert_true(teeio_ownership_set(map, BASE, 3 * CHUNK_SIZE, SH));
    expect_count(map, 3 * CHUNK_PAGES, GIB / PAGE - 3 * CHUNK_PAGES);
    teeio_ownership_free(map);
}

/* A terabyte costs a directory; a change costs one chunk. */
static void test_sparse(void)
{
    struct teeio_ownership *map;

    allocations_left = 3;
    map = teeio_ownership_new();
    g_assert_true(teeio_ownership_add_ram(map, BASE, TIB, PR));
    g_assert_true(teeio_ownership_set(map, BASE + TIB / 2, PAGE, SH));
    g_assert_cmpint(allocations_left, ==, 0);
    g_assert_true(teeio_ownership_set(map, BASE, TIB, PR));
    expect_count(map, 0, TIB / PAGE);
    allocations_left = -1;
    teeio_ownership_free(map);
}

static void test_allows(void)
{
    static const struct {
        uint64_t gpa;
        bool t0;
    } cases[] = {{BASE, false}, {BASE + PAGE, true}, {0, true}};
    struct teeio_ownership *map = teeio_ownership_new();

    teeio_ownership_add_ram(map, BASE, GIB, PR);
    teeio_ownership_set(map, BASE + PAGE, PAGE, SH);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(teeio_ownership_allows(map, cases[i].gpa, false), ==,
                        cases[i].t0);
        g_assert_true(teeio_ownership_allows(map, cases[i].gpa, true));
    }
    teeio_ownership_free(map);
}

/* Whatever anybody says, a pool is shared. */
static void test_pool(void)
{
    struct teeio_ownership *map = teeio_ownership_new();
    uint8_t image[256];
    size_t size;

    teeio_ownership_add_ram(map, BASE, GIB, PR);
    size = teeio_ownership_save(map, image, sizeof(image));
    g_assert_false(teeio_ownership_add_pool(map, BASE - PAGE, PAGE));
    g_assert_true(teeio_ownership_add_pool(map, BASE + PAGE, 2 * PAGE));
    expect_owner(map, BASE + PAGE, SH);
    expect_owner(map, BASE + 3 * PAGE, PR);
    g_assert_false(teeio_ownership_set(map, BASE + PAGE, PAGE, PR));
    g_assert_false(teeio_ownership_set(map, BASE, 2 * PAGE, PR));
    g_assert_false(teeio_ownership_set(map, BASE + 2 * PAGE, 2 * PAGE, PR));
    g_assert_true(teeio_ownership_set(map, BASE, 2 * PAGE, SH));
    g_assert_true(teeio_ownership_set(map, BASE, PAGE, PR));
    g_assert_true(teeio_ownership_set(map, BASE + 3 * PAGE, PAGE, PR));
    teeio_ownership_reset(map);
    expect_count(map, 2, GIB / PAGE - 2);
    g_assert_true(teeio_ownership_load(map, image, size));
    expect_count(map, 2, GIB / PAGE - 2);
    for (unsigned i = 1; i < MAX_POOLS; i++) {
        g_assert_true(teeio_ownership_add_pool(map, BASE + 4 * i * PAGE, PAGE));
    }
    g_assert_false(teeio_ownership_add_pool(map, BASE + PAGE * 100, PAGE));
    teeio_ownership_free(map);
}

struct race {
    struct teeio_ownership *map;
    atomic_bool stop;
};

static gpointer look(gpointer data)
{
    struct race *race = data;
    guint wrong = 0;

    while (!atomic_load(&race->stop)) {
        wrong += teeio_ownership_get(race->map, BASE) != SH;
        wrong += teeio_ownership_get(race->map, BASE + 2 * PAGE) != PR;
        wrong += teeio_ownership_get(race->map, BASE + PAGE) == NONE;
    }
    return GUINT_TO_POINTER(wrong);
}

/* A reader sees its own pages unharmed while their neighbour flips. */
static void test_concurrent(void)
{
    struct race race = {.map = teeio_ownership_new()};
    GThread *thread;

    teeio_ownership_add_ram(race.map, BASE, GIB, PR);
    teeio_ownership_set(race.map, BASE, PAGE, SH);
    thread = g_thread_new("look", look, &race);
    for (unsigned i = 0; i < 20000; i++) {
        teeio_ownership_set(race.map, BASE + PAGE, PAGE, i & 1 ? PR : SH);
    }
    atomic_store(&race.stop, true);
    g_assert_cmpuint(GPOINTER_TO_UINT(g_thread_join(thread)), ==, 0);
    expect_count(race.map, 1, GIB / PAGE - 1);
    teeio_ownership_free(race.map);
}

struct doubt {
    uint64_t page;
    unsigned asked;
};

static bool is_shared(void *opaque, uint64_t gpa)
{
    struct doubt *doubt = opaque;

    doubt->asked++;
    return gpa == doubt->page;
}

/* Only a page that would be called private is worth a question. */
static void test_doubt(void)
{
    struct teeio_ownership *map = teeio_ownership_new();
    struct doubt doubt = {.page = BASE + PAGE};

    g_assert_true(teeio_ownership_add_ram(map, BASE, GIB, PR));
    teeio_ownership_set(map, BASE, PAGE, SH);
    teeio_ownership_set_doubt(map, is_shared, &doubt);
    expect_owner(map, BASE, SH);
    expect_owner(map, BASE - PAGE, NONE);
    g_assert_cmpuint(doubt.asked, ==, 0);
    expect_owner(map, BASE + PAGE, SH);
    expect_owner(map, BASE + 2 * PAGE, PR);
    g_assert_cmpuint(doubt.asked, ==, 2);
    g_assert_cmpint(teeio_ownership_known(map, BASE + PAGE), ==, PR);
    g_assert_cmpuint(doubt.asked, ==, 2);
    teeio_ownership_set_doubt(map, NULL, NULL);
    expect_owner(map, BASE + PAGE, PR);
    teeio_ownership_free(map);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ownership/add-ram", test_add_ram);
    g_test_add_func("/ownership/many-ranges", test_many_ranges);
    g_test_add_func("/ownership/set", test_set);
    g_test_add_func("/ownership/set-refused", test_set_refused);
    g_test_add_func("/ownership/set-across-ranges", test_set_across_ranges);
    g_test_add_func("/ownership/out-of-memory", test_out_of_memory);
    g_test_add_func("/ownership/sparse", test_sparse);
    g_test_add_func("/ownership/doubt", test_doubt);
    g_test_add_func("/ownership/allows", test_allows);
    g_test_add_func("/ownership/pool", test_pool);
    g_test_add_func("/ownership/concurrent", test_concurrent);
    return g_test_run();
}
