/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* The control side of the device: ring, interrupts, TDISP, resets. */
#include <string.h>

#include "tdi-rig.h"

#define TAIL TEEIO_TDI_REG_TAIL
#define HEAD TEEIO_TDI_REG_HEAD

static const struct tdi_request fill = {TEEIO_TDI_OP_FILL, 8, 0, RIG_RAM};
static const struct tdi_request bad = {0, 8, 0, RIG_RAM};

static void test_identity(void)
{
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    g_assert_cmphex(tdi_rig_reg(&rig, TEEIO_TDI_REG_ID), ==, 0x49445454);
    g_assert_cmphex(tdi_rig_reg(&rig, TEEIO_TDI_REG_VERSION), ==, 2);
    g_assert_cmphex(tdi_rig_reg(&rig, TEEIO_TDI_REG_CAPS), ==, 6);
    g_assert_cmphex(tdi_rig_reg(&rig, TEEIO_TDI_REG_STATE), ==, 0);
    tdi_rig_clear(&rig);
}

static void test_table_sorted(void)
{
    size_t count;
    const struct teeio_reg *table = teeio_tdi_registers(&count);

    for (size_t i = 1; i < count; i++) {
        g_assert_cmphex(table[i].offset, >=,
                        table[i - 1].offset + table[i - 1].width);
    }
    g_assert_cmphex(table[count - 1].offset, <, TEEIO_TDI_RING_OFFSET);
}

/* 200 descriptors pass both the index and the wrap bit. */
static void test_ring_wrap(void)
{
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    for (unsigned i = 0; i < 200; i++) {
        g_assert_cmpuint(tdi_rig_reg(&rig, HEAD), ==, i % 128);
        g_assert_cmpuint(tdi_rig_run(&rig, &fill).status, ==,
                         TEEIO_TDI_STATUS_OK);
    }
    g_assert_cmpuint(rig.fake.wakes, ==, 200);
    g_assert_cmpuint(teeio_tdi_stats(rig.tdi).descriptors, ==, 200);
    tdi_rig_clear(&rig);
}

static void test_ring_full(void)
{
    struct tdi_rig rig;
    unsigned steps = 1;

    tdi_rig_init(&rig);
    g_assert_false(teeio_tdi_step(rig.tdi));
    for (unsigned i = 0; i < 5; i++) {
        tdi_rig_run(&rig, &fill);
    }
    for (unsigned i = 0; i < TEEIO_TDI_RING_ENTRIES; i++) {
        tdi_rig_queue(&rig, &fill);
    }
    while (teeio_tdi_step(rig.tdi)) {
        steps++;
    }
    g_assert_cmpuint(steps, ==, TEEIO_TDI_RING_ENTRIES);
    g_assert_cmpuint(tdi_rig_reg(&rig, HEAD), ==, 69);
    tdi_rig_clear(&rig);
}

static void test_bad_tail(void)
{
    static const struct {
        uint32_t tail;
        bool good;
    } cases[] = {
        {10, true}, {11, true},          {74, true},   {75, false},
        {9, false}, {127, false},        {128, false}, {138, false},
        {0, false}, {UINT32_MAX, false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint32_t tail = cases[i].good ? cases[i].tail : 10;
        struct tdi_rig rig;
        unsigned steps = 0;

        tdi_rig_init(&rig);
        for (unsigned j = 0; j < 10; j++) {
            tdi_rig_run(&rig, &fill);
        }
        teeio_tdi_write(rig.tdi, TAIL, cases[i].tail, 4);
        g_assert_cmpuint(tdi_rig_reg(&rig, TAIL), ==, tail);
        g_assert_cmphex(tdi_rig_reg(&rig, TEEIO_TDI_REG_INT_STATUS), ==,
                        cases[i].good ? 0 : TEEIO_TDI_INT_ERROR);
        while (tdi_rig_reg(&rig, HEAD) != tail) {
            g_assert_cmpuint(steps++, <, TEEIO_TDI_RING_ENTRIES);
            teeio_tdi_step(rig.tdi);
        }
        g_assert_cmpuint(steps, ==, tail - 10);
        g_assert_false(teeio_tdi_step(rig.tdi));
        tdi_rig_clear(&rig);
    }
}

static void test_ring_access(void)
{
    uint64_t at = tdi_rig_entry(3) + TEEIO_TDI_DESC_SOURCE;
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    teeio_tdi_write(rig.tdi, at, 0x1122334455667788, 8);
    g_assert_cmphex(teeio_tdi_read(rig.tdi, at, 4), ==, 0x55667788);
    g_assert_cmphex(teeio_tdi_read(rig.tdi, at + 4, 4), ==, 0x11223344);
    teeio_tdi_write(rig.tdi, at + 4, 0xaabbccdd, 4);

    /* Unaligned, odd sized or outside: nothing happens. */
    teeio_tdi_write(rig.tdi, at + 4, 0, 8);
    teeio_tdi_write(rig.tdi, at + 2, 0, 4);
    teeio_tdi_write(rig.tdi, at, 0, 1);
    teeio_tdi_write(rig.tdi, at, 0, 2);
    g_assert_cmphex(teeio_tdi_read(rig.tdi, at, 8), ==, 0xaabbccdd55667788);
    g_assert_cmphex(teeio_tdi_read(rig.tdi, at + 4, 8), ==, 0);
    teeio_tdi_write(rig.tdi, 0x2000, UINT64_MAX, 8);
    teeio_tdi_write(rig.tdi, 0xffc, UINT64_MAX, 8);
    g_assert_cmphex(teeio_tdi_read(rig.tdi, 0x2000, 8), ==, 0);
    g_assert_cmphex(teeio_tdi_read(rig.tdi, 0x1000, 8), ==, 0);
    g_assert_cmphex(teeio_tdi_read(rig.tdi, UINT64_MAX - 7, 8), ==, 0);
    tdi_rig_clear(&rig);
}

static void test_interrupts(void)
{
    static const struct tdi_request fill_irq = {
        TEEIO_TDI_OP_FILL | TEEIO_TDI_DESC_IRQ, 8, 0, RIG_RAM};
    static const struct tdi_request bad_irq = {TEEIO_TDI_DESC_IRQ, 8, 0, 0};
    static const struct {
        const struct tdi_request *req;
        uint32_t status;
    } cases[] = {{&fill, 0}, {&fill_irq, 1}, {&bad, 2}, {&bad_irq, 3}};

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (uint32_t enable = 0; enable <= 3; enable++) {
            uint32_t raised = cases[i].status & enable;
            struct tdi_rig rig;

            tdi_rig_init(&rig);
            teeio_tdi_write(rig.tdi, TEEIO_TDI_REG_INT_ENABLE, enable, 4);
            tdi_rig_run(&rig, cases[i].req);
            g_assert_cmphex(tdi_rig_reg(&rig, TEEIO_TDI_REG_INT_STATUS), ==,
                            cases[i].status);
            g_assert_cmpuint(rig.fake.raised[0], ==, raised & 1);
            g_assert_cmpuint(rig.fake.raised[1], ==, raised >> 1);
            teeio_tdi_write(rig.tdi, TEEIO_TDI_REG_INT_STATUS,
                            TEEIO_TDI_INT_ERROR, 4);
            g_assert_cmphex(tdi_rig_reg(&rig, TEEIO_TDI_REG_INT_STATUS), ==,
                            cases[i].status & TEEIO_TDI_INT_DONE);
            tdi_rig_clear(&rig);
        }
    }
}

static const struct teeio_event_tdisp *last_tdisp(struct tdi_rig *rig)
{
    return &fake_host_last(&rig->fake, TEEIO_EVENT_TDISP)->u.tdisp;
}

static void test_lifecycle(void)
{
    uint8_t nonce[TEEIO_TDI_NONCE];
    uint8_t wrong[TEEIO_TDI_NONCE];
    const struct teeio_event_tdisp *event;
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    memset(nonce, 0, sizeof(nonce));
    g_assert_cmphex(teeio_tdi_start(rig.tdi, nonce), ==,
                    TEEIO_TDISP_INVALID_INTERFACE_STATE);
    g_assert_cmphex(teeio_tdi_lock(rig.tdi, nonce), ==, TEEIO_TDISP_OK);

    /* A refused LOCK leaves the caller's nonce alone. */
    memcpy(wrong, nonce, sizeof(wrong));
    g_assert_cmphex(teeio_tdi_lock(rig.tdi, wrong), ==,
                    TEEIO_TDISP_INVALID_INTERFACE_STATE);
    g_assert_cmpmem(wrong, sizeof(wrong), nonce, sizeof(nonce));

    wrong[TEEIO_TDI_NONCE - 1] ^= 1;
    g_assert_cmphex(teeio_tdi_start(rig.tdi, wrong), ==,
                    TEEIO_TDISP_INVALID_NONCE);
    event = last_tdisp(&rig);
    g_assert_cmpint(event->input, ==, TEEIO_TDISP_START);
    g_assert_cmpint(event->from, ==, TEEIO_TDISP_CONFIG_LOCKED);
    g_assert_cmpint(event->to, ==, TEEIO_TDISP_CONFIG_LOCKED);
    g_assert_cmphex(event->error, ==, TEEIO_TDISP_INVALID_NONCE);
    g_assert_cmphex(teeio_tdi_start(rig.tdi, nonce), ==, TEEIO_TDISP_OK);
    g_assert_cmphex(tdi_rig_reg(&rig, TEEIO_TDI_REG_STATE), ==, 2);
    g_assert_cmphex(teeio_tdi_stop(rig.tdi), ==, TEEIO_TDISP_OK);
    event = last_tdisp(&rig);
    g_assert_cmphex(event->requester, ==, RIG_REQUESTER);
    g_assert_cmpint(event->from, ==, TEEIO_TDISP_RUN);
    g_assert_cmpint(event->to, ==, TEEIO_TDISP_CONFIG_UNLOCKED);
    g_assert_cmpuint(fake_host_count(&rig.fake, TEEIO_EVENT_TDISP), ==, 6);
    tdi_rig_clear(&rig);
}

/* No nonce comes twice, not even after a reset with the clock standing. */
static void test_nonces(void)
{
    GHashTable *seen = g_hash_table_new_full(
        g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    uint8_t nonce[TEEIO_TDI_NONCE];
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    for (unsigned i = 0; i < 1000; i++) {
        rig.fake.now = 0;
        g_assert_cmphex(teeio_tdi_lock(rig.tdi, nonce), ==, TEEIO_TDISP_OK);
        g_assert_true(
            g_hash_table_add(seen, g_bytes_new(nonce, sizeof(nonce))));
        if (i % 2) {
            teeio_tdi_stop(rig.tdi);
        } else {
            teeio_tdi_reset(rig.tdi);
        }
    }
    g_hash_table_unref(seen);
    tdi_rig_clear(&rig);
}

static void test_config_change(void)
{
    static const struct {
        unsigned inputs; /* 1 = locked, 2 = started as well */
        bool bus_master;
        uint64_t digest;
        uint16_t requester;
        const char *cause; /* NULL: nothing happens */
    } cases[] = {
        {0, false, RIG_DIGEST + 1, RIG_REQUESTER, NULL},
        {1, true, RIG_DIGEST, RIG_REQUESTER, NULL},
        {2, true, RIG_DIGEST, 0x0100, "requester id"},
        {1, false, RIG_DIGEST, RIG_REQUESTER, "bus master enable"},
        {2, false, RIG_DIGEST, RIG_REQUESTER, "bus master enable"},
        {1, true, 0, RIG_REQUESTER, "BAR or memory space enable"},
        {2, true, 0, RIG_REQUESTER, "BAR or memory space enable"},
        {2, false, 0, RIG_REQUESTER, "bus master enable"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t nonce[TEEIO_TDI_NONCE];
        const struct teeio_event_tdisp *event;
        unsigned hit = cases[i].cause != NULL;
        struct tdi_rig rig;

        tdi_rig_init(&rig);
        teeio_tdi_write(rig.tdi, TEEIO_TDI_REG_INT_ENABLE, 3, 4);
        if (cases[i].inputs >= 1) {
            teeio_tdi_lock(rig.tdi, nonce);
        }
        if (cases[i].inputs >= 2) {
            teeio_tdi_start(rig.tdi, nonce);
        }
        for (unsigned repeat = 0; repeat < 2; repeat++) {
            teeio_tdi_set_config(rig.tdi, cases[i].requester,
                                 cases[i].bus_master, cases[i].digest);
            g_assert_cmpint(teeio_tdi_state(rig.tdi), ==,
                            hit ? TEEIO_TDISP_ERROR : cases[i].inputs);
            g_assert_cmpuint(rig.fake.raised[1], ==, hit);
            g_assert_cmpuint(fake_host_count(&rig.fake, TEEIO_EVENT_TDISP), ==,
                             cases[i].inputs + hit);
        }
        g_assert_cmphex(teeio_tdi_requester(rig.tdi), ==, cases[i].requester);
        if (hit) {
            event = last_tdisp(&rig);
            g_assert_cmpstr(event->cause, ==, cases[i].cause);
            g_assert_cmpint(event->input, ==, TEEIO_TDISP_CONFIG_CHANGE);
            g_assert_cmpint(event->from, ==, cases[i].inputs);
            g_assert_cmpint(event->to, ==, TEEIO_TDISP_ERROR);
            g_assert_cmphex(event->error, ==, TEEIO_TDISP_OK);
            g_assert_cmphex(teeio_tdi_stop(rig.tdi), ==, TEEIO_TDISP_OK);
        }
        tdi_rig_clear(&rig);
    }
}

static void test_engine_reset(void)
{
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    tdi_rig_start(&rig);
    teeio_tdi_write(rig.tdi, TEEIO_TDI_REG_INT_ENABLE, 3, 4);
    tdi_rig_run(&rig, &bad);
    tdi_rig_queue(&rig, &fill);
    teeio_tdi_write(rig.tdi, TEEIO_TDI_REG_CONTROL, TEEIO_TDI_CONTROL_RESET, 4);
    g_assert_false(teeio_tdi_step(rig.tdi));
    for (uint32_t offset = TEEIO_TDI_REG_CONTROL;
         offset <= TEEIO_TDI_REG_INT_ENABLE; offset += 4) {
        g_assert_cmphex(tdi_rig_reg(&rig, offset), ==, 0);
    }
    g_assert_cmphex(tdi_rig_reg(&rig, tdi_rig_entry(0)), ==, 0);
    g_assert_cmphex(tdi_rig_reg(&rig, tdi_rig_entry(1)), ==, 0);
    g_assert_cmpint(teeio_tdi_state(rig.tdi), ==, TEEIO_TDISP_RUN);
    g_assert_cmpuint(tdi_rig_run(&rig, &fill).status, ==, TEEIO_TDI_STATUS_OK);
    tdi_rig_clear(&rig);
}

static void test_reset(void)
{
    const struct teeio_event_tdisp *event;
    struct teeio_tdi_stats stats;
    struct tdi_rig rig;

    tdi_rig_init(&rig);
    tdi_rig_start(&rig);
    tdi_rig_run(&rig, &fill);
    tdi_rig_queue(&rig, &fill);
    teeio_tdi_reset(rig.tdi);
    event = last_tdisp(&rig);
    g_assert_cmpint(event->input, ==, TEEIO_TDISP_RESET);
    g_assert_cmpint(event->from, ==, TEEIO_TDISP_RUN);
    g_assert_cmpint(event->to, ==, TEEIO_TDISP_CONFIG_UNLOCKED);
    g_assert_false(teeio_tdi_step(rig.tdi));
    stats = teeio_tdi_stats(rig.tdi);
    g_assert_cmpuint(stats.descriptors + stats.tlps[0] + stats.tlps[1], ==, 0);
    g_assert_cmpuint(teeio_tdi_read(rig.tdi, TEEIO_TDI_REG_TLPS_T0, 8), ==, 0);
    g_assert_cmpuint(tdi_rig_run(&rig, &fill).status, ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmpuint(teeio_tdi_read(rig.tdi, TEEIO_TDI_REG_TLPS_T0, 8), ==, 1);
    tdi_rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tdi-control/identity", test_identity);
    g_test_add_func("/tdi-control/table-sorted", test_table_sorted);
    g_test_add_func("/tdi-control/ring-wrap", test_ring_wrap);
    g_test_add_func("/tdi-control/ring-full", test_ring_full);
    g_test_add_func("/tdi-control/bad-tail", test_bad_tail);
    g_test_add_func("/tdi-control/ring-access", test_ring_access);
    g_test_add_func("/tdi-control/interrupts", test_interrupts);
    g_test_add_func("/tdi-control/lifecycle", test_lifecycle);
    g_test_add_func("/tdi-control/nonces", test_nonces);
    g_test_add_func("/tdi-control/config-change", test_config_change);
    g_test_add_func("/tdi-control/engine-reset", test_engine_reset);
    g_test_add_func("/tdi-control/reset", test_reset);
    return g_test_run();
}
