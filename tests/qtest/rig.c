/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */

#include "rig.h"

#include <stdlib.h>
#include <string.h>

#include "teeio/crc32.h"
#include "teeio/tdisp.h"

#define EDU_SOURCE    0x80
#define EDU_DEST      0x88
#define EDU_COUNT     0x90
#define EDU_COMMAND   0x98
#define EDU_BUFFER    0x40000
#define EDU_START     0x1
#define EDU_TO_MEMORY 0x2

#define POLL_US       200

static const char *required(const char *variable)
{
    const char *value = g_getenv(variable);

    if (!value) {
        g_error("%s is not set; run the test by \"meson test\"", variable);
    }
    return value;
}

char *rig_plugin(void)
{
    g_auto(GStrv) parts = g_strsplit(required("TEEIO_PLUGIN"), ",", -1);

    return g_strjoinv(",,", parts);
}

const char *rig_qemu_aarch64(void)
{
    return required("TEEIO_QEMU_AARCH64");
}

const char *rig_qemu_x86_64(void)
{
    return required("TEEIO_QEMU_X86_64");
}

void rig_init(int *argc, char ***argv)
{
    const char *const programs[] = {rig_qemu_aarch64(), rig_qemu_x86_64()};

    g_test_init(argc, argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
        g_autofree char *path = g_find_program_in_path(programs[i]);

        if (!path) {
            g_print("1..0 # SKIP %s is not installed\n", programs[i]);
            exit(EXIT_SUCCESS);
        }
    }
}

bool rig_is_noise(const char *line)
{
    static const char *const noise[] = {
        "WARNING: ASan doesn't fully support makecontext",
        "WARNING: ASan is ignoring requested __asan_handle_no_return",
        "False positive error reports may follow",
        "For details see https://github.com/google/sanitizers/issues/189",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(noise); i++) {
        if (g_getenv("TEEIO_QTEST_PRELOAD") && strstr(line, noise[i])) {
            return true;
        }
    }
    return false;
}

void rig_place(struct teeio_qpci_function *function)
{
    function->bar[0] = 0;
    function->bar[2] = 0;
    teeio_qpci_map(function, 0);
    if (teeio_qpci_bar_size(function, 2)) {
        teeio_qpci_map(function, 2);
    }
    teeio_qpci_enable(function);
}

static void find(struct rig *rig, uint16_t vendor, uint16_t device,
                 struct teeio_qpci_function *function)
{
    if (teeio_qpci_find(&rig->pci, vendor, device, 0, function)) {
        rig_place(function);
    }
}

struct rig *rig_start(const char *plugin_args, const char *args)
{
    struct rig *rig = g_new0(struct rig, 1);
    g_autofree char *plugin = rig_plugin();
    g_autofree char *all = g_strdup_printf(
        "-M virt -cpu cortex-a57 -m 64 -plugin '%s%s%s' %s", plugin,
        plugin_args ? "," : "", plugin_args ? plugin_args : "", args);

    rig->qtest = teeio_qtest_start(rig_qemu_aarch64(), all);
    teeio_qpci_init_virt(&rig->pci, rig->qtest);
    find(rig, TEEIO_TDI_VENDOR_ID, TEEIO_TDI_DEVICE_ID, &rig->tdi);
    find(rig, 0x1234, 0x11e8, &rig->edu);
    if (rig->edu.bar[0]) {
        /* It works by timer, and QEMU's clock stands while the CPUs do. */
        teeio_qtest_qmp_ok(rig->qtest, "cont", NULL);
    }
    return rig;
}

void rig_stop(struct rig *rig)
{
    teeio_qtest_stop(rig->qtest);
    g_free(rig);
}

void rig_gic(struct rig *rig)
{
    g_autofree char *path =
        teeio_qtest_qom_find(rig->qtest, "/machine/unattached", "arm_gic");

    g_assert_nonnull(path);
    teeio_qtest_irq_intercept(rig->qtest, path);
}

static void wait_head(struct rig *rig, uint32_t tail)
{
    uint64_t head = rig->tdi.bar[0] + TEEIO_TDI_REG_HEAD;
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;

    while (teeio_qtest_readl(rig->qtest, head) != tail) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(POLL_US);
    }
}

void rig_dma(struct rig *rig, struct rig_dma *dma)
{
    struct teeio_qtest *qtest = rig->qtest;
    uint64_t bar = rig->tdi.bar[0];
    uint32_t tail = teeio_qtest_readl(qtest, bar + TEEIO_TDI_REG_TAIL);
    uint64_t entry = bar + TEEIO_TDI_RING_OFFSET +
                     tail % TEEIO_TDI_RING_ENTRIES * TEEIO_TDI_DESC_SIZE;

    teeio_qtest_writel(qtest, entry + TEEIO_TDI_DESC_CONTROL, dma->control);
    teeio_qtest_writel(qtest, entry + TEEIO_TDI_DESC_LENGTH, dma->length);
    teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_SOURCE, dma->source);
    teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_DEST, dma->dest);
    teeio_qtest_writeq(qtest, entry + TEEIO_TDI_DESC_PATTERN, dma->pattern);
    teeio_qtest_writel(qtest, entry + TEEIO_TDI_DESC_STATUS,
                       TEEIO_TDI_STATUS_PENDING);

    tail = (tail + 1) % (2 * TEEIO_TDI_RING_WRAP);
    teeio_qtest_writel(qtest, bar + TEEIO_TDI_REG_TAIL, tail);
    wait_head(rig, tail);
    dma->status = teeio_qtest_readl(qtest, entry + TEEIO_TDI_DESC_STATUS);
    dma->checksum = teeio_qtest_readl(qtest, entry + TEEIO_TDI_DESC_CHECKSUM);
    dma->failed = teeio_qtest_readq(qtest, entry + TEEIO_TDI_DESC_FAILED);
}

uint32_t rig_fill(struct rig *rig, uint64_t dest, uint32_t length,
                  uint8_t value, uint32_t flags)
{
    struct rig_dma dma = {
        .control = TEEIO_TDI_OP_FILL | flags,
        .length = length,
        .dest = dest,
        .pattern = value * 0x0101010101010101ull,
    };

    rig_dma(rig, &dma);
    return dma.status;
}

uint32_t rig_checksum(struct rig *rig, uint64_t source, uint32_t length,
                      uint32_t flags, uint32_t *checksum)
{
    struct rig_dma dma = {
        .control = TEEIO_TDI_OP_CHECKSUM | flags,
        .length = length,
        .source = source,
    };

    rig_dma(rig, &dma);
    *checksum = dma.checksum;
    return dma.status;
}

uint32_t rig_uniform_crc(uint8_t value, uint32_t length)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    memset(bytes, value, length);
    return teeio_crc32(0, bytes, length);
}

bool rig_reads(struct rig *rig, uint64_t source, uint8_t value, uint32_t length,
               uint32_t flags)
{
    uint32_t checksum;

    return rig_checksum(rig, source, length, flags, &checksum) ==
               TEEIO_TDI_STATUS_OK &&
           checksum == rig_uniform_crc(value, length);
}

static void edu_dma(struct rig *rig, uint64_t source, uint64_t dest,
                    uint32_t length, uint64_t command)
{
    struct teeio_qtest *qtest = rig->qtest;
    uint64_t bar = rig->edu.bar[0];

    teeio_qtest_writeq(qtest, bar + EDU_SOURCE, source);
    teeio_qtest_writeq(qtest, bar + EDU_DEST, dest);
    teeio_qtest_writeq(qtest, bar + EDU_COUNT, length);
    teeio_qtest_writeq(qtest, bar + EDU_COMMAND, command);
    while (teeio_qtest_readq(qtest, bar + EDU_COMMAND) & EDU_START) {
        g_usleep(POLL_US);
    }
}

void rig_edu_write(struct rig *rig, uint64_t dest, uint32_t length)
{
    edu_dma(rig, EDU_BUFFER, dest, length, EDU_START | EDU_TO_MEMORY);
}

void rig_edu_read(struct rig *rig, uint64_t source, uint32_t length)
{
    edu_dma(rig, source, EDU_BUFFER, length, EDU_START);
}

uint32_t rig_tsm(struct rig *rig, uint32_t command, uint32_t function)
{
    teeio_qtest_writel(rig->qtest, RIG_TSM + TEEIO_TSM_REG_FUNCTION, function);
    teeio_qtest_writel(rig->qtest, RIG_TSM + TEEIO_TSM_REG_COMMAND, command);
    return teeio_qtest_readl(rig->qtest, RIG_TSM + TEEIO_TSM_REG_STATUS);
}

uint32_t rig_tsm_result(struct rig *rig)
{
    return teeio_qtest_readl(rig->qtest, RIG_TSM + TEEIO_TSM_REG_RESULT);
}

uint32_t rig_own(struct rig *rig, uint32_t command, uint64_t base,
                 uint64_t size)
{
    teeio_qtest_writeq(rig->qtest, RIG_TSM + TEEIO_TSM_REG_ADDRESS, base);
    teeio_qtest_writeq(rig->qtest, RIG_TSM + TEEIO_TSM_REG_LENGTH, size);
    return rig_tsm(rig, command, 0);
}

uint32_t rig_owner(struct rig *rig, uint64_t gpa)
{
    g_assert_cmphex(rig_own(rig, TEEIO_TSM_CMD_OWNER, gpa, 0), ==,
                    TEEIO_TDISP_OK);
    return rig_tsm_result(rig);
}

uint32_t rig_state(struct rig *rig)
{
    return teeio_qtest_readl(rig->qtest, rig->tdi.bar[0] + TEEIO_TDI_REG_STATE);
}

void rig_run(struct rig *rig)
{
    g_assert_cmphex(rig_tsm(rig, TEEIO_TSM_CMD_LOCK, RIG_TDI), ==,
                    TEEIO_TDISP_OK);
    g_assert_cmphex(rig_tsm(rig, TEEIO_TSM_CMD_START, RIG_TDI), ==,
                    TEEIO_TDISP_OK);
    g_assert_cmpuint(rig_state(rig), ==, TEEIO_TDISP_RUN);
}

int64_t rig_counter(struct rig *rig, const char *id, const char *property)
{
    g_autofree char *path = g_strdup_printf("/machine/peripheral/%s", id);

    return teeio_qtest_qom_int(rig->qtest, path, property);
}
