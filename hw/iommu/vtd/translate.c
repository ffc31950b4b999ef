/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "context.h"

void vtd_pass(struct vtd_request *request, enum teeio_stage s1,
              enum teeio_stage s2)
{
    struct teeio_translation *answer = request->answer;

    answer->verdict = TEEIO_VERDICT_OK;
    answer->s1 = s1;
    answer->s2 = s2;
    answer->via = TEEIO_VIA_IDENTITY;
    answer->output = request->tlp->address;
    answer->page_mask = TEEIO_PAGE_SIZE - 1;
    answer->perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE;
}

static bool beyond_host(uint64_t address)
{
    return address & ~teeio_low_bits(TEEIO_VTD_HOST_ADDRESS_BITS);
}

/*
 * What becomes of a request while the unit does not translate: this is the
 * only place that knows.
 */
static void disabled(struct vtd_request *request)
{
    if (beyond_host(request->tlp->address)) {
        /* No such physical address; no fault is reported while TES is 0. */
        request->answer->verdict = TEEIO_VERDICT_ABORTED;
        return;
    }
    vtd_pass(request, TEEIO_STAGE_OFF, TEEIO_STAGE_OFF);
}

/*
 * The host's identity in place of what the guest configured; the context is
 * NULL when that could not be found out.
 */
static void skip(struct vtd_request *request, const struct vtd_context *context)
{
    enum teeio_stage s1 = TEEIO_STAGE_SKIPPED;
    enum teeio_stage s2 = TEEIO_STAGE_OFF;

    /* A fault of the lookup is the guest's own and does not count. */
    memset(request->answer, 0, sizeof(*request->answer));
    if (beyond_host(request->tlp->address)) {
        request->answer->verdict = TEEIO_VERDICT_ABORTED;
        return;
    }
    if (context) {
        s1 = context->stage1 ? TEEIO_STAGE_SKIPPED : TEEIO_STAGE_BYPASS;
        s2 = context->stage2 ? TEEIO_STAGE_SKIPPED : TEEIO_STAGE_OFF;
    }
    vtd_pass(request, s1, s2);
}

static void pass_through(struct vtd_request *request,
                         const struct vtd_context *context)
{
    uint64_t address = request->tlp->address;

    if (beyond_host(address)) {
        /* VT-d 7.1.3, LGN.1 and SGN.4. */
        vtd_end(request, context->scalable ? TEEIO_VTD_SGN_4 : TEEIO_VTD_LGN_1);
        return;
    }
    if (vtd_interrupt_range(address)) {
        /* VT-d 7.1.3, LGN.4 and SGN.8. */
        vtd_end(request, context->scalable ? TEEIO_VTD_SGN_8 : TEEIO_VTD_LGN_4);
        return;
    }
    vtd_pass(request, TEEIO_STAGE_BYPASS, TEEIO_STAGE_OFF);
}

/* VT-d 7.1.3, SPT.5 and SPT.6: may such a request be made here at all? */
static bool permitted(struct vtd_request *request,
                      const struct vtd_context *context)
{
    if (request->access.execute && !context->ere) {
        return vtd_end(request, TEEIO_VTD_SPT_5);
    }
    if (request->access.privileged && !context->sre) {
        return vtd_end(request, TEEIO_VTD_SPT_6);
    }
    return true;
}

/* Large pages must not hide the window of interrupts that lies in them. */
static uint64_t around_interrupts(uint64_t address, uint64_t page_mask)
{
    uint64_t window = TEEIO_VTD_INTERRUPT_LAST - TEEIO_VTD_INTERRUPT_BASE;

    if (page_mask > window &&
        !((address ^ TEEIO_VTD_INTERRUPT_BASE) & ~page_mask)) {
        return window;
    }
    return page_mask;
}

void vtd_walk(struct vtd_request *request, const struct vtd_context *context)
{
    struct teeio_walk_stage stage1 = {&teeio_x86_first_ops, &context->s1};
    struct teeio_walk_stage stage2 = {&teeio_x86_second_ops, &context->s2};
    struct teeio_translation *answer = request->answer;
    uint64_t address = request->tlp->address;
    struct teeio_walk walk;

    if (!permitted(request, context)) {
        return;
    }
    if (!context->stage1 && !context->stage2) {
        pass_through(request, context);
        return;
    }
    walk =
        teeio_walk(&request->memory, context->stage1 ? &stage1 : NULL,
                   context->stage2 ? &stage2 : NULL, address, request->access);
    answer->via = TEEIO_VIA_WALK;
    answer->s1 = context->stage1 ? TEEIO_STAGE_OK : TEEIO_STAGE_BYPASS;
    if (walk.status != TEEIO_WALK_OK) {
        if (context->stage1 && walk.on_table) {
            answer->s1 = TEEIO_STAGE_OFF;
        }
        vtd_end_walk(request, context, &walk);
        return;
    }
    answer->s2 = context->stage2 ? TEEIO_STAGE_OK : TEEIO_STAGE_OFF;
    if (vtd_interrupt_range(walk.output)) {
        /* VT-d 7.1.3, LGN.4 and SGN.8. */
        vtd_end(request, context->scalable ? TEEIO_VTD_SGN_8 : TEEIO_VTD_LGN_4);
        return;
    }
    answer->verdict = TEEIO_VERDICT_OK;
    answer->output = walk.output;
    answer->page_mask = around_interrupts(
        address, around_interrupts(walk.output, walk.page_mask));
    answer->perm = walk.perm;
}

bool vtd_lookup_device(struct vtd_request *request, struct vtd_found *found)
{
    const struct teeio_vtd *vtd = request->vtd;

    if (vtd_mode(vtd) == TEEIO_VTD_TTM_LEGACY && request->tlp->pasid_valid) {
        /* VT-d 7.1.3, RTA.2. */
        return vtd_end(request, TEEIO_VTD_RTA_2);
    }
    if (vtd_recall_found(vtd, request->tlp, found)) {
        request->fpd = found->device.fpd;
        return true;
    }
    switch (vtd_mode(vtd)) {
    case TEEIO_VTD_TTM_LEGACY:
        if (!vtd_legacy_context(request, found)) {
            return false;
        }
        break;
    case TEEIO_VTD_TTM_SCALABLE:
        *found = (struct vtd_found){0};
        if (!vtd_scalable_device(request, &found->device)) {
            return false;
        }
        break;
    default:
        /* VT-d 7.1.3, RTA.1. */
        return vtd_end(request, TEEIO_VTD_RTA_1);
    }
    vtd_remember_found(request, found);
    return true;
}

bool vtd_lookup_context(struct vtd_request *request, struct vtd_found *found)
{
    uint32_t pasid;

    if (!found->device.scalable) {
        return true;
    }
    if (!vtd_pasid(request, &found->device, &pasid)) {
        return false;
    }
    if (vtd_recall_context(request->vtd, request->tlp, pasid,
                           &found->context)) {
        request->fpd |= found->context.fpd;
        return true;
    }
    if (!vtd_scalable_context(request, &found->device, &found->context)) {
        return false;
    }
    vtd_remember_context(request, pasid, &found->context);
    return true;
}

static void enabled(struct vtd_request *request,
                    const struct teeio_t_rule *rule)
{
    struct vtd_found found;
    const struct vtd_context *context = &found.context;

    if (vtd_mode(request->vtd) == TEEIO_VTD_TTM_ABORT) {
        /* VT-d 3.3: everything is refused, and nothing recorded. */
        request->answer->verdict = TEEIO_VERDICT_ABORTED;
        return;
    }
    if (!vtd_lookup_device(request, &found) ||
        !vtd_lookup_context(request, &found)) {
        if (!rule->guest_stage1) {
            skip(request, NULL);
        }
        return;
    }
    if (!rule->guest_stage1 && (context->stage1 || context->stage2)) {
        skip(request, context);
        return;
    }
    if (request->cache.tlb) {
        request->cache.key = vtd_page_key(request->tlp, context);
        request->cache.vmid = context->domain;
        request->cache.asid = context->pasid;
        request->memory.cache = &request->cache;
    }
    vtd_walk(request, context);
    vtd_remember_page(request, context);
}

/* Whoever lies outside the TCB sees the bank that the host sees. */
static bool read_shared(void *opaque, uint64_t gpa, void *buf, size_t len,
                        bool trusted)
{
    const struct teeio_host *host = opaque;

    (void)trusted;
    return host->read(host->opaque, gpa, buf, len, false);
}

static bool write_shared(void *opaque, uint64_t gpa, const void *buf,
                         size_t len, bool trusted)
{
    const struct teeio_host *host = opaque;

    (void)trusted;
    return host->write(host->opaque, gpa, buf, len, false);
}

static bool cmpxchg_shared(void *opaque, uint64_t gpa, uint64_t *expected,
                           uint64_t desired, bool trusted)
{
    const struct teeio_host *host = opaque;

    (void)trusted;
    return host->cmpxchg(host->opaque, gpa, expected, desired, false);
}

/* Tables seen with the host's rights: ciphertext is not a table. */
static bool read_as_host(void *opaque, uint64_t gpa, void *buf, size_t len,
                         bool trusted)
{
    return !trusted && read_shared(opaque, gpa, buf, len, false);
}

static bool cmpxchg_as_host(void *opaque, uint64_t gpa, uint64_t *expected,
                            uint64_t desired, bool trusted)
{
    return !trusted && cmpxchg_shared(opaque, gpa, expected, desired, false);
}

void vtd_views(struct teeio_vtd *vtd)
{
    const struct teeio_host shared = {
        .opaque = (void *)vtd->host,
        .read = read_shared,
        .write = write_shared,
        .cmpxchg = cmpxchg_shared,
    };

    vtd->own_view = vtd->walk == TEEIO_VTD_WALK_HOST ? shared : *vtd->host;
    vtd->host_view = (struct teeio_host){
        .opaque = (void *)vtd->host,
        .read = read_as_host,
        .cmpxchg = cmpxchg_as_host,
    };
}

void vtd_answer(const struct teeio_vtd *vtd, const struct teeio_tlp *tlp,
                struct teeio_translation *answer)
{
    const struct teeio_t_rule *rule = teeio_t_policy_rule(vtd->policy, tlp->t);
    bool write = tlp->kind == TEEIO_TLP_MWR;
    bool ats = tlp->at != TEEIO_AT_UNTRANSLATED;
    struct vtd_request request = {
        .vtd = vtd,
        .tlp = tlp,
        .memory =
            {
                .host = rule->host_tables ? &vtd->host_view : &vtd->own_view,
                .ownership = vtd->ownership,
                .private_only = rule->private_tables,
            },
        .access =
            {
                .write = write,
                .privileged = tlp->pasid_valid && tlp->privileged,
                .execute = !write && tlp->pasid_valid && tlp->execute,
            },
        .answer = answer,
        .cache = {.tlb = vtd->caches.pages},
    };

    if (vtd->caches.pages) {
        request.cache.stamp = teeio_iotlb_stamp(vtd->caches.pages);
        request.contexts_stamp = teeio_iotlb_stamp(vtd->caches.contexts);
        request.pasids_stamp = teeio_iotlb_stamp(vtd->caches.pasids);
    }
    memset(answer, 0, sizeof(*answer));
    if (rule->blocked || (rule->plain && (ats || tlp->pasid_valid)) ||
        (ats && !rule->guest_stage1)) {
        /* Identity is no service that a device could ask ATS for. */
        answer->verdict = TEEIO_VERDICT_BLOCKED;
        answer->completion = TEEIO_COMPLETION_UR;
    } else if (tlp->at == TEEIO_AT_TRANSLATION_REQUEST) {
        vtd_translation_request(&request);
    } else if (tlp->at == TEEIO_AT_TRANSLATED) {
        vtd_translated(&request);
    } else if (!vtd_enabled(vtd, TEEIO_VTD_GCMD_TE)) {
        disabled(&request);
    } else if (!tlp->pasid_valid && vtd_interrupt_range(tlp->address)) {
        /* VT-d 3.14: an interrupt is no DMA. */
        vtd_pass(&request, TEEIO_STAGE_BYPASS, TEEIO_STAGE_OFF);
    } else {
        enabled(&request, rule);
    }
}
