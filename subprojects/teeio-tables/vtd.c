/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "teeio-tables/x86.h"

#define PRESENT 0x1ull
#define ADDRESS 0xfffffffffffff000ull

bool teeio_tables_vtd_init(struct teeio_tables_vtd *vtd,
                           struct teeio_tables *tables, bool scalable)
{
    vtd->tables = tables;
    vtd->scalable = scalable;
    vtd->root = teeio_tables_alloc(tables, 0x1000);
    return vtd->root;
}

uint64_t teeio_tables_vtd_root(const struct teeio_tables_vtd *vtd)
{
    return vtd->root | (vtd->scalable ? 1ull << 10 : 0);
}

uint64_t teeio_tables_vtd_root_slot(const struct teeio_tables_vtd *vtd,
                                    uint16_t source)
{
    uint64_t slot = vtd->root + (source >> 8) * 16;

    return vtd->scalable && source & 0x80 ? slot + 8 : slot;
}

uint64_t teeio_tables_vtd_context_slot(struct teeio_tables_vtd *vtd,
                                       uint16_t source)
{
    uint64_t slot = teeio_tables_vtd_root_slot(vtd, source);
    uint64_t entry = teeio_tables_get(vtd->tables, slot);

    if (!(entry & PRESENT)) {
        entry = teeio_tables_alloc(vtd->tables, 0x1000);
        if (!entry) {
            return 0;
        }
        teeio_tables_put(vtd->tables, slot, entry | PRESENT);
    }
    entry &= ADDRESS;
    return vtd->scalable ? entry + (source & 0x7f) * 32
                         : entry + (source & 0xff) * 16;
}

bool teeio_tables_vtd_set_context(struct teeio_tables_vtd *vtd, uint16_t source,
                                  struct teeio_tables_vtd_context context)
{
    uint64_t slot = teeio_tables_vtd_context_slot(vtd, source);

    for (int i = 0; slot && i < (vtd->scalable ? 4 : 2); i++) {
        teeio_tables_put(vtd->tables, slot + 8 * i, context.dw[i]);
    }
    return slot;
}

struct teeio_tables_vtd_context
teeio_tables_vtd_legacy(const struct teeio_tables_x86 *space, uint16_t domain,
                        unsigned type)
{
    return (struct teeio_tables_vtd_context){
        .dw = {space->root | (uint64_t)type << 2 | PRESENT,
               (uint64_t)domain << 8 | (space->levels - 2)},
    };
}

struct teeio_tables_vtd_context teeio_tables_vtd_legacy_pass(uint16_t domain)
{
    return (struct teeio_tables_vtd_context){
        .dw = {2ull << 2 | PRESENT, (uint64_t)domain << 8 | 3},
    };
}

bool teeio_tables_vtd_pasids_init(struct teeio_tables_vtd_pasids *pasids,
                                  struct teeio_tables *tables,
                                  unsigned log2size)
{
    uint64_t size = 8ull << (log2size - 6);

    pasids->tables = tables;
    pasids->log2size = log2size;
    pasids->directory =
        teeio_tables_alloc(tables, size < 0x1000 ? 0x1000 : size);
    return pasids->directory;
}

struct teeio_tables_vtd_context
teeio_tables_vtd_scalable(const struct teeio_tables_vtd_pasids *pasids,
                          uint32_t rid_pasid)
{
    return (struct teeio_tables_vtd_context){
        .dw = {pasids->directory | (uint64_t)(pasids->log2size - 13) << 9 |
                   0x1c | PRESENT,
               rid_pasid},
    };
}

uint64_t
teeio_tables_vtd_directory_slot(const struct teeio_tables_vtd_pasids *pasids,
                                uint32_t pasid)
{
    return pasids->directory + (pasid >> 6) * 8;
}

uint64_t teeio_tables_vtd_pasid_slot(struct teeio_tables_vtd_pasids *pasids,
                                     uint32_t pasid)
{
    uint64_t slot = teeio_tables_vtd_directory_slot(pasids, pasid);
    uint64_t entry = teeio_tables_get(pasids->tables, slot);

    if (!(entry & PRESENT)) {
        entry = teeio_tables_alloc(pasids->tables, 0x1000);
        if (!entry) {
            return 0;
        }
        teeio_tables_put(pasids->tables, slot, entry | PRESENT);
    }
    return (entry & ADDRESS) + (pasid & 0x3f) * 64;
}

bool teeio_tables_vtd_set_pasid(struct teeio_tables_vtd_pasids *pasids,
                                uint32_t pasid,
                                struct teeio_tables_vtd_pasid entry)
{
    uint64_t slot = teeio_tables_vtd_pasid_slot(pasids, pasid);

    for (int i = 0; slot && i < 8; i++) {
        teeio_tables_put(pasids->tables, slot + 8 * i, entry.dw[i]);
    }
    return slot;
}

struct teeio_tables_vtd_pasid
teeio_tables_vtd_first(const struct teeio_tables_x86 *first, uint16_t domain)
{
    return (struct teeio_tables_vtd_pasid){
        .dw = {1ull << 6 | PRESENT, domain,
               first->root | (first->levels == 5 ? 4 : 0)},
    };
}

struct teeio_tables_vtd_pasid
teeio_tables_vtd_second(const struct teeio_tables_x86 *second, uint16_t domain)
{
    return (struct teeio_tables_vtd_pasid){
        .dw = {second->root | 2ull << 6 | (uint64_t)(second->levels - 2) << 2 |
                   PRESENT,
               domain},
    };
}

struct teeio_tables_vtd_pasid
teeio_tables_vtd_nested(const struct teeio_tables_x86 *first,
                        const struct teeio_tables_x86 *second, uint16_t domain)
{
    struct teeio_tables_vtd_pasid entry =
        teeio_tables_vtd_second(second, domain);

    entry.dw[0] |= 1ull << 6;
    entry.dw[2] = teeio_tables_vtd_first(first, domain).dw[2];
    return entry;
}

struct teeio_tables_vtd_pasid teeio_tables_vtd_pass(uint16_t domain)
{
    return (struct teeio_tables_vtd_pasid){
        .dw = {4ull << 6 | 3ull << 2 | PRESENT, domain},
    };
}
