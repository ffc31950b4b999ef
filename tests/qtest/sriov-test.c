/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * SR-IOV of the TDI: virtual functions come and go with VF Enable, and each is
 * a TDI of its own.
 */

#include "rig.h"
#include "teeio/tdisp.h"

#define VFS 8
#define ARGS                                           \
    "-device teeio-tsm,id=tsm,memory=private -device " \
    "teeio-tdi,id=tdi,addr=2,vfs=8"
#define FIRST_VF   (RIG_TDI + 0x80)

#define CAP_SRIOV  0x10
#define CONTROL    0x08
#define VFE_MSE    0x9
#define NUM_VFS    0x10
#define VF_BAR(n)  (0x24 + 4 * (n))
#define VF_BAR0    0x20000000
#define VF_BAR2    0x20100000
#define NOTHING    UINT32_MAX
#define EXPRESS    0x80
#define COMMAND_ON (TEEIO_PCI_COMMAND_MSE | TEEIO_PCI_COMMAND_BME)

struct world {
    struct rig *rig;
    struct teeio_qpci_function *pf;
    struct teeio_qpci_function vfs[VFS];
    unsigned sriov;
};

static void enable(struct world *world, uint16_t count)
{
    teeio_qpci_writew(world->pf, world->sriov + NUM_VFS, count);
    teeio_qpci_writew(world->pf, world->sriov + CONTROL, VFE_MSE);
    for (unsigned i = 0; i < VFS; i++) {
        world->vfs[i] = (struct teeio_qpci_function){
            .pci = &world->rig->pci,
            .requester = (uint16_t)(FIRST_VF + i),
            .bar = {VF_BAR0 + i * TEEIO_TDI_BAR_SIZE},
        };
        teeio_qpci_writew(&world->vfs[i], TEEIO_PCI_COMMAND, COMMAND_ON);
    }
}

static void set_up(struct world *world, gconstpointer data)
{
    (void)data;
    world->rig = rig_start(NULL, ARGS);
    world->pf = &world->rig->tdi;
    world->sriov = teeio_qpci_extended(world->pf, CAP_SRIOV);
    g_assert_cmphex(world->sriov, !=, 0);
    teeio_qpci_writel(world->pf, world->sriov + VF_BAR(0), VF_BAR0);
    teeio_qpci_writel(world->pf, world->sriov + VF_BAR(1), 0);
    teeio_qpci_writel(world->pf, world->sriov + VF_BAR(2), VF_BAR2);
    enable(world, VFS);
}

static void tear_down(struct world *world, gconstpointer data)
{
    (void)data;
    rig_stop(world->rig);
}

static uint32_t tsm(struct world *world, uint32_t command, unsigned function)
{
    return rig_tsm(world->rig, command, function);
}

static uint32_t state(struct world *world, unsigned function)
{
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_GET_STATE, function), ==,
                    TEEIO_TDISP_OK);
    return rig_tsm_result(world->rig);
}

static void run(struct world *world, unsigned function)
{
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_LOCK, function), ==,
                    TEEIO_TDISP_OK);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_START, function), ==,
                    TEEIO_TDISP_OK);
    g_assert_cmpuint(state(world, function), ==, TEEIO_TDISP_RUN);
}

/* The rig drives whichever function stands for the TDI. */
static uint32_t fill(struct world *world, unsigned vf, uint64_t dest,
                     uint32_t flags)
{
    struct teeio_qpci_function pf = world->rig->tdi;
    uint32_t status;

    world->rig->tdi = world->vfs[vf];
    status = rig_fill(world->rig, dest, 8, 0x11, flags);
    world->rig->tdi = pf;
    return status;
}

static uint32_t identity(struct world *world, unsigned vf)
{
    return teeio_qtest_readl(world->rig->qtest,
                             VF_BAR0 + vf * TEEIO_TDI_BAR_SIZE);
}

static void test_enumeration(struct world *world, gconstpointer data)
{
    (void)data;
    g_assert_cmphex(teeio_qpci_readl(world->pf, world->sriov + 0x0c), ==,
                    VFS << 16 | VFS);
    g_assert_cmphex(teeio_qpci_readl(world->pf, world->sriov + 0x14), ==,
                    0x00010080);
    g_assert_cmphex(teeio_qpci_readl(world->pf, world->sriov + 0x18) >> 16, ==,
                    TEEIO_TDI_VF_DEVICE_ID);
    for (unsigned i = 0; i < VFS; i++) {
        /* PCIe 9.3.4.1.1: the ids of a VF read as ones. */
        g_assert_cmphex(teeio_qpci_readl(&world->vfs[i], 0), ==, UINT32_MAX);
        g_assert_cmphex(teeio_qpci_readl(&world->vfs[i], TEEIO_PCI_CLASS), ==,
                        0x12000001);
        g_assert_cmphex(teeio_qpci_extended(&world->vfs[i], 0x0f), ==, 0x100);
        g_assert_cmphex(identity(world, i), ==, TEEIO_TDI_MAGIC);
    }
    teeio_qpci_writew(world->pf, world->sriov + CONTROL, 0);
    for (unsigned i = 0; i < VFS; i++) {
        g_assert_cmphex(teeio_qpci_readl(&world->vfs[i], TEEIO_PCI_CLASS), ==,
                        NOTHING);
        g_assert_cmphex(identity(world, i), !=, TEEIO_TDI_MAGIC);
    }
}

/* As many as there are, whatever a guest asks for. */
static void test_too_many(struct world *world, gconstpointer data)
{
    (void)data;
    teeio_qpci_writew(world->pf, world->sriov + CONTROL, 0);
    enable(world, UINT16_MAX);
    g_assert_cmphex(teeio_qpci_readw(world->pf, world->sriov + NUM_VFS), ==,
                    VFS);
    g_assert_cmphex(identity(world, VFS - 1), ==, TEEIO_TDI_MAGIC);
    g_assert_cmphex(identity(world, VFS), !=, TEEIO_TDI_MAGIC);
    for (unsigned i = 0; i < 50; i++) {
        teeio_qpci_writew(world->pf, world->sriov + CONTROL, 0);
        enable(world, (uint16_t)(i % (VFS + 1)));
    }
    g_assert_cmphex(identity(world, 3), ==, TEEIO_TDI_MAGIC);
}

static void test_states(struct world *world, gconstpointer data)
{
    (void)data;
    run(world, FIRST_VF + 3);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_LOCK, FIRST_VF + 5), ==,
                    TEEIO_TDISP_OK);
    for (unsigned i = 0; i < VFS; i++) {
        g_assert_cmpuint(state(world, FIRST_VF + i), ==,
                         i == 3   ? TEEIO_TDISP_RUN
                         : i == 5 ? TEEIO_TDISP_CONFIG_LOCKED
                                  : TEEIO_TDISP_CONFIG_UNLOCKED);
    }
    g_assert_cmpuint(state(world, RIG_TDI), ==, TEEIO_TDISP_CONFIG_UNLOCKED);
    /* PCIe 11.4.9: an FLR of a VF concerns that VF alone. */
    teeio_qpci_writew(&world->vfs[5], EXPRESS + 8, 0x8000);
    g_assert_cmpuint(state(world, FIRST_VF + 5), ==, TEEIO_TDISP_ERROR);
    g_assert_cmpuint(state(world, FIRST_VF + 3), ==, TEEIO_TDISP_RUN);
    teeio_qpci_writew(&world->vfs[3], TEEIO_PCI_COMMAND, TEEIO_PCI_COMMAND_MSE);
    g_assert_cmpuint(state(world, FIRST_VF + 3), ==, TEEIO_TDISP_ERROR);
}

/* One trusted and one untrusted function of the same device. */
static void test_two_vfs(struct world *world, gconstpointer data)
{
    struct teeio_qtest *qtest = world->rig->qtest;

    (void)data;
    run(world, FIRST_VF);
    teeio_qtest_memset(qtest, RIG_DATA, 0, 64);
    g_assert_cmpuint(fill(world, 0, RIG_DATA, TEEIO_TDI_DESC_T), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA, 0x11, 8));
    /* Private memory: neither T=0 of the other, nor T=1 that it may not. */
    g_assert_cmpuint(fill(world, 1, RIG_DATA + 8, 0), ==, TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA + 8, 0, 8));
    g_assert_cmpuint(fill(world, 1, RIG_DATA + 8, TEEIO_TDI_DESC_T), ==,
                     TEEIO_TDI_STATUS_NOT_RUN);
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA + 8, 0, 8));
    g_assert_cmphex(rig_own(world->rig, TEEIO_TSM_CMD_SHARE, RIG_DATA, 0x1000),
                    ==, TEEIO_TDISP_OK);
    g_assert_cmpuint(fill(world, 1, RIG_DATA + 8, 0), ==, TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_qtest_uniform(qtest, RIG_DATA + 8, 0x11, 8));
}

/* PCIe table 11-2: VF Enable must not change under a locked TDI. */
static void test_vf_enable(struct world *world, gconstpointer data)
{
    (void)data;
    run(world, RIG_TDI);
    run(world, FIRST_VF + 2);
    teeio_qpci_writew(world->pf, world->sriov + CONTROL, 0);
    g_assert_cmpuint(state(world, RIG_TDI), ==, TEEIO_TDISP_ERROR);
    g_assert_cmpuint(state(world, FIRST_VF + 2), ==, TEEIO_TDISP_ERROR);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_STOP, RIG_TDI), ==,
                    TEEIO_TDISP_OK);
    /* Who is not there cannot be locked; who comes back is new. */
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_LOCK, FIRST_VF + 1), ==,
                    TEEIO_TDISP_INVALID_DEVICE_CONFIGURATION);
    enable(world, VFS);
    g_assert_cmpuint(state(world, FIRST_VF + 2), ==,
                     TEEIO_TDISP_CONFIG_UNLOCKED);
    run(world, FIRST_VF + 2);
}

static void test_reset(struct world *world, gconstpointer data)
{
    (void)data;
    run(world, FIRST_VF);
    teeio_qtest_qmp_ok(world->rig->qtest, "system_reset", NULL);
    g_assert_cmphex(teeio_qpci_readw(world->pf, world->sriov + CONTROL), ==, 0);
    g_assert_cmphex(teeio_qpci_readl(&world->vfs[0], TEEIO_PCI_CLASS), ==,
                    NOTHING);
    g_assert_cmpuint(state(world, RIG_TDI), ==, TEEIO_TDISP_CONFIG_UNLOCKED);
}

/* All functions of the device share its mailbox, and so the TSM's session. */
static void test_session(struct world *world, gconstpointer data)
{
    struct rig *rig = world->rig;

    (void)data;
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_CONNECT, FIRST_VF + 1), ==, 0);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_CONNECT, RIG_TDI), ==, 0);
    g_assert_cmpint(rig_counter(rig, "tdi", "spdm-sessions"), ==, 1);
    run(world, FIRST_VF + 1);
    run(world, FIRST_VF + 2);
    g_assert_cmpuint(fill(world, 1, RIG_DATA, TEEIO_TDI_DESC_T), ==,
                     TEEIO_TDI_STATUS_OK);
    g_assert_cmpuint(fill(world, 3, RIG_DATA, TEEIO_TDI_DESC_T), ==,
                     TEEIO_TDI_STATUS_NOT_RUN);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_STOP, FIRST_VF + 2), ==, 0);
    g_assert_cmphex(tsm(world, TEEIO_TSM_CMD_DISCONNECT, FIRST_VF), ==, 0);
    g_assert_cmpint(rig_counter(rig, "tdi", "spdm-sessions"), ==, 0);
    g_assert_cmpuint(state(world, FIRST_VF + 1), ==, TEEIO_TDISP_ERROR);
    g_assert_cmpuint(state(world, FIRST_VF + 2), ==,
                     TEEIO_TDISP_CONFIG_UNLOCKED);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
#define ADD(path, fn) \
    g_test_add(path, struct world, NULL, set_up, fn, tear_down)
    ADD("/sriov/enumeration", test_enumeration);
    ADD("/sriov/too-many", test_too_many);
    ADD("/sriov/states", test_states);
    ADD("/sriov/two-vfs", test_two_vfs);
    ADD("/sriov/vf-enable", test_vf_enable);
    ADD("/sriov/reset", test_reset);
    ADD("/sriov/session", test_session);
    return g_test_run();
}
