/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "teeio/ownership.h"
#include "teeio/pool.h"

/** struct user - a function by the bus it is on, since numbers change */
struct user {
    void *bus;
    uint8_t devfn;
    uint16_t pools; /* one bit each */
};

_Static_assert(TEEIO_POOLS <= 16, "one bit for each pool");

struct teeio_pools {
    uint64_t ram_base;
    uint64_t ram_size;
    int (*bus_number)(void *bus);
    unsigned count;
    unsigned user_count;
    uint16_t every; /* pools for all who are in no other by name */
    struct teeio_pool pools[TEEIO_POOLS];
    struct user users[TEEIO_POOL_USERS];
    _Atomic uint64_t counts[TEEIO_POOLS][TEEIO_REACHES];
};

struct teeio_pools *teeio_pools_new(uint64_t ram_base, uint64_t ram_size,
                                    int (*bus_number)(void *bus))
{
    struct teeio_pools *pools = calloc(1, sizeof(*pools));

    if (pools) {
        pools->ram_base = ram_base;
        pools->ram_size = ram_size;
        pools->bus_number = bus_number;
    }
    return pools;
}

void teeio_pools_free(struct teeio_pools *pools)
{
    free(pools);
}

static bool is_ram(const struct teeio_pools *pools, uint64_t gpa)
{
    return gpa - pools->ram_base < pools->ram_size;
}

static bool holds(const struct teeio_pool *pool, uint64_t gpa)
{
    return pool->placed && gpa - pool->base < pool->size;
}

static bool fits(const struct teeio_pools *pools, const struct teeio_pool *pool)
{
    uint64_t last = pool->base + (pool->size - 1);

    if (!pool->size || (pool->base | pool->size) % TEEIO_PAGE_SIZE ||
        last < pool->base || !is_ram(pools, pool->base) ||
        !is_ram(pools, last)) {
        return false;
    }
    for (unsigned i = 0; i < pools->count; i++) {
        const struct teeio_pool *other = &pools->pools[i];

        if (holds(other, pool->base) || holds(other, last) ||
            (other->placed && holds(pool, other->base))) {
            return false;
        }
    }
    return true;
}

int teeio_pools_add(struct teeio_pools *pools, const struct teeio_pool *pool)
{
    if (pools->count == TEEIO_POOLS || (pool->placed && !fits(pools, pool))) {
        return -1;
    }
    pools->pools[pools->count] = *pool;
    if (pool->every) {
        pools->every |= 1u << pools->count;
    }
    return (int)pools->count++;
}

bool teeio_pools_add_user(struct teeio_pools *pools, unsigned number, void *bus,
                          uint8_t devfn)
{
    struct user *user = pools->users;

    if (number >= pools->count) {
        return false;
    }
    while (user < &pools->users[pools->user_count] &&
           (user->bus != bus || user->devfn != devfn)) {
        user++;
    }
    if (user == &pools->users[TEEIO_POOL_USERS]) {
        return false;
    }
    if (user == &pools->users[pools->user_count]) {
        *user = (struct user){.bus = bus, .devfn = devfn};
        pools->user_count++;
    }
    user->pools |= 1u << number;
    return true;
}

/* Which pools @requester has, one bit each. */
static uint16_t pools_of(const struct teeio_pools *pools, uint16_t requester)
{
    for (unsigned i = 0; i < pools->user_count; i++) {
        const struct user *user = &pools->users[i];

        if (user->devfn == (requester & 0xff) &&
            pools->bus_number(user->bus) == requester >> 8) {
            return user->pools;
        }
    }
    return pools->every;
}

static enum teeio_reach count(struct teeio_pools *pools, unsigned number,
                              enum teeio_reach reach,
                              enum teeio_pool_policy *policy)
{
    *policy = pools->pools[number].policy;
    atomic_fetch_add_explicit(&pools->counts[number][reach], 1,
                              memory_order_relaxed);
    return reach;
}

enum teeio_reach teeio_pools_reach(struct teeio_pools *pools,
                                   uint16_t requester, uint64_t gpa,
                                   enum teeio_pool_policy *policy)
{
    uint16_t own = pools_of(pools, requester);
    unsigned first = 0;

    for (unsigned i = 0; i < pools->count; i++) {
        if (holds(&pools->pools[i], gpa)) {
            return count(pools, i,
                         own >> i & 1 ? TEEIO_REACH_INSIDE
                                      : TEEIO_REACH_FOREIGN,
                         policy);
        }
    }
    if (!own || !is_ram(pools, gpa)) {
        return TEEIO_REACH_FREE;
    }
    for (unsigned i = 0; i < pools->count; i++) {
        if (own >> i & 1 && !pools->pools[i].placed) {
            return TEEIO_REACH_FREE;
        }
    }
    while (!(own >> first & 1)) {
        first++;
    }
    return count(pools, first, TEEIO_REACH_OUTSIDE, policy);
}

uint64_t teeio_pools_count(const struct teeio_pools *pools, unsigned number,
                           enum teeio_reach reach)
{
    return number < pools->count && (unsigned)reach < TEEIO_REACHES
               ? atomic_load(&pools->counts[number][reach])
               : 0;
}

const char *teeio_reach_name(enum teeio_reach reach)
{
    static const char *const names[TEEIO_REACHES] = {
        [TEEIO_REACH_FREE] = "free",
        [TEEIO_REACH_INSIDE] = "inside",
        [TEEIO_REACH_OUTSIDE] = "outside",
        [TEEIO_REACH_FOREIGN] = "foreign",
    };

    return (unsigned)reach < TEEIO_REACHES ? names[reach] : "?";
}

const char *teeio_pool_policy_name(enum teeio_pool_policy policy)
{
    static const char *const names[TEEIO_POOL_POLICIES] = {
        [TEEIO_POOL_ABORT] = "abort",
        [TEEIO_POOL_POISON] = "poison",
        [TEEIO_POOL_LOG] = "log",
    };

    return (unsigned)policy < TEEIO_POOL_POLICIES ? names[policy] : "?";
}

bool teeio_pool_policy_parse(const char *text, enum teeio_pool_policy *policy)
{
    for (unsigned i = 0; i < TEEIO_POOL_POLICIES; i++) {
        if (!strcmp(text, teeio_pool_policy_name(i))) {
            *policy = i;
            return true;
        }
    }
    return false;
}
