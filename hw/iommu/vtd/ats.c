/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Requests of device-TLBs (VT-d chapter 4; PCIe chapter 10). A mere miss is an
 * answer, not a fault.
 */
#include <string.h>

#include "context.h"

/* An answer without rights: ask for the page, or give up. */
static void miss(struct vtd_request *request)
{
    struct teeio_translation *answer = request->answer;
    bool shared_table = answer->shared_table;

    memset(answer, 0, sizeof(*answer));
    answer->verdict = TEEIO_VERDICT_OK;
    answer->via = TEEIO_VIA_WALK;
    answer->output = request->tlp->address;
    answer->page_mask = TEEIO_PAGE_SIZE - 1;
    answer->shared_table = shared_table;
}

/* VT-d 7.1.3: what the device is told, by the condition. */
static void conclude(struct vtd_request *request)
{
    struct teeio_translation *answer = request->answer;

    if (answer->verdict != TEEIO_VERDICT_FAULT) {
        return;
    }
    switch (vtd_reason(&answer->fault)) {
    case TEEIO_VTD_LGN_2:
    case TEEIO_VTD_LGN_3:
    case TEEIO_VTD_SFS_2:
    case TEEIO_VTD_SFS_6:
    case TEEIO_VTD_SFS_7:
    case TEEIO_VTD_SFS_8:
    case TEEIO_VTD_SSS_2:
    case TEEIO_VTD_SGN_2:
    case TEEIO_VTD_SGN_3:
    case TEEIO_VTD_SGN_6:
    case TEEIO_VTD_SGN_7:
        /* Recoverable: success, with R and W both clear. */
        miss(request);
        break;
    case TEEIO_VTD_LRT_2:
    case TEEIO_VTD_LCT_2:
    case TEEIO_VTD_LCT_5:
    case TEEIO_VTD_SRT_2:
    case TEEIO_VTD_SCT_2:
    case TEEIO_VTD_SCT_5:
    case TEEIO_VTD_SCT_6:
    case TEEIO_VTD_RTA_2:
        answer->completion = TEEIO_COMPLETION_UR;
        break;
    default:
        answer->completion = TEEIO_COMPLETION_CA;
        break;
    }
}

/* Returns: false when requests of device-TLBs are not served here. */
static bool device(struct vtd_request *request, struct vtd_found *found)
{
    if (!vtd_lookup_device(request, found)) {
        return false;
    }
    if (!found->device.dte) {
        /* VT-d 7.1.3, LCT.5 and SCT.5. */
        return vtd_end(request, found->device.scalable ? TEEIO_VTD_SCT_5
                                                       : TEEIO_VTD_LCT_5);
    }
    return true;
}

static bool refused(struct vtd_request *request)
{
    const struct teeio_vtd *vtd = request->vtd;

    if (!vtd_enabled(vtd, TEEIO_VTD_GCMD_TE) ||
        vtd_mode(vtd) == TEEIO_VTD_TTM_ABORT) {
        /* VT-d 4.1: nothing is translated, and nothing recorded. */
        request->answer->verdict = TEEIO_VERDICT_ABORTED;
        request->answer->completion = TEEIO_COMPLETION_UR;
        return true;
    }
    return false;
}

void vtd_translation_request(struct vtd_request *request)
{
    struct teeio_translation *answer = request->answer;
    struct vtd_found found;

    if (refused(request)) {
        return;
    }
    if (!device(request, &found) || !vtd_lookup_context(request, &found)) {
        conclude(request);
        return;
    }
    vtd_walk(request, &found.context);
    if (request->access.write && answer->verdict == TEEIO_VERDICT_FAULT) {
        enum teeio_vtd_reason reason = vtd_reason(&answer->fault);

        if (reason == TEEIO_VTD_SGN_6 || reason == TEEIO_VTD_LGN_2) {
            /* PCIe 10.2.3: what may be read is granted without W. */
            memset(answer, 0, sizeof(*answer));
            request->access.write = false;
            vtd_walk(request, &found.context);
        }
    }
    conclude(request);
    if (answer->verdict == TEEIO_VERDICT_OK && !request->access.write) {
        /* PCIe 10.2.2, NW: W is withheld, so nothing gets dirty. */
        answer->perm &= ~(unsigned)TEEIO_PERM_WRITE;
    }
}

void vtd_translated(struct vtd_request *request)
{
    struct teeio_translation *answer = request->answer;
    uint64_t address = request->tlp->address;
    struct vtd_found found;

    if (refused(request) || !device(request, &found)) {
        return;
    }
    if (address & ~teeio_low_bits(TEEIO_VTD_HOST_ADDRESS_BITS)) {
        /* VT-d 7.1.3, LGN.1 and SGN.4. */
        vtd_end(request,
                found.device.scalable ? TEEIO_VTD_SGN_4 : TEEIO_VTD_LGN_1);
        return;
    }
    if (vtd_interrupt_range(address)) {
        /* VT-d 7.1.3, LGN.4 and SGN.8. */
        vtd_end(request,
                found.device.scalable ? TEEIO_VTD_SGN_8 : TEEIO_VTD_LGN_4);
        return;
    }
    vtd_pass(request, TEEIO_STAGE_BYPASS, TEEIO_STAGE_OFF);
    answer->completion = TEEIO_COMPLETION_SUCCESS;
}
