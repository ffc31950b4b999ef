/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "crypto.h"

#include <string.h>

#include <nettle/chacha-poly1305.h>
#include <nettle/gcm.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "teeio/spec/spdm.h"

_Static_assert(TEEIO_SPDM_HASH_MAX == SHA384_DIGEST_SIZE, "SHA-384 is longest");
_Static_assert(GCM_IV_SIZE == TEEIO_SPDM_IV &&
                   CHACHA_POLY1305_NONCE_SIZE == TEEIO_SPDM_IV,
               "all AEAD take the same IV");
_Static_assert(GCM_DIGEST_SIZE == TEEIO_SPDM_SECURED_TAG &&
                   CHACHA_POLY1305_DIGEST_SIZE == TEEIO_SPDM_SECURED_TAG,
               "all AEAD have the same tag");

void teeio_spdm_wipe(void *data, size_t len)
{
    volatile uint8_t *bytes = data;

    while (len--) {
        *bytes++ = 0;
    }
}

size_t teeio_spdm_hash_size(uint32_t algorithm)
{
    switch (algorithm) {
    case TEEIO_SPDM_SHA_256:
        return SHA256_DIGEST_SIZE;
    case TEEIO_SPDM_SHA_384:
        return SHA384_DIGEST_SIZE;
    default:
        return 0;
    }
}

void teeio_spdm_hash_init(struct teeio_spdm_hash *hash, uint32_t algorithm)
{
    memset(hash, 0, sizeof(*hash));
    hash->algorithm = algorithm;
    if (algorithm == TEEIO_SPDM_SHA_256) {
        sha256_init(&hash->u.sha256);
    } else {
        sha384_init(&hash->u.sha384);
    }
}

void teeio_spdm_hash_update(struct teeio_spdm_hash *hash, const void *data,
                            size_t len)
{
    if (hash->algorithm == TEEIO_SPDM_SHA_256) {
        sha256_update(&hash->u.sha256, len, data);
    } else {
        sha384_update(&hash->u.sha384, len, data);
    }
}

void teeio_spdm_hash_peek(const struct teeio_spdm_hash *hash, uint8_t *digest)
{
    struct teeio_spdm_hash copy = *hash;

    if (hash->algorithm == TEEIO_SPDM_SHA_256) {
        sha256_digest(&copy.u.sha256, SHA256_DIGEST_SIZE, digest);
    } else {
        sha384_digest(&copy.u.sha384, SHA384_DIGEST_SIZE, digest);
    }
}

void teeio_spdm_digest(uint32_t algorithm, const void *data, size_t len,
                       uint8_t *digest)
{
    struct teeio_spdm_hash hash;

    teeio_spdm_hash_init(&hash, algorithm);
    teeio_spdm_hash_update(&hash, data, len);
    teeio_spdm_hash_peek(&hash, digest);
}

void teeio_spdm_hmac(uint32_t algorithm, const uint8_t *key, size_t key_len,
                     const uint8_t *data, size_t len, uint8_t *mac)
{
    union {
        struct hmac_sha256_ctx sha256;
        struct hmac_sha384_ctx sha384;
    } u;

    if (algorithm == TEEIO_SPDM_SHA_256) {
        hmac_sha256_set_key(&u.sha256, key_len, key);
        hmac_sha256_update(&u.sha256, len, data);
        hmac_sha256_digest(&u.sha256, SHA256_DIGEST_SIZE, mac);
    } else {
        hmac_sha384_set_key(&u.sha384, key_len, key);
        hmac_sha384_update(&u.sha384, len, data);
        hmac_sha384_digest(&u.sha384, SHA384_DIGEST_SIZE, mac);
    }
    teeio_spdm_wipe(&u, sizeof(u));
}

/* hkdf_expand() calls through void pointers; these have that very type. */
static void update_256(void *ctx, size_t len, const uint8_t *data)
{
    hmac_sha256_update(ctx, len, data);
}

static void digest_256(void *ctx, size_t len, uint8_t *digest)
{
    hmac_sha256_digest(ctx, len, digest);
}

static void update_384(void *ctx, size_t len, const uint8_t *data)
{
    hmac_sha384_update(ctx, len, data);
}

static void digest_384(void *ctx, size_t len, uint8_t *digest)
{
    hmac_sha384_digest(ctx, len, digest);
}

void teeio_spdm_hkdf_expand(uint32_t algorithm, const uint8_t *prk,
                            const uint8_t *info, size_t info_len, uint8_t *out,
                            size_t len)
{
    union {
        struct hmac_sha256_ctx sha256;
        struct hmac_sha384_ctx sha384;
    } u;

    if (algorithm == TEEIO_SPDM_SHA_256) {
        hmac_sha256_set_key(&u.sha256, SHA256_DIGEST_SIZE, prk);
        hkdf_expand(&u.sha256, update_256, digest_256, SHA256_DIGEST_SIZE,
                    info_len, info, len, out);
    } else {
        hmac_sha384_set_key(&u.sha384, SHA384_DIGEST_SIZE, prk);
        hkdf_expand(&u.sha384, update_384, digest_384, SHA384_DIGEST_SIZE,
                    info_len, info, len, out);
    }
    teeio_spdm_wipe(&u, sizeof(u));
}

size_t teeio_spdm_aead_key(uint16_t algorithm)
{
    switch (algorithm) {
    case TEEIO_SPDM_AES_128_GCM:
        return AES128_KEY_SIZE;
    case TEEIO_SPDM_AES_256_GCM:
        return AES256_KEY_SIZE;
    case TEEIO_SPDM_CHACHA20_POLY1305:
        return CHACHA_POLY1305_KEY_SIZE;
    default:
        return 0;
    }
}

union aead {
    struct gcm_aes128_ctx aes128;
    struct gcm_aes256_ctx aes256;
    struct chacha_poly1305_ctx chacha;
};

/* One pass of either direction; nettle wants the key set for each message. */
static void aead_pass(uint16_t algorithm, bool encrypt, const uint8_t *key,
                      const uint8_t *iv, const uint8_t *aad, size_t aad_len,
                      const uint8_t *data, size_t len, uint8_t *out,
                      uint8_t *tag)
{
    union aead u;

    switch (algorithm) {
    case TEEIO_SPDM_AES_128_GCM:
        gcm_aes128_set_key(&u.aes128, key);
        gcm_aes128_set_iv(&u.aes128, TEEIO_SPDM_IV, iv);
        gcm_aes128_update(&u.aes128, aad_len, aad);
        (encrypt ? gcm_aes128_encrypt : gcm_aes128_decrypt)(&u.aes128, len, out,
                                                            data);
        gcm_aes128_digest(&u.aes128, TEEIO_SPDM_SECURED_TAG, tag);
        break;
    case TEEIO_SPDM_AES_256_GCM:
        gcm_aes256_set_key(&u.aes256, key);
        gcm_aes256_set_iv(&u.aes256, TEEIO_SPDM_IV, iv);
        gcm_aes256_update(&u.aes256, aad_len, aad);
        (encrypt ? gcm_aes256_encrypt : gcm_aes256_decrypt)(&u.aes256, len, out,
                                                            data);
        gcm_aes256_digest(&u.aes256, TEEIO_SPDM_SECURED_TAG, tag);
        break;
    default:
        chacha_poly1305_set_key(&u.chacha, key);
        chacha_poly1305_set_nonce(&u.chacha, iv);
        chacha_poly1305_update(&u.chacha, aad_len, aad);
        (encrypt ? chacha_poly1305_encrypt
                 : chacha_poly1305_decrypt)(&u.chacha, len, out, data);
        chacha_poly1305_digest(&u.chacha, TEEIO_SPDM_SECURED_TAG, tag);
        break;
    }
    teeio_spdm_wipe(&u, sizeof(u));
}

void teeio_spdm_seal(uint16_t algorithm, const uint8_t *key, const uint8_t *iv,
                     const uint8_t *aad, size_t aad_len, uint8_t *data,
                     size_t len)
{
    aead_pass(algorithm, true, key, iv, aad, aad_len, data, len, data,
              data + len);
}

bool teeio_spdm_unseal(uint16_t algorithm, const uint8_t *key,
                       const uint8_t *iv, const uint8_t *aad, size_t aad_len,
                       const uint8_t *data, size_t len, uint8_t *out)
{
    uint8_t tag[TEEIO_SPDM_SECURED_TAG];

    aead_pass(algorithm, false, key, iv, aad, aad_len, data, len, out, tag);
    if (!memeql_sec(tag, data + len, sizeof(tag))) {
        teeio_spdm_wipe(out, len);
        return false;
    }
    return true;
}
