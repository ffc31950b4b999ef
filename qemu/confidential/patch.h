/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The only place where code of QEMU is changed.
 */
#ifndef TEEIO_CONFIDENTIAL_PATCH_H
#define TEEIO_CONFIDENTIAL_PATCH_H

#include "import.h"

/**
 * teeio_patches_apply() - redirect the functions that cpu.c replaces
 * @device: who asks, for messages
 *
 * While no CPU runs. All are checked before the first byte is written.
 *
 * Returns: false, with @errp set and nothing changed.
 */
bool teeio_patches_apply(const char *device, Error **errp);

#endif
