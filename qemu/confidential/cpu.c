/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What the CPUs do differently. All of this runs on their threads, without
 * the big lock.
 */
#include <stdatomic.h>

#include "abi/x86.h"
#include "confidential/confidential.h"

/* CPUID (AMD64 vol. 3, E.4.17) */
#define LEAF_EXTENDED   0x80000000u
#define LEAF_ADDRESSES  0x80000008u
#define ADDRESS_BITS    0xffu
#define LEAF_ENCRYPTION 0x8000001fu
#define ENCRYPTION_SEV  0x2u

/* SEV_STATUS (AMD64 vol. 2, 15.34.10) */
#define MSR_SEV_STATUS 0xc0010131u
#define STATUS_SEV     0x1u

/* Exit code of an access to an MSR (AMD64 vol. 2, appendix C); 0 is a read. */
#define EXIT_MSR    0x7cu

#define CR0_PAGING  0x80000000u
#define ATTRS_SMM   0x2u
#define RDMSR_BYTES 2u

enum { RAX, RCX, RDX };

void (*teeio_original_cpuid)(void *env, uint32_t index, uint32_t count,
                             uint32_t *eax, uint32_t *ebx, uint32_t *ecx,
                             uint32_t *edx);
void (*teeio_original_intercept)(void *env, uint32_t type, uint64_t param,
                                 uintptr_t retaddr);
void (*teeio_original_set_page)(CPUState *cpu, uint64_t va, uint64_t pa,
                                MemTxAttrs attrs, int prot, int mmu_index,
                                uint64_t size);

/* Leaves between the model's last and ours exist, and say nothing. */
void teeio_confidential_cpuid(void *env, uint32_t index, uint32_t count,
                              uint32_t *eax, uint32_t *ebx, uint32_t *ecx,
                              uint32_t *edx)
{
    uint32_t last;

    teeio_original_cpuid(env, LEAF_EXTENDED, 0, &last, ebx, ecx, edx);
    if (index == LEAF_ENCRYPTION) {
        *eax = ENCRYPTION_SEV;
        *ebx = TEEIO_CBIT_POSITION;
        *ecx = *edx = 0;
    } else if (index > last && index < LEAF_ENCRYPTION) {
        *eax = *ebx = *ecx = *edx = 0;
    } else {
        teeio_original_cpuid(env, index, count, eax, ebx, ecx, edx);
    }
    if (index == LEAF_EXTENDED && *eax < LEAF_ENCRYPTION) {
        *eax = LEAF_ENCRYPTION;
    }
    /* Or firmware puts devices where the C bit is part of the address. */
    if (index == LEAF_ADDRESSES) {
        *eax = (*eax & ~ADDRESS_BITS) | TEEIO_CBIT_POSITION;
    }
}

static CPUState *cpu_of(void *env)
{
    return (CPUState *)((char *)env - teeio_abi_x86.cpu_env);
}

static void launch(CPUState *cpu, run_on_cpu_data data)
{
    (void)data;
    if (!atomic_load(&teeio_confidential->launched)) {
        teeio_banks_launch(teeio_confidential);
        tb_flush(cpu);
        for (int i = 0; qemu_get_cpu(i); i++) {
            tlb_flush(qemu_get_cpu(i));
        }
    }
}

/* Every RDMSR asks here first whether a hypervisor inside wants to see it. */
void teeio_confidential_intercept(void *env, uint32_t type, uint64_t param,
                                  uintptr_t retaddr)
{
    teeio_original_intercept(env, type, param, retaddr);
    if (type != EXIT_MSR || param ||
        (uint32_t)*teeio_abi_x86_reg(env, RCX) != MSR_SEV_STATUS) {
        return;
    }
    if (atomic_load(&teeio_confidential->launched)) {
        *teeio_abi_x86_reg(env, RAX) = STATUS_SEV;
        *teeio_abi_x86_reg(env, RDX) = 0;
        *(uint64_t *)((char *)env + teeio_abi_x86.env_eip) += RDMSR_BYTES;
    } else {
        /* The instruction runs again when all CPUs have stood still. */
        async_safe_run_on_cpu(cpu_of(env), launch, NULL);
    }
    cpu_loop_exit_noexc(cpu_of(env));
}

/*
 * Untranslated accesses, and the page walk's own, are private whatever their
 * address (AMD64 vol. 2, 15.34.5).
 */
static bool is_private(CPUState *cpu, uint64_t pa, int mmu_index)
{
    const char *env = (char *)cpu + teeio_abi_x86.cpu_env;
    uint64_t cr0 = *(const uint64_t *)(env + teeio_abi_x86.env_cr0);

    return pa & TEEIO_CBIT || !(cr0 & CR0_PAGING) ||
           mmu_index == (int)teeio_abi_x86.mmu_physical;
}

void teeio_confidential_set_page(CPUState *cpu, uint64_t va, uint64_t pa,
                                 MemTxAttrs attrs, int prot, int mmu_index,
                                 uint64_t size)
{
    struct teeio_confidential *c = teeio_confidential;
    uint64_t gpa = pa & ~TEEIO_CBIT;

    if (atomic_load_explicit(&c->launched, memory_order_relaxed) &&
        teeio_banks_has(c, gpa) && !(attrs & ATTRS_SMM)) {
        bool private = is_private(cpu, pa, mmu_index);

        /* A walk through a shared page would not make it private. */
        if (mmu_index != (int)teeio_abi_x86.mmu_physical) {
            bool news = teeio_banks_own(
                c, gpa, private ? TEEIO_OWNER_PRIVATE : TEEIO_OWNER_SHARED);

            if (news && !private) {
                teeio_tables_learn(c, va, gpa);
            }
        }
        pa = private ? gpa | TEEIO_CBIT : gpa;
    } else {
        pa = gpa;
    }
    teeio_original_set_page(cpu, va, pa, attrs, prot, mmu_index, size);
}
