/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* A DSM that is reached by SPDM, as DOE objects. */
#include <stdio.h>
#include <string.h>

#include "../bytes.h"
#include "dsm-internal.h"
#include "teeio/spec/doe.h"

#define COUNT(array)     (sizeof(array) / sizeof((array)[0]))
#define INTERFACE_RECORD 7

_Static_assert(TEEIO_DSM_MAX_INTERFACES *INTERFACE_RECORD <=
                       TEEIO_SPDM_MEASUREMENT_MAX &&
                   TEEIO_QUIRKS_TEXT <= TEEIO_SPDM_MEASUREMENT_MAX,
               "each measurement fits");

static void outside_random(void *opaque, void *buf, size_t len)
{
    struct teeio_dsm *dsm = opaque;

    dsm->outside.random(dsm->outside.opaque, buf, len);
}

static uint64_t outside_clock(void *opaque)
{
    struct teeio_dsm *dsm = opaque;

    return dsm->outside.clock(dsm->outside.opaque);
}

static size_t measure_firmware(const struct teeio_dsm *dsm,
                               struct teeio_spdm_measurement *out)
{
    out->type = 1;
    out->tcb = true;
    return snprintf((char *)out->value, sizeof(out->value),
                    "qemu-teeio " TEEIO_PROJECT_VERSION " update %u",
                    (unsigned)dsm->updates);
}

static size_t measure_hardware(const struct teeio_dsm *dsm,
                               struct teeio_spdm_measurement *out)
{
    static const char none[] = "no quirks";
    char text[TEEIO_QUIRKS_TEXT];
    size_t size = 0;

    if (dsm->config.quirks) {
        size = teeio_quirks_print(dsm->config.quirks, text);
    }
    if (!size) {
        size = sizeof(none) - 1;
        memcpy(text, none, size);
    }
    memcpy(out->value, text, size);
    out->type = 2;
    return size;
}

static size_t measure_config(const struct teeio_dsm *dsm,
                             struct teeio_spdm_measurement *out)
{
    uint8_t *at = out->value;

    out->type = 3;
    for (unsigned i = 0; i < dsm->count; i++) {
        const struct teeio_interface *it = dsm->interfaces[i];
        const struct teeio_interface_config *config = &it->config;

        teeio_put_le(at, teeio_interface_function_id(it), 4);
        at[4] = it->state;
        at[5] = it->lock.flags;
        at[6] = (config->bus_master ? 1 : 0) | (config->report.ats ? 2 : 0) |
                (config->report.pri ? 4 : 0) | (config->pasid ? 8 : 0);
        at += INTERFACE_RECORD;
    }
    return at - out->value;
}

static size_t measure(void *opaque, unsigned index,
                      struct teeio_spdm_measurement *out)
{
    static size_t (*const measures[])(const struct teeio_dsm *dsm,
                                      struct teeio_spdm_measurement *out) = {
        [TEEIO_DSM_MEASURE_FIRMWARE] = measure_firmware,
        [TEEIO_DSM_MEASURE_HARDWARE] = measure_hardware,
        [TEEIO_DSM_MEASURE_CONFIG] = measure_config,
    };

    if (index >= COUNT(measures) || !measures[index]) {
        return 0;
    }
    return measures[index](opaque, out);
}

static size_t vendor(void *opaque, const struct teeio_spdm_vendor_request *req,
                     uint8_t *response, size_t size)
{
    return teeio_dsm_vendor(opaque, req->secured, req->session, req->standard,
                            req->vendor, req->vendor_len, req->payload,
                            req->len, response, size);
}

static void session_ended(void *opaque, uint32_t session)
{
    struct teeio_dsm *dsm = opaque;

    if (!dsm->resetting) {
        teeio_dsm_session_ended(dsm, session);
    }
}

static size_t serve(void *opaque, bool secured, const uint8_t *payload,
                    size_t len, uint8_t *answer, size_t size)
{
    struct teeio_dsm *dsm = opaque;

    return teeio_spdm_message(dsm->spdm, secured, payload, len, answer, size);
}

static size_t serve_clear(void *opaque, const uint8_t *payload, size_t len,
                          uint8_t *answer, size_t size)
{
    return serve(opaque, false, payload, len, answer, size);
}

static size_t serve_secured(void *opaque, const uint8_t *payload, size_t len,
                            uint8_t *answer, size_t size)
{
    return serve(opaque, true, payload, len, answer, size);
}

bool teeio_dsm_start_spdm(struct teeio_dsm *dsm,
                          const struct teeio_spdm_config *config)
{
    struct teeio_spdm_config inside = *config;

    inside.opaque = dsm;
    inside.random = outside_random;
    inside.clock = config->clock ? outside_clock : NULL;
    inside.measure = measure;
    inside.vendor = vendor;
    inside.session_ended = session_ended;
    dsm->outside = *config;
    dsm->spdm = teeio_spdm_new(&inside);
    if (!dsm->spdm) {
        return false;
    }
    dsm->protocols[0] = (struct teeio_doe_protocol){
        TEEIO_DOE_VENDOR_PCI_SIG, TEEIO_DOE_TYPE_SPDM, dsm, serve_clear};
    dsm->protocols[1] = (struct teeio_doe_protocol){
        TEEIO_DOE_VENDOR_PCI_SIG, TEEIO_DOE_TYPE_SECURED, dsm, serve_secured};
    return true;
}

struct teeio_spdm *teeio_dsm_spdm(struct teeio_dsm *dsm)
{
    return dsm->spdm;
}

struct teeio_doe_protocols teeio_dsm_protocols(const struct teeio_dsm *dsm)
{
    return (struct teeio_doe_protocols){dsm->protocols,
                                        dsm->spdm ? COUNT(dsm->protocols) : 0};
}

size_t teeio_dsm_object(struct teeio_dsm *dsm, const uint8_t *object,
                        size_t len, uint8_t *answer, size_t size)
{
    const struct teeio_doe_protocols protocols = teeio_dsm_protocols(dsm);

    return teeio_doe_serve(&protocols, object, len, answer, size);
}

void teeio_dsm_end_sessions(struct teeio_dsm *dsm)
{
    if (dsm->spdm) {
        teeio_spdm_reset(dsm->spdm);
    }
}
