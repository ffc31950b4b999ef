/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* COMMAND: one row, one handler each. */
#include <string.h>

#include "teeio/event.h"
#include "tsm-internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(TEEIO_TSM_OWNER_NONE == (unsigned)TEEIO_OWNER_NONE &&
                   TEEIO_TSM_OWNER_SHARED == (unsigned)TEEIO_OWNER_SHARED &&
                   TEEIO_TSM_OWNER_PRIVATE == (unsigned)TEEIO_OWNER_PRIVATE,
               "RESULT of OWNER is the enumeration");

/* Is the TDI reached through its device's mailbox, as it stands? */
static bool by_mailbox(const struct teeio_tsm_slot *slot)
{
    if (!slot->device || !slot->device->link.optional) {
        return slot->device;
    }
    return slot->interface->state == TEEIO_TDISP_CONFIG_UNLOCKED
               ? teeio_requester_session(slot->device->requester)
               : !slot->interface->lock.local;
}

static uint32_t do_lock(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    const struct teeio_lock lock = {
        .local = true,
        .flags = tsm->values[TEEIO_TSM_ROW_FLAGS],
        .offset = tsm->values[TEEIO_TSM_ROW_OFFSET],
    };

    return by_mailbox(slot)
               ? teeio_tsm_device_lock(tsm, slot)
               : teeio_interface_lock(slot->interface, &lock, slot->nonce);
}

static uint32_t do_start(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    return by_mailbox(slot)
               ? teeio_tsm_device_start(tsm, slot)
               : teeio_interface_start(slot->interface, slot->nonce);
}

static uint32_t do_stop(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    return by_mailbox(slot) ? teeio_tsm_device_stop(tsm, slot)
                            : teeio_interface_stop(slot->interface);
}

static uint32_t do_get_state(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    if (by_mailbox(slot)) {
        return teeio_tsm_device_get_state(tsm, slot);
    }
    tsm->values[TEEIO_TSM_ROW_RESULT] = slot->interface->state;
    return TEEIO_TDISP_OK;
}

static uint32_t do_report(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    uint8_t report[TEEIO_REPORT_MAX];
    uint32_t status;
    size_t size;

    if (by_mailbox(slot)) {
        return teeio_tsm_device_report(tsm, slot);
    }
    status = teeio_interface_report(slot->interface, report, &size);
    return status == TEEIO_TDISP_OK ? teeio_tsm_give(tsm, report, size)
                                    : status;
}

static uint32_t set_owner(struct teeio_tsm *tsm, enum teeio_owner owner)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_OWNER,
        .u.owner =
            {
                .base = tsm->values[TEEIO_TSM_ROW_ADDRESS],
                .size = tsm->values[TEEIO_TSM_ROW_LENGTH],
                .owner = owner,
            },
    };

    if (!teeio_ownership_set(tsm->ownership, event.u.owner.base,
                             event.u.owner.size, owner)) {
        return TEEIO_TSM_STATUS_BAD_RANGE;
    }
    teeio_tsm_trace(tsm, &event);
    return TEEIO_TDISP_OK;
}

static uint32_t do_share(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    (void)slot;
    return set_owner(tsm, TEEIO_OWNER_SHARED);
}

static uint32_t do_unshare(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    (void)slot;
    return set_owner(tsm, TEEIO_OWNER_PRIVATE);
}

static uint32_t do_owner(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot)
{
    (void)slot;
    tsm->values[TEEIO_TSM_ROW_RESULT] =
        teeio_ownership_get(tsm->ownership, tsm->values[TEEIO_TSM_ROW_ADDRESS]);
    return TEEIO_TDISP_OK;
}

/* What a command is about. */
enum object {
    PAGES,
    TDI,    /* FUNCTION selects the slot */
    DEVICE, /* the same, and it must have a mailbox */
};

static const struct {
    enum object object;
    uint32_t (*run)(struct teeio_tsm *tsm, struct teeio_tsm_slot *slot);
} commands[] = {
    [TEEIO_TSM_CMD_LOCK] = {TDI, do_lock},
    [TEEIO_TSM_CMD_START] = {TDI, do_start},
    [TEEIO_TSM_CMD_STOP] = {TDI, do_stop},
    [TEEIO_TSM_CMD_GET_STATE] = {TDI, do_get_state},
    [TEEIO_TSM_CMD_SHARE] = {PAGES, do_share},
    [TEEIO_TSM_CMD_UNSHARE] = {PAGES, do_unshare},
    [TEEIO_TSM_CMD_OWNER] = {PAGES, do_owner},
    [TEEIO_TSM_CMD_CONNECT] = {DEVICE, teeio_tsm_device_connect},
    [TEEIO_TSM_CMD_DISCONNECT] = {DEVICE, teeio_tsm_device_disconnect},
    [TEEIO_TSM_CMD_IDE_SETUP] = {DEVICE, teeio_tsm_device_ide_setup},
    [TEEIO_TSM_CMD_IDE_STOP] = {DEVICE, teeio_tsm_device_ide_stop},
    [TEEIO_TSM_CMD_MEASUREMENTS] = {DEVICE, teeio_tsm_device_measurements},
    [TEEIO_TSM_CMD_REPORT] = {TDI, do_report},
};

uint32_t teeio_tsm_dispatch(struct teeio_tsm *tsm, uint64_t command)
{
    struct teeio_tsm_slot *slot = NULL;

    if (command >= COUNT(commands) || !commands[command].run) {
        return TEEIO_TSM_STATUS_BAD_COMMAND;
    }
    if (commands[command].object != PAGES) {
        slot = teeio_tsm_find(tsm, tsm->values[TEEIO_TSM_ROW_FUNCTION]);
        if (!slot) {
            /* PCIe 11.3.24: the FUNCTION_ID names no interface of ours. */
            return TEEIO_TDISP_INVALID_INTERFACE;
        }
    }
    if (commands[command].object == DEVICE && !slot->device) {
        return TEEIO_TSM_STATUS_NO_MAILBOX;
    }
    return commands[command].run(tsm, slot);
}

uint32_t teeio_tsm_give(struct teeio_tsm *tsm, const uint8_t *data, size_t size)
{
    uint64_t address = tsm->values[TEEIO_TSM_ROW_ADDRESS];
    uint64_t room = tsm->values[TEEIO_TSM_ROW_LENGTH];
    size_t len = size < room ? size : room;

    tsm->values[TEEIO_TSM_ROW_RESULT] = size;
    if (tsm->call) {
        if (tsm->call->buf) {
            memcpy(tsm->call->buf, data,
                   size < tsm->call->size ? size : tsm->call->size);
        }
        return TEEIO_TDISP_OK;
    }
    if (len &&
        (address > UINT64_MAX - len ||
         !tsm->host->write(tsm->host->opaque, address, data, len, true))) {
        tsm->values[TEEIO_TSM_ROW_RESULT] = 0;
        return TEEIO_TSM_STATUS_BAD_RANGE;
    }
    return TEEIO_TDISP_OK;
}
