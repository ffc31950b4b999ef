/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Messages between an IOMMU and a device that keeps translations, asks for
 * pages or waits for them (PCI Express Base Specification 6.x, chapter 10).
 */
#ifndef TEEIO_ATS_H
#define TEEIO_ATS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct teeio_page_request - PCIe page request message (PCIe 10.4.1)
 * @group:      page request group index, 9 bits
 * @last:       last request of its group
 *
 * @t:          as in a TLP
 *
 * With a PASID, @last and neither @read nor @write, it is a stop marker.
 */
struct teeio_page_request {
    uint16_t requester;
    bool pasid_valid;
    uint32_t pasid;
    uint16_t group;
    uint64_t address;
    bool read;
    bool write;
    bool execute;
    bool privileged;
    bool last;
    bool t;
};

/** enum teeio_page_outcome - response codes of PCIe 10.4.2.1 */
enum teeio_page_outcome {
    TEEIO_PAGE_SUCCESS = 0x0,
    TEEIO_PAGE_INVALID = 0x1,
    TEEIO_PAGE_FAILURE = 0xf,
};

/**
 * struct teeio_page_response - PRG response message (PCIe 10.4.2)
 * @one_t: meant for a request with this @t, else for any
 */
struct teeio_page_response {
    uint16_t requester;
    bool pasid_valid;
    uint32_t pasid;
    uint16_t group;
    enum teeio_page_outcome outcome;
    bool one_t;
    bool t;
};

/**
 * struct teeio_atc_invalidation - ATS invalidate request (PCIe 10.3.1)
 * @global:      every PASID; meaningful with @pasid_valid
 * @first:       first address, aligned to the size of the range
 * @last:        last address
 * @one_t:       only what was learnt with this @t, else with either
 */
struct teeio_atc_invalidation {
    uint16_t requester;
    bool pasid_valid;
    uint32_t pasid;
    bool global;
    uint64_t first;
    uint64_t last;
    bool one_t;
    bool t;
};

/** enum teeio_stall_outcome - what becomes of a stalled transaction */
enum teeio_stall_outcome {
    TEEIO_STALL_TERMINATE, /* ends well: reads give zero, writes are ignored */
    TEEIO_STALL_RETRY,     /* send it again, as if it were new */
    TEEIO_STALL_ABORT,     /* ends as a refused request */
};

#endif
