/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/tdisp.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define UNLOCKED     TEEIO_TDISP_CONFIG_UNLOCKED
#define LOCKED       TEEIO_TDISP_CONFIG_LOCKED
#define RUN          TEEIO_TDISP_RUN
#define ERROR        TEEIO_TDISP_ERROR
#define OK           TEEIO_TDISP_OK
#define BAD_STATE    TEEIO_TDISP_INVALID_INTERFACE_STATE

/*
 * PCIe 11.2.3: LOCK is taken in CONFIG_UNLOCKED only (11.3.8) and START in
 * CONFIG_LOCKED only (11.3.14); STOP (11.3.16) and conventional reset (11.4.8)
 * lead home from everywhere. A locked setting that changes is an error only
 * while it is locked (11.2.6), and so is an FLR (11.4.9). A report is made
 * while there is a lock (11.3.10); streams and attributes change in RUN only
 * (11.3.1).
 */
static const struct teeio_tdisp_step steps[][TEEIO_TDISP_INPUTS] =
    {
        [UNLOCKED] =
            {
                [TEEIO_TDISP_LOCK] = {LOCKED, OK},
                [TEEIO_TDISP_START] = {UNLOCKED, BAD_STATE},
                [TEEIO_TDISP_STOP] = {UNLOCKED, OK},
                [TEEIO_TDISP_GET_STATE] = {UNLOCKED, OK},
                [TEEIO_TDISP_CONFIG_CHANGE] = {UNLOCKED, OK},
                [TEEIO_TDISP_RESET] = {UNLOCKED, OK},
                [TEEIO_TDISP_FLR] = {UNLOCKED, OK},
                [TEEIO_TDISP_GET_REPORT] = {UNLOCKED, BAD_STATE},
                [TEEIO_TDISP_BIND] = {UNLOCKED, BAD_STATE},
                [TEEIO_TDISP_UNBIND] = {UNLOCKED, BAD_STATE},
                [TEEIO_TDISP_SET_ATTRIBUTE] = {UNLOCKED, BAD_STATE},
            },
        [LOCKED] =
            {
                [TEEIO_TDISP_LOCK] = {LOCKED, BAD_STATE},
                [TEEIO_TDISP_START] = {RUN, OK},
                [TEEIO_TDISP_STOP] = {UNLOCKED, OK},
                [TEEIO_TDISP_GET_STATE] = {LOCKED, OK},
                [TEEIO_TDISP_CONFIG_CHANGE] = {ERROR, OK},
                [TEEIO_TDISP_RESET] = {UNLOCKED, OK},
                [TEEIO_TDISP_FLR] = {ERROR, OK},
                [TEEIO_TDISP_GET_REPORT] = {LOCKED, OK},
                [TEEIO_TDISP_BIND] = {LOCKED, BAD_STATE},
                [TEEIO_TDISP_UNBIND] = {LOCKED, BAD_STATE},
                [TEEIO_TDISP_SET_ATTRIBUTE] = {LOCKED, BAD_STATE},
            },
        [RUN] =
            {
                [TEEIO_TDISP_LOCK] = {RUN, BAD_STATE},
                [TEEIO_TDISP_START] = {RUN, BAD_STATE},
                [TEEIO_TDISP_STOP] = {UNLOCKED, OK},
                [TEEIO_TDISP_GET_STATE] = {RUN, OK},
                [TEEIO_TDISP_CONFIG_CHANGE] = {ERROR, OK},
                [TEEIO_TDISP_RESET] = {UNLOCKED, OK},
                [TEEIO_TDISP_FLR] = {ERROR, OK},
                [TEEIO_TDISP_GET_REPORT] = {RUN, OK},
                [TEEIO_TDISP_BIND] = {RUN, OK},
                [TEEIO_TDISP_UNBIND] = {RUN, OK},
                [TEEIO_TDISP_SET_ATTRIBUTE] = {RUN, OK},
            },
        [ERROR] =
            {
                [TEEIO_TDISP_LOCK] = {ERROR, BAD_STATE},
                [TEEIO_TDISP_START] = {ERROR, BAD_STATE},
                [TEEIO_TDISP_STOP] = {UNLOCKED, OK},
                [TEEIO_TDISP_GET_STATE] = {ERROR, OK},
                [TEEIO_TDISP_CONFIG_CHANGE] = {ERROR, OK},
                [TEEIO_TDISP_RESET] = {UNLOCKED, OK},
                [TEEIO_TDISP_FLR] = {ERROR, OK},
                [TEEIO_TDISP_GET_REPORT] = {ERROR, BAD_STATE},
                [TEEIO_TDISP_BIND] = {ERROR, BAD_STATE},
                [TEEIO_TDISP_UNBIND] = {ERROR, BAD_STATE},
                [TEEIO_TDISP_SET_ATTRIBUTE] = {ERROR, BAD_STATE},
            },
};

static const char *const state_names[] = {
    [UNLOCKED] = "CONFIG_UNLOCKED",
    [LOCKED] = "CONFIG_LOCKED",
    [RUN] = "RUN",
    [ERROR] = "ERROR",
};

static const char *const input_names[] = {
    [TEEIO_TDISP_LOCK] = "LOCK_INTERFACE_REQUEST",
    [TEEIO_TDISP_START] = "START_INTERFACE_REQUEST",
    [TEEIO_TDISP_STOP] = "STOP_INTERFACE_REQUEST",
    [TEEIO_TDISP_GET_STATE] = "GET_DEVICE_INTERFACE_STATE",
    [TEEIO_TDISP_CONFIG_CHANGE] = "CONFIG_CHANGE",
    [TEEIO_TDISP_RESET] = "RESET",
    [TEEIO_TDISP_FLR] = "FUNCTION_LEVEL_RESET",
    [TEEIO_TDISP_GET_REPORT] = "GET_DEVICE_INTERFACE_REPORT",
    [TEEIO_TDISP_BIND] = "BIND_P2P_STREAM_REQUEST",
    [TEEIO_TDISP_UNBIND] = "UNBIND_P2P_STREAM_REQUEST",
    [TEEIO_TDISP_SET_ATTRIBUTE] = "SET_MMIO_ATTRIBUTE_REQUEST",
};

static const struct {
    enum teeio_tdisp_error error;
    const char *name;
} error_names[] = {
    {TEEIO_TDISP_OK, "OK"},
    {TEEIO_TDISP_INVALID_REQUEST, "INVALID_REQUEST"},
    {TEEIO_TDISP_BUSY, "BUSY"},
    {TEEIO_TDISP_INVALID_INTERFACE_STATE, "INVALID_INTERFACE_STATE"},
    {TEEIO_TDISP_UNSPECIFIED, "UNSPECIFIED"},
    {TEEIO_TDISP_UNSUPPORTED_REQUEST, "UNSUPPORTED_REQUEST"},
    {TEEIO_TDISP_VERSION_MISMATCH, "VERSION_MISMATCH"},
    {TEEIO_TDISP_VENDOR_SPECIFIC_ERROR, "VENDOR_SPECIFIC_ERROR"},
    {TEEIO_TDISP_INVALID_INTERFACE, "INVALID_INTERFACE"},
    {TEEIO_TDISP_INVALID_NONCE, "INVALID_NONCE"},
    {TEEIO_TDISP_INSUFFICIENT_ENTROPY, "INSUFFICIENT_ENTROPY"},
    {TEEIO_TDISP_INVALID_DEVICE_CONFIGURATION, "INVALID_DEVICE_CONFIGURATION"},
};

/* A new state or input must not leave a hole in the tables. */
_Static_assert(COUNT(steps) == TEEIO_TDISP_STATES, "a row per state");
_Static_assert(TEEIO_TDISP_INPUTS == 11, "a cell per input");
_Static_assert(COUNT(state_names) == TEEIO_TDISP_STATES, "a name per state");
_Static_assert(COUNT(input_names) == TEEIO_TDISP_INPUTS, "a name per input");

struct teeio_tdisp_step teeio_tdisp_step(enum teeio_tdisp_state state,
                                         enum teeio_tdisp_input input)
{
    return steps[state][input];
}

bool teeio_tdisp_may_send_t(enum teeio_tdisp_state state)
{
    return state == TEEIO_TDISP_RUN;
}

const char *teeio_tdisp_state_name(enum teeio_tdisp_state state)
{
    return state_names[state];
}

const char *teeio_tdisp_input_name(enum teeio_tdisp_input input)
{
    return input_names[input];
}

const char *teeio_tdisp_error_name(enum teeio_tdisp_error error)
{
    for (size_t i = 0; i < COUNT(error_names); i++) {
        if (error_names[i].error == error) {
            return error_names[i].name;
        }
    }
    return "?";
}
