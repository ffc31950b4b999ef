/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What the unit remembers of entries and pages, and when it is asked first.
 * Pages are those of a domain, whoever asks, and nothing is forgotten unless
 * software says so: as with hardware (VT-d 6.2).
 */
#include <string.h>

#include "context.h"

#define PAGES      8192u
#define OTHERS     64u /* of a kind that is not used in a cache */

#define PAGE_PERM  0x3u
#define PAGE_STAGE 0x7u
#define PAGE_S1    2
#define PAGE_S2    5

static struct teeio_iotlb_key device_key(const struct teeio_tlp *tlp)
{
    return (struct teeio_iotlb_key){.t = tlp->t, .stream = tlp->requester};
}

static struct teeio_iotlb_key pasid_key(const struct teeio_tlp *tlp,
                                        uint32_t pasid)
{
    /* The other way round: they are dropped by PASID. */
    return (struct teeio_iotlb_key){
        .t = tlp->t,
        .stream = pasid,
        .substream_valid = true,
        .substream = tlp->requester,
    };
}

struct teeio_iotlb_key vtd_page_key(const struct teeio_tlp *tlp,
                                    const struct vtd_context *context)
{
    bool first = context->stage1;

    return (struct teeio_iotlb_key){
        .t = tlp->t,
        .privileged = first && tlp->pasid_valid && tlp->privileged,
        .execute = first && tlp->pasid_valid && tlp->execute &&
                   tlp->kind != TEEIO_TLP_MWR,
        .substream_valid = first,
        .substream = context->pasid,
        .stream = context->domain,
        .address = tlp->address,
    };
}

bool vtd_recall_found(const struct teeio_vtd *vtd, const struct teeio_tlp *tlp,
                      struct vtd_found *found)
{
    const struct teeio_iotlb_key key = device_key(tlp);
    bool scalable = vtd_mode(vtd) == TEEIO_VTD_TTM_SCALABLE;

    return vtd->caches.contexts &&
           teeio_iotlb_context(vtd->caches.contexts, &key, found) &&
           found->device.scalable == scalable;
}

void vtd_remember_found(struct vtd_request *request,
                        const struct vtd_found *found)
{
    const struct teeio_iotlb_key key = device_key(request->tlp);

    if (request->vtd->caches.contexts) {
        teeio_iotlb_add_context(request->vtd->caches.contexts, &key, found,
                                true, found->context.domain,
                                request->contexts_stamp);
    }
}

bool vtd_recall_context(const struct teeio_vtd *vtd,
                        const struct teeio_tlp *tlp, uint32_t pasid,
                        struct vtd_context *context)
{
    const struct teeio_iotlb_key key = pasid_key(tlp, pasid);

    return vtd->caches.pasids &&
           teeio_iotlb_context(vtd->caches.pasids, &key, context);
}

void vtd_remember_context(struct vtd_request *request, uint32_t pasid,
                          const struct vtd_context *context)
{
    const struct teeio_iotlb_key key = pasid_key(request->tlp, pasid);

    if (request->vtd->caches.pasids) {
        teeio_iotlb_add_context(request->vtd->caches.pasids, &key, context,
                                true, context->domain, request->pasids_stamp);
    }
}

void vtd_remember_page(struct vtd_request *request,
                       const struct vtd_context *context)
{
    const struct teeio_translation *answer = request->answer;
    const struct teeio_walk_cache *cache = &request->cache;
    struct teeio_iotlb_entry entry = {
        .output = answer->output & ~answer->page_mask,
        .attributes =
            answer->perm | answer->s1 << PAGE_S1 | answer->s2 << PAGE_S2,
        .vmid = context->domain,
        .asid = context->pasid,
        .stage1 = context->stage1,
        .nested = context->stage1 && context->stage2,
    };

    if (!cache->tlb || answer->verdict != TEEIO_VERDICT_OK ||
        answer->via != TEEIO_VIA_WALK) {
        return;
    }
    entry.size_bits = __builtin_popcountll(answer->page_mask);
    teeio_iotlb_add(cache->tlb, &cache->key, &entry, cache->stamp);
}

/* Returns: false unless tables translate such requests. */
static bool recall_tables(const struct teeio_vtd *vtd,
                          const struct teeio_tlp *tlp,
                          struct vtd_context *context)
{
    struct vtd_found found;
    const struct vtd_device *device = &found.device;
    uint32_t pasid;

    if (!vtd_recall_found(vtd, tlp, &found)) {
        return false;
    }
    if (!device->scalable) {
        *context = found.context;
        return !tlp->pasid_valid && context->stage2;
    }
    pasid = tlp->pasid_valid ? tlp->pasid : device->rid_pasid;
    if ((tlp->pasid_valid && !device->pasids) || pasid >> device->pasid_bits ||
        !vtd_recall_context(vtd, tlp, pasid, context)) {
        return false;
    }
    if (tlp->pasid_valid && ((tlp->privileged && !context->sre) ||
                             (tlp->execute && !context->ere))) {
        return false;
    }
    return context->stage1 || context->stage2;
}

static bool recall_page(const struct teeio_vtd *vtd,
                        const struct teeio_tlp *tlp,
                        struct teeio_translation *answer)
{
    const struct teeio_t_rule *rule = teeio_t_policy_rule(vtd->policy, tlp->t);
    unsigned wanted =
        tlp->kind == TEEIO_TLP_MWR ? TEEIO_PERM_WRITE : TEEIO_PERM_READ;
    struct vtd_context context;
    struct teeio_iotlb_key key;
    uint64_t found;
    unsigned bits;

    if (tlp->at != TEEIO_AT_UNTRANSLATED || rule->blocked ||
        !rule->guest_stage1 || (rule->plain && tlp->pasid_valid) ||
        (!tlp->pasid_valid && vtd_interrupt_range(tlp->address)) ||
        !recall_tables(vtd, tlp, &context)) {
        return false;
    }
    key = vtd_page_key(tlp, &context);
    found = teeio_iotlb_find(vtd->caches.pages, &key, &bits);
    if (!(found & wanted)) {
        /* A refusal is for a walk to make: its record has more to say. */
        return false;
    }
    memset(answer, 0, sizeof(*answer));
    answer->verdict = TEEIO_VERDICT_OK;
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
static bool confirmed(const struct teeio_vtd *vtd, const struct teeio_tlp *tlp,
                      const struct teeio_translation *answer)
{
    struct teeio_vtd plain = {
        .host = vtd->host,
        .ownership = vtd->ownership,
        .policy = vtd->policy,
        .walk = vtd->walk,
        .root = vtd->root,
    };
    struct teeio_translation now;

    vtd_views(&plain);
    memcpy(plain.values, vtd->values, sizeof(plain.values));
    vtd_answer(&plain, tlp, &now);
    return now.verdict == answer->verdict && now.output == answer->output &&
           !(answer->perm & ~now.perm);
}

/* Tables that a T=1 walk has trusted may be the host's by now. */
static bool owners_changed(const struct teeio_vtd *vtd)
{
    return vtd->ownership &&
           teeio_ownership_changes(vtd->ownership) !=
               atomic_load_explicit(&vtd->owners, memory_order_acquire);
}

void vtd_caches_refresh(struct teeio_vtd *vtd)
{
    if (vtd->caches.pages && owners_changed(vtd)) {
        uint64_t changes = teeio_ownership_changes(vtd->ownership);

        vtd_caches_forget(vtd);
        atomic_store(&vtd->owners, changes);
    }
}

/* Are there tables at all that answers could come from? */
static bool translating(const struct teeio_vtd *vtd)
{
    return vtd->caches.pages && vtd_enabled(vtd, TEEIO_VTD_GCMD_TE) &&
           vtd_mode(vtd) <= TEEIO_VTD_TTM_SCALABLE;
}

/* Loses some when threads meet, and costs them nothing. */
static void count_hit(struct teeio_vtd *vtd)
{
    uint64_t hits = atomic_load_explicit(&vtd->hits, memory_order_relaxed);

    atomic_store_explicit(&vtd->hits, hits + 1, memory_order_relaxed);
}

uint64_t teeio_vtd_epoch(const struct teeio_vtd *vtd)
{
    uint64_t epoch = 1;

    if (!atomic_load_explicit(&vtd->live, memory_order_acquire)) {
        return 0;
    }
    if (vtd->ownership) {
        epoch += teeio_ownership_changes(vtd->ownership);
    }
    return epoch + teeio_iotlb_stamp(vtd->caches.contexts) +
           teeio_iotlb_stamp(vtd->caches.pasids) +
           teeio_iotlb_stamp(vtd->caches.pages);
}

bool teeio_vtd_kept(struct teeio_vtd *vtd, uint64_t epoch)
{
    if (!epoch || teeio_vtd_epoch(vtd) != epoch) {
        return false;
    }
    count_hit(vtd);
    return true;
}

bool teeio_vtd_recall(struct teeio_vtd *vtd, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer)
{
    if (!atomic_load_explicit(&vtd->live, memory_order_acquire) ||
        owners_changed(vtd) || !recall_page(vtd, tlp, answer)) {
        return false;
    }
    count_hit(vtd);
    return true;
}

bool vtd_recall_checked(struct teeio_vtd *vtd, const struct teeio_tlp *tlp,
                        struct teeio_translation *answer)
{
    if (!vtd->check || !translating(vtd) || !recall_page(vtd, tlp, answer)) {
        return false;
    }
    if (!confirmed(vtd, tlp, answer)) {
        answer->via = TEEIO_VIA_STALE;
        vtd->stats.iotlb_stale++;
    }
    count_hit(vtd);
    return true;
}

void vtd_caches_forget(struct teeio_vtd *vtd)
{
    struct vtd_caches *caches = &vtd->caches;

    if (caches->pages) {
        teeio_iotlb_drop_all(caches->contexts);
        teeio_iotlb_drop_all(caches->pasids);
        teeio_iotlb_drop_all(caches->pages);
    }
    vtd_caches_update(vtd);
}

void vtd_caches_update(struct teeio_vtd *vtd)
{
    atomic_store(&vtd->live, translating(vtd) && !vtd->check);
}

void vtd_caches_free(struct vtd_caches *caches)
{
    teeio_iotlb_free(caches->contexts);
    teeio_iotlb_free(caches->pasids);
    teeio_iotlb_free(caches->pages);
    *caches = (struct vtd_caches){0};
}

bool teeio_vtd_set_iotlb(struct teeio_vtd *vtd, bool on, bool check)
{
    struct vtd_caches *caches = &vtd->caches;

    if (on && !caches->pages) {
        caches->contexts = teeio_iotlb_new(OTHERS, sizeof(struct vtd_found));
        caches->pasids = teeio_iotlb_new(OTHERS, sizeof(struct vtd_context));
        caches->pages = teeio_iotlb_new(PAGES, 0);
        if (!caches->contexts || !caches->pasids || !caches->pages) {
            vtd_caches_free(caches);
            vtd_caches_update(vtd);
            return false;
        }
    } else if (!on) {
        vtd_caches_free(caches);
    }
    vtd->check = check;
    vtd_caches_update(vtd);
    return true;
}
