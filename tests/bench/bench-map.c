/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What mapping and unmapping cost a kernel: its own dma_map_benchmark, behind
 * our SMMU and without any, two boots a round.
 */
#include <stdio.h>

#include "bench-boot.h"
#include "bench.h"
#include "tool.h"

enum { NONE, OURS, MACHINES };

static const char *const names[] = {[NONE] = "none", [OURS] = "ours"};

/* struct cost - of one page, in microseconds as the kernel says it */
struct cost {
    double map;
    double unmap;
};

static bool run_machine(const struct bench_guest *guest, int machine,
                        struct cost *cost, GError **error)
{
    g_autofree char *plugin = teeio_plugin_arg(guest->rig.plugin, NULL);
    g_autoptr(GPtrArray) argv =
        bench_guest_command(guest, "virt,gic-version=3",
                            "console=ttyAMA0 quiet panic=-1 iommu.strict=1");
    struct teeio_boot boot;
    const char *reply;
    bool good;

    bench_guest_option(argv, "-plugin", plugin);
    if (machine == OURS) {
        bench_guest_option(argv, "-device", "teeio-smmuv3");
    }
    bench_guest_option(argv, "-device", "teeio-tdi");
    good = bench_guest_boot(guest, argv, names[machine], &boot, error);
    if (good) {
        reply = g_hash_table_lookup(boot.replies, GUINT_TO_POINTER(1));
        good = reply && sscanf(reply, "ok map_us=%lf unmap_us=%lf", &cost->map,
                               &cost->unmap) == 2;
        if (!good) {
            teeio_set_error(error, TEEIO_EXIT_RIG, NULL,
                            "the guest's answer to \"mapbench\": %s",
                            reply ? reply : "none");
        }
    }
    teeio_boot_clear(&boot);
    return good;
}

static bool run_round(struct bench *bench, const struct bench_guest *guest,
                      unsigned round, GError **error)
{
    struct cost costs[MACHINES];

    for (unsigned i = 0; i < MACHINES; i++) {
        unsigned machine = (i + round) % MACHINES;

        if (!run_machine(guest, machine, &costs[machine], error)) {
            return false;
        }
    }
    bench_result(bench, "map_none_us", costs[NONE].map);
    bench_result(bench, "map_ours_us", costs[OURS].map);
    bench_result(bench, "unmap_none_us", costs[NONE].unmap);
    bench_result(bench, "unmap_ours_us", costs[OURS].unmap);
    bench_result(bench, "map_and_unmap_time_of_none",
                 (costs[OURS].map + costs[OURS].unmap) /
                     (costs[NONE].map + costs[NONE].unmap));
    return true;
}

bool bench_map(struct bench *bench, GError **error)
{
    static char *modules[] = {NULL};
    const unsigned rounds = bench->quick ? 1 : 5;
    struct bench_guest guest;
    GError *missing = NULL;
    bool good = true;

    teeio_interrupts_catch();
    bench_guest_init(&guest, "custom-arm64", modules);
    bench_guest_add(&guest, g_strdup("mapbench 0 threads=1 seconds=1"));
    if (!bench_guest_prepare(&guest, &missing)) {
        /* Not everybody builds a kernel; the other parts need none. */
        teeio_print_error(missing);
    } else {
        for (unsigned i = 0; good && i < rounds; i++) {
            if (g_get_monotonic_time() > bench->deadline) {
                break;
            }
            good = run_round(bench, &guest, i, error);
        }
    }
    bench_guest_clear(&guest);
    return good;
}
