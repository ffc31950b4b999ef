/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio-tables/arm.h"

#define BLOCK 1u
#define TABLE 3u /* and PAGE at level 3 */

/* Lowest input bit that the tables of a level look at. */
static unsigned low_bit(unsigned granule_bits, unsigned level)
{
    return granule_bits + (3 - level) * (granule_bits - 3);
}

bool teeio_tables_space_init_stage2(struct teeio_tables_space *space,
                                    struct teeio_tables *tables,
                                    unsigned input_bits, unsigned granule_bits,
                                    unsigned top)
{
    uint64_t size = 8ull << (input_bits - low_bit(granule_bits, top));

    space->tables = tables;
    space->input_bits = input_bits;
    space->granule_bits = granule_bits;
    space->top = top;
    space->root = teeio_tables_alloc(tables, size < 64 ? 64 : size);
    return space->root;
}

bool teeio_tables_space_init_granule(struct teeio_tables_space *space,
                                     struct teeio_tables *tables,
                                     unsigned input_bits, unsigned granule_bits)
{
    unsigned top = 3;

    while (input_bits > low_bit(granule_bits, top) + granule_bits - 3) {
        top--;
    }
    return teeio_tables_space_init_stage2(space, tables, input_bits,
                                          granule_bits, top);
}

bool teeio_tables_space_init(struct teeio_tables_space *space,
                             struct teeio_tables *tables, unsigned input_bits)
{
    return teeio_tables_space_init_granule(space, tables, input_bits, 12);
}

static uint64_t slot_in(const struct teeio_tables_space *space, uint64_t table,
                        uint64_t va, unsigned level)
{
    uint64_t low = va & ((1ull << space->input_bits) - 1);
    uint64_t index = low >> low_bit(space->granule_bits, level);

    if (level > space->top) {
        index %= 1ull << (space->granule_bits - 3);
    }
    return table + index * 8;
}

/* The table that a descriptor points to. */
static uint64_t next_table(const struct teeio_tables_space *space,
                           uint64_t descriptor)
{
    return descriptor & 0x0000ffffffffffffull &
           ~((1ull << space->granule_bits) - 1);
}

bool teeio_tables_map(struct teeio_tables_space *space, uint64_t va,
                      uint64_t pa, unsigned level, uint64_t attributes)
{
    struct teeio_tables *tables = space->tables;
    uint64_t table = space->root;

    for (unsigned i = space->top; i < level; i++) {
        uint64_t slot = slot_in(space, table, va, i);
        uint64_t descriptor = teeio_tables_get(tables, slot);

        if ((descriptor & 3) == BLOCK) {
            return false;
        }
        if ((descriptor & 3) != TABLE) {
            uint64_t fresh =
                teeio_tables_alloc(tables, 1ull << space->granule_bits);

            if (!fresh) {
                return false;
            }
            descriptor = fresh | TABLE;
            teeio_tables_put(tables, slot, descriptor);
        }
        table = next_table(space, descriptor);
    }
    pa &= ~((1ull << low_bit(space->granule_bits, level)) - 1);
    teeio_tables_put(tables, slot_in(space, table, va, level),
                     pa | attributes | (level == 3 ? TABLE : BLOCK));
    return true;
}

uint64_t teeio_tables_slot(const struct teeio_tables_space *space, uint64_t va,
                           unsigned level)
{
    uint64_t table = space->root;

    if (level < space->top) {
        return 0;
    }
    for (unsigned i = space->top; i < level; i++) {
        uint64_t descriptor =
            teeio_tables_get(space->tables, slot_in(space, table, va, i));

        if ((descriptor & 3) != TABLE) {
            return 0;
        }
        table = next_table(space, descriptor);
    }
    return slot_in(space, table, va, level);
}
