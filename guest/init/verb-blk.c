/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * blk: read a disk from its beginning, past the page cache.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define TEEIO_CHUNK   (64u * 1024)
#define TEEIO_SECTOR  512u
#define TEEIO_OPEN_MS 2000

int teeio_open_disk(const char *name)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000000};
    char path[64];
    int tries;
    int fd;

    snprintf(path, sizeof(path), "/dev/%s", name);
    for (tries = 0; tries < TEEIO_OPEN_MS / 10; tries++) {
        fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
        if (fd >= 0 || (errno != ENOENT && errno != ENXIO)) {
            return fd;
        }
        nanosleep(&pause, NULL);
    }
    return -1;
}

static void teeio_read_disk(int fd, uint8_t *chunk, uint64_t bytes,
                            struct teeio_reply *reply)
{
    uint64_t done = 0;
    uint32_t crc = 0;

    while (done < bytes) {
        uint64_t left = bytes - done;
        ssize_t length =
            read(fd, chunk, left < TEEIO_CHUNK ? left : TEEIO_CHUNK);

        if (length <= 0) {
            teeio_fail(reply, length ? errno : ENOSPC,
                       length ? "cannot-read" : "disk-too-small");
            return;
        }
        crc = teeio_crc32(crc, chunk, (size_t)length);
        done += (uint64_t)length;
    }
    teeio_ok(reply, "bytes=%" PRIu64 " crc=0x%08" PRIx32, done, crc);
}

void teeio_verb_blk(const struct teeio_words *words, struct teeio_reply *reply)
{
    uint64_t bytes;
    void *chunk;
    int fd;

    if (teeio_number(words, "bytes", TEEIO_SECTOR, UINT32_MAX, &bytes, reply)) {
        return;
    }
    if (bytes % TEEIO_SECTOR) {
        teeio_fail(reply, EINVAL, "not-whole-sectors");
        return;
    }
    fd = teeio_open_disk(words->word[1]);
    if (fd < 0) {
        teeio_fail(reply, errno, "cannot-open");
        return;
    }
    if (posix_memalign(&chunk, 4096, TEEIO_CHUNK)) {
        teeio_fail(reply, ENOMEM, "no-memory");
    } else {
        teeio_read_disk(fd, chunk, bytes, reply);
        free(chunk);
    }
    close(fd);
}
