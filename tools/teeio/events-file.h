/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * events.jsonl as a file that may come from elsewhere: its schema, and what a
 * recording that broke off leaves.
 */
#ifndef TEEIO_EVENTS_FILE_H
#define TEEIO_EVENTS_FILE_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

/**
 * struct teeio_events_file - what is known about the file as a whole
 * @header:    the first line
 * @truncated: the last line is not complete and was left out
 */
struct teeio_events_file {
    JsonObject *header;
    bool truncated;
};

/** teeio_event_fn - takes one event, with the fields that all events have */
typedef void teeio_event_fn(void *opaque, JsonObject *event);

/**
 * teeio_events_each() - call @take with each event of the file @path, in order
 * @file: filled in; undo with teeio_events_file_clear(), also after an error.
 *        @file->header is there when @take is called for the first time.
 *
 * Returns: false when the file cannot be read, has another schema or a newer
 * version of it, or a line before the last is no JSON object.
 */
bool teeio_events_each(struct teeio_events_file *file, const char *path,
                       teeio_event_fn *take, void *opaque, GError **error);

void teeio_events_file_clear(struct teeio_events_file *file);

#endif
