/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * From a guest: what the stock kernel gets out of a virtio disk without a
 * medium, behind no IOMMU, QEMU's own, and ours. One round boots each machine
 * once; only figures of one round are compared.
 */
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "guest-run.h"
#include "plan.h"
#include "tool.h"

#define BOOT_TIMEOUT 60u

enum iommu { NONE, STOCK, OURS };

/**
 * struct machine - one boot of a round
 * @strict: unmapped means invalidated; else "lazy", later and many at once
 */
static const struct machine {
    enum iommu iommu;
    bool strict;
} machines[] = {
    {NONE, true}, {STOCK, true}, {OURS, true}, {STOCK, false}, {OURS, false},
};

#define MACHINES G_N_ELEMENTS(machines)

/* Their place in the table. */
enum { STOCK_STRICT = 1, OURS_STRICT, STOCK_LAZY, OURS_LAZY };

static const char *const iommu_names[] = {"none", "stock", "ours"};

/* What the guest does; its place, from 1, is the number of the step. */
static const struct load {
    const char *name;
    const char *arguments;
} loads[] = {
    {"rand4k", "bs=4096 depth=16 pattern=random"},
    {"seq128k", "bs=131072 depth=8 pattern=seq"},
};

#define LOADS G_N_ELEMENTS(loads)

/* struct outcome - of one boot: requests a second, and time to our init */
struct outcome {
    double iops[LOADS];
    double boot_ms;
};

/* struct guest - what all boots share */
struct guest {
    struct teeio_scenario scenario;
    struct teeio_cell cell;
    struct teeio_rig rig;
    char *folder;
    char *initramfs;
    char *console;
    char *kernel;
};

static void guest_init(struct guest *guest, bool quick)
{
    static char *modules[] = {(char *)"virtio_pci", (char *)"virtio_blk", NULL};

    memset(guest, 0, sizeof(*guest));
    guest->scenario.path = (char *)"teeio-bench";
    guest->scenario.board = (char *)"virt";
    guest->cell.hardware.kernel = (char *)"stock-arm64";
    guest->scenario.modules = modules;
    guest->cell.scenario = &guest->scenario;
    guest->cell.steps =
        g_ptr_array_new_with_free_func((GDestroyNotify)teeio_step_free);
    for (unsigned i = 0; i < LOADS; i++) {
        struct teeio_step *step = g_new0(struct teeio_step, 1);

        step->id = i + 1;
        step->command = g_strdup_printf("blkload vda %s ms=%u",
                                        loads[i].arguments, quick ? 400 : 1000);
        g_ptr_array_add(guest->cell.steps, step);
    }
    guest->rig.qemu = teeio_default_qemu(false);
    guest->rig.plugin = teeio_path_plugin();
    guest->rig.init = teeio_path_guest("init");
    guest->kernel = teeio_kernel_path(&guest->rig, &guest->cell);
}

static bool guest_prepare(struct guest *guest, GError **error)
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

static void guest_clear(struct guest *guest)
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

static void add(GPtrArray *argv, const char *option, const char *value)
{
    g_ptr_array_add(argv, g_strdup(option));
    g_ptr_array_add(argv, g_strdup(value));
}

/* The plug-in comes only with our SMMU, as it would for a user. */
static GPtrArray *command_line(const struct guest *guest,
                               const struct machine *machine)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *plugin = teeio_plugin_arg(guest->rig.plugin, NULL);
    g_autofree char *append = g_strdup_printf(
        "console=ttyAMA0 quiet panic=-1 iommu.passthrough=0 iommu.strict=%d",
        machine->strict);

    g_ptr_array_add(argv, g_strdup(guest->rig.qemu));
    g_ptr_array_add(argv, g_strdup("-nodefaults"));
    g_ptr_array_add(argv, g_strdup("-no-reboot"));
    add(argv, "-M",
        machine->iommu == STOCK ? "virt,gic-version=3,iommu=smmuv3"
                                : "virt,gic-version=3");
    add(argv, "-cpu", "cortex-a57");
    add(argv, "-m", "512");
    add(argv, "-display", "none");
    add(argv, "-monitor", "none");
    add(argv, "-serial", "stdio");
    add(argv, "-kernel", guest->kernel);
    add(argv, "-initrd", guest->initramfs);
    add(argv, "-append", append);
    add(argv, "-blockdev",
        "driver=null-co,node-name=disk,size=1073741824,"
        "read-zeroes=off");
    if (machine->iommu == OURS) {
        add(argv, "-plugin", plugin);
        add(argv, "-device", "teeio-smmuv3");
    }
    add(argv, "-device",
        "virtio-blk-pci,drive=disk,iommu_platform=on,"
        "disable-legacy=on");
    g_ptr_array_add(argv, NULL);
    return argv;
}

static bool take_replies(const struct teeio_boot *boot, struct outcome *outcome,
                         GError **error)
{
    for (unsigned i = 0; i < LOADS; i++) {
        const char *reply =
            g_hash_table_lookup(boot->replies, GUINT_TO_POINTER(i + 1));
        guint64 ios, us;

        if (!reply ||
            sscanf(reply, "ok ios=%" G_GUINT64_FORMAT " us=%" G_GUINT64_FORMAT,
                   &ios, &us) != 2 ||
            !us) {
            teeio_set_error(error, TEEIO_EXIT_RIG, NULL,
                            "the guest's answer to \"blkload\": %s",
                            reply ? reply : "none");
            return false;
        }
        outcome->iops[i] = 1e6 * ios / us;
    }
    outcome->boot_ms = boot->ready_us / 1000.0;
    return true;
}

static bool run_machine(const struct guest *guest,
                        const struct machine *machine, struct outcome *outcome,
                        GError **error)
{
    g_autoptr(GPtrArray) argv = command_line(guest, machine);
    struct teeio_progress silent = {0};
    struct teeio_boot boot;
    g_autofree char *reason = NULL;
    bool good = true;

    teeio_boot_init(&boot);
    teeio_guest_run(&boot, argv, guest->console, BOOT_TIMEOUT, &silent);
    reason = teeio_boot_reason(&boot, BOOT_TIMEOUT);
    if (reason) {
        teeio_set_error(error, TEEIO_EXIT_RIG, NULL, "guest behind \"%s\": %s",
                        iommu_names[machine->iommu], reason);
        good = false;
    } else {
        good = take_replies(&boot, outcome, error);
    }
    teeio_boot_clear(&boot);
    return good;
}

static void named(struct bench *bench, double value, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void named(struct bench *bench, double value, const char *format, ...)
{
    g_autofree char *name = NULL;
    va_list args;

    va_start(args, format);
    name = g_strdup_vprintf(format, args);
    va_end(args);
    bench_result(bench, name, value);
}

static void add_round(struct bench *bench, const struct outcome *outcomes)
{
    for (unsigned i = 0; i < LOADS; i++) {
        const char *load = loads[i].name;

        named(bench,
              outcomes[OURS_STRICT].iops[i] / outcomes[STOCK_STRICT].iops[i],
              "guest_%s_strict_speedup", load);
        named(bench, outcomes[OURS_LAZY].iops[i] / outcomes[STOCK_LAZY].iops[i],
              "guest_%s_lazy_speedup", load);
        named(bench, outcomes[NONE].iops[i], "guest_none_%s_iops", load);
        for (unsigned m = STOCK_STRICT; m < MACHINES; m++) {
            const char *iommu = iommu_names[machines[m].iommu];
            const char *mode = machines[m].strict ? "strict" : "lazy";

            named(bench, outcomes[m].iops[i], "guest_%s_%s_%s_iops", iommu,
                  load, mode);
            named(bench, outcomes[m].iops[i] / outcomes[NONE].iops[i],
                  "guest_%s_%s_%s_of_none", iommu, load, mode);
        }
    }
    bench_result(bench, "guest_boot_none_ms", outcomes[NONE].boot_ms);
    bench_result(bench, "guest_boot_stock_of_none",
                 outcomes[STOCK_STRICT].boot_ms / outcomes[NONE].boot_ms);
    bench_result(bench, "guest_boot_ours_of_none",
                 outcomes[OURS_STRICT].boot_ms / outcomes[NONE].boot_ms);
}

/* Another machine begins each round, so that none is always the first. */
static bool run_round(struct bench *bench, const struct guest *guest,
                      unsigned round, GError **error)
{
    struct outcome outcomes[MACHINES];

    for (unsigned i = 0; i < MACHINES; i++) {
        unsigned m = (i + round) % MACHINES;

        if (!run_machine(guest, &machines[m], &outcomes[m], error)) {
            return false;
        }
    }
    add_round(bench, outcomes);
    return true;
}

static bool run_rounds(struct bench *bench, const struct guest *guest,
                       GError **error)
{
    const unsigned rounds = bench->quick ? 3 : 10;
    gint64 longest = 0;

    for (unsigned i = 0; i < rounds; i++) {
        gint64 start = g_get_monotonic_time();

        if (start + longest > bench->deadline) {
            break;
        }
        if (!run_round(bench, guest, i, error)) {
            return false;
        }
        longest = MAX(longest, g_get_monotonic_time() - start);
    }
    return true;
}

bool bench_guest(struct bench *bench, GError **error)
{
    struct guest guest;
    bool good;

    teeio_interrupts_catch();
    guest_init(&guest, bench->quick);
    good = guest_prepare(&guest, error) && run_rounds(bench, &guest, error);
    guest_clear(&guest);
    return good;
}
