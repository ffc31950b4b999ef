/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The SMMU's registers and its command queue, as a driver meets them.
 */

#include "rig.h"
#include "teeio/spec/smmuv3.h"

#define CMDQ          RIG_DATA
#define CMDQ_LOG2     3u
#define CMDQ_ENTRIES  (1u << CMDQ_LOG2)

#define SPI_CMDQ_SYNC (RIG_SMMU_SPI + 2)
#define SPI_GERROR    (RIG_SMMU_SPI + 3)

static uint32_t get(struct rig *rig, uint64_t offset)
{
    return teeio_qtest_readl(rig->qtest, RIG_SMMU + offset);
}

static void set(struct rig *rig, uint64_t offset, uint32_t value)
{
    teeio_qtest_writel(rig->qtest, RIG_SMMU + offset, value);
}

static void test_identification(void)
{
    struct rig *rig = rig_start(NULL, RIG_SMMU_ARGS);
    uint32_t idr0 = get(rig, TEEIO_SMMUV3_REG_IDR0);
    uint32_t needed = TEEIO_IDR0_S1P | TEEIO_IDR0_TTF_AARCH64 |
                      TEEIO_IDR0_COHACC | TEEIO_IDR0_ST_LEVEL_2;

    g_assert_cmphex(idr0 & needed, ==, needed);
    g_assert_cmpuint(get(rig, TEEIO_SMMUV3_REG_IDR1) & TEEIO_IDR1_SIDSIZE, >=,
                     16);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_IDR5) & TEEIO_IDR5_GRAN4K, !=, 0);
    for (uint64_t i = TEEIO_SMMUV3_REG_IDR0; i <= TEEIO_SMMUV3_REG_AIDR;
         i += 4) {
        uint32_t before = get(rig, i);

        set(rig, i, ~before);
        g_assert_cmphex(get(rig, i), ==, before);
    }
    rig_stop(rig);
}

static void test_acknowledge(void)
{
    struct rig *rig = rig_start(NULL, RIG_SMMU_ARGS);
    uint32_t all = TEEIO_CR0_SMMUEN | TEEIO_CR0_PRIQEN | TEEIO_CR0_EVENTQEN |
                   TEEIO_CR0_CMDQEN | TEEIO_CR0_ATSCHK;

    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_CR0), ==, 0);
    set(rig, TEEIO_SMMUV3_REG_CR0, UINT32_MAX);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_CR0), ==, all);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_CR0ACK), ==, all);
    set(rig, TEEIO_SMMUV3_REG_CR0, 0);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_CR0ACK), ==, 0);

    set(rig, TEEIO_SMMUV3_REG_IRQ_CTRL, UINT32_MAX);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_IRQ_CTRLACK), ==,
                    TEEIO_IRQ_CTRL_GERROR | TEEIO_IRQ_CTRL_PRIQ |
                        TEEIO_IRQ_CTRL_EVENTQ);
    rig_stop(rig);
}

static void test_gbpa(void)
{
    struct rig *rig = rig_start(NULL, RIG_SMMU_ARGS);

    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_GBPA), ==,
                    TEEIO_GBPA_SHCFG_INCOMING);
    set(rig, TEEIO_SMMUV3_REG_GBPA, TEEIO_GBPA_ABORT);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_GBPA) & TEEIO_GBPA_ABORT, ==, 0);
    set(rig, TEEIO_SMMUV3_REG_GBPA, TEEIO_GBPA_ABORT | TEEIO_GBPA_UPDATE);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_GBPA) &
                        (TEEIO_GBPA_ABORT | TEEIO_GBPA_UPDATE),
                    ==, TEEIO_GBPA_ABORT);
    rig_stop(rig);
}

static void test_64_bit(void)
{
    struct rig *rig = rig_start(NULL, RIG_SMMU_ARGS);
    struct teeio_qtest *qtest = rig->qtest;
    static const uint64_t registers[] = {
        TEEIO_SMMUV3_REG_STRTAB_BASE,     TEEIO_SMMUV3_REG_CMDQ_BASE,
        TEEIO_SMMUV3_REG_EVENTQ_BASE,     TEEIO_SMMUV3_REG_PRIQ_BASE,
        TEEIO_SMMUV3_REG_GERROR_IRQ_CFG0,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(registers); i++) {
        uint64_t address = RIG_SMMU + registers[i];

        teeio_qtest_writeq(qtest, address, 0x8765430000);
        g_assert_cmphex(teeio_qtest_readq(qtest, address), ==, 0x8765430000);
        g_assert_cmphex(teeio_qtest_readl(qtest, address), ==, 0x65430000);
        g_assert_cmphex(teeio_qtest_readl(qtest, address + 4), ==, 0x87);
        teeio_qtest_writel(qtest, address, 0x12340000);
        teeio_qtest_writel(qtest, address + 4, 0x3);
        g_assert_cmphex(teeio_qtest_readq(qtest, address), ==, 0x312340000);
    }
    rig_stop(rig);
}

/* What describes a structure in use is read-only. */
static void test_guards(void)
{
    struct rig *rig = rig_start(NULL, RIG_SMMU_ARGS);
    static const struct {
        uint64_t offset;
        uint32_t enable;
    } rows[] = {
        {TEEIO_SMMUV3_REG_CR2, TEEIO_CR0_SMMUEN},
        {TEEIO_SMMUV3_REG_STRTAB_BASE, TEEIO_CR0_SMMUEN},
        {TEEIO_SMMUV3_REG_STRTAB_BASE_CFG, TEEIO_CR0_SMMUEN},
        {TEEIO_SMMUV3_REG_CMDQ_BASE, TEEIO_CR0_CMDQEN},
        {TEEIO_SMMUV3_REG_CMDQ_CONS, TEEIO_CR0_CMDQEN},
        {TEEIO_SMMUV3_REG_EVENTQ_BASE, TEEIO_CR0_EVENTQEN},
        {TEEIO_SMMUV3_REG_EVENTQ_PROD, TEEIO_CR0_EVENTQEN},
        {TEEIO_SMMUV3_REG_PRIQ_BASE, TEEIO_CR0_PRIQEN},
        {TEEIO_SMMUV3_REG_PRIQ_PROD, TEEIO_CR0_PRIQEN},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        set(rig, TEEIO_SMMUV3_REG_CR0, rows[i].enable);
        set(rig, rows[i].offset, UINT32_MAX);
        g_assert_cmphex(get(rig, rows[i].offset), ==, 0);
        set(rig, TEEIO_SMMUV3_REG_CR0, 0);
        set(rig, rows[i].offset, UINT32_MAX);
        g_assert_cmphex(get(rig, rows[i].offset), !=, 0);
        set(rig, rows[i].offset, 0);
    }
    rig_stop(rig);
}

/* The pointers of output queues answer in both pages. */
static void test_page_1(void)
{
    struct rig *rig = rig_start(NULL, RIG_SMMU_ARGS);

    set(rig, TEEIO_SMMUV3_REG_EVENTQ_PROD, 5);
    set(rig, TEEIO_SMMUV3_REG_EVENTQ_CONS, 3);
    g_assert_cmphex(get(rig, 0xa8), ==, 5);
    g_assert_cmphex(get(rig, 0xac), ==, 3);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_EVENTQ_PROD), ==, 5);
    set(rig, TEEIO_SMMUV3_REG_PRIQ_CONS, 7);
    g_assert_cmphex(get(rig, 0xcc), ==, 7);
    rig_stop(rig);
}

/* Odd accesses and the space between registers: nothing happens. */
static void test_odd_accesses(void)
{
    struct rig *rig = rig_start(NULL, RIG_SMMU_ARGS);
    struct teeio_qtest *qtest = rig->qtest;

    teeio_qtest_writeb(qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0, 0xff);
    teeio_qtest_writew(qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0, 0xffff);
    teeio_qtest_writel(qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0 + 2, 0xffff);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_CR0), ==, 0);
    teeio_qtest_writeq(qtest, RIG_SMMU + 0x1ff8, UINT64_MAX);
    g_assert_cmphex(teeio_qtest_readq(qtest, RIG_SMMU + 0x1ff8), ==, 0);
    g_assert_cmphex(teeio_qtest_readl(qtest, RIG_SMMU + 0x1fffc), ==, 0);
    rig_stop(rig);
}

static struct rig *start_with_cmdq(void)
{
    struct rig *rig = rig_start(NULL, RIG_SMMU_ARGS);

    rig_gic(rig);
    teeio_qtest_writeq(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CMDQ_BASE,
                       CMDQ | CMDQ_LOG2);
    set(rig, TEEIO_SMMUV3_REG_IRQ_CTRL, TEEIO_IRQ_CTRL_GERROR);
    set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_CMDQEN);
    return rig;
}

static void put_command(struct rig *rig, uint32_t pointer, uint64_t dw0,
                        uint64_t dw1)
{
    uint64_t entry = CMDQ + pointer % CMDQ_ENTRIES * 16;

    teeio_qtest_writeq(rig->qtest, entry, dw0);
    teeio_qtest_writeq(rig->qtest, entry + 8, dw1);
}

static void wait_cons(struct rig *rig, uint32_t cons)
{
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;

    while (get(rig, TEEIO_SMMUV3_REG_CMDQ_CONS) != cons) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(200);
    }
}

static void test_commands(void)
{
    struct rig *rig = start_with_cmdq();
    uint32_t pointer = 0;

    /* Three times around, so that the wrap bit is seen in both values. */
    for (unsigned i = 0; i < 3 * CMDQ_ENTRIES; i++) {
        put_command(rig, pointer,
                    i % 2 ? TEEIO_CMD_CFGI_STE_RANGE : TEEIO_CMD_SYNC,
                    i % 2 ? TEEIO_CFGI_RANGE_ALL : 0);
        pointer = (pointer + 1) % (2 * CMDQ_ENTRIES);
        set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, pointer);
        wait_cons(rig, pointer);
    }
    g_assert_cmpint(rig_counter(rig, "smmu", "commands"), ==, 3 * CMDQ_ENTRIES);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_GERROR), ==, 0);
    g_assert_cmpuint(teeio_qtest_irq_raised(rig->qtest, SPI_CMDQ_SYNC), ==, 0);
    rig_stop(rig);
}

static void test_sync_interrupt(void)
{
    struct rig *rig = start_with_cmdq();

    put_command(rig, 0, TEEIO_CMD_SYNC | (uint64_t)TEEIO_SYNC_CS_IRQ << 12, 0);
    set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, 1);
    teeio_qtest_irq_wait(rig->qtest, SPI_CMDQ_SYNC, 1);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_CMDQ_CONS), ==, 1);
    rig_stop(rig);
}

/* A driver may wait for the SYNC to overwrite itself. */
static void test_sync_msi(void)
{
    struct rig *rig = start_with_cmdq();

    put_command(rig, 0, TEEIO_CMD_SYNC | (uint64_t)TEEIO_SYNC_CS_IRQ << 12,
                CMDQ);
    set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, 1);
    wait_cons(rig, 1);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, CMDQ), ==, 0);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_GERROR), ==, 0);
    g_assert_cmpuint(teeio_qtest_irq_raised(rig->qtest, SPI_CMDQ_SYNC), ==, 0);
    /* Nothing takes a write there. */
    put_command(rig, 1, TEEIO_CMD_SYNC | (uint64_t)TEEIO_SYNC_CS_IRQ << 12,
                0x7000000000);
    set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, 2);
    wait_cons(rig, 2);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_GERROR), ==,
                    TEEIO_GERROR_MSI_CMDQ_ABT_ERR);
    rig_stop(rig);
}

/* A bad command stops the queue until software has patched and said so. */
static void test_bad_command(void)
{
    struct rig *rig = start_with_cmdq();

    put_command(rig, 0, TEEIO_CMD_SYNC, 0);
    put_command(rig, 1, 0xff, 0);
    put_command(rig, 2, TEEIO_CMD_SYNC, 0);
    set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, 3);
    wait_cons(rig, TEEIO_CERROR_ILL << 24 | 1);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_GERROR), ==,
                    TEEIO_GERROR_CMDQ_ERR);
    teeio_qtest_irq_wait(rig->qtest, SPI_GERROR, 1);

    put_command(rig, 1, TEEIO_CMD_SYNC, 0);
    set(rig, TEEIO_SMMUV3_REG_GERRORN, TEEIO_GERROR_CMDQ_ERR);
    wait_cons(rig, 3);
    g_assert_cmpuint(teeio_qtest_irq_raised(rig->qtest, SPI_GERROR), ==, 1);
    rig_stop(rig);
}

/**
 * struct illegal - a command that must not be carried out
 */
struct illegal {
    const char *name;
    uint64_t dw[2];
};

#define SSEC TEEIO_CMD0_SSEC
#define TG   (3ull << 10)

static const struct illegal illegals[] = {
    {"opcode-0", {0}},
    {"opcode-ff", {0xff}},
    {"vms-pidm", {TEEIO_CMD_CFGI_VMS_PIDM}},
    {"el3-all", {TEEIO_CMD_TLBI_EL3_ALL}},
    {"el3-va", {TEEIO_CMD_TLBI_EL3_VA}},
    {"el2-all", {TEEIO_CMD_TLBI_EL2_ALL}},
    {"el2-asid", {TEEIO_CMD_TLBI_EL2_ASID}},
    {"el2-va", {TEEIO_CMD_TLBI_EL2_VA}},
    {"el2-vaa", {TEEIO_CMD_TLBI_EL2_VAA}},
    {"s-el2-all", {TEEIO_CMD_TLBI_S_EL2_ALL}},
    {"s-el2-asid", {TEEIO_CMD_TLBI_S_EL2_ASID}},
    {"s-el2-va", {TEEIO_CMD_TLBI_S_EL2_VA}},
    {"s-el2-vaa", {TEEIO_CMD_TLBI_S_EL2_VAA}},
    {"s-s12-vmall", {TEEIO_CMD_TLBI_S_S12_VMALL}},
    {"s-s2-ipa", {TEEIO_CMD_TLBI_S_S2_IPA}},
    {"snh-all", {TEEIO_CMD_TLBI_SNH_ALL}},
    {"dpti-all", {TEEIO_CMD_DPTI_ALL}},
    {"dpti-pa", {TEEIO_CMD_DPTI_PA}},
    {"secure-config", {TEEIO_CMD_CFGI_STE | SSEC}},
    {"secure-prefetch", {TEEIO_CMD_PREFETCH_CONFIG | SSEC}},
    {"secure-atc", {TEEIO_CMD_ATC_INV | SSEC}},
    {"secure-pri", {TEEIO_CMD_PRI_RESP | SSEC}},
    {"secure-resume", {TEEIO_CMD_RESUME | SSEC}},
    {"secure-stall", {TEEIO_CMD_STALL_TERM | SSEC}},
    {"range-va", {TEEIO_CMD_TLBI_NH_VA, TG}},
    {"range-vaa", {TEEIO_CMD_TLBI_NH_VAA, TG}},
    {"range-ipa", {TEEIO_CMD_TLBI_S2_IPA, TG}},
    {"atc-size", {TEEIO_CMD_ATC_INV, TEEIO_ATC_SIZE_ALL + 1}},
    {"pri-code", {TEEIO_CMD_PRI_RESP, 3ull << 12}},
    {"sync-signal", {TEEIO_CMD_SYNC | 3ull << 12}},
};

/* Each of them stops the queue; the one in its place goes through. */
static void test_illegal(gconstpointer opaque)
{
    const struct illegal *illegal = opaque;
    struct rig *rig = start_with_cmdq();

    put_command(rig, 0, illegal->dw[0], illegal->dw[1]);
    put_command(rig, 1, TEEIO_CMD_SYNC, 0);
    set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, 2);
    wait_cons(rig, TEEIO_CERROR_ILL << 24);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_GERROR), ==,
                    TEEIO_GERROR_CMDQ_ERR);
    /* Neither a doorbell nor a wrong acknowledgement sets it going. */
    set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, 2);
    set(rig, TEEIO_SMMUV3_REG_GERRORN, TEEIO_GERROR_EVENTQ_ABT_ERR);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_CMDQ_CONS), ==,
                    TEEIO_CERROR_ILL << 24);
    set(rig, TEEIO_SMMUV3_REG_GERRORN, 0);

    put_command(rig, 0, TEEIO_CMD_SYNC, 0);
    set(rig, TEEIO_SMMUV3_REG_GERRORN, TEEIO_GERROR_CMDQ_ERR);
    wait_cons(rig, 2);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_GERROR), ==,
                    get(rig, TEEIO_SMMUV3_REG_GERRORN));
    rig_stop(rig);
}

/* With an address the global error arrives in memory, not by wire. */
static void test_gerror_msi(void)
{
    struct rig *rig = start_with_cmdq();
    const uint64_t where = CMDQ + 0x1000;

    set(rig, TEEIO_SMMUV3_REG_IRQ_CTRL, 0);
    teeio_qtest_writeq(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_GERROR_IRQ_CFG0,
                       where);
    set(rig, TEEIO_SMMUV3_REG_GERROR_IRQ_CFG1, 0x600dcafe);
    set(rig, TEEIO_SMMUV3_REG_IRQ_CTRL, TEEIO_IRQ_CTRL_GERROR);
    put_command(rig, 0, 0xff, 0);
    set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, 1);
    wait_cons(rig, TEEIO_CERROR_ILL << 24);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, where), ==, 0x600dcafe);
    g_assert_cmpuint(teeio_qtest_irq_raised(rig->qtest, SPI_GERROR), ==, 0);
    rig_stop(rig);
}

static void test_queue_outside_ram(void)
{
    struct rig *rig = rig_start(NULL, RIG_SMMU_ARGS);

    teeio_qtest_writeq(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CMDQ_BASE,
                       0x7000000000 | CMDQ_LOG2);
    set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_CMDQEN);
    set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, 1);
    wait_cons(rig, TEEIO_CERROR_ABT << 24);
    g_assert_cmphex(get(rig, TEEIO_SMMUV3_REG_GERROR), ==,
                    TEEIO_GERROR_CMDQ_ERR);
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/smmuv3-regs/identification", test_identification);
    g_test_add_func("/smmuv3-regs/acknowledge", test_acknowledge);
    g_test_add_func("/smmuv3-regs/gbpa", test_gbpa);
    g_test_add_func("/smmuv3-regs/64-bit", test_64_bit);
    g_test_add_func("/smmuv3-regs/guards", test_guards);
    g_test_add_func("/smmuv3-regs/page-1", test_page_1);
    g_test_add_func("/smmuv3-regs/odd-accesses", test_odd_accesses);
    g_test_add_func("/smmuv3-regs/commands", test_commands);
    g_test_add_func("/smmuv3-regs/sync-interrupt", test_sync_interrupt);
    g_test_add_func("/smmuv3-regs/sync-msi", test_sync_msi);
    g_test_add_func("/smmuv3-regs/bad-command", test_bad_command);
    for (size_t i = 0; i < G_N_ELEMENTS(illegals); i++) {
        g_autofree char *path =
            g_strdup_printf("/smmuv3-regs/illegal/%s", illegals[i].name);

        g_test_add_data_func(path, &illegals[i], test_illegal);
    }
    g_test_add_func("/smmuv3-regs/gerror-msi", test_gerror_msi);
    g_test_add_func("/smmuv3-regs/queue-outside-ram", test_queue_outside_ram);
    return g_test_run();
}
