/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#define _GNU_SOURCE
#include "abi/x86.h"

#include <dlfcn.h>
#include <glib.h>
#include <string.h>

#include "abi/abi.h"
#include "import-x86.h"
#include "qom.h"

#define RESET_EIP 0xfff0u
#define RESET_CR0 0x60000010u
#define GPR_RDX   2u

struct teeio_abi_x86 teeio_abi_x86 = {
    .cpu_env = 5040,
    .env_regs = 0,
    .env_eip = 128,
    .env_cr0 = 424,
    .env_cr3 = 448,
    .mmu_physical = 6,
};

static const struct {
    const char *name;
    size_t offset;
} rows[] = {
#define TEEIO_ABI_NAME(name) {#name, offsetof(struct teeio_abi_x86, name)},
    TEEIO_ABI_X86_ROWS(TEEIO_ABI_NAME)
#undef TEEIO_ABI_NAME
};

/**
 * struct witness - an instruction of QEMU that contains one of the numbers
 * @symbol, @offset: where it is
 * @opcode:          its bytes up to the number
 * @width:           of the number
 * @row:             whose number it is
 * @sign, @addend:   the number is sign * row + addend
 */
struct witness {
    const char *symbol;
    unsigned offset;
    uint8_t opcode[4];
    unsigned opcode_length;
    unsigned width;
    size_t row;
    int sign;
    int addend;
};

#define ROW_OF(name) offsetof(struct teeio_abi_x86, name)

static const struct witness witnesses[] = {
    /* cmp $mmu_physical,%r8d */
    {"x86_cpu_tlb_fill",
     0x43,
     {0x41, 0x83, 0xf8},
     3,
     1,
     ROW_OF(mmu_physical),
     1,
     0},
    /* testb $0x80,env_cr0+3(%rbp): is paging on? */
    {"x86_cpu_tlb_fill", 0x164, {0xf6, 0x85}, 2, 4, ROW_OF(env_cr0), 1, 3},
    /* mov env_cr3(%rbp),%rcx */
    {"x86_cpu_tlb_fill",
     0x174,
     {0x48, 0x8b, 0x8d},
     3,
     4,
     ROW_OF(env_cr3),
     1,
     0},
    /* lea -cpu_env(%rdi),%r14 */
    {"cpu_svm_check_intercept_param",
     0x46,
     {0x4c, 0x8d, 0xb7},
     3,
     4,
     ROW_OF(cpu_env),
     -1,
     0},
};

bool teeio_abi_x86_corrupt(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!strcmp(rows[i].name, name)) {
            *(uint32_t *)teeio_abi_slot(&teeio_abi_x86, rows[i].offset) += 8;
            return true;
        }
    }
    return false;
}

static const char *row_name(size_t offset)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].offset == offset) {
            return rows[i].name;
        }
    }
    return "?";
}

static bool refuse(const char *device, const char *what, uint64_t expected,
                   uint64_t found, Error **errp)
{
    teeio_error(errp, "supported is QEMU 7.2 as Debian 12 packages it",
                "%s: this QEMU cannot be used: %s: expected 0x%" PRIx64
                ", found 0x%" PRIx64,
                device, what, expected, found);
    return false;
}

static bool check_witness(const char *device, const struct witness *witness,
                          Error **errp)
{
    const uint8_t *code = dlsym(RTLD_DEFAULT, witness->symbol);
    const uint32_t row =
        *(uint32_t *)teeio_abi_slot(&teeio_abi_x86, witness->row);
    int32_t expected = witness->sign * (int32_t)row + witness->addend;
    int32_t found = 0;

    if (!code) {
        return refuse(device, witness->symbol, 1, 0, errp);
    }
    code += witness->offset;
    if (memcmp(code, witness->opcode, witness->opcode_length)) {
        return refuse(device, row_name(witness->row), witness->opcode[0],
                      code[0], errp);
    }
    memcpy(&found, code + witness->opcode_length, witness->width);
    if (found != expected) {
        return refuse(device, row_name(witness->row), expected, found, errp);
    }
    return true;
}

/* What a reset leaves in registers is architecture (AMD64 vol. 2, 14.1.3). */
static bool check_reset_state(const char *device, Error **errp)
{
    char *env = (char *)qemu_get_cpu(0) + teeio_abi_x86.cpu_env;
    uint32_t eax, ebx, ecx, edx;
    uint64_t eip = *(uint64_t *)(env + teeio_abi_x86.env_eip);
    uint64_t cr0 = *(uint64_t *)(env + teeio_abi_x86.env_cr0);
    uint64_t rdx = *teeio_abi_x86_reg(env, GPR_RDX);

    if (eip != RESET_EIP) {
        return refuse(device, "env_eip", RESET_EIP, eip, errp);
    }
    if (cr0 != RESET_CR0) {
        return refuse(device, "env_cr0", RESET_CR0, cr0, errp);
    }
    cpu_x86_cpuid(env, 1, 0, &eax, &ebx, &ecx, &edx);
    if (rdx != eax) {
        return refuse(device, "env_regs", eax, rdx, errp);
    }
    return true;
}

bool teeio_abi_x86_selfcheck(const char *device, Error **errp)
{
    if (teeio_abi.major != 7 || teeio_abi.minor != 2) {
        return refuse(device, "version", 0x702,
                      teeio_abi.major << 8 | teeio_abi.minor, errp);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(witnesses); i++) {
        if (!check_witness(device, &witnesses[i], errp)) {
            return false;
        }
    }
    return check_reset_state(device, errp);
}
