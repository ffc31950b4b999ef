/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "golden.h"

/*
 * Stage 1 (4K, from level 1, table at IPA 0x10000) has one 1 GiB block at index
 * 0xd1. Stage 2 (4K, from level 1, table at 0x60000) maps the page of that
 * table with the descriptor at 0x62080, to 0x40010000, and the second GiB of
 * IPA, where the block leads, with the descriptor at 0x60008.
 */
#define VA        0x3456789abc
#define TABLE_IPA 0x10688
#define OUT_IPA   0x56789abc

#define STAGE1(ttb_)       \
    .on = true, .ips = 48, \
    .half = {{.txsz = 25, .granule = 12, .ttb = ttb_}, {.epd = true}}
#define STAGE2(ps_) \
    .on = true, .granule = 12, .t0sz = 25, .sl0 = 1, .ttb = 0x60000, .ps = ps_
#define NEST                                                   \
    {                                                          \
        .s1 = {STAGE1(0x10000)}, .s2 = {STAGE2(48)}, .oas = 48 \
    }
#define HTTU_NEST                                             \
    {                                                         \
        .s1 = {STAGE1(0x10000), .ha = true, .hd = true},      \
        .s2 = {STAGE2(48), .ha = true, .hd = true}, .oas = 48 \
    }
#define READ                              \
    {                                     \
        .address = VA, .privileged = true \
    }
#define WRITE                                            \
    {                                                    \
        .address = VA, .privileged = true, .write = true \
    }
/* The descriptors of the table's page, of stage 1 and of the output. */
#define MEMORY(page, block, output) \
    .memory = {{0x60000, 0x61003},  \
               {0x61000, 0x62003},  \
               {0x62080, page},     \
               {0x40010688, block}, \
               {0x60008, output}}
#define FAULT(fault_, stage_, level_, class_)                   \
    .fault = ORACLE_##fault_, .stage = stage_, .level = level_, \
    .class = ORACLE_CLASS_##class_

const struct golden golden_nested[] = {
    {
        .name = "ok",
        .config = NEST,
        .access = READ,
        MEMORY(0x400104ff, 0x40000401, 0x800004fd),
        .ipa = OUT_IPA,
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwx-",
        .reads = 5,
    },
    {
        .name = "smaller-page-of-stage-2",
        .config = NEST,
        .access = READ,
        .memory = {{0x60000, 0x61003},
                   {0x61000, 0x62003},
                   {0x62080, 0x400104ff},
                   {0x40010688, 0x40000401},
                   {0x60008, 0x64003},
                   {0x64598, 0x8760047d}},
        .ipa = OUT_IPA,
        .output = 0x87789abc,
        .page_bits = 21,
        .rights = "r-x-",
        .reads = 6,
    },
    {
        /* Four levels over four levels: 4 * (4 + 1) + 4 fetches. */
        .name = "24-reads",
        .config = {.s1 = {.on = true,
                          .ips = 48,
                          .half = {{.txsz = 16, .granule = 12, .ttb = 0x10000},
                                   {.epd = true}}},
                   .s2 = {.on = true,
                          .granule = 12,
                          .t0sz = 16,
                          .sl0 = 2,
                          .ttb = 0x60000,
                          .ps = 48},
                   .oas = 48},
        .access = {.address = 0x123456789abc, .privileged = true},
        .memory = {{0x60000, 0x61003},
                   {0x61000, 0x62003},
                   {0x62000, 0x63003},
                   {0x63080, 0x400104ff},
                   {0x63088, 0x400114ff},
                   {0x63090, 0x400124ff},
                   {0x63098, 0x400134ff},
                   {0x630a0, 0x876544ff},
                   {0x40010120, 0x11003},
                   {0x40011688, 0x12003},
                   {0x40012598, 0x13003},
                   {0x40013c48, 0x14403}},
        .ipa = 0x14abc,
        .output = 0x87654abc,
        .page_bits = 12,
        .rights = "rwx-",
        .reads = 24,
    },
    {
        .name = "table-translation",
        .config = NEST,
        .access = READ,
        MEMORY(0, 0x40000401, 0x800004fd),
        FAULT(TRANSLATION, 2, 3, TT),
        .ipa = TABLE_IPA,
        .reads = 3,
    },
    {
        .name = "table-beyond-stage-2-input",
        .config = {.s1 = {STAGE1(0x8000010000)}, .s2 = {STAGE2(48)}, .oas = 48},
        .access = READ,
        MEMORY(0x400104ff, 0x40000401, 0x800004fd),
        FAULT(TRANSLATION, 2, 0, TT),
        .ipa = 0x8000010688,
    },
    {
        .name = "table-address-size",
        .config = {.s1 = {STAGE1(0x10000)}, .s2 = {STAGE2(40)}, .oas = 48},
        .access = READ,
        MEMORY(0x100000104ff, 0x40000401, 0x800004fd),
        FAULT(ADDR_SIZE, 2, 3, TT),
        .ipa = TABLE_IPA,
        .reads = 3,
    },
    {
        .name = "table-access",
        .config = NEST,
        .access = READ,
        MEMORY(0x400100ff, 0x40000401, 0x800004fd),
        FAULT(ACCESS, 2, 3, TT),
        .ipa = TABLE_IPA,
        .reads = 3,
    },
    {
        /* A walk reads, even for a write to a page one can write. */
        .name = "table-permission",
        .config = NEST,
        .access = WRITE,
        MEMORY(0x400104bf, 0x40000401, 0x800004fd),
        FAULT(PERMISSION, 2, 3, TT),
        .ipa = TABLE_IPA,
        .reads = 3,
    },
    {
        .name = "table-in-execute-never-read-only-page",
        .config = NEST,
        .access = {.address = VA, .privileged = true, .instruction = true},
        MEMORY(0x004000004001047f, 0x40000401, 0x800004fd),
        .ipa = OUT_IPA,
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwx-",
        .reads = 5,
    },
    {
        .name = "table-in-device-memory",
        .config = NEST,
        .access = READ,
        MEMORY(0x400104c7, 0x40000401, 0x800004fd),
        .ipa = OUT_IPA,
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwx-",
        .reads = 5,
    },
    {
        .name = "table-in-device-memory-ptw",
        .config = {.s1 = {STAGE1(0x10000)},
                   .s2 = {STAGE2(48), .ptw = true},
                   .oas = 48},
        .access = READ,
        MEMORY(0x400104c7, 0x40000401, 0x800004fd),
        FAULT(PERMISSION, 2, 3, TT),
        .ipa = TABLE_IPA,
        .reads = 3,
    },
    {
        /* 1010 is Normal, write-through. */
        .name = "table-in-normal-memory-ptw",
        .config = {.s1 = {STAGE1(0x10000)},
                   .s2 = {STAGE2(48), .ptw = true},
                   .oas = 48},
        .access = READ,
        MEMORY(0x400104eb, 0x40000401, 0x800004fd),
        .ipa = OUT_IPA,
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwx-",
        .reads = 5,
    },
    {
        /* 0010 is Device in either coding. */
        .name = "table-in-device-memory-ptw-fwb",
        .config = {.s1 = {STAGE1(0x10000)},
                   .s2 = {STAGE2(48), .ptw = true, .fwb = true},
                   .oas = 48},
        .access = READ,
        MEMORY(0x400104cb, 0x40000401, 0x800004fd),
        FAULT(PERMISSION, 2, 3, TT),
        .ipa = TABLE_IPA,
        .reads = 3,
    },
    {
        .name = "table-external-abort",
        .config = NEST,
        .access = READ,
        .memory = {{0x60000, 0x61003},
                   {0x61000, 0x62003},
                   {0x62080, 0x400104ff}},
        FAULT(WALK_EABT, 1, 1, TT),
        .fetch_address = 0x40010688,
        .reads = 4,
    },
    {
        .name = "stage-2-external-abort-for-table",
        .config = NEST,
        .access = READ,
        .memory = {{0x60000, 0x61003}, {0x61000, 0x62003}},
        FAULT(WALK_EABT, 2, 3, TT),
        .fetch_address = 0x62080,
        .ipa = TABLE_IPA,
        .reads = 3,
    },
    {
        .name = "stage-2-external-abort-for-output",
        .config = NEST,
        .access = READ,
        .memory = {{0x60000, 0x61003},
                   {0x61000, 0x62003},
                   {0x62080, 0x400104ff},
                   {0x40010688, 0x40000401}},
        FAULT(WALK_EABT, 2, 1, IN),
        .fetch_address = 0x60008,
        .ipa = OUT_IPA,
        .reads = 5,
    },
    {
        .name = "stage-1-translation",
        .config = NEST,
        .access = READ,
        MEMORY(0x400104ff, 0x40000400, 0x800004fd),
        FAULT(TRANSLATION, 1, 1, IN),
        .reads = 4,
    },
    {
        .name = "output-translation",
        .config = NEST,
        .access = READ,
        MEMORY(0x400104ff, 0x40000401, 0),
        FAULT(TRANSLATION, 2, 1, IN),
        .ipa = OUT_IPA,
        .reads = 5,
    },
    {
        .name = "output-beyond-stage-2-input",
        .config = NEST,
        .access = READ,
        MEMORY(0x400104ff, 0x8000000401, 0x800004fd),
        FAULT(TRANSLATION, 2, 0, IN),
        .ipa = 0x8016789abc,
        .reads = 4,
    },
    {
        .name = "permission-of-both",
        .config = NEST,
        .access = WRITE,
        MEMORY(0x400104ff, 0x40000481, 0x8000047d),
        FAULT(PERMISSION, 1, 1, IN),
        .reads = 4,
    },
    {
        .name = "permission-of-stage-2",
        .config = NEST,
        .access = WRITE,
        MEMORY(0x400104ff, 0x40000401, 0x8000047d),
        FAULT(PERMISSION, 2, 1, IN),
        .ipa = OUT_IPA,
        .reads = 5,
    },
    {
        .name = "flag-into-read-only-page",
        .config = HTTU_NEST,
        .access = READ,
        MEMORY(0x4001047f, 0x40000001, 0x800004fd),
        FAULT(PERMISSION, 2, 3, TT),
        .tt_write = true,
        .ipa = TABLE_IPA,
        .reads = 7,
        .after = {{0x40010688, 0x40000001}},
    },
    {
        .name = "no-flag-into-read-only-page",
        .config = HTTU_NEST,
        .access = READ,
        MEMORY(0x4001047f, 0x40000401, 0x800004fd),
        .ipa = OUT_IPA,
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwx-",
        .reads = 5,
    },
    {
        .name = "dirty-everywhere",
        .config = HTTU_NEST,
        .access = WRITE,
        MEMORY(0x000800004001007f, 0x0008000040000081, 0x000800008000007d),
        .ipa = OUT_IPA,
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwx-",
        .reads = 8,
        .after = {{0x62080, 0x00080000400104ff},
                  {0x40010688, 0x0008000040000401},
                  {0x60008, 0x00080000800004fd}},
    },
    {
        /* Only the page of the table gets dirty: AF was written there. */
        .name = "flags-everywhere",
        .config = HTTU_NEST,
        .access = READ,
        MEMORY(0x000800004001007f, 0x0008000040000081, 0x000800008000007d),
        .ipa = OUT_IPA,
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwxc",
        .reads = 8,
        .after = {{0x62080, 0x00080000400104ff},
                  {0x40010688, 0x0008000040000481},
                  {0x60008, 0x000800008000047d}},
    },
};
const size_t n_golden_nested = sizeof(golden_nested) / sizeof(golden_nested[0]);
