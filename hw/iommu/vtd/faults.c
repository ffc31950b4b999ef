/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Fault reasons and the fault recording registers (VT-d chapter 7).
 */
#include "context.h"

#define STATUS                                                      \
    (TEEIO_VTD_FSTS_PFO | TEEIO_VTD_FSTS_PPF | TEEIO_VTD_FSTS_IQE | \
     TEEIO_VTD_FSTS_ICE | TEEIO_VTD_FSTS_ITE)

static const struct teeio_vtd_condition conditions[] = {
    {TEEIO_VTD_LRT_2, "LRT.2", "root entry not present"},
    {TEEIO_VTD_LCT_2, "LCT.2", "context entry not present"},
    {TEEIO_VTD_LCT_4, "LCT.4", "context entry: AW or TT not supported"},
    {TEEIO_VTD_LGN_1, "LGN.1",
     "address beyond the width of AW, or of the "
     "host with pass-through"},
    {TEEIO_VTD_LGN_2, "LGN.2", "no write permission"},
    {TEEIO_VTD_LGN_3, "LGN.3", "no read permission"},
    {TEEIO_VTD_LSS_1, "LSS.1", "paging entry not accessible"},
    {TEEIO_VTD_LRT_1, "LRT.1", "root entry not accessible"},
    {TEEIO_VTD_LCT_1, "LCT.1", "context entry not accessible"},
    {TEEIO_VTD_LRT_3, "LRT.3", "reserved field in a root entry"},
    {TEEIO_VTD_LCT_3, "LCT.3", "reserved field in a context entry"},
    {TEEIO_VTD_LSS_2, "LSS.2", "reserved field in a paging entry"},
    {TEEIO_VTD_LCT_5, "LCT.5", "TT does not allow requests of device-TLBs"},
    {TEEIO_VTD_LGN_4, "LGN.4", "output in the interrupt address range"},
    {TEEIO_VTD_RTA_1, "RTA.1", "reserved translation table mode"},
    {TEEIO_VTD_RTA_2, "RTA.2", "request with PASID in legacy mode"},
    {TEEIO_VTD_RTA_3, "RTA.3", "page request in legacy mode"},
    {TEEIO_VTD_SRT_1, "SRT.1", "root entry not accessible"},
    {TEEIO_VTD_SRT_2, "SRT.2", "root entry not present"},
    {TEEIO_VTD_SRT_3, "SRT.3", "reserved field in a root entry"},
    {TEEIO_VTD_SCT_1, "SCT.1", "context entry not accessible"},
    {TEEIO_VTD_SCT_2, "SCT.2", "context entry not present"},
    {TEEIO_VTD_SCT_3, "SCT.3", "reserved field in a context entry"},
    {TEEIO_VTD_SCT_4, "SCT.4", "RID_PASID beyond the PASID directory"},
    {TEEIO_VTD_SCT_5, "SCT.5", "request of a device-TLB, DTE is clear"},
    {TEEIO_VTD_SCT_6, "SCT.6", "request with PASID, PASIDE is clear"},
    {TEEIO_VTD_SCT_7, "SCT.7", "PASID beyond the PASID directory"},
    {TEEIO_VTD_SCT_8, "SCT.8", "page request, PRE is clear"},
    {TEEIO_VTD_SPD_1, "SPD.1", "PASID directory entry not accessible"},
    {TEEIO_VTD_SPD_2, "SPD.2", "PASID directory entry not present"},
    {TEEIO_VTD_SPD_3, "SPD.3", "reserved field in a PASID directory entry"},
    {TEEIO_VTD_SPT_1, "SPT.1", "PASID table entry not accessible"},
    {TEEIO_VTD_SPT_2, "SPT.2", "PASID table entry not present"},
    {TEEIO_VTD_SPT_3, "SPT.3", "reserved field in a PASID table entry"},
    {TEEIO_VTD_SPT_4, "SPT.4",
     "PASID table entry: PGTT, AW or FSPM not "
     "supported"},
    {TEEIO_VTD_SPT_5, "SPT.5", "execute request, ERE is clear"},
    {TEEIO_VTD_SPT_6, "SPT.6", "supervisor request, SRE is clear"},
    {TEEIO_VTD_SFS_1, "SFS.1", "first-stage entry not accessible"},
    {TEEIO_VTD_SFS_2, "SFS.2", "first-stage entry not present"},
    {TEEIO_VTD_SFS_3, "SFS.3", "reserved field in a first-stage entry"},
    {TEEIO_VTD_SFS_4, "SFS.4",
     "entry of the first first-stage table not "
     "accessible"},
    {TEEIO_VTD_SFS_5, "SFS.5",
     "nested: address of a first-stage entry beyond "
     "the second stage"},
    {TEEIO_VTD_SFS_6, "SFS.6",
     "nested: no permission to read the first "
     "first-stage table"},
    {TEEIO_VTD_SFS_7, "SFS.7",
     "nested: no permission to read another "
     "first-stage table"},
    {TEEIO_VTD_SFS_8, "SFS.8",
     "nested: no permission to set flags in a "
     "first-stage entry"},
    {TEEIO_VTD_SSS_1, "SSS.1", "second-stage entry not accessible"},
    {TEEIO_VTD_SSS_2, "SSS.2", "second stage grants neither read nor write"},
    {TEEIO_VTD_SSS_3, "SSS.3", "reserved field in a second-stage entry"},
    {TEEIO_VTD_SSS_4, "SSS.4",
     "entry of the first second-stage table not "
     "accessible"},
    {TEEIO_VTD_SSS_6, "SSS.6", "flags of a second-stage entry not written"},
    {TEEIO_VTD_SGN_1, "SGN.1", "first-stage address not canonical"},
    {TEEIO_VTD_SGN_2, "SGN.2", "user request to a supervisor page"},
    {TEEIO_VTD_SGN_3, "SGN.3", "no execute permission"},
    {TEEIO_VTD_SGN_4, "SGN.4", "pass-through address beyond the host's width"},
    {TEEIO_VTD_SGN_5, "SGN.5", "address beyond the second stage"},
    {TEEIO_VTD_SGN_6, "SGN.6", "no write permission"},
    {TEEIO_VTD_SGN_7, "SGN.7", "no read permission"},
    {TEEIO_VTD_SGN_8, "SGN.8", "output in the interrupt address range"},
    {TEEIO_VTD_SFS_10, "SFS.10", "flags of a first-stage entry not written"},
};

const struct teeio_vtd_condition *teeio_vtd_conditions(size_t *count)
{
    *count = sizeof(conditions) / sizeof(conditions[0]);
    return conditions;
}

static const char *name_of(enum teeio_vtd_reason reason)
{
    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
        if (conditions[i].reason == reason) {
            return conditions[i].name;
        }
    }
    return "?";
}

enum teeio_vtd_reason vtd_reason(const struct teeio_fault *fault)
{
    return teeio_field(fault->dw[1], TEEIO_VTD_FRCD1_FR);
}

bool vtd_refuse(struct teeio_translation *answer, const struct teeio_tlp *tlp,
                enum teeio_vtd_reason reason, unsigned stage, bool record)
{
    answer->verdict = TEEIO_VERDICT_FAULT;
    if (stage == 2) {
        answer->s2 = TEEIO_STAGE_FAULT;
    } else {
        answer->s1 = TEEIO_STAGE_FAULT;
    }
    answer->perm = TEEIO_PERM_NONE;
    answer->fault = (struct teeio_fault){
        .present = true,
        .record = record,
        .name = name_of(reason),
        .stage = stage,
    };
    answer->fault.dw[0] = tlp->address & TEEIO_VTD_FRCD0_FI;
    answer->fault.dw[1] = TEEIO_VTD_FRCD1_F |
                          teeio_field_make(tlp->at, TEEIO_VTD_FRCD1_AT) |
                          teeio_field_make(reason, TEEIO_VTD_FRCD1_FR) |
                          teeio_field_make(tlp->requester, TEEIO_VTD_FRCD1_SID);
    if (tlp->kind == TEEIO_TLP_MRD) {
        answer->fault.dw[1] |= TEEIO_VTD_FRCD1_T;
    }
    if (tlp->pasid_valid) {
        answer->fault.dw[1] |=
            TEEIO_VTD_FRCD1_PP |
            teeio_field_make(tlp->pasid, TEEIO_VTD_FRCD1_PV) |
            (tlp->privileged ? TEEIO_VTD_FRCD1_PRIV : 0) |
            (tlp->execute && tlp->kind == TEEIO_TLP_MRD ? TEEIO_VTD_FRCD1_EXE
                                                        : 0);
    }
    return false;
}

bool vtd_end(struct vtd_request *request, enum teeio_vtd_reason reason)
{
    return vtd_refuse(request->answer, request->tlp, reason, 0, !request->fpd);
}

static enum teeio_vtd_reason legacy_reason(const struct teeio_walk *walk,
                                           bool write)
{
    if (walk->status == TEEIO_WALK_FETCH) {
        return TEEIO_VTD_LSS_1;
    }
    switch (walk->detail) {
    case TEEIO_X86_BEYOND:
        return TEEIO_VTD_LGN_1;
    case TEEIO_X86_RESERVED:
        return TEEIO_VTD_LSS_2;
    default:
        return write ? TEEIO_VTD_LGN_2 : TEEIO_VTD_LGN_3;
    }
}

static enum teeio_vtd_reason first_reason(const struct teeio_walk *walk,
                                          const struct vtd_context *context)
{
    static const enum teeio_vtd_reason reasons[] = {
        [TEEIO_X86_NOT_PRESENT] = TEEIO_VTD_SFS_2,
        [TEEIO_X86_RESERVED] = TEEIO_VTD_SFS_3,
        [TEEIO_X86_NOT_CANONICAL] = TEEIO_VTD_SGN_1,
        [TEEIO_X86_USER] = TEEIO_VTD_SGN_2,
        [TEEIO_X86_EXECUTE] = TEEIO_VTD_SGN_3,
        [TEEIO_X86_WRITE] = TEEIO_VTD_SGN_6,
        [TEEIO_X86_READ] = TEEIO_VTD_SGN_7,
        [TEEIO_X86_UPDATE] = TEEIO_VTD_SFS_10,
    };

    if (walk->detail) {
        return reasons[walk->detail];
    }
    return walk->level == context->s1.levels ? TEEIO_VTD_SFS_4
                                             : TEEIO_VTD_SFS_1;
}

/* The second stage refuses to lead to a table of the first. */
static enum teeio_vtd_reason table_reason(const struct teeio_walk *walk,
                                          const struct vtd_context *context)
{
    switch (walk->detail) {
    case TEEIO_X86_BEYOND:
        return TEEIO_VTD_SFS_5;
    case TEEIO_X86_WRITE:
        return TEEIO_VTD_SFS_8;
    default:
        return (walk->ipa ^ context->s1.table) & ~teeio_low_bits(12)
                   ? TEEIO_VTD_SFS_7
                   : TEEIO_VTD_SFS_6;
    }
}

static enum teeio_vtd_reason second_reason(const struct teeio_walk *walk,
                                           const struct vtd_context *context)
{
    switch (walk->detail) {
    case TEEIO_X86_NOT_PRESENT:
        return TEEIO_VTD_SSS_2;
    case TEEIO_X86_RESERVED:
        return TEEIO_VTD_SSS_3;
    case TEEIO_X86_UPDATE:
        return TEEIO_VTD_SSS_6;
    case TEEIO_X86_NONE:
        return walk->level == context->s2.levels ? TEEIO_VTD_SSS_4
                                                 : TEEIO_VTD_SSS_1;
    default:
        break;
    }
    if (walk->on_table) {
        return table_reason(walk, context);
    }
    switch (walk->detail) {
    case TEEIO_X86_BEYOND:
        return TEEIO_VTD_SGN_5;
    case TEEIO_X86_WRITE:
        return TEEIO_VTD_SGN_6;
    default:
        return TEEIO_VTD_SGN_7;
    }
}

void vtd_end_walk(struct vtd_request *request,
                  const struct vtd_context *context,
                  const struct teeio_walk *walk)
{
    enum teeio_vtd_reason reason;

    if (!context->scalable) {
        reason = legacy_reason(walk, request->access.write);
    } else if (walk->stage == 1) {
        reason = first_reason(walk, context);
    } else {
        reason = second_reason(walk, context);
    }
    request->answer->shared_table = walk->shared_table;
    vtd_refuse(request->answer, request->tlp, reason, walk->stage,
               !request->fpd);
}

void vtd_status(struct teeio_vtd *vtd, uint64_t bits)
{
    bool quiet = !(vtd->values[REG_FSTS] & STATUS);

    vtd->values[REG_FSTS] |= bits;
    if (quiet) {
        /* VT-d 7.3: one interrupt, until software has cleared everything. */
        vtd_signal(vtd, VTD_EVENT_FAULT);
    }
}

void vtd_status_cleared(struct teeio_vtd *vtd)
{
    bool pending = false;

    for (unsigned i = 0; i < VTD_FAULTS; i++) {
        pending |= (vtd->values[REG_FRCD + 2 * i + 1] & TEEIO_VTD_FRCD1_F) != 0;
    }
    if (!pending) {
        vtd->values[REG_FSTS] &= ~TEEIO_VTD_FSTS_PPF;
    }
    if (!(vtd->values[REG_FSTS] & STATUS)) {
        vtd_calm(vtd, VTD_EVENT_FAULT);
    }
}

/* VT-d 7.2.1: a source that is recorded already is not recorded again. */
static bool collapses(const struct teeio_vtd *vtd, uint64_t high)
{
    for (unsigned i = 0; i < VTD_FAULTS; i++) {
        uint64_t old = vtd->values[REG_FRCD + 2 * i + 1];

        if (old & TEEIO_VTD_FRCD1_F && !((old ^ high) & TEEIO_VTD_FRCD1_SID)) {
            return true;
        }
    }
    return false;
}

/* Returns: false when the fault is lost, or counts as recorded already. */
static bool record(struct teeio_vtd *vtd, const uint64_t dw[2])
{
    unsigned index = vtd->next_fault;
    uint64_t *pair = &vtd->values[REG_FRCD + 2 * index];
    uint64_t *fsts = &vtd->values[REG_FSTS];

    if (*fsts & TEEIO_VTD_FSTS_PFO) {
        vtd->stats.faults_lost++;
        return false;
    }
    if (collapses(vtd, dw[1])) {
        vtd->stats.faults_collapsed++;
        return false;
    }
    if (pair[1] & TEEIO_VTD_FRCD1_F) {
        vtd->stats.faults_lost++;
        vtd_status(vtd, TEEIO_VTD_FSTS_PFO);
        return false;
    }
    pair[0] = dw[0];
    pair[1] = dw[1];
    vtd->next_fault = (index + 1) % VTD_FAULTS;
    if (!(*fsts & TEEIO_VTD_FSTS_PPF)) {
        *fsts = (*fsts & ~TEEIO_VTD_FSTS_FRI) |
                teeio_field_make(index, TEEIO_VTD_FSTS_FRI);
        vtd_status(vtd, TEEIO_VTD_FSTS_PPF);
    }
    return true;
}

void vtd_report(struct teeio_vtd *vtd, const struct teeio_tlp *tlp,
                const struct teeio_translation *answer)
{
    struct teeio_event event = {
        .kind = TEEIO_EVENT_FAULT,
        .u.fault = {.stream = tlp->requester, .fault = answer->fault},
    };

    vtd->stats.faults++;
    event.u.fault.queued =
        answer->fault.record && record(vtd, answer->fault.dw);
    vtd_trace(vtd, &event);
}
