/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <errno.h>
#include <glib.h>
#include <stdatomic.h>
#include <string.h>

#include "abi/abi.h"
#include "iommu.h"
#include "machine.h"
#include "qom.h"
#include "routes.h"

#define REGION_TYPE "teeio-iommu-memory-region"

/* A power of two: pages that one function uses at a time. */
#define KEPT_PAGES 512u

/**
 * struct kept - the translation of one page, for reads or for writes
 * @sequence: odd while a thread writes the others
 * @page:     input page
 * @epoch:    of the IOMMU and the routes, before they were asked; 0 when empty
 */
struct kept {
    _Atomic uint64_t sequence;
    _Atomic uint64_t page;
    _Atomic uint64_t epoch;
    _Atomic uint64_t output;
};

/**
 * struct region - memory as one function sees it
 * @mr:      the region itself; first, since QEMU hands us only this
 * @as:      address space with nothing but it
 * @machine: NULL in the self-check
 * @bus:     bus numbers are assigned by the guest, so the bus itself is kept
 * @ingress: port below which it is
 * @keeps:   its requester id and its T never change, so that @kept can do
 *           without them
 * @tdi:     NULL for a stock device
 */
struct region {
    _Alignas(16) char mr[TEEIO_OPAQUE_SIZE];
    _Alignas(16) char as[TEEIO_OPAQUE_SIZE];
    struct teeio_machine *machine;
    PCIBus *bus;
    uint8_t devfn;
    uint16_t ingress;
    bool keeps;
    const struct teeio_tdi *tdi;
    struct kept kept[KEPT_PAGES][2];
};

/* Whose number is 0, whatever the guest does. */
static PCIBus *root_bus;

/*
 * Where refused requests of stock devices end: reads give ones, or zeros where
 * the fault is not to be noticed; writes are dropped. They must not fail, since
 * a device that sees an error stops, while hardware would go on.
 */
static struct sink {
    _Alignas(16) char mr[TEEIO_OPAQUE_SIZE];
    _Alignas(16) char as[TEEIO_OPAQUE_SIZE];
    uint64_t value;
} ones = {.value = UINT64_MAX}, zeros;

static uint64_t sink_read(void *opaque, hwaddr addr, unsigned size)
{
    const struct sink *sink = opaque;

    (void)addr;
    (void)size;
    return sink->value;
}

static void sink_write(void *opaque, hwaddr addr, uint64_t data, unsigned size)
{
    (void)opaque;
    (void)addr;
    (void)data;
    (void)size;
}

static const MemoryRegionOps sink_ops = {
    .read = sink_read,
    .write = sink_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 1, .max_access_size = 8, .unaligned = true},
    .impl = {.min_access_size = 1, .max_access_size = 8, .unaligned = true},
};

static struct kept *slot_of(struct region *region, hwaddr page, unsigned perm)
{
    /* Even what both may do is kept apart: a write can mean more work. */
    bool write = perm & TEEIO_PERM_WRITE;

    return &region->kept[page / TEEIO_TLP_BOUNDARY % KEPT_PAGES][write];
}

static uint64_t load(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_acquire);
}

/*
 * Any thread. An access that meets a writer is translated like a new one.
 *
 * Returns: false when the IOMMU has to be asked.
 */
static bool recall(struct region *region, hwaddr page, unsigned perm,
                   IOMMUTLBEntry *entry)
{
    const struct kept *kept = slot_of(region, page, perm);
    uint64_t sequence = load(&kept->sequence);
    uint64_t found = load(&kept->page);
    uint64_t epoch = load(&kept->epoch);
    uint64_t output = load(&kept->output);

    if (found != page || sequence & 1 || load(&kept->sequence) != sequence ||
        !region->keeps ||
        !region->machine->front_end.kept(
            region->machine->front_end.model,
            epoch - load(&region->machine->generation))) {
        return false;
    }
    entry->target_as = &address_space_memory;
    entry->translated_addr = output;
    return true;
}

static void keep(struct region *region, hwaddr page, unsigned perm,
                 uint64_t output, uint64_t epoch)
{
    struct kept *kept = slot_of(region, page, perm);
    uint64_t sequence = load(&kept->sequence);

    if (sequence & 1 || !atomic_compare_exchange_strong(
                            &kept->sequence, &sequence, sequence + 1)) {
        return;
    }
    atomic_store_explicit(&kept->page, page, memory_order_release);
    atomic_store_explicit(&kept->epoch, epoch, memory_order_release);
    atomic_store_explicit(&kept->output, output, memory_order_release);
    atomic_store_explicit(&kept->sequence, sequence + 2, memory_order_release);
}

/* Events tell of every request: then nothing is kept. */
static uint64_t epoch_now(const struct region *region)
{
    const struct teeio_machine *machine = region->machine;

    uint64_t generation = load(&machine->generation);
    uint64_t epoch;

    if (!region->keeps || machine->host.trace) {
        return 0;
    }
    /* Both only ever grow, so no sum comes twice. */
    epoch = machine->front_end.epoch(machine->front_end.model);
    return epoch ? epoch + generation : 0;
}

static void resolve(struct region *region, hwaddr iova, unsigned perm,
                    IOMMUTLBEntry *entry)
{
    const hwaddr page_mask = TEEIO_TLP_BOUNDARY - 1;
    uint64_t epoch = epoch_now(region);
    const struct teeio_tlp tlp = {
        .kind = perm & TEEIO_PERM_WRITE ? TEEIO_TLP_MWR : TEEIO_TLP_MRD,
        .at = TEEIO_AT_UNTRANSLATED,
        .origin = TEEIO_ORIGIN_CORE,
        .address = iova,
        .length = TEEIO_TLP_BOUNDARY - (iova & page_mask),
        .requester = pci_bus_num(region->bus) << 8 | region->devfn,
        .ingress = region->ingress,
        .t =
            region->tdi && teeio_tdisp_may_send_t(teeio_tdi_state(region->tdi)),
    };
    struct teeio_dma dma;
    enum teeio_verdict verdict;

    verdict = teeio_fabric_resolve(&region->machine->fabric, &tlp, &dma);
    entry->addr_mask = dma.path.span - 1;
    entry->iova = iova & ~entry->addr_mask;
    entry->translated_addr = entry->iova;
    if (verdict != TEEIO_VERDICT_OK) {
        if (dma.xlate.quiet) {
            entry->target_as = (AddressSpace *)zeros.as;
        } else if (dma.verdict == TEEIO_VERDICT_CONFINED &&
                   dma.policy == TEEIO_POOL_ABORT) {
            entry->perm = TEEIO_PERM_NONE;
        }
        return;
    }
    entry->target_as = &address_space_memory;
    entry->translated_addr = dma.xlate.output & ~entry->addr_mask;
    entry->perm = perm;
    if (epoch && entry->addr_mask == page_mask) {
        keep(region, iova & ~page_mask, perm, entry->translated_addr, epoch);
    }
}

static IOMMUTLBEntry translate(void *mr, hwaddr iova, int flag, int index)
{
    const hwaddr page_mask = TEEIO_TLP_BOUNDARY - 1;
    struct region *region = mr;
    unsigned perm = flag ? flag : TEEIO_PERM_READ;
    IOMMUTLBEntry entry = {
        .target_as = (AddressSpace *)ones.as,
        .iova = iova & ~page_mask,
        .translated_addr = iova & ~page_mask,
        .addr_mask = page_mask,
        .perm = TEEIO_PERM_READ | TEEIO_PERM_WRITE,
    };

    (void)index;
    if (region->machine && recall(region, entry.iova, perm, &entry)) {
        entry.perm = perm;
    } else if (region->machine) {
        resolve(region, iova, perm, &entry);
    }
    return entry;
}

/*
 * Whoever asks for notifications keeps translations of its own (vhost, vfio)
 * and would go on using them after the guest took them back.
 */
static int notify_flag_changed(void *mr, int before, int after, Error **errp)
{
    (void)mr;
    (void)before;
    if (!after) {
        return 0;
    }
    teeio_error(errp, "use a device that QEMU itself implements",
                "teeio: devices with an IOTLB of their own (vhost, "
                "vfio) are not supported");
    return -EINVAL;
}

static void region_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    *(void **)teeio_abi_slot(klass, teeio_abi.iommu_translate) = translate;
    *(void **)teeio_abi_slot(klass, teeio_abi.iommu_notify_flag_changed) =
        notify_flag_changed;
}

static struct region *region_new(struct teeio_machine *machine, PCIBus *bus,
                                 uint8_t devfn)
{
    struct region *region = g_new0(struct region, 1);

    region->machine = machine;
    region->keeps = machine && bus == root_bus;
    region->bus = bus;
    region->devfn = devfn;
    region->ingress = machine ? teeio_routes_ingress(machine, bus) : 0;
    memory_region_init_iommu(region->mr, sizeof(region->mr), REGION_TYPE, NULL,
                             "teeio-iommu", UINT64_MAX);
    address_space_init((AddressSpace *)region->as, (MemoryRegion *)region->mr,
                       "teeio-iommu");
    return region;
}

/* Regions live as long as the process: buses never disappear under them. */
static struct region *region_get(struct teeio_machine *machine, PCIBus *bus,
                                 uint8_t devfn)
{
    static GHashTable *buses;
    struct region **functions;

    if (!buses) {
        buses = g_hash_table_new(NULL, NULL);
    }
    functions = g_hash_table_lookup(buses, bus);
    if (!functions) {
        functions = g_new0(struct region *, 256);
        g_hash_table_insert(buses, bus, functions);
    }
    if (!functions[devfn]) {
        functions[devfn] = region_new(machine, bus, devfn);
    }
    return functions[devfn];
}

static AddressSpace *address_space_of(PCIBus *bus, void *opaque, int devfn)
{
    return (AddressSpace *)region_get(opaque, bus, devfn)->as;
}

void teeio_iommu_attach(struct teeio_machine *machine, PCIBus *root)
{
    /* All members that any version knows; we serve the first. */
    static void *table[16];

    root_bus = root;
    table[0] = address_space_of;
    pci_setup_iommu(root,
                    teeio_abi.pci_iommu_table ? (void *)table
                                              : (void *)address_space_of,
                    machine);
}

void teeio_iommu_set_tdi(struct teeio_machine *machine, PCIBus *bus,
                         uint8_t devfn, const struct teeio_tdi *tdi)
{
    struct region *region = region_get(machine, bus, devfn);

    region->tdi = tdi;
    region->keeps = false;
}

static void sink_init(struct sink *sink)
{
    memory_region_init_io((MemoryRegion *)sink->mr, NULL, &sink_ops, sink,
                          "teeio-sink", UINT64_MAX);
    address_space_init((AddressSpace *)sink->as, (MemoryRegion *)sink->mr,
                       "teeio-sink");
}

bool teeio_iommu_selfcheck(void)
{
    static const TypeInfo type = {
        .name = REGION_TYPE,
        .parent = "iommu-memory-region",
        .class_init = region_class_init,
    };
    const MemTxAttrs memory = (MemTxAttrs)1 << teeio_abi.attrs_memory;
    struct region *region;
    uint64_t data = 0;
    uint32_t result;

    sink_init(&ones);
    sink_init(&zeros);
    result = address_space_rw((AddressSpace *)ones.as, 0x5000, memory, &data,
                              sizeof(data), false);
    if (!result) {
        return teeio_abi_refuse("attrs_memory %u: expected a refused access, "
                                "found a successful one",
                                teeio_abi.attrs_memory);
    }

    type_register_static(&type);
    region = region_new(NULL, NULL, 0);
    result = address_space_rw((AddressSpace *)region->as, 0x5000, 0, &data,
                              sizeof(data), false);
    if (result || data != UINT64_MAX) {
        return teeio_abi_refuse("IOMMUTLBEntry: expected a read of ones, "
                                "found 0x%" PRIx64 " and result %u",
                                data, result);
    }
    return true;
}
