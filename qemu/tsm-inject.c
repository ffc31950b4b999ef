/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "tsm-inject.h"

#include <glib.h>
#include <stdio.h>

#include "qom.h"
#include "tdi-security.h"
#include "teeio/injection.h"

/* "0000:00:02.0" or "00:02.0"; Returns: the requester id, -1 for others. */
static int parse_bdf(const char *text)
{
    unsigned segment = 0, bus, device, function;
    int end = 0;

    if (sscanf(text, "%4x:%2x:%2x.%1x%n", &segment, &bus, &device, &function,
               &end) != 4 ||
        text[end]) {
        segment = 0;
        end = 0;
        if (sscanf(text, "%2x:%2x.%1x%n", &bus, &device, &function, &end) !=
                3 ||
            text[end]) {
            return -1;
        }
    }
    return segment || device > 31 || function > 7
               ? -1
               : (int)(bus << 8 | device << 3 | function);
}

struct teeio_function *teeio_machine_find(const char *user, const char *text,
                                          Error **errp)
{
    struct teeio_machine *machine = teeio_machine_current();
    int bdf = text ? parse_bdf(text) : -1;
    Object *object = text && bdf < 0 ? object_resolve_path(text, NULL) : NULL;

    if (machine) {
        teeio_machine_refresh(machine);
    }
    for (unsigned i = 0; machine && i < machine->count; i++) {
        struct teeio_function *function = machine->functions[i];

        if ((object && (Object *)function->pci == object) ||
            (bdf >= 0 && pci_requester_id(function->pci) == bdf)) {
            return function;
        }
    }
    teeio_error(errp, "write its QOM path, its id or its address 00:02.0",
                "%s: there is no TDI '%s'", user, text ? text : "");
    return NULL;
}

static struct teeio_injection_target target_of(struct teeio_function *function)
{
    const struct teeio_security *security = function->security;

    return (struct teeio_injection_target){
        .requester = function->device
                         ? teeio_tsm_requester(function->machine->tsm,
                                               pci_requester_id(function->pci))
                         : NULL,
        .dsm = security->dsm,
        .interface = teeio_tdi_interface(function->tdi),
        .ide = security->ide,
        .doe = security->doe,
        .tdi = function->tdi,
    };
}

/* Returns: false with @errp set. */
static bool inject(const char *user, const char *name, const char *target,
                   unsigned count, Error **errp)
{
    enum teeio_injection injection =
        name ? teeio_injection_find(name) : TEEIO_INJECTIONS;
    struct teeio_injection_target models;
    struct teeio_function *function;

    if (injection == TEEIO_INJECTIONS) {
        teeio_error(errp, "docs/specs/teeio-tsm lists them",
                    "%s: there is no injection '%s'", user, name ? name : "");
        return false;
    }
    function = teeio_machine_find(user, target, errp);
    if (!function) {
        return false;
    }
    models = target_of(function);
    if (!teeio_inject(&models, injection, count)) {
        teeio_error(errp,
                    "force-error wants a locked TDI, ide-integrity a bound "
                    "stream, and those of the TSM its link to the device",
                    "%s: the target is not fit for %s", user, name);
        return false;
    }
    return true;
}

static void qmp_inject(QDict *arguments, QObject **ret, Error **errp)
{
    static const char self[] = "x-teeio-inject";
    int64_t count = 1;

    (void)ret;
    if (qdict_haskey(arguments, "count")) {
        count = qdict_get_try_int(arguments, "count", -1);
    }
    if (count < 0 || count > UINT32_MAX) {
        teeio_error(errp, "0 ends what is pending",
                    "%s: count must be a number from 0 to %" PRIu32, self,
                    UINT32_MAX);
        return;
    }
    inject(self, qdict_get_try_str(arguments, "name"),
           qdict_get_try_str(arguments, "target"), count, errp);
}

/* Returns: MARKER, NAME and TDI; NULL when it is of another form. */
static char **split(const char *plan, guint64 *marker)
{
    char **words = g_strsplit(plan, ":", 3);

    if (g_strv_length(words) == 3 &&
        g_ascii_string_to_unsigned(words[0], 10, 0, UINT64_MAX, marker, NULL) &&
        teeio_injection_find(words[1]) != TEEIO_INJECTIONS) {
        return words;
    }
    g_strfreev(words);
    return NULL;
}

bool teeio_plan_good(const char *plan)
{
    guint64 marker;
    g_auto(GStrv) words = split(plan, &marker);

    return words;
}

void teeio_plan_run(const char *plan, uint64_t marker)
{
    guint64 wanted;
    g_auto(GStrv) words = split(plan, &wanted);
    Error *error = NULL;

    if (words && wanted == marker &&
        !inject("teeio-tsm: inject", words[1], words[2], 1, &error)) {
        error_report_err(error);
    }
}

void teeio_register_inject(void)
{
    qmp_register_command(&qmp_commands, "x-teeio-inject", qmp_inject, 0, 0);
}
