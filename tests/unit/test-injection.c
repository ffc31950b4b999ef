/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/* Each fault changes how something ends; without it, it ends well. */
#include <string.h>

#include "requester-rig.h"
#include "tdi-rig.h"
#include "teeio/injection.h"

#define OK TEEIO_REQUESTER_OK

static const struct teeio_requester_lock lock = {.stream = RIG_STREAM};

struct rig {
    struct requester_rig all;
    struct teeio_doe *doe;
    struct teeio_injection_target target;
};

static void rig_init(struct rig *rig)
{
    requester_rig_init(&rig->all);
    rig->doe = teeio_doe_new(&(struct teeio_doe_config){
        .host = &rig->all.dsm.fake.host,
        .protocols = teeio_dsm_protocols(rig->all.dsm.dsm)});
    rig->target = (struct teeio_injection_target){
        .requester = rig->all.requester,
        .dsm = rig->all.dsm.dsm,
        .interface = &rig->all.dsm.tdi[0],
        .ide = rig->all.dsm.ide,
        .doe = rig->doe,
    };
}

static void rig_clear(struct rig *rig)
{
    teeio_doe_free(rig->doe);
    requester_rig_clear(&rig->all);
}

static void inject(struct rig *rig, const char *name, unsigned count)
{
    g_assert_true(
        teeio_inject(&rig->target, teeio_injection_find(name), count));
}

/* LOCK and START, with keys where there are none yet. */
static enum teeio_requester_failure go(struct rig *rig)
{
    struct teeio_requester *r = rig->all.requester;
    enum teeio_requester_failure result = OK;
    uint8_t nonce[TEEIO_REQUESTER_NONCE];

    if (!teeio_requester_session(r)) {
        requester_rig_open(&rig->all);
    }
    if (!teeio_requester_ide_keyed(r, RIG_STREAM)) {
        result = teeio_requester_ide_setup(r, RIG_STREAM, 0);
    }
    result =
        result ? result : teeio_requester_lock(r, RIG_FUNCTION, &lock, nonce);
    return result ? result : teeio_requester_start(r, RIG_FUNCTION, nonce);
}

static enum teeio_requester_failure stop(struct rig *rig)
{
    return teeio_requester_stop(rig->all.requester, RIG_FUNCTION);
}

static void test_names(void)
{
    static const char *const names[] = {
        "drop-key",   "bad-nonce", "force-error",      "stale-state",
        "bad-report", "wrong-t",   "unlock-under-dma", "ide-integrity",
        "doe-busy",   "doe-error"};
    const struct teeio_injection_target nothing = {0};
    const struct teeio_injection_row *rows;
    size_t count;

    rows = teeio_injection_list(&count);
    g_assert_cmpuint(count, ==, G_N_ELEMENTS(names));
    for (unsigned i = 0; i < count; i++) {
        g_assert_cmpstr(rows[i].name, ==, names[i]);
        g_assert_cmpuint(teeio_injection_find(names[i]), ==, i);
        g_assert_false(teeio_inject(&nothing, i, 1));
    }
    g_assert_cmpuint(teeio_injection_find("drop"), ==, TEEIO_INJECTIONS);
    g_assert_false(teeio_inject(&nothing, TEEIO_INJECTIONS, 1));
}

static void test_drop_key(void)
{
    struct rig rig;

    rig_init(&rig);
    inject(&rig, "drop-key", 1);
    g_assert_cmpint(go(&rig), ==, TEEIO_REQUESTER_TDISP_ERROR);
    g_assert_cmphex(teeio_requester_detail(rig.all.requester), ==,
                    TEEIO_TDISP_INVALID_REQUEST);
    g_assert_false(teeio_ide_secure(rig.all.dsm.ide, RIG_STREAM));
    rig_clear(&rig);

    rig_init(&rig);
    inject(&rig, "drop-key", 1);
    inject(&rig, "drop-key", 0);
    g_assert_cmpint(go(&rig), ==, OK);
    rig_clear(&rig);
}

static void test_bad_nonce(void)
{
    struct rig rig;

    rig_init(&rig);
    inject(&rig, "bad-nonce", 1);
    g_assert_cmpint(go(&rig), ==, TEEIO_REQUESTER_TDISP_ERROR);
    g_assert_cmphex(teeio_requester_detail(rig.all.requester), ==,
                    TEEIO_TDISP_INVALID_NONCE);
    g_assert_cmpint(rig.all.dsm.tdi[0].state, ==, TEEIO_TDISP_CONFIG_LOCKED);
    g_assert_cmpint(stop(&rig), ==, OK);
    g_assert_cmpint(go(&rig), ==, OK);
    rig_clear(&rig);
}

static void test_force_error(void)
{
    struct rig rig;

    rig_init(&rig);
    g_assert_false(teeio_inject(&rig.target, TEEIO_INJECT_FORCE_ERROR, 1));
    g_assert_cmpint(go(&rig), ==, OK);
    inject(&rig, "force-error", 0);
    g_assert_cmpint(rig.all.dsm.tdi[0].state, ==, TEEIO_TDISP_RUN);
    inject(&rig, "force-error", 1);
    g_assert_cmpint(rig.all.dsm.tdi[0].state, ==, TEEIO_TDISP_ERROR);
    rig_clear(&rig);
}

static void test_stale_state(void)
{
    enum teeio_tdisp_state state;
    struct rig rig;

    rig_init(&rig);
    inject(&rig, "stale-state", 2);
    g_assert_cmpint(go(&rig), ==, OK);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpint(
            teeio_requester_state(rig.all.requester, RIG_FUNCTION, &state), ==,
            OK);
        g_assert_cmpint(state, ==,
                        i < 2 ? TEEIO_TDISP_CONFIG_UNLOCKED : TEEIO_TDISP_RUN);
    }
    rig_clear(&rig);
}

static void test_bad_report(void)
{
    struct teeio_requester_report reports[2];
    struct rig rig;

    rig_init(&rig);
    g_assert_cmpint(go(&rig), ==, OK);
    inject(&rig, "bad-report", 1);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmpint(teeio_requester_report(rig.all.requester, RIG_FUNCTION,
                                               &reports[i]),
                        ==, OK);
    }
    g_assert_cmpuint(reports[0].size, ==, reports[1].size);
    g_assert_cmpint(memcmp(reports[0].bytes, reports[1].bytes, reports[0].size),
                    !=, 0);
    rig_clear(&rig);
}

static void test_ide_integrity(void)
{
    struct rig rig;

    rig_init(&rig);
    g_assert_false(teeio_inject(&rig.target, TEEIO_INJECT_IDE_INTEGRITY, 1));
    g_assert_cmpint(go(&rig), ==, OK);
    inject(&rig, "ide-integrity", 1);
    g_assert_false(teeio_ide_secure(rig.all.dsm.ide, RIG_STREAM));
    g_assert_cmpint(rig.all.dsm.tdi[0].state, ==, TEEIO_TDISP_ERROR);
    rig_clear(&rig);
}

static void test_doe(void)
{
    static const char *const names[] = {"doe-busy", "doe-error"};
    const uint8_t object[12] = {1, 0, 0, 0, 3};
    uint8_t answer[64];
    struct rig rig;

    rig_init(&rig);
    for (unsigned i = 0; i < 6; i++) {
        inject(&rig, names[i / 3], i % 3 == 1);
        g_assert_cmpuint(teeio_requester_mailbox(rig.doe, object, 12, answer,
                                                 sizeof(answer)),
                         ==, i % 3 == 1 ? 0 : 12);
    }
    inject(&rig, "doe-busy", 1);
    g_assert_cmphex(teeio_doe_read(rig.doe, 0x0c, 4), ==, 1);
    teeio_doe_reset(rig.doe);
    g_assert_cmphex(teeio_doe_read(rig.doe, 0x0c, 4), ==, 0);
    inject(&rig, "doe-error", 1);
    teeio_doe_write(rig.doe, 0x08, 0x80000000, 4);
    g_assert_cmphex(teeio_doe_read(rig.doe, 0x0c, 4), ==, 4);
    rig_clear(&rig);
}

static const struct tdi_request copy = {TEEIO_TDI_OP_COPY | TEEIO_TDI_DESC_T,
                                        0x2000, RIG_PRIVATE,
                                        RIG_PRIVATE + 0x4000};

static void test_wrong_t(void)
{
    struct tdi_rig rig;
    struct teeio_injection_target target = {0};

    tdi_rig_init(&rig);
    target.tdi = rig.tdi;
    tdi_rig_start(&rig);
    g_assert_cmpuint(tdi_rig_run(&rig, &copy).status, ==, TEEIO_TDI_STATUS_OK);
    /* The first read leaves with T=0, and private memory is not for it. */
    g_assert_true(teeio_inject(&target, TEEIO_INJECT_WRONG_T, 1));
    g_assert_cmpuint(tdi_rig_run(&rig, &copy).status, ==,
                     TEEIO_TDI_STATUS_REFUSED);
    g_assert_false(tdi_rig_tlp(&rig, 4)->tlp.t);
    g_assert_cmpuint(tdi_rig_run(&rig, &copy).status, ==, TEEIO_TDI_STATUS_OK);
    g_assert_true(teeio_inject(&target, TEEIO_INJECT_WRONG_T, 9));
    teeio_tdi_reset(rig.tdi);
    teeio_tdi_set_config(rig.tdi, RIG_REQUESTER, true, RIG_DIGEST);
    tdi_rig_start(&rig);
    g_assert_cmpuint(tdi_rig_run(&rig, &copy).status, ==, TEEIO_TDI_STATUS_OK);
    tdi_rig_clear(&rig);
}

static void test_unlock_under_dma(void)
{
    struct tdi_rig rig;
    struct teeio_injection_target target = {0};

    tdi_rig_init(&rig);
    target.tdi = rig.tdi;
    tdi_rig_start(&rig);
    g_assert_true(teeio_inject(&target, TEEIO_INJECT_UNLOCK_UNDER_DMA, 1));
    g_assert_cmpuint(tdi_rig_run(&rig, &copy).status, ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmpint(teeio_tdi_state(rig.tdi), ==, TEEIO_TDISP_CONFIG_UNLOCKED);
    /* T=1 has left a TDI that is unlocked; it does so no more. */
    g_assert_true(tdi_rig_tlp(&rig, 3)->tlp.t);
    g_assert_cmpuint(tdi_rig_run(&rig, &copy).status, ==,
                     TEEIO_TDI_STATUS_NOT_RUN);
    tdi_rig_start(&rig);
    g_assert_cmpuint(tdi_rig_run(&rig, &copy).status, ==, TEEIO_TDI_STATUS_OK);
    g_assert_cmpint(teeio_tdi_state(rig.tdi), ==, TEEIO_TDISP_RUN);
    tdi_rig_clear(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/injection/names", test_names);
    g_test_add_func("/injection/drop-key", test_drop_key);
    g_test_add_func("/injection/bad-nonce", test_bad_nonce);
    g_test_add_func("/injection/force-error", test_force_error);
    g_test_add_func("/injection/stale-state", test_stale_state);
    g_test_add_func("/injection/bad-report", test_bad_report);
    g_test_add_func("/injection/ide-integrity", test_ide_integrity);
    g_test_add_func("/injection/doe", test_doe);
    g_test_add_func("/injection/wrong-t", test_wrong_t);
    g_test_add_func("/injection/unlock-under-dma", test_unlock_under_dma);
    return g_test_run();
}
