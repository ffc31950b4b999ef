/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* What the messages of the SPDM responder share. */
#ifndef TEEIO_HW_SPDM_INTERNAL_H
#define TEEIO_HW_SPDM_INTERNAL_H

#include "crypto.h"
#include "teeio/spdm.h"
#include "teeio/spec/spdm.h"

/* VERSION to ALGORITHMS: the longest forms that are taken and given. */
#define TEEIO_SPDM_VCA_MAX \
    (4 + 10 + 2 * TEEIO_SPDM_CAPABILITIES_SIZE + TEEIO_SPDM_ALG_MAX_LENGTH + 52)

/** enum teeio_spdm_connection - how far the connection has come */
enum teeio_spdm_connection {
    TEEIO_SPDM_CONNECTION_NONE,
    TEEIO_SPDM_CONNECTION_VERSION,
    TEEIO_SPDM_CONNECTION_CAPABILITIES,
    TEEIO_SPDM_CONNECTION_ALGORITHMS,
};

/* Where a request may come: bits. */
#define TEEIO_SPDM_OUTSIDE     1u
#define TEEIO_SPDM_HANDSHAKE   2u
#define TEEIO_SPDM_APPLICATION 4u

/** enum teeio_spdm_after - what follows once the answer is sealed */
enum teeio_spdm_after {
    TEEIO_SPDM_AFTER_NOTHING,
    TEEIO_SPDM_AFTER_APPLICATION, /* change to the keys of this phase */
    TEEIO_SPDM_AFTER_END,
};

/** struct teeio_spdm_transcript - messages to be signed; starts with VCA */
struct teeio_spdm_transcript {
    bool started;
    struct teeio_spdm_hash hash;
};

/** struct teeio_spdm_keys - one direction of a session */
struct teeio_spdm_keys {
    uint8_t secret[TEEIO_SPDM_HASH_MAX];
    uint8_t key[TEEIO_SPDM_KEY_SIZE];
    uint8_t iv[TEEIO_SPDM_IV];
    uint64_t sequence;
};

/**
 * struct teeio_spdm_session - one session
 * @phase:   0 when free, else TEEIO_SPDM_HANDSHAKE or TEEIO_SPDM_APPLICATION
 * @id:      ReqSessionID in 15:0, RspSessionID above
 * @update:  KEY_UPDATE operation whose VerifyNewKey is still to come, or 0
 * @heard:   when the last message came, in time of the clock
 * @th:      the transcript TH, in the handshake phase
 * @secret:  the handshake secret, in the handshake phase
 * @l1:      measurements since the last signature
 */
struct teeio_spdm_session {
    uint8_t phase;
    uint8_t update;
    uint32_t id;
    uint64_t heard;
    enum teeio_spdm_after after;
    struct teeio_spdm_hash th;
    uint8_t secret[TEEIO_SPDM_HASH_MAX];
    struct teeio_spdm_keys request;
    struct teeio_spdm_keys response;
    struct teeio_spdm_transcript l1;
};

/** struct teeio_spdm_algorithms - what ALGORITHMS selected; 0 for none */
struct teeio_spdm_algorithms {
    uint32_t asym;
    uint32_t hash;
    uint16_t dhe;
    uint16_t aead;
    uint16_t schedule;
    uint8_t measurement;
    uint8_t opaque;
};

/**
 * struct teeio_spdm_large - a message on its way in chunks
 * @request: CHUNK_SEND or CHUNK_GET goes on with it, 0: neither
 * @session: where it began, 0 outside of any
 * @handle:  of this transfer
 * @next:    ChunkSeqNo to come
 * @len:     of the whole message
 * @done:    bytes received or sent
 */
struct teeio_spdm_large {
    uint8_t request;
    uint8_t handle;
    uint16_t next;
    uint32_t session;
    size_t len;
    size_t done;
    uint8_t data[TEEIO_SPDM_MESSAGE_MAX];
};

struct teeio_spdm {
    struct teeio_spdm_config config;
    struct teeio_spdm_rng rng;
    uint32_t own_caps;
    uint32_t transfer_size;

    /* The leaf's key, and the length of the root's certificate. */
    uint16_t key_curve;
    uint8_t key[TEEIO_SPDM_COORDINATE];
    size_t root_size;

    enum teeio_spdm_connection connection;
    uint8_t version;
    uint32_t peer_caps;
    uint32_t peer_transfer_size;
    uint32_t peer_message_size;
    uint8_t vca[TEEIO_SPDM_VCA_MAX];
    size_t vca_len;
    struct teeio_spdm_algorithms algorithms;

    struct teeio_spdm_transcript m1;
    struct teeio_spdm_transcript l1;
    uint16_t last_session;
    struct teeio_spdm_session sessions[TEEIO_SPDM_SESSIONS];
    struct teeio_spdm_large large;

    /* The request in clear, and the answer before it is cut or sealed. */
    uint8_t plain[TEEIO_SPDM_MESSAGE_MAX + TEEIO_SPDM_SECURED_APP_LENGTH];
    uint8_t answer[TEEIO_SPDM_MESSAGE_MAX];
};

/**
 * struct teeio_spdm_request - a request that has passed the table's checks
 * @data: @len bytes, at least a header; padding may follow the message
 */
struct teeio_spdm_request {
    const uint8_t *data;
    size_t len;
    uint8_t param1;
    uint8_t param2;
    struct teeio_spdm_session *session;
};

/**
 * struct teeio_spdm_response - counts all bytes, stores those that have room
 * @limit:      longest message that the requester takes in one piece
 * @error_data: Param2 should this become an ERROR
 */
struct teeio_spdm_response {
    uint8_t *data;
    size_t size;
    size_t len;
    size_t limit;
    uint8_t error_data;
};

/*
 * A handler appends its message, header first, and returns 0; or it returns an
 * error code and what it appended is dropped. It changes nothing before it
 * knows that its answer fits.
 */
typedef uint8_t teeio_spdm_handler(struct teeio_spdm *spdm,
                                   const struct teeio_spdm_request *req,
                                   struct teeio_spdm_response *rsp);

teeio_spdm_handler teeio_spdm_do_version;
teeio_spdm_handler teeio_spdm_do_capabilities;
teeio_spdm_handler teeio_spdm_do_algorithms;
teeio_spdm_handler teeio_spdm_do_digests;
teeio_spdm_handler teeio_spdm_do_certificate;
teeio_spdm_handler teeio_spdm_do_challenge;
teeio_spdm_handler teeio_spdm_do_measurements;
teeio_spdm_handler teeio_spdm_do_key_exchange;
teeio_spdm_handler teeio_spdm_do_finish;
teeio_spdm_handler teeio_spdm_do_heartbeat;
teeio_spdm_handler teeio_spdm_do_key_update;
teeio_spdm_handler teeio_spdm_do_end_session;
teeio_spdm_handler teeio_spdm_do_vendor;
teeio_spdm_handler teeio_spdm_do_chunk_send;
teeio_spdm_handler teeio_spdm_do_chunk_get;
teeio_spdm_handler teeio_spdm_do_respond_if_ready;

/* spdm.c */

/**
 * teeio_spdm_answer() - answer one request in clear, to spdm->answer
 * @session: it came in this one, or NULL
 * @size:    longest answer that can be carried
 *
 * Returns: the length of the answer, 0: none.
 */
size_t teeio_spdm_answer(struct teeio_spdm *spdm,
                         struct teeio_spdm_session *session,
                         const uint8_t *data, size_t len, size_t size);

/** teeio_spdm_copy() - for teeio_spdm_free(); NULL when memory is short */
struct teeio_spdm *teeio_spdm_copy(const struct teeio_spdm *spdm);

uint64_t teeio_spdm_now(struct teeio_spdm *spdm);

/* dispatch.c */

/**
 * teeio_spdm_dispatch() - answer one request in clear
 * @session: it came in this one, or NULL
 * @rsp:     gets the answer, an ERROR if need be
 */
void teeio_spdm_dispatch(struct teeio_spdm *spdm,
                         struct teeio_spdm_session *session,
                         const uint8_t *data, size_t len,
                         struct teeio_spdm_response *rsp);

/** teeio_spdm_put_error() - an ERROR in place of what is in @rsp */
void teeio_spdm_put_error(struct teeio_spdm *spdm,
                          struct teeio_spdm_response *rsp, uint8_t error);

void teeio_spdm_put(struct teeio_spdm_response *rsp, const void *data,
                    size_t len);
void teeio_spdm_put_number(struct teeio_spdm_response *rsp, uint64_t value,
                           unsigned bytes);
void teeio_spdm_put_header(struct teeio_spdm *spdm,
                           struct teeio_spdm_response *rsp, uint8_t code,
                           uint8_t param1, uint8_t param2);

/** teeio_spdm_fits() - will the answer fit with @more bytes behind it? */
bool teeio_spdm_fits(const struct teeio_spdm_response *rsp, size_t more);

/** teeio_spdm_number() - @bytes of a little-endian number */
uint64_t teeio_spdm_number(const uint8_t *data, unsigned bytes);

/* transcript.c */

void teeio_spdm_vca_add(struct teeio_spdm *spdm, const uint8_t *data,
                        size_t len);
void teeio_spdm_transcript_reset(struct teeio_spdm_transcript *transcript);
void teeio_spdm_transcript_add(struct teeio_spdm *spdm,
                               struct teeio_spdm_transcript *transcript,
                               const uint8_t *data, size_t len);

/** teeio_spdm_signature_size() - bytes that teeio_spdm_sign() gives */
size_t teeio_spdm_signature_size(const struct teeio_spdm *spdm);

/**
 * teeio_spdm_sign() - append the signature over a transcript
 * @context: DSP0274 "Signature generation", without "responder-"
 */
bool teeio_spdm_sign(struct teeio_spdm *spdm,
                     const struct teeio_spdm_hash *transcript,
                     const char *context, struct teeio_spdm_response *rsp);

/* certificate.c */

/** teeio_spdm_chain_digest() - of the chain with what stands before it */
void teeio_spdm_chain_digest(const struct teeio_spdm *spdm, uint8_t *digest);

/* measurements.c */

/** teeio_spdm_summary_size() - bytes of a summary, 0 when @kind wants none */
size_t teeio_spdm_summary_size(const struct teeio_spdm *spdm, uint8_t kind);

/** teeio_spdm_put_summary() - MeasurementSummaryHash, if @kind wants one */
void teeio_spdm_put_summary(struct teeio_spdm *spdm, uint8_t kind,
                            struct teeio_spdm_response *rsp);

/** teeio_spdm_summary_valid() - is this a kind of summary that we can give? */
bool teeio_spdm_summary_valid(const struct teeio_spdm *spdm, uint8_t kind);

/* keys.c */

/** teeio_spdm_keys_handshake() - from the shared secret and TH1 */
void teeio_spdm_keys_handshake(struct teeio_spdm *spdm,
                               struct teeio_spdm_session *session,
                               const uint8_t *shared, size_t shared_len);

/** teeio_spdm_keys_application() - from the handshake secret and TH2 */
void teeio_spdm_keys_application(struct teeio_spdm *spdm,
                                 struct teeio_spdm_session *session);

/** teeio_spdm_keys_update() - the next keys of one direction */
void teeio_spdm_keys_update(struct teeio_spdm *spdm,
                            struct teeio_spdm_keys *keys);

/** teeio_spdm_verify_data() - HMAC of TH so far with the finished key */
void teeio_spdm_verify_data(struct teeio_spdm *spdm,
                            const struct teeio_spdm_session *session,
                            const struct teeio_spdm_keys *keys, uint8_t *mac);

/* secured.c */

size_t teeio_spdm_secured_message(struct teeio_spdm *spdm,
                                  const uint8_t *request, size_t len,
                                  uint8_t *response, size_t size);

/* session.c */

struct teeio_spdm_session *teeio_spdm_find_session(struct teeio_spdm *spdm,
                                                   uint32_t id);
void teeio_spdm_drop_session(struct teeio_spdm *spdm,
                             struct teeio_spdm_session *session);
void teeio_spdm_drop_sessions(struct teeio_spdm *spdm);

/* chunk.c */

/** teeio_spdm_chunk_stop() - forget a message that was on its way */
void teeio_spdm_chunk_stop(struct teeio_spdm *spdm);

/** teeio_spdm_chunk_usable() - do both sides know chunks? */
bool teeio_spdm_chunk_usable(const struct teeio_spdm *spdm);

/**
 * teeio_spdm_chunk_keep() - keep a long answer for CHUNK_GET
 *
 * Returns: the handle.
 */
uint8_t teeio_spdm_chunk_keep(struct teeio_spdm *spdm,
                              const struct teeio_spdm_session *session,
                              const struct teeio_spdm_response *rsp);

#endif
