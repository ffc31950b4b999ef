/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Recorded events in the formats of other programs.
 */
#ifndef TEEIO_CONVERT_H
#define TEEIO_CONVERT_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

/**
 * struct teeio_format - one row of the format table
 * @name:   value of --to
 * @file:   name of the artefact
 * @create: the state of one conversion
 * @folder: told where the other artefacts lie, before all events; NULL: they do
 *          not matter
 * @survey: sees all events before @begin; may be NULL
 * @begin:  write what comes before all events; @header is the first line of
 *          events.jsonl
 * @event:  write one event
 * @end:    write the rest, free the state
 *
 * What is written is appended to @out, which is emptied from time to time.
 */
struct teeio_format {
    const char *name;
    const char *file;
    void *(*create)(void);
    void (*folder)(void *state, const char *path);
    void (*survey)(void *state, JsonObject *event);
    void (*begin)(void *state, JsonObject *header, GByteArray *out);
    void (*event)(void *state, JsonObject *event, GByteArray *out);
    void (*end)(void *state, GByteArray *out);
};

extern const struct teeio_format teeio_format_pcapng;
extern const struct teeio_format teeio_format_timeline;
extern const struct teeio_format teeio_format_html;

/**
 * teeio_convert_file() - convert the events of the file @events to @path
 *
 * @path is written beside its final place and renamed at the end: after an
 * error it is as it was. What is no regular file is written directly. An
 * incomplete last line is left out, with a warning on stderr.
 */
bool teeio_convert_file(const struct teeio_format *format, const char *events,
                        const char *path, GError **error);

/**
 * teeio_convert_folder() - for the folder of one boot, all formats that need
 * the events only
 */
bool teeio_convert_folder(const char *folder, GError **error);

#endif
