/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* A TDI that keeps translations, before an IOMMU that the test scripts. */
#include <string.h>

#include "tdi-rig.h"

#define RAM     RIG_RAM
#define FILL    TEEIO_TDI_OP_FILL
#define READ    TEEIO_TDI_OP_CHECKSUM
#define ATS     TEEIO_TDI_DESC_ATS
#define PASID   TEEIO_TDI_DESC_PASID
#define T       TEEIO_TDI_DESC_T
#define IOVA    0x10000ull
#define PAGE    0x1000ull
#define RW      (TEEIO_PERM_READ | TEEIO_PERM_WRITE)
#define REQUEST TEEIO_AT_TRANSLATION_REQUEST

struct ats_rig {
    struct teeio_iommu iommu; /* first, so that translate() finds the rest */
    struct tdi_rig tdi;
    struct teeio_translation answer; /* to translation requests */
    uint64_t span;                   /* of the pages that it grants */
};

/* IOVA to RAM, in pages of rig->span; translated addresses pass. */
static void translate(struct teeio_iommu *iommu, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer)
{
    struct ats_rig *rig = (struct ats_rig *)iommu;

    memset(answer, 0, sizeof(*answer));
    if (tlp->at == REQUEST) {
        *answer = rig->answer;
        answer->page_mask = rig->span - 1;
        answer->output = tlp->address - IOVA + RAM;
        if (tlp->kind == TEEIO_TLP_MRD) {
            answer->perm &= ~(unsigned)TEEIO_PERM_WRITE;
        }
        return;
    }
    g_assert_cmpint(tlp->at, ==, TEEIO_AT_TRANSLATED);
    g_assert_false(tlp->pasid_valid);
    g_assert_false(tlp->may_stall);
    answer->output = tlp->address;
    answer->perm = RW;
}

static void setup(struct ats_rig *rig, gconstpointer data)
{
    const struct teeio_tdi_services all = {true, true, true};

    (void)data;
    memset(rig, 0, sizeof(*rig));
    tdi_rig_init(&rig->tdi);
    rig->iommu.translate = translate;
    rig->tdi.fabric.iommu = &rig->iommu;
    rig->answer.perm = RW;
    rig->span = PAGE;
    teeio_tdi_set_services(rig->tdi.tdi, &all);
}

static void teardown(struct ats_rig *rig, gconstpointer data)
{
    (void)data;
    tdi_rig_clear(&rig->tdi);
}

static void set_pasid(struct ats_rig *rig, uint32_t pasid)
{
    uint64_t at = tdi_rig_entry(tdi_rig_reg(&rig->tdi, TEEIO_TDI_REG_TAIL));

    teeio_tdi_write(rig->tdi.tdi, at + TEEIO_TDI_DESC_SUBSPACE, pasid, 4);
}

static uint32_t run(struct ats_rig *rig, uint32_t control, uint64_t address)
{
    const struct tdi_request request = {control, 16, address, address};

    return tdi_rig_run(&rig->tdi, &request).status;
}

/* Translation requests since the last call. */
static unsigned requests(struct ats_rig *rig)
{
    unsigned count = 0;

    for (unsigned i = 0; i < rig->tdi.fake.events->len; i++) {
        const struct teeio_event *event =
            &g_array_index(rig->tdi.fake.events, struct teeio_event, i);

        count +=
            event->kind == TEEIO_EVENT_TLP && event->u.dma.tlp.at == REQUEST;
    }
    g_array_set_size(rig->tdi.fake.events, 0);
    return count;
}

static void invalidate(struct ats_rig *rig, uint64_t first, uint64_t last)
{
    const struct teeio_atc_invalidation request = {
        .requester = RIG_REQUESTER,
        .first = first,
        .last = last,
    };

    teeio_tdi_invalidate(rig->tdi.tdi, &request);
}

static void test_cached(struct ats_rig *rig, gconstpointer data)
{
    const struct teeio_tlp *tlp;

    (void)data;
    g_assert_cmpuint(run(rig, FILL | ATS, IOVA + 0x20), ==,
                     TEEIO_TDI_STATUS_OK);
    tlp = &tdi_rig_tlp(&rig->tdi, 0)->tlp;
    g_assert_cmpint(tlp->at, ==, REQUEST);
    g_assert_cmpint(tlp->kind, ==, TEEIO_TLP_MWR);
    g_assert_cmphex(tlp->address, ==, IOVA);
    tlp = &tdi_rig_tlp(&rig->tdi, 1)->tlp;
    g_assert_cmpint(tlp->at, ==, TEEIO_AT_TRANSLATED);
    g_assert_cmphex(tlp->address, ==, RAM + 0x20);
    g_assert_cmphex(*(uint8_t *)fake_host_ptr(&rig->tdi.fake, RAM + 0x20), ==,
                    0x11);
    g_assert_cmpuint(requests(rig), ==, 1);

    g_assert_cmpuint(run(rig, READ | ATS, IOVA), ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmpuint(requests(rig), ==, 0);
    g_assert_cmpuint(run(rig, READ | ATS, IOVA + PAGE - 8), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_cmpuint(requests(rig), ==, 1);
}

/* A read is not told of W, so a later write asks again. */
static void test_no_write(struct ats_rig *rig, gconstpointer data)
{
    (void)data;
    run(rig, READ | ATS, IOVA);
    g_assert_cmpuint(requests(rig), ==, 1);
    g_assert_cmpuint(run(rig, FILL | ATS, IOVA), ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmpuint(requests(rig), ==, 1);
    run(rig, READ | ATS, IOVA);
    g_assert_cmpuint(requests(rig), ==, 0);
}

static void test_large_page(struct ats_rig *rig, gconstpointer data)
{
    (void)data;
    rig->span = 16 * PAGE;
    run(rig, FILL | ATS, IOVA + 3 * PAGE);
    g_assert_cmpuint(run(rig, FILL | ATS, IOVA + 15 * PAGE), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_cmpuint(requests(rig), ==, 1);
    g_assert_cmphex(*(uint8_t *)fake_host_ptr(&rig->tdi.fake, RAM + 15 * PAGE),
                    ==, 0x11);
    /* A part of it goes, and with it all. */
    invalidate(rig, IOVA + PAGE, IOVA + 2 * PAGE - 1);
    run(rig, FILL | ATS, IOVA + 15 * PAGE);
    g_assert_cmpuint(requests(rig), ==, 1);
}

static void test_invalidate(struct ats_rig *rig, gconstpointer data)
{
    (void)data;
    run(rig, FILL | ATS, IOVA);
    run(rig, FILL | ATS, IOVA + PAGE);
    requests(rig);
    invalidate(rig, IOVA + PAGE, IOVA + 2 * PAGE - 1);
    run(rig, FILL | ATS, IOVA);
    g_assert_cmpuint(requests(rig), ==, 0);
    run(rig, FILL | ATS, IOVA + PAGE);
    g_assert_cmpuint(requests(rig), ==, 1);
    invalidate(rig, 0, UINT64_MAX);
    run(rig, FILL | ATS, IOVA);
    g_assert_cmpuint(requests(rig), ==, 1);
}

static void test_pasid(struct ats_rig *rig, gconstpointer data)
{
    struct teeio_atc_invalidation request = {
        .pasid_valid = true,
        .pasid = 6,
        .last = UINT64_MAX,
    };

    (void)data;
    run(rig, FILL | ATS, IOVA);
    requests(rig);
    set_pasid(rig, 5);
    run(rig, FILL | ATS | PASID, IOVA);
    g_assert_true(tdi_rig_tlp(&rig->tdi, 0)->tlp.pasid_valid);
    g_assert_cmphex(tdi_rig_tlp(&rig->tdi, 0)->tlp.pasid, ==, 5);
    g_assert_cmpuint(requests(rig), ==, 1);

    /* Neither without a PASID, nor with another, but with all of them. */
    invalidate(rig, 0, UINT64_MAX);
    teeio_tdi_invalidate(rig->tdi.tdi, &request);
    set_pasid(rig, 5);
    run(rig, FILL | ATS | PASID, IOVA);
    g_assert_cmpuint(requests(rig), ==, 0);
    request.global = true;
    teeio_tdi_invalidate(rig->tdi.tdi, &request);
    set_pasid(rig, 5);
    run(rig, FILL | ATS | PASID, IOVA);
    g_assert_cmpuint(requests(rig), ==, 1);
}

static void test_t(struct ats_rig *rig, gconstpointer data)
{
    (void)data;
    run(rig, FILL | ATS, IOVA);
    tdi_rig_start(&rig->tdi);
    requests(rig);
    run(rig, FILL | ATS | T, IOVA);
    g_assert_true(tdi_rig_tlp(&rig->tdi, 1)->tlp.t ||
                  tdi_rig_tlp(&rig->tdi, 0)->tlp.t);
    g_assert_cmpuint(requests(rig), ==, 1);
    run(rig, FILL | ATS, IOVA);
    g_assert_cmpuint(requests(rig), ==, 1);
    run(rig, FILL | ATS | T, IOVA);
    run(rig, FILL | ATS, IOVA);
    g_assert_cmpuint(requests(rig), ==, 0);
    teeio_tdi_stop(rig->tdi.tdi);
    run(rig, FILL | ATS, IOVA);
    g_assert_cmpuint(requests(rig), ==, 1);
    teeio_tdi_reset(rig->tdi.tdi);
    run(rig, FILL | ATS, IOVA);
    g_assert_cmpuint(requests(rig), ==, 1);
}

static void test_replaced(struct ats_rig *rig, gconstpointer data)
{
    (void)data;
    for (unsigned i = 0; i < 65; i++) {
        run(rig, FILL | ATS, IOVA + i * PAGE);
    }
    g_assert_cmpuint(requests(rig), ==, 65);
    run(rig, FILL | ATS, IOVA + 64 * PAGE);
    g_assert_cmpuint(requests(rig), ==, 0);
    run(rig, FILL | ATS, IOVA);
    g_assert_cmpuint(requests(rig), ==, 1);
}

static void test_refused(struct ats_rig *rig, gconstpointer data)
{
    const struct tdi_request two = {READ | ATS, 32, IOVA + PAGE - 16, 0};
    struct tdi_answer answer;

    (void)data;
    rig->answer.perm = TEEIO_PERM_READ;
    g_assert_cmpuint(run(rig, FILL | ATS, IOVA), ==,
                     TEEIO_TDI_STATUS_ATS_REFUSED);
    g_assert_cmpuint(run(rig, READ | ATS, IOVA), ==, TEEIO_TDI_STATUS_OK);
    rig->answer.verdict = TEEIO_VERDICT_ABORTED;
    rig->answer.completion = TEEIO_COMPLETION_UR;
    answer = tdi_rig_run(&rig->tdi, &two);
    g_assert_cmpuint(answer.status, ==, TEEIO_TDI_STATUS_ATS_REFUSED);
    g_assert_cmphex(answer.failed, ==, IOVA + PAGE);
}

/* Flags that config space has not enabled. */
static void test_disabled(struct ats_rig *rig, gconstpointer data)
{
    const struct teeio_tdi_services none = {0};

    (void)data;
    g_assert_cmpuint(run(rig, FILL | TEEIO_TDI_DESC_PRI, IOVA), ==,
                     TEEIO_TDI_STATUS_BAD_DESC);
    set_pasid(rig, 0x100000);
    g_assert_cmpuint(run(rig, FILL | PASID | ATS, IOVA), ==,
                     TEEIO_TDI_STATUS_BAD_DESC);
    teeio_tdi_set_services(rig->tdi.tdi, &none);
    g_assert_cmpuint(run(rig, FILL | ATS, IOVA), ==, TEEIO_TDI_STATUS_BAD_DESC);
    g_assert_cmpuint(run(rig, FILL | PASID, IOVA), ==,
                     TEEIO_TDI_STATUS_BAD_DESC);
    g_assert_cmpuint(requests(rig), ==, 0);
}

#define ADD(name, function) \
    g_test_add(name, struct ats_rig, NULL, setup, function, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/tdi-ats/cached", test_cached);
    ADD("/tdi-ats/no-write", test_no_write);
    ADD("/tdi-ats/large-page", test_large_page);
    ADD("/tdi-ats/invalidate", test_invalidate);
    ADD("/tdi-ats/pasid", test_pasid);
    ADD("/tdi-ats/t", test_t);
    ADD("/tdi-ats/replaced", test_replaced);
    ADD("/tdi-ats/refused", test_refused);
    ADD("/tdi-ats/disabled", test_disabled);
    return g_test_run();
}
