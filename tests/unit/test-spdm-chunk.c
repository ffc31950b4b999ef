/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "../../hw/tdisp/spdm/spdm-internal.h"
#include "spdm-requester.h"

#define TRANSFER 128

struct rig {
    struct spdm_device device;
    struct requester requester;
};

static void rig_init(struct rig *rig)
{
    spdm_device_init(&rig->device, 7);
    requester_init(&rig->requester, &rig->device);
    rig->requester.wish.caps |= 0x20000;
    rig->requester.wish.transfer_size = TRANSFER;
    spdm_device_start(&rig->device);
    requester_get_version(&rig->requester);
    requester_get_capabilities(&rig->requester);
    requester_negotiate(&rig->requester);
}

static void rig_clear(struct rig *rig)
{
    requester_clear(&rig->requester);
    spdm_device_clear(&rig->device);
}

static void get_chunk(struct requester *r, uint8_t handle, unsigned sequence)
{
    uint8_t message[] = {0x13, 0x86, 0, handle, sequence, sequence >> 8};

    requester_ask(r, message, sizeof(message));
}

/* Fetch what an ERROR LargeResponse announced. */
static GByteArray *fetch(struct requester *r)
{
    GByteArray *whole = g_byte_array_new();
    uint8_t handle = r->response[4];
    uint32_t size = 0;
    bool last = false;

    requester_expect_error(r, 0x0f, 0);
    g_assert_cmpuint(r->len, ==, 5);
    for (unsigned sequence = 0; !last; sequence++) {
        size_t head = sequence ? 12 : 16;
        uint32_t len;

        get_chunk(r, handle, sequence);
        g_assert_cmphex(r->response[1], ==, 0x06);
        g_assert_cmphex(r->response[3], ==, handle);
        g_assert_cmpuint(r->response[4], ==, sequence);
        last = r->response[2] & 1;
        len = r->response[8] | r->response[9] << 8;
        g_assert_cmpuint(r->len, ==, head + len);
        g_assert_cmpuint(r->len, <=, TRANSFER);
        if (!sequence) {
            size = r->response[12] | r->response[13] << 8;
        }
        g_byte_array_append(whole, r->response + head, len);
    }
    g_assert_cmpuint(whole->len, ==, size);
    return whole;
}

/* The whole chain in one answer, because all of it was asked for. */
static void test_get(void)
{
    static const uint8_t ask[] = {0x13, 0x82, 0, 0, 0, 0, 0xff, 0xff};
    struct requester *r;
    GByteArray *answer;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    requester_ask(r, ask, sizeof(ask));
    answer = fetch(r);
    g_assert_cmphex(answer->data[1], ==, 0x02);
    g_assert_cmpmem(answer->data + 8 + 52, answer->len - 60,
                    rig.device.credentials.chain,
                    rig.device.credentials.chain_size);
    /* There is no more. */
    get_chunk(r, 1, 0);
    requester_expect_error(r, 0x04, 0);
    g_byte_array_unref(answer);
    rig_clear(&rig);
}

/* Nothing but its end, or GET_VERSION, interrupts a transfer. */
static void test_get_errors(void)
{
    static const uint8_t ask[] = {0x13, 0x82, 0, 0, 0, 0, 0xff, 0xff};
    uint8_t cut[] = {0x13, 0x86, 0, 0, 0};
    struct requester *r;
    struct rig rig;
    uint8_t handle;

    rig_init(&rig);
    r = &rig.requester;
    get_chunk(r, 0, 0);
    requester_expect_error(r, 0x04, 0);
    requester_ask(r, ask, sizeof(ask));
    requester_expect_error(r, 0x0f, 0);
    handle = r->response[4];
    get_chunk(r, handle + 1, 0);
    requester_expect_error(r, 0x01, 0);
    get_chunk(r, handle, 1);
    requester_expect_error(r, 0x01, 0);
    cut[3] = handle;
    requester_ask(r, cut, sizeof(cut));
    requester_expect_error(r, 0x01, 0);
    requester_ask4(r, 0x81, 0, 0);
    requester_expect_error(r, 0x04, 0);
    requester_ask4(r, 0x85, 0, 0);
    requester_expect_error(r, 0x04, 0);
    get_chunk(r, handle, 0);
    g_assert_cmphex(r->response[1], ==, 0x06);
    get_chunk(r, handle, 1);
    g_assert_cmphex(r->response[1], ==, 0x06);
    requester_get_version(r);
    requester_get_capabilities(r);
    requester_negotiate(r);
    get_chunk(r, handle, 2);
    requester_expect_error(r, 0x04, 0);
    rig_clear(&rig);
}

static size_t send_chunk(struct requester *r, unsigned sequence, bool last,
                         const uint8_t *data, size_t len, size_t whole)
{
    uint8_t message[16 + TRANSFER] = {0x13, 0x85, last, 9, sequence};
    size_t head = sequence ? 12 : 16;

    message[8] = len;
    message[9] = len >> 8;
    if (!sequence) {
        message[12] = whole;
        message[13] = whole >> 8;
        message[14] = whole >> 16;
    }
    memcpy(message + head, data, len);
    requester_ask(r, message, head + len);
    return head + len;
}

/* A vendor-defined request in pieces; its answer comes in pieces as well. */
static void test_send(void)
{
    uint8_t request[311] = {0x13, 0xfe, 0, 0, 3, 0, 2, 1, 0, 44, 1};
    struct requester *r;
    GByteArray *answer;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    for (unsigned i = 11; i < sizeof(request); i++) {
        request[i] = i;
    }
    for (unsigned i = 0; i < 3; i++) {
        send_chunk(r, i, false, request + 100 * i, 100, sizeof(request));
        g_assert_cmphex(r->response[1], ==, 0x05);
        g_assert_cmphex(r->response[2], ==, 0);
        g_assert_cmphex(r->response[3], ==, 9);
        g_assert_cmpuint(r->response[4], ==, i);
        g_assert_cmpuint(r->len, ==, 6);
    }
    send_chunk(r, 3, true, request + 300, 11, sizeof(request));
    answer = fetch(r);
    g_assert_cmpuint(answer->len, ==, sizeof(request));
    for (unsigned i = 11; i < sizeof(request); i++) {
        g_assert_cmphex(answer->data[i], ==, (uint8_t)~i);
    }
    g_byte_array_unref(answer);

    /* An answer that would fit, but not within the ACK. */
    request[9] = 112;
    request[10] = 0;
    send_chunk(r, 0, false, request, 100, 123);
    send_chunk(r, 1, true, request + 100, 23, 123);
    answer = fetch(r);
    g_assert_cmpuint(answer->len, ==, 123);
    g_byte_array_unref(answer);
    request[9] = 111;
    send_chunk(r, 0, false, request, 100, 122);
    send_chunk(r, 1, true, request + 100, 22, 122);
    g_assert_cmphex(r->response[1], ==, 0x05);
    g_assert_cmpuint(r->len, ==, 128);

    /* One chunk is enough for a short one; the transcript is that of it. */
    request[1] = 0x81;
    send_chunk(r, 0, true, request, 4, 4);
    g_assert_cmpuint(r->len, ==, 6 + 4 + 48);
    g_assert_cmphex(r->response[7], ==, 0x01);
    rig_clear(&rig);
}

/* An ACK that says why the transfer is over. */
static void expect_early(struct requester *r, uint8_t error)
{
    g_assert_cmpuint(r->len, ==, 10);
    g_assert_cmphex(r->response[1], ==, 0x05);
    g_assert_cmphex(r->response[2], ==, 1);
    g_assert_cmphex(r->response[3], ==, 9);
    g_assert_cmphex(r->response[7], ==, 0x7f);
    g_assert_cmphex(r->response[8], ==, error);
}

static void test_send_errors(void)
{
    static const uint8_t longer[] = {0x13, 0x85, 0,  9, 0, 0, 0, 0, 40, 0,
                                     0,    0,    99, 0, 0, 0, 1, 2, 3,  4};
    static const uint8_t other[] = {0x13, 0x85, 1, 8, 1, 0, 0,
                                    0,    2,    0, 0, 0, 0, 0};
    static const uint8_t inner[] = {0x85, 0x86, 0x84};
    uint8_t data[TRANSFER] = {0x13, 0x81};
    struct requester *r;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    send_chunk(r, 1, true, data, 4, 4); /* nothing to go on with */
    expect_early(r, 0x01);
    send_chunk(r, 0, true, data, 4, 5); /* not the last */
    expect_early(r, 0x01);
    send_chunk(r, 0, false, data, 4, 4); /* the last */
    expect_early(r, 0x01);
    send_chunk(r, 0, false, data, 0, 4); /* nothing in it */
    expect_early(r, 0x01);
    send_chunk(r, 0, false, data, 4, TEEIO_SPDM_MESSAGE_MAX + 1);
    expect_early(r, 0x0e);
    send_chunk(r, 0, false, data, 4, 20); /* out of sequence */
    g_assert_cmphex(r->response[1], ==, 0x05);
    send_chunk(r, 2, false, data, 4, 20);
    expect_early(r, 0x01);
    send_chunk(r, 1, false, data, 4, 20);
    expect_early(r, 0x01);
    send_chunk(r, 0, false, data, 4, 6); /* more than was announced */
    g_assert_cmphex(r->response[1], ==, 0x05);
    send_chunk(r, 1, true, data, 4, 6);
    expect_early(r, 0x01);
    send_chunk(r, 0, false, data, 4, 6);
    send_chunk(r, 1, false, data, 4, 6);
    expect_early(r, 0x01);
    send_chunk(r, 0, false, data, 4, 6);
    requester_ask(r, other, sizeof(other)); /* handle */
    g_assert_cmphex(r->response[1], ==, 0x05);
    g_assert_cmphex(r->response[2], ==, 1);
    requester_ask(r, longer, sizeof(longer)); /* than the message */
    expect_early(r, 0x01);
    for (size_t i = 0; i < sizeof(inner); i++) {
        data[1] = inner[i];
        send_chunk(r, 0, true, data, 20, 20);
        g_assert_cmphex(r->response[1], ==, 0x05);
        g_assert_cmphex(r->response[2], ==, 0);
        g_assert_cmphex(r->response[7], ==, 0x7f);
        g_assert_cmphex(r->response[8], ==, 0x01);
    }
    /* What is wrong within is said within. */
    data[1] = 0x99;
    send_chunk(r, 0, true, data, 4, 4);
    g_assert_cmphex(r->response[1], ==, 0x05);
    g_assert_cmphex(r->response[7], ==, 0x7f);
    g_assert_cmphex(r->response[8], ==, 0x07);
    /* Not even a head: there is nothing to acknowledge. */
    for (size_t len = 4; len < 12; len++) {
        requester_ask(r, longer, len);
        requester_expect_error(r, 0x01, 0);
    }
    for (size_t len = 12; len < 16; len++) {
        requester_ask(r, longer, len);
        expect_early(r, 0x01);
    }
    /* While one is on its way, nothing else is served. */
    send_chunk(r, 0, false, data, 4, 6);
    requester_ask4(r, 0x81, 0, 0);
    requester_expect_error(r, 0x04, 0);
    requester_ask4(r, 0x86, 0, 0);
    requester_expect_error(r, 0x04, 0);
    data[1] = 0x81;
    send_chunk(r, 0, false, data, 4, 6);
    send_chunk(r, 1, true, data, 2, 6);
    g_assert_cmphex(r->response[7], ==, 0x01);
    rig_clear(&rig);
}

/* A transfer belongs to where it began, in both directions. */
static void test_places(void)
{
    uint8_t ask[] = {0x13, 0x82, 0, 0, 0, 0, 0xff, 0xff};
    uint8_t first[] = {0x13, 0x85, 0, 9, 0, 0, 0, 0,    2,
                       0,    0,    0, 4, 0, 0, 0, 0x13, 0x81};
    uint8_t second[] = {0x13, 0x85, 1, 9, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0};
    struct requester_session s;
    struct requester *r;
    GByteArray *chain;
    struct rig rig;
    uint8_t get[6] = {0x13, 0x86};

    rig_init(&rig);
    r = &rig.requester;
    requester_ask(r, ask, sizeof(ask));
    chain = fetch(r);
    g_byte_array_append(r->chain, chain->data + 8, chain->len - 8);
    g_byte_array_unref(chain);
    /* KEY_EXCHANGE_RSP must fit: larger pieces from here on. */
    r->wish.transfer_size = 1024;
    requester_get_version(r);
    requester_get_capabilities(r);
    requester_negotiate(r);
    requester_open(r, &s, 1);

    g_assert_true(requester_say(&s, ask, sizeof(ask)));
    requester_expect_error(r, 0x0f, 0);
    get[3] = r->response[4];
    requester_ask(r, get, sizeof(get));
    requester_expect_error(r, 0x04, 0);
    do {
        g_assert_true(requester_say(&s, get, sizeof(get)));
        g_assert_cmphex(r->response[1], ==, 0x06);
        get[4]++;
    } while (!(r->response[2] & 1));

    g_assert_true(requester_say(&s, first, sizeof(first)));
    g_assert_cmphex(r->response[1], ==, 0x05);
    requester_ask(r, second, sizeof(second));
    expect_early(r, 0x01);
    g_assert_true(requester_say(&s, first, sizeof(first)));
    g_assert_true(requester_say(&s, second, sizeof(second)));
    g_assert_cmphex(r->response[7], ==, 0x01);

    /* It ends with its session. */
    g_assert_true(requester_say(&s, ask, sizeof(ask)));
    requester_expect_error(r, 0x0f, 0);
    teeio_spdm_end_session(rig.device.spdm, s.id);
    g_assert_cmphex(rig.device.spdm->large.request, ==, 0);
    requester_ask(r, get, sizeof(get));
    requester_expect_error(r, 0x04, 0);
    requester_session_clear(&s);
    rig_clear(&rig);
}

/* However much a requester takes, an answer has its longest. */
static void test_room(void)
{
    static const uint8_t request[] = {0x13, 0xfe, 0, 0, 3, 0, 2, 1, 0, 1, 0, 0};
    struct requester *r;
    struct rig rig;

    rig_init(&rig);
    r = &rig.requester;
    r->wish.message_size = UINT32_MAX;
    requester_get_version(r);
    requester_get_capabilities(r);
    requester_negotiate(r);
    requester_ask(r, request, sizeof(request));
    g_assert_cmpuint(rig.device.room, ==, TEEIO_SPDM_MESSAGE_MAX - 11);
    rig_clear(&rig);
}

/* More than the requester could ever take. */
static void test_too_large(void)
{
    static const uint8_t ask[12] = {0x13, 0xe0, 2, 0xff};
    struct requester *r;
    struct rig rig;

    spdm_device_init(&rig.device, 7);
    r = &rig.requester;
    requester_init(r, &rig.device);
    r->wish.transfer_size = 300;
    r->wish.message_size = 300;
    rig.device.long_value = 400;
    spdm_device_start(&rig.device);
    requester_get_version(r);
    requester_get_capabilities(r);
    requester_negotiate(r);
    requester_ask(r, ask, sizeof(ask));
    requester_expect_error(r, 0x0d, 0);
    g_assert_cmpuint(r->len, ==, 8);
    /* 8 + four blocks + nonce, opaque length, context */
    g_assert_cmpuint(r->response[4] | r->response[5] << 8, ==,
                     8 + (7 + 12) + (7 + 9) + (7 + 400) + (7 + 48) + 42);
    rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spdm/chunk/get", test_get);
    g_test_add_func("/spdm/chunk/get-errors", test_get_errors);
    g_test_add_func("/spdm/chunk/send", test_send);
    g_test_add_func("/spdm/chunk/send-errors", test_send_errors);
    g_test_add_func("/spdm/chunk/places", test_places);
    g_test_add_func("/spdm/chunk/room", test_room);
    g_test_add_func("/spdm/chunk/too-large", test_too_large);
    return g_test_run();
}
