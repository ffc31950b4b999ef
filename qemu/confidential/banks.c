/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "confidential/confidential.h"
#include "confidential/pages.h"
#include "teeio/event.h"

/* Where a display adapter's window hides RAM. */
#define VGA_BASE 0xa0000u
#define VGA_END  0xc0000u

/* RAM that a display adapter hides does not count. */
static void find_banks(struct teeio_confidential *c)
{
    struct teeio_board_range ranges[TEEIO_BOARD_RAM_RANGES];
    unsigned count = teeio_board_ram(ranges);

    for (unsigned i = 0; i < count; i++) {
        struct teeio_board_range range = ranges[i];

        if (range.base < VGA_BASE && range.end > VGA_END) {
            c->banks[c->count].ram.base = range.base;
            c->banks[c->count++].ram.end = VGA_BASE;
            range.base = VGA_END;
        }
        c->banks[c->count++].ram = range;
        c->ram_size += range.end - range.base;
    }
    c->ram_size += VGA_BASE;
}

/* Without paging, and through the C bit, devices could not be kept out. */
static bool create_ownership(struct teeio_confidential *c)
{
    c->ownership = teeio_ownership_new();
    for (unsigned i = 0; i < c->count && c->ownership; i++) {
        uint64_t base = c->banks[i].ram.base;
        uint64_t size = c->banks[i].ram.end - base;

        if (!teeio_ownership_add_ram(c->ownership, base, size,
                                     TEEIO_OWNER_SHARED) ||
            !teeio_ownership_add_ram(c->ownership, base | TEEIO_CBIT, size,
                                     TEEIO_OWNER_PRIVATE)) {
            return false;
        }
    }
    if (c->ownership) {
        teeio_ownership_set_doubt(c->ownership, teeio_tables_share, c);
    }
    return c->ownership;
}

bool teeio_banks_init(struct teeio_confidential *c, Object *owner,
                      const char *device, Error **errp)
{
    Error *local = NULL;
    uint64_t offset = 0;

    find_banks(c);
    if (c->banks[c->count - 1].ram.end > TEEIO_CBIT) {
        teeio_error(errp, "give the machine less memory",
                    "%s: RAM reaches the C bit (bit %u)", device,
                    TEEIO_CBIT_POSITION);
        return false;
    }
    if (!create_ownership(c)) {
        teeio_error(errp, "give the machine less memory",
                    "%s: cannot keep track of the machine's RAM", device);
        return false;
    }
    memory_region_init_ram((MemoryRegion *)c->ram, owner,
                           "teeio-confidential.private", c->ram_size, &local);
    if (local) {
        error_propagate(errp, local);
        return false;
    }
    for (unsigned i = 0; i < c->count; i++) {
        MemoryRegion *alias = (MemoryRegion *)c->banks[i].alias;
        uint64_t base = c->banks[i].ram.base;
        uint64_t size = c->banks[i].ram.end - base;

        memory_region_init_alias(alias, owner, "teeio-private",
                                 (MemoryRegion *)c->ram, offset, size);
        memory_region_add_subregion_overlap(get_system_memory(),
                                            base | TEEIO_CBIT, alias, 0);
        offset += size;
    }
    return true;
}

static bool is_zero(const uint8_t *page)
{
    return !page[0] && !memcmp(page, page + 1, TEEIO_PAGE_SIZE - 1);
}

/* Through QEMU, which must know that this memory changed. */
static void make_private(void *opaque, uint64_t gpa, const uint8_t *page)
{
    (void)opaque;
    if (!is_zero(page)) {
        address_space_rw(&address_space_memory, gpa | TEEIO_CBIT, 0,
                         (void *)page, TEEIO_PAGE_SIZE, true);
    }
}

static void trace(struct teeio_confidential *c, uint64_t base, uint64_t size,
                  enum teeio_owner owner)
{
    const struct teeio_event event = {
        .kind = TEEIO_EVENT_OWNER,
        .source = "confidential",
        .u.owner = {.base = base, .size = size, .owner = owner},
    };

    if (c->host.trace) {
        c->host.trace(c->host.opaque, &event);
    }
}

void teeio_banks_launch(struct teeio_confidential *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        const struct teeio_board_range *ram = &c->banks[i].ram;

        teeio_pages_each(ram->base, ram->end, make_private, NULL);
        teeio_ownership_set(c->ownership, ram->base, ram->end - ram->base,
                            TEEIO_OWNER_PRIVATE);
        trace(c, ram->base, ram->end - ram->base, TEEIO_OWNER_PRIVATE);
    }
    c->launches++;
    c->launched = true;
}

void teeio_banks_reset(struct teeio_confidential *c)
{
    if (!c->launched) {
        return;
    }
    c->launched = false;
    madvise(memory_region_get_ram_ptr((MemoryRegion *)c->ram), c->ram_size,
            MADV_DONTNEED);
    teeio_ownership_reset(c->ownership);
}

bool teeio_banks_own(struct teeio_confidential *c, uint64_t gpa,
                     enum teeio_owner owner)
{
    uint64_t page = gpa & ~(uint64_t)(TEEIO_PAGE_SIZE - 1);
    bool changed;

    if (teeio_ownership_known(c->ownership, page) == owner) {
        return false;
    }
    pthread_mutex_lock(&c->lock);
    changed = teeio_ownership_known(c->ownership, page) != owner;
    if (changed &&
        teeio_ownership_set(c->ownership, page, TEEIO_PAGE_SIZE, owner)) {
        c->conversions++;
        trace(c, page, TEEIO_PAGE_SIZE, owner);
    }
    pthread_mutex_unlock(&c->lock);
    return changed;
}
