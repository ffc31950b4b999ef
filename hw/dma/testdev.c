/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/testdev.h"

#include <stdlib.h>

#include "../image.h"
#include "teeio/spec/testdev.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'D', 'E', 'V')
#define IMAGE_VERSION 1

#define ATTRS                                                 \
    (TEEIO_TESTDEV_ATTRS_SECURE | TEEIO_TESTDEV_ATTRS_SPACE | \
     TEEIO_TESTDEV_ATTRS_SPACE_VALID)

#define FORGE                                                \
    (TEEIO_TESTDEV_FORGE_VALID | TEEIO_TESTDEV_FORGE_AT(3) | \
     TEEIO_TESTDEV_FORGE_REQUESTER)

enum row {
    ROW_TRIGGERING,
    ROW_GVA_LO,
    ROW_GVA_HI,
    ROW_LEN,
    ROW_RESULT,
    ROW_DBELL,
    ROW_ATTRS,
    ROW_GPA_LO,
    ROW_GPA_HI,
    ROW_FORGE,
    ROWS
};

enum hook { HOOK_NONE, HOOK_DBELL };

static const struct teeio_reg table[] = {
    [ROW_TRIGGERING] = {"DMA_TRIGGERING", TEEIO_TESTDEV_REG_TRIGGERING, 4, 0, 0,
                        0, HOOK_NONE,
                        "Reading it carries out the armed DMA, disarms it and "
                        "returns 0."},
    [ROW_GVA_LO] = {"DMA_GVA_LO", TEEIO_TESTDEV_REG_GVA_LO, 4, 0, UINT32_MAX, 0,
                    HOOK_NONE, "Bus address of the DMA, 31:0."},
    [ROW_GVA_HI] = {"DMA_GVA_HI", TEEIO_TESTDEV_REG_GVA_HI, 4, 0, UINT32_MAX, 0,
                    HOOK_NONE, "Bus address of the DMA, 63:32."},
    [ROW_LEN] = {"DMA_LEN", TEEIO_TESTDEV_REG_LEN, 4, 0, UINT32_MAX, 0,
                 HOOK_NONE, "Bytes, 1 to 0x100000."},
    [ROW_RESULT] = {"DMA_RESULT", TEEIO_TESTDEV_REG_RESULT, 4,
                    TEEIO_TESTDEV_RESULT_IDLE, UINT32_MAX, 0, HOOK_NONE,
                    "0xffffffff idle, 0xfffffffe armed, else the result of "
                    "the last DMA, as listed below."},
    [ROW_DBELL] = {"DMA_DBELL", TEEIO_TESTDEV_REG_DBELL, 4, 0,
                   TEEIO_TESTDEV_DBELL_ARM, 0, HOOK_DBELL,
                   "Bit 0: 1 arms the DMA, 0 disarms it. Reads as what is the "
                   "case."},
    [ROW_ATTRS] = {"DMA_ATTRS", TEEIO_TESTDEV_REG_ATTRS, 4, 0, ATTRS, 0,
                   HOOK_NONE,
                   "Bit 0 secure, 2:1 space (0 secure, 1 non-secure, 2 root, 3 "
                   "realm), bit 3 space valid."},
    [ROW_GPA_LO] = {"DMA_GPA_LO", TEEIO_TESTDEV_REG_GPA_LO, 4, 0, UINT32_MAX, 0,
                    HOOK_NONE,
                    "Guest physical address where the data must arrive, 31:0."},
    [ROW_GPA_HI] = {"DMA_GPA_HI", TEEIO_TESTDEV_REG_GPA_HI, 4, 0, UINT32_MAX, 0,
                    HOOK_NONE,
                    "Guest physical address where the data must arrive, "
                    "63:32."},
    [ROW_FORGE] = {"DMA_FORGE", TEEIO_TESTDEV_REG_FORGE, 4, 0, FORGE, 0,
                   HOOK_NONE,
                   "Bit 31: 1 sends with the requester id in 15:0 and the "
                   "address type in 17:16 instead of the truth. Not in QEMU's "
                   "device."},
};
_Static_assert(COUNT(table) == ROWS, "a row per register");

struct teeio_testdev {
    const struct teeio_host *host;
    struct teeio_fabric *fabric;
    struct teeio_regs regs;
    uint64_t values[ROWS];
    uint16_t requester;
    uint16_t ingress;
    bool bus_master;
    uint8_t buffer[TEEIO_TLP_BOUNDARY];
};

/**
 * struct job - one DMA, as the registers said when it was triggered
 * @gva: bus address
 * @gpa: where the data must arrive
 */
struct job {
    uint64_t gva;
    uint64_t gpa;
    uint32_t length;
};

static uint8_t pattern(uint32_t index)
{
    return TEEIO_TESTDEV_PATTERN >> index % 4 * 8;
}

static bool in_range(uint64_t address, uint32_t length)
{
    return address <= UINT64_MAX - (length - 1);
}

/* Returns: how many of @left bytes lie before the next 4 KiB boundary. */
static uint32_t piece_length(uint64_t address, uint32_t left)
{
    uint32_t room = TEEIO_TLP_BOUNDARY - address % TEEIO_TLP_BOUNDARY;

    return room < left ? room : left;
}

/* Without a valid space the access is non-secure unless it says secure. */
static bool non_secure(uint32_t attrs)
{
    return !(attrs & TEEIO_TESTDEV_ATTRS_SECURE) &&
           (!(attrs & TEEIO_TESTDEV_ATTRS_SPACE_VALID) ||
            (attrs & TEEIO_TESTDEV_ATTRS_SPACE) ==
                TEEIO_TESTDEV_ATTRS_SPACE_NONSECURE);
}

/* A translation request would be no write. */
static enum teeio_tlp_at at_of(uint32_t forge)
{
    return (forge & TEEIO_TESTDEV_FORGE_AT(3)) == TEEIO_TESTDEV_FORGE_AT(2)
               ? TEEIO_AT_TRANSLATED
               : TEEIO_AT_UNTRANSLATED;
}

/* Returns: false as soon as a TLP did not reach memory. */
static bool send(struct teeio_testdev *testdev, const struct job *job)
{
    struct teeio_tlp tlp = {
        .kind = TEEIO_TLP_MWR,
        .at = TEEIO_AT_UNTRANSLATED,
        .origin = TEEIO_ORIGIN_TDI,
        .requester = testdev->requester,
        .ingress = testdev->ingress,
    };
    uint32_t forge = testdev->values[ROW_FORGE];

    if (!testdev->bus_master) {
        /* PCIe 7.5.1.1.3: without Bus Master Enable nothing is sent. */
        return false;
    }
    if (forge & TEEIO_TESTDEV_FORGE_VALID) {
        tlp.requester = forge & TEEIO_TESTDEV_FORGE_REQUESTER;
        tlp.at = at_of(forge);
    }
    for (uint32_t done = 0; done < job->length; done += tlp.length) {
        tlp.address = job->gva + done;
        tlp.length = piece_length(tlp.address, job->length - done);
        for (uint32_t i = 0; i < tlp.length; i++) {
            testdev->buffer[i] = pattern(done + i);
        }
        /* A write is posted: only a device for tests may know its verdict. */
        if (teeio_fabric_write(testdev->fabric, &tlp, testdev->buffer) !=
            TEEIO_VERDICT_OK) {
            return false;
        }
    }
    return true;
}

static uint32_t read_back(struct teeio_testdev *testdev, const struct job *job)
{
    const struct teeio_host *host = testdev->host;
    uint32_t result = TEEIO_TESTDEV_RESULT_OK;
    uint32_t length;

    for (uint32_t done = 0; done < job->length; done += length) {
        uint64_t address = job->gpa + done;

        length = piece_length(address, job->length - done);
        if (!host->read(host->opaque, address, testdev->buffer, length,
                        false)) {
            return TEEIO_TESTDEV_RESULT_RD_FAIL;
        }
        for (uint32_t i = 0; i < length; i++) {
            if (testdev->buffer[i] != pattern(done + i)) {
                result = TEEIO_TESTDEV_RESULT_MISMATCH;
            }
        }
    }
    return result;
}

static uint32_t run(struct teeio_testdev *testdev)
{
    const uint64_t *values = testdev->values;
    const struct job job = {
        .gva = values[ROW_GVA_HI] << 32 | values[ROW_GVA_LO],
        .gpa = values[ROW_GPA_HI] << 32 | values[ROW_GPA_LO],
        .length = values[ROW_LEN],
    };

    if (!values[ROW_DBELL]) {
        return TEEIO_TESTDEV_RESULT_NOT_ARMED;
    }
    if (job.length == 0 || job.length > TEEIO_TESTDEV_MAX_LENGTH ||
        !in_range(job.gva, job.length) || !in_range(job.gpa, job.length)) {
        return TEEIO_TESTDEV_RESULT_BAD_LEN;
    }
    if (!non_secure(values[ROW_ATTRS])) {
        return TEEIO_TESTDEV_RESULT_BAD_ATTRS;
    }
    if (!send(testdev, &job)) {
        return TEEIO_TESTDEV_RESULT_TX_FAIL;
    }
    return read_back(testdev, &job);
}

uint64_t teeio_testdev_read(struct teeio_testdev *testdev, uint64_t offset,
                            unsigned size)
{
    if (offset == TEEIO_TESTDEV_REG_TRIGGERING && size == 4) {
        testdev->values[ROW_RESULT] = run(testdev);
        testdev->values[ROW_DBELL] = 0;
    }
    return teeio_regs_read(&testdev->regs, offset, size);
}

void teeio_testdev_write(struct teeio_testdev *testdev, uint64_t offset,
                         uint64_t value, unsigned size)
{
    const struct teeio_reg *row;

    if (teeio_regs_write(&testdev->regs, offset, value, size, &row) ==
        HOOK_DBELL) {
        testdev->values[ROW_RESULT] = testdev->values[ROW_DBELL]
                                          ? TEEIO_TESTDEV_RESULT_BUSY
                                          : TEEIO_TESTDEV_RESULT_IDLE;
    }
}

void teeio_testdev_set_config(struct teeio_testdev *testdev, uint16_t requester,
                              bool bus_master)
{
    testdev->requester = requester;
    testdev->bus_master = bus_master;
}

void teeio_testdev_set_ingress(struct teeio_testdev *testdev, uint16_t ingress)
{
    testdev->ingress = ingress;
}

struct teeio_testdev *teeio_testdev_new(const struct teeio_host *host,
                                        struct teeio_fabric *fabric)
{
    struct teeio_testdev *testdev = calloc(1, sizeof(*testdev));

    if (!testdev) {
        return NULL;
    }
    testdev->host = host;
    testdev->fabric = fabric;
    testdev->regs = (struct teeio_regs){table, COUNT(table), testdev->values};
    teeio_testdev_reset(testdev);
    return testdev;
}

void teeio_testdev_free(struct teeio_testdev *testdev)
{
    free(testdev);
}

void teeio_testdev_reset(struct teeio_testdev *testdev)
{
    teeio_regs_reset(&testdev->regs);
}

size_t teeio_testdev_save(const struct teeio_testdev *testdev, uint8_t *buf,
                          size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);

    teeio_image_put_regs(&image, &testdev->regs);
    return image.used;
}

bool teeio_testdev_load(struct teeio_testdev *testdev, const uint8_t *buf,
                        size_t size)
{
    struct teeio_image_reader image =
        teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION);
    uint64_t next[ROWS];

    teeio_image_get_regs(&image, &testdev->regs, next);
    if (!teeio_image_end(&image)) {
        return false;
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (next[i] & ~table[i].rw) {
            return false;
        }
    }
    for (size_t i = 0; i < ROWS; i++) {
        testdev->values[i] = next[i];
    }
    return true;
}

const struct teeio_reg *teeio_testdev_registers(size_t *count)
{
    *count = COUNT(table);
    return table;
}
