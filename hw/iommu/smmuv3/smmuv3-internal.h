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

#include "../bits.h"
#include "../pgtable-arm.h"
#include "../walk.h"

/* What IDR0, IDR1, IDR3 and IDR5 advertise. */
#define SMMUV3_SIDSIZE  16u
#define SMMUV3_CMDQS    10u
#define SMMUV3_EVENTQS  10u
#define SMMUV3_OAS_BITS 44u
#define SMMUV3_IDR3     UINT64_C(0)

#define SMMUV3_SOURCE   "smmuv3"

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
    REG_STRTAB_BASE,
    REG_STRTAB_BASE_CFG,
    REG_CMDQ_BASE,
    REG_CMDQ_PROD,
    REG_CMDQ_CONS,
    REG_EVENTQ_BASE,
    REG_EVENTQ_PROD,
    REG_EVENTQ_CONS,
    REGS
};

enum smmuv3_hook {
    HOOK_NONE,
    HOOK_CR0,
    HOOK_GBPA,
    HOOK_IRQ_CTRL,
    HOOK_CMDQ, /* the command queue may have work now */
};

extern const struct teeio_reg smmuv3_registers[REGS];

/* The face of the fabric comes first, so that both have one address. */
struct teeio_smmuv3 {
    struct teeio_iommu iommu;
    const struct teeio_host *host;
    const struct teeio_ownership *ownership;
    enum teeio_t_policy policy;
    struct teeio_regs regs;
    uint64_t values[REGS];
    struct teeio_smmuv3_stats stats;
};

static inline bool smmuv3_enabled(const struct teeio_smmuv3 *smmu,
                                  uint64_t cr0_bit)
{
    return smmu->values[REG_CR0] & cr0_bit;
}

/* smmuv3_gerror() - make an error active, unless it is so already */
void smmuv3_gerror(struct teeio_smmuv3 *smmu, uint64_t error);
bool smmuv3_gerror_active(const struct teeio_smmuv3 *smmu, uint64_t error);
void smmuv3_trace(const struct teeio_smmuv3 *smmu, struct teeio_event *event);

/* struct smmuv3_queue - a circular queue in guest memory, decoded */
struct smmuv3_queue {
    uint64_t base;
    unsigned log2size;
    uint32_t prod;
    uint32_t cons;
};

/*
 * smmuv3_queue_load() - read a queue's registers
 * @base:           row of its BASE register; PROD and CONS follow
 * @max_log2size:   what IDR1 allows
 * @log2_entry:     log2 of the bytes of one entry
 */
struct smmuv3_queue smmuv3_queue_load(const struct teeio_smmuv3 *smmu,
                                      enum smmuv3_reg base,
                                      unsigned max_log2size,
                                      unsigned log2_entry);
bool smmuv3_queue_empty(const struct smmuv3_queue *queue);
bool smmuv3_queue_full(const struct smmuv3_queue *queue);

/* smmuv3_queue_index() - entry that @pointer selects, its wrap bit dropped */
uint32_t smmuv3_queue_index(const struct smmuv3_queue *queue, uint32_t pointer);

/* smmuv3_queue_next() - @pointer advanced by one entry */
uint32_t smmuv3_queue_next(const struct smmuv3_queue *queue, uint32_t pointer);

bool smmuv3_cmdq_has_work(const struct teeio_smmuv3 *smmu);

/*
 * struct smmuv3_fault - what an event record says beyond the TLP itself
 * @type:    TEEIO_EVT_*
 * @stage:   1 or 2, 0 for a configuration error
 * @eclass:  TEEIO_EVT_CLASS_*
 * @address: fetch address or IPA
 */
struct smmuv3_fault {
    unsigned type;
    unsigned stage;
    unsigned eclass;
    uint64_t address;
};

/*
 * smmuv3_refuse() - turn @answer into a fault with a finished record
 *
 * Returns: false, for the convenience of lookups.
 */
bool smmuv3_refuse(struct teeio_translation *answer,
                   const struct teeio_tlp *tlp, struct smmuv3_fault fault);

/* smmuv3_report() - queue the record of @answer when it asks for it */
void smmuv3_report(struct teeio_smmuv3 *smmu, const struct teeio_tlp *tlp,
                   const struct teeio_translation *answer);

/*
 * smmuv3_find_ste(), smmuv3_find_cd() - fetch and check
 *
 * Returns: false when @answer is the final word.
 */
bool smmuv3_find_ste(const struct teeio_smmuv3 *smmu,
                     const struct teeio_table_memory *memory,
                     const struct teeio_tlp *tlp, struct teeio_ste *ste,
                     struct teeio_translation *answer);
bool smmuv3_find_cd(const struct teeio_table_memory *memory,
                    const struct teeio_tlp *tlp, const struct teeio_ste *ste,
                    struct teeio_cd *cd, struct teeio_translation *answer);

/* smmuv3_stage1() - what a checked @cd configures */
struct teeio_arm_stage1 smmuv3_stage1(const struct teeio_cd *cd);

/* smmuv3_answer() - translate; reads memory, changes nothing */
void smmuv3_answer(const struct teeio_smmuv3 *smmu, const struct teeio_tlp *tlp,
                   struct teeio_translation *answer);

#endif
