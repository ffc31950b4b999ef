/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * TLP headers on a link in non-flit mode (PCI Express Base Specification 6.x,
 * sections 2.2 and 10, IDE: 6.33.4). Each doubleword as a big-endian number:
 * byte 0 of the figures is in bits 31:24.
 */
#ifndef TEEIO_SPEC_TLP_H
#define TEEIO_SPEC_TLP_H

/* First doubleword (2.2.1). */
#define TEEIO_HEADER_FMT_SHIFT  29
#define TEEIO_HEADER_TYPE_SHIFT 24
#define TEEIO_HEADER_TYPE_MASK  0x1fu
#define TEEIO_HEADER_T9         (1u << 23)
#define TEEIO_HEADER_TC_SHIFT   20
#define TEEIO_HEADER_T8         (1u << 19)
#define TEEIO_HEADER_IDO        (1u << 18) /* Attr[2] */
#define TEEIO_HEADER_TH         (1u << 16)
#define TEEIO_HEADER_TD         (1u << 15)
#define TEEIO_HEADER_EP         (1u << 14)
#define TEEIO_HEADER_ATTR_SHIFT 12 /* Attr[1:0] */
#define TEEIO_HEADER_AT_SHIFT   10
#define TEEIO_HEADER_LENGTH     0x3ffu /* doublewords; 0 stands for 1024 */

/* Fmt */
#define TEEIO_FMT_4DW    1u
#define TEEIO_FMT_DATA   2u
#define TEEIO_FMT_PREFIX 4u

/* Type (table 2-3) */
#define TEEIO_TYPE_MEM         0x00u
#define TEEIO_TYPE_CPL         0x0au
#define TEEIO_TYPE_FETCHADD    0x0cu
#define TEEIO_TYPE_SWAP        0x0du
#define TEEIO_TYPE_CAS         0x0eu
#define TEEIO_TYPE_MSG         0x10u /* and the routing in bits 2:0 */
#define TEEIO_TYPE_MSG_ROUTING 0x07u

/* First byte of an End-End TLP prefix (2.2.10.4). */
#define TEEIO_PREFIX_PASID 0x91u
#define TEEIO_PREFIX_IDE   0x92u

/* PASID TLP prefix (6.20.2.1) */
#define TEEIO_PASID_PMR  (1u << 23) /* Privileged Mode Requested */
#define TEEIO_PASID_EXE  (1u << 22) /* Execute Requested */
#define TEEIO_PASID_MASK 0xfffffu

/* IDE TLP prefix (6.33.4); docs/specs/tlp.rst says how sure that is. */
#define TEEIO_IDE_PR_SENT_SHIFT    16
#define TEEIO_IDE_STREAM_SHIFT     8
#define TEEIO_IDE_XT               (1u << 7)
#define TEEIO_IDE_SUB_STREAM_SHIFT 4
#define TEEIO_IDE_SUB_STREAM_MASK  0x7u
#define TEEIO_IDE_P                (1u << 3) /* a PCRC follows */
#define TEEIO_IDE_M                (1u << 2) /* a MAC follows */
#define TEEIO_IDE_K                (1u << 1) /* key set */
#define TEEIO_IDE_T                (1u << 0)

/* Sub-Stream (6.33.5) */
#define TEEIO_SUB_STREAM_PR  0u
#define TEEIO_SUB_STREAM_NPR 1u
#define TEEIO_SUB_STREAM_CPL 2u

/* Completion Status (table 2-37) */
#define TEEIO_CPL_SC  0u
#define TEEIO_CPL_UR  1u
#define TEEIO_CPL_RRS 2u
#define TEEIO_CPL_CA  4u

/* Routing of messages (table 2-20) */
#define TEEIO_ROUTING_TO_RC     0u
#define TEEIO_ROUTING_ADDRESS   1u
#define TEEIO_ROUTING_ID        2u
#define TEEIO_ROUTING_BROADCAST 3u
#define TEEIO_ROUTING_LOCAL     4u
#define TEEIO_ROUTING_GATHER    5u

/* Message Code (appendix F) */
#define TEEIO_MSG_INVALIDATE_REQUEST    0x01u
#define TEEIO_MSG_INVALIDATE_COMPLETION 0x02u
#define TEEIO_MSG_PAGE_REQUEST          0x04u
#define TEEIO_MSG_PRG_RESPONSE          0x05u
#define TEEIO_MSG_ERR_COR               0x30u
#define TEEIO_MSG_ERR_NONFATAL          0x31u
#define TEEIO_MSG_ERR_FATAL             0x33u
#define TEEIO_MSG_VENDOR_DEFINED_0      0x7eu
#define TEEIO_MSG_VENDOR_DEFINED_1      0x7fu

/* Bytes 8 to 15 of a message header, as one big-endian number. */
#define TEEIO_MSG_TARGET_SHIFT 48 /* routing by ID */
/* Page Request (10.4.1) */
#define TEEIO_PAGE_ADDRESS     0xfffffffffffff000ull
#define TEEIO_PAGE_INDEX_SHIFT 3
#define TEEIO_PAGE_INDEX_MASK  0x1ffu
#define TEEIO_PAGE_LAST        (1u << 2)
#define TEEIO_PAGE_WRITE       (1u << 1)
#define TEEIO_PAGE_READ        (1u << 0)
/* PRG Response (10.4.2) */
#define TEEIO_PRG_CODE_SHIFT  44
#define TEEIO_PRG_INDEX_SHIFT 32
/* Invalidate Completion (10.3.2) */
#define TEEIO_INVALIDATE_CC_SHIFT 32
/* Vendor_Defined (2.2.8.6) */
#define TEEIO_VENDOR_ID_SHIFT 32

#endif
