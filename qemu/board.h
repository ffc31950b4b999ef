/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The board: where things go on Arm's "virt".
 */
#ifndef TEEIO_QEMU_BOARD_H
#define TEEIO_QEMU_BOARD_H

#include "import.h"
#include "teeio/topology.h"

/** teeio_board_check() - is this a board that we know, and free for us? */
bool teeio_board_check(const char *device, Error **errp);

/** teeio_board_foreign_iommu() - type of an IOMMU not ours, NULL when none */
const char *teeio_board_foreign_iommu(void);

PCIBus *teeio_board_root_bus(void);

/** teeio_board_ram() - the one range of RAM that the board begins with */
void teeio_board_ram(uint64_t *base, uint64_t *size);

/**
 * teeio_board_map() - put @mr at @base, if nothing else lies there
 *
 * Returns: false with @errp set.
 */
bool teeio_board_map(const char *device, MemoryRegion *mr, uint64_t base,
                     uint64_t size, Error **errp);

/**
 * teeio_board_spis() - @count interrupt inputs from SPI @first on
 *
 * Returns: false with @errp set.
 */
bool teeio_board_spis(const char *device, uint64_t first, unsigned count,
                      qemu_irq *irqs, Error **errp);

/**
 * teeio_board_windows() - where the CPU reaches PCI memory
 *
 * Returns: how many of @windows, at most %TEEIO_WINDOWS, were filled in.
 */
unsigned teeio_board_windows(struct teeio_window *windows);

/** teeio_board_fdt() - the writable device tree of the machine */
void *teeio_board_fdt(void);

/** How many virtio-mmio transports the board has */
#define TEEIO_BOARD_TRANSPORTS 32u

/** teeio_board_transport() - path of transport @number in it; g_free() it */
char *teeio_board_transport(unsigned number);

/** teeio_board_pci_host() - path of the host bridge in it; g_free() it */
char *teeio_board_pci_host(void);

#endif
