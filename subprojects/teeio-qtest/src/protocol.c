/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The qtest protocol: one line a command, one line an answer, and lines about
 * interrupts that may come before an answer.
 */

#include "internal.h"

#include <inttypes.h>
#include <string.h>

/* Memory travels as hexadecimal text; longer lines would only cost memory. */
#define CHUNK   0x4000u

#define WAIT_US 1000

/* Count an "IRQ raise N"; true when @line was about an interrupt. */
static bool take_irq(struct teeio_qtest *qtest, const char *line)
{
    guint64 number = 0;

    if (!g_str_has_prefix(line, "IRQ ")) {
        return false;
    }
    if (g_str_has_prefix(line, "IRQ raise ") &&
        g_ascii_string_to_unsigned(line + strlen("IRQ raise "), 10, 0,
                                   TEEIO_QTEST_IRQS - 1, &number, NULL)) {
        qtest->raised[number]++;
    }
    return true;
}

/* Returns: what follows "OK", to be freed. */
static char *command(struct teeio_qtest *qtest, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static char *command(struct teeio_qtest *qtest, const char *format, ...)
{
    g_autofree char *line = NULL;
    char *answer;
    va_list args;

    va_start(args, format);
    line = g_strdup_vprintf(format, args);
    va_end(args);
    teeio_qtest_send(qtest, &qtest->protocol, line);

    while (answer = teeio_qtest_receive(qtest, &qtest->protocol),
           take_irq(qtest, answer)) {
        g_free(answer);
    }
    if (strcmp(answer, "OK") != 0 && !g_str_has_prefix(answer, "OK ")) {
        teeio_qtest_fail(qtest, "QEMU answered '%s' to '%.200s'", answer, line);
    }
    memmove(answer, answer + 2, strlen(answer + 2) + 1);
    return g_strchug(answer);
}

static uint64_t read_value(struct teeio_qtest *qtest, char width,
                           uint64_t address)
{
    g_autofree char *answer =
        command(qtest, "read%c 0x%" PRIx64, width, address);

    return g_ascii_strtoull(answer, NULL, 0);
}

static void write_value(struct teeio_qtest *qtest, char width, uint64_t address,
                        uint64_t value)
{
    g_free(command(qtest, "write%c 0x%" PRIx64 " 0x%" PRIx64, width, address,
                   value));
}

uint8_t teeio_qtest_readb(struct teeio_qtest *qtest, uint64_t address)
{
    return (uint8_t)read_value(qtest, 'b', address);
}

uint16_t teeio_qtest_readw(struct teeio_qtest *qtest, uint64_t address)
{
    return (uint16_t)read_value(qtest, 'w', address);
}

uint32_t teeio_qtest_readl(struct teeio_qtest *qtest, uint64_t address)
{
    return (uint32_t)read_value(qtest, 'l', address);
}

uint64_t teeio_qtest_readq(struct teeio_qtest *qtest, uint64_t address)
{
    return read_value(qtest, 'q', address);
}

void teeio_qtest_writeb(struct teeio_qtest *qtest, uint64_t address,
                        uint8_t value)
{
    write_value(qtest, 'b', address, value);
}

void teeio_qtest_writew(struct teeio_qtest *qtest, uint64_t address,
                        uint16_t value)
{
    write_value(qtest, 'w', address, value);
}

void teeio_qtest_writel(struct teeio_qtest *qtest, uint64_t address,
                        uint32_t value)
{
    write_value(qtest, 'l', address, value);
}

void teeio_qtest_writeq(struct teeio_qtest *qtest, uint64_t address,
                        uint64_t value)
{
    write_value(qtest, 'q', address, value);
}

void teeio_qtest_outl(struct teeio_qtest *qtest, uint16_t port, uint32_t value)
{
    g_free(command(qtest, "outl 0x%x 0x%" PRIx32, port, value));
}

static void read_chunk(struct teeio_qtest *qtest, uint64_t address,
                       uint8_t *buffer, size_t size)
{
    g_autofree char *answer =
        command(qtest, "read 0x%" PRIx64 " 0x%zx", address, size);
    const char *digits = answer + strlen("0x");

    if (strlen(answer) != strlen("0x") + 2 * size) {
        teeio_qtest_fail(qtest, "QEMU sent %zu characters for %zu bytes",
                         strlen(answer), size);
    }
    for (size_t i = 0; i < size; i++) {
        buffer[i] = (uint8_t)(g_ascii_xdigit_value(digits[2 * i]) << 4 |
                              g_ascii_xdigit_value(digits[2 * i + 1]));
    }
}

void teeio_qtest_memread(struct teeio_qtest *qtest, uint64_t address,
                         void *buffer, size_t size)
{
    for (size_t done = 0; done < size; done += CHUNK) {
        read_chunk(qtest, address + done, (uint8_t *)buffer + done,
                   MIN(size - done, CHUNK));
    }
}

static void write_chunk(struct teeio_qtest *qtest, uint64_t address,
                        const uint8_t *buffer, size_t size)
{
    GString *digits = g_string_sized_new(2 * size);

    for (size_t i = 0; i < size; i++) {
        g_string_append_c(digits, "0123456789abcdef"[buffer[i] >> 4]);
        g_string_append_c(digits, "0123456789abcdef"[buffer[i] & 15]);
    }
    g_free(command(qtest, "write 0x%" PRIx64 " 0x%zx 0x%s", address, size,
                   digits->str));
    g_string_free(digits, TRUE);
}

void teeio_qtest_memwrite(struct teeio_qtest *qtest, uint64_t address,
                          const void *buffer, size_t size)
{
    for (size_t done = 0; done < size; done += CHUNK) {
        write_chunk(qtest, address + done, (const uint8_t *)buffer + done,
                    MIN(size - done, CHUNK));
    }
}

void teeio_qtest_memset(struct teeio_qtest *qtest, uint64_t address,
                        uint8_t value, size_t size)
{
    g_free(command(qtest, "memset 0x%" PRIx64 " 0x%zx 0x%x", address, size,
                   value));
}

bool teeio_qtest_uniform(struct teeio_qtest *qtest, uint64_t address,
                         uint8_t value, size_t size)
{
    g_autofree uint8_t *bytes = g_malloc(size);

    teeio_qtest_memread(qtest, address, bytes, size);
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

void teeio_qtest_irq_intercept(struct teeio_qtest *qtest, const char *path)
{
    g_free(command(qtest, "irq_intercept_in %s", path));
}

unsigned teeio_qtest_irq_raised(struct teeio_qtest *qtest, unsigned line)
{
    g_assert_cmpuint(line, <, TEEIO_QTEST_IRQS);
    /* Any command brings in what QEMU has sent before its answer. */
    g_free(command(qtest, "endianness"));
    return qtest->raised[line];
}

void teeio_qtest_irq_wait(struct teeio_qtest *qtest, unsigned line,
                          unsigned count)
{
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;

    while (teeio_qtest_irq_raised(qtest, line) < count) {
        if (g_get_monotonic_time() >= deadline) {
            teeio_qtest_fail(qtest, "interrupt %u rose %u times instead of %u",
                             line, qtest->raised[line], count);
        }
        g_usleep(WAIT_US);
    }
}
