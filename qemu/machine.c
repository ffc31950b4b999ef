/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "board.h"
#include "host.h"
#include "iommu.h"
#include "machine.h"

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
                "hint: drop it, teeio-smmuv3 takes its place\n",
                teeio_board_foreign_iommu());
        exit(EXIT_FAILURE);
    }
}

struct teeio_machine *teeio_machine_get(const char *device, Error **errp)
{
    static struct teeio_machine *machine;

    if (!machine && teeio_board_check(device, errp)) {
        machine = g_new0(struct teeio_machine, 1);
        teeio_host_init_dma(&machine->host, &machine->requester);
        machine->fabric.host = &machine->host;
        teeio_iommu_attach(machine, teeio_board_root_bus());
        qemu_register_reset(check_again, NULL);
    }
    return machine;
}
