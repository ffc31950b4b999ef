/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What differs between QEMU versions, one constant table each.
 */
#ifndef TEEIO_QEMU_ABI_H
#define TEEIO_QEMU_ABI_H

#include "import.h"

/*
 * Rows that a table fills in. Offsets are in bytes from the start of the
 * class or object; attrs_* are bit numbers in MemTxAttrs. Class structures
 * nest, so a PCI device's class begins with DeviceClass.
 */
#define TEEIO_ABI_ROWS(ROW)                               \
    ROW(size_object) /* sizeof an instance, 0: unknown */ \
    ROW(size_device)                                      \
    ROW(size_pci_device)                                  \
    ROW(size_pci_bus)                                     \
    ROW(size_memory_region)                               \
    ROW(size_iommu_memory_region)                         \
    ROW(size_machine)                                     \
    ROW(device_user_creatable) /* DeviceClass, bool */    \
    ROW(device_hotpluggable)   /* bool */                 \
    ROW(device_reset)                                     \
    ROW(device_realize)                                   \
    ROW(device_unrealize)                                 \
    ROW(device_vmsd)                                      \
    ROW(device_bus_type)                                  \
    ROW(pci_realize) /* PCIDeviceClass */                 \
    ROW(pci_exit)                                         \
    ROW(pci_config_read)                                  \
    ROW(pci_config_write)                                 \
    ROW(pci_vendor)                                       \
    ROW(pci_device)                                       \
    ROW(pci_revision)                                     \
    ROW(pci_class)                                        \
    ROW(pci_config) /* PCIDevice, pointer to bytes */     \
    ROW(pci_cmask)                                        \
    ROW(pci_wmask)                                        \
    ROW(iommu_translate) /* IOMMUMemoryRegionClass */     \
    ROW(iommu_notify_flag_changed)                        \
    ROW(machine_fdt) /* MachineState */                   \
    ROW(machine_phandle_start)                            \
    ROW(vmsd_version) /* VMStateDescription, int */       \
    ROW(vmsd_minimum_version)                             \
    ROW(vmsd_priority)                                    \
    ROW(vmsd_fields)                                      \
    ROW(size_vmstate_field)                               \
    ROW(vmstate_info) /* VMStateField */                  \
    ROW(vmstate_flags)                                    \
    ROW(attrs_memory)    /* RAM only, please */           \
    ROW(attrs_requester) /* lowest bit of the requester id */

/**
 * struct teeio_abi - one QEMU version
 * @major, @minor:   version it describes
 * @plugin_api:      the plug-in interface version that it accepts
 * @pci_iommu_table: pci_setup_iommu() takes a table of functions
 * @sriov:           virtual functions come and go with VF Enable
 */
struct teeio_abi {
    unsigned major;
    unsigned minor;
    int plugin_api;
    bool pci_iommu_table;
    bool sriov;
#define TEEIO_ABI_MEMBER(name) uint32_t name;
    TEEIO_ABI_ROWS(TEEIO_ABI_MEMBER)
#undef TEEIO_ABI_MEMBER
};

extern const struct teeio_abi teeio_abi_v7_2;
extern const struct teeio_abi teeio_abi_v10_0;

/** teeio_abi - the table in use, valid once teeio_abi_choose() succeeded */
extern struct teeio_abi teeio_abi;

/** teeio_abi_guess() - the table to try, before QEMU can be asked */
const struct teeio_abi *teeio_abi_guess(void);

/**
 * teeio_abi_choose() - find the table of the running QEMU
 *
 * Returns: false, with a message on stderr, when there is none.
 */
bool teeio_abi_choose(void);

/**
 * teeio_abi_corrupt() - for tests: make row @name of the table in use wrong
 *
 * Returns: false when there is no such row.
 */
bool teeio_abi_corrupt(const char *name);

/**
 * teeio_abi_selfcheck() - does the table describe this process?
 *
 * Registers nothing that a user could create.
 *
 * Returns: false, with a message on stderr, when it does not.
 */
bool teeio_abi_selfcheck(void);

/**
 * teeio_abi_refuse() - say why this QEMU cannot be used
 *
 * Returns: false.
 */
bool teeio_abi_refuse(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/** teeio_abi_slot() - address of what lies at @offset */
static inline void *teeio_abi_slot(const void *object, uint32_t offset)
{
    return (char *)object + offset;
}

#endif
