/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "teeio/acpi.h"
#include "teeio/dmar.h"

#define ROOM 512

static const struct teeio_acpi_device device = {
    .name = "TSM0",
    .uid = 3,
    .compatible = "teeio,tsm",
    .base = 0xfeda0000,
    .size = 0x1000,
};

static uint32_t number(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint8_t sum(const uint8_t *p, size_t length)
{
    uint8_t all = 0;

    while (length--) {
        all += *p++;
    }
    return all;
}

/* ACPI 6.4, table 5.4 */
static void test_header(void)
{
    uint8_t buf[ROOM];
    struct teeio_acpi table;
    size_t length;

    memset(buf, 0xee, sizeof(buf));
    teeio_acpi_begin(&table, buf, sizeof(buf), "DMAR", 1, "UNIT");
    teeio_acpi_number(&table, 0x1122334455667788, 5);
    length = teeio_acpi_finish(&table);

    g_assert_cmpuint(length, ==, TEEIO_ACPI_HEADER + 5);
    g_assert_cmpmem(buf, 4, "DMAR", 4);
    g_assert_cmpuint(number(buf + 4), ==, length);
    g_assert_cmpuint(buf[8], ==, 1);
    g_assert_cmpuint(sum(buf, length), ==, 0);
    g_assert_cmpmem(buf + 10, 6, "TEEIO\0", 6);
    g_assert_cmpmem(buf + 16, 8, "UNIT\0\0\0\0", 8);
    g_assert_cmpmem(buf + 36, 5, "\x88\x77\x66\x55\x44", 5);
    g_assert_cmphex(buf[length], ==, 0xee);
}

/* One byte too little is too little, and nothing behind it is written. */
static void test_overflow(void)
{
    uint8_t buf[ROOM];
    size_t length = teeio_acpi_ssdt(buf, sizeof(buf), &device);

    g_assert_cmpuint(length, >, TEEIO_ACPI_HEADER);
    for (size_t size = 0; size < length; size++) {
        memset(buf, 0xee, sizeof(buf));
        g_assert_cmpuint(teeio_acpi_ssdt(buf, size, &device), ==, 0);
        g_assert_cmphex(buf[size], ==, 0xee);
    }
    g_assert_cmpuint(teeio_acpi_ssdt(buf, length, &device), ==, length);
}

static void expect(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        g_error("'%s' is missing in: %s", part, text);
    }
}

/* What iasl makes of a table; NULL without iasl. */
static char *disassemble(const uint8_t *table, size_t length)
{
    g_autofree char *iasl = g_find_program_in_path("iasl");
    g_autofree char *dir = g_dir_make_tmp("teeio-acpi-XXXXXX", NULL);
    g_autofree char *aml = g_build_filename(dir, "t.aml", NULL);
    g_autofree char *dsl = g_build_filename(dir, "t.dsl", NULL);
    char *argv[] = {iasl, (char *)"-d", aml, NULL};
    g_autofree char *said = NULL;
    char *text = NULL;
    int status;

    if (!iasl) {
        g_rmdir(dir);
        g_test_skip("iasl is not installed");
        return NULL;
    }
    g_assert_true(g_file_set_contents(aml, (char *)table, length, NULL));
    g_assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
                               &said, NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
    g_assert_null(strstr(said, "Invalid"));
    g_assert_null(strstr(said, "Error"));
    g_assert_true(g_file_get_contents(dsl, &text, NULL, NULL));
    g_unlink(aml);
    g_unlink(dsl);
    g_rmdir(dir);
    return text;
}

/* Another's reading of what was written. */
static void test_iasl(void)
{
    uint8_t buf[ROOM];
    size_t length = teeio_acpi_ssdt(buf, sizeof(buf), &device);
    g_autofree char *text = disassemble(buf, length);

    if (!text) {
        return;
    }
    expect(text, "DefinitionBlock (\"\", \"SSDT\", 2, \"TEEIO\", \"TSM0\"");
    expect(text, "Scope (\\_SB)");
    expect(text, "Device (TSM0)");
    expect(text, "Name (_HID, \"PRP0001\"");
    expect(text, "Name (_UID, 0x03)");
    expect(text, "QWordMemory (ResourceConsumer, PosDecode, MinFixed, "
                 "MaxFixed, NonCacheable, ReadWrite,");
    expect(text, "0x00000000FEDA0000, // Range Minimum");
    expect(text, "0x00000000FEDA0FFF, // Range Maximum");
    expect(text, "0x0000000000001000, // Length");
    expect(text, "daffd814-6eba-4d8c-8a91-bc9bbf4aa301");
    expect(text, "\"compatible\"");
    expect(text, "\"teeio,tsm\"");
}

/* VT-d 8.1: everything that a table can have. */
static void test_dmar(void)
{
    struct teeio_dmar dmar = {
        .address_bits = 48, .base = 0xfed90000, .atsr = true};
    static const uint8_t satc[] = {5, 0, 24, 0, 1, 0, 0, 0, 1, 8, 0, 0,
                                   0, 0, 5,  1, 1, 8, 0, 0, 0, 0, 6, 0};
    uint8_t buf[TEEIO_DMAR_BYTES];
    g_autofree char *text = NULL;
    size_t length = teeio_dmar(buf, sizeof(buf), &dmar);

    g_assert_cmpuint(length, ==, 48 + 16 + 8);
    g_assert_true(teeio_dmar_parse_regions(
        "0x7f000000+2000@1f.2/100000000+0x1000@0x3.0", &dmar));
    g_assert_true(teeio_dmar_parse_satc("5.1/6.0", &dmar));
    length = teeio_dmar(buf, sizeof(buf), &dmar);
    g_assert_cmpuint(length, ==, 48 + 16 + 2 * 32 + 8 + 8 + 2 * 8);
    g_assert_cmpuint(number(buf + 4), ==, length);
    g_assert_cmpuint(sum(buf, length), ==, 0);
    g_assert_cmpuint(teeio_dmar(buf, length - 1, &dmar), ==, 0);
    /* VT-d 8.8, of which some versions of iasl know nothing. */
    teeio_dmar(buf, sizeof(buf), &dmar);
    g_assert_cmpmem(buf + length - sizeof(satc), sizeof(satc), satc,
                    sizeof(satc));
    dmar.satc_count = 0;
    length = teeio_dmar(buf, sizeof(buf), &dmar);
    text = disassemble(buf, length);
    if (!text) {
        return;
    }
    expect(text, "Host Address Width : 2F");
    expect(text, "[Hardware Unit Definition]");
    expect(text, "Register Base Address : 00000000FED90000");
    expect(text, "[Reserved Memory Region]");
    expect(text, "Base Address : 000000007F000000");
    expect(text, "End Address (limit) : 000000007F001FFF");
    expect(text, "PCI Path : 1F,02");
    expect(text, "End Address (limit) : 0000000100000FFF");
    expect(text, "PCI Path : 03,00");
    expect(text, "[Root Port ATS Capability]");
}

static void test_dmar_text(void)
{
    static const char *const regions[] = {
        "",
        "1000",
        "1000+1000",
        "1000+0@1.0",
        "1001+1000@1.0",
        "1000+1001@1.0",
        "1000+1000@20.0",
        "1000+1000@1.8",
        "1000+1000@1.0,",
        "-1000+1000@1.0",
        "ffffffffffffff000+1000@1.0",
        "fffffffffffff000+2000@1.0",
        "0+1000@1.0/0+1000@1.0/0+1000@1.0/0+1000@1.0/0+1000@1.0/0+1000@1.0/"
        "0+1000@1.0/0+1000@1.0/0+1000@1.0",
    };
    static const char *const satc[] = {"", "1", "20.0", "1.8", "1.0;", "1.0x"};
    struct teeio_dmar dmar;

    for (size_t i = 0; i < G_N_ELEMENTS(regions); i++) {
        g_test_message("%s", regions[i]);
        g_assert_false(teeio_dmar_parse_regions(regions[i], &dmar));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(satc); i++) {
        g_test_message("%s", satc[i]);
        g_assert_false(teeio_dmar_parse_satc(satc[i], &dmar));
    }
    g_assert_true(teeio_dmar_parse_regions("fffffffffffff000+1000@1.0", &dmar));
    g_assert_cmphex(dmar.regions[0].last, ==, UINT64_MAX);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/acpi/header", test_header);
    g_test_add_func("/acpi/overflow", test_overflow);
    g_test_add_func("/acpi/iasl", test_iasl);
    g_test_add_func("/acpi/dmar", test_dmar);
    g_test_add_func("/acpi/dmar-text", test_dmar_text);
    return g_test_run();
}
