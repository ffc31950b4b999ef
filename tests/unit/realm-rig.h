/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * An SMMU with a Realm interface. The tables and queues of the SMMU rig, all
 * in private memory, are Realm's; the Non-secure interface has others, in
 * shared memory. Both know stream RIG_SID and its page RIG_RW.
 */
#ifndef REALM_RIG_H
#define REALM_RIG_H

#include "smmu-rig.h"

#define HOST_MEMORY      0x40c00000ull /* up to the end of RAM, shared */
#define HOST_CMDQ        0x40c10000ull
#define HOST_EVENTQ      0x40c20000ull
#define HOST_PRIQ        0x40c30000ull
#define HOST_TABLES      0x40d00000ull
#define HOST_DATA        0x40e00000ull
#define HOST_END         0x41000000ull

#define RIG_PRIQ         0x40030000ull

#define REALM_QUEUE_LOG2 4u

/* Which of the two interfaces: the T of those that it serves. */
enum { HOST, REALM };

struct realm_rig {
    struct smmu_rig smmu;
    struct teeio_tables host_tables;
    struct teeio_tables_streams host_streams;
    struct teeio_tables_space host_space;
    unsigned prod[2];
};

/* realm_rig_init() - everything disabled; HOST: RIG_RW to HOST_DATA */
void realm_rig_init(struct realm_rig *rig, enum teeio_t_policy policy,
                    bool iotlb);
void realm_rig_clear(struct realm_rig *rig);

/* realm_rig_enable() - tables, queues, interrupts; CR0 is @cr0 */
void realm_rig_enable(struct realm_rig *rig, int side, uint64_t cr0);

/* Everything but PRI. */
#define REALM_RIG_ALL (TEEIO_CR0_SMMUEN | TEEIO_CR0_EVENTQEN | TEEIO_CR0_CMDQEN)

uint64_t realm_rig_get(struct realm_rig *rig, int side, uint64_t offset);
void realm_rig_set(struct realm_rig *rig, int side, uint64_t offset,
                   uint64_t value);
void realm_rig_set64(struct realm_rig *rig, int side, uint64_t offset,
                     uint64_t value);

/* realm_rig_tlp() - of stream RIG_SID */
struct teeio_tlp realm_rig_tlp(int t, enum teeio_tlp_kind kind,
                               uint64_t address);

/* realm_rig_read() - the answer to one with this T */
struct teeio_translation realm_rig_read(struct realm_rig *rig, int t,
                                        uint64_t address);

/* realm_rig_command() - run one; returns CMDQ_CONS.ERR */
unsigned realm_rig_command(struct realm_rig *rig, int side, uint64_t dw0,
                           uint64_t dw1);

#endif
