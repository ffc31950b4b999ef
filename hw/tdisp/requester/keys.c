/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* DSP0274 "Key schedule", derived a second time, on this side. */
#include <string.h>

#include "../../bytes.h"
#include "requester-internal.h"

/* BinConcat: length u16, "spdm1.x ", a label, the digest of a transcript. */
#define BIN_VERSION 8
#define BIN_LABEL   16
#define BIN_MAX     (2 + BIN_VERSION + BIN_LABEL + TEEIO_SPDM_HASH_MAX)

static void expand(const struct teeio_requester *r, const uint8_t *secret,
                   const char *label, const struct teeio_spdm_hash *th,
                   uint8_t *out, size_t len)
{
    uint8_t version[BIN_VERSION] = {'s', 'p', 'd', 'm', '1', '.', '0', ' '};
    uint8_t bin[BIN_MAX];
    size_t at = 2;

    version[6] += r->version & 0xf;
    teeio_put_le(bin, len, 2);
    memcpy(bin + at, version, BIN_VERSION);
    at += BIN_VERSION;
    memcpy(bin + at, label, strlen(label));
    at += strlen(label);
    if (th) {
        teeio_spdm_hash_peek(th, bin + at);
        at += teeio_spdm_hash_size(r->hash);
    }
    teeio_spdm_hkdf_expand(r->hash, secret, bin, at, out, len);
}

static void start(const struct teeio_requester *r,
                  struct teeio_requester_keys *keys)
{
    expand(r, keys->secret, "key", NULL, keys->key,
           teeio_spdm_aead_key(r->aead));
    expand(r, keys->secret, "iv", NULL, keys->iv, sizeof(keys->iv));
    keys->sequence = 0;
}

/* Both directions of one phase, from its secret and TH. */
static void both(struct teeio_requester *r, const uint8_t *secret,
                 const char *request, const char *response)
{
    struct teeio_requester_session *session = &r->session;
    size_t size = teeio_spdm_hash_size(r->hash);

    expand(r, secret, request, &session->th, session->request.secret, size);
    expand(r, secret, response, &session->th, session->response.secret, size);
    start(r, &session->request);
    start(r, &session->response);
}

void teeio_requester_keys_handshake(struct teeio_requester *r,
                                    const uint8_t *shared, size_t len)
{
    const uint8_t zeros[TEEIO_SPDM_HASH_MAX] = {0};

    teeio_spdm_hmac(r->hash, zeros, teeio_spdm_hash_size(r->hash), shared, len,
                    r->session.secret);
    both(r, r->session.secret, "req hs data", "rsp hs data");
}

void teeio_requester_keys_application(struct teeio_requester *r)
{
    size_t size = teeio_spdm_hash_size(r->hash);
    const uint8_t zeros[TEEIO_SPDM_HASH_MAX] = {0};
    uint8_t salt[TEEIO_SPDM_HASH_MAX];
    uint8_t master[TEEIO_SPDM_HASH_MAX];

    expand(r, r->session.secret, "derived", NULL, salt, size);
    teeio_spdm_hmac(r->hash, salt, size, zeros, size, master);
    both(r, master, "req app data", "rsp app data");
    teeio_spdm_wipe(salt, sizeof(salt));
    teeio_spdm_wipe(master, sizeof(master));
    teeio_spdm_wipe(r->session.secret, sizeof(r->session.secret));
    teeio_spdm_wipe(&r->session.th, sizeof(r->session.th));
}

void teeio_requester_keys_update(const struct teeio_requester *r,
                                 struct teeio_requester_keys *keys)
{
    uint8_t next[TEEIO_SPDM_HASH_MAX] = {0};

    expand(r, keys->secret, "traffic upd", NULL, next,
           teeio_spdm_hash_size(r->hash));
    memcpy(keys->secret, next, sizeof(next));
    teeio_spdm_wipe(next, sizeof(next));
    start(r, keys);
}

void teeio_requester_finished(const struct teeio_requester *r,
                              const struct teeio_requester_keys *keys,
                              uint8_t *mac)
{
    size_t size = teeio_spdm_hash_size(r->hash);
    uint8_t key[TEEIO_SPDM_HASH_MAX];
    uint8_t digest[TEEIO_SPDM_HASH_MAX];

    expand(r, keys->secret, "finished", NULL, key, size);
    teeio_spdm_hash_peek(&r->session.th, digest);
    teeio_spdm_hmac(r->hash, key, size, digest, size, mac);
    teeio_spdm_wipe(key, sizeof(key));
}
