/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A requester that says anything: in clear, as a secured message, or sealed
 * properly within a session that it need not have negotiated.
 *
 * First byte: bit 0 the connection is made, bit 1 there is a session, bit 2 it
 * is in its handshake, bit 3 SPDM 1.2, bit 4 no chunks, bit 5 SHA-256, P-256
 * and ChaCha20. Then messages: kind, length (2 bytes), bytes. Kind: bit 0
 * secured as it is, bit 1 sealed; bits 7:4 choose a request code and the right
 * version, 0 for none.
 */
#include <string.h>

#include "../../hw/tdisp/spdm/spdm-internal.h"
#include "input.h"

enum { LONGEST = TEEIO_SPDM_MESSAGE_MAX + 64 };

static const uint8_t codes[] = {
    0,
    TEEIO_SPDM_GET_DIGESTS,
    TEEIO_SPDM_GET_CERTIFICATE,
    TEEIO_SPDM_CHALLENGE,
    TEEIO_SPDM_CHUNK_SEND,
    TEEIO_SPDM_CHUNK_GET,
    TEEIO_SPDM_GET_MEASUREMENTS,
    TEEIO_SPDM_GET_CAPABILITIES,
    TEEIO_SPDM_NEGOTIATE_ALGORITHMS,
    TEEIO_SPDM_KEY_EXCHANGE,
    TEEIO_SPDM_FINISH,
    TEEIO_SPDM_HEARTBEAT,
    TEEIO_SPDM_KEY_UPDATE,
    TEEIO_SPDM_END_SESSION,
    TEEIO_SPDM_VENDOR_DEFINED_REQUEST,
    TEEIO_SPDM_GET_VERSION,
};

static void fuzz_random(void *opaque, void *buf, size_t len)
{
    uint32_t *state = opaque;
    uint8_t *bytes = buf;

    while (len--) {
        *state = *state * 1103515245 + 12345;
        *bytes++ = *state >> 16;
    }
}

static size_t fuzz_measure(void *opaque, unsigned index,
                           struct teeio_spdm_measurement *out)
{
    (void)opaque;
    out->type = index & 0xf;
    out->tcb = index & 1;
    out->form = index % 3;
    memset(out->value, index, sizeof(out->value));
    return index < 5 ? 100 * index : 0;
}

static size_t fuzz_vendor(void *opaque,
                          const struct teeio_spdm_vendor_request *req,
                          uint8_t *response, size_t size)
{
    size_t len = req->len < size ? req->len : size;

    (void)opaque;
    memcpy(response, req->payload, len);
    return len;
}

static struct teeio_spdm *new_responder(uint32_t *state, uint8_t flags)
{
    static const struct teeio_spdm_identity identity = {.vendor = 0x1234};
    static struct teeio_spdm_credentials made;
    struct teeio_spdm_config config = {
        .opaque = state,
        .random = fuzz_random,
        .measure = fuzz_measure,
        .vendor = fuzz_vendor,
        .withheld = flags & 0x10 ? TEEIO_SPDM_CHUNK_CAP : 0,
    };

    if (!made.key_size) {
        g_assert_true(teeio_spdm_identity_make(&identity, &made));
    }
    config.chain = made.chain;
    config.chain_size = made.chain_size;
    config.key = made.key;
    config.key_size = made.key_size;
    return teeio_spdm_new(&config);
}

static void connect(struct teeio_spdm *spdm, uint8_t flags)
{
    bool small = flags & 0x20;

    spdm->connection = TEEIO_SPDM_CONNECTION_ALGORITHMS;
    spdm->version = flags & 8 ? TEEIO_SPDM_12 : TEEIO_SPDM_13;
    spdm->peer_caps = ~0u;
    spdm->peer_transfer_size = small ? 256 : 4096;
    spdm->peer_message_size = 4096;
    spdm->vca_len = sizeof(spdm->vca);
    spdm->algorithms = (struct teeio_spdm_algorithms){
        .asym = TEEIO_SPDM_ECDSA_P384,
        .hash = small ? TEEIO_SPDM_SHA_256 : TEEIO_SPDM_SHA_384,
        .dhe = small ? TEEIO_SPDM_SECP256R1 : TEEIO_SPDM_SECP384R1,
        .aead = small ? TEEIO_SPDM_CHACHA20_POLY1305 : TEEIO_SPDM_AES_256_GCM,
        .schedule = TEEIO_SPDM_KEY_SCHEDULE,
        .measurement = TEEIO_SPDM_MEAS_SPEC_DMTF,
        .opaque = TEEIO_SPDM_OPAQUE_FMT1,
    };
    if (flags & 2) {
        struct teeio_spdm_session *session = &spdm->sessions[0];

        session->phase =
            flags & 4 ? TEEIO_SPDM_HANDSHAKE : TEEIO_SPDM_APPLICATION;
        session->id = 0x10001;
        teeio_spdm_hash_init(&session->th, spdm->algorithms.hash);
    }
}

/* Seal @len bytes of @data with the keys of the first session. */
static size_t seal(struct teeio_spdm *spdm, const uint8_t *data, size_t len,
                   uint8_t *record)
{
    const struct teeio_spdm_session *session = &spdm->sessions[0];
    size_t rest = len + TEEIO_SPDM_SECURED_APP_LENGTH + TEEIO_SPDM_SECURED_TAG;
    uint8_t nonce[TEEIO_SPDM_IV];

    for (unsigned i = 0; i < 4; i++) {
        record[i] = session->id >> 8 * i;
    }
    record[4] = rest;
    record[5] = rest >> 8;
    record[6] = len;
    record[7] = len >> 8;
    memcpy(record + 8, data, len);
    memcpy(nonce, session->request.iv, sizeof(nonce));
    for (unsigned i = 0; i < 8; i++) {
        nonce[i] ^= session->request.sequence >> 8 * i;
    }
    teeio_spdm_seal(spdm->algorithms.aead, session->request.key, nonce, record,
                    6, record + 6, len + 2);
    return rest + 6;
}

static void one_message(struct teeio_spdm *spdm, struct fuzz_input *in)
{
    static uint8_t response[TEEIO_SPDM_RESPONSE_MAX];
    static uint8_t record[LONGEST + 32];
    static uint8_t data[LONGEST];
    uint8_t kind = fuzz_take(in, 1);
    size_t len = fuzz_take(in, 2) % LONGEST;
    bool secured = kind & 1;

    for (size_t i = 0; i < len; i++) {
        data[i] = fuzz_take(in, 1);
    }
    if (kind >> 4 && len >= 2) {
        data[0] = kind >> 4 == 15 ? TEEIO_SPDM_10 : spdm->version;
        data[1] = codes[kind >> 4];
    }
    if ((kind & 2) && spdm->sessions[0].phase) {
        len = seal(spdm, data, len, record);
        secured = true;
    } else {
        memcpy(record, data, len);
    }
    len = teeio_spdm_message(spdm, secured, record, len, response,
                             sizeof(response));
    g_assert_cmpuint(len, <=, sizeof(response));
    /* What answers in clear is a response of a version that there is. */
    if (len && !secured) {
        g_assert_cmpuint(len, >=, TEEIO_SPDM_HEADER);
        g_assert_cmphex(response[0] & 0xfc, ==, 0x10);
        g_assert_cmphex(response[1], <, 0x80);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    uint8_t flags = fuzz_take(&in, 1);
    uint32_t state = 1;
    struct teeio_spdm *spdm = new_responder(&state, flags);
    struct teeio_spdm *other = new_responder(&state, flags);
    uint8_t *image;
    size_t len;

    if (flags & 1) {
        connect(spdm, flags);
    }
    while (in.left) {
        one_message(spdm, &in);
    }
    /* Whatever happened, it can be saved and loaded. */
    len = teeio_spdm_save(spdm, NULL, 0);
    image = g_malloc(len);
    teeio_spdm_save(spdm, image, len);
    g_assert_true(teeio_spdm_load(other, image, len));
    g_free(image);
    teeio_spdm_free(other);
    teeio_spdm_free(spdm);
    return 0;
}
