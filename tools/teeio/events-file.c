/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#define _GNU_SOURCE

#include "events-file.h"
#include "capture.h"
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teeio/event.h"

static bool check_header(struct teeio_events_file *file, const char *path,
                         GError **error)
{
    const char *schema = teeio_json_string(file->header, "schema");
    guint64 version = teeio_json_number(file->header, "version");

    if (!g_str_equal(schema, TEEIO_EVENT_SCHEMA)) {
        teeio_set_error(error, TEEIO_EXIT_USAGE,
                        "give an events.jsonl, or the folder of one boot",
                        "%s: not a recording: its first line names no schema "
                        "\"" TEEIO_EVENT_SCHEMA "\"",
                        path);
        return false;
    }
    if (version != TEEIO_EVENT_VERSION) {
        teeio_set_error(error, TEEIO_EXIT_USAGE,
                        "use the version of teeio that made it",
                        "%s: version %" G_GUINT64_FORMAT
                        " of the schema, this teeio reads version %d",
                        path, version, TEEIO_EVENT_VERSION);
        return false;
    }
    return true;
}

/* NULL: not a JSON object. */
static JsonObject *parse(JsonParser *parser, const char *line, size_t len)
{
    JsonNode *root = NULL;

    if (!memchr(line, '\0', len) &&
        json_parser_load_from_data(parser, line, len, NULL)) {
        root = json_parser_get_root(parser);
    }
    return root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root)
                                                : NULL;
}

static bool read_lines(struct teeio_events_file *file, const char *path,
                       FILE *stream, JsonParser *parser, teeio_event_fn *take,
                       void *opaque, GError **error)
{
    g_autofree char *line = NULL;
    unsigned number = 0;
    size_t room = 0;
    ssize_t len;

    while ((len = getline(&line, &room, stream)) > 0) {
        JsonObject *object = parse(parser, line, len);

        number++;
        if (!object && number > 1 && line[len - 1] != '\n') {
            file->truncated = true;
            return true;
        }
        if (!object && number > 1) {
            teeio_set_error(error, TEEIO_EXIT_USAGE,
                            "is the file complete and unchanged?",
                            "%s:%u: not a JSON object", path, number);
            return false;
        }
        if (number == 1) {
            file->header = object ? json_object_ref(object) : NULL;
            if (!check_header(file, path, error)) {
                return false;
            }
        } else {
            take(opaque, object);
        }
    }
    return number > 0 || check_header(file, path, error);
}

bool teeio_events_each(struct teeio_events_file *file, const char *path,
                       teeio_event_fn *take, void *opaque, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    FILE *stream = fopen(path, "r");
    bool good;

    *file = (struct teeio_events_file){0};
    if (!stream) {
        teeio_set_error(error, TEEIO_EXIT_USAGE,
                        "give an events.jsonl, or the folder of one boot",
                        "%s: %s", path, g_strerror(errno));
        return false;
    }
    good = read_lines(file, path, stream, parser, take, opaque, error);
    if (good && ferror(stream)) {
        teeio_set_error(error, TEEIO_EXIT_RIG, NULL, "%s: cannot be read",
                        path);
        good = false;
    }
    fclose(stream);
    return good;
}

void teeio_events_file_clear(struct teeio_events_file *file)
{
    g_clear_pointer(&file->header, json_object_unref);
}
