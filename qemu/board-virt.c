/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>
#include <libfdt.h>
#include <string.h>

#include "abi/abi.h"
#include "board.h"
#include "qom.h"

#define RAM_BASE       0x40000000ull

#define TRANSPORT_BASE 0x0a000000u
#define TRANSPORT_SIZE 0x200u

/* The memory map below RAM is fixed; these parts of it are never used. */
static const struct {
    uint64_t base;
    uint64_t end;
} holes[] = {
    {0x09050000, 0x09070000}, /* kept for an IOMMU that the board lacks */
    {0x090c0000, 0x0a000000}, /* up to the virtio-mmio transports */
    {0x0a004000, 0x0c000000}, /* up to the platform bus */
};

/* Interrupts that no device of the board is wired to; same reasons. */
static const struct {
    unsigned first;
    unsigned last;
} free_spis[] = {{74, 77}, {80, 111}};

static const char *const iommu_types[] = {
    "arm-smmuv3",
    "virtio-iommu-pci",
};

const char *teeio_board_foreign_iommu(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(iommu_types); i++) {
        bool ambiguous = false;

        if (object_resolve_path_type("", iommu_types[i], &ambiguous) ||
            ambiguous) {
            return iommu_types[i];
        }
    }
    return NULL;
}

void *teeio_board_fdt(void)
{
    void *fdt =
        *(void **)teeio_abi_slot(current_machine, teeio_abi.machine_fdt);

    return fdt && fdt_magic(fdt) == FDT_MAGIC ? fdt : NULL;
}

char *teeio_board_pci_host(void)
{
    void *fdt = teeio_board_fdt();
    int node = fdt_node_offset_by_compatible(fdt, -1, "pci-host-ecam-generic");
    char path[128];

    if (node < 0 || fdt_get_path(fdt, node, path, sizeof(path)) < 0) {
        return NULL;
    }
    return g_strdup(path);
}

char *teeio_board_transport(unsigned number)
{
    return g_strdup_printf("/virtio_mmio@%x",
                           TRANSPORT_BASE + number * TRANSPORT_SIZE);
}

PCIBus *teeio_board_root_bus(void)
{
    return (PCIBus *)object_resolve_path("pcie.0", NULL);
}

/* Device Tree Specification 2.3.8, PCI Bus Binding 2.1 section 12. */
#define RANGE_CELLS  7
#define SPACE(cell)  ((cell) >> 24 & 3)
#define SPACE_MEMORY 2 /* and above */

static uint64_t pair(const fdt32_t *cells)
{
    return (uint64_t)fdt32_to_cpu(cells[0]) << 32 | fdt32_to_cpu(cells[1]);
}

unsigned teeio_board_windows(struct teeio_window *windows)
{
    void *fdt = teeio_board_fdt();
    int node = fdt_node_offset_by_compatible(fdt, -1, "pci-host-ecam-generic");
    const fdt32_t *cells;
    unsigned count = 0;
    int length = 0;

    cells = fdt_getprop(fdt, node, "ranges", &length);
    length /= RANGE_CELLS * (int)sizeof(*cells);
    for (; cells && length > 0 && count < TEEIO_WINDOWS; length--) {
        uint64_t base = pair(cells + 1);
        uint64_t size = pair(cells + 5);

        if (SPACE(fdt32_to_cpu(cells[0])) >= SPACE_MEMORY && size) {
            windows[count++] = (struct teeio_window){
                .range = {base, base + (size - 1)},
                .offset = pair(cells + 3) - base,
            };
        }
        cells += RANGE_CELLS;
    }
    return count;
}

/* RISC-V and LoongArch call a board "virt" too; theirs has no GIC. */
static bool is_arm_virt(void)
{
    return object_dynamic_cast(current_machine, "virt-machine") &&
           object_property_find(current_machine, "gic-version");
}

bool teeio_board_check(const char *device, Error **errp)
{
    g_autofree char *dtb = NULL;
    g_autofree char *pci_host = NULL;

    if (!is_arm_virt()) {
        const char *type = object_get_typename(current_machine);

        teeio_error(errp, "use -M virt of qemu-system-aarch64",
                    "%s: board %.*s is not supported", device,
                    (int)(g_str_has_suffix(type, "-machine")
                              ? strlen(type) - strlen("-machine")
                              : strlen(type)),
                    type);
        return false;
    }
    if (teeio_board_foreign_iommu()) {
        teeio_error(errp, "drop iommu=smmuv3 from -M, or virtio-iommu-pci",
                    "%s: the board has an IOMMU of its own", device);
        return false;
    }
    dtb = object_property_get_str(current_machine, "dtb", NULL);
    if (dtb && *dtb) {
        teeio_error(errp, "drop -dtb, and let the board describe itself",
                    "%s: '%s' replaces the board's device tree", device, dtb);
        return false;
    }
    if (teeio_board_fdt()) {
        pci_host = teeio_board_pci_host();
    }
    if (!pci_host || !teeio_board_root_bus()) {
        teeio_error(errp, "use -M virt as it is",
                    "%s: the board's device tree has no PCIe host bridge",
                    device);
        return false;
    }
    return true;
}

void teeio_board_ram(uint64_t *base, uint64_t *size)
{
    MemoryInfo *info = qmp_query_memory_size_summary(NULL);

    *base = RAM_BASE;
    *size = info->base_memory;
    qapi_free_MemoryInfo(info);
}

bool teeio_board_map(const char *device, MemoryRegion *mr, uint64_t base,
                     uint64_t size, Error **errp)
{
    bool fits = false;

    for (size_t i = 0; i < G_N_ELEMENTS(holes); i++) {
        if (base >= holes[i].base && base < holes[i].end &&
            size <= holes[i].end - base) {
            fits = true;
        }
    }
    if (base & 0xffff) {
        teeio_error(errp, "choose a multiple of 0x10000",
                    "%s: base 0x%" PRIx64 " is not aligned to 64 KiB", device,
                    base);
        return false;
    }
    if (!fits) {
        teeio_error(errp,
                    "free are 0x9050000-0x906ffff, 0x90c0000-0x9ffffff and "
                    "0xa010000-0xbffffff",
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

/* Interrupt translation and MSI frames are not what the CPUs listen to. */
static int find_gic(Object *child, void *opaque)
{
    const char *type = object_get_typename(child);
    Object **gic = opaque;

    if (!strstr(type, "gic") || strstr(type, "its") || strstr(type, "v2m") ||
        !object_dynamic_cast(child, "sys-bus-device")) {
        return 0;
    }
    *gic = child;
    return 1;
}

bool teeio_board_spis(const char *device, uint64_t first, unsigned count,
                      qemu_irq *irqs, Error **errp)
{
    bool fits = false;
    Object *gic = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(free_spis); i++) {
        if (first >= free_spis[i].first && first <= free_spis[i].last &&
            count <= free_spis[i].last - first + 1) {
            fits = true;
        }
    }
    if (!fits) {
        teeio_error(errp, "choose 74, or 80 to 108",
                    "%s: spi %" PRIu64 " is not the first of %u free ones",
                    device, first, count);
        return false;
    }
    object_child_foreach_recursive(object_get_root(), find_gic, &gic);
    if (!gic) {
        teeio_error(errp, "use -M virt as it is",
                    "%s: the board has no interrupt controller", device);
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        irqs[i] = qdev_get_gpio_in((DeviceState *)gic, (int)(first + i));
    }
    return true;
}
