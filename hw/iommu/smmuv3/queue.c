/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Circular queues in guest memory (IHI 0070 3.5).
 */
#include "smmuv3-internal.h"

/* struct layout - a kind of queue; @log2entry is that of bytes */
static const struct layout {
    enum smmuv3_reg base, prod, cons;
    unsigned max_log2size;
    unsigned log2entry;
    uint64_t abort;
} layouts[] = {
    [SMMUV3_CMDQ] = {REG_CMDQ_BASE, REG_CMDQ_PROD, REG_CMDQ_CONS, SMMUV3_CMDQS,
                     4},
    [SMMUV3_EVENTQ] = {REG_EVENTQ_BASE, REG_EVENTQ_PROD, REG_EVENTQ_CONS,
                       SMMUV3_EVENTQS, 5, TEEIO_GERROR_EVENTQ_ABT_ERR},
    [SMMUV3_PRIQ] = {REG_PRIQ_BASE, REG_PRIQ_PROD, REG_PRIQ_CONS, SMMUV3_PRIQS,
                     4, TEEIO_GERROR_PRIQ_ABT_ERR},
};

struct smmuv3_queue smmuv3_queue_load(const struct smmuv3_interface *iface,
                                      enum smmuv3_queue_kind kind)
{
    const struct layout *layout = &layouts[kind];
    uint64_t value = iface->values[layout->base];
    unsigned log2size = teeio_field(value, TEEIO_QUEUE_BASE_LOG2SIZE);
    struct smmuv3_queue queue = {.log2entry = layout->log2entry};

    /* IHI 0070 6.3, LOG2SIZE: more than IDR1 says behaves as what it says. */
    queue.log2size =
        log2size > layout->max_log2size ? layout->max_log2size : log2size;
    queue.base = value & ~(TEEIO_QUEUE_BASE_HINT | teeio_low_bits(5)) &
                 ~teeio_low_bits(queue.log2size + queue.log2entry);
    queue.prod =
        iface->values[layout->prod] & teeio_low_bits(queue.log2size + 1);
    queue.cons =
        iface->values[layout->cons] & teeio_low_bits(queue.log2size + 1);
    return queue;
}

bool smmuv3_queue_empty(const struct smmuv3_queue *queue)
{
    return queue->prod == queue->cons;
}

bool smmuv3_queue_full(const struct smmuv3_queue *queue)
{
    return (queue->prod ^ queue->cons) == 1u << queue->log2size;
}

uint64_t smmuv3_queue_entry(const struct smmuv3_queue *queue, uint32_t pointer)
{
    return queue->base +
           ((pointer & teeio_low_bits(queue->log2size)) << queue->log2entry);
}

uint32_t smmuv3_queue_next(const struct smmuv3_queue *queue, uint32_t pointer)
{
    return (pointer + 1) & teeio_low_bits(queue->log2size + 1);
}

bool smmuv3_queue_push(struct smmuv3_interface *iface,
                       enum smmuv3_queue_kind kind, const uint64_t *words)
{
    struct smmuv3_queue queue = smmuv3_queue_load(iface, kind);
    uint64_t *prod = &iface->values[layouts[kind].prod];
    uint8_t bytes[sizeof(struct teeio_smmuv3_event)];
    size_t length = (size_t)1 << queue.log2entry;

    for (size_t i = 0; i < length / 8; i++) {
        teeio_store_le64(bytes + 8 * i, words[i]);
    }
    if (!smmuv3_store(iface, smmuv3_queue_entry(&queue, queue.prod), bytes,
                      length, iface->space)) {
        /* IHI 0070 7.2.2 and 8.2: PROD stays, the error is a global one. */
        smmuv3_gerror(iface, layouts[kind].abort);
        return false;
    }
    *prod =
        (*prod & TEEIO_QUEUE_OVERFLOW) | smmuv3_queue_next(&queue, queue.prod);
    return true;
}

bool smmuv3_queue_overflowed(const struct smmuv3_interface *iface,
                             enum smmuv3_queue_kind kind)
{
    const struct layout *layout = &layouts[kind];

    return (iface->values[layout->prod] ^ iface->values[layout->cons]) &
           TEEIO_QUEUE_OVERFLOW;
}

void smmuv3_queue_overflow(struct smmuv3_interface *iface,
                           enum smmuv3_queue_kind kind)
{
    if (!smmuv3_queue_overflowed(iface, kind)) {
        iface->values[layouts[kind].prod] ^= TEEIO_QUEUE_OVERFLOW;
    }
}
