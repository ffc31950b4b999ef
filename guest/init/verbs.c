/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The table of verbs, those that go to the module, and the small ones.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

void teeio_control(const char *name, const char *line,
                   struct teeio_reply *reply)
{
    char path[128];
    ssize_t length;
    int fd;

    snprintf(path, sizeof(path), TEEIO_CONTROL "%s", name);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        teeio_fail(reply, errno == ENOENT ? ENODEV : errno, "no-control-file");
        return;
    }
    if (write(fd, line, strlen(line)) < 0) {
        teeio_fail(reply, errno, "control-write");
    } else {
        length = pread(fd, reply->text, sizeof(reply->text) - 1, 0);
        if (length <= 0) {
            teeio_fail(reply, length ? errno : EIO, "control-read");
        } else {
            reply->text[length] = '\0';
            reply->text[strcspn(reply->text, "\n")] = '\0';
        }
    }
    close(fd);
}

/* "tdi0 map a x": the verb is the control file, the rest its command. */
static void teeio_forward(const struct teeio_words *words,
                          struct teeio_reply *reply)
{
    char line[256];
    size_t used = 0;
    unsigned i;

    for (i = 1; i < words->count && used < sizeof(line); i++) {
        used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s",
                                 i > 1 ? " " : "", words->word[i]);
    }
    if (!used) {
        teeio_fail(reply, EINVAL, "no-command");
    } else if (used >= sizeof(line)) {
        teeio_fail(reply, E2BIG, "command-too-long");
    } else {
        teeio_control(words->word[0], line, reply);
    }
}

static void teeio_verb_sleep(const struct teeio_words *words,
                             struct teeio_reply *reply)
{
    struct timespec time;
    char *end;
    unsigned long ms = strtoul(words->word[1], &end, 10);

    if (*end || ms > 60000) {
        teeio_fail(reply, EINVAL, "bad-time");
        return;
    }
    time.tv_sec = (time_t)(ms / 1000);
    time.tv_nsec = (long)(ms % 1000) * 1000000;
    nanosleep(&time, NULL);
    teeio_done(reply);
}

static void teeio_verb_exec(const struct teeio_words *words,
                            struct teeio_reply *reply)
{
    static char *const environment[] = {"PATH=/bin:/sbin:/usr/bin:/usr/sbin",
                                        NULL};
    int status;
    pid_t pid;
    int error;

    error = posix_spawn(&pid, words->word[1], NULL, NULL,
                        (char *const *)&words->word[1], environment);
    if (error) {
        teeio_fail(reply, error, "cannot-start");
        return;
    }
    if (waitpid(pid, &status, 0) < 0) {
        teeio_fail(reply, errno, "cannot-wait");
    } else if (WIFSIGNALED(status)) {
        teeio_ok(reply, "status=%d", 128 + WTERMSIG(status));
    } else {
        teeio_ok(reply, "status=%d", WEXITSTATUS(status));
    }
}

/* How many arguments a verb takes, options among them. */
static const struct {
    const char *name;
    unsigned least;
    unsigned most;
    teeio_verb *run;
} teeio_verbs[] = {
    {"tsm", 1, TEEIO_MAX_WORDS, teeio_forward},
    {"bind", 1, 1, teeio_verb_bind},
    {"unbind", 1, 1, teeio_verb_unbind},
    {"lock", 1, 1, teeio_verb_lock},
    {"accept", 1, 1, teeio_verb_accept},
    {"unlock", 1, 1, teeio_verb_unlock},
    {"group", 2, 2, teeio_verb_group},
    {"groups", 0, 0, teeio_verb_groups},
    {"replug", 1, 1, teeio_verb_replug},
    {"vfs", 2, 2, teeio_verb_vfs},
    {"config", 1, 1, teeio_verb_config},
    {"blk", 2, 2, teeio_verb_blk},
    {"blkload", 5, 5, teeio_verb_blkload},
    {"blkonce", 3, 3, teeio_verb_blkonce},
    {"ping", 3, 3, teeio_verb_ping},
    {"mapbench", 1, 4, teeio_verb_mapbench},
    {"vfio", 2, 4, teeio_verb_vfio},
    {"dmesg", 1, TEEIO_MAX_WORDS, teeio_verb_dmesg},
    {"rng", 1, 1, teeio_verb_rng},
    {"secret", 2, 2, teeio_verb_secret},
    {"sleep", 1, 1, teeio_verb_sleep},
    {"exec", 1, TEEIO_MAX_WORDS, teeio_verb_exec},
};

static int teeio_is_tdi(const char *verb)
{
    return !strncmp(verb, "tdi", 3) && verb[3] &&
           !verb[3 + strspn(verb + 3, "0123456789")];
}

void teeio_run_verb(const struct teeio_words *words, struct teeio_reply *reply)
{
    unsigned arguments = words->count - 1;
    size_t i;

    if (teeio_is_tdi(words->word[0])) {
        teeio_forward(words, reply);
        return;
    }
    for (i = 0; i < sizeof(teeio_verbs) / sizeof(teeio_verbs[0]); i++) {
        if (strcmp(words->word[0], teeio_verbs[i].name)) {
            continue;
        }
        if (arguments < teeio_verbs[i].least ||
            arguments > teeio_verbs[i].most) {
            teeio_fail(reply, EINVAL, "wrong-number-of-words");
        } else {
            teeio_verbs[i].run(words, reply);
        }
        return;
    }
    teeio_fail(reply, EINVAL, "unknown-verb");
}
