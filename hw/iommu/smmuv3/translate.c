/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "context.h"

bool smmuv3_beyond(uint64_t address)
{
    return address & ~teeio_low_bits(SMMUV3_OAS_BITS);
}

uint64_t smmuv3_c_bit(const struct smmuv3_request *request)
{
    return request->rule->claims
               ? UINT64_C(1) << request->iface->smmu->claims.c_bit
               : 0;
}

/* The C bit or vTOM: which kind of page T=1 means. */
static enum teeio_owner claimed(struct smmuv3_request *request,
                                const struct smmuv3_context *context,
                                const struct teeio_walk *walk)
{
    struct teeio_translation *answer = request->answer;
    uint64_t vtom = request->iface->smmu->claims.vtom;
    uint64_t first = request->tlp->address & ~answer->page_mask;

    if (context && context->stage1 && walk) {
        return walk->marked ? TEEIO_OWNER_PRIVATE : TEEIO_OWNER_SHARED;
    }
    if (first < vtom && first + answer->page_mask >= vtom) {
        /* A page cannot be kept for both sides. */
        answer->page_mask = TEEIO_PAGE_SIZE - 1;
    }
    return request->tlp->address < vtom ? TEEIO_OWNER_PRIVATE
                                        : TEEIO_OWNER_SHARED;
}

/* IHI 0070 3.10.3: the output address space of a Realm stream. */
static enum teeio_owner realm_space(const struct smmuv3_context *context,
                                    const struct teeio_walk *walk)
{
    bool non_secure = false;

    if (context && walk) {
        non_secure = walk->non_secure;
    } else if (context) {
        non_secure = context->nscfg == TEEIO_STE_NSCFG_NON_SECURE;
    }
    return non_secure ? TEEIO_OWNER_SHARED : TEEIO_OWNER_PRIVATE;
}

void smmuv3_claim(struct smmuv3_request *request,
                  const struct smmuv3_context *context,
                  const struct teeio_walk *walk)
{
    struct teeio_translation *answer = request->answer;

    if (smmuv3_is_realm(request->iface)) {
        answer->expected = realm_space(context, walk);
    } else if (request->rule->claims) {
        answer->expected = request->tlp->t ? claimed(request, context, walk)
                                           : TEEIO_OWNER_SHARED;
    }
}

static void abort_silently(struct smmuv3_request *request)
{
    request->answer->verdict = TEEIO_VERDICT_ABORTED;
}

void smmuv3_pass(struct smmuv3_request *request,
                 const struct smmuv3_context *context, enum teeio_stage s1)
{
    struct teeio_translation *answer = request->answer;

    answer->verdict = TEEIO_VERDICT_OK;
    answer->s1 = s1;
    answer->via = TEEIO_VIA_IDENTITY;
    answer->output = request->tlp->address;
    answer->page_mask = TEEIO_PAGE_SIZE - 1;
    answer->perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE;
    smmuv3_claim(request, context, NULL);
}

static void disabled(struct smmuv3_request *request)
{
    const struct smmuv3_interface *iface = request->iface;

    if (iface->values[REG_GBPA] & TEEIO_GBPA_ABORT ||
        smmuv3_beyond(request->tlp->address)) {
        /* IHI 0070 3.4 and 6.3.14: no event while SMMUEN is 0. */
        abort_silently(request);
        return;
    }
    smmuv3_pass(request, NULL, TEEIO_STAGE_OFF);
}

/*
 * The host's identity in place of what the guest configured; the context is
 * NULL when that could not be found out.
 */
static void skip(struct smmuv3_request *request,
                 const struct smmuv3_context *context)
{
    /* A fault of the lookup is the guest's own and does not count. */
    memset(request->answer, 0, sizeof(*request->answer));
    if (smmuv3_beyond(request->tlp->address)) {
        /* IHI 0070 3.4: such an address cannot be presented as output. */
        abort_silently(request);
        return;
    }
    smmuv3_pass(request, context,
                context && !context->stage1 ? TEEIO_STAGE_BYPASS
                                            : TEEIO_STAGE_SKIPPED);
    if (context && context->stage2) {
        request->answer->s2 = TEEIO_STAGE_SKIPPED;
    }
}

static void bypass(struct smmuv3_request *request,
                   const struct smmuv3_context *context)
{
    smmuv3_pass(request, context, TEEIO_STAGE_BYPASS);
    if (smmuv3_is_realm(request->iface) && request->access.execute &&
        request->answer->expected == TEEIO_OWNER_SHARED) {
        /* IHI 0070 3.10.3.3: Realm code comes from Realm memory. */
        smmuv3_end(request, (struct smmuv3_fault){
                                .type = TEEIO_EVT_F_PERMISSION,
                                .stage = 1,
                                .eclass = TEEIO_EVT_CLASS_IN,
                            });
    }
}

void smmuv3_walk(struct smmuv3_request *request,
                 const struct smmuv3_context *context)
{
    struct teeio_walk_stage stage1 = {&teeio_arm_stage1_ops, &context->s1};
    struct teeio_walk_stage stage2 = {&teeio_arm_stage2_ops, &context->s2};
    struct teeio_translation *answer = request->answer;
    uint64_t address = request->tlp->address;
    struct teeio_walk walk;

    if (!context->stage1 && smmuv3_beyond(address)) {
        /* IHI 0070 3.4: counted as stage 1, although none is there. */
        smmuv3_end(request, (struct smmuv3_fault){
                                .type = TEEIO_EVT_F_ADDR_SIZE,
                                .stage = 1,
                                .eclass = TEEIO_EVT_CLASS_IN,
                            });
        return;
    }
    if (!context->stage1 && !context->stage2) {
        bypass(request, context);
        return;
    }

    walk =
        teeio_walk(&request->memory, context->stage1 ? &stage1 : NULL,
                   context->stage2 ? &stage2 : NULL, address, request->access);
    answer->via = TEEIO_VIA_WALK;
    answer->s1 = context->stage1    ? TEEIO_STAGE_OK
                 : context->skipped ? TEEIO_STAGE_SKIPPED
                                    : TEEIO_STAGE_BYPASS;
    if (walk.status != TEEIO_WALK_OK) {
        unsigned eclass =
            walk.on_table ? TEEIO_EVT_CLASS_TT : TEEIO_EVT_CLASS_IN;

        if (context->stage1 && walk.on_table) {
            answer->s1 = TEEIO_STAGE_OFF;
        }
        smmuv3_end_walk(request, context, &walk, eclass);
        return;
    }
    answer->verdict = TEEIO_VERDICT_OK;
    answer->s2 = context->stage2 ? TEEIO_STAGE_OK : TEEIO_STAGE_OFF;
    answer->output = walk.output;
    answer->page_mask = walk.page_mask;
    answer->perm = walk.perm;
    request->global = walk.global;
    smmuv3_claim(request, context, &walk);
}

static void walk_and_remember(struct smmuv3_request *request,
                              const struct smmuv3_context *context)
{
    if (request->cache.tlb) {
        request->cache.vmid = context->vmid;
        request->cache.asid = context->asid;
        request->memory.cache = &request->cache;
        if (context->stage1 != context->stage2 && !request->rule->claims) {
            request->cache.line = &request->line;
        }
    }
    smmuv3_walk(request, context);
    smmuv3_remember_page(request, context);
}

static void enabled(struct smmuv3_request *request)
{
    const struct teeio_t_rule *rule = request->rule;
    struct smmuv3_context context;
    struct teeio_ste ste;

    if (smmuv3_recall_context(request, &context)) {
        walk_and_remember(request, &context);
    } else if (!smmuv3_stream(request, &ste, &context)) {
        if (!rule->guest_stage1 && !rule->stage2_only) {
            skip(request, NULL);
        }
    } else if (!context.pass) {
        /* IHI 0070 5.2, Config: abort without an event. */
        abort_silently(request);
    } else if (rule->stage2_only && context.stage2) {
        context.skipped = context.stage1;
        context.stage1 = false;
        smmuv3_remember_context(request, &context);
        walk_and_remember(request, &context);
    } else if (!rule->guest_stage1 && (context.stage1 || context.stage2)) {
        skip(request, &context);
    } else if (smmuv3_substream(request, &ste, &context)) {
        smmuv3_remember_context(request, &context);
        walk_and_remember(request, &context);
    }
}

/* Tables seen with the host's rights: ciphertext is not a table. */
static bool read_as_host(void *opaque, uint64_t gpa, void *buf, size_t len,
                         bool trusted)
{
    const struct teeio_host *host = opaque;

    return !trusted && host->read(host->opaque, gpa, buf, len, false);
}

static bool cmpxchg_as_host(void *opaque, uint64_t gpa, uint64_t *expected,
                            uint64_t desired, bool trusted)
{
    const struct teeio_host *host = opaque;

    return !trusted &&
           host->cmpxchg(host->opaque, gpa, expected, desired, false);
}

void smmuv3_answer(const struct smmuv3_interface *iface,
                   const struct teeio_tlp *tlp,
                   struct teeio_translation *answer)
{
    const struct teeio_t_rule *rule = iface->smmu->rules[tlp->t];
    const struct teeio_host as_host = {
        .opaque = (void *)iface->smmu->host,
        .read = read_as_host,
        .cmpxchg = cmpxchg_as_host,
    };
    bool write = tlp->kind == TEEIO_TLP_MWR;
    bool ats = tlp->at != TEEIO_AT_UNTRANSLATED;
    struct smmuv3_request request = {
        .iface = iface,
        .rule = rule,
        .tlp = tlp,
        .memory =
            {
                .host = rule->host_tables ? &as_host : iface->smmu->host,
                .ownership = iface->smmu->ownership,
                .private_only = rule->private_tables,
                .shared_stage2 = rule->shared_stage2,
            },
        .access =
            {
                .write = write,
                .privileged = tlp->privileged,
                .execute = !write && tlp->execute,
            },
        .answer = answer,
        .cache = {.tlb = iface->iotlb},
    };

    if (iface->iotlb) {
        request.cache.key = smmuv3_iotlb_key(tlp);
        request.cache.stamp = teeio_iotlb_stamp(iface->iotlb);
    }
    memset(answer, 0, sizeof(*answer));
    if (rule->blocked || (rule->plain && (ats || tlp->pasid_valid)) ||
        (ats && !rule->guest_stage1)) {
        /* Identity is no service that a device could ask ATS for. */
        answer->verdict = TEEIO_VERDICT_BLOCKED;
        answer->completion = TEEIO_COMPLETION_UR;
    } else if (!tlp->t && tlp->address & smmuv3_c_bit(&request)) {
        /* A private page is nothing that T=0 could ask for. */
        answer->verdict = TEEIO_VERDICT_BLOCKED;
    } else if (tlp->at == TEEIO_AT_TRANSLATION_REQUEST) {
        smmuv3_translation_request(&request);
    } else if (tlp->at == TEEIO_AT_TRANSLATED) {
        smmuv3_translated(&request);
    } else if (!smmuv3_enabled(iface, TEEIO_CR0_SMMUEN)) {
        disabled(&request);
    } else {
        enabled(&request);
    }
}
