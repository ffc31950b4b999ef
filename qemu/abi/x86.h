/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What teeio-confidential must know of the inside of qemu-system-x86_64. It is
 * checked when there is such a device, and not before.
 */
#ifndef TEEIO_QEMU_ABI_X86_H
#define TEEIO_QEMU_ABI_X86_H

#include "import.h"

/* Offsets in bytes; env_* count from the start of CPUX86State. */
#define TEEIO_ABI_X86_ROWS(ROW)                              \
    ROW(cpu_env)  /* CPUX86State in the CPU object */        \
    ROW(env_regs) /* RAX, RCX, RDX, ... 8 bytes each */      \
    ROW(env_eip)                                             \
    ROW(env_cr0)                                             \
    ROW(env_cr3)                                             \
    ROW(mmu_physical) /* MMU index of untranslated access */ \
    ROW(patch_skew)   /* added to what a patch expects: 0 */

struct teeio_abi_x86 {
#define TEEIO_ABI_MEMBER(name) uint32_t name;
    TEEIO_ABI_X86_ROWS(TEEIO_ABI_MEMBER)
#undef TEEIO_ABI_MEMBER
};

/** teeio_abi_x86 - of QEMU 7.2; to be believed after the check */
extern struct teeio_abi_x86 teeio_abi_x86;

/** teeio_abi_x86_corrupt() - as teeio_abi_corrupt() */
bool teeio_abi_x86_corrupt(const char *name);

/**
 * teeio_abi_x86_selfcheck() - does the table describe this process?
 * @device: who asks, for messages
 *
 * To be called while every CPU is as its reset left it.
 *
 * Returns: false with @errp set.
 */
bool teeio_abi_x86_selfcheck(const char *device, Error **errp);

/** teeio_abi_x86_reg() - general register number @reg of @env */
static inline uint64_t *teeio_abi_x86_reg(void *env, unsigned reg)
{
    return (uint64_t *)((char *)env + teeio_abi_x86.env_regs) + reg;
}

#endif
