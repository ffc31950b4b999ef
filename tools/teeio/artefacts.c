/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The artefact folder: always the same names, so that people can mail them.
 */
#include "artefacts.h"
#include "html.h"
#include "output.h"
#include "report.h"
#include "tool.h"

#include <errno.h>
#include <unistd.h>

char *teeio_default_out(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *stamp = g_date_time_format(now, "%Y%m%d-%H%M%S");
    g_autofree char *name = g_strdup_printf("%s-%d", stamp, (int)getpid());

    return g_build_filename(g_get_user_state_dir(), "qemu-teeio", "runs", name,
                            NULL);
}

char *teeio_folder_path(const char *out, const struct teeio_cell *cell)
{
    g_autofree char *name = g_strdup(cell->name);

    if (!name) {
        return g_build_filename(out, cell->scenario->id, NULL);
    }
    g_strdelimit(name, "/", '_');
    return g_build_filename(out, cell->scenario->id, name, NULL);
}

static bool write_text(const char *folder, const char *name, const char *text,
                       GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    GError *why = NULL;

    if (g_file_set_contents(path, text, -1, &why)) {
        return true;
    }
    teeio_set_error(error, TEEIO_EXIT_RIG, "name another folder with --out",
                    "artefacts: %s", why->message);
    g_error_free(why);
    return false;
}

bool teeio_folder_prepare(const char *folder, GError **error)
{
    static const char *const names[] = {
        TEEIO_SUMMARY,   TEEIO_RESULT, TEEIO_EVENTS,   TEEIO_CONSOLE,
        TEEIO_QEMU_ARGS, TEEIO_ENV,    TEEIO_SCENARIO, TEEIO_INITRAMFS,
        TEEIO_DISK,      TEEIO_TLP,    TEEIO_TIMELINE, TEEIO_HTML,
    };
    size_t i;

    if (g_mkdir_with_parents(folder, 0777) != 0) {
        teeio_set_error(error, TEEIO_EXIT_RIG, "name another folder with --out",
                        "artefacts: %s: %s", folder, g_strerror(errno));
        return false;
    }
    for (i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);

        unlink(path);
    }
    return true;
}

bool teeio_write_scenario(const struct teeio_scenario *scenario,
                          const char *folder, GError **error)
{
    g_autofree char *text = NULL;

    return g_file_get_contents(scenario->path, &text, NULL, error) &&
           write_text(folder, TEEIO_SCENARIO, text, error);
}

bool teeio_write_inputs(const struct teeio_rig *rig,
                        const struct teeio_cell *cell, const char *folder,
                        GPtrArray *argv, GError **error)
{
    g_autofree char *initramfs =
        g_build_filename(folder, TEEIO_INITRAMFS, NULL);
    g_autofree char *disk = g_build_filename(folder, TEEIO_DISK, NULL);
    g_autofree char *shell = teeio_shell_line(argv);
    g_autofree char *line = g_strconcat(shell, "\n", NULL);

    return write_text(folder, TEEIO_QEMU_ARGS, line, error) &&
           teeio_write_initramfs(rig, cell, initramfs, error) &&
           (!cell->scenario->disk ||
            teeio_write_disk(disk, cell->scenario->disk, error));
}

static char *environment(const struct teeio_rig *rig,
                         const struct teeio_result *result)
{
    g_autofree char *kernel = teeio_kernel_path(rig, result->cell);
    g_autofree char *module = teeio_module_path(result->cell);
    g_autofree char *package = teeio_package_version(rig->qemu);

    return g_strdup_printf("tool=%s\n"
                           "qemu=%s\n"
                           "qemu-package=%s\n"
                           "plugin=%s\n"
                           "kernel=%s\n"
                           "kernel-release=%s\n"
                           "guest-init=%s\n"
                           "guest-module=%s\n"
                           "seed=%s\n",
                           TEEIO_PROJECT_VERSION, rig->qemu,
                           package ? package : "unknown", rig->plugin, kernel,
                           result->boot.kernel ? result->boot.kernel
                                               : "unknown",
                           rig->init, module, rig->seed ? rig->seed : "none");
}

bool teeio_write_results(const struct teeio_rig *rig,
                         const struct teeio_result *result, GError **error)
{
    g_autofree char *env = environment(rig, result);
    g_autofree char *json = teeio_json_result(result);
    g_autoptr(GString) summary = g_string_new(NULL);

    teeio_report_cell(summary, result);
    return write_text(result->folder, TEEIO_ENV, env, error) &&
           write_text(result->folder, TEEIO_RESULT, json, error) &&
           write_text(result->folder, TEEIO_SUMMARY, summary->str, error) &&
           teeio_html_folder(result->folder, error);
}

bool teeio_write_report(const struct teeio_report *report, GError **error)
{
    g_autofree char *json = teeio_json_report(report);
    g_autoptr(GString) summary = g_string_new(NULL);
    guint i;

    for (i = 0; i < report->results->len; i++) {
        if (i) {
            g_string_append_c(summary, '\n');
        }
        teeio_report_cell(summary, report->results->pdata[i]);
    }
    return teeio_write_scenario(report->scenario, report->folder, error) &&
           write_text(report->folder, TEEIO_RESULT, json, error) &&
           write_text(report->folder, TEEIO_SUMMARY, summary->str, error);
}
