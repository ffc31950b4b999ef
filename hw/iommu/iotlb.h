/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What an IOMMU remembers: translations, tables and contexts. Bounded, and
 * without allocation after its creation.
 *
 * Lookups and additions may run in any thread, beside one thread at a time
 * that invalidates. A stamp, taken before the first table is read, tells an
 * addition whether an invalidation has overtaken it.
 *
 * Bits 63:56 of an address tell entries apart in lookups but not in
 * invalidations, as they may be a tag.
 */
#ifndef TEEIO_IOMMU_IOTLB_H
#define TEEIO_IOMMU_IOTLB_H

#include <stdbool.h>
#include <stdint.h>

struct teeio_iotlb;

/* enum teeio_iotlb_kind - what an entry is about */
enum teeio_iotlb_kind {
    TEEIO_IOTLB_PAGE,   /* input address to output address, all stages */
    TEEIO_IOTLB_TABLE1, /* input address to last table of stage 1 */
    TEEIO_IOTLB_TABLE2, /* IPA to last table of stage 2 */
    TEEIO_IOTLB_IPA,    /* IPA of a stage 1 table to its page */
    TEEIO_IOTLB_KINDS
};

/*
 * struct teeio_iotlb_key - whose translation
 * @privileged, @execute: kind of access, where the answer depends on it
 */
struct teeio_iotlb_key {
    enum teeio_iotlb_kind kind;
    bool t;
    bool privileged;
    bool execute;
    bool substream_valid;
    uint32_t substream;
    uint32_t stream;
    uint64_t address;
};

/* How much an entry covers: TEEIO_IOTLB_MIN_BITS to TEEIO_IOTLB_MAX_BITS. */
#define TEEIO_IOTLB_MIN_BITS 12u
#define TEEIO_IOTLB_MAX_BITS 43u

/* What fits into @attributes. */
#define TEEIO_IOTLB_ATTRIBUTES 0xfffu

/*
 * struct teeio_iotlb_entry - the answer
 * @output:     of the first byte covered; its low 12 bits are zero
 * @size_bits:  log2 of the bytes covered
 * @attributes: the caller's own
 * @vmid:       tag of all entries
 * @asid:       tag of those with a @stage1 that are not @global
 * @stage1:     made from stage 1 tables
 * @nested:     holds an address that stage 2 has translated for a table
 */
struct teeio_iotlb_entry {
    uint64_t output;
    unsigned size_bits;
    unsigned attributes;
    uint16_t vmid;
    uint16_t asid;
    bool stage1;
    bool nested;
    bool global;
};

/*
 * teeio_iotlb_new() - empty
 * @pages:   translations, at least; rounded up to a power of two
 * @context: bytes of one context, see below
 *
 * Returns: NULL when out of memory.
 */
struct teeio_iotlb *teeio_iotlb_new(unsigned pages, unsigned context);
void teeio_iotlb_free(struct teeio_iotlb *tlb);

/* teeio_iotlb_stamp() - now, for the additions that follow */
uint64_t teeio_iotlb_stamp(const struct teeio_iotlb *tlb);

bool teeio_iotlb_lookup(const struct teeio_iotlb *tlb,
                        const struct teeio_iotlb_key *key,
                        struct teeio_iotlb_entry *entry);

/*
 * teeio_iotlb_find() - the same in short
 *
 * Returns: output and attributes, 0 when there is none (or both are 0).
 */
uint64_t teeio_iotlb_find(const struct teeio_iotlb *tlb,
                          const struct teeio_iotlb_key *key,
                          unsigned *size_bits);

/*
 * teeio_iotlb_add() - remember, unless an invalidation came in between
 *
 * May also forget the entry at once, when another thread is in the way.
 */
void teeio_iotlb_add(struct teeio_iotlb *tlb, const struct teeio_iotlb_key *key,
                     const struct teeio_iotlb_entry *entry, uint64_t stamp);

/*
 * teeio_iotlb_context(), teeio_iotlb_add_context() - what a stream and
 * substream are configured for: bytes that only the front end understands
 * @key:    kind, address and kind of access do not matter
 * @nested: stage 2 of @vmid had a part in finding it
 */
bool teeio_iotlb_context(const struct teeio_iotlb *tlb,
                         const struct teeio_iotlb_key *key, void *context);
void teeio_iotlb_add_context(struct teeio_iotlb *tlb,
                             const struct teeio_iotlb_key *key,
                             const void *context, bool nested, uint16_t vmid,
                             uint64_t stamp);

/*
 * struct teeio_iotlb_range - entries to be dropped by address
 * @first, @last: any byte of it touched makes an entry go
 * @any_asid:     whatever the ASID; else those of @asid and global ones
 * @leaf:         tables may stay
 */
struct teeio_iotlb_range {
    uint64_t first;
    uint64_t last;
    uint16_t vmid;
    uint16_t asid;
    bool any_asid;
    bool leaf;
};

/* A range that covers more entries than this is not looked at one by one. */
#define TEEIO_IOTLB_PROBES 64u

/* Everything but contexts that stage 2 had no part in. */
void teeio_iotlb_drop_all(struct teeio_iotlb *tlb);

/* Of one VMID: what has a stage 1, or everything. */
void teeio_iotlb_drop_stage1(struct teeio_iotlb *tlb, uint16_t vmid);
void teeio_iotlb_drop_vmid(struct teeio_iotlb *tlb, uint16_t vmid);

/* All that is not global. */
void teeio_iotlb_drop_asid(struct teeio_iotlb *tlb, uint16_t vmid,
                           uint16_t asid);

/* By input address of stage 1. */
void teeio_iotlb_drop_range(struct teeio_iotlb *tlb,
                            const struct teeio_iotlb_range *range);

/* By IPA; pages with a stage 1 stay. @asid and @leaf do not matter. */
void teeio_iotlb_drop_ipas(struct teeio_iotlb *tlb,
                           const struct teeio_iotlb_range *range);

/* Contexts, and all that was found through them. */
void teeio_iotlb_drop_streams(struct teeio_iotlb *tlb, uint32_t first,
                              uint32_t last);

/* The same of one substream; 0 also stands for requests without one. */
void teeio_iotlb_drop_substream(struct teeio_iotlb *tlb, uint32_t stream,
                                uint32_t substream);

#endif
