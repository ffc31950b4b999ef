/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "smmuv3-internal.h"

#define LOG2_EVENT 5

/*
 * struct record - which fields one kind of event has (IHI 0070 7.3)
 * @input:     InputAddr, RnW, InD, PnU
 * @where:     S2 and CLASS
 * @fetch:     FetchAddr
 * @no_ssv:    the SubstreamID is valid without its flag
 */
struct record {
    const char *name;
    bool input;
    bool where;
    bool fetch;
    bool no_ssv;
};

static const struct record records[] = {
    [TEEIO_EVT_F_UUT] = {"F_UUT", .input = true},
    [TEEIO_EVT_C_BAD_STREAMID] = {"C_BAD_STREAMID"},
    [TEEIO_EVT_F_STE_FETCH] = {"F_STE_FETCH", .fetch = true},
    [TEEIO_EVT_C_BAD_STE] = {"C_BAD_STE"},
    [TEEIO_EVT_C_BAD_SUBSTREAMID] = {"C_BAD_SUBSTREAMID", .no_ssv = true},
    [TEEIO_EVT_F_CD_FETCH] = {"F_CD_FETCH", .fetch = true},
    [TEEIO_EVT_C_BAD_CD] = {"C_BAD_CD"},
    [TEEIO_EVT_F_WALK_EABT] = {"F_WALK_EABT", .input = true, .where = true,
                               .fetch = true},
    [TEEIO_EVT_F_TRANSLATION] = {"F_TRANSLATION", .input = true, .where = true},
    [TEEIO_EVT_F_ADDR_SIZE] = {"F_ADDR_SIZE", .input = true, .where = true},
    [TEEIO_EVT_F_ACCESS] = {"F_ACCESS", .input = true, .where = true},
    [TEEIO_EVT_F_PERMISSION] = {"F_PERMISSION", .input = true, .where = true},
};

static void encode(uint64_t dw[4], const struct teeio_tlp *tlp,
                   const struct smmuv3_fault *fault)
{
    const struct record *record = &records[fault->type];

    dw[0] = fault->type | teeio_field_make(tlp->requester, TEEIO_EVT0_STREAMID);
    if (tlp->pasid_valid) {
        dw[0] |= teeio_field_make(tlp->pasid, TEEIO_EVT0_SUBSTREAMID);
        dw[0] |= record->no_ssv ? 0 : TEEIO_EVT0_SSV;
    }
    if (record->input) {
        bool read = tlp->kind == TEEIO_TLP_MRD;

        dw[1] |= read ? TEEIO_EVT1_RNW : 0;
        dw[1] |= read && tlp->execute ? TEEIO_EVT1_IND : 0;
        dw[1] |= tlp->privileged ? TEEIO_EVT1_PNU : 0;
        dw[2] = tlp->address;
    }
    if (record->where) {
        dw[1] |= teeio_field_make(fault->eclass, TEEIO_EVT1_CLASS);
        dw[1] |= fault->stage == 2 ? TEEIO_EVT1_S2 : 0;
    }
    if (record->fetch) {
        dw[3] = fault->address & TEEIO_EVT3_FETCHADDR;
    } else if (fault->stage == 2) {
        dw[3] = fault->address & TEEIO_EVT3_IPA;
    }
}

bool smmuv3_refuse(struct teeio_translation *answer,
                   const struct teeio_tlp *tlp, struct smmuv3_fault fault)
{
    answer->verdict = TEEIO_VERDICT_FAULT;
    if (fault.stage == 2) {
        answer->s2 = TEEIO_STAGE_FAULT;
    } else {
        answer->s1 = TEEIO_STAGE_FAULT;
    }
    answer->perm = TEEIO_PERM_NONE;
    answer->fault = (struct teeio_fault){
        .present = true,
        .record = true,
        .name = records[fault.type].name,
        .stage = fault.stage,
    };
    encode(answer->fault.dw, tlp, &fault);
    return false;
}

struct smmuv3_queue smmuv3_queue_load(const struct teeio_smmuv3 *smmu,
                                      enum smmuv3_reg base,
                                      unsigned max_log2size,
                                      unsigned log2_entry)
{
    uint64_t value = smmu->values[base];
    unsigned log2size = teeio_field(value, TEEIO_QUEUE_BASE_LOG2SIZE);
    struct smmuv3_queue queue;

    /* IHI 0070 6.3, LOG2SIZE: more than IDR1 says behaves as what it says. */
    queue.log2size = log2size > max_log2size ? max_log2size : log2size;
    queue.base = value & ~(TEEIO_QUEUE_BASE_HINT | teeio_low_bits(5)) &
                 ~teeio_low_bits(queue.log2size + log2_entry);
    queue.prod = smmu->values[base + 1] & teeio_low_bits(queue.log2size + 1);
    queue.cons = smmu->values[base + 2] & teeio_low_bits(queue.log2size + 1);
    return queue;
}

bool smmuv3_queue_empty(const struct smmuv3_queue *queue)
{
    return queue->prod == queue->cons;
}

bool smmuv3_queue_full(const struct smmuv3_queue *queue)
{
    return (queue->prod ^ queue->cons) == 1u << queue->log2size;
}

uint32_t smmuv3_queue_index(const struct smmuv3_queue *queue, uint32_t pointer)
{
    return pointer & teeio_low_bits(queue->log2size);
}

uint32_t smmuv3_queue_next(const struct smmuv3_queue *queue, uint32_t pointer)
{
    return (pointer + 1) & teeio_low_bits(queue->log2size + 1);
}

/* Returns: false when the record was lost. */
static bool push(struct teeio_smmuv3 *smmu, const uint64_t dw[4])
{
    const struct teeio_host *host = smmu->host;
    struct smmuv3_queue queue =
        smmuv3_queue_load(smmu, REG_EVENTQ_BASE, SMMUV3_EVENTQS, LOG2_EVENT);
    uint64_t *prod = &smmu->values[REG_EVENTQ_PROD];
    uint64_t cons = smmu->values[REG_EVENTQ_CONS];
    uint8_t bytes[sizeof(struct teeio_smmuv3_event)];
    bool trusted;
    uint64_t gpa;

    if (!smmuv3_enabled(smmu, TEEIO_CR0_EVENTQEN) ||
        smmuv3_gerror_active(smmu, TEEIO_GERROR_EVENTQ_ABT_ERR)) {
        /* IHI 0070 7.2: nothing is written while disabled or in error. */
        return false;
    }
    if (smmuv3_queue_full(&queue)) {
        /* IHI 0070 7.4: tell of the loss once until software has seen it. */
        if (!((*prod ^ cons) & TEEIO_EVENTQ_OVERFLOW)) {
            *prod ^= TEEIO_EVENTQ_OVERFLOW;
        }
        return false;
    }

    for (unsigned i = 0; i < 4; i++) {
        teeio_store_le64(bytes + 8 * i, dw[i]);
    }
    gpa = queue.base +
          ((uint64_t)smmuv3_queue_index(&queue, queue.prod) << LOG2_EVENT);
    trusted = smmu->ownership &&
              teeio_ownership_get(smmu->ownership, gpa) == TEEIO_OWNER_PRIVATE;
    if (!host->write(host->opaque, gpa, bytes, sizeof(bytes), trusted)) {
        /* IHI 0070 7.2: an aborted write to the queue is a global error. */
        smmuv3_gerror(smmu, TEEIO_GERROR_EVENTQ_ABT_ERR);
        return false;
    }
    *prod =
        (*prod & TEEIO_EVENTQ_OVERFLOW) | smmuv3_queue_next(&queue, queue.prod);
    if (smmuv3_queue_empty(&queue) &&
        smmu->values[REG_IRQ_CTRL] & TEEIO_IRQ_CTRL_EVENTQ) {
        host->raise(host->opaque, TEEIO_SMMUV3_EVENTQ);
    }
    return true;
}

void smmuv3_report(struct teeio_smmuv3 *smmu, const struct teeio_tlp *tlp,
                   const struct teeio_translation *answer)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_FAULT,
        .u.fault = {.stream = tlp->requester, .fault = answer->fault},
    };

    if (answer->fault.record) {
        event.u.fault.queued = push(smmu, answer->fault.dw);
        smmu->stats.events_lost += !event.u.fault.queued;
    }
    smmuv3_trace(smmu, &event);
}
