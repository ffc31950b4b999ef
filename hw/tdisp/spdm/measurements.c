/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "spdm-internal.h"

#define SLOT        0
#define FIRST_INDEX 1
#define LAST_INDEX  0xfe

/* Where blocks go: an answer, or a digest of them. */
struct sink {
    struct teeio_spdm_response *rsp;
    struct teeio_spdm_hash *hash;
};

static void put_bytes(struct sink *sink, const void *data, size_t len)
{
    if (sink->rsp) {
        teeio_spdm_put(sink->rsp, data, len);
    }
    if (sink->hash) {
        teeio_spdm_hash_update(sink->hash, data, len);
    }
}

static size_t measure(struct teeio_spdm *spdm, unsigned index,
                      struct teeio_spdm_measurement *out)
{
    size_t size;

    memset(out, 0, sizeof(*out));
    if (!spdm->config.measure) {
        return 0;
    }
    size = spdm->config.measure(spdm->config.opaque, index, out);
    return size <= sizeof(out->value) ? size : 0;
}

/* DSP0274 "Measurement block", in the form of DMTF. */
static void put_block(struct teeio_spdm *spdm, unsigned index,
                      const struct teeio_spdm_measurement *m, size_t size,
                      bool want_raw, struct sink *sink)
{
    bool raw = m->form == TEEIO_SPDM_FORM_RAW ||
               (m->form == TEEIO_SPDM_FORM_BOTH && want_raw);
    uint8_t head[TEEIO_SPDM_MEAS_BLOCK + TEEIO_SPDM_MEAS_VALUE_HEADER];
    uint8_t digest[TEEIO_SPDM_HASH_MAX];
    const uint8_t *value = m->value;
    size_t whole;

    if (!raw) {
        teeio_spdm_digest(spdm->algorithms.hash, m->value, size, digest);
        value = digest;
        size = teeio_spdm_hash_size(spdm->algorithms.hash);
    }
    whole = size + TEEIO_SPDM_MEAS_VALUE_HEADER;
    head[0] = index;
    head[1] = TEEIO_SPDM_MEAS_SPEC_DMTF;
    head[2] = whole;
    head[3] = whole >> 8;
    head[4] = m->type | (raw ? TEEIO_SPDM_MEAS_VALUE_RAW : 0);
    head[5] = size;
    head[6] = size >> 8;
    put_bytes(sink, head, sizeof(head));
    put_bytes(sink, value, size);
}

/* Returns: how many there are of @first to @last. */
static unsigned put_blocks(struct teeio_spdm *spdm, unsigned first,
                           unsigned last, bool only_tcb, bool raw,
                           struct sink *sink)
{
    struct teeio_spdm_measurement m;
    unsigned count = 0;

    for (unsigned index = first; index <= last; index++) {
        size_t size = measure(spdm, index, &m);

        if (size && (m.tcb || !only_tcb)) {
            put_block(spdm, index, &m, size, raw, sink);
            count++;
        }
    }
    return count;
}

bool teeio_spdm_summary_valid(const struct teeio_spdm *spdm, uint8_t kind)
{
    return kind == TEEIO_SPDM_SUMMARY_NONE ||
           ((kind == TEEIO_SPDM_SUMMARY_TCB ||
             kind == TEEIO_SPDM_SUMMARY_ALL) &&
            (spdm->own_caps & TEEIO_SPDM_RSP_MEAS_CAP) &&
            spdm->algorithms.measurement);
}

size_t teeio_spdm_summary_size(const struct teeio_spdm *spdm, uint8_t kind)
{
    return kind == TEEIO_SPDM_SUMMARY_NONE
               ? 0
               : teeio_spdm_hash_size(spdm->algorithms.hash);
}

void teeio_spdm_put_summary(struct teeio_spdm *spdm, uint8_t kind,
                            struct teeio_spdm_response *rsp)
{
    uint8_t digest[TEEIO_SPDM_HASH_MAX] = {0};
    struct teeio_spdm_hash hash;
    struct sink sink = {.hash = &hash};

    if (kind == TEEIO_SPDM_SUMMARY_NONE) {
        return;
    }
    teeio_spdm_hash_init(&hash, spdm->algorithms.hash);
    /* With nothing to sum up, the field is 0. */
    if (put_blocks(spdm, FIRST_INDEX, LAST_INDEX,
                   kind == TEEIO_SPDM_SUMMARY_TCB, false, &sink)) {
        teeio_spdm_hash_peek(&hash, digest);
    }
    teeio_spdm_put(rsp, digest, teeio_spdm_summary_size(spdm, kind));
}

/* NumberOfBlocks, MeasurementRecordLength and the record. */
static bool put_record(struct teeio_spdm *spdm, uint8_t operation, bool raw,
                       struct teeio_spdm_response *rsp)
{
    struct sink sink = {.rsp = rsp};
    size_t start = rsp->len;
    size_t end;
    unsigned count = 0;

    teeio_spdm_put_number(rsp, 0, 4);
    if (operation == TEEIO_SPDM_MEAS_ALL) {
        count = put_blocks(spdm, FIRST_INDEX, LAST_INDEX, false, raw, &sink);
    } else if (operation != TEEIO_SPDM_MEAS_COUNT) {
        count = put_blocks(spdm, operation, operation, false, raw, &sink);
        if (!count) {
            return false;
        }
    }
    end = rsp->len;
    rsp->len = start;
    teeio_spdm_put_number(rsp, count, 1);
    teeio_spdm_put_number(rsp, end - start - 4, 3);
    rsp->len = end;
    return true;
}

static unsigned count_all(struct teeio_spdm *spdm)
{
    struct sink nowhere = {0};

    return put_blocks(spdm, FIRST_INDEX, LAST_INDEX, false, true, &nowhere);
}

uint8_t teeio_spdm_do_measurements(struct teeio_spdm *spdm,
                                   const struct teeio_spdm_request *req,
                                   struct teeio_spdm_response *rsp)
{
    struct teeio_spdm_transcript *l1 =
        req->session ? &req->session->l1 : &spdm->l1;
    bool sign = req->param1 & TEEIO_SPDM_MEAS_SIGNATURE;
    bool context = spdm->version >= TEEIO_SPDM_13;
    size_t len = TEEIO_SPDM_HEADER + (sign ? TEEIO_SPDM_NONCE + 1 : 0);
    uint8_t nonce[TEEIO_SPDM_NONCE];
    size_t signature = 0;
    uint8_t total = 0;

    if (req->len < len + (context ? TEEIO_SPDM_CONTEXT : 0) ||
        (sign && (req->data[len - 1] & TEEIO_SPDM_SLOT_MASK) != SLOT)) {
        /* DSP0274 "GET_MEASUREMENTS": short, or an empty slot. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    if (!spdm->algorithms.measurement) {
        /* DSP0274 "Measurement specification": none in common. */
        return TEEIO_SPDM_UNEXPECTED_REQUEST;
    }
    if (req->param2 == TEEIO_SPDM_MEAS_COUNT) {
        total = count_all(spdm);
    }
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_MEASUREMENTS, total, SLOT);
    if (!put_record(spdm, req->param2, req->param1 & TEEIO_SPDM_MEAS_RAW,
                    rsp)) {
        /* DSP0274 "GET_MEASUREMENTS": no measurement at this index. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    spdm->rng.random(spdm->rng.opaque, nonce, sizeof(nonce));
    teeio_spdm_put(rsp, nonce, sizeof(nonce));
    teeio_spdm_put_number(rsp, 0, 2);
    if (context) {
        teeio_spdm_put(rsp, req->data + len, TEEIO_SPDM_CONTEXT);
        len += TEEIO_SPDM_CONTEXT;
    }
    if (sign) {
        signature = teeio_spdm_signature_size(spdm);
    }
    if (!teeio_spdm_fits(rsp, signature)) {
        rsp->len += signature;
        return 0;
    }
    teeio_spdm_transcript_add(spdm, l1, req->data, len);
    teeio_spdm_transcript_add(spdm, l1, rsp->data, rsp->len);
    if (sign) {
        if (!teeio_spdm_sign(spdm, &l1->hash, "measurements signing", rsp)) {
            return TEEIO_SPDM_UNSPECIFIED;
        }
        teeio_spdm_transcript_reset(l1);
    }
    return 0;
}
