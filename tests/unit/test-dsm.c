/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* TDISP messages: each of them, in each state, with each error. */
#include <string.h>

#include "dsm-rig.h"

enum {
    MSG_VERSION = 0x81,
    MSG_CAPABILITIES,
    MSG_LOCK,
    MSG_REPORT,
    MSG_STATE,
    MSG_START,
    MSG_STOP,
    MSG_BIND,
    MSG_UNBIND,
    MSG_ATTRIBUTE,
    MSG_VDM,
};

static const uint8_t body_sizes[] = {0, 4, 20, 4, 0, 32, 0, 1, 1, 16, 2};

static void put16(uint8_t *p, unsigned value)
{
    p[0] = value;
    p[1] = value >> 8;
}

static unsigned get16(const uint8_t *p)
{
    return p[0] | p[1] << 8;
}

static void test_version(void)
{
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_VERSION, 0), ==, 0);
    g_assert_cmpuint(rig.used, ==, 18);
    g_assert_cmphex(get16(rig.out + 16), ==, 0x1001);

    /* The minor version does not count, the major one does. */
    rig.in[0] = 0x1f;
    g_assert_cmpuint(
        teeio_dsm_tdisp(rig.dsm, 0, rig.in, 16, rig.out, sizeof(rig.out)), ==,
        18);
    rig.in[0] = 0x20;
    g_assert_cmpuint(
        teeio_dsm_tdisp(rig.dsm, 0, rig.in, 16, rig.out, sizeof(rig.out)), ==,
        24);
    g_assert_cmphex(get16(rig.out + 16), ==, 0x41);
    for (unsigned code = MSG_CAPABILITIES; code <= MSG_VDM; code++) {
        for (unsigned version = 0; version < 256; version++) {
            bool good = version == 0x10;

            rig.in[0] = version;
            rig.in[1] = code;
            g_assert_cmpuint(teeio_dsm_tdisp(rig.dsm, 0, rig.in, 16, rig.out,
                                             sizeof(rig.out)),
                             >=, 16);
            g_assert_cmpint(rig.out[1] == 0x7f && get16(rig.out + 16) == 0x41,
                            ==, !good);
        }
    }
    dsm_rig_clear(&rig);
}

static void test_capabilities(void)
{
    static const struct {
        const char *quirks;
        unsigned messages;
        unsigned flags;
        unsigned width;
        unsigned num;
    } cases[] = {
        {NULL, 0x0ffe, 0x1d, 52, 1},
        {"mandatory-only", 0x00fe, 0x15, 52, 1},
        {"dev-addr-width-48,num-req-zero", 0x0ffe, 0x1d, 48, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t expected[28] = {0};
        struct dsm_rig rig;

        dsm_rig_init(&rig, cases[i].quirks);
        memset(rig.in + 16, 0xff, 4); /* reserved, ignored */
        g_assert_cmphex(dsm_rig_send(&rig, MSG_CAPABILITIES, 4), ==, 0);
        put16(expected + 4, cases[i].messages);
        put16(expected + 20, cases[i].flags);
        expected[25] = cases[i].width;
        expected[26] = cases[i].num;
        expected[27] = cases[i].num;
        g_assert_cmpmem(rig.out + 16, rig.used - 16, expected, 28);
        for (unsigned code = 0; code < 256; code++) {
            bool known = code >= 0x80 && code < 0x90 &&
                         cases[i].messages >> (code - 0x80) & 1;

            memset(rig.in, 0, 16);
            rig.in[0] = 0x10;
            rig.in[1] = code;
            teeio_dsm_tdisp(rig.dsm, 0, rig.in, 16, rig.out, 64);
            g_assert_cmphex(rig.out[1], ==, 0x7f);
            g_assert_cmphex(get16(rig.out + 16), ==, known ? 0x101 : 7);
            g_assert_cmphex(get16(rig.out + 20), ==, known ? 0 : code);
        }
        dsm_rig_clear(&rig);
    }
}

static void fill_body(struct dsm_rig *rig, unsigned code)
{
    memset(rig->in + 16, 0, 64);
    switch (code) {
    case MSG_LOCK:
        rig->in[16] = TEEIO_TDISP_BIND_P2P;
        rig->in[18] = RIG_STREAM;
        break;
    case MSG_REPORT:
        put16(rig->in + 18, 0xffff);
        break;
    case MSG_START:
        memcpy(rig->in + 16, rig->nonce, 32);
        break;
    case MSG_BIND:
    case MSG_UNBIND:
        rig->in[16] = RIG_P2P;
        break;
    case MSG_ATTRIBUTE:
        put16(rig->in + 16, 0x7);
        rig->in[18] = 0x1; /* page 0x10007 */
        rig->in[24] = 1;
        break;
    default:
        break;
    }
}

/*
 * One line a state, one letter a message from 81h on: what state it leads to
 * (U L R E), or '!' for INVALID_INTERFACE_STATE. UNBIND follows a BIND.
 */
static const char *const expected[] = {"UUL!U!U!!!U", "LL!LLRU!!!L",
                                       "RR!RR!URRRR", "EE!!E!U!!!E"};
static const char letters[] = "ULRE";

static void test_every_pair(void)
{
    for (unsigned s = 0; s < TEEIO_TDISP_STATES; s++) {
        for (unsigned code = MSG_VERSION; code <= MSG_VDM; code++) {
            char want = expected[s][code - MSG_VERSION];
            struct dsm_rig rig;
            uint32_t error;

            g_test_message("%s x %02x", teeio_tdisp_state_name(s), code);
            dsm_rig_init(&rig, NULL);
            dsm_rig_program(&rig, RIG_SESSION, RIG_P2P, 0, true);
            dsm_rig_enter(&rig, s, TEEIO_TDISP_BIND_P2P);
            if (code == MSG_UNBIND) {
                fill_body(&rig, MSG_BIND);
                dsm_rig_send(&rig, MSG_BIND, 1);
            }
            fill_body(&rig, code);
            error = dsm_rig_send(&rig, code, body_sizes[code - MSG_VERSION]);
            g_assert_cmphex(error, ==, want == '!' ? 4 : 0);
            g_assert_cmpint(letters[rig.tdi[0].state], ==,
                            want == '!' ? letters[s] : want);

            /* What is sent is what the state is. */
            g_assert_cmphex(dsm_rig_send(&rig, MSG_STATE, 0), ==, 0);
            g_assert_cmpuint(rig.used, ==, 17);
            g_assert_cmpuint(rig.out[16], ==, rig.tdi[0].state);
            g_assert_cmpint(rig.tdi[1].state, ==, 0);
            dsm_rig_clear(&rig);
        }
    }
}

static void test_length(void)
{
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    for (unsigned code = MSG_VERSION; code <= MSG_VDM; code++) {
        unsigned right = body_sizes[code - MSG_VERSION];

        for (unsigned size = 0; size < 48; size++) {
            uint32_t error;
            bool bad = size < right || (size > right && code != MSG_VDM);

            fill_body(&rig, code);
            error = dsm_rig_send(&rig, code, size);
            g_assert_cmpint(error == 1, ==,
                            bad || (size == right && code == MSG_LOCK));
        }
        for (size_t len = 0; len < 16; len++) {
            rig.used = teeio_dsm_tdisp(rig.dsm, 0, rig.in, len, rig.out, 64);
            g_assert_cmpuint(rig.used, ==, len < 4 ? 0 : 24);
            g_assert_true(len < 4 || rig.out[16] == 1);
        }
    }
    /* No room for an answer: none. */
    g_assert_cmpuint(teeio_dsm_tdisp(rig.dsm, 0, rig.in, 16, rig.out, 63), ==,
                     0);
    dsm_rig_clear(&rig);
}

static void test_function_id(void)
{
    static const struct {
        uint32_t id;
        bool known;
    } cases[] = {
        {0x0100, true},      {0x0102, true},     {0x0103, false},
        {0x0000, false},     {0x01030100, true}, {0x01040100, false},
        {0x00040100, true},  {0xfe000101, true}, {0xff030101, true},
        {0x01000100, false},
    };
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmphex(dsm_rig_send_to(&rig, cases[i].id, 1, MSG_STATE, 0), ==,
                        cases[i].known ? 0 : 0x101);
        g_assert_cmphex(dsm_rig_send_to(&rig, cases[i].id, 1, MSG_VERSION, 0),
                        ==, cases[i].known ? 0 : 0x101);
    }
    g_assert_cmphex(teeio_interface_function_id(&rig.tdi[1]), ==, 0x01030101);
    teeio_dsm_remove(rig.dsm, &rig.tdi[1]);
    teeio_dsm_remove(rig.dsm, &rig.tdi[1]);
    g_assert_null(teeio_dsm_find(rig.dsm, 0x0101));
    g_assert_true(teeio_dsm_find(rig.dsm, 0x0102) == &rig.tdi[2]);
    for (unsigned i = 2; i < TEEIO_DSM_MAX_INTERFACES; i++) {
        g_assert_true(teeio_dsm_add(rig.dsm, &rig.tdi[1]));
    }
    g_assert_false(teeio_dsm_add(rig.dsm, &rig.tdi[1]));
    dsm_rig_clear(&rig);

    dsm_rig_init(&rig, "any-function-id");
    g_assert_cmphex(dsm_rig_send_to(&rig, 0xbeef, 1, MSG_STATE, 0), ==, 0);
    dsm_rig_clear(&rig);

    dsm_rig_init(&rig, "version-first");
    g_assert_cmphex(dsm_rig_send(&rig, MSG_STATE, 0), ==, 0x101);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_VERSION, 0), ==, 0);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_STATE, 0), ==, 0);
    teeio_dsm_reset(rig.dsm);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_STATE, 0), ==, 0x101);
    dsm_rig_clear(&rig);
}

static void test_nonce(void)
{
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    dsm_rig_enter(&rig, TEEIO_TDISP_CONFIG_LOCKED, 0);
    g_assert_cmpuint(rig.nonce[0], ==, 1);
    for (unsigned i = 0; i < 32; i++) {
        rig.nonce[i] ^= 0x80;
        g_assert_cmphex(dsm_rig_start(&rig, 0), ==, 0x102);
        g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_CONFIG_LOCKED);
        rig.nonce[i] ^= 0x80;
    }
    g_assert_cmphex(dsm_rig_start(&rig, 1), ==, 4);
    g_assert_cmphex(dsm_rig_start(&rig, 0), ==, 0);

    /* Neither the old nonce nor none at all after a new lock. */
    g_assert_cmphex(dsm_rig_send(&rig, MSG_STOP, 0), ==, 0);
    rig.in[18] = RIG_STREAM;
    memset(rig.in + 16, 0, 20);
    rig.in[18] = RIG_STREAM;
    g_assert_cmphex(dsm_rig_send(&rig, MSG_LOCK, 20), ==, 0);
    g_assert_cmphex(dsm_rig_start(&rig, 0), ==, 0x102);
    memset(rig.nonce, 0, 32);
    g_assert_cmphex(dsm_rig_start(&rig, 0), ==, 0x102);

    g_assert_cmphex(dsm_rig_send(&rig, MSG_STOP, 0), ==, 0);
    rig.no_entropy = true;
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 0x103);
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_CONFIG_UNLOCKED);
    for (unsigned i = 0; i < 32; i++) {
        g_assert_cmpuint(rig.tdi[0].nonce[i], ==, 0);
    }
    rig.no_entropy = false;
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 0);
    dsm_rig_clear(&rig);
}

/* Byte for byte, written out by hand: a header and what follows it. */
static const char golden_hex[] =
    "0b000000 0180 0000 00000000 07000000"
    /* BAR 0: six plain pages, one that is not TEE memory, one updatable */
    "0002010000000000 06000000 0000 0000"
    "0602010000000000 01000000 0400 0000"
    "0702010000000000 01000000 0800 0000"
    /* BAR 2: a page, the table, the PBA, a page */
    "0002480000000000 01000000 0000 0200"
    "0102480000000000 01000000 0100 0200"
    "0202480000000000 01000000 0200 0200"
    "0302480000000000 01000000 0000 0200"
    "04000000 696e666f";

enum { GOLDEN = 16 + 7 * 16 + 4 + 4 };

static void unhex(const char *text, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        while (*text == ' ') {
            text++;
        }
        bytes[i] =
            g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]);
        text += 2;
    }
    g_assert_cmpstr(text, ==, "");
}

static void test_report(void)
{
    uint8_t golden[GOLDEN];
    uint8_t report[GOLDEN];
    struct dsm_rig rig;

    unhex(golden_hex, golden, sizeof(golden));
    dsm_rig_init(&rig, NULL);
    dsm_rig_enter(&rig, TEEIO_TDISP_CONFIG_UNLOCKED, 0);
    memset(rig.in + 16, 0, 20);
    rig.in[16] = TEEIO_TDISP_NO_FW_UPDATE | TEEIO_TDISP_LOCK_MSIX;
    rig.in[18] = RIG_STREAM;
    rig.in[22] = 0x20; /* reporting offset 0x200000 */
    g_assert_cmphex(dsm_rig_send(&rig, MSG_LOCK, 20), ==, 0);

    for (unsigned step = 1; step <= sizeof(golden) + 1; step += 13) {
        unsigned offset = 0;

        do {
            unsigned portion;

            put16(rig.in + 16, offset);
            put16(rig.in + 18, step);
            g_assert_cmphex(dsm_rig_send(&rig, MSG_REPORT, 4), ==, 0);
            portion = get16(rig.out + 16);
            g_assert_cmpuint(portion, <=, step);
            g_assert_cmpuint(portion, >, 0);
            g_assert_cmpuint(rig.used, ==, 20 + portion);
            g_assert_cmpuint(offset + portion + get16(rig.out + 18), ==,
                             sizeof(golden));
            memcpy(report + offset, rig.out + 20, portion);
            offset += portion;
        } while (offset < sizeof(golden));
        g_assert_cmpmem(report, sizeof(report), golden, sizeof(golden));
    }

    /* Past the end, or of no length. */
    put16(rig.in + 16, sizeof(golden));
    put16(rig.in + 18, 1);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_REPORT, 4), ==, 1);
    put16(rig.in + 16, 0);
    put16(rig.in + 18, 0);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_REPORT, 4), ==, 1);

    /* The smallest response that there is room for. */
    put16(rig.in + 18, 0xffff);
    g_assert_cmpuint(teeio_dsm_tdisp(rig.dsm, 0, rig.in, 20, rig.out, 64), ==,
                     64);
    g_assert_cmpuint(get16(rig.out + 16), ==, 44);
    put16(rig.in + 18, 45);
    g_assert_cmpuint(teeio_dsm_tdisp(rig.dsm, 0, rig.in, 20, rig.out, 64), ==,
                     64);
    dsm_rig_clear(&rig);
}

static void test_lock_refused(void)
{
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    /* No keys; then keys of another session; then one sub-stream short. */
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 1);
    dsm_rig_program(&rig, 77, RIG_STREAM, 0, true);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 1);
    teeio_dsm_session_ended(rig.dsm, 77);
    dsm_rig_program(&rig, RIG_SESSION, RIG_STREAM, 0, true);
    dsm_rig_km(&rig, RIG_SESSION, TEEIO_IDE_KM_K_SET_STOP, RIG_STREAM, 0x22);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 1);
    dsm_rig_km(&rig, RIG_SESSION, TEEIO_IDE_KM_KEY_PROG, RIG_STREAM, 0x22);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 0);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 4);
    dsm_rig_send(&rig, MSG_STOP, 0);

    /* Another stream than the default one, which has keys as well. */
    dsm_rig_program(&rig, RIG_SESSION, RIG_P2P, 0, true);
    memset(rig.in + 16, 0, 20);
    rig.in[18] = RIG_P2P;
    g_assert_cmphex(dsm_rig_send(&rig, MSG_LOCK, 20), ==, 1);

    /* Two default streams, none, and one with another TC. */
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 1, 4),
                    RIG_P2P << 24 | TEEIO_IDE_STREAM_DEFAULT | 1, 4);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 0x104);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 1, 4), RIG_P2P << 24, 4);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 0, 4), RIG_STREAM << 24 | 1,
                    4);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 1);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 0, 4),
                    RIG_STREAM << 24 | TEEIO_IDE_STREAM_DEFAULT | 1 << 19 | 1,
                    4);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 0x104);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 0, 4),
                    RIG_STREAM << 24 | TEEIO_IDE_STREAM_DEFAULT | 1, 4);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 0);
    dsm_rig_clear(&rig);

    dsm_rig_init(&rig, "lock-without-keys,stop-unlocked-error");
    g_assert_cmphex(dsm_rig_send(&rig, MSG_STOP, 0), ==, 4);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 0);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_STOP, 0), ==, 0);
    dsm_rig_clear(&rig);
}

static void test_reporting_offset(void)
{
    static const struct {
        uint64_t offset;
        unsigned error;
    } cases[] = {
        {0x1000, 0},
        {0x800, 1},
        {-RIG_BAR0, 0},
        {-RIG_BAR0 - 0x1000, 1},
        {-RIG_BAR2 - 0x1000, 1},
        {-0x2000ull - RIG_BAR2 + RIG_BAR0, 1},
        {0x7ffffffffffff000, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dsm_rig rig;

        dsm_rig_init(&rig, "lock-without-keys");
        memset(rig.in + 16, 0, 20);
        for (unsigned j = 0; j < 8; j++) {
            rig.in[20 + j] = cases[i].offset >> 8 * j;
        }
        g_assert_cmphex(dsm_rig_send(&rig, MSG_LOCK, 20), ==, cases[i].error);
        dsm_rig_clear(&rig);
    }
}

static void test_p2p(void)
{
    struct teeio_interface_config config = dsm_rig_config(0);
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    fill_body(&rig, MSG_BIND);
    dsm_rig_enter(&rig, TEEIO_TDISP_RUN, 0);
    dsm_rig_program(&rig, RIG_SESSION, RIG_P2P, 0, true);
    fill_body(&rig, MSG_BIND);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 1);
    dsm_rig_enter(&rig, TEEIO_TDISP_RUN, TEEIO_TDISP_BIND_P2P);
    fill_body(&rig, MSG_BIND);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_UNBIND, 1), ==, 1);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 0);
    g_assert_cmpuint(rig.used, ==, 16);
    g_assert_true(teeio_interface_is_bound(&rig.tdi[0], RIG_P2P));
    g_assert_cmphex(dsm_rig_send(&rig, MSG_UNBIND, 1), ==, 0);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_UNBIND, 1), ==, 1);

    rig.in[16] = RIG_STREAM; /* the default stream */
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 1);
    rig.in[16] = 9; /* no stream at all */
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 1);
    rig.in[16] = RIG_P2P;
    config.report.ats = false;
    teeio_interface_configure(&rig.tdi[0], &config);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 1);
    config.report.ats = true;
    teeio_interface_configure(&rig.tdi[0], &config);

    /* Associations that meet those of the default stream. */
    for (unsigned i = 0; i < 2; i++) {
        teeio_ide_write(rig.ide, dsm_rig_register(&rig, 1, 0x14 + 12 * i),
                        0x00100001 | i << 20 | i << 8, 4);
        teeio_ide_write(rig.ide, dsm_rig_register(&rig, 2, 0x14 + 12 * i),
                        0x00100001 | i << 20 | i << 8, 4);
    }
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 0);
    dsm_rig_send(&rig, MSG_UNBIND, 1);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 2, 4), 3u << 24 | 1, 4);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 1);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 2, 0x14), 0, 4);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 2, 0x20), 0x00300301, 4);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 0);
    dsm_rig_send(&rig, MSG_UNBIND, 1);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 1, 0x0c), 0x00020000, 4);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 1, 0x10), 0x00010001, 4);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 2, 0x0c), 0x00020000, 4);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 2, 0x10), 0x00020001, 4);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 1);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 2, 0x10), 0x01020001, 4);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 0);
    dsm_rig_send(&rig, MSG_UNBIND, 1);

    /* Twice the same stream id; then no keys. */
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 2, 4), RIG_P2P << 24 | 1,
                    4);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 1);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 2, 4), 0, 4);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 1);
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_RUN);
    dsm_rig_clear(&rig);
}

/* The keys have to come from the session that locked. */
static void test_p2p_session(void)
{
    struct dsm_rig rig;

    dsm_rig_init(&rig, "km-any-session");
    dsm_rig_enter(&rig, TEEIO_TDISP_RUN, TEEIO_TDISP_BIND_P2P);
    dsm_rig_program(&rig, RIG_SESSION + 1, RIG_P2P, 0, true);
    fill_body(&rig, MSG_BIND);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_BIND, 1), ==, 1);
    dsm_rig_clear(&rig);
}

static void test_attribute(void)
{
    static const struct {
        unsigned offset;
        uint8_t value;
    } wrong[] = {
        {16, 6},          /* a page that is not updatable */
        {16, 8},          /* no range */
        {17, 1}, {24, 2}, /* more pages than the range has */
        {28, 5}, {28, 6}, /* attributes that cannot be set */
        {30, 2},          /* another range id */
    };
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    dsm_rig_enter(&rig, TEEIO_TDISP_RUN, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        fill_body(&rig, MSG_ATTRIBUTE);
        rig.in[28] = 4;
        rig.in[wrong[i].offset] = wrong[i].value;
        g_assert_cmphex(dsm_rig_send(&rig, MSG_ATTRIBUTE, 16), ==, 1);
        g_assert_false(
            teeio_interface_mmio_allowed(&rig.tdi[0], 0, 0x7000, false));
    }
    for (unsigned shared = 0; shared < 4; shared++) {
        fill_body(&rig, MSG_ATTRIBUTE);
        rig.in[28] = shared & 1 ? 0 : 4;
        g_assert_cmphex(dsm_rig_send(&rig, MSG_ATTRIBUTE, 16), ==, 0);
        g_assert_cmpuint(rig.used, ==, 16);
        g_assert_cmpint(
            teeio_interface_mmio_allowed(&rig.tdi[0], 0, 0x7fff, false), ==,
            !(shared & 1));
        g_assert_true(
            teeio_interface_mmio_allowed(&rig.tdi[0], 0, 0x7000, true));
    }
    /* The report goes on showing what LOCK found. */
    fill_body(&rig, MSG_REPORT);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_REPORT, 4), ==, 0);
    g_assert_cmphex(rig.out[20 + 16 + 2 * 16 + 12], ==, 8);
    dsm_rig_clear(&rig);
}

static void test_vdm(void)
{
    static const uint8_t extended[] = {5, 0, 0, 0, 0, 2, 0x34, 0x12, 0xaa};
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    memcpy(rig.in + 16, "\0\2\x34\x12 data", 9);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_VDM, 9), ==, 0);
    g_assert_cmpmem(rig.out + 16, rig.used - 16, "\0\2\x34\x12 data", 9);
    rig.in[16] = 0xff;
    g_assert_cmphex(dsm_rig_send(&rig, MSG_VDM, 9), ==, 0xff);
    g_assert_cmpmem(rig.out + 20, rig.used - 20, extended, sizeof(extended));
    rig.in[16] = 0xfe;
    g_assert_cmphex(dsm_rig_send(&rig, MSG_VDM, 9), ==, 5);
    g_assert_cmpuint(rig.used, ==, 24);
    dsm_rig_clear(&rig);
}

static void test_faults(void)
{
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    dsm_rig_enter(&rig, TEEIO_TDISP_CONFIG_UNLOCKED, 0);
    teeio_dsm_inject(rig.dsm, TEEIO_DSM_FAULT_ERROR, TEEIO_TDISP_BUSY, 2);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_STATE, 0), ==, 3);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 3);
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_CONFIG_UNLOCKED);
    teeio_dsm_inject(rig.dsm, TEEIO_DSM_FAULT_NONCE, 0, 1);
    g_assert_cmphex(dsm_rig_send(&rig, MSG_STATE, 0), ==, 0);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 0);
    g_assert_cmphex(dsm_rig_start(&rig, 0), ==, 0x102);
    rig.nonce[0] ^= 1;
    g_assert_cmphex(dsm_rig_start(&rig, 0), ==, 0);
    teeio_dsm_inject(rig.dsm, TEEIO_DSM_FAULT_STATE, 1, 1);
    dsm_rig_send(&rig, MSG_STATE, 0);
    g_assert_cmpuint(rig.out[16], ==, 1);
    dsm_rig_send(&rig, MSG_STATE, 0);
    g_assert_cmpuint(rig.out[16], ==, 2);
    teeio_dsm_inject(rig.dsm, TEEIO_DSM_FAULT_REPORT, 0, 1);
    fill_body(&rig, MSG_REPORT);
    dsm_rig_send(&rig, MSG_REPORT, 4);
    g_assert_cmpuint(rig.out[rig.used - 1], ==, 'n');
    dsm_rig_send(&rig, MSG_REPORT, 4);
    g_assert_cmpuint(rig.out[rig.used - 1], ==, 'o');
    teeio_dsm_inject(rig.dsm, TEEIO_DSM_FAULT_SILENCE, 0, 1);
    g_assert_cmpuint(teeio_dsm_tdisp(rig.dsm, 0, rig.in, 20, rig.out, 64), ==,
                     0);
    teeio_dsm_inject(rig.dsm, TEEIO_DSM_FAULT_SILENCE, 0, 5);
    teeio_dsm_inject(rig.dsm, TEEIO_DSM_FAULT_SILENCE, 0, 0);
    dsm_rig_send(&rig, MSG_STATE, 0);
    dsm_rig_clear(&rig);
}

static void test_vendor(void)
{
    static const uint8_t pci_sig[] = {1, 0};
    static const uint8_t cxl[] = {0x98, 0x1e};
    uint8_t request[17] = {1, 0x10, 0x85, 0, 0, 0x00, 0x01};
    uint8_t query[4] = {0};
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    g_assert_cmpuint(teeio_dsm_vendor(rig.dsm, true, 1, 3, pci_sig, 2, request,
                                      17, rig.out, 1024),
                     ==, 18);
    g_assert_cmpmem(rig.out, 4, "\1\x10\5\0", 4);
    g_assert_cmpuint(teeio_dsm_vendor(rig.dsm, true, 1, 3, pci_sig, 2, query, 4,
                                      rig.out, 1024),
                     ==, 8 + 4 * (2 + 2 + 3 * (5 + 2 * 3)));
    g_assert_cmpuint(rig.out[0] | rig.out[1] << 8, ==, 0x0100);

    /* Outside a session, of another registry, vendor or protocol. */
    g_assert_cmpuint(teeio_dsm_vendor(rig.dsm, false, 0, 3, pci_sig, 2, request,
                                      17, rig.out, 1024),
                     ==, 0);
    g_assert_cmpuint(teeio_dsm_vendor(rig.dsm, false, 0, 3, pci_sig, 2, query,
                                      4, rig.out, 1024),
                     ==, 0);
    g_assert_cmpuint(teeio_dsm_vendor(rig.dsm, true, 1, 4, pci_sig, 2, request,
                                      17, rig.out, 1024),
                     ==, 0);
    g_assert_cmpuint(teeio_dsm_vendor(rig.dsm, true, 1, 3, cxl, 2, request, 17,
                                      rig.out, 1024),
                     ==, 0);
    g_assert_cmpuint(teeio_dsm_vendor(rig.dsm, true, 1, 3, pci_sig, 1, request,
                                      17, rig.out, 1024),
                     ==, 0);
    g_assert_cmpuint(teeio_dsm_vendor(rig.dsm, true, 1, 3, pci_sig, 2, request,
                                      0, rig.out, 1024),
                     ==, 0);
    g_assert_cmpuint(teeio_dsm_vendor(rig.dsm, true, 1, 3, pci_sig, 2, request,
                                      17, rig.out, 0),
                     ==, 0);
    request[0] = 2;
    g_assert_cmpuint(teeio_dsm_vendor(rig.dsm, true, 1, 3, pci_sig, 2, request,
                                      17, rig.out, 1024),
                     ==, 0);
    dsm_rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dsm/version", test_version);
    g_test_add_func("/dsm/capabilities", test_capabilities);
    g_test_add_func("/dsm/every-pair", test_every_pair);
    g_test_add_func("/dsm/length", test_length);
    g_test_add_func("/dsm/function-id", test_function_id);
    g_test_add_func("/dsm/nonce", test_nonce);
    g_test_add_func("/dsm/report", test_report);
    g_test_add_func("/dsm/lock-refused", test_lock_refused);
    g_test_add_func("/dsm/reporting-offset", test_reporting_offset);
    g_test_add_func("/dsm/p2p", test_p2p);
    g_test_add_func("/dsm/p2p-session", test_p2p_session);
    g_test_add_func("/dsm/attribute", test_attribute);
    g_test_add_func("/dsm/vdm", test_vdm);
    g_test_add_func("/dsm/faults", test_faults);
    g_test_add_func("/dsm/vendor", test_vendor);
    return g_test_run();
}
