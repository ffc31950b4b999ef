/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-window: addresses that the host bridge accepts from below.
 */
#include <glib.h>

#include "abi/abi.h"
#include "machine.h"
#include "qom.h"
#include "routes.h"

#define TYPE_NAME "teeio-window"

/**
 * struct device - instance state
 * @target: beyond the bridge; all ones for the same as @base
 */
struct device {
    uint64_t base;
    uint64_t size;
    uint64_t target;
};

static void realize(DeviceState *qdev, Error **errp)
{
    const struct device *dev = teeio_state((Object *)qdev);
    struct teeio_machine *machine = teeio_machine_get(TYPE_NAME, errp);
    uint64_t target = dev->target == UINT64_MAX ? dev->base : dev->target;
    const struct teeio_window window = {
        .range = {dev->base, dev->base + (dev->size - 1)},
        .offset = target - dev->base,
    };

    if (!machine) {
        return;
    }
    if ((dev->base | dev->size | target) % TEEIO_TLP_BOUNDARY || !dev->size ||
        window.range.last < dev->base || target + (dev->size - 1) < target) {
        teeio_error(errp, "give base and size in multiples of 0x1000",
                    "%s: no window of 0x%" PRIx64 " bytes at 0x%" PRIx64,
                    TYPE_NAME, dev->size, dev->base);
        return;
    }
    if (!teeio_routes_add_inbound(machine, &window)) {
        teeio_error(errp, "give fewer " TYPE_NAME,
                    "%s: the machine has %u already", TYPE_NAME, TEEIO_WINDOWS);
    }
}

static const struct teeio_setting settings[] = {
    {"base", "first bus address", offsetof(struct device, base)},
    {"size", "bytes", offsetof(struct device, size)},
    {"target", "what the IOMMU is asked for in its place; base if not given",
     offsetof(struct device, target)},
};

static void instance_init(Object *obj)
{
    struct device *dev = teeio_state_new(obj, sizeof(*dev));

    dev->target = UINT64_MAX;
}

static void class_init(ObjectClass *klass, void *data)
{
    (void)data;
    teeio_class_set_device(klass, realize, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        teeio_class_add_setting(klass, &settings[i]);
    }
}

void teeio_register_window(void)
{
    static const TypeInfo type = {
        .name = TYPE_NAME,
        .parent = "device",
        .instance_size = TEEIO_INSTANCE_SIZE,
        .instance_init = instance_init,
        .instance_finalize = teeio_state_free,
        .class_init = class_init,
    };

    type_register_static(&type);
}
