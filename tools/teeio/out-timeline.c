/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Events as a Chrome trace, which Perfetto opens: a lane for the TLPs of each
 * requester, the IOMMU, the state of each TDI, and the guest's markers.
 */
#include "artefacts.h"
#include "capture.h"
#include "convert.h"

#include <string.h>

enum { GROUP_TLP = 1, GROUP_IOMMU, GROUP_TDISP, GROUP_GUEST, GROUP_SANITIZER };

/*
 * @lanes: group and name of a lane to its number
 * @open:  lanes with a slice that has begun
 */
struct timeline {
    GHashTable *lanes;
    GHashTable *open;
    guint64 last;
    bool first;
};

static void put(GByteArray *out, const char *text)
{
    g_byte_array_append(out, (const guint8 *)text, strlen(text));
}

static void put_format(GByteArray *out, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static void put_format(GByteArray *out, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    put(out, text);
}

static void put_string(GByteArray *out, const char *text)
{
    g_autoptr(JsonNode) node = json_node_init_string(json_node_alloc(), text);
    g_autofree char *json = json_to_string(node, FALSE);

    put(out, json);
}

static void *create(void)
{
    struct timeline *t = g_new0(struct timeline, 1);

    t->lanes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    t->open = g_hash_table_new(g_direct_hash, g_direct_equal);
    t->first = true;
    return t;
}

/* The head of a trace event; the caller adds members and "}". */
static void open_event(struct timeline *t, GByteArray *out, const char *phase,
                       unsigned group, unsigned lane)
{
    put_format(out, "%s{\"ph\":\"%s\",\"pid\":%u,\"tid\":%u",
               t->first ? "" : ",\n", phase, group, lane);
    t->first = false;
}

/* The format counts in microseconds. */
static void put_time(GByteArray *out, guint64 t_ns)
{
    put_format(out, ",\"ts\":%" G_GUINT64_FORMAT ".%03u", t_ns / 1000,
               (unsigned)(t_ns % 1000));
}

static void put_name(struct timeline *t, GByteArray *out, const char *what,
                     unsigned group, unsigned lane, const char *name)
{
    open_event(t, out, "M", group, lane);
    put_format(out, ",\"name\":\"%s\",\"args\":{\"name\":", what);
    put_string(out, name);
    put(out, "}}");
}

static void begin(void *state, JsonObject *header, GByteArray *out)
{
    static const char *const groups[] = {[GROUP_TLP] = "TLPs",
                                         [GROUP_IOMMU] = "IOMMU",
                                         [GROUP_TDISP] = "TDISP state",
                                         [GROUP_GUEST] = "guest",
                                         [GROUP_SANITIZER] = "sanitizer"};
    struct timeline *t = state;

    put(out, "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"tool\":");
    put_string(out, teeio_json_string(header, "tool"));
    put(out, ",\"qemu\":");
    put_string(out, teeio_json_string(header, "qemu"));
    put(out, "},\n\"traceEvents\":[\n");
    for (unsigned i = 1; i < G_N_ELEMENTS(groups); i++) {
        put_name(t, out, "process_name", i, 0, groups[i]);
    }
}

/* Its number; a lane that is new gets its name first. */
static unsigned find_lane(struct timeline *t, GByteArray *out, unsigned group,
                          const char *name)
{
    g_autofree char *key = g_strdup_printf("%u %s", group, name);
    unsigned lane = GPOINTER_TO_UINT(g_hash_table_lookup(t->lanes, key));

    if (!lane) {
        lane = g_hash_table_size(t->lanes) + 1;
        g_hash_table_insert(t->lanes, g_steal_pointer(&key),
                            GUINT_TO_POINTER(lane));
        put_name(t, out, "thread_name", group, lane, name);
    }
    return lane;
}

static void put_args(GByteArray *out, JsonObject *event)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autofree char *json = NULL;

    json_node_set_object(node, event);
    json = json_to_string(node, FALSE);
    put(out, ",\"args\":");
    put(out, json);
    put(out, "}");
}

static void put_instant(struct timeline *t, GByteArray *out, unsigned group,
                        const char *lane, const char *name, JsonObject *event)
{
    unsigned number = find_lane(t, out, group, lane);

    open_event(t, out, "i", group, number);
    put_time(out, teeio_json_number(event, "t_ns"));
    put(out, ",\"s\":\"t\",\"name\":");
    put_string(out, name);
    put_args(out, event);
}

/* Ends the slice of the lane, if any, and begins the next. */
static void put_slice(struct timeline *t, GByteArray *out, unsigned group,
                      const char *lane, const char *name, JsonObject *event)
{
    unsigned number = find_lane(t, out, group, lane);
    guint64 now = teeio_json_number(event, "t_ns");

    if (!g_hash_table_add(t->open, GUINT_TO_POINTER(group << 24 | number))) {
        open_event(t, out, "E", group, number);
        put_time(out, now);
        put(out, "}");
    }
    open_event(t, out, "B", group, number);
    put_time(out, now);
    put(out, ",\"name\":");
    put_string(out, name);
    put_args(out, event);
}

static void take_tlp(struct timeline *t, JsonObject *event, GByteArray *out)
{
    const char *verdict = teeio_json_string(event, "verdict");
    bool good = g_str_equal(verdict, "ok");
    g_autofree char *name =
        g_strdup_printf("%s T=%u%s%s", teeio_json_string(event, "type"),
                        (unsigned)teeio_json_number(event, "t"),
                        good ? "" : " ", good ? "" : verdict);

    put_instant(t, out, GROUP_TLP, teeio_json_string(event, "requester"), name,
                event);
}

static void event(void *state, JsonObject *event, GByteArray *out)
{
    struct timeline *t = state;
    const char *ev = teeio_json_string(event, "ev");
    const char *source = teeio_json_string(event, "src");

    t->last = MAX(t->last, teeio_json_number(event, "t_ns"));
    if (g_str_equal(ev, "tlp")) {
        take_tlp(t, event, out);
    } else if (g_str_equal(ev, "command") || g_str_equal(ev, "fault")) {
        put_instant(t, out, GROUP_IOMMU, source,
                    teeio_json_string(event, "name"), event);
    } else if (g_str_equal(ev, "enable")) {
        put_instant(t, out, GROUP_IOMMU, source, "enable", event);
    } else if (g_str_equal(ev, "tdisp")) {
        put_slice(t, out, GROUP_TDISP, teeio_json_string(event, "requester"),
                  teeio_json_string(event, "to"), event);
    } else if (g_str_equal(ev, "marker")) {
        put_slice(t, out, GROUP_GUEST, "steps",
                  teeio_json_string(event, "value"), event);
    } else if (g_str_equal(ev, "finding")) {
        put_instant(t, out, GROUP_SANITIZER, source,
                    teeio_json_string(event, "finding"), event);
    } else {
        put_instant(t, out, GROUP_GUEST, source, ev, event);
    }
}

static void end(void *state, GByteArray *out)
{
    struct timeline *t = state;
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, t->open);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        unsigned id = GPOINTER_TO_UINT(key);

        open_event(t, out, "E", id >> 24, id & 0xffffff);
        put_time(out, t->last);
        put(out, "}");
    }
    put(out, "\n]}\n");
    g_hash_table_unref(t->lanes);
    g_hash_table_unref(t->open);
    g_free(t);
}

const struct teeio_format teeio_format_timeline = {
    .name = "timeline",
    .file = TEEIO_TIMELINE,
    .create = create,
    .begin = begin,
    .event = event,
    .end = end,
};
