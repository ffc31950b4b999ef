/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Verbs that go through sysfs: drivers and IOMMU groups.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

#define TEEIO_PCI_DRIVER  "/sys/bus/pci/drivers/teeio_tdi/"
#define TEEIO_TYPE_SIZE   32

#define TEEIO_CONFIG_SIZE 4096
#define TEEIO_CONFIG_LINE 16

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

/* Each writes one file of the function's folder tsm. */
static void teeio_write_tsm(const struct teeio_words *words, const char *file,
                            const char *text, struct teeio_reply *reply)
{
    struct teeio_function wanted;
    char path[PATH_MAX];
    char lock[TEEIO_TYPE_SIZE];
    char accept[TEEIO_TYPE_SIZE];
    int error;

    if (teeio_find_function(words->word[1], &wanted, reply)) {
        return;
    }
    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/tsm/%s", wanted.bdf,
             file);
    error = teeio_write_text(path, text);
    if (error) {
        teeio_fail(reply, error, file);
        return;
    }
    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/tsm/lock", wanted.bdf);
    error = teeio_read_text(path, lock, sizeof(lock));
    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/tsm/accept",
             wanted.bdf);
    if (error || (error = teeio_read_text(path, accept, sizeof(accept)))) {
        teeio_fail(reply, error, "tsm-folder");
        return;
    }
    teeio_ok(reply, "lock=%s accept=%s", *lock ? lock : "none", accept);
}

void teeio_verb_lock(const struct teeio_words *words, struct teeio_reply *reply)
{
    teeio_write_tsm(words, "lock", "tsm0", reply);
}

void teeio_verb_accept(const struct teeio_words *words,
                       struct teeio_reply *reply)
{
    teeio_write_tsm(words, "accept", "1", reply);
}

void teeio_verb_unlock(const struct teeio_words *words,
                       struct teeio_reply *reply)
{
    teeio_write_tsm(words, "unlock", "tsm0", reply);
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

/* More functions than any scenario has; those beyond count no group. */
#define TEEIO_GROUPS 64

/**
 * struct teeio_census - what all functions amount to
 * @group: number of the group of each of the first @grouped functions
 */
struct teeio_census {
    unsigned long group[TEEIO_GROUPS];
    unsigned grouped;
    unsigned devices;
    unsigned dma;
    unsigned fq;
    unsigned identity;
    unsigned none;
};

static void teeio_note_group(const char *bdf, struct teeio_census *census)
{
    char path[PATH_MAX];
    char link[PATH_MAX];
    const char *name;
    ssize_t length;

    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/iommu_group", bdf);
    length = readlink(path, link, sizeof(link) - 1);
    if (length < 0 || census->grouped == TEEIO_GROUPS) {
        return;
    }
    link[length] = '\0';
    name = strrchr(link, '/');
    census->group[census->grouped++] =
        strtoul(name ? name + 1 : link, NULL, 10);
}

/* Returns: how many groups there are; @largest is filled in. */
static unsigned teeio_count_groups(const struct teeio_census *census,
                                   unsigned *largest)
{
    unsigned groups = 0;

    *largest = 0;
    for (unsigned i = 0; i < census->grouped; i++) {
        unsigned members = 0;
        bool first = true;

        for (unsigned j = 0; j < census->grouped; j++) {
            if (census->group[j] == census->group[i]) {
                members++;
                first = first && j >= i;
            }
        }
        groups += first;
        *largest = members > *largest ? members : *largest;
    }
    return groups;
}

static void teeio_count(unsigned index, const char *bdf, void *opaque)
{
    struct teeio_census *census = opaque;
    char type[TEEIO_TYPE_SIZE];
    char path[PATH_MAX];

    (void)index;
    census->devices++;
    teeio_note_group(bdf, census);
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
    unsigned groups, largest;

    (void)words;
    teeio_for_each_function(teeio_count, &census);
    groups = teeio_count_groups(&census, &largest);
    teeio_ok(reply,
             "devices=%u dma=%u fq=%u identity=%u none=%u groups=%u "
             "largest=%u",
             census.devices, census.dma, census.fq, census.identity,
             census.none, groups, largest);
}

void teeio_verb_replug(const struct teeio_words *words,
                       struct teeio_reply *reply)
{
    char path[PATH_MAX];
    int error;

    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/remove",
             words->word[1]);
    error = teeio_write_text(path, "1");
    if (error) {
        teeio_fail(reply, error, "cannot-remove");
        return;
    }
    error = teeio_write_text("/sys/bus/pci/rescan", "1");
    if (error) {
        teeio_fail(reply, error, "cannot-rescan");
    } else {
        teeio_done(reply);
    }
}

void teeio_verb_vfs(const struct teeio_words *words, struct teeio_reply *reply)
{
    struct teeio_function wanted;
    char path[PATH_MAX];
    char count[16];
    int error;

    if (teeio_find_function(words->word[1], &wanted, reply)) {
        return;
    }
    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/sriov_numvfs",
             wanted.bdf);
    error = teeio_write_text(path, words->word[2]);
    if (error) {
        teeio_fail(reply, error, "cannot-change-vfs");
        return;
    }
    error = teeio_read_text(path, count, sizeof(count));
    if (error) {
        teeio_fail(reply, error, "cannot-change-vfs");
    } else {
        teeio_ok(reply, "vfs=%s", count);
    }
}

/* One line as lspci -x writes it, and lspci -F reads it. */
static void teeio_print_config(size_t offset, const uint8_t *bytes)
{
    char text[TEEIO_CONFIG_LINE * 3 + 1];

    for (size_t i = 0; i < TEEIO_CONFIG_LINE; i++) {
        snprintf(text + i * 3, 4, " %02x", bytes[i]);
    }
    teeio_console_print("teeio-guest: config %02zx:%s", offset, text);
}

void teeio_verb_config(const struct teeio_words *words,
                       struct teeio_reply *reply)
{
    uint8_t bytes[TEEIO_CONFIG_SIZE];
    char path[PATH_MAX];
    ssize_t length;
    int fd;

    snprintf(path, sizeof(path), TEEIO_PCI_DEVICES "/%s/config",
             words->word[1]);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        teeio_fail(reply, errno, "no-such-function");
        return;
    }
    length = pread(fd, bytes, sizeof(bytes), 0);
    close(fd);
    if (length != sizeof(bytes)) {
        teeio_fail(reply, length < 0 ? errno : EIO, "cannot-read-all");
        return;
    }
    teeio_console_print("teeio-guest: config %s function", words->word[1]);
    for (size_t i = 0; i < sizeof(bytes); i += TEEIO_CONFIG_LINE) {
        teeio_print_config(i, bytes + i);
    }
    teeio_ok(reply, "bytes=%zd", length);
}
