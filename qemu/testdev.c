/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-testdev: a PCI function by which a test makes DMA happen.
 *
 * Everything here runs under QEMU's big lock.
 */
#include <glib.h>

#include "abi/abi.h"
#include "host.h"
#include "machine.h"
#include "qom.h"
#include "routes.h"
#include "teeio/spec/testdev.h"
#include "teeio/testdev.h"
#include "vmstate.h"

#define TYPE_NAME     "teeio-testdev"
#define UPSTREAM_NAME "iommu-testdev"

#define BAR_MEMORY32  0x00

/* Config space (PCI Local Bus 3.0, 6.2.2) */
#define PCI_COMMAND 0x04
#define COMMAND_BME 0x4

/**
 * struct device - instance state
 * @reset_due: the device was reset by its own DMA
 */
struct device {
    PCIDevice *pci;
    struct teeio_host host;
    struct teeio_machine *machine;
    struct teeio_testdev *testdev;
    bool reset_due;
    _Alignas(16) char bar[TEEIO_OPAQUE_SIZE];
};

/* Any read may be the one that carries out the DMA. */
static uint64_t bar_read(void *opaque, hwaddr offset, unsigned size)
{
    struct device *dev = opaque;
    struct teeio_machine *machine = dev->machine;
    uint64_t value;

    if (machine->busy) {
        return UINT64_MAX;
    }
    machine->busy = true;
    machine->requester = pci_requester_id(dev->pci);
    teeio_testdev_set_config(dev->testdev, machine->requester,
                             pci_default_read_config(dev->pci, PCI_COMMAND, 2) &
                                 COMMAND_BME);
    value = teeio_testdev_read(dev->testdev, offset, size);
    machine->busy = false;
    if (dev->reset_due) {
        dev->reset_due = false;
        teeio_testdev_reset(dev->testdev);
    }
    return value;
}

static void bar_write(void *opaque, hwaddr offset, uint64_t value,
                      unsigned size)
{
    struct device *dev = opaque;

    if (!dev->machine->busy) {
        teeio_testdev_write(dev->testdev, offset, value, size);
    }
}

static const MemoryRegionOps bar_ops = {
    .read = bar_read,
    .write = bar_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 4, .max_access_size = 4},
    .impl = {.min_access_size = 4, .max_access_size = 4},
};

static void reset(DeviceState *qdev)
{
    struct device *dev = teeio_state((Object *)qdev);

    if (dev->machine->busy) {
        dev->reset_due = true;
    } else {
        teeio_testdev_reset(dev->testdev);
    }
}

static void realize(PCIDevice *pci, Error **errp)
{
    struct device *dev = teeio_state((Object *)pci);
    struct teeio_machine *machine = teeio_machine_get(TYPE_NAME, errp);

    if (!machine) {
        return;
    }
    dev->machine = machine;
    dev->pci = pci;
    teeio_host_init(&dev->host, dev);
    dev->testdev = teeio_testdev_new(&dev->host, &machine->fabric);
    if (!dev->testdev) {
        teeio_error(errp, "give the machine less memory", "%s: out of memory",
                    TYPE_NAME);
        return;
    }
    teeio_testdev_set_ingress(
        dev->testdev,
        teeio_routes_ingress(machine, qdev_get_parent_bus((DeviceState *)pci)));
    memory_region_init_io((MemoryRegion *)dev->bar, (Object *)pci, &bar_ops,
                          dev, TYPE_NAME, TEEIO_TESTDEV_BAR_SIZE);
    pci_register_bar(pci, 0, BAR_MEMORY32, (MemoryRegion *)dev->bar);
}

static size_t save_model(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_testdev_save(dev->testdev, buf, size);
}

static bool load_model(Object *obj, const uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_testdev_load(dev->testdev, buf, size);
}

static const struct teeio_vmstate vmstate = {
    .name = TYPE_NAME,
    .pci = true,
    .parts = {{save_model, load_model}},
};

static void instance_init(Object *obj)
{
    teeio_state_new(obj, sizeof(struct device));
}

static void instance_finalize(Object *obj)
{
    struct device *dev = teeio_state(obj);

    if (dev->testdev) {
        teeio_testdev_free(dev->testdev);
    }
    teeio_state_free(obj);
}

static void class_init(ObjectClass *klass, void *data)
{
    const struct teeio_pci_identity identity = {
        .vendor = TEEIO_TESTDEV_VENDOR_ID,
        .device = TEEIO_TESTDEV_DEVICE_ID,
        .class = TEEIO_TESTDEV_CLASS,
        .revision = TEEIO_TESTDEV_REVISION,
    };

    (void)data;
    teeio_class_set_device(klass, NULL, reset);
    teeio_class_set_vmstate(klass, &vmstate);
    teeio_class_set_pci(klass, &identity, realize);
}

/*
 * Also under the name that newer versions of QEMU give the device, for tests
 * that ask for it by that name.
 */
void teeio_register_testdev(void)
{
    static const InterfaceInfo interfaces[] = {
        {"conventional-pci-device"},
        {NULL},
    };
    static const TypeInfo type = {
        .name = TYPE_NAME,
        .parent = "pci-device",
        .instance_size = TEEIO_INSTANCE_SIZE,
        .instance_init = instance_init,
        .instance_finalize = instance_finalize,
        .class_init = class_init,
        .interfaces = interfaces,
    };
    static const TypeInfo upstream = {
        .name = UPSTREAM_NAME,
        .parent = TYPE_NAME,
    };

    type_register_static(&type);
    if (!object_class_by_name(UPSTREAM_NAME)) {
        type_register_static(&upstream);
    }
}
