/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * What a QEMU user sees of the models: properties, counters, and reset.
 */

#include <string.h>

#include "rig.h"
#include "teeio/spec/smmuv3.h"
#include "teeio/tdisp.h"

#define ALL           RIG_SMMU_ARGS " " RIG_TSM_ARGS " " RIG_TDI_ARGS

#define MACHINE_PAGES (64 * 256)

struct property {
    const char *type;
    const char *name;
};

static const struct property properties[] = {
    {"teeio-smmuv3", "t-policy"},  {"teeio-smmuv3", "base"},
    {"teeio-smmuv3", "spi"},       {"teeio-smmuv3", "translations"},
    {"teeio-smmuv3", "faults"},    {"teeio-smmuv3", "events-lost"},
    {"teeio-smmuv3", "realm"},     {"teeio-smmuv3", "realm-base"},
    {"teeio-smmuv3", "realm-spi"}, {"teeio-smmuv3", "c-bit"},
    {"teeio-smmuv3", "vtom"},      {"teeio-smmuv3", "commands"},
    {"teeio-tdi", "tlps-t0"},      {"teeio-tdi", "tlps-t1"},
    {"teeio-tdi", "refused"},      {"teeio-tdi", "descriptors"},
    {"teeio-tdi", "tdisp-state"},  {"teeio-tsm", "base"},
    {"teeio-tsm", "memory"},       {"teeio-tsm", "commands"},
    {"teeio-tsm", "errors"},       {"teeio-tsm", "private-pages"},
    {"teeio-tsm", "shared-pages"},
};

static bool listed(JsonObject *reply, const char *name)
{
    JsonArray *list = json_object_get_array_member(reply, "return");

    for (guint i = 0; i < json_array_get_length(list); i++) {
        JsonObject *property = json_array_get_object_element(list, i);

        if (g_str_equal(json_object_get_string_member(property, "name"),
                        name)) {
            return true;
        }
    }
    return false;
}

static void test_properties(void)
{
    struct rig *rig = rig_start(NULL, ALL);

    for (size_t i = 0; i < G_N_ELEMENTS(properties); i++) {
        g_autoptr(JsonObject) reply =
            teeio_qtest_qmp(rig->qtest, "qom-list-properties",
                            "{\"typename\": \"%s\"}", properties[i].type);

        g_assert_true(json_object_has_member(reply, "return"));
        if (!listed(reply, properties[i].name)) {
            g_error("%s has no property %s", properties[i].type,
                    properties[i].name);
        }
    }
    rig_stop(rig);
}

static void test_defaults(void)
{
    struct rig *rig = rig_start(NULL, ALL);
    g_autofree char *policy = teeio_qtest_qom_string(
        rig->qtest, "/machine/peripheral/smmu", "t-policy");
    g_autofree char *state = teeio_qtest_qom_string(
        rig->qtest, "/machine/peripheral/tdi", "tdisp-state");
    g_autofree char *memory =
        teeio_qtest_qom_string(rig->qtest, "/machine/peripheral/tsm", "memory");

    g_assert_cmpstr(policy, ==, "unified");
    g_assert_cmpstr(state, ==, "CONFIG_UNLOCKED");
    g_assert_cmpstr(memory, ==, "shared");
    g_assert_cmphex(rig_counter(rig, "smmu", "base"), ==, RIG_SMMU);
    g_assert_cmpint(rig_counter(rig, "smmu", "spi"), ==, RIG_SMMU_SPI);
    g_assert_cmphex(rig_counter(rig, "tsm", "base"), ==, RIG_TSM);
    g_assert_cmpint(rig_counter(rig, "tsm", "shared-pages"), ==, MACHINE_PAGES);
    g_assert_cmpint(rig_counter(rig, "tsm", "private-pages"), ==, 0);
    rig_stop(rig);
}

static void test_initial_owner(void)
{
    struct rig *rig = rig_start(NULL, "-device teeio-tsm,id=tsm");

    g_assert_cmpint(rig_counter(rig, "tsm", "shared-pages"), ==, 0);
    g_assert_cmpint(rig_counter(rig, "tsm", "private-pages"), ==,
                    MACHINE_PAGES);
    rig_stop(rig);
}

static void test_counters(void)
{
    struct rig *rig = rig_start(NULL, ALL);

    rig_run(rig);
    g_assert_cmpint(rig_counter(rig, "tsm", "commands"), ==, 2);
    g_assert_cmphex(rig_tsm(rig, 99, 0), ==, TEEIO_TSM_STATUS_BAD_COMMAND);
    g_assert_cmpint(rig_counter(rig, "tsm", "commands"), ==, 3);
    g_assert_cmpint(rig_counter(rig, "tsm", "errors"), ==, 1);
    rig_own(rig, TEEIO_TSM_CMD_UNSHARE, RIG_DATA, 0x3000);
    g_assert_cmpint(rig_counter(rig, "tsm", "private-pages"), ==, 3);
    g_assert_cmpint(rig_counter(rig, "tsm", "shared-pages"), ==,
                    MACHINE_PAGES - 3);

    rig_fill(rig, RIG_DATA + 0x3000, 0x2000, 1, 0);
    rig_fill(rig, RIG_DATA, 0x3000, 1, TEEIO_TDI_DESC_T);
    rig_fill(rig, RIG_DATA, 0x1000, 2, 0);
    g_assert_cmpint(rig_counter(rig, "tdi", "descriptors"), ==, 3);
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t0"), ==, 3);
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t1"), ==, 3);
    g_assert_cmpint(rig_counter(rig, "tdi", "refused"), ==, 1);
    g_assert_cmpint(rig_counter(rig, "smmu", "translations"), ==, 6);
    g_assert_cmpint(rig_counter(rig, "smmu", "faults"), ==, 0);
    rig_stop(rig);
}

static void test_read_only(void)
{
    struct rig *rig = rig_start(NULL, ALL);
    g_autoptr(JsonObject) counter = teeio_qtest_qmp(
        rig->qtest, "qom-set",
        "{\"path\": \"/machine/peripheral/%s\", \"property\": \"%s\", "
        "\"value\": 5}",
        "tdi", "tlps-t1");
    /* The machine is built: what shaped it can no longer be changed. */
    g_autoptr(JsonObject) base = teeio_qtest_qmp(
        rig->qtest, "qom-set",
        "{\"path\": \"/machine/peripheral/%s\", \"property\": \"%s\", "
        "\"value\": 0}",
        "smmu", "base");

    g_assert_true(json_object_has_member(counter, "error"));
    g_assert_true(json_object_has_member(base, "error"));
    g_assert_cmpint(rig_counter(rig, "tdi", "tlps-t1"), ==, 0);
    g_assert_cmphex(rig_counter(rig, "smmu", "base"), ==, RIG_SMMU);
    rig_stop(rig);
}

static void test_reset(void)
{
    struct rig *rig = rig_start(NULL, ALL);
    struct teeio_qtest *qtest = rig->qtest;

    rig_run(rig);
    rig_own(rig, TEEIO_TSM_CMD_UNSHARE, RIG_DATA, 0x1000);
    rig_fill(rig, RIG_DATA, 8, 1, TEEIO_TDI_DESC_T);
    teeio_qtest_writel(qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR1, 0xd75);
    teeio_qtest_writeq(qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CMDQ_BASE,
                       RIG_DATA | 8);
    teeio_qtest_writel(qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0,
                       TEEIO_CR0_CMDQEN);

    teeio_qtest_qmp_ok(qtest, "system_reset", NULL);
    teeio_qpci_init_virt(&rig->pci, qtest);
    g_assert_cmphex(teeio_qpci_readl(&rig->tdi, TEEIO_PCI_BAR(0)), ==, 4);
    g_assert_cmphex(teeio_qpci_readw(&rig->tdi, TEEIO_PCI_COMMAND), ==, 0);
    rig_place(&rig->tdi);

    g_assert_cmpuint(rig_state(rig), ==, TEEIO_TDISP_CONFIG_UNLOCKED);
    g_assert_cmphex(
        teeio_qtest_readl(qtest, rig->tdi.bar[0] + TEEIO_TDI_REG_TAIL), ==, 0);
    g_assert_cmpint(rig_counter(rig, "tdi", "descriptors"), ==, 0);
    g_assert_cmpint(rig_counter(rig, "tsm", "commands"), ==, 0);
    g_assert_cmpint(rig_counter(rig, "tsm", "private-pages"), ==, 0);
    g_assert_cmphex(
        teeio_qtest_readl(qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR0ACK), ==, 0);
    g_assert_cmphex(teeio_qtest_readl(qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CR1),
                    ==, 0);
    g_assert_cmphex(
        teeio_qtest_readq(qtest, RIG_SMMU + TEEIO_SMMUV3_REG_CMDQ_BASE), ==, 0);
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/qom/properties", test_properties);
    g_test_add_func("/qom/defaults", test_defaults);
    g_test_add_func("/qom/initial-owner", test_initial_owner);
    g_test_add_func("/qom/counters", test_counters);
    g_test_add_func("/qom/read-only", test_read_only);
    g_test_add_func("/qom/reset", test_reset);
    return g_test_run();
}
