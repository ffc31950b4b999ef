/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Plays pseudo-random inputs, or the files named on the command line. */
#include <glib.h>

#include "input.h"

enum { INPUTS = 3000, LONGEST = 1024 };

int main(int argc, char **argv)
{
    GRand *rand = g_rand_new_with_seed(2026);
    uint8_t data[LONGEST];

    for (int i = 1; i < argc; i++) {
        char *file;
        gsize size;

        if (!g_file_get_contents(argv[i], &file, &size, NULL)) {
            g_printerr("teeio: fuzz input: cannot read %s\n", argv[i]);
            return 2;
        }
        LLVMFuzzerTestOneInput((uint8_t *)file, size);
        g_free(file);
    }
    for (int i = 0; argc == 1 && i < INPUTS; i++) {
        size_t size = g_rand_int_range(rand, 1, LONGEST);

        for (size_t j = 0; j < size; j++) {
            data[j] = g_rand_int(rand);
        }
        LLVMFuzzerTestOneInput(data, size);
    }
    g_rand_free(rand);
    return 0;
}
