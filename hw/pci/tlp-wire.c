/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "tlp-wire.h"

#define MAX_DWORDS 1024u

static const struct wire_row rows[TEEIO_WIRE_TYPES] = {
    [TEEIO_WIRE_MRD] = {"MRd", TEEIO_TYPE_MEM, false, WIRE_MEMORY,
                        TEEIO_SUB_STREAM_NPR, 0},
    [TEEIO_WIRE_MWR] = {"MWr", TEEIO_TYPE_MEM, true, WIRE_MEMORY,
                        TEEIO_SUB_STREAM_PR, 0},
    [TEEIO_WIRE_FETCHADD] = {"FetchAdd", TEEIO_TYPE_FETCHADD, true, WIRE_ATOMIC,
                             TEEIO_SUB_STREAM_NPR, 1},
    [TEEIO_WIRE_SWAP] = {"Swap", TEEIO_TYPE_SWAP, true, WIRE_ATOMIC,
                         TEEIO_SUB_STREAM_NPR, 1},
    [TEEIO_WIRE_CAS] = {"CAS", TEEIO_TYPE_CAS, true, WIRE_ATOMIC,
                        TEEIO_SUB_STREAM_NPR, 2},
    [TEEIO_WIRE_MSG] = {"Msg", TEEIO_TYPE_MSG, false, WIRE_MESSAGE,
                        TEEIO_SUB_STREAM_PR, 0},
    [TEEIO_WIRE_MSGD] = {"MsgD", TEEIO_TYPE_MSG, true, WIRE_MESSAGE,
                         TEEIO_SUB_STREAM_PR, 0},
    [TEEIO_WIRE_CPL] = {"Cpl", TEEIO_TYPE_CPL, false, WIRE_COMPLETION,
                        TEEIO_SUB_STREAM_CPL, 0},
    [TEEIO_WIRE_CPLD] = {"CplD", TEEIO_TYPE_CPL, true, WIRE_COMPLETION,
                         TEEIO_SUB_STREAM_CPL, 0},
};

const struct wire_row *wire_row(enum teeio_wire_type type)
{
    return (unsigned)type < TEEIO_WIRE_TYPES ? &rows[type] : NULL;
}

const char *teeio_wire_type_name(enum teeio_wire_type type)
{
    const struct wire_row *row = wire_row(type);

    return row ? row->name : "?";
}

bool teeio_wire_has_data(enum teeio_wire_type type)
{
    const struct wire_row *row = wire_row(type);

    return row && row->data;
}

unsigned teeio_wire_sub_stream(enum teeio_wire_type type)
{
    const struct wire_row *row = wire_row(type);

    return row ? row->sub_stream : 0;
}

const char *teeio_wire_error_name(enum teeio_wire_error error)
{
    static const char *const names[TEEIO_WIRE_ERRORS] = {
        [TEEIO_WIRE_OK] = "ok",
        [TEEIO_WIRE_SHORT] = "short",
        [TEEIO_WIRE_UNKNOWN_TYPE] = "unknown-type",
        [TEEIO_WIRE_PREFIX] = "prefix",
        [TEEIO_WIRE_PREFIX_ORDER] = "prefix-order",
        [TEEIO_WIRE_SUB_STREAM] = "sub-stream",
        [TEEIO_WIRE_MAC] = "mac",
        [TEEIO_WIRE_HINTS] = "hints",
        [TEEIO_WIRE_ADDRESS_TYPE] = "address-type",
        [TEEIO_WIRE_LENGTH] = "length",
        [TEEIO_WIRE_BYTE_ENABLES] = "byte-enables",
        [TEEIO_WIRE_BOUNDARY] = "boundary",
        [TEEIO_WIRE_OPERAND] = "operand",
        [TEEIO_WIRE_ROUTING] = "routing",
        [TEEIO_WIRE_HEADER_SIZE] = "header-size",
        [TEEIO_WIRE_RESERVED] = "reserved",
        [TEEIO_WIRE_RANGE] = "range",
    };

    return (unsigned)error < TEEIO_WIRE_ERRORS ? names[error] : "?";
}

bool wire_is_wide(const struct teeio_tlp_wire *wire)
{
    switch (rows[wire->type].shape) {
    case WIRE_MESSAGE:
        return true;
    case WIRE_COMPLETION:
        return false;
    default:
        return wire->u.request.address >> 32 != 0;
    }
}

static bool byte_enables_fit(const struct teeio_tlp_wire *wire)
{
    const struct teeio_wire_request *request = &wire->u.request;
    uint8_t first = request->first_be, last = request->last_be;

    if (wire->at == TEEIO_AT_TRANSLATION_REQUEST) {
        return first == 0xf && last == 0xf;
    }
    if (wire->dwords == 1) {
        return last == 0;
    }
    if (!first || !last) {
        return false;
    }
    if (wire->dwords == 2 && request->address % 8 == 0) {
        return true;
    }
    /* PCIe 2.2.5: from here on the enabled bytes have no gap. */
    return ((first + (first & -first)) & 0xf) == 0 && (last & (last + 1)) == 0;
}

static enum teeio_wire_error check_memory(const struct teeio_tlp_wire *wire)
{
    const struct teeio_wire_request *request = &wire->u.request;
    bool translation = wire->at == TEEIO_AT_TRANSLATION_REQUEST;

    if (wire->dwords == 0 || wire->dwords > MAX_DWORDS ||
        (translation && wire->dwords % 2)) {
        return TEEIO_WIRE_LENGTH; /* PCIe 10.2.2 for translations */
    }
    if (!byte_enables_fit(wire)) {
        return TEEIO_WIRE_BYTE_ENABLES;
    }
    if (translation) {
        return request->address % TEEIO_TLP_BOUNDARY ? TEEIO_WIRE_RESERVED
                                                     : TEEIO_WIRE_OK;
    }
    if (request->address % TEEIO_TLP_BOUNDARY + 4u * wire->dwords >
        TEEIO_TLP_BOUNDARY) {
        return TEEIO_WIRE_BOUNDARY;
    }
    return request->no_write ? TEEIO_WIRE_RESERVED : TEEIO_WIRE_OK;
}

static enum teeio_wire_error check_atomic(const struct teeio_tlp_wire *wire)
{
    const struct teeio_wire_request *request = &wire->u.request;
    unsigned operands = rows[wire->type].operands;
    unsigned size = 4u * wire->dwords / operands;

    /* PCIe 2.2.7: Length must match an operand size, aligned naturally. */
    if (4u * wire->dwords != size * operands || (size != 4 && size != 8) ||
        request->address % size) {
        return TEEIO_WIRE_OPERAND;
    }
    return request->first_be || request->last_be || request->no_write
               ? TEEIO_WIRE_RESERVED
               : TEEIO_WIRE_OK;
}

static enum teeio_wire_error check_rest(const struct teeio_tlp_wire *wire)
{
    const struct wire_row *row = &rows[wire->type];
    const struct teeio_wire_completion *completion = &wire->u.completion;

    if (wire->dwords > MAX_DWORDS || row->data != (wire->dwords > 0)) {
        return TEEIO_WIRE_LENGTH;
    }
    if (row->shape == WIRE_MESSAGE) {
        if (wire->u.message.routing > TEEIO_ROUTING_GATHER) {
            return TEEIO_WIRE_ROUTING;
        }
        return wire->tag > 0xff ? TEEIO_WIRE_RESERVED : TEEIO_WIRE_OK;
    }
    return completion->status > 7 || completion->lower_address > 0x7f ||
                   completion->byte_count == 0 || completion->byte_count > 4096
               ? TEEIO_WIRE_RANGE
               : TEEIO_WIRE_OK;
}

/* PCIe 10.2.1: who may ask for a translation, or use one. */
static bool at_fits(const struct teeio_tlp_wire *wire)
{
    switch (wire->at) {
    case TEEIO_AT_UNTRANSLATED:
        return true;
    case TEEIO_AT_TRANSLATION_REQUEST:
        return wire->type == TEEIO_WIRE_MRD;
    case TEEIO_AT_TRANSLATED:
        return rows[wire->type].shape == WIRE_MEMORY ||
               rows[wire->type].shape == WIRE_ATOMIC;
    default:
        return false;
    }
}

enum teeio_wire_error wire_check(const struct teeio_tlp_wire *wire)
{
    if (wire->tc > 7 || wire->tag > 0x3ff ||
        (wire->pasid.present && wire->pasid.value > TEEIO_PASID_MASK)) {
        return TEEIO_WIRE_RANGE;
    }
    if (!at_fits(wire)) {
        return TEEIO_WIRE_ADDRESS_TYPE;
    }
    switch (rows[wire->type].shape) {
    case WIRE_MEMORY:
    case WIRE_ATOMIC:
        if (wire->u.request.address % 4) {
            return TEEIO_WIRE_RANGE;
        }
        return rows[wire->type].shape == WIRE_MEMORY ? check_memory(wire)
                                                     : check_atomic(wire);
    default:
        return check_rest(wire);
    }
}

static uint8_t *put(uint8_t *at, uint32_t dword)
{
    at[0] = dword >> 24;
    at[1] = dword >> 16;
    at[2] = dword >> 8;
    at[3] = dword;
    return at + 4;
}

static uint8_t *put_prefixes(uint8_t *at, const struct teeio_tlp_wire *wire)
{
    const struct teeio_wire_ide *ide = &wire->ide;
    const struct teeio_wire_pasid *pasid = &wire->pasid;

    if (ide->present) {
        at = put(at, (uint32_t)TEEIO_PREFIX_IDE << 24 |
                         (uint32_t)ide->pr_sent << TEEIO_IDE_PR_SENT_SHIFT |
                         (uint32_t)ide->stream << TEEIO_IDE_STREAM_SHIFT |
                         (ide->xt ? TEEIO_IDE_XT : 0) |
                         teeio_wire_sub_stream(wire->type)
                             << TEEIO_IDE_SUB_STREAM_SHIFT |
                         (ide->k ? TEEIO_IDE_K : 0) |
                         (ide->t ? TEEIO_IDE_T : 0));
    }
    if (pasid->present) {
        at = put(at, (uint32_t)TEEIO_PREFIX_PASID << 24 |
                         (pasid->pmr ? TEEIO_PASID_PMR : 0) |
                         (pasid->exe ? TEEIO_PASID_EXE : 0) | pasid->value);
    }
    return at;
}

static uint32_t first_dword(const struct teeio_tlp_wire *wire)
{
    const struct wire_row *row = &rows[wire->type];
    uint32_t fmt = (wire_is_wide(wire) ? TEEIO_FMT_4DW : 0) |
                   (row->data ? TEEIO_FMT_DATA : 0);
    uint32_t type = row->type;

    if (row->shape == WIRE_MESSAGE) {
        type |= wire->u.message.routing;
    }
    return fmt << TEEIO_HEADER_FMT_SHIFT | type << TEEIO_HEADER_TYPE_SHIFT |
           (wire->tag & 0x200 ? TEEIO_HEADER_T9 : 0) |
           (uint32_t)wire->tc << TEEIO_HEADER_TC_SHIFT |
           (wire->tag & 0x100 ? TEEIO_HEADER_T8 : 0) |
           (wire->ido ? TEEIO_HEADER_IDO : 0) |
           (wire->td ? TEEIO_HEADER_TD : 0) | (wire->ep ? TEEIO_HEADER_EP : 0) |
           (uint32_t)(wire->ro << 1 | wire->ns) << TEEIO_HEADER_ATTR_SHIFT |
           (uint32_t)wire->at << TEEIO_HEADER_AT_SHIFT |
           (wire->dwords & TEEIO_HEADER_LENGTH);
}

static uint8_t *put_header(uint8_t *at, const struct teeio_tlp_wire *wire)
{
    const struct teeio_wire_request *request = &wire->u.request;
    const struct teeio_wire_completion *completion = &wire->u.completion;
    const struct teeio_wire_message *message = &wire->u.message;
    uint32_t transaction = (uint32_t)wire->requester << 16 | (wire->tag & 0xffu)
                                                                 << 8;

    at = put(at, first_dword(wire));
    switch (rows[wire->type].shape) {
    case WIRE_COMPLETION:
        at = put(at, (uint32_t)completion->completer << 16 |
                         (uint32_t)completion->status << 13 |
                         (uint32_t)completion->bcm << 12 |
                         (completion->byte_count & 0xfffu));
        return put(at, transaction | completion->lower_address);
    case WIRE_MESSAGE:
        at = put(at, transaction | message->code);
        at = put(at, message->rest >> 32);
        return put(at, message->rest);
    default:
        at = put(at, transaction | (uint32_t)(request->last_be & 0xf) << 4 |
                         (request->first_be & 0xf));
        if (wire_is_wide(wire)) {
            at = put(at, request->address >> 32);
        }
        return put(at, (uint32_t)request->address | request->no_write);
    }
}

enum teeio_wire_error teeio_wire_encode_head(const struct teeio_tlp_wire *wire,
                                             uint8_t *buf, size_t *len)
{
    enum teeio_wire_error error = TEEIO_WIRE_UNKNOWN_TYPE;

    *len = 0;
    if (wire_row(wire->type)) {
        error = wire_check(wire);
    }
    if (error == TEEIO_WIRE_OK) {
        *len = put_header(put_prefixes(buf, wire), wire) - buf;
    }
    return error;
}

enum teeio_wire_error teeio_wire_encode(const struct teeio_tlp_wire *wire,
                                        uint8_t *buf, size_t *len)
{
    enum teeio_wire_error error = teeio_wire_encode_head(wire, buf, len);

    if (error != TEEIO_WIRE_OK) {
        return error;
    }
    if (rows[wire->type].data) {
        if (!wire->data) {
            *len = 0;
            return TEEIO_WIRE_LENGTH;
        }
        memcpy(buf + *len, wire->data, 4u * wire->dwords);
        *len += 4u * wire->dwords;
    }
    if (wire->td) {
        put(buf + *len, wire->ecrc);
        *len += 4;
    }
    return TEEIO_WIRE_OK;
}
