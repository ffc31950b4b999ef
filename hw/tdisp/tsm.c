/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/tsm.h"

#include <stdlib.h>
#include <string.h>

#include "../image.h"
#include "teeio/event.h"
#include "tsm-internal.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'T', 'S', 'M')
#define IMAGE_VERSION 2

enum hook { HOOK_NONE, HOOK_COMMAND, HOOK_MARKER };

static const struct teeio_reg table[] = {
    [TEEIO_TSM_ROW_ID] = {"ID", TEEIO_TSM_REG_ID, 4, TEEIO_TSM_MAGIC, 0, 0,
                          HOOK_NONE, "The letters \"TTSM\"."},
    [TEEIO_TSM_ROW_VERSION] = {"VERSION", TEEIO_TSM_REG_VERSION, 4,
                               TEEIO_TSM_VERSION, 0, 0, HOOK_NONE,
                               "Version of this interface."},
    [TEEIO_TSM_ROW_COMMAND] =
        {"COMMAND", TEEIO_TSM_REG_COMMAND, 4, 0, UINT32_MAX, 0, HOOK_COMMAND,
         "Writing a command number carries that command out."},
    [TEEIO_TSM_ROW_STATUS] =
        {"STATUS", TEEIO_TSM_REG_STATUS, 4, 0, 0, 0, HOOK_NONE,
         "How the last command ended: 0, a TDISP error code, from 0x10000 on "
         "the TSM's own reasons, from 0x20000 on what went wrong with the "
         "device."},
    [TEEIO_TSM_ROW_FUNCTION] =
        {"FUNCTION", TEEIO_TSM_REG_FUNCTION, 4, 0, UINT32_MAX, 0, HOOK_NONE,
         "FUNCTION_ID of the TDI: its requester id in 15:0, "
         "all other bits 0."},
    [TEEIO_TSM_ROW_RESULT] =
        {"RESULT", TEEIO_TSM_REG_RESULT, 4, 0, 0, 0, HOOK_NONE,
         "What the last command answered, 0 when it answers nothing."},
    [TEEIO_TSM_ROW_ADDRESS] =
        {"ADDRESS", TEEIO_TSM_REG_ADDRESS, 8, 0, UINT64_MAX, 0, HOOK_NONE,
         "First guest physical address of the pages, or of the "
         "buffer."},
    [TEEIO_TSM_ROW_LENGTH] = {"LENGTH", TEEIO_TSM_REG_LENGTH, 8, 0, UINT64_MAX,
                              0, HOOK_NONE,
                              "Length of the pages or the buffer in bytes."},
    [TEEIO_TSM_ROW_MARKER] =
        {"MARKER", TEEIO_TSM_REG_MARKER, 8, 0, UINT64_MAX, 0, HOOK_MARKER,
         "Each write is recorded as a marker event; use one 8-byte "
         "access."},
    [TEEIO_TSM_ROW_FLAGS] = {"FLAGS", TEEIO_TSM_REG_FLAGS, 4, 0, UINT16_MAX, 0,
                             HOOK_NONE, "Flags of LOCK_INTERFACE_REQUEST."},
    [TEEIO_TSM_ROW_STREAM] = {"STREAM", TEEIO_TSM_REG_STREAM, 4, 0, UINT8_MAX,
                              0, HOOK_NONE,
                              "IDE stream id; for LOCK the default stream."},
    [TEEIO_TSM_ROW_PORT] = {"PORT", TEEIO_TSM_REG_PORT, 4, 0, UINT8_MAX, 0,
                            HOOK_NONE, "PortIndex of IDE_KM."},
    [TEEIO_TSM_ROW_OFFSET] = {"OFFSET", TEEIO_TSM_REG_OFFSET, 8, 0, UINT64_MAX,
                              0, HOOK_NONE,
                              "MMIO_REPORTING_OFFSET of "
                              "LOCK_INTERFACE_REQUEST."},
};
_Static_assert(COUNT(table) == TEEIO_TSM_ROWS, "a row per register");

void teeio_tsm_trace(const struct teeio_tsm *tsm, struct teeio_event *event)
{
    event->source = "tsm";
    if (tsm->host->trace) {
        tsm->host->trace(tsm->host->opaque, event);
    }
}

struct teeio_tsm_slot *teeio_tsm_find(struct teeio_tsm *tsm, uint64_t requester)
{
    for (unsigned i = 0; i < tsm->count; i++) {
        if (tsm->slots[i].interface->config.requester == requester) {
            return &tsm->slots[i];
        }
    }
    return NULL;
}

static void run_command(struct teeio_tsm *tsm)
{
    uint32_t status;

    tsm->values[TEEIO_TSM_ROW_RESULT] = 0;
    status = teeio_tsm_dispatch(tsm, tsm->values[TEEIO_TSM_ROW_COMMAND]);
    tsm->values[TEEIO_TSM_ROW_STATUS] = status;
    tsm->stats.commands++;
    if (status != TEEIO_TDISP_OK) {
        tsm->stats.errors++;
    }
}

uint32_t teeio_tsm_call(struct teeio_tsm *tsm, struct teeio_tsm_call *call)
{
    uint64_t guest[TEEIO_TSM_ROWS];
    uint32_t status;

    memcpy(guest, tsm->values, sizeof(guest));
    tsm->values[TEEIO_TSM_ROW_COMMAND] = call->command;
    tsm->values[TEEIO_TSM_ROW_FUNCTION] = call->function;
    tsm->values[TEEIO_TSM_ROW_FLAGS] = call->flags;
    tsm->values[TEEIO_TSM_ROW_STREAM] = call->stream;
    tsm->values[TEEIO_TSM_ROW_PORT] = call->port;
    tsm->values[TEEIO_TSM_ROW_OFFSET] = call->offset;
    tsm->call = call;
    run_command(tsm);
    tsm->call = NULL;
    status = tsm->values[TEEIO_TSM_ROW_STATUS];
    call->result = tsm->values[TEEIO_TSM_ROW_RESULT];
    memcpy(tsm->values, guest, sizeof(guest));
    return status;
}

struct teeio_tsm *teeio_tsm_new(const struct teeio_host *host,
                                struct teeio_ownership *ownership)
{
    struct teeio_tsm *tsm = calloc(1, sizeof(*tsm));

    if (!tsm) {
        return NULL;
    }
    tsm->host = host;
    tsm->ownership = ownership;
    tsm->regs = (struct teeio_regs){table, COUNT(table), tsm->values};
    teeio_regs_reset(&tsm->regs);
    return tsm;
}

void teeio_tsm_free(struct teeio_tsm *tsm)
{
    if (tsm) {
        for (unsigned i = 0; i < tsm->device_count; i++) {
            teeio_requester_free(tsm->devices[i].requester);
        }
        free(tsm);
    }
}

void teeio_tsm_reset(struct teeio_tsm *tsm)
{
    teeio_regs_reset(&tsm->regs);
    teeio_ownership_reset(tsm->ownership);
    tsm->stats = (struct teeio_tsm_stats){0};
    for (unsigned i = 0; i < tsm->count; i++) {
        memset(tsm->slots[i].nonce, 0, sizeof(tsm->slots[i].nonce));
    }
    for (unsigned i = 0; i < tsm->device_count; i++) {
        teeio_requester_reset(tsm->devices[i].requester);
    }
}

bool teeio_tsm_attach_to(struct teeio_tsm *tsm,
                         struct teeio_interface *interface,
                         struct teeio_tsm_device *device)
{
    if (tsm->count == TEEIO_TSM_MAX_TDIS) {
        return false;
    }
    tsm->slots[tsm->count++] =
        (struct teeio_tsm_slot){.interface = interface, .device = device};
    return true;
}

bool teeio_tsm_attach(struct teeio_tsm *tsm, struct teeio_tdi *tdi)
{
    return teeio_tsm_attach_to(tsm, teeio_tdi_interface(tdi), NULL);
}

struct teeio_tsm_device *teeio_tsm_add_device(struct teeio_tsm *tsm,
                                              const struct teeio_tsm_link *link)
{
    struct teeio_tsm_device *device = &tsm->devices[tsm->device_count];
    struct teeio_requester *requester;

    if (tsm->device_count == TEEIO_TSM_MAX_DEVICES) {
        return NULL;
    }
    requester = teeio_requester_new(&link->requester);
    if (!requester) {
        return NULL;
    }
    *device = (struct teeio_tsm_device){*link, requester};
    tsm->device_count++;
    return device;
}

struct teeio_requester *teeio_tsm_requester(struct teeio_tsm *tsm,
                                            uint16_t requester)
{
    struct teeio_tsm_slot *slot = teeio_tsm_find(tsm, requester);

    return slot && slot->device ? slot->device->requester : NULL;
}

unsigned teeio_tsm_heartbeat(struct teeio_tsm *tsm)
{
    unsigned next = 0;

    for (unsigned i = 0; i < tsm->device_count; i++) {
        struct teeio_requester *requester = tsm->devices[i].requester;
        unsigned period = teeio_requester_heartbeat_period(requester);

        if (period &&
            teeio_requester_heartbeat(requester) == TEEIO_REQUESTER_OK &&
            (!next || period < next)) {
            next = period;
        }
    }
    return next;
}

uint64_t teeio_tsm_read(struct teeio_tsm *tsm, uint64_t offset, unsigned size)
{
    return teeio_regs_read(&tsm->regs, offset, size);
}

void teeio_tsm_write(struct teeio_tsm *tsm, uint64_t offset, uint64_t value,
                     unsigned size)
{
    struct teeio_event event = {.kind = TEEIO_EVENT_MARKER};
    const struct teeio_reg *row = NULL;

    switch (teeio_regs_write(&tsm->regs, offset, value, size, &row)) {
    case HOOK_COMMAND:
        run_command(tsm);
        break;
    case HOOK_MARKER:
        event.u.marker = tsm->values[TEEIO_TSM_ROW_MARKER];
        teeio_tsm_trace(tsm, &event);
        break;
    default:
        break;
    }
}

struct teeio_tsm_stats teeio_tsm_stats(const struct teeio_tsm *tsm)
{
    return tsm->stats;
}

static void put_requester(struct teeio_image_writer *image,
                          const struct teeio_requester *requester)
{
    size_t size = teeio_requester_save(requester, NULL, 0);

    teeio_image_put(image, size, 4);
    if (image->used <= image->size && size <= image->size - image->used) {
        teeio_requester_save(requester, image->buf + image->used, size);
    }
    image->used += size;
}

size_t teeio_tsm_save(const struct teeio_tsm *tsm, uint8_t *buf, size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);

    teeio_image_put_regs(&image, &tsm->regs);
    teeio_image_put(&image, tsm->stats.commands, 8);
    teeio_image_put(&image, tsm->stats.errors, 8);
    teeio_image_put(&image, tsm->count, 4);
    for (unsigned i = 0; i < tsm->count; i++) {
        teeio_image_put_bytes(&image, tsm->slots[i].nonce, TEEIO_NONCE_SIZE);
    }
    teeio_image_put(&image, tsm->device_count, 4);
    for (unsigned i = 0; i < tsm->device_count; i++) {
        put_requester(&image, tsm->devices[i].requester);
    }
    return image.used;
}

/* Returns: a requester in that state, NULL when there is none. */
static struct teeio_requester *
get_requester(struct teeio_image_reader *image,
              const struct teeio_requester_config *config)
{
    uint64_t size = teeio_image_get(image, 4);
    struct teeio_requester *requester;

    if (image->bad || size > image->left) {
        image->bad = true;
        return NULL;
    }
    requester = teeio_requester_new(config);
    if (!requester || !teeio_requester_load(requester, image->next, size)) {
        image->bad = true;
    }
    image->next += size;
    image->left -= size;
    return requester;
}

/* Replace all requesters of @next; those that it had stay with the caller. */
static bool get_devices(struct teeio_image_reader *image,
                        struct teeio_tsm *next)
{
    bool good = teeio_image_get(image, 4) == next->device_count;

    for (unsigned i = 0; i < next->device_count; i++) {
        struct teeio_tsm_device *device = &next->devices[i];

        device->requester =
            good ? get_requester(image, &device->link.requester) : NULL;
    }
    return good && teeio_image_end(image);
}

bool teeio_tsm_load(struct teeio_tsm *tsm, const uint8_t *buf, size_t size)
{
    struct teeio_image_reader image =
        teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION);
    struct teeio_tsm next = *tsm;
    bool good;

    teeio_image_get_regs(&image, &tsm->regs, next.values);
    next.stats.commands = teeio_image_get(&image, 8);
    next.stats.errors = teeio_image_get(&image, 8);
    if (teeio_image_get(&image, 4) != tsm->count) {
        return false;
    }
    for (unsigned i = 0; i < tsm->count; i++) {
        teeio_image_get_bytes(&image, next.slots[i].nonce, TEEIO_NONCE_SIZE);
    }
    good = get_devices(&image, &next) &&
           next.values[TEEIO_TSM_ROW_ID] == TEEIO_TSM_MAGIC &&
           next.values[TEEIO_TSM_ROW_VERSION] == TEEIO_TSM_VERSION;
    for (unsigned i = 0; i < tsm->device_count; i++) {
        teeio_requester_free(good ? tsm->devices[i].requester
                                  : next.devices[i].requester);
    }
    if (good) {
        *tsm = next;
    }
    return good;
}

const struct teeio_reg *teeio_tsm_registers(size_t *count)
{
    *count = COUNT(table);
    return table;
}
