/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What a run leaves for "report", "replay" and "diff": run.json names its
 * boots, and result.json in the folder of each tells how it ended.
 */
#ifndef TEEIO_RECORD_H
#define TEEIO_RECORD_H

#include "judge.h"
#include "shard.h"

#define TEEIO_RUN "run.json"

/**
 * teeio_record_write() - write run.json before the first boot
 * @selection: struct teeio_scenario: all, those of other shards too
 * @reports:   what is run here
 */
bool teeio_record_write(const char *out, const struct teeio_shard *shard,
                        GPtrArray *selection, GPtrArray *reports,
                        GError **error);

/**
 * struct teeio_record - finished runs, read again
 * @scenarios: owns struct teeio_scenario
 * @reports:   struct teeio_report in order of id
 */
struct teeio_record {
    GPtrArray *scenarios;
    GPtrArray *reports;
};

/**
 * teeio_record_read() - read the run folders, scenario folders or folders of
 * one boot in @paths as one
 *
 * A boot that run.json names and that has no result, and a scenario that
 * another shard should have run, have the outcome "error".
 *
 * Returns: NULL when a folder cannot be read, or two have the same boot.
 */
struct teeio_record *teeio_record_read(char **paths, GError **error);
void teeio_record_free(struct teeio_record *record);

#endif
