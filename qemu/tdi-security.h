/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * How a verifier reaches the device: a DOE mailbox and an IDE port in
 * configuration space, and the device security manager behind them.
 */
#ifndef TEEIO_QEMU_TDI_SECURITY_H
#define TEEIO_QEMU_TDI_SECURITY_H

#include "import.h"
#include "teeio/doe.h"
#include "teeio/dsm.h"
#include "teeio/ide.h"

/**
 * struct teeio_security_config - what differs between devices
 * @pci:        whose ids the certificate shows
 * @host:       for the interrupt of the mailbox; outlives it
 * @vector:     MSI-X vector of the mailbox
 * @quirks:     outlive it
 * @seed:       of a source that repeats itself; 0 for real randomness
 * @serial:     in the certificate
 * @only_12:    no SPDM newer than 1.2
 */
struct teeio_security_config {
    PCIDevice *pci;
    const struct teeio_host *host;
    uint16_t vector;
    const struct teeio_quirks *quirks;
    uint64_t seed;
    uint64_t serial;
    bool only_12;
};

/**
 * struct teeio_security - one for a physical device; for others to read only
 */
struct teeio_security {
    uint64_t seed;
    uint64_t random;
    struct teeio_spdm_credentials credentials;
    struct teeio_ide *ide;
    struct teeio_dsm *dsm;
    struct teeio_doe *doe;
};

/** teeio_security_new() - NULL when out of memory */
struct teeio_security *
teeio_security_new(const struct teeio_security_config *config);

/** teeio_security_free() - before the interfaces of its DSM; takes NULL */
void teeio_security_free(struct teeio_security *security);

/** teeio_security_init() - add the capabilities; QEMU keeps their headers */
void teeio_security_init(struct teeio_security *security, PCIDevice *pci);

/** teeio_security_reset() - conventional reset */
void teeio_security_reset(struct teeio_security *security);

/** teeio_security_flr() - function level reset of function 0 */
void teeio_security_flr(struct teeio_security *security);

/**
 * teeio_security_read(), teeio_security_write() - one access of any kind
 *
 * Returns: false when it is to none of the registers here.
 */
bool teeio_security_read(const struct teeio_security *security,
                         uint32_t address, int len, uint32_t *value);
bool teeio_security_write(struct teeio_security *security, uint32_t address,
                          uint32_t value, int len);

/**
 * teeio_security_exchange() - one data object in and out of the mailbox,
 * through its registers as software uses them
 * @object: header and payload, @len bytes, a multiple of 4
 * @answer: header and payload, at most @size bytes
 *
 * An object of somebody else that is on its way is lost.
 *
 * Returns: the bytes of the answer; 0 when the mailbox reports an error or
 * the answer does not fit.
 */
size_t teeio_security_exchange(struct teeio_security *security,
                               const uint8_t *object, size_t len,
                               uint8_t *answer, size_t size);

/** teeio_security_save(), teeio_security_load() - the source of randomness */
size_t teeio_security_save(const struct teeio_security *security, uint8_t *buf,
                           size_t size);
bool teeio_security_load(struct teeio_security *security, const uint8_t *buf,
                         size_t size);

#endif
