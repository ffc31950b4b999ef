/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * SR-IOV: virtual functions of teeio-tdi.
 *
 * The models of all of them live as long as the physical function; QEMU's PCI
 * devices come and go with VF Enable.
 */
#ifndef TEEIO_QEMU_TDI_VF_H
#define TEEIO_QEMU_TDI_VF_H

#include "tdi-function.h"

struct teeio_tdi_vfs;

/**
 * teeio_tdi_vfs_new() - the models, and the capabilities of @pf
 * @count: 1 to %TEEIO_TDI_MAX_VFS
 *
 * Returns: NULL with @errp set.
 */
struct teeio_tdi_vfs *teeio_tdi_vfs_new(struct teeio_tdi_function *pf,
                                        uint64_t count, Error **errp);

/** teeio_tdi_vfs_free() - takes NULL */
void teeio_tdi_vfs_free(struct teeio_tdi_vfs *vfs);

/** teeio_tdi_vfs_enabled() - is VF Enable set? */
bool teeio_tdi_vfs_enabled(PCIDevice *pci);

/** teeio_tdi_vfs_digest() - changes with what LOCK freezes of SR-IOV and ARI */
uint64_t teeio_tdi_vfs_digest(PCIDevice *pci);

/** teeio_tdi_vfs_covers() - is it an address of the SR-IOV capability? */
bool teeio_tdi_vfs_covers(PCIDevice *pci, uint32_t address);

/** teeio_tdi_vfs_write() - configuration space of @pf was written */
void teeio_tdi_vfs_write(struct teeio_tdi_function *pf, uint32_t address,
                         uint32_t value, int len);

/** teeio_tdi_vfs_reset() - a reset of @pf: all virtual functions go */
void teeio_tdi_vfs_reset(struct teeio_tdi_function *pf);

/**
 * teeio_tdi_vf_function() - the model of one virtual function
 * @pf:    the teeio-tdi
 * @index: below its number of virtual functions
 */
struct teeio_tdi_function *teeio_tdi_vf_function(Object *pf, unsigned index);

/** teeio_tdi_vfs_get() - one of @vfs */
struct teeio_tdi_function *teeio_tdi_vfs_get(struct teeio_tdi_vfs *vfs,
                                             unsigned index);

/** teeio_tdi_vf_report() - what the PF's registers say about @vf */
void teeio_tdi_vf_report(const struct teeio_tdi_function *vf,
                         struct teeio_interface_config *config);

#endif
