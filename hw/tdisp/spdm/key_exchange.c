/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include <nettle/memops.h>

#include "spdm-internal.h"

#define SLOT          0
#define ELEMENT_ALIGN 4

/*
 * DSP0277 "Supported version list data": does the requester know 1.1?
 * @data: what follows the head of a DMTF element
 */
static bool lists_11(const uint8_t *data, size_t len)
{
    if (len < 3 || data[0] != TEEIO_SPDM_SM_DATA_VERSION ||
        data[1] != TEEIO_SPDM_SM_SUPPORTED_VERSIONS ||
        len < 3 + 2 * (size_t)data[2]) {
        return false;
    }
    for (unsigned i = 0; i < data[2]; i++) {
        if (data[3 + 2 * i + 1] == TEEIO_SPDM_SM_11) {
            return true;
        }
    }
    return false;
}

/*
 * DSP0274 "General opaque data format".
 * Returns: false when it is malformed or offers no version of secured messages
 * that we have.
 */
static bool knows_secured_messages(const uint8_t *data, size_t len)
{
    bool found = false;
    unsigned count;
    size_t at = TEEIO_SPDM_OPAQUE_HEADER;

    if (len < at) {
        return false;
    }
    count = data[0];
    for (; count; count--) {
        size_t vendor_len;
        size_t size;

        if (len - at < 4 || len - at < 4 + (size_t)data[at + 1]) {
            return false;
        }
        vendor_len = data[at + 1];
        size = teeio_spdm_number(data + at + 2 + vendor_len, 2);
        if (len - at - 4 - vendor_len < size) {
            return false;
        }
        if (data[at] == TEEIO_SPDM_REGISTRY_DMTF && !vendor_len) {
            found |= lists_11(data + at + 4, size);
        }
        at += 4 + vendor_len + size;
        at = (at + ELEMENT_ALIGN - 1) & ~(size_t)(ELEMENT_ALIGN - 1);
        if (at > len) {
            return false;
        }
    }
    return found;
}

/* One element: DSP0277 "Version selection data", padded to four bytes. */
static void put_opaque(struct teeio_spdm_response *rsp)
{
    static const uint8_t opaque[] = {
        1,
        0,
        0,
        0,
        TEEIO_SPDM_REGISTRY_DMTF,
        0,
        4,
        0,
        TEEIO_SPDM_SM_DATA_VERSION,
        TEEIO_SPDM_SM_VERSION_SELECTION,
        0,
        TEEIO_SPDM_SM_11,
    };

    teeio_spdm_put_number(rsp, sizeof(opaque), 2);
    teeio_spdm_put(rsp, opaque, sizeof(opaque));
}

static struct teeio_spdm_session *free_session(struct teeio_spdm *spdm)
{
    for (unsigned i = 0; i < TEEIO_SPDM_SESSIONS; i++) {
        if (!spdm->sessions[i].phase) {
            return &spdm->sessions[i];
        }
    }
    return NULL;
}

/* RspSessionID: never 0, and no id that is in use. */
static uint32_t new_session_id(struct teeio_spdm *spdm, uint16_t half)
{
    uint32_t id;

    do {
        spdm->last_session++;
        id = half | (uint32_t)spdm->last_session << 16;
    } while (!spdm->last_session || teeio_spdm_find_session(spdm, id));
    return id;
}

/* What is wrong with a KEY_EXCHANGE; @len: its length without padding. */
static uint8_t check(const struct teeio_spdm *spdm,
                     const struct teeio_spdm_request *req, size_t *len)
{
    const struct teeio_spdm_algorithms *chosen = &spdm->algorithms;
    uint32_t needs = TEEIO_SPDM_ENCRYPT_CAP | TEEIO_SPDM_MAC_CAP;
    size_t at =
        TEEIO_SPDM_KEX_EXCHANGE + 2 * teeio_spdm_curve_size(chosen->dhe);
    size_t opaque;

    if (!chosen->dhe || !chosen->aead || !chosen->schedule ||
        (spdm->peer_caps & needs) != needs) {
        /* DSP0274 "Connection behavior after VCA": nothing was agreed on. */
        return TEEIO_SPDM_UNEXPECTED_REQUEST;
    }
    if (req->len < at + 2 || req->param2 != SLOT ||
        !teeio_spdm_summary_valid(spdm, req->param1)) {
        /* DSP0274 "KEY_EXCHANGE": short, an empty slot, no such summary. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    if (spdm->version >= TEEIO_SPDM_13 &&
        (req->data[TEEIO_SPDM_KEX_POLICY] & TEEIO_SPDM_KEX_EVENT_ALL_POLICY)) {
        /* DSP0274 "Session policy": we have no events. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    opaque = teeio_spdm_number(req->data + at, 2);
    *len = at + 2 + opaque;
    if (opaque > TEEIO_SPDM_OPAQUE_MAX || *len > req->len || !chosen->opaque ||
        !knows_secured_messages(req->data + at + 2, opaque)) {
        /* DSP0277 "Opaque data": no version of secured messages in common. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    return 0;
}

static uint8_t put_body(struct teeio_spdm *spdm,
                        const struct teeio_spdm_request *req, uint32_t id,
                        uint8_t *shared, struct teeio_spdm_response *rsp)
{
    bool heartbeat = spdm->own_caps & spdm->peer_caps & TEEIO_SPDM_HBEAT_CAP;
    uint16_t group = spdm->algorithms.dhe;
    uint8_t random[TEEIO_SPDM_NONCE];
    uint8_t point[TEEIO_SPDM_POINT];

    if (!teeio_spdm_ecdh(group, &spdm->rng, req->data + TEEIO_SPDM_KEX_EXCHANGE,
                         point, shared)) {
        /* RFC 8446 4.2.8.2: no point of the curve. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_KEY_EXCHANGE_RSP,
                          heartbeat ? spdm->config.heartbeat : 0, 0);
    teeio_spdm_put_number(rsp, id >> 16, 2);
    teeio_spdm_put_number(rsp, 0, 2);
    spdm->rng.random(spdm->rng.opaque, random, sizeof(random));
    teeio_spdm_put(rsp, random, sizeof(random));
    teeio_spdm_put(rsp, point, 2 * teeio_spdm_curve_size(group));
    teeio_spdm_put_summary(spdm, req->param1, rsp);
    put_opaque(rsp);
    return 0;
}

/* Signature, keys of the handshake, ResponderVerifyData. */
static uint8_t begin(struct teeio_spdm *spdm,
                     struct teeio_spdm_session *session, const uint8_t *request,
                     size_t len, const uint8_t *shared,
                     struct teeio_spdm_response *rsp)
{
    size_t hash_size = teeio_spdm_hash_size(spdm->algorithms.hash);
    struct teeio_spdm_hash *th = &session->th;
    uint8_t digest[TEEIO_SPDM_HASH_MAX];
    size_t body = rsp->len;

    teeio_spdm_hash_init(th, spdm->algorithms.hash);
    teeio_spdm_hash_update(th, spdm->vca, spdm->vca_len);
    teeio_spdm_chain_digest(spdm, digest);
    teeio_spdm_hash_update(th, digest, hash_size);
    teeio_spdm_hash_update(th, request, len);
    teeio_spdm_hash_update(th, rsp->data, body);
    if (!teeio_spdm_sign(spdm, th, "key_exchange_rsp signing", rsp)) {
        return TEEIO_SPDM_UNSPECIFIED;
    }
    teeio_spdm_hash_update(th, rsp->data + body, rsp->len - body);
    teeio_spdm_keys_handshake(spdm, session, shared,
                              teeio_spdm_curve_size(spdm->algorithms.dhe));
    teeio_spdm_verify_data(spdm, session, &session->response, digest);
    teeio_spdm_put(rsp, digest, hash_size);
    teeio_spdm_hash_update(th, digest, hash_size);
    session->phase = TEEIO_SPDM_HANDSHAKE;
    session->heard = teeio_spdm_now(spdm);
    return 0;
}

uint8_t teeio_spdm_do_key_exchange(struct teeio_spdm *spdm,
                                   const struct teeio_spdm_request *req,
                                   struct teeio_spdm_response *rsp)
{
    struct teeio_spdm_session *session = free_session(spdm);
    size_t tail = teeio_spdm_signature_size(spdm) +
                  teeio_spdm_hash_size(spdm->algorithms.hash);
    uint8_t shared[TEEIO_SPDM_COORDINATE];
    uint8_t error;
    uint16_t half;
    size_t len;

    error = check(spdm, req, &len);
    if (error) {
        return error;
    }
    if (!session) {
        /* DSP0274 "ERROR": as many sessions as we keep. */
        return TEEIO_SPDM_SESSION_LIMIT_EXCEEDED;
    }
    half = teeio_spdm_number(req->data + TEEIO_SPDM_KEX_SESSION, 2);
    session->id = new_session_id(spdm, half);
    error = put_body(spdm, req, session->id, shared, rsp);
    if (!error && teeio_spdm_fits(rsp, tail)) {
        error = begin(spdm, session, req->data, len, shared, rsp);
    } else {
        rsp->len += tail;
    }
    teeio_spdm_wipe(shared, sizeof(shared));
    return error;
}

uint8_t teeio_spdm_do_finish(struct teeio_spdm *spdm,
                             const struct teeio_spdm_request *req,
                             struct teeio_spdm_response *rsp)
{
    size_t hash_size = teeio_spdm_hash_size(spdm->algorithms.hash);
    struct teeio_spdm_session *session = req->session;
    uint8_t mac[TEEIO_SPDM_HASH_MAX];

    if (req->len < TEEIO_SPDM_HEADER + hash_size || req->param1) {
        /* DSP0274 "FINISH": short, or with a signature we never asked for. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    teeio_spdm_hash_update(&session->th, req->data, TEEIO_SPDM_HEADER);
    teeio_spdm_verify_data(spdm, session, &session->request, mac);
    if (!memeql_sec(mac, req->data + TEEIO_SPDM_HEADER, hash_size)) {
        /* DSP0274 "ERROR": the handshake does not verify; that ends it. */
        session->after = TEEIO_SPDM_AFTER_END;
        return TEEIO_SPDM_DECRYPT_ERROR;
    }
    teeio_spdm_hash_update(&session->th, mac, hash_size);
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_FINISH_RSP, 0, 0);
    teeio_spdm_hash_update(&session->th, rsp->data, rsp->len);
    session->after = TEEIO_SPDM_AFTER_APPLICATION;
    return 0;
}
