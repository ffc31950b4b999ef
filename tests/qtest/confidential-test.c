/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-confidential, with firmware of 238 bytes for a guest: it asks what it
 * is, shares a page, and writes with and without the C bit.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "abi/x86.h"
#include "rig.h"
#include "teeio/tdisp.h"

#define CBIT     (1ull << 39)
#define ROM_SIZE 0x10000
#define RESET    0xfff0
#define ECAM     0xb0000000ull
#define WINDOW   0x10000000ull
#define TSM      0xfeda0000ull
#define TABLES   0x8000ull
#define PAGE     0x1000ull

/* Pages that the firmware writes to. */
#define EARLY       0x2000ull
#define ANSWERS     0x3000ull
#define SHARED      0x4000ull
#define PRIVATE     0x5000ull
#define DONE        (PRIVATE + 8)

#define MARK_BEFORE 0x11111111u /* at EARLY, while there is one bank */
#define MARK_AFTER  0x22222222u /* at EARLY + 8, when there are two */
#define MARK_SHARED 0x33333333u
#define MARK_OWN    0x44444444u

/* clang-format off */
static const uint8_t firmware[] = {
    0xfa, /* cli */
    0x31, 0xc0, /* xor ax,ax */
    0x8e, 0xd8, /* mov ds,ax */
    0x66, 0xb8, 0x60, 0x00, 0x00, 0x80, /* mov eax,0x80000060 */
    0xba, 0xf8, 0x0c, /* mov dx,0xcf8 */
    0x66, 0xef, /* out dx,eax */
    0x66, 0xb8, 0x01, 0x00, 0x00, 0xb0, /* mov eax,0xb0000001 */
    0xba, 0xfc, 0x0c, /* mov dx,0xcfc */
    0x66, 0xef, /* out dx,eax */
    /* mov ds:0x2000,0x11111111 */
    0x66, 0xc7, 0x06, 0x00, 0x20, 0x11, 0x11, 0x11, 0x11,
    0x66, 0xb8, 0x1f, 0x00, 0x00, 0x80, /* mov eax,0x8000001f */
    0x0f, 0xa2, /* cpuid */
    0x66, 0xa3, 0x00, 0x30, /* mov ds:0x3000,eax */
    0x66, 0x89, 0x1e, 0x04, 0x30, /* mov ds:0x3004,ebx */
    0x66, 0xb8, 0x00, 0x00, 0x00, 0x80, /* mov eax,0x80000000 */
    0x0f, 0xa2, /* cpuid */
    0x66, 0xa3, 0x08, 0x30, /* mov ds:0x3008,eax */
    0x66, 0xb8, 0x08, 0x00, 0x00, 0x80, /* mov eax,0x80000008 */
    0x0f, 0xa2, /* cpuid */
    0x66, 0xa3, 0x0c, 0x30, /* mov ds:0x300c,eax */
    0x66, 0xb9, 0x31, 0x01, 0x01, 0xc0, /* mov ecx,0xc0010131 */
    0x0f, 0x32, /* rdmsr */
    0x66, 0xa3, 0x10, 0x30, /* mov ds:0x3010,eax */
    0x66, 0x89, 0x16, 0x14, 0x30, /* mov ds:0x3014,edx */
    /* mov ds:0x2008,0x22222222 */
    0x66, 0xc7, 0x06, 0x08, 0x20, 0x22, 0x22, 0x22, 0x22,
    /* mov ds:0xb024,0x0 */
    0x66, 0xc7, 0x06, 0x24, 0xb0, 0x00, 0x00, 0x00, 0x00,
    0x2e, 0x66, 0x0f, 0x01, 0x16, 0xe8, 0x00, /* lgdtd cs:0xe8 */
    0x0f, 0x20, 0xe0, /* mov eax,cr4 */
    0x66, 0x83, 0xc8, 0x20, /* or eax,0x20 */
    0x0f, 0x22, 0xe0, /* mov cr4,eax */
    0x66, 0xb8, 0x00, 0x80, 0x00, 0x00, /* mov eax,0x8000 */
    0x0f, 0x22, 0xd8, /* mov cr3,eax */
    0x66, 0xb9, 0x80, 0x00, 0x00, 0xc0, /* mov ecx,0xc0000080 */
    0x0f, 0x32, /* rdmsr */
    0x66, 0x0d, 0x00, 0x01, 0x00, 0x00, /* or eax,0x100 */
    0x0f, 0x30, /* wrmsr */
    0x0f, 0x20, 0xc0, /* mov eax,cr0 */
    0x66, 0x0d, 0x01, 0x00, 0x00, 0x80, /* or eax,0x80000001 */
    0x0f, 0x22, 0xc0, /* mov cr0,eax */
    0x66, 0xea, 0xae, 0x00, 0x0f, 0x00, 0x08, 0x00, /* jmp 0x8:0xf00ae */
    /* mov [0x4000],0x33333333, in 64-bit mode */
    0xc7, 0x04, 0x25, 0x00, 0x40, 0x00, 0x00, 0x33, 0x33, 0x33, 0x33,
    /* mov [0x5000],0x44444444 */
    0xc7, 0x04, 0x25, 0x00, 0x50, 0x00, 0x00, 0x44, 0x44, 0x44, 0x44,
    /* mov [0x5008],1 */
    0xc7, 0x04, 0x25, 0x08, 0x50, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
    /* hlt, again; padding */
    0xf4, 0xeb, 0xfd, 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00,
    /* GDT: nothing, 64-bit code */
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0x00, 0x00,
    0x00, 0x9a, 0xaf, 0x00,
    0x0f, 0x00, 0xd8, 0x00, 0x0f, 0x00, /* its size and address */
};
/* clang-format on */

struct guest {
    struct rig rig;
    char *folder;
    char *rom;
    char *pid;
};

static void write_rom(const char *path)
{
    /* jmp 0xf000:0x0000 */
    static const uint8_t entry[] = {0xea, 0x00, 0x00, 0x00, 0xf0};
    g_autofree char *rom = g_malloc0(ROM_SIZE);

    memcpy(rom, firmware, sizeof(firmware));
    memcpy(rom + RESET, entry, sizeof(entry));
    g_assert_true(g_file_set_contents(path, rom, ROM_SIZE, NULL));
}

/* @args go before the device, so that it can be left out or come second. */
static void guest_start(struct guest *guest, const char *plugin_args,
                        const char *args)
{
    g_autofree char *plugin = rig_plugin();
    g_autofree char *all = NULL;

    memset(guest, 0, sizeof(*guest));
    guest->folder = g_dir_make_tmp("teeio-confidential-XXXXXX", NULL);
    guest->rom = g_build_filename(guest->folder, "rom", NULL);
    guest->pid = g_build_filename(guest->folder, "pid", NULL);
    write_rom(guest->rom);
    all =
        g_strdup_printf("-bios '%s' -m 64 -pidfile '%s' -plugin '%s%s%s' %s",
                        guest->rom, guest->pid, plugin, plugin_args ? "," : "",
                        plugin_args ? plugin_args : "", args);
    guest->rig.qtest = teeio_qtest_start(rig_qemu_x86_64(), all);
}

static void guest_stop(struct guest *guest)
{
    teeio_qtest_stop(guest->rig.qtest);
    g_unlink(guest->rom);
    g_unlink(guest->pid);
    g_assert_cmpint(g_rmdir(guest->folder), ==, 0);
    g_free(guest->rom);
    g_free(guest->pid);
    g_free(guest->folder);
}

static void require(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        g_error("'%s' is missing in: %s", part, text);
    }
}

/*
 * The first 2 MiB one to one and private; the guest changes one page, in its
 * own copy. Entries on the way have no C bit: a walk needs none.
 */
static void write_tables(struct teeio_qtest *qtest)
{
    for (unsigned level = 0; level < 3; level++) {
        uint64_t table = TABLES + level * PAGE;

        teeio_qtest_writeq(qtest, table, (table + PAGE) | 3);
    }
    for (unsigned i = 0; i < 512; i++) {
        teeio_qtest_writeq(qtest, TABLES + 3 * PAGE + i * 8,
                           i * PAGE | 3 | CBIT);
    }
}

static void tick(gint64 *deadline)
{
    if (!*deadline) {
        *deadline =
            g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;
    }
    g_assert_cmpint(g_get_monotonic_time(), <, *deadline);
    g_usleep(1000);
}

static void wait_launched(struct guest *guest, int64_t launched)
{
    gint64 deadline = 0;

    while (rig_counter(&guest->rig, "conf", "launched") != launched) {
        tick(&deadline);
    }
}

static void run(struct guest *guest)
{
    struct teeio_qtest *qtest = guest->rig.qtest;
    gint64 deadline = 0;

    write_tables(qtest);
    teeio_qtest_qmp_ok(qtest, "cont", NULL);
    while (teeio_qtest_readl(qtest, DONE | CBIT) != 1) {
        tick(&deadline);
    }
}

/* Each bank by itself: what lies in the shared and in the private one. */
static void expect(struct guest *guest, uint64_t address, uint32_t shared,
                   uint32_t private)
{
    g_test_message("0x%" G_GINT64_MODIFIER "x", address);
    g_assert_cmphex(teeio_qtest_readl(guest->rig.qtest, address), ==, shared);
    g_assert_cmphex(teeio_qtest_readl(guest->rig.qtest, address | CBIT), ==,
                    private);
}

static void expect_counter(struct guest *guest, const char *name, int64_t value)
{
    g_test_message("%s", name);
    g_assert_cmpint(rig_counter(&guest->rig, "conf", name), ==, value);
}

static void expect_launched(struct guest *guest)
{
    expect(guest, EARLY, MARK_BEFORE, MARK_BEFORE);
    expect(guest, EARLY + 8, 0, MARK_AFTER);
    expect(guest, SHARED, MARK_SHARED, 0);
    expect(guest, PRIVATE, 0, MARK_OWN);
    expect_counter(guest, "launched", 1);
    expect_counter(guest, "shared-pages", 1);
    /* 64 MiB, without the display's 128 KiB and that page. */
    expect_counter(guest, "private-pages", 0x4000 - 0x20 - 1);
}

#define DEVICE "-device teeio-confidential,id=conf"

static void test_banks(gconstpointer machine)
{
    struct guest guest;

    guest_start(&guest, NULL, machine);
    expect_counter(&guest, "launched", 0);
    expect_counter(&guest, "c-bit", 39);
    run(&guest);
    expect_launched(&guest);
    expect_counter(&guest, "launches", 1);
    expect_counter(&guest, "conversions", 1);
    /* CPUID: SEV, and where the C bit is; asked for before the launch */
    expect(&guest, ANSWERS, 0x2, 0x2);
    expect(&guest, ANSWERS + 0x4, 39, 39);
    g_assert_cmphex(teeio_qtest_readl(guest.rig.qtest, ANSWERS + 0x8), >=,
                    0x8000001f);
    g_assert_cmphex(teeio_qtest_readl(guest.rig.qtest, ANSWERS + 0xc) & 0xff,
                    ==, 39);
    /* SEV_STATUS: SEV and nothing else */
    expect(&guest, ANSWERS + 0x10, 0, 1);
    expect(&guest, ANSWERS + 0x14, 0, 0);
    guest_stop(&guest);
}

static void test_reset(void)
{
    struct guest guest;

    guest_start(&guest, NULL, "-M q35 -cpu max " DEVICE);
    run(&guest);
    teeio_qtest_qmp_ok(guest.rig.qtest, "stop", NULL);
    teeio_qtest_qmp_ok(guest.rig.qtest, "system_reset", NULL);
    wait_launched(&guest, 0);
    expect(&guest, EARLY + 8, 0, 0);
    expect(&guest, PRIVATE, 0, 0);
    expect_counter(&guest, "private-pages", 0);
    /* What it wrote to the one bank that is left is still there. */
    expect(&guest, SHARED, MARK_SHARED, 0);
    teeio_qtest_writel(guest.rig.qtest, SHARED, 0);
    run(&guest);
    expect_launched(&guest);
    expect_counter(&guest, "launches", 2);
    guest_stop(&guest);
}

static uint32_t command(struct guest *guest, uint32_t command)
{
    struct teeio_qtest *qtest = guest->rig.qtest;

    teeio_qtest_writel(qtest, TSM + TEEIO_TSM_REG_FUNCTION,
                       guest->rig.tdi.requester);
    teeio_qtest_writel(qtest, TSM + TEEIO_TSM_REG_COMMAND, command);
    return teeio_qtest_readl(qtest, TSM + TEEIO_TSM_REG_STATUS);
}

/*
 * T=0 reaches one bank, or none where the page is private; T=1 reaches the one
 * that the guest means.
 */
static void test_dma(gconstpointer data)
{
    const char *t0_private = data;
    bool refuse = g_str_equal(t0_private, "refuse");
    uint32_t beside = refuse ? 0 : 0xa2a2a2a2;
    g_autofree char *args = NULL;
    struct guest guest;
    struct teeio_qpci_function *tdi = &guest.rig.tdi;

    args = g_strdup_printf("-M q35 -cpu max " DEVICE ",t0-private=%s "
                           "-device teeio-tsm,id=tsm -device teeio-tdi,id=tdi",
                           t0_private);
    guest_start(&guest, NULL, args);
    guest.rig.pci.qtest = guest.rig.qtest;
    guest.rig.pci.ecam = ECAM;
    guest.rig.pci.next = WINDOW;
    run(&guest);
    g_assert_true(teeio_qpci_find(&guest.rig.pci, TEEIO_TDI_VENDOR_ID,
                                  TEEIO_TDI_DEVICE_ID, 0, tdi));
    teeio_qpci_map(tdi, 0);
    teeio_qpci_map(tdi, 2);
    teeio_qpci_enable(tdi);

    g_assert_cmpint(rig_counter(&guest.rig, "tsm", "private-pages"), ==,
                    rig_counter(&guest.rig, "conf", "private-pages"));
    rig_fill(&guest.rig, SHARED, 16, 0xa1, 0);
    expect(&guest, SHARED, 0xa1a1a1a1, 0);
    rig_fill(&guest.rig, PRIVATE, 16, 0xa2, 0);
    expect(&guest, PRIVATE, beside, MARK_OWN);
    rig_fill(&guest.rig, PRIVATE | CBIT, 16, 0xa3, 0);
    expect(&guest, PRIVATE, beside, MARK_OWN);

    g_assert_cmphex(command(&guest, TEEIO_TSM_CMD_LOCK), ==, TEEIO_TDISP_OK);
    g_assert_cmphex(command(&guest, TEEIO_TSM_CMD_START), ==, TEEIO_TDISP_OK);
    rig_fill(&guest.rig, SHARED, 16, 0xb1, TEEIO_TDI_DESC_T);
    expect(&guest, SHARED, 0xb1b1b1b1, 0);
    rig_fill(&guest.rig, PRIVATE, 16, 0xb2, TEEIO_TDI_DESC_T);
    expect(&guest, PRIVATE, beside, 0xb2b2b2b2);
    guest_stop(&guest);
}

static JsonObject *canary(struct guest *guest, const char *word)
{
    JsonObject *reply = teeio_qtest_qmp(guest->rig.qtest, "x-teeio-canary",
                                        "{\"word\": \"%s\"}", word);

    return reply;
}

static void expect_canary(struct guest *guest, const char *word, int64_t shared,
                          int64_t private)
{
    g_autoptr(JsonObject) reply = canary(guest, word);
    JsonObject *counts = json_object_get_object_member(reply, "return");

    g_assert_nonnull(counts);
    g_assert_cmpint(json_object_get_int_member(counts, "shared"), ==, shared);
    g_assert_cmpint(json_object_get_int_member(counts, "private"), ==, private);
}

static void test_canary(void)
{
    static const char *const bad[] = {"", "12", "0x", "0xg",
                                      "0x11112222333344445"};
    struct guest guest;

    guest_start(&guest, NULL, "-M q35 -cpu max " DEVICE);
    expect_canary(&guest, "0x44444444", 0, 0);
    run(&guest);
    expect_canary(&guest, "0x44444444", 0, 1);
    expect_canary(&guest, "0x33333333", 1, 0);
    expect_canary(&guest, "0x11111111", 1, 1);
    expect_canary(&guest, "0x0123456789abcdef", 0, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(JsonObject) reply = canary(&guest, bad[i]);

        g_assert_true(json_object_has_member(reply, "error"));
    }
    guest_stop(&guest);
}

static void test_migration(void)
{
    g_autofree char *folder = g_dir_make_tmp("teeio-stream-XXXXXX", NULL);
    g_autofree char *stream = g_build_filename(folder, "stream", NULL);
    g_autofree char *args = g_strdup_printf(
        "-M q35 -cpu max " DEVICE " -incoming 'exec:cat %s'", stream);
    struct guest source, target;
    gint64 deadline = 0;
    g_autofree char *status = NULL;

    guest_start(&source, NULL, "-M q35 -cpu max " DEVICE);
    run(&source);
    teeio_qtest_qmp_ok(source.rig.qtest, "stop", NULL);
    teeio_qtest_qmp_ok(source.rig.qtest, "migrate",
                       "{\"uri\": \"exec:cat >%s\"}", stream);
    while (g_strcmp0(status, "completed")) {
        g_autoptr(JsonObject) reply =
            teeio_qtest_qmp(source.rig.qtest, "query-migrate", NULL);
        JsonObject *info = json_object_get_object_member(reply, "return");

        g_free(status);
        status = g_strdup(json_object_get_string_member(info, "status"));
        g_assert_cmpstr(status, !=, "failed");
        tick(&deadline);
    }
    guest_stop(&source);

    guest_start(&target, NULL, args);
    wait_launched(&target, 1);
    g_unlink(stream);
    g_rmdir(folder);
    expect_launched(&target);
    guest_stop(&target);
}

/* Bytes of QEMU's code, in memory, that are not those of its file. */
static unsigned count_changed(const struct guest *guest)
{
    g_autofree char *text = NULL;
    g_autofree char *maps = NULL;
    g_autofree char *memory = NULL;
    g_auto(GStrv) lines = NULL;
    unsigned changed = 0;
    long pid;

    g_assert_true(g_file_get_contents(guest->pid, &text, NULL, NULL));
    pid = atol(text);
    maps = g_strdup_printf("/proc/%ld/maps", pid);
    memory = g_strdup_printf("/proc/%ld/mem", pid);
    g_free(text);
    text = NULL;
    g_assert_true(g_file_get_contents(maps, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        unsigned long first, end, offset;
        char mode[5], path[256];
        g_autofree uint8_t *now = NULL;
        g_autofree uint8_t *then = NULL;
        int fd;

        if (sscanf(*line, "%lx-%lx %4s %lx %*s %*s %255s", &first, &end, mode,
                   &offset, path) != 5 ||
            mode[2] != 'x' || !strstr(path, "qemu-system-x86_64")) {
            continue;
        }
        now = g_malloc(end - first);
        then = g_malloc0(end - first);
        fd = open(memory, O_RDONLY);
        g_assert_cmpint(pread(fd, now, end - first, first), ==, end - first);
        close(fd);
        fd = open(path, O_RDONLY);
        g_assert_cmpint(pread(fd, then, end - first, offset), >, 0);
        close(fd);
        for (size_t i = 0; i < end - first; i++) {
            changed += now[i] != then[i];
        }
    }
    return changed;
}

static void test_code(void)
{
    struct guest guest;

    guest_start(&guest, NULL, "-M q35 -cpu max -device teeio-tsm");
    g_assert_cmpuint(count_changed(&guest), ==, 0);
    guest_stop(&guest);

    guest_start(&guest, NULL, "-M q35 -cpu max " DEVICE);
    g_assert_cmpuint(count_changed(&guest), >, 0);
    g_assert_cmpuint(count_changed(&guest), <=, 3 * 12);
    guest_stop(&guest);
}

static void expect_refusal(const char *plugin_args, const char *args,
                           const char *message, const char *second)
{
    g_autofree char *plugin = rig_plugin();
    g_autofree char *all =
        g_strdup_printf("-plugin '%s%s%s' %s", plugin, plugin_args ? "," : "",
                        plugin_args ? plugin_args : "", args);
    struct teeio_qtest_exit exit;

    g_test_message("%s", args);
    teeio_qtest_run(rig_qemu_x86_64(), all, &exit);
    g_assert_cmpint(exit.signal, ==, 0);
    g_assert_cmpint(exit.status, ==, 1);
    require(exit.error, "teeio-confidential: ");
    require(exit.error, message);
    require(exit.error, second);
    require(exit.error, "hint: ");
    teeio_qtest_exit_clear(&exit);
}

static void test_refusals(void)
{
    static const struct {
        const char *args;
        const char *message;
    } rows[] = {
        {"-M q35 -cpu qemu32 " DEVICE, "64-bit mode"},
        {"-M q35 -cpu qemu64 " DEVICE, "RDRAND"},
        {"-M microvm,pcie=on -cpu max " DEVICE, "board microvm"},
        {"-M isapc -cpu max " DEVICE, "board isapc"},
        {"-M q35 -cpu max -device intel-iommu " DEVICE, "IOMMU"},
        {"-M q35 -cpu max " DEVICE " -device teeio-confidential", "already"},
        {"-M q35 -cpu max -device teeio-tsm " DEVICE, "TSM"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        expect_refusal(NULL, rows[i].args, rows[i].message, "");
    }
}

/* Wrong numbers are noticed with the device, and of no interest without. */
static void test_abi(gconstpointer row)
{
    g_autofree char *plugin_args =
        g_strdup_printf("abi-test=corrupt:%s", (const char *)row);
    struct guest guest;

    expect_refusal(plugin_args, "-M q35 -cpu max " DEVICE,
                   "this QEMU cannot be used", "QEMU 7.2");
    guest_start(&guest, plugin_args, "-M q35 -cpu max");
    guest_stop(&guest);
}

static void test_hotplug(void)
{
    g_autoptr(JsonObject) reply = NULL;
    struct guest guest;

    guest_start(&guest, NULL, "-M q35 -cpu max");
    reply = teeio_qtest_qmp(guest.rig.qtest, "device_add",
                            "{\"driver\": \"teeio-confidential\"}");
    g_assert_true(json_object_has_member(reply, "error"));
    guest_stop(&guest);
}

static const char *const abi_rows[] = {
#define ROW_NAME(name) #name,
    TEEIO_ABI_X86_ROWS(ROW_NAME)
#undef ROW_NAME
};

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_data_func("/confidential/banks/q35", "-M q35 -cpu max " DEVICE,
                         test_banks);
    g_test_add_data_func("/confidential/banks/pc", "-M pc -cpu EPYC " DEVICE,
                         test_banks);
    g_test_add_data_func("/confidential/banks/smp",
                         "-M q35 -cpu IvyBridge -smp 2 " DEVICE, test_banks);
    g_test_add_func("/confidential/reset", test_reset);
    g_test_add_data_func("/confidential/dma/shared-bank", "shared-bank",
                         test_dma);
    g_test_add_data_func("/confidential/dma/refuse", "refuse", test_dma);
    g_test_add_func("/confidential/canary", test_canary);
    g_test_add_func("/confidential/migration", test_migration);
    g_test_add_func("/confidential/code", test_code);
    g_test_add_func("/confidential/refusals", test_refusals);
    g_test_add_func("/confidential/hotplug", test_hotplug);
    for (size_t i = 0; i < G_N_ELEMENTS(abi_rows); i++) {
        g_autofree char *path =
            g_strdup_printf("/confidential/abi/%s", abi_rows[i]);

        g_test_add_data_func(path, abi_rows[i], test_abi);
    }
    return g_test_run();
}
