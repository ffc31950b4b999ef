/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * QEMU describes saved state field by field. A device of ours is one field
 * with a codec of its own, which writes each image behind its length.
 */
#include "vmstate.h"

#include <errno.h>
#include <glib.h>

#include "abi/abi.h"
#include "qom.h"

#define VERSION      1
#define PRIO_DEFAULT 0
#define PRIO_IOMMU   1
#define FLAG_SINGLE  0x1
#define FLAG_END     0x10000 /* later than 7.2, which looks for no name */

/* An image with every page's owner different takes as much for 256 GiB. */
#define MAX_IMAGE (64u << 20)
#define CHUNK     (64u << 10)

/**
 * struct description - a VMStateDescription with its fields
 * @vmsd:   its name is its first member, like that of a field
 * @fields: ours and the end, in more room than any version takes
 */
struct description {
    union {
        const char *name;
        char room[256];
    } vmsd;
    _Alignas(8) char fields[512];
    VMStateInfo info;
    const struct teeio_vmstate *vmstate;
};

static const struct teeio_vmstate *of_field(const VMStateField *field)
{
    const VMStateInfo *info =
        *(VMStateInfo **)teeio_abi_slot(field, teeio_abi.vmstate_info);
    const char *description =
        (const char *)info - offsetof(struct description, info);

    return ((const struct description *)description)->vmstate;
}

static const VMStateDescription *of_parent(const struct teeio_vmstate *vmstate)
{
    ObjectClass *klass = object_class_by_name(vmstate->parent);

    return *(const VMStateDescription **)teeio_abi_slot(klass,
                                                        teeio_abi.device_vmsd);
}

static int put_parent(QEMUFile *f, void *device,
                      const struct teeio_vmstate *vmstate)
{
    return vmstate->parent
               ? vmstate_save_state(f, of_parent(vmstate), device, NULL)
               : 0;
}

static int get_parent(QEMUFile *f, void *device,
                      const struct teeio_vmstate *vmstate)
{
    const VMStateDescription *vmsd;

    if (!vmstate->parent) {
        return 0;
    }
    vmsd = of_parent(vmstate);
    return vmstate_load_state(
        f, vmsd, device,
        *(const int *)teeio_abi_slot(vmsd, teeio_abi.vmsd_version));
}

static int put(QEMUFile *f, void *device, size_t size,
               const VMStateField *field, void *vmdesc)
{
    const struct teeio_vmstate *vmstate = of_field(field);
    int error;

    (void)size;
    (void)vmdesc;
    if (vmstate->refuse && vmstate->refuse(device)) {
        error_report("teeio: %s cannot be saved: %s", vmstate->name,
                     vmstate->refuse(device));
        return -EBUSY;
    }
    error = put_parent(f, device, vmstate);
    if (error) {
        return error;
    }
    if (vmstate->pci) {
        pci_device_save(device, f);
        msix_save(device, f);
    }
    for (int i = 0; i < TEEIO_VMSTATE_PARTS && vmstate->parts[i].save; i++) {
        const struct teeio_vmstate_part *part = &vmstate->parts[i];
        size_t length = part->save(device, NULL, 0);
        g_autofree uint8_t *image = g_malloc(length);

        if (length > MAX_IMAGE) {
            error_report("teeio: %s cannot be saved: its state takes %zu "
                         "bytes\nhint: give the machine less memory",
                         vmstate->name, length);
            return -EFBIG;
        }
        part->save(device, image, length);
        qemu_put_be32(f, length);
        qemu_put_buffer(f, image, length);
    }
    return 0;
}

/* The length is as little to be trusted as the image. NULL: it is not there. */
static GByteArray *get_image(QEMUFile *f)
{
    size_t left = qemu_get_be32(f);
    GByteArray *image = g_byte_array_new();

    while (left > 0 && left <= MAX_IMAGE) {
        guint have = image->len;
        size_t length = left < CHUNK ? left : CHUNK;

        g_byte_array_set_size(image, have + length);
        if (qemu_get_buffer(f, image->data + have, length) != length) {
            break;
        }
        left -= length;
    }
    if (left > 0) {
        g_byte_array_unref(image);
        return NULL;
    }
    return image;
}

static int get(QEMUFile *f, void *device, size_t size,
               const VMStateField *field)
{
    const struct teeio_vmstate *vmstate = of_field(field);
    int error = get_parent(f, device, vmstate);

    (void)size;
    if (error) {
        return error;
    }
    if (vmstate->pci) {
        error = pci_device_load(device, f);
        if (error) {
            return error;
        }
        msix_load(device, f);
    }
    for (int i = 0; i < TEEIO_VMSTATE_PARTS && vmstate->parts[i].load; i++) {
        g_autoptr(GByteArray) image = get_image(f);

        if (!image ||
            !vmstate->parts[i].load(device, image->data, image->len)) {
            error_report("teeio: %s cannot be loaded: the saved state does "
                         "not fit\nhint: give the devices and settings of "
                         "the machine that was saved",
                         vmstate->name);
            return -EINVAL;
        }
    }
    return 0;
}

void teeio_class_set_vmstate(ObjectClass *klass,
                             const struct teeio_vmstate *vmstate)
{
    struct description *new = g_new0(struct description, 1);
    char *end = new->fields + teeio_abi.size_vmstate_field;
    const struct {
        uint32_t row;
        int value;
    } numbers[] = {
        {teeio_abi.vmsd_version, VERSION},
        {teeio_abi.vmsd_minimum_version, VERSION},
        {teeio_abi.vmsd_priority, vmstate->first ? PRIO_IOMMU : PRIO_DEFAULT},
    };

    new->vmstate = vmstate;
    new->info = (VMStateInfo){"teeio", get, put};
    new->vmsd.name = vmstate->name;
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        *(int *)teeio_abi_slot(&new->vmsd, numbers[i].row) = numbers[i].value;
    }
    *(const char **)new->fields = "state";
    *(const void **)teeio_abi_slot(new->fields, teeio_abi.vmstate_info) =
        &new->info;
    *(int *)teeio_abi_slot(new->fields, teeio_abi.vmstate_flags) = FLAG_SINGLE;
    *(int *)teeio_abi_slot(end, teeio_abi.vmstate_flags) = FLAG_END;
    *(void **)teeio_abi_slot(&new->vmsd, teeio_abi.vmsd_fields) = new->fields;
    *(void **)teeio_abi_slot(klass, teeio_abi.device_vmsd) = new;
}
