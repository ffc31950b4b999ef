/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/recorder.h"

static void emit(struct teeio_recorder *recorder, struct teeio_event *event,
                 uint64_t t_ns)
{
    event->seq = ++recorder->seq;
    event->t_ns = t_ns;
    if (event->kind == TEEIO_EVENT_FINDING) {
        recorder->findings[event->u.finding.kind]++;
    }
    if (recorder->sink) {
        recorder->sink(recorder->opaque, event);
    }
}

void teeio_recorder_append(struct teeio_recorder *recorder,
                           const struct teeio_event *event, uint64_t t_ns)
{
    struct teeio_event_finding findings[TEEIO_FINDINGS_PER_EVENT];
    struct teeio_event stamped = *event;
    unsigned count;

    emit(recorder, &stamped, t_ns);
    if (!recorder->sanitizer) {
        return;
    }
    count = teeio_sanitizer_judge(recorder->sanitizer, &stamped, findings);
    for (unsigned i = 0; i < count; i++) {
        struct teeio_event finding = {
            .kind = TEEIO_EVENT_FINDING,
            .source = "sanitizer",
            .u.finding = findings[i],
        };

        emit(recorder, &finding, t_ns);
    }
}
