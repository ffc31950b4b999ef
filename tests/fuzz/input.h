/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* A fuzzer's bytes, taken as a stream of numbers that ends in zeros. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "fake-host.h"

struct fuzz_input {
    const uint8_t *data;
    size_t left;
};

/*
 * fuzz_take() - the next @bytes (1 to 8), little-endian
 *
 * One full expression takes once: an input that depends on the order of
 * arguments or initializers means something else to the next compiler.
 */
uint64_t fuzz_take(struct fuzz_input *in, unsigned bytes);

/* fuzz_host() - a host whose memory and events are as at the first call */
struct fake_host *fuzz_host(void);

/* fuzz_address() - mostly in guest memory and aligned, now and then anything */
uint64_t fuzz_address(struct fuzz_input *in);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
