/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Verbs of confidential guests: what the kernel said of itself, random
 * numbers from outside, and a secret to look for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <unistd.h>

#include "init.h"

#define TEEIO_LOG_READ_ALL 3
#define TEEIO_LOG_SIZE     (1u << 20)
#define TEEIO_RNG_MOST     4096u
#define TEEIO_PAGE         4096u
#define TEEIO_SECRET_MOST  65536u

/* "dmesg WORD WORD": is there a line with these words, one blank apart? */
void teeio_verb_dmesg(const struct teeio_words *words,
                      struct teeio_reply *reply)
{
    char wanted[TEEIO_REPLY_SIZE] = "";
    char *log = calloc(1, TEEIO_LOG_SIZE + 1);
    size_t used = 0;
    unsigned i;

    for (i = 1; i < words->count && used < sizeof(wanted); i++) {
        used += (size_t)snprintf(wanted + used, sizeof(wanted) - used, "%s%s",
                                 i > 1 ? " " : "", words->word[i]);
    }
    if (!log || used >= sizeof(wanted)) {
        teeio_fail(reply, ENOMEM, "text-too-long");
    } else if (klogctl(TEEIO_LOG_READ_ALL, log, TEEIO_LOG_SIZE) < 0) {
        teeio_fail(reply, errno, "cannot-read");
    } else {
        teeio_ok(reply, "found=%s", strstr(log, wanted) ? "yes" : "no");
    }
    free(log);
}

void teeio_verb_rng(const struct teeio_words *words, struct teeio_reply *reply)
{
    uint8_t bytes[TEEIO_RNG_MOST];
    uint64_t wanted;
    size_t zeros = 0;
    ssize_t got;
    ssize_t i;
    int fd;

    if (teeio_number(words, "bytes", 1, sizeof(bytes), &wanted, reply)) {
        return;
    }
    fd = open("/dev/hwrng", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        teeio_fail(reply, errno, "cannot-open");
        return;
    }
    got = read(fd, bytes, wanted);
    for (i = 0; i < got; i++) {
        zeros += !bytes[i];
    }
    if (got <= 0) {
        teeio_fail(reply, got ? errno : EIO, "cannot-read");
    } else {
        teeio_ok(reply, "bytes=%zd zeros=%s", got,
                 zeros == (size_t)got ? "all" : "few");
    }
    close(fd);
}

/* Kept until the machine ends: somebody is going to look for it. */
void teeio_verb_secret(const struct teeio_words *words,
                       struct teeio_reply *reply)
{
    uint64_t pages;
    uint64_t word;
    uint64_t *at;
    size_t i;

    if (teeio_number(words, "word", 1, UINT64_MAX, &word, reply) ||
        teeio_number(words, "pages", 1, TEEIO_SECRET_MOST, &pages, reply)) {
        return;
    }
    at = mmap(NULL, pages * TEEIO_PAGE, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (at == MAP_FAILED) {
        teeio_fail(reply, errno, "no-memory");
        return;
    }
    for (i = 0; i < pages * TEEIO_PAGE / sizeof(*at); i++) {
        at[i] = word;
    }
    teeio_done(reply);
}
