/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * ACPI tables, written byte by byte: a header, and the little of AML that
 * declares a device (ACPI 6.4, 5.2.6 and 20.2).
 *
 * What does not fit the buffer is counted, but not stored; finish() tells.
 */
#ifndef TEEIO_ACPI_H
#define TEEIO_ACPI_H

#include <stddef.h>
#include <stdint.h>

#define TEEIO_ACPI_HEADER 36u

/** struct teeio_acpi - a table in the making; use the functions below */
struct teeio_acpi {
    uint8_t *buf;
    size_t size;
    size_t length;
};

/**
 * teeio_acpi_begin() - start a table
 * @buf, @size: where it goes; must outlive @table
 * @signature:  four characters
 * @revision:   of this kind of table
 * @id:         OEM table id, at most eight characters
 */
void teeio_acpi_begin(struct teeio_acpi *table, uint8_t *buf, size_t size,
                      const char *signature, uint8_t revision, const char *id);

/** teeio_acpi_number() - append the low @bytes bytes of @value */
void teeio_acpi_number(struct teeio_acpi *table, uint64_t value,
                       unsigned bytes);

/**
 * teeio_acpi_finish() - fill in length and checksum
 *
 * Returns: the length of the table, 0 when it did not fit.
 */
size_t teeio_acpi_finish(struct teeio_acpi *table);

/**
 * struct teeio_acpi_device - a device that a driver finds by "compatible"
 * @name:       four characters, unique below \_SB
 * @uid:        its _UID
 * @compatible: what the driver matches (_HID PRP0001, _DSD)
 * @base, @size: memory that it decodes
 */
struct teeio_acpi_device {
    const char *name;
    uint8_t uid;
    const char *compatible;
    uint64_t base;
    uint64_t size;
};

/**
 * teeio_acpi_ssdt() - a whole SSDT with one device below \_SB
 *
 * Returns: its length, 0 when it does not fit.
 */
size_t teeio_acpi_ssdt(uint8_t *buf, size_t size,
                       const struct teeio_acpi_device *device);

#endif
