/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/doe.h"

#include <stdlib.h>
#include <string.h>

#include "../bytes.h"
#include "../image.h"
#include "teeio/spec/doe.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define HEADER        TEEIO_DOE_HEADER_SIZE

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'D', 'O', 'E')
#define IMAGE_VERSION 1

_Static_assert(TEEIO_DOE_REG_READ + 4 == TEEIO_DOE_CAP_SIZE,
               "the registers fill the capability");
_Static_assert(TEEIO_DOE_MAX_BYTES % 4 == 0 &&
                   TEEIO_DOE_MAX_BYTES / 4 < TEEIO_DOE_LENGTH_ALL,
               "the longest object has a length of its own");

enum row { ROW_CAP, ROW_CONTROL, ROW_STATUS, ROW_WRITE, ROW_READ, ROWS };

enum hook { HOOK_NONE, HOOK_CONTROL, HOOK_WRITE, HOOK_READ };

static const struct teeio_reg table[] = {
    [ROW_CAP] = {"DOE_CAPABILITIES", TEEIO_DOE_REG_CAP, 4, 0, 0, 0, HOOK_NONE,
                 "Bit 0 interrupt support, 11:1 interrupt message number."},
    [ROW_CONTROL] = {"DOE_CONTROL", TEEIO_DOE_REG_CONTROL, 4, 0,
                     TEEIO_DOE_CONTROL_ABORT | TEEIO_DOE_CONTROL_INT_EN |
                         TEEIO_DOE_CONTROL_GO,
                     0, HOOK_CONTROL,
                     "Bit 0 abort, bit 1 interrupt enable, bit 31 go; abort "
                     "and go read 0."},
    [ROW_STATUS] = {"DOE_STATUS", TEEIO_DOE_REG_STATUS, 4, 0, 0,
                    TEEIO_DOE_STATUS_INT, HOOK_NONE,
                    "Bit 0 busy, bit 1 interrupt status, bit 2 error, bit 31 "
                    "data object ready."},
    [ROW_WRITE] = {"DOE_WRITE_DATA_MAILBOX", TEEIO_DOE_REG_WRITE, 4, 0,
                   UINT32_MAX, 0, HOOK_WRITE,
                   "The next DW of a data object for the device; reads 0."},
    [ROW_READ] = {"DOE_READ_DATA_MAILBOX", TEEIO_DOE_REG_READ, 4, 0, 0, 0,
                  HOOK_READ,
                  "The current DW of the device's data object; a write of any "
                  "value moves on to the next one."},
};
_Static_assert(COUNT(table) == ROWS, "a row per register");

/**
 * struct object - one data object on its way
 * @used: bytes of it; one more than fit when it is too long
 */
struct object {
    uint32_t used;
    uint8_t bytes[TEEIO_DOE_MAX_BYTES];
};

struct teeio_doe {
    struct teeio_doe_config config;
    struct teeio_regs regs;
    uint64_t values[ROWS];
    struct object request;
    struct object answer;
    uint32_t popped; /* bytes of the answer that were read */
    enum teeio_doe_fault fault;
    unsigned waiting; /* steps until the request is answered, 0 when idle */
};

size_t teeio_doe_length(const uint8_t *object)
{
    uint32_t words = teeio_get_le(object + 4, 4) & TEEIO_DOE_LENGTH_MASK;

    return 4 * (size_t)(words ? words : TEEIO_DOE_LENGTH_ALL);
}

/* PCIe 6.30.1.1: protocols are numbered from 0, which is discovery itself. */
static size_t discover(const struct teeio_doe_protocols *protocols,
                       const uint8_t *payload, size_t len, uint8_t *answer,
                       size_t size)
{
    uint16_t vendor = TEEIO_DOE_VENDOR_PCI_SIG;
    uint8_t type = TEEIO_DOE_TYPE_DISCOVERY;
    uint8_t next = 0;
    unsigned index;

    if (len != 4 || size < 4) {
        return 0;
    }
    index = payload[0];
    if (index > protocols->count) {
        vendor = TEEIO_DOE_NO_VENDOR;
        type = 0xff;
    } else if (index) {
        vendor = protocols->list[index - 1].vendor;
        type = protocols->list[index - 1].type;
    }
    if (index < protocols->count) {
        next = index + 1;
    }
    teeio_put_le(answer, vendor, 2);
    answer[2] = type;
    answer[3] = next;
    return 4;
}

static size_t handle(const struct teeio_doe_protocols *protocols,
                     uint16_t vendor, uint8_t type, const uint8_t *payload,
                     size_t len, uint8_t *answer, size_t size)
{
    if (vendor == TEEIO_DOE_VENDOR_PCI_SIG &&
        type == TEEIO_DOE_TYPE_DISCOVERY) {
        return discover(protocols, payload, len, answer, size);
    }
    for (size_t i = 0; i < protocols->count; i++) {
        const struct teeio_doe_protocol *protocol = &protocols->list[i];

        if (protocol->vendor == vendor && protocol->type == type) {
            return protocol->handle(protocol->opaque, payload, len, answer,
                                    size);
        }
    }
    return 0;
}

size_t teeio_doe_serve(const struct teeio_doe_protocols *protocols,
                       const uint8_t *object, size_t len, uint8_t *answer,
                       size_t size)
{
    size_t used;

    if (len < HEADER || len != teeio_doe_length(object) || size < HEADER) {
        return 0;
    }
    size = size < TEEIO_DOE_MAX_BYTES ? size & ~(size_t)3 : TEEIO_DOE_MAX_BYTES;
    used =
        handle(protocols, teeio_get_le(object, 2), object[2], object + HEADER,
               len - HEADER, answer + HEADER, size - HEADER);
    if (!used || used > size - HEADER) {
        return 0;
    }
    for (used += HEADER; used % 4; used++) {
        answer[used] = 0;
    }
    memcpy(answer, object, 3);
    answer[3] = 0;
    teeio_put_le(answer + 4, used / 4, 4);
    return used;
}

static bool has(const struct teeio_doe *doe, uint32_t status)
{
    return doe->values[ROW_STATUS] & status;
}

/* PCIe 6.30.3: ready, error and the end of busy are what interrupts. */
static void interrupt(struct teeio_doe *doe)
{
    if (doe->config.interrupt &&
        doe->values[ROW_CONTROL] & TEEIO_DOE_CONTROL_INT_EN) {
        doe->values[ROW_STATUS] |= TEEIO_DOE_STATUS_INT;
        doe->config.host->raise(doe->config.host->opaque, doe->config.message);
    }
}

static void forget(struct object *object)
{
    memset(object->bytes, 0, sizeof(object->bytes));
    object->used = 0;
}

static void forget_objects(struct teeio_doe *doe)
{
    forget(&doe->request);
    forget(&doe->answer);
    doe->popped = 0;
    doe->waiting = 0;
}

/* Returns: false when the request is to be passed over in silence. */
static bool whole(const struct object *request)
{
    /* PCIe 6.30.1: another length than the header's is no data object. */
    return request->used >= HEADER &&
           request->used == teeio_doe_length(request->bytes);
}

static void finish(struct teeio_doe *doe)
{
    struct object *request = &doe->request;

    doe->values[ROW_STATUS] &= ~(uint64_t)TEEIO_DOE_STATUS_BUSY;
    if (request->used > TEEIO_DOE_MAX_BYTES) {
        doe->values[ROW_STATUS] |= TEEIO_DOE_STATUS_ERROR;
    } else if (whole(request)) {
        doe->popped = 0;
        doe->answer.used = teeio_doe_serve(
            &doe->config.protocols, request->bytes, request->used,
            doe->answer.bytes, sizeof(doe->answer.bytes));
        /* PCIe 7.9.24.4: an object without an answer is an error. */
        doe->values[ROW_STATUS] |=
            doe->answer.used ? TEEIO_DOE_STATUS_READY : TEEIO_DOE_STATUS_ERROR;
    }
    forget(request);
    interrupt(doe);
}

static void go(struct teeio_doe *doe)
{
    if (has(doe, TEEIO_DOE_STATUS_BUSY | TEEIO_DOE_STATUS_ERROR) ||
        doe->fault == TEEIO_DOE_FAULT_BUSY) {
        return;
    }
    if (has(doe, TEEIO_DOE_STATUS_READY) ||
        doe->fault == TEEIO_DOE_FAULT_ERROR) {
        /* PCIe 6.30.2: one object at a time; the last was not yet taken. */
        forget(&doe->request);
        doe->values[ROW_STATUS] |= TEEIO_DOE_STATUS_ERROR;
        interrupt(doe);
        return;
    }
    doe->values[ROW_STATUS] |= TEEIO_DOE_STATUS_BUSY;
    doe->waiting = doe->config.delay;
    if (doe->waiting) {
        doe->config.host->wake(doe->config.host->opaque);
    } else {
        finish(doe);
    }
}

/* PCIe 6.30.2: leaves the mailbox idle; the interrupt status stays. */
static void abort_objects(struct teeio_doe *doe)
{
    bool busy = has(doe, TEEIO_DOE_STATUS_BUSY);

    forget_objects(doe);
    doe->values[ROW_STATUS] &= TEEIO_DOE_STATUS_INT;
    if (busy) {
        interrupt(doe);
    }
}

static void control(struct teeio_doe *doe)
{
    uint64_t value = doe->values[ROW_CONTROL];

    doe->values[ROW_CONTROL] = value & TEEIO_DOE_CONTROL_INT_EN;
    if (value & TEEIO_DOE_CONTROL_ABORT) {
        abort_objects(doe);
    } else if (value & TEEIO_DOE_CONTROL_GO) {
        go(doe);
    }
}

static void push(struct teeio_doe *doe)
{
    struct object *request = &doe->request;
    uint64_t word = doe->values[ROW_WRITE];

    doe->values[ROW_WRITE] = 0;
    if (has(doe, TEEIO_DOE_STATUS_BUSY | TEEIO_DOE_STATUS_ERROR) ||
        request->used > TEEIO_DOE_MAX_BYTES) {
        return;
    }
    if (request->used == TEEIO_DOE_MAX_BYTES) {
        request->used++;
        return;
    }
    teeio_put_le(request->bytes + request->used, word, 4);
    request->used += 4;
}

static void pop(struct teeio_doe *doe)
{
    if (!has(doe, TEEIO_DOE_STATUS_READY)) {
        return;
    }
    doe->popped += 4;
    if (doe->popped >= doe->answer.used) {
        doe->values[ROW_STATUS] &= ~(uint64_t)TEEIO_DOE_STATUS_READY;
        forget(&doe->answer);
        doe->popped = 0;
    }
}

uint32_t teeio_doe_read(const struct teeio_doe *doe, uint32_t offset,
                        unsigned size)
{
    uint32_t word = teeio_regs_read(&doe->regs, offset & ~3u, 4);

    if ((offset & ~3u) == TEEIO_DOE_REG_READ &&
        has(doe, TEEIO_DOE_STATUS_READY)) {
        word = teeio_get_le(doe->answer.bytes + doe->popped, 4);
    }
    if ((offset & ~3u) == TEEIO_DOE_REG_STATUS &&
        doe->fault == TEEIO_DOE_FAULT_BUSY) {
        word |= TEEIO_DOE_STATUS_BUSY;
    }
    word >>= 8 * (offset & 3);
    return size < 4 ? word & ((1u << 8 * size) - 1) : word;
}

void teeio_doe_write(struct teeio_doe *doe, uint32_t offset, uint32_t value,
                     unsigned size)
{
    const struct teeio_reg *row = teeio_regs_find(&doe->regs, offset & ~3u, 4);
    unsigned shift = 8 * (offset & 3);
    uint64_t lanes = ((UINT64_C(1) << 8 * size) - 1) << shift;
    uint64_t word = ((uint64_t)value << shift) & lanes;

    if (!row || (size < 4 && row->offset >= TEEIO_DOE_REG_WRITE)) {
        return;
    }
    word |= doe->values[row - table] & row->rw & ~lanes;
    switch (teeio_regs_write(&doe->regs, row->offset, word, 4, &row)) {
    case HOOK_CONTROL:
        control(doe);
        break;
    case HOOK_WRITE:
        push(doe);
        break;
    case HOOK_READ:
        pop(doe);
        break;
    default:
        break;
    }
}

bool teeio_doe_step(struct teeio_doe *doe)
{
    if (doe->waiting && --doe->waiting == 0) {
        finish(doe);
    }
    return doe->waiting > 0;
}

void teeio_doe_inject(struct teeio_doe *doe, enum teeio_doe_fault fault)
{
    doe->fault = fault;
}

void teeio_doe_set_delay(struct teeio_doe *doe, unsigned delay)
{
    doe->config.delay = delay;
}

static uint64_t capabilities(const struct teeio_doe_config *config)
{
    if (!config->interrupt) {
        return 0;
    }
    return TEEIO_DOE_CAP_INTERRUPT |
           ((uint32_t)config->message << TEEIO_DOE_CAP_MESSAGE_LSB &
            TEEIO_DOE_CAP_MESSAGE);
}

void teeio_doe_reset(struct teeio_doe *doe)
{
    teeio_regs_reset(&doe->regs);
    doe->values[ROW_CAP] = capabilities(&doe->config);
    doe->fault = TEEIO_DOE_NO_FAULT;
    forget_objects(doe);
}

struct teeio_doe *teeio_doe_new(const struct teeio_doe_config *config)
{
    struct teeio_doe *doe = calloc(1, sizeof(*doe));

    if (!doe) {
        return NULL;
    }
    doe->config = *config;
    doe->regs = (struct teeio_regs){table, COUNT(table), doe->values};
    teeio_doe_reset(doe);
    return doe;
}

void teeio_doe_free(struct teeio_doe *doe)
{
    free(doe);
}

static void put_object(struct teeio_image_writer *image,
                       const struct object *object)
{
    teeio_image_put(image, object->used, 4);
    if (object->used <= TEEIO_DOE_MAX_BYTES) {
        teeio_image_put_bytes(image, object->bytes, object->used);
    }
}

static void get_object(struct teeio_image_reader *image, struct object *object)
{
    forget(object);
    object->used = teeio_image_get(image, 4);
    if (object->used > TEEIO_DOE_MAX_BYTES + 1) {
        image->bad = true;
    } else if (object->used <= TEEIO_DOE_MAX_BYTES) {
        teeio_image_get_bytes(image, object->bytes, object->used);
    }
}

size_t teeio_doe_save(const struct teeio_doe *doe, uint8_t *buf, size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);

    teeio_image_put_regs(&image, &doe->regs);
    put_object(&image, &doe->request);
    put_object(&image, &doe->answer);
    teeio_image_put(&image, doe->popped, 4);
    teeio_image_put(&image, doe->waiting, 4);
    return image.used;
}

/* Could this mailbox have come to hold these values? */
static bool plausible(const struct teeio_doe *doe)
{
    uint64_t status = doe->values[ROW_STATUS];
    const uint64_t all = TEEIO_DOE_STATUS_BUSY | TEEIO_DOE_STATUS_INT |
                         TEEIO_DOE_STATUS_ERROR | TEEIO_DOE_STATUS_READY;
    bool odd =
        doe->request.used % 4 && doe->request.used != 1 + TEEIO_DOE_MAX_BYTES;

    return doe->values[ROW_CAP] == capabilities(&doe->config) &&
           !(doe->values[ROW_CONTROL] & ~(uint64_t)TEEIO_DOE_CONTROL_INT_EN) &&
           !(status & ~all) && !doe->values[ROW_WRITE] &&
           !doe->values[ROW_READ] && !odd && doe->answer.used % 4 == 0 &&
           doe->popped % 4 == 0 &&
           !(status & TEEIO_DOE_STATUS_READY) == !doe->answer.used &&
           !(status & TEEIO_DOE_STATUS_BUSY) == !doe->waiting &&
           (doe->answer.used ? doe->popped < doe->answer.used : !doe->popped) &&
           doe->answer.used <= TEEIO_DOE_MAX_BYTES;
}

bool teeio_doe_load(struct teeio_doe *doe, const uint8_t *buf, size_t size)
{
    struct teeio_image_reader image =
        teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION);
    struct teeio_doe *next = malloc(sizeof(*next));
    bool good;

    if (!next) {
        return false;
    }
    *next = *doe;
    teeio_image_get_regs(&image, &doe->regs, next->values);
    get_object(&image, &next->request);
    get_object(&image, &next->answer);
    next->popped = teeio_image_get(&image, 4);
    next->waiting = teeio_image_get(&image, 4);
    good = teeio_image_end(&image) && plausible(next);
    if (good) {
        next->regs.values = doe->values;
        *doe = *next;
        if (doe->waiting) {
            doe->config.host->wake(doe->config.host->opaque);
        }
    }
    free(next);
    return good;
}

const struct teeio_reg *teeio_doe_registers(size_t *count)
{
    *count = COUNT(table);
    return table;
}
