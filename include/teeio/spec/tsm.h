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
#define TEEIO_TSM_REG_ADDRESS  0x018u /* 8 bytes: of pages, or of a buffer */
#define TEEIO_TSM_REG_LENGTH   0x020u /* 8 bytes: of them */
#define TEEIO_TSM_REG_MARKER   0x028u /* 8 bytes: recorded as an event */
/* Since version 2. */
#define TEEIO_TSM_REG_FLAGS  0x030u /* 4 bytes: lock flags in 15:0 */
#define TEEIO_TSM_REG_STREAM 0x034u /* 4 bytes: stream id in 7:0 */
#define TEEIO_TSM_REG_PORT   0x038u /* 4 bytes: PortIndex in 7:0 */
#define TEEIO_TSM_REG_OFFSET 0x040u /* 8 bytes: MMIO_REPORTING_OFFSET */

#define TEEIO_TSM_MAGIC      0x4d535454u /* "TTSM", little-endian */
#define TEEIO_TSM_VERSION    2u

/* COMMAND */
#define TEEIO_TSM_CMD_LOCK      1u /* LOCK_INTERFACE_REQUEST to FUNCTION */
#define TEEIO_TSM_CMD_START     2u /* START_INTERFACE_REQUEST */
#define TEEIO_TSM_CMD_STOP      3u /* STOP_INTERFACE_REQUEST */
#define TEEIO_TSM_CMD_GET_STATE 4u /* RESULT: TDISP state */
#define TEEIO_TSM_CMD_SHARE     5u /* ADDRESS, LENGTH become shared */
#define TEEIO_TSM_CMD_UNSHARE   6u /* ADDRESS, LENGTH become private */
#define TEEIO_TSM_CMD_OWNER     7u /* RESULT: owner of the page at ADDRESS */

/* Since version 2. Buffer: ADDRESS, LENGTH; RESULT: bytes that there are. */
#define TEEIO_TSM_CMD_CONNECT      8u  /* authenticate, open a session */
#define TEEIO_TSM_CMD_DISCONNECT   9u  /* END_SESSION */
#define TEEIO_TSM_CMD_IDE_SETUP    10u /* STREAM, PORT get keys */
#define TEEIO_TSM_CMD_IDE_STOP     11u /* STREAM loses them */
#define TEEIO_TSM_CMD_MEASUREMENTS 12u /* verified record to the buffer */
#define TEEIO_TSM_CMD_REPORT       13u /* the TDI report to the buffer */

/* RESULT of OWNER */
#define TEEIO_TSM_OWNER_NONE    0u
#define TEEIO_TSM_OWNER_SHARED  1u
#define TEEIO_TSM_OWNER_PRIVATE 2u

/* STATUS beyond the TDISP error codes */
#define TEEIO_TSM_STATUS_BAD_COMMAND 0x10000u
#define TEEIO_TSM_STATUS_BAD_RANGE   0x10001u
#define TEEIO_TSM_STATUS_NO_MAILBOX  0x10002u /* the device has no DOE */

/*
 * What can go wrong between the TSM and the device; RESULT: a number that the
 * device gave as a reason, or 0.
 */
#define TEEIO_TSM_STATUS_NO_ANSWER     0x20001u
#define TEEIO_TSM_STATUS_MALFORMED     0x20002u
#define TEEIO_TSM_STATUS_UNEXPECTED    0x20003u
#define TEEIO_TSM_STATUS_REFUSED       0x20004u /* RESULT: SPDM error code */
#define TEEIO_TSM_STATUS_UNSUPPORTED   0x20005u
#define TEEIO_TSM_STATUS_UNTRUSTED     0x20006u
#define TEEIO_TSM_STATUS_BAD_SIGNATURE 0x20007u
#define TEEIO_TSM_STATUS_NOT_AUTHENTIC 0x20008u
#define TEEIO_TSM_STATUS_NOT_CONNECTED 0x20009u
#define TEEIO_TSM_STATUS_NO_SESSION    0x2000au
#define TEEIO_TSM_STATUS_KEY_REFUSED   0x2000cu /* RESULT: KP_ACK status */
#define TEEIO_TSM_STATUS_TOO_LARGE     0x2000du
#define TEEIO_TSM_STATUS_NO_RANDOM     0x2000eu

#endif
