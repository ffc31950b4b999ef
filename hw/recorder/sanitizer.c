/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teeio/recorder.h"

#define PAGES      8192
#define BUCKETS    8192
#define REQUESTERS 0x10000
#define NIL        (-1)

/* Beside the enum teeio_reach in what is known of a requester */
#define STRAYED_WINDOW TEEIO_REACHES

/* Operands of CMD_CFGI_STE and CMD_CFGI_STE_RANGE (IHI 0070, 4.3). */
#define CFGI_STREAM(dw) ((uint32_t)((dw)[0] >> 32))
#define CFGI_RANGE(dw)  ((dw)[1] & 0x1f)

/* Context cache invalidation of one device (VT-d 6.5.2.1). */
#define CC_DEVICE(dw) (((dw)[0] >> 4 & 3) == 3)
#define CC_SOURCE(dw) ((dw)[0] >> 32 & 0xffff)
#define CC_MASK(dw)   ((dw)[0] >> 48 & 3)

enum regime { REGIME_UNKNOWN, REGIME_IDENTITY, REGIME_TRANSLATED };

/**
 * struct sight - what requests with one T met at a bus page
 * @seq:      event that showed @regime
 * @reported: a flip was reported for this T already
 */
struct sight {
    enum regime regime;
    bool reported;
    uint64_t seq;
};

/**
 * struct page - one bus page of one requester
 * @next:   the hash chain
 * @around: requests to a peer were reported already
 */
struct page {
    bool used;
    bool around;
    uint16_t requester;
    uint32_t space; /* PASID + 1, or 0 */
    uint64_t number;
    int next;
    struct sight seen[2];
};

/** struct table - a ring of pages, so that the oldest is forgotten first */
struct table {
    unsigned newest;
    int buckets[BUCKETS];
    struct page pages[PAGES];
};

/*
 * One table for each origin: traffic of the emulator's own devices must not
 * push a TDI's pages out.
 */
struct teeio_sanitizer {
    struct table tables[TEEIO_ORIGINS];
    uint8_t tdisp[REQUESTERS];
    bool enabled;
    uint8_t strayed[REQUESTERS]; /* enum teeio_reach, one bit each */
};

struct teeio_sanitizer *teeio_sanitizer_new(void)
{
    struct teeio_sanitizer *sanitizer = calloc(1, sizeof(*sanitizer));

    if (!sanitizer) {
        return NULL;
    }
    for (unsigned i = 0; i < TEEIO_ORIGINS; i++) {
        for (unsigned j = 0; j < BUCKETS; j++) {
            sanitizer->tables[i].buckets[j] = NIL;
        }
    }
    return sanitizer;
}

void teeio_sanitizer_free(struct teeio_sanitizer *sanitizer)
{
    free(sanitizer);
}

static int *bucket(struct table *table, uint16_t requester, uint64_t number)
{
    uint64_t hash = (number ^ (uint64_t)requester << 48) * 0x9e3779b97f4a7c15u;

    return &table->buckets[(hash >> 40) % BUCKETS];
}

/* Take the oldest slot, out of its chain if it had one. */
static int recycle(struct table *table)
{
    int index = table->newest++ % PAGES;
    struct page *page = &table->pages[index];

    if (page->used) {
        int *link = bucket(table, page->requester, page->number);

        while (*link != index) {
            link = &table->pages[*link].next;
        }
        *link = page->next;
    }
    memset(page, 0, sizeof(*page));
    return index;
}

/* The page that @tlp speaks of; a new one when it was never seen. */
static struct page *look_up(struct table *table, const struct teeio_tlp *tlp)
{
    uint64_t number = tlp->address / TEEIO_PAGE_SIZE;
    uint32_t space = tlp->pasid_valid ? tlp->pasid + 1 : 0;
    int *head = bucket(table, tlp->requester, number);
    struct page *page;
    int index;

    for (index = *head; index != NIL; index = table->pages[index].next) {
        page = &table->pages[index];
        if (page->number == number && page->requester == tlp->requester &&
            page->space == space) {
            return page;
        }
    }
    index = recycle(table);
    page = &table->pages[index];
    page->used = true;
    page->requester = tlp->requester;
    page->space = space;
    page->number = number;
    page->next = *head;
    *head = index;
    return page;
}

static bool took_part(enum teeio_stage stage)
{
    return stage == TEEIO_STAGE_OK || stage == TEEIO_STAGE_FAULT;
}

/* The guest configured a stage that this T does not see. */
static bool skipped(const struct teeio_translation *xlate)
{
    return xlate->s1 == TEEIO_STAGE_SKIPPED || xlate->s2 == TEEIO_STAGE_SKIPPED;
}

/* A refusal before any table was consulted tells nothing about the regime. */
static enum regime regime_of(const struct teeio_dma *dma)
{
    if (dma->route != TEEIO_ROUTE_UPSTREAM) {
        return REGIME_UNKNOWN;
    }
    if (dma->tlp.at != TEEIO_AT_UNTRANSLATED) {
        /* Its address may be an output, and its answer a mere miss. */
        return REGIME_UNKNOWN;
    }
    if (skipped(&dma->xlate)) {
        return REGIME_IDENTITY;
    }
    if (took_part(dma->xlate.s1) || took_part(dma->xlate.s2)) {
        return REGIME_TRANSLATED;
    }
    return dma->xlate.verdict == TEEIO_VERDICT_OK ? REGIME_IDENTITY
                                                  : REGIME_UNKNOWN;
}

static unsigned report(struct teeio_event_finding *out,
                       const struct teeio_event *event,
                       enum teeio_finding_kind kind, uint64_t related,
                       const char *what)
{
    const struct teeio_tlp *tlp = &event->u.dma.tlp;
    char bdf[TEEIO_BDF_SIZE];

    memset(out, 0, sizeof(*out));
    out->kind = kind;
    out->trigger = event->seq;
    out->related = related;
    out->dma = event->u.dma;
    snprintf(out->text, sizeof(out->text), "%s: T=%d %s at 0x%" PRIx64 " %s",
             teeio_tlp_bdf(tlp->requester, bdf), tlp->t,
             teeio_tlp_kind_name(tlp->kind), tlp->address, what);
    return 1;
}

static unsigned judge_flip(struct teeio_sanitizer *sanitizer,
                           const struct teeio_event *event,
                           struct teeio_event_finding *out)
{
    const struct teeio_dma *dma = &event->u.dma;
    enum regime regime = regime_of(dma);
    struct page *page;
    struct sight *mine;
    const struct sight *other;
    bool contradicts;
    const char *what;

    if (regime == REGIME_UNKNOWN) {
        return 0;
    }
    page = look_up(&sanitizer->tables[dma->tlp.origin], &dma->tlp);
    mine = &page->seen[dma->tlp.t];
    other = &page->seen[!dma->tlp.t];
    mine->regime = regime;
    mine->seq = event->seq;

    contradicts = other->regime != REGIME_UNKNOWN && other->regime != regime;
    if (mine->reported || (!contradicts && !skipped(&dma->xlate))) {
        return 0;
    }
    mine->reported = true;
    if (skipped(&dma->xlate)) {
        what = dma->xlate.s1 == TEEIO_STAGE_SKIPPED
                   ? "bypassed the stage 1 that the guest configured"
                   : "bypassed the stage 2 that the guest configured";
    } else if (regime == REGIME_IDENTITY) {
        what = "was identity where the other T had been translated";
    } else {
        what = "was translated where the other T had been identity";
    }
    return report(out, event, TEEIO_FINDING_IDENTITY_FLIP,
                  contradicts ? other->seq : 0, what);
}

/* One report for each page; what was translated before, an IOMMU has seen. */
static unsigned judge_route(struct teeio_sanitizer *sanitizer,
                            const struct teeio_event *event,
                            struct teeio_event_finding *out)
{
    const struct teeio_dma *dma = &event->u.dma;
    struct page *page;
    char what[64];
    char bdf[TEEIO_BDF_SIZE];

    if (dma->route != TEEIO_ROUTE_PEER || !sanitizer->enabled ||
        dma->tlp.at != TEEIO_AT_UNTRANSLATED ||
        dma->verdict != TEEIO_VERDICT_OK) {
        return 0;
    }
    page = look_up(&sanitizer->tables[dma->tlp.origin], &dma->tlp);
    if (page->around) {
        return 0;
    }
    page->around = true;
    snprintf(what, sizeof(what), "went to %s around the IOMMU",
             teeio_tlp_bdf(dma->path.peer, bdf));
    return report(out, event, TEEIO_FINDING_P2P_AROUND_IOMMU, 0, what);
}

/* The first one tells the story; a driver makes thousands of the kind. */
static unsigned judge_reach(struct teeio_sanitizer *sanitizer,
                            const struct teeio_event *event,
                            struct teeio_event_finding *out)
{
    const struct teeio_dma *dma = &event->u.dma;
    bool outside = dma->route == TEEIO_ROUTE_REJECTED && dma->path.outside;
    unsigned bit = outside ? STRAYED_WINDOW : dma->reach;
    uint8_t *strayed = &sanitizer->strayed[dma->tlp.requester];

    if (bit < TEEIO_REACH_OUTSIDE || *strayed >> bit & 1) {
        return 0;
    }
    *strayed |= 1u << bit;
    if (outside) {
        return report(out, event, TEEIO_FINDING_OUTSIDE_WINDOW, 0,
                      "met no window of the host bridge");
    }
    return dma->reach == TEEIO_REACH_FOREIGN
               ? report(out, event, TEEIO_FINDING_FOREIGN_POOL, 0,
                        "reached into a pool of other functions")
               : report(out, event, TEEIO_FINDING_OUTSIDE_POOL, 0,
                        "left the pool that its function is restricted to");
}

static unsigned judge_tlp(struct teeio_sanitizer *sanitizer,
                          const struct teeio_event *event,
                          struct teeio_event_finding *out)
{
    const struct teeio_dma *dma = &event->u.dma;
    unsigned count = 0;

    if (!dma->tlp.t && dma->owner == TEEIO_OWNER_PRIVATE &&
        dma->verdict == TEEIO_VERDICT_DENIED) {
        count += report(&out[count], event, TEEIO_FINDING_T0_TO_PRIVATE, 0,
                        "aimed at a private page and was refused");
    } else if (dma->misplaced) {
        count += report(&out[count], event, TEEIO_FINDING_T0_TO_PRIVATE, 0,
                        "aimed at a private page and reached the shared bank");
    } else if (dma->tlp.t && dma->xlate.shared_table) {
        count += report(&out[count], event, TEEIO_FINDING_T1_SHARED_TABLE, 0,
                        "was translated through a table in shared memory");
    } else if (dma->tlp.t && dma->tlp.origin == TEEIO_ORIGIN_TDI &&
               dma->verdict == TEEIO_VERDICT_UNSUPPORTED &&
               !dma->path.refusal) {
        count += report(&out[count], event, TEEIO_FINDING_T1_OUTSIDE_RUN, 0,
                        "was asked for outside RUN and not sent");
    }
    count += judge_route(sanitizer, event, &out[count]);
    count += judge_reach(sanitizer, event, &out[count]);
    return count + judge_flip(sanitizer, event, &out[count]);
}

/* While a TDI is live, its translations may not change their meaning. */
static bool may_rebind(const struct teeio_sanitizer *sanitizer,
                       uint16_t requester)
{
    return sanitizer->tdisp[requester] == TEEIO_TDISP_CONFIG_UNLOCKED ||
           sanitizer->tdisp[requester] == TEEIO_TDISP_CONFIG_LOCKED;
}

static void forget(struct teeio_sanitizer *sanitizer, uint64_t first,
                   uint64_t last)
{
    for (unsigned i = 0; i < TEEIO_ORIGINS; i++) {
        struct page *pages = sanitizer->tables[i].pages;

        for (unsigned j = 0; j < PAGES && pages[j].used; j++) {
            struct page *page = &pages[j];

            if (page->requester >= first && page->requester <= last &&
                may_rebind(sanitizer, page->requester)) {
                memset(page->seen, 0, sizeof(page->seen));
            }
        }
    }
}

/*
 * A command that makes the IOMMU reread a stream's configuration may have
 * moved the device to another domain. Stream ids are requester ids. A PASID
 * cache is not invalidated by device.
 */
static void note_command(struct teeio_sanitizer *sanitizer,
                         const struct teeio_event_command *command)
{
    const char *name = command->name;
    uint64_t stream = CFGI_STREAM(command->dw);
    uint64_t span;

    if (command->error || !name) {
        return;
    }
    if (strcmp(name, "CFGI_STE") == 0) {
        forget(sanitizer, stream, stream);
    } else if (strcmp(name, "CFGI_STE_RANGE") == 0) {
        /* IHI 0070, 4.3.2: 2^(Range + 1) streams, aligned. */
        span = UINT64_C(2) << CFGI_RANGE(command->dw);
        stream &= ~(span - 1);
        forget(sanitizer, stream, stream + span - 1);
    } else if (strcmp(name, "CC_INV") == 0 && CC_DEVICE(command->dw)) {
        /* Bits of the function number, from the highest, that do not count. */
        span = 8 - (8 >> CC_MASK(command->dw));
        forget(sanitizer, CC_SOURCE(command->dw) & ~span,
               CC_SOURCE(command->dw) | span);
    } else if (strcmp(name, "CFGI_ALL") == 0 || strcmp(name, "CC_INV") == 0 ||
               strcmp(name, "PC_INV") == 0) {
        forget(sanitizer, 0, REQUESTERS - 1);
    }
}

unsigned
teeio_sanitizer_judge(struct teeio_sanitizer *sanitizer,
                      const struct teeio_event *event,
                      struct teeio_event_finding out[TEEIO_FINDINGS_PER_EVENT])
{
    switch (event->kind) {
    case TEEIO_EVENT_TLP:
        return judge_tlp(sanitizer, event, out);
    case TEEIO_EVENT_COMMAND:
        note_command(sanitizer, &event->u.command);
        break;
    case TEEIO_EVENT_ENABLE:
        sanitizer->enabled = event->u.enabled;
        break;
    case TEEIO_EVENT_RESET:
        sanitizer->enabled = false;
        break;
    case TEEIO_EVENT_TDISP:
        sanitizer->tdisp[event->u.tdisp.requester] = event->u.tdisp.to;
        break;
    default:
        break;
    }
    return 0;
}
