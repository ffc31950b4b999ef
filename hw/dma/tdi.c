/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/tdi.h"

#include <stdlib.h>
#include <string.h>

#include "../bytes.h"
#include "../image.h"
#include "../tdisp/interface-image.h"
#include "engine.h"
#include "teeio/event.h"
#include "teeio/spec/tdi.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define RING_BYTES    (TEEIO_TDI_RING_ENTRIES * TEEIO_TDI_DESC_SIZE)
#define POINTER_MASK  (2 * TEEIO_TDI_RING_ENTRIES - 1)
#define INTERRUPTS    (TEEIO_TDI_INT_DONE | TEEIO_TDI_INT_ERROR)

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'T', 'D', 'I')
#define IMAGE_VERSION 2

_Static_assert(TEEIO_TDI_RING_OFFSET + RING_BYTES <= TEEIO_TDI_BAR_SIZE,
               "the ring lies in the BAR");
_Static_assert(TEEIO_TDI_DESC_SUBSPACE + 4 <= TEEIO_TDI_DESC_SIZE,
               "the fields lie in the descriptor");

enum row {
    ROW_ID,
    ROW_VERSION,
    ROW_CAPS,
    ROW_STATE,
    ROW_CONTROL,
    ROW_HEAD,
    ROW_TAIL,
    ROW_INT_STATUS,
    ROW_INT_ENABLE,
    ROW_TLPS_T0,
    ROW_TLPS_T1,
    ROW_REFUSED,
    ROWS
};

enum hook { HOOK_NONE, HOOK_CONTROL, HOOK_TAIL };

static const struct teeio_reg table[] = {
    [ROW_ID] = {"ID", TEEIO_TDI_REG_ID, 4, TEEIO_TDI_MAGIC, 0, 0, HOOK_NONE,
                "The letters \"TTDI\"."},
    [ROW_VERSION] = {"VERSION", TEEIO_TDI_REG_VERSION, 4, TEEIO_TDI_VERSION, 0,
                     0, HOOK_NONE, "Version of this interface."},
    [ROW_CAPS] = {"CAPS", TEEIO_TDI_REG_CAPS, 4, TEEIO_TDI_RING_LOG2, 0, 0,
                  HOOK_NONE, "7:0 log2 of the number of ring entries."},
    [ROW_STATE] = {"STATE", TEEIO_TDI_REG_STATE, 4, TEEIO_TDISP_CONFIG_UNLOCKED,
                   0, 0, HOOK_NONE,
                   "1:0 TDISP state: 0 CONFIG_UNLOCKED, 1 CONFIG_LOCKED, "
                   "2 RUN, 3 ERROR."},
    [ROW_CONTROL] = {"CONTROL", TEEIO_TDI_REG_CONTROL, 4, 0,
                     TEEIO_TDI_CONTROL_RESET, 0, HOOK_CONTROL,
                     "Bit 0 RESET, self-clearing: empties the ring, clears "
                     "its memory and the interrupt registers; the TDISP state "
                     "stays."},
    [ROW_HEAD] = {"HEAD", TEEIO_TDI_REG_HEAD, 4, 0, 0, 0, HOOK_NONE,
                  "Next descriptor to be carried out: index in 5:0, wrap bit "
                  "6."},
    [ROW_TAIL] = {"TAIL", TEEIO_TDI_REG_TAIL, 4, 0, UINT32_MAX, 0, HOOK_TAIL,
                  "Doorbell, one past the last valid descriptor. A value above "
                  "127 or more than 64 entries after HEAD is refused: TAIL "
                  "keeps its value and INT_ERROR is raised."},
    [ROW_INT_STATUS] = {"INT_STATUS", TEEIO_TDI_REG_INT_STATUS, 4, 0, 0,
                        INTERRUPTS, HOOK_NONE,
                        "Bit 0 DONE: a descriptor with the IRQ flag ended. "
                        "Bit 1 ERROR: a descriptor failed, a doorbell was "
                        "refused, or the TDI entered ERROR."},
    [ROW_INT_ENABLE] = {"INT_ENABLE", TEEIO_TDI_REG_INT_ENABLE, 4, 0,
                        INTERRUPTS, 0, HOOK_NONE,
                        "Bits as in INT_STATUS: send MSI-X vector 0 (DONE) or "
                        "1 (ERROR) at the moment of the event."},
    [ROW_TLPS_T0] = {"TLPS_T0", TEEIO_TDI_REG_TLPS_T0, 8, 0, 0, 0, HOOK_NONE,
                     "TLPs sent with T=0."},
    [ROW_TLPS_T1] = {"TLPS_T1", TEEIO_TDI_REG_TLPS_T1, 8, 0, 0, 0, HOOK_NONE,
                     "TLPs sent with T=1."},
    [ROW_REFUSED] = {"REFUSED", TEEIO_TDI_REG_REFUSED, 8, 0, 0, 0, HOOK_NONE,
                     "Reads that were not completed. Writes are posted and "
                     "never counted."},
};
_Static_assert(COUNT(table) == ROWS, "a row per register");

struct teeio_tdi {
    const struct teeio_host *host;
    struct teeio_regs regs;
    uint64_t values[ROWS];
    uint8_t ring[RING_BYTES];
    uint32_t tail; /* last value of TAIL that made sense */
    struct teeio_engine engine;
    uint64_t descriptors;
    unsigned unlocks; /* descriptors that are still to lose their lock */
    struct teeio_interface interface;
};

_Static_assert(TEEIO_TDI_NONCE == TEEIO_NONCE_SIZE, "one nonce");

static void raise_interrupts(struct teeio_tdi *tdi, uint32_t bits)
{
    tdi->values[ROW_INT_STATUS] |= bits;
    bits &= tdi->values[ROW_INT_ENABLE];
    if (bits & TEEIO_TDI_INT_DONE) {
        tdi->host->raise(tdi->host->opaque, 0);
    }
    if (bits & TEEIO_TDI_INT_ERROR) {
        tdi->host->raise(tdi->host->opaque, 1);
    }
}

/* Returns: NULL when the access is not aligned or not inside the ring. */
static uint8_t *ring_at(struct teeio_tdi *tdi, uint64_t offset, unsigned size)
{
    if (offset < TEEIO_TDI_RING_OFFSET ||
        offset - TEEIO_TDI_RING_OFFSET >= RING_BYTES ||
        (size != 4 && size != 8) || offset % size) {
        return NULL;
    }
    return tdi->ring + (offset - TEEIO_TDI_RING_OFFSET);
}

static bool has_work(const struct teeio_tdi *tdi)
{
    return tdi->values[ROW_HEAD] != tdi->tail;
}

static void doorbell(struct teeio_tdi *tdi)
{
    uint64_t tail = tdi->values[ROW_TAIL];
    uint64_t queued = (tail - tdi->values[ROW_HEAD]) & POINTER_MASK;

    if (tail > POINTER_MASK || queued > TEEIO_TDI_RING_ENTRIES) {
        tdi->values[ROW_TAIL] = tdi->tail;
        raise_interrupts(tdi, TEEIO_TDI_INT_ERROR);
        return;
    }
    tdi->tail = tail;
    if (has_work(tdi)) {
        tdi->host->wake(tdi->host->opaque);
    }
}

static void reset_engine(struct teeio_tdi *tdi)
{
    teeio_engine_cancel(&tdi->engine);
    memset(tdi->ring, 0, sizeof(tdi->ring));
    tdi->tail = 0;
    tdi->values[ROW_CONTROL] = 0;
    tdi->values[ROW_HEAD] = 0;
    tdi->values[ROW_TAIL] = 0;
    tdi->values[ROW_INT_STATUS] = 0;
    tdi->values[ROW_INT_ENABLE] = 0;
}

uint64_t teeio_tdi_read(struct teeio_tdi *tdi, uint64_t offset, unsigned size)
{
    const uint8_t *entry = ring_at(tdi, offset, size);

    if (entry) {
        return teeio_get_le(entry, size);
    }
    return teeio_regs_read(&tdi->regs, offset, size);
}

void teeio_tdi_write(struct teeio_tdi *tdi, uint64_t offset, uint64_t value,
                     unsigned size)
{
    uint8_t *entry = ring_at(tdi, offset, size);
    const struct teeio_reg *row = NULL;

    if (entry) {
        teeio_put_le(entry, value, size);
        return;
    }
    switch (teeio_regs_write(&tdi->regs, offset, value, size, &row)) {
    case HOOK_CONTROL:
        if (tdi->values[ROW_CONTROL] & TEEIO_TDI_CONTROL_RESET) {
            reset_engine(tdi);
        }
        break;
    case HOOK_TAIL:
        doorbell(tdi);
        break;
    default:
        break;
    }
}

static struct teeio_descriptor load_descriptor(const uint8_t *entry)
{
    return (struct teeio_descriptor){
        .control = teeio_get_le(entry + TEEIO_TDI_DESC_CONTROL, 4),
        .length = teeio_get_le(entry + TEEIO_TDI_DESC_LENGTH, 4),
        .source = teeio_get_le(entry + TEEIO_TDI_DESC_SOURCE, 8),
        .dest = teeio_get_le(entry + TEEIO_TDI_DESC_DEST, 8),
        .pattern = teeio_get_le(entry + TEEIO_TDI_DESC_PATTERN, 8),
        .pasid = teeio_get_le(entry + TEEIO_TDI_DESC_SUBSPACE, 4),
    };
}

static void show_counters(struct teeio_tdi *tdi)
{
    tdi->values[ROW_TLPS_T0] = tdi->engine.tlps[0];
    tdi->values[ROW_TLPS_T1] = tdi->engine.tlps[1];
    tdi->values[ROW_REFUSED] = tdi->engine.reads_refused;
}

/* The descriptor at HEAD has ended; @entry is where it lies. */
static void retire(struct teeio_tdi *tdi, uint8_t *entry)
{
    const struct teeio_descriptor *desc = &tdi->engine.transfer.desc;
    uint32_t interrupts = 0;

    teeio_put_le(entry + TEEIO_TDI_DESC_CHECKSUM, desc->checksum, 4);
    teeio_put_le(entry + TEEIO_TDI_DESC_FAILED, desc->failed, 8);
    teeio_put_le(entry + TEEIO_TDI_DESC_STATUS, desc->status, 4);
    tdi->values[ROW_HEAD] = (tdi->values[ROW_HEAD] + 1) & POINTER_MASK;
    tdi->descriptors++;

    if (desc->control & TEEIO_TDI_DESC_IRQ) {
        interrupts |= TEEIO_TDI_INT_DONE;
    }
    if (desc->status != TEEIO_TDI_STATUS_OK) {
        interrupts |= TEEIO_TDI_INT_ERROR;
    }
    raise_interrupts(tdi, interrupts);
}

static void unlock(void *opaque)
{
    struct teeio_tdi *tdi = opaque;

    teeio_interface_stop(&tdi->interface);
}

void teeio_tdi_inject(struct teeio_tdi *tdi, enum teeio_tdi_fault fault,
                      unsigned count)
{
    tdi->engine.wrong_t = fault == TEEIO_TDI_FAULT_T ? count : 0;
    tdi->unlocks = fault == TEEIO_TDI_FAULT_UNLOCK ? count : 0;
    tdi->engine.after_tlp = NULL;
}

bool teeio_tdi_step(struct teeio_tdi *tdi)
{
    struct teeio_engine *engine = &tdi->engine;
    struct teeio_descriptor desc;
    uint8_t *entry;
    bool ended;

    if (!has_work(tdi)) {
        return false;
    }
    entry = tdi->ring + tdi->values[ROW_HEAD] % TEEIO_TDI_RING_ENTRIES *
                            TEEIO_TDI_DESC_SIZE;
    if (!engine->transfer.active) {
        desc = load_descriptor(entry);
        teeio_engine_begin(engine, &desc);
        if (tdi->unlocks) {
            tdi->unlocks--;
            engine->opaque = tdi;
            engine->after_tlp = unlock;
        }
    }
    engine->trusted = teeio_tdisp_may_send_t(teeio_tdi_state(tdi));
    ended = teeio_engine_run(engine);
    show_counters(tdi);
    if (!ended) {
        return engine->transfer.answered;
    }
    retire(tdi, entry);
    return has_work(tdi);
}

/* The interface is in another state now. */
static void moved(void *opaque, enum teeio_tdisp_state from,
                  enum teeio_tdisp_state to)
{
    struct teeio_tdi *tdi = opaque;

    (void)from;
    /* PCIe 11.2.2: nothing of one binding is left for the next. */
    teeio_atc_flush(&tdi->engine.atc);
    if (tdi->engine.transfer.active) {
        tdi->host->wake(tdi->host->opaque);
    }
    tdi->values[ROW_STATE] = to;
    if (to == TEEIO_TDISP_ERROR) {
        raise_interrupts(tdi, TEEIO_TDI_INT_ERROR);
    }
}

void teeio_tdi_configure(struct teeio_tdi *tdi,
                         const struct teeio_interface_config *config)
{
    tdi->engine.requester = config->requester;
    tdi->engine.bus_master = config->bus_master;
    teeio_interface_configure(&tdi->interface, config);
}

void teeio_tdi_set_config(struct teeio_tdi *tdi, uint16_t requester,
                          bool bus_master, uint64_t bar_digest)
{
    struct teeio_interface_config config = tdi->interface.config;

    config.requester = requester;
    config.memory_enable = true;
    config.bus_master = bus_master;
    config.digest = bar_digest;
    teeio_tdi_configure(tdi, &config);
}

struct teeio_interface *teeio_tdi_interface(struct teeio_tdi *tdi)
{
    return &tdi->interface;
}

void teeio_tdi_set_ingress(struct teeio_tdi *tdi, uint16_t ingress)
{
    tdi->engine.ingress = ingress;
}

void teeio_tdi_set_pages(struct teeio_tdi *tdi,
                         const struct teeio_tdi_pages *pages)
{
    tdi->engine.pages = *pages;
}

static void answer(struct teeio_tdi *tdi, enum teeio_wait wait, uint16_t tag,
                   unsigned outcome)
{
    if (teeio_engine_answer(&tdi->engine, wait, tag, outcome)) {
        tdi->host->wake(tdi->host->opaque);
    }
}

void teeio_tdi_set_services(struct teeio_tdi *tdi,
                            const struct teeio_tdi_services *services)
{
    struct teeio_interface_config config = tdi->interface.config;
    struct teeio_engine *engine = &tdi->engine;

    config.pasid = services->pasid;
    config.pri = services->pri;
    config.report.ats = services->ats;
    config.report.pri = services->pri;
    teeio_interface_configure(&tdi->interface, &config);
    engine->services = *services;
    if (!services->ats) {
        teeio_atc_flush(&engine->atc);
    }
    if (!services->pri) {
        /* PCIe 10.5.2.2: nobody answers to a function that may not ask. */
        answer(tdi, TEEIO_WAIT_PAGE, engine->transfer.tag, TEEIO_PAGE_FAILURE);
    }
}

void teeio_tdi_invalidate(struct teeio_tdi *tdi,
                          const struct teeio_atc_invalidation *request)
{
    teeio_atc_invalidate(&tdi->engine.atc, request);
}

void teeio_tdi_page_response(struct teeio_tdi *tdi,
                             const struct teeio_page_response *response)
{
    const struct teeio_descriptor *desc = &tdi->engine.transfer.desc;

    if (response->one_t &&
        response->t != !!(desc->control & TEEIO_TDI_DESC_T)) {
        /* PCIe 11.2: it comes from where the request never went. */
        return;
    }
    /* PCIe 10.4.2: the PASID is there only for functions that need it. */
    if (!response->pasid_valid || (desc->control & TEEIO_TDI_DESC_PASID &&
                                   desc->pasid == response->pasid)) {
        answer(tdi, TEEIO_WAIT_PAGE, response->group, response->outcome);
    }
}

void teeio_tdi_resume(struct teeio_tdi *tdi, uint16_t stag,
                      enum teeio_stall_outcome outcome)
{
    answer(tdi, TEEIO_WAIT_STALL, stag, outcome);
}

enum teeio_tdisp_error teeio_tdi_lock(struct teeio_tdi *tdi,
                                      uint8_t nonce[TEEIO_TDI_NONCE])
{
    const struct teeio_lock lock = {.local = true};

    return teeio_interface_lock(&tdi->interface, &lock, nonce);
}

enum teeio_tdisp_error teeio_tdi_start(struct teeio_tdi *tdi,
                                       const uint8_t nonce[TEEIO_TDI_NONCE])
{
    return teeio_interface_start(&tdi->interface, nonce);
}

enum teeio_tdisp_error teeio_tdi_stop(struct teeio_tdi *tdi)
{
    return teeio_interface_stop(&tdi->interface);
}

struct teeio_tdi *teeio_tdi_new(const struct teeio_host *host,
                                struct teeio_fabric *fabric)
{
    struct teeio_tdi *tdi = calloc(1, sizeof(*tdi));

    if (!tdi) {
        return NULL;
    }
    tdi->host = host;
    tdi->engine.host = host;
    tdi->engine.fabric = fabric;
    tdi->engine.interface = &tdi->interface;
    teeio_interface_init(&tdi->interface, host,
                         &(struct teeio_interface_ops){tdi, moved});
    tdi->regs = (struct teeio_regs){table, COUNT(table), tdi->values};
    teeio_regs_reset(&tdi->regs);
    return tdi;
}

void teeio_tdi_free(struct teeio_tdi *tdi)
{
    free(tdi);
}

static void reset_device(struct teeio_tdi *tdi)
{
    struct teeio_engine *engine = &tdi->engine;

    teeio_regs_reset(&tdi->regs);
    tdi->values[ROW_STATE] = teeio_tdi_state(tdi);
    reset_engine(tdi);
    tdi->descriptors = 0;
    engine->tlps[0] = 0;
    engine->tlps[1] = 0;
    engine->reads_refused = 0;
    engine->refused = 0;
}

void teeio_tdi_reset(struct teeio_tdi *tdi)
{
    teeio_interface_reset(&tdi->interface);
    teeio_tdi_inject(tdi, TEEIO_TDI_NO_FAULT, 0);
    reset_device(tdi);
}

void teeio_tdi_flr(struct teeio_tdi *tdi)
{
    teeio_interface_flr(&tdi->interface);
    reset_device(tdi);
}

enum teeio_tdisp_state teeio_tdi_state(const struct teeio_tdi *tdi)
{
    return tdi->interface.state;
}

uint16_t teeio_tdi_requester(const struct teeio_tdi *tdi)
{
    return tdi->engine.requester;
}

struct teeio_tdi_stats teeio_tdi_stats(const struct teeio_tdi *tdi)
{
    return (struct teeio_tdi_stats){
        .descriptors = tdi->descriptors,
        .tlps = {tdi->engine.tlps[0], tdi->engine.tlps[1]},
        .refused = tdi->engine.refused,
    };
}

size_t teeio_tdi_save(const struct teeio_tdi *tdi, uint8_t *buf, size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);

    teeio_image_put_regs(&image, &tdi->regs);
    teeio_image_put_bytes(&image, tdi->ring, sizeof(tdi->ring));
    teeio_engine_save(&tdi->engine, &image);
    teeio_image_put(&image, tdi->descriptors, 8);
    teeio_interface_put(&tdi->interface, &image);
    return image.used;
}

/* Could this device have come to hold these values? */
static bool plausible(const uint64_t values[ROWS])
{
    uint64_t head = values[ROW_HEAD];
    uint64_t tail = values[ROW_TAIL];

    for (size_t i = ROW_ID; i <= ROW_CAPS; i++) {
        if (values[i] != table[i].reset) {
            return false;
        }
    }
    return !values[ROW_CONTROL] && head <= POINTER_MASK &&
           tail <= POINTER_MASK &&
           ((tail - head) & POINTER_MASK) <= TEEIO_TDI_RING_ENTRIES &&
           !(values[ROW_INT_STATUS] & ~(uint64_t)INTERRUPTS) &&
           !(values[ROW_INT_ENABLE] & ~(uint64_t)INTERRUPTS);
}

/* What was told about the TDI before, its reset included, holds no longer. */
static void trace_loaded(const struct teeio_tdi *tdi)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_TDISP,
        .source = "tdi",
        .u.tdisp =
            {
                .requester = tdi->engine.requester,
                .input = TEEIO_TDISP_GET_STATE,
                .from = teeio_tdi_state(tdi),
                .to = teeio_tdi_state(tdi),
                .error = TEEIO_TDISP_OK,
                .cause = "state loaded",
            },
    };

    if (tdi->host->trace) {
        tdi->host->trace(tdi->host->opaque, &event);
    }
}

bool teeio_tdi_load(struct teeio_tdi *tdi, const uint8_t *buf, size_t size)
{
    struct teeio_image_reader image =
        teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION);
    struct teeio_tdi next = *tdi;

    teeio_image_get_regs(&image, &tdi->regs, next.values);
    teeio_image_get_bytes(&image, next.ring, sizeof(next.ring));
    if (!teeio_engine_load(&next.engine, &image)) {
        return false;
    }
    next.descriptors = teeio_image_get(&image, 8);
    if (!teeio_interface_get(&next.interface, &image) ||
        !teeio_image_end(&image) || !plausible(next.values) ||
        next.values[ROW_STATE] != next.interface.state ||
        next.engine.requester != next.interface.config.requester ||
        next.engine.bus_master != next.interface.config.bus_master) {
        return false;
    }
    next.tail = next.values[ROW_TAIL];
    if (next.engine.transfer.active && !has_work(&next)) {
        return false;
    }
    *tdi = next;
    trace_loaded(tdi);
    if (has_work(tdi)) {
        tdi->host->wake(tdi->host->opaque);
    }
    return true;
}

const struct teeio_reg *teeio_tdi_registers(size_t *count)
{
    *count = COUNT(table);
    return table;
}
