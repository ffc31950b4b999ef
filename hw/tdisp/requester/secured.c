/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Records of DSP0277 1.1 on PCIe DOE, as their other end. */
#include <string.h>

#include "../../bytes.h"
#include "requester-internal.h"

#define APP_LENGTH TEEIO_SPDM_SECURED_APP_LENGTH
#define HEAD       TEEIO_SPDM_SECURED_HEADER
#define TAG        TEEIO_SPDM_SECURED_TAG
#define PADDING    3

/* DSP0277 "Nonce": the sequence number, exclusive-or with the IV. */
static void make_nonce(struct teeio_requester_keys *keys, uint8_t *nonce)
{
    uint8_t number[TEEIO_SPDM_IV] = {0};

    teeio_put_le(number, keys->sequence++, 8);
    for (unsigned i = 0; i < sizeof(number); i++) {
        nonce[i] = keys->iv[i] ^ number[i];
    }
}

size_t teeio_requester_seal(struct teeio_requester *r, const uint8_t *message,
                            size_t len, uint8_t *record)
{
    struct teeio_requester_keys *keys = &r->session.request;
    uint8_t nonce[TEEIO_SPDM_IV];

    teeio_put_le(record, r->session.id, 4);
    teeio_put_le(record + TEEIO_SPDM_SECURED_LENGTH, APP_LENGTH + len + TAG, 2);
    teeio_put_le(record + HEAD, len, APP_LENGTH);
    memcpy(record + HEAD + APP_LENGTH, message, len);
    make_nonce(keys, nonce);
    teeio_spdm_seal(r->aead, keys->key, nonce, record, HEAD, record + HEAD,
                    APP_LENGTH + len);
    return HEAD + APP_LENGTH + len + TAG;
}

size_t teeio_requester_unseal(struct teeio_requester *r, const uint8_t *record,
                              size_t len)
{
    struct teeio_requester_keys *keys = &r->session.response;
    uint8_t nonce[TEEIO_SPDM_IV];
    size_t sealed;
    size_t size;

    if (len < HEAD || teeio_get_le(record, 4) != r->session.id) {
        return 0;
    }
    sealed = teeio_get_le(record + TEEIO_SPDM_SECURED_LENGTH, 2);
    if (sealed < APP_LENGTH + TAG || sealed > len - HEAD ||
        len - HEAD - sealed > PADDING || keys->sequence == UINT64_MAX) {
        /* DSP0277 "Secured message format": lengths that disagree. */
        return 0;
    }
    sealed -= TAG;
    make_nonce(keys, nonce);
    if (!teeio_spdm_unseal(r->aead, keys->key, nonce, record, HEAD,
                           record + HEAD, sealed, r->plain)) {
        return 0;
    }
    size = teeio_get_le(r->plain, APP_LENGTH);
    if (size > sealed - APP_LENGTH) {
        return 0;
    }
    memmove(r->plain, r->plain + APP_LENGTH, size);
    return size;
}
