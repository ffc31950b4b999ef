/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * MMIO window of teeio-tsm. Shared with guests, so it stands alone.
 *
 * To run a command: write its operands, then COMMAND; then read STATUS.
 */
#ifndef TEEIO_SPEC_TSM_H
#define TEEIO_SPEC_TSM_H

#define TEEIO_TSM_COMPATIBLE   "teeio,tsm"
#define TEEIO_TSM_MMIO_SIZE    0x1000u

#define TEEIO_TSM_REG_ID       0x000u /* 4 bytes: TEEIO_TSM_MAGIC */
#define TEEIO_TSM_REG_VERSION  0x004u /* 4 bytes: of this interface */
#define TEEIO_TSM_REG_COMMAND  0x008u /* 4 bytes */
#define TEEIO_TSM_REG_STATUS   0x00cu /* 4 bytes: TDISP error code, or below */
#define TEEIO_TSM_REG_FUNCTION 0x010u /* 4 bytes: requester id in 15:0 */
#define TEEIO_TSM_REG_RESULT   0x014u /* 4 bytes: what the command answers */
#define TEEIO_TSM_REG_ADDRESS  0x018u /* 8 bytes: page aligned */
#define TEEIO_TSM_REG_LENGTH   0x020u /* 8 bytes: multiple of the page size */
#define TEEIO_TSM_REG_MARKER   0x028u /* 8 bytes: recorded as an event */

#define TEEIO_TSM_MAGIC        0x4d535454u /* "TTSM", little-endian */
#define TEEIO_TSM_VERSION      1u

/* COMMAND */
#define TEEIO_TSM_CMD_LOCK      1u /* LOCK_INTERFACE_REQUEST to FUNCTION */
#define TEEIO_TSM_CMD_START     2u /* START_INTERFACE_REQUEST */
#define TEEIO_TSM_CMD_STOP      3u /* STOP_INTERFACE_REQUEST */
#define TEEIO_TSM_CMD_GET_STATE 4u /* RESULT: TDISP state */
#define TEEIO_TSM_CMD_SHARE     5u /* ADDRESS, LENGTH become shared */
#define TEEIO_TSM_CMD_UNSHARE   6u /* ADDRESS, LENGTH become private */
#define TEEIO_TSM_CMD_OWNER     7u /* RESULT: owner of the page at ADDRESS */

/* RESULT of OWNER */
#define TEEIO_TSM_OWNER_NONE    0u
#define TEEIO_TSM_OWNER_SHARED  1u
#define TEEIO_TSM_OWNER_PRIVATE 2u

/* STATUS beyond the TDISP error codes */
#define TEEIO_TSM_STATUS_BAD_COMMAND 0x10000u
#define TEEIO_TSM_STATUS_BAD_RANGE   0x10001u

#endif
