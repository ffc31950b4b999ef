/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * An SPDM responder (DSP0274 1.2 and 1.3) with secured messages (DSP0277 1.1):
 * one connection, several sessions, ECDSA. Messages come and go as bytes; who
 * carries them (DOE, a socket) is of no concern here.
 */
#ifndef TEEIO_SPDM_H
#define TEEIO_SPDM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sessions that one responder keeps at the same time. */
#define TEEIO_SPDM_SESSIONS 4
/* Longest SPDM message that is taken or given, header included. */
#define TEEIO_SPDM_MESSAGE_MAX 8192
/* Room that makes any answer fit, secured or not. */
#define TEEIO_SPDM_RESPONSE_MAX (TEEIO_SPDM_MESSAGE_MAX + 24)
/* Longest value of one measurement. */
#define TEEIO_SPDM_MEASUREMENT_MAX 512

/** enum teeio_spdm_form - how a measurement may be shown */
enum teeio_spdm_form {
    TEEIO_SPDM_FORM_BOTH,   /* its digest, or as it is when asked for */
    TEEIO_SPDM_FORM_DIGEST, /* never as it is */
    TEEIO_SPDM_FORM_RAW,    /* never as a digest */
};

/**
 * struct teeio_spdm_measurement - one measurement, DSP0274 "Measurement block"
 * @type:  DMTFSpecMeasurementValueType without its top bit: 0 immutable ROM,
 *         1 firmware, 2 hardware configuration, 3 firmware configuration, ...
 * @tcb:   belongs to the trusted computing base
 * @form:  how it may be shown
 * @value: what is measured, not yet hashed
 */
struct teeio_spdm_measurement {
    uint8_t type;
    bool tcb;
    enum teeio_spdm_form form;
    uint8_t value[TEEIO_SPDM_MEASUREMENT_MAX];
};

/**
 * struct teeio_spdm_vendor_request - a VENDOR_DEFINED_REQUEST
 * @secured:  it came in a session, in its application phase
 * @session:  id of that session, else 0
 * @standard: StandardID, 3 is PCI-SIG
 * @vendor:   VendorID, @vendor_len bytes
 * @payload:  @len bytes
 */
struct teeio_spdm_vendor_request {
    bool secured;
    uint32_t session;
    uint16_t standard;
    const uint8_t *vendor;
    uint8_t vendor_len;
    const uint8_t *payload;
    size_t len;
};

/**
 * struct teeio_spdm_config - what a responder needs from outside
 * @opaque:        first argument of all calls
 * @chain:         DER certificates of slot 0, root first, one behind the other;
 *                 stays the caller's, and must live as long as the responder
 * @key:           DER private key (RFC 5915 or PKCS #8) of the last of them, on
 *                 P-384 or P-256; read only by teeio_spdm_new()
 * @random:        unpredictable bytes; a seeded source makes runs repeatable.
 *                 Keys are drawn until one is valid, so not zeros for ever.
 * @clock:         time in nanoseconds, for heartbeats; may be NULL without
 *                 @heartbeat
 * @measure:       fill in measurement @index (1 to 254); returns the size of
 *                 its value, 0 when there is none at this index. May be NULL.
 * @vendor:        answer a vendor-defined request: returns the length of the
 *                 payload that was put to @response (at most @size), 0 when it
 *                 is not for us. May be NULL.
 * @session_ended: a session in its application phase is gone, whatever the
 *                 reason. Must not call the responder. May be NULL.
 * @heartbeat:     HeartbeatPeriod in seconds, 0 for none
 * @max_version:   TEEIO_SPDM_12 to offer nothing newer, else 0
 * @withheld:      capability flags (TEEIO_SPDM_*_CAP) not to offer
 * @transfer_size: DataTransferSize, 0 for TEEIO_SPDM_MESSAGE_MAX, at least 42
 */
struct teeio_spdm_config {
    void *opaque;
    const uint8_t *chain;
    size_t chain_size;
    const uint8_t *key;
    size_t key_size;
    void (*random)(void *opaque, void *buf, size_t len);
    uint64_t (*clock)(void *opaque);
    size_t (*measure)(void *opaque, unsigned index,
                      struct teeio_spdm_measurement *out);
    size_t (*vendor)(void *opaque, const struct teeio_spdm_vendor_request *req,
                     uint8_t *response, size_t size);
    void (*session_ended)(void *opaque, uint32_t session);
    uint8_t heartbeat;
    uint8_t max_version;
    uint32_t withheld;
    uint32_t transfer_size;
};

struct teeio_spdm;

/**
 * teeio_spdm_new() - a responder that nobody has talked to yet
 * @config: copied, except for the chain
 *
 * Returns: NULL when memory is short, the chain is no sequence of DER objects
 * or too long, or the key is none on P-384 or P-256.
 */
struct teeio_spdm *teeio_spdm_new(const struct teeio_spdm_config *config);

/** teeio_spdm_free() - without a call of session_ended(); secrets are wiped */
void teeio_spdm_free(struct teeio_spdm *spdm);

/** teeio_spdm_reset() - end all sessions and forget the connection */
void teeio_spdm_reset(struct teeio_spdm *spdm);

/**
 * teeio_spdm_message() - one message in, one message out
 * @secured:  a secured message (DOE object type 2), else a clear one; the
 *            answer is of the same kind
 * @request:  may have padding behind its end
 * @response: room for @size bytes; TEEIO_SPDM_RESPONSE_MAX fits any answer. May
 *            not overlap @request.
 *
 * Returns: the length of the answer, without padding. 0 when there is none: a
 * secured message of an unknown session, one that does not decrypt (which ends
 * its session, DSP0277), or one that is no message at all.
 */
size_t teeio_spdm_message(struct teeio_spdm *spdm, bool secured,
                          const uint8_t *request, size_t len, uint8_t *response,
                          size_t size);

/**
 * teeio_spdm_expire() - end the sessions whose requester has fallen silent
 *
 * A session ends after two periods of heartbeat without a message (DSP0274
 * "HEARTBEAT"). teeio_spdm_message() looks by itself; this is for a timer.
 *
 * Returns: when to call again, in time of the clock; UINT64_MAX: no need.
 */
uint64_t teeio_spdm_expire(struct teeio_spdm *spdm);

/** teeio_spdm_session_open() - is this session in its application phase? */
bool teeio_spdm_session_open(const struct teeio_spdm *spdm, uint32_t session);

/** teeio_spdm_session_count() - sessions in their application phase */
unsigned teeio_spdm_session_count(const struct teeio_spdm *spdm);

/**
 * teeio_spdm_end_session() - end one session from this side
 *
 * The requester finds out when its next message gets no answer.
 */
void teeio_spdm_end_session(struct teeio_spdm *spdm, uint32_t session);

/**
 * teeio_spdm_save() - the state of connection and sessions as bytes
 * @buf: may be NULL
 *
 * The image holds the session keys as they are; keep it as secret as memory.
 *
 * Returns: the length of the image; it was stored if @size is at least that.
 */
size_t teeio_spdm_save(const struct teeio_spdm *spdm, uint8_t *buf,
                       size_t size);

/**
 * teeio_spdm_load() - take over an image
 *
 * Returns: false, with nothing changed, when it is not one of a responder with
 * this version, chain and configuration.
 */
bool teeio_spdm_load(struct teeio_spdm *spdm, const uint8_t *buf, size_t size);

/**
 * struct teeio_spdm_identity - what a device's certificate says
 * @vendor, @device, @subsystem_vendor, @subsystem: as in configuration space
 * @class_code:    24 bits
 * @revision:      as in configuration space
 * @bridge:        without subsystem ids in the name
 * @serial:        distinguishes devices that are otherwise alike
 *
 * The fields of the subject alternative name that PCIe 6.31.3 gives a
 * component with CMA/SPDM.
 */
struct teeio_spdm_identity {
    uint16_t vendor;
    uint16_t device;
    uint16_t subsystem_vendor;
    uint16_t subsystem;
    uint32_t class_code;
    uint8_t revision;
    bool bridge;
    uint64_t serial;
};

/* Room for what teeio_spdm_identity_make() gives. */
#define TEEIO_SPDM_CHAIN_MAX 4096
#define TEEIO_SPDM_KEY_MAX   256

/**
 * struct teeio_spdm_credentials - a chain and the key of its leaf
 * @chain: root, intermediate, leaf; DER, one behind the other
 * @key:   DER private key of the leaf
 */
struct teeio_spdm_credentials {
    uint8_t chain[TEEIO_SPDM_CHAIN_MAX];
    size_t chain_size;
    uint8_t key[TEEIO_SPDM_KEY_MAX];
    size_t key_size;
};

/**
 * teeio_spdm_identity_make() - certificates of a device
 *
 * ECDSA with P-384. All keys follow from the identity and from constants of
 * this function, so the same identity has the same chain in each run and on
 * each machine, and all devices have the same root. Nothing of it is secret:
 * good for an emulated device, worthless as an identity.
 *
 * Returns: false when memory is short.
 */
bool teeio_spdm_identity_make(const struct teeio_spdm_identity *identity,
                              struct teeio_spdm_credentials *out);

#endif
