/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "teeio/event.h"

/* Bounds a name, so that the length of a line has a bound too. */
#define NAME_MAX_CHARS 64

struct line {
    char *buf;
    size_t len;
};

static void put(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct line *line, const char *format, ...)
{
    size_t room = TEEIO_EVENT_LINE - line->len;
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(line->buf + line->len, room, format, args);
    va_end(args);
    if (len > 0) {
        line->len += (size_t)len < room ? (size_t)len : room - 1;
    }
}

static void put_char(struct line *line, char c)
{
    if (line->len + 1 < TEEIO_EVENT_LINE) {
        line->buf[line->len++] = c;
        line->buf[line->len] = '\0';
    }
}

/* A JSON string of at most @max characters, or null. */
static void put_string(struct line *line, const char *s, size_t max)
{
    if (!s) {
        put(line, "null");
        return;
    }
    put_char(line, '"');
    for (size_t i = 0; i < max && s[i]; i++) {
        if (s[i] == '"' || s[i] == '\\') {
            put_char(line, '\\');
        }
        put_char(line, s[i] >= 0x20 && s[i] < 0x7f ? s[i] : '?');
    }
    put_char(line, '"');
}

static void put_name(struct line *line, const char *key, const char *name)
{
    put(line, ",\"%s\":", key);
    put_string(line, name, NAME_MAX_CHARS);
}

static void put_hex(struct line *line, const char *key, uint64_t value)
{
    put(line, ",\"%s\":\"0x%" PRIx64 "\"", key, value);
}

static void put_route(struct line *line, const struct teeio_dma *dma)
{
    static const char *const routes[TEEIO_ROUTES] = {
        [TEEIO_ROUTE_UPSTREAM] = "upstream",
        [TEEIO_ROUTE_REJECTED] = "rejected",
        [TEEIO_ROUTE_PEER] = "peer",
    };
    char bdf[TEEIO_BDF_SIZE];

    put_name(line, "route", routes[dma->route]);
    if (dma->route == TEEIO_ROUTE_PEER) {
        put_name(line, "peer", teeio_tlp_bdf(dma->path.peer, bdf));
    }
    if (dma->path.refusal) {
        put_name(line, "refusal", teeio_refusal_name(dma->path.refusal));
    }
    if (dma->path.ide) {
        put_name(line, "reason", teeio_ide_verdict_name(dma->path.ide));
    }
    if (dma->path.detected) {
        put_name(line, "detector", teeio_tlp_bdf(dma->path.detector, bdf));
    }
    if (dma->path.acs) {
        put_name(line, "acs", teeio_acs_name(dma->path.acs));
    }
    if (dma->path.completion_upstream) {
        put_name(line, "completion", "upstream");
    }
}

static void put_tlp(struct line *line, const struct teeio_dma *dma)
{
    static const char *const origins[TEEIO_ORIGINS] = {
        [TEEIO_ORIGIN_TDI] = "tdi",
        [TEEIO_ORIGIN_CORE] = "core",
    };
    const struct teeio_tlp *tlp = &dma->tlp;
    const struct teeio_translation *xlate = &dma->xlate;
    bool arrived = dma->route != TEEIO_ROUTE_REJECTED;
    char bdf[TEEIO_BDF_SIZE];

    put(line, "\"type\":\"%s\",\"origin\":\"%s\",\"requester\":\"%s\"",
        teeio_tlp_kind_name(tlp->kind), origins[tlp->origin],
        teeio_tlp_bdf(tlp->requester, bdf));
    if (tlp->at != TEEIO_AT_UNTRANSLATED) {
        put_name(line, "at",
                 tlp->at == TEEIO_AT_TRANSLATED ? "translated" : "request");
    }
    put_hex(line, "addr", tlp->address);
    put(line, ",\"len\":%" PRIu32 ",\"t\":%d,\"xt\":%d", tlp->length, tlp->t,
        tlp->xt);
    if (tlp->pasid_valid) {
        put_hex(line, "pasid", tlp->pasid);
    } else {
        put(line, ",\"pasid\":null");
    }
    if (tlp->privileged) {
        put(line, ",\"pmr\":1");
    }
    if (tlp->execute) {
        put(line, ",\"exe\":1");
    }
    if (tlp->ide) {
        put(line, ",\"ide\":%u", tlp->stream);
    }
    put_route(line, dma);
    put_name(line, "s1", teeio_stage_name(xlate->s1));
    put_name(line, "s2", teeio_stage_name(xlate->s2));
    put_name(line, "via", teeio_via_name(xlate->via));
    if (arrived && xlate->verdict == TEEIO_VERDICT_OK) {
        put_hex(line, "out", xlate->output);
    } else {
        put(line, ",\"out\":null");
    }
    put_name(line, "owner", teeio_owner_name(dma->owner));
    if (xlate->expected != TEEIO_OWNER_NONE) {
        put_name(line, "expected", teeio_owner_name(xlate->expected));
    }
    if (dma->reach != TEEIO_REACH_FREE) {
        put_name(line, "reach", teeio_reach_name(dma->reach));
    }
    put_name(line, "fault", xlate->fault.present ? xlate->fault.name : NULL);
    put_name(line, "verdict", teeio_verdict_name(dma->verdict));
    if (dma->misplaced) {
        put_name(line, "bank", "shared");
    }
    if (xlate->disabled != TEEIO_DISABLED_ARCHITECTED) {
        put_name(line, "disabled",
                 teeio_disabled_profile_name(xlate->disabled));
        put_name(line, "when", teeio_disabled_when_name(xlate->when));
    }
}

static void put_fault(struct line *line, const struct teeio_event_fault *event)
{
    const struct teeio_fault *fault = &event->fault;

    put_hex(line, "stream", event->stream);
    put_name(line, "name", fault->name);
    put(line,
        ",\"stage\":%u,\"record\":[\"0x%" PRIx64 "\",\"0x%" PRIx64
        "\",\"0x%" PRIx64 "\",\"0x%" PRIx64 "\"],\"queued\":%s",
        fault->stage, fault->dw[0], fault->dw[1], fault->dw[2], fault->dw[3],
        event->queued ? "true" : "false");
}

static void put_command(struct line *line,
                        const struct teeio_event_command *command)
{
    put_name(line, "name", command->name);
    put(line, ",\"dw\":[\"0x%" PRIx64 "\",\"0x%" PRIx64 "\"]", command->dw[0],
        command->dw[1]);
    put_name(line, "error", command->error);
}

static void put_tdisp(struct line *line, const struct teeio_event_tdisp *tdisp)
{
    char bdf[TEEIO_BDF_SIZE];

    put_name(line, "requester", teeio_tlp_bdf(tdisp->requester, bdf));
    put_name(line, "input", teeio_tdisp_input_name(tdisp->input));
    put_name(line, "from", teeio_tdisp_state_name(tdisp->from));
    put_name(line, "to", teeio_tdisp_state_name(tdisp->to));
    put_name(line, "error", teeio_tdisp_error_name(tdisp->error));
    put_name(line, "cause", tdisp->cause);
}

static void put_finding(struct line *line,
                        const struct teeio_event_finding *finding)
{
    put_name(line, "finding", teeio_finding_name(finding->kind));
    put(line, ",\"trigger\":%" PRIu64 ",\"related\":%" PRIu64 ",\"text\":",
        finding->trigger, finding->related);
    put_string(line, finding->text, sizeof(finding->text));
    put(line, ",\"tlp\":{");
    put_tlp(line, &finding->dma);
    put(line, "}");
}

static void put_members(struct line *line, const struct teeio_event *event)
{
    switch (event->kind) {
    case TEEIO_EVENT_TLP:
        put(line, ",");
        put_tlp(line, &event->u.dma);
        break;
    case TEEIO_EVENT_FAULT:
        put_fault(line, &event->u.fault);
        break;
    case TEEIO_EVENT_COMMAND:
        put_command(line, &event->u.command);
        break;
    case TEEIO_EVENT_ENABLE:
        put(line, ",\"on\":%s", event->u.enabled ? "true" : "false");
        break;
    case TEEIO_EVENT_TDISP:
        put_tdisp(line, &event->u.tdisp);
        break;
    case TEEIO_EVENT_OWNER:
        put_hex(line, "base", event->u.owner.base);
        put_hex(line, "size", event->u.owner.size);
        put_name(line, "owner", teeio_owner_name(event->u.owner.owner));
        break;
    case TEEIO_EVENT_MARKER:
        put_hex(line, "value", event->u.marker);
        break;
    case TEEIO_EVENT_FINDING:
        put_finding(line, &event->u.finding);
        break;
    case TEEIO_EVENT_CANARY:
        put(line, ",\"shared\":%" PRIu64 ",\"private\":%" PRIu64,
            event->u.canary.shared, event->u.canary.private);
        break;
    case TEEIO_EVENT_RESET:
    case TEEIO_EVENT_KINDS:
        break;
    }
}

size_t teeio_event_format(const struct teeio_event *event,
                          char buf[TEEIO_EVENT_LINE])
{
    struct line line = {.buf = buf};

    put(&line, "{\"seq\":%" PRIu64 ",\"t_ns\":%" PRIu64, event->seq,
        event->t_ns);
    put_name(&line, "src", event->source);
    put_name(&line, "ev", teeio_event_kind_name(event->kind));
    put_members(&line, event);
    put(&line, "}");
    return line.len;
}

const char *teeio_event_kind_name(enum teeio_event_kind kind)
{
    static const char *const names[TEEIO_EVENT_KINDS] = {
        [TEEIO_EVENT_TLP] = "tlp",         [TEEIO_EVENT_FAULT] = "fault",
        [TEEIO_EVENT_COMMAND] = "command", [TEEIO_EVENT_ENABLE] = "enable",
        [TEEIO_EVENT_TDISP] = "tdisp",     [TEEIO_EVENT_OWNER] = "owner",
        [TEEIO_EVENT_MARKER] = "marker",   [TEEIO_EVENT_FINDING] = "finding",
        [TEEIO_EVENT_RESET] = "reset",     [TEEIO_EVENT_CANARY] = "canary",
    };

    return (unsigned)kind < TEEIO_EVENT_KINDS ? names[kind] : "?";
}

const char *teeio_finding_name(enum teeio_finding_kind kind)
{
    static const char *const names[TEEIO_FINDINGS] = {
        [TEEIO_FINDING_T0_TO_PRIVATE] = "t0-to-private",
        [TEEIO_FINDING_IDENTITY_FLIP] = "identity-flip",
        [TEEIO_FINDING_T1_SHARED_TABLE] = "t1-shared-table",
        [TEEIO_FINDING_T1_OUTSIDE_RUN] = "t1-outside-run",
        [TEEIO_FINDING_P2P_AROUND_IOMMU] = "p2p-around-iommu",
        [TEEIO_FINDING_OUTSIDE_WINDOW] = "outside-window",
        [TEEIO_FINDING_OUTSIDE_POOL] = "outside-pool",
        [TEEIO_FINDING_FOREIGN_POOL] = "foreign-pool",
    };

    return (unsigned)kind < TEEIO_FINDINGS ? names[kind] : "?";
}
