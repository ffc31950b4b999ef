/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/tsm.h"

#include <stdlib.h>
#include <string.h>

#include "../image.h"
#include "teeio/event.h"
#include "teeio/spec/tsm.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'T', 'S', 'M')
#define IMAGE_VERSION 1

enum row {
    ROW_ID,
    ROW_VERSION,
    ROW_COMMAND,
    ROW_STATUS,
    ROW_FUNCTION,
    ROW_RESULT,
    ROW_ADDRESS,
    ROW_LENGTH,
    ROW_MARKER,
    ROWS
};

enum hook { HOOK_NONE, HOOK_COMMAND, HOOK_MARKER };

static const struct teeio_reg table[] = {
    [ROW_ID] = {"ID", TEEIO_TSM_REG_ID, 4, TEEIO_TSM_MAGIC, 0, 0, HOOK_NONE,
                "The letters \"TTSM\"."},
    [ROW_VERSION] = {"VERSION", TEEIO_TSM_REG_VERSION, 4, TEEIO_TSM_VERSION, 0,
                     0, HOOK_NONE, "Version of this interface."},
    [ROW_COMMAND] = {"COMMAND", TEEIO_TSM_REG_COMMAND, 4, 0, UINT32_MAX, 0,
                     HOOK_COMMAND,
                     "Writing a command number carries that command out."},
    [ROW_STATUS] = {"STATUS", TEEIO_TSM_REG_STATUS, 4, 0, 0, 0, HOOK_NONE,
                    "How the last command ended: 0, a TDISP error code, "
                    "0x10000 (bad command) or 0x10001 (bad range)."},
    [ROW_FUNCTION] = {"FUNCTION", TEEIO_TSM_REG_FUNCTION, 4, 0, UINT32_MAX, 0,
                      HOOK_NONE,
                      "FUNCTION_ID of the TDI: its requester id in 15:0, "
                      "all other bits 0."},
    [ROW_RESULT] = {"RESULT", TEEIO_TSM_REG_RESULT, 4, 0, 0, 0, HOOK_NONE,
                    "What the last command answered, 0 when it answers "
                    "nothing."},
    [ROW_ADDRESS] = {"ADDRESS", TEEIO_TSM_REG_ADDRESS, 8, 0, UINT64_MAX, 0,
                     HOOK_NONE, "First guest physical address of the range."},
    [ROW_LENGTH] = {"LENGTH", TEEIO_TSM_REG_LENGTH, 8, 0, UINT64_MAX, 0,
                    HOOK_NONE, "Length of the range in bytes."},
    [ROW_MARKER] = {"MARKER", TEEIO_TSM_REG_MARKER, 8, 0, UINT64_MAX, 0,
                    HOOK_MARKER,
                    "Each write is recorded as a marker event; use one 8-byte "
                    "access."},
};
_Static_assert(COUNT(table) == ROWS, "a row per register");

/* One attached TDI, and the nonce that LOCK gave for START to bring back. */
struct slot {
    struct teeio_tdi *tdi;
    uint8_t nonce[TEEIO_TDI_NONCE];
};

struct teeio_tsm {
    const struct teeio_host *host;
    struct teeio_ownership *ownership;
    struct teeio_regs regs;
    uint64_t values[ROWS];
    struct teeio_tsm_stats stats;
    unsigned count;
    struct slot slots[TEEIO_TSM_MAX_TDIS];
};

_Static_assert(TEEIO_TSM_OWNER_NONE == (unsigned)TEEIO_OWNER_NONE &&
                   TEEIO_TSM_OWNER_SHARED == (unsigned)TEEIO_OWNER_SHARED &&
                   TEEIO_TSM_OWNER_PRIVATE == (unsigned)TEEIO_OWNER_PRIVATE,
               "RESULT of OWNER is the enumeration");

static void trace(const struct teeio_tsm *tsm, struct teeio_event *event)
{
    event->source = "tsm";
    if (tsm->host->trace) {
        tsm->host->trace(tsm->host->opaque, event);
    }
}

static struct slot *find_slot(struct teeio_tsm *tsm)
{
    for (unsigned i = 0; i < tsm->count; i++) {
        if (teeio_tdi_requester(tsm->slots[i].tdi) ==
            tsm->values[ROW_FUNCTION]) {
            return &tsm->slots[i];
        }
    }
    return NULL;
}

static uint32_t do_lock(struct teeio_tsm *tsm, struct slot *slot)
{
    (void)tsm;
    return teeio_tdi_lock(slot->tdi, slot->nonce);
}

static uint32_t do_start(struct teeio_tsm *tsm, struct slot *slot)
{
    (void)tsm;
    return teeio_tdi_start(slot->tdi, slot->nonce);
}

static uint32_t do_stop(struct teeio_tsm *tsm, struct slot *slot)
{
    (void)tsm;
    return teeio_tdi_stop(slot->tdi);
}

static uint32_t do_get_state(struct teeio_tsm *tsm, struct slot *slot)
{
    tsm->values[ROW_RESULT] = teeio_tdi_state(slot->tdi);
    return TEEIO_TDISP_OK;
}

static uint32_t set_owner(struct teeio_tsm *tsm, enum teeio_owner owner)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_OWNER,
        .u.owner =
            {
                .base = tsm->values[ROW_ADDRESS],
                .size = tsm->values[ROW_LENGTH],
                .owner = owner,
            },
    };

    if (!teeio_ownership_set(tsm->ownership, event.u.owner.base,
                             event.u.owner.size, owner)) {
        return TEEIO_TSM_STATUS_BAD_RANGE;
    }
    trace(tsm, &event);
    return TEEIO_TDISP_OK;
}

static uint32_t do_share(struct teeio_tsm *tsm, struct slot *slot)
{
    (void)slot;
    return set_owner(tsm, TEEIO_OWNER_SHARED);
}

static uint32_t do_unshare(struct teeio_tsm *tsm, struct slot *slot)
{
    (void)slot;
    return set_owner(tsm, TEEIO_OWNER_PRIVATE);
}

static uint32_t do_owner(struct teeio_tsm *tsm, struct slot *slot)
{
    (void)slot;
    tsm->values[ROW_RESULT] =
        teeio_ownership_get(tsm->ownership, tsm->values[ROW_ADDRESS]);
    return TEEIO_TDISP_OK;
}

/* @to_tdi: FUNCTION selects the slot; otherwise the slot is NULL */
static const struct {
    bool to_tdi;
    uint32_t (*run)(struct teeio_tsm *tsm, struct slot *slot);
} commands[] = {
    [TEEIO_TSM_CMD_LOCK] = {true, do_lock},
    [TEEIO_TSM_CMD_START] = {true, do_start},
    [TEEIO_TSM_CMD_STOP] = {true, do_stop},
    [TEEIO_TSM_CMD_GET_STATE] = {true, do_get_state},
    [TEEIO_TSM_CMD_SHARE] = {false, do_share},
    [TEEIO_TSM_CMD_UNSHARE] = {false, do_unshare},
    [TEEIO_TSM_CMD_OWNER] = {false, do_owner},
};

static uint32_t dispatch(struct teeio_tsm *tsm, uint64_t command)
{
    struct slot *slot = NULL;

    if (command >= COUNT(commands) || !commands[command].run) {
        return TEEIO_TSM_STATUS_BAD_COMMAND;
    }
    if (commands[command].to_tdi) {
        slot = find_slot(tsm);
        if (!slot) {
            /* PCIe 11.3.24: the FUNCTION_ID names no interface of ours. */
            return TEEIO_TDISP_INVALID_INTERFACE;
        }
    }
    return commands[command].run(tsm, slot);
}

static void run_command(struct teeio_tsm *tsm)
{
    uint32_t status;

    tsm->values[ROW_RESULT] = 0;
    status = dispatch(tsm, tsm->values[ROW_COMMAND]);
    tsm->values[ROW_STATUS] = status;
    tsm->stats.commands++;
    if (status != TEEIO_TDISP_OK) {
        tsm->stats.errors++;
    }
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
    free(tsm);
}

void teeio_tsm_reset(struct teeio_tsm *tsm)
{
    teeio_regs_reset(&tsm->regs);
    teeio_ownership_reset(tsm->ownership);
    tsm->stats = (struct teeio_tsm_stats){0};
    for (unsigned i = 0; i < tsm->count; i++) {
        memset(tsm->slots[i].nonce, 0, TEEIO_TDI_NONCE);
    }
}

bool teeio_tsm_attach(struct teeio_tsm *tsm, struct teeio_tdi *tdi)
{
    if (tsm->count == TEEIO_TSM_MAX_TDIS) {
        return false;
    }
    tsm->slots[tsm->count++].tdi = tdi;
    return true;
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
        event.u.marker = tsm->values[ROW_MARKER];
        trace(tsm, &event);
        break;
    default:
        break;
    }
}

struct teeio_tsm_stats teeio_tsm_stats(const struct teeio_tsm *tsm)
{
    return tsm->stats;
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
        teeio_image_put_bytes(&image, tsm->slots[i].nonce, TEEIO_TDI_NONCE);
    }
    return image.used;
}

bool teeio_tsm_load(struct teeio_tsm *tsm, const uint8_t *buf, size_t size)
{
    struct teeio_image_reader image =
        teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION);
    struct teeio_tsm next = *tsm;

    teeio_image_get_regs(&image, &tsm->regs, next.values);
    next.stats.commands = teeio_image_get(&image, 8);
    next.stats.errors = teeio_image_get(&image, 8);
    if (teeio_image_get(&image, 4) != tsm->count) {
        return false;
    }
    for (unsigned i = 0; i < tsm->count; i++) {
        teeio_image_get_bytes(&image, next.slots[i].nonce, TEEIO_TDI_NONCE);
    }
    if (!teeio_image_end(&image) || next.values[ROW_ID] != TEEIO_TSM_MAGIC ||
        next.values[ROW_VERSION] != TEEIO_TSM_VERSION) {
        return false;
    }
    *tsm = next;
    return true;
}

const struct teeio_reg *teeio_tsm_registers(size_t *count)
{
    *count = COUNT(table);
    return table;
}
