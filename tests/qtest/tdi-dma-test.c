/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The TDI's DMA engine, on a board without SMMU and TSM: addresses pass
 * unchanged, every page is shared.
 */

#include <string.h>

#include "rig.h"
#include "teeio/crc32.h"

#define HOLE 0x0a800000ull /* neither RAM nor a device on board virt */

static uint64_t reg(struct rig *rig, uint64_t offset)
{
    return rig->tdi.bar[0] + offset;
}

static void test_registers(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct teeio_qtest *qtest = rig->qtest;
    static const struct {
        uint32_t offset;
        uint32_t value;
    } rows[] = {
        {TEEIO_TDI_REG_ID, TEEIO_TDI_MAGIC},
        {TEEIO_TDI_REG_VERSION, TEEIO_TDI_VERSION},
        {TEEIO_TDI_REG_CAPS, TEEIO_TDI_RING_LOG2},
        {TEEIO_TDI_REG_STATE, 0},
        {TEEIO_TDI_REG_HEAD, 0},
        {TEEIO_TDI_REG_INT_STATUS, 0},
        {TEEIO_TDI_REG_TLPS_T0, 0},
        {TEEIO_TDI_REG_TLPS_T1, 0},
        {TEEIO_TDI_REG_REFUSED, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmphex(teeio_qtest_readl(qtest, reg(rig, rows[i].offset)), ==,
                        rows[i].value);
        teeio_qtest_writel(qtest, reg(rig, rows[i].offset), UINT32_MAX);
        g_assert_cmphex(teeio_qtest_readl(qtest, reg(rig, rows[i].offset)), ==,
                        rows[i].value);
    }
    rig_stop(rig);
}

static void test_fill(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct rig_dma dma = {
        .control = TEEIO_TDI_OP_FILL,
        .length = 0x2003,
        .dest = RIG_DATA + 0xffd,
        .pattern = 0x8877665544332211,
    };
    uint8_t bytes[0x2003 + 2];

    rig_dma(rig, &dma);
    g_assert_cmpuint(dma.status, ==, TEEIO_TDI_STATUS_OK);
    teeio_qtest_memread(rig->qtest, dma.dest - 1, bytes, sizeof(bytes));
    g_assert_cmphex(bytes[0], ==, 0);
    g_assert_cmphex(bytes[sizeof(bytes) - 1], ==, 0);
    for (size_t i = 0; i < dma.length; i++) {
        g_assert_cmphex(bytes[i + 1], ==, 0x11 * (i % 8 + 1));
    }
    /* 3 bytes, two whole pages but for those 3, and what is left. */
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t0"), ==, 3);
    rig_stop(rig);
}

static void test_copy(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct rig_dma dma = {
        .control = TEEIO_TDI_OP_COPY,
        .length = 0x1800,
        .source = RIG_DATA + 0x804,
        .dest = RIG_DATA + 0x10c01,
    };
    uint8_t out[0x1800];
    uint8_t in[sizeof(out)];

    for (size_t i = 0; i < sizeof(out); i++) {
        out[i] = (uint8_t)(i * 13 + 5);
    }
    teeio_qtest_memwrite(rig->qtest, dma.source, out, sizeof(out));
    rig_dma(rig, &dma);
    g_assert_cmpuint(dma.status, ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmphex(dma.checksum, ==, teeio_crc32(0, out, sizeof(out)));
    teeio_qtest_memread(rig->qtest, dma.dest, in, sizeof(in));
    g_assert_cmpmem(in, sizeof(in), out, sizeof(out));
    rig_stop(rig);
}

static void test_checksum(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    uint32_t checksum;

    teeio_qtest_memwrite(rig->qtest, RIG_DATA, "123456789", 9);
    g_assert_cmpuint(rig_checksum(rig, RIG_DATA, 9, 0, &checksum), ==,
                     TEEIO_TDI_STATUS_OK);
    /* The check value that every description of this CRC gives. */
    g_assert_cmphex(checksum, ==, 0xcbf43926);
    rig_stop(rig);
}

static void test_bad_descriptors(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct rig_dma bad[] = {
        {.control = 0, .length = 8},
        {.control = 4, .length = 8, .dest = RIG_DATA},
        {.control = 0xff, .length = 8, .dest = RIG_DATA},
        {.control = TEEIO_TDI_OP_FILL, .length = 0, .dest = RIG_DATA},
        {.control = TEEIO_TDI_OP_FILL,
         .length = TEEIO_TDI_MAX_LENGTH + 1,
         .dest = RIG_DATA},
        {.control = TEEIO_TDI_OP_FILL, .length = 16, .dest = UINT64_MAX - 7},
        {.control = TEEIO_TDI_OP_CHECKSUM,
         .length = 16,
         .source = UINT64_MAX - 7},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        rig_dma(rig, &bad[i]);
        g_assert_cmpuint(bad[i].status, ==, TEEIO_TDI_STATUS_BAD_DESC);
    }
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t0"), ==, 0);
    g_assert_cmpint(rig_counter(rig, "tdi", "descriptors"), ==,
                    G_N_ELEMENTS(bad));
    rig_stop(rig);
}

/* Outside RUN the device does not even try. */
static void test_not_run(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);

    g_assert_cmpuint(rig_fill(rig, RIG_DATA, 8, 1, TEEIO_TDI_DESC_T), ==,
                     TEEIO_TDI_STATUS_NOT_RUN);
    g_assert_cmpuint(rig_fill(rig, RIG_DATA, 8, 1, TEEIO_TDI_DESC_XT), ==,
                     TEEIO_TDI_STATUS_NOT_RUN);
    g_assert_true(teeio_qtest_uniform(rig->qtest, RIG_DATA, 0, 8));
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t1"), ==, 0);
    rig_stop(rig);
}

/* Reads where nothing is come back as ones, writes just vanish. */
static void test_hole(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct rig_dma dma = {
        .control = TEEIO_TDI_OP_CHECKSUM, .length = 24, .source = HOLE};

    rig_dma(rig, &dma);
    g_assert_cmpuint(dma.status, ==, TEEIO_TDI_STATUS_REFUSED);
    g_assert_cmphex(dma.failed, ==, HOLE);
    g_assert_cmphex(dma.checksum, ==, rig_uniform_crc(0xff, 24));
    g_assert_cmpuint(rig_fill(rig, HOLE, 8, 1, 0), ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmpint(rig_counter(rig, "tdi", "refused"), ==, 2);
    rig_stop(rig);
}

static void test_wrap(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);

    for (unsigned i = 0; i < 2 * TEEIO_TDI_RING_ENTRIES + 3; i++) {
        g_assert_cmpuint(rig_fill(rig, RIG_DATA, 8, (uint8_t)i, 0), ==,
                         TEEIO_TDI_STATUS_OK);
        g_assert_true(teeio_qtest_uniform(rig->qtest, RIG_DATA, (uint8_t)i, 8));
    }
    rig_stop(rig);
}

/* One doorbell for a full ring: all entries run, in order. */
static void test_full_ring(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct teeio_qtest *qtest = rig->qtest;

    for (unsigned i = 0; i < TEEIO_TDI_RING_ENTRIES; i++) {
        uint64_t entry =
            reg(rig, TEEIO_TDI_RING_OFFSET + i * TEEIO_TDI_DESC_SIZE);

        teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_CONTROL,
                           TEEIO_TDI_OP_FILL | 8ull << 32);
        teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_DEST,
                           RIG_DATA + 4 * i);
        teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_PATTERN, i);
    }
    teeio_qtest_writel(qtest, reg(rig, TEEIO_TDI_REG_TAIL),
                       TEEIO_TDI_RING_ENTRIES);
    while (teeio_qtest_readl(qtest, reg(rig, TEEIO_TDI_REG_HEAD)) !=
           TEEIO_TDI_RING_ENTRIES) {
        g_usleep(200);
    }
    for (unsigned i = 0; i < TEEIO_TDI_RING_ENTRIES; i++) {
        g_assert_cmphex(teeio_qtest_readl(qtest, RIG_DATA + 4 * i), ==, i);
    }
    rig_stop(rig);
}

static void test_bad_doorbell(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);
    struct teeio_qtest *qtest = rig->qtest;
    static const uint32_t bad[] = {TEEIO_TDI_RING_ENTRIES + 1,
                                   2 * TEEIO_TDI_RING_ENTRIES, UINT32_MAX};

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        teeio_qtest_writel(qtest, reg(rig, TEEIO_TDI_REG_TAIL), bad[i]);
        g_assert_cmphex(teeio_qtest_readl(qtest, reg(rig, TEEIO_TDI_REG_TAIL)),
                        ==, 0);
        g_assert_cmphex(
            teeio_qtest_readl(qtest, reg(rig, TEEIO_TDI_REG_INT_STATUS)), ==,
            TEEIO_TDI_INT_ERROR);
        teeio_qtest_writel(qtest, reg(rig, TEEIO_TDI_REG_INT_STATUS),
                           TEEIO_TDI_INT_ERROR);
    }
    g_assert_cmpint(rig_counter(rig, "tdi", "descriptors"), ==, 0);
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/tdi-dma/registers", test_registers);
    g_test_add_func("/tdi-dma/fill", test_fill);
    g_test_add_func("/tdi-dma/copy", test_copy);
    g_test_add_func("/tdi-dma/checksum", test_checksum);
    g_test_add_func("/tdi-dma/bad-descriptors", test_bad_descriptors);
    g_test_add_func("/tdi-dma/not-run", test_not_run);
    g_test_add_func("/tdi-dma/hole", test_hole);
    g_test_add_func("/tdi-dma/wrap", test_wrap);
    g_test_add_func("/tdi-dma/full-ring", test_full_ring);
    g_test_add_func("/tdi-dma/bad-doorbell", test_bad_doorbell);
    return g_test_run();
}
