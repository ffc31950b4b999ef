/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * From a StreamID to an STE to a CD, with the checks of IHI 0070 chapter 5.
 */
#include "smmuv3-internal.h"

static bool refuse_fetch(struct teeio_translation *answer,
                         const struct teeio_tlp *tlp, unsigned type,
                         uint64_t address, enum teeio_fetch fetch)
{
    answer->shared_table = fetch == TEEIO_FETCH_SHARED;
    return smmuv3_refuse(answer, tlp,
                         (struct smmuv3_fault){
                             .type = type,
                             .eclass = TEEIO_EVT_CLASS_CD,
                             .address = address,
                         });
}

static bool refuse(struct teeio_translation *answer,
                   const struct teeio_tlp *tlp, unsigned type)
{
    return smmuv3_refuse(answer, tlp, (struct smmuv3_fault){.type = type});
}

static bool bad_streamid(const struct teeio_smmuv3 *smmu,
                         const struct teeio_tlp *tlp,
                         struct teeio_translation *answer)
{
    refuse(answer, tlp, TEEIO_EVT_C_BAD_STREAMID);
    /* IHI 0070 7.3.3: recorded only on request. */
    answer->fault.record = smmu->values[REG_CR2] & TEEIO_CR2_RECINVSID;
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
static uint64_t aligned_base(const struct teeio_smmuv3 *smmu, unsigned bits)
{
    return smmu->values[REG_STRTAB_BASE] & ~TEEIO_STRTAB_BASE_RA &
           ~teeio_low_bits(bits < 6 ? 6 : bits);
}

static bool find_leaf(const struct teeio_smmuv3 *smmu,
                      const struct teeio_table_memory *memory,
                      const struct teeio_tlp *tlp, uint64_t *address,
                      struct teeio_translation *answer)
{
    uint64_t cfg = smmu->values[REG_STRTAB_BASE_CFG];
    unsigned log2size = teeio_field(cfg, TEEIO_STRTAB_BASE_CFG_LOG2SIZE);
    unsigned split = leaf_bits(cfg);
    uint64_t index = tlp->requester & teeio_low_bits(split);
    uint64_t descriptor, span, where;
    enum teeio_fetch fetch;

    where = aligned_base(smmu, log2size > split ? log2size - split + 3 : 0) +
            (uint64_t)(tlp->requester >> split) * TEEIO_L1STD_BYTES;
    fetch = teeio_table_fetch(memory, where, &descriptor, 1);
    if (fetch != TEEIO_FETCH_OK) {
        /* IHI 0070 7.3.4: the fetch of a level 1 descriptor counts too. */
        return refuse_fetch(answer, tlp, TEEIO_EVT_F_STE_FETCH, where, fetch);
    }
    span = teeio_field(descriptor, TEEIO_L1STD_SPAN);
    if (span == 0 || span > split + 1 || index >> (span - 1)) {
        /* IHI 0070 7.3.3: no leaf, a reserved span, or not in the leaf. */
        return bad_streamid(smmu, tlp, answer);
    }
    /* IHI 0070 5.1: the leaf is aligned to its size. */
    *address =
        (descriptor & TEEIO_L1STD_L2PTR & ~teeio_low_bits(span - 1 + 6)) +
        index * sizeof(struct teeio_ste);
    return true;
}

static bool check_ste(const struct teeio_tlp *tlp, const struct teeio_ste *ste,
                      struct teeio_translation *answer)
{
    unsigned config = teeio_field(ste->dw[0], TEEIO_STE0_CONFIG);

    if (!(ste->dw[0] & TEEIO_STE0_V)) {
        /* IHI 0070 5.2, V. */
        return refuse(answer, tlp, TEEIO_EVT_C_BAD_STE);
    }
    if (!(config & TEEIO_STE_CONFIG_PASS)) {
        return true;
    }
    if (config & TEEIO_STE_CONFIG_STAGE2) {
        /* IHI 0070 5.2, Config: stage 2 is not in IDR0. */
        return refuse(answer, tlp, TEEIO_EVT_C_BAD_STE);
    }
    if (config & TEEIO_STE_CONFIG_STAGE1) {
        if (ste->dw[1] & TEEIO_STE1_S1STALLD) {
            /* IHI 0070 5.2, S1STALLD: nothing can stall to begin with. */
            return refuse(answer, tlp, TEEIO_EVT_C_BAD_STE);
        }
        if (ste->dw[0] & TEEIO_STE0_S1CONTEXTPTR &
            ~teeio_low_bits(SMMUV3_OAS_BITS)) {
            /* IHI 0070 3.4.3: the CD lies beyond physical memory. */
            return refuse(answer, tlp, TEEIO_EVT_C_BAD_STE);
        }
    }
    if (tlp->pasid_valid) {
        /* IHI 0070 7.3.9: IDR1.SSIDSIZE is 0. */
        return refuse(answer, tlp, TEEIO_EVT_C_BAD_SUBSTREAMID);
    }
    return true;
}

bool smmuv3_find_ste(const struct teeio_smmuv3 *smmu,
                     const struct teeio_table_memory *memory,
                     const struct teeio_tlp *tlp, struct teeio_ste *ste,
                     struct teeio_translation *answer)
{
    uint64_t cfg = smmu->values[REG_STRTAB_BASE_CFG];
    unsigned log2size = teeio_field(cfg, TEEIO_STRTAB_BASE_CFG_LOG2SIZE);
    enum teeio_fetch fetch;
    uint64_t address = 0;

    if (tlp->requester & ~teeio_low_bits(log2size)) {
        /* IHI 0070 7.3.3: beyond the table. */
        return bad_streamid(smmu, tlp, answer);
    }
    if (teeio_field(cfg, TEEIO_STRTAB_BASE_CFG_FMT) ==
        TEEIO_STRTAB_FMT_2LEVEL) {
        if (!find_leaf(smmu, memory, tlp, &address, answer)) {
            return false;
        }
    } else {
        address = aligned_base(smmu, log2size + 6) +
                  (uint64_t)tlp->requester * sizeof(*ste);
    }
    fetch = teeio_table_fetch(memory, address, ste->dw, 8);
    if (fetch != TEEIO_FETCH_OK) {
        /* IHI 0070 7.3.4. */
        return refuse_fetch(answer, tlp, TEEIO_EVT_F_STE_FETCH, address, fetch);
    }
    return check_ste(tlp, ste, answer);
}

/* Effective IPS: reserved values are large, and the OAS caps all of them. */
static unsigned output_bits(const struct teeio_cd *cd)
{
    static const unsigned sizes[8] = {32, 36, 40, 42, 44, 48, 48, 48};
    unsigned bits = sizes[teeio_field(cd->dw[0], TEEIO_CD0_IPS)];

    return bits < SMMUV3_OAS_BITS ? bits : SMMUV3_OAS_BITS;
}

/* IHI 0070 5.4: TxSZ, TGx and TTBx of a range that is walked. */
static bool half_is_legal(const struct teeio_cd *cd, unsigned half)
{
    uint64_t fields = cd->dw[0] >> half * TEEIO_CD0_HALF_SHIFT;
    unsigned txsz = teeio_field(fields, TEEIO_CD0_TXSZ);
    uint64_t ttb = cd->dw[1 + half] & TEEIO_CDX_TTB;

    if (fields & TEEIO_CD0_EPDX) {
        return true;
    }
    return txsz >= 16 && txsz <= 39 &&
           teeio_field(fields, TEEIO_CD0_TGX) ==
               (half ? TEEIO_CD_TG1_4K : TEEIO_CD_TG0_4K) &&
           !(ttb & ~teeio_low_bits(output_bits(cd)));
}

static bool cd_is_legal(const struct teeio_cd *cd)
{
    uint64_t dw0 = cd->dw[0];
    uint64_t epd1 = dw0 >> TEEIO_CD0_HALF_SHIFT & TEEIO_CD0_EPDX;
    bool walks = !(dw0 & TEEIO_CD0_EPDX) || !epd1;

    /* IHI 0070 5.4, V and AA64: IDR0.TTF has AArch64 only. */
    if (!(dw0 & TEEIO_CD0_V) || !(dw0 & TEEIO_CD0_AA64)) {
        return false;
    }
    /* IHI 0070 5.5: IDR0 says that faults abort and never stall. */
    if (!(dw0 & TEEIO_CD0_A) || dw0 & TEEIO_CD0_S) {
        return false;
    }
    /* IHI 0070 5.4, HA and HD: IDR0.HTTU is 0. */
    if (dw0 & (TEEIO_CD0_HA | TEEIO_CD0_HD)) {
        return false;
    }
    /* IHI 0070 5.4, ENDI: IDR0.TTENDIAN is little-endian. */
    if (dw0 & TEEIO_CD0_ENDI && walks) {
        return false;
    }
    return half_is_legal(cd, 0) && half_is_legal(cd, 1);
}

bool smmuv3_find_cd(const struct teeio_table_memory *memory,
                    const struct teeio_tlp *tlp, const struct teeio_ste *ste,
                    struct teeio_cd *cd, struct teeio_translation *answer)
{
    uint64_t address = ste->dw[0] & TEEIO_STE0_S1CONTEXTPTR;
    enum teeio_fetch fetch = teeio_table_fetch(memory, address, cd->dw, 8);

    if (fetch != TEEIO_FETCH_OK) {
        /* IHI 0070 7.3.10. */
        return refuse_fetch(answer, tlp, TEEIO_EVT_F_CD_FETCH, address, fetch);
    }
    if (!cd_is_legal(cd)) {
        /* IHI 0070 7.3.11. */
        return refuse(answer, tlp, TEEIO_EVT_C_BAD_CD);
    }
    return true;
}

struct teeio_arm_stage1 smmuv3_stage1(const struct teeio_cd *cd)
{
    struct teeio_arm_stage1 config = {
        .output_bits = output_bits(cd),
        .ignore_access_flag = cd->dw[0] & TEEIO_CD0_AFFD,
        .wxn = cd->dw[0] & TEEIO_CD0_WXN,
        .pan = cd->dw[0] & TEEIO_CD0_PAN,
    };

    for (unsigned i = 0; i < 2; i++) {
        uint64_t fields = cd->dw[0] >> i * TEEIO_CD0_HALF_SHIFT;

        config.half[i] = (struct teeio_arm_half){
            .enabled = !(fields & TEEIO_CD0_EPDX),
            .granule_bits = 12,
            .input_bits = 64 - teeio_field(fields, TEEIO_CD0_TXSZ),
            .top_byte_free = cd->dw[0] & (i ? TEEIO_CD0_TBI1 : TEEIO_CD0_TBI0),
            .flat =
                SMMUV3_IDR3 & TEEIO_IDR3_HAD && cd->dw[1 + i] & TEEIO_CDX_HAD,
            .table = cd->dw[1 + i] & TEEIO_CDX_TTB,
        };
    }
    return config;
}
