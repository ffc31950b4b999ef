/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "spdm-requester.h"

struct rig {
    struct spdm_device device;
    struct requester requester;
};

static void rig_init(struct rig *rig)
{
    spdm_device_init(&rig->device, 7);
    requester_init(&rig->requester, &rig->device);
}

static void rig_clear(struct rig *rig)
{
    requester_clear(&rig->requester);
    spdm_device_clear(&rig->device);
}

static void test_version(void)
{
    static const uint8_t both[] = {0x10, 4, 0, 0, 0, 2, 0, 0x12, 0, 0x13};
    static const uint8_t one[] = {0x10, 4, 0, 0, 0, 1, 0, 0x12};
    static const uint8_t bad[] = {0x12, 0x84, 0, 0};
    static const uint8_t mismatch[] = {0x10, 0x7f, 0x41, 0};
    struct requester *r;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    spdm_device_start(&rig.device);
    requester_get_version(r);
    g_assert_cmpmem(r->response, r->len, both, sizeof(both));
    requester_ask(r, bad, sizeof(bad));
    g_assert_cmpmem(r->response, r->len, mismatch, sizeof(mismatch));

    /* A bad GET_VERSION changes nothing, a good one starts anew. */
    requester_connect(r);
    requester_ask(r, bad, sizeof(bad));
    g_assert_cmpmem(r->response, r->len, mismatch, sizeof(mismatch));
    requester_ask4(r, 0x81, 0, 0);
    g_assert_cmphex(r->response[1], ==, 0x01);
    requester_get_version(r);
    requester_ask4(r, 0x81, 0, 0);
    requester_expect_error(r, 0x04, 0);
    rig_clear(&rig);

    rig_init(&rig);
    rig.device.config.max_version = TEEIO_SPDM_12;
    spdm_device_start(&rig.device);
    requester_get_version(r);
    g_assert_cmpmem(r->response, r->len, one, sizeof(one));
    for (unsigned version = 0; version < 256; version++) {
        uint8_t message[20] = {version, 0xe1};

        if (version != 0x12) {
            requester_ask(r, message, sizeof(message));
            requester_expect_error(r, 0x41, 0);
            g_assert_cmphex(r->response[0], ==, 0x10);
        }
    }
    rig_clear(&rig);
}

/* The version of the request after VERSION is that of the connection. */
static void test_selected_version(void)
{
    static const uint8_t versions[] = {0x00, 0x10, 0x11, 0x12, 0x14, 0x22};
    struct requester *r;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    spdm_device_start(&rig.device);
    requester_connect(r);
    for (size_t i = 0; i < sizeof(versions); i++) {
        uint8_t message[] = {versions[i], 0x81, 0, 0};

        requester_ask(r, message, sizeof(message));
        requester_expect_error(r, 0x41, 0);
        g_assert_cmphex(r->response[0], ==, 0x13);
    }
    for (size_t len = 0; len < 4; len++) {
        uint8_t message[] = {0x13, 0x81, 0, 0};

        requester_ask(r, message, len);
        requester_expect_error(r, 0x01, 0);
    }
    rig_clear(&rig);
}

static void test_capabilities(void)
{
    static const struct {
        uint8_t version;
        uint8_t ct;
        uint32_t caps;
        uint32_t transfer;
        uint32_t message;
        bool ok;
    } cases[] = {
        {0x12, 0, 0, 42, 42, true},
        {0x12, 31, 0x2c0, 42, 42, true},
        {0x12, 32, 0x2c0, 42, 42, false},
        {0x12, 0, 0, 41, 41, false},
        {0x12, 0, 0, 42, 43, false},
        {0x12, 0, 0x20000, 42, 43, true},
        {0x12, 0, 0x20000, 43, 42, false},
        {0x12, 0, 0x200, 42, 42, false},      /* KEY_EX, unprotected */
        {0x12, 0, 0xc0, 42, 42, false},       /* nothing to protect */
        {0x12, 0, 0x4c0, 42, 42, true},       /* PSK */
        {0x12, 0, 0x8c0, 42, 42, false},      /* reserved PSK */
        {0x12, 0, 0xcc0, 42, 42, false},      /* reserved PSK */
        {0x12, 0, 0x84c0, 42, 42, false},     /* in the clear with PSK */
        {0x12, 0, 0x82c0, 42, 42, true},      /* in the clear */
        {0x12, 0, 0x10002, 42, 42, false},    /* public key and chain */
        {0x12, 0, 0x0c000000, 42, 42, true},  /* reserved in 1.2 */
        {0x13, 0, 0x0c000000, 42, 42, false}, /* reserved MULTI_KEY */
        {0x13, 0, 0x04010000, 42, 42, false}, /* MULTI_KEY, public key */
        {0x13, 0, 0x00c00000, 42, 42, false}, /* reserved EP_INFO */
        {0x13, 0, 0x00800000, 42, 42, true},
    };
    struct requester *r;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    spdm_device_start(&rig.device);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t message[20] = {cases[i].version, 0xe1};

        requester_get_version(r);
        message[5] = cases[i].ct;
        for (unsigned j = 0; j < 4; j++) {
            message[8 + j] = cases[i].caps >> 8 * j;
            message[12 + j] = cases[i].transfer >> 8 * j;
            message[16 + j] = cases[i].message >> 8 * j;
        }
        requester_ask(r, message, 19);
        requester_expect_error(r, 0x01, 0);
        requester_ask(r, message, 20);
        g_test_message("case %zu", i);
        if (!cases[i].ok) {
            requester_expect_error(r, 0x01, 0);
            continue;
        }
        g_assert_cmphex(r->response[1], ==, 0x61);
        g_assert_cmpuint(r->len, ==, 20);
        /* Once is enough. */
        requester_ask(r, message, 20);
        requester_expect_error(r, 0x04, 0);
        g_assert_cmphex(r->response[0], ==, cases[i].version);
    }
    /* The block of algorithms needs chunks. */
    {
        uint8_t message[20] = {0x13, 0xe1, 1};

        message[12] = 42;
        message[16] = 42;
        requester_get_version(r);
        requester_ask(r, message, 20);
        requester_expect_error(r, 0x01, 0);
        message[10] = 2;
        requester_ask(r, message, 20);
        g_assert_cmphex(r->response[1], ==, 0x61);
        g_assert_cmphex(r->response[2], ==, 0);
    }
    rig_clear(&rig);
}

static uint32_t own_flags(struct requester *r)
{
    requester_get_version(r);
    requester_get_capabilities(r);
    return r->response[8] | r->response[9] << 8 | r->response[10] << 16;
}

static void test_withheld(void)
{
    static const struct {
        uint32_t withheld;
        uint32_t flags;
    } cases[] = {
        {0, 0x262f6},
        {TEEIO_SPDM_CHUNK_CAP, 0x062f6},
        {TEEIO_SPDM_CHAL_CAP, 0x262f2},
        {TEEIO_SPDM_RSP_MEAS_CAP, 0x262c6},
        {TEEIO_SPDM_KEY_EX_CAP, 0x20036},
        {TEEIO_SPDM_ENCRYPT_CAP, 0x20036},
        {TEEIO_SPDM_HBEAT_CAP, 0x242f6},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct rig rig;

        rig_init(&rig);
        rig.device.config.withheld = cases[i].withheld;
        spdm_device_start(&rig.device);
        g_assert_cmphex(own_flags(&rig.requester), ==, cases[i].flags);
        if (cases[i].withheld == TEEIO_SPDM_CHAL_CAP) {
            requester_negotiate(&rig.requester);
            requester_ask4(&rig.requester, 0x83, 0, 0);
            requester_expect_error(&rig.requester, 0x07, 0x83);
        }
        rig_clear(&rig);
    }
}

static uint32_t selected(const struct requester *r, unsigned offset)
{
    return r->response[offset] | r->response[offset + 1] << 8;
}

static void test_algorithms(void)
{
    struct requester *r;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    spdm_device_start(&rig.device);
    requester_get_version(r);
    requester_get_capabilities(r);
    /* Of all, the best. */
    r->wish.hash = 0x7f;
    r->wish.asym = 0xfff;
    r->wish.dhe = 0x7f;
    r->wish.aead = 0xf;
    requester_negotiate(r);
    g_assert_cmpuint(r->len, ==, 52);
    g_assert_cmpuint(selected(r, 4), ==, 52);
    g_assert_cmphex(r->response[6], ==, 1);
    g_assert_cmphex(r->response[7], ==, 2);
    g_assert_cmphex(selected(r, 8), ==, 4);
    g_assert_cmphex(selected(r, 12), ==, 0x80);
    g_assert_cmphex(selected(r, 16), ==, 2);
    g_assert_cmphex(selected(r, 38), ==, 0x10);
    g_assert_cmphex(selected(r, 42), ==, 2);
    g_assert_cmphex(selected(r, 46), ==, 0);
    g_assert_cmphex(selected(r, 50), ==, 1);

    /* Nothing in common: nothing works but a new start. */
    requester_get_version(r);
    requester_get_capabilities(r);
    r->wish.asym = 0x10;
    requester_negotiate(r);
    g_assert_cmphex(selected(r, 12), ==, 0);
    requester_ask4(r, 0x81, 0, 0);
    requester_expect_error(r, 0x43, 0);
    requester_get_version(r);
    rig_clear(&rig);
}

static void test_bad_algorithms(void)
{
    static const struct {
        unsigned offset;
        uint8_t value;
    } cases[] = {
        {2, 3},     {2, 5},     {4, 44},    {4, 47},    {4, 49},
        {5, 1},     {7, 0x12},  {28, 1},    {29, 1},    {28, 21},
        {32, 1},    {32, 3},    {36, 2},    {44, 6},    {33, 0x30},
        {33, 0x21}, {45, 0x2f}, {33, 0x2f}, {41, 0x2f},
    };
    static const uint8_t good[48] = {
        0x13, 0xe3, 4,    0, 48, 0,    1, 2, 0x80, 0,    0, 0, 2, 0,    0, 0,
        0,    0,    0,    0, 0,  0,    0, 0, 0,    0,    0, 0, 0, 0,    0, 0,
        2,    0x20, 0x10, 0, 3,  0x20, 2, 0, 4,    0x20, 0, 0, 5, 0x20, 1, 0};
    struct requester *r;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    spdm_device_start(&rig.device);
    requester_get_version(r);
    requester_get_capabilities(r);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t bad[48];

        memcpy(bad, good, sizeof(bad));
        bad[cases[i].offset] = cases[i].value;
        requester_ask(r, bad, sizeof(bad));
        g_test_message("case %zu", i);
        requester_expect_error(r, 0x01, 0);
    }
    for (size_t len = 4; len < sizeof(good); len++) {
        requester_ask(r, good, len);
        requester_expect_error(r, 0x01, 0);
    }
    requester_ask(r, good, sizeof(good));
    g_assert_cmphex(r->response[1], ==, 0x63);
    rig_clear(&rig);
}

enum { NONE, VERSION, CAPABILITIES, OUTSIDE, HANDSHAKE, APPLICATION, PLACES };

/* Extended algorithms are skipped; more than 20 in all are too many. */
static void test_extended_algorithms(void)
{
    static const struct {
        uint8_t asym;
        uint8_t hash;
        uint8_t in_struct; /* with one structure, DHE */
        bool ok;
    } cases[] = {
        {20, 0, 0, true},   {21, 0, 0, false}, {0, 20, 0, true},
        {10, 11, 0, false}, {1, 4, 15, true},  {2, 4, 15, false},
    };
    struct requester *r;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    spdm_device_start(&rig.device);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t message[160] = {0x13, 0xe3};
        unsigned extended = cases[i].asym + cases[i].hash;
        bool one = cases[i].in_struct;
        size_t len = 32 + 4 * extended;

        if (one) {
            message[2] = 1;
            message[len] = 2;
            message[len + 1] = 0x20 | cases[i].in_struct;
            message[len + 2] = 0x10;
            len += 4 + 4 * cases[i].in_struct;
        }
        message[4] = len;
        message[8] = 0x80;
        message[12] = 2;
        message[28] = cases[i].asym;
        message[29] = cases[i].hash;
        requester_get_version(r);
        requester_get_capabilities(r);
        requester_ask(r, message, len);
        g_test_message("case %zu", i);
        if (!cases[i].ok) {
            requester_expect_error(r, 0x01, 0);
            continue;
        }
        g_assert_cmphex(r->response[1], ==, 0x63);
        g_assert_cmpuint(r->len, ==, one ? 40 : 36);
        g_assert_cmphex(selected(r, 12), ==, 0x80);
    }
    rig_clear(&rig);
}

/*
 * What a bare header gets in each place: the response (.), UnexpectedRequest
 * (u), InvalidRequest (i), UnsupportedRequest (n), SessionRequired (s). The
 * requester has no chunks; heartbeats are off.
 */
static const struct {
    uint8_t code;
    char answer[PLACES + 1];
} codes[] = {
    {0x81, "uuu.u."}, {0x82, "uuuiui"}, {0x83, "uuuiuu"}, {0x85, "uunnnn"},
    {0x86, "uunnnn"}, {0xe0, "uuuiui"}, {0xe1, "uiuuuu"}, {0xe3, "uuiuuu"},
    {0xe4, "uuuiuu"}, {0xe5, "uuusiu"}, {0xe8, "uuusuu"}, {0xe9, "uuusui"},
    {0xfe, "uuuiui"}, {0xff, "uuuuuu"}, {0xec, "uuusu."},
};

static void expect(struct requester *r, uint8_t code, char answer)
{
    switch (answer) {
    case '.':
        g_assert_cmphex(r->response[1], ==, code & 0x7f);
        break;
    case 'u':
        requester_expect_error(r, 0x04, 0);
        break;
    case 'i':
        requester_expect_error(r, 0x01, 0);
        break;
    case 's':
        requester_expect_error(r, 0x0b, 0);
        break;
    default:
        requester_expect_error(r, 0x07, code);
        break;
    }
}

static bool is_known(uint8_t code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
        if (codes[i].code == code) {
            return true;
        }
    }
    return code == 0x84;
}

static void ask_all(struct requester *r, struct requester_session *s,
                    unsigned place)
{
    for (unsigned code = 0; code < 256; code++) {
        if (is_known(code)) {
            continue;
        }
        if (s) {
            g_assert_true(requester_say4(s, code, 0, 0));
        } else {
            requester_ask4(r, code, 0, 0);
        }
        expect(r, code, 'n');
    }
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_test_message("place %u, code %02x", place, codes[i].code);
        if (s) {
            g_assert_true(requester_say4(s, codes[i].code, 0, 0));
        } else {
            requester_ask4(r, codes[i].code, 0, 0);
        }
        expect(r, codes[i].code, codes[i].answer[place]);
    }
}

/* Every request code in every state of the connection and of a session. */
static void test_all_codes(void)
{
    static const uint8_t get_version[] = {0x10, 0x84, 0, 0};
    struct requester_session s;
    struct requester *r;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    spdm_device_start(&rig.device);
    ask_all(r, NULL, NONE);
    requester_get_version(r);
    ask_all(r, NULL, VERSION);
    requester_get_capabilities(r);
    ask_all(r, NULL, CAPABILITIES);
    requester_negotiate(r);
    ask_all(r, NULL, OUTSIDE);
    requester_get_chain(r);
    requester_begin(r, &s, 1, 0);
    g_assert_true(requester_say(&s, get_version, sizeof(get_version)));
    requester_expect_error(r, 0x04, 0);
    ask_all(r, &s, HANDSHAKE);
    requester_finish(&s);
    g_assert_true(requester_say(&s, get_version, sizeof(get_version)));
    requester_expect_error(r, 0x04, 0);
    ask_all(r, &s, APPLICATION);
    g_assert_false(requester_say4(&s, 0x81, 0, 0));
    requester_session_clear(&s);
    rig_clear(&rig);
}

static void test_new(void)
{
    struct rig rig;
    uint8_t byte;

    rig_init(&rig);
    /* A chain must be whole certificates, a key one of its curves. */
    rig.device.config.chain_size--;
    g_assert_null(teeio_spdm_new(&rig.device.config));
    rig.device.config.chain_size = 0;
    g_assert_null(teeio_spdm_new(&rig.device.config));
    rig.device.config.chain_size = rig.device.credentials.chain_size;
    byte = rig.device.credentials.key[0];
    rig.device.credentials.key[0] ^= 1;
    g_assert_null(teeio_spdm_new(&rig.device.config));
    rig.device.credentials.key[0] = byte;
    spdm_device_start(&rig.device);
    rig_clear(&rig);
}

/* An answer that the carrier has no room for is none. */
static void test_room(void)
{
    static const uint8_t message[] = {0x10, 0x84, 0, 0};
    uint8_t response[64] = {0};
    struct rig rig;

    rig_init(&rig);
    spdm_device_start(&rig.device);
    for (size_t size = 0; size < 42; size++) {
        g_assert_cmpuint(teeio_spdm_message(rig.device.spdm, false, message, 4,
                                            response, size),
                         ==, 0);
    }
    g_assert_cmpuint(response[0], ==, 0);
    g_assert_cmpuint(
        teeio_spdm_message(rig.device.spdm, false, message, 4, response, 42),
        ==, 10);
    rig_clear(&rig);
}

static void test_long_request(void)
{
    uint8_t *message = g_malloc0(TEEIO_SPDM_MESSAGE_MAX + 4);
    struct rig rig;

    rig_init(&rig);
    spdm_device_start(&rig.device);
    requester_connect(&rig.requester);
    message[0] = 0x13;
    message[1] = 0x81;
    requester_ask(&rig.requester, message, TEEIO_SPDM_MESSAGE_MAX + 3);
    g_assert_cmphex(rig.requester.response[1], ==, 0x01);
    requester_ask(&rig.requester, message, TEEIO_SPDM_MESSAGE_MAX + 4);
    requester_expect_error(&rig.requester, 0x0e, 0);
    g_free(message);
    rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spdm/connection/new", test_new);
    g_test_add_func("/spdm/connection/version", test_version);
    g_test_add_func("/spdm/connection/selected-version", test_selected_version);
    g_test_add_func("/spdm/connection/capabilities", test_capabilities);
    g_test_add_func("/spdm/connection/withheld", test_withheld);
    g_test_add_func("/spdm/connection/algorithms", test_algorithms);
    g_test_add_func("/spdm/connection/bad-algorithms", test_bad_algorithms);
    g_test_add_func("/spdm/connection/extended-algorithms",
                    test_extended_algorithms);
    g_test_add_func("/spdm/connection/all-codes", test_all_codes);
    g_test_add_func("/spdm/connection/room", test_room);
    g_test_add_func("/spdm/connection/long-request", test_long_request);
    return g_test_run();
}
