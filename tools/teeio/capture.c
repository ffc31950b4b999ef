/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Reading events.jsonl: counts, findings, and what stood around them.
 *
 * One pass, one line in memory at a time, and a second pass only for the
 * earlier events that findings refer to.
 */
#define _GNU_SOURCE

#include "capture.h"
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096u

struct owned {
    guint64 base;
    guint64 size;
    char owner;
};

struct reader {
    struct teeio_capture *capture;
    JsonParser *parser;
    GArray *owned;
    GHashTable *states; /* requester to TDISP state */
    char initial_owner;
    unsigned step;
    bool enabled;
    bool vtd; /* it is a VT-d unit that is on */
};

const char *teeio_json_string(JsonObject *object, const char *name)
{
    JsonNode *node = object ? json_object_get_member(object, name) : NULL;

    if (node && JSON_NODE_HOLDS_VALUE(node) &&
        json_node_get_value_type(node) == G_TYPE_STRING) {
        return json_node_get_string(node);
    }
    return "";
}

/* Small numbers are JSON numbers, 64-bit ones hexadecimal strings. */
guint64 teeio_json_number(JsonObject *object, const char *name)
{
    JsonNode *node = object ? json_object_get_member(object, name) : NULL;

    if (!node || !JSON_NODE_HOLDS_VALUE(node)) {
        return 0;
    }
    if (json_node_get_value_type(node) == G_TYPE_STRING) {
        return g_ascii_strtoull(json_node_get_string(node), NULL, 0);
    }
    return json_node_get_int(node);
}

static void free_finding(void *data)
{
    struct teeio_finding *finding = data;

    g_free(finding->kind);
    g_free(finding->text);
    g_free(finding->state);
    g_clear_pointer(&finding->tlp, json_object_unref);
    g_clear_pointer(&finding->earlier, json_object_unref);
    g_free(finding);
}

void teeio_capture_init(struct teeio_capture *capture)
{
    memset(capture, 0, sizeof(*capture));
    capture->findings = g_ptr_array_new_with_free_func(free_finding);
    capture->fault_names =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    capture->command_names =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    capture->disabled =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    capture->senders =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void teeio_capture_clear(struct teeio_capture *capture)
{
    g_clear_pointer(&capture->findings, g_ptr_array_unref);
    g_clear_pointer(&capture->fault_names, g_hash_table_unref);
    g_clear_pointer(&capture->disabled, g_hash_table_unref);
    g_clear_pointer(&capture->senders, g_hash_table_unref);
    g_clear_pointer(&capture->command_names, g_hash_table_unref);
    g_clear_pointer(&capture->qemu, g_free);
}

/* VT-d 3.14: without a PASID these addresses are for interrupts. */
static bool is_interrupt(const struct reader *r, JsonObject *event)
{
    guint64 address = teeio_json_number(event, "addr");

    return r->vtd && address >= 0xfee00000 && address <= 0xfeefffff &&
           json_object_get_null_member(event, "pasid");
}

/* A VT-d unit has domains of stage 2 only. */
static bool is_translated(const struct reader *r, JsonObject *event)
{
    const char *s1 = teeio_json_string(event, "s1");

    return g_str_equal(s1, "ok") ||
           (r->vtd && g_str_equal(s1, "bypass") &&
            g_str_equal(teeio_json_string(event, "s2"), "ok"));
}

static void take_tlp(struct reader *r, JsonObject *event)
{
    struct teeio_capture *capture = r->capture;
    bool translated = is_translated(r, event);
    const char *disabled = teeio_json_string(event, "disabled");

    if (*disabled) {
        g_hash_table_add(capture->disabled, g_strdup(disabled));
    }
    /* What the TDI itself reports was asked for, and did not leave it. */
    if (!g_str_equal(teeio_json_string(event, "src"), "tdi")) {
        g_hash_table_add(capture->senders,
                         g_strdup_printf("%s t=%" G_GUINT64_FORMAT,
                                         teeio_json_string(event, "requester"),
                                         teeio_json_number(event, "t")));
    }
    capture->tlps++;
    capture->tlps_t1 += teeio_json_number(event, "t");
    capture->translated += translated;
    if (r->enabled && !translated && !is_interrupt(r, event)) {
        if (!capture->outside) {
            capture->first_outside = teeio_json_number(event, "seq");
        }
        capture->outside++;
    }
}

static void take_owner(struct reader *r, JsonObject *event)
{
    bool private = g_str_equal(teeio_json_string(event, "owner"), "private");
    struct owned range = {
        .base = teeio_json_number(event, "base"),
        .size = teeio_json_number(event, "size"),
        .owner = private ? 'P' : 'S',
    };

    g_array_append_val(r->owned, range);
}

static void take_tdisp(struct reader *r, JsonObject *event)
{
    g_hash_table_replace(r->states,
                         g_strdup(teeio_json_string(event, "requester")),
                         g_strdup(teeio_json_string(event, "to")));
}

static char owner_of(const struct reader *r, guint64 page)
{
    guint i;

    for (i = r->owned->len; i > 0; i--) {
        const struct owned *range =
            &g_array_index(r->owned, struct owned, i - 1);

        if (page >= range->base && page - range->base < range->size) {
            return range->owner;
        }
    }
    return r->initial_owner;
}

static void draw_map(const struct reader *r, struct teeio_finding *finding)
{
    guint64 out = teeio_json_number(finding->tlp, "out");
    const char *owner = teeio_json_string(finding->tlp, "owner");
    guint64 page = out & ~(guint64)(PAGE - 1);
    size_t i;

    /* No page of guest memory was reached: nothing to draw. */
    if (!out || !r->initial_owner || g_str_equal(owner, "none")) {
        return;
    }
    finding->map_base = page & ~(guint64)(PAGE * TEEIO_MAP_PAGES - 1);
    for (i = 0; i < TEEIO_MAP_PAGES; i++) {
        finding->map[i] = owner_of(r, finding->map_base + i * PAGE);
    }
}

static void take_finding(struct reader *r, JsonObject *event)
{
    struct teeio_finding *finding = g_new0(struct teeio_finding, 1);
    JsonNode *tlp = json_object_get_member(event, "tlp");
    const char *state = NULL;

    finding->kind = g_strdup(teeio_json_string(event, "finding"));
    finding->text = g_strdup(teeio_json_string(event, "text"));
    finding->seq = teeio_json_number(event, "seq");
    finding->trigger = teeio_json_number(event, "trigger");
    finding->related = teeio_json_number(event, "related");
    finding->step = r->step;
    if (tlp && JSON_NODE_HOLDS_OBJECT(tlp)) {
        finding->tlp = json_object_ref(json_node_get_object(tlp));
        state = g_hash_table_lookup(
            r->states, teeio_json_string(finding->tlp, "requester"));
    }
    finding->state = g_strdup(state ? state : "CONFIG_UNLOCKED");
    draw_map(r, finding);
    g_ptr_array_add(r->capture->findings, finding);
}

static void take_event(struct reader *r, JsonObject *event)
{
    const char *ev = teeio_json_string(event, "ev");
    const char *qemu = teeio_json_string(event, "qemu");

    /* Of the header alone. */
    if (*qemu && !r->capture->qemu) {
        r->capture->qemu = g_strdup(qemu);
    }
    if (g_str_equal(ev, "tlp")) {
        take_tlp(r, event);
    } else if (g_str_equal(ev, "fault")) {
        r->capture->faults++;
        g_hash_table_add(r->capture->fault_names,
                         g_strdup(teeio_json_string(event, "name")));
    } else if (g_str_equal(ev, "command")) {
        r->capture->commands++;
        g_hash_table_add(r->capture->command_names,
                         g_strdup(teeio_json_string(event, "name")));
    } else if (g_str_equal(ev, "enable")) {
        /* A kernel that shuts down switches it off, and its devices go on. */
        r->enabled =
            json_object_get_boolean_member_with_default(event, "on", FALSE);
        r->vtd = g_str_equal(teeio_json_string(event, "src"), "vtd");
    } else if (g_str_equal(ev, "tdisp")) {
        take_tdisp(r, event);
    } else if (g_str_equal(ev, "owner")) {
        take_owner(r, event);
    } else if (g_str_equal(ev, "canary")) {
        r->capture->canary_shared = teeio_json_number(event, "shared");
        r->capture->canary_private = teeio_json_number(event, "private");
    } else if (g_str_equal(ev, "marker")) {
        r->step = teeio_json_number(event, "value");
    } else if (g_str_equal(ev, "finding")) {
        take_finding(r, event);
    }
}

static void take_earlier(struct reader *r, JsonObject *event)
{
    guint64 seq = teeio_json_number(event, "seq");
    guint i;

    if (g_str_equal(teeio_json_string(event, "ev"), "marker")) {
        r->step = teeio_json_number(event, "value");
    }
    for (i = 0; i < r->capture->findings->len; i++) {
        struct teeio_finding *finding = r->capture->findings->pdata[i];

        if (seq && finding->related == seq && !finding->earlier) {
            finding->earlier = json_object_ref(event);
            finding->earlier_step = r->step;
        }
    }
}

static bool each_line(struct reader *r, const char *path,
                      void (*take)(struct reader *, JsonObject *),
                      GError **error)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    bool good = true;
    unsigned number = 0;

    if (!file) {
        teeio_set_error(error, TEEIO_EXIT_RIG,
                        "does the plug-in load? 'teeio check' tells",
                        "events: %s: %s", path, g_strerror(errno));
        return false;
    }
    while (good && getline(&line, &room, file) > 0) {
        JsonNode *root;

        number++;
        good = json_parser_load_from_data(r->parser, line, -1, NULL);
        root = good ? json_parser_get_root(r->parser) : NULL;
        good = root && JSON_NODE_HOLDS_OBJECT(root);
        if (good) {
            take(r, json_node_get_object(root));
        }
    }
    free(line);
    fclose(file);
    if (!good) {
        teeio_set_error(error, TEEIO_EXIT_RIG,
                        "was QEMU killed while it wrote?",
                        "events: %s:%u: not a JSON object", path, number);
    }
    return good;
}

static bool any_related(const struct teeio_capture *capture)
{
    guint i;

    for (i = 0; i < capture->findings->len; i++) {
        const struct teeio_finding *finding = capture->findings->pdata[i];

        if (finding->related) {
            return true;
        }
    }
    return false;
}

bool teeio_capture_read(struct teeio_capture *capture, const char *path,
                        char initial_owner, GError **error)
{
    struct reader r = {.capture = capture, .initial_owner = initial_owner};
    bool good;

    r.parser = json_parser_new();
    r.owned = g_array_new(FALSE, FALSE, sizeof(struct owned));
    r.states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    good = each_line(&r, path, take_event, error);
    if (good && any_related(capture)) {
        r.step = 0;
        good = each_line(&r, path, take_earlier, error);
    }
    g_object_unref(r.parser);
    g_array_unref(r.owned);
    g_hash_table_unref(r.states);
    return good;
}
