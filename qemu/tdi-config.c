/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "tdi-config.h"

#include <string.h>

#include "teeio/spec/tdi.h"

/* Where they lie. The chain begins at the first extended address. */
#define ATS_CAP   0x100
#define PASID_CAP 0x110
#define PRI_CAP   0x120

/* PCIe 7.8.9 and 7.8.10; 10.5.1 and 10.5.2 */
#define CAP_ID_PRI       0x13
#define CAP_ID_PASID     0x1b
#define PASID_SIZE       0x08
#define PRI_SIZE         0x10

#define ATS_CONTROL      0x06
#define ATS_ENABLE       0x8000

#define PASID_CAPABILITY 0x04 /* 12:8 width of a PASID */
#define PASID_CONTROL    0x06
#define PASID_ENABLE     0x0001
#define PASID_WIDTH      20

#define PRI_CONTROL      0x04
#define PRI_STATUS       0x06
#define PRI_CAPACITY     0x08
#define PRI_ALLOCATION   0x0c
#define PRI_ENABLE       0x0001
#define PRI_STOPPED      0x0100

_Static_assert(TEEIO_TDI_MAX_PASID == (1u << PASID_WIDTH) - 1, "PASID_WIDTH");

void teeio_tdi_config_init(PCIDevice *pci)
{
    pcie_ats_init(pci, ATS_CAP, true);
    pcie_add_capability(pci, CAP_ID_PASID, 1, PASID_CAP, PASID_SIZE);
    pcie_add_capability(pci, CAP_ID_PRI, 1, PRI_CAP, PRI_SIZE);
}

void teeio_tdi_config_reset(struct teeio_tdi_config *config, PCIDevice *pci)
{
    *config = (struct teeio_tdi_config){0};
    pci_default_write_config(pci, ATS_CAP + ATS_CONTROL, 0, 2);
}

static void put(uint8_t *bytes, uint32_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        bytes[i] = value >> 8 * i;
    }
}

static uint32_t get(const uint8_t *bytes, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint32_t)bytes[i] << 8 * i;
    }
    return value;
}

static void lay_out_pasid(const struct teeio_tdi_config *config,
                          uint8_t bytes[PASID_SIZE])
{
    put(bytes + PASID_CAPABILITY, PASID_WIDTH << 8, 2);
    put(bytes + PASID_CONTROL, config->pasid, 2);
}

static void lay_out_pri(const struct teeio_tdi_config *config,
                        uint8_t bytes[PRI_SIZE])
{
    put(bytes + PRI_CONTROL, config->pri, 2);
    put(bytes + PRI_STATUS, config->pri & PRI_ENABLE ? 0 : PRI_STOPPED, 2);
    put(bytes + PRI_CAPACITY, 1, 4);
    put(bytes + PRI_ALLOCATION, config->pages, 4);
}

/* An access to 4 aligned bytes or fewer is in one capability or in none. */
static bool inside(uint32_t address, uint32_t capability, uint32_t size)
{
    /* The header is QEMU's own. */
    return address >= capability + 4 && address < capability + size;
}

uint32_t teeio_tdi_config_read(const struct teeio_tdi_config *config,
                               PCIDevice *pci, uint32_t address, int len)
{
    uint8_t bytes[PRI_SIZE + 4] = {0};

    if (inside(address, PASID_CAP, PASID_SIZE)) {
        lay_out_pasid(config, bytes);
        return get(bytes + (address - PASID_CAP), len);
    }
    if (inside(address, PRI_CAP, PRI_SIZE)) {
        lay_out_pri(config, bytes);
        return get(bytes + (address - PRI_CAP), len);
    }
    return pci_default_read_config(pci, address, len);
}

void teeio_tdi_config_write(struct teeio_tdi_config *config, PCIDevice *pci,
                            uint32_t address, uint32_t value, int len)
{
    uint8_t bytes[PRI_SIZE + 4] = {0};

    pci_default_write_config(pci, address, value, len);
    if (inside(address, PASID_CAP, PASID_SIZE)) {
        lay_out_pasid(config, bytes);
        put(bytes + (address - PASID_CAP), value, len);
        config->pasid = get(bytes + PASID_CONTROL, 2) & PASID_ENABLE;
    } else if (inside(address, PRI_CAP, PRI_SIZE)) {
        lay_out_pri(config, bytes);
        put(bytes + (address - PRI_CAP), value, len);
        /* Bit 1 resets the interface, which has nothing to be reset. */
        config->pri = get(bytes + PRI_CONTROL, 2) & PRI_ENABLE;
        config->pages = get(bytes + PRI_ALLOCATION, 4);
    }
}

struct teeio_tdi_services
teeio_tdi_config_services(const struct teeio_tdi_config *config, PCIDevice *pci)
{
    return (struct teeio_tdi_services){
        .pasid = config->pasid & PASID_ENABLE,
        .ats =
            pci_default_read_config(pci, ATS_CAP + ATS_CONTROL, 2) & ATS_ENABLE,
        .pri = config->pri & PRI_ENABLE,
    };
}

#define IMAGE_SIZE 8

size_t teeio_tdi_config_save(const struct teeio_tdi_config *config,
                             uint8_t *buf, size_t size)
{
    if (size >= IMAGE_SIZE) {
        put(buf, config->pasid, 2);
        put(buf + 2, config->pri, 2);
        put(buf + 4, config->pages, 4);
    }
    return IMAGE_SIZE;
}

bool teeio_tdi_config_load(struct teeio_tdi_config *config, const uint8_t *buf,
                           size_t size)
{
    struct teeio_tdi_config next;

    if (size != IMAGE_SIZE) {
        return false;
    }
    next = (struct teeio_tdi_config){
        .pasid = get(buf, 2),
        .pri = get(buf + 2, 2),
        .pages = get(buf + 4, 4),
    };
    if (next.pasid & ~PASID_ENABLE || next.pri & ~PRI_ENABLE) {
        return false;
    }
    *config = next;
    return true;
}
