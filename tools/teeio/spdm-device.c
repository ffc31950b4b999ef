/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "spdm-device.h"

#include <string.h>
#include <sys/random.h>

#include "teeio/dsm.h"
#include "teeio/spec/ide.h"
#include "teeio/spec/spdm.h"
#include "teeio/spec/tdi.h"
#include "tool.h"

/* What a bus would have given the function. */
#define REQUESTER 0x0100
#define BAR0_BASE 0x80000000u
#define BAR2_BASE 0x80010000u
#define BAR2_SIZE 0x1000u

struct teeio_spdm_device {
    struct teeio_spdm_device_config config;
    struct teeio_host host;
    struct teeio_spdm_credentials credentials;
    struct teeio_ide *ide;
    struct teeio_dsm *dsm;
    struct teeio_interface function;
    GRand *rand; /* NULL unless seeded */
};

static uint64_t host_clock(void *opaque)
{
    (void)opaque;
    return g_get_monotonic_time() * 1000;
}

static bool random_bytes(void *opaque, uint8_t *buf, size_t size)
{
    struct teeio_spdm_device *device = opaque;

    if (!device->rand) {
        return getentropy(buf, size) == 0;
    }
    for (size_t i = 0; i < size; i++) {
        buf[i] = g_rand_int(device->rand) >> 24;
    }
    return true;
}

static void spdm_random(void *opaque, void *buf, size_t len)
{
    if (!random_bytes(opaque, buf, len)) {
        g_error("the kernel has no random numbers");
    }
}

/* What firmware would have set up: BARs, and one stream for all requests. */
static void configure(struct teeio_spdm_device *device)
{
    const struct teeio_interface_config config = {
        .requester = REQUESTER,
        .memory_enable = true,
        .bus_master = true,
        .report =
            {
                .bars = {[0] = {BAR0_BASE, TEEIO_TDI_BAR_SIZE},
                         [2] = {BAR2_BASE, BAR2_SIZE}},
                .without_pasid = true,
            },
    };
    uint32_t block = teeio_ide_stream_offset(device->ide, 0);

    teeio_interface_configure(&device->function, &config);
    teeio_ide_set_function(device->ide, 0, REQUESTER);
    teeio_ide_write(device->ide, block + TEEIO_IDE_SEL_RID1,
                    TEEIO_IDE_RID1_LIMIT, 4);
    teeio_ide_write(device->ide, block + TEEIO_IDE_SEL_RID2,
                    TEEIO_IDE_RID2_VALID, 4);
    teeio_ide_write(device->ide, block + TEEIO_IDE_SEL_CONTROL,
                    TEEIO_IDE_STREAM_ENABLE | TEEIO_IDE_STREAM_DEFAULT, 4);
}

static bool create_models(struct teeio_spdm_device *device)
{
    const struct teeio_spdm_identity identity = {
        .vendor = TEEIO_TDI_VENDOR_ID,
        .device = TEEIO_TDI_DEVICE_ID,
        .class_code = TEEIO_TDI_CLASS << 8,
        .revision = TEEIO_TDI_REVISION,
        .serial = device->config.serial,
    };
    const struct teeio_ide_config port = {
        .streams = 1,
        .addresses = 1,
        .quirks = &device->config.quirks,
    };
    struct teeio_dsm_config manager = {
        .quirks = &device->config.quirks,
        .opaque = device,
        .random = random_bytes,
    };
    struct teeio_spdm_config spdm = {
        .opaque = device,
        .chain = device->credentials.chain,
        .key = device->credentials.key,
        .random = spdm_random,
        .clock = host_clock,
        .max_version = device->config.only_12 ? TEEIO_SPDM_12 : 0,
    };

    device->ide = teeio_ide_new(&port);
    if (!device->ide ||
        !teeio_spdm_identity_make(&identity, &device->credentials)) {
        return false;
    }
    manager.ide = device->ide;
    device->dsm = teeio_dsm_new(&manager);
    spdm.chain_size = device->credentials.chain_size;
    spdm.key_size = device->credentials.key_size;
    if (!device->dsm || !teeio_dsm_start_spdm(device->dsm, &spdm)) {
        return false;
    }
    teeio_interface_init(&device->function, &device->host, NULL);
    return teeio_dsm_add(device->dsm, &device->function);
}

struct teeio_spdm_device *
teeio_spdm_device_new(const struct teeio_spdm_device_config *config,
                      GError **error)
{
    struct teeio_spdm_device *device = g_new0(struct teeio_spdm_device, 1);

    device->config = *config;
    device->host.opaque = device;
    device->host.clock = host_clock;
    if (config->seeded) {
        device->rand = g_rand_new_with_seed(config->seed ^ config->serial);
    }
    if (!create_models(device)) {
        teeio_set_error(error, TEEIO_EXIT_RIG, NULL,
                        "the device: out of memory");
        teeio_spdm_device_free(device);
        return NULL;
    }
    configure(device);
    return device;
}

void teeio_spdm_device_free(struct teeio_spdm_device *device)
{
    if (!device) {
        return;
    }
    if (device->dsm) {
        teeio_dsm_free(device->dsm);
    }
    if (device->ide) {
        teeio_ide_free(device->ide);
    }
    if (device->rand) {
        g_rand_free(device->rand);
    }
    g_free(device);
}

void teeio_spdm_device_reset(struct teeio_spdm_device *device)
{
    teeio_interface_reset(&device->function);
    teeio_dsm_reset(device->dsm);
    configure(device);
}

size_t teeio_spdm_device_object(struct teeio_spdm_device *device,
                                const uint8_t *object, size_t len,
                                uint8_t *answer, size_t size)
{
    return teeio_dsm_object(device->dsm, object, len, answer, size);
}
