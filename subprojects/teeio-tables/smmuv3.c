/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio-tables/smmuv3.h"

#define STE_BYTES 64ull
#define CD_BYTES  64ull

static void put_words(const struct teeio_tables *tables, uint64_t gpa,
                      const uint64_t dw[8])
{
    /* The word with the valid bit goes last, as software does it. */
    for (int i = 7; i >= 0; i--) {
        teeio_tables_put(tables, gpa + 8 * i, dw[i]);
    }
}

bool teeio_tables_streams_init(struct teeio_tables_streams *streams,
                               struct teeio_tables *tables, unsigned log2size,
                               unsigned split)
{
    uint64_t size = STE_BYTES << log2size;

    if (split) {
        size = log2size > split ? 8ull << (log2size - split) : 8;
        size = size < 64 ? 64 : size;
    }
    streams->tables = tables;
    streams->log2size = log2size;
    streams->split = split;
    streams->base = teeio_tables_alloc(tables, size);
    return streams->base;
}

uint64_t teeio_tables_streams_base(const struct teeio_tables_streams *streams)
{
    return streams->base;
}

uint32_t teeio_tables_streams_cfg(const struct teeio_tables_streams *streams)
{
    uint32_t two_level = streams->split ? 1u << 16 : 0;

    return two_level | streams->split << 6 | streams->log2size;
}

uint64_t teeio_tables_l1_slot(const struct teeio_tables_streams *streams,
                              uint32_t sid)
{
    return streams->base + 8ull * (sid >> streams->split);
}

uint64_t teeio_tables_ste_slot(struct teeio_tables_streams *streams,
                               uint32_t sid)
{
    uint64_t mask = (1ull << streams->split) - 1;
    uint64_t slot, descriptor, leaf;

    if (!streams->split) {
        return streams->base + sid * STE_BYTES;
    }
    slot = teeio_tables_l1_slot(streams, sid);
    descriptor = teeio_tables_get(streams->tables, slot);
    if (!(descriptor & 0x1f)) {
        leaf = teeio_tables_alloc(streams->tables, STE_BYTES << streams->split);
        if (!leaf) {
            return 0;
        }
        descriptor = leaf | (streams->split + 1);
        teeio_tables_put(streams->tables, slot, descriptor);
    }
    return (descriptor & 0x000fffffffffffc0ull) + (sid & mask) * STE_BYTES;
}

bool teeio_tables_set_ste(struct teeio_tables_streams *streams, uint32_t sid,
                          struct teeio_tables_ste ste)
{
    uint64_t slot = teeio_tables_ste_slot(streams, sid);

    if (!slot) {
        return false;
    }
    put_words(streams->tables, slot, ste.dw);
    return true;
}

/* Bit 0 is V, bits 3:1 are Config. */
struct teeio_tables_ste teeio_tables_ste_abort(void)
{
    return (struct teeio_tables_ste){{1 | 0 << 1}};
}

struct teeio_tables_ste teeio_tables_ste_bypass(void)
{
    return (struct teeio_tables_ste){{1 | 4 << 1}};
}

struct teeio_tables_ste teeio_tables_ste_stage1(uint64_t cd)
{
    /* S1CIR and S1COR write-back, S1CSH inner shareable. */
    return (struct teeio_tables_ste){
        {1 | 5 << 1 | cd, 1ull << 2 | 1ull << 4 | 3ull << 6},
    };
}

/* TG0 and S2TG: 0 is 4 KiB, 1 is 64 KiB, 2 is 16 KiB. */
static uint64_t granule_code(const struct teeio_tables_space *space)
{
    return space->granule_bits == 12 ? 0 : space->granule_bits == 16 ? 1 : 2;
}

static void add_stage2(struct teeio_tables_ste *ste,
                       const struct teeio_tables_space *space, uint16_t vmid)
{
    static const uint64_t sl0_4k[] = {2, 1, 0, 3};
    static const uint64_t sl0_other[] = {3, 2, 1, 0};
    uint64_t sl0 =
        space->granule_bits == 12 ? sl0_4k[space->top] : sl0_other[space->top];

    ste->dw[0] |= 2 << 1;                                 /* Config */
    ste->dw[2] = vmid | (64ull - space->input_bits) << 32 /* S2T0SZ */
                 | sl0 << 38                              /* S2SL0 */
                 | 1ull << 40 | 1ull << 42 /* S2IR0, S2OR0: write-back */
                 | 3ull << 44              /* S2SH0: inner shareable */
                 | granule_code(space) << 46 | 5ull << 48 /* S2PS: 48 bits */
                 | 1ull << 51                             /* S2AA64 */
                 | 1ull << 54                             /* S2PTW */
                 | 1ull << 58;                            /* S2R */
    ste->dw[3] = space->root;
}

struct teeio_tables_ste
teeio_tables_ste_stage2(const struct teeio_tables_space *space, uint16_t vmid)
{
    struct teeio_tables_ste ste = {{1 | 4 << 1}};

    add_stage2(&ste, space, vmid);
    return ste;
}

struct teeio_tables_ste
teeio_tables_ste_nested(uint64_t cd, const struct teeio_tables_space *space,
                        uint16_t vmid)
{
    struct teeio_tables_ste ste = teeio_tables_ste_stage1(cd);

    add_stage2(&ste, space, vmid);
    return ste;
}

bool teeio_tables_cds_init(struct teeio_tables_cds *cds,
                           struct teeio_tables *tables, unsigned log2size,
                           unsigned leaf_bits)
{
    uint64_t size = CD_BYTES << log2size;

    if (leaf_bits) {
        size = log2size > leaf_bits ? 8ull << (log2size - leaf_bits) : 8;
        size = size < 64 ? 64 : size;
    }
    cds->tables = tables;
    cds->log2size = log2size;
    cds->leaf_bits = leaf_bits;
    cds->base = teeio_tables_alloc(tables, size);
    return cds->base;
}

uint64_t teeio_tables_l1cd_slot(const struct teeio_tables_cds *cds,
                                uint32_t ssid)
{
    return cds->base + 8ull * (ssid >> cds->leaf_bits);
}

bool teeio_tables_set_cd(struct teeio_tables_cds *cds, uint32_t ssid,
                         struct teeio_tables_cd cd)
{
    uint64_t leaf = cds->base;

    if (cds->leaf_bits) {
        uint64_t slot = teeio_tables_l1cd_slot(cds, ssid);
        uint64_t descriptor = teeio_tables_get(cds->tables, slot);

        if (!(descriptor & 1)) {
            descriptor =
                teeio_tables_alloc(cds->tables, CD_BYTES << cds->leaf_bits);
            if (!descriptor) {
                return false;
            }
            descriptor |= 1;
            teeio_tables_put(cds->tables, slot, descriptor);
        }
        leaf = descriptor & 0x000ffffffffff000ull;
        ssid &= (1u << cds->leaf_bits) - 1;
    }
    put_words(cds->tables, leaf + ssid * CD_BYTES, cd.dw);
    return true;
}

void teeio_tables_ste_substreams(struct teeio_tables_ste *ste,
                                 const struct teeio_tables_cds *cds,
                                 unsigned dss)
{
    uint64_t format = cds->leaf_bits == 0 ? 0 : cds->leaf_bits == 6 ? 1 : 2;

    ste->dw[0] &= 0xf; /* V and Config */
    ste->dw[0] |= format << 4 | cds->base | (uint64_t)cds->log2size << 59;
    ste->dw[1] = (ste->dw[1] & ~3ull) | dss;
}

struct teeio_tables_cd teeio_tables_cd(const struct teeio_tables_space *space)
{
    struct teeio_tables_cd cd = {{0}};

    cd.dw[0] = (64 - space->input_bits)   /* T0SZ */
               | granule_code(space) << 6 /* TG0 */
               | 1ull << 8 | 1ull << 10   /* IR0, OR0: write-back */
               | 3ull << 12               /* SH0: inner shareable */
               | 1ull << 30               /* EPD1 */
               | 1ull << 31               /* V */
               | 4ull << 32               /* IPS: 44 bits */
               | 1ull << 41               /* AA64 */
               | 1ull << 45 | 1ull << 46  /* R, A */
               | 1ull << 47 | 1ull << 48; /* ASET, ASID 1 */
    cd.dw[1] = space->root;
    cd.dw[3] = 0xff; /* MAIR: attribute 0 is normal, write-back */
    return cd;
}

void teeio_tables_cd_high(struct teeio_tables_cd *cd,
                          const struct teeio_tables_space *space)
{
    static const uint64_t tg1[] = {2, 3, 1};

    cd->dw[0] &= ~(0xffffull << 16) | 1ull << 31;
    cd->dw[0] |= (64ull - space->input_bits) << 16 /* T1SZ */
                 | tg1[granule_code(space)] << 22 | 1ull << 24 |
                 1ull << 26    /* IR1, OR1 */
                 | 3ull << 28; /* SH1 */
    cd->dw[2] = space->root;
}

uint64_t teeio_tables_put_cd(struct teeio_tables *tables,
                             struct teeio_tables_cd cd)
{
    uint64_t gpa = teeio_tables_alloc(tables, CD_BYTES);

    if (gpa) {
        put_words(tables, gpa, cd.dw);
    }
    return gpa;
}
