/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>
#include <string.h>

#include "teeio/quirks.h"

static void test_parse(void)
{
    static const struct {
        const char *text;
        int bad; /* where, or -1 */
        struct teeio_quirks quirks;
    } cases[] = {
        {"", -1, {0, 0}},
        {"num-req-zero", -1, {0x2, 0}},
        {"max-port=15,dev-addr-width-48", -1, {0x1, 15}},
        {"max-port=0", -1, {0, 0}},
        {"km-any-session,km-any-session", -1, {0x800, 0}},
        {"num-req", 0, {0}},
        {"num-req-zeros", 0, {0}},
        {"num-req-zero=1", 0, {0}},
        {"num-req-zero,", 0, {0}},
        {",num-req-zero", 0, {0}},
        {"num-req-zero,,max-port=1", 13, {0}},
        {"num-req-zero,max-port", 13, {0}},
        {"max-port=", 0, {0}},
        {"max-port=16", 0, {0}},
        {"max-port=99999999999999999999", 0, {0}},
        {"max-port=1x", 0, {0}},
        {"max-port=-1", 0, {0}},
        {"Num-Req-Zero", 0, {0}},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct teeio_quirks quirks = {0x12345, 6};
        const char *bad = NULL;
        bool good = teeio_quirks_parse(cases[i].text, &quirks, &bad);

        g_test_message("%s", cases[i].text);
        g_assert_cmpint(bad ? bad - cases[i].text : -1, ==, cases[i].bad);
        g_assert_cmpint(good, ==, cases[i].bad < 0);
        g_assert_cmphex(quirks.flags, ==,
                        good ? cases[i].quirks.flags : 0x12345);
        g_assert_cmpuint(quirks.max_port, ==,
                         good ? cases[i].quirks.max_port : 6);
        g_assert_cmpint(teeio_quirks_parse(cases[i].text, &quirks, NULL), ==,
                        good);
    }
}

/* All at once, and each alone, there and back. */
static void test_print(void)
{
    size_t count;
    const struct teeio_quirk *list = teeio_quirks_list(&count);
    char text[TEEIO_QUIRKS_TEXT];
    struct teeio_quirks all = {0, TEEIO_QUIRKS_MAX_PORT};
    struct teeio_quirks back;

    for (size_t i = 0; i < count; i++) {
        struct teeio_quirks one = {list[i].flag, list[i].flag ? 0 : 7};

        g_assert_cmphex(all.flags & list[i].flag, ==, 0);
        all.flags |= list[i].flag;
        g_assert_cmpuint(teeio_quirks_print(&one, text), ==, strlen(text));
        g_assert_true(g_str_has_prefix(text, list[i].name));
        g_assert_true(teeio_quirks_parse(text, &back, NULL));
        g_assert_cmpmem(&back, sizeof(back), &one, sizeof(one));
        g_assert_cmpint(teeio_quirks_has(&one, list[i].flag), ==,
                        list[i].flag != 0);
    }
    g_assert_cmpuint(teeio_quirks_print(&all, text), ==, strlen(text));
    g_assert_true(teeio_quirks_parse(text, &back, NULL));
    g_assert_cmphex(back.flags, ==, all.flags);
    g_assert_cmpuint(back.max_port, ==, all.max_port);
    g_assert_cmpuint(teeio_quirks_print(&(struct teeio_quirks){0, 0}, text), ==,
                     0);
    g_assert_cmpstr(text, ==, "");
    g_assert_false(teeio_quirks_has(NULL, 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quirks/parse", test_parse);
    g_test_add_func("/quirks/print", test_print);
    return g_test_run();
}
