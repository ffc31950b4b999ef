/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "teeio/event.h"
#include "teeio/fabric.h"

#include "atomic.h"

enum teeio_route_kind teeio_fabric_route(const struct teeio_fabric *fabric,
                                         const struct teeio_tlp *tlp,
                                         struct teeio_path *path)
{
    static const struct teeio_topology nothing;

    return fabric->router ? fabric->router->route(fabric->router, tlp, path)
                          : teeio_topology_route(&nothing, tlp, path);
}

/* Loses some when threads meet, and costs them nothing. */
static void count(_Atomic uint64_t *counter)
{
    uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);

    atomic_store_explicit(counter, before + 1, memory_order_relaxed);
}

/* The answer where no IOMMU is asked. */
static void pass(uint64_t output, struct teeio_translation *answer)
{
    memset(answer, 0, sizeof(*answer));
    answer->verdict = TEEIO_VERDICT_OK;
    answer->output = output;
    answer->page_mask = TEEIO_PAGE_SIZE - 1;
    answer->perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE;
}

static void ask(struct teeio_fabric *fabric, const struct teeio_tlp *tlp,
                struct teeio_translation *answer)
{
    if (teeio_tlp_is_atomic(tlp->kind)) {
        teeio_atomic_translate(fabric->iommu, tlp, answer);
    } else {
        fabric->iommu->translate(fabric->iommu, tlp, answer);
    }
}

static void translate(struct teeio_fabric *fabric, const struct teeio_tlp *tlp,
                      uint64_t address, struct teeio_translation *answer)
{
    struct teeio_tlp moved;

    if (!fabric->iommu) {
        pass(address, answer);
    } else if (address == tlp->address) {
        ask(fabric, tlp, answer);
    } else {
        moved = *tlp;
        moved.address = address;
        ask(fabric, &moved, answer);
    }
}

/* Where there is no RAM, nobody owns what could be mistaken. */
static bool mistaken(enum teeio_owner expected, enum teeio_owner owner)
{
    return expected != TEEIO_OWNER_NONE && owner != TEEIO_OWNER_NONE &&
           owner != expected;
}

static void judge_owner(const struct teeio_fabric *fabric,
                        struct teeio_dma *dma)
{
    bool allowed = teeio_owner_allows(dma->owner, dma->tlp.t);

    dma->misplaced = !allowed && dma->xlate.output < fabric->twins;
    if ((!allowed && !dma->misplaced) ||
        mistaken(dma->xlate.expected, dma->owner)) {
        /*
         * PCIe 11.2: without T a request has no access to TVM memory; with
         * it, only to the kind that it was translated for.
         */
        dma->misplaced = false;
        dma->verdict = TEEIO_VERDICT_DENIED;
    }
}

/*
 * A pool is where a device that nobody trusts may go. What T=1 may reach is
 * the TDI's agreement with the guest.
 */
static void confine(struct teeio_fabric *fabric, const struct teeio_tlp *tlp,
                    struct teeio_dma *dma)
{
    if (!fabric->pools || tlp->t || tlp->at == TEEIO_AT_TRANSLATION_REQUEST) {
        return;
    }
    dma->reach = teeio_pools_reach(fabric->pools, tlp->requester,
                                   dma->xlate.output, &dma->policy);
    if (dma->reach >= TEEIO_REACH_OUTSIDE && dma->policy != TEEIO_POOL_LOG) {
        /* Binding restricted-dma-pool: the device reaches this region only. */
        dma->verdict = TEEIO_VERDICT_CONFINED;
    }
}

/*
 * Everything before data moves. A TLP stays inside 4 KiB, so its first byte
 * speaks for the page on both sides of the IOMMU.
 */
static void follow(struct teeio_fabric *fabric, const struct teeio_tlp *tlp,
                   struct teeio_dma *dma)
{
    dma->tlp = *tlp;
    dma->owner = TEEIO_OWNER_NONE;
    dma->reach = TEEIO_REACH_FREE;
    dma->policy = TEEIO_POOL_ABORT;
    dma->misplaced = false;
    count(&fabric->tlps[tlp->t]);

    dma->route = teeio_fabric_route(fabric, tlp, &dma->path);
    if (dma->route == TEEIO_ROUTE_REJECTED) {
        /* PCIe 2.3.1: answered without success, no IOMMU is asked. */
        memset(&dma->xlate, 0, sizeof(dma->xlate));
        dma->xlate.verdict = TEEIO_VERDICT_UNSUPPORTED;
        dma->verdict = TEEIO_VERDICT_UNSUPPORTED;
        return;
    }
    if (dma->route == TEEIO_ROUTE_PEER) {
        pass(dma->path.address, &dma->xlate);
        dma->verdict = TEEIO_VERDICT_OK;
        return;
    }

    translate(fabric, tlp, dma->path.address, &dma->xlate);
    dma->verdict = dma->xlate.verdict;
    if (dma->verdict != TEEIO_VERDICT_OK) {
        return;
    }

    if (tlp->at == TEEIO_AT_TRANSLATION_REQUEST &&
        dma->xlate.perm == TEEIO_PERM_NONE) {
        return;
    }
    dma->owner = TEEIO_OWNER_SHARED;
    if (fabric->ownership) {
        dma->owner = teeio_ownership_get(fabric->ownership, dma->xlate.output);
    }
    confine(fabric, tlp, dma);
    if (tlp->at != TEEIO_AT_TRANSLATION_REQUEST) {
        judge_owner(fabric, dma);
    }
}

static void trace(const struct teeio_host *host, const struct teeio_dma *dma)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_TLP,
        .source = "fabric",
        .u.dma = *dma,
    };

    host->trace(host->opaque, &event);
}

static enum teeio_verdict finish(struct teeio_fabric *fabric,
                                 const struct teeio_dma *dma)
{
    if (dma->verdict != TEEIO_VERDICT_OK) {
        atomic_fetch_add_explicit(&fabric->refused, 1, memory_order_relaxed);
    }
    if (fabric->host->trace) {
        trace(fabric->host, dma);
    }
    if (dma->route == TEEIO_ROUTE_REJECTED && fabric->router &&
        fabric->router->rejected) {
        fabric->router->rejected(fabric->router, dma);
    }
    return dma->verdict;
}

/* What the sender of a finished request is to believe. */
static enum teeio_verdict outcome(const struct teeio_dma *dma,
                                  enum teeio_verdict verdict)
{
    bool poisoned = dma->verdict == TEEIO_VERDICT_CONFINED &&
                    dma->policy == TEEIO_POOL_POISON;

    return dma->xlate.quiet || poisoned ? TEEIO_VERDICT_OK : verdict;
}

enum teeio_verdict teeio_fabric_resolve(struct teeio_fabric *fabric,
                                        const struct teeio_tlp *tlp,
                                        struct teeio_dma *dma)
{
    follow(fabric, tlp, dma);
    return finish(fabric, dma);
}

static bool move(const struct teeio_host *host, const struct teeio_dma *dma,
                 void *data)
{
    uint64_t gpa = dma->xlate.output;
    bool trusted = teeio_dma_trusted(dma);

    if (teeio_tlp_is_atomic(dma->tlp.kind)) {
        return teeio_atomic_move(host, dma, data);
    }
    return dma->tlp.kind == TEEIO_TLP_MWR
               ? host->write(host->opaque, gpa, data, dma->tlp.length, trusted)
               : host->read(host->opaque, gpa, data, dma->tlp.length, trusted);
}

enum teeio_verdict teeio_fabric_carry(struct teeio_fabric *fabric,
                                      const struct teeio_tlp *tlp, void *data,
                                      struct teeio_dma *dma)
{
    follow(fabric, tlp, dma);
    if (dma->verdict == TEEIO_VERDICT_OK && !move(fabric->host, dma, data)) {
        /* PCIe 2.3.1: no completer claims the address. */
        dma->verdict = TEEIO_VERDICT_NO_MEMORY;
    }
    if (dma->verdict != TEEIO_VERDICT_OK && tlp->kind != TEEIO_TLP_MWR) {
        memset(data, dma->xlate.quiet ? 0 : 0xff, tlp->length);
    }
    return outcome(dma, finish(fabric, dma));
}

enum teeio_verdict teeio_fabric_read(struct teeio_fabric *fabric,
                                     const struct teeio_tlp *tlp, void *data)
{
    struct teeio_tlp read = *tlp;
    struct teeio_dma dma;

    read.kind = TEEIO_TLP_MRD;
    return teeio_fabric_carry(fabric, &read, data, &dma);
}

enum teeio_verdict teeio_fabric_write(struct teeio_fabric *fabric,
                                      const struct teeio_tlp *tlp,
                                      const void *data)
{
    struct teeio_tlp write = *tlp;
    struct teeio_dma dma;

    write.kind = TEEIO_TLP_MWR;
    return teeio_fabric_carry(fabric, &write, (void *)data, &dma);
}
