/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio check: can this host run scenarios? Each line says how to mend it.
 */
#include "tool.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define NEEDED_MIB 200

struct checker {
    char *qemu;
    unsigned failed;
};

static GOptionContext *options(char **qemu)
{
    const GOptionEntry entries[] = {
        {"qemu", 0, 0, G_OPTION_ARG_FILENAME, qemu, "QEMU to use", "BINARY"},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new(NULL);

    g_option_context_set_summary(context,
                                 "Is everything here that a run needs?");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static char *check_help(void)
{
    char *qemu = NULL;
    GOptionContext *context = options(&qemu);
    char *text;

    g_set_prgname("teeio check");
    text = g_option_context_get_help(context, TRUE, NULL);
    g_option_context_free(context);
    return text;
}

static void item(struct checker *c, bool good, const char *name,
                 const char *detail, const char *hint)
{
    printf("%-4s %s: %s\n", good ? "ok" : "FAIL", name, detail);
    if (!good) {
        c->failed++;
        if (hint) {
            printf("     hint: %s\n", hint);
        }
    }
}

static void check_qemu(struct checker *c)
{
    char *argv[] = {c->qemu, (char *)"--version", NULL};
    g_autofree char *out = NULL;
    g_autofree char *package = teeio_package_version(c->qemu);
    g_autofree char *detail = NULL;
    int status = -1;
    bool good = g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                             &out, NULL, &status, NULL) &&
                status == 0;

    if (good) {
        out[strcspn(out, "\n")] = '\0';
        detail = g_strdup_printf("%s, %s (package %s)", c->qemu, out,
                                 package ? package : "unknown");
    } else {
        detail = g_strdup_printf("%s cannot be run", c->qemu);
    }
    item(c, good, "QEMU", detail,
         "apt-get install qemu-system-arm, or name one with --qemu");
}

static void check_file(struct checker *c, const char *name, const char *path,
                       const char *hint)
{
    item(c, access(path, R_OK) == 0, name, path, hint);
}

/*
 * Writing the device tree ends QEMU after all devices are realized and before
 * the guest starts: a complete trial that cannot hang.
 */
static void check_devices(struct checker *c, const char *plugin)
{
    g_autofree char *value = teeio_plugin_arg(plugin, NULL);
    g_autofree char *dir = g_dir_make_tmp("teeio-check-XXXXXX", NULL);
    /* QEMU renames its output into place: run by root, it would replace
       /dev/null by a file. */
    g_autofree char *dtb =
        g_build_filename(dir ? dir : g_get_tmp_dir(), "dtb", NULL);
    g_autofree char *machine =
        g_strdup_printf("virt,gic-version=3,dumpdtb=%s", dtb);
    char *argv[] = {c->qemu,
                    (char *)"-M",
                    machine,
                    (char *)"-cpu",
                    (char *)"cortex-a57",
                    (char *)"-nodefaults",
                    (char *)"-display",
                    (char *)"none",
                    (char *)"-plugin",
                    value,
                    (char *)"-device",
                    (char *)"teeio-smmuv3",
                    (char *)"-device",
                    (char *)"teeio-tsm",
                    (char *)"-device",
                    (char *)"teeio-tdi",
                    NULL};
    g_autofree char *err = NULL;
    int status = -1;
    bool good = g_spawn_sync(NULL, argv, NULL,
                             G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL,
                             NULL, NULL, NULL, &err, &status, NULL) &&
                status == 0;
    const char *why = err && *err ? g_strchomp(err) : "QEMU cannot be run";

    unlink(dtb);
    if (dir) {
        rmdir(dir);
    }
    item(c, good, "models",
         good ? "the plug-in loads, each device starts" : why,
         "is this QEMU supported? The message names the versions");
}

static void check_kernel(struct checker *c)
{
    const char *hint = "guest/fetch-kernel.sh stock-arm64";
    g_autofree char *dir = teeio_path_kernels("stock-arm64");
    g_autofree char *image = g_build_filename(dir, "vmlinuz", NULL);
    g_autofree char *deps =
        g_build_filename(dir, "modules", "modules.dep", NULL);

    check_file(c, "kernel", image, hint);
    check_file(c, "kernel modules", deps, hint);
}

static void check_space(struct checker *c)
{
    const char *state = g_get_user_state_dir();
    g_autofree char *place = g_strdup(state);
    g_autofree char *detail = NULL;
    struct statvfs fs;
    guint64 mib;

    /* The folder itself appears with the first run. */
    while (statvfs(place, &fs) != 0 && strlen(place) > 1) {
        char *parent = g_path_get_dirname(place);

        g_free(place);
        place = parent;
    }
    mib = (guint64)fs.f_bavail * fs.f_frsize >> 20;
    detail =
        g_strdup_printf("%" G_GUINT64_FORMAT " MiB free below %s", mib, state);
    item(c, mib >= NEEDED_MIB, "disk space", detail,
         "artefacts of a run take a few MiB a boot; see --out");
}

static void check_scenarios(struct checker *c)
{
    g_autofree char *path = teeio_path_scenarios();

    check_file(c, "scenarios", path,
               "set TEEIO_DATADIR to the folder that holds scenarios/");
}

static int check_main(int argc, char **argv)
{
    struct checker c = {0};
    GOptionContext *context = options(&c.qemu);
    const char *build = "meson compile -C build";
    g_autofree char *plugin = teeio_path_plugin();
    g_autofree char *init = teeio_path_guest("init");
    g_autofree char *module = teeio_path_guest("stock-arm64/teeio_guest.ko");
    GError *error = NULL;
    bool parsed;

    g_set_prgname("teeio check");
    parsed = g_option_context_parse(context, &argc, &argv, &error);
    g_option_context_free(context);
    if (!parsed || argc > 1) {
        int code =
            teeio_usage("'teeio help check'", "check: %s",
                        parsed ? "no arguments are wanted" : error->message);

        g_clear_error(&error);
        return code;
    }
    c.qemu = c.qemu ? c.qemu : teeio_default_qemu(false);
    printf("teeio %s\n", TEEIO_PROJECT_VERSION);
    check_qemu(&c);
    check_file(&c, "plug-in", plugin, build);
    check_devices(&c, plugin);
    check_kernel(&c);
    check_file(&c, "guest init", init, build);
    check_file(&c, "guest module", module, build);
    check_scenarios(&c);
    check_space(&c);
    g_free(c.qemu);
    return c.failed ? TEEIO_EXIT_RIG : TEEIO_EXIT_OK;
}

const struct teeio_verb teeio_verb_check = {
    "check", "is this host able to run?", check_main, check_help};
