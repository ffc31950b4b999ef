/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Saved state of a model: little-endian bytes, without a hole, behind a tag
 * and a version. What is read may come from anywhere and is trusted in
 * nothing.
 */
#ifndef TEEIO_HW_IMAGE_H
#define TEEIO_HW_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/registers.h"

#define TEEIO_IMAGE_TAG(a, b, c, d)                             \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | \
     (uint32_t)(d) << 24)

/**
 * struct teeio_image_writer - counts all bytes, stores those that have room
 * @used: length of the image so far, also beyond @size
 */
struct teeio_image_writer {
    uint8_t *buf;
    size_t size;
    size_t used;
};

/**
 * struct teeio_image_reader - what is left of an image
 * @bad: more was asked for than there is; everything then reads as 0
 */
struct teeio_image_reader {
    const uint8_t *next;
    size_t left;
    bool bad;
};

/** teeio_image_start() - begin an image */
struct teeio_image_writer teeio_image_start(uint8_t *buf, size_t size,
                                            uint32_t tag, uint32_t version);

void teeio_image_put(struct teeio_image_writer *writer, uint64_t value,
                     unsigned bytes);
void teeio_image_put_bytes(struct teeio_image_writer *writer, const void *bytes,
                           size_t count);

/** teeio_image_put_count() - seven bits a byte, small numbers first */
void teeio_image_put_count(struct teeio_image_writer *writer, uint64_t count);

/** teeio_image_put_regs() - the values of a whole register table */
void teeio_image_put_regs(struct teeio_image_writer *writer,
                          const struct teeio_regs *regs);

/**
 * teeio_image_open() - look at the head of an image
 *
 * With another tag or version than expected, the image reads as bad.
 */
struct teeio_image_reader teeio_image_open(const uint8_t *buf, size_t size,
                                           uint32_t tag, uint32_t version);

uint64_t teeio_image_get(struct teeio_image_reader *reader, unsigned bytes);
void teeio_image_get_bytes(struct teeio_image_reader *reader, void *bytes,
                           size_t count);
uint64_t teeio_image_get_count(struct teeio_image_reader *reader);

/** teeio_image_get_bool() - anything but 0 and 1 is bad */
bool teeio_image_get_bool(struct teeio_image_reader *reader);

/**
 * teeio_image_get_regs() - the values of a register table
 * @values: as many as @regs has rows
 *
 * Bad when the number of rows differs, or a bit is set that the register does
 * not have. Which values make sense is for the model to know.
 */
void teeio_image_get_regs(struct teeio_image_reader *reader,
                          const struct teeio_regs *regs, uint64_t *values);

/** teeio_image_end() - was the image good, and is all of it read? */
bool teeio_image_end(const struct teeio_image_reader *reader);

#endif
