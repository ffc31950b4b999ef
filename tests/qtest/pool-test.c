/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Restricted DMA pools: where functions may reach, and what they are told when
 * they go elsewhere.
 */

#include <string.h>

#include "rig.h"
#include "teeio/tdisp.h"

#define PAGE    0x1000u
#define POOL    RIG_DATA
#define SIZE    "0x10000"
#define OUTSIDE (RIG_DATA + 0x100000)
#define OTHER   (RIG_DATA + 0x200000)

#define POOL_ARGS                                              \
    "-device teeio-pool,id=pool,base=0x42000000,size=" SIZE "" \
    ",policy=%s,scope=%s "

static struct rig *start(const char *policy, const char *scope,
                         const char *more)
{
    g_autofree char *args =
        g_strdup_printf(POOL_ARGS "%s", policy, scope, more);

    return rig_start(NULL, args);
}

static bool is_filled(struct rig *rig, uint64_t gpa, uint8_t value)
{
    uint8_t byte;

    teeio_qtest_memread(rig->qtest, gpa, &byte, 1);
    return byte == value;
}

/* What each policy makes of the TDI's requests, for a whole bus and by name. */
static void test_tdi(void)
{
    static const struct {
        const char *policy;
        const char *scope;
        uint32_t status;
        bool done;
        uint8_t read;
    } cases[] = {
        {"abort", "bus", TEEIO_TDI_STATUS_REFUSED, false, 0xff},
        {"poison", "all", TEEIO_TDI_STATUS_OK, false, 0xff},
        {"log", "tdi", TEEIO_TDI_STATUS_OK, true, 0x33},
        {"abort", "tdi", TEEIO_TDI_STATUS_REFUSED, false, 0xff},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct rig *rig = start(cases[i].policy, cases[i].scope, RIG_TDI_ARGS);
        uint32_t checksum = 0;

        g_test_message("case %zu", i);
        rig_fill(rig, POOL, PAGE, 0x11, 0);
        g_assert_true(is_filled(rig, POOL, 0x11));
        g_assert_true(rig_reads(rig, POOL + 0xf000, 0, PAGE, 0));
        g_assert_cmpint(rig_counter(rig, "pool", "outside"), ==, 0);
        rig_fill(rig, OUTSIDE, PAGE, 0x22, 0);
        g_assert_true(is_filled(rig, OUTSIDE, cases[i].done ? 0x22 : 0));
        rig_fill(rig, POOL + 0x10000, PAGE, 0x22, 0);
        g_assert_true(is_filled(rig, POOL + 0x10000, cases[i].done ? 0x22 : 0));
        teeio_qtest_memset(rig->qtest, OUTSIDE, 0x33, PAGE);
        g_assert_cmpuint(rig_checksum(rig, OUTSIDE, PAGE, 0, &checksum), ==,
                         cases[i].status);
        if (cases[i].status == TEEIO_TDI_STATUS_OK) {
            g_assert_cmphex(checksum, ==, rig_uniform_crc(cases[i].read, PAGE));
        }
        g_assert_cmpint(rig_counter(rig, "pool", "outside"), ==, 3);
        g_assert_cmpint(rig_counter(rig, "pool", "foreign"), ==, 0);
        rig_stop(rig);
    }
}

/* A device of QEMU's own, and a pool that is not its own. */
static void test_stock(void)
{
    static const char *const policies[] = {"abort", "poison", "log"};

    for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
        bool done = g_str_equal(policies[i], "log");
        struct rig *rig =
            start(policies[i], "edu",
                  "-device teeio-pool,id=two,base=0x42200000"
                  ",size=" SIZE ",scope=tdi " RIG_TDI_ARGS " " RIG_EDU_ARGS);

        g_test_message("%s", policies[i]);
        teeio_qtest_memset(rig->qtest, POOL, 0x44, PAGE);
        rig_edu_read(rig, POOL, PAGE / 2);
        rig_edu_write(rig, POOL + PAGE, PAGE / 2);
        g_assert_true(is_filled(rig, POOL + PAGE, 0x44));
        rig_edu_write(rig, OUTSIDE, PAGE / 2);
        g_assert_true(is_filled(rig, OUTSIDE, done ? 0x44 : 0));
        g_assert_cmpint(rig_counter(rig, "pool", "outside"), >, 0);
        /* Its pool is not whose policy counts here: the other aborts. */
        rig_edu_write(rig, OTHER, PAGE / 2);
        g_assert_true(is_filled(rig, OTHER, 0));
        g_assert_cmpint(rig_counter(rig, "two", "foreign"), >, 0);
        rig_fill(rig, OTHER, PAGE, 0x55, 0);
        g_assert_true(is_filled(rig, OTHER, 0x55));
        rig_stop(rig);
    }
}

/* Whatever the TSM was told, a pool is shared; T=1 may leave it. */
static void test_owner(void)
{
    struct rig *rig =
        start("abort", "bus", "-device teeio-tsm,id=tsm " RIG_TDI_ARGS);

    for (unsigned round = 0; round < 2; round++) {
        g_assert_cmpuint(rig_owner(rig, POOL), ==, TEEIO_TSM_OWNER_SHARED);
        g_assert_cmpuint(rig_owner(rig, OUTSIDE), ==, TEEIO_TSM_OWNER_PRIVATE);
        g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_UNSHARE, POOL, PAGE), ==,
                        0x10001);
        g_assert_cmpuint(rig_owner(rig, POOL), ==, TEEIO_TSM_OWNER_SHARED);
        teeio_qtest_qmp_ok(rig->qtest, "system_reset", NULL);
    }
    rig_stop(rig);
}

/* Each in its own place, from the end of RAM downwards. */
static void test_placement(void)
{
    struct rig *rig =
        start("abort", "bus",
              "-device teeio-pool,id=a -device teeio-pool,id=b,size=1M "
              "-device teeio-pool,id=c,base=0x43800000,size=64K "
              "-device teeio-pool,id=d,placement=dynamic");

    g_assert_cmphex(rig_counter(rig, "pool", "base"), ==, 0x42000000);
    g_assert_cmphex(rig_counter(rig, "a", "base"), ==, 0x43000000);
    g_assert_cmphex(rig_counter(rig, "a", "size"), ==, 0x800000);
    g_assert_cmphex(rig_counter(rig, "b", "base"), ==, 0x43e00000);
    g_assert_cmphex(rig_counter(rig, "c", "base"), ==, 0x43800000);
    g_assert_cmphex(rig_counter(rig, "d", "size"), ==, 0x800000);
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/pool/tdi", test_tdi);
    g_test_add_func("/pool/stock", test_stock);
    g_test_add_func("/pool/owner", test_owner);
    g_test_add_func("/pool/placement", test_placement);
    return g_test_run();
}
