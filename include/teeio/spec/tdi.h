/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * BAR 0 of teeio-tdi: registers, then the descriptor ring. Shared with guests,
 * so it stands alone.
 *
 * The ring lies in device memory: fetching a descriptor is no DMA, and every
 * TLP in a capture is one that a test asked for.
 */
#ifndef TEEIO_SPEC_TDI_H
#define TEEIO_SPEC_TDI_H

/* 1234 is the vendor id that emulators use for devices nobody manufactures. */
#define TEEIO_TDI_VENDOR_ID 0x1234
#define TEEIO_TDI_DEVICE_ID 0x7ee1
#define TEEIO_TDI_CLASS     0x1200 /* processing accelerator */
#define TEEIO_TDI_REVISION  0x01

/* Virtual functions: the same BAR 0, MSI-X vectors 0 and 1. */
#define TEEIO_TDI_VF_DEVICE_ID 0x7eeb
#define TEEIO_TDI_MAX_VFS      32u

#define TEEIO_TDI_BAR_SIZE     0x4000u

/* Registers, all 4 bytes unless said otherwise. */
#define TEEIO_TDI_REG_ID         0x000u /* TEEIO_TDI_MAGIC */
#define TEEIO_TDI_REG_VERSION    0x004u /* of this interface */
#define TEEIO_TDI_REG_CAPS       0x008u /* 7:0 log2 of ring entries */
#define TEEIO_TDI_REG_STATE      0x00cu /* 1:0 TDISP state */
#define TEEIO_TDI_REG_CONTROL    0x010u
#define TEEIO_TDI_REG_HEAD       0x014u /* next descriptor to be carried out */
#define TEEIO_TDI_REG_TAIL       0x018u /* doorbell: one past the last valid */
#define TEEIO_TDI_REG_INT_STATUS 0x01cu
#define TEEIO_TDI_REG_INT_ENABLE 0x020u
#define TEEIO_TDI_REG_TLPS_T0    0x028u /* 8 bytes: TLPs sent with T=0 */
#define TEEIO_TDI_REG_TLPS_T1    0x030u /* 8 bytes: TLPs sent with T=1 */
#define TEEIO_TDI_REG_REFUSED    0x038u /* 8 bytes: reads not completed */

#define TEEIO_TDI_MAGIC          0x49445454u /* "TTDI", little-endian */
#define TEEIO_TDI_VERSION        2u

#define TEEIO_TDI_CONTROL_RESET  0x1u /* self-clearing: ring and interrupts */

/*
 * INT_STATUS (write 1 to clear) and INT_ENABLE. DONE: a descriptor with
 * DESC_IRQ ended; MSI-X vector 0. ERROR: a descriptor failed, a tail was
 * refused, or the TDI entered ERROR; vector 1.
 */
#define TEEIO_TDI_INT_DONE     0x1u
#define TEEIO_TDI_INT_ERROR    0x2u

#define TEEIO_TDI_RING_OFFSET  0x1000u
#define TEEIO_TDI_RING_LOG2    6u
#define TEEIO_TDI_RING_ENTRIES (1u << TEEIO_TDI_RING_LOG2)

/*
 * Head and tail carry one wrap bit above the index, so full is not empty. A
 * tail that is no pointer, or further than RING_ENTRIES after head, is refused:
 * it keeps its value and INT_ERROR is set.
 */
#define TEEIO_TDI_RING_WRAP TEEIO_TDI_RING_ENTRIES

/* One descriptor: 64 bytes, little-endian, written and read in 4 or 8 bytes. */
#define TEEIO_TDI_DESC_SIZE     64u
#define TEEIO_TDI_DESC_CONTROL  0x00u /* 4 bytes */
#define TEEIO_TDI_DESC_LENGTH   0x04u /* 4 bytes: 1 to MAX_LENGTH */
#define TEEIO_TDI_DESC_SOURCE   0x08u /* 8 bytes: COPY and CHECKSUM */
#define TEEIO_TDI_DESC_DEST     0x10u /* 8 bytes: COPY and FILL */
#define TEEIO_TDI_DESC_PATTERN  0x18u /* 8 bytes: FILL, repeated from DEST */
#define TEEIO_TDI_DESC_STATUS   0x20u /* 4 bytes: written by the device */
#define TEEIO_TDI_DESC_CHECKSUM 0x24u /* 4 bytes: CRC-32 of what was read */
#define TEEIO_TDI_DESC_FAILED   0x28u /* 8 bytes: first address not read */
#define TEEIO_TDI_DESC_SUBSPACE 0x30u /* 4 bytes: PASID, with DESC_PASID */

#define TEEIO_TDI_DESC_OPCODE   0x000000ffu /* of DESC_CONTROL */
#define TEEIO_TDI_DESC_T        0x00000100u /* send with T=1 */
#define TEEIO_TDI_DESC_XT       0x00000200u /* send with XT=1 */
#define TEEIO_TDI_DESC_IRQ      0x00000400u /* raise INT_DONE at the end */

/*
 * Since version 2. Each needs its Enable bit in config space, else the
 * descriptor is bad. ATS: translate first, then send translated requests. PRI,
 * only with ATS: ask for a page that is missing, and wait for it.
 */
#define TEEIO_TDI_DESC_PASID  0x00000800u /* send with a PASID */
#define TEEIO_TDI_DESC_ATS    0x00001000u
#define TEEIO_TDI_DESC_PRI    0x00002000u

#define TEEIO_TDI_MAX_PASID   0xfffffu

#define TEEIO_TDI_OP_FILL     1u
#define TEEIO_TDI_OP_COPY     2u
#define TEEIO_TDI_OP_CHECKSUM 3u /* CRC-32 of IEEE 802.3, as zlib's crc32() */

#define TEEIO_TDI_MAX_LENGTH  0x100000u

/*
 * DESC_STATUS. OK: reads completed, writes were posted (their sender never
 * learns more). REFUSED: a read ended as UR or CA; its bytes count as ones.
 * BAD_DESC: opcode, length, address range or a flag that is not enabled.
 * NOT_RUN: T or XT asked for outside RUN. NO_MASTER: Command.BME is clear.
 * ATS_REFUSED: the translation request failed, or did not grant the right that
 * was needed. PRI_DENIED: the page request was not answered with success.
 */
#define TEEIO_TDI_STATUS_PENDING     0u
#define TEEIO_TDI_STATUS_OK          1u
#define TEEIO_TDI_STATUS_REFUSED     2u
#define TEEIO_TDI_STATUS_BAD_DESC    3u
#define TEEIO_TDI_STATUS_NOT_RUN     4u
#define TEEIO_TDI_STATUS_NO_MASTER   5u
#define TEEIO_TDI_STATUS_ATS_REFUSED 6u
#define TEEIO_TDI_STATUS_PRI_DENIED  7u

#endif
