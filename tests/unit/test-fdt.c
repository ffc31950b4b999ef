/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include <glib.h>
#include <glib/gstdio.h>
#include <libfdt.h>

#include "teeio/firmware.h"

#define BLOB_SIZE 0x10000
#define PHANDLE   0x8003
#define BRIDGE    "/pcie@10000000"

static const struct teeio_fdt_smmuv3 smmu = {
    .base = 0x9050000,
    .size = 0x20000,
    .spi = 74,
    .phandle = PHANDLE,
    .pci_host = BRIDGE,
    .ats = true,
};

static const uint64_t tsm_base = 0x90c0000;

/* A board in miniature: an interrupt controller and a host bridge. */
static void make_board(void *fdt)
{
    const fdt64_t reg[2] = {cpu_to_fdt64(0x10000000), cpu_to_fdt64(0x1000000)};
    const fdt32_t ranges[7] = {cpu_to_fdt32(0x2000000), 0, 0, 0, 0, 0,
                               cpu_to_fdt32(0x1000000)};
    int gic;
    int bridge;

    g_assert_cmpint(fdt_create_empty_tree(fdt, BLOB_SIZE), ==, 0);
    fdt_setprop_u32(fdt, 0, "interrupt-parent", 0x8001);
    fdt_setprop_u32(fdt, 0, "#size-cells", 2);
    fdt_setprop_u32(fdt, 0, "#address-cells", 2);
    bridge = fdt_add_subnode(fdt, 0, &BRIDGE[1]);
    fdt_setprop_string(fdt, bridge, "compatible", "pci-host-ecam-generic");
    fdt_setprop_string(fdt, bridge, "device_type", "pci");
    fdt_setprop(fdt, bridge, "reg", reg, sizeof(reg));
    fdt_setprop(fdt, bridge, "ranges", ranges, sizeof(ranges));
    fdt_setprop_u32(fdt, bridge, "#size-cells", 2);
    fdt_setprop_u32(fdt, bridge, "#address-cells", 3);
    gic = fdt_add_subnode(fdt, 0, "intc");
    fdt_setprop_u32(fdt, gic, "phandle", 0x8001);
    fdt_setprop_u32(fdt, gic, "#interrupt-cells", 3);
    fdt_setprop_empty(fdt, gic, "interrupt-controller");
}

static void expect_cells(const void *fdt, const char *path, const char *name,
                         const uint32_t *cells, unsigned count)
{
    int len = 0;
    const fdt32_t *prop =
        fdt_getprop(fdt, fdt_path_offset(fdt, path), name, &len);

    g_test_message("%s %s", path, name);
    g_assert_nonnull(prop);
    g_assert_cmpint(len, ==, count * 4);
    for (unsigned i = 0; i < count; i++) {
        g_assert_cmphex(fdt32_to_cpu(prop[i]), ==, cells[i]);
    }
}

static void expect_bytes(const void *fdt, const char *path, const char *name,
                         const char *bytes, int size)
{
    int len = 0;
    const char *prop = fdt_getprop(fdt, fdt_path_offset(fdt, path), name, &len);

    g_test_message("%s %s", path, name);
    g_assert_nonnull(prop);
    g_assert_cmpmem(prop, len, bytes, size);
}

#define EXPECT_CELLS(fdt, path, name, ...)                           \
    do {                                                             \
        const uint32_t cells_[] = {__VA_ARGS__};                     \
        expect_cells(fdt, path, name, cells_, G_N_ELEMENTS(cells_)); \
    } while (0)

static void test_smmuv3(void)
{
    static const char node[] = "/smmuv3@9050000";
    static const char names[] = "eventq\0priq\0cmdq-sync\0gerror";
    g_autofree void *fdt = g_malloc0(BLOB_SIZE);

    make_board(fdt);
    g_assert_cmpint(teeio_fdt_add_smmuv3(fdt, &smmu), ==, 0);
    expect_bytes(fdt, node, "compatible", "arm,smmu-v3", 12);
    EXPECT_CELLS(fdt, node, "reg", 0, 0x9050000, 0, 0x20000);
    EXPECT_CELLS(fdt, node, "interrupts", 0, 74, 1, 0, 75, 1, 0, 76, 1, 0, 77,
                 1);
    expect_bytes(fdt, node, "interrupt-names", names, sizeof(names));
    expect_bytes(fdt, node, "dma-coherent", "", 0);
    EXPECT_CELLS(fdt, node, "#iommu-cells", 1);
    EXPECT_CELLS(fdt, node, "phandle", PHANDLE);
    EXPECT_CELLS(fdt, BRIDGE, "iommu-map", 0, PHANDLE, 0, 0x10000);
    expect_bytes(fdt, BRIDGE, "ats-supported", "", 0);
}

static void test_tsm(void)
{
    g_autofree void *fdt = g_malloc0(BLOB_SIZE);

    make_board(fdt);
    g_assert_cmpint(teeio_fdt_add_tsm(fdt, tsm_base, 0x1000), ==, 0);
    expect_bytes(fdt, "/tsm@90c0000", "compatible", "teeio,tsm", 10);
    EXPECT_CELLS(fdt, "/tsm@90c0000", "reg", 0, 0x90c0000, 0, 0x1000);
    g_assert_cmpint(teeio_fdt_add_tsm(fdt, tsm_base, 0x1000), ==,
                    -FDT_ERR_EXISTS);
}

static void test_high_address(void)
{
    g_autofree void *fdt = g_malloc0(BLOB_SIZE);

    make_board(fdt);
    g_assert_cmpint(teeio_fdt_add_tsm(fdt, 0x1234567890000, 0x1000), ==, 0);
    EXPECT_CELLS(fdt, "/tsm@1234567890000", "reg", 0x12345, 0x67890000, 0,
                 0x1000);
}

static const struct teeio_fdt_pool pools[] = {
    {.base = 0xf0000000, .size = 0x4000000, .phandle = 0x8004},
    {.base = 0x100000000, .size = 0x10000, .phandle = 0x8005},
    {.size = 0x800000, .dynamic = true, .number = 2, .phandle = 0x8006},
    {.base = 0xe0000000,
     .size = 0x10000,
     .dma_default = true,
     .phandle = 0x8007},
};

static bool has(const void *fdt, const char *path, const char *name)
{
    return fdt_getprop(fdt, fdt_path_offset(fdt, path), name, NULL) != NULL;
}

static void test_pool(void)
{
    static const char *const nodes[] = {
        "/reserved-memory/restricted-dma-pool@f0000000",
        "/reserved-memory/restricted-dma-pool@100000000",
        "/reserved-memory/restricted-dma-pool-2",
        "/reserved-memory/restricted-dma-pool@e0000000",
    };
    g_autofree void *fdt = g_malloc0(BLOB_SIZE);

    make_board(fdt);
    for (unsigned i = 0; i < G_N_ELEMENTS(pools); i++) {
        g_assert_cmpint(teeio_fdt_add_pool(fdt, &pools[i]), ==, 0);
        g_assert_cmpint(teeio_fdt_add_pool(fdt, &pools[i]), ==,
                        -FDT_ERR_EXISTS);
    }
    EXPECT_CELLS(fdt, "/reserved-memory", "#address-cells", 2);
    EXPECT_CELLS(fdt, "/reserved-memory", "#size-cells", 2);
    expect_bytes(fdt, "/reserved-memory", "ranges", "", 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(pools); i++) {
        expect_bytes(fdt, nodes[i], "compatible", "restricted-dma-pool", 20);
        EXPECT_CELLS(fdt, nodes[i], "phandle", pools[i].phandle);
        g_assert_cmpint(has(fdt, nodes[i], "reg"), ==, i != 2);
        g_assert_cmpint(has(fdt, nodes[i], "size"), ==, i == 2);
        g_assert_cmpint(has(fdt, nodes[i], "linux,dma-default"), ==, i == 3);
        g_assert_false(has(fdt, nodes[i], "no-map"));
        g_assert_false(has(fdt, nodes[i], "reusable"));
    }
    EXPECT_CELLS(fdt, nodes[0], "reg", 0, 0xf0000000, 0, 0x4000000);
    EXPECT_CELLS(fdt, nodes[1], "reg", 1, 0, 0, 0x10000);
    EXPECT_CELLS(fdt, nodes[2], "size", 0, 0x800000);
    EXPECT_CELLS(fdt, nodes[2], "alignment", 0, 0x10000);
}

static void test_pool_users(void)
{
    static const uint8_t way[] = {0x1a, 0x00, 0x09};
    g_autofree void *fdt = g_malloc0(BLOB_SIZE);
    char path[64];

    make_board(fdt);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmpint(teeio_fdt_add_pool_user(fdt, BRIDGE, 0x8004 + i), ==,
                        0);
    }
    EXPECT_CELLS(fdt, BRIDGE, "memory-region", 0x8004, 0x8005);
    g_assert_cmpint(teeio_fdt_add_pool_user(fdt, "/none", 1), ==,
                    -FDT_ERR_NOTFOUND);
    for (unsigned depth = 3; depth > 0; depth--) {
        g_assert_cmpint(teeio_fdt_add_pci_function(fdt, BRIDGE, way, depth,
                                                   path, sizeof(path)),
                        ==, 0);
        g_assert_cmpint(fdt_path_offset(fdt, path), >, 0);
    }
    g_assert_cmpstr(path, ==, BRIDGE "/dev@3,2");
    EXPECT_CELLS(fdt, BRIDGE "/dev@3,2", "reg", 0x1a00, 0, 0, 0, 0);
    EXPECT_CELLS(fdt, BRIDGE "/pcie@3,2", "#address-cells", 3);
    EXPECT_CELLS(fdt, BRIDGE "/pcie@3,2", "#size-cells", 2);
    expect_bytes(fdt, BRIDGE "/pcie@3,2/pcie@0,0", "device_type", "pci", 4);
    expect_bytes(fdt, BRIDGE "/pcie@3,2/pcie@0,0", "ranges", "", 0);
    EXPECT_CELLS(fdt, BRIDGE "/pcie@3,2/pcie@0,0/dev@1,1", "reg", 0x900, 0, 0,
                 0, 0);
    /* Again, and with a path that is too long by its end. */
    g_assert_cmpint(
        teeio_fdt_add_pci_function(fdt, BRIDGE, way, 1, path, sizeof(path)), ==,
        0);
    g_assert_cmpint(teeio_fdt_add_pci_function(fdt, BRIDGE, way, 1, path,
                                               sizeof(BRIDGE "/dev@3,2") - 1),
                    ==, -FDT_ERR_NOSPACE);
    g_assert_cmpint(
        teeio_fdt_add_pci_function(fdt, "/none", way, 1, path, sizeof(path)),
        ==, -FDT_ERR_NOTFOUND);
}

static void test_dma_ranges(void)
{
    g_autofree void *fdt = g_malloc0(BLOB_SIZE);

    make_board(fdt);
    g_assert_cmpint(teeio_fdt_add_dma_range(fdt, BRIDGE, 0x40000000,
                                            0x1240000000, 0x10000000),
                    ==, 0);
    g_assert_cmpint(
        teeio_fdt_add_dma_range(fdt, BRIDGE, 0x8200000000, 0, 0x300001000), ==,
        0);
    EXPECT_CELLS(fdt, BRIDGE, "dma-ranges", 0x2000000, 0, 0x40000000, 0x12,
                 0x40000000, 0, 0x10000000, 0x2000000, 0x82, 0, 0, 0, 3,
                 0x1000);
    g_assert_cmpint(teeio_fdt_add_dma_range(fdt, "/none", 0, 0, 1), ==,
                    -FDT_ERR_NOTFOUND);
}

/* Nodes and properties; the string table may keep names that nothing uses. */
static GBytes *structure(const void *fdt)
{
    return g_bytes_new((const char *)fdt + fdt_off_dt_struct(fdt),
                       fdt_size_dt_struct(fdt));
}

static void expect_unchanged(const void *fdt, GBytes *before)
{
    g_autoptr(GBytes) after = structure(fdt);

    g_assert_true(g_bytes_equal(before, after));
}

static void break_exists(void *fdt)
{
    fdt_setprop_u32(fdt, fdt_path_offset(fdt, BRIDGE), "iommu-map", 1);
}

static void break_no_bridge(void *fdt)
{
    fdt_del_node(fdt, fdt_path_offset(fdt, BRIDGE));
}

static void break_cells(void *fdt)
{
    fdt_setprop_u32(fdt, 0, "#size-cells", 1);
}

static void break_same_node(void *fdt)
{
    fdt_add_subnode(fdt, 0, "smmuv3@9050000");
}

static void test_refused(void)
{
    static const struct {
        void (*prepare)(void *fdt);
        int error;
    } cases[] = {
        {break_exists, FDT_ERR_EXISTS},
        {break_no_bridge, FDT_ERR_NOTFOUND},
        {break_cells, FDT_ERR_BADNCELLS},
        {break_same_node, FDT_ERR_EXISTS},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree void *fdt = g_malloc0(BLOB_SIZE);
        g_autoptr(GBytes) before = NULL;

        g_test_message("case %u", i);
        make_board(fdt);
        cases[i].prepare(fdt);
        before = structure(fdt);
        g_assert_cmpint(teeio_fdt_add_smmuv3(fdt, &smmu), ==, -cases[i].error);
        expect_unchanged(fdt, before);
    }
}

static int add_smmuv3(void *fdt)
{
    return teeio_fdt_add_smmuv3(fdt, &smmu);
}

static int add_tsm(void *fdt)
{
    return teeio_fdt_add_tsm(fdt, tsm_base, 0x1000);
}

static int add_pool(void *fdt)
{
    return teeio_fdt_add_pool(fdt, &pools[3]);
}

/* With room for anything less than all of it, nothing is added. */
static void test_no_space(void)
{
    static int (*const add[])(void *) = {add_smmuv3, add_tsm, add_pool};

    for (unsigned i = 0; i < G_N_ELEMENTS(add); i++) {
        unsigned room = 0;
        int ret = -1;

        while (ret < 0) {
            g_autofree void *fdt = g_malloc0(BLOB_SIZE);
            g_autoptr(GBytes) before = NULL;

            make_board(fdt);
            fdt_pack(fdt);
            fdt_set_totalsize(fdt, fdt_totalsize(fdt) + room);
            before = structure(fdt);
            ret = add[i](fdt);
            if (ret < 0) {
                g_assert_cmpint(ret, ==, -FDT_ERR_NOSPACE);
                expect_unchanged(fdt, before);
            }
            room += 4;
            g_assert_cmpuint(room, <, 0x1000);
        }
        g_assert_cmpuint(room, >, 64);
    }
}

/* dtc reads the nodes as the bindings mean them, and complains of nothing. */
static void test_dtc(void)
{
    g_autofree char *dtc = g_find_program_in_path("dtc");
    g_autofree char *dir = NULL;
    g_autofree char *path = NULL;
    g_autofree char *source = NULL;
    g_autofree char *warnings = NULL;
    g_autofree void *fdt = g_malloc0(BLOB_SIZE);
    static const uint8_t way[] = {0x18, 0};
    char node[64];
    char *argv[] = {dtc, "-I", "dtb", "-O", "dts", NULL, NULL};
    int status = -1;

    if (!dtc) {
        g_test_skip("dtc is not installed");
        return;
    }
    make_board(fdt);
    g_assert_cmpint(add_smmuv3(fdt), ==, 0);
    g_assert_cmpint(add_tsm(fdt), ==, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(pools); i++) {
        g_assert_cmpint(teeio_fdt_add_pool(fdt, &pools[i]), ==, 0);
    }
    g_assert_cmpint(
        teeio_fdt_add_pci_function(fdt, BRIDGE, way, 2, node, sizeof(node)), ==,
        0);
    g_assert_cmpint(teeio_fdt_add_pool_user(fdt, node, 0x8004), ==, 0);
    fdt_pack(fdt);

    dir = g_dir_make_tmp("test-fdt-XXXXXX", NULL);
    path = g_build_filename(dir, "board.dtb", NULL);
    argv[5] = path;
    g_assert_true(g_file_set_contents(path, fdt, fdt_totalsize(fdt), NULL));
    g_assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
                               &source, &warnings, &status, NULL));
    g_unlink(path);
    g_rmdir(dir);

    g_assert_cmpint(status, ==, 0);
    g_test_message("dtc: %s", warnings);
    g_assert_null(strstr(warnings, "smmuv3@"));
    g_assert_null(strstr(warnings, "tsm@"));
    g_assert_null(strstr(warnings, "iommu"));
    g_assert_null(strstr(warnings, "reserved-memory"));
    g_assert_null(strstr(warnings, "pci_"));
    g_assert_nonnull(strstr(source, "smmuv3@9050000 {"));
    g_assert_nonnull(strstr(source, "tsm@90c0000 {"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fdt/smmuv3", test_smmuv3);
    g_test_add_func("/fdt/tsm", test_tsm);
    g_test_add_func("/fdt/pool", test_pool);
    g_test_add_func("/fdt/pool-users", test_pool_users);
    g_test_add_func("/fdt/dma-ranges", test_dma_ranges);
    g_test_add_func("/fdt/high-address", test_high_address);
    g_test_add_func("/fdt/refused", test_refused);
    g_test_add_func("/fdt/no-space", test_no_space);
    g_test_add_func("/fdt/dtc", test_dtc);
    return g_test_run();
}
