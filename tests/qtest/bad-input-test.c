/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Command lines that cannot work: one line that says what is wrong, one hint,
 * exit status 1, and never a crash.
 */

#include <string.h>

#include "rig.h"

/**
 * struct bad - one command line
 * @args:    without the plug-in
 * @message: part of the error line
 */
struct bad {
    const char *name;
    bool x86;
    const char *args;
    const char *message;
};

static const struct bad bad[] = {
    {"t-policy", false, "-M virt -device teeio-smmuv3,t-policy=banana",
     "banana"},
    {"c-bit", false, "-M virt -device teeio-smmuv3,c-bit=48", "c-bit=48"},
    {"vtom", false, "-M virt -device teeio-smmuv3,vtom=0x40000800", "vtom"},
    {"realm-value", false, "-M virt -device teeio-smmuv3,realm=maybe", "maybe"},
    {"realm-unified", false, "-M virt -device teeio-smmuv3,realm=on",
     "t-policy=unified"},
    {"realm-tdx", false,
     "-M virt -device teeio-smmuv3,t-policy=tdx-split,realm=on",
     "t-policy=tdx-split"},
    {"realm-amd", false,
     "-M virt -device teeio-smmuv3,t-policy=amd-single,realm=on",
     "t-policy=amd-single"},
    {"realm-unaligned", false,
     "-M virt -device "
     "teeio-smmuv3,t-policy=arm-split,realm=on,realm-base=0x0b010000",
     "realm-base"},
    {"realm-on-smmu", false,
     "-M virt -device teeio-smmuv3,t-policy=arm-split,realm=on,"
     "base=0x0b000000,realm-base=0x0b000000",
     "overlaps"},
    {"realm-spi", false,
     "-M virt -device teeio-smmuv3,t-policy=arm-split,realm=on,realm-spi=75",
     "realm-spi"},
    {"realm-spi-large", false,
     "-M virt -device teeio-smmuv3,t-policy=arm-split,realm=on,realm-spi=110",
     "spi 110"},
    {"disabled", false,
     "-M virt -device teeio-smmuv3,disabled-behaviour=banana", "banana"},
    {"disabled-sink", false,
     "-M virt -device teeio-smmuv3,disabled-behaviour=linux-6.1:sprd", "sink"},
    {"disabled-window", false,
     "-M virt -device teeio-smmuv3,disabled-behaviour=aperture", "aperture"},
    {"disabled-table", false,
     "-M virt -device teeio-smmuv3,disabled-behaviour=other-table,"
     "disabled-table=0x42004000",
     "other-table"},
    {"two-smmus", false, "-M virt -device teeio-smmuv3 -device teeio-smmuv3",
     "teeio-smmuv3"},
    {"two-tsms", false, "-M virt -device teeio-tsm -device teeio-tsm",
     "teeio-tsm"},
    {"two-iommus", false, "-M virt,iommu=smmuv3 -device teeio-smmuv3", "IOMMU"},
    {"smmu-unaligned", false, "-M virt -device teeio-smmuv3,base=0x0b000100",
     "base"},
    {"smmu-on-uart", false, "-M virt -device teeio-smmuv3,base=0x08ff0000",
     "base"},
    {"smmu-in-ram", false, "-M virt -device teeio-smmuv3,base=0x40000000",
     "base"},
    {"smmu-beyond", false,
     "-M virt -device teeio-smmuv3,base=0xffffffffffff0000", "base"},
    {"tsm-unaligned", false, "-M virt -device teeio-tsm,base=0x0b000010",
     "base"},
    {"tsm-on-smmu", false,
     "-M virt -device teeio-smmuv3 -device teeio-tsm,base=0x09051000", "base"},
    {"spi-large", false, "-M virt -device teeio-smmuv3,spi=5000", "spi"},
    {"spi-last", false, "-M virt -device teeio-smmuv3,spi=222", "spi"},
    {"tsm-memory", false, "-M virt -device teeio-tsm,memory=banana", "banana"},
    {"pool-scope", false, "-M virt -device teeio-pool,scope=banana", "banana"},
    {"pool-scope-bridge", false,
     "-M virt -device pcie-root-port,id=rp -device teeio-pool,scope=rp",
     "bridge"},
    {"pool-scope-elsewhere", false,
     "-M virt -device teeio-tsm,id=tsm -device teeio-pool,scope=tsm",
     "neither"},
    {"pool-scope-pxb", false,
     "-M virt -device pxb-pcie,id=pxb,bus_nr=64 -device pcie-root-port,id=rp,"
     "bus=pxb -device teeio-tdi,id=tdi,bus=rp -device teeio-pool,scope=tdi",
     "host bridge"},
    {"pool-acpi", false, "-M virt -device teeio-pool,via=acpi", "acpi"},
    {"pool-via", false, "-M virt -device teeio-pool,via=banana", "banana"},
    {"pool-policy", false, "-M virt -device teeio-pool,policy=banana",
     "banana"},
    {"pool-placement", false, "-M virt -device teeio-pool,placement=banana",
     "banana"},
    {"pool-default", false, "-M virt -device teeio-pool,dma-default=banana",
     "banana"},
    {"pool-dynamic-base", false,
     "-M virt -device teeio-pool,placement=dynamic,base=0x42000000", "dynamic"},
    {"pool-unaligned", false, "-M virt -device teeio-pool,size=4096", "64 KiB"},
    {"pool-unaligned-base", false, "-M virt -device teeio-pool,base=0x42001000",
     "64 KiB"},
    {"pool-no-ram", false, "-M virt -device teeio-pool,base=0x30000000", "RAM"},
    {"pool-beyond", false, "-M virt -device teeio-pool,base=0x47ff0000,size=1M",
     "RAM"},
    {"pool-end", false, "-M virt -device teeio-pool,base=0x47ff0000", "room"},
    {"pool-large", false, "-M virt -device teeio-pool,size=128G", "RAM"},
    {"pool-full", false, "-M virt -device teeio-pool,size=128M", "room"},
    {"pool-overlap", false,
     "-M virt -device teeio-pool,base=0x42000000 "
     "-device teeio-pool,base=0x42000000",
     "room"},
    {"pool-on-q35", true, "-M q35 -device teeio-pool", "teeio-pool"},
    {"window-via", false,
     "-M virt -device teeio-window,base=0,size=4096,via=banana", "banana"},
    {"smmu-on-q35", true, "-M q35 -device teeio-smmuv3", "teeio-smmuv3"},
    {"smmu-on-pc", true, "-M pc -device teeio-smmuv3", "teeio-smmuv3"},
    {"tsm-on-isapc", true, "-M isapc -device teeio-tsm", "teeio-tsm"},
    {"tdi-on-microvm", true, "-M microvm,pcie=on -device teeio-tdi",
     "teeio-tdi"},
    {"testdev-on-microvm", true, "-M microvm,pcie=on -device teeio-testdev",
     "teeio-testdev"},
    {"testdev-on-sbsa", false, "-M sbsa-ref -device teeio-testdev",
     "teeio-testdev"},
    {"tsm-on-hpet", true, "-M q35 -device teeio-tsm,base=0xfed00000", "base"},
    {"intel-iommu", true, "-M q35 -device intel-iommu -device teeio-tdi",
     "IOMMU"},
    {"smmu-on-sbsa", false, "-M sbsa-ref -device teeio-smmuv3", "teeio-smmuv3"},
};

static void check_output(const struct bad *row, const char *output)
{
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    unsigned errors = 0;
    unsigned hints = 0;

    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, "hint: ")) {
            hints++;
        } else if (**line && !rig_is_noise(*line)) {
            errors++;
            if (!strstr(*line, row->message)) {
                g_error("'%s' is missing in: %s", row->message, *line);
            }
        }
    }
    if (errors != 1 || hints != 1) {
        g_error("not one error and one hint: %s", output);
    }
}

static void test_bad(gconstpointer opaque)
{
    const struct bad *row = opaque;
    g_autofree char *plugin = rig_plugin();
    g_autofree char *args =
        g_strdup_printf("-plugin '%s' %s", plugin, row->args);
    struct teeio_qtest_exit exit;

    teeio_qtest_run(row->x86 ? rig_qemu_x86_64() : rig_qemu_aarch64(), args,
                    &exit);
    if (exit.signal || exit.status != 1) {
        g_error("status %d, signal %d: %s", exit.status, exit.signal,
                exit.error);
    }
    check_output(row, exit.error);
    teeio_qtest_exit_clear(&exit);
}

/* Our models come with the machine or not at all. */
static void test_hotplug(void)
{
    static const char *const arguments[] = {
        "{\"driver\": \"teeio-smmuv3\"}",
        "{\"driver\": \"teeio-tsm\"}",
        "{\"driver\": \"teeio-tdi\"}",
        "{\"driver\": \"teeio-tdi\", \"bus\": \"root0\"}",
        "{\"driver\": \"teeio-testdev\"}",
    };
    struct rig *rig = rig_start(NULL, "-device pcie-root-port,id=root0");

    for (size_t i = 0; i < G_N_ELEMENTS(arguments); i++) {
        g_autoptr(JsonObject) reply =
            teeio_qtest_qmp(rig->qtest, "device_add", "%s", arguments[i]);

        g_assert_true(json_object_has_member(reply, "error"));
    }
    g_assert_cmphex(teeio_qtest_readl(rig->qtest, RIG_TSM), !=,
                    TEEIO_TSM_MAGIC);
    rig_stop(rig);
}

static void test_unplug(void)
{
    static const char *const ids[] = {"smmu", "tsm", "tdi"};
    struct rig *rig =
        rig_start(NULL, RIG_SMMU_ARGS " " RIG_TSM_ARGS " " RIG_TDI_ARGS);

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_autoptr(JsonObject) reply = teeio_qtest_qmp(
            rig->qtest, "device_del", "{\"id\": \"%s\"}", ids[i]);

        g_assert_true(json_object_has_member(reply, "error"));
    }
    rig_stop(rig);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *path = g_strdup_printf("/bad-input/%s", bad[i].name);

        g_test_add_data_func(path, &bad[i], test_bad);
    }
    g_test_add_func("/bad-input/hotplug", test_hotplug);
    g_test_add_func("/bad-input/unplug", test_unplug);
    return g_test_run();
}
