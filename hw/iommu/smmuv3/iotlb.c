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
#define PAGE_OWNER 0x3u
#define PAGE_CLAIM 8

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
        .attributes = answer->perm | answer->s1 << PAGE_S1 |
                      answer->s2 << PAGE_S2 | answer->expected << PAGE_CLAIM,
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

static bool recall_page(const struct teeio_iotlb *tlb,
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
    found = teeio_iotlb_find(tlb, &key, &bits);
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
    answer->expected = found >> PAGE_CLAIM & PAGE_OWNER;
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
static bool confirmed(const struct smmuv3_interface *iface,
                      const struct teeio_tlp *tlp,
                      const struct teeio_translation *answer)
{
    struct smmuv3_interface plain = {
        .smmu = iface->smmu,
        .space = iface->space,
    };
    struct teeio_translation now;

    memcpy(plain.values, iface->values, sizeof(plain.values));
    smmuv3_answer(&plain, tlp, &now);
    return now.verdict == answer->verdict && now.output == answer->output &&
           now.expected == answer->expected && !(answer->perm & ~now.perm);
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
    uint64_t changes;

    if (!owners_changed(smmu)) {
        return;
    }
    changes = teeio_ownership_changes(smmu->ownership);
    for (unsigned i = 0; i < smmu->count; i++) {
        smmuv3_iotlb_forget(&smmu->interfaces[i]);
    }
    atomic_store(&smmu->iotlb_owners, changes);
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
    const struct teeio_iotlb *tlb =
        atomic_load_explicit(&smmu->live[0], memory_order_acquire);
    uint64_t epoch = 1;

    if (!tlb) {
        return 0;
    }
    if (smmu->ownership) {
        epoch += teeio_ownership_changes(smmu->ownership);
    }
    return epoch + teeio_iotlb_stamp(tlb);
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
    const struct teeio_iotlb *tlb;

    if (owners_changed(smmu)) {
        return false;
    }
    tlb = atomic_load_explicit(&smmu->live[tlp->t], memory_order_acquire);
    if (!tlb || !recall_page(tlb, tlp, answer)) {
        return false;
    }
    count_hit(smmu);
    return true;
}

bool smmuv3_recall_checked(struct smmuv3_interface *iface,
                           const struct teeio_tlp *tlp,
                           struct teeio_translation *answer)
{
    bool check = iface->smmu->iotlb_check;

    if (!iface->iotlb || !(check || iface->disabled) ||
        !smmuv3_enabled(iface, TEEIO_CR0_SMMUEN) ||
        !recall_page(iface->iotlb, tlp, answer)) {
        return false;
    }
    if (check && !confirmed(iface, tlp, answer)) {
        answer->via = TEEIO_VIA_STALE;
        iface->smmu->stats.iotlb_stale++;
    }
    count_hit(iface->smmu);
    return true;
}

void smmuv3_iotlb_forget(struct smmuv3_interface *iface)
{
    if (iface->iotlb) {
        teeio_iotlb_drop_streams(iface->iotlb, 0, UINT32_MAX);
        teeio_iotlb_drop_all(iface->iotlb);
    }
    smmuv3_iotlb_update(iface->smmu);
}

void smmuv3_iotlb_update(struct teeio_smmuv3 *smmu)
{
    for (unsigned t = 0; t < 2; t++) {
        const struct smmuv3_interface *iface = smmu->by_t[t];
        bool live = !smmu->iotlb_check && !iface->disabled &&
                    smmuv3_enabled(iface, TEEIO_CR0_SMMUEN);

        atomic_store(&smmu->live[t], live ? iface->iotlb : NULL);
    }
}

static bool set_iotlb(struct smmuv3_interface *iface, bool on)
{
    if (on && !iface->iotlb) {
        iface->iotlb = teeio_iotlb_new(PAGES, sizeof(struct smmuv3_context));
    } else if (!on) {
        teeio_iotlb_free(iface->iotlb);
        iface->iotlb = NULL;
    }
    return !on || iface->iotlb;
}

bool teeio_smmuv3_set_iotlb(struct teeio_smmuv3 *smmu, bool on, bool check)
{
    bool ok = true;

    smmu->iotlb_check = check;
    for (unsigned i = 0; i < smmu->count; i++) {
        ok = ok && set_iotlb(&smmu->interfaces[i], on);
    }
    smmuv3_iotlb_update(smmu);
    if (!ok) {
        teeio_smmuv3_set_iotlb(smmu, false, check);
    }
    return ok;
}
