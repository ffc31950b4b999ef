/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Events as the page needs them, and the time axis.
 */
#include "capture.h"
#include "html.h"

void html_model_init(struct html_model *model)
{
    *model = (struct html_model){
        .strings = g_string_chunk_new(4096),
        .events = g_array_new(FALSE, FALSE, sizeof(struct html_event)),
        .segments = g_array_new(FALSE, FALSE, sizeof(struct html_segment)),
        .findings = g_array_new(FALSE, FALSE, sizeof(struct html_finding)),
        .states = g_hash_table_new(g_str_hash, g_str_equal),
    };
}

void html_model_clear(struct html_model *model)
{
    guint i;

    for (i = 0; i < model->findings->len; i++) {
        g_clear_pointer(
            &g_array_index(model->findings, struct html_finding, i).tlp,
            json_object_unref);
    }
    g_string_chunk_free(model->strings);
    g_array_unref(model->events);
    g_array_unref(model->segments);
    g_array_unref(model->findings);
    g_hash_table_unref(model->states);
}

static const char *keep(struct html_model *model, JsonObject *event,
                        const char *name)
{
    return g_string_chunk_insert_const(model->strings,
                                       teeio_json_string(event, name));
}

static enum html_kind kind_of(const char *ev)
{
    static const char *const names[HTML_OTHER] = {
        [HTML_TLP] = "tlp",         [HTML_COMMAND] = "command",
        [HTML_FAULT] = "fault",     [HTML_TDISP] = "tdisp",
        [HTML_OWNER] = "owner",     [HTML_MARKER] = "marker",
        [HTML_FINDING] = "finding",
    };
    enum html_kind kind = HTML_TLP;

    while (kind < HTML_OTHER && !g_str_equal(names[kind], ev)) {
        kind++;
    }
    return kind;
}

static enum html_owner owner_of(JsonObject *event)
{
    static const char *const names[HTML_OWNERS] = {
        [HTML_PRIVATE] = "private",
        [HTML_SHARED] = "shared",
        [HTML_NO_RAM] = "none",
    };
    const char *name = teeio_json_string(event, "owner");
    enum html_owner owner;

    for (owner = HTML_PRIVATE; owner < HTML_OWNERS; owner++) {
        if (g_str_equal(names[owner], name)) {
            return owner;
        }
    }
    return HTML_UNKNOWN;
}

static void take_tlp(struct html_model *model, struct html_event *e,
                     JsonObject *event)
{
    bool stopped, trusted;

    e->lane = keep(model, event, "requester");
    e->name = keep(model, event, "type");
    e->from = keep(model, event, "verdict");
    e->stage = keep(model, event, "s1");
    e->via = keep(model, event, "via");
    e->fault = keep(model, event, "fault");
    e->address = teeio_json_number(event, "addr");
    e->size = teeio_json_number(event, "len");
    e->reached = *teeio_json_string(event, "out") != '\0';
    e->out = teeio_json_number(event, "out");
    e->owner = owner_of(event);
    trusted = teeio_json_number(event, "t") != 0;
    stopped = !g_str_equal(e->from, "ok");
    e->class = (trusted ? HTML_T1 : HTML_T0) + (stopped ? HTML_T0_STOPPED : 0);
    model->classes[e->class]++;
}

static void take_finding(struct html_model *model, struct html_event *e,
                         JsonObject *event)
{
    struct html_finding finding = {
        .event = model->events->len,
        .trigger = teeio_json_number(event, "trigger"),
        .related = teeio_json_number(event, "related"),
        .text = keep(model, event, "text"),
        .state = "CONFIG_UNLOCKED",
    };
    JsonNode *tlp = json_object_get_member(event, "tlp");
    const char *state;

    e->name = keep(model, event, "finding");
    if (model->findings->len == HTML_FINDINGS) {
        return;
    }
    if (tlp && JSON_NODE_HOLDS_OBJECT(tlp)) {
        finding.tlp = json_object_ref(json_node_get_object(tlp));
        state = g_hash_table_lookup(
            model->states, teeio_json_string(finding.tlp, "requester"));
        finding.state = state ? state : finding.state;
    }
    g_array_append_val(model->findings, finding);
}

static void take_tdisp(struct html_model *model, struct html_event *e,
                       JsonObject *event)
{
    e->lane = keep(model, event, "requester");
    e->from = keep(model, event, "from");
    e->name = keep(model, event, "to");
    g_hash_table_replace(model->states, (void *)e->lane, (void *)e->name);
}

void html_model_add(struct html_model *model, JsonObject *event)
{
    const char *ev = teeio_json_string(event, "ev");
    struct html_event e = {
        .kind = kind_of(ev),
        .seq = teeio_json_number(event, "seq"),
        .t_ns = teeio_json_number(event, "t_ns"),
        .lane = keep(model, event, "src"),
        .name = keep(model, event, "name"),
    };

    switch (e.kind) {
    case HTML_TLP:
        take_tlp(model, &e, event);
        break;
    case HTML_TDISP:
        take_tdisp(model, &e, event);
        break;
    case HTML_OWNER:
        e.owner = owner_of(event);
        e.address = teeio_json_number(event, "base");
        e.size = teeio_json_number(event, "size");
        break;
    case HTML_MARKER:
        e.address = model->step = teeio_json_number(event, "value");
        break;
    case HTML_FINDING:
        take_finding(model, &e, event);
        break;
    case HTML_OTHER:
        e.name = keep(model, event, "ev");
        break;
    default:
        break;
    }
    e.step = model->step;
    model->counts[e.kind]++;
    g_array_append_val(model->events, e);
}

const struct html_event *html_event_at(const struct html_model *model, guint i)
{
    return &g_array_index(model->events, struct html_event, i);
}

const struct html_event *html_find_tlp(const struct html_model *model,
                                       guint64 seq)
{
    guint low = 0, high = model->events->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (html_event_at(model, middle)->seq < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == model->events->len || html_event_at(model, low)->seq != seq ||
        html_event_at(model, low)->kind != HTML_TLP) {
        return NULL;
    }
    return html_event_at(model, low);
}

unsigned html_finding_bin(const struct html_model *model, guint i)
{
    const struct html_finding *f =
        &g_array_index(model->findings, struct html_finding, i);
    const struct html_event *tlp = html_find_tlp(model, f->trigger);

    return tlp ? tlp->bin : html_event_at(model, f->event)->bin;
}

static void find_segments(struct html_model *model)
{
    guint i;

    for (i = 0; i < model->events->len; i++) {
        const struct html_event *e = html_event_at(model, i);
        struct html_segment segment = {e->step, e->t_ns, i, 0, 0, 0};

        if (i == 0 || e->kind == HTML_MARKER) {
            g_array_append_val(model->segments, segment);
        }
        g_array_index(model->segments, struct html_segment,
                      model->segments->len - 1)
            .count++;
    }
}

/*
 * Not to scale: a boot of seconds would leave no room for steps of
 * microseconds. Every step gets a column, the others go by the logarithm of
 * the number of events.
 */
static void lay_out_segments(struct html_model *model)
{
    guint n = model->segments->len;
    guint spare = n < HTML_BINS ? HTML_BINS - n : 0;
    guint64 total = 0, before = 0;
    guint i;

    for (i = 0; i < n; i++) {
        total += html_level(
            g_array_index(model->segments, struct html_segment, i).count);
    }
    for (i = 0; i < n; i++) {
        struct html_segment *s =
            &g_array_index(model->segments, struct html_segment, i);

        s->from =
            spare ? i + before * spare / total : (guint64)i * HTML_BINS / n;
        before += html_level(s->count);
        s->to = spare ? i + 1 + before * spare / total
                      : (guint64)(i + 1) * HTML_BINS / n;
        s->to = MAX(s->to, s->from + 1);
    }
}

void html_model_finish(struct html_model *model)
{
    guint i, j;

    find_segments(model);
    lay_out_segments(model);
    for (i = 0; i < model->segments->len; i++) {
        const struct html_segment *s =
            &g_array_index(model->segments, struct html_segment, i);

        for (j = 0; j < s->count; j++) {
            g_array_index(model->events, struct html_event, s->first + j).bin =
                s->from + (guint64)j * (s->to - s->from) / s->count;
        }
    }
}

GPtrArray *html_lanes(const struct html_model *model, unsigned kinds,
                      GArray *counts)
{
    GPtrArray *lanes = g_ptr_array_new();
    g_autoptr(GHashTable) known = g_hash_table_new(NULL, NULL);
    guint i, at;

    for (i = 0; i < model->events->len; i++) {
        const struct html_event *e = html_event_at(model, i);
        const guint64 none = 0;

        if (!(kinds & 1u << e->kind)) {
            continue;
        }
        at = GPOINTER_TO_UINT(g_hash_table_lookup(known, e->lane));
        if (!at) {
            g_ptr_array_add(lanes, (void *)e->lane);
            at = lanes->len;
            g_hash_table_insert(known, (void *)e->lane, GUINT_TO_POINTER(at));
            if (counts) {
                g_array_append_val(counts, none);
            }
        }
        if (counts) {
            g_array_index(counts, guint64, at - 1)++;
        }
    }
    return lanes;
}

static int compare_counts(const void *a, const void *b)
{
    const guint64 *x = a, *y = b;

    return *x < *y ? 1 : *x > *y ? -1 : 0;
}

guint html_pick_lanes(GPtrArray *lanes, GArray *counts, guint most)
{
    g_autoptr(GArray) sorted = g_array_copy(counts);
    guint all = lanes->len, room = most, kept = 0, i;
    guint64 least;

    if (all <= most) {
        return 0;
    }
    g_array_sort(sorted, compare_counts);
    least = g_array_index(sorted, guint64, most - 1);
    for (i = 0; g_array_index(sorted, guint64, i) > least; i++) {
        room--;
    }
    for (i = 0; i < all; i++) {
        guint64 count = g_array_index(counts, guint64, i);

        if (count > least || (count == least && room)) {
            room -= count == least;
            lanes->pdata[kept] = lanes->pdata[i];
            g_array_index(counts, guint64, kept++) = count;
        }
    }
    g_ptr_array_set_size(lanes, (int)kept);
    return all - kept;
}
