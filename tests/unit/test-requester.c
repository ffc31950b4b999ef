/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* The requester with a device that does as it should. */
#include <string.h>

#include "requester-rig.h"
#include "teeio/spec/spdm.h"

#define OK TEEIO_REQUESTER_OK

static void test_life(void)
{
    const struct teeio_requester_lock lock = {
        .flags = TEEIO_TDISP_LOCK_MSIX,
        .stream = RIG_STREAM,
        .offset = 0x7000000000ull,
    };
    struct teeio_requester_tdisp_caps caps;
    struct teeio_requester_report report;
    uint8_t nonce[TEEIO_REQUESTER_NONCE];
    enum teeio_tdisp_state state;
    struct requester_rig rig;
    struct teeio_requester *r;

    requester_rig_init(&rig);
    r = rig.requester;
    requester_rig_open(&rig);
    g_assert_cmphex(teeio_requester_version(r), ==, TEEIO_SPDM_13);
    g_assert_cmpint(teeio_requester_tdisp_version(r, RIG_FUNCTION), ==, OK);
    g_assert_cmpint(teeio_requester_tdisp_capabilities(r, RIG_FUNCTION, &caps),
                    ==, OK);
    g_assert_cmpuint(caps.addr_width, ==, 52);
    g_assert_cmphex(caps.messages[0] & 0xfe, ==, 0xfe);
    g_assert_cmpint(teeio_requester_ide_setup(r, RIG_STREAM, 0), ==, OK);
    g_assert_true(teeio_requester_ide_keyed(r, RIG_STREAM));
    g_assert_true(teeio_ide_secure(rig.dsm.ide, RIG_STREAM));
    g_assert_cmpint(teeio_requester_lock(r, RIG_FUNCTION, &lock, nonce), ==,
                    OK);
    g_assert_cmphex(rig.dsm.tdi[0].lock.flags, ==, TEEIO_TDISP_LOCK_MSIX);
    g_assert_cmphex(rig.dsm.tdi[0].lock.session, ==,
                    teeio_requester_session(r));
    g_assert_cmpint(teeio_requester_state(r, RIG_FUNCTION, &state), ==, OK);
    g_assert_cmpint(state, ==, TEEIO_TDISP_CONFIG_LOCKED);

    g_assert_cmpint(teeio_requester_report(r, RIG_FUNCTION, &report), ==, OK);
    g_assert_cmphex(report.info, ==,
                    TEEIO_REPORT_WITHOUT_PASID | TEEIO_REPORT_ATS);
    g_assert_cmphex(report.msix_control, ==, 0x8001);
    g_assert_cmpuint(report.range_count, >=, 4);
    g_assert_cmphex(report.ranges[0].page, ==,
                    (RIG_BAR0 + 0x7000000000ull) >> 12);
    g_assert_cmpuint(report.ranges[0].pages, ==, 6);
    g_assert_cmpmem(report.bytes + report.specific, report.specific_size,
                    "info", 4);

    g_assert_cmpint(teeio_requester_start(r, RIG_FUNCTION, nonce), ==, OK);
    g_assert_cmpint(rig.dsm.tdi[0].state, ==, TEEIO_TDISP_RUN);
    g_assert_cmpint(teeio_requester_heartbeat(r), ==, TEEIO_REQUESTER_REFUSED);
    g_assert_cmpint(teeio_requester_stop(r, RIG_FUNCTION), ==, OK);
    g_assert_cmpint(teeio_requester_ide_stop(r, RIG_STREAM), ==, OK);
    g_assert_false(teeio_ide_secure(rig.dsm.ide, RIG_STREAM));
    g_assert_cmpint(teeio_requester_end(r), ==, OK);
    g_assert_cmpuint(teeio_requester_session(r), ==, 0);
    g_assert_cmpuint(teeio_spdm_session_count(teeio_dsm_spdm(rig.dsm.dsm)), ==,
                     0);
    /* The connection is still there; one session follows another. */
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmpint(teeio_requester_open(r), ==, OK);
        g_assert_cmpuint(teeio_spdm_session_count(teeio_dsm_spdm(rig.dsm.dsm)),
                         ==, 1);
    }
    requester_rig_clear(&rig);
}

/* The device gets a shorter report. */
static size_t shorten(struct requester_rig *rig, uint8_t *answer, size_t len)
{
    struct teeio_interface_config config = rig->dsm.tdi[0].config;

    (void)answer;
    config.report.info_size = 200;
    teeio_interface_configure(&rig->dsm.tdi[0], &config);
    return len;
}

/* A report of more than one portion; then one that changes in between. */
static void test_long_report(void)
{
    struct teeio_interface_config config = dsm_rig_config(0);
    struct teeio_requester_report report;
    struct requester_rig rig;
    unsigned before;

    requester_rig_init(&rig);
    config.report.info_size = TEEIO_REPORT_INFO_MAX;
    memset(config.report.info, 0x5a, sizeof(config.report.info));
    teeio_interface_configure(&rig.dsm.tdi[0], &config);
    requester_rig_run(&rig);
    before = rig.objects;
    g_assert_cmpint(
        teeio_requester_report(rig.requester, RIG_FUNCTION, &report), ==, OK);
    g_assert_cmpuint(rig.objects, ==, before + 2);
    g_assert_cmpuint(report.specific_size, ==, TEEIO_REPORT_INFO_MAX);
    g_assert_cmpuint(report.bytes[report.size - 1], ==, 0x5a);
    rig.tamper = shorten;
    rig.at = rig.objects + 1;
    g_assert_cmpint(
        teeio_requester_report(rig.requester, RIG_FUNCTION, &report), ==,
        TEEIO_REQUESTER_MALFORMED);
    g_assert_cmpstr(teeio_requester_text(rig.requester), ==,
                    "DEVICE_INTERFACE_REPORT: malformed");
    g_assert_cmpint(rig.dsm.tdi[0].state, ==, TEEIO_TDISP_RUN);
    requester_rig_clear(&rig);
}

static void test_algorithms(void)
{
    static const uint8_t versions[] = {0x12, 0x13};

    for (unsigned i = 0; i < G_N_ELEMENTS(versions); i++) {
        struct teeio_requester_config config;
        struct requester_rig rig;

        requester_rig_make(&rig, NULL);
        rig.device.config.transfer_size = i ? 1200 : 0;
        requester_rig_start(&rig);
        teeio_requester_free(rig.requester);
        config = requester_rig_config(&rig);
        config.max_version = versions[i];
        rig.requester = teeio_requester_new(&config);
        requester_rig_run(&rig);
        g_assert_cmphex(teeio_requester_version(rig.requester), ==,
                        versions[i]);
        requester_rig_clear(&rig);
    }
}

static void test_missing(void)
{
    static const uint32_t needed[] = {
        TEEIO_SPDM_CERT_CAP, TEEIO_SPDM_CHAL_CAP,
        TEEIO_SPDM_KEY_EX_CAP | TEEIO_SPDM_ENCRYPT_CAP | TEEIO_SPDM_MAC_CAP};
    uint8_t record[TEEIO_REQUESTER_RECORD_MAX];
    struct requester_rig rig;
    size_t size;

    for (unsigned i = 0; i < G_N_ELEMENTS(needed); i++) {
        requester_rig_make(&rig, NULL);
        rig.device.config.withheld = needed[i];
        requester_rig_start(&rig);
        g_assert_cmpint(teeio_requester_connect(rig.requester), ==,
                        TEEIO_REQUESTER_UNSUPPORTED);
        g_assert_cmpstr(teeio_requester_text(rig.requester), ==,
                        "CAPABILITIES: unsupported");
        g_assert_cmpint(teeio_requester_open(rig.requester), ==,
                        TEEIO_REQUESTER_NOT_CONNECTED);
        requester_rig_clear(&rig);
    }
    requester_rig_make(&rig, NULL);
    rig.device.config.withheld = TEEIO_SPDM_RSP_MEAS_CAP |
                                 TEEIO_SPDM_RSP_MEAS_FRESH_CAP |
                                 TEEIO_SPDM_KEY_UPD_CAP;
    requester_rig_start(&rig);
    requester_rig_open(&rig);
    g_assert_cmpint(
        teeio_requester_measurements(rig.requester, true, record, &size), ==,
        TEEIO_REQUESTER_UNSUPPORTED);
    g_assert_cmpint(teeio_requester_key_update(rig.requester, true), ==,
                    TEEIO_REQUESTER_UNSUPPORTED);
    g_assert_cmpuint(teeio_requester_session(rig.requester), !=, 0);
    requester_rig_clear(&rig);
}

static void test_root(void)
{
    static const struct teeio_spdm_identity other = {.vendor = 0x4321};
    struct teeio_requester_config config;
    struct requester_rig rig;
    struct teeio_spdm_credentials device;
    const uint8_t *chain;
    size_t first;
    size_t size;

    requester_rig_init(&rig);
    g_assert_true(teeio_spdm_identity_make(&other, &device));
    requester_rig_connect(&rig);
    chain = teeio_requester_chain(rig.requester, &size);
    g_assert_cmpmem(chain, size, rig.device.credentials.chain,
                    rig.device.credentials.chain_size);
    first = 4 + (chain[2] << 8 | chain[3]);

    /* The root that all identities share; then their leaf as a root. */
    config = requester_rig_config(&rig);
    config.root = device.chain;
    config.root_size = first;
    teeio_requester_free(rig.requester);
    rig.requester = teeio_requester_new(&config);
    requester_rig_connect(&rig);

    config.root += first;
    config.root_size = 4 + (config.root[2] << 8 | config.root[3]);
    config.root += config.root_size;
    config.root_size = device.chain + device.chain_size - config.root;
    teeio_requester_free(rig.requester);
    rig.requester = teeio_requester_new(&config);
    g_assert_cmpint(teeio_requester_connect(rig.requester), ==,
                    TEEIO_REQUESTER_UNTRUSTED);
    g_assert_false(teeio_requester_connected(rig.requester));
    g_assert_null(teeio_requester_chain(rig.requester, &size));
    requester_rig_clear(&rig);
}

static void test_broken_chain(void)
{
    struct requester_rig rig;
    uint8_t *chain;

    requester_rig_make(&rig, NULL);
    chain = rig.device.credentials.chain;
    /* The last byte of a certificate is its signature's. */
    chain[rig.device.credentials.chain_size - 1] ^= 1;
    requester_rig_start(&rig);
    g_assert_cmpint(teeio_requester_connect(rig.requester), ==,
                    TEEIO_REQUESTER_UNTRUSTED);
    requester_rig_clear(&rig);
}

static void test_measurements(void)
{
    uint8_t record[TEEIO_REQUESTER_RECORD_MAX];
    struct teeio_requester_block block;
    struct requester_rig rig;
    size_t size;

    for (unsigned in_session = 0; in_session < 2; in_session++) {
        requester_rig_init(&rig);
        requester_rig_connect(&rig);
        if (in_session) {
            requester_rig_run(&rig);
        }
        for (unsigned raw = 0; raw < 2; raw++) {
            size_t at = 0;
            unsigned count = 0;

            g_assert_cmpint(
                teeio_requester_measurements(rig.requester, raw, record, &size),
                ==, OK);
            while (teeio_requester_block(record, size, &at, &block)) {
                count++;
                g_assert_cmpuint(block.index, ==, count);
                g_assert_cmpuint(block.type, ==, count);
                g_assert_cmpint(block.raw, ==, raw);
                g_assert_true(raw || block.size == 48);
            }
            g_assert_cmpuint(at, ==, size);
            g_assert_cmpuint(count, ==, 3);
        }
        requester_rig_clear(&rig);
    }
}

static void test_keys(void)
{
    enum teeio_tdisp_state state;
    struct requester_rig rig;

    requester_rig_make(&rig, NULL);
    rig.device.config.heartbeat = 5;
    requester_rig_start(&rig);
    requester_rig_run(&rig);
    g_assert_cmpuint(teeio_requester_heartbeat_period(rig.requester), ==, 5);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpint(teeio_requester_key_update(rig.requester, i & 1), ==,
                        OK);
        g_assert_cmpint(teeio_requester_heartbeat(rig.requester), ==, OK);
        g_assert_cmpint(
            teeio_requester_state(rig.requester, RIG_FUNCTION, &state), ==, OK);
        g_assert_cmpint(state, ==, TEEIO_TDISP_RUN);
    }
    /* IDE keys change while the stream runs: the other key set. */
    g_assert_cmpint(teeio_requester_ide_setup(rig.requester, RIG_STREAM, 0), ==,
                    OK);
    g_assert_cmpint(teeio_requester_ide_setup(rig.requester, RIG_STREAM, 0), ==,
                    OK);
    g_assert_true(teeio_ide_secure(rig.dsm.ide, RIG_STREAM));
    g_assert_cmpint(rig.dsm.tdi[0].state, ==, TEEIO_TDISP_RUN);
    /* Silence ends the session on the device's side, and then on ours. */
    rig.device.now = 9000000000ull;
    g_assert_cmpint(teeio_requester_heartbeat(rig.requester), ==, OK);
    rig.device.now += 11000000000ull;
    teeio_spdm_expire(teeio_dsm_spdm(rig.dsm.dsm));
    g_assert_cmpint(rig.dsm.tdi[0].state, ==, TEEIO_TDISP_ERROR);
    g_assert_cmpint(teeio_requester_heartbeat(rig.requester), ==,
                    TEEIO_REQUESTER_NO_ANSWER);
    g_assert_cmpint(teeio_requester_heartbeat(rig.requester), ==,
                    TEEIO_REQUESTER_NO_SESSION);
    requester_rig_clear(&rig);
}

static void test_refusals(void)
{
    const struct teeio_requester_lock lock = {.stream = RIG_STREAM};
    uint8_t nonce[TEEIO_REQUESTER_NONCE] = {0};
    struct requester_rig rig;
    struct teeio_requester *r;

    requester_rig_init(&rig);
    r = rig.requester;
    g_assert_cmpint(teeio_requester_stop(r, RIG_FUNCTION), ==,
                    TEEIO_REQUESTER_NOT_CONNECTED);
    requester_rig_connect(&rig);
    g_assert_cmpint(teeio_requester_stop(r, RIG_FUNCTION), ==,
                    TEEIO_REQUESTER_NO_SESSION);
    g_assert_cmpint(teeio_requester_open(r), ==, OK);
    g_assert_cmpint(teeio_requester_lock(r, RIG_FUNCTION, &lock, nonce), ==,
                    TEEIO_REQUESTER_TDISP_ERROR);
    g_assert_cmphex(teeio_requester_detail(r), ==, TEEIO_TDISP_INVALID_REQUEST);
    g_assert_cmpstr(teeio_requester_text(r), ==,
                    "LOCK_INTERFACE_RESPONSE: TDISP error (0x1)");
    g_assert_cmpint(teeio_requester_start(r, RIG_FUNCTION, nonce), ==,
                    TEEIO_REQUESTER_TDISP_ERROR);
    g_assert_cmphex(teeio_requester_detail(r), ==,
                    TEEIO_TDISP_INVALID_INTERFACE_STATE);
    g_assert_cmpint(teeio_requester_stop(r, 0x7777), ==,
                    TEEIO_REQUESTER_TDISP_ERROR);
    g_assert_cmphex(teeio_requester_detail(r), ==,
                    TEEIO_TDISP_INVALID_INTERFACE);
    g_assert_cmpint(teeio_requester_ide_setup(r, 99, 0), ==,
                    TEEIO_REQUESTER_KEY_REFUSED);
    g_assert_cmphex(teeio_requester_detail(r), ==, TEEIO_IDE_KM_BAD_VALUE);
    g_assert_cmpint(teeio_requester_ide_setup(r, RIG_STREAM, 1), ==,
                    TEEIO_REQUESTER_REFUSED);
    /* None of that ended the session. */
    g_assert_cmpint(teeio_requester_tdisp_version(r, RIG_FUNCTION), ==, OK);
    requester_rig_clear(&rig);
}

/* Discovery of entry 0, or of a type that is not there, through registers. */
static size_t discover(struct requester_rig *rig, struct teeio_doe *doe,
                       uint8_t type, size_t size)
{
    const uint8_t object[12] = {1, 0, type, 0, 3};

    return teeio_requester_mailbox(doe, object, sizeof(object), rig->kept,
                                   size);
}

static void test_mailbox(void)
{
    struct requester_rig rig;
    struct teeio_doe *doe;

    requester_rig_init(&rig);
    doe = teeio_doe_new(&(struct teeio_doe_config){
        .host = &rig.dsm.fake.host,
        .protocols = teeio_dsm_protocols(rig.dsm.dsm),
        .delay = 3});
    g_assert_cmpuint(discover(&rig, doe, 0, sizeof(rig.kept)), ==, 12);
    g_assert_cmpmem(rig.kept + 8, 4, "\1\0\0\1", 4);
    /* What somebody left behind is no obstacle. */
    teeio_doe_write(doe, 0x10, 0x1234, 4);
    g_assert_cmpuint(discover(&rig, doe, 0, sizeof(rig.kept)), ==, 12);
    g_assert_cmpuint(discover(&rig, doe, 9, sizeof(rig.kept)), ==, 0);
    g_assert_cmpuint(discover(&rig, doe, 0, 8), ==, 0);
    g_assert_cmpuint(discover(&rig, doe, 0, 12), ==, 12);
    teeio_doe_set_delay(doe, UINT32_MAX);
    g_assert_cmpuint(discover(&rig, doe, 0, sizeof(rig.kept)), ==, 0);
    teeio_doe_free(doe);
    requester_rig_clear(&rig);
}

static void test_image(void)
{
    struct teeio_requester_config config;
    enum teeio_tdisp_state state;
    struct teeio_requester *other;
    struct requester_rig rig;
    uint8_t *image;
    size_t size;

    requester_rig_init(&rig);
    config = requester_rig_config(&rig);
    other = teeio_requester_new(&config);
    size = teeio_requester_save(rig.requester, NULL, 0);
    image = g_malloc(size);
    teeio_requester_save(rig.requester, image, size);
    g_assert_true(teeio_requester_load(other, image, size));
    g_assert_false(teeio_requester_connected(other));
    g_free(image);

    requester_rig_run(&rig);
    size = teeio_requester_save(rig.requester, NULL, 0);
    image = g_malloc(size);
    g_assert_cmpuint(teeio_requester_save(rig.requester, image, size), ==,
                     size);
    for (size_t cut = 0; cut < size; cut += 1 + cut / 8) {
        g_assert_false(teeio_requester_load(other, image, cut));
    }
    /* Tag, version, algorithms: none can be another. */
    for (unsigned i = 0; i < 30; i++) {
        if (i < 10 || i >= 18) {
            image[i] ^= 0x80;
            g_assert_false(teeio_requester_load(other, image, size));
            image[i] ^= 0x80;
        }
    }
    g_assert_true(teeio_requester_load(other, image, size));
    g_assert_cmphex(teeio_requester_session(other), ==,
                    teeio_requester_session(rig.requester));
    g_assert_true(teeio_requester_ide_keyed(other, RIG_STREAM));
    g_assert_cmpint(teeio_requester_state(other, RIG_FUNCTION, &state), ==, OK);
    g_assert_cmpint(state, ==, TEEIO_TDISP_RUN);
    /* Its twin is out of step now. */
    g_assert_cmpint(teeio_requester_state(rig.requester, RIG_FUNCTION, &state),
                    ==, TEEIO_REQUESTER_NO_ANSWER);
    teeio_requester_reset(other);
    g_assert_false(teeio_requester_connected(other));
    teeio_requester_free(other);
    g_free(image);
    requester_rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/requester/life", test_life);
    g_test_add_func("/requester/long-report", test_long_report);
    g_test_add_func("/requester/algorithms", test_algorithms);
    g_test_add_func("/requester/missing", test_missing);
    g_test_add_func("/requester/root", test_root);
    g_test_add_func("/requester/broken-chain", test_broken_chain);
    g_test_add_func("/requester/measurements", test_measurements);
    g_test_add_func("/requester/keys", test_keys);
    g_test_add_func("/requester/refusals", test_refusals);
    g_test_add_func("/requester/mailbox", test_mailbox);
    g_test_add_func("/requester/image", test_image);
    return g_test_run();
}
