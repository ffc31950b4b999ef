/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Requests that meet ports, windows and peers before any IOMMU: a switch with
 * three endpoints below one root port, one endpoint below another.
 */

#include <string.h>
#include <unistd.h>

#include "rig-disk.h"
#include "rig-smmu.h"
#include "teeio/spec/port.h"
#include "teeio/spec/testdev.h"
#include "teeio/topology.h"

#define ROOT      0x0008u
#define ROOT2     0x0010u
#define UP        0x0100u
#define PORT(n)   (0x0200u | (n) << 3)
#define TDI       0x0300u /* below port 0 */
#define EDU       0x0400u /* below port 1 */
#define TESTDEV   0x0500u /* below port 2 */
#define TDI2      0x0600u /* below the other root port */

#define WINDOW    0x10000000ull
#define EDU_BAR   0x10100000ull
#define EDU_FREE  0x10200000ull
#define TEST_BAR  0x10300000ull
#define UP_FREE   0x10500000ull
#define TDI2_BAR  0x10800000ull
#define NOBODY    0x20000000ull

#define EDU_CHECK 0x04u /* what is written reads as its complement */

#define UR        (1u << TEEIO_AER_UR)
#define ACSV      (1u << TEEIO_AER_ACS)

#define SWITCH(acs)                                          \
    " -device teeio-root-port,id=rp,addr=1,acs=" acs         \
    " -device teeio-root-port,id=rp2,addr=2,slot=2,acs=" acs \
    " -device teeio-switch,id=sw,bus=rp,ports=3,acs=" acs

#define ENDPOINTS                                                            \
    " -device teeio-tdi,id=tdi,bus=sw.0 -device edu,id=edu,bus=sw.1"         \
    ",dma_mask=0xffffffffffffffff -device teeio-testdev,id=testdev,bus=sw.2" \
    " -device teeio-tdi,id=tdi2,bus=rp2"                                     \
    " -global arm-cpu.start-powered-off=on -icount shift=0,sleep=off "

struct fixture {
    struct rig *rig;
    struct rig_smmu smmu;
    bool with_smmu;
    int64_t faults;
};

static struct teeio_qpci_function at(struct fixture *f, uint16_t bdf)
{
    return (struct teeio_qpci_function){.pci = &f->rig->pci, .requester = bdf};
}

static void write16(struct fixture *f, uint16_t bdf, unsigned offset,
                    uint16_t value)
{
    struct teeio_qpci_function function = at(f, bdf);

    teeio_qpci_writew(&function, offset, value);
}

static void write32(struct fixture *f, uint16_t bdf, unsigned offset,
                    uint32_t value)
{
    struct teeio_qpci_function function = at(f, bdf);

    teeio_qpci_writel(&function, offset, value);
}

static uint32_t read32(struct fixture *f, uint16_t bdf, unsigned offset)
{
    struct teeio_qpci_function function = at(f, bdf);

    return teeio_qpci_readl(&function, offset);
}

static void bridge(struct fixture *f, uint16_t bdf, uint32_t buses,
                   uint64_t base, uint64_t size)
{
    write32(f, bdf, 0x18, buses);
    write32(f, bdf, TEEIO_CFG_MEMORY,
            base >> 16 | ((base + size - 1) & 0xfff00000));
    /* No prefetchable window: its base lies above its limit. */
    write32(f, bdf, TEEIO_CFG_PREFETCHABLE, 0x0000fff0);
    write16(f, bdf, TEEIO_CFG_COMMAND, 0x0106);
    write16(f, bdf, TEEIO_CFG_BRIDGE_CONTROL, TEEIO_CFG_BRIDGE_SERR);
}

static struct teeio_qpci_function endpoint(struct fixture *f, uint16_t bdf,
                                           uint64_t base)
{
    struct teeio_qpci_function function = at(f, bdf);

    f->rig->pci.next = base;
    g_assert_cmphex(teeio_qpci_map(&function, 0), ==, base);
    teeio_qpci_enable(&function);
    return function;
}

static void place(struct fixture *f)
{
    bridge(f, ROOT, 0x00050100, WINDOW, 0x800000);
    bridge(f, UP, 0x00050201, WINDOW, 0x800000);
    bridge(f, PORT(0), 0x00030302, WINDOW, 0x100000);
    bridge(f, PORT(1), 0x00040402, EDU_BAR, 0x200000);
    bridge(f, PORT(2), 0x00050502, TEST_BAR, 0x100000);
    bridge(f, ROOT2, 0x00060600, TDI2_BAR, 0x100000);
    f->rig->tdi = endpoint(f, TDI, WINDOW);
    f->rig->edu = endpoint(f, EDU, EDU_BAR);
    endpoint(f, TESTDEV, TEST_BAR);
    endpoint(f, TDI2, TDI2_BAR);
    teeio_qtest_qmp_ok(f->rig->qtest, "cont", NULL);
}

static void start_smmu(struct fixture *f)
{
    rig_smmu_init(&f->smmu, f->rig);
    rig_smmu_enable(&f->smmu);
    f->with_smmu = true;
    f->faults = rig_counter(f->rig, "smmu", "faults");
}

static struct fixture start(const char *plugin_args, const char *args)
{
    struct fixture f = {.rig = rig_start(plugin_args, args)};

    place(&f);
    return f;
}

static struct fixture start_with_smmu(const char *args)
{
    g_autofree char *all = g_strdup_printf(RIG_SMMU_ARGS " %s", args);
    struct fixture f = start(NULL, all);

    start_smmu(&f);
    return f;
}

/* No stream has an entry, so whatever reaches the SMMU faults there. */
static bool smmu_asked(struct fixture *f)
{
    int64_t before = f->faults;

    f->faults = rig_counter(f->rig, "smmu", "faults");
    return f->faults != before;
}

/* Returns: 'P' for the peer, 'I' for the IOMMU, '-' for neither. */
static char tdi_writes(struct fixture *f)
{
    uint64_t where = EDU_BAR + EDU_CHECK;
    uint32_t before;

    teeio_qtest_writel(f->rig->qtest, where, 0);
    before = teeio_qtest_readl(f->rig->qtest, where);
    g_assert_cmpuint(rig_fill(f->rig, where, 4, 0x5a, 0), ==,
                     TEEIO_TDI_STATUS_OK);
    if (smmu_asked(f)) {
        g_assert_cmphex(teeio_qtest_readl(f->rig->qtest, where), ==, before);
        return 'I';
    }
    return teeio_qtest_readl(f->rig->qtest, where) == ~0x5a5a5a5au ? 'P' : '-';
}

static void set_acs(struct fixture *f, uint16_t bdf, uint16_t bits,
                    uint32_t egress)
{
    write16(f, bdf, 0x148 + TEEIO_ACS_CONTROL, bits);
    write32(f, bdf, 0x148 + TEEIO_ACS_VECTOR, egress);
}

static void clear_errors(struct fixture *f, uint16_t bdf)
{
    write32(f, bdf, 0x100 + TEEIO_AER_UNCOR_STATUS, UINT32_MAX);
}

/* Errors are written down by the main loop, which serves us meanwhile. */
static void expect_error(struct fixture *f, uint16_t bdf, uint32_t status)
{
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;

    while (read32(f, bdf, 0x100 + TEEIO_AER_UNCOR_STATUS) != status) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(1000);
    }
    clear_errors(f, bdf);
}

static void test_config(gconstpointer data)
{
    static const struct {
        const char *acs;
        uint32_t capability;
    } rows[] = {
        {"sv+tb+rr+cr+uf+dt", 0x005f},
        {"all", 0x207f},
        {"none", 0},
        {"ec", 0x2020},
        {"sv+uf", 0x11},
    };
    int index = GPOINTER_TO_INT(data);
    g_autofree char *args =
        g_strdup_printf("-device teeio-root-port,id=rp,addr=1,acs=%s "
                        "-device teeio-switch,id=sw,bus=rp,acs=%s",
                        rows[index].acs, rows[index].acs);
    const uint16_t ports[] = {ROOT, PORT(0), PORT(1)};
    struct fixture f = {.rig = rig_start(NULL, args)};

    bridge(&f, ROOT, 0x00040100, WINDOW, 0x100000);
    bridge(&f, UP, 0x00040201, WINDOW, 0x100000);
    g_assert_cmphex(read32(&f, UP, 0), ==, 0x7ee91234);
    g_assert_cmphex(read32(&f, PORT(2), 0), ==, UINT32_MAX);
    for (size_t i = 0; i < G_N_ELEMENTS(ports); i++) {
        struct teeio_qpci_function port = at(&f, ports[i]);
        unsigned acs = rows[index].capability ? 0x148 : 0;

        g_assert_cmphex(read32(&f, ports[i], 0), ==,
                        i ? 0x7eea1234 : 0x7ee81234);
        g_assert_cmphex(read32(&f, ports[i], 8), ==, 0x06040001);
        g_assert_cmphex(teeio_qpci_extended(&port, TEEIO_ECAP_AER), ==, 0x100);
        g_assert_cmphex(teeio_qpci_extended(&port, TEEIO_ECAP_ACS), ==, acs);
        if (!acs) {
            continue;
        }
        set_acs(&f, ports[i], 0xffff, UINT32_MAX);
        g_assert_cmphex(read32(&f, ports[i], 0x148 + TEEIO_ACS_CAPABILITY), ==,
                        (rows[index].capability & 0x7f) << 16 |
                            rows[index].capability);
        g_assert_cmphex(read32(&f, ports[i], 0x148 + TEEIO_ACS_VECTOR), ==,
                        rows[index].capability & 0x20 ? UINT32_MAX : 0);
    }
    rig_stop(f.rig);
}

static void test_bad_arguments(void)
{
    static const struct {
        const char *args;
        const char *message;
    } rows[] = {
        {"-device teeio-root-port,acs=xx", "there is no acs 'xx'"},
        {"-device teeio-root-port,id=r -device teeio-switch,bus=r,ports=32",
         "32 ports"},
        {"-device teeio-window,base=1,size=4096", "no window"},
        {"-device teeio-window,base=4096", "no window"},
        {"-device teeio-window,base=0xfffffffffffff000,size=8192", "no window"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *plugin = rig_plugin();
        g_autofree char *args =
            g_strdup_printf("-M virt -plugin '%s' %s", plugin, rows[i].args);
        struct teeio_qtest_exit exit;

        teeio_qtest_run(rig_qemu_aarch64(), args, &exit);
        g_assert_cmpint(exit.status, ==, 1);
        g_assert_nonnull(strstr(exit.error, rows[i].message));
        g_assert_nonnull(strstr(exit.error, "hint: "));
        teeio_qtest_exit_clear(&exit);
    }
}

/* S2-4. Port numbers count from 1. */
static void test_acs(void)
{
    static const struct {
        uint16_t port;
        uint32_t egress;
        uint16_t root;
        char end;
        uint32_t port_error;
        uint32_t root_error;
    } rows[] = {
        {0, 0, 0, 'P', 0, 0},
        {TEEIO_ACS_SV | TEEIO_ACS_TB | TEEIO_ACS_CR | TEEIO_ACS_UF |
             TEEIO_ACS_DT,
         0, 0, 'P', 0, 0},
        {TEEIO_ACS_RR, 0, 0, '-', 0, UR},
        {TEEIO_ACS_RR, 0, TEEIO_ACS_UF, 'I', 0, 0},
        {TEEIO_ACS_EC, 0, 0, 'P', 0, 0},
        {TEEIO_ACS_EC, 1u << 2, 0, '-', ACSV, 0},
        {TEEIO_ACS_EC, ~(1u << 2), 0, 'P', 0, 0},
        {TEEIO_ACS_EC | TEEIO_ACS_RR, 1u << 2, TEEIO_ACS_UF, 'I', 0, 0},
        {TEEIO_ACS_EC | TEEIO_ACS_RR, 0, TEEIO_ACS_UF, 'P', 0, 0},
        {TEEIO_ACS_ALL & ~TEEIO_ACS_EC, 0, TEEIO_ACS_ALL & ~TEEIO_ACS_EC, 'I',
         0, 0},
    };
    struct fixture f = start_with_smmu(SWITCH("all") ENDPOINTS);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("row %zu", i);
        set_acs(&f, PORT(0), rows[i].port, rows[i].egress);
        set_acs(&f, ROOT, rows[i].root, 0);
        g_assert_cmpint(tdi_writes(&f), ==, rows[i].end);
        expect_error(&f, PORT(0), rows[i].port_error);
        expect_error(&f, ROOT, rows[i].root_error);
    }
    rig_stop(f.rig);
}

static void test_no_acs(void)
{
    struct fixture f = start_with_smmu(SWITCH("none") ENDPOINTS);
    uint32_t checksum;

    g_assert_cmpint(tdi_writes(&f), ==, 'P');
    /* Reads come back, and writes to its like arrive, too. */
    teeio_qtest_writel(f.rig->qtest, EDU_BAR + EDU_CHECK, ~0x33333333u);
    g_assert_cmpuint(rig_checksum(f.rig, EDU_BAR + EDU_CHECK, 4, 0, &checksum),
                     ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmphex(checksum, ==, rig_uniform_crc(0x33, 4));
    g_assert_false(smmu_asked(&f));
    rig_stop(f.rig);
}

/* From one TDI to another, by the root complex. */
static void test_root_ports(void)
{
    struct fixture f = start_with_smmu(SWITCH("all") ENDPOINTS);
    uint64_t place = TDI2_BAR + TEEIO_TDI_RING_OFFSET;

    g_assert_cmpuint(rig_fill(f.rig, place, 64, 0x77, 0), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(f.rig->qtest, place, 0x77, 8));
    g_assert_false(smmu_asked(&f));
    set_acs(&f, ROOT, TEEIO_ACS_RR, 0);
    g_assert_cmpuint(rig_fill(f.rig, place, 64, 0x78, 0), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(smmu_asked(&f));
    g_assert_true(teeio_qtest_uniform(f.rig->qtest, place, 0x77, 8));
    /* Memory Space Enable off: nobody there. */
    set_acs(&f, ROOT, 0, 0);
    write16(&f, TDI2, TEEIO_CFG_COMMAND, TEEIO_CFG_COMMAND_BME);
    rig_fill(f.rig, place, 64, 0x79, 0);
    g_assert_false(smmu_asked(&f));
    expect_error(&f, ROOT2, UR);
    rig_stop(f.rig);
}

/* The TDI's own BAR is no peer of it, and its DMA does not drive it. */
static void test_itself(void)
{
    struct fixture f = start_with_smmu(SWITCH("all") ENDPOINTS);
    uint64_t place = WINDOW + TEEIO_TDI_RING_OFFSET + 0x800;

    teeio_qtest_writeq(f.rig->qtest, place, 0x11);
    rig_fill(f.rig, place, 8, 0x22, 0);
    g_assert_cmphex(teeio_qtest_readq(f.rig->qtest, place), ==, 0x11);
    g_assert_false(smmu_asked(&f));
    expect_error(&f, PORT(0), UR);
    rig_stop(f.rig);
}

static void forge(struct fixture *f, uint32_t how, uint64_t address)
{
    struct teeio_qtest *qtest = f->rig->qtest;

    teeio_qtest_writel(qtest, TEST_BAR + TEEIO_TESTDEV_REG_GVA_LO, address);
    teeio_qtest_writel(qtest, TEST_BAR + TEEIO_TESTDEV_REG_GVA_HI, 0);
    teeio_qtest_writel(qtest, TEST_BAR + TEEIO_TESTDEV_REG_GPA_LO, RIG_DATA);
    teeio_qtest_writel(qtest, TEST_BAR + TEEIO_TESTDEV_REG_LEN, 4);
    teeio_qtest_writel(qtest, TEST_BAR + TEEIO_TESTDEV_REG_FORGE, how);
    teeio_qtest_writel(qtest, TEST_BAR + TEEIO_TESTDEV_REG_DBELL, 1);
    teeio_qtest_readl(qtest, TEST_BAR + TEEIO_TESTDEV_REG_TRIGGERING);
}

static void test_source_validation(void)
{
    struct fixture f = start_with_smmu(SWITCH("all") ENDPOINTS);
    uint32_t forged = TEEIO_TESTDEV_FORGE_VALID | EDU;

    forge(&f, forged, RIG_DATA);
    g_assert_true(smmu_asked(&f));
    set_acs(&f, PORT(2), TEEIO_ACS_SV, 0);
    forge(&f, forged, RIG_DATA);
    g_assert_false(smmu_asked(&f));
    expect_error(&f, PORT(2), ACSV);
    forge(&f, 0, RIG_DATA);
    g_assert_true(smmu_asked(&f));
    /* Bus numbers are what the port says now. */
    write32(&f, PORT(2), 0x18, 0x00090902);
    forge(&f, forged, RIG_DATA);
    g_assert_false(smmu_asked(&f));
    expect_error(&f, PORT(2), ACSV);
    rig_stop(f.rig);
}

static void test_translation_blocking(void)
{
    struct fixture f = start_with_smmu(SWITCH("all") ENDPOINTS);
    uint32_t translated = TEEIO_TESTDEV_FORGE_VALID | TESTDEV |
                          TEEIO_TESTDEV_FORGE_AT(TEEIO_AT_TRANSLATED);

    set_acs(&f, PORT(2), TEEIO_ACS_TB, 0);
    forge(&f, translated, RIG_DATA);
    g_assert_false(smmu_asked(&f));
    expect_error(&f, PORT(2), ACSV);
    forge(&f, TEEIO_TESTDEV_FORGE_VALID | TESTDEV, RIG_DATA);
    g_assert_true(smmu_asked(&f));
    /* Direct Translated P2P goes past the redirect. */
    set_acs(&f, PORT(2), TEEIO_ACS_RR | TEEIO_ACS_DT, 0);
    set_acs(&f, ROOT, TEEIO_ACS_UF, 0);
    forge(&f, translated, EDU_BAR + EDU_CHECK);
    g_assert_cmphex(teeio_qtest_readl(f.rig->qtest, EDU_BAR + EDU_CHECK), ==,
                    ~TEEIO_TESTDEV_PATTERN);
    g_assert_false(smmu_asked(&f));
    forge(&f, 0, EDU_BAR + EDU_CHECK);
    g_assert_true(smmu_asked(&f));
    rig_stop(f.rig);
}

static void test_completion_redirect(void)
{
    struct fixture f = start_with_smmu(SWITCH("all") ENDPOINTS);
    uint32_t checksum;

    set_acs(&f, PORT(1), TEEIO_ACS_CR, 0);
    g_assert_cmpint(tdi_writes(&f), ==, 'P');
    g_assert_cmpuint(rig_checksum(f.rig, EDU_BAR, 4, 0, &checksum), ==,
                     TEEIO_TDI_STATUS_REFUSED);
    set_acs(&f, ROOT, TEEIO_ACS_UF, 0);
    g_assert_cmpuint(rig_checksum(f.rig, EDU_BAR, 4, 0, &checksum), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_false(smmu_asked(&f));
    rig_stop(f.rig);
}

/* S2-3 and S2-11: inside a window, a mapping of the IOMMU is no help. */
static void test_windows(void)
{
    static const struct {
        uint64_t address;
        uint16_t detector;
    } rows[] = {
        {EDU_FREE, PORT(1)},         {UP_FREE, UP},        {NOBODY, ROOT},
        {WINDOW + 0x80000, PORT(0)}, {0x8000100000, ROOT},
    };
    struct fixture f = start_with_smmu(SWITCH("all") ENDPOINTS);
    uint32_t checksum;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        rig_fill(f.rig, rows[i].address, 64, 0x44, 0);
        expect_error(&f, rows[i].detector, UR);
        g_assert_cmpuint(rig_checksum(f.rig, rows[i].address, 4, 0, &checksum),
                         ==, TEEIO_TDI_STATUS_REFUSED);
        rig_edu_write(
            f.rig, rows[i].address == EDU_FREE ? NOBODY : rows[i].address, 8);
        g_assert_false(smmu_asked(&f));
    }
    clear_errors(&f, ROOT);
    set_acs(&f, ROOT, TEEIO_ACS_RR, 0);
    rig_fill(f.rig, NOBODY, 64, 0x44, 0);
    g_assert_true(smmu_asked(&f));
    expect_error(&f, ROOT, 0);
    rig_fill(f.rig, RIG_DATA, 64, 0x44, 0);
    g_assert_true(smmu_asked(&f));
    rig_stop(f.rig);
}

/* QEMU's own device as requester: to our BAR, to memory, to nobody. */
static void test_stock(void)
{
    struct fixture f = start_with_smmu(SWITCH("all") ENDPOINTS);
    struct teeio_qtest *qtest = f.rig->qtest;
    uint64_t place = WINDOW + TEEIO_TDI_RING_OFFSET + 0x400;

    teeio_qtest_writeq(qtest, TDI2_BAR + TEEIO_TDI_RING_OFFSET,
                       0x123456789abcdef0);
    rig_edu_read(f.rig, TDI2_BAR + TEEIO_TDI_RING_OFFSET, 8);
    rig_edu_write(f.rig, place, 8);
    g_assert_cmphex(teeio_qtest_readq(qtest, place), ==, 0x123456789abcdef0);
    g_assert_false(smmu_asked(&f));
    rig_edu_write(f.rig, RIG_DATA, 8);
    g_assert_true(smmu_asked(&f));
    set_acs(&f, PORT(1), TEEIO_ACS_RR, 0);
    set_acs(&f, ROOT, TEEIO_ACS_UF, 0);
    teeio_qtest_writeq(qtest, place, 0);
    rig_edu_write(f.rig, place, 8);
    g_assert_true(smmu_asked(&f));
    g_assert_cmphex(teeio_qtest_readq(qtest, place), ==, 0);
    rig_stop(f.rig);
}

/* Bus Master Enable of each port on the way. */
static void test_bus_master(void)
{
    const uint16_t ports[] = {PORT(0), UP, ROOT};
    struct fixture f = start_with_smmu(SWITCH("none") ENDPOINTS);

    for (size_t i = 0; i < G_N_ELEMENTS(ports); i++) {
        write16(&f, ports[i], TEEIO_CFG_COMMAND, TEEIO_CFG_COMMAND_MSE);
        rig_fill(f.rig, RIG_DATA, 8, 1, 0);
        g_assert_false(smmu_asked(&f));
        expect_error(&f, ports[i], UR);
        write16(&f, ports[i], TEEIO_CFG_COMMAND, 6);
        rig_fill(f.rig, RIG_DATA, 8, 1, 0);
        g_assert_true(smmu_asked(&f));
    }
    rig_stop(f.rig);
}

/* QEMU's own root port and switch: no ACS below it, ACS in the root port. */
static void test_stock_ports(void)
{
    struct fixture f = start_with_smmu(
        " -device pcie-root-port,id=rp,addr=1,chassis=1"
        " -device pcie-root-port,id=rp2,addr=2,chassis=2"
        " -device x3130-upstream,id=up,bus=rp"
        " -device xio3130-downstream,id=sw.0,bus=up,chassis=3,addr=0"
        " -device xio3130-downstream,id=sw.1,bus=up,chassis=4,addr=1"
        " -device xio3130-downstream,id=sw.2,bus=up,chassis=5,addr=2" ENDPOINTS);
    struct teeio_qpci_function root = at(&f, ROOT);
    unsigned acs = teeio_qpci_extended(&root, TEEIO_ECAP_ACS);

    g_assert_cmpint(tdi_writes(&f), ==, 'P');
    rig_fill(f.rig, TDI2_BAR + TEEIO_TDI_RING_OFFSET, 64, 0x66, 0);
    g_assert_true(teeio_qtest_uniform(
        f.rig->qtest, TDI2_BAR + TEEIO_TDI_RING_OFFSET, 0x66, 8));
    g_assert_false(smmu_asked(&f));
    write16(&f, ROOT, acs + TEEIO_ACS_CONTROL, TEEIO_ACS_RR);
    rig_fill(f.rig, TDI2_BAR + TEEIO_TDI_RING_OFFSET, 64, 0x67, 0);
    g_assert_true(smmu_asked(&f));
    rig_fill(f.rig, UP_FREE, 64, 0x67, 0);
    expect_error(&f, UP, UR);
    rig_stop(f.rig);
}

/* S2-6: what dma-ranges say is all that the host takes. */
static void test_inbound(void)
{
    struct fixture f = start(
        NULL, "-device teeio-window,base=0x80000000,size=0x10000"
              ",target=0x42000000 "
              "-device teeio-window,base=0x42100000,size=0x1000 " SWITCH("all")
                  ENDPOINTS);
    struct teeio_qtest *qtest = f.rig->qtest;

    rig_fill(f.rig, 0x80001000, 64, 0x11, 0);
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA + 0x1000, 0x11, 64));
    rig_fill(f.rig, 0x42100000, 64, 0x12, 0);
    g_assert_true(teeio_qtest_uniform(qtest, 0x42100000, 0x12, 64));
    rig_fill(f.rig, RIG_DATA + 0x2000, 64, 0x13, 0);
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA + 0x2000, 0, 64));
    expect_error(&f, ROOT, UR);
    rig_fill(f.rig, 0x80010000, 64, 0x13, 0);
    expect_error(&f, ROOT, UR);
    /* A stock device, into a window and beside it. */
    teeio_qtest_writeq(qtest, 0x42100000, 0x1122334455667788);
    rig_edu_read(f.rig, 0x42100000, 8);
    rig_edu_write(f.rig, 0x80002000, 8);
    g_assert_cmphex(teeio_qtest_readq(qtest, RIG_DATA + 0x2000), ==,
                    0x1122334455667788);
    rig_edu_write(f.rig, 0x42101000, 8);
    expect_error(&f, ROOT, UR);
    rig_stop(f.rig);
}

/* The whole story of one error, up to the interrupt of the root port. */
static void test_aer(void)
{
    struct fixture f = start(NULL, SWITCH("all") ENDPOINTS);
    struct teeio_qpci_function root = at(&f, ROOT);
    const uint64_t doorbell = RIG_DATA + 0x8000;
    unsigned express;

    f.rig->pci.next = 0x11000000;
    teeio_qpci_msix_enable(&root);
    for (unsigned i = 0; i < teeio_qpci_msix_vectors(&root); i++) {
        teeio_qpci_msix_program(&root, i, doorbell, 0xabcd);
    }
    write32(&f, ROOT, 0x100 + TEEIO_AER_ROOT_COMMAND, 7);
    root = at(&f, PORT(0));
    express = teeio_qpci_capability(&root, TEEIO_CAP_EXPRESS);
    teeio_qpci_writew(&root, express + TEEIO_EXP_DEVCTL, 0xf);
    set_acs(&f, PORT(0), TEEIO_ACS_EC, UINT32_MAX);
    /* A port on the way that does not pass on messages. */
    write16(&f, UP, TEEIO_CFG_BRIDGE_CONTROL, 0);
    rig_fill(f.rig, EDU_BAR + EDU_CHECK, 4, 0x5a, 0);
    expect_error(&f, PORT(0), ACSV);
    g_assert_cmphex(read32(&f, ROOT, 0x100 + TEEIO_AER_ROOT_STATUS) & 0x7f, ==,
                    0);
    write16(&f, UP, TEEIO_CFG_BRIDGE_CONTROL, TEEIO_CFG_BRIDGE_SERR);
    rig_fill(f.rig, EDU_BAR + EDU_CHECK, 4, 0x5a, 0);
    while (teeio_qtest_readl(f.rig->qtest, doorbell) != 0xabcd) {
        g_usleep(1000);
    }
    g_assert_cmphex(read32(&f, PORT(0), 0x100 + TEEIO_AER_HEADER), ==,
                    0x40000001);
    g_assert_cmphex(read32(&f, PORT(0), 0x100 + TEEIO_AER_HEADER + 4), ==,
                    TDI << 16 | 0x0f);
    g_assert_cmphex(read32(&f, PORT(0), 0x100 + TEEIO_AER_HEADER + 8), ==,
                    EDU_BAR + EDU_CHECK);
    g_assert_cmphex(read32(&f, PORT(0), 0x100 + TEEIO_AER_CONTROL) & 0x1f, ==,
                    TEEIO_AER_ACS);
    g_assert_cmphex(read32(&f, ROOT, 0x100 + TEEIO_AER_ROOT_SOURCE), ==,
                    PORT(0) << 16);
    g_assert_cmphex(read32(&f, ROOT, 0x100 + TEEIO_AER_ROOT_STATUS) & 0x7f, ==,
                    TEEIO_AER_GOT_UNCOR | TEEIO_AER_GOT_NONFATAL);
    rig_stop(f.rig);
}

static void dump(struct fixture *f, uint16_t bdf, GString *text)
{
    g_string_append_printf(text, "%02x:%02x.%x device\n", bdf >> 8,
                           bdf >> 3 & 0x1f, bdf & 7);
    for (unsigned row = 0; row < TEEIO_CONFIG_SIZE; row += 16) {
        g_string_append_printf(text, "%02x:", row);
        for (unsigned i = 0; i < 16; i += 4) {
            uint32_t value = GUINT32_TO_BE(read32(f, bdf, row + i));

            g_string_append_printf(text, " %02x %02x %02x %02x",
                                   value >> 24 & 0xff, value >> 16 & 0xff,
                                   value >> 8 & 0xff, value & 0xff);
        }
        g_string_append_c(text, '\n');
    }
    g_string_append_c(text, '\n');
}

/* What a program says that knows nothing of us. */
static void test_lspci(void)
{
    static const char *const lines[] = {
        "Capabilities: [100 v2] Advanced Error Reporting",
        "Capabilities: [148 v1] Access Control Services",
        "ACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ "
        "EgressCtrl- DirectTrans+",
        "ACSCtl:\tSrcValid- TransBlk- ReqRedir+ CmpltRedir- UpstreamFwd+ "
        "EgressCtrl- DirectTrans-",
        "Express (v2) Root Port",
        "Express (v2) Upstream Port",
        "Express (v2) Downstream Port",
    };
    g_autofree char *lspci = g_find_program_in_path("lspci");
    const char *argv[] = {lspci, "-vvv", "-F", NULL, NULL};
    g_autofree char *path = NULL;
    g_autofree char *output = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    struct fixture f;
    int fd;

    if (!lspci) {
        g_test_skip("lspci is not installed");
        return;
    }
    f = start(NULL, SWITCH("sv+tb+rr+cr+uf+dt") ENDPOINTS);
    set_acs(&f, PORT(0), TEEIO_ACS_RR | TEEIO_ACS_UF, 0);
    dump(&f, ROOT, text);
    dump(&f, UP, text);
    dump(&f, PORT(0), text);
    rig_stop(f.rig);
    fd = g_file_open_tmp("teeio-lspci-XXXXXX", &path, &error);
    g_assert_no_error(error);
    close(fd);
    g_assert_true(g_file_set_contents(path, text->str, -1, NULL));
    argv[3] = path;
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                 NULL, &output, NULL, NULL, &error);
    g_assert_no_error(error);
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        if (!strstr(output, lines[i])) {
            g_error("'%s' is missing in: %s", lines[i], output);
        }
    }
    unlink(path);
}

static void test_reset(void)
{
    struct fixture f = start_with_smmu(SWITCH("all") ENDPOINTS);

    set_acs(&f, PORT(0), TEEIO_ACS_RR | TEEIO_ACS_EC, UINT32_MAX);
    set_acs(&f, ROOT, TEEIO_ACS_UF, 4);
    g_assert_cmpint(tdi_writes(&f), ==, 'I');
    /* A hot reset of the link reaches the switch below. */
    write16(&f, ROOT, TEEIO_CFG_BRIDGE_CONTROL, 0x40);
    write16(&f, ROOT, TEEIO_CFG_BRIDGE_CONTROL, TEEIO_CFG_BRIDGE_SERR);
    bridge(&f, UP, 0x00050201, WINDOW, 0x800000);
    g_assert_cmphex(read32(&f, PORT(0), 0x148 + TEEIO_ACS_CAPABILITY), ==,
                    0x207f);
    g_assert_cmphex(read32(&f, PORT(0), 0x148 + TEEIO_ACS_VECTOR), ==, 0);
    g_assert_cmphex(read32(&f, ROOT, 0x148 + TEEIO_ACS_CAPABILITY), ==,
                    TEEIO_ACS_UF << 16 | 0x207f);
    set_acs(&f, PORT(0), TEEIO_ACS_RR | TEEIO_ACS_EC, UINT32_MAX);
    teeio_qtest_qmp_ok(f.rig->qtest, "system_reset", NULL);
    place(&f);
    g_assert_cmphex(read32(&f, ROOT, 0x148 + TEEIO_ACS_CAPABILITY), ==, 0x207f);
    g_assert_cmphex(read32(&f, ROOT, 0x148 + TEEIO_ACS_VECTOR), ==, 0);
    g_assert_cmphex(read32(&f, PORT(0), 0x148 + TEEIO_ACS_CAPABILITY), ==,
                    0x207f);
    start_smmu(&f);
    g_assert_cmpint(tdi_writes(&f), ==, 'P');
    rig_stop(f.rig);
}

static void monitor(struct fixture *f, const char *line)
{
    g_autoptr(JsonObject) reply =
        teeio_qtest_qmp(f->rig->qtest, "human-monitor-command",
                        "{\"command-line\": \"%s\"}", line);

    g_assert_cmpstr(json_object_get_string_member(reply, "return"), ==, "");
}

static void test_snapshot(void)
{
    struct rig_disk disk;
    g_autofree char *args = NULL;
    struct fixture f;

    rig_disk_init(&disk);
    args = g_strdup_printf("-drive if=none,format=qcow2,file='%s' %s%s%s",
                           disk.path, SWITCH("all"), ENDPOINTS,
                           " -device teeio-smmuv3,id=smmu");
    f = start(NULL, args);
    start_smmu(&f);
    set_acs(&f, PORT(0), TEEIO_ACS_EC, 1u << 2);
    set_acs(&f, PORT(1), TEEIO_ACS_RR, 0);
    set_acs(&f, ROOT, TEEIO_ACS_UF, 0);
    g_assert_cmpint(tdi_writes(&f), ==, '-');
    expect_error(&f, PORT(0), ACSV);
    rig_fill(f.rig, EDU_BAR, 4, 0, 0);
    while (!read32(&f, PORT(0), 0x100 + TEEIO_AER_UNCOR_STATUS)) {
        g_usleep(1000);
    }
    monitor(&f, "savevm one");
    expect_error(&f, PORT(0), ACSV);
    set_acs(&f, PORT(0), 0, 0);
    set_acs(&f, PORT(1), 0, 0);
    g_assert_cmpint(tdi_writes(&f), ==, 'P');
    monitor(&f, "loadvm one");
    /* QEMU does not save this device. */
    endpoint(&f, EDU, EDU_BAR);
    f.faults = rig_counter(f.rig, "smmu", "faults");
    expect_error(&f, PORT(0), ACSV);
    g_assert_cmphex(read32(&f, PORT(0), 0x148 + TEEIO_ACS_VECTOR), ==, 4);
    g_assert_cmpint(tdi_writes(&f), ==, '-');
    rig_edu_write(f.rig, WINDOW + TEEIO_TDI_RING_OFFSET, 8);
    g_assert_true(smmu_asked(&f));
    rig_stop(f.rig);
    rig_disk_clear(&disk);
}

int main(int argc, char **argv)
{
    static const char *const config[] = {"default", "all", "none", "ec",
                                         "some"};

    rig_init(&argc, &argv);
    for (size_t i = 0; i < G_N_ELEMENTS(config); i++) {
        g_autofree char *name = g_strdup_printf("/fabric/config/%s", config[i]);

        g_test_add_data_func(name, GINT_TO_POINTER(i), test_config);
    }
    g_test_add_func("/fabric/bad-arguments", test_bad_arguments);
    g_test_add_func("/fabric/acs", test_acs);
    g_test_add_func("/fabric/no-acs", test_no_acs);
    g_test_add_func("/fabric/root-ports", test_root_ports);
    g_test_add_func("/fabric/itself", test_itself);
    g_test_add_func("/fabric/source-validation", test_source_validation);
    g_test_add_func("/fabric/translation-blocking", test_translation_blocking);
    g_test_add_func("/fabric/completion-redirect", test_completion_redirect);
    g_test_add_func("/fabric/windows", test_windows);
    g_test_add_func("/fabric/stock", test_stock);
    g_test_add_func("/fabric/bus-master", test_bus_master);
    g_test_add_func("/fabric/stock-ports", test_stock_ports);
    g_test_add_func("/fabric/inbound", test_inbound);
    g_test_add_func("/fabric/aer", test_aer);
    g_test_add_func("/fabric/lspci", test_lspci);
    g_test_add_func("/fabric/reset", test_reset);
    g_test_add_func("/fabric/snapshot", test_snapshot);
    return g_test_run();
}
