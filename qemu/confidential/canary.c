/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The canary: a word that the guest holds in private memory. Whoever finds it
 * in the shared bank has found a leak.
 */
#include <string.h>

#include "confidential/confidential.h"
#include "confidential/pages.h"
#include "teeio/event.h"

/* Words that are not aligned belong to somebody else. */
struct search {
    uint64_t word;
    uint64_t count;
};

static void search_page(void *opaque, uint64_t gpa, const uint8_t *page)
{
    struct search *search = opaque;

    (void)gpa;
    for (unsigned at = 0; at < TEEIO_PAGE_SIZE; at += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, page + at, sizeof(word));
        search->count += GUINT64_FROM_LE(word) == search->word;
    }
}

struct teeio_canary teeio_canary_count(const struct teeio_confidential *c,
                                       uint64_t word)
{
    struct search shared = {.word = word};
    struct search private = {.word = word};

    for (unsigned i = 0; i < c->count; i++) {
        const struct teeio_board_range *ram = &c->banks[i].ram;

        teeio_pages_each(ram->base, ram->end, search_page, &shared);
        teeio_pages_each(ram->base | TEEIO_CBIT, ram->end | TEEIO_CBIT,
                         search_page, &private);
    }
    return (struct teeio_canary){shared.count, private.count};
}

void teeio_canary_trace(const struct teeio_confidential *c)
{
    struct teeio_canary canary = teeio_canary_count(c, c->canary);
    const struct teeio_event event = {
        .kind = TEEIO_EVENT_CANARY,
        .source = "confidential",
        .u.canary = {.shared = canary.shared, .private = canary.private},
    };

    if (c->host.trace) {
        c->host.trace(c->host.opaque, &event);
    }
}

static void qmp_canary(QDict *arguments, QObject **ret, Error **errp)
{
    const char *text = qdict_get_try_str(arguments, "word");
    struct teeio_canary canary;
    QDict *reply;
    guint64 word;

    if (!teeio_confidential) {
        teeio_error(errp, "add -device teeio-confidential",
                    "x-teeio-canary: the guest is not a confidential one");
        return;
    }
    if (!text || !g_str_has_prefix(text, "0x") ||
        !g_ascii_string_to_unsigned(text + 2, 16, 1, UINT64_MAX, &word, NULL)) {
        teeio_error(errp, "write \"word\": \"0x0123456789abcdef\"",
                    "x-teeio-canary: '%s' is no word of 64 bits",
                    text ? text : "");
        return;
    }
    canary = teeio_canary_count(teeio_confidential, word);
    reply = qdict_new();
    qdict_put_int(reply, "shared", canary.shared);
    qdict_put_int(reply, "private", canary.private);
    *ret = (QObject *)reply;
}

void teeio_canary_register(void)
{
    qmp_register_command(&qmp_commands, "x-teeio-canary", qmp_canary, 0, 0);
}
