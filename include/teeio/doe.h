/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A DOE mailbox (PCIe 6.30): whole data objects in and out, through registers
 * in config space or from anywhere else.
 */
#ifndef TEEIO_DOE_H
#define TEEIO_DOE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/host.h"
#include "teeio/registers.h"

/** Bytes of the longest data object, header included, in either direction. */
#define TEEIO_DOE_MAX_BYTES 0x4000u

/**
 * struct teeio_doe_protocol - one kind of data object
 * @vendor: vendor id of its header
 * @type:   type of its header
 * @opaque: passed back as first argument
 * @handle: answer one object. @payload is what follows the header, @len its
 *          bytes, a multiple of 4; the answer's payload goes to @answer, at
 *          most @size bytes. Returns: its length, padded by the caller to a
 *          multiple of 4; 0 when there is no answer.
 */
struct teeio_doe_protocol {
    uint16_t vendor;
    uint8_t type;
    void *opaque;
    size_t (*handle)(void *opaque, const uint8_t *payload, size_t len,
                     uint8_t *answer, size_t size);
};

/**
 * struct teeio_doe_protocols - all that one mailbox speaks
 * @list:  without discovery, which is always there at index 0
 * @count: at most 255
 */
struct teeio_doe_protocols {
    const struct teeio_doe_protocol *list;
    size_t count;
};

/**
 * teeio_doe_length() - bytes that the header of a data object claims
 * @object: at least %TEEIO_DOE_HEADER_SIZE bytes (spec/doe.h)
 */
size_t teeio_doe_length(const uint8_t *object);

/**
 * teeio_doe_serve() - answer one whole data object
 * @object: header and payload, @len bytes
 * @answer: header and payload of the answer, at most @size bytes
 *
 * Returns: the bytes of the answer, a multiple of 4; 0 when there is none: the
 * length is not that of the header, the kind is unknown, the handler does not
 * answer, or the answer does not fit.
 */
size_t teeio_doe_serve(const struct teeio_doe_protocols *protocols,
                       const uint8_t *object, size_t len, uint8_t *answer,
                       size_t size);

/**
 * struct teeio_doe_config - how one mailbox is made
 * @host:      for its interrupt and to be woken; outlives the mailbox
 * @protocols: outlive the mailbox
 * @interrupt: it has one
 * @message:   MSI or MSI-X message number of it; also the line of host->raise
 * @delay:     calls of teeio_doe_step() from GO to the answer; with 0 the
 *             answer is there when the write of GO returns
 */
struct teeio_doe_config {
    const struct teeio_host *host;
    struct teeio_doe_protocols protocols;
    bool interrupt;
    uint16_t message;
    unsigned delay;
};

struct teeio_doe;

/** teeio_doe_new() - an idle mailbox; NULL when out of memory */
struct teeio_doe *teeio_doe_new(const struct teeio_doe_config *config);
void teeio_doe_free(struct teeio_doe *doe);

/** teeio_doe_reset() - conventional reset or FLR: all objects are forgotten */
void teeio_doe_reset(struct teeio_doe *doe);

/**
 * teeio_doe_read(), teeio_doe_write() - one access to the capability
 * @offset: from its start, below %TEEIO_DOE_CAP_SIZE
 * @size:   1, 2 or 4; no access crosses a DW
 *
 * The header at 0 belongs to whoever chains capabilities and reads 0 here. Only
 * a whole DW enters or leaves a mailbox.
 */
uint32_t teeio_doe_read(const struct teeio_doe *doe, uint32_t offset,
                        unsigned size);
void teeio_doe_write(struct teeio_doe *doe, uint32_t offset, uint32_t value,
                     unsigned size);

/**
 * teeio_doe_step() - go on with an object that waits
 *
 * Returns: true when it still waits and another call is due.
 */
bool teeio_doe_step(struct teeio_doe *doe);

/** enum teeio_doe_fault - what a mailbox may do wrong on request */
enum teeio_doe_fault {
    TEEIO_DOE_NO_FAULT,
    TEEIO_DOE_FAULT_BUSY,  /* it reads as busy, and takes no object */
    TEEIO_DOE_FAULT_ERROR, /* each object ends in an error */
};

/**
 * teeio_doe_inject() - a fault that stays until another one, or a reset
 *
 * It is no part of an image.
 */
void teeio_doe_inject(struct teeio_doe *doe, enum teeio_doe_fault fault);

/** teeio_doe_set_delay() - as teeio_doe_config.delay, from the next GO on */
void teeio_doe_set_delay(struct teeio_doe *doe, unsigned delay);

/**
 * teeio_doe_save(), teeio_doe_load() - the mailbox as a flat image
 *
 * As teeio_tdi_save() and teeio_tdi_load(). Objects on their way are part of
 * it, as the wire shows them. Calls host->wake when an object waits.
 */
size_t teeio_doe_save(const struct teeio_doe *doe, uint8_t *buf, size_t size);
bool teeio_doe_load(struct teeio_doe *doe, const uint8_t *buf, size_t size);

/** teeio_doe_registers() - the table, for documentation and tests */
const struct teeio_reg *teeio_doe_registers(size_t *count);

#endif
