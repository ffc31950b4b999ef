/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * BAR 0 of teeio-testdev: the interface of QEMU's iommu-testdev. Shared with
 * guests, so it stands alone.
 */
#ifndef TEEIO_SPEC_TESTDEV_H
#define TEEIO_SPEC_TESTDEV_H

#define TEEIO_TESTDEV_VENDOR_ID 0x1b36
#define TEEIO_TESTDEV_DEVICE_ID 0x0005
#define TEEIO_TESTDEV_CLASS     0x00ff /* fits none of the classes */
#define TEEIO_TESTDEV_REVISION  0x00

#define TEEIO_TESTDEV_BAR_SIZE  0x1000u

/* Registers, all 4 bytes. */
#define TEEIO_TESTDEV_REG_TRIGGERING  0x00u /* a read carries out the DMA */
#define TEEIO_TESTDEV_REG_GVA_LO      0x04u /* where the DMA goes */
#define TEEIO_TESTDEV_REG_GVA_HI      0x08u
#define TEEIO_TESTDEV_REG_LEN         0x0cu
#define TEEIO_TESTDEV_REG_RESULT      0x10u
#define TEEIO_TESTDEV_REG_DBELL       0x14u
#define TEEIO_TESTDEV_REG_ATTRS       0x18u
#define TEEIO_TESTDEV_REG_GPA_LO      0x1cu /* where the data must arrive */
#define TEEIO_TESTDEV_REG_GPA_HI      0x20u
#define TEEIO_TESTDEV_REG_FORGE       0x40u /* ours alone */

#define TEEIO_TESTDEV_FORGE_REQUESTER 0xffffu
#define TEEIO_TESTDEV_FORGE_AT(at)    ((at) << 16)
#define TEEIO_TESTDEV_FORGE_VALID     0x80000000u

#define TEEIO_TESTDEV_DBELL_ARM       0x1u

/* ATTRS: the security state of the access; the space counts when valid. */
#define TEEIO_TESTDEV_ATTRS_SECURE          0x1u
#define TEEIO_TESTDEV_ATTRS_SPACE           0x6u
#define TEEIO_TESTDEV_ATTRS_SPACE_SECURE    0x0u
#define TEEIO_TESTDEV_ATTRS_SPACE_NONSECURE 0x2u
#define TEEIO_TESTDEV_ATTRS_SPACE_ROOT      0x4u
#define TEEIO_TESTDEV_ATTRS_SPACE_REALM     0x6u
#define TEEIO_TESTDEV_ATTRS_SPACE_VALID     0x8u

/* RESULT; what each means is said in the register's own description. */
#define TEEIO_TESTDEV_RESULT_OK        0x00000000u
#define TEEIO_TESTDEV_RESULT_BAD_LEN   0xdead0001u
#define TEEIO_TESTDEV_RESULT_TX_FAIL   0xdead0002u
#define TEEIO_TESTDEV_RESULT_RD_FAIL   0xdead0003u
#define TEEIO_TESTDEV_RESULT_MISMATCH  0xdead0004u
#define TEEIO_TESTDEV_RESULT_NOT_ARMED 0xdead0005u
#define TEEIO_TESTDEV_RESULT_BAD_ATTRS 0xdead0006u
#define TEEIO_TESTDEV_RESULT_BUSY      0xfffffffeu
#define TEEIO_TESTDEV_RESULT_IDLE      0xffffffffu

/* The data, repeated from the first byte on, lowest byte first. */
#define TEEIO_TESTDEV_PATTERN 0x12345678u

/* Our own bound, so that one register read ends soon. */
#define TEEIO_TESTDEV_MAX_LENGTH 0x100000u

#endif
