/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The Realm interface of the SMMU in QEMU: T=1 is its, T=0 is the other's.
 */
#include "rig-smmu.h"
#include "teeio-tables/nested.h"
#include "teeio/smmuv3.h"
#include "teeio/tdisp.h"

#define PAGE       0x1000u
#define A          RIG_DATA              /* shared */
#define B          (RIG_DATA + 8 * PAGE) /* private */
#define X          0x62345000ull
#define UNMAPPED   0x63456000ull
#define IN_A       0xaa
#define IN_B       0xbb
#define T1         TEEIO_TDI_DESC_T
#define NS         (1ull << 55) /* of a leaf of Realm stage 2 */
#define VMID       3

#define SPI_EVENTQ (RIG_REALM_SPI + TEEIO_SMMUV3_EVENTQ)

/* Extended capabilities (PCIe 10.5.1 and 10.5.2) */
#define CAP_ATS      0x0f
#define ATS_CONTROL  6
#define ATS_ENABLE   0x8000
#define CAP_PRI      0x13
#define PRI_CONTROL  4
#define PRI_ENABLE   1
#define EATS_FULL    (1ull << 28)
#define PRIQ         (RIG_REALM_MEMORY + RIG_REALM_SIZE - 0x10000)
#define STREAM       ((uint64_t)RIG_TDI << 32)
#define RESP_SUCCESS (2ull << 12)

/* X leads to A on one side and to B on the other. */
struct world {
    struct rig *rig;
    struct rig_smmu host;
    struct rig_smmu realm;
    struct rig_domain host_domain;
    struct rig_domain realm_domain;
};

static void setup(struct world *world, gconstpointer data)
{
    struct rig *rig;

    (void)data;
    rig = rig_start(NULL, RIG_REALM_ARGS " " RIG_TSM_ARGS " " RIG_TDI_ARGS);
    world->rig = rig;
    rig_smmu_init(&world->host, rig);
    rig_realm_init(&world->realm, rig);
    rig_domain_init(&world->host_domain, &world->host);
    rig_domain_init(&world->realm_domain, &world->realm);
    rig_map(&world->host_domain, X, A, TEEIO_TABLES_RW);
    rig_map(&world->realm_domain, X, B, TEEIO_TABLES_RW);
    rig_attach(&world->host, RIG_TDI, &world->host_domain);
    rig_attach(&world->realm, RIG_TDI, &world->realm_domain);
    teeio_qtest_memset(rig->qtest, A, IN_A, PAGE);
    teeio_qtest_memset(rig->qtest, B, IN_B, PAGE);
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, B, PAGE), ==,
                    TEEIO_TDISP_OK);
}

static void setup_enabled(struct world *world, gconstpointer data)
{
    setup(world, data);
    rig_smmu_enable(&world->host);
    rig_smmu_enable(&world->realm);
    rig_run(world->rig);
}

static void teardown(struct world *world, gconstpointer data)
{
    (void)data;
    rig_stop(world->rig);
}

static bool refused(struct world *world, uint64_t address, uint32_t flags)
{
    uint32_t checksum;

    return rig_checksum(world->rig, address, 64, flags, &checksum) ==
               TEEIO_TDI_STATUS_REFUSED &&
           checksum == rig_uniform_crc(0xff, 64);
}

static void no_event(struct rig_smmu *smmu)
{
    struct teeio_smmuv3_event event;

    g_assert_false(rig_event(smmu, &event));
}

static void expect_event(struct rig_smmu *smmu, unsigned type)
{
    struct teeio_smmuv3_event event;

    g_assert_true(rig_event(smmu, &event));
    g_assert_cmphex(event.dw[0], ==, type | STREAM);
    no_event(smmu);
}

static void test_flip(struct world *world, gconstpointer data)
{
    (void)data;
    for (int i = 0; i < 2; i++) {
        g_assert_true(rig_reads(world->rig, X, IN_B, 64, T1));
        g_assert_true(rig_reads(world->rig, X, IN_A, 64, 0));
    }
    no_event(&world->host);
    no_event(&world->realm);
}

static void test_registers(struct world *world, gconstpointer data)
{
    struct teeio_qtest *qtest = world->rig->qtest;

    (void)data;
    g_assert_cmphex(teeio_qtest_readl(qtest, RIG_REALM), ==, 0x01012400);
    g_assert_cmphex(teeio_qtest_readl(qtest, RIG_REALM + 4), ==, 0x80000000);
    g_assert_cmphex(teeio_qtest_readl(qtest, RIG_REALM + 0x44), ==, 0x00100000);
    g_assert_cmphex(teeio_qtest_readl(qtest, RIG_SMMU + 0x44), ==, 0x1000);
    teeio_qtest_qmp_ok(qtest, "system_reset", NULL);
    g_assert_cmphex(teeio_qtest_readl(qtest, RIG_REALM + 0x20), ==, 0x10);
    g_assert_cmphex(
        teeio_qtest_readq(qtest, RIG_REALM + TEEIO_SMMUV3_REG_CMDQ_BASE), ==,
        0);
}

/* What SMMUEN=0 means to each of them. */
static void test_disabled(struct world *world, gconstpointer data)
{
    (void)data;
    rig_run(world->rig);
    g_assert_true(refused(world, B, T1));
    g_assert_true(rig_reads(world->rig, A, IN_A, 64, 0));
    rig_smmu_enable(&world->realm);
    g_assert_true(rig_reads(world->rig, X, IN_B, 64, T1));
    g_assert_true(rig_reads(world->rig, A, IN_A, 64, 0));
    rig_smmu_enable(&world->host);
    g_assert_true(rig_reads(world->rig, X, IN_A, 64, 0));
}

static void test_events(struct world *world, gconstpointer data)
{
    struct teeio_qtest *qtest = world->rig->qtest;

    (void)data;
    rig_gic(world->rig);
    g_assert_true(refused(world, UNMAPPED, T1));
    teeio_qtest_irq_wait(qtest, SPI_EVENTQ, 1);
    g_assert_cmpuint(teeio_qtest_irq_raised(qtest, RIG_SPI_EVENTQ), ==, 0);
    expect_event(&world->realm, TEEIO_EVT_F_TRANSLATION);
    no_event(&world->host);
    g_assert_true(refused(world, UNMAPPED, 0));
    teeio_qtest_irq_wait(qtest, RIG_SPI_EVENTQ, 1);
    g_assert_cmpuint(teeio_qtest_irq_raised(qtest, SPI_EVENTQ), ==, 1);
    expect_event(&world->host, TEEIO_EVT_F_TRANSLATION);
    no_event(&world->realm);
}

/* Stage 1 ends in private memory; stage 2 may say something else. */
static void test_space(struct world *world, gconstpointer data)
{
    struct rig *rig = world->rig;
    struct teeio_tables_space stage2;
    struct teeio_tables_ste ste;
    uint64_t slot;

    (void)data;
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_SHARE, B, PAGE), ==,
                    TEEIO_TDISP_OK);
    g_assert_true(refused(world, X, T1));
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, B, PAGE), ==,
                    TEEIO_TDISP_OK);
    g_assert_true(rig_reads(rig, X, IN_B, 64, T1));

    g_assert_true(teeio_tables_space_init_stage2(&stage2, &world->realm.tables,
                                                 40, 12, 1));
    g_assert_true(teeio_tables_map(&stage2, X, B, 3, TEEIO_TABLES_S2_RW));
    g_assert_true(
        teeio_tables_map(&stage2, X + PAGE, A, 3, TEEIO_TABLES_S2_RW));
    slot = teeio_tables_slot(&stage2, X + PAGE, 3);
    teeio_qtest_writeq(rig->qtest, slot,
                       teeio_qtest_readq(rig->qtest, slot) | NS);
    ste = teeio_tables_ste_stage2(&stage2, VMID);
    rig_set_ste(&world->realm, RIG_TDI, ste);
    rig_sync(&world->realm);
    g_assert_true(rig_reads(rig, X, IN_B, 64, T1));
    g_assert_true(rig_reads(rig, X + PAGE, IN_A, 64, T1));
    /* The leaf and the owner have to agree. */
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, A, PAGE), ==,
                    TEEIO_TDISP_OK);
    g_assert_true(refused(world, X + PAGE, T1));
    no_event(&world->realm);
}

static void test_shared_table(struct world *world, gconstpointer data)
{
    struct rig *rig = world->rig;
    const struct {
        uint64_t table;
        unsigned type;
    } rows[] = {
        {teeio_tables_slot(&world->realm_domain.space, X, 3),
         TEEIO_EVT_F_WALK_EABT},
        {world->realm_domain.cd, TEEIO_EVT_F_CD_FETCH},
        {teeio_tables_ste_slot(&world->realm.streams, RIG_TDI),
         TEEIO_EVT_F_STE_FETCH},
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t page = rows[i].table & ~(uint64_t)(PAGE - 1);

        g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_SHARE, page, PAGE), ==,
                        TEEIO_TDISP_OK);
        g_assert_true(refused(world, X, T1));
        expect_event(&world->realm, rows[i].type);
        g_assert_true(rig_reads(rig, X, IN_A, 64, 0));
        g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, page, PAGE), ==,
                        TEEIO_TDISP_OK);
        g_assert_true(rig_reads(rig, X, IN_B, 64, T1));
    }
    no_event(&world->host);
}

/* The command queue of one side reaches nothing of the other. */
static void test_invalidation(struct world *world, gconstpointer data)
{
    struct rig *rig = world->rig;
    uint64_t slot = teeio_tables_slot(&world->realm_domain.space, X, 3);
    uint64_t leaf = teeio_qtest_readq(rig->qtest, slot);

    (void)data;
    teeio_qtest_memset(rig->qtest, B + PAGE, 0xcc, PAGE);
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, B + PAGE, PAGE), ==,
                    TEEIO_TDISP_OK);
    g_assert_true(rig_reads(rig, X, IN_B, 64, T1));
    teeio_qtest_writeq(rig->qtest, slot, leaf + PAGE);
    rig_sync(&world->host);
    g_assert_true(rig_reads(rig, X, IN_B, 64, T1));
    rig_sync(&world->realm);
    g_assert_true(rig_reads(rig, X, 0xcc, 64, T1));
}

static void set_control(struct rig *rig, uint16_t id, unsigned offset,
                        uint16_t value)
{
    unsigned at = teeio_qpci_extended(&rig->tdi, id);

    g_assert_cmpuint(at, !=, 0);
    teeio_qpci_writew(&rig->tdi, at + offset, value);
}

/* Queue a FILL of 16 bytes at @address and do not wait for it. */
static uint64_t start(struct rig *rig, uint64_t address, uint32_t flags)
{
    struct teeio_qtest *qtest = rig->qtest;
    uint64_t bar = rig->tdi.bar[0];
    uint32_t tail = teeio_qtest_readl(qtest, bar + TEEIO_TDI_REG_TAIL);
    uint64_t entry = bar + TEEIO_TDI_RING_OFFSET +
                     tail % TEEIO_TDI_RING_ENTRIES * TEEIO_TDI_DESC_SIZE;

    teeio_qtest_writel(qtest, entry + TEEIO_TDI_DESC_CONTROL,
                       TEEIO_TDI_OP_FILL | flags);
    teeio_qtest_writel(qtest, entry + TEEIO_TDI_DESC_LENGTH, 16);
    teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_DEST, address);
    teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_PATTERN, 0);
    teeio_qtest_writel(qtest, bar + TEEIO_TDI_REG_TAIL,
                       (tail + 1) % (2 * TEEIO_TDI_RING_WRAP));
    return entry + TEEIO_TDI_DESC_STATUS;
}

static void wait_until(struct rig *rig, uint64_t address, uint32_t value)
{
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;

    while (teeio_qtest_readl(rig->qtest, address) != value) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(200);
    }
}

/* A page request of T=1 goes to Realm, and only Realm answers it. */
static void test_page_request(struct world *world, gconstpointer data)
{
    struct rig *rig = world->rig;
    struct teeio_tables_ste ste =
        teeio_tables_ste_stage1(world->realm_domain.cd);
    uint64_t status;
    uint64_t group;

    (void)data;
    ste.dw[1] |= EATS_FULL;
    rig_set_ste(&world->realm, RIG_TDI, ste);
    set_control(rig, CAP_ATS, ATS_CONTROL, ATS_ENABLE);
    set_control(rig, CAP_PRI, PRI_CONTROL, PRI_ENABLE);
    rig_smmu_enable(&world->host);
    rig_smmu_enable(&world->realm);
    teeio_qtest_writeq(rig->qtest, RIG_REALM + TEEIO_SMMUV3_REG_PRIQ_BASE,
                       PRIQ | 3);
    teeio_qtest_writel(rig->qtest, RIG_REALM + TEEIO_SMMUV3_REG_CR0,
                       TEEIO_CR0_SMMUEN | TEEIO_CR0_CMDQEN |
                           TEEIO_CR0_EVENTQEN | TEEIO_CR0_PRIQEN);
    rig_run(rig);
    status = start(rig, UNMAPPED, T1 | TEEIO_TDI_DESC_ATS | TEEIO_TDI_DESC_PRI);
    wait_until(rig, RIG_REALM + TEEIO_SMMUV3_REG_PRIQ_PROD, 1);
    g_assert_cmphex(
        teeio_qtest_readl(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_PRIQ_PROD),
        ==, 0);
    group = teeio_qtest_readq(rig->qtest, PRIQ + 8) & TEEIO_PRI1_PRG_INDEX;
    rig_map(&world->realm_domain, UNMAPPED, B, TEEIO_TABLES_RW);
    rig_command(&world->host, TEEIO_CMD_PRI_RESP | STREAM,
                RESP_SUCCESS | group);
    g_assert_cmpuint(teeio_qtest_readl(rig->qtest, status), ==,
                     TEEIO_TDI_STATUS_PENDING);
    rig_command(&world->realm, TEEIO_CMD_PRI_RESP | STREAM,
                RESP_SUCCESS | group);
    wait_until(rig, status, TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, B, 0, 16));
}

#define ADD(name, start, test) \
    g_test_add("/smmuv3-realm/" name, struct world, NULL, start, test, teardown)

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    ADD("flip", setup_enabled, test_flip);
    ADD("registers", setup, test_registers);
    ADD("disabled", setup, test_disabled);
    ADD("events", setup_enabled, test_events);
    ADD("space", setup_enabled, test_space);
    ADD("shared-table", setup_enabled, test_shared_table);
    ADD("invalidation", setup_enabled, test_invalidation);
    ADD("page-request", setup, test_page_request);
    return g_test_run();
}
