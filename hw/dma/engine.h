/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The engine turns one descriptor into TLPs. It knows neither the ring nor
 * the registers.
 */
#ifndef TEEIO_HW_DMA_ENGINE_H
#define TEEIO_HW_DMA_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "../image.h"
#include "atc.h"
#include "teeio/fabric.h"
#include "teeio/host.h"
#include "teeio/tdi.h"

/**
 * struct teeio_descriptor - one descriptor, in the order of spec/tdi.h
 * @status, @checksum, @failed: filled in by the engine
 */
struct teeio_descriptor {
    uint32_t control;
    uint32_t length;
    uint64_t source;
    uint64_t dest;
    uint64_t pattern;
    uint32_t pasid;
    uint32_t status;
    uint32_t checksum;
    uint64_t failed;
};

/** enum teeio_progress - how far an attempt came */
enum teeio_progress {
    TEEIO_PROGRESS_GOES_ON,
    TEEIO_PROGRESS_WAITING, /* try again after the answer */
    TEEIO_PROGRESS_ENDED,   /* the descriptor failed; it has its status */
};

/** enum teeio_wait - what the transfer waits for */
enum teeio_wait {
    TEEIO_WAIT_NONE,
    TEEIO_WAIT_PAGE,  /* a PRG response */
    TEEIO_WAIT_STALL, /* the IOMMU's word about a stalled request */
};

/**
 * struct teeio_transfer - the descriptor being carried out
 * @active:   there is one
 * @fetched:  the data of the piece at @done is in the buffer
 * @done:     bytes behind us
 * @wait:     what for; until then nothing is sent
 * @answered: it has come, as @outcome
 * @tag:      page request group or stall tag
 * @outcome:  enum teeio_page_outcome or enum teeio_stall_outcome
 * @tries:    page requests for this piece
 */
struct teeio_transfer {
    bool active;
    bool fetched;
    uint32_t done;
    enum teeio_wait wait;
    bool answered;
    uint16_t tag;
    unsigned outcome;
    unsigned tries;
    struct teeio_descriptor desc;
};

/**
 * struct teeio_engine - what decides about TLPs, and what became of them
 * @interface:     the TDI whose streams they go out on
 * @requester:     requester id of its TLPs
 * @ingress:       port below which it sends them
 * @bus_master:    Command.BME
 * @trusted:       T and XT may be set
 * @services:      what the guest enabled in config space
 * @pages:         where page requests go
 * @group:         of the last page request; goes on over a reset, so that a
 *                 late response meets no new request
 * @tlps:          TLPs sent, by T
 * @reads_refused: reads completed as UR or CA, which the device sees
 * @refused:       all TLPs that did not reach memory
 * @wrong_t:       so many TLPs are still to leave with the other T
 * @after_tlp:     called once with @opaque, when the next TLP has left, and
 *                 forgotten; may be NULL
 * @buffer:        the data of one TLP
 */
struct teeio_engine {
    const struct teeio_host *host;
    struct teeio_fabric *fabric;
    const struct teeio_interface *interface;
    uint16_t requester;
    uint16_t ingress;
    bool bus_master;
    bool trusted;
    struct teeio_tdi_services services;
    struct teeio_tdi_pages pages;
    uint16_t group;
    uint64_t tlps[2];
    uint64_t reads_refused;
    uint64_t refused;
    struct teeio_atc atc;
    struct teeio_transfer transfer;
    unsigned wrong_t;
    void *opaque;
    void (*after_tlp)(void *opaque);
    uint8_t buffer[TEEIO_TLP_BOUNDARY];
};

/** teeio_engine_begin() - take on @desc, which is copied */
void teeio_engine_begin(struct teeio_engine *engine,
                        const struct teeio_descriptor *desc);

/**
 * teeio_engine_run() - carry on with the transfer
 *
 * Returns: true when it has ended; false when it waits. The descriptor, with
 * what was filled in, is in engine->transfer.desc.
 */
bool teeio_engine_run(struct teeio_engine *engine);

/**
 * teeio_engine_put_on_stream() - the IDE stream that @tlp leaves on, if any
 *
 * Returns: false, and records the TLP, when it must not be sent: T or XT, but
 * not on a secure stream that LOCK bound to the TDI.
 */
bool teeio_engine_put_on_stream(const struct teeio_engine *engine,
                                struct teeio_tlp *tlp);

/**
 * teeio_engine_answer() - what a transfer waited for has come
 *
 * Returns: false when none waits for that.
 */
bool teeio_engine_answer(struct teeio_engine *engine, enum teeio_wait wait,
                         uint16_t tag, unsigned outcome);

/** teeio_engine_cancel() - forget the transfer and all translations */
void teeio_engine_cancel(struct teeio_engine *engine);

/**
 * teeio_engine_save(), teeio_engine_load() - its part of a TDI's image
 *
 * Returns: false when no engine can be in that state; @engine is then spoilt.
 */
void teeio_engine_save(const struct teeio_engine *engine,
                       struct teeio_image_writer *image);
bool teeio_engine_load(struct teeio_engine *engine,
                       struct teeio_image_reader *image);

/**
 * teeio_engine_translate() - for engine.c: make @tlp a translated request
 *
 * The engine's descriptor is one with DESC_ATS.
 */
enum teeio_progress teeio_engine_translate(struct teeio_engine *engine,
                                           struct teeio_tlp *tlp);

#endif
