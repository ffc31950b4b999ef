/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The guest's page tables as they are, where its TLB fills do not tell: a page
 * that was converted and then handed to a device without being touched.
 *
 * Kernels and firmware convert pages in a map of all memory, which is at one
 * distance from guest physical addresses; zero is firmware's. So a page can be
 * looked up without knowing who uses it.
 */
#include <stdatomic.h>

#include "abi/x86.h"
#include "confidential/confidential.h"

/* Paging in long mode (AMD64 vol. 2, 5.3) */
#define CR0_PAGING    0x80000000u
#define CR4_PAE       0x20u
#define CR4_LA57      0x1000u
#define PRESENT       0x1u
#define LARGE         0x80u
#define ADDRESS       0x000ffffffffff000ull
#define INDEX_BITS    9u
#define PAGE_BITS     12u
#define LARGEST_LEVEL 3u

#define CONTROL_BYTES 8u /* one control register */

static uint64_t control(const char *env, unsigned number)
{
    return *(const uint64_t *)(env + teeio_abi_x86.env_cr0 +
                               number * CONTROL_BYTES);
}

/* Tables are private wherever an entry says that they are. */
static bool read_entry(const struct teeio_confidential *c, uint64_t table,
                       unsigned index, uint64_t *entry)
{
    uint64_t gpa = (table & ADDRESS & ~TEEIO_CBIT) + index * sizeof(*entry);

    return teeio_banks_has(c, gpa) &&
           !address_space_rw(&address_space_memory, gpa | TEEIO_CBIT, 0, entry,
                             sizeof(*entry), false);
}

/* Returns: whether @va is mapped to the page @gpa without the C bit. */
static bool maps_shared(const struct teeio_confidential *c, const char *env,
                        uint64_t va, uint64_t gpa)
{
    uint64_t entry = control(env, 3);
    unsigned level = control(env, 4) & CR4_LA57 ? 5 : 4;

    if (!(control(env, 0) & CR0_PAGING) || !(control(env, 4) & CR4_PAE)) {
        return false;
    }
    for (; level; level--) {
        unsigned shift = PAGE_BITS + INDEX_BITS * (level - 1);
        unsigned index = va >> shift & ((1u << INDEX_BITS) - 1);
        uint64_t inside = (1ull << shift) - 1;

        if (!read_entry(c, entry, index, &entry) || !(entry & PRESENT)) {
            return false;
        }
        if (level == 1 || (level <= LARGEST_LEVEL && entry & LARGE)) {
            uint64_t frame = entry & ADDRESS & ~TEEIO_CBIT & ~inside;

            return !(entry & TEEIO_CBIT) && frame == (gpa & ~inside) &&
                   (va & inside) == (gpa & inside);
        }
    }
    return false;
}

void teeio_tables_learn(struct teeio_confidential *c, uint64_t va, uint64_t gpa)
{
    uint64_t offset = va - gpa;
    unsigned next;

    for (unsigned i = 0; i < TEEIO_OFFSETS; i++) {
        if (atomic_load(&c->offsets[i]) == offset) {
            return;
        }
    }
    /* The first stays zero. */
    next = atomic_fetch_add(&c->next_offset, 1) % (TEEIO_OFFSETS - 1);
    atomic_store(&c->offsets[1 + next], offset);
}

bool teeio_tables_share(void *confidential, uint64_t gpa)
{
    struct teeio_confidential *c = confidential;
    uint64_t page = gpa & ~(uint64_t)(TEEIO_PAGE_SIZE - 1);

    if (!teeio_banks_has(c, page) || !atomic_load(&c->launched)) {
        return false;
    }
    for (int cpu = 0; qemu_get_cpu(cpu); cpu++) {
        const char *env = (char *)qemu_get_cpu(cpu) + teeio_abi_x86.cpu_env;

        for (unsigned i = 0; i < TEEIO_OFFSETS; i++) {
            uint64_t offset = atomic_load(&c->offsets[i]);

            if (maps_shared(c, env, page + offset, page)) {
                teeio_banks_own(c, page, TEEIO_OWNER_SHARED);
                return true;
            }
        }
    }
    return false;
}
