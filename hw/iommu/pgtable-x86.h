/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Tables of x86 IOMMUs (Intel VT-d, sections 3.6, 3.7 and 9.6 to 9.8): the
 * first stage is that of the processor, the second one is like its EPT.
 *
 * The level of a walk is the number of tables that are left: 5 or 4 at the
 * first one, 1 at the last.
 */
#ifndef TEEIO_IOMMU_PGTABLE_X86_H
#define TEEIO_IOMMU_PGTABLE_X86_H

#include "walk.h"

/* enum teeio_x86_refusal - the detail of a walk that was refused */
enum teeio_x86_refusal {
    TEEIO_X86_NONE,
    TEEIO_X86_NOT_PRESENT,
    TEEIO_X86_RESERVED,
    TEEIO_X86_NOT_CANONICAL,
    TEEIO_X86_BEYOND, /* input wider than the tables */
    TEEIO_X86_USER,   /* user request, supervisor page */
    TEEIO_X86_EXECUTE,
    TEEIO_X86_WRITE,
    TEEIO_X86_READ,
    TEEIO_X86_UPDATE, /* flags of an entry could not be set */
};

/*
 * struct teeio_x86_first - first stage
 * @table:        of the first level
 * @levels:       4 or 5
 * @address_bits: above these, the address bits of an entry are reserved
 * @wpe:          privileged writes obey the read-only bit
 * @nxe:          bit 63 forbids execution; else it is reserved
 * @smep:         no privileged execution of user pages
 * @eafe:         the walk sets the extended accessed flag
 */
struct teeio_x86_first {
    uint64_t table;
    unsigned levels;
    unsigned address_bits;
    bool wpe;
    bool nxe;
    bool smep;
    bool eafe;
};

/*
 * struct teeio_x86_second - second stage
 * @levels: 3, 4 or 5
 * @ad:     the walk sets accessed and dirty flags
 */
struct teeio_x86_second {
    uint64_t table;
    unsigned levels;
    unsigned address_bits;
    bool ad;
};

/* teeio_x86_width() - input bits of that many levels */
static inline unsigned teeio_x86_width(unsigned levels)
{
    return 12 + 9 * levels;
}

/* teeio_x86_first_ops - the config is a struct teeio_x86_first */
extern const struct teeio_walk_ops teeio_x86_first_ops;

/* teeio_x86_second_ops - the config is a struct teeio_x86_second */
extern const struct teeio_walk_ops teeio_x86_second_ops;

#endif
