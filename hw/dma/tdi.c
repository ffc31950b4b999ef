/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/tdi.h"

#include <stdlib.h>
#include <string.h>

#include "../image.h"
#include "engine.h"
#include "teeio/event.h"
#include "teeio/spec/tdi.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define RING_BYTES    (TEEIO_TDI_RING_ENTRIES * TEEIO_TDI_DESC_SIZE)
#define POINTER_MASK  (2 * TEEIO_TDI_RING_ENTRIES - 1)
#define INTERRUPTS    (TEEIO_TDI_INT_DONE | TEEIO_TDI_INT_ERROR)

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'T', 'D', 'I')
#define IMAGE_VERSION 1

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
    uint64_t bar_digest;
    uint64_t locks; /* never goes back, so no nonce comes twice */
    uint8_t nonce[TEEIO_TDI_NONCE];
};

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

static uint64_t load_le(const uint8_t *p, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)p[i] << 8 * i;
    }
    return value;
}

static void store_le(uint8_t *p, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        p[i] = value >> 8 * i;
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
        return load_le(entry, size);
    }
    return teeio_regs_read(&tdi->regs, offset, size);
}

void teeio_tdi_write(struct teeio_tdi *tdi, uint64_t offset, uint64_t value,
                     unsigned size)
{
    uint8_t *entry = ring_at(tdi, offset, size);
    const struct teeio_reg *row = NULL;

    if (entry) {
        store_le(entry, value, size);
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
        .control = load_le(entry + TEEIO_TDI_DESC_CONTROL, 4),
        .length = load_le(entry + TEEIO_TDI_DESC_LENGTH, 4),
        .source = load_le(entry + TEEIO_TDI_DESC_SOURCE, 8),
        .dest = load_le(entry + TEEIO_TDI_DESC_DEST, 8),
        .pattern = load_le(entry + TEEIO_TDI_DESC_PATTERN, 8),
        .pasid = load_le(entry + TEEIO_TDI_DESC_SUBSPACE, 4),
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

    store_le(entry + TEEIO_TDI_DESC_CHECKSUM, desc->checksum, 4);
    store_le(entry + TEEIO_TDI_DESC_FAILED, desc->failed, 8);
    store_le(entry + TEEIO_TDI_DESC_STATUS, desc->status, 4);
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

/* Trace @input and what the TDI made of it; enter the state @step.next. */
static void enter(struct teeio_tdi *tdi, enum teeio_tdisp_input input,
                  struct teeio_tdisp_step step, const char *cause)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_TDISP,
        .source = "tdi",
        .u.tdisp =
            {
                .requester = tdi->engine.requester,
                .input = input,
                .from = teeio_tdi_state(tdi),
                .to = step.next,
                .error = step.error,
                .cause = cause,
            },
    };

    if (step.next != teeio_tdi_state(tdi)) {
        /* PCIe 11.2.2: nothing of one binding is left for the next. */
        teeio_atc_flush(&tdi->engine.atc);
        if (tdi->engine.transfer.active) {
            tdi->host->wake(tdi->host->opaque);
        }
    }
    tdi->values[ROW_STATE] = step.next;
    if (step.next != TEEIO_TDISP_CONFIG_LOCKED) {
        memset(tdi->nonce, 0, sizeof(tdi->nonce));
    }
    if (tdi->host->trace) {
        tdi->host->trace(tdi->host->opaque, &event);
    }
}

static void config_changed(struct teeio_tdi *tdi, const char *cause)
{
    enum teeio_tdisp_state from = teeio_tdi_state(tdi);
    struct teeio_tdisp_step step =
        teeio_tdisp_step(from, TEEIO_TDISP_CONFIG_CHANGE);

    /* A guest that sizes its BARs while unlocked is not worth an event. */
    if (step.next == from) {
        return;
    }
    /* PCIe 11.2.6: what LOCK froze has changed. */
    enter(tdi, TEEIO_TDISP_CONFIG_CHANGE, step, cause);
    raise_interrupts(tdi, TEEIO_TDI_INT_ERROR);
}

void teeio_tdi_set_config(struct teeio_tdi *tdi, uint16_t requester,
                          bool bus_master, uint64_t bar_digest)
{
    const char *cause = NULL;

    if (tdi->bar_digest != bar_digest) {
        cause = "BAR or memory space enable";
    }
    if (tdi->engine.bus_master != bus_master) {
        cause = "bus master enable";
    }
    tdi->engine.requester = requester;
    tdi->engine.bus_master = bus_master;
    tdi->bar_digest = bar_digest;
    if (cause) {
        config_changed(tdi, cause);
    }
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
    struct teeio_engine *engine = &tdi->engine;

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

/* A bijection of 64-bit values that leaves no pattern of counting behind. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0x9e3779b97f4a7c15u;
    x ^= x >> 32;
    x *= 0x9e3779b97f4a7c15u;
    x ^= x >> 32;
    return x;
}

/* The first word alone keeps two nonces of one device apart. */
static void make_nonce(struct teeio_tdi *tdi)
{
    uint64_t salt = tdi->host->clock(tdi->host->opaque) ^
                    (uint64_t)tdi->engine.requester << 48;
    uint64_t word = mix(++tdi->locks);

    for (unsigned i = 0; i < TEEIO_TDI_NONCE; i += 8) {
        store_le(tdi->nonce + i, word, 8);
        word = mix(word + salt);
    }
}

enum teeio_tdisp_error teeio_tdi_lock(struct teeio_tdi *tdi,
                                      uint8_t nonce[TEEIO_TDI_NONCE])
{
    struct teeio_tdisp_step step =
        teeio_tdisp_step(teeio_tdi_state(tdi), TEEIO_TDISP_LOCK);

    enter(tdi, TEEIO_TDISP_LOCK, step, NULL);
    if (step.error == TEEIO_TDISP_OK) {
        make_nonce(tdi);
        memcpy(nonce, tdi->nonce, TEEIO_TDI_NONCE);
    }
    return step.error;
}

enum teeio_tdisp_error teeio_tdi_start(struct teeio_tdi *tdi,
                                       const uint8_t nonce[TEEIO_TDI_NONCE])
{
    enum teeio_tdisp_state from = teeio_tdi_state(tdi);
    struct teeio_tdisp_step step = teeio_tdisp_step(from, TEEIO_TDISP_START);

    if (step.error == TEEIO_TDISP_OK &&
        memcmp(nonce, tdi->nonce, TEEIO_TDI_NONCE) != 0) {
        /* PCIe 11.3.14: not the nonce of the LOCK before; nothing moves. */
        step = (struct teeio_tdisp_step){from, TEEIO_TDISP_INVALID_NONCE};
    }
    enter(tdi, TEEIO_TDISP_START, step, NULL);
    return step.error;
}

enum teeio_tdisp_error teeio_tdi_stop(struct teeio_tdi *tdi)
{
    struct teeio_tdisp_step step =
        teeio_tdisp_step(teeio_tdi_state(tdi), TEEIO_TDISP_STOP);

    enter(tdi, TEEIO_TDISP_STOP, step, NULL);
    return step.error;
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
    tdi->regs = (struct teeio_regs){table, COUNT(table), tdi->values};
    teeio_regs_reset(&tdi->regs);
    return tdi;
}

void teeio_tdi_free(struct teeio_tdi *tdi)
{
    free(tdi);
}

void teeio_tdi_reset(struct teeio_tdi *tdi)
{
    struct teeio_engine *engine = &tdi->engine;

    enter(tdi, TEEIO_TDISP_RESET,
          teeio_tdisp_step(teeio_tdi_state(tdi), TEEIO_TDISP_RESET), NULL);
    teeio_regs_reset(&tdi->regs);
    reset_engine(tdi);
    tdi->descriptors = 0;
    engine->tlps[0] = 0;
    engine->tlps[1] = 0;
    engine->reads_refused = 0;
    engine->refused = 0;
}

enum teeio_tdisp_state teeio_tdi_state(const struct teeio_tdi *tdi)
{
    return (enum teeio_tdisp_state)tdi->values[ROW_STATE];
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
    teeio_image_put(&image, tdi->bar_digest, 8);
    teeio_image_put(&image, tdi->locks, 8);
    teeio_image_put_bytes(&image, tdi->nonce, sizeof(tdi->nonce));
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
    return values[ROW_STATE] < TEEIO_TDISP_STATES && !values[ROW_CONTROL] &&
           head <= POINTER_MASK && tail <= POINTER_MASK &&
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
    next.bar_digest = teeio_image_get(&image, 8);
    next.locks = teeio_image_get(&image, 8);
    teeio_image_get_bytes(&image, next.nonce, sizeof(next.nonce));
    if (!teeio_image_end(&image) || !plausible(next.values)) {
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
