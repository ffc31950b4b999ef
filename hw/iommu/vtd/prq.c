/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Page requests of devices, and the answers to those that are not queued
 * (VT-d 7.4 and 7.5).
 */
#include "context.h"

#define ENTRY 32u

static void respond(struct teeio_vtd *vtd,
                    const struct teeio_page_request *request,
                    enum teeio_page_outcome outcome)
{
    const struct teeio_vtd_devices *devices = &vtd->devices;
    const struct teeio_page_response response = {
        .requester = request->requester,
        .pasid_valid = request->pasid_valid,
        .pasid = request->pasid,
        .group = request->group,
        .outcome = outcome,
    };
    bool marker = request->pasid_valid && request->last && !request->read &&
                  !request->write;

    vtd->stats.pages_lost++;
    /* PCIe 10.4.1.2.1: a stop marker is never answered. */
    if (request->last && !marker && devices->page_response) {
        devices->page_response(devices->opaque, &response);
    }
}

/* Does the configuration allow the request? If not, @answer is a fault. */
static bool allowed(struct vtd_request *request)
{
    struct vtd_found found;
    uint32_t pasid;

    if (vtd_mode(request->vtd) == TEEIO_VTD_TTM_LEGACY) {
        /* VT-d 7.1.3, RTA.3. */
        return vtd_end(request, TEEIO_VTD_RTA_3);
    }
    if (!vtd_lookup_device(request, &found)) {
        return false;
    }
    if (!found.device.pre) {
        /* VT-d 7.1.3, SCT.8. */
        return vtd_end(request, TEEIO_VTD_SCT_8);
    }
    return vtd_pasid(request, &found.device, &pasid);
}

static bool check(struct teeio_vtd *vtd,
                  const struct teeio_page_request *request)
{
    const struct teeio_tlp tlp = {
        .kind = TEEIO_TLP_MWR,
        .address = request->address,
        .requester = request->requester,
        .pasid_valid = request->pasid_valid,
        .pasid = request->pasid,
        .privileged = request->privileged,
    };
    struct teeio_translation answer = {0};
    struct vtd_request lookup = {
        .vtd = vtd,
        .tlp = &tlp,
        .memory = {.host = &vtd->own_view, .ownership = vtd->ownership},
        .answer = &answer,
    };

    vtd_caches_refresh(vtd);
    if (vtd->caches.contexts) {
        lookup.contexts_stamp = teeio_iotlb_stamp(vtd->caches.contexts);
    }
    if (allowed(&lookup)) {
        return true;
    }
    answer.fault.dw[1] |= TEEIO_VTD_FRCD1_T2;
    vtd_report(vtd, &tlp, &answer);
    return false;
}

static void encode(uint8_t bytes[ENTRY],
                   const struct teeio_page_request *request)
{
    uint64_t dw[4] = {
        1 | teeio_field_make(request->requester, TEEIO_VTD_PRQ0_RID),
        (request->read ? TEEIO_VTD_PRQ1_READ : 0) |
            (request->write ? TEEIO_VTD_PRQ1_WRITE : 0) |
            (request->last ? TEEIO_VTD_PRQ1_LPIG : 0) |
            teeio_field_make(request->group, TEEIO_VTD_PRQ1_INDEX) |
            (request->address & TEEIO_VTD_PRQ1_ADDR),
    };

    if (request->pasid_valid) {
        dw[0] |= TEEIO_VTD_PRQ0_PP |
                 teeio_field_make(request->pasid, TEEIO_VTD_PRQ0_PASID) |
                 (request->execute ? TEEIO_VTD_PRQ0_EXE : 0) |
                 (request->privileged ? TEEIO_VTD_PRQ0_PRIV : 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        teeio_store_le64(bytes + 8 * i, dw[i]);
    }
}

static void raise_status(struct teeio_vtd *vtd, uint64_t bit)
{
    bool quiet =
        !(vtd->values[REG_PRS] & (TEEIO_VTD_PRS_PPR | TEEIO_VTD_PRS_PRO));

    vtd->values[REG_PRS] |= bit;
    if (quiet) {
        vtd_signal(vtd, VTD_EVENT_PAGE);
    }
}

void teeio_vtd_page_request(struct teeio_vtd *vtd,
                            const struct teeio_page_request *request)
{
    uint64_t pqa = vtd->values[REG_PQA];
    uint64_t size = UINT64_C(4096) << teeio_field(pqa, TEEIO_VTD_PQA_PQS);
    uint64_t head = vtd->values[REG_PQH] & (size - 1);
    uint64_t tail = vtd->values[REG_PQT] & (size - 1);
    uint64_t next = (tail + ENTRY) & (size - 1);
    uint8_t bytes[ENTRY];

    if (!vtd_enabled(vtd, TEEIO_VTD_GCMD_TE) ||
        vtd_mode(vtd) == TEEIO_VTD_TTM_ABORT) {
        respond(vtd, request, TEEIO_PAGE_FAILURE);
        return;
    }
    if (!check(vtd, request)) {
        /* VT-d 7.5: the device has no business to ask. */
        respond(vtd, request, TEEIO_PAGE_INVALID);
        return;
    }
    if (next == head || vtd->values[REG_PRS] & TEEIO_VTD_PRS_PRO) {
        /* VT-d 7.4.1: success makes the device ask again. */
        raise_status(vtd, TEEIO_VTD_PRS_PRO);
        respond(vtd, request, TEEIO_PAGE_SUCCESS);
        return;
    }
    encode(bytes, request);
    if (!vtd_store(vtd, (pqa & TEEIO_VTD_PQA_ADDR) + tail, bytes,
                   sizeof(bytes))) {
        respond(vtd, request, TEEIO_PAGE_FAILURE);
        return;
    }
    vtd->values[REG_PQT] = next;
    vtd->stats.page_requests++;
    raise_status(vtd, TEEIO_VTD_PRS_PPR);
}
