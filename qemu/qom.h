/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Manners of a QEMU device: instance state, properties, errors.
 */
#ifndef TEEIO_QEMU_QOM_H
#define TEEIO_QEMU_QOM_H

#include "import.h"

/*
 * An instance is larger than any parent that we derive from, and holds one
 * pointer of ours behind it. So no parent's size has to be known exactly.
 */
#define TEEIO_STATE_OFFSET  0x2000
#define TEEIO_INSTANCE_SIZE (TEEIO_STATE_OFFSET + sizeof(void *))

/* More than a MemoryRegion or an AddressSpace takes in any version. */
#define TEEIO_OPAQUE_SIZE 1024

/** teeio_state() - our own state of the device @obj */
static inline void *teeio_state(Object *obj)
{
    return *(void **)((char *)obj + TEEIO_STATE_OFFSET);
}

/** teeio_state_new() - allocate it, zeroed; freed by teeio_state_free() */
void *teeio_state_new(Object *obj, size_t size);
void teeio_state_free(Object *obj);

/**
 * teeio_error() - set @errp to a message and a hint what to do
 * @hint: one line without its end
 */
void teeio_error(Error **errp, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * teeio_settable() - may a property still change?
 *
 * Returns: false, with @errp set, once the device is realized.
 */
bool teeio_settable(Object *obj, const char *name, Error **errp);

/**
 * teeio_set_switch() - take "on" or "off" for a property that realize fixes
 * @device: whose it is, for messages
 */
void teeio_set_switch(Object *obj, const char *device, const char *name,
                      const char *value, bool *on, Error **errp);

/** struct teeio_counter - a read-only number */
struct teeio_counter {
    const char *name;
    const char *doc;
    uint64_t (*get)(Object *obj);
};

/** struct teeio_setting - a number fixed by realize */
struct teeio_setting {
    const char *name;
    const char *doc;
    size_t offset; /* of a uint64_t in our own state */
};

void teeio_class_add_counter(ObjectClass *klass,
                             const struct teeio_counter *counter);
void teeio_class_add_setting(ObjectClass *klass,
                             const struct teeio_setting *setting);
/** teeio_class_add_size() - as a setting, with suffixes: 64K, 8M, 1G */
void teeio_class_add_size(ObjectClass *klass,
                          const struct teeio_setting *setting);
void teeio_class_add_text(ObjectClass *klass, const char *name, const char *doc,
                          char *(*get)(Object *, Error **),
                          void (*set)(Object *, const char *, Error **));

/**
 * teeio_class_set_device() - fill in the slots that all our devices share
 * @realize: NULL when the parent class has a slot of its own for it
 * @reset:   NULL when the device has no bus to reset it
 *
 * The device can be created by a user before the machine starts.
 */
void teeio_class_set_device(ObjectClass *klass,
                            void (*realize)(DeviceState *, Error **),
                            void (*reset)(DeviceState *));

/** struct teeio_pci_identity - what config space says at 0x00 and 0x08 */
struct teeio_pci_identity {
    uint16_t vendor;
    uint16_t device;
    uint16_t class;
    uint8_t revision;
};

/** teeio_class_set_pci() - fill in the slots that all our PCI functions share
 */
void teeio_class_set_pci(ObjectClass *klass,
                         const struct teeio_pci_identity *identity,
                         void (*realize)(PCIDevice *, Error **));

/**
 * struct teeio_lines - interrupts on their way to the main loop
 * @fire:    deliver one
 * @resume:  the machine runs again after a halt; may be NULL
 * @pending: one bit each
 * @halted:  the machine was stopped or loaded, and has not run since. Nothing
 *           may change then that may already have been saved.
 */
struct teeio_lines {
    void (*fire)(void *opaque, unsigned line);
    void (*resume)(void *opaque);
    void *opaque;
    _Atomic uint32_t pending;
    bool halted;
};

/** teeio_lines_init() - follow the machine; the members are filled in */
void teeio_lines_init(struct teeio_lines *lines);

/** teeio_lines_reset() - forget what has not been delivered */
void teeio_lines_reset(struct teeio_lines *lines);

/** teeio_lines_save(), teeio_lines_load() - a part of a snapshot, vmstate.h */
size_t teeio_lines_save(const struct teeio_lines *lines, uint8_t *buf,
                        size_t size);
bool teeio_lines_load(struct teeio_lines *lines, const uint8_t *buf,
                      size_t size);

/**
 * teeio_lines_raise() - have @lines->fire called from the main loop
 *
 * Any thread, with or without the big lock.
 */
void teeio_lines_raise(struct teeio_lines *lines, unsigned line);

#endif
