/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * disabled-behaviour by the names of Linux drivers: what one read and one
 * write come to before the first attach, after the detach, after the unit was
 * off, and where nothing is mapped.
 */
#include "rig-smmu.h"
#include "teeio/disabled.h"

#define PAGE  0x1000u
#define LEN   16u
#define OLD   RIG_DATA
#define IOVA  (RIG_DATA + 0x20 * PAGE)
#define HOLE  (IOVA + PAGE)
#define SINK  (RIG_DATA + 0x40 * PAGE)
#define TABLE 0x42100000ull
#define OTHER (RIG_DATA + 0x60 * PAGE)

#define ARGS                                              \
    "-device teeio-smmuv3,id=smmu,disabled-behaviour=%s," \
    "disabled-sink=0x42040000,disabled-table=0x42100000," \
    "disabled-window=0x42020000,disabled-window-size=0x2000 " RIG_TDI_ARGS

/*
 * Each letter is an outcome; the order is before the first attach, after
 * detach, after detach and the unit off and on, nothing mapped.
 *
 *   i the bus address itself   o the page that was mapped   s the sink
 *   x the other table's page   a refused, no record         n the same
 *   c C_BAD_STE                t F_TRANSLATION              p F_PERMISSION
 */
static const struct row {
    const char *driver;
    const char *outcomes;
} rows[] = {
    {"linux-6.1:apple-dart", "ccct"},
    {"linux-6.1:exynos", "aiit"},
    {"linux-6.1:exynos-suspended", "aoit"},
    {"linux-6.1:ipmmu-vmsa", "iiit"},
    {"linux-6.1:mtk", "ioit"},
    {"linux-6.1:mtk-v1", "ioit"},
    {"linux-6.1:rockchip", "iiit"},
    {"linux-6.1:rockchip-suspended", "ioit"},
    {"linux-6.1:sprd", "iiis"},
    {"linux-6.1:sun50i", "iiit"},
    {"linux-6.1:amd", "ippt"},
    {"linux-6.1:qcom", "iiit"},
    {"linux-6.1:qcom-firmware", "iiit"},
    {"linux-6.1:intel", "icct"},
    {"linux-6.1:intel-claimed", "ittt"},
    {"linux-6.1:fsl-pamu", "icct"},
    {"linux-6.1:msm", "iiit"},
    {"linux-6.1:omap", "iiit"},
    {"linux-6.1:omap-suspended", "nnnt"},
    {"linux-6.1:s390", "xxxt"},
    {"linux-6.1:s390-release", "xcct"},
    {"linux-6.1:tegra-gart", "toot"},
    {"linux-6.1:tegra-smmu", "iiit"},
    {"linux-6.1:arm-smmu", "coct"},
    {"linux-6.1:arm-smmu-v3", "aaat"},
    {"linux-7.1:sprd", "isss"},
    {"linux-7.1:amd", "icct"},
    {"linux-7.1:s390", "ccct"},
    {"linux-7.1:arm-smmu", "ccct"},
};

static const struct place {
    uint64_t gpa;
    uint8_t value;
    char outcome;
} places[] = {
    {OLD, 0x11, 'o'},  {IOVA, 0x22, 'i'},  {HOLE, 0x33, 'i'},
    {SINK, 0x44, 's'}, {OTHER, 0x55, 'x'},
};

static char outcome_of(uint32_t event)
{
    switch (event) {
    case TEEIO_EVT_C_BAD_STE:
        return 'c';
    case TEEIO_EVT_F_TRANSLATION:
        return 't';
    case TEEIO_EVT_F_PERMISSION:
        return 'p';
    default:
        return '?';
    }
}

/* The records of one request, which may be several TLPs; 'a' without any. */
static char take_record(struct rig_smmu *smmu)
{
    struct teeio_smmuv3_event event;
    char outcome = 'a';

    while (rig_event(smmu, &event)) {
        char next = outcome_of(event.dw[0] & TEEIO_EVT0_TYPE);

        g_assert_true(outcome == 'a' || outcome == next);
        outcome = next;
    }
    return outcome;
}

static char try_read(struct rig_smmu *smmu, uint64_t address)
{
    struct rig *rig = smmu->rig;
    uint32_t checksum;

    if (rig_checksum(rig, address, LEN, 0, &checksum) ==
        TEEIO_TDI_STATUS_REFUSED) {
        g_assert_cmphex(checksum, ==, rig_uniform_crc(0xff, LEN));
        return take_record(smmu);
    }
    g_assert_cmpint(take_record(smmu), ==, 'a');
    for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
        if (checksum == rig_uniform_crc(places[i].value, LEN)) {
            return places[i].outcome;
        }
    }
    return '?';
}

/* A write that lands anywhere else than a read is found by its page. */
static char try_write(struct rig_smmu *smmu, uint64_t address)
{
    struct rig *rig = smmu->rig;
    char outcome = 0;

    rig_fill(rig, address, LEN, 0x99, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
        if (teeio_qtest_uniform(rig->qtest, places[i].gpa, 0x99, LEN)) {
            g_assert_cmpint(outcome, ==, 0);
            outcome = places[i].outcome;
        } else {
            g_assert_true(teeio_qtest_uniform(rig->qtest, places[i].gpa,
                                              places[i].value, LEN));
        }
    }
    if (outcome) {
        g_assert_cmpint(take_record(smmu), ==, 'a');
        return outcome;
    }
    return take_record(smmu);
}

static void expect(struct rig_smmu *smmu, uint64_t address, char wanted,
                   const char *when)
{
    char letter = wanted == 'n' ? 'a' : wanted;
    char read, write;

    for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
        teeio_qtest_memset(smmu->rig->qtest, places[i].gpa, places[i].value,
                           LEN);
    }
    read = try_read(smmu, address);
    write = try_write(smmu, address);
    if (read != letter || write != letter) {
        g_error("%s: expected %c, the read gave %c and the write %c", when,
                letter, read, write);
    }
}

static void detach(struct rig_smmu *smmu)
{
    rig_set_ste(smmu, RIG_TDI, teeio_tables_ste_abort());
    rig_command(smmu, TEEIO_CMD_CFGI_STE | (uint64_t)RIG_TDI << 32, 1);
    rig_command(smmu, TEEIO_CMD_TLBI_NSNH_ALL, 0);
    rig_command(smmu, TEEIO_CMD_SYNC, 0);
}

static void power_cycle(struct rig_smmu *smmu)
{
    teeio_qtest_writel(smmu->rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0,
                       TEEIO_CR0_CMDQEN | TEEIO_CR0_EVENTQEN);
    rig_smmu_enable(smmu);
}

static struct rig *start(const char *behaviour, struct rig_smmu *smmu,
                         struct rig_domain *domain)
{
    g_autofree char *args = g_strdup_printf(ARGS, behaviour);
    struct rig *rig = rig_start(NULL, args);
    struct rig_domain other;
    struct teeio_tables_ste ste;

    rig_smmu_init(smmu, rig);
    rig_domain_init(domain, smmu);
    rig_map(domain, IOVA, OLD, TEEIO_TABLES_RW);
    rig_domain_init(&other, smmu);
    rig_map(&other, IOVA, OTHER, TEEIO_TABLES_RW);
    ste = teeio_tables_ste_stage1(other.cd);
    for (unsigned i = 0; i < G_N_ELEMENTS(ste.dw); i++) {
        teeio_qtest_writeq(rig->qtest, TABLE + RIG_TDI * sizeof(ste) + 8 * i,
                           ste.dw[i]);
    }
    rig_set_ste(smmu, RIG_TDI, teeio_tables_ste_abort());
    rig_smmu_enable(smmu);
    return rig;
}

static void test_driver(gconstpointer data)
{
    const struct row *row = data;
    struct rig_smmu smmu;
    struct rig_domain domain;
    struct rig *rig = start(row->driver, &smmu, &domain);

    expect(&smmu, IOVA, row->outcomes[0], "before attach");
    rig_attach(&smmu, RIG_TDI, &domain);
    rig_sync(&smmu);
    expect(&smmu, IOVA, 'o', "attached");
    expect(&smmu, HOLE, row->outcomes[3], "not mapped");
    detach(&smmu);
    expect(&smmu, IOVA, row->outcomes[1], "detached");
    power_cycle(&smmu);
    expect(&smmu, IOVA, row->outcomes[2], "off and on");
    rig_attach(&smmu, RIG_TDI, &domain);
    rig_sync(&smmu);
    expect(&smmu, IOVA, 'o', "attached again");
    rig_stop(rig);
}

/* The request waits until the stream is attached again. */
static void test_stall(void)
{
    struct rig_smmu smmu;
    struct rig_domain domain;
    struct teeio_smmuv3_event event;
    struct rig *rig = start("detach:stall", &smmu, &domain);
    uint64_t bar = rig->tdi.bar[0];
    uint64_t entry = bar + TEEIO_TDI_RING_OFFSET;
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;

    rig_attach(&smmu, RIG_TDI, &domain);
    rig_command(&smmu, TEEIO_CMD_CFGI_STE | (uint64_t)RIG_TDI << 32, 1);
    detach(&smmu);
    teeio_qtest_writel(rig->qtest, entry + TEEIO_TDI_DESC_CONTROL,
                       TEEIO_TDI_OP_FILL);
    teeio_qtest_writel(rig->qtest, entry + TEEIO_TDI_DESC_LENGTH, LEN);
    teeio_qtest_writeq(rig->qtest, entry + TEEIO_TDI_DESC_DEST, IOVA);
    teeio_qtest_writeq(rig->qtest, entry + TEEIO_TDI_DESC_PATTERN,
                       0x9999999999999999);
    teeio_qtest_writel(rig->qtest, bar + TEEIO_TDI_REG_TAIL, 1);
    while (!rig_event(&smmu, &event)) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(1000);
    }
    g_assert_cmphex(event.dw[1] & TEEIO_EVT1_STALL, !=, 0);
    g_assert_cmpuint(teeio_qtest_readl(rig->qtest, bar + TEEIO_TDI_REG_HEAD),
                     ==, 0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, OLD, 0, LEN));
    rig_attach(&smmu, RIG_TDI, &domain);
    rig_command(&smmu, TEEIO_CMD_CFGI_STE | (uint64_t)RIG_TDI << 32, 1);
    while (!teeio_qtest_readl(rig->qtest, bar + TEEIO_TDI_REG_HEAD)) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(1000);
    }
    g_assert_true(teeio_qtest_uniform(rig->qtest, OLD, 0x99, LEN));
    rig_stop(rig);
}

/* One of QEMU's own devices goes the same way. */
static void test_stock(void)
{
    struct rig_smmu smmu;
    struct rig_domain domain;
    struct rig *rig =
        rig_start(NULL, "-device teeio-smmuv3,id=smmu,disabled-behaviour="
                        "block/detach:bypass/unmapped:sink,"
                        "disabled-sink=0x42040000 " RIG_EDU_ARGS);

    rig_smmu_init(&smmu, rig);
    rig_domain_init(&domain, &smmu);
    rig_map(&domain, IOVA, OLD, TEEIO_TABLES_RW);
    rig_set_ste(&smmu, RIG_EDU, teeio_tables_ste_abort());
    rig_smmu_enable(&smmu);
    teeio_qtest_memset(rig->qtest, OLD, 0x11, LEN);
    rig_edu_read(rig, IOVA, LEN);
    g_assert_cmpint(take_record(&smmu), ==, 'c');
    rig_attach(&smmu, RIG_EDU, &domain);
    rig_sync(&smmu);
    rig_edu_read(rig, IOVA, LEN);
    rig_edu_write(rig, HOLE, LEN);
    g_assert_true(teeio_qtest_uniform(rig->qtest, SINK, 0x11, LEN));
    rig_set_ste(&smmu, RIG_EDU, teeio_tables_ste_abort());
    rig_sync(&smmu);
    rig_edu_write(rig, IOVA, LEN);
    g_assert_true(teeio_qtest_uniform(rig->qtest, IOVA, 0x11, LEN));
    g_assert_cmpint(take_record(&smmu), ==, 'a');
    rig_stop(rig);
}

/* Each of the 19 drivers has its row here. */
static void test_complete(void)
{
    const struct teeio_disabled_row *row;

    for (size_t i = 0; (row = teeio_disabled_driver(i)); i++) {
        bool found = !g_str_has_prefix(row->name, "linux-6.1:");

        for (unsigned n = 0; n < G_N_ELEMENTS(rows); n++) {
            found |= g_str_equal(rows[n].driver, row->name);
        }
        if (!found) {
            g_error("%s is not tested", row->name);
        }
    }
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/disabled/complete", test_complete);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/disabled/%s", rows[i].driver);

        g_test_add_data_func(path, &rows[i], test_driver);
    }
    g_test_add_func("/disabled/stall", test_stall);
    g_test_add_func("/disabled/stock", test_stock);
    return g_test_run();
}
