/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A confidential guest as plain SEV shows it (AMD64 vol. 2, 15.34), without
 * the hardware: a page table entry chooses by its C bit between two banks of
 * memory of which devices reach only one.
 */
#ifndef TEEIO_CONFIDENTIAL_H
#define TEEIO_CONFIDENTIAL_H

#include <glib.h>
#include <pthread.h>

#include "board.h"
#include "import-x86.h"
#include "qom.h"
#include "teeio/host.h"
#include "teeio/ownership.h"

/* The highest bit of the 40 that TCG's physical addresses have. */
#define TEEIO_CBIT_POSITION 39u
#define TEEIO_CBIT          (1ull << TEEIO_CBIT_POSITION)

#define TEEIO_OFFSETS       4u
#define TEEIO_MAX_BANKS     (TEEIO_BOARD_RAM_RANGES + 1)

/**
 * struct teeio_bank - one range of RAM and its private counterpart
 * @ram:   guest physical
 * @alias: the private one, at @ram.base with the C bit
 */
struct teeio_bank {
    struct teeio_board_range ram;
    _Alignas(16) char alias[TEEIO_OPAQUE_SIZE];
};

/**
 * struct teeio_confidential - the device; a machine has at most one
 * @host:      clock and trace
 * @ownership: which pages the guest keeps private
 * @lock:      serialises changes of it
 * @launched:  the guest has asked what it is; only then are the banks two
 * @launches, @conversions: counters
 * @refuses:   T=0 to a private page does not reach the shared bank
 * @canary:    a word to look for whenever the machine stops, 0: none
 * @offsets:   from guest physical to virtual, where the guest maps shared pages
 * @ram:       storage of all private banks
 * @banks:     the first @count are in use
 */
struct teeio_confidential {
    struct teeio_host host;
    struct teeio_ownership *ownership;
    pthread_mutex_t lock;
    _Atomic bool launched;
    uint64_t launches;
    _Atomic uint64_t conversions;
    _Alignas(16) char ram[TEEIO_OPAQUE_SIZE];
    uint64_t ram_size;
    bool refuses;
    uint64_t canary;
    _Atomic uint64_t offsets[TEEIO_OFFSETS];
    _Atomic unsigned next_offset;
    struct teeio_bank banks[TEEIO_MAX_BANKS];
    unsigned count;
};

/** teeio_confidential - the one there is, or NULL: code is called back */
extern struct teeio_confidential *teeio_confidential;

/**
 * teeio_banks_init() - make the private banks, and a map of who owns what
 *
 * Returns: false with @errp set.
 */
bool teeio_banks_init(struct teeio_confidential *c, Object *owner,
                      const char *device, Error **errp);

/** teeio_banks_has() - is there a private counterpart of @gpa? Any thread */
static inline bool teeio_banks_has(const struct teeio_confidential *c,
                                   uint64_t gpa)
{
    for (unsigned i = 0; i < c->count; i++) {
        if (gpa >= c->banks[i].ram.base && gpa < c->banks[i].ram.end) {
            return true;
        }
    }
    return false;
}

/**
 * teeio_banks_launch() - all that the guest has so far becomes private
 *
 * While no CPU runs.
 */
void teeio_banks_launch(struct teeio_confidential *c);

/** teeio_banks_reset() - one bank again, and nothing in the other */
void teeio_banks_reset(struct teeio_confidential *c);

/**
 * teeio_banks_own() - the guest maps the page of @gpa so; any thread
 *
 * Returns: true when this is news.
 */
bool teeio_banks_own(struct teeio_confidential *c, uint64_t gpa,
                     enum teeio_owner owner);

/** teeio_tables_learn() - the guest has just mapped shared @gpa at @va */
void teeio_tables_learn(struct teeio_confidential *c, uint64_t va,
                        uint64_t gpa);

/**
 * teeio_tables_share() - do the guest's page tables make @gpa shared by now?
 *
 * A device may be the first to use a page after it was converted. Records the
 * conversion. Any thread.
 */
bool teeio_tables_share(void *confidential, uint64_t gpa);

/** struct teeio_canary - how often a word is in either bank */
struct teeio_canary {
    uint64_t shared;
    uint64_t private;
};

/** teeio_canary_count() - look through both banks, while no CPU runs */
struct teeio_canary teeio_canary_count(const struct teeio_confidential *c,
                                       uint64_t word);

/** teeio_canary_trace() - the same for @c->canary, told as an event */
void teeio_canary_trace(const struct teeio_confidential *c);

/** teeio_canary_register() - the QMP command x-teeio-canary */
void teeio_canary_register(void);

/* What QEMU calls instead of its own (cpu.c), and what that was. */

void teeio_confidential_cpuid(void *env, uint32_t index, uint32_t count,
                              uint32_t *eax, uint32_t *ebx, uint32_t *ecx,
                              uint32_t *edx);
extern void (*teeio_original_cpuid)(void *env, uint32_t index, uint32_t count,
                                    uint32_t *eax, uint32_t *ebx, uint32_t *ecx,
                                    uint32_t *edx);

void teeio_confidential_intercept(void *env, uint32_t type, uint64_t param,
                                  uintptr_t retaddr);
extern void (*teeio_original_intercept)(void *env, uint32_t type,
                                        uint64_t param, uintptr_t retaddr);

void teeio_confidential_set_page(CPUState *cpu, uint64_t va, uint64_t pa,
                                 MemTxAttrs attrs, int prot, int mmu_index,
                                 uint64_t size);
extern void (*teeio_original_set_page)(CPUState *cpu, uint64_t va, uint64_t pa,
                                       MemTxAttrs attrs, int prot,
                                       int mmu_index, uint64_t size);

#endif
