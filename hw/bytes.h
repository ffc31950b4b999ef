/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Numbers in the byte order of PCIe and SPDM messages: little-endian. */
#ifndef TEEIO_HW_BYTES_H
#define TEEIO_HW_BYTES_H

#include <stdint.h>

/** teeio_get_le() - @size (1 to 8) bytes at @p as one number */
static inline uint64_t teeio_get_le(const uint8_t *p, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)p[i] << 8 * i;
    }
    return value;
}

/** teeio_put_le() - the low @size (1 to 8) bytes of @value to @p */
static inline void teeio_put_le(uint8_t *p, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        p[i] = value >> 8 * i;
    }
}

#endif
