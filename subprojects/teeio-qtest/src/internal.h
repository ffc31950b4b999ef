/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#ifndef TEEIO_QTEST_INTERNAL_H
#define TEEIO_QTEST_INTERNAL_H

#include "teeio-qtest/qtest.h"

#include <sys/types.h>

/**
 * struct teeio_qtest_line_buffer - one socket, read by lines
 * @fd:   -1 when closed
 * @name: for messages
 * @data: received, not yet handed out
 */
struct teeio_qtest_line_buffer {
    int fd;
    const char *name;
    GString *data;
};

/**
 * struct teeio_qtest - one QEMU
 * @error_fd: its standard error, a file without a name
 */
struct teeio_qtest {
    pid_t pid;
    char *command_line;
    int error_fd;
    struct teeio_qtest_line_buffer protocol;
    struct teeio_qtest_line_buffer qmp;
    unsigned raised[TEEIO_QTEST_IRQS];
};

/** teeio_qtest_fail() - end the test and tell why */
G_GNUC_NORETURN void teeio_qtest_fail(struct teeio_qtest *qtest,
                                      const char *format, ...)
    G_GNUC_PRINTF(2, 3);

void teeio_qtest_send(struct teeio_qtest *qtest,
                      struct teeio_qtest_line_buffer *buffer, const char *line);

/** teeio_qtest_receive() - next line without its end; g_free() it */
char *teeio_qtest_receive(struct teeio_qtest *qtest,
                          struct teeio_qtest_line_buffer *buffer);

/** teeio_qtest_qmp_handshake() - returns once QEMU's main loop runs */
void teeio_qtest_qmp_handshake(struct teeio_qtest *qtest);

#endif
