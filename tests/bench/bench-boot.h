/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A guest that boots again and again, with another machine around it.
 */
#ifndef TEEIO_BENCH_BOOT_H
#define TEEIO_BENCH_BOOT_H

#include "guest-run.h"
#include "plan.h"

/** struct bench_guest - what all boots share; private to bench-boot.c */
struct bench_guest {
    struct teeio_scenario scenario;
    struct teeio_cell cell;
    struct teeio_rig rig;
    char *folder;
    char *initramfs;
    char *console;
    char *kernel;
};

/**
 * bench_guest_init() - a guest with nothing to do yet
 * @kernel:  name in the cache
 * @modules: ends with NULL; outlives the guest
 */
void bench_guest_init(struct bench_guest *guest, const char *kernel,
                      char **modules);

/** bench_guest_add() - one more step, numbered from 1; takes @command */
void bench_guest_add(struct bench_guest *guest, char *command);

/** bench_guest_prepare() - false with @error set: something is not there */
bool bench_guest_prepare(struct bench_guest *guest, GError **error);
void bench_guest_clear(struct bench_guest *guest);

/** bench_guest_command() - what all machines have; not yet ended by NULL */
GPtrArray *bench_guest_command(const struct bench_guest *guest,
                               const char *board, const char *append);

/** bench_guest_option() - add an option with its value */
void bench_guest_option(GPtrArray *argv, const char *option, const char *value);

/**
 * bench_guest_boot() - until all steps are done; ends @argv
 * @name: of the machine, for messages
 * @boot: filled in; teeio_boot_clear() it
 *
 * Returns: false with @error set.
 */
bool bench_guest_boot(const struct bench_guest *guest, GPtrArray *argv,
                      const char *name, struct teeio_boot *boot,
                      GError **error);

#endif
