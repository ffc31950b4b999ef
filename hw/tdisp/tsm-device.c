/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Commands that become messages to a device. */
#include <string.h>

#include "teeio/spec/ide.h"
#include "tsm-internal.h"

typedef enum teeio_requester_failure teeio_result;

#define STATUS_REQUESTER 0x20000u

_Static_assert(TEEIO_TSM_STATUS_NO_ANSWER ==
                       (STATUS_REQUESTER | TEEIO_REQUESTER_NO_ANSWER) &&
                   TEEIO_TSM_STATUS_REFUSED ==
                       (STATUS_REQUESTER | TEEIO_REQUESTER_REFUSED) &&
                   TEEIO_TSM_STATUS_UNTRUSTED ==
                       (STATUS_REQUESTER | TEEIO_REQUESTER_UNTRUSTED) &&
                   TEEIO_TSM_STATUS_NO_SESSION ==
                       (STATUS_REQUESTER | TEEIO_REQUESTER_NO_SESSION) &&
                   TEEIO_TSM_STATUS_KEY_REFUSED ==
                       (STATUS_REQUESTER | TEEIO_REQUESTER_KEY_REFUSED) &&
                   TEEIO_TSM_STATUS_NO_RANDOM ==
                       (STATUS_REQUESTER | TEEIO_REQUESTER_NO_RANDOM),
               "STATUS follows the enumeration");

static const struct {
    uint32_t status;
    const char *name;
} names[] = {
    {TEEIO_TSM_STATUS_BAD_COMMAND, "BAD_COMMAND"},
    {TEEIO_TSM_STATUS_BAD_RANGE, "BAD_RANGE"},
    {TEEIO_TSM_STATUS_NO_MAILBOX, "NO_MAILBOX"},
    {TEEIO_TSM_STATUS_NO_ANSWER, "NO_ANSWER"},
    {TEEIO_TSM_STATUS_MALFORMED, "MALFORMED"},
    {TEEIO_TSM_STATUS_UNEXPECTED, "UNEXPECTED"},
    {TEEIO_TSM_STATUS_REFUSED, "REFUSED"},
    {TEEIO_TSM_STATUS_UNSUPPORTED, "UNSUPPORTED"},
    {TEEIO_TSM_STATUS_UNTRUSTED, "UNTRUSTED"},
    {TEEIO_TSM_STATUS_BAD_SIGNATURE, "BAD_SIGNATURE"},
    {TEEIO_TSM_STATUS_NOT_AUTHENTIC, "NOT_AUTHENTIC"},
    {TEEIO_TSM_STATUS_NOT_CONNECTED, "NOT_CONNECTED"},
    {TEEIO_TSM_STATUS_NO_SESSION, "NO_SESSION"},
    {TEEIO_TSM_STATUS_KEY_REFUSED, "KEY_REFUSED"},
    {TEEIO_TSM_STATUS_TOO_LARGE, "TOO_LARGE"},
    {TEEIO_TSM_STATUS_NO_RANDOM, "NO_RANDOM"},
};

const char *teeio_tsm_status_name(uint32_t status)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].status == status) {
            return names[i].name;
        }
    }
    return teeio_tdisp_error_name(status);
}

/* One thing to do within a session. */
typedef teeio_result operation(struct teeio_tsm *tsm,
                               struct teeio_tsm_slot *slot);

static uint32_t status(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot,
                       teeio_result result)
{
    uint32_t detail = teeio_requester_detail(slot->device->requester);

    switch (result) {
    case TEEIO_REQUESTER_OK:
        return TEEIO_TDISP_OK;
    case TEEIO_REQUESTER_TDISP_ERROR:
        /* A device may choose the number; none stands for success. */
        return detail && detail < TEEIO_TSM_STATUS_BAD_COMMAND
                   ? detail
                   : TEEIO_TDISP_UNSPECIFIED;
    default:
        tsm->values[TEEIO_TSM_ROW_RESULT] = detail;
        return STATUS_REQUESTER | result;
    }
}

static teeio_result open_session(struct teeio_requester *requester)
{
    teeio_result result;

    if (teeio_requester_session(requester)) {
        return TEEIO_REQUESTER_OK;
    }
    result = teeio_requester_connect(requester);
    return result == TEEIO_REQUESTER_OK ? teeio_requester_open(requester)
                                        : result;
}

/*
 * @again: should it turn out that the device has ended the session, the
 * operation makes as much sense in a new one
 */
static uint32_t in_session(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot,
                           operation *run, bool again)
{
    struct teeio_requester *requester = slot->device->requester;
    bool old = teeio_requester_session(requester);
    teeio_result result = open_session(requester);

    if (result == TEEIO_REQUESTER_OK) {
        result = run(tsm, slot);
    }
    if (result != TEEIO_REQUESTER_OK && again && old &&
        !teeio_requester_session(requester)) {
        result = open_session(requester);
        if (result == TEEIO_REQUESTER_OK) {
            result = run(tsm, slot);
        }
    }
    return status(tsm, slot, result);
}

static uint32_t function_id(const struct teeio_tsm_slot *slot)
{
    return teeio_interface_function_id(slot->interface);
}

static uint8_t stream_id(const struct teeio_tsm *tsm)
{
    return tsm->values[TEEIO_TSM_ROW_STREAM];
}

static uint32_t block_control(struct teeio_ide *ide, unsigned index)
{
    return teeio_ide_stream_offset(ide, index) + TEEIO_IDE_SEL_CONTROL;
}

static unsigned block_count(const struct teeio_ide *ide)
{
    uint32_t cap = teeio_ide_read(ide, TEEIO_IDE_REG_CAP, 4);

    if (!(cap & TEEIO_IDE_CAP_SELECTIVE)) {
        return 0;
    }
    return ((cap & TEEIO_IDE_CAP_STREAMS) >> TEEIO_IDE_CAP_STREAMS_LSB) + 1;
}

/*
 * PCIe 6.33.2: a stream has to be named and enabled before it can be secure.
 * One that software has enabled already is left as it is.
 */
static void enable_stream(struct teeio_ide *ide, uint8_t stream)
{
    unsigned count = block_count(ide);
    unsigned defaults;
    unsigned found = count;

    teeio_ide_default_stream(ide, &defaults);
    for (unsigned i = count; i--;) {
        uint32_t control = teeio_ide_read(ide, block_control(ide, i), 4);

        if (!(control & TEEIO_IDE_STREAM_ENABLE)) {
            found = i;
        } else if (control >> TEEIO_IDE_STREAM_ID_LSB == stream) {
            return;
        }
    }
    if (found < count) {
        teeio_ide_write(ide, block_control(ide, found),
                        (uint32_t)stream << TEEIO_IDE_STREAM_ID_LSB |
                            (defaults ? 0 : TEEIO_IDE_STREAM_DEFAULT) |
                            TEEIO_IDE_STREAM_ENABLE,
                        4);
    }
}

static teeio_result ide_setup(struct teeio_tsm *tsm,
                              struct teeio_tsm_slot *slot)
{
    struct teeio_tsm_device *device = slot->device;

    if (device->link.ide) {
        enable_stream(device->link.ide, stream_id(tsm));
    }
    return teeio_requester_ide_setup(device->requester, stream_id(tsm),
                                     tsm->values[TEEIO_TSM_ROW_PORT]);
}

static teeio_result lock(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    struct teeio_requester *requester = slot->device->requester;
    const struct teeio_requester_lock parameters = {
        .flags = tsm->values[TEEIO_TSM_ROW_FLAGS],
        .stream = stream_id(tsm),
        .offset = tsm->values[TEEIO_TSM_ROW_OFFSET],
    };
    teeio_result result = TEEIO_REQUESTER_OK;

    if (!teeio_requester_ide_keyed(requester, parameters.stream)) {
        result = ide_setup(tsm, slot);
    }
    return result == TEEIO_REQUESTER_OK
               ? teeio_requester_lock(requester, function_id(slot), &parameters,
                                      slot->nonce)
               : result;
}

static teeio_result start(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    (void)tsm;
    return teeio_requester_start(slot->device->requester, function_id(slot),
                                 slot->nonce);
}

static teeio_result stop(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    (void)tsm;
    return teeio_requester_stop(slot->device->requester, function_id(slot));
}

static teeio_result get_state(struct teeio_tsm *tsm,
                              struct teeio_tsm_slot *slot)
{
    enum teeio_tdisp_state state;
    teeio_result result = teeio_requester_state(slot->device->requester,
                                                function_id(slot), &state);

    if (result == TEEIO_REQUESTER_OK) {
        tsm->values[TEEIO_TSM_ROW_RESULT] = state;
    }
    return result;
}

static teeio_result nothing(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    (void)tsm;
    (void)slot;
    return TEEIO_REQUESTER_OK;
}

static void forget_nonces(struct teeio_tsm *tsm,
                          const struct teeio_tsm_device *device)
{
    for (unsigned i = 0; i < tsm->count; i++) {
        if (tsm->slots[i].device == device) {
            memset(tsm->slots[i].nonce, 0, sizeof(tsm->slots[i].nonce));
        }
    }
}

uint32_t teeio_tsm_device_connect(struct teeio_tsm *tsm,
                                  struct teeio_tsm_slot *slot)
{
    return in_session(tsm, slot, nothing, false);
}

uint32_t teeio_tsm_device_disconnect(struct teeio_tsm *tsm,
                                     struct teeio_tsm_slot *slot)
{
    struct teeio_requester *requester = slot->device->requester;
    teeio_result result = TEEIO_REQUESTER_OK;

    if (teeio_requester_session(requester)) {
        result = teeio_requester_end(requester);
    }
    forget_nonces(tsm, slot->device);
    return status(tsm, slot, result);
}

uint32_t teeio_tsm_device_ide_setup(struct teeio_tsm *tsm,
                                    struct teeio_tsm_slot *slot)
{
    return in_session(tsm, slot, ide_setup, true);
}

uint32_t teeio_tsm_device_ide_stop(struct teeio_tsm *tsm,
                                   struct teeio_tsm_slot *slot)
{
    return status(
        tsm, slot,
        teeio_requester_ide_stop(slot->device->requester, stream_id(tsm)));
}

uint32_t teeio_tsm_device_measurements(struct teeio_tsm *tsm,
                                       struct teeio_tsm_slot *slot)
{
    struct teeio_requester *requester = slot->device->requester;
    uint8_t record[TEEIO_REQUESTER_RECORD_MAX];
    uint32_t error = in_session(tsm, slot, nothing, false);
    teeio_result result;
    size_t size;

    if (error) {
        return error;
    }
    result = teeio_requester_measurements(requester, true, record, &size);
    return result == TEEIO_REQUESTER_OK ? teeio_tsm_give(tsm, record, size)
                                        : status(tsm, slot, result);
}

uint32_t teeio_tsm_device_report(struct teeio_tsm *tsm,
                                 struct teeio_tsm_slot *slot)
{
    struct teeio_requester *requester = slot->device->requester;
    uint32_t error = in_session(tsm, slot, nothing, false);
    struct teeio_requester_report report;
    teeio_result result;

    if (error) {
        return error;
    }
    result = teeio_requester_report(requester, function_id(slot), &report);
    return result == TEEIO_REQUESTER_OK
               ? teeio_tsm_give(tsm, report.bytes, report.size)
               : status(tsm, slot, result);
}

uint32_t teeio_tsm_device_lock(struct teeio_tsm *tsm,
                               struct teeio_tsm_slot *slot)
{
    return in_session(tsm, slot, lock, true);
}

/* A nonce is of one session: in another one there is nothing to start. */
uint32_t teeio_tsm_device_start(struct teeio_tsm *tsm,
                                struct teeio_tsm_slot *slot)
{
    return in_session(tsm, slot, start, false);
}

uint32_t teeio_tsm_device_stop(struct teeio_tsm *tsm,
                               struct teeio_tsm_slot *slot)
{
    return in_session(tsm, slot, stop, true);
}

uint32_t teeio_tsm_device_get_state(struct teeio_tsm *tsm,
                                    struct teeio_tsm_slot *slot)
{
    return in_session(tsm, slot, get_state, true);
}
