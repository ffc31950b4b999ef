/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#define _GNU_SOURCE
#include "confidential/patch.h"

#include <dlfcn.h>
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/x86.h"
#include "confidential/confidential.h"
#include "qom.h"

#define MAX_BYTES   24
#define MAX_PATCHES 8

/* movabs $target,%rax; jmp *%rax. No argument is passed in RAX. */
#define ENTRY_BYTES 12

/* jmp *0(%rip), with the target behind it; changes no register */
#define JUMP_BYTES 14

/**
 * struct patch - one function that is replaced from its first byte on
 * @expected: bytes that it must begin with; none depends on where they are
 * @length:   how many
 * @kept:     what has to run in place of them in order to call the original
 * @kept_length: how much
 * @resume:   where the original goes on
 * @original: set to a function like the unpatched one
 */
struct patch {
    const char *symbol;
    uint8_t expected[MAX_BYTES];
    unsigned length;
    uint8_t kept[MAX_BYTES];
    unsigned kept_length;
    unsigned resume;
    void *replacement;
    void **original;
};

static const struct patch patches[] = {
    {
        /* Whole instructions, so they can run elsewhere as they are. */
        .symbol = "cpu_x86_cpuid",
        .expected = {0x41, 0x57, 0x89, 0xf0, 0x41, 0x89, 0xd7, 0x41, 0x56, 0x49,
                     0x89, 0xce},
        .length = 12,
        .kept = {0x41, 0x57, 0x89, 0xf0, 0x41, 0x89, 0xd7, 0x41, 0x56, 0x49,
                 0x89, 0xce},
        .kept_length = 12,
        .resume = 12,
        .replacement = (void *)teeio_confidential_cpuid,
        .original = (void **)&teeio_original_cpuid,
    },
    {
        /* A test, a short branch over a return, and padding. */
        .symbol = "cpu_svm_check_intercept_param",
        .expected = {0xf6, 0x87, 0xb2, 0x00, 0x00, 0x00, 0x20, 0x75, 0x07, 0xc3,
                     0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
        .length = 16,
        .kept = {0xf6, 0x87, 0xb2, 0x00, 0x00, 0x00, 0x20, 0x75, 0x01, 0xc3},
        .kept_length = 10,
        .resume = 16,
        .replacement = (void *)teeio_confidential_intercept,
        .original = (void **)&teeio_original_intercept,
    },
    {
        .symbol = "tlb_set_page_with_attrs",
        .expected = {0x48, 0x83, 0xec, 0x28, 0x66, 0x0f, 0xef, 0xc0, 0x64, 0x4c,
                     0x8b, 0x14, 0x25, 0x28, 0x00, 0x00, 0x00},
        .length = 17,
        .kept = {0x48, 0x83, 0xec, 0x28, 0x66, 0x0f, 0xef, 0xc0, 0x64, 0x4c,
                 0x8b, 0x14, 0x25, 0x28, 0x00, 0x00, 0x00},
        .kept_length = 17,
        .resume = 17,
        .replacement = (void *)teeio_confidential_set_page,
        .original = (void **)&teeio_original_set_page,
    },
};

_Static_assert(G_N_ELEMENTS(patches) <= MAX_PATCHES, "room for originals");

static bool verify(const char *device, const struct patch *patch, Error **errp)
{
    const uint8_t *code = dlsym(RTLD_DEFAULT, patch->symbol);
    unsigned same = 0;

    while (code && same < patch->length &&
           code[same] == patch->expected[same] + teeio_abi_x86.patch_skew) {
        same++;
    }
    if (same < patch->length) {
        teeio_error(errp, "supported is QEMU 7.2 as Debian 12 packages it",
                    "%s: this QEMU cannot be used: %s is %s", device,
                    patch->symbol, code ? "another build's" : "missing");
        return false;
    }
    return true;
}

/* Returns: where the next one goes. */
static uint8_t *write_original(const struct patch *patch, uint8_t *to)
{
    static const uint8_t jump[] = {0xff, 0x25, 0, 0, 0, 0};
    uint64_t target =
        (uintptr_t)dlsym(RTLD_DEFAULT, patch->symbol) + patch->resume;

    memcpy(to, patch->kept, patch->kept_length);
    memcpy(to + patch->kept_length, jump, sizeof(jump));
    memcpy(to + patch->kept_length + sizeof(jump), &target, sizeof(target));
    return to + patch->kept_length + JUMP_BYTES;
}

static bool fail(const char *device, const char *what, Error **errp)
{
    teeio_error(errp, "does a security module forbid it?", "%s: cannot %s: %s",
                device, what, g_strerror(errno));
    return false;
}

/* Returns: false with @errp set. */
static bool write_originals(const char *device, Error **errp)
{
    size_t size = MAX_PATCHES * (MAX_BYTES + JUMP_BYTES);
    uint8_t *code = mmap(NULL, size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *next = code;

    if (code == MAP_FAILED) {
        return fail(device, "allocate memory for code", errp);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(patches); i++) {
        *patches[i].original = next;
        next = write_original(&patches[i], next);
    }
    return !mprotect(code, size, PROT_READ | PROT_EXEC) ||
           fail(device, "make memory executable", errp);
}

static bool protect(const struct patch *patch, int protection)
{
    uintptr_t page = sysconf(_SC_PAGESIZE);
    uintptr_t code = (uintptr_t)dlsym(RTLD_DEFAULT, patch->symbol);
    uintptr_t first = code & ~(page - 1);

    return !mprotect((void *)first, code + ENTRY_BYTES - first, protection);
}

static bool make_writable(const char *device, Error **errp)
{
    for (size_t i = 0; i < G_N_ELEMENTS(patches); i++) {
        if (!protect(&patches[i], PROT_READ | PROT_WRITE | PROT_EXEC)) {
            return fail(device, "change QEMU's code", errp);
        }
    }
    return true;
}

static void write_entry(const struct patch *patch)
{
    uint8_t *code = dlsym(RTLD_DEFAULT, patch->symbol);
    uint64_t target = (uintptr_t)patch->replacement;
    uint8_t entry[ENTRY_BYTES] = {0x48, 0xb8};

    memcpy(entry + 2, &target, sizeof(target));
    entry[10] = 0xff;
    entry[11] = 0xe0;
    memcpy(code, entry, sizeof(entry));
}

bool teeio_patches_apply(const char *device, Error **errp)
{
    for (size_t i = 0; i < G_N_ELEMENTS(patches); i++) {
        if (!verify(device, &patches[i], errp)) {
            return false;
        }
    }
    if (!write_originals(device, errp) || !make_writable(device, errp)) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(patches); i++) {
        write_entry(&patches[i]);
        protect(&patches[i], PROT_READ | PROT_EXEC);
    }
    return true;
}
