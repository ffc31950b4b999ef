/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio-root-port, teeio-switch and its downstream ports: QEMU's own ports,
 * with the Access Control Services that a test asks for.
 */
#include <glib.h>
#include <string.h>

#include "abi/abi.h"
#include "machine.h"
#include "port-ide.h"
#include "qom.h"
#include "routes.h"
#include "teeio/spec/port.h"
#include "vmstate.h"

#define ROOT_PORT   "teeio-root-port"
#define SWITCH      "teeio-switch"
#define SWITCH_PORT "teeio-switch-port"

#define VENDOR_ID   0x1234
#define CLASS       0x0604
#define REVISION    0x01

/* Extended configuration space: AER is at 0x100, IDE at 0x200. */
#define ACS_CAP 0x148

/* A bridge holds a bus and its windows, so it is larger than other devices. */
#define STATE_OFFSET 0x8000

#define ACS_DEFAULT  (TEEIO_ACS_ALL & ~TEEIO_ACS_EC)

#define MAX_PORTS    (TEEIO_ACS_VECTOR_BITS - 1)

/**
 * struct port - our part of an instance
 * @acs:   bits of the capability; of a switch, those of its downstream ports
 * @ports: of a switch: downstream ports to create
 * @ide:   of a root port; NULL before realize
 */
struct port {
    uint16_t acs;
    uint64_t ports;
    struct teeio_ide *ide;
};

static struct port *port_of(Object *obj)
{
    return (struct port *)((char *)obj + STATE_OFFSET);
}

typedef void realize_fn(PCIDevice *pci, Error **errp);
typedef void reset_fn(DeviceState *dev);
typedef void config_write_fn(PCIDevice *pci, uint32_t address, uint32_t value,
                             int len);

/* Of pcie-root-port. */
static config_write_fn *parent_write;

/** struct flavour - one of the three types */
struct flavour {
    const char *name;
    const char *parent;
    uint16_t device_id;
    realize_fn *realize;
    reset_fn *reset;
};

static realize_fn *parent_realize(const char *parent)
{
    ObjectClass *klass = object_class_by_name(parent);

    return *(realize_fn **)teeio_abi_slot(klass, teeio_abi.pci_realize);
}

static void put_word(uint8_t *bytes, unsigned offset, uint16_t value)
{
    bytes[offset] = (uint8_t)value;
    bytes[offset + 1] = (uint8_t)(value >> 8);
}

/* PCIe 7.7.11: control and vector are 0 after a reset. */
static void clear_acs(PCIDevice *pci)
{
    uint8_t *config = teeio_pci_config(pci);

    if (port_of((Object *)pci)->acs) {
        memset(config + ACS_CAP + TEEIO_ACS_CONTROL, 0,
               TEEIO_ACS_SIZE - TEEIO_ACS_CONTROL);
    }
}

static void system_reset(void *opaque)
{
    struct port *port = port_of(opaque);

    clear_acs(opaque);
    if (port->ide) {
        teeio_ide_reset(port->ide);
    }
}

/* QEMU's capability has bits of its own choice; these are ours. */
static void set_acs(PCIDevice *pci)
{
    uint16_t acs = port_of((Object *)pci)->acs;
    uint8_t *config = teeio_pci_config(pci);
    uint8_t *wmask = teeio_pci_wmask(pci);
    bool vector = acs & TEEIO_ACS_EC;

    put_word(config, ACS_CAP + TEEIO_ACS_CAPABILITY,
             acs | (vector ? TEEIO_ACS_VECTOR_BITS << 8 : 0));
    put_word(wmask, ACS_CAP + TEEIO_ACS_CONTROL, acs);
    memset(wmask + ACS_CAP + TEEIO_ACS_VECTOR, vector ? 0xff : 0, 4);
}

static void root_port_realize(PCIDevice *pci, Error **errp)
{
    Object *obj = (Object *)pci;
    Error *local = NULL;

    if (!teeio_machine_get(ROOT_PORT, errp)) {
        return;
    }
    object_property_set_bool(obj, "disable-acs", !port_of(obj)->acs, NULL);
    parent_realize("pcie-root-port")(pci, &local);
    if (local) {
        error_propagate(errp, local);
        return;
    }
    if (port_of(obj)->acs) {
        set_acs(pci);
    }
    port_of(obj)->ide = teeio_port_ide_new(pci, errp);
    qemu_register_reset(system_reset, pci);
}

static void switch_port_realize(PCIDevice *pci, Error **errp)
{
    Error *local = NULL;

    if (!teeio_machine_get(SWITCH_PORT, errp)) {
        return;
    }
    parent_realize("xio3130-downstream")(pci, &local);
    if (local) {
        error_propagate(errp, local);
    } else if (port_of((Object *)pci)->acs) {
        pcie_acs_init(pci, ACS_CAP);
        set_acs(pci);
        qemu_register_reset(system_reset, pci);
    }
}

static void switch_port_reset(DeviceState *dev)
{
    ObjectClass *klass = object_class_by_name("xio3130-downstream");
    reset_fn *parent =
        *(reset_fn **)teeio_abi_slot(klass, teeio_abi.device_reset);

    if (parent) {
        parent(dev);
    }
    clear_acs((PCIDevice *)dev);
}

/* Returns: false with @errp set. */
static bool add_port(PCIDevice *pci, const char *id, unsigned chassis,
                     unsigned index, Error **errp)
{
    PCIDevice *port = pci_new((int)index << 3, SWITCH_PORT);
    Object *obj = (Object *)port;

    port_of(obj)->acs = port_of((Object *)pci)->acs;
    object_property_set_int(obj, "chassis", chassis, NULL);
    object_property_set_int(obj, "slot", index, NULL);
    object_property_set_int(obj, "port", index + 1, NULL);
    if (id && !qdev_set_id((DeviceState *)port,
                           g_strdup_printf("%s.%u", id, index), errp)) {
        return false;
    }
    return pci_realize_and_unref(port, pci_bridge_get_sec_bus(pci), errp);
}

/* Devices with an id are children of one container, by their id. */
static char *id_of(PCIDevice *pci)
{
    static const char prefix[] = "/machine/peripheral/";
    g_autofree char *path = object_get_canonical_path((Object *)pci);

    return g_str_has_prefix(path, prefix) ? g_strdup(path + strlen(prefix))
                                          : NULL;
}

static void switch_realize(PCIDevice *pci, Error **errp)
{
    /* From the top: a user's own begin below. */
    static unsigned chassis = 255;
    g_autofree char *id = id_of(pci);
    Error *local = NULL;

    if (!teeio_machine_get(SWITCH, errp)) {
        return;
    }
    if (port_of((Object *)pci)->ports > MAX_PORTS) {
        teeio_error(errp, "give ports=0 to ports=31",
                    "%s: a switch with %" PRIu64 " ports", SWITCH,
                    port_of((Object *)pci)->ports);
        return;
    }
    parent_realize("x3130-upstream")(pci, &local);
    if (local) {
        error_propagate(errp, local);
        return;
    }
    for (unsigned i = 0; i < port_of((Object *)pci)->ports; i++) {
        if (!add_port(pci, id, chassis, i, errp)) {
            return;
        }
    }
    chassis--;
}

static char *get_acs(Object *obj, Error **errp)
{
    char text[TEEIO_ACS_TEXT];

    (void)errp;
    return g_strdup(teeio_acs_format(port_of(obj)->acs, text));
}

static void set_acs_text(Object *obj, const char *value, Error **errp)
{
    if (teeio_settable(obj, "acs", errp) &&
        !teeio_acs_parse(value, &port_of(obj)->acs)) {
        teeio_error(errp, "acs is none, all, or some of sv+tb+rr+cr+uf+ec+dt",
                    "%s: there is no acs '%s'", object_get_typename(obj),
                    value);
    }
}

static void get_ports(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    uint64_t value = port_of(obj)->ports;

    (void)opaque;
    visit_type_uint64(v, name, &value, errp);
}

static void set_ports(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    uint64_t value;

    (void)opaque;
    if (teeio_settable(obj, name, errp) &&
        visit_type_uint64(v, name, &value, errp)) {
        port_of(obj)->ports = value;
    }
}

struct teeio_ide *teeio_port_ide(PCIDevice *pci)
{
    return object_dynamic_cast((Object *)pci, ROOT_PORT)
               ? port_of((Object *)pci)->ide
               : NULL;
}

static uint32_t config_read(PCIDevice *pci, uint32_t address, int len)
{
    uint32_t value;

    return teeio_port_ide_read(port_of((Object *)pci)->ide, address, len,
                               &value)
               ? value
               : pci_default_read_config(pci, address, len);
}

static void config_write(PCIDevice *pci, uint32_t address, uint32_t value,
                         int len)
{
    if (!teeio_port_ide_write(port_of((Object *)pci)->ide, address, value,
                              len)) {
        parent_write(pci, address, value, len);
        teeio_port_ide_acknowledge(pci, address, value, len);
    }
}

static size_t save_ide(Object *obj, uint8_t *buf, size_t size)
{
    return teeio_ide_save(port_of(obj)->ide, buf, size);
}

static bool load_ide(Object *obj, const uint8_t *buf, size_t size)
{
    return teeio_ide_load(port_of(obj)->ide, buf, size);
}

static const struct teeio_vmstate vmstate = {
    .name = ROOT_PORT,
    .parent = "pcie-root-port",
    .parts = {{save_ide, load_ide}},
};

static void instance_finalize(Object *obj)
{
    if (port_of(obj)->ide) {
        teeio_ide_free(port_of(obj)->ide);
    }
}

static void instance_init(Object *obj)
{
    *port_of(obj) = (struct port){.acs = ACS_DEFAULT, .ports = 2};
}

static void class_init(ObjectClass *klass, void *data)
{
    const struct flavour *flavour = data;
    const struct teeio_pci_identity identity = {
        .vendor = VENDOR_ID,
        .device = flavour->device_id,
        .class = CLASS,
        .revision = REVISION,
    };

    teeio_class_set_device(klass, NULL, flavour->reset);
    teeio_class_set_pci(klass, &identity, flavour->realize);
    teeio_class_add_text(klass, "acs",
                         "Access Control Services that the ports offer",
                         get_acs, set_acs_text);
    if (!strcmp(flavour->name, ROOT_PORT)) {
        config_write_fn **write =
            teeio_abi_slot(klass, teeio_abi.pci_config_write);

        parent_write = *write;
        *write = config_write;
        *(void **)teeio_abi_slot(klass, teeio_abi.pci_config_read) =
            config_read;
        teeio_class_set_vmstate(klass, &vmstate);
    }
    if (!strcmp(flavour->name, SWITCH)) {
        object_class_property_add(klass, "ports", "uint64", get_ports,
                                  set_ports, NULL, NULL);
        object_class_property_set_description(klass, "ports",
                                              "downstream ports to create");
    }
}

static struct flavour flavours[] = {
    {ROOT_PORT, "pcie-root-port", 0x7ee8, root_port_realize, NULL},
    {SWITCH, "x3130-upstream", 0x7ee9, switch_realize, NULL},
    {SWITCH_PORT, "xio3130-downstream", 0x7eea, switch_port_realize,
     switch_port_reset},
};

void teeio_register_ports(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(flavours); i++) {
        const TypeInfo type = {
            .name = flavours[i].name,
            .parent = flavours[i].parent,
            .instance_size = STATE_OFFSET + sizeof(struct port),
            .instance_init = instance_init,
            .instance_finalize = instance_finalize,
            .class_init = class_init,
            .class_data = &flavours[i],
        };

        type_register_static(&type);
    }
}
