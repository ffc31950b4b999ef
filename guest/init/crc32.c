/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "init.h"

uint32_t teeio_crc32(uint32_t crc, const uint8_t *data, size_t length)
{
    static uint32_t table[256];
    uint32_t i;
    int bit;

    if (!table[1]) {
        for (i = 0; i < 256; i++) {
            table[i] = i;
            for (bit = 0; bit < 8; bit++) {
                table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320u : 0);
            }
        }
    }
    crc = ~crc;
    while (length--) {
        crc = crc >> 8 ^ table[(crc ^ *data++) & 0xff];
    }
    return ~crc;
}
