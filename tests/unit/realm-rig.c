/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "realm-rig.h"

#define ENTRIES (1u << REALM_QUEUE_LOG2)

static const struct {
    uint64_t cmdq, eventq, priq;
} queues[2] = {
    {HOST_CMDQ, HOST_EVENTQ, HOST_PRIQ},
    {RIG_CMDQ, RIG_EVENTQ, RIG_PRIQ},
};

void realm_rig_init(struct realm_rig *rig, enum teeio_t_policy policy,
                    bool iotlb)
{
    uint64_t cd;

    memset(rig, 0, sizeof(*rig));
    smmu_rig_init(&rig->smmu, policy, 8);
    g_assert_true(teeio_smmuv3_add_realm(rig->smmu.smmu));
    g_assert_true(teeio_smmuv3_set_iotlb(rig->smmu.smmu, iotlb, false));
    g_assert_true(teeio_ownership_set(rig->smmu.ownership, HOST_MEMORY,
                                      HOST_END - HOST_MEMORY,
                                      TEEIO_OWNER_SHARED));
    rig->host_tables = rig->smmu.tables;
    rig->host_tables.next = HOST_TABLES;
    rig->host_tables.end = HOST_DATA;
    g_assert_true(teeio_tables_streams_init(
        &rig->host_streams, &rig->host_tables, RIG_LOG2SIZE, 8));
    g_assert_true(
        teeio_tables_space_init(&rig->host_space, &rig->host_tables, 39));
    g_assert_true(teeio_tables_map(&rig->host_space, RIG_RW, HOST_DATA, 3,
                                   TEEIO_TABLES_RW));
    cd = teeio_tables_put_cd(&rig->host_tables,
                             teeio_tables_cd(&rig->host_space));
    g_assert_true(teeio_tables_set_ste(&rig->host_streams, RIG_SID,
                                       teeio_tables_ste_stage1(cd)));
}

void realm_rig_clear(struct realm_rig *rig)
{
    smmu_rig_clear(&rig->smmu);
}

void realm_rig_enable(struct realm_rig *rig, int side, uint64_t cr0)
{
    const struct teeio_tables_streams *streams =
        side == REALM ? &rig->smmu.streams : &rig->host_streams;

    realm_rig_set64(rig, side, TEEIO_SMMUV3_REG_STRTAB_BASE,
                    teeio_tables_streams_base(streams));
    realm_rig_set(rig, side, TEEIO_SMMUV3_REG_STRTAB_BASE_CFG,
                  teeio_tables_streams_cfg(streams));
    realm_rig_set64(rig, side, TEEIO_SMMUV3_REG_CMDQ_BASE,
                    queues[side].cmdq | REALM_QUEUE_LOG2);
    realm_rig_set64(rig, side, TEEIO_SMMUV3_REG_EVENTQ_BASE,
                    queues[side].eventq | REALM_QUEUE_LOG2);
    realm_rig_set64(rig, side, TEEIO_SMMUV3_REG_PRIQ_BASE,
                    queues[side].priq | REALM_QUEUE_LOG2);
    realm_rig_set(rig, side, TEEIO_SMMUV3_REG_CR2, TEEIO_CR2_RECINVSID);
    realm_rig_set(rig, side, TEEIO_SMMUV3_REG_IRQ_CTRL,
                  TEEIO_IRQ_CTRL_EVENTQ | TEEIO_IRQ_CTRL_GERROR |
                      TEEIO_IRQ_CTRL_PRIQ);
    realm_rig_set(rig, side, TEEIO_SMMUV3_REG_CR0, cr0);
}

uint64_t realm_rig_get(struct realm_rig *rig, int side, uint64_t offset)
{
    return side == REALM ? teeio_smmuv3_realm_read(rig->smmu.smmu, offset, 4)
                         : teeio_smmuv3_read(rig->smmu.smmu, offset, 4);
}

static void set(struct realm_rig *rig, int side, uint64_t offset,
                uint64_t value, unsigned size)
{
    if (side == REALM) {
        teeio_smmuv3_realm_write(rig->smmu.smmu, offset, value, size);
    } else {
        teeio_smmuv3_write(rig->smmu.smmu, offset, value, size);
    }
}

void realm_rig_set(struct realm_rig *rig, int side, uint64_t offset,
                   uint64_t value)
{
    set(rig, side, offset, value, 4);
}

void realm_rig_set64(struct realm_rig *rig, int side, uint64_t offset,
                     uint64_t value)
{
    set(rig, side, offset, value, 8);
}

struct teeio_tlp realm_rig_tlp(int t, enum teeio_tlp_kind kind,
                               uint64_t address)
{
    struct teeio_tlp tlp = smmu_rig_tlp(kind, address);

    tlp.t = t;
    return tlp;
}

struct teeio_translation realm_rig_read(struct realm_rig *rig, int t,
                                        uint64_t address)
{
    return smmu_rig_send(&rig->smmu, realm_rig_tlp(t, TEEIO_TLP_MRD, address));
}

unsigned realm_rig_command(struct realm_rig *rig, int side, uint64_t dw0,
                           uint64_t dw1)
{
    uint64_t entry = queues[side].cmdq + rig->prod[side] % ENTRIES * 16;
    uint64_t cons;

    smmu_rig_put(&rig->smmu, entry, dw0);
    smmu_rig_put(&rig->smmu, entry + 8, dw1);
    rig->prod[side] = (rig->prod[side] + 1) % (2 * ENTRIES);
    realm_rig_set(rig, side, TEEIO_SMMUV3_REG_CMDQ_PROD, rig->prod[side]);
    while (teeio_smmuv3_step(rig->smmu.smmu)) {
    }
    cons = realm_rig_get(rig, side, TEEIO_SMMUV3_REG_CMDQ_CONS);
    if (cons >> 24) {
        /* Step back over the command and go on. */
        rig->prod[side] = cons & 0xfffff;
        realm_rig_set(rig, side, TEEIO_SMMUV3_REG_CMDQ_PROD, rig->prod[side]);
        realm_rig_set(rig, side, TEEIO_SMMUV3_REG_GERRORN,
                      realm_rig_get(rig, side, TEEIO_SMMUV3_REG_GERROR));
    }
    return cons >> 24;
}
