/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* DSP0274 "Large SPDM message transfer mechanism". */
#include <string.h>

#include "spdm-internal.h"

/* The first chunk also tells the size of all. */
#define FIRST_EXTRA 4
#define ACK_HEADER  6

void teeio_spdm_chunk_stop(struct teeio_spdm *spdm)
{
    spdm->large.request = 0;
    spdm->large.len = 0;
    spdm->large.done = 0;
}

bool teeio_spdm_chunk_usable(const struct teeio_spdm *spdm)
{
    return spdm->own_caps & spdm->peer_caps & TEEIO_SPDM_CHUNK_CAP;
}

static uint32_t session_id(const struct teeio_spdm_session *session)
{
    return session ? session->id : 0;
}

uint8_t teeio_spdm_chunk_keep(struct teeio_spdm *spdm,
                              const struct teeio_spdm_session *session,
                              const struct teeio_spdm_response *rsp)
{
    struct teeio_spdm_large *large = &spdm->large;

    memcpy(large->data, rsp->data, rsp->len);
    large->request = TEEIO_SPDM_CHUNK_GET;
    large->session = session_id(session);
    large->handle++;
    large->next = 0;
    large->len = rsp->len;
    large->done = 0;
    return large->handle;
}

uint8_t teeio_spdm_do_chunk_get(struct teeio_spdm *spdm,
                                const struct teeio_spdm_request *req,
                                struct teeio_spdm_response *rsp)
{
    struct teeio_spdm_large *large = &spdm->large;
    size_t head = TEEIO_SPDM_CHUNK_DATA + (large->next ? 0 : FIRST_EXTRA);
    size_t len;
    bool last;

    if (large->request != TEEIO_SPDM_CHUNK_GET ||
        large->session != session_id(req->session)) {
        /* DSP0274 "CHUNK_GET": there is nothing to fetch. */
        return TEEIO_SPDM_UNEXPECTED_REQUEST;
    }
    if (req->len < TEEIO_SPDM_CHUNK_GET_SIZE || req->param2 != large->handle ||
        teeio_spdm_number(req->data + TEEIO_SPDM_CHUNK_SEQUENCE, 2) !=
            large->next) {
        /* DSP0274 "CHUNK_GET": another handle, or out of sequence. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    len = large->len - large->done;
    last = len <= rsp->limit - head;
    if (!last) {
        len = rsp->limit - head;
    }
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_CHUNK_RESPONSE,
                          last ? TEEIO_SPDM_CHUNK_LAST : 0, large->handle);
    teeio_spdm_put_number(rsp, large->next, 2);
    teeio_spdm_put_number(rsp, 0, 2);
    teeio_spdm_put_number(rsp, len, 4);
    if (!large->next) {
        teeio_spdm_put_number(rsp, large->len, FIRST_EXTRA);
    }
    teeio_spdm_put(rsp, large->data + large->done, len);
    large->done += len;
    large->next++;
    if (last) {
        teeio_spdm_chunk_stop(spdm);
    }
    return 0;
}

/*
 * One more chunk of a request, at least as long as the fixed part.
 * Returns: an error code when it does not continue what came before.
 */
static uint8_t take_chunk(struct teeio_spdm *spdm,
                          const struct teeio_spdm_request *req)
{
    struct teeio_spdm_large *large = &spdm->large;
    bool last = req->param1 & TEEIO_SPDM_CHUNK_LAST;
    size_t head = TEEIO_SPDM_CHUNK_DATA;
    uint16_t sequence;
    size_t len;

    sequence = teeio_spdm_number(req->data + TEEIO_SPDM_CHUNK_SEQUENCE, 2);
    len = teeio_spdm_number(req->data + TEEIO_SPDM_CHUNK_SIZE, 4);
    if (!sequence) {
        head += FIRST_EXTRA;
        if (req->len < head) {
            return TEEIO_SPDM_INVALID_REQUEST;
        }
        large->request = TEEIO_SPDM_CHUNK_SEND;
        large->session = session_id(req->session);
        large->handle = req->param2;
        large->next = 0;
        large->done = 0;
        large->len = teeio_spdm_number(req->data + TEEIO_SPDM_CHUNK_DATA, 4);
    }
    if (large->len > sizeof(large->data)) {
        return TEEIO_SPDM_REQUEST_TOO_LARGE;
    }
    if (large->request != TEEIO_SPDM_CHUNK_SEND || sequence != large->next ||
        large->session != session_id(req->session) ||
        large->handle != req->param2 || !len || len > req->len - head ||
        len > large->len - large->done ||
        last != (len == large->len - large->done)) {
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    memcpy(large->data + large->done, req->data + head, len);
    large->done += len;
    large->next++;
    return 0;
}

/* Answer the whole request, in @rsp behind the head of the ACK. */
static void answer_whole(struct teeio_spdm *spdm,
                         const struct teeio_spdm_request *req,
                         struct teeio_spdm_response *rsp)
{
    struct teeio_spdm_large *large = &spdm->large;
    uint8_t code = large->len < TEEIO_SPDM_HEADER
                       ? 0
                       : large->data[TEEIO_SPDM_CODE_OFFSET];

    if (code == TEEIO_SPDM_CHUNK_SEND || code == TEEIO_SPDM_CHUNK_GET ||
        code == TEEIO_SPDM_GET_VERSION) {
        /* DSP0274 "CHUNK_SEND": these are not sent in chunks. */
        teeio_spdm_put_error(spdm, rsp, TEEIO_SPDM_INVALID_REQUEST);
    } else {
        teeio_spdm_dispatch(spdm, req->session, large->data, large->len, rsp);
    }
}

uint8_t teeio_spdm_do_chunk_send(struct teeio_spdm *spdm,
                                 const struct teeio_spdm_request *req,
                                 struct teeio_spdm_response *rsp)
{
    struct teeio_spdm_large *large = &spdm->large;
    struct teeio_spdm_response inner = {
        .data = rsp->data + ACK_HEADER,
        .size = rsp->size - ACK_HEADER,
        .limit = rsp->limit - ACK_HEADER,
    };
    uint8_t error;

    if (req->len < TEEIO_SPDM_CHUNK_DATA) {
        /* DSP0274 "CHUNK_SEND": cut short. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    error = take_chunk(spdm, req);
    if (error) {
        /* DSP0274 "CHUNK_SEND_ACK": an error before the message is whole. */
        teeio_spdm_chunk_stop(spdm);
        teeio_spdm_put_error(spdm, &inner, error);
    } else if (large->done == large->len) {
        large->request = 0;
        answer_whole(spdm, req, &inner);
    }
    if (large->request == TEEIO_SPDM_CHUNK_GET) {
        /* DSP0274 "CHUNK_SEND_ACK": LargeResponse stands for itself. */
        memmove(rsp->data, inner.data, inner.len);
        rsp->len = inner.len;
        return 0;
    }
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_CHUNK_SEND_ACK,
                          error ? TEEIO_SPDM_CHUNK_EARLY_ERROR : 0,
                          req->param2);
    teeio_spdm_put(rsp, req->data + TEEIO_SPDM_CHUNK_SEQUENCE, 2);
    rsp->len += inner.len;
    return 0;
}
