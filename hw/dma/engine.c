/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "engine.h"

#include <stddef.h>

#include "teeio/crc32.h"
#include "teeio/event.h"
#include "teeio/spec/tdi.h"

/* What an opcode is made of: pieces read, then pieces written. */
static const struct opcode {
    bool reads;
    bool writes;
} opcodes[] = {
    [TEEIO_TDI_OP_FILL] = {.writes = true},
    [TEEIO_TDI_OP_COPY] = {.reads = true, .writes = true},
    [TEEIO_TDI_OP_CHECKSUM] = {.reads = true},
};

static bool in_range(uint64_t address, uint32_t length)
{
    return address <= UINT64_MAX - (length - 1);
}

/* Returns: NULL for a descriptor that spec/tdi.h calls bad. */
static const struct opcode *decode(const struct teeio_descriptor *desc)
{
    uint32_t number = desc->control & TEEIO_TDI_DESC_OPCODE;
    const struct opcode *op;

    if (number >= sizeof(opcodes) / sizeof(opcodes[0])) {
        return NULL;
    }
    op = &opcodes[number];
    if (!op->reads && !op->writes) {
        return NULL;
    }
    if (desc->length == 0 || desc->length > TEEIO_TDI_MAX_LENGTH) {
        return NULL;
    }
    if ((op->reads && !in_range(desc->source, desc->length)) ||
        (op->writes && !in_range(desc->dest, desc->length))) {
        return NULL;
    }
    return op;
}

/* PCIe 2.2.7: no TLP crosses a 4 KiB boundary, on either side of a COPY. */
static uint32_t piece_length(const struct opcode *op, uint64_t source,
                             uint64_t dest, uint32_t left)
{
    uint32_t length = left;
    uint32_t room;

    if (op->reads) {
        room = TEEIO_TLP_BOUNDARY - source % TEEIO_TLP_BOUNDARY;
        length = room < length ? room : length;
    }
    if (op->writes) {
        room = TEEIO_TLP_BOUNDARY - dest % TEEIO_TLP_BOUNDARY;
        length = room < length ? room : length;
    }
    return length;
}

static struct teeio_tlp make_tlp(const struct teeio_engine *engine,
                                 const struct teeio_descriptor *desc,
                                 enum teeio_tlp_kind kind, uint64_t address,
                                 uint32_t length)
{
    return (struct teeio_tlp){
        .kind = kind,
        .at = TEEIO_AT_UNTRANSLATED,
        .origin = TEEIO_ORIGIN_TDI,
        .address = address,
        .length = length,
        .requester = engine->requester,
        .t = desc->control & TEEIO_TDI_DESC_T,
        .xt = desc->control & TEEIO_TDI_DESC_XT,
    };
}

/* Returns: false when the read was refused; the buffer then holds ones. */
static bool read_piece(struct teeio_engine *engine,
                       struct teeio_descriptor *desc, uint64_t address,
                       uint32_t length)
{
    struct teeio_tlp tlp =
        make_tlp(engine, desc, TEEIO_TLP_MRD, address, length);

    engine->tlps[tlp.t]++;
    if (teeio_fabric_read(engine->fabric, &tlp, engine->buffer) ==
        TEEIO_VERDICT_OK) {
        return true;
    }
    engine->refused++;
    engine->reads_refused++;
    if (desc->status == TEEIO_TDI_STATUS_OK) {
        desc->status = TEEIO_TDI_STATUS_REFUSED;
        desc->failed = address;
    }
    return false;
}

static void write_piece(struct teeio_engine *engine,
                        const struct teeio_descriptor *desc, uint64_t address,
                        uint32_t length)
{
    struct teeio_tlp tlp =
        make_tlp(engine, desc, TEEIO_TLP_MWR, address, length);

    engine->tlps[tlp.t]++;
    /* PCIe 2.4: a memory write is posted, so its end stays unknown to us. */
    if (teeio_fabric_write(engine->fabric, &tlp, engine->buffer) !=
        TEEIO_VERDICT_OK) {
        engine->refused++;
    }
}

static void fill_piece(struct teeio_engine *engine,
                       const struct teeio_descriptor *desc, uint32_t done,
                       uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        engine->buffer[i] = desc->pattern >> (done + i) % 8 * 8;
    }
}

static void transfer(struct teeio_engine *engine, const struct opcode *op,
                     struct teeio_descriptor *desc)
{
    uint32_t length;

    for (uint32_t done = 0; done < desc->length; done += length) {
        uint64_t source = desc->source + done;
        uint64_t dest = desc->dest + done;

        length = piece_length(op, source, dest, desc->length - done);
        if (op->reads) {
            bool ok = read_piece(engine, desc, source, length);

            desc->checksum =
                teeio_crc32(desc->checksum, engine->buffer, length);
            if (!ok && op->writes) {
                /* PCIe 2.3.2: no data came with the completion to pass on. */
                return;
            }
        } else {
            fill_piece(engine, desc, done, length);
        }
        if (op->writes) {
            write_piece(engine, desc, dest, length);
        }
    }
}

/* Record the first TLP that the descriptor asked for and never got. */
static void trace_unsent(const struct teeio_engine *engine,
                         const struct opcode *op,
                         const struct teeio_descriptor *desc)
{
    uint32_t length = piece_length(op, desc->source, desc->dest, desc->length);
    struct teeio_event event = {
        .kind = TEEIO_EVENT_TLP,
        .source = "tdi",
        .u.dma =
            {
                .tlp = op->reads ? make_tlp(engine, desc, TEEIO_TLP_MRD,
                                            desc->source, length)
                                 : make_tlp(engine, desc, TEEIO_TLP_MWR,
                                            desc->dest, length),
                .route = TEEIO_ROUTE_REJECTED,
                .xlate.verdict = TEEIO_VERDICT_UNSUPPORTED,
                .verdict = TEEIO_VERDICT_UNSUPPORTED,
            },
    };

    if (engine->host->trace) {
        engine->host->trace(engine->host->opaque, &event);
    }
}

void teeio_engine_run(struct teeio_engine *engine,
                      struct teeio_descriptor *desc)
{
    const struct opcode *op = decode(desc);

    desc->checksum = 0;
    desc->failed = 0;
    if (!op) {
        desc->status = TEEIO_TDI_STATUS_BAD_DESC;
    } else if (!engine->trusted &&
               (desc->control & (TEEIO_TDI_DESC_T | TEEIO_TDI_DESC_XT))) {
        /* PCIe 11.2.1: only a TDI in RUN marks its requests as trusted. */
        desc->status = TEEIO_TDI_STATUS_NOT_RUN;
        trace_unsent(engine, op, desc);
    } else if (!engine->bus_master) {
        /* PCIe 7.5.1.1.3: without Bus Master Enable nothing is sent. */
        desc->status = TEEIO_TDI_STATUS_NO_MASTER;
    } else {
        desc->status = TEEIO_TDI_STATUS_OK;
        transfer(engine, op, desc);
    }
}
