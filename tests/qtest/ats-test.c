/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * ATS, PRI, PASID and stalls of our device, from config space through the SMMU
 * to memory and back.
 */

#include "rig-smmu.h"

#define PAGE         0x1000u
#define A            RIG_DATA
#define B            (RIG_DATA + 5 * PAGE)
#define IOVA         0x62345000ull
#define PRIQ         0x43820000ull
#define PRIQ_LOG2    3u
#define POLL_US      200

#define CAP_ATS      0x0f
#define CAP_PRI      0x13
#define CAP_PASID    0x1b
#define ATS_CONTROL  6
#define ATS_ENABLE   0x8000
#define PASID_ENABLE 1
#define PRI_CONTROL  4
#define PRI_STATUS   6
#define PRI_CAPACITY 8
#define PRI_ALLOC    12
#define PRI_ENABLE   1

#define ATS          TEEIO_TDI_DESC_ATS
#define PRI          (TEEIO_TDI_DESC_ATS | TEEIO_TDI_DESC_PRI)
#define STREAM       ((uint64_t)RIG_TDI << 32)
#define EATS_FULL    ((uint64_t)TEEIO_STE_EATS_FULL << 28)
#define RESP_SUCCESS (2ull << 12)
#define RESP_FAILURE 0ull

struct ats_rig {
    struct rig *rig;
    struct rig_smmu smmu;
    struct rig_domain domain;
};

static struct teeio_tables_ste ste_of(const struct rig_domain *domain)
{
    struct teeio_tables_ste ste = teeio_tables_ste_stage1(domain->cd);

    ste.dw[1] |= EATS_FULL;
    return ste;
}

static void set_control(struct rig *rig, uint16_t id, unsigned offset,
                        uint16_t value)
{
    unsigned at = teeio_qpci_extended(&rig->tdi, id);

    g_assert_cmpuint(at, !=, 0);
    teeio_qpci_writew(&rig->tdi, at + offset, value);
    g_assert_cmphex(teeio_qpci_readw(&rig->tdi, at + offset), ==, value);
}

static void setup(struct ats_rig *ats, gconstpointer data)
{
    const char *more = data;
    g_autofree char *args = g_strdup_printf("%s %s %s", RIG_SMMU_ARGS,
                                            RIG_TDI_ARGS, more ? more : "");

    ats->rig = rig_start(NULL, args);
    rig_smmu_init(&ats->smmu, ats->rig);
    rig_domain_init(&ats->domain, &ats->smmu);
    rig_set_ste(&ats->smmu, RIG_TDI, ste_of(&ats->domain));
    rig_smmu_enable(&ats->smmu);
    teeio_qtest_writeq(ats->rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_PRIQ_BASE,
                       PRIQ | PRIQ_LOG2);
    teeio_qtest_writel(ats->rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0,
                       TEEIO_CR0_SMMUEN | TEEIO_CR0_CMDQEN |
                           TEEIO_CR0_EVENTQEN | TEEIO_CR0_PRIQEN);
    set_control(ats->rig, CAP_ATS, ATS_CONTROL, ATS_ENABLE);
    set_control(ats->rig, CAP_PRI, PRI_CONTROL, PRI_ENABLE);
}

static void teardown(struct ats_rig *ats, gconstpointer data)
{
    (void)data;
    rig_stop(ats->rig);
}

static void atc_inv(struct ats_rig *ats, uint64_t address)
{
    rig_command(&ats->smmu, TEEIO_CMD_ATC_INV | STREAM, address);
    rig_command(&ats->smmu, TEEIO_CMD_SYNC, 0);
    g_assert_cmphex(
        teeio_qtest_readl(ats->rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_GERROR),
        ==, 0);
}

/* Queue a FILL of 16 bytes 0x11 at IOVA and do not wait for it. */
static uint64_t start(struct ats_rig *ats, uint32_t flags)
{
    struct teeio_qtest *qtest = ats->rig->qtest;
    uint64_t bar = ats->rig->tdi.bar[0];
    uint32_t tail = teeio_qtest_readl(qtest, bar + TEEIO_TDI_REG_TAIL);
    uint64_t entry = bar + TEEIO_TDI_RING_OFFSET +
                     tail % TEEIO_TDI_RING_ENTRIES * TEEIO_TDI_DESC_SIZE;

    teeio_qtest_writel(qtest, entry + TEEIO_TDI_DESC_CONTROL,
                       TEEIO_TDI_OP_FILL | flags);
    teeio_qtest_writel(qtest, entry + TEEIO_TDI_DESC_LENGTH, 16);
    teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_DEST, IOVA);
    teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_PATTERN,
                       0x1111111111111111ull);
    teeio_qtest_writel(qtest, entry + TEEIO_TDI_DESC_STATUS, 0);
    teeio_qtest_writel(qtest, bar + TEEIO_TDI_REG_TAIL,
                       (tail + 1) % (2 * TEEIO_TDI_RING_WRAP));
    return entry + TEEIO_TDI_DESC_STATUS;
}

/* Wait until the 4 bytes at @address are no longer @value. */
static uint32_t wait_change(struct ats_rig *ats, uint64_t address,
                            uint32_t value)
{
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;
    uint32_t now;

    while ((now = teeio_qtest_readl(ats->rig->qtest, address)) == value) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(POLL_US);
    }
    return now;
}

static void test_config(struct ats_rig *ats, gconstpointer data)
{
    struct teeio_qpci_function *tdi = &ats->rig->tdi;
    unsigned pasid = teeio_qpci_extended(tdi, CAP_PASID);
    unsigned pri = teeio_qpci_extended(tdi, CAP_PRI);

    (void)data;
    g_assert_cmphex(teeio_qpci_readl(tdi, pasid + 4), ==, 20 << 8);
    teeio_qpci_writel(tdi, pasid + 4, UINT32_MAX);
    g_assert_cmphex(teeio_qpci_readl(tdi, pasid + 4), ==, 20 << 8 | 1 << 16);
    g_assert_cmphex(teeio_qpci_readb(tdi, pasid + 6), ==, PASID_ENABLE);

    g_assert_cmphex(teeio_qpci_readw(tdi, pri + PRI_STATUS), ==, 0);
    set_control(ats->rig, CAP_PRI, PRI_CONTROL, 0);
    g_assert_cmphex(teeio_qpci_readw(tdi, pri + PRI_STATUS), ==, 0x100);
    g_assert_cmphex(teeio_qpci_readl(tdi, pri + PRI_CAPACITY), ==, 1);
    teeio_qpci_writel(tdi, pri + PRI_CAPACITY, 77);
    g_assert_cmphex(teeio_qpci_readl(tdi, pri + PRI_CAPACITY), ==, 1);
    teeio_qpci_writel(tdi, pri + PRI_ALLOC, 1);
    g_assert_cmphex(teeio_qpci_readl(tdi, pri + PRI_ALLOC), ==, 1);

    teeio_qtest_qmp_ok(ats->rig->qtest, "system_reset", NULL);
    g_assert_cmphex(teeio_qpci_readl(tdi, pasid + 4), ==, 20 << 8);
    g_assert_cmphex(teeio_qpci_readl(tdi, pri + PRI_ALLOC), ==, 0);
    g_assert_cmphex(
        teeio_qpci_readw(tdi, teeio_qpci_extended(tdi, CAP_ATS) + ATS_CONTROL),
        ==, 0);
}

static void test_disabled(struct ats_rig *ats, gconstpointer data)
{
    struct rig *rig = ats->rig;

    (void)data;
    g_assert_cmpuint(rig_fill(rig, IOVA, 16, 1, TEEIO_TDI_DESC_PASID), ==,
                     TEEIO_TDI_STATUS_BAD_DESC);
    set_control(rig, CAP_PRI, PRI_CONTROL, 0);
    g_assert_cmpuint(rig_fill(rig, IOVA, 16, 1, PRI), ==,
                     TEEIO_TDI_STATUS_BAD_DESC);
    set_control(rig, CAP_ATS, ATS_CONTROL, 0);
    g_assert_cmpuint(rig_fill(rig, IOVA, 16, 1, ATS), ==,
                     TEEIO_TDI_STATUS_BAD_DESC);
}

/* What the device remembers holds until ATC_INV, whatever the tables say. */
static void test_invalidate(struct ats_rig *ats, gconstpointer data)
{
    struct rig *rig = ats->rig;

    (void)data;
    rig_map(&ats->domain, IOVA, A, TEEIO_TABLES_RW);
    rig_map(&ats->domain, IOVA + PAGE, A + PAGE, TEEIO_TABLES_RW);
    g_assert_cmpuint(rig_fill(rig, IOVA + PAGE - 8, 16, 0x11, ATS), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A + PAGE - 8, 0x11, 16));
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t0"), ==, 4);

    rig_map(&ats->domain, IOVA, B, TEEIO_TABLES_RW);
    rig_sync(&ats->smmu);
    atc_inv(ats, IOVA + PAGE);
    rig_fill(rig, IOVA, 8, 0x22, ATS);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x22, 8));
    g_assert_true(rig_reads(rig, IOVA, 0x22, 8, ATS));
    atc_inv(ats, IOVA);
    rig_fill(rig, IOVA, 8, 0x33, ATS);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x22, 8));
    g_assert_true(teeio_qtest_uniform(rig->qtest, B, 0x33, 8));
}

/* Without a PASID the address means nothing here. */
static void test_pasid(struct ats_rig *ats, gconstpointer data)
{
    struct rig *rig = ats->rig;
    struct teeio_tables_cds cds;
    struct teeio_tables_ste ste;
    uint64_t entry = rig->tdi.bar[0] + TEEIO_TDI_RING_OFFSET;

    (void)data;
    g_assert_true(teeio_tables_cds_init(&cds, &ats->smmu.tables, 4, 0));
    g_assert_true(
        teeio_tables_set_cd(&cds, 3, teeio_tables_cd(&ats->domain.space)));
    ste = ste_of(&ats->domain);
    teeio_tables_ste_substreams(&ste, &cds, 0);
    rig_set_ste(&ats->smmu, RIG_TDI, ste);
    rig_map(&ats->domain, IOVA, A, TEEIO_TABLES_RW);
    rig_sync(&ats->smmu);
    set_control(rig, CAP_PASID, ATS_CONTROL, PASID_ENABLE);

    teeio_qtest_writel(rig->qtest, entry + TEEIO_TDI_DESC_SUBSPACE, 3);
    g_assert_cmpuint(rig_fill(rig, IOVA, 16, 0x11, TEEIO_TDI_DESC_PASID), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x11, 16));
    entry += TEEIO_TDI_DESC_SIZE;
    teeio_qtest_writel(rig->qtest, entry + TEEIO_TDI_DESC_SUBSPACE, 3);
    g_assert_cmpuint(rig_fill(rig, IOVA, 16, 0x22, ATS | TEEIO_TDI_DESC_PASID),
                     ==, TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x22, 16));
    g_assert_cmpuint(rig_fill(rig, IOVA, 16, 0x33, ATS), ==,
                     TEEIO_TDI_STATUS_ATS_REFUSED);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x22, 16));
}

/* A translation is not access: the owner is asked for every request. */
static void test_t(struct ats_rig *ats, gconstpointer data)
{
    struct rig *rig = ats->rig;
    uint32_t checksum;

    (void)data;
    rig_map(&ats->domain, IOVA, A, TEEIO_TABLES_RW);
    rig_sync(&ats->smmu);
    rig_smmu_private(&ats->smmu);
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, A, PAGE), ==, 0);
    rig_run(rig);
    g_assert_cmpuint(rig_fill(rig, IOVA, 16, 0x11, ATS | TEEIO_TDI_DESC_T), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(rig_reads(rig, IOVA, 0x11, 16, ATS | TEEIO_TDI_DESC_T));
    g_assert_cmpuint(rig_checksum(rig, IOVA, 16, ATS, &checksum), ==,
                     TEEIO_TDI_STATUS_REFUSED);
    /* One request each for W with T=1 and for R with T=0. */
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t1"), ==, 3);
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t0"), ==, 2);
}

static void test_refused(struct ats_rig *ats, gconstpointer data)
{
    struct rig *rig = ats->rig;
    struct teeio_smmuv3_event event;

    (void)data;
    /* A miss is an answer and no fault. */
    g_assert_cmpuint(rig_fill(rig, IOVA, 16, 1, ATS), ==,
                     TEEIO_TDI_STATUS_ATS_REFUSED);
    g_assert_false(rig_event(&ats->smmu, &event));
    /* EATS is 0. */
    rig_map(&ats->domain, IOVA, A, TEEIO_TABLES_RW);
    rig_attach(&ats->smmu, RIG_TDI, &ats->domain);
    rig_sync(&ats->smmu);
    g_assert_cmpuint(rig_fill(rig, IOVA, 16, 1, ATS), ==,
                     TEEIO_TDI_STATUS_ATS_REFUSED);
    g_assert_cmpuint(rig_fill(rig, IOVA, 16, 1, 0), ==, TEEIO_TDI_STATUS_OK);
}

/* Let the device ask for IOVA; returns the group of its request. */
static uint64_t expect_request(struct ats_rig *ats)
{
    struct teeio_qtest *qtest = ats->rig->qtest;
    uint64_t dw0;
    uint64_t dw1;

    wait_change(ats, RIG_SMMU + TEEIO_SMMUV3_REG_PRIQ_PROD, 0);
    dw0 = teeio_qtest_readq(qtest, PRIQ);
    dw1 = teeio_qtest_readq(qtest, PRIQ + 8);
    g_assert_cmphex(dw0, ==, RIG_TDI | TEEIO_PRI0_WRITE | TEEIO_PRI0_LAST);
    g_assert_cmphex(dw1 & TEEIO_PRI1_ADDRESS, ==, IOVA);
    teeio_qtest_writel(qtest, RIG_SMMU + TEEIO_SMMUV3_REG_PRIQ_CONS, 1);
    return dw1 & TEEIO_PRI1_PRG_INDEX;
}

static void test_page(struct ats_rig *ats, gconstpointer data)
{
    struct teeio_qtest *qtest = ats->rig->qtest;
    uint64_t status = start(ats, PRI);
    uint64_t group = expect_request(ats);

    (void)data;
    g_assert_cmpuint(teeio_qtest_readl(qtest, status), ==,
                     TEEIO_TDI_STATUS_PENDING);
    rig_map(&ats->domain, IOVA, A, TEEIO_TABLES_RW);
    rig_sync(&ats->smmu);
    rig_command(&ats->smmu, TEEIO_CMD_PRI_RESP | STREAM, RESP_SUCCESS | group);
    g_assert_cmpuint(wait_change(ats, status, TEEIO_TDI_STATUS_PENDING), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(qtest, A, 0x11, 16));
}

static void test_page_denied(struct ats_rig *ats, gconstpointer data)
{
    uint64_t status = start(ats, PRI);
    uint64_t group = expect_request(ats);

    (void)data;
    rig_command(&ats->smmu, TEEIO_CMD_PRI_RESP | STREAM, RESP_FAILURE | group);
    g_assert_cmpuint(wait_change(ats, status, TEEIO_TDI_STATUS_PENDING), ==,
                     TEEIO_TDI_STATUS_PRI_DENIED);
}

/* Nobody reads the PRI queue: the SMMU itself answers. */
static void test_no_queue(struct ats_rig *ats, gconstpointer data)
{
    (void)data;
    teeio_qtest_writel(ats->rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0,
                       TEEIO_CR0_SMMUEN | TEEIO_CR0_CMDQEN |
                           TEEIO_CR0_EVENTQEN);
    g_assert_cmpuint(rig_fill(ats->rig, IOVA, 16, 1, PRI), ==,
                     TEEIO_TDI_STATUS_PRI_DENIED);
}

static void stall(struct ats_rig *ats, uint64_t outcome, bool map,
                  uint8_t written)
{
    struct teeio_qtest *qtest = ats->rig->qtest;
    uint64_t dw0 = teeio_tables_get(&ats->smmu.tables, ats->domain.cd);
    struct teeio_smmuv3_event event;
    uint64_t status;
    uint64_t stag;

    teeio_tables_put(&ats->smmu.tables, ats->domain.cd, dw0 | TEEIO_CD0_S);
    rig_sync(&ats->smmu);
    status = start(ats, 0);
    wait_change(ats, RIG_SMMU + TEEIO_SMMUV3_REG_EVENTQ_PROD, 0);
    g_assert_true(rig_event(&ats->smmu, &event));
    g_assert_cmphex(event.dw[1] & TEEIO_EVT1_STALL, !=, 0);
    g_assert_cmphex(event.dw[2], ==, IOVA);
    stag = event.dw[1] & TEEIO_EVT1_STAG;
    g_assert_cmpuint(teeio_qtest_readl(qtest, status), ==,
                     TEEIO_TDI_STATUS_PENDING);
    if (map) {
        rig_map(&ats->domain, IOVA, A, TEEIO_TABLES_RW);
        rig_sync(&ats->smmu);
    }
    rig_command(&ats->smmu, TEEIO_CMD_RESUME | outcome | STREAM, stag);
    g_assert_cmpuint(wait_change(ats, status, TEEIO_TDI_STATUS_PENDING), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(qtest, A, written, 16));
}

static void test_stall_retry(struct ats_rig *ats, gconstpointer data)
{
    (void)data;
    stall(ats, TEEIO_CMD0_RESUME_RETRY, true, 0x11);
}

static void test_stall_abort(struct ats_rig *ats, gconstpointer data)
{
    (void)data;
    stall(ats, TEEIO_CMD0_RESUME_ABORT, false, 0);
    g_assert_cmpint(rig_counter(ats->rig, "tdi", "refused"), ==, 1);
}

/* The device goes; who comes to answer it finds nobody. */
static void test_reset(struct ats_rig *ats, gconstpointer data)
{
    uint64_t bar = ats->rig->tdi.bar[0];
    uint64_t group;

    (void)data;
    start(ats, PRI);
    group = expect_request(ats);
    teeio_qtest_writel(ats->rig->qtest, bar + TEEIO_TDI_REG_CONTROL,
                       TEEIO_TDI_CONTROL_RESET);
    rig_command(&ats->smmu, TEEIO_CMD_PRI_RESP | STREAM, RESP_SUCCESS | group);
    rig_map(&ats->domain, IOVA, A, TEEIO_TABLES_RW);
    rig_sync(&ats->smmu);
    g_assert_cmpuint(rig_fill(ats->rig, IOVA, 16, 1, ATS), ==,
                     TEEIO_TDI_STATUS_OK);
}

#define ADD(name, function) \
    g_test_add(name, struct ats_rig, NULL, setup, function, teardown)

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    ADD("/ats/config", test_config);
    ADD("/ats/disabled", test_disabled);
    ADD("/ats/invalidate", test_invalidate);
    ADD("/ats/pasid", test_pasid);
    g_test_add("/ats/t", struct ats_rig, RIG_TSM_ARGS, setup, test_t, teardown);
    ADD("/ats/refused", test_refused);
    ADD("/ats/page", test_page);
    ADD("/ats/page-denied", test_page_denied);
    ADD("/ats/no-queue", test_no_queue);
    ADD("/ats/stall-retry", test_stall_retry);
    ADD("/ats/stall-abort", test_stall_abort);
    ADD("/ats/reset", test_reset);
    return g_test_run();
}
