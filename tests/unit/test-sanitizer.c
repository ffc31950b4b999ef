/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>

#include "teeio/recorder.h"

#define DEVICE 0x10
#define OTHER  0x18
#define PAGE   0x1000u
/* More bus pages than the sanitizer can remember. */
#define FLOOD 20000

struct fixture {
    struct teeio_recorder recorder;
    GArray *events;
};

static void keep(void *opaque, const struct teeio_event *event)
{
    g_array_append_val((GArray *)opaque, *event);
}

static void set_up(struct fixture *f, const void *data)
{
    (void)data;
    f->events = g_array_new(FALSE, FALSE, sizeof(struct teeio_event));
    f->recorder = (struct teeio_recorder){
        .sink = keep,
        .opaque = f->events,
        .sanitizer = teeio_sanitizer_new(),
    };
    g_assert_nonnull(f->recorder.sanitizer);
}

static void tear_down(struct fixture *f, const void *data)
{
    (void)data;
    teeio_sanitizer_free(f->recorder.sanitizer);
    g_array_free(f->events, TRUE);
}

/* The number of findings that @event caused. */
static unsigned append(struct fixture *f, struct teeio_event event)
{
    unsigned before = f->events->len;

    teeio_recorder_append(&f->recorder, &event, 5);
    return f->events->len - before - 1;
}

static struct teeio_event tlp(bool t, enum teeio_stage s1)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_TLP,
        .source = "unit",
        .u.dma = {.tlp = {.requester = DEVICE,
                          .address = 0x10010,
                          .length = 16,
                          .t = t},
                  .route = TEEIO_ROUTE_UPSTREAM,
                  .xlate = {.s1 = s1},
                  .owner = TEEIO_OWNER_SHARED},
    };

    if (s1 == TEEIO_STAGE_FAULT) {
        event.u.dma.xlate.verdict = TEEIO_VERDICT_FAULT;
        event.u.dma.verdict = TEEIO_VERDICT_FAULT;
    }
    return event;
}

static const struct teeio_event *last(const struct fixture *f)
{
    return &g_array_index(f->events, struct teeio_event, f->events->len - 1);
}

static void expect_finding(const struct fixture *f,
                           enum teeio_finding_kind kind, uint64_t trigger,
                           uint64_t related)
{
    const struct teeio_event *event = last(f);

    g_assert_cmpint(event->kind, ==, TEEIO_EVENT_FINDING);
    g_assert_cmpstr(event->source, ==, "sanitizer");
    g_assert_cmpuint(event->seq, ==, f->events->len);
    g_assert_cmpstr(teeio_finding_name(event->u.finding.kind), ==,
                    teeio_finding_name(kind));
    g_assert_cmpuint(event->u.finding.trigger, ==, trigger);
    g_assert_cmpuint(event->u.finding.related, ==, related);
    g_assert_cmphex(event->u.finding.dma.tlp.address, ==, 0x10010);
    g_assert_true(g_str_has_prefix(event->u.finding.text, "0000:00:02.0: T="));
    g_assert_cmpuint(f->recorder.findings[kind], >, 0);
}

static void command(struct fixture *f, const char *name, uint64_t stream,
                    uint64_t range, const char *error)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_COMMAND,
        .u.command = {.name = name,
                      .dw = {stream << 32 | (range & 3) << 4, range},
                      .error = error},
    };

    g_assert_cmpuint(append(f, event), ==, 0);
}

static void tdisp(struct fixture *f, enum teeio_tdisp_state to)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_TDISP,
        .u.tdisp = {.requester = DEVICE, .to = to},
    };

    g_assert_cmpuint(append(f, event), ==, 0);
}

static void test_recorder(void)
{
    struct teeio_recorder recorder = {0};
    struct teeio_event event = tlp(false, TEEIO_STAGE_SKIPPED);

    teeio_recorder_append(&recorder, &event, 5);
    teeio_recorder_append(&recorder, &event, 6);
    g_assert_cmpuint(recorder.seq, ==, 2);
    g_assert_cmpuint(event.seq, ==, 0);
}

static void test_stamp(struct fixture *f, const void *data)
{
    (void)data;
    g_assert_cmpuint(append(f, tlp(false, TEEIO_STAGE_OK)), ==, 0);
    g_assert_cmpuint(append(f, tlp(false, TEEIO_STAGE_OK)), ==, 0);
    g_assert_cmpuint(last(f)->seq, ==, 2);
    g_assert_cmpuint(last(f)->t_ns, ==, 5);
}

static void test_t0_to_private(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(false, TEEIO_STAGE_OK);

    (void)data;
    event.u.dma.owner = TEEIO_OWNER_PRIVATE;
    event.u.dma.verdict = TEEIO_VERDICT_DENIED;
    g_assert_cmpuint(append(f, event), ==, 1);
    expect_finding(f, TEEIO_FINDING_T0_TO_PRIVATE, 1, 0);

    event.u.dma.verdict = TEEIO_VERDICT_OK;
    g_assert_cmpuint(append(f, event), ==, 0);
    event.u.dma.misplaced = true;
    g_assert_cmpuint(append(f, event), ==, 1);
    event.u.dma.misplaced = false;

    event.u.dma.tlp.t = true;
    g_assert_cmpuint(append(f, event), ==, 0);
}

static void test_t1_shared_table(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(true, TEEIO_STAGE_FAULT);

    (void)data;
    g_assert_cmpuint(append(f, event), ==, 0);
    event.u.dma.xlate.shared_table = true;
    g_assert_cmpuint(append(f, event), ==, 1);
    expect_finding(f, TEEIO_FINDING_T1_SHARED_TABLE, 2, 0);
}

static void test_t1_outside_run(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(true, TEEIO_STAGE_OFF);

    (void)data;
    event.u.dma.route = TEEIO_ROUTE_REJECTED;
    event.u.dma.verdict = TEEIO_VERDICT_UNSUPPORTED;
    g_assert_cmpuint(append(f, event), ==, 1);
    expect_finding(f, TEEIO_FINDING_T1_OUTSIDE_RUN, 1, 0);

    event.u.dma.tlp.t = false;
    g_assert_cmpuint(append(f, event), ==, 0);
    event.u.dma.tlp.t = true;
    event.u.dma.tlp.origin = TEEIO_ORIGIN_CORE;
    g_assert_cmpuint(append(f, event), ==, 0);
}

/* Two requests to one bus page, with the second's number of findings. */
static void test_flip_pairs(struct fixture *f, const void *data)
{
    static const struct {
        enum teeio_stage first;
        enum teeio_stage second;
        unsigned findings;
    } cases[] = {
        {TEEIO_STAGE_OK, TEEIO_STAGE_OK, 0},
        {TEEIO_STAGE_OK, TEEIO_STAGE_FAULT, 0},
        {TEEIO_STAGE_OFF, TEEIO_STAGE_BYPASS, 0},
        {TEEIO_STAGE_OK, TEEIO_STAGE_OFF, 1},
        {TEEIO_STAGE_OK, TEEIO_STAGE_BYPASS, 1},
        {TEEIO_STAGE_OFF, TEEIO_STAGE_OK, 1},
        {TEEIO_STAGE_BYPASS, TEEIO_STAGE_FAULT, 1},
        {TEEIO_STAGE_FAULT, TEEIO_STAGE_BYPASS, 1},
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (unsigned t = 0; t < 2; t++) {
            uint64_t seq;

            g_test_message("case %u, T=%u first", i, t);
            tear_down(f, NULL);
            set_up(f, NULL);
            append(f, tlp(t, cases[i].first));
            seq = f->recorder.seq;
            g_assert_cmpuint(append(f, tlp(!t, cases[i].second)), ==,
                             cases[i].findings);
            if (cases[i].findings) {
                expect_finding(f, TEEIO_FINDING_IDENTITY_FLIP, seq + 1, seq);
            }
            /* The same T again says nothing new. */
            g_assert_cmpuint(append(f, tlp(!t, cases[i].second)), ==, 0);
        }
    }
}

static void test_flip_skipped(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(false, TEEIO_STAGE_SKIPPED);

    (void)data;
    g_assert_cmpuint(append(f, event), ==, 1);
    expect_finding(f, TEEIO_FINDING_IDENTITY_FLIP, 1, 0);
    g_assert_cmpuint(append(f, event), ==, 0);

    /* The other T contradicts it; another page is another matter. */
    g_assert_cmpuint(append(f, tlp(true, TEEIO_STAGE_OK)), ==, 1);
    expect_finding(f, TEEIO_FINDING_IDENTITY_FLIP, 4, 3);
    event.u.dma.tlp.address += PAGE;
    g_assert_cmpuint(append(f, event), ==, 1);
}

static void test_flip_skipped_stage2(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(false, TEEIO_STAGE_BYPASS);

    (void)data;
    event.u.dma.xlate.s2 = TEEIO_STAGE_SKIPPED;
    g_assert_cmpuint(append(f, event), ==, 1);
    expect_finding(f, TEEIO_FINDING_IDENTITY_FLIP, 1, 0);

    /* Stage 2 alone translates as well as stage 1. */
    event.u.dma.tlp.t = true;
    event.u.dma.xlate.s2 = TEEIO_STAGE_OK;
    g_assert_cmpuint(append(f, event), ==, 1);
    expect_finding(f, TEEIO_FINDING_IDENTITY_FLIP, 3, 1);
}

static void test_flip_other_key(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(true, TEEIO_STAGE_BYPASS);

    (void)data;
    append(f, tlp(false, TEEIO_STAGE_OK));
    event.u.dma.tlp.address += PAGE;
    g_assert_cmpuint(append(f, event), ==, 0);
    event = tlp(true, TEEIO_STAGE_BYPASS);
    event.u.dma.tlp.requester = OTHER;
    g_assert_cmpuint(append(f, event), ==, 0);
    event = tlp(true, TEEIO_STAGE_BYPASS);
    event.u.dma.tlp.pasid_valid = true;
    g_assert_cmpuint(append(f, event), ==, 0);
}

/* A refusal before translation is no identity. */
static void test_flip_refused(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(false, TEEIO_STAGE_OFF);

    (void)data;
    append(f, tlp(true, TEEIO_STAGE_OK));
    event.u.dma.xlate.verdict = TEEIO_VERDICT_BLOCKED;
    event.u.dma.verdict = TEEIO_VERDICT_BLOCKED;
    g_assert_cmpuint(append(f, event), ==, 0);
}

static void test_two_findings(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(false, TEEIO_STAGE_SKIPPED);

    (void)data;
    event.u.dma.owner = TEEIO_OWNER_PRIVATE;
    event.u.dma.verdict = TEEIO_VERDICT_DENIED;
    g_assert_cmpuint(append(f, event), ==, 2);
    g_assert_cmpuint(f->recorder.findings[TEEIO_FINDING_T0_TO_PRIVATE], ==, 1);
    g_assert_cmpuint(f->recorder.findings[TEEIO_FINDING_IDENTITY_FLIP], ==, 1);
}

/* The first of each kind for each requester is enough. */
static void test_pools(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(false, TEEIO_STAGE_OFF);

    (void)data;
    event.u.dma.reach = TEEIO_REACH_INSIDE;
    g_assert_cmpuint(append(f, event), ==, 0);
    event.u.dma.reach = TEEIO_REACH_OUTSIDE;
    g_assert_cmpuint(append(f, event), ==, 1);
    expect_finding(f, TEEIO_FINDING_OUTSIDE_POOL, 2, 0);
    g_assert_cmpuint(append(f, event), ==, 0);
    event.u.dma.reach = TEEIO_REACH_FOREIGN;
    g_assert_cmpuint(append(f, event), ==, 1);
    expect_finding(f, TEEIO_FINDING_FOREIGN_POOL, 5, 0);
    g_assert_cmpuint(append(f, event), ==, 0);
    event.u.dma.tlp.requester = OTHER;
    g_assert_cmpuint(append(f, event), ==, 1);
}

static void test_window(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(false, TEEIO_STAGE_OFF);

    (void)data;
    event.u.dma.path.outside = true;
    g_assert_cmpuint(append(f, event), ==, 0);
    event.u.dma.route = TEEIO_ROUTE_REJECTED;
    g_assert_cmpuint(append(f, event), ==, 1);
    expect_finding(f, TEEIO_FINDING_OUTSIDE_WINDOW, 2, 0);
    g_assert_cmpuint(append(f, event), ==, 0);
}

static void test_three_findings(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(false, TEEIO_STAGE_SKIPPED);

    (void)data;
    event.u.dma.owner = TEEIO_OWNER_PRIVATE;
    event.u.dma.verdict = TEEIO_VERDICT_DENIED;
    event.u.dma.reach = TEEIO_REACH_OUTSIDE;
    g_assert_cmpuint(append(f, event), ==, TEEIO_FINDINGS_PER_EVENT);
}

/* What a command does to the knowledge about DEVICE. */
static void test_rebind(struct fixture *f, const void *data)
{
    static const struct {
        const char *name;
        uint64_t stream;
        uint64_t range;
        const char *error;
        enum teeio_tdisp_state state;
        bool forgets;
    } cases[] = {
        {"CFGI_STE", DEVICE, 0, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, true},
        {"CFGI_STE", DEVICE, 1, NULL, TEEIO_TDISP_CONFIG_LOCKED, true},
        {"CFGI_STE", DEVICE, 0, NULL, TEEIO_TDISP_RUN, false},
        {"CFGI_STE", DEVICE, 0, NULL, TEEIO_TDISP_ERROR, false},
        {"CFGI_STE", OTHER, 0, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, false},
        {"CFGI_STE", DEVICE, 0, "CERROR_ILL", TEEIO_TDISP_CONFIG_UNLOCKED,
         false},
        {"CFGI_STE_RANGE", OTHER, 3, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, true},
        {"CFGI_STE_RANGE", OTHER, 2, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, false},
        {"CFGI_STE_RANGE", UINT32_MAX, 31, NULL, TEEIO_TDISP_CONFIG_UNLOCKED,
         true},
        {"CFGI_ALL", 0, 31, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, true},
        {"CFGI_ALL", 0, 31, NULL, TEEIO_TDISP_RUN, false},
        {"CFGI_CD", DEVICE, 0, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, false},
        {"CC_INV", DEVICE, 3, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, true},
        {"CC_INV", DEVICE, 3, NULL, TEEIO_TDISP_RUN, false},
        {"CC_INV", OTHER, 3, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, false},
        {"CC_INV", DEVICE ^ 4, 3, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, false},
        {"CC_INV", (DEVICE ^ 4) | 1 << 16, 3, NULL, TEEIO_TDISP_CONFIG_UNLOCKED,
         true},
        {"CC_INV", (DEVICE ^ 1) | 2 << 16, 3, NULL, TEEIO_TDISP_CONFIG_UNLOCKED,
         false},
        {"CC_INV", (DEVICE ^ 1) | 3 << 16, 3, NULL, TEEIO_TDISP_CONFIG_UNLOCKED,
         true},
        {"CC_INV", 0, 2, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, true},
        {"CC_INV", 0, 1, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, true},
        {"PC_INV", 0, 0, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, true},
        {"IOTLB_INV", 0, 1, NULL, TEEIO_TDISP_CONFIG_UNLOCKED, false},
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %u", i);
        tear_down(f, NULL);
        set_up(f, NULL);
        append(f, tlp(false, TEEIO_STAGE_OK));
        tdisp(f, cases[i].state);
        append(f, (struct teeio_event){.kind = TEEIO_EVENT_RESET});
        append(f, (struct teeio_event){.kind = TEEIO_EVENT_ENABLE});
        command(f, cases[i].name, cases[i].stream, cases[i].range,
                cases[i].error);
        g_assert_cmpuint(append(f, tlp(true, TEEIO_STAGE_BYPASS)), ==,
                         !cases[i].forgets);
    }
}

/* The emulator's devices touch many pages; the TDI's stay known. */
static void test_bounded(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(false, TEEIO_STAGE_OK);

    append(f, event);
    event.u.dma.tlp.origin = GPOINTER_TO_INT(data);
    for (unsigned i = 0; i < FLOOD; i++) {
        event.u.dma.tlp.address += PAGE;
        append(f, event);
    }
    /* The newest page is known in any case. */
    event.u.dma.tlp.t = true;
    event.u.dma.xlate.s1 = TEEIO_STAGE_BYPASS;
    g_assert_cmpuint(append(f, event), ==, 1);
    g_assert_cmpuint(append(f, tlp(true, TEEIO_STAGE_BYPASS)), ==,
                     GPOINTER_TO_INT(data) == TEEIO_ORIGIN_CORE);
}

static void enable(struct fixture *f, bool on)
{
    append(f,
           (struct teeio_event){.kind = TEEIO_EVENT_ENABLE, .u.enabled = on});
}

static void test_p2p(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(false, TEEIO_STAGE_OFF);

    (void)data;
    event.u.dma.route = TEEIO_ROUTE_PEER;
    event.u.dma.path.peer = OTHER;
    event.u.dma.owner = TEEIO_OWNER_NONE;
    /* Nothing to go around. */
    g_assert_cmpuint(append(f, event), ==, 0);
    enable(f, true);
    g_assert_cmpuint(append(f, event), ==, 1);
    expect_finding(f, TEEIO_FINDING_P2P_AROUND_IOMMU, f->events->len - 1, 0);
    /* Once a page. */
    g_assert_cmpuint(append(f, event), ==, 0);
    event.u.dma.tlp.address += PAGE;
    g_assert_cmpuint(append(f, event), ==, 1);
    /* The IOMMU has answered before, or it never arrived. */
    event.u.dma.tlp.address += PAGE;
    event.u.dma.tlp.at = TEEIO_AT_TRANSLATED;
    g_assert_cmpuint(append(f, event), ==, 0);
    event.u.dma.tlp.at = TEEIO_AT_UNTRANSLATED;
    event.u.dma.verdict = TEEIO_VERDICT_NO_MEMORY;
    g_assert_cmpuint(append(f, event), ==, 0);
    event.u.dma.verdict = TEEIO_VERDICT_OK;
    event.u.dma.route = TEEIO_ROUTE_UPSTREAM;
    event.u.dma.xlate.s1 = TEEIO_STAGE_OK;
    g_assert_cmpuint(append(f, event), ==, 0);
    event.u.dma.route = TEEIO_ROUTE_PEER;
    for (int reset = 0; reset < 2; reset++) {
        enable(f, reset);
        if (reset) {
            append(f, (struct teeio_event){.kind = TEEIO_EVENT_RESET});
        }
        event.u.dma.tlp.address += PAGE;
        g_assert_cmpuint(append(f, event), ==, 0);
    }
}

/* A T=1 request that was sent, and then rejected on its way. */
static void test_rejected_t1(struct fixture *f, const void *data)
{
    struct teeio_event event = tlp(true, TEEIO_STAGE_OFF);

    (void)data;
    event.u.dma.route = TEEIO_ROUTE_REJECTED;
    event.u.dma.path.refusal = TEEIO_REFUSAL_UR;
    event.u.dma.verdict = TEEIO_VERDICT_UNSUPPORTED;
    g_assert_cmpuint(append(f, event), ==, 0);
}

#define ADD(name, data, function)                                          \
    g_test_add("/sanitizer/" name, struct fixture, data, set_up, function, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sanitizer/recorder", test_recorder);
    ADD("stamp", NULL, test_stamp);
    ADD("t0-to-private", NULL, test_t0_to_private);
    ADD("t1-shared-table", NULL, test_t1_shared_table);
    ADD("t1-outside-run", NULL, test_t1_outside_run);
    ADD("flip-pairs", NULL, test_flip_pairs);
    ADD("flip-skipped", NULL, test_flip_skipped);
    ADD("flip-skipped-stage2", NULL, test_flip_skipped_stage2);
    ADD("flip-other-key", NULL, test_flip_other_key);
    ADD("flip-refused", NULL, test_flip_refused);
    ADD("two-findings", NULL, test_two_findings);
    ADD("pools", NULL, test_pools);
    ADD("window", NULL, test_window);
    ADD("three-findings", NULL, test_three_findings);
    ADD("rebind", NULL, test_rebind);
    ADD("p2p-around-iommu", NULL, test_p2p);
    ADD("rejected-t1", NULL, test_rejected_t1);
    ADD("bounded-tdi", GINT_TO_POINTER(TEEIO_ORIGIN_TDI), test_bounded);
    ADD("bounded-core", GINT_TO_POINTER(TEEIO_ORIGIN_CORE), test_bounded);
    return g_test_run();
}
