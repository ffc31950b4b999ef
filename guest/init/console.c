/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Lines for whoever reads the serial port.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <termios.h>
#include <unistd.h>

#include "init.h"

/* syslog(2): keep the kernel off its console, let it on again. */
#define KLOG_CONSOLE_OFF 6
#define KLOG_CONSOLE_ON  7

void teeio_console_open(void)
{
    int fd = open("/dev/console", O_RDWR | O_NOCTTY);
    int i;

    if (fd < 0) {
        return;
    }
    for (i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
        dup2(fd, i);
    }
    if (fd > STDERR_FILENO) {
        close(fd);
    }
}

/*
 * The kernel writes its messages past the terminal's buffer, and so into the
 * middle of a line that is still being sent. Meanwhile they go to its log
 * only: better a message that is not on the console than a reply in pieces.
 */
void teeio_console_print(const char *format, ...)
{
    char line[TEEIO_REPLY_SIZE + 64];
    size_t size = sizeof(line) - 1;
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(line, size, format, args);
    va_end(args);
    if (length < 0) {
        return;
    }
    if ((size_t)length >= size) {
        length = (int)size - 1;
    }
    line[length++] = '\n';
    klogctl(KLOG_CONSOLE_OFF, NULL, 0);
    if (write(STDOUT_FILENO, line, (size_t)length) == length) {
        tcdrain(STDOUT_FILENO);
    }
    klogctl(KLOG_CONSOLE_ON, NULL, 0);
}
