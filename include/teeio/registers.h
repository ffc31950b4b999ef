/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A register is described once, in a table row; reads, writes, reset and the
 * documentation all come from that row.
 */
#ifndef TEEIO_REGISTERS_H
#define TEEIO_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct teeio_reg - one register
 * @name:   the specification's name
 * @offset: byte offset in the device's MMIO window
 * @width:  4 or 8 bytes; an 8-byte register also takes two 4-byte accesses
 * @reset:  value after reset
 * @rw:     bits that a write may change
 * @w1c:    bits that writing 1 clears (disjoint from @rw)
 * @hook:   number passed to the device's write hook after a write took
 *          effect; 0 = none. An 8-byte register that is written in halves
 *          calls it for each half.
 * @doc:    one sentence for the generated documentation
 *
 * All other bits are read-only or reserved: writes to them are ignored.
 */
struct teeio_reg {
    const char *name;
    uint32_t offset;
    unsigned width;
    uint64_t reset;
    uint64_t rw;
    uint64_t w1c;
    unsigned hook;
    const char *doc;
};

/**
 * struct teeio_regs - a table of registers and their present values
 * @table:  rows sorted by offset, without overlap
 * @count:  number of rows
 * @values: @count values, owned by the device
 */
struct teeio_regs {
    const struct teeio_reg *table;
    size_t count;
    uint64_t *values;
};

/**
 * teeio_regs_find() - which register does an access of @size bytes go to?
 *
 * Returns: its row, or NULL for an offset that no row covers, or for an access
 * that is not aligned or straddles a row's border.
 */
const struct teeio_reg *teeio_regs_find(const struct teeio_regs *regs,
                                        uint64_t offset, unsigned size);

/** teeio_regs_reset() - every register to its reset value */
void teeio_regs_reset(struct teeio_regs *regs);

/**
 * teeio_regs_read() - one access of @size 4 or 8 bytes
 *
 * Returns: the value; 0 for an offset that no row covers, or for an access
 * that straddles a row's border.
 */
uint64_t teeio_regs_read(const struct teeio_regs *regs, uint64_t offset,
                         unsigned size);

/**
 * teeio_regs_write() - one access of @size 4 or 8 bytes
 * @row: set to the row that was hit
 *
 * An 8-byte access to two adjacent 4-byte registers is refused, like one at
 * an offset that no row covers.
 *
 * Returns: the row's hook (0 when it has none, was not hit, or the write was
 * ignored). The new value is already in place.
 */
unsigned teeio_regs_write(struct teeio_regs *regs, uint64_t offset,
                          uint64_t value, unsigned size,
                          const struct teeio_reg **row);

#endif
