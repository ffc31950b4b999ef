/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-tdi: the trusted device as a PCIe endpoint.
 *
 * Everything here runs under QEMU's big lock.
 */
#include <glib.h>
#include <string.h>

#include "abi/abi.h"
#include "iommu.h"
#include "machine.h"
#include "qom.h"
#include "routes.h"
#include "tdi-function.h"
#include "tdi-vf.h"
#include "teeio/spec/tdi.h"
#include "vmstate.h"

#define TYPE_NAME      "teeio-tdi"

#define BAR_MEMORY64   0x04
#define MAILBOX_VECTOR 2

/**
 * struct device - instance state
 * @f:      function 0; first member
 * @quirks: of the DSM
 * @vfs:    virtual functions, NULL without
 */
struct device {
    struct teeio_tdi_function f;
    struct teeio_quirks quirks;
    struct teeio_tdi_vfs *vfs;
    uint64_t vf_count;
    uint64_t seed;
    uint64_t serial;
    bool only_12;
    _Alignas(16) char bar[TEEIO_OPAQUE_SIZE];
};

static uint32_t config_read(PCIDevice *pci, uint32_t address, int len)
{
    return teeio_tdi_function_read(teeio_state((Object *)pci), address, len);
}

static void config_write(PCIDevice *pci, uint32_t address, uint32_t value,
                         int len)
{
    teeio_tdi_function_write(teeio_state((Object *)pci), address, value, len);
}

static void reset(DeviceState *qdev)
{
    teeio_tdi_function_reset(teeio_state((Object *)qdev));
}

/* Returns: false with @errp set. */
static bool create_models(struct device *dev, PCIDevice *pci,
                          struct teeio_machine *machine, Error **errp)
{
    struct teeio_function *function = &dev->f.function;
    struct teeio_security_config config = {
        .pci = pci,
        .host = &dev->f.host,
        .vector = MAILBOX_VECTOR,
        .quirks = &dev->quirks,
        .seed = dev->seed,
        .only_12 = dev->only_12,
    };

    if (!teeio_tdi_function_create(&dev->f, machine, errp)) {
        return false;
    }
    if (!dev->serial) {
        dev->serial = machine->count + 1;
    }
    config.serial = dev->serial;
    function->security = teeio_security_new(&config);
    if (!function->security ||
        !teeio_dsm_add(function->security->dsm,
                       teeio_tdi_interface(function->tdi))) {
        teeio_error(errp, "give the machine less memory", "%s: out of memory",
                    TYPE_NAME);
        return false;
    }
    return true;
}

/* Returns: false with @errp set. */
static bool add_capabilities(struct device *dev, PCIDevice *pci, Error **errp)
{
    Error *local = NULL;

    if (msix_init_exclusive_bar(pci, TEEIO_TDI_VECTORS, TEEIO_TDI_MSIX_BAR,
                                errp) < 0) {
        return false;
    }
    for (unsigned i = 0; i < TEEIO_TDI_VECTORS; i++) {
        msix_vector_use(pci, i);
    }
    pcie_endpoint_cap_init(pci, TEEIO_TDI_EXPRESS_CAP);
    pcie_cap_flr_init(pci);
    teeio_tdi_report_init(pci, &local);
    if (local) {
        error_propagate(errp, local);
        return false;
    }
    teeio_tdi_config_init(pci);
    teeio_security_init(dev->f.function.security, pci);
    return true;
}

static void realize(PCIDevice *pci, Error **errp)
{
    struct device *dev = teeio_state((Object *)pci);
    struct teeio_machine *machine = teeio_machine_get(TYPE_NAME, errp);
    PCIBus *bus = qdev_get_parent_bus((DeviceState *)pci);
    struct teeio_tdi *tdi;

    if (!machine) {
        return;
    }
    dev->f.function.pci = pci;
    if (!create_models(dev, pci, machine, errp)) {
        return;
    }
    tdi = dev->f.function.tdi;
    memory_region_init_io((MemoryRegion *)dev->bar, (Object *)pci,
                          teeio_tdi_function_ops(), &dev->f, TYPE_NAME,
                          TEEIO_TDI_BAR_SIZE);
    pci_register_bar(pci, 0, BAR_MEMORY64, (MemoryRegion *)dev->bar);
    if (!add_capabilities(dev, pci, errp)) {
        return;
    }
    teeio_iommu_set_tdi(machine, bus, pci_requester_id(pci) & 0xff, tdi);
    teeio_tdi_set_ingress(tdi, teeio_routes_ingress(machine, bus));
    machine->functions[machine->count++] = &dev->f.function;
    teeio_lines_init(&dev->f.lines);
    if (!teeio_function_attach(machine, &dev->f.function, errp)) {
        return;
    }
    if (dev->vf_count) {
        dev->vfs = teeio_tdi_vfs_new(&dev->f, dev->vf_count, errp);
        if (!dev->vfs) {
            return;
        }
    }
    teeio_tdi_report_reset(pci);
    teeio_tdi_function_refresh(&dev->f);
}

struct teeio_tdi_function *teeio_tdi_vf_function(Object *pf, unsigned index)
{
    struct device *dev = teeio_state(pf);

    return teeio_tdi_vfs_get(dev->vfs, index);
}

static struct teeio_tdi_stats stats(Object *obj)
{
    struct device *dev = teeio_state(obj);

    return dev->f.function.tdi ? teeio_tdi_stats(dev->f.function.tdi)
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

static uint64_t get_sessions(Object *obj)
{
    const struct device *dev = teeio_state(obj);
    const struct teeio_security *security = dev->f.function.security;

    return security ? teeio_spdm_session_count(teeio_dsm_spdm(security->dsm))
                    : 0;
}

static const struct teeio_counter counters[] = {
    {"tlps-t0", "requests sent with T=0", get_tlps_t0},
    {"tlps-t1", "requests sent with T=1", get_tlps_t1},
    {"refused", "requests that did not reach memory", get_refused},
    {"descriptors", "descriptors carried out", get_descriptors},
    {"spdm-sessions", "SPDM sessions that are open", get_sessions},
};

static const struct teeio_setting settings[] = {
    {"seed", "of random numbers that come again in each run; 0 for real ones",
     offsetof(struct device, seed)},
    {"serial", "serial number in the certificate; 0 for one in turn",
     offsetof(struct device, serial)},
    {"vfs", "virtual functions, up to 32", offsetof(struct device, vf_count)},
};

static char *get_tdisp_state(Object *obj, Error **errp)
{
    struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(teeio_tdisp_state_name(
        dev->f.function.tdi ? teeio_tdi_state(dev->f.function.tdi)
                            : TEEIO_TDISP_CONFIG_UNLOCKED));
}

static char *get_quirks(Object *obj, Error **errp)
{
    const struct device *dev = teeio_state(obj);
    char text[TEEIO_QUIRKS_TEXT];

    (void)errp;
    teeio_quirks_print(&dev->quirks, text);
    return g_strdup(text);
}

/* A comma ends a property, so a plus may stand in its place. */
static void set_quirks(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);
    g_autofree char *text = g_strdelimit(g_strdup(value), "+", ',');
    const char *bad = NULL;

    if (teeio_settable(obj, "quirks", errp) &&
        !teeio_quirks_parse(text, &dev->quirks, &bad)) {
        teeio_error(errp, "docs/specs/dsm lists the quirks",
                    "%s: there is no quirk '%s'", TYPE_NAME, bad);
    }
}

static char *get_spdm_version(Object *obj, Error **errp)
{
    const struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(dev->only_12 ? "1.2" : "1.3");
}

static void set_spdm_version(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    if (!teeio_settable(obj, "spdm-max-version", errp)) {
        return;
    }
    if (strcmp(value, "1.2") != 0 && strcmp(value, "1.3") != 0) {
        teeio_error(errp, "spdm-max-version is 1.2 or 1.3",
                    "%s: there is no SPDM '%s'", TYPE_NAME, value);
        return;
    }
    dev->only_12 = !strcmp(value, "1.2");
}

static const char *const mmio_names[] = {
    [TEEIO_MMIO_T_FOLLOW] = "follow",
    [TEEIO_MMIO_T_0] = "0",
    [TEEIO_MMIO_T_1] = "1",
};

static char *get_mmio_t(Object *obj, Error **errp)
{
    const struct device *dev = teeio_state(obj);

    (void)errp;
    return g_strdup(mmio_names[dev->f.mmio_t]);
}

/* May change at any time: it is the host that changes its mind. */
static void set_mmio_t(Object *obj, const char *value, Error **errp)
{
    struct device *dev = teeio_state(obj);

    for (unsigned i = 0; i < G_N_ELEMENTS(mmio_names); i++) {
        if (!strcmp(value, mmio_names[i])) {
            dev->f.mmio_t = i;
            return;
        }
    }
    teeio_error(errp, "mmio-t is follow, 0 or 1", "%s: mmio-t cannot be '%s'",
                TYPE_NAME, value);
}

static size_t save_lines(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_lines_save(&dev->f.lines, buf, size);
}

static bool load_lines(Object *obj, const uint8_t *buf, size_t size)
{
    struct device *dev = teeio_state(obj);

    return teeio_lines_load(&dev->f.lines, buf, size);
}

static size_t save_config(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_tdi_config_save(&dev->f.config, buf, size);
}

static bool load_config(Object *obj, const uint8_t *buf, size_t size)
{
    struct device *dev = teeio_state(obj);

    return teeio_tdi_config_load(&dev->f.config, buf, size);
}

static size_t save_accepted(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    if (size >= 1) {
        buf[0] = dev->f.function.accepted;
    }
    return 1;
}

static bool load_accepted(Object *obj, const uint8_t *buf, size_t size)
{
    struct device *dev = teeio_state(obj);

    if (size != 1 || buf[0] > 1) {
        return false;
    }
    dev->f.function.accepted = buf[0];
    return true;
}

static size_t save_model(Object *obj, uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_tdi_save(dev->f.function.tdi, buf, size);
}

static bool load_model(Object *obj, const uint8_t *buf, size_t size)
{
    const struct device *dev = teeio_state(obj);

    return teeio_tdi_load(dev->f.function.tdi, buf, size);
}

static struct teeio_security *security_of(Object *obj)
{
    const struct device *dev = teeio_state(obj);

    return dev->f.function.security;
}

/* The parts of the security, one function each way. */
#define PART(part, call, model)                                           \
    static size_t save_##part(Object *obj, uint8_t *buf, size_t size)     \
    {                                                                     \
        struct teeio_security *security = security_of(obj);               \
                                                                          \
        return call##_save(model, buf, size);                             \
    }                                                                     \
                                                                          \
    static bool load_##part(Object *obj, const uint8_t *buf, size_t size) \
    {                                                                     \
        struct teeio_security *security = security_of(obj);               \
                                                                          \
        return call##_load(model, buf, size);                             \
    }

PART(random, teeio_security, security)
PART(ide, teeio_ide, security->ide)
PART(dsm, teeio_dsm, security->dsm)
PART(spdm, teeio_spdm, teeio_dsm_spdm(security->dsm))
PART(doe, teeio_doe, security->doe)

static const char *cannot_save(Object *obj)
{
    return teeio_tdi_vfs_enabled((PCIDevice *)obj)
               ? "VF Enable is set\nhint: write 0 to sriov_numvfs first"
               : NULL;
}

/* The lines halt the engine, so that no work begins before all is loaded. */
static const struct teeio_vmstate vmstate = {
    .name = TYPE_NAME,
    .pci = true,
    .refuse = cannot_save,
    .parts = {{save_lines, load_lines},
              {save_config, load_config},
              {save_model, load_model},
              {save_accepted, load_accepted},
              {save_random, load_random},
              {save_ide, load_ide},
              {save_dsm, load_dsm},
              {save_spdm, load_spdm},
              {save_doe, load_doe}},
};

static void instance_init(Object *obj)
{
    teeio_state_new(obj, sizeof(struct device));
}

static void instance_finalize(Object *obj)
{
    struct device *dev = teeio_state(obj);

    teeio_security_free(dev->f.function.security);
    teeio_tdi_vfs_free(dev->vfs);
    teeio_tdi_function_free(&dev->f);
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
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        teeio_class_add_setting(klass, &settings[i]);
    }
    teeio_class_add_text(klass, "tdisp-state", "TDISP state now",
                         get_tdisp_state, NULL);
    teeio_class_add_text(klass, "quirks",
                         "deviations from the specification, with + between",
                         get_quirks, set_quirks);
    teeio_class_add_text(klass, "spdm-max-version",
                         "newest version of SPDM: 1.2 or 1.3", get_spdm_version,
                         set_spdm_version);
    teeio_class_add_text(klass, "mmio-t",
                         "T of the CPUs' accesses to BAR 0: follow, 0 or 1",
                         get_mmio_t, set_mmio_t);
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
