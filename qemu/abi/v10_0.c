/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * QEMU 10.0, as packaged by Debian 13 and by Debian 12's backports.
 */
#include "abi/abi.h"

const struct teeio_abi teeio_abi_v10_0 = {
    .major = 10,
    .minor = 0,
    .plugin_api = 2,
    .pci_iommu_table = true,
    .sriov = false,

    .device_user_creatable = 130,
    .device_hotpluggable = 131,
    .device_reset = 136,
    .device_realize = 144,
    .device_unrealize = 152,
    .device_vmsd = 168,
    .device_bus_type = 176,

    .pci_realize = 184,
    .pci_exit = 192,
    .pci_config_read = 200,
    .pci_config_write = 208,
    .pci_vendor = 216,
    .pci_device = 218,
    .pci_revision = 220,
    .pci_class = 222,
    .pci_config = 160,
    .pci_cmask = 168,
    .pci_wmask = 176,

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
    .attrs_memory = 4,
    .attrs_requester = 6,
};
