/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Faults on request: over QMP, or when the guest comes to a marker.
 */
#ifndef TEEIO_QEMU_TSM_INJECT_H
#define TEEIO_QEMU_TSM_INJECT_H

#include "machine.h"

/**
 * teeio_machine_find() - a TDI by id, QOM path or address ("00:02.0")
 * @user: who asks, for messages
 * @text: may be NULL
 *
 * Returns: NULL with @errp set.
 */
struct teeio_function *teeio_machine_find(const char *user, const char *text,
                                          Error **errp);

/** teeio_plan_good() - is @plan of the form "MARKER:NAME:TDI"? */
bool teeio_plan_good(const char *plan);

/**
 * teeio_plan_run() - have the fault, if this is the marker
 *
 * One that cannot be had is reported as an error, and the machine goes on.
 */
void teeio_plan_run(const char *plan, uint64_t marker);

/** teeio_register_inject() - x-teeio-inject */
void teeio_register_inject(void);

#endif
