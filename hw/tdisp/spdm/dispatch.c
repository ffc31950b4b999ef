/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "spdm-internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What an object of DOE is padded with to a multiple of four bytes. */
#define PADDING      3

#define OUTSIDE      TEEIO_SPDM_OUTSIDE
#define HANDSHAKE    TEEIO_SPDM_HANDSHAKE
#define APPLICATION  TEEIO_SPDM_APPLICATION
#define NONE         TEEIO_SPDM_CONNECTION_NONE
#define VERSION      TEEIO_SPDM_CONNECTION_VERSION
#define CAPABILITIES TEEIO_SPDM_CONNECTION_CAPABILITIES
#define ALGORITHMS   TEEIO_SPDM_CONNECTION_ALGORITHMS

/*
 * @from, @to:   states of the connection in which the request is legal
 * @where:       DSP0274 table "SPDM request and response messages validity"
 * @since:       first version that has it
 * @own, @peer:  capability flags that this and the other side must have
 * @clears_m1:   DSP0274 table "Request ordering ... for M1/M2"
 */
static const struct row {
    uint8_t code;
    uint8_t since;
    enum teeio_spdm_connection from;
    enum teeio_spdm_connection to;
    uint8_t where;
    bool clears_m1;
    uint32_t own;
    uint32_t peer;
    teeio_spdm_handler *run;
} table[] = {
    {TEEIO_SPDM_GET_VERSION, TEEIO_SPDM_10, NONE, ALGORITHMS, OUTSIDE, false, 0,
     0, teeio_spdm_do_version},
    {TEEIO_SPDM_GET_CAPABILITIES, TEEIO_SPDM_12, VERSION, VERSION, OUTSIDE,
     false, 0, 0, teeio_spdm_do_capabilities},
    {TEEIO_SPDM_NEGOTIATE_ALGORITHMS, TEEIO_SPDM_12, CAPABILITIES, CAPABILITIES,
     OUTSIDE, false, 0, 0, teeio_spdm_do_algorithms},
    {TEEIO_SPDM_GET_DIGESTS, TEEIO_SPDM_12, ALGORITHMS, ALGORITHMS,
     OUTSIDE | APPLICATION, false, TEEIO_SPDM_CERT_CAP, 0,
     teeio_spdm_do_digests},
    {TEEIO_SPDM_GET_CERTIFICATE, TEEIO_SPDM_12, ALGORITHMS, ALGORITHMS,
     OUTSIDE | APPLICATION, false, TEEIO_SPDM_CERT_CAP, 0,
     teeio_spdm_do_certificate},
    {TEEIO_SPDM_CHALLENGE, TEEIO_SPDM_12, ALGORITHMS, ALGORITHMS, OUTSIDE,
     false, TEEIO_SPDM_CHAL_CAP, 0, teeio_spdm_do_challenge},
    {TEEIO_SPDM_GET_MEASUREMENTS, TEEIO_SPDM_12, ALGORITHMS, ALGORITHMS,
     OUTSIDE | APPLICATION, true, TEEIO_SPDM_RSP_MEAS_CAP, 0,
     teeio_spdm_do_measurements},
    {TEEIO_SPDM_KEY_EXCHANGE, TEEIO_SPDM_12, ALGORITHMS, ALGORITHMS, OUTSIDE,
     true, TEEIO_SPDM_KEY_EX_CAP, TEEIO_SPDM_KEY_EX_CAP,
     teeio_spdm_do_key_exchange},
    {TEEIO_SPDM_FINISH, TEEIO_SPDM_12, ALGORITHMS, ALGORITHMS, HANDSHAKE, true,
     TEEIO_SPDM_KEY_EX_CAP, TEEIO_SPDM_KEY_EX_CAP, teeio_spdm_do_finish},
    {TEEIO_SPDM_HEARTBEAT, TEEIO_SPDM_12, ALGORITHMS, ALGORITHMS, APPLICATION,
     true, TEEIO_SPDM_HBEAT_CAP, TEEIO_SPDM_HBEAT_CAP, teeio_spdm_do_heartbeat},
    {TEEIO_SPDM_KEY_UPDATE, TEEIO_SPDM_12, ALGORITHMS, ALGORITHMS, APPLICATION,
     true, TEEIO_SPDM_KEY_UPD_CAP, TEEIO_SPDM_KEY_UPD_CAP,
     teeio_spdm_do_key_update},
    {TEEIO_SPDM_END_SESSION, TEEIO_SPDM_12, ALGORITHMS, ALGORITHMS, APPLICATION,
     true, TEEIO_SPDM_KEY_EX_CAP, 0, teeio_spdm_do_end_session},
    {TEEIO_SPDM_VENDOR_DEFINED_REQUEST, TEEIO_SPDM_12, ALGORITHMS, ALGORITHMS,
     OUTSIDE | APPLICATION, false, 0, 0, teeio_spdm_do_vendor},
    {TEEIO_SPDM_CHUNK_SEND, TEEIO_SPDM_12, CAPABILITIES, ALGORITHMS,
     OUTSIDE | HANDSHAKE | APPLICATION, false, TEEIO_SPDM_CHUNK_CAP,
     TEEIO_SPDM_CHUNK_CAP, teeio_spdm_do_chunk_send},
    {TEEIO_SPDM_CHUNK_GET, TEEIO_SPDM_12, CAPABILITIES, ALGORITHMS,
     OUTSIDE | HANDSHAKE | APPLICATION, false, TEEIO_SPDM_CHUNK_CAP,
     TEEIO_SPDM_CHUNK_CAP, teeio_spdm_do_chunk_get},
    {TEEIO_SPDM_RESPOND_IF_READY, TEEIO_SPDM_12, CAPABILITIES, ALGORITHMS,
     OUTSIDE | HANDSHAKE | APPLICATION, false, 0, 0,
     teeio_spdm_do_respond_if_ready},
};

uint64_t teeio_spdm_number(const uint8_t *data, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++) {
        value |= (uint64_t)data[i] << 8 * i;
    }
    return value;
}

void teeio_spdm_put(struct teeio_spdm_response *rsp, const void *data,
                    size_t len)
{
    if (rsp->len <= rsp->size && len <= rsp->size - rsp->len && len) {
        memcpy(rsp->data + rsp->len, data, len);
    }
    rsp->len += len;
}

void teeio_spdm_put_number(struct teeio_spdm_response *rsp, uint64_t value,
                           unsigned bytes)
{
    uint8_t little[8];

    for (unsigned i = 0; i < bytes; i++) {
        little[i] = value >> 8 * i;
    }
    teeio_spdm_put(rsp, little, bytes);
}

void teeio_spdm_put_header(struct teeio_spdm *spdm,
                           struct teeio_spdm_response *rsp, uint8_t code,
                           uint8_t param1, uint8_t param2)
{
    /* None is selected: that of VERSION and of its errors. */
    teeio_spdm_put_number(rsp, spdm->version ? spdm->version : TEEIO_SPDM_10,
                          1);
    teeio_spdm_put_number(rsp, code, 1);
    teeio_spdm_put_number(rsp, param1, 1);
    teeio_spdm_put_number(rsp, param2, 1);
}

bool teeio_spdm_fits(const struct teeio_spdm_response *rsp, size_t more)
{
    return rsp->len + more <= rsp->size;
}

static const struct row *find_row(uint8_t code)
{
    for (size_t i = 0; i < COUNT(table); i++) {
        if (table[i].code == code) {
            return &table[i];
        }
    }
    return NULL;
}

static bool offered(const struct teeio_spdm *spdm, uint8_t version)
{
    return version == TEEIO_SPDM_12 ||
           (version == TEEIO_SPDM_13 &&
            spdm->config.max_version != TEEIO_SPDM_12);
}

/* DSP0274 "SPDM version": the first request after VERSION decides. */
static bool right_version(const struct teeio_spdm *spdm, uint8_t code,
                          uint8_t version)
{
    if (code == TEEIO_SPDM_GET_VERSION) {
        return version == TEEIO_SPDM_10;
    }
    return spdm->version ? version == spdm->version : offered(spdm, version);
}

/* What speaks against a request before its own fields are looked at. */
static uint8_t check(const struct teeio_spdm *spdm, const struct row *row,
                     const struct teeio_spdm_request *req,
                     struct teeio_spdm_response *rsp)
{
    uint8_t code = req->data[TEEIO_SPDM_CODE_OFFSET];
    uint8_t version = req->data[TEEIO_SPDM_VERSION_OFFSET];
    uint8_t place = req->session ? req->session->phase : OUTSIDE;

    if (!right_version(spdm, code, version)) {
        /* DSP0274 "GET_VERSION": not the version that was selected. */
        return TEEIO_SPDM_VERSION_MISMATCH;
    }
    if (!row || version < row->since) {
        /* DSP0274 "SPDM request codes": a code we do not serve. */
        rsp->error_data = code;
        return TEEIO_SPDM_UNSUPPORTED_REQUEST;
    }
    if (spdm->connection < row->from || spdm->connection > row->to) {
        /* DSP0274 "Capability discovery": out of order. */
        return TEEIO_SPDM_UNEXPECTED_REQUEST;
    }
    if (spdm->large.request && code != spdm->large.request &&
        code != TEEIO_SPDM_GET_VERSION) {
        /* DSP0274 "Large SPDM message transfer": not to be interrupted. */
        return TEEIO_SPDM_UNEXPECTED_REQUEST;
    }
    if ((row->own && !(spdm->own_caps & row->own)) ||
        (row->peer && !(spdm->peer_caps & row->peer))) {
        /* DSP0274 "CAPABILITIES": a capability that one side lacks. */
        rsp->error_data = code;
        return TEEIO_SPDM_UNSUPPORTED_REQUEST;
    }
    if (!(row->where & place)) {
        /* DSP0274 "request and response code issuance allowance". */
        return req->session || (row->where & OUTSIDE)
                   ? TEEIO_SPDM_UNEXPECTED_REQUEST
                   : TEEIO_SPDM_SESSION_REQUIRED;
    }
    if (spdm->connection == ALGORITHMS && code != TEEIO_SPDM_GET_VERSION &&
        (!spdm->algorithms.hash || !spdm->algorithms.asym)) {
        /* DSP0274 "NEGOTIATE_ALGORITHMS": nothing in common was found. */
        return TEEIO_SPDM_REQUEST_RESYNCH;
    }
    return 0;
}

/* DSP0274 "MEASUREMENTS": all but a chain of these begins L1/L2 anew. */
static void clear_transcripts(struct teeio_spdm *spdm, const struct row *row,
                              struct teeio_spdm_session *session,
                              const uint8_t *data, uint8_t error)
{
    struct teeio_spdm_transcript *l1 = session ? &session->l1 : &spdm->l1;
    uint8_t code = data[TEEIO_SPDM_CODE_OFFSET];

    if (code == TEEIO_SPDM_CHUNK_SEND || code == TEEIO_SPDM_CHUNK_GET) {
        /* Carriers: the message within counts. */
        return;
    }
    if (code != TEEIO_SPDM_GET_MEASUREMENTS || error) {
        teeio_spdm_transcript_reset(l1);
    }
    if (row && row->clears_m1) {
        teeio_spdm_transcript_reset(&spdm->m1);
    }
}

void teeio_spdm_put_error(struct teeio_spdm *spdm,
                          struct teeio_spdm_response *rsp, uint8_t error)
{
    rsp->len = 0;
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_ERROR, error, rsp->error_data);
}

/* DSP0274 "GET_VERSION": its errors are of version 1.0, as it is. */
static void put_version_error(struct teeio_spdm *spdm,
                              struct teeio_spdm_response *rsp, uint8_t error)
{
    uint8_t version = spdm->version;

    spdm->version = 0;
    teeio_spdm_put_error(spdm, rsp, error);
    spdm->version = version;
}

void teeio_spdm_dispatch(struct teeio_spdm *spdm,
                         struct teeio_spdm_session *session,
                         const uint8_t *data, size_t len,
                         struct teeio_spdm_response *rsp)
{
    struct teeio_spdm_request req = {
        .data = data, .len = len, .session = session};
    const struct row *row = NULL;
    size_t longest = spdm->own_caps & TEEIO_SPDM_CHUNK_CAP
                         ? TEEIO_SPDM_MESSAGE_MAX
                         : spdm->transfer_size;
    size_t long_len = 0;
    uint8_t error;
    uint8_t code;

    if (len < TEEIO_SPDM_HEADER) {
        /* DSP0274 "Generic SPDM message format": no whole header. */
        teeio_spdm_put_error(spdm, rsp, TEEIO_SPDM_INVALID_REQUEST);
        return;
    }
    code = data[TEEIO_SPDM_CODE_OFFSET];
    req.param1 = data[TEEIO_SPDM_PARAM1_OFFSET];
    req.param2 = data[TEEIO_SPDM_PARAM2_OFFSET];
    row = find_row(code);
    error = check(spdm, row, &req, rsp);
    if (!error && len > longest + PADDING) {
        /* DSP0274 "CAPABILITIES": longer than our MaxSPDMmsgSize. */
        error = TEEIO_SPDM_REQUEST_TOO_LARGE;
    }
    if (!error && spdm->connection == VERSION && !spdm->version &&
        code != TEEIO_SPDM_GET_VERSION) {
        spdm->version = data[TEEIO_SPDM_VERSION_OFFSET];
    }
    clear_transcripts(spdm, row, session, data, error);
    if (!error) {
        error = row->run(spdm, &req, rsp);
        clear_transcripts(spdm, NULL, session, data, error);
    }
    if (!error && rsp->len > rsp->size) {
        /* DSP0274 "CAPABILITIES": more than the requester can take. */
        error = TEEIO_SPDM_RESPONSE_TOO_LARGE;
        long_len = rsp->len;
        clear_transcripts(spdm, NULL, session, data, error);
    }
    if (error && code == TEEIO_SPDM_GET_VERSION) {
        put_version_error(spdm, rsp, error);
    } else if (error) {
        teeio_spdm_put_error(spdm, rsp, error);
        if (error == TEEIO_SPDM_RESPONSE_TOO_LARGE) {
            teeio_spdm_put_number(rsp, long_len, 4);
        }
    } else if (rsp->len > rsp->limit) {
        uint8_t handle = teeio_spdm_chunk_keep(spdm, session, rsp);

        /* DSP0274 "Large SPDM message transfer": to be fetched in chunks. */
        teeio_spdm_put_error(spdm, rsp, TEEIO_SPDM_LARGE_RESPONSE);
        teeio_spdm_put_number(rsp, handle, 1);
    }
}

uint8_t teeio_spdm_do_respond_if_ready(struct teeio_spdm *spdm,
                                       const struct teeio_spdm_request *req,
                                       struct teeio_spdm_response *rsp)
{
    (void)spdm;
    (void)req;
    (void)rsp;
    /* DSP0274 "RESPOND_IF_READY": we never said that we were not. */
    return TEEIO_SPDM_UNEXPECTED_REQUEST;
}
