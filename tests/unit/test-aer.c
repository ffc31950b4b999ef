/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>
#include <string.h>

#include "teeio/aer.h"
#include "teeio/spec/port.h"

#define EXPRESS 0x90u
#define AER     0x100u
#define UR      (1u << 20)
#define ACSV    (1u << 21)
#define MALF    (1u << 18)

struct fixture {
    uint8_t config[TEEIO_CONFIG_SIZE];
    struct teeio_dma dma;
};

static void put(uint8_t *config, unsigned offset, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        config[offset + i] = (uint8_t)(value >> 8 * i);
    }
}

static uint32_t get(const uint8_t *config, unsigned offset, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint32_t)config[offset + i] << 8 * i;
    }
    return value;
}

static void set_up(struct fixture *f, const void *data)
{
    (void)data;
    memset(f, 0, sizeof(*f));
    put(f->config, 0x04, 0x00100000, 4);
    put(f->config, 0x34, EXPRESS, 1);
    put(f->config, EXPRESS, 0x00420010, 4);
    put(f->config, EXPRESS + TEEIO_EXP_DEVCTL, 0x000f, 2);
    put(f->config, AER, 0x00020001, 4);
    put(f->config, AER + TEEIO_AER_UNCOR_SEVERITY, MALF, 4);
    put(f->config, AER + TEEIO_AER_COR_MASK, TEEIO_AER_ADVISORY, 4);
    f->dma.path.refusal = TEEIO_REFUSAL_UR;
    f->dma.tlp = (struct teeio_tlp){
        .kind = TEEIO_TLP_MWR,
        .address = 0x10100004,
        .length = 4,
        .requester = 0x0310,
    };
}

static uint32_t aer(struct fixture *f, unsigned offset)
{
    return get(f->config, AER + offset, 4);
}

static void expect_header(struct fixture *f, uint32_t dw0, uint32_t dw1,
                          uint32_t dw2, uint32_t dw3)
{
    g_assert_cmphex(aer(f, TEEIO_AER_HEADER), ==, dw0);
    g_assert_cmphex(aer(f, TEEIO_AER_HEADER + 4), ==, dw1);
    g_assert_cmphex(aer(f, TEEIO_AER_HEADER + 8), ==, dw2);
    g_assert_cmphex(aer(f, TEEIO_AER_HEADER + 12), ==, dw3);
}

static uint32_t devsta(struct fixture *f)
{
    return get(f->config, EXPRESS + TEEIO_EXP_DEVSTA, 2);
}

static void test_posted(struct fixture *f, const void *data)
{
    (void)data;
    g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==,
                    TEEIO_AER_ERR_NONFATAL);
    g_assert_cmphex(aer(f, TEEIO_AER_UNCOR_STATUS), ==, UR);
    g_assert_cmphex(aer(f, TEEIO_AER_COR_STATUS), ==, 0);
    g_assert_cmphex(aer(f, TEEIO_AER_CONTROL) & 0x1f, ==, 20);
    g_assert_cmphex(devsta(f), ==,
                    TEEIO_EXP_DEVSTA_NFERR | TEEIO_EXP_DEVSTA_UR);
    expect_header(f, 0x40000001, 0x0310000f, 0x10100004, 0);
}

/* The sender of a read learns of it, so it is the sender's to complain. */
static void test_advisory(struct fixture *f, const void *data)
{
    (void)data;
    f->dma.tlp.kind = TEEIO_TLP_MRD;
    g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==,
                    TEEIO_AER_NO_MESSAGE);
    g_assert_cmphex(aer(f, TEEIO_AER_COR_STATUS), ==, TEEIO_AER_ADVISORY);
    g_assert_cmphex(aer(f, TEEIO_AER_UNCOR_STATUS), ==, 0);
    g_assert_cmphex(devsta(f), ==, TEEIO_EXP_DEVSTA_COR | TEEIO_EXP_DEVSTA_UR);
    put(f->config, AER + TEEIO_AER_COR_MASK, 0, 4);
    g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==, TEEIO_AER_ERR_COR);
    g_assert_cmphex(aer(f, TEEIO_AER_UNCOR_STATUS), ==, UR);
    expect_header(f, 0x00000001, 0x0310000f, 0x10100004, 0);
}

static void test_acs(struct fixture *f, const void *data)
{
    (void)data;
    f->dma.path.refusal = TEEIO_REFUSAL_ACS;
    f->dma.tlp.at = TEEIO_AT_TRANSLATED;
    /* Not Unsupported Request: its own enable does not matter. */
    put(f->config, EXPRESS + TEEIO_EXP_DEVCTL, 0x0007, 2);
    g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==,
                    TEEIO_AER_ERR_NONFATAL);
    g_assert_cmphex(aer(f, TEEIO_AER_UNCOR_STATUS), ==, ACSV);
    g_assert_cmphex(aer(f, TEEIO_AER_CONTROL) & 0x1f, ==, 21);
    g_assert_cmphex(devsta(f), ==, TEEIO_EXP_DEVSTA_NFERR);
    expect_header(f, 0x40000801, 0x0310000f, 0x10100004, 0);
}

static void test_severity(struct fixture *f, const void *data)
{
    (void)data;
    put(f->config, AER + TEEIO_AER_UNCOR_SEVERITY, UR, 4);
    f->dma.tlp.kind = TEEIO_TLP_MRD;
    g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==, TEEIO_AER_ERR_FATAL);
    g_assert_cmphex(devsta(f), ==,
                    TEEIO_EXP_DEVSTA_FATAL | TEEIO_EXP_DEVSTA_UR);
    f->dma.path.refusal = TEEIO_REFUSAL_MALFORMED;
    f->dma.tlp.kind = TEEIO_TLP_MWR;
    g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==,
                    TEEIO_AER_ERR_NONFATAL);
    g_assert_cmphex(aer(f, TEEIO_AER_UNCOR_STATUS), ==, UR | MALF);
}

static void test_first_error(struct fixture *f, const void *data)
{
    (void)data;
    teeio_aer_log(f->config, &f->dma);
    f->dma.path.refusal = TEEIO_REFUSAL_ACS;
    f->dma.tlp.requester = 0x0400;
    teeio_aer_log(f->config, &f->dma);
    g_assert_cmphex(aer(f, TEEIO_AER_UNCOR_STATUS), ==, UR | ACSV);
    g_assert_cmphex(aer(f, TEEIO_AER_CONTROL) & 0x1f, ==, 20);
    expect_header(f, 0x40000001, 0x0310000f, 0x10100004, 0);
    /* Software has read it: the next one counts. */
    put(f->config, AER + TEEIO_AER_UNCOR_STATUS, ACSV, 4);
    teeio_aer_log(f->config, &f->dma);
    g_assert_cmphex(aer(f, TEEIO_AER_CONTROL) & 0x1f, ==, 21);
    g_assert_cmphex(aer(f, TEEIO_AER_HEADER + 4), ==, 0x0400000f);
}

static void test_masked(struct fixture *f, const void *data)
{
    (void)data;
    put(f->config, AER + TEEIO_AER_UNCOR_MASK, UR, 4);
    g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==,
                    TEEIO_AER_NO_MESSAGE);
    g_assert_cmphex(aer(f, TEEIO_AER_UNCOR_STATUS), ==, UR);
    expect_header(f, 0, 0, 0, 0);
}

static void test_control(struct fixture *f, const void *data)
{
    static const struct {
        uint16_t control;
        enum teeio_aer_message message;
    } rows[] = {
        {0x0000, TEEIO_AER_NO_MESSAGE},   {0x0002, TEEIO_AER_NO_MESSAGE},
        {0x0008, TEEIO_AER_NO_MESSAGE},   {0x000d, TEEIO_AER_NO_MESSAGE},
        {0x000a, TEEIO_AER_ERR_NONFATAL},
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        put(f->config, EXPRESS + TEEIO_EXP_DEVCTL, rows[i].control, 2);
        g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==, rows[i].message);
    }
}

static void test_without(struct fixture *f, const void *data)
{
    (void)data;
    put(f->config, AER, 0, 4);
    g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==,
                    TEEIO_AER_ERR_NONFATAL);
    g_assert_cmphex(devsta(f), ==,
                    TEEIO_EXP_DEVSTA_NFERR | TEEIO_EXP_DEVSTA_UR);
    g_assert_cmphex(aer(f, TEEIO_AER_UNCOR_STATUS), ==, 0);
    put(f->config, EXPRESS, 0, 1);
    g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==,
                    TEEIO_AER_NO_MESSAGE);
}

static void test_header(void)
{
    static const struct {
        struct teeio_tlp tlp;
        uint8_t header[16];
    } rows[] = {
        /* 64-bit address: four doublewords. */
        {{.kind = TEEIO_TLP_MRD,
          .address = 0x123456789000,
          .length = 64,
          .requester = 0x0108},
         {0x20, 0, 0, 16, 0x01, 0x08, 0, 0xff, 0, 0, 0x12, 0x34, 0x56, 0x78,
          0x90, 0x00}},
        /* One byte in the middle. */
        {{.kind = TEEIO_TLP_MWR, .address = 0x1002, .length = 1},
         {0x40, 0, 0, 1, 0, 0, 0, 0x04, 0, 0, 0x10, 0x00}},
        /* Neither end aligned. */
        {{.kind = TEEIO_TLP_MWR, .address = 0x1003, .length = 6},
         {0x40, 0, 0, 3, 0, 0, 0, 0x18, 0, 0, 0x10, 0x00}},
        /* 1024 doublewords are written as 0. */
        {{.kind = TEEIO_TLP_MWR, .address = 0x1000, .length = 4096},
         {0x40, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0x10, 0x00}},
    };
    uint8_t header[16];

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        teeio_aer_header(&rows[i].tlp, header);
        g_assert_cmpmem(header, 16, rows[i].header, 16);
    }
}

static void test_root(struct fixture *f, const void *data)
{
    unsigned vector = 99;

    (void)data;
    put(f->config, AER + TEEIO_AER_ROOT_STATUS, 0x18000000, 4);
    g_assert_false(
        teeio_aer_receive(f->config, TEEIO_AER_ERR_NONFATAL, 0x310, &vector));
    g_assert_cmphex(aer(f, TEEIO_AER_ROOT_STATUS), ==, 0x18000024);
    g_assert_cmphex(aer(f, TEEIO_AER_ROOT_SOURCE), ==, 0x03100000);
    put(f->config, AER + TEEIO_AER_ROOT_COMMAND, TEEIO_AER_ROOT_NONFATAL, 4);
    g_assert_true(
        teeio_aer_receive(f->config, TEEIO_AER_ERR_NONFATAL, 0x400, &vector));
    g_assert_cmpuint(vector, ==, 3);
    g_assert_cmphex(aer(f, TEEIO_AER_ROOT_STATUS), ==, 0x1800002c);
    g_assert_cmphex(aer(f, TEEIO_AER_ROOT_SOURCE), ==, 0x03100000);
    g_assert_false(
        teeio_aer_receive(f->config, TEEIO_AER_ERR_FATAL, 0x400, &vector));
    g_assert_cmphex(aer(f, TEEIO_AER_ROOT_STATUS), ==, 0x1800006c);
    g_assert_false(
        teeio_aer_receive(f->config, TEEIO_AER_ERR_COR, 0x200, &vector));
    g_assert_cmphex(aer(f, TEEIO_AER_ROOT_STATUS), ==, 0x1800006d);
    g_assert_cmphex(aer(f, TEEIO_AER_ROOT_SOURCE), ==, 0x03100200);
    put(f->config, AER + TEEIO_AER_ROOT_COMMAND, TEEIO_AER_ROOT_COR, 4);
    g_assert_true(
        teeio_aer_receive(f->config, TEEIO_AER_ERR_COR, 0x208, &vector));
    g_assert_cmphex(aer(f, TEEIO_AER_ROOT_STATUS), ==, 0x1800006f);
    put(f->config, AER + TEEIO_AER_ROOT_STATUS, 0, 4);
    put(f->config, AER + TEEIO_AER_ROOT_COMMAND, TEEIO_AER_ROOT_FATAL, 4);
    g_assert_true(
        teeio_aer_receive(f->config, TEEIO_AER_ERR_FATAL, 0x208, &vector));
    g_assert_cmphex(aer(f, TEEIO_AER_ROOT_STATUS), ==, 0x54);
    g_assert_false(
        teeio_aer_receive(f->config, TEEIO_AER_NO_MESSAGE, 0x208, &vector));
}

/* Neither is among the errors that are advisory when a read meets them. */
static void test_ide(struct fixture *f, const void *data)
{
    static const struct {
        enum teeio_refusal refusal;
        uint32_t bit;
    } rows[] = {{TEEIO_REFUSAL_IDE, 1u << 28},
                {TEEIO_REFUSAL_MISROUTED, 1u << 29}};

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        set_up(f, data);
        f->dma.path.refusal = rows[i].refusal;
        f->dma.tlp.kind = TEEIO_TLP_MRD;
        g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==,
                        TEEIO_AER_ERR_NONFATAL);
        g_assert_cmphex(aer(f, TEEIO_AER_UNCOR_STATUS), ==, rows[i].bit);
        g_assert_cmphex(devsta(f), ==, TEEIO_EXP_DEVSTA_NFERR);
        put(f->config, AER + TEEIO_AER_UNCOR_SEVERITY, rows[i].bit, 4);
        g_assert_cmpint(teeio_aer_log(f->config, &f->dma), ==,
                        TEEIO_AER_ERR_FATAL);
    }
}

static void test_forwards(struct fixture *f, const void *data)
{
    (void)data;
    g_assert_false(teeio_aer_forwards(f->config));
    put(f->config, 0x3e, 0x0002, 2);
    g_assert_true(teeio_aer_forwards(f->config));
}

#define ADD(name, fn) \
    g_test_add("/aer/" name, struct fixture, NULL, set_up, fn, NULL)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("posted", test_posted);
    ADD("advisory", test_advisory);
    ADD("acs", test_acs);
    ADD("severity", test_severity);
    ADD("first-error", test_first_error);
    ADD("masked", test_masked);
    ADD("control", test_control);
    ADD("without", test_without);
    ADD("root", test_root);
    ADD("ide", test_ide);
    ADD("forwards", test_forwards);
    g_test_add_func("/aer/header", test_header);
    return g_test_run();
}
