/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Interrupts are writes to memory, with a mask and a pending bit each (VT-d
 * 7.3 and 6.5.2.8).
 */
#include "vtd-internal.h"

/* struct event - the registers of one; data and address follow the control */
static const enum vtd_reg controls[] = {
    [VTD_EVENT_FAULT] = REG_FECTL,
    [VTD_EVENT_INVALIDATION] = REG_IECTL,
    [VTD_EVENT_PAGE] = REG_PECTL,
};

bool vtd_store(const struct teeio_vtd *vtd, uint64_t gpa, const void *bytes,
               size_t length)
{
    const struct teeio_host *host = &vtd->own_view;
    bool trusted = vtd->ownership && teeio_ownership_get(vtd->ownership, gpa) ==
                                         TEEIO_OWNER_PRIVATE;

    return host->write(host->opaque, gpa, bytes, length, trusted);
}

static void send(struct teeio_vtd *vtd, enum vtd_reg control)
{
    uint32_t data = vtd->values[control + 1];
    uint64_t address = vtd->values[control + 2] | vtd->values[control + 3]
                                                      << 32;
    uint8_t bytes[4];

    for (unsigned i = 0; i < sizeof(bytes); i++) {
        bytes[i] = data >> 8 * i;
    }
    vtd->values[control] &= ~TEEIO_VTD_ECTL_IP;
    /* VT-d has no place where an interrupt that went astray is reported. */
    vtd->host->write(vtd->host->opaque, address, bytes, sizeof(bytes), false);
}

void vtd_signal(struct teeio_vtd *vtd, enum vtd_event event)
{
    enum vtd_reg control = controls[event];

    vtd->values[control] |= TEEIO_VTD_ECTL_IP;
    vtd_unmask(vtd, control);
}

void vtd_unmask(struct teeio_vtd *vtd, enum vtd_reg control)
{
    if ((vtd->values[control] & (TEEIO_VTD_ECTL_IP | TEEIO_VTD_ECTL_IM)) ==
        TEEIO_VTD_ECTL_IP) {
        send(vtd, control);
    }
}

void vtd_calm(struct teeio_vtd *vtd, enum vtd_event event)
{
    vtd->values[controls[event]] &= ~TEEIO_VTD_ECTL_IP;
}
