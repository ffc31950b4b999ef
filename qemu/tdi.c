/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-tdi: the trusted device as a PCIe endpoint.
 *
 * Everything here runs under QEMU's big lock.
 */
#include <glib.h>

#include "abi/abi.h"
#include "host.h"
#include "iommu.h"
#include "machine.h"
#include "qom.h"
#include "routes.h"
#include "tdi-config.h"
#include "teeio/spec/tdi.h"
#include "vmstate.h"

#define TYPE_NAME    "teeio-tdi"

#define MSIX_VECTORS 2
#define MSIX_BAR     2
#define BAR_MEMORY64 0x04
#define PCIE_CAP     0x80

/* Config space (PCIe 7.5.1) */
#define PCI_COMMAND 0x04
#define COMMAND_MSE 0x2
#define COMMAND_BME 0x4
#define PCI_BAR     0x10
#define PCI_BARS    6

/* Descriptors in one go, before the main loop serves others. */
#define BUDGET 8

/**
 * struct device - instance state
 * @function:  what others know about it; first member
 * @config:    extended capabilities
 * @scheduled: engine() is going to run
 * @reset_due: the device was reset by its own DMA
 */
struct device {
    struct teeio_function function;
    struct teeio_host host;
    struct teeio_machine *machine;
    struct teeio_lines lines;
    struct teeio_tdi_config config;
    bool scheduled;
    bool reset_due;
    _Alignas(16) char bar[TEEIO_OPAQUE_SIZE];
};

void teeio_function_refresh(struct teeio_function *function)
{
    PCIDevice *pci = function->pci;
    uint32_t command = pci_default_read_config(pci, PCI_COMMAND, 2);
    uint64_t digest = command & COMMAND_MSE;

    for (int i = 0; i < PCI_BARS; i++) {
        /* The odd factor spreads each register over the whole word. */
        digest ^= pci_default_read_config(pci, PCI_BAR + 4 * i, 4);
        digest *= 0x9e3779b97f4a7c15u;
    }
    teeio_tdi_set_config(function->tdi, pci_requester_id(pci),
                         command & COMMAND_BME, digest);
}

static void refresh_services(struct device *dev)
{
    const struct teeio_tdi_services services =
        teeio_tdi_config_services(&dev->config, dev->function.pci);

    teeio_tdi_set_services(dev->function.tdi, &services);
}

static void refresh(struct device *dev)
{
    teeio_function_refresh(&dev->function);
    refresh_services(dev);
}

static void engine(void *opaque);

static void schedule(struct device *dev)
{
    if (!dev->scheduled) {
        dev->scheduled = true;
        aio_bh_schedule_oneshot_full(qemu_get_aio_context(), engine, dev,
                                     TYPE_NAME);
    }
}

static void request_page(void *opaque, const struct teeio_page_request *request)
{
    struct teeio_machine *machine = opaque;

    machine->front_end.request_page(machine, request);
}

/* Without an IOMMU nobody pages in. */
static void connect_pages(struct device *dev)
{
    const struct teeio_tdi_pages pages = {
        .opaque = dev->machine,
        .request = dev->machine->front_end.request_page ? request_page : NULL,
    };

    teeio_tdi_set_pages(dev->function.tdi, &pages);
}

static void engine(void *opaque)
{
    struct device *dev = opaque;
    struct teeio_machine *machine = dev->machine;
    bool more = true;

    dev->scheduled = false;
    if (dev->lines.halted) {
        return;
    }
    refresh(dev);
    connect_pages(dev);
    machine->busy = true;
    machine->requester = teeio_tdi_requester(dev->function.tdi);
    for (int i = 0; more && i < BUDGET; i++) {
        more = teeio_tdi_step(dev->function.tdi);
    }
    machine->busy = false;
    if (dev->reset_due) {
        dev->reset_due = false;
        teeio_tdi_reset(dev->function.tdi);
    } else if (more) {
        schedule(dev);
    }
    /* Its DMA may have reached config space. */
    refresh(dev);
}

/* Its own DMA came back to it; that of a peer is welcome. */
static bool reentered(const struct device *dev)
{
    return dev->machine->busy &&
           dev->machine->requester == teeio_tdi_requester(dev->function.tdi);
}

static uint64_t bar_read(void *opaque, hwaddr offset, unsigned size)
{
    struct device *dev = opaque;

    if (reentered(dev)) {
        return UINT64_MAX;
    }
    return teeio_tdi_read(dev->function.tdi, offset, size);
}

static void bar_write(void *opaque, hwaddr offset, uint64_t value,
                      unsigned size)
{
    struct device *dev = opaque;

    if (!reentered(dev)) {
        teeio_tdi_write(dev->function.tdi, offset, value, size);
    }
}

static const MemoryRegionOps bar_ops = {
    .read = bar_read,
    .write = bar_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 4, .max_access_size = 8},
    .impl = {.min_access_size = 4, .max_access_size = 8},
};

static void host_raise(void *opaque, unsigned line)
{
    struct device *dev = opaque;

    teeio_lines_raise(&dev->lines, line);
}

static void host_wake(void *opaque)
{
    schedule(opaque);
}

/* A machine that runs again may have been halted between two descriptors. */
static void resume(void *opaque)
{
    schedule(opaque);
}

static void send_msi(void *opaque, unsigned line)
{
    struct device *dev = opaque;

    if (line < MSIX_VECTORS) {
        msix_notify(dev->function.pci, line);
    }
}

static uint32_t config_read(PCIDevice *pci, uint32_t address, int len)
{
    const struct device *dev = teeio_state((Object *)pci);

    return teeio_tdi_config_read(&dev->config, pci, address, len);
}

static void config_write(PCIDevice *pci, uint32_t address, uint32_t value,
                         int len)
{
    struct device *dev = teeio_state((Object *)pci);

    teeio_tdi_config_write(&dev->config, pci, address, value, len);
    pcie_cap_flr_write_config(pci, address, value, len);
    if (!dev->machine->busy) {
        refresh(dev);
    }
}

static void reset(DeviceState *qdev)
{
    struct device *dev = teeio_state((Object *)qdev);

    teeio_lines_reset(&dev->lines);
    teeio_tdi_config_reset(&dev->config, dev->function.pci);
    if (dev->machine->busy) {
        dev->reset_due = true;
    } else {
        teeio_tdi_reset(dev->function.tdi);
        refresh_services(dev);
    }
}

/* Returns: false with @errp set. */
static bool create_model(struct device *dev, Error **errp)
{
    struct teeio_machine *machine = dev->machine;

    if (machine->count == TEEIO_TSM_MAX_TDIS) {
        teeio_error(errp, "give fewer " TYPE_NAME,
                    "%s: the machine has %d already", TYPE_NAME,
                    TEEIO_TSM_MAX_TDIS);
        return false;
    }
    teeio_host_init(&dev->host, dev);
    dev->host.raise = host_raise;
    dev->host.wake = host_wake;
    dev->lines.fire = send_msi;
    dev->lines.resume = resume;
    dev->lines.opaque = dev;
    dev->function.tdi = teeio_tdi_new(&dev->host, &machine->fabric);
    if (!dev->function.tdi) {
        teeio_error(errp, "give the machine less memory", "%s: out of memory",
                    TYPE_NAME);
        return false;
    }
    return true;
}

static void realize(PCIDevice *pci, Error **errp)
{
    struct device *dev = teeio_state((Object *)pci);
    struct teeio_machine *machine = teeio_machine_get(TYPE_NAME, errp);

    if (!machine) {
        return;
    }
    dev->machine = machine;
    dev->function.pci = pci;
    if (!create_model(dev, errp)) {
        return;
    }
    memory_region_init_io((MemoryRegion *)dev->bar, (Object *)pci, &bar_ops,
                          dev, TYPE_NAME, TEEIO_TDI_BAR_SIZE);
    pci_register_bar(pci, 0, BAR_MEMORY64, (MemoryRegion *)dev->bar);
    if (msix_init_exclusive_bar(pci, MSIX_VECTORS, MSIX_BAR, errp) < 0) {
        return;
    }
    for (unsigned i = 0; i < MSIX_VECTORS; i++) {
        msix_vector_use(pci, i);
    }
    pcie_endpoint_cap_init(pci, PCIE_CAP);
    pcie_cap_flr_init(pci);
    teeio_tdi_config_init(pci);
    teeio_iommu_set_tdi(machine, qdev_get_parent_bus((DeviceState *)pci),
                        pci_requester_id(pci) & 0xff, dev->function.tdi);
    teeio_tdi_set_ingress(
        dev->function.tdi,
        teeio_routes_ingress(machine, qdev_get_parent_bus((DeviceState *)pci)));
    machine->functions[machine->count++] = &dev->function;
    teeio_lines_init(&dev->lines);
    if (machine->tsm) {
        teeio_tsm_attach(machine->tsm, dev->function.tdi);
    }
    refresh(dev);
}

static struct teeio_tdi_stats stats(Object *obj)
{
    struct device *dev = teeio_state(obj);

    return dev->function.tdi ? teeio_tdi_stats(dev->function.tdi)
                             : (struct teeio_tdi_stats){0};
}

static uint64_t get_tlps_t0(Object *obj)
{
    return stats(obj).tlps[0];
}

static uint64_t get_tlps_t1(Object *obj)
{
    return stats(obj).tlps[1];
}

static uint64_t get_refused(Object *obj)
{
    return stats(obj).refused;
}

static uint64_t get_descriptors(Object *obj)
{
    return stats(obj).descriptors;
}

static const struct teeio_counter counters[] = {
    {"tlps-t0", "requests sent with T=0", get_tlps_t0},
    {"tlps-t1", "requests sent with T=1", get_tlps_t1},
    {"refused", "requests that did not reach memory", get_refused},
    {"descriptors", "descriptors carried out", get_descriptors},
};

static char *get_tdisp_state(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(teeio_tdisp_state_name(
        dev->function.tdi ? teeio_tdi_state(dev->function.tdi)
                          : TEEIO_TDISP_CONFIG_UNLOCKED));
}

static size_t save_lines(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_lines_save(&dev->lines, buf, size);
}

static bool load_lines(Object *obj, const uint8_t *buf, size_t size)
{
    struct device *dev = teeio_state(obj);

    return teeio_lines_load(&dev->lines, buf, size);
}

static size_t save_model(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_tdi_save(dev->function.tdi, buf, size);
}

static bool load_model(Object *obj, const uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_tdi_load(dev->function.tdi, buf, size);
}

static size_t save_config(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_tdi_config_save(&dev->config, buf, size);
}

static bool load_config(Object *obj, const uint8_t *buf, size_t size)
{
    struct device *dev = teeio_state(obj);

    return teeio_tdi_config_load(&dev->config, buf, size);
}

/* The lines halt the engine, so that no work begins before all is loaded. */
static const struct teeio_vmstate vmstate = {
    .name = TYPE_NAME,
    .pci = true,
    .parts = {{save_lines, load_lines},
              {save_config, load_config},
              {save_model, load_model}},
};

static void instance_init(Object *obj)
{
    teeio_state_new(obj, sizeof(struct device));
}

static void instance_finalize(Object *obj)
{
    struct device *dev = teeio_state(obj);

    if (dev->function.tdi) {
        teeio_tdi_free(dev->function.tdi);
    }
    teeio_state_free(obj);
}

static void class_init(ObjectClass *klass, void *data)
{
    const struct teeio_pci_identity identity = {
        .vendor = TEEIO_TDI_VENDOR_ID,
        .device = TEEIO_TDI_DEVICE_ID,
        .class = TEEIO_TDI_CLASS,
        .revision = TEEIO_TDI_REVISION,
    };

    (void)data;
    teeio_class_set_device(klass, NULL, reset);
    teeio_class_set_vmstate(klass, &vmstate);
    teeio_class_set_pci(klass, &identity, realize);
    *(void **)teeio_abi_slot(klass, teeio_abi.pci_config_read) = config_read;
    *(void **)teeio_abi_slot(klass, teeio_abi.pci_config_write) = config_write;
    for (size_t i = 0; i < G_N_ELEMENTS(counters); i++) {
        teeio_class_add_counter(klass, &counters[i]);
    }
    teeio_class_add_text(klass, "tdisp-state", "TDISP state now",
                         get_tdisp_state, NULL);
}

void teeio_register_tdi(void)
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
