/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* What the fabric does differently for AtomicOps (PCIe 6.15). */
#ifndef TEEIO_PCI_ATOMIC_H
#define TEEIO_PCI_ATOMIC_H

#include "teeio/fabric.h"

/*
 * teeio_atomic_translate() - ask for the permission to write and to read
 *
 * An IOMMU is asked about one kind of access at a time: first as by a write,
 * then, where the page does not allow to read, as by a read, so that the
 * fault record is the one for what is missing.
 */
void teeio_atomic_translate(struct teeio_iommu *iommu,
                            const struct teeio_tlp *tlp,
                            struct teeio_translation *answer);

/*
 * teeio_atomic_move() - carry out the operation at @dma->xlate.output
 * @data: operands, then the original value; see teeio_fabric_carry()
 *
 * Returns: false when no memory answers there.
 */
bool teeio_atomic_move(const struct teeio_host *host,
                       const struct teeio_dma *dma, void *data);

#endif
