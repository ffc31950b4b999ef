/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Data Object Exchange (PCIe 6.30, 7.9.24): the extended capability and the
 * header of a data object. All numbers are little-endian.
 */
#ifndef TEEIO_SPEC_DOE_H
#define TEEIO_SPEC_DOE_H

#define TEEIO_DOE_CAP_ID      0x002eu
#define TEEIO_DOE_CAP_VERSION 1u
#define TEEIO_DOE_CAP_SIZE    0x18u

/* Registers, 4 bytes each, from the start of the capability. */
#define TEEIO_DOE_REG_HEADER      0x00u
#define TEEIO_DOE_REG_CAP         0x04u
#define TEEIO_DOE_REG_CONTROL     0x08u
#define TEEIO_DOE_REG_STATUS      0x0cu
#define TEEIO_DOE_REG_WRITE       0x10u
#define TEEIO_DOE_REG_READ        0x14u /* a write of any value pops a DW */

#define TEEIO_DOE_CAP_INTERRUPT   0x00000001u
#define TEEIO_DOE_CAP_MESSAGE     0x00000ffeu /* MSI/MSI-X message number */
#define TEEIO_DOE_CAP_MESSAGE_LSB 1

#define TEEIO_DOE_CONTROL_ABORT   0x00000001u
#define TEEIO_DOE_CONTROL_INT_EN  0x00000002u
#define TEEIO_DOE_CONTROL_GO      0x80000000u

#define TEEIO_DOE_STATUS_BUSY     0x00000001u
#define TEEIO_DOE_STATUS_INT      0x00000002u /* write 1 to clear */
#define TEEIO_DOE_STATUS_ERROR    0x00000004u
#define TEEIO_DOE_STATUS_READY    0x80000000u

/*
 * A data object: vendor id (2 bytes), type (1), reserved (1), length in DW with
 * the two of the header, in 17:0 of the second DW; 0 stands for 2^18.
 */
#define TEEIO_DOE_HEADER_SIZE    8u
#define TEEIO_DOE_LENGTH_MASK    0x0003ffffu
#define TEEIO_DOE_LENGTH_ALL     0x00040000u

#define TEEIO_DOE_VENDOR_PCI_SIG 0x0001u
#define TEEIO_DOE_TYPE_DISCOVERY 0u
#define TEEIO_DOE_TYPE_SPDM      1u
#define TEEIO_DOE_TYPE_SECURED   2u

/*
 * Discovery. Request DW: index in 7:0. Response DW: vendor id in 15:0, type in
 * 23:16, next index in 31:24, 0 at the end; vendor id FFFFh for an index that
 * does not exist.
 */
#define TEEIO_DOE_NO_VENDOR 0xffffu

#endif
