/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * DMA that the SMMU refuses: the right record, the interrupt, and a queue
 * that overflows in good order.
 */

#include "rig-smmu.h"

#define PAGE     0x1000u
#define A        RIG_DATA
#define IOVA     0x62345000ull
#define NO_RAM   0x07f00000000ull
#define CLASS_IN ((uint64_t)TEEIO_EVT_CLASS_IN << 40)
#define CLASS_TT ((uint64_t)TEEIO_EVT_CLASS_TT << 40)

#define STE_V    1ull
#define CD_V     (1ull << 31)

/**
 * struct fault - one way to fail
 * @spoil: breaks a machine in which @IOVA is mapped
 * @type, @dw1: of the record for a read of @IOVA
 * @input: the record has an InputAddr
 */
struct fault {
    const char *name;
    void (*spoil)(struct rig_smmu *smmu, struct rig_domain *domain);
    unsigned type;
    uint64_t dw1;
    bool input;
};

static void flip(struct rig_smmu *smmu, uint64_t gpa, uint64_t bits)
{
    teeio_tables_put(&smmu->tables, gpa,
                     teeio_tables_get(&smmu->tables, gpa) ^ bits);
}

static uint64_t slot(struct rig_domain *domain, unsigned level)
{
    uint64_t gpa = teeio_tables_slot(&domain->space, IOVA, level);

    g_assert_cmphex(gpa, !=, 0);
    return gpa;
}

static uint64_t ste(struct rig_smmu *smmu)
{
    return teeio_tables_ste_slot(&smmu->streams, RIG_TDI);
}

static void spoil_page(struct rig_smmu *smmu, struct rig_domain *domain)
{
    teeio_tables_put(&smmu->tables, slot(domain, 3), 0);
}

static void spoil_table(struct rig_smmu *smmu, struct rig_domain *domain)
{
    teeio_tables_put(&smmu->tables, slot(domain, 2), 0);
}

static void spoil_accessed(struct rig_smmu *smmu, struct rig_domain *domain)
{
    flip(smmu, slot(domain, 3), TEEIO_TABLES_ACCESSED);
}

static void spoil_user(struct rig_smmu *smmu, struct rig_domain *domain)
{
    flip(smmu, slot(domain, 3), TEEIO_TABLES_USER);
}

/* Bit 47 of the output address is beyond the CD's 44 bits. */
static void spoil_output(struct rig_smmu *smmu, struct rig_domain *domain)
{
    flip(smmu, slot(domain, 3), 1ull << 47);
}

static void spoil_walk(struct rig_smmu *smmu, struct rig_domain *domain)
{
    teeio_tables_put(&smmu->tables, slot(domain, 2), NO_RAM | 3);
}

static void spoil_cd(struct rig_smmu *smmu, struct rig_domain *domain)
{
    flip(smmu, domain->cd, CD_V);
}

static void spoil_cd_fetch(struct rig_smmu *smmu, struct rig_domain *domain)
{
    (void)domain;
    rig_set_ste(smmu, RIG_TDI, teeio_tables_ste_stage1(NO_RAM));
}

static void spoil_ste(struct rig_smmu *smmu, struct rig_domain *domain)
{
    (void)domain;
    flip(smmu, ste(smmu), STE_V);
}

/* Config 7: with stage 2, whose fields are all zero. */
static void spoil_ste_config(struct rig_smmu *smmu, struct rig_domain *domain)
{
    (void)domain;
    flip(smmu, ste(smmu), 2ull << 1);
}

static void spoil_span(struct rig_smmu *smmu, struct rig_domain *domain)
{
    (void)domain;
    teeio_tables_put(&smmu->tables,
                     teeio_tables_l1_slot(&smmu->streams, RIG_TDI), 0);
}

static void spoil_ste_fetch(struct rig_smmu *smmu, struct rig_domain *domain)
{
    (void)domain;
    teeio_tables_put(&smmu->tables,
                     teeio_tables_l1_slot(&smmu->streams, RIG_TDI), NO_RAM | 7);
}

static const struct fault faults[] = {
    {"translation", spoil_page, TEEIO_EVT_F_TRANSLATION, CLASS_IN, true},
    {"translation-table", spoil_table, TEEIO_EVT_F_TRANSLATION, CLASS_IN, true},
    {"access", spoil_accessed, TEEIO_EVT_F_ACCESS, CLASS_IN, true},
    {"permission", spoil_user, TEEIO_EVT_F_PERMISSION, CLASS_IN, true},
    {"addr-size", spoil_output, TEEIO_EVT_F_ADDR_SIZE, CLASS_IN, true},
    {"walk-eabt", spoil_walk, TEEIO_EVT_F_WALK_EABT, CLASS_TT, true},
    {"bad-cd", spoil_cd, TEEIO_EVT_C_BAD_CD, 0, false},
    {"cd-fetch", spoil_cd_fetch, TEEIO_EVT_F_CD_FETCH, 0, false},
    {"bad-ste", spoil_ste, TEEIO_EVT_C_BAD_STE, 0, false},
    {"bad-ste-config", spoil_ste_config, TEEIO_EVT_C_BAD_STE, 0, false},
    {"bad-streamid", spoil_span, TEEIO_EVT_C_BAD_STREAMID, 0, false},
    {"ste-fetch", spoil_ste_fetch, TEEIO_EVT_F_STE_FETCH, 0, false},
};

static struct rig *start(const char *args, struct rig_smmu *smmu,
                         struct rig_domain *domain)
{
    struct rig *rig = rig_start(NULL, args);

    rig_smmu_init(smmu, rig);
    rig_domain_init(domain, smmu);
    rig_map(domain, IOVA, A, TEEIO_TABLES_RW);
    rig_map(domain, IOVA + PAGE, A + PAGE, TEEIO_TABLES_RO);
    rig_attach(smmu, RIG_TDI, domain);
    rig_attach(smmu, RIG_EDU, domain);
    return rig;
}

static void check_event(const struct teeio_smmuv3_event *event, unsigned type,
                        uint32_t stream, uint64_t dw1, uint64_t input)
{
    g_assert_cmphex(event->dw[0], ==, type | (uint64_t)stream << 32);
    g_assert_cmphex(event->dw[1], ==, dw1);
    g_assert_cmphex(event->dw[2], ==, input);
}

static void test_fault(gconstpointer opaque)
{
    const struct fault *fault = opaque;
    struct teeio_smmuv3_event event;
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start(RIG_SMMU_ARGS " " RIG_TDI_ARGS, &smmu, &domain);
    uint64_t read = fault->input ? TEEIO_EVT1_RNW : 0;
    uint32_t checksum;

    rig_gic(rig);
    rig_smmu_enable(&smmu);
    g_assert_true(rig_reads(rig, IOVA, 0, 16, 0));
    g_assert_false(rig_event(&smmu, &event));

    fault->spoil(&smmu, &domain);
    rig_sync(&smmu);
    g_assert_cmpuint(rig_checksum(rig, IOVA + 4, 16, 0, &checksum), ==,
                     TEEIO_TDI_STATUS_REFUSED);
    g_assert_cmphex(checksum, ==, rig_uniform_crc(0xff, 16));
    teeio_qtest_irq_wait(rig->qtest, RIG_SPI_EVENTQ, 1);
    g_assert_true(rig_event(&smmu, &event));
    check_event(&event, fault->type, RIG_TDI, fault->dw1 | read,
                fault->input ? IOVA + 4 : 0);

    /* The write is refused alike, but not as a read. */
    rig_fill(rig, IOVA + 8, 8, 0x99, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0, 64));
    g_assert_true(rig_event(&smmu, &event));
    check_event(&event, fault->type, RIG_TDI, fault->dw1,
                fault->input ? IOVA + 8 : 0);
    g_assert_false(rig_event(&smmu, &event));
    g_assert_cmpint(rig_counter(rig, "smmu", "faults"), ==, 2);
    rig_stop(rig);
}

/* The address of a failed fetch is in the record. */
static void test_fetch_address(void)
{
    struct teeio_smmuv3_event event;
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start(RIG_SMMU_ARGS " " RIG_TDI_ARGS, &smmu, &domain);
    uint32_t checksum;

    spoil_cd_fetch(&smmu, &domain);
    rig_smmu_enable(&smmu);
    rig_checksum(rig, IOVA, 16, 0, &checksum);
    g_assert_true(rig_event(&smmu, &event));
    g_assert_cmphex(event.dw[3], ==, NO_RAM);
    rig_stop(rig);
}

static void test_read_only(void)
{
    struct teeio_smmuv3_event event;
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start(RIG_SMMU_ARGS " " RIG_TDI_ARGS, &smmu, &domain);

    rig_smmu_enable(&smmu);
    g_assert_true(rig_reads(rig, IOVA + PAGE, 0, 16, 0));
    g_assert_false(rig_event(&smmu, &event));
    rig_fill(rig, IOVA + PAGE, 8, 0x99, 0);
    g_assert_true(rig_event(&smmu, &event));
    check_event(&event, TEEIO_EVT_F_PERMISSION, RIG_TDI, CLASS_IN, IOVA + PAGE);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A + PAGE, 0, 64));
    rig_stop(rig);
}

static void test_stock(void)
{
    struct teeio_smmuv3_event event;
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start(RIG_SMMU_ARGS " " RIG_EDU_ARGS, &smmu, &domain);

    rig_gic(rig);
    rig_smmu_enable(&smmu);
    /* QEMU asks again for every eight bytes of a refused transfer. */
    rig_edu_write(rig, IOVA + 2 * PAGE, 8);
    g_assert_true(rig_event(&smmu, &event));
    check_event(&event, TEEIO_EVT_F_TRANSLATION, RIG_EDU, CLASS_IN,
                IOVA + 2 * PAGE);
    rig_edu_write(rig, IOVA + PAGE, 8);
    g_assert_true(rig_event(&smmu, &event));
    check_event(&event, TEEIO_EVT_F_PERMISSION, RIG_EDU, CLASS_IN, IOVA + PAGE);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A + PAGE, 0, 64));
    g_assert_false(rig_event(&smmu, &event));
    teeio_qtest_irq_wait(rig->qtest, RIG_SPI_EVENTQ, 2);
    rig_stop(rig);
}

/* With CD.A at 0 a refused access seems to work: zeros, whoever reads. */
static void test_quiet(void)
{
    struct teeio_smmuv3_event event;
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig =
        start(RIG_SMMU_ARGS " " RIG_TDI_ARGS " " RIG_EDU_ARGS, &smmu, &domain);

    rig_smmu_enable(&smmu);
    for (int quiet = 0; quiet <= 1; quiet++) {
        rig_edu_read(rig, IOVA + 2 * PAGE, 8);
        rig_edu_write(rig, IOVA, 8);
        g_assert_true(teeio_qtest_uniform(rig->qtest, A, quiet ? 0 : 0xff, 8));
        g_assert_true(rig_event(&smmu, &event));
        check_event(&event, TEEIO_EVT_F_TRANSLATION, RIG_EDU,
                    TEEIO_EVT1_RNW | CLASS_IN, IOVA + 2 * PAGE);
        flip(&smmu, domain.cd, TEEIO_CD0_A);
        rig_sync(&smmu);
    }
    flip(&smmu, domain.cd, TEEIO_CD0_A);
    rig_sync(&smmu);
    g_assert_true(rig_reads(rig, IOVA + 2 * PAGE, 0, 8, 0));
    rig_stop(rig);
}

/* Software that does not look loses records, and is told so. */
static void test_overflow(void)
{
    const unsigned entries = 1u << RIG_QUEUE_LOG2;
    struct teeio_smmuv3_event event;
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start(RIG_SMMU_ARGS " " RIG_TDI_ARGS, &smmu, &domain);
    uint64_t prod = RIG_SMMU + TEEIO_SMMUV3_REG_EVENTQ_PROD;

    rig_gic(rig);
    rig_smmu_enable(&smmu);
    for (unsigned i = 0; i < entries; i++) {
        rig_fill(rig, i * PAGE, 8, 1, 0);
    }
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, prod), ==, entries);
    g_assert_cmpint(rig_counter(rig, "smmu", "events-lost"), ==, 0);
    rig_fill(rig, 0x100 * PAGE, 24, 1, 0);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, prod), ==,
                    entries | TEEIO_QUEUE_OVERFLOW);
    rig_fill(rig, 0x100 * PAGE, 24, 1, 0);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, prod), ==,
                    entries | TEEIO_QUEUE_OVERFLOW);
    g_assert_cmpint(rig_counter(rig, "smmu", "events-lost"), ==, 2);
    /* Only the first record found the queue empty. */
    g_assert_cmpuint(teeio_qtest_irq_raised(rig->qtest, RIG_SPI_EVENTQ), ==, 1);

    for (unsigned i = 0; i < entries; i++) {
        g_assert_true(rig_event(&smmu, &event));
        g_assert_cmphex(event.dw[2], ==, i * PAGE);
    }
    g_assert_false(rig_event(&smmu, &event));
    rig_fill(rig, 0x200 * PAGE, 8, 1, 0);
    g_assert_true(rig_event(&smmu, &event));
    g_assert_cmphex(event.dw[2], ==, 0x200 * PAGE);
    rig_stop(rig);
}

static void test_queue_disabled(void)
{
    struct teeio_smmuv3_event event;
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start(RIG_SMMU_ARGS " " RIG_TDI_ARGS, &smmu, &domain);

    rig_gic(rig);
    rig_smmu_enable(&smmu);
    teeio_qtest_writel(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0,
                       TEEIO_CR0_SMMUEN | TEEIO_CR0_CMDQEN);
    rig_fill(rig, 0, 8, 1, 0);
    g_assert_false(rig_event(&smmu, &event));
    g_assert_cmpuint(teeio_qtest_irq_raised(rig->qtest, RIG_SPI_EVENTQ), ==, 0);
    g_assert_cmpint(rig_counter(rig, "smmu", "faults"), ==, 1);
    rig_stop(rig);
}

/* With an address the interrupt arrives in memory, not by wire. */
static void test_msi(void)
{
    const uint64_t where = A + 4 * PAGE;
    struct teeio_smmuv3_event event;
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig *rig = start(RIG_SMMU_ARGS " " RIG_TDI_ARGS, &smmu, &domain);

    rig_gic(rig);
    teeio_qtest_writel(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_IRQ_CTRL, 0);
    teeio_qtest_writeq(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG0,
                       where);
    teeio_qtest_writel(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG1,
                       0x12344321);
    teeio_qtest_writel(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_IRQ_CTRL,
                       TEEIO_IRQ_CTRL_EVENTQ);
    rig_smmu_enable(&smmu);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, where), ==, 0);
    rig_fill(rig, 0, 8, 1, 0);
    g_assert_true(rig_event(&smmu, &event));
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, where), ==, 0x12344321);
    g_assert_cmpuint(teeio_qtest_irq_raised(rig->qtest, RIG_SPI_EVENTQ), ==, 0);
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autofree char *path =
            g_strdup_printf("/smmuv3-faults/%s", faults[i].name);

        g_test_add_data_func(path, &faults[i], test_fault);
    }
    g_test_add_func("/smmuv3-faults/fetch-address", test_fetch_address);
    g_test_add_func("/smmuv3-faults/read-only", test_read_only);
    g_test_add_func("/smmuv3-faults/stock", test_stock);
    g_test_add_func("/smmuv3-faults/quiet", test_quiet);
    g_test_add_func("/smmuv3-faults/overflow", test_overflow);
    g_test_add_func("/smmuv3-faults/msi", test_msi);
    g_test_add_func("/smmuv3-faults/queue-disabled", test_queue_disabled);
    return g_test_run();
}
