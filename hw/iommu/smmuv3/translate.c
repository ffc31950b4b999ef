/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "smmuv3-internal.h"

static bool beyond_oas(uint64_t address)
{
    return address & ~teeio_low_bits(SMMUV3_OAS_BITS);
}

static void abort_silently(struct teeio_translation *answer)
{
    answer->verdict = TEEIO_VERDICT_ABORTED;
}

static void identity(const struct teeio_tlp *tlp, enum teeio_stage s1,
                     struct teeio_translation *answer)
{
    answer->verdict = TEEIO_VERDICT_OK;
    answer->s1 = s1;
    answer->via = TEEIO_VIA_IDENTITY;
    answer->output = tlp->address;
    answer->page_mask = TEEIO_PAGE_SIZE - 1;
    answer->perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE;
}

static void disabled(const struct teeio_smmuv3 *smmu,
                     const struct teeio_tlp *tlp,
                     struct teeio_translation *answer)
{
    if (smmu->values[REG_GBPA] & TEEIO_GBPA_ABORT || beyond_oas(tlp->address)) {
        /* IHI 0070 3.4 and 6.3.14: no event while SMMUEN is 0. */
        abort_silently(answer);
        return;
    }
    identity(tlp, TEEIO_STAGE_OFF, answer);
}

static void bypass(const struct teeio_tlp *tlp,
                   struct teeio_translation *answer)
{
    if (beyond_oas(tlp->address)) {
        /* IHI 0070 3.4: counted as stage 1, although none is there. */
        smmuv3_refuse(answer, tlp,
                      (struct smmuv3_fault){
                          .type = TEEIO_EVT_F_ADDR_SIZE,
                          .stage = 1,
                          .eclass = TEEIO_EVT_CLASS_IN,
                      });
        return;
    }
    identity(tlp, TEEIO_STAGE_BYPASS, answer);
}

/* The host's identity in place of what the guest configured. */
static void skip(const struct teeio_tlp *tlp, struct teeio_translation *answer)
{
    /* A fault of the lookup is the guest's own and does not count. */
    memset(answer, 0, sizeof(*answer));
    if (beyond_oas(tlp->address)) {
        /* IHI 0070 3.4: such an address cannot be presented as output. */
        abort_silently(answer);
        return;
    }
    identity(tlp, TEEIO_STAGE_SKIPPED, answer);
}

static void refuse_walk(const struct teeio_tlp *tlp, const struct teeio_cd *cd,
                        const struct teeio_walk *walk,
                        struct teeio_translation *answer)
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

    answer->shared_table = walk->shared_table;
    smmuv3_refuse(
        answer, tlp,
        (struct smmuv3_fault){
            .type = types[walk->status],
            .stage = walk->stage,
            .eclass = walk->on_table ? TEEIO_EVT_CLASS_TT : TEEIO_EVT_CLASS_IN,
            .address = fetch ? walk->descriptor : walk->ipa,
        });
    /* IHI 0070 5.5: R mutes translation faults, not an external abort. */
    answer->fault.record = fetch || cd->dw[0] & TEEIO_CD0_R;
}

static void walk_stage1(const struct teeio_table_memory *memory,
                        const struct teeio_tlp *tlp, const struct teeio_cd *cd,
                        struct teeio_translation *answer)
{
    struct teeio_arm_stage1 config = smmuv3_stage1(cd);
    struct teeio_walk_stage stage1 = {&teeio_arm_stage1_ops, &config};
    struct teeio_access access = {
        .write = tlp->kind == TEEIO_TLP_MWR,
        .privileged = tlp->privileged,
        .execute = tlp->execute,
    };
    struct teeio_walk walk =
        teeio_walk(memory, &stage1, NULL, tlp->address, access);

    answer->via = TEEIO_VIA_WALK;
    if (walk.status != TEEIO_WALK_OK) {
        refuse_walk(tlp, cd, &walk, answer);
        return;
    }
    answer->verdict = TEEIO_VERDICT_OK;
    answer->s1 = TEEIO_STAGE_OK;
    answer->output = walk.output;
    answer->page_mask = walk.page_mask;
    answer->perm = walk.perm;
}

static void enabled(const struct teeio_smmuv3 *smmu,
                    const struct teeio_t_rule *rule,
                    const struct teeio_tlp *tlp,
                    struct teeio_translation *answer)
{
    struct teeio_table_memory memory = {
        .host = smmu->host,
        .ownership = smmu->ownership,
        .private_only = rule->private_tables,
    };
    struct teeio_ste ste;
    struct teeio_cd cd;
    unsigned config;

    if (!smmuv3_find_ste(smmu, &memory, tlp, &ste, answer)) {
        if (!rule->guest_stage1) {
            skip(tlp, answer);
        }
        return;
    }
    config = teeio_field(ste.dw[0], TEEIO_STE0_CONFIG);
    if (!(config & TEEIO_STE_CONFIG_PASS)) {
        /* IHI 0070 5.2, Config: abort without an event. */
        abort_silently(answer);
    } else if (!(config & TEEIO_STE_CONFIG_STAGE1)) {
        bypass(tlp, answer);
    } else if (!rule->guest_stage1) {
        skip(tlp, answer);
    } else if (smmuv3_find_cd(&memory, tlp, &ste, &cd, answer)) {
        walk_stage1(&memory, tlp, &cd, answer);
    }
}

void smmuv3_answer(const struct teeio_smmuv3 *smmu, const struct teeio_tlp *tlp,
                   struct teeio_translation *answer)
{
    const struct teeio_t_rule *rule = teeio_t_policy_rule(smmu->policy, tlp->t);

    memset(answer, 0, sizeof(*answer));
    if (rule->blocked) {
        answer->verdict = TEEIO_VERDICT_BLOCKED;
    } else if (tlp->at != TEEIO_AT_UNTRANSLATED) {
        /* IHI 0070 7.3.2: ATS is not in IDR0. */
        smmuv3_refuse(answer, tlp,
                      (struct smmuv3_fault){.type = TEEIO_EVT_F_UUT});
    } else if (!smmuv3_enabled(smmu, TEEIO_CR0_SMMUEN)) {
        disabled(smmu, tlp, answer);
    } else {
        enabled(smmu, rule, tlp, answer);
    }
}
