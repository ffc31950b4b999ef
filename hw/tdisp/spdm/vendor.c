/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "spdm-internal.h"

/* Length of what stands around the payload, the vendor's id aside. */
#define AROUND (TEEIO_SPDM_VENDOR_ID + 2)

uint8_t teeio_spdm_do_vendor(struct teeio_spdm *spdm,
                             const struct teeio_spdm_request *req,
                             struct teeio_spdm_response *rsp)
{
    struct teeio_spdm_vendor_request vendor = {
        .secured = req->session != NULL,
        .session = req->session ? req->session->id : 0,
    };
    const uint8_t *data = req->data;
    size_t start;
    size_t room;
    size_t len = 0;

    if (req->len < AROUND ||
        req->len < AROUND + (size_t)data[TEEIO_SPDM_VENDOR_LENGTH]) {
        /* DSP0274 "VENDOR_DEFINED_REQUEST": cut short. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    vendor.standard = teeio_spdm_number(data + TEEIO_SPDM_VENDOR_STANDARD, 2);
    vendor.vendor_len = data[TEEIO_SPDM_VENDOR_LENGTH];
    vendor.vendor = data + TEEIO_SPDM_VENDOR_ID;
    start = AROUND + vendor.vendor_len;
    vendor.payload = data + start;
    vendor.len = teeio_spdm_number(data + start - 2, 2);
    if (vendor.len > req->len - start) {
        /* DSP0274 "VENDOR_DEFINED_REQUEST": ReqLength beyond the message. */
        return TEEIO_SPDM_INVALID_REQUEST;
    }
    room = rsp->size > start ? rsp->size - start : 0;
    if (spdm->config.vendor && room) {
        len = spdm->config.vendor(spdm->config.opaque, &vendor,
                                  rsp->data + start, room);
    }
    if (!len || len > room) {
        /* DSP0274 "VENDOR_DEFINED_REQUEST": nobody here speaks this. */
        rsp->error_data = TEEIO_SPDM_VENDOR_DEFINED_REQUEST;
        return TEEIO_SPDM_UNSUPPORTED_REQUEST;
    }
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_VENDOR_DEFINED_RESPONSE, 0, 0);
    teeio_spdm_put_number(rsp, vendor.standard, 2);
    teeio_spdm_put_number(rsp, vendor.vendor_len, 1);
    teeio_spdm_put(rsp, vendor.vendor, vendor.vendor_len);
    teeio_spdm_put_number(rsp, len, 2);
    rsp->len += len;
    return 0;
}
