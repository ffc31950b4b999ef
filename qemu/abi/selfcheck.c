/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The table in use is compared with classes whose contents are known, before
 * anything relies on it. Every check is a few loads from memory.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <glib.h>
#include <string.h>

#include "abi/abi.h"
#include "iommu.h"

/** enum expected - what a class is known to hold in one of its slots */
enum expected {
    NOTHING,  /* NULL */
    FUNCTION, /* an address in QEMU's own image */
    TEXT,     /* a pointer to a known string */
    VMSD,     /* a pointer to a structure that begins with such a pointer */
    SAME,     /* what the class "device" holds there */
    OTHER,    /* something else than that */
    FALSE8,
    TRUE8,
};

static const char *const expected_names[] = {
    [NOTHING] = "NULL",     [FUNCTION] = "a function",
    [TEXT] = "a name",      [VMSD] = "a named description",
    [SAME] = "the default", [OTHER] = "an override",
    [FALSE8] = "false",     [TRUE8] = "true",
};

struct slot {
    const char *type;
    const char *what;
    size_t row;
    uint32_t behind; /* look this much behind it */
    enum expected expected;
    const char *text;
};

#define SLOT(type_, row_, ...)                                                 \
    {                                                                          \
        .type = type_, .what = #row_, .row = offsetof(struct teeio_abi, row_), \
        .expected = __VA_ARGS__                                                \
    }

/* Chosen so that no two neighbouring slots look alike in all of them. */
static const struct slot slots[] = {
    SLOT("edu", device_user_creatable, TRUE8),
    SLOT("VGA", device_user_creatable, TRUE8),
    SLOT("cfi.pflash01", device_user_creatable, FALSE8),
    SLOT("edu", device_hotpluggable, TRUE8),
    SLOT("VGA", device_hotpluggable, FALSE8),
    SLOT("cfi.pflash01", device_hotpluggable, TRUE8),
    SLOT("edu", device_reset, SAME),
    SLOT("cfi.pflash01", device_reset, OTHER),
    SLOT("device", device_realize, NOTHING),
    SLOT("cfi.pflash01", device_realize, FUNCTION),
    SLOT("edu", device_realize, FUNCTION),
    SLOT("cfi.pflash01", device_unrealize, NOTHING),
    SLOT("edu", device_unrealize, FUNCTION),
    SLOT("cfi.pflash01", device_vmsd, VMSD, .text = "pflash_cfi01"),
    SLOT("edu", device_vmsd, NOTHING),
    SLOT("cfi.pflash01", device_bus_type, TEXT, .text = "System"),
    SLOT("edu", device_bus_type, TEXT, .text = "PCI"),
    SLOT("edu", pci_realize, FUNCTION),
    SLOT("VGA", pci_realize, FUNCTION),
    SLOT("edu", pci_exit, FUNCTION),
    SLOT("VGA", pci_exit, NOTHING),
    SLOT("edu", pci_config_read, NOTHING),
    SLOT("pcie-root-port", pci_config_read, NOTHING),
    SLOT("edu", pci_config_write, NOTHING),
    SLOT("pcie-root-port", pci_config_write, FUNCTION),
    SLOT("iommu-memory-region", iommu_translate, NOTHING),
    SLOT("virtio-iommu-memory-region", iommu_translate, FUNCTION),
    SLOT("iommu-memory-region", iommu_notify_flag_changed, NOTHING),
    SLOT("virtio-iommu-memory-region", iommu_notify_flag_changed, FUNCTION),
    SLOT("virtio-iommu-memory-region", iommu_notify_flag_changed, FUNCTION,
         .behind = 8),
    SLOT("virtio-iommu-memory-region", iommu_notify_flag_changed, NOTHING,
         .behind = 16),
};

static uint32_t row_value(size_t row)
{
    return *(const uint32_t *)teeio_abi_slot(&teeio_abi, row);
}

static bool in_qemu(const void *p)
{
    Dl_info own;
    Dl_info other;

    return dladdr(&address_space_memory, &own) && dladdr(p, &other) &&
           own.dli_fbase == other.dli_fbase;
}

static bool is_text(const void *p, const char *text)
{
    return in_qemu(p) && !strcmp(p, text);
}

static bool holds(const struct slot *slot, const void *address)
{
    const ObjectClass *base = object_class_by_name("device");
    const uint8_t *byte = address;
    const void *value = NULL;

    /* A bool may stand where a pointer would be misaligned. */
    if (slot->expected < FALSE8) {
        value = *(void *const *)address;
    }
    switch (slot->expected) {
    case NOTHING:
        return !value;
    case FUNCTION:
        return in_qemu(value);
    case TEXT:
        return is_text(value, slot->text);
    case VMSD:
        return in_qemu(value) && is_text(*(void *const *)value, slot->text);
    case SAME:
        return value == *(void **)teeio_abi_slot(base, row_value(slot->row));
    case OTHER:
        return in_qemu(value) &&
               value != *(void **)teeio_abi_slot(base, row_value(slot->row));
    case FALSE8:
        return *byte == 0;
    case TRUE8:
        return *byte == 1;
    }
    return false;
}

static bool check_slots(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(slots); i++) {
        const struct slot *slot = &slots[i];
        const ObjectClass *klass = object_class_by_name(slot->type);
        uint32_t offset = row_value(slot->row) + slot->behind;
        void *address;

        if (!klass) {
            return teeio_abi_refuse("type %s expected, found none", slot->type);
        }
        address = teeio_abi_slot(klass, offset);
        if (!holds(slot, address)) {
            return teeio_abi_refuse(
                "class %s, %s at %u: expected %s, found 0x%" PRIx64, slot->type,
                slot->what, offset,
                slot->text ? slot->text : expected_names[slot->expected],
                slot->expected >= FALSE8 ? *(uint8_t *)address
                                         : *(uint64_t *)address);
        }
    }
    return true;
}

/* The educational device's ids are documented and will not change. */
static bool check_pci_ids(void)
{
    const ObjectClass *edu = object_class_by_name("edu");
    const struct {
        const char *what;
        uint32_t offset;
        uint16_t id;
    } ids[] = {
        {"pci_vendor", teeio_abi.pci_vendor, 0x1234},
        {"pci_device", teeio_abi.pci_device, 0x11e8},
        {"pci_revision", teeio_abi.pci_revision, 0x10},
        {"pci_class", teeio_abi.pci_class, 0x00ff},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        uint16_t id = *(uint16_t *)teeio_abi_slot(edu, ids[i].offset);

        if (id != ids[i].id) {
            return teeio_abi_refuse(
                "class edu, %s at %u: expected 0x%04x, found 0x%04x",
                ids[i].what, ids[i].offset, ids[i].id, id);
        }
    }
    return true;
}

static bool check_sizes(void)
{
    const struct {
        const char *type;
        uint32_t size;
    } sizes[] = {
        {"object", teeio_abi.size_object},
        {"device", teeio_abi.size_device},
        {"pci-device", teeio_abi.size_pci_device},
        {"PCI", teeio_abi.size_pci_bus},
        {"memory-region", teeio_abi.size_memory_region},
        {"iommu-memory-region", teeio_abi.size_iommu_memory_region},
        {"machine", teeio_abi.size_machine},
    };

    if (!object_type_get_instance_size) {
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        size_t size = object_type_get_instance_size(sizes[i].type);

        if (size != sizes[i].size) {
            return teeio_abi_refuse("size of %s: expected %u, found %zu",
                                    sizes[i].type, sizes[i].size, size);
        }
    }
    return true;
}

/* A number in a description that is known. */
static bool check_vmsd_number(const void *vmsd, const char *what,
                              uint32_t offset, uint32_t expected)
{
    uint32_t found = *(uint32_t *)teeio_abi_slot(vmsd, offset);

    if (found != expected) {
        return teeio_abi_refuse("%s, %s at %u: expected %u, found %u",
                                *(const char *const *)vmsd, what, offset,
                                expected, found);
    }
    return true;
}

/* A PCI device's first two fields are its own version and config space. */
static bool check_vmsd_fields(void)
{
    const char *first =
        *(char **)teeio_abi_slot(vmstate_pci_device, teeio_abi.vmsd_fields);
    const char *second;
    const void *info;

    if (!in_qemu(first) || !is_text(*(void *const *)first, "version_id")) {
        return teeio_abi_refuse(
            "vmsd_fields at %u: expected a version, found %p",
            teeio_abi.vmsd_fields, (const void *)first);
    }
    second = first + teeio_abi.size_vmstate_field;
    if (!is_text(*(void *const *)second, "config")) {
        return teeio_abi_refuse(
            "size_vmstate_field %u: expected config space, found %p",
            teeio_abi.size_vmstate_field, *(void *const *)second);
    }
    info = *(void **)teeio_abi_slot(first, teeio_abi.vmstate_info);
    if (info != &vmstate_info_int32_le) {
        return teeio_abi_refuse("vmstate_info at %u: expected %p, found %p",
                                teeio_abi.vmstate_info,
                                (const void *)&vmstate_info_int32_le, info);
    }
    return check_vmsd_number(first, "vmstate_flags", teeio_abi.vmstate_flags,
                             1);
}

static bool check_vmstate(void)
{
    const ObjectClass *iommu = object_class_by_name("virtio-iommu-device");
    const VMStateInfo *info = &vmstate_info_uint32;
    const void *vmsd;

    if (!iommu) {
        return teeio_abi_refuse(
            "type virtio-iommu-device expected, found none");
    }
    vmsd = *(void **)teeio_abi_slot(iommu, teeio_abi.device_vmsd);
    if (!is_text(info->name, "uint32") || !in_qemu(info->get) ||
        !in_qemu(info->put)) {
        return teeio_abi_refuse("VMStateInfo: expected uint32, found %p",
                                (const void *)info->name);
    }
    return check_vmsd_number(vmstate_pci_device, "vmsd_version",
                             teeio_abi.vmsd_version, 2) &&
           check_vmsd_number(vmstate_pci_device, "vmsd_minimum_version",
                             teeio_abi.vmsd_minimum_version, 1) &&
           check_vmsd_number(vmsd, "vmsd_priority", teeio_abi.vmsd_priority,
                             1) &&
           check_vmsd_fields();
}

/*
 * The device tree does not exist yet. A number that can be set by name lies
 * three pointers behind it, and shows whether MachineState is as expected.
 */
static bool check_machine(void)
{
    const char *const name = "phandle-start";
    const int32_t probe = 0x7ee10;
    int32_t before = object_property_get_int(current_machine, name, NULL);
    int32_t seen;

    object_property_set_int(current_machine, name, probe, NULL);
    seen = *(int32_t *)teeio_abi_slot(current_machine,
                                      teeio_abi.machine_phandle_start);
    object_property_set_int(current_machine, name, before, NULL);
    if (seen != probe) {
        return teeio_abi_refuse(
            "machine_phandle_start at %u: expected 0x%x, found 0x%x",
            teeio_abi.machine_phandle_start, probe, seen);
    }
    if (teeio_abi.machine_fdt + 3 * sizeof(void *) !=
        teeio_abi.machine_phandle_start) {
        return teeio_abi_refuse("machine_fdt: expected %u, found %u",
                                teeio_abi.machine_phandle_start - 24,
                                teeio_abi.machine_fdt);
    }
    return true;
}

bool teeio_abi_selfcheck(void)
{
    return check_sizes() && check_slots() && check_pci_ids() &&
           check_vmstate() && check_machine() && teeio_iommu_selfcheck();
}
