/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What the files of the SMMUv3 front end share.
 */
#ifndef TEEIO_SMMUV3_INTERNAL_H
#define TEEIO_SMMUV3_INTERNAL_H

#include "teeio/event.h"
#include "teeio/smmuv3.h"
#include "teeio/spec/smmuv3.h"

#include <stdatomic.h>

#include "../bits.h"
#include "../iotlb.h"
#include "../pgtable-arm.h"
#include "../walk.h"

/* What idr.h advertises and the code counts on. */
#define SMMUV3_SIDSIZE   16u
#define SMMUV3_SSIDSIZE  20u
#define SMMUV3_CMDQS     10u
#define SMMUV3_EVENTQS   10u
#define SMMUV3_PRIQS     10u
#define SMMUV3_STALL_MAX 32u
#define SMMUV3_OAS_BITS  48u

/* Rows of the register table, in order of offset. */
enum smmuv3_reg {
    REG_IDR0,
    REG_IDR1,
    REG_IDR2,
    REG_IDR3,
    REG_IDR4,
    REG_IDR5,
    REG_IIDR,
    REG_AIDR,
    REG_CR0,
    REG_CR0ACK,
    REG_CR1,
    REG_CR2,
    REG_GBPA,
    REG_IRQ_CTRL,
    REG_IRQ_CTRLACK,
    REG_GERROR,
    REG_GERRORN,
    REG_GERROR_IRQ_CFG0,
    REG_GERROR_IRQ_CFG1,
    REG_GERROR_IRQ_CFG2,
    REG_STRTAB_BASE,
    REG_STRTAB_BASE_CFG,
    REG_CMDQ_BASE,
    REG_CMDQ_PROD,
    REG_CMDQ_CONS,
    REG_EVENTQ_BASE,
    REG_EVENTQ_IRQ_CFG0,
    REG_EVENTQ_IRQ_CFG1,
    REG_EVENTQ_IRQ_CFG2,
    REG_PRIQ_BASE,
    REG_PRIQ_IRQ_CFG0,
    REG_PRIQ_IRQ_CFG1,
    REG_PRIQ_IRQ_CFG2,
    REG_EVENTQ_PROD,
    REG_EVENTQ_CONS,
    REG_PRIQ_PROD,
    REG_PRIQ_CONS,
    REGS
};

enum smmuv3_hook {
    HOOK_NONE,
    HOOK_CR0,
    HOOK_GBPA,
    HOOK_IRQ_CTRL,
    HOOK_CMDQ,   /* the command queue may have work now */
    HOOK_EVENTQ, /* the event queue may be writable now */
    HOOK_GERRORN,
};

extern const struct teeio_reg smmuv3_registers[REGS];

/*
 * struct smmuv3_stall - a slot of the stall table; its number is the STAG
 * @recorded: its event has been written; else it waits for a writable queue
 */
struct smmuv3_stall {
    bool busy;
    bool recorded;
    uint16_t requester;
};

/*
 * struct smmuv3_interface - one programming interface, and what is reached by
 * its tables alone
 * @source:       its name in events
 * @first_line:   of its interrupts
 * @space:        where its queues, and MSIs, must lie; NONE for anywhere
 * @disabled:     NULL when the architecture says what "off" means
 * @atc_failed:   an invalidation since the last SYNC was not answered
 * @iotlb:        NULL when nothing is to be remembered
 */
struct smmuv3_interface {
    struct teeio_smmuv3 *smmu;
    const char *source;
    unsigned first_line;
    enum teeio_owner space;
    struct teeio_regs regs;
    uint64_t values[REGS];
    struct smmuv3_stall stalls[SMMUV3_STALL_MAX];
    struct teeio_disabled *disabled;
    bool atc_failed;
    struct teeio_iotlb *iotlb;
};

enum { SMMUV3_NON_SECURE, SMMUV3_REALM, SMMUV3_INTERFACES };

/*
 * The face of the fabric comes first, so that both have one address.
 * @by_t:        who serves requests with this T
 * @count:       of the @interfaces in use: without Realm the first serves both
 * @realm_table: its registers
 * @rules:       how, also by T
 * @live:        the IOTLB, by T, where hits may be answered without the
 *               caller's lock; else NULL
 * @iotlb_check: walk even when the answer is remembered, and compare
 * @iotlb_hits:  counted without the caller's lock
 * @iotlb_owners: changes of ownership that the IOTLBs know of
 */
struct teeio_smmuv3 {
    struct teeio_iommu iommu;
    struct smmuv3_interface *by_t[2];
    const struct teeio_host *host;
    const struct teeio_ownership *ownership;
    enum teeio_t_policy policy;
    const struct teeio_t_rule *rules[2];
    _Atomic(struct teeio_iotlb *) live[2];
    struct teeio_t_claims claims;
    struct teeio_smmuv3_devices devices;
    struct teeio_smmuv3_stats stats;
    bool iotlb_check;
    _Atomic uint64_t iotlb_hits;
    _Atomic uint64_t iotlb_owners;
    unsigned count;
    struct smmuv3_interface interfaces[SMMUV3_INTERFACES];
    struct teeio_reg realm_table[REGS];
};

/* smmuv3_connect() - an interface in reset state */
void smmuv3_connect(struct smmuv3_interface *iface, struct teeio_smmuv3 *smmu,
                    const char *source, const struct teeio_reg *table);

/* smmuv3_read(), smmuv3_write() - one access to its registers */
uint64_t smmuv3_read(const struct smmuv3_interface *iface, uint64_t offset,
                     unsigned size);
void smmuv3_write(struct smmuv3_interface *iface, uint64_t offset,
                  uint64_t value, unsigned size);

/* smmuv3_in_space() - may the interface use @gpa as part of @space? */
bool smmuv3_in_space(const struct smmuv3_interface *iface, uint64_t gpa,
                     enum teeio_owner space);

/* smmuv3_is_realm() - the interface that serves only T=1 */
static inline bool smmuv3_is_realm(const struct smmuv3_interface *iface)
{
    return iface->space == TEEIO_OWNER_PRIVATE;
}

/* smmuv3_may_stall() - IDRx.STALL_MODEL leaves a choice */
static inline bool smmuv3_may_stall(const struct smmuv3_interface *iface)
{
    return !(iface->values[REG_IDR0] & TEEIO_IDR0_STALL_MODEL);
}

static inline bool smmuv3_enabled(const struct smmuv3_interface *iface,
                                  uint64_t cr0_bit)
{
    return iface->values[REG_CR0] & cr0_bit;
}

/* smmuv3_gerror() - make an error active, unless it is so already */
void smmuv3_gerror(struct smmuv3_interface *iface, uint64_t error);
bool smmuv3_gerror_active(const struct smmuv3_interface *iface, uint64_t error);
void smmuv3_trace(const struct smmuv3_interface *iface,
                  struct teeio_event *event);

/*
 * smmuv3_store() - write to physical memory
 * @space: whose it must be; NONE: whoever owns the page
 *
 * Returns: false when the write was aborted.
 */
bool smmuv3_store(const struct smmuv3_interface *iface, uint64_t gpa,
                  const void *bytes, size_t length, enum teeio_owner space);

/* enum smmuv3_irq - what has registers to configure an interrupt */
enum smmuv3_irq {
    SMMUV3_IRQ_EVENTQ,
    SMMUV3_IRQ_PRIQ,
    SMMUV3_IRQ_GERROR,
};

/* smmuv3_raise() - the wire */
void smmuv3_raise(const struct smmuv3_interface *iface,
                  enum teeio_smmuv3_line line);

/* smmuv3_interrupt() - by MSI or by wire, when software has enabled it */
void smmuv3_interrupt(struct smmuv3_interface *iface, enum smmuv3_irq irq);

/*
 * smmuv3_msi() - one MSI write
 * @non_secure: of Realm: to shared memory
 * @error:      global error when it is aborted
 */
void smmuv3_msi(struct smmuv3_interface *iface, uint64_t address,
                bool non_secure, uint32_t data, uint64_t error);

enum smmuv3_queue_kind { SMMUV3_CMDQ, SMMUV3_EVENTQ, SMMUV3_PRIQ };

/* struct smmuv3_queue - a circular queue in guest memory, decoded */
struct smmuv3_queue {
    uint64_t base;
    unsigned log2size;
    unsigned log2entry;
    uint32_t prod;
    uint32_t cons;
};

struct smmuv3_queue smmuv3_queue_load(const struct smmuv3_interface *iface,
                                      enum smmuv3_queue_kind kind);
bool smmuv3_queue_empty(const struct smmuv3_queue *queue);
bool smmuv3_queue_full(const struct smmuv3_queue *queue);

/* smmuv3_queue_entry() - where the entry that @pointer selects lies */
uint64_t smmuv3_queue_entry(const struct smmuv3_queue *queue, uint32_t pointer);

/* smmuv3_queue_next() - @pointer advanced by one entry */
uint32_t smmuv3_queue_next(const struct smmuv3_queue *queue, uint32_t pointer);

/*
 * smmuv3_queue_push() - write one entry of 64-bit words where PROD points
 *
 * The queue has room. PROD moves on, its overflow flag stays.
 *
 * Returns: false when the write was aborted.
 */
bool smmuv3_queue_push(struct smmuv3_interface *iface,
                       enum smmuv3_queue_kind kind, const uint64_t *words);

/*
 * smmuv3_queue_overflow() - an entry was lost because the queue is full
 *
 * Changes nothing when software has not seen the previous loss yet.
 */
void smmuv3_queue_overflow(struct smmuv3_interface *iface,
                           enum smmuv3_queue_kind kind);
bool smmuv3_queue_overflowed(const struct smmuv3_interface *iface,
                             enum smmuv3_queue_kind kind);

bool smmuv3_cmdq_has_work(const struct smmuv3_interface *iface);

/* smmuv3_find_work() - whose command comes next; NULL when there is none */
struct smmuv3_interface *smmuv3_find_work(struct teeio_smmuv3 *smmu);

/*
 * struct smmuv3_opcode - one row per command (IHI 0070 chapter 4)
 * @ssec:   it has an SSec bit, which only a Secure queue may set
 * @run:    check the operands and carry it out; returns a CERROR. NULL when
 *          the command belongs to a feature that IDRx denies.
 * @signal: tells software, after CONS has moved past the command
 */
struct smmuv3_opcode {
    const char *name;
    bool ssec;
    unsigned (*run)(struct smmuv3_interface *iface,
                    const struct teeio_smmuv3_command *command);
    void (*signal)(struct smmuv3_interface *iface,
                   const struct teeio_smmuv3_command *command);
};

/* smmuv3_find_opcode() - never NULL; an unknown one cannot be run */
const struct smmuv3_opcode *
smmuv3_find_opcode(const struct teeio_smmuv3_command *command);

enum smmuv3_invalidation_kind {
    SMMUV3_INV_STES,     /* @stream to @stream_last, and their CDs */
    SMMUV3_INV_CD,       /* @stream, @substream */
    SMMUV3_INV_CDS,      /* @stream */
    SMMUV3_INV_NH_ALL,   /* @vmid, entries with a stage 1 */
    SMMUV3_INV_NH_ASID,  /* @vmid, @asid, not the global ones */
    SMMUV3_INV_NH_VA,    /* @vmid, @asid or global, range */
    SMMUV3_INV_NH_VAA,   /* @vmid, range */
    SMMUV3_INV_S12_VMID, /* @vmid, everything */
    SMMUV3_INV_S2_IPA,   /* @vmid, range of IPAs */
    SMMUV3_INV_NSNH_ALL, /* everything */
};

/*
 * struct smmuv3_invalidation - what a CFGI or TLBI command asks for
 * @leaf:         intermediate entries may stay
 * @granule_bits: only entries of this granule; 0 for any
 * @level:        only leaves of this level; 0 for any
 * @first, @last: range of input addresses, both inside
 */
struct smmuv3_invalidation {
    enum smmuv3_invalidation_kind kind;
    bool leaf;
    uint16_t vmid;
    uint16_t asid;
    uint32_t stream;
    uint32_t stream_last;
    uint32_t substream;
    unsigned granule_bits;
    unsigned level;
    uint64_t first;
    uint64_t last;
};

/* smmuv3_invalidate() - complete when it returns */
void smmuv3_invalidate(struct smmuv3_interface *iface,
                       const struct smmuv3_invalidation *invalidation);

/* smmuv3_iotlb_update() - CR0 has changed, or all of the state */
void smmuv3_iotlb_update(struct teeio_smmuv3 *smmu);
void smmuv3_iotlb_forget(struct smmuv3_interface *iface);

/*
 * smmuv3_recall_checked() - under the caller's lock, where hits are checked
 *
 * Returns: false when a walk has to answer.
 */
bool smmuv3_recall_checked(struct smmuv3_interface *iface,
                           const struct teeio_tlp *tlp,
                           struct teeio_translation *answer);

/* smmuv3_iotlb_refresh() - before a walk: forget what owners have changed */
void smmuv3_iotlb_refresh(struct teeio_smmuv3 *smmu);

/* smmuv3_iotlb_key() - of the page that @tlp touches */
static inline struct teeio_iotlb_key
smmuv3_iotlb_key(const struct teeio_tlp *tlp)
{
    return (struct teeio_iotlb_key){
        .t = tlp->t,
        .privileged = tlp->privileged,
        .execute = tlp->execute && tlp->kind != TEEIO_TLP_MWR,
        .substream_valid = tlp->pasid_valid,
        .substream = tlp->pasid_valid ? tlp->pasid : 0,
        .stream = tlp->requester,
        .address = tlp->address,
    };
}

/* smmuv3_page_respond() - what CMD_PRI_RESP asks for */
void smmuv3_page_respond(struct smmuv3_interface *iface,
                         const struct teeio_page_response *response);

/*
 * smmuv3_stall() - let a transaction wait that @answer says may do so
 *
 * Completes the record of @answer. When the table is full, @answer becomes
 * that of a terminated transaction.
 *
 * Returns: the slot, NULL when the table is full.
 */
struct smmuv3_stall *smmuv3_stall(struct smmuv3_interface *iface,
                                  const struct teeio_tlp *tlp,
                                  struct teeio_translation *answer);

/* smmuv3_stall_resume() - no effect when nothing of the kind is stalled */
void smmuv3_stall_resume(struct smmuv3_interface *iface, uint32_t stream,
                         uint16_t stag, enum teeio_stall_outcome outcome);

/* smmuv3_stall_abort() - everything that is stalled on one stream */
void smmuv3_stall_abort(struct smmuv3_interface *iface, uint32_t stream);
void smmuv3_stall_abort_all(struct smmuv3_interface *iface);

/* smmuv3_stall_retry() - those without a record, if it can be written now */
void smmuv3_stall_retry(struct smmuv3_interface *iface);

/*
 * struct smmuv3_fault - what an event record says beyond the TLP itself
 * @type:    TEEIO_EVT_*
 * @stage:   1 or 2, 0 for a configuration error
 * @eclass:  TEEIO_EVT_CLASS_*
 * @address: fetch address or IPA
 * @update:  of class TT: the descriptor was to be written, not read
 */
struct smmuv3_fault {
    unsigned type;
    unsigned stage;
    unsigned eclass;
    uint64_t address;
    bool update;
};

/*
 * smmuv3_refuse() - turn @answer into a fault with a finished record
 *
 * Returns: false, for the convenience of lookups.
 */
bool smmuv3_refuse(struct teeio_translation *answer,
                   const struct teeio_tlp *tlp, struct smmuv3_fault fault);

/*
 * smmuv3_report() - queue the record of @answer when it asks for it
 * @stall: where the transaction waits, NULL when it does not
 */
void smmuv3_report(struct smmuv3_interface *iface, const struct teeio_tlp *tlp,
                   const struct teeio_translation *answer,
                   struct smmuv3_stall *stall);
bool smmuv3_eventq_writable(const struct smmuv3_interface *iface);

/*
 * smmuv3_off() - what @iface->disabled makes of the architected @answer
 *
 * Remembers the answer if it is a translation, replaces it if it is none.
 */
void smmuv3_off(struct smmuv3_interface *iface, const struct teeio_tlp *tlp,
                struct teeio_translation *answer);

/* smmuv3_off_invalidate() - @iface->disabled learns of an invalidation */
void smmuv3_off_invalidate(struct smmuv3_interface *iface,
                           const struct smmuv3_invalidation *invalidation);

/* smmuv3_answer() - translate; changes only flags that tables ask for */
void smmuv3_answer(const struct smmuv3_interface *iface,
                   const struct teeio_tlp *tlp,
                   struct teeio_translation *answer);

#endif
