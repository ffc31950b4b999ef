/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What this plug-in uses of qemu-system-x86_64 alone, or for its sake. The
 * first group is weak: other emulators do not have it.
 */
#ifndef TEEIO_QEMU_IMPORT_X86_H
#define TEEIO_QEMU_IMPORT_X86_H

#include "import.h"

extern int e820_get_num_entries(void) __attribute__((weak));
extern bool e820_get_entry(int index, uint32_t type, uint64_t *base,
                           uint64_t *size) __attribute__((weak));

/* @env is a CPUX86State, the outer ones are results. */
extern void cpu_x86_cpuid(void *env, uint32_t index, uint32_t count,
                          uint32_t *eax, uint32_t *ebx, uint32_t *ecx,
                          uint32_t *edx) __attribute__((weak));

typedef struct CPUState CPUState;

/* QEMU's is a union of pointers and numbers. */
typedef void *run_on_cpu_data;

extern bool kvm_allowed;

CPUState *qemu_get_cpu(int index);
void async_safe_run_on_cpu(CPUState *cpu,
                           void (*fn)(CPUState *cpu, run_on_cpu_data data),
                           run_on_cpu_data data);
_Noreturn void cpu_loop_exit_noexc(CPUState *cpu);
void tlb_flush(CPUState *cpu);
void tb_flush(CPUState *cpu);
void memory_region_init_ram(MemoryRegion *mr, Object *owner, const char *name,
                            uint64_t size, Error **errp);
void memory_region_init_alias(MemoryRegion *mr, Object *owner, const char *name,
                              MemoryRegion *orig, hwaddr offset, uint64_t size);
void *memory_region_get_ram_ptr(MemoryRegion *mr);

/* The options are a QemuOptsList and a QemuOpts. */
void *qemu_find_opts(const char *group);
void *qemu_opts_parse(void *list, const char *params, bool permit_abbrev,
                      Error **errp);
void acpi_table_add(const void *opts, Error **errp);

#endif
