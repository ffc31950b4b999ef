/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "bench-boot.h"

#include <glib/gstdio.h>
#include <string.h>

#include "tool.h"

#define BOOT_TIMEOUT 60u

void bench_guest_init(struct bench_guest *guest, const char *kernel,
                      char **modules)
{
    memset(guest, 0, sizeof(*guest));
    guest->scenario.path = (char *)"teeio-bench";
    guest->scenario.board = (char *)"virt";
    guest->cell.hardware.kernel = (char *)kernel;
    guest->scenario.modules = modules;
    guest->cell.scenario = &guest->scenario;
    guest->cell.steps =
        g_ptr_array_new_with_free_func((GDestroyNotify)teeio_step_free);
    guest->rig.qemu = teeio_default_qemu(false);
    guest->rig.plugin = teeio_path_plugin();
    guest->rig.init = teeio_path_guest("init");
    guest->kernel = teeio_kernel_path(&guest->rig, &guest->cell);
}

void bench_guest_add(struct bench_guest *guest, char *command)
{
    struct teeio_step *step = g_new0(struct teeio_step, 1);

    step->id = guest->cell.steps->len + 1;
    step->command = command;
    g_ptr_array_add(guest->cell.steps, step);
}

bool bench_guest_prepare(struct bench_guest *guest, GError **error)
{
    if (!teeio_rig_check(&guest->rig, &guest->cell, error)) {
        return false;
    }
    guest->folder = g_dir_make_tmp("teeio-bench-XXXXXX", error);
    if (!guest->folder) {
        return false;
    }
    guest->initramfs = g_build_filename(guest->folder, "initramfs.cpio", NULL);
    guest->console = g_build_filename(guest->folder, "console.log", NULL);
    return teeio_write_initramfs(&guest->rig, &guest->cell, guest->initramfs,
                                 error);
}

void bench_guest_clear(struct bench_guest *guest)
{
    if (guest->folder) {
        g_unlink(guest->initramfs);
        g_unlink(guest->console);
        g_rmdir(guest->folder);
    }
    g_free(guest->folder);
    g_free(guest->initramfs);
    g_free(guest->console);
    g_free(guest->kernel);
    g_ptr_array_unref(guest->cell.steps);
    teeio_rig_clear(&guest->rig);
}

void bench_guest_option(GPtrArray *argv, const char *option, const char *value)
{
    g_ptr_array_add(argv, g_strdup(option));
    g_ptr_array_add(argv, g_strdup(value));
}

GPtrArray *bench_guest_command(const struct bench_guest *guest,
                               const char *board, const char *append)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup(guest->rig.qemu));
    g_ptr_array_add(argv, g_strdup("-nodefaults"));
    g_ptr_array_add(argv, g_strdup("-no-reboot"));
    bench_guest_option(argv, "-M", board);
    bench_guest_option(argv, "-cpu", "cortex-a57");
    bench_guest_option(argv, "-m", "512");
    bench_guest_option(argv, "-display", "none");
    bench_guest_option(argv, "-monitor", "none");
    bench_guest_option(argv, "-serial", "stdio");
    bench_guest_option(argv, "-kernel", guest->kernel);
    bench_guest_option(argv, "-initrd", guest->initramfs);
    bench_guest_option(argv, "-append", append);
    return argv;
}

bool bench_guest_boot(const struct bench_guest *guest, GPtrArray *argv,
                      const char *name, struct teeio_boot *boot, GError **error)
{
    struct teeio_progress silent = {0};
    g_autofree char *reason = NULL;

    g_ptr_array_add(argv, NULL);
    teeio_boot_init(boot);
    teeio_guest_run(boot, argv, guest->console, BOOT_TIMEOUT, &silent);
    reason = teeio_boot_reason(boot, BOOT_TIMEOUT);
    if (reason) {
        teeio_set_error(error, TEEIO_EXIT_RIG, NULL, "guest behind \"%s\": %s",
                        name, reason);
    }
    return !reason;
}
