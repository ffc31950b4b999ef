/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#ifndef TESTS_ORACLE_GOLDEN_H
#define TESTS_ORACLE_GOLDEN_H

#include <stddef.h>

#include "walk-oracle.h"

/*
 * Walks worked out by hand: the tables as (address, descriptor) pairs and what
 * has to come out. All numbers are literal, none is computed by the oracle.
 */
struct golden_cell {
    uint64_t at;
    uint64_t value;
};

struct golden {
    const char *name;
    struct oracle_config config;
    struct oracle_access access;
    struct golden_cell memory[24]; /* ends with address 0 */

    enum oracle_fault fault;
    unsigned reads;
    uint64_t ipa;
    /* Of a fault. */
    unsigned stage;
    int level;
    enum oracle_class class;
    bool tt_write;
    uint64_t fetch_address;
    /* Of success. */
    uint64_t output;
    unsigned page_bits;
    const char *rights; /* "rwxc", a dash for each that is missing */
    /* Descriptors that have to hold this afterwards; ends with address 0. */
    struct golden_cell after[4];
};

extern const struct golden golden_stage1[];
extern const size_t n_golden_stage1;
extern const struct golden golden_stage2[];
extern const size_t n_golden_stage2;
extern const struct golden golden_faults[];
extern const size_t n_golden_faults;
extern const struct golden golden_nested[];
extern const size_t n_golden_nested;

#endif
