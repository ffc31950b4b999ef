/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Invalidation descriptors (VT-d 6.5.2.1 to 6.5.2.9).
 */
#include "vtd-internal.h"

static unsigned run_context(struct teeio_vtd *vtd,
                            const struct teeio_vtd_descriptor *descriptor)
{
    uint64_t dw0 = descriptor->dw[0];
    struct vtd_invalidation invalidation = {
        .domain = teeio_field(dw0, TEEIO_VTD_INV0_DID),
        .source = teeio_field(dw0, TEEIO_VTD_INV0_CC_SID),
    };

    if (!vtd_context_request(vtd, teeio_field(dw0, TEEIO_VTD_INV0_G),
                             teeio_field(dw0, TEEIO_VTD_INV0_CC_FM),
                             &invalidation)) {
        return TEEIO_VTD_IQEI_RESERVED;
    }
    vtd_invalidate(vtd, &invalidation);
    return TEEIO_VTD_IQEI_NONE;
}

static unsigned run_iotlb(struct teeio_vtd *vtd,
                          const struct teeio_vtd_descriptor *descriptor)
{
    struct vtd_invalidation invalidation = {
        .domain = teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_DID),
    };

    switch (teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_G)) {
    case TEEIO_VTD_GRAN_GLOBAL:
        invalidation.kind = VTD_INV_IOTLB;
        break;
    case TEEIO_VTD_GRAN_DOMAIN:
        invalidation.kind = VTD_INV_IOTLB_DOMAIN;
        break;
    case TEEIO_VTD_GRAN_PAGE:
        invalidation.kind = VTD_INV_IOTLB_PAGE;
        if (!vtd_page_range(descriptor->dw[1], &invalidation)) {
            return TEEIO_VTD_IQEI_RESERVED;
        }
        break;
    default:
        return TEEIO_VTD_IQEI_RESERVED;
    }
    vtd_invalidate(vtd, &invalidation);
    return TEEIO_VTD_IQEI_NONE;
}

static unsigned run_pasid_iotlb(struct teeio_vtd *vtd,
                                const struct teeio_vtd_descriptor *descriptor)
{
    struct vtd_invalidation invalidation = {
        .domain = teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_DID),
        .pasid = teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_PASID),
    };

    switch (teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_G)) {
    case TEEIO_VTD_GRAN_PASID:
        invalidation.kind = VTD_INV_IOTLB_PASID;
        break;
    case TEEIO_VTD_GRAN_PASID_PAGE:
        invalidation.kind = VTD_INV_IOTLB_PASID_PAGE;
        if (!vtd_page_range(descriptor->dw[1], &invalidation)) {
            return TEEIO_VTD_IQEI_RESERVED;
        }
        break;
    default:
        return TEEIO_VTD_IQEI_RESERVED;
    }
    vtd_invalidate(vtd, &invalidation);
    return TEEIO_VTD_IQEI_NONE;
}

static unsigned run_pasid_cache(struct teeio_vtd *vtd,
                                const struct teeio_vtd_descriptor *descriptor)
{
    struct vtd_invalidation invalidation = {
        .domain = teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_DID),
        .pasid = teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_PASID),
    };

    switch (teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_G)) {
    case TEEIO_VTD_PC_DOMAIN:
        invalidation.kind = VTD_INV_PASIDS_DOMAIN;
        break;
    case TEEIO_VTD_PC_PASID:
        invalidation.kind = VTD_INV_PASIDS_PASID;
        break;
    case TEEIO_VTD_PC_GLOBAL:
        invalidation.kind = VTD_INV_PASIDS;
        break;
    default:
        return TEEIO_VTD_IQEI_RESERVED;
    }
    vtd_invalidate(vtd, &invalidation);
    return TEEIO_VTD_IQEI_NONE;
}

/* PCIe 10.3.1: with S, the lowest clear bit tells how large the range is. */
static void set_range(uint64_t word, bool size,
                      struct teeio_atc_invalidation *request)
{
    uint64_t address = word & TEEIO_VTD_INV1_DT_ADDR;
    uint64_t inside = teeio_low_bits(12);

    if (size) {
        uint64_t ones = address | inside;

        inside = ones ^ (ones + 1);
    }
    request->first = address & ~inside;
    request->last = address | inside;
}

static void send(struct teeio_vtd *vtd,
                 const struct teeio_atc_invalidation *request)
{
    const struct teeio_vtd_devices *devices = &vtd->devices;

    if (devices->invalidate && !devices->invalidate(devices->opaque, request)) {
        vtd->timed_out = true;
        vtd->silent = request->requester;
    }
}

static unsigned run_dev_tlb(struct teeio_vtd *vtd,
                            const struct teeio_vtd_descriptor *descriptor)
{
    struct teeio_atc_invalidation request = {
        .requester = teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_DT_SID),
    };

    set_range(descriptor->dw[1], descriptor->dw[1] & TEEIO_VTD_INV1_DT_S,
              &request);
    send(vtd, &request);
    return TEEIO_VTD_IQEI_NONE;
}

static unsigned run_pasid_dev_tlb(struct teeio_vtd *vtd,
                                  const struct teeio_vtd_descriptor *descriptor)
{
    struct teeio_atc_invalidation request = {
        .requester = teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_PDT_SID),
        .pasid_valid = true,
        .pasid = teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_PASID),
        .global = descriptor->dw[1] & TEEIO_VTD_INV1_PDT_G,
    };

    set_range(descriptor->dw[1], descriptor->dw[1] & TEEIO_VTD_INV1_PDT_S,
              &request);
    send(vtd, &request);
    return TEEIO_VTD_IQEI_NONE;
}

/* Everything before it is complete already, so a fence has nothing to do. */
static unsigned run_wait(struct teeio_vtd *vtd,
                         const struct teeio_vtd_descriptor *descriptor)
{
    (void)vtd;
    (void)descriptor;
    return TEEIO_VTD_IQEI_NONE;
}

static void signal_wait(struct teeio_vtd *vtd,
                        const struct teeio_vtd_descriptor *descriptor)
{
    uint64_t dw0 = descriptor->dw[0];
    uint32_t data = teeio_field(dw0, TEEIO_VTD_INV0_WAIT_DATA);
    uint8_t bytes[4];

    if (vtd->timed_out) {
        /* VT-d 6.5.2.11: the wait is aborted; software restarts the queue. */
        uint64_t *details = &vtd->values[REG_IQERCD];

        vtd->timed_out = false;
        *details = (*details & ~TEEIO_VTD_IQERCD_ITESID) |
                   teeio_field_make(vtd->silent, TEEIO_VTD_IQERCD_ITESID);
        vtd_status(vtd, TEEIO_VTD_FSTS_ITE);
        return;
    }
    if (dw0 & TEEIO_VTD_INV0_WAIT_SW) {
        for (unsigned i = 0; i < sizeof(bytes); i++) {
            bytes[i] = data >> 8 * i;
        }
        vtd_store(vtd, descriptor->dw[1] & TEEIO_VTD_INV1_WAIT_ADDR, bytes,
                  sizeof(bytes));
    }
    if (dw0 & TEEIO_VTD_INV0_WAIT_IF &&
        !(vtd->values[REG_ICS] & TEEIO_VTD_ICS_IWC)) {
        vtd->values[REG_ICS] |= TEEIO_VTD_ICS_IWC;
        vtd_signal(vtd, VTD_EVENT_INVALIDATION);
    }
}

static unsigned run_page_response(struct teeio_vtd *vtd,
                                  const struct teeio_vtd_descriptor *descriptor)
{
    const struct teeio_vtd_devices *devices = &vtd->devices;
    uint64_t dw0 = descriptor->dw[0];
    const struct teeio_page_response response = {
        .requester = teeio_field(dw0, TEEIO_VTD_INV0_PGR_RID),
        .pasid_valid = dw0 & TEEIO_VTD_INV0_PGR_PP,
        .pasid = teeio_field(dw0, TEEIO_VTD_INV0_PGR_PASID),
        .group = teeio_field(descriptor->dw[1], TEEIO_VTD_INV1_PGR_INDEX),
        .outcome = teeio_field(dw0, TEEIO_VTD_INV0_PGR_CODE),
    };

    if (devices->page_response) {
        devices->page_response(devices->opaque, &response);
    }
    return TEEIO_VTD_IQEI_NONE;
}

#define TYPE  (TEEIO_VTD_INV0_TYPE_LOW | TEEIO_VTD_INV0_TYPE_HIGH)
#define PAGES (TEEIO_VTD_INV1_ADDR | TEEIO_VTD_INV1_IH | TEEIO_VTD_INV1_AM)

static const struct vtd_descriptor_type types[] = {
    [TEEIO_VTD_INV_CONTEXT] =
        {
            .name = "CC_INV",
            .reserved = {~(TYPE | TEEIO_VTD_INV0_G | TEEIO_VTD_INV0_DID |
                           TEEIO_VTD_INV0_CC_SID | TEEIO_VTD_INV0_CC_FM),
                         UINT64_MAX},
            .run = run_context,
        },
    [TEEIO_VTD_INV_IOTLB] =
        {
            .name = "IOTLB_INV",
            .reserved = {~(TYPE | TEEIO_VTD_INV0_G | TEEIO_VTD_INV0_DW |
                           TEEIO_VTD_INV0_DR | TEEIO_VTD_INV0_DID),
                         ~PAGES},
            .run = run_iotlb,
        },
    [TEEIO_VTD_INV_DEV_TLB] =
        {
            .name = "DEV_TLB_INV",
            .reserved = {~(TYPE | TEEIO_VTD_INV0_DT_MIP |
                           TEEIO_VTD_INV0_DT_SID | TEEIO_VTD_INV0_DT_PFSID),
                         ~(TEEIO_VTD_INV1_DT_ADDR | TEEIO_VTD_INV1_DT_S)},
            .run = run_dev_tlb,
        },
    [TEEIO_VTD_INV_IEC] = {.name = "IEC_INV"},
    [TEEIO_VTD_INV_WAIT] =
        {
            .name = "INV_WAIT",
            .reserved = {~(TYPE | TEEIO_VTD_INV0_WAIT_IF |
                           TEEIO_VTD_INV0_WAIT_SW | TEEIO_VTD_INV0_WAIT_FN |
                           TEEIO_VTD_INV0_WAIT_PD | TEEIO_VTD_INV0_WAIT_DATA),
                         ~TEEIO_VTD_INV1_WAIT_ADDR},
            .run = run_wait,
            .signal = signal_wait,
        },
    [TEEIO_VTD_INV_PASID_IOTLB] =
        {
            .name = "P_IOTLB_INV",
            .scalable = true,
            .reserved = {~(TYPE | TEEIO_VTD_INV0_G | TEEIO_VTD_INV0_DID |
                           TEEIO_VTD_INV0_DW | TEEIO_VTD_INV0_DR |
                           TEEIO_VTD_INV0_PASID),
                         ~PAGES},
            .run = run_pasid_iotlb,
        },
    [TEEIO_VTD_INV_PASID_CACHE] =
        {
            .name = "PC_INV",
            .scalable = true,
            .reserved = {~(TYPE | TEEIO_VTD_INV0_G | TEEIO_VTD_INV0_DID |
                           TEEIO_VTD_INV0_PASID),
                         UINT64_MAX},
            .run = run_pasid_cache,
        },
    [TEEIO_VTD_INV_PASID_DEV_TLB] =
        {
            .name = "P_DEV_TLB_INV",
            .scalable = true,
            .reserved = {~(TYPE | TEEIO_VTD_INV0_PDT_MIP |
                           TEEIO_VTD_INV0_PDT_SID | TEEIO_VTD_INV0_PASID |
                           TEEIO_VTD_INV0_DT_PFSID),
                         ~(TEEIO_VTD_INV1_DT_ADDR | TEEIO_VTD_INV1_PDT_S |
                           TEEIO_VTD_INV1_PDT_G)},
            .run = run_pasid_dev_tlb,
        },
    [TEEIO_VTD_INV_PAGE_RESPONSE] =
        {
            .name = "PAGE_GRP_RESP",
            .scalable = true,
            .reserved = {~(TYPE | TEEIO_VTD_INV0_PGR_PP |
                           TEEIO_VTD_INV0_PGR_CODE | TEEIO_VTD_INV0_PGR_RID |
                           TEEIO_VTD_INV0_PGR_PASID),
                         ~(TEEIO_VTD_INV1_PGR_LPIG | TEEIO_VTD_INV1_PGR_INDEX)},
            .run = run_page_response,
        },
};

static const struct vtd_descriptor_type unknown = {.name = "?"};

const struct vtd_descriptor_type *
vtd_find_type(const struct teeio_vtd_descriptor *descriptor)
{
    uint64_t type = teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_TYPE_LOW) |
                    teeio_field(descriptor->dw[0], TEEIO_VTD_INV0_TYPE_HIGH)
                        << 4;

    if (type >= sizeof(types) / sizeof(types[0]) || !types[type].name) {
        return &unknown;
    }
    return &types[type];
}
