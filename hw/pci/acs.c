/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdio.h>
#include <string.h>

#include "teeio/spec/port.h"
#include "teeio/topology.h"

static const char *const names[TEEIO_ACS_BITS] = {"sv", "tb", "rr", "cr",
                                                  "uf", "ec", "dt"};

const char *teeio_acs_name(uint16_t bit)
{
    for (unsigned i = 0; i < TEEIO_ACS_BITS; i++) {
        if (bit == 1u << i) {
            return names[i];
        }
    }
    return NULL;
}

bool teeio_acs_parse(const char *text, uint16_t *bits)
{
    uint16_t found = 0;

    if (!strcmp(text, "none") || !strcmp(text, "all")) {
        *bits = *text == 'a' ? TEEIO_ACS_ALL : 0;
        return true;
    }
    for (;;) {
        size_t length = strcspn(text, "+");
        unsigned bit = 0;

        while (bit < TEEIO_ACS_BITS &&
               (length != 2 || strncmp(text, names[bit], 2))) {
            bit++;
        }
        if (bit == TEEIO_ACS_BITS) {
            return false;
        }
        found |= 1u << bit;
        if (!text[length]) {
            *bits = found;
            return true;
        }
        text += length + 1;
    }
}

char *teeio_acs_format(uint16_t bits, char buf[TEEIO_ACS_TEXT])
{
    size_t used = 0;

    snprintf(buf, TEEIO_ACS_TEXT, "none");
    for (unsigned i = 0; i < TEEIO_ACS_BITS; i++) {
        if (bits & 1u << i) {
            used += snprintf(buf + used, TEEIO_ACS_TEXT - used, "%s%s",
                             used ? "+" : "", names[i]);
        }
    }
    return buf;
}

const char *teeio_refusal_name(enum teeio_refusal refusal)
{
    static const char *const refusals[TEEIO_REFUSALS] = {
        [TEEIO_REFUSAL_MALFORMED] = "malformed",
        [TEEIO_REFUSAL_UR] = "ur",
        [TEEIO_REFUSAL_ACS] = "acs-violation",
        [TEEIO_REFUSAL_IDE] = "ide-check-failed",
        [TEEIO_REFUSAL_MISROUTED] = "misrouted-ide-tlp",
    };

    return (unsigned)refusal < TEEIO_REFUSALS ? refusals[refusal] : "?";
}
