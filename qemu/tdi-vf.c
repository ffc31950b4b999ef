/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "tdi-vf.h"

#include <glib.h>

#include "abi/abi.h"
#include "iommu.h"
#include "routes.h"
#include "teeio/spec/tdi.h"

#define TYPE_NAME    "teeio-tdi-vf"

#define BAR_MEMORY64 0x04
#define BAR_MEMORY32 0x00
#define MSIX_SIZE    0x1000
#define MSIX_PBA     0x800
#define VECTORS      2

/* SR-IOV extended capability, 9.3.3 */
#define SRIOV_CAP     0x140
#define SRIOV_SIZE    0x40
#define SRIOV_CONTROL 0x08
#define CONTROL_VFE   0x0001u
#define CONTROL_MSE   0x0008u
#define SRIOV_TOTAL   0x0e
#define SRIOV_NUM_VFS 0x10
#define SRIOV_BAR(n)  (0x24 + 4 * (n))
#define ARI_CAP       0x180

/* Of a virtual function: PASID and PRI are those of its PF (9.3.7). */
#define VF_ATS_CAP 0x100
#define VF_ARI_CAP 0x110

/*
 * Routing ids begin where no device of a bus uses to be, so that a PF on the
 * root bus leaves the slots behind it alone.
 */
#define VF_OFFSET 0x80
#define VF_STRIDE 1
#define DEVFN_END 0x100

struct teeio_tdi_vfs {
    unsigned count;
    struct teeio_tdi_function functions[TEEIO_TDI_MAX_VFS];
};

/** struct device - instance state: @f belongs to the PF, NULL before realize */
struct device {
    struct teeio_tdi_function *f;
    _Alignas(16) char bar[TEEIO_OPAQUE_SIZE];
    _Alignas(16) char msix[TEEIO_OPAQUE_SIZE];
};

static uint32_t sriov(PCIDevice *pf, unsigned offset, int size)
{
    return pci_default_read_config(pf, SRIOV_CAP + offset, size);
}

static void add_capabilities(PCIDevice *pci, unsigned count)
{
    pcie_sriov_pf_init(pci, SRIOV_CAP, TYPE_NAME, TEEIO_TDI_VF_DEVICE_ID,
                       (uint16_t)count, (uint16_t)count, VF_OFFSET, VF_STRIDE);
    pcie_sriov_pf_init_vf_bar(pci, 0, BAR_MEMORY64, TEEIO_TDI_BAR_SIZE);
    pcie_sriov_pf_init_vf_bar(pci, TEEIO_TDI_MSIX_BAR, BAR_MEMORY32, MSIX_SIZE);
    pcie_ari_init(pci, ARI_CAP, 0);
}

struct teeio_tdi_vfs *teeio_tdi_vfs_new(struct teeio_tdi_function *pf,
                                        uint64_t count, Error **errp)
{
    struct teeio_machine *machine = pf->machine;
    struct teeio_tdi_vfs *vfs;

    if (!teeio_abi.sriov) {
        teeio_error(errp, "use QEMU 7.2, or vfs=0",
                    "teeio-tdi: vfs needs the SR-IOV of another QEMU");
        return NULL;
    }
    if (count > TEEIO_TDI_MAX_VFS) {
        teeio_error(errp, "give vfs=0 to vfs=32",
                    "teeio-tdi: %" PRIu64 " virtual functions", count);
        return NULL;
    }
    if ((pci_requester_id(pf->function.pci) & 0xff) + VF_OFFSET + count >
        DEVFN_END) {
        teeio_error(errp, "give an addr below c",
                    "teeio-tdi: no room on the bus for its %" PRIu64
                    " virtual functions",
                    count);
        return NULL;
    }
    vfs = g_new0(struct teeio_tdi_vfs, 1);
    for (unsigned i = 0; i < count; i++) {
        struct teeio_tdi_function *vf = &vfs->functions[i];

        vf->pf = pf;
        vf->index = i;
        vf->function.security = pf->function.security;
        if (!teeio_tdi_function_create(vf, machine, errp)) {
            return NULL;
        }
        vfs->count++;
        teeio_lines_init(&vf->lines);
        machine->functions[machine->count++] = &vf->function;
        if (!teeio_function_attach(machine, &vf->function, errp)) {
            return NULL;
        }
    }
    add_capabilities(pf->function.pci, vfs->count);
    return vfs;
}

void teeio_tdi_vfs_free(struct teeio_tdi_vfs *vfs)
{
    for (unsigned i = 0; vfs && i < vfs->count; i++) {
        teeio_tdi_function_free(&vfs->functions[i]);
    }
    g_free(vfs);
}

struct teeio_tdi_function *teeio_tdi_vfs_get(struct teeio_tdi_vfs *vfs,
                                             unsigned index)
{
    return &vfs->functions[index];
}

static bool present(PCIDevice *pci)
{
    /* 0 where there is no capability. */
    return sriov(pci, 0, 4);
}

bool teeio_tdi_vfs_enabled(PCIDevice *pci)
{
    return present(pci) && sriov(pci, SRIOV_CONTROL, 2) & CONTROL_VFE;
}

uint64_t teeio_tdi_vfs_digest(PCIDevice *pci)
{
    uint64_t digest = 0;

    if (!present(pci)) {
        return 0;
    }
    for (unsigned offset = SRIOV_CONTROL; offset < SRIOV_SIZE; offset += 4) {
        /* The odd factor spreads each register over the whole word. */
        digest ^= sriov(pci, offset, 4);
        digest *= 0x9e3779b97f4a7c15u;
    }
    return digest ^ pci_default_read_config(pci, ARI_CAP + 4, 4);
}

bool teeio_tdi_vfs_covers(PCIDevice *pci, uint32_t address)
{
    return present(pci) && address >= SRIOV_CAP &&
           address < SRIOV_CAP + SRIOV_SIZE;
}

void teeio_tdi_vfs_write(struct teeio_tdi_function *pf, uint32_t address,
                         uint32_t value, int len)
{
    PCIDevice *pci = pf->function.pci;

    if (!teeio_tdi_vfs_covers(pci, address)) {
        return;
    }
    if (sriov(pci, SRIOV_NUM_VFS, 2) > sriov(pci, SRIOV_TOTAL, 2)) {
        /* PCIe 9.3.3.5: more than TotalVFs is undefined; here: all. */
        teeio_pci_config(pci)[SRIOV_CAP + SRIOV_NUM_VFS] =
            (uint8_t)sriov(pci, SRIOV_TOTAL, 2);
        teeio_pci_config(pci)[SRIOV_CAP + SRIOV_NUM_VFS + 1] = 0;
    }
    pcie_sriov_config_write(pci, address, value, len);
}

void teeio_tdi_vfs_reset(struct teeio_tdi_function *pf)
{
    PCIDevice *pci = pf->function.pci;
    uint8_t *config = teeio_pci_config(pci) + SRIOV_CAP;

    if (!present(pci)) {
        return;
    }
    pcie_sriov_pf_disable_vfs(pci);
    config[SRIOV_CONTROL] = 0;
    config[SRIOV_CONTROL + 1] = 0;
    config[SRIOV_NUM_VFS] = 0;
    config[SRIOV_NUM_VFS + 1] = 0;
}

void teeio_tdi_vf_report(const struct teeio_tdi_function *vf,
                         struct teeio_interface_config *config)
{
    PCIDevice *pf = vf->pf->function.pci;
    struct teeio_report_bar *bars = config->report.bars;

    config->requester =
        (uint16_t)(pci_requester_id(pf) + VF_OFFSET + VF_STRIDE * vf->index);
    config->other = sriov(pf, SRIOV_CONTROL, 2) & CONTROL_VFE;
    config->memory_enable =
        vf->function.pci && sriov(pf, SRIOV_CONTROL, 2) & CONTROL_MSE;
    bars[0].size = TEEIO_TDI_BAR_SIZE;
    bars[0].base = (sriov(pf, SRIOV_BAR(0), 4) & ~0xfu) |
                   (uint64_t)sriov(pf, SRIOV_BAR(1), 4) << 32;
    bars[TEEIO_TDI_MSIX_BAR].size = MSIX_SIZE;
    bars[TEEIO_TDI_MSIX_BAR].base =
        sriov(pf, SRIOV_BAR(TEEIO_TDI_MSIX_BAR), 4) & ~0xfu;
    /* PCIe 9.3.3.14: the first VF's begins at the BAR, the others follow. */
    for (unsigned i = 0; i < TEEIO_REPORT_BARS; i++) {
        if (bars[i].base) {
            bars[i].base += bars[i].size * vf->index;
        }
    }
}

static uint32_t config_read(PCIDevice *pci, uint32_t address, int len)
{
    const struct device *dev = teeio_state((Object *)pci);

    return dev->f ? teeio_tdi_function_read(dev->f, address, len)
                  : pci_default_read_config(pci, address, len);
}

static void config_write(PCIDevice *pci, uint32_t address, uint32_t value,
                         int len)
{
    const struct device *dev = teeio_state((Object *)pci);

    if (dev->f) {
        teeio_tdi_function_write(dev->f, address, value, len);
    }
}

static void reset(DeviceState *qdev)
{
    const struct device *dev = teeio_state((Object *)qdev);

    if (dev->f) {
        teeio_tdi_function_reset(dev->f);
    }
}

/* Returns: false with @errp set. */
static bool add_bars(struct device *dev, PCIDevice *pci, Error **errp)
{
    MemoryRegion *msix = (MemoryRegion *)dev->msix;

    memory_region_init_io((MemoryRegion *)dev->bar, (Object *)pci,
                          teeio_tdi_function_ops(), dev->f, TYPE_NAME,
                          TEEIO_TDI_BAR_SIZE);
    pcie_sriov_vf_register_bar(pci, 0, (MemoryRegion *)dev->bar);
    memory_region_init(msix, (Object *)pci, TYPE_NAME "-msix", MSIX_SIZE);
    pcie_sriov_vf_register_bar(pci, TEEIO_TDI_MSIX_BAR, msix);
    if (msix_init(pci, VECTORS, msix, TEEIO_TDI_MSIX_BAR, 0, msix,
                  TEEIO_TDI_MSIX_BAR, MSIX_PBA, 0, errp) < 0) {
        return false;
    }
    for (unsigned i = 0; i < VECTORS; i++) {
        msix_vector_use(pci, i);
    }
    return true;
}

/* The device behind the PF's DMA engine; tdi.c keeps the models. */
static void realize(PCIDevice *pci, Error **errp)
{
    struct device *dev = teeio_state((Object *)pci);
    PCIDevice *pf = pcie_sriov_get_pf(pci);
    PCIBus *bus = qdev_get_parent_bus((DeviceState *)pci);
    struct teeio_tdi_function *f;

    f = teeio_tdi_vf_function((Object *)pf, pcie_sriov_vf_number(pci));
    dev->f = f;
    if (!add_bars(dev, pci, errp)) {
        dev->f = NULL;
        return;
    }
    pcie_endpoint_cap_init(pci, TEEIO_TDI_EXPRESS_CAP);
    pcie_cap_flr_init(pci);
    pcie_ats_init(pci, VF_ATS_CAP, true);
    pcie_ari_init(pci, VF_ARI_CAP, 0);
    f->function.pci = pci;
    teeio_tdi_reset(f->function.tdi);
    teeio_iommu_set_tdi(f->machine, bus, pci_requester_id(pci) & 0xff,
                        f->function.tdi);
    teeio_tdi_set_ingress(f->function.tdi,
                          teeio_routes_ingress(f->machine, bus));
    teeio_tdi_function_refresh(f);
    teeio_dsm_add(f->function.security->dsm,
                  teeio_tdi_interface(f->function.tdi));
}

/* VF Enable was cleared. What was locked ends in ERROR, and nobody sees it. */
static void leave(PCIDevice *pci)
{
    struct device *dev = teeio_state((Object *)pci);
    struct teeio_tdi_function *f = dev->f;

    if (!f) {
        return;
    }
    f->function.pci = NULL;
    teeio_tdi_function_refresh(f);
    teeio_dsm_remove(f->function.security->dsm,
                     teeio_tdi_interface(f->function.tdi));
    teeio_iommu_set_tdi(f->machine, qdev_get_parent_bus((DeviceState *)pci),
                        pci_requester_id(pci) & 0xff, NULL);
    msix_uninit(pci, (MemoryRegion *)dev->msix, (MemoryRegion *)dev->msix);
    dev->f = NULL;
}

static void instance_init(Object *obj)
{
    teeio_state_new(obj, sizeof(struct device));
}

static void instance_finalize(Object *obj)
{
    teeio_state_free(obj);
}

static void class_init(ObjectClass *klass, void *data)
{
    const struct teeio_pci_identity identity = {
        .vendor = TEEIO_TDI_VENDOR_ID,
        .device = TEEIO_TDI_VF_DEVICE_ID,
        .class = TEEIO_TDI_CLASS,
        .revision = TEEIO_TDI_REVISION,
    };

    (void)data;
    teeio_class_set_device(klass, NULL, reset);
    teeio_class_set_pci(klass, &identity, realize);
    *(bool *)teeio_abi_slot(klass, teeio_abi.device_user_creatable) = false;
    *(bool *)teeio_abi_slot(klass, teeio_abi.device_hotpluggable) = true;
    *(void **)teeio_abi_slot(klass, teeio_abi.pci_exit) = leave;
    *(void **)teeio_abi_slot(klass, teeio_abi.pci_config_read) = config_read;
    *(void **)teeio_abi_slot(klass, teeio_abi.pci_config_write) = config_write;
}

void teeio_register_tdi_vf(void)
{
    static const InterfaceInfo interfaces[] = {
        {"pci-express-device"},
        {NULL},
    };
    static const TypeInfo type = {
        .name = TYPE_NAME,
        .parent = "pci-device",
        .instance_size = TEEIO_INSTANCE_SIZE,
        .instance_init = instance_init,
        .instance_finalize = instance_finalize,
        .class_init = class_init,
        .interfaces = interfaces,
    };

    type_register_static(&type);
}
