/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * From a TLP to what the guest configured for it: STE, CD and the translation
 * regimes that they describe.
 */
#ifndef TEEIO_SMMUV3_CONTEXT_H
#define TEEIO_SMMUV3_CONTEXT_H

#include "smmuv3-internal.h"

/*
 * struct smmuv3_request - one TLP on its way
 * @rule:   what its T means
 * @memory: guest memory with the rights of this TLP's tables
 * @access: what it asks for, after the overrides of its STE
 * @answer: filled when the way ends
 * @cache:  whose translations these are; not used without an IOTLB
 * @line:   where a walk leaves the pages beside its own
 * @global: the page that was found is one
 */
struct smmuv3_request {
    const struct smmuv3_interface *iface;
    const struct teeio_t_rule *rule;
    const struct teeio_tlp *tlp;
    struct teeio_table_memory memory;
    struct teeio_access access;
    struct teeio_translation *answer;
    struct teeio_walk_cache cache;
    struct teeio_walk_line line;
    bool global;
};

/*
 * struct smmuv3_context - a checked STE and CD, decoded; of one stream and
 * substream, whatever the address
 * @pass:             false: abort silently
 * @stage1, @stage2:  these stages translate
 * @skipped:          stage 1 is configured, but not for this T
 * @substreams:       log2 of the CDs; 0 without substreams
 * @stall_denied:     STE.S1STALLD
 * @eats:             STE.EATS
 * @nscfg, @privcfg, @instcfg: overrides of the STE
 * @vmid, @asid:      tags of what is cached
 * @s1_abort, @s1_record, @s1_stall: CD.A, R and S
 * @s2_record, @s2_stall:            STE.S2R and S2S
 * @s1, @s2:          the regimes
 */
struct smmuv3_context {
    bool pass;
    bool stage1;
    bool stage2;
    bool skipped;
    unsigned substreams;
    bool stall_denied;
    unsigned eats;
    unsigned nscfg;
    unsigned privcfg;
    unsigned instcfg;
    uint16_t vmid;
    uint16_t asid;
    bool s1_abort;
    bool s1_record;
    bool s1_stall;
    bool s2_record;
    bool s2_stall;
    struct teeio_arm_stage1 s1;
    struct teeio_arm_stage2 s2;
};

/*
 * smmuv3_end() - the answer is a fault with a finished record
 *
 * Returns: false, for the convenience of lookups.
 */
bool smmuv3_end(struct smmuv3_request *request, struct smmuv3_fault fault);

/*
 * smmuv3_end_walk() - the same for a walk that was refused
 * @eclass: what was being translated
 *
 * Decides by CD and STE whether the fault is recorded and whether it stalls.
 */
bool smmuv3_end_walk(struct smmuv3_request *request,
                     const struct smmuv3_context *context,
                     const struct teeio_walk *walk, unsigned eclass);

/* smmuv3_end_fetch() - the same for a structure that could not be fetched */
bool smmuv3_end_fetch(struct smmuv3_request *request, unsigned type,
                      uint64_t address, enum teeio_fetch fetch);

/* smmuv3_oa_bits() - output size that IPS or S2PS means here */
unsigned smmuv3_oa_bits(uint64_t code);

/* smmuv3_override() - the access as the STE wants it */
void smmuv3_override(struct smmuv3_request *request,
                     const struct smmuv3_context *context);

/*
 * smmuv3_recall_context() - what smmuv3_substream() has left last time
 *
 * Returns: false when that is not known.
 */
bool smmuv3_recall_context(struct smmuv3_request *request,
                           struct smmuv3_context *context);
void smmuv3_remember_context(struct smmuv3_request *request,
                             const struct smmuv3_context *context);

/* smmuv3_remember_page() - if the answer is one */
void smmuv3_remember_page(struct smmuv3_request *request,
                          const struct smmuv3_context *context);

/*
 * smmuv3_stream() - find and check the STE, apply its overrides
 * @ste: the entry as it is in memory
 *
 * Returns: false when the answer is the final word.
 */
bool smmuv3_stream(struct smmuv3_request *request, struct teeio_ste *ste,
                   struct smmuv3_context *context);

/*
 * smmuv3_substream() - find and check the CD, if stage 1 applies at all
 * @context: from smmuv3_stream(); gets what the CD says
 *
 * Returns: false when the answer is the final word.
 */
bool smmuv3_substream(struct smmuv3_request *request,
                      const struct teeio_ste *ste,
                      struct smmuv3_context *context);

/*
 * smmuv3_claim() - whose page the output of an answer must be
 * @context: NULL when nothing is known of the stream
 * @walk:    NULL when nothing was walked
 */
void smmuv3_claim(struct smmuv3_request *request,
                  const struct smmuv3_context *context,
                  const struct teeio_walk *walk);

/* smmuv3_c_bit() - as a mask; 0 when the T of the request has none */
uint64_t smmuv3_c_bit(const struct smmuv3_request *request);

/* smmuv3_pass() - output is input; @context is NULL when it is not known */
void smmuv3_pass(struct smmuv3_request *request,
                 const struct smmuv3_context *context, enum teeio_stage s1);

/* smmuv3_walk() - both stages, as far as @context has them */
void smmuv3_walk(struct smmuv3_request *request,
                 const struct smmuv3_context *context);

/* smmuv3_beyond() - no such physical or intermediate address can exist */
bool smmuv3_beyond(uint64_t address);

/* smmuv3_translation_request() - ATS: what the device may keep */
void smmuv3_translation_request(struct smmuv3_request *request);

/* smmuv3_translated() - ATS: a request with a kept translation */
void smmuv3_translated(struct smmuv3_request *request);

#endif
