/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The first process of a test guest: load modules, run steps, power off.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "init.h"

static const struct {
    const char *type;
    const char *where;
} teeio_mounts[] = {
    {"proc", "/proc"},
    {"sysfs", "/sys"},
    {"devtmpfs", "/dev"},
    {"debugfs", TEEIO_DEBUGFS},
};

static void teeio_mount_all(void)
{
    size_t i;

    for (i = 0; i < sizeof(teeio_mounts) / sizeof(teeio_mounts[0]); i++) {
        mkdir(teeio_mounts[i].where, 0755);
        mount(teeio_mounts[i].type, teeio_mounts[i].where, teeio_mounts[i].type,
              0, NULL);
    }
}

/*
 * No flags: a module that does not fit the kernel must fail here, and not
 * later in ways of its own.
 */
static int teeio_load_module(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error = 0;

    if (fd < 0) {
        return errno;
    }
    if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST) {
        error = errno;
    }
    close(fd);
    return error;
}

static void teeio_load_modules(const char *list)
{
    FILE *file = fopen(list, "re");
    char path[256];
    int error;

    if (!file) {
        return;
    }
    while (fgets(path, sizeof(path), file)) {
        path[strcspn(path, "\n")] = '\0';
        if (!path[0]) {
            continue;
        }
        error = teeio_load_module(path);
        if (error) {
            teeio_console_print("teeio-guest: module %s error errno=%s "
                                "why=cannot-load",
                                path, strerrorname_np(error));
        }
    }
    fclose(file);
}

int main(void)
{
    struct utsname name;

    teeio_mount_all();
    teeio_console_open();
    teeio_load_modules("/etc/teeio/modules");
    uname(&name);
    teeio_console_print("teeio-guest: ready kernel=%s", name.release);
    if (teeio_run_steps("/etc/teeio/steps")) {
        /* Without steps somebody may want to look around. */
        execl("/bin/sh", "sh", (char *)NULL);
    } else {
        teeio_console_print("teeio-guest: done");
    }
    sync();
    reboot(RB_POWER_OFF);
    for (;;) {
        pause();
    }
}
