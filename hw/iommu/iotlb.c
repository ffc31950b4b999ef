/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Time is counted in invalidations. Each label (VMID, ASID, stream) knows when
 * it was last invalidated; an entry that is older is dead, wherever it lies.
 * Only invalidations by address look for their entries.
 */
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "iotlb-set.h"
#include "iotlb.h"

#define CACHE_LINE    64u
#define LANES_LOG2    2u
#define LANES         (1u << LANES_LOG2)
#define LABELS        4096u /* more of a kind than this share their times */
#define TABLE_ENTRIES 1024u
#define IPA_ENTRIES   256u
#define CONTEXTS      256u

/* Spreads its factor over the upper bits. */
#define MIX           UINT64_C(0x9e3779b97f4a7c15)

#define SIZE_BITS     0x3full /* of a tag: room below every address */

#define WHO_T         (1ull << 53)
#define WHO_SUBSTREAM (1ull << 52)
#define WHO_PRIV      (1ull << 54)
#define WHO_EXECUTE   (1ull << 55)
#define WHO_STREAM    0xffffffffull
#define WHO_ID        ((1ull << 52) - 1) /* stream and substream */

#define LABEL_STAGE1  (1ull << 32)
#define LABEL_NESTED  (1ull << 33)
#define LABEL_GLOBAL  (1ull << 34)

/*
 * struct cache - the address selects a set, its owner one of some variations
 * (lanes) of it: few enough to find an address whoever owns it, and enough for
 * devices that all use the same addresses
 * @sizes: of each lane; bit n: an entry of 2^n bytes has been added
 */
struct cache {
    struct iotlb_set *sets;
    void *memory;
    unsigned lane_log2;
    _Atomic uint64_t sizes[LANES];
};

/*
 * struct vmid - when each of these was last dropped
 * @stage1: pages and tables with a stage 1
 * @stage2: pages with no stage 1
 * @tables: what stage 2 says about tables
 */
struct vmid {
    _Atomic uint64_t stage1;
    _Atomic uint64_t stage2;
    _Atomic uint64_t tables;
};

/* struct context - followed by its words */
struct context {
    _Atomic uint64_t sequence;
    _Atomic uint64_t who;
    _Atomic uint64_t labels;
    _Atomic uint64_t stamp;
};

#define HEAD_WORDS (sizeof(struct context) / 8)

/*
 * struct teeio_iotlb
 * @all:     the last invalidation of everything
 * @newest:  the last one by any label
 * @globals: not 0 when a global page has been added
 * @now:     number of invalidations
 * @probed:  the last one by address
 */
struct teeio_iotlb {
    struct cache caches[TEEIO_IOTLB_KINDS];
    _Atomic uint64_t *contexts;
    unsigned context_bytes;
    unsigned slot_words;
    _Atomic uint64_t newest;
    _Atomic uint64_t all;
    _Atomic uint64_t globals;
    struct vmid vmids[LABELS];
    _Atomic uint64_t asids[LABELS];
    _Atomic uint64_t streams[LABELS];
    _Atomic uint64_t substreams[LABELS];
    _Atomic uint64_t now;
    _Atomic uint64_t probed;
};

static bool cache_init(struct cache *cache, unsigned entries)
{
    size_t size;

    cache->lane_log2 = 0;
    while ((LANES * IOTLB_WAYS) << cache->lane_log2 < entries) {
        cache->lane_log2++;
    }
    size = sizeof(struct iotlb_set) * LANES << cache->lane_log2;
    cache->memory = calloc(1, size + CACHE_LINE);
    if (!cache->memory) {
        return false;
    }
    cache->sets = (void *)(((uintptr_t)cache->memory + CACHE_LINE - 1) &
                           ~(uintptr_t)(CACHE_LINE - 1));
    return true;
}

struct teeio_iotlb *teeio_iotlb_new(unsigned pages, unsigned context)
{
    static const unsigned sizes[TEEIO_IOTLB_KINDS] = {
        [TEEIO_IOTLB_TABLE1] = TABLE_ENTRIES,
        [TEEIO_IOTLB_TABLE2] = TABLE_ENTRIES,
        [TEEIO_IOTLB_IPA] = IPA_ENTRIES,
    };
    struct teeio_iotlb *tlb = calloc(1, sizeof(*tlb));
    bool ok = tlb;

    if (!tlb) {
        return NULL;
    }
    for (unsigned i = 0; i < TEEIO_IOTLB_KINDS; i++) {
        ok &= cache_init(&tlb->caches[i],
                         i == TEEIO_IOTLB_PAGE ? pages : sizes[i]);
    }
    tlb->context_bytes = context;
    tlb->slot_words = HEAD_WORDS + (context + 7) / 8;
    tlb->contexts = calloc(CONTEXTS, tlb->slot_words * 8);
    if (!ok || !tlb->contexts) {
        teeio_iotlb_free(tlb);
        return NULL;
    }
    return tlb;
}

void teeio_iotlb_free(struct teeio_iotlb *tlb)
{
    if (!tlb) {
        return;
    }
    for (unsigned i = 0; i < TEEIO_IOTLB_KINDS; i++) {
        free(tlb->caches[i].memory);
    }
    free((void *)tlb->contexts);
    free(tlb);
}

uint64_t teeio_iotlb_stamp(const struct teeio_iotlb *tlb)
{
    return atomic_load(&tlb->now);
}

static inline uint64_t who(const struct teeio_iotlb_key *key)
{
    return (uint64_t)key->stream | (uint64_t)(key->substream & 0xfffff) << 32 |
           (key->substream_valid ? WHO_SUBSTREAM : 0) | (key->t ? WHO_T : 0) |
           (key->privileged ? WHO_PRIV : 0) | (key->execute ? WHO_EXECUTE : 0);
}

static inline uint64_t tag(uint64_t address, unsigned size_bits)
{
    return (address & ~teeio_low_bits(size_bits)) | size_bits;
}

static inline unsigned lane_of(uint64_t owner)
{
    return (owner * MIX) >> (64 - LANES_LOG2);
}

static inline struct iotlb_set *set_of(const struct cache *cache,
                                       uint64_t address, unsigned size_bits,
                                       unsigned lane)
{
    uint64_t page = (address & teeio_low_bits(56)) >> size_bits;
    unsigned log2 = cache->lane_log2 + LANES_LOG2;

    /* A sum keeps what lies side by side in different sets. */
    page += (page >> log2) + (page >> 2 * log2);
    page ^= (uint64_t)lane << cache->lane_log2;
    return &cache->sets[page & teeio_low_bits(log2)];
}

static unsigned asid_slot(uint64_t labels)
{
    unsigned asid = labels & 0xffff;
    unsigned vmid = labels >> 16 & 0xffff;

    return (asid ^ vmid * 0x9e5u) % LABELS;
}

/* Requests without a substream count as of substream 0. */
static inline unsigned substream_slot(uint64_t owner)
{
    return ((owner & WHO_ID) * MIX >> 32) % LABELS;
}

/* Neither its stream nor its substream was dropped since. */
static inline bool configured(const struct teeio_iotlb *tlb, uint64_t owner,
                              uint64_t stamp)
{
    return stamp >= iotlb_get(&tlb->streams[(owner & WHO_STREAM) % LABELS]) &&
           stamp >= iotlb_get(&tlb->substreams[substream_slot(owner)]);
}

static inline bool alive(const struct teeio_iotlb *tlb, uint64_t owner,
                         uint64_t labels, uint64_t stamp)
{
    const struct vmid *vmid = &tlb->vmids[(labels >> 16 & 0xffff) % LABELS];

    if (stamp >= iotlb_get(&tlb->newest)) {
        return true;
    }
    if (stamp < iotlb_get(&tlb->all) || !configured(tlb, owner, stamp)) {
        return false;
    }
    if (labels & LABEL_NESTED && stamp < iotlb_get(&vmid->tables)) {
        return false;
    }
    if (!(labels & LABEL_STAGE1)) {
        return stamp >= iotlb_get(&vmid->stage2);
    }
    return stamp >= iotlb_get(&vmid->stage1) &&
           (labels & LABEL_GLOBAL ||
            stamp >= iotlb_get(&tlb->asids[asid_slot(labels)]));
}

static inline bool probe(const struct teeio_iotlb *tlb,
                         const struct cache *cache, uint64_t address,
                         unsigned bits, uint64_t owner, unsigned lane,
                         struct iotlb_line *line)
{
    return iotlb_set_find(set_of(cache, address, bits, lane),
                          tag(address, bits), owner, line) &&
           alive(tlb, owner, line->labels, line->stamp);
}

static inline bool find(const struct teeio_iotlb *tlb,
                        const struct teeio_iotlb_key *key,
                        struct iotlb_line *line)
{
    const struct cache *cache = &tlb->caches[key->kind];
    uint64_t owner = who(key);
    unsigned lane = lane_of(owner);
    uint64_t sizes = iotlb_get(&cache->sizes[lane]);

    /* The smallest first, and written out: it is what guests use most. */
    if (sizes >> TEEIO_IOTLB_MIN_BITS & 1 &&
        probe(tlb, cache, key->address, TEEIO_IOTLB_MIN_BITS, owner, lane,
              line)) {
        return true;
    }
    sizes &= ~(UINT64_C(1) << TEEIO_IOTLB_MIN_BITS);
    for (; sizes; sizes &= sizes - 1) {
        if (probe(tlb, cache, key->address, __builtin_ctzll(sizes), owner, lane,
                  line)) {
            return true;
        }
    }
    return false;
}

uint64_t teeio_iotlb_find(const struct teeio_iotlb *tlb,
                          const struct teeio_iotlb_key *key,
                          unsigned *size_bits)
{
    struct iotlb_line line;

    if (!find(tlb, key, &line)) {
        return 0;
    }
    *size_bits = line.tag & SIZE_BITS;
    return line.value;
}

bool teeio_iotlb_lookup(const struct teeio_iotlb *tlb,
                        const struct teeio_iotlb_key *key,
                        struct teeio_iotlb_entry *entry)
{
    struct iotlb_line line;

    if (!find(tlb, key, &line)) {
        return false;
    }
    *entry = (struct teeio_iotlb_entry){
        .output = line.value & ~(uint64_t)TEEIO_IOTLB_ATTRIBUTES,
        .size_bits = line.tag & SIZE_BITS,
        .attributes = line.value & TEEIO_IOTLB_ATTRIBUTES,
        .asid = line.labels & 0xffff,
        .vmid = line.labels >> 16 & 0xffff,
        .stage1 = line.labels & LABEL_STAGE1,
        .nested = line.labels & LABEL_NESTED,
        .global = line.labels & LABEL_GLOBAL,
    };
    return true;
}

/* Its own old place, else one that nobody misses, else any. */
static unsigned victim(const struct teeio_iotlb *tlb,
                       const struct iotlb_set *set,
                       const struct iotlb_line *line)
{
    unsigned way = IOTLB_WAYS;

    for (unsigned i = 0; i < IOTLB_WAYS; i++) {
        struct iotlb_line old;

        iotlb_set_line(set, i, &old);
        if (old.tag == line->tag && old.who == line->who) {
            return i;
        }
        if (!old.tag || !alive(tlb, old.who, old.labels, old.stamp)) {
            way = i;
        }
    }
    if (way == IOTLB_WAYS) {
        /* As good as random: pages used in turn are not all lost in turn. */
        uint64_t n = iotlb_get(&set->sequence) * MIX;

        way = (n ^ n >> 32) * MIX >> 62;
    }
    return way;
}

void teeio_iotlb_add(struct teeio_iotlb *tlb, const struct teeio_iotlb_key *key,
                     const struct teeio_iotlb_entry *entry, uint64_t stamp)
{
    struct cache *cache = &tlb->caches[key->kind];
    struct iotlb_line line = {
        .tag = tag(key->address, entry->size_bits),
        .who = who(key),
        .value = entry->output | entry->attributes,
        .labels = entry->asid | (uint64_t)entry->vmid << 16 |
                  (entry->stage1 ? LABEL_STAGE1 : 0) |
                  (entry->nested ? LABEL_NESTED : 0) |
                  (entry->global ? LABEL_GLOBAL : 0),
        .stamp = stamp,
    };
    uint64_t size = UINT64_C(1) << entry->size_bits;
    unsigned lane = lane_of(line.who);
    struct iotlb_set *set = set_of(cache, key->address, entry->size_bits, lane);
    unsigned way;

    if (!(iotlb_get(&cache->sizes[lane]) & size)) {
        atomic_fetch_or(&cache->sizes[lane], size);
    }
    if (entry->global && !iotlb_get(&tlb->globals)) {
        atomic_store(&tlb->globals, 1);
    }
    if (!iotlb_set_try_lock(set)) {
        return;
    }
    way = victim(tlb, set, &line);
    iotlb_put(&set->who[way], line.who);
    iotlb_put(&set->value[way], line.value);
    iotlb_put(&set->labels[way], line.labels);
    iotlb_put(&set->stamp[way], stamp);
    /*
     * Either an invalidation by address finds the tag, or it is seen here:
     * both sides write before they read, in one order for all threads.
     */
    atomic_store(&set->tag[way], line.tag);
    if (stamp < atomic_load(&tlb->probed)) {
        iotlb_put(&set->tag[way], 0);
    }
    iotlb_set_unlock(set);
}

static uint64_t advance(struct teeio_iotlb *tlb)
{
    return atomic_fetch_add(&tlb->now, 1) + 1;
}

/* What has this label is older than now. */
static void expire(struct teeio_iotlb *tlb, _Atomic uint64_t *label)
{
    uint64_t now = advance(tlb);

    iotlb_put(label, now);
    iotlb_put(&tlb->newest, now);
}

void teeio_iotlb_drop_all(struct teeio_iotlb *tlb)
{
    expire(tlb, &tlb->all);
}

void teeio_iotlb_drop_stage1(struct teeio_iotlb *tlb, uint16_t vmid)
{
    expire(tlb, &tlb->vmids[vmid % LABELS].stage1);
}

void teeio_iotlb_drop_vmid(struct teeio_iotlb *tlb, uint16_t vmid)
{
    struct vmid *times = &tlb->vmids[vmid % LABELS];

    expire(tlb, &times->stage1);
    expire(tlb, &times->stage2);
    expire(tlb, &times->tables);
}

void teeio_iotlb_drop_asid(struct teeio_iotlb *tlb, uint16_t vmid,
                           uint16_t asid)
{
    expire(tlb, &tlb->asids[asid_slot(asid | (uint64_t)vmid << 16)]);
}

/* struct victims - labels that must be as @value says under @mask */
struct victims {
    uint64_t mask;
    uint64_t value;
    const struct teeio_iotlb_range *range;
};

static bool condemned(const struct victims *victims, uint64_t labels)
{
    const struct teeio_iotlb_range *range = victims->range;

    if ((labels & victims->mask) != victims->value) {
        return false;
    }
    return !(labels & LABEL_STAGE1) || range->any_asid ||
           labels & LABEL_GLOBAL || (labels & 0xffff) == range->asid;
}

static void purge_set(struct iotlb_set *set, uint64_t target,
                      const struct victims *victims)
{
    uint64_t mask = teeio_low_bits(56);
    bool found = false;

    for (unsigned way = 0; way < IOTLB_WAYS; way++) {
        found |= (atomic_load(&set->tag[way]) & mask) == target;
    }
    if (!found) {
        return;
    }
    iotlb_set_lock(set);
    for (unsigned way = 0; way < IOTLB_WAYS; way++) {
        if ((iotlb_get(&set->tag[way]) & mask) == target &&
            condemned(victims, iotlb_get(&set->labels[way]))) {
            iotlb_put(&set->tag[way], 0);
        }
    }
    iotlb_set_unlock(set);
}

/* struct span - 56-bit addresses, both inside */
struct span {
    uint64_t first;
    uint64_t last;
};

static struct span span_of(const struct teeio_iotlb_range *range)
{
    uint64_t top = teeio_low_bits(56);
    uint64_t first = range->first & top;
    uint64_t length = range->last - range->first;

    return (struct span){first, length > top - first ? top : first + length};
}

/* Would entries of one of these sizes have to be looked for too often? */
static bool too_wide(const struct span *span, uint64_t sizes)
{
    unsigned bits = sizes ? __builtin_ctzll(sizes) : 63;

    return (span->last >> bits) - (span->first >> bits) >= TEEIO_IOTLB_PROBES;
}

static void purge_lane(const struct cache *cache, unsigned lane, uint64_t sizes,
                       const struct span *span, const struct victims *victims)
{
    for (; sizes; sizes &= sizes - 1) {
        unsigned bits = __builtin_ctzll(sizes);

        for (uint64_t n = span->first >> bits; n <= span->last >> bits; n++) {
            purge_set(set_of(cache, n << bits, bits, lane),
                      tag(n << bits, bits), victims);
        }
    }
}

/* Returns: false when that were too many sets. */
static bool purge(struct teeio_iotlb *tlb, enum teeio_iotlb_kind kind,
                  const struct victims *victims)
{
    const struct cache *cache = &tlb->caches[kind];
    struct span span = span_of(victims->range);

    for (unsigned lane = 0; lane < LANES; lane++) {
        uint64_t sizes = atomic_load(&cache->sizes[lane]);

        if (too_wide(&span, sizes)) {
            return false;
        }
        purge_lane(cache, lane, sizes, &span, victims);
    }
    return true;
}

void teeio_iotlb_drop_range(struct teeio_iotlb *tlb,
                            const struct teeio_iotlb_range *range)
{
    struct victims victims = {
        .mask = LABEL_STAGE1 | UINT64_C(0xffff0000),
        .value = LABEL_STAGE1 | (uint64_t)range->vmid << 16,
        .range = range,
    };

    atomic_store(&tlb->probed, advance(tlb));
    if (!purge(tlb, TEEIO_IOTLB_PAGE, &victims) ||
        (!range->leaf && !purge(tlb, TEEIO_IOTLB_TABLE1, &victims))) {
        if (range->any_asid || atomic_load(&tlb->globals)) {
            teeio_iotlb_drop_stage1(tlb, range->vmid);
        } else {
            teeio_iotlb_drop_asid(tlb, range->vmid, range->asid);
        }
    }
}

void teeio_iotlb_drop_ipas(struct teeio_iotlb *tlb,
                           const struct teeio_iotlb_range *range)
{
    struct victims victims = {
        .mask = LABEL_STAGE1 | UINT64_C(0xffff0000),
        .value = (uint64_t)range->vmid << 16,
        .range = range,
    };
    struct vmid *times = &tlb->vmids[range->vmid % LABELS];

    expire(tlb, &times->tables);
    atomic_store(&tlb->probed, advance(tlb));
    if (!purge(tlb, TEEIO_IOTLB_PAGE, &victims)) {
        expire(tlb, &times->stage2);
    }
}

void teeio_iotlb_drop_streams(struct teeio_iotlb *tlb, uint32_t first,
                              uint32_t last)
{
    uint64_t now = advance(tlb);
    uint32_t count = last - first < LABELS ? last - first + 1 : LABELS;

    for (uint32_t i = 0; i < count; i++) {
        iotlb_put(&tlb->streams[(first + i) % LABELS], now);
    }
    iotlb_put(&tlb->newest, now);
}

void teeio_iotlb_drop_substream(struct teeio_iotlb *tlb, uint32_t stream,
                                uint32_t substream)
{
    const struct teeio_iotlb_key key = {
        .stream = stream,
        .substream = substream,
    };

    expire(tlb, &tlb->substreams[substream_slot(who(&key))]);
}

static _Atomic uint64_t *slot_of(const struct teeio_iotlb *tlb, uint64_t owner)
{
    uint64_t hash = owner * MIX;

    return tlb->contexts + (hash >> 32) % CONTEXTS * tlb->slot_words;
}

static uint64_t context_owner(const struct teeio_iotlb_key *key)
{
    /* An empty slot has 0 here. */
    return (who(key) & ~(WHO_PRIV | WHO_EXECUTE)) | UINT64_C(1) << 63;
}

bool teeio_iotlb_context(const struct teeio_iotlb *tlb,
                         const struct teeio_iotlb_key *key, void *context)
{
    uint64_t owner = context_owner(key);
    _Atomic uint64_t *words = slot_of(tlb, owner);
    const struct context *slot = (const void *)words;
    uint64_t sequence = iotlb_get(&slot->sequence);
    uint64_t labels = iotlb_get(&slot->labels);
    uint64_t stamp = iotlb_get(&slot->stamp);
    const struct vmid *vmid = &tlb->vmids[(labels >> 16 & 0xffff) % LABELS];
    unsigned tail = tlb->context_bytes % 8;
    uint8_t *to = context;

    if (sequence & 1 || iotlb_get(&slot->who) != owner ||
        !configured(tlb, owner, stamp)) {
        return false;
    }
    if (labels & LABEL_NESTED &&
        (stamp < iotlb_get(&vmid->tables) || stamp < iotlb_get(&tlb->all))) {
        return false;
    }
    for (unsigned i = 0; i < tlb->context_bytes / 8; i++) {
        uint64_t word = iotlb_get(&words[HEAD_WORDS + i]);

        memcpy(to + 8 * i, &word, 8);
    }
    if (tail) {
        uint64_t word = iotlb_get(&words[tlb->slot_words - 1]);

        memcpy(to + tlb->context_bytes - tail, &word, tail);
    }
    return iotlb_get(&slot->sequence) == sequence;
}

void teeio_iotlb_add_context(struct teeio_iotlb *tlb,
                             const struct teeio_iotlb_key *key,
                             const void *context, bool nested, uint16_t vmid,
                             uint64_t stamp)
{
    uint64_t owner = context_owner(key);
    _Atomic uint64_t *words = slot_of(tlb, owner);
    struct context *slot = (void *)words;
    uint64_t sequence = iotlb_get(&slot->sequence);
    const uint8_t *from = context;

    if (sequence & 1 || !atomic_compare_exchange_strong(
                            &slot->sequence, &sequence, sequence + 1)) {
        return;
    }
    iotlb_put(&slot->who, owner);
    iotlb_put(&slot->labels,
              (uint64_t)vmid << 16 | (nested ? LABEL_NESTED : 0));
    iotlb_put(&slot->stamp, stamp);
    for (unsigned i = 0; i < tlb->context_bytes; i += 8) {
        unsigned left = tlb->context_bytes - i;
        uint64_t word = 0;

        memcpy(&word, from + i, left < 8 ? left : 8);
        iotlb_put(&words[HEAD_WORDS + i / 8], word);
    }
    iotlb_put(&slot->sequence, sequence + 2);
}
