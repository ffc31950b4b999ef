/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * blkload: keep a disk busy with reads and count them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define TEEIO_MAX_BLOCK (1u << 20)
#define TEEIO_MAX_DEPTH 64u

/**
 * struct teeio_load - one disk under load
 * @blocks: that fit on the disk
 * @next:   the next block of a sequence, or the state of the random numbers
 * @busy:   reads in flight
 * @done:   reads that have ended
 */
struct teeio_load {
    int fd;
    aio_context_t context;
    uint64_t block;
    uint64_t depth;
    uint64_t blocks;
    int random;
    uint64_t next;
    uint64_t busy;
    uint64_t done;
    uint8_t *buffers;
    struct iocb requests[TEEIO_MAX_DEPTH];
};

static uint64_t teeio_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t teeio_next_block(struct teeio_load *load)
{
    if (!load->random) {
        return load->next++ % load->blocks;
    }
    load->next = load->next * 6364136223846793005u + 1442695040888963407u;
    return (load->next >> 33) % load->blocks;
}

static struct iocb *teeio_request(struct teeio_load *load, uint64_t index)
{
    struct iocb *request = &load->requests[index];

    memset(request, 0, sizeof(*request));
    request->aio_data = index;
    request->aio_lio_opcode = IOCB_CMD_PREAD;
    request->aio_fildes = (uint32_t)load->fd;
    request->aio_buf = (uintptr_t)(load->buffers + index * load->block);
    request->aio_nbytes = load->block;
    request->aio_offset = (int64_t)(teeio_next_block(load) * load->block);
    return request;
}

/* Start @count requests; returns an errno. */
static int teeio_submit(struct teeio_load *load, struct iocb **requests,
                        long count)
{
    long started = syscall(SYS_io_submit, load->context, count, requests);

    if (started < 0) {
        return errno;
    }
    load->busy += (uint64_t)started;
    return started == count ? 0 : EAGAIN;
}

/* Wait for at least one request, and start others if so told. */
static int teeio_collect(struct teeio_load *load, int restart)
{
    struct io_event events[TEEIO_MAX_DEPTH];
    struct iocb *requests[TEEIO_MAX_DEPTH];
    long count =
        syscall(SYS_io_getevents, load->context, 1, load->busy, events, 0);
    long i;

    if (count < 0) {
        return errno;
    }
    load->busy -= (uint64_t)count;
    load->done += (uint64_t)count;
    for (i = 0; i < count; i++) {
        if (events[i].res != (int64_t)load->block) {
            return EIO;
        }
        requests[i] = teeio_request(load, events[i].data);
    }
    return restart ? teeio_submit(load, requests, count) : 0;
}

static int teeio_run_for(struct teeio_load *load, uint64_t us)
{
    struct iocb *requests[TEEIO_MAX_DEPTH];
    uint64_t limit = teeio_now_us() + us;
    uint64_t i;
    int error;

    load->done = 0;
    for (i = 0; i < load->depth; i++) {
        requests[i] = teeio_request(load, i);
    }
    error = teeio_submit(load, requests, (long)load->depth);
    while (!error && load->busy) {
        error = teeio_collect(load, teeio_now_us() < limit);
    }
    return error;
}

static void teeio_measure(struct teeio_load *load, uint64_t ms,
                          struct teeio_reply *reply)
{
    uint64_t start;
    int error;

    /* What runs for the first time is translated, and caches are filled. */
    error = teeio_run_for(load, ms * 250);
    start = teeio_now_us();
    if (!error) {
        error = teeio_run_for(load, ms * 1000);
    }
    if (error) {
        teeio_fail(reply, error, "cannot-read");
    } else {
        teeio_ok(reply, "ios=%" PRIu64 " us=%" PRIu64, load->done,
                 teeio_now_us() - start);
    }
}

static int teeio_pattern(const struct teeio_words *words, int *random,
                         struct teeio_reply *reply)
{
    unsigned i;

    for (i = 1; i < words->count; i++) {
        *random = !strcmp(words->word[i], "pattern=random");
        if (*random || !strcmp(words->word[i], "pattern=seq")) {
            return 0;
        }
    }
    teeio_fail(reply, EINVAL, "bad-pattern");
    return -1;
}

static void teeio_prepare(struct teeio_load *load, uint64_t ms,
                          struct teeio_reply *reply)
{
    uint64_t bytes;

    if (ioctl(load->fd, BLKGETSIZE64, &bytes) || bytes < load->block) {
        teeio_fail(reply, ENOSPC, "disk-too-small");
        return;
    }
    load->blocks = bytes / load->block;
    if (posix_memalign((void **)&load->buffers, 4096,
                       load->depth * load->block)) {
        teeio_fail(reply, ENOMEM, "no-memory");
        return;
    }
    if (syscall(SYS_io_setup, (unsigned)load->depth, &load->context)) {
        teeio_fail(reply, errno, "no-context");
    } else {
        /* Without a write every page would be the one page of zeros. */
        memset(load->buffers, 1, load->depth * load->block);
        teeio_measure(load, ms, reply);
        syscall(SYS_io_destroy, load->context);
    }
    free(load->buffers);
}

void teeio_verb_blkload(const struct teeio_words *words,
                        struct teeio_reply *reply)
{
    struct teeio_load load = {0};
    uint64_t ms;

    if (teeio_number(words, "bs", 512, TEEIO_MAX_BLOCK, &load.block, reply) ||
        teeio_number(words, "depth", 1, TEEIO_MAX_DEPTH, &load.depth, reply) ||
        teeio_number(words, "ms", 1, 60000, &ms, reply) ||
        teeio_pattern(words, &load.random, reply)) {
        return;
    }
    if (load.block & (load.block - 1)) {
        teeio_fail(reply, EINVAL, "bad-bs");
        return;
    }
    load.fd = teeio_open_disk(words->word[1]);
    if (load.fd < 0) {
        teeio_fail(reply, errno, "cannot-open");
        return;
    }
    teeio_prepare(&load, ms, reply);
    close(load.fd);
}
