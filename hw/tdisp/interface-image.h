/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Saved state of an interface, as a part of another image. */
#ifndef TEEIO_HW_TDISP_INTERFACE_IMAGE_H
#define TEEIO_HW_TDISP_INTERFACE_IMAGE_H

#include "../image.h"
#include "teeio/interface.h"

/** teeio_interface_put() - append state, lock and config space as it was */
void teeio_interface_put(const struct teeio_interface *interface,
                         struct teeio_image_writer *image);

/**
 * teeio_interface_get() - read what teeio_interface_put() appended
 *
 * What it is attached to stays. Nothing is traced.
 *
 * Returns: false when this is no state of an interface; @interface is then
 * spoilt.
 */
bool teeio_interface_get(struct teeio_interface *interface,
                         struct teeio_image_reader *image);

#endif
