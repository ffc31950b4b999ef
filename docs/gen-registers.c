/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Prints a device's register map, or what drivers make of an IOMMU, as a
 * reStructuredText table, from the very rows that the model runs on; with
 * --fields, what the SMMU advertises.
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

static void print_fields(void)
{
    size_t count;
    const struct teeio_smmuv3_field *fields = teeio_smmuv3_fields(&count);

    printf(".. list-table::\n"
           "   :header-rows: 1\n"
           "   :widths: 12 24 10 10 44\n\n"
           "   * - Register\n"
           "     - Field\n"
           "     - Bits\n"
           "     - Value\n"
           "     - Meaning\n");
    for (size_t i = 0; i < count; i++) {
        const struct teeio_smmuv3_field *field = &fields[i];

        printf("   * - ``%s``\n     - ``%s``\n     - ", field->reg,
               field->name);
        if (field->high != field->low) {
            printf("%u:", field->high);
        }
        printf("%u\n     - %" PRIu64 "\n     - %s\n", field->low, field->value,
               field->meaning);
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

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "--fields") &&
        !strcmp(argv[2], "teeio-smmuv3")) {
        print_fields();
        return 0;
    }
    if (argc == 2 && !strcmp(argv[1], "disabled-behaviour")) {
        print_drivers();
        return 0;
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
    fprintf(stderr, "teeio: register table: name one device\n"
                    "hint: doe, teeio-smmuv3, teeio-smmuv3-realm, teeio-tdi, "
                    "teeio-testdev, teeio-tsm or disabled-behaviour\n");
    return 2;
}
