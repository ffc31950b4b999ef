/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Where a request goes before any IOMMU is asked: a tree of ports, the BARs
 * below them, and the windows of the host bridge.
 */
#ifndef TEEIO_TOPOLOGY_H
#define TEEIO_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/ide.h"
#include "teeio/tlp.h"

/* In the place of a port: the root complex and what sits on its own bus. */
#define TEEIO_ROOT_COMPLEX 0u

#define TEEIO_WINDOWS      16u /* of each direction */

/** enum teeio_port_kind - what a bridge in the tree is */
enum teeio_port_kind {
    TEEIO_PORT_NONE, /* not there */
    TEEIO_PORT_ROOT,
    TEEIO_PORT_UPSTREAM,
    TEEIO_PORT_DOWNSTREAM,
    TEEIO_PORT_BRIDGE, /* to a conventional bus */
    TEEIO_PORT_KINDS
};

/** struct teeio_range - addresses @base to @last; empty when @last < @base */
struct teeio_range {
    uint64_t base;
    uint64_t last;
};

/**
 * struct teeio_port - a bridge, as its configuration space describes it
 * @parent:      port whose secondary bus it is on; always below its own number
 *               or %TEEIO_ROOT_COMPLEX
 * @bdf:         its own requester id
 * @secondary:   number of the bus below
 * @subordinate: highest number of a bus below
 * @number:      port number, which the egress control vector counts by
 * @forwards:    Command.BME: requests from below may pass
 * @memory:      memory window, then prefetchable window; empty without
 *               Command.MSE
 * @acs:         ACS control, %TEEIO_ACS_*; bits that the port does not have
 *               are 0
 * @egress:      egress control vector
 * @ide:         IDE of a root port, which outlives this; NULL without
 */
struct teeio_port {
    enum teeio_port_kind kind;
    uint16_t parent;
    uint16_t bdf;
    uint8_t secondary;
    uint8_t subordinate;
    uint8_t number;
    bool forwards;
    struct teeio_range memory[2];
    uint16_t acs;
    uint32_t egress;
    const struct teeio_ide *ide;
};

/** struct teeio_bar - memory of a function on the bus below @parent */
struct teeio_bar {
    uint16_t parent;
    uint16_t bdf;
    struct teeio_range range;
};

/** struct teeio_window - bus addresses, and what to add beyond the bridge */
struct teeio_window {
    struct teeio_range range;
    uint64_t offset;
};

/**
 * struct teeio_topology - one tree, as it is now
 * @ports:    by number; %TEEIO_ROOT_COMPLEX is unused
 * @outbound: where the CPU reaches BARs; the offset leads to CPU addresses.
 *            What a device sends there is for a peer or for nobody.
 * @inbound:  where devices reach memory; all addresses when there is none
 * @isolated: the root complex carries nothing from one root port to another
 */
struct teeio_topology {
    struct teeio_port *ports;
    unsigned port_count;
    struct teeio_bar *bars;
    unsigned bar_count;
    unsigned bar_room;
    struct teeio_window outbound[TEEIO_WINDOWS];
    unsigned outbound_count;
    struct teeio_window inbound[TEEIO_WINDOWS];
    unsigned inbound_count;
    bool isolated;
};

/** enum teeio_route_kind - where a request goes */
enum teeio_route_kind {
    TEEIO_ROUTE_UPSTREAM, /* to the root complex, and so to the IOMMU */
    TEEIO_ROUTE_REJECTED, /* see enum teeio_refusal */
    TEEIO_ROUTE_PEER,     /* to another function, around the IOMMU */
    TEEIO_ROUTES
};

/** enum teeio_refusal - how the completer answers what it rejects */
enum teeio_refusal {
    TEEIO_REFUSAL_NONE,
    TEEIO_REFUSAL_MALFORMED,
    TEEIO_REFUSAL_UR,        /* Unsupported Request */
    TEEIO_REFUSAL_ACS,       /* ACS Violation; completes as Completer Abort */
    TEEIO_REFUSAL_IDE,       /* IDE Check Failed */
    TEEIO_REFUSAL_MISROUTED, /* Misrouted IDE TLP */
    TEEIO_REFUSALS
};

/**
 * struct teeio_path - the decision about one request
 * @refusal:     with REJECTED: why
 * @acs:         the one ACS bit that decided, %TEEIO_ACS_*, or 0
 * @completion_upstream: the completion goes by the root complex (ACS P2P
 *               Completion Redirect)
 * @peer:        with PEER: requester id of the function
 * @detected:    with REJECTED: a port or function noticed, it is @detector
 * @ide:         with a refusal of IDE: why
 * @outside:     with REJECTED: no inbound window takes the address
 * @address:     what the IOMMU is asked for, or where the peer's BAR is for
 *               the CPU
 * @span:        size of the aligned block of addresses around the first one
 *               for which all this holds; a power of two, 4096 at most
 */
struct teeio_path {
    enum teeio_refusal refusal;
    uint16_t acs;
    bool completion_upstream;
    uint16_t peer;
    bool detected;
    enum teeio_ide_verdict ide;
    bool outside;
    uint16_t detector;
    uint64_t address;
    uint32_t span;
};

struct teeio_dma;

/**
 * struct teeio_router - who decides on routes, seen from the fabric
 * @route:    as teeio_topology_route(). Any thread.
 * @rejected: a request came back REJECTED; @dma tells its story. May be NULL
 */
struct teeio_router {
    enum teeio_route_kind (*route)(struct teeio_router *router,
                                   const struct teeio_tlp *tlp,
                                   struct teeio_path *path);
    void (*rejected)(struct teeio_router *router, const struct teeio_dma *dma);
};

/** teeio_topology_clear() - forget ports, BARs and windows; frees memory */
void teeio_topology_clear(struct teeio_topology *topology);

/**
 * teeio_topology_set_port() - describe port @number, 1 or more
 *
 * Returns: false when out of memory, or @port->parent is not below @number.
 */
bool teeio_topology_set_port(struct teeio_topology *topology, uint16_t number,
                             const struct teeio_port *port);

/** teeio_topology_drop() - forget ports and BARs, keep the room and windows */
void teeio_topology_drop(struct teeio_topology *topology);

/** teeio_topology_add_bar() - false when out of memory */
bool teeio_topology_add_bar(struct teeio_topology *topology,
                            const struct teeio_bar *bar);

/**
 * teeio_topology_add_outbound(), teeio_topology_add_inbound()
 *
 * Returns: false when there are %TEEIO_WINDOWS, or @window is empty.
 */
bool teeio_topology_add_outbound(struct teeio_topology *topology,
                                 const struct teeio_window *window);
bool teeio_topology_add_inbound(struct teeio_topology *topology,
                                const struct teeio_window *window);

/**
 * teeio_port_decode() - read a bridge's configuration space
 * @config: %TEEIO_CONFIG_SIZE bytes, or 256 without PCI Express capability
 *
 * @port->parent and @port->bdf are left for the caller.
 */
void teeio_port_decode(const uint8_t *config, struct teeio_port *port);

/**
 * teeio_topology_decode_bars() - add the memory BARs of a function
 * @config:   at least 64 bytes
 * @writable: which of their bits can be written
 * @bridge:   two BARs instead of six
 *
 * Returns: false when out of memory.
 */
bool teeio_topology_decode_bars(struct teeio_topology *topology,
                                const uint8_t *config, const uint8_t *writable,
                                bool bridge, uint16_t parent, uint16_t bdf);

/**
 * teeio_topology_route() - decide on @tlp, which enters at @tlp->ingress
 *
 * PCIe 2.2.7 (malformed), 7.5.1 (bridge windows), 6.12 (ACS).
 */
enum teeio_route_kind
teeio_topology_route(const struct teeio_topology *topology,
                     const struct teeio_tlp *tlp, struct teeio_path *path);

/** teeio_acs_name() - "sv", "tb", "rr", "cr", "uf", "ec", "dt" for one bit */
const char *teeio_acs_name(uint16_t bit);

/**
 * teeio_acs_parse() - "sv+rr+uf", "all" or "none"
 *
 * Returns: false for anything else.
 */
bool teeio_acs_parse(const char *text, uint16_t *bits);

/** teeio_acs_format() - what teeio_acs_parse() reads */
#define TEEIO_ACS_TEXT 24
char *teeio_acs_format(uint16_t bits, char buf[TEEIO_ACS_TEXT]);

/**
 * teeio_refusal_name() - "malformed", "ur", "acs-violation",
 * "ide-check-failed", "misrouted-ide-tlp"; NULL for NONE
 */
const char *teeio_refusal_name(enum teeio_refusal refusal);

#endif
