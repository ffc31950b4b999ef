/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * One function of the trusted device: its model, and how QEMU reaches it.
 */
#ifndef TEEIO_QEMU_TDI_FUNCTION_H
#define TEEIO_QEMU_TDI_FUNCTION_H

#include "host.h"
#include "machine.h"
#include "qom.h"
#include "tdi-config.h"
#include "tdi-report.h"
#include "tdi-security.h"

/* 0 DONE, 1 ERROR, and 2 the mailbox, of function 0 alone. */
#define TEEIO_TDI_VECTORS 3

/** enum teeio_mmio_t - which T the accesses of the machine's CPUs have */
enum teeio_mmio_t {
    TEEIO_MMIO_T_FOLLOW, /* 1 for a TDI that a TSM of this machine locked */
    TEEIO_MMIO_T_0,
    TEEIO_MMIO_T_1,
};

/**
 * struct teeio_tdi_function - the state of one function
 * @function:  what others know about it; first member. Its PCI device is NULL
 *             while a virtual function is not there
 * @pf:        of a virtual function: its physical one
 * @index:     of a virtual function, from 0
 * @config:    extended capabilities
 * @scheduled: the engine is going to run
 * @resetting: which reset is at work, for the hook that QEMU has for all
 * @reset_due: the device was reset by its own DMA
 */
struct teeio_tdi_function {
    struct teeio_function function;
    struct teeio_tdi_function *pf;
    unsigned index;
    struct teeio_host host;
    struct teeio_machine *machine;
    struct teeio_lines lines;
    struct teeio_tdi_config config;
    enum teeio_mmio_t mmio_t;
    bool scheduled;
    enum teeio_tdi_reset {
        TEEIO_TDI_NO_RESET,
        TEEIO_TDI_CONVENTIONAL_RESET,
        TEEIO_TDI_FUNCTION_RESET,
    } resetting,
        reset_due;
};

/**
 * teeio_tdi_function_create() - its model, known to the machine
 * @machine: has room for it
 *
 * Returns: false with @errp set.
 */
bool teeio_tdi_function_create(struct teeio_tdi_function *f,
                               struct teeio_machine *machine, Error **errp);

/** teeio_tdi_function_refresh() - tell the model what config space says now */
void teeio_tdi_function_refresh(struct teeio_tdi_function *f);

/** teeio_tdi_function_ops() - of BAR 0, with the function as opaque */
const MemoryRegionOps *teeio_tdi_function_ops(void);

/** teeio_tdi_function_read(), teeio_tdi_function_write() - config space */
uint32_t teeio_tdi_function_read(struct teeio_tdi_function *f, uint32_t address,
                                 int len);
void teeio_tdi_function_write(struct teeio_tdi_function *f, uint32_t address,
                              uint32_t value, int len);

/** teeio_tdi_function_free() - its model; the security of a PF goes first */
void teeio_tdi_function_free(struct teeio_tdi_function *f);

/** teeio_tdi_function_reset() - QEMU resets it, for whatever reason */
void teeio_tdi_function_reset(struct teeio_tdi_function *f);

#endif
