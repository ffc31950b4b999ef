/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "teeio/disabled.h"
#include "teeio/iommu.h"
#include "teeio/ownership.h"

#define STREAMS 0x10000u
#define STALE   1024u

/* struct stale - one page as it was last translated; @perm 0 when empty */
struct stale {
    uint64_t page;
    uint64_t output;
    uint32_t pasid;
    uint16_t stream;
    bool pasid_valid;
    bool t;
    unsigned perm;
};

/*
 * @remembers: some profile needs @stale
 * @attached:  a bit a stream
 */
struct teeio_disabled {
    struct teeio_disabled_rules rules;
    struct teeio_disabled_places places;
    bool remembers;
    uint64_t attached[STREAMS / 64];
    struct stale stale[STALE];
};

struct teeio_disabled *
teeio_disabled_new(const struct teeio_disabled_rules *rules,
                   const struct teeio_disabled_places *places)
{
    struct teeio_disabled *disabled = calloc(1, sizeof(*disabled));

    if (disabled) {
        disabled->rules = *rules;
        disabled->places = *places;
        disabled->remembers =
            teeio_disabled_uses(rules, TEEIO_DISABLED_STALE) ||
            teeio_disabled_uses(rules, TEEIO_DISABLED_APERTURE);
    }
    return disabled;
}

void teeio_disabled_free(struct teeio_disabled *disabled)
{
    free(disabled);
}

void teeio_disabled_attached(struct teeio_disabled *disabled, uint16_t stream)
{
    disabled->attached[stream / 64] |= 1ull << stream % 64;
}

bool teeio_disabled_was_attached(const struct teeio_disabled *disabled,
                                 uint16_t stream)
{
    return disabled->attached[stream / 64] >> stream % 64 & 1;
}

static struct stale key_of(const struct teeio_tlp *tlp)
{
    return (struct stale){
        .page = tlp->address / TEEIO_PAGE_SIZE,
        .pasid = tlp->pasid_valid ? tlp->pasid : 0,
        .stream = tlp->requester,
        .pasid_valid = tlp->pasid_valid,
        .t = tlp->t,
    };
}

static unsigned slot_of(const struct stale *key)
{
    uint64_t mix = key->page ^ (uint64_t)key->stream << 20 ^
                   (uint64_t)key->pasid << 36 ^ (uint64_t)key->t << 63;

    /* Fibonacci hashing: the high bits depend on all of them. */
    return mix * 0x9e3779b97f4a7c15ull >> 54;
}

void teeio_disabled_note(struct teeio_disabled *disabled,
                         const struct teeio_tlp *tlp,
                         const struct teeio_translation *answer)
{
    struct stale key = key_of(tlp);

    if (disabled->remembers) {
        key.output = answer->output & ~(uint64_t)(TEEIO_PAGE_SIZE - 1);
        key.perm = answer->perm;
        disabled->stale[slot_of(&key)] = key;
    }
}

void teeio_disabled_forget(struct teeio_disabled *disabled,
                           enum teeio_disabled_until event)
{
    if (event >= disabled->rules.until) {
        memset(disabled->stale, 0, sizeof(disabled->stale));
    }
    if (event == TEEIO_DISABLED_UNTIL_RESET) {
        memset(disabled->attached, 0, sizeof(disabled->attached));
    }
}

bool teeio_disabled_stalls(const struct teeio_disabled *disabled)
{
    return teeio_disabled_uses(&disabled->rules, TEEIO_DISABLED_STALL);
}

uint64_t teeio_disabled_table(const struct teeio_disabled *disabled)
{
    return disabled->places.table;
}

static enum teeio_disabled_action end(struct teeio_translation *answer,
                                      enum teeio_verdict verdict)
{
    memset(answer, 0, sizeof(*answer));
    answer->verdict = verdict;
    return TEEIO_DISABLED_DONE;
}

static enum teeio_disabled_action lead_to(struct teeio_translation *answer,
                                          enum teeio_stage s1,
                                          enum teeio_via via, uint64_t output)
{
    end(answer, TEEIO_VERDICT_OK);
    answer->s1 = s1;
    answer->via = via;
    answer->output = output;
    answer->page_mask = TEEIO_PAGE_SIZE - 1;
    answer->perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE;
    return TEEIO_DISABLED_DONE;
}

static enum teeio_disabled_action pass(const struct teeio_tlp *tlp,
                                       struct teeio_translation *answer)
{
    return lead_to(answer, TEEIO_STAGE_BYPASS, TEEIO_VIA_IDENTITY,
                   tlp->address);
}

static bool go_on(const struct teeio_disabled *disabled,
                  const struct teeio_tlp *tlp, struct teeio_translation *answer)
{
    struct stale key = key_of(tlp);
    const struct stale *old = &disabled->stale[slot_of(&key)];
    unsigned wanted =
        tlp->kind == TEEIO_TLP_MWR ? TEEIO_PERM_WRITE : TEEIO_PERM_READ;

    if (!(old->perm & wanted) || old->page != key.page ||
        old->stream != key.stream || old->pasid != key.pasid ||
        old->pasid_valid != key.pasid_valid || old->t != key.t) {
        return false;
    }
    lead_to(answer, TEEIO_STAGE_OK, TEEIO_VIA_STALE,
            old->output | tlp->address % TEEIO_PAGE_SIZE);
    answer->perm = old->perm;
    return true;
}

static enum teeio_disabled_action
apply_aperture(const struct teeio_disabled *disabled,
               enum teeio_disabled_off off, const struct teeio_tlp *tlp,
               struct teeio_translation *answer)
{
    const struct teeio_disabled_places *places = &disabled->places;

    if (tlp->address - places->window >= places->window_bytes) {
        return pass(tlp, answer);
    }
    if (off == TEEIO_DISABLED_OFF_ADDRESS) {
        return TEEIO_DISABLED_DONE;
    }
    return go_on(disabled, tlp, answer) ? TEEIO_DISABLED_DONE
                                        : TEEIO_DISABLED_SAY_EMPTY;
}

static enum teeio_disabled_action invert(enum teeio_disabled_asked asked,
                                         const struct teeio_tlp *tlp,
                                         struct teeio_translation *answer)
{
    switch (asked) {
    case TEEIO_DISABLED_ASKED_ABORT:
        return pass(tlp, answer);
    case TEEIO_DISABLED_ASKED_BYPASS:
        return end(answer, TEEIO_VERDICT_ABORTED);
    default:
        return TEEIO_DISABLED_KEEP;
    }
}

static enum teeio_disabled_action apply(const struct teeio_disabled *disabled,
                                        enum teeio_disabled_profile profile,
                                        enum teeio_disabled_off off,
                                        enum teeio_disabled_asked asked,
                                        const struct teeio_tlp *tlp,
                                        struct teeio_translation *answer)
{
    switch (profile) {
    case TEEIO_DISABLED_BLOCK:
        return TEEIO_DISABLED_SAY_BLOCK;
    case TEEIO_DISABLED_BLOCK_SILENT:
        return end(answer, TEEIO_VERDICT_ABORTED);
    case TEEIO_DISABLED_BLOCK_PERM:
        return TEEIO_DISABLED_SAY_PERM;
    case TEEIO_DISABLED_BYPASS:
        return pass(tlp, answer);
    case TEEIO_DISABLED_EMPTY:
        return TEEIO_DISABLED_SAY_EMPTY;
    case TEEIO_DISABLED_SINK:
        return lead_to(answer, TEEIO_STAGE_OK, TEEIO_VIA_WALK,
                       disabled->places.sink + tlp->address % TEEIO_PAGE_SIZE);
    case TEEIO_DISABLED_APERTURE:
        return apply_aperture(disabled, off, tlp, answer);
    case TEEIO_DISABLED_STALL:
        return TEEIO_DISABLED_DO_STALL;
    case TEEIO_DISABLED_NO_RESPONSE:
        return end(answer, TEEIO_VERDICT_NO_RESPONSE);
    case TEEIO_DISABLED_OTHER_TABLE:
        return TEEIO_DISABLED_ASK_TABLE;
    case TEEIO_DISABLED_INVERTED:
        return invert(asked, tlp, answer);
    default:
        return TEEIO_DISABLED_KEEP;
    }
}

static enum teeio_disabled_when situation(const struct teeio_disabled *disabled,
                                          enum teeio_disabled_off off,
                                          const struct teeio_tlp *tlp)
{
    if (off == TEEIO_DISABLED_OFF_ADDRESS) {
        return TEEIO_DISABLED_UNMAPPED;
    }
    return off == TEEIO_DISABLED_OFF_STREAM &&
                   teeio_disabled_was_attached(disabled, tlp->requester)
               ? TEEIO_DISABLED_DETACH
               : TEEIO_DISABLED_RESET;
}

enum teeio_disabled_action teeio_disabled_answer(
    const struct teeio_disabled *disabled, enum teeio_disabled_off off,
    enum teeio_disabled_asked asked, const struct teeio_tlp *tlp,
    struct teeio_translation *answer)
{
    enum teeio_disabled_when when = situation(disabled, off, tlp);
    enum teeio_disabled_profile profile = disabled->rules.profile[when];
    enum teeio_disabled_action action = TEEIO_DISABLED_DONE;

    if (off == TEEIO_DISABLED_OFF_STREAM &&
        asked == TEEIO_DISABLED_ASKED_BYPASS &&
        profile != TEEIO_DISABLED_INVERTED) {
        return TEEIO_DISABLED_KEEP;
    }
    if (profile != TEEIO_DISABLED_STALE || !go_on(disabled, tlp, answer)) {
        if (profile == TEEIO_DISABLED_STALE) {
            profile = disabled->rules.then[when];
        }
        action = apply(disabled, profile, off, asked, tlp, answer);
    }
    if (action != TEEIO_DISABLED_KEEP) {
        answer->disabled = profile;
        answer->when = when;
    }
    return action;
}
