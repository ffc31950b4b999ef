/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * From a SubstreamID to a checked CD (IHI 0070 5.3 to 5.5).
 */
#include "context.h"

static bool refuse(struct smmuv3_request *request, unsigned type)
{
    return smmuv3_end(request, (struct smmuv3_fault){.type = type});
}

/*
 * Which CD, if any (IHI 0070 3.9 and 5.2, S1DSS)? With stage 1 off there are
 * no substreams at all.
 */
static bool choose(struct smmuv3_request *request, const struct teeio_ste *ste,
                   struct smmuv3_context *context, uint32_t *index)
{
    const struct teeio_tlp *tlp = request->tlp;
    unsigned dss = teeio_field(ste->dw[1], TEEIO_STE1_S1DSS);

    *index = 0;
    if (tlp->pasid_valid) {
        if (!context->stage1 || !context->substreams ||
            tlp->pasid & ~teeio_low_bits(context->substreams)) {
            /* IHI 0070 7.3.9: no substreams here, or not that many. */
            return refuse(request, TEEIO_EVT_C_BAD_SUBSTREAMID);
        }
        if (tlp->pasid == 0 && dss == TEEIO_STE_S1DSS_CD0) {
            /* IHI 0070 7.3.7: CD 0 serves those without a SubstreamID. */
            return refuse(request, TEEIO_EVT_F_STREAM_DISABLED);
        }
        *index = tlp->pasid;
    } else if (context->stage1 && context->substreams) {
        if (dss == TEEIO_STE_S1DSS_BYPASS) {
            context->stage1 = false;
        } else if (dss != TEEIO_STE_S1DSS_CD0) {
            /* IHI 0070 7.3.7: a SubstreamID is required; 3 is reserved. */
            return refuse(request, TEEIO_EVT_F_STREAM_DISABLED);
        }
    }
    return true;
}

/* Words of a table in the guest's address space, translated by stage 2. */
static bool fetch(struct smmuv3_request *request,
                  const struct smmuv3_context *context, uint64_t address,
                  uint64_t *words, unsigned count)
{
    struct teeio_walk_stage stage2 = {&teeio_arm_stage2_ops, &context->s2};
    enum teeio_fetch status;
    bool outside = false;

    if (context->stage2) {
        struct teeio_walk walk =
            teeio_walk_table(&request->memory, &stage2, address);

        if (walk.status != TEEIO_WALK_OK) {
            /* IHI 0070 7.3.13: stage 2 refuses, its class is CD. */
            request->answer->via = TEEIO_VIA_WALK;
            return smmuv3_end_walk(request, context, &walk, TEEIO_EVT_CLASS_CD);
        }
        address = walk.output;
        outside = walk.non_secure && request->memory.private_only;
    }
    status = outside
                 ? TEEIO_FETCH_SHARED
                 : teeio_table_fetch(&request->memory, address, words, count);
    if (status != TEEIO_FETCH_OK) {
        /* IHI 0070 7.3.10: a level 1 descriptor counts too. */
        return smmuv3_end_fetch(request, TEEIO_EVT_F_CD_FETCH, address, status);
    }
    return true;
}

static bool find(struct smmuv3_request *request, const struct teeio_ste *ste,
                 const struct smmuv3_context *context, uint32_t index,
                 struct teeio_cd *cd)
{
    uint64_t table = ste->dw[0] & TEEIO_STE0_S1CONTEXTPTR;
    unsigned format = teeio_field(ste->dw[0], TEEIO_STE0_S1FMT);
    uint64_t descriptor;

    if (context->substreams && format != TEEIO_STE_S1FMT_LINEAR) {
        unsigned leaf = format == TEEIO_STE_S1FMT_4K ? 6 : 10;

        if (!fetch(request, context,
                   table + (uint64_t)(index >> leaf) * TEEIO_L1CD_BYTES,
                   &descriptor, 1)) {
            return false;
        }
        if (!(descriptor & TEEIO_L1CD_V)) {
            /* IHI 0070 7.3.9: no leaf holds this SubstreamID. */
            return refuse(request, TEEIO_EVT_C_BAD_SUBSTREAMID);
        }
        table = descriptor & TEEIO_L1CD_L2PTR;
        index &= teeio_low_bits(leaf);
    }
    return fetch(request, context, table + (uint64_t)index * sizeof(*cd),
                 cd->dw, 8);
}

static bool half_is_legal(const struct teeio_arm_half *half,
                          unsigned output_bits)
{
    if (!half->enabled) {
        return true;
    }
    if (!half->granule_bits) {
        /* IHI 0070 5.4, TGx: reserved. */
        return false;
    }
    if (half->input_bits > 48 ||
        half->input_bits < (half->granule_bits == 16 ? 17 : 16)) {
        /* IHI 0070 5.4, TxSZ: out of range; IDR3.STT sets the low end. */
        return false;
    }
    /* IHI 0070 5.4, TTBx: beyond the effective IPS. */
    return !(half->table & ~teeio_low_bits(output_bits));
}

static bool is_legal(const struct smmuv3_request *request,
                     const struct teeio_cd *cd,
                     const struct smmuv3_context *context)
{
    const struct teeio_arm_stage1 *s1 = &context->s1;
    bool walks = s1->half[0].enabled || s1->half[1].enabled;

    if (!(cd->dw[0] & TEEIO_CD0_V) || !(cd->dw[0] & TEEIO_CD0_AA64)) {
        /* IHI 0070 5.4, V and AA64: IDR0.TTF has AArch64 only. */
        return false;
    }
    if (context->s1_stall &&
        (context->stall_denied || !smmuv3_may_stall(request->iface))) {
        /* IHI 0070 5.4, S: the STE takes the right away, or nobody has it. */
        return false;
    }
    if (s1->hd && !s1->ha) {
        /* IHI 0070 5.4, HD: no dirty state without the access flag. */
        return false;
    }
    if (cd->dw[0] & TEEIO_CD0_ENDI && walks) {
        /* IHI 0070 5.4, ENDI: IDR0.TTENDIAN is little-endian. */
        return false;
    }
    /* IHI 0070 5.5, A: any, as IDR0.TERM_MODEL leaves a choice. */
    return half_is_legal(&s1->half[0], s1->output_bits) &&
           half_is_legal(&s1->half[1], s1->output_bits);
}

static void decode(const struct teeio_cd *cd, uint64_t mark,
                   struct smmuv3_context *context)
{
    static const unsigned granules[2][4] = {
        {[TEEIO_TG0_4K] = 12, [TEEIO_TG0_64K] = 16, [TEEIO_TG0_16K] = 14},
        {[TEEIO_TG1_16K] = 14, [TEEIO_TG1_4K] = 12, [TEEIO_TG1_64K] = 16},
    };
    uint64_t dw0 = cd->dw[0];

    context->asid = teeio_field(dw0, TEEIO_CD0_ASID);
    context->s1_abort = dw0 & TEEIO_CD0_A;
    context->s1_record = dw0 & TEEIO_CD0_R;
    context->s1_stall = dw0 & TEEIO_CD0_S;
    context->s1 = (struct teeio_arm_stage1){
        .output_bits = smmuv3_oa_bits(teeio_field(dw0, TEEIO_CD0_IPS)),
        .ignore_access_flag = dw0 & TEEIO_CD0_AFFD,
        .wxn = dw0 & TEEIO_CD0_WXN,
        .pan = dw0 & TEEIO_CD0_PAN,
        .ha = dw0 & TEEIO_CD0_HA,
        .hd = dw0 & TEEIO_CD0_HD,
        .mark = mark,
    };
    for (unsigned i = 0; i < 2; i++) {
        uint64_t fields = dw0 >> i * TEEIO_CD0_HALF_SHIFT;

        context->s1.half[i] = (struct teeio_arm_half){
            .enabled = !(fields & TEEIO_CD0_EPDX),
            .granule_bits = granules[i][teeio_field(fields, TEEIO_CD0_TGX)],
            .input_bits = 64 - teeio_field(fields, TEEIO_CD0_TXSZ),
            .top_byte_free = dw0 & (i ? TEEIO_CD0_TBI1 : TEEIO_CD0_TBI0),
            .flat = cd->dw[1 + i] & TEEIO_CDX_HAD,
            .table = cd->dw[1 + i] & TEEIO_CDX_TTB & ~mark,
        };
    }
}

bool smmuv3_substream(struct smmuv3_request *request,
                      const struct teeio_ste *ste,
                      struct smmuv3_context *context)
{
    struct teeio_cd cd;
    uint32_t index;

    if (!choose(request, ste, context, &index)) {
        return false;
    }
    if (!context->stage1) {
        return true;
    }
    if (!find(request, ste, context, index, &cd)) {
        return false;
    }
    decode(&cd, smmuv3_c_bit(request), context);
    if (!is_legal(request, &cd, context)) {
        /* IHI 0070 7.3.11. */
        return refuse(request, TEEIO_EVT_C_BAD_CD);
    }
    return true;
}
