/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What this plug-in uses of QEMU. Distributions package no headers for device
 * models, so the functions are declared here; whatever moves between versions
 * is not declared but looked up in struct teeio_abi.
 *
 * Every function is exported by all system emulators of QEMU 7.2 and 10.0.
 */
#ifndef TEEIO_QEMU_IMPORT_H
#define TEEIO_QEMU_IMPORT_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct AddressSpace AddressSpace;
typedef struct AioContext AioContext;
typedef struct DeviceState DeviceState;
typedef struct Error Error;
typedef struct MemoryRegion MemoryRegion;
typedef struct Object Object;
typedef struct ObjectClass ObjectClass;
typedef struct ObjectProperty ObjectProperty;
typedef struct PCIBus PCIBus;
typedef struct PCIDevice PCIDevice;
typedef struct QEMUFile QEMUFile;
typedef struct VMStateDescription VMStateDescription;
typedef struct VMStateField VMStateField;
typedef struct Visitor Visitor;
typedef struct IRQState *qemu_irq;
typedef uint64_t hwaddr;

/* QEMU's struct of bit-fields travels in one integer register. */
typedef uint64_t MemTxAttrs;

enum { DEVICE_LITTLE_ENDIAN = 2 };
enum { QEMU_CLOCK_VIRTUAL = 1 };

/* Type system */

typedef struct InterfaceInfo {
    const char *type;
} InterfaceInfo;

typedef struct TypeInfo {
    const char *name;
    const char *parent;
    size_t instance_size;
    size_t instance_align;
    void (*instance_init)(Object *obj);
    void (*instance_post_init)(Object *obj);
    void (*instance_finalize)(Object *obj);
    bool abstract;
    size_t class_size;
    void (*class_init)(ObjectClass *klass, void *data);
    void (*class_base_init)(ObjectClass *klass, void *data);
    void *class_data;
    const InterfaceInfo *interfaces;
} TypeInfo;

_Static_assert(sizeof(TypeInfo) == 104, "TypeInfo");

typedef void ObjectPropertyAccessor(Object *obj, Visitor *v, const char *name,
                                    void *opaque, Error **errp);
typedef void ObjectPropertyRelease(Object *obj, const char *name, void *opaque);

extern Object *current_machine;

void *type_register_static(const TypeInfo *info);
ObjectClass *object_class_by_name(const char *name);
ObjectClass *object_class_get_parent(ObjectClass *klass);
void *object_class_get_list(const char *implements_type, bool include_abstract);
ObjectClass *object_get_class(Object *obj);
const char *object_get_typename(const Object *obj);
Object *object_dynamic_cast(Object *obj, const char *type);
Object *object_get_root(void);
char *object_get_canonical_path(const Object *obj);
Object *object_resolve_path(const char *path, bool *ambiguous);
const char *object_get_canonical_path_component(const Object *obj);
Object *object_resolve_path_type(const char *path, const char *type,
                                 bool *ambiguous);
int object_child_foreach_recursive(Object *obj,
                                   int (*fn)(Object *child, void *opaque),
                                   void *opaque);

ObjectProperty *object_class_property_add(ObjectClass *klass, const char *name,
                                          const char *type,
                                          ObjectPropertyAccessor *get,
                                          ObjectPropertyAccessor *set,
                                          ObjectPropertyRelease *release,
                                          void *opaque);
ObjectProperty *
object_class_property_add_str(ObjectClass *klass, const char *name,
                              char *(*get)(Object *, Error **),
                              void (*set)(Object *, const char *, Error **));
void object_class_property_set_description(ObjectClass *klass, const char *name,
                                           const char *description);
ObjectProperty *object_property_find(Object *obj, const char *name);
char *object_property_get_str(Object *obj, const char *name, Error **errp);
bool object_property_get_bool(Object *obj, const char *name, Error **errp);
int64_t object_property_get_int(Object *obj, const char *name, Error **errp);
uint64_t object_property_get_uint(Object *obj, const char *name, Error **errp);
bool object_property_set_bool(Object *obj, const char *name, bool value,
                              Error **errp);
bool object_property_set_str(Object *obj, const char *name, const char *value,
                             Error **errp);
bool object_property_set_int(Object *obj, const char *name, int64_t value,
                             Error **errp);
bool visit_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                       Error **errp);
bool visit_type_size(Visitor *v, const char *name, uint64_t *obj, Error **errp);
bool visit_type_uint32(Visitor *v, const char *name, uint32_t *obj,
                       Error **errp);

/* Errors */

void error_setg_internal(Error **errp, const char *src, int line,
                         const char *func, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void error_append_hint(Error *const *errp, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void error_propagate(Error **dst, Error *local);
void error_report_err(Error *error);

/* Memory */

typedef struct MemoryRegionOps {
    uint64_t (*read)(void *opaque, hwaddr addr, unsigned size);
    void (*write)(void *opaque, hwaddr addr, uint64_t data, unsigned size);
    void *read_with_attrs;
    void *write_with_attrs;
    int endianness;
    struct {
        unsigned min_access_size;
        unsigned max_access_size;
        bool unaligned;
        void *accepts;
    } valid;
    struct {
        unsigned min_access_size;
        unsigned max_access_size;
        bool unaligned;
    } impl;
} MemoryRegionOps;

_Static_assert(sizeof(MemoryRegionOps) == 80, "MemoryRegionOps");

typedef struct IOMMUTLBEntry {
    AddressSpace *target_as;
    hwaddr iova;
    hwaddr translated_addr;
    hwaddr addr_mask;
    int perm; /* 1 read, 2 write */
} IOMMUTLBEntry;

_Static_assert(sizeof(IOMMUTLBEntry) == 40, "IOMMUTLBEntry");

extern AddressSpace address_space_memory;

MemoryRegion *get_system_memory(void);
void memory_region_init(MemoryRegion *mr, Object *owner, const char *name,
                        uint64_t size);
void memory_region_init_io(MemoryRegion *mr, Object *owner,
                           const MemoryRegionOps *ops, void *opaque,
                           const char *name, uint64_t size);
void memory_region_init_iommu(void *mr, size_t instance_size, const char *type,
                              Object *owner, const char *name, uint64_t size);
void memory_region_add_subregion_overlap(MemoryRegion *mr, hwaddr offset,
                                         MemoryRegion *subregion, int priority);
void memory_listener_register(void *listener, AddressSpace *as);
bool memory_region_present(MemoryRegion *container, hwaddr addr);
void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name);
uint32_t address_space_rw(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                          void *buf, hwaddr len, bool is_write);
void *address_space_map(AddressSpace *as, hwaddr addr, hwaddr *len,
                        bool is_write, MemTxAttrs attrs);
void address_space_unmap(AddressSpace *as, void *buffer, hwaddr len,
                         bool is_write, hwaddr access_len);

/* PCI */

typedef AddressSpace *PCIIOMMUFunc(PCIBus *bus, void *opaque, int devfn);

/* @second is a PCIIOMMUFunc in 7.2 and a table of functions in 10.0. */
void pci_setup_iommu(PCIBus *bus, const void *second, void *opaque);
int pci_bus_num(PCIBus *bus);
PCIDevice *pci_bridge_get_device(PCIBus *bus);
PCIBus *pci_bridge_get_sec_bus(PCIDevice *bridge);
PCIDevice *pci_find_device(PCIBus *bus, int bus_num, uint8_t devfn);
void pci_for_each_bus_depth_first(PCIBus *bus,
                                  void *(*begin)(PCIBus *bus, void *opaque),
                                  void (*end)(PCIBus *bus, void *opaque),
                                  void *opaque);
void pci_for_each_device_under_bus(PCIBus *bus,
                                   void (*fn)(PCIBus *bus, PCIDevice *dev,
                                              void *opaque),
                                   void *opaque);
PCIDevice *pci_new(int devfn, const char *type);
bool pci_realize_and_unref(PCIDevice *dev, PCIBus *bus, Error **errp);
const char *qdev_set_id(DeviceState *dev, char *id, Error **errp);
AddressSpace *pci_device_iommu_address_space(PCIDevice *dev);
uint16_t pci_requester_id(PCIDevice *dev);
uint32_t pci_default_read_config(PCIDevice *dev, uint32_t address, int len);
void pci_default_write_config(PCIDevice *dev, uint32_t address, uint32_t value,
                              int len);
void pci_register_bar(PCIDevice *dev, int bar, uint8_t type,
                      MemoryRegion *memory);
int pci_add_capability(PCIDevice *dev, uint8_t cap_id, uint8_t offset,
                       uint8_t size, Error **errp);
uint8_t pci_find_capability(PCIDevice *dev, uint8_t cap_id);
void pci_device_reset(PCIDevice *dev);
int pcie_endpoint_cap_init(PCIDevice *dev, uint8_t offset);
void pcie_cap_flr_init(PCIDevice *dev);
void pcie_cap_flr_write_config(PCIDevice *dev, uint32_t address, uint32_t value,
                               int len);
void pcie_add_capability(PCIDevice *dev, uint16_t cap_id, uint8_t cap_ver,
                         uint16_t offset, uint16_t size);
void pcie_ats_init(PCIDevice *dev, uint16_t offset, bool aligned);
void pcie_acs_init(PCIDevice *dev, uint16_t offset);
void pcie_ari_init(PCIDevice *dev, uint16_t offset, uint16_t nextfn);
int msix_enabled(PCIDevice *dev);
bool msi_enabled(const PCIDevice *dev);
void msi_notify(PCIDevice *dev, unsigned vector);
void pci_set_irq(PCIDevice *dev, int level);
int msix_init(PCIDevice *dev, unsigned short vectors, MemoryRegion *table,
              uint8_t table_bar, unsigned table_offset, MemoryRegion *pba,
              uint8_t pba_bar, unsigned pba_offset, uint8_t cap, Error **errp);
void msix_uninit(PCIDevice *dev, MemoryRegion *table, MemoryRegion *pba);
int msix_init_exclusive_bar(PCIDevice *dev, unsigned vectors, uint8_t bar,
                            Error **errp);
void msix_vector_use(PCIDevice *dev, unsigned vector);
void msix_notify(PCIDevice *dev, unsigned vector);
void *qdev_get_parent_bus(const DeviceState *dev);

/* Virtual functions, as in 7.2: later versions create them in advance. */
void pcie_sriov_pf_init(PCIDevice *dev, uint16_t offset, const char *type,
                        uint16_t device, uint16_t initial, uint16_t total,
                        uint16_t vf_offset, uint16_t vf_stride);
void pcie_sriov_pf_init_vf_bar(PCIDevice *dev, int bar, uint8_t type,
                               uint64_t size);
void pcie_sriov_vf_register_bar(PCIDevice *dev, int bar, MemoryRegion *memory);
void pcie_sriov_config_write(PCIDevice *dev, uint32_t address, uint32_t value,
                             int len);
void pcie_sriov_pf_disable_vfs(PCIDevice *dev)
    __attribute__((weak)); /* gone in 10.0 */
PCIDevice *pcie_sriov_get_pf(PCIDevice *dev);
uint16_t pcie_sriov_vf_number(PCIDevice *dev);

/* The rest of the machine */

typedef struct Notifier {
    void (*notify)(struct Notifier *notifier, void *data);
    void *next;
    void *link;
} Notifier;

_Static_assert(sizeof(Notifier) == 24, "Notifier");

void qemu_add_machine_init_done_notifier(Notifier *notifier);
qemu_irq qdev_get_gpio_in(DeviceState *dev, int n);
void qemu_set_irq(qemu_irq irq, int level);
uint32_t qemu_fdt_alloc_phandle(void *fdt);
void qemu_register_reset(void (*fn)(void *opaque), void *opaque);
int64_t qemu_clock_get_ns(int clock);
AioContext *qemu_get_aio_context(void);
void aio_bh_schedule_oneshot_full(AioContext *ctx, void (*fn)(void *opaque),
                                  void *opaque, const char *name);

/* Snapshots and migration */

typedef struct VMStateInfo {
    const char *name;
    int (*get)(QEMUFile *f, void *pv, size_t size, const VMStateField *field);
    int (*put)(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
               void *vmdesc);
} VMStateInfo;

_Static_assert(sizeof(VMStateInfo) == 24, "VMStateInfo");

extern const VMStateInfo vmstate_info_uint32;
extern const VMStateInfo vmstate_info_int32_le;
/* @vmdesc may be NULL. */
int vmstate_save_state(QEMUFile *f, const VMStateDescription *vmsd,
                       void *opaque, void *vmdesc);
int vmstate_load_state(QEMUFile *f, const VMStateDescription *vmsd,
                       void *opaque, int version);
extern const char vmstate_pci_device[]; /* a VMStateDescription */

void qemu_put_be32(QEMUFile *f, unsigned value);
unsigned qemu_get_be32(QEMUFile *f);
void qemu_put_buffer(QEMUFile *f, const uint8_t *buf, size_t size);
size_t qemu_get_buffer(QEMUFile *f, uint8_t *buf, size_t size);
void pci_device_save(PCIDevice *dev, QEMUFile *f);
int pci_device_load(PCIDevice *dev, QEMUFile *f);
void msix_save(PCIDevice *dev, QEMUFile *f);
void msix_load(PCIDevice *dev, QEMUFile *f);
void *qemu_add_vm_change_state_handler(void (*fn)(void *opaque, bool running,
                                                  int state),
                                       void *opaque);
void error_report(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void warn_report(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* QMP */

typedef struct QDict QDict;
typedef struct QList QList;
typedef struct QObject QObject;
typedef struct QmpCommandList QmpCommandList;
typedef void QmpCommandFunc(QDict *arguments, QObject **ret, Error **errp);

extern QmpCommandList qmp_commands;

void qmp_register_command(QmpCommandList *commands, const char *name,
                          QmpCommandFunc *fn, unsigned options,
                          uint64_t features);
QDict *qdict_new(void);
int qdict_haskey(const QDict *dict, const char *key);
void qdict_put_obj(QDict *dict, const char *key, QObject *value);
void qdict_put_str(QDict *dict, const char *key, const char *value);
void qdict_put_int(QDict *dict, const char *key, int64_t value);
int64_t qdict_get_try_int(const QDict *dict, const char *key,
                          int64_t otherwise);
const char *qdict_get_try_str(const QDict *dict, const char *key);
QList *qlist_new(void);
void qlist_append_obj(QList *list, QObject *value);

/* QAPI: structures that are part of a stable interface */

typedef struct VersionTriple {
    int64_t major;
    int64_t minor;
    int64_t micro;
} VersionTriple;

typedef struct VersionInfo {
    VersionTriple *qemu;
    char *package;
} VersionInfo;

typedef struct MemoryInfo {
    uint64_t base_memory;
} MemoryInfo;

VersionInfo *qmp_query_version(Error **errp);
void qapi_free_VersionInfo(VersionInfo *info);
MemoryInfo *qmp_query_memory_size_summary(Error **errp);
void qapi_free_MemoryInfo(MemoryInfo *info);

/* Gone in 10.0 */
extern size_t object_type_get_instance_size(const char *type)
    __attribute__((weak));

/* One of the two: is the big lock ours? */
extern bool qemu_mutex_iothread_locked(void) __attribute__((weak));
extern bool bql_locked(void) __attribute__((weak));

/* New in 10.0, where the slot in DeviceClass is no longer called */
extern void device_class_set_legacy_reset(ObjectClass *klass,
                                          void (*reset)(DeviceState *))
    __attribute__((weak));

#endif
