/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A requester that sends a DSM any TDISP and IDE_KM message in any session,
 * while its host writes IDE registers and changes config space.
 */
#include <string.h>

#include "../unit/dsm-rig.h"
#include "input.h"

static uint8_t code_of(struct fuzz_input *in)
{
    uint8_t code = fuzz_take(in, 1);

    return code < 0xe0 ? 0x81 + code % 11 : code;
}

/* The length that the message should have, or another. */
static size_t length_of(struct fuzz_input *in, uint8_t code)
{
    static const uint8_t sizes[] = {16, 20, 36, 20, 16, 48, 16, 17, 17, 32, 20};
    uint8_t other = fuzz_take(in, 1);

    if (other < 0xf0 && code - 0x81u < sizeof(sizes)) {
        return sizes[code - 0x81];
    }
    return other & 63;
}

static void send_tdisp(struct dsm_rig *rig, struct fuzz_input *in)
{
    uint8_t code = code_of(in);
    size_t len = length_of(in, code);
    size_t size = 64 + fuzz_take(in, 1);
    uint8_t *message = g_malloc(len ? len : 1);
    uint8_t *response = g_malloc(size);
    size_t used;

    for (size_t i = 0; i < len; i++) {
        message[i] = i < 16 ? 0 : fuzz_take(in, 1);
    }
    if (len >= 8) {
        message[0] = 0x10;
        message[1] = code;
        message[4] = fuzz_take(in, 1) & 3;
        message[5] = 1;
    }
    if (code == 0x83 && len == 36) {
        message[18] &= 3;
        memset(message + 20, 0, 2);
    }
    if (code == 0x86 && len == 48 && fuzz_take(in, 1) & 3) {
        memcpy(message + 16, rig->tdi[0].nonce, 32);
    }
    used = teeio_dsm_tdisp(rig->dsm, fuzz_take(in, 1) & 1, message, len,
                           response, size);
    g_assert_cmpuint(used, <=, size);
    g_free(message);
    g_free(response);
}

static void send_km(struct dsm_rig *rig, struct fuzz_input *in)
{
    uint8_t id = fuzz_take(in, 1);
    size_t len = id & 0x80 ? fuzz_take(in, 1) & 63
                           : (const uint8_t[]){3, 0, 47, 0, 7, 7, 0, 0}[id & 7];
    uint8_t *message = g_malloc0(64);
    uint8_t response[256];

    for (size_t i = 1; i < 7; i++) {
        message[i] = fuzz_take(in, 1);
    }
    message[0] = id & 7;
    message[3] &= 7;
    message[6] &= 1;
    message[43] = 1;
    g_assert_cmpuint(teeio_ide_km_message(rig->ide, fuzz_take(in, 1) & 1,
                                          message, len, response,
                                          sizeof(response)),
                     <=, sizeof(response));
    g_free(message);
}

static void change_device(struct dsm_rig *rig, struct fuzz_input *in)
{
    unsigned index = fuzz_take(in, 1) % RIG_FUNCTIONS;
    struct teeio_interface_config config = rig->tdi[index].config;
    uint64_t value;
    uint8_t which;

    switch (fuzz_take(in, 1) % 8) {
    case 0:
        which = fuzz_take(in, 1) & ~3u;
        teeio_ide_write(rig->ide, which, fuzz_take(in, 4), 4);
        break;
    case 1:
        teeio_ide_fail(rig->ide, fuzz_take(in, 1) & 7, TEEIO_IDE_INTEGRITY);
        break;
    case 2:
        teeio_dsm_session_ended(rig->dsm, fuzz_take(in, 1) & 1);
        break;
    case 3:
        which = fuzz_take(in, 1) % 6;
        config.report.bars[which].base = fuzz_take(in, 8);
        config.memory_enable = true;
        teeio_interface_configure(&rig->tdi[index], &config);
        break;
    case 4:
        config.report.table.offset = fuzz_take(in, 3);
        config.report.windows[0].place.offset = fuzz_take(in, 3);
        config.report.windows[0].place.size = fuzz_take(in, 3);
        teeio_interface_configure(&rig->tdi[index], &config);
        break;
    case 5:
        teeio_interface_flr(&rig->tdi[index]);
        break;
    case 6:
        teeio_interface_reset(&rig->tdi[index]);
        break;
    case 7:
        which = fuzz_take(in, 1);
        value = fuzz_take(in, 8);
        teeio_interface_mmio_allowed(&rig->tdi[index], which, value,
                                     fuzz_take(in, 1) & 1);
        break;
    }
}

/* What no message and no guest may bring about. */
static void check(const struct dsm_rig *rig)
{
    for (unsigned i = 0; i < RIG_FUNCTIONS; i++) {
        const struct teeio_interface *tdi = &rig->tdi[i];

        if (tdi->state == TEEIO_TDISP_CONFIG_UNLOCKED) {
            g_assert_cmpuint(tdi->range_count, ==, 0);
            g_assert_false(tdi->bound);
        }
        /* An event that is due has been acted on. */
        g_assert_true(tdi->state != TEEIO_TDISP_RUN ||
                      (tdi->config.memory_enable && tdi->config.power == 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct dsm_rig rig = {.entropy = 0};

    dsm_rig_make(&rig, &fuzz_host()->host, NULL);
    dsm_rig_program(&rig, 0, RIG_STREAM, 0, true);
    if (fuzz_take(&in, 1) & 1) {
        dsm_rig_program(&rig, 0, RIG_P2P, 0, true);
    }
    rig.quirks.flags = fuzz_take(&in, 1) & 1 ? fuzz_take(&in, 2) : 0;
    while (in.left) {
        switch (fuzz_take(&in, 1) % 8) {
        case 0:
            change_device(&rig, &in);
            break;
        case 1:
        case 2:
            send_km(&rig, &in);
            break;
        default:
            send_tdisp(&rig, &in);
            break;
        }
        check(&rig);
    }
    dsm_rig_unmake(&rig);
    return 0;
}
