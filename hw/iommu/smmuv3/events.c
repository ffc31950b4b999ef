/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "smmuv3-internal.h"

/*
 * struct record - which fields one kind of event has (IHI 0070 7.3)
 * @rnw, @input: RnW; InputAddr
 * @pnu:         InD and PnU
 * @where:       S2, CLASS and what belongs to them
 * @fetch:       FetchAddr
 * @no_ssv:      the SubstreamID is valid without its flag
 * @no_ssid:     neither is there
 */
struct record {
    const char *name;
    bool rnw;
    bool input;
    bool pnu;
    bool where;
    bool fetch;
    bool no_ssv;
    bool no_ssid;
};

#define ACCESS .rnw = true, .input = true, .pnu = true

static const struct record records[] = {
    [TEEIO_EVT_F_UUT] = {"F_UUT", ACCESS},
    [TEEIO_EVT_C_BAD_STREAMID] = {"C_BAD_STREAMID"},
    [TEEIO_EVT_F_STE_FETCH] = {"F_STE_FETCH", .fetch = true},
    [TEEIO_EVT_C_BAD_STE] = {"C_BAD_STE"},
    [TEEIO_EVT_F_BAD_ATS_TREQ] = {"F_BAD_ATS_TREQ", .input = true},
    [TEEIO_EVT_F_STREAM_DISABLED] = {"F_STREAM_DISABLED", .no_ssid = true},
    [TEEIO_EVT_F_TRANSL_FORBIDDEN] = {"F_TRANSL_FORBIDDEN", .rnw = true,
                                      .input = true, .no_ssid = true},
    [TEEIO_EVT_C_BAD_SUBSTREAMID] = {"C_BAD_SUBSTREAMID", .no_ssv = true},
    [TEEIO_EVT_F_CD_FETCH] = {"F_CD_FETCH", .fetch = true},
    [TEEIO_EVT_C_BAD_CD] = {"C_BAD_CD"},
    [TEEIO_EVT_F_WALK_EABT] = {"F_WALK_EABT", ACCESS, .where = true,
                               .fetch = true},
    [TEEIO_EVT_F_TRANSLATION] = {"F_TRANSLATION", ACCESS, .where = true},
    [TEEIO_EVT_F_ADDR_SIZE] = {"F_ADDR_SIZE", ACCESS, .where = true},
    [TEEIO_EVT_F_ACCESS] = {"F_ACCESS", ACCESS, .where = true},
    [TEEIO_EVT_F_PERMISSION] = {"F_PERMISSION", ACCESS, .where = true},
};

static void encode(uint64_t dw[4], const struct teeio_tlp *tlp,
                   const struct smmuv3_fault *fault)
{
    const struct record *record = &records[fault->type];
    bool read = tlp->kind == TEEIO_TLP_MRD;

    dw[0] = fault->type | teeio_field_make(tlp->requester, TEEIO_EVT0_STREAMID);
    if (tlp->pasid_valid && !record->no_ssid) {
        dw[0] |= teeio_field_make(tlp->pasid, TEEIO_EVT0_SUBSTREAMID);
        dw[0] |= record->no_ssv ? 0 : TEEIO_EVT0_SSV;
    }
    if (record->rnw && read) {
        dw[1] |= TEEIO_EVT1_RNW;
    }
    if (record->pnu) {
        dw[1] |= read && tlp->execute ? TEEIO_EVT1_IND : 0;
        dw[1] |= tlp->privileged ? TEEIO_EVT1_PNU : 0;
    }
    if (record->input) {
        dw[2] = tlp->address;
    }
    if (record->where) {
        dw[1] |= teeio_field_make(fault->eclass, TEEIO_EVT1_CLASS);
        dw[1] |= fault->stage == 2 ? TEEIO_EVT1_S2 : 0;
    }
    if (record->where && fault->stage == 2 &&
        fault->eclass == TEEIO_EVT_CLASS_TT && !fault->update) {
        dw[1] |= TEEIO_EVT1_TTRNW;
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

bool smmuv3_eventq_writable(const struct smmuv3_interface *iface)
{
    struct smmuv3_queue queue = smmuv3_queue_load(iface, SMMUV3_EVENTQ);

    return smmuv3_enabled(iface, TEEIO_CR0_EVENTQEN) &&
           !smmuv3_gerror_active(iface, TEEIO_GERROR_EVENTQ_ABT_ERR) &&
           !smmuv3_queue_full(&queue);
}

/* Returns: false when the record was not written. */
static bool push(struct smmuv3_interface *iface, const uint64_t dw[4])
{
    struct smmuv3_queue queue = smmuv3_queue_load(iface, SMMUV3_EVENTQ);

    if (!smmuv3_queue_push(iface, SMMUV3_EVENTQ, dw)) {
        return false;
    }
    if (smmuv3_queue_empty(&queue)) {
        smmuv3_interrupt(iface, SMMUV3_IRQ_EVENTQ);
    }
    return true;
}

/* IHI 0070 7.4: only a full queue that was otherwise writable overflows. */
static void lose(struct smmuv3_interface *iface)
{
    iface->smmu->stats.events_lost++;
    if (smmuv3_enabled(iface, TEEIO_CR0_EVENTQEN) &&
        !smmuv3_gerror_active(iface, TEEIO_GERROR_EVENTQ_ABT_ERR)) {
        smmuv3_queue_overflow(iface, SMMUV3_EVENTQ);
    }
}

void smmuv3_report(struct smmuv3_interface *iface, const struct teeio_tlp *tlp,
                   const struct teeio_translation *answer,
                   struct smmuv3_stall *stall)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_FAULT,
        .u.fault = {.stream = tlp->requester, .fault = answer->fault},
    };
    bool writable = smmuv3_eventq_writable(iface);

    if (stall) {
        /* IHI 0070 7.2.1: the record of a stall waits, it is never lost. */
        stall->recorded = writable && push(iface, answer->fault.dw);
        event.u.fault.queued = stall->recorded;
    } else if (answer->fault.record && writable) {
        event.u.fault.queued = push(iface, answer->fault.dw);
        iface->smmu->stats.events_lost += !event.u.fault.queued;
    } else if (answer->fault.record) {
        lose(iface);
    }
    smmuv3_trace(iface, &event);
}
