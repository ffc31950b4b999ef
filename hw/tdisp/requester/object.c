/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* DOE objects (PCIe 6.30), and SPDM messages in them. */
#include <string.h>

#include "../../bytes.h"
#include "requester-internal.h"

#define HEADER TEEIO_DOE_HEADER_SIZE
/* DSP0274 "ERROR": how often BUSY is answered by asking again. */
#define TRIES 4

teeio_result teeio_requester_object(struct teeio_requester *r, const char *what,
                                    uint8_t type, const uint8_t *payload,
                                    size_t len, const uint8_t **answer,
                                    size_t *answer_len)
{
    size_t size = (HEADER + len + 3) & ~(size_t)3;
    size_t used;

    memset(r->object, 0, size);
    teeio_put_le(r->object, TEEIO_DOE_VENDOR_PCI_SIG, 2);
    r->object[2] = type;
    teeio_put_le(r->object + 4, size / 4, 4);
    memcpy(r->object + HEADER, payload, len);
    used = r->config.exchange(r->config.opaque, r->object, size, r->answer,
                              sizeof(r->answer));
    if (!used) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_NO_ANSWER, 0);
    }
    if (used > sizeof(r->answer) || used <= HEADER ||
        used != teeio_doe_length(r->answer)) {
        /* PCIe 6.30.1: not as long as its header says. */
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    if (teeio_get_le(r->answer, 2) != TEEIO_DOE_VENDOR_PCI_SIG ||
        r->answer[2] != type) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_UNEXPECTED, 0);
    }
    *answer = r->answer + HEADER;
    *answer_len = used - HEADER;
    return TEEIO_REQUESTER_OK;
}

teeio_result teeio_requester_discover(struct teeio_requester *r)
{
    static const char what[] = "DOE discovery";
    uint32_t types = 0;
    uint8_t index = 0;

    do {
        const uint8_t request[4] = {index};
        const uint8_t *answer;
        size_t len;
        teeio_result result =
            teeio_requester_object(r, what, TEEIO_DOE_TYPE_DISCOVERY, request,
                                   sizeof(request), &answer, &len);

        if (result != TEEIO_REQUESTER_OK) {
            return result;
        }
        if (len != 4 || (answer[3] && answer[3] <= index)) {
            /* PCIe 6.30.1.1: a list that does not go on never ends. */
            return teeio_requester_fail(r, what, TEEIO_REQUESTER_MALFORMED, 0);
        }
        if (teeio_get_le(answer, 2) == TEEIO_DOE_VENDOR_PCI_SIG &&
            answer[2] < 32) {
            types |= 1u << answer[2];
        }
        index = answer[3];
    } while (index);
    if (!(types & 1u << TEEIO_DOE_TYPE_SPDM) ||
        !(types & 1u << TEEIO_DOE_TYPE_SECURED)) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_UNSUPPORTED, 0);
    }
    return TEEIO_REQUESTER_OK;
}

void teeio_requester_head(const struct teeio_requester *r, uint8_t *request,
                          uint8_t code, uint8_t param1, uint8_t param2)
{
    request[TEEIO_SPDM_VERSION_OFFSET] = r->version;
    request[TEEIO_SPDM_CODE_OFFSET] = code;
    request[TEEIO_SPDM_PARAM1_OFFSET] = param1;
    request[TEEIO_SPDM_PARAM2_OFFSET] = param2;
}

bool teeio_requester_opaque(const struct teeio_requester_ask *ask, size_t *at)
{
    size_t len;

    if (*at > ask->answer_len || ask->answer_len - *at < 2) {
        return false;
    }
    len = teeio_get_le(ask->answer + *at, 2);
    *at += 2;
    if (len > TEEIO_SPDM_OPAQUE_MAX || len > ask->answer_len - *at) {
        return false;
    }
    *at += len;
    return true;
}

bool teeio_requester_ends(const struct teeio_requester *r,
                          const struct teeio_requester_ask *ask, size_t at)
{
    size_t padding = r->session.id ? 0 : 3;

    return ask->answer_len >= at && ask->answer_len - at <= padding;
}

/* A session does not go on when its records are out of step. */
static teeio_result lose(struct teeio_requester *r, teeio_result result)
{
    if (r->session.id) {
        teeio_requester_drop(r);
    }
    return result;
}

static teeio_result carry(struct teeio_requester *r,
                          struct teeio_requester_ask *ask)
{
    uint8_t record[TEEIO_REQUESTER_REQUEST + 32];
    bool secured = r->session.id;
    const uint8_t *data = ask->request;
    size_t len = ask->len;
    teeio_result result;

    if (secured) {
        len = teeio_requester_seal(r, data, len, record);
        data = record;
    }
    result = teeio_requester_object(
        r, ask->what, secured ? TEEIO_DOE_TYPE_SECURED : TEEIO_DOE_TYPE_SPDM,
        data, len, &ask->answer, &ask->answer_len);
    if (result != TEEIO_REQUESTER_OK || !secured) {
        return result;
    }
    ask->answer_len = teeio_requester_unseal(r, ask->answer, ask->answer_len);
    ask->answer = r->plain;
    if (!ask->answer_len) {
        return teeio_requester_fail(r, ask->what, TEEIO_REQUESTER_NOT_AUTHENTIC,
                                    0);
    }
    return TEEIO_REQUESTER_OK;
}

/* What every answer has to be. */
static teeio_result check(struct teeio_requester *r,
                          const struct teeio_requester_ask *ask)
{
    const uint8_t *answer = ask->answer;
    uint8_t version = ask->request[TEEIO_SPDM_VERSION_OFFSET];

    if (ask->answer_len < TEEIO_SPDM_HEADER ||
        ask->answer_len > TEEIO_REQUESTER_MESSAGE) {
        return teeio_requester_fail(r, ask->what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    if (answer[TEEIO_SPDM_VERSION_OFFSET] != version) {
        return teeio_requester_fail(r, ask->what, TEEIO_REQUESTER_UNEXPECTED,
                                    0);
    }
    if (answer[TEEIO_SPDM_CODE_OFFSET] == TEEIO_SPDM_ERROR) {
        return teeio_requester_fail(r, ask->what, TEEIO_REQUESTER_REFUSED,
                                    answer[TEEIO_SPDM_PARAM1_OFFSET]);
    }
    if (answer[TEEIO_SPDM_CODE_OFFSET] != ask->code) {
        return teeio_requester_fail(r, ask->what, TEEIO_REQUESTER_UNEXPECTED,
                                    0);
    }
    return TEEIO_REQUESTER_OK;
}

teeio_result teeio_requester_say(struct teeio_requester *r,
                                 struct teeio_requester_ask *ask)
{
    teeio_result result = TEEIO_REQUESTER_OK;

    if (ask->len > TEEIO_REQUESTER_REQUEST ||
        (r->transfer_size && ask->len > r->transfer_size)) {
        /* DSP0274 "DataTransferSize": and we send no chunks. */
        return teeio_requester_fail(r, ask->what, TEEIO_REQUESTER_TOO_LARGE, 0);
    }
    for (unsigned i = 0; i < TRIES; i++) {
        result = carry(r, ask);
        if (result != TEEIO_REQUESTER_OK) {
            return lose(r, result);
        }
        result = check(r, ask);
        if (result != TEEIO_REQUESTER_REFUSED || r->detail != TEEIO_SPDM_BUSY) {
            break;
        }
    }
    if (result != TEEIO_REQUESTER_OK && result != TEEIO_REQUESTER_REFUSED) {
        return lose(r, result);
    }
    return result;
}
