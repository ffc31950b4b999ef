/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A request climbs from bus to bus. On each, somebody else may claim it; in
 * each port, Access Control Services may stop it or keep it climbing. What
 * reaches the root complex goes to the IOMMU.
 */
#include <string.h>

#include "config.h"
#include "teeio/topology.h"

/* Smaller than any BAR for memory (PCIe 7.5.1.2.1: 16 bytes). */
#define MIN_SPAN 16u

/**
 * struct walk - one request on its way
 * @from:       the port through which it came onto the bus it is on;
 *              %TEEIO_ROOT_COMPLEX when its sender is on this bus
 * @redirected: a port keeps it away from peers
 * @silent:     a question to the IOMMU, which no peer can answer
 */
struct walk {
    const struct teeio_topology *topology;
    const struct teeio_tlp *tlp;
    struct teeio_path *path;
    uint16_t from;
    bool redirected;
    bool silent;
};

/** struct claim - who takes a request on a bus: a port, or a BAR */
struct claim {
    uint16_t port;
    const struct teeio_bar *bar;
};

/* Also makes sure that what is said of the address holds for the whole span. */
static bool hit(const struct walk *walk, const struct teeio_range *range)
{
    uint64_t address = walk->tlp->address;
    uint32_t *span = &walk->path->span;

    if (range->last < range->base) {
        return false;
    }
    while (*span > MIN_SPAN) {
        uint64_t first = address & ~(uint64_t)(*span - 1);
        uint64_t last = first + (*span - 1);

        if (last < range->base || first > range->last ||
            (first >= range->base && last <= range->last)) {
            break;
        }
        *span /= 2;
    }
    return address >= range->base && address <= range->last;
}

static bool port_claims(const struct walk *walk, const struct teeio_port *port)
{
    bool memory = hit(walk, &port->memory[0]);
    bool prefetchable = hit(walk, &port->memory[1]);

    return memory || prefetchable;
}

static enum teeio_route_kind reject(struct walk *walk,
                                    enum teeio_refusal refusal, uint16_t acs,
                                    uint16_t port)
{
    walk->path->refusal = refusal;
    walk->path->acs = acs;
    if (port != TEEIO_ROOT_COMPLEX &&
        walk->topology->ports[port].kind != TEEIO_PORT_NONE) {
        walk->path->detected = true;
        walk->path->detector = walk->topology->ports[port].bdf;
    }
    return TEEIO_ROUTE_REJECTED;
}

/* The function below port @bus, or on the bus of @bus, that has the address. */
static const struct teeio_bar *find_bar(const struct walk *walk, uint16_t bus)
{
    const struct teeio_topology *topology = walk->topology;
    const struct teeio_bar *found = NULL;

    for (unsigned i = 0; i < topology->bar_count; i++) {
        const struct teeio_bar *bar = &topology->bars[i];

        if (bar->parent == bus && bar->bdf != walk->tlp->requester &&
            hit(walk, &bar->range)) {
            found = bar;
        }
    }
    return found;
}

static uint16_t find_port(const struct walk *walk, uint16_t bus)
{
    const struct teeio_topology *topology = walk->topology;
    uint16_t found = TEEIO_ROOT_COMPLEX;

    for (unsigned i = 1; i < topology->port_count; i++) {
        const struct teeio_port *port = &topology->ports[i];

        if (port->kind != TEEIO_PORT_NONE && port->parent == bus &&
            i != walk->from && port_claims(walk, port)) {
            found = (uint16_t)i;
        }
    }
    return found;
}

static const struct teeio_window *
find_window(const struct walk *walk, const struct teeio_window *windows,
            unsigned count)
{
    const struct teeio_window *found = NULL;

    for (unsigned i = 0; i < count; i++) {
        if (hit(walk, &windows[i].range)) {
            found = &windows[i];
        }
    }
    return found;
}

static bool has_acs(const struct walk *walk, uint16_t port)
{
    enum teeio_port_kind kind;

    if (port == TEEIO_ROOT_COMPLEX) {
        return false;
    }
    kind = walk->topology->ports[port].kind;
    return kind == TEEIO_PORT_ROOT || kind == TEEIO_PORT_DOWNSTREAM;
}

/* Control bits of the port by which the request came onto the bus. */
static uint16_t controls(const struct walk *walk)
{
    return has_acs(walk, walk->from) ? walk->topology->ports[walk->from].acs
                                     : 0;
}

/* What a port does with a request for a peer. */
enum peer_rule { DIRECT, REDIRECT, VIOLATION };

/**
 * peer_rules - PCIe 6.12.3, request redirect against egress control
 *
 * By EC, RR and the target's bit in the egress vector, which counts with EC
 * only. @acs is the bit that decides.
 */
static const struct {
    enum peer_rule rule;
    uint16_t acs;
} peer_rules[2][2][2] = {
    [0] = {[0] = {{DIRECT, 0}, {DIRECT, 0}},
           [1] = {{REDIRECT, TEEIO_ACS_RR}, {REDIRECT, TEEIO_ACS_RR}}},
    [1] = {[0] = {{DIRECT, TEEIO_ACS_EC}, {VIOLATION, TEEIO_ACS_EC}},
           [1] = {{DIRECT, TEEIO_ACS_EC}, {REDIRECT, TEEIO_ACS_RR}}},
};

static enum peer_rule judge_peer(struct walk *walk, const struct claim *claim)
{
    uint16_t acs = controls(walk);
    unsigned number =
        claim->port ? walk->topology->ports[claim->port].number : 0;
    bool listed = false;
    bool ec = acs & TEEIO_ACS_EC;
    bool rr = acs & TEEIO_ACS_RR;

    if (walk->tlp->at == TEEIO_AT_TRANSLATED && acs & TEEIO_ACS_DT) {
        /* PCIe 6.12.1.1: an address that was translated is let through. */
        walk->path->acs = TEEIO_ACS_DT;
        return DIRECT;
    }
    if (ec && number < TEEIO_ACS_VECTOR_BITS) {
        listed = walk->topology->ports[walk->from].egress >> number & 1;
    }
    walk->path->acs = peer_rules[ec][rr][listed].acs;
    return peer_rules[ec][rr][listed].rule;
}

/*
 * The way of a completion that leaves the peer by @port and, with CR, has to
 * climb to the root complex.
 */
static bool completion_arrives(struct walk *walk, uint16_t port)
{
    const struct teeio_port *ports = walk->topology->ports;

    if (walk->tlp->kind != TEEIO_TLP_MRD || !has_acs(walk, port) ||
        !(ports[port].acs & TEEIO_ACS_CR)) {
        return true;
    }
    walk->path->completion_upstream = true;
    for (port = ports[port].parent; port != TEEIO_ROOT_COMPLEX;
         port = ports[port].parent) {
        if (has_acs(walk, port) && !(ports[port].acs & TEEIO_ACS_UF)) {
            /*
             * PCIe 6.12.1.1: it is on its way back to where it comes from,
             * which only Upstream Forwarding lets pass.
             */
            reject(walk, TEEIO_REFUSAL_UR, TEEIO_ACS_CR, port);
            return false;
        }
    }
    return true;
}

static enum teeio_route_kind arrive(struct walk *walk,
                                    const struct teeio_bar *bar, uint16_t port)
{
    const struct teeio_topology *topology = walk->topology;
    const struct teeio_window *window;

    uint64_t left = bar->range.last - walk->tlp->address;

    if (walk->tlp->origin == TEEIO_ORIGIN_TDI && walk->tlp->length - 1 > left) {
        /* PCIe 2.3.1: no function has all of it. */
        reject(walk, TEEIO_REFUSAL_UR, 0, TEEIO_ROOT_COMPLEX);
        walk->path->detected = true;
        walk->path->detector = bar->bdf;
        return TEEIO_ROUTE_REJECTED;
    }
    if (!completion_arrives(walk, port)) {
        return TEEIO_ROUTE_REJECTED;
    }
    window = find_window(walk, topology->outbound, topology->outbound_count);
    walk->path->peer = bar->bdf;
    if (window) {
        walk->path->address += window->offset;
    }
    return TEEIO_ROUTE_PEER;
}

/* Down to a function. @port is where the request left the bus it was on. */
static enum teeio_route_kind descend(struct walk *walk, struct claim claim)
{
    uint16_t port = claim.port;

    walk->from = TEEIO_ROOT_COMPLEX;
    while (!claim.bar) {
        claim.bar = find_bar(walk, claim.port);
        if (!claim.bar) {
            uint16_t next = find_port(walk, claim.port);

            if (next == TEEIO_ROOT_COMPLEX) {
                /* PCIe 2.3.1: in a window, but nobody's BAR. */
                return reject(walk, TEEIO_REFUSAL_UR, 0, claim.port);
            }
            claim.port = next;
        }
    }
    return arrive(walk, claim.bar, port);
}

/*
 * Somebody else on the bus below @bus?
 *
 * Returns: false when the request climbs on.
 */
static bool on_bus(struct walk *walk, uint16_t bus,
                   enum teeio_route_kind *route)
{
    const struct claim claim = {.port = find_port(walk, bus),
                                .bar = find_bar(walk, bus)};

    if ((!claim.port && !claim.bar) || walk->silent) {
        return false;
    }
    switch (judge_peer(walk, &claim)) {
    case REDIRECT:
        walk->redirected = true;
        return false;
    case VIOLATION:
        *route = reject(walk, TEEIO_REFUSAL_ACS, TEEIO_ACS_EC, walk->from);
        return true;
    case DIRECT:
        *route = descend(walk, claim);
        return true;
    }
    return false;
}

/* PCIe 6.12.1.1: what a port with ACS looks at in every request from below. */
static bool violates(struct walk *walk, uint16_t number)
{
    const struct teeio_port *port = &walk->topology->ports[number];
    uint8_t bus = walk->tlp->requester >> 8;

    if (!has_acs(walk, number)) {
        return false;
    }
    if (port->acs & TEEIO_ACS_SV &&
        (bus < port->secondary || bus > port->subordinate)) {
        /* Source Validation: no such bus below. */
        reject(walk, TEEIO_REFUSAL_ACS, TEEIO_ACS_SV, number);
        return true;
    }
    if (port->acs & TEEIO_ACS_TB && walk->tlp->at != TEEIO_AT_UNTRANSLATED) {
        /* Translation Blocking: no use of ATS from below. */
        reject(walk, TEEIO_REFUSAL_ACS, TEEIO_ACS_TB, number);
        return true;
    }
    return false;
}

/*
 * PCIe 11.2.1: T reaches memory only from a secure stream that its requester
 * is associated with. What has no IDE prefix is of a TDI that no session has
 * locked.
 */
static bool insecure(struct walk *walk, uint16_t number)
{
    const struct teeio_ide *ide = walk->topology->ports[number].ide;
    const struct teeio_ide_tlp tlp = {
        .stream = walk->tlp->stream,
        .requester = walk->tlp->requester,
        .memory = true,
        .address = walk->tlp->address,
        .t = walk->tlp->t,
    };
    enum teeio_ide_verdict verdict;

    if (!ide || !walk->tlp->ide) {
        return false;
    }
    verdict = teeio_ide_accepts(ide, &tlp);
    if (verdict == TEEIO_IDE_ACCEPTED) {
        return false;
    }
    walk->path->ide = verdict;
    reject(walk,
           verdict == TEEIO_IDE_UNKNOWN_STREAM ? TEEIO_REFUSAL_MISROUTED
                                               : TEEIO_REFUSAL_IDE,
           0, number);
    return true;
}

/*
 * From the bus below @number through the port.
 *
 * Returns: false when it ends here.
 */
static bool climb(struct walk *walk, uint16_t number)
{
    const struct teeio_port *port = &walk->topology->ports[number];

    if (!port->forwards) {
        /* PCIe 7.5.1.1.3: without Bus Master Enable nothing passes. */
        reject(walk, TEEIO_REFUSAL_UR, 0, number);
        return false;
    }
    if (violates(walk, number) || insecure(walk, number)) {
        return false;
    }
    if (walk->silent || !port_claims(walk, port)) {
        return true;
    }
    if (!has_acs(walk, number)) {
        if (!walk->redirected) {
            /* PCIe 7.5.1.3: addresses of the window stay below the bridge. */
            reject(walk, TEEIO_REFUSAL_UR, 0, number);
        }
        return walk->redirected;
    }
    if (!(port->acs & TEEIO_ACS_UF)) {
        /* PCIe 6.12.1.1: no way back to where it came from. */
        reject(walk, TEEIO_REFUSAL_UR, 0, number);
        return false;
    }
    walk->path->acs = TEEIO_ACS_UF;
    walk->redirected = true;
    return true;
}

/* The root complex: another root port or its own functions, else memory. */
static enum teeio_route_kind at_root(struct walk *walk)
{
    const struct teeio_topology *topology = walk->topology;
    const struct teeio_window *window;
    enum teeio_route_kind route;

    window = find_window(walk, topology->outbound, topology->outbound_count);
    if (window && !walk->silent && !walk->redirected) {
        if (!topology->isolated && on_bus(walk, TEEIO_ROOT_COMPLEX, &route)) {
            return route;
        }
        if (controls(walk) & TEEIO_ACS_RR) {
            walk->path->acs = TEEIO_ACS_RR;
        } else if (!walk->redirected) {
            /* PCIe 2.3.1: the bridge's own window never leads to memory. */
            return reject(walk, TEEIO_REFUSAL_UR, 0, walk->from);
        }
    }
    window = find_window(walk, topology->inbound, topology->inbound_count);
    if (window) {
        walk->path->address += window->offset;
    } else if (topology->inbound_count) {
        /* PCIe 2.3.1: no way into the host for this address. */
        walk->path->outside = true;
        return reject(walk, TEEIO_REFUSAL_UR, 0, walk->from);
    }
    return TEEIO_ROUTE_UPSTREAM;
}

/* On a link nobody sits beside the sender; buses are elsewhere. */
static bool is_bus(const struct walk *walk, uint16_t port)
{
    enum teeio_port_kind kind = walk->topology->ports[port].kind;

    return kind == TEEIO_PORT_UPSTREAM || kind == TEEIO_PORT_BRIDGE;
}

enum teeio_route_kind
teeio_topology_route(const struct teeio_topology *topology,
                     const struct teeio_tlp *tlp, struct teeio_path *path)
{
    struct walk walk = {
        .topology = topology,
        .tlp = tlp,
        .path = path,
        .silent = tlp->at == TEEIO_AT_TRANSLATION_REQUEST,
    };
    uint16_t at = tlp->ingress < topology->port_count ? tlp->ingress : 0;
    enum teeio_route_kind route;

    memset(path, 0, sizeof(*path));
    path->address = tlp->address;
    path->span = TEEIO_TLP_BOUNDARY;
    if (!teeio_tlp_well_formed(tlp)) {
        /* PCIe 2.2.7: a receiver treats such a request as malformed. */
        return reject(&walk, TEEIO_REFUSAL_MALFORMED, 0, at);
    }
    while (at != TEEIO_ROOT_COMPLEX) {
        if (is_bus(&walk, at) && on_bus(&walk, at, &route)) {
            return route;
        }
        if (!climb(&walk, at)) {
            return TEEIO_ROUTE_REJECTED;
        }
        walk.from = at;
        at = topology->ports[at].parent;
    }
    return at_root(&walk);
}
