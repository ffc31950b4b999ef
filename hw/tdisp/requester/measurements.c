/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "../../bytes.h"
#include "requester-internal.h"

#define SLOT          0
#define REQUEST_NONCE 4
#define REQUEST_SLOT  (REQUEST_NONCE + TEEIO_SPDM_NONCE)
#define REQUEST_END   (REQUEST_SLOT + 1)
#define BLOCKS        4
#define RECORD_LENGTH 5
#define RECORD        8

bool teeio_requester_block(const uint8_t *record, size_t size, size_t *at,
                           struct teeio_requester_block *out)
{
    const uint8_t *block = record + *at;
    size_t left = size - *at;
    size_t whole;

    if (*at >= size ||
        left < TEEIO_SPDM_MEAS_BLOCK + TEEIO_SPDM_MEAS_VALUE_HEADER) {
        return false;
    }
    whole = teeio_get_le(block + 2, 2);
    out->size = teeio_get_le(block + 5, 2);
    if (block[1] != TEEIO_SPDM_MEAS_SPEC_DMTF ||
        whole > left - TEEIO_SPDM_MEAS_BLOCK ||
        whole != out->size + TEEIO_SPDM_MEAS_VALUE_HEADER) {
        /* DSP0274 "Measurement block": sizes that disagree. */
        return false;
    }
    out->index = block[0];
    out->type = block[4] & ~TEEIO_SPDM_MEAS_VALUE_RAW;
    out->raw = block[4] & TEEIO_SPDM_MEAS_VALUE_RAW;
    out->value = block + TEEIO_SPDM_MEAS_BLOCK + TEEIO_SPDM_MEAS_VALUE_HEADER;
    *at += TEEIO_SPDM_MEAS_BLOCK + whole;
    return true;
}

/* Is the record as many blocks as it is said to be? */
static bool well_formed(const uint8_t *record, size_t size, unsigned blocks)
{
    struct teeio_requester_block block;
    size_t at = 0;

    while (blocks && teeio_requester_block(record, size, &at, &block)) {
        blocks--;
    }
    return !blocks && at == size;
}

/*
 * DSP0274 "MEASUREMENTS": what stands before the signature.
 * Returns: its length, 0 when it is malformed.
 */
static size_t check(const struct teeio_requester *r,
                    const struct teeio_requester_ask *ask, size_t context,
                    size_t *record)
{
    size_t at;

    if (ask->answer_len < RECORD) {
        return 0;
    }
    *record = teeio_get_le(ask->answer + RECORD_LENGTH, 3);
    if (*record > ask->answer_len - RECORD ||
        !well_formed(ask->answer + RECORD, *record, ask->answer[BLOCKS])) {
        return 0;
    }
    at = RECORD + *record + TEEIO_SPDM_NONCE;
    if (!teeio_requester_opaque(ask, &at) ||
        !teeio_requester_ends(
            r, ask, at + context + teeio_requester_signature_size(r))) {
        return 0;
    }
    return at + context;
}

teeio_result
teeio_requester_measurements(struct teeio_requester *r, bool raw,
                             uint8_t record[TEEIO_REQUESTER_RECORD_MAX],
                             size_t *size)
{
    uint8_t request[REQUEST_END + TEEIO_SPDM_CONTEXT] = {0};
    size_t context = r->version >= TEEIO_SPDM_13 ? TEEIO_SPDM_CONTEXT : 0;
    struct teeio_requester_ask ask = {
        "MEASUREMENTS",          request, REQUEST_END + context,
        TEEIO_SPDM_MEASUREMENTS, NULL,    0};
    teeio_result result = teeio_requester_need(r, ask.what, false);
    struct teeio_spdm_hash l1;
    size_t len;
    size_t end;

    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if ((r->caps & TEEIO_SPDM_RSP_MEAS_CAP) != TEEIO_SPDM_RSP_MEAS_CAP_SIG) {
        return teeio_requester_fail(r, ask.what, TEEIO_REQUESTER_UNSUPPORTED,
                                    0);
    }
    teeio_requester_head(r, request, TEEIO_SPDM_GET_MEASUREMENTS,
                         TEEIO_SPDM_MEAS_SIGNATURE |
                             (raw ? TEEIO_SPDM_MEAS_RAW : 0),
                         TEEIO_SPDM_MEAS_ALL);
    r->rng.random(r->rng.opaque, request + REQUEST_NONCE, TEEIO_SPDM_NONCE);
    request[REQUEST_SLOT] = SLOT;
    r->rng.random(r->rng.opaque, request + REQUEST_END, context);
    result = teeio_requester_say(r, &ask);
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    end = check(r, &ask, context, &len);
    if (!end) {
        return teeio_requester_fail(r, ask.what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    if (memcmp(ask.answer + end - context, request + REQUEST_END, context)) {
        return teeio_requester_fail(r, ask.what, TEEIO_REQUESTER_UNEXPECTED, 0);
    }
    teeio_spdm_hash_init(&l1, r->hash);
    teeio_spdm_hash_update(&l1, r->vca, r->vca_len);
    teeio_spdm_hash_update(&l1, request, ask.len);
    teeio_spdm_hash_update(&l1, ask.answer, end);
    if (!teeio_requester_signed(r, &l1, "measurements signing",
                                ask.answer + end)) {
        return teeio_requester_fail(r, ask.what, TEEIO_REQUESTER_BAD_SIGNATURE,
                                    0);
    }
    memcpy(record, ask.answer + RECORD, len);
    *size = len;
    return TEEIO_REQUESTER_OK;
}
