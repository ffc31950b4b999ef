/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Intel VT-d layouts (Intel Virtualization Technology for Directed I/O,
 * revision 4, chapters 6 to 11): offsets and masks of what the model knows. A
 * suffix N is the 64-bit word of the structure.
 */
#ifndef TEEIO_SPEC_VTD_H
#define TEEIO_SPEC_VTD_H

#include <stdint.h>

#ifndef TEEIO_BIT64
#define TEEIO_BIT64(n) (UINT64_C(1) << (n))
#define TEEIO_MASK64(high, low) \
    ((UINT64_MAX >> (63 - (high))) & (UINT64_MAX << (low)))
#endif

/* Registers, 4 bytes unless said otherwise. */
#define TEEIO_VTD_REG_VER     0x00u
#define TEEIO_VTD_REG_CAP     0x08u /* 8 bytes */
#define TEEIO_VTD_REG_ECAP    0x10u /* 8 bytes */
#define TEEIO_VTD_REG_GCMD    0x18u
#define TEEIO_VTD_REG_GSTS    0x1cu
#define TEEIO_VTD_REG_RTADDR  0x20u /* 8 bytes */
#define TEEIO_VTD_REG_CCMD    0x28u /* 8 bytes */
#define TEEIO_VTD_REG_FSTS    0x34u
#define TEEIO_VTD_REG_FECTL   0x38u
#define TEEIO_VTD_REG_FEDATA  0x3cu
#define TEEIO_VTD_REG_FEADDR  0x40u
#define TEEIO_VTD_REG_FEUADDR 0x44u
#define TEEIO_VTD_REG_PMEN    0x64u
#define TEEIO_VTD_REG_IQH     0x80u /* 8 bytes */
#define TEEIO_VTD_REG_IQT     0x88u /* 8 bytes */
#define TEEIO_VTD_REG_IQA     0x90u /* 8 bytes */
#define TEEIO_VTD_REG_ICS     0x9cu
#define TEEIO_VTD_REG_IECTL   0xa0u
#define TEEIO_VTD_REG_IEDATA  0xa4u
#define TEEIO_VTD_REG_IEADDR  0xa8u
#define TEEIO_VTD_REG_IEUADDR 0xacu
#define TEEIO_VTD_REG_IQERCD  0xb0u /* 8 bytes */
#define TEEIO_VTD_REG_PQH     0xc0u /* 8 bytes */
#define TEEIO_VTD_REG_PQT     0xc8u /* 8 bytes */
#define TEEIO_VTD_REG_PQA     0xd0u /* 8 bytes */
#define TEEIO_VTD_REG_PRS     0xdcu
#define TEEIO_VTD_REG_PECTL   0xe0u
#define TEEIO_VTD_REG_PEDATA  0xe4u
#define TEEIO_VTD_REG_PEADDR  0xe8u
#define TEEIO_VTD_REG_PEUADDR 0xecu
/* Where ECAP.IRO and CAP.FRO say. */
#define TEEIO_VTD_REG_IVA   0xf0u  /* 8 bytes */
#define TEEIO_VTD_REG_IOTLB 0xf8u  /* 8 bytes */
#define TEEIO_VTD_REG_FRCD  0x220u /* two of 8 bytes each */

/* GCMD and GSTS have these at the same places. */
#define TEEIO_VTD_GCMD_QIE     TEEIO_BIT64(26)
#define TEEIO_VTD_GCMD_SRTP    TEEIO_BIT64(30)
#define TEEIO_VTD_GCMD_TE      TEEIO_BIT64(31)

#define TEEIO_VTD_RTADDR_TTM   TEEIO_MASK64(11, 10)
#define TEEIO_VTD_RTADDR_RTA   TEEIO_MASK64(63, 12)
#define TEEIO_VTD_TTM_LEGACY   0u
#define TEEIO_VTD_TTM_SCALABLE 1u
#define TEEIO_VTD_TTM_ABORT    3u

#define TEEIO_VTD_CCMD_DID     TEEIO_MASK64(15, 0)
#define TEEIO_VTD_CCMD_SID     TEEIO_MASK64(31, 16)
#define TEEIO_VTD_CCMD_FM      TEEIO_MASK64(33, 32)
#define TEEIO_VTD_CCMD_CAIG    TEEIO_MASK64(60, 59)
#define TEEIO_VTD_CCMD_CIRG    TEEIO_MASK64(62, 61)
#define TEEIO_VTD_CCMD_ICC     TEEIO_BIT64(63)

#define TEEIO_VTD_IVA_AM       TEEIO_MASK64(5, 0)
#define TEEIO_VTD_IVA_IH       TEEIO_BIT64(6)
#define TEEIO_VTD_IVA_ADDR     TEEIO_MASK64(63, 12)

#define TEEIO_VTD_IOTLB_DID    TEEIO_MASK64(47, 32)
#define TEEIO_VTD_IOTLB_DW     TEEIO_BIT64(48)
#define TEEIO_VTD_IOTLB_DR     TEEIO_BIT64(49)
#define TEEIO_VTD_IOTLB_IAIG   TEEIO_MASK64(58, 57)
#define TEEIO_VTD_IOTLB_IIRG   TEEIO_MASK64(61, 60)
#define TEEIO_VTD_IOTLB_IVT    TEEIO_BIT64(63)

/* Granularities of context and IOTLB invalidation. */
#define TEEIO_VTD_GRAN_GLOBAL 1u
#define TEEIO_VTD_GRAN_DOMAIN 2u
#define TEEIO_VTD_GRAN_DEVICE 3u /* of context entries */
#define TEEIO_VTD_GRAN_PAGE   3u /* of the IOTLB */

#define TEEIO_VTD_FSTS_PFO    TEEIO_BIT64(0)
#define TEEIO_VTD_FSTS_PPF    TEEIO_BIT64(1)
#define TEEIO_VTD_FSTS_IQE    TEEIO_BIT64(4)
#define TEEIO_VTD_FSTS_ICE    TEEIO_BIT64(5)
#define TEEIO_VTD_FSTS_ITE    TEEIO_BIT64(6)
#define TEEIO_VTD_FSTS_FRI    TEEIO_MASK64(15, 8)

/* FECTL, IECTL and PECTL. */
#define TEEIO_VTD_ECTL_IP TEEIO_BIT64(30)
#define TEEIO_VTD_ECTL_IM TEEIO_BIT64(31)

/* IQH and IQT; with 256-bit descriptors bit 4 is 0. */
#define TEEIO_VTD_IQ_OFFSET       TEEIO_MASK64(18, 4)
#define TEEIO_VTD_IQA_QS          TEEIO_MASK64(2, 0)
#define TEEIO_VTD_IQA_DW          TEEIO_BIT64(11)
#define TEEIO_VTD_IQA_ADDR        TEEIO_MASK64(63, 12)

#define TEEIO_VTD_ICS_IWC         TEEIO_BIT64(0)

#define TEEIO_VTD_IQERCD_IQEI     TEEIO_MASK64(3, 0)
#define TEEIO_VTD_IQERCD_ITESID   TEEIO_MASK64(47, 32)
#define TEEIO_VTD_IQERCD_ICESID   TEEIO_MASK64(63, 48)
#define TEEIO_VTD_IQEI_NONE       0u
#define TEEIO_VTD_IQEI_TAIL       1u
#define TEEIO_VTD_IQEI_FETCH      2u
#define TEEIO_VTD_IQEI_TYPE       3u
#define TEEIO_VTD_IQEI_RESERVED   4u
#define TEEIO_VTD_IQEI_WIDTH      5u
#define TEEIO_VTD_IQEI_MISALIGNED 6u
#define TEEIO_VTD_IQEI_TTM        7u

#define TEEIO_VTD_PQ_OFFSET       TEEIO_MASK64(18, 5)
#define TEEIO_VTD_PQA_PQS         TEEIO_MASK64(2, 0)
#define TEEIO_VTD_PQA_ADDR        TEEIO_MASK64(63, 12)
#define TEEIO_VTD_PRS_PPR         TEEIO_BIT64(0)
#define TEEIO_VTD_PRS_PRO         TEEIO_BIT64(1)

/* Fault recording register. */
#define TEEIO_VTD_FRCD0_FI   TEEIO_MASK64(63, 12)
#define TEEIO_VTD_FRCD1_SID  TEEIO_MASK64(15, 0)
#define TEEIO_VTD_FRCD1_T2   TEEIO_BIT64(28)
#define TEEIO_VTD_FRCD1_PRIV TEEIO_BIT64(29)
#define TEEIO_VTD_FRCD1_EXE  TEEIO_BIT64(30)
#define TEEIO_VTD_FRCD1_PP   TEEIO_BIT64(31)
#define TEEIO_VTD_FRCD1_FR   TEEIO_MASK64(39, 32)
#define TEEIO_VTD_FRCD1_PV   TEEIO_MASK64(59, 40)
#define TEEIO_VTD_FRCD1_AT   TEEIO_MASK64(61, 60)
#define TEEIO_VTD_FRCD1_T    TEEIO_BIT64(62)
#define TEEIO_VTD_FRCD1_F    TEEIO_BIT64(63)

/* Root entries; in scalable mode one for each half of the bus. */
#define TEEIO_VTD_ROOT_P        TEEIO_BIT64(0)
#define TEEIO_VTD_ROOT_RESERVED TEEIO_MASK64(11, 1)
#define TEEIO_VTD_ROOT_CTP      TEEIO_MASK64(63, 12)

/* Legacy mode context entry. */
#define TEEIO_VTD_CTX0_P          TEEIO_BIT64(0)
#define TEEIO_VTD_CTX0_FPD        TEEIO_BIT64(1)
#define TEEIO_VTD_CTX0_TT         TEEIO_MASK64(3, 2)
#define TEEIO_VTD_CTX0_RESERVED   TEEIO_MASK64(11, 4)
#define TEEIO_VTD_CTX0_SSPTPTR    TEEIO_MASK64(63, 12)
#define TEEIO_VTD_CTX1_AW         TEEIO_MASK64(2, 0)
#define TEEIO_VTD_CTX1_DID        TEEIO_MASK64(23, 8)
#define TEEIO_VTD_CTX1_RESERVED   (TEEIO_MASK64(63, 24) | TEEIO_BIT64(7))
#define TEEIO_VTD_TT_UNTRANSLATED 0u
#define TEEIO_VTD_TT_ALL          1u
#define TEEIO_VTD_TT_PASS_THROUGH 2u

/* Scalable mode context entry. */
#define TEEIO_VTD_SCTX0_P           TEEIO_BIT64(0)
#define TEEIO_VTD_SCTX0_FPD         TEEIO_BIT64(1)
#define TEEIO_VTD_SCTX0_DTE         TEEIO_BIT64(2)
#define TEEIO_VTD_SCTX0_PASIDE      TEEIO_BIT64(3)
#define TEEIO_VTD_SCTX0_PRE         TEEIO_BIT64(4)
#define TEEIO_VTD_SCTX0_RESERVED    TEEIO_MASK64(8, 5)
#define TEEIO_VTD_SCTX0_PDTS        TEEIO_MASK64(11, 9)
#define TEEIO_VTD_SCTX0_PASIDDIRPTR TEEIO_MASK64(63, 12)
#define TEEIO_VTD_SCTX1_RID_PASID   TEEIO_MASK64(19, 0)
#define TEEIO_VTD_SCTX1_RESERVED    TEEIO_MASK64(63, 20)

#define TEEIO_VTD_PDE_P             TEEIO_BIT64(0)
#define TEEIO_VTD_PDE_FPD           TEEIO_BIT64(1)
#define TEEIO_VTD_PDE_RESERVED      TEEIO_MASK64(11, 2)
#define TEEIO_VTD_PDE_SMPTBLPTR     TEEIO_MASK64(63, 12)

/* PASID table entry. */
#define TEEIO_VTD_PTE0_P            TEEIO_BIT64(0)
#define TEEIO_VTD_PTE0_FPD          TEEIO_BIT64(1)
#define TEEIO_VTD_PTE0_AW           TEEIO_MASK64(4, 2)
#define TEEIO_VTD_PTE0_PGTT         TEEIO_MASK64(8, 6)
#define TEEIO_VTD_PTE0_SSADE        TEEIO_BIT64(9)
#define TEEIO_VTD_PTE0_RESERVED     (TEEIO_MASK64(11, 10) | TEEIO_BIT64(5))
#define TEEIO_VTD_PTE0_SSPTPTR      TEEIO_MASK64(63, 12)
#define TEEIO_VTD_PTE1_DID          TEEIO_MASK64(15, 0)
#define TEEIO_VTD_PTE1_RESERVED     TEEIO_MASK64(22, 16)
#define TEEIO_VTD_PTE2_SRE          TEEIO_BIT64(0)
#define TEEIO_VTD_PTE2_ERE          TEEIO_BIT64(1)
#define TEEIO_VTD_PTE2_FSPM         TEEIO_MASK64(3, 2)
#define TEEIO_VTD_PTE2_WPE          TEEIO_BIT64(4)
#define TEEIO_VTD_PTE2_NXE          TEEIO_BIT64(5)
#define TEEIO_VTD_PTE2_SMEP         TEEIO_BIT64(6)
#define TEEIO_VTD_PTE2_EAFE         TEEIO_BIT64(7)
#define TEEIO_VTD_PTE2_RESERVED     TEEIO_MASK64(11, 8)
#define TEEIO_VTD_PTE2_FSPTPTR      TEEIO_MASK64(63, 12)
#define TEEIO_VTD_PGTT_FIRST        1u
#define TEEIO_VTD_PGTT_SECOND       2u
#define TEEIO_VTD_PGTT_NESTED       3u
#define TEEIO_VTD_PGTT_PASS_THROUGH 4u
#define TEEIO_VTD_FSPM_4            0u
#define TEEIO_VTD_FSPM_5            1u

/* AW and AGAW: 3, 4 and 5 levels. */
#define TEEIO_VTD_AW_39 1u
#define TEEIO_VTD_AW_48 2u
#define TEEIO_VTD_AW_57 3u

/* Invalidation descriptors. The type is in two parts. */
#define TEEIO_VTD_INV0_TYPE_LOW     TEEIO_MASK64(3, 0)
#define TEEIO_VTD_INV0_TYPE_HIGH    TEEIO_MASK64(11, 9)
#define TEEIO_VTD_INV_CONTEXT       1u
#define TEEIO_VTD_INV_IOTLB         2u
#define TEEIO_VTD_INV_DEV_TLB       3u
#define TEEIO_VTD_INV_IEC           4u
#define TEEIO_VTD_INV_WAIT          5u
#define TEEIO_VTD_INV_PASID_IOTLB   6u
#define TEEIO_VTD_INV_PASID_CACHE   7u
#define TEEIO_VTD_INV_PASID_DEV_TLB 8u
#define TEEIO_VTD_INV_PAGE_RESPONSE 9u

#define TEEIO_VTD_INV0_G            TEEIO_MASK64(5, 4)
#define TEEIO_VTD_INV0_DID          TEEIO_MASK64(31, 16)
#define TEEIO_VTD_INV0_PASID        TEEIO_MASK64(51, 32)
/* Context cache. */
#define TEEIO_VTD_INV0_CC_SID TEEIO_MASK64(47, 32)
#define TEEIO_VTD_INV0_CC_FM  TEEIO_MASK64(49, 48)
/* IOTLB, with and without PASID. */
#define TEEIO_VTD_INV0_DW         TEEIO_BIT64(6)
#define TEEIO_VTD_INV0_DR         TEEIO_BIT64(7)
#define TEEIO_VTD_INV1_AM         TEEIO_MASK64(5, 0)
#define TEEIO_VTD_INV1_IH         TEEIO_BIT64(6)
#define TEEIO_VTD_INV1_ADDR       TEEIO_MASK64(63, 12)
#define TEEIO_VTD_GRAN_PASID      2u
#define TEEIO_VTD_GRAN_PASID_PAGE 3u
/* PASID cache. */
#define TEEIO_VTD_PC_DOMAIN 0u
#define TEEIO_VTD_PC_PASID  1u
#define TEEIO_VTD_PC_GLOBAL 3u
/* Device-TLB. */
#define TEEIO_VTD_INV0_DT_MIP   TEEIO_MASK64(20, 16)
#define TEEIO_VTD_INV0_DT_SID   TEEIO_MASK64(47, 32)
#define TEEIO_VTD_INV0_DT_PFSID (TEEIO_MASK64(15, 12) | TEEIO_MASK64(63, 52))
#define TEEIO_VTD_INV1_DT_S     TEEIO_BIT64(0)
#define TEEIO_VTD_INV1_DT_ADDR  TEEIO_MASK64(63, 12)
/* PASID-based device-TLB. */
#define TEEIO_VTD_INV0_PDT_MIP TEEIO_MASK64(8, 4)
#define TEEIO_VTD_INV0_PDT_SID TEEIO_MASK64(31, 16)
#define TEEIO_VTD_INV1_PDT_G   TEEIO_BIT64(0)
#define TEEIO_VTD_INV1_PDT_S   TEEIO_BIT64(11)
/* Wait. */
#define TEEIO_VTD_INV0_WAIT_IF   TEEIO_BIT64(4)
#define TEEIO_VTD_INV0_WAIT_SW   TEEIO_BIT64(5)
#define TEEIO_VTD_INV0_WAIT_FN   TEEIO_BIT64(6)
#define TEEIO_VTD_INV0_WAIT_PD   TEEIO_BIT64(7)
#define TEEIO_VTD_INV0_WAIT_DATA TEEIO_MASK64(63, 32)
#define TEEIO_VTD_INV1_WAIT_ADDR TEEIO_MASK64(63, 2)
/* Page group response. */
#define TEEIO_VTD_INV0_PGR_PP    TEEIO_BIT64(4)
#define TEEIO_VTD_INV0_PGR_CODE  TEEIO_MASK64(15, 12)
#define TEEIO_VTD_INV0_PGR_RID   TEEIO_MASK64(31, 16)
#define TEEIO_VTD_INV0_PGR_PASID TEEIO_MASK64(51, 32)
#define TEEIO_VTD_INV1_PGR_LPIG  TEEIO_BIT64(2)
#define TEEIO_VTD_INV1_PGR_INDEX TEEIO_MASK64(11, 3)

/* Page request descriptor. */
#define TEEIO_VTD_PRQ0_TYPE  TEEIO_MASK64(7, 0)
#define TEEIO_VTD_PRQ0_PP    TEEIO_BIT64(8)
#define TEEIO_VTD_PRQ0_RID   TEEIO_MASK64(31, 16)
#define TEEIO_VTD_PRQ0_PASID TEEIO_MASK64(51, 32)
#define TEEIO_VTD_PRQ0_EXE   TEEIO_BIT64(52)
#define TEEIO_VTD_PRQ0_PRIV  TEEIO_BIT64(53)
#define TEEIO_VTD_PRQ1_READ  TEEIO_BIT64(0)
#define TEEIO_VTD_PRQ1_WRITE TEEIO_BIT64(1)
#define TEEIO_VTD_PRQ1_LPIG  TEEIO_BIT64(2)
#define TEEIO_VTD_PRQ1_INDEX TEEIO_MASK64(11, 3)
#define TEEIO_VTD_PRQ1_ADDR  TEEIO_MASK64(63, 12)

/* Requests to this range are interrupts. */
#define TEEIO_VTD_INTERRUPT_BASE UINT64_C(0xfee00000)
#define TEEIO_VTD_INTERRUPT_LAST UINT64_C(0xfeefffff)

/* Fault reasons (chapter 7); their names are those of the conditions. */
enum teeio_vtd_reason {
    TEEIO_VTD_LRT_2 = 0x01, /* root entry not present */
    TEEIO_VTD_LCT_2 = 0x02, /* context entry not present */
    TEEIO_VTD_LCT_4 = 0x03, /* context entry programmed wrongly */
    TEEIO_VTD_LGN_1 = 0x04, /* address beyond the width */
    TEEIO_VTD_LGN_2 = 0x05, /* no write permission */
    TEEIO_VTD_LGN_3 = 0x06, /* no read permission */
    TEEIO_VTD_LSS_1 = 0x07, /* paging entry not accessible */
    TEEIO_VTD_LRT_1 = 0x08, /* root entry not accessible */
    TEEIO_VTD_LCT_1 = 0x09, /* context entry not accessible */
    TEEIO_VTD_LRT_3 = 0x0a, /* reserved field in a root entry */
    TEEIO_VTD_LCT_3 = 0x0b, /* reserved field in a context entry */
    TEEIO_VTD_LSS_2 = 0x0c, /* reserved field in a paging entry */
    TEEIO_VTD_LCT_5 = 0x0d, /* ATS request blocked */
    TEEIO_VTD_LGN_4 = 0x0e, /* output in the interrupt range */
    TEEIO_VTD_RTA_1 = 0x30, /* translation table mode is reserved */
    TEEIO_VTD_RTA_2 = 0x31, /* PASID in legacy mode */
    TEEIO_VTD_RTA_3 = 0x32, /* page request in legacy mode */
    TEEIO_VTD_SRT_1 = 0x38, /* root entry: not accessible */
    TEEIO_VTD_SRT_2 = 0x39, /* not present */
    TEEIO_VTD_SRT_3 = 0x3a, /* reserved field */
    TEEIO_VTD_SCT_1 = 0x40, /* context entry: not accessible */
    TEEIO_VTD_SCT_2 = 0x41, /* not present */
    TEEIO_VTD_SCT_3 = 0x42, /* reserved field */
    TEEIO_VTD_SCT_4 = 0x43, /* programmed wrongly */
    TEEIO_VTD_SCT_5 = 0x44, /* DTE is clear */
    TEEIO_VTD_SCT_6 = 0x45, /* PASIDE is clear */
    TEEIO_VTD_SCT_7 = 0x46, /* PASID beyond PDTS */
    TEEIO_VTD_SCT_8 = 0x47, /* PRE is clear */
    TEEIO_VTD_SPD_1 = 0x50, /* PASID directory entry: not accessible */
    TEEIO_VTD_SPD_2 = 0x51, /* not present */
    TEEIO_VTD_SPD_3 = 0x52, /* reserved field */
    TEEIO_VTD_SPT_1 = 0x58, /* PASID table entry: not accessible */
    TEEIO_VTD_SPT_2 = 0x59, /* not present */
    TEEIO_VTD_SPT_3 = 0x5a, /* reserved field */
    TEEIO_VTD_SPT_4 = 0x5b, /* programmed wrongly */
    TEEIO_VTD_SPT_5 = 0x5c, /* ERE is clear */
    TEEIO_VTD_SPT_6 = 0x5d, /* SRE is clear */
    TEEIO_VTD_SFS_1 = 0x70, /* first-stage entry: not accessible */
    TEEIO_VTD_SFS_2 = 0x71, /* not present */
    TEEIO_VTD_SFS_3 = 0x72, /* reserved field */
    TEEIO_VTD_SFS_4 = 0x73, /* not accessible, in the first table */
    TEEIO_VTD_SFS_5 = 0x74, /* its address is beyond the second stage */
    TEEIO_VTD_SFS_6 = 0x75, /* second stage forbids to read the first table */
    TEEIO_VTD_SFS_7 = 0x76, /* second stage forbids to read another one */
    TEEIO_VTD_SFS_8 = 0x77, /* second stage forbids to write it */
    TEEIO_VTD_SSS_1 = 0x78, /* second-stage entry: not accessible */
    TEEIO_VTD_SSS_2 = 0x79, /* neither read nor write permission */
    TEEIO_VTD_SSS_3 = 0x7a, /* reserved field */
    TEEIO_VTD_SSS_4 = 0x7b, /* not accessible, in the first table */
    TEEIO_VTD_SSS_6 = 0x7d, /* accessed or dirty flag not written */
    TEEIO_VTD_SGN_1 = 0x80, /* address not canonical */
    TEEIO_VTD_SGN_2 = 0x81, /* user request, supervisor page */
    TEEIO_VTD_SGN_3 = 0x82, /* no execute permission */
    TEEIO_VTD_SGN_4 = 0x83, /* address beyond the host's width */
    TEEIO_VTD_SGN_5 = 0x84, /* address beyond the second stage */
    TEEIO_VTD_SGN_6 = 0x85, /* no write permission */
    TEEIO_VTD_SGN_7 = 0x86, /* no read permission */
    TEEIO_VTD_SGN_8 = 0x87, /* output in the interrupt range */
    TEEIO_VTD_SFS_10 = 0x91 /* accessed or dirty flag not written */
};

struct teeio_vtd_descriptor {
    uint64_t dw[4];
};

_Static_assert(sizeof(struct teeio_vtd_descriptor) == 32,
               "the longest invalidation descriptor has 256 bits");

#endif
