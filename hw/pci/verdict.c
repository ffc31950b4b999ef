/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/iommu.h"

const char *teeio_verdict_name(enum teeio_verdict verdict)
{
    static const char *const names[TEEIO_VERDICTS] = {
        [TEEIO_VERDICT_OK] = "ok",
        [TEEIO_VERDICT_UNSUPPORTED] = "unsupported",
        [TEEIO_VERDICT_BLOCKED] = "blocked",
        [TEEIO_VERDICT_ABORTED] = "aborted",
        [TEEIO_VERDICT_FAULT] = "fault",
        [TEEIO_VERDICT_DENIED] = "denied",
        [TEEIO_VERDICT_NO_MEMORY] = "no-memory",
        [TEEIO_VERDICT_STALLED] = "stalled",
        [TEEIO_VERDICT_NO_RESPONSE] = "no-response",
        [TEEIO_VERDICT_CONFINED] = "confined",
    };

    return (unsigned)verdict < TEEIO_VERDICTS ? names[verdict] : "?";
}

const char *teeio_stage_name(enum teeio_stage stage)
{
    static const char *const names[TEEIO_STAGES] = {
        [TEEIO_STAGE_OFF] = "off",         [TEEIO_STAGE_BYPASS] = "bypass",
        [TEEIO_STAGE_SKIPPED] = "skipped", [TEEIO_STAGE_OK] = "ok",
        [TEEIO_STAGE_FAULT] = "fault",
    };

    return (unsigned)stage < TEEIO_STAGES ? names[stage] : "?";
}

const char *teeio_via_name(enum teeio_via via)
{
    static const char *const names[TEEIO_VIAS] = {
        [TEEIO_VIA_NONE] = "none",   [TEEIO_VIA_IDENTITY] = "identity",
        [TEEIO_VIA_WALK] = "walk",   [TEEIO_VIA_IOTLB] = "iotlb",
        [TEEIO_VIA_STALE] = "stale",
    };

    return (unsigned)via < TEEIO_VIAS ? names[via] : "?";
}
