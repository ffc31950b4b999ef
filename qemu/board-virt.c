/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>
#include <libfdt.h>
#include <string.h>

#include "abi/abi.h"
#include "board.h"
#include "qom.h"
#include "teeio/firmware.h"

#define RAM_BASE       0x40000000ull

#define TRANSPORT_BASE 0x0a000000u
#define TRANSPORT_SIZE 0x200u

/* The memory map below RAM is fixed; these parts of it are never used. */
static const struct teeio_board_range holes[] = {
    {0x09050000, 0x09070000}, /* kept for an IOMMU that the board lacks */
    {0x090c0000, 0x0a000000}, /* up to the virtio-mmio transports */
    {0x0a004000, 0x0c000000}, /* up to the platform bus */
    {0, 0},
};

/* Interrupts that no device of the board is wired to; same reasons. */
static const struct {
    unsigned first;
    unsigned last;
} free_spis[] = {{74, 77}, {80, 111}};

static const char *const root_bus[] = {"pcie.0", NULL};

static const char *const iommu_types[] = {
    "arm-smmuv3",
    "virtio-iommu-pci",
    NULL,
};

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

/* Device Tree Specification 2.3.8, PCI Bus Binding 2.1 section 12. */
#define RANGE_CELLS  7
#define SPACE(cell)  ((cell) >> 24 & 3)
#define SPACE_MEMORY 2 /* and above */

static uint64_t pair(const fdt32_t *cells)
{
    return (uint64_t)fdt32_to_cpu(cells[0]) << 32 | fdt32_to_cpu(cells[1]);
}

static unsigned windows(struct teeio_window *found)
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
            found[count++] = (struct teeio_window){
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

static bool check(const char *device, Error **errp)
{
    g_autofree char *dtb = NULL;
    g_autofree char *pci_host = NULL;

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

static unsigned ram(struct teeio_board_range *ranges)
{
    MemoryInfo *info = qmp_query_memory_size_summary(NULL);

    ranges[0].base = RAM_BASE;
    ranges[0].end = RAM_BASE + info->base_memory;
    qapi_free_MemoryInfo(info);
    return 1;
}

static bool add_tsm(const char *device, uint64_t base, uint64_t size,
                    Error **errp)
{
    int error = teeio_fdt_add_tsm(teeio_board_fdt(), base, size);

    if (error) {
        teeio_error(errp, "use -M virt as it is",
                    "%s: the device tree takes no TSM node (%s)", device,
                    fdt_strerror(error));
    }
    return !error;
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

static bool spis(const char *device, uint64_t first, unsigned count,
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

const struct teeio_board teeio_board_virt = {
    .is_current = is_arm_virt,
    .root_bus = root_bus,
    .iommu_types = iommu_types,
    .holes = holes,
    .holes_hint = "free are 0x9050000-0x906ffff, 0x90c0000-0x9ffffff and "
                  "0xa010000-0xbffffff",
    .tsm_base = 0x090c0000,
    .check = check,
    .ram = ram,
    .add_tsm = add_tsm,
    .windows = windows,
    .spis = spis,
};
