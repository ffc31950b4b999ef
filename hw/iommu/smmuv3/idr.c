/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "idr.h"
#include "smmuv3-internal.h"

#define ROW(reg, name, high, low, value, meaning) \
    {reg, name, high, low, value, meaning},
#define ROW_IDR0(...)   ROW("IDR0", __VA_ARGS__)
#define ROW_IDR1(...)   ROW("IDR1", __VA_ARGS__)
#define ROW_IDR2(...)   ROW("IDR2", __VA_ARGS__)
#define ROW_IDR3(...)   ROW("IDR3", __VA_ARGS__)
#define ROW_IDR4(...)   ROW("IDR4", __VA_ARGS__)
#define ROW_IDR5(...)   ROW("IDR5", __VA_ARGS__)
#define ROW_IIDR(...)   ROW("IIDR", __VA_ARGS__)
#define ROW_AIDR(...)   ROW("AIDR", __VA_ARGS__)
#define ROW_R_IDR0(...) ROW("R_IDR0", __VA_ARGS__)
#define ROW_R_IDR1(...) ROW("R_IDR1", __VA_ARGS__)
#define ROW_R_IDR3(...) ROW("R_IDR3", __VA_ARGS__)
#define ROW_R_AIDR(...) ROW("R_AIDR", __VA_ARGS__)

static const struct teeio_smmuv3_field fields[] = {
    /* clang-format off */
    SMMUV3_IDR0(ROW_IDR0)
    SMMUV3_IDR1(ROW_IDR1)
    SMMUV3_IDR2(ROW_IDR2)
    SMMUV3_IDR3(ROW_IDR3)
    SMMUV3_IDR4(ROW_IDR4)
    SMMUV3_IDR5(ROW_IDR5)
    SMMUV3_IIDR(ROW_IIDR)
    SMMUV3_AIDR(ROW_AIDR)
    SMMUV3_R_IDR0(ROW_R_IDR0)
    SMMUV3_R_IDR1(ROW_R_IDR1)
    SMMUV3_R_IDR3(ROW_R_IDR3)
    SMMUV3_R_AIDR(ROW_R_AIDR)
    /* clang-format on */
};

const struct teeio_smmuv3_field *teeio_smmuv3_fields(size_t *count)
{
    *count = sizeof(fields) / sizeof(fields[0]);
    return fields;
}
