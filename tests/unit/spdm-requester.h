/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * An SPDM requester written against DSP0274 and DSP0277, with GnuTLS for all
 * that GnuTLS can do. It shares no code with the responder. What it does not
 * expect ends the test.
 */
#ifndef SPDM_REQUESTER_H
#define SPDM_REQUESTER_H

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "spdm-device.h"

/* What a requester asks for; requester_init() fills in the common case. */
struct requester_wish {
    uint8_t version;
    uint32_t caps;
    uint32_t transfer_size;
    uint32_t message_size;
    uint32_t asym;
    uint32_t hash;
    uint16_t dhe;
    uint16_t aead;
    uint8_t measurement;
};

struct requester {
    struct spdm_device *device;
    struct requester_wish wish;
    GByteArray *vca;
    GByteArray *chain; /* with its header, once fetched */
    uint8_t response[TEEIO_SPDM_RESPONSE_MAX];
    size_t len;
};

struct requester_direction {
    uint8_t secret[48];
    uint8_t key[32];
    uint8_t iv[12];
    uint64_t sequence;
};

struct requester_session {
    struct requester *requester;
    uint32_t id;
    uint8_t heartbeat;
    GByteArray *th;
    uint8_t handshake[48];
    struct requester_direction request;
    struct requester_direction response;
};

void requester_init(struct requester *r, struct spdm_device *device);
void requester_clear(struct requester *r);

/* One clear message; the answer is in r->response, r->len bytes. */
void requester_ask(struct requester *r, const void *data, size_t len);

/* The same with a header and no more; @code of the version that is in use. */
void requester_ask4(struct requester *r, uint8_t code, uint8_t param1,
                    uint8_t param2);

/* Is the answer this ERROR? */
void requester_expect_error(struct requester *r, uint8_t error, uint8_t data);

void requester_get_version(struct requester *r);
void requester_get_capabilities(struct requester *r);
void requester_negotiate(struct requester *r);

/* The three above; then the chain, which is checked. */
void requester_connect(struct requester *r);
void requester_get_chain(struct requester *r);

size_t requester_hash_size(const struct requester *r);
void requester_digest(const struct requester *r, const GByteArray *data,
                      uint8_t *digest);

/* Is @signature good over @transcript, by the leaf of the chain? */
bool requester_verify(struct requester *r, const GByteArray *transcript,
                      const char *context, const uint8_t *signature);
size_t requester_signature_size(const struct requester *r);

/* A KEY_EXCHANGE with @summary; private key 1 + @half. */
GByteArray *requester_key_exchange(struct requester *r, uint16_t half,
                                   uint8_t summary);

/* Key exchange alone, and with FINISH. */
void requester_begin(struct requester *r, struct requester_session *s,
                     uint16_t half, uint8_t summary);
void requester_finish(struct requester_session *s);
void requester_open(struct requester *r, struct requester_session *s,
                    uint16_t half);
void requester_session_clear(struct requester_session *s);

/* The next key of a direction. */
void requester_update(struct requester *r, struct requester_direction *d);

/* A sealed message; its own bytes, to send or to spoil. */
GByteArray *requester_seal(struct requester_session *s, const void *data,
                           size_t len);

/* The same; within, the message is said to have @inner bytes. */
GByteArray *requester_seal_as(struct requester_session *s, const void *data,
                              size_t len, size_t inner);

/*
 * Send it in the session, unseal the answer to r->response; returns false when
 * there was none.
 */
bool requester_say(struct requester_session *s, const void *data, size_t len);
bool requester_say4(struct requester_session *s, uint8_t code, uint8_t param1,
                    uint8_t param2);

#endif
