/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>
#include <string.h>

#include "teeio/crc32.h"

/* A bit-serial CRC straight from the polynomial, to compare with. */
static uint32_t slow_crc32(const uint8_t *data, size_t len)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < len * 8; i++) {
        uint32_t bit = (data[i / 8] >> i % 8 ^ crc) & 1;

        crc = crc >> 1 ^ (bit ? 0xedb88320 : 0);
    }
    return ~crc;
}

static void test_known(void)
{
    static const struct {
        const char *text;
        uint32_t crc;
    } cases[] = {
        {"", 0},
        {"123456789", 0xcbf43926}, /* the check value of every catalogue */
        {"a", 0xe8b7be43},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmphex(teeio_crc32(0, cases[i].text, strlen(cases[i].text)),
                        ==, cases[i].crc);
    }
}

static void test_all_bytes(void)
{
    uint8_t data[256];

    for (unsigned i = 0; i < sizeof(data); i++) {
        data[i] = i;
        g_assert_cmphex(teeio_crc32(0, data, i + 1), ==,
                        slow_crc32(data, i + 1));
    }
}

static void test_pieces(void)
{
    uint8_t data[100];
    uint32_t whole;

    memset(data, 0xa5, sizeof(data));
    whole = slow_crc32(data, sizeof(data));
    for (size_t cut = 0; cut <= sizeof(data); cut++) {
        uint32_t crc = teeio_crc32(0, data, cut);

        crc = teeio_crc32(crc, data + cut, sizeof(data) - cut);
        g_assert_cmphex(crc, ==, whole);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/crc32/known", test_known);
    g_test_add_func("/crc32/all-bytes", test_all_bytes);
    g_test_add_func("/crc32/pieces", test_pieces);
    return g_test_run();
}
