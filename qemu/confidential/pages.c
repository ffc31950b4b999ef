/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#define _GNU_SOURCE
#include "confidential/pages.h"

#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "import.h"
#include "teeio/ownership.h"

#define CHUNK_PAGES  2048u
#define PAGE_IS_USED (3ull << 62) /* pagemap: present, or swapped out */

/*
 * Memory that nobody has touched need not be read, if it is nothing but
 * memory.
 */
static bool is_anonymous(const void *p)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    bool found = false;

    while (maps && !found && fgets(line, sizeof(line), maps)) {
        unsigned long first, end, inode;
        char shared;

        if (sscanf(line, "%lx-%lx %*c%*c%*c%c %*s %*s %lu", &first, &end,
                   &shared, &inode) == 4 &&
            (uintptr_t)p >= first && (uintptr_t)p < end) {
            found = shared == 'p' && !inode;
            break;
        }
    }
    if (maps) {
        fclose(maps);
    }
    return found;
}

/* Fill @used with what pagemap says, or with ones when it does not. */
static void look_up(int pagemap, const uint8_t *host, uint64_t *used,
                    unsigned pages)
{
    off_t offset = (uintptr_t)host / TEEIO_PAGE_SIZE * sizeof(*used);
    ssize_t size = pages * sizeof(*used);

    if (pagemap < 0 || pread(pagemap, used, size, offset) != size) {
        memset(used, 0xff, size);
    }
}

/* @host is where @size bytes at @gpa are. */
static void each_of(uint64_t gpa, const uint8_t *host, uint64_t size,
                    int pagemap, teeio_page_fn *fn, void *opaque)
{
    uint64_t used[CHUNK_PAGES];

    for (uint64_t page = 0; page < size / TEEIO_PAGE_SIZE; page++) {
        const uint8_t *at = host + page * TEEIO_PAGE_SIZE;
        unsigned index = page % CHUNK_PAGES;

        if (!index) {
            look_up(pagemap, at, used,
                    MIN(CHUNK_PAGES, size / TEEIO_PAGE_SIZE - page));
        }
        if (used[index] & PAGE_IS_USED) {
            fn(opaque, gpa + page * TEEIO_PAGE_SIZE, at);
        }
    }
}

void teeio_pages_each(uint64_t base, uint64_t end, teeio_page_fn *fn,
                      void *opaque)
{
    int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    uint64_t gpa = base;

    while (gpa < end) {
        hwaddr size = end - gpa;
        void *host =
            address_space_map(&address_space_memory, gpa, &size, false, 0);

        if (host) {
            size &= ~(hwaddr)(TEEIO_PAGE_SIZE - 1);
            each_of(gpa, host, size, is_anonymous(host) ? pagemap : -1, fn,
                    opaque);
            address_space_unmap(&address_space_memory, host, size, false, size);
        }
        gpa += MAX(size, TEEIO_PAGE_SIZE);
    }
    if (pagemap >= 0) {
        close(pagemap);
    }
}
