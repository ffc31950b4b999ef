/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Verbs that go through sysfs: drivers and IOMMU groups.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

#define TEEIO_PCI_DEVICES "/sys/bus/pci/devices"
#define TEEIO_PCI_DRIVER  "/sys/bus/pci/drivers/teeio_tdi/"
#define TEEIO_VENDOR      "0x1234"
#define TEEIO_DEVICE      "0x7ee1"
#define TEEIO_BDF_SIZE    (NAME_MAX + 1)
#define TEEIO_TYPE_SIZE   32

/* Returns 0 or an errno; the text comes without its newline. */
static int teeio_read_text(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length;
    int error;

    if (fd < 0) {
        return errno;
    }
    length = read(fd, text, size - 1);
    error = length < 0 ? errno : 0;
    close(fd);
    text[length < 0 ? 0 : length] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return error;
}

static int teeio_write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int error = 0;

    if (fd < 0) {
        return errno;
    }
    if (write(fd, text, strlen(text)) < 0) {
        error = errno;
    }
    close(fd);
    return error;
}

static int teeio_attribute_is(const char *bdf, const char *name,
                              const char *value)
{
    char path[PATH_MAX];
    char text[TEEIO_TYPE_SIZE];

    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/%s", bdf, name);
    return !teeio_read_text(path, text, sizeof(text)) && !strcmp(text, value);
}

static int teeio_is_name(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int teeio_is_function(const struct dirent *entry)
{
    return teeio_is_name(entry) &&
           teeio_attribute_is(entry->d_name, "vendor", TEEIO_VENDOR) &&
           teeio_attribute_is(entry->d_name, "device", TEEIO_DEVICE);
}

/* Call @each with every entry's name, in the order of the addresses. */
static void teeio_for_each(int (*filter)(const struct dirent *entry),
                           void (*each)(unsigned index, const char *bdf,
                                        void *opaque),
                           void *opaque)
{
    struct dirent **entries;
    int count = scandir(TEEIO_PCI_DEVICES, &entries, filter, alphasort);
    int i;

    if (count < 0) {
        return;
    }
    for (i = 0; i < count; i++) {
        each((unsigned)i, entries[i]->d_name, opaque);
        free(entries[i]);
    }
    free(entries);
}

struct teeio_wanted {
    unsigned long index;
    char bdf[TEEIO_BDF_SIZE];
};

static void teeio_take_wanted(unsigned index, const char *bdf, void *opaque)
{
    struct teeio_wanted *wanted = opaque;

    if (index == wanted->index) {
        snprintf(wanted->bdf, sizeof(wanted->bdf), "%s", bdf);
    }
}

/* Find the address of function number @text. Returns -1 with @reply filled. */
static int teeio_find_function(const char *text, struct teeio_wanted *wanted,
                               struct teeio_reply *reply)
{
    char *end;

    memset(wanted, 0, sizeof(*wanted));
    wanted->index = strtoul(text, &end, 10);
    if (end == text || *end) {
        teeio_fail(reply, EINVAL, "bad-index");
        return -1;
    }
    teeio_for_each(teeio_is_function, teeio_take_wanted, wanted);
    if (!wanted->bdf[0]) {
        teeio_fail(reply, ENODEV, "no-such-function");
        return -1;
    }
    return 0;
}

static void teeio_change_driver(const struct teeio_words *words,
                                const char *file, const char *why,
                                struct teeio_reply *reply)
{
    struct teeio_wanted wanted;
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
    struct teeio_wanted wanted;
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
    } else if (!strcmp(type, "identity")) {
        census->identity++;
    }
}

void teeio_verb_groups(const struct teeio_words *words,
                       struct teeio_reply *reply)
{
    struct teeio_census census = {0};

    (void)words;
    teeio_for_each(teeio_is_name, teeio_count, &census);
    teeio_ok(reply, "devices=%u dma=%u identity=%u none=%u", census.devices,
             census.dma, census.identity, census.none);
}
