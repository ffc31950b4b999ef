/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/registers.h"

static uint64_t low_bytes(unsigned size)
{
    return size == 8 ? UINT64_MAX : (UINT64_C(1) << size * 8) - 1;
}

/* Halves of an 8-byte register count, anything unaligned does not. */
const struct teeio_reg *teeio_regs_find(const struct teeio_regs *regs,
                                        uint64_t offset, unsigned size)
{
    size_t low = 0;
    size_t high = regs->count;

    if ((size != 4 && size != 8) || offset % size) {
        return NULL;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct teeio_reg *reg = &regs->table[middle];

        if (offset < reg->offset) {
            high = middle;
        } else if (offset - reg->offset >= reg->width) {
            low = middle + 1;
        } else {
            return offset - reg->offset + size <= reg->width ? reg : NULL;
        }
    }
    return NULL;
}

void teeio_regs_reset(struct teeio_regs *regs)
{
    for (size_t i = 0; i < regs->count; i++) {
        regs->values[i] = regs->table[i].reset;
    }
}

uint64_t teeio_regs_read(const struct teeio_regs *regs, uint64_t offset,
                         unsigned size)
{
    const struct teeio_reg *reg = teeio_regs_find(regs, offset, size);

    if (!reg) {
        return 0;
    }
    return regs->values[reg - regs->table] >> (offset - reg->offset) * 8 &
           low_bytes(size);
}

unsigned teeio_regs_write(struct teeio_regs *regs, uint64_t offset,
                          uint64_t value, unsigned size,
                          const struct teeio_reg **row)
{
    const struct teeio_reg *reg = teeio_regs_find(regs, offset, size);
    uint64_t *present;
    uint64_t lanes;
    unsigned shift;

    *row = reg;
    if (!reg) {
        return 0;
    }
    shift = (offset - reg->offset) * 8;
    lanes = low_bytes(size) << shift;
    value = value << shift & lanes;
    present = &regs->values[reg - regs->table];
    *present = (*present & ~(reg->rw & lanes)) | (value & reg->rw);
    *present &= ~(value & reg->w1c);
    return reg->hook;
}
