/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Extended capabilities of teeio-tdi: ATS, PASID and PRI. QEMU 7.2 offers no
 * way to make bits of the last two writable, so they are kept here and laid
 * over its config space.
 */
#ifndef TEEIO_QEMU_TDI_CONFIG_H
#define TEEIO_QEMU_TDI_CONFIG_H

#include "import.h"
#include "teeio/tdi.h"

/**
 * struct teeio_tdi_config - what the guest wrote
 * @pasid: PASID Control
 * @pri:   PRI Control
 * @pages: Outstanding Page Request Allocation
 */
struct teeio_tdi_config {
    uint16_t pasid;
    uint16_t pri;
    uint32_t pages;
};

/** teeio_tdi_config_init() - add the capabilities; QEMU keeps their headers */
void teeio_tdi_config_init(PCIDevice *pci);

/** teeio_tdi_config_reset() - all three disabled */
void teeio_tdi_config_reset(struct teeio_tdi_config *config, PCIDevice *pci);

/** teeio_tdi_config_read(), teeio_tdi_config_write() - one access of any kind
 */
uint32_t teeio_tdi_config_read(const struct teeio_tdi_config *config,
                               PCIDevice *pci, uint32_t address, int len);
void teeio_tdi_config_write(struct teeio_tdi_config *config, PCIDevice *pci,
                            uint32_t address, uint32_t value, int len);

/** teeio_tdi_config_services() - what is enabled now */
struct teeio_tdi_services
teeio_tdi_config_services(const struct teeio_tdi_config *config,
                          PCIDevice *pci);

/** teeio_tdi_config_save(), teeio_tdi_config_load() - a part, vmstate.h */
size_t teeio_tdi_config_save(const struct teeio_tdi_config *config,
                             uint8_t *buf, size_t size);
bool teeio_tdi_config_load(struct teeio_tdi_config *config, const uint8_t *buf,
                           size_t size);

#endif
