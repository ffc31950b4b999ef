/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#define _GNU_SOURCE
#include "routes.h"

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "abi/abi.h"
#include "board.h"
#include "machine.h"
#include "port-ide.h"
#include "qom.h"
#include "teeio/aer.h"
#include "teeio/spec/port.h"

#define BRIDGE "base-pci-bridge"

/* Errors on their way to the main loop; more are lost, as in hardware. */
#define ERRORS 64u

/**
 * struct teeio_routes - the router of a machine
 * @listener: a MemoryListener: two functions, then members that may be 0
 * @lock:     of @topology. Nothing else is taken under it
 * @bridges:  each that was ever seen; the first has number 1
 * @stale:    @topology may be outdated
 * @due:      work() is going to run
 * @errors:   the first @count are waiting; @error_lock protects both
 */
struct teeio_routes {
    struct teeio_router router;
    struct {
        void (*begin)(void *listener);
        void (*commit)(void *listener);
        char room[1024];
    } listener;
    struct teeio_machine *machine;
    pthread_rwlock_t lock;
    struct teeio_topology topology;
    GPtrArray *bridges;
    _Atomic bool stale;
    _Atomic bool due;
    pthread_mutex_t error_lock;
    struct teeio_dma errors[ERRORS];
    unsigned error_count;
};

/* Of the one machine; hooks of QEMU's classes have nothing to find it by. */
static struct teeio_routes *the_routes;

/* Classes of bridges, and the functions that ours stand in for. */
static GHashTable *original_writes;

uint8_t *teeio_pci_config(PCIDevice *pci)
{
    return *(uint8_t **)teeio_abi_slot(pci, teeio_abi.pci_config);
}

uint8_t *teeio_pci_wmask(PCIDevice *pci)
{
    return *(uint8_t **)teeio_abi_slot(pci, teeio_abi.pci_wmask);
}

static bool is_bridge(PCIDevice *pci)
{
    return pci && object_dynamic_cast((Object *)pci, BRIDGE);
}

/* NULL for a root bus. */
static PCIDevice *bridge_above(PCIBus *bus)
{
    PCIDevice *pci = pci_bridge_get_device(bus);

    return is_bridge(pci) ? pci : NULL;
}

PCIDevice *teeio_routes_root_port(PCIDevice *pci)
{
    PCIDevice *port = NULL;

    for (pci = bridge_above(qdev_get_parent_bus((DeviceState *)pci)); pci;
         pci = bridge_above(qdev_get_parent_bus((DeviceState *)pci))) {
        port = pci;
    }
    return port;
}

/* Parents have lower numbers. */
static uint16_t number_of(struct teeio_routes *routes, PCIDevice *bridge)
{
    guint index;

    if (!bridge) {
        return TEEIO_ROOT_COMPLEX;
    }
    if (!g_ptr_array_find(routes->bridges, bridge, &index)) {
        number_of(routes,
                  bridge_above(qdev_get_parent_bus((DeviceState *)bridge)));
        index = routes->bridges->len;
        g_ptr_array_add(routes->bridges, bridge);
    }
    return (uint16_t)(index + 1);
}

uint16_t teeio_routes_ingress(struct teeio_machine *machine, PCIBus *bus)
{
    return number_of(machine->routes, bridge_above(bus));
}

/*
 * What is logged differs from what a new machine has: that is no reason to
 * refuse a snapshot.
 */
static void expect_errors(PCIDevice *pci)
{
    uint8_t *cmask = *(uint8_t **)teeio_abi_slot(pci, teeio_abi.pci_cmask);
    unsigned aer = teeio_aer_find(teeio_pci_config(pci));

    if (aer) {
        cmask[aer + TEEIO_AER_CONTROL] &= ~TEEIO_AER_FIRST_ERROR;
        memset(cmask + aer + TEEIO_AER_UNCOR_STATUS, 0, 4);
        memset(cmask + aer + TEEIO_AER_HEADER, 0, 16);
        memset(cmask + aer + TEEIO_AER_ROOT_SOURCE, 0, 4);
    }
}

static void add_function(PCIBus *bus, PCIDevice *pci, void *opaque)
{
    struct teeio_routes *routes = opaque;
    struct teeio_topology *topology = &routes->topology;
    uint16_t parent = number_of(routes, bridge_above(bus));
    uint16_t bdf = pci_requester_id(pci);
    struct teeio_port port = {.parent = parent, .bdf = bdf};

    expect_errors(pci);
    if (is_bridge(pci)) {
        teeio_port_decode(teeio_pci_config(pci), &port);
        port.ide = teeio_port_ide(pci);
        teeio_topology_set_port(topology, number_of(routes, pci), &port);
    }
    teeio_topology_decode_bars(topology, teeio_pci_config(pci),
                               teeio_pci_wmask(pci), is_bridge(pci), parent,
                               bdf);
}

static void *add_bus(PCIBus *bus, void *routes)
{
    pci_for_each_device_under_bus(bus, add_function, routes);
    return routes;
}

/* Under the big lock. */
static void rebuild(struct teeio_routes *routes)
{
    if (!atomic_exchange(&routes->stale, false)) {
        return;
    }
    pthread_rwlock_wrlock(&routes->lock);
    teeio_topology_drop(&routes->topology);
    pci_for_each_bus_depth_first(teeio_board_root_bus(), add_bus, NULL, routes);
    pthread_rwlock_unlock(&routes->lock);
    atomic_fetch_add(&routes->machine->generation, 1);
}

/* PCIe 6.2.6: how a root port tells software. */
static void interrupt(PCIDevice *port, unsigned vector)
{
    if (msix_enabled(port)) {
        msix_notify(port, vector);
    } else if (msi_enabled(port)) {
        msi_notify(port, vector);
    } else {
        pci_set_irq(port, 1);
    }
}

/* From the detector up to the root port. */
static void send_message(PCIDevice *pci, enum teeio_aer_message message)
{
    uint16_t source = pci_requester_id(pci);
    PCIDevice *at = is_bridge(pci) ? pci : NULL;
    unsigned vector;

    if (!at) {
        at = bridge_above(qdev_get_parent_bus((DeviceState *)pci));
    }
    while (at) {
        struct teeio_port port;

        teeio_port_decode(teeio_pci_config(at), &port);
        if (at != pci && !teeio_aer_forwards(teeio_pci_config(at))) {
            return;
        }
        if (port.kind == TEEIO_PORT_ROOT) {
            if (teeio_aer_receive(teeio_pci_config(at), message, source,
                                  &vector)) {
                interrupt(at, vector);
            }
            return;
        }
        at = bridge_above(qdev_get_parent_bus((DeviceState *)at));
    }
}

struct search {
    uint16_t bdf;
    PCIDevice *found;
};

static void look_at(PCIBus *bus, PCIDevice *pci, void *opaque)
{
    struct search *search = opaque;

    (void)bus;
    if (pci_requester_id(pci) == search->bdf) {
        search->found = pci;
    }
}

static void *look_on(PCIBus *bus, void *search)
{
    pci_for_each_device_under_bus(bus, look_at, search);
    return search;
}

static void report(const struct teeio_dma *dma)
{
    struct search search = {.bdf = dma->path.detector};
    enum teeio_aer_message message;

    pci_for_each_bus_depth_first(teeio_board_root_bus(), look_on, NULL,
                                 &search);
    if (search.found) {
        message = teeio_aer_log(teeio_pci_config(search.found), dma);
        if (message != TEEIO_AER_NO_MESSAGE) {
            send_message(search.found, message);
        }
    }
}

static void work(void *opaque)
{
    struct teeio_routes *routes = opaque;
    struct teeio_dma errors[ERRORS];
    unsigned count;

    atomic_store(&routes->due, false);
    rebuild(routes);
    pthread_mutex_lock(&routes->error_lock);
    count = routes->error_count;
    memcpy(errors, routes->errors, count * sizeof(errors[0]));
    routes->error_count = 0;
    pthread_mutex_unlock(&routes->error_lock);
    for (unsigned i = 0; i < count; i++) {
        report(&errors[i]);
    }
}

static void schedule(struct teeio_routes *routes)
{
    if (!atomic_exchange(&routes->due, true)) {
        aio_bh_schedule_oneshot_full(qemu_get_aio_context(), work, routes,
                                     "teeio-routes");
    }
}

static void mark_stale(struct teeio_routes *routes)
{
    atomic_store(&routes->stale, true);
    atomic_fetch_add(&routes->machine->generation, 1);
    schedule(routes);
}

/* BARs and windows are memory: nothing changes them without this. */
static void memory_changed(void *listener)
{
    mark_stale(
        (void *)((char *)listener - offsetof(struct teeio_routes, listener)));
}

/* Devices are reset later; a snapshot may be loaded right after. */
static void reset(void *opaque)
{
    mark_stale(opaque);
    rebuild(opaque);
    mark_stale(opaque);
}

static void machine_changed(void *opaque, bool running, int state)
{
    (void)state;
    if (running) {
        mark_stale(opaque);
    }
}

typedef void config_write_fn(PCIDevice *pci, uint32_t address, uint32_t value,
                             int len);

/* Bus numbers and ACS are not memory. */
static void bridge_write(PCIDevice *pci, uint32_t address, uint32_t value,
                         int len)
{
    ObjectClass *klass = object_get_class((Object *)pci);
    config_write_fn *original = NULL;

    while (klass && !original) {
        original = g_hash_table_lookup(original_writes, klass);
        klass = object_class_get_parent(klass);
    }
    (original ? original : pci_default_write_config)(pci, address, value, len);
    if (the_routes) {
        mark_stale(the_routes);
    }
}

void teeio_routes_watch(void)
{
    GSList *classes = object_class_get_list(BRIDGE, false);

    original_writes = g_hash_table_new(NULL, NULL);
    for (GSList *l = classes; l; l = l->next) {
        config_write_fn **slot =
            teeio_abi_slot(l->data, teeio_abi.pci_config_write);

        if (*slot) {
            g_hash_table_insert(original_writes, l->data, *slot);
        }
        *slot = bridge_write;
    }
    g_slist_free(classes);
}

static bool have_big_lock(void)
{
    return qemu_mutex_iothread_locked ? qemu_mutex_iothread_locked()
                                      : bql_locked();
}

/* Any thread. */
static enum teeio_route_kind route(struct teeio_router *router,
                                   const struct teeio_tlp *tlp,
                                   struct teeio_path *path)
{
    struct teeio_routes *routes = (struct teeio_routes *)router;
    enum teeio_route_kind kind;

    if (atomic_load(&routes->stale) && have_big_lock()) {
        rebuild(routes);
    }
    pthread_rwlock_rdlock(&routes->lock);
    kind = teeio_topology_route(&routes->topology, tlp, path);
    pthread_rwlock_unlock(&routes->lock);
    return kind;
}

static void rejected(struct teeio_router *router, const struct teeio_dma *dma)
{
    struct teeio_routes *routes = (struct teeio_routes *)router;

    if (!dma->path.detected) {
        return;
    }
    pthread_mutex_lock(&routes->error_lock);
    if (routes->error_count < ERRORS) {
        routes->errors[routes->error_count++] = *dma;
    }
    pthread_mutex_unlock(&routes->error_lock);
    schedule(routes);
}

#define SUPPORTED "supported are QEMU 7.2 and 10.0 (Debian packages)"

/*
 * The host bridge's own function shows whether configuration space is where
 * the table says. PCI Local Bus 3.0, 6.2: ids cannot be written, Interrupt
 * Line and three bits of Command can.
 */
static bool check_config(Error **errp)
{
    PCIDevice *host = pci_find_device(teeio_board_root_bus(), 0, 0);
    uint32_t id = host ? pci_default_read_config(host, 0, 4) : 0;
    const uint8_t *config = host ? teeio_pci_config(host) : NULL;
    const uint8_t *cmask =
        host ? *(uint8_t **)teeio_abi_slot(host, teeio_abi.pci_cmask) : NULL;
    const uint8_t *wmask = host ? teeio_pci_wmask(host) : NULL;

    if (!config || !id ||
        (config[0] | config[1] << 8 | config[2] << 16) !=
            (int)(id & 0xffffff)) {
        teeio_error(
            errp, SUPPORTED,
            "teeio: this QEMU cannot be used: pci_config at %u: expected id 0x%" PRIx32
            ", found another",
            teeio_abi.pci_config, id);
        return false;
    }
    if (!cmask || cmask[0] != 0xff || cmask[3] != 0xff || cmask[0x3c]) {
        teeio_error(
            errp, SUPPORTED,
            "teeio: this QEMU cannot be used: pci_cmask at %u: expected that ids are compared, "
            "found that they are not",
            teeio_abi.pci_cmask);
        return false;
    }
    if (!wmask || wmask[0] || wmask[0x3c] != 0xff ||
        (wmask[TEEIO_CFG_COMMAND] & 7) != 7) {
        teeio_error(
            errp, SUPPORTED,
            "teeio: this QEMU cannot be used: pci_wmask at %u: expected that Command can be "
            "written, found that it cannot",
            teeio_abi.pci_wmask);
        return false;
    }
    return true;
}

bool teeio_routes_new(struct teeio_machine *machine, const char *device,
                      Error **errp)
{
    struct teeio_routes *routes;
    struct teeio_window windows[TEEIO_WINDOWS];
    unsigned count = teeio_board_windows(windows);

    if (!check_config(errp)) {
        return false;
    }
    routes = g_new0(struct teeio_routes, 1);
    routes->router.route = route;
    routes->router.rejected = rejected;
    routes->machine = machine;
    routes->bridges = g_ptr_array_new();
    pthread_rwlock_init(&routes->lock, NULL);
    pthread_mutex_init(&routes->error_lock, NULL);
    for (unsigned i = 0; i < count; i++) {
        teeio_topology_add_outbound(&routes->topology, &windows[i]);
    }
    machine->routes = routes;
    machine->fabric.router = &routes->router;
    routes->listener.commit = memory_changed;
    memory_listener_register(&routes->listener, &address_space_memory);
    if (!atomic_load(&routes->stale)) {
        teeio_error(errp, SUPPORTED,
                    "%s: expected a report of memory, found none", device);
        return false;
    }
    qemu_register_reset(reset, routes);
    qemu_add_vm_change_state_handler(machine_changed, routes);
    the_routes = routes;
    return true;
}

bool teeio_routes_add_inbound(struct teeio_machine *machine,
                              const struct teeio_window *window)
{
    struct teeio_routes *routes = machine->routes;
    bool added;

    pthread_rwlock_wrlock(&routes->lock);
    added = teeio_topology_add_inbound(&routes->topology, window);
    pthread_rwlock_unlock(&routes->lock);
    mark_stale(routes);
    return added;
}
