/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "port-ide.h"

#include <glib.h>
#include <string.h>

#include "machine.h"
#include "qom.h"
#include "routes.h"
#include "tdi-security.h"
#include "teeio/aer.h"
#include "teeio/spec/ide.h"
#include "teeio/spec/port.h"

#define IDE_CAP   0x200
#define LINKS     1
#define STREAMS   4
#define ADDRESSES 2

#define COMMAND   "x-teeio-port-ide"

#define ERRORS    (1u << TEEIO_AER_IDE_CHECK | 1u << TEEIO_AER_IDE_MISROUTED)
/* All in one byte of each register. */
#define ERRORS_BYTE 3

struct teeio_ide *teeio_port_ide_new(PCIDevice *pci, Error **errp)
{
    const struct teeio_ide_config config = {
        .links = LINKS,
        .streams = STREAMS,
        .addresses = ADDRESSES,
        .platform = true,
    };
    struct teeio_ide *ide = teeio_ide_new(&config);
    uint8_t *wmask = teeio_pci_wmask(pci);
    unsigned aer = teeio_aer_find(teeio_pci_config(pci));

    if (!ide) {
        teeio_error(errp, "give the machine less memory",
                    "teeio-root-port: out of memory");
        return NULL;
    }
    pcie_add_capability(pci, TEEIO_IDE_CAP_ID, TEEIO_IDE_CAP_VERSION, IDE_CAP,
                        (uint16_t)teeio_ide_size(ide));
    if (aer) {
        wmask[aer + TEEIO_AER_UNCOR_MASK + ERRORS_BYTE] |= ERRORS >> 24;
        wmask[aer + TEEIO_AER_UNCOR_SEVERITY + ERRORS_BYTE] |= ERRORS >> 24;
    }
    return ide;
}

static bool inside(const struct teeio_ide *ide, uint32_t address)
{
    return ide && address >= IDE_CAP + 4 &&
           address < IDE_CAP + teeio_ide_size(ide);
}

bool teeio_port_ide_read(const struct teeio_ide *ide, uint32_t address, int len,
                         uint32_t *value)
{
    if (!inside(ide, address)) {
        return false;
    }
    *value = teeio_ide_read(ide, address - IDE_CAP, len);
    return true;
}

bool teeio_port_ide_write(struct teeio_ide *ide, uint32_t address,
                          uint32_t value, int len)
{
    if (!inside(ide, address)) {
        return false;
    }
    teeio_ide_write(ide, address - IDE_CAP, value, len);
    return true;
}

void teeio_port_ide_acknowledge(PCIDevice *pci, uint32_t address,
                                uint32_t value, int len)
{
    uint8_t *config = teeio_pci_config(pci);
    unsigned aer = teeio_aer_find(config);
    uint32_t at = aer + TEEIO_AER_UNCOR_STATUS + ERRORS_BYTE;

    if (aer && address <= at && at < address + len) {
        /* PCIe 7.8.4.2: write 1 to clear. */
        config[at] &= ~(value >> 8 * (at - address) & ERRORS >> 24);
    }
}

/* Virtual functions have the streams of their physical one. */
static bool told(const struct teeio_machine *machine, unsigned index)
{
    for (unsigned i = 0; i < index; i++) {
        if (machine->functions[i]->security ==
            machine->functions[index]->security) {
            return true;
        }
    }
    return false;
}

/* PCIe 6.33.4: who finds a failure tells its partner by a message. */
static void tell_partners(PCIDevice *port, uint8_t stream)
{
    struct teeio_machine *machine = teeio_machine_get(COMMAND, NULL);

    for (unsigned i = 0; machine && i < machine->count; i++) {
        struct teeio_function *function = machine->functions[i];

        if (function->pci && !told(machine, i) &&
            teeio_routes_root_port(function->pci) == port) {
            teeio_ide_fail(function->security->ide, stream,
                           TEEIO_IDE_FAIL_MESSAGE);
        }
    }
}

static bool act(PCIDevice *port, uint8_t stream, const char *action)
{
    struct teeio_ide *ide = teeio_port_ide(port);

    if (!strcmp(action, "fail")) {
        if (!teeio_ide_fail(ide, stream, TEEIO_IDE_INTEGRITY)) {
            return false;
        }
        tell_partners(port, stream);
        return true;
    }
    return teeio_ide_set_keys(ide, stream, !strcmp(action, "go"));
}

static bool is_action(const char *text)
{
    return text && (!strcmp(text, "go") || !strcmp(text, "stop") ||
                    !strcmp(text, "fail"));
}

/* A bus has the same name as its port, so an id alone is ambiguous. */
static PCIDevice *find_port(const char *text)
{
    g_autofree char *path =
        g_str_has_prefix(text, "/")
            ? g_strdup(text)
            : g_strdup_printf("/machine/peripheral/%s", text);
    Object *obj = object_resolve_path(path, NULL);

    if (!obj || !object_dynamic_cast(obj, "pci-device") ||
        !teeio_port_ide((PCIDevice *)obj)) {
        return NULL;
    }
    return (PCIDevice *)obj;
}

static void port_ide(QDict *arguments, QObject **ret, Error **errp)
{
    const char *path = qdict_get_try_str(arguments, "path");
    const char *action = qdict_get_try_str(arguments, "action");
    int64_t stream = qdict_get_try_int(arguments, "stream", -1);
    PCIDevice *port = path ? find_port(path) : NULL;

    if (!port) {
        teeio_error(errp, "give the id or the path of a teeio-root-port",
                    COMMAND ": there is no such port '%s'", path ? path : "");
    } else if (!is_action(action)) {
        teeio_error(errp, "action is go, stop or fail",
                    COMMAND ": there is no action '%s'", action ? action : "");
    } else if (stream < 0 || stream > UINT8_MAX ||
               !act(port, (uint8_t)stream, action)) {
        teeio_error(errp, "name and enable the stream in the port first",
                    COMMAND ": the port has no stream %" PRId64, stream);
    } else {
        *ret = (QObject *)qdict_new();
    }
}

void teeio_register_port_ide(void)
{
    qmp_register_command(&qmp_commands, COMMAND, port_ide, 0, 0);
}
