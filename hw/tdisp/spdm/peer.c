/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "peer.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <nettle/bignum.h>
#include <nettle/ecdsa.h>

#include "ecc.h"
#include "teeio/spec/spdm.h"

/* Next to no number of that many bits is above the order of the curve. */
#define SCALAR_TRIES 32

bool teeio_spdm_verify(const struct teeio_spdm_leaf *leaf,
                       const uint8_t *digest, size_t digest_len,
                       const uint8_t *signature)
{
    size_t size = teeio_spdm_curve_size(leaf->curve);
    struct dsa_signature pair;
    struct ecc_point point;
    bool ok;

    ecc_point_init(&point, teeio_spdm_curve(leaf->curve));
    ok = teeio_spdm_set_point(&point, size, leaf->point);
    if (ok) {
        dsa_signature_init(&pair);
        nettle_mpz_set_str_256_u(pair.r, size, signature);
        nettle_mpz_set_str_256_u(pair.s, size, signature + size);
        ok = ecdsa_verify(&point, digest_len, digest, &pair);
        dsa_signature_clear(&pair);
    }
    ecc_point_clear(&point);
    return ok;
}

bool teeio_spdm_ecdh_begin(uint16_t curve, const struct teeio_spdm_rng *rng,
                           uint8_t *scalar, uint8_t *point)
{
    for (unsigned i = 0; i < SCALAR_TRIES; i++) {
        rng->random(rng->opaque, scalar, teeio_spdm_curve_size(curve));
        if (teeio_spdm_ecc_public(curve, scalar, point)) {
            return true;
        }
    }
    return false;
}

bool teeio_spdm_ecdh_end(uint16_t curve, const uint8_t *scalar,
                         const uint8_t *peer, uint8_t *secret)
{
    size_t size = teeio_spdm_curve_size(curve);
    struct ecc_scalar factor;
    struct ecc_point point;
    mpz_t number;
    bool ok;

    nettle_mpz_init_set_str_256_u(number, size, scalar);
    ecc_scalar_init(&factor, teeio_spdm_curve(curve));
    ecc_point_init(&point, teeio_spdm_curve(curve));
    ok = ecc_scalar_set(&factor, number) &&
         teeio_spdm_set_point(&point, size, peer);
    if (ok) {
        struct ecc_point result;

        ecc_point_init(&result, teeio_spdm_curve(curve));
        ecc_point_mul(&result, &factor, &point);
        ecc_point_get(&result, number, NULL);
        nettle_mpz_get_str_256(size, secret, number);
        teeio_spdm_wipe(result.p, 2 * size);
        ecc_point_clear(&result);
    }
    teeio_spdm_wipe(mpz_limbs_modify(number, mpz_size(number) + 1),
                    (mpz_size(number) + 1) * sizeof(mp_limb_t));
    mpz_limbs_finish(number, 0);
    mpz_clear(number);
    teeio_spdm_wipe(factor.p, size);
    ecc_scalar_clear(&factor);
    ecc_point_clear(&point);
    return ok;
}

/* Returns: bytes of the DER object at @data (X.690 8.1), 0 for none. */
static size_t object_size(const uint8_t *data, size_t len)
{
    size_t size = 0;
    size_t head = 2;

    if (len < head) {
        return 0;
    }
    if (data[1] < 0x80) {
        size = data[1];
    } else {
        head += data[1] & 0x7f;
        if (head > 4 || len < head) {
            return 0;
        }
        for (size_t i = 2; i < head; i++) {
            size = size << 8 | data[i];
        }
    }
    return size <= len - head ? head + size : 0;
}

static gnutls_x509_crt_t import(const uint8_t *data, size_t len)
{
    const gnutls_datum_t der = {(uint8_t *)data, len};
    gnutls_x509_crt_t crt;

    if (gnutls_x509_crt_init(&crt) < 0) {
        return NULL;
    }
    if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) < 0) {
        gnutls_x509_crt_deinit(crt);
        return NULL;
    }
    return crt;
}

/*
 * Cut the chain into @crts, the leaf first, as GnuTLS wants it.
 * Returns: how many there are, 0 when it is none.
 */
static unsigned split(const uint8_t *chain, size_t size,
                      gnutls_x509_crt_t *crts)
{
    gnutls_x509_crt_t all[TEEIO_SPDM_CHAIN_CERTS];
    unsigned count = 0;
    bool good = size > 0;

    while (good && size) {
        size_t len = object_size(chain, size);

        good = len && count < TEEIO_SPDM_CHAIN_CERTS;
        if (good) {
            all[count] = import(chain, len);
            good = all[count] != NULL;
        }
        if (good) {
            count++;
            chain += len;
            size -= len;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        if (good) {
            crts[count - 1 - i] = all[i];
        } else {
            gnutls_x509_crt_deinit(all[i]);
        }
    }
    return good ? count : 0;
}

/* A coordinate without what DER put before it, or took away. */
static bool set_coordinate(uint8_t *out, size_t size,
                           const gnutls_datum_t *number)
{
    const uint8_t *data = number->data;
    size_t len = number->size;

    while (len > size && !*data) {
        data++;
        len--;
    }
    if (len > size) {
        return false;
    }
    memset(out, 0, size - len);
    memcpy(out + size - len, data, len);
    return true;
}

static bool get_leaf(gnutls_x509_crt_t crt, struct teeio_spdm_leaf *leaf)
{
    gnutls_ecc_curve_t curve;
    gnutls_datum_t x;
    gnutls_datum_t y;
    size_t size;
    bool ok;

    if (gnutls_x509_crt_get_pk_ecc_raw(crt, &curve, &x, &y) < 0) {
        return false;
    }
    leaf->curve = curve == GNUTLS_ECC_CURVE_SECP384R1   ? TEEIO_SPDM_SECP384R1
                  : curve == GNUTLS_ECC_CURVE_SECP256R1 ? TEEIO_SPDM_SECP256R1
                                                        : 0;
    size = teeio_spdm_curve_size(leaf->curve);
    ok = size && set_coordinate(leaf->point, size, &x) &&
         set_coordinate(leaf->point + size, size, &y);
    gnutls_free(x.data);
    gnutls_free(y.data);
    return ok;
}

static enum teeio_spdm_trust judge(gnutls_x509_crt_t *crts, unsigned count,
                                   gnutls_x509_crt_t root,
                                   struct teeio_spdm_leaf *leaf)
{
    const unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
                           GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
    unsigned status = 0;

    if (gnutls_x509_crt_list_verify(crts, count, &root, 1, NULL, 0, flags,
                                    &status) < 0) {
        return TEEIO_SPDM_CHAIN_MALFORMED;
    }
    if (status & GNUTLS_CERT_SIGNER_NOT_FOUND) {
        return TEEIO_SPDM_OTHER_ROOT;
    }
    if (status) {
        return TEEIO_SPDM_CHAIN_BROKEN;
    }
    return get_leaf(crts[0], leaf) ? TEEIO_SPDM_TRUSTED
                                   : TEEIO_SPDM_CHAIN_MALFORMED;
}

enum teeio_spdm_trust
teeio_spdm_chain_check(const uint8_t *chain, size_t size, const uint8_t *root,
                       size_t root_size, uint32_t algorithm, uint8_t *digest,
                       struct teeio_spdm_leaf *leaf)
{
    enum teeio_spdm_trust trust = TEEIO_SPDM_CHAIN_MALFORMED;
    gnutls_x509_crt_t crts[TEEIO_SPDM_CHAIN_CERTS];
    unsigned count = split(chain, size, crts);
    gnutls_x509_crt_t top;

    if (!count) {
        return trust;
    }
    if (!root) {
        root = chain;
        root_size = object_size(chain, size);
    }
    teeio_spdm_digest(algorithm, root, root_size, digest);
    top = import(root, root_size);
    if (top) {
        trust = judge(crts, count, top, leaf);
        gnutls_x509_crt_deinit(top);
    }
    for (unsigned i = 0; i < count; i++) {
        gnutls_x509_crt_deinit(crts[i]);
    }
    return trust;
}
