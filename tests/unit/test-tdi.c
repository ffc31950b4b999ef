/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "tdi-rig.h"
#include "teeio/crc32.h"

#define RAM       RIG_RAM
#define PRIVATE   RIG_PRIVATE
#define FILL      TEEIO_TDI_OP_FILL
#define COPY      TEEIO_TDI_OP_COPY
#define CHECKSUM  TEEIO_TDI_OP_CHECKSUM
#define T         TEEIO_TDI_DESC_T
#define XT        TEEIO_TDI_DESC_XT
#define OK        TEEIO_TDI_STATUS_OK
#define REFUSED   TEEIO_TDI_STATUS_REFUSED
#define BAD_DESC  TEEIO_TDI_STATUS_BAD_DESC
#define NOT_RUN   TEEIO_TDI_STATUS_NOT_RUN
#define NO_MASTER TEEIO_TDI_STATUS_NO_MASTER

enum { IN_UNLOCKED, IN_RUN, IN_ERROR, NO_BME };

static const struct {
    const char *name;
    int where;
    struct tdi_request req;
    uint32_t status;
    unsigned sent;
    unsigned traced;
} statuses[] = {
    {"fill", IN_UNLOCKED, {FILL, 16, 0, RAM}, OK, 1, 1},
    {"one-page", IN_UNLOCKED, {FILL, 4096, 0, RAM}, OK, 1, 1},
    {"largest", IN_UNLOCKED, {FILL, 0x100000, 0, RAM}, OK, 256, 256},
    {"fill-t1", IN_RUN, {FILL | T, 16, 0, PRIVATE}, OK, 1, 1},
    {"read-private-t1", IN_RUN, {CHECKSUM | T | XT, 16, PRIVATE, 0}, OK, 1, 1},
    {"write-private-t0", IN_RUN, {FILL, 16, 0, PRIVATE}, OK, 1, 1},
    {"write-private-xt", IN_RUN, {FILL | XT, 16, 0, PRIVATE}, OK, 1, 1},
    {"read-private-t0", IN_RUN, {CHECKSUM, 16, PRIVATE, 0}, REFUSED, 1, 1},
    {"copy-private-t0", IN_RUN, {COPY, 16, PRIVATE, RAM}, REFUSED, 1, 1},
    {"read-nowhere", IN_UNLOCKED, {CHECKSUM, 16, 0x1000, 0}, REFUSED, 1, 1},
    {"write-nowhere", IN_UNLOCKED, {FILL, 16, 0, 0x1000}, OK, 1, 1},
    {"opcode-0", IN_UNLOCKED, {0, 16, RAM, RAM}, BAD_DESC, 0, 0},
    {"opcode-4", IN_UNLOCKED, {4, 16, RAM, RAM}, BAD_DESC, 0, 0},
    {"opcode-255", IN_UNLOCKED, {255, 16, RAM, RAM}, BAD_DESC, 0, 0},
    {"length-0", IN_UNLOCKED, {FILL, 0, 0, RAM}, BAD_DESC, 0, 0},
    {"too-long", IN_UNLOCKED, {FILL, 0x100001, 0, RAM}, BAD_DESC, 0, 0},
    {"length-huge",
     IN_UNLOCKED,
     {CHECKSUM, UINT32_MAX, RAM, 0},
     BAD_DESC,
     0,
     0},
    {"wrap-dest", IN_UNLOCKED, {FILL, 2, 0, UINT64_MAX}, BAD_DESC, 0, 0},
    {"wrap-source", IN_UNLOCKED, {COPY, 17, -16ull, RAM}, BAD_DESC, 0, 0},
    {"last-bytes", IN_UNLOCKED, {FILL, 16, 0, -16ull}, OK, 1, 1},
    {"unused-source", IN_UNLOCKED, {FILL, 16, -1ull, RAM}, OK, 1, 1},
    {"t1-unlocked", IN_UNLOCKED, {FILL | T, 16, 0, RAM}, NOT_RUN, 0, 1},
    {"xt-unlocked", IN_UNLOCKED, {CHECKSUM | XT, 16, RAM, 0}, NOT_RUN, 0, 1},
    {"t1-error", IN_ERROR, {COPY | T, 16, RAM, RAM}, NOT_RUN, 0, 1},
    {"t0-error", IN_ERROR, {FILL, 16, 0, RAM}, OK, 1, 1},
    {"no-master", NO_BME, {FILL, 16, 0, RAM}, NO_MASTER, 0, 0},
    {"no-master-bad", NO_BME, {0, 16, 0, RAM}, BAD_DESC, 0, 0},
};

static void test_status(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
        struct teeio_tdi_stats stats;
        struct tdi_rig rig;

        g_test_message("%s", statuses[i].name);
        tdi_rig_init(&rig);
        if (statuses[i].where == IN_RUN || statuses[i].where == IN_ERROR) {
            tdi_rig_start(&rig);
        }
        if (statuses[i].where == IN_ERROR) {
            teeio_tdi_set_config(rig.tdi, RIG_REQUESTER, true, RIG_DIGEST + 1);
        }
        if (statuses[i].where == NO_BME) {
            teeio_tdi_set_config(rig.tdi, RIG_REQUESTER, false, RIG_DIGEST);
        }
        g_assert_cmpuint(tdi_rig_run(&rig, &statuses[i].req).status, ==,
                         statuses[i].status);
        stats = teeio_tdi_stats(rig.tdi);
        g_assert_cmpuint(stats.descriptors, ==, 1);
        g_assert_cmpuint(stats.tlps[0] + stats.tlps[1], ==, statuses[i].sent);
        g_assert_cmpuint(rig.fabric.tlps[0] + rig.fabric.tlps[1], ==,
                         statuses[i].sent);
        g_assert_cmpuint(fake_host_count(&rig.fake, TEEIO_EVENT_TLP), ==,
                         statuses[i].traced);
        tdi_rig_clear(&rig);
    }
}

static void test_not_run_event(void)
{
    struct tdi_request req = {COPY | T | XT, 64, RAM + 0xff0, RAM + 0x2000};
    const struct teeio_dma *dma;
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    tdi_rig_run(&rig, &req);
    dma = tdi_rig_tlp(&rig, 0);
    g_assert_cmpint(dma->verdict, ==, TEEIO_VERDICT_UNSUPPORTED);
    g_assert_cmpint(dma->xlate.verdict, !=, TEEIO_VERDICT_OK);
    g_assert_cmpint(dma->route, ==, TEEIO_ROUTE_REJECTED);
    g_assert_cmpint(dma->tlp.kind, ==, TEEIO_TLP_MRD);
    g_assert_cmphex(dma->tlp.address, ==, RAM + 0xff0);
    g_assert_cmpuint(dma->tlp.length, ==, 16);
    g_assert_cmphex(dma->tlp.requester, ==, RIG_REQUESTER);
    g_assert_true(dma->tlp.t && dma->tlp.xt);
    tdi_rig_clear(&rig);
}

static void test_fill_split(void)
{
    struct tdi_request req = {FILL | T, 0x1013, 0, PRIVATE + 0xffb};
    static const struct {
        uint64_t address;
        uint32_t length;
    } pieces[] = {{PRIVATE + 0xffb, 5},
                  {PRIVATE + 0x1000, 0x1000},
                  {PRIVATE + 0x2000, 14}};
    const uint8_t *ram;
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    tdi_rig_start(&rig);
    g_assert_cmpuint(tdi_rig_run(&rig, &req).status, ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmpuint(fake_host_count(&rig.fake, TEEIO_EVENT_TLP), ==, 3);
    for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++) {
        const struct teeio_dma *dma = tdi_rig_tlp(&rig, i);

        g_assert_cmphex(dma->tlp.address, ==, pieces[i].address);
        g_assert_cmphex(dma->tlp.length, ==, pieces[i].length);
        g_assert_cmpint(dma->tlp.kind, ==, TEEIO_TLP_MWR);
        g_assert_cmpint(dma->tlp.origin, ==, TEEIO_ORIGIN_TDI);
        g_assert_true(dma->tlp.t && !dma->tlp.xt);
    }
    ram = fake_host_ptr(&rig.fake, PRIVATE + 0xffa);
    g_assert_cmphex(ram[0], ==, 0);
    for (unsigned i = 0; i < 0x1013; i++) {
        g_assert_cmphex(ram[1 + i], ==, 0x11 * (i % 8 + 1));
    }
    g_assert_cmphex(ram[0x1014], ==, 0);
    tdi_rig_clear(&rig);
}

static void test_copy_split(void)
{
    struct tdi_request req = {COPY, 0x1800, RAM + 0x800, RAM + 0x10c00};
    static const uint32_t lengths[] = {0x400, 0x400, 0xc00, 0x400};
    uint8_t *from;
    uint64_t done = 0;
    struct tdi_answer answer;
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    from = fake_host_ptr(&rig.fake, req.source);
    for (unsigned i = 0; i < req.length; i++) {
        from[i] = i * 7 >> 3;
    }
    answer = tdi_rig_run(&rig, &req);
    g_assert_cmpuint(answer.status, ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmphex(answer.checksum, ==, teeio_crc32(0, from, req.length));
    g_assert_cmpmem(fake_host_ptr(&rig.fake, req.dest), req.length, from,
                    req.length);
    g_assert_cmpuint(fake_host_count(&rig.fake, TEEIO_EVENT_TLP), ==, 8);
    for (unsigned i = 0; i < 8; i++) {
        const struct teeio_tlp *tlp = &tdi_rig_tlp(&rig, i)->tlp;

        g_assert_cmpint(tlp->kind, ==, i % 2 ? TEEIO_TLP_MWR : TEEIO_TLP_MRD);
        g_assert_cmphex(tlp->address, ==,
                        (i % 2 ? req.dest : req.source) + done);
        g_assert_cmphex(tlp->length, ==, lengths[i / 2]);
        g_assert_false(tlp->t);
        done += i % 2 ? tlp->length : 0;
    }
    tdi_rig_clear(&rig);
}

/* Both cross from the last shared page into the first private one. */
static void test_refused(void)
{
    struct tdi_request checksum = {CHECKSUM, 0x1000, PRIVATE - 0x800, 0};
    struct tdi_request copy = {COPY, 0x1000, PRIVATE - 0x800, RAM + 0x3000};
    struct tdi_request fill = {FILL, 0x10, 0, PRIVATE};
    uint8_t seen[0x1000];
    struct tdi_answer answer;
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    memset(fake_host_ptr(&rig.fake, PRIVATE - 0x800), 0x5a, 0x1000);
    memset(seen, 0x5a, 0x800);
    memset(seen + 0x800, 0xff, 0x800);

    answer = tdi_rig_run(&rig, &checksum);
    g_assert_cmpuint(answer.status, ==, TEEIO_TDI_STATUS_REFUSED);
    g_assert_cmphex(answer.failed, ==, PRIVATE);
    g_assert_cmphex(answer.checksum, ==, teeio_crc32(0, seen, sizeof(seen)));
    g_assert_cmpint(tdi_rig_tlp(&rig, 1)->verdict, ==, TEEIO_VERDICT_DENIED);

    answer = tdi_rig_run(&rig, &copy);
    g_assert_cmpuint(answer.status, ==, TEEIO_TDI_STATUS_REFUSED);
    g_assert_cmphex(answer.failed, ==, PRIVATE);
    memset(seen + 0x800, 0, 0x800);
    g_assert_cmpmem(fake_host_ptr(&rig.fake, RAM + 0x3000), 0x1000, seen,
                    0x1000);

    /* A dropped write is nobody's business but the emulator's. */
    answer = tdi_rig_run(&rig, &fill);
    g_assert_cmpuint(answer.status, ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmphex(answer.failed, ==, 0);
    g_assert_cmphex(*(uint8_t *)fake_host_ptr(&rig.fake, PRIVATE), ==, 0x5a);
    g_assert_cmpuint(teeio_tdi_read(rig.tdi, TEEIO_TDI_REG_REFUSED, 8), ==, 2);
    g_assert_cmpuint(teeio_tdi_stats(rig.tdi).refused, ==, 3);
    tdi_rig_clear(&rig);
}

/* Nowhere, fine, denied: the first address stays, and the read goes on. */
static void test_first_failure(void)
{
    struct tdi_request req = {CHECKSUM, 0x3000, PRIVATE - 0x2000, 0};
    static const enum teeio_verdict verdicts[] = {
        TEEIO_VERDICT_NO_MEMORY, TEEIO_VERDICT_OK, TEEIO_VERDICT_DENIED};
    struct tdi_answer answer;
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    rig.fake.fail_page = req.source;
    answer = tdi_rig_run(&rig, &req);
    g_assert_cmpuint(answer.status, ==, REFUSED);
    g_assert_cmphex(answer.failed, ==, req.source);
    for (unsigned i = 0; i < G_N_ELEMENTS(verdicts); i++) {
        g_assert_cmpint(tdi_rig_tlp(&rig, i)->verdict, ==, verdicts[i]);
    }
    tdi_rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tdi/status", test_status);
    g_test_add_func("/tdi/not-run-event", test_not_run_event);
    g_test_add_func("/tdi/fill-split", test_fill_split);
    g_test_add_func("/tdi/copy-split", test_copy_split);
    g_test_add_func("/tdi/refused", test_refused);
    g_test_add_func("/tdi/first-failure", test_first_failure);
    return g_test_run();
}
