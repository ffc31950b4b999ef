/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* What a requester needs beyond crypto.h: to believe the other side. */
#ifndef TEEIO_HW_SPDM_PEER_H
#define TEEIO_HW_SPDM_PEER_H

#include "crypto.h"

/* Certificates of one chain that are looked at. */
#define TEEIO_SPDM_CHAIN_CERTS 8

/**
 * struct teeio_spdm_leaf - the public key of the last certificate
 * @curve: TEEIO_SPDM_SECP*
 * @point: x and y
 */
struct teeio_spdm_leaf {
    uint16_t curve;
    uint8_t point[TEEIO_SPDM_POINT];
};

/** enum teeio_spdm_trust - what a chain is worth */
enum teeio_spdm_trust {
    TEEIO_SPDM_TRUSTED,
    TEEIO_SPDM_CHAIN_MALFORMED, /* no certificates, too many, no key of ours */
    TEEIO_SPDM_CHAIN_BROKEN,    /* one is not signed by the one before */
    TEEIO_SPDM_OTHER_ROOT,
};

/**
 * teeio_spdm_chain_check() - does a chain lead to a root?
 * @chain:  DER certificates, root or the one that it signed first
 * @root:   DER certificate, @root_size bytes; NULL: whatever stands first in
 *          @chain, which then must have signed itself
 * @digest: with @algorithm, of the root that was taken
 * @leaf:   set when the chain is trusted
 *
 * Dates are not looked at: the platform's clock is the host's to set.
 */
enum teeio_spdm_trust
teeio_spdm_chain_check(const uint8_t *chain, size_t size, const uint8_t *root,
                       size_t root_size, uint32_t algorithm, uint8_t *digest,
                       struct teeio_spdm_leaf *leaf);

/** teeio_spdm_verify() - is r and s a signature over @digest? */
bool teeio_spdm_verify(const struct teeio_spdm_leaf *leaf,
                       const uint8_t *digest, size_t digest_len,
                       const uint8_t *signature);

/**
 * teeio_spdm_ecdh_begin() - an ephemeral key
 * @scalar: gets it; the caller wipes it
 * @point:  gets x and y of its public half
 *
 * Returns: false when @rng gives no scalar in many attempts.
 */
bool teeio_spdm_ecdh_begin(uint16_t curve, const struct teeio_spdm_rng *rng,
                           uint8_t *scalar, uint8_t *point);

/**
 * teeio_spdm_ecdh_end() - what it shares with @peer
 *
 * Returns: false when @peer is no point of the curve.
 */
bool teeio_spdm_ecdh_end(uint16_t curve, const uint8_t *scalar,
                         const uint8_t *peer, uint8_t *secret);

#endif
