/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Restricted DMA pools: named ranges of shared memory, and which functions may
 * reach nothing else.
 */
#ifndef TEEIO_POOL_H
#define TEEIO_POOL_H

#include <stdbool.h>
#include <stdint.h>

/** The most pools of one machine, and the most functions named for them. */
#define TEEIO_POOLS      16u
#define TEEIO_POOL_USERS 64u

/** enum teeio_reach - where a request stands to the pools */
enum teeio_reach {
    TEEIO_REACH_FREE,    /* no pool is concerned */
    TEEIO_REACH_INSIDE,  /* inside a pool of its sender */
    TEEIO_REACH_OUTSIDE, /* its sender has a pool, and this is other RAM */
    TEEIO_REACH_FOREIGN, /* inside a pool that its sender has no part in */
    TEEIO_REACHES
};

/** enum teeio_pool_policy - what becomes of OUTSIDE and FOREIGN */
enum teeio_pool_policy {
    TEEIO_POOL_ABORT,  /* the sender sees an error */
    TEEIO_POOL_POISON, /* the sender sees success: reads give ones, writes are
                        * dropped */
    TEEIO_POOL_LOG,    /* carried out */
    TEEIO_POOL_POLICIES
};

/**
 * struct teeio_pool - one pool
 * @base, @size: bytes, whole pages of RAM
 * @placed:      false where the guest chooses @base: nobody can then be held
 *               to the pool
 * @every:       for all functions that are in no other pool by name
 * @policy:      what becomes of requests that its users send elsewhere, and
 *               of those that others send into it
 */
struct teeio_pool {
    uint64_t base;
    uint64_t size;
    bool placed;
    bool every;
    enum teeio_pool_policy policy;
};

struct teeio_pools;

/**
 * teeio_pools_new() - no pools yet
 * @ram_base, @ram_size: only requests to RAM are judged; doorbells and BARs
 *                       are left to others
 * @bus_number: number of a bus given to teeio_pools_add_user(), as it is now;
 *              any thread
 *
 * Returns: to be freed with teeio_pools_free(), or NULL when out of memory.
 */
struct teeio_pools *teeio_pools_new(uint64_t ram_base, uint64_t ram_size,
                                    int (*bus_number)(void *bus));
void teeio_pools_free(struct teeio_pools *pools);

/**
 * teeio_pools_add() - before any DMA
 *
 * Returns: the number of the pool, or -1 when there are %TEEIO_POOLS, or it is
 * placed and empty, not in whole pages, not all RAM, or overlaps another.
 */
int teeio_pools_add(struct teeio_pools *pools, const struct teeio_pool *pool);

/**
 * teeio_pools_add_user() - the function at @devfn of @bus uses pool @number
 *
 * A function that is named for a pool no longer belongs to those that are for
 * every function; it may be named for several.
 *
 * Returns: false when there is no such pool, or there are %TEEIO_POOL_USERS.
 */
bool teeio_pools_add_user(struct teeio_pools *pools, unsigned number, void *bus,
                          uint8_t devfn);

/**
 * teeio_pools_reach() - may @requester touch the page of @gpa?
 * @policy: set when the answer is OUTSIDE or FOREIGN
 *
 * Counts the answer. Any thread.
 */
enum teeio_reach teeio_pools_reach(struct teeio_pools *pools,
                                   uint16_t requester, uint64_t gpa,
                                   enum teeio_pool_policy *policy);

/** teeio_pools_count() - answers about pool @number so far */
uint64_t teeio_pools_count(const struct teeio_pools *pools, unsigned number,
                           enum teeio_reach reach);

/** teeio_reach_name() - "free", "inside", "outside", "foreign" */
const char *teeio_reach_name(enum teeio_reach reach);

/** teeio_pool_policy_name() - "abort", "poison", "log" */
const char *teeio_pool_policy_name(enum teeio_pool_policy policy);

/**
 * teeio_pool_policy_parse() - the reverse
 *
 * Returns: false for anything else.
 */
bool teeio_pool_policy_parse(const char *text, enum teeio_pool_policy *policy);

#endif
