/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "idr.h"
#include "smmuv3-internal.h"

/* IHI 0070 6.3: address bits above the OAS need no storage. */
#define ADDRESS(low) TEEIO_MASK64(SMMUV3_OAS_BITS - 1, low)

const struct teeio_reg smmuv3_registers[REGS] = {
    [REG_IDR0] =
        {
            .name = "IDR0",
            .offset = TEEIO_SMMUV3_REG_IDR0,
            .width = 4,
            .reset = SMMUV3_RESET(SMMUV3_IDR0),
            .doc = "Features.",
        },
    [REG_IDR1] =
        {
            .name = "IDR1",
            .offset = TEEIO_SMMUV3_REG_IDR1,
            .width = 4,
            .reset = SMMUV3_RESET(SMMUV3_IDR1),
            .doc = "Sizes.",
        },
    [REG_IDR2] =
        {
            .name = "IDR2",
            .offset = TEEIO_SMMUV3_REG_IDR2,
            .width = 4,
            .reset = SMMUV3_RESET(SMMUV3_IDR2),
            .doc = "Features: none of those that it names.",
        },
    [REG_IDR3] =
        {
            .name = "IDR3",
            .offset = TEEIO_SMMUV3_REG_IDR3,
            .width = 4,
            .reset = SMMUV3_RESET(SMMUV3_IDR3),
            .doc = "Features.",
        },
    [REG_IDR4] =
        {
            .name = "IDR4",
            .offset = TEEIO_SMMUV3_REG_IDR4,
            .width = 4,
            .reset = SMMUV3_RESET(SMMUV3_IDR4),
            .doc = "Implementation defined: nothing.",
        },
    [REG_IDR5] =
        {
            .name = "IDR5",
            .offset = TEEIO_SMMUV3_REG_IDR5,
            .width = 4,
            .reset = SMMUV3_RESET(SMMUV3_IDR5),
            .doc = "Address sizes and granules.",
        },
    [REG_IIDR] =
        {
            .name = "IIDR",
            .offset = TEEIO_SMMUV3_REG_IIDR,
            .width = 4,
            .reset = SMMUV3_RESET(SMMUV3_IIDR),
            .doc = "Which implementation this is.",
        },
    [REG_AIDR] =
        {
            .name = "AIDR",
            .offset = TEEIO_SMMUV3_REG_AIDR,
            .width = 4,
            .reset = SMMUV3_RESET(SMMUV3_AIDR),
            .doc = "Architecture version.",
        },
    [REG_CR0] =
        {
            .name = "CR0",
            .offset = TEEIO_SMMUV3_REG_CR0,
            .width = 4,
            .rw = TEEIO_CR0_SMMUEN | TEEIO_CR0_PRIQEN | TEEIO_CR0_EVENTQEN |
                  TEEIO_CR0_CMDQEN | TEEIO_CR0_ATSCHK,
            .hook = HOOK_CR0,
            .doc = "Enables translation, the three queues, and the check of "
                   "translated requests.",
        },
    [REG_CR0ACK] =
        {
            .name = "CR0ACK",
            .offset = TEEIO_SMMUV3_REG_CR0ACK,
            .width = 4,
            .doc = "CR0 as it has taken effect, which is at once.",
        },
    [REG_CR1] =
        {
            .name = "CR1",
            .offset = TEEIO_SMMUV3_REG_CR1,
            .width = 4,
            .rw = TEEIO_CR1_TABLE | TEEIO_CR1_QUEUE,
            .doc = "Memory attributes of tables and queues; kept, without "
                   "effect. The former need SMMUEN=0, the latter all "
                   "queues off.",
        },
    [REG_CR2] =
        {
            .name = "CR2",
            .offset = TEEIO_SMMUV3_REG_CR2,
            .width = 4,
            .rw = TEEIO_CR2_RECINVSID,
            .doc = "RECINVSID: record C_BAD_STREAMID. Needs SMMUEN=0.",
        },
    [REG_GBPA] =
        {
            .name = "GBPA",
            .offset = TEEIO_SMMUV3_REG_GBPA,
            .width = 4,
            .reset = TEEIO_GBPA_SHCFG_INCOMING,
            .rw = TEEIO_GBPA_PRIVCFG | TEEIO_GBPA_INSTCFG | TEEIO_GBPA_ABORT |
                  TEEIO_GBPA_UPDATE,
            .hook = HOOK_GBPA,
            .doc = "What happens to traffic while SMMUEN=0: bypass, or "
                   "abort. PRIVCFG and INSTCFG are kept, without effect. A "
                   "write counts only with UPDATE set; UPDATE reads 0.",
        },
    [REG_IRQ_CTRL] =
        {
            .name = "IRQ_CTRL",
            .offset = TEEIO_SMMUV3_REG_IRQ_CTRL,
            .width = 4,
            .rw = TEEIO_IRQ_CTRL_GERROR | TEEIO_IRQ_CTRL_PRIQ |
                  TEEIO_IRQ_CTRL_EVENTQ,
            .hook = HOOK_IRQ_CTRL,
            .doc = "Enables the global error, PRI queue and event queue "
                   "interrupts.",
        },
    [REG_IRQ_CTRLACK] =
        {
            .name = "IRQ_CTRLACK",
            .offset = TEEIO_SMMUV3_REG_IRQ_CTRLACK,
            .width = 4,
            .doc = "IRQ_CTRL as it has taken effect, which is at once.",
        },
    [REG_GERROR] =
        {
            .name = "GERROR",
            .offset = TEEIO_SMMUV3_REG_GERROR,
            .width = 4,
            .doc = "Global errors: CMDQ_ERR, and aborted writes of events, "
                   "page requests and MSIs. A bit that differs from GERRORN "
                   "is an active error.",
        },
    [REG_GERRORN] =
        {
            .name = "GERRORN",
            .offset = TEEIO_SMMUV3_REG_GERRORN,
            .width = 4,
            .rw = TEEIO_GERROR_CMDQ_ERR | TEEIO_GERROR_EVENTQ_ABT_ERR |
                  TEEIO_GERROR_PRIQ_ABT_ERR | TEEIO_GERROR_MSI_CMDQ_ABT_ERR |
                  TEEIO_GERROR_MSI_EVENTQ_ABT_ERR |
                  TEEIO_GERROR_MSI_PRIQ_ABT_ERR |
                  TEEIO_GERROR_MSI_GERROR_ABT_ERR,
            .hook = HOOK_GERRORN,
            .doc = "Software's acknowledgement of GERROR.",
        },
    [REG_GERROR_IRQ_CFG0] =
        {
            .name = "GERROR_IRQ_CFG0",
            .offset = TEEIO_SMMUV3_REG_GERROR_IRQ_CFG0,
            .width = 8,
            .rw = ADDRESS(2),
            .doc = "Global error MSI address; 0 for the wire. Needs "
                   "IRQ_CTRL.GERROR=0.",
        },
    [REG_GERROR_IRQ_CFG1] =
        {
            .name = "GERROR_IRQ_CFG1",
            .offset = TEEIO_SMMUV3_REG_GERROR_IRQ_CFG1,
            .width = 4,
            .rw = UINT32_MAX,
            .doc = "Global error MSI data. Needs IRQ_CTRL.GERROR=0.",
        },
    [REG_GERROR_IRQ_CFG2] =
        {
            .name = "GERROR_IRQ_CFG2",
            .offset = TEEIO_SMMUV3_REG_GERROR_IRQ_CFG2,
            .width = 4,
            .rw = TEEIO_IRQ_CFG2_ATTRIBUTES,
            .doc = "Memory attributes of the MSI, kept without effect. Needs "
                   "IRQ_CTRL.GERROR=0.",
        },
    [REG_STRTAB_BASE] =
        {
            .name = "STRTAB_BASE",
            .offset = TEEIO_SMMUV3_REG_STRTAB_BASE,
            .width = 8,
            .rw = TEEIO_STRTAB_BASE_RA | ADDRESS(6),
            .doc = "Stream table address. Needs SMMUEN=0.",
        },
    [REG_STRTAB_BASE_CFG] =
        {
            .name = "STRTAB_BASE_CFG",
            .offset = TEEIO_SMMUV3_REG_STRTAB_BASE_CFG,
            .width = 4,
            .rw = TEEIO_STRTAB_BASE_CFG_LOG2SIZE | TEEIO_STRTAB_BASE_CFG_SPLIT |
                  TEEIO_STRTAB_BASE_CFG_FMT,
            .doc = "Stream table format, size and split. Needs SMMUEN=0.",
        },
    [REG_CMDQ_BASE] =
        {
            .name = "CMDQ_BASE",
            .offset = TEEIO_SMMUV3_REG_CMDQ_BASE,
            .width = 8,
            .rw =
                TEEIO_QUEUE_BASE_HINT | ADDRESS(5) | TEEIO_QUEUE_BASE_LOG2SIZE,
            .doc = "Command queue address and size. Needs CMDQEN=0.",
        },
    [REG_CMDQ_PROD] =
        {
            .name = "CMDQ_PROD",
            .offset = TEEIO_SMMUV3_REG_CMDQ_PROD,
            .width = 4,
            .rw = TEEIO_QUEUE_INDEX,
            .hook = HOOK_CMDQ,
            .doc = "Where software will write its next command.",
        },
    [REG_CMDQ_CONS] =
        {
            .name = "CMDQ_CONS",
            .offset = TEEIO_SMMUV3_REG_CMDQ_CONS,
            .width = 4,
            .rw = TEEIO_QUEUE_INDEX | TEEIO_CMDQ_CONS_ERR,
            .doc = "The next command to be carried out, and why it was not. "
                   "Needs CMDQEN=0 for writing.",
        },
    [REG_EVENTQ_BASE] =
        {
            .name = "EVENTQ_BASE",
            .offset = TEEIO_SMMUV3_REG_EVENTQ_BASE,
            .width = 8,
            .rw =
                TEEIO_QUEUE_BASE_HINT | ADDRESS(5) | TEEIO_QUEUE_BASE_LOG2SIZE,
            .doc = "Event queue address and size. Needs EVENTQEN=0.",
        },
    [REG_EVENTQ_IRQ_CFG0] =
        {
            .name = "EVENTQ_IRQ_CFG0",
            .offset = TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG0,
            .width = 8,
            .rw = ADDRESS(2),
            .doc = "Event queue MSI address; 0 for the wire. Needs "
                   "IRQ_CTRL.EVENTQ=0.",
        },
    [REG_EVENTQ_IRQ_CFG1] =
        {
            .name = "EVENTQ_IRQ_CFG1",
            .offset = TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG1,
            .width = 4,
            .rw = UINT32_MAX,
            .doc = "Event queue MSI data. Needs IRQ_CTRL.EVENTQ=0.",
        },
    [REG_EVENTQ_IRQ_CFG2] =
        {
            .name = "EVENTQ_IRQ_CFG2",
            .offset = TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG2,
            .width = 4,
            .rw = TEEIO_IRQ_CFG2_ATTRIBUTES,
            .doc = "Memory attributes of the MSI, kept without effect. Needs "
                   "IRQ_CTRL.EVENTQ=0.",
        },
    [REG_PRIQ_BASE] =
        {
            .name = "PRIQ_BASE",
            .offset = TEEIO_SMMUV3_REG_PRIQ_BASE,
            .width = 8,
            .rw =
                TEEIO_QUEUE_BASE_HINT | ADDRESS(5) | TEEIO_QUEUE_BASE_LOG2SIZE,
            .doc = "PRI queue address and size. Needs PRIQEN=0.",
        },
    [REG_PRIQ_IRQ_CFG0] =
        {
            .name = "PRIQ_IRQ_CFG0",
            .offset = TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG0,
            .width = 8,
            .rw = ADDRESS(2),
            .doc = "PRI queue MSI address; 0 for the wire. Needs "
                   "IRQ_CTRL.PRIQ=0.",
        },
    [REG_PRIQ_IRQ_CFG1] =
        {
            .name = "PRIQ_IRQ_CFG1",
            .offset = TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG1,
            .width = 4,
            .rw = UINT32_MAX,
            .doc = "PRI queue MSI data. Needs IRQ_CTRL.PRIQ=0.",
        },
    [REG_PRIQ_IRQ_CFG2] =
        {
            .name = "PRIQ_IRQ_CFG2",
            .offset = TEEIO_SMMUV3_REG_PRIQ_IRQ_CFG2,
            .width = 4,
            .rw = TEEIO_IRQ_CFG2_ATTRIBUTES | TEEIO_PRIQ_IRQ_CFG2_LO,
            .doc = "Memory attributes of the MSI, kept without effect. LO: "
                   "interrupt for the last request of a group instead of the "
                   "first in the queue. Needs IRQ_CTRL.PRIQ=0.",
        },
    [REG_EVENTQ_PROD] =
        {
            .name = "EVENTQ_PROD",
            .offset = TEEIO_SMMUV3_REG_EVENTQ_PROD,
            .width = 4,
            .rw = TEEIO_QUEUE_INDEX | TEEIO_QUEUE_OVERFLOW,
            .doc = "Where the next record goes, and OVFLG. Also at 0xa8. "
                   "Needs EVENTQEN=0 for writing.",
        },
    [REG_EVENTQ_CONS] =
        {
            .name = "EVENTQ_CONS",
            .offset = TEEIO_SMMUV3_REG_EVENTQ_CONS,
            .width = 4,
            .rw = TEEIO_QUEUE_INDEX | TEEIO_QUEUE_OVERFLOW,
            .hook = HOOK_EVENTQ,
            .doc = "The next record that software will read, and OVACKFLG. "
                   "Also at 0xac.",
        },
    [REG_PRIQ_PROD] =
        {
            .name = "PRIQ_PROD",
            .offset = TEEIO_SMMUV3_REG_PRIQ_PROD,
            .width = 4,
            .rw = TEEIO_QUEUE_INDEX | TEEIO_QUEUE_OVERFLOW,
            .doc = "Where the next page request goes, and OVFLG. Also at "
                   "0xc8. Needs PRIQEN=0 for writing.",
        },
    [REG_PRIQ_CONS] =
        {
            .name = "PRIQ_CONS",
            .offset = TEEIO_SMMUV3_REG_PRIQ_CONS,
            .width = 4,
            .rw = TEEIO_QUEUE_INDEX | TEEIO_QUEUE_OVERFLOW,
            .doc = "The next page request that software will read, and "
                   "OVACKFLG. Also at 0xcc.",
        },
};
