/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * CRC-32 of IEEE 802.3 (reflected, polynomial 0x04c11db7).
 */
#ifndef TEEIO_CRC32_H
#define TEEIO_CRC32_H

#include <stddef.h>
#include <stdint.h>

/**
 * teeio_crc32() - checksum @data, going on from @crc
 * @crc: 0 for the first piece, then the result so far
 *
 * Returns: the checksum of all pieces up to here, as zlib's crc32().
 */
uint32_t teeio_crc32(uint32_t crc, const void *data, size_t len);

#endif
