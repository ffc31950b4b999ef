/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The commands, one handler each.
 */
#include "smmuv3-internal.h"

static uint32_t stream_of(const struct teeio_smmuv3_command *command)
{
    return teeio_field(command->dw[0], TEEIO_CMD0_STREAMID);
}

static uint16_t vmid_of(const struct teeio_smmuv3_command *command)
{
    return teeio_field(command->dw[0], TEEIO_CMD0_VMID);
}

static uint16_t asid_of(const struct teeio_smmuv3_command *command)
{
    return teeio_field(command->dw[0], TEEIO_CMD0_ASID);
}

static uint32_t substream_of(const struct teeio_smmuv3_command *command)
{
    return teeio_field(command->dw[0], TEEIO_CMD0_SUBSTREAMID);
}

/* A hint that only a cache could heed. */
static unsigned prefetch(struct smmuv3_interface *iface,
                         const struct teeio_smmuv3_command *command)
{
    (void)iface;
    (void)command;
    return TEEIO_CERROR_NONE;
}

static unsigned invalidate(struct smmuv3_interface *iface,
                           const struct smmuv3_invalidation *invalidation)
{
    smmuv3_invalidate(iface, invalidation);
    return TEEIO_CERROR_NONE;
}

static unsigned cfgi_ste(struct smmuv3_interface *iface,
                         const struct teeio_smmuv3_command *command)
{
    return invalidate(iface, &(struct smmuv3_invalidation){
                                 .kind = SMMUV3_INV_STES,
                                 .leaf = command->dw[1] & TEEIO_CMD1_LEAF,
                                 .stream = stream_of(command),
                                 .stream_last = stream_of(command),
                             });
}

static unsigned cfgi_ste_range(struct smmuv3_interface *iface,
                               const struct teeio_smmuv3_command *command)
{
    unsigned range = teeio_field(command->dw[1], TEEIO_CMD1_CFGI_RANGE);
    uint32_t below = teeio_low_bits(range + 1);

    return invalidate(iface, &(struct smmuv3_invalidation){
                                 .kind = SMMUV3_INV_STES,
                                 .stream = stream_of(command) & ~below,
                                 .stream_last = stream_of(command) | below,
                             });
}

static unsigned cfgi_cd(struct smmuv3_interface *iface,
                        const struct teeio_smmuv3_command *command)
{
    return invalidate(iface, &(struct smmuv3_invalidation){
                                 .kind = SMMUV3_INV_CD,
                                 .leaf = command->dw[1] & TEEIO_CMD1_LEAF,
                                 .stream = stream_of(command),
                                 .substream = substream_of(command),
                             });
}

static unsigned cfgi_cd_all(struct smmuv3_interface *iface,
                            const struct teeio_smmuv3_command *command)
{
    return invalidate(iface, &(struct smmuv3_invalidation){
                                 .kind = SMMUV3_INV_CDS,
                                 .stream = stream_of(command),
                             });
}

static unsigned tlbi_all(struct smmuv3_interface *iface,
                         const struct teeio_smmuv3_command *command,
                         enum smmuv3_invalidation_kind kind)
{
    return invalidate(iface, &(struct smmuv3_invalidation){
                                 .kind = kind,
                                 .vmid = vmid_of(command),
                                 .asid = asid_of(command),
                             });
}

static unsigned tlbi_nh_all(struct smmuv3_interface *iface,
                            const struct teeio_smmuv3_command *command)
{
    return tlbi_all(iface, command, SMMUV3_INV_NH_ALL);
}

static unsigned tlbi_nh_asid(struct smmuv3_interface *iface,
                             const struct teeio_smmuv3_command *command)
{
    return tlbi_all(iface, command, SMMUV3_INV_NH_ASID);
}

static unsigned tlbi_s12_vmall(struct smmuv3_interface *iface,
                               const struct teeio_smmuv3_command *command)
{
    return tlbi_all(iface, command, SMMUV3_INV_S12_VMID);
}

static unsigned tlbi_nsnh_all(struct smmuv3_interface *iface,
                              const struct teeio_smmuv3_command *command)
{
    return tlbi_all(iface, command, SMMUV3_INV_NSNH_ALL);
}

/*
 * IHI 0070 4.4.1.1: without TG one address of any granule, else a range of
 * (NUM + 1) * 2^SCALE granules that does not wrap.
 *
 * Returns: false for the reserved combination.
 */
static bool decode_range(const struct teeio_smmuv3_command *command,
                         struct smmuv3_invalidation *invalidation)
{
    static const unsigned granules[] = {0, 12, 14, 16};
    uint64_t address = command->dw[1] & TEEIO_CMD1_ADDRESS;
    uint64_t num = teeio_field(command->dw[0], TEEIO_CMD0_TLBI_NUM);
    unsigned scale = teeio_field(command->dw[0], TEEIO_CMD0_TLBI_SCALE);
    unsigned level = teeio_field(command->dw[1], TEEIO_CMD1_TLBI_TTL);
    unsigned tg = teeio_field(command->dw[1], TEEIO_CMD1_TLBI_TG);
    uint64_t bytes;

    if (!tg) {
        invalidation->first = address;
        invalidation->last = address | teeio_low_bits(12);
        return true;
    }
    if (tg == TEEIO_TLBI_TG_16K && level == 1) {
        level = 0;
    }
    if (!num && !scale && !level) {
        return false;
    }
    bytes = (num + 1) << (scale + granules[tg]);
    invalidation->granule_bits = granules[tg];
    invalidation->level = level;
    invalidation->first = address & ~teeio_low_bits(granules[tg]);
    invalidation->last = invalidation->first + bytes - 1;
    if (invalidation->last < invalidation->first) {
        invalidation->last = UINT64_MAX;
    }
    return true;
}

static unsigned tlbi_address(struct smmuv3_interface *iface,
                             const struct teeio_smmuv3_command *command,
                             enum smmuv3_invalidation_kind kind)
{
    struct smmuv3_invalidation invalidation = {
        .kind = kind,
        .leaf = command->dw[1] & TEEIO_CMD1_LEAF,
        .vmid = vmid_of(command),
        .asid = asid_of(command),
    };

    if (!decode_range(command, &invalidation)) {
        /* IHI 0070 4.4.1.1: a granule that serves nothing. */
        return TEEIO_CERROR_ILL;
    }
    return invalidate(iface, &invalidation);
}

static unsigned tlbi_nh_va(struct smmuv3_interface *iface,
                           const struct teeio_smmuv3_command *command)
{
    return tlbi_address(iface, command, SMMUV3_INV_NH_VA);
}

static unsigned tlbi_nh_vaa(struct smmuv3_interface *iface,
                            const struct teeio_smmuv3_command *command)
{
    return tlbi_address(iface, command, SMMUV3_INV_NH_VAA);
}

static unsigned tlbi_s2_ipa(struct smmuv3_interface *iface,
                            const struct teeio_smmuv3_command *command)
{
    return tlbi_address(iface, command, SMMUV3_INV_S2_IPA);
}

static unsigned atc_inv(struct smmuv3_interface *iface,
                        const struct teeio_smmuv3_command *command)
{
    const struct teeio_smmuv3_devices *devices = &iface->smmu->devices;
    unsigned size = teeio_field(command->dw[1], TEEIO_CMD1_ATC_SIZE);
    uint64_t below = teeio_low_bits(12 + size);
    uint64_t address = command->dw[1] & TEEIO_CMD1_ADDRESS;
    bool ssv = command->dw[0] & TEEIO_CMD0_SSV;
    const struct teeio_atc_invalidation request = {
        .requester = stream_of(command),
        .pasid_valid = ssv,
        .pasid = substream_of(command),
        .global = ssv && command->dw[0] & TEEIO_CMD0_ATC_GLOBAL,
        .first = address & ~below,
        .last = address | below,
        .one_t = iface->smmu->count > 1,
        .t = smmuv3_is_realm(iface),
    };

    if (size > TEEIO_ATC_SIZE_ALL) {
        /* IHI 0070 4.5.1: more than all addresses. */
        return TEEIO_CERROR_ILL;
    }
    if (smmuv3_enabled(iface, TEEIO_CR0_SMMUEN) && devices->invalidate &&
        stream_of(command) >> SMMUV3_SIDSIZE == 0 &&
        !devices->invalidate(devices->opaque, &request)) {
        iface->atc_failed = true;
    }
    return TEEIO_CERROR_NONE;
}

static unsigned pri_resp(struct smmuv3_interface *iface,
                         const struct teeio_smmuv3_command *command)
{
    static const enum teeio_page_outcome outcomes[] = {
        TEEIO_PAGE_FAILURE,
        TEEIO_PAGE_INVALID,
        TEEIO_PAGE_SUCCESS,
    };
    unsigned code = teeio_field(command->dw[1], TEEIO_CMD1_PRI_RESP);

    if (code >= sizeof(outcomes) / sizeof(outcomes[0])) {
        /* IHI 0070 4.5.2: reserved. */
        return TEEIO_CERROR_ILL;
    }
    if (smmuv3_enabled(iface, TEEIO_CR0_SMMUEN) &&
        stream_of(command) >> SMMUV3_SIDSIZE == 0) {
        smmuv3_page_respond(
            iface,
            &(struct teeio_page_response){
                .requester = stream_of(command),
                .pasid_valid = command->dw[0] & TEEIO_CMD0_SSV,
                .pasid = substream_of(command),
                .group = teeio_field(command->dw[1], TEEIO_CMD1_PRG_INDEX),
                .outcome = outcomes[code],
                .one_t = iface->smmu->count > 1,
                .t = smmuv3_is_realm(iface),
            });
    }
    return TEEIO_CERROR_NONE;
}

static unsigned resume(struct smmuv3_interface *iface,
                       const struct teeio_smmuv3_command *command)
{
    enum teeio_stall_outcome outcome = TEEIO_STALL_TERMINATE;

    if (!smmuv3_may_stall(iface)) {
        /* IHI 0070 4.7.1: no fault of this interface stalls. */
        return TEEIO_CERROR_ILL;
    }
    if (command->dw[0] & TEEIO_CMD0_RESUME_RETRY) {
        outcome = TEEIO_STALL_RETRY;
    } else if (command->dw[0] & TEEIO_CMD0_RESUME_ABORT) {
        outcome = TEEIO_STALL_ABORT;
    }
    smmuv3_stall_resume(iface, stream_of(command),
                        teeio_field(command->dw[1], TEEIO_CMD1_STAG), outcome);
    return TEEIO_CERROR_NONE;
}

static unsigned stall_term(struct smmuv3_interface *iface,
                           const struct teeio_smmuv3_command *command)
{
    if (!smmuv3_may_stall(iface)) {
        /* IHI 0070 4.7.2: as for RESUME. */
        return TEEIO_CERROR_ILL;
    }
    smmuv3_stall_abort(iface, stream_of(command));
    return TEEIO_CERROR_NONE;
}

static unsigned completion(const struct teeio_smmuv3_command *command)
{
    return teeio_field(command->dw[0], TEEIO_CMD0_SYNC_CS);
}

/* Earlier commands are complete by now, or have failed. */
static unsigned sync(struct smmuv3_interface *iface,
                     const struct teeio_smmuv3_command *command)
{
    if (completion(command) > TEEIO_SYNC_CS_SEV) {
        /* IHI 0070 4.7.3: reserved. */
        return TEEIO_CERROR_ILL;
    }
    if (iface->atc_failed) {
        /* IHI 0070 3.9.1.4: the device may still use what was taken away. */
        iface->atc_failed = false;
        return TEEIO_CERROR_ATC_INV_SYNC;
    }
    return TEEIO_CERROR_NONE;
}

/* CPUs of the emulator never sleep for long in WFE, so SEV needs no event. */
static void sync_signal(struct smmuv3_interface *iface,
                        const struct teeio_smmuv3_command *command)
{
    uint64_t address = command->dw[1] & TEEIO_CMD1_MSI_ADDRESS;

    if (completion(command) != TEEIO_SYNC_CS_IRQ) {
        return;
    }
    if (address) {
        smmuv3_msi(iface, address & teeio_low_bits(SMMUV3_OAS_BITS),
                   command->dw[1] & TEEIO_CMD1_MSI_NS,
                   teeio_field(command->dw[0], TEEIO_CMD0_MSI_DATA),
                   TEEIO_GERROR_MSI_CMDQ_ABT_ERR);
    } else {
        smmuv3_raise(iface, TEEIO_SMMUV3_CMDQ_SYNC);
    }
}

static const struct smmuv3_opcode opcodes[] = {
    [TEEIO_CMD_PREFETCH_CONFIG] = {"PREFETCH_CONFIG", true, prefetch},
    [TEEIO_CMD_PREFETCH_ADDR] = {"PREFETCH_ADDR", true, prefetch},
    [TEEIO_CMD_CFGI_STE] = {"CFGI_STE", true, cfgi_ste},
    [TEEIO_CMD_CFGI_STE_RANGE] = {"CFGI_STE_RANGE", true, cfgi_ste_range},
    [TEEIO_CMD_CFGI_CD] = {"CFGI_CD", true, cfgi_cd},
    [TEEIO_CMD_CFGI_CD_ALL] = {"CFGI_CD_ALL", true, cfgi_cd_all},
    [TEEIO_CMD_CFGI_VMS_PIDM] = {"CFGI_VMS_PIDM"},
    [TEEIO_CMD_TLBI_NH_ALL] = {"TLBI_NH_ALL", false, tlbi_nh_all},
    [TEEIO_CMD_TLBI_NH_ASID] = {"TLBI_NH_ASID", false, tlbi_nh_asid},
    [TEEIO_CMD_TLBI_NH_VA] = {"TLBI_NH_VA", false, tlbi_nh_va},
    [TEEIO_CMD_TLBI_NH_VAA] = {"TLBI_NH_VAA", false, tlbi_nh_vaa},
    [TEEIO_CMD_TLBI_EL3_ALL] = {"TLBI_EL3_ALL"},
    [TEEIO_CMD_TLBI_EL3_VA] = {"TLBI_EL3_VA"},
    [TEEIO_CMD_TLBI_EL2_ALL] = {"TLBI_EL2_ALL"},
    [TEEIO_CMD_TLBI_EL2_ASID] = {"TLBI_EL2_ASID"},
    [TEEIO_CMD_TLBI_EL2_VA] = {"TLBI_EL2_VA"},
    [TEEIO_CMD_TLBI_EL2_VAA] = {"TLBI_EL2_VAA"},
    [TEEIO_CMD_TLBI_S12_VMALL] = {"TLBI_S12_VMALL", false, tlbi_s12_vmall},
    [TEEIO_CMD_TLBI_S2_IPA] = {"TLBI_S2_IPA", false, tlbi_s2_ipa},
    [TEEIO_CMD_TLBI_NSNH_ALL] = {"TLBI_NSNH_ALL", false, tlbi_nsnh_all},
    [TEEIO_CMD_ATC_INV] = {"ATC_INV", true, atc_inv},
    [TEEIO_CMD_PRI_RESP] = {"PRI_RESP", true, pri_resp},
    [TEEIO_CMD_RESUME] = {"RESUME", true, resume},
    [TEEIO_CMD_STALL_TERM] = {"STALL_TERM", true, stall_term},
    [TEEIO_CMD_SYNC] = {"SYNC", false, sync, sync_signal},
    [TEEIO_CMD_TLBI_S_EL2_ALL] = {"TLBI_S_EL2_ALL"},
    [TEEIO_CMD_TLBI_S_EL2_ASID] = {"TLBI_S_EL2_ASID"},
    [TEEIO_CMD_TLBI_S_EL2_VA] = {"TLBI_S_EL2_VA"},
    [TEEIO_CMD_TLBI_S_EL2_VAA] = {"TLBI_S_EL2_VAA"},
    [TEEIO_CMD_TLBI_S_S12_VMALL] = {"TLBI_S_S12_VMALL"},
    [TEEIO_CMD_TLBI_S_S2_IPA] = {"TLBI_S_S2_IPA"},
    [TEEIO_CMD_TLBI_SNH_ALL] = {"TLBI_SNH_ALL"},
    [TEEIO_CMD_DPTI_ALL] = {"DPTI_ALL"},
    [TEEIO_CMD_DPTI_PA] = {"DPTI_PA"},
};

const struct smmuv3_opcode *
smmuv3_find_opcode(const struct teeio_smmuv3_command *command)
{
    static const struct smmuv3_opcode unknown = {"UNKNOWN"};
    static const struct smmuv3_opcode cfgi_all = {"CFGI_ALL", true,
                                                  cfgi_ste_range};
    uint64_t value = teeio_field(command->dw[0], TEEIO_CMD0_OPCODE);

    /* IHI 0070 4.3.6: the widest range goes by another name. */
    if (value == TEEIO_CMD_CFGI_STE_RANGE &&
        teeio_field(command->dw[1], TEEIO_CMD1_CFGI_RANGE) ==
            TEEIO_CFGI_RANGE_ALL) {
        return &cfgi_all;
    }
    if (value >= sizeof(opcodes) / sizeof(opcodes[0]) || !opcodes[value].name) {
        return &unknown;
    }
    return &opcodes[value];
}
