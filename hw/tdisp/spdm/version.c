/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "spdm-internal.h"

uint8_t teeio_spdm_do_version(struct teeio_spdm *spdm,
                              const struct teeio_spdm_request *req,
                              struct teeio_spdm_response *rsp)
{
    bool only_12 = spdm->config.max_version == TEEIO_SPDM_12;

    /* DSP0274 "GET_VERSION": all that was before is void. */
    teeio_spdm_reset(spdm);
    teeio_spdm_put_header(spdm, rsp, TEEIO_SPDM_VERSION, 0, 0);
    teeio_spdm_put_number(rsp, 0, 1);
    teeio_spdm_put_number(rsp, only_12 ? 1 : 2, 1);
    teeio_spdm_put_number(rsp, TEEIO_SPDM_VERSION_ENTRY(TEEIO_SPDM_12), 2);
    if (!only_12) {
        teeio_spdm_put_number(rsp, TEEIO_SPDM_VERSION_ENTRY(TEEIO_SPDM_13), 2);
    }
    if (teeio_spdm_fits(rsp, 0)) {
        teeio_spdm_vca_add(spdm, req->data, TEEIO_SPDM_HEADER);
        teeio_spdm_vca_add(spdm, rsp->data, rsp->len);
        spdm->connection = TEEIO_SPDM_CONNECTION_VERSION;
    }
    return 0;
}
