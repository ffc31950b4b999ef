/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "spdm-device.h"

#include <string.h>

static void device_random(void *opaque, void *buf, size_t len)
{
    struct spdm_device *device = opaque;
    uint8_t *bytes = buf;

    while (len--) {
        *bytes++ = g_rand_int(device->rand);
    }
}

static uint64_t device_clock(void *opaque)
{
    struct spdm_device *device = opaque;

    return device->now;
}

/* 1 firmware (TCB), 2 configuration, 3 manifest as it is, 5 secret ROM (TCB) */
static size_t device_measure(void *opaque, unsigned index,
                             struct teeio_spdm_measurement *out)
{
    static const char *const values[] = {
        [1] = "firmware 1.0",
        [2] = "BAR0 BAR2",
        [3] = "manifest",
        [5] = "rom",
    };
    struct spdm_device *device = opaque;
    size_t size;

    if (index >= G_N_ELEMENTS(values) || !values[index]) {
        return 0;
    }
    size = strlen(values[index]);
    memcpy(out->value, values[index], size);
    out->type = index == 5 ? 0 : index;
    out->tcb = index == 1 || index == 5;
    out->form = index == 3   ? TEEIO_SPDM_FORM_RAW
                : index == 5 ? TEEIO_SPDM_FORM_DIGEST
                             : TEEIO_SPDM_FORM_BOTH;
    return index == 3 && device->long_value ? device->long_value : size;
}

/* PCI-SIG's messages come back, each byte inverted. */
static size_t device_vendor(void *opaque,
                            const struct teeio_spdm_vendor_request *req,
                            uint8_t *response, size_t size)
{
    struct spdm_device *device = opaque;

    device->seen = *req;
    device->room = size;
    if (req->standard != 3 || req->vendor_len != 2 || req->vendor[0] != 1 ||
        req->vendor[1] != 0 || req->len > size) {
        return 0;
    }
    for (size_t i = 0; i < req->len; i++) {
        response[i] = ~req->payload[i];
    }
    return req->len;
}

static void device_ended(void *opaque, uint32_t session)
{
    struct spdm_device *device = opaque;

    g_array_append_val(device->ended, session);
}

void spdm_device_init(struct spdm_device *device, uint32_t seed)
{
    static const struct teeio_spdm_identity identity = {
        .vendor = 0x1234,
        .device = 0x7ee1,
        .subsystem_vendor = 0x1af4,
        .subsystem = 0x1100,
        .class_code = 0x120000,
        .revision = 1,
    };

    memset(device, 0, sizeof(*device));
    g_assert_true(teeio_spdm_identity_make(&identity, &device->credentials));
    device->rand = g_rand_new_with_seed(seed);
    device->ended = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    device->config = (struct teeio_spdm_config){
        .opaque = device,
        .chain = device->credentials.chain,
        .chain_size = device->credentials.chain_size,
        .key = device->credentials.key,
        .key_size = device->credentials.key_size,
        .random = device_random,
        .clock = device_clock,
        .measure = device_measure,
        .vendor = device_vendor,
        .session_ended = device_ended,
    };
}

void spdm_device_start(struct spdm_device *device)
{
    device->spdm = teeio_spdm_new(&device->config);
    g_assert_nonnull(device->spdm);
}

void spdm_device_clear(struct spdm_device *device)
{
    teeio_spdm_free(device->spdm);
    g_array_unref(device->ended);
    g_rand_free(device->rand);
}
