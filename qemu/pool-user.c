/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "abi/abi.h"
#include "board.h"
#include "pool.h"

#define HEADER_TYPE        0x0e
#define HEADER_TYPE_BRIDGE 0x01

Object *teeio_pool_user(const char *id)
{
    g_autofree char *path = g_strdup_printf("/machine/peripheral/%s", id);

    return *id && !strchr(id, '/') ? object_resolve_path(path, NULL) : NULL;
}

Object *teeio_pool_device_above(void *bus)
{
    g_autofree char *path = bus ? object_get_canonical_path(bus) : NULL;
    char *end = path ? strrchr(path, '/') : NULL;

    if (!end) {
        return NULL;
    }
    /* A bus is a child of the device that it hangs on. */
    *end = '\0';
    return object_resolve_path(path, NULL);
}

static const char *find_pci(Object *device, struct pool_user *user)
{
    PCIBus *root = teeio_board_root_bus();
    PCIBus *bus = qdev_get_parent_bus((DeviceState *)device);
    uint8_t upwards[POOL_USER_DEPTH];

    if ((pci_default_read_config((PCIDevice *)device, HEADER_TYPE, 1) & 0x7f) ==
        HEADER_TYPE_BRIDGE) {
        return "is a bridge: name the functions below it";
    }
    user->bus = bus;
    for (;;) {
        if (user->depth == POOL_USER_DEPTH) {
            return "is below too many bridges";
        }
        upwards[user->depth++] =
            (uint8_t)object_property_get_int(device, "addr", NULL);
        if (bus == root) {
            break;
        }
        device = teeio_pool_device_above(bus);
        if (!device || !object_dynamic_cast(device, "pci-device")) {
            return "is behind another host bridge";
        }
        bus = qdev_get_parent_bus((DeviceState *)device);
    }
    for (unsigned i = 0; i < user->depth; i++) {
        user->way[i] = upwards[user->depth - 1 - i];
    }
    return NULL;
}

const char *teeio_pool_find(const char *id, struct pool_user *user)
{
    static const char transport[] = "virtio-mmio-bus.";
    Object *device = teeio_pool_user(id);
    const char *name;
    void *bus;

    memset(user, 0, sizeof(*user));
    if (!device) {
        return "is no device's id";
    }
    if (object_dynamic_cast(device, "pci-device")) {
        return find_pci(device, user);
    }
    bus = qdev_get_parent_bus((DeviceState *)device);
    name = bus ? object_get_canonical_path_component(bus) : NULL;
    if (!name || !g_str_has_prefix(name, transport)) {
        return "sits neither on PCI nor on virtio-mmio";
    }
    user->transport = (unsigned)strtoul(name + strlen(transport), NULL, 10);
    return NULL;
}
