/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-tsm: the security manager as a device of the board, and the owner of
 * the ownership map.
 */
#include <glib.h>
#include <string.h>

#include "abi/abi.h"
#include "board.h"
#include "host.h"
#include "machine.h"
#include "qom.h"
#include "teeio/spec/tsm.h"
#include "tsm-inject.h"
#include "vmstate.h"

#define TYPE_NAME "teeio-tsm"

struct device {
    struct teeio_host host;
    struct teeio_machine *machine;
    struct teeio_ownership *ownership;
    struct teeio_ownership *own; /* the same, unless it was there before */
    struct teeio_tsm *tsm;
    enum teeio_owner initial;
    enum teeio_link link;
    char *inject; /* "MARKER:NAME:TDI", or NULL */
    uint64_t base;
    _Alignas(16) char mmio[TEEIO_OPAQUE_SIZE];
};

static uint64_t mmio_read(void *opaque, hwaddr offset, unsigned size)
{
    struct device *dev = opaque;

    if (dev->machine->busy) {
        return UINT64_MAX;
    }
    return teeio_tsm_read(dev->tsm, offset, size);
}

static void mmio_write(void *opaque, hwaddr offset, uint64_t value,
                       unsigned size)
{
    struct device *dev = opaque;
    struct teeio_machine *machine = dev->machine;

    if (machine->busy) {
        return;
    }
    teeio_machine_refresh(machine);
    teeio_tsm_write(dev->tsm, offset, value, size);
    if (offset == TEEIO_TSM_REG_MARKER && dev->inject) {
        teeio_plan_run(dev->inject, value);
    }
}

static const MemoryRegionOps mmio_ops = {
    .read = mmio_read,
    .write = mmio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 4, .max_access_size = 8},
    .impl = {.min_access_size = 4, .max_access_size = 8},
};

static void reset(void *opaque)
{
    struct device *dev = opaque;

    teeio_ownership_reset(dev->ownership);
    teeio_tsm_reset(dev->tsm);
}

/* Returns: NULL when out of memory. */
static struct teeio_ownership *create_ownership(const struct device *dev)
{
    struct teeio_board_range ram[TEEIO_BOARD_RAM_RANGES];
    struct teeio_ownership *map = teeio_ownership_new();
    unsigned count = teeio_board_ram(ram);

    for (unsigned i = 0; i < count && map; i++) {
        if (!teeio_ownership_add_ram(map, ram[i].base, ram[i].end - ram[i].base,
                                     dev->initial)) {
            teeio_ownership_free(map);
            map = NULL;
        }
    }
    return map;
}

/* Returns: false with @errp set. */
static bool create_models(struct device *dev, Error **errp)
{
    teeio_host_init(&dev->host, dev);
    /* A confidential guest tells by itself who owns which page. */
    dev->ownership = dev->machine->ownership
                         ? dev->machine->ownership
                         : (dev->own = create_ownership(dev));
    if (dev->ownership) {
        dev->tsm = teeio_tsm_new(&dev->host, dev->ownership);
    }
    if (!dev->tsm) {
        teeio_error(errp, "give the machine less memory",
                    "%s: cannot keep track of the machine's RAM", TYPE_NAME);
        return false;
    }
    return true;
}

static void realize(DeviceState *qdev, Error **errp)
{
    struct device *dev = teeio_state((Object *)qdev);
    struct teeio_machine *machine = teeio_machine_get(TYPE_NAME, errp);

    if (!machine) {
        return;
    }
    if (machine->tsm) {
        teeio_error(errp, "give one " TYPE_NAME " only",
                    "%s: the machine has one already", TYPE_NAME);
        return;
    }
    dev->machine = machine;
    if (!create_models(dev, errp)) {
        return;
    }
    memory_region_init_io((MemoryRegion *)dev->mmio, (Object *)qdev, &mmio_ops,
                          dev, TYPE_NAME, TEEIO_TSM_MMIO_SIZE);
    if (!teeio_board_map(TYPE_NAME, (MemoryRegion *)dev->mmio, dev->base,
                         TEEIO_TSM_MMIO_SIZE, errp) ||
        !teeio_board_add_tsm(TYPE_NAME, dev->base, TEEIO_TSM_MMIO_SIZE, errp)) {
        return;
    }
    machine->tsm = dev->tsm;
    teeio_machine_set_ownership(machine, dev->ownership);
    machine->link = dev->link;
    for (unsigned i = 0; i < machine->count; i++) {
        if (!teeio_function_attach(machine, machine->functions[i], errp)) {
            return;
        }
    }
    qemu_register_reset(reset, dev);
}

static uint64_t get_commands(Object *obj)
{
    struct device *dev = teeio_state(obj);

    return dev->tsm ? teeio_tsm_stats(dev->tsm).commands : 0;
}

static uint64_t get_errors(Object *obj)
{
    struct device *dev = teeio_state(obj);

    return dev->tsm ? teeio_tsm_stats(dev->tsm).errors : 0;
}

static uint64_t count_pages(Object *obj, enum teeio_owner owner)
{
    struct device *dev = teeio_state(obj);

    return dev->ownership ? teeio_ownership_count(dev->ownership, owner) : 0;
}

static uint64_t get_private_pages(Object *obj)
{
    const struct device *dev = teeio_state(obj);
    uint64_t aliases = dev->machine ? dev->machine->alias_pages : 0;

    return count_pages(obj, TEEIO_OWNER_PRIVATE) - aliases;
}

static uint64_t get_shared_pages(Object *obj)
{
    return count_pages(obj, TEEIO_OWNER_SHARED);
}

static const struct teeio_counter counters[] = {
    {"commands", "commands carried out", get_commands},
    {"errors", "commands that were refused", get_errors},
    {"private-pages", "4 KiB pages that are private now", get_private_pages},
    {"shared-pages", "4 KiB pages that are shared now", get_shared_pages},
};

static const struct teeio_setting base_setting = {
    "base", "guest physical address of the registers",
    offsetof(struct device, base)};

static char *get_memory(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(teeio_owner_name(dev->initial));
}

static void set_memory(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (!teeio_settable(obj, "memory", errp)) {
        return;
    }
    if (!strcmp(value, teeio_owner_name(TEEIO_OWNER_PRIVATE))) {
        dev->initial = TEEIO_OWNER_PRIVATE;
    } else if (!strcmp(value, teeio_owner_name(TEEIO_OWNER_SHARED))) {
        dev->initial = TEEIO_OWNER_SHARED;
    } else {
        teeio_error(errp, "memory is private or shared",
                    "%s: memory cannot be '%s'", TYPE_NAME, value);
    }
}

static const char *const link_names[] = {
    [TEEIO_LINK_AUTO] = "auto",
    [TEEIO_LINK_DIRECT] = "direct",
    [TEEIO_LINK_DOE] = "doe",
};

static char *get_link(Object *obj, Error **errp)
{
    const struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(link_names[dev->link]);
}

static void set_link(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (!teeio_settable(obj, "link", errp)) {
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(link_names); i++) {
        if (!strcmp(value, link_names[i])) {
            dev->link = i;
            return;
        }
    }
    teeio_error(errp, "link is auto, direct or doe", "%s: link cannot be '%s'",
                TYPE_NAME, value);
}

static char *get_inject(Object *obj, Error **errp)
{
    const struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->inject ? dev->inject : "");
}

static void set_inject(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (!teeio_settable(obj, "inject", errp)) {
        return;
    }
    if (*value && !teeio_plan_good(value)) {
        teeio_error(errp, "write inject=24:force-error:tdi0",
                    "%s: inject cannot be '%s'", TYPE_NAME, value);
        return;
    }
    g_free(dev->inject);
    dev->inject = *value ? g_strdup(value) : NULL;
}

static size_t save_ownership(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_ownership_save(dev->ownership, buf, size);
}

static bool load_ownership(Object *obj, const uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_ownership_load(dev->ownership, buf, size);
}

static size_t save_model(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_tsm_save(dev->tsm, buf, size);
}

static bool load_model(Object *obj, const uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_tsm_load(dev->tsm, buf, size);
}

static const struct teeio_vmstate vmstate = {
    .name = TYPE_NAME,
    .first = true,
    .parts = {{save_ownership, load_ownership}, {save_model, load_model}},
};

static void instance_init(Object *obj)
{
    struct device *dev = teeio_state_new(obj, sizeof(*dev));
    const struct teeio_board *board = teeio_board_current();

    dev->initial = TEEIO_OWNER_PRIVATE;
    dev->base = board ? board->tsm_base : 0;
}

static void instance_finalize(Object *obj)
{
    struct device *dev = teeio_state(obj);

    if (dev->tsm) {
        teeio_tsm_free(dev->tsm);
    }
    if (dev->own) {
        teeio_ownership_free(dev->own);
    }
    g_free(dev->inject);
    teeio_state_free(obj);
}

static void class_init(ObjectClass *klass, void *data)
{
    (void)data;
    teeio_class_set_device(klass, realize, NULL);
    teeio_class_set_vmstate(klass, &vmstate);
    teeio_class_add_setting(klass, &base_setting);
    teeio_class_add_text(klass, "memory",
                         "who owns RAM at first: private or shared", get_memory,
                         set_memory);
    teeio_class_add_text(klass, "link",
                         "how TDIs are reached: auto, direct or doe", get_link,
                         set_link);
    teeio_class_add_text(klass, "inject",
                         "a fault at a marker: MARKER:NAME:TDI", get_inject,
                         set_inject);
    for (size_t i = 0; i < G_N_ELEMENTS(counters); i++) {
        teeio_class_add_counter(klass, &counters[i]);
    }
}

void teeio_register_tsm(void)
{
    static const TypeInfo type = {
        .name = TYPE_NAME,
        .parent = "device",
        .instance_size = TEEIO_INSTANCE_SIZE,
        .instance_init = instance_init,
        .instance_finalize = instance_finalize,
        .class_init = class_init,
    };

    type_register_static(&type);
}
