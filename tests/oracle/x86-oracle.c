/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stddef.h>

#include "x86-oracle.h"

#define HOST_BITS 48

/* One bit range of a word, both ends included. */
static uint64_t bits(uint64_t word, unsigned high, unsigned low)
{
    return word << (63 - high) >> (63 - high) >> low;
}

static uint64_t *at(struct x86_memory *memory, uint64_t address)
{
    if (address < memory->base || address % 8 ||
        (address - memory->base) / 8 >= memory->words) {
        return NULL;
    }
    return &memory->word[(address - memory->base) / 8];
}

struct page {
    unsigned reason;
    uint64_t output;
    unsigned bits;
    bool read, write;
};

static struct page refused(unsigned reason)
{
    return (struct page){.reason = reason};
}

/* Section 9.8, entry by entry. */
static bool second_is_malformed(uint64_t entry, unsigned level, bool last)
{
    if (bits(entry, 51, HOST_BITS)) {
        return true;
    }
    switch (level) {
    case 5:
    case 4:
        return bits(entry, 7, 7) || bits(entry, 11, 11);
    case 3:
        return last ? bits(entry, 29, 12) : bits(entry, 11, 11);
    case 2:
        return last ? bits(entry, 20, 12) : bits(entry, 11, 11);
    default:
        return false;
    }
}

/*
 * Section 3.7: the second stage. @table: 0, or what a missing permission to
 * read a first-stage table is called.
 */
static struct page second(const struct x86_setup *setup, uint64_t input,
                          bool write, unsigned table, struct x86_memory *memory)
{
    unsigned top = setup->second_levels;
    uint64_t where = setup->second;
    uint64_t *path[5];
    unsigned count = 0;
    struct page page = {.read = true, .write = true};

    if (bits(input, 63, 12 + 9 * top)) {
        return refused(setup->legacy ? 0x04 : table ? 0x74 : 0x84);
    }
    for (unsigned level = top;; level--) {
        unsigned low = 12 + 9 * (level - 1);
        uint64_t *slot = at(memory, where + 8 * bits(input, low + 8, low));
        bool last;

        if (!slot) {
            return refused(setup->legacy ? 0x07 : level == top ? 0x7b : 0x78);
        }
        path[count++] = slot;
        if (bits(*slot, 1, 0) == 0) {
            return refused(!setup->legacy ? 0x79 : write ? 0x05 : 0x06);
        }
        last = level == 1 || (level < 4 && bits(*slot, 7, 7));
        if (second_is_malformed(*slot, level, last)) {
            return refused(setup->legacy ? 0x0c : 0x7a);
        }
        page.read &= bits(*slot, 0, 0);
        page.write &= bits(*slot, 1, 1);
        if (!page.read && !page.write) {
            return refused(!setup->legacy ? 0x79 : write ? 0x05 : 0x06);
        }
        where = bits(*slot, 51, 12) << 12;
        if (last) {
            page.bits = low;
            page.output = (where >> low << low) + bits(input, low - 1, 0);
            break;
        }
    }
    if (write && !page.write) {
        return refused(setup->legacy ? 0x05 : table ? 0x77 : 0x85);
    }
    if (!write && !page.read) {
        return refused(setup->legacy ? 0x06 : table ? table : 0x86);
    }
    if (setup->ssade) {
        for (unsigned i = 0; i < count; i++) {
            *path[i] |= 0x100;
        }
        if (write) {
            *path[count - 1] |= 0x200;
        }
        page.write &= bits(*path[count - 1], 9, 9);
    }
    return page;
}

/* Section 9.7. */
static bool first_is_malformed(const struct x86_setup *setup, uint64_t entry,
                               unsigned level, bool last)
{
    if (!setup->second_levels && bits(entry, 51, HOST_BITS)) {
        return true;
    }
    if (!setup->nxe && bits(entry, 63, 63)) {
        return true;
    }
    if (level >= 4) {
        return bits(entry, 7, 7);
    }
    return last && ((level == 3 && bits(entry, 29, 13)) ||
                    (level == 2 && bits(entry, 20, 13)));
}

/* A word of a first-stage table, for reading or for writing. */
static uint64_t *table_word(const struct x86_setup *setup, uint64_t address,
                            bool write, unsigned level,
                            struct x86_memory *memory, unsigned *reason)
{
    bool top = address >> 12 == setup->first >> 12;
    struct page page = {.output = address};
    uint64_t *word;

    if (setup->second_levels) {
        page = second(setup, address, write, top ? 0x75 : 0x76, memory);
    }
    *reason = page.reason;
    if (page.reason) {
        return NULL;
    }
    word = at(memory, page.output);
    if (!word) {
        *reason = level == setup->first_levels ? 0x73 : 0x70;
    }
    return word;
}

/* Section 3.6: the first stage. */
static struct page first(const struct x86_setup *setup,
                         const struct x86_access *access,
                         struct x86_memory *memory)
{
    uint64_t input = access->address;
    unsigned width = 12 + 9 * setup->first_levels;
    uint64_t upper = bits(input, 63, width - 1);
    uint64_t where = setup->first;
    uint64_t path[5];
    unsigned levels[5], count = 0;
    bool writable = true, user = true, never = false;
    struct page page = {0};
    uint64_t *word;

    if (upper && upper != bits(UINT64_MAX, 63, width - 1)) {
        return refused(0x80);
    }
    for (unsigned level = setup->first_levels;; level--) {
        unsigned low = 12 + 9 * (level - 1);
        bool last;

        path[count] = where + 8 * bits(input, low + 8, low);
        levels[count] = level;
        word = table_word(setup, path[count++], false, level, memory,
                          &page.reason);
        if (!word) {
            return page;
        }
        if (!bits(*word, 0, 0)) {
            return refused(0x71);
        }
        last = level == 1 || (level < 4 && bits(*word, 7, 7));
        if (first_is_malformed(setup, *word, level, last)) {
            return refused(0x72);
        }
        writable &= bits(*word, 1, 1);
        user &= bits(*word, 2, 2);
        never |= bits(*word, 63, 63);
        where = bits(*word, 51, 12) << 12;
        if (last) {
            page.bits = low;
            page.output = (where >> low << low) + bits(input, low - 1, 0);
            page.write = bits(*word, 6, 6);
            break;
        }
    }
    if (!access->supervisor && !user) {
        return refused(0x81);
    }
    if (access->execute && !access->write &&
        (never || (access->supervisor && setup->smep && user))) {
        return refused(0x82);
    }
    writable |= access->supervisor && !setup->wpe;
    if (access->write && !writable) {
        return refused(0x85);
    }
    for (unsigned i = 0; i < count; i++) {
        uint64_t flags = 0x20 | (setup->eafe ? 0x400 : 0);

        if (i + 1 == count && access->write) {
            flags |= 0x40;
            page.write = true;
        }
        word =
            table_word(setup, path[i], false, levels[i], memory, &page.reason);
        if (word && (*word & flags) == flags) {
            continue;
        }
        word =
            table_word(setup, path[i], true, levels[i], memory, &page.reason);
        if (!word) {
            return page;
        }
        *word |= flags;
    }
    page.read = true;
    page.write &= writable;
    return page;
}

struct x86_verdict x86_oracle(const struct x86_setup *setup,
                              const struct x86_access *access,
                              struct x86_memory *memory)
{
    struct page inner = {
        .output = access->address,
        .bits = 63,
        .read = true,
        .write = true,
    };
    struct page outer = {
        .bits = 63,
        .read = true,
        .write = true,
    };

    if (setup->first_levels) {
        inner = first(setup, access, memory);
    }
    outer.output = inner.output;
    if (!inner.reason && setup->second_levels) {
        outer = second(setup, inner.output, access->write, 0, memory);
    }
    if (inner.reason || outer.reason) {
        return (struct x86_verdict){
            .reason = inner.reason ? inner.reason : outer.reason,
        };
    }
    if (outer.output >> 20 == 0xfee) {
        return (struct x86_verdict){.reason = setup->legacy ? 0x0e : 0x87};
    }
    return (struct x86_verdict){
        .output = outer.output,
        .bits = inner.bits < outer.bits ? inner.bits : outer.bits,
        .read = inner.read && outer.read,
        .write = inner.write && outer.write,
    };
}
