/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "tlp-wire.h"

struct input {
    const uint8_t *at;
    size_t left;
};

static bool take(struct input *in, uint32_t *dword)
{
    if (in->left < 4) {
        return false;
    }
    *dword = (uint32_t)in->at[0] << 24 | (uint32_t)in->at[1] << 16 |
             (uint32_t)in->at[2] << 8 | in->at[3];
    in->at += 4;
    in->left -= 4;
    return true;
}

static enum teeio_wire_error take_ide(struct teeio_tlp_wire *wire,
                                      uint32_t dword, unsigned *sub_stream)
{
    /* PCIe 6.33.4: before all other End-End prefixes, and once. */
    if (wire->ide.present || wire->pasid.present) {
        return TEEIO_WIRE_PREFIX_ORDER;
    }
    if (dword & (TEEIO_IDE_M | TEEIO_IDE_P)) {
        return TEEIO_WIRE_MAC;
    }
    *sub_stream =
        dword >> TEEIO_IDE_SUB_STREAM_SHIFT & TEEIO_IDE_SUB_STREAM_MASK;
    wire->ide = (struct teeio_wire_ide){
        .present = true,
        .pr_sent = dword >> TEEIO_IDE_PR_SENT_SHIFT,
        .stream = dword >> TEEIO_IDE_STREAM_SHIFT,
        .k = dword & TEEIO_IDE_K,
        .t = dword & TEEIO_IDE_T,
        .xt = dword & TEEIO_IDE_XT,
    };
    return TEEIO_WIRE_OK;
}

static enum teeio_wire_error take_pasid(struct teeio_tlp_wire *wire,
                                        uint32_t dword)
{
    if (wire->pasid.present) {
        return TEEIO_WIRE_PREFIX_ORDER;
    }
    wire->pasid = (struct teeio_wire_pasid){
        .present = true,
        .value = dword & TEEIO_PASID_MASK,
        .pmr = dword & TEEIO_PASID_PMR,
        .exe = dword & TEEIO_PASID_EXE,
    };
    return TEEIO_WIRE_OK;
}

/* Leaves the first doubleword of the header in @dword. */
static enum teeio_wire_error take_prefixes(struct teeio_tlp_wire *wire,
                                           struct input *in, uint32_t *dword,
                                           unsigned *sub_stream)
{
    enum teeio_wire_error error = TEEIO_WIRE_OK;

    while (error == TEEIO_WIRE_OK) {
        if (!take(in, dword)) {
            return TEEIO_WIRE_SHORT;
        }
        if (*dword >> TEEIO_HEADER_FMT_SHIFT != TEEIO_FMT_PREFIX) {
            return TEEIO_WIRE_OK;
        }
        switch (*dword >> 24) {
        case TEEIO_PREFIX_IDE:
            error = take_ide(wire, *dword, sub_stream);
            break;
        case TEEIO_PREFIX_PASID:
            error = take_pasid(wire, *dword);
            break;
        default:
            error = TEEIO_WIRE_PREFIX;
        }
    }
    return error;
}

static bool find_type(struct teeio_tlp_wire *wire, uint32_t dword)
{
    unsigned fmt = dword >> TEEIO_HEADER_FMT_SHIFT;
    unsigned type = dword >> TEEIO_HEADER_TYPE_SHIFT & TEEIO_HEADER_TYPE_MASK;

    for (unsigned i = 0; i < TEEIO_WIRE_TYPES; i++) {
        const struct wire_row *row = wire_row(i);
        unsigned known = type;
        bool wide = fmt & TEEIO_FMT_4DW;

        if (row->shape == WIRE_MESSAGE) {
            known &= ~TEEIO_TYPE_MSG_ROUTING;
        }
        if (known == row->type && !(fmt & TEEIO_FMT_PREFIX) &&
            row->data == !!(fmt & TEEIO_FMT_DATA) &&
            (row->shape != WIRE_MESSAGE || wide) &&
            (row->shape != WIRE_COMPLETION || !wide)) {
            wire->type = i;
            return true;
        }
    }
    return false;
}

static void take_first(struct teeio_tlp_wire *wire, uint32_t dword)
{
    bool counted = wire_row(wire->type)->data || wire->type == TEEIO_WIRE_MRD;

    wire->tag = (dword & TEEIO_HEADER_T9 ? 0x200 : 0) |
                (dword & TEEIO_HEADER_T8 ? 0x100 : 0);
    wire->tc = dword >> TEEIO_HEADER_TC_SHIFT & 7;
    wire->ido = dword & TEEIO_HEADER_IDO;
    wire->td = dword & TEEIO_HEADER_TD;
    wire->ep = dword & TEEIO_HEADER_EP;
    wire->ro = dword >> TEEIO_HEADER_ATTR_SHIFT & 2;
    wire->ns = dword >> TEEIO_HEADER_ATTR_SHIFT & 1;
    wire->at = dword >> TEEIO_HEADER_AT_SHIFT & 3;
    if (counted) {
        wire->dwords = dword & TEEIO_HEADER_LENGTH;
        wire->dwords = wire->dwords ? wire->dwords : 1024;
    }
}

static bool take_header(struct teeio_tlp_wire *wire, struct input *in,
                        bool wide)
{
    uint32_t word[3] = {0};

    for (unsigned i = 0; i < (wide ? 3u : 2u); i++) {
        if (!take(in, &word[i])) {
            return false;
        }
    }
    wire->requester = word[0] >> 16;
    wire->tag |= word[0] >> 8 & 0xff;
    switch (wire_row(wire->type)->shape) {
    case WIRE_COMPLETION:
        wire->u.completion = (struct teeio_wire_completion){
            .completer = word[0] >> 16,
            .status = word[0] >> 13 & 7,
            .bcm = word[0] >> 12 & 1,
            .byte_count = word[0] & 0xfff ? word[0] & 0xfff : 4096,
            .lower_address = word[1] & 0x7f,
        };
        wire->requester = word[1] >> 16;
        wire->tag = (wire->tag & 0x300) | (word[1] >> 8 & 0xff);
        break;
    case WIRE_MESSAGE:
        wire->u.message.code = word[0];
        wire->u.message.rest = (uint64_t)word[1] << 32 | word[2];
        break;
    default:
        wire->u.request = (struct teeio_wire_request){
            .address = wide ? (uint64_t)word[1] << 32 | word[2] : word[1],
            .first_be = word[0] & 0xf,
            .last_be = word[0] >> 4 & 0xf,
            .no_write = (wide ? word[2] : word[1]) & 1,
        };
        wire->u.request.address &= ~3ull;
    }
    return true;
}

static enum teeio_wire_error take_payload(struct teeio_tlp_wire *wire,
                                          struct input *in)
{
    size_t size = teeio_wire_has_data(wire->type) ? 4u * wire->dwords : 0;

    /* PCIe 2.2.2: any difference makes the TLP malformed. */
    if (in->left != size + (wire->td ? 4u : 0u)) {
        return TEEIO_WIRE_LENGTH;
    }
    if (size) {
        wire->data = in->at;
        in->at += size;
        in->left -= size;
    }
    if (wire->td) {
        take(in, &wire->ecrc);
    }
    return TEEIO_WIRE_OK;
}

/* What has no place in @wire is what encoding does not bring back. */
static enum teeio_wire_error check_reserved(const struct teeio_tlp_wire *wire,
                                            const uint8_t *bytes)
{
    uint8_t head[TEEIO_WIRE_MAX_HEAD];
    size_t len;
    enum teeio_wire_error error = teeio_wire_encode_head(wire, head, &len);

    if (error == TEEIO_WIRE_OK && memcmp(head, bytes, len) != 0) {
        error = TEEIO_WIRE_RESERVED;
    }
    return error;
}

enum teeio_wire_error teeio_wire_decode(struct teeio_tlp_wire *wire,
                                        const uint8_t *bytes, size_t size)
{
    struct input in = {bytes, size};
    unsigned sub_stream = 0;
    enum teeio_wire_error error;
    uint32_t dword;
    bool wide;

    memset(wire, 0, sizeof(*wire));
    error = take_prefixes(wire, &in, &dword, &sub_stream);
    if (error != TEEIO_WIRE_OK) {
        return error;
    }
    if (!find_type(wire, dword)) {
        return TEEIO_WIRE_UNKNOWN_TYPE;
    }
    if (dword & TEEIO_HEADER_TH) {
        return TEEIO_WIRE_HINTS;
    }
    if (wire->ide.present && sub_stream != teeio_wire_sub_stream(wire->type)) {
        return TEEIO_WIRE_SUB_STREAM;
    }
    take_first(wire, dword);
    wire->u.message.routing =
        dword >> TEEIO_HEADER_TYPE_SHIFT & TEEIO_TYPE_MSG_ROUTING;
    wide = dword >> TEEIO_HEADER_FMT_SHIFT & TEEIO_FMT_4DW;
    if (!take_header(wire, &in, wide)) {
        return TEEIO_WIRE_SHORT;
    }
    error = wire_check(wire);
    if (error != TEEIO_WIRE_OK) {
        return error;
    }
    if (wide != wire_is_wide(wire)) {
        return TEEIO_WIRE_HEADER_SIZE; /* PCIe 2.2.4.1 */
    }
    error = take_payload(wire, &in);
    return error == TEEIO_WIRE_OK ? check_reserved(wire, bytes) : error;
}
