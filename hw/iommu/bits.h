/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Fields of 64-bit words, and words in guest memory.
 */
#ifndef TEEIO_IOMMU_BITS_H
#define TEEIO_IOMMU_BITS_H

#include <stdint.h>

/* teeio_field() - value of the field that the contiguous @mask covers */
static inline uint64_t teeio_field(uint64_t word, uint64_t mask)
{
    return (word & mask) / (mask & (~mask + 1));
}

/* teeio_field_make() - @value moved into the field, surplus bits dropped */
static inline uint64_t teeio_field_make(uint64_t value, uint64_t mask)
{
    return value * (mask & (~mask + 1)) & mask;
}

/* teeio_low_bits() - mask of the @count low bits, any count */
static inline uint64_t teeio_low_bits(unsigned count)
{
    return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

static inline uint64_t teeio_load_le64(const uint8_t *bytes)
{
    uint64_t word = 0;

    for (unsigned i = 0; i < 8; i++) {
        word |= (uint64_t)bytes[i] << 8 * i;
    }
    return word;
}

static inline void teeio_store_le64(uint8_t *bytes, uint64_t word)
{
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = word >> 8 * i;
    }
}

#endif
