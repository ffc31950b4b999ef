/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Faults on request, by name: each goes to the model that can have it. */
#ifndef TEEIO_INJECTION_H
#define TEEIO_INJECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/doe.h"
#include "teeio/dsm.h"
#include "teeio/ide.h"
#include "teeio/interface.h"
#include "teeio/requester.h"
#include "teeio/tdi.h"

/** enum teeio_injection - names are as teeio_injection_list() has them */
enum teeio_injection {
    TEEIO_INJECT_DROP_KEY,
    TEEIO_INJECT_BAD_NONCE,
    TEEIO_INJECT_FORCE_ERROR,
    TEEIO_INJECT_STALE_STATE,
    TEEIO_INJECT_BAD_REPORT,
    TEEIO_INJECT_WRONG_T,
    TEEIO_INJECT_UNLOCK_UNDER_DMA,
    TEEIO_INJECT_IDE_INTEGRITY,
    TEEIO_INJECT_DOE_BUSY,
    TEEIO_INJECT_DOE_ERROR,
    TEEIO_INJECTIONS
};

/**
 * struct teeio_injection_row - one row of the list
 * @name:  as a user writes it
 * @count: what the count counts; NULL: it happens at once, and once
 * @doc:   one sentence for documentation
 */
struct teeio_injection_row {
    const char *name;
    const char *count;
    const char *doc;
};

/** teeio_injection_list() - all, in the order of the enumeration */
const struct teeio_injection_row *teeio_injection_list(size_t *count);

/** teeio_injection_find() - by name; TEEIO_INJECTIONS when there is none */
enum teeio_injection teeio_injection_find(const char *name);

/**
 * struct teeio_injection_target - the models of one function
 *
 * Those that it does not have are NULL.
 */
struct teeio_injection_target {
    struct teeio_requester *requester;
    struct teeio_dsm *dsm;
    struct teeio_interface *interface;
    struct teeio_ide *ide;
    struct teeio_doe *doe;
    struct teeio_tdi *tdi;
};

/**
 * teeio_inject() - have this fault
 * @count: how often; 0 ends one that is pending. Faults of a mailbox stay until
 *         they are ended.
 *
 * A model has one pending fault at a time: a new one replaces it.
 *
 * Returns: false when the target lacks the model; or for IDE_INTEGRITY, when
 * the TDI is bound to no stream, and for FORCE_ERROR, when it is not locked.
 */
bool teeio_inject(const struct teeio_injection_target *target,
                  enum teeio_injection injection, unsigned count);

#endif
