/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Streams that are not translated, where the unit shall do with them what
 * other IOMMUs do. The architected answer is there already and tells which
 * case it is.
 */
#include <string.h>

#include "context.h"

/* What OTHER_TABLE looks like: a linear table, enough for two buses. */
#define OTHER_LOG2SIZE 9u

struct off {
    enum teeio_disabled_off why;
    enum teeio_disabled_asked asked;
};

static unsigned type_of(const struct teeio_translation *answer)
{
    return answer->fault.present
               ? teeio_field(answer->fault.dw[0], TEEIO_EVT0_TYPE)
               : 0;
}

/* Returns: false when the stream is on, or nothing that a profile is about. */
static bool find_off(const struct smmuv3_interface *iface,
                     const struct teeio_tlp *tlp,
                     const struct teeio_translation *answer, struct off *off)
{
    const struct teeio_t_rule *rule = iface->smmu->rules[tlp->t];
    unsigned type = type_of(answer);

    if (smmuv3_beyond(tlp->address) && type != TEEIO_EVT_F_TRANSLATION) {
        return false;
    }
    if (!smmuv3_enabled(iface, TEEIO_CR0_SMMUEN)) {
        *off = (struct off){
            TEEIO_DISABLED_OFF_UNIT,
            iface->values[REG_GBPA] & TEEIO_GBPA_ABORT
                ? TEEIO_DISABLED_ASKED_ABORT
                : TEEIO_DISABLED_ASKED_BYPASS,
        };
        return rule->guest_stage1;
    }
    off->why = TEEIO_DISABLED_OFF_STREAM;
    off->asked = TEEIO_DISABLED_ASKED_NOTHING;
    if (answer->verdict == TEEIO_VERDICT_ABORTED) {
        off->asked = TEEIO_DISABLED_ASKED_ABORT;
        return true;
    }
    if (answer->verdict == TEEIO_VERDICT_OK) {
        off->asked = TEEIO_DISABLED_ASKED_BYPASS;
        return answer->s1 == TEEIO_STAGE_BYPASS &&
               answer->via == TEEIO_VIA_IDENTITY;
    }
    if (type == TEEIO_EVT_F_TRANSLATION) {
        off->why = TEEIO_DISABLED_OFF_ADDRESS;
        return true;
    }
    return type == TEEIO_EVT_C_BAD_STREAMID || type == TEEIO_EVT_C_BAD_STE;
}

static void say(struct teeio_translation *answer, const struct teeio_tlp *tlp,
                unsigned type)
{
    struct smmuv3_fault fault = {.type = type};

    if (type != TEEIO_EVT_C_BAD_STE) {
        fault.stage = 1;
        fault.eclass = TEEIO_EVT_CLASS_IN;
    }
    memset(answer, 0, sizeof(*answer));
    smmuv3_refuse(answer, tlp, fault);
}

static void let_wait(struct teeio_translation *answer,
                     const struct teeio_tlp *tlp)
{
    say(answer, tlp, TEEIO_EVT_F_TRANSLATION);
    if (tlp->may_stall) {
        answer->verdict = TEEIO_VERDICT_STALLED;
    } else {
        /* As a stall that somebody terminates. */
        memset(answer, 0, sizeof(*answer));
        answer->verdict = TEEIO_VERDICT_ABORTED;
    }
}

static void ask_table(const struct smmuv3_interface *iface,
                      const struct teeio_tlp *tlp,
                      struct teeio_translation *answer)
{
    struct smmuv3_interface other = {
        .smmu = iface->smmu,
        .source = iface->source,
        .space = iface->space,
    };

    memcpy(other.values, iface->values, sizeof(other.values));
    other.values[REG_STRTAB_BASE] = teeio_disabled_table(iface->disabled);
    other.values[REG_STRTAB_BASE_CFG] =
        teeio_field_make(OTHER_LOG2SIZE, TEEIO_STRTAB_BASE_CFG_LOG2SIZE);
    other.values[REG_CR0] |= TEEIO_CR0_SMMUEN;
    smmuv3_answer(&other, tlp, answer);
}

static void replace(struct smmuv3_interface *iface, const struct teeio_tlp *tlp,
                    const struct off *off, struct teeio_translation *answer)
{
    enum teeio_disabled_action action = teeio_disabled_answer(
        iface->disabled, off->why, off->asked, tlp, answer);
    enum teeio_disabled_profile profile = answer->disabled;
    enum teeio_disabled_when when = answer->when;

    switch (action) {
    case TEEIO_DISABLED_KEEP:
    case TEEIO_DISABLED_DONE:
        break;
    case TEEIO_DISABLED_SAY_BLOCK:
        say(answer, tlp, TEEIO_EVT_C_BAD_STE);
        break;
    case TEEIO_DISABLED_SAY_PERM:
        say(answer, tlp, TEEIO_EVT_F_PERMISSION);
        break;
    case TEEIO_DISABLED_SAY_EMPTY:
        say(answer, tlp, TEEIO_EVT_F_TRANSLATION);
        break;
    case TEEIO_DISABLED_DO_STALL:
        let_wait(answer, tlp);
        break;
    case TEEIO_DISABLED_ASK_TABLE:
        ask_table(iface, tlp, answer);
        break;
    }
    if (answer->verdict == TEEIO_VERDICT_OK && smmuv3_beyond(answer->output)) {
        /* IHI 0070 3.4: such an address cannot be presented as output. */
        memset(answer, 0, sizeof(*answer));
        answer->verdict = TEEIO_VERDICT_ABORTED;
    }
    answer->disabled = profile;
    answer->when = when;
}

void smmuv3_off(struct smmuv3_interface *iface, const struct teeio_tlp *tlp,
                struct teeio_translation *answer)
{
    struct off off;

    if (tlp->at != TEEIO_AT_UNTRANSLATED ||
        answer->verdict == TEEIO_VERDICT_BLOCKED) {
        return;
    }
    if (answer->verdict == TEEIO_VERDICT_OK &&
        (answer->s1 == TEEIO_STAGE_OK || answer->s2 == TEEIO_STAGE_OK)) {
        teeio_disabled_attached(iface->disabled, tlp->requester);
        teeio_disabled_note(iface->disabled, tlp, answer);
        return;
    }
    if (find_off(iface, tlp, answer, &off)) {
        if (off.why == TEEIO_DISABLED_OFF_ADDRESS) {
            teeio_disabled_attached(iface->disabled, tlp->requester);
        }
        replace(iface, tlp, &off, answer);
    }
}

/* Does the STE as it is now translate? */
static bool translates(const struct smmuv3_interface *iface, uint16_t stream)
{
    const struct teeio_tlp tlp = {.requester = stream};
    struct teeio_translation ignored = {0};
    struct smmuv3_request request = {
        .iface = iface,
        .tlp = &tlp,
        .memory = {.host = iface->smmu->host,
                   .ownership = iface->smmu->ownership},
        .answer = &ignored,
    };
    struct smmuv3_context context;
    struct teeio_ste ste;

    return smmuv3_stream(&request, &ste, &context) && context.pass &&
           (context.stage1 || context.stage2);
}

void smmuv3_off_invalidate(struct smmuv3_interface *iface,
                           const struct smmuv3_invalidation *invalidation)
{
    uint32_t stream = invalidation->stream;

    teeio_disabled_forget(iface->disabled, TEEIO_DISABLED_UNTIL_INVALIDATION);
    if (invalidation->kind != SMMUV3_INV_STES ||
        invalidation->stream_last != stream || stream > UINT16_MAX ||
        !translates(iface, stream)) {
        return;
    }
    teeio_disabled_attached(iface->disabled, stream);
    for (unsigned i = 0;
         i < SMMUV3_STALL_MAX && teeio_disabled_stalls(iface->disabled); i++) {
        /* What waits for other reasons finds them again. */
        smmuv3_stall_resume(iface, stream, i, TEEIO_STALL_RETRY);
    }
}

bool teeio_smmuv3_set_disabled(struct teeio_smmuv3 *smmu,
                               const struct teeio_disabled_rules *rules,
                               const struct teeio_disabled_places *places)
{
    struct smmuv3_interface *iface = &smmu->interfaces[SMMUV3_NON_SECURE];
    bool architected = true;

    for (unsigned i = 0; i < TEEIO_DISABLED_WHENS; i++) {
        architected &= rules->profile[i] == TEEIO_DISABLED_ARCHITECTED;
    }
    teeio_disabled_free(iface->disabled);
    iface->disabled = NULL;
    if (!architected) {
        iface->disabled = teeio_disabled_new(rules, places);
    }
    smmuv3_iotlb_update(smmu);
    return architected || iface->disabled;
}
