/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "smmu-rig.h"
#include "teeio/fabric.h"
#include "teeio/spec/testdev.h"
#include "teeio/testdev.h"

#define OK         TEEIO_TESTDEV_RESULT_OK
#define BAD_LEN    TEEIO_TESTDEV_RESULT_BAD_LEN
#define TX_FAIL    TEEIO_TESTDEV_RESULT_TX_FAIL
#define RD_FAIL    TEEIO_TESTDEV_RESULT_RD_FAIL
#define MISMATCH   TEEIO_TESTDEV_RESULT_MISMATCH
#define NOT_ARMED  TEEIO_TESTDEV_RESULT_NOT_ARMED
#define BAD_ATTRS  TEEIO_TESTDEV_RESULT_BAD_ATTRS
#define BUSY       TEEIO_TESTDEV_RESULT_BUSY
#define IDLE       TEEIO_TESTDEV_RESULT_IDLE

#define NON_SECURE 0xau /* valid */
#define NOWHERE    0x1000ull
#define RAM_END    (FAKE_HOST_RAM_BASE + FAKE_HOST_RAM_SIZE)
#define UNMAPPED   RIG_UNMAPPED
#define MAX_LENGTH TEEIO_TESTDEV_MAX_LENGTH

struct fixture {
    struct smmu_rig smmu;
    struct teeio_fabric fabric;
    struct teeio_testdev *testdev;
};

struct dma {
    const char *name;
    uint64_t gva;
    uint64_t gpa;
    uint32_t length;
    uint32_t attrs;
    uint32_t result;
};

static void set_up(struct fixture *f, const void *data)
{
    (void)data;
    memset(f, 0, sizeof(*f));
    smmu_rig_init(&f->smmu, TEEIO_T_UNIFIED, 6);
    smmu_rig_share(&f->smmu, RIG_DATA);
    smmu_rig_share(&f->smmu, RIG_DATA + 0x1000);
    smmu_rig_enable(&f->smmu, 4);
    f->fabric.host = &f->smmu.fake.host;
    f->fabric.iommu = teeio_smmuv3_iommu(f->smmu.smmu);
    f->fabric.ownership = f->smmu.ownership;
    f->testdev = teeio_testdev_new(&f->smmu.fake.host, &f->fabric);
    teeio_testdev_set_config(f->testdev, RIG_SID, true);
}

static void tear_down(struct fixture *f, const void *data)
{
    (void)data;
    teeio_testdev_free(f->testdev);
    smmu_rig_clear(&f->smmu);
}

static uint32_t get(struct fixture *f, uint32_t offset)
{
    return teeio_testdev_read(f->testdev, offset, 4);
}

static void set(struct fixture *f, uint32_t offset, uint32_t value)
{
    teeio_testdev_write(f->testdev, offset, value, 4);
}

static void prepare(struct fixture *f, const struct dma *dma)
{
    set(f, TEEIO_TESTDEV_REG_GVA_LO, dma->gva);
    set(f, TEEIO_TESTDEV_REG_GVA_HI, dma->gva >> 32);
    set(f, TEEIO_TESTDEV_REG_GPA_LO, dma->gpa);
    set(f, TEEIO_TESTDEV_REG_GPA_HI, dma->gpa >> 32);
    set(f, TEEIO_TESTDEV_REG_LEN, dma->length);
    set(f, TEEIO_TESTDEV_REG_ATTRS, dma->attrs);
}

static uint32_t trigger(struct fixture *f)
{
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_TRIGGERING), ==, 0);
    return get(f, TEEIO_TESTDEV_REG_RESULT);
}

static uint32_t run(struct fixture *f, const struct dma *dma)
{
    prepare(f, dma);
    set(f, TEEIO_TESTDEV_REG_DBELL, TEEIO_TESTDEV_DBELL_ARM);
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_RESULT), ==, BUSY);
    return trigger(f);
}

static unsigned sent(struct fixture *f)
{
    return fake_host_count(&f->smmu.fake, TEEIO_EVENT_TLP);
}

static const struct dma word = {"word", RIG_RW, RIG_DATA, 4, NON_SECURE, OK};

static const struct dma results[] = {
    {"byte", RIG_RW, RIG_DATA, 1, NON_SECURE, OK},
    {"unaligned", RIG_RW + 3, RIG_DATA + 3, 13, NON_SECURE, OK},
    {"page", RIG_RW, RIG_DATA, 0x1000, NON_SECURE, OK},
    {"elsewhere", RIG_RW, RIG_DATA + 0x100, 4, NON_SECURE, MISMATCH},
    {"unmapped", UNMAPPED, RIG_DATA, 4, NON_SECURE, TX_FAIL},
    {"read-only", RIG_RO, RIG_DATA + 0x1000, 4, NON_SECURE, TX_FAIL},
    {"second-page", RIG_RW + 0xffe, RIG_DATA + 0xffe, 4, NON_SECURE, TX_FAIL},
    {"private", RIG_2M, RIG_BLOCK, 4, NON_SECURE, TX_FAIL},
    {"unmapped-nowhere", UNMAPPED, NOWHERE, 4, NON_SECURE, TX_FAIL},
    {"read-nowhere", RIG_RW, NOWHERE, 4, NON_SECURE, RD_FAIL},
    {"read-half", RIG_RW, RAM_END - 4, 8, NON_SECURE, RD_FAIL},
    {"length-0", RIG_RW, RIG_DATA, 0, NON_SECURE, BAD_LEN},
    {"too-long", RIG_RW, RIG_DATA, MAX_LENGTH + 1, NON_SECURE, BAD_LEN},
    {"longest", RIG_RW, RIG_DATA, UINT32_MAX, NON_SECURE, BAD_LEN},
    {"gva-wraps", UINT64_MAX - 2, RIG_DATA, 4, NON_SECURE, BAD_LEN},
    {"gva-at-end", UINT64_MAX - 3, RIG_DATA, 4, NON_SECURE, TX_FAIL},
    {"gpa-wraps", RIG_RW, UINT64_MAX - 2, 4, NON_SECURE, BAD_LEN},
    {"gpa-at-end", RIG_RW, UINT64_MAX - 3, 4, NON_SECURE, RD_FAIL},
    {"attrs-0", RIG_RW, RIG_DATA, 4, 0, OK},
    {"attrs-secure", RIG_RW, RIG_DATA, 4, 0x1, BAD_ATTRS},
    {"attrs-not-valid", RIG_RW, RIG_DATA, 4, 0x2, OK},
    {"attrs-not-valid-secure", RIG_RW, RIG_DATA, 4, 0x3, BAD_ATTRS},
    {"attrs-not-valid-realm", RIG_RW, RIG_DATA, 4, 0x6, OK},
    {"attrs-mismatch", RIG_RW, RIG_DATA, 4, 0x8, BAD_ATTRS},
    {"attrs-space-secure", RIG_RW, RIG_DATA, 4, 0x9, BAD_ATTRS},
    {"attrs-other-mismatch", RIG_RW, RIG_DATA, 4, 0xb, BAD_ATTRS},
    {"attrs-root", RIG_RW, RIG_DATA, 4, 0xc, BAD_ATTRS},
    {"attrs-realm", RIG_RW, RIG_DATA, 4, 0xe, BAD_ATTRS},
    {"attrs-reserved", RIG_RW, RIG_DATA, 4, 0xfffffff0, OK},
    {"length-and-attrs", RIG_RW, RIG_DATA, 0, 0x1, BAD_LEN},
    {"attrs-and-unmapped", UNMAPPED, RIG_DATA, 4, 0x1, BAD_ATTRS},
};

static void test_results(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(results); i++) {
        struct fixture f;

        g_test_message("%s", results[i].name);
        set_up(&f, NULL);
        g_assert_cmphex(run(&f, &results[i]), ==, results[i].result);
        g_assert_cmphex(get(&f, TEEIO_TESTDEV_REG_DBELL), ==, 0);
        if (results[i].result == BAD_LEN || results[i].result == BAD_ATTRS) {
            g_assert_cmpuint(sent(&f), ==, 0);
        }
        /* Whatever came of it, the next one has to be armed again. */
        g_assert_cmphex(trigger(&f), ==, NOT_ARMED);
        g_assert_cmphex(run(&f, &word), ==, OK);
        tear_down(&f, NULL);
    }
}

static void test_bytes(struct fixture *f, gconstpointer data)
{
    static const uint8_t expected[] = {0,    0,    0x78, 0x56, 0x34,
                                       0x12, 0x78, 0x56, 0x34, 0};
    const struct dma dma = {"", RIG_RW + 2, RIG_DATA + 2, 7, 0, OK};

    (void)data;
    g_assert_cmphex(run(f, &dma), ==, OK);
    g_assert_cmpmem(fake_host_ptr(&f->smmu.fake, RIG_DATA), sizeof(expected),
                    expected, sizeof(expected));
}

/* What is not written can be there already, and then nothing is amiss. */
static void test_compares_all(struct fixture *f, gconstpointer data)
{
    const struct dma dma = {"", RIG_RW, RIG_DATA + 0x2000, 0x1000, 0, OK};
    uint8_t *there = fake_host_ptr(&f->smmu.fake, dma.gpa);

    (void)data;
    for (uint32_t i = 0; i < dma.length; i++) {
        there[i] = TEEIO_TESTDEV_PATTERN >> i % 4 * 8;
    }
    g_assert_cmphex(run(f, &dma), ==, OK);
    there[dma.length - 1] ^= 0x80;
    g_assert_cmphex(run(f, &dma), ==, MISMATCH);
}

static void test_tlp(struct fixture *f, gconstpointer data)
{
    const struct teeio_dma *dma;

    (void)data;
    g_assert_cmphex(run(f, &word), ==, OK);
    g_assert_cmpuint(sent(f), ==, 1);
    dma = &fake_host_last(&f->smmu.fake, TEEIO_EVENT_TLP)->u.dma;
    g_assert_cmpint(dma->tlp.kind, ==, TEEIO_TLP_MWR);
    g_assert_cmpint(dma->tlp.origin, ==, TEEIO_ORIGIN_TDI);
    g_assert_cmphex(dma->tlp.address, ==, RIG_RW);
    g_assert_cmpuint(dma->tlp.length, ==, 4);
    g_assert_cmphex(dma->tlp.requester, ==, RIG_SID);
    g_assert_false(dma->tlp.t || dma->tlp.xt || dma->tlp.pasid_valid);
    g_assert_cmphex(dma->xlate.output, ==, RIG_DATA);
}

static void test_longest(struct fixture *f, gconstpointer data)
{
    const struct dma dma = {"",         RIG_BLOCK + 1, RIG_BLOCK + 1,
                            MAX_LENGTH, NON_SECURE,    OK};

    (void)data;
    f->fabric.iommu = NULL;
    f->fabric.ownership = NULL;
    g_assert_cmphex(run(f, &dma), ==, OK);
    g_assert_cmpuint(sent(f), ==, MAX_LENGTH / 0x1000 + 1);
}

static void test_no_master(struct fixture *f, gconstpointer data)
{
    (void)data;
    teeio_testdev_set_config(f->testdev, RIG_SID, false);
    g_assert_cmphex(run(f, &word), ==, TX_FAIL);
    g_assert_cmpuint(sent(f), ==, 0);
}

static void test_arming(struct fixture *f, gconstpointer data)
{
    struct dma dma = word;

    (void)data;
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_RESULT), ==, IDLE);
    g_assert_cmphex(trigger(f), ==, NOT_ARMED);
    set(f, TEEIO_TESTDEV_REG_DBELL, 1);
    set(f, TEEIO_TESTDEV_REG_DBELL, 0xffffffff);
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_RESULT), ==, BUSY);
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_DBELL), ==, 1);
    set(f, TEEIO_TESTDEV_REG_DBELL, 0xfffffffe);
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_RESULT), ==, IDLE);
    g_assert_cmphex(trigger(f), ==, NOT_ARMED);

    /* Arming keeps nothing: what counts is said when it is triggered. */
    set(f, TEEIO_TESTDEV_REG_DBELL, 1);
    dma.gpa += 0x100;
    prepare(f, &dma);
    g_assert_cmphex(trigger(f), ==, MISMATCH);
    g_assert_cmpuint(sent(f), ==, 1);
}

static void test_accesses(struct fixture *f, gconstpointer data)
{
    static const struct {
        uint32_t offset;
        uint32_t value;
    } rows[] = {
        {TEEIO_TESTDEV_REG_TRIGGERING, 0},
        {TEEIO_TESTDEV_REG_GVA_LO, UINT32_MAX},
        {TEEIO_TESTDEV_REG_GVA_HI, UINT32_MAX},
        {TEEIO_TESTDEV_REG_LEN, UINT32_MAX},
        {TEEIO_TESTDEV_REG_RESULT, UINT32_MAX},
        {TEEIO_TESTDEV_REG_ATTRS, 0xf},
        {TEEIO_TESTDEV_REG_GPA_LO, UINT32_MAX},
        {TEEIO_TESTDEV_REG_GPA_HI, UINT32_MAX},
        {0x24, 0},
        {TEEIO_TESTDEV_BAR_SIZE - 4, 0},
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        set(f, rows[i].offset, UINT32_MAX);
    }
    for (size_t i = 1; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmphex(get(f, rows[i].offset), ==, rows[i].value);
    }
    prepare(f, &word);
    set(f, TEEIO_TESTDEV_REG_DBELL, 1);
    teeio_testdev_read(f->testdev, TEEIO_TESTDEV_REG_TRIGGERING, 8);
    teeio_testdev_read(f->testdev, TEEIO_TESTDEV_REG_TRIGGERING, 1);
    teeio_testdev_read(f->testdev, TEEIO_TESTDEV_REG_TRIGGERING + 2, 4);
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_RESULT), ==, BUSY);
    g_assert_cmpuint(sent(f), ==, 0);

    teeio_testdev_reset(f->testdev);
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_LEN), ==, 0);
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_RESULT), ==, IDLE);
    g_assert_cmphex(trigger(f), ==, NOT_ARMED);
}

static void test_image(struct fixture *f, gconstpointer data)
{
    uint8_t image[256];
    size_t length = teeio_testdev_save(f->testdev, NULL, 0);

    (void)data;
    g_assert_cmpuint(length, <=, sizeof(image));
    prepare(f, &word);
    set(f, TEEIO_TESTDEV_REG_DBELL, 1);
    g_assert_cmpuint(teeio_testdev_save(f->testdev, image, sizeof(image)), ==,
                     length);
    teeio_testdev_reset(f->testdev);
    g_assert_true(teeio_testdev_load(f->testdev, image, length));
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_RESULT), ==, BUSY);
    g_assert_cmphex(trigger(f), ==, OK);

    for (size_t i = 0; i < length; i++) {
        g_assert_false(teeio_testdev_load(f->testdev, image, i));
    }
    image[length] = 0;
    g_assert_false(teeio_testdev_load(f->testdev, image, length + 1));
    /* The first register cannot hold anything. */
    image[12] = 1;
    g_assert_false(teeio_testdev_load(f->testdev, image, length));
    g_assert_cmphex(get(f, TEEIO_TESTDEV_REG_RESULT), ==, OK);
}

static void add(const char *path, void (*fn)(struct fixture *, gconstpointer))
{
    g_test_add(path, struct fixture, NULL, set_up, fn, tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/testdev/results", test_results);
    add("/testdev/bytes", test_bytes);
    add("/testdev/compares-all", test_compares_all);
    add("/testdev/tlp", test_tlp);
    add("/testdev/longest", test_longest);
    add("/testdev/no-master", test_no_master);
    add("/testdev/arming", test_arming);
    add("/testdev/accesses", test_accesses);
    add("/testdev/image", test_image);
    return g_test_run();
}
