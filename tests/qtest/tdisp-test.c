/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * TDISP states of a TDI, driven as a guest drives them: commands through the
 * TSM's MMIO, configuration changes through configuration space.
 */

#include "rig.h"
#include "teeio/tdisp.h"

#define ARGS       RIG_TSM_ARGS " " RIG_TDI_ARGS
#define UNLOCKED   TEEIO_TDISP_CONFIG_UNLOCKED
#define LOCKED     TEEIO_TDISP_CONFIG_LOCKED
#define RUN        TEEIO_TDISP_RUN
#define ERROR      TEEIO_TDISP_ERROR
#define LOCK       TEEIO_TSM_CMD_LOCK
#define START      TEEIO_TSM_CMD_START
#define STOP       TEEIO_TSM_CMD_STOP
#define BAD        TEEIO_TDISP_INVALID_INTERFACE_STATE

#define COMMAND_ON (TEEIO_PCI_COMMAND_MSE | TEEIO_PCI_COMMAND_BME)

static uint32_t tsm(struct rig *rig, uint32_t command)
{
    return rig_tsm(rig, command, RIG_TDI);
}

/* From CONFIG_UNLOCKED to @state. */
static void enter(struct rig *rig, enum teeio_tdisp_state state)
{
    if (state == LOCKED || state == ERROR) {
        g_assert_cmphex(tsm(rig, LOCK), ==, TEEIO_TDISP_OK);
    }
    if (state == RUN) {
        rig_run(rig);
    }
    if (state == ERROR) {
        teeio_qpci_writew(&rig->tdi, TEEIO_PCI_COMMAND, TEEIO_PCI_COMMAND_MSE);
        teeio_qpci_writew(&rig->tdi, TEEIO_PCI_COMMAND, COMMAND_ON);
    }
    g_assert_cmpuint(rig_state(rig), ==, state);
}

static void test_commands(void)
{
    static const struct {
        enum teeio_tdisp_state from;
        uint32_t command;
        uint32_t status;
        enum teeio_tdisp_state to;
    } rows[] = {
        {UNLOCKED, LOCK, TEEIO_TDISP_OK, LOCKED},
        {UNLOCKED, START, BAD, UNLOCKED},
        {UNLOCKED, STOP, TEEIO_TDISP_OK, UNLOCKED},
        {LOCKED, LOCK, BAD, LOCKED},
        {LOCKED, START, TEEIO_TDISP_OK, RUN},
        {LOCKED, STOP, TEEIO_TDISP_OK, UNLOCKED},
        {RUN, LOCK, BAD, RUN},
        {RUN, START, BAD, RUN},
        {RUN, STOP, TEEIO_TDISP_OK, UNLOCKED},
        {ERROR, LOCK, BAD, ERROR},
        {ERROR, START, BAD, ERROR},
        {ERROR, STOP, TEEIO_TDISP_OK, UNLOCKED},
    };
    struct rig *rig = rig_start(NULL, ARGS);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        enter(rig, rows[i].from);
        g_assert_cmphex(tsm(rig, rows[i].command), ==, rows[i].status);
        g_assert_cmpuint(rig_state(rig), ==, rows[i].to);
        g_assert_cmphex(tsm(rig, TEEIO_TSM_CMD_GET_STATE), ==, TEEIO_TDISP_OK);
        g_assert_cmpuint(rig_tsm_result(rig), ==, rows[i].to);
        g_assert_cmphex(tsm(rig, STOP), ==, TEEIO_TDISP_OK);
    }
    rig_stop(rig);
}

static void test_state_property(void)
{
    static const char *const names[] = {"CONFIG_UNLOCKED", "CONFIG_LOCKED",
                                        "RUN", "ERROR"};
    struct rig *rig = rig_start(NULL, ARGS);

    for (unsigned state = 0; state < G_N_ELEMENTS(names); state++) {
        g_autofree char *name = NULL;

        enter(rig, state);
        name = teeio_qtest_qom_string(rig->qtest, "/machine/peripheral/tdi",
                                      "tdisp-state");
        g_assert_cmpstr(name, ==, names[state]);
        tsm(rig, STOP);
    }
    rig_stop(rig);
}

static void test_t_only_in_run(void)
{
    struct rig *rig = rig_start(NULL, ARGS);

    for (unsigned state = 0; state < TEEIO_TDISP_STATES; state++) {
        uint32_t t1 =
            state == RUN ? TEEIO_TDI_STATUS_OK : TEEIO_TDI_STATUS_NOT_RUN;

        enter(rig, state);
        teeio_qtest_memset(rig->qtest, RIG_DATA, 0, 64);
        g_assert_cmpuint(rig_fill(rig, RIG_DATA, 8, 0x11, TEEIO_TDI_DESC_T), ==,
                         t1);
        g_assert_true(teeio_qtest_uniform(rig->qtest, RIG_DATA,
                                          state == RUN ? 0x11 : 0, 8));
        /* T=0 goes on in every state. */
        g_assert_cmpuint(rig_fill(rig, RIG_DATA + 8, 8, 0x22, 0), ==,
                         TEEIO_TDI_STATUS_OK);
        g_assert_true(teeio_qtest_uniform(rig->qtest, RIG_DATA + 8, 0x22, 8));
        tsm(rig, STOP);
    }
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t1"), ==, 1);
    rig_stop(rig);
}

/* S0-6: what LOCK has frozen must not change under a live TDI. */
static void test_config_change(void)
{
    static const struct {
        unsigned offset;
        unsigned size;
        uint32_t value;
    } rows[] = {
        {TEEIO_PCI_COMMAND, 1, TEEIO_PCI_COMMAND_MSE},
        {TEEIO_PCI_COMMAND, 1, TEEIO_PCI_COMMAND_BME},
        {TEEIO_PCI_COMMAND, 2, 0},
        {TEEIO_PCI_COMMAND, 4, TEEIO_PCI_COMMAND_MSE},
        {TEEIO_PCI_BAR(0), 4, 0x20000000},
        {TEEIO_PCI_BAR(0) + 3, 1, 0x21},
        {TEEIO_PCI_BAR(0) + 2, 2, 0x2200},
        {TEEIO_PCI_BAR(1), 4, 0x80},
        {TEEIO_PCI_BAR(2), 4, 0x23000000},
    };

    for (unsigned state = LOCKED; state <= RUN; state++) {
        struct rig *rig = rig_start(NULL, ARGS);

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
            unsigned dword = rows[i].offset & ~3u;
            uint32_t before = teeio_qpci_readl(&rig->tdi, dword);

            enter(rig, state);
            switch (rows[i].size) {
            case 1:
                teeio_qpci_writeb(&rig->tdi, rows[i].offset,
                                  (uint8_t)rows[i].value);
                break;
            case 2:
                teeio_qpci_writew(&rig->tdi, rows[i].offset,
                                  (uint16_t)rows[i].value);
                break;
            default:
                teeio_qpci_writel(&rig->tdi, rows[i].offset, rows[i].value);
            }
            /* Back where the registers answer; that mends nothing. */
            teeio_qpci_writel(&rig->tdi, dword, before);
            g_assert_cmpuint(rig_state(rig), ==, ERROR);
            g_assert_cmpuint(rig_fill(rig, RIG_DATA, 8, 0x11, TEEIO_TDI_DESC_T),
                             ==, TEEIO_TDI_STATUS_NOT_RUN);
            g_assert_cmphex(tsm(rig, START), ==, BAD);
            g_assert_cmphex(tsm(rig, STOP), ==, TEEIO_TDISP_OK);
        }
        rig_stop(rig);
    }
}

/* Registers that LOCK does not freeze, and writes that change nothing. */
static void test_harmless_change(void)
{
    struct rig *rig = rig_start(NULL, ARGS);
    struct teeio_qpci_function *tdi = &rig->tdi;
    uint32_t bar = teeio_qpci_readl(tdi, TEEIO_PCI_BAR(0));

    enter(rig, RUN);
    teeio_qpci_writeb(tdi, 0x0c, 0x10);
    teeio_qpci_writeb(tdi, 0x3c, 0x20);
    teeio_qpci_writew(tdi, TEEIO_PCI_COMMAND, COMMAND_ON);
    teeio_qpci_writel(tdi, TEEIO_PCI_BAR(0), bar);
    teeio_qpci_writew(tdi, TEEIO_PCI_STATUS, 0xffff);
    g_assert_cmpuint(rig_state(rig), ==, RUN);
    rig_stop(rig);
}

static void test_error_interrupt(void)
{
    struct rig *rig = rig_start(NULL, ARGS);
    uint64_t status = rig->tdi.bar[0] + TEEIO_TDI_REG_INT_STATUS;

    enter(rig, RUN);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, status), ==, 0);
    teeio_qpci_writew(&rig->tdi, TEEIO_PCI_COMMAND, TEEIO_PCI_COMMAND_MSE);
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, status), ==,
                    TEEIO_TDI_INT_ERROR);
    rig_stop(rig);
}

static void test_reset(void)
{
    struct rig *rig = rig_start(NULL, ARGS);

    for (unsigned state = LOCKED; state <= ERROR; state++) {
        enter(rig, state);
        teeio_qtest_qmp_ok(rig->qtest, "system_reset", NULL);
        rig_place(&rig->tdi);
        g_assert_cmpuint(rig_state(rig), ==, UNLOCKED);
    }
    /* The nonce of before the reset is gone with it. */
    g_assert_cmphex(tsm(rig, START), ==, BAD);
    rig_stop(rig);
}

/* PCIe 7.5.3.4: Initiate Function Level Reset; 11.4.9: it ends in ERROR. */
static void test_flr(void)
{
    struct rig *rig = rig_start(NULL, ARGS);
    struct teeio_qpci_function *tdi = &rig->tdi;
    unsigned express = teeio_qpci_capability(tdi, TEEIO_PCI_CAP_EXPRESS);

    g_assert_cmphex(teeio_qpci_readl(tdi, express + 4) & 1u << 28, !=, 0);
    for (unsigned state = LOCKED; state <= ERROR; state++) {
        enter(rig, state);
        teeio_qpci_writew(tdi, express + 8, 0x8000);
        g_assert_cmphex(teeio_qpci_readw(tdi, TEEIO_PCI_COMMAND), ==, 0);
        rig_place(tdi);
        g_assert_cmpuint(rig_state(rig), ==, ERROR);
        g_assert_cmphex(tsm(rig, STOP), ==, TEEIO_TDISP_OK);
    }
    rig_stop(rig);
}

static void test_bad_function(void)
{
    struct rig *rig = rig_start(NULL, ARGS " -device virtio-rng-pci,addr=4");
    static const uint32_t functions[] = {0, 4 << 3, RIG_TDI + 1,
                                         RIG_TDI + 0x100};

    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
        g_assert_cmphex(rig_tsm(rig, LOCK, functions[i]), ==,
                        TEEIO_TDISP_INVALID_INTERFACE);
    }
    g_assert_cmphex(rig_tsm(rig, 0, RIG_TDI), ==, TEEIO_TSM_STATUS_BAD_COMMAND);
    g_assert_cmphex(rig_tsm(rig, UINT32_MAX, RIG_TDI), ==,
                    TEEIO_TSM_STATUS_BAD_COMMAND);
    g_assert_cmpuint(rig_state(rig), ==, UNLOCKED);
    rig_stop(rig);
}

static void test_two_tdis(void)
{
    struct rig *rig =
        rig_start(NULL, ARGS " -device teeio-tdi,id=other,addr=5");
    uint32_t other = 5 << 3;
    struct teeio_qpci_function function;

    g_assert_true(teeio_qpci_find(&rig->pci, TEEIO_TDI_VENDOR_ID,
                                  TEEIO_TDI_DEVICE_ID, 1, &function));
    rig_place(&function);
    rig_run(rig);
    g_assert_cmphex(rig_tsm(rig, TEEIO_TSM_CMD_GET_STATE, other), ==,
                    TEEIO_TDISP_OK);
    g_assert_cmpuint(rig_tsm_result(rig), ==, UNLOCKED);
    g_assert_cmphex(rig_tsm(rig, LOCK, other), ==, TEEIO_TDISP_OK);
    g_assert_cmphex(tsm(rig, STOP), ==, TEEIO_TDISP_OK);
    g_assert_cmphex(rig_tsm(rig, START, other), ==, TEEIO_TDISP_OK);
    g_assert_cmpuint(rig_state(rig), ==, UNLOCKED);
    rig_stop(rig);
}

/* Nobody but a TSM can lock a TDI. */
static void test_without_tsm(void)
{
    struct rig *rig = rig_start(NULL, RIG_TDI_ARGS);

    tsm(rig, LOCK);
    g_assert_cmpuint(rig_state(rig), ==, UNLOCKED);
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/tdisp/commands", test_commands);
    g_test_add_func("/tdisp/state-property", test_state_property);
    g_test_add_func("/tdisp/t-only-in-run", test_t_only_in_run);
    g_test_add_func("/tdisp/config-change", test_config_change);
    g_test_add_func("/tdisp/harmless-change", test_harmless_change);
    g_test_add_func("/tdisp/error-interrupt", test_error_interrupt);
    g_test_add_func("/tdisp/reset", test_reset);
    g_test_add_func("/tdisp/flr", test_flr);
    g_test_add_func("/tdisp/bad-function", test_bad_function);
    g_test_add_func("/tdisp/two-tdis", test_two_tdis);
    g_test_add_func("/tdisp/without-tsm", test_without_tsm);
    return g_test_run();
}
