/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A client for QEMU's qtest protocol: a test takes the place of the CPU,
 * reads and writes the machine's physical addresses, and sees interrupts.
 *
 * Works with packaged QEMU, which has no qtest accelerator: the machine is
 * started under TCG with its CPUs stopped.
 *
 * A broken connection, an answer that does not come in time, or a command
 * that QEMU refuses ends the test with a message that carries QEMU's command
 * line and standard error. Callers therefore check no return codes.
 */
#ifndef TEEIO_QTEST_QTEST_H
#define TEEIO_QTEST_QTEST_H

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct teeio_qtest;

/**
 * struct teeio_qtest_exit - how a QEMU process ended
 * @status: exit status, -1 when a signal ended it
 * @signal: 0 when it left by itself
 * @error:  all of its standard error; freed by teeio_qtest_exit_clear()
 */
struct teeio_qtest_exit {
    int status;
    int signal;
    char *error;
};

/**
 * teeio_qtest_start() - start QEMU and wait until its machine is built
 * @qemu: program
 * @args: further arguments, quoted as for a shell
 *
 * Adds -accel tcg -S -nodefaults -no-user-config -display none and the two
 * sockets, which lie in a private folder and are gone once connected. QEMU
 * dies with the test, however that ends.
 */
struct teeio_qtest *teeio_qtest_start(const char *qemu, const char *args);

/**
 * teeio_qtest_stop() - ask QEMU to quit, wait for it, free everything
 *
 * Ends the test when QEMU did not leave with status 0. NULL is allowed.
 */
void teeio_qtest_stop(struct teeio_qtest *qtest);

/**
 * teeio_qtest_run() - start a QEMU that is expected to give up by itself
 * @exit: how it ended
 *
 * Ends the test when QEMU is still there after the time limit.
 */
void teeio_qtest_run(const char *qemu, const char *args,
                     struct teeio_qtest_exit *exit);
void teeio_qtest_exit_clear(struct teeio_qtest_exit *exit);

/** teeio_qtest_stderr() - what QEMU has said so far; free with g_free() */
char *teeio_qtest_stderr(struct teeio_qtest *qtest);

/** teeio_qtest_timeout() - seconds; TEEIO_QTEST_TIMEOUT in the environment */
unsigned teeio_qtest_timeout(void);

uint8_t teeio_qtest_readb(struct teeio_qtest *qtest, uint64_t address);
uint16_t teeio_qtest_readw(struct teeio_qtest *qtest, uint64_t address);
uint32_t teeio_qtest_readl(struct teeio_qtest *qtest, uint64_t address);
uint64_t teeio_qtest_readq(struct teeio_qtest *qtest, uint64_t address);
void teeio_qtest_writeb(struct teeio_qtest *qtest, uint64_t address,
                        uint8_t value);
void teeio_qtest_writew(struct teeio_qtest *qtest, uint64_t address,
                        uint16_t value);
void teeio_qtest_writel(struct teeio_qtest *qtest, uint64_t address,
                        uint32_t value);
void teeio_qtest_writeq(struct teeio_qtest *qtest, uint64_t address,
                        uint64_t value);

/** teeio_qtest_outl() - write to an IO port of an x86 machine */
void teeio_qtest_outl(struct teeio_qtest *qtest, uint16_t port, uint32_t value);

void teeio_qtest_memread(struct teeio_qtest *qtest, uint64_t address,
                         void *buffer, size_t size);
void teeio_qtest_memwrite(struct teeio_qtest *qtest, uint64_t address,
                          const void *buffer, size_t size);
void teeio_qtest_memset(struct teeio_qtest *qtest, uint64_t address,
                        uint8_t value, size_t size);

/** teeio_qtest_uniform() - does every byte of the range equal @value? */
bool teeio_qtest_uniform(struct teeio_qtest *qtest, uint64_t address,
                         uint8_t value, size_t size);

#define TEEIO_QTEST_IRQS 256

/**
 * teeio_qtest_irq_intercept() - watch the input lines of one device
 * @path: QOM path, e.g. of the interrupt controller
 *
 * One device a process, a limit of QEMU.
 */
void teeio_qtest_irq_intercept(struct teeio_qtest *qtest, const char *path);

/** teeio_qtest_irq_raised() - how often input @line rose since intercepted */
unsigned teeio_qtest_irq_raised(struct teeio_qtest *qtest, unsigned line);

/** teeio_qtest_irq_wait() - until @line has risen @count times in all */
void teeio_qtest_irq_wait(struct teeio_qtest *qtest, unsigned line,
                          unsigned count);

/**
 * teeio_qtest_qmp() - run one QMP command
 * @arguments: JSON object after printf formatting, or NULL for none
 *
 * Events are skipped.
 *
 * Returns: the whole reply, with a member "return" or "error"; free with
 * json_object_unref().
 */
JsonObject *teeio_qtest_qmp(struct teeio_qtest *qtest, const char *command,
                            const char *arguments, ...) G_GNUC_PRINTF(3, 4);

/** teeio_qtest_qmp_ok() - the same for a command that must succeed */
void teeio_qtest_qmp_ok(struct teeio_qtest *qtest, const char *command,
                        const char *arguments, ...) G_GNUC_PRINTF(3, 4);

/** teeio_qtest_qom_int(), _string() - one property; string by g_free() */
int64_t teeio_qtest_qom_int(struct teeio_qtest *qtest, const char *path,
                            const char *property);
char *teeio_qtest_qom_string(struct teeio_qtest *qtest, const char *path,
                             const char *property);

/**
 * teeio_qtest_qom_find() - path of the first child of @parent of type @type
 *
 * Returns: NULL when there is none; free with g_free().
 */
char *teeio_qtest_qom_find(struct teeio_qtest *qtest, const char *parent,
                           const char *type);

#endif
