/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio/iommu.h"

#include "bits.h"
#include "pgtable-arm.h"

#define BIT(n)       (UINT64_C(1) << (n))

#define DESC_VALID   BIT(0)
#define DESC_TABLE   BIT(1) /* at level 3: a page */
#define DESC_ADDRESS (BIT(48) - 1)

/* Leaves of both stages. */
#define LEAF_AF            BIT(10)
#define LEAF_DBM           BIT(51)
#define LEAF_DIRTY         BIT(7) /* stage 1: clear when dirty; stage 2: set */

#define LEAF_AP_USER       BIT(6)
#define LEAF_AP_READ_ONLY  BIT(7)
#define LEAF_NOT_GLOBAL    BIT(11)
#define LEAF_PXN           BIT(53)
#define LEAF_UXN           BIT(54)

#define LEAF2_NOT_DEVICE   (BIT(4) | BIT(5)) /* either bit will do */
#define LEAF2_READ         BIT(6)
#define LEAF2_WRITE        BIT(7)
#define LEAF2_XN0          BIT(53)
#define LEAF2_XN1          BIT(54)
#define LEAF2_NS           BIT(55) /* Realm only */

#define TABLE_PXN          BIT(59)
#define TABLE_UXN          BIT(60)
#define TABLE_AP_NO_USER   BIT(61)
#define TABLE_AP_READ_ONLY BIT(62)

/* What tables say, as one number. */
#define TABLE_SHIFT       59

#define LAST_LEVEL        3u
#define CONCATENATED_BITS 4u /* up to 16 first tables in stage 2 */

/*
 * struct descent - the way down the tables of one stage
 * @input:      masked to the input size
 * @level:      where it starts
 * @table:      base of the table that comes next
 * @kind:       what the last table is remembered as, for input @whole
 * @mark:       address bit to be ignored
 * @above:      what table descriptors said, all together
 * @address:    where the leaf @descriptor lies, before stage 2
 */
struct descent {
    uint64_t input;
    uint64_t table;
    unsigned granule_bits;
    unsigned output_bits;
    unsigned level;
    bool ignore_access_flag;
    bool ha;
    uint64_t mark;
    enum teeio_iotlb_kind kind;
    uint64_t whole;
    uint64_t above;
    uint64_t descriptor;
    uint64_t address;
};

/* Input bits that a descriptor at @level leaves untranslated. */
static unsigned level_shift(unsigned granule_bits, unsigned level)
{
    return granule_bits + (granule_bits - 3) * (LAST_LEVEL - level);
}

/* DDI 0487 D8.2: as few levels as the input range needs. */
static unsigned stage1_level(const struct teeio_arm_half *half)
{
    unsigned bits = half->input_bits - 1 - half->granule_bits;

    return LAST_LEVEL - bits / (half->granule_bits - 3);
}

/* DDI 0487 D8.2: the first table, or tables, are aligned to their size. */
static uint64_t first_table(uint64_t base, unsigned input_bits,
                            unsigned granule_bits, unsigned level)
{
    unsigned bits = input_bits - level_shift(granule_bits, level) + 3;

    return base & ~teeio_low_bits(bits);
}

/* DDI 0487 D8.3: without 52-bit addresses only these levels have blocks. */
static bool has_blocks(unsigned granule_bits, unsigned level)
{
    return level == 2 || (level == 1 && granule_bits == 12);
}

/* To the last table at once, if an earlier walk has found it. */
static void skip(struct descent *at, const struct teeio_walk_cache *cache)
{
    struct teeio_iotlb_entry entry;

    if (at->level < LAST_LEVEL &&
        teeio_walk_cache_find(cache, at->kind, at->whole, &entry)) {
        at->level = LAST_LEVEL;
        at->table = entry.output;
        at->above = (uint64_t)entry.attributes << TABLE_SHIFT;
        at->input &= teeio_low_bits(entry.size_bits);
    }
}

/*
 * Down to the leaf, whose address goes to @walk; attributes are not looked
 * at. False when the walk ends on the way.
 */
static inline bool descend(struct descent *at,
                           const struct teeio_walk_tables *tables,
                           struct teeio_walk *walk)
{
    const struct teeio_walk_cache *cache = tables->memory->cache;
    unsigned stride = at->granule_bits - 3;
    /* A first table may be short; those below are not. */
    bool short_pages = at->level == LAST_LEVEL;
    unsigned shift;
    uint64_t index;

    skip(at, cache);
    shift = level_shift(at->granule_bits, at->level);
    /* The first index may reach over several tables. */
    index = at->input >> shift;
    walk->level = at->level;
    for (;;) {
        bool page = walk->level == LAST_LEVEL && !short_pages;
        uint64_t descriptor, output;
        bool leaf;

        at->address = at->table + index * 8;
        if (!(page ? teeio_walk_page : teeio_walk_descriptor)(
                tables, at->address, &descriptor, walk)) {
            return false;
        }
        leaf = walk->level == LAST_LEVEL || !(descriptor & DESC_TABLE);
        if (!(descriptor & DESC_VALID) ||
            (walk->level == LAST_LEVEL && !(descriptor & DESC_TABLE)) ||
            (leaf && walk->level < LAST_LEVEL &&
             !has_blocks(at->granule_bits, walk->level))) {
            /* DDI 0487 D8.3: invalid, or reserved at this level. */
            walk->status = TEEIO_WALK_TRANSLATION;
            return false;
        }
        output = descriptor & DESC_ADDRESS & ~at->mark &
                 ~teeio_low_bits(leaf ? shift : at->granule_bits);
        if (output & ~teeio_low_bits(at->output_bits)) {
            /* IHI 0070 5.2 and 5.4: IPS and S2PS bind next tables as well. */
            walk->status = TEEIO_WALK_ADDR_SIZE;
            return false;
        }
        if (leaf) {
            at->descriptor = descriptor;
            walk->page_mask = teeio_low_bits(shift);
            walk->output = output | (at->input & walk->page_mask);
            return true;
        }
        at->above |= descriptor;
        at->table = output;
        walk->level++;
        if (walk->level == LAST_LEVEL) {
            teeio_walk_cache_add(cache, at->kind, at->whole, shift, output,
                                 at->above >> TABLE_SHIFT & 0xf);
        }
        shift -= stride;
        index = at->input >> shift & teeio_low_bits(stride);
    }
}

/* DDI 0487 D8.4: direct permissions of the EL1&0 regime. */
static unsigned stage1_rights(const struct teeio_arm_stage1 *config,
                              uint64_t leaf, uint64_t above,
                              struct teeio_access access)
{
    bool clean = config->hd && leaf & LEAF_DBM;
    bool read_only =
        (leaf & LEAF_AP_READ_ONLY && !clean) || above & TABLE_AP_READ_ONLY;
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

/* DDI 0487 D8.4: direct permissions of stage 2. */
static unsigned stage2_rights(const struct teeio_arm_stage2 *config,
                              uint64_t leaf, struct teeio_access access)
{
    bool never = leaf & LEAF2_XN1;
    bool read = leaf & LEAF2_READ;
    unsigned perm = TEEIO_PERM_NONE;

    if (access.table && config->protected_walk && !(leaf & LEAF2_NOT_DEVICE)) {
        /* IHI 0070 5.2, S2PTW. */
        return TEEIO_PERM_NONE;
    }
    if (config->realm && leaf & LEAF2_NS) {
        /* DDI 0487 D8.4: Realm code comes from Realm memory. */
        never = true;
    } else if (config->xnx && access.privileged) {
        /* The lower bit turns the meaning round for privileged code. */
        never = !(leaf & LEAF2_XN1) != !(leaf & LEAF2_XN0);
    }
    if (access.execute && !access.write ? !never : read) {
        perm |= TEEIO_PERM_READ;
    }
    if (leaf & LEAF2_WRITE || (config->hd && leaf & LEAF_DBM)) {
        perm |= TEEIO_PERM_WRITE;
    }
    return perm;
}

/*
 * Access flag, then permission, then what the walk itself has to write.
 * @clean: the page is writable, but its descriptor does not say so yet
 */
static void finish(const struct descent *at, unsigned perm, bool clean,
                   const struct teeio_walk_tables *tables,
                   struct teeio_access access, struct teeio_walk *walk)
{
    unsigned wanted = access.write ? TEEIO_PERM_WRITE : TEEIO_PERM_READ;
    uint64_t desired = at->descriptor;

    if (at->ha) {
        desired |= LEAF_AF;
    } else if (!(desired & LEAF_AF) && !at->ignore_access_flag) {
        /* DDI 0487 D8.5: nobody but software sets the flag here. */
        walk->status = TEEIO_WALK_ACCESS;
        return;
    }
    if (!(perm & wanted)) {
        /* DDI 0487 D8.4: the leaf or a table above it forbids the access. */
        walk->status = TEEIO_WALK_PERMISSION;
        return;
    }
    if (clean && access.write) {
        desired ^= LEAF_DIRTY;
    } else if (clean) {
        perm &= ~TEEIO_PERM_WRITE;
    }
    if (desired == at->descriptor ||
        teeio_walk_update(tables, at->address, at->descriptor, desired, walk)) {
        walk->perm = perm;
    }
}

static void walk_stage1(const void *opaque,
                        const struct teeio_walk_tables *tables, uint64_t input,
                        struct teeio_access access, struct teeio_walk *walk)
{
    const struct teeio_arm_stage1 *config = opaque;
    bool high = input >> 55 & 1;
    const struct teeio_arm_half *half = &config->half[high];
    /* IHI 0070 3.4.1: all bits from the range's size up are alike. */
    uint64_t outside =
        (high ? ~input : input) & ~teeio_low_bits(half->input_bits);
    struct descent at;
    bool clean;

    if (half->top_byte_free) {
        outside &= teeio_low_bits(56);
    }
    if (!half->enabled || outside) {
        /* DDI 0487 D8.2: out of range or walks disabled; nothing is read. */
        walk->status = TEEIO_WALK_TRANSLATION;
        return;
    }
    at = (struct descent){
        .kind = TEEIO_IOTLB_TABLE1,
        .whole = input,
        .input = input & teeio_low_bits(half->input_bits),
        .granule_bits = half->granule_bits,
        .output_bits = config->output_bits,
        .ignore_access_flag = config->ignore_access_flag,
        .ha = config->ha,
        .mark = config->mark,
        .level = stage1_level(half),
    };
    at.table =
        first_table(half->table, half->input_bits, at.granule_bits, at.level);
    if (!descend(&at, tables, walk)) {
        return;
    }
    if (half->flat) {
        at.above = 0;
    }
    clean = config->hd && at.descriptor & LEAF_DBM &&
            at.descriptor & LEAF_AP_READ_ONLY;
    walk->global = !(at.descriptor & LEAF_NOT_GLOBAL);
    walk->marked = at.descriptor & config->mark;
    finish(&at, stage1_rights(config, at.descriptor, at.above, access), clean,
           tables, access, walk);
}

static void walk_stage2(const void *opaque,
                        const struct teeio_walk_tables *tables, uint64_t input,
                        struct teeio_access access, struct teeio_walk *walk)
{
    const struct teeio_arm_stage2 *config = opaque;
    struct descent at;
    bool clean;

    if (input & ~teeio_low_bits(config->input_bits)) {
        /* DDI 0487 D8.2: out of range; no table is read. */
        walk->status = TEEIO_WALK_TRANSLATION;
        return;
    }
    at = (struct descent){
        .kind = TEEIO_IOTLB_TABLE2,
        .whole = input,
        .input = input,
        .table = first_table(config->table, config->input_bits,
                             config->granule_bits, config->start_level),
        .granule_bits = config->granule_bits,
        .output_bits = config->output_bits,
        .ignore_access_flag = config->ignore_access_flag,
        .ha = config->ha,
        .level = config->start_level,
    };
    if (!descend(&at, tables, walk)) {
        return;
    }
    walk->non_secure = config->realm && at.descriptor & LEAF2_NS;
    clean = config->hd && at.descriptor & LEAF_DBM &&
            !(at.descriptor & LEAF2_WRITE);
    finish(&at, stage2_rights(config, at.descriptor, access), clean, tables,
           access, walk);
}

bool teeio_arm_beside(const struct teeio_walk_line *line, unsigned index,
                      unsigned granule_bits, unsigned output_bits,
                      uint64_t *output)
{
    uint64_t address = DESC_ADDRESS & ~teeio_low_bits(granule_bits);
    uint64_t word = line->words[index];

    *output = word & address;
    return !((word ^ line->words[line->own]) & ~address) &&
           !(*output & ~teeio_low_bits(output_bits));
}

bool teeio_arm_stage2_fits(const struct teeio_arm_stage2 *config)
{
    unsigned shift = level_shift(config->granule_bits, config->start_level);
    unsigned stride = config->granule_bits - 3;

    return config->input_bits > shift &&
           config->input_bits <= shift + stride + CONCATENATED_BITS;
}

const struct teeio_walk_ops teeio_arm_stage1_ops = {
    .number = 1,
    .walk = walk_stage1,
};

const struct teeio_walk_ops teeio_arm_stage2_ops = {
    .number = 2,
    .walk = walk_stage2,
};
