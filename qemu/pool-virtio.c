/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Virtio devices that were not told to keep to the platform's rules reach
 * memory beside the bus. The host that a pool protects from does not care what
 * was negotiated, so where there are pools they go by the bus as well.
 */
#include <glib.h>

#include "abi/abi.h"
#include "pool.h"

/*
 * The address space of such a device stands twice in its instance: first in
 * the listener that follows it, then where all of its DMA takes it from. Both
 * lie in the part that every virtio device has.
 */
#define FIRST_SLOT  0x80u
#define END_OF_BASE 0x200u
#define OCCURRENCES 2u

static AddressSpace **find_slot(Object *device)
{
    AddressSpace **slot = NULL;
    unsigned count = 0;

    for (unsigned i = FIRST_SLOT; i < END_OF_BASE; i += sizeof(*slot)) {
        AddressSpace **next = (AddressSpace **)((char *)device + i);

        if (*next == &address_space_memory) {
            slot = next;
            count++;
        }
    }
    return count == OCCURRENCES ? slot : NULL;
}

static int redirect(Object *child, void *opaque)
{
    Object *proxy;
    AddressSpace **slot;

    (void)opaque;
    if (!object_dynamic_cast(child, "virtio-device") ||
        object_property_get_bool(child, "iommu_platform", NULL)) {
        return 0;
    }
    proxy = teeio_pool_device_above(qdev_get_parent_bus((DeviceState *)child));
    if (!proxy || !object_dynamic_cast(proxy, "pci-device")) {
        return 0;
    }
    slot = find_slot(child);
    if (slot) {
        *slot = pci_device_iommu_address_space((PCIDevice *)proxy);
    } else {
        warn_report("teeio-pool: the DMA of a %s without iommu_platform=on "
                    "cannot be seen",
                    object_get_typename(child));
    }
    return 0;
}

void teeio_pool_redirect_virtio(void)
{
    object_child_foreach_recursive(object_get_root(), redirect, NULL);
}
