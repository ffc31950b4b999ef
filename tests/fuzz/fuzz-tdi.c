/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* A guest that writes any register and any descriptor of the TDI. */
#include "input.h"
#include "teeio/fabric.h"
#include "teeio/spec/tdi.h"
#include "teeio/tdi.h"

static void write_descriptor(struct teeio_tdi *tdi, struct fuzz_input *in)
{
    uint64_t base =
        TEEIO_TDI_RING_OFFSET + (fuzz_take(in, 1) & 63) * TEEIO_TDI_DESC_SIZE;

    teeio_tdi_write(tdi, base + TEEIO_TDI_DESC_CONTROL,
                    fuzz_take(in, 2) & 0x3f03, 4);
    teeio_tdi_write(tdi, base + TEEIO_TDI_DESC_LENGTH, fuzz_take(in, 2), 4);
    teeio_tdi_write(tdi, base + TEEIO_TDI_DESC_SOURCE, fuzz_address(in), 8);
    teeio_tdi_write(tdi, base + TEEIO_TDI_DESC_DEST, fuzz_address(in), 8);
}

static void change_state(struct teeio_tdi *tdi, struct fuzz_input *in)
{
    uint8_t nonce[TEEIO_TDI_NONCE] = {0};
    uint16_t requester;
    uint8_t bits;

    switch (fuzz_take(in, 1) % 4) {
    case 0:
        requester = fuzz_take(in, 2);
        bits = fuzz_take(in, 1);
        teeio_tdi_set_config(tdi, requester, bits & 3, fuzz_take(in, 1));
        break;
    case 1:
        teeio_tdi_lock(tdi, nonce);
        teeio_tdi_start(tdi, nonce);
        break;
    case 2:
        teeio_tdi_stop(tdi);
        break;
    case 3:
        teeio_tdi_reset(tdi);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake_host *fake = fuzz_host();
    struct fuzz_input in = {data, size};
    struct teeio_fabric fabric = {.host = &fake->host};
    const struct teeio_tdi_services all = {true, true, true};
    struct teeio_tdi *tdi;

    tdi = teeio_tdi_new(&fake->host, &fabric);
    teeio_tdi_set_config(tdi, 8, true, 1);
    teeio_tdi_set_services(tdi, &all);
    while (in.left) {
        unsigned width = fuzz_take(&in, 1) & 1 ? 8 : 4;
        uint64_t offset;

        switch (fuzz_take(&in, 1) % 4) {
        case 0:
            offset = fuzz_take(&in, 2) % TEEIO_TDI_BAR_SIZE;
            teeio_tdi_write(tdi, offset, fuzz_take(&in, width), width);
            break;
        case 1:
            write_descriptor(tdi, &in);
            teeio_tdi_write(tdi, TEEIO_TDI_REG_TAIL, fuzz_take(&in, 1), 4);
            break;
        case 2:
            teeio_tdi_read(tdi, fuzz_take(&in, 2) % TEEIO_TDI_BAR_SIZE, width);
            break;
        case 3:
            change_state(tdi, &in);
            break;
        }
        /* A full ring at most, whatever the doorbell said. */
        for (unsigned i = 0; teeio_tdi_step(tdi); i++) {
            g_assert_cmpuint(i, <, TEEIO_TDI_RING_ENTRIES);
        }
    }
    teeio_tdi_free(tdi);
    return 0;
}
