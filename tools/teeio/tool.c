/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Errors in the tool's manner, and where things lie.
 *
 * Nothing here knows an absolute place of the build: a build folder, an
 * unpacked archive and an installation can all be moved.
 */
#include "tool.h"

#include <gio/gio.h>
#include <stdio.h>
#include <unistd.h>

#include "tools/teeio/tool-config.h"

GQuark teeio_error_quark(void)
{
    return g_quark_from_static_string("teeio-error");
}

void teeio_set_error(GError **error, enum teeio_exit code, const char *hint,
                     const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, TEEIO_TOOL_ERROR, code, "%s%s%s", message,
                hint ? "\nhint: " : "", hint ? hint : "");
}

int teeio_print_error(GError *error)
{
    int code = error->domain == TEEIO_TOOL_ERROR ? error->code : TEEIO_EXIT_RIG;

    fprintf(stderr, "teeio: %s\n", error->message);
    g_error_free(error);
    return code;
}

int teeio_usage(const char *hint, const char *format, ...)
{
    g_autofree char *message = NULL;
    GError *error = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    teeio_set_error(&error, TEEIO_EXIT_USAGE, hint, "%s", message);
    return teeio_print_error(error);
}

static char *exe_dir(void)
{
    g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);

    return exe ? g_path_get_dirname(exe) : g_strdup(".");
}

/*
 * The first of @candidates (relative to the executable's folder) that exists;
 * the first one when none does, for the error message.
 */
static char *beside_exe(const char *const *candidates, const char *name)
{
    g_autofree char *dir = exe_dir();
    char *first = NULL;
    size_t i;

    for (i = 0; candidates[i]; i++) {
        g_autofree char *joined =
            g_build_filename(dir, candidates[i], name, NULL);
        char *path = g_canonicalize_filename(joined, NULL);

        if (g_file_test(path, G_FILE_TEST_EXISTS)) {
            g_free(first);
            return path;
        }
        if (first) {
            g_free(path);
        } else {
            first = path;
        }
    }
    return first;
}

char *teeio_path_scenarios(void)
{
    static const char *const places[] = {".", "..", "../share/qemu-teeio",
                                         NULL};
    const char *data = g_getenv("TEEIO_DATADIR");

    if (data && *data) {
        return g_build_filename(data, "scenarios", NULL);
    }
    return beside_exe(places, "scenarios");
}

char *teeio_path_plugin(void)
{
    static const char *const places[] = {".", "../lib/qemu-teeio", NULL};
    const char *plugin = g_getenv("TEEIO_PLUGIN");

    if (plugin && *plugin) {
        return g_strdup(plugin);
    }
    return beside_exe(places, "teeio.so");
}

char *teeio_path_guest(const char *name)
{
    static const char *const places[] = {"guest", "../lib/qemu-teeio/guest",
                                         NULL};
    const char *dir = g_getenv("TEEIO_GUESTDIR");

    if (dir && *dir) {
        return g_build_filename(dir, name, NULL);
    }
    return beside_exe(places, name);
}

char *teeio_path_kernels(const char *name)
{
    return g_build_filename(g_get_user_cache_dir(), "qemu-teeio", "kernels",
                            name, NULL);
}

char *teeio_default_qemu(bool x86)
{
    const char *name = x86 ? "qemu-system-x86_64" : "qemu-system-aarch64";
    const char *qemu = g_getenv(x86 ? "TEEIO_QEMU_X86_64" : "TEEIO_QEMU");
    char *path;

    if (qemu && *qemu) {
        return g_strdup(qemu);
    }
    path = g_build_filename(TEEIO_QEMU_PREFIX, "bin", name, NULL);
    if (g_file_test(path, G_FILE_TEST_IS_EXECUTABLE)) {
        return path;
    }
    g_free(path);
    path = g_find_program_in_path(name);
    return path ? path : g_strdup(name);
}

bool teeio_need_file(const char *path, const char *what, const char *hint,
                     GError **error)
{
    if (access(path, R_OK) == 0) {
        return true;
    }
    teeio_set_error(error, TEEIO_EXIT_RIG, hint, "%s: %s: not found", what,
                    path);
    return false;
}

/* QEMU's option parser takes a doubled comma for a literal one. */
static char *double_commas(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    return g_strjoinv(",,", parts);
}

char *teeio_plugin_arg(const char *plugin, const char *events)
{
    g_autofree char *file = double_commas(plugin);
    g_autofree char *out = events ? double_commas(events) : NULL;

    return out ? g_strdup_printf("%s,events=%s", file, out)
               : g_steal_pointer(&file);
}

char *teeio_package_version(const char *binary)
{
    g_autofree char *base = g_path_get_basename(binary);
    const char *package = NULL;
    g_autofree char *out = NULL;
    int status;

    if (g_str_equal(base, "qemu-system-aarch64")) {
        package = "qemu-system-arm";
    } else if (g_str_equal(base, "qemu-system-x86_64")) {
        package = "qemu-system-x86";
    } else {
        return NULL;
    }
    char *argv[] = {(char *)"dpkg-query", (char *)"-W", (char *)"-f=${Version}",
                    (char *)package, NULL};

    if (!g_spawn_sync(NULL, argv, NULL,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                      NULL, &out, NULL, &status, NULL) ||
        status != 0 || !out || !*out) {
        return NULL;
    }
    return g_steal_pointer(&out);
}

char *teeio_shell_line(GPtrArray *argv)
{
    GString *line = g_string_new(NULL);
    guint i;

    for (i = 0; i < argv->len && argv->pdata[i]; i++) {
        const char *arg = argv->pdata[i];
        bool plain = *arg && !strpbrk(arg, " \t\n\"'\\$`!*?[](){}<>|&;#~");

        if (i) {
            g_string_append_c(line, ' ');
        }
        if (plain) {
            g_string_append(line, arg);
        } else {
            g_autofree char *quoted = g_shell_quote(arg);

            g_string_append(line, quoted);
        }
    }
    return g_string_free(line, FALSE);
}
