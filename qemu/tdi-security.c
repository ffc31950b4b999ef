/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "tdi-security.h"

#include <glib.h>
#include <string.h>

#include "host.h"
#include "teeio/spec/doe.h"
#include "teeio/spec/ide.h"
#include "teeio/spec/spdm.h"
#include "teeio/spec/tdi.h"

/* Where the capabilities lie, behind those of tdi-config.c and SR-IOV. */
#define DOE_CAP 0x190
#define IDE_CAP 0x200

#define LINKS   1
#define STREAMS 4
/* Enough for memory and for a peer. */
#define ADDRESSES      2

#define EXCHANGE_STEPS 64

/* Splitmix64: a sequence that visits every value and starts anywhere. */
static uint64_t next_seeded(struct teeio_security *security)
{
    uint64_t x = security->random += 0x9e3779b97f4a7c15u;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static bool random_bytes(void *opaque, uint8_t *buf, size_t size)
{
    struct teeio_security *security = opaque;

    if (!security->seed) {
        return teeio_host_entropy(buf, size);
    }
    while (size > 0) {
        uint64_t word = GUINT64_TO_LE(next_seeded(security));
        size_t part = size < sizeof(word) ? size : sizeof(word);

        memcpy(buf, &word, part);
        buf += part;
        size -= part;
    }
    return true;
}

static void spdm_random(void *opaque, void *buf, size_t len)
{
    const struct teeio_security *security = opaque;

    if (security->seed) {
        random_bytes(opaque, buf, len);
    } else {
        teeio_host_random(buf, len);
    }
}

/* Configuration space, 7.5.1 */
#define SUBSYSTEM_VENDOR 0x2c
#define SUBSYSTEM        0x2e

static bool make_credentials(struct teeio_security *security,
                             const struct teeio_security_config *config)
{
    const struct teeio_spdm_identity identity = {
        .vendor = TEEIO_TDI_VENDOR_ID,
        .device = TEEIO_TDI_DEVICE_ID,
        .subsystem_vendor =
            pci_default_read_config(config->pci, SUBSYSTEM_VENDOR, 2),
        .subsystem = pci_default_read_config(config->pci, SUBSYSTEM, 2),
        .class_code = TEEIO_TDI_CLASS << 8,
        .revision = TEEIO_TDI_REVISION,
        .serial = config->serial,
    };

    return teeio_spdm_identity_make(&identity, &security->credentials);
}

static bool start(struct teeio_security *security,
                  const struct teeio_security_config *config)
{
    const struct teeio_ide_config port = {
        .links = LINKS,
        .streams = STREAMS,
        .addresses = ADDRESSES,
        .quirks = config->quirks,
    };
    struct teeio_dsm_config manager = {
        .quirks = config->quirks,
        .opaque = security,
        .random = random_bytes,
    };
    const struct teeio_spdm_config spdm = {
        .opaque = security,
        .chain = security->credentials.chain,
        .chain_size = security->credentials.chain_size,
        .key = security->credentials.key,
        .key_size = security->credentials.key_size,
        .random = spdm_random,
        .max_version = config->only_12 ? TEEIO_SPDM_12 : 0,
    };
    struct teeio_doe_config mailbox = {
        .host = config->host,
        .interrupt = true,
        .message = config->vector,
    };

    security->ide = teeio_ide_new(&port);
    manager.ide = security->ide;
    security->dsm = security->ide ? teeio_dsm_new(&manager) : NULL;
    if (!security->dsm || !teeio_dsm_start_spdm(security->dsm, &spdm)) {
        return false;
    }
    mailbox.protocols = teeio_dsm_protocols(security->dsm);
    security->doe = teeio_doe_new(&mailbox);
    return security->doe;
}

struct teeio_security *
teeio_security_new(const struct teeio_security_config *config)
{
    struct teeio_security *security = g_new0(struct teeio_security, 1);

    security->seed = config->seed;
    security->random = config->seed;
    if (!make_credentials(security, config) || !start(security, config)) {
        teeio_security_free(security);
        return NULL;
    }
    return security;
}

void teeio_security_free(struct teeio_security *security)
{
    if (!security) {
        return;
    }
    if (security->doe) {
        teeio_doe_free(security->doe);
    }
    teeio_dsm_free(security->dsm);
    if (security->ide) {
        teeio_ide_free(security->ide);
    }
    g_free(security);
}

void teeio_security_init(struct teeio_security *security, PCIDevice *pci)
{
    pcie_add_capability(pci, TEEIO_DOE_CAP_ID, TEEIO_DOE_CAP_VERSION, DOE_CAP,
                        TEEIO_DOE_CAP_SIZE);
    pcie_add_capability(pci, TEEIO_IDE_CAP_ID, TEEIO_IDE_CAP_VERSION, IDE_CAP,
                        (uint16_t)teeio_ide_size(security->ide));
}

void teeio_security_reset(struct teeio_security *security)
{
    teeio_doe_reset(security->doe);
    teeio_dsm_reset(security->dsm);
}

void teeio_security_flr(struct teeio_security *security)
{
    teeio_doe_reset(security->doe);
    teeio_dsm_flr(security->dsm);
}

/* The header is QEMU's own. */
static bool inside(uint32_t address, uint32_t capability, uint32_t size)
{
    return address >= capability + 4 && address < capability + size;
}

bool teeio_security_read(const struct teeio_security *security,
                         uint32_t address, int len, uint32_t *value)
{
    if (inside(address, DOE_CAP, TEEIO_DOE_CAP_SIZE)) {
        *value = teeio_doe_read(security->doe, address - DOE_CAP, len);
        return true;
    }
    if (inside(address, IDE_CAP, teeio_ide_size(security->ide))) {
        *value = teeio_ide_read(security->ide, address - IDE_CAP, len);
        return true;
    }
    return false;
}

bool teeio_security_write(struct teeio_security *security, uint32_t address,
                          uint32_t value, int len)
{
    if (inside(address, DOE_CAP, TEEIO_DOE_CAP_SIZE)) {
        teeio_doe_write(security->doe, address - DOE_CAP, value, len);
        return true;
    }
    if (inside(address, IDE_CAP, teeio_ide_size(security->ide))) {
        teeio_ide_write(security->ide, address - IDE_CAP, value, len);
        return true;
    }
    return false;
}

static size_t collect(struct teeio_doe *doe, uint8_t *answer, size_t size)
{
    size_t used = 0;

    while (teeio_doe_read(doe, TEEIO_DOE_REG_STATUS, 4) &
           TEEIO_DOE_STATUS_READY) {
        uint32_t word =
            GUINT32_TO_LE(teeio_doe_read(doe, TEEIO_DOE_REG_READ, 4));

        if (size - used < sizeof(word)) {
            return 0;
        }
        memcpy(answer + used, &word, sizeof(word));
        used += sizeof(word);
        teeio_doe_write(doe, TEEIO_DOE_REG_READ, 0, 4);
    }
    return used;
}

size_t teeio_security_exchange(struct teeio_security *security,
                               const uint8_t *object, size_t len,
                               uint8_t *answer, size_t size)
{
    struct teeio_doe *doe = security->doe;
    uint32_t word;
    uint32_t control = teeio_doe_read(doe, TEEIO_DOE_REG_CONTROL, 4) &
                       TEEIO_DOE_CONTROL_INT_EN;

    teeio_doe_write(doe, TEEIO_DOE_REG_CONTROL,
                    control | TEEIO_DOE_CONTROL_ABORT, 4);
    for (size_t i = 0; i + sizeof(word) <= len; i += sizeof(word)) {
        memcpy(&word, object + i, sizeof(word));
        teeio_doe_write(doe, TEEIO_DOE_REG_WRITE, GUINT32_FROM_LE(word), 4);
    }
    teeio_doe_write(doe, TEEIO_DOE_REG_CONTROL, control | TEEIO_DOE_CONTROL_GO,
                    4);
    for (int i = 0; i < EXCHANGE_STEPS && teeio_doe_step(doe); i++) {
    }
    return collect(doe, answer, size);
}

size_t teeio_security_save(const struct teeio_security *security, uint8_t *buf,
                           size_t size)
{
    uint64_t random = GUINT64_TO_LE(security->random);

    if (size >= sizeof(random)) {
        memcpy(buf, &random, sizeof(random));
    }
    return sizeof(random);
}

bool teeio_security_load(struct teeio_security *security, const uint8_t *buf,
                         size_t size)
{
    uint64_t random;

    if (size != sizeof(random)) {
        return false;
    }
    memcpy(&random, buf, sizeof(random));
    security->random = GUINT64_FROM_LE(random);
    return true;
}
