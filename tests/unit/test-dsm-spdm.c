/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* The whole way: DOE object, SPDM session, TDISP and IDE_KM. */
#include <string.h>

#include "dsm-rig.h"
#include "spdm-requester.h"
#include "teeio/spec/doe.h"

enum { END_SESSION = 0xec, PAYLOAD = 11 };

struct rig {
    struct dsm_rig dsm;
    struct spdm_device device;
    struct requester requester;
    struct requester_session session;
};

static void rig_init(struct rig *rig, const char *quirks)
{
    memset(rig, 0, sizeof(*rig));
    dsm_rig_init(&rig->dsm, quirks);
    spdm_device_init(&rig->device, 4);
    g_assert_cmpuint(teeio_dsm_protocols(rig->dsm.dsm).count, ==, 0);
    g_assert_true(teeio_dsm_start_spdm(rig->dsm.dsm, &rig->device.config));
    rig->device.spdm = teeio_dsm_spdm(rig->dsm.dsm);
    requester_init(&rig->requester, &rig->device);
    requester_connect(&rig->requester);
    requester_get_chain(&rig->requester);
    requester_open(&rig->requester, &rig->session, 1);
}

static void rig_clear(struct rig *rig)
{
    requester_session_clear(&rig->session);
    requester_clear(&rig->requester);
    rig->device.spdm = NULL;
    spdm_device_clear(&rig->device);
    dsm_rig_clear(&rig->dsm);
}

/* VENDOR_DEFINED_REQUEST around @len bytes of @payload. */
static GByteArray *wrap(const uint8_t *payload, size_t len)
{
    GByteArray *request = g_byte_array_new();
    const uint8_t head[PAYLOAD] = {0x13, 0xfe, 0, 0,   3,       0,
                                   2,    1,    0, len, len >> 8};

    g_byte_array_append(request, head, sizeof(head));
    g_byte_array_append(request, payload, len);
    return request;
}

/* Returns: the payload of the VENDOR_DEFINED_RESPONSE, NULL for an ERROR. */
static const uint8_t *ask(struct rig *rig, const uint8_t *payload, size_t len)
{
    GByteArray *request = wrap(payload, len);
    const uint8_t *response = rig->requester.response;
    bool good = requester_say(&rig->session, request->data, request->len);

    g_byte_array_unref(request);
    g_assert_true(good);
    if (response[1] == 0x7f) {
        g_assert_cmphex(response[2], ==, 7);
        return NULL;
    }
    g_assert_cmphex(response[1], ==, 0x7e);
    g_assert_cmpmem(response + 4, 5, "\3\0\2\1\0", 5);
    g_assert_cmphex(response[PAYLOAD], ==, payload[0]);
    return response + PAYLOAD;
}

static const uint8_t *tdisp(struct rig *rig, uint8_t code, const uint8_t *body,
                            size_t len)
{
    uint8_t payload[64] = {1, 0x10, code};
    const uint8_t *response;

    payload[5] = RIG_FUNCTION & 0xff;
    payload[6] = RIG_FUNCTION >> 8;
    if (len) {
        memcpy(payload + 17, body, len);
    }
    response = ask(rig, payload, 17 + len);
    g_assert_nonnull(response);
    g_assert_cmphex(response[2], ==, code - 0x80);
    return response + 1;
}

static const uint8_t *km(struct rig *rig, uint8_t id, uint8_t sub)
{
    uint8_t payload[48] = {0, id};

    payload[4] = RIG_STREAM;
    payload[6] = sub;
    payload[44] = 1;
    return ask(rig, payload, id == 0 ? 4 : id == 2 ? 48 : 8);
}

static void program(struct rig *rig)
{
    for (unsigned i = 0; i < 6; i++) {
        const uint8_t *ack = km(rig, 2, (i & 1) << 1 | (i >> 1) << 4);

        g_assert_cmphex(ack[1], ==, 3);
        g_assert_cmphex(ack[5], ==, 0);
        g_assert_nonnull(km(rig, 4, (i & 1) << 1 | (i >> 1) << 4));
    }
    g_assert_true(teeio_ide_secure(rig->dsm.ide, RIG_STREAM));
}

static void run(struct rig *rig)
{
    const uint8_t lock[20] = {[2] = RIG_STREAM};
    uint8_t nonce[32];

    program(rig);
    memcpy(nonce, tdisp(rig, 0x83, lock, 20) + 16, 32);
    tdisp(rig, 0x86, nonce, 32);
    g_assert_cmphex(tdisp(rig, 0x85, NULL, 0)[16], ==, 2);
    g_assert_cmphex(rig->dsm.tdi[0].lock.session, ==, rig->session.id);
}

static void test_life(void)
{
    const uint8_t all[4] = {0, 0, 0xff, 0xff};
    struct rig rig;

    rig_init(&rig, NULL);
    g_assert_cmphex(tdisp(&rig, 0x81, NULL, 0)[17], ==, 0x10);
    g_assert_cmphex(km(&rig, 0, 0)[1], ==, 1);
    run(&rig);
    g_assert_cmphex(tdisp(&rig, 0x84, all, 4)[18], ==, 0);
    tdisp(&rig, 0x87, NULL, 0);
    g_assert_cmphex(tdisp(&rig, 0x85, NULL, 0)[16], ==, 0);
    /* What has no answer is an ERROR of SPDM, here a QUERY of another port. */
    g_assert_null(ask(&rig, (const uint8_t[]){0, 0, 0, 1}, 4));
    g_assert_null(ask(&rig, (const uint8_t[]){2, 0x10, 0x85}, 3));
    rig_clear(&rig);
}

static void test_end(void)
{
    enum { BY_MESSAGE, BY_VERSION, BY_FLR, BY_UPDATE, BY_RESET, WAYS };

    for (unsigned way = 0; way < WAYS; way++) {
        static const char *const causes[] = {"session ended", "session ended",
                                             NULL, "firmware update", NULL};
        struct rig rig;

        rig_init(&rig, NULL);
        run(&rig);
        switch (way) {
        case BY_MESSAGE:
            g_assert_true(requester_say4(&rig.session, END_SESSION, 0, 0));
            break;
        case BY_VERSION:
            requester_get_version(&rig.requester);
            break;
        case BY_FLR:
            teeio_dsm_flr(rig.dsm.dsm);
            break;
        case BY_UPDATE:
            g_assert_true(teeio_dsm_firmware_update(rig.dsm.dsm, true));
            break;
        case BY_RESET:
            /* The interface's own reset is its device's matter. */
            teeio_dsm_reset(rig.dsm.dsm);
            g_assert_cmpint(rig.dsm.tdi[0].state, ==, TEEIO_TDISP_RUN);
            teeio_interface_reset(&rig.dsm.tdi[0]);
            break;
        }
        g_assert_cmpint(rig.dsm.tdi[0].state, ==,
                        way == BY_RESET ? TEEIO_TDISP_CONFIG_UNLOCKED
                                        : TEEIO_TDISP_ERROR);
        g_assert_cmpstr(dsm_rig_cause(&rig.dsm), ==, causes[way]);
        g_assert_false(teeio_ide_secure(rig.dsm.ide, RIG_STREAM));
        g_assert_false(
            teeio_spdm_session_open(rig.device.spdm, rig.session.id));
        rig_clear(&rig);
    }
}

/* In clear there is no TDISP and no IDE_KM, whatever the session. */
static void test_in_clear(void)
{
    const uint8_t stop[17] = {1, 0x10, 0x87, 0, 0, 0, 1};
    const uint8_t query[4] = {0};
    GByteArray *requests[] = {wrap(stop, 17), wrap(query, 4)};
    struct rig rig;

    rig_init(&rig, NULL);
    run(&rig);
    for (unsigned i = 0; i < 2; i++) {
        requester_ask(&rig.requester, requests[i]->data, requests[i]->len);
        g_assert_cmphex(rig.requester.response[1], ==, 0x7f);
        g_assert_cmpint(rig.dsm.tdi[0].state, ==, TEEIO_TDISP_RUN);
        g_byte_array_unref(requests[i]);
    }
    rig_clear(&rig);
}

static void test_objects(void)
{
    /* Discovery of entry 1 and 2; GET_VERSION; a type that is not there. */
    static const uint8_t first[12] = {1, 0, 0, 0, 3, 0, 0, 0, 1};
    static const uint8_t second[12] = {1, 0, 0, 0, 3, 0, 0, 0, 2};
    static const uint8_t version[12] = {1, 0, 1, 0, 3, 0, 0, 0, 0x10, 0x84};
    static const uint8_t other[12] = {1, 0, 3, 0, 3, 0, 0, 0, 0x10, 0x84};
    uint8_t answer[64];
    uint8_t *object;
    uint8_t *long_answer = g_malloc(TEEIO_DOE_MAX_BYTES);
    GByteArray *record;
    struct rig rig;
    size_t size;

    rig_init(&rig, NULL);
    g_assert_cmpuint(
        teeio_dsm_object(rig.dsm.dsm, first, 12, answer, sizeof(answer)), ==,
        12);
    g_assert_cmpmem(answer + 8, 4, "\1\0\1\2", 4);
    teeio_dsm_object(rig.dsm.dsm, second, 12, answer, sizeof(answer));
    g_assert_cmpmem(answer + 8, 4, "\1\0\2\0", 4);
    g_assert_cmpuint(
        teeio_dsm_object(rig.dsm.dsm, other, 12, answer, sizeof(answer)), ==,
        0);

    /* A sealed message comes back sealed, for the same session. */
    record = requester_seal(&rig.session, "\x13\xe8\0\0", 4);
    size = 8 + (record->len + 3) / 4 * 4;
    object = g_malloc0(size);
    object[0] = 1;
    object[2] = 2;
    object[4] = size / 4;
    memcpy(object + 8, record->data, record->len);
    g_assert_cmpuint(teeio_dsm_object(rig.dsm.dsm, object, size, long_answer,
                                      TEEIO_DOE_MAX_BYTES),
                     >, 16);
    g_assert_cmpmem(long_answer, 3, "\1\0\2", 3);
    g_assert_cmpmem(long_answer + 8, 4, record->data, 4);
    g_assert_cmpuint(teeio_dsm_object(rig.dsm.dsm, object, size, long_answer,
                                      TEEIO_DOE_MAX_BYTES),
                     ==, 0); /* a replay */

    g_assert_cmpuint(
        teeio_dsm_object(rig.dsm.dsm, version, 12, answer, sizeof(answer)), >=,
        16);
    g_assert_cmpmem(answer, 3, "\1\0\1", 3);
    g_assert_cmphex(answer[9], ==, 0x04);
    g_byte_array_unref(record);
    g_free(object);
    g_free(long_answer);
    rig_clear(&rig);
}

/* Returns: the length of one measurement as it is. */
static size_t measurement(struct rig *rig, uint8_t index, const uint8_t **value)
{
    const uint8_t request[12] = {0x13, 0xe0, 2, index};
    const uint8_t *block = rig->requester.response + 8;

    g_assert_true(requester_say(&rig->session, request, sizeof(request)));
    g_assert_cmphex(rig->requester.response[1], ==, 0x60);
    g_assert_cmpuint(block[0], ==, index);
    g_assert_cmphex(block[4], ==, 0x80 | index);
    *value = block + 7;
    return block[5] | block[6] << 8;
}

static void test_measurements(void)
{
    static const uint8_t config[21] = {0, 1, 3, 1, 2, 0, 3, 1, 1, 3, 1,
                                       0, 0, 4, 2, 1, 3, 1, 0, 0, 8};
    struct teeio_interface_config plain = {.segment = RIG_SEGMENT};
    const uint8_t *value;
    struct rig rig;
    size_t size;

    rig_init(&rig, "max-port=2");
    run(&rig);
    plain.requester = RIG_FUNCTION + 1;
    plain.report.pri = true;
    teeio_interface_configure(&rig.dsm.tdi[1], &plain);
    plain.requester = RIG_FUNCTION + 2;
    plain.report.pri = false;
    plain.pasid = 1;
    teeio_interface_configure(&rig.dsm.tdi[2], &plain);
    size = measurement(&rig, 3, &value);
    g_assert_cmpmem(value, size, config, sizeof(config));
    size = measurement(&rig, 2, &value);
    g_assert_cmpmem(value, size, "max-port=2", 10);
    size = measurement(&rig, 1, &value);
    g_assert_cmpmem(value, 11, "qemu-teeio ", 11);
    g_assert_cmpuint(value[size - 1], ==, '0');
    g_assert_true(teeio_dsm_firmware_update(rig.dsm.dsm, false));
    size = measurement(&rig, 1, &value);
    g_assert_cmpuint(value[size - 1], ==, '1');
    rig_clear(&rig);
}

static void test_state(void)
{
    uint8_t image[64];
    struct rig rig;
    size_t size;

    rig_init(&rig, "version-first");
    g_assert_cmphex(dsm_rig_send(&rig.dsm, 0x81, 0), ==, 0);
    size = teeio_dsm_save(rig.dsm.dsm, image, sizeof(image));
    teeio_dsm_reset(rig.dsm.dsm);
    for (size_t cut = 0; cut < size; cut++) {
        g_assert_false(teeio_dsm_load(rig.dsm.dsm, image, cut));
    }
    g_assert_cmphex(dsm_rig_send(&rig.dsm, 0x85, 0), ==, 0x101);
    g_assert_true(teeio_dsm_load(rig.dsm.dsm, image, size));
    g_assert_cmphex(dsm_rig_send(&rig.dsm, 0x85, 0), ==, 0);
    rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dsm-spdm/life", test_life);
    g_test_add_func("/dsm-spdm/end", test_end);
    g_test_add_func("/dsm-spdm/in-clear", test_in_clear);
    g_test_add_func("/dsm-spdm/objects", test_objects);
    g_test_add_func("/dsm-spdm/measurements", test_measurements);
    g_test_add_func("/dsm-spdm/state", test_state);
    return g_test_run();
}
