/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "spdm-internal.h"

#define OFFERED                                                                \
    (TEEIO_SPDM_CERT_CAP | TEEIO_SPDM_CHAL_CAP | TEEIO_SPDM_RSP_MEAS_CAP_SIG | \
     TEEIO_SPDM_RSP_MEAS_FRESH_CAP | TEEIO_SPDM_CHUNK_CAP | SESSION_CAPS)
#define SESSION_CAPS                                                       \
    (TEEIO_SPDM_ENCRYPT_CAP | TEEIO_SPDM_MAC_CAP | TEEIO_SPDM_KEY_EX_CAP | \
     TEEIO_SPDM_HBEAT_CAP | TEEIO_SPDM_KEY_UPD_CAP)

/* A session needs all three; the rest makes no sense without them. */
#define SESSION_NEEDS \
    (TEEIO_SPDM_ENCRYPT_CAP | TEEIO_SPDM_MAC_CAP | TEEIO_SPDM_KEY_EX_CAP)

static uint32_t offered_caps(const struct teeio_spdm_config *config)
{
    uint32_t caps = OFFERED & ~config->withheld;

    if (!config->measure) {
        caps &= ~(TEEIO_SPDM_RSP_MEAS_CAP | TEEIO_SPDM_RSP_MEAS_FRESH_CAP);
    }
    if (!(caps & TEEIO_SPDM_RSP_MEAS_CAP)) {
        caps &= ~TEEIO_SPDM_RSP_MEAS_FRESH_CAP;
    }
    if ((caps & SESSION_NEEDS) != SESSION_NEEDS) {
        caps &= ~SESSION_CAPS;
    }
    return caps;
}

/*
 * Returns: the length of the DER SEQUENCE at the start of @data, 0 when it is
 * none or does not end within @size bytes.
 */
static size_t der_length(const uint8_t *data, size_t size)
{
    size_t len = 0;
    size_t head = 2;

    if (size < head || data[0] != 0x30) {
        return 0;
    }
    if (data[1] < 0x80) {
        len = data[1];
    } else {
        head += data[1] & 0x7f;
        if (head > 5 || head > size) {
            return 0;
        }
        for (size_t i = 2; i < head; i++) {
            len = len << 8 | data[i];
        }
    }
    return len <= size - head ? head + len : 0;
}

/* Returns: the length of the first certificate, 0 when the chain is none. */
static size_t check_chain(const uint8_t *chain, size_t size)
{
    size_t first = der_length(chain, size);
    size_t at = first;

    while (at && at < size) {
        size_t len = der_length(chain + at, size - at);

        at = len ? at + len : 0;
    }
    return at ? first : 0;
}

/* X.509 integers have a sign: zeros in front, or not all bytes. */
static bool copy_scalar(uint8_t *out, size_t size, const gnutls_datum_t *k)
{
    const uint8_t *from = k->data;
    size_t len = k->size;

    while (len > size && *from == 0) {
        from++;
        len--;
    }
    if (len > size) {
        return false;
    }
    memset(out, 0, size - len);
    memcpy(out + size - len, from, len);
    return true;
}

static bool read_key(struct teeio_spdm *spdm, const uint8_t *key, size_t size)
{
    gnutls_datum_t der = {(unsigned char *)key, size};
    gnutls_datum_t x = {0};
    gnutls_datum_t y = {0};
    gnutls_datum_t k = {0};
    gnutls_ecc_curve_t curve;
    gnutls_x509_privkey_t parsed;
    bool ok = false;

    if (gnutls_x509_privkey_init(&parsed) < 0) {
        return false;
    }
    if (gnutls_x509_privkey_import2(parsed, &der, GNUTLS_X509_FMT_DER, NULL,
                                    GNUTLS_PKCS_PLAIN) >= 0 &&
        gnutls_x509_privkey_export_ecc_raw(parsed, &curve, &x, &y, &k) >= 0) {
        spdm->key_curve =
            curve == GNUTLS_ECC_CURVE_SECP384R1   ? TEEIO_SPDM_SECP384R1
            : curve == GNUTLS_ECC_CURVE_SECP256R1 ? TEEIO_SPDM_SECP256R1
                                                  : 0;
        ok = spdm->key_curve &&
             copy_scalar(spdm->key, teeio_spdm_curve_size(spdm->key_curve), &k);
        teeio_spdm_wipe(k.data, k.size);
    }
    gnutls_free(x.data);
    gnutls_free(y.data);
    gnutls_free(k.data);
    gnutls_x509_privkey_deinit(parsed);
    return ok;
}

struct teeio_spdm *teeio_spdm_new(const struct teeio_spdm_config *config)
{
    struct teeio_spdm *spdm = calloc(1, sizeof(*spdm));

    if (!spdm) {
        return NULL;
    }
    spdm->config = *config;
    spdm->config.key = NULL;
    spdm->config.key_size = 0;
    spdm->rng = (struct teeio_spdm_rng){config->opaque, config->random};
    spdm->own_caps = offered_caps(config);
    spdm->transfer_size =
        config->transfer_size && config->transfer_size < TEEIO_SPDM_MESSAGE_MAX
            ? config->transfer_size
            : TEEIO_SPDM_MESSAGE_MAX;
    if (spdm->transfer_size < TEEIO_SPDM_MIN_DATA_TRANSFER_SIZE) {
        spdm->transfer_size = TEEIO_SPDM_MIN_DATA_TRANSFER_SIZE;
    }
    spdm->root_size = check_chain(config->chain, config->chain_size);
    /* The length of the chain is sent in 16 bits. */
    if (!spdm->root_size ||
        config->chain_size + TEEIO_SPDM_CHAIN_HEADER + TEEIO_SPDM_HASH_MAX >
            UINT16_MAX ||
        !read_key(spdm, config->key, config->key_size)) {
        teeio_spdm_free(spdm);
        return NULL;
    }
    return spdm;
}

void teeio_spdm_free(struct teeio_spdm *spdm)
{
    if (spdm) {
        teeio_spdm_wipe(spdm, sizeof(*spdm));
        free(spdm);
    }
}

struct teeio_spdm *teeio_spdm_copy(const struct teeio_spdm *spdm)
{
    struct teeio_spdm *copy = malloc(sizeof(*copy));

    if (copy) {
        *copy = *spdm;
    }
    return copy;
}

void teeio_spdm_reset(struct teeio_spdm *spdm)
{
    teeio_spdm_drop_sessions(spdm);
    teeio_spdm_chunk_stop(spdm);
    teeio_spdm_transcript_reset(&spdm->m1);
    teeio_spdm_transcript_reset(&spdm->l1);
    teeio_spdm_wipe(spdm->plain, sizeof(spdm->plain));
    teeio_spdm_wipe(spdm->answer, sizeof(spdm->answer));
    spdm->connection = TEEIO_SPDM_CONNECTION_NONE;
    spdm->version = 0;
    spdm->peer_caps = 0;
    spdm->peer_transfer_size = 0;
    spdm->peer_message_size = 0;
    spdm->vca_len = 0;
    spdm->algorithms = (struct teeio_spdm_algorithms){0};
}

uint64_t teeio_spdm_now(struct teeio_spdm *spdm)
{
    return spdm->config.clock ? spdm->config.clock(spdm->config.opaque) : 0;
}

size_t teeio_spdm_answer(struct teeio_spdm *spdm,
                         struct teeio_spdm_session *session,
                         const uint8_t *data, size_t len, size_t size)
{
    size_t piece = spdm->peer_transfer_size && spdm->peer_transfer_size < size
                       ? spdm->peer_transfer_size
                       : size;
    size_t whole = piece;
    struct teeio_spdm_response rsp;

    if (size < TEEIO_SPDM_MIN_DATA_TRANSFER_SIZE) {
        return 0;
    }
    if (teeio_spdm_chunk_usable(spdm)) {
        whole = spdm->peer_message_size;
    }
    if (whole > TEEIO_SPDM_MESSAGE_MAX) {
        whole = TEEIO_SPDM_MESSAGE_MAX;
    }
    rsp = (struct teeio_spdm_response){
        .data = spdm->answer, .size = whole, .limit = piece};
    teeio_spdm_dispatch(spdm, session, data, len, &rsp);
    return rsp.len <= size ? rsp.len : 0;
}

size_t teeio_spdm_message(struct teeio_spdm *spdm, bool secured,
                          const uint8_t *request, size_t len, uint8_t *response,
                          size_t size)
{
    size_t answer;

    teeio_spdm_expire(spdm);
    if (secured) {
        return teeio_spdm_secured_message(spdm, request, len, response, size);
    }
    answer = teeio_spdm_answer(spdm, NULL, request, len, size);
    if (answer) {
        memcpy(response, spdm->answer, answer);
    }
    return answer;
}
