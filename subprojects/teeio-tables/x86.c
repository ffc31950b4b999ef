/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio-tables/x86.h"

#define ADDRESS 0x000ffffffffff000ull
#define LARGE   0x80ull

static unsigned shift_of(unsigned level)
{
    return 3 + 9 * level;
}

static uint64_t slot_in(uint64_t table, uint64_t address, unsigned level)
{
    return table + (address >> shift_of(level) & 0x1ff) * 8;
}

bool teeio_tables_x86_init(struct teeio_tables_x86 *space,
                           struct teeio_tables *tables, unsigned levels,
                           bool second)
{
    space->tables = tables;
    space->levels = levels;
    space->table = second ? TEEIO_TABLES_SS_RW : TEEIO_TABLES_X86_RW;
    space->root = teeio_tables_alloc(tables, 0x1000);
    return space->root;
}

bool teeio_tables_x86_map(struct teeio_tables_x86 *space, uint64_t address,
                          uint64_t output, unsigned level, uint64_t attributes)
{
    struct teeio_tables *tables = space->tables;
    uint64_t table = space->root;

    for (unsigned i = space->levels; i > level; i--) {
        uint64_t slot = slot_in(table, address, i);
        uint64_t entry = teeio_tables_get(tables, slot);

        if (entry & 3 && entry & LARGE) {
            return false;
        }
        if (!(entry & 3)) {
            uint64_t fresh = teeio_tables_alloc(tables, 0x1000);

            if (!fresh) {
                return false;
            }
            entry = fresh | space->table;
            teeio_tables_put(tables, slot, entry);
        }
        table = entry & ADDRESS;
    }
    output &= ~((1ull << shift_of(level)) - 1);
    teeio_tables_put(tables, slot_in(table, address, level),
                     output | attributes | (level > 1 ? LARGE : 0));
    return true;
}

uint64_t teeio_tables_x86_slot(const struct teeio_tables_x86 *space,
                               uint64_t address, unsigned level)
{
    uint64_t table = space->root;

    for (unsigned i = space->levels; i > level; i--) {
        uint64_t entry =
            teeio_tables_get(space->tables, slot_in(table, address, i));

        if (!(entry & 3) || entry & LARGE) {
            return 0;
        }
        table = entry & ADDRESS;
    }
    return slot_in(table, address, level);
}

static void read_ipa(void *opaque, uint64_t ipa, void *buf, size_t len)
{
    struct teeio_tables_x86_window *window = opaque;
    struct teeio_tables *below = window->second->tables;

    below->read(below->opaque, ipa - window->ipa + window->pa, buf, len);
}

static void write_ipa(void *opaque, uint64_t ipa, const void *buf, size_t len)
{
    struct teeio_tables_x86_window *window = opaque;
    struct teeio_tables *below = window->second->tables;

    below->write(below->opaque, ipa - window->ipa + window->pa, buf, len);
}

bool teeio_tables_x86_window_init(struct teeio_tables_x86_window *window,
                                  struct teeio_tables_x86 *second, uint64_t ipa,
                                  uint64_t size)
{
    window->second = second;
    window->ipa = ipa;
    window->pa = teeio_tables_alloc(second->tables, size);
    window->tables = (struct teeio_tables){
        .opaque = window,
        .read = read_ipa,
        .write = write_ipa,
        .next = ipa,
        .end = ipa + size,
    };
    if (!window->pa) {
        return false;
    }
    for (uint64_t done = 0; done < size; done += 0x1000) {
        if (!teeio_tables_x86_map(second, ipa + done, window->pa + done, 1,
                                  TEEIO_TABLES_SS_RW)) {
            return false;
        }
    }
    return true;
}
