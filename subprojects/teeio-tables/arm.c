/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio-tables/arm.h"

#define BLOCK 1u
#define TABLE 3u /* and PAGE at level 3 */
#define NEXT  0x0000fffffffff000ull

/* Lowest input bit that the tables of each level look at. */
static const unsigned low_bit[4] = {39, 30, 21, 12};

static unsigned top_level(unsigned input_bits)
{
    unsigned level = 3;

    while (level > 0 && input_bits > low_bit[level] + 9) {
        level--;
    }
    return level;
}

bool teeio_tables_space_init(struct teeio_tables_space *space,
                             struct teeio_tables *tables, unsigned input_bits)
{
    unsigned entries_log2 = input_bits - low_bit[top_level(input_bits)];
    uint64_t size = 8ull << entries_log2;

    space->tables = tables;
    space->input_bits = input_bits;
    space->root = teeio_tables_alloc(tables, size < 64 ? 64 : size);
    return space->root;
}

static uint64_t slot_in(const struct teeio_tables_space *space, uint64_t table,
                        uint64_t va, unsigned level)
{
    uint64_t low = va & ((1ull << space->input_bits) - 1);

    return table + (low >> low_bit[level]) % 512 * 8;
}

bool teeio_tables_map(struct teeio_tables_space *space, uint64_t va,
                      uint64_t pa, unsigned level, uint64_t attributes)
{
    struct teeio_tables *tables = space->tables;
    uint64_t table = space->root;

    for (unsigned i = top_level(space->input_bits); i < level; i++) {
        uint64_t slot = slot_in(space, table, va, i);
        uint64_t descriptor = teeio_tables_get(tables, slot);

        if ((descriptor & 3) == BLOCK) {
            return false;
        }
        if ((descriptor & 3) != TABLE) {
            uint64_t fresh = teeio_tables_alloc(tables, 4096);

            if (!fresh) {
                return false;
            }
            descriptor = fresh | TABLE;
            teeio_tables_put(tables, slot, descriptor);
        }
        table = descriptor & NEXT;
    }
    pa &= ~((1ull << low_bit[level]) - 1);
    teeio_tables_put(tables, slot_in(space, table, va, level),
                     pa | attributes | (level == 3 ? TABLE : BLOCK));
    return true;
}

uint64_t teeio_tables_slot(const struct teeio_tables_space *space, uint64_t va,
                           unsigned level)
{
    uint64_t table = space->root;
    unsigned i = top_level(space->input_bits);

    if (level < i) {
        return 0;
    }
    for (; i < level; i++) {
        uint64_t descriptor =
            teeio_tables_get(space->tables, slot_in(space, table, va, i));

        if ((descriptor & 3) != TABLE) {
            return 0;
        }
        table = descriptor & NEXT;
    }
    return slot_in(space, table, va, level);
}
