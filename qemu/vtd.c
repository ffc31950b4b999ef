/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-vtd: the VT-d model as a device of the board.
 */
#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "abi/abi.h"
#include "board.h"
#include "host.h"
#include "machine.h"
#include "qom.h"
#include "teeio/dmar.h"
#include "teeio/spec/vtd.h"
#include "teeio/vtd.h"
#include "vmstate.h"

#define TYPE_NAME "teeio-vtd"

/* Three events have a message each; more are due while they are changed. */
#define MESSAGES 8

/** struct message - an interrupt that is on its way */
struct message {
    uint64_t address;
    uint32_t data;
};

/**
 * struct device - instance state
 * @face:     what the fabric sees; takes @lock around the model's own
 * @lock:     serialises the model: IOThreads translate without the big lock
 * @memory:   guest memory without what is an interrupt
 * @awake:    the model asked to be stepped; under @lock
 * @messages: what each of @lines stands for; under @lock
 * @posted:   which of them are due, one bit each; under @lock
 */
struct device {
    struct teeio_iommu face;
    pthread_mutex_t lock;
    struct teeio_host host;
    struct teeio_host memory;
    struct teeio_machine *machine;
    struct teeio_vtd *vtd;
    bool awake;
    struct teeio_lines lines;
    struct message messages[MESSAGES];
    uint32_t posted;
    enum teeio_t_policy policy;
    enum teeio_vtd_walk walk;
    bool scalable;
    bool queue;
    bool iotlb;
    bool iotlb_check;
    struct teeio_dmar dmar;
    char *rmrr;
    char *satc;
    _Alignas(16) char mmio[TEEIO_OPAQUE_SIZE];
};

static void translate(struct teeio_iommu *iommu, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer)
{
    struct device *dev = (struct device *)iommu; /* face is the first member */
    struct teeio_iommu *model = teeio_vtd_iommu(dev->vtd);

    if (teeio_vtd_recall(dev->vtd, tlp, answer)) {
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
    teeio_vtd_page_request(dev->vtd, request);
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
    value = teeio_vtd_read(dev->vtd, offset, size);
    pthread_mutex_unlock(&dev->lock);
    return value;
}

/* Under the lock. At most one queue full: nothing can be added meanwhile. */
static void run_commands(struct device *dev)
{
    if (dev->awake) {
        dev->awake = false;
        while (teeio_vtd_step(dev->vtd)) {
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
    teeio_vtd_write(dev->vtd, offset, value, size);
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

/*
 * Under the lock. A message that is due already need not be sent twice: the
 * local APIC would merge them.
 *
 * Returns: false when too many are due.
 */
static bool post(struct device *dev, const struct message *message)
{
    int room = -1;

    for (int i = 0; i < MESSAGES; i++) {
        const struct message *other = &dev->messages[i];

        if (!(dev->posted & 1u << i)) {
            room = i;
        } else if (other->address == message->address &&
                   other->data == message->data) {
            return true;
        }
    }
    if (room < 0) {
        return false;
    }
    dev->messages[room] = *message;
    dev->posted |= 1u << room;
    teeio_lines_raise(&dev->lines, room);
    return true;
}

/* Under the lock, and maybe without the big one, which interrupts need. */
static bool host_write(void *opaque, uint64_t gpa, const void *buf, size_t len,
                       bool trusted)
{
    struct device *dev = opaque;
    struct message message = {.address = gpa};

    if (gpa < TEEIO_VTD_INTERRUPT_BASE || gpa > TEEIO_VTD_INTERRUPT_LAST) {
        return dev->memory.write(dev->memory.opaque, gpa, buf, len, trusted);
    }
    if (len != sizeof(message.data)) {
        return false;
    }
    memcpy(&message.data, buf, sizeof(message.data));
    return post(dev, &message);
}

static void host_wake(void *opaque)
{
    struct device *dev = opaque;

    dev->awake = true;
}

static void send(void *opaque, unsigned line)
{
    struct device *dev = opaque;
    struct message message;
    bool due;

    pthread_mutex_lock(&dev->lock);
    due = line < MESSAGES && dev->posted & 1u << line;
    if (due) {
        message = dev->messages[line];
        dev->posted &= ~(1u << line);
    }
    pthread_mutex_unlock(&dev->lock);
    if (due) {
        address_space_rw(&address_space_memory, message.address, 0,
                         &message.data, sizeof(message.data), true);
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
    teeio_vtd_reset(dev->vtd);
    dev->awake = false;
    dev->posted = 0;
    teeio_lines_reset(&dev->lines);
    pthread_mutex_unlock(&dev->lock);
}

static bool describe(const struct device *dev, Error **errp)
{
    uint8_t table[TEEIO_DMAR_BYTES];
    size_t length = teeio_dmar(table, sizeof(table), &dev->dmar);

    return teeio_board_add_acpi(TYPE_NAME, table, length, errp);
}

static uint64_t epoch(const void *model)
{
    return teeio_vtd_epoch(model);
}

static bool kept(void *model, uint64_t of)
{
    return teeio_vtd_kept(model, of);
}

static void set_ownership(void *model, const struct teeio_ownership *map)
{
    teeio_vtd_set_ownership(model, map);
}

static void attach(struct device *dev)
{
    const struct teeio_vtd_devices devices = {
        .opaque = dev->machine,
        .invalidate = teeio_machine_invalidate,
        .page_response = teeio_machine_page_response,
    };
    const struct teeio_front_end front_end = {
        .face = &dev->face,
        .model = dev->vtd,
        .epoch = epoch,
        .kept = kept,
        .set_ownership = set_ownership,
        .request_page = request_page,
    };

    dev->face.translate = translate;
    teeio_vtd_set_devices(dev->vtd, &devices);
    teeio_machine_set_front_end(dev->machine, &front_end);
}

/* Returns: false with @errp set. */
static bool create_model(struct device *dev, Error **errp)
{
    teeio_host_init(&dev->memory, dev);
    dev->host = dev->memory;
    dev->host.write = host_write;
    dev->host.wake = host_wake;
    dev->lines.fire = send;
    dev->lines.resume = resume;
    dev->lines.opaque = dev;
    dev->vtd = teeio_vtd_new(&dev->host, dev->machine->ownership, dev->policy,
                             dev->walk);
    if (dev->vtd &&
        teeio_vtd_set_iotlb(dev->vtd, dev->iotlb, dev->iotlb_check)) {
        teeio_vtd_set_features(dev->vtd, dev->scalable, dev->queue);
        return true;
    }
    teeio_error(errp, "give the machine less memory", "%s: out of memory",
                TYPE_NAME);
    return false;
}

static void realize(DeviceState *qdev, Error **errp)
{
    struct device *dev = teeio_state((Object *)qdev);
    struct teeio_machine *machine = teeio_machine_get(TYPE_NAME, errp);

    if (!machine || !teeio_machine_lacks_iommu(machine, TYPE_NAME, errp)) {
        return;
    }
    if (teeio_board_current() != &teeio_board_pc) {
        teeio_board_refuse(TYPE_NAME, "use -M q35 of qemu-system-x86_64", errp);
        return;
    }
    dev->machine = machine;
    if (!create_model(dev, errp)) {
        return;
    }
    memory_region_init_io((MemoryRegion *)dev->mmio, (Object *)qdev, &mmio_ops,
                          dev, TYPE_NAME, TEEIO_VTD_MMIO_SIZE);
    if (!teeio_board_map(TYPE_NAME, (MemoryRegion *)dev->mmio, dev->dmar.base,
                         TEEIO_VTD_MMIO_SIZE, errp) ||
        !describe(dev, errp)) {
        return;
    }
    attach(dev);
    teeio_lines_init(&dev->lines);
    qemu_register_reset(reset, dev);
}

static struct teeio_vtd_stats stats(Object *obj)
{
    struct device *dev = teeio_state(obj);
    struct teeio_vtd_stats now = {0};

    if (dev->vtd) {
        pthread_mutex_lock(&dev->lock);
        now = teeio_vtd_stats(dev->vtd);
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

static uint64_t get_faults_lost(Object *obj)
{
    return stats(obj).faults_lost;
}

static uint64_t get_faults_collapsed(Object *obj)
{
    return stats(obj).faults_collapsed;
}

static uint64_t get_commands(Object *obj)
{
    return stats(obj).commands;
}

static uint64_t get_page_requests(Object *obj)
{
    return stats(obj).page_requests;
}

static uint64_t get_pages_lost(Object *obj)
{
    return stats(obj).pages_lost;
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
    {"faults-lost", "faults that found no register free", get_faults_lost},
    {"faults-collapsed", "faults of a source with one pending",
     get_faults_collapsed},
    {"commands", "descriptors of the invalidation queue", get_commands},
    {"page-requests", "page requests that were queued", get_page_requests},
    {"pages-lost", "page requests that were not", get_pages_lost},
    {"iotlb-hits", "requests answered without a walk", get_iotlb_hits},
    {"iotlb-stale", "of these, checked and found outdated", get_iotlb_stale},
};

static const struct teeio_setting base_setting = {
    "base", "guest physical address of the registers",
    offsetof(struct device, dmar.base)};

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

static char *get_walk(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(teeio_vtd_walk_name(dev->walk));
}

static void set_walk(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (teeio_settable(obj, "walk", errp) &&
        !teeio_vtd_walk_parse(value, &dev->walk)) {
        teeio_error(errp, "walk is trusted or host", "%s: walk cannot be '%s'",
                    TYPE_NAME, value);
    }
}

static char *get_scalable(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->scalable ? "on" : "off");
}

static void set_scalable(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    teeio_set_switch(obj, TYPE_NAME, "scalable", value, &dev->scalable, errp);
}

static char *get_queue(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->queue ? "on" : "off");
}

static void set_queue(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    teeio_set_switch(obj, TYPE_NAME, "queue", value, &dev->queue, errp);
}

static char *get_iotlb(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->iotlb ? "on" : "off");
}

static void set_iotlb(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    teeio_set_switch(obj, TYPE_NAME, "iotlb", value, &dev->iotlb, errp);
}

static char *get_iotlb_check(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->iotlb_check ? "on" : "off");
}

static void set_iotlb_check(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    teeio_set_switch(obj, TYPE_NAME, "iotlb-check", value, &dev->iotlb_check,
                     errp);
}

static char *get_atsr(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->dmar.atsr ? "on" : "off");
}

static void set_atsr(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    teeio_set_switch(obj, TYPE_NAME, "atsr", value, &dev->dmar.atsr, errp);
}

static char *get_rmrr(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->rmrr ? dev->rmrr : "");
}

static void set_rmrr(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (!teeio_settable(obj, "rmrr", errp)) {
        return;
    }
    if (!teeio_dmar_parse_regions(value, &dev->dmar)) {
        teeio_error(errp,
                    "it is BASE+SIZE@DEVICE.FUNCTION, hexadecimal and whole "
                    "pages, up to eight with a / between",
                    "%s: rmrr cannot be '%s'", TYPE_NAME, value);
        return;
    }
    g_free(dev->rmrr);
    dev->rmrr = g_strdup(value);
}

static char *get_satc(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->satc ? dev->satc : "");
}

static void set_satc(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (!teeio_settable(obj, "satc", errp)) {
        return;
    }
    if (!teeio_dmar_parse_satc(value, &dev->dmar)) {
        teeio_error(errp,
                    "it is DEVICE.FUNCTION, hexadecimal, up to eight with a "
                    "/ between",
                    "%s: satc cannot be '%s'", TYPE_NAME, value);
        return;
    }
    g_free(dev->satc);
    dev->satc = g_strdup(value);
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

#define MESSAGE_BYTES (sizeof(uint64_t) + sizeof(uint32_t))

static size_t save_messages(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    for (int i = 0; i < MESSAGES && size >= MESSAGES * MESSAGE_BYTES; i++) {
        uint64_t address = GUINT64_TO_LE(dev->messages[i].address);
        uint32_t data = GUINT32_TO_LE(dev->messages[i].data);

        memcpy(buf + i * MESSAGE_BYTES, &address, sizeof(address));
        memcpy(buf + i * MESSAGE_BYTES + sizeof(address), &data, sizeof(data));
    }
    return MESSAGES * MESSAGE_BYTES;
}

/* The lines, which come first, say which of them are due. */
static bool load_messages(Object *obj, const uint8_t *buf, size_t size)
{
    struct device *dev = teeio_state(obj);

    if (size != MESSAGES * MESSAGE_BYTES) {
        return false;
    }
    for (int i = 0; i < MESSAGES; i++) {
        uint64_t address;
        uint32_t data;

        memcpy(&address, buf + i * MESSAGE_BYTES, sizeof(address));
        memcpy(&data, buf + i * MESSAGE_BYTES + sizeof(address), sizeof(data));
        dev->messages[i].address = GUINT64_FROM_LE(address);
        dev->messages[i].data = GUINT32_FROM_LE(data);
    }
    dev->posted = dev->lines.pending;
    return true;
}

static size_t save_model(Object *obj, uint8_t *buf, size_t size)
{
    struct device *dev = teeio_state(obj);
    size_t length;

    pthread_mutex_lock(&dev->lock);
    length = teeio_vtd_save(dev->vtd, buf, size);
    pthread_mutex_unlock(&dev->lock);
    return length;
}

static bool load_model(Object *obj, const uint8_t *buf, size_t size)
{
    struct device *dev = teeio_state(obj);
    bool loaded;

    pthread_mutex_lock(&dev->lock);
    loaded = teeio_vtd_load(dev->vtd, buf, size);
    pthread_mutex_unlock(&dev->lock);
    return loaded;
}

/* Virtio looks into its rings while it is loaded, through this unit. */
static const struct teeio_vmstate vmstate = {
    .name = TYPE_NAME,
    .first = true,
    .parts = {{save_lines, load_lines},
              {save_messages, load_messages},
              {save_model, load_model}},
};

static void instance_init(Object *obj)
{
    struct device *dev = teeio_state_new(obj, sizeof(*dev));

    pthread_mutex_init(&dev->lock, NULL);
    dev->policy = TEEIO_T_UNIFIED;
    dev->walk = TEEIO_VTD_WALK_TRUSTED;
    dev->scalable = true;
    dev->queue = true;
    dev->iotlb = true;
    dev->dmar.address_bits = TEEIO_VTD_HOST_ADDRESS_BITS;
    dev->dmar.base = 0xfed90000;
}

static void instance_finalize(Object *obj)
{
    struct device *dev = teeio_state(obj);

    if (dev->vtd) {
        teeio_vtd_free(dev->vtd);
    }
    g_free(dev->rmrr);
    g_free(dev->satc);
    pthread_mutex_destroy(&dev->lock);
    teeio_state_free(obj);
}

static const struct text {
    const char *name;
    const char *doc;
    char *(*get)(Object *, Error **);
    void (*set)(Object *, const char *, Error **);
} texts[] = {
    {"t-policy",
     "what T=0 and T=1 requests see: unified, arm-split, t0-blocked, tdx-split "
     "or amd-single",
     get_policy, set_policy},
    {"walk",
     "whose memory the unit sees: trusted, private pages as well, or host, the "
     "shared bank only",
     get_walk, set_walk},
    {"scalable", "offer scalable mode: on or off", get_scalable, set_scalable},
    {"queue",
     "offer the invalidation queue, which scalable mode needs: on or off",
     get_queue, set_queue},
    {"iotlb",
     "remember translations: on or off; off shows what the tables say at any "
     "moment",
     get_iotlb, set_iotlb},
    {"iotlb-check",
     "walk on every hit as well and record stale ones: on or off",
     get_iotlb_check, set_iotlb_check},
    {"rmrr", "reserved memory: BASE+SIZE@DEVICE.FUNCTION, more behind a /",
     get_rmrr, set_rmrr},
    {"atsr", "tell the guest that root ports support ATS: on or off", get_atsr,
     set_atsr},
    {"satc",
     "devices that need their device-TLB: DEVICE.FUNCTION, more "
     "behind a /",
     get_satc, set_satc},
};

static void class_init(ObjectClass *klass, void *data)
{
    (void)data;
    teeio_class_set_device(klass, realize, NULL);
    teeio_class_set_vmstate(klass, &vmstate);
    teeio_class_add_setting(klass, &base_setting);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        teeio_class_add_text(klass, texts[i].name, texts[i].doc, texts[i].get,
                             texts[i].set);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(counters); i++) {
        teeio_class_add_counter(klass, &counters[i]);
    }
}

void teeio_register_vtd(void)
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
