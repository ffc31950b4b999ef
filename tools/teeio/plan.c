/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The rig: what is needed to boot a guest, and the command line that does it.
 */
#include "plan.h"
#include "artefacts.h"
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CHUNK            0x100000u
#define TEEIO_BUILD_HINT "build it: meson compile -C build"

void teeio_rig_copy(struct teeio_rig *to, const struct teeio_rig *from)
{
    *to = (struct teeio_rig){
        .qemu = g_strdup(from->qemu),
        .plugin = g_strdup(from->plugin),
        .init = g_strdup(from->init),
        .kernel = g_strdup(from->kernel),
        .initrd = g_strdup(from->initrd),
        .append = g_strdup(from->append),
        .seed = g_strdup(from->seed),
    };
}

void teeio_rig_choose(struct teeio_rig *rig, const char *board,
                      const char *qemu)
{
    bool x86 = g_str_equal(board, "q35");

    g_free(rig->qemu);
    g_free(rig->init);
    rig->qemu = qemu ? g_strdup(qemu) : teeio_default_qemu(x86);
    rig->init = teeio_path_guest(x86 ? "init-x86_64" : "init");
}

void teeio_rig_clear(struct teeio_rig *rig)
{
    g_free(rig->qemu);
    g_free(rig->plugin);
    g_free(rig->init);
    g_free(rig->kernel);
    g_free(rig->initrd);
    g_free(rig->append);
    g_free(rig->seed);
    memset(rig, 0, sizeof(*rig));
}

char *teeio_kernel_path(const struct teeio_rig *rig,
                        const struct teeio_cell *cell)
{
    g_autofree char *dir = NULL;

    if (rig->kernel) {
        return g_strdup(rig->kernel);
    }
    dir = teeio_path_kernels(cell->hardware.kernel);
    return g_build_filename(dir, "vmlinuz", NULL);
}

char *teeio_module_path(const struct teeio_cell *cell)
{
    g_autofree char *name =
        g_build_filename(cell->hardware.kernel, "teeio_guest.ko", NULL);

    return teeio_path_guest(name);
}

/* Custom kernels are built, and so is our module for them only on demand. */
static bool need_kernel_and_module(const struct teeio_rig *rig,
                                   const struct teeio_cell *cell,
                                   GError **error)
{
    const char *name = cell->hardware.kernel;
    bool custom = g_str_has_prefix(name, "custom-");
    bool x86 = g_str_equal(cell->scenario->board, "q35");
    g_autofree char *kernel = teeio_kernel_path(rig, cell);
    g_autofree char *module = teeio_module_path(cell);
    g_autofree char *get =
        custom ? g_strdup_printf("build it: guest/build-kernel.sh %s", name)
               : g_strdup_printf("fetch it: guest/fetch-kernel.sh %s", name);

    if (!teeio_need_file(kernel, "kernel",
                         rig->kernel ? "--kernel wants a file" : get, error)) {
        return false;
    }
    if (rig->initrd) {
        return teeio_need_file(rig->initrd, "initrd", "--initrd wants a file",
                               error);
    }
    return teeio_need_file(module, "guest module",
                           custom ? "./configure --enable-custom-kernel, then "
                                    "meson compile -C build"
                           : x86  ? "./configure --enable-x86-guest, then "
                                    "meson compile -C build"
                                  : TEEIO_BUILD_HINT,
                           error);
}

bool teeio_rig_check(const struct teeio_rig *rig, const struct teeio_cell *cell,
                     GError **error)
{
    g_autofree char *qemu = g_find_program_in_path(rig->qemu);

    if (!qemu) {
        teeio_set_error(error, TEEIO_EXIT_RIG,
                        "install qemu-system-arm or qemu-system-x86, or name "
                        "one with --qemu",
                        "QEMU: %s: not found", rig->qemu);
        return false;
    }
    if (cell->hardware.firmware &&
        !teeio_need_file(cell->hardware.firmware, "firmware",
                         "install the package ovmf", error)) {
        return false;
    }
    return teeio_need_file(rig->plugin, "plug-in", TEEIO_BUILD_HINT, error) &&
           need_kernel_and_module(rig, cell, error) &&
           teeio_need_file(rig->init, "guest init", TEEIO_BUILD_HINT, error);
}

static void add(GPtrArray *argv, const char *arg)
{
    g_ptr_array_add(argv, g_strdup(arg));
}

static void add2(GPtrArray *argv, const char *option, char *value)
{
    add(argv, option);
    g_ptr_array_add(argv, value);
}

/**
 * struct board - what differs between boards
 *
 * One CPU unless a scenario wants more: the order of events is then the
 * guest's own.
 */
static const struct board {
    const char *name;
    const char *machine;
    const char *cpu;
    const char *console;
} boards[] = {
    {"virt", "virt,gic-version=3", "cortex-a57", "ttyAMA0"},
    {"q35", "q35", "max", "ttyS0"},
};

static const struct board *board_of(const struct teeio_cell *cell)
{
    size_t i = 0;

    while (!g_str_equal(boards[i].name, cell->scenario->board)) {
        i++;
    }
    return &boards[i];
}

static void add_machine(GPtrArray *argv, const struct teeio_cell *cell)
{
    /* Not -nographic, which would add a monitor to the console. */
    static const char *const console[] = {"-nodefaults", "-display",  "none",
                                          "-monitor",    "none",      "-serial",
                                          "stdio",       "-no-reboot"};
    const struct teeio_hardware *hardware = &cell->hardware;
    const struct board *board = board_of(cell);
    size_t i;

    add2(argv, "-M", g_strdup(board->machine));
    add2(argv, "-cpu", g_strdup(hardware->cpu ? hardware->cpu : board->cpu));
    add2(argv, "-smp", g_strdup_printf("%u", hardware->cpus));
    add2(argv, "-m", g_strdup_printf("%u", hardware->memory));
    if (hardware->firmware) {
        add2(argv, "-bios", g_strdup(hardware->firmware));
    }
    for (i = 0; i < G_N_ELEMENTS(console); i++) {
        add(argv, console[i]);
    }
}

static void add_kernel(GPtrArray *argv, const struct teeio_rig *rig,
                       const struct teeio_cell *cell, const char *dir)
{
    GString *append = g_string_new(NULL);

    g_string_printf(append, "console=%s nokaslr loglevel=7 panic=-1",
                    board_of(cell)->console);
    if (*cell->append) {
        g_string_append_printf(append, " %s", cell->append);
    }
    if (rig->append && *rig->append) {
        g_string_append_printf(append, " %s", rig->append);
    }
    add2(argv, "-kernel", teeio_kernel_path(rig, cell));
    add2(argv, "-initrd", g_build_filename(dir, TEEIO_INITRAMFS, NULL));
    add2(argv, "-append", g_string_free(append, FALSE));
}

GPtrArray *teeio_plan(const struct teeio_rig *rig,
                      const struct teeio_cell *cell, const char *dir)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *events = g_build_filename(dir, TEEIO_EVENTS, NULL);
    g_autofree char *disk = g_build_filename(dir, TEEIO_DISK, NULL);
    size_t i;

    add(argv, rig->qemu);
    add_machine(argv, cell);
    add_kernel(argv, rig, cell, dir);
    if (rig->seed) {
        add2(argv, "-seed", g_strdup(rig->seed));
    }
    add2(argv, "-plugin", teeio_plugin_arg(rig->plugin, events));
    if (cell->scenario->disk) {
        g_autofree char *file = teeio_plugin_arg(disk, NULL);

        add2(argv, "-drive",
             g_strdup_printf("file=%s,if=none,id=disk0,format=raw,readonly=on",
                             file));
    }
    if (cell->scenario->net) {
        add2(argv, "-netdev", g_strdup("user,id=net0,restrict=on"));
    }
    for (i = 0; cell->devices[i]; i++) {
        add2(argv, "-device", g_strdup(cell->devices[i]));
    }
    g_ptr_array_add(argv, NULL);
    return argv;
}

/*
 * Word i, little-endian, is i times a large odd number modulo 2^32: no two
 * words are alike, so that a sector read from the wrong place shows.
 */
bool teeio_write_disk(const char *path, unsigned mib, GError **error)
{
    g_autofree guint32 *words = g_malloc(CHUNK);
    guint32 index = 0;
    FILE *file = fopen(path, "wb");
    bool written = file != NULL;
    unsigned chunk;

    for (chunk = 0; chunk < mib && written; chunk++) {
        size_t i;

        for (i = 0; i < CHUNK / sizeof(*words); i++) {
            words[i] = GUINT32_TO_LE(index++ * 2654435761u);
        }
        written = fwrite(words, CHUNK, 1, file) == 1;
    }
    if (file && fclose(file) != 0) {
        written = false;
    }
    if (!written) {
        teeio_set_error(error, TEEIO_EXIT_RIG, "is the disk full?",
                        "writing %s: %s", path, g_strerror(errno));
    }
    return written;
}
