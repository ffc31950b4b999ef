/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The property disabled-behaviour, the same for every IOMMU.
 */
#ifndef TEEIO_QEMU_DISABLED_H
#define TEEIO_QEMU_DISABLED_H

#include <stdbool.h>

#include "import.h"
#include "teeio/disabled.h"

/**
 * teeio_disabled_set() - take the property's text
 * @device: who asks, for messages
 *
 * Returns: false with @errp set and *@rules unchanged.
 */
bool teeio_disabled_set(const char *device, const char *text,
                        struct teeio_disabled_rules *rules, Error **errp);

/**
 * teeio_disabled_check() - has each profile the address that it needs?
 *
 * Returns: false with @errp set.
 */
bool teeio_disabled_check(const char *device,
                          const struct teeio_disabled_rules *rules,
                          const struct teeio_disabled_places *places,
                          Error **errp);

#endif
