/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * One set of a set-associative cache, read without a lock.
 *
 * The sequence is odd while a writer is at work. Loads acquire and stores
 * release: a reader that meets any word of a writer also meets its sequence.
 */
#ifndef TEEIO_IOMMU_IOTLB_SET_H
#define TEEIO_IOMMU_IOTLB_SET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define IOTLB_WAYS 4u

/*
 * struct iotlb_line - what one way holds
 * @tag:    address and size; 0 when empty
 * @who:    the rest of the key
 * @value:  output address and attributes
 * @labels: what it is invalidated by
 * @stamp:  when it was read from memory
 */
struct iotlb_line {
    uint64_t tag;
    uint64_t who;
    uint64_t value;
    uint64_t labels;
    uint64_t stamp;
};

/* The keys fill one cache line, so that a miss touches no other. */
struct iotlb_set {
    _Atomic uint64_t tag[IOTLB_WAYS];
    _Atomic uint64_t who[IOTLB_WAYS];
    _Atomic uint64_t sequence;
    _Atomic uint64_t value[IOTLB_WAYS];
    _Atomic uint64_t labels[IOTLB_WAYS];
    _Atomic uint64_t stamp[IOTLB_WAYS];
    uint64_t unused[3];
};

static inline uint64_t iotlb_get(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_acquire);
}

static inline void iotlb_put(_Atomic uint64_t *word, uint64_t value)
{
    atomic_store_explicit(word, value, memory_order_release);
}

static inline void iotlb_set_line(const struct iotlb_set *set, unsigned way,
                                  struct iotlb_line *line)
{
    line->tag = iotlb_get(&set->tag[way]);
    line->who = iotlb_get(&set->who[way]);
    line->value = iotlb_get(&set->value[way]);
    line->labels = iotlb_get(&set->labels[way]);
    line->stamp = iotlb_get(&set->stamp[way]);
}

/* A writer in the way looks like a miss: that is always a right answer. */
static inline bool iotlb_set_find(const struct iotlb_set *set, uint64_t tag,
                                  uint64_t who, struct iotlb_line *line)
{
    uint64_t sequence = iotlb_get(&set->sequence);

    for (unsigned way = 0; way < IOTLB_WAYS; way++) {
        if (iotlb_get(&set->tag[way]) == tag &&
            iotlb_get(&set->who[way]) == who) {
            line->tag = tag;
            line->who = who;
            line->value = iotlb_get(&set->value[way]);
            line->labels = iotlb_get(&set->labels[way]);
            line->stamp = iotlb_get(&set->stamp[way]);
            return !(sequence & 1) && iotlb_get(&set->sequence) == sequence;
        }
    }
    return false;
}

static inline bool iotlb_set_try_lock(struct iotlb_set *set)
{
    uint64_t sequence =
        atomic_load_explicit(&set->sequence, memory_order_relaxed);

    return !(sequence & 1) && atomic_compare_exchange_strong_explicit(
                                  &set->sequence, &sequence, sequence + 1,
                                  memory_order_acquire, memory_order_relaxed);
}

static inline void iotlb_set_lock(struct iotlb_set *set)
{
    /* Whoever holds it is a few dozen instructions from the end. */
    while (!iotlb_set_try_lock(set)) {
    }
}

static inline void iotlb_set_unlock(struct iotlb_set *set)
{
    uint64_t sequence =
        atomic_load_explicit(&set->sequence, memory_order_relaxed);

    iotlb_put(&set->sequence, sequence + 1);
}

#endif
