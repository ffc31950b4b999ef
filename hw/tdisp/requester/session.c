/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* KEY_EXCHANGE to END_SESSION. */
#include <string.h>

#include "../../bytes.h"
#include "requester-internal.h"

#define SLOT 0
/* KEY_EXCHANGE_RSP */
#define RSP_SESSION  4
#define RSP_MUT_AUTH 6
#define RSP_RANDOM   8
#define RSP_EXCHANGE (RSP_RANDOM + TEEIO_SPDM_NONCE)

/* DSP0277 "Supported version list data": 1.1, padded to four bytes. */
static const uint8_t own_opaque[] = {
    1,
    0,
    0,
    0,
    TEEIO_SPDM_REGISTRY_DMTF,
    0,
    5,
    0,
    TEEIO_SPDM_SM_DATA_VERSION,
    TEEIO_SPDM_SM_SUPPORTED_VERSIONS,
    1,
    0,
    TEEIO_SPDM_SM_11,
    0,
    0,
    0,
};

/* What the device must choose (DSP0277 "Version selection data"). */
static const uint8_t chosen_opaque[] = {TEEIO_SPDM_REGISTRY_DMTF,
                                        0,
                                        4,
                                        0,
                                        TEEIO_SPDM_SM_DATA_VERSION,
                                        TEEIO_SPDM_SM_VERSION_SELECTION,
                                        0,
                                        TEEIO_SPDM_SM_11};

#define KEX_MAX \
    (TEEIO_SPDM_KEX_EXCHANGE + TEEIO_SPDM_POINT + 2 + sizeof(own_opaque))

static teeio_result fail(struct teeio_requester *r, const char *what,
                         teeio_result result)
{
    teeio_requester_drop(r);
    return teeio_requester_fail(r, what, result, 0);
}

static size_t make_exchange(struct teeio_requester *r, uint16_t id,
                            const uint8_t *point, uint8_t *request)
{
    size_t at = TEEIO_SPDM_KEX_EXCHANGE + 2 * teeio_spdm_curve_size(r->dhe);

    memset(request, 0, KEX_MAX);
    teeio_requester_head(r, request, TEEIO_SPDM_KEY_EXCHANGE,
                         TEEIO_SPDM_SUMMARY_NONE, SLOT);
    teeio_put_le(request + TEEIO_SPDM_KEX_SESSION, id, 2);
    r->rng.random(r->rng.opaque, request + TEEIO_SPDM_KEX_RANDOM,
                  TEEIO_SPDM_NONCE);
    memcpy(request + TEEIO_SPDM_KEX_EXCHANGE, point,
           2 * teeio_spdm_curve_size(r->dhe));
    teeio_put_le(request + at, sizeof(own_opaque), 2);
    memcpy(request + at + 2, own_opaque, sizeof(own_opaque));
    return at + 2 + sizeof(own_opaque);
}

/*
 * TH up to the signature, the signature, the handshake keys, the HMAC.
 * @at: where the signature begins
 */
static teeio_result verify_exchange(struct teeio_requester *r,
                                    const struct teeio_requester_ask *ask,
                                    size_t at, const uint8_t *scalar)
{
    struct teeio_requester_session *session = &r->session;
    size_t hash_size = teeio_spdm_hash_size(r->hash);
    size_t signature = teeio_requester_signature_size(r);
    uint8_t shared[TEEIO_SPDM_COORDINATE];
    uint8_t digest[TEEIO_SPDM_HASH_MAX];

    teeio_spdm_hash_init(&session->th, r->hash);
    teeio_spdm_hash_update(&session->th, r->vca, r->vca_len);
    teeio_spdm_digest(r->hash, r->chain, r->chain_len, digest);
    teeio_spdm_hash_update(&session->th, digest, hash_size);
    teeio_spdm_hash_update(&session->th, ask->request, ask->len);
    teeio_spdm_hash_update(&session->th, ask->answer, at);
    if (!teeio_requester_signed(r, &session->th, "key_exchange_rsp signing",
                                ask->answer + at)) {
        return fail(r, ask->what, TEEIO_REQUESTER_BAD_SIGNATURE);
    }
    teeio_spdm_hash_update(&session->th, ask->answer + at, signature);
    if (!teeio_spdm_ecdh_end(r->dhe, scalar, ask->answer + RSP_EXCHANGE,
                             shared)) {
        /* RFC 8446 4.2.8.2: no point of the curve. */
        return fail(r, ask->what, TEEIO_REQUESTER_MALFORMED);
    }
    teeio_requester_keys_handshake(r, shared, teeio_spdm_curve_size(r->dhe));
    teeio_spdm_wipe(shared, sizeof(shared));
    teeio_requester_finished(r, &session->response, digest);
    if (memcmp(digest, ask->answer + at + signature, hash_size)) {
        /* DSP0274 "KEY_EXCHANGE_RSP": ResponderVerifyData. */
        return fail(r, ask->what, TEEIO_REQUESTER_NOT_AUTHENTIC);
    }
    teeio_spdm_hash_update(&session->th, digest, hash_size);
    return TEEIO_REQUESTER_OK;
}

static teeio_result exchange_keys(struct teeio_requester *r, uint16_t id,
                                  const uint8_t *scalar, const uint8_t *point)
{
    uint8_t request[KEX_MAX];
    struct teeio_requester_ask ask = {"KEY_EXCHANGE_RSP",
                                      request,
                                      make_exchange(r, id, point, request),
                                      TEEIO_SPDM_KEY_EXCHANGE_RSP,
                                      NULL,
                                      0};
    size_t at = RSP_EXCHANGE + 2 * teeio_spdm_curve_size(r->dhe);
    size_t opaque = at + 2 + TEEIO_SPDM_OPAQUE_HEADER;
    teeio_result result = teeio_requester_say(r, &ask);

    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (!teeio_requester_opaque(&ask, &at) ||
        !teeio_requester_ends(r, &ask,
                              at + teeio_requester_signature_size(r) +
                                  teeio_spdm_hash_size(r->hash))) {
        return fail(r, ask.what, TEEIO_REQUESTER_MALFORMED);
    }
    if (at < opaque + sizeof(chosen_opaque) ||
        memcmp(ask.answer + opaque, chosen_opaque, sizeof(chosen_opaque) - 2) ||
        ask.answer[opaque + sizeof(chosen_opaque) - 1] != TEEIO_SPDM_SM_11 ||
        ask.answer[RSP_MUT_AUTH]) {
        /* DSP0277 "Opaque data"; and nobody offered to authenticate us. */
        return fail(r, ask.what, TEEIO_REQUESTER_UNSUPPORTED);
    }
    result = verify_exchange(r, &ask, at, scalar);
    if (result == TEEIO_REQUESTER_OK) {
        r->session.heartbeat = ask.answer[TEEIO_SPDM_PARAM1_OFFSET];
        r->session.id = id | (uint32_t)teeio_get_le(ask.answer + RSP_SESSION, 2)
                                 << 16;
    }
    return result;
}

static teeio_result finish(struct teeio_requester *r)
{
    size_t hash_size = teeio_spdm_hash_size(r->hash);
    struct teeio_requester_session *session = &r->session;
    uint8_t request[TEEIO_SPDM_HEADER + TEEIO_SPDM_HASH_MAX];
    struct teeio_requester_ask ask = {
        "FINISH_RSP",          request, TEEIO_SPDM_HEADER + hash_size,
        TEEIO_SPDM_FINISH_RSP, NULL,    0};
    teeio_result result;

    teeio_requester_head(r, request, TEEIO_SPDM_FINISH, 0, 0);
    teeio_spdm_hash_update(&session->th, request, TEEIO_SPDM_HEADER);
    teeio_requester_finished(r, &session->request, request + TEEIO_SPDM_HEADER);
    teeio_spdm_hash_update(&session->th, request + TEEIO_SPDM_HEADER,
                           hash_size);
    result = teeio_requester_say(r, &ask);
    if (result != TEEIO_REQUESTER_OK) {
        teeio_requester_drop(r);
        return result;
    }
    if (!teeio_requester_ends(r, &ask, TEEIO_SPDM_HEADER)) {
        return fail(r, ask.what, TEEIO_REQUESTER_MALFORMED);
    }
    teeio_spdm_hash_update(&session->th, ask.answer, TEEIO_SPDM_HEADER);
    teeio_requester_keys_application(r);
    session->open = true;
    return TEEIO_REQUESTER_OK;
}

teeio_result teeio_requester_open(struct teeio_requester *r)
{
    static const char what[] = "KEY_EXCHANGE";
    uint8_t scalar[TEEIO_SPDM_COORDINATE];
    uint8_t point[TEEIO_SPDM_POINT];
    teeio_result result = teeio_requester_need(r, what, false);
    uint16_t id = 0;

    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (r->session.open) {
        teeio_requester_end(r);
    }
    /* DSP0274 "KEY_EXCHANGE": neither half of an id is 0. */
    r->rng.random(r->rng.opaque, &id, sizeof(id));
    if (!teeio_spdm_ecdh_begin(r->dhe, &r->rng, scalar, point)) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_NO_RANDOM, 0);
    }
    result = exchange_keys(r, id ? id : 1, scalar, point);
    teeio_spdm_wipe(scalar, sizeof(scalar));
    return result == TEEIO_REQUESTER_OK ? finish(r) : result;
}

/* A request that is a header, and so is its answer. */
static teeio_result say4(struct teeio_requester *r, const char *what,
                         uint8_t code, uint8_t param1, uint8_t param2)
{
    uint8_t request[TEEIO_SPDM_HEADER];
    struct teeio_requester_ask ask = {what,        request, sizeof(request),
                                      code & 0x7f, NULL,    0};
    teeio_result result;

    teeio_requester_head(r, request, code, param1, param2);
    result = teeio_requester_say(r, &ask);
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (!teeio_requester_ends(r, &ask, TEEIO_SPDM_HEADER)) {
        return fail(r, what, TEEIO_REQUESTER_MALFORMED);
    }
    if (ask.answer[TEEIO_SPDM_PARAM1_OFFSET] != param1 ||
        ask.answer[TEEIO_SPDM_PARAM2_OFFSET] != param2) {
        return fail(r, what, TEEIO_REQUESTER_UNEXPECTED);
    }
    return TEEIO_REQUESTER_OK;
}

teeio_result teeio_requester_heartbeat(struct teeio_requester *r)
{
    static const char what[] = "HEARTBEAT_ACK";
    teeio_result result = teeio_requester_need(r, what, true);

    return result == TEEIO_REQUESTER_OK
               ? say4(r, what, TEEIO_SPDM_HEARTBEAT, 0, 0)
               : result;
}

/*
 * DSP0274 "KEY_UPDATE": the request still goes under the old key; an answer
 * when all keys change comes under the new one already.
 */
teeio_result teeio_requester_key_update(struct teeio_requester *r, bool all)
{
    static const char what[] = "KEY_UPDATE_ACK";
    teeio_result result = teeio_requester_need(r, what, true);
    struct teeio_requester_session *session = &r->session;

    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (!(r->caps & TEEIO_SPDM_KEY_UPD_CAP)) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_UNSUPPORTED, 0);
    }
    if (all) {
        teeio_requester_keys_update(r, &session->response);
    }
    result = say4(r, what, TEEIO_SPDM_KEY_UPDATE,
                  all ? TEEIO_SPDM_UPDATE_ALL_KEYS : TEEIO_SPDM_UPDATE_KEY,
                  session->tag++);
    if (result == TEEIO_REQUESTER_OK) {
        teeio_requester_keys_update(r, &session->request);
        result = say4(r, what, TEEIO_SPDM_KEY_UPDATE, TEEIO_SPDM_VERIFY_NEW_KEY,
                      session->tag++);
    }
    if (result != TEEIO_REQUESTER_OK) {
        /* Which keys the device has now, nobody knows. */
        teeio_requester_drop(r);
    }
    return result;
}

teeio_result teeio_requester_end(struct teeio_requester *r)
{
    static const char what[] = "END_SESSION_ACK";
    teeio_result result = teeio_requester_need(r, what, true);

    if (result == TEEIO_REQUESTER_OK) {
        result = say4(r, what, TEEIO_SPDM_END_SESSION, 0, 0);
        teeio_requester_drop(r);
    }
    return result;
}
