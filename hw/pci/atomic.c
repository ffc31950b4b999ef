/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "atomic.h"

/* More than any honest guest can get in between. */
#define MAX_TRIES 65536u

static uint64_t load(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

static void store(uint8_t *bytes, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++) {
        bytes[i] = value >> (8 * i);
    }
}

void teeio_atomic_translate(struct teeio_iommu *iommu,
                            const struct teeio_tlp *tlp,
                            struct teeio_translation *answer)
{
    struct teeio_tlp asked = *tlp;

    asked.kind = TEEIO_TLP_MWR;
    iommu->translate(iommu, &asked, answer);
    if (answer->verdict == TEEIO_VERDICT_OK &&
        !(answer->perm & TEEIO_PERM_READ)) {
        asked.kind = TEEIO_TLP_MRD;
        iommu->translate(iommu, &asked, answer);
    }
}

/* The value that memory is to have in place of @old. */
static uint64_t result(const struct teeio_tlp *tlp, const uint8_t *operands,
                       uint64_t old)
{
    uint64_t first = load(operands, tlp->length);

    switch (tlp->kind) {
    case TEEIO_TLP_FETCHADD:
        return old + first;
    case TEEIO_TLP_SWAP:
        return first;
    case TEEIO_TLP_CAS:
        return old == first ? load(operands + tlp->length, tlp->length) : old;
    default:
        return old;
    }
}

/*
 * The host swaps aligned 8 bytes; a 4-byte operand is one half of them, and
 * the other half stays as another thread may just have written it.
 */
bool teeio_atomic_move(const struct teeio_host *host,
                       const struct teeio_dma *dma, void *data)
{
    const struct teeio_tlp *tlp = &dma->tlp;
    bool trusted = teeio_dma_trusted(dma);
    uint64_t gpa = dma->xlate.output & ~(uint64_t)7;
    unsigned shift = 8 * (dma->xlate.output & 7);
    uint64_t mask =
        tlp->length == 8 ? UINT64_MAX : (uint64_t)UINT32_MAX << shift;
    uint8_t bytes[8];
    uint64_t word, old, wanted, seen;

    if (!host->cmpxchg ||
        !host->read(host->opaque, gpa, bytes, sizeof(bytes), trusted)) {
        return false;
    }
    word = load(bytes, sizeof(bytes));
    for (unsigned i = 0; i < MAX_TRIES; i++) {
        old = (word & mask) >> shift;
        wanted = result(tlp, data, old) << shift & mask;
        wanted |= word & ~mask;
        seen = word;
        if (!host->cmpxchg(host->opaque, gpa, &seen, wanted, trusted)) {
            return false;
        }
        if (seen == word) {
            store(data, tlp->length, old);
            return true;
        }
        word = seen;
    }
    /* PCIe 2.3.1: a completer may give up on a request. */
    return false;
}
