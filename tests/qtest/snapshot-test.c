/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Snapshots and migration: what a driver can see of our devices is the same
 * afterwards, and what was under way goes on.
 */

#include <inttypes.h>
#include <string.h>

#include "rig-disk.h"
#include "rig-smmu.h"
#include "teeio/smmuv3.h"
#include "teeio/tdi.h"
#include "teeio/tdisp.h"
#include "teeio/tsm.h"

#define PAGE      0x1000u
#define A         RIG_DATA
#define B         (RIG_DATA + 8 * PAGE)
#define IOVA      0x62345000ull
#define MSI_PLACE (RIG_DATA + 16 * PAGE)
#define VECTOR    12 /* offset of its control word in the MSI-X table */

/* CPUs that never start leave a machine that can be continued. */
#define IDLE       "-global arm-cpu.start-powered-off=on "
#define SMMU_SPACE RIG_SMMU_ARGS " " RIG_TSM_ARGS " " RIG_TDI_ARGS
#define POLL_US    1000

/* Extended capabilities (PCIe 10.5.1 and 10.5.2) */
#define CAP_ATS      0x0f
#define ATS_CONTROL  6
#define ATS_ENABLE   0x8000
#define CAP_PRI      0x13
#define PRI_CONTROL  4
#define PRI_ENABLE   1
#define RESP_SUCCESS (2ull << 12)

static struct rig *start(const struct rig_disk *disk, const char *devices)
{
    g_autofree char *args = g_strdup_printf(
        IDLE "-drive if=none,format=qcow2,file='%s' %s", disk->path, devices);

    return rig_start(NULL, args);
}

/* Returns: what the human monitor says, which is nothing on success. */
static char *monitor(struct rig *rig, const char *line)
{
    g_autoptr(JsonObject) reply =
        teeio_qtest_qmp(rig->qtest, "human-monitor-command",
                        "{\"command-line\": \"%s\"}", line);

    g_assert_true(json_object_has_member(reply, "return"));
    return g_strdup(json_object_get_string_member(reply, "return"));
}

static void monitor_ok(struct rig *rig, const char *line)
{
    g_autofree char *text = monitor(rig, line);

    g_assert_cmpstr(text, ==, "");
}

static void add_registers(struct rig *rig, GArray *state, uint64_t base,
                          const struct teeio_reg *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t at = base + table[i].offset;
        uint64_t value = table[i].width == 8
                             ? teeio_qtest_readq(rig->qtest, at)
                             : teeio_qtest_readl(rig->qtest, at);

        g_array_append_val(state, value);
    }
}

/* All that a driver, or a user by a property, can see of the three. */
static GArray *look(struct rig *rig)
{
    static const char *const counters[][2] = {
        {"smmu", "translations"}, {"smmu", "faults"},  {"smmu", "commands"},
        {"tdi", "tlps-t0"},       {"tdi", "tlps-t1"},  {"tdi", "descriptors"},
        {"tsm", "private-pages"}, {"tsm", "commands"},
    };
    GArray *state = g_array_new(false, false, sizeof(uint64_t));
    const struct teeio_reg *table;
    size_t count;

    table = teeio_smmuv3_registers(&count);
    add_registers(rig, state, RIG_SMMU, table, count);
    table = teeio_tsm_registers(&count);
    add_registers(rig, state, RIG_TSM, table, count);
    table = teeio_tdi_registers(&count);
    add_registers(rig, state, rig->tdi.bar[0], table, count);
    for (uint64_t i = 0; i < TEEIO_TDI_RING_ENTRIES * TEEIO_TDI_DESC_SIZE;
         i += 8) {
        uint64_t word = teeio_qtest_readq(
            rig->qtest, rig->tdi.bar[0] + TEEIO_TDI_RING_OFFSET + i);

        g_array_append_val(state, word);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(counters); i++) {
        uint64_t value = rig_counter(rig, counters[i][0], counters[i][1]);

        g_array_append_val(state, value);
    }
    return state;
}

static void assert_looks(struct rig *rig, const GArray *before)
{
    g_autoptr(GArray) now = look(rig);

    g_assert_cmpuint(now->len, ==, before->len);
    for (guint i = 0; i < now->len; i++) {
        if (g_array_index(now, uint64_t, i) !=
            g_array_index(before, uint64_t, i)) {
            g_error("item %u of the state was 0x%" PRIx64 ", is 0x%" PRIx64, i,
                    g_array_index(before, uint64_t, i),
                    g_array_index(now, uint64_t, i));
        }
    }
}

/* The TDI in RUN behind private tables, and some DMA in the past. */
static void prepare(struct rig *rig, struct rig_smmu *smmu)
{
    struct rig_domain domain;

    rig_smmu_init(smmu, rig);
    rig_domain_init(&domain, smmu);
    rig_map(&domain, IOVA, A, TEEIO_TABLES_RW);
    rig_attach(smmu, RIG_TDI, &domain);
    rig_smmu_private(smmu);
    rig_smmu_enable(smmu);
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, A, PAGE), ==,
                    TEEIO_TDISP_OK);
    rig_run(rig);
    g_assert_cmpuint(rig_fill(rig, IOVA, PAGE, 0x11, TEEIO_TDI_DESC_T), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x11, PAGE));
}

/* Trusted DMA that only the loaded state permits. */
static void goes_on(struct rig *rig)
{
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x11, PAGE));
    teeio_qtest_qmp_ok(rig->qtest, "cont", NULL);
    g_assert_cmpuint(rig_fill(rig, IOVA, PAGE, 0x22, TEEIO_TDI_DESC_T), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x22, PAGE));
    g_assert_cmpuint(rig_state(rig), ==, TEEIO_TDISP_RUN);
}

static void test_same_process(void)
{
    g_autoptr(GArray) before = NULL;
    struct rig_smmu smmu;
    struct rig_disk disk;
    struct rig *rig;

    rig_disk_init(&disk);
    rig = start(&disk, SMMU_SPACE);
    prepare(rig, &smmu);
    before = look(rig);
    monitor_ok(rig, "savevm one");
    assert_looks(rig, before);

    rig_fill(rig, IOVA, PAGE, 0x33, TEEIO_TDI_DESC_T);
    rig_tsm(rig, TEEIO_TSM_CMD_STOP, RIG_TDI);
    rig_own(rig, TEEIO_TSM_CMD_SHARE, A, PAGE);
    teeio_qtest_writel(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0, 0);

    monitor_ok(rig, "loadvm one");
    assert_looks(rig, before);
    g_assert_cmpuint(rig_owner(rig, A), ==, TEEIO_OWNER_PRIVATE);
    goes_on(rig);
    rig_stop(rig);
    rig_disk_clear(&disk);
}

static void wait_status(struct rig *rig, const char *command,
                        const char *expected)
{
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;

    for (;;) {
        g_autoptr(JsonObject) reply =
            teeio_qtest_qmp(rig->qtest, command, NULL);
        JsonObject *info = json_object_get_object_member(reply, "return");
        const char *status = json_object_has_member(info, "status")
                                 ? json_object_get_string_member(info, "status")
                                 : "none";

        if (g_str_equal(status, expected)) {
            return;
        }
        g_assert_cmpstr(status, !=, "failed");
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(POLL_US);
    }
}

static void test_migrate(void)
{
    g_autoptr(GArray) before = NULL;
    struct rig_smmu smmu;
    struct rig_disk disk;
    struct rig *rig;

    rig_disk_init(&disk);
    rig = start(&disk, SMMU_SPACE);
    prepare(rig, &smmu);
    before = look(rig);
    teeio_qtest_qmp_ok(rig->qtest, "migrate", "{\"uri\": \"exec:cat > '%s'\"}",
                       disk.stream);
    wait_status(rig, "query-migrate", "completed");
    rig_stop(rig);

    /* It is the same command line that puts the BARs at the same places. */
    rig = start(&disk, SMMU_SPACE " -incoming defer");
    teeio_qtest_qmp_ok(rig->qtest, "migrate-incoming",
                       "{\"uri\": \"exec:cat '%s'\"}", disk.stream);
    wait_status(rig, "query-migrate", "completed");
    assert_looks(rig, before);
    goes_on(rig);
    rig_stop(rig);
    rig_disk_clear(&disk);
}

static void queue_fill(struct rig *rig, uint64_t dest, uint64_t pattern,
                       uint32_t flags)
{
    uint64_t bar = rig->tdi.bar[0];
    uint32_t tail = teeio_qtest_readl(rig->qtest, bar + TEEIO_TDI_REG_TAIL);
    uint64_t entry = bar + TEEIO_TDI_RING_OFFSET +
                     tail % TEEIO_TDI_RING_ENTRIES * TEEIO_TDI_DESC_SIZE;

    teeio_qtest_writel(rig->qtest, entry + TEEIO_TDI_DESC_CONTROL,
                       TEEIO_TDI_OP_FILL | flags);
    teeio_qtest_writel(rig->qtest, entry + TEEIO_TDI_DESC_LENGTH, PAGE);
    teeio_qtest_writeq(rig->qtest, entry + TEEIO_TDI_DESC_DEST, dest);
    teeio_qtest_writeq(rig->qtest, entry + TEEIO_TDI_DESC_PATTERN, pattern);
    teeio_qtest_writel(rig->qtest, bar + TEEIO_TDI_REG_TAIL,
                       (tail + 1) % (2 * TEEIO_TDI_RING_WRAP));
}

static void wait_word(struct rig *rig, uint64_t address, uint32_t value)
{
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;

    while (teeio_qtest_readl(rig->qtest, address) != value) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(POLL_US);
    }
}

/* Descriptors that were queued and not begun, with the interrupt at the end. */
static void test_pending_work(void)
{
    struct rig_disk disk;
    struct rig *rig;
    uint64_t bar;

    rig_disk_init(&disk);
    rig = start(&disk, RIG_TDI_ARGS);
    bar = rig->tdi.bar[0];
    teeio_qpci_msix_enable(&rig->tdi);
    teeio_qpci_msix_program(&rig->tdi, 0, MSI_PLACE, 0xd0d0d0d0);
    teeio_qtest_writel(rig->qtest, bar + TEEIO_TDI_REG_INT_ENABLE,
                       TEEIO_TDI_INT_DONE);
    teeio_qtest_qmp_ok(rig->qtest, "cont", NULL);
    teeio_qtest_qmp_ok(rig->qtest, "stop", NULL);
    for (int i = 0; i < 20; i++) {
        queue_fill(rig, B, 0x4444444444444444, TEEIO_TDI_DESC_IRQ);
    }
    g_assert_cmpuint(teeio_qtest_readl(rig->qtest, bar + TEEIO_TDI_REG_HEAD),
                     ==, 0);
    monitor_ok(rig, "savevm one");
    g_assert_cmpuint(teeio_qtest_readl(rig->qtest, bar + TEEIO_TDI_REG_HEAD),
                     ==, 0);
    teeio_qtest_qmp_ok(rig->qtest, "system_reset", NULL);
    monitor_ok(rig, "loadvm one");
    g_assert_cmpuint(teeio_qtest_readl(rig->qtest, bar + TEEIO_TDI_REG_HEAD),
                     ==, 0);
    g_assert_cmpuint(teeio_qtest_readl(rig->qtest, bar + TEEIO_TDI_REG_TAIL),
                     ==, 20);
    g_assert_true(teeio_qtest_uniform(rig->qtest, B, 0, PAGE));

    teeio_qtest_qmp_ok(rig->qtest, "cont", NULL);
    wait_word(rig, bar + TEEIO_TDI_REG_HEAD, 20);
    wait_word(rig, MSI_PLACE, 0xd0d0d0d0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, B, 0x44, PAGE));
    rig_stop(rig);
    rig_disk_clear(&disk);
}

/* Both interfaces of an SMMU that has two. */
static void test_realm(void)
{
    g_autoptr(GArray) before = g_array_new(false, false, sizeof(uint64_t));
    g_autoptr(GArray) after = g_array_new(false, false, sizeof(uint64_t));
    const struct teeio_reg *table;
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig_disk disk;
    struct rig *rig;
    size_t count;

    rig_disk_init(&disk);
    rig = start(&disk, RIG_REALM_ARGS " " RIG_TSM_ARGS " " RIG_TDI_ARGS);
    rig_realm_init(&smmu, rig);
    rig_domain_init(&domain, &smmu);
    rig_map(&domain, IOVA, A, TEEIO_TABLES_RW);
    rig_attach(&smmu, RIG_TDI, &domain);
    rig_smmu_enable(&smmu);
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, A, PAGE), ==,
                    TEEIO_TDISP_OK);
    rig_run(rig);
    g_assert_cmpuint(rig_fill(rig, IOVA, PAGE, 0x11, TEEIO_TDI_DESC_T), ==,
                     TEEIO_TDI_STATUS_OK);
    rig_fill(rig, IOVA + PAGE, 16, 0, TEEIO_TDI_DESC_T);
    teeio_qtest_writel(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR2,
                       TEEIO_CR2_RECINVSID);
    table = teeio_smmuv3_registers(&count);
    add_registers(rig, before, RIG_SMMU, table, count);
    add_registers(rig, before, RIG_REALM, table, count);

    monitor_ok(rig, "savevm one");
    teeio_qtest_qmp_ok(rig->qtest, "system_reset", NULL);
    monitor_ok(rig, "loadvm one");
    add_registers(rig, after, RIG_SMMU, table, count);
    add_registers(rig, after, RIG_REALM, table, count);
    g_assert_cmpmem(before->data, before->len * sizeof(uint64_t), after->data,
                    after->len * sizeof(uint64_t));
    goes_on(rig);
    rig_stop(rig);
    rig_disk_clear(&disk);
}

static void set_control(struct rig *rig, uint16_t id, unsigned offset,
                        uint16_t value)
{
    unsigned at = teeio_qpci_extended(&rig->tdi, id);

    g_assert_cmpuint(at, !=, 0);
    teeio_qpci_writew(&rig->tdi, at + offset, value);
}

/* A device that has asked for a page and not been answered. */
static void test_pending_page(void)
{
    const uint64_t stream = (uint64_t)RIG_TDI << 32;
    const uint64_t priq = RIG_DATA + 32 * PAGE;
    struct teeio_tables_ste ste;
    struct rig_domain domain;
    struct rig_smmu smmu;
    struct rig_disk disk;
    struct rig *rig;
    uint64_t group;

    rig_disk_init(&disk);
    rig = start(&disk, RIG_SMMU_ARGS " " RIG_TDI_ARGS);
    rig_smmu_init(&smmu, rig);
    rig_domain_init(&domain, &smmu);
    ste = teeio_tables_ste_stage1(domain.cd);
    ste.dw[1] |= (uint64_t)TEEIO_STE_EATS_FULL << 28;
    rig_set_ste(&smmu, RIG_TDI, ste);
    rig_smmu_enable(&smmu);
    teeio_qtest_writeq(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_PRIQ_BASE,
                       priq | 3);
    teeio_qtest_writel(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0,
                       TEEIO_CR0_SMMUEN | TEEIO_CR0_CMDQEN |
                           TEEIO_CR0_EVENTQEN | TEEIO_CR0_PRIQEN);
    set_control(rig, CAP_ATS, ATS_CONTROL, ATS_ENABLE);
    set_control(rig, CAP_PRI, PRI_CONTROL, PRI_ENABLE);
    queue_fill(rig, IOVA, 0x5555555555555555,
               TEEIO_TDI_DESC_ATS | TEEIO_TDI_DESC_PRI);
    wait_word(rig, RIG_SMMU + TEEIO_SMMUV3_REG_PRIQ_PROD, 1);
    group = teeio_qtest_readq(rig->qtest, priq + 8) & TEEIO_PRI1_PRG_INDEX;

    monitor_ok(rig, "savevm one");
    teeio_qtest_qmp_ok(rig->qtest, "system_reset", NULL);
    monitor_ok(rig, "loadvm one");
    g_assert_cmphex(
        teeio_qtest_readl(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_PRIQ_PROD),
        ==, 1);
    teeio_qtest_qmp_ok(rig->qtest, "cont", NULL);
    g_assert_cmpuint(
        teeio_qtest_readl(rig->qtest, rig->tdi.bar[0] + TEEIO_TDI_REG_HEAD), ==,
        0);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0, PAGE));

    rig_map(&domain, IOVA, A, TEEIO_TABLES_RW);
    rig_command(&smmu, TEEIO_CMD_PRI_RESP | stream, RESP_SUCCESS | group);
    wait_word(rig, rig->tdi.bar[0] + TEEIO_TDI_REG_HEAD, 1);
    g_assert_true(teeio_qtest_uniform(rig->qtest, A, 0x55, PAGE));
    rig_stop(rig);
    rig_disk_clear(&disk);
}

/* An MSI-X vector that was masked when its interrupt came. */
static void test_pending_msix(void)
{
    struct rig_disk disk;
    struct rig *rig;
    uint64_t control;

    rig_disk_init(&disk);
    rig = start(&disk, RIG_TDI_ARGS);
    teeio_qpci_msix_enable(&rig->tdi);
    teeio_qpci_msix_program(&rig->tdi, 0, MSI_PLACE, 0xd0d0d0d0);
    control = rig->tdi.bar[2] + VECTOR;
    teeio_qtest_writel(rig->qtest, control, 1);
    teeio_qtest_writel(rig->qtest, rig->tdi.bar[0] + TEEIO_TDI_REG_INT_ENABLE,
                       TEEIO_TDI_INT_DONE);
    rig_fill(rig, B, PAGE, 0x44, TEEIO_TDI_DESC_IRQ);
    monitor_ok(rig, "savevm one");
    teeio_qtest_qmp_ok(rig->qtest, "system_reset", NULL);
    monitor_ok(rig, "loadvm one");
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, MSI_PLACE), ==, 0);
    teeio_qtest_writel(rig->qtest, control, 0);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, MSI_PLACE), ==, 0xd0d0d0d0);
    rig_stop(rig);
    rig_disk_clear(&disk);
}

/* A wire that was to be raised when the machine stopped. */
static void test_pending_wire(void)
{
    const unsigned line = RIG_SMMU_SPI + TEEIO_SMMUV3_GERROR;
    struct rig_smmu smmu;
    struct rig_disk disk;
    struct rig *rig;

    rig_disk_init(&disk);
    rig = start(&disk, RIG_SMMU_ARGS);
    rig_gic(rig);
    rig_smmu_init(&smmu, rig);
    rig_smmu_enable(&smmu);
    teeio_qtest_writel(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_IRQ_CTRL,
                       TEEIO_IRQ_CTRL_GERROR);
    teeio_qtest_qmp_ok(rig->qtest, "cont", NULL);
    teeio_qtest_qmp_ok(rig->qtest, "stop", NULL);
    teeio_qtest_memset(rig->qtest, RIG_CMDQ, 0xff, PAGE / 4);
    teeio_qtest_writel(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CMDQ_PROD,
                       (smmu.prod + 1) % (2 << RIG_QUEUE_LOG2));
    g_assert_cmphex(
        teeio_qtest_readl(rig->qtest, RIG_SMMU + TEEIO_SMMUV3_REG_GERROR), ==,
        TEEIO_GERROR_CMDQ_ERR);
    monitor_ok(rig, "savevm one");
    teeio_qtest_qmp_ok(rig->qtest, "system_reset", NULL);
    monitor_ok(rig, "loadvm one");
    g_assert_cmpuint(teeio_qtest_irq_raised(rig->qtest, line), ==, 0);
    teeio_qtest_qmp_ok(rig->qtest, "cont", NULL);
    teeio_qtest_irq_wait(rig->qtest, line, 1);
    rig_stop(rig);
    rig_disk_clear(&disk);
}

static void test_several(void)
{
    struct teeio_qpci_function second;
    struct rig_disk disk;
    struct rig *rig;

    rig_disk_init(&disk);
    rig = start(&disk, RIG_TDI_ARGS " -device teeio-tdi,id=other,addr=4");
    g_assert_true(teeio_qpci_find(&rig->pci, TEEIO_TDI_VENDOR_ID,
                                  TEEIO_TDI_DEVICE_ID, 1, &second));
    rig_fill(rig, B, PAGE, 0x44, 0);
    rig_fill(rig, B, PAGE, 0x44, 0);
    monitor_ok(rig, "savevm one");
    rig_fill(rig, B, PAGE, 0x44, 0);
    monitor_ok(rig, "loadvm one");
    g_assert_cmpint(rig_counter(rig, "tdi", "descriptors"), ==, 2);
    g_assert_cmpint(rig_counter(rig, "other", "descriptors"), ==, 0);
    rig_stop(rig);
    rig_disk_clear(&disk);
}

/* What was saved of another machine is refused, by the name of the device. */
static void test_other_machine(void)
{
    static const struct {
        const char *saved;
        const char *loaded;
        const char *who;
    } rows[] = {
        {RIG_SMMU_ARGS, "-device teeio-smmuv3,t-policy=arm-split",
         "teeio-smmuv3"},
        {RIG_REALM_ARGS, "-device teeio-smmuv3,t-policy=arm-split",
         "teeio-smmuv3"},
        {RIG_TSM_ARGS, "-device teeio-tsm,memory=private", "teeio-tsm"},
        {RIG_TSM_ARGS " " RIG_TDI_ARGS, RIG_TSM_ARGS, "teeio-tsm"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *said = NULL;
        struct rig_disk disk;
        struct rig *rig;

        rig_disk_init(&disk);
        rig = start(&disk, rows[i].saved);
        monitor_ok(rig, "savevm one");
        rig_stop(rig);
        rig = start(&disk, rows[i].loaded);
        said = monitor(rig, "loadvm one");
        if (!strstr(said, rows[i].who) || !strstr(said, "hint: ")) {
            g_error("not what a user should read: %s", said);
        }
        rig_stop(rig);
        rig_disk_clear(&disk);
    }
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/snapshot/same-process", test_same_process);
    g_test_add_func("/snapshot/migrate", test_migrate);
    g_test_add_func("/snapshot/pending/work", test_pending_work);
    g_test_add_func("/snapshot/pending/msix", test_pending_msix);
    g_test_add_func("/snapshot/pending/wire", test_pending_wire);
    g_test_add_func("/snapshot/pending/page", test_pending_page);
    g_test_add_func("/snapshot/realm", test_realm);
    g_test_add_func("/snapshot/several", test_several);
    g_test_add_func("/snapshot/other-machine", test_other_machine);
    return g_test_run();
}
