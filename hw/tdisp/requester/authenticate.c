/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* DIGESTS, CERTIFICATE and CHALLENGE_AUTH, all of slot 0. */
#include <string.h>

#include "../../bytes.h"
#include "requester-internal.h"

#define SLOT 0
/* What is asked for at a time: small enough for any device. */
#define PORTION         1024u
#define CERT_PORTION    4
#define CERT_REMAINDER  6
#define CERT_DATA       8
#define CHAL_CHAIN_HASH 4
/* DSP0274 "Signature generation". */
#define PREFIX_SIZE 100
#define PREFIX_TEXT 16

static teeio_result fail(struct teeio_requester *r,
                         const struct teeio_requester_ask *ask,
                         teeio_result result)
{
    return teeio_requester_fail(r, ask->what, result, 0);
}

static void remember(struct teeio_requester *r,
                     const struct teeio_requester_ask *ask, size_t size)
{
    teeio_spdm_hash_update(&r->m1, ask->request, ask->len);
    teeio_spdm_hash_update(&r->m1, ask->answer, size);
}

size_t teeio_requester_signature_size(const struct teeio_requester *r)
{
    return r->asym == TEEIO_SPDM_ECDSA_P384 ? 96 : 64;
}

bool teeio_requester_signed(const struct teeio_requester *r,
                            const struct teeio_spdm_hash *transcript,
                            const char *context, const uint8_t *signature)
{
    static const char role[] = "responder-";
    char text[PREFIX_TEXT + 1] = "dmtf-spdm-v1.0.*";
    size_t hash_size = teeio_spdm_hash_size(r->hash);
    uint8_t message[PREFIX_SIZE + TEEIO_SPDM_HASH_MAX] = {0};
    uint8_t digest[TEEIO_SPDM_HASH_MAX];
    size_t at = PREFIX_SIZE - strlen(context) - strlen(role);

    text[13] += r->version & 0xf;
    for (unsigned i = 0; i < 4; i++) {
        memcpy(message + i * PREFIX_TEXT, text, PREFIX_TEXT);
    }
    memcpy(message + at, role, strlen(role));
    memcpy(message + at + strlen(role), context, strlen(context));
    teeio_spdm_hash_peek(transcript, message + PREFIX_SIZE);
    teeio_spdm_digest(r->hash, message, PREFIX_SIZE + hash_size, digest);
    return teeio_spdm_verify(&r->leaf, digest, hash_size, signature);
}

/* On OK, @digest is what the device says its chain hashes to. */
static teeio_result get_digests(struct teeio_requester *r, uint8_t *digest)
{
    uint8_t request[TEEIO_SPDM_HEADER];
    struct teeio_requester_ask ask = {
        "DIGESTS", request, sizeof(request), TEEIO_SPDM_DIGESTS, NULL, 0};
    size_t hash_size = teeio_spdm_hash_size(r->hash);
    size_t size = TEEIO_SPDM_HEADER;
    teeio_result result;
    uint8_t slots;

    teeio_requester_head(r, request, TEEIO_SPDM_GET_DIGESTS, 0, 0);
    result = teeio_requester_say(r, &ask);
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    slots = ask.answer[TEEIO_SPDM_PARAM2_OFFSET];
    for (unsigned i = 0; i < 8; i++) {
        size += slots >> i & 1 ? hash_size : 0;
    }
    if (!teeio_requester_ends(r, &ask, size)) {
        return fail(r, &ask, TEEIO_REQUESTER_MALFORMED);
    }
    if (!(slots & 1u << SLOT)) {
        return fail(r, &ask, TEEIO_REQUESTER_UNSUPPORTED);
    }
    memcpy(digest, ask.answer + TEEIO_SPDM_HEADER, hash_size);
    remember(r, &ask, size);
    return TEEIO_REQUESTER_OK;
}

/* Append one portion to the chain; *@more is what is left then. */
static teeio_result get_portion(struct teeio_requester *r, size_t *more)
{
    uint8_t request[TEEIO_SPDM_CERT_SIZE] = {0};
    struct teeio_requester_ask ask = {
        "CERTIFICATE",          request, sizeof(request),
        TEEIO_SPDM_CERTIFICATE, NULL,    0};
    teeio_result result;
    size_t portion;
    size_t left;

    teeio_requester_head(r, request, TEEIO_SPDM_GET_CERTIFICATE, SLOT, 0);
    teeio_put_le(request + TEEIO_SPDM_CERT_OFFSET, r->chain_len, 2);
    teeio_put_le(request + TEEIO_SPDM_CERT_LENGTH, PORTION, 2);
    result = teeio_requester_say(r, &ask);
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (ask.answer_len < CERT_DATA ||
        (ask.answer[TEEIO_SPDM_PARAM1_OFFSET] & TEEIO_SPDM_SLOT_MASK) != SLOT) {
        return fail(r, &ask, TEEIO_REQUESTER_MALFORMED);
    }
    portion = teeio_get_le(ask.answer + CERT_PORTION, 2);
    left = teeio_get_le(ask.answer + CERT_REMAINDER, 2);
    /* DSP0274 "CERTIFICATE": each portion brings the end nearer. */
    if (!portion || portion > PORTION ||
        !teeio_requester_ends(r, &ask, CERT_DATA + portion) ||
        (r->chain_len && portion + left != *more) ||
        r->chain_len + portion + left > sizeof(r->chain)) {
        return fail(r, &ask, TEEIO_REQUESTER_MALFORMED);
    }
    memcpy(r->chain + r->chain_len, ask.answer + CERT_DATA, portion);
    r->chain_len += portion;
    *more = left;
    remember(r, &ask, CERT_DATA + portion);
    return TEEIO_REQUESTER_OK;
}

teeio_result teeio_requester_chain_check(struct teeio_requester *r)
{
    static const char what[] = "certificate chain";
    size_t hash_size = teeio_spdm_hash_size(r->hash);
    size_t head = TEEIO_SPDM_CHAIN_HEADER + hash_size;
    uint16_t curve = r->asym == TEEIO_SPDM_ECDSA_P384 ? TEEIO_SPDM_SECP384R1
                                                      : TEEIO_SPDM_SECP256R1;
    uint8_t root[TEEIO_SPDM_HASH_MAX];

    if (r->chain_len <= head || teeio_get_le(r->chain, 2) != r->chain_len) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    switch (teeio_spdm_chain_check(r->chain + head, r->chain_len - head,
                                   r->config.root, r->config.root_size, r->hash,
                                   root, &r->leaf)) {
    case TEEIO_SPDM_TRUSTED:
        break;
    case TEEIO_SPDM_CHAIN_MALFORMED:
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_MALFORMED, 0);
    default:
        /* RFC 5280 6.1: a certificate that its issuer did not sign. */
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_UNTRUSTED, 0);
    }
    if (memcmp(root, r->chain + TEEIO_SPDM_CHAIN_HEADER, hash_size) ||
        r->leaf.curve != curve) {
        /* DSP0274 "Certificate chain format": RootHash of another root. */
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_UNTRUSTED, 0);
    }
    return TEEIO_REQUESTER_OK;
}

static teeio_result get_chain(struct teeio_requester *r)
{
    uint8_t said[TEEIO_SPDM_HASH_MAX];
    uint8_t digest[TEEIO_SPDM_HASH_MAX];
    teeio_result result = get_digests(r, said);
    size_t more = 0;

    while (result == TEEIO_REQUESTER_OK && (!r->chain_len || more)) {
        result = get_portion(r, &more);
    }
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    teeio_spdm_digest(r->hash, r->chain, r->chain_len, digest);
    if (memcmp(said, digest, teeio_spdm_hash_size(r->hash))) {
        /* DSP0274 "DIGESTS": of another chain than the one that was sent. */
        return teeio_requester_fail(r, "certificate chain",
                                    TEEIO_REQUESTER_UNTRUSTED, 0);
    }
    return teeio_requester_chain_check(r);
}

static teeio_result challenge(struct teeio_requester *r)
{
    size_t hash_size = teeio_spdm_hash_size(r->hash);
    size_t context = r->version >= TEEIO_SPDM_13 ? TEEIO_SPDM_CONTEXT : 0;
    size_t len = TEEIO_SPDM_HEADER + TEEIO_SPDM_NONCE;
    uint8_t request[TEEIO_SPDM_HEADER + TEEIO_SPDM_NONCE + TEEIO_SPDM_CONTEXT];
    struct teeio_requester_ask ask = {
        "CHALLENGE_AUTH",          request, len + context,
        TEEIO_SPDM_CHALLENGE_AUTH, NULL,    0};
    size_t at = CHAL_CHAIN_HASH + hash_size + TEEIO_SPDM_NONCE;
    uint8_t digest[TEEIO_SPDM_HASH_MAX];
    teeio_result result;

    teeio_requester_head(r, request, TEEIO_SPDM_CHALLENGE, SLOT,
                         TEEIO_SPDM_SUMMARY_NONE);
    r->rng.random(r->rng.opaque, request + TEEIO_SPDM_HEADER,
                  TEEIO_SPDM_NONCE + context);
    result = teeio_requester_say(r, &ask);
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (!teeio_requester_opaque(&ask, &at) ||
        !teeio_requester_ends(
            r, &ask, at + context + teeio_requester_signature_size(r)) ||
        (ask.answer[TEEIO_SPDM_PARAM1_OFFSET] & TEEIO_SPDM_SLOT_MASK) != SLOT) {
        return fail(r, &ask, TEEIO_REQUESTER_MALFORMED);
    }
    teeio_spdm_digest(r->hash, r->chain, r->chain_len, digest);
    if (memcmp(ask.answer + CHAL_CHAIN_HASH, digest, hash_size) ||
        memcmp(ask.answer + at, request + len, context)) {
        /* DSP0274 "CHALLENGE_AUTH": another chain, another request. */
        return fail(r, &ask, TEEIO_REQUESTER_UNEXPECTED);
    }
    at += context;
    remember(r, &ask, at);
    return teeio_requester_signed(r, &r->m1, "challenge_auth signing",
                                  ask.answer + at)
               ? TEEIO_REQUESTER_OK
               : fail(r, &ask, TEEIO_REQUESTER_BAD_SIGNATURE);
}

teeio_result teeio_requester_authenticate(struct teeio_requester *r)
{
    teeio_result result;

    teeio_spdm_hash_init(&r->m1, r->hash);
    teeio_spdm_hash_update(&r->m1, r->vca, r->vca_len);
    result = get_chain(r);
    return result == TEEIO_REQUESTER_OK ? challenge(r) : result;
}
