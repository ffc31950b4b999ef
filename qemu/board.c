/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>
#include <string.h>

#include "board.h"
#include "qom.h"

static const struct teeio_board *const boards[] = {
    &teeio_board_virt,
    &teeio_board_pc,
};

const struct teeio_board *teeio_board_current(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(boards); i++) {
        if (boards[i]->is_current()) {
            return boards[i];
        }
    }
    return NULL;
}

const char *teeio_board_foreign_iommu(void)
{
    const char *const *type = teeio_board_current()->iommu_types;

    for (; *type; type++) {
        bool ambiguous = false;

        if (object_resolve_path_type("", *type, &ambiguous) || ambiguous) {
            return *type;
        }
    }
    return NULL;
}

PCIBus *teeio_board_root_bus(void)
{
    const char *const *path = teeio_board_current()->root_bus;
    Object *bus = NULL;

    for (; *path && !bus; path++) {
        bus = object_resolve_path(*path, NULL);
    }
    return (PCIBus *)bus;
}

void teeio_board_refuse(const char *device, const char *hint, Error **errp)
{
    const char *type = object_get_typename(current_machine);

    teeio_error(errp, hint, "%s: board %.*s is not supported", device,
                (int)(g_str_has_suffix(type, "-machine")
                          ? strlen(type) - strlen("-machine")
                          : strlen(type)),
                type);
}

bool teeio_board_check(const char *device, Error **errp)
{
    const struct teeio_board *board = teeio_board_current();

    if (!board) {
        teeio_board_refuse(device,
                           "use -M virt of qemu-system-aarch64, or -M q35 of "
                           "qemu-system-x86_64",
                           errp);
        return false;
    }
    if (teeio_board_foreign_iommu()) {
        teeio_error(errp, "take it from the command line, or from -M",
                    "%s: the board has an IOMMU of its own (%s)", device,
                    teeio_board_foreign_iommu());
        return false;
    }
    return !board->check || board->check(device, errp);
}

unsigned teeio_board_ram(struct teeio_board_range *ranges)
{
    return teeio_board_current()->ram(ranges);
}

static bool is_free(uint64_t base, uint64_t size)
{
    const struct teeio_board_range *hole = teeio_board_current()->holes;

    for (; hole->end; hole++) {
        if (base >= hole->base && base < hole->end &&
            size <= hole->end - base) {
            return true;
        }
    }
    return false;
}

bool teeio_board_map(const char *device, MemoryRegion *mr, uint64_t base,
                     uint64_t size, Error **errp)
{
    if (base & 0xffff) {
        teeio_error(errp, "choose a multiple of 0x10000",
                    "%s: base 0x%" PRIx64 " is not aligned to 64 KiB", device,
                    base);
        return false;
    }
    if (!is_free(base, size)) {
        teeio_error(errp, teeio_board_current()->holes_hint,
                    "%s: base 0x%" PRIx64 " is used by the board", device,
                    base);
        return false;
    }
    for (uint64_t page = base; page < base + size; page += 0x1000) {
        if (memory_region_present(get_system_memory(), page)) {
            teeio_error(errp, "choose another base",
                        "%s: base 0x%" PRIx64 " overlaps another device",
                        device, base);
            return false;
        }
    }
    memory_region_add_subregion_overlap(get_system_memory(), base, mr, 0);
    return true;
}

bool teeio_board_add_tsm(const char *device, uint64_t base, uint64_t size,
                         Error **errp)
{
    return teeio_board_current()->add_tsm(device, base, size, errp);
}

unsigned teeio_board_windows(struct teeio_window *windows)
{
    return teeio_board_current()->windows(windows);
}

bool teeio_board_spis(const char *device, uint64_t first, unsigned count,
                      qemu_irq *irqs, Error **errp)
{
    const struct teeio_board *board = teeio_board_current();

    if (!board->spis) {
        teeio_board_refuse(device, "use -M virt of qemu-system-aarch64", errp);
        return false;
    }
    return board->spis(device, first, count, irqs, errp);
}
