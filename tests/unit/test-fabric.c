/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "fake-host.h"
#include "teeio/fabric.h"

#define RAM        FAKE_HOST_RAM_BASE
#define PRIVATE    (RAM + 0x10000)
#define DOORBELL   0x08020040u /* MMIO: no RAM, no owner */
#define BUS_OFFSET 0x80000000u

/* An IOMMU that adds an offset, or answers what the test wants. */
struct fake_iommu {
    struct teeio_iommu iommu;
    enum teeio_verdict verdict;
    bool quiet;
    enum teeio_owner expected;
    unsigned calls;
};

static void fake_translate(struct teeio_iommu *iommu,
                           const struct teeio_tlp *tlp,
                           struct teeio_translation *answer)
{
    struct fake_iommu *fake = (struct fake_iommu *)iommu;

    fake->calls++;
    answer->verdict = fake->verdict;
    answer->quiet = fake->quiet;
    answer->expected = fake->expected;
    answer->via = TEEIO_VIA_WALK;
    answer->s1 = TEEIO_STAGE_FAULT;
    answer->output = PRIVATE;
    if (fake->verdict == TEEIO_VERDICT_OK) {
        answer->s1 = TEEIO_STAGE_OK;
        answer->output = tlp->address - BUS_OFFSET;
    }
}

struct fixture {
    struct fake_host fake;
    struct fake_iommu iommu;
    struct teeio_ownership *ownership;
    struct teeio_fabric fabric;
    bool trusted;
    uint64_t gpa;
};

static void set_up(struct fixture *f, const void *data)
{
    (void)data;
    memset(f, 0, sizeof(*f));
    fake_host_init(&f->fake);
    f->iommu.iommu.translate = fake_translate;
    f->ownership = teeio_ownership_new();
    teeio_ownership_add_ram(f->ownership, RAM, FAKE_HOST_RAM_SIZE,
                            TEEIO_OWNER_SHARED);
    teeio_ownership_set(f->ownership, PRIVATE, 0x1000, TEEIO_OWNER_PRIVATE);
    f->fabric.host = &f->fake.host;
    f->fabric.ownership = f->ownership;
}

static void tear_down(struct fixture *f, const void *data)
{
    (void)data;
    teeio_ownership_free(f->ownership);
    fake_host_clear(&f->fake);
}

static struct teeio_tlp make_tlp(enum teeio_tlp_kind kind, uint64_t address,
                                 bool t)
{
    return (struct teeio_tlp){
        .kind = kind,
        .address = address,
        .length = 16,
        .requester = 0x10,
        .t = t,
    };
}

/* The one TLP event so far, which must say how the DMA ended. */
static const struct teeio_dma *only_event(struct fixture *f,
                                          enum teeio_verdict verdict)
{
    const struct teeio_event *event = fake_host_last(&f->fake, TEEIO_EVENT_TLP);

    g_assert_cmpuint(fake_host_count(&f->fake, TEEIO_EVENT_TLP), ==, 1);
    g_assert_cmpstr(teeio_verdict_name(event->u.dma.verdict), ==,
                    teeio_verdict_name(verdict));
    g_assert_cmpuint(f->fabric.refused, ==, verdict != TEEIO_VERDICT_OK);
    return &event->u.dma;
}

static void expect_read(struct fixture *f, const struct teeio_tlp *tlp,
                        enum teeio_verdict verdict, uint8_t byte)
{
    uint8_t data[64];

    memset(data, 0x11, sizeof(data));
    g_assert_cmpint(teeio_fabric_read(&f->fabric, tlp, data), ==, verdict);
    for (unsigned i = 0; i < sizeof(data); i++) {
        g_assert_cmphex(data[i], ==, i < tlp->length ? byte : 0x11);
    }
    only_event(f, verdict);
}

static void test_no_iommu(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MRD, RAM + 0x20, false);
    const struct teeio_dma *dma;

    (void)data;
    memset(fake_host_ptr(&f->fake, RAM + 0x20), 0x5a, 16);
    expect_read(f, &tlp, TEEIO_VERDICT_OK, 0x5a);
    dma = only_event(f, TEEIO_VERDICT_OK);
    g_assert_cmphex(dma->xlate.output, ==, tlp.address);
    g_assert_cmpint(dma->xlate.via, ==, TEEIO_VIA_NONE);
    g_assert_cmpint(dma->xlate.s1, ==, TEEIO_STAGE_OFF);
    g_assert_cmpint(dma->owner, ==, TEEIO_OWNER_SHARED);
}

static void test_translated_write(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MWR, RAM + BUS_OFFSET, true);
    uint8_t bytes[16];

    (void)data;
    memset(bytes, 0xa5, sizeof(bytes));
    f->fabric.iommu = &f->iommu.iommu;
    g_assert_cmpint(teeio_fabric_write(&f->fabric, &tlp, bytes), ==,
                    TEEIO_VERDICT_OK);
    g_assert_cmpmem(fake_host_ptr(&f->fake, RAM), 16, bytes, 16);
    g_assert_cmphex(only_event(f, TEEIO_VERDICT_OK)->xlate.output, ==, RAM);
    g_assert_cmpuint(f->fabric.tlps[0], ==, 0);
    g_assert_cmpuint(f->fabric.tlps[1], ==, 1);
}

/* What the IOMMU found out about the page must be so. */
static void test_expected_owner(struct fixture *f, const void *data)
{
    static const struct {
        enum teeio_owner expected;
        uint64_t page;
        bool t;
        enum teeio_verdict verdict;
    } rows[] = {
        {TEEIO_OWNER_NONE, RAM, true, TEEIO_VERDICT_OK},
        {TEEIO_OWNER_NONE, PRIVATE, true, TEEIO_VERDICT_OK},
        {TEEIO_OWNER_SHARED, RAM, true, TEEIO_VERDICT_OK},
        {TEEIO_OWNER_SHARED, PRIVATE, true, TEEIO_VERDICT_DENIED},
        {TEEIO_OWNER_PRIVATE, RAM, true, TEEIO_VERDICT_DENIED},
        {TEEIO_OWNER_PRIVATE, PRIVATE, true, TEEIO_VERDICT_OK},
        {TEEIO_OWNER_SHARED, RAM, false, TEEIO_VERDICT_OK},
        {TEEIO_OWNER_PRIVATE, PRIVATE, false, TEEIO_VERDICT_DENIED},
        /* Nobody owns a doorbell. */
        {TEEIO_OWNER_PRIVATE, DOORBELL, true, TEEIO_VERDICT_NO_MEMORY},
        {TEEIO_OWNER_SHARED, DOORBELL, true, TEEIO_VERDICT_NO_MEMORY},
    };
    uint8_t bytes[16] = {0};

    (void)data;
    f->fabric.iommu = &f->iommu.iommu;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct teeio_tlp tlp =
            make_tlp(TEEIO_TLP_MWR, rows[i].page + BUS_OFFSET, rows[i].t);

        f->iommu.expected = rows[i].expected;
        g_assert_cmpint(teeio_fabric_write(&f->fabric, &tlp, bytes), ==,
                        rows[i].verdict);
    }
}

static void test_malformed(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MRD, RAM + 0xff8, false);

    (void)data;
    f->fabric.iommu = &f->iommu.iommu;
    expect_read(f, &tlp, TEEIO_VERDICT_UNSUPPORTED, 0xff);
    g_assert_cmpuint(f->iommu.calls, ==, 0);
    g_assert_cmpint(only_event(f, TEEIO_VERDICT_UNSUPPORTED)->route, ==,
                    TEEIO_ROUTE_REJECTED);
}

static void test_iommu_refuses(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MRD, RAM, false);

    f->fabric.iommu = &f->iommu.iommu;
    f->iommu.verdict = GPOINTER_TO_INT(data);
    expect_read(f, &tlp, f->iommu.verdict, 0xff);
    g_assert_cmpuint(f->fake.reads, ==, 0);
    g_assert_cmpint(only_event(f, f->iommu.verdict)->owner, ==,
                    TEEIO_OWNER_NONE);
}

/* The event has the fault, the sender a success. */
static void test_quiet(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MRD, RAM, false);
    struct teeio_dma dma;
    uint8_t bytes[64];

    (void)data;
    memset(bytes, 0x11, sizeof(bytes));
    f->fabric.iommu = &f->iommu.iommu;
    f->iommu.verdict = TEEIO_VERDICT_FAULT;
    f->iommu.quiet = true;
    g_assert_cmpint(teeio_fabric_resolve(&f->fabric, &tlp, &dma), ==,
                    TEEIO_VERDICT_FAULT);
    g_assert_cmpint(teeio_fabric_read(&f->fabric, &tlp, bytes), ==,
                    TEEIO_VERDICT_OK);
    g_assert_cmphex(bytes[0] | bytes[tlp.length - 1], ==, 0);
    tlp.kind = TEEIO_TLP_MWR;
    g_assert_cmpint(teeio_fabric_write(&f->fabric, &tlp, bytes), ==,
                    TEEIO_VERDICT_OK);
    g_assert_cmpuint(f->fake.reads, ==, 0);
    g_assert_cmpint(fake_host_last(&f->fake, TEEIO_EVENT_TLP)->u.dma.verdict,
                    ==, TEEIO_VERDICT_FAULT);
}

static void test_denied_read(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MRD, PRIVATE, false);

    (void)data;
    expect_read(f, &tlp, TEEIO_VERDICT_DENIED, 0xff);
    g_assert_cmpuint(f->fake.reads, ==, 0);
    g_assert_cmpint(only_event(f, TEEIO_VERDICT_DENIED)->owner, ==,
                    TEEIO_OWNER_PRIVATE);
}

static void test_denied_write(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MWR, PRIVATE, false);
    static const uint8_t zeros[16];
    uint8_t bytes[16];

    (void)data;
    memset(bytes, 0xa5, sizeof(bytes));
    g_assert_cmpint(teeio_fabric_write(&f->fabric, &tlp, bytes), ==,
                    TEEIO_VERDICT_DENIED);
    g_assert_cmpmem(fake_host_ptr(&f->fake, PRIVATE), 16, zeros, 16);
    only_event(f, TEEIO_VERDICT_DENIED);
}

static void test_no_memory(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MRD, RAM, false);
    uint8_t bytes[16] = {0};

    (void)data;
    f->fake.fail_page = RAM;
    expect_read(f, &tlp, TEEIO_VERDICT_NO_MEMORY, 0xff);

    g_array_set_size(f->fake.events, 0);
    f->fabric.refused = 0;
    g_assert_cmpint(teeio_fabric_write(&f->fabric, &tlp, bytes), ==,
                    TEEIO_VERDICT_NO_MEMORY);
    only_event(f, TEEIO_VERDICT_NO_MEMORY);
}

static bool note_read(void *opaque, uint64_t gpa, void *buf, size_t len,
                      bool trusted)
{
    struct fixture *f = opaque;

    memset(buf, 0, len);
    f->gpa = gpa;
    f->trusted = trusted;
    return true;
}

static bool note_write(void *opaque, uint64_t gpa, const void *buf, size_t len,
                       bool trusted)
{
    struct fixture *f = opaque;

    (void)buf;
    g_assert_cmpuint(len, ==, 16);
    f->gpa = gpa;
    f->trusted = trusted;
    return true;
}

static void test_trusted_attribute(struct fixture *f, const void *data)
{
    static const struct {
        uint64_t address;
        bool t;
        bool trusted;
    } cases[] = {
        {PRIVATE, true, true},   {RAM, true, false},       {RAM, false, false},
        {DOORBELL, true, false}, {DOORBELL, false, false},
    };
    uint8_t bytes[16] = {0};

    (void)data;
    f->fake.host = (struct teeio_host){
        .opaque = f, .read = note_read, .write = note_write};
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct teeio_tlp tlp =
            make_tlp(TEEIO_TLP_MWR, cases[i].address, cases[i].t);

        g_assert_cmpint(teeio_fabric_write(&f->fabric, &tlp, bytes), ==,
                        TEEIO_VERDICT_OK);
        g_assert_cmphex(f->gpa, ==, cases[i].address);
        g_assert_cmpint(f->trusted, ==, cases[i].trusted);

        f->trusted = !cases[i].trusted;
        tlp.kind = TEEIO_TLP_MRD;
        g_assert_cmpint(teeio_fabric_read(&f->fabric, &tlp, bytes), ==,
                        TEEIO_VERDICT_OK);
        g_assert_cmpint(f->trusted, ==, cases[i].trusted);
    }
}

/* Two banks: T=0 reaches the one, and only where there is one. */
static void test_twins(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MWR, PRIVATE, false);
    uint8_t bytes[16] = {1};
    struct teeio_dma dma;

    (void)data;
    f->fake.host = (struct teeio_host){
        .opaque = f, .read = note_read, .write = note_write};
    f->trusted = true;
    f->fabric.twins = PRIVATE + 0x1000;
    g_assert_cmpint(teeio_fabric_carry(&f->fabric, &tlp, bytes, &dma), ==,
                    TEEIO_VERDICT_OK);
    g_assert_true(dma.misplaced);
    g_assert_cmpint(dma.owner, ==, TEEIO_OWNER_PRIVATE);
    g_assert_false(f->trusted);

    tlp = make_tlp(TEEIO_TLP_MWR, PRIVATE, true);
    g_assert_cmpint(teeio_fabric_carry(&f->fabric, &tlp, bytes, &dma), ==,
                    TEEIO_VERDICT_OK);
    g_assert_false(dma.misplaced);
    g_assert_true(f->trusted);

    tlp.t = false;
    f->fabric.twins = PRIVATE;
    g_assert_cmpint(teeio_fabric_carry(&f->fabric, &tlp, bytes, &dma), ==,
                    TEEIO_VERDICT_DENIED);
    g_assert_false(dma.misplaced);
}

static void test_resolve(struct fixture *f, const void *data)
{
    static const struct {
        uint64_t address;
        enum teeio_owner owner;
        enum teeio_verdict verdict;
    } cases[] = {
        {RAM, TEEIO_OWNER_SHARED, TEEIO_VERDICT_OK},
        {PRIVATE, TEEIO_OWNER_PRIVATE, TEEIO_VERDICT_DENIED},
        {DOORBELL, TEEIO_OWNER_NONE, TEEIO_VERDICT_OK},
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MWR, cases[i].address, false);
        struct teeio_dma dma;

        g_array_set_size(f->fake.events, 0);
        f->fabric.refused = 0;
        g_assert_cmpint(teeio_fabric_resolve(&f->fabric, &tlp, &dma), ==,
                        cases[i].verdict);
        g_assert_cmpint(dma.verdict, ==, cases[i].verdict);
        g_assert_cmpint(dma.owner, ==, cases[i].owner);
        only_event(f, cases[i].verdict);
    }
    g_assert_cmpuint(f->fake.reads, ==, 0);
}

static int bus_zero(void *bus)
{
    (void)bus;
    return 0;
}

/* One pool at RAM for every function; the rest of RAM is outside. */
static void test_pool(struct fixture *f, const void *data)
{
    static const struct {
        enum teeio_pool_policy policy;
        enum teeio_verdict verdict;
        enum teeio_verdict told;
        uint8_t byte;
        bool t;
        uint64_t address;
    } cases[] = {
        {TEEIO_POOL_ABORT, TEEIO_VERDICT_OK, TEEIO_VERDICT_OK, 0x5a, false,
         RAM},
        {TEEIO_POOL_ABORT, TEEIO_VERDICT_CONFINED, TEEIO_VERDICT_CONFINED, 0xff,
         false, RAM + 0x1000},
        {TEEIO_POOL_POISON, TEEIO_VERDICT_CONFINED, TEEIO_VERDICT_OK, 0xff,
         false, RAM + 0x1000},
        {TEEIO_POOL_LOG, TEEIO_VERDICT_OK, TEEIO_VERDICT_OK, 0x5a, false,
         RAM + 0x1000},
        {TEEIO_POOL_ABORT, TEEIO_VERDICT_OK, TEEIO_VERDICT_OK, 0x5a, true,
         RAM + 0x1000},
        {TEEIO_POOL_LOG, TEEIO_VERDICT_DENIED, TEEIO_VERDICT_DENIED, 0xff,
         false, PRIVATE},
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct teeio_tlp tlp =
            make_tlp(TEEIO_TLP_MRD, cases[i].address, cases[i].t);
        const struct teeio_pool pool = {.base = RAM,
                                        .size = 0x1000,
                                        .placed = true,
                                        .every = true,
                                        .policy = cases[i].policy};
        uint8_t bytes[16];

        g_test_message("case %u", i);
        tear_down(f, NULL);
        set_up(f, NULL);
        f->fabric.pools = teeio_pools_new(RAM, FAKE_HOST_RAM_SIZE, bus_zero);
        g_assert_cmpint(teeio_pools_add(f->fabric.pools, &pool), ==, 0);
        memset(fake_host_ptr(&f->fake, cases[i].address), 0x5a, 16);
        g_assert_cmpint(teeio_fabric_read(&f->fabric, &tlp, bytes), ==,
                        cases[i].told);
        g_assert_cmphex(bytes[0], ==, cases[i].byte);
        g_assert_cmpint(only_event(f, cases[i].verdict)->reach, ==,
                        cases[i].t                ? TEEIO_REACH_FREE
                        : cases[i].address == RAM ? TEEIO_REACH_INSIDE
                                                  : TEEIO_REACH_OUTSIDE);
        teeio_pools_free(f->fabric.pools);
    }
}

static void test_no_ownership(struct fixture *f, const void *data)
{
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MRD, PRIVATE, false);

    (void)data;
    f->fabric.ownership = NULL;
    expect_read(f, &tlp, TEEIO_VERDICT_OK, 0);
    g_assert_cmpint(only_event(f, TEEIO_VERDICT_OK)->owner, ==,
                    TEEIO_OWNER_SHARED);
}

/* A router that answers what the test wants. */
struct fake_router {
    struct teeio_router router;
    enum teeio_route_kind kind;
    struct teeio_path path;
    unsigned rejected;
};

static enum teeio_route_kind fake_route(struct teeio_router *router,
                                        const struct teeio_tlp *tlp,
                                        struct teeio_path *path)
{
    struct fake_router *fake = (struct fake_router *)router;

    (void)tlp;
    *path = fake->path;
    return fake->kind;
}

static void fake_rejected(struct teeio_router *router,
                          const struct teeio_dma *dma)
{
    struct fake_router *fake = (struct fake_router *)router;

    g_assert_cmpint(dma->route, ==, TEEIO_ROUTE_REJECTED);
    fake->rejected++;
}

static void test_routes(struct fixture *f, const void *data)
{
    struct fake_router fake = {
        .router = {fake_route, fake_rejected},
        .kind = TEEIO_ROUTE_PEER,
        .path = {.address = DOORBELL, .peer = 0x400},
    };
    struct teeio_tlp tlp = make_tlp(TEEIO_TLP_MWR, 0x1000, false);
    struct teeio_dma dma;

    (void)data;
    f->fabric.router = &fake.router;
    f->fabric.iommu = &f->iommu.iommu;
    g_assert_cmpint(teeio_fabric_resolve(&f->fabric, &tlp, &dma), ==,
                    TEEIO_VERDICT_OK);
    g_assert_cmpuint(f->iommu.calls, ==, 0);
    g_assert_cmphex(dma.xlate.output, ==, DOORBELL);
    g_assert_cmphex(dma.path.peer, ==, 0x400);
    g_assert_cmpint(dma.owner, ==, TEEIO_OWNER_NONE);

    fake.kind = TEEIO_ROUTE_REJECTED;
    g_assert_cmpint(teeio_fabric_resolve(&f->fabric, &tlp, &dma), ==,
                    TEEIO_VERDICT_UNSUPPORTED);
    g_assert_cmpuint(f->iommu.calls, ==, 0);
    g_assert_cmpuint(fake.rejected, ==, 1);

    /* The IOMMU is asked for what a window made of the address. */
    fake.kind = TEEIO_ROUTE_UPSTREAM;
    fake.path.address = RAM + BUS_OFFSET;
    g_assert_cmpint(teeio_fabric_resolve(&f->fabric, &tlp, &dma), ==,
                    TEEIO_VERDICT_OK);
    g_assert_cmpuint(f->iommu.calls, ==, 1);
    g_assert_cmphex(dma.xlate.output, ==, RAM);
    g_assert_cmphex(dma.tlp.address, ==, 0x1000);
    g_assert_cmpuint(fake.rejected, ==, 1);
}

#define ADD(name, data, function)                                       \
    g_test_add("/fabric/" name, struct fixture, data, set_up, function, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("no-iommu", NULL, test_no_iommu);
    ADD("translated-write", NULL, test_translated_write);
    ADD("expected-owner", NULL, test_expected_owner);
    ADD("malformed", NULL, test_malformed);
    ADD("blocked", GINT_TO_POINTER(TEEIO_VERDICT_BLOCKED), test_iommu_refuses);
    ADD("aborted", GINT_TO_POINTER(TEEIO_VERDICT_ABORTED), test_iommu_refuses);
    ADD("fault", GINT_TO_POINTER(TEEIO_VERDICT_FAULT), test_iommu_refuses);
    ADD("quiet", NULL, test_quiet);
    ADD("denied-read", NULL, test_denied_read);
    ADD("denied-write", NULL, test_denied_write);
    ADD("twins", NULL, test_twins);
    ADD("no-memory", NULL, test_no_memory);
    ADD("trusted-attribute", NULL, test_trusted_attribute);
    ADD("resolve", NULL, test_resolve);
    ADD("pool", NULL, test_pool);
    ADD("no-ownership", NULL, test_no_ownership);
    ADD("routes", NULL, test_routes);
    return g_test_run();
}
