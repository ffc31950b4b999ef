/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The address translation cache of one function (PCIe 10.1). It may forget at
 * any time, so it is no part of saved state.
 */
#ifndef TEEIO_HW_DMA_ATC_H
#define TEEIO_HW_DMA_ATC_H

#include "teeio/ats.h"
#include "teeio/iommu.h"
#include "teeio/tlp.h"

#define TEEIO_ATC_ENTRIES 64u

/**
 * struct teeio_atc_entry - one completion
 * @perm:      TEEIO_PERM_*; NONE in an entry that is free
 * @first:     first address that it translates
 * @page_mask: address bits inside the page
 * @output:    translated address of @first
 */
struct teeio_atc_entry {
    unsigned perm;
    bool t;
    bool pasid_valid;
    uint32_t pasid;
    uint64_t first;
    uint64_t page_mask;
    uint64_t output;
};

/** struct teeio_atc - @victim: entry to be replaced next */
struct teeio_atc {
    struct teeio_atc_entry entries[TEEIO_ATC_ENTRIES];
    unsigned victim;
};

/**
 * teeio_atc_find() - the translation of the request @tlp
 * @perm: what the entry must permit
 *
 * Returns: NULL when there is none.
 */
const struct teeio_atc_entry *teeio_atc_find(const struct teeio_atc *atc,
                                             const struct teeio_tlp *tlp,
                                             unsigned perm);

/**
 * teeio_atc_add() - keep the answer to the translation request @tlp
 *
 * It takes the place of what was known about the page before. An answer
 * without permissions only removes.
 */
void teeio_atc_add(struct teeio_atc *atc, const struct teeio_tlp *tlp,
                   const struct teeio_translation *answer);

/** teeio_atc_invalidate() - forget (PCIe 10.3.1) */
void teeio_atc_invalidate(struct teeio_atc *atc,
                          const struct teeio_atc_invalidation *request);

void teeio_atc_flush(struct teeio_atc *atc);

#endif
