/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Saved state of an IDE port. */
#include <stdlib.h>
#include <string.h>

#include "../image.h"
#include "ide-internal.h"

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'I', 'D', 'E')
#define IMAGE_VERSION 1

size_t teeio_ide_save(const struct teeio_ide *ide, uint8_t *buf, size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);
    unsigned slots = 0;

    for (unsigned i = 0; i < TEEIO_IDE_MAX_SLOTS; i++) {
        slots += ide->slots[i].used;
    }
    teeio_image_put(&image, teeio_ide_words(ide), 4);
    for (unsigned i = 0; i < teeio_ide_words(ide); i++) {
        teeio_image_put(&image, ide->words[i], 4);
    }
    teeio_image_put(&image, ide->owned, 1);
    teeio_image_put(&image, ide->owner, 4);
    teeio_image_put(&image, slots, 4);
    for (unsigned i = 0; i < TEEIO_IDE_MAX_SLOTS; i++) {
        const struct teeio_ide_slot *slot = &ide->slots[i];

        if (!slot->used) {
            continue;
        }
        teeio_image_put(&image, slot->port, 1);
        teeio_image_put(&image, slot->stream, 1);
        teeio_image_put(&image, slot->session, 4);
        teeio_image_put_bytes(&image, slot->programmed, TEEIO_IDE_SETS);
        teeio_image_put_bytes(&image, slot->active, TEEIO_IDE_SETS);
    }
    return image.used;
}

static bool plausible_words(const struct teeio_ide *was, struct teeio_ide *ide)
{
    unsigned links = ide->config.links;
    unsigned block;

    for (unsigned i = 0; i < teeio_ide_words(ide); i++) {
        const struct teeio_reg *row = teeio_ide_row(ide, i, &block);
        uint32_t may = row->rw | row->w1c;

        if (row->w1c) {
            may |= TEEIO_IDE_STATUS_STATE;
        }
        if ((ide->words[i] ^ was->words[i]) & ~may) {
            return false;
        }
    }
    for (block = 0; block < links + ide->config.streams; block++) {
        if ((*teeio_ide_status(ide, block) & TEEIO_IDE_STATUS_STATE) !=
            teeio_ide_block_state(ide, block)) {
            return false;
        }
    }
    return true;
}

static bool plausible_slot(struct teeio_ide *ide,
                           const struct teeio_ide_slot *slot)
{
    uint8_t max_port = ide->config.quirks ? ide->config.quirks->max_port : 0;
    unsigned same = 0;

    for (unsigned i = 0; i < TEEIO_IDE_MAX_SLOTS; i++) {
        same += ide->slots[i].used && ide->slots[i].port == slot->port &&
                ide->slots[i].stream == slot->stream;
    }
    for (unsigned set = 0; set < TEEIO_IDE_SETS; set++) {
        if (slot->programmed[set] & ~TEEIO_IDE_ALL_SUBS ||
            slot->active[set] & ~slot->programmed[set]) {
            return false;
        }
    }
    return same == 1 && slot->port <= max_port &&
           !(slot->active[0] & slot->active[1]) &&
           teeio_ide_known(ide, slot->stream);
}

static void load(struct teeio_ide *ide, struct teeio_image_reader *image)
{
    unsigned slots;

    if (teeio_image_get(image, 4) != teeio_ide_words(ide)) {
        image->bad = true;
    }
    for (unsigned i = 0; i < teeio_ide_words(ide); i++) {
        ide->words[i] = teeio_image_get(image, 4);
    }
    ide->owned = teeio_image_get_bool(image);
    ide->owner = teeio_image_get(image, 4);
    slots = teeio_image_get(image, 4);
    if (slots > TEEIO_IDE_MAX_SLOTS) {
        image->bad = true;
    }
    memset(ide->slots, 0, sizeof(ide->slots));
    for (unsigned i = 0; !image->bad && i < slots; i++) {
        struct teeio_ide_slot *slot = &ide->slots[i];

        slot->used = true;
        slot->port = teeio_image_get(image, 1);
        slot->stream = teeio_image_get(image, 1);
        slot->session = teeio_image_get(image, 4);
        teeio_image_get_bytes(image, slot->programmed, TEEIO_IDE_SETS);
        teeio_image_get_bytes(image, slot->active, TEEIO_IDE_SETS);
    }
}

bool teeio_ide_load(struct teeio_ide *ide, const uint8_t *buf, size_t size)
{
    struct teeio_image_reader image =
        teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION);
    struct teeio_ide *next = malloc(sizeof(*next));
    bool good;

    if (!next) {
        return false;
    }
    *next = *ide;
    load(next, &image);
    good = teeio_image_end(&image) && plausible_words(ide, next);
    for (unsigned i = 0; good && i < TEEIO_IDE_MAX_SLOTS; i++) {
        good = !next->slots[i].used || plausible_slot(next, &next->slots[i]);
    }
    if (good) {
        *ide = *next;
    }
    free(next);
    return good;
}
