/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Inside QEMU: an 8-byte DMA read through the address space of a device,
 * behind our SMMU, behind QEMU's own, and behind none. The two SMMUs get the
 * same tables, and the machines take turns.
 */
#include <string.h>

#include "bench.h"
#include "teeio-qtest/qtest.h"
#include "teeio-tables/smmuv3.h"
#include "teeio/spec/smmuv3.h"
#include "tool.h"

#define SMMU         0x09050000ull /* of both */
#define TABLES       0x41000000ull
#define TABLES_SIZE  0x80000u
#define DATA         0x42000000ull
#define IOVA         0x80000000ull
#define PAGE_SIZE    4096u
#define DATA_PAGES   4096u
#define MAX_PAGES    (8 * DATA_PAGES) /* the data over and over */
#define REQUESTER    (3u << 3)
#define DEVICE       "-device edu,id=dev,addr=3 "

#define LEAST_ROUNDS 3u

/*
 * A few pages, each side of the 256 that QEMU's own SMMU remembers, and more
 * than any remembers.
 */
static const unsigned page_counts[] = {1, 64, 250, 257, DATA_PAGES, MAX_PAGES};

/**
 * struct machine - one of those that are compared
 * @args:  "%s" is the path of the plug-in, quoted
 * @iova:  where its device sees the data
 */
static const struct machine {
    const char *name;
    const char *args;
    uint64_t iova;
} machines[] = {
    {"none", "-M virt -cpu cortex-a57 -m 64 -plugin %s " DEVICE, DATA},
    {"stock", "-M virt,iommu=smmuv3 -cpu cortex-a57 -m 64 -plugin %s " DEVICE,
     IOVA},
    {"ours",
     "-M virt -cpu cortex-a57 -m 64 -plugin %s -device teeio-smmuv3 " DEVICE,
     IOVA},
};

#define MACHINES G_N_ELEMENTS(machines)

enum { NONE, STOCK, OURS };

static void shadow_read(void *opaque, uint64_t gpa, void *buf, size_t len)
{
    g_assert_true(gpa >= TABLES && gpa + len <= TABLES + TABLES_SIZE);
    memcpy(buf, (uint8_t *)opaque + (gpa - TABLES), len);
}

static void shadow_write(void *opaque, uint64_t gpa, const void *buf,
                         size_t len)
{
    g_assert_true(gpa >= TABLES && gpa + len <= TABLES + TABLES_SIZE);
    memcpy((uint8_t *)opaque + (gpa - TABLES), buf, len);
}

/* Built here and copied at once: a socket is slow. */
static void program_smmu(struct teeio_qtest *qtest)
{
    g_autofree uint8_t *shadow = g_malloc0(TABLES_SIZE);
    struct teeio_tables tables = {
        .opaque = shadow,
        .read = shadow_read,
        .write = shadow_write,
        .next = TABLES,
        .end = TABLES + TABLES_SIZE,
    };
    struct teeio_tables_streams streams;
    struct teeio_tables_space space;
    uint64_t cd;

    g_assert_true(teeio_tables_streams_init(&streams, &tables, 8, 0));
    g_assert_true(teeio_tables_space_init(&space, &tables, 39));
    for (uint64_t at = 0; at < MAX_PAGES * PAGE_SIZE; at += PAGE_SIZE) {
        uint64_t data = DATA + at % (DATA_PAGES * PAGE_SIZE);

        g_assert_true(
            teeio_tables_map(&space, IOVA + at, data, 3, TEEIO_TABLES_RW));
    }
    cd = teeio_tables_put_cd(&tables, teeio_tables_cd(&space));
    g_assert_true(
        teeio_tables_set_ste(&streams, REQUESTER, teeio_tables_ste_stage1(cd)));
    teeio_qtest_memwrite(qtest, TABLES, shadow, TABLES_SIZE);
    teeio_qtest_writeq(qtest, SMMU + TEEIO_SMMUV3_REG_STRTAB_BASE,
                       teeio_tables_streams_base(&streams));
    teeio_qtest_writel(qtest, SMMU + TEEIO_SMMUV3_REG_STRTAB_BASE_CFG,
                       teeio_tables_streams_cfg(&streams));
    teeio_qtest_writel(qtest, SMMU + TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_SMMUEN);
}

static struct teeio_qtest *start(const struct machine *machine)
{
    g_autofree char *qemu = teeio_default_qemu(false);
    g_autofree char *path = teeio_path_plugin();
    g_autofree char *value = teeio_plugin_arg(path, NULL);
    g_autofree char *quoted = g_shell_quote(value);
    g_auto(GStrv) parts = g_strsplit(machine->args, "%s", 2);
    g_autofree char *args = g_strconcat(parts[0], quoted, parts[1], NULL);
    struct teeio_qtest *qtest = teeio_qtest_start(qemu, args);

    for (unsigned i = 0; i < DATA_PAGES; i++) {
        teeio_qtest_writeq(qtest, DATA + (uint64_t)i * PAGE_SIZE, i + 1);
    }
    if (machine->iova != DATA) {
        program_smmu(qtest);
    }
    return qtest;
}

/* What reading each page once must add up to. */
static gint64 sum_of(unsigned pages)
{
    unsigned once = MIN(pages, DATA_PAGES);

    return (gint64)pages / once * once * (once + 1) / 2;
}

/* Returns: nanoseconds for a read; 0 with @error set when they went astray. */
static double measure(struct teeio_qtest *qtest, const struct machine *machine,
                      unsigned pages, unsigned count, GError **error)
{
    g_autoptr(JsonObject) reply =
        teeio_qtest_qmp(qtest, "x-teeio-dma-bench",
                        "{\"device\": \"dev\", \"iova\": %" G_GUINT64_FORMAT
                        ", \"pages\": %u, \"count\": %u, \"rounds\": 7}",
                        machine->iova, pages, count);
    JsonObject *value;

    if (!json_object_has_member(reply, "return")) {
        teeio_set_error(error, TEEIO_EXIT_RIG,
                        "build the plug-in anew: meson compile -C build",
                        "x-teeio-dma-bench: QEMU refused it");
        return 0;
    }
    value = json_object_get_object_member(reply, "return");
    if (json_object_get_int_member(value, "sum") != sum_of(pages)) {
        teeio_set_error(error, TEEIO_EXIT_UNEXPECTED,
                        "run the tests: meson test -C build",
                        "machine \"%s\": DMA read other data than was written",
                        machine->name);
        return 0;
    }
    return json_object_get_int_member(value, "least-ps") / 1000.0;
}

static void add(struct bench *bench, const double *ns, unsigned pages)
{
    double ratio = ns[OURS] / ns[STOCK];

    for (size_t i = 0; i < MACHINES; i++) {
        g_autofree char *name =
            g_strdup_printf("qemu_%s_%u_ns", machines[i].name, pages);

        bench_result(bench, name, ns[i]);
    }
    if (pages == 64) {
        bench_result(bench, "qemu_hit_ratio", ratio);
    } else if (pages == DATA_PAGES) {
        bench_result(bench, "qemu_miss_ratio", ratio);
    } else {
        g_autofree char *name = g_strdup_printf("qemu_%u_ratio", pages);

        bench_result(bench, name, ratio);
    }
}

static bool run_round(struct bench *bench, struct teeio_qtest *const *qtests,
                      unsigned round, GError **error)
{
    const unsigned count = bench->quick ? 1u << 13 : 1u << 15;

    for (size_t p = 0; p < G_N_ELEMENTS(page_counts); p++) {
        double ns[MACHINES];

        for (size_t i = 0; i < MACHINES; i++) {
            size_t m = (i + round) % MACHINES;

            unsigned most = m == NONE ? DATA_PAGES : MAX_PAGES;

            ns[m] = measure(qtests[m], &machines[m], MIN(page_counts[p], most),
                            count, error);
            if (*error) {
                return false;
            }
        }
        add(bench, ns, page_counts[p]);
    }
    return true;
}

static bool need_rig(GError **error)
{
    g_autofree char *name = teeio_default_qemu(false);
    g_autofree char *qemu = g_find_program_in_path(name);
    g_autofree char *plugin = teeio_path_plugin();

    if (!qemu) {
        teeio_set_error(error, TEEIO_EXIT_RIG, "install qemu-system-arm",
                        "QEMU: %s: not found", name);
        return false;
    }
    return teeio_need_file(plugin, "plug-in",
                           "build it: meson compile -C build", error);
}

bool bench_qemu(struct bench *bench, GError **error)
{
    const unsigned rounds = bench->quick ? 9 : 41;
    struct teeio_qtest *qtests[MACHINES];
    GError *failure = NULL;

    if (!need_rig(error)) {
        return false;
    }
    for (size_t i = 0; i < MACHINES; i++) {
        qtests[i] = start(&machines[i]);
    }
    for (unsigned i = 0; i < rounds && !failure; i++) {
        if (i >= LEAST_ROUNDS && g_get_monotonic_time() > bench->deadline) {
            break;
        }
        run_round(bench, qtests, i, &failure);
    }
    for (size_t i = 0; i < MACHINES; i++) {
        teeio_qtest_stop(qtests[i]);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return false;
    }
    return true;
}
