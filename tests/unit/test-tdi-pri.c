/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* A TDI that waits: for pages that it asked for, and while it is stalled. */
#include <string.h>

#include "tdi-rig.h"
#include "teeio/crc32.h"

#define RAM  RIG_RAM
#define FILL TEEIO_TDI_OP_FILL
#define READ TEEIO_TDI_OP_CHECKSUM
#define PRI  (TEEIO_TDI_DESC_ATS | TEEIO_TDI_DESC_PRI)
#define T    TEEIO_TDI_DESC_T
#define IOVA 0x10000ull
#define STAG 7
#define RW   (TEEIO_PERM_READ | TEEIO_PERM_WRITE)

struct pri_rig {
    struct teeio_iommu iommu; /* first, so that translate() finds the rest */
    struct tdi_rig tdi;
    unsigned perm; /* granted to every request */
    bool stalls;   /* untranslated requests */
    unsigned asked;
    bool at_once; /* answer inside the request, with success */
    struct teeio_page_request page;
};

static void translate(struct teeio_iommu *iommu, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer)
{
    struct pri_rig *rig = (struct pri_rig *)iommu;

    memset(answer, 0, sizeof(*answer));
    if (tlp->at == TEEIO_AT_TRANSLATED) {
        answer->output = tlp->address;
        return;
    }
    answer->output = tlp->address - IOVA + RAM;
    answer->page_mask = 0xfff;
    answer->perm = rig->perm;
    if (tlp->at == TEEIO_AT_UNTRANSLATED) {
        g_assert_true(tlp->may_stall);
        if (rig->stalls) {
            answer->verdict = TEEIO_VERDICT_STALLED;
            answer->stall_tag = STAG;
        }
    }
}

static void respond(struct pri_rig *rig, uint16_t group,
                    enum teeio_page_outcome outcome)
{
    const struct teeio_page_response response = {
        .requester = RIG_REQUESTER,
        .group = group,
        .outcome = outcome,
    };

    teeio_tdi_page_response(rig->tdi.tdi, &response);
}

static void on_page(void *opaque, const struct teeio_page_request *request)
{
    struct pri_rig *rig = opaque;

    rig->asked++;
    rig->page = *request;
    if (rig->at_once) {
        respond(rig, request->group, TEEIO_PAGE_SUCCESS);
    }
}

static void setup(struct pri_rig *rig, gconstpointer data)
{
    const struct teeio_tdi_services all = {true, true, true};
    const struct teeio_tdi_pages pages = {rig, on_page};

    (void)data;
    memset(rig, 0, sizeof(*rig));
    tdi_rig_init(&rig->tdi);
    rig->iommu.translate = translate;
    rig->tdi.fabric.iommu = &rig->iommu;
    teeio_tdi_set_services(rig->tdi.tdi, &all);
    teeio_tdi_set_pages(rig->tdi.tdi, &pages);
}

static void teardown(struct pri_rig *rig, gconstpointer data)
{
    (void)data;
    tdi_rig_clear(&rig->tdi);
}

/* Queue one transfer of 16 bytes; it must wait. */
static void start(struct pri_rig *rig, uint32_t control)
{
    const struct tdi_request request = {control, 16, IOVA + 8, IOVA + 8};

    tdi_rig_queue(&rig->tdi, &request);
    g_assert_false(teeio_tdi_step(rig->tdi.tdi));
    g_assert_false(teeio_tdi_step(rig->tdi.tdi));
    g_assert_cmpuint(tdi_rig_reg(&rig->tdi, TEEIO_TDI_REG_HEAD), ==, 0);
}

static uint32_t status(struct pri_rig *rig)
{
    return teeio_tdi_read(rig->tdi.tdi,
                          tdi_rig_entry(0) + TEEIO_TDI_DESC_STATUS, 4);
}

/* The transfer must go on, and end like this. */
static void ends(struct pri_rig *rig, uint32_t expected)
{
    g_assert_cmpuint(status(rig), ==, TEEIO_TDI_STATUS_PENDING);
    g_assert_false(teeio_tdi_step(rig->tdi.tdi));
    g_assert_cmpuint(tdi_rig_reg(&rig->tdi, TEEIO_TDI_REG_HEAD), ==, 1);
    g_assert_cmpuint(status(rig), ==, expected);
}

static uint8_t written(struct pri_rig *rig)
{
    return *(uint8_t *)fake_host_ptr(&rig->tdi.fake, RAM + 8);
}

static void test_page(struct pri_rig *rig, gconstpointer data)
{
    unsigned wakes;

    (void)data;
    rig->perm = TEEIO_PERM_READ;
    start(rig, FILL | PRI);
    g_assert_cmpuint(rig->asked, ==, 1);
    g_assert_cmphex(rig->page.requester, ==, RIG_REQUESTER);
    g_assert_cmphex(rig->page.address, ==, IOVA);
    g_assert_true(rig->page.write && !rig->page.read && rig->page.last);
    g_assert_false(rig->page.pasid_valid);

    wakes = rig->tdi.fake.wakes;
    respond(rig, rig->page.group + 1, TEEIO_PAGE_SUCCESS);
    g_assert_cmpuint(rig->tdi.fake.wakes, ==, wakes);
    rig->perm = RW;
    respond(rig, rig->page.group, TEEIO_PAGE_SUCCESS);
    g_assert_cmpuint(rig->tdi.fake.wakes, ==, wakes + 1);
    ends(rig, TEEIO_TDI_STATUS_OK);
    g_assert_cmphex(written(rig), ==, 0x11);
    g_assert_cmpuint(rig->asked, ==, 1);
}

/* Success that changes nothing makes the device ask again. */
static void test_again(struct pri_rig *rig, gconstpointer data)
{
    uint16_t group;

    (void)data;
    start(rig, READ | PRI);
    g_assert_true(rig->page.read && !rig->page.write);
    group = rig->page.group;
    respond(rig, group, TEEIO_PAGE_SUCCESS);
    g_assert_false(teeio_tdi_step(rig->tdi.tdi));
    g_assert_cmpuint(rig->asked, ==, 2);
    g_assert_cmphex(rig->page.group, !=, group);
    rig->perm = TEEIO_PERM_READ;
    respond(rig, rig->page.group, TEEIO_PAGE_SUCCESS);
    ends(rig, TEEIO_TDI_STATUS_OK);
}

static void test_gives_up(struct pri_rig *rig, gconstpointer data)
{
    const struct tdi_request request = {READ | PRI, 16, IOVA, 0};

    (void)data;
    rig->at_once = true;
    tdi_rig_queue(&rig->tdi, &request);
    for (unsigned i = 0; teeio_tdi_step(rig->tdi.tdi); i++) {
        g_assert_cmpuint(i, <, 100);
    }
    g_assert_cmpuint(status(rig), ==, TEEIO_TDI_STATUS_PRI_DENIED);
    g_assert_cmpuint(rig->asked, ==, 16);
}

static void test_denied(struct pri_rig *rig, gconstpointer data)
{
    (void)data;
    start(rig, READ | PRI);
    respond(rig, rig->page.group, TEEIO_PAGE_INVALID);
    ends(rig, TEEIO_TDI_STATUS_PRI_DENIED);
    g_assert_cmphex(teeio_tdi_read(rig->tdi.tdi,
                                   tdi_rig_entry(0) + TEEIO_TDI_DESC_FAILED, 8),
                    ==, IOVA + 8);
}

static void test_disabled(struct pri_rig *rig, gconstpointer data)
{
    const struct teeio_tdi_services services = {.ats = true};

    (void)data;
    start(rig, READ | PRI);
    teeio_tdi_set_services(rig->tdi.tdi, &services);
    ends(rig, TEEIO_TDI_STATUS_PRI_DENIED);
}

static void test_stop(struct pri_rig *rig, gconstpointer data)
{
    (void)data;
    tdi_rig_start(&rig->tdi);
    start(rig, READ | PRI | T);
    teeio_tdi_stop(rig->tdi.tdi);
    ends(rig, TEEIO_TDI_STATUS_NOT_RUN);
}

static void test_reset(struct pri_rig *rig, gconstpointer data)
{
    uint16_t group;

    (void)data;
    start(rig, FILL | PRI);
    group = rig->page.group;
    teeio_tdi_write(rig->tdi.tdi, TEEIO_TDI_REG_CONTROL,
                    TEEIO_TDI_CONTROL_RESET, 4);
    start(rig, FILL | PRI);
    rig->perm = RW;
    respond(rig, group, TEEIO_PAGE_SUCCESS);
    g_assert_false(teeio_tdi_step(rig->tdi.tdi));
    g_assert_cmpuint(status(rig), ==, TEEIO_TDI_STATUS_PENDING);
    respond(rig, rig->page.group, TEEIO_PAGE_SUCCESS);
    ends(rig, TEEIO_TDI_STATUS_OK);
}

static void test_saved(struct pri_rig *rig, gconstpointer data)
{
    uint8_t image[16384];
    size_t size;

    (void)data;
    start(rig, FILL | PRI);
    size = teeio_tdi_save(rig->tdi.tdi, image, sizeof(image));
    g_assert_cmpuint(size, <=, sizeof(image));
    teeio_tdi_reset(rig->tdi.tdi);
    g_assert_true(teeio_tdi_load(rig->tdi.tdi, image, size));
    g_assert_false(teeio_tdi_step(rig->tdi.tdi));
    rig->perm = RW;
    respond(rig, rig->page.group, TEEIO_PAGE_SUCCESS);
    ends(rig, TEEIO_TDI_STATUS_OK);
}

static void test_stall_write(struct pri_rig *rig, gconstpointer data)
{
    static const struct {
        enum teeio_stall_outcome outcome;
        uint8_t written;
        uint64_t refused;
    } cases[] = {
        {TEEIO_STALL_RETRY, 0x11, 0},
        {TEEIO_STALL_TERMINATE, 0, 0},
        {TEEIO_STALL_ABORT, 0, 1},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        rig->stalls = true;
        start(rig, FILL);
        rig->stalls = false;
        teeio_tdi_resume(rig->tdi.tdi, STAG + 1, cases[i].outcome);
        g_assert_false(teeio_tdi_step(rig->tdi.tdi));
        teeio_tdi_resume(rig->tdi.tdi, STAG, cases[i].outcome);
        ends(rig, TEEIO_TDI_STATUS_OK);
        g_assert_cmphex(written(rig), ==, cases[i].written);
        g_assert_cmpuint(teeio_tdi_stats(rig->tdi.tdi).refused, ==,
                         cases[i].refused);
        teardown(rig, data);
        setup(rig, data);
    }
}

static void test_stall_read(struct pri_rig *rig, gconstpointer data)
{
    static const struct {
        enum teeio_stall_outcome outcome;
        uint8_t seen;
        uint32_t status;
    } cases[] = {
        {TEEIO_STALL_RETRY, 0x5a, TEEIO_TDI_STATUS_OK},
        {TEEIO_STALL_TERMINATE, 0, TEEIO_TDI_STATUS_OK},
        {TEEIO_STALL_ABORT, 0xff, TEEIO_TDI_STATUS_REFUSED},
    };
    uint8_t bytes[16];

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        memset(fake_host_ptr(&rig->tdi.fake, RAM + 8), 0x5a, 16);
        memset(bytes, cases[i].seen, sizeof(bytes));
        rig->stalls = true;
        start(rig, READ);
        rig->stalls = false;
        teeio_tdi_resume(rig->tdi.tdi, STAG, cases[i].outcome);
        ends(rig, cases[i].status);
        g_assert_cmphex(
            teeio_tdi_read(rig->tdi.tdi,
                           tdi_rig_entry(0) + TEEIO_TDI_DESC_CHECKSUM, 4),
            ==, teeio_crc32(0, bytes, sizeof(bytes)));
        teardown(rig, data);
        setup(rig, data);
    }
}

#define ADD(name, function) \
    g_test_add(name, struct pri_rig, NULL, setup, function, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/tdi-pri/page", test_page);
    ADD("/tdi-pri/again", test_again);
    ADD("/tdi-pri/gives-up", test_gives_up);
    ADD("/tdi-pri/denied", test_denied);
    ADD("/tdi-pri/disabled", test_disabled);
    ADD("/tdi-pri/stop", test_stop);
    ADD("/tdi-pri/reset", test_reset);
    ADD("/tdi-pri/saved", test_saved);
    ADD("/tdi-pri/stall-write", test_stall_write);
    ADD("/tdi-pri/stall-read", test_stall_read);
    return g_test_run();
}
