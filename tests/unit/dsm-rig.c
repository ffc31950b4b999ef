/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "dsm-rig.h"

static bool random_bytes(void *opaque, uint8_t *buf, size_t size)
{
    struct dsm_rig *rig = opaque;

    memset(buf, ++rig->entropy, size);
    return !rig->no_entropy;
}

static void moved(void *opaque, enum teeio_tdisp_state from,
                  enum teeio_tdisp_state to)
{
    struct dsm_rig *rig = opaque;

    g_assert_cmpint(from, !=, to);
    rig->moves++;
}

static enum teeio_tdisp_error vdm(void *opaque,
                                  const struct teeio_interface *interface,
                                  const uint8_t *body, size_t len,
                                  uint8_t *response, size_t *size)
{
    static const uint8_t extended[] = {0, 2, 0x34, 0x12, 0xaa};

    (void)opaque;
    g_assert_nonnull(interface);
    if (body[0] == 0xff) {
        memcpy(response, extended, sizeof(extended));
        *size = sizeof(extended);
        return TEEIO_TDISP_VENDOR_SPECIFIC_ERROR;
    }
    if (body[0] == 0xfe) {
        ++*size;
        return TEEIO_TDISP_OK;
    }
    if (len > *size) {
        return TEEIO_TDISP_UNSPECIFIED;
    }
    memcpy(response, body, len);
    *size = len;
    return TEEIO_TDISP_OK;
}

struct teeio_interface_config dsm_rig_config(unsigned function)
{
    struct teeio_interface_config config = {
        .segment = RIG_SEGMENT,
        .requester = RIG_FUNCTION + function,
        .memory_enable = true,
        .bus_master = true,
    };
    uint64_t at = (uint64_t)function << 24;

    config.report = (struct teeio_report_inputs){
        .bars = {[0] = {RIG_BAR0 + at, 0x8000}, [2] = {RIG_BAR2 + at, 0x4000}},
        .windows = {{{0, 0x6000, 0x1000}, TEEIO_RANGE_NON_TEE_MEM},
                    {{0, 0x7000, 0x1000}, TEEIO_RANGE_UPDATABLE}},
        .msix_control = 0x8001,
        .table = {2, 0x1000, 0x20},
        .pba = {2, 0x2000, 8},
        .without_pasid = true,
        .ats = true,
        .info_size = 4,
        .info = {'i', 'n', 'f', 'o'},
    };
    return config;
}

uint32_t dsm_rig_register(struct dsm_rig *rig, unsigned index, uint32_t reg)
{
    return teeio_ide_stream_offset(rig->ide, index) + reg;
}

void dsm_rig_make(struct dsm_rig *rig, const struct teeio_host *host,
                  const char *quirks)
{
    g_assert_true(teeio_quirks_parse(quirks ? quirks : "", &rig->quirks, NULL));
    rig->ide = teeio_ide_new(
        &(struct teeio_ide_config){1, RIG_STREAMS, 2, &rig->quirks});
    teeio_ide_set_function(rig->ide, RIG_SEGMENT, RIG_FUNCTION);
    rig->dsm = teeio_dsm_new(&(struct teeio_dsm_config){
        .ide = rig->ide,
        .quirks = &rig->quirks,
        .opaque = rig,
        .random = random_bytes,
        .vdm = vdm,
    });
    for (unsigned i = 0; i < RIG_FUNCTIONS; i++) {
        struct teeio_interface_config config = dsm_rig_config(i);

        teeio_interface_init(&rig->tdi[i], host,
                             &(struct teeio_interface_ops){rig, moved});
        teeio_interface_configure(&rig->tdi[i], &config);
        g_assert_true(teeio_dsm_add(rig->dsm, &rig->tdi[i]));
    }
    teeio_ide_write(rig->ide, TEEIO_IDE_REG_BLOCKS, RIG_LINK << 24 | 1, 4);
    teeio_ide_write(rig->ide, dsm_rig_register(rig, 0, TEEIO_IDE_SEL_CONTROL),
                    RIG_STREAM << 24 | TEEIO_IDE_STREAM_DEFAULT | 1, 4);
    teeio_ide_write(rig->ide, dsm_rig_register(rig, 1, TEEIO_IDE_SEL_CONTROL),
                    RIG_P2P << 24 | 1, 4);
}

void dsm_rig_unmake(struct dsm_rig *rig)
{
    teeio_dsm_free(rig->dsm);
    teeio_ide_free(rig->ide);
}

void dsm_rig_init(struct dsm_rig *rig, const char *quirks)
{
    memset(rig, 0, sizeof(*rig));
    fake_host_init(&rig->fake);
    dsm_rig_make(rig, &rig->fake.host, quirks);
}

void dsm_rig_clear(struct dsm_rig *rig)
{
    dsm_rig_unmake(rig);
    fake_host_clear(&rig->fake);
}

size_t dsm_rig_km(struct dsm_rig *rig, uint32_t session, uint8_t id,
                  uint8_t stream, uint8_t sub)
{
    size_t len = id == TEEIO_IDE_KM_KEY_PROG ? TEEIO_IDE_KM_PROG_SIZE
                                             : TEEIO_IDE_KM_SIZE;

    memset(rig->in, 0, TEEIO_IDE_KM_PROG_SIZE);
    rig->in[0] = id;
    rig->in[TEEIO_IDE_KM_STREAM] = stream;
    rig->in[TEEIO_IDE_KM_SUB_STREAM] = sub;
    rig->in[TEEIO_IDE_KM_IFV + 4] = 1;
    rig->used = teeio_ide_km_message(rig->ide, session, rig->in, len, rig->out,
                                     sizeof(rig->out));
    return rig->used;
}

void dsm_rig_program(struct dsm_rig *rig, uint32_t session, uint8_t stream,
                     uint8_t set, bool go)
{
    for (unsigned i = 0; i < 6; i++) {
        uint8_t sub = set | (i & 1) << 1 | (i >> 1) << 4;

        g_assert_cmpuint(
            dsm_rig_km(rig, session, TEEIO_IDE_KM_KEY_PROG, stream, sub), ==,
            7);
        g_assert_cmpuint(rig->out[TEEIO_IDE_KM_STATUS], ==, 0);
        if (go) {
            g_assert_cmpuint(
                dsm_rig_km(rig, session, TEEIO_IDE_KM_K_SET_GO, stream, sub),
                ==, 7);
        }
    }
}

uint32_t dsm_rig_send_to(struct dsm_rig *rig, uint32_t function,
                         uint32_t session, uint8_t code, size_t body_size)
{
    memset(rig->in, 0, 16);
    rig->in[0] = 0x10;
    rig->in[1] = code;
    for (unsigned i = 0; i < 4; i++) {
        rig->in[4 + i] = function >> 8 * i;
    }
    memset(rig->out, 0xee, sizeof(rig->out));
    rig->used = teeio_dsm_tdisp(rig->dsm, session, rig->in, 16 + body_size,
                                rig->out, sizeof(rig->out));
    g_assert_cmpuint(rig->used, >=, 16);
    g_assert_cmphex(rig->out[0], ==, 0x10);
    g_assert_cmpuint(rig->out[2] | rig->out[3], ==, 0);
    g_assert_cmpmem(rig->out + 4, 12, rig->in + 4, 12);
    if (rig->out[1] == 0x7f) {
        g_assert_cmpuint(rig->used, >=, 24);
        return rig->out[16] | rig->out[17] << 8;
    }
    g_assert_cmphex(rig->out[1], ==, code - 0x80);
    return 0;
}

uint32_t dsm_rig_send(struct dsm_rig *rig, uint8_t code, size_t body_size)
{
    return dsm_rig_send_to(rig, RIG_FUNCTION, RIG_SESSION, code, body_size);
}

uint32_t dsm_rig_lock(struct dsm_rig *rig, unsigned index, uint16_t flags)
{
    uint32_t error;

    memset(rig->in + 16, 0, 20);
    rig->in[16] = flags;
    rig->in[17] = flags >> 8;
    rig->in[18] = RIG_STREAM;
    error = dsm_rig_send_to(rig, RIG_FUNCTION + index, RIG_SESSION, 0x83, 20);
    if (!error) {
        g_assert_cmpuint(rig->used, ==, 48);
        memcpy(rig->nonce, rig->out + 16, 32);
    }
    return error;
}

uint32_t dsm_rig_start(struct dsm_rig *rig, unsigned index)
{
    memcpy(rig->in + 16, rig->nonce, 32);
    return dsm_rig_send_to(rig, RIG_FUNCTION + index, RIG_SESSION, 0x86, 32);
}

void dsm_rig_enter(struct dsm_rig *rig, enum teeio_tdisp_state state,
                   uint16_t flags)
{
    if (!teeio_ide_keyed(rig->ide, RIG_STREAM, RIG_SESSION, false)) {
        dsm_rig_program(rig, RIG_SESSION, RIG_STREAM, 0, true);
        g_assert_true(teeio_ide_secure(rig->ide, RIG_STREAM));
    }
    g_assert_cmphex(dsm_rig_send(rig, 0x87, 0), ==, 0);
    if (state != TEEIO_TDISP_CONFIG_UNLOCKED) {
        g_assert_cmphex(dsm_rig_lock(rig, 0, flags), ==, 0);
    }
    if (state == TEEIO_TDISP_RUN) {
        g_assert_cmphex(dsm_rig_start(rig, 0), ==, 0);
    }
    if (state == TEEIO_TDISP_ERROR) {
        teeio_interface_break(&rig->tdi[0], TEEIO_CAUSE_DEVICE);
    }
    g_assert_cmpint(rig->tdi[0].state, ==, state);
}

const char *dsm_rig_cause(struct dsm_rig *rig)
{
    return fake_host_last(&rig->fake, TEEIO_EVENT_TDISP)->u.tdisp.cause;
}
