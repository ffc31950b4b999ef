/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * TDISP interface states (PCIe 6.x section 11.2.3): one table of
 * state x message, nothing else decides.
 */
#ifndef TEEIO_TDISP_H
#define TEEIO_TDISP_H

#include <stdbool.h>
#include <stdint.h>

/** enum teeio_tdisp_state - TDI states, numbered as on the wire */
enum teeio_tdisp_state {
    TEEIO_TDISP_CONFIG_UNLOCKED = 0,
    TEEIO_TDISP_CONFIG_LOCKED = 1,
    TEEIO_TDISP_RUN = 2,
    TEEIO_TDISP_ERROR = 3,
    TEEIO_TDISP_STATES
};

/** enum teeio_tdisp_input - what can move a TDI from state to state */
enum teeio_tdisp_input {
    TEEIO_TDISP_LOCK,          /* LOCK_INTERFACE_REQUEST */
    TEEIO_TDISP_START,         /* START_INTERFACE_REQUEST, nonce checked */
    TEEIO_TDISP_STOP,          /* STOP_INTERFACE_REQUEST */
    TEEIO_TDISP_GET_STATE,     /* GET_DEVICE_INTERFACE_STATE */
    TEEIO_TDISP_CONFIG_CHANGE, /* a locked setting changed under the TDI */
    TEEIO_TDISP_RESET,         /* conventional reset */
    TEEIO_TDISP_FLR,           /* function level reset */
    TEEIO_TDISP_GET_REPORT,    /* GET_DEVICE_INTERFACE_REPORT */
    TEEIO_TDISP_BIND,          /* BIND_P2P_STREAM_REQUEST */
    TEEIO_TDISP_UNBIND,        /* UNBIND_P2P_STREAM_REQUEST */
    TEEIO_TDISP_SET_ATTRIBUTE, /* SET_MMIO_ATTRIBUTE_REQUEST */
    TEEIO_TDISP_INPUTS
};

/** enum teeio_tdisp_error - TDISP_ERROR codes (PCIe 11.3.24) */
enum teeio_tdisp_error {
    TEEIO_TDISP_OK = 0x000,
    TEEIO_TDISP_INVALID_REQUEST = 0x001,
    TEEIO_TDISP_BUSY = 0x003,
    TEEIO_TDISP_INVALID_INTERFACE_STATE = 0x004,
    TEEIO_TDISP_UNSPECIFIED = 0x005,
    TEEIO_TDISP_UNSUPPORTED_REQUEST = 0x007,
    TEEIO_TDISP_VERSION_MISMATCH = 0x041,
    TEEIO_TDISP_VENDOR_SPECIFIC_ERROR = 0x0ff,
    TEEIO_TDISP_INVALID_INTERFACE = 0x101,
    TEEIO_TDISP_INVALID_NONCE = 0x102,
    TEEIO_TDISP_INSUFFICIENT_ENTROPY = 0x103,
    TEEIO_TDISP_INVALID_DEVICE_CONFIGURATION = 0x104,
};

/**
 * struct teeio_tdisp_step - one cell of the table
 * @next:  state afterwards
 * @error: what the requester is told; OK when the input is legal
 */
struct teeio_tdisp_step {
    enum teeio_tdisp_state next;
    enum teeio_tdisp_error error;
};

/** teeio_tdisp_step() - look up one cell; total over both enumerations */
struct teeio_tdisp_step teeio_tdisp_step(enum teeio_tdisp_state state,
                                         enum teeio_tdisp_input input);

/** teeio_tdisp_may_send_t() - T=1 leaves the device only in RUN */
bool teeio_tdisp_may_send_t(enum teeio_tdisp_state state);

/** teeio_tdisp_state_name() - "CONFIG_UNLOCKED", "CONFIG_LOCKED", ... */
const char *teeio_tdisp_state_name(enum teeio_tdisp_state state);

/** teeio_tdisp_input_name() - "LOCK_INTERFACE_REQUEST", ... */
const char *teeio_tdisp_input_name(enum teeio_tdisp_input input);

/** teeio_tdisp_error_name() - "INVALID_NONCE", ...; "OK" for 0 */
const char *teeio_tdisp_error_name(enum teeio_tdisp_error error);

#endif
