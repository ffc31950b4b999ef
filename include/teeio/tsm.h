/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The TEE security manager as the guest sees it: lock, start and stop a TDI,
 * share and unshare pages; and as a device sees it: the requester of its DSM.
 */
#ifndef TEEIO_TSM_H
#define TEEIO_TSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/host.h"
#include "teeio/ide.h"
#include "teeio/interface.h"
#include "teeio/ownership.h"
#include "teeio/registers.h"
#include "teeio/requester.h"
#include "teeio/tdi.h"

#define TEEIO_TSM_MAX_TDIS    64
#define TEEIO_TSM_MAX_DEVICES 32

struct teeio_tsm;
struct teeio_tsm_device;

/** struct teeio_tsm_stats - counters since reset of the machine */
struct teeio_tsm_stats {
    uint64_t commands;
    uint64_t errors;
};

/**
 * teeio_tsm_new() - one TSM
 * @ownership: the map that SHARE and UNSHARE change; outlives the TSM
 *
 * Returns: NULL when out of memory.
 */
struct teeio_tsm *teeio_tsm_new(const struct teeio_host *host,
                                struct teeio_ownership *ownership);
void teeio_tsm_free(struct teeio_tsm *tsm);
void teeio_tsm_reset(struct teeio_tsm *tsm);

/**
 * teeio_tsm_attach() - put a TDI under this TSM's control
 *
 * Without a device: it is locked, started and stopped by a direct call.
 *
 * Returns: false when %TEEIO_TSM_MAX_TDIS are attached already.
 */
bool teeio_tsm_attach(struct teeio_tsm *tsm, struct teeio_tdi *tdi);

/**
 * struct teeio_tsm_link - the way to one device with a DOE mailbox
 * @requester: as for teeio_requester_new(); teeio_requester_mailbox() will do
 *             as its exchange()
 * @ide:       the IDE capability of the device's port, which IDE_SETUP enables
 *             streams in; outlives the TSM. NULL: whoever owns it does so
 * @optional:  LOCK goes through the mailbox only once there is a session; a
 *             TDI that was locked without one is reached by direct calls
 */
struct teeio_tsm_link {
    struct teeio_requester_config requester;
    struct teeio_ide *ide;
    bool optional;
};

/**
 * teeio_tsm_add_device() - a device that the TSM can open a session to
 *
 * Returns: NULL when out of memory, or %TEEIO_TSM_MAX_DEVICES are there
 * already. It lives as long as the TSM.
 */
struct teeio_tsm_device *
teeio_tsm_add_device(struct teeio_tsm *tsm, const struct teeio_tsm_link *link);

/**
 * teeio_tsm_attach_to() - put a TDI of a device under this TSM's control
 * @interface: outlives the TSM
 *
 * Returns: as teeio_tsm_attach().
 */
bool teeio_tsm_attach_to(struct teeio_tsm *tsm,
                         struct teeio_interface *interface,
                         struct teeio_tsm_device *device);

/**
 * teeio_tsm_requester() - who speaks to a function's device
 * @requester: requester id
 *
 * Returns: NULL for an unknown function, or one without a device. Holds until
 * teeio_tsm_load().
 */
struct teeio_requester *teeio_tsm_requester(struct teeio_tsm *tsm,
                                            uint16_t requester);

/**
 * teeio_tsm_heartbeat() - HEARTBEAT in each session that wants it
 *
 * Returns: seconds until it should be called again, 0: no session wants it.
 */
unsigned teeio_tsm_heartbeat(struct teeio_tsm *tsm);

/**
 * teeio_tsm_read(), teeio_tsm_write() - one register access
 * @offset: below %TEEIO_TSM_MMIO_SIZE (spec/tsm.h)
 *
 * A write to COMMAND carries the command out before it returns.
 */
uint64_t teeio_tsm_read(struct teeio_tsm *tsm, uint64_t offset, unsigned size);
void teeio_tsm_write(struct teeio_tsm *tsm, uint64_t offset, uint64_t value,
                     unsigned size);

/**
 * struct teeio_tsm_call - one command of the host
 * @command:  TEEIO_TSM_CMD_LOCK and so on; no command on pages
 * @function: requester id
 * @flags, @stream, @port, @offset: as the registers
 * @buf:      for what MEASUREMENTS and REPORT give, @size bytes; may be NULL
 * @result:   set to RESULT; not more than @size of it are in @buf
 */
struct teeio_tsm_call {
    uint32_t command;
    uint32_t function;
    uint16_t flags;
    uint8_t stream;
    uint8_t port;
    uint64_t offset;
    uint8_t *buf;
    size_t size;
    uint32_t result;
};

/**
 * teeio_tsm_call() - carry it out; the guest's registers stay as they are
 *
 * Returns: STATUS.
 */
uint32_t teeio_tsm_call(struct teeio_tsm *tsm, struct teeio_tsm_call *call);

/** teeio_tsm_status_name() - "INVALID_NONCE", "NO_SESSION"; "?" if unknown */
const char *teeio_tsm_status_name(uint32_t status);

struct teeio_tsm_stats teeio_tsm_stats(const struct teeio_tsm *tsm);

/**
 * teeio_tsm_save(), teeio_tsm_load() - registers, nonces and sessions as a flat
 * image
 *
 * As teeio_tdi_save() and teeio_tdi_load(). Neither the ownership map nor the
 * attached TDIs are part of it; as many TDIs and devices have to be there as
 * were. The image holds session keys and is as secret as memory.
 */
size_t teeio_tsm_save(const struct teeio_tsm *tsm, uint8_t *buf, size_t size);
bool teeio_tsm_load(struct teeio_tsm *tsm, const uint8_t *buf, size_t size);

/** teeio_tsm_registers() - the table, for documentation and tests */
const struct teeio_reg *teeio_tsm_registers(size_t *count);

#endif
