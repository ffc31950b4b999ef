/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What the devices of one machine share.
 *
 * Locks, in the order in which they may be taken: QEMU's big lock (every MMIO
 * and config access, bottom halves, realize), the IOMMU's (in smmuv3.c and
 * vtd.c), the recorder's (in events.c). IOThreads translate without the big
 * lock, so nothing below the IOMMU's lock may want it.
 */
#ifndef TEEIO_QEMU_MACHINE_H
#define TEEIO_QEMU_MACHINE_H

#include "import.h"
#include "teeio/fabric.h"
#include "teeio/ownership.h"
#include "teeio/tdi.h"
#include "teeio/tsm.h"

struct teeio_security;

/**
 * struct teeio_function - one teeio-tdi, as the rest of the machine knows it
 * @pci:      its PCI device
 * @tdi:      its model
 * @security: mailbox, port and DSM of its device; tdi-security.h
 * @accepted: it was locked through teeio_function_exchange()
 * @machine:  once it is attached to a TSM
 * @device:   the TSM's way to it through its mailbox; NULL: there is none
 */
struct teeio_function {
    PCIDevice *pci;
    struct teeio_tdi *tdi;
    struct teeio_security *security;
    bool accepted;
    struct teeio_machine *machine;
    struct teeio_tsm_device *device;
};

/** enum teeio_link - how the TSM reaches the TDIs */
enum teeio_link {
    TEEIO_LINK_AUTO, /* through the mailbox once it was told to CONNECT */
    TEEIO_LINK_DIRECT,
    TEEIO_LINK_DOE,
};

struct teeio_machine;

/**
 * struct teeio_front_end - the machine's IOMMU, whichever it is
 * @face:          what the fabric asks
 * @model:         first argument of the others
 * @epoch:         for those who keep answers; any thread
 * @kept:          may an answer of that epoch be given once more? Any thread
 * @set_ownership: learn who manages trusted memory
 * @request_page:  take one page request message
 */
struct teeio_front_end {
    struct teeio_iommu *face;
    void *model;
    uint64_t (*epoch)(const void *model);
    bool (*kept)(void *model, uint64_t epoch);
    void (*set_ownership)(void *model, const struct teeio_ownership *map);
    void (*request_page)(struct teeio_machine *machine,
                         const struct teeio_page_request *request);
};

/**
 * struct teeio_machine - created by whichever device comes first
 * @host:      memory as the bus sees it, for the fabric
 * @fabric:    the hierarchy below the root bus
 * @routes:    the tree of ports, from configuration space
 * @generation: changes with each change of @routes
 * @front_end: without a @face until there is an IOMMU
 * @tsm:       NULL until there is one
 * @link:      how it reaches @functions
 * @ownership: belongs to the TSM; NULL without
 * @alias_pages: private pages in @ownership that are others seen twice
 * @functions: the first @count are in use
 * @requester: whose DMA is being carried out
 * @busy:      a TDI's engine is at work. What it writes may hit MMIO, but
 *             must not drive our own registers from below
 */
struct teeio_machine {
    struct teeio_host host;
    struct teeio_fabric fabric;
    struct teeio_routes *routes;
    _Atomic uint64_t generation;
    struct teeio_front_end front_end;
    struct teeio_tsm *tsm;
    enum teeio_link link;
    struct teeio_ownership *ownership;
    uint64_t alias_pages;
    struct teeio_function *functions[TEEIO_TSM_MAX_TDIS];
    unsigned count;
    uint16_t requester;
    bool busy;
};

/**
 * teeio_machine_get() - the machine, if its board is one that we know
 * @device: who asks, for messages
 *
 * Returns: NULL with @errp set.
 */
struct teeio_machine *teeio_machine_get(const char *device, Error **errp);

/** teeio_machine_current() - as teeio_machine_get(); NULL: there is none yet */
struct teeio_machine *teeio_machine_current(void);

/**
 * teeio_machine_lacks_iommu() - is there room for one?
 * @device: who asks, for messages
 *
 * Returns: false with @errp set.
 */
bool teeio_machine_lacks_iommu(const struct teeio_machine *machine,
                               const char *device, Error **errp);

/** teeio_machine_set_front_end() - from now on @front_end, copied, translates
 */
void teeio_machine_set_front_end(struct teeio_machine *machine,
                                 const struct teeio_front_end *front_end);

/** teeio_machine_set_ownership() - @map says who owns which page */
void teeio_machine_set_ownership(struct teeio_machine *machine,
                                 struct teeio_ownership *map);

/**
 * teeio_machine_invalidate() and the like - how an IOMMU reaches every
 * teeio-tdi
 * @opaque: the machine
 *
 * By requester id, under the big lock: only MMIO makes an IOMMU speak to
 * devices. A function without ATS answers as well: it holds no translation.
 */
bool teeio_machine_invalidate(void *opaque,
                              const struct teeio_atc_invalidation *request);
void teeio_machine_page_response(void *opaque,
                                 const struct teeio_page_response *response);
void teeio_machine_resume(void *opaque, uint16_t requester, uint16_t stag,
                          enum teeio_stall_outcome outcome);

/** teeio_function_refresh() - tell the model what config space says now */
void teeio_function_refresh(struct teeio_function *function);

/**
 * teeio_machine_refresh() - the same for all functions
 *
 * A bus number may change without a write to the function itself.
 */
void teeio_machine_refresh(struct teeio_machine *machine);

/**
 * teeio_function_attach() - put it under the TSM, where there is one
 * @function: with its @security, which it may share with others
 *
 * Returns: false with @errp set.
 */
bool teeio_function_attach(struct teeio_machine *machine,
                           struct teeio_function *function, Error **errp);

/**
 * teeio_function_exchange() - one DOE object for the device of @function
 *
 * As teeio_security_exchange(), for a TSM of this machine: the TDIs that the
 * object locks are accessed with T=1 from then on (property mmio-t). Under the
 * big lock.
 */
size_t teeio_function_exchange(struct teeio_machine *machine,
                               struct teeio_function *function,
                               const uint8_t *object, size_t len,
                               uint8_t *answer, size_t size);

/* One for each device, and the QMP commands. */
void teeio_register_bench(void);
void teeio_register_confidential(void);
void teeio_register_pool(void);
void teeio_register_ports(void);
void teeio_register_smmuv3(void);
void teeio_register_tdi(void);
void teeio_register_tdi_vf(void);
void teeio_register_testdev(void);
void teeio_register_tsm(void);
void teeio_register_tsm_qmp(void);
void teeio_register_vtd(void);
void teeio_register_window(void);

#endif
