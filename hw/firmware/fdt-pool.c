/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdio.h>
#include <string.h>

#include <libfdt.h>

#include "teeio/firmware.h"

#define POOL_NODE "restricted-dma-pool"
#define NAME_SIZE 48

/* A kernel with pages of 64 KiB must find its pool in whole pages. */
#define POOL_ALIGNMENT 0x10000u

/* phys.hi of configuration space: device and function, in steps of 256 bytes */
#define CONFIG_DEVFN_SHIFT 8

/* phys.hi of memory space below 4 GiB, which the address need not be */
#define MEMORY_SPACE 0x02000000u

/* Returns: the offset of /reserved-memory, or an error. */
static int reserved_memory(void *fdt)
{
    int node = fdt_path_offset(fdt, "/reserved-memory");
    int ret;

    if (node != -FDT_ERR_NOTFOUND) {
        return node < 0 || (fdt_address_cells(fdt, node) == 2 &&
                            fdt_size_cells(fdt, node) == 2)
                   ? node
                   : -FDT_ERR_BADNCELLS;
    }
    node = fdt_add_subnode(fdt, 0, "reserved-memory");
    if (node < 0) {
        return node;
    }
    /* A property is added in front: the offset of its node holds. */
    ret = fdt_setprop_empty(fdt, node, "ranges");
    if (ret == 0) {
        ret = fdt_setprop_u32(fdt, node, "#size-cells", 2);
    }
    if (ret == 0) {
        ret = fdt_setprop_u32(fdt, node, "#address-cells", 2);
    }
    if (ret < 0) {
        fdt_del_node(fdt, node);
        return ret;
    }
    return node;
}

static int fill_pool(void *fdt, int node, const struct teeio_fdt_pool *pool)
{
    const fdt64_t reg[2] = {cpu_to_fdt64(pool->base), cpu_to_fdt64(pool->size)};
    int ret = fdt_setprop_string(fdt, node, "compatible", POOL_NODE);

    if (ret == 0 && pool->dynamic) {
        ret = fdt_setprop_u64(fdt, node, "alignment", POOL_ALIGNMENT);
        if (ret == 0) {
            ret = fdt_setprop_u64(fdt, node, "size", pool->size);
        }
    } else if (ret == 0) {
        ret = fdt_setprop(fdt, node, "reg", reg, sizeof(reg));
    }
    if (ret == 0 && pool->dma_default) {
        ret = fdt_setprop_empty(fdt, node, "linux,dma-default");
    }
    if (ret == 0) {
        ret = fdt_setprop_u32(fdt, node, "phandle", pool->phandle);
    }
    return ret;
}

int teeio_fdt_add_pool(void *fdt, const struct teeio_fdt_pool *pool)
{
    bool created = fdt_path_offset(fdt, "/reserved-memory") < 0;
    char name[NAME_SIZE];
    int parent;
    int node;
    int ret;

    if (pool->dynamic) {
        snprintf(name, sizeof(name), POOL_NODE "-%u", pool->number);
    } else {
        snprintf(name, sizeof(name), POOL_NODE "@%llx",
                 (unsigned long long)pool->base);
    }
    parent = reserved_memory(fdt);
    if (parent < 0) {
        return parent;
    }
    node = fdt_add_subnode(fdt, parent, name);
    ret = node < 0 ? node : fill_pool(fdt, node, pool);
    if (ret < 0 && (created || node >= 0)) {
        fdt_del_node(fdt, created ? parent : node);
    }
    return ret;
}

int teeio_fdt_add_pool_user(void *fdt, const char *node, uint32_t phandle)
{
    int offset = fdt_path_offset(fdt, node);

    return offset < 0
               ? offset
               : fdt_appendprop_u32(fdt, offset, "memory-region", phandle);
}

/* A node with a bus below it; interrupts are messages, so it maps none. */
static int make_bridge(void *fdt, int node)
{
    int ret;

    if (fdt_getprop(fdt, node, "#address-cells", NULL)) {
        return 0;
    }
    ret = fdt_setprop_empty(fdt, node, "ranges");
    if (ret == 0) {
        ret = fdt_setprop_u32(fdt, node, "#size-cells", 2);
    }
    if (ret == 0) {
        ret = fdt_setprop_u32(fdt, node, "#address-cells", 3);
    }
    if (ret == 0) {
        ret = fdt_setprop_string(fdt, node, "device_type", "pci");
    }
    return ret;
}

/* Returns: the offset of the node of @devfn below @parent, or an error. */
static int pci_node(void *fdt, int parent, const char *name, uint8_t devfn)
{
    const fdt32_t reg[5] = {
        cpu_to_fdt32((uint32_t)devfn << CONFIG_DEVFN_SHIFT)};
    int node = fdt_subnode_offset(fdt, parent, name);
    int ret;

    if (node != -FDT_ERR_NOTFOUND) {
        return node;
    }
    node = fdt_add_subnode(fdt, parent, name);
    if (node < 0) {
        return node;
    }
    ret = fdt_setprop(fdt, node, "reg", reg, sizeof(reg));
    if (ret < 0) {
        fdt_del_node(fdt, node);
        return ret;
    }
    return node;
}

int teeio_fdt_add_pci_function(void *fdt, const char *host, const uint8_t *way,
                               unsigned depth, char *path, size_t size)
{
    int node = fdt_path_offset(fdt, host);
    size_t used = (size_t)snprintf(path, size, "%s", host);

    for (unsigned i = 0; i < depth && node >= 0; i++) {
        bool bridge = i + 1 < depth;
        char name[NAME_SIZE];
        int ret = 0;

        snprintf(name, sizeof(name), "%s@%x,%x", bridge ? "pcie" : "dev",
                 way[i] >> 3, way[i] & 7);
        if (used + 1 + strlen(name) >= size) {
            return -FDT_ERR_NOSPACE;
        }
        used += (size_t)snprintf(path + used, size - used, "/%s", name);
        node = pci_node(fdt, node, name, way[i]);
        if (node >= 0 && bridge) {
            ret = make_bridge(fdt, node);
        }
        if (ret < 0) {
            return ret;
        }
    }
    return node < 0 ? node : 0;
}

int teeio_fdt_add_dma_range(void *fdt, const char *host, uint64_t base,
                            uint64_t target, uint64_t size)
{
    const uint64_t numbers[3] = {base, target, size};
    fdt32_t cells[7] = {cpu_to_fdt32(MEMORY_SPACE)};
    int node = fdt_path_offset(fdt, host);

    if (node < 0) {
        return node;
    }
    for (unsigned i = 0; i < 3; i++) {
        cells[1 + 2 * i] = cpu_to_fdt32((uint32_t)(numbers[i] >> 32));
        cells[2 + 2 * i] = cpu_to_fdt32((uint32_t)numbers[i]);
    }
    return fdt_appendprop(fdt, node, "dma-ranges", cells, sizeof(cells));
}
