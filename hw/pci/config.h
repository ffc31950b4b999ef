/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Configuration space as little-endian bytes.
 */
#ifndef TEEIO_HW_PCI_CONFIG_H
#define TEEIO_HW_PCI_CONFIG_H

#include <stdint.h>

#include "teeio/spec/port.h"

static inline uint16_t config_word(const uint8_t *config, unsigned offset)
{
    return (uint16_t)(config[offset] | config[offset + 1] << 8);
}

static inline uint32_t config_long(const uint8_t *config, unsigned offset)
{
    return config_word(config, offset) |
           (uint32_t)config_word(config, offset + 2) << 16;
}

static inline void config_put_word(uint8_t *config, unsigned offset,
                                   uint16_t value)
{
    config[offset] = (uint8_t)value;
    config[offset + 1] = (uint8_t)(value >> 8);
}

static inline void config_put_long(uint8_t *config, unsigned offset,
                                   uint32_t value)
{
    config_put_word(config, offset, (uint16_t)value);
    config_put_word(config, offset + 2, (uint16_t)(value >> 16));
}

/** config_capability() - its offset, 0 when there is none with @id */
unsigned config_capability(const uint8_t *config, uint8_t id);

/** config_extended() - the same for extended capabilities */
unsigned config_extended(const uint8_t *config, uint16_t id);

#endif
