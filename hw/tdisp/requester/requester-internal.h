/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* What the operations of the requester share. */
#ifndef TEEIO_HW_REQUESTER_INTERNAL_H
#define TEEIO_HW_REQUESTER_INTERNAL_H

#include "../spdm/peer.h"
#include "teeio/requester.h"
#include "teeio/spec/doe.h"
#include "teeio/spec/spdm.h"

typedef enum teeio_requester_failure teeio_result;

/* Longest SPDM message that is taken; none that is sent comes close. */
#define TEEIO_REQUESTER_MESSAGE 8192u
#define TEEIO_REQUESTER_REQUEST 512u
/* GET_VERSION to ALGORITHMS: the longest forms that are sent and taken. */
#define TEEIO_REQUESTER_VCA_MAX   512u
#define TEEIO_REQUESTER_CHAIN_MAX 0xffffu
#define TEEIO_REQUESTER_TEXT_MAX  96u

/** struct teeio_requester_keys - one direction of a session */
struct teeio_requester_keys {
    uint8_t secret[TEEIO_SPDM_HASH_MAX];
    uint8_t key[TEEIO_SPDM_KEY_SIZE];
    uint8_t iv[TEEIO_SPDM_IV];
    uint64_t sequence;
};

/**
 * struct teeio_requester_session - the session; none when @id is 0
 * @open:      FINISH is behind us
 * @heartbeat: HeartbeatPeriod in seconds
 * @tag:       of the next KEY_UPDATE
 * @th:        the transcript TH, until @open
 * @secret:    the handshake secret, until @open
 * @key_set:   by stream id: 0 no keys, else 1 plus the key set in use
 * @port:      by stream id: where its keys went
 */
struct teeio_requester_session {
    uint32_t id;
    bool open;
    uint8_t heartbeat;
    uint8_t tag;
    struct teeio_spdm_hash th;
    uint8_t secret[TEEIO_SPDM_HASH_MAX];
    struct teeio_requester_keys request;
    struct teeio_requester_keys response;
    uint8_t key_set[256];
    uint8_t port[256];
};

/**
 * struct teeio_requester - one connection
 * @version: 0 before VERSION
 * @ready:   CHALLENGE_AUTH was good
 * @chain:   with the header of DSP0274, @chain_len bytes
 * @m1:      what CHALLENGE_AUTH will sign
 */
struct teeio_requester {
    struct teeio_requester_config config;
    struct teeio_spdm_rng rng;

    uint8_t version;
    bool ready;
    uint32_t caps;
    uint32_t transfer_size;
    uint32_t asym;
    uint32_t hash;
    uint16_t dhe;
    uint16_t aead;
    uint8_t vca[TEEIO_REQUESTER_VCA_MAX];
    size_t vca_len;
    uint8_t chain[TEEIO_REQUESTER_CHAIN_MAX];
    size_t chain_len;
    struct teeio_spdm_leaf leaf;
    struct teeio_spdm_hash m1;
    struct teeio_requester_session session;

    enum teeio_requester_fault fault;
    unsigned fault_count;
    uint32_t detail;
    char text[TEEIO_REQUESTER_TEXT_MAX];

    /* An object on its way out, one on its way in, a message out of it. */
    uint8_t object[TEEIO_REQUESTER_REQUEST + 64];
    uint8_t answer[TEEIO_DOE_MAX_BYTES];
    uint8_t plain[TEEIO_DOE_MAX_BYTES];
};

/**
 * struct teeio_requester_ask - one request, and its answer
 * @what:    name of the answer
 * @request: @len bytes
 * @code:    the answer's
 * @answer:  set to it, @answer_len bytes, at least a header; outside of a
 *           session maybe with padding behind its end. Holds until the next
 *           exchange.
 */
struct teeio_requester_ask {
    const char *what;
    const uint8_t *request;
    size_t len;
    uint8_t code;
    const uint8_t *answer;
    size_t answer_len;
};

/* requester.c */

/** teeio_requester_fail() - make @result the text; returns @result */
teeio_result teeio_requester_fail(struct teeio_requester *r, const char *what,
                                  teeio_result result, uint32_t detail);

/** teeio_requester_drop() - forget the session */
void teeio_requester_drop(struct teeio_requester *r);

/** teeio_requester_need() - connected, and in a session if @session? */
teeio_result teeio_requester_need(struct teeio_requester *r, const char *what,
                                  bool session);

/** teeio_requester_faulty() - is this fault due? It counts then. */
bool teeio_requester_faulty(struct teeio_requester *r,
                            enum teeio_requester_fault fault);

/* object.c */

/**
 * teeio_requester_object() - one DOE object out, one in
 * @type:    of both
 * @payload: at most as long as r->object has room for
 * @answer:  set to the payload of the answer, in r->answer
 */
teeio_result teeio_requester_object(struct teeio_requester *r, const char *what,
                                    uint8_t type, const uint8_t *payload,
                                    size_t len, const uint8_t **answer,
                                    size_t *answer_len);

/** teeio_requester_discover() - does the mailbox speak SPDM, secured too? */
teeio_result teeio_requester_discover(struct teeio_requester *r);

/**
 * teeio_requester_say() - one SPDM message, secured when there is a session
 *
 * An ERROR with BUSY is asked again, a few times.
 */
teeio_result teeio_requester_say(struct teeio_requester *r,
                                 struct teeio_requester_ask *ask);

/** teeio_requester_head() - fill in the header of a request */
void teeio_requester_head(const struct teeio_requester *r, uint8_t *request,
                          uint8_t code, uint8_t param1, uint8_t param2);

/**
 * teeio_requester_opaque() - step over OpaqueDataLength and OpaqueData
 * @at: moved on
 *
 * Returns: false when the answer is too short for it.
 */
bool teeio_requester_opaque(const struct teeio_requester_ask *ask, size_t *at);

/** teeio_requester_ends() - does the answer end at @at, padding aside? */
bool teeio_requester_ends(const struct teeio_requester *r,
                          const struct teeio_requester_ask *ask, size_t at);

/* secured.c: the record layer of DSP0277 */

/** teeio_requester_seal() - @message into @record; returns the record's length
 */
size_t teeio_requester_seal(struct teeio_requester *r, const uint8_t *message,
                            size_t len, uint8_t *record);

/**
 * teeio_requester_unseal() - to r->plain
 *
 * Returns: the length of the message; 0 when it is not authentic, of another
 * session or malformed.
 */
size_t teeio_requester_unseal(struct teeio_requester *r, const uint8_t *record,
                              size_t len);

/* keys.c */

void teeio_requester_keys_handshake(struct teeio_requester *r,
                                    const uint8_t *shared, size_t len);
void teeio_requester_keys_application(struct teeio_requester *r);
void teeio_requester_keys_update(const struct teeio_requester *r,
                                 struct teeio_requester_keys *keys);

/** teeio_requester_finished() - HMAC of TH so far for one direction */
void teeio_requester_finished(const struct teeio_requester *r,
                              const struct teeio_requester_keys *keys,
                              uint8_t *mac);

/* authenticate.c */

/** teeio_requester_authenticate() - DIGESTS, CERTIFICATE, CHALLENGE_AUTH */
teeio_result teeio_requester_authenticate(struct teeio_requester *r);

/**
 * teeio_requester_signed() - is @signature the device's over a transcript?
 * @context: DSP0274 "Signature generation", without "responder-"
 */
bool teeio_requester_signed(const struct teeio_requester *r,
                            const struct teeio_spdm_hash *transcript,
                            const char *context, const uint8_t *signature);
size_t teeio_requester_signature_size(const struct teeio_requester *r);

/** teeio_requester_chain_check() - set r->leaf; for a chain that was loaded */
teeio_result teeio_requester_chain_check(struct teeio_requester *r);

/* vendor.c */

/**
 * teeio_requester_vendor() - one message of PCI-SIG, in the session
 * @protocol: TEEIO_TDISP_PROTOCOL or TEEIO_IDE_KM_PROTOCOL
 * @answer:   set to what follows the protocol byte of the response
 */
teeio_result teeio_requester_vendor(struct teeio_requester *r, const char *what,
                                    uint8_t protocol, const uint8_t *message,
                                    size_t len, const uint8_t **answer,
                                    size_t *answer_len);

#endif
