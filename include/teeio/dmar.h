/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The ACPI table by which an operating system finds a VT-d unit (VT-d 8).
 */
#ifndef TEEIO_DMAR_H
#define TEEIO_DMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Enough for any table that teeio_dmar() writes. */
#define TEEIO_DMAR_BYTES 512u

/** Reserved regions, and devices with a required device-TLB, in one table. */
#define TEEIO_DMAR_ENTRIES 8u

/**
 * struct teeio_dmar_region - memory that one device uses from boot on (RMRR)
 * @base, @last: whole pages, @last is the address of the last byte
 * @devfn:       the device, on the root bus
 */
struct teeio_dmar_region {
    uint64_t base;
    uint64_t last;
    uint8_t devfn;
};

/**
 * struct teeio_dmar - one unit for all devices of segment 0
 * @address_bits: of physical addresses that DMA may reach
 * @base:         of the unit's registers
 * @regions:      @region_count reserved memory regions
 * @atsr:         say that all root ports support ATS
 * @satc:         @satc_count devfns on the root bus whose device-TLB must be on
 */
struct teeio_dmar {
    unsigned address_bits;
    uint64_t base;
    struct teeio_dmar_region regions[TEEIO_DMAR_ENTRIES];
    unsigned region_count;
    bool atsr;
    uint8_t satc[TEEIO_DMAR_ENTRIES];
    unsigned satc_count;
};

/**
 * teeio_dmar() - the whole table
 *
 * Interrupt remapping is not announced.
 *
 * Returns: its length, 0 when it does not fit.
 */
size_t teeio_dmar(uint8_t *buf, size_t size, const struct teeio_dmar *dmar);

/**
 * teeio_dmar_parse_regions() - "BASE+SIZE@DEVICE.FUNCTION", more behind '/'
 *
 * Numbers are hexadecimal, with or without 0x. SIZE is in bytes, both it and
 * BASE multiples of 4096.
 *
 * Returns: false when @text is something else; *@dmar is then undefined.
 */
bool teeio_dmar_parse_regions(const char *text, struct teeio_dmar *dmar);

/** teeio_dmar_parse_satc() - "DEVICE.FUNCTION", more behind '/'; likewise */
bool teeio_dmar_parse_satc(const char *text, struct teeio_dmar *dmar);

#endif
