/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "spdm-internal.h"

/* DSP0274 "Signature generation". */
#define PREFIX_SIZE  100
#define PREFIX_TEXT  16
#define PREFIX_TEXTS 4

void teeio_spdm_vca_add(struct teeio_spdm *spdm, const uint8_t *data,
                        size_t len)
{
    /* The handlers take nothing that is longer than there is room for. */
    if (len <= sizeof(spdm->vca) - spdm->vca_len) {
        memcpy(spdm->vca + spdm->vca_len, data, len);
        spdm->vca_len += len;
    }
}

void teeio_spdm_transcript_reset(struct teeio_spdm_transcript *transcript)
{
    memset(transcript, 0, sizeof(*transcript));
}

void teeio_spdm_transcript_add(struct teeio_spdm *spdm,
                               struct teeio_spdm_transcript *transcript,
                               const uint8_t *data, size_t len)
{
    if (!transcript->started) {
        transcript->started = true;
        teeio_spdm_hash_init(&transcript->hash, spdm->algorithms.hash);
        teeio_spdm_hash_update(&transcript->hash, spdm->vca, spdm->vca_len);
    }
    teeio_spdm_hash_update(&transcript->hash, data, len);
}

size_t teeio_spdm_signature_size(const struct teeio_spdm *spdm)
{
    return 2 * teeio_spdm_curve_size(spdm->key_curve);
}

bool teeio_spdm_sign(struct teeio_spdm *spdm,
                     const struct teeio_spdm_hash *transcript,
                     const char *context, struct teeio_spdm_response *rsp)
{
    static const char role[] = "responder-";
    char text[PREFIX_TEXT + 1] = "dmtf-spdm-v1.2.*";
    uint32_t algorithm = spdm->algorithms.hash;
    size_t hash_size = teeio_spdm_hash_size(algorithm);
    uint8_t signature[TEEIO_SPDM_POINT];
    uint8_t message[PREFIX_SIZE + TEEIO_SPDM_HASH_MAX] = {0};
    uint8_t digest[TEEIO_SPDM_HASH_MAX];
    size_t role_len = strlen(role);
    size_t len = strlen(context);
    uint8_t *end = message + PREFIX_SIZE;

    text[13] = '0' + (spdm->version & 0xf);
    for (unsigned i = 0; i < PREFIX_TEXTS; i++) {
        memcpy(message + i * PREFIX_TEXT, text, PREFIX_TEXT);
    }
    memcpy(end - len - role_len, role, role_len);
    memcpy(end - len, context, len);
    teeio_spdm_hash_peek(transcript, end);
    teeio_spdm_digest(algorithm, message, PREFIX_SIZE + hash_size, digest);
    if (!teeio_spdm_ecdsa_sign(spdm->key_curve, &spdm->rng, spdm->key, digest,
                               hash_size, signature)) {
        return false;
    }
    teeio_spdm_put(rsp, signature, teeio_spdm_signature_size(spdm));
    return true;
}
