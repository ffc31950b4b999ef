/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Entry points of the plug-in. QEMU calls qemu_plugin_install() after the
 * accelerator is up and before the board and its devices exist.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "abi/abi.h"
#include "abi/x86.h"
#include "events.h"
#include "machine.h"
#include "port-ide.h"
#include "routes.h"

#define EXPORT __attribute__((visibility("default")))

/* Each QEMU accepts its own range, so this is set before QEMU reads it. */
EXPORT int qemu_plugin_version;

__attribute__((constructor)) static void set_plugin_version(void)
{
    qemu_plugin_version = teeio_abi_guess()->plugin_api;
}

struct arguments {
    const char *events;  /* file to record to */
    const char *corrupt; /* for tests: a row of the ABI table to make wrong */
};

/* Returns: false, with a message on stderr. */
static bool parse(int argc, char **argv, struct arguments *arguments)
{
    static const char corrupt[] = "abi-test=corrupt:";

    for (int i = 0; i < argc; i++) {
        if (g_str_has_prefix(argv[i], "events=")) {
            arguments->events = argv[i] + strlen("events=");
        } else if (g_str_has_prefix(argv[i], corrupt)) {
            arguments->corrupt = argv[i] + strlen(corrupt);
        } else {
            fprintf(stderr,
                    "teeio: there is no plug-in argument '%s'\n"
                    "hint: write -plugin teeio.so,events=PATH\n",
                    argv[i]);
            return false;
        }
    }
    return true;
}

/* Characters that would have to be escaped in JSON do not occur in versions. */
static char *version_text(void)
{
    VersionInfo *info = qmp_query_version(NULL);
    char *text = g_strdup_printf("%d.%d.%d%s%s%s", (int)info->qemu->major,
                                 (int)info->qemu->minor, (int)info->qemu->micro,
                                 *info->package ? " (" : "", info->package,
                                 *info->package ? ")" : "");

    qapi_free_VersionInfo(info);
    return g_strdelimit(text, "\"\\\n\t", '_');
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc,
                               char **argv)
{
    static bool installed;
    struct arguments arguments = {0};
    g_autofree char *version = NULL;

    (void)id;
    (void)info;
    if (installed) {
        fprintf(stderr, "teeio: the plug-in is loaded already\n"
                        "hint: give -plugin teeio.so once\n");
        return -1;
    }
    if (!parse(argc, argv, &arguments) || !teeio_abi_choose()) {
        return -1;
    }
    if (arguments.corrupt && !teeio_abi_corrupt(arguments.corrupt) &&
        !teeio_abi_x86_corrupt(arguments.corrupt)) {
        fprintf(stderr,
                "teeio: the ABI table has no row '%s'\n"
                "hint: rows are listed in qemu/abi\n",
                arguments.corrupt);
        return -1;
    }
    if (!teeio_abi_selfcheck()) {
        return -1;
    }
    version = version_text();
    if (arguments.events && !teeio_events_open(arguments.events, version)) {
        return -1;
    }
    teeio_routes_watch();
    teeio_register_bench();
    teeio_register_confidential();
    teeio_register_pool();
    teeio_register_ports();
    teeio_register_port_ide();
    teeio_register_smmuv3();
    teeio_register_tdi();
    teeio_register_tdi_vf();
    teeio_register_testdev();
    teeio_register_tsm();
    teeio_register_tsm_qmp();
    teeio_register_vtd();
    teeio_register_window();
    installed = true;
    return 0;
}
