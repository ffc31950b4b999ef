/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>
#include <string.h>

#include "golden.h"
#include "random-tables.h"

static bool cells_read(void *opaque, uint64_t address, uint64_t *value)
{
    const struct golden_cell *cells = opaque;

    for (; cells->at; cells++) {
        if (cells->at == address) {
            *value = cells->value;
            return true;
        }
    }
    return false;
}

static bool cells_cmpxchg(void *opaque, uint64_t address, uint64_t expected,
                          uint64_t desired, uint64_t *seen)
{
    struct golden_cell *cells = opaque;

    for (; cells->at; cells++) {
        if (cells->at == address) {
            *seen = cells->value;
            if (cells->value == expected) {
                cells->value = desired;
            }
            return true;
        }
    }
    return false;
}

static void walk_cells(const struct oracle_config *config,
                       const struct oracle_access *access,
                       struct golden_cell *cells, struct oracle_result *result)
{
    struct oracle_memory memory = {
        .opaque = cells,
        .read = cells_read,
        .cmpxchg = cells_cmpxchg,
    };

    g_assert_null(oracle_config_problem(config));
    oracle_walk(config, access, &memory, result);
}

static void format_rights(const struct oracle_result *r, char text[5])
{
    text[0] = r->read ? 'r' : '-';
    text[1] = r->write ? 'w' : '-';
    text[2] = r->exec ? 'x' : '-';
    text[3] = r->clean ? 'c' : '-';
    text[4] = '\0';
}

static void test_golden(const void *data)
{
    const struct golden *golden = data;
    struct golden_cell cells[G_N_ELEMENTS(golden->memory) + 1] = {0};
    struct oracle_result r;
    char rights[5];

    memcpy(cells, golden->memory, sizeof(golden->memory));
    walk_cells(&golden->config, &golden->access, cells, &r);
    g_assert_cmpstr(oracle_fault_name(r.fault), ==,
                    oracle_fault_name(golden->fault));
    g_assert_cmpuint(r.reads, ==, golden->reads);
    g_assert_cmphex(r.ipa, ==, golden->ipa);
    if (r.fault) {
        g_assert_cmpuint(r.stage, ==, golden->stage);
        g_assert_cmpint(r.level, ==, golden->level);
        g_assert_cmpuint(r.class, ==, golden->class);
        g_assert_cmpint(r.tt_write, ==, golden->tt_write);
        g_assert_cmphex(r.fetch_address, ==, golden->fetch_address);
    } else {
        format_rights(&r, rights);
        g_assert_cmphex(r.output, ==, golden->output);
        g_assert_cmpuint(r.page_bits, ==, golden->page_bits);
        g_assert_cmpstr(rights, ==, golden->rights);
    }
    for (const struct golden_cell *cell = golden->after; cell->at; cell++) {
        uint64_t value = 0;

        g_assert_true(cells_read(cells, cell->at, &value));
        g_assert_cmphex(value, ==, cell->value);
    }
}

/*
 * Who may do what: each access is tried, and where it is allowed the rights in
 * the result have to be the very same.
 */
static void check_rights(const struct oracle_config *config,
                         const struct golden_cell *memory, size_t n,
                         bool privileged, const char *expected)
{
    struct oracle_access access = {
        .address = 0x3456789abc,
        .privileged = privileged,
    };

    for (unsigned kind = 0; kind < 4; kind++) {
        struct golden_cell cells[4] = {0};
        struct oracle_result r;
        char rights[5];
        bool allowed;

        /* Read, write, fetch, and a write that calls itself instruction. */
        access.write = kind & 1;
        access.instruction = kind & 2;
        allowed = expected[kind == 3 ? 1 : kind] != '-';
        memcpy(cells, memory, n * sizeof(*memory));
        walk_cells(config, &access, cells, &r);
        g_assert_cmpint(r.fault, ==, allowed ? ORACLE_OK : ORACLE_PERMISSION);
        if (allowed) {
            format_rights(&r, rights);
            rights[3] = '\0';
            g_assert_cmpstr(rights, ==, expected);
        }
    }
}

enum { WXN = 1, PAN = 2, HAD = 4, HD = 8, UWXN = 16, XNX = 32 };

static const struct {
    uint64_t table;
    uint64_t leaf;
    unsigned flags;
    const char *privileged;
    const char *user;
} rights1[] = {
    /* AP alone */
    {0x12003, 0x87600401, 0, "rwx", "--x"},
    {0x12003, 0x87600441, 0, "rw-", "rwx"},
    {0x12003, 0x87600481, 0, "r-x", "--x"},
    {0x12003, 0x876004c1, 0, "r-x", "r-x"},
    /* UXN, PXN */
    {0x12003, 0x0040000087600441, 0, "rw-", "rw-"},
    {0x12003, 0x00200000876004c1, 0, "r--", "r-x"},
    {0x12003, 0x0060000087600401, 0, "rw-", "---"},
    /* APTable 01, 10, 11, XNTable, PXNTable, all under HAD */
    {0x2000000000012003, 0x87600441, 0, "rwx", "--x"},
    {0x4000000000012003, 0x87600441, 0, "r-x", "r-x"},
    {0x6000000000012003, 0x87600441, 0, "r-x", "--x"},
    {0x1000000000012003, 0x876004c1, 0, "r-x", "r--"},
    {0x0800000000012003, 0x876004c1, 0, "r--", "r-x"},
    {0x7800000000012003, 0x87600441, HAD, "rw-", "rwx"},
    /* WXN */
    {0x12003, 0x87600401, WXN, "rw-", "--x"},
    {0x12003, 0x87600441, WXN, "rw-", "rw-"},
    {0x12003, 0x87600481, WXN, "r-x", "--x"},
    {0x12003, 0x876004c1, UWXN, "r-x", "r-x"},
    /* PAN */
    {0x12003, 0x87600401, PAN, "rwx", "--x"},
    {0x12003, 0x87600441, PAN, "---", "rwx"},
    {0x12003, 0x876004c1, PAN, "--x", "r-x"},
    {0x2000000000012003, 0x87600441, PAN, "rwx", "--x"},
    /* DBM with and without HD, and where a table forbids it */
    {0x12003, 0x0008000087600481, HD, "rwx", "--x"},
    {0x12003, 0x00080000876004c1, HD, "rw-", "rwx"},
    {0x12003, 0x0008000087600481, 0, "r-x", "--x"},
    {0x4000000000012003, 0x0008000087600481, HD, "r-x", "--x"},
    {0x12003, 0x0008000087600481, HD | WXN, "rw-", "--x"},
};

static void test_rights_stage1(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rights1); i++) {
        unsigned flags = rights1[i].flags;
        const struct golden_cell memory[] = {
            {0x10688, rights1[i].table},
            {0x12598, rights1[i].leaf},
        };
        struct oracle_config config = {
            .s1 = {.on = true,
                   .ips = 40,
                   .half = {{.txsz = 25,
                             .granule = 12,
                             .ttb = 0x10000,
                             .had = flags & HAD},
                            {.epd = true}},
                   .wxn = flags & WXN,
                   .uwxn = flags & UWXN,
                   .pan = flags & PAN,
                   .ha = flags & HD,
                   .hd = flags & HD},
            .oas = 48,
        };

        check_rights(&config, memory, 2, true, rights1[i].privileged);
        check_rights(&config, memory, 2, false, rights1[i].user);
    }
}

static const struct {
    uint64_t leaf;
    unsigned flags;
    const char *privileged;
    const char *user;
} rights2[] = {
    {0x8000043d, 0, "--x", "--x"},
    {0x8000047d, 0, "r-x", "r-x"},
    {0x800004bd, 0, "-wx", "-wx"},
    {0x800004fd, 0, "rwx", "rwx"},
    {0x00200000800004fd, 0, "rwx", "rwx"},
    {0x00400000800004fd, 0, "rw-", "rw-"},
    {0x00600000800004fd, 0, "rw-", "rw-"},
    {0x00200000800004fd, XNX, "rw-", "rwx"},
    {0x00400000800004fd, XNX, "rw-", "rw-"},
    {0x00600000800004fd, XNX, "rwx", "rw-"},
    {0x000800008000047d, HD, "rwx", "rwx"},
    {0x000800008000047d, 0, "r-x", "r-x"},
};

static void test_rights_stage2(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rights2); i++) {
        const struct golden_cell memory[] = {{0x60688, rights2[i].leaf}};
        struct oracle_config config = {
            .s2 = {.on = true,
                   .granule = 12,
                   .t0sz = 25,
                   .sl0 = 1,
                   .ttb = 0x60000,
                   .ps = 40,
                   .ha = rights2[i].flags & HD,
                   .hd = rights2[i].flags & HD},
            .oas = 48,
            .xnx = rights2[i].flags & XNX,
        };

        check_rights(&config, memory, 1, true, rights2[i].privileged);
        check_rights(&config, memory, 1, false, rights2[i].user);
    }
}

/* One legal nest, and what makes it illegal. */
static const struct {
    const char *expected;
    unsigned offset; /* of an unsigned in struct oracle_config */
    unsigned value;
} configs[] = {
#define FIELD(name) offsetof(struct oracle_config, name)
    {NULL, FIELD(s1.half[0].txsz), 16},
    {NULL, FIELD(s1.half[0].txsz), 39},
    {"C_BAD_CD", FIELD(s1.half[0].txsz), 15},
    {"C_BAD_CD", FIELD(s1.half[0].txsz), 40},
    {"C_BAD_CD", FIELD(s1.half[0].granule), 13},
    {"C_BAD_CD", FIELD(s1.ips), 36},
    {NULL, FIELD(s2.t0sz), 30},
    {"C_BAD_STE", FIELD(s2.t0sz), 19},
    {"C_BAD_STE", FIELD(s2.t0sz), 40},
    /* From level 1: 31 to 43 bits. */
    {NULL, FIELD(s2.t0sz), 33},
    {NULL, FIELD(s2.t0sz), 21},
    {"C_BAD_STE", FIELD(s2.t0sz), 34},
    {"C_BAD_STE", FIELD(s2.t0sz), 20},
    {"C_BAD_STE", FIELD(s2.sl0), 2}, /* 34 bits have no level 0 */
    {"C_BAD_STE", FIELD(s2.sl0), 3},
    {"C_BAD_STE", FIELD(s2.sl0), 4},
    {"C_BAD_STE", FIELD(s2.ps), 36},
#undef FIELD
};

static void test_config(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(configs); i++) {
        struct oracle_config config = {
            .s1 = {.on = true,
                   .half = {{.txsz = 25, .granule = 12, .ttb = 0x1000000000},
                            {.epd = true, .granule = 99}},
                   .ips = 44},
            .s2 = {.on = true,
                   .granule = 12,
                   .t0sz = 30,
                   .sl0 = 1,
                   .ttb = 0x1000000000,
                   .ps = 44},
            .oas = 44,
        };
        const char *problem;

        memcpy((char *)&config + configs[i].offset, &configs[i].value,
               sizeof(configs[i].value));
        problem = oracle_config_problem(&config);
        if (!configs[i].expected) {
            g_assert_cmpstr(problem, ==, NULL);
        } else {
            g_assert_nonnull(problem);
            g_assert_true(g_str_has_prefix(problem, configs[i].expected));
        }
    }
}

static const struct random_features everything = {
    .oas = 52,
    .granules = 1 << 12 | 1 << 14 | 1 << 16,
    .stage1 = true,
    .stage2 = true,
    .ds = true,
    .va52 = true,
    .stt = true,
    .xnx = true,
    .had = true,
    .el2 = true,
    .fwb = true,
    .httu = 2,
};

/* The generator is only of use while everything happens often enough. */
static void test_random_mix(void)
{
    enum { WORLDS = 1500, ACCESSES = 20 };
    struct random_world *world = random_world_new();
    unsigned faults[2][ORACLE_WALK_EABT + 1] = {0};
    unsigned tables = 0;
    unsigned updates = 0;
    unsigned total = WORLDS * ACCESSES;

    for (unsigned seed = 0; seed < WORLDS; seed++) {
        struct oracle_memory memory;

        random_world_build(world, &everything, seed);
        memory = random_world_memory(world);
        for (unsigned n = 0; n < ACCESSES; n++) {
            struct oracle_access access;
            struct oracle_result r;

            random_world_access(world, &access);
            oracle_walk(&world->config, &access, &memory, &r);
            faults[r.stage == 2][r.fault]++;
            tables += r.fault && r.stage == 2 && r.class == ORACLE_CLASS_TT;
            updates += r.n_updates > 0;
            random_world_undo(world, &r);
        }
    }
    g_test_message("ok %u of %u, class TT %u, updated %u", faults[0][ORACLE_OK],
                   total, tables, updates);
    g_assert_cmpuint(faults[0][ORACLE_OK], >, total * 3 / 10);
    g_assert_cmpuint(tables, >, total / 100);
    g_assert_cmpuint(updates, >, total / 100);
    for (unsigned f = ORACLE_TRANSLATION; f <= ORACLE_WALK_EABT; f++) {
        for (unsigned stage = 1; stage <= 2; stage++) {
            g_test_message("stage %u %s %u", stage, oracle_fault_name(f),
                           faults[stage - 1][f]);
            g_assert_cmpuint(faults[stage - 1][f], >, total / 500);
        }
    }
    random_world_free(world);
}

/* The same seed gives the same world, whatever was built before. */
static void test_random_repeats(void)
{
    struct random_world *one = random_world_new();
    struct random_world *two = random_world_new();

    for (unsigned seed = 0; seed < 50; seed++) {
        random_world_build(one, &everything, seed + 1000);
        random_world_build(one, &everything, seed);
        memset(two->words, 0, two->used);
        two->used = 0;
        random_world_build(two, &everything, seed);
        g_assert_cmpmem(&one->config, sizeof(one->config), &two->config,
                        sizeof(two->config));
        g_assert_cmpuint(one->used, ==, two->used);
        g_assert_cmpmem(one->words, one->used, two->words, two->used);
        g_assert_cmphex(one->state, ==, two->state);
    }
    random_world_free(one);
    random_world_free(two);
}

static void add_golden(const char *group, const struct golden *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *path = g_strdup_printf("/oracle/%s/%s", group, cases[i].name);

        g_test_add_data_func(path, &cases[i], test_golden);
        g_free(path);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_golden("stage-1", golden_stage1, n_golden_stage1);
    add_golden("stage-2", golden_stage2, n_golden_stage2);
    add_golden("faults", golden_faults, n_golden_faults);
    add_golden("nested", golden_nested, n_golden_nested);
    g_test_add_func("/oracle/rights/stage-1", test_rights_stage1);
    g_test_add_func("/oracle/rights/stage-2", test_rights_stage2);
    g_test_add_func("/oracle/config", test_config);
    g_test_add_func("/oracle/random/mix", test_random_mix);
    g_test_add_func("/oracle/random/repeats", test_random_repeats);
    return g_test_run();
}
