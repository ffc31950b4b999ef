/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* DSP0274 "Key schedule". */
#include <string.h>

#include "spdm-internal.h"

#define LABEL_MAX   16
#define VERSION_LEN 8

/* HKDF-Expand of @secret with BinConcat(@len, version, @label, @context). */
static void derive(const struct teeio_spdm *spdm, const uint8_t *secret,
                   const char *label, const uint8_t *context, uint8_t *out,
                   size_t len)
{
    uint8_t info[2 + VERSION_LEN + LABEL_MAX + TEEIO_SPDM_HASH_MAX];
    size_t context_len = teeio_spdm_hash_size(spdm->algorithms.hash);
    size_t label_len = strlen(label);
    size_t used = 2 + VERSION_LEN + label_len;

    info[0] = len;
    info[1] = len >> 8;
    memcpy(info + 2, "spdm1.2 ", VERSION_LEN);
    info[2 + 6] = '0' + (spdm->version & 0xf);
    memcpy(info + 2 + VERSION_LEN, label, label_len);
    if (context) {
        memcpy(info + used, context, context_len);
        used += context_len;
    }
    teeio_spdm_hkdf_expand(spdm->algorithms.hash, secret, info, used, out, len);
}

/* Key and IV from the secret of a direction; its numbers begin again. */
static void set_keys(const struct teeio_spdm *spdm,
                     struct teeio_spdm_keys *keys)
{
    memset(keys->key, 0, sizeof(keys->key));
    derive(spdm, keys->secret, "key", NULL, keys->key,
           teeio_spdm_aead_key(spdm->algorithms.aead));
    derive(spdm, keys->secret, "iv", NULL, keys->iv, sizeof(keys->iv));
    keys->sequence = 0;
}

void teeio_spdm_keys_handshake(struct teeio_spdm *spdm,
                               struct teeio_spdm_session *session,
                               const uint8_t *shared, size_t shared_len)
{
    size_t size = teeio_spdm_hash_size(spdm->algorithms.hash);
    uint8_t zeros[TEEIO_SPDM_HASH_MAX] = {0};
    uint8_t th1[TEEIO_SPDM_HASH_MAX];

    teeio_spdm_hash_peek(&session->th, th1);
    teeio_spdm_hmac(spdm->algorithms.hash, zeros, size, shared, shared_len,
                    session->secret);
    derive(spdm, session->secret, "req hs data", th1, session->request.secret,
           size);
    derive(spdm, session->secret, "rsp hs data", th1, session->response.secret,
           size);
    set_keys(spdm, &session->request);
    set_keys(spdm, &session->response);
}

void teeio_spdm_keys_application(struct teeio_spdm *spdm,
                                 struct teeio_spdm_session *session)
{
    size_t size = teeio_spdm_hash_size(spdm->algorithms.hash);
    uint8_t zeros[TEEIO_SPDM_HASH_MAX] = {0};
    uint8_t master[TEEIO_SPDM_HASH_MAX];
    uint8_t salt[TEEIO_SPDM_HASH_MAX];
    uint8_t th2[TEEIO_SPDM_HASH_MAX];

    teeio_spdm_hash_peek(&session->th, th2);
    derive(spdm, session->secret, "derived", NULL, salt, size);
    teeio_spdm_hmac(spdm->algorithms.hash, salt, size, zeros, size, master);
    derive(spdm, master, "req app data", th2, session->request.secret, size);
    derive(spdm, master, "rsp app data", th2, session->response.secret, size);
    set_keys(spdm, &session->request);
    set_keys(spdm, &session->response);
    teeio_spdm_wipe(session->secret, sizeof(session->secret));
    teeio_spdm_wipe(&session->th, sizeof(session->th));
    teeio_spdm_wipe(master, sizeof(master));
    teeio_spdm_wipe(salt, sizeof(salt));
}

void teeio_spdm_keys_update(struct teeio_spdm *spdm,
                            struct teeio_spdm_keys *keys)
{
    uint8_t next[TEEIO_SPDM_HASH_MAX] = {0};

    derive(spdm, keys->secret, "traffic upd", NULL, next,
           teeio_spdm_hash_size(spdm->algorithms.hash));
    memcpy(keys->secret, next, sizeof(next));
    set_keys(spdm, keys);
    teeio_spdm_wipe(next, sizeof(next));
}

void teeio_spdm_verify_data(struct teeio_spdm *spdm,
                            const struct teeio_spdm_session *session,
                            const struct teeio_spdm_keys *keys, uint8_t *mac)
{
    size_t size = teeio_spdm_hash_size(spdm->algorithms.hash);
    uint8_t finished[TEEIO_SPDM_HASH_MAX];
    uint8_t th[TEEIO_SPDM_HASH_MAX];

    derive(spdm, keys->secret, "finished", NULL, finished, size);
    teeio_spdm_hash_peek(&session->th, th);
    teeio_spdm_hmac(spdm->algorithms.hash, finished, size, th, size, mac);
    teeio_spdm_wipe(finished, sizeof(finished));
}
