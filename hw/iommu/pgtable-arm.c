/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/iommu.h"

#include "bits.h"
#include "pgtable-arm.h"

#define BIT(n)             (UINT64_C(1) << (n))

#define DESC_VALID         BIT(0)
#define DESC_TABLE         BIT(1) /* at level 3: a page */
#define DESC_ADDRESS       (BIT(48) - 1)

#define LEAF_AP_USER       BIT(6)
#define LEAF_AP_READ_ONLY  BIT(7)
#define LEAF_AF            BIT(10)
#define LEAF_PXN           BIT(53)
#define LEAF_UXN           BIT(54)

#define TABLE_PXN          BIT(59)
#define TABLE_UXN          BIT(60)
#define TABLE_AP_NO_USER   BIT(61)
#define TABLE_AP_READ_ONLY BIT(62)

#define LAST_LEVEL         3u

/* Input bits that a descriptor at @level leaves untranslated. */
static unsigned level_shift(unsigned granule_bits, unsigned level)
{
    return granule_bits + (granule_bits - 3) * (LAST_LEVEL - level);
}

/* DDI 0487 D8.2: as few levels as the input range needs. */
static unsigned start_level(const struct teeio_arm_half *half)
{
    unsigned bits = half->input_bits - 1 - half->granule_bits;

    return LAST_LEVEL - bits / (half->granule_bits - 3);
}

/* DDI 0487 D8.3: without 52-bit addresses only these levels have blocks. */
static bool has_blocks(unsigned granule_bits, unsigned level)
{
    return level == 2 || (level == 1 && granule_bits == 12);
}

/* DDI 0487 D8.4: direct permissions of the EL1&0 regime. */
static unsigned permissions(const struct teeio_arm_stage1 *config,
                            uint64_t leaf, uint64_t above,
                            struct teeio_access access)
{
    bool read_only = leaf & LEAF_AP_READ_ONLY || above & TABLE_AP_READ_ONLY;
    bool user = leaf & LEAF_AP_USER && !(above & TABLE_AP_NO_USER);
    bool reach = access.privileged || user;
    bool never;
    unsigned perm = TEEIO_PERM_NONE;

    if (access.privileged) {
        /* What user code can write is never executed with privilege. */
        never = leaf & LEAF_PXN || above & TABLE_PXN || (user && !read_only);
    } else {
        never = leaf & LEAF_UXN || above & TABLE_UXN;
    }
    if (config->wxn && reach && !read_only) {
        never = true;
    }
    if (access.privileged && user && config->pan) {
        reach = false;
    }
    if (access.execute && !access.write ? !never : reach) {
        perm |= TEEIO_PERM_READ;
    }
    if (reach && !read_only) {
        perm |= TEEIO_PERM_WRITE;
    }
    return perm;
}

static enum teeio_walk_status check_leaf(const struct teeio_arm_stage1 *config,
                                         uint64_t leaf, uint64_t above,
                                         struct teeio_access access,
                                         unsigned *perm)
{
    unsigned wanted = access.write ? TEEIO_PERM_WRITE : TEEIO_PERM_READ;

    if (!(leaf & LEAF_AF) && !config->ignore_access_flag) {
        /* DDI 0487 D8.5: nobody but software sets the flag here. */
        return TEEIO_WALK_ACCESS;
    }
    *perm = permissions(config, leaf, above, access);
    if (!(*perm & wanted)) {
        /* DDI 0487 D8.4: the leaf or a table above it forbids the access. */
        return TEEIO_WALK_PERMISSION;
    }
    return TEEIO_WALK_OK;
}

static struct teeio_walk walk_half(const struct teeio_arm_stage1 *config,
                                   const struct teeio_arm_half *half,
                                   const struct teeio_walk_tables *tables,
                                   uint64_t input, struct teeio_access access)
{
    struct teeio_walk walk = {.level = start_level(half)};
    uint64_t va = input & teeio_low_bits(half->input_bits);
    unsigned top_bits =
        half->input_bits - level_shift(half->granule_bits, walk.level) + 3;
    uint64_t table = half->table & ~teeio_low_bits(top_bits);
    uint64_t above = 0;

    for (;;) {
        unsigned shift = level_shift(half->granule_bits, walk.level);
        uint64_t index = va >> shift & teeio_low_bits(half->granule_bits - 3);
        uint64_t mask = teeio_low_bits(half->granule_bits);
        uint64_t descriptor, address;
        bool leaf;

        if (!teeio_walk_descriptor(tables, table + index * 8, &descriptor,
                                   &walk)) {
            return walk;
        }
        leaf = walk.level == LAST_LEVEL || !(descriptor & DESC_TABLE);
        if (!(descriptor & DESC_VALID) ||
            (walk.level == LAST_LEVEL && !(descriptor & DESC_TABLE)) ||
            (leaf && walk.level < LAST_LEVEL &&
             !has_blocks(half->granule_bits, walk.level))) {
            /* DDI 0487 D8.3: invalid, or reserved at this level. */
            walk.status = TEEIO_WALK_TRANSLATION;
            return walk;
        }

        if (leaf) {
            mask = teeio_low_bits(shift);
        }
        address = descriptor & DESC_ADDRESS & ~mask;
        if (address & ~teeio_low_bits(config->output_bits)) {
            /* IHI 0070 5.4, IPS: holds for next-level tables as well. */
            walk.status = TEEIO_WALK_ADDR_SIZE;
            return walk;
        }
        if (leaf) {
            walk.status =
                check_leaf(config, descriptor, above, access, &walk.perm);
            walk.output = address | (va & mask);
            walk.page_mask = mask;
            return walk;
        }

        if (!half->flat) {
            above |= descriptor;
        }
        table = address;
        walk.level++;
    }
}

static struct teeio_walk walk_stage1(const void *opaque,
                                     const struct teeio_walk_tables *tables,
                                     uint64_t input, struct teeio_access access)
{
    const struct teeio_arm_stage1 *config = opaque;
    bool high = input >> 55 & 1;
    const struct teeio_arm_half *half = &config->half[high];
    uint64_t outside;

    if (half->enabled) {
        /* IHI 0070 3.4.1: all bits from the range's size up are alike. */
        outside = (high ? ~input : input) & ~teeio_low_bits(half->input_bits);
        if (half->top_byte_free) {
            outside &= teeio_low_bits(56);
        }
        if (!outside) {
            return walk_half(config, half, tables, input, access);
        }
    }
    /* DDI 0487 D8.2: out of range or walks disabled; no table is read. */
    return (struct teeio_walk){.status = TEEIO_WALK_TRANSLATION};
}

const struct teeio_walk_ops teeio_arm_stage1_ops = {
    .number = 1,
    .walk = walk_stage1,
};
