/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * TLPs as the bytes of a link in non-flit mode, for captures and tests: End-End
 * prefixes, header, payload, ECRC (PCI Express Base Specification 6.x, 2.2).
 *
 * Not modelled, and refused by the decoder with an error of its own: other
 * types (I/O, configuration, locked and deferrable requests), other prefixes,
 * processing hints, 128-bit CAS, the MAC and PCRC of IDE.
 */
#ifndef TEEIO_TLP_WIRE_H
#define TEEIO_TLP_WIRE_H

#include <stddef.h>

#include "teeio/spec/tlp.h"
#include "teeio/tlp.h"

/** enum teeio_wire_type - the TLP types of this codec */
enum teeio_wire_type {
    TEEIO_WIRE_MRD,
    TEEIO_WIRE_MWR,
    TEEIO_WIRE_FETCHADD,
    TEEIO_WIRE_SWAP,
    TEEIO_WIRE_CAS,
    TEEIO_WIRE_MSG,
    TEEIO_WIRE_MSGD,
    TEEIO_WIRE_CPL,
    TEEIO_WIRE_CPLD,
    TEEIO_WIRE_TYPES
};

/** enum teeio_wire_error - why some bytes are no TLP, or some TLP no bytes */
enum teeio_wire_error {
    TEEIO_WIRE_OK,
    TEEIO_WIRE_SHORT,        /* the bytes end inside a prefix or a header */
    TEEIO_WIRE_UNKNOWN_TYPE, /* Fmt and Type are none of the above */
    TEEIO_WIRE_PREFIX,       /* a prefix that is not modelled */
    TEEIO_WIRE_PREFIX_ORDER, /* repeated, or IDE not first (6.33.4) */
    TEEIO_WIRE_SUB_STREAM,   /* not the one of this type (6.33.5) */
    TEEIO_WIRE_MAC,          /* M or P: what follows is not modelled */
    TEEIO_WIRE_HINTS,        /* TH: processing hints are not modelled */
    TEEIO_WIRE_ADDRESS_TYPE, /* an AT that this type cannot have (10.2.1) */
    TEEIO_WIRE_LENGTH,       /* the bytes do not match Length (2.2.2) */
    TEEIO_WIRE_BYTE_ENABLES, /* 2.2.5 */
    TEEIO_WIRE_BOUNDARY,     /* crosses 4 KiB (2.2.7) */
    TEEIO_WIRE_OPERAND,      /* size or alignment of an AtomicOp (2.2.7) */
    TEEIO_WIRE_ROUTING,      /* reserved message routing (2.2.8) */
    TEEIO_WIRE_HEADER_SIZE,  /* 4DW for an address below 4 GiB (2.2.4.1) */
    TEEIO_WIRE_RESERVED,     /* a reserved bit is set; see below */
    TEEIO_WIRE_RANGE,        /* encoding: a field has no room for its value */
    TEEIO_WIRE_ERRORS
};

/**
 * struct teeio_wire_ide - IDE TLP prefix
 * @pr_sent: PR_Sent_Counter; 0 in what this project sends, since nothing is
 *           reordered or checked
 * @k:       key set
 *
 * The Sub-Stream follows from the type: teeio_wire_sub_stream().
 */
struct teeio_wire_ide {
    bool present;
    uint8_t stream;
    uint8_t pr_sent;
    bool k;
    bool t;
    bool xt;
};

/** struct teeio_wire_pasid - PASID TLP prefix */
struct teeio_wire_pasid {
    bool present;
    uint32_t value;
    bool pmr;
    bool exe;
};

/**
 * struct teeio_wire_request - memory request or AtomicOp
 * @address:  of the first doubleword
 * @first_be, @last_be: byte enables; 0 in an AtomicOp
 * @no_write: NW flag of a translation request (10.2.2)
 */
struct teeio_wire_request {
    uint64_t address;
    uint8_t first_be;
    uint8_t last_be;
    bool no_write;
};

/**
 * struct teeio_wire_completion - completion with or without data
 * @status:        %TEEIO_CPL_SC, ...
 * @bcm:           Byte Count Modified
 * @byte_count:    bytes still to come, with these, 1 to 4096
 * @lower_address: of the first byte, 0 to 127
 */
struct teeio_wire_completion {
    uint16_t completer;
    uint8_t status;
    bool bcm;
    uint16_t byte_count;
    uint8_t lower_address;
};

/**
 * struct teeio_wire_message - message with or without data
 * @routing: %TEEIO_ROUTING_TO_RC, ...
 * @code:    %TEEIO_MSG_PAGE_REQUEST, ...
 * @rest:    bytes 8 to 15 of the header as one big-endian number
 */
struct teeio_wire_message {
    uint8_t routing;
    uint8_t code;
    uint64_t rest;
};

/**
 * struct teeio_tlp_wire - one TLP with all that a link carries
 * @type:      decides on the member of @u
 * @tc:        traffic class, 0 to 7
 * @ro, @ido, @ns: attributes: relaxed ordering, ID-based ordering, no snoop
 * @at:        address type; only requests have one
 * @ep:        poisoned
 * @td:        a digest follows: @ecrc, which is neither computed nor checked
 * @requester: of a completion: whom it answers
 * @tag:       10 bits; of an Invalidate Request its ITag
 * @dwords:    Length: 1 to 1024, 0 for a message or completion without data
 * @data:      payload of @dwords * 4 bytes, not owned; NULL when there is none
 */
struct teeio_tlp_wire {
    enum teeio_wire_type type;
    struct teeio_wire_ide ide;
    struct teeio_wire_pasid pasid;
    uint8_t tc;
    bool ro;
    bool ido;
    bool ns;
    enum teeio_tlp_at at;
    bool ep;
    bool td;
    uint16_t requester;
    uint16_t tag;
    uint16_t dwords;
    union {
        struct teeio_wire_request request;
        struct teeio_wire_completion completion;
        struct teeio_wire_message message;
    } u;
    const uint8_t *data;
    uint32_t ecrc;
};

/** Two prefixes and four doublewords; a whole TLP. */
#define TEEIO_WIRE_MAX_HEAD 24u
#define TEEIO_WIRE_MAX      (TEEIO_WIRE_MAX_HEAD + 4096u + 4u)

/**
 * teeio_wire_decode() - the TLP that @size bytes are
 * @wire: filled in when the answer is OK; @wire->data points into @bytes
 *
 * Any bytes lead to OK or to an error, and a TLP that was decoded is encoded
 * to the same bytes. For that a reserved bit that is set is an error here,
 * where a receiver on a link has to ignore it (PCIe 2.2.1).
 *
 * Returns: %TEEIO_WIRE_OK, or the first thing that is wrong.
 */
enum teeio_wire_error teeio_wire_decode(struct teeio_tlp_wire *wire,
                                        const uint8_t *bytes, size_t size);

/**
 * teeio_wire_encode_head() - prefixes and header
 * @buf: %TEEIO_WIRE_MAX_HEAD bytes
 * @len: set to the bytes used, 0 unless the answer is OK
 *
 * Returns: %TEEIO_WIRE_OK, or what no TLP may have.
 */
enum teeio_wire_error teeio_wire_encode_head(const struct teeio_tlp_wire *wire,
                                             uint8_t *buf, size_t *len);

/**
 * teeio_wire_encode() - the whole TLP
 * @buf: %TEEIO_WIRE_MAX bytes
 *
 * Otherwise as teeio_wire_encode_head(); %TEEIO_WIRE_LENGTH when a payload is
 * due and @wire->data is NULL.
 */
enum teeio_wire_error teeio_wire_encode(const struct teeio_tlp_wire *wire,
                                        uint8_t *buf, size_t *len);

/** teeio_wire_has_data() - does a payload follow the header? */
bool teeio_wire_has_data(enum teeio_wire_type type);

/** teeio_wire_sub_stream() - PR, NPR or CPL (PCIe 6.33.5) */
unsigned teeio_wire_sub_stream(enum teeio_wire_type type);

/** teeio_wire_type_name() - "MRd", "CplD", ...; "?" for any other value */
const char *teeio_wire_type_name(enum teeio_wire_type type);

/** teeio_wire_error_name() - "short", "byte-enables", ... */
const char *teeio_wire_error_name(enum teeio_wire_error error);

/**
 * teeio_wire_request() - the wire form of a DMA
 * @tag: 10 bits
 *
 * A TLP with T or XT always gets an IDE prefix, since nothing else can carry
 * them. @wire->data stays NULL.
 */
void teeio_wire_request(struct teeio_tlp_wire *wire,
                        const struct teeio_tlp *tlp, uint16_t tag);

/**
 * teeio_wire_to_tlp() - the DMA that a request asks for
 * @tlp: filled in; the origin is %TEEIO_ORIGIN_TDI
 *
 * Returns: false for a message, a completion, and a request that touches no
 * byte or bytes with a gap.
 */
bool teeio_wire_to_tlp(const struct teeio_tlp_wire *wire,
                       struct teeio_tlp *tlp);

/**
 * teeio_wire_complete() - how @request is answered
 * @completer: who answers
 * @status:    with %TEEIO_CPL_SC all data come in one completion; anything
 *             else has none
 *
 * TC, attributes, tag and IDE prefix are those of @request (PCIe 2.2.9.1),
 * which is no message and no posted write. @wire->data stays NULL.
 */
void teeio_wire_complete(struct teeio_tlp_wire *wire,
                         const struct teeio_tlp_wire *request,
                         uint16_t completer, uint8_t status);

/* Messages. Each fills all of @wire; prefixes can be added afterwards. */

/** teeio_wire_page_request() - @flags: %TEEIO_PAGE_LAST, _WRITE, _READ */
void teeio_wire_page_request(struct teeio_tlp_wire *wire, uint16_t requester,
                             uint64_t address, uint16_t index, unsigned flags);

/** teeio_wire_prg_response() - @code: 0 success, 1 invalid, 15 failure */
void teeio_wire_prg_response(struct teeio_tlp_wire *wire, uint16_t requester,
                             uint16_t target, uint16_t index, unsigned code);

/**
 * teeio_wire_invalidate_request() - @range: 8 bytes of payload, not owned
 * @itag: 0 to 31
 */
void teeio_wire_invalidate_request(struct teeio_tlp_wire *wire,
                                   uint16_t requester, uint16_t target,
                                   uint8_t itag, const uint8_t *range);

/**
 * teeio_wire_invalidate_completion() - @itags: a bit for each ITag
 * @count: completions in all, 1 to 8
 */
void teeio_wire_invalidate_completion(struct teeio_tlp_wire *wire,
                                      uint16_t requester, uint16_t target,
                                      unsigned count, uint32_t itags);

/** teeio_wire_error_message() - @code: %TEEIO_MSG_ERR_COR, ... */
void teeio_wire_error_message(struct teeio_tlp_wire *wire, uint16_t requester,
                              uint8_t code);

/**
 * teeio_wire_vendor_defined() - routed by ID
 * @code: %TEEIO_MSG_VENDOR_DEFINED_0 or _1
 * @word: bytes 12 to 15 of the header
 * @data: @dwords * 4 bytes of payload, not owned; NULL with 0
 */
void teeio_wire_vendor_defined(struct teeio_tlp_wire *wire, uint16_t requester,
                               uint16_t target, uint8_t code, uint16_t vendor,
                               uint32_t word, const uint8_t *data,
                               uint16_t dwords);

#endif
