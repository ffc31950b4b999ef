/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#include "smmu-rig.h"

#define LOG2SIZE 5u
#define STALLS   32u

struct stall_rig {
    struct smmu_rig smmu;
    unsigned resumed;
    uint16_t requester;
    uint16_t stag;
    enum teeio_stall_outcome outcome;
};

static void on_resume(void *opaque, uint16_t requester, uint16_t stag,
                      enum teeio_stall_outcome outcome)
{
    struct stall_rig *rig = opaque;

    rig->resumed++;
    rig->requester = requester;
    rig->stag = stag;
    rig->outcome = outcome;
}

static void set_stall(struct stall_rig *rig, bool stall)
{
    uint64_t dw0 = teeio_tables_get(&rig->smmu.tables, rig->smmu.cd);

    dw0 = stall ? dw0 | TEEIO_CD0_S : dw0 & ~TEEIO_CD0_S;
    smmu_rig_put(&rig->smmu, rig->smmu.cd, dw0);
}

static void setup(struct stall_rig *rig, gconstpointer data)
{
    const struct teeio_smmuv3_devices devices = {
        .opaque = rig,
        .resume = on_resume,
    };

    (void)data;
    rig->resumed = 0;
    smmu_rig_init(&rig->smmu, TEEIO_T_UNIFIED, 8);
    teeio_smmuv3_set_devices(rig->smmu.smmu, &devices);
    smmu_rig_enable(&rig->smmu, LOG2SIZE);
    set_stall(rig, true);
}

static void teardown(struct stall_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_clear(&rig->smmu);
}

static struct teeio_translation send(struct stall_rig *rig, uint64_t address)
{
    struct teeio_tlp tlp = smmu_rig_tlp(TEEIO_TLP_MRD, address);

    tlp.may_stall = true;
    return smmu_rig_send(&rig->smmu, tlp);
}

static uint16_t stall(struct stall_rig *rig)
{
    struct teeio_translation answer = send(rig, RIG_UNMAPPED);

    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_STALLED);
    return answer.stall_tag;
}

static void command(struct stall_rig *rig, uint64_t dw0, uint64_t dw1)
{
    uint64_t prod = smmu_rig_get(&rig->smmu, TEEIO_SMMUV3_REG_CMDQ_PROD);
    uint64_t at = RIG_CMDQ + prod % (1u << LOG2SIZE) * 16;

    smmu_rig_put(&rig->smmu, at, dw0);
    smmu_rig_put(&rig->smmu, at + 8, dw1);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_CMDQ_PROD,
                 (prod + 1) % (2u << LOG2SIZE));
    teeio_smmuv3_step(rig->smmu.smmu);
}

static void resume(struct stall_rig *rig, uint32_t stream, unsigned action,
                   uint16_t stag)
{
    command(rig, 0x44 | action << 12 | (uint64_t)stream << 32, stag);
}

static uint64_t prod(struct stall_rig *rig)
{
    return smmu_rig_get(&rig->smmu, TEEIO_SMMUV3_REG_EVENTQ_PROD);
}

static void test_record(struct stall_rig *rig, gconstpointer data)
{
    uint64_t dw1;

    (void)data;
    g_assert_cmphex(stall(rig), ==, 0);
    g_assert_cmphex(stall(rig), ==, 1);
    g_assert_cmphex(prod(rig), ==, 2);
    dw1 = teeio_tables_get(&rig->smmu.tables, RIG_EVENTQ + 32 + 8);
    g_assert_cmphex(dw1, ==, 1u << 31 | 1 | 1ull << 35 | 2ull << 40);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu.smmu).stalls, ==, 2);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu.smmu).faults, ==, 2);
    g_assert_true(
        fake_host_last(&rig->smmu.fake, TEEIO_EVENT_FAULT)->u.fault.queued);
}

/* CD.R is about faults that end a transaction. */
static void test_record_always(struct stall_rig *rig, gconstpointer data)
{
    uint64_t dw0 = teeio_tables_get(&rig->smmu.tables, rig->smmu.cd);

    (void)data;
    smmu_rig_put(&rig->smmu, rig->smmu.cd, dw0 & ~TEEIO_CD0_R);
    stall(rig);
    g_assert_cmphex(prod(rig), ==, 1);
}

static void test_who_may(struct stall_rig *rig, gconstpointer data)
{
    struct teeio_translation answer = smmu_rig_read(&rig->smmu, RIG_UNMAPPED);

    (void)data;
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
    g_assert_cmphex(answer.fault.dw[1] & 0x8000ffff, ==, 0);
    set_stall(rig, false);
    answer = send(rig, RIG_UNMAPPED);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
    g_assert_cmpint(send(rig, RIG_RW).verdict, ==, TEEIO_VERDICT_OK);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu.smmu).stalls, ==, 0);
}

static void test_resume(struct stall_rig *rig, gconstpointer data)
{
    static const enum teeio_stall_outcome outcomes[] = {
        TEEIO_STALL_TERMINATE, TEEIO_STALL_RETRY, TEEIO_STALL_ABORT,
        TEEIO_STALL_RETRY /* Ab means nothing then */};

    (void)data;
    for (unsigned i = 0; i < 4; i++) {
        uint16_t keep = stall(rig);
        uint16_t stag = stall(rig);

        resume(rig, RIG_SID, i, stag);
        g_assert_cmpuint(rig->resumed, ==, 2 * i + 1);
        g_assert_cmpint(rig->outcome, ==, outcomes[i]);
        g_assert_cmphex(rig->requester, ==, RIG_SID);
        g_assert_cmphex(rig->stag, ==, stag);
        resume(rig, RIG_SID, i, keep);
        g_assert_cmpuint(rig->resumed, ==, 2 * i + 2);
    }
}

static void test_resume_wrong(struct stall_rig *rig, gconstpointer data)
{
    uint16_t stag = stall(rig);

    (void)data;
    resume(rig, RIG_SID + 1, 1, stag);
    resume(rig, RIG_SID | 1u << 16, 1, stag);
    resume(rig, RIG_SID, 1, stag + 1);
    resume(rig, RIG_SID, 1, STALLS);
    resume(rig, RIG_SID, 1, 0xffff);
    g_assert_cmpuint(rig->resumed, ==, 0);
    g_assert_cmphex(smmu_rig_get(&rig->smmu, TEEIO_SMMUV3_REG_GERROR), ==, 0);
    resume(rig, RIG_SID, 1, stag);
    resume(rig, RIG_SID, 1, stag);
    g_assert_cmpuint(rig->resumed, ==, 1);
}

static void test_term(struct stall_rig *rig, gconstpointer data)
{
    (void)data;
    for (unsigned i = 0; i < 3; i++) {
        stall(rig);
    }
    command(rig, 0x45 | (RIG_SID + 1ull) << 32, 0);
    g_assert_cmpuint(rig->resumed, ==, 0);
    command(rig, 0x45 | (uint64_t)RIG_SID << 32, 0);
    g_assert_cmpuint(rig->resumed, ==, 3);
    g_assert_cmpint(rig->outcome, ==, TEEIO_STALL_ABORT);
    command(rig, 0x45 | (uint64_t)RIG_SID << 32, 0);
    g_assert_cmpuint(rig->resumed, ==, 3);
}

static void test_disable(struct stall_rig *rig, gconstpointer data)
{
    (void)data;
    stall(rig);
    stall(rig);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_EVENTQEN);
    g_assert_cmpuint(rig->resumed, ==, 2);
    g_assert_cmpint(rig->outcome, ==, TEEIO_STALL_ABORT);
}

/* More than the table holds: terminated, with an ordinary record. */
static void test_full_table(struct stall_rig *rig, gconstpointer data)
{
    struct teeio_translation answer;

    (void)data;
    for (unsigned i = 0; i < STALLS; i++) {
        g_assert_cmphex(stall(rig), ==, i);
    }
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_EVENTQ_CONS, prod(rig));
    answer = send(rig, RIG_UNMAPPED);
    g_assert_cmpint(answer.verdict, ==, TEEIO_VERDICT_FAULT);
    g_assert_cmphex(answer.fault.dw[1] & 0x8000ffff, ==, 0);
    g_assert_cmphex(prod(rig), ==, STALLS + 1);
    resume(rig, RIG_SID, 1, 17);
    g_assert_cmphex(stall(rig), ==, 17);
}

/* A record that cannot be written is not lost: the transaction comes again. */
static void test_full_queue(struct stall_rig *rig, gconstpointer data)
{
    (void)data;
    for (unsigned i = 0; i < 1u << LOG2SIZE; i++) {
        smmu_rig_read(&rig->smmu, RIG_UNMAPPED);
    }
    g_assert_cmphex(prod(rig), ==, 1u << LOG2SIZE);
    stall(rig);
    /* No overflow: nothing was lost. */
    g_assert_cmphex(prod(rig), ==, 1u << LOG2SIZE);
    g_assert_false(
        fake_host_last(&rig->smmu.fake, TEEIO_EVENT_FAULT)->u.fault.queued);
    g_assert_cmpuint(teeio_smmuv3_stats(rig->smmu.smmu).events_lost, ==, 0);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_EVENTQ_CONS, 0);
    g_assert_cmpuint(rig->resumed, ==, 0);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_EVENTQ_CONS, 1);
    g_assert_cmpuint(rig->resumed, ==, 1);
    g_assert_cmpint(rig->outcome, ==, TEEIO_STALL_RETRY);
    stall(rig);
    g_assert_cmphex(prod(rig), ==, (1u << LOG2SIZE) + 1);
    /* One with a record stays where it is. */
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_EVENTQ_CONS, 2);
    g_assert_cmpuint(rig->resumed, ==, 1);
}

static void test_disabled_queue(struct stall_rig *rig, gconstpointer data)
{
    (void)data;
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_CR0, TEEIO_CR0_SMMUEN);
    stall(rig);
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_CR0,
                 TEEIO_CR0_SMMUEN | TEEIO_CR0_EVENTQEN);
    g_assert_cmpuint(rig->resumed, ==, 1);
    g_assert_cmpint(rig->outcome, ==, TEEIO_STALL_RETRY);

    /* The same after an aborted write. */
    rig->smmu.fake.fail_page = RIG_EVENTQ;
    stall(rig);
    rig->smmu.fake.fail_page = UINT64_MAX;
    smmu_rig_set(&rig->smmu, TEEIO_SMMUV3_REG_GERRORN,
                 TEEIO_GERROR_EVENTQ_ABT_ERR);
    g_assert_cmpuint(rig->resumed, ==, 2);
    g_assert_cmpint(rig->outcome, ==, TEEIO_STALL_RETRY);
}

static void test_reset(struct stall_rig *rig, gconstpointer data)
{
    (void)data;
    stall(rig);
    teeio_smmuv3_reset(rig->smmu.smmu);
    g_assert_cmpuint(rig->resumed, ==, 0);
    smmu_rig_enable(&rig->smmu, LOG2SIZE);
    command(rig, 0x45 | (uint64_t)RIG_SID << 32, 0);
    g_assert_cmpuint(rig->resumed, ==, 0);
    g_assert_cmphex(stall(rig), ==, 0);
}

#define ADD(name)                                                     \
    g_test_add("/smmuv3-stall/" #name, struct stall_rig, NULL, setup, \
               test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(record);
    ADD(record_always);
    ADD(who_may);
    ADD(resume);
    ADD(resume_wrong);
    ADD(term);
    ADD(disable);
    ADD(full_table);
    ADD(full_queue);
    ADD(disabled_queue);
    ADD(reset);
    return g_test_run();
}
