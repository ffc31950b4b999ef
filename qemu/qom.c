/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include "abi/abi.h"
#include "qom.h"

void *teeio_state_new(Object *obj, size_t size)
{
    void **slot = (void **)((char *)obj + TEEIO_STATE_OFFSET);

    *slot = g_malloc0(size);
    return *slot;
}

void teeio_state_free(Object *obj)
{
    g_free(teeio_state(obj));
}

void teeio_error(Error **errp, const char *hint, const char *fmt, ...)
{
    Error *local = NULL;
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, fmt);
    text = g_strdup_vprintf(fmt, args);
    va_end(args);
    error_setg_internal(&local, __FILE__, __LINE__, __func__, "%s", text);
    error_append_hint(&local, "hint: %s\n", hint);
    error_propagate(errp, local);
}

bool teeio_settable(Object *obj, const char *name, Error **errp)
{
    if (object_property_get_bool(obj, "realized", NULL)) {
        teeio_error(errp, "give it with -device",
                    "%s: %s cannot change once the machine runs",
                    object_get_typename(obj), name);
        return false;
    }
    return true;
}

void teeio_set_switch(Object *obj, const char *device, const char *name,
                      const char *value, bool *on, Error **errp)
{
    if (!teeio_settable(obj, name, errp)) {
        return;
    }
    if (!g_str_equal(value, "on") && !g_str_equal(value, "off")) {
        teeio_error(errp, "it is on or off", "%s: %s cannot be '%s'", device,
                    name, value);
        return;
    }
    *on = g_str_equal(value, "on");
}

static void counter_get(Object *obj, Visitor *v, const char *name, void *opaque,
                        Error **errp)
{
    const struct teeio_counter *counter = opaque;
    uint64_t value = counter->get(obj);

    visit_type_uint64(v, name, &value, errp);
}

void teeio_class_add_counter(ObjectClass *klass,
                             const struct teeio_counter *counter)
{
    object_class_property_add(klass, counter->name, "uint64", counter_get, NULL,
                              NULL, (void *)counter);
    object_class_property_set_description(klass, counter->name, counter->doc);
}

static uint64_t *setting_slot(Object *obj, const struct teeio_setting *setting)
{
    return (uint64_t *)((char *)teeio_state(obj) + setting->offset);
}

static void setting_get(Object *obj, Visitor *v, const char *name, void *opaque,
                        Error **errp)
{
    uint64_t value = *setting_slot(obj, opaque);

    visit_type_uint64(v, name, &value, errp);
}

static void setting_set(Object *obj, Visitor *v, const char *name, void *opaque,
                        Error **errp)
{
    uint64_t value;

    if (teeio_settable(obj, name, errp) &&
        visit_type_uint64(v, name, &value, errp)) {
        *setting_slot(obj, opaque) = value;
    }
}

void teeio_class_add_setting(ObjectClass *klass,
                             const struct teeio_setting *setting)
{
    object_class_property_add(klass, setting->name, "uint64", setting_get,
                              setting_set, NULL, (void *)setting);
    object_class_property_set_description(klass, setting->name, setting->doc);
}

static void size_get(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    uint64_t value = *setting_slot(obj, opaque);

    visit_type_size(v, name, &value, errp);
}

static void size_set(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    uint64_t value;

    if (teeio_settable(obj, name, errp) &&
        visit_type_size(v, name, &value, errp)) {
        *setting_slot(obj, opaque) = value;
    }
}

void teeio_class_add_size(ObjectClass *klass,
                          const struct teeio_setting *setting)
{
    object_class_property_add(klass, setting->name, "size", size_get, size_set,
                              NULL, (void *)setting);
    object_class_property_set_description(klass, setting->name, setting->doc);
}

void teeio_class_add_text(ObjectClass *klass, const char *name, const char *doc,
                          char *(*get)(Object *, Error **),
                          void (*set)(Object *, const char *, Error **))
{
    object_class_property_add_str(klass, name, get, set);
    object_class_property_set_description(klass, name, doc);
}

void teeio_class_set_device(ObjectClass *klass,
                            void (*realize)(DeviceState *, Error **),
                            void (*reset)(DeviceState *))
{
    *(bool *)teeio_abi_slot(klass, teeio_abi.device_user_creatable) = true;
    *(bool *)teeio_abi_slot(klass, teeio_abi.device_hotpluggable) = false;
    if (realize) {
        *(void **)teeio_abi_slot(klass, teeio_abi.device_realize) = realize;
    }
    if (reset && device_class_set_legacy_reset) {
        device_class_set_legacy_reset(klass, reset);
    } else if (reset) {
        *(void **)teeio_abi_slot(klass, teeio_abi.device_reset) = reset;
    }
}

void teeio_class_set_pci(ObjectClass *klass,
                         const struct teeio_pci_identity *identity,
                         void (*realize)(PCIDevice *, Error **))
{
    const struct {
        uint32_t row;
        uint16_t id;
    } ids[] = {
        {teeio_abi.pci_vendor, identity->vendor},
        {teeio_abi.pci_device, identity->device},
        {teeio_abi.pci_class, identity->class},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        *(uint16_t *)teeio_abi_slot(klass, ids[i].row) = ids[i].id;
    }
    *(uint8_t *)teeio_abi_slot(klass, teeio_abi.pci_revision) =
        identity->revision;
    *(void **)teeio_abi_slot(klass, teeio_abi.pci_realize) = realize;
}

static void lines_fire(void *opaque)
{
    struct teeio_lines *lines = opaque;
    uint32_t pending;

    if (lines->halted) {
        return;
    }
    pending = atomic_exchange(&lines->pending, 0);
    for (unsigned line = 0; pending; line++, pending >>= 1) {
        if (pending & 1) {
            lines->fire(lines->opaque, line);
        }
    }
}

static void lines_schedule(struct teeio_lines *lines)
{
    aio_bh_schedule_oneshot_full(qemu_get_aio_context(), lines_fire, lines,
                                 "teeio-lines");
}

void teeio_lines_raise(struct teeio_lines *lines, unsigned line)
{
    /* One pass of the main loop serves all that was raised before it. */
    if (!atomic_fetch_or(&lines->pending, 1u << line)) {
        lines_schedule(lines);
    }
}

static void lines_machine_changed(void *opaque, bool running, int state)
{
    struct teeio_lines *lines = opaque;

    (void)state;
    lines->halted = !running;
    if (running && atomic_load(&lines->pending)) {
        lines_schedule(lines);
    }
    if (running && lines->resume) {
        lines->resume(lines->opaque);
    }
}

void teeio_lines_init(struct teeio_lines *lines)
{
    qemu_add_vm_change_state_handler(lines_machine_changed, lines);
}

void teeio_lines_reset(struct teeio_lines *lines)
{
    atomic_store(&lines->pending, 0);
}

size_t teeio_lines_save(const struct teeio_lines *lines, uint8_t *buf,
                        size_t size)
{
    uint32_t pending = GUINT32_TO_LE(atomic_load(&lines->pending));

    if (size >= sizeof(pending)) {
        memcpy(buf, &pending, sizeof(pending));
    }
    return sizeof(pending);
}

bool teeio_lines_load(struct teeio_lines *lines, const uint8_t *buf,
                      size_t size)
{
    uint32_t pending;

    if (size != sizeof(pending)) {
        return false;
    }
    memcpy(&pending, buf, sizeof(pending));
    lines->halted = true;
    atomic_store(&lines->pending, GUINT32_FROM_LE(pending));
    return true;
}
