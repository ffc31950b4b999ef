/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */

#include "teeio-qtest/pci.h"

/* Where "virt" may keep its configuration space: high, or below 4 GiB. */
static const uint64_t ecam_places[] = {0x4010000000, 0x3f000000};

#define HOST_BRIDGE_ID 0x00081b36u /* QEMU's generic PCIe host bridge */

#define WINDOW_BASE    0x10000000u /* 32-bit memory window of "virt" */
#define WINDOW_END     0x3eff0000u

#define BAR_IO         0x1u
#define BAR_TYPE_MASK  0x6u
#define BAR_TYPE_64    0x4u
#define BAR_ATTRIBUTES 0xfu

/* The old way to configuration space, and where the chip set has the new. */
#define CONFIG_ADDRESS  0xcf8
#define CONFIG_DATA     0xcfc
#define CONFIG_ENABLE   0x80000000u
#define Q35_PCIEXBAR    0x60u
#define PCIEXBAR_ENABLE 1u
#define Q35_ECAM        0xb0000000u
#define Q35_WINDOW      0x10000000u

#define DEVFNS          256u
#define MSIX_ENTRY_SIZE 16u

void teeio_qpci_init_virt(struct teeio_qpci *pci, struct teeio_qtest *qtest)
{
    pci->qtest = qtest;
    pci->next = WINDOW_BASE;
    for (size_t i = 0; i < G_N_ELEMENTS(ecam_places); i++) {
        pci->ecam = ecam_places[i];
        if (teeio_qtest_readl(qtest, pci->ecam) == HOST_BRIDGE_ID) {
            return;
        }
    }
    g_error("no PCIe host bridge found; is this board \"virt\"?");
}

void teeio_qpci_init_q35(struct teeio_qpci *pci, struct teeio_qtest *qtest)
{
    pci->qtest = qtest;
    pci->ecam = Q35_ECAM;
    pci->next = Q35_WINDOW;
    teeio_qtest_outl(qtest, CONFIG_ADDRESS, CONFIG_ENABLE | Q35_PCIEXBAR);
    teeio_qtest_outl(qtest, CONFIG_DATA, Q35_ECAM | PCIEXBAR_ENABLE);
}

static uint64_t config_address(const struct teeio_qpci_function *function,
                               unsigned offset)
{
    g_assert_cmpuint(offset, <, 4096);
    return function->pci->ecam + ((uint64_t)function->requester << 12) + offset;
}

uint8_t teeio_qpci_readb(struct teeio_qpci_function *function, unsigned offset)
{
    return teeio_qtest_readb(function->pci->qtest,
                             config_address(function, offset));
}

uint16_t teeio_qpci_readw(struct teeio_qpci_function *function, unsigned offset)
{
    return teeio_qtest_readw(function->pci->qtest,
                             config_address(function, offset));
}

uint32_t teeio_qpci_readl(struct teeio_qpci_function *function, unsigned offset)
{
    return teeio_qtest_readl(function->pci->qtest,
                             config_address(function, offset));
}

void teeio_qpci_writeb(struct teeio_qpci_function *function, unsigned offset,
                       uint8_t value)
{
    teeio_qtest_writeb(function->pci->qtest, config_address(function, offset),
                       value);
}

void teeio_qpci_writew(struct teeio_qpci_function *function, unsigned offset,
                       uint16_t value)
{
    teeio_qtest_writew(function->pci->qtest, config_address(function, offset),
                       value);
}

void teeio_qpci_writel(struct teeio_qpci_function *function, unsigned offset,
                       uint32_t value)
{
    teeio_qtest_writel(function->pci->qtest, config_address(function, offset),
                       value);
}

bool teeio_qpci_find(struct teeio_qpci *pci, uint16_t vendor, uint16_t device,
                     unsigned index, struct teeio_qpci_function *function)
{
    uint32_t id = (uint32_t)device << 16 | vendor;

    *function = (struct teeio_qpci_function){.pci = pci};
    for (unsigned devfn = 0; devfn < DEVFNS; devfn++) {
        function->requester = (uint16_t)devfn;
        if (teeio_qpci_readl(function, TEEIO_PCI_VENDOR_ID) == id &&
            index-- == 0) {
            return true;
        }
    }
    return false;
}

static bool bar_is_64(uint32_t low)
{
    return !(low & BAR_IO) && (low & BAR_TYPE_MASK) == BAR_TYPE_64;
}

uint64_t teeio_qpci_bar_size(struct teeio_qpci_function *function, unsigned bar)
{
    unsigned offset = TEEIO_PCI_BAR(bar);
    uint32_t low = teeio_qpci_readl(function, offset);
    uint64_t mask;

    teeio_qpci_writel(function, offset, UINT32_MAX);
    mask = teeio_qpci_readl(function, offset) & ~(uint64_t)BAR_ATTRIBUTES;
    teeio_qpci_writel(function, offset, low);
    if (bar_is_64(low)) {
        uint32_t high = teeio_qpci_readl(function, offset + 4);

        teeio_qpci_writel(function, offset + 4, UINT32_MAX);
        mask |= (uint64_t)teeio_qpci_readl(function, offset + 4) << 32;
        teeio_qpci_writel(function, offset + 4, high);
    } else if (mask) {
        mask |= (uint64_t)UINT32_MAX << 32;
    }
    return mask ? ~mask + 1 : 0;
}

uint64_t teeio_qpci_map(struct teeio_qpci_function *function, unsigned bar)
{
    struct teeio_qpci *pci = function->pci;
    uint64_t size;
    uint64_t address;

    if (function->bar[bar]) {
        return function->bar[bar];
    }
    size = teeio_qpci_bar_size(function, bar);
    g_assert_cmphex(size, !=, 0);
    address = (pci->next + size - 1) & ~(size - 1);
    g_assert_cmphex(address + size, <=, WINDOW_END);
    pci->next = address + size;
    teeio_qpci_writel(function, TEEIO_PCI_BAR(bar), (uint32_t)address);
    if (bar_is_64(teeio_qpci_readl(function, TEEIO_PCI_BAR(bar)))) {
        teeio_qpci_writel(function, TEEIO_PCI_BAR(bar + 1), 0);
    }
    function->bar[bar] = address;
    return address;
}

void teeio_qpci_enable(struct teeio_qpci_function *function)
{
    uint16_t command = teeio_qpci_readw(function, TEEIO_PCI_COMMAND);

    teeio_qpci_writew(function, TEEIO_PCI_COMMAND,
                      command | TEEIO_PCI_COMMAND_MSE | TEEIO_PCI_COMMAND_BME);
}

unsigned teeio_qpci_capability(struct teeio_qpci_function *function, uint8_t id)
{
    unsigned offset = teeio_qpci_readb(function, TEEIO_PCI_CAPABILITIES);

    /* 48 capabilities fill the space: more means a loop. */
    for (unsigned i = 0; i < 48 && offset; i++) {
        if (teeio_qpci_readb(function, offset) == id) {
            return offset;
        }
        offset = teeio_qpci_readb(function, offset + 1) & ~3u;
    }
    return 0;
}

unsigned teeio_qpci_extended(struct teeio_qpci_function *function, uint16_t id)
{
    unsigned offset = TEEIO_PCI_EXTENDED;

    for (unsigned i = 0; i < 960 && offset >= TEEIO_PCI_EXTENDED; i++) {
        uint32_t header = teeio_qpci_readl(function, offset);

        if ((header & 0xffff) == id) {
            return offset;
        }
        offset = header >> 20 & ~3u;
    }
    return 0;
}

static unsigned msix_offset(struct teeio_qpci_function *function)
{
    unsigned offset = teeio_qpci_capability(function, TEEIO_PCI_CAP_MSIX);

    g_assert_cmpuint(offset, !=, 0);
    return offset;
}

static uint64_t msix_table(struct teeio_qpci_function *function)
{
    uint32_t table = teeio_qpci_readl(function, msix_offset(function) +
                                                    TEEIO_PCI_MSIX_TABLE);

    return teeio_qpci_map(function, table & 7) + (table & ~7u);
}

unsigned teeio_qpci_msix_vectors(struct teeio_qpci_function *function)
{
    uint16_t control = teeio_qpci_readw(function, msix_offset(function) +
                                                      TEEIO_PCI_MSIX_CONTROL);

    return (control & 0x7ffu) + 1;
}

void teeio_qpci_msix_enable(struct teeio_qpci_function *function)
{
    unsigned control = msix_offset(function) + TEEIO_PCI_MSIX_CONTROL;
    uint16_t value = teeio_qpci_readw(function, control);

    msix_table(function);
    value &= (uint16_t)~TEEIO_PCI_MSIX_MASK_ALL;
    teeio_qpci_writew(function, control, value | TEEIO_PCI_MSIX_ENABLE);
}

void teeio_qpci_msix_program(struct teeio_qpci_function *function,
                             unsigned vector, uint64_t address, uint32_t data)
{
    struct teeio_qtest *qtest = function->pci->qtest;
    uint64_t entry = msix_table(function) + vector * MSIX_ENTRY_SIZE;

    teeio_qtest_writel(qtest, entry, (uint32_t)address);
    teeio_qtest_writel(qtest, entry + 4, (uint32_t)(address >> 32));
    teeio_qtest_writel(qtest, entry + 8, data);
    teeio_qtest_writel(qtest, entry + 12, 0);
}
