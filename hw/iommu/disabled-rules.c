/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The language of disabled-behaviour, and what Linux drivers amount to in it.
 */
#include <stdio.h>
#include <string.h>

#include "teeio/disabled.h"

static const char *const profiles[TEEIO_DISABLED_PROFILES] = {
    [TEEIO_DISABLED_ARCHITECTED] = "architected",
    [TEEIO_DISABLED_BLOCK] = "block",
    [TEEIO_DISABLED_BLOCK_SILENT] = "block-silent",
    [TEEIO_DISABLED_BLOCK_PERM] = "block-perm",
    [TEEIO_DISABLED_BYPASS] = "bypass",
    [TEEIO_DISABLED_EMPTY] = "empty",
    [TEEIO_DISABLED_SINK] = "sink",
    [TEEIO_DISABLED_APERTURE] = "aperture",
    [TEEIO_DISABLED_STALE] = "stale",
    [TEEIO_DISABLED_STALL] = "stall",
    [TEEIO_DISABLED_NO_RESPONSE] = "no-response",
    [TEEIO_DISABLED_OTHER_TABLE] = "other-table",
    [TEEIO_DISABLED_INVERTED] = "inverted",
};

static const char *const whens[TEEIO_DISABLED_WHENS] = {
    [TEEIO_DISABLED_RESET] = "reset",
    [TEEIO_DISABLED_DETACH] = "detach",
    [TEEIO_DISABLED_UNMAPPED] = "unmapped",
};

static const char *const ends[TEEIO_DISABLED_UNTILS] = {
    [TEEIO_DISABLED_UNTIL_INVALIDATION] = "invalidation",
    [TEEIO_DISABLED_UNTIL_POWER] = "power",
    [TEEIO_DISABLED_UNTIL_RESET] = "reset",
    [TEEIO_DISABLED_UNTIL_NEVER] = "never",
};

/*
 * The state after the driver's own detach; "-suspended" is for hardware that
 * was asleep meanwhile, "-claimed" for a group that VFIO took, "-release" for
 * what follows when the device goes away.
 */
static const struct teeio_disabled_row rows[] = {
    {"linux-6.1:apple-dart", "reset:block/detach:block",
     "TCR 0: neither translate nor bypass"},
    {"linux-6.1:exynos", "detach:bypass", "MMU_CTRL 0"},
    {"linux-6.1:exynos-suspended", "detach:stale+bypass/until:power",
     "registers are written at the next resume"},
    {"linux-6.1:ipmmu-vmsa", "reset:bypass/detach:bypass", "IMUCTR.MMUEN 0"},
    {"linux-6.1:mtk", "reset:bypass/detach:stale+bypass/until:power",
     "the larb's MMU_EN is written at its next resume"},
    {"linux-6.1:mtk-v1", "reset:bypass/detach:stale+bypass/until:power",
     "as mtk"},
    {"linux-6.1:rockchip", "reset:bypass/detach:bypass", "paging disabled"},
    {"linux-6.1:rockchip-suspended",
     "reset:bypass/detach:stale+bypass/until:power", "left as it was"},
    {"linux-6.1:sprd", "reset:bypass/detach:bypass/unmapped:sink",
     "off passes; on, the default page takes what is not mapped"},
    {"linux-6.1:sun50i", "reset:bypass/detach:bypass", "ENABLE 0"},
    {"linux-6.1:amd", "reset:bypass/detach:block-perm",
     "DTE.Mode 0 with IR and IW 0; V 0 would pass"},
    {"linux-6.1:qcom", "reset:bypass/detach:bypass", "SCTLR.M 0"},
    {"linux-6.1:qcom-firmware", "inverted",
     "firmware turns the fault type into bypass and back"},
    {"linux-6.1:intel", "reset:bypass/detach:block", "context not present"},
    {"linux-6.1:intel-claimed", "reset:bypass/detach:empty",
     "an empty domain in place of a blocked one"},
    {"linux-6.1:fsl-pamu", "reset:bypass/detach:block",
     "PAACE valid, no translation at first; invalid later"},
    {"linux-6.1:msm", "reset:bypass/detach:bypass", "all contexts zeroed"},
    {"linux-6.1:omap", "reset:bypass/detach:bypass", "MMU_CNTL cleared"},
    {"linux-6.1:omap-suspended", "reset:no-response/detach:no-response",
     "the platform holds its reset line"},
    {"linux-6.1:s390", "reset:other-table/detach:other-table",
     "the platform's own DMA table takes over"},
    {"linux-6.1:s390-release", "reset:other-table/detach:block",
     "IOAT unregistered"},
    {"linux-6.1:tegra-gart", "aperture/until:never",
     "nothing changes; outside the aperture never translated"},
    {"linux-6.1:tegra-smmu", "reset:bypass/detach:bypass",
     "ASID and client enables cleared"},
    {"linux-6.1:arm-smmu", "reset:block/detach:stale+block/until:power",
     "no detach: the last S2CR stays until release"},
    {"linux-6.1:arm-smmu-v3", "detach:block-silent", "STE.Config abort"},
    {"linux-7.1:apple-dart", "reset:block/detach:block", "static blocked"},
    {"linux-7.1:exynos", "detach:bypass", "static identity"},
    {"linux-7.1:ipmmu-vmsa", "reset:bypass/detach:bypass", "static identity"},
    {"linux-7.1:mtk", "reset:bypass/detach:stale+bypass/until:power",
     "static identity, deferred as before"},
    {"linux-7.1:mtk-v1", "reset:bypass/detach:stale+bypass/until:power",
     "static identity, deferred as before"},
    {"linux-7.1:rockchip", "reset:bypass/detach:bypass", "static identity"},
    {"linux-7.1:sprd", "reset:bypass/detach:sink/unmapped:sink",
     "an empty domain: all goes to the default page"},
    {"linux-7.1:sun50i", "reset:bypass/detach:bypass", "static identity"},
    {"linux-7.1:amd", "reset:bypass/detach:block", "DTE.TV 0"},
    {"linux-7.1:qcom", "reset:bypass/detach:bypass", "static identity"},
    {"linux-7.1:qcom-firmware", "inverted", "as before"},
    {"linux-7.1:intel", "reset:bypass/detach:block", "static blocked"},
    {"linux-7.1:fsl-pamu", "reset:bypass/detach:block",
     "the platform domain leaves it blocked"},
    {"linux-7.1:msm", "reset:bypass/detach:bypass", "static identity"},
    {"linux-7.1:omap", "reset:bypass/detach:bypass", "static identity"},
    {"linux-7.1:s390", "reset:block/detach:block", "static blocked"},
    {"linux-7.1:tegra-smmu", "reset:bypass/detach:bypass", "static identity"},
    {"linux-7.1:arm-smmu", "reset:block/detach:block", "S2CR fault"},
    {"linux-7.1:arm-smmu-v3", "detach:block-silent", "static blocked"},
};

const struct teeio_disabled_row *teeio_disabled_driver(size_t index)
{
    return index < sizeof(rows) / sizeof(rows[0]) ? &rows[index] : NULL;
}

const char *teeio_disabled_profile_name(enum teeio_disabled_profile profile)
{
    return (unsigned)profile < TEEIO_DISABLED_PROFILES ? profiles[profile]
                                                       : "?";
}

const char *teeio_disabled_when_name(enum teeio_disabled_when when)
{
    return (unsigned)when < TEEIO_DISABLED_WHENS ? whens[when] : "?";
}

/* struct span - part of a text */
struct span {
    const char *at;
    size_t length;
};

static bool same(struct span span, const char *name)
{
    return strlen(name) == span.length && !memcmp(name, span.at, span.length);
}

/* Returns: the index of @span in @names, @count when it is not there. */
static unsigned find(struct span span, const char *const *names, unsigned count)
{
    unsigned i = 0;

    while (i < count && !same(span, names[i])) {
        i++;
    }
    return i;
}

/* What comes before @stop; the rest stays in @text, without @stop. */
static struct span take(struct span *text, char stop)
{
    const char *end = memchr(text->at, stop, text->length);
    struct span part = *text;

    if (end) {
        part.length = end - text->at;
        text->at = end + 1;
        text->length -= part.length + 1;
    } else {
        text->length = 0;
    }
    return part;
}

static bool parse_profile(struct span text, enum teeio_disabled_profile *first,
                          enum teeio_disabled_profile *then)
{
    bool more = memchr(text.at, '+', text.length);
    struct span head = take(&text, '+');

    *first = find(head, profiles, TEEIO_DISABLED_PROFILES);
    *then = TEEIO_DISABLED_ARCHITECTED;
    if (more) {
        *then = find(text, profiles, TEEIO_DISABLED_PROFILES);
    }
    return *first < TEEIO_DISABLED_PROFILES &&
           *then < TEEIO_DISABLED_PROFILES &&
           (!more ||
            (*first == TEEIO_DISABLED_STALE && *then != TEEIO_DISABLED_STALE));
}

/* A profile without a situation is for all that it can speak of. */
static bool parse_all(struct span part, struct teeio_disabled_rules *rules)
{
    enum teeio_disabled_profile first, then;

    if (!parse_profile(part, &first, &then)) {
        return false;
    }
    for (unsigned i = 0; i < TEEIO_DISABLED_WHENS; i++) {
        if (i != TEEIO_DISABLED_UNMAPPED || first != TEEIO_DISABLED_INVERTED) {
            rules->profile[i] = first;
            rules->then[i] = then;
        }
    }
    return true;
}

static bool parse_part(struct span part, struct teeio_disabled_rules *rules,
                       unsigned *seen)
{
    const unsigned until = TEEIO_DISABLED_WHENS;
    const unsigned all = until + 1;
    struct span head;
    unsigned key;

    if (!memchr(part.at, ':', part.length)) {
        bool first = !*seen;

        *seen |= 1u << all;
        return first && parse_all(part, rules);
    }
    head = take(&part, ':');
    key = find(head, whens, TEEIO_DISABLED_WHENS);
    if ((key == until && !same(head, "until")) || *seen & 1u << key) {
        return false;
    }
    *seen |= 1u << key;
    if (key == until) {
        rules->until = find(part, ends, TEEIO_DISABLED_UNTILS);
        return rules->until < TEEIO_DISABLED_UNTILS;
    }
    return parse_profile(part, &rules->profile[key], &rules->then[key]) &&
           /* No encoding of software speaks of a single address. */
           (key != TEEIO_DISABLED_UNMAPPED ||
            (rules->profile[key] != TEEIO_DISABLED_INVERTED &&
             rules->then[key] != TEEIO_DISABLED_INVERTED));
}

bool teeio_disabled_parse(const char *text, struct teeio_disabled_rules *rules)
{
    struct teeio_disabled_rules next = {.until = TEEIO_DISABLED_UNTIL_POWER};
    struct span rest = {text, strlen(text)};
    unsigned seen = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (same(rest, rows[i].name)) {
            rest = (struct span){rows[i].rules, strlen(rows[i].rules)};
        }
    }
    do {
        bool more = memchr(rest.at, '/', rest.length);

        if (!parse_part(take(&rest, '/'), &next, &seen) ||
            (more && !rest.length)) {
            return false;
        }
    } while (rest.length);
    *rules = next;
    return true;
}

char *teeio_disabled_format(const struct teeio_disabled_rules *rules,
                            char buf[TEEIO_DISABLED_TEXT])
{
    size_t used = 0;

    for (unsigned i = 0; i < TEEIO_DISABLED_WHENS; i++) {
        bool then = rules->then[i] != TEEIO_DISABLED_ARCHITECTED;

        used += snprintf(buf + used, TEEIO_DISABLED_TEXT - used, "%s:%s%s%s/",
                         whens[i], profiles[rules->profile[i]], then ? "+" : "",
                         then ? profiles[rules->then[i]] : "");
    }
    snprintf(buf + used, TEEIO_DISABLED_TEXT - used, "until:%s",
             ends[rules->until]);
    return buf;
}

bool teeio_disabled_uses(const struct teeio_disabled_rules *rules,
                         enum teeio_disabled_profile profile)
{
    for (unsigned i = 0; i < TEEIO_DISABLED_WHENS; i++) {
        if (rules->profile[i] == profile || rules->then[i] == profile) {
            return true;
        }
    }
    return false;
}
