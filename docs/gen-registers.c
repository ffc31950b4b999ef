/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Prints a device's register map, what it advertises, the faults that it
 * reports, or what drivers make of an IOMMU, as a reStructuredText table: from
 * the very rows that the model runs on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "teeio/disabled.h"
#include "teeio/doe.h"
#include "teeio/smmuv3.h"
#include "teeio/tdi.h"
#include "teeio/testdev.h"
#include "teeio/tsm.h"
#include "teeio/vtd.h"

static const struct {
    const char *device;
    const struct teeio_reg *(*table)(size_t *count);
} devices[] = {
    {"doe", teeio_doe_registers},
    {"teeio-smmuv3", teeio_smmuv3_registers},
    {"teeio-smmuv3-realm", teeio_smmuv3_realm_registers},
    {"teeio-tdi", teeio_tdi_registers},
    {"teeio-testdev", teeio_testdev_registers},
    {"teeio-tsm", teeio_tsm_registers},
    {"teeio-vtd", teeio_vtd_registers},
};

static void print_table(const struct teeio_reg *table, size_t count)
{
    printf(".. list-table::\n"
           "   :header-rows: 1\n"
           "   :widths: 8 20 6 14 14 10 28\n\n"
           "   * - Offset\n"
           "     - Name\n"
           "     - Bytes\n"
           "     - Reset\n"
           "     - Writable bits\n"
           "     - Write 1 to clear\n"
           "     - Meaning\n");
    for (size_t i = 0; i < count; i++) {
        const struct teeio_reg *reg = &table[i];

        printf("   * - ``0x%05" PRIx32 "``\n"
               "     - ``%s``\n"
               "     - %u\n"
               "     - ``0x%" PRIx64 "``\n"
               "     - ``0x%" PRIx64 "``\n"
               "     - ``0x%" PRIx64 "``\n"
               "     - %s\n",
               reg->offset, reg->name, reg->width, reg->reset, reg->rw,
               reg->w1c, reg->doc);
    }
}

static void print_fields_head(void)
{
    printf(".. list-table::\n"
           "   :header-rows: 1\n"
           "   :widths: 12 24 10 10 44\n\n"
           "   * - Register\n"
           "     - Field\n"
           "     - Bits\n"
           "     - Value\n"
           "     - Meaning\n");
}

static void print_field(const char *reg, const char *name, unsigned high,
                        unsigned low, uint64_t value, const char *meaning)
{
    printf("   * - ``%s``\n     - ``%s``\n     - ", reg, name);
    if (high != low) {
        printf("%u:", high);
    }
    printf("%u\n     - %" PRIu64 "\n     - %s\n", low, value, meaning);
}

static void print_smmuv3_fields(void)
{
    size_t count;
    const struct teeio_smmuv3_field *fields = teeio_smmuv3_fields(&count);

    print_fields_head();
    for (size_t i = 0; i < count; i++) {
        print_field(fields[i].reg, fields[i].name, fields[i].high,
                    fields[i].low, fields[i].value, fields[i].meaning);
    }
}

static void print_vtd_fields(void)
{
    size_t count;
    const struct teeio_vtd_field *fields = teeio_vtd_fields(&count);

    print_fields_head();
    for (size_t i = 0; i < count; i++) {
        print_field(fields[i].reg, fields[i].name,
                    fields[i].low + fields[i].width - 1, fields[i].low,
                    fields[i].value, fields[i].doc);
    }
}

static void print_vtd_faults(void)
{
    size_t count;
    const struct teeio_vtd_condition *rows = teeio_vtd_conditions(&count);

    printf(".. list-table::\n"
           "   :header-rows: 1\n"
           "   :widths: 14 14 72\n\n"
           "   * - Reason\n"
           "     - Condition\n"
           "     - Meaning\n");
    for (size_t i = 0; i < count; i++) {
        printf("   * - ``0x%02x``\n"
               "     - %s\n"
               "     - %s\n",
               rows[i].reason, rows[i].name, rows[i].doc);
    }
}

static void print_drivers(void)
{
    const struct teeio_disabled_row *row;

    printf(".. list-table::\n"
           "   :header-rows: 1\n"
           "   :widths: 28 40 32\n\n"
           "   * - Name\n"
           "     - Stands for\n"
           "     - Hardware\n");
    for (size_t i = 0; (row = teeio_disabled_driver(i)); i++) {
        printf("   * - ``%s``\n"
               "     - ``%s``\n"
               "     - %s\n",
               row->name, row->rules, row->note);
    }
}

static const struct {
    const char *name;
    void (*print)(void);
} lists[] = {
    {"disabled-behaviour", print_drivers},
    {"teeio-smmuv3-fields", print_smmuv3_fields},
    {"teeio-vtd-fields", print_vtd_fields},
    {"teeio-vtd-faults", print_vtd_faults},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof(lists) / sizeof(*lists); i++) {
        if (!strcmp(argv[1], lists[i].name)) {
            lists[i].print();
            return 0;
        }
    }
    for (size_t i = 0; argc == 2 && i < sizeof(devices) / sizeof(*devices);
         i++) {
        if (!strcmp(argv[1], devices[i].device)) {
            size_t count;
            const struct teeio_reg *table = devices[i].table(&count);

            print_table(table, count);
            return 0;
        }
    }
    fprintf(stderr, "teeio: register table: name one device or list\n"
                    "hint: its directive in docs/specs has the name\n");
    return 2;
}
