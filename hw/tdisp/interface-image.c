/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "interface-image.h"

#include <string.h>

#include "teeio/spec/tdisp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define FIELD(name)                                            \
    {                                                          \
        offsetof(struct teeio_interface_config, name),         \
            sizeof(((struct teeio_interface_config *)0)->name) \
    }
#define PLACE(name) FIELD(name.bar), FIELD(name.offset), FIELD(name.size)
#define BAR(n)      FIELD(report.bars[n].base), FIELD(report.bars[n].size)
#define WINDOW(n) \
    PLACE(report.windows[n].place), FIELD(report.windows[n].attributes)

/* Every number of the config space; flags are apart. */
static const struct {
    size_t offset;
    unsigned size;
} fields[] = {
    FIELD(segment),
    FIELD(requester),
    FIELD(digest),
    FIELD(rom),
    FIELD(rom_size),
    FIELD(power),
    FIELD(device_control[0]),
    FIELD(device_control[1]),
    FIELD(device_control[2]),
    FIELD(pasid),
    FIELD(pri),
    FIELD(other),
    BAR(0),
    BAR(1),
    BAR(2),
    BAR(3),
    BAR(4),
    BAR(5),
    WINDOW(0),
    WINDOW(1),
    WINDOW(2),
    WINDOW(3),
    FIELD(report.msix_control),
    PLACE(report.table),
    PLACE(report.pba),
    FIELD(report.lnr_control),
    FIELD(report.tph_control),
    FIELD(report.info_size),
};
_Static_assert(TEEIO_REPORT_BARS == 6 && TEEIO_REPORT_WINDOWS == 4,
               "a row per field");

static const size_t flags[] = {
    offsetof(struct teeio_interface_config, memory_enable),
    offsetof(struct teeio_interface_config, bus_master),
    offsetof(struct teeio_interface_config, no_soft_reset),
    offsetof(struct teeio_interface_config, report.without_pasid),
    offsetof(struct teeio_interface_config, report.with_pasid),
    offsetof(struct teeio_interface_config, report.ats),
    offsetof(struct teeio_interface_config, report.pri),
};

static uint64_t get_field(const void *at, unsigned size)
{
    uint64_t wide;
    uint32_t word;
    uint16_t half;

    switch (size) {
    case 8:
        memcpy(&wide, at, size);
        return wide;
    case 4:
        memcpy(&word, at, size);
        return word;
    case 2:
        memcpy(&half, at, size);
        return half;
    default:
        return *(const uint8_t *)at;
    }
}

static void set_field(void *at, unsigned size, uint64_t value)
{
    uint32_t word = value;
    uint16_t half = value;

    switch (size) {
    case 8:
        memcpy(at, &value, size);
        break;
    case 4:
        memcpy(at, &word, size);
        break;
    case 2:
        memcpy(at, &half, size);
        break;
    default:
        *(uint8_t *)at = value;
        break;
    }
}

static void put_config(const struct teeio_interface_config *config,
                       struct teeio_image_writer *image)
{
    const uint8_t *base = (const uint8_t *)config;

    for (size_t i = 0; i < COUNT(fields); i++) {
        teeio_image_put(image,
                        get_field(base + fields[i].offset, fields[i].size),
                        fields[i].size);
    }
    for (size_t i = 0; i < COUNT(flags); i++) {
        teeio_image_put(image, *(const bool *)(base + flags[i]), 1);
    }
    teeio_image_put_bytes(image, config->report.info, config->report.info_size);
}

static void get_config(struct teeio_interface_config *config,
                       struct teeio_image_reader *image)
{
    uint8_t *base = (uint8_t *)config;

    for (size_t i = 0; i < COUNT(fields); i++) {
        set_field(base + fields[i].offset, fields[i].size,
                  teeio_image_get(image, fields[i].size));
    }
    for (size_t i = 0; i < COUNT(flags); i++) {
        *(bool *)(base + flags[i]) = teeio_image_get_bool(image);
    }
    if (config->report.info_size > TEEIO_REPORT_INFO_MAX) {
        config->report.info_size = 0;
        image->bad = true;
    }
    teeio_image_get_bytes(image, config->report.info, config->report.info_size);
}

void teeio_interface_put(const struct teeio_interface *interface,
                         struct teeio_image_writer *image)
{
    const struct teeio_lock *lock = &interface->lock;

    put_config(&interface->config, image);
    teeio_image_put(image, interface->state, 1);
    teeio_image_put(image, lock->local, 1);
    teeio_image_put(image, lock->session, 4);
    teeio_image_put(image, lock->flags, 2);
    teeio_image_put(image, lock->stream, 1);
    teeio_image_put(image, lock->offset, 8);
    teeio_image_put(image, lock->p2p_mask, 8);
    teeio_image_put(image, interface->bound, 1);
    teeio_image_put_bytes(image, interface->p2p, sizeof(interface->p2p));
    teeio_image_put(image, interface->locks, 8);
    teeio_image_put_bytes(image, interface->nonce, sizeof(interface->nonce));
    teeio_image_put(image, interface->range_count, 4);
    for (unsigned i = 0; i < interface->range_count; i++) {
        const struct teeio_mmio_range *range = &interface->ranges[i];

        teeio_image_put(image, range->bar, 1);
        teeio_image_put(image, range->offset, 8);
        teeio_image_put(image, range->pages, 4);
        teeio_image_put(image, range->attributes, 2);
        teeio_image_put(image, range->shared, 1);
    }
}

static void get_ranges(struct teeio_interface *interface,
                       struct teeio_image_reader *image)
{
    interface->range_count = teeio_image_get(image, 4);
    if (interface->range_count > TEEIO_REPORT_RANGES) {
        interface->range_count = 0;
        image->bad = true;
    }
    memset(interface->ranges, 0, sizeof(interface->ranges));
    for (unsigned i = 0; i < interface->range_count; i++) {
        struct teeio_mmio_range *range = &interface->ranges[i];

        range->bar = teeio_image_get(image, 1);
        range->offset = teeio_image_get(image, 8);
        range->pages = teeio_image_get(image, 4);
        range->attributes = teeio_image_get(image, 2);
        range->shared = teeio_image_get_bool(image);
        if (range->bar >= TEEIO_REPORT_BARS) {
            range->bar = 0;
            image->bad = true;
        }
    }
}

bool teeio_interface_get(struct teeio_interface *interface,
                         struct teeio_image_reader *image)
{
    struct teeio_lock *lock = &interface->lock;
    unsigned state;

    get_config(&interface->config, image);
    state = teeio_image_get(image, 1);
    lock->local = teeio_image_get_bool(image);
    lock->session = teeio_image_get(image, 4);
    lock->flags = teeio_image_get(image, 2);
    lock->stream = teeio_image_get(image, 1);
    lock->offset = teeio_image_get(image, 8);
    lock->p2p_mask = teeio_image_get(image, 8);
    interface->bound = teeio_image_get_bool(image);
    teeio_image_get_bytes(image, interface->p2p, sizeof(interface->p2p));
    interface->locks = teeio_image_get(image, 8);
    teeio_image_get_bytes(image, interface->nonce, sizeof(interface->nonce));
    get_ranges(interface, image);
    if (image->bad || state >= TEEIO_TDISP_STATES) {
        return false;
    }
    interface->state = state;
    return true;
}
