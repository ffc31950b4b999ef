/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "board.h"
#include "host.h"
#include "iommu.h"
#include "machine.h"
#include "qom.h"
#include "routes.h"

/*
 * A second IOMMU may come later on the command line than our devices. It is
 * too late for an error then, but the guest has not run yet.
 */
static void check_again(void *opaque)
{
    (void)opaque;
    if (teeio_board_foreign_iommu()) {
        fprintf(stderr,
                "teeio: the board has an IOMMU of its own (%s)\n"
                "hint: drop it, ours takes its place\n",
                teeio_board_foreign_iommu());
        exit(EXIT_FAILURE);
    }
}

/* Nothing is kept as long as there is no IOMMU. */
static bool keeps_nothing(void *model, uint64_t epoch)
{
    (void)model;
    (void)epoch;
    return false;
}

static uint64_t no_epoch(const void *model)
{
    (void)model;
    return 0;
}

static struct teeio_machine *machine_of(bool create, const char *device,
                                        Error **errp)
{
    static struct teeio_machine *machine;

    if (!create) {
        return machine;
    }
    if (!machine && teeio_board_check(device, errp)) {
        machine = g_new0(struct teeio_machine, 1);
        teeio_host_init_dma(&machine->host, &machine->requester);
        machine->fabric.host = &machine->host;
        machine->front_end.kept = keeps_nothing;
        machine->front_end.epoch = no_epoch;
        if (!teeio_routes_new(machine, device, errp)) {
            g_free(machine);
            machine = NULL;
            return NULL;
        }
        teeio_iommu_attach(machine, teeio_board_root_bus());
        qemu_register_reset(check_again, NULL);
    }
    return machine;
}

struct teeio_machine *teeio_machine_get(const char *device, Error **errp)
{
    return machine_of(true, device, errp);
}

struct teeio_machine *teeio_machine_current(void)
{
    return machine_of(false, NULL, NULL);
}

bool teeio_machine_lacks_iommu(const struct teeio_machine *machine,
                               const char *device, Error **errp)
{
    if (machine->front_end.face) {
        teeio_error(errp, "give one IOMMU only",
                    "%s: the machine has one already", device);
        return false;
    }
    return true;
}

void teeio_machine_set_front_end(struct teeio_machine *machine,
                                 const struct teeio_front_end *front_end)
{
    machine->front_end = *front_end;
    machine->fabric.iommu = front_end->face;
    if (machine->ownership) {
        front_end->set_ownership(front_end->model, machine->ownership);
    }
}

void teeio_machine_set_ownership(struct teeio_machine *machine,
                                 struct teeio_ownership *map)
{
    machine->ownership = map;
    machine->fabric.ownership = map;
    if (machine->front_end.face) {
        machine->front_end.set_ownership(machine->front_end.model, map);
    }
}

static struct teeio_tdi *find_tdi(const struct teeio_machine *machine,
                                  uint16_t requester)
{
    for (unsigned i = 0; i < machine->count; i++) {
        struct teeio_tdi *tdi = machine->functions[i]->tdi;

        if (teeio_tdi_requester(tdi) == requester) {
            return tdi;
        }
    }
    return NULL;
}

bool teeio_machine_invalidate(void *opaque,
                              const struct teeio_atc_invalidation *request)
{
    struct teeio_tdi *tdi = find_tdi(opaque, request->requester);

    if (tdi) {
        teeio_tdi_invalidate(tdi, request);
    }
    return true;
}

void teeio_machine_page_response(void *opaque,
                                 const struct teeio_page_response *response)
{
    struct teeio_tdi *tdi = find_tdi(opaque, response->requester);

    if (tdi) {
        teeio_tdi_page_response(tdi, response);
    }
}

void teeio_machine_resume(void *opaque, uint16_t requester, uint16_t stag,
                          enum teeio_stall_outcome outcome)
{
    struct teeio_tdi *tdi = find_tdi(opaque, requester);

    if (tdi) {
        teeio_tdi_resume(tdi, stag, outcome);
    }
}
