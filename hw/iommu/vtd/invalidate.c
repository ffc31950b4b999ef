/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What invalidations remove, by queue or by register (VT-d 6.5). More may go
 * than they ask for: a PASID counts in every domain where entries of the PASID
 * cache are concerned.
 */
#include "vtd-internal.h"

bool vtd_page_range(uint64_t word, struct vtd_invalidation *invalidation)
{
    unsigned mask_bits = teeio_field(word, TEEIO_VTD_INV1_AM);
    uint64_t inside = teeio_low_bits(12 + mask_bits);

    invalidation->first = word & TEEIO_VTD_INV1_ADDR & ~inside;
    invalidation->last = invalidation->first | inside;
    invalidation->leaf = word & TEEIO_VTD_INV1_IH;
    return mask_bits <= VTD_DOMAIN_MASK_BITS;
}

bool vtd_context_request(const struct teeio_vtd *vtd, unsigned granularity,
                         unsigned function_mask,
                         struct vtd_invalidation *invalidation)
{
    /* VT-d 6.5.2.1, FM: none, bit 2, bits 2:1 or all of the function. */
    static const uint16_t masks[] = {0, 4, 6, 7};

    switch (granularity) {
    case TEEIO_VTD_GRAN_GLOBAL:
        invalidation->kind = VTD_INV_CONTEXTS;
        return true;
    case TEEIO_VTD_GRAN_DOMAIN:
        /* Entries of scalable mode do not name a domain. */
        invalidation->kind = vtd_mode(vtd) == TEEIO_VTD_TTM_LEGACY
                                 ? VTD_INV_CONTEXTS_DOMAIN
                                 : VTD_INV_CONTEXTS;
        return true;
    case TEEIO_VTD_GRAN_DEVICE:
        invalidation->kind = VTD_INV_CONTEXTS_DEVICE;
        invalidation->source_mask = masks[function_mask];
        return true;
    default:
        return false;
    }
}

static void drop_devices(struct teeio_iotlb *contexts,
                         const struct vtd_invalidation *invalidation)
{
    uint16_t mask = invalidation->source_mask;
    uint32_t first = invalidation->source & ~(uint32_t)mask;

    for (uint32_t i = 0; i <= mask; i++) {
        if (!(i & ~(uint32_t)mask)) {
            teeio_iotlb_drop_streams(contexts, first | i, first | i);
        }
    }
}

static void drop_entries(const struct vtd_caches *caches,
                         const struct vtd_invalidation *invalidation)
{
    switch (invalidation->kind) {
    case VTD_INV_CONTEXTS:
        teeio_iotlb_drop_all(caches->contexts);
        break;
    case VTD_INV_CONTEXTS_DOMAIN:
        teeio_iotlb_drop_vmid(caches->contexts, invalidation->domain);
        break;
    case VTD_INV_CONTEXTS_DEVICE:
        drop_devices(caches->contexts, invalidation);
        break;
    case VTD_INV_PASIDS:
        teeio_iotlb_drop_all(caches->pasids);
        break;
    case VTD_INV_PASIDS_DOMAIN:
        teeio_iotlb_drop_vmid(caches->pasids, invalidation->domain);
        break;
    default:
        teeio_iotlb_drop_streams(caches->pasids, invalidation->pasid,
                                 invalidation->pasid);
        break;
    }
}

static void drop_pages(struct teeio_iotlb *pages,
                       const struct vtd_invalidation *invalidation)
{
    const struct teeio_iotlb_range range = {
        .first = invalidation->first,
        .last = invalidation->last,
        .vmid = invalidation->domain,
        .asid = invalidation->pasid,
        .leaf = invalidation->leaf,
    };

    switch (invalidation->kind) {
    case VTD_INV_IOTLB:
        teeio_iotlb_drop_all(pages);
        break;
    case VTD_INV_IOTLB_DOMAIN:
        teeio_iotlb_drop_vmid(pages, invalidation->domain);
        break;
    case VTD_INV_IOTLB_PAGE:
        /* Nested pages of the domain go as well, wherever they are. */
        teeio_iotlb_drop_ipas(pages, &range);
        break;
    case VTD_INV_IOTLB_PASID:
        teeio_iotlb_drop_asid(pages, invalidation->domain, invalidation->pasid);
        break;
    default:
        teeio_iotlb_drop_range(pages, &range);
        break;
    }
}

void vtd_invalidate(struct teeio_vtd *vtd,
                    const struct vtd_invalidation *invalidation)
{
    bool entries = invalidation->kind < VTD_INV_IOTLB;

    if (entries) {
        vtd->stats.config_invalidations++;
    } else {
        vtd->stats.tlb_invalidations++;
    }
    if (!vtd->caches.pages) {
        return;
    }
    if (entries) {
        drop_entries(&vtd->caches, invalidation);
    } else {
        drop_pages(vtd->caches.pages, invalidation);
    }
}

void vtd_write_ccmd(struct teeio_vtd *vtd)
{
    uint64_t *ccmd = &vtd->values[REG_CCMD];
    unsigned granularity = teeio_field(*ccmd, TEEIO_VTD_CCMD_CIRG);
    struct vtd_invalidation invalidation = {
        .domain = teeio_field(*ccmd, TEEIO_VTD_CCMD_DID),
        .source = teeio_field(*ccmd, TEEIO_VTD_CCMD_SID),
    };

    if (!(*ccmd & TEEIO_VTD_CCMD_ICC)) {
        return;
    }
    *ccmd &= ~(TEEIO_VTD_CCMD_ICC | TEEIO_VTD_CCMD_CAIG);
    if (vtd_enabled(vtd, TEEIO_VTD_GCMD_QIE)) {
        /* VT-d 6.5.1: not beside the queue. CAIG says that nothing was done. */
        return;
    }
    if (vtd_context_request(vtd, granularity,
                            teeio_field(*ccmd, TEEIO_VTD_CCMD_FM),
                            &invalidation)) {
        vtd_invalidate(vtd, &invalidation);
        *ccmd |= teeio_field_make(granularity, TEEIO_VTD_CCMD_CAIG);
    }
}

void vtd_write_iotlb(struct teeio_vtd *vtd)
{
    uint64_t *iotlb = &vtd->values[REG_IOTLB];
    unsigned granularity = teeio_field(*iotlb, TEEIO_VTD_IOTLB_IIRG);
    struct vtd_invalidation invalidation = {
        .kind = VTD_INV_IOTLB,
        .domain = teeio_field(*iotlb, TEEIO_VTD_IOTLB_DID),
    };

    if (!(*iotlb & TEEIO_VTD_IOTLB_IVT)) {
        return;
    }
    *iotlb &= ~(TEEIO_VTD_IOTLB_IVT | TEEIO_VTD_IOTLB_IAIG);
    if (vtd_enabled(vtd, TEEIO_VTD_GCMD_QIE) || granularity == 0) {
        /* VT-d 6.5.1.2: ignored, and IAIG says so. */
        return;
    }
    if (granularity == TEEIO_VTD_GRAN_DOMAIN) {
        invalidation.kind = VTD_INV_IOTLB_DOMAIN;
    } else if (granularity == TEEIO_VTD_GRAN_PAGE) {
        invalidation.kind = VTD_INV_IOTLB_PAGE;
        if (!vtd_page_range(vtd->values[REG_IVA], &invalidation)) {
            return;
        }
    }
    vtd_invalidate(vtd, &invalidation);
    *iotlb |= teeio_field_make(granularity, TEEIO_VTD_IOTLB_IAIG);
}
