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

struct teeio_tables_cd teeio_tables_cd(const struct teeio_tables_space *space)
{
    struct teeio_tables_cd cd = {{0}};

    cd.dw[0] = (64 - space->input_bits)   /* T0SZ */
               | 0ull << 6                /* TG0: 4 KiB */
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
    cd->dw[0] &= ~(0xffffull << 16) | 1ull << 31;
    cd->dw[0] |= (64ull - space->input_bits) << 16 /* T1SZ */
                 | 2ull << 22                      /* TG1: 4 KiB */
                 | 1ull << 24 | 1ull << 26         /* IR1, OR1 */
                 | 3ull << 28;                     /* SH1 */
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
