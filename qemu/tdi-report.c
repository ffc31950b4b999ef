/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "tdi-report.h"

#include "routes.h"
#include "teeio/spec/port.h"
#include "teeio/spec/tdi.h"
#include "teeio/spec/tdisp.h"

/* PCI Express capability, 7.5.3 */
#define EXPRESS_CAPS     0x04
#define CAPS_EXT_TAG     0x00000020u
#define CAPS_TEE_IO      0x40000000u
#define EXPRESS_CONTROL  0x08
#define CONTROL_EXT_TAG  0x0100u
#define CONTROL_NO_SNOOP 0x0800u
#define EXPRESS_CAPS2    0x24
#define CAPS2_TAG_10     0x00030000u /* as completer and as requester */
#define EXPRESS_CONTROL2 0x28
#define CONTROL2_TAG_10  0x1000u

/* Power Management, 7.5.2 */
#define CAP_ID_POWER  0x01
#define POWER_SIZE    8
#define POWER_CAPS    0x02
#define POWER_VERSION 0x3
#define POWER_CONTROL 0x04
#define POWER_STATE   0x3
#define POWER_NO_RST  0x8

/* MSI-X, 7.7.2 */
#define CAP_ID_MSIX    0x11
#define MSIX_CONTROL   0x02
#define MSIX_TABLE     0x04
#define MSIX_PBA       0x08
#define MSIX_BIR       0x7
#define MSIX_COUNT     0x7ff
#define MSIX_ENTRY     16
#define MSIX_BAR_SIZE  0x1000

#define COMMAND        0x04
#define BAR(n)         (0x10 + 4 * (n))
#define BAR_FLAGS      0xfu
#define REGISTERS_SIZE TEEIO_TDI_RING_OFFSET
#define RING_PAGES     0x1000u

_Static_assert(TEEIO_TDI_RING_ENTRIES *TEEIO_TDI_DESC_SIZE == RING_PAGES,
               "the ring is one page");

static void set_bits(uint8_t *bytes, unsigned offset, uint32_t bits)
{
    for (unsigned i = 0; i < 4; i++) {
        bytes[offset + i] |= (uint8_t)(bits >> 8 * i);
    }
}

void teeio_tdi_report_init(PCIDevice *pci, Error **errp)
{
    uint8_t *config = teeio_pci_config(pci);
    uint8_t *wmask = teeio_pci_wmask(pci);

    if (pci_add_capability(pci, CAP_ID_POWER, TEEIO_TDI_POWER_CAP, POWER_SIZE,
                           errp) < 0) {
        return;
    }
    set_bits(config, TEEIO_TDI_POWER_CAP + POWER_CAPS, POWER_VERSION);
    set_bits(wmask, TEEIO_TDI_POWER_CAP + POWER_CONTROL, POWER_STATE);
    set_bits(config, TEEIO_TDI_EXPRESS_CAP + EXPRESS_CAPS,
             CAPS_EXT_TAG | CAPS_TEE_IO);
    set_bits(config, TEEIO_TDI_EXPRESS_CAP + EXPRESS_CAPS2, CAPS2_TAG_10);
    set_bits(wmask, TEEIO_TDI_EXPRESS_CAP + EXPRESS_CONTROL,
             CONTROL_EXT_TAG | CONTROL_NO_SNOOP);
    set_bits(wmask, TEEIO_TDI_EXPRESS_CAP + EXPRESS_CONTROL2, CONTROL2_TAG_10);
}

void teeio_tdi_report_reset(PCIDevice *pci)
{
    uint8_t *config = teeio_pci_config(pci);
    uint8_t *control = config + TEEIO_TDI_EXPRESS_CAP + EXPRESS_CONTROL;

    /* PCIe 7.5.3.4: the default of Enable No Snoop is 1. */
    control[1] = (uint8_t)((control[1] & ~(CONTROL_EXT_TAG >> 8)) |
                           CONTROL_NO_SNOOP >> 8);
    config[TEEIO_TDI_EXPRESS_CAP + EXPRESS_CONTROL2 + 1] &=
        (uint8_t) ~(CONTROL2_TAG_10 >> 8);
    config[TEEIO_TDI_POWER_CAP + POWER_CONTROL] &= (uint8_t)~POWER_STATE;
}

static uint32_t reg(PCIDevice *pci, unsigned offset, int size)
{
    return pci_default_read_config(pci, offset, size);
}

unsigned teeio_tdi_power(PCIDevice *pci)
{
    return reg(pci, TEEIO_TDI_POWER_CAP + POWER_CONTROL, 1) & POWER_STATE;
}

static struct teeio_report_place msix_place(PCIDevice *pci, unsigned offset,
                                            uint64_t size)
{
    uint32_t where = reg(pci, offset, 4);

    return (struct teeio_report_place){where & MSIX_BIR,
                                       where & ~(uint32_t)MSIX_BIR, size};
}

static void read_msix(PCIDevice *pci, struct teeio_report_inputs *report)
{
    unsigned cap = pci_find_capability(pci, CAP_ID_MSIX);
    unsigned vectors;

    if (!cap) {
        return;
    }
    report->msix_control = (uint16_t)reg(pci, cap + MSIX_CONTROL, 2);
    vectors = (report->msix_control & MSIX_COUNT) + 1;
    report->table =
        msix_place(pci, cap + MSIX_TABLE, (uint64_t)vectors * MSIX_ENTRY);
    report->pba =
        msix_place(pci, cap + MSIX_PBA, (uint64_t)(vectors + 63) / 64 * 8);
}

/*
 * What a host may know and do without T: look at registers and ring the bell.
 * The pages behind the ring are there to be made shared and TEE memory again.
 */
static void divide_bar(struct teeio_report_inputs *report)
{
    report->windows[0] = (struct teeio_report_window){{0, 0, REGISTERS_SIZE},
                                                      TEEIO_RANGE_NON_TEE_MEM};
    report->windows[1] = (struct teeio_report_window){
        {0, TEEIO_TDI_RING_OFFSET + RING_PAGES,
         TEEIO_TDI_BAR_SIZE - TEEIO_TDI_RING_OFFSET - RING_PAGES},
        TEEIO_RANGE_UPDATABLE};
}

void teeio_tdi_report_read(PCIDevice *pci,
                           const struct teeio_tdi_services *services,
                           struct teeio_interface_config *config)
{
    uint32_t command = reg(pci, COMMAND, 2);
    struct teeio_report_inputs *report = &config->report;

    *config = (struct teeio_interface_config){
        .requester = pci_requester_id(pci),
        .memory_enable = command & TEEIO_CFG_COMMAND_MSE,
        .bus_master = command & TEEIO_CFG_COMMAND_BME,
        .power = (uint8_t)teeio_tdi_power(pci),
        .no_soft_reset =
            reg(pci, TEEIO_TDI_POWER_CAP + POWER_CONTROL, 1) & POWER_NO_RST,
        .device_control =
            {
                reg(pci, TEEIO_TDI_EXPRESS_CAP + EXPRESS_CONTROL, 2),
                reg(pci, TEEIO_TDI_EXPRESS_CAP + EXPRESS_CONTROL2, 2),
            },
        .pasid = services->pasid,
        .pri = services->pri,
    };
    report->bars[0].base = (reg(pci, BAR(0), 4) & ~BAR_FLAGS) |
                           (uint64_t)reg(pci, BAR(1), 4) << 32;
    report->bars[0].size = TEEIO_TDI_BAR_SIZE;
    report->bars[TEEIO_TDI_MSIX_BAR].base =
        reg(pci, BAR(TEEIO_TDI_MSIX_BAR), 4) & ~BAR_FLAGS;
    report->bars[TEEIO_TDI_MSIX_BAR].size = MSIX_BAR_SIZE;
    report->without_pasid = true;
    report->with_pasid = services->pasid;
    report->ats = services->ats;
    report->pri = services->pri;
    read_msix(pci, report);
    divide_bar(report);
}
