/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * Two programming interfaces: what belongs to one is nothing to the other.
 * Constants from Arm IHI 0070, not our header.
 */
#include <string.h>

#include "realm-rig.h"

#define SID       ((uint64_t)RIG_SID << 32)
#define OTHER     (RIG_DATA + 0x8000)

#define CFGI_ALL  0x04ull
#define NSNH_ALL  0x30ull
#define NH_VA     0x12ull
#define S12_VMALL 0x28ull
#define ATC_INV   0x40ull
#define PRI_RESP  0x41ull
#define RESUME    0x44ull
#define TERM      0x45ull
#define SYNC      0x46ull
#define ASID      (1ull << 48)

#define ILL       1u
#define ABT       2u

#define PROD      TEEIO_SMMUV3_REG_EVENTQ_PROD
#define GERROR    TEEIO_SMMUV3_REG_GERROR

static void setup(struct realm_rig *rig, gconstpointer data)
{
    realm_rig_init(rig, TEEIO_T_ARM_SPLIT, GPOINTER_TO_INT(data));
}

static void setup_enabled(struct realm_rig *rig, gconstpointer data)
{
    setup(rig, data);
    realm_rig_enable(rig, HOST, REALM_RIG_ALL);
    realm_rig_enable(rig, REALM, REALM_RIG_ALL);
}

static void teardown(struct realm_rig *rig, gconstpointer data)
{
    (void)data;
    realm_rig_clear(rig);
}

static void expect_ok(const struct teeio_translation *answer, uint64_t output)
{
    g_assert_cmpint(answer->verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmphex(answer->output, ==, output);
}

static uint64_t word(struct realm_rig *rig, uint64_t at)
{
    return teeio_tables_get(&rig->smmu.tables, at);
}

static void test_policies(void)
{
    static const bool possible[TEEIO_T_POLICIES] = {
        [TEEIO_T_ARM_SPLIT] = true,
        [TEEIO_T_T0_BLOCKED] = true,
    };
    struct fake_host fake;

    fake_host_init(&fake);
    for (int i = 0; i < TEEIO_T_POLICIES; i++) {
        struct teeio_smmuv3 *smmu = teeio_smmuv3_new(&fake.host, NULL, i);

        g_assert_cmpint(teeio_smmuv3_add_realm(smmu), ==, possible[i]);
        teeio_smmuv3_free(smmu);
    }
    fake_host_clear(&fake);
}

static void test_table(void)
{
    size_t count;
    const struct teeio_reg *rows = teeio_smmuv3_realm_registers(&count);
    size_t all;
    const struct teeio_reg *table = teeio_smmuv3_registers(&all);

    for (size_t i = 0; i < count; i++) {
        bool found = false;

        g_assert_true(g_str_has_prefix(rows[i].name, "R_"));
        g_assert_true(!i || rows[i].offset > rows[i - 1].offset);
        for (size_t n = 0; n < all; n++) {
            found |= table[n].offset == rows[i].offset &&
                     table[n].width == rows[i].width &&
                     g_str_equal(table[n].name, rows[i].name + 2);
        }
        g_assert_true(found);
    }
}

static void test_registers(struct realm_rig *rig, gconstpointer data)
{
    static const struct {
        uint64_t offset, value;
    } fixed[] = {
        {0x00, 0x01012400}, {0x04, 0x80000000}, {0x08, 0}, {0x0c, 0},
        {0x10, 0},          {0x14, 0},          {0x18, 0}, {0x1c, 0},
        {0x24, 0x10},       {0x44, 0x00100000}, {0x60, 0},
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++) {
        realm_rig_set(rig, REALM, fixed[i].offset, UINT32_MAX);
        g_assert_cmphex(realm_rig_get(rig, REALM, fixed[i].offset), ==,
                        fixed[i].value);
    }
    realm_rig_set(rig, REALM, TEEIO_SMMUV3_REG_CR0, 0);
    g_assert_cmphex(realm_rig_get(rig, REALM, 0x20), ==, 0x10);
    realm_rig_set(rig, REALM, TEEIO_SMMUV3_REG_CR0, 0xd);
    g_assert_cmphex(realm_rig_get(rig, REALM, 0x24), ==, 0x1d);
    g_assert_cmphex(realm_rig_get(rig, HOST, 0x24), ==, 0);
    realm_rig_set64(rig, HOST, TEEIO_SMMUV3_REG_STRTAB_BASE, 0x40100000);
    g_assert_cmphex(realm_rig_get(rig, REALM, 0x80), ==, 0);
    realm_rig_set(rig, HOST, PROD, 5);
    g_assert_cmphex(realm_rig_get(rig, REALM, PROD), ==, 0);
    /* Page 0 shows the pointers of page 1 here as well. */
    realm_rig_set(rig, REALM, TEEIO_SMMUV3_REG_EVENTQ_CONS, 3);
    g_assert_cmphex(realm_rig_get(rig, REALM, 0xac), ==, 3);

    teeio_smmuv3_reset(rig->smmu.smmu);
    g_assert_cmphex(realm_rig_get(rig, REALM, 0x20), ==, 0x10);
    g_assert_cmphex(realm_rig_get(rig, REALM, 0xac), ==, 0);
    g_assert_cmphex(realm_rig_get(rig, HOST, PROD), ==, 0);
}

static void test_stream_tables(struct realm_rig *rig, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    for (int i = 0; i < 2; i++) {
        answer = realm_rig_read(rig, HOST, RIG_RW);
        expect_ok(&answer, HOST_DATA);
        answer = realm_rig_read(rig, REALM, RIG_RW);
        expect_ok(&answer, RIG_DATA);
    }
    /* Only Realm knows the page, and only Realm knows the stream. */
    answer = realm_rig_read(rig, REALM, RIG_2M);
    expect_ok(&answer, RIG_BLOCK);
    answer = realm_rig_read(rig, HOST, RIG_2M);
    g_assert_cmpstr(answer.fault.name, ==, "F_TRANSLATION");
    for (int t = 0; t < 2; t++) {
        struct teeio_tlp tlp = realm_rig_tlp(t, TEEIO_TLP_MRD, RIG_DATA);

        tlp.requester = RIG_BYPASS;
        answer = smmu_rig_send(&rig->smmu, tlp);
        g_assert_cmpint(answer.verdict, ==,
                        t ? TEEIO_VERDICT_OK : TEEIO_VERDICT_FAULT);
    }
}

/* Each SMMUEN counts for its own T; Realm has no bypass. */
static void test_smmuen(struct realm_rig *rig, gconstpointer data)
{
    (void)data;
    for (int i = 0; i < 4; i++) {
        struct teeio_translation answer;
        struct teeio_tlp tlp;
        bool host = i & 1;
        bool realm = i & 2;

        realm_rig_enable(rig, HOST, host ? REALM_RIG_ALL : 0);
        realm_rig_enable(rig, REALM, realm ? REALM_RIG_ALL : 0);
        answer = realm_rig_read(rig, HOST, RIG_RW);
        expect_ok(&answer, host ? HOST_DATA : RIG_RW);
        answer = realm_rig_read(rig, REALM, RIG_RW);
        if (realm) {
            expect_ok(&answer, RIG_DATA);
        } else {
            g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
        }
        tlp = realm_rig_tlp(REALM, TEEIO_TLP_MRD, RIG_DATA);
        tlp.at = TEEIO_AT_TRANSLATED;
        answer = smmu_rig_send(&rig->smmu, tlp);
        /* On or off: the stream has no ATS. */
        g_assert_cmpstr(answer.fault.name, ==, "F_TRANSL_FORBIDDEN");
    }
}

static void test_t0_blocked(void)
{
    struct teeio_translation answer;
    struct realm_rig rig;

    realm_rig_init(&rig, TEEIO_T_T0_BLOCKED, false);
    realm_rig_enable(&rig, HOST, REALM_RIG_ALL);
    realm_rig_enable(&rig, REALM, REALM_RIG_ALL);
    answer = realm_rig_read(&rig, HOST, RIG_RW);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_BLOCKED);
    answer = realm_rig_read(&rig, REALM, RIG_RW);
    expect_ok(&answer, RIG_DATA);
    realm_rig_clear(&rig);
}

static void test_events(struct realm_rig *rig, gconstpointer data)
{
    const unsigned *raised = rig->smmu.fake.raised;
    const struct teeio_event *event;

    (void)data;
    realm_rig_read(rig, REALM, RIG_UNMAPPED + 8);
    g_assert_cmphex(realm_rig_get(rig, REALM, PROD), ==, 1);
    g_assert_cmphex(realm_rig_get(rig, HOST, PROD), ==, 0);
    g_assert_cmphex(word(rig, RIG_EVENTQ), ==, SID | 0x10);
    g_assert_cmphex(word(rig, RIG_EVENTQ + 16), ==, RIG_UNMAPPED + 8);
    g_assert_cmphex(word(rig, HOST_EVENTQ), ==, 0);
    g_assert_cmpuint(raised[4 + TEEIO_SMMUV3_EVENTQ], ==, 1);
    g_assert_cmpuint(raised[TEEIO_SMMUV3_EVENTQ], ==, 0);
    event = fake_host_last(&rig->smmu.fake, TEEIO_EVENT_FAULT);
    g_assert_cmpstr(event->source, ==, "smmuv3-realm");

    realm_rig_read(rig, HOST, RIG_UNMAPPED);
    g_assert_cmphex(realm_rig_get(rig, REALM, PROD), ==, 1);
    g_assert_cmphex(realm_rig_get(rig, HOST, PROD), ==, 1);
    g_assert_cmphex(word(rig, HOST_EVENTQ), ==, SID | 0x10);
    g_assert_cmpuint(raised[4 + TEEIO_SMMUV3_EVENTQ], ==, 1);
    g_assert_cmpuint(raised[TEEIO_SMMUV3_EVENTQ], ==, 1);
    event = fake_host_last(&rig->smmu.fake, TEEIO_EVENT_FAULT);
    g_assert_cmpstr(event->source, ==, "smmuv3");

    /* One queue that is full costs the other nothing. */
    for (unsigned i = 1; i <= 1u << REALM_QUEUE_LOG2; i++) {
        realm_rig_read(rig, REALM, RIG_UNMAPPED);
    }
    g_assert_cmphex(realm_rig_get(rig, REALM, PROD) >> 31, ==, 1);
    realm_rig_read(rig, HOST, RIG_UNMAPPED);
    g_assert_cmphex(realm_rig_get(rig, HOST, PROD), ==, 2);
}

/* A queue must lie in the interface's own kind of memory. */
static void test_queue_memory(struct realm_rig *rig, gconstpointer data)
{
    struct teeio_ownership *map = rig->smmu.ownership;

    (void)data;
    smmu_rig_share(&rig->smmu, RIG_EVENTQ);
    realm_rig_read(rig, REALM, RIG_UNMAPPED);
    g_assert_cmphex(realm_rig_get(rig, REALM, GERROR), ==, 4);
    g_assert_cmphex(realm_rig_get(rig, REALM, PROD), ==, 0);
    g_assert_cmphex(word(rig, RIG_EVENTQ), ==, 0);
    g_assert_cmpuint(rig->smmu.fake.raised[4 + TEEIO_SMMUV3_GERROR], ==, 1);
    g_assert_true(
        teeio_ownership_set(map, HOST_EVENTQ, 0x1000, TEEIO_OWNER_PRIVATE));
    g_assert_cmphex(realm_rig_get(rig, HOST, GERROR), ==, 0);
    realm_rig_read(rig, HOST, RIG_UNMAPPED);
    g_assert_cmphex(realm_rig_get(rig, HOST, GERROR), ==, 4);

    g_assert_cmpuint(realm_rig_command(rig, REALM, SYNC, 0), ==, 0);
    g_assert_cmpuint(realm_rig_command(rig, HOST, SYNC, 0), ==, 0);
    smmu_rig_share(&rig->smmu, RIG_CMDQ);
    g_assert_cmpuint(realm_rig_command(rig, REALM, SYNC, 0), ==, ABT);
    g_assert_cmpuint(realm_rig_command(rig, HOST, SYNC, 0), ==, 0);
    g_assert_true(
        teeio_ownership_set(map, HOST_CMDQ, 0x1000, TEEIO_OWNER_PRIVATE));
    g_assert_cmpuint(realm_rig_command(rig, HOST, SYNC, 0), ==, ABT);
    /* With nobody to manage memory there are no kinds. */
    teeio_smmuv3_set_ownership(rig->smmu.smmu, NULL);
    g_assert_cmpuint(realm_rig_command(rig, REALM, SYNC, 0), ==, 0);
}

/* Realm walks nothing that the host can write, the host nothing of Realm's. */
static void test_table_memory(struct realm_rig *rig, gconstpointer data)
{
    struct smmu_rig *smmu = &rig->smmu;
    const struct {
        int t;
        uint64_t at;
        const char *name;
    } rows[] = {
        {REALM, teeio_tables_ste_slot(&smmu->streams, RIG_SID), "F_STE_FETCH"},
        {REALM, smmu->cd, "F_CD_FETCH"},
        {REALM, teeio_tables_slot(&smmu->space, RIG_RW, 3), "F_WALK_EABT"},
        {HOST, teeio_tables_ste_slot(&rig->host_streams, RIG_SID),
         "F_STE_FETCH"},
        {HOST, teeio_tables_slot(&rig->host_space, RIG_RW, 3), "F_WALK_EABT"},
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        int t = rows[i].t;
        uint64_t page = rows[i].at & ~0xfffull;
        struct teeio_translation answer;

        g_assert_true(
            teeio_ownership_set(smmu->ownership, page, 0x1000,
                                t ? TEEIO_OWNER_SHARED : TEEIO_OWNER_PRIVATE));
        answer = realm_rig_read(rig, t, RIG_RW);
        g_assert_cmpstr(answer.fault.name, ==, rows[i].name);
        g_assert_cmpint(answer.shared_table, ==, t == REALM);
        answer = realm_rig_read(rig, !t, RIG_RW);
        g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
        g_assert_true(
            teeio_ownership_set(smmu->ownership, page, 0x1000,
                                t ? TEEIO_OWNER_PRIVATE : TEEIO_OWNER_SHARED));
        answer = realm_rig_read(rig, t, RIG_RW);
        g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_OK);
    }
}

static void test_commands(struct realm_rig *rig, gconstpointer data)
{
    (void)data;
    g_assert_cmpuint(realm_rig_command(rig, REALM, RESUME, 0), ==, ILL);
    g_assert_cmphex(realm_rig_get(rig, HOST, GERROR), ==, 0);
    g_assert_cmpuint(realm_rig_command(rig, REALM, TERM, 0), ==, ILL);
    g_assert_cmpuint(realm_rig_command(rig, HOST, RESUME, 0), ==, 0);
    g_assert_cmpuint(realm_rig_command(rig, HOST, TERM, 0), ==, 0);
    g_assert_cmpuint(realm_rig_command(rig, REALM, CFGI_ALL | 1 << 10, 31), ==,
                     ILL);
    g_assert_cmpuint(realm_rig_command(rig, REALM, CFGI_ALL, 31), ==, 0);
    /* A queue that has stopped does not stop the other. */
    realm_rig_set(rig, REALM, TEEIO_SMMUV3_REG_CMDQ_PROD, rig->prod[REALM] + 1);
    smmu_rig_put(&rig->smmu, RIG_CMDQ + rig->prod[REALM] * 16, 0xff);
    while (teeio_smmuv3_step(rig->smmu.smmu)) {
    }
    g_assert_cmphex(realm_rig_get(rig, REALM, TEEIO_SMMUV3_REG_CMDQ_CONS) >> 24,
                    ==, ILL);
    g_assert_cmpuint(realm_rig_command(rig, HOST, SYNC, 0), ==, 0);
}

/* The IRQ of a SYNC, by wire. */
static void test_sync(struct realm_rig *rig, gconstpointer data)
{
    (void)data;
    realm_rig_command(rig, REALM, SYNC | 1 << 12, 0);
    g_assert_cmpuint(rig->smmu.fake.raised[4 + TEEIO_SMMUV3_CMDQ_SYNC], ==, 1);
    g_assert_cmpuint(rig->smmu.fake.raised[TEEIO_SMMUV3_CMDQ_SYNC], ==, 0);
}

static void remap(struct realm_rig *rig, int side, uint64_t pa)
{
    const struct teeio_tables_space *space =
        side == REALM ? &rig->smmu.space : &rig->host_space;
    uint64_t slot = teeio_tables_slot(space, RIG_RW, 3);

    smmu_rig_put(&rig->smmu, slot,
                 (word(rig, slot) & ~0xfffffffff000ull) | pa |
                     TEEIO_TABLES_NOT_GLOBAL);
}

/* Both use the same StreamID, VMID, ASID and address. */
static void test_invalidation(struct realm_rig *rig, gconstpointer data)
{
    static const uint64_t commands[][2] = {
        {CFGI_ALL, 31},         {0x03 | SID, 1}, {0x05 | SID, 1},
        {NSNH_ALL, 0},          {0x10, 0},       {0x11 | ASID, 0},
        {NH_VA | ASID, RIG_RW}, {0x13, RIG_RW},  {S12_VMALL, 0},
    };

    (void)data;
    remap(rig, HOST, HOST_DATA);
    remap(rig, REALM, RIG_DATA);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        struct teeio_translation answer;

        for (int side = 0; side < 2; side++) {
            uint64_t before = side ? RIG_DATA : HOST_DATA;
            uint64_t after = side ? OTHER : HOST_DATA + 0x8000;

            answer = realm_rig_read(rig, side, RIG_RW);
            expect_ok(&answer, before);
            remap(rig, side, after);
            realm_rig_command(rig, !side, commands[i][0], commands[i][1]);
            answer = realm_rig_read(rig, side, RIG_RW);
            expect_ok(&answer, before);
            g_assert_cmpint(answer.via, ==, TEEIO_VIA_IOTLB);
            realm_rig_command(rig, side, commands[i][0], commands[i][1]);
            answer = realm_rig_read(rig, side, RIG_RW);
            expect_ok(&answer, after);
            remap(rig, side, before);
            realm_rig_command(rig, side, NSNH_ALL, 0);
        }
    }
}

/* Disabling one interface leaves what the other remembers alone. */
static void test_recall(struct realm_rig *rig, gconstpointer data)
{
    struct teeio_tlp tlp = realm_rig_tlp(REALM, TEEIO_TLP_MRD, RIG_RW);
    struct teeio_translation answer;

    (void)data;
    realm_rig_read(rig, HOST, RIG_RW);
    g_assert_false(teeio_smmuv3_recall(rig->smmu.smmu, &tlp, &answer));
    realm_rig_read(rig, REALM, RIG_RW);
    g_assert_true(teeio_smmuv3_recall(rig->smmu.smmu, &tlp, &answer));
    expect_ok(&answer, RIG_DATA);
    realm_rig_set(rig, HOST, TEEIO_SMMUV3_REG_CR0, 0);
    g_assert_true(teeio_smmuv3_recall(rig->smmu.smmu, &tlp, &answer));
    realm_rig_set(rig, REALM, TEEIO_SMMUV3_REG_CR0, 0);
    g_assert_false(teeio_smmuv3_recall(rig->smmu.smmu, &tlp, &answer));
    g_assert_cmphex(teeio_smmuv3_epoch(rig->smmu.smmu), ==, 0);
}

/* What the SMMU last said to the devices. */
struct said {
    struct teeio_atc_invalidation invalidation;
    struct teeio_page_response response;
    unsigned responses;
};

static bool hear_invalidation(void *opaque,
                              const struct teeio_atc_invalidation *request)
{
    ((struct said *)opaque)->invalidation = *request;
    return false;
}

static void hear_response(void *opaque,
                          const struct teeio_page_response *response)
{
    struct said *said = opaque;

    said->response = *response;
    said->responses++;
}

static void test_pri(struct realm_rig *rig, gconstpointer data)
{
    struct said said = {0};
    const struct teeio_smmuv3_devices devices = {
        .opaque = &said,
        .invalidate = hear_invalidation,
        .page_response = hear_response,
    };
    struct teeio_page_request request = {
        .requester = RIG_SID,
        .group = 7,
        .address = RIG_RW,
        .read = true,
        .last = true,
        .t = true,
    };
    unsigned *raised = rig->smmu.fake.raised;

    (void)data;
    teeio_smmuv3_set_devices(rig->smmu.smmu, &devices);
    realm_rig_set(rig, REALM, TEEIO_SMMUV3_REG_CR0,
                  REALM_RIG_ALL | TEEIO_CR0_PRIQEN);
    teeio_smmuv3_page_request(rig->smmu.smmu, &request);
    g_assert_cmphex(realm_rig_get(rig, REALM, TEEIO_SMMUV3_REG_PRIQ_PROD), ==,
                    1);
    g_assert_cmphex(word(rig, RIG_PRIQ) & UINT32_MAX, ==, RIG_SID);
    g_assert_cmpuint(raised[4 + TEEIO_SMMUV3_PRIQ], ==, 1);
    g_assert_cmpuint(raised[TEEIO_SMMUV3_PRIQ], ==, 0);
    /* The other queue is not enabled. */
    request.t = false;
    teeio_smmuv3_page_request(rig->smmu.smmu, &request);
    g_assert_cmphex(realm_rig_get(rig, HOST, TEEIO_SMMUV3_REG_PRIQ_PROD), ==,
                    0);
    g_assert_cmphex(realm_rig_get(rig, REALM, TEEIO_SMMUV3_REG_PRIQ_PROD), ==,
                    1);
    g_assert_cmpint(said.response.outcome, ==, TEEIO_PAGE_FAILURE);
    g_assert_true(said.response.one_t);
    g_assert_false(said.response.t);

    realm_rig_command(rig, REALM, PRI_RESP | SID, 2 << 12 | 7);
    g_assert_cmpuint(said.responses, ==, 2);
    g_assert_true(said.response.one_t && said.response.t);
    realm_rig_command(rig, HOST, PRI_RESP | SID, 2 << 12 | 7);
    g_assert_cmpuint(said.responses, ==, 3);
    g_assert_true(said.response.one_t && !said.response.t);

    realm_rig_command(rig, REALM, ATC_INV | SID, 52);
    g_assert_true(said.invalidation.one_t && said.invalidation.t);
    /* It was not answered: whose SYNC tells? */
    g_assert_cmpuint(realm_rig_command(rig, HOST, SYNC, 0), ==, 0);
    g_assert_cmpuint(realm_rig_command(rig, REALM, SYNC, 0), ==, 3);
    realm_rig_command(rig, HOST, ATC_INV | SID, 52);
    g_assert_true(said.invalidation.one_t && !said.invalidation.t);
}

/* NS selects the kind of memory that an MSI goes to. */
static void test_msi(struct realm_rig *rig, gconstpointer data)
{
    static const struct {
        int side;
        uint64_t address;
        bool arrives;
    } rows[] = {
        {REALM, RIG_DATA, true},
        {REALM, HOST_DATA, false},
        {REALM, HOST_DATA | 1ull << 63, true},
        {REALM, RIG_DATA | 1ull << 63, false},
        {HOST, HOST_DATA, true},
        {HOST, RIG_DATA, false},
        {HOST, RIG_DATA | 1ull << 63, false},
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        int side = rows[i].side;
        uint64_t at = rows[i].address & ~(1ull << 63);
        uint64_t error;

        smmu_rig_put(&rig->smmu, at, 0);
        realm_rig_set(rig, side, TEEIO_SMMUV3_REG_IRQ_CTRL, 0);
        realm_rig_set64(rig, side, TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG0,
                        rows[i].address);
        realm_rig_set(rig, side, TEEIO_SMMUV3_REG_EVENTQ_IRQ_CFG1, 0x1234);
        realm_rig_set(rig, side, TEEIO_SMMUV3_REG_IRQ_CTRL,
                      TEEIO_IRQ_CTRL_EVENTQ);
        realm_rig_read(rig, side, RIG_UNMAPPED);
        error = realm_rig_get(rig, side, GERROR) ^
                realm_rig_get(rig, side, TEEIO_SMMUV3_REG_GERRORN);
        g_assert_cmphex(error, ==, rows[i].arrives ? 0 : 1 << 5);
        g_assert_cmphex(word(rig, at), ==, rows[i].arrives ? 0x1234 : 0);
        realm_rig_set(rig, side, TEEIO_SMMUV3_REG_GERRORN,
                      realm_rig_get(rig, side, GERROR));
        realm_rig_set(rig, side, TEEIO_SMMUV3_REG_EVENTQ_CONS,
                      realm_rig_get(rig, side, PROD));

        smmu_rig_put(&rig->smmu, at, 0);
        realm_rig_command(rig, side, SYNC | 1 << 12 | 0x77ull << 32,
                          rows[i].address);
        error = realm_rig_get(rig, side, GERROR) ^
                realm_rig_get(rig, side, TEEIO_SMMUV3_REG_GERRORN);
        g_assert_cmphex(error, ==, rows[i].arrives ? 0 : 1 << 4);
        g_assert_cmphex(word(rig, at), ==, rows[i].arrives ? 0x77 : 0);
        realm_rig_set(rig, side, TEEIO_SMMUV3_REG_GERRORN,
                      realm_rig_get(rig, side, GERROR));
    }
}

static GByteArray *save(struct teeio_smmuv3 *smmu)
{
    size_t size = teeio_smmuv3_save(smmu, NULL, 0);
    GByteArray *image = g_byte_array_sized_new(size);

    g_byte_array_set_size(image, size);
    g_assert_cmpuint(teeio_smmuv3_save(smmu, image->data, size), ==, size);
    return image;
}

static void test_image(struct realm_rig *rig, gconstpointer data)
{
    struct teeio_smmuv3 *smmu = rig->smmu.smmu;
    struct teeio_smmuv3 *plain = teeio_smmuv3_new(
        &rig->smmu.fake.host, rig->smmu.ownership, TEEIO_T_ARM_SPLIT);
    g_autoptr(GByteArray) image = NULL;
    g_autoptr(GByteArray) other = save(plain);
    struct teeio_translation answer;

    (void)data;
    realm_rig_read(rig, REALM, RIG_UNMAPPED);
    image = save(smmu);
    teeio_smmuv3_reset(smmu);
    answer = realm_rig_read(rig, REALM, RIG_RW);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_ABORTED);
    g_assert_true(teeio_smmuv3_load(smmu, image->data, image->len));
    g_assert_cmphex(realm_rig_get(rig, REALM, PROD), ==, 1);
    g_assert_cmphex(realm_rig_get(rig, HOST, PROD), ==, 0);
    answer = realm_rig_read(rig, REALM, RIG_RW);
    expect_ok(&answer, RIG_DATA);
    answer = realm_rig_read(rig, HOST, RIG_RW);
    expect_ok(&answer, HOST_DATA);

    /* One interface and two do not mix, nor does an image end early. */
    g_assert_false(teeio_smmuv3_load(plain, image->data, image->len));
    g_assert_false(teeio_smmuv3_load(smmu, other->data, other->len));
    for (size_t length = 0; length < image->len; length += 7) {
        g_assert_false(teeio_smmuv3_load(smmu, image->data, length));
    }
    g_assert_cmphex(realm_rig_get(rig, REALM, PROD), ==, 1);
    teeio_smmuv3_free(plain);
}

#define ADD(name, data, start, test)                                           \
    g_test_add("/smmuv3-realm/" name, struct realm_rig, GINT_TO_POINTER(data), \
               start, test, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smmuv3-realm/policies", test_policies);
    g_test_add_func("/smmuv3-realm/table", test_table);
    g_test_add_func("/smmuv3-realm/t0-blocked", test_t0_blocked);
    ADD("registers", false, setup, test_registers);
    ADD("stream-tables", false, setup_enabled, test_stream_tables);
    ADD("stream-tables/iotlb", true, setup_enabled, test_stream_tables);
    ADD("smmuen", false, setup, test_smmuen);
    ADD("smmuen/iotlb", true, setup, test_smmuen);
    ADD("events", false, setup_enabled, test_events);
    ADD("queue-memory", false, setup_enabled, test_queue_memory);
    ADD("table-memory", false, setup_enabled, test_table_memory);
    ADD("table-memory/iotlb", true, setup_enabled, test_table_memory);
    ADD("commands", false, setup_enabled, test_commands);
    ADD("sync", false, setup_enabled, test_sync);
    ADD("invalidation", true, setup_enabled, test_invalidation);
    ADD("recall", true, setup_enabled, test_recall);
    ADD("pri", false, setup_enabled, test_pri);
    ADD("msi", false, setup_enabled, test_msi);
    ADD("image", true, setup_enabled, test_image);
    return g_test_run();
}
