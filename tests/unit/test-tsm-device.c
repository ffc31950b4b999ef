/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* The TSM's registers, with a device behind a DOE mailbox. */
#include <string.h>

#include "requester-rig.h"
#include "teeio/spec/tsm.h"
#include "teeio/tsm.h"

#define BUFFER (FAKE_HOST_RAM_BASE + 0x2000)

struct rig {
    struct requester_rig all;
    struct teeio_ownership *ownership;
    struct teeio_tsm *tsm;
};

static struct teeio_tsm *new_tsm_with(struct rig *rig, bool optional)
{
    struct teeio_tsm *tsm =
        teeio_tsm_new(&rig->all.dsm.fake.host, rig->ownership);
    struct teeio_tsm_device *device = teeio_tsm_add_device(
        tsm, &(struct teeio_tsm_link){requester_rig_config(&rig->all),
                                      rig->all.dsm.ide, optional});

    g_assert_nonnull(device);
    for (unsigned i = 0; i < RIG_FUNCTIONS; i++) {
        g_assert_true(teeio_tsm_attach_to(tsm, &rig->all.dsm.tdi[i], device));
    }
    return tsm;
}

static struct teeio_tsm *new_tsm(struct rig *rig)
{
    return new_tsm_with(rig, false);
}

static void rig_start(struct rig *rig)
{
    requester_rig_start(&rig->all);
    rig->ownership = teeio_ownership_new();
    g_assert_true(teeio_ownership_add_ram(rig->ownership, FAKE_HOST_RAM_BASE,
                                          FAKE_HOST_RAM_SIZE,
                                          TEEIO_OWNER_PRIVATE));
    rig->tsm = new_tsm(rig);
    teeio_tsm_write(rig->tsm, TEEIO_TSM_REG_FUNCTION, RIG_FUNCTION, 4);
    teeio_tsm_write(rig->tsm, TEEIO_TSM_REG_STREAM, RIG_STREAM, 4);
}

static void rig_init(struct rig *rig)
{
    requester_rig_make(&rig->all, NULL);
    rig_start(rig);
}

static void rig_clear(struct rig *rig)
{
    teeio_tsm_free(rig->tsm);
    teeio_ownership_free(rig->ownership);
    requester_rig_clear(&rig->all);
}

static uint32_t command(struct rig *rig, uint32_t number)
{
    teeio_tsm_write(rig->tsm, TEEIO_TSM_REG_COMMAND, number, 4);
    return teeio_tsm_read(rig->tsm, TEEIO_TSM_REG_STATUS, 4);
}

static uint32_t result(struct rig *rig)
{
    return teeio_tsm_read(rig->tsm, TEEIO_TSM_REG_RESULT, 4);
}

static uint32_t session(struct rig *rig)
{
    return teeio_requester_session(teeio_tsm_requester(rig->tsm, RIG_FUNCTION));
}

static void expect_state(struct rig *rig, uint32_t state)
{
    g_assert_cmphex(command(rig, TEEIO_TSM_CMD_GET_STATE), ==, 0);
    g_assert_cmphex(result(rig), ==, state);
}

static void run(struct rig *rig)
{
    g_assert_cmphex(command(rig, TEEIO_TSM_CMD_LOCK), ==, 0);
    g_assert_cmphex(command(rig, TEEIO_TSM_CMD_START), ==, 0);
    g_assert_cmpint(rig->all.dsm.tdi[0].state, ==, TEEIO_TDISP_RUN);
}

/* A guest that knows version 1 alone: four commands, nothing before them. */
static void test_short(void)
{
    struct rig rig;

    rig_init(&rig);
    expect_state(&rig, TEEIO_TDISP_CONFIG_UNLOCKED);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_START), ==,
                    TEEIO_TDISP_INVALID_INTERFACE_STATE);
    run(&rig);
    g_assert_cmphex(rig.all.dsm.tdi[0].lock.session, ==, session(&rig));
    g_assert_false(rig.all.dsm.tdi[0].lock.local);
    g_assert_true(rig.all.dsm.tdi[0].bound);
    expect_state(&rig, TEEIO_TDISP_RUN);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_LOCK), ==,
                    TEEIO_TDISP_INVALID_INTERFACE_STATE);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_STOP), ==, 0);
    run(&rig);
    rig_clear(&rig);
}

static void test_operands(void)
{
    struct rig rig;

    rig_init(&rig);
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_FLAGS, 0x10004, 4);
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_OFFSET, 0x123456789000, 8);
    run(&rig);
    g_assert_cmphex(rig.all.dsm.tdi[0].lock.flags, ==, 4);
    g_assert_cmphex(rig.all.dsm.tdi[0].lock.offset, ==, 0x123456789000);
    g_assert_cmphex(rig.all.dsm.tdi[0].lock.stream, ==, RIG_STREAM);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_STOP), ==, 0);
    /* Not a whole page. */
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_OFFSET, 0x800, 8);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_LOCK), ==,
                    TEEIO_TDISP_INVALID_REQUEST);
    /* A port that the device does not have, a stream that nobody named. */
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_PORT, 1, 4);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_IDE_SETUP), ==,
                    TEEIO_TSM_STATUS_REFUSED);
    g_assert_cmphex(result(&rig), ==, 7);
    rig_clear(&rig);
}

/* A block that nobody has enabled becomes the stream that is asked for. */
static void test_enable(void)
{
    struct dsm_rig *dsm;
    struct rig rig;

    rig_init(&rig);
    dsm = &rig.all.dsm;
    for (unsigned i = 0; i < 2; i++) {
        teeio_ide_write(dsm->ide,
                        dsm_rig_register(dsm, i, TEEIO_IDE_SEL_CONTROL), 0, 4);
    }
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_STREAM, 0x55, 4);
    run(&rig);
    g_assert_true(teeio_ide_secure(dsm->ide, 0x55));
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_STREAM, 0x66, 4);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_IDE_SETUP), ==, 0);
    g_assert_true(teeio_ide_secure(dsm->ide, 0x66));
    g_assert_cmpint(dsm->tdi[0].state, ==, TEEIO_TDISP_RUN);
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_STREAM, 0x77, 4);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_IDE_SETUP), ==, 0);
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_STREAM, 0x78, 4);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_IDE_SETUP), ==,
                    TEEIO_TSM_STATUS_KEY_REFUSED);
    g_assert_cmphex(result(&rig), ==, TEEIO_IDE_KM_BAD_VALUE);
    /* The stream that is bound loses its keys. */
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_STREAM, 0x55, 4);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_IDE_STOP), ==, 0);
    expect_state(&rig, TEEIO_TDISP_ERROR);
    rig_clear(&rig);
}

static void give(struct rig *rig, uint64_t address, uint64_t length)
{
    teeio_tsm_write(rig->tsm, TEEIO_TSM_REG_ADDRESS, address, 8);
    teeio_tsm_write(rig->tsm, TEEIO_TSM_REG_LENGTH, length, 8);
}

static void test_data(void)
{
    uint8_t expected[TEEIO_REPORT_MAX];
    struct rig rig;
    uint8_t *buffer;
    size_t size;

    rig_init(&rig);
    buffer = fake_host_ptr(&rig.all.dsm.fake, BUFFER);
    run(&rig);
    give(&rig, 0, 0);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_REPORT), ==, 0);
    teeio_interface_report(&rig.all.dsm.tdi[0], expected, &size);
    g_assert_cmpuint(result(&rig), ==, size);
    give(&rig, BUFFER, 20);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_REPORT), ==, 0);
    g_assert_cmpuint(result(&rig), ==, size);
    g_assert_cmpmem(buffer, 20, expected, 20);
    g_assert_cmpuint(buffer[20], ==, 0);
    give(&rig, BUFFER, 0x1000);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_REPORT), ==, 0);
    g_assert_cmpmem(buffer, size, expected, size);

    memset(buffer, 0, 0x1000);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_MEASUREMENTS), ==, 0);
    g_assert_cmpuint(result(&rig), >, 60);
    g_assert_cmpmem(buffer + 7, 11, "qemu-teeio ", 11);
    give(&rig, 0x1000, 0x1000);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_MEASUREMENTS), ==,
                    TEEIO_TSM_STATUS_BAD_RANGE);
    give(&rig, UINT64_MAX - 4, 0x1000);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_REPORT), ==,
                    TEEIO_TSM_STATUS_BAD_RANGE);
    g_assert_cmphex(result(&rig), ==, 0);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_STOP), ==, 0);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_REPORT), ==,
                    TEEIO_TDISP_INVALID_INTERFACE_STATE);
    rig_clear(&rig);
}

static void test_connect(void)
{
    uint32_t first;
    struct rig rig;

    rig_init(&rig);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_DISCONNECT), ==, 0);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_IDE_STOP), ==,
                    TEEIO_TSM_STATUS_NOT_CONNECTED);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_CONNECT), ==, 0);
    first = session(&rig);
    g_assert_cmphex(first, !=, 0);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_CONNECT), ==, 0);
    g_assert_cmphex(session(&rig), ==, first);
    run(&rig);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_DISCONNECT), ==, 0);
    g_assert_cmphex(session(&rig), ==, 0);
    g_assert_cmpint(rig.all.dsm.tdi[0].state, ==, TEEIO_TDISP_ERROR);
    expect_state(&rig, TEEIO_TDISP_ERROR);
    rig_clear(&rig);
}

/* The device has ended the session; what can go on in a new one does. */
static void test_lost(void)
{
    struct rig rig;

    rig_init(&rig);
    run(&rig);
    teeio_dsm_flr(rig.all.dsm.dsm);
    expect_state(&rig, TEEIO_TDISP_ERROR);
    teeio_dsm_flr(rig.all.dsm.dsm);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_STOP), ==, 0);
    teeio_dsm_flr(rig.all.dsm.dsm);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_LOCK), ==, 0);
    teeio_dsm_flr(rig.all.dsm.dsm);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_START), ==,
                    TEEIO_TSM_STATUS_NO_ANSWER);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_START), ==,
                    TEEIO_TDISP_INVALID_INTERFACE_STATE);
    rig_clear(&rig);
}

/* Two functions of one device: one session, one stream, their own nonces. */
static void test_two(void)
{
    struct rig rig;
    unsigned objects;

    rig_init(&rig);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_LOCK), ==, 0);
    objects = rig.all.objects;
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_FUNCTION, RIG_FUNCTION + 1, 4);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_LOCK), ==, 0);
    g_assert_cmpuint(rig.all.objects, ==, objects + 1);
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_FUNCTION, RIG_FUNCTION, 4);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_START), ==, 0);
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_FUNCTION, RIG_FUNCTION + 1, 4);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_START), ==, 0);
    g_assert_null(teeio_tsm_requester(rig.tsm, RIG_FUNCTION + 9));
    rig_clear(&rig);
}

static void test_heartbeat(void)
{
    struct rig rig;

    requester_rig_make(&rig.all, NULL);
    rig.all.device.config.heartbeat = 3;
    rig_start(&rig);
    g_assert_cmpuint(teeio_tsm_heartbeat(rig.tsm), ==, 0);
    run(&rig);
    for (unsigned i = 0; i < 4; i++) {
        rig.all.device.now += 5000000000ull;
        g_assert_cmpuint(teeio_tsm_heartbeat(rig.tsm), ==, 3);
    }
    expect_state(&rig, TEEIO_TDISP_RUN);
    rig_clear(&rig);
}

/* Without a DOE mailbox: the four commands and the report, as ever. */
static void test_direct(void)
{
    static const uint32_t others[] = {
        TEEIO_TSM_CMD_CONNECT, TEEIO_TSM_CMD_DISCONNECT,
        TEEIO_TSM_CMD_IDE_SETUP, TEEIO_TSM_CMD_IDE_STOP,
        TEEIO_TSM_CMD_MEASUREMENTS};
    struct rig rig;

    rig_init(&rig);
    teeio_tsm_free(rig.tsm);
    rig.tsm = teeio_tsm_new(&rig.all.dsm.fake.host, rig.ownership);
    g_assert_true(teeio_tsm_attach_to(rig.tsm, &rig.all.dsm.tdi[0], NULL));
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_FUNCTION, RIG_FUNCTION, 4);
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_FLAGS, 1, 4);
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_OFFSET, 0x1000, 8);
    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
        g_assert_cmphex(command(&rig, others[i]), ==,
                        TEEIO_TSM_STATUS_NO_MAILBOX);
    }
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_REPORT), ==,
                    TEEIO_TDISP_INVALID_INTERFACE_STATE);
    run(&rig);
    g_assert_true(rig.all.dsm.tdi[0].lock.local);
    g_assert_cmphex(rig.all.dsm.tdi[0].lock.flags, ==, 1);
    g_assert_cmphex(rig.all.dsm.tdi[0].lock.offset, ==, 0x1000);
    give(&rig, BUFFER, 0x1000);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_REPORT), ==, 0);
    g_assert_cmpuint(result(&rig), >, 16);
    g_assert_cmpuint(rig.all.objects, ==, 0);
    g_assert_null(teeio_tsm_requester(rig.tsm, RIG_FUNCTION));
    rig_clear(&rig);
}

/* The mailbox is for those who begin with CONNECT. */
static void test_optional(void)
{
    struct rig rig;

    rig_init(&rig);
    teeio_tsm_free(rig.tsm);
    rig.tsm = new_tsm_with(&rig, true);
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_FUNCTION, RIG_FUNCTION, 4);
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_STREAM, RIG_STREAM, 4);
    run(&rig);
    g_assert_true(rig.all.dsm.tdi[0].lock.local);
    g_assert_cmpuint(rig.all.objects, ==, 0);
    /* A session that comes later changes nothing for a TDI that is locked. */
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_CONNECT), ==, 0);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_STOP), ==, 0);
    run(&rig);
    g_assert_false(rig.all.dsm.tdi[0].lock.local);
    g_assert_cmphex(rig.all.dsm.tdi[0].lock.session, ==, session(&rig));
    /* STOP finds a way even when the session has gone. */
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_DISCONNECT), ==, 0);
    g_assert_cmpuint(rig.all.dsm.tdi[0].state, ==, TEEIO_TDISP_ERROR);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_STOP), ==, 0);
    g_assert_cmpuint(rig.all.dsm.tdi[0].state, ==, TEEIO_TDISP_CONFIG_UNLOCKED);
    rig_clear(&rig);
}

/* A command of the host leaves no trace in what the guest sees. */
static void test_call(void)
{
    uint8_t report[1024];
    struct teeio_tsm_call call = {
        .command = TEEIO_TSM_CMD_LOCK,
        .function = RIG_FUNCTION,
        .flags = 1,
        .stream = RIG_STREAM,
        .offset = 0x1000,
    };
    struct rig rig;

    rig_init(&rig);
    teeio_tsm_write(rig.tsm, TEEIO_TSM_REG_FUNCTION, 0x1234, 4);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_STOP), ==,
                    TEEIO_TDISP_INVALID_INTERFACE);
    g_assert_cmphex(teeio_tsm_call(rig.tsm, &call), ==, 0);
    g_assert_cmphex(rig.all.dsm.tdi[0].lock.flags, ==, 1);
    g_assert_cmphex(rig.all.dsm.tdi[0].lock.offset, ==, 0x1000);
    g_assert_cmphex(teeio_tsm_call(rig.tsm, &call), ==,
                    TEEIO_TDISP_INVALID_INTERFACE_STATE);
    call.command = TEEIO_TSM_CMD_REPORT;
    g_assert_cmphex(teeio_tsm_call(rig.tsm, &call), ==, 0);
    g_assert_cmpuint(call.result, >, 16);
    memset(report, 0xee, sizeof(report));
    call.buf = report;
    call.size = 16;
    g_assert_cmphex(teeio_tsm_call(rig.tsm, &call), ==, 0);
    g_assert_cmphex(report[4], !=, 0xee);
    g_assert_cmphex(report[16], ==, 0xee);
    g_assert_cmphex(teeio_tsm_read(rig.tsm, TEEIO_TSM_REG_FUNCTION, 4), ==,
                    0x1234);
    g_assert_cmphex(teeio_tsm_read(rig.tsm, TEEIO_TSM_REG_STATUS, 4), ==,
                    TEEIO_TDISP_INVALID_INTERFACE);
    g_assert_cmphex(teeio_tsm_read(rig.tsm, TEEIO_TSM_REG_COMMAND, 4), ==,
                    TEEIO_TSM_CMD_STOP);
    g_assert_cmphex(result(&rig), ==, 0);
    rig_clear(&rig);
}

static void test_names(void)
{
    g_assert_cmpstr(teeio_tsm_status_name(0), ==, "OK");
    g_assert_cmpstr(teeio_tsm_status_name(TEEIO_TDISP_INVALID_NONCE), ==,
                    "INVALID_NONCE");
    g_assert_cmpstr(teeio_tsm_status_name(TEEIO_TSM_STATUS_NO_SESSION), ==,
                    "NO_SESSION");
    g_assert_cmpstr(teeio_tsm_status_name(0x4321), ==, "?");
}

/* A conventional reset of the machine: neither side knows of a session. */
static void test_reset(void)
{
    struct rig rig;

    rig_init(&rig);
    run(&rig);
    teeio_dsm_reset(rig.all.dsm.dsm);
    teeio_interface_reset(&rig.all.dsm.tdi[0]);
    teeio_tsm_reset(rig.tsm);
    g_assert_cmphex(session(&rig), ==, 0);
    g_assert_cmphex(teeio_tsm_read(rig.tsm, TEEIO_TSM_REG_STREAM, 4), ==, 0);
    rig_clear(&rig);
}

static void test_image(void)
{
    struct teeio_tsm *other;
    struct rig rig;
    uint8_t *image;
    size_t size;

    rig_init(&rig);
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_LOCK), ==, 0);
    size = teeio_tsm_save(rig.tsm, NULL, 0);
    image = g_malloc(size);
    g_assert_cmpuint(teeio_tsm_save(rig.tsm, image, size), ==, size);
    other = new_tsm(&rig);
    for (size_t cut = 0; cut < size; cut += 1 + cut / 8) {
        g_assert_false(teeio_tsm_load(other, image, cut));
    }
    image[size - 1] ^= 0xff;
    teeio_tsm_load(other, image, size);
    image[size - 1] ^= 0xff;
    g_assert_true(teeio_tsm_load(other, image, size));
    teeio_tsm_free(rig.tsm);
    rig.tsm = other;
    /* The session goes on, with the nonce of before. */
    g_assert_cmphex(command(&rig, TEEIO_TSM_CMD_START), ==, 0);
    expect_state(&rig, TEEIO_TDISP_RUN);

    /* A TSM without a device is another machine. */
    other = teeio_tsm_new(&rig.all.dsm.fake.host, rig.ownership);
    for (unsigned i = 0; i < RIG_FUNCTIONS; i++) {
        g_assert_true(teeio_tsm_attach_to(other, &rig.all.dsm.tdi[i], NULL));
    }
    g_assert_false(teeio_tsm_load(other, image, size));
    teeio_tsm_free(other);
    g_free(image);
    rig_clear(&rig);
}

static void test_limits(void)
{
    struct teeio_tsm_link link;
    struct rig rig;

    rig_init(&rig);
    link = (struct teeio_tsm_link){requester_rig_config(&rig.all), NULL};
    for (unsigned i = 1; i < TEEIO_TSM_MAX_DEVICES; i++) {
        g_assert_nonnull(teeio_tsm_add_device(rig.tsm, &link));
    }
    g_assert_null(teeio_tsm_add_device(rig.tsm, &link));
    rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tsm-device/short", test_short);
    g_test_add_func("/tsm-device/operands", test_operands);
    g_test_add_func("/tsm-device/enable", test_enable);
    g_test_add_func("/tsm-device/data", test_data);
    g_test_add_func("/tsm-device/connect", test_connect);
    g_test_add_func("/tsm-device/lost", test_lost);
    g_test_add_func("/tsm-device/two", test_two);
    g_test_add_func("/tsm-device/heartbeat", test_heartbeat);
    g_test_add_func("/tsm-device/direct", test_direct);
    g_test_add_func("/tsm-device/optional", test_optional);
    g_test_add_func("/tsm-device/call", test_call);
    g_test_add_func("/tsm-device/names", test_names);
    g_test_add_func("/tsm-device/reset", test_reset);
    g_test_add_func("/tsm-device/image", test_image);
    g_test_add_func("/tsm-device/limits", test_limits);
    return g_test_run();
}
