/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "image.h"

#include <string.h>

void teeio_image_put_bytes(struct teeio_image_writer *writer, const void *bytes,
                           size_t count)
{
    if (writer->used <= writer->size && count <= writer->size - writer->used) {
        memcpy(writer->buf + writer->used, bytes, count);
    }
    writer->used += count;
}

void teeio_image_put(struct teeio_image_writer *writer, uint64_t value,
                     unsigned bytes)
{
    uint8_t little[8];

    for (unsigned i = 0; i < bytes; i++) {
        little[i] = value >> 8 * i;
    }
    teeio_image_put_bytes(writer, little, bytes);
}

void teeio_image_put_count(struct teeio_image_writer *writer, uint64_t count)
{
    for (; count > 0x7f; count >>= 7) {
        teeio_image_put(writer, (count & 0x7f) | 0x80, 1);
    }
    teeio_image_put(writer, count, 1);
}

void teeio_image_put_regs(struct teeio_image_writer *writer,
                          const struct teeio_regs *regs)
{
    teeio_image_put(writer, regs->count, 4);
    for (size_t i = 0; i < regs->count; i++) {
        teeio_image_put(writer, regs->values[i], 8);
    }
}

struct teeio_image_writer teeio_image_start(uint8_t *buf, size_t size,
                                            uint32_t tag, uint32_t version)
{
    struct teeio_image_writer writer = {.buf = buf, .size = buf ? size : 0};

    teeio_image_put(&writer, tag, 4);
    teeio_image_put(&writer, version, 4);
    return writer;
}

/* Returns: NULL when so many bytes are not left. */
static const uint8_t *take(struct teeio_image_reader *reader, size_t count)
{
    const uint8_t *bytes = reader->next;

    if (reader->bad || count > reader->left) {
        reader->bad = true;
        return NULL;
    }
    reader->next += count;
    reader->left -= count;
    return bytes;
}

void teeio_image_get_bytes(struct teeio_image_reader *reader, void *bytes,
                           size_t count)
{
    const uint8_t *from = take(reader, count);

    if (from) {
        memcpy(bytes, from, count);
    } else {
        memset(bytes, 0, count);
    }
}

uint64_t teeio_image_get(struct teeio_image_reader *reader, unsigned bytes)
{
    const uint8_t *from = take(reader, bytes);
    uint64_t value = 0;

    for (unsigned i = 0; from && i < bytes; i++) {
        value |= (uint64_t)from[i] << 8 * i;
    }
    return value;
}

uint64_t teeio_image_get_count(struct teeio_image_reader *reader)
{
    uint64_t count = 0;

    for (unsigned shift = 0; shift < 63; shift += 7) {
        uint64_t byte = teeio_image_get(reader, 1);

        count |= (byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            return count;
        }
    }
    reader->bad = true;
    return 0;
}

bool teeio_image_get_bool(struct teeio_image_reader *reader)
{
    uint64_t value = teeio_image_get(reader, 1);

    if (value > 1) {
        reader->bad = true;
    }
    return value == 1;
}

void teeio_image_get_regs(struct teeio_image_reader *reader,
                          const struct teeio_regs *regs, uint64_t *values)
{
    if (teeio_image_get(reader, 4) != regs->count) {
        reader->bad = true;
    }
    for (size_t i = 0; i < regs->count; i++) {
        values[i] = teeio_image_get(reader, 8);
        if (regs->table[i].width == 4 && values[i] > UINT32_MAX) {
            reader->bad = true;
        }
    }
}

struct teeio_image_reader teeio_image_open(const uint8_t *buf, size_t size,
                                           uint32_t tag, uint32_t version)
{
    struct teeio_image_reader reader = {.next = buf, .left = size};

    if (teeio_image_get(&reader, 4) != tag ||
        teeio_image_get(&reader, 4) != version) {
        reader.bad = true;
    }
    return reader;
}

bool teeio_image_end(const struct teeio_image_reader *reader)
{
    return !reader->bad && reader->left == 0;
}
