/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The IDE extended capability (PCIe 6.33, 7.9.26) of one port: streams, what
 * they are associated with, and whether they have keys.
 *
 * Nothing is encrypted here. A stream is secure while software has enabled it
 * and keys are in use for each of its six sub-streams; the keys themselves are
 * dropped on arrival.
 */
#ifndef TEEIO_IDE_H
#define TEEIO_IDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/quirks.h"
#include "teeio/registers.h"

#define TEEIO_IDE_MAX_LINKS     8u
#define TEEIO_IDE_MAX_STREAMS   16u /* selective */
#define TEEIO_IDE_MAX_ADDRESSES 15u

/** TEEIO_IDE_NONE - where a stream id is asked for: not on an IDE stream */
#define TEEIO_IDE_NONE (-1)

/**
 * struct teeio_ide_config - how one port is made
 * @links:     link blocks, 0 to %TEEIO_IDE_MAX_LINKS
 * @streams:   selective blocks, 0 to %TEEIO_IDE_MAX_STREAMS; one block of any
 *             kind at least
 * @addresses: address association blocks of each selective block, up to
 *             %TEEIO_IDE_MAX_ADDRESSES
 * @quirks:    whose rules IDE_KM follows; outlive the port; NULL for none
 * @platform:  keys come by teeio_ide_set_keys(), and IDE_KM is not offered
 */
struct teeio_ide_config {
    unsigned links;
    unsigned streams;
    unsigned addresses;
    const struct teeio_quirks *quirks;
    bool platform;
};

/**
 * struct teeio_ide_listener - who learns about streams
 * @opaque:   passed back as first argument
 * @insecure: a stream that was secure is so no longer; or it failed
 * @changed:  control or association registers of a stream were written
 */
struct teeio_ide_listener {
    void *opaque;
    void (*insecure)(void *opaque, uint8_t stream);
    void (*changed)(void *opaque, uint8_t stream);
};

/** enum teeio_ide_failure - what a receiver can find wrong (PCIe 6.33.4) */
enum teeio_ide_failure {
    TEEIO_IDE_INTEGRITY,    /* the MAC of a TLP does not match */
    TEEIO_IDE_MISROUTED,    /* a TLP of a stream that is not for this port */
    TEEIO_IDE_PCRC,         /* the plaintext CRC does not match */
    TEEIO_IDE_FAIL_MESSAGE, /* the partner reports a failure */
    TEEIO_IDE_FAILURES
};

/** enum teeio_ide_verdict - does a TLP with T=1 belong on its stream? */
enum teeio_ide_verdict {
    TEEIO_IDE_ACCEPTED,
    TEEIO_IDE_NO_STREAM,       /* not on a stream */
    TEEIO_IDE_UNKNOWN_STREAM,  /* no enabled block has this stream id */
    TEEIO_IDE_NOT_SECURE,      /* the stream is insecure */
    TEEIO_IDE_WRONG_REQUESTER, /* outside the RID association */
    TEEIO_IDE_WRONG_ADDRESS,   /* outside the address associations */
    TEEIO_IDE_VERDICTS
};

struct teeio_ide;

/**
 * teeio_ide_new() - one port with all streams disabled
 *
 * Returns: NULL when out of memory, or when @config asks for too much.
 */
struct teeio_ide *teeio_ide_new(const struct teeio_ide_config *config);
void teeio_ide_free(struct teeio_ide *ide);

/** teeio_ide_reset() - conventional reset: no keys, nobody is told */
void teeio_ide_reset(struct teeio_ide *ide);

/** teeio_ide_listen() - one listener at most; NULL ends it */
void teeio_ide_listen(struct teeio_ide *ide,
                      const struct teeio_ide_listener *listener);

/** teeio_ide_size() - bytes of the whole capability, header included */
uint32_t teeio_ide_size(const struct teeio_ide *ide);

/**
 * teeio_ide_read(), teeio_ide_write() - one access to the capability
 * @offset: from its start, below teeio_ide_size()
 * @size:   1, 2 or 4; no access crosses a DW
 *
 * The header at 0 belongs to whoever chains capabilities and reads 0 here.
 */
uint32_t teeio_ide_read(const struct teeio_ide *ide, uint32_t offset,
                        unsigned size);
void teeio_ide_write(struct teeio_ide *ide, uint32_t offset, uint32_t value,
                     unsigned size);

/**
 * teeio_ide_stream_offset() - where the block of the selective stream number
 * @index lies in the capability
 */
uint32_t teeio_ide_stream_offset(const struct teeio_ide *ide, unsigned index);

/**
 * struct teeio_ide_tlp - what IDE looks at
 * @stream:    stream id it came on, or %TEEIO_IDE_NONE
 * @segment:   of the requester
 * @requester: requester id
 * @memory:    it is a memory request, so @address counts
 * @t:         the T bit
 */
struct teeio_ide_tlp {
    int stream;
    uint8_t segment;
    uint16_t requester;
    bool memory;
    uint64_t address;
    bool t;
};

/**
 * teeio_ide_accepts() - may a received TLP keep its T bit?
 *
 * A TLP with T=0 is always accepted. One with T=1 needs a secure selective
 * stream; the requester must lie in its RID association, and the address of a
 * memory request in one of its address associations, as far as these are
 * valid (PCIe 6.33.4; a root port checks so before T reaches memory).
 */
enum teeio_ide_verdict teeio_ide_accepts(const struct teeio_ide *ide,
                                         const struct teeio_ide_tlp *tlp);

/** teeio_ide_verdict_name() - "accepted", "stream is not secure", ... */
const char *teeio_ide_verdict_name(enum teeio_ide_verdict verdict);

/**
 * teeio_ide_route() - the stream that a TLP leaves on (PCIe 6.33.4)
 * @tlp: @stream and @t do not count; @requester is the partner's id when
 *       @memory is clear
 *
 * The first enabled selective stream with a matching association, else the
 * default stream, else the first enabled link stream.
 *
 * Returns: a stream id, or %TEEIO_IDE_NONE.
 */
int teeio_ide_route(const struct teeio_ide *ide,
                    const struct teeio_ide_tlp *tlp);

/** teeio_ide_secure() - is this selective stream secure? */
bool teeio_ide_secure(const struct teeio_ide *ide, uint8_t stream);

/**
 * teeio_ide_keyed() - has each sub-stream of a stream its keys?
 * @session: the SPDM session that must have programmed them
 * @any:     any session will do
 *
 * Keys that wait for K_SET_GO count.
 */
bool teeio_ide_keyed(const struct teeio_ide *ide, uint8_t stream,
                     uint32_t session, bool any);

/**
 * teeio_ide_default_stream() - the stream id of the default stream
 *
 * Returns: %TEEIO_IDE_NONE unless exactly one enabled selective block is
 * marked as default; *@count is how many are.
 */
int teeio_ide_default_stream(const struct teeio_ide *ide, unsigned *count);

/** enum teeio_ide_unfit - why a stream must not be bound for P2P */
enum teeio_ide_unfit {
    TEEIO_IDE_FIT,
    TEEIO_IDE_ABSENT,    /* no selective block has this stream id */
    TEEIO_IDE_AMBIGUOUS, /* more than one enabled block has it */
    TEEIO_IDE_IS_DEFAULT,
    TEEIO_IDE_OVERLAP, /* an association meets that of another stream */
};

/** teeio_ide_traffic_class() - of an enabled selective stream; 0 without one */
unsigned teeio_ide_traffic_class(const struct teeio_ide *ide, uint8_t stream);

/** teeio_ide_unfit() - first reason found, in the order of the enumeration */
enum teeio_ide_unfit teeio_ide_unfit(const struct teeio_ide *ide,
                                     uint8_t stream);

/**
 * teeio_ide_fail() - a failure on a stream, of link or selective kind
 *
 * The stream loses its keys and becomes insecure, a partner's message also sets
 * IDE Fail Message Received; then the listener is told.
 *
 * Returns: false, with nothing changed, when no enabled block has this id.
 */
bool teeio_ide_fail(struct teeio_ide *ide, uint8_t stream,
                    enum teeio_ide_failure failure);

/**
 * teeio_ide_set_keys() - what a platform does to the keys of its own port
 * @go: all sub-streams have keys in use; otherwise none has any
 *
 * Returns: false, with nothing changed, when no block has this stream id.
 */
bool teeio_ide_set_keys(struct teeio_ide *ide, uint8_t stream, bool go);

/** teeio_ide_session_ended() - its keys go, its streams become insecure */
void teeio_ide_session_ended(struct teeio_ide *ide, uint32_t session);

/** teeio_ide_drop_keys() - all streams become insecure */
void teeio_ide_drop_keys(struct teeio_ide *ide);

/** teeio_ide_set_function() - what QUERY_RESP says about where the port is */
void teeio_ide_set_function(struct teeio_ide *ide, uint8_t segment,
                            uint16_t requester);

/**
 * teeio_ide_km_message() - one IDE_KM message (PCIe 6.33.3)
 * @session:  the SPDM session it came in
 * @message:  from the object id on, @len bytes
 * @response: at most @size bytes
 *
 * The first session that is answered has the port for itself until it ends.
 *
 * Returns: the length of the response; 0 when there is none, because the
 * message makes no sense or the session is not the one.
 */
size_t teeio_ide_km_message(struct teeio_ide *ide, uint32_t session,
                            const uint8_t *message, size_t len,
                            uint8_t *response, size_t size);

/**
 * teeio_ide_save(), teeio_ide_load() - registers and key slots, flat
 *
 * As teeio_tdi_save() and teeio_tdi_load(); a port of the same configuration
 * is expected. No key is part of it, as none is kept. Nobody is told.
 */
size_t teeio_ide_save(const struct teeio_ide *ide, uint8_t *buf, size_t size);
bool teeio_ide_load(struct teeio_ide *ide, const uint8_t *buf, size_t size);

#endif
