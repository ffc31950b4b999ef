/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The other side of a DSM: an SPDM (DSP0274 1.2 and 1.3), IDE_KM (PCIe 6.33.3)
 * and TDISP (PCIe 11.3) requester, with one connection and one session to one
 * device. It trusts nothing that the device says until it has verified it.
 */
#ifndef TEEIO_REQUESTER_H
#define TEEIO_REQUESTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/doe.h"
#include "teeio/tdisp.h"

#define TEEIO_REQUESTER_NONCE 32
#define TEEIO_REQUESTER_REPORT_MAX            \
    4096u /* bytes of a report that are taken \
           */
#define TEEIO_REQUESTER_RANGES     64u
#define TEEIO_REQUESTER_RECORD_MAX 8192u /* bytes of all measurements */

/** enum teeio_requester_failure - how an operation ended */
enum teeio_requester_failure {
    TEEIO_REQUESTER_OK,
    TEEIO_REQUESTER_NO_ANSWER,     /* nothing came back, or no data object */
    TEEIO_REQUESTER_MALFORMED,     /* lengths or fields that make no sense */
    TEEIO_REQUESTER_UNEXPECTED,    /* the answer to something else */
    TEEIO_REQUESTER_REFUSED,       /* ERROR; detail: its SPDM error code */
    TEEIO_REQUESTER_UNSUPPORTED,   /* no version, capability, algorithm in
                                      common */
    TEEIO_REQUESTER_UNTRUSTED,     /* the chain does not lead to the root */
    TEEIO_REQUESTER_BAD_SIGNATURE, /* over what was said so far */
    TEEIO_REQUESTER_NOT_AUTHENTIC, /* a secured message or a HMAC is wrong */
    TEEIO_REQUESTER_NOT_CONNECTED, /* the operation needs a connection */
    TEEIO_REQUESTER_NO_SESSION,    /* the operation needs a session */
    TEEIO_REQUESTER_TDISP_ERROR,   /* detail: the TDISP error code */
    TEEIO_REQUESTER_KEY_REFUSED,   /* detail: status of the KP_ACK */
    TEEIO_REQUESTER_TOO_LARGE,     /* more than is taken here */
    TEEIO_REQUESTER_NO_RANDOM,     /* the source of random bytes is broken */
    TEEIO_REQUESTER_FAILURES
};

/** teeio_requester_failure_name() - "no answer", "bad signature", ... */
const char *teeio_requester_failure_name(enum teeio_requester_failure failure);

/**
 * struct teeio_requester_config - how one requester is made
 * @opaque:      first argument of the calls
 * @exchange:    carry one whole DOE object of @len bytes to the device, and its
 *               answer, at most @size bytes, to @answer. Returns: the answer's
 *               length, 0 when there is none.
 * @random:      unpredictable bytes
 * @root:        DER certificate that a chain must lead to, which outlives the
 *               requester; NULL: any
 * @max_version: 0x12 to offer nothing newer than SPDM 1.2, else 0
 */
struct teeio_requester_config {
    void *opaque;
    size_t (*exchange)(void *opaque, const uint8_t *object, size_t len,
                       uint8_t *answer, size_t size);
    void (*random)(void *opaque, void *buf, size_t len);
    const uint8_t *root;
    size_t root_size;
    uint8_t max_version;
};

struct teeio_requester;

/** teeio_requester_new() - without a connection; NULL when out of memory */
struct teeio_requester *
teeio_requester_new(const struct teeio_requester_config *config);

/** teeio_requester_free() - secrets are wiped, nothing is said */
void teeio_requester_free(struct teeio_requester *r);

/** teeio_requester_reset() - forget connection, session, faults; say nothing */
void teeio_requester_reset(struct teeio_requester *r);

/**
 * teeio_requester_text() - what the last operation that failed failed at
 *
 * "KEY_EXCHANGE_RSP: bad signature"; "" when none has failed.
 */
const char *teeio_requester_text(const struct teeio_requester *r);

/** teeio_requester_detail() - the number that goes with its failure, or 0 */
uint32_t teeio_requester_detail(const struct teeio_requester *r);

/**
 * teeio_requester_connect() - from DOE discovery to CHALLENGE
 *
 * VERSION, CAPABILITIES, ALGORITHMS, DIGESTS, CERTIFICATE of slot 0 up to the
 * root, CHALLENGE. Whatever connection and session there were are over, also
 * when it fails (DSP0274 "GET_VERSION").
 */
enum teeio_requester_failure teeio_requester_connect(struct teeio_requester *r);
bool teeio_requester_connected(const struct teeio_requester *r);

/** teeio_requester_version() - TEEIO_SPDM_12, TEEIO_SPDM_13; 0 before */
uint8_t teeio_requester_version(const struct teeio_requester *r);

/** teeio_requester_chain() - the device's DER certificates; NULL before */
const uint8_t *teeio_requester_chain(const struct teeio_requester *r,
                                     size_t *size);

/**
 * teeio_requester_open() - KEY_EXCHANGE and FINISH
 *
 * A session that is open already is ended first. A session is over as soon as
 * an exchange in it goes wrong in any other way than by a proper ERROR.
 */
enum teeio_requester_failure teeio_requester_open(struct teeio_requester *r);

/** teeio_requester_session() - its id; 0 when there is none */
uint32_t teeio_requester_session(const struct teeio_requester *r);

/** teeio_requester_heartbeat_period() - in seconds, 0: none is wanted */
uint8_t teeio_requester_heartbeat_period(const struct teeio_requester *r);
enum teeio_requester_failure
teeio_requester_heartbeat(struct teeio_requester *r);

/**
 * teeio_requester_key_update() - KEY_UPDATE and VerifyNewKey
 * @all: both directions, not the requests' alone
 */
enum teeio_requester_failure
teeio_requester_key_update(struct teeio_requester *r, bool all);

/** teeio_requester_end() - END_SESSION; there is no session afterwards */
enum teeio_requester_failure teeio_requester_end(struct teeio_requester *r);

/**
 * teeio_requester_measurements() - all of them, signed
 * @raw:    as they are where the device shows them so, else digests
 * @record: gets the measurement record (DSP0274), *@size bytes, at most
 *          %TEEIO_REQUESTER_RECORD_MAX
 *
 * In the session if there is one. The record is written only when its signature
 * is good.
 */
enum teeio_requester_failure
teeio_requester_measurements(struct teeio_requester *r, bool raw,
                             uint8_t record[TEEIO_REQUESTER_RECORD_MAX],
                             size_t *size);

/**
 * struct teeio_requester_block - one measurement of a record
 * @type:  DMTFSpecMeasurementValueType without its top bit
 * @raw:   its value is not a digest
 * @value: within the record
 */
struct teeio_requester_block {
    uint8_t index;
    uint8_t type;
    bool raw;
    const uint8_t *value;
    size_t size;
};

/**
 * teeio_requester_block() - the next measurement of a record
 * @at: offset of it, 0 at first; moved on
 *
 * Returns: false at the end, and for a block that is not of DMTF's form.
 */
bool teeio_requester_block(const uint8_t *record, size_t size, size_t *at,
                           struct teeio_requester_block *out);

/**
 * teeio_requester_ide_setup() - give a selective stream its keys
 * @port: PortIndex
 *
 * QUERY, then KEY_PROG and K_SET_GO for six sub-streams, receivers first. In a
 * session that has given the stream keys before, it gets new ones, in the other
 * key set.
 */
enum teeio_requester_failure
teeio_requester_ide_setup(struct teeio_requester *r, uint8_t stream,
                          uint8_t port);

/** teeio_requester_ide_stop() - K_SET_STOP for what ide_setup() programmed */
enum teeio_requester_failure teeio_requester_ide_stop(struct teeio_requester *r,
                                                      uint8_t stream);

/** teeio_requester_ide_keyed() - has this session given the stream keys? */
bool teeio_requester_ide_keyed(const struct teeio_requester *r, uint8_t stream);

/* TDISP. @function: FUNCTION_ID of the TDI. All need a session. */

/** teeio_requester_tdisp_version() - fails when 1.0 is not among them */
enum teeio_requester_failure
teeio_requester_tdisp_version(struct teeio_requester *r, uint32_t function);

/** struct teeio_requester_tdisp_caps - TDISP_CAPABILITIES (PCIe 11.3.7) */
struct teeio_requester_tdisp_caps {
    uint32_t dsm_caps;
    uint8_t messages[16];
    uint16_t lock_flags;
    uint8_t addr_width;
    uint8_t num_this;
    uint8_t num_all;
};

enum teeio_requester_failure
teeio_requester_tdisp_capabilities(struct teeio_requester *r, uint32_t function,
                                   struct teeio_requester_tdisp_caps *caps);

/**
 * struct teeio_requester_lock - LOCK_INTERFACE_REQUEST
 * @flags:    TEEIO_TDISP_NO_FW_UPDATE and so on (spec/tdisp.h)
 * @stream:   id of the default stream
 * @offset:   MMIO_REPORTING_OFFSET
 * @p2p_mask: BIND_P2P address mask
 */
struct teeio_requester_lock {
    uint16_t flags;
    uint8_t stream;
    uint64_t offset;
    uint64_t p2p_mask;
};

enum teeio_requester_failure
teeio_requester_lock(struct teeio_requester *r, uint32_t function,
                     const struct teeio_requester_lock *lock,
                     uint8_t nonce[TEEIO_REQUESTER_NONCE]);

/** struct teeio_requester_range - one MMIO range; @page has the offset added */
struct teeio_requester_range {
    uint64_t page;
    uint32_t pages;
    uint16_t attributes;
    uint16_t id;
};

/**
 * struct teeio_requester_report - a TDI report (PCIe 11.3.11)
 * @bytes:     as the device gave it, @size bytes
 * @info:      TEEIO_REPORT_ATS and so on
 * @specific:  device-specific information, within @bytes
 */
struct teeio_requester_report {
    uint8_t bytes[TEEIO_REQUESTER_REPORT_MAX];
    size_t size;
    uint16_t info;
    uint16_t msix_control;
    uint16_t lnr_control;
    uint32_t tph_control;
    uint32_t range_count;
    struct teeio_requester_range ranges[TEEIO_REQUESTER_RANGES];
    size_t specific;
    size_t specific_size;
};

/** teeio_requester_report() - read in portions, and understood */
enum teeio_requester_failure
teeio_requester_report(struct teeio_requester *r, uint32_t function,
                       struct teeio_requester_report *report);

/**
 * teeio_requester_report_parse() - from @report->bytes and @report->size
 *
 * Returns: false when it is not a report: lengths that disagree, a reserved bit
 * set, a range that is empty or leaves the address space.
 */
bool teeio_requester_report_parse(struct teeio_requester_report *report);

enum teeio_requester_failure
teeio_requester_start(struct teeio_requester *r, uint32_t function,
                      const uint8_t nonce[TEEIO_REQUESTER_NONCE]);
enum teeio_requester_failure teeio_requester_stop(struct teeio_requester *r,
                                                  uint32_t function);
enum teeio_requester_failure
teeio_requester_state(struct teeio_requester *r, uint32_t function,
                      enum teeio_tdisp_state *state);

/** enum teeio_requester_fault - what a requester may do wrong on request */
enum teeio_requester_fault {
    TEEIO_REQUESTER_NO_FAULT,
    TEEIO_REQUESTER_FAULT_KEY,   /* one sub-stream gets no key */
    TEEIO_REQUESTER_FAULT_NONCE, /* START_INTERFACE_REQUEST with another one */
};

/**
 * teeio_requester_inject() - a fault in the next @count operations that can
 * have it
 *
 * One kind of fault at a time; @count 0 ends it.
 */
void teeio_requester_inject(struct teeio_requester *r,
                            enum teeio_requester_fault fault, unsigned count);

/**
 * teeio_requester_save(), teeio_requester_load() - connection and session
 *
 * As teeio_tdi_save() and teeio_tdi_load(). The image holds the session keys as
 * they are; keep it as secret as memory. Injected faults are no part of it.
 */
size_t teeio_requester_save(const struct teeio_requester *r, uint8_t *buf,
                            size_t size);
bool teeio_requester_load(struct teeio_requester *r, const uint8_t *buf,
                          size_t size);

/**
 * teeio_requester_mailbox() - an exchange() through a DOE mailbox's registers
 * @opaque: the struct teeio_doe
 *
 * An object that lies in the mailbox is aborted. Gives up when the mailbox
 * stays busy or says error.
 */
size_t teeio_requester_mailbox(void *opaque, const uint8_t *object, size_t len,
                               uint8_t *answer, size_t size);

#endif
