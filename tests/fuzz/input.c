/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "input.h"

/* What fuzz_address() reaches of guest memory. */
enum { FUZZ_SPAN = 0x10000 << 6 };

struct fake_host *fuzz_host(void)
{
    static struct fake_host fake;

    if (!fake.ram) {
        fake_host_init(&fake);
    }
    memset(fake.ram, 0, FUZZ_SPAN);
    g_array_set_size(fake.events, 0);
    return &fake;
}

uint64_t fuzz_take(struct fuzz_input *in, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes && in->left; i++) {
        value |= (uint64_t)*in->data++ << (8 * i);
        in->left--;
    }
    return value;
}

uint64_t fuzz_address(struct fuzz_input *in)
{
    uint8_t shape = fuzz_take(in, 1);

    if (shape < 16) {
        return fuzz_take(in, 8);
    }
    return FAKE_HOST_RAM_BASE + (fuzz_take(in, 2) << 6);
}
