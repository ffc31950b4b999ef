/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * report.html: one boot as a page that people read.
 *
 * The model keeps what the pictures need of each event; the parts of the page
 * are drawn from it when all events are known.
 */
#ifndef TEEIO_HTML_H
#define TEEIO_HTML_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

/* The time axis of both pictures, in columns of HTML_BIN pixels. */
#define HTML_BINS     160
#define HTML_BIN      6
#define HTML_GUTTER   168
#define HTML_PLOT     (HTML_BINS * HTML_BIN)
#define HTML_WIDTH    (HTML_GUTTER + HTML_PLOT + 8)

#define HTML_PAGE     4096u
#define HTML_FINDINGS 40 /* that are told in full */

enum html_kind {
    HTML_TLP,
    HTML_COMMAND,
    HTML_FAULT,
    HTML_TDISP,
    HTML_OWNER,
    HTML_MARKER,
    HTML_FINDING,
    HTML_OTHER,
};

/** enum html_class - what colours a TLP: T, and whether it was stopped */
enum html_class {
    HTML_T0,
    HTML_T1,
    HTML_T0_STOPPED,
    HTML_T1_STOPPED,
    HTML_CLASSES,
};

/** enum html_owner - of one page; HTML_MIXED: of several */
enum html_owner {
    HTML_UNKNOWN,
    HTML_PRIVATE,
    HTML_SHARED,
    HTML_NO_RAM,
    HTML_OWNERS,
    HTML_MIXED = HTML_OWNERS,
};

/**
 * struct html_event - what the page needs of one event
 * @lane:    requester, or the model that told it
 * @name:    type of a TLP, name of a command or fault, state that a TDI
 *           reached, kind of a finding
 * @from:    verdict of a TLP, state that a TDI left
 * @address: bus address of a TLP, first byte of an owner change, value of a
 *           marker
 * @size:    bytes
 * @out:     address that a TLP reached, if @reached
 * @step:    guest step that ran, 0: none yet
 * @bin:     column, when html_model_finish() has run
 *
 * Equal strings of one model are the same pointer.
 */
struct html_event {
    enum html_kind kind;
    enum html_class class;
    enum html_owner owner;
    bool reached;
    unsigned bin;
    guint64 seq;
    guint64 t_ns;
    guint64 address;
    guint64 size;
    guint64 out;
    guint64 step;
    const char *lane;
    const char *name;
    const char *from;
    const char *stage;
    const char *via;
    const char *fault;
};

/**
 * struct html_segment - one guest step, or what came before the first
 * @first, @count: its events
 * @from, @to:     its columns
 */
struct html_segment {
    guint64 step;
    guint64 t_ns;
    guint first;
    guint count;
    unsigned from;
    unsigned to;
};

/** struct html_finding - @event: its index; @tlp may be NULL */
struct html_finding {
    guint event;
    guint64 trigger;
    guint64 related;
    const char *text;
    const char *state;
    JsonObject *tlp;
};

/**
 * struct html_model - all that events.jsonl tells
 * @events:   struct html_event
 * @segments: struct html_segment
 * @findings: struct html_finding, the first HTML_FINDINGS
 * @states:   requester to TDISP state, while events come in
 */
struct html_model {
    GStringChunk *strings;
    GArray *events;
    GArray *segments;
    GArray *findings;
    GHashTable *states;
    guint64 counts[HTML_OTHER + 1];
    guint64 classes[HTML_CLASSES];
    guint64 step;
};

void html_model_init(struct html_model *model);
void html_model_clear(struct html_model *model);
void html_model_add(struct html_model *model, JsonObject *event);

/** html_model_finish() - lay out the time axis; no event comes after this */
void html_model_finish(struct html_model *model);

const struct html_event *html_event_at(const struct html_model *model, guint i);

/** html_find_tlp() - the TLP that is event @seq, or NULL */
const struct html_event *html_find_tlp(const struct html_model *model,
                                       guint64 seq);

/** html_finding_bin() - column of the TLP of finding @i, or of itself */
unsigned html_finding_bin(const struct html_model *model, guint i);

/**
 * html_lanes() - the distinct @lane of events of @kinds (a mask of 1 << kind)
 * @counts: events of each, guint64, in the same order; may be NULL
 *
 * Returns: in order of appearance; strings belong to the model.
 */
GPtrArray *html_lanes(const struct html_model *model, unsigned kinds,
                      GArray *counts);

/**
 * html_pick_lanes() - keep the @most busiest, in order of appearance
 *
 * Returns: how many were left out.
 */
guint html_pick_lanes(GPtrArray *lanes, GArray *counts, guint most);

/**
 * struct html_meta - the other artefacts of the boot, as far as they exist
 * @folder:  NULL: events alone
 * @result:  result.json, or NULL
 * @note:    why there are no events, or NULL
 */
struct html_meta {
    char *folder;
    JsonParser *parser;
    JsonObject *result;
    GKeyFile *scenario;
    char *args;
    char *env;
    char *summary;
    char *note;
};

void html_meta_load(struct html_meta *meta, const char *folder);
void html_meta_clear(struct html_meta *meta);

/** html_meta_step() - what the guest was told to do in step @id, or "" */
const char *html_meta_step(const struct html_meta *meta, guint64 id);

/** html_meta_expected() - does the scenario allow or require the finding? */
bool html_meta_expected(const struct html_meta *meta, guint64 trigger);

/** html_meta_block() - the text of a finding in summary.txt, or NULL */
char *html_meta_block(const struct html_meta *meta, guint64 trigger);

/* Writing. html_text() escapes; what is no character of a text shows as one. */
void html_text(GString *out, const char *text);
void html_add(GString *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** html_count() - 12345 as "12,345" */
void html_count(GString *out, guint64 count);
/** html_counted() - "1 fault", "2,345 faults" */
void html_counted(GString *out, guint64 count, const char *what);
/** html_time() - nanoseconds as "2.208 146 s" */
void html_time(GString *out, guint64 t_ns);
/** html_level() - 16 times the logarithm of @count + 1 to base 2, about */
unsigned html_level(guint64 count);
/** html_class_name() - "T=0 passed" */
const char *html_class_name(enum html_class class);
/** html_axis() - steps, their times, lines down to @height */
void html_axis(GString *out, const struct html_model *model,
               const struct html_meta *meta, int height);

/* Parts of the page. */
extern const char html_style[];
void html_header(GString *out, const struct html_meta *meta,
                 const struct html_model *model, JsonObject *header);
void html_steps(GString *out, const struct html_meta *meta);
void html_findings(GString *out, const struct html_meta *meta,
                   const struct html_model *model);
void html_timeline(GString *out, const struct html_meta *meta,
                   const struct html_model *model);
void html_pages(GString *out, const struct html_meta *meta,
                const struct html_model *model);
void html_table(GString *out, const struct html_model *model);

/**
 * teeio_html_folder() - write report.html from the artefacts in @folder
 *
 * Events that are missing or cannot be read are said so on the page.
 */
bool teeio_html_folder(const char *folder, GError **error);

#endif
