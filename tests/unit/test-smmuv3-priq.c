/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "smmu-rig.h"

#define PRIQ     0x40030000ull
#define LOG2SIZE 2u
#define OVERFLOW 0x80000000ull

struct priq_rig {
    struct smmu_rig smmu;
    struct teeio_page_response last;
    unsigned responses;
};

static void respond(void *opaque, const struct teeio_page_response *response)
{
    struct priq_rig *rig = opaque;

    rig->last = *response;
    rig->responses++;
}

static void setup(struct priq_rig *rig, gconstpointer data)
{
    const struct teeio_smmuv3_devices devices = {
        .opaque = rig,
        .page_response = respond,
    };

    (void)data;
    rig->responses = 0;
    smmu_rig_init(&rig->smmu, TEEIO_T_UNIFIED, 8);
    teeio_smmuv3_set_devices(rig->smmu.smmu, &devices);
    smmu_rig_set64(&rig->smmu, TEEIO_SMMUV3_REG_PRIQ_BASE, PRIQ | LOG2SIZE);
    smmu_rig_enable(&rig->smmu, 4);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_IRQ_CTRL,
                 TEEIO_IRQ_CTRL_PRIQ | TEEIO_IRQ_CTRL_GERROR);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_CR0,
                 TEEIO_CR0_SMMUEN | TEEIO_CR0_PRIQEN | TEEIO_CR0_EVENTQEN);
}

static void teardown(struct priq_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(&rig->smmu);
}

static struct teeio_page_request request(void)
{
    return (struct teeio_page_request){
        .requester = RIG_SID,
        .group = 0x155,
        .address = 0x12345fff,
        .read = true,
        .last = true,
    };
}

static void send(struct priq_rig *rig, struct teeio_page_request request)
{
    teeio_smmuv3_page_request(rig->smmu.smmu, &request);
}

static uint64_t prod(struct priq_rig *rig)
{
    return smmu_rig_get(&rig->smmu, TEEIO_SMMUV3_REG_PRIQ_PROD);
}

static void set_cons(struct priq_rig *rig, uint64_t value)
{
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_PRIQ_CONS, value);
}

static uint64_t word(struct priq_rig *rig, unsigned entry, unsigned n)
{
    return teeio_tables_get(&rig->smmu.tables, PRIQ + 16 * entry + 8 * n);
}

static unsigned raised(struct priq_rig *rig)
{
    return rig->smmu.fake.raised[TEEIO_SMMUV3_PRIQ];
}

static void fill(struct priq_rig *rig)
{
    for (unsigned i = 0; i < 1u << LOG2SIZE; i++) {
        send(rig, request());
    }
    g_assert_cmpuint(rig->responses, ==, 0);
}

static void test_entry(struct priq_rig *rig, gconstpointer data)
{
    struct teeio_page_request full = request();

    (void)data;
    send(rig, request());
    g_assert_cmphex(prod(rig), ==, 1);
    g_assert_cmphex(word(rig, 0, 0), ==, 0x5000000000000110);
    g_assert_cmphex(word(rig, 0, 1), ==, 0x12345155);

    full.pasid_valid = true;
    full.pasid = 0xabcde;
    full.write = true;
    full.execute = true;
    full.privileged = true;
    send(rig, full);
    g_assert_cmphex(word(rig, 1, 0), ==, 0xfc0abcde00000110);

    /* Without a PASID there is neither privilege nor execution. */
    full.pasid_valid = false;
    full.last = false;
    send(rig, full);
    g_assert_cmphex(word(rig, 2, 0), ==, 0x3000000000000110);
    g_assert_cmpuint(rig->responses, ==, 0);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu.smmu).page_requests, ==, 3);
}

static void test_interrupt(struct priq_rig *rig, gconstpointer data)
{
    (void)data;
    send(rig, request());
    g_assert_cmpuint(raised(rig), ==, 1);
    send(rig, request());
    g_assert_cmpuint(raised(rig), ==, 1);
    set_cons(rig, 2);
    send(rig, request());
    g_assert_cmpuint(raised(rig), ==, 2);
    set_cons(rig, 3);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_IRQ_CTRL, 0);
    send(rig, request());
    g_assert_cmpuint(raised(rig), ==, 2);
}

static void test_last_only(struct priq_rig *rig, gconstpointer data)
{
    struct teeio_page_request middle = request();

    (void)data;
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_IRQ_CTRL, 0);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG2, OVERFLOW);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_IRQ_CTRL, TEEIO_IRQ_CTRL_PRIQ);
    middle.last = false;
    send(rig, middle);
    g_assert_cmpuint(raised(rig), ==, 0);
    send(rig, request());
    send(rig, request());
    g_assert_cmpuint(raised(rig), ==, 2);
    /* One that overflows counts as well. */
    send(rig, middle);
    send(rig, middle);
    g_assert_cmpuint(raised(rig), ==, 2);
    send(rig, request());
    g_assert_cmpuint(raised(rig), ==, 3);
}

static void test_msi(struct priq_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_IRQ_CTRL, 0);
    smmu_rig_set64(&rig->smmu, TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG0, 0x40040000);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG1, 0x1234);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_IRQ_CTRL, TEEIO_IRQ_CTRL_PRIQ);
    send(rig, request());
    g_assert_cmphex(teeio_tables_get(&rig->smmu.tables, 0x40040000), ==,
                    0x1234);
    g_assert_cmpuint(raised(rig), ==, 0);
    rig->smmu.fake.fail_page = 0x40040000;
    set_cons(rig, 1);
    send(rig, request());
    g_assert_cmphex(smmu_rig_get(&rig->smmu, TEEIO_SMMUV3_REG_GERROR), ==,
                    TEEIO_GERROR_MSI_PRIQ_ABT_ERR);
    g_assert_cmphex(prod(rig), ==, 2);
}

static void test_overflow(struct priq_rig *rig, gconstpointer data)
{
    struct teeio_page_request middle = request();

    (void)data;
    middle.last = false;
    fill(rig);
    send(rig, middle);
    g_assert_cmphex(prod(rig), ==, OVERFLOW | 4);
    g_assert_cmpuint(rig->responses, ==, 0);
    send(rig, request());
    g_assert_cmpuint(rig->responses, ==, 1);
    g_assert_cmpint(rig->last.outcome, ==, TEEIO_PAGE_SUCCESS);
    g_assert_cmphex(rig->last.requester, ==, RIG_SID);
    g_assert_cmphex(rig->last.group, ==, 0x155);
    g_assert_false(rig->last.pasid_valid);

    /* Room alone is not enough, unlike in the event queue. */
    set_cons(rig, 4);
    send(rig, request());
    g_assert_cmphex(prod(rig), ==, OVERFLOW | 4);
    g_assert_cmpuint(rig->responses, ==, 2);
    set_cons(rig, OVERFLOW | 4);
    send(rig, request());
    g_assert_cmphex(prod(rig), ==, OVERFLOW | 5);
    g_assert_cmpuint(rig->responses, ==, 2);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu.smmu).pages_lost, ==, 3);
}

/* IDR3.PPS is 0: the STE says whether the answer has a PASID. */
static void test_overflow_pasid(struct priq_rig *rig, gconstpointer data)
{
    uint64_t ste = teeio_tables_ste_slot(&rig->smmu.streams, RIG_SID);
    struct teeio_page_request with = request();

    (void)data;
    with.pasid_valid = true;
    with.pasid = 7;
    fill(rig);
    send(rig, with);
    g_assert_cmpint(rig->last.outcome, ==, TEEIO_PAGE_SUCCESS);
    g_assert_false(rig->last.pasid_valid);

    smmu_rig_put(&rig->smmu, ste + 8,
                 teeio_tables_get(&rig->smmu.tables, ste + 8) |
                     TEEIO_STE1_PPAR);
    send(rig, with);
    g_assert_cmpint(rig->last.outcome, ==, TEEIO_PAGE_SUCCESS);
    g_assert_true(rig->last.pasid_valid);
    g_assert_cmphex(rig->last.pasid, ==, 7);

    /* No STE to ask: failure, and no event about it. */
    smmu_rig_put(&rig->smmu, ste, 0);
    send(rig, with);
    g_assert_cmpint(rig->last.outcome, ==, TEEIO_PAGE_FAILURE);
    g_assert_false(rig->last.pasid_valid);
    g_assert_cmpuint(fake_host_count(&rig->smmu.fake, TEEIO_EVENT_FAULT), ==,
                     0);
    g_assert_cmphex(smmu_rig_get(&rig->smmu, TEEIO_SMMUV3_REG_EVENTQ_PROD), ==,
                    0);
}

static void test_stop_marker(struct priq_rig *rig, gconstpointer data)
{
    struct teeio_page_request stop = request();

    (void)data;
    stop.read = false;
    stop.pasid_valid = true;
    send(rig, stop);
    g_assert_cmphex(prod(rig), ==, 1);
    g_assert_cmphex(word(rig, 0, 0), ==, 0xc000000000000110);
    for (unsigned i = 0; i < 4; i++) {
        send(rig, stop);
    }
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_CR0, 0);
    send(rig, stop);
    g_assert_cmpuint(rig->responses, ==, 0);
    /* Without a PASID it is an ordinary request. */
    stop.pasid_valid = false;
    send(rig, stop);
    g_assert_cmpuint(rig->responses, ==, 1);
}

static void test_disabled(struct priq_rig *rig, gconstpointer data)
{
    static const uint64_t values[] = {0, TEEIO_CR0_SMMUEN | TEEIO_CR0_EVENTQEN,
                                      TEEIO_CR0_PRIQEN};
    struct teeio_page_request middle = request();

    (void)data;
    middle.last = false;
    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
        struct teeio_page_request with = request();

        smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_CR0, values[i]);
        with.pasid_valid = true;
        send(rig, middle);
        g_assert_cmpuint(rig->responses, ==, i);
        send(rig, with);
        g_assert_cmpuint(rig->responses, ==, i + 1);
        g_assert_cmpint(rig->last.outcome, ==, TEEIO_PAGE_FAILURE);
        g_assert_false(rig->last.pasid_valid);
    }
    g_assert_cmphex(prod(rig), ==, 0);
    g_assert_cmpuint(raised(rig), ==, 0);
}

static void test_write_abort(struct priq_rig *rig, gconstpointer data)
{
    (void)data;
    rig->smmu.fake.fail_page = PRIQ;
    send(rig, request());
    g_assert_cmphex(prod(rig), ==, 0);
    g_assert_cmphex(smmu_rig_get(&rig->smmu, TEEIO_SMMUV3_REG_GERROR), ==,
                    TEEIO_GERROR_PRIQ_ABT_ERR);
    g_assert_cmpint(rig->last.outcome, ==, TEEIO_PAGE_FAILURE);
    g_assert_cmpuint(raised(rig), ==, 0);
    /* Nothing more until it is acknowledged. */
    rig->smmu.fake.fail_page = UINT64_MAX;
    send(rig, request());
    g_assert_cmpuint(rig->responses, ==, 2);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_GERRORN,
                 TEEIO_GERROR_PRIQ_ABT_ERR);
    send(rig, request());
    g_assert_cmphex(prod(rig), ==, 1);
    g_assert_cmpuint(rig->responses, ==, 2);
}

static void test_nobody_listens(struct priq_rig *rig, gconstpointer data)
{
    const struct teeio_smmuv3_devices none = {0};

    (void)data;
    teeio_smmuv3_set_devices(rig->smmu.smmu, &none);
    for (unsigned i = 0; i < 8; i++) {
        send(rig, request());
    }
    g_assert_cmphex(prod(rig), ==, OVERFLOW | 4);
}

#define ADD(name)                                                   \
    g_test_add("/smmuv3-priq/" #name, struct priq_rig, NULL, setup, \
               test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(entry);
    ADD(interrupt);
    ADD(last_only);
    ADD(msi);
    ADD(overflow);
    ADD(overflow_pasid);
    ADD(stop_marker);
    ADD(disabled);
    ADD(write_abort);
    ADD(nobody_listens);
    return g_test_run();
}
