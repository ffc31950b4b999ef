/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * teeio qemu: the packaged QEMU with our models, for a user's own guest.
 */
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/**
 * struct start - what the command line asks for
 * @x86: qemu-system-x86_64, or a binary that looks like it
 */
struct start {
    char *qemu;
    gboolean dry_run;
    gboolean x86;
};

static GOptionContext *options(struct start *start)
{
    const GOptionEntry entries[] = {
        {"qemu", 0, 0, G_OPTION_ARG_FILENAME, &start->qemu, "QEMU to use",
         "BINARY"},
        {"x86", 0, 0, G_OPTION_ARG_NONE, &start->x86,
         "a PC with a confidential guest", NULL},
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &start->dry_run,
         "print the command line only", NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("-- QEMU-ARGS...");

    g_option_context_set_summary(context,
                                 "Start QEMU with the plug-in loaded.");
    g_option_context_set_description(
        context,
        "What QEMU-ARGS leave open is added: -M virt,gic-version=3,\n"
        "-cpu cortex-a57, -m 512, -nographic, and, unless they name a\n"
        "teeio device themselves, teeio-smmuv3 (smmu0), teeio-tsm (tsm0) and\n"
        "teeio-tdi (tdi0). Their QOM paths are /machine/peripheral/smmu0, "
        "...\n"
        "With --x86 it is qemu-system-x86_64, -M q35, -cpu max, and\n"
        "teeio-confidential (conf0) in place of teeio-smmuv3.\n");
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static char *qemu_help(void)
{
    struct start start = {0};
    GOptionContext *context = options(&start);
    char *text;

    g_set_prgname("teeio qemu");
    text = g_option_context_get_help(context, TRUE, NULL);
    g_option_context_free(context);
    return text;
}

/* QEMU takes its options with one or two dashes. */
static bool is_option(const char *arg, const char *name)
{
    if (g_str_has_prefix(arg, "--")) {
        arg++;
    }
    return arg[0] == '-' && g_str_equal(arg + 1, name);
}

static bool has_option(char **args, const char *const *names)
{
    size_t i, n;

    for (i = 0; args[i]; i++) {
        for (n = 0; names[n]; n++) {
            if (is_option(args[i], names[n])) {
                return true;
            }
        }
    }
    return false;
}

/* Both spellings: teeio-tdi,... and {"driver":"teeio-tdi",...}. */
static bool has_our_device(char **args)
{
    size_t i;

    for (i = 0; args[i] && args[i + 1]; i++) {
        if (is_option(args[i], "device") && strstr(args[i + 1], "teeio-")) {
            return true;
        }
    }
    return false;
}

static void add(GPtrArray *argv, const char *option, const char *value)
{
    g_ptr_array_add(argv, g_strdup(option));
    if (value) {
        g_ptr_array_add(argv, g_strdup(value));
    }
}

static void add_defaults(GPtrArray *argv, char **args, bool x86)
{
    static const char *const machine[] = {"M", "machine", NULL};
    static const char *const cpu[] = {"cpu", NULL};
    static const char *const memory[] = {"m", NULL};
    static const char *const console[] = {"nographic", "display", "serial",
                                          NULL};

    if (!has_option(args, machine)) {
        add(argv, "-M", x86 ? "q35" : "virt,gic-version=3");
    }
    if (!has_option(args, cpu)) {
        add(argv, "-cpu", x86 ? "max" : "cortex-a57");
    }
    if (!has_option(args, memory)) {
        add(argv, "-m", "512");
    }
    if (!has_option(args, console)) {
        add(argv, "-nographic", NULL);
    }
    if (!has_our_device(args)) {
        add(argv, "-device",
            x86 ? "teeio-confidential,id=conf0" : "teeio-smmuv3,id=smmu0");
        add(argv, "-device", "teeio-tsm,id=tsm0");
        add(argv, "-device", "teeio-tdi,id=tdi0");
    }
}

static GPtrArray *command_line(const char *qemu, const char *plugin, bool x86,
                               char **args)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *base = g_path_get_basename(qemu);
    g_autofree char *value = teeio_plugin_arg(plugin, NULL);
    size_t i;

    add(argv, qemu, NULL);
    add(argv, "-plugin", value);
    /* Without --x86 a user of that target decides. */
    if (x86 || (!strstr(base, "x86_64") && !strstr(base, "i386"))) {
        add_defaults(argv, args, x86);
    }
    for (i = 0; args[i]; i++) {
        add(argv, args[i], NULL);
    }
    g_ptr_array_add(argv, NULL);
    return argv;
}

static int execute(GPtrArray *argv)
{
    const char *qemu = argv->pdata[0];

    execvp(qemu, (char **)argv->pdata);
    if (errno == ENOENT) {
        fprintf(stderr,
                "teeio: QEMU: %s: not found\n"
                "hint: install qemu-system-arm or qemu-system-x86, or name one "
                "with --qemu\n",
                qemu);
    } else {
        fprintf(stderr, "teeio: QEMU: %s: %s\n", qemu, g_strerror(errno));
    }
    return TEEIO_EXIT_RIG;
}

static int start_qemu(const struct start *start, char **args)
{
    g_autofree char *plugin = teeio_path_plugin();
    g_autofree char *binary =
        start->qemu ? g_strdup(start->qemu) : teeio_default_qemu(start->x86);
    g_autoptr(GPtrArray) argv = command_line(binary, plugin, start->x86, args);
    GError *error = NULL;

    if (start->dry_run) {
        g_autofree char *line = teeio_shell_line(argv);

        printf("%s\n", line);
        return TEEIO_EXIT_OK;
    }
    if (!teeio_need_file(plugin, "plug-in", "build it: meson compile -C build",
                         &error)) {
        return teeio_print_error(error);
    }
    return execute(argv);
}

static int qemu_main(int argc, char **argv)
{
    struct start start = {0};
    GOptionContext *context = options(&start);
    GError *error = NULL;
    char *none[] = {NULL};
    char **args = none;
    bool parsed;
    int code;
    int i;

    g_set_prgname("teeio qemu");
    for (i = 1; i < argc; i++) {
        if (g_str_equal(argv[i], "--")) {
            argv[i] = NULL;
            args = argv + i + 1;
            argc = i;
        }
    }
    parsed = g_option_context_parse(context, &argc, &argv, &error);
    g_option_context_free(context);
    if (!parsed) {
        code = teeio_usage("QEMU's own options go after --", "qemu: %s",
                           error->message);
        g_error_free(error);
    } else if (argc > 1) {
        code = teeio_usage("QEMU's own options go after --",
                           "qemu: unexpected argument \"%s\"", argv[1]);
    } else {
        code = start_qemu(&start, args);
    }
    g_free(start.qemu);
    return code;
}

const struct teeio_verb teeio_verb_qemu = {
    "qemu", "start QEMU with our devices for your own guest", qemu_main,
    qemu_help};
