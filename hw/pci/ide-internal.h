/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* What ide.c, ide-state.c and ide_km.c share: one port and its key slots. */
#ifndef TEEIO_HW_PCI_IDE_INTERNAL_H
#define TEEIO_HW_PCI_IDE_INTERNAL_H

#include "teeio/ide.h"
#include "teeio/spec/ide.h"

#define TEEIO_IDE_SETS 2u

/* Bits of a sub-stream mask: Rx PR, NPR, CPL, then the same of Tx. */
#define TEEIO_IDE_SUBS     3u
#define TEEIO_IDE_ALL_SUBS 0x3fu

#define TEEIO_IDE_MAX_SLOTS                          \
    ((TEEIO_IDE_MAX_LINKS + TEEIO_IDE_MAX_STREAMS) * \
     (TEEIO_QUIRKS_MAX_PORT + 1u))

/* The largest capability there can be, in DW. */
#define TEEIO_IDE_MAX_WORDS                                              \
    ((TEEIO_IDE_REG_BLOCKS + TEEIO_IDE_MAX_LINKS * TEEIO_IDE_LINK_SIZE + \
      TEEIO_IDE_MAX_STREAMS *                                            \
          (TEEIO_IDE_SEL_SIZE +                                          \
           TEEIO_IDE_MAX_ADDRESSES * TEEIO_IDE_ADDR_SIZE)) /             \
     4)

/**
 * struct teeio_ide_slot - the keys of one stream at one port index
 * @used:       the rest is meaningful
 * @session:    all keys came in it
 * @programmed: sub-streams that have a key, by key set
 * @active:     sub-streams that use it, by key set; a part of @programmed
 */
struct teeio_ide_slot {
    bool used;
    uint8_t port;
    uint8_t stream;
    uint32_t session;
    uint8_t programmed[TEEIO_IDE_SETS];
    uint8_t active[TEEIO_IDE_SETS];
};

/**
 * struct teeio_ide - one port
 * @words:   the capability, a DW each
 * @owned:   @owner is the session that IDE_KM listens to
 */
struct teeio_ide {
    struct teeio_ide_config config;
    struct teeio_ide_listener listener;
    uint8_t segment;
    uint16_t requester;
    bool owned;
    uint32_t owner;
    uint32_t words[TEEIO_IDE_MAX_WORDS];
    struct teeio_ide_slot slots[TEEIO_IDE_MAX_SLOTS];
};

/** teeio_ide_slot() - the keys of a stream; NULL when there are none */
struct teeio_ide_slot *teeio_ide_slot(struct teeio_ide *ide, uint8_t port,
                                      uint8_t stream);

/** teeio_ide_slot_new() - as teeio_ide_slot(), but makes an empty one */
struct teeio_ide_slot *teeio_ide_slot_new(struct teeio_ide *ide, uint8_t port,
                                          uint8_t stream);

/** teeio_ide_known() - has any block this stream id? */
bool teeio_ide_known(const struct teeio_ide *ide, uint8_t stream);

/** teeio_ide_refresh() - states after a change; tells the listener */
void teeio_ide_refresh(struct teeio_ide *ide);

/** teeio_ide_words() - length of the capability in DW */
unsigned teeio_ide_words(const struct teeio_ide *ide);

/**
 * teeio_ide_row() - which register lies at the DW @word?
 * @block: set to the number of its block, links first; 0 for the two at the
 *         head
 *
 * Returns: a row whose offset is that inside the block.
 */
const struct teeio_reg *teeio_ide_row(const struct teeio_ide *ide,
                                      unsigned word, unsigned *block);

/** teeio_ide_block_state() - what the state of block @block has to be */
unsigned teeio_ide_block_state(const struct teeio_ide *ide, unsigned block);

/** teeio_ide_control(), teeio_ide_status() - of block @block, links first */
uint32_t *teeio_ide_control(struct teeio_ide *ide, unsigned block);
uint32_t *teeio_ide_status(struct teeio_ide *ide, unsigned block);

#endif
