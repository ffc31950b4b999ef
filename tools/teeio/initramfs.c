/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The initramfs of one boot: a "newc" archive with our init, the steps, and
 * the kernel modules in the order in which they must be loaded.
 */
#include "plan.h"
#include "tool.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>

#define CONSOLE_MAJOR 5
#define CONSOLE_MINOR 1

/* modules.dep and modules.builtin, read once. */
struct modules {
    char *dir;
    GHashTable *by_name; /* "virtio_blk" to its file, relative to dir */
    GHashTable *needs;   /* file to char ** */
    GHashTable *builtin; /* names of what the kernel's image holds */
};

/* One archive under construction; the first error stays. */
struct builder {
    struct archive *archive;
    GString *list; /* content of /etc/teeio/modules */
    GHashTable *added;
    GError **error;
};

static bool archive_failed(struct builder *b)
{
    teeio_set_error(b->error, TEEIO_EXIT_RIG, "is the disk full?",
                    "building the initramfs: %s",
                    archive_error_string(b->archive));
    return false;
}

static bool add_entry(struct builder *b, const char *name, unsigned type,
                      unsigned mode, const void *data, size_t length)
{
    struct archive_entry *entry = archive_entry_new();
    bool added;

    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, mode);
    archive_entry_set_size(entry, length);
    if (type == AE_IFCHR) {
        archive_entry_set_rdevmajor(entry, CONSOLE_MAJOR);
        archive_entry_set_rdevminor(entry, CONSOLE_MINOR);
    }
    added = archive_write_header(b->archive, entry) == ARCHIVE_OK &&
            (!length || archive_write_data(b->archive, data, length) ==
                            (la_ssize_t)length);
    archive_entry_free(entry);
    return added || archive_failed(b);
}

static bool add_file(struct builder *b, const char *name, const char *path,
                     unsigned mode)
{
    g_autofree char *data = NULL;
    GError *why = NULL;
    gsize length;

    if (!g_file_get_contents(path, &data, &length, &why)) {
        teeio_set_error(b->error, TEEIO_EXIT_RIG, NULL,
                        "building the initramfs: %s", why->message);
        g_error_free(why);
        return false;
    }
    return add_entry(b, name, AE_IFREG, mode, data, length);
}

/* The kernel treats - and _ in module names alike; so do we. */
static char *module_name(const char *file)
{
    g_autofree char *base = g_path_get_basename(file);
    char *dot = strstr(base, ".ko");

    if (dot) {
        *dot = '\0';
    }
    return g_strdelimit(g_steal_pointer(&base), "-", '_');
}

static void modules_clear(struct modules *modules)
{
    g_free(modules->dir);
    g_clear_pointer(&modules->by_name, g_hash_table_unref);
    g_clear_pointer(&modules->needs, g_hash_table_unref);
    g_clear_pointer(&modules->builtin, g_hash_table_unref);
}

/* A kernel that was given no such list has nothing built in. */
static void load_builtin(struct modules *modules)
{
    g_autofree char *path =
        g_build_filename(modules->dir, "modules.builtin", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    size_t i;

    modules->builtin =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return;
    }
    lines = g_strsplit(text, "\n", -1);
    for (i = 0; lines[i]; i++) {
        if (*lines[i]) {
            g_hash_table_add(modules->builtin, module_name(lines[i]));
        }
    }
}

static bool modules_load(struct modules *modules, const char *kernel_dir,
                         GError **error)
{
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    size_t i;

    modules->dir = g_build_filename(kernel_dir, "modules", NULL);
    path = g_build_filename(modules->dir, "modules.dep", NULL);
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        teeio_set_error(error, TEEIO_EXIT_RIG,
                        "remove the kernel from the cache and get it again",
                        "kernel modules: %s: not found", path);
        return false;
    }
    load_builtin(modules);
    modules->by_name =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    modules->needs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify)g_strfreev);
    lines = g_strsplit(text, "\n", -1);
    for (i = 0; lines[i]; i++) {
        char *colon = strchr(lines[i], ':');

        if (colon) {
            *colon = '\0';
            g_hash_table_insert(modules->by_name, module_name(lines[i]),
                                g_strdup(lines[i]));
            g_hash_table_insert(modules->needs, g_strdup(lines[i]),
                                g_strsplit(g_strstrip(colon + 1), " ", -1));
        }
    }
    return true;
}

/* modules.dep lists all that a module needs, the deepest last. */
static bool add_module(struct builder *b, struct modules *modules,
                       const char *file)
{
    char **needs = g_hash_table_lookup(modules->needs, file);
    g_autofree char *name = g_path_get_basename(file);
    g_autofree char *inside = g_strdup_printf("lib/modules/%s", name);
    g_autofree char *path = g_build_filename(modules->dir, file, NULL);
    size_t i;

    if (!g_hash_table_add(b->added, g_strdup(name))) {
        return true;
    }
    for (i = needs ? g_strv_length(needs) : 0; i > 0; i--) {
        if (*needs[i - 1] && !add_module(b, modules, needs[i - 1])) {
            return false;
        }
    }
    g_string_append_printf(b->list, "/%s\n", inside);
    return add_file(b, inside, path, 0644);
}

static bool add_kernel_modules(struct builder *b, const struct teeio_cell *cell)
{
    const struct teeio_scenario *scenario = cell->scenario;
    g_autofree char *dir = teeio_path_kernels(cell->hardware.kernel);
    struct modules modules = {0};
    bool added = true;
    size_t i;

    if (!scenario->modules[0]) {
        return true;
    }
    added = modules_load(&modules, dir, b->error);
    for (i = 0; added && scenario->modules[i]; i++) {
        g_autofree char *name = module_name(scenario->modules[i]);
        const char *file = g_hash_table_lookup(modules.by_name, name);

        if (file) {
            added = add_module(b, &modules, file);
        } else if (!g_hash_table_contains(modules.builtin, name)) {
            teeio_set_error(b->error, TEEIO_EXIT_RIG,
                            "modules.dep and modules.builtin of the kernel "
                            "list the names",
                            "%s: [machine] modules: the kernel has no "
                            "module \"%s\"",
                            scenario->path, scenario->modules[i]);
            added = false;
        }
    }
    modules_clear(&modules);
    return added;
}

static bool add_tree(struct builder *b)
{
    static const char *const folders[] = {
        "dev", "proc", "sys", "etc", "lib", "etc/teeio", "lib/modules"};
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(folders); i++) {
        if (!add_entry(b, folders[i], AE_IFDIR, 0755, NULL, 0)) {
            return false;
        }
    }
    return add_entry(b, "dev/console", AE_IFCHR, 0600, NULL, 0);
}

static bool add_steps(struct builder *b, const struct teeio_cell *cell)
{
    g_autoptr(GString) text = g_string_new(NULL);
    guint i;

    for (i = 0; i < cell->steps->len; i++) {
        const struct teeio_step *step = cell->steps->pdata[i];

        g_string_append_printf(text, "%u %s\n", step->id, step->command);
    }
    return add_entry(b, "etc/teeio/steps", AE_IFREG, 0644, text->str,
                     text->len);
}

/* The user's own initrd brings the modules that fit the user's kernel. */
static bool add_modules(struct builder *b, const struct teeio_rig *rig,
                        const struct teeio_cell *cell)
{
    static const char guest[] = "lib/modules/teeio_guest.ko";
    g_autofree char *module = teeio_module_path(cell);

    if (rig->initrd) {
        return true;
    }
    if (!add_kernel_modules(b, cell) || !add_file(b, guest, module, 0644)) {
        return false;
    }
    g_string_append_printf(b->list, "/%s\n", guest);
    return add_entry(b, "etc/teeio/modules", AE_IFREG, 0644, b->list->str,
                     b->list->len);
}

/* The kernel unpacks concatenated archives one after the other. */
static bool prepend_user_initrd(const struct teeio_rig *rig, const char *path,
                                GError **error)
{
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    gsize first_length, second_length, padded;
    g_autofree char *both = NULL;

    if (!rig->initrd) {
        return true;
    }
    if (!g_file_get_contents(rig->initrd, &first, &first_length, error) ||
        !g_file_get_contents(path, &second, &second_length, error)) {
        return false;
    }
    padded = (first_length + 3) & ~(gsize)3;
    both = g_malloc0(padded + second_length);
    memcpy(both, first, first_length);
    memcpy(both + padded, second, second_length);
    return g_file_set_contents(path, both, padded + second_length, error);
}

bool teeio_write_initramfs(const struct teeio_rig *rig,
                           const struct teeio_cell *cell, const char *path,
                           GError **error)
{
    struct builder b = {
        archive_write_new(), g_string_new(NULL),
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), error};
    bool written;

    archive_write_set_format_cpio_newc(b.archive);
    if (archive_write_open_filename(b.archive, path) != ARCHIVE_OK) {
        written = archive_failed(&b);
    } else {
        written = add_tree(&b) && add_file(&b, "init", rig->init, 0755) &&
                  add_steps(&b, cell) && add_modules(&b, rig, cell);
        if (archive_write_close(b.archive) != ARCHIVE_OK && written) {
            written = archive_failed(&b);
        }
    }
    archive_write_free(b.archive);
    g_string_free(b.list, TRUE);
    g_hash_table_unref(b.added);
    return written && prepend_user_initrd(rig, path, error);
}
