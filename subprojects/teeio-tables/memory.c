/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio-tables/memory.h"

uint64_t teeio_tables_alloc(struct teeio_tables *tables, uint64_t size)
{
    static const uint8_t zeros[64];
    uint64_t start = (tables->next + size - 1) & ~(size - 1);

    if (start < tables->next || start > tables->end ||
        size > tables->end - start) {
        return 0;
    }
    tables->next = start + size;
    for (uint64_t done = 0; done < size; done += sizeof(zeros)) {
        uint64_t left = size - done;

        tables->write(tables->opaque, start + done, zeros,
                      left < sizeof(zeros) ? left : sizeof(zeros));
    }
    return start;
}

uint64_t teeio_tables_get(const struct teeio_tables *tables, uint64_t gpa)
{
    uint8_t bytes[8];
    uint64_t word = 0;

    tables->read(tables->opaque, gpa, bytes, sizeof(bytes));
    for (int i = 7; i >= 0; i--) {
        word = word << 8 | bytes[i];
    }
    return word;
}

void teeio_tables_put(const struct teeio_tables *tables, uint64_t gpa,
                      uint64_t word)
{
    uint8_t bytes[8];

    for (int i = 0; i < 8; i++) {
        bytes[i] = word >> 8 * i;
    }
    tables->write(tables->opaque, gpa, bytes, sizeof(bytes));
}
