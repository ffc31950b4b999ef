/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "teeio/acpi.h"

#define LENGTH_OFFSET   4u
#define CHECKSUM_OFFSET 9u
#define OEM_REVISION    1u
#define CREATOR_ID      0x4f494554u /* "TEIO" */

/* AML (ACPI 6.4, 20.3) */
#define OP_NAME     0x08u
#define OP_BYTE     0x0au
#define OP_STRING   0x0du
#define OP_SCOPE    0x10u
#define OP_BUFFER   0x11u
#define OP_PACKAGE  0x12u
#define OP_EXTENDED 0x5bu
#define OP_DEVICE   0x82u /* behind OP_EXTENDED */

/* A length of two bytes: four bits, and how many bytes follow (20.2.4). */
#define LENGTH_BYTES 2u
#define LENGTH_LOW   0xfu
#define LENGTH_LEAD  0x40u

/* QWord address space descriptor (6.4.3.5.1) */
#define QWORD_MEMORY      0x8au
#define QWORD_BYTES       0x2bu
#define RESOURCE_MEMORY   0u
#define CONSUMER_FIXED    0x0du
#define UNCACHED_WRITABLE 0x01u
#define END_TAG           0x79u

#define NAME_BYTES        4u

/* Device properties, daffd814-6eba-4d8c-8a91-bc9bbf4aa301 (6.2.5). */
static const uint8_t properties_uuid[16] = {0x14, 0xd8, 0xff, 0xda, 0xba, 0x6e,
                                            0x8c, 0x4d, 0x8a, 0x91, 0xbc, 0x9b,
                                            0xbf, 0x4a, 0xa3, 0x01};

static void put_byte(struct teeio_acpi *table, uint8_t value)
{
    if (table->length < table->size) {
        table->buf[table->length] = value;
    }
    table->length++;
}

/* At most @size characters; shorter ones are filled up with zeros. */
static void put_padded(struct teeio_acpi *table, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        put_byte(table, (uint8_t)*text);
        if (*text) {
            text++;
        }
    }
}

static void put_bytes(struct teeio_acpi *table, const uint8_t *bytes,
                      size_t size)
{
    for (size_t i = 0; i < size; i++) {
        put_byte(table, bytes[i]);
    }
}

void teeio_acpi_number(struct teeio_acpi *table, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        put_byte(table, (uint8_t)(value >> 8 * i));
    }
}

void teeio_acpi_begin(struct teeio_acpi *table, uint8_t *buf, size_t size,
                      const char *signature, uint8_t revision, const char *id)
{
    *table = (struct teeio_acpi){.buf = buf, .size = size};
    put_padded(table, signature, 4);
    teeio_acpi_number(table, 0, 4); /* length, see finish */
    put_byte(table, revision);
    put_byte(table, 0); /* checksum, see finish */
    put_padded(table, "TEEIO", 6);
    put_padded(table, id, 8);
    teeio_acpi_number(table, OEM_REVISION, 4);
    teeio_acpi_number(table, CREATOR_ID, 4);
    teeio_acpi_number(table, 1, 4);
}

size_t teeio_acpi_finish(struct teeio_acpi *table)
{
    size_t length = table->length;
    uint8_t sum = 0;

    if (length > table->size) {
        return 0;
    }
    table->length = LENGTH_OFFSET;
    teeio_acpi_number(table, length, 4);
    table->length = length;
    for (size_t i = 0; i < length; i++) {
        sum += table->buf[i];
    }
    table->buf[CHECKSUM_OFFSET] = (uint8_t)-sum;
    return length;
}

/* Returns: where the length has to go. */
static size_t open_block(struct teeio_acpi *table)
{
    size_t at = table->length;

    teeio_acpi_number(table, 0, LENGTH_BYTES);
    return at;
}

/* All blocks of ours are shorter than the 4 KiB that two bytes can tell. */
static void close_block(struct teeio_acpi *table, size_t at)
{
    size_t end = table->length;
    size_t length = end - at;

    table->length = at;
    put_byte(table, LENGTH_LEAD | (length & LENGTH_LOW));
    put_byte(table, (uint8_t)(length >> 4));
    table->length = end;
}

static void put_string(struct teeio_acpi *table, const char *text)
{
    put_byte(table, OP_STRING);
    put_bytes(table, (const uint8_t *)text, strlen(text) + 1);
}

static void put_name(struct teeio_acpi *table, const char *name)
{
    put_byte(table, OP_NAME);
    put_padded(table, name, NAME_BYTES);
}

static size_t open_package(struct teeio_acpi *table, uint8_t elements)
{
    size_t at;

    put_byte(table, OP_PACKAGE);
    at = open_block(table);
    put_byte(table, elements);
    return at;
}

static size_t open_buffer(struct teeio_acpi *table, uint8_t bytes)
{
    size_t at;

    put_byte(table, OP_BUFFER);
    at = open_block(table);
    put_byte(table, OP_BYTE);
    put_byte(table, bytes);
    return at;
}

static void put_memory(struct teeio_acpi *table, uint64_t base, uint64_t size)
{
    size_t at = open_buffer(table, 3 + QWORD_BYTES + 2);

    put_byte(table, QWORD_MEMORY);
    teeio_acpi_number(table, QWORD_BYTES, 2);
    put_byte(table, RESOURCE_MEMORY);
    put_byte(table, CONSUMER_FIXED);
    put_byte(table, UNCACHED_WRITABLE);
    teeio_acpi_number(table, 0, 8); /* granularity */
    teeio_acpi_number(table, base, 8);
    teeio_acpi_number(table, base + size - 1, 8);
    teeio_acpi_number(table, 0, 8); /* translation */
    teeio_acpi_number(table, size, 8);
    put_byte(table, END_TAG);
    put_byte(table, 0); /* no checksum */
    close_block(table, at);
}

static void put_compatible(struct teeio_acpi *table, const char *compatible)
{
    size_t all = open_package(table, 2);
    size_t uuid = open_buffer(table, sizeof(properties_uuid));
    size_t list, pair;

    put_bytes(table, properties_uuid, sizeof(properties_uuid));
    close_block(table, uuid);
    list = open_package(table, 1);
    pair = open_package(table, 2);
    put_string(table, "compatible");
    put_string(table, compatible);
    close_block(table, pair);
    close_block(table, list);
    close_block(table, all);
}

static void put_device(struct teeio_acpi *table,
                       const struct teeio_acpi_device *device)
{
    size_t at;

    put_byte(table, OP_EXTENDED);
    put_byte(table, OP_DEVICE);
    at = open_block(table);
    put_padded(table, device->name, NAME_BYTES);
    put_name(table, "_HID");
    put_string(table, "PRP0001");
    put_name(table, "_UID");
    put_byte(table, OP_BYTE);
    put_byte(table, device->uid);
    put_name(table, "_CRS");
    put_memory(table, device->base, device->size);
    put_name(table, "_DSD");
    put_compatible(table, device->compatible);
    close_block(table, at);
}

size_t teeio_acpi_ssdt(uint8_t *buf, size_t size,
                       const struct teeio_acpi_device *device)
{
    struct teeio_acpi table;
    size_t scope;

    teeio_acpi_begin(&table, buf, size, "SSDT", 2, device->name);
    put_byte(&table, OP_SCOPE);
    scope = open_block(&table);
    put_padded(&table, "\\_SB_", 1 + NAME_BYTES);
    put_device(&table, device);
    close_block(&table, scope);
    return teeio_acpi_finish(&table);
}
