/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "rig-disk.h"

#include <glib/gstdio.h>
#include <stdint.h>

static void put_be(uint8_t *bytes, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++) {
        bytes[i] = value >> 8 * (size - 1 - i);
    }
}

/*
 * docs/interop/qcow2.txt: clusters of 64 KiB; header, refcount table, its one
 * block with four clusters in use, and an empty L1 table.
 */
void rig_disk_init(struct rig_disk *disk)
{
    const size_t cluster = 0x10000;
    g_autofree uint8_t *image = g_malloc0(4 * cluster);

    disk->folder = g_dir_make_tmp("teeio-snapshot-XXXXXX", NULL);
    g_assert_nonnull(disk->folder);
    disk->path = g_build_filename(disk->folder, "disk.qcow2", NULL);
    disk->stream = g_build_filename(disk->folder, "stream", NULL);
    put_be(image, 4, 0x514649fb);
    put_be(image + 4, 4, 2);
    put_be(image + 20, 4, 16);
    put_be(image + 24, 8, 1 << 20);
    put_be(image + 36, 4, 1);
    put_be(image + 40, 8, 3 * cluster);
    put_be(image + 48, 8, cluster);
    put_be(image + 56, 4, 1);
    put_be(image + cluster, 8, 2 * cluster);
    for (int i = 0; i < 4; i++) {
        put_be(image + 2 * cluster + 2 * i, 2, 1);
    }
    g_assert_true(
        g_file_set_contents(disk->path, (char *)image, 4 * cluster, NULL));
}

void rig_disk_clear(struct rig_disk *disk)
{
    g_unlink(disk->path);
    g_unlink(disk->stream);
    g_assert_cmpint(g_rmdir(disk->folder), ==, 0);
    g_free(disk->stream);
    g_free(disk->path);
    g_free(disk->folder);
}
