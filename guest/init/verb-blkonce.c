/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * blkonce: one read, which need not ever end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define TEEIO_POLL_MS 10

static void teeio_read_once(int fd, uint64_t bytes)
{
    void *buffer;

    if (posix_memalign(&buffer, 4096, bytes)) {
        _exit(ENOMEM);
    }
    _exit(read(fd, buffer, bytes) == (ssize_t)bytes ? 0 : EIO);
}

/* A child that sleeps in the kernel cannot be ended; it is left behind. */
static void teeio_await_read(pid_t child, uint64_t ms,
                             struct teeio_reply *reply)
{
    const struct timespec pause = {.tv_nsec = TEEIO_POLL_MS * 1000000};
    int status = 0;
    uint64_t waited;

    for (waited = 0; waited < ms; waited += TEEIO_POLL_MS) {
        if (waitpid(child, &status, WNOHANG) == child) {
            if (WIFEXITED(status) && !WEXITSTATUS(status)) {
                teeio_ok(reply, "ended=yes");
            } else {
                teeio_fail(reply, EIO, "cannot-read");
            }
            return;
        }
        nanosleep(&pause, NULL);
    }
    teeio_ok(reply, "ended=no");
}

void teeio_verb_blkonce(const struct teeio_words *words,
                        struct teeio_reply *reply)
{
    uint64_t bytes;
    uint64_t ms;
    pid_t child;
    int fd;

    if (teeio_number(words, "bytes", 512, 64u << 20, &bytes, reply) ||
        teeio_number(words, "ms", 1, 60000, &ms, reply)) {
        return;
    }
    fd = teeio_open_disk(words->word[1]);
    if (fd < 0) {
        teeio_fail(reply, errno, "cannot-open");
        return;
    }
    child = fork();
    if (!child) {
        teeio_read_once(fd, bytes);
    }
    if (child < 0) {
        teeio_fail(reply, errno, "cannot-fork");
    } else {
        teeio_await_read(child, ms, reply);
    }
    close(fd);
}
