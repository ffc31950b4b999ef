/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* DSP0277 1.1, encryption and authentication, as carried by PCIe DOE. */
#include <string.h>

#include "spdm-internal.h"

/* What an object is padded with to a multiple of four bytes. */
#define PADDING 3

/* DSP0277 "Nonce": the IV, combined with the number of the message. */
static void next_nonce(struct teeio_spdm_keys *keys, uint8_t *nonce)
{
    memcpy(nonce, keys->iv, TEEIO_SPDM_IV);
    for (unsigned i = 0; i < 8; i++) {
        nonce[i] ^= keys->sequence >> 8 * i;
    }
    keys->sequence++;
}

/*
 * Returns: the length of the message, now in spdm->plain; 0 when it is not
 * authentic or not well-formed.
 */
static size_t open_message(struct teeio_spdm *spdm,
                           struct teeio_spdm_session *session,
                           const uint8_t *record, size_t sealed)
{
    uint8_t nonce[TEEIO_SPDM_IV];
    size_t len;

    if (session->request.sequence == UINT64_MAX) {
        return 0;
    }
    next_nonce(&session->request, nonce);
    if (!teeio_spdm_unseal(spdm->algorithms.aead, session->request.key, nonce,
                           record, TEEIO_SPDM_SECURED_HEADER,
                           record + TEEIO_SPDM_SECURED_HEADER, sealed,
                           spdm->plain)) {
        return 0;
    }
    len = teeio_spdm_number(spdm->plain, TEEIO_SPDM_SECURED_APP_LENGTH);
    return len <= sealed - TEEIO_SPDM_SECURED_APP_LENGTH ? len : 0;
}

static size_t seal_message(struct teeio_spdm *spdm,
                           struct teeio_spdm_session *session, size_t len,
                           uint8_t *record)
{
    size_t sealed = len + TEEIO_SPDM_SECURED_APP_LENGTH;
    size_t rest = sealed + TEEIO_SPDM_SECURED_TAG;
    uint8_t *body = record + TEEIO_SPDM_SECURED_HEADER;
    uint8_t nonce[TEEIO_SPDM_IV];

    for (unsigned i = 0; i < 4; i++) {
        record[i] = session->id >> 8 * i;
    }
    record[TEEIO_SPDM_SECURED_LENGTH] = rest;
    record[TEEIO_SPDM_SECURED_LENGTH + 1] = rest >> 8;
    body[0] = len;
    body[1] = len >> 8;
    memcpy(body + TEEIO_SPDM_SECURED_APP_LENGTH, spdm->answer, len);
    next_nonce(&session->response, nonce);
    teeio_spdm_seal(spdm->algorithms.aead, session->response.key, nonce, record,
                    TEEIO_SPDM_SECURED_HEADER, body, sealed);
    return TEEIO_SPDM_SECURED_HEADER + rest;
}

static void follow_up(struct teeio_spdm *spdm,
                      struct teeio_spdm_session *session)
{
    enum teeio_spdm_after after = session->after;

    session->after = TEEIO_SPDM_AFTER_NOTHING;
    switch (after) {
    case TEEIO_SPDM_AFTER_APPLICATION:
        teeio_spdm_keys_application(spdm, session);
        session->phase = TEEIO_SPDM_APPLICATION;
        break;
    case TEEIO_SPDM_AFTER_END:
        teeio_spdm_drop_session(spdm, session);
        break;
    default:
        break;
    }
}

size_t teeio_spdm_secured_message(struct teeio_spdm *spdm,
                                  const uint8_t *request, size_t len,
                                  uint8_t *response, size_t size)
{
    const size_t around = TEEIO_SPDM_SECURED_HEADER +
                          TEEIO_SPDM_SECURED_APP_LENGTH +
                          TEEIO_SPDM_SECURED_TAG;
    struct teeio_spdm_session *session;
    size_t answer;
    size_t rest;

    if (len < around || size < around) {
        return 0;
    }
    rest = teeio_spdm_number(request + TEEIO_SPDM_SECURED_LENGTH, 2);
    session = teeio_spdm_find_session(spdm, teeio_spdm_number(request, 4));
    /*
     * DSP0277 "Secured message format": lengths that make no sense, or a
     * session that does not exist. There is nobody to tell.
     */
    if (!session || rest < around - TEEIO_SPDM_SECURED_HEADER ||
        rest > len - TEEIO_SPDM_SECURED_HEADER ||
        len - TEEIO_SPDM_SECURED_HEADER - rest > PADDING ||
        rest - TEEIO_SPDM_SECURED_TAG > sizeof(spdm->plain)) {
        return 0;
    }
    len = open_message(spdm, session, request, rest - TEEIO_SPDM_SECURED_TAG);
    if (!len) {
        /* DSP0277 "Error handling": what does not verify ends the session. */
        teeio_spdm_drop_session(spdm, session);
        return 0;
    }
    session->heard = teeio_spdm_now(spdm);
    answer = teeio_spdm_answer(spdm, session,
                               spdm->plain + TEEIO_SPDM_SECURED_APP_LENGTH, len,
                               size - around);
    if (answer) {
        answer = seal_message(spdm, session, answer, response);
    }
    follow_up(spdm, session);
    return answer;
}
