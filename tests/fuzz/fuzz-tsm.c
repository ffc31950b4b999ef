/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* A guest that sends the TSM any command with any operand. */
#include "input.h"
#include "teeio/spec/tsm.h"
#include "teeio/tsm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake_host *fake = fuzz_host();
    struct fuzz_input in = {data, size};
    struct teeio_fabric fabric = {.host = &fake->host};
    struct teeio_ownership *ownership = teeio_ownership_new();
    struct teeio_tsm *tsm;
    struct teeio_tdi *tdi;
    uint64_t pages;

    teeio_ownership_add_ram(ownership, FAKE_HOST_RAM_BASE, FAKE_HOST_RAM_SIZE,
                            TEEIO_OWNER_PRIVATE);
    tsm = teeio_tsm_new(&fake->host, ownership);
    tdi = teeio_tdi_new(&fake->host, &fabric);
    teeio_tdi_set_config(tdi, fuzz_take(&in, 1), true, 1);
    g_assert_true(teeio_tsm_attach(tsm, tdi));
    while (in.left) {
        unsigned width = fuzz_take(&in, 1) & 1 ? 8 : 4;

        teeio_tsm_write(tsm, TEEIO_TSM_REG_FUNCTION, fuzz_take(&in, 1), 4);
        teeio_tsm_write(tsm, TEEIO_TSM_REG_ADDRESS, fuzz_address(&in), 8);
        teeio_tsm_write(tsm, TEEIO_TSM_REG_LENGTH, fuzz_take(&in, 3) << 10, 8);
        teeio_tsm_write(tsm, TEEIO_TSM_REG_COMMAND, fuzz_take(&in, 1) & 15, 4);
        teeio_tsm_write(tsm, fuzz_take(&in, 2) % TEEIO_TSM_MMIO_SIZE,
                        fuzz_take(&in, width), width);
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
