/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "tdi-rig.h"
#include "teeio/spec/tsm.h"
#include "teeio/tsm.h"

#define PAGE    0x1000ull
#define PRIVATE RIG_PRIVATE

static struct teeio_tsm *rig_tsm(struct tdi_rig *rig)
{
    struct teeio_tsm *tsm;

    tdi_rig_init(rig);
    tsm = teeio_tsm_new(&rig->fake.host, rig->ownership);
    g_assert_true(teeio_tsm_attach(tsm, rig->tdi));
    return tsm;
}

static uint32_t command(struct teeio_tsm *tsm, uint32_t number)
{
    teeio_tsm_write(tsm, TEEIO_TSM_REG_COMMAND, number, 4);
    return teeio_tsm_read(tsm, TEEIO_TSM_REG_STATUS, 4);
}

static uint32_t to_tdi(struct teeio_tsm *tsm, uint32_t number)
{
    teeio_tsm_write(tsm, TEEIO_TSM_REG_FUNCTION, RIG_REQUESTER, 4);
    return command(tsm, number);
}

static uint32_t on_pages(struct teeio_tsm *tsm, uint32_t number,
                         uint64_t address, uint64_t length)
{
    teeio_tsm_write(tsm, TEEIO_TSM_REG_ADDRESS, address, 8);
    teeio_tsm_write(tsm, TEEIO_TSM_REG_LENGTH, length, 8);
    return command(tsm, number);
}

static uint32_t result(struct teeio_tsm *tsm)
{
    return teeio_tsm_read(tsm, TEEIO_TSM_REG_RESULT, 4);
}

static void test_identity(void)
{
    const struct teeio_reg *table;
    struct teeio_tsm *tsm;
    struct tdi_rig rig;
    size_t count;

    tsm = rig_tsm(&rig);
    g_assert_cmphex(teeio_tsm_read(tsm, TEEIO_TSM_REG_ID, 4), ==, 0x4d535454);
    g_assert_cmphex(teeio_tsm_read(tsm, TEEIO_TSM_REG_VERSION, 4), ==, 2);
    table = teeio_tsm_registers(&count);
    for (size_t i = 1; i < count; i++) {
        g_assert_cmphex(table[i].offset, >=,
                        table[i - 1].offset + table[i - 1].width);
    }
    teeio_tsm_free(tsm);
    tdi_rig_clear(&rig);
}

/* One life of a TDI, each command with its answer and the state after it. */
static void test_tdi_commands(void)
{
    static const struct {
        uint32_t command;
        uint32_t status;
        enum teeio_tdisp_state state;
    } steps[] = {
        {TEEIO_TSM_CMD_START, 0x004, TEEIO_TDISP_CONFIG_UNLOCKED},
        {TEEIO_TSM_CMD_STOP, 0, TEEIO_TDISP_CONFIG_UNLOCKED},
        {TEEIO_TSM_CMD_LOCK, 0, TEEIO_TDISP_CONFIG_LOCKED},
        {TEEIO_TSM_CMD_LOCK, 0x004, TEEIO_TDISP_CONFIG_LOCKED},
        {TEEIO_TSM_CMD_START, 0, TEEIO_TDISP_RUN},
        {TEEIO_TSM_CMD_START, 0x004, TEEIO_TDISP_RUN},
        {TEEIO_TSM_CMD_LOCK, 0x004, TEEIO_TDISP_RUN},
        {TEEIO_TSM_CMD_STOP, 0, TEEIO_TDISP_CONFIG_UNLOCKED},
        {TEEIO_TSM_CMD_LOCK, 0, TEEIO_TDISP_CONFIG_LOCKED},
        {TEEIO_TSM_CMD_STOP, 0, TEEIO_TDISP_CONFIG_UNLOCKED},
        {TEEIO_TSM_CMD_LOCK, 0, TEEIO_TDISP_CONFIG_LOCKED},
        {TEEIO_TSM_CMD_START, 0, TEEIO_TDISP_RUN},
    };
    struct teeio_tsm *tsm;
    struct tdi_rig rig;

    tsm = rig_tsm(&rig);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_assert_cmphex(to_tdi(tsm, steps[i].command), ==, steps[i].status);
        g_assert_cmpint(teeio_tdi_state(rig.tdi), ==, steps[i].state);
        g_assert_cmphex(result(tsm), ==, 0);
        g_assert_cmphex(to_tdi(tsm, TEEIO_TSM_CMD_GET_STATE), ==, 0);
        g_assert_cmphex(result(tsm), ==, steps[i].state);
    }
    g_assert_cmpuint(teeio_tsm_stats(tsm).commands, ==,
                     2 * G_N_ELEMENTS(steps));
    g_assert_cmpuint(teeio_tsm_stats(tsm).errors, ==, 4);

    teeio_tdi_set_config(rig.tdi, RIG_REQUESTER, false, RIG_DIGEST);
    to_tdi(tsm, TEEIO_TSM_CMD_GET_STATE);
    g_assert_cmphex(result(tsm), ==, TEEIO_TDISP_ERROR);
    g_assert_cmphex(to_tdi(tsm, TEEIO_TSM_CMD_LOCK), ==, 0x004);
    g_assert_cmphex(to_tdi(tsm, TEEIO_TSM_CMD_STOP), ==, 0);
    teeio_tsm_free(tsm);
    tdi_rig_clear(&rig);
}

static void test_unknown(void)
{
    static const uint32_t commands[] = {0, 14, 0x101, UINT32_MAX};
    static const uint32_t functions[] = {0, RIG_REQUESTER + 1,
                                         RIG_REQUESTER | 0x10000,
                                         RIG_REQUESTER | 0x1000000};
    struct teeio_tsm *tsm;
    struct tdi_rig rig;

    tsm = rig_tsm(&rig);
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_assert_cmphex(to_tdi(tsm, commands[i]), ==,
                        TEEIO_TSM_STATUS_BAD_COMMAND);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++) {
        for (uint32_t j = TEEIO_TSM_CMD_LOCK; j <= TEEIO_TSM_CMD_GET_STATE;
             j++) {
            teeio_tsm_write(tsm, TEEIO_TSM_REG_FUNCTION, functions[i], 4);
            g_assert_cmphex(command(tsm, j), ==, TEEIO_TDISP_INVALID_INTERFACE);
        }
    }
    g_assert_cmpuint(teeio_tsm_stats(tsm).commands, ==, 20);
    g_assert_cmpuint(teeio_tsm_stats(tsm).errors, ==, 20);
    g_assert_cmpuint(rig.fake.events->len, ==, 0);
    teeio_tsm_free(tsm);
    tdi_rig_clear(&rig);
}

static void test_ranges(void)
{
    static const struct {
        uint64_t address;
        uint64_t length;
        bool good;
    } cases[] = {
        {PRIVATE, PAGE, true},
        {PRIVATE, 4 * PAGE, true},
        {PRIVATE - PAGE, 2 * PAGE, true},
        {RIG_RAM, FAKE_HOST_RAM_SIZE, true},
        {PRIVATE, 0, false},
        {PRIVATE + 1, PAGE, false},
        {PRIVATE, PAGE + 8, false},
        {0, PAGE, false},
        {RIG_RAM, FAKE_HOST_RAM_SIZE + PAGE, false},
        {PRIVATE, -PRIVATE, false},
        {PRIVATE, UINT64_MAX, false},
        {-PAGE, 2 * PAGE, false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (unsigned share = 0; share < 2; share++) {
            const struct teeio_event *event;
            struct teeio_tsm *tsm;
            struct tdi_rig rig;

            tsm = rig_tsm(&rig);
            g_assert_cmphex(
                on_pages(tsm,
                         share ? TEEIO_TSM_CMD_SHARE : TEEIO_TSM_CMD_UNSHARE,
                         cases[i].address, cases[i].length),
                ==, cases[i].good ? 0 : TEEIO_TSM_STATUS_BAD_RANGE);
            event = fake_host_last(&rig.fake, TEEIO_EVENT_OWNER);
            g_assert_cmpint(event != NULL, ==, cases[i].good);
            if (event) {
                enum teeio_owner owner =
                    share ? TEEIO_OWNER_SHARED : TEEIO_OWNER_PRIVATE;

                g_assert_cmphex(event->u.owner.base, ==, cases[i].address);
                g_assert_cmphex(event->u.owner.size, ==, cases[i].length);
                g_assert_cmpint(event->u.owner.owner, ==, owner);
                g_assert_cmpint(
                    teeio_ownership_get(rig.ownership, cases[i].address), ==,
                    owner);
            }
            teeio_tsm_free(tsm);
            tdi_rig_clear(&rig);
        }
    }
}

static void test_owner(void)
{
    static const struct {
        uint64_t address;
        uint32_t owner;
    } cases[] = {
        {RIG_RAM, TEEIO_TSM_OWNER_SHARED},
        {PRIVATE, TEEIO_TSM_OWNER_PRIVATE},
        {PRIVATE + 0x123, TEEIO_TSM_OWNER_PRIVATE},
        {0x1000, TEEIO_TSM_OWNER_NONE},
    };
    struct teeio_tsm *tsm;
    struct tdi_rig rig;

    tsm = rig_tsm(&rig);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmphex(on_pages(tsm, TEEIO_TSM_CMD_OWNER, cases[i].address, 0),
                        ==, 0);
        g_assert_cmphex(result(tsm), ==, cases[i].owner);
    }
    teeio_tsm_free(tsm);
    tdi_rig_clear(&rig);
}

static void test_share_then_dma(void)
{
    static const struct tdi_request read = {TEEIO_TDI_OP_CHECKSUM, PAGE,
                                            PRIVATE, 0};
    struct teeio_tsm *tsm;
    struct tdi_rig rig;

    tsm = rig_tsm(&rig);
    g_assert_cmpuint(tdi_rig_run(&rig, &read).status, ==,
                     TEEIO_TDI_STATUS_REFUSED);
    g_assert_cmphex(on_pages(tsm, TEEIO_TSM_CMD_SHARE, PRIVATE, PAGE), ==, 0);
    g_assert_cmpuint(tdi_rig_run(&rig, &read).status, ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmphex(on_pages(tsm, TEEIO_TSM_CMD_UNSHARE, PRIVATE, PAGE), ==, 0);
    g_assert_cmpuint(tdi_rig_run(&rig, &read).status, ==,
                     TEEIO_TDI_STATUS_REFUSED);
    teeio_tsm_free(tsm);
    tdi_rig_clear(&rig);
}

static void test_marker(void)
{
    struct teeio_tsm *tsm;
    struct tdi_rig rig;

    tsm = rig_tsm(&rig);
    teeio_tsm_write(tsm, TEEIO_TSM_REG_MARKER, 0x123456789abcdef0, 8);
    g_assert_cmphex(fake_host_last(&rig.fake, TEEIO_EVENT_MARKER)->u.marker, ==,
                    0x123456789abcdef0);
    teeio_tsm_write(tsm, TEEIO_TSM_REG_MARKER, 0x123456789abcdef0, 8);
    g_assert_cmpuint(fake_host_count(&rig.fake, TEEIO_EVENT_MARKER), ==, 2);
    g_assert_cmpuint(teeio_tsm_stats(tsm).commands, ==, 0);
    teeio_tsm_free(tsm);
    tdi_rig_clear(&rig);
}

static void test_read_only(void)
{
    struct teeio_tsm *tsm;
    struct tdi_rig rig;

    tsm = rig_tsm(&rig);
    command(tsm, 0);
    teeio_tsm_write(tsm, TEEIO_TSM_REG_STATUS, 0, 4);
    teeio_tsm_write(tsm, TEEIO_TSM_REG_RESULT, 7, 4);
    teeio_tsm_write(tsm, TEEIO_TSM_REG_ID, 0, 4);
    teeio_tsm_write(tsm, TEEIO_TSM_MMIO_SIZE - 8, 1, 8);
    g_assert_cmphex(teeio_tsm_read(tsm, TEEIO_TSM_REG_STATUS, 4), ==,
                    TEEIO_TSM_STATUS_BAD_COMMAND);
    g_assert_cmphex(result(tsm), ==, 0);
    g_assert_cmphex(teeio_tsm_read(tsm, TEEIO_TSM_REG_ID, 4), ==,
                    TEEIO_TSM_MAGIC);
    g_assert_cmphex(teeio_tsm_read(tsm, TEEIO_TSM_MMIO_SIZE - 8, 8), ==, 0);
    teeio_tsm_free(tsm);
    tdi_rig_clear(&rig);
}

/* The TDI resets itself; until then its nonce is one that nobody knows. */
static void test_reset(void)
{
    struct teeio_tsm *tsm;
    struct tdi_rig rig;

    tsm = rig_tsm(&rig);
    g_assert_cmphex(on_pages(tsm, TEEIO_TSM_CMD_SHARE, PRIVATE, PAGE), ==, 0);
    g_assert_cmphex(to_tdi(tsm, TEEIO_TSM_CMD_LOCK), ==, 0);
    teeio_tsm_reset(tsm);
    g_assert_cmpuint(teeio_tsm_stats(tsm).commands, ==, 0);
    g_assert_cmphex(teeio_tsm_read(tsm, TEEIO_TSM_REG_ADDRESS, 8), ==, 0);
    g_assert_cmpint(teeio_ownership_get(rig.ownership, PRIVATE), ==,
                    TEEIO_OWNER_PRIVATE);
    g_assert_cmpint(teeio_tdi_state(rig.tdi), ==, TEEIO_TDISP_CONFIG_LOCKED);
    g_assert_cmphex(to_tdi(tsm, TEEIO_TSM_CMD_START), ==,
                    TEEIO_TDISP_INVALID_NONCE);
    g_assert_cmpint(teeio_tdi_state(rig.tdi), ==, TEEIO_TDISP_CONFIG_LOCKED);
    teeio_tsm_free(tsm);
    tdi_rig_clear(&rig);
}

/* Nonces are kept apart, and the last slot is as good as the first. */
static void test_many(void)
{
    struct teeio_tdi *tdis[TEEIO_TSM_MAX_TDIS];
    struct teeio_tsm *tsm;
    struct tdi_rig rig;

    tsm = rig_tsm(&rig);
    tdis[0] = rig.tdi;
    for (unsigned i = 1; i < TEEIO_TSM_MAX_TDIS; i++) {
        tdis[i] = teeio_tdi_new(&rig.fake.host, &rig.fabric);
        teeio_tdi_set_config(tdis[i], RIG_REQUESTER + i, true, 0);
        g_assert_true(teeio_tsm_attach(tsm, tdis[i]));
    }
    g_assert_false(teeio_tsm_attach(tsm, rig.tdi));
    for (uint32_t cmd = TEEIO_TSM_CMD_LOCK; cmd <= TEEIO_TSM_CMD_START; cmd++) {
        for (unsigned i = 0; i < TEEIO_TSM_MAX_TDIS; i++) {
            teeio_tsm_write(tsm, TEEIO_TSM_REG_FUNCTION, RIG_REQUESTER + i, 4);
            g_assert_cmphex(command(tsm, cmd), ==, 0);
        }
    }
    for (unsigned i = 0; i < TEEIO_TSM_MAX_TDIS; i++) {
        g_assert_cmpint(teeio_tdi_state(tdis[i]), ==, TEEIO_TDISP_RUN);
    }
    teeio_tsm_free(tsm);
    for (unsigned i = 1; i < TEEIO_TSM_MAX_TDIS; i++) {
        teeio_tdi_free(tdis[i]);
    }
    tdi_rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tsm/identity", test_identity);
    g_test_add_func("/tsm/tdi-commands", test_tdi_commands);
    g_test_add_func("/tsm/unknown", test_unknown);
    g_test_add_func("/tsm/ranges", test_ranges);
    g_test_add_func("/tsm/owner", test_owner);
    g_test_add_func("/tsm/share-then-dma", test_share_then_dma);
    g_test_add_func("/tsm/marker", test_marker);
    g_test_add_func("/tsm/read-only", test_read_only);
    g_test_add_func("/tsm/reset", test_reset);
    g_test_add_func("/tsm/many", test_many);
    return g_test_run();
}
