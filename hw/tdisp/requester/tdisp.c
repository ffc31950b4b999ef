/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* TDISP messages (PCIe 11.3), the requester. */
#include <string.h>

#include "../../bytes.h"
#include "requester-internal.h"
#include "teeio/spec/tdisp.h"

#define HEADER TEEIO_TDISP_HEADER_SIZE
/* Bytes of a report that are asked for at a time. */
#define PORTION 256u

/**
 * struct exchange - a request about one TDI, and its response
 * @code:    of the request
 * @body:    what follows its header, @size bytes
 * @wanted:  bytes of the response; 0: as many as there are
 * @answer:  the whole response, @len bytes, at least a header
 */
struct exchange {
    const char *what;
    uint32_t function;
    uint8_t code;
    const uint8_t *body;
    size_t size;
    size_t wanted;
    const uint8_t *answer;
    size_t len;
};

static teeio_result run(struct teeio_requester *r, struct exchange *x)
{
    uint8_t request[TEEIO_TDISP_HEADER_SIZE + TEEIO_TDISP_NONCE_SIZE] = {
        TEEIO_TDISP_VERSION_10};
    teeio_result result;

    request[TEEIO_TDISP_TYPE_OFFSET] = x->code;
    teeio_put_le(request + TEEIO_TDISP_FUNCTION_OFFSET, x->function, 4);
    if (x->size) {
        memcpy(request + HEADER, x->body, x->size);
    }
    result = teeio_requester_vendor(r, x->what, TEEIO_TDISP_PROTOCOL, request,
                                    HEADER + x->size, &x->answer, &x->len);
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (x->len < HEADER) {
        return teeio_requester_fail(r, x->what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    if (x->answer[TEEIO_TDISP_VERSION_OFFSET] != TEEIO_TDISP_VERSION_10 ||
        teeio_get_le(x->answer + TEEIO_TDISP_FUNCTION_OFFSET, 4) !=
            x->function) {
        return teeio_requester_fail(r, x->what, TEEIO_REQUESTER_UNEXPECTED, 0);
    }
    if (x->answer[TEEIO_TDISP_TYPE_OFFSET] == TEEIO_TDISP_MSG_ERROR) {
        uint32_t code =
            x->len < TEEIO_TDISP_ERROR_SIZE
                ? TEEIO_TDISP_UNSPECIFIED
                : teeio_get_le(x->answer + TEEIO_TDISP_ERROR_CODE, 4);

        return teeio_requester_fail(r, x->what, TEEIO_REQUESTER_TDISP_ERROR,
                                    code);
    }
    if (x->answer[TEEIO_TDISP_TYPE_OFFSET] !=
        (x->code & ~TEEIO_TDISP_REQUEST_BIT)) {
        return teeio_requester_fail(r, x->what, TEEIO_REQUESTER_UNEXPECTED, 0);
    }
    if (x->wanted && x->len != x->wanted) {
        return teeio_requester_fail(r, x->what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    return TEEIO_REQUESTER_OK;
}

teeio_result teeio_requester_tdisp_version(struct teeio_requester *r,
                                           uint32_t function)
{
    struct exchange x = {.what = "TDISP_VERSION",
                         .function = function,
                         .code = TEEIO_TDISP_MSG_GET_VERSION};
    teeio_result result = run(r, &x);
    unsigned count;

    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (x.len <= TEEIO_TDISP_VERSION_COUNT ||
        x.len !=
            TEEIO_TDISP_VERSION_ENTRIES + x.answer[TEEIO_TDISP_VERSION_COUNT]) {
        return teeio_requester_fail(r, x.what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    count = x.answer[TEEIO_TDISP_VERSION_COUNT];
    for (unsigned i = 0; i < count; i++) {
        if (x.answer[TEEIO_TDISP_VERSION_ENTRIES + i] ==
            TEEIO_TDISP_VERSION_10) {
            return TEEIO_REQUESTER_OK;
        }
    }
    return teeio_requester_fail(r, x.what, TEEIO_REQUESTER_UNSUPPORTED, 0);
}

teeio_result
teeio_requester_tdisp_capabilities(struct teeio_requester *r, uint32_t function,
                                   struct teeio_requester_tdisp_caps *caps)
{
    const uint8_t body[TEEIO_TDISP_GET_CAPS_SIZE - HEADER] = {0};
    struct exchange x = {.what = "TDISP_CAPABILITIES",
                         .function = function,
                         .code = TEEIO_TDISP_MSG_GET_CAPABILITIES,
                         .body = body,
                         .size = sizeof(body),
                         .wanted = TEEIO_TDISP_CAPS_SIZE};
    teeio_result result = run(r, &x);

    if (result == TEEIO_REQUESTER_OK) {
        caps->dsm_caps = teeio_get_le(x.answer + HEADER, 4);
        memcpy(caps->messages, x.answer + TEEIO_TDISP_CAPS_MESSAGES,
               sizeof(caps->messages));
        caps->lock_flags = teeio_get_le(x.answer + TEEIO_TDISP_CAPS_FLAGS, 2);
        caps->addr_width = x.answer[TEEIO_TDISP_CAPS_ADDR_WIDTH];
        caps->num_this = x.answer[TEEIO_TDISP_CAPS_NUM_THIS];
        caps->num_all = x.answer[TEEIO_TDISP_CAPS_NUM_ALL];
    }
    return result;
}

teeio_result teeio_requester_lock(struct teeio_requester *r, uint32_t function,
                                  const struct teeio_requester_lock *lock,
                                  uint8_t nonce[TEEIO_REQUESTER_NONCE])
{
    uint8_t body[TEEIO_TDISP_LOCK_SIZE - HEADER] = {0};
    struct exchange x = {.what = "LOCK_INTERFACE_RESPONSE",
                         .function = function,
                         .code = TEEIO_TDISP_MSG_LOCK,
                         .body = body,
                         .size = sizeof(body),
                         .wanted = HEADER + TEEIO_TDISP_NONCE_SIZE};
    teeio_result result;

    teeio_put_le(body + (TEEIO_TDISP_LOCK_FLAGS - HEADER), lock->flags, 2);
    body[TEEIO_TDISP_LOCK_STREAM - HEADER] = lock->stream;
    teeio_put_le(body + (TEEIO_TDISP_LOCK_OFFSET - HEADER), lock->offset, 8);
    teeio_put_le(body + (TEEIO_TDISP_LOCK_P2P_MASK - HEADER), lock->p2p_mask,
                 8);
    result = run(r, &x);
    if (result == TEEIO_REQUESTER_OK) {
        memcpy(nonce, x.answer + TEEIO_TDISP_NONCE_OFFSET,
               TEEIO_TDISP_NONCE_SIZE);
    }
    return result;
}

/*
 * Append one portion; *@more is what is left then. The sum of all never
 * changes (PCIe 11.3.11).
 */
static teeio_result get_portion(struct teeio_requester *r, uint32_t function,
                                struct teeio_requester_report *report,
                                size_t *more)
{
    uint8_t body[TEEIO_TDISP_REPORT_SIZE - HEADER];
    struct exchange x = {.what = "DEVICE_INTERFACE_REPORT",
                         .function = function,
                         .code = TEEIO_TDISP_MSG_GET_REPORT,
                         .body = body,
                         .size = sizeof(body)};
    teeio_result result;
    size_t portion;
    size_t left;

    teeio_put_le(body, report->size, 2);
    teeio_put_le(body + 2, PORTION, 2);
    result = run(r, &x);
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (x.len < TEEIO_TDISP_REPORT_BYTES) {
        return teeio_requester_fail(r, x.what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    portion = teeio_get_le(x.answer + TEEIO_TDISP_REPORT_PORTION, 2);
    left = teeio_get_le(x.answer + TEEIO_TDISP_REPORT_REMAINDER, 2);
    if (!portion || portion > PORTION ||
        x.len != TEEIO_TDISP_REPORT_BYTES + portion ||
        (report->size && portion + left != *more)) {
        return teeio_requester_fail(r, x.what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    if (report->size + portion + left > sizeof(report->bytes)) {
        return teeio_requester_fail(r, x.what, TEEIO_REQUESTER_TOO_LARGE, 0);
    }
    memcpy(report->bytes + report->size, x.answer + TEEIO_TDISP_REPORT_BYTES,
           portion);
    report->size += portion;
    *more = left;
    return TEEIO_REQUESTER_OK;
}

teeio_result teeio_requester_report(struct teeio_requester *r,
                                    uint32_t function,
                                    struct teeio_requester_report *report)
{
    teeio_result result = TEEIO_REQUESTER_OK;
    size_t more = 1;

    report->size = 0;
    while (result == TEEIO_REQUESTER_OK && more) {
        result = get_portion(r, function, report, &more);
    }
    if (result == TEEIO_REQUESTER_OK && !teeio_requester_report_parse(report)) {
        return teeio_requester_fail(r, "TDI report", TEEIO_REQUESTER_MALFORMED,
                                    0);
    }
    return result;
}

teeio_result teeio_requester_start(struct teeio_requester *r, uint32_t function,
                                   const uint8_t nonce[TEEIO_REQUESTER_NONCE])
{
    uint8_t body[TEEIO_TDISP_NONCE_SIZE];
    struct exchange x = {.what = "START_INTERFACE_RESPONSE",
                         .function = function,
                         .code = TEEIO_TDISP_MSG_START,
                         .body = body,
                         .size = sizeof(body),
                         .wanted = HEADER};

    memcpy(body, nonce, sizeof(body));
    if (teeio_requester_faulty(r, TEEIO_REQUESTER_FAULT_NONCE)) {
        body[0] ^= 1;
    }
    return run(r, &x);
}

teeio_result teeio_requester_stop(struct teeio_requester *r, uint32_t function)
{
    struct exchange x = {.what = "STOP_INTERFACE_RESPONSE",
                         .function = function,
                         .code = TEEIO_TDISP_MSG_STOP,
                         .wanted = HEADER};

    return run(r, &x);
}

teeio_result teeio_requester_state(struct teeio_requester *r, uint32_t function,
                                   enum teeio_tdisp_state *state)
{
    struct exchange x = {.what = "DEVICE_INTERFACE_STATE",
                         .function = function,
                         .code = TEEIO_TDISP_MSG_GET_STATE,
                         .wanted = HEADER + 1};
    teeio_result result = run(r, &x);

    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (x.answer[TEEIO_TDISP_STATE_OFFSET] >= TEEIO_TDISP_STATES) {
        /* PCIe 11.3.13: a reserved state. */
        return teeio_requester_fail(r, x.what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    *state = x.answer[TEEIO_TDISP_STATE_OFFSET];
    return TEEIO_REQUESTER_OK;
}
