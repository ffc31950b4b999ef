/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* How software uses a DOE mailbox (PCIe 6.30.2). */
#include "../../bytes.h"
#include "teeio/requester.h"
#include "teeio/spec/doe.h"

/* How long a mailbox may take: more than any of ours is set to. */
#define MAX_STEPS 4096

static bool has(struct teeio_doe *doe, uint32_t status)
{
    return teeio_doe_read(doe, TEEIO_DOE_REG_STATUS, 4) & status;
}

static uint32_t take(struct teeio_doe *doe)
{
    uint32_t word = teeio_doe_read(doe, TEEIO_DOE_REG_READ, 4);

    teeio_doe_write(doe, TEEIO_DOE_REG_READ, 0, 4);
    return word;
}

static void control(struct teeio_doe *doe, uint32_t bit)
{
    uint32_t kept = teeio_doe_read(doe, TEEIO_DOE_REG_CONTROL, 4);

    teeio_doe_write(doe, TEEIO_DOE_REG_CONTROL, kept | bit, 4);
}

/* Returns: false when the mailbox does not become idle. */
static bool clear(struct teeio_doe *doe)
{
    const uint32_t all =
        TEEIO_DOE_STATUS_BUSY | TEEIO_DOE_STATUS_ERROR | TEEIO_DOE_STATUS_READY;

    control(doe, TEEIO_DOE_CONTROL_ABORT);
    return !has(doe, all);
}

static size_t collect(struct teeio_doe *doe, uint8_t *answer, size_t size)
{
    size_t len;

    if (size < TEEIO_DOE_HEADER_SIZE) {
        return 0;
    }
    teeio_put_le(answer, take(doe), 4);
    teeio_put_le(answer + 4, take(doe), 4);
    len = teeio_doe_length(answer);
    if (len < TEEIO_DOE_HEADER_SIZE || len > size) {
        return 0;
    }
    for (size_t at = TEEIO_DOE_HEADER_SIZE; at < len; at += 4) {
        if (!has(doe, TEEIO_DOE_STATUS_READY)) {
            return 0;
        }
        teeio_put_le(answer + at, take(doe), 4);
    }
    return len;
}

size_t teeio_requester_mailbox(void *opaque, const uint8_t *object, size_t len,
                               uint8_t *answer, size_t size)
{
    struct teeio_doe *doe = opaque;
    unsigned steps = 0;
    size_t used = 0;

    if (!clear(doe)) {
        return 0;
    }
    for (size_t at = 0; at < len; at += 4) {
        teeio_doe_write(doe, TEEIO_DOE_REG_WRITE, teeio_get_le(object + at, 4),
                        4);
    }
    control(doe, TEEIO_DOE_CONTROL_GO);
    while (has(doe, TEEIO_DOE_STATUS_BUSY) && steps++ < MAX_STEPS) {
        teeio_doe_step(doe);
    }
    if (has(doe, TEEIO_DOE_STATUS_READY)) {
        used = collect(doe, answer, size);
    }
    clear(doe);
    return used;
}
