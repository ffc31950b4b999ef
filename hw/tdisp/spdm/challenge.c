/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "spdm-internal.h"

#define SLOT 0

uint8_t teeio_spdm_do_challenge(struct teeio_spdm *spdm,
                                const struct teeio_spdm_request *req,
                                struct teeio_spdm_response *rsp)
{
    bool context = spdm->version >= TEEIO_SPDM_13;
    size_t nonce_end = TEEIO_SPDM_HEADER + TEEIO_SPDM_NONCE;
    size_t len = nonce_end + (context ? TEEIO_SPDM_CONTEXT : 0);
    uint8_t digest[TEEIO_SPDM_HASH_MAX];
    uint8_t nonce[TEEIO_SPDM_NONCE];
    uint8_t kind = req->param2;

    if (req->len < len || (req->param1 & TEEIO_SPDM_SLOT_MASK) != SLOT ||
        !teeio_spdm_summary_valid(spdm, kind)) {
        /* DSP0274 "CHALLENGE": short, an empty slot, no such summary. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_CHALLENGE_AUTH, SLOT,
                          1u << SLOT);
    teeio_spdm_chain_digest(spdm, digest);
    teeio_spdm_put(rsp, digest, teeio_spdm_hash_size(spdm->algorithms.hash));
    spdm->rng.random(spdm->rng.opaque, nonce, sizeof(nonce));
    teeio_spdm_put(rsp, nonce, sizeof(nonce));
    teeio_spdm_put_summary(spdm, kind, rsp);
    teeio_spdm_put_number(rsp, 0, 2);
    if (context) {
        teeio_spdm_put(rsp, req->data + nonce_end, TEEIO_SPDM_CONTEXT);
    }
    if (!teeio_spdm_fits(rsp, teeio_spdm_signature_size(spdm))) {
        rsp->len += teeio_spdm_signature_size(spdm);
        return 0;
    }
    teeio_spdm_transcript_add(spdm, &spdm->m1, req->data, len);
    teeio_spdm_transcript_add(spdm, &spdm->m1, rsp->data, rsp->len);
    if (!teeio_spdm_sign(spdm, &spdm->m1.hash, "challenge_auth signing", rsp)) {
        return TEEIO_SPDM_UNSPECIFIED;
    }
    teeio_spdm_transcript_reset(&spdm->m1);
    return 0;
}
