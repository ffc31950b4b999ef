/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The engine turns one descriptor into TLPs. It knows neither the ring nor
 * the registers.
 */
#ifndef TEEIO_HW_DMA_ENGINE_H
#define TEEIO_HW_DMA_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "teeio/fabric.h"
#include "teeio/host.h"

/**
 * struct teeio_descriptor - one descriptor, in the order of spec/tdi.h
 * @status, @checksum, @failed: filled in by the engine
 */
struct teeio_descriptor {
    uint32_t control;
    uint32_t length;
    uint64_t source;
    uint64_t dest;
    uint64_t pattern;
    uint32_t status;
    uint32_t checksum;
    uint64_t failed;
};

/**
 * struct teeio_engine - what decides about TLPs, and what became of them
 * @requester:     requester id of its TLPs
 * @bus_master:    Command.BME
 * @trusted:       T and XT may be set
 * @tlps:          TLPs sent, by T
 * @reads_refused: reads completed as UR or CA, which the device sees
 * @refused:       all TLPs that did not reach memory
 * @buffer:        the data of one TLP
 */
struct teeio_engine {
    const struct teeio_host *host;
    struct teeio_fabric *fabric;
    uint16_t requester;
    bool bus_master;
    bool trusted;
    uint64_t tlps[2];
    uint64_t reads_refused;
    uint64_t refused;
    uint8_t buffer[TEEIO_TLP_BOUNDARY];
};

/** teeio_engine_run() - carry out @desc from beginning to end */
void teeio_engine_run(struct teeio_engine *engine,
                      struct teeio_descriptor *desc);

#endif
