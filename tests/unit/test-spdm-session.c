/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "../../hw/tdisp/spdm/spdm-internal.h"
#include "spdm-requester.h"

#define SECOND 1000000000ull

struct rig {
    struct spdm_device device;
    struct requester requester;
};

static void rig_init(struct rig *rig)
{
    spdm_device_init(&rig->device, 7);
    requester_init(&rig->requester, &rig->device);
}

static void rig_start(struct rig *rig)
{
    spdm_device_start(&rig->device);
    requester_connect(&rig->requester);
}

static void rig_clear(struct rig *rig)
{
    requester_clear(&rig->requester);
    spdm_device_clear(&rig->device);
}

static void expect_ended(struct rig *rig, unsigned count, uint32_t last)
{
    GArray *ended = rig->device.ended;

    g_assert_cmpuint(ended->len, ==, count);
    g_assert_cmphex(g_array_index(ended, uint32_t, count - 1), ==, last);
    g_assert_false(teeio_spdm_session_open(rig->device.spdm, last));
}

/* Each version, hash, group and cipher, in one session each. */
static void test_combinations(void)
{
    static const struct {
        uint8_t version;
        uint32_t hash;
        uint16_t dhe;
        uint16_t aead;
        uint8_t summary;
    } cases[] = {
        {0x12, 2, 0x10, 2, 0}, {0x13, 2, 0x10, 2, 0xff},
        {0x12, 1, 0x08, 1, 1}, {0x13, 1, 0x10, 4, 0},
        {0x13, 2, 0x08, 4, 1}, {0x12, 2, 0x10, 1, 0xff},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct requester_session s;
        struct rig rig;

        rig_init(&rig);
        rig.requester.wish.version = cases[i].version;
        rig.requester.wish.hash = cases[i].hash;
        rig.requester.wish.dhe = cases[i].dhe;
        rig.requester.wish.aead = cases[i].aead;
        rig_start(&rig);
        requester_begin(&rig.requester, &s, 5, cases[i].summary);
        g_assert_false(teeio_spdm_session_open(rig.device.spdm, s.id));
        requester_finish(&s);
        g_assert_true(teeio_spdm_session_open(rig.device.spdm, s.id));
        g_assert_true(requester_say4(&s, 0xec, 0, 0));
        g_assert_cmphex(rig.requester.response[1], ==, 0x6c);
        expect_ended(&rig, 1, s.id);
        g_assert_false(requester_say4(&s, 0xec, 0, 0));
        g_assert_cmpuint(rig.device.ended->len, ==, 1);
        requester_session_clear(&s);
        rig_clear(&rig);
    }
}

static void test_four_sessions(void)
{
    struct requester_session s[TEEIO_SPDM_SESSIONS];
    struct requester_session more;
    GByteArray *request;
    struct rig rig;

    rig_init(&rig);
    rig_start(&rig);
    for (unsigned i = 0; i < TEEIO_SPDM_SESSIONS; i++) {
        requester_open(&rig.requester, &s[i], i);
    }
    g_assert_cmpuint(teeio_spdm_session_count(rig.device.spdm), ==, 4);
    request = requester_key_exchange(&rig.requester, 9, 0);
    requester_ask(&rig.requester, request->data, request->len);
    requester_expect_error(&rig.requester, 0x0a, 0);
    /* All of them live, in any order. */
    for (unsigned i = 0; i < 3 * TEEIO_SPDM_SESSIONS; i++) {
        g_assert_true(requester_say4(&s[i * 3 % 4], 0x81, 0, 0));
        g_assert_cmphex(rig.requester.response[1], ==, 0x01);
    }
    g_assert_true(requester_say4(&s[2], 0xec, 0, 0));
    expect_ended(&rig, 1, s[2].id);
    requester_open(&rig.requester, &more, 9);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmphex(more.id, !=, s[i].id);
        requester_session_clear(&s[i]);
    }
    /* GET_VERSION ends them all. */
    requester_get_version(&rig.requester);
    g_assert_cmpuint(rig.device.ended->len, ==, 5);
    g_assert_cmpuint(teeio_spdm_session_count(rig.device.spdm), ==, 0);
    g_assert_false(requester_say4(&more, 0x81, 0, 0));
    requester_session_clear(&more);
    g_byte_array_unref(request);
    rig_clear(&rig);
}

/* Every way to spoil a secured message, and what it does to the session. */
static void test_spoilt(void)
{
    enum { BIT, CUT, LONGER, OTHER, LENGTH, REPLAY, PADDED, SHORT, WAYS };

    for (unsigned way = 0; way < WAYS; way++) {
        uint8_t message[] = {0x13, 0x81, 0, 0};
        struct requester_session s;
        GByteArray *record;
        bool alive = true;
        struct rig rig;
        size_t len;

        rig_init(&rig);
        rig_start(&rig);
        requester_open(&rig.requester, &s, 1);
        record = requester_seal(&s, message, sizeof(message));
        switch (way) {
        case BIT:
            record->data[12] ^= 1;
            alive = false;
            break;
        case CUT: /* the header promises more */
            g_byte_array_set_size(record, record->len - 1);
            break;
        case LONGER: /* no padding is that long */
            g_byte_array_set_size(record, record->len + 4);
            break;
        case OTHER:
            record->data[0] ^= 1;
            break;
        case LENGTH: /* is authenticated */
            record->data[4]--;
            alive = false;
            break;
        case REPLAY:
            teeio_spdm_message(rig.device.spdm, true, record->data, record->len,
                               rig.requester.response, 8192);
            alive = false;
            break;
        case SHORT:
            g_byte_array_set_size(record, 23);
            break;
        case PADDED:
            g_byte_array_set_size(record, record->len + 3);
            break;
        }
        len = teeio_spdm_message(rig.device.spdm, true, record->data,
                                 record->len, rig.requester.response, 8192);
        g_assert_cmpuint(!!len, ==, way == PADDED);
        g_assert_cmpuint(rig.device.ended->len, ==, !alive);
        g_assert_cmpuint(teeio_spdm_session_open(rig.device.spdm, s.id), ==,
                         alive);
        g_byte_array_unref(record);
        requester_session_clear(&s);
        rig_clear(&rig);
    }
}

/* A message whose inner length lies is authentic, and still no message. */
static void test_inner_length(void)
{
    struct requester_session s;
    uint8_t message[] = {0x13, 0x81, 0, 0};
    uint8_t padded[9] = {0x13, 0x81, 0, 0, 1, 2, 3, 4, 5};
    GByteArray *record;
    struct rig rig;

    rig_init(&rig);
    rig_start(&rig);
    requester_open(&rig.requester, &s, 1);
    g_assert_false(requester_say(&s, message, 0));
    expect_ended(&rig, 1, s.id);
    requester_session_clear(&s);

    requester_open(&rig.requester, &s, 2);
    record = requester_seal_as(&s, message, sizeof(message), 5);
    g_assert_cmpuint(teeio_spdm_message(rig.device.spdm, true, record->data,
                                        record->len, rig.requester.response,
                                        8192),
                     ==, 0);
    expect_ended(&rig, 2, s.id);
    g_byte_array_unref(record);
    requester_session_clear(&s);

    /* Shorter is fine: random bytes may follow the message. */
    requester_open(&rig.requester, &s, 3);
    record = requester_seal_as(&s, padded, sizeof(padded), 4);
    g_assert_cmpuint(teeio_spdm_message(rig.device.spdm, true, record->data,
                                        record->len, rig.requester.response,
                                        8192),
                     ==, 24 + 4 + 48);
    g_byte_array_unref(record);
    requester_session_clear(&s);
    rig_clear(&rig);
}

/* Of a session that is over, no byte is left. */
static void test_wiped(void)
{
    struct requester_session s;
    struct rig rig;

    rig_init(&rig);
    rig_start(&rig);
    requester_open(&rig.requester, &s, 1);
    g_assert_cmphex(rig.device.spdm->sessions[0].id, ==, s.id);
    teeio_spdm_end_session(rig.device.spdm, s.id ^ 1);
    g_assert_cmpuint(rig.device.ended->len, ==, 0);
    teeio_spdm_end_session(rig.device.spdm, s.id);
    expect_ended(&rig, 1, s.id);
    for (size_t i = 0; i < sizeof(rig.device.spdm->sessions); i++) {
        g_assert_cmphex(((uint8_t *)rig.device.spdm->sessions)[i], ==, 0);
    }
    requester_session_clear(&s);
    rig_clear(&rig);
}

/* Numbers in an image that would lead outside of the responder's memory. */
static void test_bad_image(void)
{
    struct teeio_spdm *spdm;
    uint8_t image[32768];
    struct rig rig;
    size_t size;

    rig_init(&rig);
    rig_start(&rig);
    requester_ask4(&rig.requester, 0x81, 0, 0);
    spdm = rig.device.spdm;
    g_assert_true(spdm->m1.started);
    spdm->m1.hash.u.sha384.index = SHA512_BLOCK_SIZE;
    size = teeio_spdm_save(spdm, image, sizeof(image));
    g_assert_false(teeio_spdm_load(spdm, image, size));
    spdm->m1.hash.u.sha384.index--;
    size = teeio_spdm_save(spdm, image, sizeof(image));
    g_assert_true(teeio_spdm_load(spdm, image, size));
    spdm->large.request = 0x81;
    size = teeio_spdm_save(spdm, image, sizeof(image));
    g_assert_false(teeio_spdm_load(spdm, image, size));
    spdm->large.request = 0;
    spdm->algorithms.aead = 0x80;
    size = teeio_spdm_save(spdm, image, sizeof(image));
    g_assert_false(teeio_spdm_load(spdm, image, size));
    spdm->algorithms.aead = 0;
    spdm->sessions[0].phase = TEEIO_SPDM_APPLICATION;
    size = teeio_spdm_save(spdm, image, sizeof(image));
    g_assert_false(teeio_spdm_load(spdm, image, size));
    rig_clear(&rig);
}

static void test_bad_finish(void)
{
    uint8_t message[52] = {0x13, 0xe5};
    struct requester_session s;
    struct rig rig;

    rig_init(&rig);
    rig_start(&rig);
    requester_begin(&rig.requester, &s, 1, 0);
    /* Too short, or with a signature: refused, and may be tried again. */
    g_assert_true(requester_say(&s, message, 51));
    requester_expect_error(&rig.requester, 0x01, 0);
    message[2] = 1;
    g_assert_true(requester_say(&s, message, 52));
    requester_expect_error(&rig.requester, 0x01, 0);
    /* Nothing else is allowed in a handshake. */
    g_assert_true(requester_say4(&s, 0x81, 0, 0));
    requester_expect_error(&rig.requester, 0x04, 0);
    g_assert_true(requester_say4(&s, 0xec, 0, 0));
    requester_expect_error(&rig.requester, 0x04, 0);
    requester_finish(&s);
    requester_session_clear(&s);

    /* A wrong HMAC is the end; nobody was told that the session began. */
    requester_begin(&rig.requester, &s, 2, 0);
    message[2] = 0;
    g_assert_true(requester_say(&s, message, 52));
    requester_expect_error(&rig.requester, 0x06, 0);
    g_assert_false(requester_say4(&s, 0x81, 0, 0));
    g_assert_cmpuint(rig.device.ended->len, ==, 0);
    requester_session_clear(&s);
    rig_clear(&rig);
}

static void test_bad_key_exchange(void)
{
    static const struct {
        unsigned offset;
        uint8_t value;
        uint8_t error;
    } cases[] = {
        {2, 2, 0x01},      /* no such summary */
        {3, 1, 0x01},      /* empty slot */
        {3, 0xff, 0x01},   /* no provisioned key */
        {6, 2, 0x01},      /* no events */
        {41, 0x5a, 0x01},  /* not on the curve */
        {136, 15, 0x01},   /* opaque data cut short */
        {137, 1, 0x01},    /* longer than the message */
        {138, 0, 0x01},    /* no element */
        {138, 2, 0x01},    /* an element too many */
        {142, 1, 0x01},    /* not DMTF's */
        {144, 6, 0x01},    /* element cut short */
        {144, 9, 0x01},    /* element longer than the data */
        {146, 2, 0x01},    /* SMDataVersion */
        {147, 0, 0x01},    /* SMDataID */
        {148, 3, 0x01},    /* more versions than there are */
        {152, 0x12, 0x01}, /* only versions that we do not know */
    };
    GByteArray *good;
    struct rig rig;

    rig_init(&rig);
    rig_start(&rig);
    good = requester_key_exchange(&rig.requester, 1, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GByteArray *bad = g_byte_array_new();

        g_byte_array_append(bad, good->data, good->len);
        bad->data[cases[i].offset] = cases[i].value;
        requester_ask(&rig.requester, bad->data, bad->len);
        g_test_message("case %zu", i);
        requester_expect_error(&rig.requester, cases[i].error, 0);
        g_byte_array_unref(bad);
    }
    /* An element far beyond the message, with very many versions. */
    {
        GByteArray *bad = g_byte_array_new();

        g_byte_array_append(bad, good->data, good->len);
        bad->data[145] = 2;
        bad->data[148] = 0xff;
        bad->data[152] = 0x12;
        requester_ask(&rig.requester, bad->data, bad->len);
        requester_expect_error(&rig.requester, 0x01, 0);
        /* No opaque data at all. */
        bad->data[136] = 0;
        requester_ask(&rig.requester, bad->data, 138);
        requester_expect_error(&rig.requester, 0x01, 0);
        g_byte_array_unref(bad);
    }
    for (unsigned len = 4; len < good->len; len++) {
        requester_ask(&rig.requester, good->data, len);
        requester_expect_error(&rig.requester, 0x01, 0);
    }
    /* An answer that does not fit begins nothing either. */
    rig.requester.len =
        teeio_spdm_message(rig.device.spdm, false, good->data, good->len,
                           rig.requester.response, 200);
    requester_expect_error(&rig.requester, 0x0d, 0);
    g_assert_cmpuint(rig.requester.response[4] | rig.requester.response[5] << 8,
                     ==, 40 + 96 + 2 + 12 + 96 + 48);
    /* None of these took a session. */
    for (unsigned i = 0; i < TEEIO_SPDM_SESSIONS; i++) {
        struct requester_session s;

        requester_begin(&rig.requester, &s, i, 0);
        requester_session_clear(&s);
    }
    g_byte_array_unref(good);
    rig_clear(&rig);
}

/* Whoever cannot do both, encrypt and authenticate, has no session. */
static void test_half_protection(void)
{
    static const uint32_t caps[] = {0x240, 0x280};

    for (size_t i = 0; i < G_N_ELEMENTS(caps); i++) {
        GByteArray *request;
        struct rig rig;

        rig_init(&rig);
        rig.requester.wish.caps = caps[i];
        rig_start(&rig);
        request = requester_key_exchange(&rig.requester, 1, 0);
        requester_ask(&rig.requester, request->data, request->len);
        requester_expect_error(&rig.requester, 0x04, 0);
        g_byte_array_unref(request);
        rig_clear(&rig);
    }
}

/* DSP0277: no number is used twice, so the last is not used at all. */
static void test_last_number(void)
{
    struct teeio_spdm_session *session;
    struct requester_session s;
    struct rig rig;

    rig_init(&rig);
    rig_start(&rig);
    requester_open(&rig.requester, &s, 1);
    session = &rig.device.spdm->sessions[0];
    session->request.sequence = UINT64_MAX - 1;
    s.request.sequence = UINT64_MAX - 1;
    g_assert_true(requester_say4(&s, 0x81, 0, 0));
    g_assert_false(requester_say4(&s, 0x81, 0, 0));
    expect_ended(&rig, 1, s.id);
    requester_session_clear(&s);
    rig_clear(&rig);
}

static void test_key_update(void)
{
    struct requester_session s;
    struct requester *r;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    rig_start(&rig);
    requester_open(r, &s, 1);
    g_assert_true(requester_say4(&s, 0xe9, 3, 1));
    requester_expect_error(r, 0x04, 0);
    g_assert_true(requester_say4(&s, 0xe9, 0, 1));
    requester_expect_error(r, 0x01, 0);
    g_assert_true(requester_say4(&s, 0xe9, 4, 1));
    requester_expect_error(r, 0x01, 0);

    g_assert_true(requester_say4(&s, 0xe9, 1, 0x33));
    g_assert_cmphex(r->response[1], ==, 0x69);
    g_assert_cmphex(r->response[2], ==, 1);
    g_assert_cmphex(r->response[3], ==, 0x33);
    requester_update(r, &s.request);
    g_assert_true(requester_say4(&s, 0xe9, 1, 0x34));
    requester_expect_error(r, 0x04, 0);
    g_assert_true(requester_say4(&s, 0xe9, 3, 0x35));
    g_assert_cmphex(r->response[1], ==, 0x69);

    /* With all keys the answer is already under the new one. */
    {
        uint8_t message[] = {0x13, 0xe9, 2, 0x40};
        GByteArray *record = requester_seal(&s, message, sizeof(message));

        requester_update(r, &s.request);
        requester_update(r, &s.response);
        r->len =
            teeio_spdm_message(rig.device.spdm, true, record->data, record->len,
                               r->response, sizeof(r->response));
        g_assert_cmpuint(r->len, ==, 28);
        s.response.sequence++;
        g_byte_array_unref(record);
    }
    g_assert_true(requester_say4(&s, 0xe9, 3, 0x41));
    g_assert_cmphex(r->response[1], ==, 0x69);
    g_assert_true(requester_say4(&s, 0x81, 0, 0));
    g_assert_cmphex(r->response[1], ==, 0x01);
    requester_session_clear(&s);
    rig_clear(&rig);
}

static void test_heartbeat(void)
{
    struct requester_session s;
    struct rig rig;

    rig_init(&rig);
    rig.device.config.heartbeat = 3;
    rig.device.now = 100 * SECOND;
    rig_start(&rig);
    g_assert_cmpuint(teeio_spdm_expire(rig.device.spdm), ==, UINT64_MAX);
    requester_open(&rig.requester, &s, 1);
    g_assert_cmpuint(s.heartbeat, ==, 3);
    g_assert_cmpuint(teeio_spdm_expire(rig.device.spdm), ==, 106 * SECOND);
    rig.device.now = 105 * SECOND;
    g_assert_true(requester_say4(&s, 0xe8, 0, 0));
    g_assert_cmphex(rig.requester.response[1], ==, 0x68);
    g_assert_cmpuint(teeio_spdm_expire(rig.device.spdm), ==, 111 * SECOND);
    rig.device.now = 111 * SECOND - 1;
    g_assert_true(requester_say4(&s, 0x81, 0, 0));
    rig.device.now += 6 * SECOND;
    g_assert_false(requester_say4(&s, 0xe8, 0, 0));
    expect_ended(&rig, 1, s.id);
    g_assert_cmpuint(teeio_spdm_expire(rig.device.spdm), ==, UINT64_MAX);
    requester_session_clear(&s);
    rig_clear(&rig);

    /* Without a period nobody expects any. */
    rig_init(&rig);
    rig_start(&rig);
    requester_open(&rig.requester, &s, 1);
    g_assert_cmpuint(s.heartbeat, ==, 0);
    g_assert_true(requester_say4(&s, 0xe8, 0, 0));
    requester_expect_error(&rig.requester, 0x04, 0);
    requester_session_clear(&s);
    rig_clear(&rig);
}

static void test_vendor(void)
{
    static const uint8_t request[] = {0x13, 0xfe, 0, 0, 3, 0, 2,
                                      1,    0,    3, 0, 1, 2, 3};
    static const uint8_t expected[] = {0x13, 0x7e, 0, 0, 3,    0,    2,
                                       1,    0,    3, 0, 0xfe, 0xfd, 0xfc};
    uint8_t other[sizeof(request)];
    struct requester_session s;
    struct requester *r;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    rig_start(&rig);
    requester_ask(r, request, sizeof(request));
    g_assert_cmpmem(r->response, r->len, expected, sizeof(expected));
    g_assert_false(rig.device.seen.secured);
    requester_open(r, &s, 1);
    g_assert_true(requester_say(&s, request, sizeof(request)));
    g_assert_cmpmem(r->response, r->len, expected, sizeof(expected));
    g_assert_true(rig.device.seen.secured);
    g_assert_cmphex(rig.device.seen.session, ==, s.id);
    for (unsigned len = 4; len < sizeof(request); len++) {
        requester_ask(r, request, len);
        requester_expect_error(r, 0x01, 0);
    }
    memcpy(other, request, sizeof(request));
    other[4] = 4;
    requester_ask(r, other, sizeof(other));
    requester_expect_error(r, 0x07, 0xfe);
    requester_session_clear(&s);
    rig_clear(&rig);
}

/* A session goes on in a second responder; spoilt images are refused. */
static void test_save(void)
{
    struct requester_session s;
    static const uint8_t request[] = {0x13, 0x81, 0, 0};
    struct requester_session half;
    struct requester *r;
    struct teeio_spdm *first;
    struct rig rig;
    uint8_t *image;
    size_t size;

    rig_init(&rig);
    r = &rig.requester;
    rig_start(&rig);
    requester_open(r, &s, 1);
    requester_begin(r, &half, 2, 1);
    size = teeio_spdm_save(rig.device.spdm, NULL, 0);
    image = g_malloc(size);
    g_assert_cmpuint(teeio_spdm_save(rig.device.spdm, image, size), ==, size);
    first = rig.device.spdm;
    spdm_device_start(&rig.device);
    for (size_t len = 0; len < size; len++) {
        g_assert_false(teeio_spdm_load(rig.device.spdm, image, len));
    }
    g_assert_cmpuint(teeio_spdm_session_count(rig.device.spdm), ==, 0);
    g_assert_true(teeio_spdm_load(rig.device.spdm, image, size));
    g_assert_true(requester_say4(&s, 0x81, 0, 0));
    requester_finish(&half);
    g_assert_cmpuint(teeio_spdm_session_count(rig.device.spdm), ==, 2);
    teeio_spdm_reset(rig.device.spdm);
    g_assert_cmpuint(rig.device.ended->len, ==, 2);
    g_assert_false(requester_say4(&s, 0x81, 0, 0));

    /* Any byte may be wrong: what loads must still be safe to talk to. */
    for (size_t i = 0; i < size; i++) {
        image[i] ^= 0xff;
        if (teeio_spdm_load(rig.device.spdm, image, size)) {
            GByteArray *record = requester_seal(&s, request, sizeof(request));

            requester_ask4(r, 0x81, 0, 0);
            requester_ask4(r, 0xe0, 0, 0xff);
            teeio_spdm_message(rig.device.spdm, true, record->data, record->len,
                               r->response, sizeof(r->response));
            g_byte_array_unref(record);
        }
        image[i] ^= 0xff;
    }
    teeio_spdm_free(first);
    g_free(image);
    requester_session_clear(&half);
    requester_session_clear(&s);
    rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spdm/session/combinations", test_combinations);
    g_test_add_func("/spdm/session/four", test_four_sessions);
    g_test_add_func("/spdm/session/spoilt", test_spoilt);
    g_test_add_func("/spdm/session/inner-length", test_inner_length);
    g_test_add_func("/spdm/session/wiped", test_wiped);
    g_test_add_func("/spdm/session/bad-image", test_bad_image);
    g_test_add_func("/spdm/session/bad-finish", test_bad_finish);
    g_test_add_func("/spdm/session/bad-key-exchange", test_bad_key_exchange);
    g_test_add_func("/spdm/session/half-protection", test_half_protection);
    g_test_add_func("/spdm/session/last-number", test_last_number);
    g_test_add_func("/spdm/session/key-update", test_key_update);
    g_test_add_func("/spdm/session/heartbeat", test_heartbeat);
    g_test_add_func("/spdm/session/vendor", test_vendor);
    g_test_add_func("/spdm/session/save", test_save);
    return g_test_run();
}
