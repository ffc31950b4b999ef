/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Guest memory for tables: two callbacks and a bump allocator.
 */
#ifndef TEEIO_TABLES_MEMORY_H
#define TEEIO_TABLES_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct teeio_tables - guest memory and the part of it given to tables
 * @next: first free address; moves upwards
 * @end:  one past the last address that may be allocated
 */
struct teeio_tables {
    void *opaque;
    void (*read)(void *opaque, uint64_t gpa, void *buf, size_t len);
    void (*write)(void *opaque, uint64_t gpa, const void *buf, size_t len);
    uint64_t next;
    uint64_t end;
};

/**
 * teeio_tables_alloc() - zeroed memory
 * @size: a power of two; also the alignment
 *
 * Returns: its address, 0 when nothing is left.
 */
uint64_t teeio_tables_alloc(struct teeio_tables *tables, uint64_t size);

/** One little-endian word. */
uint64_t teeio_tables_get(const struct teeio_tables *tables, uint64_t gpa);
void teeio_tables_put(const struct teeio_tables *tables, uint64_t gpa,
                      uint64_t word);

#endif
