/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>

#include "teeio/pool.h"

#define RAM      0x40000000ull
#define RAM_SIZE 0x20000000ull
#define PAGE     0x1000u
#define A        (RAM + 0x1000000)
#define B        (RAM + 0x2000000)
#define SIZE     0x10000u
#define DOORBELL 0x08090040ull

/* A bus is its number, which the guest may change. */
static int bus_number(void *bus)
{
    return *(int *)bus;
}

static struct teeio_pool make_pool(uint64_t base, bool every)
{
    return (struct teeio_pool){
        .base = base,
        .size = SIZE,
        .placed = true,
        .every = every,
        .policy = base == A ? TEEIO_POOL_POISON : TEEIO_POOL_LOG,
    };
}

static void expect(struct teeio_pools *pools, uint16_t requester, uint64_t gpa,
                   enum teeio_reach reach)
{
    enum teeio_pool_policy policy = TEEIO_POOL_POLICIES;

    g_test_message("%x at %" G_GINT64_MODIFIER "x", requester, gpa);
    g_assert_cmpstr(
        teeio_reach_name(teeio_pools_reach(pools, requester, gpa, &policy)), ==,
        teeio_reach_name(reach));
}

static void test_add(void)
{
    static const struct {
        uint64_t base;
        uint64_t size;
        bool ok;
    } cases[] = {
        {RAM, PAGE, true},
        {RAM + RAM_SIZE - PAGE, PAGE, true},
        {A + SIZE, PAGE, true},
        {A - PAGE, PAGE, true},
        {A, 0, false},
        {A - PAGE, 2 * PAGE, false},
        {A + SIZE - PAGE, PAGE, false},
        {A + PAGE, PAGE, false},
        {A - PAGE, SIZE + 2 * PAGE, false},
        {RAM - PAGE, PAGE, false},
        {RAM - PAGE, 2 * PAGE, false},
        {RAM + RAM_SIZE - PAGE, 2 * PAGE, false},
        {RAM + 1, PAGE, false},
        {RAM, PAGE + 1, false},
        {RAM, (uint64_t)-PAGE, false},
        /* Around the end of the address space, and past A. */
        {A + SIZE, -(uint64_t)(SIZE + 2 * PAGE), false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct teeio_pools *pools = teeio_pools_new(RAM, RAM_SIZE, bus_number);
        struct teeio_pool pool = make_pool(A, true);

        g_test_message("case %u", i);
        g_assert_cmpint(teeio_pools_add(pools, &pool), ==, 0);
        pool.base = cases[i].base;
        pool.size = cases[i].size;
        g_assert_cmpint(teeio_pools_add(pools, &pool), ==,
                        cases[i].ok ? 1 : -1);
        teeio_pools_free(pools);
    }
}

static void test_bounds(void)
{
    struct teeio_pools *pools = teeio_pools_new(RAM, RAM_SIZE, bus_number);
    struct teeio_pool pool = make_pool(A, false);
    int bus = 0;

    for (unsigned i = 0; i < TEEIO_POOLS; i++) {
        pool.base = A + i * SIZE;
        g_assert_cmpint(teeio_pools_add(pools, &pool), ==, i);
    }
    pool.base += SIZE;
    g_assert_cmpint(teeio_pools_add(pools, &pool), ==, -1);
    for (unsigned i = 0; i < TEEIO_POOL_USERS; i++) {
        g_assert_true(teeio_pools_add_user(pools, 0, &bus, i));
    }
    g_assert_false(teeio_pools_add_user(pools, 0, &bus, TEEIO_POOL_USERS));
    /* One that is known takes no more room. */
    g_assert_true(teeio_pools_add_user(pools, 15, &bus, 3));
    g_assert_false(teeio_pools_add_user(pools, 16, &bus, 3));
    expect(pools, 3, A + 15 * SIZE, TEEIO_REACH_INSIDE);
    expect(pools, 4, A + 15 * SIZE, TEEIO_REACH_FOREIGN);
    teeio_pools_free(pools);
}

static void test_every(void)
{
    struct teeio_pools *pools = teeio_pools_new(RAM, RAM_SIZE, bus_number);
    struct teeio_pool pool = make_pool(A, true);

    expect(pools, 8, A, TEEIO_REACH_FREE);
    teeio_pools_add(pools, &pool);
    expect(pools, 8, A, TEEIO_REACH_INSIDE);
    expect(pools, 0xffff, A + SIZE - 1, TEEIO_REACH_INSIDE);
    expect(pools, 8, A - 1, TEEIO_REACH_OUTSIDE);
    expect(pools, 8, A + SIZE, TEEIO_REACH_OUTSIDE);
    expect(pools, 8, RAM, TEEIO_REACH_OUTSIDE);
    expect(pools, 8, RAM + RAM_SIZE - 1, TEEIO_REACH_OUTSIDE);
    expect(pools, 8, RAM + RAM_SIZE, TEEIO_REACH_FREE);
    expect(pools, 8, DOORBELL, TEEIO_REACH_FREE);
    g_assert_cmpuint(teeio_pools_count(pools, 0, TEEIO_REACH_INSIDE), ==, 2);
    g_assert_cmpuint(teeio_pools_count(pools, 0, TEEIO_REACH_OUTSIDE), ==, 4);
    g_assert_cmpuint(teeio_pools_count(pools, 1, TEEIO_REACH_OUTSIDE), ==, 0);
    teeio_pools_free(pools);
}

/* A function with a pool of its own has no part in everybody's. */
static void test_named(void)
{
    struct teeio_pools *pools = teeio_pools_new(RAM, RAM_SIZE, bus_number);
    struct teeio_pool first = make_pool(A, true);
    struct teeio_pool second = make_pool(B, false);
    enum teeio_pool_policy policy;
    int bus = 0;

    teeio_pools_add(pools, &first);
    teeio_pools_add(pools, &second);
    g_assert_true(teeio_pools_add_user(pools, 1, &bus, 0x10));
    expect(pools, 0x10, B, TEEIO_REACH_INSIDE);
    expect(pools, 0x10, A, TEEIO_REACH_FOREIGN);
    expect(pools, 0x18, A, TEEIO_REACH_INSIDE);
    expect(pools, 0x18, B, TEEIO_REACH_FOREIGN);
    /* The policy is that of the pool that is left, or gone into. */
    teeio_pools_reach(pools, 0x10, RAM, &policy);
    g_assert_cmpint(policy, ==, TEEIO_POOL_LOG);
    teeio_pools_reach(pools, 0x18, RAM, &policy);
    g_assert_cmpint(policy, ==, TEEIO_POOL_POISON);
    teeio_pools_reach(pools, 0x10, A, &policy);
    g_assert_cmpint(policy, ==, TEEIO_POOL_POISON);
    /* The guest gives the bus another number. */
    bus = 5;
    expect(pools, 0x10, A, TEEIO_REACH_INSIDE);
    expect(pools, 0x510, B, TEEIO_REACH_INSIDE);
    teeio_pools_free(pools);
}

/* Who has no pool is free, but for the pools of others. */
static void test_without(void)
{
    struct teeio_pools *pools = teeio_pools_new(RAM, RAM_SIZE, bus_number);
    struct teeio_pool pool = make_pool(A, false);
    int bus = 0;

    teeio_pools_add(pools, &pool);
    teeio_pools_add_user(pools, 0, &bus, 0x10);
    expect(pools, 0x18, RAM, TEEIO_REACH_FREE);
    expect(pools, 0x18, A, TEEIO_REACH_FOREIGN);
    teeio_pools_free(pools);
}

static void test_dynamic(void)
{
    struct teeio_pools *pools = teeio_pools_new(RAM, RAM_SIZE, bus_number);
    struct teeio_pool unplaced = {.size = SIZE, .every = true};
    struct teeio_pool other = make_pool(A, false);

    g_assert_cmpint(teeio_pools_add(pools, &unplaced), ==, 0);
    g_assert_cmpint(teeio_pools_add(pools, &unplaced), ==, 1);
    g_assert_cmpint(teeio_pools_add(pools, &other), ==, 2);
    expect(pools, 8, RAM, TEEIO_REACH_FREE);
    expect(pools, 8, A, TEEIO_REACH_FOREIGN);
    teeio_pools_free(pools);
}

static void test_names(void)
{
    enum teeio_pool_policy policy;

    for (unsigned i = 0; i < TEEIO_POOL_POLICIES; i++) {
        g_assert_true(
            teeio_pool_policy_parse(teeio_pool_policy_name(i), &policy));
        g_assert_cmpint(policy, ==, i);
    }
    g_assert_false(teeio_pool_policy_parse("banana", &policy));
    g_assert_cmpstr(teeio_pool_policy_name(TEEIO_POOL_POLICIES), ==, "?");
    g_assert_cmpstr(teeio_reach_name(TEEIO_REACHES), ==, "?");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pool/add", test_add);
    g_test_add_func("/pool/bounds", test_bounds);
    g_test_add_func("/pool/every", test_every);
    g_test_add_func("/pool/named", test_named);
    g_test_add_func("/pool/without", test_without);
    g_test_add_func("/pool/dynamic", test_dynamic);
    g_test_add_func("/pool/names", test_names);
    return g_test_run();
}
