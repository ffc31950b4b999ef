/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/injection.h"

#include <string.h>

typedef const struct teeio_injection_target target;

static bool drop_key(target *t, unsigned count)
{
    if (t->requester) {
        teeio_requester_inject(t->requester, TEEIO_REQUESTER_FAULT_KEY, count);
    }
    return t->requester;
}

static bool bad_nonce(target *t, unsigned count)
{
    if (t->requester) {
        teeio_requester_inject(t->requester, TEEIO_REQUESTER_FAULT_NONCE,
                               count);
    }
    return t->requester;
}

static bool force_error(target *t, unsigned count)
{
    if (!t->interface || (t->interface->state != TEEIO_TDISP_CONFIG_LOCKED &&
                          t->interface->state != TEEIO_TDISP_RUN)) {
        return false;
    }
    if (count) {
        teeio_interface_break(t->interface, TEEIO_CAUSE_DEVICE);
    }
    return true;
}

/* What the state was when this was asked for. */
static bool stale_state(target *t, unsigned count)
{
    if (!t->dsm || !t->interface) {
        return false;
    }
    teeio_dsm_inject(t->dsm, TEEIO_DSM_FAULT_STATE, t->interface->state, count);
    return true;
}

static bool bad_report(target *t, unsigned count)
{
    if (t->dsm) {
        teeio_dsm_inject(t->dsm, TEEIO_DSM_FAULT_REPORT, 0, count);
    }
    return t->dsm;
}

static bool wrong_t(target *t, unsigned count)
{
    if (t->tdi) {
        teeio_tdi_inject(t->tdi, TEEIO_TDI_FAULT_T, count);
    }
    return t->tdi;
}

static bool unlock_under_dma(target *t, unsigned count)
{
    if (t->tdi) {
        teeio_tdi_inject(t->tdi, TEEIO_TDI_FAULT_UNLOCK, count);
    }
    return t->tdi;
}

static bool ide_integrity(target *t, unsigned count)
{
    if (!t->ide || !t->interface || !t->interface->bound) {
        return false;
    }
    return !count || teeio_ide_fail(t->ide, t->interface->lock.stream,
                                    TEEIO_IDE_INTEGRITY);
}

static bool doe_fault(target *t, enum teeio_doe_fault fault, unsigned count)
{
    if (t->doe) {
        teeio_doe_inject(t->doe, count ? fault : TEEIO_DOE_NO_FAULT);
    }
    return t->doe;
}

static bool doe_busy(target *t, unsigned count)
{
    return doe_fault(t, TEEIO_DOE_FAULT_BUSY, count);
}

static bool doe_error(target *t, unsigned count)
{
    return doe_fault(t, TEEIO_DOE_FAULT_ERROR, count);
}

static bool (*const handlers[])(target *t, unsigned count) = {
    [TEEIO_INJECT_DROP_KEY] = drop_key,
    [TEEIO_INJECT_BAD_NONCE] = bad_nonce,
    [TEEIO_INJECT_FORCE_ERROR] = force_error,
    [TEEIO_INJECT_STALE_STATE] = stale_state,
    [TEEIO_INJECT_BAD_REPORT] = bad_report,
    [TEEIO_INJECT_WRONG_T] = wrong_t,
    [TEEIO_INJECT_UNLOCK_UNDER_DMA] = unlock_under_dma,
    [TEEIO_INJECT_IDE_INTEGRITY] = ide_integrity,
    [TEEIO_INJECT_DOE_BUSY] = doe_busy,
    [TEEIO_INJECT_DOE_ERROR] = doe_error,
};

static const struct teeio_injection_row rows[] = {
    [TEEIO_INJECT_DROP_KEY] = {"drop-key", "IDE setups",
                               "One sub-stream gets no key."},
    [TEEIO_INJECT_BAD_NONCE] = {"bad-nonce", "START_INTERFACE_REQUESTs",
                                "The nonce is not the one that LOCK gave."},
    [TEEIO_INJECT_FORCE_ERROR] = {"force-error", NULL,
                                  "The TDI goes to ERROR."},
    [TEEIO_INJECT_STALE_STATE] = {"stale-state", "DEVICE_INTERFACE_STATEs",
                                  "The state of now is answered later too."},
    [TEEIO_INJECT_BAD_REPORT] = {"bad-report", "DEVICE_INTERFACE_REPORTs",
                                 "The last bit of a portion is another one."},
    [TEEIO_INJECT_WRONG_T] = {"wrong-t", "TLPs",
                              "The TLP leaves with the other T."},
    [TEEIO_INJECT_UNLOCK_UNDER_DMA] = {"unlock-under-dma", "descriptors",
                                       "The TDI is unlocked behind the first "
                                       "TLP, and the others still leave."},
    [TEEIO_INJECT_IDE_INTEGRITY] = {"ide-integrity", NULL,
                                    "A MAC on the bound stream is wrong."},
    [TEEIO_INJECT_DOE_BUSY] = {"doe-busy", "1: on, 0: off",
                               "The mailbox stays busy."},
    [TEEIO_INJECT_DOE_ERROR] = {"doe-error", "1: on, 0: off",
                                "Each object ends in DOE Error."},
};
_Static_assert(sizeof(handlers) / sizeof(handlers[0]) == TEEIO_INJECTIONS &&
                   sizeof(rows) / sizeof(rows[0]) == TEEIO_INJECTIONS,
               "a row per injection");

const struct teeio_injection_row *teeio_injection_list(size_t *count)
{
    *count = TEEIO_INJECTIONS;
    return rows;
}

enum teeio_injection teeio_injection_find(const char *name)
{
    unsigned i = 0;

    while (i < TEEIO_INJECTIONS && strcmp(rows[i].name, name)) {
        i++;
    }
    return i;
}

bool teeio_inject(const struct teeio_injection_target *target,
                  enum teeio_injection injection, unsigned count)
{
    return (unsigned)injection < TEEIO_INJECTIONS &&
           handlers[injection](target, count);
}
