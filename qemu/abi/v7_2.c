/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * QEMU 7.2, as packaged by Debian 12.
 */
#include "abi/abi.h"

const struct teeio_abi teeio_abi_v7_2 = {
    .major = 7,
    .minor = 2,
    .plugin_api = 1,
    .pci_iommu_table = false,
    .sriov = true,

    .size_object = 40,
    .size_device = 160,
    .size_pci_device = 2608,
    .size_pci_bus = 2320,
    .size_memory_region = 272,
    .size_iommu_memory_region = 288,
    .size_machine = 344,

    .device_user_creatable = 128,
    .device_hotpluggable = 129,
    .device_reset = 136,
    .device_realize = 144,
    .device_unrealize = 152,
    .device_vmsd = 160,
    .device_bus_type = 168,

    .pci_realize = 176,
    .pci_exit = 184,
    .pci_config_read = 192,
    .pci_config_write = 200,
    .pci_vendor = 208,
    .pci_device = 210,
    .pci_revision = 212,
    .pci_class = 214,
    .pci_config = 168,
    .pci_cmask = 176,
    .pci_wmask = 184,

    .iommu_translate = 96,
    .iommu_notify_flag_changed = 112,

    .machine_fdt = 40,
    .machine_phandle_start = 64,
    .vmsd_version = 12,
    .vmsd_minimum_version = 16,
    .vmsd_priority = 20,
    .vmsd_fields = 72,
    .size_vmstate_field = 104,
    .vmstate_info = 64,
    .vmstate_flags = 72,
    .attrs_memory = 3,
    .attrs_requester = 4,
};
