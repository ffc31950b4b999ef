/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A guest that sends the TSM any command with any operand. Function 0x20 is
 * behind a mailbox, and its device answers with anything.
 */
#include <string.h>

#include "input.h"
#include "teeio/spec/tsm.h"
#include "teeio/tsm.h"

static size_t exchange(void *opaque, const uint8_t *object, size_t len,
                       uint8_t *answer, size_t size)
{
    struct fuzz_input *in = opaque;
    size_t used = fuzz_take(in, 1);

    g_assert_cmpuint(len, <=, size);
    memcpy(answer, object, len);
    for (size_t i = 0; i < used; i++) {
        answer[i] ^= fuzz_take(in, 1);
    }
    return len;
}

static void no_random(void *opaque, void *buf, size_t len)
{
    (void)opaque;
    memset(buf, 0x11, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct teeio_interface behind;
    struct fake_host *fake = fuzz_host();
    struct fuzz_input in = {data, size};
    struct teeio_fabric fabric = {.host = &fake->host};
    struct teeio_ownership *ownership = teeio_ownership_new();
    const struct teeio_tsm_link link = {
        {.opaque = &in, .exchange = exchange, .random = no_random}, NULL};
    struct teeio_tsm *tsm;
    struct teeio_tdi *tdi;
    uint64_t pages;

    teeio_ownership_add_ram(ownership, FAKE_HOST_RAM_BASE, FAKE_HOST_RAM_SIZE,
                            TEEIO_OWNER_PRIVATE);
    tsm = teeio_tsm_new(&fake->host, ownership);
    tdi = teeio_tdi_new(&fake->host, &fabric);
    teeio_tdi_set_config(tdi, fuzz_take(&in, 1), true, 1);
    g_assert_true(teeio_tsm_attach(tsm, tdi));
    teeio_interface_init(&behind, &fake->host, NULL);
    behind.config.requester = 0x20;
    g_assert_true(
        teeio_tsm_attach_to(tsm, &behind, teeio_tsm_add_device(tsm, &link)));
    while (in.left) {
        unsigned width = fuzz_take(&in, 1) & 1 ? 8 : 4;
        uint64_t offset;

        teeio_tsm_write(tsm, TEEIO_TSM_REG_FUNCTION, fuzz_take(&in, 1), 4);
        teeio_tsm_write(tsm, TEEIO_TSM_REG_ADDRESS, fuzz_address(&in), 8);
        teeio_tsm_write(tsm, TEEIO_TSM_REG_LENGTH, fuzz_take(&in, 3) << 10, 8);
        teeio_tsm_write(tsm, TEEIO_TSM_REG_COMMAND, fuzz_take(&in, 1) & 15, 4);
        offset = fuzz_take(&in, 2) % TEEIO_TSM_MMIO_SIZE;
        teeio_tsm_write(tsm, offset, fuzz_take(&in, width), width);
        teeio_tsm_read(tsm, fuzz_take(&in, 2) % TEEIO_TSM_MMIO_SIZE, width);

        /* No page is ever lost or counted twice. */
        pages = teeio_ownership_count(ownership, TEEIO_OWNER_SHARED) +
                teeio_ownership_count(ownership, TEEIO_OWNER_PRIVATE);
        g_assert_cmpuint(pages, ==, FAKE_HOST_RAM_SIZE / TEEIO_PAGE_SIZE);
    }
    teeio_tsm_free(tsm);
    teeio_tdi_free(tdi);
    teeio_ownership_free(ownership);
    return 0;
}
