/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What decides on routes in configuration space (PCI Express Base
 * Specification 6.x): headers, and the ACS and AER extended capabilities.
 */
#ifndef TEEIO_SPEC_PORT_H
#define TEEIO_SPEC_PORT_H

#define TEEIO_CONFIG_SIZE 4096u

/* Header, 7.5.1 */
#define TEEIO_CFG_COMMAND        0x04u
#define TEEIO_CFG_COMMAND_MSE    0x0002u
#define TEEIO_CFG_COMMAND_BME    0x0004u
#define TEEIO_CFG_COMMAND_SERR   0x0100u
#define TEEIO_CFG_STATUS         0x06u
#define TEEIO_CFG_STATUS_CAPS    0x0010u
#define TEEIO_CFG_HEADER_TYPE    0x0eu
#define TEEIO_CFG_BAR            0x10u
#define TEEIO_CFG_SECONDARY      0x19u
#define TEEIO_CFG_SUBORDINATE    0x1au
#define TEEIO_CFG_MEMORY         0x20u /* base, then limit: 31:20 of each */
#define TEEIO_CFG_PREFETCHABLE   0x24u
#define TEEIO_CFG_PREF_BASE_HI   0x28u
#define TEEIO_CFG_PREF_LIMIT_HI  0x2cu
#define TEEIO_CFG_CAPABILITIES   0x34u
#define TEEIO_CFG_BRIDGE_CONTROL 0x3eu
#define TEEIO_CFG_BRIDGE_SERR    0x0002u

#define TEEIO_CFG_BAR_IO         0x1u
#define TEEIO_CFG_BAR_TYPE       0x6u
#define TEEIO_CFG_BAR_64         0x4u

/* PCI Express capability, 7.5.3 */
#define TEEIO_CAP_EXPRESS      0x10u
#define TEEIO_EXP_FLAGS        0x02u /* 7:4 device/port type */
#define TEEIO_EXP_ROOT_PORT    0x4u
#define TEEIO_EXP_UPSTREAM     0x5u
#define TEEIO_EXP_DOWNSTREAM   0x6u
#define TEEIO_EXP_DEVCTL       0x08u
#define TEEIO_EXP_DEVCTL_COR   0x0001u
#define TEEIO_EXP_DEVCTL_NFERR 0x0002u
#define TEEIO_EXP_DEVCTL_FATAL 0x0004u
#define TEEIO_EXP_DEVCTL_UR    0x0008u
#define TEEIO_EXP_DEVSTA       0x0au
#define TEEIO_EXP_DEVSTA_COR   0x0001u
#define TEEIO_EXP_DEVSTA_NFERR 0x0002u
#define TEEIO_EXP_DEVSTA_FATAL 0x0004u
#define TEEIO_EXP_DEVSTA_UR    0x0008u
#define TEEIO_EXP_LNKCAP       0x0cu /* 31:24 port number */

/* Advanced Error Reporting, 7.8.4 */
#define TEEIO_ECAP_AER           0x0001u
#define TEEIO_AER_UNCOR_STATUS   0x04u
#define TEEIO_AER_UNCOR_MASK     0x08u
#define TEEIO_AER_UNCOR_SEVERITY 0x0cu
#define TEEIO_AER_COR_STATUS     0x10u
#define TEEIO_AER_COR_MASK       0x14u
#define TEEIO_AER_CONTROL        0x18u /* 4:0 first error pointer */
#define TEEIO_AER_FIRST_ERROR    0x1fu
#define TEEIO_AER_HEADER         0x1cu /* 16 bytes */
#define TEEIO_AER_ROOT_COMMAND   0x2cu
#define TEEIO_AER_ROOT_STATUS    0x30u
#define TEEIO_AER_ROOT_SOURCE    0x34u /* 15:0 ERR_COR, 31:16 the others */

#define TEEIO_AER_CA             15u /* bit numbers of uncorrectable errors */
#define TEEIO_AER_MALFORMED      18u
#define TEEIO_AER_UR             20u
#define TEEIO_AER_ACS            21u
#define TEEIO_AER_IDE_CHECK      28u
#define TEEIO_AER_IDE_MISROUTED  29u
#define TEEIO_AER_ADVISORY       0x2000u /* correctable: advisory non-fatal */

#define TEEIO_AER_ROOT_COR       0x01u /* command: interrupt for each kind */
#define TEEIO_AER_ROOT_NONFATAL  0x02u
#define TEEIO_AER_ROOT_FATAL     0x04u

#define TEEIO_AER_GOT_COR        0x01u /* status */
#define TEEIO_AER_MULTI_COR      0x02u
#define TEEIO_AER_GOT_UNCOR      0x04u
#define TEEIO_AER_MULTI_UNCOR    0x08u
#define TEEIO_AER_FIRST_FATAL    0x10u
#define TEEIO_AER_GOT_NONFATAL   0x20u
#define TEEIO_AER_GOT_FATAL      0x40u
#define TEEIO_AER_VECTOR(status) ((status) >> 27)

/* Access Control Services, 7.7.11; bits of capability and control alike */
#define TEEIO_ECAP_ACS        0x000du
#define TEEIO_ACS_CAPABILITY  0x04u /* 15:8 bits in the egress vector */
#define TEEIO_ACS_CONTROL     0x06u
#define TEEIO_ACS_VECTOR      0x08u
#define TEEIO_ACS_SIZE        0x0cu /* with 32 bits of vector */
#define TEEIO_ACS_SV          0x0001u
#define TEEIO_ACS_TB          0x0002u
#define TEEIO_ACS_RR          0x0004u
#define TEEIO_ACS_CR          0x0008u
#define TEEIO_ACS_UF          0x0010u
#define TEEIO_ACS_EC          0x0020u
#define TEEIO_ACS_DT          0x0040u
#define TEEIO_ACS_BITS        7u
#define TEEIO_ACS_ALL         0x007fu
#define TEEIO_ACS_VECTOR_BITS 32u

#endif
