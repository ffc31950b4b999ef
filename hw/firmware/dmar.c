/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdlib.h>
#include <string.h>

#include "teeio/acpi.h"
#include "teeio/dmar.h"

#define REVISION 1u
#define PAGE     4096u

/* Kinds of remapping structures (VT-d 8.2) */
#define KIND_DRHD 0u
#define KIND_RMRR 1u
#define KIND_ATSR 2u
#define KIND_SATC 5u

/* Their flags */
#define DRHD_INCLUDE_PCI_ALL 1u
#define ATSR_ALL_PORTS       1u
#define SATC_ATC_REQUIRED    1u

/* Device scope (VT-d 8.3.1) */
#define SCOPE_ENDPOINT 1u
#define SCOPE_BYTES    8u

#define DRHD_BYTES     16u
#define RMRR_BYTES     (24u + SCOPE_BYTES)
#define ATSR_BYTES     8u
#define SATC_BYTES     8u

static void put_head(struct teeio_acpi *table, unsigned kind, unsigned bytes)
{
    teeio_acpi_number(table, kind, 2);
    teeio_acpi_number(table, bytes, 2);
}

/* One function on the root bus. */
static void put_scope(struct teeio_acpi *table, uint8_t devfn)
{
    teeio_acpi_number(table, SCOPE_ENDPOINT, 1);
    teeio_acpi_number(table, SCOPE_BYTES, 1);
    teeio_acpi_number(table, 0, 2);
    teeio_acpi_number(table, 0, 1); /* enumeration id */
    teeio_acpi_number(table, 0, 1); /* bus */
    teeio_acpi_number(table, devfn >> 3, 1);
    teeio_acpi_number(table, devfn & 7, 1);
}

static void put_drhd(struct teeio_acpi *table, uint64_t base)
{
    put_head(table, KIND_DRHD, DRHD_BYTES);
    teeio_acpi_number(table, DRHD_INCLUDE_PCI_ALL, 1);
    teeio_acpi_number(table, 0, 1); /* one page of registers */
    teeio_acpi_number(table, 0, 2); /* segment */
    teeio_acpi_number(table, base, 8);
}

static void put_rmrr(struct teeio_acpi *table,
                     const struct teeio_dmar_region *region)
{
    put_head(table, KIND_RMRR, RMRR_BYTES);
    teeio_acpi_number(table, 0, 2);
    teeio_acpi_number(table, 0, 2); /* segment */
    teeio_acpi_number(table, region->base, 8);
    teeio_acpi_number(table, region->last, 8);
    put_scope(table, region->devfn);
}

static void put_atsr(struct teeio_acpi *table)
{
    put_head(table, KIND_ATSR, ATSR_BYTES);
    teeio_acpi_number(table, ATSR_ALL_PORTS, 1);
    teeio_acpi_number(table, 0, 1);
    teeio_acpi_number(table, 0, 2); /* segment */
}

static void put_satc(struct teeio_acpi *table, const uint8_t *devfns,
                     unsigned count)
{
    put_head(table, KIND_SATC, SATC_BYTES + count * SCOPE_BYTES);
    teeio_acpi_number(table, SATC_ATC_REQUIRED, 1);
    teeio_acpi_number(table, 0, 1);
    teeio_acpi_number(table, 0, 2); /* segment */
    for (unsigned i = 0; i < count; i++) {
        put_scope(table, devfns[i]);
    }
}

size_t teeio_dmar(uint8_t *buf, size_t size, const struct teeio_dmar *dmar)
{
    struct teeio_acpi table;

    teeio_acpi_begin(&table, buf, size, "DMAR", REVISION, "VTD");
    teeio_acpi_number(&table, dmar->address_bits - 1, 1);
    teeio_acpi_number(&table, 0, 1); /* no interrupt remapping */
    teeio_acpi_number(&table, 0, 8);
    teeio_acpi_number(&table, 0, 2);
    put_drhd(&table, dmar->base);
    for (unsigned i = 0; i < dmar->region_count; i++) {
        put_rmrr(&table, &dmar->regions[i]);
    }
    if (dmar->atsr) {
        put_atsr(&table);
    }
    if (dmar->satc_count) {
        put_satc(&table, dmar->satc, dmar->satc_count);
    }
    return teeio_acpi_finish(&table);
}

/* A hexadecimal number up to @end, which is skipped unless it is the last. */
static bool take(const char **text, char end, uint64_t *value)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    char *rest;

    if (!**text || !strchr(digits, **text)) {
        return false;
    }
    *value = strtoull(*text, &rest, 16);
    if (*rest != end) {
        return false;
    }
    *text = rest + (end != '\0');
    return true;
}

/* "DEVICE.FUNCTION" up to a '/' or the end. */
static bool take_devfn(const char **text, uint8_t *devfn)
{
    uint64_t device;
    uint64_t function;

    if (!take(text, '.', &device) || device > 31) {
        return false;
    }
    if (!take(text, '/', &function) && !take(text, '\0', &function)) {
        return false;
    }
    *devfn = (uint8_t)(device << 3 | (function & 7));
    return function <= 7;
}

static bool take_region(const char **text, struct teeio_dmar_region *region)
{
    uint64_t size;

    if (!take(text, '+', &region->base) || !take(text, '@', &size) ||
        region->base % PAGE || !size || size % PAGE ||
        size - 1 > UINT64_MAX - region->base) {
        return false;
    }
    region->last = region->base + (size - 1);
    return take_devfn(text, &region->devfn);
}

bool teeio_dmar_parse_regions(const char *text, struct teeio_dmar *dmar)
{
    dmar->region_count = 0;
    do {
        if (dmar->region_count == TEEIO_DMAR_ENTRIES ||
            !take_region(&text, &dmar->regions[dmar->region_count++])) {
            return false;
        }
    } while (*text);
    return true;
}

bool teeio_dmar_parse_satc(const char *text, struct teeio_dmar *dmar)
{
    dmar->satc_count = 0;
    do {
        if (dmar->satc_count == TEEIO_DMAR_ENTRIES ||
            !take_devfn(&text, &dmar->satc[dmar->satc_count++])) {
            return false;
        }
    } while (*text);
    return true;
}
