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
 * @granule_bits:   log2 of the page size: 12, 14 or 16
 * @input_bits:     64 - TxSZ; 16 (with 64 KiB pages 17) to 48
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
 * @ha, @hd:            the walk sets the access flag, makes clean pages dirty;
 *                      never @hd alone
 * @mark:               address bit that is no part of any address in the
 *                      tables; 0 for none
 */
struct teeio_arm_stage1 {
    struct teeio_arm_half half[2];
    unsigned output_bits;
    bool ignore_access_flag;
    bool wxn;
    bool pan;
    bool ha;
    bool hd;
    uint64_t mark;
};

/*
 * struct teeio_arm_stage2 - stage 2 of the EL1&0 regime
 * @granule_bits:       log2 of the page size: 12, 14 or 16
 * @input_bits:         64 - S2T0SZ, at most 48
 * @start_level:        what S2SL0 stands for: 0 to 3
 * @output_bits:        effective S2PS, at most 48
 * @table:              S2TTB; bits that its alignment leaves no room for are
 *                      ignored
 * @ignore_access_flag: S2AFFD
 * @ha, @hd:            as in stage 1
 * @protected_walk:     S2PTW: no stage 1 table in device memory
 * @realm:              leaves choose between the Realm and the Non-secure
 *                      physical address space
 * @xnx:                IDR3.XNX: execution is a matter of privilege
 *
 * How many first tables lie side by side follows from the other fields.
 */
struct teeio_arm_stage2 {
    unsigned granule_bits;
    unsigned input_bits;
    unsigned start_level;
    unsigned output_bits;
    uint64_t table;
    bool ignore_access_flag;
    bool ha;
    bool hd;
    bool protected_walk;
    bool xnx;
    bool realm;
};

/*
 * teeio_arm_stage2_fits() - does the start level suit the input size?
 *
 * False for fewer than two first descriptors, and for more than 16 tables side
 * by side.
 */
bool teeio_arm_stage2_fits(const struct teeio_arm_stage2 *config);

/*
 * teeio_arm_beside() - page number @index of a line, when a walk that ended in
 * another page of it was successful and would be so there
 *
 * Returns: false when they differ in more than the address.
 */
bool teeio_arm_beside(const struct teeio_walk_line *line, unsigned index,
                      unsigned granule_bits, unsigned output_bits,
                      uint64_t *output);

/* teeio_arm_stage1_ops - the config is a struct teeio_arm_stage1 */
extern const struct teeio_walk_ops teeio_arm_stage1_ops;

/* teeio_arm_stage2_ops - the config is a struct teeio_arm_stage2 */
extern const struct teeio_walk_ops teeio_arm_stage2_ops;

#endif
