/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "tdi-rig.h"

void tdi_rig_init(struct tdi_rig *rig)
{
    fake_host_init(&rig->fake);
    rig->ownership = teeio_ownership_new();
    g_assert_true(teeio_ownership_add_ram(
        rig->ownership, RIG_RAM, RIG_PRIVATE - RIG_RAM, TEEIO_OWNER_SHARED));
    g_assert_true(teeio_ownership_add_ram(
        rig->ownership, RIG_PRIVATE, RIG_RAM + FAKE_HOST_RAM_SIZE - RIG_PRIVATE,
        TEEIO_OWNER_PRIVATE));
    memset(&rig->fabric, 0, sizeof(rig->fabric));
    rig->fabric.host = &rig->fake.host;
    rig->fabric.ownership = rig->ownership;
    rig->tdi = teeio_tdi_new(&rig->fake.host, &rig->fabric);
    teeio_tdi_set_config(rig->tdi, RIG_REQUESTER, true, RIG_DIGEST);
}

void tdi_rig_clear(struct tdi_rig *rig)
{
    teeio_tdi_free(rig->tdi);
    teeio_ownership_free(rig->ownership);
    fake_host_clear(&rig->fake);
}

void tdi_rig_start(struct tdi_rig *rig)
{
    uint8_t nonce[TEEIO_TDI_NONCE];

    g_assert_cmphex(teeio_tdi_lock(rig->tdi, nonce), ==, TEEIO_TDISP_OK);
    g_assert_cmphex(teeio_tdi_start(rig->tdi, nonce), ==, TEEIO_TDISP_OK);
}

uint32_t tdi_rig_reg(struct tdi_rig *rig, uint32_t offset)
{
    return teeio_tdi_read(rig->tdi, offset, 4);
}

uint64_t tdi_rig_entry(uint32_t pointer)
{
    return TEEIO_TDI_RING_OFFSET +
           pointer % TEEIO_TDI_RING_ENTRIES * TEEIO_TDI_DESC_SIZE;
}

void tdi_rig_queue(struct tdi_rig *rig, const struct tdi_request *req)
{
    uint32_t tail = tdi_rig_reg(rig, TEEIO_TDI_REG_TAIL);
    uint64_t at = tdi_rig_entry(tail);

    teeio_tdi_write(rig->tdi, at + TEEIO_TDI_DESC_CONTROL, req->control, 4);
    teeio_tdi_write(rig->tdi, at + TEEIO_TDI_DESC_LENGTH, req->length, 4);
    teeio_tdi_write(rig->tdi, at + TEEIO_TDI_DESC_SOURCE, req->source, 8);
    teeio_tdi_write(rig->tdi, at + TEEIO_TDI_DESC_DEST, req->dest, 8);
    teeio_tdi_write(rig->tdi, at + TEEIO_TDI_DESC_PATTERN, RIG_PATTERN, 8);
    teeio_tdi_write(rig->tdi, at + TEEIO_TDI_DESC_STATUS, 0, 4);
    teeio_tdi_write(rig->tdi, TEEIO_TDI_REG_TAIL, (tail + 1) % 128, 4);
}

struct tdi_answer tdi_rig_run(struct tdi_rig *rig,
                              const struct tdi_request *req)
{
    uint64_t at = tdi_rig_entry(tdi_rig_reg(rig, TEEIO_TDI_REG_TAIL));

    tdi_rig_queue(rig, req);
    g_assert_false(teeio_tdi_step(rig->tdi));
    return (struct tdi_answer){
        teeio_tdi_read(rig->tdi, at + TEEIO_TDI_DESC_STATUS, 4),
        teeio_tdi_read(rig->tdi, at + TEEIO_TDI_DESC_CHECKSUM, 4),
        teeio_tdi_read(rig->tdi, at + TEEIO_TDI_DESC_FAILED, 8),
    };
}

const struct teeio_dma *tdi_rig_tlp(struct tdi_rig *rig, unsigned n)
{
    for (unsigned i = 0; i < rig->fake.events->len; i++) {
        struct teeio_event *event =
            &g_array_index(rig->fake.events, struct teeio_event, i);

        if (event->kind == TEEIO_EVENT_TLP && n-- == 0) {
            return &event->u.dma;
        }
    }
    g_assert_not_reached();
}
