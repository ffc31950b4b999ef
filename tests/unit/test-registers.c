/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>

#include "teeio/registers.h"

enum { HOOK_NONE, HOOK_CONTROL, HOOK_BASE };

static const struct teeio_reg table[] = {
    {"ID", 0x00, 4, 0x49445454, 0, 0, HOOK_NONE, "Identification."},
    {"CONTROL", 0x04, 4, 0x1, 0xf0, 0, HOOK_CONTROL, "Control."},
    {"STATUS", 0x08, 4, 0xff, 0xf00, 0x0f, HOOK_NONE, "Status."},
    {"BASE", 0x10, 8, 0x1122334455667788, 0x0000ffffffff0000, 0, HOOK_BASE,
     "Base address."},
    {"COUNT", 0x18, 4, 7, 0, 0, HOOK_NONE, "Counter."},
};

struct fixture {
    uint64_t values[G_N_ELEMENTS(table)];
    struct teeio_regs regs;
};

static void set_up(struct fixture *f)
{
    f->regs = (struct teeio_regs){table, G_N_ELEMENTS(table), f->values};
    teeio_regs_reset(&f->regs);
}

static void test_read(void)
{
    static const struct {
        uint64_t offset;
        unsigned size;
        uint64_t value;
    } cases[] = {
        {0x00, 4, 0x49445454},
        {0x04, 4, 0x1},
        {0x10, 8, 0x1122334455667788},
        {0x10, 4, 0x55667788},
        {0x14, 4, 0x11223344},
        {0x18, 4, 7},
        {0x00, 8, 0}, /* two rows */
        {0x18, 8, 0}, /* beyond the row */
        {0x0c, 4, 0}, /* a gap */
        {0x02, 4, 0}, /* unaligned */
        {0x12, 4, 0}, /* unaligned inside one row */
        {0x14, 8, 0}, /* straddles the end of a row */
        {0x00, 2, 0}, /* size */
        {0x1c, 4, 0}, /* after the last row */
        {UINT64_MAX - 3, 4, 0},
    };
    struct fixture f;

    set_up(&f);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("offset 0x%x size %u", (unsigned)cases[i].offset,
                       cases[i].size);
        g_assert_cmphex(
            teeio_regs_read(&f.regs, cases[i].offset, cases[i].size), ==,
            cases[i].value);
    }
}

static void test_write(void)
{
    static const struct {
        uint64_t offset;
        uint64_t value;
        unsigned size;
        int row;
        unsigned hook;
        uint64_t after;
    } cases[] = {
        {0x00, 0xffffffff, 4, 0, HOOK_NONE, 0x49445454},
        {0x04, 0xffffffff, 4, 1, HOOK_CONTROL, 0xf1},
        {0x04, 0, 4, 1, HOOK_CONTROL, 0x01},
        {0x08, 0x303, 4, 2, HOOK_NONE, 0x3fc},
        {0x08, 0, 4, 2, HOOK_NONE, 0xff},
        {0x10, UINT64_MAX, 8, 3, HOOK_BASE, 0x1122ffffffff7788},
        {0x10, 0, 4, 3, HOOK_BASE, 0x1122334400007788},
        {0x14, 0xffffffffffff, 4, 3, HOOK_BASE, 0x1122ffff55667788},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct teeio_reg *row = NULL;
        struct fixture f;
        unsigned hook;

        set_up(&f);
        hook = teeio_regs_write(&f.regs, cases[i].offset, cases[i].value,
                                cases[i].size, &row);
        g_test_message("case %u", i);
        g_assert_true(row == &table[cases[i].row]);
        g_assert_cmpuint(hook, ==, cases[i].hook);
        g_assert_cmphex(f.values[cases[i].row], ==, cases[i].after);
    }
}

static void test_write_refused(void)
{
    static const struct {
        uint64_t offset;
        unsigned size;
    } cases[] = {{0x0c, 4}, {0x00, 8}, {0x18, 8}, {0x12, 4},
                 {0x14, 8}, {0x04, 1}, {0x20, 4}};
    struct fixture f;
    struct fixture fresh;

    set_up(&f);
    set_up(&fresh);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct teeio_reg *row = &table[0];

        g_assert_cmpuint(teeio_regs_write(&f.regs, cases[i].offset, UINT64_MAX,
                                          cases[i].size, &row),
                         ==, HOOK_NONE);
        g_assert_null(row);
    }
    g_assert_cmpmem(f.values, sizeof(f.values), fresh.values,
                    sizeof(fresh.values));
}

static void test_reset(void)
{
    const struct teeio_reg *row;
    struct fixture f;

    set_up(&f);
    teeio_regs_write(&f.regs, 0x10, 0, 8, &row);
    teeio_regs_reset(&f.regs);
    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        g_assert_cmphex(f.values[i], ==, table[i].reset);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/registers/read", test_read);
    g_test_add_func("/registers/write", test_write);
    g_test_add_func("/registers/write-refused", test_write_refused);
    g_test_add_func("/registers/reset", test_reset);
    return g_test_run();
}
