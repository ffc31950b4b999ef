/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The IOMMU memory regions through which every device of the board sees
 * memory, QEMU's own devices included.
 */
#ifndef TEEIO_QEMU_IOMMU_H
#define TEEIO_QEMU_IOMMU_H

#include <stdbool.h>

#include "import.h"

struct teeio_machine;
struct teeio_tdi;

/**
 * teeio_iommu_selfcheck() - do translations and access attributes mean to QEMU
 * what they mean to us?
 *
 * Also registers the type of our regions. Must be called first.
 *
 * Returns: false, with a message on stderr, when they do not.
 */
bool teeio_iommu_selfcheck(void);

/** teeio_iommu_attach() - from now on DMA below @root is ours to answer */
void teeio_iommu_attach(struct teeio_machine *machine, PCIBus *root);

/** teeio_iommu_set_tdi() - the function at @devfn is @tdi: its MSIs carry T */
void teeio_iommu_set_tdi(struct teeio_machine *machine, PCIBus *bus,
                         uint8_t devfn, const struct teeio_tdi *tdi);

#endif
