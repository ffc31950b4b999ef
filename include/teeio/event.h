/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Events: what the recorder keeps and the sanitizer reads.
 */
#ifndef TEEIO_EVENT_H
#define TEEIO_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "teeio/fabric.h"
#include "teeio/ownership.h"
#include "teeio/tdisp.h"

#define TEEIO_EVENT_SCHEMA  "teeio-events"
#define TEEIO_EVENT_VERSION 1

/** enum teeio_event_kind - field "ev" of an event line */
enum teeio_event_kind {
    TEEIO_EVENT_TLP,     /* "tlp": one DMA, its whole way */
    TEEIO_EVENT_FAULT,   /* "fault": an IOMMU wrote (or lost) a fault record */
    TEEIO_EVENT_COMMAND, /* "command": an IOMMU consumed a queue command */
    TEEIO_EVENT_ENABLE,  /* "enable": an IOMMU's translation switched on/off */
    TEEIO_EVENT_TDISP,   /* "tdisp": input to a TDI's state machine */
    TEEIO_EVENT_OWNER,   /* "owner": pages changed owner */
    TEEIO_EVENT_MARKER,  /* "marker": a number that the guest wrote */
    TEEIO_EVENT_FINDING, /* "finding": the sanitizer's own */
    TEEIO_EVENT_RESET,   /* "reset": a model was reset */
    TEEIO_EVENT_CANARY,  /* "canary": both banks were searched for a word */
    TEEIO_EVENT_KINDS
};

/** enum teeio_finding_kind - closed list, documented in teeio-report(5) */
enum teeio_finding_kind {
    TEEIO_FINDING_T0_TO_PRIVATE,    /* T=0 request aimed at a private page */
    TEEIO_FINDING_IDENTITY_FLIP,    /* the same bus address meant another thing
                                     * for the other value of T */
    TEEIO_FINDING_T1_SHARED_TABLE,  /* T=1 walk met a host-writable table */
    TEEIO_FINDING_T1_OUTSIDE_RUN,   /* a TDI was told to send T=1 outside RUN */
    TEEIO_FINDING_P2P_AROUND_IOMMU, /* it reached a peer, and no IOMMU that
                                     * was on saw it */
    TEEIO_FINDING_OUTSIDE_WINDOW,   /* no window of the host bridge takes it */
    TEEIO_FINDING_OUTSIDE_POOL,     /* a function with a pool aimed elsewhere */
    TEEIO_FINDING_FOREIGN_POOL,     /* aimed at a pool of other functions */
    TEEIO_FINDINGS
};

struct teeio_event_fault {
    uint32_t stream;
    struct teeio_fault fault;
    bool queued; /* false: the queue was full or disabled */
};

struct teeio_event_command {
    const char *name; /* specification name, static storage */
    uint64_t dw[2];
    const char *error; /* specification name of the error, NULL when none */
};

struct teeio_event_tdisp {
    uint16_t requester;
    enum teeio_tdisp_input input;
    enum teeio_tdisp_state from;
    enum teeio_tdisp_state to;
    enum teeio_tdisp_error error;
    const char *cause; /* why, for CONFIG_CHANGE; static storage or NULL */
};

struct teeio_event_owner {
    uint64_t base;
    uint64_t size;
    enum teeio_owner owner;
};

/** struct teeio_event_canary - how often the word was found */
struct teeio_event_canary {
    uint64_t shared;
    uint64_t private;
};

#define TEEIO_FINDING_TEXT 160

/**
 * struct teeio_event_finding - one report of the sanitizer
 * @kind:    which rule
 * @trigger: number of the event that broke it
 * @related: number of the earlier event that it contradicts, 0 when none
 * @dma:     the TLP concerned
 * @text:    one sentence for people
 */
struct teeio_event_finding {
    enum teeio_finding_kind kind;
    uint64_t trigger;
    uint64_t related;
    struct teeio_dma dma;
    char text[TEEIO_FINDING_TEXT];
};

/**
 * struct teeio_event - one thing that happened
 * @kind:   which member of the union is valid
 * @source: name of the model, e.g. "smmuv3"; static or as long-lived as it
 * @seq:    stamped by the recorder, from 1
 * @t_ns:   stamped by the recorder, virtual time
 */
struct teeio_event {
    enum teeio_event_kind kind;
    const char *source;
    uint64_t seq;
    uint64_t t_ns;
    union {
        struct teeio_dma dma;
        struct teeio_event_fault fault;
        struct teeio_event_command command;
        bool enabled;
        struct teeio_event_tdisp tdisp;
        struct teeio_event_owner owner;
        uint64_t marker;
        struct teeio_event_canary canary;
        struct teeio_event_finding finding;
    } u;
};

/** The longest line that teeio_event_format() produces, with its end. */
#define TEEIO_EVENT_LINE 1280

/**
 * teeio_event_format() - one event as one JSON object, without newline
 * @buf: at least %TEEIO_EVENT_LINE bytes
 *
 * Addresses and 64-bit values are hexadecimal strings, since JSON readers
 * lose integers above 2^53.
 *
 * Returns: length written.
 */
size_t teeio_event_format(const struct teeio_event *event,
                          char buf[TEEIO_EVENT_LINE]);

const char *teeio_event_kind_name(enum teeio_event_kind kind);

/** teeio_finding_name() - "t0-to-private", "identity-flip", ... */
const char *teeio_finding_name(enum teeio_finding_kind kind);

#endif
