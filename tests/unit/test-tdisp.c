/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <glib.h>

#include "teeio/tdisp.h"

/*
 * What the specification says, one line a state, one letter an input in the
 * order LOCK START STOP GET_STATE CONFIG_CHANGE RESET FLR GET_REPORT BIND
 * UNBIND SET_ATTRIBUTE: the first letter of the next state (U L R E), or '!'
 * for INVALID_INTERFACE_STATE and no change.
 */
static const char *const expected[TEEIO_TDISP_STATES] = {
    "L!UUUUU!!!!",
    "!RULEUEL!!!",
    "!!UREUERRRR",
    "!!UEEUE!!!!",
};

static const char letters[] = "ULRE";

static void test_every_pair(void)
{
    for (unsigned s = 0; s < TEEIO_TDISP_STATES; s++) {
        for (unsigned i = 0; i < TEEIO_TDISP_INPUTS; i++) {
            struct teeio_tdisp_step step = teeio_tdisp_step(s, i);
            bool refused = expected[s][i] == '!';

            g_test_message("%s x %s", teeio_tdisp_state_name(s),
                           teeio_tdisp_input_name(i));
            g_assert_cmphex(step.error, ==, refused ? 0x004 : 0);
            g_assert_cmpint(letters[step.next], ==,
                            refused ? letters[s] : expected[s][i]);
        }
    }
}

static void test_may_send_t(void)
{
    for (unsigned s = 0; s < TEEIO_TDISP_STATES; s++) {
        g_assert_cmpint(teeio_tdisp_may_send_t(s), ==, letters[s] == 'R');
    }
}

static void test_names(void)
{
    static const char *const states[] = {"CONFIG_UNLOCKED", "CONFIG_LOCKED",
                                         "RUN", "ERROR"};
    static const char *const inputs[] = {"LOCK_INTERFACE_REQUEST",
                                         "START_INTERFACE_REQUEST",
                                         "STOP_INTERFACE_REQUEST",
                                         "GET_DEVICE_INTERFACE_STATE",
                                         "CONFIG_CHANGE",
                                         "RESET",
                                         "FUNCTION_LEVEL_RESET",
                                         "GET_DEVICE_INTERFACE_REPORT",
                                         "BIND_P2P_STREAM_REQUEST",
                                         "UNBIND_P2P_STREAM_REQUEST",
                                         "SET_MMIO_ATTRIBUTE_REQUEST"};
    static const struct {
        unsigned code;
        const char *name;
    } errors[] = {
        {0x000, "OK"},
        {0x001, "INVALID_REQUEST"},
        {0x003, "BUSY"},
        {0x004, "INVALID_INTERFACE_STATE"},
        {0x005, "UNSPECIFIED"},
        {0x007, "UNSUPPORTED_REQUEST"},
        {0x041, "VERSION_MISMATCH"},
        {0x0ff, "VENDOR_SPECIFIC_ERROR"},
        {0x101, "INVALID_INTERFACE"},
        {0x102, "INVALID_NONCE"},
        {0x103, "INSUFFICIENT_ENTROPY"},
        {0x104, "INVALID_DEVICE_CONFIGURATION"},
        {0x002, "?"},
    };

    for (unsigned s = 0; s < TEEIO_TDISP_STATES; s++) {
        g_assert_cmpstr(teeio_tdisp_state_name(s), ==, states[s]);
    }
    for (unsigned i = 0; i < TEEIO_TDISP_INPUTS; i++) {
        g_assert_cmpstr(teeio_tdisp_input_name(i), ==, inputs[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(errors); i++) {
        g_assert_cmpstr(teeio_tdisp_error_name(errors[i].code), ==,
                        errors[i].name);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tdisp/every-pair", test_every_pair);
    g_test_add_func("/tdisp/may-send-t", test_may_send_t);
    g_test_add_func("/tdisp/names", test_names);
    return g_test_run();
}
