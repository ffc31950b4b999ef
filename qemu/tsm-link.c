/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * How the TSM reaches the TDIs: by direct calls, or through the DOE mailbox of
 * their device.
 */
#include "host.h"
#include "machine.h"
#include "qom.h"
#include "tdi-security.h"

static size_t exchange(void *opaque, const uint8_t *object, size_t len,
                       uint8_t *answer, size_t size)
{
    struct teeio_function *function = opaque;

    return teeio_function_exchange(function->machine, function, object, len,
                                   answer, size);
}

static void random_bytes(void *opaque, void *buf, size_t len)
{
    (void)opaque;
    teeio_host_random(buf, len);
}

/* Functions of one device share its mailbox. */
static struct teeio_tsm_device *find_device(const struct teeio_machine *machine,
                                            const struct teeio_function *f)
{
    for (unsigned i = 0; i < machine->count; i++) {
        if (machine->functions[i]->security == f->security &&
            machine->functions[i]->device) {
            return machine->functions[i]->device;
        }
    }
    return NULL;
}

/* Returns: NULL when out of memory. */
static struct teeio_tsm_device *add_device(struct teeio_machine *machine,
                                           struct teeio_function *function)
{
    const struct teeio_tsm_link link = {
        .requester =
            {
                .opaque = function,
                .exchange = exchange,
                .random = random_bytes,
            },
        .ide = function->security->ide,
        .optional = machine->link == TEEIO_LINK_AUTO,
    };

    return teeio_tsm_add_device(machine->tsm, &link);
}

bool teeio_function_attach(struct teeio_machine *machine,
                           struct teeio_function *function, Error **errp)
{
    if (!machine->tsm) {
        return true;
    }
    function->machine = machine;
    if (machine->link != TEEIO_LINK_DIRECT) {
        function->device = find_device(machine, function);
        if (!function->device) {
            function->device = add_device(machine, function);
        }
        if (!function->device) {
            teeio_error(errp, "give the machine less memory",
                        "teeio-tsm: out of memory");
            return false;
        }
    }
    teeio_tsm_attach_to(machine->tsm, teeio_tdi_interface(function->tdi),
                        function->device);
    return true;
}

void teeio_machine_refresh(struct teeio_machine *machine)
{
    for (unsigned i = 0; i < machine->count; i++) {
        teeio_function_refresh(machine->functions[i]);
    }
}
