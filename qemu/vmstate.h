/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Snapshots and migration: the models give flat images, QEMU carries them.
 */
#ifndef TEEIO_QEMU_VMSTATE_H
#define TEEIO_QEMU_VMSTATE_H

#include "import.h"

/**
 * struct teeio_vmstate_part - one image
 * @save: store it in @buf if it fits; returns its length
 * @load: false when @buf holds no such image
 *
 * Both run under the big lock, while the machine stands still.
 */
struct teeio_vmstate_part {
    size_t (*save)(Object *obj, uint8_t *buf, size_t size);
    bool (*load)(Object *obj, const uint8_t *buf, size_t size);
};

#define TEEIO_VMSTATE_PARTS 10

/**
 * struct teeio_vmstate - what is saved of a type of device
 * @name:  what QEMU calls it
 * @first: before devices that do DMA while they are loaded
 * @parent: type whose state comes in front; NULL for none
 * @pci:   config space and the MSI-X table come in front
 * @refuse: why it cannot be saved now, NULL when it can; may be NULL
 * @parts: up to the first without a function, in this order
 */
struct teeio_vmstate {
    const char *name;
    const char *parent;
    bool first;
    bool pci;
    const char *(*refuse)(Object *obj);
    struct teeio_vmstate_part parts[TEEIO_VMSTATE_PARTS];
};

/** teeio_class_set_vmstate() - make a type of device part of snapshots */
void teeio_class_set_vmstate(ObjectClass *klass,
                             const struct teeio_vmstate *vmstate);

#endif
