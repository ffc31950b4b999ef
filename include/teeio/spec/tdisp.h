/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * TDISP messages (PCIe 11.3) and the TDI report (11.3.11). All numbers are
 * little-endian.
 */
#ifndef TEEIO_SPEC_TDISP_H
#define TEEIO_SPEC_TDISP_H

#define TEEIO_TDISP_PROTOCOL   1u /* of PCI-SIG's vendor-defined messages */
#define TEEIO_TDISP_VERSION_10 0x10u
#define TEEIO_TDISP_MAJOR      0xf0u

/* Requests; the response is the same without bit 7. */
#define TEEIO_TDISP_MSG_GET_VERSION        0x81u
#define TEEIO_TDISP_MSG_GET_CAPABILITIES   0x82u
#define TEEIO_TDISP_MSG_LOCK               0x83u
#define TEEIO_TDISP_MSG_GET_REPORT         0x84u
#define TEEIO_TDISP_MSG_GET_STATE          0x85u
#define TEEIO_TDISP_MSG_START              0x86u
#define TEEIO_TDISP_MSG_STOP               0x87u
#define TEEIO_TDISP_MSG_BIND_P2P           0x88u
#define TEEIO_TDISP_MSG_UNBIND_P2P         0x89u
#define TEEIO_TDISP_MSG_SET_MMIO_ATTRIBUTE 0x8au
#define TEEIO_TDISP_MSG_VDM                0x8bu
#define TEEIO_TDISP_REQUEST_BIT            0x80u
#define TEEIO_TDISP_MSG_ERROR              0x7fu

/* The header of every message. */
#define TEEIO_TDISP_VERSION_OFFSET  0u
#define TEEIO_TDISP_TYPE_OFFSET     1u
#define TEEIO_TDISP_FUNCTION_OFFSET 4u
#define TEEIO_TDISP_HEADER_SIZE     16u

/* FUNCTION_ID */
#define TEEIO_TDISP_REQUESTER     0x0000ffffu
#define TEEIO_TDISP_SEGMENT       0x00ff0000u
#define TEEIO_TDISP_SEGMENT_LSB   16
#define TEEIO_TDISP_SEGMENT_VALID 0x01000000u

/* Offsets from the start of the message. */
#define TEEIO_TDISP_VERSION_COUNT    16u
#define TEEIO_TDISP_VERSION_ENTRIES  17u

#define TEEIO_TDISP_GET_CAPS_SIZE    20u
#define TEEIO_TDISP_CAPS_MESSAGES    20u /* bit: code minus 80h */
#define TEEIO_TDISP_CAPS_FLAGS       36u
#define TEEIO_TDISP_CAPS_ADDR_WIDTH  41u
#define TEEIO_TDISP_CAPS_NUM_THIS    42u
#define TEEIO_TDISP_CAPS_NUM_ALL     43u
#define TEEIO_TDISP_CAPS_SIZE        44u

#define TEEIO_TDISP_LOCK_FLAGS       16u
#define TEEIO_TDISP_LOCK_STREAM      18u
#define TEEIO_TDISP_LOCK_OFFSET      20u
#define TEEIO_TDISP_LOCK_P2P_MASK    28u
#define TEEIO_TDISP_LOCK_SIZE        36u

#define TEEIO_TDISP_NONCE_OFFSET     16u /* LOCK response, START request */
#define TEEIO_TDISP_NONCE_SIZE       32u

#define TEEIO_TDISP_REPORT_OFFSET    16u /* of the request */
#define TEEIO_TDISP_REPORT_LENGTH    18u
#define TEEIO_TDISP_REPORT_SIZE      20u
#define TEEIO_TDISP_REPORT_PORTION   16u /* of the response */
#define TEEIO_TDISP_REPORT_REMAINDER 18u
#define TEEIO_TDISP_REPORT_BYTES     20u

#define TEEIO_TDISP_STATE_OFFSET     16u
#define TEEIO_TDISP_P2P_STREAM       16u

#define TEEIO_TDISP_RANGE_OFFSET     16u /* of SET_MMIO_ATTRIBUTE_REQUEST */
#define TEEIO_TDISP_ERROR_CODE       16u
#define TEEIO_TDISP_ERROR_DATA       20u
#define TEEIO_TDISP_ERROR_SIZE       24u

/* Lock flags */
#define TEEIO_TDISP_NO_FW_UPDATE         0x0001u
#define TEEIO_TDISP_CACHE_LINE_SIZE      0x0002u /* 128 bytes, not 64 */
#define TEEIO_TDISP_LOCK_MSIX            0x0004u
#define TEEIO_TDISP_BIND_P2P             0x0008u
#define TEEIO_TDISP_ALL_REQUEST_REDIRECT 0x0010u
#define TEEIO_TDISP_LOCK_FLAGS_ALL       0x001fu

/* TDI report */
#define TEEIO_REPORT_INFO          0u
#define TEEIO_REPORT_MSIX_CONTROL  4u
#define TEEIO_REPORT_LNR_CONTROL   6u
#define TEEIO_REPORT_TPH_CONTROL   8u
#define TEEIO_REPORT_RANGE_COUNT   12u
#define TEEIO_REPORT_HEADER_SIZE   16u
#define TEEIO_REPORT_NO_FW_UPDATE  0x0001u
#define TEEIO_REPORT_WITHOUT_PASID 0x0002u
#define TEEIO_REPORT_WITH_PASID    0x0004u
#define TEEIO_REPORT_ATS           0x0008u
#define TEEIO_REPORT_PRS           0x0010u

/* One MMIO range of it, and of SET_MMIO_ATTRIBUTE_REQUEST. */
#define TEEIO_RANGE_FIRST_PAGE  0u
#define TEEIO_RANGE_PAGES       8u
#define TEEIO_RANGE_ATTRIBUTES  12u
#define TEEIO_RANGE_ID          14u
#define TEEIO_RANGE_SIZE        16u
#define TEEIO_RANGE_PAGE_LOG2   12
#define TEEIO_RANGE_MSIX_TABLE  0x0001u
#define TEEIO_RANGE_MSIX_PBA    0x0002u
#define TEEIO_RANGE_NON_TEE_MEM 0x0004u
#define TEEIO_RANGE_UPDATABLE   0x0008u

#endif
