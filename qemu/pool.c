/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-pool: a restricted DMA pool, in the device tree and in the way of DMA.
 */
#include <glib.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/abi.h"
#include "board.h"
#include "events.h"
#include "machine.h"
#include "pool.h"
#include "qom.h"
#include "teeio/firmware.h"

#define TYPE_NAME  "teeio-pool"

#define ALIGNMENT  0x10000u  /* the largest page of an arm64 kernel */
#define PLACE_STEP 0x200000u /* for pools that have no base of their own */
#define PER_DISK   0x800000u /* what one disk keeps in flight, and rings */
#define BELOW      (UINT64_C(1) << 32) /* within reach of 32-bit devices */

#define AUTOMATIC  UINT64_MAX

/**
 * struct device - instance state
 * @base:    AUTOMATIC until placed
 * @size:    0 until the devices are known
 * @scope:   "bus", "all", or ids joined by "+"
 * @number:  in the machine's pools; -1 until placed
 * @phandle: of its node
 */
struct device {
    struct teeio_machine *machine;
    uint64_t base;
    uint64_t size;
    char *via;
    char *scope;
    bool dynamic;
    bool dma_default;
    enum teeio_pool_policy policy;
    int number;
    uint32_t phandle;
};

/* In the order of the command line. */
static struct {
    struct device *devices[TEEIO_POOLS];
    unsigned count;
} all;

static void fail(const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* Devices are complete only when it is too late for an error of QEMU's. */
static void fail(const char *hint, const char *fmt, ...)
{
    va_list args;

    fprintf(stderr, "teeio: " TYPE_NAME ": ");
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fprintf(stderr, "\nhint: %s\n", hint);
    exit(EXIT_FAILURE);
}

static bool is_every(const struct device *dev)
{
    return g_str_equal(dev->scope, "bus") || g_str_equal(dev->scope, "all");
}

static int count_disk(Object *child, void *opaque)
{
    static const char *const types[] = {"nvme", "virtio-blk-device",
                                        "virtio-scsi-device"};
    unsigned *count = opaque;

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        *count += object_dynamic_cast(child, types[i]) != NULL;
    }
    return 0;
}

static unsigned count_disks(const struct device *dev)
{
    g_auto(GStrv) ids = g_strsplit(dev->scope, "+", -1);
    unsigned count = 0;

    if (is_every(dev)) {
        object_child_foreach_recursive(object_get_root(), count_disk, &count);
        return count;
    }
    for (char **id = ids; *id; id++) {
        Object *user = teeio_pool_user(*id);

        if (user) {
            count_disk(user, &count);
            object_child_foreach_recursive(user, count_disk, &count);
        }
    }
    return count;
}

static void choose_size(struct device *dev)
{
    uint64_t wanted = (uint64_t)PER_DISK * MAX(1, count_disks(dev));

    if (!dev->size) {
        dev->size = wanted;
    } else if (dev->size < wanted) {
        warn_report(TYPE_NAME ": 0x%" PRIx64 " bytes are less than the "
                              "0x%" PRIx64
                              " that its users want: a pool smaller than "
                              "one request stops its device for ever",
                    dev->size, wanted);
    }
}

static bool add(struct device *dev)
{
    const struct teeio_pool pool = {
        .base = dev->base,
        .size = dev->size,
        .placed = !dev->dynamic,
        .every = is_every(dev),
        .policy = dev->policy,
    };

    dev->number = teeio_pools_add(dev->machine->fabric.pools, &pool);
    return dev->number >= 0;
}

/* The RAM that pools lie in; a board with a device tree has one range. */
static void ram_range(uint64_t *base, uint64_t *size)
{
    struct teeio_board_range ranges[TEEIO_BOARD_RAM_RANGES];

    teeio_board_ram(ranges);
    *base = ranges[0].base;
    *size = ranges[0].end - ranges[0].base;
}

/* From the end of RAM downwards: firmware and kernels begin at its other. */
static bool place(struct device *dev)
{
    uint64_t ram;
    uint64_t size;
    uint64_t end;

    ram_range(&ram, &size);
    end = MIN(ram + size, BELOW);
    if (dev->size > end - ram) {
        return false;
    }
    for (dev->base = (end - dev->size) & ~(uint64_t)(PLACE_STEP - 1);
         dev->base >= ram + PLACE_STEP; dev->base -= PLACE_STEP) {
        if (add(dev)) {
            return true;
        }
    }
    return false;
}

static void place_all(bool automatic)
{
    for (unsigned i = 0; i < all.count; i++) {
        struct device *dev = all.devices[i];

        if (dev->dynamic             ? automatic && !add(dev)
            : dev->base == AUTOMATIC ? automatic && !place(dev)
                                     : !automatic && !add(dev)) {
            fail("give -m more memory, or pools that do not overlap",
                 "no room for 0x%" PRIx64 " bytes%s", dev->size,
                 dev->base == AUTOMATIC ? "" : " at its base");
        }
    }
}

static void share(const struct device *dev)
{
    struct teeio_ownership *ownership = dev->machine->ownership;

    if (ownership && !dev->dynamic &&
        !teeio_ownership_add_pool(ownership, dev->base, dev->size)) {
        fail("give the machine less memory",
             "cannot share 0x%" PRIx64 " bytes at 0x%" PRIx64, dev->size,
             dev->base);
    }
}

static void check(int error, const char *what)
{
    if (error < 0) {
        fail("use -M virt as it is", "the device tree takes no %s (%s)", what,
             fdt_strerror(error));
    }
}

static void describe(struct device *dev)
{
    const struct teeio_fdt_pool pool = {
        .base = dev->base,
        .size = dev->size,
        .dynamic = dev->dynamic,
        .dma_default = dev->dma_default,
        .number = (unsigned)dev->number,
        .phandle = qemu_fdt_alloc_phandle(teeio_board_fdt()),
    };

    dev->phandle = pool.phandle;
    check(teeio_fdt_add_pool(teeio_board_fdt(), &pool), "pool");
    if (dev->dma_default) {
        warn_report(TYPE_NAME
                    ": no Linux up to 7.3 takes a pool with "
                    "linux,dma-default: its devices then reach all memory");
    }
}

static void refer(const struct device *dev, const char *node)
{
    check(teeio_fdt_add_pool_user(teeio_board_fdt(), node, dev->phandle),
          "reference to a pool");
}

static void attach_every(const struct device *dev)
{
    g_autofree char *host = teeio_board_pci_host();

    refer(dev, host);
    if (g_str_equal(dev->scope, "all")) {
        for (unsigned i = 0; i < TEEIO_BOARD_TRANSPORTS; i++) {
            g_autofree char *node = teeio_board_transport(i);

            refer(dev, node);
        }
    }
}

static void attach_pci(const struct device *dev, const struct pool_user *user)
{
    g_autofree char *host = teeio_board_pci_host();
    char path[512];

    check(teeio_fdt_add_pci_function(teeio_board_fdt(), host, user->way,
                                     user->depth, path, sizeof(path)),
          "PCI function");
    refer(dev, path);
    if (!teeio_pools_add_user(dev->machine->fabric.pools, (unsigned)dev->number,
                              user->bus, user->way[user->depth - 1])) {
        fail("name fewer devices", "there are more than %u users",
             TEEIO_POOL_USERS);
    }
}

static void attach_ids(const struct device *dev)
{
    g_auto(GStrv) ids = g_strsplit(dev->scope, "+", -1);

    for (char **id = ids; *id; id++) {
        struct pool_user user;
        const char *problem = teeio_pool_find(*id, &user);

        if (problem) {
            fail("scope is bus, all, or ids of devices joined by +", "'%s' %s",
                 *id, problem);
        }
        if (user.bus) {
            attach_pci(dev, &user);
        } else {
            g_autofree char *node = teeio_board_transport(user.transport);

            refer(dev, node);
        }
    }
}

/* Whoever reads the events learns that these pages are shared. */
static void reset(void *opaque)
{
    const struct device *dev = opaque;
    const struct teeio_host *host = dev->machine->fabric.host;
    const struct teeio_event event = {
        .kind = TEEIO_EVENT_OWNER,
        .source = "pool",
        .u.owner = {dev->base, dev->size, TEEIO_OWNER_SHARED},
    };

    if (host->trace && dev->machine->ownership && !dev->dynamic) {
        host->trace(host->opaque, &event);
    }
}

static void complete(Notifier *notifier, void *data)
{
    (void)notifier;
    (void)data;
    for (unsigned i = 0; i < all.count; i++) {
        choose_size(all.devices[i]);
    }
    place_all(false);
    place_all(true);
    for (unsigned i = 0; i < all.count; i++) {
        struct device *dev = all.devices[i];

        share(dev);
        describe(dev);
        if (is_every(dev)) {
            attach_every(dev);
        } else {
            attach_ids(dev);
        }
        qemu_register_reset(reset, dev);
    }
    /* Such a device goes around an IOMMU, as the guest expects of it. */
    if (!all.devices[0]->machine->front_end.face) {
        teeio_pool_redirect_virtio();
    }
}

static int bus_number(void *bus)
{
    return pci_bus_num(bus);
}

/* Returns: false with @errp set. */
static bool check_values(const struct device *dev, Error **errp)
{
    uint64_t ram;
    uint64_t size;

    ram_range(&ram, &size);
    if (!teeio_board_fdt()) {
        teeio_error(errp, "use -M virt of qemu-system-aarch64",
                    "%s: the board has no device tree", TYPE_NAME);
        return false;
    }
    if (g_str_equal(dev->via, "acpi")) {
        teeio_error(errp, "use via=dt",
                    "%s: via=acpi is not supported on this board", TYPE_NAME);
        return false;
    }
    if (dev->dynamic && dev->base != AUTOMATIC) {
        teeio_error(errp, "drop base, or give placement=static",
                    "%s: the guest chooses the base of a dynamic pool",
                    TYPE_NAME);
        return false;
    }
    if (dev->size % ALIGNMENT ||
        (dev->base != AUTOMATIC && dev->base % ALIGNMENT)) {
        teeio_error(errp, "choose multiples of 64 KiB",
                    "%s: base or size is not aligned to 64 KiB", TYPE_NAME);
        return false;
    }
    if (dev->size > size || (dev->base != AUTOMATIC &&
                             (dev->base < ram || dev->base - ram >= size ||
                              dev->size > size - (dev->base - ram)))) {
        teeio_error(errp, "choose a range of RAM", "%s: not all of it is RAM",
                    TYPE_NAME);
        return false;
    }
    return true;
}

static void realize(DeviceState *qdev, Error **errp)
{
    static Notifier notifier = {.notify = complete};
    struct device *dev = teeio_state((Object *)qdev);
    struct teeio_machine *machine = teeio_machine_get(TYPE_NAME, errp);
    uint64_t ram;
    uint64_t size;

    if (!machine || !check_values(dev, errp)) {
        return;
    }
    if (all.count == TEEIO_POOLS) {
        teeio_error(errp, "give fewer " TYPE_NAME,
                    "%s: the machine has %u already", TYPE_NAME, TEEIO_POOLS);
        return;
    }
    if (!machine->fabric.pools) {
        ram_range(&ram, &size);
        machine->fabric.pools = teeio_pools_new(ram, size, bus_number);
    }
    if (!machine->fabric.pools) {
        teeio_error(errp, "give the machine less memory", "%s: out of memory",
                    TYPE_NAME);
        return;
    }
    dev->machine = machine;
    if (!all.count) {
        qemu_add_machine_init_done_notifier(&notifier);
    }
    all.devices[all.count++] = dev;
}

static uint64_t count(Object *obj, enum teeio_reach reach)
{
    const struct device *dev = teeio_state(obj);

    return dev->machine && dev->number >= 0
               ? teeio_pools_count(dev->machine->fabric.pools,
                                   (unsigned)dev->number, reach)
               : 0;
}

static uint64_t get_inside(Object *obj)
{
    return count(obj, TEEIO_REACH_INSIDE);
}

static uint64_t get_outside(Object *obj)
{
    return count(obj, TEEIO_REACH_OUTSIDE);
}

static uint64_t get_foreign(Object *obj)
{
    return count(obj, TEEIO_REACH_FOREIGN);
}

static const struct teeio_counter counters[] = {
    {"inside", "requests of its users to it", get_inside},
    {"outside", "requests of its users to other RAM", get_outside},
    {"foreign", "requests of others to it", get_foreign},
};

static const struct teeio_setting settings[] = {
    {"base", "guest physical address; chosen if not given",
     offsetof(struct device, base)},
    {"size", "bytes; 8 MiB for each disk if not given",
     offsetof(struct device, size)},
};

/* Replace the text of @obj's property @name, unless it is in use. */
static void set_text(Object *obj, const char *name, char **slot,
                     const char *value, Error **errp)
{
    if (teeio_settable(obj, name, errp)) {
        g_free(*slot);
        *slot = g_strdup(value);
    }
}

static char *get_via(Object *obj, Error **errp)
{
    const struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->via);
}

static void set_via(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (g_str_equal(value, "dt") || g_str_equal(value, "acpi") ||
        g_str_equal(value, "auto")) {
        set_text(obj, "via", &dev->via, value, errp);
    } else {
        teeio_error(errp, "via is dt, acpi or auto", "%s: via cannot be '%s'",
                    TYPE_NAME, value);
    }
}

static char *get_scope(Object *obj, Error **errp)
{
    const struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->scope);
}

static void set_scope(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    set_text(obj, "scope", &dev->scope, value, errp);
}

static char *get_policy(Object *obj, Error **errp)
{
    const struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(teeio_pool_policy_name(dev->policy));
}

static void set_policy(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (teeio_settable(obj, "policy", errp) &&
        !teeio_pool_policy_parse(value, &dev->policy)) {
        teeio_error(errp, "policy is abort, poison or log",
                    "%s: policy cannot be '%s'", TYPE_NAME, value);
    }
}

/* Set @flag to whether @value is @yes; anything but @yes and @no is wrong. */
static void set_flag(Object *obj, const char *name, const char *yes,
                     const char *no, bool *flag, const char *value,
                     Error **errp)
{
    g_autofree char *hint = g_strdup_printf("%s is %s or %s", name, yes, no);

    if (!g_str_equal(value, yes) && !g_str_equal(value, no)) {
        teeio_error(errp, hint, "%s: %s cannot be '%s'", TYPE_NAME, name,
                    value);
    } else if (teeio_settable(obj, name, errp)) {
        *flag = g_str_equal(value, yes);
    }
}

static char *get_placement(Object *obj, Error **errp)
{
    const struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->dynamic ? "dynamic" : "static");
}

static void set_placement(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    set_flag(obj, "placement", "dynamic", "static", &dev->dynamic, value, errp);
}

static char *get_dma_default(Object *obj, Error **errp)
{
    const struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->dma_default ? "on" : "off");
}

static void set_dma_default(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    set_flag(obj, "dma-default", "on", "off", &dev->dma_default, value, errp);
}

static const struct {
    const char *name;
    const char *doc;
    char *(*get)(Object *obj, Error **errp);
    void (*set)(Object *obj, const char *value, Error **errp);
} texts[] = {
    {"via", "who tells the guest: dt, acpi or auto", get_via, set_via},
    {"scope", "whose it is: bus, all, or ids of devices joined by +", get_scope,
     set_scope},
    {"policy", "what becomes of requests elsewhere: abort, poison or log",
     get_policy, set_policy},
    {"placement", "static, or dynamic: the guest chooses the base",
     get_placement, set_placement},
    {"dma-default", "property linux,dma-default: on or off", get_dma_default,
     set_dma_default},
};

static void instance_init(Object *obj)
{
    struct device *dev = teeio_state_new(obj, sizeof(*dev));

    dev->base = AUTOMATIC;
    dev->via = g_strdup("auto");
    dev->scope = g_strdup("bus");
    dev->number = -1;
}

static void instance_finalize(Object *obj)
{
    struct device *dev = teeio_state(obj);

    g_free(dev->via);
    g_free(dev->scope);
    teeio_state_free(obj);
}

static void class_init(ObjectClass *klass, void *data)
{
    (void)data;
    teeio_class_set_device(klass, realize, NULL);
    teeio_class_add_setting(klass, &settings[0]);
    teeio_class_add_size(klass, &settings[1]);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        teeio_class_add_text(klass, texts[i].name, texts[i].doc, texts[i].get,
                             texts[i].set);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(counters); i++) {
        teeio_class_add_counter(klass, &counters[i]);
    }
}

void teeio_register_pool(void)
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
