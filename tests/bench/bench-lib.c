/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The SMMU as a library: what a hit, a miss and an invalidation cost, and how
 * many table reads a two-stage miss needs.
 */
#include <string.h>

#include "bench.h"
#include "teeio-tables/nested.h"
#include "teeio-tables/smmuv3.h"
#include "teeio/smmuv3.h"
#include "teeio/spec/smmuv3.h"

#define RAM       0x40000000ull
#define RAM_SIZE  0x01000000ull
#define CMDQ      RAM
#define CMDQ_LOG2 10u
#define TABLES    (RAM + 0x100000)

#define SID_S1    8u
#define SID_BOTH  16u
#define VMID      3ull
#define WINDOW    0x80000000ull /* IPA of tables of stage 1 */
#define DATA      0x100000000ull
#define IOVA      0xe0000000ull
#define PAGES     32768u /* more than any cache holds */
#define PAGE(n)   (IOVA + (uint64_t)(n)*4096)

#define NH_VA     0x12ull
#define NH_ASID   0x11ull
#define S12_VMALL 0x28ull
#define CFGI_ALL  0x04ull
#define NSNH_ALL  0x30ull
#define ASID      (1ull << 48) /* of the CDs of teeio-tables */
#define RANGE_4K  (1ull << 10)

#define ROUNDS    15u

/* struct rig - an SMMU with two streams: stage 1, and both stages */
struct rig {
    struct teeio_host host;
    uint8_t *ram;
    unsigned reads;
    struct teeio_tables tables;
    struct teeio_tables_streams streams;
    struct teeio_tables_space s1;
    struct teeio_tables_space s2;
    struct teeio_tables_space inner;
    struct teeio_tables_window window;
    struct teeio_smmuv3 *smmu;
    uint32_t prod;
};

static bool ram_read(void *opaque, uint64_t gpa, void *buf, size_t len,
                     bool trusted)
{
    struct rig *rig = opaque;

    (void)trusted;
    rig->reads++;
    if (gpa < RAM || gpa > RAM + RAM_SIZE - len) {
        return false;
    }
    memcpy(buf, rig->ram + (gpa - RAM), len);
    return true;
}

static bool ram_write(void *opaque, uint64_t gpa, const void *buf, size_t len,
                      bool trusted)
{
    struct rig *rig = opaque;

    (void)trusted;
    if (gpa < RAM || gpa > RAM + RAM_SIZE - len) {
        return false;
    }
    memcpy(rig->ram + (gpa - RAM), buf, len);
    return true;
}

static void nothing(void *opaque)
{
    (void)opaque;
}

static void no_interrupt(void *opaque, unsigned line)
{
    (void)opaque;
    (void)line;
}

static void table_read(void *opaque, uint64_t gpa, void *buf, size_t len)
{
    g_assert_true(ram_read(opaque, gpa, buf, len, false));
}

static void table_write(void *opaque, uint64_t gpa, const void *buf, size_t len)
{
    g_assert_true(ram_write(opaque, gpa, buf, len, false));
}

static void build_tables(struct rig *rig)
{
    uint64_t cd;

    g_assert_true(teeio_tables_streams_init(&rig->streams, &rig->tables, 9, 8));
    g_assert_true(teeio_tables_space_init(&rig->s1, &rig->tables, 48));
    g_assert_true(
        teeio_tables_space_init_stage2(&rig->s2, &rig->tables, 48, 12, 0));
    g_assert_true(teeio_tables_window_init(&rig->window, &rig->s2, WINDOW,
                                           0x100000, TEEIO_TABLES_S2_RO));
    g_assert_true(
        teeio_tables_space_init(&rig->inner, &rig->window.tables, 48));
    for (unsigned i = 0; i < PAGES; i++) {
        uint64_t data = DATA + i * 4096ull;
        uint64_t attributes = TEEIO_TABLES_RW | TEEIO_TABLES_NOT_GLOBAL;

        g_assert_true(teeio_tables_map(&rig->s1, PAGE(i), data, 3, attributes));
        g_assert_true(
            teeio_tables_map(&rig->inner, PAGE(i), data, 3, attributes));
        g_assert_true(
            teeio_tables_map(&rig->s2, data, data, 3, TEEIO_TABLES_S2_RW));
    }
    cd = teeio_tables_put_cd(&rig->tables, teeio_tables_cd(&rig->s1));
    g_assert_true(teeio_tables_set_ste(&rig->streams, SID_S1,
                                       teeio_tables_ste_stage1(cd)));
    cd = teeio_tables_put_cd(&rig->window.tables, teeio_tables_cd(&rig->inner));
    g_assert_true(teeio_tables_set_ste(
        &rig->streams, SID_BOTH, teeio_tables_ste_nested(cd, &rig->s2, VMID)));
}

static struct rig *rig_new(void)
{
    struct rig *rig = g_new0(struct rig, 1);
    struct teeio_smmuv3 *smmu;

    rig->ram = g_malloc0(RAM_SIZE);
    rig->host = (struct teeio_host){
        .opaque = rig,
        .read = ram_read,
        .write = ram_write,
        .raise = no_interrupt,
        .wake = nothing,
    };
    rig->tables = (struct teeio_tables){
        .opaque = rig,
        .read = table_read,
        .write = table_write,
        .next = TABLES,
        .end = RAM + RAM_SIZE,
    };
    build_tables(rig);
    smmu = teeio_smmuv3_new(&rig->host, NULL, TEEIO_T_UNIFIED);
    g_assert_true(smmu && teeio_smmuv3_set_iotlb(smmu, true, false));
    teeio_smmuv3_write(smmu, TEEIO_SMMUV3_REG_STRTAB_BASE,
                       teeio_tables_streams_base(&rig->streams), 8);
    teeio_smmuv3_write(smmu, TEEIO_SMMUV3_REG_STRTAB_BASE_CFG,
                       teeio_tables_streams_cfg(&rig->streams), 4);
    teeio_smmuv3_write(smmu, TEEIO_SMMUV3_REG_CMDQ_BASE, CMDQ | CMDQ_LOG2, 8);
    teeio_smmuv3_write(smmu, TEEIO_SMMUV3_REG_CR0,
                       TEEIO_CR0_SMMUEN | TEEIO_CR0_CMDQEN, 4);
    rig->smmu = smmu;
    return rig;
}

static void rig_free(struct rig *rig)
{
    teeio_smmuv3_free(rig->smmu);
    g_free(rig->ram);
    g_free(rig);
}

static void command(struct rig *rig, uint64_t dw0, uint64_t dw1)
{
    uint64_t words[2] = {GUINT64_TO_LE(dw0), GUINT64_TO_LE(dw1)};
    uint32_t index = rig->prod & ((1u << CMDQ_LOG2) - 1);

    memcpy(rig->ram + (CMDQ - RAM) + index * 16, words, sizeof(words));
    rig->prod = (rig->prod + 1) & ((2u << CMDQ_LOG2) - 1);
    teeio_smmuv3_write(rig->smmu, TEEIO_SMMUV3_REG_CMDQ_PROD, rig->prod, 4);
    while (teeio_smmuv3_step(rig->smmu)) {
    }
}

static void forget(struct rig *rig)
{
    command(rig, CFGI_ALL, 31);
    command(rig, NSNH_ALL, 0);
}

static void translate(struct rig *rig, uint32_t stream, unsigned page)
{
    struct teeio_iommu *iommu = teeio_smmuv3_iommu(rig->smmu);
    struct teeio_tlp tlp = {
        .kind = TEEIO_TLP_MRD,
        .address = PAGE(page),
        .length = 8,
        .requester = stream,
    };
    struct teeio_translation answer;

    iommu->translate(iommu, &tlp, &answer);
    g_assert_cmphex(answer.output, ==, DATA + page * 4096ull);
}

static unsigned random_page(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % PAGES;
}

/* struct job - what is measured; returns how often it was done */
struct job {
    const char *name;
    unsigned (*run)(struct rig *rig, unsigned argument);
    unsigned argument;
    void (*prepare)(struct rig *rig, unsigned argument);
};

static void measure(struct bench *bench, struct rig *rig, const struct job *job)
{
    unsigned rounds = bench->quick ? 5 : ROUNDS;
    for (unsigned i = 0; i < rounds; i++) {
        unsigned count;
        gint64 start;

        if (job->prepare) {
            job->prepare(rig, job->argument);
        }
        start = g_get_monotonic_time();
        count = job->run(rig, job->argument);
        bench_result(bench, job->name,
                     (g_get_monotonic_time() - start) * 1000.0 / count);
    }
}

static unsigned run_hits(struct rig *rig, unsigned pages)
{
    const unsigned count = 1u << 19;

    for (unsigned i = 0; i < count; i++) {
        translate(rig, SID_S1, i & (pages - 1));
    }
    return count;
}

static void start_cold(struct rig *rig, unsigned stream)
{
    forget(rig);
    translate(rig, stream, 0);
}

static unsigned run_sequence(struct rig *rig, unsigned stream)
{
    for (unsigned i = 1; i < PAGES; i++) {
        translate(rig, stream, i);
    }
    return PAGES - 1;
}

/* Every table is known, hardly any page. */
static void start_warm(struct rig *rig, unsigned stream)
{
    forget(rig);
    for (unsigned i = 0; i < PAGES; i += 512) {
        translate(rig, stream, i);
    }
}

static unsigned run_random(struct rig *rig, unsigned stream)
{
    uint32_t state = 1;

    for (unsigned i = 0; i < PAGES / 4; i++) {
        translate(rig, stream, random_page(&state));
    }
    return PAGES / 4;
}

static unsigned run_cold(struct rig *rig, unsigned stream)
{
    const unsigned count = 4096;
    uint32_t state = 1;

    for (unsigned i = 0; i < count; i++) {
        forget(rig);
        translate(rig, stream, random_page(&state));
    }
    return count;
}

static void fill(struct rig *rig, unsigned pages)
{
    forget(rig);
    for (unsigned i = 0; i < pages; i++) {
        translate(rig, SID_S1, i);
    }
}

static unsigned run_drop_pages(struct rig *rig, unsigned pages)
{
    const unsigned count = 1u << 15;

    (void)pages;
    for (unsigned i = 0; i < count; i++) {
        command(rig, NH_VA | ASID, PAGE(i) | 1);
    }
    return count;
}

static unsigned run_drop_ranges(struct rig *rig, unsigned pages)
{
    const unsigned count = 1u << 14;

    (void)pages;
    for (unsigned i = 0; i < count; i++) {
        command(rig, NH_VA | ASID | 31ull << 12, PAGE(i * 32) | RANGE_4K | 1);
    }
    return count;
}

static unsigned run_drop_asids(struct rig *rig, unsigned pages)
{
    const unsigned count = 1u << 15;

    (void)pages;
    for (unsigned i = 0; i < count; i++) {
        command(rig, NH_ASID | ASID, 0);
    }
    return count;
}

static unsigned run_drop_vmids(struct rig *rig, unsigned pages)
{
    const unsigned count = 1u << 15;

    (void)pages;
    for (unsigned i = 0; i < count; i++) {
        command(rig, S12_VMALL | VMID << 32, 0);
    }
    return count;
}

static gpointer hit_thread(gpointer opaque)
{
    run_hits(opaque, 64);
    return NULL;
}

/* Two threads, one device, the same pages: time per hit of each thread. */
static unsigned run_threads(struct rig *rig, unsigned argument)
{
    GThread *other = g_thread_new("hits", hit_thread, rig);
    unsigned count = run_hits(rig, 64);

    (void)argument;
    g_thread_join(other);
    return count;
}

/* Table reads of one miss: when nothing is remembered, and all but the page. */
static void count_reads(struct bench *bench, struct rig *rig)
{
    unsigned configuration = 2 + 1 + 4; /* L1STD, STE, CD below stage 2 */
    unsigned cold, warm;

    g_assert_true(teeio_smmuv3_set_iotlb(rig->smmu, false, false));
    rig->reads = 0;
    translate(rig, SID_BOTH, 1);
    cold = rig->reads;
    g_assert_true(teeio_smmuv3_set_iotlb(rig->smmu, true, false));
    start_warm(rig, SID_BOTH);
    rig->reads = 0;
    translate(rig, SID_BOTH, 1);
    warm = rig->reads;
    bench_result(bench, "nested_config_reads", configuration);
    bench_result(bench, "nested_cold_reads", cold - configuration);
    bench_result(bench, "nested_warm_reads", warm);
}

void bench_library(struct bench *bench)
{
    static const struct job jobs[] = {
        {"lib_hit_1_ns", run_hits, 1, NULL},
        {"lib_hit_ns", run_hits, 64, NULL},
        {"lib_hit_4096_ns", run_hits, 4096, NULL},
        {"lib_hit_2_threads_ns", run_threads, 0, NULL},
        {"lib_seq_miss_ns", run_sequence, SID_S1, start_cold},
        {"lib_nested_seq_miss_ns", run_sequence, SID_BOTH, start_cold},
        {"lib_nested_random_ns", run_random, SID_BOTH, start_warm},
        {"lib_nested_cold_ns", run_cold, SID_BOTH, NULL},
        {"lib_drop_page_0_ns", run_drop_pages, 0, fill},
        {"lib_drop_page_64_ns", run_drop_pages, 64, fill},
        {"lib_drop_page_4096_ns", run_drop_pages, 4096, fill},
        {"lib_drop_32_pages_0_ns", run_drop_ranges, 0, fill},
        {"lib_drop_32_pages_4096_ns", run_drop_ranges, 4096, fill},
        {"lib_drop_asid_0_ns", run_drop_asids, 0, fill},
        {"lib_drop_asid_4096_ns", run_drop_asids, 4096, fill},
        {"lib_drop_vmid_0_ns", run_drop_vmids, 0, fill},
        {"lib_drop_vmid_4096_ns", run_drop_vmids, 4096, fill},
    };
    struct rig *rig = rig_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(jobs); i++) {
        measure(bench, rig, &jobs[i]);
    }
    count_reads(bench, rig);
    rig_free(rig);
}
