/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* What encoding and decoding of TLPs have in common. */
#ifndef TEEIO_PCI_TLP_WIRE_H
#define TEEIO_PCI_TLP_WIRE_H

#include "teeio/tlp-wire.h"

/* enum wire_shape - which member of the union, and how it is checked */
enum wire_shape { WIRE_MEMORY, WIRE_ATOMIC, WIRE_MESSAGE, WIRE_COMPLETION };

/*
 * struct wire_row - one TLP type
 * @operands: of an AtomicOp, in its payload
 */
struct wire_row {
    const char *name;
    uint8_t type;
    bool data;
    enum wire_shape shape;
    uint8_t sub_stream;
    uint8_t operands;
};

/* wire_row() - NULL for a type that there is not */
const struct wire_row *wire_row(enum teeio_wire_type type);

/*
 * wire_check() - the rules for values, which hold in both directions
 *
 * Bits that have no place in @wire are not its business.
 */
enum teeio_wire_error wire_check(const struct teeio_tlp_wire *wire);

/* wire_is_wide() - is the header one of four doublewords? */
bool wire_is_wide(const struct teeio_tlp_wire *wire);

#endif
