/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#define _GNU_SOURCE

#include "bundle.h"
#include "record.h"
#include "tool.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536

bool teeio_bundle_check(const char *path, GError **error)
{
    if (g_str_has_suffix(path, ".tar.xz")) {
        return true;
    }
    teeio_set_error(error, TEEIO_EXIT_USAGE, "name it FILE.tar.xz",
                    "--bundle: %s: only .tar.xz can be written", path);
    return false;
}

static bool archive_failed(struct archive *archive, const char *name,
                           GError **error)
{
    const char *why = archive_error_string(archive);

    teeio_set_error(error, TEEIO_EXIT_RIG, "is the disk full?",
                    "bundle: %s: %s", name, why ? why : "cannot be written");
    return false;
}

static bool copy(struct archive *archive, int fd, gint64 size, const char *name,
                 GError **error)
{
    g_autofree char *bytes = g_malloc(CHUNK);
    ssize_t got;

    /* What grows in the meantime is cut, what shrinks is an error. */
    while (size > 0 && (got = read(fd, bytes, MIN(size, CHUNK))) > 0) {
        if (archive_write_data(archive, bytes, got) != got) {
            return archive_failed(archive, name, error);
        }
        size -= got;
    }
    if (size > 0) {
        teeio_set_error(error, TEEIO_EXIT_RIG, NULL,
                        "bundle: %s: cannot be read", name);
        return false;
    }
    return true;
}

static bool add_file(struct archive *archive, const char *root,
                     const char *name, const char *prefix, GError **error)
{
    g_autofree char *path = g_build_filename(root, name, NULL);
    g_autofree char *inside = g_build_filename(prefix, name, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct archive_entry *entry;
    struct stat status;
    bool good;

    if (fd < 0 || fstat(fd, &status) != 0) {
        teeio_set_error(error, TEEIO_EXIT_RIG, NULL,
                        "bundle: %s: cannot be read", path);
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    entry = archive_entry_new();
    archive_entry_set_pathname(entry, inside);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, status.st_size);
    archive_entry_set_mtime(entry, 0, 0);
    good = archive_write_header(archive, entry) == ARCHIVE_OK ||
           archive_failed(archive, path, error);
    good = good && copy(archive, fd, status.st_size, path, error);
    archive_entry_free(entry);
    close(fd);
    return good;
}

/* Names relative to @out of the files in @folder, not below. */
static void list_folder(GPtrArray *names, const char *out, const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *relative = folder + strlen(out);
    const char *name;

    relative += *relative == '/';
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *inside = g_build_filename(relative, name, NULL);

        if (g_file_test(path, G_FILE_TEST_IS_REGULAR) &&
            !g_ptr_array_find_with_equal_func(names, inside, g_str_equal,
                                              NULL)) {
            g_ptr_array_add(names, g_steal_pointer(&inside));
        }
    }
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

/* What an earlier run left beside these artefacts stays out. */
static GPtrArray *list_files(const char *out, GPtrArray *reports)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    guint i, j;

    g_ptr_array_add(names, g_strdup(TEEIO_RUN));
    for (i = 0; i < reports->len; i++) {
        const struct teeio_report *report = reports->pdata[i];

        if (report->cells->len > 1) {
            list_folder(names, out, report->folder);
        }
        for (j = 0; j < report->results->len; j++) {
            const struct teeio_result *result = report->results->pdata[j];

            list_folder(names, out, result->folder);
        }
    }
    g_ptr_array_sort(names, by_name);
    return names;
}

static bool pack(struct archive *archive, const char *beside, const char *path,
                 const char *out, GPtrArray *names, GError **error)
{
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *prefix = g_strndup(base, strlen(base) - strlen(".tar.xz"));
    bool good;
    guint i;

    good = archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
           archive_write_add_filter_xz(archive) == ARCHIVE_OK &&
           archive_write_open_filename(archive, beside) == ARCHIVE_OK;
    if (!good) {
        return archive_failed(archive, beside, error);
    }
    for (i = 0; i < names->len && good; i++) {
        good = add_file(archive, out, names->pdata[i], prefix, error);
    }
    if (good && archive_write_close(archive) != ARCHIVE_OK) {
        good = archive_failed(archive, beside, error);
    }
    return good;
}

bool teeio_bundle_write(const char *path, const char *out, GPtrArray *reports,
                        GError **error)
{
    g_autofree char *beside = g_strconcat(path, ".part", NULL);
    g_autoptr(GPtrArray) names = list_files(out, reports);
    struct archive *archive = archive_write_new();
    bool good = pack(archive, beside, path, out, names, error);

    archive_write_free(archive);
    if (good && rename(beside, path) != 0) {
        teeio_set_error(error, TEEIO_EXIT_RIG, NULL,
                        "bundle: %s: cannot be renamed", path);
        good = false;
    }
    if (!good) {
        unlink(beside);
    }
    return good;
}
