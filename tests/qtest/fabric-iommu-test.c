/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What lies behind the IOMMU is not always memory: a doorbell of the interrupt
 * controller, and the BAR of a peer.
 */

#include "rig-smmu.h"

#define PAGE      0x1000u
#define A         RIG_DATA
#define IOVA      0x62345000ull

#define V2M       0x08020000ull /* GICv2m frame of board virt */
#define V2M_SET   0x40u         /* MSI_SETSPI_NS */
#define V2M_SPI   48u           /* its first */
#define V2M_FILL  0x50 /* four times: interrupt id 80, which is SPI 48 */

#define EDU_CHECK 0x04u /* what is written reads as its complement */

/*
 * On Arm the doorbell is an address as any other: untranslated it interrupts,
 * and a domain may well have memory there.
 */
static void test_doorbell(void)
{
    struct rig *rig = rig_start(NULL, RIG_SMMU_ARGS " " RIG_TDI_ARGS);
    struct rig_domain domain;
    struct rig_smmu smmu;

    rig_gic(rig);
    g_assert_cmpuint(rig_fill(rig, V2M + V2M_SET, 4, V2M_FILL, 0), ==,
                     TEEIO_TDI_STATUS_OK);
    teeio_qtest_irq_wait(rig->qtest, V2M_SPI, 1);

    rig_smmu_init(&smmu, rig);
    rig_domain_init(&domain, &smmu);
    rig_map(&domain, V2M, A, TEEIO_TABLES_RW);
    rig_attach(&smmu, RIG_TDI, &domain);
    rig_smmu_enable(&smmu);
    g_assert_cmpuint(rig_fill(rig, V2M + V2M_SET, 4, V2M_FILL, 0), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, A + V2M_SET), ==, 0x50505050);
    g_assert_cmpuint(teeio_qtest_irq_raised(rig->qtest, V2M_SPI), ==, 1);
    rig_stop(rig);
}

/* A hypervisor that lets one device reach another maps its BAR. */
static void test_peer_mapped(void)
{
    struct rig *rig =
        rig_start(NULL, RIG_SMMU_ARGS " " RIG_TDI_ARGS " " RIG_EDU_ARGS);
    struct rig_domain domain;
    struct rig_smmu smmu;
    int64_t before;

    rig_smmu_init(&smmu, rig);
    rig_domain_init(&domain, &smmu);
    rig_map(&domain, IOVA, rig->edu.bar[0], TEEIO_TABLES_RW);
    rig_attach(&smmu, RIG_TDI, &domain);
    rig_smmu_enable(&smmu);
    before = rig_counter(rig, "smmu", "translations");
    g_assert_cmpuint(rig_fill(rig, IOVA + EDU_CHECK, 4, 0x5a, 0), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, rig->edu.bar[0] + EDU_CHECK),
                    ==, ~0x5a5a5a5au);
    g_assert_cmpint(rig_counter(rig, "smmu", "translations"), >, before);
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/fabric-iommu/doorbell", test_doorbell);
    g_test_add_func("/fabric-iommu/peer-mapped", test_peer_mapped);
    return g_test_run();
}
