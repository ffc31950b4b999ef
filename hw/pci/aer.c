/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/aer.h"

#include <string.h>

#include "config.h"

/* First byte: 31:29 of the header are the format, 28:24 the type. */
#define FMT_4DW   0x20u
#define FMT_DATA  0x40u
#define DWORD     4u
#define MAX_DWORD 1024u

static void put_big(uint8_t *bytes, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(value >> 8 * (size - 1 - i));
    }
}

/* PCIe 2.2.5: which bytes of the first and of the last doubleword count. */
static uint8_t byte_enables(const struct teeio_tlp *tlp, uint32_t dwords)
{
    unsigned begin = tlp->address % DWORD;
    unsigned end = (unsigned)((tlp->address + tlp->length) % DWORD);
    uint8_t first = 0xf & 0xf << begin;
    uint8_t last = end ? 0xf >> (DWORD - end) : 0xf;

    return dwords == 1 ? first & last : (uint8_t)(last << 4 | first);
}

void teeio_aer_header(const struct teeio_tlp *tlp, uint8_t header[16])
{
    uint64_t address = tlp->address & ~(uint64_t)(DWORD - 1);
    uint32_t dwords =
        (uint32_t)((tlp->address % DWORD + tlp->length + DWORD - 1) / DWORD);
    bool wide = address > UINT32_MAX;

    memset(header, 0, 16);
    header[0] =
        (wide ? FMT_4DW : 0) | (tlp->kind == TEEIO_TLP_MWR ? FMT_DATA : 0);
    header[2] = (uint8_t)(tlp->at << 2 | (dwords % MAX_DWORD) >> 8);
    header[3] = (uint8_t)dwords;
    put_big(header + 4, tlp->requester, 2);
    header[7] = byte_enables(tlp, dwords);
    put_big(header + 8, address, wide ? 8 : 4);
}

static unsigned error_of(const struct teeio_dma *dma)
{
    switch (dma->path.refusal) {
    case TEEIO_REFUSAL_MALFORMED:
        return TEEIO_AER_MALFORMED;
    case TEEIO_REFUSAL_ACS:
        return TEEIO_AER_ACS;
    case TEEIO_REFUSAL_IDE:
        return TEEIO_AER_IDE_CHECK;
    case TEEIO_REFUSAL_MISROUTED:
        return TEEIO_AER_IDE_MISROUTED;
    default:
        return TEEIO_AER_UR;
    }
}

static void set_word(uint8_t *config, unsigned offset, uint16_t bits)
{
    config_put_word(config, offset, config_word(config, offset) | bits);
}

static void set_long(uint8_t *config, unsigned offset, uint32_t bits)
{
    config_put_long(config, offset, config_long(config, offset) | bits);
}

/* PCIe 6.2.4.2: until software clears the first error, its header stays. */
static void log_header(uint8_t *config, unsigned aer, unsigned error,
                       const struct teeio_tlp *tlp)
{
    uint32_t control = config_long(config, aer + TEEIO_AER_CONTROL);
    uint32_t status = config_long(config, aer + TEEIO_AER_UNCOR_STATUS);
    uint32_t mask = config_long(config, aer + TEEIO_AER_UNCOR_MASK);
    uint8_t header[16];

    if (status >> (control & TEEIO_AER_FIRST_ERROR) & 1 || mask >> error & 1) {
        return;
    }
    config_put_long(config, aer + TEEIO_AER_CONTROL,
                    (control & ~TEEIO_AER_FIRST_ERROR) | error);
    teeio_aer_header(tlp, header);
    for (unsigned i = 0; i < sizeof(header); i += 4) {
        config_put_long(config, aer + TEEIO_AER_HEADER + i,
                        (uint32_t)header[i] << 24 | header[i + 1] << 16 |
                            header[i + 2] << 8 | header[i + 3]);
    }
}

/**
 * struct report - how an error of some severity is reported
 * @status:  Device Status
 * @enable:  Device Control: send @message
 * @message: to the root port
 */
static const struct report {
    uint16_t status;
    uint16_t enable;
    enum teeio_aer_message message;
} reports[] = {
    [TEEIO_AER_ERR_COR] = {TEEIO_EXP_DEVSTA_COR, TEEIO_EXP_DEVCTL_COR,
                           TEEIO_AER_ERR_COR},
    [TEEIO_AER_ERR_NONFATAL] = {TEEIO_EXP_DEVSTA_NFERR, TEEIO_EXP_DEVCTL_NFERR,
                                TEEIO_AER_ERR_NONFATAL},
    [TEEIO_AER_ERR_FATAL] = {TEEIO_EXP_DEVSTA_FATAL, TEEIO_EXP_DEVCTL_FATAL,
                             TEEIO_AER_ERR_FATAL},
};

static enum teeio_aer_message severity_of(const uint8_t *config, unsigned aer,
                                          unsigned error,
                                          const struct teeio_tlp *tlp)
{
    /* PCIe 6.2.2: without the capability, only malformed TLPs are fatal. */
    bool fatal = error == TEEIO_AER_MALFORMED;

    if (aer) {
        fatal =
            config_long(config, aer + TEEIO_AER_UNCOR_SEVERITY) >> error & 1;
    }
    if (fatal) {
        return TEEIO_AER_ERR_FATAL;
    }
    if (error == TEEIO_AER_IDE_CHECK || error == TEEIO_AER_IDE_MISROUTED) {
        /* PCIe 6.2.3.2.4: not among the cases that are advisory. */
        return TEEIO_AER_ERR_NONFATAL;
    }
    return tlp->kind == TEEIO_TLP_MRD ? TEEIO_AER_ERR_COR
                                      : TEEIO_AER_ERR_NONFATAL;
}

/* PCIe 6.2.5. Returns: true when a message may follow. */
static bool log_error(uint8_t *config, unsigned aer, unsigned error,
                      enum teeio_aer_message severity,
                      const struct teeio_tlp *tlp)
{
    bool masked;

    if (severity == TEEIO_AER_ERR_COR) {
        set_long(config, aer + TEEIO_AER_COR_STATUS, TEEIO_AER_ADVISORY);
        if (config_long(config, aer + TEEIO_AER_COR_MASK) &
            TEEIO_AER_ADVISORY) {
            return false;
        }
    }
    masked = config_long(config, aer + TEEIO_AER_UNCOR_MASK) >> error & 1;
    log_header(config, aer, error, tlp);
    set_long(config, aer + TEEIO_AER_UNCOR_STATUS, 1u << error);
    return severity == TEEIO_AER_ERR_COR || !masked;
}

enum teeio_aer_message teeio_aer_log(uint8_t *config,
                                     const struct teeio_dma *dma)
{
    unsigned express = config_capability(config, TEEIO_CAP_EXPRESS);
    unsigned error = error_of(dma);
    enum teeio_aer_message severity;
    const struct report *report;
    uint16_t control;
    unsigned aer;

    if (!express) {
        return TEEIO_AER_NO_MESSAGE;
    }
    aer = config_extended(config, TEEIO_ECAP_AER);
    severity = severity_of(config, aer, error, &dma->tlp);
    report = &reports[severity];
    control = config_word(config, express + TEEIO_EXP_DEVCTL);
    set_word(config, express + TEEIO_EXP_DEVSTA,
             report->status |
                 (error == TEEIO_AER_UR ? TEEIO_EXP_DEVSTA_UR : 0));
    if (aer && !log_error(config, aer, error, severity, &dma->tlp)) {
        return TEEIO_AER_NO_MESSAGE;
    }
    if (error == TEEIO_AER_UR && !(control & TEEIO_EXP_DEVCTL_UR)) {
        return TEEIO_AER_NO_MESSAGE;
    }
    return control & report->enable ? report->message : TEEIO_AER_NO_MESSAGE;
}

unsigned teeio_aer_find(const uint8_t *config)
{
    return config_capability(config, TEEIO_CAP_EXPRESS)
               ? config_extended(config, TEEIO_ECAP_AER)
               : 0;
}

bool teeio_aer_forwards(const uint8_t *config)
{
    return config_word(config, TEEIO_CFG_BRIDGE_CONTROL) &
           TEEIO_CFG_BRIDGE_SERR;
}

bool teeio_aer_receive(uint8_t *config, enum teeio_aer_message message,
                       uint16_t source, unsigned *vector)
{
    unsigned aer = config_extended(config, TEEIO_ECAP_AER);
    bool cor = message == TEEIO_AER_ERR_COR;
    uint32_t got = cor ? TEEIO_AER_GOT_COR : TEEIO_AER_GOT_UNCOR;
    uint32_t enable;
    uint32_t status;

    if (!aer || message == TEEIO_AER_NO_MESSAGE) {
        return false;
    }
    status = config_long(config, aer + TEEIO_AER_ROOT_STATUS);
    if (status & got) {
        status |= cor ? TEEIO_AER_MULTI_COR : TEEIO_AER_MULTI_UNCOR;
    } else {
        /* PCIe 7.8.4.11: the first of a kind tells its source. */
        config_put_word(config, aer + TEEIO_AER_ROOT_SOURCE + (cor ? 0 : 2),
                        source);
        if (message == TEEIO_AER_ERR_FATAL) {
            status |= TEEIO_AER_FIRST_FATAL;
        }
    }
    status |= got;
    enable = TEEIO_AER_ROOT_COR;
    if (message == TEEIO_AER_ERR_NONFATAL) {
        status |= TEEIO_AER_GOT_NONFATAL;
        enable = TEEIO_AER_ROOT_NONFATAL;
    } else if (message == TEEIO_AER_ERR_FATAL) {
        status |= TEEIO_AER_GOT_FATAL;
        enable = TEEIO_AER_ROOT_FATAL;
    }
    config_put_long(config, aer + TEEIO_AER_ROOT_STATUS, status);
    *vector = TEEIO_AER_VECTOR(status);
    return config_long(config, aer + TEEIO_AER_ROOT_COMMAND) & enable;
}
