/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-window: addresses that the host bridge accepts from below.
 */
#include <glib.h>
#include <libfdt.h>

#include "abi/abi.h"
#include "board.h"
#include "machine.h"
#include "qom.h"
#include "routes.h"
#include "teeio/firmware.h"

#define TYPE_NAME "teeio-window"

/**
 * struct device - instance state
 * @target: beyond the bridge; all ones for the same as @base
 * @hidden: the guest is not told
 */
struct device {
    uint64_t base;
    uint64_t size;
    uint64_t target;
    bool hidden;
};

/* Returns: false with @errp set. */
static bool describe(const struct teeio_window *window, Error **errp)
{
    g_autofree char *host = NULL;
    int error;

    if (!teeio_board_fdt()) {
        teeio_error(errp, "add via=none",
                    "%s: a board without device tree cannot tell its guest",
                    TYPE_NAME);
        return false;
    }
    host = teeio_board_pci_host();
    error =
        teeio_fdt_add_dma_range(teeio_board_fdt(), host, window->range.base,
                                window->range.base + window->offset,
                                window->range.last - window->range.base + 1);
    if (error) {
        teeio_error(errp, "use -M virt as it is",
                    "%s: the device tree takes no dma-ranges (%s)", TYPE_NAME,
                    fdt_strerror(error));
    }
    return !error;
}

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
    } else if (!dev->hidden) {
        describe(&window, errp);
    }
}

static const struct teeio_setting settings[] = {
    {"base", "first bus address", offsetof(struct device, base)},
    {"size", "bytes", offsetof(struct device, size)},
    {"target", "what the IOMMU is asked for in its place; base if not given",
     offsetof(struct device, target)},
};

static char *get_via(Object *obj, Error **errp)
{
    const struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->hidden ? "none" : "dt");
}

static void set_via(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (!g_str_equal(value, "dt") && !g_str_equal(value, "none")) {
        teeio_error(errp, "via is dt or none", "%s: via cannot be '%s'",
                    TYPE_NAME, value);
    } else if (teeio_settable(obj, "via", errp)) {
        dev->hidden = g_str_equal(value, "none");
    }
}

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
    teeio_class_add_text(klass, "via", "who tells the guest: dt or none",
                         get_via, set_via);
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
