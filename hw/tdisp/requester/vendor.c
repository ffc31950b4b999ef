/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* VENDOR_DEFINED messages of PCI-SIG, which carry TDISP and IDE_KM. */
#include <string.h>

#include "../../bytes.h"
#include "requester-internal.h"
#include "teeio/dsm.h"

#define VENDOR_SIZE 2
#define LENGTH      (TEEIO_SPDM_VENDOR_ID + VENDOR_SIZE)
#define PROTOCOL    (LENGTH + 2)
#define PAYLOAD     (PROTOCOL + 1)

static void put_head(const struct teeio_requester *r, uint8_t code,
                     uint8_t *head)
{
    teeio_requester_head(r, head, code, 0, 0);
    teeio_put_le(head + TEEIO_SPDM_VENDOR_STANDARD, TEEIO_DSM_STANDARD_PCI_SIG,
                 2);
    head[TEEIO_SPDM_VENDOR_LENGTH] = VENDOR_SIZE;
    teeio_put_le(head + TEEIO_SPDM_VENDOR_ID, TEEIO_DSM_VENDOR_PCI_SIG,
                 VENDOR_SIZE);
}

teeio_result teeio_requester_vendor(struct teeio_requester *r, const char *what,
                                    uint8_t protocol, const uint8_t *message,
                                    size_t len, const uint8_t **answer,
                                    size_t *answer_len)
{
    uint8_t request[TEEIO_REQUESTER_REQUEST];
    uint8_t wanted[LENGTH];
    struct teeio_requester_ask ask = {
        what, request, PAYLOAD + len, TEEIO_SPDM_VENDOR_DEFINED_RESPONSE,
        NULL, 0};
    teeio_result result = teeio_requester_need(r, what, true);

    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    put_head(r, TEEIO_SPDM_VENDOR_DEFINED_REQUEST, request);
    teeio_put_le(request + LENGTH, 1 + len, 2);
    request[PROTOCOL] = protocol;
    memcpy(request + PAYLOAD, message, len);
    result = teeio_requester_say(r, &ask);
    teeio_spdm_wipe(request, sizeof(request));
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    put_head(r, TEEIO_SPDM_VENDOR_DEFINED_RESPONSE, wanted);
    if (ask.answer_len < PAYLOAD ||
        teeio_get_le(ask.answer + LENGTH, 2) != ask.answer_len - PROTOCOL) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_MALFORMED, 0);
    }
    if (memcmp(ask.answer + TEEIO_SPDM_VENDOR_STANDARD,
               wanted + TEEIO_SPDM_VENDOR_STANDARD,
               LENGTH - TEEIO_SPDM_VENDOR_STANDARD) ||
        ask.answer[PROTOCOL] != protocol) {
        return teeio_requester_fail(r, what, TEEIO_REQUESTER_UNEXPECTED, 0);
    }
    *answer = ask.answer + PAYLOAD;
    *answer_len = ask.answer_len - PAYLOAD;
    return TEEIO_REQUESTER_OK;
}
