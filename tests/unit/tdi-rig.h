/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A trusted device in a small world: RAM of which the upper half is private,
 * a fabric without an IOMMU, and a driver that queues descriptors.
 */
#ifndef TDI_RIG_H
#define TDI_RIG_H

#include "fake-host.h"
#include "teeio/spec/tdi.h"
#include "teeio/tdi.h"

#define RIG_RAM       FAKE_HOST_RAM_BASE
#define RIG_PRIVATE   (RIG_RAM + FAKE_HOST_RAM_SIZE / 2)
#define RIG_REQUESTER 0x0010
#define RIG_DIGEST    0x1234
#define RIG_PATTERN   0x8877665544332211ull

struct tdi_rig {
    struct fake_host fake;
    struct teeio_ownership *ownership;
    struct teeio_fabric fabric;
    struct teeio_tdi *tdi; /* a bus master in CONFIG_UNLOCKED */
};

struct tdi_request {
    uint32_t control;
    uint32_t length;
    uint64_t source;
    uint64_t dest;
};

struct tdi_answer {
    uint32_t status;
    uint32_t checksum;
    uint64_t failed;
};

void tdi_rig_init(struct tdi_rig *rig);
void tdi_rig_clear(struct tdi_rig *rig);

/* tdi_rig_start() - lock and start the TDI; it must work */
void tdi_rig_start(struct tdi_rig *rig);

/* tdi_rig_reg() - read a 4-byte register */
uint32_t tdi_rig_reg(struct tdi_rig *rig, uint32_t offset);

/* tdi_rig_entry() - BAR offset of the descriptor that @pointer selects */
uint64_t tdi_rig_entry(uint32_t pointer);

/* tdi_rig_queue() - write one descriptor at TAIL and ring the doorbell */
void tdi_rig_queue(struct tdi_rig *rig, const struct tdi_request *req);

/* tdi_rig_run() - queue it on an empty ring, carry it out */
struct tdi_answer tdi_rig_run(struct tdi_rig *rig,
                              const struct tdi_request *req);

/* tdi_rig_tlp() - the @n-th TLP event, from 0; asserts that there is one */
const struct teeio_dma *tdi_rig_tlp(struct tdi_rig *rig, unsigned n);

#endif
