/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Page ownership: which guest pages are private to the guest and which are
 * shared with the host. A T=0 request never reaches a private page.
 */
#ifndef TEEIO_OWNERSHIP_H
#define TEEIO_OWNERSHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEEIO_PAGE_SIZE 4096u

enum teeio_owner {
    TEEIO_OWNER_NONE,    /* no RAM here: MMIO, doorbells, holes */
    TEEIO_OWNER_SHARED,  /* the host may touch it */
    TEEIO_OWNER_PRIVATE, /* the guest's own */
    TEEIO_OWNERS
};

struct teeio_ownership;

/**
 * teeio_ownership_new() - an empty map: every address is OWNER_NONE
 *
 * Returns: the map, to be freed with teeio_ownership_free(), or NULL when out
 * of memory.
 */
struct teeio_ownership *teeio_ownership_new(void);
void teeio_ownership_free(struct teeio_ownership *map);

/**
 * teeio_ownership_add_ram() - declare RAM
 * @base, @size: bytes, both multiples of %TEEIO_PAGE_SIZE
 * @initial:     SHARED or PRIVATE, the state that a reset restores
 *
 * To be called before any other thread looks.
 *
 * Returns: false when misaligned, empty, wrapping, overlapping earlier RAM,
 * the sixteenth range is taken, or memory ran out.
 */
bool teeio_ownership_add_ram(struct teeio_ownership *map, uint64_t base,
                             uint64_t size, enum teeio_owner initial);

/**
 * teeio_ownership_add_pool() - RAM that is shared by definition
 * @base, @size: bytes, whole pages of one range of RAM
 *
 * Shared from now on, after each reset and after each load; nobody can make it
 * private.
 *
 * Returns: false when it is not all RAM, the sixteenth pool is taken, or
 * memory ran out.
 */
bool teeio_ownership_add_pool(struct teeio_ownership *map, uint64_t base,
                              uint64_t size);

/** teeio_ownership_reset() - every page back to its initial state */
void teeio_ownership_reset(struct teeio_ownership *map);

/**
 * teeio_ownership_set() - change the owner of whole pages
 * @owner: SHARED or PRIVATE
 *
 * Safe against concurrent teeio_ownership_get(); the caller serialises
 * changes.
 *
 * Returns: false, with nothing changed, when the range is misaligned, empty
 * or not entirely RAM, a pool is to become private, or memory ran out.
 */
bool teeio_ownership_set(struct teeio_ownership *map, uint64_t base,
                         uint64_t size, enum teeio_owner owner);

/** teeio_ownership_get() - owner of the page that holds @gpa; any thread */
enum teeio_owner teeio_ownership_get(const struct teeio_ownership *map,
                                     uint64_t gpa);

/**
 * teeio_ownership_known() - the same, without asking anybody
 */
enum teeio_owner teeio_ownership_known(const struct teeio_ownership *map,
                                       uint64_t gpa);

/**
 * teeio_ownership_set_doubt() - ask before a page is said to be private
 * @is_shared: has the guest made the page of @gpa shared in the meantime?
 *             Any thread; may change the map. NULL: nobody is asked
 *
 * For a map that follows what a guest does with a page, and so learns of it
 * only when the guest uses the page. To be called before another thread looks.
 */
void teeio_ownership_set_doubt(struct teeio_ownership *map,
                               bool (*is_shared)(void *opaque, uint64_t gpa),
                               void *opaque);

/**
 * teeio_ownership_changes() - how often anything has changed; any thread
 *
 * For those who remember what they have learned from owners.
 */
uint64_t teeio_ownership_changes(const struct teeio_ownership *map);

/**
 * teeio_owner_allows() - may a TLP with this @t touch a page of this @owner?
 *
 * T=1 reaches any page of its guest, T=0 everything but private pages.
 */
bool teeio_owner_allows(enum teeio_owner owner, bool t);

/** teeio_ownership_allows() - the same question about the page of @gpa */
bool teeio_ownership_allows(const struct teeio_ownership *map, uint64_t gpa,
                            bool t);

/** teeio_ownership_count() - pages now in state @owner (SHARED or PRIVATE) */
uint64_t teeio_ownership_count(const struct teeio_ownership *map,
                               enum teeio_owner owner);

/**
 * teeio_ownership_save() - the map as a flat image
 * @buf: filled only as far as the image fits; NULL when @size is 0
 *
 * Its length grows with the number of times that the owner changes from one
 * page to the next, not with the size of RAM.
 *
 * Returns: the length of the image, which may be more than @size.
 */
size_t teeio_ownership_save(const struct teeio_ownership *map, uint8_t *buf,
                            size_t size);

/**
 * teeio_ownership_load() - continue from an image, which need not be trusted
 *
 * Returns: false, with nothing changed, when this is no image of a map with
 * the same RAM, or memory ran out.
 */
bool teeio_ownership_load(struct teeio_ownership *map, const uint8_t *buf,
                          size_t size);

const char *teeio_owner_name(enum teeio_owner owner);

#endif
