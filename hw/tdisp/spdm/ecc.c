/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <nettle/bignum.h>
#include <nettle/ecdsa.h>

#include "crypto.h"
#include "ecc.h"
#include "teeio/spec/spdm.h"

const struct ecc_curve *teeio_spdm_curve(uint16_t curve)
{
    switch (curve) {
    case TEEIO_SPDM_SECP256R1:
        return nettle_get_secp_256r1();
    case TEEIO_SPDM_SECP384R1:
        return nettle_get_secp_384r1();
    default:
        return NULL;
    }
}

size_t teeio_spdm_curve_size(uint16_t curve)
{
    switch (curve) {
    case TEEIO_SPDM_SECP256R1:
        return 32;
    case TEEIO_SPDM_SECP384R1:
        return 48;
    default:
        return 0;
    }
}

static void from_rng(void *ctx, size_t len, uint8_t *dst)
{
    const struct teeio_spdm_rng *rng = ctx;

    rng->random(rng->opaque, dst, len);
}

/* Neither GMP nor nettle wipes what it gives back. */
static void clear_number(mpz_t number)
{
    size_t limbs = mpz_size(number);

    if (limbs) {
        teeio_spdm_wipe(mpz_limbs_modify(number, limbs),
                        limbs * sizeof(mp_limb_t));
        mpz_limbs_finish(number, 0);
    }
    mpz_clear(number);
}

static void clear_scalar(struct ecc_scalar *scalar, uint16_t curve)
{
    teeio_spdm_wipe(scalar->p, teeio_spdm_curve_size(curve));
    ecc_scalar_clear(scalar);
}

static void get_point(const struct ecc_point *point, size_t size, uint8_t *x,
                      uint8_t *y)
{
    mpz_t px;
    mpz_t py;

    mpz_init(px);
    mpz_init(py);
    ecc_point_get(point, px, py);
    nettle_mpz_get_str_256(size, x, px);
    if (y) {
        nettle_mpz_get_str_256(size, y, py);
    }
    clear_number(px);
    clear_number(py);
}

bool teeio_spdm_set_point(struct ecc_point *point, size_t size,
                          const uint8_t *bytes)
{
    bool ok;
    mpz_t x;
    mpz_t y;

    nettle_mpz_init_set_str_256_u(x, size, bytes);
    nettle_mpz_init_set_str_256_u(y, size, bytes + size);
    ok = ecc_point_set(point, x, y);
    mpz_clear(x);
    mpz_clear(y);
    return ok;
}

static bool set_scalar(struct ecc_scalar *scalar, size_t size,
                       const uint8_t *bytes)
{
    bool ok;
    mpz_t k;

    nettle_mpz_init_set_str_256_u(k, size, bytes);
    ok = ecc_scalar_set(scalar, k);
    clear_number(k);
    return ok;
}

bool teeio_spdm_ecdh(uint16_t curve, const struct teeio_spdm_rng *rng,
                     const uint8_t *peer, uint8_t *own, uint8_t *secret)
{
    const struct ecc_curve *ecc = teeio_spdm_curve(curve);
    size_t size = teeio_spdm_curve_size(curve);
    struct ecc_scalar scalar;
    struct ecc_point point;
    bool ok;

    ecc_point_init(&point, ecc);
    ok = teeio_spdm_set_point(&point, size, peer);
    if (ok) {
        struct ecc_point result;

        ecc_point_init(&result, ecc);
        ecc_scalar_init(&scalar, ecc);
        ecc_scalar_random(&scalar, (void *)rng, from_rng);
        ecc_point_mul_g(&result, &scalar);
        get_point(&result, size, own, own + size);
        ecc_point_mul(&result, &scalar, &point);
        get_point(&result, size, secret, NULL);
        teeio_spdm_wipe(result.p, 2 * size);
        ecc_point_clear(&result);
        clear_scalar(&scalar, curve);
    }
    ecc_point_clear(&point);
    return ok;
}

bool teeio_spdm_ecdsa_sign(uint16_t curve, const struct teeio_spdm_rng *rng,
                           const uint8_t *key, const uint8_t *digest,
                           size_t digest_len, uint8_t *signature)
{
    size_t size = teeio_spdm_curve_size(curve);
    struct dsa_signature pair;
    struct ecc_scalar scalar;
    bool ok;

    ecc_scalar_init(&scalar, teeio_spdm_curve(curve));
    ok = set_scalar(&scalar, size, key);
    if (ok) {
        dsa_signature_init(&pair);
        ecdsa_sign(&scalar, (void *)rng, from_rng, digest_len, digest, &pair);
        nettle_mpz_get_str_256(size, signature, pair.r);
        nettle_mpz_get_str_256(size, signature + size, pair.s);
        dsa_signature_clear(&pair);
    }
    clear_scalar(&scalar, curve);
    return ok;
}

bool teeio_spdm_ecc_public(uint16_t curve, const uint8_t *key, uint8_t *point)
{
    const struct ecc_curve *ecc = teeio_spdm_curve(curve);
    size_t size = teeio_spdm_curve_size(curve);
    struct ecc_scalar scalar;
    struct ecc_point result;
    bool ok;

    ecc_scalar_init(&scalar, ecc);
    ok = set_scalar(&scalar, size, key);
    if (ok) {
        ecc_point_init(&result, ecc);
        ecc_point_mul_g(&result, &scalar);
        get_point(&result, size, point, point + size);
        ecc_point_clear(&result);
    }
    clear_scalar(&scalar, curve);
    return ok;
}
