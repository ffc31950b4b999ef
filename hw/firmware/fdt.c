/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdio.h>

#include <libfdt.h>

#include "teeio/firmware.h"
#include "teeio/spec/tsm.h"

/* Third cell of an interrupt specifier of the arm,gic-v3 binding. */
#define SPI_TYPE       0
#define EDGE_RISING    1
#define SMMUV3_SPIS    4
#define REQUESTER_IDS  0x10000

#define NODE_NAME_SIZE 32

/* Nodes sit below the root, whose cell counts give "reg" its shape. */
static int check_root(const void *fdt)
{
    if (fdt_address_cells(fdt, 0) != 2 || fdt_size_cells(fdt, 0) != 2) {
        return -FDT_ERR_BADNCELLS;
    }
    return 0;
}

/* Returns: the offset of the new node, or an error. */
static int add_node(void *fdt, const char *name, uint64_t base)
{
    char unit[NODE_NAME_SIZE];

    snprintf(unit, sizeof(unit), "%s@%llx", name, (unsigned long long)base);
    return fdt_add_subnode(fdt, 0, unit);
}

static int set_reg(void *fdt, int node, uint64_t base, uint64_t size)
{
    const fdt64_t reg[2] = {cpu_to_fdt64(base), cpu_to_fdt64(size)};

    return fdt_setprop(fdt, node, "reg", reg, sizeof(reg));
}

static int set_interrupts(void *fdt, int node, uint32_t spi)
{
    static const char names[] = "eventq\0priq\0cmdq-sync\0gerror";
    fdt32_t cells[SMMUV3_SPIS][3];
    int ret;

    for (uint32_t i = 0; i < SMMUV3_SPIS; i++) {
        cells[i][0] = cpu_to_fdt32(SPI_TYPE);
        cells[i][1] = cpu_to_fdt32(spi + i);
        cells[i][2] = cpu_to_fdt32(EDGE_RISING);
    }
    ret = fdt_setprop(fdt, node, "interrupts", cells, sizeof(cells));
    if (ret < 0) {
        return ret;
    }
    return fdt_setprop(fdt, node, "interrupt-names", names, sizeof(names));
}

static int fill_smmuv3(void *fdt, int node, const struct teeio_fdt_smmuv3 *smmu)
{
    int ret;

    ret = fdt_setprop_string(fdt, node, "compatible", "arm,smmu-v3");
    if (ret < 0) {
        return ret;
    }
    ret = set_reg(fdt, node, smmu->base, smmu->size);
    if (ret < 0) {
        return ret;
    }
    ret = set_interrupts(fdt, node, smmu->spi);
    if (ret < 0) {
        return ret;
    }
    ret = fdt_setprop_empty(fdt, node, "dma-coherent");
    if (ret < 0) {
        return ret;
    }
    ret = fdt_setprop_u32(fdt, node, "#iommu-cells", 1);
    if (ret < 0) {
        return ret;
    }
    return fdt_setprop_u32(fdt, node, "phandle", smmu->phandle);
}

static int set_iommu_map(void *fdt, const struct teeio_fdt_smmuv3 *smmu)
{
    const fdt32_t map[4] = {cpu_to_fdt32(0), cpu_to_fdt32(smmu->phandle),
                            cpu_to_fdt32(0), cpu_to_fdt32(REQUESTER_IDS)};
    int bridge = fdt_path_offset(fdt, smmu->pci_host);
    int ret;

    if (bridge < 0) {
        return bridge;
    }
    if (fdt_getprop(fdt, bridge, "iommu-map", NULL)) {
        return -FDT_ERR_EXISTS;
    }
    ret = fdt_setprop(fdt, bridge, "iommu-map", map, sizeof(map));
    if (ret < 0 || !smmu->ats) {
        return ret;
    }
    ret = fdt_setprop_empty(fdt, bridge, "ats-supported");
    if (ret < 0) {
        fdt_delprop(fdt, bridge, "iommu-map");
    }
    return ret;
}

int teeio_fdt_add_smmuv3(void *fdt, const struct teeio_fdt_smmuv3 *smmu)
{
    int ret = check_root(fdt);
    int node;

    if (ret < 0) {
        return ret;
    }
    node = add_node(fdt, "smmuv3", smmu->base);
    if (node < 0) {
        return node;
    }
    ret = fill_smmuv3(fdt, node, smmu);
    if (ret == 0) {
        ret = set_iommu_map(fdt, smmu);
    }
    if (ret < 0) {
        /* Nothing was inserted before the node since: its offset holds. */
        fdt_del_node(fdt, node);
    }
    return ret;
}

int teeio_fdt_add_tsm(void *fdt, uint64_t base, uint64_t size)
{
    int ret = check_root(fdt);
    int node;

    if (ret < 0) {
        return ret;
    }
    node = add_node(fdt, "tsm", base);
    if (node < 0) {
        return node;
    }
    ret = fdt_setprop_string(fdt, node, "compatible", TEEIO_TSM_COMPATIBLE);
    if (ret == 0) {
        ret = set_reg(fdt, node, base, size);
    }
    if (ret < 0) {
        fdt_del_node(fdt, node);
    }
    return ret;
}
