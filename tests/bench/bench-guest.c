/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * From a guest: what the stock kernel gets out of a virtio disk without a
 * medium, behind no IOMMU, QEMU's own, and ours. One round boots each machine
 * once; only figures of one round are compared.
 */
#include <stdio.h>

#include "bench-boot.h"
#include "bench.h"
#include "tool.h"

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

static void guest_init(struct bench_guest *guest, bool quick)
{
    static char *modules[] = {(char *)"virtio_pci", (char *)"virtio_blk", NULL};

    bench_guest_init(guest, "stock-arm64", modules);
    for (unsigned i = 0; i < LOADS; i++) {
        bench_guest_add(guest, g_strdup_printf("blkload vda %s ms=%u",
                                               loads[i].arguments,
                                               quick ? 400 : 1000));
    }
}

/* The plug-in comes only with our SMMU, as it would for a user. */
static GPtrArray *command_line(const struct bench_guest *guest,
                               const struct machine *machine)
{
    g_autofree char *plugin = teeio_plugin_arg(guest->rig.plugin, NULL);
    g_autofree char *append = g_strdup_printf(
        "console=ttyAMA0 quiet panic=-1 iommu.passthrough=0 iommu.strict=%d",
        machine->strict);
    GPtrArray *argv = bench_guest_command(
        guest,
        machine->iommu == STOCK ? "virt,gic-version=3,iommu=smmuv3"
                                : "virt,gic-version=3",
        append);

    bench_guest_option(argv, "-blockdev",
                       "driver=null-co,node-name=disk,size=1073741824,"
                       "read-zeroes=off");
    if (machine->iommu == OURS) {
        bench_guest_option(argv, "-plugin", plugin);
        bench_guest_option(argv, "-device", "teeio-smmuv3");
    }
    bench_guest_option(argv, "-device",
                       "virtio-blk-pci,drive=disk,iommu_platform=on,"
                       "disable-legacy=on");
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

static bool run_machine(const struct bench_guest *guest,
                        const struct machine *machine, struct outcome *outcome,
                        GError **error)
{
    g_autoptr(GPtrArray) argv = command_line(guest, machine);
    struct teeio_boot boot;
    bool good = bench_guest_boot(guest, argv, iommu_names[machine->iommu],
                                 &boot, error) &&
                take_replies(&boot, outcome, error);

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
static bool run_round(struct bench *bench, const struct bench_guest *guest,
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

static bool run_rounds(struct bench *bench, const struct bench_guest *guest,
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
    struct bench_guest guest;
    bool good;

    teeio_interrupts_catch();
    guest_init(&guest, bench->quick);
    good =
        bench_guest_prepare(&guest, error) && run_rounds(bench, &guest, error);
    bench_guest_clear(&guest);
    return good;
}
