/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * From a TLP to what the guest configured for it: root, context and PASID
 * entries, and the tables that they name.
 */
#ifndef TEEIO_VTD_CONTEXT_H
#define TEEIO_VTD_CONTEXT_H

#include "vtd-internal.h"

/*
 * struct vtd_device - a checked context entry, decoded
 * @scalable:  from which mode it comes
 * @fpd:       its faults are not recorded
 * @dte:       requests of device-TLBs are served
 * @pre:       page requests are taken
 * @pasids:    requests with PASID are taken
 * @pasid_bits: log2 of the PASIDs that the directory has room for
 * @rid_pasid: PASID of requests without one
 * @directory: of PASIDs
 */
struct vtd_device {
    bool scalable;
    bool fpd;
    bool dte;
    bool pre;
    bool pasids;
    unsigned pasid_bits;
    uint32_t rid_pasid;
    uint64_t directory;
};

/*
 * struct vtd_context - what translates requests of one source and PASID
 * @scalable:     by its faults
 * @fpd:          its faults are not recorded
 * @stage1, @stage2: these stages translate; neither: pass-through
 * @domain, @pasid:  tags of what is cached; @pasid is 0 without a first stage
 * @sre, @ere:    supervisor and execute requests are served
 * @s1, @s2:      the tables
 */
struct vtd_context {
    bool scalable;
    bool fpd;
    bool stage1;
    bool stage2;
    uint16_t domain;
    uint32_t pasid;
    bool sre;
    bool ere;
    struct teeio_x86_first s1;
    struct teeio_x86_second s2;
};

/*
 * struct vtd_found - an entry of the cache of contexts
 * @device:  in scalable mode
 * @context: in legacy mode
 */
struct vtd_found {
    struct vtd_device device;
    struct vtd_context context;
};

/*
 * struct vtd_request - one TLP on its way
 * @memory: guest memory with the rights of this TLP's tables
 * @answer: filled when the way ends
 * @fpd:    entries so far have it set
 * @known:  what was looked up was remembered
 * @stamp:  of each cache, taken before the first table is read
 */
struct vtd_request {
    const struct teeio_vtd *vtd;
    const struct teeio_tlp *tlp;
    struct teeio_table_memory memory;
    struct teeio_access access;
    struct teeio_translation *answer;
    bool fpd;
    struct teeio_walk_cache cache;
    uint64_t contexts_stamp;
    uint64_t pasids_stamp;
};

/* vtd_end() - the answer is a fault. Returns: false */
bool vtd_end(struct vtd_request *request, enum teeio_vtd_reason reason);

/* vtd_end_walk() - the same for a walk that was refused */
void vtd_end_walk(struct vtd_request *request,
                  const struct vtd_context *context,
                  const struct teeio_walk *walk);

/* vtd_fetch() - read an entry; a failure has @reason. Returns: success */
bool vtd_fetch(struct vtd_request *request, uint64_t gpa, uint64_t *words,
               unsigned count, enum teeio_vtd_reason reason);

/*
 * vtd_legacy_context() - root and context entry of legacy mode
 *
 * Returns: false when the answer is the final word.
 */
bool vtd_legacy_context(struct vtd_request *request, struct vtd_found *found);

/* vtd_scalable_device() - root and context entry of scalable mode */
bool vtd_scalable_device(struct vtd_request *request,
                         struct vtd_device *device);

/* vtd_scalable_context() - PASID directory and PASID table */
bool vtd_scalable_context(struct vtd_request *request,
                          const struct vtd_device *device,
                          struct vtd_context *context);

/*
 * vtd_pasid() - which PASID does the request stand for?
 *
 * Returns: false when the answer is the final word.
 */
bool vtd_pasid(struct vtd_request *request, const struct vtd_device *device,
               uint32_t *pasid);

/* vtd_recall_found() and the like - the caches of entries */
bool vtd_recall_found(const struct teeio_vtd *vtd, const struct teeio_tlp *tlp,
                      struct vtd_found *found);
void vtd_remember_found(struct vtd_request *request,
                        const struct vtd_found *found);
bool vtd_recall_context(const struct teeio_vtd *vtd,
                        const struct teeio_tlp *tlp, uint32_t pasid,
                        struct vtd_context *context);
void vtd_remember_context(struct vtd_request *request, uint32_t pasid,
                          const struct vtd_context *context);

/* vtd_page_key() - of the page that @tlp touches */
struct teeio_iotlb_key vtd_page_key(const struct teeio_tlp *tlp,
                                    const struct vtd_context *context);

/* vtd_remember_page() - if the answer is one */
void vtd_remember_page(struct vtd_request *request,
                       const struct vtd_context *context);

/*
 * vtd_lookup() - all entries for the request
 * @device: filled in scalable mode; in legacy mode only @dte is
 *
 * Returns: false when the answer is the final word.
 */
bool vtd_lookup_device(struct vtd_request *request, struct vtd_found *found);
bool vtd_lookup_context(struct vtd_request *request, struct vtd_found *found);

/* vtd_pass() - output is input */
void vtd_pass(struct vtd_request *request, enum teeio_stage s1,
              enum teeio_stage s2);

/* vtd_walk() - both stages, as far as @context has them */
void vtd_walk(struct vtd_request *request, const struct vtd_context *context);

/* vtd_translation_request() - ATS: what the device may keep */
void vtd_translation_request(struct vtd_request *request);

/* vtd_translated() - ATS: a request with a kept translation */
void vtd_translated(struct vtd_request *request);

#endif
