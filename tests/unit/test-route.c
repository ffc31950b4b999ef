/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * One switch with two endpoints below one root port, an endpoint below
 * another, and a function of the root complex.
 */
#include <glib.h>
#include <string.h>

#include "teeio/spec/ide.h"
#include "teeio/spec/port.h"
#include "teeio/topology.h"

enum { ROOT = 1, UP, LEFT, RIGHT, OTHER, CONVENTIONAL };

#define ROOT_BDF    0x0008
#define UP_BDF      0x0100
#define LEFT_BDF    0x0200
#define RIGHT_BDF   0x0208
#define OTHER_BDF   0x0010
#define EP_LEFT     0x0300
#define EP_RIGHT    0x0400
#define EP_OTHER    0x0500
#define RCIEP       0x0018

#define OUTBOUND    0x10000000ull
#define LEFT_BAR    0x10000000ull
#define LEFT_FREE   0x10002000ull /* in its window, nobody's */
#define RIGHT_BAR   0x10100000ull
#define RIGHT_TINY  0x10101100ull
#define RIGHT_FREE  0x10102000ull
#define UP_FREE     0x10300000ull
#define OTHER_BAR   0x10400000ull
#define RCIEP_BAR   0x10800000ull
#define NOBODY      0x20000000ull
#define RAM         0x40000000ull

#define EXPECT_NONE 0xffff

struct fixture {
    struct teeio_topology topology;
    struct teeio_tlp tlp;
    struct teeio_path path;
};

static struct teeio_range range(uint64_t base, uint64_t size)
{
    return (struct teeio_range){.base = base, .last = base + size - 1};
}

static void add_port(struct fixture *f, uint16_t number,
                     enum teeio_port_kind kind, uint16_t parent, uint16_t bdf,
                     uint8_t secondary, uint8_t subordinate,
                     struct teeio_range memory)
{
    const struct teeio_port port = {
        .kind = kind,
        .parent = parent,
        .bdf = bdf,
        .secondary = secondary,
        .subordinate = subordinate,
        .number = (uint8_t)number,
        .forwards = true,
        .memory = {memory, {.base = 1, .last = 0}},
    };

    g_assert_true(teeio_topology_set_port(&f->topology, number, &port));
}

static void add_bar(struct fixture *f, uint16_t parent, uint16_t bdf,
                    uint64_t base, uint64_t size)
{
    const struct teeio_bar bar = {parent, bdf, range(base, size)};

    g_assert_true(teeio_topology_add_bar(&f->topology, &bar));
}

static void set_up(struct fixture *f, const void *data)
{
    const struct teeio_window outbound = {range(OUTBOUND, 0x2eff0000), 0};

    (void)data;
    memset(f, 0, sizeof(*f));
    teeio_topology_add_outbound(&f->topology, &outbound);
    add_port(f, ROOT, TEEIO_PORT_ROOT, 0, ROOT_BDF, 1, 4,
             range(LEFT_BAR, 0x400000));
    add_port(f, UP, TEEIO_PORT_UPSTREAM, ROOT, UP_BDF, 2, 4,
             range(LEFT_BAR, 0x400000));
    add_port(f, LEFT, TEEIO_PORT_DOWNSTREAM, UP, LEFT_BDF, 3, 3,
             range(LEFT_BAR, 0x100000));
    add_port(f, RIGHT, TEEIO_PORT_DOWNSTREAM, UP, RIGHT_BDF, 4, 4,
             range(RIGHT_BAR, 0x100000));
    add_port(f, OTHER, TEEIO_PORT_ROOT, 0, OTHER_BDF, 5, 5,
             range(OTHER_BAR, 0x100000));
    add_bar(f, LEFT, EP_LEFT, LEFT_BAR, 0x1000);
    add_bar(f, RIGHT, EP_RIGHT, RIGHT_BAR, 0x1000);
    add_bar(f, RIGHT, EP_RIGHT, RIGHT_TINY, 0x100);
    add_bar(f, OTHER, EP_OTHER, OTHER_BAR, 0x1000);
    add_bar(f, 0, RCIEP, RCIEP_BAR, 0x1000);
    f->tlp = (struct teeio_tlp){
        .kind = TEEIO_TLP_MWR,
        .origin = TEEIO_ORIGIN_TDI,
        .length = 16,
        .requester = EP_LEFT,
        .ingress = LEFT,
    };
}

static void tear_down(struct fixture *f, const void *data)
{
    (void)data;
    teeio_topology_clear(&f->topology);
}

static void acs(struct fixture *f, uint16_t port, uint16_t bits)
{
    f->topology.ports[port].acs = bits;
}

static enum teeio_route_kind route(struct fixture *f, uint64_t address)
{
    f->tlp.address = address;
    return teeio_topology_route(&f->topology, &f->tlp, &f->path);
}

static void expect_up(struct fixture *f, uint64_t address, uint64_t output)
{
    g_assert_cmpint(route(f, address), ==, TEEIO_ROUTE_UPSTREAM);
    g_assert_cmphex(f->path.address, ==, output);
    g_assert_cmpint(f->path.refusal, ==, TEEIO_REFUSAL_NONE);
}

static void expect_peer(struct fixture *f, uint64_t address, uint16_t peer)
{
    g_assert_cmpint(route(f, address), ==, TEEIO_ROUTE_PEER);
    g_assert_cmphex(f->path.peer, ==, peer);
    g_assert_cmphex(f->path.address, ==, address);
    g_assert_cmpint(f->path.refusal, ==, TEEIO_REFUSAL_NONE);
}

static void expect_refused(struct fixture *f, uint64_t address,
                           enum teeio_refusal refusal, uint16_t bit,
                           uint16_t detector)
{
    g_assert_cmpint(route(f, address), ==, TEEIO_ROUTE_REJECTED);
    g_assert_cmpint(f->path.refusal, ==, refusal);
    g_assert_cmphex(f->path.acs, ==, bit);
    g_assert_cmpint(f->path.detected, ==, detector != EXPECT_NONE);
    if (detector != EXPECT_NONE) {
        g_assert_cmphex(f->path.detector, ==, detector);
    }
}

static void expect_ur(struct fixture *f, uint64_t address, uint16_t detector)
{
    expect_refused(f, address, TEEIO_REFUSAL_UR, 0, detector);
}

static void from_rciep(struct fixture *f)
{
    f->tlp.requester = RCIEP;
    f->tlp.ingress = 0;
}

static void from_other(struct fixture *f)
{
    f->tlp.requester = EP_OTHER;
    f->tlp.ingress = OTHER;
}

static void test_upstream(struct fixture *f, const void *data)
{
    (void)data;
    expect_up(f, RAM, RAM);
    g_assert_cmpuint(f->path.span, ==, 4096);
    from_rciep(f);
    expect_up(f, RAM, RAM);
    /* A port that nobody described stands for the root complex. */
    f->tlp.ingress = 77;
    expect_up(f, RAM, RAM);
}

static void test_peer(struct fixture *f, const void *data)
{
    (void)data;
    expect_peer(f, RIGHT_BAR + 8, EP_RIGHT);
    g_assert_cmpuint(f->path.span, ==, 4096);
    g_assert_cmphex(f->path.acs, ==, 0);
    expect_peer(f, OTHER_BAR, EP_OTHER);
    expect_peer(f, RCIEP_BAR, RCIEP);
    f->tlp.kind = TEEIO_TLP_MRD;
    expect_peer(f, RIGHT_BAR, EP_RIGHT);
    from_other(f);
    expect_peer(f, LEFT_BAR, EP_LEFT);
    from_rciep(f);
    expect_peer(f, RIGHT_BAR, EP_RIGHT);
}

/* A page may hold a BAR and nobody's addresses around it. */
static void test_span(struct fixture *f, const void *data)
{
    (void)data;
    expect_peer(f, RIGHT_TINY, EP_RIGHT);
    g_assert_cmpuint(f->path.span, ==, 256);
    f->tlp.length = 0x101;
    expect_ur(f, RIGHT_TINY, EP_RIGHT);
    /* Nobody knows how much one of QEMU's own devices means. */
    f->tlp.origin = TEEIO_ORIGIN_CORE;
    expect_peer(f, RIGHT_TINY, EP_RIGHT);
    f->tlp.length = 16;
    expect_ur(f, RIGHT_TINY + 0x100, RIGHT_BDF);
    g_assert_cmpuint(f->path.span, ==, 512);
    expect_ur(f, RIGHT_TINY + 0x700, RIGHT_BDF);
    g_assert_cmpuint(f->path.span, ==, 2048);
}

static void test_nobody(struct fixture *f, const void *data)
{
    (void)data;
    expect_ur(f, RIGHT_FREE, RIGHT_BDF);
    expect_ur(f, UP_FREE, UP_BDF);
    expect_ur(f, NOBODY, ROOT_BDF);
    expect_ur(f, LEFT_FREE, LEFT_BDF);
    /* Its own BAR is no peer. */
    expect_ur(f, LEFT_BAR, LEFT_BDF);
    from_rciep(f);
    expect_ur(f, NOBODY, EXPECT_NONE);
    expect_ur(f, RCIEP_BAR, EXPECT_NONE);
    expect_ur(f, OUTBOUND + 0x2eff0000 - 4096, EXPECT_NONE);
    expect_up(f, OUTBOUND + 0x2eff0000, OUTBOUND + 0x2eff0000);
}

static void test_malformed(struct fixture *f, const void *data)
{
    (void)data;
    f->tlp.length = 4096;
    expect_refused(f, RAM + 1, TEEIO_REFUSAL_MALFORMED, 0, LEFT_BDF);
    f->tlp.length = 0;
    expect_refused(f, RIGHT_BAR, TEEIO_REFUSAL_MALFORMED, 0, LEFT_BDF);
    from_rciep(f);
    expect_refused(f, RAM, TEEIO_REFUSAL_MALFORMED, 0, EXPECT_NONE);
}

/* PCIe 6.12.3: rows of the specification's table, and what follows. */
static void test_peer_rules(struct fixture *f, const void *data)
{
    static const struct {
        uint16_t bits;
        bool listed;
        enum teeio_tlp_at at;
        char rule; /* Direct, Redirected, Violation */
        uint16_t bit;
    } rows[] = {
        {0, false, TEEIO_AT_UNTRANSLATED, 'D', 0},
        {0, true, TEEIO_AT_UNTRANSLATED, 'D', 0},
        {TEEIO_ACS_RR, false, TEEIO_AT_UNTRANSLATED, 'R', TEEIO_ACS_RR},
        {TEEIO_ACS_RR, true, TEEIO_AT_UNTRANSLATED, 'R', TEEIO_ACS_RR},
        {TEEIO_ACS_EC, false, TEEIO_AT_UNTRANSLATED, 'D', TEEIO_ACS_EC},
        {TEEIO_ACS_EC, true, TEEIO_AT_UNTRANSLATED, 'V', TEEIO_ACS_EC},
        {TEEIO_ACS_EC | TEEIO_ACS_RR, false, TEEIO_AT_UNTRANSLATED, 'D',
         TEEIO_ACS_EC},
        {TEEIO_ACS_EC | TEEIO_ACS_RR, true, TEEIO_AT_UNTRANSLATED, 'R',
         TEEIO_ACS_RR},
        /* Direct Translated P2P is for translated addresses only. */
        {TEEIO_ACS_DT | TEEIO_ACS_RR, false, TEEIO_AT_UNTRANSLATED, 'R',
         TEEIO_ACS_RR},
        {TEEIO_ACS_RR, false, TEEIO_AT_TRANSLATED, 'R', TEEIO_ACS_RR},
        {TEEIO_ACS_DT | TEEIO_ACS_RR, false, TEEIO_AT_TRANSLATED, 'D',
         TEEIO_ACS_DT},
        {TEEIO_ACS_DT | TEEIO_ACS_EC, true, TEEIO_AT_TRANSLATED, 'D',
         TEEIO_ACS_DT},
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        for (int kind = 0; kind < 2; kind++) {
            f->tlp.kind = kind ? TEEIO_TLP_MRD : TEEIO_TLP_MWR;
            f->tlp.at = rows[i].at;
            acs(f, ROOT, TEEIO_ACS_UF);
            acs(f, LEFT, rows[i].bits);
            f->topology.ports[LEFT].egress =
                rows[i].listed ? 1u << RIGHT : ~(1u << RIGHT);
            switch (rows[i].rule) {
            case 'D':
                expect_peer(f, RIGHT_BAR, EP_RIGHT);
                g_assert_cmphex(f->path.acs, ==, rows[i].bit);
                break;
            case 'R':
                expect_up(f, RIGHT_BAR, RIGHT_BAR);
                break;
            case 'V':
                expect_refused(f, RIGHT_BAR, TEEIO_REFUSAL_ACS, rows[i].bit,
                               LEFT_BDF);
                break;
            }
            /* The other direction, and memory, do not care. */
            expect_up(f, RAM, RAM);
            f->tlp.requester = EP_RIGHT;
            f->tlp.ingress = RIGHT;
            expect_peer(f, LEFT_BAR, EP_LEFT);
            f->tlp.requester = EP_LEFT;
            f->tlp.ingress = LEFT;
        }
    }
}

static void test_redirect_needs_forwarding(struct fixture *f, const void *data)
{
    (void)data;
    acs(f, LEFT, TEEIO_ACS_RR);
    expect_ur(f, RIGHT_BAR, ROOT_BDF);
    acs(f, ROOT, TEEIO_ACS_UF);
    expect_up(f, RIGHT_BAR, RIGHT_BAR);
    g_assert_cmphex(f->path.acs, ==, TEEIO_ACS_UF);
}

static void test_forwarding(struct fixture *f, const void *data)
{
    (void)data;
    acs(f, LEFT, TEEIO_ACS_UF);
    expect_ur(f, LEFT_FREE, ROOT_BDF);
    acs(f, ROOT, TEEIO_ACS_UF);
    expect_up(f, LEFT_FREE, LEFT_FREE);
    acs(f, LEFT, 0);
    expect_ur(f, LEFT_FREE, LEFT_BDF);
}

static void test_source_validation(struct fixture *f, const void *data)
{
    (void)data;
    acs(f, LEFT, TEEIO_ACS_SV);
    expect_up(f, RAM, RAM);
    f->tlp.requester = EP_LEFT | 0xff;
    expect_up(f, RAM, RAM);
    f->tlp.requester = EP_RIGHT;
    expect_refused(f, RAM, TEEIO_REFUSAL_ACS, TEEIO_ACS_SV, LEFT_BDF);
    expect_refused(f, RIGHT_BAR, TEEIO_REFUSAL_ACS, TEEIO_ACS_SV, LEFT_BDF);
    acs(f, LEFT, TEEIO_ACS_ALL & ~TEEIO_ACS_SV);
    expect_up(f, RAM, RAM);
    /* The root port knows all buses of the switch, and no other. */
    acs(f, LEFT, 0);
    acs(f, ROOT, TEEIO_ACS_SV);
    f->tlp.requester = EP_RIGHT;
    expect_up(f, RAM, RAM);
    f->tlp.requester = EP_OTHER;
    expect_refused(f, RAM, TEEIO_REFUSAL_ACS, TEEIO_ACS_SV, ROOT_BDF);
    f->tlp.requester = RCIEP;
    expect_refused(f, RAM, TEEIO_REFUSAL_ACS, TEEIO_ACS_SV, ROOT_BDF);
}

static void test_translation_blocking(struct fixture *f, const void *data)
{
    const uint16_t ports[] = {LEFT, ROOT};

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(ports); i++) {
        uint16_t bdf = f->topology.ports[ports[i]].bdf;

        /* It wins over the right of translated requests to go direct. */
        acs(f, ports[i], TEEIO_ACS_TB | TEEIO_ACS_DT);
        f->tlp.at = TEEIO_AT_UNTRANSLATED;
        expect_up(f, RAM, RAM);
        f->tlp.at = TEEIO_AT_TRANSLATED;
        expect_refused(f, RAM, TEEIO_REFUSAL_ACS, TEEIO_ACS_TB, bdf);
        f->tlp.at = TEEIO_AT_TRANSLATION_REQUEST;
        expect_refused(f, RAM, TEEIO_REFUSAL_ACS, TEEIO_ACS_TB, bdf);
        acs(f, ports[i], TEEIO_ACS_DT);
        expect_up(f, RAM, RAM);
        acs(f, ports[i], 0);
    }
}

/* Only the IOMMU can answer it. */
static void test_translation_request(struct fixture *f, const void *data)
{
    (void)data;
    f->tlp.at = TEEIO_AT_TRANSLATION_REQUEST;
    expect_up(f, RIGHT_BAR, RIGHT_BAR);
    expect_up(f, LEFT_FREE, LEFT_FREE);
    expect_up(f, NOBODY, NOBODY);
    acs(f, LEFT, TEEIO_ACS_RR | TEEIO_ACS_EC);
    f->topology.ports[LEFT].egress = UINT32_MAX;
    expect_up(f, RIGHT_BAR, RIGHT_BAR);
}

static void test_completion_redirect(struct fixture *f, const void *data)
{
    (void)data;
    acs(f, RIGHT, TEEIO_ACS_CR);
    expect_peer(f, RIGHT_BAR, EP_RIGHT);
    g_assert_false(f->path.completion_upstream);
    f->tlp.kind = TEEIO_TLP_MRD;
    expect_refused(f, RIGHT_BAR, TEEIO_REFUSAL_UR, TEEIO_ACS_CR, ROOT_BDF);
    acs(f, ROOT, TEEIO_ACS_UF);
    expect_peer(f, RIGHT_BAR, EP_RIGHT);
    g_assert_true(f->path.completion_upstream);
    /* The port of the requester sees no completion leave. */
    acs(f, RIGHT, 0);
    acs(f, LEFT, TEEIO_ACS_CR);
    expect_peer(f, RIGHT_BAR, EP_RIGHT);
    g_assert_false(f->path.completion_upstream);
}

static void test_root_ports(struct fixture *f, const void *data)
{
    (void)data;
    acs(f, ROOT, TEEIO_ACS_RR);
    expect_up(f, OTHER_BAR, OTHER_BAR);
    g_assert_cmphex(f->path.acs, ==, TEEIO_ACS_RR);
    expect_up(f, NOBODY, NOBODY);
    /* That of the target does not count. */
    from_other(f);
    expect_peer(f, LEFT_BAR, EP_LEFT);
    acs(f, OTHER, TEEIO_ACS_RR | TEEIO_ACS_DT);
    expect_up(f, LEFT_BAR, LEFT_BAR);
    f->tlp.at = TEEIO_AT_TRANSLATED;
    expect_peer(f, LEFT_BAR, EP_LEFT);
    g_assert_cmphex(f->path.acs, ==, TEEIO_ACS_DT);
    f->tlp.at = TEEIO_AT_UNTRANSLATED;
    acs(f, OTHER, TEEIO_ACS_EC);
    f->topology.ports[OTHER].egress = UINT32_MAX;
    expect_refused(f, LEFT_BAR, TEEIO_REFUSAL_ACS, TEEIO_ACS_EC, OTHER_BDF);
}

static void test_isolated(struct fixture *f, const void *data)
{
    (void)data;
    f->topology.isolated = true;
    expect_ur(f, OTHER_BAR, ROOT_BDF);
    expect_peer(f, RIGHT_BAR, EP_RIGHT);
    acs(f, ROOT, TEEIO_ACS_RR);
    expect_up(f, OTHER_BAR, OTHER_BAR);
}

static void test_bus_master(struct fixture *f, const void *data)
{
    const uint16_t ports[] = {LEFT, UP, ROOT};

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(ports); i++) {
        f->topology.ports[ports[i]].forwards = false;
        expect_ur(f, RAM, f->topology.ports[ports[i]].bdf);
        f->topology.ports[ports[i]].forwards = true;
    }
    f->topology.ports[RIGHT].forwards = false;
    expect_up(f, RAM, RAM);
    expect_peer(f, RIGHT_BAR, EP_RIGHT);
}

static void test_inbound(struct fixture *f, const void *data)
{
    const struct teeio_window windows[] = {
        {range(RAM, 0x10000), 0},
        {range(0x80000000, 0x10000), RAM - 0x80000000},
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(windows); i++) {
        g_assert_true(teeio_topology_add_inbound(&f->topology, &windows[i]));
    }
    for (int i = 0; i < 2; i++) {
        expect_up(f, RAM, RAM);
        expect_up(f, RAM + 0xfff0, RAM + 0xfff0);
        expect_ur(f, RAM + 0x10000, i ? EXPECT_NONE : ROOT_BDF);
        expect_ur(f, 0x7ffff000, i ? EXPECT_NONE : ROOT_BDF);
        expect_up(f, 0x80001008, RAM + 0x1008);
        expect_ur(f, UINT64_MAX - 15, i ? EXPECT_NONE : ROOT_BDF);
        /* Peers need no way into the host. */
        expect_peer(f, OTHER_BAR, EP_OTHER);
        from_rciep(f);
    }
    f->tlp.ingress = LEFT;
    acs(f, ROOT, TEEIO_ACS_RR);
    expect_ur(f, NOBODY, ROOT_BDF);
}

static void test_window_limits(struct fixture *f, const void *data)
{
    struct teeio_window window = {range(RAM, 0x1000), 0};

    (void)data;
    for (unsigned i = 0; i < TEEIO_WINDOWS; i++) {
        g_assert_true(teeio_topology_add_inbound(&f->topology, &window));
    }
    g_assert_false(teeio_topology_add_inbound(&f->topology, &window));
    window.range.last = window.range.base - 1;
    g_assert_false(teeio_topology_add_outbound(&f->topology, &window));
}

static void test_outbound_offset(struct fixture *f, const void *data)
{
    (void)data;
    f->topology.outbound[0].offset = 0x100000000;
    g_assert_cmpint(route(f, RIGHT_BAR + 4), ==, TEEIO_ROUTE_PEER);
    g_assert_cmphex(f->path.address, ==, RIGHT_BAR + 0x100000004);
}

/* A bus that many share: neighbours hear each other, ACS does not exist. */
static void test_conventional(struct fixture *f, const void *data)
{
    (void)data;
    add_port(f, CONVENTIONAL, TEEIO_PORT_BRIDGE, 0, 0x20, 6, 6,
             range(0x10500000, 0x100000));
    add_bar(f, CONVENTIONAL, 0x0600, 0x10500000, 0x1000);
    add_bar(f, CONVENTIONAL, 0x0608, 0x10501000, 0x1000);
    acs(f, CONVENTIONAL, TEEIO_ACS_ALL);
    f->tlp.ingress = CONVENTIONAL;
    f->tlp.requester = 0x0600;
    expect_peer(f, 0x10501000, 0x0608);
    expect_up(f, RAM, RAM);
    expect_peer(f, OTHER_BAR, EP_OTHER);
    expect_ur(f, 0x10502000, 0x20);
}

static void test_drop(struct fixture *f, const void *data)
{
    struct teeio_port port = {.kind = TEEIO_PORT_ROOT, .parent = 7};

    (void)data;
    g_assert_false(teeio_topology_set_port(&f->topology, 7, &port));
    teeio_topology_drop(&f->topology);
    expect_ur(f, RAM, EXPECT_NONE);
    from_rciep(f);
    expect_ur(f, OTHER_BAR, EXPECT_NONE);
    expect_up(f, RAM, RAM);
}

static void put(uint8_t *config, unsigned offset, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        config[offset + i] = (uint8_t)(value >> 8 * i);
    }
}

/* A machine without any bridge. */
static void test_no_ports(void)
{
    struct fixture f = {0};
    const struct teeio_window outbound = {range(OUTBOUND, 0x2eff0000), 0};

    f.tlp.length = 16;
    expect_up(&f, NOBODY, NOBODY);
    teeio_topology_add_outbound(&f.topology, &outbound);
    expect_ur(&f, NOBODY, EXPECT_NONE);
    expect_up(&f, RAM, RAM);
    add_bar(&f, 0, RCIEP, RCIEP_BAR, 0x1000);
    expect_peer(&f, RCIEP_BAR, RCIEP);
    teeio_topology_clear(&f.topology);
}

static void test_decode_port(void)
{
    g_autofree uint8_t *config = g_malloc0(TEEIO_CONFIG_SIZE);
    struct teeio_port port = {.parent = 3, .bdf = 0x77};

    put(config, 0x18, 0x00090702, 4);
    put(config, 0x20, 0x12301230, 4);
    put(config, 0x24, 0x40114001, 4);
    put(config, 0x28, 0x80, 4);
    put(config, 0x2c, 0x81, 4);
    teeio_port_decode(config, &port);
    g_assert_cmpint(port.kind, ==, TEEIO_PORT_BRIDGE);
    g_assert_false(port.forwards);
    g_assert_cmphex(port.memory[0].base, >, port.memory[0].last);
    g_assert_cmphex(port.memory[1].base, >, port.memory[1].last);

    put(config, 0x04, 0x00100006, 4);
    put(config, 0x34, 0x90, 1);
    put(config, 0x90, 0x00620010, 4); /* downstream port */
    put(config, 0x9c, 0x05000000, 4); /* number 5 */
    put(config, 0x100, 0x14810001, 4);
    put(config, 0x148, 0x0001000d, 4);
    put(config, 0x14c, 0x0074203f, 4); /* DT is not offered */
    put(config, 0x150, 0x00000024, 4);
    teeio_port_decode(config, &port);
    g_assert_cmpint(port.kind, ==, TEEIO_PORT_DOWNSTREAM);
    g_assert_cmpuint(port.parent, ==, 3);
    g_assert_cmphex(port.bdf, ==, 0x77);
    g_assert_true(port.forwards);
    g_assert_cmpuint(port.secondary, ==, 7);
    g_assert_cmpuint(port.subordinate, ==, 9);
    g_assert_cmpuint(port.number, ==, 5);
    g_assert_cmphex(port.memory[0].base, ==, 0x12300000);
    g_assert_cmphex(port.memory[0].last, ==, 0x123fffff);
    g_assert_cmphex(port.memory[1].base, ==, 0x8040000000);
    g_assert_cmphex(port.memory[1].last, ==, 0x81401fffff);
    g_assert_cmphex(port.acs, ==, TEEIO_ACS_RR | TEEIO_ACS_UF | TEEIO_ACS_EC);
    g_assert_cmphex(port.egress, ==, 0x24);
}

/* A chain that bites its tail, and one that leads nowhere. */
static void test_decode_loops(void)
{
    g_autofree uint8_t *config = g_malloc0(TEEIO_CONFIG_SIZE);
    struct teeio_port port = {0};

    put(config, 0x04, 0x00100000, 4);
    put(config, 0x34, 0x40, 1);
    put(config, 0x40, 0x4001, 2);
    teeio_port_decode(config, &port);
    g_assert_cmpint(port.kind, ==, TEEIO_PORT_BRIDGE);
    put(config, 0x40, 0xfc10, 2);
    put(config, 0xfc, 0xfffc, 2);
    put(config, 0x42, 0x0042, 2);
    put(config, 0x100, 0xffc10003, 4);
    put(config, 0xffc, 0x10010003, 4);
    teeio_port_decode(config, &port);
    g_assert_cmpint(port.kind, ==, TEEIO_PORT_ROOT);
    g_assert_cmphex(port.acs, ==, 0);
}

static void test_decode_bars(void)
{
    uint8_t config[64] = {0};
    uint8_t writable[64] = {0};
    struct teeio_topology topology = {0};

    put(config, 0x10, 0x10000000, 4);
    put(writable, 0x10, 0xfffff000, 4);
    put(config, 0x14, 0x00001001, 4); /* I/O */
    put(writable, 0x14, 0xffffffe0, 4);
    put(config, 0x18, 0x000000008000000cu, 8);
    put(config, 0x1c, 0x00000080, 4);
    put(writable, 0x18, 0xffffc000, 4);
    put(writable, 0x1c, 0xffffffff, 4);
    put(config, 0x24, 0x20000010, 4); /* the last cannot be 64 bits wide */
    put(writable, 0x24, 0xfffffff0, 4);
    g_assert_true(teeio_topology_decode_bars(&topology, config, writable, false,
                                             3, 0x300));
    g_assert_cmpuint(topology.bar_count, ==, 0);
    put(config, 0x04, TEEIO_CFG_COMMAND_MSE, 2);
    g_assert_true(teeio_topology_decode_bars(&topology, config, writable, false,
                                             3, 0x300));
    g_assert_cmpuint(topology.bar_count, ==, 3);
    g_assert_cmphex(topology.bars[0].range.base, ==, 0x10000000);
    g_assert_cmphex(topology.bars[0].range.last, ==, 0x10000fff);
    g_assert_cmphex(topology.bars[1].range.base, ==, 0x8080000000);
    g_assert_cmphex(topology.bars[1].range.last, ==, 0x8080003fff);
    g_assert_cmphex(topology.bars[2].range.base, ==, 0x20000010);
    g_assert_cmphex(topology.bars[2].range.last, ==, 0x2000001f);
    g_assert_cmphex(topology.bars[2].bdf, ==, 0x300);
    g_assert_cmpuint(topology.bars[2].parent, ==, 3);
    /* A bridge has windows where others have BARs. */
    teeio_topology_drop(&topology);
    g_assert_true(teeio_topology_decode_bars(&topology, config, writable, true,
                                             3, 0x300));
    g_assert_cmpuint(topology.bar_count, ==, 1);
    teeio_topology_clear(&topology);
}

static void stream(struct teeio_ide *ide, uint32_t reg, uint32_t value)
{
    teeio_ide_write(ide, teeio_ide_stream_offset(ide, 0) + reg, value, 4);
}

static void expect_ide(struct fixture *f, enum teeio_refusal refusal,
                       enum teeio_ide_verdict verdict)
{
    expect_refused(f, RAM, refusal, 0, ROOT_BDF);
    g_assert_cmpint(f->path.ide, ==, verdict);
}

/* A root port looks at T=1 on a stream, and at nothing else. */
static void test_ide(struct fixture *f, const void *data)
{
    const struct teeio_ide_config config = {
        .links = 1, .streams = 1, .addresses = 1, .platform = true};
    struct teeio_ide *ide = teeio_ide_new(&config);

    (void)data;
    f->topology.ports[ROOT].ide = ide;
    f->tlp.t = true;
    expect_up(f, RAM, RAM);
    f->tlp.ide = true;
    f->tlp.stream = 7;
    expect_ide(f, TEEIO_REFUSAL_MISROUTED, TEEIO_IDE_UNKNOWN_STREAM);
    stream(ide, TEEIO_IDE_SEL_CONTROL, 7u << 24 | TEEIO_IDE_STREAM_ENABLE);
    expect_ide(f, TEEIO_REFUSAL_IDE, TEEIO_IDE_NOT_SECURE);
    f->tlp.t = false;
    expect_up(f, RAM, RAM);
    f->tlp.t = true;
    g_assert_true(teeio_ide_set_keys(ide, 7, true));
    expect_up(f, RAM, RAM);
    stream(ide, TEEIO_IDE_SEL_RID1, EP_RIGHT << 8);
    stream(ide, TEEIO_IDE_SEL_RID2, EP_RIGHT << 8 | 1);
    expect_ide(f, TEEIO_REFUSAL_IDE, TEEIO_IDE_WRONG_REQUESTER);
    f->tlp.requester = EP_RIGHT;
    f->tlp.ingress = RIGHT;
    expect_up(f, RAM, RAM);
    stream(ide, TEEIO_IDE_SEL_SIZE, 1 | 0x401 << 8 | 0x401 << 20);
    expect_ide(f, TEEIO_REFUSAL_IDE, TEEIO_IDE_WRONG_ADDRESS);
    stream(ide, TEEIO_IDE_SEL_SIZE, 1 | 0x400 << 8 | 0x400 << 20);
    expect_up(f, RAM, RAM);
    /* What does not come by this port is none of its business. */
    g_assert_true(teeio_ide_set_keys(ide, 7, false));
    expect_peer(f, LEFT_BAR, EP_LEFT);
    from_other(f);
    expect_up(f, RAM, RAM);
    teeio_ide_free(ide);
    g_assert_cmpstr(teeio_refusal_name(TEEIO_REFUSAL_IDE), ==,
                    "ide-check-failed");
    g_assert_cmpstr(teeio_refusal_name(TEEIO_REFUSAL_MISROUTED), ==,
                    "misrouted-ide-tlp");
}

static void test_acs_text(void)
{
    static const char *const bad[] = {"",    "+",       "sv+", "+sv", "svtb",
                                      "All", "none+sv", "xx",  "s"};
    char text[TEEIO_ACS_TEXT];
    uint16_t bits = 0;

    for (unsigned i = 0; i <= TEEIO_ACS_ALL; i++) {
        g_assert_true(teeio_acs_parse(teeio_acs_format(i, text), &bits));
        g_assert_cmphex(bits, ==, i);
    }
    g_assert_true(teeio_acs_parse("uf+sv", &bits));
    g_assert_cmphex(bits, ==, TEEIO_ACS_UF | TEEIO_ACS_SV);
    g_assert_true(teeio_acs_parse("all", &bits));
    g_assert_cmphex(bits, ==, TEEIO_ACS_ALL);
    g_assert_cmpstr(teeio_acs_format(TEEIO_ACS_ALL, text), ==,
                    "sv+tb+rr+cr+uf+ec+dt");
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(teeio_acs_parse(bad[i], &bits));
    }
    g_assert_cmpstr(teeio_acs_name(TEEIO_ACS_DT), ==, "dt");
    g_assert_null(teeio_acs_name(0));
}

#define ADD(name, fn) \
    g_test_add("/route/" name, struct fixture, NULL, set_up, fn, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("upstream", test_upstream);
    ADD("peer", test_peer);
    ADD("span", test_span);
    ADD("nobody", test_nobody);
    ADD("malformed", test_malformed);
    ADD("peer-rules", test_peer_rules);
    ADD("redirect-needs-forwarding", test_redirect_needs_forwarding);
    ADD("forwarding", test_forwarding);
    ADD("source-validation", test_source_validation);
    ADD("translation-blocking", test_translation_blocking);
    ADD("translation-request", test_translation_request);
    ADD("completion-redirect", test_completion_redirect);
    ADD("root-ports", test_root_ports);
    ADD("isolated", test_isolated);
    ADD("bus-master", test_bus_master);
    ADD("inbound", test_inbound);
    ADD("window-limits", test_window_limits);
    ADD("outbound-offset", test_outbound_offset);
    ADD("conventional", test_conventional);
    ADD("drop", test_drop);
    ADD("ide", test_ide);
    g_test_add_func("/route/no-ports", test_no_ports);
    g_test_add_func("/route/decode-port", test_decode_port);
    g_test_add_func("/route/decode-loops", test_decode_loops);
    g_test_add_func("/route/decode-bars", test_decode_bars);
    g_test_add_func("/route/acs-text", test_acs_text);
    return g_test_run();
}
