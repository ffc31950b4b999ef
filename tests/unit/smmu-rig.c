/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include <string.h>

#include "smmu-rig.h"

static void guest_read(void *opaque, uint64_t gpa, void *buf, size_t len)
{
    memcpy(buf, fake_host_ptr(opaque, gpa), len);
}

static void guest_write(void *opaque, uint64_t gpa, const void *buf, size_t len)
{
    memcpy(fake_host_ptr(opaque, gpa), buf, len);
}

void smmu_rig_init(struct smmu_rig *rig, enum teeio_t_policy policy,
                   unsigned split)
{
    memset(rig, 0, sizeof(*rig));
    fake_host_init(&rig->fake);
    rig->ownership = teeio_ownership_new();
    g_assert_true(teeio_ownership_add_ram(rig->ownership, FAKE_HOST_RAM_BASE,
                                          FAKE_HOST_RAM_SIZE,
                                          TEEIO_OWNER_PRIVATE));
    rig->tables = (struct teeio_tables){
        .opaque = &rig->fake,
        .read = guest_read,
        .write = guest_write,
        .next = RIG_TABLES,
        .end = RIG_DATA,
    };
    g_assert_true(teeio_tables_streams_init(&rig->streams, &rig->tables,
                                            RIG_LOG2SIZE, split));
    g_assert_true(teeio_tables_space_init(&rig->space, &rig->tables, 39));
    g_assert_true(
        teeio_tables_map(&rig->space, RIG_RW, RIG_DATA, 3, TEEIO_TABLES_RW));
    g_assert_true(teeio_tables_map(&rig->space, RIG_RO, RIG_DATA + 0x1000, 3,
                                   TEEIO_TABLES_RO));
    g_assert_true(
        teeio_tables_map(&rig->space, RIG_2M, RIG_BLOCK, 2, TEEIO_TABLES_RW));
    /* A page of its own, so that it can be shared or fail on its own. */
    g_assert_cmphex(teeio_tables_alloc(&rig->tables, 0x1000), !=, 0);
    rig->cd = teeio_tables_put_cd(&rig->tables, teeio_tables_cd(&rig->space));
    g_assert_cmphex(teeio_tables_alloc(&rig->tables, 0x1000), !=, 0);
    g_assert_true(teeio_tables_set_ste(&rig->streams, RIG_SID,
                                       teeio_tables_ste_stage1(rig->cd)));
    g_assert_true(teeio_tables_set_ste(&rig->streams, RIG_BYPASS,
                                       teeio_tables_ste_bypass()));
    g_assert_true(teeio_tables_set_ste(&rig->streams, RIG_ABORT,
                                       teeio_tables_ste_abort()));
    rig->smmu = teeio_smmuv3_new(&rig->fake.host, rig->ownership, policy);
}

void smmu_rig_clear(struct smmu_rig *rig)
{
    teeio_smmuv3_free(rig->smmu);
    teeio_ownership_free(rig->ownership);
    fake_host_clear(&rig->fake);
}

void smmu_rig_enable(struct smmu_rig *rig, unsigned log2size)
{
    smmu_rig_set64(rig, TEEIO_SMMUV3_REG_STRTAB_BASE,
                   teeio_tables_streams_base(&rig->streams));
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_STRTAB_BASE_CFG,
                 teeio_tables_streams_cfg(&rig->streams));
    smmu_rig_set64(rig, TEEIO_SMMUV3_REG_CMDQ_BASE, RIG_CMDQ | log2size);
    smmu_rig_set64(rig, TEEIO_SMMUV3_REG_EVENTQ_BASE, RIG_EVENTQ | log2size);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR2, TEEIO_CR2_RECINVSID);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_IRQ_CTRL,
                 TEEIO_IRQ_CTRL_EVENTQ | TEEIO_IRQ_CTRL_GERROR);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0,
                 TEEIO_CR0_SMMUEN | TEEIO_CR0_EVENTQEN | TEEIO_CR0_CMDQEN);
}

uint64_t smmu_rig_get(struct smmu_rig *rig, uint64_t offset)
{
    return teeio_smmuv3_read(rig->smmu, offset, 4);
}

void smmu_rig_set(struct smmu_rig *rig, uint64_t offset, uint64_t value)
{
    teeio_smmuv3_write(rig->smmu, offset, value, 4);
}

void smmu_rig_set64(struct smmu_rig *rig, uint64_t offset, uint64_t value)
{
    teeio_smmuv3_write(rig->smmu, offset, value, 8);
}

struct teeio_tlp smmu_rig_tlp(enum teeio_tlp_kind kind, uint64_t address)
{
    return (struct teeio_tlp){
        .kind = kind,
        .address = address,
        .length = 4,
        .requester = RIG_SID,
    };
}

struct teeio_translation smmu_rig_send(struct smmu_rig *rig,
                                       struct teeio_tlp tlp)
{
    struct teeio_iommu *iommu = teeio_smmuv3_iommu(rig->smmu);
    struct teeio_translation answer;

    memset(&answer, 0xa5, sizeof(answer));
    iommu->translate(iommu, &tlp, &answer);
    return answer;
}

struct teeio_translation smmu_rig_read(struct smmu_rig *rig, uint64_t address)
{
    return smmu_rig_send(rig, smmu_rig_tlp(TEEIO_TLP_MRD, address));
}

struct teeio_translation smmu_rig_write(struct smmu_rig *rig, uint64_t address)
{
    return smmu_rig_send(rig, smmu_rig_tlp(TEEIO_TLP_MWR, address));
}

void smmu_rig_expect(const struct teeio_translation *answer, const char *name,
                     uint64_t dw0, uint64_t dw1, uint64_t dw2, uint64_t dw3)
{
    g_assert_cmpint(answer->verdict, ==, TEEIO_VERDICT_FAULT);
    g_assert_true(answer->fault.present);
    g_assert_true(answer->fault.record);
    g_assert_cmpstr(answer->fault.name, ==, name);
    g_assert_cmphex(answer->fault.dw[0], ==, dw0);
    g_assert_cmphex(answer->fault.dw[1], ==, dw1);
    g_assert_cmphex(answer->fault.dw[2], ==, dw2);
    g_assert_cmphex(answer->fault.dw[3], ==, dw3);
    g_assert_cmpuint(answer->perm, ==, TEEIO_PERM_NONE);
}

void smmu_rig_share(struct smmu_rig *rig, uint64_t gpa)
{
    g_assert_true(teeio_ownership_set(rig->ownership, gpa & ~0xfffull, 0x1000,
                                      TEEIO_OWNER_SHARED));
}

void smmu_rig_put(struct smmu_rig *rig, uint64_t gpa, uint64_t word)
{
    teeio_tables_put(&rig->tables, gpa, word);
}
