/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Verbs that go through sysfs: drivers and IOMMU groups.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "init.h"

#define TEEIO_PCI_DRIVER "/sys/bus/pci/drivers/teeio_tdi/"
#define TEEIO_TYPE_SIZE  32

static void teeio_change_driver(const struct teeio_words *words,
                                const char *file, const char *why,
                                struct teeio_reply *reply)
{
    struct teeio_function wanted;
    int error;

    if (teeio_find_function(words->word[1], &wanted, reply)) {
        return;
    }
    error = teeio_write_text(file, wanted.bdf);
    if (error) {
        teeio_fail(reply, error, why);
    } else {
        teeio_ok(reply, "bdf=%s", wanted.bdf);
    }
}

void teeio_verb_bind(const struct teeio_words *words, struct teeio_reply *reply)
{
    teeio_change_driver(words, TEEIO_PCI_DRIVER "bind", "cannot-bind", reply);
}

void teeio_verb_unbind(const struct teeio_words *words,
                       struct teeio_reply *reply)
{
    teeio_change_driver(words, TEEIO_PCI_DRIVER "unbind", "cannot-unbind",
                        reply);
}

void teeio_verb_group(const struct teeio_words *words,
                      struct teeio_reply *reply)
{
    struct teeio_function wanted;
    char type[TEEIO_TYPE_SIZE];
    char path[PATH_MAX];
    int error;

    if (teeio_find_function(words->word[1], &wanted, reply)) {
        return;
    }
    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/iommu_group/type",
             wanted.bdf);
    error = teeio_write_text(path, words->word[2]);
    if (error == ENOENT) {
        teeio_fail(reply, ENODEV, "no-iommu");
        return;
    }
    if (error) {
        teeio_fail(reply, error, "group-type");
        return;
    }
    error = teeio_read_text(path, type, sizeof(type));
    if (error) {
        teeio_fail(reply, error, "group-type");
    } else {
        teeio_ok(reply, "type=%s", type);
    }
}

struct teeio_census {
    unsigned devices;
    unsigned dma;
    unsigned fq;
    unsigned identity;
    unsigned none;
};

static void teeio_count(unsigned index, const char *bdf, void *opaque)
{
    struct teeio_census *census = opaque;
    char type[TEEIO_TYPE_SIZE];
    char path[PATH_MAX];

    (void)index;
    census->devices++;
    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/iommu_group/type", bdf);
    if (teeio_read_text(path, type, sizeof(type))) {
        census->none++;
    } else if (!strncmp(type, "DMA", 3)) {
        census->dma++;
        census->fq += !strcmp(type, "DMA-FQ");
    } else if (!strcmp(type, "identity")) {
        census->identity++;
    }
}

void teeio_verb_groups(const struct teeio_words *words,
                       struct teeio_reply *reply)
{
    struct teeio_census census = {0};

    (void)words;
    teeio_for_each_function(teeio_count, &census);
    teeio_ok(reply, "devices=%u dma=%u fq=%u identity=%u none=%u",
             census.devices, census.dma, census.fq, census.identity,
             census.none);
}
