/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Plays pseudo-random inputs, then each file of the folders on the command
 * line; or only what is named there, when that is a file.
 */
#include <glib.h>

#include "input.h"

enum { INPUTS = 3000, LONGEST = 1024 };

static bool play_file(const char *name)
{
    g_autofree char *file = NULL;
    gsize size;

    if (!g_file_get_contents(name, &file, &size, NULL)) {
        g_printerr("teeio: fuzz input: cannot read %s\n", name);
        return false;
    }
    LLVMFuzzerTestOneInput((uint8_t *)file, size);
    return true;
}

/* A folder that is empty has lost its inputs. */
static bool play_folder(const char *name)
{
    g_autoptr(GDir) folder = g_dir_open(name, 0, NULL);
    unsigned played = 0;
    const char *entry;

    while (folder && (entry = g_dir_read_name(folder))) {
        g_autofree char *path = g_build_filename(name, entry, NULL);

        if (!play_file(path)) {
            return false;
        }
        played++;
    }
    if (!played) {
        g_printerr("teeio: fuzz input: no file in %s\n", name);
    }
    return played;
}

static void play_random(void)
{
    GRand *rand = g_rand_new_with_seed(2026);
    uint8_t data[LONGEST];

    for (int i = 0; i < INPUTS; i++) {
        size_t size = g_rand_int_range(rand, 1, LONGEST);

        for (size_t j = 0; j < size; j++) {
            data[j] = g_rand_int(rand);
        }
        LLVMFuzzerTestOneInput(data, size);
    }
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    bool alone = argc > 1 && g_file_test(argv[1], G_FILE_TEST_IS_REGULAR);
    bool good = true;

    if (!alone) {
        play_random();
    }
    for (int i = 1; i < argc && good; i++) {
        good = alone ? play_file(argv[i]) : play_folder(argv[i]);
    }
    return good ? 0 : 2;
}
