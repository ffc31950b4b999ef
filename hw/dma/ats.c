/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * How the engine comes to a translated address: from its cache, by a
 * translation request, or after a page request (PCIe 10.2 and 10.4).
 */
#include "engine.h"
#include "teeio/spec/tdi.h"

/* A translation completion has 8 bytes for each page (PCIe 10.2.3). */
#define TRANSLATION_SIZE 8u
#define GROUP_MASK       0x1ffu

/* Answers "success" that change nothing, before the device gives up. */
#define MAX_TRIES 16u

static enum teeio_progress fail(struct teeio_engine *engine, uint64_t address,
                                uint32_t status)
{
    struct teeio_transfer *transfer = &engine->transfer;

    transfer->desc.status = status;
    transfer->desc.failed = address;
    transfer->wait = TEEIO_WAIT_NONE;
    return TEEIO_PROGRESS_ENDED;
}

/* Returns: false when the completion was not a success. */
static bool request_translation(struct teeio_engine *engine,
                                const struct teeio_tlp *tlp,
                                struct teeio_translation *answer)
{
    struct teeio_tlp request = *tlp;
    struct teeio_dma dma;

    request.at = TEEIO_AT_TRANSLATION_REQUEST;
    request.address &= ~(uint64_t)(TEEIO_TLP_BOUNDARY - 1);
    request.length = TRANSLATION_SIZE;
    request.may_stall = false;
    if (!teeio_engine_put_on_stream(engine, &request)) {
        engine->refused++;
        return false;
    }
    engine->tlps[request.t]++;
    if (teeio_fabric_resolve(engine->fabric, &request, &dma) !=
        TEEIO_VERDICT_OK) {
        engine->refused++;
        return false;
    }
    *answer = dma.xlate;
    teeio_atc_add(&engine->atc, &request, answer);
    return true;
}

static enum teeio_progress request_page(struct teeio_engine *engine,
                                        const struct teeio_tlp *tlp)
{
    struct teeio_transfer *transfer = &engine->transfer;
    const struct teeio_page_request request = {
        .requester = engine->requester,
        .pasid_valid = tlp->pasid_valid,
        .pasid = tlp->pasid,
        .group = ++engine->group & GROUP_MASK,
        .address = tlp->address & ~(uint64_t)(TEEIO_TLP_BOUNDARY - 1),
        .read = tlp->kind == TEEIO_TLP_MRD,
        .write = tlp->kind == TEEIO_TLP_MWR,
        .last = true,
        .t = tlp->t,
    };

    if (!engine->pages.request || !engine->services.pri ||
        transfer->tries >= MAX_TRIES) {
        return fail(engine, tlp->address, TEEIO_TDI_STATUS_PRI_DENIED);
    }
    transfer->tries++;
    transfer->wait = TEEIO_WAIT_PAGE;
    transfer->answered = false;
    transfer->tag = request.group;
    /* The answer may come before this returns. */
    engine->pages.request(engine->pages.opaque, &request);
    return TEEIO_PROGRESS_WAITING;
}

static void use(struct teeio_tlp *tlp, uint64_t output, uint64_t page_mask)
{
    tlp->at = TEEIO_AT_TRANSLATED;
    tlp->address = (output & ~page_mask) | (tlp->address & page_mask);
    /* PCIe 6.20.2: a translated address needs no PASID any more. */
    tlp->pasid_valid = false;
    tlp->pasid = 0;
    tlp->may_stall = false;
}

enum teeio_progress teeio_engine_translate(struct teeio_engine *engine,
                                           struct teeio_tlp *tlp)
{
    struct teeio_transfer *transfer = &engine->transfer;
    unsigned need =
        tlp->kind == TEEIO_TLP_MWR ? TEEIO_PERM_WRITE : TEEIO_PERM_READ;
    const struct teeio_atc_entry *entry;
    struct teeio_translation answer;

    if (transfer->wait == TEEIO_WAIT_PAGE) {
        transfer->wait = TEEIO_WAIT_NONE;
        if (transfer->outcome != TEEIO_PAGE_SUCCESS) {
            /* PCIe 10.4.2.1: asking again would not help. */
            return fail(engine, tlp->address, TEEIO_TDI_STATUS_PRI_DENIED);
        }
    }
    if (!engine->services.ats) {
        /* PCIe 10.5.1.3: disabled while the transfer was under way. */
        return fail(engine, tlp->address, TEEIO_TDI_STATUS_ATS_REFUSED);
    }
    entry = teeio_atc_find(&engine->atc, tlp, need);
    if (entry) {
        use(tlp, entry->output, entry->page_mask);
        return TEEIO_PROGRESS_GOES_ON;
    }
    if (!request_translation(engine, tlp, &answer)) {
        /* PCIe 10.2.3: Unsupported Request or Completer Abort. */
        return fail(engine, tlp->address, TEEIO_TDI_STATUS_ATS_REFUSED);
    }
    if (answer.perm & need) {
        transfer->tries = 0;
        use(tlp, answer.output, answer.page_mask);
        return TEEIO_PROGRESS_GOES_ON;
    }
    if (!(transfer->desc.control & TEEIO_TDI_DESC_PRI)) {
        /* PCIe 10.2.3: the right that is needed was not granted. */
        return fail(engine, tlp->address, TEEIO_TDI_STATUS_ATS_REFUSED);
    }
    return request_page(engine, tlp);
}
