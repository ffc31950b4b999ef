/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The PC boards of qemu-system-x86_64: q35 and pc.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <glib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "board.h"
#include "import-x86.h"
#include "qom.h"
#include "teeio/acpi.h"
#include "teeio/spec/tsm.h"

#define E820_RAM 1

/* Between the chip set's registers and the local interrupt controllers. */
static const struct teeio_board_range holes[] = {
    {0xfed90000, 0xfee00000},
    {0, 0},
};

static const char *const root_bus[] = {
    "/machine/q35/pcie.0",
    "/machine/i440fx/pci.0",
    NULL,
};

static const char *const iommu_types[] = {
    "intel-iommu",
    "amd-iommu",
    "virtio-iommu-pci",
    NULL,
};

static bool is_pc(void)
{
    return e820_get_num_entries && e820_get_entry &&
           object_dynamic_cast(current_machine, "generic-pc-machine");
}

static bool check(const char *device, Error **errp)
{
    if (!teeio_board_root_bus()) {
        teeio_board_refuse(device, "use -M q35 or -M pc", errp);
        return false;
    }
    return true;
}

/* What the guest is told of its RAM is also the simplest to ask. */
static unsigned ram(struct teeio_board_range *ranges)
{
    unsigned count = 0;

    for (int i = 0; i < e820_get_num_entries(); i++) {
        uint64_t base;
        uint64_t size;

        if (count < TEEIO_BOARD_RAM_RANGES &&
            e820_get_entry(i, E820_RAM, &base, &size)) {
            ranges[count].base = base;
            ranges[count].end = base + size;
            count++;
        }
    }
    return count;
}

bool teeio_board_add_acpi(const char *device, const uint8_t *table,
                          size_t length, Error **errp)
{
    int fd = memfd_create("teeio-acpi", MFD_CLOEXEC);
    g_autofree char *options = g_strdup_printf("file=/proc/self/fd/%d", fd);
    Error *local = NULL;
    void *opts;

    if (fd < 0 || write(fd, table, length) != (ssize_t)length) {
        teeio_error(errp, "is there too little memory?",
                    "%s: cannot store an ACPI table: %s", device,
                    g_strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    opts = qemu_opts_parse(qemu_find_opts("acpi"), options, true, &local);
    if (opts) {
        acpi_table_add(opts, &local);
    }
    close(fd);
    if (local) {
        error_propagate(errp, local);
        return false;
    }
    return true;
}

/* What the host bridge leaves between RAM and the top, and above all RAM. */
static unsigned windows(struct teeio_window *found)
{
    static const struct {
        const char *start;
        const char *end;
    } holes[] = {
        {"pci-hole-start", "pci-hole-end"},
        {"pci-hole64-start", "pci-hole64-end"},
    };
    Object *bridge = object_resolve_path("/machine/q35", NULL);
    unsigned count = 0;

    if (!bridge) {
        bridge = object_resolve_path("/machine/i440fx", NULL);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(holes); i++) {
        uint64_t start = object_property_get_uint(bridge, holes[i].start, NULL);
        uint64_t end = object_property_get_uint(bridge, holes[i].end, NULL);

        if (end > start) {
            found[count++] =
                (struct teeio_window){.range = {start, end - 1}, .offset = 0};
        }
    }
    return count;
}

static bool add_tsm(const char *device, uint64_t base, uint64_t size,
                    Error **errp)
{
    const struct teeio_acpi_device description = {
        .name = "TSM0",
        .compatible = TEEIO_TSM_COMPATIBLE,
        .base = base,
        .size = size,
    };
    uint8_t table[512];
    size_t length = teeio_acpi_ssdt(table, sizeof(table), &description);

    return teeio_board_add_acpi(device, table, length, errp);
}

const struct teeio_board teeio_board_pc = {
    .is_current = is_pc,
    .root_bus = root_bus,
    .iommu_types = iommu_types,
    .holes = holes,
    .holes_hint = "free is 0xfed90000-0xfedfffff",
    .tsm_base = 0xfeda0000,
    .check = check,
    .ram = ram,
    .add_tsm = add_tsm,
    .windows = windows,
};
