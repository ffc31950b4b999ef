/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What the SMMU remembers of contexts and pages, and when it is asked first.
 * Nothing is forgotten unless software says so, as with hardware.
 */
#include <string.h>

#include "context.h"

#define PAGES      8192u

#define PAGE_PERM  0x3u
#define PAGE_STAGE 0x7u
#define PAGE_S1    2
#define PAGE_S2    5

bool smmuv3_recall_context(struct smmuv3_request *request,
                           struct smmuv3_context *context)
{
    const struct teeio_walk_cache *cache = &request->cache;

    if (!cache->tlb || !teeio_iotlb_context(cache->tlb, &cache->key, context)) {
        return false;
    }
    smmuv3_override(request, context);
    return true;
}

void smmuv3_remember_context(struct smmuv3_request *request,
                             const struct smmuv3_context *context)
{
    const struct teeio_walk_cache *cache = &request->cache;

    if (cache->tlb) {
        teeio_iotlb_add_context(cache->tlb, &cache->key, context,
                                context->stage2, context->vmid, cache->stamp);
    }
}

/* What lies side by side is mostly used so, and has been fetched together. */
static void remember_beside(const struct smmuv3_request *request,
                            const struct smmuv3_context *context,
                            struct teeio_iotlb_entry *entry)
{
    const struct teeio_walk_line *line = &request->line;
    struct teeio_iotlb_key key = request->cache.key;
    unsigned bits = entry->size_bits;
    unsigned output_bits =
        context->stage1 ? context->s1.output_bits : context->s2.output_bits;

    for (unsigned i = 0; i < sizeof(line->words) / 8; i++) {
        if (i != line->own &&
            teeio_arm_beside(line, i, bits, output_bits, &entry->output)) {
            key.address = request->cache.key.address +
                          (((uint64_t)i - line->own) << bits);
            teeio_iotlb_add(request->cache.tlb, &key, entry,
                            request->cache.stamp);
        }
    }
}

void smmuv3_remember_page(struct smmuv3_request *request,
                          const struct smmuv3_context *context)
{
    const struct teeio_translation *answer = request->answer;
    const struct teeio_walk_cache *cache = &request->cache;
    struct teeio_iotlb_entry entry = {
        .output = answer->output & ~answer->page_mask,
        .attributes =
            answer->perm | answer->s1 << PAGE_S1 | answer->s2 << PAGE_S2,
        .vmid = context->vmid,
        .asid = context->stage1 ? context->asid : 0,
        .stage1 = context->stage1,
        .global = request->global,
    };

    if (!cache->tlb || answer->verdict != TEEIO_VERDICT_OK ||
        answer->via != TEEIO_VIA_WALK) {
        return;
    }
    entry.size_bits = __builtin_popcountll(answer->page_mask);
    if (entry.size_bits <= TEEIO_IOTLB_MAX_BITS) {
        teeio_iotlb_add(cache->tlb, &cache->key, &entry, cache->stamp);
        if (request->line.valid) {
            remember_beside(request, context, &entry);
        }
    }
}

static bool recall_page(const struct teeio_smmuv3 *smmu,
                        const struct teeio_tlp *tlp,
                        struct teeio_translation *answer)
{
    struct teeio_iotlb_key key = smmuv3_iotlb_key(tlp);
    unsigned wanted =
        tlp->kind == TEEIO_TLP_MWR ? TEEIO_PERM_WRITE : TEEIO_PERM_READ;
    uint64_t found;
    unsigned bits;

    if (tlp->at != TEEIO_AT_UNTRANSLATED) {
        return false;
    }
    found = teeio_iotlb_find(smmu->iotlb, &key, &bits);
    if (!(found & wanted)) {
        /* A refusal is for a walk to make: its record has more to say. */
        return false;
    }
    /* One by one: cheaper than to clear all of it on the shortest path. */
    answer->verdict = TEEIO_VERDICT_OK;
    answer->completion = TEEIO_COMPLETION_SUCCESS;
    answer->ipa_only = false;
    answer->quiet = false;
    answer->shared_table = false;
    answer->stall_tag = 0;
    answer->disabled = TEEIO_DISABLED_ARCHITECTED;
    answer->fault = (struct teeio_fault){0};
    answer->s1 = found >> PAGE_S1 & PAGE_STAGE;
    answer->s2 = found >> PAGE_S2 & PAGE_STAGE;
    answer->via = TEEIO_VIA_IOTLB;
    answer->page_mask = teeio_low_bits(bits);
    answer->output = (found & ~(uint64_t)TEEIO_IOTLB_ATTRIBUTES) |
                     (tlp->address & answer->page_mask);
    answer->perm = found & PAGE_PERM;
    return true;
}

/* Does a walk that remembers nothing come to the same answer? */
static bool confirmed(const struct teeio_smmuv3 *smmu,
                      const struct teeio_tlp *tlp,
                      const struct teeio_translation *answer)
{
    struct teeio_smmuv3 plain = {
        .host = smmu->host,
        .ownership = smmu->ownership,
        .policy = smmu->policy,
    };
    struct teeio_translation now;

    memcpy(plain.values, smmu->values, sizeof(plain.values));
    smmuv3_answer(&plain, tlp, &now);
    return now.verdict == answer->verdict && now.output == answer->output &&
           !(answer->perm & ~now.perm);
}

/* Tables that a T=1 walk has trusted may be the host's by now. */
static bool owners_changed(const struct teeio_smmuv3 *smmu)
{
    return smmu->ownership &&
           teeio_ownership_changes(smmu->ownership) !=
               atomic_load_explicit(&smmu->iotlb_owners, memory_order_acquire);
}

void smmuv3_iotlb_refresh(struct teeio_smmuv3 *smmu)
{
    if (smmu->iotlb && owners_changed(smmu)) {
        uint64_t changes = teeio_ownership_changes(smmu->ownership);

        smmuv3_iotlb_forget(smmu);
        atomic_store(&smmu->iotlb_owners, changes);
    }
}

/* Loses some when threads meet, and costs them nothing. */
static void count_hit(struct teeio_smmuv3 *smmu)
{
    uint64_t hits =
        atomic_load_explicit(&smmu->iotlb_hits, memory_order_relaxed);

    atomic_store_explicit(&smmu->iotlb_hits, hits + 1, memory_order_relaxed);
}

uint64_t teeio_smmuv3_epoch(const struct teeio_smmuv3 *smmu)
{
    uint64_t epoch = 1;

    if (!atomic_load_explicit(&smmu->iotlb_live, memory_order_acquire)) {
        return 0;
    }
    if (smmu->ownership) {
        epoch += teeio_ownership_changes(smmu->ownership);
    }
    return epoch + teeio_iotlb_stamp(smmu->iotlb);
}

bool teeio_smmuv3_kept(struct teeio_smmuv3 *smmu, uint64_t epoch)
{
    if (!epoch || teeio_smmuv3_epoch(smmu) != epoch) {
        return false;
    }
    count_hit(smmu);
    return true;
}

bool teeio_smmuv3_recall(struct teeio_smmuv3 *smmu, const struct teeio_tlp *tlp,
                         struct teeio_translation *answer)
{
    if (!atomic_load_explicit(&smmu->iotlb_live, memory_order_acquire) ||
        owners_changed(smmu) || !recall_page(smmu, tlp, answer)) {
        return false;
    }
    count_hit(smmu);
    return true;
}

bool smmuv3_recall_checked(struct teeio_smmuv3 *smmu,
                           const struct teeio_tlp *tlp,
                           struct teeio_translation *answer)
{
    if (!smmu->iotlb || !(smmu->iotlb_check || smmu->disabled) ||
        !smmuv3_enabled(smmu, TEEIO_CR0_SMMUEN) ||
        !recall_page(smmu, tlp, answer)) {
        return false;
    }
    if (smmu->iotlb_check && !confirmed(smmu, tlp, answer)) {
        answer->via = TEEIO_VIA_STALE;
        smmu->stats.iotlb_stale++;
    }
    count_hit(smmu);
    return true;
}

void smmuv3_iotlb_forget(struct teeio_smmuv3 *smmu)
{
    if (smmu->iotlb) {
        teeio_iotlb_drop_streams(smmu->iotlb, 0, UINT32_MAX);
        teeio_iotlb_drop_all(smmu->iotlb);
    }
    smmuv3_iotlb_update(smmu);
}

void smmuv3_iotlb_update(struct teeio_smmuv3 *smmu)
{
    atomic_store(&smmu->iotlb_live, smmu->iotlb && !smmu->iotlb_check &&
                                        !smmu->disabled &&
                                        smmuv3_enabled(smmu, TEEIO_CR0_SMMUEN));
}

bool teeio_smmuv3_set_iotlb(struct teeio_smmuv3 *smmu, bool on, bool check)
{
    if (on && !smmu->iotlb) {
        smmu->iotlb = teeio_iotlb_new(PAGES, sizeof(struct smmuv3_context));
        if (!smmu->iotlb) {
            return false;
        }
    } else if (!on) {
        teeio_iotlb_free(smmu->iotlb);
        smmu->iotlb = NULL;
    }
    smmu->iotlb_check = check;
    smmuv3_iotlb_update(smmu);
    return true;
}
