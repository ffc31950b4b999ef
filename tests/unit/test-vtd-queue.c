/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* The invalidation queue: descriptors, their errors, waiting, devices. */
#include "vtd-rig.h"

#define WAIT_IF 0x10ull
#define WAIT_SW 0x20ull
#define WAIT_FN 0x40ull
#define FSTS    0x34
#define IQERCD  0xb0

struct fixture {
    struct vtd_rig rig;
    struct teeio_atc_invalidation seen;
    unsigned invalidations;
    bool silent;
    struct teeio_page_response response;
    unsigned responses;
};

static bool invalidate(void *opaque,
                       const struct teeio_atc_invalidation *request)
{
    struct fixture *f = opaque;

    f->seen = *request;
    f->invalidations++;
    return !f->silent;
}

static void respond(void *opaque, const struct teeio_page_response *response)
{
    struct fixture *f = opaque;

    f->response = *response;
    f->responses++;
}

static void start(struct fixture *f, bool scalable)
{
    const struct teeio_vtd_devices devices = {f, invalidate, respond};

    vtd_rig_init(&f->rig, scalable, TEEIO_T_UNIFIED, TEEIO_VTD_WALK_TRUSTED);
    teeio_vtd_set_devices(f->rig.vtd, &devices);
    vtd_rig_queue(&f->rig);
    vtd_rig_enable(&f->rig);
}

static void setup(struct fixture *f, gconstpointer data)
{
    (void)data;
    start(f, true);
}

static void setup_legacy(struct fixture *f, gconstpointer data)
{
    (void)data;
    start(f, false);
}

static void teardown(struct fixture *f, gconstpointer data)
{
    (void)data;
    vtd_rig_clear(&f->rig);
}

/* Sees the queue stop at that descriptor, and starts it again behind it. */
static void bad(struct fixture *f, uint64_t dw0, uint64_t dw1, unsigned info)
{
    struct vtd_rig *rig = &f->rig;
    uint64_t head = vtd_rig_get64(rig, 0x80);
    const struct teeio_event *event;

    vtd_rig_push(rig, dw0, dw1);
    vtd_rig_run(rig);
    g_assert_cmphex(vtd_rig_get(rig, FSTS) & 0x10, ==, 0x10);
    g_assert_cmphex(vtd_rig_get64(rig, IQERCD) & 0xf, ==, info);
    g_assert_cmphex(vtd_rig_get64(rig, 0x80), ==, head);
    event = fake_host_last(&rig->fake, TEEIO_EVENT_COMMAND);
    g_assert_nonnull(event->u.command.error);
    g_assert_false(teeio_vtd_step(rig->vtd));
    /* Software puts a wait there instead. */
    vtd_rig_put(rig, RIG_IQ + head, 5);
    vtd_rig_put(rig, RIG_IQ + head + 8, 0);
    rig->fake.wakes = 0;
    vtd_rig_set(rig, FSTS, 0x10);
    g_assert_cmpuint(rig->fake.wakes, ==, 1);
    vtd_rig_run(rig);
    g_assert_cmphex(vtd_rig_get64(rig, 0x80), ==, rig->tail);
    g_assert_cmphex(vtd_rig_get(rig, FSTS) & 0x10, ==, 0);
}

static void test_types(struct fixture *f, gconstpointer data)
{
    (void)data;
    bad(f, 0, 0, 3);
    bad(f, 4, 0, 3); /* interrupt entry cache */
    for (unsigned type = 10; type < 0x80; type++) {
        bad(f, (type & 0xf) | (type >> 4) << 9, 0, 3);
    }
}

static void test_reserved(struct fixture *f, gconstpointer data)
{
    static const struct {
        uint64_t good[2];
        uint64_t bits[2];
    } rows[] = {
        {{0x11, 0}, {0xfffc00000000f1c0, ~0ull}},
        {{0x12, 0}, {0xffffffff0000f100, 0xf80}},
        {{0x03, 0}, {0x000f0000ffe001f0, 0xffe}},
        {{0x05, 0}, {0xfffff100, 0x3}},
        {{0x26, 0}, {0xfff000000000f100, 0xf80}},
        {{0x37, 0}, {0xfff000000000f1c0, ~0ull}},
        {{0x08, 0}, {0, 0x7fe}},
        {{0x09, 0}, {0xfff00000000001e0, 0xfffffffffffff003}},
    };
    uint64_t at;

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        vtd_rig_do(&f->rig, rows[i].good[0], rows[i].good[1]);
        for (unsigned bit = 0; bit < 64; bit++) {
            uint64_t mask = 1ull << bit;

            if (rows[i].bits[0] & mask) {
                bad(f, rows[i].good[0] | mask, rows[i].good[1], 4);
            }
            if (rows[i].bits[1] & mask) {
                bad(f, rows[i].good[0], rows[i].good[1] | mask, 4);
            }
        }
    }
    /* The upper half of a 256-bit descriptor. */
    for (unsigned i = 2; i < 4; i++) {
        at = RIG_IQ + f->rig.tail;
        vtd_rig_push(&f->rig, 5, 0);
        vtd_rig_put(&f->rig, at + 8 * i, 1);
        vtd_rig_run(&f->rig);
        g_assert_cmphex(vtd_rig_get(&f->rig, FSTS) & 0x10, ==, 0x10);
        g_assert_cmphex(vtd_rig_get64(&f->rig, IQERCD) & 0xf, ==, 4);
        vtd_rig_put(&f->rig, at + 8 * i, 0);
        vtd_rig_set(&f->rig, FSTS, 0x10);
        vtd_rig_run(&f->rig);
        g_assert_cmphex(vtd_rig_get(&f->rig, FSTS) & 0x10, ==, 0);
    }
}

static void test_granularity(struct fixture *f, gconstpointer data)
{
    (void)data;
    bad(f, 0x01, 0, 4);
    bad(f, 0x02, 0, 4);
    bad(f, 0x06, 0, 4);
    bad(f, 0x16, 0, 4);
    bad(f, 0x27, 0, 4);
    /* More pages at once than CAP says. */
    bad(f, 0x32, 19, 4);
    bad(f, 0x36, 19, 4);
    vtd_rig_do(&f->rig, 0x32, 18);
    vtd_rig_do(&f->rig, 0x36, 18 | 0x40);
    vtd_rig_do(&f->rig, 0x07, 0);
    vtd_rig_do(&f->rig, 0x17, 0);
    vtd_rig_do(&f->rig, 0x37, 0);
    vtd_rig_do(&f->rig, 0x21, 0);
    vtd_rig_do(&f->rig, 0x31, 0);
    g_assert_cmpuint(teeio_vtd_stats(f->rig.vtd).config_invalidations, ==, 5);
    g_assert_cmpuint(teeio_vtd_stats(f->rig.vtd).tlb_invalidations, ==, 2);
}

static void test_legacy(struct fixture *f, gconstpointer data)
{
    (void)data;
    vtd_rig_do(&f->rig, 0x11, 0);
    vtd_rig_do(&f->rig, 0x12, 0);
    vtd_rig_do(&f->rig, 5, 0);
    /* Those of scalable mode. */
    for (unsigned type = 6; type <= 9; type++) {
        bad(f, type | 0x30, 0, 3);
    }
}

static void test_wait(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;

    (void)data;
    vtd_rig_do(rig, 5 | WAIT_SW | WAIT_FN | 0x1234567800000000ull, RIG_STATUS);
    g_assert_cmphex(vtd_rig_word(rig, RIG_STATUS), ==, 0x12345678);
    g_assert_cmphex(vtd_rig_get(rig, 0x9c), ==, 0);
    /* The interrupt is masked, then not. */
    vtd_rig_set(rig, 0xa4, 0x41);
    vtd_rig_set(rig, 0xa8, 0xfee02000);
    vtd_rig_do(rig, 5 | WAIT_IF, 0);
    g_assert_cmphex(vtd_rig_get(rig, 0x9c), ==, 1);
    g_assert_cmphex(vtd_rig_get(rig, 0xa0), ==, 0xc0000000u);
    g_assert_cmpuint(rig->msis, ==, 0);
    vtd_rig_set(rig, 0xa0, 0);
    g_assert_cmpuint(rig->msis, ==, 1);
    g_assert_cmphex(rig->msi_address, ==, 0xfee02000);
    g_assert_cmphex(rig->msi_data, ==, 0x41);
    g_assert_cmphex(vtd_rig_get(rig, 0xa0), ==, 0);
    /* One more only after software has seen this one. */
    vtd_rig_do(rig, 5 | WAIT_IF, 0);
    g_assert_cmpuint(rig->msis, ==, 1);
    vtd_rig_set(rig, 0x9c, 1);
    g_assert_cmphex(vtd_rig_get(rig, 0x9c), ==, 0);
    vtd_rig_do(rig, 5 | WAIT_IF, 0);
    g_assert_cmpuint(rig->msis, ==, 2);
    /* Nothing answers at the status address. */
    vtd_rig_do(rig, 5 | WAIT_SW, 0x1000);
}

static void test_queue_errors(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;

    (void)data;
    vtd_rig_set64(rig, 0x88, 0x1000); /* beyond the queue */
    g_assert_false(teeio_vtd_step(rig->vtd));
    g_assert_cmphex(vtd_rig_get64(rig, IQERCD) & 0xf, ==, 1);
    vtd_rig_set64(rig, 0x88, 0x30); /* inside a descriptor */
    vtd_rig_set(rig, FSTS, 0x10);
    g_assert_false(teeio_vtd_step(rig->vtd));
    g_assert_cmphex(vtd_rig_get64(rig, IQERCD) & 0xf, ==, 6);
    vtd_rig_set64(rig, 0x88, 0x20);
    rig->fake.fail_page = RIG_IQ;
    vtd_rig_set(rig, FSTS, 0x10);
    g_assert_false(teeio_vtd_step(rig->vtd));
    g_assert_cmphex(vtd_rig_get64(rig, IQERCD) & 0xf, ==, 2);
    rig->fake.fail_page = UINT64_MAX;
    /* Scalable mode wants the wide ones. */
    vtd_rig_set(rig, 0x18, 0x80000000u);
    vtd_rig_set(rig, FSTS, 0x10);
    rig->wide = false;
    vtd_rig_queue(rig);
    vtd_rig_push(rig, 5, 0);
    vtd_rig_run(rig);
    g_assert_cmphex(vtd_rig_get64(rig, IQERCD) & 0xf, ==, 5);
    /* A reserved translation table mode. */
    vtd_rig_set(rig, 0x18, 0x80000000u);
    vtd_rig_set64(rig, 0x20, rig->root.root | 0x800);
    vtd_rig_set(rig, 0x18, 0xc0000000u);
    vtd_rig_set(rig, FSTS, 0x10);
    vtd_rig_queue(rig);
    vtd_rig_push(rig, 5, 0);
    vtd_rig_run(rig);
    g_assert_cmphex(vtd_rig_get64(rig, IQERCD) & 0xf, ==, 7);
}

static void test_wrap(struct fixture *f, gconstpointer data)
{
    (void)data;
    for (unsigned i = 0; i < 1000; i++) {
        vtd_rig_do(&f->rig, 5, 0);
    }
    g_assert_cmpuint(teeio_vtd_stats(f->rig.vtd).commands, ==, 1000);
    /* Off and on again: it begins at 0. */
    vtd_rig_set(&f->rig, 0x18, 0x80000000u);
    vtd_rig_queue(&f->rig);
    g_assert_cmphex(vtd_rig_get64(&f->rig, 0x80), ==, 0);
    g_assert_false(teeio_vtd_step(f->rig.vtd));
}

/* A whole queue in one go, whatever lies in it. */
static void test_bounded(struct fixture *f, gconstpointer data)
{
    unsigned steps = 1;

    (void)data;
    for (unsigned i = 0; i < 127; i++) {
        vtd_rig_push(&f->rig, 5, 0);
    }
    vtd_rig_set64(&f->rig, 0x88, f->rig.tail);
    while (teeio_vtd_step(f->rig.vtd)) {
        steps++;
    }
    g_assert_cmpuint(steps, ==, 127);
}

static void test_dev_tlb(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;

    (void)data;
    vtd_rig_do(rig, 3 | (uint64_t)RIG_SRC << 32, 0x7000);
    g_assert_cmphex(f->seen.requester, ==, RIG_SRC);
    g_assert_false(f->seen.pasid_valid);
    g_assert_cmphex(f->seen.first, ==, 0x7000);
    g_assert_cmphex(f->seen.last, ==, 0x7fff);
    vtd_rig_do(rig, 3 | (uint64_t)RIG_SRC << 32, 0x13000 | 1);
    g_assert_cmphex(f->seen.first, ==, 0x10000);
    g_assert_cmphex(f->seen.last, ==, 0x17fff);
    vtd_rig_do(rig, 3 | (uint64_t)RIG_SRC << 32, 0x7ffffffffffff001);
    g_assert_cmphex(f->seen.first, ==, 0);
    g_assert_cmphex(f->seen.last, ==, UINT64_MAX);
    vtd_rig_do(rig, 8 | (uint64_t)RIG_SRC << 16 | 77ull << 32, 0x801);
    g_assert_true(f->seen.pasid_valid);
    g_assert_cmpuint(f->seen.pasid, ==, 77);
    g_assert_true(f->seen.global);
    g_assert_cmphex(f->seen.last, ==, 0x1fff);
    g_assert_cmpuint(f->invalidations, ==, 4);
}

static void test_timeout(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;

    (void)data;
    f->silent = true;
    vtd_rig_do(rig, 3 | (uint64_t)RIG_SRC << 32, 0x7000);
    /* Its wait is aborted, and the queue stands still. */
    vtd_rig_push(rig, 5 | WAIT_SW | 1ull << 32, RIG_STATUS);
    vtd_rig_push(rig, 5 | WAIT_SW | 2ull << 32, RIG_STATUS + 8);
    vtd_rig_run(rig);
    g_assert_cmphex(vtd_rig_get(rig, FSTS) & 0x40, ==, 0x40);
    g_assert_cmphex(vtd_rig_get64(rig, IQERCD) >> 32 & 0xffff, ==, RIG_SRC);
    g_assert_cmphex(vtd_rig_get64(rig, 0x80), ==, rig->tail - 32);
    g_assert_cmphex(vtd_rig_word(rig, RIG_STATUS), ==, 0);
    vtd_rig_set(rig, FSTS, 0x40);
    vtd_rig_run(rig);
    g_assert_cmphex(vtd_rig_word(rig, RIG_STATUS), ==, 0);
    g_assert_cmphex(vtd_rig_word(rig, RIG_STATUS + 8), ==, 2);
}

static void test_page_response(struct fixture *f, gconstpointer data)
{
    (void)data;
    vtd_rig_do(&f->rig,
               9 | 0x10 | 0x1000 | (uint64_t)RIG_SRC << 16 | 99ull << 32,
               4 | 0x123 << 3);
    g_assert_cmpuint(f->responses, ==, 1);
    g_assert_cmphex(f->response.requester, ==, RIG_SRC);
    g_assert_true(f->response.pasid_valid);
    g_assert_cmpuint(f->response.pasid, ==, 99);
    g_assert_cmphex(f->response.group, ==, 0x123);
    g_assert_cmpint(f->response.outcome, ==, TEEIO_PAGE_INVALID);
}

#define ADD(name, begin, function)                                        \
    g_test_add("/vtd-queue/" name, struct fixture, NULL, begin, function, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("types", setup, test_types);
    ADD("reserved", setup, test_reserved);
    ADD("granularity", setup, test_granularity);
    ADD("legacy", setup_legacy, test_legacy);
    ADD("wait", setup, test_wait);
    ADD("errors", setup, test_queue_errors);
    ADD("wrap", setup, test_wrap);
    ADD("bounded", setup, test_bounded);
    ADD("device-tlb", setup, test_dev_tlb);
    ADD("timeout", setup, test_timeout);
    ADD("page-response", setup, test_page_response);
    return g_test_run();
}
