/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */

#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void trace(const struct teeio_qtest_line_buffer *buffer, char direction,
                  const char *line)
{
    if (g_getenv("TEEIO_QTEST_TRACE")) {
        g_printerr("%s %c %.200s\n", buffer->name, direction, line);
    }
}

void teeio_qtest_send(struct teeio_qtest *qtest,
                      struct teeio_qtest_line_buffer *buffer, const char *line)
{
    g_autofree char *text = g_strconcat(line, "\n", NULL);
    size_t left = strlen(text);
    const char *next = text;

    trace(buffer, '>', line);
    while (left > 0) {
        ssize_t sent = send(buffer->fd, next, left, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0) {
            teeio_qtest_fail(qtest, "QEMU took no more %s commands: %s",
                             buffer->name, g_strerror(errno));
        }
        next += sent;
        left -= (size_t)sent;
    }
}

static void receive_more(struct teeio_qtest *qtest,
                         struct teeio_qtest_line_buffer *buffer,
                         gint64 deadline)
{
    gint64 left_ms = (deadline - g_get_monotonic_time()) / 1000;
    struct pollfd pollfd = {.fd = buffer->fd, .events = POLLIN};
    char chunk[4096];
    ssize_t got;
    int ready = poll(&pollfd, 1, left_ms > 0 ? (int)left_ms : 0);

    if (ready < 0 && errno == EINTR) {
        return;
    }
    if (ready == 0) {
        teeio_qtest_fail(qtest, "QEMU gave no %s answer within %u s",
                         buffer->name, teeio_qtest_timeout());
    }
    got = read(buffer->fd, chunk, sizeof(chunk));
    if (got < 0 && errno == EINTR) {
        return;
    }
    if (got <= 0) {
        teeio_qtest_fail(qtest, "QEMU closed its %s socket", buffer->name);
    }
    g_string_append_len(buffer->data, chunk, got);
}

char *teeio_qtest_receive(struct teeio_qtest *qtest,
                          struct teeio_qtest_line_buffer *buffer)
{
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;
    char *end;
    char *line;

    while (!(end = memchr(buffer->data->str, '\n', buffer->data->len))) {
        receive_more(qtest, buffer, deadline);
    }
    line = g_strndup(buffer->data->str, (size_t)(end - buffer->data->str));
    g_string_erase(buffer->data, 0, end + 1 - buffer->data->str);
    g_strchomp(line);
    trace(buffer, '<', line);
    return line;
}
