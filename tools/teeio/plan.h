/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The rig: what is needed to boot a guest, and the command line that does it.
 */
#ifndef TEEIO_PLAN_H
#define TEEIO_PLAN_H

#include "settings.h"

/**
 * struct teeio_rig - what does not depend on the scenario
 * @kernel: the user's own, NULL: the scenario's from the cache
 * @initrd: the user's own, NULL: ours alone
 * @append: more kernel arguments, or NULL
 * @seed:   of QEMU's random numbers, a decimal number, or NULL
 */
struct teeio_rig {
    char *qemu;
    char *plugin;
    char *init;
    char *kernel;
    char *initrd;
    char *append;
    char *seed;
};

/** teeio_rig_copy() - for a boot that must not share it */
void teeio_rig_copy(struct teeio_rig *to, const struct teeio_rig *from);
/**
 * teeio_rig_choose() - decide @rig->qemu and @rig->init for @board
 * @qemu: the user's own, or NULL
 */
void teeio_rig_choose(struct teeio_rig *rig, const char *board,
                      const char *qemu);
void teeio_rig_clear(struct teeio_rig *rig);

/** teeio_rig_check() - is everything there that @cell needs? */
bool teeio_rig_check(const struct teeio_rig *rig, const struct teeio_cell *cell,
                     GError **error);

/** teeio_kernel_path() - the kernel that @cell boots, to be freed */
char *teeio_kernel_path(const struct teeio_rig *rig,
                        const struct teeio_cell *cell);

/** teeio_module_path() - our module for the scenario's kernel, to be freed */
char *teeio_module_path(const struct teeio_cell *cell);

/**
 * teeio_plan() - QEMU's command line, NULL-terminated
 * @dir: the artefact folder; the files need not exist yet
 */
GPtrArray *teeio_plan(const struct teeio_rig *rig,
                      const struct teeio_cell *cell, const char *dir);

/** teeio_write_disk() - a raw disk of @mib MiB with known content */
bool teeio_write_disk(const char *path, unsigned mib, GError **error);

/** teeio_write_initramfs() - init, steps, and the modules they need */
bool teeio_write_initramfs(const struct teeio_rig *rig,
                           const struct teeio_cell *cell, const char *path,
                           GError **error);

#endif
