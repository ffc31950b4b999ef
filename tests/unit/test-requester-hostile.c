/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* The requester with a device, or a host between them, that lies. */
#include <string.h>

#include "requester-rig.h"

#define OK TEEIO_REQUESTER_OK

/* All there is, in order; returns how the first failure was called. */
static enum teeio_requester_failure all(struct requester_rig *rig)
{
    const struct teeio_requester_lock lock = {.stream = RIG_STREAM};
    struct teeio_requester *r = rig->requester;
    struct teeio_requester_tdisp_caps caps;
    struct teeio_requester_report report;
    uint8_t record[TEEIO_REQUESTER_RECORD_MAX];
    uint8_t nonce[TEEIO_REQUESTER_NONCE];
    enum teeio_tdisp_state state;
    enum teeio_requester_failure result = OK;
    size_t size;

#define DO(operation)                           \
    do {                                        \
        result = result ? result : (operation); \
    } while (0)
    DO(teeio_requester_connect(r));
    DO(teeio_requester_open(r));
    DO(teeio_requester_measurements(r, true, record, &size));
    DO(teeio_requester_tdisp_version(r, RIG_FUNCTION));
    DO(teeio_requester_tdisp_capabilities(r, RIG_FUNCTION, &caps));
    DO(teeio_requester_ide_setup(r, RIG_STREAM, 0));
    DO(teeio_requester_lock(r, RIG_FUNCTION, &lock, nonce));
    DO(teeio_requester_report(r, RIG_FUNCTION, &report));
    DO(teeio_requester_start(r, RIG_FUNCTION, nonce));
    DO(teeio_requester_key_update(r, true));
    DO(teeio_requester_state(r, RIG_FUNCTION, &state));
    DO(teeio_requester_stop(r, RIG_FUNCTION));
    DO(teeio_requester_ide_stop(r, RIG_STREAM));
    DO(teeio_requester_end(r));
#undef DO
    return result;
}

static unsigned count_objects(void)
{
    struct requester_rig rig;
    unsigned count;

    requester_rig_init(&rig);
    g_assert_cmpint(all(&rig), ==, OK);
    count = rig.objects;
    requester_rig_clear(&rig);
    return count;
}

/* Spoil each object of a whole life in turn: each time, something fails. */
static void each(size_t (*tamper)(struct requester_rig *rig, uint8_t *answer,
                                  size_t len))
{
    unsigned count = count_objects();

    g_assert_cmpuint(count, >, 30);
    for (unsigned at = 1; at <= count; at++) {
        struct requester_rig rig;

        requester_rig_init(&rig);
        rig.tamper = tamper;
        rig.at = at;
        if (all(&rig) == OK) {
            g_error("object %u: nothing failed", at);
        }
        g_assert_cmpstr(teeio_requester_text(rig.requester), !=, "");
        /* An honest exchange is possible afterwards. */
        rig.tamper = NULL;
        g_assert_cmpint(teeio_requester_connect(rig.requester), ==, OK);
        g_assert_cmpint(teeio_requester_open(rig.requester), ==, OK);
        requester_rig_clear(&rig);
    }
}

static size_t to_nothing(struct requester_rig *rig, uint8_t *answer, size_t len)
{
    (void)rig;
    (void)answer;
    (void)len;
    return 0;
}

static size_t cut(struct requester_rig *rig, uint8_t *answer, size_t len)
{
    (void)rig;
    len -= 4;
    answer[4] = len / 4;
    answer[5] = len / 4 >> 8;
    return len;
}

static size_t cut_without_word(struct requester_rig *rig, uint8_t *answer,
                               size_t len)
{
    (void)rig;
    (void)answer;
    return len - 4;
}

static size_t to_header(struct requester_rig *rig, uint8_t *answer, size_t len)
{
    (void)rig;
    (void)len;
    answer[4] = 2;
    answer[5] = 0;
    return 8;
}

static size_t other_type(struct requester_rig *rig, uint8_t *answer, size_t len)
{
    (void)rig;
    answer[2] ^= 3;
    return len;
}

static size_t to_noise(struct requester_rig *rig, uint8_t *answer, size_t len)
{
    for (size_t i = 8; i < len; i++) {
        answer[i] = g_rand_int(rig->rand);
    }
    return len;
}

static void test_lost(void)
{
    each(to_nothing);
}

static void test_cut(void)
{
    each(cut);
    each(cut_without_word);
    each(to_header);
}

static void test_other_type(void)
{
    each(other_type);
}

static void test_noise(void)
{
    each(to_noise);
}

/* Each answer is the one that came before it. */
static size_t replay(struct requester_rig *rig, uint8_t *answer, size_t len)
{
    uint8_t *now = g_memdup2(answer, len);
    size_t before = rig->kept_len;

    memcpy(answer, rig->kept, before);
    memcpy(rig->kept, now, len);
    rig->kept_len = len;
    g_free(now);
    return before;
}

static void test_replay(void)
{
    enum teeio_tdisp_state state;
    struct requester_rig rig;

    requester_rig_init(&rig);
    requester_rig_run(&rig);
    g_assert_cmpint(teeio_requester_state(rig.requester, RIG_FUNCTION, &state),
                    ==, OK);
    rig.tamper = replay;
    g_assert_cmpint(teeio_requester_state(rig.requester, RIG_FUNCTION, &state),
                    ==, TEEIO_REQUESTER_NO_ANSWER);
    requester_rig_clear(&rig);

    requester_rig_init(&rig);
    requester_rig_run(&rig);
    rig.tamper = replay;
    rig.kept_len =
        teeio_dsm_object(rig.dsm.dsm, (const uint8_t[12]){1, 0, 0, 0, 3}, 12,
                         rig.kept, sizeof(rig.kept));
    g_assert_cmpint(teeio_requester_state(rig.requester, RIG_FUNCTION, &state),
                    ==, TEEIO_REQUESTER_UNEXPECTED);
    g_assert_cmpuint(teeio_requester_session(rig.requester), ==, 0);
    requester_rig_clear(&rig);
}

/* In the kept object lies the sealed answer to the request before. */
static size_t keep(struct requester_rig *rig, uint8_t *answer, size_t len)
{
    memcpy(rig->kept, answer, len);
    rig->kept_len = len;
    return len;
}

static void test_replay_sealed(void)
{
    enum teeio_tdisp_state state;
    struct requester_rig rig;

    requester_rig_init(&rig);
    requester_rig_run(&rig);
    rig.tamper = keep;
    g_assert_cmpint(teeio_requester_state(rig.requester, RIG_FUNCTION, &state),
                    ==, OK);
    rig.tamper = replay;
    g_assert_cmpint(teeio_requester_state(rig.requester, RIG_FUNCTION, &state),
                    ==, TEEIO_REQUESTER_NOT_AUTHENTIC);
    g_assert_cmpuint(teeio_requester_session(rig.requester), ==, 0);
    requester_rig_clear(&rig);
}

/* Change byte rig->value of the object, from the end when it is negative. */
static size_t flip(struct requester_rig *rig, uint8_t *answer, size_t len)
{
    int at = rig->value;

    answer[at < 0 ? len - (size_t)-at : (size_t)at] ^= 1;
    return len;
}

/* Returns: how connecting ends when a byte of an object is another one. */
static enum teeio_requester_failure connect_with(unsigned object, int byte,
                                                 const char *text)
{
    enum teeio_requester_failure result;
    struct requester_rig rig;

    requester_rig_init(&rig);
    rig.tamper = flip;
    rig.at = object;
    rig.value = byte;
    result = teeio_requester_connect(rig.requester);
    result = result ? result : teeio_requester_open(rig.requester);
    g_assert_cmpstr(teeio_requester_text(rig.requester), ==, text);
    requester_rig_clear(&rig);
    return result;
}

/*
 * Objects: three of discovery, 4 VERSION, 5 CAPABILITIES, 6 ALGORITHMS,
 * 7 DIGESTS, 8 and on CERTIFICATE, then CHALLENGE_AUTH, KEY_EXCHANGE_RSP.
 */
static void test_signatures(void)
{
    unsigned objects;
    struct requester_rig rig;

    requester_rig_init(&rig);
    requester_rig_connect(&rig);
    objects = rig.objects;
    requester_rig_clear(&rig);

    /* The signature itself; the device's nonce; what it said before. */
    g_assert_cmpint(connect_with(objects, -3, "CHALLENGE_AUTH: bad signature"),
                    ==, TEEIO_REQUESTER_BAD_SIGNATURE);
    g_assert_cmpint(
        connect_with(objects, 8 + 4 + 48, "CHALLENGE_AUTH: bad signature"), ==,
        TEEIO_REQUESTER_BAD_SIGNATURE);
    g_assert_cmpint(connect_with(5, 8 + 5, "CHALLENGE_AUTH: bad signature"), ==,
                    TEEIO_REQUESTER_BAD_SIGNATURE);
    /* Its chain; our context that it has to echo. */
    g_assert_cmpint(connect_with(objects, 8 + 4, "CHALLENGE_AUTH: unexpected"),
                    ==, TEEIO_REQUESTER_UNEXPECTED);
    g_assert_cmpint(connect_with(objects, -99, "CHALLENGE_AUTH: unexpected"),
                    ==, TEEIO_REQUESTER_UNEXPECTED);
    g_assert_cmpint(connect_with(7, 8 + 4, "certificate chain: untrusted"), ==,
                    TEEIO_REQUESTER_UNTRUSTED);
    /* The root's digest in the chain; its length. */
    g_assert_cmpint(connect_with(8, 8 + 8 + 4, "certificate chain: untrusted"),
                    ==, TEEIO_REQUESTER_UNTRUSTED);
    /* KEY_EXCHANGE_RSP: its HMAC, its signature, its random bytes, session. */
    g_assert_cmpint(
        connect_with(objects + 1, -3, "KEY_EXCHANGE_RSP: not authentic"), ==,
        TEEIO_REQUESTER_NOT_AUTHENTIC);
    g_assert_cmpint(
        connect_with(objects + 1, -60, "KEY_EXCHANGE_RSP: bad signature"), ==,
        TEEIO_REQUESTER_BAD_SIGNATURE);
    g_assert_cmpint(
        connect_with(objects + 1, 8 + 8, "KEY_EXCHANGE_RSP: bad signature"), ==,
        TEEIO_REQUESTER_BAD_SIGNATURE);
    g_assert_cmpint(
        connect_with(objects + 1, 8 + 4, "KEY_EXCHANGE_RSP: bad signature"), ==,
        TEEIO_REQUESTER_BAD_SIGNATURE);
    /* FINISH_RSP of another session, and spoilt. */
    g_assert_cmpint(connect_with(objects + 2, 8, "FINISH_RSP: not authentic"),
                    ==, TEEIO_REQUESTER_NOT_AUTHENTIC);
    g_assert_cmpint(
        connect_with(objects + 2, 8 + 6, "FINISH_RSP: not authentic"), ==,
        TEEIO_REQUESTER_NOT_AUTHENTIC);
}

static void test_measurement_signature(void)
{
    uint8_t record[TEEIO_REQUESTER_RECORD_MAX] = {0};
    struct requester_rig rig;
    size_t size;

    requester_rig_init(&rig);
    requester_rig_connect(&rig);
    rig.tamper = flip;
    rig.value = 8 + 8 + 7;
    g_assert_cmpint(
        teeio_requester_measurements(rig.requester, true, record, &size), ==,
        TEEIO_REQUESTER_BAD_SIGNATURE);
    g_assert_cmpuint(record[0], ==, 0);
    requester_rig_clear(&rig);
}

/* SPDM ERROR Busy, so often; then the truth. */
static size_t busy(struct requester_rig *rig, uint8_t *answer, size_t len)
{
    static const uint8_t error[12] = {1, 0, 1, 0, 3, 0, 0, 0, 0, 0x7f, 3, 0};
    uint8_t version = answer[8];

    if (answer[2] != 1 || !rig->value) {
        return len;
    }
    rig->value--;
    memcpy(answer, error, sizeof(error));
    answer[8] = version;
    return sizeof(error);
}

static void test_busy(void)
{
    struct requester_rig rig;

    requester_rig_init(&rig);
    rig.tamper = busy;
    /* Nothing but GET_VERSION may be said twice without a trace in M1. */
    rig.value = 3;
    requester_rig_connect(&rig);
    rig.value = 4;
    g_assert_cmpint(teeio_requester_connect(rig.requester), ==,
                    TEEIO_REQUESTER_REFUSED);
    g_assert_cmphex(teeio_requester_detail(rig.requester), ==, 3);
    requester_rig_clear(&rig);
}

/* A mailbox whose list of protocols never ends, or is without SPDM. */
static size_t circle(struct requester_rig *rig, uint8_t *answer, size_t len)
{
    if (answer[2] == 0) {
        answer[11] = rig->value;
    }
    return len;
}

static void test_discovery(void)
{
    struct requester_rig rig;

    requester_rig_init(&rig);
    rig.tamper = circle;
    rig.value = 1;
    g_assert_cmpint(teeio_requester_connect(rig.requester), ==,
                    TEEIO_REQUESTER_MALFORMED);
    rig.value = 0;
    g_assert_cmpint(teeio_requester_connect(rig.requester), ==,
                    TEEIO_REQUESTER_UNSUPPORTED);
    requester_rig_clear(&rig);
}

static void test_report_parse(void)
{
    static const struct {
        size_t at;
        uint8_t value;
    } spoils[] = {{0, 0x20}, {1, 0x80},  {12, 3}, {15, 1}, {23, 1},
                  {24, 0},   {28, 0x10}, {29, 1}, {48, 3}, {50, 1}};
    static const uint8_t good[] = {
        2, 0, 0, 0, 0,   0,  0, 0, 0, 0, 0, 0, 2, 0, 0, 0, /* head */
        0, 0, 0, 0, 0,   0,  0, 0, 4, 0, 0, 0, 0, 0, 0, 0, /* range 0 */
        9, 0, 0, 0, 0,   0,  0, 0, 1, 0, 0, 0, 1, 0, 2, 0, /* range 1 */
        2, 0, 0, 0, 'x', 'y'};
    struct teeio_requester_report report;

    memcpy(report.bytes, good, sizeof(good));
    report.size = sizeof(good);
    g_assert_true(teeio_requester_report_parse(&report));
    g_assert_cmpuint(report.ranges[1].page, ==, 9);
    g_assert_cmpuint(report.ranges[1].id, ==, 2);
    for (report.size = 0; report.size < sizeof(good); report.size++) {
        g_assert_false(teeio_requester_report_parse(&report));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(spoils); i++) {
        memcpy(report.bytes, good, sizeof(good));
        report.bytes[spoils[i].at] = spoils[i].value;
        if (teeio_requester_report_parse(&report)) {
            g_error("byte %zu: taken", spoils[i].at);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/requester-hostile/lost", test_lost);
    g_test_add_func("/requester-hostile/cut", test_cut);
    g_test_add_func("/requester-hostile/other-type", test_other_type);
    g_test_add_func("/requester-hostile/noise", test_noise);
    g_test_add_func("/requester-hostile/replay", test_replay);
    g_test_add_func("/requester-hostile/replay-sealed", test_replay_sealed);
    g_test_add_func("/requester-hostile/signatures", test_signatures);
    g_test_add_func("/requester-hostile/measurements",
                    test_measurement_signature);
    g_test_add_func("/requester-hostile/busy", test_busy);
    g_test_add_func("/requester-hostile/discovery", test_discovery);
    g_test_add_func("/requester-hostile/report", test_report_parse);
    return g_test_run();
}
