/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "spdm-internal.h"

#define SLOT      0
#define SLOT_MASK (1u << SLOT)

static size_t chain_size(const struct teeio_spdm *spdm)
{
    return TEEIO_SPDM_CHAIN_HEADER +
           teeio_spdm_hash_size(spdm->algorithms.hash) +
           spdm->config.chain_size;
}

/* What stands before the certificates; returns its length. */
static size_t chain_head(const struct teeio_spdm *spdm, uint8_t *head)
{
    size_t size = chain_size(spdm);

    head[0] = size;
    head[1] = size >> 8;
    head[2] = 0;
    head[3] = 0;
    teeio_spdm_digest(spdm->algorithms.hash, spdm->config.chain,
                      spdm->root_size, head + TEEIO_SPDM_CHAIN_HEADER);
    return TEEIO_SPDM_CHAIN_HEADER +
           teeio_spdm_hash_size(spdm->algorithms.hash);
}

void teeio_spdm_chain_digest(const struct teeio_spdm *spdm, uint8_t *digest)
{
    uint8_t head[TEEIO_SPDM_CHAIN_HEADER + TEEIO_SPDM_HASH_MAX];
    size_t head_len = chain_head(spdm, head);
    struct teeio_spdm_hash hash;

    teeio_spdm_hash_init(&hash, spdm->algorithms.hash);
    teeio_spdm_hash_update(&hash, head, head_len);
    teeio_spdm_hash_update(&hash, spdm->config.chain, spdm->config.chain_size);
    teeio_spdm_hash_peek(&hash, digest);
}

/* Only what is said outside of a session is part of M1. */
static void remember(struct teeio_spdm *spdm,
                     const struct teeio_spdm_request *req, size_t req_len,
                     const struct teeio_spdm_response *rsp)
{
    if (!req->session && teeio_spdm_fits(rsp, 0)) {
        teeio_spdm_transcript_add(spdm, &spdm->m1, req->data, req_len);
        teeio_spdm_transcript_add(spdm, &spdm->m1, rsp->data, rsp->len);
    }
}

uint8_t teeio_spdm_do_digests(struct teeio_spdm *spdm,
                              const struct teeio_spdm_request *req,
                              struct teeio_spdm_response *rsp)
{
    uint8_t supported = spdm->version >= TEEIO_SPDM_13 ? SLOT_MASK : 0;
    uint8_t digest[TEEIO_SPDM_HASH_MAX];

    teeio_spdm_chain_digest(spdm, digest);
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_DIGESTS, supported, SLOT_MASK);
    teeio_spdm_put(rsp, digest, teeio_spdm_hash_size(spdm->algorithms.hash));
    remember(spdm, req, TEEIO_SPDM_HEADER, rsp);
    return 0;
}

static void put_portion(const struct teeio_spdm *spdm, size_t offset,
                        size_t len, struct teeio_spdm_response *rsp)
{
    uint8_t head[TEEIO_SPDM_CHAIN_HEADER + TEEIO_SPDM_HASH_MAX];
    size_t head_len = chain_head(spdm, head);

    if (offset < head_len) {
        size_t first = len < head_len - offset ? len : head_len - offset;

        teeio_spdm_put(rsp, head + offset, first);
        offset += first;
        len -= first;
    }
    if (len) {
        teeio_spdm_put(rsp, spdm->config.chain + (offset - head_len), len);
    }
}

uint8_t teeio_spdm_do_certificate(struct teeio_spdm *spdm,
                                  const struct teeio_spdm_request *req,
                                  struct teeio_spdm_response *rsp)
{
    size_t total = chain_size(spdm);
    size_t piece = rsp->size < rsp->limit ? rsp->size : rsp->limit;
    bool slot_size;
    size_t offset;
    size_t len;

    if (req->len < TEEIO_SPDM_CERT_SIZE ||
        (req->param1 & TEEIO_SPDM_SLOT_MASK) != SLOT) {
        /* DSP0274 "GET_CERTIFICATE": too short, or a slot that is empty. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    offset = teeio_spdm_number(req->data + TEEIO_SPDM_CERT_OFFSET, 2);
    len = teeio_spdm_number(req->data + TEEIO_SPDM_CERT_LENGTH, 2);
    slot_size = spdm->version >= TEEIO_SPDM_13 &&
                (req->param2 & TEEIO_SPDM_CERT_SLOT_SIZE_REQUESTED);
    if (slot_size) {
        offset = 0;
        len = 0;
    }
    if (offset >= total) {
        /* DSP0274 "GET_CERTIFICATE": an offset beyond the chain. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    if (len > total - offset) {
        len = total - offset;
    }
    /*
     * Without chunks a portion is what one message holds; with them the whole
     * chain, if all of it was asked for, must come at once.
     */
    if (!(teeio_spdm_chunk_usable(spdm) && offset == 0 && len == total) &&
        piece > TEEIO_SPDM_CERT_SIZE && len > piece - TEEIO_SPDM_CERT_SIZE) {
        len = piece - TEEIO_SPDM_CERT_SIZE;
    }
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_CERTIFICATE, SLOT, 0);
    teeio_spdm_put_number(rsp, len, 2);
    teeio_spdm_put_number(rsp, total - offset - len, 2);
    put_portion(spdm, offset, len, rsp);
    remember(spdm, req, TEEIO_SPDM_CERT_SIZE, rsp);
    return 0;
}
