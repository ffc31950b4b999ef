/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/dsm.h"

#include <stdlib.h>
#include <string.h>

#include "../bytes.h"
#include "../image.h"
#include "dsm-internal.h"
#include "teeio/spec/ide.h"
#include "teeio/spec/tdisp.h"

#define IMAGE_TAG     TEEIO_IMAGE_TAG('T', 'D', 'S', 'M')
#define IMAGE_VERSION 1

static void stream_insecure(void *opaque, uint8_t stream)
{
    struct teeio_dsm *dsm = opaque;

    for (unsigned i = 0; i < dsm->count; i++) {
        if (teeio_interface_is_bound(dsm->interfaces[i], stream)) {
            /* PCIe 11.4.5 */
            teeio_interface_break(dsm->interfaces[i], TEEIO_CAUSE_IDE_INSECURE);
        }
    }
}

static void stream_changed(void *opaque, uint8_t stream)
{
    struct teeio_dsm *dsm = opaque;

    for (unsigned i = 0; i < dsm->count; i++) {
        if (teeio_interface_is_bound(dsm->interfaces[i], stream)) {
            /* PCIe table 11-2 */
            teeio_interface_break(dsm->interfaces[i], TEEIO_CAUSE_IDE_CHANGED);
        }
    }
}

struct teeio_dsm *teeio_dsm_new(const struct teeio_dsm_config *config)
{
    struct teeio_dsm *dsm = calloc(1, sizeof(*dsm));

    if (!dsm) {
        return NULL;
    }
    dsm->config = *config;
    if (config->ide) {
        teeio_ide_listen(config->ide, &(struct teeio_ide_listener){
                                          .opaque = dsm,
                                          .insecure = stream_insecure,
                                          .changed = stream_changed,
                                      });
    }
    return dsm;
}

static void detach(struct teeio_interface *interface)
{
    teeio_interface_attach(interface, NULL, NULL);
    teeio_interface_set_random(interface, NULL, NULL);
}

void teeio_dsm_free(struct teeio_dsm *dsm)
{
    if (!dsm) {
        return;
    }
    teeio_spdm_free(dsm->spdm);
    for (unsigned i = 0; i < dsm->count; i++) {
        detach(dsm->interfaces[i]);
    }
    if (dsm->config.ide) {
        teeio_ide_listen(dsm->config.ide, NULL);
    }
    free(dsm);
}

void teeio_dsm_reset(struct teeio_dsm *dsm)
{
    dsm->resetting = true;
    teeio_dsm_end_sessions(dsm);
    dsm->resetting = false;
    if (dsm->config.ide) {
        teeio_ide_reset(dsm->config.ide);
    }
    dsm->updates = 0;
    dsm->version_seen = false;
    dsm->fault = TEEIO_DSM_NO_FAULT;
}

bool teeio_dsm_add(struct teeio_dsm *dsm, struct teeio_interface *interface)
{
    if (dsm->count == TEEIO_DSM_MAX_INTERFACES) {
        return false;
    }
    dsm->interfaces[dsm->count++] = interface;
    teeio_interface_attach(interface, dsm->config.ide, dsm->config.quirks);
    teeio_interface_set_random(interface, dsm->config.opaque,
                               dsm->config.random);
    return true;
}

void teeio_dsm_remove(struct teeio_dsm *dsm, struct teeio_interface *interface)
{
    for (unsigned i = 0; i < dsm->count; i++) {
        if (dsm->interfaces[i] == interface) {
            detach(interface);
            dsm->count--;
            memmove(&dsm->interfaces[i], &dsm->interfaces[i + 1],
                    (dsm->count - i) * sizeof(dsm->interfaces[0]));
            return;
        }
    }
}

struct teeio_interface *teeio_dsm_find(const struct teeio_dsm *dsm,
                                       uint32_t function_id)
{
    uint16_t requester = function_id & TEEIO_TDISP_REQUESTER;
    uint8_t segment =
        (function_id & TEEIO_TDISP_SEGMENT) >> TEEIO_TDISP_SEGMENT_LSB;

    for (unsigned i = 0; i < dsm->count; i++) {
        const struct teeio_interface_config *config =
            &dsm->interfaces[i]->config;

        if (config->requester == requester &&
            (!(function_id & TEEIO_TDISP_SEGMENT_VALID) ||
             config->segment == segment)) {
            return dsm->interfaces[i];
        }
    }
    if (dsm->count &&
        teeio_quirks_has(dsm->config.quirks, TEEIO_QUIRK_ANY_FUNCTION_ID)) {
        return dsm->interfaces[0];
    }
    return NULL;
}

size_t teeio_dsm_vendor(struct teeio_dsm *dsm, bool secured, uint32_t session,
                        uint16_t standard, const uint8_t *vendor,
                        uint8_t vendor_len, const uint8_t *payload, size_t len,
                        uint8_t *response, size_t size)
{
    size_t used = 0;

    /* PCIe 11.2.2 and 6.33.3: outside a session there is no response. */
    if (!secured || standard != TEEIO_DSM_STANDARD_PCI_SIG || vendor_len != 2 ||
        teeio_get_le(vendor, 2) != TEEIO_DSM_VENDOR_PCI_SIG || !len || !size) {
        return 0;
    }
    if (payload[0] == TEEIO_TDISP_PROTOCOL) {
        used = teeio_dsm_tdisp(dsm, session, payload + 1, len - 1, response + 1,
                               size - 1);
    } else if (payload[0] == TEEIO_IDE_KM_PROTOCOL && dsm->config.ide) {
        used = teeio_ide_km_message(dsm->config.ide, session, payload + 1,
                                    len - 1, response + 1, size - 1);
    }
    if (!used) {
        return 0;
    }
    response[0] = payload[0];
    return 1 + used;
}

void teeio_dsm_session_ended(struct teeio_dsm *dsm, uint32_t session)
{
    for (unsigned i = 0; i < dsm->count; i++) {
        const struct teeio_lock *lock = &dsm->interfaces[i]->lock;

        if (!lock->local && lock->session == session) {
            teeio_interface_break(dsm->interfaces[i], TEEIO_CAUSE_SESSION);
        }
    }
    if (dsm->config.ide) {
        teeio_ide_session_ended(dsm->config.ide, session);
    }
}

void teeio_dsm_flr(struct teeio_dsm *dsm)
{
    for (unsigned i = 0; i < dsm->count; i++) {
        teeio_interface_flr(dsm->interfaces[i]);
    }
    teeio_dsm_end_sessions(dsm);
    if (dsm->config.ide) {
        teeio_ide_drop_keys(dsm->config.ide);
    }
}

static bool is_locked(const struct teeio_interface *interface)
{
    return interface->state == TEEIO_TDISP_CONFIG_LOCKED ||
           interface->state == TEEIO_TDISP_RUN;
}

bool teeio_dsm_firmware_update(struct teeio_dsm *dsm, bool forced)
{
    for (unsigned i = 0; !forced && i < dsm->count; i++) {
        if (is_locked(dsm->interfaces[i]) &&
            dsm->interfaces[i]->lock.flags & TEEIO_TDISP_NO_FW_UPDATE) {
            return false;
        }
    }
    for (unsigned i = 0; forced && i < dsm->count; i++) {
        /* PCIe 11.4.2: what was measured is no longer what runs. */
        teeio_interface_break(dsm->interfaces[i], TEEIO_CAUSE_FIRMWARE);
    }
    if (forced) {
        teeio_dsm_end_sessions(dsm);
    }
    if (forced && dsm->config.ide) {
        teeio_ide_drop_keys(dsm->config.ide);
    }
    dsm->updates++;
    return true;
}

void teeio_dsm_inject(struct teeio_dsm *dsm, enum teeio_dsm_fault fault,
                      uint32_t value, unsigned count)
{
    dsm->fault = count ? fault : TEEIO_DSM_NO_FAULT;
    dsm->fault_value = value;
    dsm->fault_count = count;
}

size_t teeio_dsm_save(const struct teeio_dsm *dsm, uint8_t *buf, size_t size)
{
    struct teeio_image_writer image =
        teeio_image_start(buf, size, IMAGE_TAG, IMAGE_VERSION);

    teeio_image_put(&image, dsm->version_seen, 1);
    teeio_image_put(&image, dsm->updates, 4);
    return image.used;
}

bool teeio_dsm_load(struct teeio_dsm *dsm, const uint8_t *buf, size_t size)
{
    struct teeio_image_reader image =
        teeio_image_open(buf, size, IMAGE_TAG, IMAGE_VERSION);
    bool version_seen = teeio_image_get_bool(&image);
    uint32_t updates = teeio_image_get(&image, 4);

    if (!teeio_image_end(&image)) {
        return false;
    }
    dsm->version_seen = version_seen;
    dsm->updates = updates;
    return true;
}
