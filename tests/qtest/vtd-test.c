/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-vtd on board q35, all through its registers and the DMA of a TDI.
 * Numbers are those of the manual.
 */

#include <string.h>

#include "rig-disk.h"
#include "rig.h"
#include "teeio-tables/x86.h"

#define VTD    0xfed90000ull
#define PAGE   0x1000ull
#define QUEUE  0x1000000ull
#define STATUS 0x1010000ull
#define MSI    0x1020000ull /* memory, so that the message can be read */
#define TABLES 0x1100000ull
#define A      0x2000000ull
#define B      (A + 8 * PAGE)
#define IOVA   0x62345000ull
#define WINDOW 0x80000000ull /* of first-stage tables when nested */
#define DOMAIN 7u

#define GCMD   0x18
#define GSTS   0x1c
#define RTADDR 0x20
#define CCMD   0x28
#define FSTS   0x34
#define FECTL  0x38
#define FEDATA 0x3c
#define FEADDR 0x40
#define IQH    0x80
#define IQT    0x88
#define IQA    0x90
#define IOTLB  0xf8
#define FRCD   0x220

#define TE     0x80000000u
#define SRTP   0x40000000u
#define QIE    0x04000000u

/**
 * struct unit - a machine whose unit is under our control
 * @wide: descriptors have 32 bytes, as scalable mode needs them
 */
struct unit {
    struct rig rig;
    struct teeio_tables tables;
    struct teeio_tables_vtd root;
    struct teeio_tables_x86 space;
    struct teeio_tables_x86 second;
    struct teeio_tables_x86_window window;
    struct teeio_tables_vtd_pasids pasids;
    bool wide;
    uint32_t tail;
};

static void tables_read(void *opaque, uint64_t gpa, void *buf, size_t len)
{
    teeio_qtest_memread(opaque, gpa, buf, len);
}

static void tables_write(void *opaque, uint64_t gpa, const void *buf,
                         size_t len)
{
    teeio_qtest_memwrite(opaque, gpa, buf, len);
}

static uint32_t get(struct unit *unit, unsigned offset)
{
    return teeio_qtest_readl(unit->rig.qtest, VTD + offset);
}

static uint64_t get64(struct unit *unit, unsigned offset)
{
    return teeio_qtest_readq(unit->rig.qtest, VTD + offset);
}

static void set(struct unit *unit, unsigned offset, uint32_t value)
{
    teeio_qtest_writel(unit->rig.qtest, VTD + offset, value);
}

static void set64(struct unit *unit, unsigned offset, uint64_t value)
{
    teeio_qtest_writeq(unit->rig.qtest, VTD + offset, value);
}

static void find_tdi(struct unit *unit)
{
    struct rig *rig = &unit->rig;

    teeio_qpci_init_q35(&rig->pci, rig->qtest);
    g_assert_true(teeio_qpci_find(&rig->pci, TEEIO_TDI_VENDOR_ID,
                                  TEEIO_TDI_DEVICE_ID, 0, &rig->tdi));
    teeio_qpci_map(&rig->tdi, 0);
    teeio_qpci_enable(&rig->tdi);
}

static void start(struct unit *unit, const char *properties, const char *args)
{
    g_autofree char *plugin = rig_plugin();
    g_autofree char *all =
        g_strdup_printf("-M q35 -m 64 -plugin '%s' -device teeio-vtd,id=vtd%s "
                        "-device teeio-tdi,id=tdi,addr=2 %s",
                        plugin, properties, args);

    memset(unit, 0, sizeof(*unit));
    unit->rig.qtest = teeio_qtest_start(rig_qemu_x86_64(), all);
    unit->tables = (struct teeio_tables){
        .opaque = unit->rig.qtest,
        .read = tables_read,
        .write = tables_write,
        .next = TABLES,
        .end = A,
    };
    find_tdi(unit);
}

static void stop(struct unit *unit)
{
    teeio_qtest_stop(unit->rig.qtest);
}

/* One descriptor to its end, and a wait descriptor behind it. */
static void invalidate(struct unit *unit, uint64_t dw0, uint64_t dw1)
{
    const uint64_t wait = 5 | 1 << 5 | (uint64_t)0x77 << 32;
    unsigned size = unit->wide ? 32 : 16;
    uint64_t descriptors[2][4] = {{dw0, dw1}, {wait, STATUS}};

    teeio_qtest_writel(unit->rig.qtest, STATUS, 0);
    for (int i = 0; i < 2; i++) {
        teeio_qtest_memwrite(unit->rig.qtest, QUEUE + unit->tail,
                             descriptors[i], size);
        unit->tail = (unit->tail + size) % PAGE;
    }
    set64(unit, IQT, unit->tail);
    g_assert_cmphex(get64(unit, IQH), ==, unit->tail);
    g_assert_cmphex(teeio_qtest_readl(unit->rig.qtest, STATUS), ==, 0x77);
}

/* CC_INV, PC_INV and IOTLB_INV, all global. */
static void invalidate_all(struct unit *unit)
{
    invalidate(unit, 1 | 1 << 4, 0);
    if (unit->wide) {
        invalidate(unit, 7 | 3 << 4, 0);
    }
    invalidate(unit, 2 | 1 << 4, 0);
}

static void enable(struct unit *unit)
{
    set64(unit, IQT, 0);
    set64(unit, IQA, QUEUE | (unit->wide ? 0x800 : 0));
    set(unit, GCMD, QIE);
    set64(unit, RTADDR, teeio_tables_vtd_root(&unit->root));
    set(unit, GCMD, QIE | SRTP);
    invalidate_all(unit);
    set(unit, FEADDR, MSI);
    set(unit, FEDATA, 0x4021);
    set(unit, FECTL, 0);
    set(unit, GCMD, QIE | TE);
    g_assert_cmphex(get(unit, GSTS), ==, QIE | TE | SRTP);
}

static void legacy(struct unit *unit, unsigned levels)
{
    g_assert_true(teeio_tables_vtd_init(&unit->root, &unit->tables, false));
    g_assert_true(
        teeio_tables_x86_init(&unit->space, &unit->tables, levels, true));
    g_assert_true(
        teeio_tables_x86_map(&unit->space, IOVA, A, 1, TEEIO_TABLES_SS_RW));
    g_assert_true(teeio_tables_vtd_set_context(
        &unit->root, RIG_TDI,
        teeio_tables_vtd_legacy(&unit->space, DOMAIN, 1)));
}

static void unmap(struct unit *unit)
{
    uint64_t slot = teeio_tables_x86_slot(&unit->space, IOVA, 1);

    g_assert_cmphex(slot, !=, 0);
    teeio_qtest_writeq(unit->rig.qtest, slot, 0);
}

static uint32_t fill(struct unit *unit, uint64_t address, uint8_t value)
{
    return rig_fill(&unit->rig, address, PAGE, value, 0);
}

static void assert_fill(struct unit *unit, uint64_t address, uint64_t place,
                        uint8_t value)
{
    g_assert_cmpuint(fill(unit, address, value), ==, TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(unit->rig.qtest, place, value, PAGE));
}

/* Takes the record, and readies the unit for the next. */
static void expect_fault(struct unit *unit, unsigned index, unsigned reason,
                         bool write)
{
    struct teeio_qtest *qtest = unit->rig.qtest;
    unsigned record = FRCD + 16 * index;
    uint64_t high = get64(unit, record + 8);

    g_assert_cmphex(get(unit, FSTS) & 2, ==, 2);
    g_assert_cmphex(get64(unit, record), ==, IOVA);
    g_assert_cmphex(high >> 63, ==, 1);
    g_assert_cmphex(high >> 62 & 1, ==, !write);
    g_assert_cmphex(high >> 32 & 0xff, ==, reason);
    g_assert_cmphex(high & 0xffff, ==, RIG_TDI);
    g_assert_cmphex(teeio_qtest_readl(qtest, MSI), ==, 0x4021);
    teeio_qtest_writel(qtest, MSI, 0);
    set64(unit, record + 8, 1ull << 63);
    g_assert_cmphex(get(unit, FSTS) & 2, ==, 0);
}

/* Nobody has programmed it: DMA passes. */
static void test_off(void)
{
    struct unit unit;

    start(&unit, "", "");
    g_assert_cmphex(get(&unit, 0), ==, 0x10);
    g_assert_cmphex(get64(&unit, 0x10) & 1ull << 3, ==, 0);
    assert_fill(&unit, A, A, 0x11);
    g_assert_cmpint(rig_counter(&unit.rig, "vtd", "translations"), ==, 1);
    stop(&unit);
}

static void test_legacy(gconstpointer data)
{
    unsigned levels = GPOINTER_TO_UINT(data);
    struct unit unit;

    start(&unit, "", "");
    legacy(&unit, levels);
    enable(&unit);
    assert_fill(&unit, IOVA, A, 0x21);
    /* Unmapped, but remembered until the guest says so. */
    unmap(&unit);
    assert_fill(&unit, IOVA, A, 0x22);
    invalidate(&unit, 2 | 3 << 4 | DOMAIN << 16, IOVA);
    fill(&unit, IOVA, 0x23);
    g_assert_true(teeio_qtest_uniform(unit.rig.qtest, A, 0x22, PAGE));
    expect_fault(&unit, 0, 0x05, true);
    g_assert_false(rig_reads(&unit.rig, IOVA, 0x22, PAGE, 0));
    expect_fault(&unit, 1, 0x06, false);
    g_assert_cmpint(rig_counter(&unit.rig, "vtd", "faults"), ==, 2);
    stop(&unit);
}

/* Without the queue: by registers. */
static void test_registers(void)
{
    struct unit unit;

    start(&unit, ",queue=off", "");
    g_assert_cmphex(get64(&unit, 0x10) & (1ull << 1 | 1ull << 43), ==, 0);
    legacy(&unit, 4);
    set64(&unit, RTADDR, teeio_tables_vtd_root(&unit.root));
    set(&unit, GCMD, SRTP);
    set(&unit, GCMD, QIE | TE);
    g_assert_cmphex(get(&unit, GSTS), ==, TE | SRTP);
    assert_fill(&unit, IOVA, A, 0x31);
    g_assert_true(
        teeio_tables_x86_map(&unit.space, IOVA, B, 1, TEEIO_TABLES_SS_RW));
    assert_fill(&unit, IOVA, A, 0x32);
    set64(&unit, IOTLB, 1ull << 63 | 1ull << 60);
    g_assert_cmphex(get64(&unit, IOTLB) >> 57 & 3, ==, 1);
    assert_fill(&unit, IOVA, B, 0x33);
    teeio_qtest_writeq(unit.rig.qtest,
                       teeio_tables_vtd_context_slot(&unit.root, RIG_TDI), 0);
    assert_fill(&unit, IOVA, B, 0x34);
    set64(&unit, CCMD, 1ull << 63 | 1ull << 61);
    g_assert_cmphex(get64(&unit, CCMD) >> 59 & 3, ==, 1);
    fill(&unit, IOVA, 0x35);
    g_assert_true(teeio_qtest_uniform(unit.rig.qtest, B, 0x34, PAGE));
    g_assert_cmphex(get64(&unit, FRCD + 8) >> 32 & 0xff, ==, 0x02);
    stop(&unit);
}

enum mode { FIRST, FIRST5, SECOND, NESTED, PASS };

static struct teeio_tables_vtd_pasid entry(struct unit *unit, enum mode mode)
{
    struct teeio_tables_x86 *space = &unit->space;
    struct teeio_tables *tables = &unit->tables;

    switch (mode) {
    case FIRST:
    case FIRST5:
        teeio_tables_x86_init(space, tables, mode == FIRST5 ? 5 : 4, false);
        teeio_tables_x86_map(space, IOVA, A, 1, TEEIO_TABLES_X86_RW);
        return teeio_tables_vtd_first(space, DOMAIN);
    case SECOND:
        teeio_tables_x86_init(space, tables, 4, true);
        teeio_tables_x86_map(space, IOVA, A, 1, TEEIO_TABLES_SS_RW);
        return teeio_tables_vtd_second(space, DOMAIN);
    case NESTED:
        teeio_tables_x86_init(&unit->second, tables, 4, true);
        teeio_tables_x86_map(&unit->second, B, A, 1, TEEIO_TABLES_SS_RW);
        teeio_tables_x86_window_init(&unit->window, &unit->second, WINDOW,
                                     0x10000);
        teeio_tables_x86_init(space, &unit->window.tables, 4, false);
        teeio_tables_x86_map(space, IOVA, B, 1, TEEIO_TABLES_X86_RW);
        return teeio_tables_vtd_nested(space, &unit->second, DOMAIN);
    default:
        return teeio_tables_vtd_pass(DOMAIN);
    }
}

static void scalable(struct unit *unit, enum mode mode)
{
    struct teeio_tables *tables = &unit->tables;

    unit->wide = true;
    g_assert_true(teeio_tables_vtd_init(&unit->root, tables, true));
    g_assert_true(teeio_tables_vtd_pasids_init(&unit->pasids, tables, 13));
    g_assert_true(
        teeio_tables_vtd_set_pasid(&unit->pasids, 0, entry(unit, mode)));
    g_assert_true(teeio_tables_vtd_set_context(
        &unit->root, RIG_TDI, teeio_tables_vtd_scalable(&unit->pasids, 0)));
}

static void test_scalable(gconstpointer data)
{
    static const uint8_t reasons[] = {
        [FIRST] = 0x71, [FIRST5] = 0x71, [SECOND] = 0x79};
    enum mode mode = GPOINTER_TO_UINT(data);
    struct unit unit;

    start(&unit, "", "");
    scalable(&unit, mode);
    enable(&unit);
    assert_fill(&unit, mode == PASS ? A : IOVA, A, 0x41);
    g_assert_cmphex(get(&unit, FSTS), ==, 0);
    if (mode <= SECOND) {
        unmap(&unit);
        assert_fill(&unit, IOVA, A, 0x42);
        /* By domain, and by PASID. */
        invalidate(&unit, 2 | 2 << 4 | DOMAIN << 16, 0);
        invalidate(&unit, 6 | 2 << 4 | DOMAIN << 16, 0);
        fill(&unit, IOVA, 0x43);
        expect_fault(&unit, 0, reasons[mode], true);
    }
    if (mode != PASS) {
        /* The PASID entry itself. */
        teeio_qtest_writeq(unit.rig.qtest,
                           teeio_tables_vtd_pasid_slot(&unit.pasids, 0), 0);
        invalidate(&unit, 7 | 1 << 4 | DOMAIN << 16, 0);
        invalidate(&unit, 2 | 1 << 4, 0);
        fill(&unit, IOVA, 0x44);
        expect_fault(&unit, mode <= SECOND, 0x59, true);
    }
    stop(&unit);
}

static void test_reset(void)
{
    struct unit unit;

    start(&unit, "", "");
    legacy(&unit, 4);
    enable(&unit);
    assert_fill(&unit, IOVA, A, 0x51);
    teeio_qtest_qmp_ok(unit.rig.qtest, "system_reset", NULL);
    find_tdi(&unit);
    g_assert_cmphex(get(&unit, GSTS), ==, 0);
    g_assert_cmphex(get64(&unit, RTADDR), ==, 0);
    g_assert_cmpint(rig_counter(&unit.rig, "vtd", "commands"), ==, 0);
    assert_fill(&unit, A, A, 0x52);
    stop(&unit);
}

static void monitor(struct unit *unit, const char *line)
{
    g_autoptr(JsonObject) reply =
        teeio_qtest_qmp(unit->rig.qtest, "human-monitor-command",
                        "{\"command-line\": \"%s\"}", line);

    g_assert_cmpstr(json_object_get_string_member(reply, "return"), ==, "");
}

static void test_snapshot(void)
{
    struct rig_disk disk;
    g_autofree char *args = NULL;
    struct unit unit;
    uint64_t root;
    int64_t commands;

    rig_disk_init(&disk);
    args =
        g_strdup_printf("-drive if=none,id=d,file=%s,format=qcow2", disk.path);
    start(&unit, "", args);
    legacy(&unit, 4);
    enable(&unit);
    assert_fill(&unit, IOVA, A, 0x61);
    unmap(&unit);
    invalidate_all(&unit);
    fill(&unit, IOVA, 0x62);
    root = get64(&unit, RTADDR);
    commands = rig_counter(&unit.rig, "vtd", "commands");
    monitor(&unit, "savevm one");
    set(&unit, GCMD, 0);
    teeio_qtest_qmp_ok(unit.rig.qtest, "system_reset", NULL);
    g_assert_cmphex(get(&unit, FSTS), ==, 0);
    monitor(&unit, "loadvm one");
    g_assert_cmphex(get(&unit, GSTS), ==, QIE | TE | SRTP);
    g_assert_cmphex(get64(&unit, RTADDR), ==, root);
    g_assert_cmphex(get64(&unit, IQT), ==, unit.tail);
    g_assert_cmpint(rig_counter(&unit.rig, "vtd", "commands"), ==, commands);
    expect_fault(&unit, 0, 0x05, true);
    /* The queue goes on where it was. */
    invalidate_all(&unit);
    stop(&unit);
    rig_disk_clear(&disk);
}

int main(int argc, char **argv)
{
    static const char *const modes[] = {
        [FIRST] = "first",   [FIRST5] = "first-5", [SECOND] = "second",
        [NESTED] = "nested", [PASS] = "pass",
    };

    rig_init(&argc, &argv);
    g_test_add_func("/vtd/off", test_off);
    for (unsigned levels = 3; levels <= 5; levels++) {
        g_autofree char *name = g_strdup_printf("/vtd/legacy-%u", levels);

        g_test_add_data_func(name, GUINT_TO_POINTER(levels), test_legacy);
    }
    g_test_add_func("/vtd/registers", test_registers);
    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_autofree char *name = g_strdup_printf("/vtd/scalable-%s", modes[i]);

        g_test_add_data_func(name, GUINT_TO_POINTER(i), test_scalable);
    }
    g_test_add_func("/vtd/reset", test_reset);
    g_test_add_func("/vtd/snapshot", test_snapshot);
    return g_test_run();
}
