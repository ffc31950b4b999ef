/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "spdm-requester.h"

struct rig {
    struct spdm_device device;
    struct requester requester;
};

static void rig_init(struct rig *rig, uint8_t version)
{
    spdm_device_init(&rig->device, 7);
    requester_init(&rig->requester, &rig->device);
    rig->requester.wish.version = version;
    spdm_device_start(&rig->device);
}

static void rig_clear(struct rig *rig)
{
    requester_clear(&rig->requester);
    spdm_device_clear(&rig->device);
}

static gnutls_x509_crt_t *read_chain(const struct spdm_device *device,
                                     unsigned *count)
{
    gnutls_x509_crt_t *crts = g_new0(gnutls_x509_crt_t, 8);
    const uint8_t *at = device->credentials.chain;
    const uint8_t *end = at + device->credentials.chain_size;

    for (*count = 0; at < end; (*count)++) {
        gnutls_datum_t der = {(unsigned char *)at, 4 + (at[2] << 8 | at[3])};

        gnutls_x509_crt_init(&crts[*count]);
        g_assert_cmpint(
            gnutls_x509_crt_import(crts[*count], &der, GNUTLS_X509_FMT_DER), ==,
            0);
        at += der.size;
    }
    return crts;
}

/* Root, intermediate, leaf: each signed by the one before, named by PCIe. */
static void test_chain(void)
{
    static const char name[] = "Vendor=1234:Device=7EE1:CC=120000:REV=01:"
                               "SSVID=1AF4:SSID=1100";
    struct rig rig;
    gnutls_x509_crt_t *crts;
    unsigned verdict;
    unsigned count;
    char text[128];
    size_t size;
    unsigned type;

    rig_init(&rig, 0x13);
    crts = read_chain(&rig.device, &count);
    g_assert_cmpuint(count, ==, 3);
    for (unsigned i = 0; i < count; i++) {
        g_assert_cmpint(gnutls_x509_crt_verify(crts[i], &crts[i ? i - 1 : 0], 1,
                                               0, &verdict),
                        ==, 0);
        g_assert_cmphex(verdict, ==, 0);
        size = sizeof(text);
        g_assert_cmpint(gnutls_x509_crt_get_serial(crts[i], text, &size), ==,
                        0);
        g_assert_cmpuint(size, ==, 8);
        g_assert_cmphex(text[0] & 0xc0, ==, 0x40);
        g_assert_cmpint(gnutls_x509_crt_get_ca_status(crts[i], NULL), ==,
                        i < 2);
    }
    size = sizeof(text);
    g_assert_cmpint(gnutls_x509_crt_get_subject_alt_name2(crts[2], 0, text,
                                                          &size, &type, NULL),
                    ==, GNUTLS_SAN_OTHERNAME);
    /* The content is a UTF8String. */
    g_assert_cmphex(text[0], ==, 0x0c);
    g_assert_cmpuint(text[1], ==, strlen(name));
    g_assert_cmpmem(text + 2, size - 2, name, strlen(name));
    size = sizeof(text);
    g_assert_cmpint(
        gnutls_x509_crt_get_subject_alt_othername_oid(crts[2], 0, text, &size),
        ==, GNUTLS_SAN_OTHERNAME);
    g_assert_cmpstr(text, ==, "2.23.147");
    size = sizeof(text);
    g_assert_cmpint(
        gnutls_x509_crt_get_key_purpose_oid(crts[2], 0, text, &size, NULL), ==,
        0);
    g_assert_cmpstr(text, ==, "1.3.6.1.4.1.412.274.3");
    for (unsigned i = 0; i < count; i++) {
        gnutls_x509_crt_deinit(crts[i]);
    }
    g_free(crts);
    rig_clear(&rig);
}

static bool names_subsystem(const struct teeio_spdm_credentials *made)
{
    for (size_t i = 0; i + 5 <= made->chain_size; i++) {
        if (memcmp(made->chain + i, "SSVID", 5) == 0) {
            return true;
        }
    }
    return false;
}

/* The same device, the same bytes; another device, the same root only. */
static void test_identity(void)
{
    struct teeio_spdm_identity identity = {.vendor = 0x1234, .device = 0x7ee1};
    struct teeio_spdm_credentials *made =
        g_new0(struct teeio_spdm_credentials, 3);

    g_assert_true(teeio_spdm_identity_make(&identity, &made[0]));
    g_assert_true(teeio_spdm_identity_make(&identity, &made[1]));
    g_assert_cmpmem(&made[0], sizeof(made[0]), &made[1], sizeof(made[1]));
    identity.serial = UINT64_MAX;
    g_assert_true(teeio_spdm_identity_make(&identity, &made[2]));
    g_assert_cmpmem(made[0].chain, 400, made[2].chain, 400);
    g_assert_cmpint(memcmp(made[0].key, made[2].key, made[0].key_size), !=, 0);
    identity.bridge = true;
    g_assert_true(teeio_spdm_identity_make(&identity, &made[1]));
    g_assert_false(names_subsystem(&made[1]));
    g_assert_true(names_subsystem(&made[2]));
    g_free(made);
}

static void test_certificate(void)
{
    static const struct {
        uint8_t slot;
        uint8_t attributes;
        uint16_t offset;
        uint16_t len;
        int portion; /* negative: an error */
        int remainder;
    } cases[] = {
        {0, 0, 0, 10, 10, -10},  {0, 0, 50, 10, 10, -60},
        {0, 0, 0, 0, 0, 0},      {0, 0, 47, 300, 300, -347},
        {1, 0, 0, 10, -1, 0},    {0, 0, 0xffff, 10, -1, 0},
        {0, 1, 0xffff, 9, 0, 0}, {0x10, 0, 0, 10, 10, -10},
    };
    struct requester *r;
    struct rig rig;
    int total;

    rig_init(&rig, 0x13);
    r = &rig.requester;
    requester_connect(r);
    total = r->chain->len;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t message[] = {0x13,
                             0x82,
                             cases[i].slot,
                             cases[i].attributes,
                             cases[i].offset,
                             cases[i].offset >> 8,
                             cases[i].len,
                             cases[i].len >> 8};

        g_test_message("case %zu", i);
        requester_ask(r, message, sizeof(message));
        if (cases[i].portion < 0) {
            requester_expect_error(r, 0x01, 0);
            continue;
        }
        g_assert_cmpint(r->len, ==, 8 + cases[i].portion);
        g_assert_cmpint(r->response[4] | r->response[5] << 8, ==,
                        cases[i].portion);
        g_assert_cmpint(r->response[6] | r->response[7] << 8, ==,
                        total + cases[i].remainder);
        g_assert_cmpmem(r->response + 8, cases[i].portion,
                        r->chain->data + cases[i].offset * !!cases[i].portion,
                        cases[i].portion);
        requester_ask(r, message, 7);
        requester_expect_error(r, 0x01, 0);
    }
    rig_clear(&rig);

    /* SPDM 1.2 has no attributes. */
    rig_init(&rig, 0x12);
    requester_connect(r);
    {
        uint8_t message[] = {0x12, 0x82, 0, 1, 2, 0, 3, 0};

        requester_ask(r, message, sizeof(message));
        g_assert_cmpuint(r->len, ==, 8 + 3);
    }
    rig_clear(&rig);

    /* No more than the requester can take. */
    rig_init(&rig, 0x12);
    r->wish.transfer_size = 200;
    r->wish.message_size = 200;
    requester_get_version(r);
    requester_get_capabilities(r);
    requester_negotiate(r);
    {
        uint8_t message[] = {0x12, 0x82, 0, 0, 0, 0, 0xff, 0xff};

        requester_ask(r, message, sizeof(message));
        g_assert_cmpuint(r->len, ==, 200);
        g_assert_cmpuint(r->response[4], ==, 192);
    }
    rig_clear(&rig);
}

/* Add what was asked and answered to a transcript. */
static void exchange(struct requester *r, GByteArray *transcript,
                     const void *message, size_t len)
{
    requester_ask(r, message, len);
    g_byte_array_append(transcript, message, len);
    g_byte_array_append(transcript, r->response, r->len);
}

static void start(struct requester *r, GByteArray *transcript)
{
    g_byte_array_set_size(transcript, 0);
    g_byte_array_append(transcript, r->vca->data, r->vca->len);
}

/* Take the signature off both and check it. */
static bool good(struct requester *r, GByteArray *transcript,
                 const char *context)
{
    size_t size = requester_signature_size(r);

    g_assert_cmpuint(r->len, >, size);
    g_byte_array_set_size(transcript, transcript->len - size);
    return requester_verify(r, transcript, context,
                            r->response + r->len - size);
}

static void do_challenge(uint8_t version)
{
    static const uint8_t bad_version[] = {0x11, 0x84, 0, 0};
    uint8_t digests[] = {version, 0x81, 0, 0};
    uint8_t part[] = {version, 0x82, 0, 0, 0, 0, 9, 0};
    uint8_t challenge[44] = {version, 0x83, 0, 0, 1, 2, 3};
    size_t len = version == 0x13 ? 44 : 36;
    size_t tail = version == 0x13 ? 10 : 2;
    GByteArray *m1 = g_byte_array_new();
    struct requester *r;
    struct rig rig;
    uint8_t digest[48];

    rig_init(&rig, version);
    r = &rig.requester;
    memcpy(challenge + 36, "context!", 8);
    requester_connect(r);
    /* What was read since VCA counts, whatever it was. */
    requester_get_version(r);
    requester_get_capabilities(r);
    requester_negotiate(r);
    start(r, m1);
    exchange(r, m1, digests, sizeof(digests));
    g_assert_cmphex(r->response[2], ==, version == 0x13);
    g_assert_cmphex(r->response[3], ==, 1);
    requester_digest(r, r->chain, digest);
    g_assert_cmpmem(r->response + 4, r->len - 4, digest, 48);
    requester_ask(r, bad_version, sizeof(bad_version));
    requester_expect_error(r, 0x41, 0);
    exchange(r, m1, part, sizeof(part));
    exchange(r, m1, challenge, len);
    g_assert_cmphex(r->response[1], ==, 0x03);
    g_assert_cmphex(r->response[2], ==, 0);
    g_assert_cmphex(r->response[3], ==, 1);
    g_assert_cmpuint(r->len, ==, 4 + 48 + 32 + tail + 96);
    g_assert_cmpmem(r->response + 4, 48, digest, 48);
    if (version == 0x13) {
        g_assert_cmpmem(r->response + 86, 8, "context!", 8);
    }
    g_assert_true(good(r, m1, "challenge_auth signing"));

    /* The next begins with VCA again; with a summary of measurements. */
    start(r, m1);
    challenge[3] = 0xff;
    exchange(r, m1, challenge, len);
    g_assert_cmpuint(r->len, ==, 4 + 48 + 32 + 48 + tail + 96);
    g_assert_true(good(r, m1, "challenge_auth signing"));

    /* GET_MEASUREMENTS makes what was read not count. */
    requester_ask(r, digests, sizeof(digests));
    {
        uint8_t count[12] = {version, 0xe0};

        requester_ask(r, count, sizeof(count));
    }
    start(r, m1);
    exchange(r, m1, challenge, len);
    g_assert_true(good(r, m1, "challenge_auth signing"));

    challenge[2] = 1;
    requester_ask(r, challenge, len);
    requester_expect_error(r, 0x01, 0);
    challenge[2] = 0;
    challenge[3] = 2;
    requester_ask(r, challenge, len);
    requester_expect_error(r, 0x01, 0);
    challenge[3] = 0;
    requester_ask(r, challenge, len - 1);
    requester_expect_error(r, 0x01, 0);
    g_byte_array_unref(m1);
    rig_clear(&rig);
}

static void test_challenge(void)
{
    do_challenge(0x12);
    do_challenge(0x13);
}

struct ask {
    uint8_t bytes[45];
    size_t len;
};

static struct ask measurements(uint8_t version, uint8_t attributes,
                               uint8_t operation)
{
    struct ask ask = {{version, 0xe0, attributes, operation}, 4};

    if (attributes & 1) {
        memset(ask.bytes + 4, 0xaa, 32);
        ask.len = 37;
    }
    if (version == 0x13) {
        memcpy(ask.bytes + ask.len, "context!", 8);
        ask.len += 8;
    }
    return ask;
}

static void test_blocks(void)
{
    static const uint8_t raw_2[] = {2,   1,   12,  0,   0x82, 9,   0,   'B',
                                    'A', 'R', '0', ' ', 'B',  'A', 'R', '2'};
    static const uint8_t manifest[] = {3,   1,   11,  0,   0x83, 8,   0,  'm',
                                       'a', 'n', 'i', 'f', 'e',  's', 't'};
    static const uint8_t head_5[] = {5, 1, 51, 0, 0, 48, 0};
    uint8_t digest[48];
    struct requester *r;
    struct rig rig;
    struct ask ask;

    rig_init(&rig, 0x12);
    r = &rig.requester;
    requester_connect(r);
    ask = measurements(0x12, 0, 0);
    requester_ask(r, ask.bytes, ask.len);
    g_assert_cmpuint(r->response[2], ==, 4);
    g_assert_cmpuint(r->response[4], ==, 0);
    g_assert_cmpuint(r->len, ==, 8 + 32 + 2);

    ask = measurements(0x12, 2, 2);
    requester_ask(r, ask.bytes, ask.len);
    g_assert_cmpuint(r->response[4], ==, 1);
    g_assert_cmpuint(r->response[5], ==, sizeof(raw_2));
    g_assert_cmpmem(r->response + 8, sizeof(raw_2), raw_2, sizeof(raw_2));
    /* Only as it is, and never as it is. */
    ask = measurements(0x12, 0, 3);
    requester_ask(r, ask.bytes, ask.len);
    g_assert_cmpmem(r->response + 8, r->len - 8 - 34, manifest,
                    sizeof(manifest));
    ask = measurements(0x12, 2, 5);
    requester_ask(r, ask.bytes, ask.len);
    g_assert_cmpmem(r->response + 8, sizeof(head_5), head_5, sizeof(head_5));
    gnutls_hash_fast(GNUTLS_DIG_SHA384, "rom", 3, digest);
    g_assert_cmpmem(r->response + 15, 48, digest, 48);
    /* All: in order, with the size of all. */
    ask = measurements(0x12, 0, 0xff);
    requester_ask(r, ask.bytes, ask.len);
    g_assert_cmpuint(r->response[4], ==, 4);
    g_assert_cmpuint(r->response[5], ==, 3 * 55 + sizeof(manifest));
    g_assert_cmpuint(r->response[8 + 2 * 55], ==, 3);

    ask = measurements(0x12, 0, 4);
    requester_ask(r, ask.bytes, ask.len);
    requester_expect_error(r, 0x01, 0);
    ask = measurements(0x12, 1, 1);
    ask.bytes[36] = 1;
    requester_ask(r, ask.bytes, ask.len);
    requester_expect_error(r, 0x01, 0);
    requester_ask(r, ask.bytes, 36);
    requester_expect_error(r, 0x01, 0);
    rig_clear(&rig);
}

/* Without a specification in common there are none. */
static void test_no_specification(void)
{
    uint8_t challenge[44] = {0x13, 0x83, 0, 1};
    struct ask ask = measurements(0x13, 0, 1);
    struct requester *r;
    struct rig rig;

    rig_init(&rig, 0x13);
    r = &rig.requester;
    r->wish.measurement = 0;
    requester_get_version(r);
    requester_get_capabilities(r);
    requester_negotiate(r);
    g_assert_cmphex(r->response[6], ==, 0);
    g_assert_cmphex(r->response[8], ==, 0);
    requester_ask(r, ask.bytes, ask.len);
    requester_expect_error(r, 0x04, 0);
    requester_ask(r, challenge, sizeof(challenge));
    requester_expect_error(r, 0x01, 0);
    rig_clear(&rig);
}

/* The summary is of the same blocks, as digests where they can be. */
static void test_summary(void)
{
    GByteArray *blocks = g_byte_array_new();
    struct requester_session s;
    struct requester *r;
    struct rig rig;
    uint8_t digest[48];
    struct ask ask;

    rig_init(&rig, 0x13);
    r = &rig.requester;
    requester_connect(r);
    ask = measurements(0x13, 0, 1);
    requester_ask(r, ask.bytes, ask.len);
    g_byte_array_append(blocks, r->response + 8, 55);
    ask = measurements(0x13, 0, 5);
    requester_ask(r, ask.bytes, ask.len);
    g_byte_array_append(blocks, r->response + 8, 55);
    requester_digest(r, blocks, digest);
    requester_begin(r, &s, 1, 1);
    g_assert_cmpmem(r->response + 40 + 96, 48, digest, 48);
    requester_session_clear(&s);

    g_byte_array_set_size(blocks, 0);
    ask = measurements(0x13, 0, 0xff);
    requester_ask(r, ask.bytes, ask.len);
    g_byte_array_append(blocks, r->response + 8, r->response[5]);
    requester_digest(r, blocks, digest);
    requester_begin(r, &s, 1, 0xff);
    g_assert_cmpmem(r->response + 40 + 96, 48, digest, 48);
    requester_session_clear(&s);
    g_byte_array_unref(blocks);
    rig_clear(&rig);
}

static void do_signed(uint8_t version)
{
    GByteArray *l1 = g_byte_array_new();
    struct requester *r;
    struct ask one = measurements(version, 0, 1);
    struct ask none = measurements(version, 0, 4);
    struct ask sign = measurements(version, 1, 0xff);
    struct rig rig;

    rig_init(&rig, version);
    r = &rig.requester;
    requester_connect(r);
    /* One by one, then a signature over all. */
    start(r, l1);
    exchange(r, l1, one.bytes, one.len);
    exchange(r, l1, one.bytes, one.len);
    exchange(r, l1, sign.bytes, sign.len);
    if (version == 0x13) {
        g_assert_cmpmem(r->response + r->len - 104, 8, "context!", 8);
    }
    g_assert_true(good(r, l1, "measurements signing"));
    start(r, l1);
    exchange(r, l1, sign.bytes, sign.len);
    g_assert_true(good(r, l1, "measurements signing"));

    /* Another request, or an error, and it begins anew. */
    requester_ask(r, one.bytes, one.len);
    requester_ask4(r, 0x81, 0, 0);
    start(r, l1);
    exchange(r, l1, sign.bytes, sign.len);
    g_assert_true(good(r, l1, "measurements signing"));
    requester_ask(r, one.bytes, one.len);
    requester_ask(r, none.bytes, none.len);
    requester_expect_error(r, 0x01, 0);
    start(r, l1);
    exchange(r, l1, sign.bytes, sign.len);
    g_assert_true(good(r, l1, "measurements signing"));
    /* The test itself can tell. */
    start(r, l1);
    exchange(r, l1, sign.bytes, sign.len);
    l1->data[l1->len - 100] ^= 1;
    g_assert_false(good(r, l1, "measurements signing"));
    g_byte_array_unref(l1);
    rig_clear(&rig);
}

static void test_signed(void)
{
    do_signed(0x12);
    do_signed(0x13);
}

/* A session has a transcript of its own. */
static void test_signed_in_session(void)
{
    struct ask one = measurements(0x13, 0, 1);
    struct ask sign = measurements(0x13, 1, 2);
    GByteArray *l1 = g_byte_array_new();
    struct requester_session s[2];
    struct requester *r;
    struct rig rig;

    rig_init(&rig, 0x13);
    r = &rig.requester;
    requester_connect(r);
    requester_open(r, &s[0], 1);
    requester_open(r, &s[1], 2);
    start(r, l1);
    g_assert_true(requester_say(&s[0], one.bytes, one.len));
    g_byte_array_append(l1, one.bytes, one.len);
    g_byte_array_append(l1, r->response, r->len);
    g_assert_true(requester_say(&s[1], one.bytes, one.len));
    requester_ask(r, one.bytes, one.len);
    g_assert_true(requester_say(&s[0], sign.bytes, sign.len));
    g_byte_array_append(l1, sign.bytes, sign.len);
    g_byte_array_append(l1, r->response, r->len);
    g_assert_true(good(r, l1, "measurements signing"));
    requester_session_clear(&s[0]);
    requester_session_clear(&s[1]);
    g_byte_array_unref(l1);
    rig_clear(&rig);
}

/* What is read in a session is no part of a challenge outside of it. */
static void test_challenge_beside_session(void)
{
    uint8_t challenge[44] = {0x13, 0x83};
    GByteArray *m1 = g_byte_array_new();
    struct requester_session s;
    struct requester *r;
    struct rig rig;

    rig_init(&rig, 0x13);
    r = &rig.requester;
    requester_connect(r);
    requester_open(r, &s, 1);
    g_assert_true(requester_say4(&s, 0x81, 0, 0));
    start(r, m1);
    exchange(r, m1, challenge, sizeof(challenge));
    g_assert_true(good(r, m1, "challenge_auth signing"));
    requester_session_clear(&s);
    g_byte_array_unref(m1);
    rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spdm/authentication/chain", test_chain);
    g_test_add_func("/spdm/authentication/identity", test_identity);
    g_test_add_func("/spdm/authentication/certificate", test_certificate);
    g_test_add_func("/spdm/authentication/challenge", test_challenge);
    g_test_add_func("/spdm/authentication/challenge-beside-session",
                    test_challenge_beside_session);
    g_test_add_func("/spdm/authentication/blocks", test_blocks);
    g_test_add_func("/spdm/authentication/no-specification",
                    test_no_specification);
    g_test_add_func("/spdm/authentication/summary", test_summary);
    g_test_add_func("/spdm/authentication/signed", test_signed);
    g_test_add_func("/spdm/authentication/signed-in-session",
                    test_signed_in_session);
    return g_test_run();
}
