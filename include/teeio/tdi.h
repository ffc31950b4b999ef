/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The trusted device: a descriptor-ring DMA engine behind one TDI. Every
 * request that it makes is a TLP with a T bit.
 */
#ifndef TEEIO_TDI_H
#define TEEIO_TDI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/ats.h"
#include "teeio/fabric.h"
#include "teeio/host.h"
#include "teeio/interface.h"
#include "teeio/registers.h"
#include "teeio/tdisp.h"

/** struct teeio_tdi_stats - counters since teeio_tdi_reset() */
struct teeio_tdi_stats {
    uint64_t descriptors;
    uint64_t tlps[2]; /* by T */
    uint64_t refused; /* TLPs that did not reach memory, writes included */
};

/** struct teeio_tdi_services - Enable bits of three extended capabilities */
struct teeio_tdi_services {
    bool pasid;
    bool ats;
    bool pri;
};

/**
 * struct teeio_tdi_pages - where page requests go
 * @opaque:  passed back as first argument
 * @request: send one; may call teeio_tdi_page_response() at once
 */
struct teeio_tdi_pages {
    void *opaque;
    void (*request)(void *opaque, const struct teeio_page_request *request);
};

struct teeio_tdi;

/**
 * teeio_tdi_new() - one device, in CONFIG_UNLOCKED
 * @host:   for interrupts (lines 0 and 1 are the MSI-X vectors) and events
 * @fabric: what its TLPs are sent into; both outlive the device
 *
 * Returns: NULL when out of memory.
 */
struct teeio_tdi *teeio_tdi_new(const struct teeio_host *host,
                                struct teeio_fabric *fabric);
void teeio_tdi_free(struct teeio_tdi *tdi);

/**
 * teeio_tdi_reset() - conventional reset: ring, registers, CONFIG_UNLOCKED
 *
 * What the reset did to config space is told afterwards, by
 * teeio_tdi_set_config(): told before, it would be a change under the lock.
 */
void teeio_tdi_reset(struct teeio_tdi *tdi);

/** teeio_tdi_flr() - function level reset: a locked TDI goes to ERROR */
void teeio_tdi_flr(struct teeio_tdi *tdi);

/** teeio_tdi_interface() - its TDISP side; lives as long as the device */
struct teeio_interface *teeio_tdi_interface(struct teeio_tdi *tdi);

/**
 * teeio_tdi_read(), teeio_tdi_write() - one access to BAR 0
 * @offset: below %TEEIO_TDI_BAR_SIZE (spec/tdi.h)
 * @size:   4 or 8
 *
 * A doorbell write calls host->wake when the ring has work.
 */
uint64_t teeio_tdi_read(struct teeio_tdi *tdi, uint64_t offset, unsigned size);
void teeio_tdi_write(struct teeio_tdi *tdi, uint64_t offset, uint64_t value,
                     unsigned size);

/**
 * teeio_tdi_step() - carry out at most one descriptor
 *
 * A descriptor that waits for a page or for the end of a stall stays at HEAD.
 * What ends the wait calls host->wake.
 *
 * Returns: true when another call may find work.
 */
bool teeio_tdi_step(struct teeio_tdi *tdi);

/**
 * teeio_tdi_set_config() - tell the device what its config space now says
 * @requester:  requester id
 * @bus_master: Command.BME: without it the engine sends nothing
 * @bar_digest: any value that changes when a BAR or Command.MSE changes
 *
 * In CONFIG_LOCKED or RUN, another @requester or @bar_digest and a @bus_master
 * that is cleared move the TDI to ERROR (PCIe 11.2, 11.2.6). The report will
 * have no MMIO range; teeio_tdi_configure() tells the BARs as well.
 */
void teeio_tdi_set_config(struct teeio_tdi *tdi, uint16_t requester,
                          bool bus_master, uint64_t bar_digest);

/** teeio_tdi_configure() - as teeio_interface_configure(), all of it */
void teeio_tdi_configure(struct teeio_tdi *tdi,
                         const struct teeio_interface_config *config);
/** teeio_tdi_set_ingress() - the port below which it is; 0 at first */
void teeio_tdi_set_ingress(struct teeio_tdi *tdi, uint16_t ingress);

/** teeio_tdi_set_pages() - without it, every page request is denied */
void teeio_tdi_set_pages(struct teeio_tdi *tdi,
                         const struct teeio_tdi_pages *pages);

/**
 * teeio_tdi_set_services() - tell the device what its config space enables
 *
 * All are disabled at first. Disabling ATS drops all translations, disabling
 * PRI ends the wait for a page. In CONFIG_LOCKED or RUN, a change of PASID or
 * PRI moves the TDI to ERROR (PCIe table 11-2).
 */
void teeio_tdi_set_services(struct teeio_tdi *tdi,
                            const struct teeio_tdi_services *services);

/** teeio_tdi_invalidate() - forget translations; done when it returns */
void teeio_tdi_invalidate(struct teeio_tdi *tdi,
                          const struct teeio_atc_invalidation *request);

/** teeio_tdi_page_response() - ignored unless it is waited for */
void teeio_tdi_page_response(struct teeio_tdi *tdi,
                             const struct teeio_page_response *response);

/** teeio_tdi_resume() - end of a stall; ignored unless it is waited for */
void teeio_tdi_resume(struct teeio_tdi *tdi, uint16_t stag,
                      enum teeio_stall_outcome outcome);

/**
 * teeio_tdi_lock() - LOCK_INTERFACE_REQUEST
 * @nonce: on success the nonce that START must bring back
 *
 * Returns: a TDISP error code; OK on success.
 */
#define TEEIO_TDI_NONCE 32
enum teeio_tdisp_error teeio_tdi_lock(struct teeio_tdi *tdi,
                                      uint8_t nonce[TEEIO_TDI_NONCE]);

/** teeio_tdi_start() - START_INTERFACE_REQUEST; the nonce is used up by it */
enum teeio_tdisp_error teeio_tdi_start(struct teeio_tdi *tdi,
                                       const uint8_t nonce[TEEIO_TDI_NONCE]);

/** teeio_tdi_stop() - STOP_INTERFACE_REQUEST */
enum teeio_tdisp_error teeio_tdi_stop(struct teeio_tdi *tdi);

enum teeio_tdisp_state teeio_tdi_state(const struct teeio_tdi *tdi);
uint16_t teeio_tdi_requester(const struct teeio_tdi *tdi);
struct teeio_tdi_stats teeio_tdi_stats(const struct teeio_tdi *tdi);

/** enum teeio_tdi_fault - what the device may do wrong on request */
enum teeio_tdi_fault {
    TEEIO_TDI_NO_FAULT,
    TEEIO_TDI_FAULT_T,      /* a TLP leaves with the other T */
    TEEIO_TDI_FAULT_UNLOCK, /* the TDI goes to CONFIG_UNLOCKED in the middle of
                               a descriptor, behind its first TLP */
};

/**
 * teeio_tdi_inject() - a fault in the next @count TLPs or descriptors
 *
 * One kind of fault at a time; @count 0 and a reset end it. It is no part of an
 * image.
 */
void teeio_tdi_inject(struct teeio_tdi *tdi, enum teeio_tdi_fault fault,
                      unsigned count);

/**
 * teeio_tdi_save() - the whole state as a flat image
 * @buf: filled only as far as the image fits; NULL when @size is 0
 *
 * Returns: the length of the image, which may be more than @size.
 */
size_t teeio_tdi_save(const struct teeio_tdi *tdi, uint8_t *buf, size_t size);

/**
 * teeio_tdi_load() - continue from an image, which need not be trusted
 *
 * A descriptor that was waiting goes on waiting; translations are forgotten.
 * Calls host->wake when the ring has work. Traces the state that the TDI is in
 * now.
 *
 * Returns: false, with nothing changed, when this is no image of a TDI.
 */
bool teeio_tdi_load(struct teeio_tdi *tdi, const uint8_t *buf, size_t size);

/** teeio_tdi_registers() - the table, for documentation and tests */
const struct teeio_reg *teeio_tdi_registers(size_t *count);

#endif
