/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * One TEE device interface (TDI): its state machine, what was locked and by
 * whom, and what its device looks like now.
 */
#ifndef TEEIO_INTERFACE_H
#define TEEIO_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "teeio/host.h"
#include "teeio/ide.h"
#include "teeio/quirks.h"
#include "teeio/report.h"
#include "teeio/tdisp.h"

#define TEEIO_NONCE_SIZE 32

/**
 * enum teeio_interface_cause - why a locked TDI went to ERROR
 *
 * The first ones are found by teeio_interface_configure(), in this order
 * (PCIe 11.2, table 11-2); the others are told to teeio_interface_break().
 */
enum teeio_interface_cause {
    TEEIO_CAUSE_REQUESTER,      /* the requester id or segment changed */
    TEEIO_CAUSE_BUS_MASTER,     /* Command.BME was cleared */
    TEEIO_CAUSE_BAR,            /* Command.MSE was cleared, or a BAR changed */
    TEEIO_CAUSE_ROM,            /* the expansion ROM BAR changed */
    TEEIO_CAUSE_POWER,          /* a power state that loses the function's */
    TEEIO_CAUSE_DEVICE_CONTROL, /* tags, phantom functions or no snoop */
    TEEIO_CAUSE_MSIX,           /* MSI-X control, when it was locked */
    TEEIO_CAUSE_PASID,          /* PASID control changed */
    TEEIO_CAUSE_PRI,            /* page request control changed */
    TEEIO_CAUSE_OTHER,          /* SR-IOV, ARI, resizable BAR, multicast */
    TEEIO_CAUSE_CONFIG_END,
    TEEIO_CAUSE_IDE_INSECURE = TEEIO_CAUSE_CONFIG_END,
    TEEIO_CAUSE_IDE_CHANGED, /* registers of a bound stream */
    TEEIO_CAUSE_SESSION,     /* the session that locked it ended */
    TEEIO_CAUSE_FIRMWARE,    /* a firmware update was forced */
    TEEIO_CAUSE_POISON,      /* a poisoned TLP was received */
    TEEIO_CAUSE_COMPLETION,  /* a request ended as UR, CA or timeout */
    TEEIO_CAUSE_DEVICE,      /* what only the device knows; or injected */
    TEEIO_CAUSES
};

/** teeio_interface_cause_name() - "bus master enable", ... */
const char *teeio_interface_cause_name(enum teeio_interface_cause cause);

/**
 * struct teeio_interface_config - what config space says now
 * @digest:          any value that changes when a BAR or Command.MSE does, for
 *                   those who leave @report.bars empty
 * @rom:             expansion ROM BAR as a register, enable bit and all
 * @rom_size:        bytes; 0 when there is none
 * @power:           0 to 3 for D0 to D3
 * @no_soft_reset:   D3hot keeps the function's state
 * @device_control:  the registers Device Control, 2 and 3
 * @pasid:           PASID Control
 * @pri:             Page Request Control
 * @other:           any value that changes when SR-IOV, ARI, resizable BAR or
 *                   multicast registers do
 * @report:          the rest, as the report shows it
 */
struct teeio_interface_config {
    uint8_t segment;
    uint16_t requester;
    bool memory_enable;
    bool bus_master;
    uint64_t digest;
    uint64_t rom;
    uint64_t rom_size;
    uint8_t power;
    bool no_soft_reset;
    uint32_t device_control[3];
    uint32_t pasid;
    uint32_t pri;
    uint64_t other;
    struct teeio_report_inputs report;
};

/**
 * struct teeio_interface_ops - the device behind an interface
 * @opaque: passed back as first argument
 * @moved:  the state changed; called before the event is traced. May be NULL
 */
struct teeio_interface_ops {
    void *opaque;
    void (*moved)(void *opaque, enum teeio_tdisp_state from,
                  enum teeio_tdisp_state to);
};

/**
 * struct teeio_lock - LOCK_INTERFACE_REQUEST
 * @local:   it comes from a TSM in the same machine, in no SPDM session: IDE
 *           is neither required nor bound
 * @session: it came in, unless @local
 * @flags:   TEEIO_TDISP_NO_FW_UPDATE and so on (spec/tdisp.h)
 * @stream:  default stream id
 * @offset:  MMIO_REPORTING_OFFSET
 * @p2p_mask: BIND_P2P address mask
 */
struct teeio_lock {
    bool local;
    uint32_t session;
    uint16_t flags;
    uint8_t stream;
    uint64_t offset;
    uint64_t p2p_mask;
};

/**
 * struct teeio_interface - one TDI; for others to read only
 * @ide:        the port it is behind; NULL when IDE is not required
 * @lock:       holds from LOCK until CONFIG_UNLOCKED
 * @bound:      @lock.stream is bound to it
 * @p2p:        a bit per stream id that is bound as well
 * @locks:      never goes back, so no nonce comes twice
 * @ranges:     cut at LOCK, @range_count of them
 */
struct teeio_interface {
    const struct teeio_host *host;
    struct teeio_interface_ops ops;
    void *random_opaque;
    bool (*random)(void *opaque, uint8_t *buf, size_t size);
    struct teeio_ide *ide;
    const struct teeio_quirks *quirks;
    enum teeio_tdisp_state state;
    struct teeio_interface_config config;
    struct teeio_lock lock;
    bool bound;
    uint8_t p2p[32];
    uint64_t locks;
    uint8_t nonce[TEEIO_NONCE_SIZE];
    uint32_t range_count;
    struct teeio_mmio_range ranges[TEEIO_REPORT_RANGES];
};

/**
 * teeio_interface_init() - in CONFIG_UNLOCKED
 * @host: for the clock and events; outlives the interface
 * @ops:  NULL for none
 */
void teeio_interface_init(struct teeio_interface *interface,
                          const struct teeio_host *host,
                          const struct teeio_interface_ops *ops);

/**
 * teeio_interface_attach() - put it behind a port
 * @ide, @quirks: outlive the interface; may be NULL
 */
void teeio_interface_attach(struct teeio_interface *interface,
                            struct teeio_ide *ide,
                            const struct teeio_quirks *quirks);

/**
 * teeio_interface_set_random() - where nonces come from
 * @random: fill @buf with @size bytes that nobody can foresee; returns false
 *          when there is not enough entropy. NULL, as at first: a generator
 *          that repeats itself from run to run
 */
void teeio_interface_set_random(struct teeio_interface *interface, void *opaque,
                                bool (*random)(void *opaque, uint8_t *buf,
                                               size_t size));

/** teeio_interface_function_id() - FUNCTION_ID, segment valid when not 0 */
uint32_t teeio_interface_function_id(const struct teeio_interface *interface);

/**
 * teeio_interface_configure() - tell it what config space now says
 *
 * What a lock froze moves a locked TDI to ERROR. A BAR that is no longer as it
 * was, with MSE set or clear, counts as changed.
 */
void teeio_interface_configure(struct teeio_interface *interface,
                               const struct teeio_interface_config *config);

/** teeio_interface_break() - to ERROR from CONFIG_LOCKED or RUN */
void teeio_interface_break(struct teeio_interface *interface,
                           enum teeio_interface_cause cause);

/** teeio_interface_reset() - conventional reset: to CONFIG_UNLOCKED */
void teeio_interface_reset(struct teeio_interface *interface);

/**
 * teeio_interface_flr() - function level reset: to ERROR when locked
 *
 * Told before what the reset did to config space.
 */
void teeio_interface_flr(struct teeio_interface *interface);

/**
 * teeio_interface_lock() - LOCK_INTERFACE_REQUEST (PCIe 11.3.8)
 * @nonce: on success the nonce that START must bring back
 *
 * Returns: a TDISP error code. INVALID_INTERFACE_STATE: not CONFIG_UNLOCKED.
 * INVALID_REQUEST: the reporting offset is not of whole pages or leads out of
 * the address space; the stream is not the default stream, or lacks keys of
 * this session. INVALID_DEVICE_CONFIGURATION: memory space disabled, a BAR
 * without address, overlaps, too many ranges, phantom functions, D3; two
 * default streams or one with another TC than 0. INSUFFICIENT_ENTROPY.
 */
enum teeio_tdisp_error teeio_interface_lock(struct teeio_interface *interface,
                                            const struct teeio_lock *lock,
                                            uint8_t nonce[TEEIO_NONCE_SIZE]);

/** teeio_interface_start() - START_INTERFACE_REQUEST; uses up the nonce */
enum teeio_tdisp_error
teeio_interface_start(struct teeio_interface *interface,
                      const uint8_t nonce[TEEIO_NONCE_SIZE]);

/** teeio_interface_stop() - STOP_INTERFACE_REQUEST */
enum teeio_tdisp_error teeio_interface_stop(struct teeio_interface *interface);

/**
 * teeio_interface_report() - the whole report
 * @size: set to its length
 *
 * Returns: INVALID_INTERFACE_STATE outside CONFIG_LOCKED and RUN, else OK.
 */
enum teeio_tdisp_error
teeio_interface_report(const struct teeio_interface *interface,
                       uint8_t report[TEEIO_REPORT_MAX], size_t *size);

/**
 * teeio_interface_bind() - BIND_P2P_STREAM_REQUEST (PCIe 11.3.18)
 *
 * Returns: INVALID_REQUEST when the lock does not allow it, ATS is off or the
 * stream is not fit for it; INVALID_INTERFACE_STATE outside RUN.
 */
enum teeio_tdisp_error teeio_interface_bind(struct teeio_interface *interface,
                                            uint8_t stream);

/** teeio_interface_unbind() - UNBIND_P2P_STREAM_REQUEST (PCIe 11.3.20) */
enum teeio_tdisp_error teeio_interface_unbind(struct teeio_interface *interface,
                                              uint8_t stream);

/**
 * struct teeio_attribute_change - MMIO_RANGE of SET_MMIO_ATTRIBUTE_REQUEST
 * @page:  first page, reporting offset added
 * @pages: of 4 KiB
 * @id:    range id
 */
struct teeio_attribute_change {
    uint64_t page;
    uint32_t pages;
    uint16_t attributes;
    uint16_t id;
};

/**
 * teeio_interface_set_attribute() - SET_MMIO_ATTRIBUTE_REQUEST (PCIe 11.3.22)
 *
 * Only a whole range of the report, and only when it is updatable.
 */
enum teeio_tdisp_error
teeio_interface_set_attribute(struct teeio_interface *interface,
                              const struct teeio_attribute_change *change);

/** teeio_interface_is_bound() - is the stream bound, as default or for P2P? */
bool teeio_interface_is_bound(const struct teeio_interface *interface,
                              uint8_t stream);

/**
 * teeio_interface_mmio_allowed() - is a memory request to be served?
 * @offset: in the BAR
 * @t:      the T bit of the request, after teeio_ide_accepts()
 *
 * PCIe 11.2.1: TEE memory is served with T=1 and in RUN only, once locked.
 * What no report shows, or shows as non-TEE memory, is served as ever. Before
 * LOCK there is no TEE memory, and T=1 is refused.
 */
bool teeio_interface_mmio_allowed(const struct teeio_interface *interface,
                                  unsigned bar, uint64_t offset, bool t);

/** teeio_interface_msix_t() - the T bit of an MSI-X message (PCIe 11.2.1) */
bool teeio_interface_msix_t(const struct teeio_interface *interface);

#endif
