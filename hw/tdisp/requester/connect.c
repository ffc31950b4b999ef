/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* VERSION, CAPABILITIES, ALGORITHMS. */
#include <string.h>

#include "../../bytes.h"
#include "requester-internal.h"

#define VERSION_COUNT   5
#define VERSION_ENTRIES 6
/* CTExponent of GET_CAPABILITIES: we are never asked for a signature. */
#define CT_EXPONENT 0

/* What we can do, and what a device must be able to. */
#define OWN_CAPS                                                           \
    (TEEIO_SPDM_ENCRYPT_CAP | TEEIO_SPDM_MAC_CAP | TEEIO_SPDM_KEY_EX_CAP | \
     TEEIO_SPDM_HBEAT_CAP | TEEIO_SPDM_KEY_UPD_CAP)
#define NEEDED_CAPS                                                       \
    (TEEIO_SPDM_CERT_CAP | TEEIO_SPDM_CHAL_CAP | TEEIO_SPDM_ENCRYPT_CAP | \
     TEEIO_SPDM_MAC_CAP | TEEIO_SPDM_KEY_EX_CAP)

#define ASYM   (TEEIO_SPDM_ECDSA_P384 | TEEIO_SPDM_ECDSA_P256)
#define HASHES (TEEIO_SPDM_SHA_384 | TEEIO_SPDM_SHA_256)
#define GROUPS (TEEIO_SPDM_SECP384R1 | TEEIO_SPDM_SECP256R1)
#define CIPHERS                                        \
    (TEEIO_SPDM_AES_256_GCM | TEEIO_SPDM_AES_128_GCM | \
     TEEIO_SPDM_CHACHA20_POLY1305)

/* Structures of NEGOTIATE_ALGORITHMS, in ascending order of type. */
static const struct {
    uint8_t type;
    uint16_t offered;
} structs[] = {
    {TEEIO_SPDM_ALG_TYPE_DHE, GROUPS},
    {TEEIO_SPDM_ALG_TYPE_AEAD, CIPHERS},
    {TEEIO_SPDM_ALG_TYPE_KEY_SCHEDULE, TEEIO_SPDM_KEY_SCHEDULE},
};
#define STRUCTS (sizeof(structs) / sizeof(structs[0]))
#define NEGOTIATE_SIZE \
    (TEEIO_SPDM_ALG_STRUCTS + TEEIO_SPDM_ALG_STRUCT * STRUCTS)
#define ANSWER_SIZE \
    (TEEIO_SPDM_ALG_RSP_STRUCTS + TEEIO_SPDM_ALG_STRUCT * STRUCTS)

static teeio_result malformed(struct teeio_requester *r,
                              const struct teeio_requester_ask *ask)
{
    return teeio_requester_fail(r, ask->what, TEEIO_REQUESTER_MALFORMED, 0);
}

static teeio_result unsupported(struct teeio_requester *r,
                                const struct teeio_requester_ask *ask)
{
    return teeio_requester_fail(r, ask->what, TEEIO_REQUESTER_UNSUPPORTED, 0);
}

static void remember(struct teeio_requester *r, const uint8_t *data, size_t len)
{
    memcpy(r->vca + r->vca_len, data, len);
    r->vca_len += len;
}

/* One exchange that is part of VCA; the answer has @size bytes. */
static teeio_result remember_both(struct teeio_requester *r,
                                  const struct teeio_requester_ask *ask,
                                  size_t size)
{
    if (!teeio_requester_ends(r, ask, size) ||
        ask->len + size > sizeof(r->vca) - r->vca_len) {
        return malformed(r, ask);
    }
    remember(r, ask->request, ask->len);
    remember(r, ask->answer, size);
    return TEEIO_REQUESTER_OK;
}

static teeio_result get_version(struct teeio_requester *r)
{
    const uint8_t request[] = {TEEIO_SPDM_10, TEEIO_SPDM_GET_VERSION, 0, 0};
    struct teeio_requester_ask ask = {
        "VERSION", request, sizeof(request), TEEIO_SPDM_VERSION, NULL, 0};
    uint8_t newest =
        r->config.max_version ? r->config.max_version : TEEIO_SPDM_13;
    teeio_result result = teeio_requester_say(r, &ask);
    unsigned count;

    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    if (ask.answer_len < VERSION_ENTRIES) {
        return malformed(r, &ask);
    }
    count = ask.answer[VERSION_COUNT];
    result = remember_both(r, &ask, VERSION_ENTRIES + 2 * count);
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    for (unsigned i = 0; i < count; i++) {
        uint8_t version = ask.answer[VERSION_ENTRIES + 2 * i + 1];

        if (version >= TEEIO_SPDM_12 && version <= newest &&
            version > r->version) {
            r->version = version;
        }
    }
    return r->version ? TEEIO_REQUESTER_OK : unsupported(r, &ask);
}

static teeio_result get_capabilities(struct teeio_requester *r)
{
    uint8_t request[TEEIO_SPDM_CAPABILITIES_SIZE] = {0};
    struct teeio_requester_ask ask = {
        "CAPABILITIES",          request, sizeof(request),
        TEEIO_SPDM_CAPABILITIES, NULL,    0};
    teeio_result result;

    teeio_requester_head(r, request, TEEIO_SPDM_GET_CAPABILITIES, 0, 0);
    request[TEEIO_SPDM_CT_EXPONENT] = CT_EXPONENT;
    teeio_put_le(request + TEEIO_SPDM_FLAGS, OWN_CAPS, 4);
    teeio_put_le(request + TEEIO_SPDM_DATA_TRANSFER_SIZE,
                 TEEIO_REQUESTER_MESSAGE, 4);
    teeio_put_le(request + TEEIO_SPDM_MAX_SPDM_MSG_SIZE,
                 TEEIO_REQUESTER_MESSAGE, 4);
    result = teeio_requester_say(r, &ask);
    if (result == TEEIO_REQUESTER_OK) {
        result = remember_both(r, &ask, TEEIO_SPDM_CAPABILITIES_SIZE);
    }
    if (result != TEEIO_REQUESTER_OK) {
        return result;
    }
    r->caps = teeio_get_le(ask.answer + TEEIO_SPDM_FLAGS, 4);
    r->transfer_size =
        teeio_get_le(ask.answer + TEEIO_SPDM_DATA_TRANSFER_SIZE, 4);
    if (r->transfer_size < TEEIO_SPDM_MIN_DATA_TRANSFER_SIZE) {
        /* DSP0274 "CAPABILITIES": less than any device may have. */
        return malformed(r, &ask);
    }
    return (r->caps & NEEDED_CAPS) == NEEDED_CAPS ? TEEIO_REQUESTER_OK
                                                  : unsupported(r, &ask);
}

static bool is_one_of(uint32_t selected, uint32_t offered)
{
    return selected && !(selected & (selected - 1)) &&
           (selected & offered) == selected;
}

/* DSP0274 "ALGORITHMS": one of each kind, out of what was offered. */
static teeio_result take_algorithms(struct teeio_requester *r,
                                    const struct teeio_requester_ask *ask)
{
    const uint8_t *answer = ask->answer;
    uint16_t selected[STRUCTS];

    if (answer[TEEIO_SPDM_PARAM1_OFFSET] != STRUCTS ||
        teeio_get_le(answer + TEEIO_SPDM_ALG_LENGTH, 2) != ANSWER_SIZE) {
        return malformed(r, ask);
    }
    for (unsigned i = 0; i < STRUCTS; i++) {
        const uint8_t *at =
            answer + TEEIO_SPDM_ALG_RSP_STRUCTS + TEEIO_SPDM_ALG_STRUCT * i;

        if (at[0] != structs[i].type || at[1] != TEEIO_SPDM_ALG_FIXED_COUNT_2) {
            return malformed(r, ask);
        }
        selected[i] = teeio_get_le(at + 2, 2);
        if (!is_one_of(selected[i], structs[i].offered)) {
            return unsupported(r, ask);
        }
    }
    r->asym = teeio_get_le(answer + TEEIO_SPDM_ALG_RSP_BASE_ASYM, 4);
    r->hash = teeio_get_le(answer + TEEIO_SPDM_ALG_RSP_BASE_HASH, 4);
    r->dhe = selected[0];
    r->aead = selected[1];
    if (!is_one_of(r->asym, ASYM) || !is_one_of(r->hash, HASHES) ||
        answer[TEEIO_SPDM_ALG_OTHER_PARAMS] != TEEIO_SPDM_OPAQUE_FMT1) {
        return unsupported(r, ask);
    }
    return TEEIO_REQUESTER_OK;
}

static teeio_result negotiate(struct teeio_requester *r)
{
    uint8_t request[NEGOTIATE_SIZE] = {0};
    struct teeio_requester_ask ask = {
        "ALGORITHMS", request, sizeof(request), TEEIO_SPDM_ALGORITHMS, NULL, 0};
    teeio_result result;

    teeio_requester_head(r, request, TEEIO_SPDM_NEGOTIATE_ALGORITHMS, STRUCTS,
                         0);
    teeio_put_le(request + TEEIO_SPDM_ALG_LENGTH, sizeof(request), 2);
    request[TEEIO_SPDM_ALG_MEAS_SPEC] = TEEIO_SPDM_MEAS_SPEC_DMTF;
    request[TEEIO_SPDM_ALG_OTHER_PARAMS] = TEEIO_SPDM_OPAQUE_FMT1;
    teeio_put_le(request + TEEIO_SPDM_ALG_BASE_ASYM, ASYM, 4);
    teeio_put_le(request + TEEIO_SPDM_ALG_BASE_HASH, HASHES, 4);
    for (unsigned i = 0; i < STRUCTS; i++) {
        uint8_t *at =
            request + TEEIO_SPDM_ALG_STRUCTS + TEEIO_SPDM_ALG_STRUCT * i;

        at[0] = structs[i].type;
        at[1] = TEEIO_SPDM_ALG_FIXED_COUNT_2;
        teeio_put_le(at + 2, structs[i].offered, 2);
    }
    result = teeio_requester_say(r, &ask);
    if (result == TEEIO_REQUESTER_OK) {
        result = remember_both(r, &ask, ANSWER_SIZE);
    }
    return result == TEEIO_REQUESTER_OK ? take_algorithms(r, &ask) : result;
}

static void disconnect(struct teeio_requester *r)
{
    teeio_requester_drop(r);
    r->ready = false;
    r->version = 0;
    r->transfer_size = 0;
    r->vca_len = 0;
    r->chain_len = 0;
}

teeio_result teeio_requester_connect(struct teeio_requester *r)
{
    static teeio_result (*const steps[])(struct teeio_requester * r) = {
        teeio_requester_discover, get_version, get_capabilities, negotiate,
        teeio_requester_authenticate};
    teeio_result result = TEEIO_REQUESTER_OK;

    disconnect(r);
    for (unsigned i = 0;
         i < sizeof(steps) / sizeof(steps[0]) && result == TEEIO_REQUESTER_OK;
         i++) {
        result = steps[i](r);
    }
    r->ready = result == TEEIO_REQUESTER_OK;
    if (!r->ready) {
        disconnect(r);
    }
    return result;
}
