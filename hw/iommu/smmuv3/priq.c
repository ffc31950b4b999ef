/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Page requests of devices, and the answers to those that find no room
 * (IHI 0070 chapter 8).
 */
#include "context.h"

/* PCIe 10.4.1.2.1: never answered. */
static bool stop_marker(const struct teeio_page_request *request)
{
    return request->pasid_valid && request->last && !request->read &&
           !request->write;
}

void smmuv3_page_respond(struct smmuv3_interface *iface,
                         const struct teeio_page_response *response)
{
    const struct teeio_smmuv3_devices *devices = &iface->smmu->devices;

    if (devices->page_response) {
        devices->page_response(devices->opaque, response);
    }
}

/* Returns: false when the stream has no valid STE. */
static bool answers_with_pasid(const struct smmuv3_interface *iface,
                               uint16_t requester, bool *with_pasid)
{
    const struct teeio_tlp tlp = {
        .kind = TEEIO_TLP_MRD,
        .requester = requester,
    };
    struct teeio_translation ignored = {0};
    struct smmuv3_request request = {
        .iface = iface,
        .tlp = &tlp,
        .memory = {.host = iface->smmu->host,
                   .ownership = iface->smmu->ownership,
                   .private_only = smmuv3_is_realm(iface)},
        .answer = &ignored,
    };
    struct smmuv3_context context;
    struct teeio_ste ste;

    if (!smmuv3_stream(&request, &ste, &context)) {
        return false;
    }
    *with_pasid = ste.dw[1] & TEEIO_STE1_PPAR;
    return true;
}

static void refuse(struct smmuv3_interface *iface,
                   const struct teeio_page_request *request, bool overflow)
{
    struct teeio_page_response response = {
        .requester = request->requester,
        .pasid = request->pasid,
        .group = request->group,
        .one_t = iface->smmu->count > 1,
        .t = request->t,
        .outcome = overflow ? TEEIO_PAGE_SUCCESS : TEEIO_PAGE_FAILURE,
    };

    iface->smmu->stats.pages_lost++;
    if (!request->last || stop_marker(request)) {
        return;
    }
    /* IHI 0070 8.1: IDR3.PPS is 0, so the STE decides about the PASID. */
    if (overflow && request->pasid_valid &&
        !answers_with_pasid(iface, request->requester, &response.pasid_valid)) {
        response.outcome = TEEIO_PAGE_FAILURE;
    }
    smmuv3_page_respond(iface, &response);
}

static void encode(uint64_t dw[2], const struct teeio_page_request *request)
{
    dw[0] = teeio_field_make(request->requester, TEEIO_PRI0_STREAMID) |
            (request->read ? TEEIO_PRI0_READ : 0) |
            (request->write ? TEEIO_PRI0_WRITE : 0) |
            (request->last ? TEEIO_PRI0_LAST : 0);
    if (request->pasid_valid) {
        dw[0] |= TEEIO_PRI0_SSV |
                 teeio_field_make(request->pasid, TEEIO_PRI0_SUBSTREAMID) |
                 (request->execute ? TEEIO_PRI0_EXECUTE : 0) |
                 (request->privileged ? TEEIO_PRI0_PRIVILEGED : 0);
    }
    dw[1] = teeio_field_make(request->group, TEEIO_PRI1_PRG_INDEX) |
            (request->address & TEEIO_PRI1_ADDRESS);
}

static bool last_only(const struct smmuv3_interface *iface)
{
    return iface->values[REG_PRIQ_IRQ_CFG2] & TEEIO_PRIQ_IRQ_CFG2_LO;
}

void teeio_smmuv3_page_request(struct teeio_smmuv3 *smmu,
                               const struct teeio_page_request *request)
{
    struct smmuv3_interface *iface = smmu->by_t[request->t];
    struct smmuv3_queue queue = smmuv3_queue_load(iface, SMMUV3_PRIQ);
    uint64_t dw[2];

    if (!smmuv3_enabled(iface, TEEIO_CR0_SMMUEN) ||
        !smmuv3_enabled(iface, TEEIO_CR0_PRIQEN) ||
        smmuv3_gerror_active(iface, TEEIO_GERROR_PRIQ_ABT_ERR)) {
        /* IHI 0070 8.2: nobody is there to page in. */
        refuse(iface, request, false);
        return;
    }
    if (smmuv3_queue_full(&queue) ||
        smmuv3_queue_overflowed(iface, SMMUV3_PRIQ)) {
        /* IHI 0070 8.1: success makes the device ask again. */
        smmuv3_queue_overflow(iface, SMMUV3_PRIQ);
        if (last_only(iface) && request->last) {
            smmuv3_interrupt(iface, SMMUV3_IRQ_PRIQ);
        }
        refuse(iface, request, true);
        return;
    }
    encode(dw, request);
    if (!smmuv3_queue_push(iface, SMMUV3_PRIQ, dw)) {
        refuse(iface, request, false);
        return;
    }
    iface->smmu->stats.page_requests++;
    if (last_only(iface) ? request->last : smmuv3_queue_empty(&queue)) {
        smmuv3_interrupt(iface, SMMUV3_IRQ_PRIQ);
    }
}
