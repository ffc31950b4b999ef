/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* From values to wire forms: requests, their completions, messages. */
#include "tlp-wire.h"

static const enum teeio_wire_type types[TEEIO_TLP_KINDS] = {
    [TEEIO_TLP_MRD] = TEEIO_WIRE_MRD,
    [TEEIO_TLP_MWR] = TEEIO_WIRE_MWR,
    [TEEIO_TLP_FETCHADD] = TEEIO_WIRE_FETCHADD,
    [TEEIO_TLP_SWAP] = TEEIO_WIRE_SWAP,
    [TEEIO_TLP_CAS] = TEEIO_WIRE_CAS,
};

static void request_bytes(struct teeio_tlp_wire *wire,
                          const struct teeio_tlp *tlp)
{
    struct teeio_wire_request *request = &wire->u.request;
    unsigned lead = tlp->address & 3;
    unsigned end = lead + tlp->length;

    wire->dwords = (end + 3) / 4;
    request->first_be = 0xf << lead & 0xf;
    request->last_be = end % 4 ? 0xf >> (4 - end % 4) : 0xf;
    if (wire->dwords <= 1) {
        request->first_be &= request->last_be;
        request->last_be = 0;
    }
}

void teeio_wire_request(struct teeio_tlp_wire *wire,
                        const struct teeio_tlp *tlp, uint16_t tag)
{
    struct teeio_wire_request *request = &wire->u.request;

    *wire = (struct teeio_tlp_wire){
        .type = (unsigned)tlp->kind < TEEIO_TLP_KINDS ? types[tlp->kind]
                                                      : TEEIO_WIRE_TYPES,
        .ide =
            {
                .present = tlp->ide || tlp->t || tlp->xt,
                .stream = tlp->ide ? tlp->stream : 0,
                .t = tlp->t,
                .xt = tlp->xt,
            },
        .pasid = {.present = tlp->pasid_valid},
        .at = tlp->at,
        .requester = tlp->requester,
        .tag = tag,
        .u.request.address = tlp->address & ~3ull,
    };
    if (tlp->pasid_valid) {
        wire->pasid.value = tlp->pasid;
        wire->pasid.pmr = tlp->privileged;
        wire->pasid.exe = tlp->execute;
    }
    if (tlp->at == TEEIO_AT_TRANSLATION_REQUEST) {
        /* PCIe 10.2.2: always a read; NW tells what the answer is for. */
        wire->type = TEEIO_WIRE_MRD;
        wire->dwords = 2;
        request->address &= ~(uint64_t)(TEEIO_TLP_BOUNDARY - 1);
        request->first_be = 0xf;
        request->last_be = 0xf;
        request->no_write = tlp->kind == TEEIO_TLP_MRD;
    } else if (teeio_tlp_is_atomic(tlp->kind)) {
        wire->dwords = tlp->length / 4 * wire_row(wire->type)->operands;
    } else {
        request_bytes(wire, tlp);
    }
}

static bool kind_of(enum teeio_wire_type type, enum teeio_tlp_kind *kind)
{
    for (unsigned i = 0; i < TEEIO_TLP_KINDS; i++) {
        if (types[i] == type) {
            *kind = i;
            return true;
        }
    }
    return false;
}

/* The enabled bytes as one run; false when there is no such run. */
static bool enabled_bytes(const struct teeio_tlp_wire *wire, unsigned *lead,
                          unsigned *length)
{
    const struct teeio_wire_request *request = &wire->u.request;
    unsigned last = wire->dwords == 1 ? request->first_be : request->last_be;
    unsigned tail = 0;
    unsigned bits;

    if (!request->first_be || !last) {
        return false;
    }
    for (*lead = 0; !(request->first_be >> *lead & 1); ++*lead) {
    }
    while (!(last >> (3 - tail) & 1)) {
        tail++;
    }
    *length = 4u * wire->dwords - *lead - tail;
    bits = 0xf << *lead & 0xf;
    if (wire->dwords == 1) {
        return request->first_be == (bits & 0xf >> tail);
    }
    return request->first_be == bits && last == 0xfu >> tail;
}

bool teeio_wire_to_tlp(const struct teeio_tlp_wire *wire, struct teeio_tlp *tlp)
{
    const struct teeio_wire_request *request = &wire->u.request;
    unsigned lead = 0, length;
    enum teeio_tlp_kind kind;

    if (!kind_of(wire->type, &kind)) {
        return false;
    }
    if (wire->at == TEEIO_AT_TRANSLATION_REQUEST) {
        kind = request->no_write ? TEEIO_TLP_MRD : TEEIO_TLP_MWR;
        length = TEEIO_TLP_BOUNDARY;
    } else if (teeio_tlp_is_atomic(kind)) {
        length = 4u * wire->dwords / wire_row(wire->type)->operands;
    } else if (!enabled_bytes(wire, &lead, &length)) {
        return false;
    }
    *tlp = (struct teeio_tlp){
        .kind = kind,
        .at = wire->at,
        .origin = TEEIO_ORIGIN_TDI,
        .address = request->address + lead,
        .length = length,
        .requester = wire->requester,
        .pasid = wire->pasid.value,
        .pasid_valid = wire->pasid.present,
        .privileged = wire->pasid.pmr,
        .execute = wire->pasid.exe,
        .ide = wire->ide.present,
        .stream = wire->ide.stream,
        .t = wire->ide.t,
        .xt = wire->ide.xt,
    };
    return true;
}

void teeio_wire_complete(struct teeio_tlp_wire *wire,
                         const struct teeio_tlp_wire *request,
                         uint16_t completer, uint8_t status)
{
    bool memory = request->type == TEEIO_WIRE_MRD &&
                  request->at != TEEIO_AT_TRANSLATION_REQUEST;
    bool data = status == TEEIO_CPL_SC;
    unsigned lead = 0, length = 4, operands;

    if (memory) {
        /* PCIe 2.3.1.1: a read of no byte is answered as one of a byte. */
        if (!enabled_bytes(request, &lead, &length)) {
            length = 1;
        }
    } else if (request->type == TEEIO_WIRE_MRD) {
        length = 4u * request->dwords;
    } else if (wire_row(request->type)) {
        operands = wire_row(request->type)->operands;
        length = operands ? 4u * request->dwords / operands : 4;
    }
    *wire = (struct teeio_tlp_wire){
        .type = data ? TEEIO_WIRE_CPLD : TEEIO_WIRE_CPL,
        .ide = request->ide,
        .tc = request->tc,
        .ro = request->ro,
        .ido = request->ido,
        .ns = request->ns,
        .requester = request->requester,
        .tag = request->tag,
        .dwords = data ? (lead + length + 3) / 4 : 0,
        .u.completion =
            {
                .completer = completer,
                .status = status,
                .byte_count = length,
            },
    };
    if (memory && data) {
        wire->u.completion.lower_address =
            (request->u.request.address + lead) & 0x7f;
    }
}

static void message(struct teeio_tlp_wire *wire, uint16_t requester,
                    uint8_t routing, uint8_t code, uint64_t rest)
{
    *wire = (struct teeio_tlp_wire){
        .type = TEEIO_WIRE_MSG,
        .requester = requester,
        .u.message = {.routing = routing, .code = code, .rest = rest},
    };
}

void teeio_wire_page_request(struct teeio_tlp_wire *wire, uint16_t requester,
                             uint64_t address, uint16_t index, unsigned flags)
{
    message(
        wire, requester, TEEIO_ROUTING_TO_RC, TEEIO_MSG_PAGE_REQUEST,
        (address & TEEIO_PAGE_ADDRESS) |
            (uint64_t)(index & TEEIO_PAGE_INDEX_MASK)
                << TEEIO_PAGE_INDEX_SHIFT |
            (flags & (TEEIO_PAGE_LAST | TEEIO_PAGE_WRITE | TEEIO_PAGE_READ)));
}

void teeio_wire_prg_response(struct teeio_tlp_wire *wire, uint16_t requester,
                             uint16_t target, uint16_t index, unsigned code)
{
    message(wire, requester, TEEIO_ROUTING_ID, TEEIO_MSG_PRG_RESPONSE,
            (uint64_t)target << TEEIO_MSG_TARGET_SHIFT |
                (uint64_t)(code & 0xf) << TEEIO_PRG_CODE_SHIFT |
                (uint64_t)(index & TEEIO_PAGE_INDEX_MASK)
                    << TEEIO_PRG_INDEX_SHIFT);
}

void teeio_wire_invalidate_request(struct teeio_tlp_wire *wire,
                                   uint16_t requester, uint16_t target,
                                   uint8_t itag, const uint8_t *range)
{
    message(wire, requester, TEEIO_ROUTING_ID, TEEIO_MSG_INVALIDATE_REQUEST,
            (uint64_t)target << TEEIO_MSG_TARGET_SHIFT);
    wire->type = TEEIO_WIRE_MSGD;
    wire->tag = itag & 0x1f;
    wire->dwords = 2;
    wire->data = range;
}

void teeio_wire_invalidate_completion(struct teeio_tlp_wire *wire,
                                      uint16_t requester, uint16_t target,
                                      unsigned count, uint32_t itags)
{
    /* PCIe 10.3.2: 0 stands for eight. */
    message(wire, requester, TEEIO_ROUTING_ID, TEEIO_MSG_INVALIDATE_COMPLETION,
            (uint64_t)target << TEEIO_MSG_TARGET_SHIFT |
                (uint64_t)(count & 7) << TEEIO_INVALIDATE_CC_SHIFT | itags);
}

void teeio_wire_error_message(struct teeio_tlp_wire *wire, uint16_t requester,
                              uint8_t code)
{
    message(wire, requester, TEEIO_ROUTING_TO_RC, code, 0);
}

void teeio_wire_vendor_defined(struct teeio_tlp_wire *wire, uint16_t requester,
                               uint16_t target, uint8_t code, uint16_t vendor,
                               uint32_t word, const uint8_t *data,
                               uint16_t dwords)
{
    message(wire, requester, TEEIO_ROUTING_ID, code,
            (uint64_t)target << TEEIO_MSG_TARGET_SHIFT |
                (uint64_t)vendor << TEEIO_VENDOR_ID_SHIFT | word);
    if (dwords) {
        wire->type = TEEIO_WIRE_MSGD;
        wire->dwords = dwords;
        wire->data = data;
    }
}
