/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio-tables/nested.h"

static void read_ipa(void *opaque, uint64_t ipa, void *buf, size_t len)
{
    struct teeio_tables_window *window = opaque;
    struct teeio_tables *below = window->stage2->tables;

    below->read(below->opaque, ipa - window->ipa + window->pa, buf, len);
}

static void write_ipa(void *opaque, uint64_t ipa, const void *buf, size_t len)
{
    struct teeio_tables_window *window = opaque;
    struct teeio_tables *below = window->stage2->tables;

    below->write(below->opaque, ipa - window->ipa + window->pa, buf, len);
}

bool teeio_tables_window_init(struct teeio_tables_window *window,
                              struct teeio_tables_space *stage2, uint64_t ipa,
                              uint64_t size, uint64_t attributes)
{
    uint64_t page = 1ull << stage2->granule_bits;

    window->stage2 = stage2;
    window->ipa = ipa;
    window->pa = teeio_tables_alloc(stage2->tables, size);
    window->tables = (struct teeio_tables){
        .opaque = window,
        .read = read_ipa,
        .write = write_ipa,
        .next = ipa,
        .end = ipa + size,
    };
    if (!window->pa) {
        return false;
    }
    for (uint64_t done = 0; done < size; done += page) {
        if (!teeio_tables_map(stage2, ipa + done, window->pa + done, 3,
                              attributes)) {
            return false;
        }
    }
    return true;
}
