/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* How BARs are cut into ranges. */
#include <string.h>

#include "teeio/report.h"
#include "teeio/spec/tdisp.h"

#include <glib.h>

/* Ranges as text: "BAR:offset+pages/attributes ..." */
static char *cut(const struct teeio_report_inputs *inputs, bool msix)
{
    struct teeio_mmio_range ranges[TEEIO_REPORT_RANGES];
    GString *text = g_string_new(NULL);
    size_t count = teeio_report_ranges(inputs, msix, ranges);

    if (count > TEEIO_REPORT_RANGES) {
        g_string_append(text, "too many");
        return g_string_free(text, FALSE);
    }
    for (size_t i = 0; i < count; i++) {
        g_string_append_printf(text, "%s%u:%" G_GINT64_MODIFIER "x+%x/%x%s",
                               i ? " " : "", ranges[i].bar, ranges[i].offset,
                               ranges[i].pages, ranges[i].attributes,
                               ranges[i].shared ? "s" : "");
    }
    return g_string_free(text, FALSE);
}

static const struct {
    struct teeio_report_inputs inputs;
    const char *plain;
    const char *msix;
} cases[] = {
    {{.bars = {{0, 0}}}, "", ""},
    {{.bars = {[5] = {0x81000000, 0x1000}}}, "5:0+1/0", "5:0+1/0"},
    /* less than a page, and not on the border of one */
    {{.bars = {{0x1000, 0x10}, {0x2f00, 0x200}}},
     "0:0+1/0 1:0+2/0",
     "0:0+1/0 1:0+2/0"},
    /* table and PBA in one page; at offset 0; at the end */
    {{.bars = {{0x1000, 0x3000}},
      .table = {0, 0x1000, 16},
      .pba = {0, 0x1800, 8}},
     "0:0+1/0 0:2000+1/0",
     "0:0+1/0 0:1000+1/3 0:2000+1/0"},
    {{.bars = {{0x1000, 0x3000}}, .table = {0, 0, 16}, .pba = {0, 0x2ff8, 8}},
     "0:1000+1/0",
     "0:0+1/1 0:1000+1/0 0:2000+1/2"},
    /* the whole BAR; beyond it; in one that is not there */
    {{.bars = {[2] = {0x1000, 0x2000}},
      .table = {2, 0, 0x1000},
      .pba = {2, 0x1000, 0x9000}},
     "",
     "2:0+1/1 2:1000+1/2"},
    {{.bars = {{0x1000, 0x1000}}, .table = {0, 0x1000, 16}, .pba = {4, 0, 8}},
     "0:0+1/0",
     "0:0+1/0"},
    /* a table over two pages, with a window over one and a half */
    {{.bars = {{0x10000, 0x5000}},
      .table = {0, 0x1800, 0x1000},
      .windows = {{{0, 0x2000, 0x1800}, TEEIO_RANGE_NON_TEE_MEM}}},
     "0:0+1/0 0:3000+1/4s 0:4000+1/0",
     "0:0+1/0 0:1000+1/1 0:2000+1/5s 0:3000+1/4s 0:4000+1/0"},
    /* windows that touch are one range */
    {{.bars = {{0x10000, 0x3000}},
      .windows = {{{0, 0, 0x1000}, 8}, {{0, 0x1000, 0x1000}, 8}}},
     "0:0+2/8 0:2000+1/0",
     "0:0+2/8 0:2000+1/0"},
    {{.bars = {{0x10000, UINT64_C(1) << 44}}}, "too many", "too many"},
    {{.bars = {{0x10000, (UINT64_C(1) << 44) - 0x1000}}},
     "0:0+ffffffff/0",
     "0:0+ffffffff/0"},
};

static void test_ranges(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *plain = cut(&cases[i].inputs, false);
        g_autofree char *msix = cut(&cases[i].inputs, true);

        g_assert_cmpstr(plain, ==, cases[i].plain);
        g_assert_cmpstr(msix, ==, cases[i].msix);
    }
}

static void test_first_page(void)
{
    const struct teeio_report_inputs inputs = {.bars = {{0x80001000, 0x3000}}};
    const struct teeio_mmio_range range = {0, 0x1000, 2, 0, false};
    static const struct {
        uint64_t offset;
        uint64_t page;
        bool good;
    } places[] = {
        {0, 0x80002, true},
        {0x5000, 0x80007, true},
        {-0x80002000ull, 0, true},
        {-0x80003000ull, 0xfffffffffffff, false},
        {0x7fffffff7fffc000, 0x7fffffffffffe, true},
        {INT64_MAX, 0x8000000080001, true},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        uint64_t page;
        bool good =
            teeio_report_first_page(&inputs, &range, places[i].offset, &page);

        g_assert_cmpint(good, ==, places[i].good);
        g_assert_cmphex(page, ==, places[i].page);
    }
}

static void test_header(void)
{
    static const struct {
        struct teeio_report_inputs inputs;
        uint16_t flags;
        uint8_t bytes[20];
    } heads[] = {
        {{.info_size = 0}, 0, {0}},
        {{.with_pasid = true, .pri = true, .lnr_control = 0x1234},
         2,
         {0x14, 0, 0, 0, 0, 0, 0x34, 0x12}},
        /* MSI-X and TPH control show up with a locked table only */
        {{.msix_control = 0x8003,
          .tph_control = 0x11223344,
          .table = {0, 0, 16}},
         0,
         {0}},
        {{.msix_control = 0x8003,
          .tph_control = 0x11223344,
          .table = {0, 0, 16}},
         4,
         {0, 0, 0, 0, 3, 0x80, 0, 0, 0x44, 0x33, 0x22, 0x11}},
        {{.msix_control = 0x8003, .tph_control = 0x11223344}, 4, {0}},
        {{.ats = true, .without_pasid = true}, 1, {0x0b}},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++) {
        uint8_t report[TEEIO_REPORT_MAX];
        size_t size;

        memset(report, 0xee, sizeof(report));
        size = teeio_report_build(&heads[i].inputs, NULL, 0, heads[i].flags, 0,
                                  report);
        g_assert_cmpmem(report, size, heads[i].bytes, 20);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/report/ranges", test_ranges);
    g_test_add_func("/report/first-page", test_first_page);
    g_test_add_func("/report/header", test_header);
    return g_test_run();
}
