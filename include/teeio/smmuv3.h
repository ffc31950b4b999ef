/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Arm SMMUv3 register front end (Arm IHI 0070), with one programming interface
 * or with two.
 */
#ifndef TEEIO_SMMUV3_H
#define TEEIO_SMMUV3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/ats.h"
#include "teeio/disabled.h"
#include "teeio/host.h"
#include "teeio/iommu.h"
#include "teeio/ownership.h"
#include "teeio/registers.h"
#include "teeio/t_policy.h"

/** Two 64 KiB register pages. */
#define TEEIO_SMMUV3_MMIO_SIZE 0x20000u

/** enum teeio_smmuv3_line - interrupt lines, in device-tree order */
enum teeio_smmuv3_line {
    TEEIO_SMMUV3_EVENTQ,
    TEEIO_SMMUV3_PRIQ,
    TEEIO_SMMUV3_CMDQ_SYNC,
    TEEIO_SMMUV3_GERROR,
    TEEIO_SMMUV3_LINES
};

/*
 * The Realm interface has lines of its own: these numbers plus
 * TEEIO_SMMUV3_LINES.
 */
#define TEEIO_SMMUV3_ALL_LINES (2 * TEEIO_SMMUV3_LINES)

/**
 * struct teeio_smmuv3_stats - counters since reset of the machine
 * @config_invalidations: CFGI commands
 * @tlb_invalidations:    TLBI commands
 * @stalls:               transactions that were made to wait
 * @page_requests:        queued page requests
 * @pages_lost:           page requests that were not queued
 * @iotlb_hits:           answers that were remembered
 * @iotlb_stale:          those that a walk did not confirm
 */
struct teeio_smmuv3_stats {
    uint64_t translations;
    uint64_t faults;
    uint64_t events_lost;
    uint64_t commands;
    uint64_t config_invalidations;
    uint64_t tlb_invalidations;
    uint64_t stalls;
    uint64_t page_requests;
    uint64_t pages_lost;
    uint64_t iotlb_hits;
    uint64_t iotlb_stale;
};

/**
 * struct teeio_smmuv3_devices - what the SMMU tells the devices behind it
 * @opaque:        passed back as first argument
 * @invalidate:    drop ATC entries, at once. Returns false when the device
 *                 does not answer.
 * @page_response: answer to an earlier page request
 * @resume:        the transaction that was answered with this @requester and
 *                 @stag need not wait any longer
 *
 * Any of the three may be NULL. They are called from inside functions of this
 * header and must not call one of them: a device takes note and acts later.
 */
struct teeio_smmuv3_devices {
    void *opaque;
    bool (*invalidate)(void *opaque,
                       const struct teeio_atc_invalidation *request);
    void (*page_response)(void *opaque,
                          const struct teeio_page_response *response);
    void (*resume)(void *opaque, uint16_t requester, uint16_t stag,
                   enum teeio_stall_outcome outcome);
};

struct teeio_smmuv3;

/**
 * teeio_smmuv3_new() - one SMMU, in reset state
 * @host:      outlives the SMMU
 * @ownership: outlives it; NULL when nothing manages trusted memory
 * @policy:    the T policy, fixed for its life
 *
 * None of the functions below is thread-safe against another on the same
 * instance; the caller serialises them.
 *
 * Returns: NULL when out of memory.
 */
struct teeio_smmuv3 *teeio_smmuv3_new(const struct teeio_host *host,
                                      const struct teeio_ownership *ownership,
                                      enum teeio_t_policy policy);
void teeio_smmuv3_free(struct teeio_smmuv3 *smmu);
void teeio_smmuv3_reset(struct teeio_smmuv3 *smmu);

/** teeio_smmuv3_iommu() - the face that the fabric sees */
struct teeio_iommu *teeio_smmuv3_iommu(struct teeio_smmuv3 *smmu);

/**
 * teeio_smmuv3_set_ownership() - learn who manages trusted memory
 *
 * A board may create the manager after the SMMU.
 */
void teeio_smmuv3_set_ownership(struct teeio_smmuv3 *smmu,
                                const struct teeio_ownership *ownership);

/**
 * teeio_smmuv3_add_realm() - give T=1 a programming interface of its own
 *
 * Then T=0 is served by the tables, queues and registers of the Non-secure
 * interface alone, and T=1 by those of the Realm interface. To be called once,
 * before anything else.
 *
 * Returns: false, with nothing changed, when the T policy knows of one only.
 */
bool teeio_smmuv3_add_realm(struct teeio_smmuv3 *smmu);

/* Where the C bit may be: above all RAM, and the highest output address bit. */
#define TEEIO_SMMUV3_C_BIT_MIN 32u
#define TEEIO_SMMUV3_C_BIT     47u

/**
 * teeio_smmuv3_set_claims() - how addresses say private or shared
 *
 * Without a call C bit and vTOM are bit %TEEIO_SMMUV3_C_BIT. To be called
 * before the first request; only %TEEIO_T_AMD_SINGLE looks at it.
 *
 * Returns: false, with nothing changed, when one of them cannot be.
 */
bool teeio_smmuv3_set_claims(struct teeio_smmuv3 *smmu,
                             const struct teeio_t_claims *claims);

/**
 * teeio_smmuv3_set_iotlb() - remember translations, or not (as at first)
 * @check: also walk the tables on every hit; an answer that they no longer
 *         give is marked %TEEIO_VIA_STALE
 *
 * Not beside a running teeio_smmuv3_recall().
 *
 * Returns: false when out of memory; nothing is remembered then.
 */
bool teeio_smmuv3_set_iotlb(struct teeio_smmuv3 *smmu, bool on, bool check);

/**
 * teeio_smmuv3_set_disabled() - what happens to streams not translated
 * @rules:  copied; all ARCHITECTED as at first gives the architecture back
 * @places: copied. Its table is a linear one of 512 STEs, aligned to 32 KiB
 *
 * A stream counts as attached when a request was translated, or when CFGI_STE
 * names it while its STE enables a stage. Requests of ATS are not concerned.
 * Where a profile is set, teeio_smmuv3_recall() has nothing to say and
 * teeio_smmuv3_epoch() is 0. What is remembered is not part of an image.
 *
 * Returns: false when out of memory.
 */
bool teeio_smmuv3_set_disabled(struct teeio_smmuv3 *smmu,
                               const struct teeio_disabled_rules *rules,
                               const struct teeio_disabled_places *places);

/**
 * teeio_smmuv3_epoch() - for those who keep answers to T=0 requests
 *
 * Any thread. It changes with every invalidation and every change of
 * ownership, so an answer may be given again as long as the epoch is that from
 * before it was asked for.
 *
 * Returns: 0 when nothing may be kept.
 */
uint64_t teeio_smmuv3_epoch(const struct teeio_smmuv3 *smmu);

/**
 * teeio_smmuv3_kept() - may an answer of that epoch be given once more?
 *
 * Any thread. Counts it as remembered if so.
 */
bool teeio_smmuv3_kept(struct teeio_smmuv3 *smmu, uint64_t epoch);

/**
 * teeio_smmuv3_recall() - translate if no table has to be read for it
 *
 * It needs no lock: it may run beside any other on the same
 * instance, but for those that create, free and configure it.
 *
 * Returns: false with *@answer undefined: ask translate().
 */
bool teeio_smmuv3_recall(struct teeio_smmuv3 *smmu, const struct teeio_tlp *tlp,
                         struct teeio_translation *answer);

/**
 * teeio_smmuv3_set_devices() - learn how to reach the devices
 * @devices: copied
 */
void teeio_smmuv3_set_devices(struct teeio_smmuv3 *smmu,
                              const struct teeio_smmuv3_devices *devices);

/**
 * teeio_smmuv3_page_request() - take one page request message
 *
 * What cannot be queued is answered at once, when it is the last of its group.
 */
void teeio_smmuv3_page_request(struct teeio_smmuv3 *smmu,
                               const struct teeio_page_request *request);

/**
 * teeio_smmuv3_read(), teeio_smmuv3_write() - one register access
 * @offset: below %TEEIO_SMMUV3_MMIO_SIZE
 * @size:   4 or 8
 *
 * A write that gives the command queue work calls host->wake.
 */
uint64_t teeio_smmuv3_read(struct teeio_smmuv3 *smmu, uint64_t offset,
                           unsigned size);
void teeio_smmuv3_write(struct teeio_smmuv3 *smmu, uint64_t offset,
                        uint64_t value, unsigned size);

/**
 * teeio_smmuv3_realm_read(), teeio_smmuv3_realm_write() - the same for Realm
 *
 * Only after teeio_smmuv3_add_realm().
 */
uint64_t teeio_smmuv3_realm_read(struct teeio_smmuv3 *smmu, uint64_t offset,
                                 unsigned size);
void teeio_smmuv3_realm_write(struct teeio_smmuv3 *smmu, uint64_t offset,
                              uint64_t value, unsigned size);

/**
 * teeio_smmuv3_step() - consume at most one command
 *
 * One command a call, so that a test can look between two of them.
 *
 * Returns: true when another call may find work.
 */
bool teeio_smmuv3_step(struct teeio_smmuv3 *smmu);

/** teeio_smmuv3_stats() - counters now */
struct teeio_smmuv3_stats teeio_smmuv3_stats(const struct teeio_smmuv3 *smmu);

/**
 * teeio_smmuv3_save(), teeio_smmuv3_load() - the whole state as a flat image
 *
 * As teeio_tdi_save() and teeio_tdi_load(). An image goes to an SMMU with the
 * same T policy, claims and number of interfaces only. Nothing that was cached
 * survives a load.
 */
size_t teeio_smmuv3_save(const struct teeio_smmuv3 *smmu, uint8_t *buf,
                         size_t size);
bool teeio_smmuv3_load(struct teeio_smmuv3 *smmu, const uint8_t *buf,
                       size_t size);

/** teeio_smmuv3_registers() - the table, for documentation and tests */
const struct teeio_reg *teeio_smmuv3_registers(size_t *count);

/** teeio_smmuv3_realm_registers() - only those that differ */
const struct teeio_reg *teeio_smmuv3_realm_registers(size_t *count);

/**
 * struct teeio_smmuv3_field - one field of an identification register
 * @reg:     the register's name
 * @meaning: of this value; reStructuredText, may be empty
 */
struct teeio_smmuv3_field {
    const char *reg;
    const char *name;
    unsigned high;
    unsigned low;
    uint64_t value;
    const char *meaning;
};

/** teeio_smmuv3_fields() - all of them, register by register */
const struct teeio_smmuv3_field *teeio_smmuv3_fields(size_t *count);

#endif
