/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Legacy mode: root and context entries (VT-d 3.4.2, 9.1 and 9.3).
 */
#include "context.h"

/* Address bits that no physical address has. */
#define BEYOND (~teeio_low_bits(TEEIO_VTD_HOST_ADDRESS_BITS))

static const unsigned levels[8] = {
    [TEEIO_VTD_AW_39] = 3,
    [TEEIO_VTD_AW_48] = 4,
    [TEEIO_VTD_AW_57] = 5,
};

bool vtd_fetch(struct vtd_request *request, uint64_t gpa, uint64_t *words,
               unsigned count, enum teeio_vtd_reason reason)
{
    enum teeio_fetch fetch =
        teeio_table_fetch(&request->memory, gpa, words, count);

    if (fetch == TEEIO_FETCH_OK) {
        return true;
    }
    request->answer->shared_table = fetch == TEEIO_FETCH_SHARED;
    return vtd_end(request, reason);
}

static bool root_entry(struct vtd_request *request, uint64_t *table)
{
    uint64_t gpa = (request->vtd->root & TEEIO_VTD_RTADDR_RTA) +
                   (request->tlp->requester >> 8) * 16;
    uint64_t entry[2];

    if (!vtd_fetch(request, gpa, entry, 2, TEEIO_VTD_LRT_1)) {
        return false;
    }
    if (!(entry[0] & TEEIO_VTD_ROOT_P)) {
        /* VT-d 7.1.3, LRT.2. */
        return vtd_end(request, TEEIO_VTD_LRT_2);
    }
    if (entry[1] || entry[0] & (TEEIO_VTD_ROOT_RESERVED | BEYOND)) {
        /* VT-d 7.1.3, LRT.3. */
        return vtd_end(request, TEEIO_VTD_LRT_3);
    }
    *table = entry[0] & TEEIO_VTD_ROOT_CTP;
    return true;
}

/*
 * VT-d 7.1.3, LCT.4: is the entry programmed as it may be? With pass-through
 * AW is the largest that is supported.
 */
static bool sensible(unsigned type, unsigned width)
{
    if (type == TEEIO_VTD_TT_PASS_THROUGH) {
        return width == TEEIO_VTD_AW_57;
    }
    return type <= TEEIO_VTD_TT_ALL && levels[width];
}

bool vtd_legacy_context(struct vtd_request *request, struct vtd_found *found)
{
    uint64_t table = 0, entry[2];
    unsigned type, width;

    if (!root_entry(request, &table) ||
        !vtd_fetch(request, table + (request->tlp->requester & 0xff) * 16,
                   entry, 2, TEEIO_VTD_LCT_1)) {
        return false;
    }
    request->fpd = entry[0] & TEEIO_VTD_CTX0_FPD;
    if (!(entry[0] & TEEIO_VTD_CTX0_P)) {
        /* VT-d 7.1.3, LCT.2. */
        return vtd_end(request, TEEIO_VTD_LCT_2);
    }
    if (entry[0] & (TEEIO_VTD_CTX0_RESERVED | BEYOND) ||
        entry[1] & TEEIO_VTD_CTX1_RESERVED) {
        /* VT-d 7.1.3, LCT.3. */
        return vtd_end(request, TEEIO_VTD_LCT_3);
    }
    type = teeio_field(entry[0], TEEIO_VTD_CTX0_TT);
    width = teeio_field(entry[1], TEEIO_VTD_CTX1_AW);
    if (!sensible(type, width)) {
        return vtd_end(request, TEEIO_VTD_LCT_4);
    }
    *found = (struct vtd_found){
        .device = {.fpd = request->fpd, .dte = type == TEEIO_VTD_TT_ALL},
        .context =
            {
                .fpd = request->fpd,
                .stage2 = type != TEEIO_VTD_TT_PASS_THROUGH,
                .domain = teeio_field(entry[1], TEEIO_VTD_CTX1_DID),
                .sre = true,
                .ere = true,
                .s2 =
                    {
                        .table = entry[0] & TEEIO_VTD_CTX0_SSPTPTR,
                        .levels = levels[width],
                        .address_bits = TEEIO_VTD_HOST_ADDRESS_BITS,
                    },
            },
    };
    return true;
}
