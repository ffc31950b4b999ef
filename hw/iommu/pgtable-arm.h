/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Arm VMSAv8-64 translation tables (Arm DDI 0487, chapter D8).
 */
#ifndef TEEIO_IOMMU_PGTABLE_ARM_H
#define TEEIO_IOMMU_PGTABLE_ARM_H

#include "walk.h"

/*
 * struct teeio_arm_half - one of the two input ranges of stage 1
 * @enabled:        EPDx is clear
 * @granule_bits:   log2 of the page size
 * @input_bits:     64 - TxSZ; at most 48, and more than @granule_bits
 * @top_byte_free:  TBIx: bits 63:56 of the input carry no address
 * @flat:           HADx: table descriptors do not restrict what lies below
 * @table:          TTBx; bits that its alignment leaves no room for are ignored
 */
struct teeio_arm_half {
    bool enabled;
    unsigned granule_bits;
    unsigned input_bits;
    bool top_byte_free;
    bool flat;
    uint64_t table;
};

/*
 * struct teeio_arm_stage1 - the EL1&0 regime
 * @half:               low range (TTB0), high range (TTB1)
 * @output_bits:        effective IPS, at most 48
 * @ignore_access_flag: AFFD
 * @wxn, @pan:          as in SCTLR_EL1 and PSTATE
 */
struct teeio_arm_stage1 {
    struct teeio_arm_half half[2];
    unsigned output_bits;
    bool ignore_access_flag;
    bool wxn;
    bool pan;
};

/* teeio_arm_stage1_ops - the config is a struct teeio_arm_stage1 */
extern const struct teeio_walk_ops teeio_arm_stage1_ops;

#endif
