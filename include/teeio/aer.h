/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Advanced Error Reporting (PCIe 6.2 and 7.8.4) on configuration space as
 * bytes. Where a function has no such capability, Device Status still tells.
 */
#ifndef TEEIO_AER_H
#define TEEIO_AER_H

#include <stdbool.h>
#include <stdint.h>

#include "teeio/fabric.h"

/** enum teeio_aer_message - what the detector of an error sends upstream */
enum teeio_aer_message {
    TEEIO_AER_NO_MESSAGE,
    TEEIO_AER_ERR_COR,
    TEEIO_AER_ERR_NONFATAL,
    TEEIO_AER_ERR_FATAL,
};

/**
 * teeio_aer_log() - the function with @config rejects the request of @dma
 * @config: %TEEIO_CONFIG_SIZE bytes of a PCI Express function
 *
 * Sets status bits, header log and first error pointer, as far as mask and
 * severity say so. A rejected read is an advisory error, since its sender
 * learns of it (6.2.3.2.4.1).
 *
 * Returns: the message to send.
 */
enum teeio_aer_message teeio_aer_log(uint8_t *config,
                                     const struct teeio_dma *dma);

/**
 * teeio_aer_find() - where the capability is
 * @config: of any PCI function
 *
 * Returns: 0 when there is none.
 */
unsigned teeio_aer_find(const uint8_t *config);

/** teeio_aer_forwards() - does a bridge pass on messages from below? */
bool teeio_aer_forwards(const uint8_t *config);

/**
 * teeio_aer_receive() - a message reaches the root port with @config
 * @source: requester id of the detector
 * @vector: filled in when the answer is true: MSI or MSI-X vector to raise
 *
 * Returns: true when software asked for an interrupt.
 */
bool teeio_aer_receive(uint8_t *config, enum teeio_aer_message message,
                       uint16_t source, unsigned *vector);

/**
 * teeio_aer_header() - the first 16 bytes of the request as it was on the link
 *
 * PCIe 2.2.1 and 2.2.7, non-flit mode; tag and traffic class are 0.
 */
void teeio_aer_header(const struct teeio_tlp *tlp, uint8_t header[16]);

#endif
