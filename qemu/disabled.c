/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "disabled.h"

#include <inttypes.h>

#include "qom.h"
#include "teeio/ownership.h"

#define TABLE_ALIGNMENT 0x8000u

bool teeio_disabled_set(const char *device, const char *text,
                        struct teeio_disabled_rules *rules, Error **errp)
{
    if (!teeio_disabled_parse(text, rules)) {
        teeio_error(errp,
                    "it is a profile as bypass, or SITUATION:PROFILE as "
                    "reset:bypass/detach:stale+block/unmapped:sink/until:power,"
                    " or a driver as linux-6.1:rockchip",
                    "%s: disabled-behaviour cannot be '%s'", device, text);
        return false;
    }
    return true;
}

bool teeio_disabled_check(const char *device,
                          const struct teeio_disabled_rules *rules,
                          const struct teeio_disabled_places *places,
                          Error **errp)
{
    if (teeio_disabled_uses(rules, TEEIO_DISABLED_SINK) &&
        (!places->sink || places->sink % TEEIO_PAGE_SIZE)) {
        teeio_error(errp, "give a page of guest memory: disabled-sink=ADDRESS",
                    "%s: the profile sink leads nowhere", device);
        return false;
    }
    if (teeio_disabled_uses(rules, TEEIO_DISABLED_APERTURE) &&
        !places->window_bytes) {
        teeio_error(errp,
                    "give disabled-window=ADDRESS,disabled-window-size=BYTES",
                    "%s: the profile aperture has no window", device);
        return false;
    }
    if (teeio_disabled_uses(rules, TEEIO_DISABLED_OTHER_TABLE) &&
        (!places->table || places->table % TABLE_ALIGNMENT)) {
        teeio_error(errp, "give a multiple of 0x8000: disabled-table=ADDRESS",
                    "%s: the profile other-table has no table", device);
        return false;
    }
    return true;
}
