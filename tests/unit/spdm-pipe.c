/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * The SPDM responder on standard input and output, for requesters in other
 * languages. A frame is: kind (1 byte: 1 clear, 2 secured), length (4 bytes,
 * little-endian), message. Each has one answer of its kind; length 0: dropped.
 */
#include <stdio.h>
#include <string.h>

#include "spdm-device.h"

static int seed = 1;
static int heartbeat;
static int transfer_size;
static gboolean only_12;
static char *withheld;
static char *chain_file;

static const GOptionEntry options[] = {
    {"seed", 0, 0, G_OPTION_ARG_INT, &seed, "Random numbers from N", "N"},
    {"heartbeat", 0, 0, G_OPTION_ARG_INT, &heartbeat, "Period", "SECONDS"},
    {"transfer-size", 0, 0, G_OPTION_ARG_INT, &transfer_size,
     "DataTransferSize", "BYTES"},
    {"only-1.2", 0, 0, G_OPTION_ARG_NONE, &only_12, "No SPDM 1.3", NULL},
    {"withheld", 0, 0, G_OPTION_ARG_STRING, &withheld,
     "Capability flags not to offer, hexadecimal", "FLAGS"},
    {"chain", 0, 0, G_OPTION_ARG_FILENAME, &chain_file,
     "Write the DER certificates here", "FILE"},
    {NULL},
};

static uint64_t real_clock(void *opaque)
{
    (void)opaque;
    return g_get_monotonic_time() * 1000;
}

static bool read_frame(bool *secured, GByteArray *frame)
{
    uint8_t head[5];
    size_t len;

    if (fread(head, sizeof(head), 1, stdin) != 1) {
        return false;
    }
    *secured = head[0] == 2;
    len = head[1] | head[2] << 8 | head[3] << 16;
    g_byte_array_set_size(frame, len);
    return head[4] == 0 && (!len || fread(frame->data, len, 1, stdin) == 1);
}

static void write_frame(bool secured, const uint8_t *data, size_t len)
{
    uint8_t head[5] = {secured ? 2 : 1, len, len >> 8, len >> 16, 0};

    fwrite(head, sizeof(head), 1, stdout);
    fwrite(data, 1, len, stdout);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    GOptionContext *context = g_option_context_new(NULL);
    uint8_t answer[TEEIO_SPDM_RESPONSE_MAX];
    GByteArray *frame = g_byte_array_new();
    struct spdm_device device;
    bool secured;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, NULL)) {
        return 2;
    }
    spdm_device_init(&device, seed);
    device.config.clock = real_clock;
    device.config.heartbeat = heartbeat;
    device.config.transfer_size = transfer_size;
    device.config.max_version = only_12 ? TEEIO_SPDM_12 : 0;
    device.config.withheld = withheld ? strtoul(withheld, NULL, 16) : 0;
    spdm_device_start(&device);
    if (chain_file &&
        !g_file_set_contents(chain_file, (char *)device.credentials.chain,
                             device.credentials.chain_size, NULL)) {
        return 2;
    }
    while (read_frame(&secured, frame)) {
        size_t len = teeio_spdm_message(device.spdm, secured, frame->data,
                                        frame->len, answer, sizeof(answer));

        write_frame(secured, answer, len);
    }
    spdm_device_clear(&device);
    g_byte_array_unref(frame);
    g_option_context_free(context);
    return 0;
}
