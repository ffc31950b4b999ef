/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "spdm-internal.h"

/* CT: 2^20 microseconds; a signature takes far less. */
#define CT_EXPONENT     20
#define MAX_CT_EXPONENT 31

static unsigned two_bits(uint32_t flags, unsigned shift)
{
    return flags >> shift & 3;
}

/* DSP0274 "Flag fields definitions for the Requester": what excludes what. */
static bool legal_flags(uint8_t version, uint32_t flags)
{
    unsigned psk = two_bits(flags, TEEIO_SPDM_PSK_CAP_SHIFT);
    bool exchange = (flags & TEEIO_SPDM_KEY_EX_CAP) || psk;
    bool protect = flags & (TEEIO_SPDM_ENCRYPT_CAP | TEEIO_SPDM_MAC_CAP);

    if (psk > 1 || exchange != protect) {
        return false;
    }
    if ((flags & TEEIO_SPDM_HANDSHAKE_IN_CLEAR_CAP) &&
        !(flags & TEEIO_SPDM_KEY_EX_CAP)) {
        return false;
    }
    if ((flags & TEEIO_SPDM_PUB_KEY_ID_CAP) && (flags & TEEIO_SPDM_CERT_CAP)) {
        return false;
    }
    if (version >= TEEIO_SPDM_13) {
        unsigned keys = two_bits(flags, TEEIO_SPDM_MULTI_KEY_CAP_SHIFT);

        return two_bits(flags, TEEIO_SPDM_EP_INFO_CAP_SHIFT) < 3 && keys < 3 &&
               !(keys && (flags & TEEIO_SPDM_PUB_KEY_ID_CAP));
    }
    return true;
}

/* DSP0274 "GET_CAPABILITIES": the sizes of the two buffers. */
static bool legal_sizes(uint32_t flags, uint32_t transfer, uint32_t message)
{
    return transfer >= TEEIO_SPDM_MIN_DATA_TRANSFER_SIZE &&
           (flags & TEEIO_SPDM_CHUNK_CAP ? message >= transfer
                                         : message == transfer);
}

uint8_t teeio_spdm_do_capabilities(struct teeio_spdm *spdm,
                                   const struct teeio_spdm_request *req,
                                   struct teeio_spdm_response *rsp)
{
    const uint8_t *data = req->data;
    uint32_t message;
    uint32_t transfer;
    uint32_t flags;

    /* DSP0274 "GET_CAPABILITIES": too short, or an absurd timeout. */
    if (req->len < TEEIO_SPDM_CAPABILITIES_SIZE ||
        data[TEEIO_SPDM_CT_EXPONENT] > MAX_CT_EXPONENT) {
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    flags = teeio_spdm_number(data + TEEIO_SPDM_FLAGS, 4);
    transfer = teeio_spdm_number(data + TEEIO_SPDM_DATA_TRANSFER_SIZE, 4);
    message = teeio_spdm_number(data + TEEIO_SPDM_MAX_SPDM_MSG_SIZE, 4);
    if (!legal_flags(spdm->version, flags) ||
        !legal_sizes(flags, transfer, message)) {
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    if (spdm->version >= TEEIO_SPDM_13 &&
        (req->param1 & TEEIO_SPDM_SUPPORTED_ALGORITHMS) &&
        !(flags & spdm->own_caps & TEEIO_SPDM_CHUNK_CAP)) {
        /* DSP0274 "GET_CAPABILITIES": extended only with chunks. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    if (!teeio_spdm_fits(rsp, TEEIO_SPDM_CAPABILITIES_SIZE)) {
        rsp->len = TEEIO_SPDM_CAPABILITIES_SIZE;
        return 0;
    }
    spdm->connection = TEEIO_SPDM_CONNECTION_CAPABILITIES;
    spdm->peer_caps = flags;
    spdm->peer_transfer_size = transfer;
    spdm->peer_message_size = message;
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_CAPABILITIES, 0, 0);
    teeio_spdm_put_number(rsp, 0, 1);
    teeio_spdm_put_number(rsp, CT_EXPONENT, 1);
    teeio_spdm_put_number(rsp, 0, 2);
    teeio_spdm_put_number(rsp, spdm->own_caps, 4);
    teeio_spdm_put_number(rsp, spdm->transfer_size, 4);
    teeio_spdm_put_number(rsp,
                          spdm->own_caps & TEEIO_SPDM_CHUNK_CAP
                              ? TEEIO_SPDM_MESSAGE_MAX
                              : spdm->transfer_size,
                          4);
    teeio_spdm_vca_add(spdm, data, TEEIO_SPDM_CAPABILITIES_SIZE);
    teeio_spdm_vca_add(spdm, rsp->data, rsp->len);
    return 0;
}
