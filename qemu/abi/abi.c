/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Choice of the table that describes the running QEMU.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "abi/abi.h"

struct teeio_abi teeio_abi;

static const struct teeio_abi *const tables[] = {
    &teeio_abi_v7_2,
    &teeio_abi_v10_0,
};

static const struct {
    const char *name;
    size_t offset;
} rows[] = {
#define TEEIO_ABI_NAME(name) {#name, offsetof(struct teeio_abi, name)},
    TEEIO_ABI_ROWS(TEEIO_ABI_NAME)
#undef TEEIO_ABI_NAME
};

bool teeio_abi_refuse(const char *fmt, ...)
{
    va_list args;

    fputs("teeio: this QEMU cannot be used: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputs("\nhint: supported are QEMU 7.2 and 10.0 (Debian packages) on a "
          "64-bit host\n",
          stderr);
    return false;
}

const struct teeio_abi *teeio_abi_guess(void)
{
    /* The big lock was renamed in the release that dropped interface 1. */
    return dlsym(RTLD_DEFAULT, "bql_locked") ? &teeio_abi_v10_0
                                             : &teeio_abi_v7_2;
}

bool teeio_abi_choose(void)
{
    VersionInfo *info = qmp_query_version(NULL);
    bool found = false;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (info->qemu->major == tables[i]->major &&
            info->qemu->minor == tables[i]->minor) {
            teeio_abi = *tables[i];
            found = true;
        }
    }
    if (!found) {
        teeio_abi_refuse("version expected 7.2 or 10.0, found %d.%d",
                         (int)info->qemu->major, (int)info->qemu->minor);
    }
    qapi_free_VersionInfo(info);
    return found;
}

bool teeio_abi_corrupt(const char *name)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!strcmp(rows[i].name, name)) {
            uint32_t *row = teeio_abi_slot(&teeio_abi, rows[i].offset);

            *row += 8;
            return true;
        }
    }
    return false;
}
