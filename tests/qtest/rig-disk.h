/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A place for snapshots.
 */
#ifndef RIG_DISK_H
#define RIG_DISK_H

/**
 * struct rig_disk - a folder with an empty qcow2 image
 * @path:   the image
 * @stream: a file for migration, which does not exist yet
 */
struct rig_disk {
    char *folder;
    char *path;
    char *stream;
};

void rig_disk_init(struct rig_disk *disk);
void rig_disk_clear(struct rig_disk *disk);

#endif
