/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Transaction layer packets as values (PCI Express Base Specification 6.x,
 * section 2.2). Only what decides where a DMA goes is kept; what a link
 * carries besides is in teeio/tlp-wire.h.
 */
#ifndef TEEIO_TLP_H
#define TEEIO_TLP_H

#include <stdbool.h>
#include <stdint.h>

/* A TLP never crosses this boundary (PCIe 2.2.2.7). */
#define TEEIO_TLP_BOUNDARY 4096u

/** enum teeio_tlp_kind - the memory requests that a DMA is made of */
enum teeio_tlp_kind {
    TEEIO_TLP_MRD,      /* memory read request */
    TEEIO_TLP_MWR,      /* memory write request */
    TEEIO_TLP_FETCHADD, /* AtomicOps (PCIe 2.2.7): add, */
    TEEIO_TLP_SWAP,     /* swap unconditionally, */
    TEEIO_TLP_CAS,      /* compare and swap */
    TEEIO_TLP_KINDS
};

/** enum teeio_tlp_at - address type field (PCIe 10.2.1) */
enum teeio_tlp_at {
    TEEIO_AT_UNTRANSLATED,
    TEEIO_AT_TRANSLATION_REQUEST,
    TEEIO_AT_TRANSLATED,
    TEEIO_AT_TYPES
};

/** enum teeio_tlp_origin - which code made the request */
enum teeio_tlp_origin {
    TEEIO_ORIGIN_TDI,  /* a model of this project: length and T are exact */
    TEEIO_ORIGIN_CORE, /* the emulator's own device: length is what is left
                        * of the page, since the core does not tell */
    TEEIO_ORIGINS
};

/**
 * struct teeio_tlp - one memory request
 * @kind:        read or write; of a translation request: whether it asks for
 *               write permission too
 * @at:          address type
 * @origin:      who made it
 * @address:     bus address as the device sent it
 * @length:      bytes, 1 to %TEEIO_TLP_BOUNDARY; of an AtomicOp: bytes of the
 *               operand in memory, 4 or 8
 * @requester:   requester id: bus 15:8, device 7:3, function 2:0
 * @ingress:     number of the port below which its sender is, 0 for the root
 *               complex (topology.h). Where it is, not who it says it is
 * @pasid:       PASID, meaningful when @pasid_valid
 * @pasid_valid: a PASID prefix is present
 * @ide:         an IDE prefix is present (PCIe 6.33.4)
 * @stream:      its IDE Stream ID, meaningful when @ide
 * @t:           T bit of the IDE prefix (PCIe 11.2): sent by a TDI in RUN
 * @xt:          XT bit; with @t it tells which memory the TDI expects
 * @privileged:  privileged mode requested (PCIe 6.20.2.4)
 * @execute:     execute requested (PCIe 6.20.2.3)
 * @may_stall:   the sender can wait while software repairs a fault
 */
struct teeio_tlp {
    enum teeio_tlp_kind kind;
    enum teeio_tlp_at at;
    enum teeio_tlp_origin origin;
    uint64_t address;
    uint32_t length;
    uint16_t requester;
    uint16_t ingress;
    uint32_t pasid;
    bool pasid_valid;
    bool t;
    bool xt;
    bool privileged;
    bool execute;
    bool may_stall;
    bool ide;
    uint8_t stream;
};

/**
 * teeio_tlp_kind_name() - "MRd", "MWr", "FetchAdd", "Swap" or "CAS", as in
 * the specification; "?" for any other value
 */
const char *teeio_tlp_kind_name(enum teeio_tlp_kind kind);

/** teeio_tlp_is_atomic() - reads and writes at once, and has a completion */
static inline bool teeio_tlp_is_atomic(enum teeio_tlp_kind kind)
{
    return kind == TEEIO_TLP_FETCHADD || kind == TEEIO_TLP_SWAP ||
           kind == TEEIO_TLP_CAS;
}

/**
 * teeio_tlp_well_formed() - may this TLP exist on a link?
 *
 * Returns: false when the length is 0, the request crosses a 4 KiB boundary,
 * or the operand of an AtomicOp is not 4 or 8 bytes and naturally aligned
 * (PCIe 2.2.7); true otherwise.
 */
bool teeio_tlp_well_formed(const struct teeio_tlp *tlp);

/**
 * teeio_tlp_bdf() - print a requester id as "0000:00:03.0"
 * @buf: at least 13 bytes
 *
 * Returns: @buf.
 */
#define TEEIO_BDF_SIZE 13
char *teeio_tlp_bdf(uint16_t requester, char buf[TEEIO_BDF_SIZE]);

#endif
