/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Integrity and Data Encryption (PCIe 6.33): the extended capability (7.9.26)
 * and the key management messages IDE_KM (6.33.3). All numbers are
 * little-endian.
 */
#ifndef TEEIO_SPEC_IDE_H
#define TEEIO_SPEC_IDE_H

#define TEEIO_IDE_CAP_ID      0x0030u
#define TEEIO_IDE_CAP_VERSION 1u

/* Registers, 4 bytes each, from the start of the capability. */
#define TEEIO_IDE_REG_CAP     0x04u
#define TEEIO_IDE_REG_CONTROL 0x08u
#define TEEIO_IDE_REG_BLOCKS  0x0cu /* link blocks, then selective blocks */

/* A link block. */
#define TEEIO_IDE_LINK_CONTROL 0x00u
#define TEEIO_IDE_LINK_STATUS  0x04u
#define TEEIO_IDE_LINK_SIZE    0x08u

/* A selective block, and the address association blocks that follow it. */
#define TEEIO_IDE_SEL_CAP          0x00u /* 3:0 address association blocks */
#define TEEIO_IDE_SEL_CONTROL      0x04u
#define TEEIO_IDE_SEL_STATUS       0x08u
#define TEEIO_IDE_SEL_RID1         0x0cu
#define TEEIO_IDE_SEL_RID2         0x10u
#define TEEIO_IDE_SEL_SIZE         0x14u
#define TEEIO_IDE_ADDR_LOW         0x00u
#define TEEIO_IDE_ADDR_LIMIT       0x04u
#define TEEIO_IDE_ADDR_BASE        0x08u
#define TEEIO_IDE_ADDR_SIZE        0x0cu

#define TEEIO_IDE_CAP_LINK         0x00000001u
#define TEEIO_IDE_CAP_SELECTIVE    0x00000002u
#define TEEIO_IDE_CAP_FLOW_THROUGH 0x00000004u
#define TEEIO_IDE_CAP_AGGREGATION  0x00000010u
#define TEEIO_IDE_CAP_PCRC         0x00000020u
#define TEEIO_IDE_CAP_IDE_KM       0x00000040u
#define TEEIO_IDE_CAP_SEL_CONFIG   0x00000080u
#define TEEIO_IDE_CAP_LINK_TCS     0x0000e000u /* minus 1 */
#define TEEIO_IDE_CAP_LINK_TCS_LSB 13
#define TEEIO_IDE_CAP_STREAMS      0x00ff0000u /* selective, minus 1 */
#define TEEIO_IDE_CAP_STREAMS_LSB  16
#define TEEIO_IDE_CAP_TEE_LIMITED  0x01000000u

#define TEEIO_IDE_FLOW_THROUGH     0x00000004u /* of CONTROL */

/* Link and selective stream control. */
#define TEEIO_IDE_STREAM_ENABLE      0x00000001u
#define TEEIO_IDE_STREAM_AGGREGATION 0x000000fcu
#define TEEIO_IDE_STREAM_PCRC        0x00000100u
#define TEEIO_IDE_STREAM_CONFIG      0x00000200u /* selective only */
#define TEEIO_IDE_STREAM_ALGORITHM   0x0007c000u
#define TEEIO_IDE_STREAM_TC          0x00380000u
#define TEEIO_IDE_STREAM_TC_LSB      19
#define TEEIO_IDE_STREAM_DEFAULT     0x00400000u /* selective only */
#define TEEIO_IDE_STREAM_TEE_LIMITED 0x00800000u /* selective only */
#define TEEIO_IDE_STREAM_ID          0xff000000u
#define TEEIO_IDE_STREAM_ID_LSB      24

/* Link and selective stream status. */
#define TEEIO_IDE_STATUS_STATE       0x0000000fu
#define TEEIO_IDE_STATE_INSECURE     0u
#define TEEIO_IDE_STATE_SECURE       2u
#define TEEIO_IDE_STATUS_FAIL        0x80000000u /* write 1 to clear */

#define TEEIO_IDE_RID1_LIMIT         0x00ffff00u
#define TEEIO_IDE_RID2_VALID         0x00000001u
#define TEEIO_IDE_RID2_BASE          0x00ffff00u
#define TEEIO_IDE_RID_LSB            8
#define TEEIO_IDE_RID2_SEGMENT       0xff000000u
#define TEEIO_IDE_RID2_SEGMENT_LSB   24

#define TEEIO_IDE_ADDR_LOW_VALID     0x00000001u
#define TEEIO_IDE_ADDR_LOW_BASE      0x000fff00u /* address bits 31:20 */
#define TEEIO_IDE_ADDR_LOW_LIMIT     0xfff00000u /* address bits 31:20 */
#define TEEIO_IDE_ADDR_LOW_BASE_LSB  8
#define TEEIO_IDE_ADDR_LOW_LIMIT_LSB 20
#define TEEIO_IDE_ADDR_SHIFT         20

/* IDE_KM: protocol 0 of the vendor-defined messages of PCI-SIG. */
#define TEEIO_IDE_KM_PROTOCOL     0u

#define TEEIO_IDE_KM_QUERY        0u
#define TEEIO_IDE_KM_QUERY_RESP   1u
#define TEEIO_IDE_KM_KEY_PROG     2u
#define TEEIO_IDE_KM_KP_ACK       3u
#define TEEIO_IDE_KM_K_SET_GO     4u
#define TEEIO_IDE_KM_K_SET_STOP   5u
#define TEEIO_IDE_KM_K_GOSTOP_ACK 6u

/* QUERY: id, reserved, port. QUERY_RESP: these, the rest, registers. */
#define TEEIO_IDE_KM_QUERY_SIZE     3u
#define TEEIO_IDE_KM_QUERY_PORT     2u
#define TEEIO_IDE_KM_QUERY_FUNCTION 3u
#define TEEIO_IDE_KM_QUERY_BUS      4u
#define TEEIO_IDE_KM_QUERY_SEGMENT  5u
#define TEEIO_IDE_KM_QUERY_MAX_PORT 6u
#define TEEIO_IDE_KM_QUERY_REGS     7u

/* All others: 7 bytes; KEY_PROG goes on with a key and an IFV. */
#define TEEIO_IDE_KM_SIZE       7u
#define TEEIO_IDE_KM_STREAM     3u
#define TEEIO_IDE_KM_STATUS     4u
#define TEEIO_IDE_KM_SUB_STREAM 5u
#define TEEIO_IDE_KM_PORT       6u
#define TEEIO_IDE_KM_KEY        7u
#define TEEIO_IDE_KM_KEY_SIZE   32u
#define TEEIO_IDE_KM_IFV        39u
#define TEEIO_IDE_KM_PROG_SIZE  47u

#define TEEIO_IDE_KM_KEY_SET    0x01u
#define TEEIO_IDE_KM_TX         0x02u
#define TEEIO_IDE_KM_RESERVED   0x0cu
#define TEEIO_IDE_KM_SUB_LSB    4

/* Status of a KP_ACK. */
#define TEEIO_IDE_KM_OK          0u
#define TEEIO_IDE_KM_BAD_LENGTH  1u
#define TEEIO_IDE_KM_BAD_PORT    2u
#define TEEIO_IDE_KM_BAD_VALUE   3u
#define TEEIO_IDE_KM_UNSPECIFIED 4u

#endif
