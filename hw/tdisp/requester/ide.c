/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* IDE_KM (PCIe 6.33.3), the requester. */
#include <string.h>

#include "../../bytes.h"
#include "requester-internal.h"
#include "teeio/spec/ide.h"

#define SUB_STREAMS 3 /* posted, non-posted, completions */
#define DIRECTIONS  2
/* The one that FAULT_KEY leaves out: completions that are sent. */
#define LEFT_OUT (2u << TEEIO_IDE_KM_SUB_LSB | TEEIO_IDE_KM_TX)

/* One stream of one port, and the key set that is worked on. */
struct stream {
    uint8_t id;
    uint8_t port;
    uint8_t set;
};

static teeio_result query(struct teeio_requester *r, uint8_t port)
{
    static const char what[] = "QUERY_RESP";
    uint8_t request[TEEIO_IDE_KM_QUERY_SIZE] = {TEEIO_IDE_KM_QUERY};
    const uint8_t *answer;
    teeio_result result;
    size_t len;

    request[TEEIO_IDE_KM_QUERY_PORT] = port;
    result = teeio_requester_vendor(r, what, TEEIO_IDE_KM_PROTOCOL, request,
                                    sizeof(request), &answer, &len);
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (len < TEEIO_IDE_KM_QUERY_REGS ||
        len % 4 != TEEIO_IDE_KM_QUERY_REGS % 4 ||
        answer[TEEIO_IDE_KM_QUERY_MAX_PORT] < port) {
        /* PCIe 6.33.3 "QUERY_RESP": registers in whole DWs. */
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    if (answer[0] != TEEIO_IDE_KM_QUERY_RESP ||
        answer[TEEIO_IDE_KM_QUERY_PORT] != port) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_UNEXPECTED, 0);
    }
    return TEEIO_REQUESTER_OK;
}

/* One message about one sub-stream, and its acknowledgement. */
static teeio_result ask(struct teeio_requester *r, const char *what, uint8_t id,
                        const struct stream *stream, uint8_t sub)
{
    bool program = id == TEEIO_IDE_KM_KEY_PROG;
    uint8_t request[TEEIO_IDE_KM_PROG_SIZE] = {id};
    const uint8_t *answer;
    teeio_result result;
    size_t len;

    request[TEEIO_IDE_KM_STREAM] = stream->id;
    request[TEEIO_IDE_KM_SUB_STREAM] = sub | stream->set;
    request[TEEIO_IDE_KM_PORT] = stream->port;
    if (program) {
        r->rng.random(r->rng.opaque, request + TEEIO_IDE_KM_KEY,
                      TEEIO_IDE_KM_KEY_SIZE);
        /* PCIe 6.33.3: the initial value is 0 in DW 0 and 1 in DW 1. */
        request[TEEIO_IDE_KM_IFV + 4] = 1;
    }
    result = teeio_requester_vendor(
        r, what, TEEIO_IDE_KM_PROTOCOL, request,
        program ? TEEIO_IDE_KM_PROG_SIZE : TEEIO_IDE_KM_SIZE, &answer, &len);
    teeio_spdm_wipe(request + TEEIO_IDE_KM_KEY, TEEIO_IDE_KM_KEY_SIZE);
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (len != TEEIO_IDE_KM_SIZE) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    if (answer[0] !=
            (program ? TEEIO_IDE_KM_KP_ACK : TEEIO_IDE_KM_K_GOSTOP_ACK) ||
        answer[TEEIO_IDE_KM_STREAM] != stream->id ||
        answer[TEEIO_IDE_KM_SUB_STREAM] != (sub | stream->set) ||
        answer[TEEIO_IDE_KM_PORT] != stream->port) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_UNEXPECTED, 0);
    }
    if (program && answer[TEEIO_IDE_KM_STATUS] != TEEIO_IDE_KM_OK) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_KEY_REFUSED,
                                    answer[TEEIO_IDE_KM_STATUS]);
    }
    return TEEIO_REQUESTER_OK;
}

/* All six sub-streams, receivers first, so that none sends to deaf ears. */
static teeio_result ask_all(struct teeio_requester *r, const char *what,
                            uint8_t id, const struct stream *stream,
                            bool leave_out)
{
    teeio_result result = TEEIO_REQUESTER_OK;

    for (unsigned i = 0; i < DIRECTIONS * SUB_STREAMS; i++) {
        uint8_t sub = i % SUB_STREAMS << TEEIO_IDE_KM_SUB_LSB |
                      (i / SUB_STREAMS ? TEEIO_IDE_KM_TX : 0);

        if (leave_out && sub == LEFT_OUT) {
            continue;
        }
        result = ask(r, what, id, stream, sub);
        if (result != TEEIO_REQUESTER_OK) {
            break;
        }
    }
    return result;
}

teeio_result teeio_requester_ide_setup(struct teeio_requester *r,
                                       uint8_t stream, uint8_t port)
{
    struct teeio_requester_session *session = &r->session;
    const struct stream target = {stream, port, session->key_set[stream] == 1};
    teeio_result result = query(r, port);
    bool leave_out;

    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    leave_out = teeio_requester_faulty(r, TEEIO_REQUESTER_FAULT_KEY);
    result = ask_all(r, "KP_ACK", TEEIO_IDE_KM_KEY_PROG, &target, leave_out);
    if (result == TEEIO_REQUESTER_OK) {
        result = ask_all(r, "K_GOSTOP_ACK", TEEIO_IDE_KM_K_SET_GO, &target,
                         leave_out);
    }
    if (result == TEEIO_REQUESTER_OK) {
        session->key_set[stream] = target.set + 1;
        session->port[stream] = port;
    }
    return result;
}

teeio_result teeio_requester_ide_stop(struct teeio_requester *r, uint8_t stream)
{
    static const char what[] = "K_GOSTOP_ACK";
    struct teeio_requester_session *session = &r->session;
    teeio_result result = teeio_requester_need(r, what, true);
    struct stream target;

    if (result != TEEIO_REQUESTER_OK || !session->key_set[stream]) {
        return result;
    }
    target = (struct stream){stream, session->port[stream],
                             session->key_set[stream] - 1};
    session->key_set[stream] = 0;
    return ask_all(r, what, TEEIO_IDE_KM_K_SET_STOP, &target, false);
}
