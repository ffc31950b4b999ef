/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * PCI functions in sysfs: which there are, and which driver has one.
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

#define TEEIO_PCI_PROBE "/sys/bus/pci/drivers_probe"
#define TEEIO_VENDOR    "0x1234"
#define TEEIO_DEVICE    "0x7ee1"
#define TEEIO_VF_DEVICE "0x7eeb"
#define TEEIO_ID_SIZE   16

int teeio_read_text(const char *path, char *text, size_t size)
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

int teeio_write_text(const char *path, const char *text)
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
    char text[TEEIO_ID_SIZE];

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
           (teeio_attribute_is(entry->d_name, "device", TEEIO_DEVICE) ||
            teeio_attribute_is(entry->d_name, "device", TEEIO_VF_DEVICE));
}

/* Virtual functions last, as the module numbers them. */
static int teeio_by_number(const struct dirent **a, const struct dirent **b)
{
    int virtual_a = teeio_attribute_is((*a)->d_name, "device", TEEIO_VF_DEVICE);
    int virtual_b = teeio_attribute_is((*b)->d_name, "device", TEEIO_VF_DEVICE);

    return virtual_a == virtual_b ? alphasort(a, b) : virtual_a - virtual_b;
}

/* Call @each with every entry's name, in the order that @compare says. */
static void
teeio_for_each(int (*filter)(const struct dirent *entry),
               int (*compare)(const struct dirent **a, const struct dirent **b),
               void (*each)(unsigned index, const char *bdf, void *opaque),
               void *opaque)
{
    struct dirent **entries;
    int count = scandir(TEEIO_PCI_DEVICES, &entries, filter, compare);
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
    struct teeio_function *found;
};

static void teeio_take_wanted(unsigned index, const char *bdf, void *opaque)
{
    struct teeio_wanted *wanted = opaque;

    if (index == wanted->index) {
        snprintf(wanted->found->bdf, sizeof(wanted->found->bdf), "%s", bdf);
    }
}

void teeio_for_each_function(void (*each)(unsigned index, const char *bdf,
                                          void *opaque),
                             void *opaque)
{
    teeio_for_each(teeio_is_name, alphasort, each, opaque);
}

int teeio_find_function(const char *text, struct teeio_function *found,
                        struct teeio_reply *reply)
{
    struct teeio_wanted wanted = {.found = found};
    char *end;

    memset(found, 0, sizeof(*found));
    wanted.index = strtoul(text, &end, 10);
    if (end == text || *end) {
        teeio_fail(reply, EINVAL, "bad-index");
        return -1;
    }
    teeio_for_each(teeio_is_function, teeio_by_number, teeio_take_wanted,
                   &wanted);
    if (!found->bdf[0]) {
        teeio_fail(reply, ENODEV, "no-such-function");
        return -1;
    }
    return 0;
}

int teeio_read_link(const char *bdf, const char *name, char *target,
                    size_t size)
{
    char path[PATH_MAX];
    char text[PATH_MAX];
    const char *base;
    ssize_t length;

    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/%s", bdf, name);
    length = readlink(path, text, sizeof(text) - 1);
    if (length < 0) {
        return errno;
    }
    text[length] = '\0';
    base = strrchr(text, '/');
    snprintf(target, size, "%s", base ? base + 1 : text);
    return 0;
}

static int teeio_write_attribute(const char *bdf, const char *name,
                                 const char *value)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/%s", bdf, name);
    return teeio_write_text(path, value);
}

/* Returns whether a driver had it. */
static int teeio_release(const char *bdf)
{
    return !teeio_write_attribute(bdf, "driver/unbind", bdf);
}

int teeio_borrow(const char *text, const char *driver,
                 struct teeio_function *function, struct teeio_reply *reply)
{
    char now[TEEIO_BDF_SIZE];
    int error;

    if (teeio_find_function(text, function, reply)) {
        return -1;
    }
    error = teeio_write_attribute(function->bdf, "driver_override", driver);
    if (error) {
        teeio_fail(reply, error, "cannot-override");
        return -1;
    }
    function->had_driver = teeio_release(function->bdf);
    teeio_write_text(TEEIO_PCI_PROBE, function->bdf);
    if (teeio_read_link(function->bdf, "driver", now, sizeof(now)) ||
        strcmp(now, driver)) {
        teeio_give_back(function);
        teeio_fail(reply, ENODEV, "no-such-driver");
        return -1;
    }
    return 0;
}

void teeio_give_back(const struct teeio_function *function)
{
    teeio_release(function->bdf);
    teeio_write_attribute(function->bdf, "driver_override", "\n");
    if (function->had_driver) {
        teeio_write_text(TEEIO_PCI_PROBE, function->bdf);
    }
}
