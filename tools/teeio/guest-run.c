/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Booting one guest and listening to its console.
 */
#define _GNU_SOURCE

#include "guest-run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAIL_LINES 4
#define MAX_LINE   4096
#define GRACE_US   (2 * G_USEC_PER_SEC)
#define POLL_MS    200
#define TAG        "teeio-guest: "

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

void teeio_interrupts_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

bool teeio_interrupted(void)
{
    return interrupted;
}

void teeio_boot_init(struct teeio_boot *boot)
{
    memset(boot, 0, sizeof(*boot));
    boot->replies = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    boot->patterns =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_queue_init(&boot->tail);
}

void teeio_boot_clear(struct teeio_boot *boot)
{
    g_free(boot->kernel);
    g_free(boot->module);
    g_hash_table_unref(boot->replies);
    g_hash_table_unref(boot->patterns);
    g_queue_clear_full(&boot->tail, g_free);
}

const char *teeio_boot_end_name(enum teeio_boot_end end)
{
    static const char *const names[] = {
        [TEEIO_BOOT_DONE] = "done",
        [TEEIO_BOOT_NO_SPAWN] = "no-spawn",
        [TEEIO_BOOT_NOT_READY] = "not-ready",
        [TEEIO_BOOT_NO_MODULE] = "no-module",
        [TEEIO_BOOT_STOPPED] = "stopped",
        [TEEIO_BOOT_PANIC] = "panic",
        [TEEIO_BOOT_TIMEOUT] = "timeout",
        [TEEIO_BOOT_INTERRUPTED] = "interrupted",
    };

    return end < G_N_ELEMENTS(names) ? names[end] : NULL;
}

/* What QEMU itself says starts with its name; prefer that to kernel noise. */
static char *telling_line(const struct teeio_boot *boot)
{
    const char *last = NULL;
    GList *link;

    for (link = boot->tail.head; link; link = link->next) {
        const char *next = link->next ? link->next->data : "";

        if (strstr(link->data, "qemu-system")) {
            bool hint = g_str_has_prefix(next, "hint: ");

            return g_strconcat(link->data, hint ? "; " : NULL, next, NULL);
        }
        last = link->data;
    }
    return g_strdup(last ? last : "no output");
}

char *teeio_boot_reason(const struct teeio_boot *boot, unsigned timeout_s)
{
    g_autofree char *line = telling_line(boot);

    switch (boot->end) {
    case TEEIO_BOOT_DONE:
        return NULL;
    case TEEIO_BOOT_NO_SPAWN:
        return g_strdup_printf("QEMU could not be started: %s", line);
    case TEEIO_BOOT_NOT_READY:
        return g_strdup_printf("QEMU ended before the guest was ready: %s",
                               line);
    case TEEIO_BOOT_NO_MODULE:
        return g_strdup_printf("the guest cannot load %s", boot->module);
    case TEEIO_BOOT_STOPPED:
        return g_strdup_printf("QEMU ended before the last step: %s", line);
    case TEEIO_BOOT_PANIC:
        return g_strdup("the guest's kernel panicked");
    case TEEIO_BOOT_TIMEOUT:
        return g_strdup_printf("timeout: no end after %u s; last line: %s",
                               timeout_s, line);
    case TEEIO_BOOT_INTERRUPTED:
        return g_strdup("interrupted");
    }
    return NULL;
}

/* A running boot. */
struct session {
    struct teeio_boot *boot;
    struct teeio_progress *progress;
    gint64 start;
    FILE *console;
    GString *line;
    bool ready;
    bool done;
    bool panic;
};

static void remember(struct teeio_boot *boot, const char *line)
{
    if (!*line) {
        return;
    }
    g_queue_push_tail(&boot->tail, g_strdup(line));
    if (g_queue_get_length(&boot->tail) > TAIL_LINES) {
        g_free(g_queue_pop_head(&boot->tail));
    }
}

static void take_reply(struct session *s, const char *text)
{
    char *end;
    unsigned long id = strtoul(text, &end, 10);

    if (end == text || *end != ' ') {
        return;
    }
    g_hash_table_replace(s->boot->replies, GUINT_TO_POINTER(id),
                         g_strdup(end + 1));
    teeio_progress_step(s->progress, g_hash_table_size(s->boot->replies));
}

/* The kernel's lines begin with a time stamp, those of programs do not. */
static void match_line(struct teeio_boot *boot, const char *line)
{
    GHashTableIter iter;
    void *pattern;
    void *found;

    if (*line != '[') {
        return;
    }
    g_hash_table_iter_init(&iter, boot->patterns);
    while (g_hash_table_iter_next(&iter, &pattern, &found)) {
        if (!found && g_pattern_match_simple(pattern, line)) {
            g_hash_table_iter_replace(&iter, g_strdup(line));
        }
    }
}

static void take_line(struct session *s, char *line)
{
    const char *said;

    g_strchomp(line);
    remember(s->boot, line);
    said = strstr(line, TAG);
    if (!said) {
        match_line(s->boot, line);
        s->panic |= strstr(line, "Kernel panic") != NULL;
        s->boot->warnings += strstr(line, "WARNING: ") ||
                             strstr(line, "BUG: ") ||
                             strstr(line, "Internal error: Oops");
        return;
    }
    said += strlen(TAG);
    if (g_str_has_prefix(said, "ready")) {
        const char *kernel = strstr(said, "kernel=");

        s->ready = true;
        s->boot->ready_us = g_get_monotonic_time() - s->start;
        if (kernel && !s->boot->kernel) {
            s->boot->kernel = g_strdup(kernel + strlen("kernel="));
        }
        teeio_progress_phase(s->progress, "act");
    } else if (g_str_has_prefix(said, "step ")) {
        take_reply(s, said + strlen("step "));
    } else if (g_str_has_prefix(said, "module ") && !s->boot->module) {
        s->boot->module = g_strdup(said + strlen("module "));
    } else if (g_str_has_prefix(said, "done")) {
        s->done = true;
    }
}

static void take_bytes(struct session *s, const char *bytes, size_t length)
{
    size_t i;

    if (s->console) {
        fwrite(bytes, 1, length, s->console);
        fflush(s->console);
    }
    for (i = 0; i < length; i++) {
        if (bytes[i] == '\n' || s->line->len == MAX_LINE) {
            take_line(s, s->line->str);
            g_string_truncate(s->line, 0);
        }
        if (bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\0') {
            g_string_append_c(s->line, bytes[i]);
        }
    }
}

/* Between fork and exec: if the tool dies in any way, QEMU goes with it. */
static void die_with_parent(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Returns the read end of a pipe with what QEMU prints, or -1. */
static int spawn(struct session *s, GPtrArray *argv, GPid *pid)
{
    int ends[2];
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    GError *error = NULL;
    bool spawned;

    if (nothing < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        remember(s->boot, g_strerror(errno));
        return -1;
    }
    spawned = g_spawn_async_with_fds(
        NULL, (char **)argv->pdata, NULL,
        G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent, NULL,
        pid, nothing, ends[1], ends[1], &error);
    close(nothing);
    close(ends[1]);
    if (!spawned) {
        remember(s->boot, error->message);
        g_error_free(error);
        close(ends[0]);
        return -1;
    }
    return ends[0];
}

/* Ask first, so that the plug-in can finish its file. */
static void end_child(GPid pid)
{
    gint64 limit = g_get_monotonic_time() + GRACE_US;
    int status;

    kill(pid, SIGTERM);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (g_get_monotonic_time() > limit) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            return;
        }
        g_usleep(10000);
    }
}

/* Returns why listening ended: DONE here only means that the pipe closed. */
static enum teeio_boot_end listen_until(struct session *s, int fd, gint64 limit)
{
    char bytes[4096];

    for (;;) {
        struct pollfd poller = {fd, POLLIN, 0};
        ssize_t got;

        if (teeio_interrupted()) {
            return TEEIO_BOOT_INTERRUPTED;
        }
        if (g_get_monotonic_time() > limit) {
            return TEEIO_BOOT_TIMEOUT;
        }
        teeio_progress_tick(s->progress);
        if (poll(&poller, 1, POLL_MS) <= 0) {
            continue;
        }
        got = read(fd, bytes, sizeof(bytes));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return TEEIO_BOOT_DONE;
        }
        take_bytes(s, bytes, got);
    }
}

static enum teeio_boot_end judge_end(const struct session *s,
                                     enum teeio_boot_end heard)
{
    if (heard == TEEIO_BOOT_INTERRUPTED) {
        return heard;
    }
    if (s->panic) {
        return TEEIO_BOOT_PANIC;
    }
    if (s->boot->module) {
        return TEEIO_BOOT_NO_MODULE;
    }
    if (heard != TEEIO_BOOT_DONE) {
        return heard;
    }
    if (!s->ready) {
        return TEEIO_BOOT_NOT_READY;
    }
    return s->done ? TEEIO_BOOT_DONE : TEEIO_BOOT_STOPPED;
}

void teeio_guest_run(struct teeio_boot *boot, GPtrArray *argv,
                     const char *console, unsigned timeout_s,
                     struct teeio_progress *progress)
{
    gint64 start = g_get_monotonic_time();
    struct session s = {.boot = boot, .progress = progress, .start = start};
    enum teeio_boot_end heard;
    GPid pid;
    int fd;

    teeio_progress_phase(progress, "boot");
    fd = spawn(&s, argv, &pid);
    if (fd < 0) {
        boot->end = TEEIO_BOOT_NO_SPAWN;
        return;
    }
    s.console = fopen(console, "wb");
    s.line = g_string_new(NULL);
    heard = listen_until(&s, fd, start + timeout_s * G_USEC_PER_SEC);
    if (s.line->len) {
        take_line(&s, s.line->str);
    }
    end_child(pid);
    close(fd);
    if (s.console) {
        fclose(s.console);
    }
    g_string_free(s.line, TRUE);
    boot->end = judge_end(&s, heard);
    boot->duration_us = g_get_monotonic_time() - start;
}

bool teeio_guest_reread(struct teeio_boot *boot, const char *console,
                        enum teeio_boot_end heard, GError **error)
{
    struct teeio_progress silent = {0};
    struct session s = {.boot = boot, .progress = &silent};
    g_autofree char *bytes = NULL;
    gsize length;

    if (!g_file_get_contents(console, &bytes, &length, error)) {
        return false;
    }
    s.line = g_string_new(NULL);
    take_bytes(&s, bytes, length);
    if (s.line->len) {
        take_line(&s, s.line->str);
    }
    g_string_free(s.line, TRUE);
    boot->end = judge_end(&s, heard == TEEIO_BOOT_TIMEOUT ||
                                      heard == TEEIO_BOOT_INTERRUPTED
                                  ? heard
                                  : TEEIO_BOOT_DONE);
    return true;
}
