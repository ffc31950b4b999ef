/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A device that answers the TSM's requester with anything: objects as they are,
 * messages with the right head in clear, or sealed properly within a session
 * that was never negotiated.
 *
 * First byte: bit 0 there is a connection, bit 1 a session, bit 2 SPDM 1.2,
 * bit 3 SHA-256, P-256 and ChaCha20. Then operations, one byte each; what
 * follows are the answers to it: shape, length (2 bytes), bytes.
 */
#include <string.h>

#include "../../hw/tdisp/requester/requester-internal.h"
#include "input.h"
#include "teeio/spec/tdisp.h"

enum { LONGEST = 700, FUNCTION = 0x0100, SESSION = 0x00020001 };

/* What the answer to the operation under way should be. */
struct world {
    struct fuzz_input in;
    struct teeio_requester *r;
    uint8_t code;     /* of SPDM */
    uint8_t protocol; /* of PCI-SIG */
    uint8_t type;     /* of its message */
    unsigned exchanges;
};

static void put_number(uint8_t *at, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        at[i] = value >> 8 * i;
    }
}

/* A good head, as far as it fits into @len bytes; shape bit 2: without. */
static void put_head(const struct world *w, uint8_t shape, uint8_t *message,
                     size_t len)
{
    uint8_t head[32] = {w->r->version ? w->r->version : 0x10, w->code};
    size_t size = 4;

    if (!w->r->version || w->code == TEEIO_SPDM_VERSION) {
        head[0] = 0x10;
    }
    if (w->code == TEEIO_SPDM_VENDOR_DEFINED_RESPONSE) {
        memcpy(head + 4, "\3\0\2\1\0", 5);
        put_number(head + 9, len - 11, 2);
        head[11] = w->protocol;
        head[12] = w->protocol == TEEIO_TDISP_PROTOCOL ? 0x10 : w->type;
        head[13] = w->type;
        put_number(head + 16, FUNCTION, 4);
        size = w->protocol == TEEIO_TDISP_PROTOCOL ? 28 : 13;
    }
    if (!(shape & 4)) {
        memcpy(message, head, size < len ? size : len);
    }
}

static size_t wrap(const struct world *w, const uint8_t *message, size_t len,
                   bool seal, uint8_t *answer)
{
    struct teeio_requester_session *session = &w->r->session;
    uint8_t *record = answer + 8;
    uint8_t nonce[TEEIO_SPDM_IV];
    size_t used = len;

    if (!seal) {
        memcpy(record, message, len);
    } else {
        put_number(record, session->id, 4);
        put_number(record + 4, len + 18, 2);
        put_number(record + 6, len, 2);
        memcpy(record + 8, message, len);
        memcpy(nonce, session->response.iv, sizeof(nonce));
        for (unsigned i = 0; i < 8; i++) {
            nonce[i] ^= session->response.sequence >> 8 * i;
        }
        teeio_spdm_seal(w->r->aead, session->response.key, nonce, record, 6,
                        record + 6, len + 2);
        used = len + 24;
    }
    used = (used + 8 + 3) & ~(size_t)3;
    put_number(answer, 1, 4);
    answer[2] = seal ? 2 : 1;
    put_number(answer + 4, used / 4, 4);
    return used;
}

static size_t exchange(void *opaque, const uint8_t *object, size_t len,
                       uint8_t *answer, size_t size)
{
    struct world *w = opaque;
    uint8_t shape = fuzz_take(&w->in, 1);
    size_t bytes = fuzz_take(&w->in, 2) % LONGEST;
    uint8_t message[LONGEST];
    size_t used;

    g_assert_cmpuint(len % 4, ==, 0);
    g_assert_cmpuint(len, ==, teeio_doe_length(object));
    g_assert_cmpuint(++w->exchanges, <, 10000);
    if (object[2] == 1) {
        w->code = object[9] & 0x7f;
    }
    for (size_t i = 0; i < bytes; i++) {
        message[i] = fuzz_take(&w->in, 1);
    }
    if (shape & 1) {
        memcpy(answer, message, bytes);
        return shape & 2 ? bytes : bytes & ~(size_t)3;
    }
    put_head(w, shape, message, bytes);
    used = wrap(w, message, bytes, w->r->session.id, answer);
    if (object[2] == 0) {
        answer[2] = 0;
    }
    g_assert_cmpuint(used, <=, size);
    return used;
}

static void no_random(void *opaque, void *buf, size_t len)
{
    (void)opaque;
    memset(buf, 0x11, len);
}

/* As if all had gone well so far. */
static void pretend(struct teeio_requester *r, uint8_t flags)
{
    bool small = flags & 8;

    r->version = flags & 4 ? TEEIO_SPDM_12 : TEEIO_SPDM_13;
    r->ready = true;
    r->caps = UINT32_MAX & ~TEEIO_SPDM_RSP_MEAS_CAP_NO_SIG;
    r->transfer_size = TEEIO_REQUESTER_MESSAGE;
    r->asym = small ? TEEIO_SPDM_ECDSA_P256 : TEEIO_SPDM_ECDSA_P384;
    r->hash = small ? TEEIO_SPDM_SHA_256 : TEEIO_SPDM_SHA_384;
    r->dhe = small ? TEEIO_SPDM_SECP256R1 : TEEIO_SPDM_SECP384R1;
    r->aead = small ? TEEIO_SPDM_CHACHA20_POLY1305 : TEEIO_SPDM_AES_256_GCM;
    r->leaf.curve = r->dhe;
    if (flags & 2) {
        r->session.id = SESSION;
        r->session.open = true;
        memset(&r->session.request, 1, sizeof(r->session.request));
        memset(&r->session.response, 2, sizeof(r->session.response));
        r->session.request.sequence = 0;
        r->session.response.sequence = 0;
    }
}

static const struct teeio_requester_lock lock = {.flags = 1};

static void operate(struct world *w, uint8_t operation)
{
    static const uint8_t codes[] = {
        0x7e, 0x7e, 0x7e, 0x7e, 0x7e, 0x7e, 0x7e, 0x7e,
        0x7e, 0x60, 0x68, 0x69, 0x6c, 0x64, 0x04, 0x04,
    };
    static const uint8_t types[] = {1, 2, 3, 4, 5, 6, 7, 3, 6};
    struct teeio_requester_tdisp_caps caps;
    struct teeio_requester_report report;
    uint8_t record[TEEIO_REQUESTER_RECORD_MAX];
    uint8_t nonce[TEEIO_REQUESTER_NONCE] = {0};
    enum teeio_tdisp_state state;
    size_t size;

    operation %= sizeof(codes);
    w->code = codes[operation];
    w->type = operation < sizeof(types) ? types[operation] : 0;
    w->protocol = operation < 7 ? TEEIO_TDISP_PROTOCOL : 0;
    switch (operation) {
    case 0:
        teeio_requester_tdisp_version(w->r, FUNCTION);
        break;
    case 1:
        teeio_requester_tdisp_capabilities(w->r, FUNCTION, &caps);
        break;
    case 2:
        teeio_requester_lock(w->r, FUNCTION, &lock, nonce);
        break;
    case 3:
        teeio_requester_report(w->r, FUNCTION, &report);
        break;
    case 4:
        if (!teeio_requester_state(w->r, FUNCTION, &state)) {
            g_assert_cmpuint(state, <, TEEIO_TDISP_STATES);
        }
        break;
    case 5:
        teeio_requester_start(w->r, FUNCTION, nonce);
        break;
    case 6:
        teeio_requester_stop(w->r, FUNCTION);
        break;
    case 7:
        teeio_requester_ide_setup(w->r, 1, 0);
        break;
    case 8:
        w->r->session.key_set[1] = w->r->session.open;
        teeio_requester_ide_stop(w->r, 1);
        break;
    case 9:
        teeio_requester_measurements(w->r, true, record, &size);
        break;
    case 10:
        teeio_requester_heartbeat(w->r);
        break;
    case 11:
        teeio_requester_key_update(w->r, w->in.left & 1);
        break;
    case 12:
        teeio_requester_end(w->r);
        break;
    case 13:
        teeio_requester_open(w->r);
        break;
    default:
        teeio_requester_connect(w->r);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world w = {.in = {data, size}};
    const struct teeio_requester_config config = {
        .opaque = &w, .exchange = exchange, .random = no_random};
    struct teeio_requester_report report;
    uint8_t flags = fuzz_take(&w.in, 1);
    uint8_t image[64];

    w.r = teeio_requester_new(&config);
    if (flags & 1) {
        pretend(w.r, flags);
    }
    while (w.in.left) {
        operate(&w, fuzz_take(&w.in, 1));
    }
    teeio_requester_free(w.r);

    /* The same bytes as a report, and as a saved requester. */
    report.size = size < sizeof(report.bytes) ? size : sizeof(report.bytes);
    memcpy(report.bytes, data, report.size);
    teeio_requester_report_parse(&report);
    w.r = teeio_requester_new(&config);
    teeio_requester_load(w.r, data, size);
    teeio_requester_save(w.r, image, sizeof(image));
    teeio_requester_free(w.r);
    return 0;
}
