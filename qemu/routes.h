/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The tree of QEMU's PCI buses as the fabric's topology, kept up to date, and
 * the errors of rejected requests in the ports' AER registers.
 */
#ifndef TEEIO_QEMU_ROUTES_H
#define TEEIO_QEMU_ROUTES_H

#include <stdbool.h>
#include <stdint.h>

#include "import.h"
#include "teeio/topology.h"

struct teeio_machine;
struct teeio_routes;

/**
 * teeio_routes_watch() - notice what is written to any bridge
 *
 * Before the first bridge is created: each keeps the function of its class.
 */
void teeio_routes_watch(void);

/**
 * teeio_routes_new() - from now on @machine's fabric has a router
 * @device: who asks, for messages
 *
 * Returns: false with @errp set.
 */
bool teeio_routes_new(struct teeio_machine *machine, const char *device,
                      Error **errp);

/** teeio_routes_ingress() - number of the port whose secondary bus is @bus */
uint16_t teeio_routes_ingress(struct teeio_machine *machine, PCIBus *bus);

/** teeio_routes_root_port() - the one above @pci; NULL on a root bus */
PCIDevice *teeio_routes_root_port(PCIDevice *pci);

/**
 * teeio_routes_add_inbound() - another way into the host
 *
 * Returns: false when there are too many.
 */
bool teeio_routes_add_inbound(struct teeio_machine *machine,
                              const struct teeio_window *window);

/** teeio_pci_config(), teeio_pci_wmask() - configuration space of @pci */
uint8_t *teeio_pci_config(PCIDevice *pci);
uint8_t *teeio_pci_wmask(PCIDevice *pci);

#endif
