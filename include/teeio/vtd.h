/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Intel VT-d register front end (Intel Virtualization Technology for Directed
 * I/O, revision 4): DMA remapping in legacy and in scalable mode.
 */
#ifndef TEEIO_VTD_H
#define TEEIO_VTD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/ats.h"
#include "teeio/host.h"
#include "teeio/iommu.h"
#include "teeio/ownership.h"
#include "teeio/registers.h"
#include "teeio/t_policy.h"

/** One 4 KiB register page. */
#define TEEIO_VTD_MMIO_SIZE 0x1000u

/** Physical addresses have this many bits; the DMAR table has to say so. */
#define TEEIO_VTD_HOST_ADDRESS_BITS 48u

/** enum teeio_vtd_walk - whose memory the unit sees */
enum teeio_vtd_walk {
    TEEIO_VTD_WALK_TRUSTED, /* it belongs to the TCB: private pages as well */
    TEEIO_VTD_WALK_HOST,    /* it does not: only what the host can read */
    TEEIO_VTD_WALKS
};

/**
 * struct teeio_vtd_stats - counters since reset of the machine
 * @faults:               refused requests, recorded or not
 * @faults_lost:          not recorded: no register was free
 * @faults_collapsed:     not recorded: one of the same source is pending
 * @commands:             descriptors taken from the invalidation queue
 * @config_invalidations: of the context and PASID caches
 * @tlb_invalidations:    of the IOTLB
 * @page_requests:        queued page requests
 * @pages_lost:           page requests that were not queued
 * @iotlb_hits:           answers that were remembered
 * @iotlb_stale:          those that a walk did not confirm
 */
struct teeio_vtd_stats {
    uint64_t translations;
    uint64_t faults;
    uint64_t faults_lost;
    uint64_t faults_collapsed;
    uint64_t commands;
    uint64_t config_invalidations;
    uint64_t tlb_invalidations;
    uint64_t page_requests;
    uint64_t pages_lost;
    uint64_t iotlb_hits;
    uint64_t iotlb_stale;
};

/**
 * struct teeio_vtd_devices - what the unit tells the devices behind it
 * @opaque:        passed back as first argument
 * @invalidate:    drop device-TLB entries, at once. Returns false when the
 *                 device does not answer.
 * @page_response: answer to an earlier page request
 *
 * Either may be NULL. They are called from inside functions of this header
 * and must not call one of them: a device takes note and acts later.
 */
struct teeio_vtd_devices {
    void *opaque;
    bool (*invalidate)(void *opaque,
                       const struct teeio_atc_invalidation *request);
    void (*page_response)(void *opaque,
                          const struct teeio_page_response *response);
};

struct teeio_vtd;

/**
 * teeio_vtd_new() - one remapping unit, in reset state
 * @host:      outlives the unit. Its interrupts are writes of MSIs through
 *             host->write; host->raise is not called.
 * @ownership: outlives it; NULL when nothing manages trusted memory
 * @policy:    the T policy, fixed for its life
 * @walk:      whose memory it sees, fixed as well
 *
 * None of the functions below is thread-safe against another on the same
 * instance, unless it says so; the caller serialises them.
 *
 * Returns: NULL when out of memory.
 */
struct teeio_vtd *teeio_vtd_new(const struct teeio_host *host,
                                const struct teeio_ownership *ownership,
                                enum teeio_t_policy policy,
                                enum teeio_vtd_walk walk);
void teeio_vtd_free(struct teeio_vtd *vtd);
void teeio_vtd_reset(struct teeio_vtd *vtd);

/** teeio_vtd_iommu() - the face that the fabric sees */
struct teeio_iommu *teeio_vtd_iommu(struct teeio_vtd *vtd);

/** teeio_vtd_set_ownership() - learn who manages trusted memory */
void teeio_vtd_set_ownership(struct teeio_vtd *vtd,
                             const struct teeio_ownership *ownership);

/**
 * teeio_vtd_set_features() - leave out parts that older units lack
 * @scalable: scalable mode, and with it first stages, PASIDs, page requests
 * @queue:    the invalidation queue, which scalable mode and device-TLBs need
 *
 * Both are there at first. To be called before software looks.
 */
void teeio_vtd_set_features(struct teeio_vtd *vtd, bool scalable, bool queue);

/**
 * teeio_vtd_set_iotlb() - remember translations, or not (as at first)
 * @check: also walk the tables on every hit; an answer that they no longer
 *         give is marked %TEEIO_VIA_STALE
 *
 * Context and PASID entries are remembered along with them. Not beside a
 * running teeio_vtd_recall().
 *
 * Returns: false when out of memory; nothing is remembered then.
 */
bool teeio_vtd_set_iotlb(struct teeio_vtd *vtd, bool on, bool check);

/**
 * teeio_vtd_epoch() - for those who keep answers to T=0 requests
 *
 * Any thread. It changes with every invalidation and every change of
 * ownership, so an answer may be given again as long as the epoch is that from
 * before it was asked for.
 *
 * Returns: 0 when nothing may be kept.
 */
uint64_t teeio_vtd_epoch(const struct teeio_vtd *vtd);

/**
 * teeio_vtd_kept() - may an answer of that epoch be given once more?
 *
 * Any thread. Counts it as remembered if so.
 */
bool teeio_vtd_kept(struct teeio_vtd *vtd, uint64_t epoch);

/**
 * teeio_vtd_recall() - translate if no table has to be read for it
 *
 * It needs no lock: it may run beside any other on the same instance, but for
 * those that create, free and configure it.
 *
 * Returns: false with *@answer undefined: ask translate().
 */
bool teeio_vtd_recall(struct teeio_vtd *vtd, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer);

/**
 * teeio_vtd_set_devices() - learn how to reach the devices
 * @devices: copied
 */
void teeio_vtd_set_devices(struct teeio_vtd *vtd,
                           const struct teeio_vtd_devices *devices);

/**
 * teeio_vtd_page_request() - take one page request message
 *
 * What cannot be queued is answered at once, when it is the last of its group.
 */
void teeio_vtd_page_request(struct teeio_vtd *vtd,
                            const struct teeio_page_request *request);

/**
 * teeio_vtd_read(), teeio_vtd_write() - one register access
 * @offset: below %TEEIO_VTD_MMIO_SIZE
 * @size:   4 or 8
 *
 * A write that gives the invalidation queue work calls host->wake.
 */
uint64_t teeio_vtd_read(struct teeio_vtd *vtd, uint64_t offset, unsigned size);
void teeio_vtd_write(struct teeio_vtd *vtd, uint64_t offset, uint64_t value,
                     unsigned size);

/**
 * teeio_vtd_step() - consume at most one invalidation descriptor
 *
 * The tail moves only when software writes it, so a caller that repeats this
 * while it answers true is done after a queue's length at most.
 *
 * Returns: true when another call may find work.
 */
bool teeio_vtd_step(struct teeio_vtd *vtd);

/** teeio_vtd_stats() - counters now */
struct teeio_vtd_stats teeio_vtd_stats(const struct teeio_vtd *vtd);

/**
 * teeio_vtd_save(), teeio_vtd_load() - the whole state as a flat image
 *
 * As teeio_tdi_save() and teeio_tdi_load(). An image goes to a unit with the
 * same T policy, walk and features only. Nothing that was cached survives a
 * load.
 */
size_t teeio_vtd_save(const struct teeio_vtd *vtd, uint8_t *buf, size_t size);
bool teeio_vtd_load(struct teeio_vtd *vtd, const uint8_t *buf, size_t size);

/** teeio_vtd_walk_name() - "trusted" or "host" */
const char *teeio_vtd_walk_name(enum teeio_vtd_walk walk);

/**
 * teeio_vtd_walk_parse() - the reverse of teeio_vtd_walk_name()
 *
 * Returns: false for an unknown name; *@walk is then untouched.
 */
bool teeio_vtd_walk_parse(const char *name, enum teeio_vtd_walk *walk);

/** teeio_vtd_registers() - the table, for documentation and tests */
const struct teeio_reg *teeio_vtd_registers(size_t *count);

/**
 * struct teeio_vtd_field - one field of CAP or ECAP
 * @reg:   "CAP" or "ECAP"
 * @name:  the specification's name
 * @low:   its lowest bit
 * @width: number of its bits
 * @value: what this unit says
 * @doc:   what that means, for the generated documentation
 */
struct teeio_vtd_field {
    const char *reg;
    const char *name;
    unsigned low;
    unsigned width;
    uint64_t value;
    const char *doc;
};

/** teeio_vtd_fields() - all fields that the unit knows, CAP first */
const struct teeio_vtd_field *teeio_vtd_fields(size_t *count);

/**
 * struct teeio_vtd_condition - one fault that the unit can report
 * @reason: the number in the fault record
 * @name:   the condition's name in the specification
 * @doc:    what it means
 */
struct teeio_vtd_condition {
    unsigned reason;
    const char *name;
    const char *doc;
};

/** teeio_vtd_conditions() - by reason, for documentation and tests */
const struct teeio_vtd_condition *teeio_vtd_conditions(size_t *count);

#endif
