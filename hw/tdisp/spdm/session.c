/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "spdm-internal.h"

#define NS_PER_SECOND 1000000000ull
/* DSP0274 "HEARTBEAT": so many periods without traffic end a session. */
#define PERIODS 2

struct teeio_spdm_session *teeio_spdm_find_session(struct teeio_spdm *spdm,
                                                   uint32_t id)
{
    for (unsigned i = 0; i < TEEIO_SPDM_SESSIONS; i++) {
        if (spdm->sessions[i].phase && spdm->sessions[i].id == id) {
            return &spdm->sessions[i];
        }
    }
    return NULL;
}

void teeio_spdm_drop_session(struct teeio_spdm *spdm,
                             struct teeio_spdm_session *session)
{
    bool open = session->phase == TEEIO_SPDM_APPLICATION;
    uint32_t id = session->id;

    if (spdm->large.request && spdm->large.session == id) {
        teeio_spdm_chunk_stop(spdm);
    }
    teeio_spdm_wipe(session, sizeof(*session));
    if (open && spdm->config.session_ended) {
        spdm->config.session_ended(spdm->config.opaque, id);
    }
}

void teeio_spdm_drop_sessions(struct teeio_spdm *spdm)
{
    for (unsigned i = 0; i < TEEIO_SPDM_SESSIONS; i++) {
        if (spdm->sessions[i].phase) {
            teeio_spdm_drop_session(spdm, &spdm->sessions[i]);
        }
    }
}

static bool heartbeat_on(const struct teeio_spdm *spdm)
{
    return spdm->config.heartbeat && spdm->config.clock &&
           (spdm->own_caps & spdm->peer_caps & TEEIO_SPDM_HBEAT_CAP);
}

uint64_t teeio_spdm_expire(struct teeio_spdm *spdm)
{
    uint64_t patience = spdm->config.heartbeat * PERIODS * NS_PER_SECOND;
    uint64_t next = UINT64_MAX;
    uint64_t now;

    if (!heartbeat_on(spdm)) {
        return next;
    }
    now = teeio_spdm_now(spdm);
    for (unsigned i = 0; i < TEEIO_SPDM_SESSIONS; i++) {
        struct teeio_spdm_session *session = &spdm->sessions[i];

        if (session->phase != TEEIO_SPDM_APPLICATION) {
            continue;
        }
        if (now - session->heard >= patience) {
            teeio_spdm_drop_session(spdm, session);
        } else if (session->heard + patience < next) {
            next = session->heard + patience;
        }
    }
    return next;
}

bool teeio_spdm_session_open(const struct teeio_spdm *spdm, uint32_t session)
{
    for (unsigned i = 0; i < TEEIO_SPDM_SESSIONS; i++) {
        if (spdm->sessions[i].phase == TEEIO_SPDM_APPLICATION &&
            spdm->sessions[i].id == session) {
            return true;
        }
    }
    return false;
}

unsigned teeio_spdm_session_count(const struct teeio_spdm *spdm)
{
    unsigned count = 0;

    for (unsigned i = 0; i < TEEIO_SPDM_SESSIONS; i++) {
        count += spdm->sessions[i].phase == TEEIO_SPDM_APPLICATION;
    }
    return count;
}

void teeio_spdm_end_session(struct teeio_spdm *spdm, uint32_t session)
{
    struct teeio_spdm_session *found = teeio_spdm_find_session(spdm, session);

    if (found) {
        teeio_spdm_drop_session(spdm, found);
    }
}

uint8_t teeio_spdm_do_heartbeat(struct teeio_spdm *spdm,
                                const struct teeio_spdm_request *req,
                                struct teeio_spdm_response *rsp)
{
    (void)req;
    if (!heartbeat_on(spdm)) {
        /* DSP0274 "HEARTBEAT": its period is 0, none is wanted. */
        return TEEIO_SPDM_UNEXPECTED_REQUEST;
    }
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_HEARTBEAT_ACK, 0, 0);
    return 0;
}

uint8_t teeio_spdm_do_end_session(struct teeio_spdm *spdm,
                                  const struct teeio_spdm_request *req,
                                  struct teeio_spdm_response *rsp)
{
    req->session->after = TEEIO_SPDM_AFTER_END;
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_END_SESSION_ACK, 0, 0);
    return 0;
}

/*
 * The request came under the old key of its direction. What the requester
 * sends next is under the new one; so is our answer when all keys change.
 */
uint8_t teeio_spdm_do_key_update(struct teeio_spdm *spdm,
                                 const struct teeio_spdm_request *req,
                                 struct teeio_spdm_response *rsp)
{
    struct teeio_spdm_session *session = req->session;
    bool verify = req->param1 == TEEIO_SPDM_VERIFY_NEW_KEY;

    if (req->param1 < TEEIO_SPDM_UPDATE_KEY ||
        req->param1 > TEEIO_SPDM_VERIFY_NEW_KEY) {
        /* DSP0274 "KEY_UPDATE operations": reserved. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    if (verify != !!session->update) {
        /* DSP0274 "KEY_UPDATE": each update is verified once, at once. */
        return TEEIO_SPDM_UNEXPECTED_REQUEST;
    }
    session->update = verify ? 0 : req->param1;
    if (!verify) {
        teeio_spdm_keys_update(spdm, &session->request);
    }
    if (req->param1 == TEEIO_SPDM_UPDATE_ALL_KEYS) {
        teeio_spdm_keys_update(spdm, &session->response);
    }
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_KEY_UPDATE_ACK, req->param1,
                          req->param2);
    return 0;
}
