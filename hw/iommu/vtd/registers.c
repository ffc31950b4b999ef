/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "vtd-internal.h"

#define EVENT_ROWS(upper, title)                                  \
    [REG_##upper##DATA] =                                         \
        {                                                         \
            .name = #upper "DATA",                                \
            .offset = TEEIO_VTD_REG_##upper##DATA,                \
            .width = 4,                                           \
            .rw = UINT32_MAX,                                     \
            .doc = "Data of the " title " interrupt message.",    \
    },                                                            \
    [REG_##upper##ADDR] =                                         \
        {                                                         \
            .name = #upper "ADDR",                                \
            .offset = TEEIO_VTD_REG_##upper##ADDR,                \
            .width = 4,                                           \
            .rw = TEEIO_MASK64(31, 2),                            \
            .doc = "Address of the " title " interrupt message.", \
    },                                                            \
    [REG_##upper##UADDR] = {                                      \
        .name = #upper "UADDR",                                   \
        .offset = TEEIO_VTD_REG_##upper##UADDR,                   \
        .width = 4,                                               \
        .rw = UINT32_MAX,                                         \
        .doc = "Upper half of that address.",                     \
    }

#define CONTROL_ROW(upper, title)                                            \
    [REG_##upper##CTL] = {                                                   \
        .name = #upper "CTL",                                                \
        .offset = TEEIO_VTD_REG_##upper##CTL,                                \
        .width = 4,                                                          \
        .reset = TEEIO_VTD_ECTL_IM,                                          \
        .rw = TEEIO_VTD_ECTL_IM,                                             \
        .hook = HOOK_ECTL,                                                   \
        .doc = "Mask (IM) and pending bit (IP) of the " title " interrupt.", \
    }

#define FAULT_ROWS(n)                                                     \
    [REG_FRCD + 2 * (n)] =                                                \
        {                                                                 \
            .name = "FRCD" #n "_LO",                                      \
            .offset = TEEIO_VTD_REG_FRCD + 16 * (n),                      \
            .width = 8,                                                   \
            .doc = "Fault recording register " #n ": page address (FI).", \
    },                                                                    \
                    [REG_FRCD + 2 * (n) + 1] = {                          \
                        .name = "FRCD" #n "_HI",                          \
                        .offset = TEEIO_VTD_REG_FRCD + 16 * (n) + 8,      \
                        .width = 8,                                       \
                        .w1c = TEEIO_VTD_FRCD1_F,                         \
                        .hook = HOOK_FRCD,                                \
                        .doc = "Fault recording register " #n             \
                               ": source, reason, type, "                 \
                               "PASID; F is set while it is in use.",     \
    }

const struct teeio_reg vtd_registers[REGS] = {
    [REG_VER] =
        {
            .name = "VER",
            .offset = TEEIO_VTD_REG_VER,
            .width = 4,
            .reset = 0x10,
            .doc = "Version 1.0: invalidation through registers is there.",
        },
    [REG_CAP] =
        {
            .name = "CAP",
            .offset = TEEIO_VTD_REG_CAP,
            .width = 8,
            .reset = VTD_CAP,
            .doc = "Capabilities, see the table of fields.",
        },
    [REG_ECAP] =
        {
            .name = "ECAP",
            .offset = TEEIO_VTD_REG_ECAP,
            .width = 8,
            .reset = VTD_ECAP,
            .doc = "Extended capabilities, see the table of fields.",
        },
    [REG_GCMD] =
        {
            .name = "GCMD",
            .offset = TEEIO_VTD_REG_GCMD,
            .width = 4,
            .rw = TEEIO_VTD_GCMD_TE | TEEIO_VTD_GCMD_SRTP | TEEIO_VTD_GCMD_QIE,
            .hook = HOOK_GCMD,
            .doc = "Commands TE, SRTP and QIE, done at once. Reads as 0.",
        },
    [REG_GSTS] =
        {
            .name = "GSTS",
            .offset = TEEIO_VTD_REG_GSTS,
            .width = 4,
            .doc = "What GCMD has brought about: TES, RTPS, QIES.",
        },
    [REG_RTADDR] =
        {
            .name = "RTADDR",
            .offset = TEEIO_VTD_REG_RTADDR,
            .width = 8,
            .rw = TEEIO_VTD_RTADDR_RTA | TEEIO_VTD_RTADDR_TTM,
            .doc = "Root table address and translation table mode; SRTP makes "
                   "them count.",
        },
    [REG_CCMD] =
        {
            .name = "CCMD",
            .offset = TEEIO_VTD_REG_CCMD,
            .width = 8,
            .rw = TEEIO_VTD_CCMD_ICC | TEEIO_VTD_CCMD_CIRG | TEEIO_VTD_CCMD_FM |
                  TEEIO_VTD_CCMD_SID | TEEIO_VTD_CCMD_DID,
            .hook = HOOK_CCMD,
            .doc = "Context cache invalidation, when the queue is off.",
        },
    [REG_FSTS] =
        {
            .name = "FSTS",
            .offset = TEEIO_VTD_REG_FSTS,
            .width = 4,
            .w1c = TEEIO_VTD_FSTS_PFO | TEEIO_VTD_FSTS_IQE |
                   TEEIO_VTD_FSTS_ICE | TEEIO_VTD_FSTS_ITE,
            .hook = HOOK_FSTS,
            .doc = "Fault status: overflow, pending fault and its register "
                   "(FRI), errors of the invalidation queue.",
        },
    CONTROL_ROW(FE, "fault"),
    EVENT_ROWS(FE, "fault"),
    [REG_PMEN] =
        {
            .name = "PMEN",
            .offset = TEEIO_VTD_REG_PMEN,
            .width = 4,
            .doc = "Protected memory: not there, reads as 0.",
        },
    [REG_IQH] =
        {
            .name = "IQH",
            .offset = TEEIO_VTD_REG_IQH,
            .width = 8,
            .doc = "The next invalidation descriptor to be carried out.",
        },
    [REG_IQT] =
        {
            .name = "IQT",
            .offset = TEEIO_VTD_REG_IQT,
            .width = 8,
            .rw = TEEIO_VTD_IQ_OFFSET,
            .hook = HOOK_IQT,
            .doc = "Where software will write its next descriptor.",
        },
    [REG_IQA] =
        {
            .name = "IQA",
            .offset = TEEIO_VTD_REG_IQA,
            .width = 8,
            .rw = TEEIO_VTD_IQA_ADDR | TEEIO_VTD_IQA_DW | TEEIO_VTD_IQA_QS,
            .doc = "Invalidation queue: address, size, width of descriptors. "
                   "Needs QIES=0.",
        },
    [REG_ICS] =
        {
            .name = "ICS",
            .offset = TEEIO_VTD_REG_ICS,
            .width = 4,
            .w1c = TEEIO_VTD_ICS_IWC,
            .hook = HOOK_ICS,
            .doc = "A wait descriptor with its interrupt flag has completed.",
        },
    CONTROL_ROW(IE, "invalidation"),
    EVENT_ROWS(IE, "invalidation"),
    [REG_IQERCD] =
        {
            .name = "IQERCD",
            .offset = TEEIO_VTD_REG_IQERCD,
            .width = 8,
            .doc = "Why the queue has stopped, and at which device.",
        },
    [REG_PQH] =
        {
            .name = "PQH",
            .offset = TEEIO_VTD_REG_PQH,
            .width = 8,
            .rw = TEEIO_VTD_PQ_OFFSET,
            .doc = "The next page request that software will read.",
        },
    [REG_PQT] =
        {
            .name = "PQT",
            .offset = TEEIO_VTD_REG_PQT,
            .width = 8,
            .rw = TEEIO_VTD_PQ_OFFSET,
            .doc = "Where the next page request goes.",
        },
    [REG_PQA] =
        {
            .name = "PQA",
            .offset = TEEIO_VTD_REG_PQA,
            .width = 8,
            .rw = TEEIO_VTD_PQA_ADDR | TEEIO_VTD_PQA_PQS,
            .doc = "Page request queue: address and size.",
        },
    [REG_PRS] =
        {
            .name = "PRS",
            .offset = TEEIO_VTD_REG_PRS,
            .width = 4,
            .w1c = TEEIO_VTD_PRS_PPR | TEEIO_VTD_PRS_PRO,
            .hook = HOOK_PRS,
            .doc = "A page request is pending (PPR); some were lost (PRO).",
        },
    CONTROL_ROW(PE, "page request"),
    EVENT_ROWS(PE, "page request"),
    [REG_IVA] =
        {
            .name = "IVA",
            .offset = TEEIO_VTD_REG_IVA,
            .width = 8,
            .rw = TEEIO_VTD_IVA_ADDR | TEEIO_VTD_IVA_IH | TEEIO_VTD_IVA_AM,
            .doc = "Pages for the invalidation that IOTLB starts.",
        },
    [REG_IOTLB] =
        {
            .name = "IOTLB",
            .offset = TEEIO_VTD_REG_IOTLB,
            .width = 8,
            .rw = TEEIO_VTD_IOTLB_IVT | TEEIO_VTD_IOTLB_IIRG |
                  TEEIO_VTD_IOTLB_DR | TEEIO_VTD_IOTLB_DW | TEEIO_VTD_IOTLB_DID,
            .hook = HOOK_IOTLB,
            .doc = "IOTLB invalidation, when the queue is off.",
        },
    FAULT_ROWS(0),
    FAULT_ROWS(1),
    FAULT_ROWS(2),
    FAULT_ROWS(3),
    FAULT_ROWS(4),
    FAULT_ROWS(5),
    FAULT_ROWS(6),
    FAULT_ROWS(7),
};

#define FIELD(field, bit, bits, number, text) \
    {REG_NAME, field, bit, bits, number, text},

static const struct teeio_vtd_field fields[] = {
#define REG_NAME "CAP"
    VTD_CAP_FIELDS(FIELD)
#undef REG_NAME
#define REG_NAME "ECAP"
        VTD_ECAP_FIELDS(FIELD)
#undef REG_NAME
};

const struct teeio_vtd_field *teeio_vtd_fields(size_t *count)
{
    *count = sizeof(fields) / sizeof(fields[0]);
    return fields;
}

const struct teeio_reg *teeio_vtd_registers(size_t *count)
{
    *count = REGS;
    return vtd_registers;
}
