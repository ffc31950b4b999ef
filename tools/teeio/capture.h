/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Reading events.jsonl: counts, findings, and what stood around them.
 */
#ifndef TEEIO_CAPTURE_H
#define TEEIO_CAPTURE_H

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#define TEEIO_MAP_PAGES 16

/**
 * struct teeio_finding - one finding with its surroundings
 * @step:    guest step that ran (its marker was the last), 0: none yet
 * @state:   the requester's TDISP state then
 * @tlp:     the DMA concerned
 * @earlier: the related event, or NULL
 * @earlier_step: the guest step of that one
 * @map:     owner letters of the pages around the output address, or ""
 * @map_base: address of the first of them
 * @expected: require or allow lists its kind
 */
struct teeio_finding {
    char *kind;
    char *text;
    guint64 seq;
    guint64 trigger;
    guint64 related;
    unsigned step;
    char *state;
    JsonObject *tlp;
    JsonObject *earlier;
    unsigned earlier_step;
    char map[TEEIO_MAP_PAGES + 1];
    guint64 map_base;
    bool expected;
};

/**
 * struct teeio_capture - what events.jsonl tells about one boot
 * @outside:       TLPs that no stage 1 translated while translation was on
 * @first_outside: number of the first of them
 * @fault_names:   set of strings
 * @command_names: set of strings
 * @disabled:      set of profiles that answered for an IOMMU
 * @senders:       set of "BDF t=N": each requester and the T that it sent
 * @canary_shared: how often it was found there at last
 * @qemu:          version of QEMU that the recording names, or NULL
 */
struct teeio_capture {
    guint64 tlps;
    guint64 tlps_t1;
    guint64 translated;
    guint64 outside;
    guint64 first_outside;
    guint64 faults;
    GHashTable *fault_names;
    GHashTable *disabled;
    GHashTable *senders;
    GHashTable *command_names;
    guint64 commands;
    guint64 canary_shared;
    guint64 canary_private;
    GPtrArray *findings;
    char *qemu;
};

void teeio_capture_init(struct teeio_capture *capture);
void teeio_capture_clear(struct teeio_capture *capture);

/**
 * teeio_capture_read() - fill @capture from the file
 * @initial_owner: 'P' or 'S', the owner of pages never reassigned; NUL: no
 *                 maps are wanted
 */
bool teeio_capture_read(struct teeio_capture *capture, const char *path,
                        char initial_owner, GError **error);

/* Members of an event object; a missing one reads as "", 0. */
const char *teeio_json_string(JsonObject *object, const char *name);
guint64 teeio_json_number(JsonObject *object, const char *name);

#endif
