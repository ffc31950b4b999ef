/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Cutting a run into shards of about the same length, by recorded times.
 */
#ifndef TEEIO_SHARD_H
#define TEEIO_SHARD_H

#include "judge.h"

/** struct teeio_shard - @index of @count, from 1; count 0: not cut */
struct teeio_shard {
    unsigned index;
    unsigned count;
};

/** teeio_shard_parse() - "2/3"; @text NULL: not cut */
bool teeio_shard_parse(struct teeio_shard *shard, const char *text,
                       GError **error);

/**
 * teeio_shard_cut() - keep only the reports of @shard, in their order
 *
 * The same selection and times give the same shards: together they are all,
 * and no two have one in common. What has no time yet counts as the mean.
 */
void teeio_shard_cut(const struct teeio_shard *shard, GPtrArray *reports);

/** teeio_times_record() - remember how long the boots of @reports took */
void teeio_times_record(GPtrArray *reports);

#endif
