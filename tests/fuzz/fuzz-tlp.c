/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Any bytes as a TLP: what is decoded is encoded to the same bytes. */
#include <string.h>

#include "input.h"
#include "teeio/tlp-wire.h"

/*
 * Random bytes are seldom a TLP: the first byte chooses one of the heads that
 * lead on, and whether the length is made to fit.
 */
static size_t shape(struct fuzz_input *in, uint8_t *bytes, size_t room)
{
    static const uint8_t starts[][2] = {
        {0x92, 0}, {0x91, 0}, {0x00, 0}, {0x20, 0}, {0x40, 0}, {0x60, 0},
        {0x30, 0}, {0x72, 0}, {0x0a, 0}, {0x4a, 0}, {0x4c, 0}, {0x6e, 0},
    };
    uint8_t choice = fuzz_take(in, 1);
    size_t size = 0;

    while (in->left && size < room) {
        bytes[size++] = fuzz_take(in, 1);
    }
    if (choice & 0x80 && size >= 12) {
        bytes[0] = starts[choice % G_N_ELEMENTS(starts)][0];
        bytes[1] &= 0xfc;
        bytes[2] &= 0x3c;
        bytes[3] &= 0x03;
    }
    return choice & 0x40 ? MIN(size, 12u + 4u * (bytes[3] & 3)) : size;
}

static void check_value(const struct teeio_tlp_wire *wire)
{
    struct teeio_tlp_wire again;
    struct teeio_tlp tlp;

    if (!teeio_wire_to_tlp(wire, &tlp)) {
        return;
    }
    g_assert_true(teeio_tlp_well_formed(&tlp));
    teeio_wire_request(&again, &tlp, wire->tag);
    g_assert_cmpint(again.type, ==, wire->type);
    g_assert_cmphex(again.u.request.address, ==, wire->u.request.address);
    g_assert_cmphex(again.u.request.first_be, ==, wire->u.request.first_be);
    g_assert_cmphex(again.u.request.last_be, ==, wire->u.request.last_be);
    if (wire->at != TEEIO_AT_TRANSLATION_REQUEST) {
        g_assert_cmpuint(again.dwords, ==, wire->dwords);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    uint8_t again[TEEIO_WIRE_MAX];
    struct teeio_tlp_wire wire;
    g_autofree uint8_t *exact = NULL;
    uint8_t bytes[1024];
    size_t len;

    size = shape(&in, bytes, sizeof(bytes));
    exact = g_memdup2(bytes, size);
    if (teeio_wire_decode(&wire, exact, size) == TEEIO_WIRE_OK) {
        g_assert_cmpint(teeio_wire_encode(&wire, again, &len), ==,
                        TEEIO_WIRE_OK);
        g_assert_cmpmem(again, len, exact, size);
        check_value(&wire);
    }
    return 0;
}
