/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "context.h"

bool smmuv3_end(struct smmuv3_request *request, struct smmuv3_fault fault)
{
    struct teeio_tlp tlp = *request->tlp;

    /* IHI 0070 7.3: as the overrides of the STE left them. */
    tlp.privileged = request->access.privileged;
    tlp.execute = request->access.execute;
    return smmuv3_refuse(request->answer, &tlp, fault);
}

bool smmuv3_end_fetch(struct smmuv3_request *request, unsigned type,
                      uint64_t address, enum teeio_fetch fetch)
{
    request->answer->shared_table = fetch == TEEIO_FETCH_SHARED;
    return smmuv3_end(request, (struct smmuv3_fault){
                                   .type = type,
                                   .address = address,
                               });
}

/* IHI 0070 5.5: what software asked for when stage 1 refuses. */
static void apply_stage1(struct smmuv3_request *request,
                         const struct smmuv3_context *context)
{
    struct teeio_translation *answer = request->answer;

    if (context->s1_stall && request->tlp->may_stall) {
        /* A stall is recorded always: nothing else leads to its end. */
        answer->verdict = TEEIO_VERDICT_STALLED;
        return;
    }
    answer->fault.record = context->s1_record;
    /* IHI 0070 5.5, A: without it the access seems to succeed. */
    answer->quiet = !context->s1_abort;
}

/* IHI 0070 5.2, S2R and S2S: as stage 1, but there is no quiet end. */
static void apply_stage2(struct smmuv3_request *request,
                         const struct smmuv3_context *context)
{
    struct teeio_translation *answer = request->answer;

    if (context->s2_stall && request->tlp->may_stall) {
        answer->verdict = TEEIO_VERDICT_STALLED;
        return;
    }
    answer->fault.record = context->s2_record;
}

bool smmuv3_end_walk(struct smmuv3_request *request,
                     const struct smmuv3_context *context,
                     const struct teeio_walk *walk, unsigned eclass)
{
    static const unsigned types[] = {
        /* IHI 0070 7.3.12 to 7.3.16, one event per kind of walk fault. */
        [TEEIO_WALK_TRANSLATION] = TEEIO_EVT_F_TRANSLATION,
        [TEEIO_WALK_ADDR_SIZE] = TEEIO_EVT_F_ADDR_SIZE,
        [TEEIO_WALK_ACCESS] = TEEIO_EVT_F_ACCESS,
        [TEEIO_WALK_PERMISSION] = TEEIO_EVT_F_PERMISSION,
        [TEEIO_WALK_FETCH] = TEEIO_EVT_F_WALK_EABT,
    };
    bool fetch = walk->status == TEEIO_WALK_FETCH;

    request->answer->shared_table = walk->shared_table;
    smmuv3_end(request, (struct smmuv3_fault){
                            .type = types[walk->status],
                            .stage = walk->stage,
                            .eclass = eclass,
                            .update = walk->table_write,
                            .address = fetch ? walk->descriptor : walk->ipa,
                        });
    if (fetch) {
        /* IHI 0070 7.3.12: recorded always, and it never stalls. */
        return false;
    }
    if (walk->stage == 2) {
        apply_stage2(request, context);
    } else {
        apply_stage1(request, context);
    }
    return false;
}
