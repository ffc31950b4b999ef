/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Tables of stage 1 and CDs whose addresses are intermediate ones.
 */
#ifndef TEEIO_TABLES_NESTED_H
#define TEEIO_TABLES_NESTED_H

#include "teeio-tables/arm.h"

/**
 * struct teeio_tables_window - intermediate addresses to build tables in
 * @tables: give this to the functions that build stage 1 and CDs
 * @ipa:    first intermediate address
 * @pa:     what stage 2 makes of it
 *
 * Must not be moved: @tables points back here.
 */
struct teeio_tables_window {
    struct teeio_tables tables;
    struct teeio_tables_space *stage2;
    uint64_t ipa;
    uint64_t pa;
};

/**
 * teeio_tables_window_init() - memory, mapped by pages of stage 2
 * @ipa, @size: @size is a power of two and @ipa aligned to it; not 0, which
 *              means that nothing is left
 * @attributes: of the stage 2 pages
 *
 * Returns: false when there is no memory.
 */
bool teeio_tables_window_init(struct teeio_tables_window *window,
                              struct teeio_tables_space *stage2, uint64_t ipa,
                              uint64_t size, uint64_t attributes);

#endif
