/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Device-tree nodes, written into a flattened tree with libfdt.
 */
#ifndef TEEIO_FIRMWARE_H
#define TEEIO_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct teeio_fdt_smmuv3 - what the tree says about an SMMUv3
 * @base, @size: MMIO window
 * @spi:         number of the first of four consecutive SPIs, edge triggered:
 *               eventq, priq, cmdq-sync, gerror
 * @phandle:     unused in the tree
 * @pci_host:    path of the host bridge whose devices it translates
 * @ats:         the bridge is said to carry ATS, so that software may enable it
 */
struct teeio_fdt_smmuv3 {
    uint64_t base;
    uint64_t size;
    uint32_t spi;
    uint32_t phandle;
    const char *pci_host;
    bool ats;
};

/**
 * teeio_fdt_add_smmuv3() - add the node and the host bridge's iommu-map
 * @fdt: writable tree with room to grow
 *
 * Devicetree binding arm,smmu-v3; iommu-map is the identity on requester ids.
 *
 * Returns: 0, or a libfdt error (FDT_ERR_EXISTS when the host bridge has an
 * iommu-map already; the tree is then unchanged).
 */
int teeio_fdt_add_smmuv3(void *fdt, const struct teeio_fdt_smmuv3 *smmu);

/**
 * teeio_fdt_add_tsm() - add a "teeio,tsm" node
 *
 * Returns: 0, or a libfdt error.
 */
int teeio_fdt_add_tsm(void *fdt, uint64_t base, uint64_t size);

/**
 * struct teeio_fdt_pool - what the tree says about a restricted DMA pool
 * @base:        unused when @dynamic
 * @size:        bytes
 * @dynamic:     the kernel chooses the address
 * @dma_default: property linux,dma-default
 * @number:      tells dynamic pools apart
 * @phandle:     unused in the tree
 */
struct teeio_fdt_pool {
    uint64_t base;
    uint64_t size;
    bool dynamic;
    bool dma_default;
    unsigned number;
    uint32_t phandle;
};

/**
 * teeio_fdt_add_pool() - add a "restricted-dma-pool" below /reserved-memory
 *
 * Devicetree binding reserved-memory/shared-dma-pool. The parent is created
 * where it is missing.
 *
 * Returns: 0, or a libfdt error.
 */
int teeio_fdt_add_pool(void *fdt, const struct teeio_fdt_pool *pool);

/**
 * teeio_fdt_add_pool_user() - append @phandle to memory-region of @node
 * @node: path
 *
 * Returns: 0, or a libfdt error.
 */
int teeio_fdt_add_pool_user(void *fdt, const char *node, uint32_t phandle);

/**
 * teeio_fdt_add_pci_function() - the node of a PCI function, and of bridges
 * @host:  path of the host bridge
 * @way:   devfn of each bridge from the root bus on, then of the function
 * @depth: how many, at least one
 * @path:  set to the path of the node
 *
 * IEEE 1275 PCI bus binding: configuration space of bus 0, since software
 * assigns the numbers. Nodes that are there already are used.
 *
 * Returns: 0, or a libfdt error (FDT_ERR_NOSPACE when @path is too short).
 */
int teeio_fdt_add_pci_function(void *fdt, const char *host, const uint8_t *way,
                               unsigned depth, char *path, size_t size);

/**
 * teeio_fdt_add_dma_range() - append a window to the host bridge's dma-ranges
 * @base:   first bus address
 * @target: what a CPU calls it
 *
 * IEEE 1275 PCI bus binding: memory space.
 *
 * Returns: 0, or a libfdt error.
 */
int teeio_fdt_add_dma_range(void *fdt, const char *host, uint64_t base,
                            uint64_t target, uint64_t size);

#endif
