/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* One interface: what moves it to ERROR, who may reach its memory. */
#include <string.h>

#include "dsm-rig.h"
#include "teeio/spec/tdi.h"
#include "teeio/tdi.h"

#define PF_FLAGS (TEEIO_TDISP_LOCK_MSIX | TEEIO_TDISP_BIND_P2P)

typedef struct teeio_interface_config config_t;

static void change_requester(config_t *c)
{
    c->requester++;
}

static void change_segment(config_t *c)
{
    c->segment++;
}

static void clear_bus_master(config_t *c)
{
    c->bus_master = false;
}

static void clear_memory(config_t *c)
{
    c->memory_enable = false;
}

static void move_bar(config_t *c)
{
    c->report.bars[2].base += 0x4000;
}

static void resize_bar(config_t *c)
{
    c->report.bars[0].size *= 2;
}

static void change_digest(config_t *c)
{
    c->digest++;
}

static void change_rom(config_t *c)
{
    c->rom ^= 1;
}

static void enter_d3(config_t *c)
{
    c->power = 3;
}

static void enter_d3_softly(config_t *c)
{
    c->power = 3;
    c->no_soft_reset = true;
}

static void enter_d1(config_t *c)
{
    c->power = 1;
}

static void extended_tag(config_t *c)
{
    c->device_control[0] ^= 0x0100;
}

static void phantom(config_t *c)
{
    c->device_control[0] ^= 0x0200;
}

static void no_snoop(config_t *c)
{
    c->device_control[0] ^= 0x0800;
}

static void payload_size(config_t *c)
{
    c->device_control[0] ^= 0xf4ff;
}

static void tag_10(config_t *c)
{
    c->device_control[1] ^= 0x1000;
}

static void timeout_value(config_t *c)
{
    c->device_control[1] ^= 0xefff;
}

static void tag_14(config_t *c)
{
    c->device_control[2] ^= 4;
}

static void egress(config_t *c)
{
    c->device_control[2] ^= 3;
}

static void mask_msix(config_t *c)
{
    c->report.msix_control ^= 0x4000;
}

static void change_pasid(config_t *c)
{
    c->pasid ^= 1;
}

static void change_pri(config_t *c)
{
    c->pri ^= 1;
}

static void change_ats(config_t *c)
{
    c->report.ats ^= 1;
}

static void change_other(config_t *c)
{
    c->other ^= 1;
}

static void nothing(config_t *c)
{
    (void)c;
}

static const struct {
    void (*change)(config_t *config);
    const char *cause; /* NULL: allowed */
    uint16_t flags;
} changes[] = {
    {nothing, NULL, PF_FLAGS},
    {change_requester, "requester id", 0},
    {change_segment, "requester id", 0},
    {clear_bus_master, "bus master enable", 0},
    {clear_memory, "BAR or memory space enable", 0},
    {move_bar, "BAR or memory space enable", 0},
    {resize_bar, "BAR or memory space enable", 0},
    {change_digest, "BAR or memory space enable", 0},
    {change_rom, "expansion ROM BAR", 0},
    {enter_d3, "power state", 0},
    {enter_d3_softly, NULL, 0},
    {enter_d1, NULL, 0},
    {extended_tag, "device control", 0},
    {phantom, "device control", 0},
    {no_snoop, "device control", 0},
    {payload_size, NULL, 0},
    {tag_10, "device control", 0},
    {timeout_value, NULL, 0},
    {tag_14, "device control", 0},
    {egress, NULL, 0},
    {mask_msix, "MSI-X control", TEEIO_TDISP_LOCK_MSIX},
    {mask_msix, NULL, 0},
    {change_pasid, "PASID control", 0},
    {change_pri, "page request control", 0},
    {change_ats, NULL, 0},
    {change_other, "locked capability", 0},
};

static void test_config_changes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        for (unsigned s = 0; s < TEEIO_TDISP_STATES; s++) {
            bool locked =
                s == TEEIO_TDISP_CONFIG_LOCKED || s == TEEIO_TDISP_RUN;
            config_t config = dsm_rig_config(0);
            struct dsm_rig rig;
            unsigned events;

            dsm_rig_init(&rig, NULL);
            dsm_rig_enter(&rig, s, changes[i].flags);
            events = fake_host_count(&rig.fake, TEEIO_EVENT_TDISP);
            changes[i].change(&config);
            teeio_interface_configure(&rig.tdi[0], &config);
            if (changes[i].cause && locked) {
                g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_ERROR);
                g_assert_cmpstr(dsm_rig_cause(&rig), ==, changes[i].cause);
                events++;
            } else {
                g_assert_cmpint(rig.tdi[0].state, ==, s);
            }
            g_assert_cmpuint(fake_host_count(&rig.fake, TEEIO_EVENT_TDISP), ==,
                             events);
            g_assert_cmpint(rig.tdi[1].state, ==, 0);
            dsm_rig_clear(&rig);
        }
    }
}

/* What sets something that may not be cleared. */
static void test_setting_is_allowed(void)
{
    config_t config = dsm_rig_config(0);
    struct dsm_rig rig;

    config.bus_master = false;
    dsm_rig_init(&rig, NULL);
    teeio_interface_configure(&rig.tdi[0], &config);
    dsm_rig_enter(&rig, TEEIO_TDISP_RUN, 0);
    config.bus_master = true;
    teeio_interface_configure(&rig.tdi[0], &config);
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_RUN);
    dsm_rig_clear(&rig);
}

static void test_breaks(void)
{
    static const char *const names[] = {
        [TEEIO_CAUSE_IDE_INSECURE] = "IDE stream insecure",
        [TEEIO_CAUSE_IDE_CHANGED] = "IDE stream registers",
        [TEEIO_CAUSE_SESSION] = "session ended",
        [TEEIO_CAUSE_FIRMWARE] = "firmware update",
        [TEEIO_CAUSE_POISON] = "poisoned TLP",
        [TEEIO_CAUSE_COMPLETION] = "request not completed",
        [TEEIO_CAUSE_DEVICE] = "device condition",
    };

    for (unsigned i = TEEIO_CAUSE_CONFIG_END; i < TEEIO_CAUSES; i++) {
        for (unsigned s = 0; s < TEEIO_TDISP_STATES; s++) {
            bool locked = s == 1 || s == 2;
            struct dsm_rig rig;
            unsigned moves;

            dsm_rig_init(&rig, NULL);
            dsm_rig_enter(&rig, s, 0);
            moves = rig.moves;
            teeio_interface_break(&rig.tdi[0], i);
            g_assert_cmpint(rig.tdi[0].state, ==, locked ? 3 : s);
            g_assert_cmpuint(rig.moves, ==, moves + locked);
            if (locked) {
                g_assert_cmpstr(dsm_rig_cause(&rig), ==, names[i]);
            }
            for (unsigned n = 0; n < 32 && s != 1; n++) {
                g_assert_cmpuint(rig.tdi[0].nonce[n], ==, 0);
            }
            dsm_rig_clear(&rig);
        }
    }
}

static void test_resets(void)
{
    for (unsigned s = 0; s < TEEIO_TDISP_STATES; s++) {
        struct dsm_rig rig;

        dsm_rig_init(&rig, NULL);
        dsm_rig_enter(&rig, s, 0);
        teeio_interface_flr(&rig.tdi[0]);
        g_assert_cmpint(rig.tdi[0].state, ==, s ? 3 : 0);
        g_assert_true(teeio_ide_secure(rig.ide, RIG_STREAM));
        dsm_rig_enter(&rig, s, 0);
        teeio_interface_reset(&rig.tdi[0]);
        g_assert_cmpint(rig.tdi[0].state, ==, 0);
        g_assert_false(teeio_interface_is_bound(&rig.tdi[0], RIG_STREAM));
        dsm_rig_clear(&rig);
    }
}

/* Who is meant by what happens to streams, sessions and function 0. */
static void test_scope(void)
{
    struct dsm_rig rig;

    /* The stream of all; one interface is not locked. */
    dsm_rig_init(&rig, NULL);
    dsm_rig_enter(&rig, TEEIO_TDISP_RUN, 0);
    g_assert_cmphex(dsm_rig_lock(&rig, 1, 0), ==, 0);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 0, TEEIO_IDE_SEL_RID1),
                    0x100, 4);
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_ERROR);
    g_assert_cmpint(rig.tdi[1].state, ==, TEEIO_TDISP_ERROR);
    g_assert_cmpint(rig.tdi[2].state, ==, TEEIO_TDISP_CONFIG_UNLOCKED);
    g_assert_cmpstr(dsm_rig_cause(&rig), ==, "IDE stream registers");

    /* The same value again is no change; another stream is none of theirs. */
    dsm_rig_enter(&rig, TEEIO_TDISP_RUN, TEEIO_TDISP_BIND_P2P);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 0, TEEIO_IDE_SEL_RID1),
                    0x100, 4);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 1, TEEIO_IDE_SEL_RID1),
                    0x100, 4);
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_RUN);

    /* Until it is bound. */
    dsm_rig_program(&rig, RIG_SESSION, RIG_P2P, 0, true);
    g_assert_cmphex(teeio_interface_bind(&rig.tdi[0], RIG_P2P), ==, 0);
    teeio_ide_write(rig.ide, dsm_rig_register(&rig, 1, TEEIO_IDE_SEL_RID1),
                    0x200, 4);
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_ERROR);

    /* Sessions: of those who were locked in it, and of their keys. */
    dsm_rig_enter(&rig, TEEIO_TDISP_CONFIG_LOCKED, 0);
    teeio_dsm_session_ended(rig.dsm, RIG_SESSION + 1);
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_CONFIG_LOCKED);
    teeio_dsm_session_ended(rig.dsm, RIG_SESSION);
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_ERROR);
    g_assert_cmpstr(dsm_rig_cause(&rig), ==, "session ended");
    g_assert_false(teeio_ide_secure(rig.ide, RIG_STREAM));

    /* An interface that was locked from inside has no session. */
    teeio_interface_lock(&rig.tdi[2], &(struct teeio_lock){.local = true},
                         rig.nonce);
    teeio_dsm_session_ended(rig.dsm, 0);
    g_assert_true(teeio_ide_fail(rig.ide, 0, 0) == false);
    teeio_ide_drop_keys(rig.ide);
    g_assert_cmpint(rig.tdi[2].state, ==, TEEIO_TDISP_CONFIG_LOCKED);

    /* Function 0. */
    dsm_rig_enter(&rig, TEEIO_TDISP_RUN, 0);
    teeio_dsm_flr(rig.dsm);
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_ERROR);
    g_assert_cmpint(rig.tdi[1].state, ==, TEEIO_TDISP_ERROR);
    g_assert_cmpint(rig.tdi[2].state, ==, TEEIO_TDISP_ERROR);
    g_assert_false(teeio_ide_secure(rig.ide, RIG_STREAM));
    dsm_rig_clear(&rig);
}

static void test_firmware(void)
{
    struct dsm_rig rig;

    dsm_rig_init(&rig, NULL);
    g_assert_true(teeio_dsm_firmware_update(rig.dsm, false));
    dsm_rig_enter(&rig, TEEIO_TDISP_RUN, 0);
    g_assert_true(teeio_dsm_firmware_update(rig.dsm, false));
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_RUN);
    dsm_rig_enter(&rig, TEEIO_TDISP_CONFIG_LOCKED, TEEIO_TDISP_NO_FW_UPDATE);
    g_assert_false(teeio_dsm_firmware_update(rig.dsm, false));
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_CONFIG_LOCKED);
    g_assert_true(teeio_dsm_firmware_update(rig.dsm, true));
    g_assert_cmpint(rig.tdi[0].state, ==, TEEIO_TDISP_ERROR);
    g_assert_cmpstr(dsm_rig_cause(&rig), ==, "firmware update");
    g_assert_false(teeio_ide_secure(rig.ide, RIG_STREAM));
    /* In ERROR it holds nothing up. */
    g_assert_true(teeio_dsm_firmware_update(rig.dsm, false));
    dsm_rig_clear(&rig);
}

static void drop_address(config_t *c)
{
    c->report.bars[2].base = 0;
}

static void overlap_bars(config_t *c)
{
    c->report.bars[2].base = c->report.bars[0].base + 0x7000;
}

static void overlap_bars_below(config_t *c)
{
    c->report.bars[2].base = c->report.bars[0].base - 0x3000;
}

static void touch_bars(config_t *c)
{
    c->report.bars[2].base = c->report.bars[0].base + 0x8000;
}

static void overlap_rom(config_t *c)
{
    c->rom = RIG_BAR0 + 0x1001;
    c->rom_size = 0x800;
}

static void disable_rom(config_t *c)
{
    c->rom = RIG_BAR0 + 0x1000;
    c->rom_size = 0x800;
}

static void many_ranges(config_t *c)
{
    for (unsigned i = 0; i < 6; i++) {
        c->report.bars[i].base = 0x50000000 + 0x100000 * i;
        c->report.bars[i].size = i < 5 ? 0x10000000000ull << i : 0x1000;
        c->report.bars[i].base <<= 20;
    }
}

static const struct {
    void (*change)(config_t *config);
    unsigned error;
} fitness[] = {
    {nothing, 0},
    {drop_address, 0x104},
    {overlap_bars, 0x104},
    {touch_bars, 0},
    {overlap_rom, 0x104},
    {disable_rom, 0},
    {clear_memory, 0x104},
    {phantom, 0x104},
    {enter_d3, 0x104},
    {enter_d1, 0},
    {overlap_bars_below, 0x104},
    {clear_bus_master, 0},
    {many_ranges, 0x104},
};

static void test_fitness(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fitness); i++) {
        config_t config = dsm_rig_config(0);
        struct dsm_rig rig;

        dsm_rig_init(&rig, "lock-without-keys");
        fitness[i].change(&config);
        teeio_interface_configure(&rig.tdi[0], &config);
        g_assert_cmphex(dsm_rig_lock(&rig, 0, 0), ==, fitness[i].error);
        dsm_rig_clear(&rig);
    }
}

/* 'n' neither, '0' T=0 only, '1' T=1 only, 'b' both; by state U L R E. */
static void test_mmio(void)
{
    static const struct {
        unsigned bar;
        uint64_t offset;
        const char *plain;
        const char *msix; /* with the MSI-X table locked */
    } cases[] = {
        {0, 0x0000, "0n1n", "0n1n"}, {0, 0x5fff, "0n1n", "0n1n"},
        {0, 0x6000, "0bbb", "0bbb"}, {0, 0x6fff, "0bbb", "0bbb"},
        {0, 0x7000, "0n1n", "0n1n"}, {0, 0x8000, "0bbb", "0bbb"},
        {2, 0x0fff, "0n1n", "0n1n"}, {2, 0x1000, "0bbb", "0n1n"},
        {2, 0x2fff, "0bbb", "0n1n"}, {2, 0x3000, "0n1n", "0n1n"},
        {1, 0x0000, "0bbb", "0bbb"}, {6, 0x0000, "0bbb", "0bbb"},
    };

    for (unsigned s = 0; s < TEEIO_TDISP_STATES; s++) {
        for (unsigned quirk = 0; quirk < 2; quirk++) {
            for (unsigned msix = 0; msix < 2; msix++) {
                uint16_t flags = msix ? TEEIO_TDISP_LOCK_MSIX : 0;
                struct dsm_rig rig;

                dsm_rig_init(&rig, quirk ? "mmio-in-locked" : NULL);
                dsm_rig_enter(&rig, s, flags);
                g_assert_cmpint(teeio_interface_msix_t(&rig.tdi[0]), ==,
                                s == TEEIO_TDISP_RUN && msix);
                for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                    char want = (msix ? cases[i].msix : cases[i].plain)[s];
                    bool t0 = teeio_interface_mmio_allowed(
                        &rig.tdi[0], cases[i].bar, cases[i].offset, false);
                    bool t1 = teeio_interface_mmio_allowed(
                        &rig.tdi[0], cases[i].bar, cases[i].offset, true);

                    if (quirk && s == TEEIO_TDISP_CONFIG_LOCKED &&
                        want == 'n') {
                        want = '1';
                    }
                    g_assert_cmpint("n01b"[t0 + 2 * t1], ==, want);
                }
                dsm_rig_clear(&rig);
            }
        }
    }
}

/* A TDI as part of a device: FLR, session and lock survive a snapshot. */
static void test_in_device(void)
{
    struct teeio_fabric fabric = {0};
    struct teeio_interface *interface;
    uint8_t image[16384];
    config_t config = dsm_rig_config(0);
    struct teeio_tdi *from;
    struct teeio_tdi *to;
    struct dsm_rig rig;
    size_t size;

    dsm_rig_init(&rig, NULL);
    fabric.host = &rig.fake.host;
    from = teeio_tdi_new(&rig.fake.host, &fabric);
    to = teeio_tdi_new(&rig.fake.host, &fabric);
    config.requester = 0x700;
    config.digest = 1;
    config.rom = 2;
    config.power = 1;
    config.pasid = 3;
    config.pri = 4;
    config.other = 5;
    config.device_control[0] = 0x0900;
    config.device_control[1] = 0x1000;
    config.device_control[2] = 4;
    teeio_tdi_configure(from, &config);
    g_assert_cmphex(teeio_tdi_requester(from), ==, 0x700);
    interface = teeio_tdi_interface(from);
    g_assert_true(teeio_dsm_add(rig.dsm, interface));
    dsm_rig_program(&rig, RIG_SESSION, RIG_STREAM, 0, true);
    dsm_rig_program(&rig, RIG_SESSION, RIG_P2P, 0, true);
    memset(rig.in + 16, 0, 20);
    rig.in[16] = PF_FLAGS;
    rig.in[18] = RIG_STREAM;
    g_assert_cmphex(dsm_rig_send_to(&rig, 0x700, RIG_SESSION, 0x83, 20), ==, 0);
    memcpy(rig.in + 16, rig.out + 16, 32);
    g_assert_cmphex(dsm_rig_send_to(&rig, 0x700, RIG_SESSION, 0x86, 32), ==, 0);
    g_assert_cmphex(teeio_interface_bind(interface, RIG_P2P), ==, 0);
    g_assert_cmpint(teeio_tdi_state(from), ==, TEEIO_TDISP_RUN);

    size = teeio_tdi_save(from, image, sizeof(image));
    g_assert_cmpuint(size, <=, sizeof(image));
    teeio_dsm_remove(rig.dsm, interface);
    interface = teeio_tdi_interface(to);
    g_assert_true(teeio_dsm_add(rig.dsm, interface));
    for (size_t cut = 0; cut < size; cut += 7) {
        g_assert_false(teeio_tdi_load(to, image, cut));
    }
    for (size_t i = 0; i < 8 * size; i += i == 8 * 128 ? 8 * 3968 : 1) {
        /* All but the ring; what is taken must be something to go on with. */
        image[i / 8] ^= 1 << i % 8;
        if (teeio_tdi_load(to, image, size)) {
            g_assert_cmpuint(teeio_tdi_read(to, TEEIO_TDI_REG_STATE, 4), ==,
                             teeio_tdi_state(to));
            g_assert_cmphex(teeio_tdi_requester(to), ==,
                            interface->config.requester);
            teeio_interface_report(interface, rig.out, &rig.used);
            teeio_interface_mmio_allowed(interface, 2, 0x1000, true);
            teeio_tdi_reset(to);
        }
        image[i / 8] ^= 1 << i % 8;
    }
    g_assert_true(teeio_tdi_load(to, image, size));
    g_assert_cmpint(interface->state, ==, TEEIO_TDISP_RUN);
    g_assert_true(interface->ide == rig.ide);
    g_assert_true(teeio_interface_is_bound(interface, RIG_STREAM));
    g_assert_true(teeio_interface_is_bound(interface, RIG_P2P));
    g_assert_false(teeio_interface_mmio_allowed(interface, 2, 0x1000, false));
    teeio_tdi_configure(to, &config);
    g_assert_cmpint(teeio_tdi_state(to), ==, TEEIO_TDISP_RUN);
    teeio_dsm_session_ended(rig.dsm, RIG_SESSION);
    g_assert_cmpint(teeio_tdi_state(to), ==, TEEIO_TDISP_ERROR);
    teeio_tdi_flr(to);
    g_assert_cmpint(teeio_tdi_state(to), ==, TEEIO_TDISP_ERROR);
    teeio_tdi_reset(to);
    g_assert_cmpint(teeio_tdi_state(to), ==, TEEIO_TDISP_CONFIG_UNLOCKED);
    teeio_dsm_remove(rig.dsm, interface);
    teeio_tdi_free(from);
    teeio_tdi_free(to);
    dsm_rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/interface/config-changes", test_config_changes);
    g_test_add_func("/interface/setting-is-allowed", test_setting_is_allowed);
    g_test_add_func("/interface/breaks", test_breaks);
    g_test_add_func("/interface/resets", test_resets);
    g_test_add_func("/interface/scope", test_scope);
    g_test_add_func("/interface/firmware", test_firmware);
    g_test_add_func("/interface/fitness", test_fitness);
    g_test_add_func("/interface/mmio", test_mmio);
    g_test_add_func("/interface/in-device", test_in_device);
    return g_test_run();
}
