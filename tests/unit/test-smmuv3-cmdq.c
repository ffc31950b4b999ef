/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "smmu-rig.h"

#define LOG2SIZE 3u

static void setup(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_init(rig, TEEIO_T_UNIFIED, 8);
    smmu_rig_enable(rig, LOG2SIZE);
}

static void teardown(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(rig);
}

/* Write one command where PROD points, and advance PROD. */
static void issue(struct smmu_rig *rig, uint64_t dw0, uint64_t dw1)
{
    uint64_t prod = smmu_rig_get(rig, TEEIO_SMMUV3_REG_CMDQ_PROD);
    uint64_t at = RIG_CMDQ + prod % (1u << LOG2SIZE) * 16;

    smmu_rig_put(rig, at, dw0);
    smmu_rig_put(rig, at + 8, dw1);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD,
                 (prod + 1) % (2u << LOG2SIZE));
}

static uint64_t cons(struct smmu_rig *rig)
{
    return smmu_rig_get(rig, TEEIO_SMMUV3_REG_CMDQ_CONS);
}

static const struct teeio_event_command *last(struct smmu_rig *rig)
{
    return &fake_host_last(&rig->fake, TEEIO_EVENT_COMMAND)->u.command;
}

static void acknowledge(struct smmu_rig *rig)
{
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_GERRORN,
                 smmu_rig_get(rig, TEEIO_SMMUV3_REG_GERROR));
}

static void test_every_opcode(struct smmu_rig *rig, gconstpointer data)
{
    static const struct {
        uint8_t opcode;
        bool legal;
        bool ssec;
        const char *name;
    } rows[] = {
        {0x01, true, true, "PREFETCH_CONFIG"},
        {0x02, true, true, "PREFETCH_ADDR"},
        {0x03, true, true, "CFGI_STE"},
        {0x04, true, true, "CFGI_STE_RANGE"},
        {0x05, true, true, "CFGI_CD"},
        {0x06, true, true, "CFGI_CD_ALL"},
        {0x07, false, false, "CFGI_VMS_PIDM"},
        {0x10, true, false, "TLBI_NH_ALL"},
        {0x11, true, false, "TLBI_NH_ASID"},
        {0x12, true, false, "TLBI_NH_VA"},
        {0x13, true, false, "TLBI_NH_VAA"},
        {0x18, false, false, "TLBI_EL3_ALL"},
        {0x1a, false, false, "TLBI_EL3_VA"},
        {0x20, false, false, "TLBI_EL2_ALL"},
        {0x21, false, false, "TLBI_EL2_ASID"},
        {0x22, false, false, "TLBI_EL2_VA"},
        {0x23, false, false, "TLBI_EL2_VAA"},
        {0x28, true, false, "TLBI_S12_VMALL"},
        {0x2a, true, false, "TLBI_S2_IPA"},
        {0x30, true, false, "TLBI_NSNH_ALL"},
        {0x40, true, true, "ATC_INV"},
        {0x41, true, true, "PRI_RESP"},
        {0x44, true, true, "RESUME"},
        {0x45, true, true, "STALL_TERM"},
        {0x46, true, false, "SYNC"},
        {0x50, false, false, "TLBI_S_EL2_ALL"},
        {0x51, false, false, "TLBI_S_EL2_ASID"},
        {0x52, false, false, "TLBI_S_EL2_VA"},
        {0x53, false, false, "TLBI_S_EL2_VAA"},
        {0x58, false, false, "TLBI_S_S12_VMALL"},
        {0x5a, false, false, "TLBI_S_S2_IPA"},
        {0x60, false, false, "TLBI_SNH_ALL"},
        {0x70, false, false, "DPTI_ALL"},
        {0x73, false, false, "DPTI_PA"},
    };
    unsigned row = 0;

    (void)data;
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        bool known = row < G_N_ELEMENTS(rows) && rows[row].opcode == opcode;
        bool legal = known && rows[row].legal;
        const char *name = known ? rows[row].name : "UNKNOWN";

        for (unsigned ssec = 0; ssec < 2; ssec++) {
            bool accept = legal && !(ssec && rows[row].ssec);
            uint64_t before;

            issue(rig, opcode | ssec << 10, 0x1000);
            before = cons(rig);
            g_assert_false(teeio_smmuv3_step(rig->smmu));
            g_assert_cmpstr(last(rig)->name, ==, name);
            g_assert_cmpstr(last(rig)->error, ==, accept ? NULL : "CERROR_ILL");
            g_assert_cmphex(last(rig)->dw[0], ==, opcode | ssec << 10);
            g_assert_cmphex(last(rig)->dw[1], ==, 0x1000);
            if (!accept) {
                /* RD stays, ERR says why; software replaces the command. */
                g_assert_cmphex(cons(rig), ==, (before & 0xfffff) | 1u << 24);
                smmu_rig_put(rig, RIG_CMDQ + (before & 7) * 16, 0x46);
                acknowledge(rig);
                teeio_smmuv3_step(rig->smmu);
            }
            g_assert_cmphex(cons(rig), ==,
                            smmu_rig_get(rig, TEEIO_SMMUV3_REG_CMDQ_PROD));
        }
        row += known;
    }
    g_assert_cmpuint(row, ==, G_N_ELEMENTS(rows));
}

static void test_cfgi_all(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    issue(rig, 0x04, 31);
    teeio_smmuv3_step(rig->smmu);
    g_assert_cmpstr(last(rig)->name, ==, "CFGI_ALL");
    issue(rig, 0x04 | 0x110ull << 32, 30);
    teeio_smmuv3_step(rig->smmu);
    g_assert_cmpstr(last(rig)->name, ==, "CFGI_STE_RANGE");
}

static void test_one_per_step(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    g_assert_false(teeio_smmuv3_step(rig->smmu));
    g_assert_cmpuint(rig->fake.wakes, ==, 0);
    for (unsigned i = 0; i < 3; i++) {
        issue(rig, 0x30, 0);
    }
    g_assert_cmpuint(rig->fake.wakes, ==, 3);
    g_assert_cmphex(cons(rig), ==, 0);
    g_assert_true(teeio_smmuv3_step(rig->smmu));
    g_assert_cmphex(cons(rig), ==, 1);
    g_assert_true(teeio_smmuv3_step(rig->smmu));
    g_assert_false(teeio_smmuv3_step(rig->smmu));
    g_assert_cmphex(cons(rig), ==, 3);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).commands, ==, 3);
}

static void test_wrap(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    /* Three rounds; a full queue is not an empty one. */
    for (unsigned i = 0; i < 8; i++) {
        issue(rig, 0x30, 0);
    }
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_CMDQ_PROD), ==, 8);
    for (unsigned i = 0; i < 8; i++) {
        g_assert_cmpint(teeio_smmuv3_step(rig->smmu), ==, i < 7);
    }
    g_assert_cmphex(cons(rig), ==, 8);
    for (unsigned i = 0; i < 16; i++) {
        issue(rig, 0x10, 0);
        teeio_smmuv3_step(rig->smmu);
    }
    g_assert_cmphex(cons(rig), ==, 8);
}

static void test_sync(struct smmu_rig *rig, gconstpointer data)
{
    unsigned *raised = &rig->fake.raised[TEEIO_SMMUV3_CMDQ_SYNC];

    (void)data;
    issue(rig, 0x46, 0x40000000); /* nobody asked for the MSI */
    issue(rig, 0x46 | 2 << 12, 0x40000000);
    teeio_smmuv3_step(rig->smmu);
    teeio_smmuv3_step(rig->smmu);
    g_assert_cmpuint(*raised, ==, 0);
    g_assert_cmphex(teeio_tables_get(&rig->tables, 0x40000000), ==, 0);
    issue(rig, 0x46 | 1 << 12, 0);
    teeio_smmuv3_step(rig->smmu);
    g_assert_cmpuint(*raised, ==, 1);
    g_assert_cmphex(cons(rig), ==, 3);
    issue(rig, 0x46 | 3 << 12, 0);
    teeio_smmuv3_step(rig->smmu);
    g_assert_cmpstr(last(rig)->error, ==, "CERROR_ILL");
    g_assert_cmpuint(*raised, ==, 1);
}

/* What a driver does that waits for its own command slot to become zero. */
static void test_sync_to_slot(struct smmu_rig *rig, gconstpointer data)
{
    uint64_t dw0 = 0x46 | 1 << 12 | 3ull << 22 | 0xfull << 24;

    (void)data;
    issue(rig, dw0, RIG_CMDQ);
    teeio_smmuv3_step(rig->smmu);
    g_assert_cmpstr(last(rig)->error, ==, NULL);
    g_assert_cmphex(teeio_tables_get(&rig->tables, RIG_CMDQ), ==, 0);
    g_assert_cmphex(teeio_tables_get(&rig->tables, RIG_CMDQ + 8), ==, RIG_CMDQ);
    g_assert_cmphex(cons(rig), ==, 1);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_CMDQ_SYNC], ==, 0);
}

static unsigned run_one(struct smmu_rig *rig, uint64_t dw0, uint64_t dw1)
{
    issue(rig, dw0, dw1);
    teeio_smmuv3_step(rig->smmu);
    return last(rig)->error != NULL;
}

static void test_statistics(struct smmu_rig *rig, gconstpointer data)
{
    static const uint64_t config[] = {0x03, 0x04, 0x05, 0x06};
    static const uint64_t tlb[] = {0x10, 0x11, 0x12, 0x13, 0x28, 0x2a, 0x30};
    struct teeio_smmuv3_stats stats;

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(config); i++) {
        g_assert_cmpuint(run_one(rig, config[i], 0), ==, 0);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(tlb); i++) {
        g_assert_cmpuint(run_one(rig, tlb[i], 0), ==, 0);
    }
    g_assert_cmpuint(run_one(rig, 0x01, 0), ==, 0);
    stats = teeio_smmuv3_stats(rig->smmu);
    g_assert_cmpuint(stats.config_invalidations, ==, 4);
    g_assert_cmpuint(stats.tlb_invalidations, ==, 7);
    g_assert_cmpuint(stats.commands, ==, 12);
}

/* TG with neither range nor level is reserved; 16 KiB has no level 1. */
static void test_range_operands(struct smmu_rig *rig, gconstpointer data)
{
    static const uint64_t opcodes[] = {0x12, 0x13, 0x2a};

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(opcodes) * 4 * 4 * 4; i++) {
        uint64_t opcode = opcodes[i / 64];
        unsigned tg = i % 4;
        unsigned ttl = i / 4 % 4;
        uint64_t num = i / 16 % 4 == 1 ? 31 : 0;
        uint64_t scale = i / 16 % 4 == 2 ? 31 : 0;
        bool hint = ttl && !(tg == 2 && ttl == 1);
        bool reserved = tg && !num && !scale && !hint;

        g_assert_cmpuint(run_one(rig, opcode | num << 12 | scale << 20,
                                 ttl << 8 | tg << 10 | 0xfffffffffffff000),
                         ==, reserved);
        if (reserved) {
            uint64_t at = RIG_CMDQ + (cons(rig) & 7) * 16;

            g_assert_cmpstr(last(rig)->error, ==, "CERROR_ILL");
            smmu_rig_put(rig, at, 0x46);
            acknowledge(rig);
            teeio_smmuv3_step(rig->smmu);
        }
    }
}

struct device_log {
    struct teeio_atc_invalidation atc;
    struct teeio_page_response page;
    unsigned atcs, pages;
    bool silent;
};

static bool log_atc(void *opaque, const struct teeio_atc_invalidation *request)
{
    struct device_log *log = opaque;

    log->atc = *request;
    log->atcs++;
    return !log->silent;
}

static void log_page(void *opaque, const struct teeio_page_response *response)
{
    struct device_log *log = opaque;

    log->page = *response;
    log->pages++;
}

static void attach(struct smmu_rig *rig, struct device_log *log)
{
    const struct teeio_smmuv3_devices devices = {
        .opaque = log,
        .invalidate = log_atc,
        .page_response = log_page,
    };

    teeio_smmuv3_set_devices(rig->smmu, &devices);
}

static void test_atc_inv(struct smmu_rig *rig, gconstpointer data)
{
    struct device_log log = {0};

    (void)data;
    attach(rig, &log);
    g_assert_cmpuint(
        run_one(rig, 0x40 | 1 << 9 | 0x110ull << 32, 0x12345000 | 4), ==, 0);
    g_assert_cmpuint(log.atcs, ==, 1);
    g_assert_cmphex(log.atc.requester, ==, 0x110);
    g_assert_false(log.atc.pasid_valid);
    g_assert_false(log.atc.global);
    g_assert_cmphex(log.atc.first, ==, 0x12340000);
    g_assert_cmphex(log.atc.last, ==, 0x1234ffff);

    g_assert_cmpuint(
        run_one(rig,
                0x40 | 1 << 9 | 1 << 11 | 0xabcdeull << 12 | 0x110ull << 32,
                0x12345000 | 52),
        ==, 0);
    g_assert_true(log.atc.pasid_valid);
    g_assert_cmphex(log.atc.pasid, ==, 0xabcde);
    g_assert_true(log.atc.global);
    g_assert_cmphex(log.atc.first, ==, 0);
    g_assert_cmphex(log.atc.last, ==, UINT64_MAX);

    /* No such stream, and a disabled SMMU: ignored. */
    g_assert_cmpuint(run_one(rig, 0x40 | 0x10110ull << 32, 0), ==, 0);
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_CMDQEN);
    g_assert_cmpuint(run_one(rig, 0x40 | 0x110ull << 32, 0), ==, 0);
    g_assert_cmpuint(log.atcs, ==, 2);
    g_assert_cmpuint(run_one(rig, 0x40, 53), ==, 1);
    g_assert_cmpstr(last(rig)->error, ==, "CERROR_ILL");
}

static void test_atc_timeout(struct smmu_rig *rig, gconstpointer data)
{
    struct device_log log = {.silent = true};

    (void)data;
    attach(rig, &log);
    g_assert_cmpuint(run_one(rig, 0x40 | 0x110ull << 32, 52), ==, 0);
    /* Some other command in between does not notice. */
    g_assert_cmpuint(run_one(rig, 0x30, 0), ==, 0);
    g_assert_cmpuint(run_one(rig, 0x46 | 1 << 12, 0), ==, 1);
    g_assert_cmpstr(last(rig)->error, ==, "CERROR_ATC_INV_SYNC");
    g_assert_cmphex(cons(rig), ==, 3u << 24 | 2);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_CMDQ_SYNC], ==, 0);
    acknowledge(rig);
    teeio_smmuv3_step(rig->smmu);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_CMDQ_SYNC], ==, 1);
    g_assert_cmphex(cons(rig), ==, 3);
}

static void test_pri_resp(struct smmu_rig *rig, gconstpointer data)
{
    static const enum teeio_page_outcome outcomes[] = {
        TEEIO_PAGE_FAILURE, TEEIO_PAGE_INVALID, TEEIO_PAGE_SUCCESS};
    struct device_log log = {0};

    (void)data;
    attach(rig, &log);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpuint(
            run_one(rig, 0x41 | 1 << 11 | 0x12345ull << 12 | 0x110ull << 32,
                    0x1ff | i << 12),
            ==, 0);
        g_assert_cmpuint(log.pages, ==, i + 1);
        g_assert_cmpint(log.page.outcome, ==, outcomes[i]);
        g_assert_cmphex(log.page.requester, ==, 0x110);
        g_assert_cmphex(log.page.group, ==, 0x1ff);
        g_assert_true(log.page.pasid_valid);
        g_assert_cmphex(log.page.pasid, ==, 0x12345);
    }
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_CMDQEN);
    g_assert_cmpuint(run_one(rig, 0x41 | 0x110ull << 32, 2 << 12), ==, 0);
    g_assert_cmpuint(log.pages, ==, 3);
    g_assert_cmpuint(run_one(rig, 0x41 | 0x110ull << 32, 3 << 12), ==, 1);
    g_assert_cmpstr(last(rig)->error, ==, "CERROR_ILL");
}

static void test_error_stops(struct smmu_rig *rig, gconstpointer data)
{
    unsigned *raised = &rig->fake.raised[TEEIO_SMMUV3_GERROR];
    unsigned wakes;

    (void)data;
    issue(rig, 0xff, 0);
    issue(rig, 0x30, 0);
    g_assert_false(teeio_smmuv3_step(rig->smmu));
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_GERROR), ==, 1);
    g_assert_cmpuint(*raised, ==, 1);
    g_assert_false(teeio_smmuv3_step(rig->smmu));
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu).commands, ==, 1);

    /* A doorbell is no acknowledgement. */
    wakes = rig->fake.wakes;
    issue(rig, 0x30, 0);
    g_assert_cmpuint(rig->fake.wakes, ==, wakes);
    acknowledge(rig);
    g_assert_cmpuint(rig->fake.wakes, ==, wakes + 1);

    /* The same command is tried again and errs the other way round. */
    g_assert_false(teeio_smmuv3_step(rig->smmu));
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_GERROR), ==, 0);
    g_assert_cmpuint(*raised, ==, 2);
    g_assert_cmphex(cons(rig), ==, 1u << 24);

    smmu_rig_put(rig, RIG_CMDQ, 0x30);
    acknowledge(rig);
    while (teeio_smmuv3_step(rig->smmu)) {
    }
    g_assert_cmphex(cons(rig), ==, 3);
}

static void test_error_without_irq(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_IRQ_CTRL, TEEIO_IRQ_CTRL_EVENTQ);
    issue(rig, 0xff, 0);
    teeio_smmuv3_step(rig->smmu);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_GERROR), ==, 1);
    g_assert_cmpuint(rig->fake.raised[TEEIO_SMMUV3_GERROR], ==, 0);
}

static void test_fetch_abort(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    issue(rig, 0x30, 0);
    rig->fake.fail_page = RIG_CMDQ;
    g_assert_false(teeio_smmuv3_step(rig->smmu));
    g_assert_cmphex(cons(rig), ==, 2u << 24);
    g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_GERROR), ==, 1);
    g_assert_cmpstr(last(rig)->error, ==, "CERROR_ABT");
    rig->fake.fail_page = UINT64_MAX;
    acknowledge(rig);
    teeio_smmuv3_step(rig->smmu);
    g_assert_cmphex(cons(rig), ==, 1);
}

static void test_disabled(struct smmu_rig *rig, gconstpointer data)
{
    unsigned wakes = rig->fake.wakes;

    (void)data;
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_SMMUEN);
    issue(rig, 0x30, 0);
    g_assert_cmpuint(rig->fake.wakes, ==, wakes);
    g_assert_false(teeio_smmuv3_step(rig->smmu));
    g_assert_cmphex(cons(rig), ==, 0);
    /* Work that was queued before the enable. */
    smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_CMDQEN);
    g_assert_cmpuint(rig->fake.wakes, ==, wakes + 1);
    teeio_smmuv3_step(rig->smmu);
    g_assert_cmphex(cons(rig), ==, 1);
}

/* Whatever PROD, CONS and LOG2SIZE are, the queue runs dry. */
static void test_any_size(struct smmu_rig *rig, gconstpointer data)
{
    (void)data;
    for (unsigned log2size = 0; log2size < 32; log2size++) {
        unsigned entries = 1u << MIN(log2size, 10);
        unsigned steps = 1;

        smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, 0);
        smmu_rig_set64(rig, TEEIO_SMMUV3_REG_CMDQ_BASE, RIG_CMDQ | log2size);
        smmu_rig_set(rig, TEEIO_SMMUV3_REG_CMDQ_CONS, 0x12345);
        smmu_rig_set(rig, TEEIO_SMMUV3_REG_CMDQ_PROD, 0xfedcb);
        for (unsigned i = 0; i < 1024; i++) {
            smmu_rig_put(rig, RIG_CMDQ + 16 * i, 0x30);
        }
        smmu_rig_set(rig, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_CMDQEN);
        while (teeio_smmuv3_step(rig->smmu)) {
            g_assert_cmpuint(++steps, <=, 2 * entries);
        }
        g_assert_cmphex(smmu_rig_get(rig, TEEIO_SMMUV3_REG_GERROR), ==, 0);
        g_assert_cmphex(cons(rig) % (2 * entries), ==, 0xfedcb % (2 * entries));
    }
}

#define ADD(name)                                                   \
    g_test_add("/smmuv3-cmdq/" #name, struct smmu_rig, NULL, setup, \
               test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(every_opcode);
    ADD(cfgi_all);
    ADD(one_per_step);
    ADD(wrap);
    ADD(sync);
    ADD(sync_to_slot);
    ADD(statistics);
    ADD(range_operands);
    ADD(atc_inv);
    ADD(atc_timeout);
    ADD(pri_resp);
    ADD(error_stops);
    ADD(error_without_irq);
    ADD(fetch_abort);
    ADD(disabled);
    ADD(any_size);
    return g_test_run();
}
