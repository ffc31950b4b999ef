/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* The TDI report (PCIe 11.3.11), made from what the device really has. */
#ifndef TEEIO_REPORT_H
#define TEEIO_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEEIO_REPORT_BARS     6u
#define TEEIO_REPORT_WINDOWS  4u
#define TEEIO_REPORT_RANGES   32u  /* of one TDI at most */
#define TEEIO_REPORT_INFO_MAX 256u /* bytes of device-specific information */

/** Bytes of the longest report there can be. */
#define TEEIO_REPORT_MAX \
    (16u + 16u * TEEIO_REPORT_RANGES + 4u + TEEIO_REPORT_INFO_MAX)

/**
 * struct teeio_report_bar - one memory BAR
 * @base: bus address
 * @size: bytes; 0 when there is none. A 64-bit BAR is the lower of its two.
 */
struct teeio_report_bar {
    uint64_t base;
    uint64_t size;
};

/**
 * struct teeio_report_place - a part of a BAR
 * @size: bytes; 0 when there is none
 */
struct teeio_report_place {
    uint8_t bar;
    uint64_t offset;
    uint64_t size;
};

/**
 * struct teeio_report_window - pages that are not plain TEE memory
 * @attributes: TEEIO_RANGE_NON_TEE_MEM, TEEIO_RANGE_UPDATABLE (spec/tdisp.h)
 */
struct teeio_report_window {
    struct teeio_report_place place;
    uint16_t attributes;
};

/**
 * struct teeio_report_inputs - what a report is made from
 * @windows:       those with size 0 do not exist
 * @msix_control:  Message Control of the MSI-X capability
 * @table, @pba:   MSI-X table and PBA; size 0 without MSI-X
 * @without_pasid: the TDI sends requests without PASID
 * @with_pasid:    the TDI sends requests with PASID
 * @ats, @pri:     supported and enabled
 * @info:          device-specific information, @info_size bytes
 */
struct teeio_report_inputs {
    struct teeio_report_bar bars[TEEIO_REPORT_BARS];
    struct teeio_report_window windows[TEEIO_REPORT_WINDOWS];
    uint16_t msix_control;
    struct teeio_report_place table;
    struct teeio_report_place pba;
    bool without_pasid;
    bool with_pasid;
    bool ats;
    bool pri;
    uint16_t lnr_control;
    uint32_t tph_control;
    uint16_t info_size;
    uint8_t info[TEEIO_REPORT_INFO_MAX];
};

/**
 * struct teeio_mmio_range - pages of one BAR with the same attributes
 * @bar:        its range id
 * @offset:     from the page that the BAR begins in, a multiple of 4 KiB
 * @pages:      of 4 KiB
 * @attributes: as in the report
 * @shared:     is IS_NON_TEE_MEM set now? SET_MMIO_ATTRIBUTE_REQUEST changes
 *              this, and not the report
 */
struct teeio_mmio_range {
    uint8_t bar;
    uint64_t offset;
    uint32_t pages;
    uint16_t attributes;
    bool shared;
};

/**
 * teeio_report_ranges() - cut the BARs into ranges
 * @msix_locked: report MSI-X table and PBA; otherwise their pages are left out
 * @ranges:      filled in ascending order of BAR and offset
 *
 * Returns: the number of ranges, 0 to %TEEIO_REPORT_RANGES, or
 * %TEEIO_REPORT_RANGES + 1 when there are more.
 */
size_t teeio_report_ranges(const struct teeio_report_inputs *inputs,
                           bool msix_locked,
                           struct teeio_mmio_range ranges[TEEIO_REPORT_RANGES]);

/**
 * teeio_report_first_page() - as a report shows it
 * @offset: MMIO_REPORTING_OFFSET
 * @page:   set to the page number with the offset added
 *
 * Returns: false when the range leaves the 64-bit address space by it.
 */
bool teeio_report_first_page(const struct teeio_report_inputs *inputs,
                             const struct teeio_mmio_range *range,
                             uint64_t offset, uint64_t *page);

/**
 * teeio_report_build() - the report as bytes
 * @flags:  lock flags
 * @offset: MMIO_REPORTING_OFFSET
 *
 * Returns: its length.
 */
size_t teeio_report_build(const struct teeio_report_inputs *inputs,
                          const struct teeio_mmio_range *ranges, size_t count,
                          uint16_t flags, uint64_t offset,
                          uint8_t report[TEEIO_REPORT_MAX]);

#endif
