/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The device security manager (DSM) of one physical device: it answers TDISP
 * for the TDIs of all functions and IDE_KM for their port.
 */
#ifndef TEEIO_DSM_H
#define TEEIO_DSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/doe.h"
#include "teeio/ide.h"
#include "teeio/interface.h"
#include "teeio/quirks.h"
#include "teeio/spdm.h"

#define TEEIO_DSM_MAX_INTERFACES 64

/** Bytes of response that suffice for every message but a whole report. */
#define TEEIO_DSM_MIN_RESPONSE 64

/* What SPDM calls the registry and the vendor of these messages. */
#define TEEIO_DSM_STANDARD_PCI_SIG 3
#define TEEIO_DSM_VENDOR_PCI_SIG   0x0001

/**
 * struct teeio_dsm_config - how one device is made
 * @ide:    the port; may be NULL; the DSM is its listener from then on
 * @quirks: may be NULL
 * @opaque: passed back as first argument of the callbacks
 * @random: as teeio_interface_set_random(), for all interfaces
 * @vdm:    answer a VDM_REQUEST; @body begins at REGISTRY_ID, @len bytes; the
 *          response's body goes to @response, at most *@size bytes, and *@size
 *          becomes its length. Returns: OK; or VENDOR_SPECIFIC_ERROR with the
 *          extended error data as body; or another error. NULL: there are none
 *
 * What is pointed to outlives the DSM.
 */
struct teeio_dsm_config {
    struct teeio_ide *ide;
    const struct teeio_quirks *quirks;
    void *opaque;
    bool (*random)(void *opaque, uint8_t *buf, size_t size);
    enum teeio_tdisp_error (*vdm)(void *opaque,
                                  const struct teeio_interface *interface,
                                  const uint8_t *body, size_t len,
                                  uint8_t *response, size_t *size);
};

struct teeio_dsm;

/** teeio_dsm_new() - without any interface; NULL when out of memory */
struct teeio_dsm *teeio_dsm_new(const struct teeio_dsm_config *config);

/** teeio_dsm_free() - with its SPDM; detaches the interfaces that are left */
void teeio_dsm_free(struct teeio_dsm *dsm);

/**
 * teeio_dsm_start_spdm() - give it an SPDM responder, once
 * @config: as for teeio_spdm_new(); @measure, @vendor and @session_ended do not
 *          count, they are the DSM's
 *
 * Returns: false when teeio_spdm_new() made none.
 */
bool teeio_dsm_start_spdm(struct teeio_dsm *dsm,
                          const struct teeio_spdm_config *config);

/** teeio_dsm_spdm() - its responder, to save, load or expire; NULL: none */
struct teeio_spdm *teeio_dsm_spdm(struct teeio_dsm *dsm);

/**
 * teeio_dsm_protocols() - SPDM and secured SPDM, for a mailbox
 *
 * They live as long as the DSM.
 */
struct teeio_doe_protocols teeio_dsm_protocols(const struct teeio_dsm *dsm);

/** teeio_dsm_object() - as teeio_doe_serve(), with these protocols */
size_t teeio_dsm_object(struct teeio_dsm *dsm, const uint8_t *object,
                        size_t len, uint8_t *answer, size_t size);

/**
 * enum teeio_dsm_measurement - indices of the DSM's measurements
 * @TEEIO_DSM_MEASURE_FIRMWARE: type 1: "qemu-teeio ", the version, " update ",
 *                              the number of firmware updates in decimal
 * @TEEIO_DSM_MEASURE_HARDWARE: type 2: the quirks as text
 * @TEEIO_DSM_MEASURE_CONFIG:   type 3: for each interface FUNCTION_ID (4
 *                              bytes), TDISP state (1), lock flags (1), and
 *                              what is on (1): bit 0 bus master, 1 ATS, 2 PRI,
 *                              3 PASID
 */
enum teeio_dsm_measurement {
    TEEIO_DSM_MEASURE_FIRMWARE = 1,
    TEEIO_DSM_MEASURE_HARDWARE,
    TEEIO_DSM_MEASURE_CONFIG,
};

/**
 * teeio_dsm_reset() - conventional reset: sessions, streams and faults go
 *
 * The interfaces are reset with their devices.
 */
void teeio_dsm_reset(struct teeio_dsm *dsm);

/**
 * teeio_dsm_add() - an interface of this device; the first is function 0's
 *
 * Returns: false when %TEEIO_DSM_MAX_INTERFACES are there already.
 */
bool teeio_dsm_add(struct teeio_dsm *dsm, struct teeio_interface *interface);

/** teeio_dsm_remove() - and detach it; nothing happens when it is not there */
void teeio_dsm_remove(struct teeio_dsm *dsm, struct teeio_interface *interface);

/**
 * teeio_dsm_find() - by FUNCTION_ID
 *
 * Its segment counts only when it is marked as valid.
 */
struct teeio_interface *teeio_dsm_find(const struct teeio_dsm *dsm,
                                       uint32_t function_id);

/**
 * teeio_dsm_tdisp() - one TDISP message (PCIe 11.3), as received in a session
 * @message:  from TDISPVersion on, @len bytes
 * @response: at most @size bytes, not less than %TEEIO_DSM_MIN_RESPONSE
 *
 * Returns: the length of the response; 0 when there is none.
 */
size_t teeio_dsm_tdisp(struct teeio_dsm *dsm, uint32_t session,
                       const uint8_t *message, size_t len, uint8_t *response,
                       size_t size);

/**
 * teeio_dsm_vendor() - one SPDM vendor-defined request
 * @secured:  it came in the session @session
 * @standard: StandardID
 * @payload:  VendorDefinedReqPayload, from the protocol byte on
 * @response: VendorDefinedRespPayload, from the protocol byte on
 *
 * Returns: the length of the response; 0 when it is to be refused: not
 * secured (PCIe 11.2.2), not of PCI-SIG, neither TDISP nor IDE_KM; or when the
 * protocol does not answer.
 */
size_t teeio_dsm_vendor(struct teeio_dsm *dsm, bool secured, uint32_t session,
                        uint16_t standard, const uint8_t *vendor,
                        uint8_t vendor_len, const uint8_t *payload, size_t len,
                        uint8_t *response, size_t size);

/**
 * teeio_dsm_session_ended() - an SPDM session ended, in whatever way
 *
 * PCIe 11.4.5: TDIs that were locked in it go to ERROR, streams that were keyed
 * in it become insecure.
 */
void teeio_dsm_session_ended(struct teeio_dsm *dsm, uint32_t session);

/**
 * teeio_dsm_flr() - function level reset of function 0
 *
 * PCIe 11.4.9: all TDIs are affected, and sessions and streams with them. An
 * FLR of another function goes to its own interface alone.
 */
void teeio_dsm_flr(struct teeio_dsm *dsm);

/**
 * teeio_dsm_firmware_update() - new firmware arrives (PCIe 11.3.8, 11.4.2)
 * @forced: it cannot be refused, and ends what runs
 *
 * Returns: false when it was refused, for a TDI that is locked with
 * NO_FW_UPDATE.
 */
bool teeio_dsm_firmware_update(struct teeio_dsm *dsm, bool forced);

/**
 * teeio_dsm_save(), teeio_dsm_load() - what is left when interfaces, port and
 * SPDM responder are saved for themselves
 *
 * As teeio_tdi_save() and teeio_tdi_load(). Injected faults are no part of it.
 */
size_t teeio_dsm_save(const struct teeio_dsm *dsm, uint8_t *buf, size_t size);
bool teeio_dsm_load(struct teeio_dsm *dsm, const uint8_t *buf, size_t size);

/** enum teeio_dsm_fault - what a device may do wrong on request */
enum teeio_dsm_fault {
    TEEIO_DSM_NO_FAULT,
    TEEIO_DSM_FAULT_ERROR,   /* TDISP_ERROR with code @value */
    TEEIO_DSM_FAULT_SILENCE, /* no TDISP response */
    TEEIO_DSM_FAULT_NONCE,   /* LOCK_INTERFACE_RESPONSE with another nonce */
    TEEIO_DSM_FAULT_STATE,   /* DEVICE_INTERFACE_STATE says @value */
    TEEIO_DSM_FAULT_REPORT,  /* DEVICE_INTERFACE_REPORT with a changed bit */
    TEEIO_DSM_FAULTS
};

/**
 * teeio_dsm_inject() - a fault in the next @count responses that can have it
 *
 * One kind of fault at a time; @count 0 ends it.
 */
void teeio_dsm_inject(struct teeio_dsm *dsm, enum teeio_dsm_fault fault,
                      uint32_t value, unsigned count);

#endif
