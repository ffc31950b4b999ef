/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "golden.h"

/* The indexes of this address are listed in golden-stage1.c. */
#define VA       0x123456789abc
#define SHORT_VA 0x3456789abc /* 39 bits, the same indexes from level 1 on */

#define STAGE1(granule_, txsz_, ttb_, ips_) \
    .on = true, .ips = ips_,                \
    .half = {{.txsz = txsz_, .granule = granule_, .ttb = ttb_}, {.epd = true}}
#define STAGE2(granule_, t0sz_, sl0_, ttb_, ps_)                              \
    .on = true, .granule = granule_, .t0sz = t0sz_, .sl0 = sl0_, .ttb = ttb_, \
    .ps = ps_
#define ONE_STAGE1                                     \
    {                                                  \
        .s1 = {STAGE1(12, 16, 0x10000, 48)}, .oas = 48 \
    }
#define SHORT_STAGE1                                   \
    {                                                  \
        .s1 = {STAGE1(12, 25, 0x10000, 40)}, .oas = 48 \
    }
#define SHORT_STAGE2                                      \
    {                                                     \
        .s2 = {STAGE2(12, 25, 1, 0x60000, 40)}, .oas = 48 \
    }
#define READ(va)                          \
    {                                     \
        .address = va, .privileged = true \
    }
#define WRITE(va)                                        \
    {                                                    \
        .address = va, .privileged = true, .write = true \
    }
#define FAULT(fault_, stage_, level_)                           \
    .fault = ORACLE_##fault_, .stage = stage_, .level = level_, \
    .class = ORACLE_CLASS_IN
#define ABORT(stage_, level_, class_, at_)                       \
    .fault = ORACLE_WALK_EABT, .stage = stage_, .level = level_, \
    .class = ORACLE_CLASS_##class_, .fetch_address = at_

const struct golden golden_faults[] = {
    {
        .name = "translation/stage-1-level-0",
        .config = ONE_STAGE1,
        .access = READ(VA),
        .memory = {{0x10120, 0x11002}},
        FAULT(TRANSLATION, 1, 0),
        .reads = 1,
    },
    {
        .name = "translation/stage-1-level-1",
        .config = ONE_STAGE1,
        .access = READ(VA),
        .memory = {{0x10120, 0x11003}, {0x11688, 0}},
        FAULT(TRANSLATION, 1, 1),
        .reads = 2,
    },
    {
        .name = "translation/stage-1-level-2",
        .config = ONE_STAGE1,
        .access = READ(VA),
        .memory = {{0x10120, 0x11003},
                   {0x11688, 0x12003},
                   {0x12598, 0xfffffffffffffffe}},
        FAULT(TRANSLATION, 1, 2),
        .reads = 3,
    },
    {
        /* Type 01 is reserved at level 3. */
        .name = "translation/stage-1-level-3-reserved",
        .config = ONE_STAGE1,
        .access = READ(VA),
        .memory = {{0x10120, 0x11003},
                   {0x11688, 0x12003},
                   {0x12598, 0x13003},
                   {0x13c48, 0x87654401}},
        FAULT(TRANSLATION, 1, 3),
        .reads = 4,
    },
    {
        .name = "translation/4k-block-at-level-0",
        .config = ONE_STAGE1,
        .access = READ(VA),
        .memory = {{0x10120, 0x8000000401}},
        FAULT(TRANSLATION, 1, 0),
        .reads = 1,
    },
    {
        .name = "translation/16k-block-at-level-1",
        .config = {.s1 = {STAGE1(14, 17, 0x24000, 48)}, .oas = 48},
        .access = READ(VA),
        .memory = {{0x24918, 0x7000000401}},
        FAULT(TRANSLATION, 1, 1),
        .reads = 1,
    },
    {
        .name = "translation/64k-block-at-level-1",
        .config = {.s1 = {STAGE1(16, 16, 0x30000, 48)}, .oas = 48},
        .access = READ(VA),
        .memory = {{0x30020, 0x40000000401}},
        FAULT(TRANSLATION, 1, 1),
        .reads = 1,
    },
    {
        .name = "translation/stage-1-range",
        .config = SHORT_STAGE1,
        .access = READ(0x8000000000),
        FAULT(TRANSLATION, 1, 0),
    },
    {
        .name = "translation/stage-1-top-byte",
        .config = SHORT_STAGE1,
        .access = READ(0x0100003456789abc),
        FAULT(TRANSLATION, 1, 0),
    },
    {
        .name = "translation/stage-1-epd",
        .config = SHORT_STAGE1,
        .access = READ(0xffffff9234567abc),
        FAULT(TRANSLATION, 1, 0),
    },
    {
        .name = "translation/stage-2-range",
        .config = SHORT_STAGE2,
        .access = READ(0x8000000000),
        .ipa = 0x8000000000,
        FAULT(TRANSLATION, 2, 0),
    },
    {
        .name = "translation/stage-2-level-1",
        .config = SHORT_STAGE2,
        .access = READ(SHORT_VA),
        .ipa = SHORT_VA,
        .memory = {{0x60688, 0x800004fc}},
        FAULT(TRANSLATION, 2, 1),
        .reads = 1,
    },
    {
        .name = "translation/stage-2-level-3-reserved",
        .config = SHORT_STAGE2,
        .access = READ(SHORT_VA),
        .ipa = SHORT_VA,
        .memory = {{0x60688, 0x62003},
                   {0x62598, 0x63003},
                   {0x63c48, 0x876544fd}},
        FAULT(TRANSLATION, 2, 3),
        .reads = 3,
    },
    {
        .name = "address-size/stage-1-leaf",
        .config = SHORT_STAGE1,
        .access = READ(SHORT_VA),
        .memory = {{0x10688, 0x10080000401}},
        FAULT(ADDR_SIZE, 1, 1),
        .reads = 1,
    },
    {
        .name = "address-size/stage-1-table",
        .config = SHORT_STAGE1,
        .access = READ(SHORT_VA),
        .memory = {{0x10688, 0x12003}, {0x12598, 0x10000013003}},
        FAULT(ADDR_SIZE, 1, 2),
        .reads = 2,
    },
    {
        /* Bits 15:12 are address bits as soon as the unit has 52. */
        .name = "address-size/64k-high-bits",
        .config = {.s1 = {STAGE1(16, 16, 0x30000, 48)}, .oas = 52},
        .access = READ(VA),
        .memory = {{0x30020, 0x41003}},
        FAULT(ADDR_SIZE, 1, 1),
        .reads = 1,
    },
    {
        .name = "address-size/ds-high-bits",
        .config = {.s1 = {STAGE1(12, 25, 0x10000, 48), .ds = true}, .oas = 52},
        .access = READ(SHORT_VA),
        .memory = {{0x10688, 0x80000501}},
        FAULT(ADDR_SIZE, 1, 1),
        .reads = 1,
    },
    {
        /* The block begins below 40 bits, the address in it does not. */
        .name = "address-size/offset-in-block",
        .config = {.s1 = {STAGE1(16, 16, 0x30000, 40)}, .oas = 52},
        .access = READ(VA),
        .memory = {{0x30020, 0x401}},
        FAULT(ADDR_SIZE, 1, 1),
        .reads = 1,
    },
    {
        /* OAS rules where IPS promises more. */
        .name = "address-size/ips-beyond-oas",
        .config = {.s1 = {STAGE1(12, 25, 0x10000, 48)}, .oas = 40},
        .access = READ(SHORT_VA),
        .memory = {{0x10688, 0x10080000401}},
        FAULT(ADDR_SIZE, 1, 1),
        .reads = 1,
    },
    {
        .name = "address-size/stage-1-off",
        .config = {.s2 = {STAGE2(12, 25, 1, 0x60000, 40)}, .oas = 40},
        .access = READ(0x10000000000),
        FAULT(ADDR_SIZE, 1, 0),
    },
    {
        .name = "address-size/stage-2-leaf",
        .config = SHORT_STAGE2,
        .access = READ(SHORT_VA),
        .ipa = SHORT_VA,
        .memory = {{0x60688, 0x100800004fd}},
        FAULT(ADDR_SIZE, 2, 1),
        .reads = 1,
    },
    {
        .name = "address-size/stage-2-table",
        .config = SHORT_STAGE2,
        .access = READ(SHORT_VA),
        .ipa = SHORT_VA,
        .memory = {{0x60688, 0x10000062003}},
        FAULT(ADDR_SIZE, 2, 1),
        .reads = 1,
    },
    {
        /* Address size comes before access flag. */
        .name = "address-size/before-access",
        .config = SHORT_STAGE1,
        .access = READ(SHORT_VA),
        .memory = {{0x10688, 0x10080000001}},
        FAULT(ADDR_SIZE, 1, 1),
        .reads = 1,
    },
    {
        .name = "access/stage-1",
        .config = SHORT_STAGE1,
        .access = READ(SHORT_VA),
        .memory = {{0x10688, 0x80000001}},
        FAULT(ACCESS, 1, 1),
        .reads = 1,
    },
    {
        .name = "access/stage-2",
        .config = SHORT_STAGE2,
        .access = READ(SHORT_VA),
        .ipa = SHORT_VA,
        .memory = {{0x60688, 0x800000fd}},
        FAULT(ACCESS, 2, 1),
        .reads = 1,
    },
    {
        /* Access flag comes before permission. */
        .name = "access/before-permission",
        .config = SHORT_STAGE1,
        .access = WRITE(SHORT_VA),
        .memory = {{0x10688, 0x80000081}},
        FAULT(ACCESS, 1, 1),
        .reads = 1,
    },
    {
        .name = "access/off-by-affd",
        .config = {.s1 = {STAGE1(12, 25, 0x10000, 40), .affd = true},
                   .oas = 48},
        .access = READ(SHORT_VA),
        .memory = {{0x10688, 0x80000001}},
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwx-",
        .reads = 1,
        .after = {{0x10688, 0x80000001}},
    },
    {
        .name = "access/set-by-hardware",
        .config = {.s1 = {STAGE1(12, 25, 0x10000, 40), .ha = true}, .oas = 48},
        .access = READ(SHORT_VA),
        .memory = {{0x10688, 0x80000001}},
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwx-",
        .reads = 1,
        .after = {{0x10688, 0x80000401}},
    },
    {
        .name = "access/not-set-without-permission",
        .config = {.s1 = {STAGE1(12, 25, 0x10000, 40), .ha = true}, .oas = 48},
        .access = WRITE(SHORT_VA),
        .memory = {{0x10688, 0x80000081}},
        FAULT(PERMISSION, 1, 1),
        .reads = 1,
        .after = {{0x10688, 0x80000081}},
    },
    {
        .name = "permission/stage-1",
        .config = SHORT_STAGE1,
        .access = WRITE(SHORT_VA),
        .memory = {{0x10688, 0x80000481}},
        FAULT(PERMISSION, 1, 1),
        .reads = 1,
    },
    {
        .name = "permission/stage-2",
        .config = SHORT_STAGE2,
        .access = WRITE(SHORT_VA),
        .ipa = SHORT_VA,
        .memory = {{0x60688, 0x8000047d}},
        FAULT(PERMISSION, 2, 1),
        .reads = 1,
    },
    {
        .name = "dirty/stage-1",
        .config = {.s1 = {STAGE1(12, 25, 0x10000, 40), .ha = true, .hd = true},
                   .oas = 48},
        .access = WRITE(SHORT_VA),
        .memory = {{0x10688, 0x0008000080000081}},
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwx-",
        .reads = 1,
        .after = {{0x10688, 0x0008000080000401}},
    },
    {
        .name = "dirty/stage-1-read",
        .config = {.s1 = {STAGE1(12, 25, 0x10000, 40), .ha = true, .hd = true},
                   .oas = 48},
        .access = READ(SHORT_VA),
        .memory = {{0x10688, 0x0008000080000481}},
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwxc",
        .reads = 1,
        .after = {{0x10688, 0x0008000080000481}},
    },
    {
        .name = "dirty/stage-2",
        .config = {.s2 = {STAGE2(12, 25, 1, 0x60000, 40), .ha = true,
                          .hd = true},
                   .oas = 48},
        .access = WRITE(SHORT_VA),
        .ipa = SHORT_VA,
        .memory = {{0x60688, 0x000800008000007d}},
        .output = 0x96789abc,
        .page_bits = 30,
        .rights = "rwx-",
        .reads = 1,
        .after = {{0x60688, 0x00080000800004fd}},
    },
    {
        .name = "external-abort/stage-1",
        .config = ONE_STAGE1,
        .access = READ(VA),
        .memory = {{0x10120, 0x11003}},
        ABORT(1, 1, TT, 0x11688),
        .reads = 2,
    },
    {
        .name = "external-abort/stage-2",
        .config = SHORT_STAGE2,
        .access = READ(SHORT_VA),
        .ipa = SHORT_VA,
        .memory = {{0x60688, 0x62003}},
        ABORT(2, 2, IN, 0x62598),
        .reads = 2,
    },
};
const size_t n_golden_faults = sizeof(golden_faults) / sizeof(golden_faults[0]);
