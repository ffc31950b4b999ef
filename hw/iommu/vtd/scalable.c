/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Scalable mode: root and context entries, the PASID directory and the PASID
 * table (VT-d 3.4.3, 9.2 and 9.4 to 9.6).
 */
#include "context.h"

/* Address bits that no physical address has. */
#define BEYOND                (~teeio_low_bits(TEEIO_VTD_HOST_ADDRESS_BITS))

#define PASIDS_PER_TABLE_LOG2 6u
#define DIRECTORY_MIN_LOG2    7u

static bool root_entry(struct vtd_request *request, uint64_t *table)
{
    uint16_t source = request->tlp->requester;
    /* VT-d 9.2: the upper half of the entry is that of devices 16 to 31. */
    uint64_t gpa = (request->vtd->root & TEEIO_VTD_RTADDR_RTA) +
                   (source >> 8) * 16 + (source & 0x80 ? 8 : 0);
    uint64_t entry;

    if (!vtd_fetch(request, gpa, &entry, 1, TEEIO_VTD_SRT_1)) {
        return false;
    }
    if (!(entry & TEEIO_VTD_ROOT_P)) {
        /* VT-d 7.1.3, SRT.2. */
        return vtd_end(request, TEEIO_VTD_SRT_2);
    }
    if (entry & (TEEIO_VTD_ROOT_RESERVED | BEYOND)) {
        /* VT-d 7.1.3, SRT.3. */
        return vtd_end(request, TEEIO_VTD_SRT_3);
    }
    *table = entry & TEEIO_VTD_ROOT_CTP;
    return true;
}

bool vtd_scalable_device(struct vtd_request *request, struct vtd_device *device)
{
    uint64_t table = 0, entry[4];

    if (!root_entry(request, &table) ||
        !vtd_fetch(request, table + (request->tlp->requester & 0x7f) * 32,
                   entry, 4, TEEIO_VTD_SCT_1)) {
        return false;
    }
    request->fpd = entry[0] & TEEIO_VTD_SCTX0_FPD;
    if (!(entry[0] & TEEIO_VTD_SCTX0_P)) {
        /* VT-d 7.1.3, SCT.2. */
        return vtd_end(request, TEEIO_VTD_SCT_2);
    }
    if (entry[0] & (TEEIO_VTD_SCTX0_RESERVED | BEYOND) ||
        entry[1] & TEEIO_VTD_SCTX1_RESERVED || entry[2] || entry[3]) {
        /* VT-d 7.1.3, SCT.3. */
        return vtd_end(request, TEEIO_VTD_SCT_3);
    }
    *device = (struct vtd_device){
        .scalable = true,
        .fpd = request->fpd,
        .dte = entry[0] & TEEIO_VTD_SCTX0_DTE,
        .pre = entry[0] & TEEIO_VTD_SCTX0_PRE,
        .pasids = entry[0] & TEEIO_VTD_SCTX0_PASIDE,
        .pasid_bits = teeio_field(entry[0], TEEIO_VTD_SCTX0_PDTS) +
                      DIRECTORY_MIN_LOG2 + PASIDS_PER_TABLE_LOG2,
        .rid_pasid = teeio_field(entry[1], TEEIO_VTD_SCTX1_RID_PASID),
        .directory = entry[0] & TEEIO_VTD_SCTX0_PASIDDIRPTR,
    };
    if (device->rid_pasid >> device->pasid_bits) {
        /* VT-d 7.1.3, SCT.4. */
        return vtd_end(request, TEEIO_VTD_SCT_4);
    }
    return true;
}

bool vtd_pasid(struct vtd_request *request, const struct vtd_device *device,
               uint32_t *pasid)
{
    const struct teeio_tlp *tlp = request->tlp;

    if (!tlp->pasid_valid) {
        *pasid = device->rid_pasid;
        return true;
    }
    if (!device->pasids) {
        /* VT-d 7.1.3, SCT.6. */
        return vtd_end(request, TEEIO_VTD_SCT_6);
    }
    if (tlp->pasid >> device->pasid_bits) {
        /* VT-d 7.1.3, SCT.7. */
        return vtd_end(request, TEEIO_VTD_SCT_7);
    }
    *pasid = tlp->pasid;
    return true;
}

static bool directory_entry(struct vtd_request *request,
                            const struct vtd_device *device, uint32_t pasid,
                            uint64_t *table)
{
    uint64_t gpa = device->directory + (pasid >> PASIDS_PER_TABLE_LOG2) * 8;
    uint64_t entry;

    if (!vtd_fetch(request, gpa, &entry, 1, TEEIO_VTD_SPD_1)) {
        return false;
    }
    request->fpd |= (entry & TEEIO_VTD_PDE_FPD) != 0;
    if (!(entry & TEEIO_VTD_PDE_P)) {
        /* VT-d 7.1.3, SPD.2. */
        return vtd_end(request, TEEIO_VTD_SPD_2);
    }
    if (entry & (TEEIO_VTD_PDE_RESERVED | BEYOND)) {
        /* VT-d 7.1.3, SPD.3. */
        return vtd_end(request, TEEIO_VTD_SPD_3);
    }
    *table = entry & TEEIO_VTD_PDE_SMPTBLPTR;
    return true;
}

/* VT-d 9.6: fields of translation types that an entry is not of do not count.
 */
static bool reserved(const uint64_t entry[8], const struct vtd_context *context)
{
    uint64_t rest = entry[3] | entry[4] | entry[5] | entry[6] | entry[7];

    if (entry[0] & TEEIO_VTD_PTE0_RESERVED ||
        entry[1] & TEEIO_VTD_PTE1_RESERVED ||
        entry[2] & TEEIO_VTD_PTE2_RESERVED || rest) {
        return true;
    }
    /* With both, the first stage lies in the second's address space. */
    return (context->stage2 && entry[0] & BEYOND) ||
           (context->stage1 && !context->stage2 && entry[2] & BEYOND);
}

/* VT-d 7.1.3, SPT.4: PGTT, AW and FSPM; false when one is not supported. */
static bool decode(const uint64_t entry[8], struct vtd_context *context)
{
    static const unsigned levels[8] = {
        [TEEIO_VTD_AW_39] = 3,
        [TEEIO_VTD_AW_48] = 4,
        [TEEIO_VTD_AW_57] = 5,
    };
    unsigned type = teeio_field(entry[0], TEEIO_VTD_PTE0_PGTT);
    unsigned mode = teeio_field(entry[2], TEEIO_VTD_PTE2_FSPM);

    context->stage1 =
        type == TEEIO_VTD_PGTT_FIRST || type == TEEIO_VTD_PGTT_NESTED;
    context->stage2 =
        type == TEEIO_VTD_PGTT_SECOND || type == TEEIO_VTD_PGTT_NESTED;
    context->s2.levels = levels[teeio_field(entry[0], TEEIO_VTD_PTE0_AW)];
    context->s1.levels = mode == TEEIO_VTD_FSPM_5 ? 5 : 4;
    if (!context->stage1 && !context->stage2 &&
        type != TEEIO_VTD_PGTT_PASS_THROUGH) {
        return false;
    }
    return (!context->stage2 || context->s2.levels) &&
           (!context->stage1 || mode <= TEEIO_VTD_FSPM_5);
}

bool vtd_scalable_context(struct vtd_request *request,
                          const struct vtd_device *device,
                          struct vtd_context *context)
{
    uint64_t table = 0, entry[8];
    uint32_t pasid;
    bool supported;

    if (!vtd_pasid(request, device, &pasid) ||
        !directory_entry(request, device, pasid, &table) ||
        !vtd_fetch(request,
                   table + (pasid & teeio_low_bits(PASIDS_PER_TABLE_LOG2)) * 64,
                   entry, 8, TEEIO_VTD_SPT_1)) {
        return false;
    }
    request->fpd |= (entry[0] & TEEIO_VTD_PTE0_FPD) != 0;
    if (!(entry[0] & TEEIO_VTD_PTE0_P)) {
        /* VT-d 7.1.3, SPT.2. */
        return vtd_end(request, TEEIO_VTD_SPT_2);
    }
    *context = (struct vtd_context){
        .scalable = true,
        .fpd = request->fpd,
        .domain = teeio_field(entry[1], TEEIO_VTD_PTE1_DID),
        .sre = entry[2] & TEEIO_VTD_PTE2_SRE,
        .ere = entry[2] & TEEIO_VTD_PTE2_ERE,
        .s1 =
            {
                .table = entry[2] & TEEIO_VTD_PTE2_FSPTPTR,
                .wpe = entry[2] & TEEIO_VTD_PTE2_WPE,
                .nxe = entry[2] & TEEIO_VTD_PTE2_NXE,
                .smep = entry[2] & TEEIO_VTD_PTE2_SMEP,
                .eafe = entry[2] & TEEIO_VTD_PTE2_EAFE,
            },
        .s2 =
            {
                .table = entry[0] & TEEIO_VTD_PTE0_SSPTPTR,
                .address_bits = TEEIO_VTD_HOST_ADDRESS_BITS,
                .ad = entry[0] & TEEIO_VTD_PTE0_SSADE,
            },
    };
    supported = decode(entry, context);
    if (reserved(entry, context)) {
        /* VT-d 7.1.3, SPT.3. */
        return vtd_end(request, TEEIO_VTD_SPT_3);
    }
    if (!supported) {
        return vtd_end(request, TEEIO_VTD_SPT_4);
    }
    /* Under a second stage, its width is the limit. */
    context->s1.address_bits =
        context->stage2 ? 52 : TEEIO_VTD_HOST_ADDRESS_BITS;
    context->pasid = context->stage1 ? pasid : 0;
    return true;
}
