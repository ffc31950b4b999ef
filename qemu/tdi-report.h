/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What LOCK freezes and the interface report shows, read from the
 * configuration space of teeio-tdi as it is now.
 */
#ifndef TEEIO_QEMU_TDI_REPORT_H
#define TEEIO_QEMU_TDI_REPORT_H

#include "import.h"
#include "teeio/interface.h"
#include "teeio/tdi.h"

/* Where the capabilities of the first 256 bytes are. */
#define TEEIO_TDI_EXPRESS_CAP 0x80
#define TEEIO_TDI_POWER_CAP   0xc0

#define TEEIO_TDI_MSIX_BAR    2

/** teeio_tdi_report_init() - Power Management, and control bits to write */
void teeio_tdi_report_init(PCIDevice *pci, Error **errp);

/** teeio_tdi_report_reset() - these bits as after a reset */
void teeio_tdi_report_reset(PCIDevice *pci);

/** teeio_tdi_power() - 0 to 3 for D0 to D3hot */
unsigned teeio_tdi_power(PCIDevice *pci);

/** teeio_tdi_report_read() - all of it, but for SR-IOV */
void teeio_tdi_report_read(PCIDevice *pci,
                           const struct teeio_tdi_services *services,
                           struct teeio_interface_config *config);

#endif
