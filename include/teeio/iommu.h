/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What an IOMMU answers about one TLP. Every front end (SMMUv3, VT-d, later
 * the RISC-V IOMMU) speaks through this one interface.
 */
#ifndef TEEIO_IOMMU_H
#define TEEIO_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "teeio/disabled.h"
#include "teeio/ownership.h"
#include "teeio/tlp.h"

enum { TEEIO_PERM_NONE = 0, TEEIO_PERM_READ = 1, TEEIO_PERM_WRITE = 2 };

/** enum teeio_verdict - how the way of one DMA ended */
enum teeio_verdict {
    TEEIO_VERDICT_OK,
    TEEIO_VERDICT_UNSUPPORTED, /* the fabric refused it: malformed, or no
                                * window takes it (Unsupported Request) */
    TEEIO_VERDICT_BLOCKED,     /* the T policy of the IOMMU forbids this T */
    TEEIO_VERDICT_ABORTED,     /* the guest's configuration says abort, without
                                * a record (STE.Config 0, GBPA.ABORT) */
    TEEIO_VERDICT_FAULT,       /* translation failed; see the fault record */
    TEEIO_VERDICT_DENIED,      /* page ownership forbids this T */
    TEEIO_VERDICT_NO_MEMORY,   /* nothing answers at the output address */
    TEEIO_VERDICT_STALLED,     /* translation failed; the request waits until
                                * software says how it goes on */
    TEEIO_VERDICT_NO_RESPONSE, /* nobody completes it: completion timeout */
    TEEIO_VERDICT_CONFINED,    /* outside the pool of its sender, or in a
                                * pool of others */
    TEEIO_VERDICTS
};

/** enum teeio_stage - what one stage of translation did */
enum teeio_stage {
    TEEIO_STAGE_OFF,     /* the stage is not implemented or not enabled */
    TEEIO_STAGE_BYPASS,  /* the guest configured this stream to bypass it */
    TEEIO_STAGE_SKIPPED, /* the guest configured it, but this T does not see
                          * it under the T policy: the flip to identity */
    TEEIO_STAGE_OK,      /* translated */
    TEEIO_STAGE_FAULT,   /* refused here */
    TEEIO_STAGES
};

/** enum teeio_via - how the answer was obtained */
enum teeio_via {
    TEEIO_VIA_NONE, /* no IOMMU, or refused before one looked */
    TEEIO_VIA_IDENTITY,
    TEEIO_VIA_WALK,
    TEEIO_VIA_IOTLB, /* remembered from an earlier walk */
    TEEIO_VIA_STALE, /* remembered, and a walk would now say otherwise */
    TEEIO_VIAS
};

/** enum teeio_completion - the status of an answered translation request */
enum teeio_completion {
    TEEIO_COMPLETION_SUCCESS, /* also without any permission: a miss */
    TEEIO_COMPLETION_UR,      /* Unsupported Request: no ATS for this stream */
    TEEIO_COMPLETION_CA,      /* Completer Abort */
};

/**
 * struct teeio_fault - a finished fault record, in the front end's own format
 * @present: the translation faulted
 * @record:  the record belongs into the front end's queue
 * @name:    specification name, e.g. "F_TRANSLATION"; static storage
 * @stage:   1 or 2, 0 when no stage is concerned
 * @dw:      the record, 64-bit words as they are written to memory
 */
struct teeio_fault {
    bool present;
    bool record;
    const char *name;
    unsigned stage;
    uint64_t dw[4];
};

/**
 * struct teeio_translation - the answer about one TLP
 * @verdict:      OK, BLOCKED, ABORTED, FAULT, STALLED or NO_RESPONSE
 * @s1, @s2:      what each stage did
 * @via:          how the answer was obtained
 * @output:       output address of the TLP's own address (valid when OK)
 * @page_mask:    address bits inside the translated page, e.g. 0xfff
 * @perm:         TEEIO_PERM_* of the page for this kind of TLP
 * @expected:     whose page the output must be (valid when OK); NONE for
 *                whatever the T of the TLP may reach
 * @completion:   for a translation request: what the device is told. OK
 *                without permissions is the answer to a mere miss.
 * @ipa_only:     for a translation request: @output is an intermediate
 *                address, which stage 2 translates when it is used
 * @quiet:        with FAULT: the guest wants the access to look completed,
 *                reads as zero, writes ignored
 * @shared_table: a T=1 walk met a table in shared (host-writable) memory
 * @stall_tag:    with STALLED: by what the front end will name the request
 *                when it may go on
 * @disabled:     ARCHITECTED, or the profile that has replaced the answer
 * @when:         with @disabled: the situation of the stream
 * @fault:        finished record when @verdict is FAULT or STALLED
 */
struct teeio_translation {
    enum teeio_verdict verdict;
    enum teeio_stage s1;
    enum teeio_stage s2;
    enum teeio_via via;
    uint64_t output;
    uint64_t page_mask;
    unsigned perm;
    enum teeio_owner expected;
    enum teeio_completion completion;
    bool ipa_only;
    bool quiet;
    bool shared_table;
    uint16_t stall_tag;
    enum teeio_disabled_profile disabled;
    enum teeio_disabled_when when;
    struct teeio_fault fault;
};

/**
 * struct teeio_iommu - a front end, seen from the fabric
 * @translate: answer about @tlp. Reads guest memory only; a fault is queued
 *             (and its interrupt asked for) by the front end after the answer
 *             is complete.
 *
 * Embedded in the front end; found again with container arithmetic there.
 */
struct teeio_iommu {
    void (*translate)(struct teeio_iommu *iommu, const struct teeio_tlp *tlp,
                      struct teeio_translation *answer);
};

const char *teeio_verdict_name(enum teeio_verdict verdict);
const char *teeio_stage_name(enum teeio_stage stage);
const char *teeio_via_name(enum teeio_via via);

#endif
