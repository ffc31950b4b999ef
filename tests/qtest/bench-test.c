/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * x-teeio-dma-bench: what it reads, and what it refuses.
 */

#include "rig.h"

#define PAGE  0x1000ull
#define PAGES 3

static gint64 member(JsonObject *reply, const char *name)
{
    g_assert_true(json_object_has_member(reply, "return"));
    return json_object_get_int_member(
        json_object_get_object_member(reply, "return"), name);
}

static void test_read(void)
{
    struct rig *rig = rig_start(NULL, "-device teeio-tdi,id=tdi,addr=2");
    g_autoptr(JsonObject) reply = NULL;

    for (unsigned i = 0; i < PAGES; i++) {
        teeio_qtest_writeq(rig->qtest, RIG_DATA + i * PAGE, 0x10u << i);
    }
    reply = teeio_qtest_qmp(rig->qtest, "x-teeio-dma-bench",
                            "{\"device\": \"tdi\", \"iova\": %" G_GUINT64_FORMAT
                            ", \"pages\": %d, \"count\": 100, \"rounds\": 2}",
                            (guint64)RIG_DATA, PAGES);
    g_assert_cmphex(member(reply, "sum"), ==, 0x70);
    g_assert_cmpint(member(reply, "least-ps"), >, 0);
    g_assert_cmpint(member(reply, "median-ps"), >=, member(reply, "least-ps"));
    rig_stop(rig);
}

static void test_refusals(void)
{
    static const char *const bad[] = {
        "{}",
        "{\"device\": \"nobody\"}",
        "{\"device\": \"smmu\"}",
        "{\"device\": \"tdi\", \"pages\": 0}",
        "{\"device\": \"tdi\", \"count\": -1}",
        "{\"device\": \"tdi\", \"rounds\": 65}",
    };
    struct rig *rig = rig_start(NULL, RIG_SMMU_ARGS " " RIG_TDI_ARGS);

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(JsonObject) reply =
            teeio_qtest_qmp(rig->qtest, "x-teeio-dma-bench", "%s", bad[i]);

        g_assert_true(json_object_has_member(reply, "error"));
    }
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/bench/read", test_read);
    g_test_add_func("/bench/refusals", test_refusals);
    return g_test_run();
}
