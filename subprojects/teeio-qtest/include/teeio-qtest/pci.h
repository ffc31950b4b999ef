/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What firmware does for PCI: find functions, place their BARs, program
 * MSI-X. For QEMU's boards "virt" and "q35"; bus 0 only.
 */
#ifndef TEEIO_QTEST_PCI_H
#define TEEIO_QTEST_PCI_H

#include "teeio-qtest/qtest.h"

/* Configuration space, PCI Local Bus 3.0 and PCI Express Base 6.x. */
#define TEEIO_PCI_VENDOR_ID     0x00
#define TEEIO_PCI_DEVICE_ID     0x02
#define TEEIO_PCI_COMMAND       0x04
#define TEEIO_PCI_STATUS        0x06
#define TEEIO_PCI_CLASS         0x08
#define TEEIO_PCI_BAR(n)        (0x10 + 4 * (n))
#define TEEIO_PCI_CAPABILITIES  0x34
#define TEEIO_PCI_EXTENDED      0x100

#define TEEIO_PCI_COMMAND_MSE   0x0002
#define TEEIO_PCI_COMMAND_BME   0x0004

#define TEEIO_PCI_CAP_MSIX      0x11
#define TEEIO_PCI_CAP_EXPRESS   0x10
#define TEEIO_PCI_MSIX_CONTROL  2
#define TEEIO_PCI_MSIX_TABLE    4
#define TEEIO_PCI_MSIX_PBA      8
#define TEEIO_PCI_MSIX_ENABLE   0x8000
#define TEEIO_PCI_MSIX_MASK_ALL 0x4000

/**
 * struct teeio_qpci - the board's only host bridge
 * @ecam: configuration space, found by looking for the bridge itself
 * @next: where the next BAR goes in the 32-bit window
 */
struct teeio_qpci {
    struct teeio_qtest *qtest;
    uint64_t ecam;
    uint64_t next;
};

/**
 * struct teeio_qpci_function - one function
 * @requester: bus 15:8, device 7:3, function 2:0
 * @bar:       where teeio_qpci_map() put each BAR, 0 if it did not
 */
struct teeio_qpci_function {
    struct teeio_qpci *pci;
    uint16_t requester;
    uint64_t bar[6];
};

void teeio_qpci_init_virt(struct teeio_qpci *pci, struct teeio_qtest *qtest);

/** teeio_qpci_init_q35() - again after each reset, which forgets the window */
void teeio_qpci_init_q35(struct teeio_qpci *pci, struct teeio_qtest *qtest);

/**
 * teeio_qpci_find() - the @index-th function on bus 0 with these ids
 *
 * Returns: false when there is none.
 */
bool teeio_qpci_find(struct teeio_qpci *pci, uint16_t vendor, uint16_t device,
                     unsigned index, struct teeio_qpci_function *function);

uint8_t teeio_qpci_readb(struct teeio_qpci_function *function, unsigned offset);
uint16_t teeio_qpci_readw(struct teeio_qpci_function *function,
                          unsigned offset);
uint32_t teeio_qpci_readl(struct teeio_qpci_function *function,
                          unsigned offset);
void teeio_qpci_writeb(struct teeio_qpci_function *function, unsigned offset,
                       uint8_t value);
void teeio_qpci_writew(struct teeio_qpci_function *function, unsigned offset,
                       uint16_t value);
void teeio_qpci_writel(struct teeio_qpci_function *function, unsigned offset,
                       uint32_t value);

/**
 * teeio_qpci_bar_size() - by writing ones; the BAR is put back afterwards
 *
 * Returns: 0 when the BAR is not implemented.
 */
uint64_t teeio_qpci_bar_size(struct teeio_qpci_function *function,
                             unsigned bar);

/** teeio_qpci_map() - place one memory BAR; returns its address */
uint64_t teeio_qpci_map(struct teeio_qpci_function *function, unsigned bar);

/** teeio_qpci_enable() - Command.MSE and Command.BME */
void teeio_qpci_enable(struct teeio_qpci_function *function);

/** teeio_qpci_capability() - its offset, 0 when there is none with @id */
unsigned teeio_qpci_capability(struct teeio_qpci_function *function,
                               uint8_t id);

/** teeio_qpci_extended() - the same for extended capabilities */
unsigned teeio_qpci_extended(struct teeio_qpci_function *function, uint16_t id);

/** teeio_qpci_msix_enable() - map the table's BAR and enable MSI-X */
void teeio_qpci_msix_enable(struct teeio_qpci_function *function);

/** teeio_qpci_msix_vectors() - size of the table */
unsigned teeio_qpci_msix_vectors(struct teeio_qpci_function *function);

/** teeio_qpci_msix_program() - one entry, unmasked afterwards */
void teeio_qpci_msix_program(struct teeio_qpci_function *function,
                             unsigned vector, uint64_t address, uint32_t data);

#endif
