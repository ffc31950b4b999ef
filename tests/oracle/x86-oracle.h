/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A second opinion on the tables of Intel VT-d (sections 3.6 to 3.8, 7.1.3,
 * 9.7 and 9.8): slow, without a cache, and without a header of the models.
 */
#ifndef X86_ORACLE_H
#define X86_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

/* struct x86_memory - words at @base; what lies outside does not answer */
struct x86_memory {
    uint64_t base;
    uint64_t words;
    uint64_t *word;
};

/*
 * struct x86_setup - what a PASID table entry, or a context entry, says
 * @legacy: reasons are those of legacy mode
 * @first_levels, @second_levels: 0 for none
 */
struct x86_setup {
    bool legacy;
    unsigned first_levels;
    uint64_t first;
    bool wpe, nxe, smep, eafe;
    unsigned second_levels;
    uint64_t second;
    bool ssade;
};

struct x86_access {
    uint64_t address;
    bool write;
    bool supervisor;
    bool execute;
};

/*
 * struct x86_verdict - a fault reason, 0 when there is none
 * @bits: log2 of the smallest page on the way
 */
struct x86_verdict {
    unsigned reason;
    uint64_t output;
    unsigned bits;
    bool read;
    bool write;
};

struct x86_verdict x86_oracle(const struct x86_setup *setup,
                              const struct x86_access *access,
                              struct x86_memory *memory);

#endif
