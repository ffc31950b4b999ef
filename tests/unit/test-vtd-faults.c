/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Fault recording, its overflow and interrupt; page requests; device-TLBs. */
#include "vtd-rig.h"

#define FSTS  0x34
#define FECTL 0x38

struct fixture {
    struct vtd_rig rig;
    struct teeio_page_response response;
    unsigned responses;
};

static void respond(void *opaque, const struct teeio_page_response *response)
{
    struct fixture *f = opaque;

    f->response = *response;
    f->responses++;
}

static void setup(struct fixture *f, gconstpointer data)
{
    const struct teeio_vtd_devices devices = {f, NULL, respond};
    struct vtd_rig *rig = &f->rig;

    vtd_rig_init(rig, data != NULL, TEEIO_T_UNIFIED, TEEIO_VTD_WALK_TRUSTED);
    teeio_vtd_set_devices(rig->vtd, &devices);
    vtd_rig_set(rig, 0x3c, 0x31);
    vtd_rig_set(rig, 0x40, 0xfee01000);
    vtd_rig_set(rig, FECTL, 0);
    vtd_rig_set64(rig, 0xd0, RIG_PRQ);
    vtd_rig_enable(rig);
}

static void teardown(struct fixture *f, gconstpointer data)
{
    (void)data;
    vtd_rig_clear(&f->rig);
}

static void fault_from(struct vtd_rig *rig, uint16_t source)
{
    struct teeio_tlp tlp = vtd_rig_tlp(TEEIO_TLP_MRD, 0x123456);

    tlp.requester = source;
    vtd_rig_fault(rig, tlp, 0x02);
}

static void test_record(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;
    struct teeio_tlp tlp = vtd_rig_tlp(TEEIO_TLP_MWR, 0x9876543);

    (void)data;
    vtd_rig_fault(rig, tlp, 0x05);
    g_assert_cmphex(vtd_rig_get(rig, FSTS), ==, 2);
    g_assert_cmphex(vtd_rig_get64(rig, 0x220), ==, 0x9876000);
    g_assert_cmphex(vtd_rig_get64(rig, 0x228), ==,
                    1ull << 63 | 5ull << 32 | RIG_SRC);
    g_assert_cmpuint(rig->msis, ==, 1);
    g_assert_cmphex(rig->msi_data, ==, 0x31);
    g_assert_cmphex(rig->msi_address, ==, 0xfee01000);
    g_assert_cmphex(vtd_rig_get(rig, FECTL), ==, 0);
    /* Software clears the upper half of the record. */
    vtd_rig_set(rig, 0x22c, 0x80000000u);
    g_assert_cmphex(vtd_rig_get(rig, FSTS), ==, 0);
    tlp.kind = TEEIO_TLP_MRD;
    vtd_rig_fault(rig, tlp, 0x06);
    g_assert_cmphex(vtd_rig_get(rig, FSTS), ==, 0x102);
    g_assert_cmphex(vtd_rig_get64(rig, 0x238), ==,
                    3ull << 62 | 6ull << 32 | RIG_SRC);
    g_assert_cmpuint(rig->msis, ==, 2);
    vtd_rig_set64(rig, 0x238, 1ull << 63);
    vtd_rig_fault(rig, tlp, 0x06);
    g_assert_cmphex(vtd_rig_get(rig, FSTS), ==, 0x202);
}

static void test_pasid_record(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;
    struct teeio_tlp tlp = vtd_rig_pasid(TEEIO_TLP_MRD, 0x5000, 0x1234);

    (void)data;
    tlp.privileged = true;
    tlp.execute = true;
    vtd_rig_fault(rig, tlp, 0x51);
    g_assert_cmphex(vtd_rig_get64(rig, 0x228), ==,
                    3ull << 62 | 0x1234ull << 40 | 0x51ull << 32 | 7ull << 29 |
                        RIG_SRC);
}

static void test_overflow(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;

    (void)data;
    for (unsigned i = 0; i < 8; i++) {
        fault_from(rig, 0x140 + i);
    }
    g_assert_cmphex(vtd_rig_get(rig, FSTS), ==, 2);
    /* The same source again is taken together with the first. */
    fault_from(rig, 0x143);
    g_assert_cmphex(vtd_rig_get(rig, FSTS), ==, 2);
    g_assert_cmpuint(teeio_vtd_stats(rig->vtd).faults_collapsed, ==, 1);
    fault_from(rig, 0x150);
    g_assert_cmphex(vtd_rig_get(rig, FSTS), ==, 3);
    g_assert_cmpuint(teeio_vtd_stats(rig->vtd).faults_lost, ==, 1);
    g_assert_cmpuint(rig->msis, ==, 1);
    /* Room alone does not help: overflow has to be cleared. */
    vtd_rig_set64(rig, 0x228, 1ull << 63);
    fault_from(rig, 0x151);
    g_assert_cmpuint(teeio_vtd_stats(rig->vtd).faults_lost, ==, 2);
    vtd_rig_set(rig, FSTS, 1);
    g_assert_cmphex(vtd_rig_get(rig, FSTS), ==, 2);
    fault_from(rig, 0x152);
    g_assert_cmphex(vtd_rig_get64(rig, 0x228) & 0xffff, ==, 0x152);
    for (unsigned i = 0; i < 8; i++) {
        vtd_rig_set64(rig, 0x228 + 16 * i, 1ull << 63);
    }
    g_assert_cmphex(vtd_rig_get(rig, FSTS) & 3, ==, 0);
    g_assert_cmpuint(teeio_vtd_stats(rig->vtd).faults, ==, 12);
}

static void test_mask(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;

    (void)data;
    vtd_rig_set(rig, FECTL, 0x80000000u);
    fault_from(rig, 0x140);
    g_assert_cmpuint(rig->msis, ==, 0);
    g_assert_cmphex(vtd_rig_get(rig, FECTL), ==, 0xc0000000u);
    vtd_rig_set(rig, FECTL, 0);
    g_assert_cmpuint(rig->msis, ==, 1);
    g_assert_cmphex(vtd_rig_get(rig, FECTL), ==, 0);
    vtd_rig_set64(rig, 0x228, 1ull << 63);
    /* Dealt with while masked: no interrupt afterwards. */
    vtd_rig_set(rig, FECTL, 0x80000000u);
    fault_from(rig, 0x140);
    vtd_rig_set64(rig, 0x238, 1ull << 63);
    g_assert_cmphex(vtd_rig_get(rig, FECTL), ==, 0x80000000u);
    vtd_rig_set(rig, FECTL, 0);
    g_assert_cmpuint(rig->msis, ==, 1);
}

static struct teeio_page_request page_request(void)
{
    return (struct teeio_page_request){
        .requester = RIG_SRC,
        .pasid_valid = true,
        .pasid = 0x123,
        .group = 0x45,
        .address = 0x789a000,
        .read = true,
        .write = true,
        .last = true,
    };
}

static void test_page_request(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;
    struct teeio_page_request request = page_request();

    (void)data;
    vtd_rig_set(rig, 0xe4, 0x51);
    vtd_rig_set(rig, 0xe8, 0xfee03000);
    vtd_rig_set(rig, 0xe0, 0);
    request.privileged = true;
    teeio_vtd_page_request(rig->vtd, &request);
    g_assert_cmphex(vtd_rig_get64(rig, 0xc8), ==, 32);
    g_assert_cmphex(vtd_rig_word(rig, RIG_PRQ), ==,
                    1ull << 53 | 0x123ull << 32 | RIG_SRC << 16 | 0x101);
    g_assert_cmphex(vtd_rig_word(rig, RIG_PRQ + 8), ==,
                    0x789a000 | 0x45 << 3 | 7);
    g_assert_cmphex(vtd_rig_get(rig, 0xdc), ==, 1);
    g_assert_cmpuint(rig->msis, ==, 1);
    g_assert_cmphex(rig->msi_data, ==, 0x51);
    teeio_vtd_page_request(rig->vtd, &request);
    g_assert_cmpuint(rig->msis, ==, 1);
    vtd_rig_set(rig, 0xdc, 1);
    g_assert_cmphex(vtd_rig_get(rig, 0xdc), ==, 0);
    teeio_vtd_page_request(rig->vtd, &request);
    g_assert_cmpuint(rig->msis, ==, 2);
    g_assert_cmpuint(f->responses, ==, 0);
    g_assert_cmpuint(teeio_vtd_stats(rig->vtd).page_requests, ==, 3);
}

static void test_page_overflow(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;
    struct teeio_page_request request = page_request();

    (void)data;
    for (unsigned i = 0; i < 127; i++) {
        teeio_vtd_page_request(rig->vtd, &request);
    }
    g_assert_cmphex(vtd_rig_get(rig, 0xdc), ==, 1);
    request.last = false;
    teeio_vtd_page_request(rig->vtd, &request);
    g_assert_cmphex(vtd_rig_get(rig, 0xdc), ==, 3);
    g_assert_cmpuint(f->responses, ==, 0);
    /* Room alone does not help. */
    vtd_rig_set64(rig, 0xc0, 64);
    request.last = true;
    teeio_vtd_page_request(rig->vtd, &request);
    g_assert_cmpuint(f->responses, ==, 1);
    g_assert_cmpint(f->response.outcome, ==, TEEIO_PAGE_SUCCESS);
    g_assert_cmpuint(f->response.pasid, ==, 0x123);
    vtd_rig_set(rig, 0xdc, 3);
    teeio_vtd_page_request(rig->vtd, &request);
    g_assert_cmpuint(f->responses, ==, 1);
    g_assert_cmpuint(teeio_vtd_stats(rig->vtd).pages_lost, ==, 2);
}

static void test_page_refused(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;
    struct teeio_page_request request = page_request();
    uint64_t slot = teeio_tables_vtd_context_slot(&rig->root, RIG_SRC);

    (void)data;
    vtd_rig_put(rig, slot, vtd_rig_word(rig, slot) & ~0x10ull);
    teeio_vtd_page_request(rig->vtd, &request);
    g_assert_cmpint(f->response.outcome, ==, TEEIO_PAGE_INVALID);
    g_assert_cmphex(vtd_rig_get64(rig, 0x228), ==,
                    1ull << 63 | 0x123ull << 40 | 0x47ull << 32 | 1ull << 31 |
                        1ull << 28 | RIG_SRC);
    /* A stop marker is never answered. */
    request.read = request.write = false;
    teeio_vtd_page_request(rig->vtd, &request);
    g_assert_cmpuint(f->responses, ==, 1);
    request = page_request();
    vtd_rig_put(rig, slot, vtd_rig_word(rig, slot) | 0x10);
    vtd_rig_set64(rig, 0xd0, 0x1000); /* no memory */
    teeio_vtd_page_request(rig->vtd, &request);
    g_assert_cmpint(f->response.outcome, ==, TEEIO_PAGE_FAILURE);
    g_assert_cmphex(vtd_rig_get64(rig, 0xc8), ==, 0);
    vtd_rig_set(rig, 0x18, 0);
    teeio_vtd_page_request(rig->vtd, &request);
    g_assert_cmpint(f->response.outcome, ==, TEEIO_PAGE_FAILURE);
    g_assert_cmpuint(f->responses, ==, 3);
}

static void test_page_legacy(struct fixture *f, gconstpointer data)
{
    struct teeio_page_request request = page_request();

    (void)data;
    teeio_vtd_page_request(f->rig.vtd, &request);
    g_assert_cmpint(f->response.outcome, ==, TEEIO_PAGE_INVALID);
    g_assert_cmphex(vtd_rig_get64(&f->rig, 0x228) >> 32 & 0xff, ==, 0x32);
}

static struct teeio_tlp ats(enum teeio_tlp_kind kind, uint64_t address,
                            uint32_t pasid)
{
    struct teeio_tlp tlp = vtd_rig_tlp(kind, address);

    tlp.at = TEEIO_AT_TRANSLATION_REQUEST;
    tlp.pasid_valid = pasid;
    tlp.pasid = pasid;
    return tlp;
}

static void test_ats(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;
    struct teeio_translation answer;
    uint64_t slot = teeio_tables_vtd_context_slot(&rig->root, RIG_SRC);
    struct teeio_tlp tlp = ats(TEEIO_TLP_MWR, RIG_RW, RIG_NESTED);

    (void)data;
    answer = vtd_rig_ok(rig, tlp, RIG_DATA);
    g_assert_cmpuint(answer.perm, ==, 3);
    g_assert_cmpint(answer.completion, ==, TEEIO_COMPLETION_SUCCESS);
    tlp.kind = TEEIO_TLP_MRD;
    g_assert_cmpuint(vtd_rig_ok(rig, tlp, RIG_DATA).perm, ==, 1);
    answer = vtd_rig_ok(rig, ats(TEEIO_TLP_MWR, RIG_RO, RIG_FIRST),
                        RIG_DATA + 0x1000);
    g_assert_cmpuint(answer.perm, ==, 1);
    /* A miss is an answer, and no fault. */
    answer = vtd_rig_ok(rig, ats(TEEIO_TLP_MRD, RIG_UNMAPPED, RIG_FIRST),
                        RIG_UNMAPPED);
    g_assert_cmpuint(answer.perm, ==, 0);
    g_assert_cmphex(vtd_rig_get(rig, FSTS), ==, 0);
    /* Errors of the configuration are recorded. */
    answer = vtd_rig_fault(rig, ats(TEEIO_TLP_MRD, RIG_RW, 33), 0x59);
    g_assert_cmpint(answer.completion, ==, TEEIO_COMPLETION_CA);
    g_assert_cmphex(vtd_rig_get64(rig, 0x228) >> 60 & 3, ==, 1);
    tlp.requester = RIG_NOBODY;
    answer = vtd_rig_fault(rig, tlp, 0x41);
    g_assert_cmpint(answer.completion, ==, TEEIO_COMPLETION_UR);
    /* Kept translations. */
    tlp = vtd_rig_tlp(TEEIO_TLP_MRD, 0x12345678);
    tlp.at = TEEIO_AT_TRANSLATED;
    vtd_rig_ok(rig, tlp, 0x12345678);
    tlp.address = 1ull << 48;
    vtd_rig_fault(rig, tlp, 0x83);
    tlp.address = 0xfee00000;
    vtd_rig_fault(rig, tlp, 0x87);
    vtd_rig_put(rig, slot, vtd_rig_word(rig, slot) & ~4ull);
    vtd_rig_fault(rig, tlp, 0x44);
    answer = vtd_rig_fault(rig, ats(TEEIO_TLP_MRD, RIG_RW, RIG_FIRST), 0x44);
    g_assert_cmpint(answer.completion, ==, TEEIO_COMPLETION_UR);
    vtd_rig_set(rig, 0x18, 0);
    answer = vtd_rig_send(rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
}

static void test_ats_legacy(struct fixture *f, gconstpointer data)
{
    struct vtd_rig *rig = &f->rig;
    struct teeio_tlp tlp = ats(TEEIO_TLP_MRD, RIG_RW, 0);

    (void)data;
    vtd_rig_ok(rig, tlp, RIG_DATA);
    g_assert_cmpuint(
        vtd_rig_ok(rig, ats(TEEIO_TLP_MWR, RIG_UNMAPPED, 0), RIG_UNMAPPED).perm,
        ==, 0);
    teeio_tables_vtd_set_context(
        &rig->root, RIG_SRC,
        teeio_tables_vtd_legacy(&rig->second, RIG_DOMAIN, 0));
    vtd_rig_fault(rig, tlp, 0x0d);
    tlp.requester = RIG_PASS;
    vtd_rig_fault(rig, tlp, 0x0d);
}

#define ADD(name, mode, function)                                          \
    g_test_add("/vtd-faults/" name, struct fixture, mode, setup, function, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("record", NULL, test_record);
    ADD("pasid-record", "scalable", test_pasid_record);
    ADD("overflow", NULL, test_overflow);
    ADD("mask", NULL, test_mask);
    ADD("page-request", "scalable", test_page_request);
    ADD("page-overflow", "scalable", test_page_overflow);
    ADD("page-refused", "scalable", test_page_refused);
    ADD("page-legacy", NULL, test_page_legacy);
    ADD("ats", "scalable", test_ats);
    ADD("ats-legacy", NULL, test_ats_legacy);
    return g_test_run();
}
