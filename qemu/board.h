/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The board: where things go on each of those that we know.
 */
#ifndef TEEIO_QEMU_BOARD_H
#define TEEIO_QEMU_BOARD_H

#include "import.h"
#include "teeio/topology.h"

#define TEEIO_BOARD_RAM_RANGES 8

/** struct teeio_board_range - from @base up to, but not including, @end */
struct teeio_board_range {
    uint64_t base;
    uint64_t end;
};

/**
 * struct teeio_board - one kind of board
 * @is_current:  is the machine one?
 * @root_bus:    path of its first PCI bus
 * @iommu_types: IOMMUs that it may have without us, up to NULL
 * @holes:       addresses below RAM that nothing else uses, up to an empty one
 * @holes_hint:  the same for people
 * @tsm_base:    where the TSM is, unless told otherwise
 * @check:       anything else that stands against our devices? May be NULL
 * @ram:         fills in at most TEEIO_BOARD_RAM_RANGES, returns how many
 * @add_tsm:     tell the guest that there is a TSM
 * @windows:     as teeio_board_windows()
 * @spis:        NULL when the board has no such interrupts
 */
struct teeio_board {
    bool (*is_current)(void);
    const char *const *root_bus;
    const char *const *iommu_types;
    const struct teeio_board_range *holes;
    const char *holes_hint;
    uint64_t tsm_base;
    bool (*check)(const char *device, Error **errp);
    unsigned (*ram)(struct teeio_board_range *ranges);
    bool (*add_tsm)(const char *device, uint64_t base, uint64_t size,
                    Error **errp);
    unsigned (*windows)(struct teeio_window *windows);
    bool (*spis)(const char *device, uint64_t first, unsigned count,
                 qemu_irq *irqs, Error **errp);
};

extern const struct teeio_board teeio_board_pc;
extern const struct teeio_board teeio_board_virt;

/** teeio_board_current() - the machine's, NULL when we know none like it */
const struct teeio_board *teeio_board_current(void);

/** teeio_board_check() - is this a board that we know, and free for us? */
bool teeio_board_check(const char *device, Error **errp);

/** teeio_board_refuse() - set @errp: @device has no place on this board */
void teeio_board_refuse(const char *device, const char *hint, Error **errp);

/** teeio_board_foreign_iommu() - type of an IOMMU not ours, NULL when none */
const char *teeio_board_foreign_iommu(void);

PCIBus *teeio_board_root_bus(void);

/**
 * teeio_board_ram() - the ranges of RAM that the machine begins with
 * @ranges: room for TEEIO_BOARD_RAM_RANGES
 *
 * Returns: how many there are.
 */
unsigned teeio_board_ram(struct teeio_board_range *ranges);

/**
 * teeio_board_map() - put @mr at @base, if nothing else lies there
 *
 * Returns: false with @errp set.
 */
bool teeio_board_map(const char *device, MemoryRegion *mr, uint64_t base,
                     uint64_t size, Error **errp);

/**
 * teeio_board_add_tsm() - tell the guest of the TSM at @base
 *
 * Returns: false with @errp set.
 */
bool teeio_board_add_tsm(const char *device, uint64_t base, uint64_t size,
                         Error **errp);

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

/** teeio_board_fdt() - the writable device tree of the machine, or NULL */
void *teeio_board_fdt(void);

/** How many virtio-mmio transports the board has */
#define TEEIO_BOARD_TRANSPORTS 32u

/** teeio_board_transport() - path of transport @number in it; g_free() it */
char *teeio_board_transport(unsigned number);

/** teeio_board_pci_host() - path of the host bridge in it; g_free() it */
char *teeio_board_pci_host(void);

/**
 * teeio_board_add_acpi() - give firmware one more ACPI table
 * @table: whole table with its header
 *
 * Boards with ACPI only, and before the machine starts.
 *
 * Returns: false with @errp set.
 */
bool teeio_board_add_acpi(const char *device, const uint8_t *table,
                          size_t length, Error **errp);

#endif
