// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: 2026 The qemu-teeio authors
/*
 * Commands that make the device send: each one descriptor over a whole
 * buffer, judged by what the CPU sees.
 */
#include <linux/crc32.h>
#include <linux/string.h>

#include "teeio/spec/tdi.h"
#include "teeio_guest.h"

/* As zlib has it. */
static u32 teeio_crc32(const void *data, size_t length)
{
    return ~crc32_le(~0u, data, length);
}

static u32 teeio_crc32_of_ones(size_t length)
{
    static const u8 ones[64] = {[0 ... 63] = 0xff};
    u32 crc = ~0u;

    for (; length; length -= sizeof(ones)) {
        crc = crc32_le(crc, ones, sizeof(ones));
    }
    return ~crc;
}

/* T must be given: leaving it out would choose a security property. */
static bool teeio_parse_t(const struct teeio_words *words, u32 *control)
{
    u64 xt = 0;
    u64 ats = 0;
    u64 t;

    if (!teeio_option(words, "t") || teeio_number(words, "t", 1, &t) ||
        teeio_number(words, "xt", 1, &xt) ||
        teeio_number(words, "ats", 1, &ats)) {
        return false;
    }
    *control |= (t ? TEEIO_TDI_DESC_T : 0) | (xt ? TEEIO_TDI_DESC_XT : 0) |
                (ats ? TEEIO_TDI_DESC_ATS : 0);
    return true;
}

int teeio_run_fill(void *context, const struct teeio_words *words,
                   struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;
    struct teeio_addr *addr = teeio_find_addr(dev, words->word[0]);
    struct teeio_transfer fill = {.control = TEEIO_TDI_OP_FILL};
    bool landed = true;
    size_t count;
    u64 *word;
    size_t i;

    if (!addr) {
        return teeio_fail(reply, ENOENT, "no-such-address");
    }
    if (!teeio_parse_t(words, &fill.control)) {
        return teeio_fail(reply, EINVAL, "bad-t");
    }
    if (!teeio_option(words, "pattern") ||
        teeio_number(words, "pattern", U64_MAX, &fill.pattern)) {
        return teeio_fail(reply, EINVAL, "bad-pattern");
    }
    word = addr->buffer->cpu;
    count = addr->buffer->length / sizeof(*word);
    fill.length = addr->buffer->length;
    fill.dest = addr->bus;

    teeio_sync_for_cpu(dev, addr);
    memset64(word, ~fill.pattern, count);
    teeio_sync_for_device(dev, addr);
    teeio_transfer(dev, &fill);
    teeio_sync_for_cpu(dev, addr);
    for (i = 0; i < count; i++) {
        landed = landed && word[i] == fill.pattern;
    }
    return teeio_ok(reply, "status=%s landed=%s irq=%s", fill.status,
                    teeio_yes(landed), teeio_yes(fill.irq));
}

int teeio_run_read(void *context, const struct teeio_words *words,
                   struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;
    struct teeio_addr *addr = teeio_find_addr(dev, words->word[0]);
    struct teeio_transfer read = {.control = TEEIO_TDI_OP_CHECKSUM};
    struct teeio_buffer *buffer;
    u32 expected;

    if (!addr) {
        return teeio_fail(reply, ENOENT, "no-such-address");
    }
    if (!teeio_parse_t(words, &read.control)) {
        return teeio_fail(reply, EINVAL, "bad-t");
    }
    buffer = addr->buffer;
    read.length = buffer->length;
    read.source = addr->bus;

    teeio_sync_for_cpu(dev, addr);
    expected = teeio_crc32(buffer->cpu, buffer->length);
    teeio_sync_for_device(dev, addr);
    teeio_transfer(dev, &read);
    return teeio_ok(
        reply, "status=%s match=%s ones=%s irq=%s", read.status,
        teeio_yes(read.checksum == expected),
        teeio_yes(read.checksum == teeio_crc32_of_ones(buffer->length)),
        teeio_yes(read.irq));
}

int teeio_run_copy(void *context, const struct teeio_words *words,
                   struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;
    struct teeio_addr *source = teeio_find_addr(dev, words->word[0]);
    struct teeio_addr *dest = teeio_find_addr(dev, words->word[1]);
    struct teeio_transfer copy = {.control = TEEIO_TDI_OP_COPY};
    const u64 *from;
    u64 *to;
    size_t i;

    if (!source || !dest) {
        return teeio_fail(reply, ENOENT, "no-such-address");
    }
    if (source->buffer == dest->buffer) {
        return teeio_fail(reply, EINVAL, "same-buffer");
    }
    if (!teeio_parse_t(words, &copy.control)) {
        return teeio_fail(reply, EINVAL, "bad-t");
    }
    from = source->buffer->cpu;
    to = dest->buffer->cpu;
    copy.length = min(source->buffer->length, dest->buffer->length);
    copy.source = source->bus;
    copy.dest = dest->bus;

    teeio_sync_for_cpu(dev, source);
    teeio_sync_for_cpu(dev, dest);
    for (i = 0; i < copy.length / sizeof(*to); i++) {
        to[i] = ~from[i];
    }
    teeio_sync_for_device(dev, source);
    teeio_sync_for_device(dev, dest);
    teeio_transfer(dev, &copy);
    teeio_sync_for_cpu(dev, dest);
    return teeio_ok(reply, "status=%s landed=%s irq=%s", copy.status,
                    teeio_yes(!memcmp(from, to, copy.length)),
                    teeio_yes(copy.irq));
}
