/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-smmuv3: the SMMU model as a device of the board.
 */
#include <glib.h>
#include <pthread.h>
#include <libfdt.h>

#include "abi/abi.h"
#include "board.h"
#include "disabled.h"
#include "host.h"
#include "machine.h"
#include "qom.h"
#include "teeio/firmware.h"
#include "teeio/smmuv3.h"
#include "vmstate.h"

#define TYPE_NAME "teeio-smmuv3"

/**
 * struct device - instance state
 * @face:   what the fabric sees; takes @lock around the model's own
 * @lock:   serialises the model: IOThreads translate without the big lock
 * @awake:  the model asked to be stepped; under @lock
 * @realm:  T=1 has registers of its own
 */
struct device {
    struct teeio_iommu face;
    pthread_mutex_t lock;
    struct teeio_host host;
    struct teeio_machine *machine;
    struct teeio_smmuv3 *smmu;
    bool awake;
    struct teeio_lines lines;
    qemu_irq irqs[TEEIO_SMMUV3_ALL_LINES];
    enum teeio_t_policy policy;
    bool iotlb;
    bool iotlb_check;
    bool realm;
    struct teeio_disabled_rules disabled;
    struct teeio_disabled_places places;
    uint64_t base;
    uint64_t spi;
    uint64_t realm_base;
    uint64_t realm_spi;
    uint64_t c_bit;
    uint64_t vtom;
    _Alignas(16) char mmio[TEEIO_OPAQUE_SIZE];
    _Alignas(16) char realm_mmio[TEEIO_OPAQUE_SIZE];
};

static void translate(struct teeio_iommu *iommu, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer)
{
    struct device *dev = (struct device *)iommu; /* face is the first member */
    struct teeio_iommu *model = teeio_smmuv3_iommu(dev->smmu);

    if (teeio_smmuv3_recall(dev->smmu, tlp, answer)) {
        return;
    }
    pthread_mutex_lock(&dev->lock);
    model->translate(model, tlp, answer);
    pthread_mutex_unlock(&dev->lock);
}

static void request_page(struct teeio_machine *machine,
                         const struct teeio_page_request *request)
{
    /* The face is the first member of the device. */
    struct device *dev = (struct device *)machine->front_end.face;

    pthread_mutex_lock(&dev->lock);
    teeio_smmuv3_page_request(dev->smmu, request);
    pthread_mutex_unlock(&dev->lock);
}

static uint64_t mmio_read(void *opaque, hwaddr offset, unsigned size)
{
    struct device *dev = opaque;
    uint64_t value;

    if (dev->machine->busy) {
        return UINT64_MAX;
    }
    pthread_mutex_lock(&dev->lock);
    value = teeio_smmuv3_read(dev->smmu, offset, size);
    pthread_mutex_unlock(&dev->lock);
    return value;
}

/* Under the lock. At most one queue full: nothing can be added meanwhile. */
static void run_commands(struct device *dev)
{
    if (dev->awake) {
        dev->awake = false;
        while (teeio_smmuv3_step(dev->smmu)) {
        }
    }
}

static void mmio_write(void *opaque, hwaddr offset, uint64_t value,
                       unsigned size)
{
    struct device *dev = opaque;

    if (dev->machine->busy) {
        return;
    }
    pthread_mutex_lock(&dev->lock);
    teeio_smmuv3_write(dev->smmu, offset, value, size);
    run_commands(dev);
    pthread_mutex_unlock(&dev->lock);
}

static uint64_t realm_read(void *opaque, hwaddr offset, unsigned size)
{
    struct device *dev = opaque;
    uint64_t value;

    if (dev->machine->busy) {
        return UINT64_MAX;
    }
    pthread_mutex_lock(&dev->lock);
    value = teeio_smmuv3_realm_read(dev->smmu, offset, size);
    pthread_mutex_unlock(&dev->lock);
    return value;
}

static void realm_write(void *opaque, hwaddr offset, uint64_t value,
                        unsigned size)
{
    struct device *dev = opaque;

    if (dev->machine->busy) {
        return;
    }
    pthread_mutex_lock(&dev->lock);
    teeio_smmuv3_realm_write(dev->smmu, offset, value, size);
    run_commands(dev);
    pthread_mutex_unlock(&dev->lock);
}

static const MemoryRegionOps mmio_ops = {
    .read = mmio_read,
    .write = mmio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 4, .max_access_size = 8},
    .impl = {.min_access_size = 4, .max_access_size = 8},
};

static const MemoryRegionOps realm_ops = {
    .read = realm_read,
    .write = realm_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 4, .max_access_size = 8},
    .impl = {.min_access_size = 4, .max_access_size = 8},
};

static void host_raise(void *opaque, unsigned line)
{
    struct device *dev = opaque;

    teeio_lines_raise(&dev->lines, line);
}

static void host_wake(void *opaque)
{
    struct device *dev = opaque;

    dev->awake = true;
}

static void pulse(void *opaque, unsigned line)
{
    struct device *dev = opaque;

    if (line < TEEIO_SMMUV3_ALL_LINES && dev->irqs[line]) {
        qemu_set_irq(dev->irqs[line], 1);
        qemu_set_irq(dev->irqs[line], 0);
    }
}

static void resume(void *opaque)
{
    struct device *dev = opaque;

    pthread_mutex_lock(&dev->lock);
    run_commands(dev);
    pthread_mutex_unlock(&dev->lock);
}

static void reset(void *opaque)
{
    struct device *dev = opaque;

    pthread_mutex_lock(&dev->lock);
    teeio_smmuv3_reset(dev->smmu);
    dev->awake = false;
    teeio_lines_reset(&dev->lines);
    pthread_mutex_unlock(&dev->lock);
}

static bool describe(struct device *dev, Error **errp)
{
    void *fdt = teeio_board_fdt();
    g_autofree char *pci_host = teeio_board_pci_host();
    const struct teeio_fdt_smmuv3 node = {
        .base = dev->base,
        .size = TEEIO_SMMUV3_MMIO_SIZE,
        .spi = dev->spi,
        .phandle = qemu_fdt_alloc_phandle(fdt),
        .pci_host = pci_host,
        .ats = true,
    };
    int error = teeio_fdt_add_smmuv3(fdt, &node);

    if (error) {
        teeio_error(errp, "use -M virt as it is",
                    "%s: the device tree takes no SMMU node (%s)", TYPE_NAME,
                    fdt_strerror(error));
    }
    return !error;
}

static uint64_t epoch(const void *model)
{
    return teeio_smmuv3_epoch(model);
}

static bool kept(void *model, uint64_t of)
{
    return teeio_smmuv3_kept(model, of);
}

static void set_ownership(void *model, const struct teeio_ownership *map)
{
    teeio_smmuv3_set_ownership(model, map);
}

static void attach(struct device *dev)
{
    const struct teeio_smmuv3_devices devices = {
        .opaque = dev->machine,
        .invalidate = teeio_machine_invalidate,
        .page_response = teeio_machine_page_response,
        .resume = teeio_machine_resume,
    };
    const struct teeio_front_end front_end = {
        .face = &dev->face,
        .model = dev->smmu,
        .epoch = epoch,
        .kept = kept,
        .set_ownership = set_ownership,
        .request_page = request_page,
    };

    dev->face.translate = translate;
    teeio_smmuv3_set_devices(dev->smmu, &devices);
    teeio_machine_set_front_end(dev->machine, &front_end);
}

/* Returns: false with @errp set. */
static bool set_claims(struct device *dev, Error **errp)
{
    const struct teeio_t_claims claims = {
        .c_bit = MIN(dev->c_bit, UINT_MAX),
        .vtom = dev->vtom,
    };

    if (teeio_smmuv3_set_claims(dev->smmu, &claims)) {
        return true;
    }
    teeio_error(errp,
                "c-bit is 32 to 47, and vtom the first address that is "
                "shared, a multiple of 4096",
                "%s: c-bit=%" PRIu64 ",vtom=0x%" PRIx64 " cannot be", TYPE_NAME,
                dev->c_bit, dev->vtom);
    return false;
}

/* Returns: false with @errp set. */
static bool create_model(struct device *dev, Error **errp)
{
    const char *policy = teeio_t_policy_name(dev->policy);

    dev->smmu =
        teeio_smmuv3_new(&dev->host, dev->machine->ownership, dev->policy);
    if (dev->smmu && dev->realm && !teeio_smmuv3_add_realm(dev->smmu)) {
        teeio_error(errp,
                    "use t-policy=arm-split or t0-blocked, or drop realm=on",
                    "%s: realm=on does not go with t-policy=%s, where both "
                    "values of T share one interface",
                    TYPE_NAME, policy);
        return false;
    }
    if (!dev->smmu ||
        !teeio_smmuv3_set_iotlb(dev->smmu, dev->iotlb, dev->iotlb_check) ||
        !teeio_smmuv3_set_disabled(dev->smmu, &dev->disabled, &dev->places)) {
        teeio_error(errp, "give the machine less memory", "%s: out of memory",
                    TYPE_NAME);
        return false;
    }
    return set_claims(dev, errp);
}

/* Returns: false with @errp set. */
static bool place_realm(struct device *dev, Object *owner, Error **errp)
{
    if (!dev->realm) {
        return true;
    }
    if (dev->realm_base % TEEIO_SMMUV3_MMIO_SIZE) {
        /* IHI 0070 6.2.7: the two pages are naturally aligned. */
        teeio_error(errp, "choose a multiple of 128 KiB",
                    "%s: realm-base 0x%" PRIx64 " is not aligned", TYPE_NAME,
                    dev->realm_base);
        return false;
    }
    memory_region_init_io((MemoryRegion *)dev->realm_mmio, owner, &realm_ops,
                          dev, TYPE_NAME "-realm", TEEIO_SMMUV3_MMIO_SIZE);
    if (dev->realm_spi < dev->spi + TEEIO_SMMUV3_LINES &&
        dev->spi < dev->realm_spi + TEEIO_SMMUV3_LINES) {
        teeio_error(errp, "choose another realm-spi",
                    "%s: realm-spi %" PRIu64 " overlaps spi %" PRIu64,
                    TYPE_NAME, dev->realm_spi, dev->spi);
        return false;
    }
    return teeio_board_spis(TYPE_NAME, dev->realm_spi, TEEIO_SMMUV3_LINES,
                            dev->irqs + TEEIO_SMMUV3_LINES, errp) &&
           teeio_board_map(TYPE_NAME, (MemoryRegion *)dev->realm_mmio,
                           dev->realm_base, TEEIO_SMMUV3_MMIO_SIZE, errp);
}

static void realize(DeviceState *qdev, Error **errp)
{
    struct device *dev = teeio_state((Object *)qdev);
    struct teeio_machine *machine = teeio_machine_get(TYPE_NAME, errp);

    if (!machine || !teeio_machine_lacks_iommu(machine, TYPE_NAME, errp)) {
        return;
    }
    if (!teeio_disabled_check(TYPE_NAME, &dev->disabled, &dev->places, errp)) {
        return;
    }
    dev->machine = machine;
    teeio_host_init(&dev->host, dev);
    dev->host.raise = host_raise;
    dev->host.wake = host_wake;
    dev->lines.fire = pulse;
    dev->lines.resume = resume;
    dev->lines.opaque = dev;
    if (!create_model(dev, errp)) {
        return;
    }
    memory_region_init_io((MemoryRegion *)dev->mmio, (Object *)qdev, &mmio_ops,
                          dev, TYPE_NAME, TEEIO_SMMUV3_MMIO_SIZE);
    if (!teeio_board_spis(TYPE_NAME, dev->spi, TEEIO_SMMUV3_LINES, dev->irqs,
                          errp) ||
        !teeio_board_map(TYPE_NAME, (MemoryRegion *)dev->mmio, dev->base,
                         TEEIO_SMMUV3_MMIO_SIZE, errp) ||
        !place_realm(dev, (Object *)qdev, errp) || !describe(dev, errp)) {
        return;
    }
    attach(dev);
    teeio_lines_init(&dev->lines);
    qemu_register_reset(reset, dev);
}

static struct teeio_smmuv3_stats stats(Object *obj)
{
    struct device *dev = teeio_state(obj);
    struct teeio_smmuv3_stats now = {0};

    if (dev->smmu) {
        pthread_mutex_lock(&dev->lock);
        now = teeio_smmuv3_stats(dev->smmu);
        pthread_mutex_unlock(&dev->lock);
    }
    return now;
}

static uint64_t get_translations(Object *obj)
{
    return stats(obj).translations;
}

static uint64_t get_faults(Object *obj)
{
    return stats(obj).faults;
}

static uint64_t get_events_lost(Object *obj)
{
    return stats(obj).events_lost;
}

static uint64_t get_commands(Object *obj)
{
    return stats(obj).commands;
}

static uint64_t get_iotlb_hits(Object *obj)
{
    return stats(obj).iotlb_hits;
}

static uint64_t get_iotlb_stale(Object *obj)
{
    return stats(obj).iotlb_stale;
}

static const struct teeio_counter counters[] = {
    {"translations", "requests answered", get_translations},
    {"faults", "requests that ended in a fault", get_faults},
    {"events-lost", "fault records that found no room", get_events_lost},
    {"commands", "queue commands consumed", get_commands},
    {"iotlb-hits", "requests answered without a walk", get_iotlb_hits},
    {"iotlb-stale", "of these, checked and found outdated", get_iotlb_stale},
};

static const struct teeio_setting settings[] = {
    {"base", "guest physical address of the registers",
     offsetof(struct device, base)},
    {"spi", "first of four interrupts", offsetof(struct device, spi)},
    {"realm-base", "guest physical address of the Realm registers",
     offsetof(struct device, realm_base)},
    {"realm-spi", "first of four interrupts of the Realm interface",
     offsetof(struct device, realm_spi)},
    {"c-bit", "amd-single: address bit of stage 1 that means private",
     offsetof(struct device, c_bit)},
    {"vtom", "amd-single: without stage 1, addresses below are private",
     offsetof(struct device, vtom)},
    {"disabled-sink", "page that the profile sink leads to",
     offsetof(struct device, places.sink)},
    {"disabled-window", "where the window of the profile aperture begins",
     offsetof(struct device, places.window)},
    {"disabled-window-size", "its bytes",
     offsetof(struct device, places.window_bytes)},
    {"disabled-table", "linear table of 512 STEs for the profile other-table",
     offsetof(struct device, places.table)},
};

static char *get_policy(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(teeio_t_policy_name(dev->policy));
}

static void set_policy(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (teeio_settable(obj, "t-policy", errp) &&
        !teeio_t_policy_parse(value, &dev->policy)) {
        teeio_error(errp,
                    "t-policy is unified, arm-split, t0-blocked, tdx-split "
                    "or amd-single",
                    "%s: there is no t-policy '%s'", TYPE_NAME, value);
    }
}

static char *get_iotlb(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->iotlb ? "on" : "off");
}

static char *get_iotlb_check(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->iotlb_check ? "on" : "off");
}

static char *get_realm(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->realm ? "on" : "off");
}

static void set_iotlb(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    teeio_set_switch(obj, TYPE_NAME, "iotlb", value, &dev->iotlb, errp);
}

static void set_iotlb_check(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    teeio_set_switch(obj, TYPE_NAME, "iotlb-check", value, &dev->iotlb_check,
                     errp);
}

static void set_realm(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    teeio_set_switch(obj, TYPE_NAME, "realm", value, &dev->realm, errp);
}

static char *get_disabled(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);
    char text[TEEIO_DISABLED_TEXT];

    (void)errp;
    return g_strdup(teeio_disabled_format(&dev->disabled, text));
}

static void set_disabled(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (teeio_settable(obj, "disabled-behaviour", errp)) {
        teeio_disabled_set(TYPE_NAME, value, &dev->disabled, errp);
    }
}

static size_t save_lines(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_lines_save(&dev->lines, buf, size);
}

static bool load_lines(Object *obj, const uint8_t *buf, size_t size)
{
    struct device *dev = teeio_state(obj);

    return teeio_lines_load(&dev->lines, buf, size);
}

static size_t save_model(Object *obj, uint8_t *buf, size_t size)
{
    struct device *dev = teeio_state(obj);
    size_t length;

    pthread_mutex_lock(&dev->lock);
    length = teeio_smmuv3_save(dev->smmu, buf, size);
    pthread_mutex_unlock(&dev->lock);
    return length;
}

static bool load_model(Object *obj, const uint8_t *buf, size_t size)
{
    struct device *dev = teeio_state(obj);
    bool loaded;

    pthread_mutex_lock(&dev->lock);
    loaded = teeio_smmuv3_load(dev->smmu, buf, size);
    pthread_mutex_unlock(&dev->lock);
    return loaded;
}

/* Virtio looks into its rings while it is loaded, through this SMMU. */
static const struct teeio_vmstate vmstate = {
    .name = TYPE_NAME,
    .first = true,
    .parts = {{save_lines, load_lines}, {save_model, load_model}},
};

static void instance_init(Object *obj)
{
    struct device *dev = teeio_state_new(obj, sizeof(*dev));

    pthread_mutex_init(&dev->lock, NULL);
    dev->policy = TEEIO_T_UNIFIED;
    dev->iotlb = true;
    teeio_disabled_parse("architected", &dev->disabled);
    dev->base = 0x09050000;
    dev->spi = 74;
    dev->realm_base = 0x09100000;
    dev->realm_spi = 100;
    dev->c_bit = TEEIO_SMMUV3_C_BIT;
    dev->vtom = UINT64_C(1) << TEEIO_SMMUV3_C_BIT;
}

static void instance_finalize(Object *obj)
{
    struct device *dev = teeio_state(obj);

    if (dev->smmu) {
        teeio_smmuv3_free(dev->smmu);
    }
    pthread_mutex_destroy(&dev->lock);
    teeio_state_free(obj);
}

static void class_init(ObjectClass *klass, void *data)
{
    (void)data;
    teeio_class_set_device(klass, realize, NULL);
    teeio_class_set_vmstate(klass, &vmstate);
    teeio_class_add_text(klass, "t-policy",
                         "what T=0 and T=1 requests see: unified, arm-split, "
                         "t0-blocked, tdx-split or amd-single",
                         get_policy, set_policy);
    teeio_class_add_text(klass, "iotlb",
                         "remember translations: on or off; off shows what "
                         "the tables say at any moment",
                         get_iotlb, set_iotlb);
    teeio_class_add_text(klass, "iotlb-check",
                         "walk on every hit as well and record stale ones: on "
                         "or off",
                         get_iotlb_check, set_iotlb_check);
    teeio_class_add_text(klass, "realm",
                         "give T=1 a Realm programming interface of its own: "
                         "on or off",
                         get_realm, set_realm);
    teeio_class_add_text(klass, "disabled-behaviour",
                         "what happens to streams that are not translated: a "
                         "profile, one for each situation, or a driver",
                         get_disabled, set_disabled);
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        teeio_class_add_setting(klass, &settings[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(counters); i++) {
        teeio_class_add_counter(klass, &counters[i]);
    }
}

void teeio_register_smmuv3(void)
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
