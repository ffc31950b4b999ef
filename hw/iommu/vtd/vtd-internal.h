/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What the files of the VT-d front end share.
 */
#ifndef TEEIO_VTD_INTERNAL_H
#define TEEIO_VTD_INTERNAL_H

#include "teeio/event.h"
#include "teeio/spec/vtd.h"
#include "teeio/vtd.h"

#include <stdatomic.h>

#include "../bits.h"
#include "../iotlb.h"
#include "../pgtable-x86.h"
#include "../walk.h"
#include "capabilities.h"

#define VTD_SOURCE     "vtd"
#define VTD_PASID_BITS 20u

/* Rows of the register table, in order of offset. */
enum vtd_reg {
    REG_VER,
    REG_CAP,
    REG_ECAP,
    REG_GCMD,
    REG_GSTS,
    REG_RTADDR,
    REG_CCMD,
    REG_FSTS,
    REG_FECTL,
    REG_FEDATA,
    REG_FEADDR,
    REG_FEUADDR,
    REG_PMEN,
    REG_IQH,
    REG_IQT,
    REG_IQA,
    REG_ICS,
    REG_IECTL,
    REG_IEDATA,
    REG_IEADDR,
    REG_IEUADDR,
    REG_IQERCD,
    REG_PQH,
    REG_PQT,
    REG_PQA,
    REG_PRS,
    REG_PECTL,
    REG_PEDATA,
    REG_PEADDR,
    REG_PEUADDR,
    REG_IVA,
    REG_IOTLB,
    REG_FRCD,
    REGS = REG_FRCD + 2 * VTD_FAULTS
};

enum vtd_hook {
    HOOK_NONE,
    HOOK_GCMD,
    HOOK_CCMD,
    HOOK_FSTS,
    HOOK_ECTL,
    HOOK_IQT,
    HOOK_ICS,
    HOOK_PRS,
    HOOK_IOTLB,
    HOOK_FRCD,
};

extern const struct teeio_reg vtd_registers[REGS];

/*
 * struct vtd_caches - what is remembered; each kind goes on its own
 * @contexts: context entries, by source; tagged with the domain
 * @pasids:   PASID table entries, by PASID and source; tagged likewise
 * @pages:    translations, by domain and PASID
 */
struct vtd_caches {
    struct teeio_iotlb *contexts;
    struct teeio_iotlb *pasids;
    struct teeio_iotlb *pages;
};

/*
 * The face of the fabric comes first, so that both have one address.
 * @no_scalable, @no_queue: these features are left out
 * @own_view:   guest memory as this unit sees it
 * @host_view:  guest memory with the host's rights
 * @root:       RTADDR as it was when SRTP was written
 * @next_fault: the recording register that is to be used next
 * @timed_out:  a device has not answered since the last wait descriptor
 * @silent:     which one
 * @live:       hits may be answered without the caller's lock
 * @hits:       counted without it
 * @owners:     changes of ownership that the caches know of
 */
struct teeio_vtd {
    struct teeio_iommu iommu;
    const struct teeio_host *host;
    struct teeio_host own_view;
    struct teeio_host host_view;
    const struct teeio_ownership *ownership;
    enum teeio_t_policy policy;
    enum teeio_vtd_walk walk;
    bool no_scalable;
    bool no_queue;
    struct teeio_vtd_devices devices;
    struct teeio_regs regs;
    uint64_t values[REGS];
    uint64_t root;
    unsigned next_fault;
    bool timed_out;
    uint16_t silent;
    struct teeio_vtd_stats stats;
    struct vtd_caches caches;
    bool check;
    atomic_bool live;
    _Atomic uint64_t hits;
    _Atomic uint64_t owners;
};

static inline bool vtd_enabled(const struct teeio_vtd *vtd, uint64_t gsts_bit)
{
    return vtd->values[REG_GSTS] & gsts_bit;
}

/* vtd_mode() - TEEIO_VTD_TTM_*, or the reserved value 2 */
static inline unsigned vtd_mode(const struct teeio_vtd *vtd)
{
    return teeio_field(vtd->root, TEEIO_VTD_RTADDR_TTM);
}

/* vtd_interrupt_range() - is this the address of an interrupt? */
static inline bool vtd_interrupt_range(uint64_t address)
{
    return address >= TEEIO_VTD_INTERRUPT_BASE &&
           address <= TEEIO_VTD_INTERRUPT_LAST;
}

/* vtd_views() - fill in both views of guest memory */
void vtd_views(struct teeio_vtd *vtd);
void vtd_trace(const struct teeio_vtd *vtd, struct teeio_event *event);

/*
 * vtd_store() - write to physical memory, in the bank that the unit sees
 *
 * Returns: false when the write was aborted.
 */
bool vtd_store(const struct teeio_vtd *vtd, uint64_t gpa, const void *bytes,
               size_t length);

/* enum vtd_event - what has registers to configure an interrupt */
enum vtd_event { VTD_EVENT_FAULT, VTD_EVENT_INVALIDATION, VTD_EVENT_PAGE };

/* vtd_signal() - an interrupt condition has come up */
void vtd_signal(struct teeio_vtd *vtd, enum vtd_event event);

/* vtd_unmask() - the control register of an event was written */
void vtd_unmask(struct teeio_vtd *vtd, enum vtd_reg control);

/* vtd_calm() - software has dealt with all conditions of an event */
void vtd_calm(struct teeio_vtd *vtd, enum vtd_event event);

/* vtd_status() - set @bits in FSTS; interrupts if nothing was set before */
void vtd_status(struct teeio_vtd *vtd, uint64_t bits);

/* vtd_status_cleared() - software has written FSTS or a recording register */
void vtd_status_cleared(struct teeio_vtd *vtd);

/*
 * vtd_refuse() - turn @answer into a fault with a finished record
 * @record: FPD is clear everywhere on the way
 *
 * Returns: false, for the convenience of lookups.
 */
bool vtd_refuse(struct teeio_translation *answer, const struct teeio_tlp *tlp,
                enum teeio_vtd_reason reason, unsigned stage, bool record);

/* vtd_reason() - what the record of a fault says */
enum teeio_vtd_reason vtd_reason(const struct teeio_fault *fault);

/* vtd_report() - record the fault of @answer when it asks for it */
void vtd_report(struct teeio_vtd *vtd, const struct teeio_tlp *tlp,
                const struct teeio_translation *answer);

bool vtd_queue_has_work(const struct teeio_vtd *vtd);

/* vtd_queue_error() - stop the queue; @info is TEEIO_VTD_IQEI_* */
void vtd_queue_error(struct teeio_vtd *vtd, unsigned info);

/*
 * struct vtd_descriptor_type - one row per type (VT-d 6.5.2)
 * @scalable: only in scalable mode
 * @reserved: bits of each word that have to be 0
 * @run:      carry it out. Returns TEEIO_VTD_IQEI_*.
 * @signal:   tells software, after the head has moved past the descriptor
 */
struct vtd_descriptor_type {
    const char *name;
    bool scalable;
    uint64_t reserved[2];
    unsigned (*run)(struct teeio_vtd *vtd,
                    const struct teeio_vtd_descriptor *descriptor);
    void (*signal)(struct teeio_vtd *vtd,
                   const struct teeio_vtd_descriptor *descriptor);
};

/* vtd_find_type() - never NULL; an unknown one cannot be run */
const struct vtd_descriptor_type *
vtd_find_type(const struct teeio_vtd_descriptor *descriptor);

enum vtd_invalidation_kind {
    VTD_INV_CONTEXTS,        /* all */
    VTD_INV_CONTEXTS_DOMAIN, /* @domain */
    VTD_INV_CONTEXTS_DEVICE, /* @source under @source_mask */
    VTD_INV_PASIDS,          /* all */
    VTD_INV_PASIDS_DOMAIN,   /* @domain */
    VTD_INV_PASIDS_PASID,    /* @domain, @pasid */
    VTD_INV_IOTLB,           /* all */
    VTD_INV_IOTLB_DOMAIN,    /* @domain */
    VTD_INV_IOTLB_PAGE,      /* @domain, range; second stage and nested */
    VTD_INV_IOTLB_PASID,     /* @domain, @pasid; first stage and nested */
    VTD_INV_IOTLB_PASID_PAGE /* the same, range */
};

/*
 * struct vtd_invalidation - what a descriptor or a register asks for
 * @leaf:         entries for tables may stay
 * @source_mask:  bits of @source that do not matter
 * @first, @last: range of input addresses, both inside
 */
struct vtd_invalidation {
    enum vtd_invalidation_kind kind;
    bool leaf;
    uint16_t domain;
    uint32_t pasid;
    uint16_t source;
    uint16_t source_mask;
    uint64_t first;
    uint64_t last;
};

/* vtd_invalidate() - complete when it returns */
void vtd_invalidate(struct teeio_vtd *vtd,
                    const struct vtd_invalidation *invalidation);

/*
 * vtd_page_range() - the pages that ADDR and AM name
 *
 * Returns: false when AM is more than CAP.MAMV.
 */
bool vtd_page_range(uint64_t word, struct vtd_invalidation *invalidation);

/*
 * vtd_context_request() - invalidation of the context cache
 * @granularity: TEEIO_VTD_GRAN_*
 * @invalidation: @domain, @source and @source_mask are set; @kind is filled
 *
 * Returns: false for a reserved granularity.
 */
bool vtd_context_request(const struct teeio_vtd *vtd, unsigned granularity,
                         unsigned function_mask,
                         struct vtd_invalidation *invalidation);

/* vtd_write_ccmd(), vtd_write_iotlb() - invalidation through registers */
void vtd_write_ccmd(struct teeio_vtd *vtd);
void vtd_write_iotlb(struct teeio_vtd *vtd);

/* vtd_caches_update() - GSTS has changed, or all of the state */
void vtd_caches_update(struct teeio_vtd *vtd);
void vtd_caches_forget(struct teeio_vtd *vtd);
void vtd_caches_free(struct vtd_caches *caches);

/* vtd_caches_refresh() - before a walk: forget what owners have changed */
void vtd_caches_refresh(struct teeio_vtd *vtd);

/*
 * vtd_recall_checked() - under the caller's lock, where hits are checked
 *
 * Returns: false when a walk has to answer.
 */
bool vtd_recall_checked(struct teeio_vtd *vtd, const struct teeio_tlp *tlp,
                        struct teeio_translation *answer);

/* vtd_answer() - translate; changes only flags that tables ask for */
void vtd_answer(const struct teeio_vtd *vtd, const struct teeio_tlp *tlp,
                struct teeio_translation *answer);

#endif
