/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Starting and ending QEMU.
 */

/* For accept4() and waitid(). */
#define _GNU_SOURCE

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT 30
#define POLL_MS         10

unsigned teeio_qtest_timeout(void)
{
    const char *text = g_getenv("TEEIO_QTEST_TIMEOUT");
    guint64 seconds = 0;

    if (text && g_ascii_string_to_unsigned(text, 10, 1, 3600, &seconds, NULL)) {
        return (unsigned)seconds;
    }
    return DEFAULT_TIMEOUT;
}

char *teeio_qtest_stderr(struct teeio_qtest *qtest)
{
    GString *text = g_string_new(NULL);
    char chunk[4096];
    ssize_t got;
    off_t offset = 0;

    while ((got = pread(qtest->error_fd, chunk, sizeof(chunk), offset)) > 0) {
        g_string_append_len(text, chunk, got);
        offset += got;
    }
    return g_string_free(text, FALSE);
}

static void buffer_init(struct teeio_qtest_line_buffer *buffer,
                        const char *name)
{
    buffer->fd = -1;
    buffer->name = name;
    buffer->data = g_string_new(NULL);
}

static void buffer_clear(struct teeio_qtest_line_buffer *buffer)
{
    if (buffer->fd >= 0) {
        close(buffer->fd);
    }
    g_string_free(buffer->data, TRUE);
}

static void qtest_free(struct teeio_qtest *qtest)
{
    buffer_clear(&qtest->protocol);
    buffer_clear(&qtest->qmp);
    close(qtest->error_fd);
    g_free(qtest->command_line);
    g_free(qtest);
}

/*
 * Wait for the end of QEMU, at most @seconds.
 *
 * Returns: false when it still runs; else @status is as of waitpid().
 */
static bool wait_exit(struct teeio_qtest *qtest, unsigned seconds, int *status)
{
    gint64 deadline = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;

    while (waitpid(qtest->pid, status, WNOHANG) != qtest->pid) {
        if (g_get_monotonic_time() >= deadline) {
            return false;
        }
        g_usleep(POLL_MS * 100);
    }
    qtest->pid = 0;
    return true;
}

static void kill_process(struct teeio_qtest *qtest)
{
    int status;

    if (qtest->pid > 0) {
        kill(qtest->pid, SIGKILL);
        waitpid(qtest->pid, &status, 0);
        qtest->pid = 0;
    }
}

void teeio_qtest_fail(struct teeio_qtest *qtest, const char *format, ...)
{
    g_autofree char *reason = NULL;
    g_autofree char *error = NULL;
    int status = 0;
    va_list args;

    va_start(args, format);
    reason = g_strdup_vprintf(format, args);
    va_end(args);

    /* A QEMU that is just dying should finish what it has to say. */
    if (qtest->pid > 0 && !wait_exit(qtest, 1, &status)) {
        kill_process(qtest);
        status = 0;
    }
    error = teeio_qtest_stderr(qtest);
    if (WIFSIGNALED(status)) {
        g_printerr("QEMU died by signal %d\n", WTERMSIG(status));
    } else if (WIFEXITED(status) && WEXITSTATUS(status)) {
        g_printerr("QEMU left with status %d\n", WEXITSTATUS(status));
    }
    g_printerr("command line: %s\n%s", qtest->command_line, error);
    g_error("%s", reason);
}

/* In the child, between fork and exec. */
static void die_with_parent(gpointer opaque)
{
    (void)opaque;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void spawn(struct teeio_qtest *qtest, GPtrArray *argv)
{
    const char *preload = g_getenv("TEEIO_QTEST_PRELOAD");
    g_auto(GStrv) environment = g_get_environ();
    g_autoptr(GError) error = NULL;
    GPid pid = 0;

    if (preload) {
        environment =
            g_environ_setenv(environment, "LD_PRELOAD", preload, TRUE);
    }
    if (!g_spawn_async_with_fds(NULL, (char **)argv->pdata, environment,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH,
                                die_with_parent, NULL, &pid, -1,
                                qtest->error_fd, qtest->error_fd, &error)) {
        g_error("cannot start QEMU: %s", error->message);
    }
    qtest->pid = pid;
}

static int open_unnamed(void)
{
    g_autofree char *name = NULL;
    g_autoptr(GError) error = NULL;
    int named = g_file_open_tmp("teeio-qtest-XXXXXX", &name, &error);
    int fd;

    if (named < 0) {
        g_error("cannot keep QEMU's messages: %s", error->message);
    }
    /* QEMU and its modules write through several descriptors: append. */
    fd = open(name, O_RDWR | O_APPEND | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    close(named);
    unlink(name);
    return fd;
}

static void add_args(GPtrArray *argv, const char *args)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) words = NULL;

    if (!g_shell_parse_argv(args, NULL, &words, &error)) {
        if (g_error_matches(error, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING)) {
            return;
        }
        g_error("cannot split '%s': %s", args, error->message);
    }
    for (char **word = words; *word; word++) {
        g_ptr_array_add(argv, g_strdup(*word));
    }
}

static GPtrArray *common_argv(const char *qemu, const char *args)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup(qemu));
    add_args(argv, "-accel tcg -S -nodefaults -no-user-config -display none");
    add_args(argv, args);
    return argv;
}

static struct teeio_qtest *qtest_new(void)
{
    struct teeio_qtest *qtest = g_new0(struct teeio_qtest, 1);

    qtest->error_fd = open_unnamed();
    buffer_init(&qtest->protocol, "qtest");
    buffer_init(&qtest->qmp, "QMP");
    return qtest;
}

static void launch(struct teeio_qtest *qtest, GPtrArray *argv)
{
    g_ptr_array_add(argv, NULL);
    qtest->command_line = g_strjoinv(" ", (char **)argv->pdata);
    spawn(qtest, argv);
    g_ptr_array_unref(argv);
}

static int listen_at(const char *folder, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int length = g_snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s",
                            folder, name);

    if (length >= (int)sizeof(address.sun_path)) {
        g_error("TMPDIR is too long for a socket: %s", folder);
    }
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(fd, 1) < 0) {
        g_error("cannot listen in %s: %s", folder, g_strerror(errno));
    }
    return fd;
}

/* Wait for QEMU to connect; -1 when it is gone or late. */
static int accept_from(struct teeio_qtest *qtest, int listener)
{
    gint64 deadline =
        g_get_monotonic_time() + teeio_qtest_timeout() * G_USEC_PER_SEC;
    struct pollfd pollfd = {.fd = listener, .events = POLLIN};
    siginfo_t info = {0};

    while (poll(&pollfd, 1, POLL_MS) <= 0) {
        if (g_get_monotonic_time() >= deadline ||
            waitid(P_PID, (id_t)qtest->pid, &info,
                   WEXITED | WNOHANG | WNOWAIT) < 0 ||
            info.si_pid) {
            return -1;
        }
    }
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

struct teeio_qtest *teeio_qtest_start(const char *qemu, const char *args)
{
    struct teeio_qtest *qtest = qtest_new();
    GPtrArray *argv = common_argv(qemu, args);
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("teeio-qtest-XXXXXX", &error);
    g_autofree char *protocol = g_build_filename(folder, "qtest", NULL);
    g_autofree char *qmp = g_build_filename(folder, "qmp", NULL);
    int protocol_listener = listen_at(folder, "qtest");
    int qmp_listener = listen_at(folder, "qmp");

    add_args(argv, "-qtest-log none -qtest");
    g_ptr_array_add(argv, g_strconcat("unix:", protocol, NULL));
    add_args(argv, "-qmp");
    g_ptr_array_add(argv, g_strconcat("unix:", qmp, NULL));
    launch(qtest, argv);

    qtest->qmp.fd = accept_from(qtest, qmp_listener);
    qtest->protocol.fd = accept_from(qtest, protocol_listener);
    close(protocol_listener);
    close(qmp_listener);
    g_unlink(protocol);
    g_unlink(qmp);
    g_rmdir(folder);
    if (qtest->qmp.fd < 0 || qtest->protocol.fd < 0) {
        teeio_qtest_fail(qtest, "QEMU did not connect");
    }
    teeio_qtest_qmp_handshake(qtest);
    return qtest;
}

void teeio_qtest_stop(struct teeio_qtest *qtest)
{
    int status;

    if (!qtest) {
        return;
    }
    teeio_qtest_qmp_ok(qtest, "quit", NULL);
    if (!wait_exit(qtest, teeio_qtest_timeout(), &status)) {
        teeio_qtest_fail(qtest, "QEMU did not quit");
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        teeio_qtest_fail(qtest, "QEMU quit with wait status 0x%x", status);
    }
    qtest_free(qtest);
}

void teeio_qtest_run(const char *qemu, const char *args,
                     struct teeio_qtest_exit *exit)
{
    struct teeio_qtest *qtest = qtest_new();
    int status;

    launch(qtest, common_argv(qemu, args));
    if (!wait_exit(qtest, teeio_qtest_timeout(), &status)) {
        teeio_qtest_fail(qtest, "QEMU runs on where it should have given up");
    }
    exit->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    exit->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    exit->error = teeio_qtest_stderr(qtest);
    qtest_free(qtest);
}

void teeio_qtest_exit_clear(struct teeio_qtest_exit *exit)
{
    g_clear_pointer(&exit->error, g_free);
}
