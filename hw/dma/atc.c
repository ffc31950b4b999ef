/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "atc.h"

#include <stddef.h>
#include <string.h>

/* PCIe 11.2: what was learnt with one T says nothing about the other. */
static bool same_space(const struct teeio_atc_entry *entry,
                       const struct teeio_tlp *tlp)
{
    return entry->t == tlp->t && entry->pasid_valid == tlp->pasid_valid &&
           (!tlp->pasid_valid || entry->pasid == tlp->pasid);
}

static bool overlaps(const struct teeio_atc_entry *entry, uint64_t first,
                     uint64_t last)
{
    return entry->first <= last && (entry->first | entry->page_mask) >= first;
}

const struct teeio_atc_entry *teeio_atc_find(const struct teeio_atc *atc,
                                             const struct teeio_tlp *tlp,
                                             unsigned perm)
{
    for (size_t i = 0; i < TEEIO_ATC_ENTRIES; i++) {
        const struct teeio_atc_entry *entry = &atc->entries[i];

        if (entry->perm & perm && same_space(entry, tlp) &&
            overlaps(entry, tlp->address, tlp->address)) {
            return entry;
        }
    }
    return NULL;
}

static struct teeio_atc_entry *choose_victim(struct teeio_atc *atc)
{
    for (size_t i = 0; i < TEEIO_ATC_ENTRIES; i++) {
        if (!atc->entries[i].perm) {
            return &atc->entries[i];
        }
    }
    return &atc->entries[atc->victim++ % TEEIO_ATC_ENTRIES];
}

void teeio_atc_add(struct teeio_atc *atc, const struct teeio_tlp *tlp,
                   const struct teeio_translation *answer)
{
    uint64_t first = tlp->address & ~answer->page_mask;

    for (size_t i = 0; i < TEEIO_ATC_ENTRIES; i++) {
        struct teeio_atc_entry *entry = &atc->entries[i];

        if (same_space(entry, tlp) &&
            overlaps(entry, first, first | answer->page_mask)) {
            entry->perm = TEEIO_PERM_NONE;
        }
    }
    if (answer->perm) {
        *choose_victim(atc) = (struct teeio_atc_entry){
            .perm = answer->perm,
            .t = tlp->t,
            .pasid_valid = tlp->pasid_valid,
            .pasid = tlp->pasid,
            .first = first,
            .page_mask = answer->page_mask,
            .output = answer->output & ~answer->page_mask,
        };
    }
}

static bool concerned(const struct teeio_atc_entry *entry,
                      const struct teeio_atc_invalidation *request)
{
    if (!overlaps(entry, request->first, request->last) ||
        (request->one_t && request->t != entry->t)) {
        return false;
    }
    /* PCIe 10.3.8: a request without PASID leaves those with one alone. */
    return entry->pasid_valid == request->pasid_valid &&
           (!request->pasid_valid || request->global ||
            entry->pasid == request->pasid);
}

void teeio_atc_invalidate(struct teeio_atc *atc,
                          const struct teeio_atc_invalidation *request)
{
    for (size_t i = 0; i < TEEIO_ATC_ENTRIES; i++) {
        if (concerned(&atc->entries[i], request)) {
            atc->entries[i].perm = TEEIO_PERM_NONE;
        }
    }
}

void teeio_atc_flush(struct teeio_atc *atc)
{
    memset(atc->entries, 0, sizeof(atc->entries));
}
