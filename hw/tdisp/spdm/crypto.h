/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The algorithms that can be negotiated, each named by its bit in ALGORITHMS.
 */
#ifndef TEEIO_HW_SPDM_CRYPTO_H
#define TEEIO_HW_SPDM_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nettle/sha2.h>

#define TEEIO_SPDM_HASH_MAX 48
#define TEEIO_SPDM_KEY_SIZE 32
#define TEEIO_SPDM_IV       12
/* One coordinate or scalar of the largest curve. */
#define TEEIO_SPDM_COORDINATE 48
#define TEEIO_SPDM_POINT      (2 * TEEIO_SPDM_COORDINATE)

/**
 * struct teeio_spdm_hash - a digest in the making
 * @algorithm: TEEIO_SPDM_SHA_*
 */
struct teeio_spdm_hash {
    uint32_t algorithm;
    union {
        struct sha256_ctx sha256;
        struct sha512_ctx sha384;
    } u;
};

/** teeio_spdm_hash_size() - bytes of a digest, 0 for no algorithm of ours */
size_t teeio_spdm_hash_size(uint32_t algorithm);

void teeio_spdm_hash_init(struct teeio_spdm_hash *hash, uint32_t algorithm);
void teeio_spdm_hash_update(struct teeio_spdm_hash *hash, const void *data,
                            size_t len);

/** teeio_spdm_hash_peek() - the digest so far; more may follow */
void teeio_spdm_hash_peek(const struct teeio_spdm_hash *hash, uint8_t *digest);

void teeio_spdm_digest(uint32_t algorithm, const void *data, size_t len,
                       uint8_t *digest);

void teeio_spdm_hmac(uint32_t algorithm, const uint8_t *key, size_t key_len,
                     const uint8_t *data, size_t len, uint8_t *mac);

/** teeio_spdm_hkdf_expand() - RFC 5869 2.3; @prk has the size of a digest */
void teeio_spdm_hkdf_expand(uint32_t algorithm, const uint8_t *prk,
                            const uint8_t *info, size_t info_len, uint8_t *out,
                            size_t len);

/** teeio_spdm_aead_key() - bytes of a key, 0 for no algorithm of ours */
size_t teeio_spdm_aead_key(uint16_t algorithm);

/** teeio_spdm_seal() - encrypt @data in place, put the tag behind it */
void teeio_spdm_seal(uint16_t algorithm, const uint8_t *key, const uint8_t *iv,
                     const uint8_t *aad, size_t aad_len, uint8_t *data,
                     size_t len);

/**
 * teeio_spdm_unseal() - decrypt @len bytes and check the tag behind them
 *
 * Returns: false, with @out wiped, when they are not authentic.
 */
bool teeio_spdm_unseal(uint16_t algorithm, const uint8_t *key,
                       const uint8_t *iv, const uint8_t *aad, size_t aad_len,
                       const uint8_t *data, size_t len, uint8_t *out);

/** struct teeio_spdm_rng - where random bytes come from */
struct teeio_spdm_rng {
    void *opaque;
    void (*random)(void *opaque, void *buf, size_t len);
};

/**
 * teeio_spdm_curve_size() - bytes of a coordinate, 0 for no curve of ours
 * @curve: TEEIO_SPDM_SECP*
 */
size_t teeio_spdm_curve_size(uint16_t curve);

/**
 * teeio_spdm_ecdh() - an ephemeral key and what it shares with @peer
 * @peer:   x and y
 * @own:    gets x and y
 * @secret: gets the x of the shared point (RFC 8446 7.4.2)
 *
 * Returns: false when @peer is no point of the curve.
 */
bool teeio_spdm_ecdh(uint16_t curve, const struct teeio_spdm_rng *rng,
                     const uint8_t *peer, uint8_t *own, uint8_t *secret);

/**
 * teeio_spdm_ecdsa_sign() - r and s over @digest with the scalar @key
 *
 * Returns: false when @key is none.
 */
bool teeio_spdm_ecdsa_sign(uint16_t curve, const struct teeio_spdm_rng *rng,
                           const uint8_t *key, const uint8_t *digest,
                           size_t digest_len, uint8_t *signature);

/**
 * teeio_spdm_ecc_public() - x and y of the scalar @key
 *
 * Returns: false when @key is 0 or not below the order.
 */
bool teeio_spdm_ecc_public(uint16_t curve, const uint8_t *key, uint8_t *point);

/** teeio_spdm_wipe() - overwrite in a way that no compiler leaves out */
void teeio_spdm_wipe(void *data, size_t len);

#endif
