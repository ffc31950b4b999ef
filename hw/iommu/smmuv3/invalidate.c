/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What CFGI and TLBI commands remove from the IOTLB. More may go than they ask
 * for: granule and level are not looked at.
 */
#include "smmuv3-internal.h"

static bool is_config(const struct smmuv3_invalidation *invalidation)
{
    return invalidation->kind == SMMUV3_INV_STES ||
           invalidation->kind == SMMUV3_INV_CD ||
           invalidation->kind == SMMUV3_INV_CDS;
}

static void drop(struct teeio_iotlb *tlb,
                 const struct smmuv3_invalidation *invalidation)
{
    struct teeio_iotlb_range range = {
        .first = invalidation->first,
        .last = invalidation->last,
        .vmid = invalidation->vmid,
        .asid = invalidation->asid,
        .any_asid = invalidation->kind == SMMUV3_INV_NH_VAA,
        .leaf = invalidation->leaf,
    };

    switch (invalidation->kind) {
    case SMMUV3_INV_STES:
        teeio_iotlb_drop_streams(tlb, invalidation->stream,
                                 invalidation->stream_last);
        break;
    case SMMUV3_INV_CD:
        teeio_iotlb_drop_substream(tlb, invalidation->stream,
                                   invalidation->substream);
        break;
    case SMMUV3_INV_CDS:
        teeio_iotlb_drop_streams(tlb, invalidation->stream,
                                 invalidation->stream);
        break;
    case SMMUV3_INV_NH_ALL:
        teeio_iotlb_drop_stage1(tlb, invalidation->vmid);
        break;
    case SMMUV3_INV_NH_ASID:
        teeio_iotlb_drop_asid(tlb, invalidation->vmid, invalidation->asid);
        break;
    case SMMUV3_INV_NH_VA:
    case SMMUV3_INV_NH_VAA:
        teeio_iotlb_drop_range(tlb, &range);
        break;
    case SMMUV3_INV_S12_VMID:
        teeio_iotlb_drop_vmid(tlb, invalidation->vmid);
        break;
    case SMMUV3_INV_S2_IPA:
        teeio_iotlb_drop_ipas(tlb, &range);
        break;
    case SMMUV3_INV_NSNH_ALL:
        teeio_iotlb_drop_all(tlb);
        break;
    }
}

void smmuv3_invalidate(struct smmuv3_interface *iface,
                       const struct smmuv3_invalidation *invalidation)
{
    if (iface->iotlb) {
        drop(iface->iotlb, invalidation);
    }
    if (iface->disabled) {
        smmuv3_off_invalidate(iface, invalidation);
    }
    if (is_config(invalidation)) {
        iface->smmu->stats.config_invalidations++;
    } else {
        iface->smmu->stats.tlb_invalidations++;
    }
}
