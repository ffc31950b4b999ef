/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What both sides of a connection need of the curves.
 */
#ifndef TEEIO_SPDM_ECC_H
#define TEEIO_SPDM_ECC_H

#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* teeio_spdm_curve() - by TEEIO_SPDM_SECP*; NULL for no curve of ours */
const struct ecc_curve *teeio_spdm_curve(uint16_t curve);

/*
 * teeio_spdm_set_point() - from two coordinates of @size bytes, big-endian
 *
 * Returns: false when this is no point of the curve.
 */
bool teeio_spdm_set_point(struct ecc_point *point, size_t size,
                          const uint8_t *bytes);

#endif
