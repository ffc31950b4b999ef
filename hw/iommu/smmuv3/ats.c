/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Address Translation Services (IHI 0070 3.9.1; PCIe chapter 10). A request
 * for a translation never stalls, and a mere miss is an answer, not a fault.
 */
#include <string.h>

#include "context.h"

static void refuse(struct smmuv3_request *request, unsigned type)
{
    smmuv3_end(request, (struct smmuv3_fault){.type = type});
}

/* IHI 0070 5.2, EATS: what it amounts to for this stream. */
static unsigned effective_eats(const struct smmuv3_interface *iface,
                               const struct smmuv3_context *context)
{
    if (!context->stage1 && !context->stage2) {
        return TEEIO_STE_EATS_NONE;
    }
    if (context->eats == TEEIO_STE_EATS_FULL) {
        return TEEIO_STE_EATS_FULL;
    }
    /* Without ATSCHK an IPA that comes back would not be translated. */
    if (context->eats == TEEIO_STE_EATS_SPLIT &&
        smmuv3_enabled(iface, TEEIO_CR0_ATSCHK)) {
        return TEEIO_STE_EATS_SPLIT;
    }
    return TEEIO_STE_EATS_NONE;
}

/* An answer without rights: ask for the page, or give up. */
static void miss(struct smmuv3_request *request)
{
    struct teeio_translation *answer = request->answer;
    bool shared_table = answer->shared_table;

    memset(answer, 0, sizeof(*answer));
    answer->verdict = TEEIO_VERDICT_OK;
    answer->via = TEEIO_VIA_WALK;
    answer->output = request->tlp->address;
    answer->page_mask = TEEIO_PAGE_SIZE - 1;
    answer->shared_table = shared_table;
}

/*
 * What the device is told about a fault. Configuration errors are not
 * recorded, as IDR0.ATSRECERR is 0 (IHI 0070 6.3.10, REC_CFG_ATS).
 */
static void conclude(struct smmuv3_request *request)
{
    struct teeio_translation *answer = request->answer;
    unsigned type = teeio_field(answer->fault.dw[0], TEEIO_EVT0_TYPE);

    if (answer->verdict != TEEIO_VERDICT_FAULT) {
        return;
    }
    switch (type) {
    case TEEIO_EVT_F_TRANSLATION:
    case TEEIO_EVT_F_ADDR_SIZE:
    case TEEIO_EVT_F_ACCESS:
    case TEEIO_EVT_F_PERMISSION:
        /* IHI 0070 3.9.1.2: success, with R and W both clear. */
        miss(request);
        break;
    case TEEIO_EVT_C_BAD_STREAMID:
        answer->fault.record = false;
        answer->completion = TEEIO_COMPLETION_UR;
        break;
    default:
        answer->fault.record = false;
        answer->completion = TEEIO_COMPLETION_CA;
        break;
    }
}

/* IHI 0070 13.6.3: stage 1 alone; stage 2 only finds its tables. */
static void walk_split(struct smmuv3_request *request,
                       const struct smmuv3_context *context)
{
    struct teeio_walk_stage stage1 = {&teeio_arm_stage1_ops, &context->s1};
    struct teeio_walk_stage stage2 = {&teeio_arm_stage2_ops, &context->s2};
    struct teeio_translation *answer = request->answer;
    struct teeio_walk walk =
        teeio_walk_stage1(&request->memory, &stage1, &stage2,
                          request->tlp->address, request->access);

    answer->via = TEEIO_VIA_WALK;
    if (walk.status != TEEIO_WALK_OK) {
        smmuv3_end_walk(request, context, &walk,
                        walk.on_table ? TEEIO_EVT_CLASS_TT
                                      : TEEIO_EVT_CLASS_IN);
    } else {
        answer->verdict = TEEIO_VERDICT_OK;
        answer->s1 = TEEIO_STAGE_OK;
        answer->s2 = TEEIO_STAGE_SKIPPED;
        answer->output = walk.output;
        answer->page_mask = walk.page_mask;
        answer->perm = walk.perm;
        smmuv3_claim(request, context, &walk);
    }
}

static void walk(struct smmuv3_request *request,
                 const struct smmuv3_context *context, unsigned eats)
{
    if (eats == TEEIO_STE_EATS_SPLIT && context->stage1) {
        walk_split(request, context);
    } else if (eats == TEEIO_STE_EATS_SPLIT) {
        /* Stage 1 bypassed by S1DSS: the IPA is the input. */
        smmuv3_pass(request, context, TEEIO_STAGE_BYPASS);
    } else {
        smmuv3_walk(request, context);
    }
}

static void serve(struct smmuv3_request *request,
                  const struct smmuv3_context *context, unsigned eats)
{
    struct teeio_translation *answer = request->answer;

    walk(request, context, eats);
    if (answer->verdict == TEEIO_VERDICT_FAULT && request->access.write) {
        unsigned type = teeio_field(answer->fault.dw[0], TEEIO_EVT0_TYPE);

        if (type == TEEIO_EVT_F_PERMISSION) {
            /* PCIe 10.2.3: what may be read is granted without W. */
            memset(answer, 0, sizeof(*answer));
            request->access.write = false;
            walk(request, context, eats);
        }
    }
    conclude(request);
    if (answer->verdict == TEEIO_VERDICT_OK) {
        answer->ipa_only = eats == TEEIO_STE_EATS_SPLIT;
        if (answer->expected == TEEIO_OWNER_PRIVATE && answer->perm) {
            /* What the device keeps says whose page it means, too. */
            answer->output |= smmuv3_c_bit(request);
        }
        if (!request->access.write) {
            /* PCIe 10.2.2, NW: W is withheld, so nothing gets dirty. */
            answer->perm &= ~(unsigned)TEEIO_PERM_WRITE;
        }
    }
}

void smmuv3_translation_request(struct smmuv3_request *request)
{
    /* A request does not stall, and its faults have no sender to hide from. */
    const struct smmuv3_interface *iface = request->iface;
    struct teeio_tlp tlp = *request->tlp;
    struct smmuv3_context context;
    struct teeio_ste ste;
    unsigned eats;

    tlp.may_stall = false;
    request->tlp = &tlp;
    if (!smmuv3_enabled(iface, TEEIO_CR0_SMMUEN)) {
        /* IHI 0070 7.3.6: nothing is translated. */
        refuse(request, TEEIO_EVT_F_BAD_ATS_TREQ);
        request->answer->completion = TEEIO_COMPLETION_UR;
        return;
    }
    if (!smmuv3_stream(request, &ste, &context)) {
        conclude(request);
        return;
    }
    if (!context.pass) {
        /* IHI 0070 5.2, Config: abort without an event. */
        request->answer->verdict = TEEIO_VERDICT_ABORTED;
        request->answer->completion = TEEIO_COMPLETION_UR;
        return;
    }
    eats = effective_eats(iface, &context);
    if (eats == TEEIO_STE_EATS_NONE) {
        /* IHI 0070 7.3.6: ATS is not enabled for the stream. */
        refuse(request, TEEIO_EVT_F_BAD_ATS_TREQ);
        request->answer->completion = TEEIO_COMPLETION_UR;
        return;
    }
    if (!smmuv3_substream(request, &ste, &context)) {
        conclude(request);
        return;
    }
    serve(request, &context, eats);
}

static void translated(struct smmuv3_request *request)
{
    const struct smmuv3_interface *iface = request->iface;
    bool checked = smmuv3_enabled(iface, TEEIO_CR0_ATSCHK);
    struct teeio_translation *answer = request->answer;
    struct smmuv3_context context;
    struct teeio_ste ste;
    unsigned eats;

    if (!smmuv3_enabled(iface, TEEIO_CR0_SMMUEN)) {
        /* IHI 0070 7.3.8: nobody gave out this translation. */
        refuse(request, TEEIO_EVT_F_TRANSL_FORBIDDEN);
        return;
    }
    if (checked) {
        if (!smmuv3_stream(request, &ste, &context)) {
            answer->fault.record = false;
            return;
        }
        if (!context.pass) {
            answer->verdict = TEEIO_VERDICT_ABORTED;
            return;
        }
        eats = effective_eats(iface, &context);
        if (eats == TEEIO_STE_EATS_NONE) {
            /* IHI 0070 7.3.8: the stream must not hold translations. */
            refuse(request, TEEIO_EVT_F_TRANSL_FORBIDDEN);
            return;
        }
        if (eats == TEEIO_STE_EATS_SPLIT) {
            /* The address is an IPA. */
            context.stage1 = false;
            smmuv3_walk(request, &context);
            return;
        }
    }
    if (smmuv3_beyond(request->tlp->address)) {
        /* IHI 0070 3.4: such an address cannot be presented as output. */
        answer->verdict = TEEIO_VERDICT_ABORTED;
        return;
    }
    smmuv3_pass(request, checked ? &context : NULL, TEEIO_STAGE_BYPASS);
}

void smmuv3_translated(struct smmuv3_request *request)
{
    struct teeio_translation *answer = request->answer;
    struct teeio_tlp tlp = *request->tlp;
    uint64_t c_bit = smmuv3_c_bit(request);
    bool private = tlp.address & c_bit;

    if (!c_bit) {
        translated(request);
        return;
    }
    /* The completion has put the claim where stage 1 had it. */
    tlp.address &= ~c_bit;
    request->tlp = &tlp;
    translated(request);
    if (answer->verdict == TEEIO_VERDICT_OK) {
        answer->expected = private ? TEEIO_OWNER_PRIVATE : TEEIO_OWNER_SHARED;
    }
}
