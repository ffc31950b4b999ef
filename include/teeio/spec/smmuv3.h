/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Arm SMMUv3 layouts (Arm IHI 0070, chapters 4 to 7): offsets and masks of
 * what the model knows. A suffix N in STEn, CDn, CMDn or EVTn is the 64-bit
 * word of the structure.
 */
#ifndef TEEIO_SPEC_SMMUV3_H
#define TEEIO_SPEC_SMMUV3_H

#include <stdint.h>

#define TEEIO_BIT64(n) (UINT64_C(1) << (n))
#define TEEIO_MASK64(high, low) \
    ((UINT64_MAX >> (63 - (high))) & (UINT64_MAX << (low)))

/* Registers, 4 bytes unless said otherwise. */
#define TEEIO_SMMUV3_REG_IDR0            0x00u
#define TEEIO_SMMUV3_REG_IDR1            0x04u
#define TEEIO_SMMUV3_REG_IDR2            0x08u
#define TEEIO_SMMUV3_REG_IDR3            0x0cu
#define TEEIO_SMMUV3_REG_IDR4            0x10u
#define TEEIO_SMMUV3_REG_IDR5            0x14u
#define TEEIO_SMMUV3_REG_IIDR            0x18u
#define TEEIO_SMMUV3_REG_AIDR            0x1cu
#define TEEIO_SMMUV3_REG_CR0             0x20u
#define TEEIO_SMMUV3_REG_CR0ACK          0x24u
#define TEEIO_SMMUV3_REG_CR1             0x28u
#define TEEIO_SMMUV3_REG_CR2             0x2cu
#define TEEIO_SMMUV3_REG_GBPA            0x44u
#define TEEIO_SMMUV3_REG_IRQ_CTRL        0x50u
#define TEEIO_SMMUV3_REG_IRQ_CTRLACK     0x54u
#define TEEIO_SMMUV3_REG_GERROR          0x60u
#define TEEIO_SMMUV3_REG_GERRORN         0x64u
#define TEEIO_SMMUV3_REG_GERROR_IRQ_CFG0 0x68u /* 8 bytes */
#define TEEIO_SMMUV3_REG_GERROR_IRQ_CFG1 0x70u
#define TEEIO_SMMUV3_REG_GERROR_IRQ_CFG2 0x74u
#define TEEIO_SMMUV3_REG_STRTAB_BASE     0x80u /* 8 bytes */
#define TEEIO_SMMUV3_REG_STRTAB_BASE_CFG 0x88u
#define TEEIO_SMMUV3_REG_CMDQ_BASE       0x90u /* 8 bytes */
#define TEEIO_SMMUV3_REG_CMDQ_PROD       0x98u
#define TEEIO_SMMUV3_REG_CMDQ_CONS       0x9cu
#define TEEIO_SMMUV3_REG_EVENTQ_BASE     0xa0u /* 8 bytes */
#define TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG0 0xb0u /* 8 bytes */
#define TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG1 0xb8u
#define TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG2 0xbcu
#define TEEIO_SMMUV3_REG_PRIQ_BASE       0xc0u /* 8 bytes */
#define TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG0   0xd0u /* 8 bytes */
#define TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG1   0xd8u
#define TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG2   0xdcu
#define TEEIO_SMMUV3_REG_EVENTQ_PROD     0x100a8u
#define TEEIO_SMMUV3_REG_EVENTQ_CONS     0x100acu
#define TEEIO_SMMUV3_REG_PRIQ_PROD       0x100c8u
#define TEEIO_SMMUV3_REG_PRIQ_CONS       0x100ccu

/* Distance from page 0 to page 1. */
#define TEEIO_SMMUV3_PAGE1              0x10000u

#define TEEIO_IDR0_S2P                  TEEIO_BIT64(0)
#define TEEIO_IDR0_S1P                  TEEIO_BIT64(1)
#define TEEIO_IDR0_TTF_AARCH64          TEEIO_BIT64(3)
#define TEEIO_IDR0_COHACC               TEEIO_BIT64(4)
#define TEEIO_IDR0_HTTU_DIRTY           TEEIO_BIT64(7)
#define TEEIO_IDR0_ATS                  TEEIO_BIT64(10)
#define TEEIO_IDR0_ASID16               TEEIO_BIT64(12)
#define TEEIO_IDR0_MSI                  TEEIO_BIT64(13)
#define TEEIO_IDR0_SEV                  TEEIO_BIT64(14)
#define TEEIO_IDR0_PRI                  TEEIO_BIT64(16)
#define TEEIO_IDR0_VMID16               TEEIO_BIT64(18)
#define TEEIO_IDR0_CD2L                 TEEIO_BIT64(19)
#define TEEIO_IDR0_TTENDIAN_LITTLE      TEEIO_BIT64(22)
#define TEEIO_IDR0_STALL_MODEL          TEEIO_MASK64(25, 24)
#define TEEIO_IDR0_TERM_MODEL           TEEIO_BIT64(26)
#define TEEIO_IDR0_ST_LEVEL_2           TEEIO_BIT64(27)

#define TEEIO_IDR1_SIDSIZE              TEEIO_MASK64(5, 0)
#define TEEIO_IDR1_SSIDSIZE             TEEIO_MASK64(10, 6)
#define TEEIO_IDR1_PRIQS                TEEIO_MASK64(15, 11)
#define TEEIO_IDR1_EVENTQS              TEEIO_MASK64(20, 16)
#define TEEIO_IDR1_CMDQS                TEEIO_MASK64(25, 21)
#define TEEIO_IDR1_ATTR_PERMS_OVR       TEEIO_BIT64(26)

#define TEEIO_IDR3_HAD                  TEEIO_BIT64(2)
#define TEEIO_IDR3_XNX                  TEEIO_BIT64(4)
#define TEEIO_IDR3_PPS                  TEEIO_BIT64(5)
#define TEEIO_IDR3_STT                  TEEIO_BIT64(9)
#define TEEIO_IDR3_RIL                  TEEIO_BIT64(10)
#define TEEIO_IDR3_BBML_2               TEEIO_BIT64(12)

#define TEEIO_IDR5_OAS_48               UINT64_C(5)
#define TEEIO_IDR5_GRAN4K               TEEIO_BIT64(4)
#define TEEIO_IDR5_GRAN16K              TEEIO_BIT64(5)
#define TEEIO_IDR5_GRAN64K              TEEIO_BIT64(6)
#define TEEIO_IDR5_STALL_MAX            TEEIO_MASK64(31, 16)

#define TEEIO_AIDR_V3_2                 UINT64_C(2)

#define TEEIO_CR0_SMMUEN                TEEIO_BIT64(0)
#define TEEIO_CR0_PRIQEN                TEEIO_BIT64(1)
#define TEEIO_CR0_EVENTQEN              TEEIO_BIT64(2)
#define TEEIO_CR0_CMDQEN                TEEIO_BIT64(3)
#define TEEIO_CR0_ATSCHK                TEEIO_BIT64(4)

#define TEEIO_CR1_QUEUE                 TEEIO_MASK64(5, 0)
#define TEEIO_CR1_TABLE                 TEEIO_MASK64(11, 6)

#define TEEIO_CR2_RECINVSID             TEEIO_BIT64(1)

#define TEEIO_GBPA_SHCFG_INCOMING       TEEIO_BIT64(12)
#define TEEIO_GBPA_PRIVCFG              TEEIO_MASK64(17, 16)
#define TEEIO_GBPA_INSTCFG              TEEIO_MASK64(19, 18)
#define TEEIO_GBPA_ABORT                TEEIO_BIT64(20)
#define TEEIO_GBPA_UPDATE               TEEIO_BIT64(31)

#define TEEIO_IRQ_CTRL_GERROR           TEEIO_BIT64(0)
#define TEEIO_IRQ_CTRL_PRIQ             TEEIO_BIT64(1)
#define TEEIO_IRQ_CTRL_EVENTQ           TEEIO_BIT64(2)

#define TEEIO_IRQ_CFG0_NS               TEEIO_BIT64(63) /* Realm only */
#define TEEIO_IRQ_CFG0_ADDR             TEEIO_MASK64(51, 2)
#define TEEIO_IRQ_CFG2_ATTRIBUTES       TEEIO_MASK64(5, 0)
#define TEEIO_PRIQ_IRQ_CFG2_LO          TEEIO_BIT64(31)

#define TEEIO_GERROR_CMDQ_ERR           TEEIO_BIT64(0)
#define TEEIO_GERROR_EVENTQ_ABT_ERR     TEEIO_BIT64(2)
#define TEEIO_GERROR_PRIQ_ABT_ERR       TEEIO_BIT64(3)
#define TEEIO_GERROR_MSI_CMDQ_ABT_ERR   TEEIO_BIT64(4)
#define TEEIO_GERROR_MSI_EVENTQ_ABT_ERR TEEIO_BIT64(5)
#define TEEIO_GERROR_MSI_PRIQ_ABT_ERR   TEEIO_BIT64(6)
#define TEEIO_GERROR_MSI_GERROR_ABT_ERR TEEIO_BIT64(7)

#define TEEIO_STRTAB_BASE_RA            TEEIO_BIT64(62)
#define TEEIO_STRTAB_BASE_CFG_LOG2SIZE  TEEIO_MASK64(5, 0)
#define TEEIO_STRTAB_BASE_CFG_SPLIT     TEEIO_MASK64(10, 6)
#define TEEIO_STRTAB_BASE_CFG_FMT       TEEIO_MASK64(17, 16)
#define TEEIO_STRTAB_FMT_2LEVEL         1u

/* Queue registers; bit 62 is RA for the command queue, WA for the others. */
#define TEEIO_QUEUE_BASE_HINT     TEEIO_BIT64(62)
#define TEEIO_QUEUE_BASE_LOG2SIZE TEEIO_MASK64(4, 0)
#define TEEIO_QUEUE_INDEX         TEEIO_MASK64(19, 0)
#define TEEIO_CMDQ_CONS_ERR       TEEIO_MASK64(30, 24)
#define TEEIO_QUEUE_OVERFLOW      TEEIO_BIT64(31)

enum {
    TEEIO_CERROR_NONE = 0,
    TEEIO_CERROR_ILL = 1, /* the command is not supported or malformed */
    TEEIO_CERROR_ABT = 2, /* the command could not be fetched */
    TEEIO_CERROR_ATC_INV_SYNC = 3, /* a device did not answer an ATC_INV */
};

/* Level 1 stream table descriptor. */
#define TEEIO_L1STD_SPAN  TEEIO_MASK64(4, 0)
#define TEEIO_L1STD_L2PTR TEEIO_MASK64(51, 6)
#define TEEIO_L1STD_BYTES 8u

/** struct teeio_ste - stream table entry, after conversion to CPU order */
struct teeio_ste {
    uint64_t dw[8];
};
_Static_assert(sizeof(struct teeio_ste) == 64, "STE is 64 bytes");

#define TEEIO_STE0_V            TEEIO_BIT64(0)
#define TEEIO_STE0_CONFIG       TEEIO_MASK64(3, 1)
#define TEEIO_STE0_S1FMT        TEEIO_MASK64(5, 4)
#define TEEIO_STE0_S1CONTEXTPTR TEEIO_MASK64(51, 6)
#define TEEIO_STE0_S1CDMAX      TEEIO_MASK64(63, 59)
#define TEEIO_STE1_S1DSS        TEEIO_MASK64(1, 0)
#define TEEIO_STE1_PPAR         TEEIO_BIT64(18)
#define TEEIO_STE1_S1STALLD     TEEIO_BIT64(27)
#define TEEIO_STE1_EATS         TEEIO_MASK64(29, 28)
#define TEEIO_STE1_NSCFG        TEEIO_MASK64(47, 46)
#define TEEIO_STE1_PRIVCFG      TEEIO_MASK64(49, 48)
#define TEEIO_STE1_INSTCFG      TEEIO_MASK64(51, 50)
#define TEEIO_STE2_S2VMID       TEEIO_MASK64(15, 0)
#define TEEIO_STE2_S2T0SZ       TEEIO_MASK64(37, 32)
#define TEEIO_STE2_S2SL0        TEEIO_MASK64(39, 38)
#define TEEIO_STE2_S2TG         TEEIO_MASK64(47, 46)
#define TEEIO_STE2_S2PS         TEEIO_MASK64(50, 48)
#define TEEIO_STE2_S2AA64       TEEIO_BIT64(51)
#define TEEIO_STE2_S2ENDI       TEEIO_BIT64(52)
#define TEEIO_STE2_S2AFFD       TEEIO_BIT64(53)
#define TEEIO_STE2_S2PTW        TEEIO_BIT64(54)
#define TEEIO_STE2_S2HD         TEEIO_BIT64(55)
#define TEEIO_STE2_S2HA         TEEIO_BIT64(56)
#define TEEIO_STE2_S2S          TEEIO_BIT64(57)
#define TEEIO_STE2_S2R          TEEIO_BIT64(58)
#define TEEIO_STE3_S2TTB        TEEIO_MASK64(51, 4)

enum {
    TEEIO_STE_S1FMT_LINEAR = 0,
    TEEIO_STE_S1FMT_4K = 1,  /* two levels, leaves of 64 CDs */
    TEEIO_STE_S1FMT_64K = 2, /* two levels, leaves of 1024 CDs */
};

enum {
    TEEIO_STE_S1DSS_TERMINATE = 0,
    TEEIO_STE_S1DSS_BYPASS = 1,
    TEEIO_STE_S1DSS_CD0 = 2,
};

enum {
    TEEIO_STE_EATS_NONE = 0,
    TEEIO_STE_EATS_FULL = 1,
    TEEIO_STE_EATS_SPLIT = 2, /* the device gets IPAs */
};

/* INSTCFG and PRIVCFG; other values leave what came in. */
enum {
    TEEIO_STE_OVERRIDE_CLEAR = 2, /* data; unprivileged */
    TEEIO_STE_OVERRIDE_SET = 3,   /* instruction; privileged */
};

/* NSCFG of Realm; other values are Realm. */
#define TEEIO_STE_NSCFG_NON_SECURE 3u

/* Bits of Config; without PASS the other two mean nothing. */
enum {
    TEEIO_STE_CONFIG_STAGE1 = 1,
    TEEIO_STE_CONFIG_STAGE2 = 2,
    TEEIO_STE_CONFIG_PASS = 4,
};

/* Level 1 context descriptor. */
#define TEEIO_L1CD_V     TEEIO_BIT64(0)
#define TEEIO_L1CD_L2PTR TEEIO_MASK64(51, 12)
#define TEEIO_L1CD_BYTES 8u

/** struct teeio_cd - context descriptor, after conversion to CPU order */
struct teeio_cd {
    uint64_t dw[8];
};
_Static_assert(sizeof(struct teeio_cd) == 64, "CD is 64 bytes");

/* The fields of the TTB1 half lie this much above those of the TTB0 half. */
#define TEEIO_CD0_HALF_SHIFT 16
#define TEEIO_CD0_TXSZ       TEEIO_MASK64(5, 0)
#define TEEIO_CD0_TGX        TEEIO_MASK64(7, 6)
#define TEEIO_CD0_EPDX       TEEIO_BIT64(14)
#define TEEIO_CD0_ENDI       TEEIO_BIT64(15)
#define TEEIO_CD0_V          TEEIO_BIT64(31)
#define TEEIO_CD0_IPS        TEEIO_MASK64(34, 32)
#define TEEIO_CD0_AFFD       TEEIO_BIT64(35)
#define TEEIO_CD0_WXN        TEEIO_BIT64(36)
#define TEEIO_CD0_TBI0       TEEIO_BIT64(38)
#define TEEIO_CD0_TBI1       TEEIO_BIT64(39)
#define TEEIO_CD0_PAN        TEEIO_BIT64(40)
#define TEEIO_CD0_AA64       TEEIO_BIT64(41)
#define TEEIO_CD0_HD         TEEIO_BIT64(42)
#define TEEIO_CD0_HA         TEEIO_BIT64(43)
#define TEEIO_CD0_S          TEEIO_BIT64(44)
#define TEEIO_CD0_R          TEEIO_BIT64(45)
#define TEEIO_CD0_A          TEEIO_BIT64(46)
#define TEEIO_CD0_ASID       TEEIO_MASK64(63, 48)
#define TEEIO_CDX_HAD        TEEIO_BIT64(1) /* words 1 and 2 */
#define TEEIO_CDX_TTB        TEEIO_MASK64(51, 4)

enum {
    TEEIO_TG0_4K = 0, /* also S2TG */
    TEEIO_TG0_64K = 1,
    TEEIO_TG0_16K = 2,
    TEEIO_TG1_16K = 1,
    TEEIO_TG1_4K = 2,
    TEEIO_TG1_64K = 3,
};

/** struct teeio_smmuv3_command - one entry of the command queue */
struct teeio_smmuv3_command {
    uint64_t dw[2];
};
_Static_assert(sizeof(struct teeio_smmuv3_command) == 16,
               "a command is 16 bytes");

#define TEEIO_CMD0_OPCODE       TEEIO_MASK64(7, 0)
#define TEEIO_CMD0_ATC_GLOBAL   TEEIO_BIT64(9)
#define TEEIO_CMD0_SSEC         TEEIO_BIT64(10)
#define TEEIO_CMD0_SSV          TEEIO_BIT64(11)
#define TEEIO_CMD0_RESUME_RETRY TEEIO_BIT64(12)
#define TEEIO_CMD0_RESUME_ABORT TEEIO_BIT64(13)
#define TEEIO_CMD0_SYNC_CS      TEEIO_MASK64(13, 12)
#define TEEIO_CMD0_TLBI_NUM     TEEIO_MASK64(16, 12)
#define TEEIO_CMD0_TLBI_SCALE   TEEIO_MASK64(24, 20)
#define TEEIO_CMD0_SUBSTREAMID  TEEIO_MASK64(31, 12)
#define TEEIO_CMD0_VMID         TEEIO_MASK64(47, 32)
#define TEEIO_CMD0_ASID         TEEIO_MASK64(63, 48)
#define TEEIO_CMD0_STREAMID     TEEIO_MASK64(63, 32)
#define TEEIO_CMD0_MSI_DATA     TEEIO_MASK64(63, 32)
#define TEEIO_CMD1_LEAF         TEEIO_BIT64(0)
#define TEEIO_CMD1_CFGI_RANGE   TEEIO_MASK64(4, 0)
#define TEEIO_CMD1_ATC_SIZE     TEEIO_MASK64(5, 0)
#define TEEIO_CMD1_PRG_INDEX    TEEIO_MASK64(8, 0)
#define TEEIO_CMD1_TLBI_TTL     TEEIO_MASK64(9, 8)
#define TEEIO_CMD1_TLBI_TG      TEEIO_MASK64(11, 10)
#define TEEIO_CMD1_PRI_RESP     TEEIO_MASK64(13, 12)
#define TEEIO_CMD1_STAG         TEEIO_MASK64(15, 0)
#define TEEIO_CMD1_ADDRESS      TEEIO_MASK64(63, 12)
#define TEEIO_CMD1_MSI_ADDRESS  TEEIO_MASK64(51, 2)
#define TEEIO_CMD1_MSI_NS       TEEIO_BIT64(63) /* Realm only */

#define TEEIO_SYNC_CS_IRQ       1u
#define TEEIO_SYNC_CS_SEV       2u
#define TEEIO_TLBI_TG_16K       2u
#define TEEIO_ATC_SIZE_ALL      52u
#define TEEIO_CFGI_RANGE_ALL    31u

enum {
    TEEIO_CMD_PREFETCH_CONFIG = 0x01,
    TEEIO_CMD_PREFETCH_ADDR = 0x02,
    TEEIO_CMD_CFGI_STE = 0x03,
    TEEIO_CMD_CFGI_STE_RANGE = 0x04,
    TEEIO_CMD_CFGI_CD = 0x05,
    TEEIO_CMD_CFGI_CD_ALL = 0x06,
    TEEIO_CMD_CFGI_VMS_PIDM = 0x07,
    TEEIO_CMD_TLBI_NH_ALL = 0x10,
    TEEIO_CMD_TLBI_NH_ASID = 0x11,
    TEEIO_CMD_TLBI_NH_VA = 0x12,
    TEEIO_CMD_TLBI_NH_VAA = 0x13,
    TEEIO_CMD_TLBI_EL3_ALL = 0x18,
    TEEIO_CMD_TLBI_EL3_VA = 0x1a,
    TEEIO_CMD_TLBI_EL2_ALL = 0x20,
    TEEIO_CMD_TLBI_EL2_ASID = 0x21,
    TEEIO_CMD_TLBI_EL2_VA = 0x22,
    TEEIO_CMD_TLBI_EL2_VAA = 0x23,
    TEEIO_CMD_TLBI_S12_VMALL = 0x28,
    TEEIO_CMD_TLBI_S2_IPA = 0x2a,
    TEEIO_CMD_TLBI_NSNH_ALL = 0x30,
    TEEIO_CMD_ATC_INV = 0x40,
    TEEIO_CMD_PRI_RESP = 0x41,
    TEEIO_CMD_RESUME = 0x44,
    TEEIO_CMD_STALL_TERM = 0x45,
    TEEIO_CMD_SYNC = 0x46,
    TEEIO_CMD_TLBI_S_EL2_ALL = 0x50,
    TEEIO_CMD_TLBI_S_EL2_ASID = 0x51,
    TEEIO_CMD_TLBI_S_EL2_VA = 0x52,
    TEEIO_CMD_TLBI_S_EL2_VAA = 0x53,
    TEEIO_CMD_TLBI_S_S12_VMALL = 0x58,
    TEEIO_CMD_TLBI_S_S2_IPA = 0x5a,
    TEEIO_CMD_TLBI_SNH_ALL = 0x60,
    TEEIO_CMD_DPTI_ALL = 0x70,
    TEEIO_CMD_DPTI_PA = 0x73,
};

/** struct teeio_smmuv3_event - one entry of the event queue */
struct teeio_smmuv3_event {
    uint64_t dw[4];
};
_Static_assert(sizeof(struct teeio_smmuv3_event) == 32, "an event is 32 bytes");

#define TEEIO_EVT0_TYPE        TEEIO_MASK64(7, 0)
#define TEEIO_EVT0_SSV         TEEIO_BIT64(11)
#define TEEIO_EVT0_SUBSTREAMID TEEIO_MASK64(31, 12)
#define TEEIO_EVT0_STREAMID    TEEIO_MASK64(63, 32)
#define TEEIO_EVT1_STAG        TEEIO_MASK64(15, 0)
#define TEEIO_EVT1_STALL       TEEIO_BIT64(31)
#define TEEIO_EVT1_PNU         TEEIO_BIT64(33)
#define TEEIO_EVT1_IND         TEEIO_BIT64(34)
#define TEEIO_EVT1_RNW         TEEIO_BIT64(35)
#define TEEIO_EVT1_S2          TEEIO_BIT64(39)
#define TEEIO_EVT1_CLASS       TEEIO_MASK64(41, 40)
#define TEEIO_EVT1_TTRNW       TEEIO_BIT64(44)
#define TEEIO_EVT3_FETCHADDR   TEEIO_MASK64(51, 3)
#define TEEIO_EVT3_IPA         TEEIO_MASK64(51, 12)

enum {
    TEEIO_EVT_CLASS_CD = 0, /* while fetching a CD */
    TEEIO_EVT_CLASS_TT = 1, /* while fetching a stage 1 descriptor */
    TEEIO_EVT_CLASS_IN = 2, /* the input address itself */
};

enum {
    TEEIO_EVT_F_UUT = 0x01,
    TEEIO_EVT_C_BAD_STREAMID = 0x02,
    TEEIO_EVT_F_STE_FETCH = 0x03,
    TEEIO_EVT_C_BAD_STE = 0x04,
    TEEIO_EVT_F_BAD_ATS_TREQ = 0x05,
    TEEIO_EVT_F_STREAM_DISABLED = 0x06,
    TEEIO_EVT_F_TRANSL_FORBIDDEN = 0x07,
    TEEIO_EVT_C_BAD_SUBSTREAMID = 0x08,
    TEEIO_EVT_F_CD_FETCH = 0x09,
    TEEIO_EVT_C_BAD_CD = 0x0a,
    TEEIO_EVT_F_WALK_EABT = 0x0b,
    TEEIO_EVT_F_TRANSLATION = 0x10,
    TEEIO_EVT_F_ADDR_SIZE = 0x11,
    TEEIO_EVT_F_ACCESS = 0x12,
    TEEIO_EVT_F_PERMISSION = 0x13,
};

/** struct teeio_smmuv3_page - one entry of the PRI queue */
struct teeio_smmuv3_page {
    uint64_t dw[2];
};
_Static_assert(sizeof(struct teeio_smmuv3_page) == 16,
               "a page request is 16 bytes");

#define TEEIO_PRI0_STREAMID    TEEIO_MASK64(31, 0)
#define TEEIO_PRI0_SUBSTREAMID TEEIO_MASK64(51, 32)
#define TEEIO_PRI0_PRIVILEGED  TEEIO_BIT64(58)
#define TEEIO_PRI0_EXECUTE     TEEIO_BIT64(59)
#define TEEIO_PRI0_READ        TEEIO_BIT64(60)
#define TEEIO_PRI0_WRITE       TEEIO_BIT64(61)
#define TEEIO_PRI0_LAST        TEEIO_BIT64(62)
#define TEEIO_PRI0_SSV         TEEIO_BIT64(63)
#define TEEIO_PRI1_PRG_INDEX   TEEIO_MASK64(8, 0)
#define TEEIO_PRI1_ADDRESS     TEEIO_MASK64(63, 12)

#endif
