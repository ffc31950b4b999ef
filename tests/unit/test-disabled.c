/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * disabled-behaviour: its language, and every profile in every situation.
 */
#include <string.h>

#include "smmu-rig.h"

#define SINK     (RIG_DATA + 0x9000)
#define TABLE    (RIG_DATA + 0x10000)
#define OTHER    (RIG_DATA + 0x2000)
#define WINDOW   RIG_RW
#define OUTSIDE  0x40900008ull
#define COMMANDS 5u

static const struct teeio_disabled_places places = {
    .sink = SINK,
    .window = WINDOW,
    .window_bytes = 0x8000,
    .table = TABLE,
};

static void use(struct smmu_rig *rig, const char *text)
{
    struct teeio_disabled_rules rules;

    g_assert_true(teeio_disabled_parse(text, &rules));
    g_assert_true(teeio_smmuv3_set_disabled(rig->smmu, &rules, &places));
}

static void command(struct smmu_rig *rig, uint64_t dw0, uint64_t dw1)
{
    uint64_t prod = smmu_rig_get(rig, TEEIO_SMMUV3_REG_CMDQ_PROD);
    uint64_t at = RIG_CMDQ + prod % (1u << COMMANDS) * 16;

    smmu_rig_put(rig, at, dw0);
    smmu_rig_put(rig, at + 8, dw1);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD,
                 (prod + 1) % (2u << COMMANDS));
    teeio_smmuv3_step(rig->smmu);
}

static void set_ste(struct smmu_rig *rig, struct teeio_tables_ste ste)
{
    teeio_tables_set_ste(&rig->streams, RIG_SID, ste);
    command(rig, TEEIO_CMD_CFGI_STE | (uint64_t)RIG_SID << 32, 1);
}

static void attach(struct smmu_rig *rig)
{
    set_ste(rig, teeio_tables_ste_stage1(rig->cd));
}

static void power_cycle(struct smmu_rig *rig)
{
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, 0);
    smmu_rig_enable(rig, COMMANDS);
}

static void setup(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tables_space space;
    struct teeio_tables_ste ste;

    (void)data;
    smmu_rig_init(rig, TEEIO_T_UNIFIED, 8);
    g_assert_true(teeio_smmuv3_set_iotlb(rig->smmu, true, false));
    smmu_rig_enable(rig, COMMANDS);
    /* Another owner's table; the stream is in it, too. */
    g_assert_true(teeio_tables_space_init(&space, &rig->tables, 39));
    g_assert_true(teeio_tables_map(&space, RIG_RW, OTHER, 3, TEEIO_TABLES_RW));
    g_assert_true(
        teeio_tables_map(&space, RIG_UNMAPPED, OTHER, 3, TEEIO_TABLES_RW));
    ste = teeio_tables_ste_stage1(
        teeio_tables_put_cd(&rig->tables, teeio_tables_cd(&space)));
    for (unsigned i = 0; i < 8; i++) {
        smmu_rig_put(rig, TABLE + RIG_SID * 64 + 8 * i, ste.dw[i]);
    }
}

static void teardown(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(rig);
}

static void test_parse(void)
{
    static const struct {
        const char *text;
        const char *canonical; /* NULL: refused */
    } rows[] = {
        {"architected",
         "reset:architected/detach:architected/unmapped:architected/"
         "until:power"},
        {"bypass", "reset:bypass/detach:bypass/unmapped:bypass/until:power"},
        {"inverted",
         "reset:inverted/detach:inverted/unmapped:architected/until:power"},
        {"detach:stale+block/until:never",
         "reset:architected/detach:stale+block/unmapped:architected/"
         "until:never"},
        {"bypass/unmapped:sink/until:invalidation",
         "reset:bypass/detach:bypass/unmapped:sink/until:invalidation"},
        {"linux-6.1:sprd",
         "reset:bypass/detach:bypass/unmapped:sink/until:power"},
        {"", NULL},
        {"/", NULL},
        {"banana", NULL},
        {"bypass/", NULL},
        {"/bypass", NULL},
        {"bypass/sink", NULL},
        {"detach:bypass/sink", NULL},
        {"detach:bypass/detach:sink", NULL},
        {"detach:", NULL},
        {":bypass", NULL},
        {"when:bypass", NULL},
        {"until:", NULL},
        {"until:later", NULL},
        {"until:power/until:power", NULL},
        {"bypass+block", NULL},
        {"stale+", NULL},
        {"stale+stale", NULL},
        {"stale+banana", NULL},
        {"unmapped:inverted", NULL},
        {"unmapped:stale+inverted", NULL},
        {"linux-6.1:banana", NULL},
        {"linux-7.1:tegra-gart", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct teeio_disabled_rules rules, again;
        char text[TEEIO_DISABLED_TEXT];
        bool good;

        memset(&rules, 0, sizeof(rules));
        good = teeio_disabled_parse(rows[i].text, &rules);
        if (good != (rows[i].canonical != NULL)) {
            g_error("'%s' was %s", rows[i].text, good ? "taken" : "refused");
        }
        if (good) {
            teeio_disabled_format(&rules, text);
            g_assert_cmpstr(text, ==, rows[i].canonical);
            g_assert_true(teeio_disabled_parse(text, &again));
            g_assert_cmpmem(&rules, sizeof(rules), &again, sizeof(again));
        }
    }
}

/* The longest text there can be, and names for all of it. */
static void test_names(void)
{
    struct teeio_disabled_rules rules = {.until = 0};
    char text[TEEIO_DISABLED_TEXT];

    for (unsigned i = 0; i < TEEIO_DISABLED_WHENS; i++) {
        rules.profile[i] = TEEIO_DISABLED_BLOCK_SILENT;
        rules.then[i] = TEEIO_DISABLED_BLOCK_SILENT;
        g_assert_cmpstr(teeio_disabled_when_name(i), !=, "?");
    }
    g_assert_cmpuint(strlen(teeio_disabled_format(&rules, text)), <,
                     TEEIO_DISABLED_TEXT - 1);
    g_assert_true(g_str_has_suffix(text, "/until:invalidation"));
    for (unsigned i = 0; i < TEEIO_DISABLED_PROFILES; i++) {
        g_assert_cmpstr(teeio_disabled_profile_name(i), !=, "?");
    }
    g_assert_cmpstr(teeio_disabled_profile_name(TEEIO_DISABLED_PROFILES), ==,
                    "?");
    g_assert_cmpstr(teeio_disabled_when_name(TEEIO_DISABLED_WHENS), ==, "?");
}

/* Nineteen drivers, all of them in 6.1, all but one in 7.1. */
static void test_drivers(void)
{
    const struct teeio_disabled_row *row;
    unsigned count[2] = {0};

    for (size_t i = 0; (row = teeio_disabled_driver(i)); i++) {
        const char *driver = strchr(row->name, ':') + 1;
        struct teeio_disabled_rules rules;

        g_assert_true(teeio_disabled_parse(row->name, &rules));
        if (!strchr(driver, '-') || g_str_has_prefix(driver, "apple-dart") ||
            g_str_equal(driver, "ipmmu-vmsa") ||
            g_str_equal(driver, "mtk-v1") || g_str_equal(driver, "fsl-pamu") ||
            g_str_has_prefix(driver, "tegra-") ||
            g_str_has_prefix(driver, "arm-smmu")) {
            count[g_str_has_prefix(row->name, "linux-7.1:")]++;
        }
    }
    g_assert_cmpuint(count[0], ==, 19);
    g_assert_cmpuint(count[1], ==, 18);
}

/**
 * struct effect - what a request comes to
 * @fault:  name, NULL without
 * @output: with verdict OK
 */
struct effect {
    enum teeio_verdict verdict;
    const char *fault;
    uint64_t output;
};

#define OK_AT(at)                  \
    {                              \
        TEEIO_VERDICT_OK, NULL, at \
    }
#define FAULT(name)                  \
    {                                \
        TEEIO_VERDICT_FAULT, name, 0 \
    }
#define ABORTED                        \
    {                                  \
        TEEIO_VERDICT_ABORTED, NULL, 0 \
    }
#define NO_RESPONSE                        \
    {                                      \
        TEEIO_VERDICT_NO_RESPONSE, NULL, 0 \
    }

/*
 * The address is RIG_RW + 8 at reset and after detach, RIG_UNMAPPED + 8 for
 * what is not mapped; both lie in the window.
 */
static const struct row {
    enum teeio_disabled_profile profile;
    struct effect effect[TEEIO_DISABLED_WHENS];
} rows[] = {
    {TEEIO_DISABLED_ARCHITECTED, {ABORTED, ABORTED, FAULT("F_TRANSLATION")}},
    {TEEIO_DISABLED_BLOCK,
     {FAULT("C_BAD_STE"), FAULT("C_BAD_STE"), FAULT("C_BAD_STE")}},
    {TEEIO_DISABLED_BLOCK_SILENT, {ABORTED, ABORTED, ABORTED}},
    {TEEIO_DISABLED_BLOCK_PERM,
     {FAULT("F_PERMISSION"), FAULT("F_PERMISSION"), FAULT("F_PERMISSION")}},
    {TEEIO_DISABLED_BYPASS,
     {OK_AT(RIG_RW + 8), OK_AT(RIG_RW + 8), OK_AT(RIG_UNMAPPED + 8)}},
    {TEEIO_DISABLED_EMPTY,
     {FAULT("F_TRANSLATION"), FAULT("F_TRANSLATION"), FAULT("F_TRANSLATION")}},
    {TEEIO_DISABLED_SINK, {OK_AT(SINK + 8), OK_AT(SINK + 8), OK_AT(SINK + 8)}},
    {TEEIO_DISABLED_APERTURE,
     {FAULT("F_TRANSLATION"), OK_AT(RIG_DATA + 8), FAULT("F_TRANSLATION")}},
    {TEEIO_DISABLED_STALE, {ABORTED, OK_AT(RIG_DATA + 8), OK_AT(RIG_DATA + 8)}},
    {TEEIO_DISABLED_STALL, {ABORTED, ABORTED, ABORTED}}, /* it cannot wait */
    {TEEIO_DISABLED_NO_RESPONSE, {NO_RESPONSE, NO_RESPONSE, NO_RESPONSE}},
    {TEEIO_DISABLED_OTHER_TABLE,
     {OK_AT(OTHER + 8), OK_AT(OTHER + 8), OK_AT(OTHER + 8)}},
    {TEEIO_DISABLED_INVERTED,
     {OK_AT(RIG_RW + 8), OK_AT(RIG_RW + 8), FAULT("F_TRANSLATION")}},
};

static void expect(const struct teeio_translation *answer,
                   const struct effect *effect)
{
    g_assert_cmpint(answer->verdict, ==, effect->verdict);
    g_assert_cmpstr(answer->fault.present ? answer->fault.name : NULL, ==,
                    effect->fault);
    if (effect->verdict == TEEIO_VERDICT_OK) {
        g_assert_cmphex(answer->output, ==, effect->output);
        g_assert_cmphex(answer->page_mask, ==, 0xfff);
    }
}

static struct teeio_translation send(struct smmu_rig *rig,
                                     enum teeio_tlp_kind kind, uint64_t address)
{
    return smmu_rig_send(rig, smmu_rig_tlp(kind, address));
}

static void bring_about(struct smmu_rig *rig, enum teeio_disabled_when when)
{
    uint64_t leaf;

    if (when == TEEIO_DISABLED_RESET) {
        teeio_smmuv3_reset(rig->smmu);
        smmu_rig_enable(rig, COMMANDS);
        set_ste(rig, teeio_tables_ste_abort());
        return;
    }
    g_assert_true(teeio_tables_map(&rig->space, RIG_UNMAPPED, RIG_DATA, 3,
                                   TEEIO_TABLES_RW));
    attach(rig);
    g_assert_cmpint(send(rig, TEEIO_TLP_MWR, RIG_RW).verdict, ==,
                    TEEIO_VERDICT_OK);
    g_assert_cmpint(send(rig, TEEIO_TLP_MWR, RIG_UNMAPPED).verdict, ==,
                    TEEIO_VERDICT_OK);
    if (when == TEEIO_DISABLED_DETACH) {
        set_ste(rig, teeio_tables_ste_abort());
    } else {
        leaf = teeio_tables_slot(&rig->space, RIG_UNMAPPED, 3);
        smmu_rig_put(rig, leaf, 0);
    }
    command(rig, TEEIO_CMD_TLBI_NSNH_ALL, 0);
}

static void test_effects(struct smmu_rig *rig, gconstpointer data)
{
    const struct row *row = data;

    for (unsigned when = 0; when < TEEIO_DISABLED_WHENS; when++) {
        bool unmapped = when == TEEIO_DISABLED_UNMAPPED;
        const struct effect *effect = &row->effect[when];
        g_autofree char *text =
            g_strdup_printf("%s:%s/until:power", teeio_disabled_when_name(when),
                            teeio_disabled_profile_name(row->profile));

        if (unmapped && row->profile == TEEIO_DISABLED_INVERTED) {
            continue;
        }
        use(rig, text);
        bring_about(rig, when);
        for (int write = 0; write <= 1; write++) {
            unsigned faults = fake_host_count(&rig->fake, TEEIO_EVENT_FAULT);
            struct teeio_translation answer =
                send(rig, write ? TEEIO_TLP_MWR : TEEIO_TLP_MRD,
                     (unmapped ? RIG_UNMAPPED : RIG_RW) + 8);
            bool stale = row->profile == TEEIO_DISABLED_STALE &&
                         when == TEEIO_DISABLED_RESET;
            bool kept = stale || row->profile == TEEIO_DISABLED_ARCHITECTED;

            expect(&answer, effect);
            g_assert_cmpint(answer.disabled, ==,
                            kept ? TEEIO_DISABLED_ARCHITECTED : row->profile);
            if (!kept) {
                g_assert_cmpint(answer.when, ==, when);
            }
            g_assert_cmpuint(fake_host_count(&rig->fake, TEEIO_EVENT_FAULT) -
                                 faults,
                             ==, effect->fault != NULL);
        }
    }
}

/* While the unit itself is off, the profile of reset counts. */
static void test_unit_off(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    use(rig, "reset:sink/detach:block");
    attach(rig);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_EVENTQEN);
    answer = smmu_rig_read(rig, RIG_RW);
    expect(&answer, &(struct effect)OK_AT(SINK));
    use(rig, "reset:inverted");
    answer = smmu_rig_read(rig, RIG_RW);
    expect(&answer, &(struct effect)ABORTED);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_GBPA,
                 TEEIO_GBPA_ABORT | TEEIO_GBPA_UPDATE);
    answer = smmu_rig_read(rig, RIG_RW);
    expect(&answer, &(struct effect)OK_AT(RIG_RW));
}

/* An STE or a table that is not there is "off" as well. */
static void test_no_config(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, 0x4000);
    struct teeio_translation answer;

    (void)data;
    use(rig, "reset:sink/detach:bypass");
    tlp.requester = 0xffff;
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)OK_AT(SINK));
    attach(rig);
    set_ste(rig, (struct teeio_tables_ste){0});
    answer = smmu_rig_read(rig, 0x4000);
    expect(&answer, &(struct effect)OK_AT(0x4000));
    /* What asks for identity is not off, except where the words mean less. */
    use(rig, "block");
    tlp.requester = RIG_BYPASS;
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)OK_AT(0x4000));
    g_assert_cmpint(answer.disabled, ==, TEEIO_DISABLED_ARCHITECTED);
    use(rig, "inverted");
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)ABORTED);
    tlp.requester = RIG_ABORT;
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)OK_AT(0x4000));
}

static void test_aperture(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    use(rig, "aperture/until:never");
    bring_about(rig, TEEIO_DISABLED_DETACH);
    answer = smmu_rig_read(rig, OUTSIDE);
    expect(&answer, &(struct effect)OK_AT(OUTSIDE));
    answer = smmu_rig_read(rig, WINDOW - 8);
    expect(&answer, &(struct effect)OK_AT(WINDOW - 8));
    answer = smmu_rig_read(rig, WINDOW + 0x8000);
    expect(&answer, &(struct effect)OK_AT(WINDOW + 0x8000));
    answer = smmu_rig_read(rig, WINDOW + 0x7000);
    expect(&answer, &(struct effect)FAULT("F_TRANSLATION"));
    attach(rig);
    answer = smmu_rig_read(rig, WINDOW + 0x7000);
    expect(&answer, &(struct effect)FAULT("F_TRANSLATION"));
    g_assert_cmpint(answer.disabled, ==, TEEIO_DISABLED_APERTURE);
    answer = smmu_rig_read(rig, WINDOW + 0x8000);
    expect(&answer, &(struct effect)OK_AT(WINDOW + 0x8000));
}

static void check_stale(struct smmu_rig *rig, bool stale)
{
    struct teeio_translation answer = smmu_rig_read(rig, RIG_RW);

    expect(&answer, &(struct effect)OK_AT(stale ? RIG_DATA : RIG_RW));
    g_assert_cmpint(answer.disabled, ==,
                    stale ? TEEIO_DISABLED_STALE : TEEIO_DISABLED_BYPASS);
    g_assert_cmpint(answer.via, ==,
                    stale ? TEEIO_VIA_STALE : TEEIO_VIA_IDENTITY);
}

static void test_until(struct smmu_rig *rig, gconstpointer data)
{
    static const char *const ends[] = {"invalidation", "power", "reset",
                                       "never"};

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *text =
            g_strdup_printf("bypass/detach:stale+bypass/until:%s", ends[i]);

        use(rig, text);
        attach(rig);
        smmu_rig_read(rig, RIG_RW);
        /* No command: nothing has been invalidated. */
        teeio_tables_set_ste(&rig->streams, RIG_SID, teeio_tables_ste_abort());
        teeio_smmuv3_set_iotlb(rig->smmu, false, false);
        teeio_smmuv3_set_iotlb(rig->smmu, true, false);
        check_stale(rig, true);
        command(rig, TEEIO_CMD_TLBI_NSNH_ALL, 0);
        check_stale(rig, i > 0);
        power_cycle(rig);
        check_stale(rig, i > 1);
        teeio_smmuv3_reset(rig->smmu);
        smmu_rig_enable(rig, COMMANDS);
        /* Never translated since: the profile of reset. */
        g_assert_cmpint(smmu_rig_read(rig, RIG_RW).disabled, ==,
                        TEEIO_DISABLED_BYPASS);
    }
    use(rig, "stale/until:never");
    attach(rig);
    smmu_rig_read(rig, RIG_RW);
    teeio_smmuv3_reset(rig->smmu);
    g_assert_cmphex(smmu_rig_read(rig, RIG_RW + 4).output, ==, RIG_DATA + 4);
}

/* What one stream, PASID or T had is no other's. */
static void test_stale_key(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RO);
    struct teeio_translation answer;

    (void)data;
    use(rig, "stale/until:never");
    attach(rig);
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)OK_AT(RIG_DATA + 0x1000));
    set_ste(rig, teeio_tables_ste_abort());
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)OK_AT(RIG_DATA + 0x1000));
    g_assert_cmpuint(answer.perm, ==, TEEIO_PERM_READ);
    tlp.kind = TEEIO_TLP_MWR;
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)ABORTED);
    tlp.kind = TEEIO_TLP_MRD;
    tlp.t = true;
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)ABORTED);
    tlp.t = false;
    tlp.pasid_valid = true;
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)ABORTED);
    tlp.pasid_valid = false;
    tlp.requester = RIG_ABORT;
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)ABORTED);
    tlp.requester = RIG_SID;
    tlp.address = RIG_RO + 0x1000;
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)ABORTED);
}

/* Streams are more than places to remember, so some share one. */
static void test_collision(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RW);
    struct teeio_translation answer;

    (void)data;
    use(rig, "stale+block-silent/until:never");
    attach(rig);
    smmu_rig_send(rig, tlp);
    set_ste(rig, teeio_tables_ste_abort());
    for (unsigned stream = 0; stream < 0x4000; stream++) {
        tlp.requester = stream;
        answer = smmu_rig_send(rig, tlp);
        if (stream == RIG_SID) {
            expect(&answer, &(struct effect)OK_AT(RIG_DATA));
        } else if (stream != RIG_BYPASS) {
            expect(&answer, &(struct effect)ABORTED);
        }
    }
}

struct resumed {
    unsigned count;
    enum teeio_stall_outcome outcome;
};

static void on_resume(void *opaque, uint16_t requester, uint16_t stag,
                      enum teeio_stall_outcome outcome)
{
    struct resumed *resumed = opaque;

    (void)stag;
    g_assert_cmphex(requester, ==, RIG_SID);
    resumed->count++;
    resumed->outcome = outcome;
}

static void test_stall(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RW);
    struct resumed resumed = {0};
    const struct teeio_smmuv3_devices devices = {
        .opaque = &resumed,
        .resume = on_resume,
    };
    struct teeio_translation answer;

    (void)data;
    teeio_smmuv3_set_devices(rig->smmu, &devices);
    tlp.may_stall = true;
    use(rig, "stall");
    bring_about(rig, TEEIO_DISABLED_DETACH);
    answer = smmu_rig_send(rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_STALLED);
    g_assert_cmpint(answer.disabled, ==, TEEIO_DISABLED_STALL);
    g_assert_cmpstr(answer.fault.name, ==, "F_TRANSLATION");
    g_assert_cmpuint(resumed.count, ==, 0);
    set_ste(rig, teeio_tables_ste_abort());
    g_assert_cmpuint(resumed.count, ==, 0);
    attach(rig);
    g_assert_cmpuint(resumed.count, ==, 1);
    g_assert_cmpint(resumed.outcome, ==, TEEIO_STALL_RETRY);
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)OK_AT(RIG_DATA));

    set_ste(rig, teeio_tables_ste_abort());
    smmu_rig_send(rig, tlp);
    command(rig, TEEIO_CMD_STALL_TERM | (uint64_t)RIG_SID << 32, 0);
    g_assert_cmpuint(resumed.count, ==, 2);
    g_assert_cmpint(resumed.outcome, ==, TEEIO_STALL_ABORT);

    /* What the guest itself lets wait is its own to resume. */
    use(rig, "detach:bypass");
    smmu_rig_put(rig, rig->cd,
                 teeio_tables_get(&rig->tables, rig->cd) | TEEIO_CD0_S);
    attach(rig);
    tlp.address = RIG_UNMAPPED + 0x4000;
    answer = smmu_rig_send(rig, tlp);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_STALLED);
    g_assert_cmpint(answer.disabled, ==, TEEIO_DISABLED_ARCHITECTED);
    attach(rig);
    g_assert_cmpuint(resumed.count, ==, 2);
}

/* Nothing of the guest's tables concerns T=0 here, but its abort does. */
static void test_arm_split(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, 0x4000);
    struct teeio_translation answer;

    (void)data;
    teeio_smmuv3_free(rig->smmu);
    rig->smmu =
        teeio_smmuv3_new(&rig->fake.host, rig->ownership, TEEIO_T_ARM_SPLIT);
    smmu_rig_enable(rig, COMMANDS);
    use(rig, "sink");
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)OK_AT(0x4000));
    tlp.requester = RIG_ABORT;
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)OK_AT(SINK));
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, 0);
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)OK_AT(0x4000));
    tlp.t = true;
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)OK_AT(SINK));
}

/* ATS keeps to the architecture; no address beyond the bus comes out. */
static void test_limits(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, 0x4000);
    struct teeio_translation answer;

    (void)data;
    use(rig, "bypass");
    set_ste(rig, teeio_tables_ste_abort());
    tlp.at = TEEIO_AT_TRANSLATION_REQUEST;
    answer = smmu_rig_send(rig, tlp);
    expect(&answer, &(struct effect)ABORTED);
    answer = smmu_rig_read(rig, 1ull << 48);
    expect(&answer, &(struct effect)ABORTED);
    attach(rig);
    answer = smmu_rig_read(rig, 1ull << 50);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    use(rig, "architected");
    answer = smmu_rig_read(rig, RIG_UNMAPPED);
    expect(&answer, &(struct effect)FAULT("F_TRANSLATION"));
}

/* What is remembered is used, without a detour around the profile. */
static void test_cached(struct smmu_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, RIG_RW);
    struct teeio_translation answer;

    (void)data;
    g_assert_cmpuint(teeio_smmuv3_epoch(rig->smmu), !=, 0);
    use(rig, "bypass");
    g_assert_cmpuint(teeio_smmuv3_epoch(rig->smmu), ==, 0);
    attach(rig);
    g_assert_cmpint(smmu_rig_send(rig, tlp).via, ==, TEEIO_VIA_WALK);
    g_assert_false(teeio_smmuv3_recall(rig->smmu, &tlp, &answer));
    answer = smmu_rig_send(rig, tlp);
    g_assert_cmpint(answer.via, ==, TEEIO_VIA_IOTLB);
    g_assert_cmpint(answer.disabled, ==, TEEIO_DISABLED_ARCHITECTED);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).iotlb_stale, ==, 0);
    use(rig, "architected");
    g_assert_true(teeio_smmuv3_recall(rig->smmu, &tlp, &answer));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/disabled/parse", test_parse);
    g_test_add_func("/disabled/names", test_names);
    g_test_add_func("/disabled/drivers", test_drivers);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path =
            g_strdup_printf("/disabled/effect/%s",
                            teeio_disabled_profile_name(rows[i].profile));

        g_test_add(path, struct smmu_rig, &rows[i], setup, test_effects,
                   teardown);
    }
    g_assert_cmpuint(G_N_ELEMENTS(rows), ==, TEEIO_DISABLED_PROFILES);
#define ADD(name)                                                             \
    g_test_add("/disabled/" #name, struct smmu_rig, NULL, setup, test_##name, \
               teardown)
    ADD(unit_off);
    ADD(no_config);
    ADD(aperture);
    ADD(until);
    ADD(stale_key);
    ADD(collision);
    ADD(stall);
    ADD(arm_split);
    ADD(limits);
    ADD(cached);
    return g_test_run();
}
