/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The PCIe fabric: from a device's TLP to memory, in one direction:
 * route -> IOMMU -> ownership -> memory. One event per TLP tells the story.
 */
#ifndef TEEIO_FABRIC_H
#define TEEIO_FABRIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "teeio/host.h"
#include "teeio/iommu.h"
#include "teeio/ownership.h"
#include "teeio/pool.h"
#include "teeio/tlp.h"
#include "teeio/topology.h"

/**
 * struct teeio_dma - everything known about one TLP when its way has ended
 * @tlp:     the request
 * @route:   what the fabric decided
 * @path:    and how; all zeros for a request that was never sent
 * @xlate:   what the IOMMU answered; of a request to a peer, which no IOMMU
 *           sees, only the output address, which is that of the peer's BAR
 * @owner:   owner of the output page
 * @reach:   where the output page stands to the pools
 * @policy:  with @reach OUTSIDE or FOREIGN: what becomes of it
 * @verdict: the final word; later than @xlate.verdict
 * @misplaced: it is private, and the request reached the shared bank instead
 */
struct teeio_dma {
    struct teeio_tlp tlp;
    enum teeio_route_kind route;
    struct teeio_path path;
    struct teeio_translation xlate;
    enum teeio_owner owner;
    enum teeio_reach reach;
    enum teeio_pool_policy policy;
    enum teeio_verdict verdict;
    bool misplaced;
};

/** teeio_dma_trusted() - is it the private bank that the request reaches? */
static inline bool teeio_dma_trusted(const struct teeio_dma *dma)
{
    return dma->owner == TEEIO_OWNER_PRIVATE && !dma->misplaced;
}

/**
 * struct teeio_fabric - one PCIe hierarchy below one root complex
 * @host:      memory and trace sink
 * @router:    NULL where all well-formed requests go upstream
 * @iommu:     NULL where the board has none of ours: addresses pass unchanged
 * @ownership: NULL where nothing manages trusted memory: all is shared
 * @pools:     NULL where there are none
 * @twins:     private pages below this address have a page of the shared bank
 *             beside them, which T=0 reaches; 0: T=0 to private is refused
 * @tlps:      requests seen, by T; a few less when threads send at once
 * @refused:   requests whose verdict was not OK
 */
struct teeio_fabric {
    const struct teeio_host *host;
    struct teeio_router *router;
    struct teeio_iommu *iommu;
    const struct teeio_ownership *ownership;
    struct teeio_pools *pools;
    uint64_t twins;
    _Atomic uint64_t tlps[2];
    _Atomic uint64_t refused;
};

/**
 * teeio_fabric_route() - the fabric's own decision, before any IOMMU
 * @path: filled in
 *
 * Returns: the router's answer. Without one, REJECTED for a malformed TLP
 * (PCIe 2.2.7), UPSTREAM otherwise.
 */
enum teeio_route_kind teeio_fabric_route(const struct teeio_fabric *fabric,
                                         const struct teeio_tlp *tlp,
                                         struct teeio_path *path);

/**
 * teeio_fabric_resolve() - follow one TLP to the memory it may touch
 * @dma: filled in; @dma->xlate.output is the address for the CPU
 *
 * Moves no data, and so is the way of a translation request: the owner of the
 * page is looked at when the translation is used. Traces one TEEIO_EVENT_TLP;
 * when the IOMMU faulted, the front end has traced its TEEIO_EVENT_FAULT
 * before.
 *
 * Returns: the verdict, also in @dma->verdict.
 */
enum teeio_verdict teeio_fabric_resolve(struct teeio_fabric *fabric,
                                        const struct teeio_tlp *tlp,
                                        struct teeio_dma *dma);

/**
 * teeio_fabric_carry() - carry out one memory request, by @tlp->kind
 * @data: as for teeio_fabric_read() or teeio_fabric_write(). Of an AtomicOp:
 *        the operands as they stand on the link, little-endian, @tlp->length
 *        bytes each (FetchAdd and Swap one, CAS the value to compare, then the
 *        one to store); its first @tlp->length bytes become the value that
 *        memory had, or all ones as for a read.
 * @dma:  filled in, for a sender that wants to know more than the verdict
 *
 * An AtomicOp needs the permission to read and to write.
 *
 * Returns: as teeio_fabric_read() or teeio_fabric_write().
 */
enum teeio_verdict teeio_fabric_carry(struct teeio_fabric *fabric,
                                      const struct teeio_tlp *tlp, void *data,
                                      struct teeio_dma *dma);

/**
 * teeio_fabric_read() - carry out one memory read request
 * @data: @tlp->length bytes; all ones when the verdict is not OK, as a root
 *        complex answers a request that it cannot serve
 *
 * Returns: the verdict; OK for a fault that the sender is not to notice, with
 * zeros in @data, or ones where a pool poisons.
 */
enum teeio_verdict teeio_fabric_read(struct teeio_fabric *fabric,
                                     const struct teeio_tlp *tlp, void *data);

/**
 * teeio_fabric_write() - carry out one memory write request
 *
 * A refused write is dropped. A write is posted: the verdict is for the
 * emulator's counters, the device that sent it never learns of it.
 *
 * Returns: the verdict.
 */
enum teeio_verdict teeio_fabric_write(struct teeio_fabric *fabric,
                                      const struct teeio_tlp *tlp,
                                      const void *data);

#endif
