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

/* Written out, so that compilers see one load or store in it. */
static inline uint64_t teeio_load_le64(const uint8_t *bytes)
{
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 |
           (uint64_t)bytes[2] << 16 | (uint64_t)bytes[3] << 24 |
           (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
           (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

static inline void teeio_store_le64(uint8_t *bytes, uint64_t word)
{
    bytes[0] = word;
    bytes[1] = word >> 8;
    bytes[2] = word >> 16;
    bytes[3] = word >> 24;
    bytes[4] = word >> 32;
    bytes[5] = word >> 40;
    bytes[6] = word >> 48;
    bytes[7] = word >> 56;
}

#endif
