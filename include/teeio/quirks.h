/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Where known tools disagree with the specification or with each other, a
 * quirk makes a device behave as one of them wants it.
 */
#ifndef TEEIO_QUIRKS_H
#define TEEIO_QUIRKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names as in text form, with a dash for the underscore. */
#define TEEIO_QUIRK_DEV_ADDR_WIDTH_48   0x0001u
#define TEEIO_QUIRK_NUM_REQ_ZERO        0x0002u
#define TEEIO_QUIRK_MANDATORY_ONLY      0x0004u
#define TEEIO_QUIRK_LOCK_WITHOUT_KEYS   0x0008u
#define TEEIO_QUIRK_STOP_UNLOCKED_ERROR 0x0010u
#define TEEIO_QUIRK_VERSION_FIRST       0x0020u
#define TEEIO_QUIRK_ANY_FUNCTION_ID     0x0040u
#define TEEIO_QUIRK_MMIO_IN_LOCKED      0x0080u
#define TEEIO_QUIRK_KM_DROP_BAD_LENGTH  0x0100u
#define TEEIO_QUIRK_KM_DROP_BAD_PORT    0x0200u
#define TEEIO_QUIRK_KM_ANY_VALUE        0x0400u
#define TEEIO_QUIRK_KM_ANY_SESSION      0x0800u
#define TEEIO_QUIRK_KM_ONE_SUB_STREAM   0x1000u

/**
 * struct teeio_quirks - none when all zero
 * @flags:    TEEIO_QUIRK_*
 * @max_port: highest port index that IDE_KM knows; all ports are one
 */
struct teeio_quirks {
    uint32_t flags;
    uint8_t max_port;
};

#define TEEIO_QUIRKS_MAX_PORT 15u

/** Bytes that teeio_quirks_print() needs at most, the final 0 included. */
#define TEEIO_QUIRKS_TEXT 256u

/**
 * struct teeio_quirk - one row of the list
 * @name: as in text form
 * @flag: its bit; 0 for "max-port", which takes a number
 * @doc:  one sentence for documentation
 */
struct teeio_quirk {
    const char *name;
    uint32_t flag;
    const char *doc;
};

/** teeio_quirks_list() - all there are */
const struct teeio_quirk *teeio_quirks_list(size_t *count);

/**
 * teeio_quirks_parse() - from text: names with commas between, "max-port=N"
 * @bad: on failure set to where the first part that is not understood begins;
 *       may be NULL
 *
 * Returns: false, with @quirks unchanged, when a part is not understood.
 */
bool teeio_quirks_parse(const char *text, struct teeio_quirks *quirks,
                        const char **bad);

/**
 * teeio_quirks_print() - to text, as teeio_quirks_parse() takes it
 *
 * Returns: the length without the final 0.
 */
size_t teeio_quirks_print(const struct teeio_quirks *quirks,
                          char text[TEEIO_QUIRKS_TEXT]);

/** teeio_quirks_has() - @quirks may be NULL */
bool teeio_quirks_has(const struct teeio_quirks *quirks, uint32_t flag);

#endif
