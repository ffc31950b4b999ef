/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The IDE extended capability of teeio-root-port. All runs under the big lock,
 * but that requests with T=1 look at it, which TDIs send under that lock, too.
 */
#ifndef TEEIO_QEMU_PORT_IDE_H
#define TEEIO_QEMU_PORT_IDE_H

#include "import.h"
#include "teeio/ide.h"

/** teeio_port_ide() - of a realized teeio-root-port; NULL of anything else */
struct teeio_ide *teeio_port_ide(PCIDevice *pci);

/**
 * teeio_port_ide_new() - add the capability; QEMU keeps its header
 *
 * Returns: NULL with @errp set; else to be freed with teeio_ide_free().
 */
struct teeio_ide *teeio_port_ide_new(PCIDevice *pci, Error **errp);

/**
 * teeio_port_ide_read(), teeio_port_ide_write() - one access of any kind
 *
 * Returns: false when it is to none of the registers here.
 */
bool teeio_port_ide_read(const struct teeio_ide *ide, uint32_t address, int len,
                         uint32_t *value);
bool teeio_port_ide_write(struct teeio_ide *ide, uint32_t address,
                          uint32_t value, int len);

/**
 * teeio_port_ide_acknowledge() - clear what was written of the two errors of
 * IDE in Uncorrectable Error Status, of which QEMU's own ports know nothing
 */
void teeio_port_ide_acknowledge(PCIDevice *pci, uint32_t address,
                                uint32_t value, int len);

/** teeio_register_port_ide() - the QMP command x-teeio-port-ide */
void teeio_register_port_ide(void);

#endif
