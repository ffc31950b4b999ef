/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* IDE: registers, associations, states, key management. */
#include <string.h>

#include "dsm-rig.h"

enum { CONTROL = 4, STATUS = 8, RID1 = 12, RID2 = 16, ADDR = 20 };

static uint32_t get(struct dsm_rig *rig, unsigned index, uint32_t reg)
{
    return teeio_ide_read(rig->ide, dsm_rig_register(rig, index, reg), 4);
}

static void set(struct dsm_rig *rig, unsigned index, uint32_t reg,
                uint32_t value)
{
    teeio_ide_write(rig->ide, dsm_rig_register(rig, index, reg), value, 4);
}

static void test_registers(void)
{
    static const struct {
        uint32_t offset;
        uint32_t all; /* what sticks of all ones */
    } link[] = {{0x0c, 0xff380101}, {0x10, 0}};
    static const uint32_t selective[] = {
        2,          0xfff80301, 0,          0x00ffff00, 0xffffff01, 0xffffff01,
        0xffffffff, 0xffffffff, 0xffffff01, 0xffffffff, 0xffffffff};
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    g_assert_cmpuint(teeio_ide_size(rig.ide), ==, 12 + 8 + 3 * 44);
    g_assert_cmphex(teeio_ide_read(rig.ide, 0, 4), ==, 0);
    g_assert_cmphex(teeio_ide_read(rig.ide, 4, 4), ==, 0x010200e7);
    g_assert_cmphex(teeio_ide_read(rig.ide, 5, 1), ==, 0);
    g_assert_cmphex(teeio_ide_read(rig.ide, 6, 2), ==, 0x0102);
    teeio_ide_write(rig.ide, 4, 0, 4);
    teeio_ide_write(rig.ide, 8, UINT32_MAX, 4);
    g_assert_cmphex(teeio_ide_read(rig.ide, 4, 4), ==, 0x010200e7);
    g_assert_cmphex(teeio_ide_read(rig.ide, 8, 4), ==, 4);
    for (unsigned i = 0; i < G_N_ELEMENTS(link); i++) {
        teeio_ide_write(rig.ide, link[i].offset, UINT32_MAX, 4);
        g_assert_cmphex(teeio_ide_read(rig.ide, link[i].offset, 4), ==,
                        link[i].all);
    }
    for (unsigned block = 0; block < RIG_STREAMS; block++) {
        g_assert_cmphex(dsm_rig_register(&rig, block, 0), ==, 20 + 44 * block);
        for (unsigned i = 0; i < G_N_ELEMENTS(selective); i++) {
            set(&rig, block, 4 * i, UINT32_MAX);
            g_assert_cmphex(get(&rig, block, 4 * i), ==, selective[i]);
            set(&rig, block, 4 * i, 0);
            g_assert_cmphex(get(&rig, block, 4 * i), ==, i ? 0 : 2);
        }
    }
    /* One byte at a time; and nothing behind the end. */
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 0, CONTROL) + 3, 0x5a, 1);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 0, CONTROL) + 2, 0x40, 1);
    g_assert_cmphex(get(&rig, 0, CONTROL), ==, 0x5a400000);
    teeio_ide_write(rig.ide, teeio_ide_size(rig.ide), 1, 4);
    g_assert_cmphex(teeio_ide_read(rig.ide, teeio_ide_size(rig.ide), 4), ==, 0);
    teeio_ide_reset(rig.ide);
    g_assert_cmphex(get(&rig, 0, CONTROL), ==, 0);
    g_assert_cmphex(get(&rig, 2, 0), ==, 2);
    dsm_rig_clear(&rig);

    g_assert_null(teeio_ide_new(&(struct teeio_ide_config){0, 0, 0, NULL}));
    g_assert_null(teeio_ide_new(&(struct teeio_ide_config){9, 1, 0, NULL}));
    g_assert_null(teeio_ide_new(&(struct teeio_ide_config){0, 17, 0, NULL}));
    g_assert_null(teeio_ide_new(&(struct teeio_ide_config){0, 1, 16, NULL}));
}

/* The largest port that there can be, and one with links alone. */
static void test_sizes(void)
{
    struct teeio_ide *ide =
        teeio_ide_new(&(struct teeio_ide_config){8, 16, 15, NULL});
    uint32_t end = 12 + 8 * 8 + 16 * (20 + 15 * 12);

    g_assert_cmpuint(teeio_ide_size(ide), ==, end);
    teeio_ide_write(ide, end - 4, 0x12345678, 4);
    g_assert_cmphex(teeio_ide_read(ide, end - 4, 4), ==, 0x12345678);
    g_assert_cmphex(teeio_ide_read(ide, 4, 4), ==, 0x010fe0e7);
    teeio_ide_free(ide);

    ide = teeio_ide_new(&(struct teeio_ide_config){2, 0, 0, NULL});
    g_assert_cmpuint(teeio_ide_size(ide), ==, 12 + 16);
    g_assert_cmphex(teeio_ide_read(ide, 4, 4), ==, 0x00002065);
    teeio_ide_free(ide);
}

static void test_accepts(void)
{
    static const struct {
        struct teeio_ide_tlp tlp;
        enum teeio_ide_verdict verdict;
    } cases[] = {
        {{TEEIO_IDE_NONE, 0, 0, true, 0, false}, TEEIO_IDE_ACCEPTED},
        {{99, 0, 0, true, 0, false}, TEEIO_IDE_ACCEPTED},
        {{TEEIO_IDE_NONE, 3, 0x100, true, 0, true}, TEEIO_IDE_NO_STREAM},
        {{99, 3, 0x100, true, 0, true}, TEEIO_IDE_UNKNOWN_STREAM},
        {{0, 3, 0x100, true, 0, true}, TEEIO_IDE_UNKNOWN_STREAM},
        {{RIG_LINK, 3, 0x100, true, 0, true}, TEEIO_IDE_UNKNOWN_STREAM},
        {{RIG_P2P, 3, 0x100, true, 0x40000000, true}, TEEIO_IDE_NOT_SECURE},
        {{RIG_STREAM, 3, 0x100, true, 0x40000000, true}, TEEIO_IDE_ACCEPTED},
        {{RIG_STREAM, 3, 0x107, true, 0x401fffff, true}, TEEIO_IDE_ACCEPTED},
        {{RIG_STREAM, 3, 0x108, true, 0x40000000, true},
         TEEIO_IDE_WRONG_REQUESTER},
        {{RIG_STREAM, 3, 0x0ff, true, 0x40000000, true},
         TEEIO_IDE_WRONG_REQUESTER},
        {{RIG_STREAM, 2, 0x100, true, 0x40000000, true},
         TEEIO_IDE_WRONG_REQUESTER},
        {{RIG_STREAM, 3, 0x100, true, 0x40200000, true},
         TEEIO_IDE_WRONG_ADDRESS},
        {{RIG_STREAM, 3, 0x100, true, 0x3fffffff, true},
         TEEIO_IDE_WRONG_ADDRESS},
        {{RIG_STREAM, 3, 0x100, true, 0x540000000, true}, TEEIO_IDE_ACCEPTED},
        {{RIG_STREAM, 3, 0x100, true, 0x640000000, true},
         TEEIO_IDE_WRONG_ADDRESS},
        {{RIG_STREAM, 3, 0x100, false, 0x640000000, true}, TEEIO_IDE_ACCEPTED},
    };
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    dsm_rig_program(&rig, 1, RIG_STREAM, 0, true);
    dsm_rig_program(&rig, 1, RIG_LINK, 0, true);
    g_assert_cmphex(teeio_ide_read(rig.ide, 0x10, 4), ==, 2);
    set(&rig, 0, RID1, 0x107 << 8);
    set(&rig, 0, RID2, 3u << 24 | 0x100 << 8 | 1);
    set(&rig, 0, ADDR, 0x40100000 | 0x400 << 8 | 1);
    set(&rig, 0, ADDR + 12, 0x40000000 | 0x400 << 8 | 1);
    set(&rig, 0, ADDR + 16, 5);
    set(&rig, 0, ADDR + 20, 5);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %zu", i);
        g_assert_cmpstr(
            teeio_ide_verdict_name(teeio_ide_accepts(rig.ide, &cases[i].tlp)),
            ==, teeio_ide_verdict_name(cases[i].verdict));
    }
    /* Associations that are not valid do not count. */
    set(&rig, 0, RID2, 0);
    set(&rig, 0, ADDR, 0);
    set(&rig, 0, ADDR + 12, 0);
    g_assert_cmpint(teeio_ide_accepts(rig.ide, &cases[9].tlp), ==,
                    TEEIO_IDE_ACCEPTED);
    g_assert_cmpint(teeio_ide_accepts(rig.ide, &cases[15].tlp), ==,
                    TEEIO_IDE_ACCEPTED);
    dsm_rig_clear(&rig);
}

static void count_insecure(void *opaque, uint8_t stream)
{
    g_assert_cmpuint(stream, ==, 5);
    ++*(unsigned *)opaque;
}

/* Keys that come without any session. */
static void test_platform(void)
{
    const struct teeio_ide_config config = {.streams = 1, .platform = true};
    struct teeio_ide *ide = teeio_ide_new(&config);
    unsigned told = 0;

    teeio_ide_listen(ide, &(struct teeio_ide_listener){
                              .opaque = &told, .insecure = count_insecure});
    g_assert_cmphex(teeio_ide_read(ide, 4, 4) & 0x40, ==, 0);
    g_assert_false(teeio_ide_set_keys(ide, 5, true));
    teeio_ide_write(ide, 12 + CONTROL, 5u << 24, 4);
    g_assert_true(teeio_ide_set_keys(ide, 5, true));
    g_assert_false(teeio_ide_secure(ide, 5));
    teeio_ide_write(ide, 12 + CONTROL, 5u << 24 | 1, 4);
    g_assert_true(teeio_ide_secure(ide, 5));
    g_assert_cmphex(teeio_ide_read(ide, 12 + STATUS, 4), ==, 2);
    g_assert_true(teeio_ide_set_keys(ide, 5, false));
    g_assert_false(teeio_ide_secure(ide, 5));
    g_assert_cmpuint(told, ==, 1);
    /* What is switched off keeps none. */
    g_assert_true(teeio_ide_set_keys(ide, 5, true));
    teeio_ide_write(ide, 12 + CONTROL, 5u << 24, 4);
    teeio_ide_write(ide, 12 + CONTROL, 5u << 24 | 1, 4);
    g_assert_false(teeio_ide_secure(ide, 5));
    teeio_ide_free(ide);
}

static void test_route(void)
{
    struct teeio_ide_tlp memory = {.memory = true, .address = 0x40000000};
    struct teeio_ide_tlp message = {.segment = 3, .requester = 0x200};
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    g_assert_cmpint(teeio_ide_route(rig.ide, &memory), ==, RIG_STREAM);
    set(&rig, 1, ADDR + 12, 0x40000000 | 0x400 << 8 | 1);
    set(&rig, 1, RID1, 0x200 << 8);
    set(&rig, 1, RID2, 3u << 24 | 0x200 << 8 | 1);
    g_assert_cmpint(teeio_ide_route(rig.ide, &memory), ==, RIG_P2P);
    g_assert_cmpint(teeio_ide_route(rig.ide, &message), ==, RIG_P2P);
    message.requester++;
    memory.address += 0x100000;
    g_assert_cmpint(teeio_ide_route(rig.ide, &memory), ==, RIG_STREAM);
    g_assert_cmpint(teeio_ide_route(rig.ide, &message), ==, RIG_STREAM);
    set(&rig, 0, CONTROL, RIG_STREAM << 24 | 1);
    g_assert_cmpint(teeio_ide_route(rig.ide, &memory), ==, RIG_LINK);
    teeio_ide_write(rig.ide, 0x0c, RIG_LINK << 24, 4);
    g_assert_cmpint(teeio_ide_route(rig.ide, &memory), ==, TEEIO_IDE_NONE);
    dsm_rig_clear(&rig);
}

/* Enabling and keys make a stream secure, in either order. */
static void test_secure(void)
{
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    set(&rig, 0, CONTROL, RIG_STREAM << 24 | TEEIO_IDE_STREAM_DEFAULT);
    dsm_rig_program(&rig, 1, RIG_STREAM, 1, true);
    g_assert_cmphex(get(&rig, 0, STATUS), ==, 0);
    set(&rig, 0, CONTROL, RIG_STREAM << 24 | TEEIO_IDE_STREAM_DEFAULT | 1);
    g_assert_cmphex(get(&rig, 0, STATUS), ==, 2);
    g_assert_true(teeio_ide_secure(rig.ide, RIG_STREAM));

    /* A refresh, one sub-stream after the other. */
    dsm_rig_program(&rig, 1, RIG_STREAM, 0, true);
    g_assert_cmphex(get(&rig, 0, STATUS), ==, 2);
    /* The old keys can go now, the new ones cannot be replaced. */
    g_assert_cmpuint(
        dsm_rig_km(&rig, 1, TEEIO_IDE_KM_K_SET_STOP, RIG_STREAM, 1), ==, 7);
    g_assert_cmphex(get(&rig, 0, STATUS), ==, 2);
    dsm_rig_km(&rig, 1, TEEIO_IDE_KM_KEY_PROG, RIG_STREAM, 0);
    g_assert_cmpuint(rig.out[4], ==, 4);
    g_assert_cmpuint(
        dsm_rig_km(&rig, 1, TEEIO_IDE_KM_K_SET_STOP, RIG_STREAM, 0x20), ==, 7);
    g_assert_cmphex(get(&rig, 0, STATUS), ==, 0);

    /* A stream that was stopped has to be programmed again. */
    g_assert_cmpuint(
        dsm_rig_km(&rig, 1, TEEIO_IDE_KM_K_SET_GO, RIG_STREAM, 0x20), ==, 0);
    dsm_rig_km(&rig, 1, TEEIO_IDE_KM_KEY_PROG, RIG_STREAM, 0x20);
    dsm_rig_km(&rig, 1, TEEIO_IDE_KM_K_SET_GO, RIG_STREAM, 0x20);
    g_assert_cmphex(get(&rig, 0, STATUS), ==, 2);

    /* Disabled, or under another id, it has no keys. */
    set(&rig, 0, CONTROL, RIG_STREAM << 24);
    set(&rig, 0, CONTROL, RIG_STREAM << 24 | 1);
    g_assert_cmphex(get(&rig, 0, STATUS), ==, 0);
    g_assert_false(teeio_ide_keyed(rig.ide, RIG_STREAM, 1, true));
    dsm_rig_program(&rig, 1, RIG_STREAM, 0, true);
    g_assert_cmphex(get(&rig, 0, STATUS), ==, 2);
    set(&rig, 0, CONTROL, 9 << 24 | 1);
    g_assert_cmphex(get(&rig, 0, STATUS), ==, 0);
    set(&rig, 0, CONTROL, RIG_STREAM << 24 | 1);
    g_assert_cmphex(get(&rig, 0, STATUS), ==, 0);
    dsm_rig_clear(&rig);
}

static const uint8_t *km(struct dsm_rig *rig, uint32_t session, size_t len)
{
    memset(rig->out, 0xee, sizeof(rig->out));
    rig->used = teeio_ide_km_message(rig->ide, session, rig->in, len, rig->out,
                                     sizeof(rig->out));
    return rig->used ? rig->out : NULL;
}

static void test_query(void)
{
    struct dsm_rig rig;
    uint32_t word;

    dsm_rig_init(&rig, NULL);
    g_assert_nonnull(km(&rig, 1, 3));
    g_assert_cmpuint(rig.used, ==, 7 + teeio_ide_size(rig.ide) - 4);
    g_assert_cmpmem(rig.out, 7, "\1\0\0\0\1\3\0", 7);
    for (unsigned i = 4; i < teeio_ide_size(rig.ide); i += 4) {
        memcpy(&word, rig.out + 3 + i, 4);
        g_assert_cmphex(word, ==, teeio_ide_read(rig.ide, i, 4));
    }
    /* Too short, too long, another port, no room, no request. */
    g_assert_null(km(&rig, 1, 0));
    g_assert_null(km(&rig, 1, 2));
    g_assert_null(km(&rig, 1, 4));
    rig.in[2] = 1;
    g_assert_null(km(&rig, 1, 3));
    rig.in[2] = 0;
    g_assert_cmpuint(teeio_ide_km_message(rig.ide, 1, rig.in, 3, rig.out,
                                          teeio_ide_size(rig.ide) + 2),
                     ==, 0);
    for (unsigned id = 0; id < 256; id++) {
        rig.in[0] = id;
        g_assert_true(!km(&rig, 1, 3) == (id != 0 && id != 2));
    }
    dsm_rig_clear(&rig);

    dsm_rig_init(&rig, "max-port=3");
    for (unsigned port = 0; port < 6; port++) {
        rig.in[2] = port;
        g_assert_cmpint(km(&rig, 1, 3) != NULL, ==, port <= 3);
        g_assert_cmpuint(rig.out[port <= 3 ? 2 : 0], ==,
                         port <= 3 ? port : 0xee);
        g_assert_true(port > 3 || rig.out[6] == 3);
    }
    dsm_rig_clear(&rig);
}

static void prepare_key_prog(struct dsm_rig *rig)
{
    memset(rig->in, 0, sizeof(rig->in));
    rig->in[0] = 2;
    rig->in[3] = RIG_STREAM;
    rig->in[43] = 1;
    memset(rig->in + 7, 0x77, 32);
}

static void test_key_prog(void)
{
    static const struct {
        unsigned offset;
        uint8_t value;
        uint8_t status;
    } cases[] = {
        {0, 2, 0},    {1, 0xff, 0}, {5, 0x23, 0}, {5, 0x30, 3},
        {5, 0x04, 3}, {5, 0x08, 3}, {5, 0xf0, 3}, {6, 1, 2},
        {6, 255, 2},  {3, 0x55, 3}, {39, 1, 3},   {42, 0x80, 3},
        {43, 0, 3},   {43, 2, 3},   {46, 1, 3},   {3, RIG_LINK, 0},
    };
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t ack[7];

        prepare_key_prog(&rig);
        rig.in[cases[i].offset] = cases[i].value;
        memcpy(ack, rig.in, 7);
        ack[0] = 3;
        ack[1] = ack[2] = 0;
        ack[4] = cases[i].status;
        g_assert_nonnull(km(&rig, 1, 47));
        g_assert_cmpmem(rig.out, rig.used, ack, 7);
    }
    for (size_t len = 1; len < 60; len++) {
        prepare_key_prog(&rig);
        g_assert_nonnull(km(&rig, 1, len));
        g_assert_cmpuint(rig.used, ==, 7);
        g_assert_cmpuint(rig.out[3], ==, len > 3 ? RIG_STREAM : 0);
        g_assert_cmpuint(rig.out[4], ==, len == 47 ? 0 : 1);
    }
    g_assert_cmpuint(teeio_ide_km_message(rig.ide, 1, rig.in, 47, rig.out, 6),
                     ==, 0);
    dsm_rig_clear(&rig);

    dsm_rig_init(&rig,
                 "km-drop-bad-length,km-drop-bad-port,km-any-value,max-port=1");
    prepare_key_prog(&rig);
    g_assert_null(km(&rig, 1, 46));
    rig.in[6] = 2;
    g_assert_null(km(&rig, 1, 47));
    rig.in[6] = 1;
    rig.in[5] = 0xff;
    rig.in[3] = 0x55;
    g_assert_nonnull(km(&rig, 1, 47));
    g_assert_cmpuint(rig.out[4], ==, 0);
    g_assert_false(teeio_ide_keyed(rig.ide, 0x55, 1, true));
    dsm_rig_clear(&rig);
}

static void test_go_stop(void)
{
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    for (uint8_t id = TEEIO_IDE_KM_K_SET_GO; id <= TEEIO_IDE_KM_K_SET_STOP;
         id++) {
        /* There are no such keys. */
        g_assert_cmpuint(dsm_rig_km(&rig, 1, id, RIG_STREAM, 0), ==, 0);
    }
    dsm_rig_program(&rig, 1, RIG_STREAM, 0, false);
    for (uint8_t id = TEEIO_IDE_KM_K_SET_GO; id <= TEEIO_IDE_KM_K_SET_STOP;
         id++) {
        g_assert_cmpuint(dsm_rig_km(&rig, 1, id, RIG_STREAM, 1), ==, 0);
        g_assert_cmpuint(dsm_rig_km(&rig, 1, id, RIG_STREAM, 0x30), ==, 0);
        g_assert_cmpuint(dsm_rig_km(&rig, 1, id, RIG_P2P, 0), ==, 0);
        g_assert_null(km(&rig, 1, 6));
        g_assert_cmpuint(dsm_rig_km(&rig, 1, id, RIG_STREAM, 0x12), ==, 7);
        g_assert_cmpmem(rig.out, 7, "\6\0\0\1\0\x12\0", 7);
        g_assert_null(km(&rig, 1, 8));
    }
    dsm_rig_clear(&rig);

    dsm_rig_init(&rig, "km-one-sub-stream");
    for (unsigned tx = 0; tx <= 2; tx += 2) {
        dsm_rig_km(&rig, 1, TEEIO_IDE_KM_KEY_PROG, RIG_STREAM, tx);
        dsm_rig_km(&rig, 1, TEEIO_IDE_KM_K_SET_GO, RIG_STREAM, tx);
    }
    g_assert_true(teeio_ide_secure(rig.ide, RIG_STREAM));
    dsm_rig_clear(&rig);
}

static void test_sessions(void)
{
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    dsm_rig_program(&rig, 1, RIG_STREAM, 0, true);
    for (uint8_t id = 0; id <= 5; id++) {
        memset(rig.in, 0, 8);
        rig.in[0] = id;
        g_assert_null(km(&rig, 2, 3));
        g_assert_cmpuint(dsm_rig_km(&rig, 2, id, RIG_STREAM, 0), ==, 0);
    }
    teeio_dsm_session_ended(rig.dsm, 2);
    g_assert_true(teeio_ide_secure(rig.ide, RIG_STREAM));
    teeio_dsm_session_ended(rig.dsm, 1);
    g_assert_false(teeio_ide_secure(rig.ide, RIG_STREAM));
    g_assert_false(teeio_ide_keyed(rig.ide, RIG_STREAM, 1, true));
    dsm_rig_program(&rig, 2, RIG_STREAM, 0, true);
    g_assert_true(teeio_ide_keyed(rig.ide, RIG_STREAM, 2, false));
    g_assert_false(teeio_ide_keyed(rig.ide, RIG_STREAM, 1, false));
    g_assert_true(teeio_ide_keyed(rig.ide, RIG_STREAM, 1, true));
    dsm_rig_clear(&rig);

    /* Answered, but no stream takes keys of two sessions. */
    dsm_rig_init(&rig, "km-any-session");
    dsm_rig_program(&rig, 1, RIG_STREAM, 0, true);
    dsm_rig_km(&rig, 2, TEEIO_IDE_KM_KEY_PROG, RIG_STREAM, 1);
    g_assert_cmpuint(rig.out[4], ==, 3);
    g_assert_cmpuint(
        dsm_rig_km(&rig, 2, TEEIO_IDE_KM_K_SET_STOP, RIG_STREAM, 0), ==, 0);
    dsm_rig_program(&rig, 2, RIG_P2P, 0, true);
    teeio_dsm_session_ended(rig.dsm, 1);
    g_assert_false(teeio_ide_secure(rig.ide, RIG_STREAM));
    g_assert_true(teeio_ide_secure(rig.ide, RIG_P2P));
    dsm_rig_clear(&rig);
}

static void test_failures(void)
{
    for (unsigned failure = 0; failure < TEEIO_IDE_FAILURES; failure++) {
        uint32_t fail = failure == TEEIO_IDE_FAIL_MESSAGE ? 0x80000000 : 0;
        struct dsm_rig rig;

        dsm_rig_init(&rig, NULL);
        g_assert_false(teeio_ide_fail(rig.ide, 0x55, failure));
        dsm_rig_enter(&rig, TEEIO_TDISP_RUN, 0);
        dsm_rig_program(&rig, RIG_SESSION, RIG_P2P, 0, true);
        g_assert_true(teeio_ide_fail(rig.ide, RIG_P2P, failure));
        g_assert_cmphex(get(&rig, 1, STATUS), ==, fail);
        g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_RUN);
        g_assert_true(teeio_ide_fail(rig.ide, RIG_STREAM, failure));
        g_assert_cmphex(get(&rig, 0, STATUS), ==, fail);
        g_assert_false(teeio_ide_keyed(rig.ide, RIG_STREAM, 0, true));
        g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_ERROR);
        g_assert_cmpstr(dsm_rig_cause(&rig), ==, "IDE stream insecure");
        set(&rig, 0, STATUS, 0x80000000);
        g_assert_cmphex(get(&rig, 0, STATUS), ==, 0);
        dsm_rig_clear(&rig);
    }
}

static void test_default(void)
{
    struct dsm_rig rig;
    unsigned count;

    dsm_rig_init(&rig, NULL);
    g_assert_cmpint(teeio_ide_default_stream(rig.ide, &count), ==, RIG_STREAM);
    g_assert_cmpuint(count, ==, 1);
    set(&rig, 1, CONTROL, RIG_P2P << 24 | TEEIO_IDE_STREAM_DEFAULT | 1);
    g_assert_cmpint(teeio_ide_default_stream(rig.ide, &count), ==,
                    TEEIO_IDE_NONE);
    g_assert_cmpuint(count, ==, 2);
    set(&rig, 0, CONTROL, RIG_STREAM << 24 | TEEIO_IDE_STREAM_DEFAULT);
    g_assert_cmpint(teeio_ide_default_stream(rig.ide, &count), ==, RIG_P2P);
    dsm_rig_clear(&rig);
}

/* One range each, in MiB: does the second stream meet the third? */
static void test_overlap(void)
{
    static const struct {
        uint16_t base[2];
        uint16_t limit[2];
        bool addresses;
        bool rids;
    } cases[] = {
        {{4, 4}, {4, 4}, true, true}, {{4, 2}, {6, 3}, false, false},
        {{4, 2}, {6, 4}, true, true}, {{2, 4}, {3, 6}, false, false},
        {{2, 4}, {4, 6}, true, true}, {{2, 3}, {6, 4}, true, true},
        {{3, 2}, {4, 6}, true, true}, {{0, 0xfff}, {0xffe, 0xfff}, 0, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dsm_rig rig;

        dsm_rig_init(&rig, NULL);
        set(&rig, 2, CONTROL, 3u << 24 | 1);
        for (unsigned n = 0; n < 2; n++) {
            set(&rig, 1 + n, ADDR + 12,
                (uint32_t)cases[i].limit[n] << 20 | cases[i].base[n] << 8 | 1);
        }
        g_assert_cmpint(teeio_ide_unfit(rig.ide, RIG_P2P), ==,
                        cases[i].addresses ? TEEIO_IDE_OVERLAP : TEEIO_IDE_FIT);
        set(&rig, 1, ADDR + 12, 0);
        for (unsigned n = 0; n < 2; n++) {
            set(&rig, 1 + n, RID1, cases[i].limit[n] << 8);
            set(&rig, 1 + n, RID2, cases[i].base[n] << 8 | 1);
        }
        g_assert_cmpint(teeio_ide_unfit(rig.ide, RIG_P2P), ==,
                        cases[i].rids ? TEEIO_IDE_OVERLAP : TEEIO_IDE_FIT);
        dsm_rig_clear(&rig);
    }
}

/* A failure before the keys are in use is one as well. */
static void test_early_failure(void)
{
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    dsm_rig_program(&rig, RIG_SESSION, RIG_STREAM, 0, false);
    g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, 0);
    g_assert_true(teeio_ide_fail(rig.ide, RIG_STREAM, TEEIO_IDE_MISROUTED));
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_ERROR);
    dsm_rig_clear(&rig);
}

static void test_state(void)
{
    uint8_t image[1024];
    struct dsm_rig from;
    struct dsm_rig to;
    size_t size;

    dsm_rig_init(&from, NULL);
    dsm_rig_program(&from, 5, RIG_STREAM, 1, true);
    dsm_rig_program(&from, 5, RIG_P2P, 0, false);
    size = teeio_ide_save(from.ide, image, sizeof(image));
    g_assert_cmpuint(size, <=, sizeof(image));
    dsm_rig_init(&to, NULL);
    teeio_ide_reset(to.ide);
    for (size_t cut = 0; cut < size; cut++) {
        g_assert_false(teeio_ide_load(to.ide, image, cut));
    }
    for (size_t i = 0; i < 8 * size; i++) {
        image[i / 8] ^= 1 << i % 8;
        if (teeio_ide_load(to.ide, image, size)) {
            teeio_ide_drop_keys(to.ide);
        }
        image[i / 8] ^= 1 << i % 8;
    }
    g_assert_true(teeio_ide_load(to.ide, image, size));
    g_assert_true(teeio_ide_secure(to.ide, RIG_STREAM));
    g_assert_true(teeio_ide_keyed(to.ide, RIG_P2P, 5, false));
    g_assert_false(teeio_ide_secure(to.ide, RIG_P2P));
    g_assert_cmpuint(dsm_rig_km(&to, 6, TEEIO_IDE_KM_KEY_PROG, 1, 0), ==, 0);
    g_assert_cmpuint(dsm_rig_km(&to, 5, TEEIO_IDE_KM_KEY_PROG, 1, 0), ==, 7);
    dsm_rig_clear(&from);
    dsm_rig_clear(&to);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ide/registers", test_registers);
    g_test_add_func("/ide/sizes", test_sizes);
    g_test_add_func("/ide/accepts", test_accepts);
    g_test_add_func("/ide/platform", test_platform);
    g_test_add_func("/ide/route", test_route);
    g_test_add_func("/ide/secure", test_secure);
    g_test_add_func("/ide/query", test_query);
    g_test_add_func("/ide/key-prog", test_key_prog);
    g_test_add_func("/ide/go-stop", test_go_stop);
    g_test_add_func("/ide/sessions", test_sessions);
    g_test_add_func("/ide/failures", test_failures);
    g_test_add_func("/ide/default", test_default);
    g_test_add_func("/ide/overlap", test_overlap);
    g_test_add_func("/ide/early-failure", test_early_failure);
    g_test_add_func("/ide/state", test_state);
    return g_test_run();
}
