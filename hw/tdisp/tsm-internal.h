/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* What the registers, the commands and the devices of the TSM share. */
#ifndef TEEIO_HW_TDISP_TSM_INTERNAL_H
#define TEEIO_HW_TDISP_TSM_INTERNAL_H

#include "teeio/spec/tsm.h"
#include "teeio/tsm.h"

enum teeio_tsm_row {
    TEEIO_TSM_ROW_ID,
    TEEIO_TSM_ROW_VERSION,
    TEEIO_TSM_ROW_COMMAND,
    TEEIO_TSM_ROW_STATUS,
    TEEIO_TSM_ROW_FUNCTION,
    TEEIO_TSM_ROW_RESULT,
    TEEIO_TSM_ROW_ADDRESS,
    TEEIO_TSM_ROW_LENGTH,
    TEEIO_TSM_ROW_MARKER,
    TEEIO_TSM_ROW_FLAGS,
    TEEIO_TSM_ROW_STREAM,
    TEEIO_TSM_ROW_PORT,
    TEEIO_TSM_ROW_OFFSET,
    TEEIO_TSM_ROWS
};

struct teeio_tsm_device {
    struct teeio_tsm_link link;
    struct teeio_requester *requester;
};

/**
 * struct teeio_tsm_slot - one attached TDI
 * @device: NULL when it is reached by direct calls
 * @nonce:  that LOCK gave, for START to bring back
 */
struct teeio_tsm_slot {
    struct teeio_interface *interface;
    struct teeio_tsm_device *device;
    uint8_t nonce[TEEIO_NONCE_SIZE];
};

/**
 * struct teeio_tsm - the whole
 * @call: whose buffer gets what a command gives; NULL: memory
 */
struct teeio_tsm {
    const struct teeio_host *host;
    struct teeio_ownership *ownership;
    struct teeio_regs regs;
    uint64_t values[TEEIO_TSM_ROWS];
    struct teeio_tsm_stats stats;
    unsigned count;
    struct teeio_tsm_slot slots[TEEIO_TSM_MAX_TDIS];
    unsigned device_count;
    struct teeio_tsm_device devices[TEEIO_TSM_MAX_DEVICES];
    const struct teeio_tsm_call *call;
};

/** teeio_tsm_trace() - @event, as the TSM's */
void teeio_tsm_trace(const struct teeio_tsm *tsm, struct teeio_event *event);

/** teeio_tsm_find() - by requester id; NULL for none */
struct teeio_tsm_slot *teeio_tsm_find(struct teeio_tsm *tsm,
                                      uint64_t requester);

/** teeio_tsm_dispatch() - carry a command out; returns STATUS */
uint32_t teeio_tsm_dispatch(struct teeio_tsm *tsm, uint64_t command);

/**
 * teeio_tsm_give() - data for the guest, to the buffer that it named
 *
 * RESULT becomes @size; what has no room is left out. Returns: STATUS.
 */
uint32_t teeio_tsm_give(struct teeio_tsm *tsm, const uint8_t *data,
                        size_t size);

/* tsm-device.c: commands to a slot with a device; each returns STATUS. */
uint32_t teeio_tsm_device_connect(struct teeio_tsm *tsm,
                                  struct teeio_tsm_slot *slot);
uint32_t teeio_tsm_device_disconnect(struct teeio_tsm *tsm,
                                     struct teeio_tsm_slot *slot);
uint32_t teeio_tsm_device_ide_setup(struct teeio_tsm *tsm,
                                    struct teeio_tsm_slot *slot);
uint32_t teeio_tsm_device_ide_stop(struct teeio_tsm *tsm,
                                   struct teeio_tsm_slot *slot);
uint32_t teeio_tsm_device_measurements(struct teeio_tsm *tsm,
                                       struct teeio_tsm_slot *slot);
uint32_t teeio_tsm_device_report(struct teeio_tsm *tsm,
                                 struct teeio_tsm_slot *slot);
uint32_t teeio_tsm_device_lock(struct teeio_tsm *tsm,
                               struct teeio_tsm_slot *slot);
uint32_t teeio_tsm_device_start(struct teeio_tsm *tsm,
                                struct teeio_tsm_slot *slot);
uint32_t teeio_tsm_device_stop(struct teeio_tsm *tsm,
                               struct teeio_tsm_slot *slot);
uint32_t teeio_tsm_device_get_state(struct teeio_tsm *tsm,
                                    struct teeio_tsm_slot *slot);

#endif
