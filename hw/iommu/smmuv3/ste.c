/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * From a StreamID to a checked STE (IHI 0070 5.1 and 5.2).
 */
#include "context.h"

static bool bad_streamid(struct smmuv3_request *request)
{
    smmuv3_end(request,
               (struct smmuv3_fault){.type = TEEIO_EVT_C_BAD_STREAMID});
    /* IHI 0070 7.3.3: recorded only on request. */
    request->answer->fault.record =
        request->iface->values[REG_CR2] & TEEIO_CR2_RECINVSID;
    return false;
}

/* IHI 0070 6.3.25, SPLIT: reserved values behave as 6. */
static unsigned leaf_bits(uint64_t cfg)
{
    unsigned split = teeio_field(cfg, TEEIO_STRTAB_BASE_CFG_SPLIT);

    return split == 8 || split == 10 ? split : 6;
}

/*
 * The base is aligned by the literal LOG2SIZE (IHI 0070 6.3.24), which may
 * be as large as 63.
 */
static uint64_t aligned_base(const struct smmuv3_interface *iface,
                             unsigned bits)
{
    return iface->values[REG_STRTAB_BASE] & ~TEEIO_STRTAB_BASE_RA &
           ~teeio_low_bits(bits < 6 ? 6 : bits);
}

static bool find_leaf(struct smmuv3_request *request, uint64_t *address)
{
    const struct smmuv3_interface *iface = request->iface;
    uint32_t stream = request->tlp->requester;
    uint64_t cfg = iface->values[REG_STRTAB_BASE_CFG];
    unsigned log2size = teeio_field(cfg, TEEIO_STRTAB_BASE_CFG_LOG2SIZE);
    unsigned split = leaf_bits(cfg);
    uint64_t index = stream & teeio_low_bits(split);
    uint64_t descriptor, span, where;
    enum teeio_fetch fetch;

    where = aligned_base(iface, log2size > split ? log2size - split + 3 : 0) +
            (uint64_t)(stream >> split) * TEEIO_L1STD_BYTES;
    fetch = teeio_table_fetch(&request->memory, where, &descriptor, 1);
    if (fetch != TEEIO_FETCH_OK) {
        /* IHI 0070 7.3.4: the fetch of a level 1 descriptor counts too. */
        return smmuv3_end_fetch(request, TEEIO_EVT_F_STE_FETCH, where, fetch);
    }
    span = teeio_field(descriptor, TEEIO_L1STD_SPAN);
    if (span == 0 || span > split + 1 || index >> (span - 1)) {
        /* IHI 0070 7.3.3: no leaf, a reserved span, or not in the leaf. */
        return bad_streamid(request);
    }
    /* IHI 0070 5.1: the leaf is aligned to its size. */
    *address =
        (descriptor & TEEIO_L1STD_L2PTR & ~teeio_low_bits(span - 1 + 6)) +
        index * sizeof(struct teeio_ste);
    return true;
}

unsigned smmuv3_oa_bits(uint64_t code)
{
    /* IHI 0070 5.4, IPS: the OAS caps all, reserved values are large. */
    static const unsigned sizes[8] = {32, 36, 40, 42, 44, 48, 52, 52};

    return sizes[code] < SMMUV3_OAS_BITS ? sizes[code] : SMMUV3_OAS_BITS;
}

static bool stage1_is_legal(const struct smmuv3_request *request,
                            const struct teeio_ste *ste, bool stage2)
{
    unsigned cdmax = teeio_field(ste->dw[0], TEEIO_STE0_S1CDMAX);

    if (cdmax > SMMUV3_SSIDSIZE) {
        /* IHI 0070 5.2, S1CDMax: more substreams than IDR1 has room for. */
        return false;
    }
    if (cdmax &&
        teeio_field(ste->dw[0], TEEIO_STE0_S1FMT) > TEEIO_STE_S1FMT_64K) {
        /* IHI 0070 5.2, S1Fmt: reserved; meaningless with a single CD. */
        return false;
    }
    if (!stage2 && smmuv3_beyond(ste->dw[0] & TEEIO_STE0_S1CONTEXTPTR)) {
        /* IHI 0070 3.4.3: the CD lies beyond physical memory. */
        return false;
    }
    /* IHI 0070 5.5: meaningless where nothing can stall. */
    return smmuv3_may_stall(request->iface) ||
           !(ste->dw[1] & TEEIO_STE1_S1STALLD);
}

/* IHI 0070 5.2, S2SL0: first level by granule; 4 stands for reserved. */
static unsigned start_level(unsigned granule_bits, unsigned sl0)
{
    static const unsigned small[] = {2, 1, 0, 3}; /* 3 belongs to IDR3.STT */
    static const unsigned large[] = {3, 2, 1, 4};

    return granule_bits == 12 ? small[sl0] : large[sl0];
}

static void decode_stage2(const struct smmuv3_request *request,
                          const struct teeio_ste *ste,
                          struct teeio_arm_stage2 *s2)
{
    static const unsigned granules[] = {
        [TEEIO_TG0_4K] = 12,
        [TEEIO_TG0_64K] = 16,
        [TEEIO_TG0_16K] = 14,
        [3] = 0,
    };
    uint64_t dw2 = ste->dw[2];

    *s2 = (struct teeio_arm_stage2){
        .granule_bits = granules[teeio_field(dw2, TEEIO_STE2_S2TG)],
        .input_bits = 64 - teeio_field(dw2, TEEIO_STE2_S2T0SZ),
        .output_bits = smmuv3_oa_bits(teeio_field(dw2, TEEIO_STE2_S2PS)),
        .table = ste->dw[3] & TEEIO_STE3_S2TTB,
        .ignore_access_flag = dw2 & TEEIO_STE2_S2AFFD,
        .ha = dw2 & TEEIO_STE2_S2HA,
        .hd = dw2 & TEEIO_STE2_S2HD,
        .protected_walk = dw2 & TEEIO_STE2_S2PTW,
        .xnx = true, /* IDR3.XNX */
        .realm = smmuv3_is_realm(request->iface),
    };
    s2->start_level =
        start_level(s2->granule_bits, teeio_field(dw2, TEEIO_STE2_S2SL0));
}

static bool stage2_is_legal(const struct smmuv3_request *request,
                            const struct teeio_ste *ste,
                            const struct teeio_arm_stage2 *s2)
{
    uint64_t dw2 = ste->dw[2];

    if (!(dw2 & TEEIO_STE2_S2AA64)) {
        /* IHI 0070 5.2, S2AA64: IDR0.TTF has AArch64 only. */
        return false;
    }
    if (!s2->granule_bits) {
        /* IHI 0070 5.2, S2TG: reserved. */
        return false;
    }
    if (s2->input_bits > SMMUV3_OAS_BITS ||
        s2->input_bits < (s2->granule_bits == 16 ? 17 : 16)) {
        /* IHI 0070 5.2, S2T0SZ: out of range; IDR3.STT sets the low end. */
        return false;
    }
    if (s2->start_level > 3 || !teeio_arm_stage2_fits(s2)) {
        /* IHI 0070 5.2, S2SL0: reserved, or against S2T0SZ and S2TG. */
        return false;
    }
    if (s2->table & ~teeio_low_bits(s2->output_bits)) {
        /* IHI 0070 5.2, S2TTB: beyond the effective S2PS. */
        return false;
    }
    if (dw2 & TEEIO_STE2_S2ENDI) {
        /* IHI 0070 5.2, S2ENDI: IDR0.TTENDIAN is little-endian. */
        return false;
    }
    if (s2->hd && !s2->ha) {
        /* IHI 0070 5.2, S2HD: no dirty state without the access flag. */
        return false;
    }
    /* IHI 0070 5.5: S2S depends on STALL_MODEL. */
    return smmuv3_may_stall(request->iface) || !(dw2 & TEEIO_STE2_S2S);
}

static bool eats_is_legal(const struct teeio_ste *ste, unsigned config)
{
    const unsigned nested = TEEIO_STE_CONFIG_PASS | TEEIO_STE_CONFIG_STAGE1 |
                            TEEIO_STE_CONFIG_STAGE2;

    /*
     * IHI 0070 5.2, EATS: the split form needs both stages, and a device that
     * holds IPAs cannot be stalled by stage 2.
     */
    return teeio_field(ste->dw[1], TEEIO_STE1_EATS) != TEEIO_STE_EATS_SPLIT ||
           (config == nested && !(ste->dw[2] & TEEIO_STE2_S2S));
}

static bool check(struct smmuv3_request *request, const struct teeio_ste *ste,
                  struct smmuv3_context *context)
{
    unsigned config = teeio_field(ste->dw[0], TEEIO_STE0_CONFIG);
    bool legal = ste->dw[0] & TEEIO_STE0_V; /* IHI 0070 5.2, V */

    if (legal && config & TEEIO_STE_CONFIG_PASS) {
        context->pass = true;
        context->stage1 = config & TEEIO_STE_CONFIG_STAGE1;
        context->stage2 = config & TEEIO_STE_CONFIG_STAGE2;
        if (context->stage2) {
            decode_stage2(request, ste, &context->s2);
        }
        legal =
            (!context->stage1 ||
             stage1_is_legal(request, ste, context->stage2)) &&
            (!context->stage2 || stage2_is_legal(request, ste, &context->s2)) &&
            eats_is_legal(ste, config);
    }
    return legal || smmuv3_end(request, (struct smmuv3_fault){
                                            .type = TEEIO_EVT_C_BAD_STE,
                                        });
}

static bool override(unsigned setting, bool incoming)
{
    return setting == TEEIO_STE_OVERRIDE_SET ||
           (setting != TEEIO_STE_OVERRIDE_CLEAR && incoming);
}

void smmuv3_override(struct smmuv3_request *request,
                     const struct smmuv3_context *context)
{
    struct teeio_access *access = &request->access;

    /* IHI 0070 5.2, INSTCFG: a write is data, whatever the field says. */
    access->privileged = override(context->privcfg, access->privileged);
    access->execute =
        !access->write && override(context->instcfg, access->execute);
}

static void decode(const struct teeio_ste *ste, struct smmuv3_context *context)
{
    context->substreams = teeio_field(ste->dw[0], TEEIO_STE0_S1CDMAX);
    context->stall_denied = ste->dw[1] & TEEIO_STE1_S1STALLD;
    context->eats = teeio_field(ste->dw[1], TEEIO_STE1_EATS);
    context->nscfg = teeio_field(ste->dw[1], TEEIO_STE1_NSCFG);
    context->privcfg = teeio_field(ste->dw[1], TEEIO_STE1_PRIVCFG);
    context->instcfg = teeio_field(ste->dw[1], TEEIO_STE1_INSTCFG);
    context->vmid = teeio_field(ste->dw[2], TEEIO_STE2_S2VMID);
    context->s2_record = ste->dw[2] & TEEIO_STE2_S2R;
    context->s2_stall = ste->dw[2] & TEEIO_STE2_S2S;
}

bool smmuv3_stream(struct smmuv3_request *request, struct teeio_ste *ste,
                   struct smmuv3_context *context)
{
    const struct smmuv3_interface *iface = request->iface;
    uint32_t stream = request->tlp->requester;
    uint64_t cfg = iface->values[REG_STRTAB_BASE_CFG];
    unsigned log2size = teeio_field(cfg, TEEIO_STRTAB_BASE_CFG_LOG2SIZE);
    enum teeio_fetch fetch;
    uint64_t address = 0;

    *context = (struct smmuv3_context){0};
    if (stream & ~teeio_low_bits(log2size)) {
        /* IHI 0070 7.3.3: beyond the table. */
        return bad_streamid(request);
    }
    if (teeio_field(cfg, TEEIO_STRTAB_BASE_CFG_FMT) ==
        TEEIO_STRTAB_FMT_2LEVEL) {
        if (!find_leaf(request, &address)) {
            return false;
        }
    } else {
        address =
            aligned_base(iface, log2size + 6) + (uint64_t)stream * sizeof(*ste);
    }
    fetch = teeio_table_fetch(&request->memory, address, ste->dw, 8);
    if (fetch != TEEIO_FETCH_OK) {
        /* IHI 0070 7.3.4. */
        return smmuv3_end_fetch(request, TEEIO_EVT_F_STE_FETCH, address, fetch);
    }
    if (!check(request, ste, context)) {
        return false;
    }
    decode(ste, context);
    smmuv3_override(request, context);
    return true;
}
