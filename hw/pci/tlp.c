/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdio.h>

#include "teeio/tlp.h"

const char *teeio_tlp_kind_name(enum teeio_tlp_kind kind)
{
    static const char *const names[TEEIO_TLP_KINDS] = {
        [TEEIO_TLP_MRD] = "MRd",           [TEEIO_TLP_MWR] = "MWr",
        [TEEIO_TLP_FETCHADD] = "FetchAdd", [TEEIO_TLP_SWAP] = "Swap",
        [TEEIO_TLP_CAS] = "CAS",
    };

    return (unsigned)kind < TEEIO_TLP_KINDS ? names[kind] : "?";
}

bool teeio_tlp_well_formed(const struct teeio_tlp *tlp)
{
    uint32_t offset = tlp->address % TEEIO_TLP_BOUNDARY;

    if (teeio_tlp_is_atomic(tlp->kind)) {
        return (tlp->length == 4 || tlp->length == 8) &&
               offset % tlp->length == 0;
    }
    return tlp->length > 0 && tlp->length <= TEEIO_TLP_BOUNDARY - offset;
}

char *teeio_tlp_bdf(uint16_t requester, char buf[TEEIO_BDF_SIZE])
{
    snprintf(buf, TEEIO_BDF_SIZE, "0000:%02x:%02x.%x", requester >> 8,
             requester >> 3 & 0x1f, requester & 7);
    return buf;
}
