/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Loaded before ThreadSanitizer's library: QEMU's coroutines jump from stack
 * to stack, which that library takes for an error. Here every jump goes to the
 * C library as if nobody watched.
 */
#define _GNU_SOURCE
#include <dlfcn.h>

void *teeio_jumps[4];

__attribute__((constructor)) static void find(void)
{
    void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);

    teeio_jumps[0] = dlsym(libc, "__sigsetjmp");
    teeio_jumps[1] = dlsym(libc, "_setjmp");
    teeio_jumps[2] = dlsym(libc, "siglongjmp");
    teeio_jumps[3] = dlsym(libc, "longjmp");
}

/* A C function in between would be left before it is returned to. */
__asm__(".text\n"
        ".globl __sigsetjmp\n"
        "__sigsetjmp: jmp *teeio_jumps(%rip)\n"
        ".globl _setjmp\n"
        "_setjmp: jmp *teeio_jumps+8(%rip)\n"
        ".globl siglongjmp\n"
        "siglongjmp: jmp *teeio_jumps+16(%rip)\n"
        ".globl longjmp, __longjmp_chk\n"
        "longjmp:\n"
        "__longjmp_chk: jmp *teeio_jumps+24(%rip)\n");
