/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "engine.h"

#include <stddef.h>
#include <string.h>

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

/* May the flags of @desc be used as config space is set up? */
static bool permitted(const struct teeio_engine *engine,
                      const struct teeio_descriptor *desc)
{
    const struct teeio_tdi_services *services = &engine->services;
    uint32_t control = desc->control;

    if (control & TEEIO_TDI_DESC_PASID && !services->pasid) {
        return false;
    }
    if (control & TEEIO_TDI_DESC_ATS && !services->ats) {
        return false;
    }
    return !(control & TEEIO_TDI_DESC_PRI) ||
           (control & TEEIO_TDI_DESC_ATS && services->pri);
}

static const struct opcode *find_opcode(const struct teeio_descriptor *desc)
{
    uint32_t number = desc->control & TEEIO_TDI_DESC_OPCODE;

    return number < sizeof(opcodes) / sizeof(opcodes[0]) &&
                   (opcodes[number].reads || opcodes[number].writes)
               ? &opcodes[number]
               : NULL;
}

static bool fits(const struct opcode *op, const struct teeio_descriptor *desc)
{
    return desc->length > 0 && desc->length <= TEEIO_TDI_MAX_LENGTH &&
           (!op->reads || in_range(desc->source, desc->length)) &&
           (!op->writes || in_range(desc->dest, desc->length)) &&
           (!(desc->control & TEEIO_TDI_DESC_PASID) ||
            desc->pasid <= TEEIO_TDI_MAX_PASID);
}

/* Returns: NULL for a descriptor that spec/tdi.h calls bad. */
static const struct opcode *decode(const struct teeio_engine *engine,
                                   const struct teeio_descriptor *desc)
{
    const struct opcode *op = find_opcode(desc);

    if (!op || !permitted(engine, desc)) {
        return NULL;
    }
    return fits(op, desc) ? op : NULL;
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
        .ingress = engine->ingress,
        .pasid_valid = desc->control & TEEIO_TDI_DESC_PASID,
        .pasid = desc->control & TEEIO_TDI_DESC_PASID ? desc->pasid : 0,
        .may_stall = true,
        .t = desc->control & TEEIO_TDI_DESC_T,
        .xt = desc->control & TEEIO_TDI_DESC_XT,
    };
}

static void trace_rejected(const struct teeio_engine *engine,
                           const struct teeio_tlp *tlp)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_TLP,
        .source = "tdi",
        .u.dma =
            {
                .tlp = *tlp,
                .route = TEEIO_ROUTE_REJECTED,
                .xlate.verdict = TEEIO_VERDICT_UNSUPPORTED,
                .verdict = TEEIO_VERDICT_UNSUPPORTED,
            },
    };

    if (engine->host->trace) {
        engine->host->trace(engine->host->opaque, &event);
    }
}

bool teeio_engine_put_on_stream(const struct teeio_engine *engine,
                                struct teeio_tlp *tlp)
{
    const struct teeio_interface *interface = engine->interface;
    const struct teeio_ide_tlp asked = {.memory = true,
                                        .address = tlp->address};
    int stream = TEEIO_IDE_NONE;

    if (interface->ide) {
        stream = teeio_ide_route(interface->ide, &asked);
    }
    tlp->ide = stream != TEEIO_IDE_NONE &&
               teeio_ide_secure(interface->ide, (uint8_t)stream);
    tlp->stream = tlp->ide ? (uint8_t)stream : 0;
    if ((!tlp->t && !tlp->xt) || !interface->bound ||
        (tlp->ide && teeio_interface_is_bound(interface, tlp->stream))) {
        return true;
    }
    /* PCIe 11.2.1: no TEE data on any other stream, or in clear. */
    trace_rejected(engine, tlp);
    return false;
}

/* IHI 0070 4.7.1: how a stalled request goes on without being sent. */
static enum teeio_verdict after_stall(struct teeio_engine *engine,
                                      const struct teeio_tlp *tlp)
{
    bool aborted = engine->transfer.outcome == TEEIO_STALL_ABORT;

    if (tlp->kind == TEEIO_TLP_MRD) {
        memset(engine->buffer, aborted ? 0xff : 0, tlp->length);
    }
    return aborted ? TEEIO_VERDICT_ABORTED : TEEIO_VERDICT_OK;
}

/* On GOES_ON, @verdict is how the request ended. */
static enum teeio_progress send(struct teeio_engine *engine,
                                struct teeio_tlp tlp,
                                enum teeio_verdict *verdict)
{
    struct teeio_transfer *transfer = &engine->transfer;
    struct teeio_dma dma;

    if (transfer->wait == TEEIO_WAIT_STALL) {
        transfer->wait = TEEIO_WAIT_NONE;
        if (transfer->outcome != TEEIO_STALL_RETRY) {
            *verdict = after_stall(engine, &tlp);
            return TEEIO_PROGRESS_GOES_ON;
        }
    }
    if (transfer->desc.control & TEEIO_TDI_DESC_ATS) {
        enum teeio_progress progress = teeio_engine_translate(engine, &tlp);

        if (progress != TEEIO_PROGRESS_GOES_ON) {
            return progress;
        }
    }
    if (!teeio_engine_put_on_stream(engine, &tlp)) {
        *verdict = TEEIO_VERDICT_UNSUPPORTED;
        return TEEIO_PROGRESS_GOES_ON;
    }
    if (engine->wrong_t) {
        engine->wrong_t--;
        tlp.t = !tlp.t;
    }
    engine->tlps[tlp.t]++;
    *verdict = teeio_fabric_carry(engine->fabric, &tlp, engine->buffer, &dma);
    if (engine->after_tlp) {
        void (*call)(void *opaque) = engine->after_tlp;

        engine->after_tlp = NULL;
        call(engine->opaque);
    }
    if (*verdict == TEEIO_VERDICT_STALLED) {
        transfer->wait = TEEIO_WAIT_STALL;
        transfer->answered = false;
        transfer->tag = dma.xlate.stall_tag;
        return TEEIO_PROGRESS_WAITING;
    }
    return TEEIO_PROGRESS_GOES_ON;
}

/* On GOES_ON, the data is in the buffer; ones when the read was refused. */
static enum teeio_progress read_piece(struct teeio_engine *engine,
                                      const struct opcode *op, uint64_t address,
                                      uint32_t length)
{
    struct teeio_descriptor *desc = &engine->transfer.desc;
    enum teeio_verdict verdict = TEEIO_VERDICT_OK;
    enum teeio_progress progress =
        send(engine, make_tlp(engine, desc, TEEIO_TLP_MRD, address, length),
             &verdict);

    if (progress != TEEIO_PROGRESS_GOES_ON) {
        return progress;
    }
    desc->checksum = teeio_crc32(desc->checksum, engine->buffer, length);
    if (verdict == TEEIO_VERDICT_OK) {
        return TEEIO_PROGRESS_GOES_ON;
    }
    engine->refused++;
    engine->reads_refused++;
    if (desc->status == TEEIO_TDI_STATUS_OK) {
        desc->status = TEEIO_TDI_STATUS_REFUSED;
        desc->failed = address;
    }
    /* PCIe 2.3.2: no data came with the completion to pass on. */
    return op->writes ? TEEIO_PROGRESS_ENDED : TEEIO_PROGRESS_GOES_ON;
}

static enum teeio_progress write_piece(struct teeio_engine *engine,
                                       uint64_t address, uint32_t length)
{
    enum teeio_verdict verdict = TEEIO_VERDICT_OK;
    enum teeio_progress progress =
        send(engine,
             make_tlp(engine, &engine->transfer.desc, TEEIO_TLP_MWR, address,
                      length),
             &verdict);

    /* PCIe 2.4: a memory write is posted, so its end stays unknown to us. */
    if (progress == TEEIO_PROGRESS_GOES_ON && verdict != TEEIO_VERDICT_OK) {
        engine->refused++;
    }
    return progress;
}

static void fill_piece(struct teeio_engine *engine, uint32_t length)
{
    const struct teeio_transfer *transfer = &engine->transfer;

    for (uint32_t i = 0; i < length; i++) {
        engine->buffer[i] =
            transfer->desc.pattern >> (transfer->done + i) % 8 * 8;
    }
}

static enum teeio_progress transfer_piece(struct teeio_engine *engine,
                                          const struct opcode *op)
{
    struct teeio_transfer *transfer = &engine->transfer;
    const struct teeio_descriptor *desc = &transfer->desc;
    uint64_t source = desc->source + transfer->done;
    uint64_t dest = desc->dest + transfer->done;
    uint32_t length =
        piece_length(op, source, dest, desc->length - transfer->done);
    enum teeio_progress progress = TEEIO_PROGRESS_GOES_ON;

    if (!transfer->fetched && op->reads) {
        progress = read_piece(engine, op, source, length);
    } else if (!transfer->fetched) {
        fill_piece(engine, length);
    }
    if (progress != TEEIO_PROGRESS_GOES_ON) {
        return progress;
    }
    transfer->fetched = true;
    if (op->writes) {
        progress = write_piece(engine, dest, length);
    }
    if (progress == TEEIO_PROGRESS_GOES_ON) {
        transfer->fetched = false;
        transfer->tries = 0;
        transfer->done += length;
    }
    return progress;
}

/* Record the first TLP that the descriptor asked for and never got. */
static void trace_unsent(const struct teeio_engine *engine,
                         const struct opcode *op,
                         const struct teeio_descriptor *desc)
{
    uint32_t length = piece_length(op, desc->source, desc->dest, desc->length);
    struct teeio_tlp tlp =
        op->reads ? make_tlp(engine, desc, TEEIO_TLP_MRD, desc->source, length)
                  : make_tlp(engine, desc, TEEIO_TLP_MWR, desc->dest, length);

    trace_rejected(engine, &tlp);
}

void teeio_engine_begin(struct teeio_engine *engine,
                        const struct teeio_descriptor *desc)
{
    engine->transfer = (struct teeio_transfer){.active = true, .desc = *desc};
    engine->transfer.desc.status = TEEIO_TDI_STATUS_PENDING;
}

/* Returns: false, with the status set, when nothing (more) may be sent. */
static bool may_send(struct teeio_engine *engine, const struct opcode *op)
{
    struct teeio_descriptor *desc = &engine->transfer.desc;
    bool begun = desc->status != TEEIO_TDI_STATUS_PENDING;

    if (!begun && !decode(engine, desc)) {
        desc->status = TEEIO_TDI_STATUS_BAD_DESC;
        return false;
    }
    if (!engine->trusted &&
        (desc->control & (TEEIO_TDI_DESC_T | TEEIO_TDI_DESC_XT))) {
        /* PCIe 11.2.1: only a TDI in RUN marks its requests as trusted. */
        desc->status = TEEIO_TDI_STATUS_NOT_RUN;
        if (!begun) {
            trace_unsent(engine, op, desc);
        }
        return false;
    }
    if (!engine->bus_master) {
        /* PCIe 7.5.1.1.3: without Bus Master Enable nothing is sent. */
        desc->status = TEEIO_TDI_STATUS_NO_MASTER;
        return false;
    }
    if (!begun) {
        desc->status = TEEIO_TDI_STATUS_OK;
    }
    return true;
}

bool teeio_engine_run(struct teeio_engine *engine)
{
    struct teeio_transfer *transfer = &engine->transfer;
    const struct opcode *op = find_opcode(&transfer->desc);

    if (may_send(engine, op)) {
        if (transfer->wait != TEEIO_WAIT_NONE && !transfer->answered) {
            return false;
        }
        while (transfer->done < transfer->desc.length) {
            enum teeio_progress progress = transfer_piece(engine, op);

            if (progress == TEEIO_PROGRESS_WAITING) {
                return false;
            }
            if (progress == TEEIO_PROGRESS_ENDED) {
                break;
            }
        }
    }
    transfer->active = false;
    transfer->wait = TEEIO_WAIT_NONE;
    return true;
}

bool teeio_engine_answer(struct teeio_engine *engine, enum teeio_wait wait,
                         uint16_t tag, unsigned outcome)
{
    struct teeio_transfer *transfer = &engine->transfer;

    if (!transfer->active || transfer->wait != wait || transfer->answered ||
        transfer->tag != tag) {
        return false;
    }
    transfer->answered = true;
    transfer->outcome = outcome;
    return true;
}

void teeio_engine_cancel(struct teeio_engine *engine)
{
    engine->transfer.active = false;
    engine->transfer.wait = TEEIO_WAIT_NONE;
    teeio_atc_flush(&engine->atc);
}

static void put_transfer(struct teeio_image_writer *image,
                         const struct teeio_engine *engine)
{
    const struct teeio_transfer *transfer = &engine->transfer;
    const struct teeio_descriptor *desc = &transfer->desc;

    teeio_image_put(image, transfer->fetched, 1);
    teeio_image_put(image, transfer->done, 4);
    teeio_image_put(image, transfer->wait, 1);
    teeio_image_put(image, transfer->answered, 1);
    teeio_image_put(image, transfer->tag, 2);
    teeio_image_put(image, transfer->outcome, 4);
    teeio_image_put(image, transfer->tries, 4);
    teeio_image_put(image, desc->control, 4);
    teeio_image_put(image, desc->length, 4);
    teeio_image_put(image, desc->source, 8);
    teeio_image_put(image, desc->dest, 8);
    teeio_image_put(image, desc->pattern, 8);
    teeio_image_put(image, desc->pasid, 4);
    teeio_image_put(image, desc->status, 4);
    teeio_image_put(image, desc->checksum, 4);
    teeio_image_put(image, desc->failed, 8);
    teeio_image_put_bytes(image, engine->buffer, sizeof(engine->buffer));
}

void teeio_engine_save(const struct teeio_engine *engine,
                       struct teeio_image_writer *image)
{
    teeio_image_put(image, engine->requester, 2);
    teeio_image_put(image, engine->bus_master, 1);
    teeio_image_put(image, engine->services.pasid, 1);
    teeio_image_put(image, engine->services.ats, 1);
    teeio_image_put(image, engine->services.pri, 1);
    teeio_image_put(image, engine->group, 2);
    teeio_image_put(image, engine->tlps[0], 8);
    teeio_image_put(image, engine->tlps[1], 8);
    teeio_image_put(image, engine->reads_refused, 8);
    teeio_image_put(image, engine->refused, 8);
    teeio_image_put(image, engine->transfer.active, 1);
    if (engine->transfer.active) {
        put_transfer(image, engine);
    }
}

/* A transfer outlives a step only to wait, in the middle of a good descriptor.
 */
static bool plausible(const struct teeio_transfer *transfer)
{
    const struct teeio_descriptor *desc = &transfer->desc;
    const struct opcode *op = find_opcode(desc);

    return op && fits(op, desc) && transfer->done < desc->length &&
           (transfer->wait == TEEIO_WAIT_PAGE ||
            transfer->wait == TEEIO_WAIT_STALL) &&
           (desc->status == TEEIO_TDI_STATUS_OK ||
            desc->status == TEEIO_TDI_STATUS_REFUSED);
}

static bool get_transfer(struct teeio_image_reader *image,
                         struct teeio_engine *engine)
{
    struct teeio_transfer *transfer = &engine->transfer;
    struct teeio_descriptor *desc = &transfer->desc;

    transfer->fetched = teeio_image_get_bool(image);
    transfer->done = teeio_image_get(image, 4);
    transfer->wait = teeio_image_get(image, 1);
    transfer->answered = teeio_image_get_bool(image);
    transfer->tag = teeio_image_get(image, 2);
    transfer->outcome = teeio_image_get(image, 4);
    transfer->tries = teeio_image_get(image, 4);
    desc->control = teeio_image_get(image, 4);
    desc->length = teeio_image_get(image, 4);
    desc->source = teeio_image_get(image, 8);
    desc->dest = teeio_image_get(image, 8);
    desc->pattern = teeio_image_get(image, 8);
    desc->pasid = teeio_image_get(image, 4);
    desc->status = teeio_image_get(image, 4);
    desc->checksum = teeio_image_get(image, 4);
    desc->failed = teeio_image_get(image, 8);
    teeio_image_get_bytes(image, engine->buffer, sizeof(engine->buffer));
    return plausible(transfer);
}

bool teeio_engine_load(struct teeio_engine *engine,
                       struct teeio_image_reader *image)
{
    teeio_engine_cancel(engine);
    engine->requester = teeio_image_get(image, 2);
    engine->bus_master = teeio_image_get_bool(image);
    engine->services.pasid = teeio_image_get_bool(image);
    engine->services.ats = teeio_image_get_bool(image);
    engine->services.pri = teeio_image_get_bool(image);
    engine->group = teeio_image_get(image, 2);
    engine->tlps[0] = teeio_image_get(image, 8);
    engine->tlps[1] = teeio_image_get(image, 8);
    engine->reads_refused = teeio_image_get(image, 8);
    engine->refused = teeio_image_get(image, 8);
    engine->transfer.active = teeio_image_get_bool(image);
    return !engine->transfer.active || get_transfer(image, engine);
}
