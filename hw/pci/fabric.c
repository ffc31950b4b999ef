/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "teeio/event.h"
#include "teeio/fabric.h"

enum teeio_route_kind teeio_fabric_route(const struct teeio_fabric *fabric,
                                         const struct teeio_tlp *tlp)
{
    (void)fabric;
    /* PCIe 2.2.7: a receiver treats such a request as malformed. */
    return teeio_tlp_well_formed(tlp) ? TEEIO_ROUTE_UPSTREAM
                                      : TEEIO_ROUTE_REJECTED;
}

static void translate(struct teeio_fabric *fabric, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer)
{
    if (fabric->iommu) {
        fabric->iommu->translate(fabric->iommu, tlp, answer);
        return;
    }
    answer->verdict = TEEIO_VERDICT_OK;
    answer->output = tlp->address;
    answer->page_mask = TEEIO_PAGE_SIZE - 1;
    answer->perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE;
}

/*
 * Everything before data moves. A TLP stays inside 4 KiB, so its first byte
 * speaks for the page on both sides of the IOMMU.
 */
static void follow(struct teeio_fabric *fabric, const struct teeio_tlp *tlp,
                   struct teeio_dma *dma)
{
    memset(dma, 0, sizeof(*dma));
    dma->tlp = *tlp;
    atomic_fetch_add_explicit(&fabric->tlps[tlp->t], 1, memory_order_relaxed);

    dma->route = teeio_fabric_route(fabric, tlp);
    if (dma->route == TEEIO_ROUTE_REJECTED) {
        /* PCIe 2.3.1: answered as Unsupported Request, no IOMMU is asked. */
        dma->xlate.verdict = TEEIO_VERDICT_UNSUPPORTED;
        dma->verdict = TEEIO_VERDICT_UNSUPPORTED;
        return;
    }

    translate(fabric, tlp, &dma->xlate);
    dma->verdict = dma->xlate.verdict;
    if (dma->verdict != TEEIO_VERDICT_OK) {
        return;
    }

    dma->owner = TEEIO_OWNER_SHARED;
    if (fabric->ownership) {
        dma->owner = teeio_ownership_get(fabric->ownership, dma->xlate.output);
    }
    if (!teeio_owner_allows(dma->owner, tlp->t)) {
        /* PCIe 11.2: without T a request has no access to TVM memory. */
        dma->verdict = TEEIO_VERDICT_DENIED;
    }
}

static enum teeio_verdict finish(struct teeio_fabric *fabric,
                                 const struct teeio_dma *dma)
{
    const struct teeio_host *host = fabric->host;
    struct teeio_event event = {
        .kind = TEEIO_EVENT_TLP,
        .source = "fabric",
        .u.dma = *dma,
    };

    if (dma->verdict != TEEIO_VERDICT_OK) {
        atomic_fetch_add_explicit(&fabric->refused, 1, memory_order_relaxed);
    }
    if (host->trace) {
        host->trace(host->opaque, &event);
    }
    return dma->verdict;
}

enum teeio_verdict teeio_fabric_resolve(struct teeio_fabric *fabric,
                                        const struct teeio_tlp *tlp,
                                        struct teeio_dma *dma)
{
    follow(fabric, tlp, dma);
    return finish(fabric, dma);
}

enum teeio_verdict teeio_fabric_read(struct teeio_fabric *fabric,
                                     const struct teeio_tlp *tlp, void *data)
{
    const struct teeio_host *host = fabric->host;
    struct teeio_dma dma;

    follow(fabric, tlp, &dma);
    if (dma.verdict == TEEIO_VERDICT_OK &&
        !host->read(host->opaque, dma.xlate.output, data, tlp->length,
                    dma.owner == TEEIO_OWNER_PRIVATE)) {
        /* PCIe 2.3.1: no completer claims the address. */
        dma.verdict = TEEIO_VERDICT_NO_MEMORY;
    }
    if (dma.verdict != TEEIO_VERDICT_OK) {
        memset(data, 0xff, tlp->length);
    }
    return finish(fabric, &dma);
}

enum teeio_verdict teeio_fabric_write(struct teeio_fabric *fabric,
                                      const struct teeio_tlp *tlp,
                                      const void *data)
{
    const struct teeio_host *host = fabric->host;
    struct teeio_dma dma;

    follow(fabric, tlp, &dma);
    if (dma.verdict == TEEIO_VERDICT_OK &&
        !host->write(host->opaque, dma.xlate.output, data, tlp->length,
                     dma.owner == TEEIO_OWNER_PRIVATE)) {
        /* PCIe 2.3.1: no completer claims the address. */
        dma.verdict = TEEIO_VERDICT_NO_MEMORY;
    }
    return finish(fabric, &dma);
}
