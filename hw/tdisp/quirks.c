/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/quirks.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct teeio_quirk list[] = {
    {"dev-addr-width-48", TEEIO_QUIRK_DEV_ADDR_WIDTH_48,
     "TDISP_CAPABILITIES reports 48 address bits instead of 52."},
    {"num-req-zero", TEEIO_QUIRK_NUM_REQ_ZERO,
     "TDISP_CAPABILITIES reports 0 outstanding requests instead of 1."},
    {"mandatory-only", TEEIO_QUIRK_MANDATORY_ONLY,
     "Optional TDISP requests are neither reported nor supported."},
    {"lock-without-keys", TEEIO_QUIRK_LOCK_WITHOUT_KEYS,
     "LOCK_INTERFACE_REQUEST does not look at IDE streams."},
    {"stop-unlocked-error", TEEIO_QUIRK_STOP_UNLOCKED_ERROR,
     "STOP_INTERFACE_REQUEST in CONFIG_UNLOCKED is INVALID_INTERFACE_STATE."},
    {"version-first", TEEIO_QUIRK_VERSION_FIRST,
     "Before GET_TDISP_VERSION every FUNCTION_ID is INVALID_INTERFACE."},
    {"any-function-id", TEEIO_QUIRK_ANY_FUNCTION_ID,
     "A FUNCTION_ID that names no interface stands for the first one."},
    {"mmio-in-locked", TEEIO_QUIRK_MMIO_IN_LOCKED,
     "TEE memory takes requests with T=1 in CONFIG_LOCKED too."},
    {"km-drop-bad-length", TEEIO_QUIRK_KM_DROP_BAD_LENGTH,
     "A KEY_PROG of a wrong length is not answered."},
    {"km-drop-bad-port", TEEIO_QUIRK_KM_DROP_BAD_PORT,
     "A KEY_PROG for a port that does not exist is not answered."},
    {"km-any-value", TEEIO_QUIRK_KM_ANY_VALUE,
     "KEY_PROG takes any sub-stream, IFV and stream id without complaint."},
    {"km-any-session", TEEIO_QUIRK_KM_ANY_SESSION,
     "IDE_KM answers a second session while the first is open."},
    {"km-one-sub-stream", TEEIO_QUIRK_KM_ONE_SUB_STREAM,
     "The keys of one sub-stream serve all three."},
    {"max-port", 0,
     "IDE_KM knows port indices up to this number, and all mean this port."},
};

const struct teeio_quirk *teeio_quirks_list(size_t *count)
{
    *count = COUNT(list);
    return list;
}

/* Returns: the length of the number at @text, 0 when it is none or too big. */
static size_t parse_port(const char *text, uint8_t *port)
{
    unsigned value = 0;
    size_t used = 0;

    while (text[used] >= '0' && text[used] <= '9') {
        value = 10 * value + (text[used++] - '0');
        if (value > TEEIO_QUIRKS_MAX_PORT) {
            return 0;
        }
    }
    *port = value;
    return used;
}

/* Returns: the length of the quirk at @text, 0 when it is none. */
static size_t parse_one(const char *text, struct teeio_quirks *quirks)
{
    size_t used = strcspn(text, ",=");

    for (size_t i = 0; i < COUNT(list); i++) {
        if (strlen(list[i].name) != used ||
            strncmp(text, list[i].name, used) != 0) {
            continue;
        }
        if (!list[i].flag) {
            size_t digits = text[used] == '='
                                ? parse_port(text + used + 1, &quirks->max_port)
                                : 0;

            return digits ? used + 1 + digits : 0;
        }
        quirks->flags |= list[i].flag;
        return used;
    }
    return 0;
}

bool teeio_quirks_parse(const char *text, struct teeio_quirks *quirks,
                        const char **bad)
{
    struct teeio_quirks next = {0};
    bool good = true;

    while (good && *text) {
        size_t used = parse_one(text, &next);

        good = used && (!text[used] || (text[used] == ',' && text[used + 1]));
        if (good) {
            text += used + (text[used] == ',');
        } else if (bad) {
            *bad = text;
        }
    }
    if (good) {
        *quirks = next;
    }
    return good;
}

size_t teeio_quirks_print(const struct teeio_quirks *quirks,
                          char text[TEEIO_QUIRKS_TEXT])
{
    size_t used = 0;

    text[0] = 0;
    for (size_t i = 0; i < COUNT(list); i++) {
        const char *comma = used ? "," : "";

        if (quirks->flags & list[i].flag) {
            used += snprintf(text + used, TEEIO_QUIRKS_TEXT - used, "%s%s",
                             comma, list[i].name);
        } else if (!list[i].flag && quirks->max_port) {
            used += snprintf(text + used, TEEIO_QUIRKS_TEXT - used, "%s%s=%u",
                             comma, list[i].name, quirks->max_port);
        }
    }
    return used;
}

bool teeio_quirks_has(const struct teeio_quirks *quirks, uint32_t flag)
{
    return quirks && quirks->flags & flag;
}
