/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The invalidation queue (VT-d 6.5.2).
 */
#include "vtd-internal.h"

bool vtd_queue_has_work(const struct teeio_vtd *vtd)
{
    return vtd_enabled(vtd, TEEIO_VTD_GCMD_QIE) &&
           !(vtd->values[REG_FSTS] &
             (TEEIO_VTD_FSTS_IQE | TEEIO_VTD_FSTS_ITE)) &&
           vtd->values[REG_IQH] != vtd->values[REG_IQT];
}

void vtd_queue_error(struct teeio_vtd *vtd, unsigned info)
{
    uint64_t *details = &vtd->values[REG_IQERCD];

    *details = (*details & ~TEEIO_VTD_IQERCD_IQEI) |
               teeio_field_make(info, TEEIO_VTD_IQERCD_IQEI);
    vtd_status(vtd, TEEIO_VTD_FSTS_IQE);
}

/* VT-d 6.5.2.10: is the queue itself as it has to be? */
static unsigned check(const struct teeio_vtd *vtd, uint64_t size,
                      unsigned width)
{
    uint64_t head = vtd->values[REG_IQH];
    uint64_t tail = vtd->values[REG_IQT];

    if (tail >= size || head >= size || head % width) {
        return TEEIO_VTD_IQEI_TAIL;
    }
    if (tail % width) {
        return TEEIO_VTD_IQEI_MISALIGNED;
    }
    switch (vtd_mode(vtd)) {
    case TEEIO_VTD_TTM_LEGACY:
    case TEEIO_VTD_TTM_ABORT:
        return TEEIO_VTD_IQEI_NONE;
    case TEEIO_VTD_TTM_SCALABLE:
        return width == 16 ? TEEIO_VTD_IQEI_WIDTH : TEEIO_VTD_IQEI_NONE;
    default:
        return TEEIO_VTD_IQEI_TTM;
    }
}

static unsigned fetch(const struct teeio_vtd *vtd, unsigned width,
                      struct teeio_vtd_descriptor *descriptor)
{
    struct teeio_table_memory memory = {
        .host = &vtd->own_view,
        .ownership = vtd->ownership,
    };
    uint64_t gpa =
        (vtd->values[REG_IQA] & TEEIO_VTD_IQA_ADDR) + vtd->values[REG_IQH];

    *descriptor = (struct teeio_vtd_descriptor){0};
    return teeio_table_fetch(&memory, gpa, descriptor->dw, width / 8) ==
                   TEEIO_FETCH_OK
               ? TEEIO_VTD_IQEI_NONE
               : TEEIO_VTD_IQEI_FETCH;
}

static unsigned run(struct teeio_vtd *vtd,
                    const struct vtd_descriptor_type *type,
                    const struct teeio_vtd_descriptor *descriptor)
{
    const uint64_t *dw = descriptor->dw;

    if (!type->run ||
        (type->scalable && vtd_mode(vtd) != TEEIO_VTD_TTM_SCALABLE)) {
        /* VT-d 6.5.2.10: unknown, or of another mode. */
        return TEEIO_VTD_IQEI_TYPE;
    }
    if (dw[0] & type->reserved[0] || dw[1] & type->reserved[1] || dw[2] ||
        dw[3]) {
        /* VT-d 6.5.2.10: reserved fields have to be 0. */
        return TEEIO_VTD_IQEI_RESERVED;
    }
    return type->run(vtd, descriptor);
}

static void trace(struct teeio_vtd *vtd, const char *name,
                  const struct teeio_vtd_descriptor *descriptor, unsigned error)
{
    static const char *const errors[] = {
        [TEEIO_VTD_IQEI_TAIL] = "IQE_TAIL",
        [TEEIO_VTD_IQEI_FETCH] = "IQE_FETCH",
        [TEEIO_VTD_IQEI_TYPE] = "IQE_TYPE",
        [TEEIO_VTD_IQEI_RESERVED] = "IQE_RESERVED",
        [TEEIO_VTD_IQEI_WIDTH] = "IQE_WIDTH",
        [TEEIO_VTD_IQEI_MISALIGNED] = "IQE_MISALIGNED",
        [TEEIO_VTD_IQEI_TTM] = "IQE_TTM",
    };
    struct teeio_event event = {
        .kind = TEEIO_EVENT_COMMAND,
        .u.command =
            {
                .name = name,
                .dw = {descriptor->dw[0], descriptor->dw[1]},
                .error = errors[error],
            },
    };

    vtd_trace(vtd, &event);
}

bool teeio_vtd_step(struct teeio_vtd *vtd)
{
    uint64_t iqa = vtd->values[REG_IQA];
    uint64_t size = UINT64_C(4096) << teeio_field(iqa, TEEIO_VTD_IQA_QS);
    unsigned width = iqa & TEEIO_VTD_IQA_DW ? 32 : 16;
    struct teeio_vtd_descriptor descriptor = {0};
    const struct vtd_descriptor_type *type;
    unsigned error;

    if (!vtd_queue_has_work(vtd)) {
        return false;
    }
    error = check(vtd, size, width);
    if (error == TEEIO_VTD_IQEI_NONE) {
        error = fetch(vtd, width, &descriptor);
    }
    type = vtd_find_type(&descriptor);
    if (error == TEEIO_VTD_IQEI_NONE) {
        error = run(vtd, type, &descriptor);
    }
    vtd->stats.commands++;
    if (vtd->host->trace) {
        trace(vtd, type->name, &descriptor, error);
    }
    if (error != TEEIO_VTD_IQEI_NONE) {
        vtd_queue_error(vtd, error);
        return false;
    }
    vtd->values[REG_IQH] = (vtd->values[REG_IQH] + width) & (size - 1);
    if (type->signal) {
        type->signal(vtd, &descriptor);
    }
    return vtd_queue_has_work(vtd);
}
