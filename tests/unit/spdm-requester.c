/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "spdm-requester.h"

#include <nettle/bignum.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <string.h>

static void add(GByteArray *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        uint8_t byte = value >> 8 * i;

        g_byte_array_append(to, &byte, 1);
    }
}

static uint32_t get(const uint8_t *from, unsigned bytes)
{
    uint32_t value = 0;

    for (unsigned i = bytes; i--;) {
        value = value << 8 | from[i];
    }
    return value;
}

void requester_init(struct requester *r, struct spdm_device *device)
{
    memset(r, 0, sizeof(*r));
    r->device = device;
    r->wish = (struct requester_wish){
        .version = 0x13,
        /* ENCRYPT, MAC, KEY_EX, HBEAT, KEY_UPD */
        .caps = 0x40 | 0x80 | 0x200 | 0x2000 | 0x4000,
        .transfer_size = 4096,
        .message_size = 4096,
        .asym = 0x80,
        .hash = 2,
        .dhe = 0x10,
        .aead = 2,
        .measurement = 1,
    };
    r->vca = g_byte_array_new();
    r->chain = g_byte_array_new();
}

void requester_clear(struct requester *r)
{
    g_byte_array_unref(r->vca);
    g_byte_array_unref(r->chain);
}

void requester_ask(struct requester *r, const void *data, size_t len)
{
    /* Just so long, for a sanitizer to see who reads further. */
    uint8_t *exact = g_memdup2(data, len);

    r->len = teeio_spdm_message(r->device->spdm, false, exact, len, r->response,
                                sizeof(r->response));
    g_assert_cmpuint(r->len, <=, sizeof(r->response));
    g_free(exact);
}

void requester_ask4(struct requester *r, uint8_t code, uint8_t param1,
                    uint8_t param2)
{
    uint8_t message[] = {r->wish.version, code, param1, param2};

    requester_ask(r, message, sizeof(message));
}

void requester_expect_error(struct requester *r, uint8_t error, uint8_t data)
{
    g_assert_cmpuint(r->len, >=, 4);
    g_assert_cmphex(r->response[1], ==, 0x7f);
    g_assert_cmphex(r->response[2], ==, error);
    g_assert_cmphex(r->response[3], ==, data);
}

/* Ask what belongs to VCA. */
static void ask_vca(struct requester *r, GByteArray *request, uint8_t answer)
{
    requester_ask(r, request->data, request->len);
    g_assert_cmpuint(r->len, >=, 4);
    g_assert_cmphex(r->response[1], ==, answer);
    g_byte_array_append(r->vca, request->data, request->len);
    g_byte_array_append(r->vca, r->response, r->len);
    g_byte_array_unref(request);
}

void requester_get_version(struct requester *r)
{
    GByteArray *request = g_byte_array_new();

    g_byte_array_set_size(r->vca, 0);
    add(request, 0x8410, 4);
    ask_vca(r, request, 0x04);
}

void requester_get_capabilities(struct requester *r)
{
    GByteArray *request = g_byte_array_new();

    add(request, r->wish.version | 0xe1 << 8, 4);
    add(request, 0, 4);
    add(request, r->wish.caps, 4);
    add(request, r->wish.transfer_size, 4);
    add(request, r->wish.message_size, 4);
    ask_vca(r, request, 0x61);
}

void requester_negotiate(struct requester *r)
{
    GByteArray *request = g_byte_array_new();

    add(request, r->wish.version | 0xe3 << 8 | 4 << 16, 4);
    add(request, 48, 2);
    add(request, r->wish.measurement, 1);
    add(request, 2, 1); /* general opaque data */
    add(request, r->wish.asym, 4);
    add(request, r->wish.hash, 4);
    add(request, 0, 8);
    add(request, 0, 8);
    add(request, 2 | 0x20 << 8 | r->wish.dhe << 16, 4);
    add(request, 3 | 0x20 << 8 | r->wish.aead << 16, 4);
    add(request, 4 | 0x20 << 8 | 0x80 << 16, 4);
    add(request, 5 | 0x20 << 8 | 1 << 16, 4);
    ask_vca(r, request, 0x63);
}

size_t requester_hash_size(const struct requester *r)
{
    return r->wish.hash == 1 ? 32 : 48;
}

static gnutls_digest_algorithm_t digest_of(const struct requester *r)
{
    return r->wish.hash == 1 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA384;
}

static gnutls_mac_algorithm_t mac_of(const struct requester *r)
{
    return r->wish.hash == 1 ? GNUTLS_MAC_SHA256 : GNUTLS_MAC_SHA384;
}

void requester_digest(const struct requester *r, const GByteArray *data,
                      uint8_t *digest)
{
    g_assert_cmpint(
        gnutls_hash_fast(digest_of(r), data->data, data->len, digest), ==, 0);
}

void requester_get_chain(struct requester *r)
{
    size_t size = requester_hash_size(r);
    uint8_t digest[48];
    uint32_t left;

    g_byte_array_set_size(r->chain, 0);
    do {
        uint8_t ask[] = {r->wish.version,    0x82, 0,   0, r->chain->len,
                         r->chain->len >> 8, 0x00, 0x04};
        uint32_t portion;

        requester_ask(r, ask, sizeof(ask));
        g_assert_cmphex(r->response[1], ==, 0x02);
        portion = get(r->response + 4, 2);
        left = get(r->response + 6, 2);
        g_assert_cmpuint(portion, >, 0);
        g_assert_cmpuint(portion, <=, 0x400);
        g_assert_cmpuint(r->len, ==, 8 + portion);
        g_byte_array_append(r->chain, r->response + 8, portion);
    } while (left);
    g_assert_cmpuint(get(r->chain->data, 2), ==, r->chain->len);
    g_assert_cmpmem(r->chain->data + 4 + size, r->chain->len - 4 - size,
                    r->device->credentials.chain,
                    r->device->credentials.chain_size);
    /* The root is the first; its DER has a long length. */
    gnutls_hash_fast(
        digest_of(r), r->chain->data + 4 + size,
        4 + (r->chain->data[6 + size] << 8 | r->chain->data[7 + size]), digest);
    g_assert_cmpmem(r->chain->data + 4, size, digest, size);
}

void requester_connect(struct requester *r)
{
    requester_get_version(r);
    requester_get_capabilities(r);
    requester_negotiate(r);
    requester_get_chain(r);
}

size_t requester_signature_size(const struct requester *r)
{
    return r->wish.asym == 0x80 ? 96 : 64;
}

static gnutls_pubkey_t leaf_key(const struct requester *r)
{
    const uint8_t *at = r->chain->data + 4 + requester_hash_size(r);
    const uint8_t *end = r->chain->data + r->chain->len;
    const uint8_t *last = NULL;
    gnutls_x509_crt_t crt;
    gnutls_pubkey_t key;
    gnutls_datum_t der;

    while (at < end) {
        last = at;
        at += 4 + (at[2] << 8 | at[3]);
    }
    der = (gnutls_datum_t){(unsigned char *)last, end - last};
    gnutls_x509_crt_init(&crt);
    g_assert_cmpint(gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER), ==,
                    0);
    gnutls_pubkey_init(&key);
    g_assert_cmpint(gnutls_pubkey_import_x509(key, crt, 0), ==, 0);
    gnutls_x509_crt_deinit(crt);
    return key;
}

bool requester_verify(struct requester *r, const GByteArray *transcript,
                      const char *context, const uint8_t *signature)
{
    size_t half = requester_signature_size(r) / 2;
    gnutls_datum_t rr = {(unsigned char *)signature, half};
    gnutls_datum_t ss = {(unsigned char *)signature + half, half};
    char *text = g_strdup_printf("responder-%s", context);
    GByteArray *message = g_byte_array_new();
    gnutls_pubkey_t key = leaf_key(r);
    gnutls_datum_t encoded;
    gnutls_datum_t data;
    uint8_t digest[48];
    int result;

    for (unsigned i = 0; i < 4; i++) {
        char prefix[17];

        g_snprintf(prefix, sizeof(prefix), "dmtf-spdm-v1.%d.*",
                   r->wish.version & 0xf);
        g_byte_array_append(message, (uint8_t *)prefix, 16);
    }
    while (message->len < 100 - strlen(text)) {
        add(message, 0, 1);
    }
    g_byte_array_append(message, (uint8_t *)text, strlen(text));
    requester_digest(r, transcript, digest);
    g_byte_array_append(message, digest, requester_hash_size(r));
    data = (gnutls_datum_t){message->data, message->len};
    g_assert_cmpint(gnutls_encode_rs_value(&encoded, &rr, &ss), ==, 0);
    result = gnutls_pubkey_verify_data2(
        key,
        r->wish.hash == 1 ? GNUTLS_SIGN_ECDSA_SHA256 : GNUTLS_SIGN_ECDSA_SHA384,
        0, &data, &encoded);
    gnutls_free(encoded.data);
    gnutls_pubkey_deinit(key);
    g_byte_array_unref(message);
    g_free(text);
    return result >= 0;
}

static const struct ecc_curve *curve_of(const struct requester *r)
{
    return r->wish.dhe == 0x10 ? nettle_get_secp_384r1()
                               : nettle_get_secp_256r1();
}

/* @base: x and y of a point, NULL for the generator; @scalar: small */
static void multiply(const struct requester *r, unsigned scalar,
                     const uint8_t *base, uint8_t *x, uint8_t *y)
{
    size_t size = r->wish.dhe == 0x10 ? 48 : 32;
    struct ecc_point point;
    struct ecc_scalar k;
    mpz_t bx;
    mpz_t by;

    mpz_init_set_ui(bx, scalar);
    mpz_init(by);
    ecc_point_init(&point, curve_of(r));
    ecc_scalar_init(&k, curve_of(r));
    g_assert_true(ecc_scalar_set(&k, bx));
    if (base) {
        nettle_mpz_set_str_256_u(bx, size, base);
        nettle_mpz_set_str_256_u(by, size, base + size);
        g_assert_true(ecc_point_set(&point, bx, by));
        ecc_point_mul(&point, &k, &point);
    } else {
        ecc_point_mul_g(&point, &k);
    }
    ecc_point_get(&point, bx, by);
    nettle_mpz_get_str_256(size, x, bx);
    nettle_mpz_get_str_256(size, y, by);
    ecc_point_clear(&point);
    ecc_scalar_clear(&k);
    mpz_clear(bx);
    mpz_clear(by);
}

GByteArray *requester_key_exchange(struct requester *r, uint16_t half,
                                   uint8_t summary)
{
    static const uint8_t opaque[] = {1, 0, 0, 0, 0,    0, 7,    0,
                                     1, 1, 2, 0, 0x10, 0, 0x11, 0};
    size_t size = r->wish.dhe == 0x10 ? 48 : 32;
    GByteArray *request = g_byte_array_new();
    uint8_t x[48];
    uint8_t y[48];

    add(request, r->wish.version | 0xe4 << 8 | summary << 16, 4);
    add(request, half, 2);
    add(request, 0, 2);
    for (unsigned i = 0; i < 32; i++) {
        add(request, i + half, 1);
    }
    multiply(r, 1 + half, NULL, x, y);
    g_byte_array_append(request, x, size);
    g_byte_array_append(request, y, size);
    add(request, sizeof(opaque), 2);
    g_byte_array_append(request, opaque, sizeof(opaque));
    return request;
}

static void expand(const struct requester *r, const uint8_t *secret,
                   const char *label, const uint8_t *context, uint8_t *out,
                   size_t len)
{
    gnutls_datum_t key = {(unsigned char *)secret, requester_hash_size(r)};
    GByteArray *info = g_byte_array_new();
    gnutls_datum_t info_datum;
    char *version;

    add(info, len, 2);
    version = g_strdup_printf("spdm1.%d ", r->wish.version & 0xf);
    g_byte_array_append(info, (uint8_t *)version, 8);
    g_byte_array_append(info, (uint8_t *)label, strlen(label));
    if (context) {
        g_byte_array_append(info, context, requester_hash_size(r));
    }
    info_datum = (gnutls_datum_t){info->data, info->len};
    g_assert_cmpint(gnutls_hkdf_expand(mac_of(r), &key, &info_datum, out, len),
                    ==, 0);
    g_byte_array_unref(info);
    g_free(version);
}

static size_t key_size(const struct requester *r)
{
    return r->wish.aead == 1 ? 16 : 32;
}

static void set_direction(const struct requester *r,
                          struct requester_direction *d)
{
    expand(r, d->secret, "key", NULL, d->key, key_size(r));
    expand(r, d->secret, "iv", NULL, d->iv, sizeof(d->iv));
    d->sequence = 0;
}

void requester_update(struct requester *r, struct requester_direction *d)
{
    uint8_t next[48];

    expand(r, d->secret, "traffic upd", NULL, next, requester_hash_size(r));
    memcpy(d->secret, next, sizeof(next));
    set_direction(r, d);
}

static void verify_data(const struct requester *r,
                        const struct requester_direction *d,
                        const GByteArray *th, uint8_t *mac)
{
    size_t size = requester_hash_size(r);
    uint8_t finished[48];
    uint8_t digest[48];

    expand(r, d->secret, "finished", NULL, finished, size);
    requester_digest(r, th, digest);
    g_assert_cmpint(
        gnutls_hmac_fast(mac_of(r), finished, size, digest, size, mac), ==, 0);
}

void requester_begin(struct requester *r, struct requester_session *s,
                     uint16_t half, uint8_t summary)
{
    size_t size = requester_hash_size(r);
    size_t point = r->wish.dhe == 0x10 ? 96 : 64;
    size_t signature = requester_signature_size(r);
    GByteArray *request = requester_key_exchange(r, half, summary);
    uint8_t zeros[48] = {0};
    uint8_t digest[48];
    uint8_t x[48];
    uint8_t y[48];
    size_t signed_len;

    memset(s, 0, sizeof(*s));
    s->requester = r;
    s->th = g_byte_array_new();
    requester_ask(r, request->data, request->len);
    g_assert_cmphex(r->response[1], ==, 0x64);
    signed_len = 40 + point + (summary ? size : 0) + 2 + 12;
    g_assert_cmpuint(r->len, ==, signed_len + signature + size);
    g_byte_array_append(s->th, r->vca->data, r->vca->len);
    requester_digest(r, r->chain, digest);
    g_byte_array_append(s->th, digest, size);
    g_byte_array_append(s->th, request->data, request->len);
    g_byte_array_append(s->th, r->response, signed_len);
    g_assert_true(requester_verify(r, s->th, "key_exchange_rsp signing",
                                   r->response + signed_len));
    g_byte_array_append(s->th, r->response + signed_len, signature);
    s->id = half | get(r->response + 4, 2) << 16;
    s->heartbeat = r->response[2];
    multiply(r, 1 + half, r->response + 40, x, y);
    gnutls_hmac_fast(mac_of(r), zeros, size, x, point / 2, s->handshake);
    requester_digest(r, s->th, digest);
    expand(r, s->handshake, "req hs data", digest, s->request.secret, size);
    expand(r, s->handshake, "rsp hs data", digest, s->response.secret, size);
    set_direction(r, &s->request);
    set_direction(r, &s->response);
    verify_data(r, &s->response, s->th, digest);
    g_assert_cmpmem(digest, size, r->response + signed_len + signature, size);
    g_byte_array_append(s->th, digest, size);
    g_byte_array_unref(request);
}

static gnutls_cipher_algorithm_t cipher_of(const struct requester *r)
{
    return r->wish.aead == 1   ? GNUTLS_CIPHER_AES_128_GCM
           : r->wish.aead == 2 ? GNUTLS_CIPHER_AES_256_GCM
                               : GNUTLS_CIPHER_CHACHA20_POLY1305;
}

static gnutls_aead_cipher_hd_t
cipher(const struct requester *r, struct requester_direction *d, uint8_t *nonce)
{
    gnutls_datum_t key = {d->key, key_size(r)};
    gnutls_aead_cipher_hd_t handle;

    memcpy(nonce, d->iv, sizeof(d->iv));
    for (unsigned i = 0; i < 8; i++) {
        nonce[i] ^= d->sequence >> 8 * i;
    }
    d->sequence++;
    g_assert_cmpint(gnutls_aead_cipher_init(&handle, cipher_of(r), &key), ==,
                    0);
    return handle;
}

GByteArray *requester_seal_as(struct requester_session *s, const void *data,
                              size_t len, size_t inner)
{
    GByteArray *record = g_byte_array_new();
    GByteArray *plain = g_byte_array_new();
    uint8_t nonce[12];
    gnutls_aead_cipher_hd_t handle = cipher(s->requester, &s->request, nonce);
    size_t out = len + 2 + 16;

    add(record, s->id, 4);
    add(record, out, 2);
    add(plain, inner, 2);
    g_byte_array_append(plain, data, len);
    g_byte_array_set_size(record, 6 + out);
    g_assert_cmpint(gnutls_aead_cipher_encrypt(
                        handle, nonce, sizeof(nonce), record->data, 6, 16,
                        plain->data, plain->len, record->data + 6, &out),
                    ==, 0);
    gnutls_aead_cipher_deinit(handle);
    g_byte_array_unref(plain);
    return record;
}

static void unseal(struct requester_session *s)
{
    struct requester *r = s->requester;
    uint8_t plain[TEEIO_SPDM_RESPONSE_MAX];
    size_t out = sizeof(plain);
    uint8_t nonce[12];
    gnutls_aead_cipher_hd_t handle = cipher(r, &s->response, nonce);

    g_assert_cmpuint(r->len, >=, 24);
    g_assert_cmphex(get(r->response, 4), ==, s->id);
    g_assert_cmpuint(get(r->response + 4, 2), ==, r->len - 6);
    g_assert_cmpint(gnutls_aead_cipher_decrypt(
                        handle, nonce, sizeof(nonce), r->response, 6, 16,
                        r->response + 6, r->len - 6, plain, &out),
                    ==, 0);
    gnutls_aead_cipher_deinit(handle);
    r->len = get(plain, 2);
    g_assert_cmpuint(r->len, ==, out - 2);
    memcpy(r->response, plain + 2, r->len);
}

GByteArray *requester_seal(struct requester_session *s, const void *data,
                           size_t len)
{
    return requester_seal_as(s, data, len, len);
}

bool requester_say(struct requester_session *s, const void *data, size_t len)
{
    struct requester *r = s->requester;
    GByteArray *record = requester_seal(s, data, len);

    r->len = teeio_spdm_message(r->device->spdm, true, record->data,
                                record->len, r->response, sizeof(r->response));
    g_byte_array_unref(record);
    if (!r->len) {
        return false;
    }
    unseal(s);
    return true;
}

bool requester_say4(struct requester_session *s, uint8_t code, uint8_t param1,
                    uint8_t param2)
{
    uint8_t message[] = {s->requester->wish.version, code, param1, param2};

    return requester_say(s, message, sizeof(message));
}

void requester_finish(struct requester_session *s)
{
    struct requester *r = s->requester;
    size_t size = requester_hash_size(r);
    uint8_t message[4 + 48] = {r->wish.version, 0xe5};
    uint8_t zeros[48] = {0};
    uint8_t master[48];
    uint8_t salt[48];
    uint8_t th2[48];

    g_byte_array_append(s->th, message, 4);
    verify_data(r, &s->request, s->th, message + 4);
    g_byte_array_append(s->th, message + 4, size);
    g_assert_true(requester_say(s, message, 4 + size));
    g_assert_cmpuint(r->len, ==, 4);
    g_assert_cmphex(r->response[1], ==, 0x65);
    g_byte_array_append(s->th, r->response, r->len);
    requester_digest(r, s->th, th2);
    expand(r, s->handshake, "derived", NULL, salt, size);
    gnutls_hmac_fast(mac_of(r), salt, size, zeros, size, master);
    expand(r, master, "req app data", th2, s->request.secret, size);
    expand(r, master, "rsp app data", th2, s->response.secret, size);
    set_direction(r, &s->request);
    set_direction(r, &s->response);
}

void requester_open(struct requester *r, struct requester_session *s,
                    uint16_t half)
{
    requester_begin(r, s, half, 0);
    requester_finish(s);
    g_assert_true(teeio_spdm_session_open(r->device->spdm, s->id));
}

void requester_session_clear(struct requester_session *s)
{
    g_byte_array_unref(s->th);
}
